"""Answers of services that mean harm, or are broken as nobody foresees: each is a fault of its layer, and no more."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fetch_maker import ABOUT, MAPPED, add_lakes, bring, kept_file, lakes, said
from project_maker import ProjectMaker
from servers.faulty import Reply, faulty

FIGURE = {"parameterId": "rain", "municipalityId": "0151", "from": "2020-01-01", "to": "2020-02-01", "value": 1.5}
FEED = {
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,55.72,12.35\na,Again,55.72,12.35\n",
    "routes.txt": "route_id,route_type\nr," + "1" * 5000 + "\n",
    "trips.txt": "route_id,service_id,trip_id\nr,s,t\n",
    "calendar_dates.txt": "service_id,date,exception_type\ns,20260106,1\n",
    "stop_times.txt": "trip_id,stop_id\nt,a\n",
}
DEEP = "[" * 100_000


def packed(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def dmi(**changed: Any) -> bytes:
    return json.dumps({"features": [{"properties": {**FIGURE, **changed}}]}).encode()


def overpass(way: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"elements": [{"type": "way", "id": 1, "nodes": [], **way}], **more}).encode()


KINDS = {
    "dmi": {"path": "/collections/m/items", "collection": "m", "parameters": ["rain"]},
    "statbank": {"path": "/", "table": "BIL54", "variables": {"OMR": ["151"]}},
    "osm": {"path": "/", "feature": "lakes"},
    "gtfs": {"path": "/"},
    "file": {"path": "/"},
}
CASES: dict[str, tuple[str, bytes | str, str]] = {
    "figures without places": ("dmi", dmi(), "gives figures without places"),
    "a number too large": ("dmi", dmi(value=10**400), "OverflowError"),
    "no day of any calendar": ("dmi", dmi(to="9999-12-31T23:59:59Z"), "OverflowError"),
    "brackets without end": ("dmi", DEEP, "answers something else than features"),
    "a value as long as a book": ("statbank", "OMR;TID;INDHOLD\n" + "9" * 200_000, "is not answered"),
    "columns twice": ("statbank", "TID;TID;INDHOLD\n1;2;3", "is not answered"),
    "control codes": ("statbank", '{"message": "\\ud800 \\u001b[2J gone"}', "is not answered: ? [2J gone"),
    "a way without a number": ("osm", overpass({}).replace(b'"id": 1', b'"id": 1e999'), "no whole Overpass answer"),
    "brackets of a map": ("osm", '{"elements":' + DEEP, "no whole Overpass answer"),
    "half a letter": ("osm", overpass({"tags": {"name": "\ud800\uffff"}}, osm3s=5), "columns.lake_id names"),
    "stops twice, a kind of 5000 digits": ("gtfs", packed(FEED), "columns.lake_id names"),
    "a kind as long as a book": (
        "gtfs",
        packed({**FEED, "routes.txt": "route_id,route_type\nr," + "x" * 200_000}),
        "cannot be read as a timetable",
    ),
    "columns of a timetable twice": (
        "gtfs",
        packed({**FEED, "trips.txt": "route_id,service_id,service_id,trip_id\nr,s,s,t\n"}),
        "two columns of the same name",
    ),
    "a page instead of a file": ("file", "<html>closed</html>", "source.fetch[0].url: "),
}


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
@pytest.mark.parametrize("name", CASES)
def test_what_no_honest_service_sends_is_a_fault_of_its_layer(name: str, maker: ProjectMaker) -> None:
    kind, body, words = CASES[name]
    about = {key: value for key, value in KINDS[kind].items() if key != "path"}
    with faulty({KINDS[kind]["path"]: Reply(body)}) as server:  # type: ignore[dict-item]
        ours = {"lake_id": "rain" if kind == "dmi" else "gid"}
        add_lakes(maker, {"kind": kind, "url": f"{server.url}/", "columns": ours, **ABOUT, **about})
        report = bring(maker)
    assert report.exit_code == 3
    assert words in said(report)
    assert said(report).replace("\n", "").isprintable()
    assert str(maker.root) not in said(report)


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.vrt"])
def test_a_file_that_points_to_files_of_this_machine_is_not_read(
    name: str, maker: ProjectMaker, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.gpkg"
    lakes(12).to_file(secret, layer="lakes")
    table = f'<OGRVRTLayer name="lakes"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
    pointing = f"<OGRVRTDataSource>{table}</OGRVRTDataSource>"
    with faulty({f"/{name}": Reply(pointing), "/b.zip": Reply(packed({name: pointing}))}) as server:
        for path in (f"/{name}", "/b.zip"):
            add_lakes(maker, {"kind": "file", "url": server.url + path, "columns": MAPPED, **ABOUT})
            report = bring(maker)
            assert "points to other files; it is not read" in said(report)
    assert not kept_file(maker).exists()
