"""Nested depressions and rain events: by hand, against a naive fill–spill–merge on cells, and as properties."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import analyse

NAN = float("nan")
CELL = (2.0, 1.5)
AREA = 3.0
few = settings(max_examples=60, deadline=None)


STEPS = {1: (0, 1), 2: (1, 1), 4: (1, 0), 8: (1, -1), 16: (0, -1), 32: (-1, -1), 64: (-1, 0), 128: (-1, 1)}


class NaiveWater:
    """Water on bare cells, poured cell by cell: runs down, ponds, rises, spills. No basins, no graph.

    What spills over one of the cells ``led`` takes the way that is told for it, 0 for out of the raster.
    """

    def __init__(self, z, led=None):
        self.z = z.astype(np.float64)
        self.surface = self.z.copy()
        self.led = led or {}
        self.outflow_m3 = 0.0

    def around(self, cell):
        rows, cols = self.z.shape
        for down, right in ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)):
            n = cell[0] + down, cell[1] + right
            if 0 <= n[0] < rows and 0 <= n[1] < cols and not np.isnan(self.z[n]):
                yield n, np.hypot(right * CELL[0], down * CELL[1])

    def lower(self, cell):
        """The steepest way down over ground whose water surface lies lower; None if there is none."""
        falls = [
            ((self.z[cell] - self.z[n]) / far, n)
            for n, far in self.around(cell)
            if self.surface[n] < self.surface[cell]
        ]
        return max(falls, key=lambda fall: fall[0])[1] if falls else None

    def leaves(self, cell):
        return len(list(self.around(cell))) < 8

    def pool(self, cell):
        found, front = {cell}, [cell]
        while front:
            for n, _ in self.around(front.pop()):
                if n not in found and self.surface[n] == self.surface[cell]:
                    found.add(n)
                    front.append(n)
        return found

    def pour(self, cell, volume_m3):
        while True:
            onward = self.lower(cell)
            if onward is not None and cell in self.led and len(self.pool(cell)) > 1:
                if self.led[cell] == 0:
                    self.outflow_m3 += volume_m3
                    return
                down, right = STEPS[self.led[cell]]
                cell = cell[0] + down, cell[1] + right
                continue
            if onward is not None:
                cell = onward
                continue
            pool = self.pool(cell)
            spills = [c for c in pool if self.lower(c) is not None]
            if spills:
                cell = spills[0]
                continue
            if any(self.leaves(c) for c in pool):
                self.outflow_m3 += volume_m3
                return
            level = self.surface[cell]
            next_level = min(self.surface[n] for c in pool for n, _ in self.around(c) if n not in pool)
            room = (next_level - level) * len(pool) * AREA
            rise_to = next_level if volume_m3 >= room else level + volume_m3 / len(pool) / AREA
            for c in pool:
                self.surface[c] = rise_to
            if volume_m3 < room:
                return
            volume_m3 -= room


@st.composite
def rough_terrains(draw):
    """Terrains without equal heights, so that no two ways are equally good."""
    shape = draw(st.tuples(st.integers(3, 8), st.integers(3, 8)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    z = (random.permutation(shape[0] * shape[1]).reshape(shape) + random.uniform(0, 0.5, shape)).astype(np.float32)
    holes = draw(hnp.arrays(np.bool_, shape, elements=st.sampled_from([False] * 12 + [True])))
    z[holes] = np.nan
    return z


@st.composite
def any_terrains(draw):
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    return draw(hnp.arrays(np.float32, shape, elements=st.sampled_from([0, 0, 1, 1, 2, 3, 4, np.nan])))


def waters(terrain, rain_mm):
    """Rain on bare cells, once for each choice of ways that hollows which share the cell they spill over have there:
    over the lowest ground that is not full, or as the cell's direction tells."""
    z = terrain.dtm
    roots = terrain.depressions.query("parent == 0")[["pour_row", "pour_col"]]
    shared = [tuple(cell) for cell in roots[roots.duplicated()].drop_duplicates().to_numpy().tolist()]
    for led in itertools.product((False, True), repeat=len(shared)):
        water = NaiveWater(z, {cell: int(terrain.directions[cell]) for cell in itertools.compress(shared, led)})
        for cell in zip(*np.nonzero(~np.isnan(z)), strict=True):
            water.pour(cell, rain_mm / 1000 * AREA)
        yield water


