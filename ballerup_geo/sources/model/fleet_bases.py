"""Bases of the municipality's own vehicles, each at the front of a municipal building."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.buildings import Stock, settle
from ballerup_geo.sources.model.frame import facts, spot
from ballerup_geo.sources.model.town import Town

__all__ = ["build_fleet_bases"]


def build_fleet_bases(town: Town) -> gpd.GeoDataFrame:
    """Return the bases with their vehicles, what one of these drives a year, and when they are out."""
    stock = town.part(settle)
    free = town.table("buildings")["municipal"].to_numpy(bool).copy()
    rows = facts("fleet_bases")["base"]
    return gpd.GeoDataFrame(
        {
            "base_id": [row["base_id"] for row in rows],
            "name": [row["name"] for row in rows],
            "vehicles": np.array([row["vehicles"] for row in rows], dtype=np.int64),
            "km_per_year": [float(row["km_per_year"]) for row in rows],
            "shift": [row["shift"] for row in rows],
        },
        geometry=[_place(stock, free, spot(row["at"])) for row in rows],
        crs=CRS,
    )


def _place(stock: Stock, free: np.ndarray[tuple[int], np.dtype[np.bool_]], at: tuple[float, float]) -> shapely.Point:
    """Return the front of the nearest municipal building that no other base has taken."""
    away = np.hypot(*(stock.houses.front - at).T)
    house = int(np.argmin(np.where(free, away, np.inf)))
    free[house] = False
    return shapely.Point(np.round(stock.houses.front[house], 1))
