"""Levels of traffic stress: every cell of the published tables at both sides of each bound, and missing data."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.network import (
    RULES,
    faulty_values,
    level_of_traffic_stress,
    stress_interval,
    stress_table,
    suspect_speeds,
)

MPH = 1.609344
FOOT = 0.3048


def level(rules: str = "furth-2.2", **street: Any) -> int:
    found = stress_interval(pd.DataFrame([street]), rules=rules)
    low, high = found["stress_low"].iloc[0], found["stress_high"].iloc[0]
    assert low == high, found
    return int(high)


# ---------------------------------------------------------------- Furth 2.2: 149 cells
# the tables as printed (mph, feet), typed here a second time and independently of the data file

MIXED_MPH = [23.5, 28.5, 33.5, 38.5, 43.5, 48.5]
TWO_WAY = {"one_way": False, "lanes_per_direction": 1}
ONE_WAY = {"one_way": True, "lanes_per_direction": 1, "centreline": False, "parking_sides": 0}
MIXED = [
    (TWO_WAY | {"centreline": False}, (0, 750), "1 1 2 2 3 3 3"),
    (TWO_WAY | {"centreline": False}, (751, 1500), "1 1 2 3 3 3 3"),
    (TWO_WAY | {"centreline": False}, (1501, 3000), "2 2 2 3 3 4 4"),
    (TWO_WAY | {"centreline": False}, (3001, 90000), "2 2 3 3 4 4 4"),
    (TWO_WAY | {"centreline": True}, (0, 1000), "1 1 2 2 3 3 3"),
    (TWO_WAY | {"centreline": True}, (1001, 1500), "2 2 2 3 3 4 4"),
    (TWO_WAY | {"centreline": True}, (1501, 90000), "2 3 3 3 4 4 4"),
    (ONE_WAY | {"carriageway_m": 4.5}, (0, 600), "1 1 2 2 3 3 3"),
    (ONE_WAY | {"carriageway_m": 4.5}, (601, 1000), "2 2 2 3 3 4 4"),
    (ONE_WAY | {"carriageway_m": 4.5}, (1001, 90000), "2 3 3 3 4 4 4"),
    (TWO_WAY | {"lanes_per_direction": 2, "centreline": True}, (0, 8000), "3 3 3 3 4 4 4"),
    (TWO_WAY | {"lanes_per_direction": 2, "centreline": True}, (8001, 90000), "3 3 4 4 4 4 4"),
    (TWO_WAY | {"lanes_per_direction": 3, "centreline": True}, (0, 90000), "3 3 4 4 4 4 4"),
]
LANE_MPH = [28.5, 33.5, 38.5, 43.5, 48.5]
WIDE, NARROW = (6 * FOOT, 3.0), (4 * FOOT, 1.82)
LANE = [
    (1, WIDE, "1 1 2 3 3 3"),
    (1, NARROW, "2 2 2 3 3 4"),
    (2, WIDE, "2 2 2 3 3 3"),
    (2, NARROW, "2 2 2 3 4 4"),
    (3, (4 * FOOT, 3.0), "3 3 3 4 4 4"),
]
PARKING_MPH = [28.5, 33.5, 38.5]
DEEP, SHALLOW = (4.57, 6.0), (12 * FOOT, 4.56)
PARKING = [
    ({"one_way": False, "lanes_per_direction": 1}, DEEP, "1 2 2 3"),
    ({"one_way": False, "lanes_per_direction": 1}, SHALLOW, "2 2 3 3"),
    ({"one_way": True, "lanes_per_direction": 2}, DEEP, "2 3 3 3"),
    ({"one_way": True, "lanes_per_direction": 2}, SHALLOW, "3 3 3 3"),
    ({"one_way": False, "lanes_per_direction": 2}, DEEP, "2 3 3 3"),
    ({"one_way": False, "lanes_per_direction": 2}, SHALLOW, "3 3 3 3"),
    ({"one_way": False, "lanes_per_direction": 3}, (12 * FOOT, 6.0), "3 3 3 3"),
]


def speeds(bounds_mph: list[float]) -> list[tuple[float, float]]:
    """Just above the bound before and just at the bound itself, in km/h, for each column."""
    edges = [1.0 / MPH - 1e-6, *bounds_mph, 90.0]
    return [((a + 1e-6) * MPH, b * MPH) for a, b in itertools.pairwise(edges)]


def cells(text: str) -> list[int]:
    return [int(cell) for cell in text.split()]


def test_there_are_149_cells() -> None:
    assert sum(len(cells(row[-1])) for table in (MIXED, LANE, PARKING) for row in table) == 149


@pytest.mark.parametrize("row", MIXED, ids=lambda row: f"{row[2]}")
def test_mixed_traffic_at_both_ends_of_every_cell(row: tuple[dict[str, Any], tuple[int, int], str]) -> None:
    street, traffic, text = row
    corners = [
        (street | {"facility": "mixed", "speed_kmh": speed, "aadt": aadt}, cell)
        for (low, high), cell in zip(speeds(MIXED_MPH), cells(text), strict=True)
        for speed in (low, high)
        for aadt in traffic
    ]
    assert len(corners) == 28
    found = stress_interval(pd.DataFrame([corner for corner, _ in corners]))
    assert found["stress_low"].tolist() == found["stress_high"].tolist() == [cell for _, cell in corners]


def mixed_cell(street: dict[str, Any]) -> int:
    return level(**(street | {"facility": "mixed", "aadt": 90000, "centreline": True}))


@pytest.mark.parametrize("row", LANE, ids=lambda row: f"{row[0]} {row[2]}")
def test_cycle_lane_at_both_ends_of_every_cell(row: tuple[int, tuple[float, float], str]) -> None:
    lanes, widths, text = row
    for (low, high), cell in zip(speeds(LANE_MPH), cells(text), strict=True):
        for speed, width in itertools.product((low, high), widths):
            street = TWO_WAY | {"lanes_per_direction": lanes, "speed_kmh": speed}
            lane = {"facility": "lane", "lane_width_m": width, "aadt": 90000, "centreline": True}
            assert level(**street, **lane) == min(cell, mixed_cell(street))  # note 4


@pytest.mark.parametrize("row", PARKING, ids=lambda row: f"{row[2]}")
def test_lane_beside_parking_at_both_ends_of_every_cell(row: tuple[dict[str, Any], tuple[float, float], str]) -> None:
    street, reaches, text = row
    for (low, high), cell in zip(speeds(PARKING_MPH), cells(text), strict=True):
        for speed, reach in itertools.product((low, high), reaches):
            there = street | {"speed_kmh": speed}
            lane = {"facility": "lane_beside_parking", "reach_m": reach, "aadt": 90000, "centreline": True}
            assert level(**there, **lane) == min(cell, mixed_cell(there))


@pytest.mark.parametrize(("sides", "width"), [(0, 4.57), (1, 6.7056), (2, 9.14)])
def test_a_one_way_street_is_narrow_below_its_width(sides: int, width: float) -> None:
    street = ONE_WAY | {"facility": "mixed", "speed_kmh": 40, "aadt": 900, "parking_sides": sides}
    assert level(**street, carriageway_m=width - 0.01) == 2
    assert level(**street, carriageway_m=width) == 1


@pytest.mark.parametrize("facility", ["path", "track"])
def test_beside_the_traffic_all_is_calm(facility: str) -> None:
    assert {level(rules, facility=facility, speed_kmh=130) for rules in RULES} == {1}


def test_the_notes() -> None:
    lane = TWO_WAY | {"facility": "lane", "speed_kmh": 50, "lane_width_m": 2.0, "aadt": 9000, "centreline": True}
    assert level(**lane) == 1
    assert level(**lane, blocked=True) == 3  # note 1: mixed traffic
    assert level(**(lane | {"lane_width_m": 1.21})) == 3  # note 2: below 4 ft
    assert level(**(lane | {"lane_width_m": 1.21}), kerb=False) == 2  # … but 3.5 ft will do beside a road edge
    assert level(**(lane | {"lane_width_m": 1.06}), kerb=False) == 3
    assert level(**(lane | {"lane_width_m": 1.5})) == 2
    assert level(**(lane | {"lane_width_m": 1.5}), turn_lane=True) == 1  # note 3: 2 ft more
    assert level(**(lane | {"lane_width_m": 1.5, "lanes_per_direction": 2}), turn_lane=True) == 2  # … of one lane only
    beside = lane | {"facility": "lane_beside_parking", "reach_m": 3.65}
    assert level(**beside) == 3  # note 2: reach below 12 ft
    assert level(**(beside | {"reach_m": 3.66})) == 2
    quiet = lane | {"aadt": 300, "speed_kmh": 40, "lane_width_m": 1.5}
    assert level(**quiet) == 1  # note 4: mixed traffic would be 1


def test_speeds_are_kilometres_an_hour_and_70_is_below_its_edge() -> None:
    """mph read as km/h would put 30 and 50 into later columns; 70 km/h is 43.496 mph, just below 43.5."""
    street = TWO_WAY | {"facility": "mixed", "centreline": False, "aadt": 100}
    found = [level(**street, speed_kmh=speed) for speed in (30, 40, 50, 60, 70, 80)]
    assert found == [1, 1, 2, 2, 3, 3]
    busy = TWO_WAY | {"facility": "mixed", "centreline": False, "aadt": 2000}
    assert [level(**busy, speed_kmh=speed) for speed in (30, 40, 50, 60, 70, 70.01, 80)] == [2, 2, 2, 3, 3, 4, 4]


# ---------------------------------------------------------------- the other rule sets


def test_the_six_streets_that_tell_the_rule_sets_apart() -> None:
    street = {"one_way": False, "lanes_per_direction": 1, "facility": "mixed"}
    six = pd.DataFrame(
        [
            street | {"road_class": "residential", "speed_kmh": 50, "centreline": False, "aadt": 400},
            street | {"road_class": "residential", "speed_kmh": 30, "centreline": False, "aadt": 400},
            street | {"road_class": "tertiary", "speed_kmh": 50, "centreline": True, "aadt": 3000},
            street | {"road_class": "tertiary", "speed_kmh": 50, "facility": "lane", "lane_width_m": 1.5},
            street | {"road_class": "secondary", "speed_kmh": 60, "facility": "track"},
            street | {"road_class": "unclassified", "speed_kmh": 80, "centreline": False, "aadt": 300},
        ],
        index=list("abcdef"),
    )
    found = stress_table(six)
    assert list(found.index) == list("abcdef")
    expected = {
        "furth-2.2": [2, 1, 3, 2, 1, 3],
        "mekuria-2012": [2, 1, 3, 2, 1, 4],
        "denmark-viero": [2, 1, 3, 1, 1, 3],
        "bna-2026": [3, 1, 3, 3, 1, 3],
    }
    assert set(expected) == set(RULES)
    for rules, levels in expected.items():
        assert found[f"{rules} low"].tolist() == found[f"{rules} high"].tolist() == levels, rules
    assert found["spread"].tolist() == [1, 0, 0, 2, 0, 1]


@pytest.mark.parametrize(
    ("total", "mph", "plain", "relieved"),
    [
        (2, 25, 2, 1),
        (2, 30, 3, 2),
        (2, 35, 4, 4),
        (4, 25, 3, 3),
        (4, 30, 4, 4),
        (4, 35, 4, 4),
        (6, 25, 4, 4),
        (6, 30, 4, 4),
    ],
)
def test_mekuria_in_mixed_traffic(total: int, mph: int, plain: int, relieved: int) -> None:
    street = {"facility": "mixed", "lanes_per_direction": total // 2, "one_way": False, "speed_kmh": mph * MPH}
    assert level("mekuria-2012", **street, centreline=True, residential=False) == plain
    assert level("mekuria-2012", **street, centreline=False, residential=False) == relieved
    assert level("mekuria-2012", **street, centreline=True, residential=True) == relieved


def test_mekuria_counts_the_weakest_link() -> None:
    """Each criterion alone decides, whatever the others say."""
    lane = {"facility": "lane", "lanes_per_direction": 1, "lane_width_m": 2.0, "speed_kmh": 30 * MPH, "one_way": False}
    at = {
        (): 1,
        ("lanes_per_direction", 2): 3,
        ("lanes_per_direction", 3): 3,
        ("lane_width_m", 1.6): 2,
        ("speed_kmh", 35 * MPH): 3,
        ("speed_kmh", 40 * MPH): 4,
        ("blocked", True): 3,
    }
    for change, expected in at.items():
        assert level("mekuria-2012", **(lane | {"median": False} | dict([change] if change else []))) == expected
    assert level("mekuria-2012", **(lane | {"lanes_per_direction": 2, "median": True})) == 2
    beside = {"facility": "lane_beside_parking", "lanes_per_direction": 1, "reach_m": 5.0, "speed_kmh": 25 * MPH}
    beside |= {"one_way": False, "residential": False}
    at = {
        (): 1,
        ("lanes_per_direction", 2): 3,
        ("reach_m", 14.25 * FOOT): 2,
        ("reach_m", 13.5 * FOOT): 3,
        ("speed_kmh", 30 * MPH): 2,
        ("speed_kmh", 35 * MPH): 3,
        ("speed_kmh", 40 * MPH): 4,
        ("blocked", True): 3,
    }
    for change, expected in at.items():
        assert level("mekuria-2012", **(beside | dict([change] if change else []))) == expected
    short = beside | {"reach_m": 3.8}
    assert level("mekuria-2012", **(short | {"residential": True})) == 2  # any width will do for level 2
    assert level("mekuria-2012", **(short | {"speed_kmh": 24.9 * MPH})) == 2


@pytest.mark.parametrize(
    ("expected", "street"),
    [
        (1, {"speed_kmh": 30, "lanes_per_direction": 1}),
        (1, {"speed_kmh": 20, "lanes_per_direction": 3, "one_way": True}),
        (2, {"speed_kmh": 30, "lanes_per_direction": 3, "one_way": True}),
        (2, {"speed_kmh": 50, "lanes_per_direction": 1}),
        (3, {"speed_kmh": 50, "lanes_per_direction": 3, "one_way": True}),
        (2, {"speed_kmh": 40, "lanes_per_direction": 3, "one_way": True}),
        (2, {"speed_kmh": 50, "lanes_per_direction": 3, "one_way": True, "road_class": "residential"}),
        (3, {"speed_kmh": 40, "lanes_per_direction": 2}),
        (4, {"speed_kmh": 40, "lanes_per_direction": 3}),
        (4, {"speed_kmh": 60, "lanes_per_direction": 1}),
        (3, {"speed_kmh": 60, "lanes_per_direction": 1, "road_class": "unclassified"}),
        (3, {"speed_kmh": 50, "lanes_per_direction": 1, "road_class": "secondary"}),
        (2, {"speed_kmh": 30, "lanes_per_direction": 1, "bus": True}),
        (3, {"speed_kmh": 40, "lanes_per_direction": 1, "bus": True}),
        (1, {"facility": "lane", "speed_kmh": 50, "lanes_per_direction": 1}),
        (2, {"facility": "lane", "speed_kmh": 50, "lanes_per_direction": 2}),
        (2, {"facility": "lane", "speed_kmh": 40, "lanes_per_direction": 1, "bus": True}),
        (3, {"facility": "lane", "speed_kmh": 50, "lanes_per_direction": 1, "bus": True}),
        (3, {"facility": "lane", "speed_kmh": 60, "lanes_per_direction": 2}),
        (4, {"facility": "lane", "speed_kmh": 50, "lanes_per_direction": 3}),
        (4, {"facility": "lane", "speed_kmh": 65, "lanes_per_direction": 1}),
        (4, {"facility": "lane", "speed_kmh": 70, "lanes_per_direction": 1}),
    ],
)
def test_the_danish_study(expected: int, street: dict[str, Any]) -> None:
    assert (
        level("denmark-viero", **({"facility": "mixed", "one_way": False, "road_class": "service"} | street))
        == expected
    )


@pytest.mark.parametrize(
    ("expected", "street"),
    [
        (1, {"road_class": "residential", "speed_kmh": 25 * MPH}),
        (3, {"road_class": "residential", "speed_kmh": 26 * MPH}),
        (3, {"road_class": "residential", "speed_kmh": 30, "lanes_per_direction": 2}),
        (1, {"road_class": "tertiary", "speed_kmh": 15 * MPH}),
        (3, {"road_class": "tertiary", "speed_kmh": 30}),
        (1, {"road_class": "secondary", "facility": "lane", "speed_kmh": 20 * MPH, "lane_width_m": 1.22}),
        (3, {"road_class": "secondary", "facility": "lane", "speed_kmh": 20 * MPH, "lane_width_m": 1.21}),
        (3, {"road_class": "residential", "facility": "lane", "speed_kmh": 40, "lane_width_m": 2.0}),
        (1, {"road_class": "residential", "facility": "lane", "speed_kmh": 40, "lane_width_m": 2.0, "buffered": True}),
        (1, {"road_class": "living_street", "speed_kmh": 15}),
        (3, {"road_class": "living_street", "speed_kmh": 15, "cycling_allowed": False}),
        (3, {"road_class": "motorway", "speed_kmh": 30}),
    ],
)
def test_bna(expected: int, street: dict[str, Any]) -> None:
    assert level("bna-2026", **({"facility": "mixed", "lanes_per_direction": 1} | street)) == expected


# ---------------------------------------------------------------- what is missing, what cannot be

VALUES: dict[str, list[Any]] = {
    "facility": ["path", "track", "lane", "lane_beside_parking", "mixed"],
    "speed_kmh": [20.0, 30.0, 40.0, 45.0, 50.0, 55.0, 60.0, 66.0, 70.0, 75.0, 80.0],
    "lanes_per_direction": [1, 2, 3],
    "one_way": [True, False],
    "centreline": [True, False],
    "aadt": [0, 600, 601, 750, 751, 1000, 1001, 1500, 1501, 3000, 3001, 8000, 8001, 20000],
    "lane_width_m": [0.5, 1.1, 1.3, 1.7, 2.0],
    "reach_m": [3.2, 3.8, 4.2, 4.6, 5.5],
    "carriageway_m": [3.0, 5.0, 7.0, 10.0],
    "parking_sides": [0, 1, 2],
    "road_class": ["primary", "tertiary", "residential", "unclassified", "living_street", "motorway"],
    "residential": [True, False],
    "median": [True, False],
    "bus": [True, False],
    "blocked": [True, False],
}
STREET = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})


@settings(max_examples=25, deadline=None)
@given(street=STREET, hidden=st.sets(st.sampled_from(sorted(VALUES)), max_size=4))
def test_the_interval_holds_every_completion_and_no_more(street: dict[str, Any], hidden: set[str]) -> None:
    known = pd.DataFrame([street]).astype(object)
    veiled = known.copy()
    veiled[sorted(hidden)] = None
    for rules in RULES:
        found = stress_interval(veiled, rules=rules).iloc[0]
        low, high = int(found["stress_low"]), int(found["stress_high"])
        assert low <= level(rules, **street) <= high
        assert (found["reason"] == "") == (low == high)
        assert set(found["reason"].removeprefix("missing ").split(", ")) <= hidden | {""}
        one = next(iter(sorted(hidden)), None)
        if len(hidden) == 1 and one != "residential":  # which follows from the road class
            completions = pd.DataFrame([street | {str(one): value} for value in VALUES[str(one)]])
            each = level_of_traffic_stress(completions, rules=rules).tolist()
            assert low <= min(each) <= max(each) <= high
            if len(each) > 3:
                assert (low, high) == (min(each), max(each))


@settings(max_examples=25, deadline=None)
@given(street=STREET)
def test_more_traffic_and_more_speed_never_calm_a_street(street: dict[str, Any]) -> None:
    for column in ("aadt", "speed_kmh"):
        frame = pd.DataFrame([street | {column: value} for value in VALUES[column]])
        assert level_of_traffic_stress(frame).is_monotonic_increasing
    wider = pd.DataFrame([street | {"lane_width_m": value} for value in VALUES["lane_width_m"]])
    assert level_of_traffic_stress(wider).is_monotonic_decreasing
    table = stress_table(pd.DataFrame([street | {"facility": facility} for facility in ("track", "lane", "mixed")]))
    assert table["furth-2.2 high"].is_monotonic_increasing  # a track is never worse than a lane, nor a lane than none


def test_the_reason_names_what_is_missing() -> None:
    streets = pd.DataFrame(
        [
            {"facility": "mixed", "speed_kmh": 50, "lanes_per_direction": 1, "one_way": False, "centreline": False},
            {"facility": "mixed", "speed_kmh": 80, "lanes_per_direction": 3},
            {"facility": None, "speed_kmh": 30},
            {"facility": "track"},
        ]
    )
    found = stress_interval(streets)
    assert found["stress_low"].tolist() == [2, 4, 1, 1]
    assert found["stress_high"].tolist() == [3, 4, 3, 1]
    assert found["reason"].tolist() == ["missing aadt", "", "missing facility", ""]
    assert level_of_traffic_stress(streets).tolist() == [3, 4, 3, 1]
    assert str(level_of_traffic_stress(streets).dtype) == "int8"


def test_a_stated_range_narrows_what_may_be() -> None:
    """A service road without a sign lies in town: at most 50 km/h. Of three, one has a sign and one no stated range."""
    street = {"facility": "mixed", "lanes_per_direction": 1, "one_way": False, "centreline": False, "aadt": 60}
    three = pd.DataFrame([street, street | {"speed_kmh": 80}, street])
    assert stress_interval(three)["stress_high"].tolist() == [3, 3, 3]
    ranges = {"speed_kmh": (5, np.array([50, 50, np.nan]))}
    found = stress_interval(three, ranges=ranges)
    assert found["stress_low"].tolist() == [1, 3, 1]
    assert found["stress_high"].tolist() == [2, 3, 3]
    assert found["reason"].tolist() == ["missing speed_kmh", "", "missing speed_kmh"]
    assert stress_interval(three, ranges={"speed_kmh": (45, 50)})["stress_low"].tolist() == [1, 3, 1]
    sure = stress_interval(three, ranges={"speed_kmh": (46, 50)})
    assert sure["stress_low"].tolist() == sure["stress_high"].tolist() == [2, 3, 2]
    assert sure["reason"].tolist() == ["", "", ""]


@settings(max_examples=25, deadline=None)
@given(street=STREET, speed=st.tuples(*[st.sampled_from(VALUES["speed_kmh"])] * 2), aadt=st.integers(0, 9000))
def test_a_range_holds_what_lies_in_it(street: dict[str, Any], speed: tuple[float, float], aadt: int) -> None:
    veiled = pd.DataFrame([street | {"speed_kmh": None, "aadt": None}]).astype(object)
    ends = (min(speed), max(speed))
    inside = [value for value in VALUES["speed_kmh"] if ends[0] <= value <= ends[1]]
    counted = [value for value in VALUES["aadt"] if aadt <= value <= aadt + 3000] or [aadt]
    full = [street | {"speed_kmh": value, "aadt": cars} for value in inside for cars in counted]
    for rules in RULES:
        found = stress_interval(veiled, rules=rules, ranges={"speed_kmh": ends, "aadt": (aadt, aadt + 3000)}).iloc[0]
        each = level_of_traffic_stress(pd.DataFrame(full), rules=rules)
        assert found["stress_low"] <= each.min()
        assert found["stress_high"] >= each.max()
        assert (found["reason"] == "") == (found["stress_low"] == found["stress_high"])
        unlimited = stress_interval(veiled, rules=rules).iloc[0]
        assert unlimited["stress_low"] <= found["stress_low"] <= found["stress_high"] <= unlimited["stress_high"]


def test_impossible_values_are_named_all_at_once() -> None:
    streets = pd.DataFrame(
        {"facility": ["mixed", "highway", "lane"], "aadt": [-1, 5, 10], "speed_kmh": [50, 300, 50]},
        index=["north", "mid", "south"],
    )
    assert len(faulty_values(streets)) == 3
    with pytest.raises(DataError) as raised:
        level_of_traffic_stress(streets)
    text = str(raised.value)
    assert len(raised.value.faults) == 3
    assert all(word in text for word in ("north (-1)", "mid (highway)", "mid (300)"))
    with pytest.raises(DataError, match="facility"):
        stress_interval(streets.drop(columns="facility"))
    with pytest.raises(MethodError, match=r"furth-2\.2"):
        stress_interval(streets, rules="furth")


def test_limits_in_miles_are_suspected_by_id() -> None:
    roads = pd.DataFrame({"road_id": list("abcdefg"), "speed_kmh": [50, 15, 45, 30, 80, None, 60]})
    assert suspect_speeds(roads)["street"].tolist() == ["c"]
    miles = roads.assign(speed_kmh=[30, 25, 35, 25, 20, None, 45])
    assert suspect_speeds(miles)["street"].tolist() == list("abcdeg")
    assert suspect_speeds(miles)["value"].iloc[1] == "25.0"
    assert len(suspect_speeds(roads.assign(speed_kmh=50))) == 0
    assert len(suspect_speeds(roads.head(0))) == 0


def test_a_hundred_thousand_streets_take_well_under_a_second() -> None:
    rng = np.random.default_rng(7)
    many = pd.DataFrame(
        {name: rng.choice(np.array([*values, None], dtype=object), 100_000) for name, values in VALUES.items()}
    )
    many = many.convert_dtypes()
    stress_interval(many.head(10))  # reads the tables
    start = time.process_time()
    found = stress_interval(many)
    assert time.process_time() - start < 1.0
    assert len(found) == 100_000
    shuffled = many.sample(frac=1, random_state=1)
    assert stress_interval(shuffled).sort_index().equals(found)
