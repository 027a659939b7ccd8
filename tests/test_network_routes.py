"""Routes, flows and sums along them: by networkx on random streets, and what must hold of every answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_maker import places, random_graph, random_places, slow_costs, streets

from ballerup_geo.network import Snapped, build_graph, distances, reach, routes, snap


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
    # what is counted at turns and what is summed along routes are the same
    made = found.turn_flow(weights)
    assert (made * turn_values).sum() == pytest.approx(
        np.nansum(weights * found.total(np.zeros(len(flow)), turn_values))
    )
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


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_distances_are_those_of_the_routes_within_the_limit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(seed)
    homes, sites = random_places(graph, rng, 25), random_places(graph, rng, 6)
    homes = Snapped(homes.edge, homes.along_m, rng.uniform(0, 20, 25))
    homes.edge[:2] = sites.edge[0]  # the same street, and the very place of a site: a way of no length is kept
    homes.along_m[0] = sites.along_m[0]
    homes.off_m[0] = 0.0
    found = distances(graph, homes, sites, limit_m=250.0)
    assert found[[0], [0]].tolist() == [0.0]
    assert 0 in found.indices[found.indptr[0] : found.indptr[1]]
    stored = np.full(found.shape, np.inf)
    row = np.repeat(np.arange(25), np.diff(found.indptr))
    stored[row, found.indices] = found.data
    for site in range(6):
        cost = routes(graph, homes, sites, target_of=np.full(25, site)).cost + homes.off_m
        np.testing.assert_allclose(stored[:, site], np.where(cost <= 250.0, cost, np.inf), atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), outward=st.booleans())
def test_reach_holds_the_places_whose_way_is_within_the_limit(seed: int, outward: bool) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(seed)
    sources, probes = random_places(graph, rng, 2), random_places(graph, rng, 60)
    open_arcs = rng.random(len(graph.arcs.edge)) < 0.85
    pieces = reach(graph, sources, limit=230.0, open_arcs=open_arcs, outward=outward)
    ways = []
    for source in range(2):
        one = Snapped(*(column[[source]] for column in (sources.edge, sources.along_m, sources.off_m)))
        if outward:
            ways.append([
                routes(graph, one, Snapped(*(c[[k]] for c in (probes.edge, probes.along_m, probes.off_m))),
                       target_of=np.array([0]), open_arcs=open_arcs).cost[0]
                for k in range(60)
            ])  # fmt: skip
        else:
            ways.append(routes(graph, probes, one, target_of=np.zeros(60, int), open_arcs=open_arcs).cost)
    way_m = np.minimum(*ways)
    clear = (np.abs(way_m - 230.0) > 1e-6) & (probes.along_m > 0.0)
    clear &= probes.along_m < graph.edges["length_m"].to_numpy()[probes.edge]
    inside = np.array([
        bool(((pieces["edge"] == edge) & (pieces["from_m"] <= at) & (pieces["to_m"] >= at)).any())
        for edge, at in zip(probes.edge, probes.along_m, strict=True)
    ])  # fmt: skip
    np.testing.assert_array_equal(inside[clear], (way_m <= 230.0)[clear])
    np.testing.assert_allclose(pieces.length, pieces["to_m"] - pieces["from_m"], atol=1e-6)


def test_reach_on_paper() -> None:
    roads = streets([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 100)], one_way=[False, True, False])
    graph = build_graph(roads, snap_m=1.0)
    source = snap(graph, places((30, 0)), max_m=5)
    towards, away = (reach(graph, source, limit=120.0, outward=outward) for outward in (False, True))
    assert towards[["edge", "from_m", "to_m"]].values.tolist() == [[0, 0, 100], [2, 0, 50]]
    assert away[["edge", "from_m", "to_m"]].values.tolist() == [[0, 0, 100], [1, 0, 50], [2, 0, 50]]
    assert reach(graph, source, limit=20.0).length.tolist() == [40.0]
    assert not len(reach(graph, snap(graph, places((900, 0)), max_m=5), limit=9.0))


def test_places_off_the_network_have_no_route() -> None:
    graph = build_graph(streets([(0, 0), (100, 0)], [(0, 500), (9, 500)]), snap_m=1.0)
    homes = snap(graph, places((20, 300), (20, 3), (5, 500)), max_m=20)
    schools = snap(graph, places((90, 0), (90, 400)), max_m=20)
    assert homes.edge.tolist() == [-1, 0, 1]
    assert homes.off_m.tolist() == [np.inf, 3.0, 0.0]
    found = routes(graph, homes, schools, target_of=np.array([0, 0, 0]))
    assert found.cost.tolist() == pytest.approx([np.inf, 70.0, np.inf])
    assert np.isinf(routes(graph, homes, schools, target_of=np.array([1, 1, -1])).cost).all()
    assert np.isnan(found.total(graph.arcs.length_m)).tolist() == [True, False, True]
    assert found.flow(np.ones(3)).sum() == 1.0
    assert distances(graph, homes, schools, limit_m=200.0).nnz == 1
