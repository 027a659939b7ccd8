"""Answer 7: shared mobility at the S-train stations, car sharing on housing associations' parking: who is in reach."""

from __future__ import annotations

import math
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ballerup_geo.methods._columns import count, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.charging._empty import empty_table
from ballerup_geo.methods.charging._homes import ASSOCIATIONS, SHARED
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.network import distances, snap
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable, Text

__all__ = ["SHARED_MOBILITY", "by_gain"]

S_TRAIN = "s_train"
STATION, ASSOCIATION = "station", "association"
SITE_KINDS: Mapping[str, Text] = {
    STATION: Text(da="S-togsstation", en="S-train station"),
    ASSOCIATION: Text(da="boligforenings parkering", en="housing association's parking"),
}


def by_gain(within: csr_array, weight: NDArray[np.float64], *, least: float) -> list[tuple[int, float]]:
    """Return sites in the order of what each adds to those before it, and what it adds, down to the least gain.

    The next site is always the one with the greatest weight of doors in reach that no earlier one has; of equal ones
    the first.

    Parameters
    ----------
    within
        ``[doors, sites]``: what is stored lies within reach.
    weight
        float64[doors].
    """
    by_site = within.tocsc()
    left = weight.astype(np.float64).copy()
    chosen: list[tuple[int, float]] = []
    gain = np.array(
        [left[by_site.indices[a:b]].sum() for a, b in zip(by_site.indptr[:-1], by_site.indptr[1:], strict=True)]
    )
    while len(gain):
        site = int(np.argmax(gain))
        rows = by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]]
        now = float(left[rows].sum())
        if now < gain[site] - 1e-9:  # others have taken some of it since: look again
            gain[site] = now
            continue
        if now < least or now <= 0:
            break
        chosen.append((site, now))
        left[rows] = 0.0
        gain[site] = 0.0
    return chosen


