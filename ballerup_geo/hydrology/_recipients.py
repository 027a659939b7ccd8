"""Recipients: places on the terrain that take the water which reaches them, and what each of them gets.

A cell of a recipient is an outlet of the terrain: what reaches it leaves there, once, and is counted for the recipient
that it met first. So a hollow with a recipient at its bottom holds no water, and nothing downstream of a recipient gets
the same water again. The ground keeps its heights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.hydrology._drainage import OUTSIDE, Drainage
from ballerup_geo.hydrology._input import read_labels
from ballerup_geo.hydrology._naming import narrowed
from ballerup_geo.hydrology.flow import name_marked

__all__ = ["ELSEWHERE", "Recipients", "find_exits", "read_recipients"]

STRIP_CELLS = 1 << 22
ELSEWHERE = 0
"""Label, and place in the list of exits, of all water that leaves without meeting a recipient."""


@dataclass(frozen=True, slots=True, eq=False)
class Recipients:
    """Ways out of a terrain, told apart by recipient.

    ``labels`` int32: ELSEWHERE, then the labels of the recipients, rising; a place in this list is called an exit.
    ``places`` [rows, cols], the smallest unsigned type: the exit of a cell whose water runs out without meeting a
    hollow, ELSEWHERE for all other cells. ``cells`` int64: how many cells each exit has of these.
    """

    labels: NDArray[np.int32]
    places: NDArray[np.unsignedinteger[Any]]
    cells: NDArray[np.int64]

    def exits_of(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the exit of water that leaves over each of the ``cells`` (flat index, −1 for off the raster)."""
        return np.where(cells >= 0, self.places.reshape(-1)[cells], ELSEWHERE).astype(np.int64)


def read_recipients(recipients: ArrayLike, z: NDArray[np.float32]) -> NDArray[np.integer[Any]]:
    """Return the label raster; refuse recipients that lie wholly in cells without data."""
    marks = read_labels(recipients, "recipients", z.shape)
    lost = np.setdiff1d(
        _labels_in(marks, lambda rows: marks[rows] != ELSEWHERE), _labels_in(marks, lambda rows: ~np.isnan(z[rows]))
    )
    if lost.size:
        what = f"{', '.join(map(str, lost))}: no cell with data"
        raise DataError(Fault("recipients", "labels", what, "place each recipient on the terrain, or leave it out"))
    return marks


def _labels_in(
    marks: NDArray[np.integer[Any]], mask_of: Callable[[slice], NDArray[np.bool_]]
) -> NDArray[np.integer[Any]]:
    """Return the labels under a mask, which is made some rows at a time, rising, each once."""
    return np.unique(np.concatenate([np.unique(marks[rows][mask_of(rows)]) for rows in _strips(marks.shape)]))


def _strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """Give rows in strips, so that what is made of them on the way takes little memory."""
    step = max(1, STRIP_CELLS // shape[1])
    for first in range(0, shape[0], step):
        yield slice(first, first + step)


def find_exits(drainage: Drainage, marks: NDArray[np.integer[Any]]) -> Recipients:
    """Tell for all ground that drains freely which recipient it reaches; ``marks`` as from `read_recipients`."""
    flat, found = marks.reshape(-1), _labels_in(marks, lambda rows: drainage.labels[rows] == OUTSIDE)
    found = found[found != ELSEWHERE]
    marked = np.asarray(marks if marks.dtype == np.uint8 else marks != ELSEWHERE).view(np.uint8)
    names = name_marked(drainage.codes, marked, lambda cells: np.searchsorted(found, flat[cells]) + 1)
    cells = np.zeros(found.size + 1, dtype=np.int64)
    for rows in _strips(names.shape):
        outside = drainage.labels[rows] == OUTSIDE
        names[rows] = np.where(outside, names[rows], ELSEWHERE)
        cells += np.bincount(names[rows][outside], minlength=cells.size)
    return Recipients(
        np.concatenate(([ELSEWHERE], found)).astype(np.int32), narrowed(names, np.min_scalar_type(found.size)), cells
    )
