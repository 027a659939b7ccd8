"""School routes on a village of ten streets (`school_maker`), held to figures worked out on paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from school_maker import accidents, addresses, at, crossing, frame, roads, schools, village

from ballerup_geo.methods.school_routes import METHOD, school_routes
from ballerup_geo.methods.school_routes._links import pupils_on_links
from ballerup_geo.methods.school_routes._practice import practice_of, safe_crossing_m
from ballerup_geo.methods.school_routes._scene import scene_of
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Outcome

ROUTED = 34
"""Pupils with a school and a way to it: 4 + 5 + 8 + 5 + 2 + 10 at h1 … h5 and h8."""


def told(pupils: int) -> int:
    """What is said of so many: the nearest whole five, none of the rest being few."""
    return 5 * ((pupils + 2) // 5)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return verified(METHOD, school_routes(village()))


@pytest.fixture(scope="module")
def trips(outcome: Outcome) -> pd.DataFrame:
    return outcome.tables["trips"].set_index(["address_id", "level"])


def links_of(outcome: Outcome) -> pd.DataFrame:
    return outcome.tables["links"].set_index("link_id")


# ---------------------------------------------------------------- answer 1: each home


@pytest.mark.parametrize(
    ("home", "level", "school", "distance_m", "stress", "reason"),
    [
        ("h1", "0_3", "S1", 170.0, 1, "low_stress"),
        ("h2", "0_3", "S1", 470.0, 2, "link"),  # its own street is of level 2
        ("h2", "4_6", "S1", 470.0, 2, "low_stress"),
        ("h3", "4_6", "S1", 770.0, 3, "link"),
        ("h3", "7_9", "S2", 570.0, 4, "link"),  # Øst teaches the class and is nearer
        ("h4", "0_3", "S1", 770.0, 2, "detour"),  # by the path 150 + 300 + 300 + 300 + 20 = 1,070 m > 1.25 × 770 m
        ("h4", "7_9", "S1", 770.0, 2, "low_stress"),
        ("h5", "4_6", "S1", 1070.0, 4, "link"),  # Øst is nearer, and does not teach the class
        ("h8", "0_3", "S1", 270.0, 4, "crossing"),
    ],
)
def test_each_home_is_told_its_school_its_route_and_why(
    trips: pd.DataFrame, home: str, level: str, school: str, distance_m: float, stress: int, reason: str
) -> None:
    row = trips.loc[home, level]
    assert (row["school_id"], row["stress"], row["reason"]) == (school, stress, reason)
    assert row["distance_m"] == pytest.approx(distance_m)
    assert row["length_m"] == pytest.approx(distance_m)  # within the detour limit the shortest of that stress
    assert row["low_stress"] == (reason == "low_stress")


def test_what_bars_the_way_first_and_how_often(trips: pd.DataFrame) -> None:
    barred = trips[trips["reason"].isin(["link", "crossing"])]
    assert barred["first_road"].to_dict() == {
        ("h2", "0_3"): "boliggade",
        ("h3", "0_3"): "hovedgade",
        ("h3", "4_6"): "hovedgade",
        ("h3", "7_9"): "hovedgade",
        ("h5", "4_6"): "landevej",
        ("h8", "0_3"): "ringvejen",
        ("h8", "4_6"): "ringvejen",
    }
    # h3's youngest ride Hovedgade, then the path around Boliggade: one stressful link; h5: Landevej and Hovedgade
    links = barred["unsafe_links"]
    assert links["h3", "0_3"] == 1
    assert links["h3", "7_9"] == 2
    assert links["h5", "4_6"] == 2
    assert links["h8", "4_6"] == 1
    assert trips.loc[trips["reason"] == "detour", "unsafe_links"].isna().all()


def test_climb_light_and_crossings_along_the_best_route(trips: pd.DataFrame) -> None:
    eastward = 0.5 * 3.0 + 4.0 + 0.2  # half of Hovedgade, Landevej, onto the grounds: 1 m in 100 m
    assert trips.loc[("h3", "7_9"), "climb_m"] == pytest.approx(eastward, abs=0.06)
    assert trips.loc[("h5", "4_6"), "climb_m"] == pytest.approx(0.0)
    assert trips.loc[("h8", "0_3"), "unlit_pct"] == pytest.approx(100.0 * 250 / 270, abs=0.05)
    assert trips.loc[("h2", "4_6"), "unlit_pct"] == pytest.approx(0.0)
    assert trips.loc[("h8", "0_3"), "crossings"] == 2  # Ringvejen, and Skolegade at the school
    assert trips.loc[("h5", "4_6"), "crossings"] == 0


def test_who_lives_beyond_the_laws_distance(outcome: Outcome, trips: pd.DataFrame) -> None:
    """The village's law says 500 m for the youngest: h3's one and h4's two have 770 m."""
    assert trips.index[trips["entitled"]].tolist() == [("h3", "0_3"), ("h4", "0_3")]
    assert outcome.indicators["entitled"] is None  # so few could be recognised
    assert school_routes(village({"flow_rounding": 3})).indicators["entitled"] == 3.0
    assert outcome.tables["by_level"].set_index("level")["entitled"].to_dict() == {
        "0_3": 3,
        "4_6": 0,
        "7_9": 0,
    }


