"""What fetch keeps, what it refuses, what stays when a source fails; and that no key is in anything it writes."""

from __future__ import annotations

import importlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from conftest import Command, command_environment
from fetch_maker import ABOUT, COLUMNS, MAPPED, add_lakes, bring, kept_file, lakes, said
from project_maker import NORTH, TEXT, WEST, ProjectMaker, frame, squares
from servers.faulty import Asked, Reply, faulty

from ballerup_geo.catalog import Brought, choose_data
from ballerup_geo.catalog._brought import promote
from ballerup_geo.cli.layer_lines import fetch_lines
from ballerup_geo.errors import BallerupGeoError, ProjectError
from ballerup_geo.sources import Keys

MARKER = "Marker-c0de-Key/of+9"


def gpkg(tmp_path: Path, number: int) -> bytes:
    path = tmp_path / f"lakes{number}.gpkg"
    lakes(number).to_file(path, layer="lakes")
    return path.read_bytes()


def download(url: str, **fields: object) -> dict[str, object]:
    return {"kind": "file", "url": url, "columns": MAPPED, **ABOUT, **fields}


def record(maker: ProjectMaker) -> dict[str, object]:
    found: dict[str, object] = json.loads(kept_file(maker, "lakes.json").read_text(encoding="utf-8"))
    return found


# ---------------------------------------------------------------- kept


def test_what_came_is_kept_with_its_origin_and_read_as_kept_data(maker: ProjectMaker, tmp_path: Path) -> None:
    with faulty({"/lakes.gpkg": Reply(gpkg(tmp_path, 12))}) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg"))
        why = maker.catalog().why_unknown("lakes")
        assert why is not None
        assert (why.what, why.todo) == (
            'the layer "lakes" is unknown: it is not fetched yet',
            "fetch it: ballerup-geo fetch lakes",
        )
        report = bring(maker)
    assert (report.exit_code, [fetched.state for fetched in report.layers]) == (0, ["kept"])
    kept = record(maker)
    assert kept["rows"] == 12
    assert kept["service"] == f"{server.url}/lakes.gpkg"
    assert kept["licence"] == "CC BY 4.0"
    assert re.fullmatch(r"Indeholder data fra Plandata, Søer, \w+ 20\d\d", kept["attribution"]["da"])  # type: ignore[index]
    assert kept["columns"] == {"lake_id": 'column "gid"', "name": 'column "navn"'}
    checked = maker.catalog().read("lakes")
    assert checked.data["lake_id"].tolist() == lakes()["gid"].tolist()
    assert checked.provenance.origin == kept["origin"]
    assert checked.provenance.attribution == kept["attribution"]
    assert checked.provenance.columns == kept["columns"]
    assert not list((maker.root / "data" / "kept" / ".work").iterdir())


def test_the_planners_own_file_goes_before_what_was_fetched(maker: ProjectMaker, tmp_path: Path) -> None:
    own = lakes(3).assign(gid=["own1", "own2", "own3"])
    with faulty({"/lakes.gpkg": Reply(gpkg(tmp_path, 12))}) as server:
        about = {"kind": "file", "path": "data/own.gpkg", "columns": MAPPED, "licence": "CC0", "attribution": TEXT}
        sources = {"kept": about, "fetch": [download(f"{server.url}/lakes.gpkg")]}
        maker.layer("lakes", geometry="polygon", columns=COLUMNS, sources=sources)
        assert said(bring(maker)) == ""
    assert len(maker.catalog().read("lakes").data) == 12
    own.to_file(maker.root / "data" / "own.gpkg")
    assert maker.catalog().read("lakes").data["lake_id"].tolist() == ["own1", "own2", "own3"]


