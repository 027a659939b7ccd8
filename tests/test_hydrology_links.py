"""Culverts and underpasses: by hand, against water poured on cells, and as properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import Link, analyse
from ballerup_geo.hydrology._depressions import measure, sorted_heights
from ballerup_geo.hydrology._through import pour_through

few = settings(max_examples=80, deadline=None)
CELL = (2.0, 1.5)
AREA = 3.0


class NaiveWater:
    """Water on bare cells and through links, poured cell by cell: no basins, no graph, links open to both sides.

    With ``budget_m3`` links carry one way only, that much each.
    """

    def __init__(self, z, links, budget_m3=None):
        self.z = z.astype(np.float64)
        self.surface = self.z.copy()
        self.links = [((link.from_row, link.from_col), (link.to_row, link.to_col)) for link in links]
        self.budget_m3 = budget_m3
        self.outflow_m3 = 0.0

    def around(self, cell):
        rows, cols = self.z.shape
        for down, right in ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)):
            n = cell[0] + down, cell[1] + right
            if 0 <= n[0] < rows and 0 <= n[1] < cols and not np.isnan(self.z[n]):
                yield n, np.hypot(right * CELL[0], down * CELL[1])

    def through(self, cell):
        """Links that end at a cell: their number, the other end, and the level from which they carry."""
        for k, (inlet, outlet) in enumerate(self.links):
            if cell == inlet and (self.budget_m3 is None or self.budget_m3[k] > 0):
                yield k, outlet, self.z[inlet]
            elif cell == outlet and self.budget_m3 is None:
                yield k, inlet, self.z[inlet]

    def lower(self, cell):
        falls = [
            ((self.z[cell] - self.z[n]) / far, n)
            for n, far in self.around(cell)
            if self.surface[n] < self.surface[cell]
        ]
        return max(falls, key=lambda fall: fall[0])[1] if falls else None

    def pool(self, cell):
        found, front = {cell}, [cell]
        while front:
            here = front.pop()
            level = self.surface[here]
            ends = [n for n, _ in self.around(here)] + [n for _, n, least in self.through(here) if level >= least]
            for n in ends:
                if n not in found and self.surface[n] == level:
                    found.add(n)
                    front.append(n)
        return found

    def pour(self, cell, volume_m3):
        while volume_m3 > 0:
            onward = self.lower(cell)
            if onward is not None:
                cell = onward
                continue
            pool = self.pool(cell)
            level = self.surface[cell]
            spills = [c for c in pool if self.lower(c) is not None]
            if spills:
                cell = spills[0]
                continue
            if any(len(list(self.around(c))) < 8 for c in pool):
                self.outflow_m3 += volume_m3
                return
            links = [(k, n, least) for c in sorted(pool) for k, n, least in self.through(c) if self.surface[n] != level]
            carrying = [(k, n) for k, n, least in links if least <= level and self.surface[n] < level]
            if carrying:
                k, end = carrying[0]
                if self.budget_m3 is None:
                    cell = end
                    continue
                part = min(volume_m3, self.budget_m3[k])
                self.budget_m3[k] -= part
                self.pour(end, part)
                volume_m3 -= part
                continue
            ground = [self.surface[n] for c in pool for n, _ in self.around(c) if n not in pool]
            next_level = min(ground + [max(self.surface[n], least) for _, n, least in links])
            room = (next_level - level) * len(pool) * AREA
            rise_to = next_level if volume_m3 >= room else level + volume_m3 / len(pool) / AREA
            for c in pool:
                self.surface[c] = rise_to
            volume_m3 -= room


@st.composite
def rough_terrains(draw, most_links=3):
    """Terrains without equal heights, with links that lead downwards between any cells."""
    shape = draw(st.tuples(st.integers(3, 8), st.integers(3, 8)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    z = (random.permutation(shape[0] * shape[1]).reshape(shape) + random.uniform(0, 0.5, shape)).astype(np.float32)
    if draw(st.booleans()):  # deep in the middle: most hollows nest
        z[1:-1, 1:-1] -= 30
    cells = st.tuples(st.integers(0, shape[0] - 1), st.integers(0, shape[1] - 1))
    pairs = draw(st.lists(st.tuples(cells, cells).filter(lambda p: p[0] != p[1]), min_size=1, max_size=most_links))
    links = [Link(*max(pair, key=lambda c: z[c]), *min(pair, key=lambda c: z[c])) for pair in pairs]
    return z, links


def limited(links, limits_m3):
    """The same links with limits in an event of one hour."""
    return [
        Link(link.from_row, link.from_col, link.to_row, link.to_col, limit / 3600)
        for link, limit in zip(links, limits_m3, strict=False)
    ]


def rain_on_cells(water, rain_mm):
    for cell in np.ndindex(water.z.shape):
        water.pour(cell, rain_mm / 1000 * AREA)
    return water


def assert_conserved(event):
    assert event.stored_m3 + event.outflow_m3 + event.lost_m3 == pytest.approx(event.volume_in_m3, rel=1e-9, abs=1e-12)
    depth = np.nansum(event.depth_m.astype(np.float64)) * event.terrain.cell_area_m2
    assert depth == pytest.approx(event.stored_m3, rel=1e-5, abs=1e-5)
    assert event.outflow_by_recipient.outflow_m3.sum() == pytest.approx(event.outflow_m3, rel=1e-12)


# by hand ---------------------------------------------------------------------------------------------------------

DAM = [[9, 9, 9, 9, 9, 9], [9, 2, 3, 8, 1, 7], [9, 9, 9, 9, 9, 9]]
"""West of the dam (8) a floor at 2 and a culvert's inlet at 3; east of it a floor at 1 behind a sill at 7."""
CULVERT = Link(1, 2, 1, 4)