def fits(event, water):
    same = event.outflow_m3 == pytest.approx(water.outflow_m3, rel=1e-9, abs=1e-9)
    return same and np.allclose(event.depth_m, water.surface - water.z, rtol=1e-5, atol=1e-5, equal_nan=True)


def assert_conserved(event):
    assert event.stored_m3 + event.outflow_m3 + event.lost_m3 == pytest.approx(event.volume_in_m3, rel=1e-9, abs=1e-12)


# by hand ---------------------------------------------------------------------------------------------------------

NESTED = [[9, 9, 9, 9, 9], [9, 1, 4, 2, 7], [9, 9, 9, 9, 9]]
"""A bowl of 3 m³ (9 cells run to it) and one of 2 m³ (6 cells), 14 m³ together, spilling over the notch in the east."""


def test_nested_table():
    table = analyse(NESTED, cell_size_m=1).depressions.set_index("id")
    assert table.parent.tolist() == [0, 1, 1]
    assert table.parts.tolist() == [2, 0, 0]
    assert table.spill_level_m.tolist() == [7, 4, 4]
    assert sorted(table.volume_m3) == [2, 3, 14]
    assert table.loc[1, ["area_m2", "max_depth_m", "watershed_m2"]].tolist() == [3, 6, 15]
    assert table.fill_mm.tolist() == pytest.approx([1000 * 14 / 15, 1000 * 2 / 6, 1000 * 3 / 9])


def test_nodes_of_nested_bowls():
    terrain = analyse(NESTED, cell_size_m=1)
    nodes = terrain.hierarchy
    assert terrain.basins[1].tolist() == [2, 2, 2, 3, 3]
    assert nodes.index.tolist() == [0, 1, 2]
    assert nodes.node.tolist() == [2, 3, 4]
    assert nodes.whole.tolist() == [4, 4, 0]
    assert nodes.beyond.tolist() == [3, 2, 1]
    assert nodes.spill_level_m.tolist() == [4, 4, 7]
    assert nodes.floor_m.tolist() == [1, 2, 4]
    assert nodes.room_m3.tolist() == [3, 2, 9]
    assert nodes.basin.tolist() == [True, True, False]
    numbers = terrain.depressions.set_index("spill_level_m")
    assert numbers.loc[7, "spills_to"] == 0
    assert set(numbers.loc[4, "spills_to"]) == set(numbers.loc[4, "id"])  # each one to the other


def test_basins_tell_what_runs_off_at_once_and_what_has_no_data():
    terrain = analyse([[9, 9, 9, 9, 9], [9, 1, 6, 2, 1], [9, 9, 9, 9, NAN]], cell_size_m=1)
    assert terrain.basins.tolist() == [[2, 2, 2, 1, 1], [2, 2, 2, 1, 1], [2, 2, 2, 1, -1]]
    assert terrain.depressions.spills_to.tolist() == [0]


@pytest.mark.parametrize(
    ("rain_mm", "depths", "outflow_m3"),
    [
        (0, [0, 0, 0], 0),
        (100, [0.9, 0, 0.6], 0),
        (400, [10 / 3, 1 / 3, 7 / 3], 0),  # both full with 5 m³; 1 m³ more on 3 m²
        (1000, [6, 3, 5], 1),
    ],
)
def test_nested_bowls_fill_merge_and_spill(rain_mm, depths, outflow_m3):
    event = analyse(NESTED, cell_size_m=1).event(rain_mm)
    assert event.depth_m[1, 1:4].tolist() == pytest.approx(depths)
    assert event.outflow_m3 == pytest.approx(outflow_m3)
    assert event.volume_in_m3 == pytest.approx(rain_mm * 15 / 1000)
    assert_conserved(event)


def test_table_of_an_event():
    table = analyse(NESTED, cell_size_m=1).event(400).depressions
    assert table.id.tolist() == [1, 2, 3]
    assert table.inflow_m3.tolist() == pytest.approx([6, 3, 3.6])
    assert table.stored_m3.tolist() == pytest.approx([6, 2, 3])
    assert table.level_m.tolist() == pytest.approx([13 / 3] * 3)
    assert table.full.tolist() == [False, True, True]
    assert table.spilled_m3.tolist() == pytest.approx([0, 1, 0.6])
    assert table.spilled_to.tolist() == [-1, 1, 2]


