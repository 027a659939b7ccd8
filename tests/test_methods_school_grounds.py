"""School grounds and loose ends: nobody rides through a school, and nobody is lost on a path that leads nowhere."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from school_maker import USUAL, addresses, at, crossing, frame, village

from ballerup_geo.methods.school_routes import METHOD, school_routes
from ballerup_geo.methods.school_routes._scene import scene_of
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Given, Outcome


def streets(**courses: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    """Quiet streets by their courses."""
    rows = [{"road_id": name, **USUAL, "class": "residential", "speed_kmh": 30, "aadt": 200} for name in courses]
    table = frame(rows, [shapely.LineString([(at(x, y).x, at(x, y).y) for x, y in each]) for each in courses.values()])
    return table.astype(dict.fromkeys(("speed_kmh", "aadt", "lanes_per_direction", "level", "parking_sides"), "Int64"))


def schools(**places: tuple[float, float]) -> gpd.GeoDataFrame:
    rows = [{"school_id": name, "school": name, "site": "", "class_from": 0, "class_to": 9} for name in places]
    return frame(rows, [at(*place) for place in places.values()])


def districts(name: str) -> gpd.GeoDataFrame:
    whole = shapely.box(*at(-3000, -3000).coords[0], *at(3000, 3000).coords[0])
    return frame([{"school": name, "class_from": 0, "class_to": 9}], [whole])


def town(roads: gpd.GeoDataFrame, places: gpd.GeoDataFrame, pupil: tuple[float, float], to: str, **more: Any) -> Given:
    homes = addresses({"h": (pupil, {"pupils_0_3": 6})})
    inputs = {"roads": roads, "schools": places, "addresses": homes, "school_districts": districts(to)}
    return village(more, **inputs, crossings=crossing("none").iloc[:0], accidents=None, statistics_areas=None)


def answered(given: Given) -> Outcome:
    return verified(METHOD, school_routes(given))


BLOCK = {
    "syd": [(-1000.0, 0.0), (1000.0, 0.0)],
    "nord": [(-1000.0, 150.0), (1000.0, 150.0)],
    "vest": [(-1000.0, 0.0), (-1000.0, 150.0)],
    "oest": [(1000.0, 0.0), (1000.0, 150.0)],
}


def test_school_grounds_are_no_public_shortcut() -> None:
    """School A lies between two streets that meet 1 km away on either side; the pupil goes to B, beyond it."""
    outcome = answered(town(streets(**BLOCK), schools(A=(0, 75), B=(0, 150)), (0, 0), "B"))
    (trip,) = outcome.tables["trips"].itertuples()
    assert (trip.school_id, trip.distance_m) == ("B", pytest.approx(2150.0))
    assert outcome.tables["links"]["length_m"].sum() == pytest.approx(4300.0)  # and they are no links


@pytest.mark.parametrize(("pupil", "metres"), [((-40.0, 0.0), 115.0), ((-40.0, 150.0), 115.0)])
def test_the_grounds_are_open_to_their_own_school_from_all_sides(pupil: tuple[float, float], metres: float) -> None:
    (trip,) = answered(town(streets(**BLOCK), schools(A=(0, 75), B=(0, 150)), pupil, "A")).tables["trips"].itertuples()
    assert (trip.distance_m, trip.stress) == (pytest.approx(metres), 1)


def test_neither_fixes_nor_plan_nor_signs_lead_through_a_school() -> None:
    """The street round the block is too stressful; what calms it is the street itself, not a way through school A."""
    roads = streets(**BLOCK)
    roads.loc[roads["road_id"] == "vest", ["speed_kmh", "aadt"]] = [80, 9000]
    roads = roads[roads["road_id"] != "oest"]
    outcome = answered(town(roads, schools(A=(0, 75), B=(0, 150)), (0, 0), "B", plan_budget_dkk=9e6))
    assert outcome.indicators["accepted_pct"] == 0.0
    assert outcome.tables["fix_links"]["link_id"].tolist() == ["vest"]
    assert set(outcome.tables["plan_links"]["link_id"]) == {"vest"}
    ways = outcome.tables["ways_from"]
    assert not ways.intersects(at(0, 75).buffer(20.0)).any()
    dark = school_routes(town(streets(**BLOCK), schools(A=(0, 75), B=(0, 150)), (0, 0), "B", detour_max=1.0))
    assert dark.indicators["dark_pct"] == 100.0


def test_ways_of_two_schools_that_cross_are_not_joined() -> None:
    scene = scene_of(town(streets(**BLOCK), schools(A=(0, 75), B=(30, 75)), (0, 0), "A"))
    gates = scene.streets.graph.edges["road_id"].str.startswith("gate:")
    inward = scene.streets.graph.edges.loc[gates, "to_node"]
    assert inward.nunique() == 2


def test_a_driveway_that_ends_short_of_the_street_loses_nobody() -> None:
    roads = streets(**BLOCK, indkoersel=[(-500.0, 8.0), (-500.0, 60.0)])
    outcome = answered(town(roads, schools(A=(0, 75)), (-503, 50), "A"))
    assert outcome.indicators["pupils"] == 6.0
    (trip,) = outcome.tables["trips"].itertuples()
    assert trip.distance_m == pytest.approx(50.0 + 503.0 + 75.0)
    told = outcome.tables["reports"].set_index("kind")["pupils"]
    assert told["fragment_home"] == 6
    assert "unconnected_home" not in told


@pytest.mark.parametrize("school", [(0.0, 30.0), (0.0, 34.0)])
def test_a_school_on_a_path_of_its_own_keeps_its_pupils(school: tuple[float, float]) -> None:
    roads = streets(**BLOCK, skolesti=[(-20.0, 30.0), (20.0, 30.0)])
    outcome = answered(town(roads, schools(A=school), (-500, 0), "A"))
    (trip,) = outcome.tables["trips"].itertuples()
    assert trip.distance_m == pytest.approx(500.0 + school[1])
    assert outcome.tables["reports"].set_index("kind")["subject"]["fragment_site"] == "A"


def test_who_lives_on_a_loose_part_with_another_school_goes_by_the_street() -> None:
    """The loose path leads to school A alone; the pupil beside it goes to B."""
    roads = streets(**BLOCK, loese=[(20.0, 75.0), (60.0, 75.0)])
    outcome = answered(town(roads, schools(A=(0, 75), B=(-200, 0)), (50, 70), "B"))
    (trip,) = outcome.tables["trips"].itertuples()
    assert trip.distance_m == pytest.approx(70.0 + 250.0)
    assert np.isfinite(outcome.indicators["accepted_pct"])


def test_a_namesake_in_the_next_municipality_is_another_school() -> None:
    """Both are called A; the one outside the district is nearer to the pupil at its border."""
    roads = streets(syd=[(-1000.0, 0.0), (5000.0, 0.0)])
    both = schools(A=(0, 0), A2=(3100, 0)).assign(school="A")
    (trip,) = answered(town(roads, both, (2950, 0), "A")).tables["trips"].itertuples()
    assert (trip.school_id, trip.distance_m) == ("A", pytest.approx(2950.0))


def test_a_home_on_the_border_of_two_districts_belongs_to_the_first() -> None:
    west, east = (shapely.box(*at(x, -500).coords[0], *at(x + 1000, 500).coords[0]) for x in (-1000, 0))
    both = frame([{"school": name, "class_from": 0, "class_to": 9} for name in ("A", "B")], [west, east])
    homes = addresses({"h": ((0, 0), {"pupils_0_3": 6})})
    given = village(
        roads=streets(**BLOCK), schools=schools(A=(-500, 0), B=(100, 0)), addresses=homes, school_districts=both,
        crossings=None, accidents=None, statistics_areas=None,
    )  # fmt: skip
    (trip,) = answered(given).tables["trips"].itertuples()
    assert (trip.school_id, trip.by_nearness) == ("A", False)


def test_a_plan_for_dark_mornings_says_that_light_is_unknown() -> None:
    roads = streets(**BLOCK).assign(lit=None)
    outcome = answered(town(roads, schools(A=(0, 75)), (-500, 0), "A", plan_dark=True))
    assert any("regner ingen belysning med" in note["da"] for note in outcome.notes)
    lit = answered(town(streets(**BLOCK), schools(A=(0, 75)), (-500, 0), "A", plan_dark=True))
    assert not any("belysning" in note["da"] for note in lit.notes)