# ---------------------------------------------------------------- answers 2 and 6: shares


def test_shares_of_the_village(outcome: Outcome) -> None:
    found = outcome.indicators
    assert found["pupils"] == ROUTED
    assert found["pupils_unknown"] is None  # three: too few to be told
    assert found["accepted_pct"] == pytest.approx(100.0 * told(4 + 2 + 3) / ROUTED)
    assert found["lts1_pct"] == pytest.approx(100.0 * told(4) / ROUTED)
    assert found["lts2_pct"] == pytest.approx(100.0 * told(4 + 5 + 5) / ROUTED)
    assert found["low_0_3_pct"] == pytest.approx(100.0 * told(4) / 16)
    assert found["low_4_10_pct"] == pytest.approx(100.0 * 5 / 18)
    # all is known, so only rule sets make the interval: Bicycle Network Analysis calls Boliggade (50 km/h) level 3
    assert found["accepted_most_pct"] == found["accepted_pct"]
    assert found["accepted_least_pct"] == pytest.approx(100.0 * told(4) / ROUTED)


def test_shares_by_school_level_district_area_and_income(outcome: Outcome) -> None:
    tables = outcome.tables
    school = tables["by_school"].set_index("school_id")
    assert school["pupils"].to_dict() == {"S1": 32, "S2": 2}
    assert school["accepted_pct"].to_dict() == pytest.approx({"S1": 31.25, "S2": np.nan}, nan_ok=True)
    level = tables["by_level"].set_index("level")
    assert level["pupils"].tolist() == [16, 13, 5]  # none of class 10 is followed
    assert level["accepted_pct"].tolist() == pytest.approx([31.25, 0.0, np.nan], nan_ok=True)  # 4, 2 and 3 of 5
    assert level["lts2_pct"].tolist() == pytest.approx([62.5, 0.0, np.nan], nan_ok=True)
    district = tables["by_district"].set_index("school")
    assert district["pupils"].to_dict() == {"Landsbyskolen": ROUTED}
    income = tables["by_income"].set_index("income_from_dkk")
    assert income["pupils"].to_dict() == {300_000.0: 19, 600_000.0: 15}
    assert income["accepted_pct"].to_dict() == pytest.approx({300_000.0: 26.32, 600_000.0: 33.33})
    area = tables["by_area"].set_index("area_id")
    assert area["accepted_pct"].to_dict() == pytest.approx({"vest": 26.32, "oest": 33.33})


def test_a_missing_speed_limit_makes_an_interval() -> None:
    """Skolegade is of level 1 at 30 km/h and of level 3 at 80: everybody's way to Vest hangs on it."""
    found = school_routes(village(roads=roads(skolegade={"speed_kmh": None}))).indicators
    assert found["accepted_pct"] == 0.0
    assert found["accepted_least_pct"] == 0.0
    assert found["accepted_most_pct"] == pytest.approx(100.0 * told(9) / ROUTED)
    assert found["unknown_pct"] == pytest.approx(100.0 * 300 / 3200)


