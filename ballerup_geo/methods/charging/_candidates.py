"""Where chargers could stand: shared parking, stations, and streets with parking — one point a site.

For whoever chooses among them (the siting library works on ``[doors, sites]`` matrices)::

    sites = candidate_sites(scene, wanted)                     # GeoDataFrame, RangeIndex = column of the matrices
    ways = scene.walk.to_sites(sites.geometry, limit_m=500.0)  # sparse [doors, sites] metres on foot
    cars = scene.without_home("main", 2030)                    # float64[doors] cars to be covered
    kwh = scene.away_kwh(cars)                                 # float64[doors] what they take a year

Existing chargers are no candidates; a site that has plugs that others may use says how many (``plugs``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.charging._homes import ASSOCIATIONS
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.methods.charging._supply import PUBLIC
from ballerup_geo.spec import Text

__all__ = ["SITE_KINDS", "Wanted", "candidate_sites"]

SITE_KINDS: Mapping[str, Text] = {
    "station": Text(da="station", en="station"),
    "school": Text(da="skole", en="school"),
    "shopping": Text(da="butikker", en="shops"),
    "public": Text(da="anden offentlig parkering", en="other public parking"),
    "shared": Text(da="boligforeningers parkering", en="housing associations' parking"),
    "roadside": Text(da="vejkant", en="roadside"),
}
_KIND_OF_USE = {"station": "station", "school": "school", "retail": "shopping"}
_COLUMNS = ("site_id", "kind", "name", "owner_kind", "spaces", "plugs")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a place must have to be a candidate."""

    spaces_min: int
    """Parking areas with fewer spaces are none."""
    street_classes: tuple[str, ...]
    """Classes of the municipality's own streets that roadside chargers may stand on, where cars park along them."""
    roadside_step_m: float
    """One roadside candidate for so many metres of street, at least one a street."""
    roadside_reach_m: float
    """Roadside candidates are kept only within so far, as the crow flies, of a door that shares its parking."""


def candidate_sites(scene: Scene, wanted: Wanted) -> gpd.GeoDataFrame:
    """Return the candidate sites that can be walked to: stations, then parking areas, then roadside.

    Returns
    -------
    ``site_id`` (unique), ``kind`` (see ``SITE_KINDS``), ``name``, ``owner_kind``, ``spaces`` (int64, −1: unknown),
    ``plugs`` (int64, there already; −1: unknown) and a point; RangeIndex. Parking areas are open to everyone, to
    customers, or belong to a housing association or cooperative; a station stands for itself only where no such
    parking lies nearer to it than to any other station within the roadside reach.
    """
    parts = [_parking(scene, wanted), _stations(scene, wanted), _roadside(scene, wanted)]
    rows = [part for part in parts if len(part)]
    if not rows:
        return _framed(scene, {name: pd.Series(dtype=object) for name in _COLUMNS}, [])
    sites = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=scene.doors.crs)
    reached = scene.walk.reaches(gpd.GeoSeries(sites.geometry))
    order = sites["kind"].map({kind: place for place, kind in enumerate(SITE_KINDS)}).to_numpy()
    kept = np.flatnonzero(reached)
    kept = kept[np.argsort(order[kept], kind="stable")]
    return gpd.GeoDataFrame(sites.iloc[kept].reset_index(drop=True))


