"""Where trees of each size may stand on each parcel, and what took the rest."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.trees._exclusions import REASONS, by_size, common
from ballerup_geo.methods.trees._sizes import Size
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.siting import plantable, polygons_of, shrunk
from ballerup_geo.spec import Given

__all__ = ["Ground", "ground_of"]

Shapes = NDArray[np.object_]


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
    whole = town.parcels.geometry.to_numpy()
    removed = pd.DataFrame(0.0, index=town.parcels.index, columns=list(REASONS))
    removed["overlap"] = town.parcels["overlap_m2"].to_numpy()
    road = (town.parcels["owner_kind"] == "road").to_numpy(bool)
    removed["road_land"] = np.where(road, shapely.area(whole), 0.0)
    left = np.where(road, shapely.from_wkt("POLYGON EMPTY"), whole)
    free: list[Shapes] = []
    for place, size in enumerate(sizes):
        given.progress(f"ground for {size.name} trees", 0.1 + 0.12 * place)
        before = shapely.area(left)
        left = polygons_of(shapely.intersection(left, shrunk(whole, size.boundary_m)))
        first = before - shapely.area(left)
        exclusions = by_size(given, town, size)
        if not place:
            removed["boundary"] += first
            exclusions = gpd.GeoDataFrame(pd.concat([common(given, town), exclusions], ignore_index=True))
            order = {reason: at for at, reason in enumerate(REASONS)}
            exclusions = exclusions.iloc[np.argsort(exclusions["reason"].map(order).to_numpy(), kind="stable")]
        found = plantable(gpd.GeoSeries(left, crs=town.parcels.crs), exclusions)
        left = found.areas.to_numpy()
        free.append(left)
        if not place:
            taken = found.removed.pivot_table(index="area", columns="reason", values="removed_m2", aggfunc="sum")
            removed = removed.add(taken.reindex(index=removed.index, columns=removed.columns).fillna(0.0))
    return Ground(tuple(free), removed)
