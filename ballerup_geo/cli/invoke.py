"""One command from its arguments to its exit code: what is expected to go wrong is said here."""

from __future__ import annotations

import errno
import sys

import typer

from ballerup_geo.cli.commands import app
from ballerup_geo.cli.output import forget_stdout, say_error
from ballerup_geo.errors import BallerupGeoError, Fault

__all__ = ["exit_code"]

DONE, FIXABLE, USAGE = 0, 1, 2

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


_MEMORY = Fault(
    "memory",
    "",
    "a layer or a grid of cells is larger than what can be held at once",
    "use coarser cells (--cell, or a terrain file of 1 or 2 m), or a larger machine; the last good results stand",
)


def exit_code(args: list[str], *, as_json: bool) -> int:
    """Run the command and return its exit code; Ctrl-C and bugs are left to the caller."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("ballerup-geo", args) as context:
            command.invoke(context)
        if sys.stdout is not None:  # None: the shell has closed it
            sys.stdout.flush()
    except typer.Exit as leave:
        return leave.exit_code
    except _UsageError as error:
        say_error(error.format_message(), as_json=as_json, hint="ballerup-geo --help lists commands and options")  # type: ignore[attr-defined]
        return USAGE
    except BallerupGeoError as error:
        say_error(_headline(error), faults=error.faults, as_json=as_json)
        return error.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except MemoryError:
        say_error("The machine's memory is too small for this.", faults=(_MEMORY,), as_json=as_json)
        return FIXABLE
    except BrokenPipeError:  # whoever read our output has closed it, e.g. `ballerup-geo layers | head`
        forget_stdout()
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
