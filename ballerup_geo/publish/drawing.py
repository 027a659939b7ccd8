"""A map's figures and the picture of its card, drawn in a second process while the rest of the site is written.

matplotlib holds the interpreter's lock, so a thread would gain nothing. What the second process cannot draw is drawn in
this one: the same bytes, and an error is raised where it can be read. A small map is drawn here at once, because a
process takes longer to start.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.figure import draw_card
from ballerup_geo.publish.forms import figures

__all__ = ["Drawer", "DrawnMap", "draw_all", "serve"]

_log = logging.getLogger(__name__)

WORTH_A_PROCESS = 100_000
"""Bytes of a map's packed layers from which drawing takes longer than starting a process."""
_PACKAGES = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from ballerup_geo.publish.drawing import serve; serve()"
"""Not `multiprocessing`: that would run the script again from which somebody builds a site."""
_HEAD = struct.Struct("<Q")
_PROCESS = (OSError, EOFError, MemoryError)
"""The process could not be started, has ended, or there is no room for two copies of a map."""
_PARCEL = (pickle.PickleError, RecursionError, OverflowError, ValueError, TypeError, AttributeError)
"""A map that cannot be sent to another process: what pickle raises of content that it cannot write or read."""


@dataclass(frozen=True, slots=True)
class DrawnMap:
    """All pictures of a map that matplotlib draws."""

    figures: Mapping[str, bytes]
    """For print, by file name."""
    card: bytes
    """PNG for the front page."""


def draw_all(content: MapContent) -> DrawnMap:
    """Draw a map's figures and its card's picture."""
    return DrawnMap(figures(content), draw_card(content))


class Drawer:
    """Draws maps one after another beside whoever asks; the process lives as long as the ``with`` block.

    Parameters
    ----------
    worth
        Bytes of packed layers from which a map is drawn in the second process.
    """

    def __init__(self, *, worth: int = WORTH_A_PROCESS) -> None:
        self._worth = worth
        self._pool = ThreadPoolExecutor(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._at_work = False
        """Whether the second process has been given a map."""
        self._busy = False
        """Whether a second process has been asked for; then it draws small maps, too."""
        self._can = (os.cpu_count() or 1) > 1 and Path(sys.executable or "").stem.lower().startswith("python")

    def __enter__(self) -> Drawer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._pool.shutdown(cancel_futures=True)
        self._stop()

    def begin(self, content: MapContent) -> Callable[[], DrawnMap]:
        """Begin to draw; call what is returned to wait for the pictures.

        A map that the second process has not come to by then is drawn here: ask for the last one first.

        Raises
        ------
        DataError
            From what is returned: a raster cannot be read.
        """
        large = sum(len(layer.packed) for layer in content.layers) >= self._worth
        if not self._can or not (large or self._busy):
            return lambda: draw_all(content)
        self._busy = True
        waiting = self._pool.submit(self._beside, content)

        def pictures() -> DrawnMap:
            if self._at_work and waiting.cancel():  # it has not come to this map: two draw faster than one
                return draw_all(content)
            return waiting.result() or draw_all(content)

        return pictures

    def _beside(self, content: MapContent) -> DrawnMap | None:
        """Have the second process draw; None where it could not."""
        self._at_work = True
        try:
            process = self._started()
            _send(process.stdin, content)
            drawn = _receive(process.stdout)
        except _PROCESS + _PARCEL as error:
            _log.info(
                "the second process draws no more (%s: %s): maps are drawn in this one", type(error).__name__, error
            )
            self._can = False
            return None
        return drawn if isinstance(drawn, DrawnMap) else None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, str(_PACKAGES)],  # -P: nothing from the folder one stands in
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        process.kill()
        process.wait()
        self._pool.shutdown(cancel_futures=True)  # who reads from the pipes has seen their end
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # bytes that the process did not take
                    pipe.close()
        self._process = None


def serve() -> None:
    """Draw what comes in, until nothing comes: the second process.

    It ends where a map cannot be drawn; who asked draws it again, and the error is raised there.
    """
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    with contextlib.suppress(EOFError):
        while isinstance(content := _receive(sys.stdin.buffer), MapContent):
            _send(target, draw_all(content))


def _send(target: IO[bytes] | None, what: object) -> None:
    if target is None:
        raise EOFError
    packed = pickle.dumps(what, protocol=5)
    target.write(_HEAD.pack(len(packed)))
    target.write(packed)
    target.flush()


def _receive(source: IO[bytes] | None) -> object:
    """Read what the other process of ours has sent."""
    if source is None:
        raise EOFError
    head = source.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    size = _HEAD.unpack(head)[0]
    packed = source.read(size)
    if len(packed) < size:
        raise EOFError
    return pickle.loads(packed)  # noqa: S301  (from a process of our own)
