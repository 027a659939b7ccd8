"""What single fixes give in the village (`school_maker`): on paper, and equal to running everything anew."""

from __future__ import annotations

import numpy as np
import pytest
from school_maker import crossing, roads, village

from ballerup_geo.methods._part import Found
from ballerup_geo.methods.school_routes._fixes import FIXES, gained, places_of, wanted
from ballerup_geo.methods.school_routes._scene import Scene, scene_of


@pytest.fixture(scope="module")
def scene() -> Scene:
    return scene_of(village())


def by_road(scene: Scene) -> dict[str, int]:
    """Place of each link by its road, and of the crossing of Ringvejen."""
    places = places_of(scene)
    found = {str(road): k for k, road in enumerate(scene.streets.graph.edges["road_id"].to_numpy()[places.edge])}
    at = scene.streets.graph.nodes_xy[places.node] - [700_000.0, 6_180_000.0]
    found["ringvejen, crossed"] = len(places.edge) + int(np.argmin(np.hypot(at[:, 0], at[:, 1] + 150.0)))
    return found


def test_what_single_fixes_give_on_paper(scene: Scene) -> None:
    places, place = places_of(scene), by_road(scene)
    young, older = (gained(scene, group, places.fixes) for group in scene.groups)
    # Boliggade calm: h2's 3 youngest and h4's 2 (whose path is too long a detour today); h3's still has Hovedgade
    assert young[place["boliggade"]] == 5
    assert older[place["boliggade"]] == 0
    # Hovedgade calm: h3's 5 of classes 4-6 go on by Boliggade; its youngest by the path: 150 + 900 + 300 > 1.25 × 770
    assert older[place["hovedgade"]] == 5
    assert young[place["hovedgade"]] == 0
    assert young[place["ringvejen, crossed"]] == 6
    assert older[place["ringvejen, crossed"]] == 4
    assert older[place["landevej"]] == 0  # h5 meets Hovedgade as well


def test_gains_are_those_of_a_town_where_the_fix_is_made(scene: Scene) -> None:
    places, place = places_of(scene), by_road(scene)
    calm = {"speed_kmh": 30, "aadt": 300, "centreline": False}
    towns = {
        "boliggade": village(roads=roads(boliggade=calm)),
        "hovedgade": village(roads=roads(hovedgade=calm)),
        "landevej": village(roads=roads(landevej=calm)),
        "ringvejen, crossed": village(crossings=crossing("signal")),
    }
    gains = [gained(scene, group, places.fixes) for group in scene.groups]
    for name, given in towns.items():
        after = scene_of(given)
        for group, gain in zip(scene.groups, gains, strict=True):
            had = group.pupils[scene.journeys.barred].sum()
            has = group.pupils[after.journeys.barred].sum()
            assert gain[place[name]] == had - has, (name, group.name)


def test_who_waits_for_what(scene: Scene) -> None:
    older = scene.groups[1]
    on_arc, on_turn = wanted(scene, older)
    road = scene.streets.graph.edges["road_id"].to_numpy()[scene.streets.graph.arcs.edge]
    waiting = {name: on_arc[road == name].sum() for name in ("hovedgade", "landevej", "boliggade")}
    # h3: 5 to Vest over Hovedgade; h3's 2 of classes 7-9 to Øst over Hovedgade and Landevej; h5's 2 over both
    assert waiting == {"hovedgade": 9, "landevej": 4, "boliggade": 0}
    assert on_turn.sum() == 4  # h8's older ones, once each


def test_the_tables_rank_places_and_leave_out_those_that_move_nobody(scene: Scene) -> None:
    found = FIXES.compute(village(), scene, Found())
    links, crossings = found.tables["fix_links"], found.tables["fix_crossings"]
    assert sorted([*links["rank"], *crossings["rank"]]) == list(range(1, len(links) + len(crossings) + 1))
    first = crossings.iloc[0]
    assert (first["rank"], first["name"], first["gain_0_3"], first["gain_4_10"]) == (1, None, 6, 4)
    assert links["link_id"].tolist()[:2] == ["hovedgade", "boliggade"]  # more wait at the first
    assert found.indicators["single_fix_best"] == 10
    assert found.columns["links"].loc["boliggade", "gain_0_3"] == 5


def test_no_row_and_no_figure_tells_of_a_single_pupil(scene: Scene) -> None:
    found = FIXES.compute(village(), scene, Found())
    links = found.tables["fix_links"].set_index("link_id")
    assert links["waiting"].to_dict() == {"hovedgade": 10, "boliggade": 0}  # 10 and 4 wait, Landevej's 4 gain nothing
    strict = FIXES.compute(village({"flow_rounding": 11}), scene, Found())
    assert strict.indicators["single_fix_best"] is None  # 10 gain at best
    assert not len(strict.tables["fix_links"])
    assert not len(strict.tables["fix_crossings"])
