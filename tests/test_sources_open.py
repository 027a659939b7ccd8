"""``fetch --open``: what needs no key comes over real HTTP, and the analyses of day one run on it."""

import json
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from open_maker import services, timetable
from project_maker import TEXT
from servers.open_services import OpenServices, open_services, zipped

from ballerup_geo import sources
from ballerup_geo.catalog import FetchReport, choose_source, fetch
from ballerup_geo.errors import Fault, SourceError
from ballerup_geo.project import read_project
from ballerup_geo.run import run
from ballerup_geo.sources import Keys, Limits, Request
from ballerup_geo.sources.dmi import _places
from ballerup_geo.spec import FileSource

PROJECT = read_project(Path(__file__).parent.parent)
KINDS = {"osm", "statbank", "dmi", "gtfs", "facts"}
QUICK = Limits(attempts=1, read_s=5.0)


def open_layers() -> list[str]:
    """The layers whose open source is one of these kinds."""
    chosen = {name: choose_source(name, layer, Keys({}), open_only=True) for name, layer in PROJECT.layers.items()}
    return [name for name, choice in chosen.items() if not isinstance(choice, Fault) and choice.source.kind in KINDS]


def ask(services: OpenServices, out: Path, *layers: str) -> FetchReport:
    return fetch(PROJECT, layers, out=out, open_only=True, keys=Keys({}), stand_ins=services.stand_ins, limits=QUICK)


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """The folder with the kept copies of all open layers, the report, and what the services were asked."""
    out = tmp_path_factory.mktemp("open")
    with open_services(services()) as server:
        report = ask(server, out, *open_layers())
    return out, {layer.layer: layer for layer in report.layers}, server.asked


def kept(out: Path, layer: str) -> pd.DataFrame:
    path = out / "data" / "kept" / f"{layer}.parquet"
    return pd.read_parquet(path) if PROJECT.layers[layer].geometry == "table" else gpd.read_parquet(path)


def test_all_open_layers_come_and_none_was_asked_for_with_more_than_the_documented_words(fetched):
    _, layers, asked = fetched
    assert {name: layer.state for name, layer in layers.items()} == dict.fromkeys(layers, "kept")
    assert len(layers) >= 28
    assert [name for name, layer in layers.items() if not layer.kept.record.rows] == [], "add it to the village"
    assert {"roads", "crossings", "schools", "addresses", "buildings", "parking", "chargers", "car_areas"} <= set(
        layers
    )
    posted = [json.loads(body) for method, path, body in asked if path == "/v1/data"]
    assert {one["table"] for one in posted} == {"BIL54", "FOLK1A", "BOL102"}
    cars = next(one for one in posted if one["table"] == "BIL54")
    assert {"code": "OMRÅDE", "values": ["151"]} in cars["variables"]
    assert {"code": "Tid", "values": ["*"]} in cars["variables"]


def test_school_routes_and_charging_compute_on_what_came(fetched):
    out, _, _ = fetched
    report = run(PROJECT, analyses=("school_routes", "charging"), out=out, data="kept")
    assert set(report.results) == {"school_routes", "charging"}
    assert list(report.waiting) == ["heating"], "heating wants BBR's areas and heating, which no map tells"
    school = report.results["school_routes"]
    assert school.indicators["pupils"]["value"] > 0
    assert not school.modelled
    assert report.results["charging"].indicators["cars"]["value"] == 24700
    missing = {note["en"] for note in school.run["notes"]}
    assert any("School districts" in note for note in missing), "what is not known is said"


