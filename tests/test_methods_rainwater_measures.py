"""Measures: refused where they cannot be built, and what they change, on ground that a pupil can compute on paper."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import Link
from ballerup_geo.methods._part import Found
from ballerup_geo.methods.rainwater._cells import along_outlines
from ballerup_geo.methods.rainwater._effects import carriageways_of, existing_of
from ballerup_geo.methods.rainwater._measures import Measure, measures_of
from ballerup_geo.methods.rainwater._rain import Rain, Soaking
from ballerup_geo.methods.rainwater._retention import RETENTION
from ballerup_geo.methods.rainwater._scene import Culvert, Scene
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.methods.rainwater._toll import Harm, Toll, effect_rows, toll_of
from ballerup_geo.methods.rainwater._works import build, nothing_built
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Given

few = settings(max_examples=60, deadline=None)
WEST, NORTH, CELL_M = 700_000.0, 6_180_000.0, 10.0
NAN = math.nan


def cells(first_row: int, first_col: int, last_row: int, last_col: int) -> shapely.Polygon:
    """The rectangle of whole cells, both ends included."""
    return shapely.box(
        WEST + first_col * CELL_M,
        NORTH - (last_row + 1) * CELL_M,
        WEST + (last_col + 1) * CELL_M,
        NORTH - first_row * CELL_M,
    )


def way(*stops: tuple[int, int]) -> shapely.LineString:
    """The line through the centres of cells."""
    return shapely.LineString([(WEST + (col + 0.5) * CELL_M, NORTH - (row + 0.5) * CELL_M) for row, col in stops])


def frame(geometries: list[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometries, crs=CRS), crs=CRS)


def scene_of(heights: np.ndarray[Any, Any], town: np.ndarray[Any, Any] | None = None, **changed: Any) -> Scene:
    """Ground whose last column is the recipient, and everything but that column the municipality."""
    z = np.asarray(heights, dtype=np.float32)
    last = np.zeros(z.shape, bool)
    last[:, -1] = True
    given = {
        "grid": Raster(z, Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH), NAN),
        "town": ~last if town is None else town,
        "runoff": np.ones(z.shape, np.float32),
        "sealed": None,
        "recipients": frame([cells(0, z.shape[1] - 1, z.shape[0] - 1, z.shape[1] - 1)], recipient_id=["r"], name=["Å"]),
        "outlets": last.astype(np.uint8),
        "neighbours": None,
        "neighbour": np.zeros(z.shape, np.uint8),
    }
    return Scene(**(given | changed))


def valley() -> np.ndarray[Any, Any]:
    """7 rows × 11 columns: row 3 falls 0.1 m a cell to the east, the sides fall 1 m a cell to row 3."""
    rows, cols = np.mgrid[0:7, 0:11]
    return (20.0 - 0.1 * cols + np.abs(rows - 3)).astype(np.float32)


def storms_on(scene: Scene, *rain_mm: float, hours: float = 1.0) -> Storms:
    rains = tuple(Rain(f"{mm:g}", 100.0, hours * 60, mm, 1.0, True) for mm in rain_mm)
    return Storms(scene, rains, Soaking(0.0, 1.0))


def measure(kind: str, geometry: shapely.Geometry, **figures: float) -> Measure:
    return Measure("m", kind, geometry, **{"volume_m3": NAN, "height_m": NAN, "capacity_m3_s": NAN, **figures})


def tolls(scene: Scene, *measures: Measure, rain_mm: float = 10.0, harm: Harm | None = None) -> tuple[Toll, Toll]:
    storms = storms_on(scene, rain_mm)
    return toll_of(storms, nothing_built(scene), harm), toll_of(storms, build(storms, measures), harm)


def test_a_basin_in_a_valley_takes_exactly_its_volume_from_the_recipient() -> None:
    # 10 mm on the 70 cells of the municipality: 70 m³. The cell (3, 5) sees 42 m³ of it, and holds 20 m³
    before, after = tolls(scene_of(valley()), measure("basin", cells(3, 5, 3, 5), volume_m3=20.0))
    assert before.recipients_m3[0].tolist() == pytest.approx([0.0, 70.0])
    assert after.recipients_m3[0].tolist() == pytest.approx([0.0, 50.0], abs=1e-3)
    assert after.standing_m3[0] - before.standing_m3[0] == pytest.approx(20.0, abs=1e-3)
    assert after.lost_m3[0] == 0.0
    assert after.filled_share == pytest.approx(1.0)


def test_a_basin_larger_than_what_reaches_it_is_not_filled() -> None:
    # columns 0 to 5 reach it, and column 6, which now slopes back to it: 49 m³
    before, after = tolls(scene_of(valley()), measure("basin", cells(3, 5, 3, 5), volume_m3=98.0))
    assert before.outflow_m3[0] - after.outflow_m3[0] == pytest.approx(49.0)
    assert after.filled_share == pytest.approx(0.5, abs=1e-4)


def test_infiltration_loses_what_it_holds_and_nothing_stands() -> None:
    before, after = tolls(scene_of(valley()), measure("infiltration", cells(3, 5, 3, 5), volume_m3=20.0))
    assert after.recipients_m3[0, 1] == pytest.approx(50.0, abs=1e-3)
    assert after.lost_m3[0] == pytest.approx(20.0, abs=1e-4)
    assert after.standing_m3[0] == pytest.approx(before.standing_m3[0], abs=1e-3)


def walled() -> np.ndarray[Any, Any]:
    """The valley with a dam in column 6, its top at 21.4 m; the dam's own rain runs east."""
    heights = valley()
    heights[:, 6] = np.maximum(heights[:, 6], 21.4)
    return heights


