"""Buildings that water touches, roads that it cuts: on a raster of ten by ten cells of 2 m."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.methods.rainwater._cells import (
    along_outlines,
    around_points,
    cut_lines,
    deepest,
    to_millimetre,
)
from ballerup_geo.methods.rainwater._roads import RoadPieces, cut_length_m, cut_roads, drivable, place_roads
from ballerup_geo.methods.rainwater._touched import (
    least_rain,
    standing,
    touched_buildings,
    touched_by_event,
    use_class,
)
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec.codelists import register_classes, register_codes

WEST, NORTH, CELL_M = 700_000.0, 6_180_000.0, 2.0
GRID = Raster(np.zeros((10, 10), np.float32), Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH), float("nan"))
EVERYWHERE = np.ones(GRID.shape, bool)


def box(first_row: float, first_col: float, end_row: float, end_col: float) -> shapely.Polygon:
    """A rectangle in rows and columns from the north-western corner."""
    return shapely.box(WEST + first_col * 2, NORTH - end_row * 2, WEST + end_col * 2, NORTH - first_row * 2)


def line(*row_col: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(WEST + col * 2, NORTH - row * 2) for row, col in row_col])


def frame(geometries: list[shapely.Geometry | None], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometries, crs=CRS), crs=CRS)


def cells_of(geometry: shapely.Geometry, grid: Raster = GRID) -> set[tuple[int, int]]:
    lists = along_outlines(gpd.GeoSeries([geometry], crs=CRS), grid=grid)
    return {divmod(int(cell), grid.shape[1]) for cell in lists.cells}


def water(*cells: tuple[int, int, float]) -> np.ndarray[Any, Any]:
    depth = np.zeros(GRID.shape, np.float32)
    for row, col, depth_m in cells:
        depth[row, col] = depth_m
    return depth


def depths_on(placed: RoadPieces, raster: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return to_millimetre(raster.reshape(-1)[placed.cell])


def test_a_facade_is_the_cell_outside_and_the_cell_inside() -> None:
    # a house on rows 3–6 and columns 3–6: all of rows and columns 2–7 but the four cells in its middle
    expected = {(row, col) for row in range(2, 8) for col in range(2, 8)}
    expected -= {(row, col) for row in (4, 5) for col in (4, 5)}
    assert cells_of(box(3, 3, 7, 7)) == expected


def test_a_courtyard_has_facades() -> None:
    house = shapely.difference(box(1, 1, 9, 9), box(4, 4, 6, 6))
    assert {(4, 4), (5, 5), (3, 3), (6, 6)} <= cells_of(house)
    assert (2, 5) not in cells_of(house)


def test_a_shed_smaller_than_a_cell_is_not_lost() -> None:
    # its four nearest centres are those of rows and columns 4 and 5
    assert cells_of(box(4.9, 4.9, 5.1, 5.1)) == {(4, 4), (4, 5), (5, 4), (5, 5)}


def test_polygons_without_area_outside_or_without_coordinates() -> None:
    point = shapely.Polygon([(WEST + 10, NORTH - 10)] * 4)
    with np.errstate(invalid="ignore"):
        wrong = shapely.Polygon([(WEST, NORTH), (WEST + 5, math.nan), (WEST + 5, NORTH - 5)])
    shapes = [point, box(100, 100, 101, 101), None, shapely.Polygon(), wrong, box(-50, -50, -49, -49)]
    lists = along_outlines(gpd.GeoSeries(shapes, crs=CRS), grid=GRID)
    assert lists.counts.tolist() == [4, 0, 0, 0, 0, 0]
    depths = deepest(lists, np.full(GRID.shape, 0.25, np.float32))
    assert depths[0] == 0.25
    assert np.isnan(depths[1:]).all()


def test_a_house_that_reaches_over_the_edge_counts_with_what_lies_inside() -> None:
    lists = along_outlines(gpd.GeoSeries([box(-3, 3, 2, 5)], crs=CRS), grid=GRID)
    assert deepest(lists, water((2, 4, 0.5))).tolist() == [0.5]


def test_cells_that_are_not_square() -> None:
    grid = Raster(np.zeros((10, 10), np.float32), Affine(4.0, 0, WEST, 0, -1.0, NORTH), float("nan"))
    house = shapely.box(WEST + 8, NORTH - 6, WEST + 16, NORTH - 3)  # columns 2–3, rows 3–5
    rows, cols = (sorted({cell[axis] for cell in cells_of(house, grid)}) for axis in (0, 1))
    assert (rows, cols) == ([2, 3, 4, 5, 6], [1, 2, 3, 4])


def test_depth_is_read_to_the_millimetre_and_past_cells_without_height() -> None:
    depth = water((2, 4, 0.09996))
    depth[2, 5] = np.nan
    lists = along_outlines(gpd.GeoSeries([box(3, 3, 7, 7)], crs=CRS), grid=GRID)
    assert deepest(lists, depth).tolist() == [0.1]
    assert np.isnan(deepest(lists, np.full(GRID.shape, np.nan, np.float32))).all()


def test_around_a_point() -> None:
    points = gpd.GeoSeries([shapely.Point(WEST + 1, NORTH - 1), shapely.Point(), None], crs=CRS)
    assert around_points(points, grid=GRID, reach=1).counts.tolist() == [4, 0, 0]  # in the corner of the raster
    assert around_points(points, grid=GRID, reach=0).cells.tolist() == [0]


def around(row: int, col: int, half_cells: float) -> shapely.Polygon:
    """The square around a cell's centre."""
    x, y = GRID.centre_of(row, col)
    return shapely.box(*(np.array([x, y, x, y]) + np.array([-1, -1, 1, 1]) * half_cells * CELL_M))


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_facades_beside_plain_geometry(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(-1, 11, (rng.integers(3, 8), 2)) * 2
    house = shapely.convex_hull(shapely.MultiPoint(points * [1, -1] + [WEST, NORTH]))
    found = cells_of(house)
    every = [(row, col) for row in range(10) for col in range(10)]
    # all cells that the outline passes, and none whose centre lies a cell or more from it
    assert {cell for cell in every if around(*cell, 0.499).intersects(house.boundary)} <= found
    assert found <= {cell for cell in every if around(*cell, 1.001).intersects(house.boundary)}


def test_the_lists_of_some_features() -> None:
    lists = along_outlines(gpd.GeoSeries([box(1, 1, 2, 2), None, box(5, 5, 7, 7)], crs=CRS), grid=GRID)
    taken = lists.take(np.array([2, 1, 0, 2]))
    assert taken.counts.tolist() == lists.counts[[2, 1, 0, 2]].tolist()
    assert taken.cells[: taken.start[1]].tolist() == lists.cells[lists.start[2] :].tolist()


def test_every_use_code_has_one_class() -> None:
    codes = {int(code) for code in register_codes("bbr_021")}
    assert len(codes) == 103
    assert set(register_classes("bbr_021")) == codes
    assert set(register_classes("bbr_021").values()) == {"dwelling", "business", "public", "other"}


def test_use_and_status_also_where_nobody_knows_them() -> None:
    index = pd.Index([7, 3, 5, 9])
    use = use_class(pd.Series([120, 321, 12345, None], index=index))
    assert use.to_dict() == {7: "dwelling", 3: "business", 5: "unknown", 9: "unknown"}
    found = standing(pd.Series([6, 9, 3, None], index=index))
    assert found.to_dict() == {7: True, 3: False, 5: False, 9: True}


def test_the_least_rain_need_not_be_the_first() -> None:
    depths = np.array([[0.2, 0.05, 0.3], [0.0, 0.1, 0.0], [0.0, 0.0, 0.0], [math.nan] * 3])
    least = least_rain(depths, [60.0, 20.0, 40.0], threshold_m=0.1)
    assert least[:2].tolist() == [40.0, 20.0]
    assert np.isnan(least[2:]).all()


def two_houses() -> gpd.GeoDataFrame:
    return frame(
        [box(1, 1, 3, 3), box(6, 6, 8, 8)],
        building_id=["b", "a"],
        use_code=[120, 140],
        dwellings=pd.array([1, pd.NA], dtype="Int64"),
    )


def depths_of(houses: gpd.GeoDataFrame, *rasters: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    lists = along_outlines(houses.geometry, grid=GRID)
    return np.stack([deepest(lists, raster) for raster in rasters], axis=1)


def test_touched_buildings_by_hand() -> None:
    houses = two_houses()
    depths = depths_of(houses, water((0, 0, 0.05), (9, 9, 1.0)), water((0, 0, 0.1), (5, 5, 0.3)))
    assert depths.tolist() == [[0.05, 0.1], [0.0, 0.3]]
    table = touched_buildings(houses, depths_m=depths, rain_mm=[20.0, 50.0], threshold_m=0.1)
    assert table["building_id"].tolist() == ["a", "b"]
    assert table["touched_from_mm"].tolist() == [50.0, 50.0]
    assert table["depth_m"].tolist() == [0.3, 0.1]
    assert table["basement"].isna().all()
    counts = touched_by_event(depths, houses["dwellings"], threshold_m=0.1)
    assert counts.buildings.tolist() == [0, 2]
    assert counts.dwellings.tolist() == [0.0, 1.0]
    assert np.isnan(touched_by_event(depths, None, threshold_m=0.1).dwellings).all()


def test_a_basement_is_unknown_where_its_area_is() -> None:
    houses = two_houses().assign(basement_area_m2=[0.0, math.nan])
    table = touched_buildings(houses, depths_m=np.full((2, 1), 1.0), rain_mm=[20.0], threshold_m=0.1)
    basement = table.set_index("building_id")["basement"]
    assert pd.isna(basement["a"])
    assert not basement["b"]


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.5), st.floats(0.0, 0.5))
def test_more_water_touches_more_and_a_higher_threshold_less(seed: int, threshold: float, more: float) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-2, 9, (30, 2))
    houses = frame([box(row, col, row + 1.5, col + 2) for row, col in corners], building_id=[str(i) for i in range(30)])
    shallow = np.where(rng.random(GRID.shape) < 0.1, rng.random(GRID.shape), 0.0).astype(np.float32)
    depths = depths_of(houses, shallow, shallow + np.float32(more))
    touched = touched_by_event(depths, None, threshold_m=threshold).buildings
    assert touched[0] <= touched[1]
    assert (touched_by_event(depths, None, threshold_m=threshold + 0.1).buildings <= touched).all()
    houses["use_code"] = 120
    table = touched_buildings(houses, depths_m=depths, rain_mm=[10.0, 20.0], threshold_m=threshold)
    assert (table["touched_from_mm"] <= 10.0).sum() == touched[0]
    assert len(table) == touched[1]


