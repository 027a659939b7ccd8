"""Speed of traffic stress and of joining line sets.

Run from the checkout::

    pytest benchmarks/bench_stress.py --benchmark-only    # 100,000 streets, every rule set, a third missing
    python benchmarks/bench_stress.py                     # the same, and Ballerup's real line sets

CPU seconds are the fair figure on a machine that others use as well.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from ballerup_geo.network import RULES, Overlay, conflate, crossing_stress, stress_interval

STREETS = 100_000
VALUES = {
    "facility": ["path", "track", "lane", "lane_beside_parking", "mixed"],
    "speed_kmh": [30, 40, 50, 60, 70, 80],
    "lanes_per_direction": [1, 1, 2, 3],
    "one_way": [True, False],
    "centreline": [True, False],
    "aadt": [60, 700, 1400, 2900, 7000, 15000],
    "lane_width_m": [1.1, 1.5, 2.0],
    "reach_m": [3.5, 4.0, 5.0],
    "carriageway_m": [4.0, 6.0, 10.0],
    "parking_sides": [0, 1, 2],
    "road_class": ["primary", "tertiary", "residential", "service"],
}


def streets(count=STREETS, missing=1 / 3, seed=1):
    """Streets of every kind, a part of their values missing."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, values in VALUES.items():
        drawn = np.array(values, dtype=object)[rng.integers(0, len(values), count)]
        drawn[rng.random(count) < (0.0 if name == "facility" else missing)] = None
        made[name] = drawn
    return pd.DataFrame(made).convert_dtypes()


@pytest.mark.parametrize("rules", RULES)
def test_stress(benchmark, rules):
    many = streets()
    stress_interval(many.head(1), rules=rules)
    assert len(benchmark(stress_interval, many, rules=rules)) == STREETS


def timed(what, work):
    start = time.process_time()
    found = work()
    print(f"{what}: {time.process_time() - start:.3f} s CPU")
    return found


def real_sets(folder):
    read = lambda file, layer: gpd.read_file(folder / file, layer=layer)  # noqa: E731
    tracks = read("cycle.gpkg", "geodanmark_vejmidte_cykel")
    return read("roads.gpkg", "vej_myndighed"), (
        Overlay("limit", read("roads.gpkg", "vej_hastighedsgraense"), {"speed_kmh": "type"}),
        Overlay("tracks", tracks, {"facility": "vejklasse"}, per_side=True),
    )


if __name__ == "__main__":
    many = streets()
    for each in RULES:
        timed(f"{each}, tables made", lambda each=each: stress_interval(many.head(1), rules=each))
        timed(f"{each}, {STREETS:,} streets", lambda each=each: stress_interval(many, rules=each))
    roads = many.assign(control=None, island_m=np.nan, lanes=2)
    timed(f"crossings, {STREETS:,}", lambda: crossing_stress(roads))
    shared = Path(os.environ.get("BALLERUP_GEO_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    if shared.is_dir():
        base, overlays = real_sets(shared)
        found = timed(f"conflate {len(base):,} roads", lambda: conflate(base, *overlays, buffer_m=20.0))
        print(f"{len(found.streets):,} pieces, {len(found.unmatched):,} parts unmatched")
    print(f"load {os.getloadavg()[0]:.1f}")
