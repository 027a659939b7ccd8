"""Filled terrain, directions, accumulation, watersheds: by hand, against a naive priority flood, and as properties."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import (
    analyse,
    fill_depressions,
    flow_accumulation,
    flow_directions,
    flow_path,
    watersheds,
)

NAN = np.nan
STEPS = {1: (0, 1), 2: (1, 1), 4: (1, 0), 8: (1, -1), 16: (0, -1), 32: (-1, -1), 64: (-1, 0), 128: (-1, 1)}
few = settings(max_examples=80, deadline=None)


def around(cell, shape):
    row, col = cell
    for down, right in STEPS.values():
        if 0 <= row + down < shape[0] and 0 <= col + right < shape[1]:
            yield row + down, col + right


def at_the_edge(cell, z):
    """Whether water leaves the terrain at this cell: fewer than eight neighbours with data."""
    return sum(not np.isnan(z[n]) for n in around(cell, z.shape)) < 8


def naive_fill(z):
    """The textbook priority flood: flood inward from every outlet, lowest water first."""
    filled = np.full(z.shape, np.nan, dtype=np.float32)
    cells = [cell for cell in np.ndindex(z.shape) if not np.isnan(z[cell])]
    front = [(z[cell], cell) for cell in cells if at_the_edge(cell, z)]
    heapq.heapify(front)
    while front:
        level, cell = heapq.heappop(front)
        if not np.isnan(filled[cell]):
            continue
        filled[cell] = level
        for n in around(cell, z.shape):
            if not np.isnan(z[n]) and np.isnan(filled[n]):
                heapq.heappush(front, (max(level, z[n]), n))
    return filled


def downstream(codes, cell):
    down, right = STEPS[int(codes[cell])]
    return cell[0] + down, cell[1] + right


def naive_accumulation(codes):
    sums = np.zeros(codes.shape)
    for start in np.ndindex(codes.shape):
        cell = start
        while codes[cell] != 255:
            sums[cell] += 1
            if codes[cell] == 0:
                break
            cell = downstream(codes, cell)
    return sums


@st.composite
def terrains(draw):
    """Small terrains of every kind: plateaus, reals of any sign, doubles, integers, with holes."""
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    steps = st.integers(-3, 6)
    reals = st.floats(-1e4, 1e4, width=32)
    kind = draw(st.sampled_from(["plateaus", "float32", "float64", "int16"]))
    if kind == "int16":
        return draw(hnp.arrays(np.int16, shape, elements=steps))
    if kind == "float64":
        z = draw(hnp.arrays(np.float64, shape, elements=st.floats(-1.0, 1.0)))
    else:
        z = draw(hnp.arrays(np.float32, shape, elements=steps.map(float) if kind == "plateaus" else reals))
    if draw(st.booleans()):
        z[draw(hnp.arrays(np.bool_, shape, elements=st.sampled_from([False] * 5 + [True])))] = np.nan
    return z


# by hand ---------------------------------------------------------------------------------------------------------


def test_bowl_fills_to_its_notch_and_drains_over_it():
    z = [[9, 9, 9, 9], [9, 2, 5, 9], [9, 3, 9, 9], [9, 9, 6, 9]]
    assert fill_depressions(z).tolist() == [[9, 9, 9, 9], [9, 6, 6, 9], [9, 6, 9, 9], [9, 9, 6, 9]]
    codes = flow_directions(z)
    assert flow_path(codes, 1, 2).tolist() == [[1, 2], [1, 1], [2, 1], [3, 2]]
    assert codes[3, 2] == 0
    assert flow_accumulation(codes)[3, 2] == 16


def test_nested_bowls_count_as_one_bluespot():
    z = [[9, 9, 9, 9, 9], [9, 1, 4, 2, 7], [9, 9, 9, 9, 9]]
    terrain = analyse(z, cell_size_m=10)
    assert terrain.filled[1].tolist() == [9, 7, 7, 7, 7]
    assert terrain.bluespots[1].tolist() == [0, 1, 1, 1, 0]
    outermost = terrain.depressions.query("parent == 0").iloc[0]
    assert outermost[["pour_row", "pour_col", "spill_level_m", "area_m2", "volume_m3", "max_depth_m"]].tolist() == [
        1,
        4,
        7.0,
        300.0,
        1400.0,
        6.0,
    ]
    assert outermost.watershed_m2 == 1500.0
    assert outermost.fill_mm == pytest.approx(1400 / 1500 * 1000)
    assert terrain.directions[1].tolist()[1:] == [1, 1, 1, 0]


def test_two_bowls_at_one_level_stay_two():
    z = [[9, 9, 9, 9, 9], [9, 1, 4, 2, 4], [9, 9, 9, 9, 9]]
    terrain = analyse(z, cell_size_m=1)
    assert terrain.bluespots[1].tolist() == [0, 1, 0, 2, 0]
    outermost = terrain.depressions.query("parent == 0")
    assert outermost.volume_m3.tolist() == [3.0, 2.0]
    assert outermost.pour_col.tolist() == [2, 4]


def test_staircase_runs_straight_down():
    z = np.repeat([[5, 4, 3, 2, 1]], 3, axis=0)
    codes = flow_directions(z)
    assert codes.tolist() == [[1, 1, 1, 1, 0]] * 3
    assert flow_accumulation(codes).tolist() == [[1, 2, 3, 4, 5]] * 3
    assert analyse(z, cell_size_m=2).depressions.empty


def test_flat_drains_by_the_shortest_way():
    z = np.full((7, 7), 3)
    codes = flow_directions(z)
    assert [len(flow_path(codes, k, k)) for k in range(7)] == [1, 2, 3, 4, 3, 2, 1]
    assert flow_accumulation(codes)[codes == 0].sum() == 49


def test_pit_in_a_flat_takes_the_flat_with_it():
    z = np.full((5, 5), 3)
    z[2, 2] = 1
    terrain = analyse(z, cell_size_m=1)
    assert (terrain.filled == 3).all()
    assert terrain.bluespots.sum() == 1
    assert terrain.depressions.watershed_m2.tolist() == [9.0]  # the edge runs off by itself


def test_edge_drains_inward_only_if_the_water_leaves_elsewhere():
    inward = flow_directions([[9, 9, 9, 9], [7, 3, 2, 1], [9, 9, 9, 9]])
    assert inward[1].tolist() == [1, 1, 1, 0]
    back = flow_directions([[9, 9, 9, 9], [7, 3, 2, 8], [9, 9, 9, 9]])
    assert back[1].tolist() == [0, 16, 16, 16]


def test_cell_shape_decides_what_is_steepest():
    z = [[9, 9, 9], [9, 5, 3], [9, 2, 9]]
    assert flow_directions(z)[1, 1] == 4
    assert flow_directions(z, cell_size_m=(1, 2))[1, 1] == 1


def test_single_cell_row_and_column():
    assert fill_depressions([[4]]).tolist() == [[4]]
    assert flow_directions([[4]]).tolist() == [[0]]
    row = [[3, 1, 2, 5, 4]]
    assert fill_depressions(row).tolist() == row
    assert flow_directions(row).tolist() == [[1, 0, 16, 16, 0]]
    assert flow_accumulation(flow_directions(np.transpose(row)))[:, 0].tolist() == [1, 4, 2, 1, 1]


def test_all_nodata():
    terrain = analyse(np.full((4, 3), -9999), cell_size_m=1, nodata=-9999)
    assert np.isnan(terrain.filled).all()
    assert (terrain.directions == 255).all()
    assert terrain.accumulation.sum() == 0
    assert terrain.bluespots.sum() == 0
    assert terrain.depressions.empty


def test_nodata_is_an_outlet_however_it_is_given():
    z = np.full((5, 5), 9.0)
    z[2, 2], z[1, 2] = 1.0, -9999.0
    expected = z.copy()
    expected[1, 2] = np.nan
    for given_z, nodata in ((z, -9999), (expected, None), (np.ma.masked_equal(z, -9999), None)):
        assert np.array_equal(fill_depressions(given_z, nodata=nodata), expected.astype(np.float32), equal_nan=True)
    codes = flow_directions(z, nodata=-9999)
    assert (codes[1, 2], codes[2, 2]) == (255, 0)


def test_terrain_that_may_change_later_is_copied():
    z = np.array([[9, 9, 9, 9], [9, 1, 3, 9], [9, 9, 9, 9]], dtype=np.float32)
    mine, theirs = z.copy(), z.copy()
    theirs.flags.writeable = False
    copied, kept = analyse(mine, cell_size_m=1), analyse(theirs, cell_size_m=1)
    mine[1, 1] = 2
    assert np.array_equal(copied.filled, kept.filled)
    assert not np.shares_memory(copied.dtm, mine)
    assert np.shares_memory(kept.dtm, theirs)
    theirs = np.where(z == 9, np.inf, z)
    theirs.flags.writeable = False
    assert np.isnan(analyse(theirs, cell_size_m=1).dtm[0]).all()
    assert np.isinf(theirs[0]).all()


def test_filling_leaves_the_terrain_as_it_was():
    z = np.array([[9, 9, 9, 9], [9, 1, 3, -0.0], [9, 9, 9, -99]], dtype=np.float32)
    before = z.copy()
    for nodata in (None, -99, 9):
        assert not np.shares_memory(fill_depressions(z, nodata=nodata), z)
        assert np.array_equal(z, before)
    assert np.isnan(fill_depressions(z, nodata=-99)[2, 3])
    assert not np.signbit(fill_depressions(z)[1, 3])


def test_watersheds_stop_at_the_first_outlet():
    codes = np.array([[1, 1, 1, 0], [255, 64, 16, 16]], dtype=np.uint8)
    outlets = np.array([[0, 5, 0, 3], [0, 0, 0, 0]], dtype=np.int32)
    assert watersheds(codes, outlets).tolist() == [[5, 5, 3, 3], [0, 5, 5, 5]]


def test_path_leaves_the_raster_without_harm():
    assert flow_path(np.array([[1, 1]], dtype=np.uint8), 0, 0).tolist() == [[0, 0], [0, 1]]
    assert flow_path(np.array([[1, 255]], dtype=np.uint8), 0, 1).tolist() == []


@pytest.mark.parametrize("bad", [[1, 2], np.zeros((0, 3)), [["a"]], np.zeros((2, 2), dtype=complex)])
def test_terrain_that_is_none_is_refused(bad):
    with pytest.raises(DataError, match="dtm"):
        fill_depressions(bad)


def test_bad_directions_are_refused():
    with pytest.raises(DataError, match="code 3 in row 0, column 1"):
        flow_accumulation([[1, 3]])
    with pytest.raises(DataError, match="circle"):
        flow_accumulation([[1, 16]])
    with pytest.raises(DataError, match="circle"):
        watersheds([[1, 16, 16]], [[0, 0, 0]])
    with pytest.raises(DataError, match="circle"):
        flow_path([[1, 16]], 0, 0)
    with pytest.raises(DataError, match="weights"):
        flow_accumulation([[1, 0]], weights=[[NAN, 1]])
    with pytest.raises(DataError, match="cell_size_m"):
        analyse([[1]], cell_size_m=(1, 0))
    with pytest.raises(DataError, match="outside"):
        flow_path([[0]], 1, 0)


# properties --------------------------------------------------------------------------------------------------------


@few
@given(terrains())
@example(np.zeros((3, 3), dtype=np.float32) - 0.0)
@example(np.array([[np.inf, 1], [2, 3]]))
def test_fill_is_the_priority_flood(z):
    heights = z.astype(np.float32)
    heights[np.isinf(heights)] = np.nan
    filled = fill_depressions(z)
    assert filled.dtype == np.float32
    assert np.array_equal(filled, naive_fill(heights), equal_nan=True)
    assert np.array_equal(fill_depressions(filled), filled, equal_nan=True)


@few
@given(terrains(), st.integers(1, 3), st.booleans())
def test_filled_terrain_turns_with_the_terrain(z, turns, mirror):
    def turned(raster):
        return np.rot90(raster.T if mirror else raster, turns)

    assert np.array_equal(fill_depressions(turned(z)), turned(fill_depressions(z)), equal_nan=True)


@few
@given(terrains(), st.sampled_from([1.0, (1.0, 3.0), (16.0, 15.957)]))
def test_every_drop_arrives_and_never_runs_uphill(z, cell_size_m):
    terrain = analyse(z, cell_size_m=cell_size_m)
    heights, filled, codes = terrain.dtm, terrain.filled, terrain.directions
    valid = ~np.isnan(heights)
    assert np.array_equal(codes == 255, ~valid)
    assert np.array_equal(terrain.accumulation, naive_accumulation(codes))
    assert terrain.accumulation[codes == 0].sum() == valid.sum()
    for cell in zip(*np.nonzero(valid), strict=True):
        if codes[cell] == 0:
            assert at_the_edge(cell, heights)
            assert all(not filled[n] < filled[cell] for n in around(cell, z.shape) if valid[n])
        else:
            assert filled[downstream(codes, cell)] <= filled[cell]


@few
@given(terrains())
def test_steepest_descent_away_from_depressions(z):
    terrain = analyse(z, cell_size_m=(2.0, 1.0))
    heights = terrain.dtm.astype(np.float64)
    for cell in np.ndindex(z.shape):
        ground = [cell, *around(cell, z.shape)]
        if np.isnan(heights[cell]) or any(terrain.filled[n] > terrain.dtm[n] for n in ground):
            continue
        falls = {
            code: (heights[cell] - heights[cell[0] + d, cell[1] + r]) / np.hypot(2.0 * r, d)
            for code, (d, r) in STEPS.items()
            if (cell[0] + d, cell[1] + r) in ground and not np.isnan(heights[cell[0] + d, cell[1] + r])
        }
        if max(falls.values(), default=0) > 0:
            assert falls[int(terrain.directions[cell])] == pytest.approx(max(falls.values()), rel=1e-12)


@few
@given(terrains())
def test_bluespots_are_the_connected_hollows(z):
    terrain = analyse(z, cell_size_m=(2.0, 3.0))
    depth = np.nan_to_num(terrain.filled.astype(np.float64) - terrain.dtm)
    assert np.array_equal(terrain.bluespots > 0, depth > 0)
    for cell in zip(*np.nonzero(depth), strict=True):
        assert {int(terrain.bluespots[n]) for n in around(cell, z.shape) if depth[n]} <= {int(terrain.bluespots[cell])}
    for row in terrain.depressions.query("parent == 0").itertuples():
        inside = terrain.bluespots == row.id
        assert row.area_m2 == inside.sum() * 6
        assert row.volume_m3 == pytest.approx(depth[inside].sum() * 6)
        assert row.max_depth_m == depth[inside].max()
        assert set(terrain.filled[inside].tolist()) == {row.spill_level_m}
        assert terrain.dtm[row.pour_row, row.pour_col] == row.spill_level_m
        assert row.fill_mm == pytest.approx(1000 * row.volume_m3 / row.watershed_m2)


@few
@given(terrains(), st.randoms(use_true_random=False))
def test_watersheds_partition_what_drains_to_them(z, random):
    codes = flow_directions(z)
    outlets = np.zeros(z.shape, dtype=np.int32)
    for label in range(1, 5):
        outlets[random.randrange(z.shape[0]), random.randrange(z.shape[1])] = label
    labels = watersheds(codes, outlets)
    for cell in np.ndindex(z.shape):
        path = [tuple(p) for p in flow_path(codes, *cell)]
        assert labels[cell] == next((outlets[p] for p in path if outlets[p]), 0)


def test_accumulated_weights_leave_at_the_outlets():
    random = np.random.default_rng(3)
    z = random.normal(size=(200, 170))
    weights = random.uniform(0, 5, size=z.shape)
    codes = flow_directions(z)
    sums = flow_accumulation(codes, weights=weights)
    assert sums[codes == 0].sum() == pytest.approx(weights.sum(), rel=1e-12)


@pytest.mark.shared
def test_real_terrain_tile(shared_data):
    import rasterio

    with rasterio.open(shared_data / "terrain_dhm_16m_sample.tif") as tile:
        z, nodata, dx, dy = tile.read(1), tile.nodata, tile.transform.a, -tile.transform.e
    terrain = analyse(z, cell_size_m=(dx, dy), nodata=nodata)
    assert np.array_equal(terrain.filled, naive_fill(terrain.dtm), equal_nan=True)
    valid = ~np.isnan(terrain.dtm)
    assert terrain.accumulation[terrain.directions == 0].sum() == valid.sum()
    outermost = terrain.depressions.query("parent == 0")
    depth = np.nan_to_num(terrain.filled.astype(np.float64) - terrain.dtm)
    assert outermost.volume_m3.sum() == pytest.approx(depth.sum() * dx * dy)
    assert len(outermost) > 50
