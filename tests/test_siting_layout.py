"""The costed pipe net: on paper, against all trees of small graphs, and its bound."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import MethodError
from ballerup_geo.siting import Pipes, costed_layout

PIPES = Pipes(np.array([10.0, 40.0, 100.0]), np.array([1.0, 2.0, 5.0]))
MUST = np.inf


def layout(edges, lengths, consumers, kw, prize, *, sources=(0,), trench=3.0, diversity=0.6, pipes=PIPES, nodes=0):
    return costed_layout(
        np.array(edges, dtype=np.int32).reshape(-1, 2),
        np.array(lengths, dtype=np.float64),
        trench_dkk_per_m=trench,
        sources=np.array(sources, dtype=np.int32),
        consumers=np.array(consumers, dtype=np.int32),
        demand_kw=np.array(kw, dtype=np.float64),
        prize_dkk=np.array(prize, dtype=np.float64),
        pipes=pipes,
        diversity=diversity,
        exact_nodes=nodes,
    )


# ---------------------------------------------------------------- on paper


def test_path_of_two_houses():
    """0 –100 m– 1 –50 m– 2, 10 and 20 kW, diversity 0.6.

    Beyond the first pipe: 0.6 × 30 + 0.4 × 20 = 26 kW → 40 kW pipe, 100 × (3 + 2) = 500 DKK. The second carries 20 kW:
    50 × 5 = 250 DKK.
    """
    found = layout([[0, 1], [1, 2]], [100, 50], [1, 2], [10, 20], [MUST, MUST])
    assert found.edge_ids.tolist() == [0, 1]
    assert found.load_kw.tolist() == pytest.approx([26.0, 20.0])
    assert (found.pipe.tolist(), found.consumers.tolist()) == ([1, 1], [2, 1])
    assert found.cost_dkk.tolist() == [500.0, 250.0]
    assert (found.objective_dkk, found.bound_dkk, found.gap) == (750.0, 750.0, pytest.approx(0.0))


def test_equal_houses_have_the_usual_simultaneity():
    """Eight houses of 10 kW at one node: 80 kW × (0.6 + 0.4 / 8) = 52 kW."""
    found = layout([[0, 1]], [10], [1] * 8, [10.0] * 8, [MUST] * 8)
    assert found.load_kw.tolist() == pytest.approx([80 * (0.6 + 0.4 / 8)])
    assert found.consumers.tolist() == [8]


def test_who_does_not_pay_for_the_pipe_stays_without():
    """The second house's pipe costs 200 and its prize is 199; the first pays 400 of its 401."""
    edges, lengths = [[0, 1], [1, 2]], [100, 50]
    found = layout(edges, lengths, [1, 2], [10, 10], [401, 199])
    assert found.connected.tolist() == [True, False]
    assert (found.edge_ids.tolist(), found.objective_dkk) == ([0], 400.0 + 199.0)
    nobody = layout(edges, lengths, [1, 2], [10, 10], [300, 199])
    assert nobody.edge_ids.size == 0
    assert (nobody.objective_dkk, nobody.bound_dkk) == (499.0, pytest.approx(499.0))


def test_neighbours_pay_together():
    """Alone neither of two houses pays 100 m of street (400 DKK); together they do (500 for the wider pipe)."""
    found = layout([[0, 1]], [100], [1, 1], [10, 10], [260, 260], diversity=1.0)
    assert (found.connected.tolist(), found.objective_dkk) == ([True, True], 500.0)


def test_a_longer_way_shares_the_trench():
    """Two houses at the ends of a street: one way of 100 + 20 m is cheaper than two of 100 and 105 m."""
    found = layout([[0, 1], [0, 2], [1, 2]], [100, 105, 20], [1, 2], [4, 4], [MUST, MUST])
    assert found.edge_ids.tolist() == [0, 2]


def test_several_pipes_side_by_side_above_the_largest():
    """230 kW at once: two pipes of 100 kW and one of 40: 10 m × (3 + 5 + 5 + 2)
    (which the answer calls by the largest)."""
    found = layout([[0, 1]], [10], [1], [230], [MUST])
    assert (found.cost_dkk.tolist(), found.pipe.tolist()) == ([150.0], [2])


def test_any_source_will_do():
    found = layout([[0, 1], [1, 2], [2, 3]], [50, 10, 5], [1, 2], [5, 5], [MUST, MUST], sources=[0, 3, 3])
    assert found.edge_ids.tolist() == [1, 2]


# ---------------------------------------------------------------- bad input


def test_who_cannot_be_reached_is_told():
    edges, lengths = [[0, 1], [2, 3]], [10, 10]
    found = layout(edges, lengths, [1, 3, 9], [5, 5, 5], [MUST, 100, 100])
    assert found.reachable.tolist() == [True, False, False]
    assert found.connected.tolist() == [True, False, False]
    assert found.objective_dkk == 40.0
    with pytest.raises(MethodError, match="1 consumers that must be connected cannot be reached from a source: node 3"):
        layout(edges, lengths, [1, 3], [5, 5], [MUST, MUST])
    assert layout(edges, lengths, [3], [5], [100]).edge_ids.size == 0


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"kw": [0.0]}, "demand_kw"),
        ({"prize": [-1.0]}, "prize_dkk"),
        ({"diversity": 0.0}, "diversity"),
        ({"pipes": Pipes(np.array([10.0, 10.0]), np.array([1.0, 2.0]))}, "pipes"),
        ({"pipes": Pipes(np.array([10.0, 20.0]), np.array([2.0, 1.0]))}, "costs fall with size"),
        ({"consumers": [-1]}, "negative"),
    ],
)
def test_arguments_are_checked(change, what):
    given_well = {"edges": [[0, 1]], "lengths": [1.0], "consumers": [1], "kw": [1.0], "prize": [1.0]}
    with pytest.raises(MethodError, match=what):
        layout(**(given_well | change))


