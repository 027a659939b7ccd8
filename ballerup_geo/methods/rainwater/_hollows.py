"""Hollows within hollows: the nested hierarchy inside the bluespots, and what stands in a bluespot when it is full."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.methods.rainwater._cells import CellLists, to_millimetre
from ballerup_geo.raster import Raster

__all__ = ["hollows_table", "in_bluespots", "parts_of"]


def hollows_table(
    depressions: pd.DataFrame,
    bluespots: pd.DataFrame,
    *,
    least_depth_m: float,
    least_volume_m3: float,
    grid: Raster,
) -> gpd.GeoDataFrame:
    """Return the pour points of the bluespots and of the hollows nested in them.

    Hollows that are too shallow or too small to be bluespots are left out, as the bluespots themselves are; water that
    runs into such a one is followed to the next hollow of the table.

    Parameters
    ----------
    depressions
        `hydrology.Terrain.depressions`.
    bluespots
        The outermost ones that are shown: ``id`` as in ``depressions``, and ``bluespot_id``.

    Returns
    -------
    ``hollow_id`` (1, 2 … by bluespot, a whole before its parts), ``parent_id`` (the hollow it is part of once full, 0
    for a bluespot itself), ``bluespot_id``, ``spill_level_m``, ``area_m2``, ``volume_m3``, ``max_depth_m``,
    ``fill_mm``, and ``spills_to``: the hollow that takes its overflow, 0 where that meets no further one.
    """
    size = len(depressions) + 1
    parent, onward = np.zeros(size, np.int64), np.zeros(size, np.int64)
    parent[depressions["id"]], onward[depressions["id"]] = depressions["parent"], depressions["spills_to"]
    number = np.zeros(size, np.int64)
    number[bluespots["id"]] = bluespots["bluespot_id"]
    bluespot = number[_outermost(parent)]
    large = (depressions["max_depth_m"] >= least_depth_m) & (depressions["volume_m3"] >= least_volume_m3)
    chosen = depressions[large.to_numpy() & (bluespot[depressions["id"]] > 0)]
    ids = chosen["id"].to_numpy()
    order = np.lexsort((ids, bluespot[ids]))
    chosen, ids = chosen.iloc[order], ids[order]
    hollow = np.zeros(size, np.int64)
    hollow[ids] = np.arange(1, len(ids) + 1)
    points = [grid.centre_of(row, col) for row, col in zip(chosen["pour_row"], chosen["pour_col"], strict=True)]
    figures = ["spill_level_m", "area_m2", "volume_m3", "max_depth_m", "fill_mm"]
    return gpd.GeoDataFrame(
        {
            "hollow_id": hollow[ids],
            "parent_id": hollow[parent[ids]],
            "bluespot_id": bluespot[ids],
            **{name: chosen[name].to_numpy(np.float64) for name in figures},
            "spills_to": hollow[_next_of(hollow > 0, onward[ids], parent, onward)],
        },
        geometry=gpd.GeoSeries([shapely.Point(point) for point in points], crs=grid.crs),
        crs=grid.crs,
    )


def _outermost(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the outermost depression around each one."""
    up = np.where(parent > 0, parent, np.arange(parent.size))
    while not np.array_equal(up[up], up):
        up = up[up]
    return up


def _next_of(
    shown: NDArray[np.bool_], to: NDArray[np.int64], parent: NDArray[np.int64], onward: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Follow water through hollows that are not shown, which are soon full, to one that is, or out (0)."""
    after = np.where(parent > 0, parent, onward)
    while (passing := (to > 0) & ~shown[to]).any():
        to = np.where(passing, after[to], to)
    return to


def parts_of(hollows: pd.DataFrame, bluespots: pd.DataFrame) -> NDArray[np.int64]:
    """Return how many hollows lie nested in each bluespot, itself not counted."""
    most = int(bluespots["bluespot_id"].max()) if len(bluespots) else 0
    counts: NDArray[np.int64] = np.bincount(hollows["bluespot_id"], minlength=most + 1).astype(np.int64)
    return counts[bluespots["bluespot_id"]] - 1


def in_bluespots(
    lists: CellLists, terrain: hydrology.Terrain, bluespots: pd.DataFrame, *, threshold_m: float
) -> pd.DataFrame:
    """Return which features stand in which bluespots: water at least as deep as the threshold once it is full.

    Returns
    -------
    ``feature`` (place in the lists), ``bluespot_id``; each pair once. A feature between two bluespots stands in both.
    """
    number = np.zeros(len(terrain.depressions) + 1, np.int64)
    number[bluespots["id"]] = bluespots["bluespot_id"]
    spill_m = np.zeros(number.size)
    spill_m[bluespots["id"]] = bluespots["spill_level_m"]
    label = terrain.bluespots.reshape(-1)[lists.cells]
    depth_m = to_millimetre(spill_m[label] - terrain.dtm.reshape(-1)[lists.cells])
    inside = (number[label] > 0) & (depth_m >= threshold_m)
    pairs = pd.DataFrame({"feature": lists.feature[inside], "bluespot_id": number[label[inside]]})
    return pairs.drop_duplicates(ignore_index=True)