def test_a_culvert_drains_the_bluespot_behind_the_dam() -> None:
    # Behind the dam 42 m³ stand, deepest in (3, 5) at 19.5 m. The culvert begins there and ends in (3, 7) at 19.3 m
    scene = scene_of(walled())
    before, after = tolls(scene, measure("culvert", way((3, 5), (3, 7)), capacity_m3_s=1.0))
    assert before.recipients_m3[0, 1] == pytest.approx(28.0)
    assert after.recipients_m3[0, 1] == pytest.approx(70.0)
    assert after.standing_m3[0] == pytest.approx(0.0, abs=1e-3)


def test_a_culvert_carries_no_more_than_it_can() -> None:
    # 0.005 m³/s for an hour is 18 m³
    before, after = tolls(scene_of(walled()), measure("culvert", way((3, 5), (3, 7)), capacity_m3_s=0.005))
    assert after.recipients_m3[0, 1] - before.recipients_m3[0, 1] == pytest.approx(18.0)


def test_a_raised_road_makes_a_bluespot() -> None:
    # across the whole valley, 2 m above the ground: what came from behind it stands there
    scene = scene_of(valley())
    before, after = tolls(scene, measure("raised_road", way((0, 6), (6, 6)), height_m=2.0))
    assert before.standing_m3[0] == pytest.approx(0.0, abs=1e-3)
    # the road's rain in column 6 runs to either side, to row 3 of the road, which lies highest above row 3
    assert after.standing_m3[0] >= 42.0 - 1e-3
    assert after.recipients_m3[0, 1] == pytest.approx(70.0 - after.standing_m3[0], abs=1e-3)


def test_a_raised_road_is_as_wide_as_its_carriageway_and_at_least_a_cell() -> None:
    scene = scene_of(valley())
    road = measure("raised_road", way((0, 5), (6, 5)), height_m=1.5)
    narrow, wide = build(storms_on(scene), [road]), build(storms_on(scene), [road], carriageway_m={"m": 30.0})
    assert np.flatnonzero((narrow.scene.grid.array > scene.grid.array).any(axis=0)).tolist() == [5]
    assert np.flatnonzero((wide.scene.grid.array > scene.grid.array).any(axis=0)).tolist() == [4, 5, 6]
    assert (narrow.scene.grid.array - scene.grid.array)[:, 5] == pytest.approx(np.full(7, 1.5))


def test_a_slanting_raised_road_lets_nothing_through_its_corners() -> None:
    scene = scene_of(np.tile(np.linspace(5, 4, 12, dtype=np.float32), (9, 1)))
    _, after = tolls(scene, measure("raised_road", way((0, 2), (8, 9)), height_m=9.0))
    raised = build(storms_on(scene), [measure("raised_road", way((0, 2), (8, 9)), height_m=9.0)]).scene.grid.array > 8
    behind = np.cumsum(raised, axis=1) == 0
    # what falls behind the road stands there, or leaves over the northern and southern edge
    assert after.recipients_m3[0, 1] <= 11 * 9 - behind.sum() + 1e-6


