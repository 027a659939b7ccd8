"""Features on the terrain's cells: which cells lie along an outline, around a point, under a piece of a line.

Worked out once, as lists of cells; reading a depth raster is then one look-up a cell, however many rains there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.raster import Raster

__all__ = [
    "CellLists",
    "Pieces",
    "along_outlines",
    "around_points",
    "cells_at",
    "cut_lines",
    "deepest",
    "greatest",
    "known_shape",
    "to_millimetre",
]

MILLIMETRE = 3


@dataclass(frozen=True, slots=True, eq=False)
class CellLists:
    """The cells of features: those of feature ``i`` are ``cells[start[i]:start[i + 1]]``, flat indices, rising."""

    cells: NDArray[np.int64]
    start: NDArray[np.int64]

    def __len__(self) -> int:
        return self.start.size - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of cells per feature; 0 for one that lies outside the raster."""
        return np.diff(self.start)

    @property
    def feature(self) -> NDArray[np.int64]:
        """The feature that each of ``cells`` belongs to."""
        return np.repeat(np.arange(len(self)), self.counts)

    def take(self, features: NDArray[np.int64]) -> CellLists:
        """Return the lists of some features, in the order given."""
        counts = self.counts[features]
        start = np.concatenate(([0], np.cumsum(counts)))
        inside = np.arange(start[-1]) - np.repeat(start[:-1], counts)
        return CellLists(self.cells[np.repeat(self.start[features], counts) + inside], start)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Lines cut into straight pieces: ``line`` int64 (place among the lines), ``start`` and ``end`` float64[n, 2]."""

    line: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]

    @property
    def middle(self) -> NDArray[np.float64]:
        """The middle of each piece, float64[n, 2]."""
        return (self.start + self.end) / 2

    @property
    def length_m(self) -> NDArray[np.float64]:
        """Length of each piece."""
        dx, dy = (self.end - self.start).T
        return np.asarray(np.hypot(dx, dy), dtype=np.float64)


def known_shape(geometries: gpd.GeoSeries) -> NDArray[np.bool_]:
    """Return which geometries have coordinates, and finite ones only."""
    points, index = shapely.get_coordinates(geometries.to_numpy(), return_index=True)
    known = np.bincount(index, minlength=len(geometries)) > 0
    known[index[~np.isfinite(points).all(axis=1)]] = False
    return known


def cut_lines(lines: NDArray[np.object_], *, step_m: float) -> Pieces:
    """Cut lines or rings at their vertices, and on between them so that no piece is longer than ``step_m``.

    Lengths are kept: the pieces of a line add up to it. A line of no length has one piece of no length.
    """
    points, line = shapely.get_coordinates(lines, return_index=True)
    follows = np.flatnonzero(line[1:] == line[:-1])
    a, b = points[follows], points[follows + 1]
    number = np.maximum(np.ceil(np.hypot(*(b - a).T) / step_m), 1.0).astype(np.int64)
    whole = np.repeat(np.arange(follows.size), number)
    first = np.repeat(np.cumsum(number) - number, number)
    k = (np.arange(whole.size) - first)[:, None]
    of = number[whole][:, None]
    along = b[whole] - a[whole]
    return Pieces(line[follows][whole].astype(np.int64), a[whole] + along * (k / of), a[whole] + along * ((k + 1) / of))


def cells_at(points: NDArray[np.float64], *, grid: Raster) -> NDArray[np.int64]:
    """Return the flat index of the cell that holds each point (``[n, 2]``), −1 outside the raster."""
    return _flat(*_row_col(points, grid=grid, shift=0.0), grid=grid)


def along_outlines(polygons: gpd.GeoSeries, *, grid: Raster) -> CellLists:
    """Return the cells along the outlines of polygons, courtyards included.

    At each point of the outline, the four cells whose centres surround it: on either side the nearest cell, so that
    water that stands against a façade is seen, and no cell further off. Where houses stand wall to wall, water at one
    is water at the other. A polygon without area has the cells of its point or line; one without coordinates, or with
    coordinates that are no numbers, has none.
    """
    known = np.flatnonzero(known_shape(polygons))
    parts, of_part = shapely.get_parts(polygons.to_numpy()[known], return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    pieces = cut_lines(rings, step_m=min(grid.cell_size_m))
    feature = known[of_part[of_ring[pieces.line]]]
    rows, cols = _row_col(pieces.start, grid=grid, shift=0.5)
    return _lists(feature, [(rows + dr, cols + dc) for dr in (0, 1) for dc in (0, 1)], len(polygons), grid=grid)


def around_points(points: gpd.GeoSeries, *, grid: Raster, reach: int) -> CellLists:
    """Return the cell of each point and those up to ``reach`` cells from it, corners included."""
    known = np.flatnonzero(known_shape(points))
    centre = shapely.get_coordinates(shapely.point_on_surface(points.to_numpy()[known]))
    rows, cols = _row_col(centre, grid=grid, shift=0.0)
    steps = range(-reach, reach + 1)
    return _lists(known, [(rows + dr, cols + dc) for dr in steps for dc in steps], len(points), grid=grid)


def deepest(lists: CellLists, depth_m: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the greatest depth in the cells of each feature, read from a raster (see `greatest`)."""
    return greatest(lists, depth_m.reshape(-1)[lists.cells])


