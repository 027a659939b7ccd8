"""Places for points: known optima, distances kept, areas left over that add up."""

from __future__ import annotations

import geopandas as gpd
import highspy
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from ballerup_geo import siting
from ballerup_geo.errors import DataError
from ballerup_geo.siting import pack_points, packing_bound, plantable, shrunk

SIDE = 10.0
SQUARE = shapely.box(700_000, 6_180_000, 700_000 + SIDE, 6_180_000 + SIDE)
# the widest spacing of n points in a square of side 1 (Schwartz 1965, Schaer 1965; Croft, Falconer and Guy 1991, D1)
WIDEST = {2: 1.41421356, 3: 1.03527618, 4: 1.0, 5: 0.70710678, 6: 0.60092521, 7: 0.53589838, 8: 0.51763809, 9: 0.5}


@pytest.mark.parametrize(("count", "spacing"), WIDEST.items())
def test_a_square_holds_as_many_points_as_is_known_to_be_best(count: int, spacing: float) -> None:
    assert len(pack_points(SQUARE, spacing_m=SIDE * spacing - 1e-6, rounds=300)) == count
    assert len(pack_points(SQUARE, spacing_m=SIDE * spacing * 1.0005, rounds=300)) < count
    assert packing_bound(SQUARE, spacing_m=SIDE * spacing) >= count


def gardens(seed: int, count: int) -> gpd.GeoSeries:
    """Return touching gardens in rows, each with a hole where its house is."""
    rng = np.random.default_rng(seed)
    out = []
    for k in range(count):
        west, south = 700_000 + 24 * (k % 6), 6_180_000 + 30 * (k // 6)
        east, north = west + rng.uniform(4, 14), south + rng.uniform(8, 16)
        house = shapely.box(east - rng.uniform(0, 6), south + 4, east + 8, north + 2)
        out.append(shapely.box(west, south, west + 24, south + 30).difference(house.buffer(3)))
    return gpd.GeoSeries(out, crs="EPSG:25832")


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), spacing=st.floats(3, 15))
def test_points_lie_inside_and_apart_across_gardens_too(seed: int, spacing: float) -> None:
    areas = gardens(seed, 12)
    points = pack_points(areas, spacing_m=spacing, seed=seed, rounds=3)
    assert len(points) > 12
    places = shapely.points(points)
    nearest = cKDTree(points).query(points, k=2)[0][:, 1]
    assert nearest.min() >= spacing * (1 - 1e-8)
    assert shapely.distance(places, areas.union_all()).max() < 1e-6
    assert len(points) <= packing_bound(areas.to_numpy(), spacing_m=spacing)
    assert np.array_equal(points, pack_points(areas, spacing_m=spacing, seed=seed, rounds=3))
    # nothing is left: every place keeps less than the spacing to some point
    grid = np.stack(np.meshgrid(np.linspace(700_000, 700_144, 60), np.linspace(6_180_000, 6_180_060, 30)), -1)
    free = grid.reshape(-1, 2)
    free = free[shapely.contains_xy(areas.union_all(), *free.T)]
    assert cKDTree(points).query(free)[0].max() < spacing * (1 + 1e-8)


