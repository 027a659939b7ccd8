"""Where the water of an area goes once it has left it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.lokalplan._ground import Ground, Rows
from ballerup_geo.raster import Raster

__all__ = ["Downstream", "downstream_of"]

_STEPS = {1: (0, 1), 2: (1, 1), 4: (1, 0), 8: (1, -1), 16: (0, -1), 32: (-1, -1), 64: (-1, 0), 128: (-1, 1)}
"""ESRI's codes of flow directions: rows and columns of a step."""
_STARTS = 400
"""Places on the outline that water is followed from, at most."""


@dataclass(frozen=True, slots=True)
class Downstream:
    """The hollows that water reaches outside the area: rows of the bluespots, buildings at them, volume."""

    rows: Rows
    buildings: int
    volume_m3: float


def downstream_of(shape: shapely.Geometry, ground: Ground) -> Downstream:
    """Return the hollows downstream of an area: those that touch the area are not counted."""
    cells = _followed(ground.raster("directions"), _outline_points(shape, ground.raster("directions")))
    spots = ground.frame("bluespots").geometry.to_numpy()
    points = shapely.points(cells)
    rows = (
        np.unique(shapely.STRtree(points).query(spots, predicate="intersects")[0]) if len(cells) else np.zeros(0, int)
    )
    away = np.asarray([row for row in rows if not shapely.intersects(spots[row], shape)], dtype=np.int64)
    return Downstream(
        away,
        int(ground.column("bluespots", "buildings", away).sum()),
        float(ground.column("bluespots", "volume_m3", away).sum()),
    )


def _outline_points(shape: shapely.Geometry, grid: Raster) -> NDArray[np.int64]:
    """Return rows and columns of cells along the outline, each once."""
    rim = shapely.boundary(shape)
    step = max(grid.cell_size_m[0], float(rim.length) / _STARTS)
    places = shapely.segmentize(rim, step)
    x, y = shapely.get_coordinates(places).T
    west, _, _, north = grid.bounds
    dx, dy = grid.cell_size_m
    cells = np.column_stack([np.floor((north - y) / dy), np.floor((x - west) / dx)]).astype(np.int64)
    rows, cols = grid.shape
    on = (cells[:, 0] >= 0) & (cells[:, 0] < rows) & (cells[:, 1] >= 0) & (cells[:, 1] < cols)
    return np.unique(cells[on], axis=0)


def _followed(grid: Raster, starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the middles of all cells that water from some cells runs through, float64[n, 2]: east and north."""
    cols = grid.shape[1]
    steps = np.zeros(256, dtype=np.int64)
    known = np.zeros(256, dtype=bool)
    for code, (down, right) in _STEPS.items():
        steps[code], known[code] = down * cols + right, True
    codes = grid.array.ravel()
    seen = np.zeros(codes.size, dtype=bool)
    at = np.unique(starts[:, 0] * cols + starts[:, 1])
    while at.size:
        seen[at] = True
        at = at[known[codes[at]]]
        onward = at + steps[codes[at]]
        wrapped = np.abs(onward % cols - at % cols) > 1
        onward = onward[(onward >= 0) & (onward < codes.size) & ~wrapped]
        at = np.unique(onward[~seen[onward]])
    cells = np.flatnonzero(seen)
    west, _, _, north = grid.bounds
    dx, dy = grid.cell_size_m
    return np.column_stack([west + (cells % cols + 0.5) * dx, north - (cells // cols + 0.5) * dy])
