"""Who can charge at home: the own-parking test of each address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.charging._reports import Report
from ballerup_geo.spec import Text

__all__ = [
    "ASSOCIATIONS",
    "HOMES",
    "HOME_CODES",
    "OWN",
    "SHARED",
    "TIGHT",
    "Ground",
    "ground_under",
    "home_class",
    "unknown_ground",
]

OWN, TIGHT, SHARED = "own", "tight", "shared"
HOMES = (OWN, TIGHT, SHARED)
HOME_CODES: Mapping[str, Text] = {
    OWN: Text(da="egen parkering", en="own parking"),
    TIGHT: Text(da="måske egen parkering (lille grund)", en="perhaps own parking (small plot)"),
    SHARED: Text(da="fælles eller ingen parkering", en="shared parking or none"),
}
ASSOCIATIONS = ("housing_association", "cooperative")
DETACHED = (110, 120, 121, 122, 510)
SEMI = (130, 131, 132)
"""BBR uses by which an address is judged where no parcel is known under it."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The parcel under each address: ``parcel`` int64[n] (row of the layer, −1 none), owner kind, free m² each."""

    parcel: NDArray[np.int64]
    owner_kind: NDArray[np.object_]
    dwellings: NDArray[np.float64]
    """Dwellings on the parcel."""
    free_m2: NDArray[np.float64]
    """Ground of the parcel that is not built on, for each dwelling; NaN without a parcel."""


def ground_under(addresses: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> Ground:
    """Find the parcel of each address, and how much of it lies free.

    A building counts on the parcel that holds its middle; of overlapping parcels the first one counts.
    """
    shapes = parcels.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    parcel = _first_hit(tree, addresses.geometry.to_numpy())
    middles = shapely.point_on_surface(buildings.geometry.to_numpy())
    under = _first_hit(tree, middles)
    built = np.bincount(under[under >= 0], shapely.area(buildings.geometry.to_numpy())[under >= 0], len(shapes))
    known = parcel >= 0
    dwellings = np.bincount(parcel[known], addresses["dwellings"].to_numpy(np.float64)[known], len(shapes))
    homes, free = np.full(len(parcel), np.nan), np.full(len(parcel), np.nan)
    homes[known] = dwellings[parcel[known]]
    free[known] = ((shapely.area(shapes) - built) / np.maximum(dwellings, 1.0))[parcel[known]]
    owner = np.full(len(parcel), None, dtype=object)
    owner[known] = parcels["owner_kind"].to_numpy(object)[parcel[known]]
    return Ground(parcel, owner, homes, free)


def _first_hit(tree: shapely.STRtree, points: NDArray[np.object_]) -> NDArray[np.int64]:
    point, shape = tree.query(points, predicate="intersects")
    hit = np.full(len(points), len(tree.geometries), dtype=np.int64)
    np.minimum.at(hit, point, shape)
    return np.where(hit == len(tree.geometries), -1, hit)


def home_class(
    ground: Ground | None, use_code: pd.Series[int], *, free_min_m2: float, dwellings_max: float
) -> NDArray[np.object_]:
    """Return ``own``, ``tight`` or ``shared`` for each address.

    An address has its own parking where its parcel belongs to no housing association or cooperative, has at most
    ``dwellings_max`` dwellings, and at least ``free_min_m2`` of free ground for each; with less ground it is *tight*;
    all others share their parking. Without a known parcel the building's use decides (detached: own; row and double
    houses: tight).
    """
    codes = pd.to_numeric(use_code, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    by_use = np.where(np.isin(codes, DETACHED), OWN, np.where(np.isin(codes, SEMI), TIGHT, SHARED)).astype(object)
    if ground is None:
        return by_use
    few = ground.dwellings <= dwellings_max
    alone = few & ~np.isin(ground.owner_kind.astype(str), ASSOCIATIONS)
    roomy = ground.free_m2 >= free_min_m2
    tested = np.where(alone & roomy, OWN, np.where(alone, TIGHT, SHARED)).astype(object)
    judged: NDArray[np.object_] = np.where(ground.parcel >= 0, tested, by_use)
    return judged


def unknown_ground(addresses: gpd.GeoDataFrame, ground: Ground) -> list[Report]:
    """Report the addresses with dwellings that stand on no parcel."""
    lost = addresses[(ground.parcel < 0) & (addresses["dwellings"].to_numpy() > 0)]
    return [
        Report("no_parcel", "addresses", str(row), point.x, point.y)
        for row, point in zip(lost["address_id"], lost.geometry, strict=True)
    ]
