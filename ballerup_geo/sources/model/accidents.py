"""Accidents: invented, and drawn where traffic is: at junctions by their traffic, between them also by length."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.junctions import find_junctions
from ballerup_geo.sources.model.lattice import Array
from ballerup_geo.sources.model.town import Town

__all__ = ["build_accidents"]


def build_accidents(town: Town) -> gpd.GeoDataFrame:
    """Return the accidents of all years, none on motorways (no cyclist is there)."""
    fact = facts("accidents")
    rng = town.rng("accidents")
    count = len(fact["years"]) * fact["accidents_a_year"]
    at_junction = rng.random(count) < fact["junction_share"]
    places = np.where(at_junction[:, None], _at_junctions(town, rng, count), _between(town, rng, count))
    severities, shares = list(fact["severity_share"]), np.array(list(fact["severity_share"].values()))
    return gpd.GeoDataFrame(
        {
            "accident_id": [f"U{number:04d}" for number in range(1, count + 1)],
            "year": np.repeat(np.array(fact["years"], dtype=np.int64), fact["accidents_a_year"]),
            "severity": rng.choice(severities, count, p=shares / shares.sum()),
            "cyclist": rng.random(count) < fact["cyclist_share"],
        },
        geometry=shapely.points(np.round(places, 1)),
        crs=CRS,
    )


def _at_junctions(town: Town, rng: np.random.Generator, count: int) -> Array:
    junctions = town.part(find_junctions)
    return junctions.places[_drawn(rng, junctions.aadt, count)]


def _between(town: Town, rng: np.random.Generator, count: int) -> Array:
    roads = town.table("roads")
    roads = roads[roads["class"] != "motorway"]
    path = (roads["class"] == "path").to_numpy()
    traffic = np.where(path, facts("accidents")["path_traffic"], roads["aadt"].fillna(0).to_numpy(dtype=np.float64))
    drawn = _drawn(rng, traffic * roads.length.to_numpy(), count)
    lines = roads.geometry.to_numpy()[drawn]
    places: Array = shapely.get_coordinates(shapely.line_interpolate_point(lines, rng.random(count), normalized=True))
    return places


def _drawn(rng: np.random.Generator, weight: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    return np.asarray(rng.choice(len(weight), count, p=weight / weight.sum()), dtype=np.int64)
