"""Wet ground as the terrain shows it: the wetness index, the height above the stream, and where both say wet.

An indication beside the official map of low-lying peat (*lavbund*), never in its place: it knows no soil, no drain and
no groundwater.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.methods._grid import label_polygons
from ballerup_geo.raster import Raster

__all__ = ["height_above_stream", "official_ground", "slope_of", "terrain_ground", "wet_ground", "wetness_index"]

_SQUARE = np.ones((3, 3), dtype=bool)


def slope_of(heights: NDArray[np.float32], *, cell_size_m: tuple[float, float]) -> NDArray[np.float32]:
    """Return the steepness of the ground, a ratio (m per m): central differences, one-sided beside unknown ground.

    Parameters
    ----------
    heights
        ``float32[rows, cols]`` in metres, NaN without data.

    Returns
    -------
    ``float32[rows, cols]``; NaN without data, 0 across a row or column that has no known neighbour.
    """
    dx, dy = cell_size_m
    return np.hypot(_rise(heights, dx, axis=1), _rise(heights, dy, axis=0))


def _rise(heights: NDArray[np.float32], size_m: float, *, axis: int) -> NDArray[np.float32]:
    """Return the change of height per metre along one axis."""
    z = np.moveaxis(heights, axis, -1)
    gap = np.full((*z.shape[:-1], 1), np.nan, dtype=np.float32)
    step = np.diff(z, axis=-1) / np.float32(size_m)
    before = np.concatenate((gap, step), axis=-1)
    after = np.concatenate((step, gap), axis=-1)
    before = np.where(np.isnan(before), after, before)
    after = np.where(np.isnan(after), before, after)
    middle = (before + after) / 2
    rise = np.where(np.isnan(middle), np.float32(0.0), middle)
    rise[np.isnan(z)] = np.nan
    return np.moveaxis(rise, -1, axis).astype(np.float32, copy=False)


def wetness_index(
    heights: NDArray[np.float32], *, cell_size_m: tuple[float, float], least_slope: float
) -> NDArray[np.float32]:
    """Return the topographic wetness index ln(a / tan β) (Beven & Kirkby 1979).

    ``a`` is the upslope area per metre of contour, with flow that spreads over all lower neighbours, own cell included;
    tan β the slope of the filled ground, on which water runs.

    Parameters
    ----------
    heights
        ``float32[rows, cols]`` in metres, NaN without data.
    least_slope
        Slope (m per m, above 0) that flatter ground is given: ln(a / 0) has no value.

    Returns
    -------
    ``float32[rows, cols]``, ln of metres; NaN without data.
    """
    dx, dy = cell_size_m
    filled = hydrology.fill_depressions(heights)
    slope = np.maximum(slope_of(filled, cell_size_m=cell_size_m), np.float32(least_slope))
    area_m2 = hydrology.flow_accumulation_mfd(heights, cell_size_m=cell_size_m) * (dx * dy)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.log(area_m2 / np.sqrt(dx * dy) / slope)
    index[np.isnan(heights)] = np.nan
    return np.asarray(index, dtype=np.float32)


def height_above_stream(
    heights: NDArray[np.float32], directions: NDArray[np.uint8], *, streams: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return how high each cell lies above the first stream cell on its water's way (HAND: Rennó et al. 2008).

    Parameters
    ----------
    heights
        ``float32[rows, cols]`` in metres, NaN without data.
    directions
        D8 codes, ``uint8[rows, cols]``.
    streams
        Cells of streams and drainage lines, ``bool[rows, cols]``.

    Returns
    -------
    ``float32[rows, cols]`` in metres, 0 in streams and where a hollow lies deeper than its way out; NaN without data
    and where water meets no stream.
    """
    cells = np.flatnonzero(streams)
    outlets = np.zeros(streams.shape, dtype=np.int32)
    outlets.reshape(-1)[cells] = np.arange(1, cells.size + 1, dtype=np.int32)
    reached = hydrology.watersheds(directions, outlets)
    levels = np.concatenate((np.array([np.nan], np.float32), heights.reshape(-1)[cells]))
    return np.asarray(np.maximum(heights - levels[reached], np.float32(0.0)), dtype=np.float32)


def wet_ground(terrain: gpd.GeoDataFrame, official: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return both kinds in one table, the terrain's first: ``wet_id``, ``area_m2``, ``kind``."""
    return gpd.GeoDataFrame(pd.concat([terrain, official], ignore_index=True), geometry="geometry", crs=terrain.crs)


def terrain_ground(
    index: NDArray[np.float32],
    above_m: NDArray[np.float32],
    *,
    within: NDArray[np.bool_],
    least_index: float,
    most_above_m: float,
    least_m2: float,
    grid: Raster,
) -> gpd.GeoDataFrame:
    """Return the ground that is wet by its terrain, as polygons, largest first.

    Wet is a cell whose index is at least ``least_index`` and which lies at most ``most_above_m`` above its stream.
    Gaps narrower than three cells are closed, and then strips narrower than three cells left out: a thread of running
    water is no wet ground. Cells that touch are one area; areas below ``least_m2`` are left out.

    Parameters
    ----------
    within
        Only cells of this mask count (the municipality, without lakes).
    """
    from scipy.ndimage import binary_closing, binary_opening, label  # heavy: whoever reads the declaration needs none

    with np.errstate(invalid="ignore"):
        wet = within & (index >= least_index) & (above_m <= most_above_m)
    wet = binary_opening(binary_closing(np.pad(wet, 1), structure=_SQUARE), structure=_SQUARE)[1:-1, 1:-1] & within
    labels, count = label(wet, structure=_SQUARE, output=np.int32)
    area_m2 = np.bincount(labels.reshape(-1), minlength=count + 1) * grid.cell_area_m2
    large = area_m2 >= least_m2
    large[0] = False
    polygons = label_polygons(np.where(large[labels], labels, 0).astype(np.int32), grid=grid)
    return _table(polygons.to_numpy(), area_m2[polygons.index.to_numpy(dtype=int)], kind="terrain", crs=grid.crs)


def official_ground(lavbund: gpd.GeoDataFrame | None, *, municipality: shapely.Geometry, crs: str) -> gpd.GeoDataFrame:
    """Return the official map's polygons cut to the municipality, largest first; none where the map is unknown."""
    if lavbund is None or lavbund.empty:
        return _table(np.empty(0, dtype=object), np.empty(0), kind="official", crs=crs)
    parts = gpd.GeoSeries(lavbund.geometry.intersection(municipality)).explode(index_parts=False)
    parts = parts[shapely.area(parts.to_numpy()) > 0]
    return _table(parts.to_numpy(), shapely.area(parts.to_numpy()), kind="official", crs=crs)


def _table(polygons: NDArray[np.object_], area_m2: NDArray[np.float64], *, kind: str, crs: str) -> gpd.GeoDataFrame:
    order = np.argsort(-area_m2, kind="stable")
    return gpd.GeoDataFrame(
        {
            "wet_id": pd.array([f"{kind}-{number:04d}" for number in range(1, order.size + 1)], dtype="str"),
            "area_m2": area_m2[order],
            "kind": pd.array([kind] * order.size, dtype="str"),
        },
        geometry=gpd.GeoSeries(polygons[order], crs=crs),
        crs=crs,
    )