def test_pieces_of_a_line_add_up_to_it() -> None:
    lines = np.array([line((0, 0), (0, 3), (4, 6)), line((1, 1), (1, 1))], dtype=object)
    pieces = cut_lines(lines, step_m=2.0)
    # the first leg of 6 m in 3 pieces, the second of 10 m in 5; the line of no length in one of none
    assert np.bincount(pieces.line).tolist() == [8, 1]
    assert pieces.length_m == pytest.approx([2.0] * 8 + [0.0])
    assert np.array_equal(pieces.end[:7], pieces.start[1:8])


def roads() -> gpd.GeoDataFrame:
    across = line((2.5, 0), (2.5, 10))
    return frame(
        [across, line((5.5, 0), (5.5, 10)), across, across, line((7, 7), (7, 7)), None],
        road_id=["r1", "r2", "bridge", "path", "dot", "nowhere"],
        name=["Toftvej", None, "Broen", "Stien", None, None],
        **{"class": ["residential", "secondary", "primary", "path", "service", "service"]},
        level=pd.array([0, None, 1, 0, 0, 0], dtype="Int64"),
    )


def placed_roads(within: np.ndarray[Any, Any] = EVERYWHERE) -> tuple[gpd.GeoDataFrame, Any]:
    kept = roads()
    kept = kept[drivable(kept)]
    return kept, place_roads(kept, within=within, grid=GRID)


