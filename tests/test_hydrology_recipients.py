"""Recipients on the terrain: which water reaches which of them first, counted once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import _naming, analyse

few = settings(max_examples=60, deadline=None)
AREA = 3.0


@st.composite
def terrains_with_recipients(draw):
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    z = draw(hnp.arrays(np.float32, shape, elements=st.sampled_from([0, 0, 1, 1, 2, 3, 4, np.nan])))
    labels = draw(hnp.arrays(np.int32, shape, elements=st.sampled_from([0] * 9 + [-4, 7, 12])))
    labels[np.isnan(z)] = 0
    return z, labels


def by_label(event):
    return event.outflow_by_recipient.set_index("recipient").outflow_m3


def test_water_leaves_at_the_first_recipient_on_its_way():
    z = [[9, 9, 9, 9, 9, 9], [9, 6, 5, 4, 3, 2], [9, 9, 9, 9, 9, 9]]
    labels = np.zeros((3, 6), dtype=np.int32)
    labels[1, 2], labels[1, 4] = 30, 20
    terrain = analyse(z, cell_size_m=1, recipients=labels)
    event = terrain.event(1000)
    assert event.outflow_by_recipient.columns.tolist() == ["recipient", "outflow_m3"]
    assert by_label(event).to_dict() == {0: 3, 20: 6, 30: 9}
    assert event.outflow_m3 == 18
    assert terrain.recipients[1].tolist() == [30, 30, 30, 20, 20, 0]
    assert terrain.directions[1].tolist() == [1, 1, 0, 1, 0, 0]


def test_hollow_below_a_recipient_gets_none_of_its_water():
    z = [[9, 9, 9, 9, 9, 9], [9, 8, 6, 2, 4, 3], [9, 9, 9, 9, 9, 9]]
    labels = np.zeros((3, 6), dtype=np.int32)
    free = analyse(z, cell_size_m=1).event(100)
    labels[1, 2] = 1
    held = analyse(z, cell_size_m=1, recipients=labels).event(100)
    assert (free.stored_m3, held.stored_m3) == pytest.approx((1.5, 0.8))
    assert by_label(held).to_dict() == pytest.approx({0: 0.3, 1: 0.7})


def test_recipient_in_a_hollow_takes_what_rises_to_it():
    z = [[9, 9, 9, 9, 9], [9, 1, 3, 2, 7], [9, 9, 9, 9, 9]]
    labels = np.zeros((3, 5), dtype=np.int32)
    labels[1, 2] = 5  # between two pits, 3 m up
    event = analyse(z, cell_size_m=1, recipients=labels).event(1000)
    assert event.depth_m[1].tolist() == [0, 2, 0, 1, 0]
    assert by_label(event).to_dict() == {0: 0, 5: 12}
    labels[1, 1] = 6
    dry = analyse(z, cell_size_m=1, recipients=labels)
    assert dry.depressions.volume_m3.tolist() == [1]
    assert by_label(dry.event(1000)).to_dict() == {0: 0, 5: 8, 6: 6}


def test_terrain_without_recipients_sends_all_elsewhere():
    event = analyse([[3, 2, 1]], cell_size_m=1).event(1000)
    assert by_label(event).to_dict() == {0: event.outflow_m3} == {0: 3}


@pytest.mark.parametrize("bad", [np.ones((2, 3)), np.ones((2, 2), dtype=np.int32), np.full((2, 3), 2**40)])
def test_labels_that_are_none_are_refused(bad):
    with pytest.raises(DataError, match="recipients"):
        analyse([[1, 2, 3], [1, 2, 3]], cell_size_m=1, recipients=bad)


def test_recipient_off_the_terrain_is_refused_by_its_label():
    with pytest.raises(DataError, match="17: no cell with data"):
        analyse([[1, np.nan, 3]], cell_size_m=1, recipients=np.array([[4, 17, 4]]))


@few
@given(terrains_with_recipients(), st.integers(0, 2**32 - 1))
def test_outflow_by_recipient_is_all_that_leaves(given_terrain, seed):
    z, labels = given_terrain
    random = np.random.default_rng(seed)
    terrain = analyse(z, cell_size_m=(2.0, 1.5), recipients=labels)
    event = terrain.event(random.exponential(1000, z.shape), runoff=0.5, losses=100, inflow=random.random(z.shape))
    table = event.outflow_by_recipient
    assert table.recipient.tolist() == [0, *sorted(set(labels[labels != 0].tolist()))]
    assert (table.outflow_m3 >= 0).all()
    assert table.outflow_m3.sum() == pytest.approx(event.outflow_m3, rel=1e-12, abs=1e-12)
    total = event.stored_m3 + event.outflow_m3 + event.lost_m3
    assert total == pytest.approx(event.volume_in_m3, rel=1e-9, abs=1e-12)
    assert (event.depth_m[labels != 0] == 0).all()


@few
@given(terrains_with_recipients())
def test_once_all_is_full_more_rain_goes_where_directions_lead(given_terrain):
    z, labels = given_terrain
    terrain = analyse(z, cell_size_m=(2.0, 1.5), recipients=labels)
    more = by_label(terrain.event(3e6)) - by_label(terrain.event(2e6))
    ground = terrain.recipients[~np.isnan(z)]
    for label, outflow_m3 in more.items():
        assert outflow_m3 == pytest.approx(np.count_nonzero(ground == label) * AREA * 1000, abs=1e-6)
    assert terrain.accumulation[terrain.directions == 0].sum() == ground.size


@few
@given(terrains_with_recipients())
def test_recipients_are_no_holes_but_drain_like_nodata(given_terrain):
    z, labels = given_terrain
    terrain = analyse(z, cell_size_m=1, recipients=labels)
    here = labels != 0
    assert np.array_equal(terrain.filled[here], z[here])
    assert np.array_equal(np.isnan(terrain.filled), np.isnan(z))
    assert (terrain.directions[here] == 0).all()
    everywhere = analyse(z, cell_size_m=1)
    assert (np.nan_to_num(terrain.filled) <= np.nan_to_num(everywhere.filled)).all()
    if not here.any():
        assert np.array_equal(terrain.directions, everywhere.directions)


@pytest.mark.parametrize(("largest", "itemsize"), [(3, 1), (250, 1), (300, 2), (70_000, 4)])
def test_numbers_narrowed_in_their_own_memory_stay_the_same(monkeypatch, largest, itemsize):
    monkeypatch.setattr(_naming, "NARROWED_AT_ONCE", 7)
    wide = np.random.default_rng(1).integers(0, largest + 1, (13, 11), dtype=np.int32)
    narrow = _naming.narrowed(wide.copy(), np.min_scalar_type(largest))
    assert narrow.dtype.itemsize == itemsize
    assert np.array_equal(narrow, wide)
