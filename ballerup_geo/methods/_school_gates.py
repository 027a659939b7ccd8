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

__all__ = ["GATE", "with_gates"]

GATE = "gate:"
"""How the ``road_id`` of a way onto school grounds begins."""


def with_gates(
    roads: gpd.GeoDataFrame, schools: gpd.GeoDataFrame, *, reach_m: float, apart_deg: float, tolerance_m: float
) -> gpd.GeoDataFrame:
    """Return the roads with ways onto the school grounds, paths of their own, which are taken to be lit.

    A way leads straight from a school's point to the nearest place on a street or path that may be cycled on, where
    that is no farther than ``reach_m`` and no other street lies between, open to cyclists or not. The nearest ways
    come first; one that leaves in nearly the direction of another (less than ``apart_deg``) is left out. A school that
    stands on a street needs none. Where the light of no street is known, that of the ways is not known either.
    """
    ways = []
    lines = roads.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    usable = np.ones(len(roads), np.bool_)
    if "cycling_allowed" in roads:
        usable = roads["cycling_allowed"].astype("boolean").fillna(True).to_numpy(dtype=bool)
    for number in range(len(schools)):
        row = schools.iloc[number]
        school, name = shapely.Point(row.geometry), f"{row['school']} {row['site']}"
        for gate, line in enumerate(_lines(school, lines, usable, tree, reach_m, apart_deg, tolerance_m), 1):
            ways.append(_way(f"{GATE}{row['school_id']}:{gate}", name, line))
    if not ways:
        return roads
    added = gpd.GeoDataFrame(ways, geometry="geometry", crs=roads.crs)
    unknown = {"lit"} if "lit" in roads and not roads["lit"].notna().any() else set()
    added = added.drop(columns=[name for name in added.columns if name not in roads.columns or name in unknown])
    table = pd.concat([pd.DataFrame(roads), pd.DataFrame(added)], ignore_index=True)
    kinds = {name: roads[name].dtype for name in added.columns if name != "geometry"}
    return gpd.GeoDataFrame(table.astype(kinds), geometry="geometry", crs=roads.crs)


def _way(road_id: str, name: str, line: shapely.LineString) -> dict[str, Any]:
    """Return the columns of a way onto school grounds."""
    facility = dict.fromkeys(("facility", "facility_forward", "facility_backward"), "path")
    more = {"one_way": False, "lit": True, "level": 0, "cycling_allowed": True}
    return {"road_id": road_id, "class": "path", "name": name, **facility, **more, "geometry": line}


def _lines(
    school: shapely.Point,
    lines: NDArray[Any],
    usable: NDArray[np.bool_],
    tree: shapely.STRtree,
    reach_m: float,
    apart_deg: float,
    tolerance_m: float,
) -> list[shapely.LineString]:
    around = np.sort(tree.query(school, predicate="dwithin", distance=reach_m))
    near = around[usable[around]]
    away = shapely.distance(lines[near], school)
    if not len(near) or away.min() <= tolerance_m:
        return []
    streets = shapely.union_all(lines[around])
    bearings: list[float] = []
    kept = []
    for row in near[np.argsort(np.round(away, 3), kind="stable")]:
        line = shapely.shortest_line(school, lines[row])
        place = shapely.get_point(line, -1)
        between = shapely.difference(shapely.intersection(line, streets), shapely.buffer(place, tolerance_m))
        (x, y), (to_x, to_y) = shapely.get_coordinates(line)
        bearing = float(np.degrees(np.arctan2(to_y - y, to_x - x)))
        if between.is_empty and all(abs((bearing - other + 180.0) % 360.0 - 180.0) >= apart_deg for other in bearings):
            bearings.append(bearing)
            kept.append(line)
    return kept
