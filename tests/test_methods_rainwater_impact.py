"""What the rains touch on one small hollow, worked out on paper; and what is said where layers are missing."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine

from ballerup_geo.methods._part import Found
from ballerup_geo.methods.rainwater._impact import IMPACT, annual_damage_dkk
from ballerup_geo.methods.rainwater._rain import Rain, Soaking
from ballerup_geo.methods.rainwater._scene import Scene
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Given

WEST, NORTH, CELL_M = 700_000.0, 6_180_000.0, 10.0
ASSUMPTIONS = {
    "touched_depth_m": 0.1,
    "road_cut_depth_m": 0.3,
    "critical_reach_m": 10.0,
    "damage_dwelling_dkk_m2": 1000.0,
    "damage_business_dkk_m2": 5000.0,
    "damage_public_dkk_m2": 3000.0,
    "damage_other_dkk_m2": 300.0,
    "damage_basement_dkk_m2": 0.0,
    "damage_shallow_share": 0.5,
    "damage_full_depth_m": 0.3,
    "damage_begins_y": 5.0,
}


def basin() -> np.ndarray[Any, Any]:
    """10 × 10 cells of 100 m²: a floor of 8 × 8 cells at 10 m inside a wall of 12 m, which spills at 11 m in a corner.

    Nothing leaves before the floor is 1 m deep, so on the floor rain of 64 mm and more stands as high as
    rain × 10 000 m² / 6400 m²: the wall's own rain runs in as well.
    """
    heights = np.full((10, 10), 12.0, np.float32)
    heights[1:9, 1:9] = 10.0
    heights[0, 0] = 11.0
    return heights


def box(first_row: float, first_col: float, end_row: float, end_col: float) -> shapely.Polygon:
    return shapely.box(WEST + first_col * 10, NORTH - end_row * 10, WEST + end_col * 10, NORTH - first_row * 10)


def frame(geometries: list[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometries, crs=CRS), crs=CRS)


def houses() -> gpd.GeoDataFrame:
    """Two houses of 400 m² on the floor, one on the wall's outer edge, a plan, and one far away."""
    return frame(
        [box(3, 3, 5, 5), box(6, 6, 8, 8), box(-2, 9.6, -1, 10.6), box(2, 6, 4, 8), box(500, 500, 501, 501)],
        building_id=["home", "shop", "edge", "planned", "far"],
        use_code=[120, 322, 120, 120, 120],
        status=[6, 6, 6, 2, 6],
        dwellings=[2, 0, 1, 9, 5],
    )


def rain(event_id: str, period_y: float, rain_mm: float, *, factor: float = 1.0, sourced: bool = True) -> Rain:
    return Rain(event_id, period_y, 10.0, rain_mm, factor, sourced)


RAINS = (
    rain("small", 1.0, 32.0),
    rain("large", 10.0, 128.0),
    rain("future", 10.0, 192.0, factor=1.5),
    rain("huge", 100.0, 256.0, sourced=False),
)


def storms(rains: tuple[Rain, ...] | None = RAINS) -> Storms:
    grid = Raster(basin(), Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH), float("nan"))
    outlets = np.zeros(grid.shape, np.uint8)
    outlets[1:9, 1:5] = 1  # the western half of the floor is a place that water reaches
    scene = Scene(
        grid=grid,
        town=np.ones(grid.shape, bool),
        runoff=np.ones(grid.shape, np.float32),
        sealed=np.ones(grid.shape, bool),
        recipients=frame([box(1, 1, 9, 5)], recipient_id=["west"], name=["Vest"], kind=["area"]),
        outlets=outlets,
        neighbours=None,
        neighbour=np.zeros(grid.shape, np.uint8),
    )
    return Storms(scene, rains, Soaking(0.0, 1.0))


def silent(label: str, share: float) -> None:
    """No progress."""


def found(rains: tuple[Rain, ...] | None = RAINS, **inputs: Any) -> Found:
    layers: dict[str, Any] = {
        "buildings": houses(),
        "roads": frame(
            [shapely.LineString([(WEST, NORTH - 45), (WEST + 100, NORTH - 45)])],
            road_id=["r"],
            name=["Toftvej"],
            **{"class": ["tertiary"]},
        ),
        "critical_functions": frame(
            [shapely.Point(WEST + 40, NORTH - 40), shapely.Point(WEST - 500, NORTH)],
            function_id=["pump", "away"],
            kind=["pumping_station", "station"],
            name=["Pumpen", None],
        ),
        **inputs,
    }
    given = Given(inputs=layers, assumptions=ASSUMPTIONS, progress=silent)
    return IMPACT.compute(given, storms(rains), Found())


