"""Lay pipes to all consumers of a town of streets, beside networkx's Steiner approximation.

    python benchmarks/bench_layout.py                    # 200, 1,000 and 15,000 consumers
    python benchmarks/bench_layout.py --rival            # networkx too (Mehlhorn's method; Kou's does not end)
    python benchmarks/bench_layout.py --scattered        # consumers all over the town, not around its middle
    python benchmarks/bench_layout.py --costed           # pipes of sizes: bound, gap and processor time

The town is invented (same numbers each time): about 8,000 junctions and 10,200 streets, buildings at the street with
a service line each, so about 38,000 nodes with all buildings. Processor time of this process; memory is the most that
it held, so that of one size at a time is told by ``--consumers``.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
import warnings
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from ballerup_geo.siting import Pipes, costed_layout, steiner_network

SIDE = 90
BLOCK_M = 65.0
STREETS = 10_234
SERVICE_M = (4.0, 24.0)
PIPES = Pipes(
    np.array([30, 60, 120, 220, 400, 700, 1300, 2500, 5000, 9000, 20_000, 50_000.0]),
    np.array([800, 900, 1000, 1200, 1400, 1700, 2100, 2700, 3600, 4600, 6500, 9000.0]),
)
TRENCH_DKK_PER_M = 3000.0
DIVERSITY = 0.62


@dataclass(frozen=True)
class Town:
    """Edges with lengths, and the node of each building."""

    edges: np.ndarray
    lengths: np.ndarray
    buildings: np.ndarray


def make_town(buildings: int, *, seed: int = 42) -> Town:
    """Streets on a crooked grid with most of its loops cut, and buildings along them."""
    rng = np.random.default_rng(seed)
    xy = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"), axis=-1).reshape(-1, 2) * BLOCK_M
    xy = xy + rng.normal(0, BLOCK_M / 5, xy.shape)
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    pairs = np.concatenate(
        [
            np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1),
            np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1),
        ]
    )
    pairs = rng.permutation(pairs)
    streets = pairs[joining_first(pairs, SIDE * SIDE)][:STREETS]
    length = np.hypot(*(xy[streets[:, 0]] - xy[streets[:, 1]]).T) * rng.uniform(1.0, 1.2, len(streets))
    street = np.sort(rng.choice(len(streets), size=buildings, p=length / length.sum()))
    along = rng.uniform(0.05, 0.95, buildings)
    order = np.lexsort((along, street))
    street, along = street[order], along[order]
    foot = SIDE * SIDE + np.arange(buildings)
    service = np.stack([foot, foot + buildings], axis=1)
    first = np.r_[True, street[1:] != street[:-1]]
    last = np.r_[first[1:], True]
    at_m = along * length[street]
    before_m = np.where(first, 0.0, np.r_[0.0, at_m[:-1]])
    reach = np.stack([np.where(first, streets[street, 0], np.r_[0, foot[:-1]]), foot], axis=1)
    rest = np.stack([foot[last], streets[street[last], 1]], axis=1)
    empty = np.setdiff1d(np.arange(len(streets)), street)
    edges = np.concatenate([streets[empty], reach, rest, service])
    lengths = [length[empty], at_m - before_m, length[street[last]] - at_m[last], rng.uniform(*SERVICE_M, buildings)]
    return Town(edges.astype(np.int32), np.concatenate(lengths), (foot + buildings).astype(np.int32))


def joining_first(pairs: np.ndarray, nodes: int) -> np.ndarray:
    """Order pairs so that those that join the town come first."""
    above = np.arange(nodes)

    def find(v: int) -> int:
        while above[v] != v:
            above[v] = above[above[v]]
            v = above[v]
        return v

    joins = np.zeros(len(pairs), dtype=bool)
    for i, (a, b) in enumerate(pairs):
        a, b = find(a), find(b)
        joins[i] = a != b
        above[a] = b
    return np.concatenate([np.flatnonzero(joins), np.flatnonzero(~joins)])


def middle_of(town: Town) -> tuple[int, np.ndarray]:
    """The junction in the middle, and the buildings from the nearest on, along streets."""
    size = int(town.edges.max()) + 1
    streets = sparse.coo_matrix((town.lengths, tuple(town.edges.T)), shape=(size, size)).tocsr()
    middle = SIDE * SIDE // 2 + SIDE // 2
    way = csgraph.dijkstra(streets, directed=False, indices=middle)
    return middle, town.buildings[np.argsort(way[town.buildings], kind="stable")]


def costed(town: Town, middle: int, consumers: np.ndarray) -> None:
    """Lay pipes of sizes from the middle to all consumers."""
    kw = np.random.default_rng(7).choice([8.0, 12.0, 15.0, 60.0], len(consumers), p=[0.4, 0.3, 0.2, 0.1])
    began = time.process_time()
    found = costed_layout(
        town.edges,
        town.lengths,
        trench_dkk_per_m=TRENCH_DKK_PER_M,
        sources=np.array([middle]),
        consumers=consumers,
        demand_kw=kw,
        prize_dkk=np.full(len(consumers), np.inf),
        pipes=PIPES,
        diversity=DIVERSITY,
    )
    length = float(town.lengths[found.edge_ids].sum())
    tell("with sizes", len(consumers), length, found.gap, time.process_time() - began)


def rival(town: Town, consumers: np.ndarray) -> float:
    """networkx's approximation (Mehlhorn): the sum of its lengths."""
    import networkx as nx
    from networkx.algorithms.approximation import steiner_tree

    graph = nx.Graph()
    for (a, b), length in zip(town.edges.tolist(), town.lengths.tolist(), strict=True):
        graph.add_edge(a, b, weight=length)
    began = time.process_time()
    tree = steiner_tree(graph, consumers.tolist(), method="mehlhorn")
    length = sum(data["weight"] for _, _, data in tree.edges(data=True))
    tell("networkx, Mehlhorn", len(consumers), length, None, time.process_time() - began)
    return length


def tell(who: str, count: int, length: float, gap: float | None, cpu_s: float) -> None:
    """Write one line."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    proved = "" if gap is None else f"  gap {100 * gap:.3f} %"
    print(f"{who:20} {count:6} {length:12.1f}  {cpu_s:6.2f} cpu s  {held:5.0f} MiB{proved}", flush=True)


def main() -> None:
    """Lay the pipes and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consumers", type=int, nargs="+", default=[200, 1_000, 15_000])
    parser.add_argument("--buildings", type=int, default=15_000)
    parser.add_argument("--rival", action="store_true")
    parser.add_argument("--scattered", action="store_true")
    parser.add_argument("--costed", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("error")
    town = make_town(options.buildings)
    print(f"{town.edges.max() + 1} nodes, {len(town.edges)} edges, load {os.getloadavg()[0]:.1f}")
    small = np.array([[0, 1], [1, 2], [0, 3], [1, 3], [2, 3], [2, 4], [3, 4], [0, 4]], dtype=np.int32)
    steiner_network(small, np.array([2.0, 2.0, 1.2, 1.1, 1.3, 1.0, 2.0, 3.0]), np.array([0, 1, 2, 4]))  # compiles
    middle, nearest = middle_of(town)
    for count in options.consumers:
        consumers = np.sort(nearest[:count])
        if options.scattered:
            consumers = np.sort(np.random.default_rng(count).choice(town.buildings, count, replace=False))
        began = time.process_time()
        net = steiner_network(town.edges, town.lengths, consumers)
        tell("ballerup-geo", count, net.length, net.gap, time.process_time() - began)
        if options.rival:
            rival(town, consumers)
        if options.costed:
            costed(town, middle, consumers)


if __name__ == "__main__":
    main()
