"""Greedy choice of a concave benefit: held against all choices, against the plain greedy, and against its bound."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.siting import select_submodular

SURE = 1 - 1 / np.e


def value_of(gains, caps, weights, chosen):
    have = gains[list(chosen)].sum(axis=0)
    return float((weights * np.minimum(caps, have[:, None])).sum())


def plain_greedy(gains, caps, weights, count):
    order = []
    while len(order) < count:
        now = value_of(gains, caps, weights, order)
        more = [
            -1.0 if item in order else value_of(gains, caps, weights, [*order, item]) - now
            for item in range(len(gains))
        ]
        if max(more) <= 0:
            break
        order.append(int(np.argmax(more)))
    return order


problems = st.tuples(st.integers(1, 8), st.integers(1, 4), st.integers(1, 2), st.integers(0, 5), st.integers(0, 10**6))


def problem(size):
    items, receivers, steps, count, seed = size
    rng = np.random.default_rng(seed)
    gains = rng.integers(0, 4, (items, receivers)).astype(float)
    caps = rng.integers(0, 7, (receivers, steps)).astype(float)
    caps[rng.random(caps.shape) < 0.15] = np.inf
    return gains, caps, rng.integers(0, 4, (receivers, steps)).astype(float), count


@settings(max_examples=60, deadline=None)
@given(problems)
def test_all_choices_lie_between_greedy_and_bound(size):
    gains, caps, weights, count = problem(size)
    found = select_submodular(gains, caps, weights, count=count)
    assert found.order.tolist() == plain_greedy(gains, caps, weights, count)
    assert np.all(np.diff(found.gain) <= 1e-9)
    for k in range(len(found.order) + 1):
        best = max(value_of(gains, caps, weights, chosen) for chosen in combinations(range(len(gains)), k))
        assert found.value[k] == pytest.approx(value_of(gains, caps, weights, found.order[:k]))
        assert best * SURE - 1e-9 <= found.value[k] <= best + 1e-9
        assert found.bound[k] >= best - 1e-9
        assert found.bound[k] >= found.bound[max(k - 1, 0)] - 1e-9
    now = value_of(gains, caps, weights, found.order)
    for item in set(range(len(gains))) - set(found.order.tolist()):
        assert found.left[item] == pytest.approx(value_of(gains, caps, weights, [*found.order, item]) - now)
    assert found.received == pytest.approx(gains[found.order].sum(axis=0))


def test_bound_is_tight_where_nothing_overlaps_and_where_everything_is_full():
    """Ten items for a receiver each, the best three: 10 + 9 + 8 = 27 on paper, and no more."""
    apart = select_submodular(np.diag(np.arange(1.0, 11.0)), np.full(10, 20.0), np.ones(10), count=3)
    assert apart.value[-1] == apart.bound[-1] == 27
    full = select_submodular(np.ones((9, 2)), [3.0, 3.0], [1.0, 2.0], count=9)
    assert full.value.tolist() == [0, 3, 6, 9]
    assert full.bound[-1] == pytest.approx(9)
    assert full.gap == pytest.approx(0)


def test_bound_by_prices_beats_the_online_bound_and_more_rounds_never_spoil_it():
    rng = np.random.default_rng(3)
    gains = rng.random((300, 60)) * (rng.random((300, 60)) < 0.1)
    caps, weights = rng.uniform(0.5, 2, 60), rng.random(60)
    rough, fine = (select_submodular(gains, caps, weights, count=40, rounds=rounds) for rounds in (0, 60))
    assert np.array_equal(rough.order, fine.order)
    assert np.all(fine.bound <= rough.bound + 1e-9)
    assert fine.gap < 0.15
    assert fine.gap <= rough.gap


def test_equal_items_go_by_row_and_only_candidates_are_taken():
    same = np.ones((5, 1))
    assert select_submodular(same, [np.inf], [1.0], count=3).order.tolist() == [0, 1, 2]
    some = select_submodular(same, [np.inf], [1.0], count=9, candidates=np.array([False, True, False, True, False]))
    assert some.order.tolist() == [1, 3]
    assert some.left.tolist() == [1, 0, 1, 0, 1]


def test_what_is_no_gain_is_told():
    with pytest.raises(DataError, match="is no gain"):
        select_submodular([[-1.0]], [1.0], [1.0], count=1)
    with pytest.raises(DataError, match="caps"):
        select_submodular([[1.0]], [np.nan], [1.0], count=1)
    with pytest.raises(DataError, match="does not match"):
        select_submodular([[1.0]], [1.0, 2.0], [1.0], count=1)
    with pytest.raises(DataError, match="candidates"):
        select_submodular([[1.0]], [1.0], [1.0], count=1, candidates=[1])
    with pytest.raises(MethodError, match="number of items"):
        select_submodular([[1.0]], [1.0], [1.0], count=-1)


@settings(max_examples=60, deadline=None)
@given(problems)
def test_where_groups_may_give_a_few_all_choices_lie_between_half_of_them_and_the_bound(size):
    gains, caps, weights, count = problem(size)
    rng = np.random.default_rng(size[-1] + 1)
    groups, most = rng.integers(-1, 3, len(gains)), rng.integers(0, 3, 3)
    found = select_submodular(gains, caps, weights, count=count, groups=groups, most=most)

    def fits(chosen):
        own = groups[list(chosen)]
        return (np.bincount(own[own >= 0], minlength=3) <= most).all()

    assert fits(found.order)
    assert np.all(np.diff(found.gain) <= 1e-9)
    for k in range(len(found.order) + 1):
        best = max(
            value_of(gains, caps, weights, chosen) for chosen in combinations(range(len(gains)), k) if fits(chosen)
        )
        assert found.value[k] == pytest.approx(value_of(gains, caps, weights, found.order[:k]))
        assert best / 2 - 1e-9 <= found.value[k] <= best + 1e-9
        assert found.bound[k] >= best - 1e-9
    if len(found.order) < count:  # it ends only where nothing more may be taken or gives anything
        rest = [item for item in range(len(gains)) if item not in found.order and fits([*found.order, item])]
        assert not found.left[rest].any()
    free = select_submodular(gains, caps, weights, count=count, groups=groups, most=np.full(3, len(gains)))
    plain = select_submodular(gains, caps, weights, count=count)
    assert np.array_equal(free.order, plain.order)
    assert free.bound == pytest.approx(plain.bound)


def test_the_bound_knows_the_groups():
    """Three gardens of four like trees each, two from each at most: 3 + 3 + 2 + 2 = 10 on paper, and no more."""
    gains, groups = np.repeat([[3.0], [2.0], [1.0]], 4, axis=0), np.repeat([0, 1, 2], 4)
    found = select_submodular(gains, [np.inf], [1.0], count=4, groups=groups, most=[2, 2, 2], rounds=0)
    assert found.value.tolist() == found.bound.tolist() == [0, 3, 6, 8, 10]
    all_of_them = select_submodular(gains, [np.inf], [1.0], count=12, groups=groups, most=[2, 2, 2])
    assert (len(all_of_them.order), all_of_them.value[-1], all_of_them.gap) == (6, 12, 0)
    assert select_submodular(gains, [np.inf], [1.0], count=4, rounds=0).value[-1] == 12
    with pytest.raises(DataError, match="groups"):
        select_submodular(gains, [np.inf], [1.0], count=4, groups=groups, most=[2, 2])
    with pytest.raises(DataError, match="groups"):
        select_submodular(gains, [np.inf], [1.0], count=4, groups=groups[:3], most=[2, 2, 2])