def depth_on_floor(rains: tuple[Rain, ...] = RAINS) -> list[float]:
    on = storms(rains)
    return [float(on.depth_m(one)[4, 4]) for one in rains]


def test_the_depths_are_those_of_the_paper() -> None:
    # nearly all of 10 000 m² drains to a floor of 6400 m²; the corner and the wall beside it may run off elsewhere
    for one, depth_m in zip(RAINS, depth_on_floor(), strict=True):
        assert 0.8 * one.rain_mm * 10 / 6400 <= depth_m <= one.rain_mm * 10 / 6400 * 1.0001


def test_buildings_roads_and_functions_by_event() -> None:
    small, large, future, huge = depth_on_floor()
    assert small < 0.1 < large < 0.3 < huge
    events = found().columns["events"]
    assert events.index.tolist() == ["small", "large", "future", "huge"]
    assert events["buildings"].tolist() == [0, 2, 2, 2]
    assert events["dwellings"].tolist() == [0, 2, 2, 2]
    assert events["critical"].tolist() == [0, 1, 1, 1]
    cut = [80.0 if depth_m >= 0.3 else 0.0 for depth_m in (small, large, future, huge)]
    assert events["roads_m"].tolist() == pytest.approx(cut)
    # half of 400 m² × (1000 + 5000) below 0.3 m, all of it from there on
    full = 400.0 * 6000.0
    expected = [0.0, full / 2, full if future >= 0.3 else full / 2, full]
    assert events["damage_dkk"].tolist() == pytest.approx(expected)


def test_the_tables_agree_with_the_events() -> None:
    outcome = found()
    touched, events = outcome.tables["touched_buildings"], outcome.columns["events"]
    assert touched["building_id"].tolist() == ["home", "shop"]
    assert touched["use"].tolist() == ["dwelling", "business"]
    assert touched["touched_from_mm"].tolist() == [128.0, 128.0]
    for one, count in zip(RAINS, events["buildings"], strict=True):
        assert (touched["touched_from_mm"] <= one.rain_mm).sum() == count
    roads = outcome.tables["cut_roads"]
    for one, length_m in zip(RAINS, events["roads_m"], strict=True):
        assert roads.loc[roads["cut_from_mm"] <= one.rain_mm, "length_m"].sum() == pytest.approx(length_m)
    critical = outcome.tables["critical_touched"]
    assert critical["function_id"].tolist() == ["pump"]
    assert critical["touched_from_mm"].tolist() == [128.0]


def test_annual_damage_of_today_and_of_the_climate_to_come() -> None:
    outcome = found()
    events, annual = outcome.columns["events"]["damage_dkk"], outcome.tables["annual_damage"].set_index("scenario")
    # p: 0.2 at T=5, 0.1 at T=10, 0.01 at T=100
    today = 0.1 * events["large"] / 2 + 0.09 * (events["large"] + events["huge"]) / 2 + 0.01 * events["huge"]
    assert annual.loc["today", "ead_dkk"] == pytest.approx(today)
    assert annual.loc["today", "change_dkk"] == 0.0
    climate = 0.1 * events["future"] / 2 + 0.1 * events["future"]
    assert annual.loc["climate", "ead_dkk"] == pytest.approx(climate)
    assert annual.loc["climate", "change_dkk"] == pytest.approx(climate - today)
    assert outcome.tables["touched_buildings"]["damage_dkk_y"].sum() == pytest.approx(today)
    assert outcome.indicators["annual_damage_dkk"] == pytest.approx(today)


def test_what_stands_in_the_bluespot() -> None:
    outcome = found()
    spot = outcome.columns["bluespots"].loc[1]
    # full, the floor is 1 m deep: the road lies on it for 80 m
    assert (spot["parts"], spot["buildings"], spot["dwellings"], spot["critical"]) == (0, 2, 2, 1)
    assert spot["roads_m"] == pytest.approx(80.0)
    assert outcome.tables["hollows"]["spill_level_m"].tolist() == [11.0]


def test_buildings_in_a_place_that_water_reaches() -> None:
    areas = found().columns["event_areas"]
    # the home's façades lie in columns 2–5, the shop's in 5–8
    assert areas["buildings"].to_dict() == {
        ("small", "west"): 0,
        ("large", "west"): 1,
        ("future", "west"): 1,
        ("huge", "west"): 1,
    }


def test_nothing_is_dropped_without_a_word() -> None:
    notes = " ".join(words["da"] for words in found().notes)
    assert "2 bygninger har ingen form eller ligger uden for terrænmodellen" in notes
    assert "1 kritiske funktioner ligger uden for terrænmodellen" in notes
    assert "Kældre er ukendte" in notes
    assert "regn uden kilde: huge" in notes


