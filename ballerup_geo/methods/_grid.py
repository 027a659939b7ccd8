"""Between grid and geometry: features onto a raster's cells, and cells back into polygons and lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import DTypeLike, NDArray
from rasterio.features import rasterize, shapes

from ballerup_geo.methods._coded import Coded
from ballerup_geo.raster import Raster

__all__ = [
    "burn_centres",
    "burn_labels",
    "grown",
    "label_polygons",
    "line_of_cells",
    "mask_of",
    "rim_of",
    "sum_by_label",
]

Array = NDArray[Any]
_ROWS_AT_ONCE = 512


def mask_of(geometries: Iterable[shapely.Geometry], *, grid: Raster) -> NDArray[np.bool_]:
    """Return ``bool[rows, cols]``: cells whose centre lies in one of the polygons."""
    return _burn([(geometry, 1) for geometry in geometries], grid=grid).view(np.bool_)


def burn_centres(polygons: Iterable[shapely.Geometry], numbers: Iterable[int], *, grid: Raster) -> NDArray[Any]:
    """Return the number (from 1) of the last polygon that holds a cell's centre, else 0; ``[rows, cols]``.

    The smallest unsigned type that the greatest number fits in.
    """
    return _burn(list(zip(polygons, numbers, strict=True)), grid=grid)


def burn_labels(
    features: gpd.GeoSeries, labels: Iterable[int], *, grid: Raster, dtype: DTypeLike = np.int32
) -> NDArray[Any]:
    """Return ``int32[rows, cols]`` (or ``dtype``) with each feature's label on every cell it touches, 0 elsewhere.

    Lines cover 4-connected chains of cells, so that no path over 8 neighbours slips through. Polygons are
    drawn first, lines over them. Labels are above 0.
    """
    order = sorted(
        zip(features, labels, strict=True), key=lambda pair: pair[0].geom_type not in {"Polygon", "MultiPolygon"}
    )
    return _burn(order, grid=grid, all_touched=True).astype(dtype, copy=False)


def _burn(pairs: Sequence[tuple[shapely.Geometry, int]], *, grid: Raster, all_touched: bool = False) -> NDArray[Any]:
    """Draw numbers onto cells, later ones over earlier ones, in the smallest type: GDAL holds a copy while it draws.

    Not in strips: a line through corners of cells might take another way in the next strip, and be open there.
    """
    dtype = np.min_scalar_type(max((number for _, number in pairs), default=0))
    cells = np.zeros(grid.shape, dtype)
    if pairs:
        geometries, numbers = zip(*pairs, strict=True)
        drawn = zip(_plain(geometries), numbers, strict=True)
        rasterize(drawn, out=cells, transform=grid.transform, all_touched=all_touched)
    return cells


def _plain(geometries: Sequence[shapely.Geometry]) -> list[Any]:
    """Return polygons as the lists of points that GDAL is given them in; others stay as they are.

    All at once: one by one takes as long as drawing them.
    """
    plain = np.array(geometries, dtype=object)
    places = np.flatnonzero((shapely.get_type_id(plain) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(plain))
    rings, owner = shapely.get_rings(plain[places], return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    ends = np.cumsum(np.bincount(ring_of, minlength=len(rings))).tolist()
    listed, first = points.tolist(), 0
    lines: list[list[Any]] = [[] for _ in places]
    for polygon, end in zip(owner.tolist(), ends, strict=True):
        lines[polygon].append(listed[first:end])
        first = end
    found: list[Any] = list(geometries)
    for place, rings_of_it in zip(places.tolist(), lines, strict=True):
        found[place] = {"type": "Polygon", "coordinates": rings_of_it}
    return found


def grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask and the cells that touch it, corners included."""
    tall = mask.copy()
    tall[1:] |= mask[:-1]
    tall[:-1] |= mask[1:]
    wide = tall.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide


