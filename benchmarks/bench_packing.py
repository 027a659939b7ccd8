"""Ground for trees and places on it, beside a naive loop, Poisson-disk sampling and the proved optimum.

10,000 gardens with about 58,000 things to keep clear of (house 4 m, garage 2 m, drive 1 m, pipe 2 m, crowns 1.5 m,
boundary 1.5 m), made from a seed. Times are CPU seconds of this process, after the kernels are compiled.

- ``naive``: for each garden, each place of a 1 m grid is held against the ground (shapely) and all trees placed.
  It is quadratic: timed on 100 and 200 gardens and reckoned up from there, never run on all.
- ``darts``: the places of a 0.5 m grid in random order, each kept that is far enough from those kept (Poisson-disk
  sampling as commonly done), with a k-d tree's neighbours known beforehand.
- ``optimum``: HiGHS, one thread, on 50 gardens with candidates on a 1 m grid and one row a window narrower than the
  spacing (clique cuts); ours may stand between the grid's places, so it can be above it.

    python benchmarks/bench_packing.py [--gardens 10000] [--seed 1]
"""

import argparse
import sys
import time

import geopandas as gpd
import highspy
import numpy as np
import shapely
from scipy.spatial import cKDTree

from ballerup_geo import siting
from ballerup_geo.siting import pack_points, pack_sizes, packing_bound, plantable

SPACING = 7.0
RADII, TO_HOUSE = np.array([2.0, 3.5, 5.0]), (2.5, 4.0, 6.0)
RULES = (("house", 4.0), ("garage", 2.0), ("drive", 1.0), ("pipe", 2.0), ("crown", 1.5), ("boundary", 1.5))


