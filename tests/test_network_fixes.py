"""What every single fix gives: equal to running all routes anew, on random streets with closed arcs and turns."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from street_maker import random_graph, random_places

from ballerup_geo.network import Fixes, fix_gains, routes


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
