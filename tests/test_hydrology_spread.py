"""Flow that spreads over all lower neighbours: against formulas on planes and valleys, and as properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import fill_depressions, flow_accumulation, flow_accumulation_mfd, flow_directions

few = settings(max_examples=80, deadline=None)


def drop_in(shape, row, col):
    weights = np.zeros(shape)
    weights[row, col] = 1.0
    return weights


def test_plane_tilted_to_one_side_spreads_in_a_fan():
    z = np.tile(np.arange(6.0, 0.0, -1.0), (9, 1))
    aside = 2**-0.55  # a diagonal is as much less steep as it is longer
    a, b = 1 / (1 + 2 * aside), aside / (1 + 2 * aside)
    sums = flow_accumulation_mfd(z, weights=drop_in(z.shape, 4, 1))
    assert sums[3:6, 2].tolist() == pytest.approx([b, a, b])
    assert sums[2:7, 3].tolist() == pytest.approx([b * b, 2 * a * b, a * a + 2 * b * b, 2 * a * b, b * b])
    assert sums[:, 5].sum() == pytest.approx(1)


def test_plane_tilted_to_a_corner():
    z = -np.add.outer(np.arange(5.0), np.arange(5.0))
    diagonal = 2**0.55
    parts = np.array([1, diagonal, 1]) / (2 + diagonal)
    sums = flow_accumulation_mfd(z, weights=drop_in(z.shape, 1, 1))
    assert sums[[1, 2, 2], [2, 2, 1]].tolist() == pytest.approx([parts[0], parts[1] + 2 * parts[0] ** 2, parts[2]])
    assert np.allclose(sums, sums.T)
    assert sums[4, 4] == pytest.approx(1)


def test_oblong_cells_change_what_is_steep():
    z = [[9, 9, 9], [9, 4, 2], [9, 2, 9]]
    sums = flow_accumulation_mfd(z, cell_size_m=(1, 2), weights=drop_in((3, 3), 1, 1), exponent=1)
    assert [sums[1, 2], sums[2, 1]] == pytest.approx([2 / 3, 1 / 3])


def test_valley_gathers_both_slopes():
    z = np.abs(np.arange(-3.0, 4.0))[:, None] * 5 - np.arange(8.0)
    sums = flow_accumulation_mfd(z)
    assert sums[3, 7] == pytest.approx(z.size)
    assert np.allclose(sums, sums[::-1])
    assert (np.diff(sums[3]) > 0).all()
    assert (np.diff(sums[:4], axis=0)[:, 1:] > 0).all()


def test_full_hollow_passes_on_all_that_reaches_it():
    z = np.full((5, 6), 9.0)
    z[1:4, 1:4] = [[3, 2, 3], [2, 1, 2], [3, 2, 3]]
    z[2, 4], z[2, 5] = 6, 5
    sums = flow_accumulation_mfd(z)
    assert sums[2, 5] == pytest.approx(z.size - 2)  # two corners lie level with all around them
    assert sums[2, 4] < sums[2, 5]


@pytest.mark.parametrize("exponent", [0, -1, np.nan, np.inf])
def test_exponent_that_is_none_is_refused(exponent):
    with pytest.raises(DataError, match="exponent"):
        flow_accumulation_mfd([[1]], exponent=exponent)


def test_bad_weights_are_refused():
    with pytest.raises(DataError, match="weights"):
        flow_accumulation_mfd([[2, 1]], weights=[[1, np.nan]])


@few
@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
        elements=st.one_of(st.sampled_from([0, 1, 1, 2, np.nan]), st.floats(-1e4, 1e4, width=32)),
    ),
    st.sampled_from([0.01, 1.1, 30.0, 1e6]),
    st.integers(0, 2**32 - 1),
)
def test_all_that_falls_leaves_at_the_outlets(z, exponent, seed):
    weights = np.random.default_rng(seed).random(z.shape)
    codes = flow_directions(z, cell_size_m=(2.0, 1.0))
    sums = flow_accumulation_mfd(z, cell_size_m=(2.0, 1.0), weights=weights, exponent=exponent)
    valid = codes != 255
    assert sums[codes == 0].sum() == pytest.approx(weights[valid].sum(), rel=1e-12)
    assert (sums[valid] >= weights[valid]).all()
    assert (sums[~valid] == 0).all()
    filled = fill_depressions(z)
    assert np.allclose(flow_accumulation_mfd(filled)[flow_directions(filled) == 0].sum(), valid.sum())


@few
@given(st.integers(0, 2**32 - 1))
def test_steepest_way_only_where_the_exponent_leaves_no_other(seed):
    random = np.random.default_rng(seed)
    z = random.random((8, 7)) - 10 * np.arange(7.0)  # no hollow anywhere
    assert np.allclose(flow_accumulation_mfd(z, exponent=1e6), flow_accumulation(flow_directions(z)), atol=0.01)
