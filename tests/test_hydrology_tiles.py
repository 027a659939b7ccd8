"""Tiles: however a raster is cut, the answer is the same; and the few passes that are kept are the ones that count."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import Terrain, flow_accumulation, flow_directions
from ballerup_geo.hydrology._drainage import drain, drain_keeping_passes
from ballerup_geo.hydrology._hollows import merge_basins
from ballerup_geo.hydrology._tiles import Tiles
from ballerup_geo.hydrology.flow import accumulate_cells, count_cells, name_outlets

few = settings(max_examples=150, deadline=None)
STEPS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))


@st.composite
def cut_terrains(draw):
    """Terrains with flats, gaps and recipients, and the size of tiles to cut them into."""
    shape = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    tile = draw(st.tuples(st.integers(1, 13), st.integers(1, 13)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    z = random.integers(0, draw(st.sampled_from([2, 5, 50, 10_000])), shape).astype(np.float32)
    for _ in range(draw(st.integers(0, 3))):  # flats across tiles
        top, left = random.integers(0, shape)
        z[top : top + random.integers(1, 20), left : left + random.integers(1, 20)] = random.integers(0, 50)
    z[random.random(shape) < draw(st.sampled_from([0.0, 0.03, 0.2]))] = np.nan
    marks = np.where((random.random(shape) < 0.97) | np.isnan(z), 0, random.integers(1, 4, shape))
    return z, tile, marks.astype(np.int32)


def worked_out(z, tile, marks):
    """Answer everything with tiles of one size."""
    terrain = Terrain(z, (2.0, 1.5), drain(z, 2.0, 1.5, marks != 0, tile=tile))
    return {
        "filled": terrain.filled,
        "directions": terrain.directions,
        "basins": terrain.basins,
        "bluespots": terrain.bluespots,
        "accumulation": accumulate_cells(terrain.directions, tile=tile),
        "recipients": name_outlets(terrain.directions, marks, tile=tile),
        "depressions": terrain.depressions,
        "hierarchy": terrain.hierarchy,
    }


def assert_same(one, other):
    for name, answer in one.items():
        if isinstance(answer, pd.DataFrame):
            pd.testing.assert_frame_equal(answer, other[name], obj=name)
        else:
            assert np.array_equal(answer, other[name], equal_nan=answer.dtype.kind == "f"), name


@few
@given(cut_terrains())
def test_tiles_give_the_same_answer_as_one_piece(cut):
    z, tile, marks = cut
    assert_same(worked_out(z, z.shape, marks), worked_out(z, tile, marks))


@pytest.mark.parametrize("levels", [3, 400, 10_000_000])
def test_many_tiles_side_by_side(levels):
    random = np.random.default_rng(11)
    z = random.integers(0, levels, (300, 260)).astype(np.float32)
    z[80:200, 100:190] = 0  # a lake over several tiles
    z[random.random(z.shape) < 0.01] = np.nan
    marks = np.where((random.random(z.shape) < 0.999) | np.isnan(z), 0, 7).astype(np.int32)
    whole, cut = worked_out(z, z.shape, marks), worked_out(z, (32, 48), marks)
    assert_same(whole, cut)
    assert len(whole["depressions"]) > 500
    valid = ~np.isnan(z)
    assert cut["accumulation"][cut["directions"] == 0].sum() == np.count_nonzero(valid)


def crossings(z, labels, outer_label, cell_size_m):
    """Every way between neighbours of two basins, in the order in which passes count, by looking at all cells."""
    dx, dy = cell_size_m
    found = []
    for row, col in zip(*np.nonzero(labels > 0), strict=True):
        here, edge = row * z.shape[1] + col, False
        for k, (down, right) in enumerate(STEPS):
            r, c = row + down, col + right
            if not (0 <= r < z.shape[0] and 0 <= c < z.shape[1]) or np.isnan(z[r, c]):
                edge = True
            elif k < 4 and labels[r, c] != labels[row, col]:
                ends = np.float64(z[row, col]), np.float64(z[r, c])
                steepness = abs(ends[0] - ends[1]) * (1.0 / math.hypot(down * dy, right * dx))
                fall = -float(np.float32(steepness))
                found.append((max(ends), fall, here, r * z.shape[1] + c, labels[row, col], labels[r, c]))
        if edge and labels[row, col] != outer_label:
            found.append((float(z[row, col]), 1.0, here, -1, labels[row, col], outer_label))
    return sorted(found)


def kept(passes):
    """Join basins over the passes as they come; the ones that joined something."""
    group, tree = {}, []

    def head(label):
        while group.setdefault(label, label) != label:
            label = group[label]
        return label

    for height, _, cell_a, cell_b, basin_a, basin_b in passes:
        if head(basin_a) != head(basin_b):
            group[head(basin_a)] = head(basin_b)
            tree.append((height, cell_a, cell_b))
    return tree


@few
@given(cut_terrains())
def test_passes_left_out_are_never_the_way_out(cut):
    z, tile, marks = cut
    drainage, passes = drain_keeping_passes(z, 2.0, 1.5, marks != 0, tile=tile)
    tree = merge_basins(passes.order, passes.basin_a, passes.basin_b, passes.height_m, drainage.basins)[0]
    found = [(float(passes.height_m[e]), int(passes.cell_a[e]), int(passes.cell_b[e])) for e in tree]
    assert found == kept(crossings(z, drainage.labels, 1, (2.0, 1.5)))


def test_windows_cover_every_cell_once():
    tiles = Tiles.over(np.zeros((7, 10)), (3, 4))
    seen = np.full((7, 10), -1)
    for number, (top, end, left, right) in enumerate(tiles.windows):
        assert (seen[top:end, left:right] == -1).all()
        seen[top:end, left:right] = number
    assert (tiles.holding(np.arange(70)) == seen.ravel()).all()
    assert seen.max() == 8


@pytest.mark.parametrize("tile", [(1, 1), (2, 2), (1, 4)])
def test_circles_are_found_in_tiles_and_across_them(tile):
    codes = np.array([[0, 4, 16, 16], [1, 1, 64, 64]], dtype=np.uint8)
    with pytest.raises(DataError, match=r"row 0, column [123]|row 1, column [0123]"):
        accumulate_cells(codes, tile=tile)
    with pytest.raises(DataError, match=r"row 0, column [123]|row 1, column [0123]"):
        name_outlets(codes, np.zeros((2, 4), dtype=np.int32), tile=tile)


def test_weights_are_carried_from_tile_to_tile():
    random = np.random.default_rng(4)
    z = random.normal(size=(70, 90)).astype(np.float32)
    weights = random.uniform(0, 3, z.shape)
    codes = drain(z, 1.0, 1.0).codes
    sums = accumulate_cells(codes, weights, tile=(16, 9))
    assert np.allclose(sums, flow_accumulation(codes, weights=weights), rtol=1e-12)
    assert sums[codes == 0].sum() == pytest.approx(weights.sum(), rel=1e-12)


@pytest.mark.parametrize("tile", [(3, 5), (16, 16), (256, 256)])
def test_cells_are_counted_in_half_the_memory(tile):
    z = np.random.default_rng(4).random((60, 70)).astype(np.float32)
    z[5:9, 7:30] = np.nan
    codes = flow_directions(z)
    counted = count_cells(codes, tile=tile)
    assert counted.dtype == np.uint32
    assert np.array_equal(counted, accumulate_cells(codes))