# ---------------------------------------------------------------- against all trees


def cost_of(edges, lengths, ids, consumers, kw, joined, diversity, trench):
    """The cost of a tree for some consumers, walked from node 0; None if it is no tree that reaches them."""
    below = {0: []}
    left, order = list(ids), [0]
    hung = {}
    while left:
        step = next((i for i in left if (edges[i][0] in below) != (edges[i][1] in below)), None)
        if step is None:
            return None
        a, b = edges[step]
        child, parent = (b, a) if a in below else (a, b)
        below[child], hung[child] = [], (parent, step)
        order.append(child)
        left.remove(step)
    for i in joined:
        if consumers[i] not in below:
            return None
        below[consumers[i]].append(kw[i])
    total = 0.0
    for node in reversed(order[1:]):
        parent, step = hung[node]
        below[parent] += below[node]
        if below[node]:
            load = diversity * sum(below[node]) + (1 - diversity) * max(below[node])
            whole = max(int(np.ceil(load / 100 - 1e-12)) - 1, 0)
            size = np.searchsorted(PIPES.capacity_kw, load - whole * 100 - 1e-9)
            total += lengths[step] * (trench + 5.0 * whole + PIPES.cost_dkk_per_m[size])
    return total


def optimum(edges, lengths, consumers, kw, prize, diversity, trench):
    """The best of all trees and all choices of consumers."""
    nodes = len({v for edge in edges for v in edge} | {0})
    best = np.inf
    for count in range(nodes):
        for ids in combinations(range(len(edges)), count):
            for choice in product([False, True], repeat=len(consumers)):
                joined = [i for i, yes in enumerate(choice) if yes]
                cost = cost_of(edges, lengths, ids, consumers, kw, joined, diversity, trench)
                if cost is not None:
                    best = min(best, cost + sum(prize[i] for i, yes in enumerate(choice) if not yes))
    return best


@st.composite
def small_area(draw):
    nodes = draw(st.integers(3, 5))
    node = st.integers(0, nodes - 1)
    edges = [[draw(st.integers(0, v - 1)), v] for v in range(1, nodes)]
    edges += draw(st.lists(st.tuples(node, node).map(list), max_size=3))
    lengths = draw(st.lists(st.integers(0, 40).map(float), min_size=len(edges), max_size=len(edges)))
    count = draw(st.integers(1, 3))
    consumers = draw(st.lists(node, min_size=count, max_size=count))
    kw = draw(st.lists(st.sampled_from([4.0, 9.0, 30.0, 90.0]), min_size=count, max_size=count))
    prize = draw(st.lists(st.sampled_from([0.0, 60.0, 200.0, 500.0, MUST]), min_size=count, max_size=count))
    return edges, lengths, consumers, kw, prize, draw(st.sampled_from([0.5, 1.0]))


@settings(max_examples=40, deadline=None)
@given(small_area())
def test_bound_below_optimum_below_objective(area):
    edges, lengths, consumers, kw, prize, diversity = area
    best = optimum(edges, lengths, consumers, kw, prize, diversity, 3.0)
    found = layout(edges, lengths, consumers, kw, prize, diversity=diversity)
    assert found.bound_dkk <= best + 1e-6
    assert best <= found.objective_dkk + 1e-6
    joined = np.flatnonzero(found.connected)
    again = cost_of(edges, lengths, found.edge_ids.tolist(), consumers, kw, joined, diversity, 3.0)
    forgone = sum(prize[i] for i in range(len(prize)) if not found.connected[i])
    assert again + forgone == pytest.approx(found.objective_dkk)
    exact = layout(edges, lengths, consumers, kw, prize, diversity=diversity, nodes=1000)
    assert exact.exact
    assert exact.objective_dkk == pytest.approx(best, abs=1e-3)
    assert exact.bound_dkk == pytest.approx(best, abs=1e-3)


def area_of_streets(side, seed, count):
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    pairs = [np.stack([number[:-1].ravel(), number[1:].ravel()], 1)]
    pairs.append(np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], 1))
    edges = np.concatenate(pairs)
    kw = rng.choice([5.0, 8.0, 20.0], count)
    return edges, rng.uniform(30, 120, len(edges)), rng.integers(1, side * side, count), kw


def test_search_stands_near_its_bound_and_the_solver_between():
    edges, lengths, consumers, kw = area_of_streets(4, 4, 8)
    prize = kw * 40
    found = layout(edges, lengths, consumers, kw, prize)
    exact = layout(edges, lengths, consumers, kw, prize, nodes=2000)
    assert 2 <= found.connected.sum() <= 7
    assert found.gap < 0.35
    assert exact.exact
    assert found.bound_dkk - 1e-6 <= exact.objective_dkk <= found.objective_dkk + 1e-6
    assert found.objective_dkk <= 1.05 * exact.objective_dkk


def test_more_worth_never_connects_fewer_and_dearer_trenches_never_more_cheaply():
    edges, lengths, consumers, kw = area_of_streets(4, 9, 7)
    worth = [layout(edges, lengths, consumers, kw, kw * each, nodes=2000) for each in (20, 60, 200)]
    assert worth[0].connected.sum() <= worth[1].connected.sum() <= worth[2].connected.sum()
    dear = layout(edges, lengths, consumers, kw, kw * 60, trench=6.0, nodes=2000)
    assert dear.objective_dkk >= worth[1].objective_dkk
