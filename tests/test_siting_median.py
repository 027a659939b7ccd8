"""The p-median and queues: published optima, every choice there is, a printed table."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.siting import erlang_b, erlang_c, mean_wait_h, p_median, plugs_needed

few = settings(max_examples=30, deadline=None)


def read_instance(path: Path):
    """An OR-Library graph: all distances, and how many medians; a later edge overwrites an earlier one."""
    numbers = np.array(path.read_text(encoding="utf-8").split(), dtype=int)
    nodes, _, count = numbers[:3]
    length = np.zeros((nodes, nodes))
    for a, b, cost in numbers[3:].reshape(-1, 3):
        length[a - 1, b - 1] = length[b - 1, a - 1] = cost
    return shortest_path(length, directed=False), int(count)


def test_the_published_optima_are_met_within_a_thousandth(shared_data: Path) -> None:
    folder = shared_data / "instances" / "pmedian"
    lines = (folder / "pmedopt.txt").read_text(encoding="utf-8").split("\n")[1:]
    optima = {name: int(value) for name, value in (line.split() for line in lines if line.strip())}
    assert len(optima) == 15
    for name, optimum in optima.items():
        distances, count = read_instance(folder / f"{name}.txt")
        siting = p_median(distances, np.ones(len(distances)), sites=count)
        assert len(siting.sites) == count
        assert siting.bound <= optimum <= siting.cost <= 1.001 * optimum, name
        assert siting.cost == distances[:, siting.sites].min(axis=1).sum()
        assert siting.gap <= 0.01


@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 14), st.integers(2, 7), st.booleans())
def test_small_instances_against_every_choice(seed, rows, sites, some_out_of_reach) -> None:
    random = np.random.default_rng(seed)
    distances = random.integers(0, 30, (rows, sites)).astype(float)
    weights = random.integers(0, 5, rows).astype(float)
    existing = [0] if random.random() < 0.4 else []
    count = int(random.integers(1, sites - len(existing) + 1))
    unreached = 12.0 if some_out_of_reach else None
    best = min(
        (weights * np.minimum(distances[:, [*existing, *chosen]].min(axis=1), unreached or np.inf)).sum()
        for chosen in itertools.combinations(range(len(existing), sites), count)
    )
    siting = p_median(distances, weights, sites=count, existing=existing, unreached=unreached)
    assert siting.bound <= best + 1e-9
    assert siting.cost == pytest.approx(best)  # swaps, restarts and links find the best of so few
    assert set(existing) <= set(siting.sites.tolist())
    assert len(siting.sites) == count + len(existing)
    assert siting.gap == pytest.approx((siting.cost - siting.bound) / siting.cost if siting.cost else 0.0)


def test_a_sparse_matrix_says_the_same_and_what_it_lacks_is_out_of_reach() -> None:
    dense = np.array([[0.0, 5, np.inf], [4, 1, 9], [np.inf, 7, 2]])
    row, column = np.nonzero(np.isfinite(dense))
    stored = sparse.csr_array((dense[row, column], (row, column)), shape=dense.shape)  # the 0 is stored: a distance
    for distances in (dense, stored):
        siting = p_median(distances, [1, 1, 1], sites=2)
        assert siting.sites.tolist() == [0, 2]
        assert siting.cost == 0 + 4 + 2
        assert siting.nearest.tolist() == [0, 0, 2]
    far = p_median(stored, [1, 1, 1], sites=1, unreached=20.0)
    assert (far.sites.tolist(), far.cost, far.nearest.tolist()) == ([1], 13.0, [1, 1, 1])
    assert p_median(stored, [9, 1, 1], sites=1, unreached=10.0).nearest.tolist() == [0, 0, -1]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"distances": [[1.0, -1.0]]}, DataError, "-1.0 is no distance"),
        ({"distances": [[1.0, np.nan]]}, DataError, "nan is no distance"),
        ({"distances": np.zeros((1, 0))}, MethodError, "no site to choose from"),
        ({"distances": np.zeros(3)}, DataError, "no matrix"),
        ({"distances": [[np.inf, np.inf]]}, MethodError, "1 rows of demand can reach no site"),
        (
            {"distances": [[1.0, np.inf], [np.inf, 1.0]], "weights": [1, 1]},
            MethodError,
            "no choice of 1 sites",
        ),
        ({"sites": 3}, MethodError, "3 sites are asked for, but there are 2 candidates"),
        ({"weights": [1, 2]}, DataError, "does not match 1 rows"),
        ({"unreached": -1}, MethodError, "is no distance"),
    ],
)
def test_bad_distances_are_errors_that_say_so(asked, error, words) -> None:
    given_ = {"distances": [[1.0, 2.0]], "weights": [1], "sites": 1} | asked
    with pytest.raises(error, match=words):
        p_median(given_.pop("distances"), given_.pop("weights"), **given_)


PRINTED = {1: 0.01, 2: 0.15, 3: 0.46, 4: 0.87, 5: 1.36, 10: 4.46, 15: 8.11, 20: 12.03, 30: 20.34, 50: 37.90, 100: 84.06}


@pytest.mark.parametrize(("plugs", "load"), PRINTED.items())
def test_erlang_b_is_that_of_the_printed_table(plugs, load) -> None:
    """Traffic offered at 1 % blocking: the Erlang B table (A.3.2) of Dunlop, Girma & Irvine (1999), two decimals."""
    assert erlang_b(load - 0.005, plugs) <= 0.01 <= erlang_b(load + 0.005, plugs)


def test_queues_on_paper() -> None:
    assert erlang_b(2.0, 2) == pytest.approx(0.4)  # (2²/2) / (1 + 2 + 2)
    assert erlang_c(1.0, 2) == pytest.approx(1 / 3)  # M/M/2, half full
    assert erlang_c(8.0, 10) == pytest.approx(0.409, abs=5e-4)
    assert erlang_c(0.7, 1) == pytest.approx(0.7)  # one plug: the share of time it is taken
    assert mean_wait_h(0.5, 1, service_h=2.0) == pytest.approx(2.0)  # M/M/1: ρ/(1 − ρ) times service
    assert erlang_c(3.0, 3) == 1.0
    assert mean_wait_h(3.0, 3, service_h=1.0) == math.inf


@few
@given(st.floats(0.01, 60), st.floats(0.1, 10), st.floats(0.001, 0.9))
def test_the_plugs_are_enough_and_one_fewer_is_not(arrivals_per_h, service_h, wait_limit) -> None:
    plugs = plugs_needed(arrivals_per_h, service_h, wait_limit=wait_limit)
    load = arrivals_per_h * service_h
    assert plugs > load
    assert erlang_c(load, plugs) <= wait_limit < erlang_c(load, plugs - 1)


def test_no_arrivals_need_no_plug_and_odd_numbers_are_errors() -> None:
    assert plugs_needed(0.0, 1.0, wait_limit=0.1) == 0
    for wrong in ((-1.0, 1.0, 0.1), (1.0, 0.0, 0.1), (1.0, 1.0, 0.0), (math.nan, 1.0, 0.1), (1e6, 1.0, 0.1)):
        with pytest.raises(MethodError):
            plugs_needed(*wrong[:2], wait_limit=wrong[2])
    with pytest.raises(MethodError, match="no number of plugs"):
        erlang_b(1.0, -1)
