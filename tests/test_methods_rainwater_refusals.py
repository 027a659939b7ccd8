"""Inputs that allow no answer are refused, each with what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from ridge_maker import answer, cells, frame, given_of, rains, ridge, way, west_and_east

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.methods.rainwater import rainwater
from ballerup_geo.methods.rainwater._words import cut_upstream

RAIN = ("t10", 10.0, 60.0, 50.0, 1.0, "x")
SQUARE = [cells(0, 1, 1, 2)]


def chained(kinds: list[str], onward: list[str | None]) -> dict[str, Any]:
    return {"recipients": west_and_east().assign(kind=kinds, downstream_id=onward)}


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            {"municipality": frame([shapely.box(0, 0, 10, 10)], name=["Langtvæk"])},
            "terrain: no cell of it lies in the municipality",
        ),
        (
            {"municipality": frame([cells(0, 1, 13, 9)], name=["Toftby"])},
            "terrain: leaves out 50 % of the municipality: 6,300 m² lie beyond it, and 0 cells have no height → choose",
        ),
        (
            {"recipients": frame([shapely.Point(0, 0)], recipient_id=["far"], name=["Fjern"])},
            "recipients: all lie outside the terrain raster",
        ),
        (
            {"recipients": frame([cells(0, 0, 6, 0)], recipient_id=["none"], name=["Bækken"])},
            'a recipient is called "none"',
        ),
    ],
)
def test_questions_without_an_answer(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(MethodError, match=message):
        answer(**inputs)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"rain_events": rains(("t", 10.0, 60.0, -5.0, 1.0, "x"))}, r"rain_events: rain_mm \(t\): -5.0 is not above 0"),
        ({"rain_events": rains(("t", 10.0, 60.0, np.nan, 1.0, "x"))}, r"rain_mm \(t\): nan is not above 0"),
        ({"rain_events": rains(("t", 10.0, 0.0, 5.0, 1.0, "x"))}, r"duration_min \(t\): 0.0 is not above 0"),
        ({"rain_events": rains(("t", -1.0, 9.0, 5.0, 1.0, "x"))}, r"return_period_y \(t\): -1.0 is not above 0"),
        ({"rain_events": rains(RAIN, RAIN)}, "rain_events: event_id: t10 stands twice"),
        (
            {"culverts": frame([way(3, 7, 10)], culvert_id=["c"]), "heights": (3, 10)},
            "culverts: c: an end lies where the terrain has no height → move it",
        ),
        (
            {"culverts": frame([way(3, 9, 14)], culvert_id=["c"])},
            "culverts: c: an end lies where the terrain has no height",
        ),
        (
            {"culverts": frame([way(3, 4, 10)], culvert_id=["deep"])},
            "culverts: deep: its ends differ by 6.5 m in height, more than 5 m → move the ends",
        ),
        ({"land_cover": frame(SQUARE, cover=["lava"])}, "land_cover: cover: lava: no known cover → use roof, road"),
        (
            {"sewer_areas": frame(SQUARE, sewer_area_id=["k"], system=["separate"], outlet_recipient=["sea"])},
            r'sewer_areas: outlet_recipient \(k\): leads to "sea", which is no recipient',
        ),
        (
            chained(["reach", "outlet"], [None, None]),
            r"recipients: downstream_id \(west\): water passes through, but to",
        ),
        (
            chained(["outlet", "outlet"], ["sea", None]),
            r'downstream_id \(west\): leads to "sea", which is no recipient',
        ),
        (chained(["reach", "reach"], ["east", "west"]), "water runs in a circle: east → west → east"),
        (chained(["outlet", "outlet"], ["west", None]), "water runs in a circle: west → west"),
        (chained(["lake", "outlet"], [None, None]), r'recipients: kind \(west\): "lake" is no kind → use outlet'),
    ],
)
def test_data_that_cannot_be(inputs: dict[str, Any], message: str) -> None:
    heights = ridge()
    hole = inputs.pop("heights", None)
    if hole is not None:
        heights[hole] = np.nan
    with pytest.raises(DataError, match=message):
        answer(heights, **inputs)


def test_all_faults_of_a_chain_are_told_at_once() -> None:
    with pytest.raises(DataError) as told:
        answer(**chained(["reach", "lake"], ["sea", None]))
    assert len(told.value.faults) == 2


def test_a_recipient_that_stands_twice_is_refused() -> None:
    both = west_and_east().assign(recipient_id=["west", "west"])
    with pytest.raises(DataError, match=r"recipient_id \(west\): stands twice"):
        answer(recipients=both)


def test_a_terrain_without_any_height_is_refused() -> None:
    with pytest.raises(MethodError, match="no cell in the municipality has a height"):
        answer(np.full((7, 11), np.nan, np.float32))


def test_cells_without_height_are_refused_beyond_what_the_analysis_allows() -> None:
    heights = ridge()
    heights[:2, 2:5] = np.nan  # 6 of 63 cells
    with pytest.raises(
        MethodError, match=r"leaves out 9\.5 % of the municipality: 0 m² lie beyond it, and 6 cells have"
    ):
        answer(heights)


def test_a_coefficient_beyond_1_is_refused() -> None:
    values = {"runoff_unmapped": 1.5}
    sewers = frame([], sewer_area_id=[], system=[])
    with pytest.raises(DataError, match="runoff: values that cannot be → give finite numbers, from 0 to 1"):
        rainwater(given_of(assumptions=values, rain_events=rains(RAIN), sewer_areas=sewers))


def test_a_culvert_drawn_uphill_carries_the_same() -> None:
    down, up = (frame([way(3, *ends)], culvert_id=["c"]) for ends in ((7, 9), (9, 7)))
    assert len(answer(culverts=down).tables["bluespots"]) == len(answer(culverts=up).tables["bluespots"]) == 0


def test_culverts_that_the_terrain_cannot_show_are_counted() -> None:
    # one within a cell, one far away; a third, in two parts, stays
    far = shapely.LineString([(0, 0), (100, 0)])
    short = shapely.LineString([way(3, 7, 7).centroid, way(3, 7, 7).centroid])
    parts = shapely.MultiLineString([way(3, 7, 9), way(3, 9, 10)])
    outcome = answer(culverts=frame([far, short, parts], culvert_id=["far", "short", "parts"]))
    assert any("2 underløb er ikke med" in note["da"] for note in outcome.notes)
    assert len(outcome.tables["bluespots"]) == 0


def test_a_recipient_beyond_the_terrain_is_named() -> None:
    recipients = west_and_east()
    recipients.loc[0, "geometry"] = shapely.Point(0, 0)
    notes = [note["da"] for note in answer(recipients=recipients).notes]
    assert "Uden for terrænet, så intet vand når dem direkte: Vestbækken." in notes


def test_ground_cut_off_upstream_is_told_and_refused_where_it_is_much() -> None:
    # the municipality is the foot of the eastern slope, columns 8 and 9. Columns 5-7 drain into it, in the rows at the
    # terrain's edge as well, and the foot itself lies at that edge
    foot = frame([cells(0, 8, 6, 9)], name=["Foden"])
    notes = [note["da"] for note in answer(municipality=foot).notes]
    assert any("uden for kommunen afvander ind i den" in note and "skærer over" in note for note in notes)
    assert any("Terrænet ender i kommunen eller ved dens grænse" in note for note in notes)
    given = given_of(assumptions={"upstream_cut_max_pct": 1.0}, municipality=foot)
    with pytest.raises(MethodError, match="ends within the ground that drains into the municipality"):
        rainwater(given)


def test_a_divide_inside_the_terrain_is_not_cut_off() -> None:
    # a pyramid: nothing flows in from beyond the terrain, and nothing is said
    rows, cols = np.mgrid[0:9, 0:9]
    heights = (20.0 - np.maximum(abs(rows - 4), abs(cols - 4)) - 0.01 * rows).astype(np.float32)
    inside = frame([cells(2, 2, 6, 6)], name=["Toppen"])
    recipients = frame([cells(0, 0, 8, 0)], recipient_id=["west"], name=["Vestbækken"])
    notes = [note["da"] for note in answer(heights, municipality=inside, recipients=recipients).notes]
    assert not any("skærer over" in note or "Terrænet ender" in note for note in notes)


def test_less_than_a_hectare_is_not_written_as_none() -> None:
    told = cut_upstream(4_000.0, 3_000.0)
    assert told["da"].startswith("Under 1 ha uden for kommunen afvander ind i den. Under 1 ha af dem hører til oplande")
    assert cut_upstream(24_000.0, 3_000.0)["en"].startswith(
        "2 ha outside the municipality drain into it. Less than 1 ha"
    )
