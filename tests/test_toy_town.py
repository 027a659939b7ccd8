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
    return {row[key]: row for row in frame.drop(columns="geometry", errors="ignore").to_dict("records")}


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


def test_divides_are_as_long_as_the_ridge(rain: Result) -> None:
    lines = rows(rain, "divides", "divide_id")
    assert [(line["name_a"], line["name_b"], line["length_m"]) for line in lines.values()] == [
        ("Østsøen", "Vestbækken", 180),
        ("Vestbækken", "Ud over kortets kant", 100),
        ("Østsøen", "Ud over kortets kant", 20),
    ]


def test_the_square_is_what_is_sealed(rain: Result) -> None:
    parts = rows(rain, "catchments", "recipient_id")
    sealed = {name: (part["sealed_m2"], part["sealed_pct"]) for name, part in parts.items()}
    assert sealed == {"east_lake": (6_000, 20), "west_brook": (0, 0), "none": (0, 0)}


def test_recipients_in_the_order_of_their_numbers(rain: Result) -> None:
    listed = rows(rain, "recipients", "label")
    assert {
        label: (row["recipient_id"], row["kind"], row["first_area_m2"], row["final_area_m2"])
        for label, row in listed.items()
    } == {1: ("east_lake", "area", 30_000, 30_000), 2: ("west_brook", "outlet", 18_000, 18_000)}


def test_the_rains_are_those_on_paper(rain: Result) -> None:
    events = rows(rain, "events", "event_id")
    assert list(events) == ["T5", "T10", "T100"]
    assert [event["rain_mm"] for event in events.values()] == [10.6, 40.6, 100.6]
    assert [event["sourced"] for event in events.values()] == [True, True, False]
    paper = {
        "volume_m3": (530, 2_030, 5_030),
        "running_m3": (39.6, 320.4, 882),
        "stored_m3": (0, 162, 450),
        "lost_m3": (490.4, 1_709.6, 4_148),
        "sewer_m3": (54, 54, 54),
        "outflow_m3": (39.6, 158.4, 432),
        "buildings": (0, 1, 1),
    }
    for column, values in paper.items():
        assert [event[column] for event in events.values()] == pytest.approx(values, rel=1e-6), column


def test_each_neighbour_and_each_recipient_gets_what_paper_says(rain: Result) -> None:
    neighbours = rain.table("event_neighbours").pivot(index="event_id", columns="name", values="volume_m3")
    paper = {"Vestby": (18, 72, 180), "Østby": (21.6, 86.4, 252), "Ingen kendt nabokommune": (0, 0, 0)}
    for name, values in paper.items():
        assert neighbours.loc[["T5", "T10", "T100"], name].tolist() == pytest.approx(values, rel=1e-6), name
    table = rain.table("event_recipients")
    for column, paper in {
        "first_m3": {"east_lake": (21.6, 86.4, 252), "west_brook": (16.2, 64.8, 162), "none": (1.8, 7.2, 18)},
        "sewer_m3": {"east_lake": (0, 0, 0), "west_brook": (54, 54, 54), "none": (0, 0, 0)},
    }.items():
        found = table.pivot(index="event_id", columns="recipient_id", values=column)
        for name, values in paper.items():
            assert found.loc[["T5", "T10", "T100"], name].tolist() == pytest.approx(values, rel=1e-6), name
    lake = rows(rain, "event_areas", "event_id")
    assert [row["recipient_id"] for row in lake.values()] == ["east_lake"] * 3
    assert [row["inflow_m3"] for row in lake.values()] == pytest.approx([21.6, 86.4, 252], rel=1e-6)


def test_the_headline_says_what_lilleby_sends_to_its_neighbours(rain: Result) -> None:
    assert rain.indicators["to_neighbours_m3"]["value"] == pytest.approx(158.4, rel=1e-6)
    cloudburst = rain.run["answers"]["neighbours_and_standing"]
    assert cloudburst["da"].startswith(
        "Ved en 10-års-regn (40,6 mm på 60 minutter) sender Lilleby ca. 160 m³ over terrænet til naboerne: "
        "Østby 86 m³ og Vestby 72 m³. Ca. 160 m³ bliver stående i lavninger."
    )
    assert cloudburst["en"].startswith(
        "In a 10-year rain (40.6 mm in 60 minutes), Lilleby sends about 160 m³ over the ground to its neighbours: "
        "Østby 86 m³ and Vestby 72 m³. About 160 m³ stay in hollows."
    )
    assert rain.run["answer"]["da"].startswith("Regnen løber flere veje: af kommunens areal afvander")


def test_the_hollow_is_as_deep_after_each_rain_as_on_paper(rain: Result) -> None:
    for place, depth_m in enumerate((0.0, 0.18, 0.5), start=1):
        depth = rain.raster(f"event_depth_m-{place}").array
        assert depth[10:13, 28:31] == pytest.approx(depth_m, rel=1e-5)
        assert depth.sum() == pytest.approx(9 * depth_m, rel=1e-5)


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
    tables = ("catchments", "recipients", "divides", "flow_paths", "high_point", "bluespots", "drainage_lines")
    tables += ("events", "event_recipients", "event_neighbours", "event_areas")
    assert {f"results/rainwater/{name}.parquet" for name in tables} <= written
    assert {f"results/rainwater/{name}.tif" for name in ("depth_m", "directions", "event_depth_m-3")} <= written
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
