"""Stress of crossings by the road crossed, and the administrative practice that is no stress at all."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.network import CROSSING_RULES, crossing_stress, trafikfarlig


def level(rules: str = "furth-practice", **road: Any) -> int:
    found = crossing_stress(pd.DataFrame([road]), rules=rules).iloc[0]
    assert found["low"] == found["high"], found
    return int(found["high"])


# speed, island, lanes -> bounds of traffic and the levels between them
OPEN = [
    (62, 1.79, 2, [6000, 24000], [1, 2, 3]),
    (62, 1.8, 2, [12000, 24000], [1, 2, 3]),
    (62, 0, 3, [9000, 17000], [1, 2, 3]),
    (62, 0, 4, [6000, 12000, 19000], [1, 2, 3, 4]),
    (62.1, 1.79, 4, [17000], [2, 3]),
    (62.1, 1.8, 4, [8000, 17000], [1, 2, 3]),
    (62.1, 0, 3, [6000, 12000, 18000], [1, 2, 3, 4]),
    (62.1, 0, 4, [10000, 14000], [2, 3, 4]),
]


@pytest.mark.parametrize(("speed", "island", "lanes", "bounds", "levels"), OPEN)
@pytest.mark.parametrize("control", ["none", "zebra"])
def test_every_bound_of_unsignalised_crossings(
    control: str, speed: float, island: float, lanes: int, bounds: list[int], levels: list[int]
) -> None:
    road = {"control": control, "speed_kmh": speed, "island_m": island, "lanes": lanes}
    assert [level(**road, aadt=bound) for bound in bounds] == levels[:-1]
    assert [level(**road, aadt=bound + 1) for bound in bounds] == levels[1:]
    assert level(**road, aadt=0) == levels[0]


def test_what_lifts_a_crossing_off_the_road() -> None:
    for control in ("signal", "stop", "underpass", "bridge"):
        assert level(control=control, speed_kmh=80, aadt=30000, lanes=6, island_m=0) == 1
    signal = {"control": "signal", "aadt": 30000}
    assert level(**signal, right_turns_per_h=120) == 1
    assert level(**signal, right_turns_per_h=121) == 2
    assert level(**signal, right_turns_per_h=121, bike_signal=True) == 1
    assert level(**signal, crossing_m=30.1) == 2
    assert level(**signal, two_stage=True) == 2
    assert level(**signal, limited_visibility=True) == 2


def test_a_path_over_one_lane() -> None:
    path = {"control": "none", "from_path": True, "lanes": 1, "island_m": 0}
    assert level(**path, speed_kmh=62, aadt=8000) == 1
    assert level(**path, speed_kmh=63, aadt=8000) == 2  # as any other: fast, no island
    assert level(**path, speed_kmh=46, aadt=9001) == 2
    assert level(**(path | {"island_m": 1.0}), speed_kmh=46, aadt=30000) == 1
    assert level(**path, speed_kmh=50, aadt=3000, limited_visibility=True) == 2


def test_the_measured_speed_counts_before_the_limit() -> None:
    road = {"control": "none", "speed_kmh": 60, "aadt": 7000, "island_m": 0, "one_way": False, "lanes_per_direction": 1}
    assert level(**road) == 1
    assert level(**road, speed85_kmh=64) == 2


@pytest.mark.parametrize(
    ("mph", "without", "refuge"),
    [(25, [1, 2, 4], [1, 1, 2]), (30, [1, 2, 4], [1, 2, 3]), (35, [2, 3, 4], [2, 3, 4]), (40, [3, 4, 4], [3, 4, 4])],
)
def test_mekurias_crossings(mph: int, without: list[int], refuge: list[int]) -> None:
    road = {"control": "none", "speed_kmh": mph * 1.609344}
    for island, expected in ((0, without), (1.82, without), (1.83, refuge)):
        assert [level("mekuria-2012", **road, lanes=lanes, island_m=island) for lanes in (3, 5, 6)] == expected
        assert level("mekuria-2012", **road, lanes=4, island_m=island) == expected[1]


VALUES: dict[str, list[Any]] = {
    "control": ["none", "zebra", "signal", "stop", "underpass", "bridge"],
    "speed_kmh": [30.0, 46.0, 50.0, 62.0, 70.0],
    "aadt": [0, 6000, 8000, 9000, 10000, 12000, 14000, 17000, 18000, 19000, 24000, 40000],
    "lanes": [1, 2, 4, 6],
    "island_m": [0.0, 1.0, 2.0],
    "from_path": [True, False],
}


@settings(max_examples=30, deadline=None)
@given(
    road=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}),
    hidden=st.sets(st.sampled_from(sorted(VALUES)), max_size=3),
)
def test_the_interval_holds_every_completion(road: dict[str, Any], hidden: set[str]) -> None:
    veiled = pd.DataFrame([road]).astype(object)
    veiled[sorted(hidden)] = None
    for rules in CROSSING_RULES:
        found = crossing_stress(veiled, rules=rules).iloc[0]
        assert found["low"] <= level(rules, **road) <= found["high"]
        assert (found["reason"] == "") == (found["low"] == found["high"])
        busier = pd.DataFrame([road | {"aadt": aadt} for aadt in VALUES["aadt"]])
        assert crossing_stress(busier, rules=rules)["high"].is_monotonic_increasing or road["from_path"]


def test_a_road_that_may_be_one_way_has_one_or_two_times_its_lanes() -> None:
    road = {"control": "none", "speed_kmh": 50, "aadt": 10_000, "island_m": 0, "from_path": False}
    for rules in CROSSING_RULES:
        for each in (1, 2, 3):
            known = [level(rules, **road, lanes_per_direction=each, one_way=one_way) for one_way in (True, False)]
            unsure = pd.DataFrame([road | {"lanes_per_direction": each, "one_way": None}])
            found = crossing_stress(unsure, rules=rules).iloc[0]
            assert (found["low"], found["high"]) == (min(known), max(known)), (rules, each)
    path = road | {"lanes_per_direction": None, "speed_kmh": 40, "island_m": 1.0, "from_path": True}
    found = crossing_stress(pd.DataFrame([path | {"one_way": False}, path | {"one_way": None}]))
    assert found["low"].tolist() == [2, 1]  # a path over one lane with an island is calm; two ways are two lanes


def test_words_and_numbers_that_cannot_be() -> None:
    with pytest.raises(DataError) as raised:
        crossing_stress(pd.DataFrame({"control": ["lights"], "aadt": [-5]}))
    assert {fault.key for fault in raised.value.faults} == {"aadt", "control"}
    with pytest.raises(MethodError, match="furth-practice"):
        crossing_stress(pd.DataFrame({"control": ["none"]}), rules="none")


# ---------------------------------------------------------------- trafikfarlig, apart


@pytest.mark.parametrize(
    ("road", "may_enter", "words"),
    [
        ({}, True, "over 5.000 køretøjer i døgnet og ingen sikker krydsning inden for 500 m"),
        ({"aadt": 5000}, False, ""),
        ({"safe_crossing_m": 500}, False, ""),
        ({"facility": "track"}, True, "krydsningen kan efter praksis"),
        ({"facility": "lane"}, False, ""),
        ({"pavement": True}, False, ""),
        ({"urban": False, "aadt": 500}, True, "mindst 500 køretøjer i døgnet"),
        ({"urban": False, "aadt": 499}, False, ""),
        ({"urban": False, "aadt": 900, "facility": "track"}, False, ""),
        ({"aadt": None}, None, "årsdøgntrafik ukendt"),
        ({"aadt": None, "pavement": True}, False, ""),
        ({"safe_crossing_m": None}, None, "afstand til sikker krydsning ukendt"),
        ({"safe_crossing_m": None, "urban": False}, True, "mindst 500 køretøjer i døgnet"),
    ],
)
def test_the_practice_gives_a_reason_and_never_a_decision(
    road: dict[str, Any], may_enter: bool | None, words: str
) -> None:
    plain = {"aadt": 5001, "facility": "mixed", "urban": True, "pavement": False, "safe_crossing_m": 501}
    found = trafikfarlig(pd.DataFrame([plain | road])).iloc[0]
    assert (None if pd.isna(found["may_enter"]) else bool(found["may_enter"])) is may_enter
    assert words in found["reason"]
    assert (found["reason"] == "") == (may_enter is False)
    if may_enter:
        assert "kan efter praksis indgå i en vurdering" in found["reason"]


def test_an_unknown_practice_is_refused() -> None:
    with pytest.raises(MethodError, match="odder"):
        trafikfarlig(pd.DataFrame({"facility": ["mixed"]}), practice="viborg")
