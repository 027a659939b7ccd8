"""Hollows nested in hollows, on a section that can be drawn on paper."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo import hydrology
from ballerup_geo.methods.rainwater._cells import along_outlines, around_points
from ballerup_geo.methods.rainwater._hollows import hollows_table, in_bluespots, parts_of
from ballerup_geo.raster import CRS, Raster

WEST, NORTH, CELL_M = 700_000.0, 6_180_000.0, 10.0


def section(*heights_m: float) -> np.ndarray[Any, Any]:
    """A trench one cell wide between walls of 50 m."""
    wall = np.full(len(heights_m), 50.0)
    return np.stack([wall, np.array(heights_m), wall]).astype(np.float32)


def grid_of(heights: np.ndarray[Any, Any]) -> Raster:
    return Raster(heights, Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH), float("nan"))


def outermost(terrain: hydrology.Terrain) -> pd.DataFrame:
    """All outermost hollows as bluespots, the largest first."""
    table = terrain.depressions[terrain.depressions["parent"] == 0].sort_values("volume_m3", ascending=False)
    return table.assign(bluespot_id=np.arange(1, len(table) + 1))


def hollows(terrain: hydrology.Terrain, grid: Raster, **least: float) -> gpd.GeoDataFrame:
    limits = {"least_depth_m": 0.0, "least_volume_m3": 0.0, **least}
    return hollows_table(terrain.depressions, outermost(terrain), grid=grid, **limits)


# two basins (bottom 2 and 3, ridge 6) in one that spills at 8, and a third (bottom 1, spills at 4) downhill of it
HEIGHTS = section(50.0, 2.0, 6.0, 3.0, 8.0, 1.0, 4.0, 0.5)


def test_the_hierarchy_by_hand() -> None:
    grid = grid_of(HEIGHTS)
    table = hollows(hydrology.analyse(HEIGHTS, cell_size_m=CELL_M), grid)
    # a cell is 100 m²: the whole holds (6 + 2 + 5) × 100, its parts (6−2) × 100 and (6−3) × 100, the third (4−1) × 100
    assert table["hollow_id"].tolist() == [1, 2, 3, 4]
    assert table["bluespot_id"].tolist() == [1, 1, 1, 2]
    assert table["parent_id"].tolist() == [0, 1, 1, 0]
    assert table["volume_m3"].tolist()[0] == 1300.0
    assert sorted(table["volume_m3"].tolist()[1:3]) == [300.0, 400.0]
    assert table["volume_m3"].tolist()[3] == 300.0
    assert table["spill_level_m"].tolist() == [8.0, 6.0, 6.0, 4.0]
    # the parts spill into each other, the whole into the third, the third leaves
    assert table["spills_to"].tolist() == [4, 3, 2, 0]
    assert table.geometry.iloc[0].coords[0] == (WEST + 45.0, NORTH - 15.0)
    assert parts_of(table, outermost(hydrology.analyse(HEIGHTS, cell_size_m=CELL_M))).tolist() == [2, 0]


def test_water_is_followed_through_hollows_that_are_not_shown() -> None:
    grid = grid_of(HEIGHTS)
    terrain = hydrology.analyse(HEIGHTS, cell_size_m=CELL_M)
    table = hollows(terrain, grid, least_volume_m3=350.0)
    # left: the whole and its part of 400 m³; the other part leads on to the whole, the third hollow out
    assert table["volume_m3"].tolist() == [1300.0, 400.0]
    assert table["parent_id"].tolist() == [0, 1]
    assert table["spills_to"].tolist() == [0, 1]


def test_no_hollow_is_an_empty_table() -> None:
    heights = section(5.0, 4.0, 3.0, 2.0)
    terrain = hydrology.analyse(heights, cell_size_m=CELL_M)
    table = hollows(terrain, grid_of(heights))
    assert len(table) == 0
    assert parts_of(table, outermost(terrain)).tolist() == []


def test_what_stands_in_a_full_bluespot() -> None:
    grid = grid_of(HEIGHTS)
    terrain = hydrology.analyse(HEIGHTS, cell_size_m=CELL_M)
    centres = [grid.centre_of(1, col) for col in (1, 2, 4, 5, 7)]
    points = gpd.GeoSeries([shapely.Point(x, y) for x, y in centres], crs=CRS)
    pairs = in_bluespots(around_points(points, grid=grid, reach=0), terrain, outermost(terrain), threshold_m=2.0)
    # full, water is 6 m and 2 m deep in the first two cells, 0 on the rim, 3 m in the third hollow; the last is dry
    assert pairs.to_numpy().tolist() == [[0, 1], [1, 1], [3, 2]]
    across = gpd.GeoSeries([shapely.box(WEST + 35, NORTH - 18, WEST + 55, NORTH - 12)], crs=CRS)
    both = in_bluespots(along_outlines(across, grid=grid), terrain, outermost(terrain), threshold_m=2.0)
    assert both.to_numpy().tolist() == [[0, 1], [0, 2]]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 3.0))
def test_the_hierarchy_is_whole(seed: int, least_depth_m: float) -> None:
    heights = np.random.default_rng(seed).integers(0, 9, (12, 13)).astype(np.float32)
    terrain = hydrology.analyse(heights, cell_size_m=CELL_M)
    spots = outermost(terrain)
    spots = spots[spots["max_depth_m"] >= least_depth_m]
    table = hollows_table(
        terrain.depressions, spots, least_depth_m=least_depth_m, least_volume_m3=0.0, grid=grid_of(heights)
    )
    assert table["hollow_id"].tolist() == list(range(1, len(table) + 1))
    assert table["parent_id"].isin([0, *table["hollow_id"]]).all()
    assert table["spills_to"].isin([0, *table["hollow_id"]]).all()
    assert (table["parent_id"] < table["hollow_id"]).all()
    assert (table["spills_to"] != table["hollow_id"]).all()
    roots = table[table["parent_id"] == 0]
    assert sorted(roots["bluespot_id"]) == sorted(spots["bluespot_id"])
    assert roots.set_index("bluespot_id")["volume_m3"].to_dict() == pytest.approx(
        spots.set_index("bluespot_id")["volume_m3"].to_dict()
    )
    parent = table.set_index("hollow_id")["volume_m3"].reindex(table["parent_id"]).to_numpy()
    assert not (parent < table["volume_m3"].to_numpy()).any()
