"""Sewer catchments: quarters that share a system and an outlet; open land has none."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts, only_polygons, outline
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["build_sewer_areas"]


def build_sewer_areas(town: Town) -> gpd.GeoDataFrame:
    """Return the sewer catchments, which neither overlap nor hold lakes; all are adopted."""
    rows = facts("sewers")["area"]
    ground = _ground(town)
    return gpd.GeoDataFrame(
        {
            "sewer_area_id": [row["sewer_area_id"] for row in rows],
            "system": [row["system"] for row in rows],
            "service_level_y": pd.array([row.get("service_level_y") for row in rows], dtype="Float64"),
            "outlet_recipient": [row.get("outlet_recipient") for row in rows],
            "status": "vedtaget",
            "updated": pd.Series(pd.NaT, index=range(len(rows)), dtype="datetime64[ns]"),
        },
        geometry=[shapely.union_all([ground[name] for name in row["quarters"]]) for row in rows],
        crs=CRS,
    )


def _ground(town: Town) -> dict[str, shapely.Geometry]:
    """Return what is dry of each quarter inside the municipality; earlier quarters win, as in the plan."""
    lakes = shapely.union_all(town.table("lakes").geometry.to_numpy())
    left = shapely.difference(outline(), lakes)
    ground = {}
    for quarter in quarters():
        ground[quarter.name] = only_polygons(shapely.intersection(left, quarter.outline))
        left = shapely.difference(left, quarter.outline)
    return ground
