"""Routes, flows and sums along them: by networkx on random streets, and what must hold of every answer."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from street_maker import random_graph, random_places, slow_costs

from ballerup_geo.network import routes


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), costed=st.booleans(), shut=st.booleans())
def test_costs_equal_networkx_on_arcs_and_turns(seed: int, costed: bool, shut: bool) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(seed)
    arcs, turns = len(graph.arcs.edge), len(graph.turns.to)
    homes, schools = random_places(graph, rng, 40), random_places(graph, rng, 3)
    target_of = rng.integers(-1, 3, 40)
    arc_cost = graph.arcs.length_m * rng.choice([0.0, 1.0, 1.0, 2.5], arcs)
    turn_cost = rng.choice([0.0, 35.0], turns) if costed else np.zeros(turns)
    open_arcs = rng.random(arcs) < (0.8 if shut else 1.1)
    open_turns = rng.random(turns) < (0.9 if shut else 1.1)
    found = routes(
        graph, homes, schools, target_of=target_of, arc_cost=arc_cost, turn_cost=turn_cost,
        open_arcs=open_arcs, open_turns=open_turns,
    )  # fmt: skip
    slow = slow_costs(
        graph, homes, schools, target_of, np.where(open_arcs, arc_cost, np.inf), np.where(open_turns, turn_cost, np.inf)
    )
    np.testing.assert_allclose(found.cost, slow, rtol=1e-12, atol=1e-9)
    along = found.total(arc_cost, turn_cost)  # the sum along the routes is their cost
    reached = np.isfinite(slow)
    np.testing.assert_allclose(along[reached], slow[reached], rtol=1e-12, atol=1e-9)
    assert np.isnan(along[~reached]).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), costed=st.booleans())
def test_flows_follow_the_paths_and_lose_nobody(seed: int, costed: bool) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(seed)
    homes, schools = random_places(graph, rng, 40), random_places(graph, rng, 3)
    target_of = rng.integers(0, 3, 40)
    turn_cost = rng.choice([0.0, 35.0], len(graph.turns.to)) if costed else None
    found = routes(graph, homes, schools, target_of=target_of, turn_cost=turn_cost)
    weights = rng.integers(1, 5, 40).astype(float)
    flow = np.zeros(len(graph.arcs.edge))
    worst = np.full(40, np.nan)
    turn_values, turns_of_way = rng.random(len(graph.turns.to)), np.zeros(40)
    turn = {pair: k for k, pair in enumerate(zip(graph.turns.of.tolist(), graph.turns.to.tolist(), strict=True))}
    value = rng.random(len(flow))
    for k in range(40):
        path = found.path(k)
        np.add.at(flow, path, weights[k])
        assert (graph.arcs.head[path[:-1]] == graph.arcs.tail[path[1:]]).all()
        if len(path):
            worst[k] = value[path].max()
        turns_of_way[k] = sum(
            turn_values[turn[pair]] for pair in zip(path.tolist(), path[1:].tolist(), strict=False) if pair in turn
        )
    np.testing.assert_allclose(found.flow(weights), flow)
    came = ~np.isnan(worst)
    np.testing.assert_allclose(found.worst(value)[came], worst[came])
    on_junction = np.isin(homes.along_m, [0.0]) | (homes.along_m == graph.edges["length_m"].to_numpy()[homes.edge])
    way = (
        came
        & ~on_junction
        & ~np.isin(
            target_of, [k for k in range(3) if schools.along_m[k] in (0.0, graph.edges["length_m"][schools.edge[k]])]
        )
    )
    sums = found.total(np.zeros(len(flow)), turn_values)
    np.testing.assert_allclose(sums[way], turns_of_way[way], atol=1e-12)
