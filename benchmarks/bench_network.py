"""Speed and memory of the street network library, beside networkx and scipy on the same graph.

Run from the checkout::

    pytest benchmarks/bench_network.py --benchmark-only   # a town: 10,000 junctions, 15,000 homes, 10 schools
    python benchmarks/bench_network.py town               # the same, beside networkx and scipy
    python benchmarks/bench_network.py country            # 1,000,000 junctions, 1.5 million homes, 1,600 schools
    python benchmarks/bench_network.py build              # lines to graph, 40,000 of them

CPU seconds are the fair figure on a machine that others use as well; the load is printed with the result. Kernels are
warmed on a small graph first: machine code is kept on disk, and the first run on a machine pays for compiling it.
"""

from __future__ import annotations

import os
import resource
import sys
import time

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import cKDTree

from ballerup_geo.network import Arcs, Fixes, Snapped, StreetGraph, build_graph, fix_gains, routes
from ballerup_geo.network._turns import turns_of

SPACING_M = 90.0
EDGES_A_NODE = 1.4
UNSAFE = 0.09
DETOUR = 1.25
TOWN = (100, 15_000, 10)
COUNTRY = (1000, 1_500_000, 1_600)


def lattice(side, seed=1):
    """Junctions of a crooked lattice and 1.4 edges for each: a random tree over all, and more at random."""
    rng = np.random.default_rng(seed)
    count = side * side
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * SPACING_M
    xy = xy + rng.uniform(-0.35, 0.35, xy.shape) * SPACING_M
    node = np.arange(count)
    right, up = node[(node + 1) % side > 0], node[: count - side]
    a, b = np.concatenate([right, up]), np.concatenate([right + 1, up + side])
    chance = rng.random(len(a))
    tree = minimum_spanning_tree(coo_array((chance + 1.0, (a, b)), shape=(count, count)).tocsr()).tocoo()
    low, high = (pick(tree.row, tree.col).astype(np.int64) for pick in (np.minimum, np.maximum))
    in_tree = np.isin(a * count + b, low * count + high)
    more = np.argsort(np.where(in_tree, -1.0, chance), kind="stable")[: int(EDGES_A_NODE * count)]
    more.sort()
    return xy, a[more].astype(np.int32), b[more].astype(np.int32)


def graph_of(side):
    """The lattice as a street graph, without the work of joining lines."""
    xy, a, b = lattice(side)
    lines = shapely.linestrings(np.stack([xy[a], xy[b]], axis=1))
    length_m = shapely.length(lines)
    edges = gpd.GeoDataFrame(
        {"road_id": np.arange(len(a)), "from_node": a, "to_node": b, "length_m": length_m}, geometry=lines, crs=25832
    )
    edge = np.repeat(np.arange(len(a), dtype=np.int32), 2)
    forward = np.tile([True, False], len(a))
    ends = np.stack([a, b, b, a], axis=1).reshape(-1, 2)
    arcs = Arcs(edge, ends[:, 0].copy(), ends[:, 1].copy(), forward, length_m[edge])
    arc_of = np.arange(2 * len(a), dtype=np.int32).reshape(-1, 2)
    turns = turns_of(arcs.edge, arcs.tail, arcs.head, len(xy))
    return StreetGraph(xy, edges, arcs, arc_of, turns, np.zeros(len(xy), np.int32), pd.DataFrame())


def pupils(graph, homes, schools, seed=2):
    """Homes and schools anywhere along edges; each home goes to the school that is nearest as the crow flies."""
    rng = np.random.default_rng(seed)
    length_m = graph.edges["length_m"].to_numpy()
    ends = graph.edges[["from_node", "to_node"]].to_numpy()

    def put(count):
        edge = rng.integers(0, len(length_m), count).astype(np.int32)
        share = rng.random(count)
        xy = graph.nodes_xy[ends[edge]]
        return Snapped(edge, share * length_m[edge], np.zeros(count)), xy[:, 0] * (1 - share[:, None]) + xy[
            :, 1
        ] * share[:, None]

    home, home_xy = put(homes)
    school, school_xy = put(schools)
    return home, school, cKDTree(school_xy).query(home_xy)[1]


def unsafe_edges(graph, seed=3):
    return np.random.default_rng(seed).random(len(graph.edges)) < UNSAFE


def trees_and_flows(graph, home, school, target_of, weights, **closed):
    found = routes(graph, home, school, target_of=target_of, **closed)
    return found.cost, found.flow(weights)


def every_fix(graph, home, school, target_of, weights, limit, unsafe):
    edges = np.flatnonzero(unsafe)
    both = graph.arc_of[edges]
    fixes = Fixes.of(len(edges), fix_of_arc=np.repeat(np.arange(len(edges)), 2), arcs=both.ravel())
    return fix_gains(
        graph, home, school, target_of=target_of, weights=weights[:, None], limit=limit,
        open_arcs=~unsafe[graph.arcs.edge], fixes=fixes,
    )  # fmt: skip


