"""The way on from the end of every arc: held to the routes of single places on random streets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_maker import random_graph, random_places

from ballerup_geo.network import Snapped, onward, routes


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), shut=st.booleans())
def test_signposts_lead_as_the_routes_do(seed: int, shut: bool) -> None:
    """From a place one rides to either end of its street and on as the sign there says, or straight to the target."""
    rng = np.random.default_rng(seed)
    graph = random_graph(seed)
    homes, sites = random_places(graph, rng, 40), random_places(graph, rng, 3)
    open_arcs = rng.random(len(graph.arcs.edge)) < (0.85 if shut else 1.1)
    open_turns = rng.random(len(graph.turns.to)) < (0.9 if shut else 1.1)
    on = onward(graph, sites, open_arcs=open_arcs, open_turns=open_turns)
    length_m = graph.edges["length_m"].to_numpy()
    for site in range(3):
        best = np.full(40, np.inf)
        for home in range(40):
            edge = homes.edge[home]
            for side in (0, 1):
                arc = graph.arc_of[edge, side]
                if arc < 0 or not open_arcs[arc]:
                    continue
                before = homes.along_m[home] if side == 0 else length_m[edge] - homes.along_m[home]
                ahead = on.target_share[site, arc] * length_m[edge] - before
                best[home] = min(best[home], length_m[edge] - before + on.cost[site, arc])
                if ahead >= 0.0:
                    best[home] = min(best[home], ahead)
        found = routes(
            graph, homes, sites, target_of=np.full(40, site), open_arcs=open_arcs, open_turns=open_turns
        )  # fmt: skip
        np.testing.assert_allclose(best, found.cost, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_each_step_takes_off_what_it_costs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(seed)
    sites = random_places(graph, rng, 2)
    open_turns = rng.random(len(graph.turns.to)) < 0.9
    on = onward(graph, sites, open_turns=open_turns)
    for site, arc in zip(*np.nonzero(on.arc >= 0), strict=True):
        following = on.arc[site, arc]
        assert graph.arcs.tail[following] == graph.arcs.head[arc]
        length_m = graph.arcs.length_m[following]
        rest = (
            length_m * on.target_share[site, following] if on.last[site, arc] else length_m + on.cost[site, following]
        )
        assert on.cost[site, arc] == pytest.approx(rest, abs=1e-9)


def test_a_target_off_the_network_is_reached_from_nowhere() -> None:
    graph = random_graph(1)
    lost = Snapped(np.array([-1], np.int32), np.zeros(1), np.full(1, np.inf))
    on = onward(graph, lost)
    assert np.isinf(on.cost).all()
    assert (on.arc == -1).all()
    assert not on.last.any()
    assert np.isnan(on.target_share).all()