def optimum(area: shapely.Geometry, spacing: float) -> int:
    """Return the proved most points on a grid of 1 m (HiGHS): one in each window that is narrower than the spacing."""
    west, south, east, north = area.bounds
    grid = np.stack(np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1)), -1).reshape(-1, 2)
    grid = grid[shapely.intersects_xy(area, *grid.T)]
    near = np.hypot(*np.moveaxis(grid[:, None] - grid[None], -1, 0)) < spacing - 1e-9
    side = spacing / np.sqrt(2) - 1e-6
    beyond = grid[None] - grid[:, None]
    windows = [np.flatnonzero(row) for row in ((beyond >= 0) & (beyond <= side)).all(axis=-1)]
    pairs = [np.array(pair) for pair in np.argwhere(np.triu(near, 1))]
    solver = siting.solver()
    solver.addVars(len(grid), np.zeros(len(grid)), np.ones(len(grid)))
    places = np.arange(len(grid), dtype=np.int32)
    solver.changeColsCost(len(grid), places, -np.ones(len(grid)))
    solver.changeColsIntegrality(len(grid), places, np.full(len(grid), highspy.HighsVarType.kInteger))
    for group in windows + pairs:
        solver.addRow(-highspy.kHighsInf, 1.0, len(group), group.astype(np.int32), np.ones(len(group)))
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -round(solver.getInfo().objective_function_value)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_small_gardens_hold_as_many_as_is_proved_and_an_exclusion_adds_none(seed: int) -> None:
    area = gardens(seed, 1)
    tree = gpd.GeoDataFrame(
        {"distance_m": [2.0], "reason": ["tree"]}, geometry=[area.iloc[0].representative_point()], crs=area.crs
    )
    less = plantable(area, tree).areas
    best, best_after = optimum(area.iloc[0], 6.0), optimum(less.iloc[0], 6.0)
    found, found_after = (len(pack_points(each, spacing_m=6.0, rounds=200)) for each in (area, less))
    assert best_after <= best <= found
    assert best_after <= found_after <= packing_bound(less.to_numpy(), spacing_m=6.0)
    assert found_after <= found


def test_more_rounds_lose_no_point_and_an_empty_area_has_none() -> None:
    one = gardens(3, 1).iloc[0]
    counts = [len(pack_points(one, spacing_m=4, rounds=rounds)) for rounds in (0, 10, 60)]
    assert counts == sorted(counts)
    assert pack_points(shapely.Polygon(), spacing_m=4).shape == (0, 2)
    assert packing_bound(shapely.Polygon(), spacing_m=4) == 0
    two = shapely.union(one, shapely.affinity.translate(one, xoff=500))  # parts of one area, too
    assert len(pack_points(two, spacing_m=4, rounds=0)) >= 2 * counts[0] - 2


@pytest.mark.parametrize(
    ("area", "spacing", "words"),
    [
        (shapely.Point(1, 1), 4, "is no polygon"),
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), 4, "Self-intersection"),
        (SQUARE, 0, "is no distance"),
        (SQUARE, float("nan"), "is no distance"),
    ],
)
def test_an_area_or_a_spacing_that_is_none_is_told(area: shapely.Geometry, spacing: float, words: str) -> None:
    with pytest.raises(DataError, match=words):
        pack_points(area, spacing_m=spacing)


def things(*rows: tuple[shapely.Geometry, float, str]) -> gpd.GeoDataFrame:
    geometry, distance, reason = zip(*rows, strict=True)
    frame = pd.DataFrame({"distance_m": distance, "reason": reason})
    return gpd.GeoDataFrame(frame, geometry=list(geometry), crs="EPSG:25832")