def in_the_west(volume_m3):
    inflow = np.zeros((3, 6))
    inflow[1, 1] = volume_m3
    return inflow


def test_culvert_drains_the_hollow_behind_a_dam():
    terrain = analyse(DAM, cell_size_m=1, links=[CULVERT])
    assert terrain.filled[1].tolist() == [9, 7, 7, 8, 7, 7]
    assert terrain.bluespots[1].tolist() == [0, 1, 1, 0, 1, 0]
    assert terrain.directions[1].tolist() == [1, 1, 1, 1, 1, 0]
    assert terrain.depressions.volume_m3.tolist() == [15, 2, 1]
    event = terrain.event(0, inflow=in_the_west(2.5))
    assert event.depth_m[1, [1, 2, 4]].tolist() == pytest.approx([1, 0, 1.5])
    assert event.links.to_dict("list") == {"link": [0], "carried_m3": [pytest.approx(1.5)], "limit_m3": [math.inf]}
    assert_conserved(event)


@pytest.mark.parametrize(("given_water", "carried_m3"), [({"rain_mm": 500}, -0.5), ({"inflow": 9}, 4.0)])
def test_both_sides_rise_together_once_the_culvert_is_under_water(given_water, carried_m3):
    terrain = analyse(DAM, cell_size_m=1, links=[CULVERT])  # 4.5 m³ of rain on either side, or 9 m³ in the west
    event = terrain.event(given_water.get("rain_mm", 0), inflow=in_the_west(given_water.get("inflow", 0)))
    assert (event.terrain.dtm + event.depth_m)[1, [1, 2, 4]].tolist() == pytest.approx([5, 5, 5])
    assert event.links.carried_m3.tolist() == pytest.approx([carried_m3])
    assert_conserved(event)


def test_capacity_counts_only_with_a_duration():
    terrain = analyse(DAM, cell_size_m=1, links=limited([CULVERT], [0.5]))
    free, tight, wide = (terrain.event(0, inflow=in_the_west(2.0), duration_h=h) for h in (None, 1, 2))
    assert free.links.carried_m3.tolist() == wide.links.carried_m3.tolist() == pytest.approx([1.0])
    assert tight.links.carried_m3.tolist() == tight.links.limit_m3.tolist() == pytest.approx([0.5])
    assert tight.depth_m[1, [1, 2, 4]].tolist() == pytest.approx([1.25, 0.25, 0.5])
    assert tight.depressions.inflow_m3.tolist() == pytest.approx([2.0, 0.5])
    assert tight.terrain.depressions.volume_m3.tolist() == [11, 6]
    assert_conserved(tight)


