"""What there is: chargers without what cannot be counted, and parking areas with their spaces, known or estimated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.charging._reports import Report
from ballerup_geo.spec import Text

__all__ = [
    "ACCESS_CODES",
    "PUBLIC",
    "SUPPLIES",
    "SUPPLY_CODES",
    "counted_chargers",
    "counted_parking",
    "plugs_on",
    "supply_of",
]

PUBLIC = ("public", "customers")
"""Access that anyone has, if only as a customer: what AFIR calls publicly accessible."""
SHARED = ("residents", "employees")
HOURS_A_DAY = 24.0
SUPPLIES = ("public", "shared", "home")
SUPPLY_CODES: Mapping[str, Text] = {
    "public": Text(da="offentlig ladning", en="public charging"),
    "shared": Text(
        da="offentlig ladning og ladning på fælles parkering", en="public charging and that on shared parking"
    ),
    "home": Text(da="al ladning, også hjemme", en="all charging, at home too"),
}


ACCESS_CODES: Mapping[str, Text] = {
    "public": Text(da="alle", en="everyone"),
    "customers": Text(da="kunder", en="customers"),
    "residents": Text(da="beboere", en="residents"),
    "employees": Text(da="ansatte", en="employees"),
    "fleet": Text(da="kommunens egne biler", en="the municipality's own vehicles"),
}


def supply_of(access: pd.Series[str], supply: str) -> NDArray[np.bool_]:
    """Return which chargers belong to a supply: the municipality's own never do, unknown access never is public."""
    allowed = PUBLIC if supply == "public" else (*PUBLIC, *SHARED)
    return access.isin(allowed).to_numpy(bool)


def counted_chargers(
    chargers: gpd.GeoDataFrame, town: shapely.Geometry, *, same_place_m: float
) -> tuple[gpd.GeoDataFrame, list[Report]]:
    """Return the chargers that count, and reports of all others.

    Left out are those without plugs or power, those outside the municipality (a place with north and east swapped is
    told apart), and the second of two that stand within ``same_place_m`` with the same plugs, power and access.

    Returns
    -------
    ``charger_id``, ``plugs`` (int64), ``power_kw``, ``access`` (None: unknown), ``operator``, ``hours`` (24 where
    unknown), in the order of ``charger_id``.
    """
    frame = _plain(chargers)
    working = ((frame["plugs"] > 0) & (frame["power_kw"] > 0)).to_numpy(bool)
    inside = shapely.intersects(town, frame.geometry.to_numpy())
    turned = shapely.points(shapely.get_coordinates(frame.geometry.to_numpy())[:, ::-1])
    swapped = ~inside & shapely.intersects(town, turned)
    repeated = _repeated(frame, working & inside, same_place_m)
    kept = working & inside & ~repeated
    told = (
        ("no_power", ~working),
        ("swapped", swapped),
        ("outside", ~inside & ~swapped),
        ("duplicate_charger", repeated),
        ("unknown_access", kept & frame["access"].isna().to_numpy(bool)),
        ("no_hours", kept & frame["hours"].isna().to_numpy(bool)),
    )
    reports = [report for kind, rows in told for report in _reports(frame, kind, rows)]
    counted = frame[kept].reset_index(drop=True)
    return counted.assign(hours=counted["hours"].fillna(HOURS_A_DAY)), reports


def _plain(chargers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ordered = chargers.sort_values("charger_id", kind="stable").reset_index(drop=True)
    count = len(ordered)
    return gpd.GeoDataFrame(
        {
            "charger_id": ordered["charger_id"].astype(str),
            "plugs": ordered["plugs"].astype("Int64").fillna(0).astype(np.int64),
            "power_kw": ordered["power_kw"].astype("Float64").fillna(0.0).astype(np.float64),
            "access": _texts(ordered, "access", count),
            "operator": _texts(ordered, "operator", count),
            "hours": ordered["hours"].astype("Float64").astype(np.float64) if "hours" in ordered else np.nan,
        },
        geometry=ordered.geometry.to_numpy(),
        crs=chargers.crs,
    )


def _texts(frame: gpd.GeoDataFrame, column: str, count: int) -> NDArray[np.object_]:
    if column not in frame:
        return np.full(count, None, dtype=object)
    values = frame[column].astype(object)
    plain: NDArray[np.object_] = values.where(values.notna(), None).to_numpy(object)
    return plain


def _repeated(frame: gpd.GeoDataFrame, among: NDArray[np.bool_], same_place_m: float) -> NDArray[np.bool_]:
    shapes = frame.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=same_place_m)
    alike = (one < other) & among[one] & among[other]
    for column in ("plugs", "power_kw", "access"):
        values = frame[column].astype(object).to_numpy()
        pairs = zip(values[one], values[other], strict=True)
        alike &= np.fromiter((a == b or (a is None and b is None) for a, b in pairs), dtype=bool, count=len(one))
    repeated = np.zeros(len(frame), dtype=bool)
    repeated[other[alike]] = True
    return repeated


