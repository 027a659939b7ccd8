"""The rainwater method on a ridge that a pupil can compute on paper."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.methods.rainwater import METHOD, rainwater
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Given, Outcome

WEST, NORTH, CELL_M = 700_000.0, 6_180_000.0, 10.0


def cells(first_row: int, first_col: int, last_row: int, last_col: int) -> shapely.Polygon:
    """The rectangle of whole cells, both ends included."""
    return shapely.box(
        WEST + first_col * CELL_M,
        NORTH - (last_row + 1) * CELL_M,
        WEST + (last_col + 1) * CELL_M,
        NORTH - first_row * CELL_M,
    )


def frame(geometries: list[shapely.Geometry], **columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometries, crs=CRS), crs=CRS)


def ridge() -> np.ndarray[Any, Any]:
    """7 rows × 11 columns: a ridge in column 4, one metre down a cell to both sides; the top, 20.5 m, in row 3.

    In row 3, columns 6 and 7, lies a hollow down to 15.0 m, walled by 18 m to the north and south and by 16.5 m to the
    east. There it spills: 1.5 m deep in both cells, 2 × 100 m² × 1.5 m = 300 m³.
    """
    cols = np.arange(11)
    heights = np.tile(20.0 - np.abs(cols - 4.0), (7, 1)).astype(np.float32)
    heights[3, 4] = 20.5
    heights[3, 6:8] = 15.0
    heights[3, 8] = 16.5
    heights[2, 6:9] = heights[4, 6:9] = 18.0
    return heights


def west_and_east() -> gpd.GeoDataFrame:
    north, south = NORTH, NORTH - 70.0
    lines = [shapely.LineString([(x, north), (x, south)]) for x in (WEST + 5.0, WEST + 105.0)]
    return frame(lines, recipient_id=["west", "east"], name=["Vestbækken", "Østbækken"], target_year=[2024, None])


def answer(heights: np.ndarray[Any, Any] | None = None, **inputs: Any) -> Outcome:
    grid = Raster(ridge() if heights is None else heights, Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH), float("nan"))
    given: dict[str, Any] = {
        "terrain": grid,
        "municipality": frame([cells(0, 1, 6, 9)], name=["Toftby"]),
        "recipients": west_and_east(),
        **dict.fromkeys(("culverts", "neighbours", "land_cover", "sewer_areas", "rain_events")),
        **inputs,
    }
    assumptions = {wanted.name: wanted.minimum or 0.0 for wanted in METHOD.assumptions} | {
        "bluespot_min_depth_m": 0.1,
        "bluespot_min_volume_m3": 10.0,
        "drainage_line_min_ha": 0.03,
        "culvert_max_drop_m": 5.0,
        "terrain_gap_max_pct": 5.0,
        "upstream_cut_max_pct": 200.0,
    }
    return rainwater(Given(inputs=given, assumptions=assumptions, progress=lambda label, share: None))


def raster_of(outcome: Outcome, name: str) -> Raster:
    made = outcome.rasters[name]
    return made if isinstance(made, Raster) else made()


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
    culvert = frame([shapely.LineString([(WEST + 75.0, NORTH - 35.0), (WEST + 95.0, NORTH - 35.0)])], culvert_id=["c"])
    assert len(answer(culverts=culvert).tables["bluespots"]) == 0


def test_a_culvert_that_ends_where_no_height_is_known_is_refused() -> None:
    # as above, but on to column 10, whose height nobody knows
    culvert = frame([shapely.LineString([(WEST + 75.0, NORTH - 35.0), (WEST + 105.0, NORTH - 35.0)])], culvert_id=["c"])
    heights = ridge()
    heights[3, 10] = np.nan
    with pytest.raises(DataError, match="culverts: c: an end lies where the terrain has no height"):
        answer(heights, culverts=culvert)


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


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            {"municipality": frame([shapely.box(0, 0, 10, 10)], name=["Langtvæk"])},
            "no cell of it lies in the municipality",
        ),
        (
            {"recipients": frame([shapely.Point(0, 0)], recipient_id=["far"], name=["Fjern"])},
            "all lie outside the terrain raster",
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


def test_a_terrain_without_any_height_is_refused() -> None:
    with pytest.raises(MethodError, match="no cell in the municipality has a height"):
        answer(np.full((7, 11), np.nan, np.float32))


def test_heights_are_not_more_exact_than_the_terrain() -> None:
    heights = ridge()
    heights[3, 4] = 20.2  # no float32 number: 20.2 is kept as 20.20000076…
    outcome = answer(heights)
    assert outcome.indicators["highest_point_m"] == 20.2
    assert outcome.tables["high_point"]["height_m"].tolist() == [20.2]