@pytest.mark.parametrize(
    ("layer", "column", "values"),
    [
        ("municipality", "code", ["0151"]),
        ("neighbours", "code", ["0163"]),
        ("crossings", "control", ["signal", "zebra"]),
        ("schools", "class_to", ["9"]),
        ("parking", "spaces", ["30"]),
        ("car_areas", "electric", [3900.0]),
        ("stations", "departures_per_weekday", [80, 130]),
        ("climate", "rain_mm", [61.5, 40.0]),
        ("climate_grid", "cell_id", ["10km_618_71", "10km_618_71"]),
        ("climate_grid", "rain_mm", [61.5, 40.0]),
        ("dwellings_by_heating", "dwellings", [14.0, 14.0]),
        ("charging_rules", "source", None),
        ("basins", "name", ["Bassinet"]),
        ("culverts", "diameter_mm", ["600"]),
        ("culverts", "kind", ["culvert"]),
        ("critical_functions", "kind", ["fire_station", "station"]),
        ("hedges", "kind", ["hedge"]),
    ],
)
def test_what_a_layer_brought(fetched, layer, column, values):
    found = kept(fetched[0], layer)[column].tolist()
    assert all(found) if values is None else sorted(map(str, found)) == sorted(map(str, values))


def test_the_cells_of_the_grid_are_those_that_the_municipality_meets():
    source = PROJECT.layers["climate_grid"].source.fetch[0]
    corner = shapely.Polygon([(709_000, 6_179_000), (710_500, 6_179_000), (709_000, 6_180_500)])  # none north-east
    cells = [place.name for place in _places(source, SimpleNamespace(area=corner.bounds, outline=corner))]
    assert cells == ["10km_617_70", "10km_617_71", "10km_618_70"]


def test_land_cover_gives_each_piece_of_ground_once(fetched):
    found = kept(fetched[0], "land_cover").to_crs("EPSG:25832")
    area_m2 = found.area.groupby(found["cover"]).sum().to_dict()
    assert set(area_m2) == {"roof", "water", "grass", "paved"}, "what is not mapped is not guessed"
    assert area_m2["roof"] == pytest.approx(10 * 120 + 1000, rel=4e-3)
    assert found.area.sum() == pytest.approx(found.union_all().area)


def test_addresses_lie_in_their_buildings_and_dwellings_are_counted_or_reckoned(fetched):
    found = kept(fetched[0], "addresses")
    dwellings = found["dwellings"].astype(int)
    houses = dwellings[dwellings == 1]
    assert len(houses) == 10
    assert dwellings[dwellings > 1].tolist() == [16, 16], "3 storeys × 1000 m² ÷ 95 m² = 31.6, two addresses"
    assert set(found["building_id"]) <= set(kept(fetched[0], "buildings")["building_id"])
    notes = fetched[1]["addresses"].kept.record.notes
    assert "1 of 13 have no tag that tells building_id and were left out" in notes
    assert any("2 of 13 addresses are reckoned" in note for note in notes)


