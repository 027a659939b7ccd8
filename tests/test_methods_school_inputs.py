"""Odd input of the school routes is reported by id and counted, and the rest is answered."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from school_maker import addresses, at, box, frame, roads, schools, village

from ballerup_geo.methods.school_routes import METHOD, school_routes
from ballerup_geo.methods.school_routes._scene import scene_of
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Given, Outcome


def answered(given: Given) -> Outcome:
    """The outcome, held against the declaration."""
    return verified(METHOD, school_routes(given))


def found_in(outcome: Outcome) -> Counter[tuple[str, str]]:
    reports = outcome.tables["reports"]
    return Counter(zip(reports["kind"], reports["subject"].fillna(""), strict=True))


def test_the_village_reports_what_is_odd_in_it() -> None:
    outcome = answered(village())
    assert found_in(outcome) == {
        ("unconnected", "oeen"): 1,
        ("district_without_school", "Spøgelsesskolen"): 1,
        ("home_far", ""): 1,
        ("no_site", ""): 1,
        ("unconnected_home", ""): 1,
    }
    reasons = outcome.tables["trips"].set_index(["address_id", "level"])["reason"]
    assert reasons["h6", "0_3"] == "home_far"
    assert reasons["h7", "0_3"] == "unconnected"
    assert reasons["h1", "10"] == "no_site"
    assert any("hjem for langt fra vej og sti (under 5 elever)" in note["da"] for note in outcome.notes)


def test_no_report_names_a_home() -> None:
    outcome = answered(village())
    told = outcome.tables["reports"].to_csv() + str(outcome.notes)
    homes = set(outcome.tables["trips"]["address_id"])
    assert len(homes) == 8
    assert [home for home in homes if f",{home}," in told or f"({home})" in told] == []
    private = {table.name for table in METHOD.tables if table.homes}
    assert private == {"trips"}


@pytest.mark.parametrize(
    ("road", "value", "kind"),
    [
        ("hovedgade", {"aadt": -3000}, "odd_traffic"),
        ("hovedgade", {"speed_kmh": 35}, "odd_speed"),  # miles an hour
        ("hovedgade", {"lanes_per_direction": 40}, "odd_value"),
    ],
)
def test_a_value_that_no_street_has_is_taken_as_unknown(road: str, value: dict[str, int], kind: str) -> None:
    outcome = answered(village(roads=roads(**{road: value})))
    assert found_in(outcome)[kind, road] == 1
    assert outcome.indicators["pupils"] == 34.0
    assert outcome.indicators["accepted_pct"] == pytest.approx(100.0 * 10 / 34)


def test_a_network_in_miles_an_hour_is_believed_nowhere() -> None:
    miles = roads(skolegade={"speed_kmh": 25}, boliggade={"speed_kmh": 30}, hovedgade={"speed_kmh": 35})
    links = answered(village(roads=miles)).tables["links"]
    assert links["speed_kmh"].isna().all()  # 30 mph is no 30 km/h


def test_limits_of_play_streets_are_believed() -> None:
    outcome = answered(village(roads=roads(skolegade={"speed_kmh": 15})))
    assert not [kind for kind, _ in found_in(outcome) if kind == "odd_speed"]
    assert outcome.tables["links"].set_index("link_id").loc["skolegade", "stress"] == 1


def test_every_road_of_an_id_that_stands_twice_is_judged() -> None:
    twice = roads(skolegade={"aadt": -5}, boliggade={"aadt": -5})
    twice["road_id"] = twice["road_id"].replace({"boliggade": "skolegade"})
    outcome = answered(village(roads=twice))
    assert found_in(outcome)["odd_traffic", "skolegade"] == 1


def test_a_school_far_from_any_street_sends_its_pupils_to_the_other_site() -> None:
    moved = schools().assign(geometry=[at(0, 20), at(1300, 500)])
    outcome = answered(village(schools=moved))
    assert found_in(outcome)["site_far", "S2"] == 1
    trips = outcome.tables["trips"].set_index(["address_id", "level"])
    assert trips.loc[("h3", "7_9"), "school_id"] == "S1"
    alone = answered(village(schools=moved.iloc[1:]))
    reasons = alone.tables["trips"].set_index(["address_id", "level"])["reason"]
    assert reasons["h3", "7_9"] == "site_far"
    assert alone.indicators["accepted_pct"] is None
    assert "ukendt" in alone.answer["da"]


def test_without_districts_the_nearest_school_is_taken_and_said_to_be() -> None:
    other = frame(
        [{"school_id": "S3", "school": "Naboskolen", "site": "Naboskolen", "class_from": 0, "class_to": 6}],
        [at(600, 300)],
    )
    both = gpd.GeoDataFrame(pd.concat([schools(), other], ignore_index=True), crs=other.crs)
    named = answered(village(schools=both)).tables["trips"].set_index(["address_id", "level"])
    assert named.loc[("h4", "0_3"), "school_id"] == "S1"
    outcome = answered(village(schools=both, school_districts=None))
    trips = outcome.tables["trips"].set_index(["address_id", "level"])
    assert trips.loc[("h4", "0_3"), "school_id"] == "S3"
    assert trips["by_nearness"].all()
    assert any("Skoledistrikterne er ukendte" in note["da"] for note in outcome.notes)


def test_a_school_that_teaches_some_classes_of_a_level_is_better_than_none() -> None:
    """Vest teaches classes 0-5 and Øst 6-9: pupils of 4-6 go to the nearer of the two, and are counted."""
    outcome = answered(village(schools=schools().assign(class_to=[5, 9], class_from=[0, 6])))
    trips = outcome.tables["trips"].set_index(["address_id", "level"])
    assert trips.loc[[("h2", "4_6"), ("h3", "4_6"), ("h5", "4_6"), ("h8", "4_6")], "school_id"].tolist() == [
        *("S1", "S2", "S2", "S1")
    ]
    assert trips.loc[("h4", "7_9"), "school_id"] == "S2"
    assert outcome.tables["reports"].set_index("kind").loc["partly", "pupils"] == 2 + 5 + 2 + 4


def test_pupils_outside_the_districts_are_counted() -> None:
    small = frame([{"school": "Landsbyskolen", "class_from": 0, "class_to": 9}], [box(-500, 400)])
    outcome = answered(village(school_districts=small))
    outside = outcome.tables["reports"].set_index("kind").loc["nearest", "pupils"]
    assert outside == 5 + 8 + 5 + 2  # h2 … h5
    assert outcome.indicators["pupils"] == 34.0


def test_nobody_is_sent_to_a_private_school_but_who_could_cycle_there_is_told() -> None:
    """Øst takes classes 7-9: h3's two and h4's three live within 7 km, behind Landevej; with tracks they come."""
    private = schools().assign(kind=["municipal", "private"])
    outcome = answered(village(schools=private))
    assert set(outcome.tables["trips"]["school_id"].dropna()) == {"S1"}
    other = outcome.tables["other_schools"].set_index("school_id")
    assert other.loc["S2", ["kind", "pupils_near", "accepted_pct"]].tolist() == ["private", 5, 0.0]
    track = roads(hovedgade={"facility": "track"}, landevej={"facility": "track"})
    assert answered(village(schools=private, roads=track)).tables["other_schools"]["accepted_pct"].tolist() == [100.0]
    assert len(answered(village()).tables["other_schools"]) == 0


def test_one_way_streets_that_lead_nowhere_are_reported_and_the_rest_answered() -> None:
    one_way = {"one_way": True}
    trap = roads(landevej={**one_way})
    outcome = answered(village(roads=trap))
    assert found_in(outcome)["one_way_trap", "landevej"] == 1
    reasons = outcome.tables["trips"].set_index(["address_id", "level"])["reason"]
    assert reasons["h5", "4_6"] == "unconnected"
    assert outcome.indicators["pupils"] == 32.0


def test_without_optional_layers_there_is_an_answer_that_says_what_is_missing() -> None:
    none = dict.fromkeys(("school_districts", "crossings", "accidents", "statistics_areas", "terrain"))
    outcome = answered(village(roads=roads().drop(columns="lit"), **none))
    assert outcome.indicators["accepted_pct"] == pytest.approx(100.0 * 10 / 34)
    assert outcome.indicators["accepted_most_pct"] == pytest.approx(100.0 * 20 / 34)  # a signal may be there
    assert outcome.indicators["dark_pct"] is None
    assert outcome.indicators["accidents_cyclist"] is None
    said = " ".join(note["da"] for note in outcome.notes)
    for word in ("Skoledistrikterne", "Krydsningerne", "Terrænet", "Belysningen", "Uheldene", "Statistikområderne"):
        assert word in said, word


def test_roads_with_nothing_but_a_class_are_judged_as_far_as_that_goes() -> None:
    bare = roads()[["road_id", "class", "geometry"]]
    outcome = answered(village(roads=bare))
    found = outcome.indicators
    assert found["accepted_least_pct"] == 0.0
    assert found["accepted_most_pct"] > 50.0
    assert found["unknown_pct"] > 50.0


def test_no_pupils_no_share() -> None:
    outcome = answered(village(addresses=addresses({"h1": ((150, 0), {"pupils_0_3": 0})})))
    assert outcome.indicators["pupils"] == 0.0
    assert outcome.indicators["accepted_pct"] is None
    assert len(outcome.tables["trips"]) == 0


def test_light_that_is_known_of_no_street_is_unknown() -> None:
    outcome = answered(village(roads=roads().assign(lit=None)))  # the ways onto school grounds tell nothing either
    assert outcome.indicators["dark_pct"] is None
    assert any("Belysningen er ukendt" in note["da"] for note in outcome.notes)


def test_no_way_onto_school_grounds_crosses_a_road_that_cyclists_may_not_use() -> None:
    usual = roads().assign(cycling_allowed=True)
    closed = usual.iloc[[0]].assign(**{"road_id": "motorvej", "class": "motorway", "cycling_allowed": False})
    beyond = usual.iloc[[0]].assign(road_id="nordgade")
    east = [at(-300, 0).x, at(280, 0).x]
    for table, north in ((closed, 60), (beyond, 90)):
        table.geometry = [shapely.LineString([(x, at(0, north).y) for x in east])]
    for motorway, gates in ((closed, 1), (closed.iloc[:0], 2)):
        town = gpd.GeoDataFrame(pd.concat([usual, motorway, beyond], ignore_index=True), crs=usual.crs)
        edges = scene_of(village(roads=town)).streets.graph.edges
        assert (edges["road_id"].str.startswith("gate:S1:") & (edges["length_m"] > 0.0)).sum() == gates


def test_without_any_school_all_pupils_are_counted_as_unknown() -> None:
    outcome = answered(village(schools=schools().iloc[:0]))
    assert outcome.indicators["accepted_pct"] is None
    assert outcome.indicators["pupils_unknown"] == 37.0
    assert set(outcome.tables["trips"]["reason"]) == {"no_site", "home_far"}


def test_a_road_called_as_the_piece_of_another_keeps_its_own_row() -> None:
    named = answered(village(roads=roads().replace({"road_id": {"oeen": "ringvejen-1"}}))).tables["links"]["link_id"]
    usual = answered(village()).tables["links"]["link_id"]
    assert named.is_unique
    assert len(named) == len(usual)
    assert {"ringvejen-1", "ringvejen--1"} < set(named)