def test_a_culvert_under_a_raised_road_is_made_longer() -> None:
    # a culvert of two cells under the middle of a road that is raised three cells wide
    scene = scene_of(valley(), culverts=(Culvert("c", Link(3, 4, 3, 6)),))
    road = measure("raised_road", way((0, 5), (6, 5)), height_m=2.0)
    works = build(storms_on(scene), [road], carriageway_m={"m": 30.0})
    assert works.scene.links == (Link(3, 3, 3, 7, works.scene.links[0].capacity_m3_s),)
    _, after = tolls(scene, road)
    assert after.standing_m3[0] == pytest.approx(0.0, abs=1e-3)


def test_a_culvert_that_ends_in_a_new_basin_keeps_its_level() -> None:
    scene = scene_of(walled(), culverts=(Culvert("c", Link(3, 5, 3, 7)),))
    works = build(storms_on(scene), [measure("basin", cells(3, 4, 3, 5), volume_m3=30.0)])
    assert works.scene.grid.array[3, 5] == scene.grid.array[3, 5]
    assert works.dug_m[3, 4] * 100 == pytest.approx(30.0, abs=20.0)
    assert works.holds_m.sum() * 100 == pytest.approx(30.0)


def test_a_basin_on_a_stream_holds_water_before_the_stream_takes_it() -> None:
    # the recipient runs along row 3 from column 4 on: what enters the basin's cells stays until it is full
    outlets = np.zeros((7, 11), np.uint8)
    outlets[3, 4:] = outlets[:, 10] = 1
    scene = scene_of(valley(), outlets=outlets)
    before, after = tolls(scene, measure("basin", cells(3, 5, 3, 6), volume_m3=10.0))
    assert before.recipients_m3[0, 1] == pytest.approx(70.0)
    assert after.recipients_m3[0, 1] == pytest.approx(60.0, abs=1e-3)


def test_water_in_a_basin_touches_no_house_beside_it() -> None:
    scene = scene_of(valley())
    house = frame([cells(3, 6, 3, 6)], building_id=["b"])
    facades = along_outlines(house.geometry, grid=scene.grid)
    harm = Harm(facades, lambda depths: ((depths >= 0.05).sum(axis=0), float(np.nansum(depths))))
    _, after = tolls(scene, measure("basin", cells(3, 5, 3, 5), volume_m3=20.0), harm=harm)
    assert after.touched is not None
    assert after.touched.tolist() == [0]
    # behind a raised road the water is real
    _, behind = tolls(scene, measure("raised_road", way((0, 7), (6, 7)), height_m=2.0), harm=harm)
    assert behind.touched is not None
    assert behind.touched.tolist() == [1]
    assert behind.annual_dkk > 0


def test_all_together_is_not_the_sum() -> None:
    # Two basins of 60 m³ one after the other. The upper alone gets 49 m³ (columns 0 to 6), the lower alone is filled by
    # columns 0 to 8; together the lower gets the 14 m³ of columns 7 and 8 only
    scene = scene_of(valley())
    upper, lower = (measure("basin", cells(3, col, 3, col), volume_m3=60.0) for col in (5, 7))
    alone = [np.subtract(*(toll.outflow_m3[0] for toll in tolls(scene, one))) for one in (upper, lower)]
    together = np.subtract(*(toll.outflow_m3[0] for toll in tolls(scene, upper, lower)))
    assert alone == pytest.approx([49.0, 60.0], abs=1e-3)
    assert together == pytest.approx(63.0, abs=1e-3)
    assert max(alone) <= together < sum(alone)