def _reports(frame: gpd.GeoDataFrame, kind: str, rows: NDArray[np.bool_]) -> list[Report]:
    return [
        Report(kind, "chargers", str(row), point.x, point.y)
        for row, point in zip(frame["charger_id"][rows], frame.geometry[rows], strict=True)
    ]


def counted_parking(
    parking: gpd.GeoDataFrame, *, space_m2: float, same_share: float
) -> tuple[gpd.GeoDataFrame, list[Report]]:
    """Return the parking areas with a number of spaces each, in the order of ``parking_id``, each area once.

    Where nobody has counted the spaces they are the area over ``space_m2``, rounded down, and reported as estimated.
    An area of which at least ``same_share`` lies in one that comes before it is that one again: left out, and reported.

    Returns
    -------
    ``parking_id``, ``name``, ``spaces`` (int64), ``estimated`` (bool), ``access``, ``owner_kind``, ``building_use``
    (None: unknown), ``geometry``.
    """
    ordered = parking.sort_values("parking_id", kind="stable").reset_index(drop=True)
    again = stands_again(ordered.geometry.to_numpy(), share=same_share)
    twice = _placed("duplicate_parking", gpd.GeoDataFrame(ordered[again]))
    ordered = gpd.GeoDataFrame(ordered[~again]).reset_index(drop=True)
    count = len(ordered)
    known: Any = ordered["spaces"].astype("Int64") if "spaces" in ordered else pd.array([None] * count, dtype="Int64")
    missing = pd.isna(known)
    estimate = np.floor(shapely.area(ordered.geometry.to_numpy()) / space_m2)
    spaces = np.where(missing, estimate, pd.array(known, dtype="Int64").to_numpy(np.float64, na_value=0.0))
    frame = gpd.GeoDataFrame(
        {
            "parking_id": ordered["parking_id"].astype(str),
            "name": _texts(ordered, "name", count),
            "spaces": spaces.astype(np.int64),
            "estimated": np.asarray(missing, dtype=bool),
            **{name: _texts(ordered, name, count) for name in ("access", "owner_kind", "building_use")},
        },
        geometry=ordered.geometry.to_numpy(),
        crs=parking.crs,
    )
    return frame, [*twice, *_placed("estimated_spaces", gpd.GeoDataFrame(frame[frame["estimated"]]))]


def stands_again(shapes: NDArray[np.object_], *, share: float) -> NDArray[np.bool_]:
    """Return which shapes lie in an earlier one that is kept, with at least this share of their area.

    Examples
    --------
    >>> lots = np.array([shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 9), shapely.box(8, 0, 20, 10)])
    >>> stands_again(lots, share=0.8).tolist()
    [False, True, False]
    """
    again = np.zeros(len(shapes), dtype=np.bool_)
    later, earlier = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = earlier < later
    later, earlier = later[pairs], earlier[pairs]
    common = shapely.area(shapely.intersection(shapely.make_valid(shapes[later]), shapely.make_valid(shapes[earlier])))
    area = shapely.area(shapes[later])
    same = (common >= share * area) & (area > 0)
    for row, before in sorted(zip(later[same].tolist(), earlier[same].tolist(), strict=True)):
        again[row] |= not again[before]
    return again


def _placed(kind: str, parking: gpd.GeoDataFrame) -> list[Report]:
    places = shapely.point_on_surface(parking.geometry.to_numpy())
    return [
        Report(kind, "parking", str(row), place.x, place.y)
        for row, place in zip(parking["parking_id"], places, strict=True)
    ]


def plugs_on(parking: gpd.GeoDataFrame, chargers: gpd.GeoDataFrame, *, reach_m: float) -> NDArray[np.int64]:
    """Return the plugs on each parking area or within ``reach_m`` of it; each charger counts on the nearest one."""
    if not len(parking):
        return np.zeros(0, dtype=np.int64)
    tree = shapely.STRtree(parking.geometry.to_numpy())
    charger, area = tree.query_nearest(chargers.geometry.to_numpy(), max_distance=reach_m, all_matches=False)
    plugs = np.bincount(area, chargers["plugs"].to_numpy()[charger], len(parking))
    return plugs.astype(np.int64)