def town(gardens, seed):
    """Return gardens in blocks, and what is to be kept clear of."""
    rng = np.random.default_rng(seed)
    deep, across = 36.0, int(np.ceil(np.sqrt(gardens)))
    west = np.concatenate([np.cumsum(rng.uniform(18, 25, across)) for _ in range(across)])[:gardens]
    wide = np.diff(np.append(west, west[-1] + 21))
    wide = np.where(wide > 0, wide, 20.0)
    south = (np.arange(gardens) // across) * deep
    plots = shapely.box(west, south, west + wide, south + deep)
    x, y = west + 4, south + rng.uniform(6, 10, gardens)
    house = shapely.box(x, y, x + rng.uniform(7, 10, gardens), y + rng.uniform(8, 13, gardens))
    garage = shapely.box(west + 0.5, south + 1, west + 3.5, south + 7)
    drive = shapely.box(west + 0.5, south, west + 3.5, south + 6)
    ends = np.stack([np.stack([x + 3, y], -1), np.stack([x + rng.uniform(0, 6, gardens), south], -1)], axis=1)
    pipe = shapely.linestrings(ends)
    some = rng.random(gardens) < 0.8
    middle = np.stack([west + rng.uniform(3, 17, gardens), south + rng.uniform(22, 34, gardens)], -1)
    crown = shapely.buffer(shapely.points(middle[some]), rng.uniform(1, 4, some.sum()), quad_segs=4)
    shapes = (house, garage, drive, pipe, crown, shapely.boundary(plots))
    kept = gpd.GeoDataFrame(
        {
            "reason": np.concatenate([[name] * len(each) for (name, _), each in zip(RULES, shapes, strict=True)]),
            "distance_m": np.concatenate([[m] * len(each) for (_, m), each in zip(RULES, shapes, strict=True)]),
        },
        geometry=np.concatenate(shapes),
        crs="EPSG:25832",
    )
    return gpd.GeoSeries(plots, crs="EPSG:25832"), kept


def timed(work):
    began = time.process_time()
    answer = work()
    return answer, time.process_time() - began


def grid_of(area, step):
    west, south, east, north = area.bounds
    x, y = np.meshgrid(np.arange(west, east + step / 2, step), np.arange(south, north + step / 2, step))
    places = np.stack([x.ravel(), y.ravel()], -1)
    return places[shapely.intersects_xy(area, *places.T)]


def naive(areas, spacing):
    """Place trees one by one, each held against all."""
    placed = []
    for area in areas:
        west, south, east, north = (0, 0, -1, -1) if area.is_empty else area.bounds
        for x in np.arange(west, east + 1):
            for y in np.arange(south, north + 1):
                point = shapely.Point(x, y)
                if area.contains(point) and all(point.distance(other) >= spacing for other in placed):
                    placed.append(point)
    return len(placed)


def darts(areas, spacing, rng):
    """Keep places in random order that are far enough from those kept."""
    places = np.concatenate([grid_of(area, 0.5) for area in areas if not area.is_empty])
    tree, free, kept = cKDTree(places), np.ones(len(places), bool), 0
    for at in rng.permutation(len(places)).tolist():
        if free[at]:
            free[tree.query_ball_point(places[at], spacing * (1 - 1e-9))] = False
            kept += 1
    return kept


def proved(places, radius, worth):
    """Return the most worth of circles that do not touch with middles among places; one clique a window, then pairs."""
    tree = cKDTree(places)
    solver = siting.solver()
    at = np.arange(len(places), dtype=np.int32)
    solver.addVars(len(places), np.zeros(len(places)), np.ones(len(places)))
    solver.changeColsCost(len(places), at, -worth)
    solver.changeColsIntegrality(len(places), at, np.full(len(places), highspy.HighsVarType.kInteger))
    covered = set()
    for least in np.unique(radius):  # all circles at least this large, whose middles lie in one narrow window
        large = np.flatnonzero(radius >= least)
        side = 2 * least / np.sqrt(2) - 1e-6
        for one in large.tolist():
            beyond = places[large] - places[one]
            group = large[((beyond >= 0) & (beyond <= side)).all(axis=1)]
            solver.addRow(-highspy.kHighsInf, 1.0, len(group), group.astype(np.int32), np.ones(len(group)))
            covered.update((a, b) for a in group.tolist() for b in group.tolist() if a < b)
    for a, b in tree.query_pairs(2 * radius.max()):
        if np.hypot(*(places[a] - places[b])) < radius[a] + radius[b] - 1e-9 and (a, b) not in covered:
            solver.addRow(-highspy.kHighsInf, 1.0, 2, np.array([a, b], dtype=np.int32), np.ones(2))
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -solver.getInfo().objective_function_value


def against_the_optimum(left, rng, count=50):
    """Tell how near ours come to the optimum on some gardens, and what darts reach there."""
    chosen = [left[k] for k in rng.choice(np.flatnonzero(shapely.area(left) > 30), count, replace=False)]
    best, spent = 0, 0.0
    for area in chosen:
        places = grid_of(area, 1.0)
        value, cpu = timed(
            lambda places=places: proved(places, np.full(len(places), SPACING / 2), np.ones(len(places)))
        )
        best, spent = best + round(value), spent + cpu
    ours = sum(len(pack_points(area, spacing_m=SPACING)) for area in chosen)
    thrown = sum(darts([area], SPACING, rng) for area in chosen)
    print(f"{count} gardens: optimum on 1 m {best} ({1000 * spent / count:.0f} ms a garden)", end="; ")
    print(f"ours {ours} = {100 * ours / best:.1f} %; darts {thrown} = {100 * thrown / best:.1f} %")


def mixed_against_the_optimum(plots, kept, rng, count=30):
    """Tell how near mixed sizes come to the optimum on small gardens."""
    best = ours = bound = spent = 0.0
    worth = np.pi * RADII**2
    for at in rng.choice(len(plots), count, replace=False):
        plot = plots.iloc[[at]]
        near = kept[kept.intersects(plot.iloc[0].buffer(8))]
        areas = []
        for distance in TO_HOUSE:
            rules = near.assign(distance_m=near["distance_m"].where(near["reason"] != "house", distance))
            areas.append(plantable(plot, rules).areas.iloc[0])
        grids = [grid_of(area, 1.0) if not area.is_empty else np.empty((0, 2)) for area in areas]
        places, size = np.concatenate(grids), np.repeat(np.arange(3), [len(each) for each in grids])
        if not len(places):
            continue
        value = proved(places, RADII[size], worth[size])
        found, took = timed(lambda areas=areas: pack_sizes(areas, radii_m=RADII, benefits=worth))
        best, ours, bound, spent = best + value, ours + found.benefit, bound + found.bound, spent + took
    print(f"{count} gardens, three sizes: optimum on 1 m {best:.0f} m² of crown", end="; ")
    print(
        f"ours {ours:.0f} m² = {100 * ours / best:.1f} %, bound {bound:.0f} m², {1000 * spent / count:.1f} ms a garden"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gardens", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    plots, kept = town(asked.gardens, asked.seed)
    plantable(plots[:20], kept)
    pack_points(plots[:20], spacing_m=SPACING)
    pack_sizes([plots[:3].to_numpy()] * 3, radii_m=RADII, benefits=np.pi * RADII**2)
    print(f"{len(plots)} gardens, mean {plots.area.mean():.0f} m², {len(kept)} things to keep clear of")
    found, cpu = timed(lambda: plantable(plots, kept))
    print(f"plantable: {cpu:.2f} s CPU, {found.areas.area.sum() / 1e4:.1f} ha")
    left = found.areas.to_numpy()
    trees, cpu = timed(lambda: pack_points(left, spacing_m=SPACING))
    nearest = cKDTree(trees).query(trees, k=2)[0][:, 1].min()
    print(f"ours, {SPACING:g} m: {cpu:.2f} s CPU, {len(trees)} trees, nearest two {nearest:.6f} m", end="; ")
    print(f"bound {packing_bound(left, spacing_m=SPACING)}")
    (few, short), (many, long) = (timed(lambda n=n: naive(left[:n], SPACING)) for n in (100, 200))
    square = (long - 2 * short) / 2  # time = a n + b n², in hundreds of gardens
    line = short - square
    all_of_it = line * len(left) / 100 + square * (len(left) / 100) ** 2
    print(f"naive loop: {short:.1f} s for 100 gardens ({few} trees), {long:.1f} s for 200 ({many})", end="; ")
    print(f"extrapolated to {len(left)}: {max(all_of_it, 0) / 3600:.1f} h (ours on the 200: ", end="")
    print(f"{len(pack_points(left[:200], spacing_m=SPACING))} trees)")
    thrown, cpu = timed(lambda: darts(left[:1000], SPACING, rng))
    ours = len(pack_points(left[:1000], spacing_m=SPACING))
    print(f"darts (0.5 m) on 1000 gardens: {cpu:.1f} s CPU, {thrown} trees; ours {ours}")
    against_the_optimum(left, rng)
    mixed_against_the_optimum(plots, kept, rng)


if __name__ == "__main__":
    sys.exit(main())
