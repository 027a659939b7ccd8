"""How kernels are compiled and shared out: once, kept on disk, free of the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise
from typing import Any, TypeVar, cast

import numba

__all__ = ["by_strips", "kernel", "side_by_side"]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

STRIPS = 2
"""Pieces of work done at the same time."""
LEAST_ROWS = 64
"""A strip of fewer rows is not worth a thread."""
_HELPERS = ThreadPoolExecutor(max(STRIPS - 1, 1), thread_name_prefix="kernels")
"""Whoever has work to share out does it too; these come to help, and stay: a new thread for each call costs more."""


def kernel(function: Kernel) -> Kernel:
    """Compile a function of arrays and numbers.

    The machine code is kept beside the source file, or in the user's cache folder where the package is read-only.
    Where neither can be written (no home folder, as in some containers) it is compiled anew in each process.
    """
    try:
        compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # numba's word for "no folder to keep the machine code in"
        compiled = numba.njit(nogil=True, error_model="numpy")(function)
    return cast(Kernel, compiled)


def side_by_side(work: Callable[..., Any], pieces: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Call ``work(*piece)`` for all pieces, some of them at the same time; the answers in the order of the pieces.

    The caller works too, so that work within work never waits for a helper that is busy elsewhere.
    """
    todo = list(pieces)
    if len(todo) < 2 or STRIPS < 2:
        return [work(*piece) for piece in todo]
    answers: list[Any] = [None] * len(todo)
    turns = iter(range(len(todo)))

    def take_turns() -> None:
        for place in turns:
            answers[place] = work(*todo[place])

    helpers = [_HELPERS.submit(take_turns) for _ in range(STRIPS - 1)]
    try:
        take_turns()
    finally:
        for _ in turns:  # after a failure nobody begins another piece
            pass
        came = [helper for helper in helpers if not helper.cancel()]
        wait(came)
    for helper in came:
        helper.result()
    return answers


def by_strips(work: Callable[[int, int], Any], rows: int) -> list[Any]:
    """Call ``work(first_row, end_row)`` for strips of rows, side by side; the answers from top to bottom."""
    count = max(1, min(STRIPS, rows // LEAST_ROWS))
    edges = [rows * k // count for k in range(count + 1)]
    return side_by_side(work, pairwise(edges))