def test_water_runs_over_the_dam_while_the_culvert_is_at_its_limit():
    terrain = analyse(DAM, cell_size_m=1, links=limited([CULVERT], [2.0]))
    event = terrain.event(0, inflow=in_the_west(14.0), duration_h=1)
    assert event.depth_m[1, [1, 2, 4]].tolist() == pytest.approx([6, 5, 3])  # 2 m³ through, 1 m³ over
    assert event.depressions.spilled_m3.tolist() == pytest.approx([1, 0])
    assert event.depressions.inflow_m3.tolist() == pytest.approx([14, 3])


def test_link_lets_water_out_to_a_recipient():
    recipients = np.zeros((3, 6), dtype=np.int32)
    recipients[1, 4] = 8
    for capacity, carried in ((math.nan, 8.0), (1.0 / 3600, 1.0)):
        link = Link(1, 2, 1, 4, capacity)
        terrain = analyse(DAM, cell_size_m=1, links=[link], recipients=recipients)
        event = terrain.event(0, inflow=in_the_west(9.0), duration_h=1)
        assert event.links.carried_m3.tolist() == pytest.approx([carried])
        assert event.outflow_by_recipient.outflow_m3.tolist() == pytest.approx([0, carried])
        assert_conserved(event)


def test_chain_of_links_and_a_hollow_kept_dry():
    z = [[9, 9, 9, 9, 9, 9, 9], [9, 5, 9, 4, 9, 3, 8], [9, 9, 9, 9, 9, 9, 9]]
    links = [Link(1, 1, 1, 3), Link(1, 3, 1, 5)]  # both begin at the bottom
    terrain = analyse(z, cell_size_m=1, links=links)
    inflow = np.zeros((3, 7))
    inflow[1, 1] = 0.75
    event = terrain.event(0, inflow=inflow)
    assert event.depth_m[1, [1, 3, 5]].tolist() == pytest.approx([0, 0, 0.75])
    assert event.links.carried_m3.tolist() == pytest.approx([0.75, 0.75])
    assert (terrain.depressions.volume_m3 > 0).all()
    narrow = analyse(z, cell_size_m=1, links=limited(links, [0.5, 0.25])).event(0, inflow=inflow, duration_h=1)
    assert narrow.depth_m[1, [1, 3, 5]].tolist() == pytest.approx([0.25, 0.25, 0.25])
    assert narrow.links.carried_m3.tolist() == pytest.approx([0.5, 0.25])


def test_overflow_runs_on_through_hollows_that_links_keep_dry():
    z = [[9, 9, 9, 9, 9, 9, 9, 9, 9], [9, 2, 6, 5, 9, 4, 9, 3, 8], [9, 9, 9, 9, 9, 9, 9, 9, 9]]
    table = analyse(z, cell_size_m=1, links=[Link(1, 3, 1, 5), Link(1, 5, 1, 7)]).depressions.set_index("id")
    assert table.spill_level_m.tolist() == [8, 6, 5, 4, 6]
    assert table.parent.tolist() == [0, 1, 2, 3, 1]
    assert table.spills_to.tolist() == [0, 5, 2, 3, 4]  # the links lead from 5 over 4 to 3 m; back there it rises


def test_link_within_one_hollow_changes_nothing():
    plain = analyse(DAM, cell_size_m=1).event(800)
    linked = analyse(DAM, cell_size_m=1, links=limited([Link(1, 2, 1, 1)], [0.1])).event(800, duration_h=1)
    assert np.array_equal(plain.depth_m, linked.depth_m)
    assert linked.links.carried_m3.tolist() == [0]


def test_terrain_without_links_has_an_empty_table_of_them():
    table = analyse(DAM, cell_size_m=1).event(1).links
    assert table.columns.tolist() == ["link", "carried_m3", "limit_m3"]
    assert table.empty


