"""Retention basins that are there, and the measures that are shipped as examples; the ground knows of neither."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.low_ground import lay_basin
from ballerup_geo.sources.model.town import Town

__all__ = ["build_basins", "build_measures"]


def build_basins(town: Town) -> gpd.GeoDataFrame:
    """Return the retention basins near the streams."""
    laid = [(row, lay_basin(town, row, f"basins/{row['basin_id']}")) for row in facts("basins")["basin"]]
    rows = [row for row, shape in laid if shape is not None]
    table = {key: [row[key] for row in rows] for key in ("basin_id", "name", "volume_m3", "sluice", "recipient_id")}
    table["volume_m3"] = [float(volume) for volume in table["volume_m3"]]
    return gpd.GeoDataFrame(table, geometry=[shape for _, shape in laid if shape is not None], crs=CRS)


def build_measures(town: Town) -> gpd.GeoDataFrame:
    """Return the two examples: the climate park and a basin with a sluice.

    A basin's volume follows from its outline and its depth, so the column is left missing.
    """
    laid = [(row, lay_basin(town, row, f"measures/{row['measure_id']}")) for row in facts("basins")["measure"]]
    rows = [row for row, shape in laid if shape is not None]
    texts = {key: [row[key] for row in rows] for key in ("measure_id", "kind", "name", "note")}
    numbers = {
        key: pd.array([row.get(key) for row in rows], dtype="Float64")
        for key in ("depth_m", "capacity_l_s", "height_m")
    }
    missing = pd.array([None] * len(rows), dtype="Float64")
    return gpd.GeoDataFrame(
        {**texts, **numbers, "volume_m3": missing},
        geometry=[shape for _, shape in laid if shape is not None],
        crs=CRS,
    )