def test_rows_of_effects() -> None:
    scene = scene_of(valley())
    storms = storms_on(scene, 10.0, 20.0)
    before = toll_of(storms, nothing_built(scene), None)
    after = toll_of(storms, build(storms, [measure("infiltration", cells(3, 5, 3, 5), volume_m3=20.0)]), None)
    assert storms.rains is not None
    rows = effect_rows("m", before, after, scene, storms.rains)
    assert rows["event_id"].unique().tolist() == ["10", "20"]
    by_kind = rows.set_index(["event_id", "target_kind"])
    assert by_kind.loc[("10", "recipient"), ["target", "before", "after", "change", "unit"]].tolist() == [
        "Å", 70.0, 50.0, -20.0, "m³",
    ]  # fmt: skip
    assert by_kind.loc[("20", "recipient"), "change"] == -20.0
    assert by_kind.loc[("20", "lost"), "change"] == pytest.approx(20.0, abs=1e-3)
    assert "neighbour" not in set(rows["target_kind"])  # the neighbours are unknown
    assert "buildings" not in set(rows["target_kind"])
    annual = replace(before, annual_dkk=500.0), replace(after, annual_dkk=300.0)
    assert effect_rows("m", *annual, scene, storms.rains).iloc[-1].tolist() == [
        "m", "annual", "damage", "damage", 500.0, 300.0, -200.0, "DKK/år",
    ]  # fmt: skip


heights_of = arrays(np.float32, (6, 7), elements=st.integers(0, 12).map(float))
boxes = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2), st.integers(0, 2))


def box(corner: tuple[int, int, int, int]) -> shapely.Polygon:
    row, col, down, right = corner
    return cells(row, col, min(row + down, 5), min(col + right, 5))


@given(heights_of, boxes, st.sampled_from(["basin", "infiltration"]), st.integers(1, 500), st.integers(1, 300))
@few
def test_a_basin_never_increases_what_leaves(heights, corner, kind, volume, rain_mm) -> None:
    # on ground without hollows: a basin may draw water away from a hollow that still has room, or cut its rim
    scene = scene_of(storms_on(scene_of(heights)).standing.filled)
    before, after = tolls(scene, measure(kind, box(corner), volume_m3=float(volume)), rain_mm=float(rain_mm))
    held = before.outflow_m3[0] - after.outflow_m3[0]
    assert -1e-6 <= held <= min(volume, before.outflow_m3[0]) * (1 + 1e-5) + 1e-3
    assert after.filled_m3 >= held - 1e-3


@given(
    arrays(np.float32, (6, 6), elements=st.integers(0, 5).map(float)),
    st.tuples(st.integers(2, 4), st.integers(2, 4), st.integers(0, 1), st.integers(0, 1)),
    st.integers(1, 900),
    st.integers(1, 400),
)
@few
def test_a_basin_in_a_hollow_adds_its_volume_to_it(floor, corner, volume, rain_mm) -> None:
    # a bowl with nested hollows on its floor, walls of 10 m, and one way out at 6 m
    heights = np.full((8, 9), 10.0, np.float32)
    heights[1:7, 1:7] = floor
    heights[3, 7:] = 6.0, 0.0
    row, col, down, right = corner
    scene = scene_of(heights)
    one = measure("basin", cells(row, col, row + down, col + right), volume_m3=float(volume))
    before, after = tolls(scene, one, rain_mm=float(rain_mm) * 100)
    held = before.outflow_m3[0] - after.outflow_m3[0]
    room = 6.0 * 36 * 100 - float(floor.sum()) * 100
    running = rain_mm * 100 / 1000 * 100
    assert -1e-2 <= held <= volume + 1e-2
    if 36 * running > room + volume:  # what falls into the bowl itself is enough
        assert held == pytest.approx(volume, abs=1e-2)


@given(heights_of, boxes, boxes, st.integers(1, 300))
@few
def test_together_never_more_than_all_that_runs_nor_more_than_their_room(heights, one, other, rain_mm) -> None:
    scene = scene_of(storms_on(scene_of(heights)).standing.filled)
    both = [measure("basin", box(one), volume_m3=90.0), measure("infiltration", box(other), volume_m3=150.0)]
    before, after = tolls(scene, *both, rain_mm=float(rain_mm))
    held = before.outflow_m3[0] - after.outflow_m3[0]
    assert -1e-6 <= held <= min(240.0, before.outflow_m3[0]) * (1 + 1e-5) + 1e-3