def test_a_station_counts_the_departures_of_an_ordinary_weekday(fetched):
    record = fetched[1]["stations"].kept.record
    found = kept(fetched[0], "stations").set_index("name")
    assert found["kind"].to_dict() == {"Ballerup St.": "s_train", "Byvej (Skolevej)": "bus"}
    assert record.date == "2026-11-17", "the first Tuesday; Thursday has works"
    middle = found.to_crs("EPSG:4326").geometry["Byvej (Skolevej)"]
    assert (middle.x, middle.y) == pytest.approx((12.36, 55.73), abs=2e-6), "between its two poles"


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("layer", "path", "status", "content", "said"),
    [
        ("roads", "/api/interpreter", 200, b'{"elements": [], "remark": "runtime error: timed out"}', "timed out"),
        ("roads", "/api/interpreter", 200, b"<html>Dispatcher busy</html>", "else than JSON: Dispatcher busy"),
        ("roads", "/api/interpreter", 504, b"too busy", "504"),
        ("roads", "/api/interpreter", 200, b'{"elements": []}', "the source has no features"),
        ("car_areas", "/v1/data", 400, b'{"message": "Tabellen blev ikke fundet"}', "blev ikke fundet"),
        ("car_areas", "/v1/data", 200, b'{"errorTypeCode": "X", "message": "ingen adgang"}', "ingen adgang"),
        ("car_areas", "/v1/data", 200, "OMRÅDE;DRIV;TID;INDHOLD\n151;20200;2026M01;2\n151;20".encode(), "is cut short"),
        ("car_areas", "/v1/data", 200, "OMRÅDE;DRIV;TID;INDHOLD\n151;20200;2026M02;2".encode(), "no period that ends"),
        ("car_areas", "/v1/data", 200, "OMRÅDE;DRIV;TID;INDHOLD\n151;20200;2026M01;2".encode(), 'no column "20225"'),
        ("car_areas", "/v1/data", 200, "OMRÅDE;DRIV;TID;INDHOLD\n1;20200;2026M01;many".encode(), 'holds "many"'),
        ("climate", "/v2/climateData/collections/municipalityValue/items", 200, b"<busy/>", "else than features"),
        ("climate", "/v2/climateData/collections/municipalityValue/items", 200, b'{"features": []}', "no figures for"),
        ("climate", "/v2/climateData/collections/municipalityValue/items", 200,
         b'{"features": [{"properties": {"parameterId": "mean_temp", "municipalityId": "0151"}}]}', "not as asked for"),
        ("stations", "/labs/GTFS.zip", 200, b"no zip", "cannot be read as a timetable"),
    ],
)  # fmt: skip
def test_a_service_that_fails_leaves_the_kept_copy(fetched, layer, path, status, content, said):
    out = fetched[0]
    before = (out / "data" / "kept" / f"{layer}.json").read_bytes()
    broken = services()
    broken.broken[path] = (status, content)
    with open_services(broken) as server:
        report = ask(server, out, layer)
    assert report.exit_code == 3
    assert said in "\n".join(map(str, report.layers[0].faults))
    assert report.layers[0].kept is not None
    assert (out / "data" / "kept" / f"{layer}.json").read_bytes() == before


def stations_of(path):
    """The stations of a timetable that a planner points at."""
    source = FileSource(kind="file", path=str(path), feature="stations", licence="CC BY 4.0", attribution=TEXT)
    layer = PROJECT.layers["stations"]
    asked = Request("stations", layer, Path("/"), 2.0, None, lambda label, share: None)
    return sources.read_source(source, asked)


def changed(**tables):
    """The timetable with some tables replaced, or without them (None)."""
    files = {**timetable(), **{name.replace("_txt", ".txt"): text for name, text in tables.items()}}
    return zipped({name: text for name, text in files.items() if text is not None})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (changed(stops_txt=None), "has no stops.txt, so it is no whole timetable"),
        (changed(stop_times_txt=None), "has no stop_times.txt"),
        (changed(calendar_txt=None, calendar_dates_txt=None), "has no calendar_dates.txt"),
        (changed(stops_txt="stop_id,stop_name,lat\n1,a,2\n"), 'has no column "stop_lat"'),
        (changed(stop_times_txt="trip_id,stop_id\ns0,t1\ns0\n"), "stop_times.txt of a.zip cannot be read"),
        (
            changed(trips_txt="route_id,service_id,trip_id\ns,none,s0\n"),
            "no service of the timetable runs on a Tuesday",
        ),
        (changed()[:-40], "is no OpenStreetMap|does not begin like an OpenStreetMap file"),
    ],
)
def test_a_timetable_that_is_not_whole(tmp_path, content, said):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(SourceError, match=said.replace("(", r"\(")):
        stations_of(tmp_path / "a.zip")


def test_a_timetable_on_disk_is_read_in_any_encoding_and_small_stops_are_counted(tmp_path):
    files = timetable(bus_trips=10) | {"folder/../../escape.txt": "x"}
    (tmp_path / "a.zip").write_bytes(
        zipped(files | {"stops.txt": files["stops.txt"].replace("Byvej", "Åvej").encode("cp1252")})
    )
    delivery = stations_of(tmp_path / "a.zip")
    assert delivery.data["name"].tolist() == ["Langt væk", "Ballerup St."]
    assert "stops.txt is not UTF-8; it was read as Windows-1252" in delivery.notes
    assert "1 bus stops with fewer than 128 departures were left out" in delivery.notes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"], "nothing is unpacked"
