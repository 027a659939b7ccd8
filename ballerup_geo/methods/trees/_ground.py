"""Where trees of each size may stand on each parcel, and what took the rest."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.compiled import side_by_side
from ballerup_geo.methods.trees._exclusions import REASONS, by_size, common
from ballerup_geo.methods.trees._sizes import Size
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.siting import plantable, polygons_of, shrunk
from ballerup_geo.spec import Given

__all__ = ["Ground", "ground_of"]

Shapes = NDArray[np.object_]

STRIPS = 4
"""Strips of parcels from west to east, some of them worked on at the same time."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Polygons by size and parcel, ``object[sizes][parcels]``, the smallest size first; each holds the next.

    ``removed_m2`` has a row a parcel and a column a reason: what each reason took from trees of the smallest size.
    """

    free: tuple[Shapes, ...]
    removed_m2: pd.DataFrame


def ground_of(given: Given, town: TreeTown, sizes: tuple[Size, ...]) -> Ground:
    """Return the ground for trees.

    A larger tree is at least as far from everything as a smaller one, so its ground is taken out of the smaller one's.
    A boundary counts for its own parcel: whoever looks out of a parcel at another's boundary looks over their own.
    """
    given.progress("what trees keep clear of", 0.1)
    rules = [by_size(given, town, size) for size in sizes]
    both = gpd.GeoDataFrame(pd.concat([common(given, town), rules[0]], ignore_index=True))
    order = {reason: at for at, reason in enumerate(REASONS)}
    rules[0] = both.iloc[np.argsort(both["reason"].map(order).to_numpy(), kind="stable")]
    given.progress("ground for trees", 0.2)
    free = [np.full(len(town.parcels), None, dtype=object) for _ in sizes]
    removed = pd.DataFrame(0.0, index=town.parcels.index, columns=list(REASONS))
    parts = _strips(town.parcels)
    found = side_by_side(_ground_of_some, [(town.parcels.iloc[rows], sizes, rules) for rows in parts])
    for rows, part in zip(parts, found, strict=True):
        for place, shapes in enumerate(part.free):
            free[place][rows] = shapes
        removed.iloc[rows] = part.removed_m2.to_numpy()
    return Ground(tuple(free), removed)


def _strips(parcels: gpd.GeoDataFrame) -> list[NDArray[np.int64]]:
    """Return parcels from west to east in a few strips, to be worked on at the same time."""
    order = np.argsort(np.nan_to_num(shapely.bounds(parcels.geometry.to_numpy())[:, 0]), kind="stable")
    return [rows for rows in np.array_split(order, STRIPS) if rows.size]


def _ground_of_some(parcels: gpd.GeoDataFrame, sizes: tuple[Size, ...], rules: list[gpd.GeoDataFrame]) -> Ground:
    """Return the ground of some parcels, size by size."""
    whole = parcels.geometry.to_numpy()
    removed = pd.DataFrame(0.0, index=range(len(parcels)), columns=list(REASONS))
    removed["overlap"] = parcels["overlap_m2"].to_numpy()
    road = (parcels["owner_kind"] == "road").to_numpy(bool)
    removed["road_land"] = np.where(road, shapely.area(whole), 0.0)
    left = np.where(road, shapely.from_wkt("POLYGON EMPTY"), whole)
    free: list[Shapes] = []
    for size, exclusions in zip(sizes, rules, strict=True):
        before = shapely.area(left)
        left = polygons_of(shapely.intersection(left, shrunk(whole, size.boundary_m)))
        first = before - shapely.area(left)
        found = plantable(gpd.GeoSeries(left, crs=parcels.crs), exclusions)
        left = found.areas.to_numpy()
        if not free:
            removed["boundary"] += first
            taken = found.removed.pivot_table(index="area", columns="reason", values="removed_m2", aggfunc="sum")
            removed = removed.add(taken.reindex(index=removed.index, columns=removed.columns).fillna(0.0))
        free.append(left)
    return Ground(tuple(free), removed)