TOWN = cells(0, 0, 6, 9)
RIGHT: dict[str, Any] = {
    "measure_id": ["b", "c", "i", "r"],
    "kind": ["basin", "culvert", "infiltration", "raised_road"],
    "depth_m": [0.5, NAN, 1.0, NAN],
    "volume_m3": [NAN, NAN, 70.0, NAN],
    "capacity_l_s": [NAN, 250.0, NAN, NAN],
    "height_m": [NAN, NAN, NAN, 0.8],
}
SHAPES = [cells(3, 3, 3, 4), way((2, 2), (4, 2)), cells(1, 1, 1, 1), way((0, 6), (6, 6))]


def read(shapes: list[Any] | None = None, **columns: list[Any]) -> tuple[Measure, ...]:
    grid = scene_of(valley()).grid
    return measures_of(frame(shapes or SHAPES, **(RIGHT | columns)), grid=grid, municipality=TOWN)


def test_measures_are_read_by_id_with_the_volume_that_is_dug() -> None:
    found = {one.measure_id: one for one in read()}
    assert list(found) == ["b", "c", "i", "r"]
    assert found["b"].volume_m3 == pytest.approx(100.0)  # 200 m² × 0.5 m
    assert found["i"].volume_m3 == 70.0  # the volume goes before the depth
    assert found["c"].capacity_m3_s == 0.25
    assert found["r"].height_m == 0.8