def test_a_building_of_unknown_use_is_touched_and_costs_nobody_knows_what() -> None:
    outcome = found(buildings=houses().assign(use_code=[120, 12345, 120, 120, 120]))
    touched = outcome.tables["touched_buildings"].set_index("building_id")
    assert touched.loc["shop", "use"] == "unknown"
    assert math.isnan(touched.loc["shop", "damage_dkk_y"])
    assert outcome.columns["events"]["damage_dkk"]["huge"] == pytest.approx(400_000.0)
    assert any("1 berørte bygninger har en ukendt anvendelse" in words["da"] for words in outcome.notes)


def test_layers_that_are_unknown_give_no_figures() -> None:
    outcome = found(buildings=None, roads=None, critical_functions=None)
    assert outcome.columns["events"].columns.tolist() == []
    assert outcome.columns["bluespots"].columns.tolist() == ["parts"]
    assert outcome.indicators == {"buildings_touched": None, "annual_damage_dkk": None}
    assert outcome.tables["annual_damage"]["ead_dkk"].isna().all()
    assert len(outcome.notes) == 3
    for table in IMPACT.tables:
        assert {column.name for column in table.columns} == set(outcome.tables[table.name].columns) - {"geometry"}


def test_without_rain_events_there_is_no_answer_but_the_bluespots() -> None:
    outcome = found(rains=None)
    assert len(outcome.tables["touched_buildings"]) == 0
    assert len(outcome.columns["events"]) == 0
    assert outcome.columns["bluespots"].loc[1, "buildings"] == 2
    assert outcome.indicators["buildings_touched"] is None


def test_every_declared_column_is_there() -> None:
    outcome = found()
    for table in IMPACT.tables:
        assert {column.name for column in table.columns} == set(outcome.tables[table.name].columns) - {"geometry"}
    assert {indicator.name for indicator in IMPACT.indicators} == set(outcome.indicators)


def test_a_smaller_rain_that_touches_more_is_told() -> None:
    told = [
        any("sammenlign kun" in words["da"] for words in found(rains=rains).notes) for rains in (RAINS, RAINS[::-1])
    ]
    assert told == [False, True]


def test_climates_are_kept_apart() -> None:
    rains = (rain("a", 10.0, 10.0), rain("b", 10.0, 13.0, factor=1.3))
    assert annual_damage_dkk(np.array([1000.0, 9000.0]), rains, begins_y=5.0) == pytest.approx(150.0)
    assert annual_damage_dkk(np.array([1000.0, 9000.0]), rains, begins_y=5.0, future=True) == pytest.approx(1350.0)


def test_a_function_in_a_house_is_judged_at_its_facade() -> None:
    # a house of 6 × 6 cells around ground that stands a metre higher under its floor: the middle is dry
    big = frame([box(2, 2, 8, 8)], building_id=["hall"], use_code=[421], status=[6])
    on = storms()
    on.scene.grid.array[4:6, 4:6] = 11.5
    layers = {
        "buildings": big,
        "roads": None,
        "critical_functions": frame([shapely.Point(WEST + 50, NORTH - 50)], function_id=["school"], kind=["x"]),
    }
    given = Given(
        inputs=layers, assumptions=ASSUMPTIONS | {"critical_reach_m": 0.0}, progress=lambda label, share: None
    )
    inside = IMPACT.compute(given, on, Found())
    assert inside.tables["critical_touched"]["function_id"].tolist() == ["school"]
    alone = Given(inputs=layers | {"buildings": None}, assumptions=given.assumptions, progress=given.progress)
    assert len(IMPACT.compute(alone, on, Found()).tables["critical_touched"]) == 0


def test_the_same_rows_whatever_their_order() -> None:
    turned = houses().iloc[::-1].set_index(pd.Index([40, 30, 20, 10, 0]))
    one, other = found().tables, found(buildings=turned).tables
    pd.testing.assert_frame_equal(one["touched_buildings"], other["touched_buildings"])


@pytest.mark.parametrize(
    ("layer", "column", "table", "left_out"),
    [("roads", "class", "cut_roads", {"path"}), ("critical_functions", "kind", "critical_touched", set())],
)
def test_words_are_those_of_the_layer(root: Path, layer: str, column: str, table: str, left_out: set[str]) -> None:
    codes = tomllib.loads((root / "layers" / f"{layer}.toml").read_text(encoding="utf-8"))["columns"][column]["codes"]
    declared = next(one for one in IMPACT.tables if one.name == table)
    said = next(one for one in declared.columns if one.name == column).codes or {}
    assert len(codes) > 5
    assert {code: {"da": words.da, "en": words.en} for code, words in said.items()} == {
        code: words for code, words in codes.items() if code not in left_out
    }
