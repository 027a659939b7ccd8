"""Roads as plain lines: what can be drawn on, one part a line, with the level it runs at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ballerup_geo.errors import DataError, Fault

__all__ = ["Lines", "Mode", "checked_crs", "plain_lines"]

Array = np.ndarray[Any, np.dtype[Any]]
Mode = Literal["cycling", "walking"]
EPSG = 25832


@dataclass(frozen=True, slots=True)
class Lines:
    """Line strings without height, longer than the tolerance.

    Attributes
    ----------
    geometry
        ``object[n]``, EPSG:25832.
    row
        ``int64[n]``: row of the roads table that a line is a part of.
    level
        ``int64[n]``: 0 on the ground, positive on bridges, negative in tunnels.
    length_m
        ``float64[n]``.
    """

    geometry: Array
    row: Array
    level: Array
    length_m: Array


def checked_crs(table: gpd.GeoDataFrame | gpd.GeoSeries, what: str) -> None:
    """Raise DataError unless a table's coordinates are EPSG:25832."""
    if table.crs is None or table.crs.to_epsg() != EPSG:
        raise DataError(
            Fault(what, "geometry", f"coordinates are {table.crs or 'of no known system'}", f"deliver EPSG:{EPSG}")
        )


def plain_lines(roads: gpd.GeoDataFrame, *, mode: Mode, tolerance_m: float) -> tuple[Lines, list[dict[str, Any]]]:
    """Take the roads that may be used apart into lines; what is no line is told as a fault, with its place."""
    checked_crs(roads, "roads")
    if "road_id" not in roads.columns:
        raise DataError(Fault("roads", "road_id", "the column is missing", "give each road an id"))
    allowed = f"{mode}_allowed"
    rows = np.arange(len(roads))
    if allowed in roads.columns:
        rows = rows[roads[allowed].astype("boolean").fillna(True).to_numpy(bool)]
    parts, part_row = _parts(roads.geometry.to_numpy()[rows])
    row = rows[part_row]
    drawn = np.isin(shapely.get_type_id(parts), (1, 2)) & np.isfinite(shapely.bounds(parts)).all(axis=1)
    length_m = shapely.length(parts)
    kept = drawn & (length_m > tolerance_m)
    faults = _left_out(roads, parts, row, drawn, kept)
    level = _levels(roads)[row]
    return Lines(parts[kept], row[kept], level[kept], length_m[kept]), faults


def _parts(geometry: Array) -> tuple[Array, Array]:
    """Parts of many-part lines, joined where they follow on each other; a missing geometry stays one missing part."""
    flat = shapely.force_2d(geometry)
    multi = shapely.get_type_id(flat) == 5
    merged = flat.copy()
    merged[multi] = shapely.line_merge(flat[multi])
    parts, index = shapely.get_parts(merged, return_index=True)
    lost = np.setdiff1d(np.arange(len(geometry)), index)
    every = np.concatenate([parts, geometry[lost]])
    at = np.concatenate([index, lost])
    order = np.argsort(at, kind="stable")
    return every[order], at[order]


def _levels(roads: gpd.GeoDataFrame) -> Array:
    """Level of each road; on the ground where nothing is said."""
    if "level" not in roads.columns:
        return np.zeros(len(roads), np.int64)
    levels: Array = pd.to_numeric(roads["level"]).astype("Float64").fillna(0).to_numpy(np.float64).astype(np.int64)
    return levels


def _left_out(roads: gpd.GeoDataFrame, parts: Array, row: Array, drawn: Array, kept: Array) -> list[dict[str, Any]]:
    ids = roads["road_id"].to_numpy()
    faults = []
    for part in np.flatnonzero(~kept):
        x_m, y_m = shapely.get_coordinates(parts[part])[0] if drawn[part] else (np.nan, np.nan)
        kind = "zero_length" if drawn[part] else "no_line"
        what = "shorter than the tolerance: both ends are one place" if drawn[part] else "no line that can be drawn"
        faults.append({"kind": kind, "road_id": ids[row[part]], "x_m": x_m, "y_m": y_m, "what": what})
    return faults