@pytest.mark.parametrize(
    ("shapes", "columns", "message"),
    [
        (None, {"depth_m": [NAN, NAN, 1.0, NAN]}, "b: a measure of kind basin needs volume_m3 or depth_m"),
        (None, {"capacity_l_s": [NAN] * 4}, "c: a measure of kind culvert needs capacity_l_s"),
        (None, {"height_m": [NAN] * 4}, "r: a measure of kind raised_road needs height_m"),
        (None, {"height_m": [NAN, NAN, NAN, 0.0]}, "r: height_m is 0 → give a number above 0"),
        (None, {"depth_m": [-1.0, NAN, 1.0, NAN]}, "b: depth_m is -1"),
        (None, {"kind": ["pond", "culvert", "infiltration", "raised_road"]}, 'b: "pond" is no kind of measure'),
        (None, {"measure_id": ["b", "c", "c", "all"]}, "c: the measure_id stands twice"),
        (None, {"measure_id": ["b", "c", "i", "all"]}, "all: .* is the word for all measures together"),
        ([SHAPES[1], *SHAPES[1:]], {}, "b: it is a LineString, its kind basin needs a polygon"),
        ([*SHAPES[:3], SHAPES[0]], {}, "r: it is a Polygon, its kind raised_road needs a line"),
        ([SHAPES[0], shapely.MultiLineString([way((0, 0), (0, 2)), way((3, 3), (3, 5))]), *SHAPES[2:]], {}, "several"),
        ([SHAPES[0], way((2, 2), (2, 2)), *SHAPES[2:]], {}, "c: it begins and ends in one cell"),
        ([shapely.box(0, 0, 9, 9), *SHAPES[1:]], {}, "b: it lies outside the municipality"),
        ([cells(3, 9, 3, 10), *SHAPES[1:]], {}, "b: it reaches beyond the municipal boundary"),
        ([shapely.Polygon(), *SHAPES[1:]], {}, "b: it has no geometry"),
    ],
)
def test_what_cannot_be_built_is_refused(shapes: list[Any] | None, columns: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(shapes, **columns)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(DataError) as told:
        read([SHAPES[0], SHAPES[1], SHAPES[2], shapely.Point(0, 0)], depth_m=[NAN] * 4, capacity_l_s=[NAN] * 4)
    assert {fault.key for fault in told.value.faults} == {"b", "c", "r"}
    assert len(told.value.faults) == 4  # the raised road is a point, and lies outside


def test_a_measure_on_unknown_ground_is_refused() -> None:
    heights = valley()
    heights[2, 3] = np.nan  # beside the basin: its rim is unknown
    with pytest.raises(DataError, match="b: it lies where the terrain has no height"):
        measures_of(frame(SHAPES, **RIGHT), grid=scene_of(heights).grid, municipality=TOWN)
    wide = cells(0, -5, 6, 9)
    with pytest.raises(DataError, match="b: it lies where the terrain has no height"):
        measures_of(frame([cells(3, -2, 3, 0), *SHAPES[1:]], **RIGHT), grid=scene_of(valley()).grid, municipality=wide)


def part(inputs: dict[str, Any], scene: Scene, **assumptions: float) -> Found:
    """What the part finds on the valley, on its own cells."""
    values: dict[str, Any] = {wanted.name: 0.0 for wanted in RETENTION.assumptions} | {
        "measure_cell_m": CELL_M,
        "retention_depth_m": 0.5,
        "retention_max_slope_pct": 5.0,
        "retention_return_period_y": 100.0,
        "wet_least_slope_pct": 0.1,
        "drainage_line_min_ha": 0.3,
        **assumptions,
    }
    rows, cols = scene.grid.shape
    known: dict[str, Any] = {"municipality": frame([cells(0, 0, rows - 1, cols - 2)], name=["Toftby"]), **inputs}
    given = Given(known, values, lambda label, share: None)
    return RETENTION.compute(given, storms_on(scene, 5.0, 10.0), Found())


def test_sites_and_effects_of_a_plan() -> None:
    drawn = frame(
        [cells(3, 5, 3, 5), cells(3, 7, 3, 7), way((0, 8), (6, 8))],
        measure_id=["b", "i", "r"],
        kind=["basin", "infiltration", "raised_road"],
        volume_m3=[20.0, 4.0, NAN],
        height_m=[NAN, NAN, 3.0],
    )
    basins = frame(
        [cells(3, 2, 3, 2), cells(3, 10, 3, 10)],
        basin_id=["old", "outside"],
        volume_m3=[5.0, 9.0],
        sluice=pd.array([True, None], dtype="boolean"),
    )
    found = part({"measures": drawn, "basins": basins}, scene_of(valley()))
    sites = found.tables["measure_sites"].set_index("measure_id")
    assert sites["kind"].to_dict() == {
        "b": "basin", "i": "infiltration", "r": "raised_road", "old": "existing_basin",
    }  # fmt: skip
    # the basin that is there holds its 5 m³ before and after, and says so
    assert sites.loc["old", "note"] == "existing_sluice"
    assert sites.loc["old", ["room_m3", "stored_m3"]].tolist() == pytest.approx([5.0, 5.0], abs=1e-3)
    assert sites["room_m3"].isna().to_dict() == {"b": False, "i": False, "r": True, "old": False}
    assert sites["damage_change_dkk"].isna().all()  # the buildings are unknown
    assert sites.loc["b", "stored_m3"] == pytest.approx(20.0, abs=1e-3)
    assert sites.loc[["b", "i", "r"], "note"].tolist() == ["full", "full", "holds"]
    effects = found.tables["measure_effects"].set_index(["measure_id", "event_id", "target_kind"])
    assert effects.loc[("b", "10", "recipient"), "before"] == pytest.approx(65.0, abs=2e-3)
    assert effects.loc[("b", "10", "recipient"), "change"] == pytest.approx(-20.0, abs=2e-3)
    assert effects.loc[("i", "10", "lost"), "change"] == pytest.approx(4.0, abs=2e-3)
    together = effects.loc[("all", "10", "recipient"), "change"]
    alone = [effects.loc[(name, "10", "recipient"), "change"] for name in ("b", "i", "r")]
    assert sum(alone) <= together + 1e-2
    assert together <= min(alone) + 1e-2
    assert found.indicators["measures_held_m3"] == pytest.approx(-together, abs=2e-3)


def test_a_basin_that_the_terrain_shows_is_not_dug_again() -> None:
    heights = valley()
    heights[3, 2] -= 0.55  # 45 m³ below the next cell, which lies 0.1 m lower than this one did
    basins = frame([cells(3, 2, 3, 2)], basin_id=["old"], volume_m3=[45.0])
    scene = scene_of(heights)
    assert existing_of(basins, storms_on(scene)) == ()
    larger = existing_of(basins.assign(volume_m3=60.0), storms_on(scene))
    assert [one.volume_m3 for one in larger] == pytest.approx([15.0], abs=1e-2)
    unknown = existing_of(basins.assign(volume_m3=None), storms_on(scene))
    assert unknown == ()


def test_without_measures_the_tables_are_there_and_empty() -> None:
    found = part({}, scene_of(valley()))
    assert {name: len(found.tables[name]) for name in ("measure_sites", "measure_effects")} == {
        "measure_sites": 0, "measure_effects": 0,
    }  # fmt: skip
    assert found.indicators["measures_held_m3"] is None


def test_a_basin_dug_through_a_hollows_rim_says_so() -> None:
    # a hollow of 20 m³ in columns 2 and 3 of row 3, kept by column 4 at 19.6 m; the basin of 1 m³ takes its rim away
    heights = valley()
    heights[3, 2:4] = 19.5
    drawn = frame([cells(3, 4, 3, 5)], measure_id=["b"], kind=["basin"], volume_m3=[1.0])
    found = part({"measures": drawn}, scene_of(heights))
    assert found.tables["measure_sites"]["note"].tolist() == ["cuts"]
    assert found.indicators["measures_held_m3"] == pytest.approx(-19.0, abs=1e-3)


def test_the_carriageway_is_that_of_the_road_under_the_measure() -> None:
    roads = frame([way((0, 5), (6, 5)), way((0, 2), (6, 2)), way((0, 5), (6, 5))], carriageway_m=[30.0, 90.0, NAN])
    raised = measure("raised_road", way((1, 5), (4, 5)), height_m=1.0)
    assert carriageways_of([raised], roads, reach_m=CELL_M) == {"m": 30.0}
    far = measure("raised_road", way((1, 8), (4, 8)), height_m=1.0)
    assert carriageways_of([far], roads, reach_m=CELL_M) == {}
    assert carriageways_of([raised], None, reach_m=CELL_M) == {}
    assert carriageways_of([measure("basin", cells(3, 5, 3, 5), volume_m3=1.0)], roads, reach_m=CELL_M) == {}


def test_green_areas_and_wet_ground_of_the_valley() -> None:
    areas = frame([cells(3, 4, 3, 5), cells(0, 1, 0, 1)], area_id=["bund", "top"], name=["Engen", None])
    conflicts = frame([cells(3, 4, 3, 4)], kind=["section3"])
    found = part(
        {"green_areas": areas, "ground_conflicts": conflicts},
        scene_of(valley()),
        wet_index_min=3.0,
        wet_height_max_m=1.5,
    )
    sites = found.tables["green_sites"].set_index("area_id")
    # the dry top, without conflict, comes before the valley's floor: 42 m³ reach it, 0.5 m over 200 m² hold them
    assert sites["rank"].to_dict() == {"top": 1, "bund": 2}
    assert sites.loc["bund", "inflow_m3"] == pytest.approx(42.0)
    assert sites.loc["bund", "retention_m3"] == pytest.approx(42.0)
    assert sites.loc["bund", "conflicts"] == "section3"
    # at the top the ground is steeper than 5 %
    assert sites.loc["top", "retention_m3"] == 0.0
    assert found.indicators["green_free"] == 1.0
    wet = found.tables["wet_ground"]
    assert wet["kind"].tolist() == ["terrain"]
    assert wet.geometry.iloc[0].covers(cells(3, 3, 3, 8).centroid)
    assert set(found.rasters) == {"wetness_index", "height_above_stream_m"}
    assert any("kulstof2022" in note["da"] for note in found.notes)


def test_unknown_conflicts_are_said_and_not_taken_for_none() -> None:
    areas = frame([cells(3, 4, 3, 5)], area_id=["bund"])
    found = part({"green_areas": areas}, scene_of(valley()))
    assert found.tables["green_sites"]["conflicts"].tolist() == ["not_mapped"]
    assert found.indicators["green_free"] is None
    assert any("ikke kortlagt" in note["da"] for note in found.notes)


def test_without_a_design_rain_the_room_alone_ranks_and_that_is_said() -> None:
    areas = frame([cells(3, 4, 3, 5)], area_id=["bund"])
    found = part({"green_areas": areas}, scene_of(valley()), retention_return_period_y=50.0)
    assert found.tables["green_sites"]["retention_m3"].tolist() == pytest.approx([100.0])
    assert found.tables["green_sites"]["inflow_m3"].isna().all()
    assert any("deres rumfang alene tæller" in note["da"] for note in found.notes)
