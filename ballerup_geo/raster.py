"""A raster: array, transform, CRS and nodata, together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from affine import Affine

__all__ = ["CRS", "STRIP_CELLS", "Raster"]

STRIP_CELLS = 1 << 24
"""Cells of a strip of rows: few enough that what is made of them on the way does not count beside the raster."""

CRS = "EPSG:25832"
"""The one coordinate reference system inside the package: ETRS89 / UTM zone 32N, metres."""


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """One band on a north-up grid.

    ``array`` is ``[rows, cols]``, row 0 in the north; ``transform`` maps (col, row) to EPSG:25832 metres;
    ``nodata`` is the value of cells without data (``nan`` for floats), or None where every cell has data.
    """

    array: np.ndarray[Any, np.dtype[Any]]
    transform: Affine
    nodata: float | None = None
    crs: str = CRS

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        rows, cols = self.array.shape
        return int(rows), int(cols)

    @property
    def cell_size_m(self) -> tuple[float, float]:
        """Cell width and height in metres, both positive."""
        return float(self.transform.a), float(-self.transform.e)

    @property
    def cell_area_m2(self) -> float:
        """Area of one cell in m²."""
        dx, dy = self.cell_size_m
        return dx * dy

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        rows, cols = self.shape
        west, north = self.transform.c, self.transform.f
        return float(west), float(north + rows * self.transform.e), float(west + cols * self.transform.a), float(north)

    def with_array(self, array: np.ndarray[Any, np.dtype[Any]], *, nodata: float | None = None) -> Raster:
        """Return the same grid holding another array of the same shape."""
        if array.shape != self.array.shape:
            raise ValueError(f"array {array.shape} does not fit the grid {self.array.shape}")
        return replace(self, array=array, nodata=nodata)

    def strips(self, *, cells: int | None = None) -> Iterator[tuple[slice, Raster]]:
        """Give the raster in strips of rows from north to south, each as a view of its own with the rows it is.

        A raster of at most ``cells`` (`STRIP_CELLS` where not given) is one strip.
        """
        rows, cols = self.array.shape
        step = max(1, (STRIP_CELLS if cells is None else cells) // max(cols, 1))
        for top in range(0, rows, step):
            part = slice(top, min(top + step, rows))
            yield part, replace(self, array=self.array[part], transform=self.transform @ Affine.translation(0, top))

    def cell_of(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell that holds a point (may lie outside the grid)."""
        west, _, _, north = self.bounds
        dx, dy = self.cell_size_m
        return int(np.floor((north - y) / dy)), int(np.floor((x - west) / dx))

    def centre_of(self, row: int, col: int) -> tuple[float, float]:
        """Coordinates of a cell's centre."""
        west, _, _, north = self.bounds
        dx, dy = self.cell_size_m
        return west + (col + 0.5) * dx, north - (row + 0.5) * dy