def test_a_raster_is_kept_too_and_half_of_it_is_not_believed(maker: ProjectMaker, tmp_path: Path) -> None:
    path = tmp_path / "dem.tif"
    heights = np.full((50, 50), 12.5, "float32")
    with faulty({"/dem.tif": lambda _: Reply(path.read_bytes())}) as server:
        cell = {"type": "number", "title": TEXT, "unit": "m"}
        source = download(f"{server.url}/dem.tif") | {"columns": {}}
        maker.layer("terrain", geometry="raster", cell=cell, sources={"fetch": [source]})
        for holes in (0, 20):
            heights[:, :holes] = -9999
            profile = {"count": 1, "height": 50, "width": 50, "dtype": "float32", "nodata": -9999, "crs": "EPSG:25832"}
            with rasterio.open(path, "w", transform=Affine(20, 0, WEST, 0, -20, NORTH), **profile) as dataset:
                dataset.write(heights, 1)
            report = bring(maker)
        assert [fetched.state for fetched in report.layers] == ["refused"]
        assert "only 1500 cells came" in said(report)
    assert float(np.nansum(maker.catalog().read("terrain").data.array)) == 2500 * 12.5


# ---------------------------------------------------------------- refused, failed


def test_fewer_rows_need_accept_and_broken_data_never_replace_good(maker: ProjectMaker, tmp_path: Path) -> None:
    twice = lakes().assign(gid="same")
    twice.to_file(tmp_path / "twice.gpkg")
    answers = {"/lakes.gpkg": Reply(gpkg(tmp_path, 12))}
    with faulty(answers) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg"))
        assert bring(maker).exit_code == 0
        before = kept_file(maker).read_bytes(), kept_file(maker, "lakes.json").read_bytes()
        server.answers["/lakes.gpkg"] = Reply((tmp_path / "twice.gpkg").read_bytes())
        broken = bring(maker)
        server.answers["/lakes.gpkg"] = Reply(gpkg(tmp_path, 9))
        fewer = bring(maker)
        assert (kept_file(maker).read_bytes(), kept_file(maker, "lakes.json").read_bytes()) == before
        assert [(report.exit_code, report.layers[0].state) for report in (broken, fewer)] == [(3, "refused")] * 2
        assert "stands more than once" in said(broken)
        assert "only 9 rows came, and the kept copy of 20" in said(fewer)
        assert "--accept lakes" in said(fewer)
        assert bring(maker, accept=["lakes"]).exit_code == 0
        assert record(maker)["rows"] == 9
        server.answers["/lakes.gpkg"] = Reply(gpkg(tmp_path, 8))  # 11 % fewer: believed
        assert bring(maker).exit_code == 0
    assert len(maker.catalog().read("lakes").data) == 8


def test_one_source_that_fails_stops_no_other_and_its_good_copy_stays(maker: ProjectMaker, tmp_path: Path) -> None:
    content = gpkg(tmp_path, 12)
    with faulty({"/lakes.gpkg": Reply(content), "/bogs.gpkg": Reply(content)}) as server:
        for name in ("lakes", "bogs"):
            add_lakes(maker, download(f"{server.url}/{name}.gpkg"), name=name)
        assert bring(maker).exit_code == 0
        server.answers["/lakes.gpkg"] = Reply("out of order", 500)
        report = bring(maker)
    assert report.exit_code == 3
    assert {fetched.layer: fetched.state for fetched in report.layers} == {"bogs": "kept", "lakes": "failed"}
    assert "answers 500" in said(report)
    assert len(maker.catalog().read("lakes").data) == 12


