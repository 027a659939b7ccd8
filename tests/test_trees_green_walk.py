"""The walk to green along streets: figures of one street, one path and one park on paper."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from tree_maker import given_of, parcels, roads

from ballerup_geo.methods.trees._green_walk import GreenWalk, gates_of, green_walk
from ballerup_geo.methods.trees._town import town_of

EAST, NORTH = 700_000.0, 6_180_000.0
STREET, PATH = [(0.0, 0.0), (1000.0, 0.0)], [(500.0, 0.0), (500.0, 200.0)]
PARK = shapely.box(EAST + 400, NORTH + 200, EAST + 700, NORTH + 400)
FAR = shapely.box(EAST + 900, NORTH + 150, EAST + 1000, NORTH + 250)


def walk_of(*homes: tuple[float, float], lines: gpd.GeoDataFrame | None = None, **assumptions: Any) -> GreenWalk:
    """Homes by a street of one kilometre with a path to the park's southern rim."""
    given = given_of(
        parcels=parcels(shapely.box(0, 0, 10, 10)),
        roads=roads(STREET, PATH) if lines is None else lines,
        assumptions=assumptions,
    )
    return green_walk(given, town_of(given), np.add(homes, (EAST, NORTH)))


def test_the_walk_goes_by_street_and_path_and_not_as_the_crow_flies() -> None:
    # 10 + 70 + 200 = 280 m; 20 + 100 + 200 = 320 m, though the park lies 180 m away, 234 m by the factor 1.3
    near, closed = walk_of((430, 10), (400, 20)).near(np.array([PARK]))
    assert near.tolist() == [True, False]
    assert closed.tolist() == [False]
    assert walk_of((400, 20), green_walk_m=320.5).near(np.array([PARK]))[0].all()


def test_gates_stand_along_a_street_beside_the_green_with_the_metres_to_its_rim() -> None:
    walk = walk_of((0, 0), lines=roads([(0, 192), (1000, 192)]))
    assert walk.graph is not None
    gates, into = gates_of(walk.graph, np.array([PARK]), gate_m=10.0)
    # within 10 m of the rim from x = 394 to 706: corners are round, √(10² − 8²) = 6
    assert gates.along_m.min() == pytest.approx(394, abs=0.5)
    assert gates.along_m.max() == pytest.approx(706, abs=0.5)
    assert np.diff(np.sort(gates.along_m)).max() <= 10
    assert gates.off_m.max() <= 10.01
    assert gates.off_m.min() == pytest.approx(8)
    assert set(into.tolist()) == {0}


def test_a_street_beyond_the_rim_or_on_a_bridge_is_no_gate_and_the_area_is_told_of() -> None:
    away = walk_of((500, 180), lines=roads([(0, 189), (1000, 189)]))
    near, closed = away.near(np.array([PARK]))
    assert closed.tolist() == [True]
    assert near.tolist() == [True]  # 20 m × 1.3
    assert "1 green areas have no street or path within 10 m" in away.notes(1)[0]["en"]
    bridge = walk_of((500, 180), lines=roads([(0, 192), (1000, 192)], level=[1]))
    assert bridge.near(np.array([PARK]))[1].tolist() == [True]
    assert walk_of((0, 0), lines=roads([(0, 192), (1000, 192)])).near(np.array([PARK]))[1].tolist() == [False]


def test_homes_off_the_network_fall_back_and_are_counted() -> None:
    # 170 m north of the street's end, 90 m from FAR: beyond 150 m of any street; its way is 90 × 1.3 = 117 m
    walk = walk_of((810, 170), (430, 10), (0, 400))
    assert walk.off_network.tolist() == [True, False, True]
    near, _ = walk.near(np.array([FAR, PARK]))
    assert near.tolist() == [True, True, False]
    (note,) = walk.notes(0)
    assert note["en"].startswith("2 homes lie more than 150 m from a street or path")
    assert note["da"].startswith("2 boliger ligger mere end 150 m fra vej og sti")


def test_who_lives_in_the_green_is_near_it_whatever_the_streets() -> None:
    assert walk_of((450, 250), lines=roads([(0, 250), (390, 250)])).near(np.array([PARK]))[0].tolist() == [True]


def test_without_a_street_to_walk_on_the_straight_line_is_taken_and_told() -> None:
    walk = walk_of((500, 0), (500, -40), lines=roads(STREET, walking_allowed=[False]))
    assert walk.graph is None
    assert walk.near(np.array([PARK]))[0].tolist() == [True, False]  # 300 / 1.3 = 230.8 m: 200 and 240
    assert "No street or path" in walk.notes(1)[0]["en"]
    assert walk.near(np.empty(0, dtype=object))[0].tolist() == [False, False]
