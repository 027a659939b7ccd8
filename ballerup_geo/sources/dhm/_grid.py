"""The grid that heights are asked for on, and its tiles."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from affine import Affine

from ballerup_geo.sources._request import Bounds

__all__ = ["Grid", "Tile", "grid_over"]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a grid; row 0 is in the north."""

    top: int
    left: int
    rows: int
    cols: int

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.top:06d}_{self.left:06d}.tif"


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of EPSG:25832, counted from its origin, so that every fetch of the same area has the same cells."""

    west: int
    """Cells east of the origin."""
    north: int
    """Cells north of the origin."""
    rows: int
    cols: int
    cell_m: float
    tile_cells: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.rows, self.cols

    @property
    def transform(self) -> Affine:
        """From column and row to metres."""
        return self.transform_of(Tile(0, 0, self.rows, self.cols))

    def transform_of(self, tile: Tile) -> Affine:
        """From a tile's column and row to metres."""
        west, north = self._metres(self.west + tile.left), self._metres(self.north - tile.top)
        return Affine(self.cell_m, 0.0, west, 0.0, -self.cell_m, north)

    def bounds_of(self, tile: Tile) -> Bounds:
        """West, south, east, north of a tile in metres."""
        left, top = self.west + tile.left, self.north - tile.top
        return self._metres(left), self._metres(top - tile.rows), self._metres(left + tile.cols), self._metres(top)

    def tile_rows(self) -> list[list[Tile]]:
        """Return the tiles, row by row from north to south."""
        step = self.tile_cells
        return [
            [
                Tile(top, left, min(step, self.rows - top), min(step, self.cols - left))
                for left in range(0, self.cols, step)
            ]
            for top in range(0, self.rows, step)
        ]

    def tiles(self) -> list[Tile]:
        """Return all tiles."""
        return [tile for row in self.tile_rows() for tile in row]

    def record(self) -> dict[str, Any]:
        """Return what tells this grid from another."""
        return asdict(self)

    def _metres(self, cells: int) -> float:
        return round(cells * self.cell_m, 6)


def grid_over(bounds: Bounds, cell_m: float, tile_cells: int) -> Grid:
    """Return the grid that covers bounds, its lines on whole multiples of the cell.

    Examples
    --------
    >>> grid = grid_over((710000.1, 6180000.0, 710000.9, 6180000.8), 0.4, 2)
    >>> grid.shape, grid.bounds_of(Tile(0, 0, 2, 3))
    ((2, 3), (710000.0, 6180000.0, 710001.2, 6180000.8))
    """
    west, south, east, north = (round(value / cell_m, 6) for value in bounds)
    left, top = math.floor(west), math.ceil(north)
    return Grid(left, top, top - math.floor(south), math.ceil(east) - left, cell_m, tile_cells)
