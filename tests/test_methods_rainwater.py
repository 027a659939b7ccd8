"""The rainwater method on a ridge that a pupil can compute on paper."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from ridge_maker import NORTH, WEST, answer, cells, frame, raster_of, ridge, way

from ballerup_geo.methods.rainwater import METHOD


def test_the_ridge_divides_the_municipality() -> None:
    table = answer().tables["catchments"].set_index("recipient_id")
    # 9 × 7 cells of 100 m²; the columns 1–3 and the half of the ridge that drains west, the rest east
    assert table["area_m2"].sum() == 6300.0
    assert table["share_pct"].sum() == pytest.approx(100.0)
    assert table.loc["west", "area_m2"] + table.loc["east", "area_m2"] == 6300.0
    assert table.loc["west", "area_m2"] >= 7 * 3 * 100.0
    assert table.loc["east", "area_m2"] >= 7 * 5 * 100.0
    assert table.loc["west", "target_year"] == 2024
    assert shapely.is_valid(table.geometry.to_numpy()).all()


def test_the_hollow_holds_what_paper_says() -> None:
    spots = answer().tables["bluespots"]
    assert len(spots) == 1
    spot = spots.iloc[0]
    assert (spot["area_m2"], spot["volume_m3"], spot["max_depth_m"]) == (200.0, 300.0, 1.5)
    assert spot["spill_level_m"] == 16.5
    assert spot["recipient_id"] == "east"
    assert spot.geometry.equals(cells(3, 6, 3, 7))


def test_a_hollow_on_the_boundary_counts_whole() -> None:
    # the municipality ends between the hollow's two cells
    spots = answer(municipality=frame([cells(0, 1, 6, 6)], name=["Toftby"])).tables["bluespots"]
    assert spots["volume_m3"].tolist() == [300.0]


def test_the_highest_point_and_a_path_to_each_recipient() -> None:
    outcome = answer()
    assert outcome.indicators["highest_point_m"] == 20.5
    assert outcome.tables["high_point"].geometry.iloc[0].coords[0] == (WEST + 45.0, NORTH - 35.0)
    paths = outcome.tables["flow_paths"].set_index("recipient_id")
    assert set(paths.index) == {"west", "east"}
    assert sorted(paths["kind"]) == ["catchment_top", "summit"]
    assert outcome.indicators["recipients_reached"] == 2
    top = paths[paths["kind"] == "summit"].iloc[0]
    assert top["start_height_m"] == 20.5
    assert top.geometry.coords[0] == (WEST + 45.0, NORTH - 35.0)
    assert paths.loc["west"].geometry.coords[-1][0] == WEST + 5.0
    assert paths.loc["east"].geometry.coords[-1][0] == WEST + 105.0


def test_a_culvert_empties_the_hollow_behind_its_dam() -> None:
    # from the hollow (row 3, column 7) under the dam to column 9, where the slope is at 15.0
    culvert = frame([way(3, 7, 9)], culvert_id=["c"])
    assert len(answer(culverts=culvert).tables["bluespots"]) == 0


def test_drainage_lines_gather_downhill() -> None:
    lines = answer().tables["drainage_lines"]
    assert len(lines) > 0
    assert (lines["upstream_ha"] >= 0.03).all()
    assert lines["line_id"].is_unique


def test_recipients_keep_their_numbers_however_many_they_are() -> None:
    # 300 points on the eastern edge, all in one cell: the last stands in the raster, and has number 301
    names = [f"{number:03d}" for number in range(301)]
    points = [shapely.Point(WEST + 105.0, NORTH - 35.0 + number * 0.001) for number in range(300)]
    recipients = frame([cells(0, 0, 6, 0), *points], recipient_id=names, name=names)
    outcome = answer(recipients=recipients)
    assert set(np.unique(raster_of(outcome, "recipient").array)) == {0, 1, 301}
    assert set(outcome.tables["catchments"]["recipient_id"]) == {"000", "300", "none"}


def test_every_declared_output_is_there() -> None:
    outcome = answer()
    for table in METHOD.tables:
        assert {column.name for column in table.columns} == set(outcome.tables[table.name].columns) - {"geometry"}
    assert {raster.name for raster in METHOD.rasters if raster.each is None} == set(outcome.rasters)  # no events
    assert {indicator.name for indicator in METHOD.indicators} == set(outcome.indicators)
    assert "%" in outcome.answer["da"]


def test_without_recipients_the_answer_says_so() -> None:
    outcome = answer(recipients=None)
    assert outcome.tables["catchments"]["recipient_id"].tolist() == ["none"]
    assert outcome.indicators["recipients_reached"] is None
    assert any("Recipienterne er ikke kortlagt" in note["da"] for note in outcome.notes)
    assert outcome.answer["da"] == "Regnen løber én vej: af kommunens areal afvander 100 % ud over kortets kant."
    assert outcome.answer["en"].startswith("The rain runs one way: of the municipality's area, 100 % drains beyond")


def test_cells_without_height_are_counted() -> None:
    heights = ridge()
    heights[0, 2] = np.nan
    outcome = answer(heights)
    assert outcome.tables["catchments"]["area_m2"].sum() == 6200.0
    assert any("1 terrænceller har ingen højde" in note["da"] for note in outcome.notes)


def test_heights_are_not_more_exact_than_the_terrain() -> None:
    heights = ridge()
    heights[3, 4] = 20.2  # no float32 number: 20.2 is kept as 20.20000076…
    outcome = answer(heights)
    assert outcome.indicators["highest_point_m"] == 20.2
    assert outcome.tables["high_point"]["height_m"].tolist() == [20.2]


def test_a_recipient_under_another_is_not_said_to_lie_beyond_the_terrain() -> None:
    pond = cells(0, 10, 6, 10)
    both = frame([pond, pond], recipient_id=["a", "b"], name=["Nederst", "Øverst"])
    outcome = answer(recipients=both)
    said = [note["da"] for note in outcome.notes]
    assert "Dækket af en anden recipient, så intet vand når dem først: Nederst." in said
    assert not any("Uden for terrænet" in note for note in said)


def test_where_all_ground_is_a_recipient_there_is_no_way_to_draw() -> None:
    everywhere = frame([cells(0, 0, 6, 10)], recipient_id=["a"], name=["Engen"], kind=["area"])
    outcome = answer(recipients=everywhere)
    assert len(outcome.tables["flow_paths"]) == 0
    assert outcome.indicators["recipients_reached"] == 1.0
    assert outcome.indicators["to_recipients_pct"] == 100.0
