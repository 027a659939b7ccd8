"""The recipients: along the courses that the facts name, and Ejby Vænge as an area."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model._blob import wavy_blob
from ballerup_geo.sources.model.frame import facts, frame_box, outline, spot
from ballerup_geo.sources.model.streams import trace_streams
from ballerup_geo.sources.model.town import Town

__all__ = ["build_recipients"]


def build_recipients(town: Town) -> gpd.GeoDataFrame:
    """Return the recipients with their targets; ``downstream_id`` makes them a chain."""
    rows = facts("recipients")["recipient"]
    table = gpd.GeoDataFrame(
        {
            key: [row.get(key) for row in rows]
            for key in ("recipient_id", "name", "kind", "downstream_id", "target_year", "target_text")
        },
        geometry=[_area(row, town) if row["kind"] == "area" else _lines(row["courses"], town) for row in rows],
        crs=CRS,
    )
    table["target_year"] = table["target_year"].astype("Int64")
    return table


def _lines(ids: list[str], town: Town) -> shapely.Geometry:
    lines = [stream.line for stream in town.part(trace_streams) if stream.id in ids]
    return shapely.line_merge(shapely.intersection(shapely.multilinestrings(lines), frame_box()))


def _area(row: dict[str, Any], town: Town) -> shapely.Geometry:
    x, y = spot(row["centre"])
    radius = float(row["radius_m"])
    blob = wavy_blob(town.rng(f"recipients/{row['recipient_id']}"), x, y, (1.3 * radius, 0.75 * radius), 0.3)
    return shapely.difference(blob.outline(), outline())