def by_scipy(graph, home, school, target_of, weights):
    """One scipy tree a school and a sweep in Python: distances of junctions, flows of arcs."""
    n = len(graph.nodes_xy)
    toward = csr_array((graph.arcs.length_m, (graph.arcs.head, graph.arcs.tail)), shape=(n, n))
    ends = graph.edges["from_node"].to_numpy()
    far, ahead = dijkstra(toward, indices=ends[school.edge], return_predecessors=True)
    flow = np.zeros((len(school.edge), n))
    np.add.at(flow, (target_of, ends[home.edge]), weights)
    for site in range(len(school.edge)):
        load, next_node = flow[site], ahead[site]
        for node in np.argsort(far[site])[::-1]:
            if next_node[node] >= 0:
                load[next_node[node]] += load[node]
    return far, flow


def measured(what, work):
    started, wall = time.process_time(), time.perf_counter()
    answer = work()
    cpu = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:58s} {cpu * 1000:10.1f} ms CPU {(time.perf_counter() - wall) * 1000:10.1f} ms wall {peak:8.0f} MiB")
    return answer


def warm():
    graph = graph_of(10)
    home, school, target_of = pupils(graph, 50, 2)
    trees_and_flows(graph, home, school, target_of, np.ones(50))
    trees_and_flows(graph, home, school, target_of, np.ones(50), turn_cost=np.ones(len(graph.turns.to)))
    every_fix(graph, home, school, target_of, np.ones(50), np.full(50, 500.0), unsafe_edges(graph))


def town():
    warm()
    graph = graph_of(TOWN[0])
    home, school, target_of = pupils(graph, *TOWN[1:])
    weights = np.full(len(target_of), 0.35)
    unsafe = unsafe_edges(graph)
    for _ in range(3):
        cost, flow = measured("trees and flows", lambda: trees_and_flows(graph, home, school, target_of, weights))
    turn_cost = np.random.default_rng(4).choice([0.0, 30.0], len(graph.turns.to))
    for _ in range(2):
        measured(
            "trees and flows, turns costed",
            lambda: trees_and_flows(graph, home, school, target_of, weights, turn_cost=turn_cost),
        )
    for _ in range(3):
        gained = measured(
            f"every fix of {unsafe.sum()}",
            lambda: every_fix(graph, home, school, target_of, weights, DETOUR * cost, unsafe),
        )
    print(f"pupils that the fixes give, summed: {gained.sum():.1f}; pupils on their way: {flow.max():.1f} on one arc")
    measured("scipy trees and a sweep", lambda: by_scipy(graph, home, school, target_of, weights))
    rim = graph.to_networkx().reverse(copy=False)
    ends = graph.edges["from_node"].to_numpy()
    far = measured(
        "networkx trees, no flows",
        lambda: [
            nx.single_source_dijkstra_path_length(rim, ends[edge], weight="length_m") for edge in school.edge.tolist()
        ],
    )
    at_end = Snapped(home.edge, np.zeros(len(home.edge)), home.off_m)
    to_end = Snapped(school.edge, np.zeros(len(school.edge)), school.off_m)
    ours = routes(graph, at_end, to_end, target_of=target_of).cost
    theirs = np.array(
        [far[site][node] for site, node in zip(target_of.tolist(), ends[home.edge].tolist(), strict=True)]
    )
    print("costs as networkx:", bool(np.allclose(ours, theirs)))
    some = np.random.default_rng(5).choice(len(target_of), 30, replace=False)
    rim = graph.to_networkx()
    measured(
        f"networkx per home, {len(some)} homes of {len(target_of)}",
        lambda: [
            nx.dijkstra_path(rim, ends[home.edge[k]], ends[school.edge[target_of[k]]], weight="length_m") for k in some
        ],
    )


def country():
    warm()
    graph = measured("graph (without joining lines)", lambda: graph_of(COUNTRY[0]))
    home, school, target_of = pupils(graph, *COUNTRY[1:])
    weights = np.full(len(target_of), 0.35)
    cost, flow = measured("trees and flows", lambda: trees_and_flows(graph, home, school, target_of, weights))
    print(f"without a route: {np.isinf(cost).sum()}; {flow.max():.0f} pupils on one arc")


def build():
    """40,000 lines: a lattice drawn by hand, ends a little off."""
    xy, a, b = lattice(169)
    rng = np.random.default_rng(6)
    ends = np.stack([xy[a], xy[b]], axis=1) + rng.uniform(-0.2, 0.2, (len(a), 2, 2))
    roads = gpd.GeoDataFrame({"road_id": np.arange(len(a))}, geometry=shapely.linestrings(ends), crs=25832)
    build_graph(roads.head(50), snap_m=1.0)
    graph = measured(f"{len(roads)} lines to a graph", lambda: build_graph(roads, snap_m=1.0))
    print(f"{len(graph.nodes_xy)} junctions, {len(graph.edges)} edges, {len(graph.turns.to)} turns")


@pytest.fixture(scope="module")
def case():
    graph = graph_of(TOWN[0])
    home, school, target_of = pupils(graph, *TOWN[1:])
    weights = np.full(len(target_of), 0.35)
    return graph, home, school, target_of, weights


def test_trees_and_flows(benchmark, case):
    cost, _ = benchmark(trees_and_flows, *case)
    assert np.isfinite(cost).all()


def test_every_fix(benchmark, case):
    limit = DETOUR * trees_and_flows(*case)[0]
    gained = benchmark(every_fix, *case, limit, unsafe_edges(case[0]))
    assert gained.sum() > 0


if __name__ == "__main__":
    print("load", os.getloadavg())
    {"town": town, "country": country, "build": build}[sys.argv[1]]()
