"""Circles of several sizes: distances kept, near the proved optimum, never above the bound."""

from __future__ import annotations

import highspy
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo import siting
from ballerup_geo.errors import DataError
from ballerup_geo.siting import pack_sizes

RADII = np.array([2.0, 3.5, 5.0])
CROWNS = np.pi * RADII**2
TO_HOUSE = (2.5, 4.0, 6.0)


def garden(seed: int, *, west: float = 700_000) -> list[shapely.Geometry]:
    """Return, for each size, where a tree may stand: a plot without what is too near its house."""
    rng = np.random.default_rng(seed)
    south = 6_180_000
    plot = shapely.box(west, south, west + rng.uniform(12, 20), south + rng.uniform(12, 18))
    house = shapely.box(west + 3, south + 2, west + rng.uniform(6, 11), south + rng.uniform(5, 9))
    return [plot.buffer(-1).difference(house.buffer(distance)) for distance in TO_HOUSE]


def optimum(areas: list[shapely.Geometry]) -> float:
    """Return the proved largest sum of crowns with middles on a grid of 1 m (HiGHS)."""
    places, size = [], []
    for k, area in enumerate(areas):
        if area.is_empty:
            continue
        west, south, east, north = area.bounds
        grid = np.stack(np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1)), -1).reshape(-1, 2)
        inside = grid[shapely.intersects_xy(area, *grid.T)]
        places.append(inside)
        size.append(np.full(len(inside), k))
    place, own = np.concatenate(places), np.concatenate(size)
    apart = np.hypot(*np.moveaxis(place[:, None] - place[None], -1, 0))
    conflict = apart < RADII[own][:, None] + RADII[own][None] - 1e-9
    solver = siting.solver()
    for value in CROWNS[own]:
        solver.addCol(-value, 0.0, 1.0, 0, np.empty(0, np.int32), np.empty(0))
    solver.changeColsIntegrality(
        len(own), np.arange(len(own), dtype=np.int32), np.full(len(own), highspy.HighsVarType.kInteger)
    )
    open_pairs = np.triu(conflict, 1)
    while open_pairs.any():  # one row for each group of places of which no two go together
        first, second = np.argwhere(open_pairs)[0]
        group = [first, second]
        for other in np.flatnonzero(conflict[first] & conflict[second]):
            if other not in group and conflict[other, group].all():
                group.append(other)
        rows = np.array(sorted(group), dtype=np.int32)
        open_pairs[np.ix_(rows, rows)] = False
        solver.addRow(-highspy.kHighsInf, 1.0, len(rows), rows, np.ones(len(rows)))
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -float(solver.getInfo().objective_function_value)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_small_gardens_come_near_the_proved_optimum(seed: int) -> None:
    areas = garden(seed)
    best = optimum(areas)
    found = pack_sizes(areas, radii_m=RADII, benefits=CROWNS, rounds=200)
    assert found.benefit >= 0.98 * best
    assert best <= found.bound
    assert found.benefit <= found.bound
    assert 0 <= found.gap < 1


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_crowns_do_not_touch_and_keep_to_the_ground_of_their_size(seed: int) -> None:
    gardens = [garden(seed + k, west=700_000 + 15 * k) for k in range(4)]
    areas = [np.array(each, dtype=object) for each in zip(*gardens, strict=True)]
    found = pack_sizes(areas, radii_m=RADII, benefits=CROWNS, seed=seed, rounds=5)
    assert len(found.points) >= 4
    apart = np.hypot(*np.moveaxis(found.points[:, None] - found.points[None], -1, 0))
    apart -= RADII[found.size][:, None] + RADII[found.size][None]
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > -1e-7
    own = np.array([areas[size][area] for size, area in zip(found.size, found.area, strict=True)], dtype=object)
    assert shapely.distance(shapely.points(found.points), own).max() < 1e-6
    assert found.benefit == pytest.approx(CROWNS[found.size].sum())
    again = pack_sizes(areas, radii_m=RADII, benefits=CROWNS, seed=seed, rounds=5)
    assert np.array_equal(found.points, again.points)


def test_one_size_is_a_packing_and_what_does_not_fit_is_left_out() -> None:
    plot = shapely.box(0, 0, 10, 10)
    one = pack_sizes([plot], radii_m=[5.0], benefits=[1.0])
    assert (len(one.points), one.benefit) == (4, 4.0)  # the corners
    two = pack_sizes([plot, shapely.Polygon()], radii_m=[5.0, 8.0], benefits=[1.0, 9.0])
    assert two.size.tolist() == [0, 0, 0, 0]
    none = pack_sizes([shapely.Polygon()], radii_m=[5.0], benefits=[1.0])
    assert (len(none.points), none.benefit, none.bound, none.gap) == (0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("areas", "radii", "benefits", "words"),
    [
        ([shapely.box(0, 0, 1, 1)], [1.0, 2.0], [1.0, 2.0], "one area array"),
        ([shapely.box(0, 0, 1, 1)], [0.0], [1.0], "above 0"),
        ([shapely.box(0, 0, 1, 1)], [1.0], [float("nan")], "above 0"),
        ([np.array([shapely.box(0, 0, 1, 1)] * 2), shapely.box(0, 0, 1, 1)], [1.0, 2.0], [1.0, 2.0], "different"),
    ],
)
def test_arguments_that_do_not_match_are_told(areas: list, radii: list, benefits: list, words: str) -> None:
    with pytest.raises(DataError, match=words):
        pack_sizes(areas, radii_m=radii, benefits=benefits)
