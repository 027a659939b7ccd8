"""Tree crowns as polygons: where the surface stands above the terrain and there is no house, else crowns of trees."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from ballerup_geo.methods._grid import label_polygons, mask_of
from ballerup_geo.raster import CRS, Raster

__all__ = ["TILE_M", "crowns_of", "raster_canopy", "same_grid"]

TILE_M = 64.0
"""Canopy polygons end at the lines of a net this wide: no wood becomes one polygon of 100,000 corners."""
HALF = 2.0
PIXEL = 0.5
QUARTER = 4
"""Corners of a crown in a quarter of the way around it."""


def same_grid(one: Raster, other: Raster) -> bool:
    """Tell whether two rasters have cells in the same places."""
    return one.shape == other.shape and one.transform.almost_equals(other.transform, precision=1e-6)


def raster_canopy(
    surface: Raster,
    terrain: Raster,
    *,
    town: shapely.Geometry,
    buildings: NDArray[np.object_],
    least_m: float,
    roof_m: float,
) -> gpd.GeoDataFrame:
    """Return where something as tall as a tree stands that is no building.

    A surface in another grid is read at the middles of the terrain's cells (the nearest cell's value); a cell that the
    surface does not reach has no canopy.

    Parameters
    ----------
    surface, terrain
        Heights in metres.
    town
        Only here.
    least_m
        Least height of a crown above the ground, metres.
    roof_m
        Cells nearer to a building than this belong to its roof.

    Returns
    -------
    GeoDataFrame of polygons that do not overlap, in EPSG:25832, with ``height_m`` left out: outlines of cells, cut by a
    net of `TILE_M`.
    """
    ground = _window(terrain, town)
    rise = _values_at(surface, ground) - ground.array
    with np.errstate(invalid="ignore"):
        crown = np.isfinite(rise) & (rise >= least_m)
    if terrain.nodata is not None and np.isfinite(terrain.nodata):
        crown &= ground.array != terrain.nodata
    crown &= mask_of([town], grid=ground)
    crown &= ~mask_of(shapely.buffer(buildings, roof_m, quad_segs=2), grid=ground)
    rows, cols = crown.shape
    step = max(1, round(TILE_M / ground.cell_size_m[0]))
    across = -(-cols // step)
    tile = (np.arange(rows) // step)[:, None] * across + (np.arange(cols) // step)[None, :] + 1
    shapes = label_polygons(np.where(crown, tile, 0).astype(np.int32), grid=ground)
    return gpd.GeoDataFrame(geometry=shapely.get_parts(shapes.to_numpy()), crs=CRS)


def _window(raster: Raster, town: shapely.Geometry) -> Raster:
    """Return the part of a raster that holds the town."""
    west, _, _, north = raster.bounds
    dx, dy = raster.cell_size_m
    x0, y0, x1, y1 = shapely.bounds(town)
    top, left = max(0, int((north - y1) // dy)), max(0, int((x0 - west) // dx))
    bottom, right = int(-((y0 - north) // dy)), int(-((west - x1) // dx))
    part = raster.array[top:bottom, left:right].astype(np.float32)
    return Raster(part, raster.transform @ Affine.translation(left, top), raster.nodata)


def _values_at(raster: Raster, grid: Raster) -> NDArray[np.float32]:
    """Return a raster's values at the middles of a grid's cells, NaN beyond it and where it has no data."""
    rows, cols = grid.shape
    west, _, _, north = raster.bounds
    dx, dy = raster.cell_size_m
    x = grid.transform.c + (np.arange(cols) + PIXEL) * grid.transform.a
    y = grid.transform.f + (np.arange(rows) + PIXEL) * grid.transform.e
    col, row = np.floor((x - west) / dx).astype(np.int64), np.floor((north - y) / dy).astype(np.int64)
    in_row, in_col = (row >= 0) & (row < raster.shape[0]), (col >= 0) & (col < raster.shape[1])
    values = np.full(grid.shape, np.nan, dtype=np.float32)
    values[np.ix_(in_row, in_col)] = raster.array[np.ix_(row[in_row], col[in_col])]
    if raster.nodata is not None and np.isfinite(raster.nodata):
        values[values == np.float32(raster.nodata)] = np.nan
    return values


def crowns_of(trees: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the crowns of trees as polygons as large as the circles; trees whose crown is not told have none."""
    radius = trees["crown_m"].to_numpy(np.float64, na_value=0.0) / HALF
    some = radius > 0
    turn = 2 * np.pi / (4 * QUARTER)
    shapes = shapely.buffer(
        trees.geometry.to_numpy()[some], radius[some] * np.sqrt(turn / np.sin(turn)), quad_segs=QUARTER
    )
    return gpd.GeoDataFrame(geometry=shapes, crs=CRS)