def test_spill_runs_on_to_the_next_hollow():
    terrain = analyse([[9, 9, 9, 9, 9], [9, 1, 6, 2, 4], [9, 9, 9, 9, 9]], cell_size_m=1)
    table = terrain.event(1000).depressions  # 9 m³ on a hollow of 5, 6 m³ on one of 2
    assert table.spilled_to.tolist() == terrain.depressions.spills_to.tolist() == [2, 0]
    assert table.spilled_m3.tolist() == [4, 8]
    assert table.inflow_m3.tolist() == [9, 10]


def test_hollows_that_spill_at_one_level_never_send_water_in_a_circle():
    z = np.full((3, 17), 12.0)
    z[1] = [7, 11, 0, 4, 6, 0, 6, 4, 6, 6, 4, 6, 4, 1, 5, 0, 6]
    rain = np.zeros(z.shape)
    rain[1, 10] = 60_000  # fills its own hollow and all those on its way east, none in the west
    event = analyse(z, cell_size_m=1).event(rain)
    assert event.depth_m[1].tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 5, 1, 6, 0]
    assert event.outflow_m3 == 44


def test_losses_runoff_and_inflow():
    terrain = analyse(NESTED, cell_size_m=1)
    runoff = np.zeros((3, 5))
    runoff[:, :3] = 0.5  # the western bowl's 9 cells
    inflow = np.zeros((3, 5))
    inflow[1, 3] = 0.25
    event = terrain.event(100, runoff=runoff, losses={"initial": 20, "sewer": np.full((3, 5), 10.0)}, inflow=inflow)
    assert event.volume_in_m3 == pytest.approx(1.75)
    assert event.stored_m3 == pytest.approx(9 * 0.5 * 0.07 + 0.25)
    assert event.depth_m[1, [1, 3]].tolist() == pytest.approx([0.315, 0.25])
    assert_conserved(event)
    assert terrain.event(5, losses=20).lost_m3 == pytest.approx(0.075)
    raster = terrain.event(np.full((3, 5), 100.0), losses=30, runoff=0.5)
    assert raster.stored_m3 == pytest.approx(terrain.event(100, losses=30, runoff=0.5).stored_m3)


def test_rain_without_data_is_ignored_where_the_terrain_has_none():
    z = np.array(NESTED, dtype=float)
    z[0, 0] = np.nan
    rain = np.full(z.shape, 100.0)
    rain[0, 0] = np.nan
    terrain = analyse(z, cell_size_m=1)
    assert terrain.event(rain).volume_in_m3 == pytest.approx(terrain.event(100).volume_in_m3) == pytest.approx(1.4)


@pytest.mark.parametrize(
    "bad",
    [
        {"rain_mm": -1},
        {"rain_mm": np.nan},
        {"rain_mm": np.ones((2, 2))},
        {"rain_mm": "much"},
        {"rain_mm": 1, "runoff": 1.01},
        {"rain_mm": 1, "losses": {"initial": -1}},
        {"rain_mm": 1, "inflow": 3},
        {"rain_mm": 1, "duration_h": 0},
    ],
)
def test_impossible_rain_is_refused(bad):
    rest = {key: value for key, value in bad.items() if key != "rain_mm"}
    with pytest.raises(DataError, match=list(bad)[-1]):
        analyse(NESTED, cell_size_m=1).event(bad["rain_mm"], **rest)


# properties --------------------------------------------------------------------------------------------------------


@few
@given(rough_terrains(), st.floats(0, 20_000))
def test_event_is_what_cells_would_do(z, rain_mm):
    terrain = analyse(z, cell_size_m=CELL)
    event = terrain.event(rain_mm)
    assert any(fits(event, water) for water in waters(terrain, rain_mm))


@pytest.mark.parametrize("seed", [2890, 5522, 53998])
def test_hollows_that_share_the_cell_they_spill_over_take_one_of_its_ways(seed):
    """Rare in random terrains: at the edge and over another hollow, inland, and at the edge and out, by their seeds."""
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(3, 9, 2))
    z = (random.permutation(shape[0] * shape[1]).reshape(shape) + random.uniform(0, 0.5, shape)).astype(np.float32)
    terrain = analyse(z, cell_size_m=CELL)
    roots = terrain.depressions.query("parent == 0")
    assert roots.duplicated(["pour_row", "pour_col"]).any()
    rains = np.linspace(500, 20_000, 8)
    assert all(any(fits(terrain.event(rain), water) for water in waters(terrain, rain)) for rain in rains)
    assert_conserved(terrain.event(20_000))