def test_a_street_in_town_has_at_most_the_general_limit() -> None:
    """At most 40 km/h keeps Skolegade at level 1, whatever it is; at most 50 leaves levels 1 to 2."""
    unsigned = roads(skolegade={"speed_kmh": None})
    sure = school_routes(village({"unsigned_street_kmh": 40.0}, roads=unsigned))
    assert sure.indicators["accepted_pct"] == pytest.approx(100.0 * told(9) / ROUTED)
    assert links_of(sure).loc["skolegade", ["stress_low", "stress", "missing"]].tolist() == [1, 1, "nothing"]
    town = school_routes(village({"unsigned_street_kmh": 50.0}, roads=unsigned))
    assert links_of(town).loc["skolegade", ["stress_low", "stress", "missing"]].tolist() == [1, 2, "speed_kmh"]


def test_a_signal_lets_the_south_across(outcome: Outcome) -> None:
    """h8's ten pupils get a low-stress route; the crossing is no longer told of."""
    found = school_routes(village(crossings=crossing("signal")))
    assert found.indicators["accepted_pct"] == pytest.approx(100.0 * told(9 + 10) / ROUTED)
    assert len(found.tables["hard_crossings"]) == 0
    hard = outcome.tables["hard_crossings"]
    assert (hard["stress"].tolist(), hard["control"].tolist(), hard["aadt"].tolist()) == ([4], ["none"], [20000])


def test_an_unlisted_crossing_may_be_taken_as_unknown() -> None:
    found = school_routes(village({"unlisted_crossing": "unknown"}, crossings=crossing("zebra").iloc[:0])).indicators
    assert found["accepted_pct"] == pytest.approx(100.0 * told(9) / ROUTED)
    assert found["accepted_most_pct"] == pytest.approx(100.0 * told(19) / ROUTED)


# ---------------------------------------------------------------- answer 5: links, accidents, dark mornings


def test_links_carry_stress_pupils_and_accidents(outcome: Outcome) -> None:
    links = links_of(outcome)
    streets = ["skolegade", "boliggade", "hovedgade", "landevej", "stien", "ringvejen-1"]
    assert links.loc[streets, "stress"].tolist() == [1, 2, 3, 4, 1, 1]
    assert links.loc["boliggade", ["stress_least", "stress_most"]].tolist() == [2, 3]
    # 22, 18, 10, 4 and 5 pupils pass, told in whole fives
    assert links.loc[streets[:5], "pupils"].tolist() == [20, 15, 10, 0, 5]
    assert links["accidents"].to_dict() == {name: 2 if name == "boliggade" else 0 for name in links.index}
    assert links.loc["boliggade", ["accidents_cyclist", "accident_years"]].tolist() == [1, "2021–2023"]
    assert links.loc["boliggade", "accidents_grave"] == 1
    assert outcome.indicators["accidents_cyclist"] == 1.0


def test_a_published_practice_is_held_against_links_and_unknown_stays_unknown() -> None:
    """With a lane a road is outside; beside a busy one with a track, the crossing counts where none is near.

    Pavements, and town or country, are unknown: a busy street without a facility cannot be told.
    """
    edges = frame(
        [
            {"aadt": 6000.0, "facility": "mixed"},
            {"aadt": 6000.0, "facility": "lane"},
            {"aadt": 400.0, "facility": "mixed"},
            {"aadt": 6000.0, "facility": "track"},
        ],
        [shapely.LineString([at(0, y).coords[0], at(100, y).coords[0]]) for y in (0, 50, 100, 150)],
    )
    signal = crossing("signal")
    far = signal.assign(geometry=[at(5000, 0)])
    given = village(crossings=far)
    assert practice_of(given, edges).tolist() == ["unknown", "no", "no", "may"]
    assert practice_of(village(crossings=signal), edges).tolist() == ["unknown", "no", "no", "no"]
    assert np.isnan(safe_crossing_m(edges.geometry, None)).all()


def test_an_accident_farther_away_than_the_reach_belongs_to_no_link() -> None:
    far = accidents().assign(geometry=[at(450, 16), at(460, -16)])
    assert links_of(school_routes(village(accidents=far)))["accidents"].sum() == 0


