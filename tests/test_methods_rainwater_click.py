"""The page's own terrain: what is shipped of it, and that water poured over it stands where the events say."""

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
from ballerup_geo.hydrology import Link, Terrain
from ballerup_geo.methods._part import Found
from ballerup_geo.methods.rainwater._click import (
    CLICK,
    FIRST_NODE,
    LEAVES,
    NO_CELL,
    click_nodes,
    coarse_of,
    concerned_cells,
)
from ballerup_geo.methods.rainwater._rain import Soaking
from ballerup_geo.methods.rainwater._scene import Scene
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Given

MM_PER_M = 1000.0


def pour(nodes: pd.DataFrame, rain_mm: float) -> np.ndarray[Any, Any]:
    """Pour rain over the shipped nodes, a drop at a time, in plain Python: m³ held by each row."""
    whole, beyond, room = (nodes[name].tolist() for name in ("whole", "beyond", "room_m3"))
    held = [0.0] * len(nodes)
    full: set[int] = set()
    children: dict[int, list[int]] = {}
    for row, up in enumerate(whole):
        children.setdefault(up, []).append(row + FIRST_NODE)
    for row, m2 in enumerate(nodes["runoff_m2"]):
        left, node = m2 * rain_mm / MM_PER_M, row + FIRST_NODE
        while left > 0 and node != LEAVES:
            space = room[node - FIRST_NODE] - held[node - FIRST_NODE]
            taken = min(left, space) if node not in full else 0.0
            held[node - FIRST_NODE] += taken
            if left < space and node not in full:
                break
            left -= taken
            full.add(node)
            up = whole[node - FIRST_NODE]
            node = up if up and all(part in full for part in children[up]) else beyond[node - FIRST_NODE]
    return np.array(held)


def check(terrain: Terrain, nodes: pd.DataFrame, runoff: np.ndarray[Any, Any], rain_mm: float) -> None:
    expected = terrain.event(rain_mm, runoff=runoff).held_m3[nodes["terrain_node"]]
    assert pour(nodes, rain_mm) == pytest.approx(expected, rel=1e-6, abs=1e-9 * max(expected.max(initial=0.0), 1.0))


def slope_with_hollows() -> np.ndarray[Any, Any]:
    """A valley that falls to the east, 12 columns, with a hollow in columns 2, 5 and 9."""
    heights = np.tile(np.arange(20.0, 8.0, -1.0), (5, 1))
    heights[2, 2], heights[2, 5], heights[2, 9] = 15.0, 12.0, 5.0
    heights[[0, 1, 3, 4]] += 10.0
    return heights


def test_what_concerns_a_municipality_in_the_middle() -> None:
    terrain = hydrology.analyse(slope_with_hollows(), cell_size_m=10.0)
    town = np.zeros((5, 12), bool)
    town[2, 5] = True
    concerned = concerned_cells(terrain, town, ())
    assert concerned[2, :].all()  # all that comes from the west along the middle, and on through the last hollow
    assert concerned[2, 9]
    nodes, labels = click_nodes(terrain, np.ones((5, 12)), concerned)
    assert len(nodes) == 3
    assert nodes["beyond"].tolist().count(LEAVES) == 1
    assert set(np.unique(labels)) <= {NO_CELL, LEAVES, 2, 3, 4}
    assert (labels[~concerned] == NO_CELL).all()


def test_the_ground_of_a_hollow_is_told_also_where_it_is_not_shipped() -> None:
    # Cells of 100 m² that shed half their rain; only the middle row of the valley is shipped.
    terrain = hydrology.analyse(slope_with_hollows(), cell_size_m=10.0)
    runoff, concerned = np.full((5, 12), 0.5), np.zeros((5, 12), bool)
    concerned[2] = True
    nodes, labels = click_nodes(terrain, runoff, concerned)
    basins = [int(np.count_nonzero(terrain.basins == node)) for node in nodes["terrain_node"]]
    assert nodes["area_m2"].tolist() == [100.0 * count for count in basins]
    assert nodes["runoff_m2"].tolist() == [50.0 * count for count in basins]
    assert np.count_nonzero(labels >= FIRST_NODE) < sum(basins)