@pytest.mark.parametrize(
    ("link", "told"),
    [
        (Link(1, 4, 1, 2), r"outlet \(3.00 m\) lies higher than its inlet \(1.00 m\)"),
        (Link(1, 2, 1, 6), "outlet in row 1, column 6 lies outside"),
        (Link(-1, 2, 1, 4), "inlet in row -1"),
        (Link(0, 0, 1, 4), "no data"),
        (Link(1.5, 2, 1, 4), "no cell"),
        (Link(1, 2, 1, 4, 0.0), "capacity"),
        (Link(1, 2, 1, 4, math.inf), "capacity"),
    ],
)
def test_links_that_cannot_be_are_refused(link, told):
    z = np.array(DAM, dtype=float)
    z[0, 0] = np.nan
    with pytest.raises(DataError, match=f"link 1: .*{told}"):
        analyse(z, cell_size_m=1, links=[CULVERT, link])


def test_all_faults_of_links_are_told_at_once():
    with pytest.raises(DataError) as error:
        analyse(DAM, cell_size_m=1, links=[Link(9, 9, 9, 9), CULVERT, Link(1, 2, 1, 4, -1)])
    assert [fault.key for fault in error.value.faults] == ["link 0", "link 0", "link 2"]


def assume_ways_out_of_their_own(terrain):
    """Leave out hollows that spill over one and the same cell of the edge.

    What spills there leaves, as all that reaches an outlet; on bare cells it would run on into the other hollow.
    """
    roots = terrain.depressions.query("parent == 0")
    assume(not roots.duplicated(["pour_row", "pour_col"]).any())


# properties --------------------------------------------------------------------------------------------------------


@few
@given(rough_terrains(), st.floats(0, 20_000))
def test_open_links_do_what_water_on_cells_would_do(ground, rain_mm):
    z, links = ground
    water = rain_on_cells(NaiveWater(z, links), rain_mm)
    terrain = analyse(z, cell_size_m=CELL, links=links)
    assume_ways_out_of_their_own(terrain)
    event = terrain.event(rain_mm)
    assert event.outflow_m3 == pytest.approx(water.outflow_m3, rel=1e-9, abs=1e-9)
    assert np.allclose(event.depth_m, water.surface - water.z, rtol=1e-5, atol=1e-5)
    assert (terrain.filled <= analyse(z, cell_size_m=CELL).filled).all()
    assert_conserved(event)


@few
@given(rough_terrains(most_links=4), st.lists(st.floats(0.1, 60), min_size=4, max_size=4), st.floats(500, 20_000))
def test_links_with_a_free_outlet_carry_up_to_their_limit(ground, limits_m3, rain_mm):
    z, links = ground
    full = analyse(z, cell_size_m=CELL).filled
    links = [link for link in links if full[link.to_row, link.to_col] < z[link.from_row, link.from_col]]
    assume(links)
    budget = list(limits_m3[: len(links)])
    water = rain_on_cells(NaiveWater(z, links, budget), rain_mm)
    terrain = analyse(z, cell_size_m=CELL, links=limited(links, limits_m3))
    assume_ways_out_of_their_own(terrain)
    event = terrain.event(rain_mm, duration_h=1)
    assert event.outflow_m3 == pytest.approx(water.outflow_m3, rel=1e-9, abs=1e-9)
    assert np.allclose(event.depth_m, water.surface - water.z, rtol=1e-5, atol=1e-5)
    carried = [limit - left for limit, left in zip(limits_m3, budget, strict=False)]
    assert event.links.carried_m3.tolist() == pytest.approx(carried, abs=1e-6)
    assert_conserved(event)


@few
@given(rough_terrains(most_links=1), st.floats(0.1, 100), st.floats(0, 20_000))
def test_one_link_levels_its_two_sides_as_far_as_it_can(ground, limit_m3, rain_mm):
    z, (link,) = ground
    event = analyse(z, cell_size_m=CELL, links=limited([link], [limit_m3])).event(rain_mm, duration_h=1)
    assert_conserved(event)
    carried_m3 = event.links.carried_m3[0]
    surface = z + event.depth_m.astype(np.float64)
    inlet, outlet = surface[link.from_row, link.from_col], surface[link.to_row, link.to_col]
    assert abs(carried_m3) <= limit_m3 * (1 + 1e-9)
    if carried_m3 == 0:
        return
    high, low = (inlet, outlet) if carried_m3 > 0 else (outlet, inlet)
    assert high >= low - 1e-4
    assert high >= z[link.from_row, link.from_col] - 1e-4
    if abs(carried_m3) < limit_m3 * (1 - 1e-9):
        assert high == pytest.approx(max(low, z[link.from_row, link.from_col]), abs=1e-4)


