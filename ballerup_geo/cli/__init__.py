"""The command line: a thin shell over the Python API.

Everything that can go wrong ends here as a message and an exit code: 0 done, 1 the user can fix it, 2 usage, 3 a source
or the network, 70 a bug, 130 stopped with Ctrl-C. With ``--json`` an error, too, is a JSON document on standard output.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType

import typer

from ballerup_geo.cli.commands import app
from ballerup_geo.cli.output import say_error, write_utf8
from ballerup_geo.errors import BallerupGeoError, Fault

__all__ = ["app", "main"]

DONE, FIXABLE, USAGE, BUG, STOPPED = 0, 1, 2, 70, 130

_UsageError: type[Exception] = typer.BadParameter.__mro__[1]
_DISK_FAULTS = {
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.EROFS: "choose a folder that can be written to",
    errno.ENOSPC: "make room on the disk and run again; the last good results are still there",
    errno.EDQUOT: "make room on the disk and run again; the last good results are still there",
    errno.ENOTDIR: "choose a folder, not a file",
    errno.EISDIR: "choose a file, not a folder",
    errno.EEXIST: "choose another name",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code (``SystemExit``)."""
    args = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in args
    shown = "--traceback" in args or bool(os.environ.get("BALLERUP_GEO_TRACEBACK"))
    # an unexpected exception is not caught: the interpreter hands it to this hook
    sys.excepthook = functools.partial(_report_bug, as_json=as_json, with_traceback=shown)
    write_utf8()
    sys.exit(_exit_code(args, as_json=as_json))


def _exit_code(args: list[str], *, as_json: bool) -> int:
    """Run the command and return its exit code; what is expected to go wrong is said here."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("ballerup-geo", args) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as leave:
        return leave.exit_code
    except _UsageError as error:
        say_error(error.format_message(), as_json=as_json, hint="ballerup-geo --help lists commands and options")  # type: ignore[attr-defined]
        return USAGE
    except BallerupGeoError as error:
        say_error(_headline(error), faults=error.faults, as_json=as_json)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say_error("Stopped. The last good results are still there; nothing is half-written.", as_json=as_json)
        return STOPPED
    except BrokenPipeError:  # whoever read our output has closed it, e.g. `ballerup-geo layers | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        if error.errno not in _DISK_FAULTS:
            raise
        fault = Fault(str(error.filename or "disk"), "", str(error.strerror), _DISK_FAULTS[error.errno])
        say_error("The disk refused.", faults=(fault,), as_json=as_json)
        return FIXABLE
    return DONE


def _headline(error: BallerupGeoError) -> str:
    count = len(error.faults)
    kind = {
        "ProjectError": "in the project's files",
        "SourceError": "with a source",
        "DataError": "in the data",
        "MethodError": "with the question",
    }.get(type(error).__name__, "")
    return f"{count} {'fault' if count == 1 else 'faults'} {kind}".strip()


def _report_bug(
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    *,
    as_json: bool,
    with_traceback: bool,
) -> None:
    """Say that the package itself is at fault, and leave with 70."""
    if with_traceback:
        traceback.print_exception(kind, error, trace)
    message = f"This is a bug in ballerup-geo ({kind.__name__}: {error}). The last good results are still there."
    hint = "please report it with what ballerup-geo --traceback … prints"
    say_error(message, as_json=as_json, hint=hint)
    sys.exit(BUG)
