"""Recipients: places on the terrain that take the water which reaches them, and what each of them gets.

A cell of a recipient is an outlet of the terrain: what reaches it leaves there, once, and is counted for the recipient
that it met first. So a hollow with a recipient at its bottom holds no water, and nothing downstream of a recipient gets
the same water again. The ground keeps its heights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.hydrology._drainage import OUTSIDE, Drainage
from ballerup_geo.hydrology._input import read_labels
from ballerup_geo.hydrology.flow import name_outlets

__all__ = ["ELSEWHERE", "Recipients", "find_exits", "read_recipients"]

ELSEWHERE = 0
"""Label, and place in the list of exits, of all water that leaves without meeting a recipient."""


@dataclass(frozen=True, slots=True, eq=False)
class Recipients:
    """Ways out of a terrain, told apart by recipient.

    ``labels`` int32: ELSEWHERE, then the labels of the recipients, rising; a place in this list is called an exit.
    ``ground`` int32[rows, cols]: the labels of `Drainage`, but where water runs out without meeting a hollow, and
    reaches recipient ``k`` of the list, ``basins − 1 + k``. ``cells`` int64: how many cells each exit has of these.
    """

    labels: NDArray[np.int32]
    ground: NDArray[np.int32]
    cells: NDArray[np.int64]

    def exits_of(self, drainage: Drainage, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the exit of water that leaves over each of the ``cells`` (flat index, −1 for off the raster)."""
        names = np.where(cells >= 0, self.ground.reshape(-1)[cells], OUTSIDE)
        return np.where(names >= drainage.basins, names - drainage.basins + 1, ELSEWHERE)


def read_recipients(recipients: ArrayLike, z: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return the label raster; refuse recipients that lie wholly in cells without data."""
    marks = read_labels(recipients, "recipients", z.shape)
    marked = marks != ELSEWHERE
    lost = np.setdiff1d(marks[marked], marks[marked & ~np.isnan(z)])
    if lost.size:
        what = f"{', '.join(map(str, lost))}: no cell with data"
        raise DataError(Fault("recipients", "labels", what, "place each recipient on the terrain, or leave it out"))
    return marks


def find_exits(drainage: Drainage, marks: NDArray[np.int32]) -> Recipients:
    """Tell for all ground that drains freely which recipient it reaches; ``marks`` as from `read_recipients`."""
    outside = drainage.labels == OUTSIDE
    reached = np.where(outside, marks, ELSEWHERE).astype(np.int32, copy=False)
    found = np.unique(reached[reached != ELSEWHERE])
    reached = name_outlets(drainage.codes, reached)
    ground = drainage.labels.copy()
    taken = outside & (reached != ELSEWHERE)
    ground[taken] = np.searchsorted(found, reached[taken]) + drainage.basins
    cells = np.bincount(ground[taken] - drainage.basins + 1, minlength=found.size + 1)
    cells[ELSEWHERE] = np.count_nonzero(ground == OUTSIDE)
    return Recipients(np.concatenate(([np.int32(ELSEWHERE)], found)).astype(np.int32), ground, cells)