@few
@given(any_terrains(), st.integers(0, 2**32 - 1))
def test_volume_is_conserved_and_stands_where_it_is_counted(z, seed):
    random = np.random.default_rng(seed)
    terrain = analyse(z, cell_size_m=CELL)
    rain = random.exponential(1000, z.shape) * (random.random(z.shape) < 0.5)
    event = terrain.event(
        rain, runoff=random.random(z.shape), losses=random.uniform(0, 300), inflow=random.exponential(1, z.shape)
    )
    assert_conserved(event)
    assert np.nansum(event.depth_m.astype(np.float64)) * AREA == pytest.approx(event.stored_m3, rel=1e-5, abs=1e-6)
    assert np.array_equal(np.isnan(event.depth_m), np.isnan(z))
    assert (np.nan_to_num(event.depth_m) <= np.nan_to_num(terrain.filled - terrain.dtm) * (1 + 1e-6)).all()
    outermost = event.depressions.query("parent == 0")
    assert outermost.stored_m3.sum() == pytest.approx(event.stored_m3, abs=1e-12)
    received = outermost.groupby("spilled_to").spilled_m3.sum()
    direct = event.water_m3[1]
    assert received.get(0, 0.0) + direct == pytest.approx(event.outflow_m3, abs=1e-9)


@few
@given(rough_terrains())
def test_overflow_meets_first_what_it_is_told_to(z):
    terrain = analyse(z, cell_size_m=CELL)
    table = terrain.depressions.set_index("id")
    leaves = ~table.index.isin(table.parent)
    for row in table[leaves].itertuples():  # a flood in this hollow, all others dry
        inflow = np.zeros(z.shape)
        pit = np.argwhere(terrain.dtm == np.float32(row.spill_level_m - row.max_depth_m))[0]
        inflow[tuple(pit)] = row.volume_m3 * (1 + 1e-9)
        told = terrain.event(0, inflow=inflow).depressions.set_index("id").spilled_to[row.Index]
        outermost = row.spills_to
        while row.parent == 0 and outermost and table.parent[outermost]:
            outermost = table.parent[outermost]
        assert told == outermost


@few
@given(any_terrains(), st.lists(st.floats(0, 5000), min_size=3, max_size=3))
def test_more_rain_stands_nowhere_lower(z, rains):
    terrain = analyse(z, cell_size_m=CELL)
    events = [terrain.event(rain) for rain in sorted(rains)]
    for less, more in itertools.pairwise(events):
        assert (np.nan_to_num(less.depth_m) <= np.nan_to_num(more.depth_m) + 1e-6).all()
        assert less.outflow_m3 <= more.outflow_m3 + 1e-9


@few
@given(any_terrains())
def test_nested_table_agrees_with_the_terrain(z):
    terrain = analyse(z, cell_size_m=CELL)
    table = terrain.depressions.set_index("id")
    assert table.index.tolist() == list(range(1, len(table) + 1))
    assert (table.volume_m3 > 0).all()
    parts = table[table.parent > 0]
    assert (parts.parent < parts.index).all()
    assert (parts.spill_level_m < table.loc[parts.parent, "spill_level_m"].to_numpy()).all()
    counted = parts.groupby("parent").size().reindex(table.index, fill_value=0)
    assert table.parts.tolist() == counted.tolist()
    assert (counted != 1).all()
    for row in table.itertuples():
        assert terrain.dtm[row.pour_row, row.pour_col] == np.float32(row.spill_level_m)
    full = terrain.event(1e9)
    assert np.allclose(full.depth_m, terrain.filled - terrain.dtm, atol=1e-5, equal_nan=True)
    assert full.depressions.full.all() or table.empty
    assert full.stored_m3 == pytest.approx(table.query("parent == 0").volume_m3.sum())


def test_a_large_terrain_conserves_too():
    random = np.random.default_rng(7)
    terrain = analyse(np.cumsum(random.normal(size=(700, 600)), axis=1).astype(np.float32), cell_size_m=0.4)
    for rain_mm in (1, 30, 1000, 100_000):
        assert_conserved(terrain.event(rain_mm))
