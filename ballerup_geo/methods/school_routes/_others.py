"""Private and special schools: who could cycle there calmly, since nobody knows who goes there."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods._columns import text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._pupils import LEVELS, OTHER_SCHOOLS, taken, teaches
from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.methods.school_routes._told import share_told
from ballerup_geo.methods.school_routes._ways import legal_m
from ballerup_geo.network import routes
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Given, OutputColumn, OutputTable, Text

__all__ = ["OTHERS"]

KINDS = {
    "private": Text(da="privatskole", en="private school"),
    "special": Text(da="specialskole", en="special school"),
}


def _others(given: Given, scene: Scene, _: Found) -> Found:
    """Tell of each such school how many pupils of its classes live near enough, and how many of them come calmly."""
    schools, trips = scene.trips.schools, scene.trips
    kind = schools["kind"].to_numpy(dtype=object) if "kind" in schools else np.full(len(schools), None, dtype=object)
    rows = np.flatnonzero(np.isin(kind.astype(str), OTHER_SCHOOLS))
    taught = np.stack([teaches(schools, level) for level in LEVELS])[trips.level][:, rows]
    way, place = np.nonzero(taught & (trips.start.edge >= 0)[:, None])
    near, calm = _reached(given, scene, way, rows[place])
    whole = np.bincount(place, weights=np.where(near, trips.pupils[way], 0.0), minlength=len(rows))
    good = np.bincount(place, weights=np.where(near & calm, trips.pupils[way], 0.0), minlength=len(rows))
    share = share_told(good, whole, int(cast(int, given.assumptions["flow_rounding"])))
    named = {name: schools[name].astype(object).to_numpy()[rows] for name in ("school_id", "school", "site")}
    table = gpd.GeoDataFrame(
        {
            **named,
            "kind": kind[rows],
            "pupils_near": np.round(whole).astype(np.int64),
            "accepted_pct": np.round(share, 2),
        },
        geometry=schools.geometry.to_numpy()[rows],
        crs=CRS,
    )
    return Found(tables={"other_schools": table})


def _reached(
    given: Given, scene: Scene, way: NDArray[np.int64], site: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of pairs of a way and a site whether it is within the law's distance, and by a low-stress route."""
    trips, journeys, streets = scene.trips, scene.journeys, scene.streets
    start, target = taken(trips.start, way.astype(np.int32)), site.astype(np.int32)
    shortest = routes(streets.graph, start, trips.sites, target_of=target).cost
    near = shortest + trips.start.off_m[way] + trips.sites.off_m[site] <= legal_m(given, scene)[way]
    calm = np.zeros(len(way), np.bool_)
    for level in sorted(set(journeys.accepted.tolist())):
        found = routes(
            streets.graph,
            start,
            trips.sites,
            target_of=target,
            open_arcs=streets.open_arcs(level, rules=journeys.rules),
            open_turns=streets.open_turns(level),
        )
        mine = journeys.accepted[way] == level
        calm[mine] = journeys.within(found.cost, shortest)[mine]
    return near, calm


OTHERS: Part[Scene] = Part(
    compute=_others,
    tables=(
        OutputTable(
            "other_schools",
            "point",
            (
                text("school_id", "skole-id", "school id"),
                text("school", "skole", "school"),
                text("site", "afdeling", "site"),
                text("kind", "slags skole", "kind of school", KINDS),
                OutputColumn(
                    "pupils_near",
                    "integer",
                    None,
                    "elever på klassetrinnene inden for lovens afstand, hvor de end går i skole",
                    "pupils of its classes within the law's distance, wherever they go to school",
                    behind="pupils_near",
                ),
                OutputColumn(
                    "accepted_pct",
                    "number",
                    "%",
                    "af dem har en lavstress-rute hertil",
                    "of them have a low-stress route here",
                    behind="pupils_near",
                ),
            ),
        ),
    ),
)
