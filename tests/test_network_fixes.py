"""What every single fix gives: equal to running all routes anew, on random streets with closed arcs and turns."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_maker import places, random_graph, random_places, streets

from ballerup_geo.errors import MethodError
from ballerup_geo.network import Fixes, build_graph, fix_gains, routes, snap, work_search


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), costed=st.booleans(), turns=st.booleans())
def test_gains_equal_a_full_run_for_every_fix(seed: int, costed: bool, turns: bool) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(seed)
    arcs, all_turns = len(graph.arcs.edge), len(graph.turns.to)
    homes, schools = random_places(graph, rng, 60), random_places(graph, rng, 3)
    target_of = rng.integers(-1, 3, 60)
    unsafe = rng.random(len(graph.edges)) < 0.3
    open_arcs = ~unsafe[graph.arcs.edge]
    open_turns = rng.random(all_turns) < 0.85 if turns else np.ones(all_turns, bool)
    cost = {
        "arc_cost": graph.arcs.length_m * rng.choice([0.0, 1.0, 1.5], arcs),
        "turn_cost": rng.choice([0.0, 20.0], all_turns) if costed else None,
    }
    free = routes(graph, homes, schools, target_of=target_of, **cost)
    limit = free.cost * rng.choice([1.05, 1.25, 3.0], 60)
    limit[np.isinf(limit)] = 1000.0
    weights = rng.integers(1, 9, (60, 2)).astype(float)
    count = 30  # a fix opens one or two edges and some turns; every third edge is in two fixes
    pick = np.concatenate([np.arange(count), rng.integers(0, count, count)])
    edge = np.concatenate([rng.choice(np.flatnonzero(unsafe), count), rng.choice(np.flatnonzero(unsafe), count)])
    both = graph.arc_of[edge]
    fix_turn = rng.integers(0, count, 20)
    turn = rng.integers(0, all_turns, 20)
    fixes = Fixes.of(
        count,
        fix_of_arc=np.repeat(pick, 2)[both.ravel() >= 0],
        arcs=both.ravel()[both.ravel() >= 0],
        fix_of_turn=fix_turn if turns else None,
        turns=turn if turns else None,
    )
    gained = fix_gains(
        graph, homes, schools, target_of=target_of, weights=weights, limit=limit,
        open_arcs=open_arcs, open_turns=open_turns, fixes=fixes, **cost,
    )  # fmt: skip
    now = routes(graph, homes, schools, target_of=target_of, open_arcs=open_arcs, open_turns=open_turns, **cost)
    expected = np.zeros((count, 2))
    for fix in range(count):
        arc, turned = open_arcs.copy(), open_turns.copy()
        arc[fixes.arcs[fixes.arc_start[fix] : fixes.arc_start[fix + 1]]] = True
        turned[fixes.turns[fixes.turn_start[fix] : fixes.turn_start[fix + 1]]] = True
        then = routes(graph, homes, schools, target_of=target_of, open_arcs=arc, open_turns=turned, **cost)
        assert (then.cost <= now.cost).all()  # a fix never makes a way longer
        expected[fix] = weights[(now.cost > limit) & (then.cost <= limit)].sum(axis=0)
    assert expected.sum() > 0 or turns
    np.testing.assert_array_equal(gained, expected)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_cheapest_works_are_the_cheapest_of_all_sets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(seed, 4)
    homes, schools = random_places(graph, rng, 20), random_places(graph, rng, 2)
    target_of = rng.integers(-1, 2, 20)
    count = 5
    works = np.where(rng.random(len(graph.edges)) < 0.5, rng.integers(0, count, len(graph.edges)), -1)
    arc_works = works[graph.arcs.edge][:, None]
    turn_works = np.full((len(graph.turns.to), 1), -1)
    price = rng.uniform(0, 10, count)
    limit = 1.3 * routes(graph, homes, schools, target_of=target_of).cost
    search = work_search(
        graph, homes, schools, target_of=target_of, limit=limit, arc_works=arc_works, turn_works=turn_works
    )
    found = search.least(price)
    least = np.full(20, np.inf)
    for chosen in product([False, True], repeat=count):
        done = np.array([*chosen, True])
        cost = routes(graph, homes, schools, target_of=target_of, open_arcs=done[arc_works[:, 0]]).cost
        near = np.isfinite(cost) & (cost <= limit)
        least = np.where(near, np.minimum(least, price[done[:-1]].sum()), least)
    for k in np.flatnonzero(target_of >= 0):
        needed = found.work[found.start[k] : found.start[k + 1]]
        if np.isinf(least[k]):
            assert np.isinf(found.price[k])
            continue
        # a group of links is paid for at each of them, so the price may be above that of the set, never below
        assert found.price[k] >= least[k] - 1e-9
        done = np.append(np.isin(np.arange(count), needed), True)
        open_arcs = done[arc_works[:, 0]]
        alone = routes(graph, homes, schools, target_of=target_of, open_arcs=open_arcs).cost[k]
        assert alone <= found.cost[k] + 1e-9 <= limit[k] + 1e-6
        dear = search.least(price, worth=np.full(20, found.price[k])).price[k]
        assert np.isinf(dear)  # a way of just that price is not wanted
    own = (np.arange(21) * count, np.tile(np.arange(count, dtype=np.int32), 20), np.tile(price, 20))
    np.testing.assert_allclose(search.least(np.zeros(count), own=own).price, found.price)


def test_one_work_a_link_costs_exactly_what_its_set_costs() -> None:
    graph = build_graph(
        streets([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 60), (200, 60), (200, 0)]), snap_m=1.0
    )
    home, school = snap(graph, places((10, 0), (120, 60)), max_m=5), snap(graph, places((199, 0)), max_m=5)
    arc_works = np.array([0, 1, 2])[graph.arcs.edge][:, None]
    search = work_search(
        graph, home, school, target_of=np.array([0, 0]), limit=np.array([400.0, 130.0]),
        arc_works=arc_works, turn_works=np.full((len(graph.turns.to), 1), -1),
    )  # fmt: skip
    # straight on over work 1, or around over work 2, which ends with a metre of work 1's link
    found = search.least(np.array([5.0, 7.0, 1.0]))
    assert found.price.tolist() == [12.0, np.inf]
    assert found.cost[0] == pytest.approx(189.0)
    assert sorted(found.work.tolist()) == [0, 1]
    with pytest.raises(MethodError, match="works"):
        work_search(
            graph, home, school, target_of=np.array([0, 0]), limit=np.ones(2), arc_works=arc_works[:1],
            turn_works=np.full((len(graph.turns.to), 1), -1),
        )  # fmt: skip
