"""Inputs of the rainwater analysis that may be unknown."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from ballerup_geo.spec import Given

__all__ = ["known_table", "table_or_empty"]


def known_table(given: Given, name: str) -> gpd.GeoDataFrame | None:
    """Return an input table with geometry, None where it is unknown."""
    frame = given.inputs.get(name)
    return frame if isinstance(frame, gpd.GeoDataFrame) else None


def table_or_empty(given: Given, name: str, columns: Iterable[str] = (), *, crs: str) -> gpd.GeoDataFrame:
    """Return an input table, or one without rows that has these columns (text) where it is unknown."""
    frame = known_table(given, name)
    if frame is not None:
        return frame
    empty = {column: pd.Series(dtype="str") for column in columns}
    return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=crs), crs=crs)