def _shared(given: Given, scene: Scene, _found: Found) -> Found:
    stations, parking = _at_stations(given, scene), _on_parking(given, scene)
    parts = [part for part in (stations, parking) if part is not None and len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else empty_table(_TABLE)
    notes = [note for part, note in ((stations, _NO_STATIONS), (parking, _NO_PARKING)) if part is None]
    return Found(
        tables={"shared_mobility": gpd.GeoDataFrame(table, crs=scene.doors.crs)},
        indicators={
            "shared_stations": None if stations is None else float(len(stations)),
            "shared_parking": None if parking is None else float(len(parking)),
        },
        notes=tuple(notes),
    )


def _at_stations(given: Given, scene: Scene) -> gpd.GeoDataFrame | None:
    """Return the stations, those with most residents and jobs in walking distance first."""
    if scene.stations is None:
        return None
    trains = scene.stations
    if "kind" in trains:
        trains = trains[(trains["kind"].isna() | (trains["kind"] == S_TRAIN)).to_numpy(bool)]
    trains = trains.sort_values("station_id", kind="stable").reset_index(drop=True)
    limit_m = number_of(given, "shared_walk_m")
    ways = scene.walk.to_sites(trains.geometry, limit_m=limit_m)
    table = _counted(given, scene, ways, gpd.GeoSeries(trains.geometry), limit_m)
    people = np.maximum(table["residents"].to_numpy(), 0) + table["jobs"].to_numpy()
    table = table.assign(
        site_id=trains["station_id"].astype(str),
        site_kind=STATION,
        name=trains["name"].astype(str),
        **_offers(given, people, cycles=True),
    )
    ranked = table.iloc[np.argsort(-people, kind="stable")].reset_index(drop=True)
    return _rowed(ranked.assign(rank=np.arange(1, len(ranked) + 1), gain=ranked["dwellings"]))


def _on_parking(given: Given, scene: Scene) -> gpd.GeoDataFrame | None:
    """Return parking areas of associations, each ranked by the dwellings that no better one has in reach."""
    if scene.parking is None:
        return None
    own = scene.parking[scene.parking["owner_kind"].isin(ASSOCIATIONS)].reset_index(drop=True)
    places = gpd.GeoSeries(shapely.point_on_surface(own.geometry.to_numpy()), crs=scene.doors.crs)
    limit_m = number_of(given, "car_sharing_walk_m")
    ways = scene.walk.to_sites(places, limit_m=limit_m)
    shared = np.where(
        scene.doors["home"].to_numpy(object) == SHARED, scene.doors["dwellings"].to_numpy(np.float64), 0.0
    )
    chosen = by_gain(ways, shared, least=number_of(given, "car_sharing_min_dwellings"))
    rows = np.array([site for site, _ in chosen], dtype=np.int64)
    gains = np.array([gain for _, gain in chosen], dtype=np.float64)
    if not len(rows):
        return gpd.GeoDataFrame(empty_table(_TABLE))
    some = csr_array(ways[:, rows])
    table = _counted(given, scene, some, gpd.GeoSeries(places.iloc[rows]).reset_index(drop=True), limit_m)
    sites = own.iloc[rows].reset_index(drop=True)
    residents = _residents_of(scene, gains)
    return _rowed(
        table.assign(
            site_id=sites["parking_id"],
            site_kind=ASSOCIATION,
            name=_owner_names(scene, sites),
            rank=np.arange(1, len(rows) + 1),
            gain=np.round(gains).astype(np.int64),
            **_offers(given, residents, cycles=False),
        )
    )


def _residents_of(scene: Scene, dwellings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the residents of so many dwellings, at the average; the dwellings themselves where nobody knows."""
    residents = scene.doors["residents"].to_numpy(np.float64)
    known = residents >= 0
    if not known.any():
        return dwellings
    average = float(residents[known].sum() / scene.doors["dwellings"].to_numpy(np.float64)[known].sum())
    return dwellings * average


def _counted(given: Given, scene: Scene, ways: csr_array, places: gpd.GeoSeries, limit_m: float) -> gpd.GeoDataFrame:
    """Return what lies within walking distance of each place."""
    pair = ways.tocoo()
    sites = ways.shape[1]
    doors = scene.doors
    dwellings = doors["dwellings"].to_numpy(np.float64)
    residents = doors["residents"].to_numpy(np.float64)
    shared = dwellings * (doors["home"].to_numpy(object) == SHARED)
    in_reach = {
        name: np.bincount(pair.col, values[pair.row], sites).astype(np.int64)
        for name, values in (
            ("dwellings", dwellings),
            ("without_parking", shared),
            ("residents", np.maximum(residents, 0)),
        )
    }
    if (residents < 0).all():
        in_reach["residents"] = np.full(sites, -1, dtype=np.int64)
    jobs = _jobs(given, scene, places, limit_m)
    return gpd.GeoDataFrame({**in_reach, "jobs": jobs}, geometry=places.to_numpy(), crs=doors.crs)


def _jobs(given: Given, scene: Scene, places: gpd.GeoSeries, limit_m: float) -> NDArray[np.int64]:
    """Return the jobs in walking distance: business floor area over the area of one job."""
    if "business_area_m2" not in scene.buildings:
        return np.zeros(len(places), dtype=np.int64)
    area = scene.buildings["business_area_m2"].astype("Float64").fillna(0.0).to_numpy(np.float64)
    used = area > 0
    middles = gpd.GeoSeries(shapely.point_on_surface(scene.buildings.geometry.to_numpy()[used]), crs=scene.doors.crs)
    graph, off_m = scene.walk.graph, scene.walk.max_off_m
    ways = distances(
        graph, snap(graph, middles, max_m=off_m), snap(graph, places, max_m=off_m), limit_m=limit_m
    ).tocoo()
    jobs = area[used] / number_of(given, "job_m2")
    return np.bincount(ways.col, jobs[ways.row], len(places)).astype(np.int64)


def _offers(given: Given, people: NDArray[np.float64], *, cycles: bool) -> dict[str, NDArray[np.int64]]:
    """Return how many shared cars, cycles and scooters so many people ask for, each begun one counted."""
    kinds = ("cars", "cycles", "scooters") if cycles else ("cars",)
    asked = {
        kind: np.array([math.ceil(each / number_of(given, f"people_per_shared_{kind}")) for each in people], np.int64)
        for kind in kinds
    }
    none = np.zeros(len(people), dtype=np.int64)
    return {f"shared_{kind}": asked.get(kind, none) for kind in ("cars", "cycles", "scooters")}


def _owner_names(scene: Scene, sites: gpd.GeoDataFrame) -> list[str | None]:
    """Return the name of each parking area with its owner's, where an association owns the ground: never a person's."""
    names = sites["name"].to_numpy(object)
    if scene.parcels is None or "owner_name" not in scene.parcels:
        return list(names)
    tree = shapely.STRtree(scene.parcels.geometry.to_numpy())
    middle, parcel = tree.query(shapely.point_on_surface(sites.geometry.to_numpy()), predicate="intersects")
    owner = np.full(len(sites), None, dtype=object)
    names_held = scene.parcels["owner_name"].where(scene.parcels["owner_kind"].isin(ASSOCIATIONS)).astype(object)
    owner[middle] = names_held.to_numpy()[parcel]
    return [
        " – ".join(str(part) for part in (name, held) if part is not None and not pd.isna(part)) or None
        for name, held in zip(names, owner, strict=True)
    ]


def _rowed(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table[[*(column.name for column in _TABLE.columns), "geometry"]])


_NO_STATIONS: Words = {
    "da": "Stationerne er ukendte: ingen kandidater til delemobilitet dér.",
    "en": "The stations are unknown: no candidates for shared mobility there.",
}
_NO_PARKING: Words = {
    "da": "Parkeringsarealerne er ukendte: ingen kandidater til delebiler på boligforeningers parkering.",
    "en": "The parking areas are unknown: no candidates for car sharing on associations' parking.",
}
_TABLE = OutputTable(
    "shared_mobility",
    "point",
    (
        text("site_id", "sted", "site"),
        text("site_kind", "slags", "kind", SITE_KINDS),
        text("name", "navn", "name"),
        count("rank", "nummer", "rank"),
        count("dwellings", "boliger inden for gang", "dwellings in walking distance"),
        count("without_parking", "heraf med fælles eller ingen parkering", "of them with shared parking or none"),
        OutputColumn(
            "residents",
            "integer",
            None,
            "beboere inden for gang (−1: ukendt)",
            "residents in walking distance (−1: unknown)",
            behind="residents",
        ),
        count("jobs", "arbejdspladser inden for gang, anslået", "jobs in walking distance, estimated"),
        count("gain", "boliger, intet bedre sted har", "dwellings that no better site has"),
        count("shared_cars", "delebiler", "shared cars"),
        count("shared_cycles", "delecykler", "shared cycles"),
        count("shared_scooters", "løbehjul", "scooters"),
    ),
)

SHARED_MOBILITY: Part[Scene] = Part(
    compute=_shared,
    inputs=(
        Input("buildings", "polygon", columns=("building_id", "use_code"), optional_columns=("business_area_m2",)),
    ),
    assumptions=(
        Assumption("shared_walk_m", "m", minimum=0.0, maximum=5000.0),
        Assumption("car_sharing_walk_m", "m", minimum=0.0, maximum=5000.0),
        Assumption("car_sharing_min_dwellings", "1", minimum=1.0),
        Assumption("job_m2", "m²", minimum=1.0),
        *(Assumption(f"people_per_shared_{kind}", "1", minimum=1.0) for kind in ("cars", "cycles", "scooters")),
    ),
    tables=(_TABLE,),
    indicators=(
        Indicator(
            "shared_stations",
            "1",
            "S-togsstationer, rangordnet til delemobilitet",
            "S-train stations ranked for shared mobility",
        ),
        Indicator(
            "shared_parking",
            "1",
            "Boligforeningers parkeringsarealer, rangordnet til delebiler",
            "Associations' parking areas ranked for car sharing",
        ),
    ),
)
"""Candidates for shared mobility."""
