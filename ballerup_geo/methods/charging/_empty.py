"""A table of the result without rows, where the layer behind it is unknown."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from ballerup_geo.raster import CRS
from ballerup_geo.spec import OutputTable

__all__ = ["empty_table"]


def empty_table(table: OutputTable) -> pd.DataFrame:
    """Return the declared columns without rows, with geometry where one is declared."""
    columns = {column.name: pd.Series(dtype=object) for column in table.columns}
    return pd.DataFrame(columns) if table.geometry == "table" else gpd.GeoDataFrame(columns, geometry=[], crs=CRS)