@pytest.mark.parametrize("worse", ["500", "twice"])
def test_the_next_service_stands_in_for_one_that_fails_and_the_provenance_says_so(
    worse: str, maker: ProjectMaker, tmp_path: Path
) -> None:
    lakes().assign(gid="same").to_file(tmp_path / "twice.gpkg")
    first = Reply("down", 500) if worse == "500" else Reply((tmp_path / "twice.gpkg").read_bytes())
    with faulty({"/best.gpkg": first, "/other.gpkg": Reply(gpkg(tmp_path, 12))}) as server:
        best = download(f"{server.url}/best.gpkg", key="datafordeler")
        add_lakes(maker, best, download(f"{server.url}/gone.gpkg"), download(f"{server.url}/other.gpkg"))
        keys = Keys({"BALLERUP_GEO_DATAFORDELER_KEY": MARKER})
        report = bring(maker, keys=keys)
        assert (report.exit_code, report.layers[0].state) == (3, "kept")
        assert "12 rows kept from 127.0.0.1, since a service before it could not be used" in fetch_lines(report)[0]
        assert record(maker)["service"] == f"{server.url}/other.gpkg"
        told = maker.catalog().read("lakes").provenance
        why = "answers 500" if worse == "500" else "stands more than once"
        assert told.notes[0].startswith("source.fetch[0] (file) could not be used, so source.fetch[1] was asked: ")
        assert why in told.notes[0]
        assert told.notes[1].startswith("source.fetch[1] (file) could not be used, so source.fetch[2] was asked: ")
        assert MARKER not in str(report) + kept_file(maker, "lakes.json").read_text(encoding="utf-8")
        # What stood in is fetched anew while the better one is away …
        server.answers["/other.gpkg"] = Reply(gpkg(tmp_path, 11))
        assert (bring(maker, keys=keys).layers[0].state, record(maker)["rows"]) == ("kept", 11)
        server.answers["/best.gpkg"] = Reply(gpkg(tmp_path, 13))
        assert (bring(maker, keys=keys).exit_code, record(maker)["rows"], record(maker)["notes"]) == (0, 13, [])
        # … but never takes the place of the better one's copy.
        server.answers["/best.gpkg"] = first
        assert [(each.state, each.kept.record.rows) for each in bring(maker, keys=keys).layers if each.kept] == [
            ("failed" if worse == "500" else "refused", 13)
        ]


