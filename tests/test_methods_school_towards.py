"""The way to school from any place on a street: on the village by paper, and as the analysis follows the pupils."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from school_maker import HOMES, ROADS, addresses, at, frame, roads, schools, village

from ballerup_geo.methods._part import Found
from ballerup_geo.methods.school_routes._scene import scene_of
from ballerup_geo.methods.school_routes._towards import TOWARDS
from ballerup_geo.methods.school_routes._ways import WAYS
from ballerup_geo.spec import Given

Told = tuple[float, int, str, str]
"""Length in metres, worst stress, for whom it is a low-stress route, and the school."""


def ways_from(given: Given) -> gpd.GeoDataFrame:
    found = TOWARDS.compute(given, scene_of(given), Found()).tables["ways_from"]
    assert isinstance(found, gpd.GeoDataFrame)
    return found


def followed(ways: gpd.GeoDataFrame, place: shapely.Point, level: str, most_m: float = 100.0) -> Told | None:
    """Go along as the page does: the nearest line that may be begun on, then always the one that is named."""
    here = ways[ways[f"from_{level}"] == "Landsbyskolen"]
    away = here.distance(place)
    if not len(here) or away.min() > most_m:
        return None
    row = ways.loc[away.idxmin()]
    length_m, worst = row.geometry.length - row.geometry.project(place), int(row["stress"])
    by_id, seen = ways.set_index("way_id"), {row["way_id"]}
    while not pd.isna(row["next_way"]):
        following = by_id.loc[row["next_way"]]
        if following.name in seen:
            return None
        assert row.geometry.boundary.geoms[1].distance(following.geometry.boundary.geoms[0]) < 0.01
        seen.add(following.name)
        row = following
        length_m, worst = length_m + row.geometry.length, max(worst, int(row["stress"]))
    return length_m, worst, row["low_stress"], row["goal"]


@pytest.mark.parametrize(
    ("home", "level", "length_m", "stress", "whom", "site"),
    [
        ("h1", "0_3", 170.0, 1, "all", "Vest"),
        ("h2", "0_3", 470.0, 2, "4_10", "Vest"),  # its own street is of level 2
        ("h3", "4_6", 770.0, 3, "calmer", "Vest"),
        ("h3", "7_9", 570.0, 4, "shortest", "Øst"),  # Øst teaches the class and is nearer
        ("h4", "0_3", 770.0, 2, "4_10", "Vest"),  # the path alone is 1,070 m, more than 1.25 × 770 m
        ("h5", "4_6", 1070.0, 4, "shortest", "Vest"),
        ("h8", "0_3", 270.0, 4, "shortest", "Vest"),  # across Ringvejen
    ],
)
def test_a_place_is_told_its_way(home: str, level: str, length_m: float, stress: int, whom: str, site: str) -> None:
    told = followed(ways_from(village()), at(*HOMES[home][0]), level)
    assert told == (pytest.approx(length_m), stress, whom, f"Landsbyskolen {site}")


def test_the_street_is_cut_where_another_way_is_the_best() -> None:
    """On the path's eastern side, y m north, the way round will do where it is at most 1.25 times the straight one."""
    ways = ways_from(village())
    turn = (900.0 + 320.0 - 1.25 * 620.0) / 2.25  # 900 − y + 320 = 1.25 (y + 620)
    for y, stress in ((turn - 1.0, 2), (turn + 1.0, 1)):
        told = followed(ways, at(600, y), "0_3")
        assert told is not None
        assert told[1] == stress


def test_no_pupil_and_no_home_enters() -> None:
    usual = ways_from(village())
    other = ways_from(village(addresses=addresses({"x": ((450, 0), {"pupils_0_3": 1})})))
    pd.testing.assert_frame_equal(pd.DataFrame(usual), pd.DataFrame(other))


def test_who_lies_in_no_district_of_a_known_school_has_no_way() -> None:
    ways = ways_from(village())
    assert followed(ways, at(2050, 0), "0_3") is None  # the island's school is a ghost
    assert set(ways["from_0_3"].dropna()) == {"Landsbyskolen"}
    assert ways["from_10"].isna().all()  # no site teaches the class
    assert len(ways_from(village(school_districts=None))) == 0


SCHOOL_ON_A_STREET = frame(
    [
        {"school_id": "S1", "school": "Landsbyskolen", "site": "Midt", "class_from": 0, "class_to": 9},
        {"school_id": "S2", "school": "Landsbyskolen", "site": "Syd", "class_from": 4, "class_to": 9},
    ],
    [at(400, 0), at(0, -80)],
)


@pytest.mark.parametrize(
    ("inputs", "assumptions"),
    [
        ({}, {}),
        ({"schools": SCHOOL_ON_A_STREET}, {}),  # the goal lies along a street
        ({"roads": roads(boliggade={"one_way": True}, skolegade={"one_way": True})}, {}),
        ({"schools": SCHOOL_ON_A_STREET, "roads": roads(stien={"one_way": True})}, {"detour_max": 2.0}),
        ({"roads": roads(hovedgade={"speed_kmh": 30}, skolegade={"speed_kmh": None})}, {"detour_max": 1.0}),
    ],
)
def test_places_everywhere_are_told_what_pupils_there_would_be(
    inputs: dict[str, Any], assumptions: dict[str, Any]
) -> None:
    """Rival: the analysis follows pupils from the same places by routes of its own."""
    rng = np.random.default_rng(7)
    pupils = {"pupils_0_3": 1, "pupils_4_6": 1, "pupils_7_9": 1}
    homes = {}
    for street, (course, _) in ROADS.items():
        line = shapely.LineString(course)
        for number, share in enumerate(rng.random(12)):
            place = line.interpolate(share, normalized=True)
            homes[f"{street}{number:02d}"] = ((place.x, place.y), pupils)
    given = village({**assumptions}, **{"schools": schools(), **inputs, "addresses": addresses(homes)})
    scene = scene_of(given)
    trips = WAYS.compute(given, scene, Found()).tables["trips"]
    ways = TOWARDS.compute(given, scene, Found()).tables["ways_from"]
    reached = 0
    for trip in trips.itertuples():
        told = followed(ways, at(*homes[str(trip.address_id)][0]), str(trip.level))
        if pd.isna(trip.stress):
            assert told is None, trip
            continue
        reached += 1
        assert told is not None, trip
        assert told[:2] == (pytest.approx(trip.length_m, abs=0.11), trip.stress), trip
        assert (told[2] in ("all", "4_10")) >= trip.low_stress
    assert reached > 100
