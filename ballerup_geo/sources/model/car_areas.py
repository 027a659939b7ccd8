"""Cars of the households by parts of the municipality; their sum is the known total."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model._nearest_ground import nearest_ground
from ballerup_geo.sources.model.frame import facts, spot
from ballerup_geo.sources.model.town import Town

__all__ = ["build_car_areas"]

HOUSES = (110, 120)
FLATS = (140, 160)


def build_car_areas(town: Town) -> gpd.GeoDataFrame:
    """Return the parts with their cars, battery electric ones, and plug-in hybrids."""
    fact = facts("car_areas")
    rows = fact["area"]
    places = np.array([spot(row["at"]) for row in rows])
    addresses = town.table("addresses")
    homes = addresses[addresses["dwellings"] > 0]
    doors = shapely.get_coordinates(homes.geometry.to_numpy())
    area = np.argmin(np.hypot(*(doors[:, None, :] - places).transpose(2, 0, 1)), axis=1)
    use = town.table("buildings").set_index("building_id")["use_code"].loc[homes["building_id"]].to_numpy()
    kind = np.where(np.isin(use, HOUSES), "house", np.where(np.isin(use, FLATS), "flat", "row"))
    each, appetite = np.array([fact["weight"][str(one)] for one in kind]).T
    owned = homes["dwellings"].to_numpy() * each
    keen = owned * appetite
    cars = _shared_out(np.bincount(area, owned, len(rows)), fact["cars"])
    total = fact["cars"]
    return gpd.GeoDataFrame(
        {
            "area_id": [row["area_id"] for row in rows],
            "cars": cars,
            "electric": _shared_out(np.bincount(area, keen, len(rows)), round(total * fact["electric_share"])),
            "plug_in": _shared_out(np.bincount(area, keen, len(rows)), round(total * fact["plug_in_share"])),
            "year": np.full(len(rows), fact["year"], dtype=np.int64),
        },
        geometry=nearest_ground(places),
        crs=CRS,
    )


def _shared_out(weight: NDArray[Any], total: int) -> NDArray[np.int64]:
    """Share out a whole number by weights, so that the sum is exact."""
    shared: NDArray[np.int64] = np.diff(np.round(total * np.cumsum(weight) / weight.sum()), prepend=0.0).astype(
        np.int64
    )
    return shared