@pytest.mark.parametrize("where", ["ballerup_geo.sources.fetch_source", "ballerup_geo.catalog._fetch.keep_delivery"])
def test_a_bug_in_one_layer_ends_no_other(
    where: str, maker: ProjectMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, _, name = where.rpartition(".")
    former = getattr(importlib.import_module(module), name)

    def struck(*given: Any, **options: Any) -> Any:
        layer_id = given[1].layer_id if name == "fetch_source" else given[2]
        if layer_id == "bogs":
            raise KeyError(f"apikey={MARKER}")
        return former(*given, **options)

    monkeypatch.setattr(where, struck)
    with faulty({"/lakes.gpkg": Reply(gpkg(tmp_path, 12))}) as server:
        for layer in ("bogs", "lakes"):
            add_lakes(maker, download(f"{server.url}/lakes.gpkg"), name=layer)
        report = bring(maker, keys=Keys({"BALLERUP_GEO_DATAFORDELER_KEY": MARKER}))
    assert {fetched.layer: fetched.state for fetched in report.layers} == {"bogs": "bug", "lakes": "kept"}
    assert report.exit_code == 70
    assert "this is a bug in ballerup-geo (KeyError: 'apikey=…" in said(report)
    assert any(line.startswith("bogs: ") and "ballerup-geo is at fault" in line for line in fetch_lines(report))
    assert not list((maker.root / "data" / "kept" / ".work").glob("*"))


@pytest.mark.parametrize("slow", ["asked to wait", "long"])
def test_ctrl_c_ends_a_fetch_at_once_and_leaves_no_half_file(slow: str, maker: ProjectMaker, tmp_path: Path) -> None:
    content = gpkg(tmp_path, 12)
    reply = Reply("", 429, {"Retry-After": "100"}) if slow == "asked to wait" else Reply(content, drip_s=1.0)
    with faulty({"/lakes.gpkg": [Reply(gpkg(tmp_path, 10)), reply]}) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg"))
        assert bring(maker).exit_code == 0
        before = kept_file(maker).read_bytes()
        command = [sys.executable, "-m", "ballerup_geo", "fetch", "--project", str(maker.root)]
        running = subprocess.Popen(command, env=command_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        begun = time.monotonic()
        while len(server.asked) < 2:
            assert running.poll() is None, running.communicate()
            assert time.monotonic() - begun < 60
            time.sleep(0.01)
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        interrupted = time.monotonic()
        running.communicate(timeout=30)
    assert running.returncode == 130
    assert time.monotonic() - interrupted < 3.0
    assert kept_file(maker).read_bytes() == before
    assert sorted(path.name for path in kept_file(maker).parent.glob("*lakes*")) == ["lakes.json", "lakes.parquet"]


def test_layers_wait_for_the_boundary_and_for_keys(maker: ProjectMaker, tmp_path: Path) -> None:
    (maker.root / "data" / "municipality.gpkg").unlink()
    with faulty({"/lakes.gpkg": Reply(gpkg(tmp_path, 12))}) as server:
        address = f"{server.url}/lakes.gpkg"
        add_lakes(maker, download(address))
        add_lakes(maker, download(address, key="datafordeler"), name="keyed")
        add_lakes(maker, download(address, key="datafordeler"), download(address), name="either")
        report = bring(maker)
        states = {fetched.layer: fetched.state for fetched in report.layers}
        assert states == {"either": "failed", "keyed": "waiting", "lakes": "failed"}
        assert said(report).count("the municipality's boundary is not known") == 2
        assert "BALLERUP_GEO_DATAFORDELER_KEY" in said(report)
        frame(squares(1), name=["Firkant"], code=["0151"]).to_file(maker.root / "data" / "municipality.gpkg")
        keys = Keys({"BALLERUP_GEO_DATAFORDELER_KEY": MARKER})
        opened = bring(maker, keys=keys, open_only=True)
        assert opened.exit_code == 0
        assert {fetched.layer: fetched.state for fetched in opened.layers}["keyed"] == "waiting"
        assert all("apikey" not in asked.query for asked in server.asked)
        assert bring(maker, keys=keys).exit_code == 0
        assert sum(asked.query.get("apikey") == MARKER for asked in server.asked) == 2  # keyed, and either


def test_what_is_named_wrongly_is_said_before_anything_is_asked(maker: ProjectMaker) -> None:
    add_lakes(maker, download("http://127.0.0.1:9/lakes.gpkg"))
    maker.layer("ponds", lakes(), geometry="polygon")
    with pytest.raises(ProjectError) as raised:
        bring(maker, "laks", "ponds")
    assert 'did you mean "lakes"?' in str(raised.value)
    assert "no service is named for this layer" in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://geoserver.plandata.dk/wfs",
        "ftp://x.dk/a",
        "https://me:secret@x.dk/a",
        "https://x.dk/a?apikey=secret",
        "https:///a",
    ],
)
def test_no_unprotected_address_and_no_secret_stands_in_a_content_file(maker: ProjectMaker, url: str) -> None:
    add_lakes(maker, download(url))
    with pytest.raises(ProjectError) as raised:
        maker.project()
    assert "source.fetch.0.url" in str(raised.value)


# ---------------------------------------------------------------- killed, interrupted


