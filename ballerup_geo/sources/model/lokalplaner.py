"""Local plans (lokalplaner): one for each quarter, invented; no real plan has this number or this outline."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import only_polygons, outline
from ballerup_geo.sources.model.plan import Quarter, quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["build_lokalplaner"]

GRID_M = 0.01
DRAFTED_FROM = 2010
"""Quarters still building in this year or later have plans that are not adopted yet."""
NOT_ADOPTED = ("kladde", "forslag")
CANCELLED_SHARE = 0.05
SMALLEST_M2 = 500.0


def build_lokalplaner(town: Town) -> gpd.GeoDataFrame:
    """Return the plans; they do not overlap: earlier quarters win, as in the town plan."""
    rng = town.rng("lokalplaner")
    found = _grounds()
    statuses = [_status(quarter, number, rng) for number, (quarter, _) in enumerate(found)]
    days = rng.integers(1, 28, len(found))
    months = rng.integers(1, 13, len(found))
    dates = [
        pd.Timestamp(quarter.years[0], month, day) for (quarter, _), month, day in zip(found, months, days, strict=True)
    ]
    return gpd.GeoDataFrame(
        {
            "plan_id": [f"M-{number:03d}" for number in range(1, len(found) + 1)],
            "name": [f"Modelplan for {quarter.name}" for quarter, _ in found],
            "status": statuses,
            "date": pd.Series(dates, dtype="datetime64[ns]"),
            "document": pd.Series([None] * len(found), dtype=object),
        },
        geometry=[ground for _, ground in found],
        crs=CRS,
    )


def _grounds() -> list[tuple[Quarter, shapely.Geometry]]:
    """Return each quarter with the ground that is its own inside the municipality."""
    left: shapely.Geometry = outline()
    found: list[tuple[Quarter, shapely.Geometry]] = []
    for quarter in quarters():
        ground = only_polygons(quarter.outline)
        own = only_polygons(shapely.intersection(left, ground, grid_size=GRID_M))
        left = only_polygons(shapely.difference(left, ground, grid_size=GRID_M))
        if own.area >= SMALLEST_M2:
            found.append((quarter, own))
    return found


def _status(quarter: Quarter, number: int, rng: np.random.Generator) -> str:
    draw = float(rng.random())
    if quarter.years[1] >= DRAFTED_FROM:
        return NOT_ADOPTED[number % len(NOT_ADOPTED)]
    return "aflyst" if draw < CANCELLED_SHARE else "vedtaget"
