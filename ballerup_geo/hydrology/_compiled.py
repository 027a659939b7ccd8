"""How the terrain kernels are compiled: once, kept on disk, free of the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba

__all__ = ["BLOCK", "by_strips", "kernel"]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

BLOCK = 512
"""Columns walked down together: so many that the rows a drop of water crosses stay in cache."""
STRIPS = 2
"""Row strips worked on side by side."""


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


def by_strips(work: Callable[[int, int], Any], rows: int) -> list[Any]:
    """Call ``work(first_row, end_row)`` for strips of rows, side by side; the answers from top to bottom."""
    count = max(1, min(STRIPS, rows // 64))
    edges = [rows * k // count for k in range(count + 1)]
    if count == 1:
        return [work(0, rows)]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))
