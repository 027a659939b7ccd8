"""The site follows from its inputs: it is left alone while they are the same, and never mixes model and real data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import Command
from project_maker import ProjectMaker
from step_maker import add_storms, get_method, storm_map

from ballerup_geo.errors import DataError
from ballerup_geo.project import read_project
from ballerup_geo.publish import build_site, content, folium_map, rasters, unchanged


@pytest.fixture
def town(toy_town: Path, tmp_path: Path) -> Path:
    """A copy of Lilleby that may be edited."""
    return Path(shutil.copytree(toy_town, tmp_path / "town"))


def run(cli: Command, town: Path, out: Path) -> bool:
    """Run all; say whether the site was left as it was."""
    done = cli("run", "--project", town, "--out", out, "--json")
    assert done.code == 0, done.err
    return bool(json.loads(done.out)["site_unchanged"])


def stamps(out: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (out / "site").rglob("*") if path.is_file()}


def test_a_site_whose_inputs_have_not_changed_is_left_alone(town: Path, tmp_path: Path, cli: Command) -> None:
    out = tmp_path / "out"
    assert run(cli, town, out) is False
    before = stamps(out)
    assert len(before) >= 8
    assert run(cli, town, out) is True
    assert stamps(out) == before
    assert "The site has not changed." in cli("run", "--project", town, "--out", out).out


def test_another_version_of_what_draws_makes_it_anew(
    town: Path, tmp_path: Path, cli: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(cli, town, out)
    own = unchanged.version
    monkeypatch.setattr(unchanged, "version", lambda name: own(name) + (".post1" if name == "matplotlib" else ""))
    assert run(cli, town, out) is False
    assert run(cli, town, out) is True


def test_areas_are_counted_once_and_layers_packed_once(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    catalog = add_storms(maker)
    maker.map("again", **storm_map())
    counted, packed = [], []
    count, pack = rasters.areas_m2, content.pack
    monkeypatch.setattr(rasters, "areas_m2", lambda *args: counted.append(args[0].name) or count(*args))
    monkeypatch.setattr(content, "pack", lambda *args, **how: packed.append(how["where"]) or pack(*args, **how))
    build_site(maker.project(), out=maker.out, catalog=catalog)
    assert sorted(counted) == ["depth-1.tif", "depth-2.tif", "depth-3.tif"]  # two maps show them
    assert len(packed) == 2  # the municipality and the roads
    before = (maker.out / "site/storms/index.html").read_bytes()
    maker.map("storms", **storm_map(lead={"da": "Et andet ord", "en": "Another word"}))
    counted.clear()
    build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    assert counted == []
    record = json.loads((maker.out / "results/site.json").read_text(encoding="utf-8"))
    record["areas_m2"] = dict.fromkeys(record["areas_m2"], "x")
    (maker.out / "results/site.json").write_text(json.dumps(record), encoding="utf-8")
    maker.map("storms", **storm_map())
    build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    assert len(counted) == 3  # a damaged note is as good as none
    assert (maker.out / "site/storms/index.html").read_bytes() == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("maps/rainwater.toml", "Hvor løber regnen hen?", "Hvor bliver regnen af?"),
        ("layers/roads.toml", 'date = "2026"', 'date = "2025"'),
        ("data/buildings.geojson", '"use_code": 120', '"use_code": 130'),
        ("analyses/rainwater.toml", "Lavningen holder", "Hullet holder"),
    ],
)
def test_whatever_a_page_shows_makes_it_anew(
    town: Path, tmp_path: Path, cli: Command, file: str, old: str, new: str
) -> None:
    run(cli, town, tmp_path / "out")
    text = (town / file).read_text(encoding="utf-8")
    assert old in text
    (town / file).write_text(text.replace(old, new), encoding="utf-8")
    assert run(cli, town, tmp_path / "out") is False


def test_a_site_that_somebody_touched_is_made_anew(town: Path, tmp_path: Path, cli: Command) -> None:
    out = tmp_path / "out"
    run(cli, town, out)
    (out / "site" / "index.html").write_text("mine", encoding="utf-8")
    assert run(cli, town, out) is False
    shutil.rmtree(out / "site")
    assert run(cli, town, out) is False
    (out / "results" / "site.json").write_text("[", encoding="utf-8")
    assert run(cli, town, out) is False
    assert "Lilleby" in (out / "site" / "index.html").read_text(encoding="utf-8")


def test_results_and_layers_of_different_kinds_are_never_one_map(town: Path, tmp_path: Path, cli: Command) -> None:
    out = tmp_path / "out"
    run(cli, town, out)
    record = out / "results" / "rainwater" / "run.json"
    said = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps(said | {"data": "model"}), encoding="utf-8")
    with pytest.raises(DataError, match="computed from model data, and the map's layers are kept data"):
        folium_map(read_project(town), "rainwater", out=out, data="kept")
    published = cli("publish", "--project", town, "--out", out, "--data", "kept", "--json")
    assert json.loads(published.out)["waiting"] == ["rainwater"]
    assert not (out / "site" / "rainwater").exists()
