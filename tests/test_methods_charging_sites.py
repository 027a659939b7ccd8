"""Candidate sites of the paper's village (``charge_maker.py``), and what else chooses among them stands on."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from charge_maker import EAST, NORTH, PAPER, frame, layers, roads, shipped

from ballerup_geo.methods.charging._candidates import SITE_KINDS, Wanted, candidate_sites
from ballerup_geo.methods.charging._ground import scene_of
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.spec import Given

WANTED = Wanted(spaces_min=10, street_classes=("residential",), roadside_step_m=250.0, roadside_reach_m=300.0)


def scene(**changed: pd.DataFrame | None) -> Scene:
    given = Given(
        inputs={**layers(), **changed}, assumptions={**shipped(), **PAPER}, progress=lambda _label, _share: None
    )
    return scene_of(given)


def parking() -> gpd.GeoDataFrame:
    rows = [
        ("P1", 60, "residents", "housing_association", "flats"),
        ("P2", 40, "customers", "company", "retail"),
        ("P3", 9, "public", "municipality", "public"),
        ("P4", 30, "employees", "company", "office"),
        ("P5", 50, "public", "municipality", "station"),
    ]
    names = ("parking_id", "spaces", "access", "owner_kind", "building_use")
    places = [shapely.box(x, 10, x + 40, 40) for x in (20, 300, 360, 420, 480)]
    return frame([dict(zip(names, row, strict=True)) for row in rows], places)


def test_candidates_are_parking_that_may_be_opened_by_kind() -> None:
    sites = candidate_sites(scene(parking=parking()), WANTED)
    assert sites[["site_id", "kind"]].to_numpy().tolist() == [["P5", "station"], ["P2", "shopping"], ["P1", "shared"]]
    assert set(sites["kind"]) <= set(SITE_KINDS)
    assert sites["plugs"].tolist() == [0, 0, 0]


def test_a_station_stands_for_itself_only_without_parking() -> None:
    stations = frame(
        [
            {"station_id": "S1", "name": "Vest", "kind": "s_train"},
            {"station_id": "S2", "name": "Øst", "kind": "s_train"},
        ],
        [shapely.Point(510, 2), shapely.Point(900, 2)],
    )
    sites = candidate_sites(scene(parking=parking(), stations=stations), WANTED)
    assert sites.loc[sites["kind"] == "station", "site_id"].tolist() == ["P5", "S2"]
    assert candidate_sites(scene(stations=stations), WANTED)["site_id"].tolist() == ["S1", "S2"]


def test_roadside_candidates_stand_where_cars_park_near_doors_that_share_parking() -> None:
    """1,000 m of street give four places, at 125, 375, 625 and 875 m; only the first lies within 300 m of the block."""
    streets = roads().assign(
        **{"class": "residential", "owner": ["municipality", "private", "state", "private"], "parking_sides": 1}
    )
    sites = candidate_sites(scene(roads=streets), WANTED)
    assert sites["site_id"].tolist() == ["nordgade-1"]
    assert shapely.get_coordinates(sites.geometry.to_numpy()).tolist() == [[EAST + 125.0, NORTH]]
    none = candidate_sites(scene(roads=streets.assign(parking_sides=0)), WANTED)
    assert len(none) == 0
    assert "site_id" in none


def test_walking_metres_count_the_way_from_door_to_middle() -> None:
    village = scene(parking=parking())
    sites = candidate_sites(village, WANTED)
    ways = village.walk.to_sites(sites.geometry, limit_m=500.0).toarray()
    assert ways[0] == pytest.approx([0.0, 10 + 320 + 25, 10 + 40 + 25])  # the station's middle lies 535 m away
    assert np.diff(village.walk.to_sites(sites.geometry, limit_m=500.0).indptr).tolist() == [2, 0]


def test_what_cars_take_away_from_home() -> None:
    village = scene()
    cars = village.without_home("main", 2030)
    assert cars.tolist() == pytest.approx([15.0, 0.0])
    assert village.away_kwh(cars).tolist() == pytest.approx([15 * 3000 * 0.75, 0.0])
    assert village.away_kwh(np.ones(1), at_home=True).tolist() == pytest.approx([600.0])