def _framed(scene: Scene, columns: Mapping[str, Any], places: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(dict(columns), geometry=places, crs=scene.doors.crs)


def _parking(scene: Scene, wanted: Wanted) -> gpd.GeoDataFrame:
    if scene.parking is None:
        return _framed(scene, {}, [])
    parking = scene.parking
    open_ = parking["access"].isin(PUBLIC) | parking["owner_kind"].isin(ASSOCIATIONS)
    fits = parking[(open_ & (parking["spaces"] >= wanted.spaces_min)).to_numpy(bool)]
    kind = np.where(
        fits["access"].isin(PUBLIC), fits["building_use"].map(lambda use: _KIND_OF_USE.get(use, "public")), "shared"
    )
    columns = {
        "site_id": fits["parking_id"].to_numpy(),
        "kind": kind,
        **{name: fits[name].to_numpy() for name in ("name", "owner_kind", "spaces", "plugs")},
    }
    return _framed(scene, columns, shapely.point_on_surface(fits.geometry.to_numpy()))


def _stations(scene: Scene, wanted: Wanted) -> gpd.GeoDataFrame:
    """Return the stations that no parking area stands for."""
    if scene.stations is None or not len(scene.stations):
        return _framed(scene, {}, [])
    stations = scene.stations.sort_values("station_id", kind="stable")
    alone = np.ones(len(stations), dtype=bool)
    parking = _parking(scene, wanted)
    if len(parking):
        own = parking.geometry[parking["kind"] == "station"].to_numpy()
        tree = shapely.STRtree(stations.geometry.to_numpy())
        nearest = tree.query_nearest(own, max_distance=wanted.roadside_reach_m, all_matches=False)[1]
        alone[nearest] = False
    few = stations[alone]
    columns = {
        "site_id": few["station_id"].astype(str).to_numpy(),
        "kind": np.full(len(few), "station", dtype=object),
        "name": few["name"].astype(object).to_numpy(),
        "owner_kind": np.full(len(few), None, dtype=object),
        "spaces": np.full(len(few), -1, dtype=np.int64),
        "plugs": np.full(len(few), -1, dtype=np.int64),
    }
    return _framed(scene, columns, few.geometry.to_numpy())


def _roadside(scene: Scene, wanted: Wanted) -> gpd.GeoDataFrame:
    """Return points along the municipality's streets where cars park, near doors that share their parking."""
    roads = scene.roads
    if not {"class", "owner", "parking_sides"} <= set(roads.columns):
        return _framed(scene, {}, [])
    sides = roads["parking_sides"].astype("Int64").fillna(0).to_numpy(np.int64)
    own = roads["class"].isin(wanted.street_classes).to_numpy(bool) & (roads["owner"] == "municipality").to_numpy(bool)
    streets = roads[own & (sides > 0)].sort_values("road_id", kind="stable")
    lines = streets.geometry.to_numpy()
    many = np.maximum(1, np.ceil(shapely.length(lines) / wanted.roadside_step_m)).astype(np.int64)
    street = np.repeat(np.arange(len(lines)), many)
    turn = np.arange(len(street)) - np.repeat(np.cumsum(many) - many, many)
    places = shapely.line_interpolate_point(lines[street], (turn + 0.5) / many[street], normalized=True)
    near = _near_shared(scene, places, wanted.roadside_reach_m) & shapely.intersects(scene.town, places)
    street, turn = street[near], turn[near]
    names = (
        streets["name"].astype(object).to_numpy() if "name" in streets else np.full(len(streets), None, dtype=object)
    )
    ids = streets["road_id"].astype(str).to_numpy()
    columns = {
        "site_id": [f"{ids[row]}-{number + 1}" for row, number in zip(street, turn, strict=True)],
        "kind": np.full(len(street), "roadside", dtype=object),
        "name": names[street],
        "owner_kind": np.full(len(street), "municipality", dtype=object),
        "spaces": np.full(len(street), -1, dtype=np.int64),
        "plugs": np.full(len(street), -1, dtype=np.int64),
    }
    return _framed(scene, columns, places[near])


def _near_shared(scene: Scene, places: NDArray[np.object_], reach_m: float) -> NDArray[np.bool_]:
    doors = scene.doors.geometry[(scene.doors["home"] == "shared").to_numpy(bool)].to_numpy()
    near = np.zeros(len(places), dtype=bool)
    if len(doors):
        near[shapely.STRtree(doors).query(places, predicate="dwithin", distance=reach_m)[0]] = True
    return near
