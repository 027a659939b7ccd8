"""What the command line writes: the answer on standard output, errors and progress on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from ballerup_geo.errors import Fault

if TYPE_CHECKING:
    from ballerup_geo.spec import Progress

__all__ = ["Output", "forget_stdout", "say_error", "write_utf8"]


def write_utf8() -> None:
    """Write UTF-8 whatever the terminal's code page is (Windows), so that Danish letters never stop a run."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say_error(message: str, *, as_json: bool, faults: Sequence[Fault] = (), hint: str = "") -> None:
    """Say what went wrong: lines on standard error, or the one JSON document on standard output."""
    if as_json:
        document = {"error": message, "faults": [asdict(fault) for fault in faults]}
        if _is_taken(json.dumps(document, ensure_ascii=False, indent=2)):
            return
    _is_taken()
    _line(message, sys.stderr)
    for fault in faults:
        _line(f"  {fault}", sys.stderr)
    if hint:
        _line(hint, sys.stderr)


def forget_stdout() -> None:
    """Let what is still on its way to standard output go nowhere."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_taken(text: str | None = None) -> bool:
    """Say whether standard output takes a line, or what was written before: not a closed pipe, nor a full disk."""
    if sys.stdout is None:
        return False
    try:
        if text is not None:
            _line(text, sys.stdout)
        sys.stdout.flush()
    except OSError:
        forget_stdout()
        return False
    return True


class Output:
    """Where a command writes, as its flags say.

    Parameters
    ----------
    quiet
        No progress and no lines but the answer.
    as_json
        One JSON document instead of lines; no progress.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        self.quiet = quiet
        self.as_json = as_json

    def line(self, text: str = "") -> None:
        """Write a line that ``--quiet`` and ``--json`` leave out."""
        if not self.quiet and not self.as_json:
            _line(text, sys.stdout)

    def answer(self, text: str, document: dict[str, Any]) -> None:
        """Write what was asked for: the text, or with ``--json`` the document."""
        _line(json.dumps(document, ensure_ascii=False, indent=2) if self.as_json else text, sys.stdout)

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """Draw progress bars on standard error, where that is a terminal and neither flag is set."""
        if self.quiet or self.as_json or not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
            tasks: dict[str, Any] = {}

            def told(label: str, share: float, /) -> None:
                step = label.partition(":")[0]  # "rainwater: filling depressions" is a moment of the step "rainwater"
                if step not in tasks:
                    tasks[step] = bars.add_task(label, total=1.0)
                bars.update(tasks[step], completed=share, description=label)

            yield told


def _line(text: str, stream: TextIO | None) -> None:
    """Write a line; Python has no stream where the shell has closed it."""
    if stream is not None:
        stream.write(text + "\n")