def rim_of(labels: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Return the cells that touch a cell with another label, corners included."""
    rim = np.zeros(labels.shape, np.bool_)
    for one, other in (
        (np.s_[:, 1:], np.s_[:, :-1]),
        (np.s_[1:], np.s_[:-1]),
        (np.s_[1:, 1:], np.s_[:-1, :-1]),
        (np.s_[1:, :-1], np.s_[:-1, 1:]),
    ):
        differ = labels[one] != labels[other]
        rim[one] |= differ
        rim[other] |= differ
    return rim


def sum_by_label(
    labels: Array, values: Array | Coded | None = None, *, within: NDArray[np.bool_], count: int
) -> NDArray[np.float64]:
    """Return by label the sum of ``values`` (or the number of cells) within a mask; float64[count].

    Some rows at a time, because adding up by label wants the labels as 64-bit numbers.
    """
    sums = np.zeros(count)
    for first in range(0, labels.shape[0], _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        chosen = within[rows]
        weights = None if values is None else values[rows][chosen].astype(np.float64)
        sums += np.bincount(labels[rows][chosen], weights=weights, minlength=count)
    return sums


def label_polygons(
    labels: NDArray[np.integer[Any]], *, grid: Raster, among: NDArray[np.bool_] | None = None
) -> gpd.GeoSeries:
    """Return one (multi)polygon for each positive label, indexed by label in rising order; corners join too.

    Parameters
    ----------
    labels
        Whole numbers ``[rows, cols]``; the smaller their type, the less memory.
    grid
        Where they lie.
    among
        ``bool[greatest label + 1]``: only these labels, so that the others need no copy of the raster without them.
    """
    asked = _asked(labels, among)
    rows = _rows_of(asked)
    place = Affine.translation(0, rows.start)
    found = shapes(_for_gdal(labels[rows]), mask=asked[rows], connectivity=8, transform=place)
    outlines: list[shapely.Polygon] = []
    owners: list[int] = []
    for shape, value in found:  # lists of points take ten times the memory of a polygon
        shell, *holes = shape["coordinates"]
        outlines.append(shapely.Polygon(shell, holes))
        owners.append(int(value))
    polygons = shapely.transform(np.array(outlines, dtype=object), lambda cells: _metres(cells, grid))
    parts: dict[int, list[shapely.Polygon]] = {}
    for label, polygon in zip(owners, polygons, strict=True):
        parts.setdefault(label, []).append(polygon)
    index = sorted(parts)
    return gpd.GeoSeries([_joined(parts[label]) for label in index], index=index, crs=grid.crs)


def _asked(labels: NDArray[Any], among: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return the cells with a label that is asked for."""
    if among is None:
        return np.asarray(labels > 0)
    wanted = among.copy()
    wanted[:1] = False
    asked = np.empty(labels.shape, np.bool_)
    for row, line in enumerate(labels):
        np.take(wanted, line, out=asked[row], mode="clip")  # a label below 0 is none, as 0 is
    return asked


def _rows_of(asked: NDArray[np.bool_]) -> slice:
    """Return the rows that hold all cells of a mask; one row where there is none. Columns would need a copy."""
    rows = np.flatnonzero(asked.any(axis=1))
    return slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(0, 1)


def _for_gdal(labels: NDArray[Any]) -> NDArray[Any]:
    """Return labels as a contiguous array of a type that GDAL follows the outlines of."""
    known = labels.dtype.name in {"uint8", "uint16", "int16", "int32"}
    return np.ascontiguousarray(labels if known else labels.astype(np.int32))


def _metres(cells: NDArray[np.float64], grid: Raster) -> NDArray[np.float64]:
    """Return coordinates of corners given as columns and rows."""
    west, north = grid.transform.c, grid.transform.f
    return np.column_stack([west + cells[:, 0] * grid.transform.a, north + cells[:, 1] * grid.transform.e])


def _joined(polygons: list[shapely.Polygon]) -> shapely.Geometry:
    """Return a valid polygon: rings that touch themselves at cell corners become several parts."""
    whole = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return whole if whole.is_valid else shapely.make_valid(whole, method="structure", keep_collapsed=False)


def line_of_cells(rows: Array, cols: Array, *, grid: Raster) -> shapely.LineString:
    """Return the line through the centres of cells; a single cell gives a line of no length."""
    dx, dy = grid.cell_size_m
    west, _, _, north = grid.bounds
    x = west + (np.asarray(cols) + 0.5) * dx
    y = north - (np.asarray(rows) + 0.5) * dy
    points = np.column_stack([x, y])
    return shapely.LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))
