"""Utilities in the ground: mains along the streets, and a service line of each kind to each house that has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.buildings import Stock, settle
from ballerup_geo.sources.model.frame import facts, outline
from ballerup_geo.sources.model.heating import DISTRICT, GAS
from ballerup_geo.sources.model.town import Town

__all__ = ["build_utilities"]

Shapes = NDArray[Any]
Numbers = NDArray[np.float64]
DEPTH_SPREAD = 0.1
"""Standard deviation of ln(depth)."""


@dataclass(frozen=True, slots=True)
class _Laid:
    """Lines of one kind, mains or service lines, and the depth that they usually lie at."""

    kind: str
    lines: Shapes
    depth_m: float
    service: bool


def build_utilities(town: Town) -> gpd.GeoDataFrame:
    """Return the lines inside the municipality, mains first; a few service lines have no kind, some no depth."""
    fact = facts("utilities")
    mains = [_mains(town, kind) for kind in fact["kind"]]
    laid = [*mains, *(_services(town, main) for main in mains)]
    count = [len(each.lines) for each in laid]
    rng = town.rng("utilities")
    kind = np.repeat(np.array([each.kind for each in laid], dtype=object), count)
    service = np.repeat([each.service for each in laid], count)
    kind[service & (rng.random(len(kind)) < fact["unknown_share"])] = None
    usual = np.repeat([each.depth_m for each in laid], count)
    depth = np.round(usual * np.exp(rng.normal(0.0, DEPTH_SPREAD, len(kind))), 1)
    depth[rng.random(len(kind)) < fact["depth_unknown_share"]] = np.nan
    return gpd.GeoDataFrame(
        {
            "utility_id": [f"L{number:06d}" for number in range(1, len(kind) + 1)],
            "kind": kind,
            "depth_m": depth,
        },
        geometry=np.concatenate([each.lines for each in laid]),
        crs=CRS,
    )


def _mains(town: Town, kind: str) -> _Laid:
    """Return the mains of a kind: sewers in sewered areas, heat as its own layer has it, gas where houses burn it."""
    fact = facts("utilities")
    row = fact["kind"][kind]
    if kind == "district_heating":
        lines = town.table("heat_network").geometry.to_numpy()
    else:
        streets = _streets_with(town, kind)
        side = np.full(len(streets), row.get("side_m", 0.0))
        if "beyond_m" in row:
            half = streets["carriageway_m"].to_numpy(np.float64) / 2
            side = np.sign(row["beyond_m"]) * (half + abs(row["beyond_m"]))
        lines = shapely.offset_curve(streets.geometry.to_numpy(), side, join_style="mitre", mitre_limit=2.0)
    return _Laid(kind, _inside(np.asarray(lines), fact["least_main_m"]), row["depth_m"], service=False)


def _inside(lines: Shapes, least_m: float) -> Shapes:
    """Return the parts of lines that lie in the municipality, short ones left out."""
    parts: Shapes = np.asarray(shapely.get_parts(shapely.intersection(lines, outline())))
    kept: Shapes = parts[(shapely.get_dimensions(parts) == 1) & (shapely.length(parts) >= least_m)]
    return kept


def _streets_with(town: Town, kind: str) -> gpd.GeoDataFrame:
    """Return the streets that hold a main of a kind."""
    roads = town.table("roads")
    streets: gpd.GeoDataFrame = roads[roads["class"].isin(facts("utilities")["street_classes"]) & (roads["level"] == 0)]
    if kind == "sewer":
        sewers = town.table("sewer_areas")
        sewered = shapely.union_all(sewers.geometry[sewers["system"] != "none"].to_numpy())
        shapely.prepare(sewered)
        return gpd.GeoDataFrame(streets[shapely.intersects(sewered, streets.geometry.to_numpy())])
    if kind == "gas":
        near = shapely.STRtree(_fronts(town, kind)[0]).query(
            streets.geometry.to_numpy(), predicate="dwithin", distance=facts("utilities")["longest_service_m"] / 2
        )[0]
        return gpd.GeoDataFrame(streets.iloc[np.unique(near)])
    return streets


def _fronts(town: Town, kind: str) -> Shapes:
    """Return ``[2, n]`` points: where the houses that have a kind take it in, on the side that faces the street, and a
    place in front of each, from which the nearest main is looked for."""
    fact = facts("utilities")
    stock: Stock = town.part(settle)
    houses = stock.houses
    served = np.isin(houses.role, fact["served"])
    if kind in ("district_heating", "gas"):
        column, code = ("heating_installation", DISTRICT) if kind == "district_heating" else ("heating_fuel", GAS)
        served &= (town.table("buildings")[column] == code).fillna(False).to_numpy(bool)
    along = houses.along[served] / np.hypot(*houses.along[served].T)[:, None]
    middle = shapely.get_coordinates(shapely.centroid(houses.shapes[served]))
    out = houses.front[served] - middle
    front = houses.front[served] + along * fact["kind"][kind]["spread_m"]
    ahead = front + out / np.hypot(*out.T)[:, None] * fact["look_ahead_m"]
    points = np.asarray(shapely.points(np.stack([front, ahead])))
    inside: Shapes = points[:, shapely.contains(outline(), points[0])]
    return inside


def _services(town: Town, main: _Laid) -> _Laid:
    """Return the straight line from each house to the nearest main of its kind, where that is near enough."""
    fact = facts("utilities")
    fronts, ahead = _fronts(town, main.kind)
    longest_m = fact["longest_service_m"]
    house, line = shapely.STRtree(main.lines).query_nearest(ahead, max_distance=longest_m, all_matches=False)
    lines = np.asarray(shapely.shortest_line(fronts[house], main.lines[line]))
    lines = lines[shapely.within(lines, outline()) & (shapely.length(lines) <= longest_m)]
    return _Laid(main.kind, lines, fact["kind"][main.kind]["service_depth_m"], service=True)
