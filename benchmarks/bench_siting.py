"""Speed of the siting library beside spopt, on one town and on the OR-Library's p-median graphs.

Run from the checkout::

    python benchmarks/bench_siting.py                     # ours: cover at p = 60, the curve to 100, the p-median
    python benchmarks/bench_siting.py --trees             # 20,000 of 150,000 items with concave benefit, and the bound
    python benchmarks/bench_siting.py --rival 1000x100    # spopt + PuLP on the same kind of town, where it is installed

spopt is no dependency: make it an environment of its own (``pip install spopt pulp`` beside this package) and run the
last line with that Python. CPU seconds are the fair figure on a machine that others use as well; the load is printed.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

STREETS = 90
WIDTH_M = 5830.0
REACH_M = 500.0
KEPT = 0.68
SEED = 42


def town(demand, sites):
    """Distances [demand, sites] along a bent street grid of 5.83 km, as metres, and cars of each demand point."""
    random = np.random.default_rng(SEED)
    nodes = STREETS * STREETS
    step = WIDTH_M / STREETS
    east, north = np.meshgrid(np.arange(STREETS), np.arange(STREETS))
    place = np.stack([east.ravel(), north.ravel()], axis=1) * step + random.uniform(-0.3, 0.3, (nodes, 2)) * step
    number = np.arange(nodes).reshape(STREETS, STREETS)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = random.random(tail.size) < KEPT
    tail, head = tail[kept], head[kept]
    length = np.hypot(*(place[tail] - place[head]).T)
    streets = sparse.csr_matrix((length, (tail, head)), shape=(nodes, nodes))
    _, part = connected_components(streets, directed=False)
    inside = np.flatnonzero(part == np.bincount(part).argmax())
    centres = place[random.choice(inside, 40)]
    near = np.sqrt(((place[inside][:, None] - centres[None]) ** 2).sum(axis=2).min(axis=1))
    weight = np.exp(-near / 600) + 0.15
    doors = random.choice(inside, demand, p=weight / weight.sum())
    flats = random.random(demand) >= 0.82
    cars = np.where(flats, random.poisson(1.7, demand), random.poisson(0.5, demand)) * random.uniform(0.5, 1, demand)
    chosen = random.choice(inside, sites, replace=False)
    return np.ascontiguousarray(dijkstra(streets, directed=False, indices=chosen)[:, doors].T), cars


def timed(name, work):
    begun, wall = time.process_time(), time.time()
    answer, words = work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = f"{time.process_time() - begun:7.2f} cpu-s {time.time() - wall:7.2f} s wall"
    print(f"{name:34} {spent} {memory:6.0f} MiB  {words(answer)}", flush=True)
    return answer


def ours(demand, sites, count):
    from ballerup_geo.siting import coverage_curve, fewest_sites, maximal_cover, p_median

    metres, cars = town(400, 40)
    few = sparse.csr_matrix(metres <= REACH_M)
    maximal_cover(few, cars, sites=12)  # kernels are compiled or read from disk here
    coverage_curve(few, cars, most=30)
    p_median(metres, cars, sites=4)
    metres, cars = town(demand, sites)
    cover = sparse.csr_matrix(metres <= REACH_M)
    said = lambda found: f"covered {found.covered:.4f}, proved {found.proved}"  # noqa: E731
    timed(f"maximal cover, p = {count}", lambda: (maximal_cover(cover, cars, sites=count), said))
    timed(
        "whole curve, p = 1 … 100",
        lambda: (coverage_curve(cover, cars, most=min(100, sites)), lambda curve: f"all proved {curve.proved.all()}"),
    )
    timed(
        "fewest sites for 75 %",
        lambda: (fewest_sites(cover, cars, share=0.75), lambda found: f"{len(found.added)}, proved {found.proved}"),
    )
    timed(
        f"p-median, p = {count}",
        lambda: (
            p_median(metres, cars, sites=count),
            lambda found: f"cost {found.cost:.1f}, gap {100 * found.gap:.3f} %",
        ),
    )


def rival(demand, sites, count):
    import pulp
    from spopt.locate import MCLP

    metres, cars = town(demand, sites)

    def build():
        return MCLP.from_cost_matrix(metres, cars, REACH_M, p_facilities=count), lambda _: "model built"

    model = timed("spopt: build", build)
    solver = pulp.HiGHS(msg=False) if pulp.HiGHS().available() else pulp.PULP_CBC_CMD(msg=False)

    def solve():
        model.solve(solver)
        return model, lambda found: f"covered {pulp.value(found.problem.objective):.4f} ({solver.name})"

    timed("spopt: solve", solve)


def trees(items=150_000, receivers=25_000, count=20_000):
    """Trees that each reach 20 of 60 neighbouring homes, which have enough at some time, and one of 28 areas."""
    from ballerup_geo.siting import select_submodular

    select_submodular([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], [1.0, 1.0], count=1)
    random = np.random.default_rng(SEED)
    first = random.integers(0, receivers, items)
    row = np.repeat(np.arange(items), 20)
    home = (first[row] + random.integers(0, 60, row.size)) % receivers
    near = sparse.csr_array((random.uniform(0.5, 1, row.size), (row, home)), shape=(items, receivers))
    area = sparse.csr_array((np.full(items, 30.0), (np.arange(items), first * 28 // receivers)), shape=(items, 28))
    gains = sparse.csr_array(sparse.hstack([near, area]))
    caps = np.concatenate([random.uniform(1, 25, receivers), np.full(28, 20_000.0)])
    weights = np.concatenate([random.random(receivers), np.full(28, 0.05)])
    for rounds in (None, 24):
        timed(
            f"{count} of {items}, " + ("greedy alone" if rounds is None else "with the bound"),
            lambda: (
                select_submodular(gains, caps, weights, count=count, rounds=rounds),  # noqa: B023
                lambda found: f"value {found.value[-1]:.0f}, bound {found.bound[-1]:.0f}",
            ),
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", nargs="?", default="15000x600", help="demand x sites")
    parser.add_argument("--rival", action="store_true", help="spopt instead of ours")
    parser.add_argument("--trees", action="store_true", help="choice with concave benefit instead")
    parser.add_argument("--sites", type=int, default=60, help="how many are chosen")
    asked = parser.parse_args()
    if asked.trees:
        print(f"load {os.getloadavg()[0]:.1f}")
        trees()
        return
    demand, sites = (int(part) for part in asked.size.split("x"))
    print(f"{demand} demand points, {sites} sites; load {os.getloadavg()[0]:.1f}")
    (rival if asked.rival else ours)(demand, sites, asked.sites)


if __name__ == "__main__":
    main()