def greatest(lists: CellLists, depths_m: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the greatest depth of each feature; ``depths_m`` is that of each of ``lists.cells``.

    To the millimetre: heights are not known better. NaN for a feature without a cell, or whose cells have no depth.
    """
    found = np.full(len(lists), np.nan)
    filled = lists.counts > 0
    if filled.any():
        found[filled] = np.fmax.reduceat(depths_m, lists.start[:-1][filled])
    return to_millimetre(found)


def to_millimetre(depths_m: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return depths as exact as heights are known."""
    exact: NDArray[np.float64] = np.asarray(depths_m, dtype=np.float64)
    return np.round(exact, MILLIMETRE)


def _row_col(points: ArrayLike, *, grid: Raster, shift: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and column of the cell that holds each point moved ``shift`` cells to the north and west."""
    x, y = np.asarray(points, dtype=np.float64).reshape(-1, 2).T
    west, _, _, north = grid.bounds
    dx, dy = grid.cell_size_m
    limit = float(np.iinfo(np.int32).max)  # far outside any raster, and no overflow
    row, col = (np.clip(np.floor(v - shift), -limit, limit) for v in ((north - y) / dy, (x - west) / dx))
    return row.astype(np.int64), col.astype(np.int64)


def _flat(rows: NDArray[np.int64], cols: NDArray[np.int64], *, grid: Raster) -> NDArray[np.int64]:
    height, width = grid.shape
    inside = (rows >= 0) & (rows < height) & (cols >= 0) & (cols < width)
    return np.where(inside, rows * width + cols, -1)


def _lists(
    feature: NDArray[np.int64],
    places: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
    features: int,
    *,
    grid: Raster,
) -> CellLists:
    """Return each feature's cells once, those outside the raster left out."""
    keys = []
    for rows, cols in places:
        flat = _flat(rows, cols, grid=grid)
        inside = flat >= 0
        keys.append(_once(feature[inside] * np.int64(grid.array.size) + flat[inside]))
    unique = _once(np.concatenate(keys)) if keys else np.empty(0, np.int64)
    owner, cells = np.divmod(unique, np.int64(grid.array.size))
    return CellLists(cells, np.searchsorted(owner, np.arange(features + 1)).astype(np.int64))


def _once(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the keys rising, each once; `numpy.unique` keeps a table, and takes ten times this."""
    keys = np.sort(keys)
    return keys[np.diff(keys, prepend=keys[:1] - 1) > 0]
