"""A small ridge that a pupil can compute on paper, and the rainwater analysis of it; shared by tests."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine

from ballerup_geo.methods.rainwater import METHOD, rainwater
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Given, Outcome

WEST, NORTH, CELL_M = 700_000.0, 6_180_000.0, 10.0


def cells(first_row: int, first_col: int, last_row: int, last_col: int) -> shapely.Polygon:
    """The rectangle of whole cells, both ends included."""
    return shapely.box(
        WEST + first_col * CELL_M,
        NORTH - (last_row + 1) * CELL_M,
        WEST + (last_col + 1) * CELL_M,
        NORTH - first_row * CELL_M,
    )


def frame(geometries: list[shapely.Geometry], **columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometries, crs=CRS), crs=CRS)


def way(row: int, first_col: int, last_col: int) -> shapely.LineString:
    """A line along a row, from the middle of a cell to the middle of another."""
    y = NORTH - (row + 0.5) * CELL_M
    return shapely.LineString([(WEST + (first_col + 0.5) * CELL_M, y), (WEST + (last_col + 0.5) * CELL_M, y)])


def ridge() -> np.ndarray[Any, Any]:
    """7 rows × 11 columns: a ridge in column 4, one metre down a cell to both sides; the top, 20.5 m, in row 3.

    In row 3, columns 6 and 7, lies a hollow down to 15.0 m, walled by 18 m to the north and south and by 16.5 m to the
    east. There it spills: 1.5 m deep in both cells, 2 × 100 m² × 1.5 m = 300 m³.
    """
    cols = np.arange(11)
    heights = np.tile(20.0 - np.abs(cols - 4.0), (7, 1)).astype(np.float32)
    heights[3, 4] = 20.5
    heights[3, 6:8] = 15.0
    heights[3, 8] = 16.5
    heights[2, 6:9] = heights[4, 6:9] = 18.0
    return heights


def west_and_east() -> gpd.GeoDataFrame:
    north, south = NORTH, NORTH - 70.0
    lines = [shapely.LineString([(x, north), (x, south)]) for x in (WEST + 5.0, WEST + 105.0)]
    return frame(lines, recipient_id=["west", "east"], name=["Vestbækken", "Østbækken"], target_year=[2024, None])


def rains(*rows: tuple[str, float | None, float, float, float, str]) -> pd.DataFrame:
    """Events: event_id, return_period_y, duration_min, rain_mm, climate_factor, source."""
    return pd.DataFrame(
        rows, columns=["event_id", "return_period_y", "duration_min", "rain_mm", "climate_factor", "source"]
    )


def given_of(
    heights: np.ndarray[Any, Any] | None = None, *, assumptions: dict[str, Any] | None = None, **inputs: Any
) -> Given:
    """The ridge as a method is given it; all that is not named is unknown. All rain runs off, unless told otherwise."""
    grid = Raster(ridge() if heights is None else heights, Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH), float("nan"))
    known: dict[str, Any] = {
        **{wanted.name: None for wanted in METHOD.inputs},
        "terrain": grid,
        "municipality": frame([cells(0, 1, 6, 9)], name=["Toftby"]),
        "recipients": west_and_east(),
        **inputs,
    }
    values: dict[str, Any] = {wanted.name: wanted.minimum or 0.0 for wanted in METHOD.assumptions} | {
        "bluespot_min_depth_m": 0.1,
        "bluespot_min_volume_m3": 10.0,
        "drainage_line_min_ha": 0.03,
        "culvert_max_drop_m": 5.0,
        "terrain_gap_max_pct": 5.0,
        "upstream_cut_max_pct": 200.0,
        "hydrological_reduction": 1.0,
        "runoff_unmapped": 1.0,
        "design_return_period_y": 10.0,
    }
    return Given(inputs=known, assumptions=values | (assumptions or {}), progress=lambda label, share: None)


def answer(heights: np.ndarray[Any, Any] | None = None, **inputs: Any) -> Outcome:
    return rainwater(given_of(heights, **inputs))


def raster_of(outcome: Outcome, name: str) -> Raster:
    made = outcome.rasters[name]
    return made if isinstance(made, Raster) else made()
