"""Properties of the volumes: conserved, summing up, growing with rain, and those of a naive drop on falling ground."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from ridge_maker import NORTH, WEST, frame

from ballerup_geo.hydrology import Link, flow_directions
from ballerup_geo.methods.rainwater import _leaving, _storms
from ballerup_geo.methods.rainwater._rain import Rain, Soaking
from ballerup_geo.methods.rainwater._scene import Culvert, Scene, SewerArea
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.raster import Raster

few = settings(max_examples=40, deadline=None)
SHAPE = (26, 32)
CELL = (2.0, 3.0)
RAINS = tuple(
    Rain(f"r{mm:g}", period, 60.0, mm, 1.0, sourced=True)
    for mm, period in ((3.0, 2.0), (12.0, 5.0), (25.0, 10.0), (60.0, 100.0), (500.0, None))
)


def scene_of(seed: int, *, falling: bool = False, culverts: bool = True) -> Scene:
    """Rough ground with a municipality in the middle, three recipients, two neighbours and two sewers."""
    random = np.random.default_rng(seed)
    slope = np.linspace(0.0, 6.0, SHAPE[1])[None, :]
    heights = (random.random(SHAPE) * 2.0 + np.abs(slope - random.uniform(1.0, 5.0))).astype(np.float32)
    if falling:
        heights = steps_to_the_edge(heights) + random.random(SHAPE).astype(np.float32) * 0.3
    else:
        heights[random.random(SHAPE) < 0.02] = np.nan
    town = np.zeros(SHAPE, np.bool_)
    town[4:-4, 4:-4] = True
    outlets = np.zeros(SHAPE, np.uint8)
    outlets[8, 6:12], outlets[15:20, 20], outlets[:, -1] = 1, 2, 3
    outlets[np.isnan(heights)] = 0
    neighbour = np.zeros(SHAPE, np.uint8)
    neighbour[:, : SHAPE[1] // 2], neighbour[:20, SHAPE[1] // 2 :] = 1, 2  # the south-east is nobody's
    neighbour[town] = 0
    sewer = np.where(town, random.integers(0, 4, SHAPE), 0).astype(np.uint8)
    points = frame([None, None, None])  # type: ignore[list-item]
    return Scene(
        grid=Raster(heights, Affine(CELL[0], 0, WEST, 0, -CELL[1], NORTH), float("nan")),
        town=town,
        runoff=random.random(SHAPE).astype(np.float32),
        sealed=None,
        recipients=points.assign(recipient_id=["a", "b", "c"], name=["A", "B", "C"]),
        outlets=outlets,
        neighbours=frame([None, None], name=["Vest", "Øst"], code=["1", "2"]),  # type: ignore[list-item]
        neighbour=neighbour,
        culverts=tuple(culvert_of(heights, random) for _ in range(3)) if culverts and not falling else (),
        sewers=(SewerArea("x", 5.0, "a"), SewerArea("y", 10.0, None), SewerArea("z", 0.0, "b")),
        sewer=sewer,
    )


STEPS = {1: (0, 1), 2: (1, 1), 4: (1, 0), 8: (1, -1), 16: (0, -1), 32: (-1, -1), 64: (-1, 0), 128: (-1, 1)}


def steps_to_the_edge(heights: np.ndarray) -> np.ndarray:
    """How many steps a drop takes from each cell: ground without flats or hollows, as each step leads lower."""
    directions = flow_directions(heights)
    steps = np.zeros(SHAPE, np.float32)
    for row, col in np.ndindex(SHAPE):
        at = (row, col)
        while directions[at]:
            down, right = STEPS[int(directions[at])]
            at = (at[0] + down, at[1] + right)
            steps[row, col] += 1.0
    return steps


def culvert_of(heights: np.ndarray, random: np.random.Generator) -> Culvert:
    """A culvert between two cells that have heights."""
    known = np.argwhere(np.isfinite(heights))
    low, high = sorted(known[random.choice(len(known), 2, replace=False)], key=lambda cell: heights[tuple(cell)])
    return Culvert("c", Link(*map(int, high), *map(int, low), float(random.choice([np.nan, 0.0001]))))


def storms_on(scene: Scene) -> Storms:
    return Storms(scene, RAINS, Soaking(initial_loss_mm=0.6, sewer_climate_factor=1.0))


@few
@given(st.integers(0, 10_000))
def test_what_falls_is_stored_leaves_or_is_lost(seed: int) -> None:
    scene = scene_of(seed)
    area_m2 = np.count_nonzero(scene.town & np.isfinite(scene.grid.array)) * scene.grid.cell_area_m2
    for rain in RAINS:
        balance = storms_on(scene).balances[rain.event_id]
        assert balance.volume_in_m3 == pytest.approx(area_m2 * rain.rain_mm / 1000.0, rel=1e-9)
        assert balance.running_m3 == pytest.approx(balance.stored_m3 + balance.outflow_m3, rel=1e-9)
        assert balance.running_m3 + balance.lost_m3 == pytest.approx(balance.volume_in_m3, rel=1e-9)
        tiny = -1e-6 * balance.volume_in_m3
        assert min(balance.initial_m3, balance.sewer_m3, balance.infiltration_m3, balance.stored_m3) >= tiny
        assert (balance.routes_m3 >= 0).all()
        assert balance.sewer_by_area_m3[[0, 3]].tolist() == [0.0, 0.0]  # no sewer, and a sewer area without any


@few
@given(st.integers(0, 10_000))
def test_routes_add_up_however_they_are_summed(seed: int) -> None:
    scene = scene_of(seed)
    for balance in storms_on(scene).balances.values():
        by_recipient, by_neighbour = balance.by_recipient_m3, balance.by_neighbour_m3
        assert by_recipient.sum() == pytest.approx(balance.outflow_m3, rel=1e-9)
        assert by_neighbour.sum() == pytest.approx(balance.outflow_m3, rel=1e-9)
        final = scene.chain.with_passed_on(by_recipient)
        ends = np.r_[True, scene.chain.downstream[1:] == 0]
        assert final[ends].sum() == pytest.approx(by_recipient.sum(), rel=1e-9)


@few
@given(st.integers(0, 10_000), st.permutations(["a", "b", "c"]))
def test_a_chain_in_any_order_hands_all_its_water_to_its_end(seed: int, order: list[str]) -> None:
    onward = dict(itertools.pairwise(order)) | {order[-1]: None}
    scene = scene_of(seed)
    recipients = scene.recipients.assign(downstream_id=[onward[name] for name in scene.recipients["recipient_id"]])
    first = np.random.default_rng(seed).random(4)
    chained = Scene(**{name: getattr(scene, name) for name in Scene.__slots__} | {"recipients": recipients}).chain
    final = chained.with_passed_on(first)
    places = [1 + "abc".index(name) for name in order]
    assert final[places] == pytest.approx(np.cumsum(first[places]))
    assert final[0] == first[0]
    assert set(chained.final[1:].tolist()) == {places[-1]}


@few
@given(st.integers(0, 10_000))
def test_more_rain_leaves_nothing_smaller(seed: int) -> None:
    balances = storms_on(scene_of(seed, culverts=False)).balances
    for less, more in itertools.pairwise(balances[rain.event_id] for rain in RAINS):
        for name in ("volume_in_m3", "running_m3", "stored_m3", "outflow_m3", "sewer_m3", "lost_m3"):
            assert getattr(more, name) >= getattr(less, name) - 1e-9, name
        assert (more.routes_m3 >= less.routes_m3 - 1e-9).all()


@few
@given(st.integers(0, 10_000))
def test_on_falling_ground_each_drop_goes_where_a_walk_leads(seed: int) -> None:
    scene = scene_of(seed, falling=True)
    storms = storms_on(scene)
    rain, routes = RAINS[3], np.zeros((4, 3))
    for row, col in np.argwhere(scene.town):
        takes_mm = {1: 12.0, 2: 25.0}.get(int(scene.sewer[row, col]), 0.6)
        volume = scene.runoff[row, col] * (rain.rain_mm - takes_mm) / 1000.0 * scene.grid.cell_area_m2
        routes[walk(storms, row, col)] += volume
    balance = storms.balances[rain.event_id]
    assert balance.stored_m3 == pytest.approx(0.0, abs=1e-9)
    assert balance.routes_m3 == pytest.approx(routes, rel=1e-5, abs=1e-6)


def walk(storms: Storms, row: int, col: int) -> tuple[int, int]:
    """The recipient and the neighbour that a drop meets first, cell by cell along the directions."""
    met = [0, 0]
    while True:
        for place, labels in enumerate((storms.scene.outlets, storms.scene.neighbour)):
            met[place] = met[place] or int(labels[row, col])
        code = int(storms.standing.directions[row, col])
        if code == 0:
            return met[0], met[1]
        row, col = row + STEPS[code][0], col + STEPS[code][1]


@few
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_coarser_cells_keep_means_and_places(seed: int, factor: int) -> None:
    scene = scene_of(seed)
    coarse = scene.coarsened(factor)
    assert coarse.grid.cell_size_m == (CELL[0] * factor, CELL[1] * factor)
    assert coarse.grid.bounds[0] == scene.grid.bounds[0]
    assert coarse.grid.bounds[3] == scene.grid.bounds[3]
    block = scene.grid.array[:factor, :factor]
    assert coarse.grid.array[0, 0] == pytest.approx(np.nanmean(block), rel=1e-6)
    rows, cols = np.nonzero(scene.outlets)
    assert (coarse.outlets[rows // factor, cols // factor] > 0).all()
    for culvert in coarse.culverts:
        start, end = (culvert.link.from_row, culvert.link.from_col), (culvert.link.to_row, culvert.link.to_col)
        assert coarse.grid.array[start] >= coarse.grid.array[end]
    for balance in storms_on(coarse).balances.values():
        assert balance.running_m3 + balance.lost_m3 == pytest.approx(balance.volume_in_m3, rel=1e-9)


def test_more_that_soaks_away_is_lost_and_never_runs() -> None:
    scene = scene_of(5)
    storms = storms_on(scene)
    more = storms.on(scene.changed(extra_loss_mm=np.full(SHAPE, 4.0, np.float32)))
    none = storms.on(scene.changed(extra_loss_mm=np.zeros(SHAPE, np.float32)))
    for rain in RAINS:
        same, less, plain = (s.balances[rain.event_id] for s in (none, more, storms))
        assert same.routes_m3 == pytest.approx(plain.routes_m3, rel=1e-6, abs=1e-9)
        assert less.running_m3 <= plain.running_m3
        assert less.running_m3 + less.lost_m3 == pytest.approx(less.volume_in_m3, rel=1e-9)
        assert np.allclose(none.depth_m(rain), storms.depth_m(rain), atol=1e-5, equal_nan=True)


@pytest.mark.parametrize("seed", range(4))
def test_where_memory_is_short_the_figures_are_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Heights taken away and made again, ways kept alone: as on ground of more cells than fit into memory twice."""
    plenty = storms_on(scene_of(seed)).balances
    monkeypatch.setattr(_storms, "MOST_CELLS_TWICE", 0)
    monkeypatch.setattr(_leaving, "MOST_CELLS_WHOLE", 0)
    short = storms_on(scene_of(seed)).balances
    for rain in RAINS:
        assert np.array_equal(plenty[rain.event_id].routes_m3, short[rain.event_id].routes_m3)
        assert plenty[rain.event_id].stored_m3 == short[rain.event_id].stored_m3