def test_dark_mornings_close_the_unlit_path() -> None:
    found = school_routes(village(crossings=crossing("signal"))).indicators
    assert found["dark_pct"] == pytest.approx(100.0 * told(9) / ROUTED)  # h8's ten ride the unlit Sydstien
    lit = school_routes(village(roads=roads(sydstien={"lit": True}), crossings=crossing("signal"))).indicators
    assert lit["dark_pct"] == lit["accepted_pct"]


def test_the_answer_says_the_interval_in_both_languages(outcome: Outcome) -> None:
    assert outcome.answer["da"].startswith("29 % af eleverne har en lavstress-rute til skole (15–29 %")
    assert "31 % of the youngest" in outcome.answer["en"]
    assert "29 %" in outcome.answers["winter"]["da"]
    words = " ".join([*outcome.answer.values(), *outcome.answers["winter"].values()]).casefold()
    assert "farlig" not in words
    assert "sikker" not in words


# ---------------------------------------------------------------- properties


def test_flows_conserve_pupils() -> None:
    """What passes each arc is what the routes of all ways pass, one by one, and all of it arrives."""
    scene = scene_of(village())
    pupils = scene.trips.pupils
    passing = np.zeros(len(scene.streets.graph.arcs.edge))
    for chosen, whose in scene.journeys.best().values():
        for way in np.flatnonzero(whose):
            passing[chosen.path(int(way))] += pupils[way]
    assert scene.journeys.flow(pupils) == pytest.approx(passing)
    onto_grounds = scene.streets.graph.edges["road_id"].str.startswith("gate:")[scene.streets.graph.arcs.edge]
    assert passing[onto_grounds].sum() == ROUTED
    assert (pupils_on_links(scene, 5) % 5 == 0).all()


CALMER: dict[str, dict[str, Any]] = {
    "boliggade": {"speed_kmh": 30},
    "hovedgade": {"facility": "track"},
    "landevej": {"facility": "track"},
    "sydstien": {"lit": True},
}


@settings(max_examples=6, deadline=None)
@given(done=st.sets(st.sampled_from(sorted(CALMER))), more=st.sampled_from(sorted(CALMER)), signal=st.booleans())
def test_a_fix_never_lowers_a_share(done: set[str], more: str, signal: bool) -> None:
    at_crossing = crossing("signal" if signal else "none")

    def share(works: set[str]) -> dict[str, float | None]:
        changed = {road: CALMER[road] for road in works}
        return dict(school_routes(village(roads=roads(**changed), crossings=at_crossing)).indicators)

    before, after = share(done), share(done | {more})
    for name in ("accepted_pct", "accepted_least_pct", "accepted_most_pct", "lts1_pct", "lts2_pct", "dark_pct"):
        assert after[name] >= before[name] - 1e-9, name


def test_the_order_of_rows_does_not_matter(outcome: Outcome) -> None:
    turned = village(roads=roads().iloc[::-1], addresses=addresses().iloc[::-1], schools=schools().iloc[::-1])
    found = verified(METHOD, school_routes(turned))
    assert found.indicators == pytest.approx(dict(outcome.indicators))
    pd.testing.assert_frame_equal(found.tables["by_level"], outcome.tables["by_level"])
    columns = ["address_id", "level", "school_id", "reason", "length_m"]
    pd.testing.assert_frame_equal(found.tables["trips"][columns], outcome.tables["trips"][columns])


def test_pupils_reckoned_from_dwellings_are_said_to_be() -> None:
    homes = frame(
        [{"address_id": "h1", "dwellings": 8}, {"address_id": "h2", "dwellings": 4}], [at(150, 0), at(450, 0)]
    )
    found = school_routes(village(addresses=homes))
    # 0.5, 0.25 and 0.25 pupils a dwelling; calm are h1's 4 + 2 + 2, and h2's 1 + 1 of 2 + 1 + 1
    assert found.indicators["pupils"] == 12.0
    assert found.indicators["accepted_pct"] == pytest.approx(100.0)  # 10 of 12: fewer than five are left
    assert any("regnet ud fra boligerne" in note["da"] for note in found.notes)
