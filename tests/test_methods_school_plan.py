"""The plan under a budget, against every set of works there is: in the village (`school_maker`) on paper and varied."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from school_maker import HOMES, addresses, roads, village

from ballerup_geo.methods._part import Found
from ballerup_geo.methods.school_routes._plan import PLAN, plan_answer
from ballerup_geo.methods.school_routes._plan_master import Master
from ballerup_geo.methods.school_routes._plan_steps import budgets_of, programme_of
from ballerup_geo.methods.school_routes._plan_task import Task, task_of
from ballerup_geo.methods.school_routes._plan_works import works_of
from ballerup_geo.methods.school_routes._scene import scene_of
from ballerup_geo.spec import Given


def hamlet(assumptions: dict[str, Any] | None = None, **inputs: Any) -> Given:
    """The village without its south: few enough works to try every set of them."""
    streets = roads()
    streets = streets[~streets["road_id"].isin(["sydstien", "ringvejen", "oeen"])].reset_index(drop=True)
    return village(assumptions, **{"roads": streets, "crossings": None, **inputs})


def task_in(town: Given, *, dark: bool = False) -> Task:
    scene = scene_of(town)
    return task_of(scene, works_of(town, scene, dark=dark))


def every_set(task: Task) -> list[tuple[float, float]]:
    """Cost and pupils who gain a route, of every set of works."""
    found = []
    for chosen in product([False, True], repeat=len(task.works)):
        done = np.array(chosen)
        found.append((float(task.works.cost_dkk[done].sum()), float(task.pupils[task.has_route(done)].sum())))
    return found


def test_works_of_the_village_on_paper() -> None:
    town = village()
    scene = scene_of(town)
    works = works_of(town, scene, dark=False)
    road = scene.streets.graph.edges["road_id"].to_numpy()
    told = [
        (str(road[edge]) if edge >= 0 else "junction", kind, cost)
        for edge, kind, cost in zip(works.edge, works.kind, works.cost_dkk.round().tolist(), strict=True)
    ]
    # Hovedgade (level 3, centre line, 3,000 vehicles) needs a track for level 1, and at 30 km/h is of level 2
    assert ("boliggade", "speed", 180_000) in told
    assert ("hovedgade", "speed", 180_000) in told
    assert ("hovedgade", "track", 2_700_000 - 180_000) in told  # what it costs beyond the lower speed
    assert ("landevej", "track", 3_600_000) in told  # 80 km/h is not lowered
    assert [kind for place, kind, _ in told if place == "junction"].count("signal") >= 1
    dark = works_of(town, scene, dark=True)
    assert [str(road[edge]) for edge, kind in zip(dark.edge, dark.kind, strict=True) if kind == "lighting"] == [
        "sydstien",
        "sydstien",
    ]


def test_no_set_of_works_beats_the_bound_and_the_plan_is_near() -> None:
    task = task_in(village())
    every = every_set(task)
    budgets = budgets_of(8e6, 4)
    programme = programme_of(task, budgets)
    alone = [programme_of(task, [budget]).steps[0] for budget in budgets]
    for step, single in zip(programme.steps, alone, strict=True):
        best = max(pupils for cost, pupils in every if cost <= step.budget_dkk)
        for each in (step, single):
            assert each.cost_dkk <= each.budget_dkk
            assert each.pupils - task.served_today <= best <= each.at_most - task.served_today
        assert single.pupils - task.served_today == best
    # at 2 million the signal and Boliggade would be best; the programme keeps Hovedgade, which it has built before
    gains = [step.pupils - task.served_today for step in programme.steps]
    assert gains == [10, 10, 20, 24]


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000))
def test_bounds_hold_for_any_prices_and_any_pupils(seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs: dict[str, Any] = {
        "cost_speed_dkk_m": float(rng.uniform(100, 5000)),
        "cost_track_dkk_m": float(rng.uniform(100, 9000)),
        "cost_signal_dkk": float(rng.uniform(1e5, 2e6)),
        "detour_max": float(rng.choice([1.05, 1.25, 2.0])),
    }
    homes = {
        home: (place, {f"pupils_{level}": int(rng.integers(0, 6)) for level in ("0_3", "4_6", "7_9")})
        for home, (place, _) in HOMES.items()
    }
    task = task_in(hamlet(costs, addresses=addresses(homes)))
    every = every_set(task)
    master = Master(task)
    master.add(task.cheapest(task.works.cost_dkk)[1])
    for budget in rng.uniform(1e5, 6e6, 3):
        best = max(pupils for cost, pupils in every if cost <= budget)
        for _ in range(3):
            solved = master.solve(float(budget))
            bound, columns = master.proved(solved)
            assert bound.at(float(budget)) >= best - 1e-6
            # whatever the prices: those of no programme prove something as well
            wild = rng.uniform(0, 3, len(solved.price))
            other, _ = master.proved(type(solved)(solved.x, 0.0, solved.beta, solved.start, solved.work, wild))
            assert all(other.at(cost) >= pupils - 1e-6 for cost, pupils in every)
            if not master.add(columns):
                break


def test_columns_open_a_route_and_the_cheapest_is_the_cheapest() -> None:
    task = task_in(hamlet(), dark=True)
    every = every_set(task)
    price, columns = task.cheapest(task.works.cost_dkk)
    for way, needed in columns:
        done = np.zeros(len(task.works), bool)
        done[list(needed)] = True
        assert task.has_route(done)[way]
        assert price[way] == pytest.approx(task.works.cost_dkk[done].sum())
    least = np.full(len(task.pupils), np.inf)
    for (cost, _), chosen in zip(every, product([False, True], repeat=len(task.works)), strict=True):
        least = np.where(task.has_route(np.array(chosen)), np.minimum(least, cost), least)
    np.testing.assert_allclose(price, least)


def test_the_tables_tell_the_curve_and_its_works() -> None:
    town = village()
    found = PLAN.compute(town, scene_of(town), Found())
    steps, links = found.tables["plan_steps"], found.tables["plan_links"]
    assert steps["step"].tolist() == [0, 1, 2, 3, 4]
    assert steps["gain"].tolist() == [0, 10, 10, 20, 20]
    assert steps["share_pct"].iloc[0] == pytest.approx(100 * 10 / 34)  # nine, who has a route today, as on paper
    assert (steps["gain"] <= steps["gain_most"]).all()
    assert (steps["cost_mdkk"] <= steps["budget_mdkk"]).all()
    spent = links["cost_dkk"].sum() + found.tables["plan_crossings"]["cost_dkk"].sum()
    assert found.indicators["plan_cost_dkk"] == 5_760_000
    assert spent == 2_160_000  # Landevej's track, which h3's 2 and h5's 2 would pass, is not shown
    # Boliggade and Hovedgade hang together and are one corridor
    assert links.set_index("link_id")["corridor"].to_dict() == {"boliggade": 1, "hovedgade": 1}
    # Hovedgade: h3's 5 and 2, h5's 2; Boliggade: of the youngest h2's 3 and h4's 2
    assert links.set_index("link_id")["pupils"].to_dict() == {"boliggade": 5, "hovedgade": 5}


def test_who_passes_what_is_built() -> None:
    town = village()
    scene = scene_of(town)
    works = works_of(town, scene, dark=False)
    task = task_of(scene, works)
    passing = task.passing(np.ones(len(works), bool))
    road = scene.streets.graph.edges["road_id"].to_numpy()
    by_road: dict[tuple[str, str], float] = {}
    for edge, kind, pupils in zip(works.edge, works.kind, passing.tolist(), strict=True):
        place = (
            str(road[edge]),
            str(kind),
        )  # both steps of Landevej are a track; who needs the lower one needs the other
        by_road[place] = max(pupils, by_road.get(place, 0.0))
    assert by_road["boliggade", "speed"] == 6  # h2's 3, h3's 1 and h4's 2 of the youngest
    assert by_road["hovedgade", "speed"] == 10  # h3's 1, 5 and 2, h5's 2
    assert by_road["hovedgade", "track"] == 1  # the youngest alone need it
    assert by_road["landevej", "track"] == 4  # h3's 2 to Øst, h5's 2


def test_the_answer_says_what_the_budget_gives_and_what_no_plan_could() -> None:
    indicators = {"plan_before_pct": 60.2, "plan_pct": 91.0, "plan_cost_dkk": 49_998_285.0, "plan_gap": 53.6}
    danish, english = (plan_answer(language, indicators) for language in ("da", "en"))
    assert "91 % af eleverne få en lavstress-rute mod 60 % i dag" in danish
    assert "50 mio. kr" in danish
    assert "mere end 54 elever flere" in danish
    assert "more than 54 pupils more" in english
    assert "intet at planlægge" in plan_answer("da", {**indicators, "plan_pct": None})


def test_nobody_barred_needs_no_plan() -> None:
    calm = {"speed_kmh": 30, "aadt": 100, "centreline": False}
    town = village(
        {"accepted_stress_0_3": 3, "accepted_stress_4_10": 4},
        roads=roads(boliggade=calm, hovedgade=calm, landevej=calm),
        addresses=addresses({"h1": HOMES["h1"]}),
    )
    found = PLAN.compute(town, scene_of(town), Found())
    assert found.indicators["plan_gain"] == 0
    assert found.indicators["plan_cost_dkk"] == 0
    assert not len(found.tables["plan_links"])