def test_a_municipality_beside_it_has_nothing_to_do_with_it() -> None:
    heights = np.concatenate((slope_with_hollows(), np.full((1, 12), 60.0), slope_with_hollows()))
    terrain = hydrology.analyse(heights, cell_size_m=10.0)
    town = np.zeros(heights.shape, bool)
    town[2, 5] = True
    concerned = concerned_cells(terrain, town, ())
    assert not concerned[6:].any()
    assert len(click_nodes(terrain, np.ones(heights.shape), concerned)[0]) == 3


def dam() -> np.ndarray[Any, Any]:
    """Two hollows with a wall between them, each with its own way out over the raster's edge."""
    heights = np.full((5, 11), 20.0)
    heights[2, 1:4] = 4.0
    heights[2, 7:10] = 3.0
    heights[2, 0], heights[2, 10] = 9.0, 9.0
    return heights


@pytest.mark.parametrize("town_col", [2, 8])
def test_a_culvert_leads_on_and_comes_from_somewhere(town_col: int) -> None:
    link = Link(2, 3, 2, 7, float("nan"))
    terrain = hydrology.analyse(dam(), cell_size_m=10.0, links=[link])
    town = np.zeros((5, 11), bool)
    town[2, town_col] = True
    concerned = concerned_cells(terrain, town, [link])
    assert concerned[2, 1:4].all()
    assert concerned[2, 7:10].all()
    apart = concerned_cells(hydrology.analyse(dam(), cell_size_m=10.0), town, ())
    assert not apart[2, 10 - town_col]
    nodes, _ = click_nodes(terrain, np.ones((5, 11)), concerned)
    for rain_mm in (100.0, 1000.0, 3000.0):
        check(terrain, nodes, np.ones((5, 11)), rain_mm)


def test_a_cell_without_height_is_not_shipped() -> None:
    heights = slope_with_hollows()
    heights[2, 7] = np.nan
    terrain = hydrology.analyse(heights, cell_size_m=10.0)
    concerned = concerned_cells(terrain, np.ones((5, 12), bool), ())
    assert not concerned[2, 7]
    _, labels = click_nodes(terrain, np.ones((5, 12)), concerned)
    assert labels[2, 7] == NO_CELL


def test_a_terrain_without_hollows_has_no_nodes() -> None:
    terrain = hydrology.analyse(np.tile(np.arange(5.0), (4, 1)), cell_size_m=10.0)
    nodes, labels = click_nodes(terrain, np.ones((4, 5)), np.ones((4, 5), bool))
    assert len(nodes) == 0
    assert (labels == LEAVES).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 25), st.floats(0.5, 3000.0))
def test_the_page_holds_the_water_that_the_event_holds(seed: int, heights_m: int, rain_mm: float) -> None:
    rng = np.random.default_rng(seed)
    heights = rng.integers(0, heights_m + 1, (14, 17)).astype(np.float32)
    runoff = rng.choice([0.0, 0.1, 0.8, 1.0], heights.shape)
    terrain = hydrology.analyse(heights, cell_size_m=(2.0, 3.0))
    town = np.zeros(heights.shape, bool)
    town[4:9, 5:11] = True
    concerned = concerned_cells(terrain, town, ())
    nodes, labels = click_nodes(terrain, runoff, concerned)
    # the cut is whole: every reference is a row of the table, or out
    count = len(nodes)
    assert nodes["node"].tolist() == list(range(FIRST_NODE, count + FIRST_NODE))
    assert nodes["beyond"].isin([LEAVES, *nodes["node"]]).all()
    assert nodes["whole"].isin([0, *nodes["node"]]).all()
    assert (nodes["whole"][nodes["whole"] > 0] > nodes["node"][nodes["whole"] > 0]).all()
    assert set(np.unique(labels)) <= {NO_CELL, LEAVES, *nodes["node"]}
    assert (town <= concerned).all()
    ways = hydrology.flow_accumulation(terrain.directions, weights=concerned.astype(float)) > 0
    assert not (ways & ~concerned).any()
    check(terrain, nodes, runoff, rain_mm)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 3000.0))