def test_what_is_plantable_on_paper() -> None:
    plot = shapely.box(0, 0, 20, 10)
    pipe = shapely.LineString([(0, 5), (20, 5)])
    house = shapely.box(0, 6, 6, 10)
    rules = things((house, 0, "building"), (pipe, 1, "pipe"), (shapely.box(50, 0, 60, 9), 2, "building"))
    found = plantable(gpd.GeoSeries({"a": plot, "b": shapely.box(1, 6, 3, 9)}, crs="EPSG:25832"), rules)
    wide = 1.002 / np.cos(np.pi / 32)  # the rim of a buffer lies outside the distance, never inside
    assert list(found.areas.index) == ["a", "b"]
    assert found.areas.iloc[0].area == pytest.approx(200 - 24 - 20 * 2 * wide + 6 * (wide - 1))
    assert found.areas.iloc[1].is_empty
    rows = found.removed.set_index(["area", "reason"])["removed_m2"]
    assert rows[0, "building"] == pytest.approx(24)  # the first reason takes what two would
    assert rows[1, "building"] == pytest.approx(6)
    assert len(rows) == 3


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_nothing_plantable_is_too_near_and_losses_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas = gardens(seed, 6)
    spots = shapely.points(700_000 + 144 * rng.random(20), 6_180_000 + 30 * rng.random(20))
    lines = shapely.linestrings(np.array([700_000, 6_180_000]) + rng.random((6, 3, 2)) * [144, 30])
    rules = things(*((spot, 2.5, "tree") for spot in spots), *((line, 1.0, "pipe") for line in lines))
    found = plantable(areas, rules)
    assert found.removed["removed_m2"].sum() + found.areas.area.sum() == pytest.approx(areas.area.sum())
    points = shapely.points(pack_points(found.areas, spacing_m=3, rounds=0))
    near = shapely.STRtree(points).query(rules.geometry.to_numpy(), predicate="dwithin", distance=2.5)
    own = rules.iloc[near[0]]
    apart = shapely.distance(own.geometry.to_numpy(), points[near[1]]) - own["distance_m"].to_numpy()
    assert near.size > 0
    assert apart.min() > -1e-6
    assert plantable(areas, rules.iloc[:0]).areas.geom_equals(areas).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rules: rules.drop(columns="reason"), "column is missing"),
        (lambda rules: rules.assign(distance_m=-1.0), "is no distance"),
        (lambda rules: rules.to_crs("EPSG:4326"), "metric CRS"),
    ],
)
def test_rules_that_are_none_are_told(change: object, words: str) -> None:
    rules = things((shapely.Point(5, 5), 1.0, "tree"))
    with pytest.raises(DataError, match=words):
        plantable(gpd.GeoSeries([shapely.box(0, 0, 9, 9)], crs="EPSG:25832"), change(rules))  # type: ignore[operator]
    crossed = gpd.GeoSeries([shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], crs="EPSG:25832")
    with pytest.raises(DataError, match=r"row 0.*no valid polygon"):
        plantable(crossed, rules)


def corners(rng: np.random.Generator, *, dents: float) -> shapely.Geometry:
    """Return a ring around a middle with corners about 15 m from it: nearly round, or jagged."""
    angle = np.sort(rng.random(rng.integers(5, 60))) * 2 * np.pi
    out = 15 + rng.normal(0, dents, angle.size)
    ring = shapely.polygons(np.column_stack([700_000 + out * np.cos(angle), 6_180_000 + out * np.sin(angle)]))
    return shapely.make_valid(ring)


@pytest.mark.parametrize("dents", [0.05, 3.0])
def test_distances_hold_exactly_where_rims_bend_a_little(dents: float) -> None:
    """GEOS leaves out corners up to 1 % of the distance deep: its own buffers lie up to 20 mm too near here."""
    rng = np.random.default_rng(7)
    shapes = np.array([corners(rng, dents=dents) for _ in range(60)])
    plain = 0.0
    for distance in (1.0, 2.5, 4.0):
        left = shrunk(shapes, distance)
        kept = shapely.distance(shapely.boundary(left), shapely.boundary(shapes))
        assert np.nanmin(kept) >= distance * (1 - 1e-9)
        drawn = distance * 1.002 / np.cos(np.pi / 32)
        rough = shapely.buffer(shapes, -drawn, quad_segs=8)
        plain = max(plain, distance - np.nanmin(shapely.distance(shapely.boundary(rough), shapely.boundary(shapes))))
        assert (shapely.area(left) <= shapely.area(rough) + 1e-6).all()
        assert shapely.area(left).sum() > 0.99 * shapely.area(rough).sum()
        around = shapely.box(699_970, 6_179_970, 700_030, 6_180_030)
        for shape in shapes[:20]:
            lines = gpd.GeoDataFrame({"distance_m": distance, "reason": ["house"]}, geometry=[shape], crs="EPSG:25832")
            free = plantable(gpd.GeoSeries([around], crs="EPSG:25832"), lines).areas.iloc[0]
            assert shapely.distance(free, shape) >= distance * (1 - 1e-9)
    assert plain > 0.002, "a plain buffer would have failed"