def test_killed_halfway_leaves_the_old_copy_and_the_next_fetch_goes_on(maker: ProjectMaker, tmp_path: Path) -> None:
    content = gpkg(tmp_path, 12)

    def slow(asked: Asked) -> Reply:
        start = int(asked.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in asked.headers else 0
        span = {"ETag": '"one"', "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        slowly = 0.0 if start else 0.05
        return Reply(content[start:], 206 if start else 200, span if start else {"ETag": '"one"'}, drip_s=slowly)

    with faulty({"/lakes.gpkg": Reply(gpkg(tmp_path, 10))}) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg"))
        assert bring(maker).exit_code == 0
        before = kept_file(maker).read_bytes()
        server.answers["/lakes.gpkg"] = slow
        part = maker.root / "data" / "kept" / ".work" / "lakes" / "0" / ".lakes.gpkg.part"
        command = [sys.executable, "-m", "ballerup_geo", "fetch", "--project", str(maker.root)]
        running = subprocess.Popen(command, env=command_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        begun = time.monotonic()
        while not (part.is_file() and part.stat().st_size > 8192):
            assert running.poll() is None, running.communicate()
            assert time.monotonic() - begun < 60
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        assert kept_file(maker).read_bytes() == before
        assert len(maker.catalog().read("lakes").data) == 10
        server.asked.clear()
        assert said(bring(maker)) == ""
        assert int(server.asked[0].headers["Range"].removeprefix("bytes=").rstrip("-")) > 0
    assert len(maker.catalog().read("lakes").data) == 12


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to stand in for a full disk")
def test_a_full_disk_leaves_the_old_copy_and_the_next_fetch_goes_on(maker: ProjectMaker, tmp_path: Path) -> None:
    content = gpkg(tmp_path, 12)
    with faulty({"/lakes.gpkg": Reply(gpkg(tmp_path, 10))}) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg"))
        assert bring(maker).exit_code == 0
        before = {path.name: path.read_bytes() for path in kept_file(maker).parent.glob("lakes.*")}
        server.answers["/lakes.gpkg"] = Reply(content)
        most = len(content) // 2
        script = f"import resource as r; r.setrlimit(r.RLIMIT_FSIZE, ({most}, {most}))\n"
        script += f"from ballerup_geo.cli import main; main(['fetch', '--project', {str(maker.root)!r}])"
        environment = command_environment()
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 3, done.stdout + done.stderr
        assert "disk is full" in done.stdout
        assert "stays" in done.stdout
        after = {path.name: path.read_bytes() for path in kept_file(maker).parent.glob("lakes.*")}
        assert after == before
        assert said(bring(maker)) == ""
    assert len(maker.catalog().read("lakes").data) == 12


def test_a_kill_between_data_and_record_is_mended_by_the_next_reader(maker: ProjectMaker, tmp_path: Path) -> None:
    with faulty({"/lakes.gpkg": [Reply(gpkg(tmp_path, 10)), Reply(gpkg(tmp_path, 12))]}) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg"))
        bring(maker)
        former = kept_file(maker, "lakes.json").read_bytes()
        bring(maker)
    folder = kept_file(maker).parent
    kept_file(maker, "lakes.json").rename(folder / ".lakes.new.json")
    kept_file(maker, "lakes.json").write_bytes(former)
    found = Brought.find(folder, "lakes", maker.project().layers["lakes"])
    assert found is not None
    assert found.record.rows == 12
    assert not (folder / ".lakes.new.json").exists()


def test_a_reader_that_completes_an_exchange_does_not_stop_the_writer(
    maker: ProjectMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty({"/lakes.gpkg": Reply(gpkg(tmp_path, 10))}) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg"))
        bring(maker)
    folder, layer = kept_file(maker).parent, maker.project().layers["lakes"]
    kept = Brought.find(folder, "lakes", layer)
    assert kept is not None
    staged = folder / "staged.parquet"
    staged.write_bytes(kept.path.read_bytes())
    replace = Path.replace

    def read_between(self: Path, target: Path) -> Path:
        moved = replace(self, target)
        if self == staged:
            assert Brought.find(folder, "lakes", layer) is not None
        return moved

    monkeypatch.setattr(Path, "replace", read_between)
    promote(folder, staged, kept.record, layer)
    assert Brought.find(folder, "lakes", layer) == kept


def test_tables_of_facts_need_neither_network_nor_boundary_and_what_all_wait_for_is_said_once(
    maker: ProjectMaker,
) -> None:
    (maker.root / "data" / "municipality.gpkg").unlink()
    columns = {name: {"type": "text"} for name in ("species", "source")}
    facts = {"kind": "facts", "table": "tree_species", **ABOUT}
    maker.layer("tree_species", geometry="table", columns=columns, sources={"fetch": [facts]})
    for name in ("lakes", "bogs"):
        add_lakes(maker, download("http://127.0.0.1:9/never.gpkg"), name=name)
    report = bring(maker)
    assert {fetched.layer: fetched.state for fetched in report.layers} == {
        "bogs": "failed",
        "lakes": "failed",
        "tree_species": "kept",
    }
    assert choose_data(maker.project(), maker.out, None) == "model"
    lines = fetch_lines(report)
    assert sum("boundary is not known" in line for line in lines) == 1
    assert lines[-1].startswith("bogs, lakes: the municipality's boundary is not known")


def test_two_fetches_at_once_are_kept_apart(maker: ProjectMaker, tmp_path: Path) -> None:
    second: list[str] = []

    def meanwhile(_: Asked) -> Reply:
        with pytest.raises(BallerupGeoError) as raised:
            bring(maker)
        second.append(str(raised.value))
        return Reply(gpkg(tmp_path, 12))

    with faulty({"/lakes.gpkg": meanwhile}) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg"))
        assert bring(maker).exit_code == 0
    assert "another run is writing here" in second[0]


# ---------------------------------------------------------------- the command line, and the key in all that is written


def test_the_command_says_what_came_and_what_waits_and_nowhere_the_key(
    maker: ProjectMaker, tmp_path: Path, cli: Command, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (maker.root / ".env").write_text(f"BALLERUP_GEO_DATAFORDELER_KEY={MARKER}\n")
    for name in [name for name in os.environ if name.startswith("BALLERUP_GEO_")]:
        monkeypatch.delenv(name)

    def echo(asked: Asked) -> Reply:
        return Reply(f"key {asked.query['apikey']} unknown", 401)

    with faulty({"/lakes.gpkg": Reply(gpkg(tmp_path, 12)), "/bad.gpkg": echo}) as server:
        add_lakes(maker, download(f"{server.url}/lakes.gpkg", key="datafordeler"))
        add_lakes(maker, download(f"{server.url}/bad.gpkg", key="datafordeler"), name="ponds")
        add_lakes(maker, download(f"{server.url}/x", key="dataforsyningen"), name="hills")
        where = ("--project", maker.root, "--out", maker.out)
        done = cli("fetch", *where)
        assert done.code == 3
        assert "lakes: 12 rows kept from 127.0.0.1" in done.out
        assert "ponds: could not be fetched; there is no kept copy" in done.out
        assert "key … unknown" in done.out
        assert "hills: waits for the key BALLERUP_GEO_DATAFORSYNINGEN_TOKEN → make a user" in done.out
        document = json.loads(cli("fetch", "lakes", "--json", *where).out)
        assert (document["exit"], document["layers"][0]["kept"]["rows"]) == (0, 12)
        assert cli("fetch", "hills", *where).code == 1
        assert cli("fetch", "--open", *where).code == 0
    lines = {line.split()[0]: line for line in cli("layers", *where).out.splitlines()}
    assert re.search(r"file 127\.0\.0\.1, key is there – kept 20\d\d-\d\d-\d\d \(today\), 12 rows", lines["lakes"])
    assert "waits for BALLERUP_GEO_DATAFORSYNINGEN_TOKEN" in lines["hills"]
    assert "own file data/municipality.gpkg" in lines["municipality"]
    rows = {row["id"]: row for row in json.loads(cli("layers", "--json", *where).out)["layers"]}
    assert rows["lakes"]["service"]["key_present"] is True
    assert rows["hills"]["service"]["key_present"] is False
    maker.catalog().read("lakes")
    written = [path for path in maker.root.rglob("*") if path.is_file() and path.name != ".env"]
    assert len(written) > 8
    everything = [path.read_bytes().decode("latin-1") for path in written]
    for text in (*everything, done.out, done.err, caplog.text, json.dumps(document), json.dumps(rows)):
        assert "Marker-c0de" not in text
    assert any(asked.query.get("apikey") == MARKER for asked in server.asked)


def test_python_fetches_too(maker: ProjectMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ballerup_geo as bg

    monkeypatch.delenv("BALLERUP_GEO_DATAFORDELER_KEY", raising=False)
    with faulty({"/town/lakes.gpkg": Reply(gpkg(tmp_path, 12))}) as server:
        add_lakes(maker, download("https://registers.example/lakes.gpkg"))
        report = bg.fetch(maker.project(), stand_ins={"https://registers.example/": f"{server.url}/town/"})
    assert report.exit_code == 0
    assert record(maker)["service"] == "https://registers.example/lakes.gpkg"
    assert isinstance(bg.Catalog(maker.project(), out=maker.out, data="kept").read("lakes").data, gpd.GeoDataFrame)
