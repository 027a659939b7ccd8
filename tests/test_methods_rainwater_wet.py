"""Wet ground by the terrain, on ground that a pupil can compute on paper."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ballerup_geo import hydrology
from ballerup_geo.methods.rainwater._wet import (
    height_above_stream,
    official_ground,
    slope_of,
    terrain_ground,
    wet_ground,
    wetness_index,
)
from ballerup_geo.raster import CRS, Raster

few = settings(max_examples=60, deadline=None)
WEST, NORTH = 700_000.0, 6_180_000.0


def grid_of(shape: tuple[int, int], size_m: float = 10.0) -> Raster:
    return Raster(np.zeros(shape, np.float32), Affine(size_m, 0, WEST, 0, -size_m, NORTH), float("nan"))


def test_the_slope_of_a_plane() -> None:
    # 3 m down a cell of 10 m to the east, 8 m down a cell of 20 m to the south: √(0.3² + 0.4²) = 0.5
    rows, cols = np.mgrid[0:4, 0:5]
    slope = slope_of((100 - 3 * cols - 8 * rows).astype(np.float32), cell_size_m=(10.0, 20.0))
    assert slope == pytest.approx(np.full((4, 5), 0.5))


def test_the_slope_beside_unknown_ground() -> None:
    heights = np.array([[4.0, np.nan, 1.0, 2.0, 4.0]], np.float32)
    slope = slope_of(heights, cell_size_m=(1.0, 1.0))
    assert slope[0, 0] == 0.0  # alone
    assert np.isnan(slope[0, 1])
    assert slope[0, 2:].tolist() == [1.0, 1.5, 2.0]


def test_the_index_grows_down_a_slope() -> None:
    # one row, 1 m down per cell of 10 m: after k cells a = k × 10 m² / 10 m per metre × 10 m = 10 k m, tan β = 0.1
    index = wetness_index(np.array([[4, 3, 2, 1]], np.float32), cell_size_m=(10.0, 10.0), least_slope=0.001)
    assert index[0] == pytest.approx([math.log(10 * k / 0.1) for k in (1, 2, 3, 4)])


def test_flat_ground_is_given_the_least_slope() -> None:
    index = wetness_index(np.full((1, 1), 7.0, np.float32), cell_size_m=(10.0, 10.0), least_slope=0.002)
    assert index[0, 0] == pytest.approx(math.log(10 / 0.002))


def test_the_height_above_the_stream_on_the_waters_way() -> None:
    # down to the east, the stream in column 2; what lies beyond it drains off the raster and meets none
    heights = np.array([[9.0, 6.0, 4.0, 3.0, np.nan]], np.float32)
    streams = np.array([[False, False, True, False, False]])
    above = height_above_stream(heights, hydrology.flow_directions(heights), streams=streams)
    assert above[0, :3].tolist() == [5.0, 2.0, 0.0]
    assert np.isnan(above[0, 3:]).all()


def test_a_hollow_below_its_stream_is_no_negative_height() -> None:
    # between walls: the hollow of 1.0 spills over 5.0 into the stream at 3.0, which leaves the raster
    heights = np.array([[20, 20, 20, 20, 20], [20, 9, 1, 5, 3], [20, 20, 20, 20, 20]], np.float32)
    streams = np.zeros((3, 5), bool)
    streams[1, 4] = True
    above = height_above_stream(heights, hydrology.flow_directions(heights), streams=streams)
    assert above[1].tolist() == [17.0, 6.0, 0.0, 2.0, 0.0]


@given(arrays(np.float32, (6, 7), elements=st.floats(0, 20, width=32)), arrays(np.bool_, (6, 7)))
@few
def test_heights_above_streams_are_never_negative_and_nought_in_streams(heights, streams) -> None:
    directions = hydrology.flow_directions(heights)
    above = height_above_stream(heights, directions, streams=streams)
    assert (above[~np.isnan(above)] >= 0).all()
    assert (above[streams] == 0).all()
    meets = hydrology.watersheds(directions, streams.astype(np.int32)) > 0
    assert np.array_equal(~np.isnan(above), meets)


def test_wet_polygons_by_both_limits() -> None:
    # 3 × 3 wet cells in the west with a gap of one; 3 × 4 in the east lie too high; a thread of one cell between
    index, above = np.full((5, 12), 3.0, np.float32), np.full((5, 12), 0.5, np.float32)
    index[1:4, 1:4] = index[1:4, 7:11] = index[4, 3:9] = 12.0
    index[2, 2] = 3.0
    above[1:4, 7:11] = 1.5
    within = np.ones((5, 12), bool)
    limits = {"least_index": 10.0, "grid": grid_of((5, 12))}
    found = terrain_ground(index, above, within=within, most_above_m=1.0, least_m2=0.0, **limits)
    assert found["area_m2"].tolist() == [900.0]
    assert found["wet_id"].tolist() == ["terrain-0001"]
    assert found.geometry.iloc[0].equals(shapely.box(WEST + 10, NORTH - 40, WEST + 40, NORTH - 10))
    both = terrain_ground(index, above, within=within, most_above_m=1.5, least_m2=0.0, **limits)
    assert both["area_m2"].tolist() == [1200.0, 900.0]
    assert terrain_ground(index, above, within=within, most_above_m=1.5, least_m2=1000.0, **limits)[
        "area_m2"
    ].tolist() == [1200.0]
    within[:, :6] = False
    assert terrain_ground(index, above, within=within, most_above_m=1.0, least_m2=0.0, **limits).empty


def test_the_official_map_stands_beside_the_terrains_and_ends_at_the_boundary() -> None:
    town = shapely.box(WEST, NORTH - 100, WEST + 100, NORTH)
    peat = gpd.GeoDataFrame(
        {"kind": ["6-12 %", "far"]},
        geometry=gpd.GeoSeries([shapely.box(WEST + 50, NORTH - 30, WEST + 150, NORTH), shapely.box(0, 0, 5, 5)]),
        crs=CRS,
    )
    official = official_ground(peat, municipality=town, crs=CRS)
    assert official["area_m2"].tolist() == [50 * 30]
    index = np.full((3, 3), 12.0, np.float32)
    limits = {"within": np.ones((3, 3), bool), "least_index": 10.0, "most_above_m": 1.0, "least_m2": 0.0}
    terrain = terrain_ground(index, index * 0, grid=grid_of((3, 3)), **limits)
    both = wet_ground(terrain, official)
    assert both["kind"].tolist() == ["terrain", "official"]
    assert both["wet_id"].is_unique
    assert both.crs == CRS
    unknown = wet_ground(terrain, official_ground(None, municipality=town, crs=CRS))
    assert unknown["kind"].tolist() == ["terrain"]
