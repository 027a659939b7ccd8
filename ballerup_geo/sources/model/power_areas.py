"""Areas of the electricity net with the power they have to spare."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model._nearest_ground import nearest_ground
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.town import Town

__all__ = ["build_power_areas"]

CANDIDATES = 1500


def build_power_areas(town: Town) -> gpd.GeoDataFrame:
    """Return the areas, each around a station among the houses."""
    fact = facts("power_areas")
    rng = town.rng("power_areas")
    low, high = fact["spare_kw"]
    stations = _apart(town, int(fact["areas"]), rng)
    spare = np.round(rng.uniform(low, high, len(stations)), -1)
    return gpd.GeoDataFrame(
        {
            "area_id": [f"EL-{number:02d}" for number in range(1, len(stations) + 1)],
            "spare_kw": spare,
        },
        geometry=nearest_ground(stations),
        crs=CRS,
    )


def _apart(town: Town, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return places of buildings that lie far from each other: the next is always the farthest from those before."""
    middles = shapely.get_coordinates(shapely.centroid(town.table("buildings").geometry.to_numpy()))
    places = middles[np.sort(rng.choice(len(middles), min(CANDIDATES, len(middles)), replace=False))]
    chosen = [0]
    away = np.hypot(*(places - places[0]).T)
    while len(chosen) < count:
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.hypot(*(places - places[chosen[-1]]).T))
    stations: NDArray[np.float64] = np.round(places[chosen])
    return stations