@few
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_any_tangle_of_links_conserves_water(seed, corridor):
    random = np.random.default_rng(seed)
    shape = (3, int(random.integers(8, 30))) if corridor else tuple(random.integers(3, 12, 2))
    z = random.integers(0, 8, shape).astype(np.float32)
    if corridor:  # many hollows in a row, whose links reach their limits
        z[[0, 2]] = 12
    z[random.random(shape) < 0.03] = np.nan
    cells = np.argwhere((z < 12) & (np.arange(shape[0])[:, None] == 1))
    assume(len(cells) > 1)
    links = []
    for first, second in random.choice(cells, (int(random.integers(1, 12)), 2)):
        high, low = (first, second) if z[tuple(first)] >= z[tuple(second)] else (second, first)
        links.append(Link(*map(int, high), *map(int, low), random.choice([math.nan, random.exponential(3) / 3600])))
    recipients = np.where(np.isnan(z) | (random.random(shape) < 0.97), 0, random.integers(1, 4, shape))
    terrain = analyse(z, cell_size_m=1, links=links, recipients=recipients)
    rain = random.exponential(1500, shape) * (random.random(shape) < 0.5)
    event = terrain.event(rain, runoff=random.random(shape), losses=20, duration_h=1)
    assert_conserved(event)
    assert (event.links.carried_m3.abs() <= event.links.limit_m3 * (1 + 1e-9)).all()
    assert (event.outflow_by_recipient.outflow_m3 >= 0).all()
    outermost = event.depressions.query("parent == 0")
    assert outermost.stored_m3.sum() == pytest.approx(event.stored_m3, abs=1e-9)
    assert (event.depressions.inflow_m3 >= event.depressions.stored_m3 - 1e-9).all()


@few
@given(st.integers(0, 2**32 - 1), st.integers(3, 150))
def test_hollows_of_closed_links_are_measured_to_the_last_bit_as_on_the_raster(seed, rows):
    random = np.random.default_rng(seed)  # from 128 rows on, strips are summed side by side
    z = (random.integers(-4, 8, (rows, 7)) + random.choice([0, 0.3], (rows, 7))).astype(np.float32)
    z[random.random(z.shape) < 0.03] = np.nan
    cells = [tuple(map(int, cell)) for cell in random.permutation(np.argwhere(~np.isnan(z)))]
    pairs = [sorted(pair, key=lambda cell: -z[cell]) for pair in zip(cells[:8:2], cells[1:8:2], strict=True)]
    recipients = np.where(np.isnan(z) | (random.random(z.shape) < 0.97), 0, 1)
    links = [Link(*high, *low) for high, low in pairs]
    part = analyse(z, cell_size_m=1, links=links, recipients=recipients).opened(random.random(len(links)) < 0.5)
    sizes = measure(part.dtm, part.drainage)
    heights = sorted_heights(part.dtm, part.drainage, sizes)
    for found, wanted in ((part.sizes, sizes), (part.heights, heights)):
        for name in wanted.__slots__:
            one, other = getattr(found, name), getattr(wanted, name)
            assert one.dtype == other.dtype, name
            np.testing.assert_array_equal(one, other, err_msg=name)


def test_water_in_a_circle_of_links_comes_to_rest():
    water, room = np.array([0, 0, 5.0, 0]), np.array([0, 0, 8.0, 6.0])
    alone, out = np.zeros(4, dtype=np.int32), np.ones(4, dtype=np.int32)
    links = np.array([2, 3]), np.array([1.0, 2.0]), np.array([3, 2])
    held, _, carried = pour_through(water, room, alone, out, *links, np.array([1e9, 2e9]))
    assert held.tolist() == [0, 0, 3, 2]  # either one to where its link begins, the rest where it came from
    assert carried.tolist() == [2, 0]