def test_paths_bridges_and_tunnels_are_not_cut() -> None:
    assert roads()["road_id"][drivable(roads())].tolist() == ["r1", "r2", "dot", "nowhere"]
    without_level = roads().drop(columns="level")
    assert drivable(without_level).sum() == 5


def test_cut_roads_by_hand() -> None:
    kept, placed = placed_roads()
    few, many = water((2, 3, 0.2)), water((2, 3, 0.4), (2, 4, 0.2), (2, 8, 0.2), (5, 0, 0.15), (5, 1, 0.14))
    depths = np.stack([depths_on(placed, few), depths_on(placed, many)], axis=1)
    table = cut_roads(kept, placed, depths_m=depths, rain_mm=[20.0, 50.0], threshold_m=0.15)
    # r1: one cell of 2 m from 20 mm on, two more cells from 50 mm on, apart from each other; r2: one cell
    assert table["road_id"].tolist() == ["r1", "r1", "r2"]
    assert table["cut_from_mm"].tolist() == [20.0, 50.0, 50.0]
    assert table["length_m"].tolist() == pytest.approx([2.0, 4.0, 2.0])
    assert table["depth_m"].tolist() == [0.4, 0.2, 0.15]
    assert table.geometry.length.tolist() == pytest.approx([2.0, 4.0, 2.0])
    assert table.geometry.iloc[1].equals(shapely.MultiLineString([line((2.5, 4), (2.5, 5)), line((2.5, 8), (2.5, 9))]))
    assert cut_length_m(placed, depths, threshold_m=0.15).tolist() == pytest.approx([2.0, 8.0])