def test_with_culverts_too(seed: int, rain_mm: float) -> None:
    rng = np.random.default_rng(seed)
    heights = rng.integers(0, 20, (14, 17)).astype(np.float32)
    ends = [(*rng.integers(0, 14, 2), *rng.integers(0, 17, 2)) for _ in range(6)]
    links = [Link(int(a), int(c), int(b), int(d), float("nan")) for a, b, c, d in ends if heights[a, c] > heights[b, d]]
    terrain = hydrology.analyse(heights, cell_size_m=2.0, links=links)
    town = np.zeros(heights.shape, bool)
    town[4:9, 5:11] = True
    nodes, _ = click_nodes(terrain, np.ones(heights.shape), concerned_cells(terrain, town, links))
    check(terrain, nodes, np.ones(heights.shape), rain_mm)


WEST, NORTH = 700_000.0, 6_180_000.0


def storms_on(heights: np.ndarray[Any, Any], town: np.ndarray[Any, Any], runoff: np.ndarray[Any, Any]) -> Storms:
    grid = Raster(heights, Affine(2.0, 0, WEST, 0, -2.0, NORTH), float("nan"))
    outlets = np.zeros(heights.shape, np.uint8)
    outlets[:, 0] = 1
    line = shapely.LineString([(WEST + 1, NORTH), (WEST + 1, NORTH - 2 * heights.shape[0])])
    recipients = gpd.GeoDataFrame({"recipient_id": ["a"], "name": ["A"]}, geometry=[line], crs=CRS)
    scene = Scene(
        grid=grid,
        town=town,
        runoff=runoff.astype(np.float32),
        sealed=np.zeros(heights.shape, bool),
        recipients=recipients,
        outlets=outlets,
        neighbours=None,
        neighbour=np.zeros(heights.shape, np.uint8),
    )
    return Storms(scene, None, Soaking(0.6, 1.0))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(20, 700))
def test_the_part_ships_no_more_cells_than_allowed_and_pours_as_the_terrain(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    heights = rng.integers(0, 30, (24, 30)).astype(np.float32)
    heights[20:, 25:] = np.nan
    town = np.zeros(heights.shape, bool)
    town[6:18, 8:20] = True
    storms = storms_on(heights, town, rng.choice([0.1, 0.9], heights.shape))
    request = Given(inputs={}, assumptions={"click_max_cells": most}, progress=lambda label, share: None)
    found = CLICK.compute(request, storms, Found())
    nodes, rasters = found.tables["click_nodes"], found.rasters
    for table in CLICK.tables:
        assert [column.name for column in table.columns] == list(found.tables[table.name].columns)
    assert {raster.name for raster in CLICK.rasters} == set(rasters)
    height, directions, basins, outlets = (
        rasters[name].array for name in ("click_height_m", "click_directions", "click_basins", "click_outlets")
    )
    shipped = directions != 255
    assert 0 < shipped.sum() <= most
    assert (np.isfinite(height) == shipped).all()
    assert ((basins != NO_CELL) == shipped).all()
    assert not outlets[~shipped].any()
    assert (height.dtype, directions.dtype, basins.dtype) == (np.float32, np.uint8, np.int32)
    coarse, concerned = coarse_of(storms, most_cells=most)
    assert np.array_equal(concerned, shipped)
    assert rasters["click_height_m"].cell_size_m == coarse.scene.grid.cell_size_m
    # the page: what is left of the rain after the initial loss, times area and share that runs off
    event = coarse.standing.event(40.0, runoff=coarse.scene.runoff, losses=0.6)
    stored = pour(nodes, 40.0 - 0.6)
    table, _ = click_nodes(coarse.standing, coarse.scene.runoff, concerned)
    expected = event.held_m3[table["terrain_node"]]
    assert stored == pytest.approx(expected, rel=1e-6, abs=1e-9 * max(expected.max(initial=0.0), 1.0))


def test_small_enough_cells_are_left_as_they_are() -> None:
    storms = storms_on(slope_with_hollows(), np.ones((5, 12), bool), np.ones((5, 12)))
    assert coarse_of(storms, most_cells=60)[0] is storms
    assert coarse_of(storms, most_cells=59)[0].scene.grid.cell_size_m == (4.0, 4.0)
