"""The shortest net: on paper, against all trees of small graphs, against published optima."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import MethodError
from ballerup_geo.siting import steiner_network
from ballerup_geo.siting._steiner import improve, plant, raised
from ballerup_geo.siting._steiner_reduce import first_problem


def net(edges, lengths, terminals, **options):
    return steiner_network(
        np.array(edges, dtype=np.int32).reshape(-1, 2),
        np.array(lengths, dtype=np.float64),
        np.array(terminals, dtype=np.int32),
        **options,
    )


def spanning_cost(edges, lengths, nodes):
    """The cheapest spanning tree over a set of nodes (inf if they hang apart), by Kruskal."""
    above = {v: v for v in nodes}

    def top(v):
        while above[v] != v:
            v = above[v]
        return v

    total, joined = 0.0, 1
    for length, (a, b) in sorted(zip(lengths, edges, strict=True)):
        if a in above and b in above and top(a) != top(b):
            above[top(a)] = top(b)
            total += length
            joined += 1
    return total if joined == len(nodes) else np.inf


def optimum(edges, lengths, terminals):
    """The cheapest tree over the terminals and any other nodes: all sets are tried."""
    must = set(terminals)
    may = sorted({v for edge in edges for v in edge} - must)
    sets = (must | set(more) for count in range(len(may) + 1) for more in combinations(may, count))
    return min(spanning_cost(edges, lengths, nodes) for nodes in sets)


def reaches_all(edges, ids, terminals):
    """Whether the edges form one tree that holds all terminals."""
    chosen = [tuple(edges[i]) for i in ids]
    nodes = {v for edge in chosen for v in edge} | set(terminals)
    return len(chosen) == len(nodes) - 1 and spanning_cost(chosen, [1.0] * len(chosen), nodes) < np.inf


# ---------------------------------------------------------------- on paper


def test_path_keeps_only_what_lies_between():
    found = net([[0, 1], [1, 2], [2, 3], [3, 4]], [1, 2, 3, 4], [1, 3])
    assert (found.edge_ids.tolist(), found.length, found.bound, found.gap) == ([1, 2], 5.0, 5.0, 0.0)


def test_star_needs_its_middle():
    found = net([[0, 4], [1, 4], [2, 4], [3, 4], [0, 1], [2, 3]], [1, 1, 1, 1, 1.9, 1.9], [0, 1, 2, 3])
    assert (found.edge_ids.tolist(), found.length, found.gap) == ([0, 1, 2, 3], 4.0, 0.0)


def test_grid_corners():
    """The four corners of a 3 × 3 grid of 100 m: two sides and a bar between, or three sides, 600 m."""
    across = [[3 * r + c, 3 * r + c + 1] for r in range(3) for c in range(2)]
    down = [[3 * r + c, 3 * r + c + 3] for r in range(2) for c in range(3)]
    found = net(across + down, [100.0] * 12, [0, 2, 6, 8])
    assert (found.length, found.gap) == (600.0, 0.0)
    assert found.edge_ids.dtype == np.int32


def test_shortest_of_parallel_edges_and_no_loops():
    found = net([[0, 1], [1, 0], [0, 1], [1, 1], [1, 2], [2, 1]], [3, 1, 2, 0, 5, 4], [0, 2])
    assert (found.edge_ids.tolist(), found.length) == ([1, 5], 5.0)


def test_edges_of_no_length_are_part_of_the_tree():
    found = net([[0, 1], [1, 2], [2, 3], [0, 3]], [0, 0, 0, 1], [0, 1, 2, 3])
    assert (found.edge_ids.tolist(), found.length, found.gap) == ([0, 1, 2], 0.0, 0.0)


def test_one_terminal_needs_nothing():
    for edges in ([[0, 1]], []):
        found = net(edges, [2.0] * len(edges), [0, 0])
        assert (found.edge_ids.size, found.length, found.gap, found.part.tolist()) == (0, 0.0, 0.0, [0, 0])


# ---------------------------------------------------------------- bad input


def test_terminals_apart_are_named():
    with pytest.raises(MethodError, match=r"2 of 5 terminals cannot be reached from the others: node 5, 7 →"):
        net([[0, 1], [1, 2], [5, 6]], [1, 1, 1], [0, 1, 2, 5, 7])


def test_parts_are_connected_among_themselves():
    found = net([[0, 1], [1, 2], [5, 6], [6, 7], [5, 7]], [1, 1, 3, 1, 1], [5, 0, 2, 6, 9], apart=True)
    assert found.edge_ids.tolist() == [0, 1, 3, 4]
    assert (found.length, found.bound, found.part.tolist()) == (4.0, 4.0, [1, 0, 0, 1, 2])


@pytest.mark.parametrize(
    ("edges", "lengths", "terminals", "what"),
    [
        ([[0, 1]], [-1.0], [0, 1], "1 lengths are negative or no number, first at edge 0"),
        ([[0, 1]], [np.nan], [0, 1], "no number"),
        ([[0, 1]], [1.0, 2.0], [0, 1], "lengths"),
        ([[0, -1]], [1.0], [0], "negative"),
        ([[0, 1]], [1.0], [], "no node numbers to connect"),
    ],
)
def test_arguments_are_checked(edges, lengths, terminals, what):
    with pytest.raises(MethodError, match=what):
        net(edges, lengths, terminals)


# ---------------------------------------------------------------- against all trees


@st.composite
def small_graph(draw):
    """A connected multigraph of 4 to 9 nodes, with loops, parallel edges and edges of no length."""
    nodes = draw(st.integers(4, 9))
    tree = [[draw(st.integers(0, v - 1)), v] for v in range(1, nodes)]
    node = st.integers(0, nodes - 1)
    more = draw(st.lists(st.tuples(node, node).map(list), max_size=14))
    edges = tree + more
    lengths = draw(st.lists(st.integers(0, 12).map(float), min_size=len(edges), max_size=len(edges)))
    terminals = draw(st.lists(node, min_size=1, max_size=6))
    return edges, lengths, terminals


@settings(max_examples=150, deadline=None)
@given(small_graph())
def test_bound_below_optimum_below_length(graph):
    edges, lengths, terminals = graph
    found = net(edges, lengths, terminals)
    best = optimum(edges, lengths, terminals)
    assert reaches_all(edges, found.edge_ids, terminals)
    assert found.length == pytest.approx(sum(lengths[i] for i in found.edge_ids))
    assert found.bound <= best + 1e-6
    assert best <= found.length + 1e-6
    assert found.length <= 1.1 * best + 1e-6  # the search leaves no tenth on so small a graph


@settings(max_examples=150, deadline=None)
@given(small_graph(), st.integers(0, 99))
def test_search_and_bound_without_reductions(graph, seed):
    """Small graphs reduce to nothing: so the steps of the search are tried on the graph as it is."""
    edges, lengths, terminals = np.array(graph[0], dtype=np.int32), np.array(graph[1]), np.unique(graph[2])
    wanted = np.zeros(edges.max() + 1, dtype=np.bool_)
    wanted[terminals] = True
    problem = first_problem(edges, lengths, wanted)
    graph, root = problem.graph, int(terminals[0])
    start = plant(graph, np.random.default_rng(seed).uniform(1, 9, graph.edges), root)
    end = improve(graph, start, root)
    simple = np.stack([graph.tail, graph.head], axis=1).tolist()
    best = optimum(simple, graph.cost.tolist(), terminals.tolist())
    assert reaches_all(simple, np.flatnonzero(end), terminals.tolist())
    assert best - 1e-9 <= graph.cost[end].sum() <= min(graph.cost[start].sum(), 1.5 * best) + 1e-9
    low, spare = raised(graph, terminals.astype(np.int32), root, np.zeros(2 * graph.edges, dtype=np.uint8))
    assert low <= best + 1e-9
    assert spare.min(initial=0) >= -1e-9


def test_search_improves_a_poor_tree():
    """From a tree grown at random costs, the exchanges come within 3 % of the bound on a grid of 400 nodes."""
    edges, lengths, terminals = crooked_grid(20, 5)
    wanted = np.zeros(400, dtype=np.bool_)
    wanted[terminals] = True
    graph, root = first_problem(edges, lengths, wanted).graph, int(terminals[0])
    start = plant(graph, np.random.default_rng(2).uniform(1, 30, graph.edges), root)
    end = improve(graph, start, root)
    low, _ = raised(graph, np.sort(terminals), root, np.zeros(2 * graph.edges, dtype=np.uint8))
    assert reaches_all(edges.tolist(), np.flatnonzero(end), terminals.tolist())
    assert graph.cost[start].sum() > 1.15 * low
    assert graph.cost[end].sum() < 1.05 * low


def crooked_grid(side, seed):
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    pairs = [np.stack([number[:-1].ravel(), number[1:].ravel()], 1)]
    pairs.append(np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], 1))
    edges = np.concatenate(pairs).astype(np.int32)
    return edges, rng.uniform(50, 150, len(edges)), rng.choice(side * side, side * 2, replace=False).astype(np.int32)


def test_edge_and_node_order_do_not_matter_to_the_proof():
    edges, lengths, terminals = crooked_grid(14, 3)
    one = steiner_network(edges, lengths, terminals)
    again = steiner_network(edges, lengths, terminals)
    assert np.array_equal(one.edge_ids, again.edge_ids)
    shuffle = np.random.default_rng(1).permutation(len(edges))
    other = steiner_network(edges[shuffle][:, ::-1], lengths[shuffle], terminals[::-1])
    assert max(one.bound, other.bound) <= min(one.length, other.length) + 1e-6
    assert abs(one.length - other.length) <= 0.02 * one.length
    assert one.gap < 0.02
    doubled = steiner_network(edges, 2 * lengths, terminals)
    assert doubled.length == pytest.approx(2 * one.length)


# ---------------------------------------------------------------- published optima


def vienna(path: Path):
    """Read a street graph of Vienna (PACE 2018 format): edges, lengths, terminals."""
    words = [line.split() for line in path.read_text().splitlines() if line[:2] in ("E ", "T ")]
    rows = [row for row in words if row[0] == "E"]
    edges = np.array([[int(row[1]) - 1, int(row[2]) - 1] for row in rows], dtype=np.int32)
    terminals = np.array([int(row[1]) - 1 for row in words if row[0] == "T"], dtype=np.int32)
    return edges, np.array([float(row[3]) for row in rows]), terminals


@pytest.mark.shared
@pytest.mark.parametrize(("name", "best"), [("instance010", 13309487), ("instance067", 30854904)])
def test_vienna(shared_data, name, best):
    edges, lengths, terminals = vienna(shared_data / "instances" / "steiner" / f"{name}.gr")
    found = steiner_network(edges, lengths, terminals)
    assert reaches_all(edges.tolist(), found.edge_ids, terminals.tolist())
    assert found.bound <= best <= found.length <= 1.005 * best
    assert found.gap <= 0.005