def test_a_road_is_counted_inside_the_municipality_only() -> None:
    within = EVERYWHERE.copy()
    within[:, 5:] = False
    _, placed = placed_roads(within)
    deep = depths_on(placed, np.full(GRID.shape, 1.0, np.float32))[:, None]
    assert cut_length_m(placed, deep, threshold_m=0.15).tolist() == pytest.approx([20.0])


def test_nothing_cut_still_is_a_table() -> None:
    kept, placed = placed_roads()
    depths = np.full((placed.cell.size, 2), np.nan)
    table = cut_roads(kept, placed, depths_m=depths, rain_mm=[20.0, 50.0], threshold_m=0.15)
    assert len(table) == 0
    assert {"road_id", "name", "class", "cut_from_mm", "depth_m", "length_m"} < set(table.columns)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_rows_up_to_a_rain_add_up_to_what_it_cuts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = [line(*rng.uniform(-3, 13, (rng.integers(2, 6), 2))) for _ in range(8)]
    network = frame(lines, road_id=list("abcdefgh"), name=None, **{"class": "service"})
    placed = place_roads(network, within=EVERYWHERE, grid=GRID)
    first = np.where(rng.random(GRID.shape) < 0.4, rng.random(GRID.shape), 0.0).astype(np.float32)
    rasters = (first, first + np.float32(0.1), first + np.float32(0.2))
    depths = np.stack([depths_on(placed, raster) for raster in rasters], axis=1)
    table = cut_roads(network, placed, depths_m=depths, rain_mm=[10.0, 20.0, 30.0], threshold_m=0.3)
    lengths = cut_length_m(placed, depths, threshold_m=0.3)
    for rain, length_m in zip((10.0, 20.0, 30.0), lengths, strict=True):
        drawn = table[table["cut_from_mm"] <= rain]
        assert drawn["length_m"].sum() == pytest.approx(length_m)
        assert drawn.geometry.length.sum() == pytest.approx(length_m)
    assert not table.duplicated(["road_id", "cut_from_mm"]).any()
