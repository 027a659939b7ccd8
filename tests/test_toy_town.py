"""Lilleby end to end: the command line gives the figures of tests/toy_town/README.md, which are computed on paper."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from conftest import Command

from ballerup_geo.results import Result, read_result


@pytest.fixture(scope="module")
def rain(lilleby: Path) -> Result:
    return read_result(lilleby, "rainwater")


def rows(result: Result, table: str, key: str) -> dict[object, dict[str, object]]:
    frame = result.table(table)
    return {row[key]: row for row in frame.drop(columns="geometry").to_dict("records")}


def test_each_part_of_the_town_drains_to_the_recipient_that_paper_says(rain: Result) -> None:
    parts = rows(rain, "catchments", "recipient_id")
    area = {name: (part["area_m2"], part["share_pct"]) for name, part in parts.items()}
    assert area == {"east_lake": (30_000, 60), "west_brook": (18_000, 36), "none": (2_000, 4)}
    assert parts["west_brook"]["target_year"] == 2030


def test_the_divide_runs_along_the_ridge(rain: Result) -> None:
    frame = rain.table("catchments").set_index("recipient_id")
    assert frame.geometry["east_lake"].bounds == (700_190, 6_180_050, 700_340, 6_180_250)
    assert frame.geometry["west_brook"].bounds == (700_090, 6_180_070, 700_190, 6_180_250)
    assert frame.geometry["none"].bounds == (700_090, 6_180_050, 700_190, 6_180_070)


def test_the_flow_paths_have_the_lengths_and_drops_of_the_paper(rain: Result) -> None:
    paths = rows(rain, "flow_paths", "recipient_id")
    assert {
        name: (path["kind"], path["start_height_m"], path["length_m"], path["drop_m"]) for name, path in paths.items()
    } == {"east_lake": ("summit", 51, 170, 18), "west_brook": ("catchment_top", 49.75, 170, 8.75)}
    lines = rain.table("flow_paths").set_index("recipient_id").geometry
    assert list(lines["east_lake"].coords)[::17] == [(700_195, 6_180_145), (700_365, 6_180_145)]
    assert list(lines["west_brook"].coords)[::17] == [(700_185, 6_180_215), (700_015, 6_180_215)]


def test_the_hollow_is_the_one_on_paper(rain: Result) -> None:
    (hollow,) = rows(rain, "bluespots", "bluespot_id").values()
    assert {
        name: value
        for name, value in hollow.items()
        if name not in {"parts", "buildings", "dwellings", "roads_m", "critical"}
    } == {
        "bluespot_id": 1,
        "area_m2": 900,
        "volume_m3": 450,
        "max_depth_m": 0.5,
        "fill_mm": 75,
        "spill_level_m": 37.75,
        "recipient_id": "east_lake",
        "recipient_name": "Østsøen",
    }
    assert rain.table("bluespots").geometry[0].bounds == (700_280, 6_180_170, 700_310, 6_180_200)
    depth = rain.raster("depth_m")
    assert depth.array[10:13, 28:31].tolist() == [[0.5] * 3] * 3
    assert depth.array.sum() * depth.cell_area_m2 == 450


def test_only_the_hollows_outflow_gathers_half_a_hectare(rain: Result) -> None:
    assert len(rain.table("drainage_lines")) == 1


def test_the_headline_figures_and_the_target(rain: Result) -> None:
    values = {name: figure["value"] for name, figure in rain.indicators.items()}
    assert {name: values[name] for name in list(values)[:6]} == {
        "highest_point_m": 51,
        "area_km2": 0.05,
        "recipients_reached": 2,
        "to_recipients_pct": 96,
        "bluespots": 1,
        "bluespot_volume_m3": 450,
    }
    assert rain.indicators["bluespot_volume_m3"]["status"] == "not_reached"  # 450 m³ > 400 m³
    assert not rain.modelled


def test_the_streets_and_houses_add_up(toy_town: Path) -> None:
    read = {name: gpd.read_file(toy_town / f"data/{name}.geojson") for name in ("roads", "buildings", "addresses")}
    assert read["roads"].length.sum() == 665
    assert len(read["buildings"]) == 12
    assert read["buildings"]["floor_area_m2"].sum() == 1_700
    assert read["buildings"]["dwellings"].sum() == read["addresses"]["dwellings"].sum() == 18
    assert read["addresses"]["residents"].sum() == 36


def test_every_output_of_a_run_is_there(lilleby: Path) -> None:
    written = {path.relative_to(lilleby).as_posix() for path in (lilleby / "results").rglob("*") if path.is_file()}
    tables = ("catchments", "flow_paths", "high_point", "bluespots", "drainage_lines")
    assert {f"results/rainwater/{name}.parquet" for name in tables} <= written
    assert {f"results/rainwater/{name}.tif" for name in ("depth_m", "directions", "recipient")} <= written
    assert {f"results/rainwater/{name}" for name in ("rainwater.gpkg", "indicators.json", "run.json")} <= written
    assert {"results/history.csv", "results/layers/terrain.tif", "results/layers/municipality.parquet"} <= written
    assert (lilleby / "site" / "index.html").is_file()
    assert (lilleby / "site" / "rainwater" / "index.html").is_file()
    assert not [path for path in written if ".new-" in path or ".old-" in path]


def test_a_second_run_computes_nothing_and_says_so(lilleby: Path, toy_town: Path, process: Command) -> None:
    before = {path: path.read_bytes() for path in sorted((lilleby / "results").rglob("*")) if path.is_file()}
    assert len(before) > 10
    done = process("run", "--project", toy_town, "--out", lilleby, "--json", cwd=lilleby)
    said = json.loads(done.out)
    assert (said["computed"], said["unchanged"], said["data"]) == ([], ["rainwater"], "kept")
    assert {path: path.read_bytes() for path in before} == before
    assert said["index"] == str(lilleby / "site" / "index.html")


def test_the_same_inputs_give_the_same_bytes(lilleby: Path, toy_town: Path, tmp_path: Path, process: Command) -> None:
    assert process("run", "--project", toy_town, "--out", tmp_path, "--quiet", cwd=tmp_path).code == 0
    timed = {"run.json", "history.csv"}  # they say when
    first, second = (
        {
            path.relative_to(out): path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file() and path.name not in timed and path.parent.name != "layers" and path.suffix != ".lock"
        }
        for out in (lilleby, tmp_path)
    )
    assert len(first) > 15
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name] != second[name]] == []
