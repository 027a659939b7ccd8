"""Ways onto the school grounds: straight from the streets and paths around a school to its point.

A layer of streets seldom reaches the door of a school, and the street that happens to lie nearest to its point is not
the only one that pupils come from.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

__all__ = ["GATE", "is_gate", "with_gates"]

GATE = "gate:"
"""How the ``road_id`` of a way onto school grounds begins."""
LEVEL = 1000
"""Level of the first way: farther from the ground than any bridge, so that its ends are joined and it is not cut."""


def with_gates(
    roads: gpd.GeoDataFrame,
    schools: gpd.GeoDataFrame,
    *,
    joined: NDArray[np.bool_],
    reach_m: float,
    apart_deg: float,
    tolerance_m: float,
) -> gpd.GeoDataFrame:
    """Return the roads with ways onto the school grounds, paths of their own, which are taken to be lit.

    A way leads straight from the nearest place on a street or path that may be cycled on to a school's point, where
    that is no farther than ``reach_m`` and no other street lies between, open to cyclists or not. The nearest ways
    come first, those from streets that are ``joined`` (``bool[roads]``) with the main network before all others; one
    that comes from nearly the direction of another (less than ``apart_deg``) is left out. A school that stands on a
    joined street needs none. Where the light of no street is known, that of the ways is not known either.

    School grounds are no public shortcut: the ways are one-way, onto the grounds, so nobody comes out again; and each
    runs at a level of its own, so that none is joined with what it crosses.
    """
    ways: list[dict[str, Any]] = []
    lines = roads.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    usable = np.ones(len(roads), np.bool_)
    if "cycling_allowed" in roads:
        usable = roads["cycling_allowed"].astype("boolean").fillna(True).to_numpy(dtype=bool)
    for number in range(len(schools)):
        row = schools.iloc[number]
        school, name = shapely.Point(row.geometry), f"{row['school']} {row['site']}"
        found = _lines(school, lines, usable, joined & usable, tree, reach_m, apart_deg, tolerance_m)
        for gate, line in enumerate(found, 1):
            ways.append(_way(f"{GATE}{row['school_id']}:{gate}", name, LEVEL + len(ways), line))
    if not ways:
        return roads
    added = gpd.GeoDataFrame(ways, geometry="geometry", crs=roads.crs)
    unknown = {"lit"} if "lit" in roads and not roads["lit"].notna().any() else set()
    kept = [name for name in added.columns if name in roads.columns or name in ("one_way", "level")]
    added = added[[name for name in kept if name not in unknown]]
    table = pd.concat([pd.DataFrame(roads), pd.DataFrame(added)], ignore_index=True)
    kinds: dict[str, Any] = {name: roads[name].dtype for name in added.columns if name in roads and name != "geometry"}
    kinds |= {"one_way": "boolean", "level": "Int64"}
    return gpd.GeoDataFrame(table.astype(kinds), geometry="geometry", crs=roads.crs)


def is_gate(edges: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which edges are ways onto school grounds."""
    return np.asarray(edges["road_id"].astype(str).str.startswith(GATE).to_numpy(dtype=bool))


def _way(road_id: str, name: str, level: int, line: shapely.LineString) -> dict[str, Any]:
    """Return the columns of a way onto school grounds."""
    facility = dict.fromkeys(("facility", "facility_forward"), "path")
    more = {"one_way": True, "lit": True, "level": level, "cycling_allowed": True}
    return {"road_id": road_id, "class": "path", "name": name, **facility, **more, "geometry": line}


def _lines(
    school: shapely.Point,
    lines: NDArray[Any],
    usable: NDArray[np.bool_],
    joined: NDArray[np.bool_],
    tree: shapely.STRtree,
    reach_m: float,
    apart_deg: float,
    tolerance_m: float,
) -> list[shapely.LineString]:
    around = np.sort(tree.query(school, predicate="dwithin", distance=reach_m))
    near = around[usable[around]]
    away = np.round(shapely.distance(lines[near], school), 3)
    on_main = joined[near]
    stands = away <= tolerance_m
    if not len(near) or (stands & (on_main | ~on_main.any())).any():
        return []
    barring = {True: shapely.union_all(lines[around[joined[around] | ~usable[around]]])}
    barring[False] = shapely.union_all(lines[around])
    bearings: list[float] = []
    kept = []
    for number in np.lexsort((near, away, ~on_main)):
        if stands[number]:
            continue  # an unconnected path through the grounds: the ways onto them meet it
        line = shapely.shortest_line(lines[near[number]], school)
        place = shapely.get_point(line, 0)
        between = shapely.difference(
            shapely.intersection(line, barring[bool(on_main[number])]), shapely.buffer(place, tolerance_m)
        )
        (to_x, to_y), (x, y) = shapely.get_coordinates(line)
        bearing = float(np.degrees(np.arctan2(to_y - y, to_x - x)))
        if between.is_empty and all(abs((bearing - other + 180.0) % 360.0 - 180.0) >= apart_deg for other in bearings):
            bearings.append(bearing)
            kept.append(line)
    return kept
