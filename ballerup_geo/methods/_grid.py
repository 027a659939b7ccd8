"""Between grid and geometry: features onto a raster's cells, and cells back into polygons and lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize, shapes

from ballerup_geo.raster import Raster

__all__ = ["burn_labels", "cells_on_line", "label_polygons", "line_of_cells", "mask_of"]

Array = NDArray[Any]


def mask_of(geometries: Iterable[shapely.Geometry], *, grid: Raster) -> NDArray[np.bool_]:
    """Return ``bool[rows, cols]``: cells whose centre lies in one of the polygons."""
    cells = rasterize(
        list(geometries), out_shape=grid.shape, transform=grid.transform, fill=0, default_value=1, dtype="uint8"
    )
    return np.asarray(cells, dtype=bool)


def burn_labels(features: gpd.GeoSeries, labels: Iterable[int], *, grid: Raster) -> NDArray[np.int32]:
    """Return ``int32[rows, cols]`` with each feature's label on every cell it touches, 0 elsewhere.

    Lines cover 4-connected chains of cells, so that no path over 8 neighbours slips through. Polygons are
    drawn first, lines over them.
    """
    order = sorted(
        zip(features, labels, strict=True), key=lambda pair: pair[0].geom_type not in {"Polygon", "MultiPolygon"}
    )
    if not order:
        return np.zeros(grid.shape, np.int32)
    cells = rasterize(order, out_shape=grid.shape, transform=grid.transform, fill=0, all_touched=True, dtype="int32")
    return np.asarray(cells, dtype=np.int32)


def cells_on_line(
    line: shapely.Geometry, *, grid: Raster
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return rows, columns and the share of the way (0 to 1) of the cells along a line, each cell once, in order.

    Points are taken at half-cell steps; cells outside the grid are left out.
    """
    length_m = shapely.length(line)
    steps = int(np.ceil(length_m / (min(grid.cell_size_m) / 2))) + 1
    share = np.linspace(0.0, 1.0, max(steps, 2))
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, share, normalized=True))
    west, _, _, north = grid.bounds
    dx, dy = grid.cell_size_m
    cols = np.floor((points[:, 0] - west) / dx).astype(np.int64)
    rows = np.floor((north - points[:, 1]) / dy).astype(np.int64)
    inside = (rows >= 0) & (rows < grid.shape[0]) & (cols >= 0) & (cols < grid.shape[1])
    fresh = np.r_[True, (np.diff(rows) != 0) | (np.diff(cols) != 0)]
    keep = inside & fresh
    return rows[keep], cols[keep], share[keep]


def label_polygons(labels: NDArray[np.int32], *, grid: Raster) -> gpd.GeoSeries:
    """Return one (multi)polygon for each positive label, indexed by label in rising order; corners join too."""
    found = shapes(labels, mask=labels > 0, connectivity=8, transform=grid.transform)
    parts: dict[int, list[Any]] = {}
    for shape, value in found:
        parts.setdefault(int(value), []).append(shape["coordinates"])
    index = sorted(parts)
    polygons = [_joined(parts[label]) for label in index]
    return gpd.GeoSeries(polygons, index=index, crs=grid.crs)


def _joined(rings: list[Any]) -> shapely.Geometry:
    """Return a valid polygon: rings that touch themselves at cell corners become several parts."""
    polygons = [shapely.Polygon(shell, holes) for shell, *holes in rings]
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
