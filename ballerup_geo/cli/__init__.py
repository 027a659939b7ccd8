"""The command line: a thin shell over the Python API.

Everything that can go wrong ends here as a message and an exit code: 0 done, 1 the user can fix it, 2 usage, 3 a source
or the network, 70 a bug, 130 stopped with Ctrl-C. With ``--json`` an error, too, is a JSON document on standard output.
"""

from __future__ import annotations

import _thread
import functools
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ballerup_geo.cli.output import say_error, write_utf8

if TYPE_CHECKING:
    from ballerup_geo.cli.commands import app

__all__ = ["app", "main"]

BUG, STOPPED = 70, 130
_SWALLOWED_S = 0.05
_UNPLACED = "Dataset has no geotransform|The given matrix is equal to Affine.identity"


def __getattr__(name: str) -> Any:
    if name == "app":  # typer takes longer to load than all else here
        from ballerup_geo.cli.commands import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code (``SystemExit``)."""
    args = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in args
    shown = "--traceback" in args or bool(os.environ.get("BALLERUP_GEO_TRACEBACK"))
    # an unexpected exception is not caught: the interpreter hands it to this hook
    sys.excepthook = functools.partial(_report_bug, as_json=as_json, with_traceback=shown)
    sys.unraisablehook = _press_again
    # rasterio silences this about its own scratch rasters, but not while numba compiles in another thread
    warnings.filterwarnings("ignore", message=_UNPLACED)
    write_utf8()
    try:
        from ballerup_geo.cli.invoke import exit_code

        code = exit_code(args, as_json=as_json)
    except KeyboardInterrupt:
        say_error("Stopped. The last good results are still there; nothing is half-written.", as_json=as_json)
        code = STOPPED
    sys.exit(code)


def _press_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Give Ctrl-C another try where it struck inside a callback from C, which cannot pass it on."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        threading.Timer(_SWALLOWED_S, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(unraisable)


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
