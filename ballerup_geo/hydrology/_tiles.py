"""Tiles: windows of a raster that fit into the cache of one core, worked on side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import side_by_side

__all__ = ["TILE", "Tiles"]

TILE = (256, 256)
"""Rows and columns: what a kernel keeps of so many cells (up to 14 bytes each) stays in 1 MB."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """A raster cut into tiles, counted row by row; the last ones of a row or column may be smaller."""

    rows: int
    cols: int
    height: int
    width: int

    @classmethod
    def over(cls, raster: NDArray[Any], tile: tuple[int, int]) -> Tiles:
        """Cut a raster into tiles of so many rows and columns."""
        return cls(raster.shape[0], raster.shape[1], *tile)

    @property
    def windows(self) -> list[tuple[int, int, int, int]]:
        """First row, end row, first column, end column of each tile."""
        return [
            (top, min(top + self.height, self.rows), left, min(left + self.width, self.cols))
            for top in range(0, self.rows, self.height)
            for left in range(0, self.cols, self.width)
        ]

    def holding(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the tile that each cell (flat index) lies in."""
        row, col = np.divmod(cells, self.cols)
        tiles: NDArray[np.int64] = row // self.height * -(-self.cols // self.width) + col // self.width
        return tiles

    def each(self, work: Callable[..., Any], *scratch: Any) -> list[Any]:
        """Call ``work(first_row, end_row, first_col, end_col)`` for all tiles, side by side; the answers in order.

        For each dtype in ``scratch`` a vector follows the window, with room for a tile and two cells more around it.
        They are used again for other tiles: fresh memory costs a virtual machine more than the work done in it.
        """
        desks: SimpleQueue[list[NDArray[Any]]] = SimpleQueue()
        room = (min(self.height, self.rows) + 4) * (min(self.width, self.cols) + 4)

        def at_a_desk(*window: int) -> Any:
            try:
                desk = desks.get_nowait()
            except Empty:
                desk = [np.empty(room, dtype=dtype) for dtype in scratch]
            answer = work(*window, *desk)
            desks.put(desk)
            return answer

        return side_by_side(at_a_desk if scratch else work, self.windows)
