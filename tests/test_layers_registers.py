"""The shipped layers of Datafordeler: rows in the registers' own columns, written by hand, become ours.

A small server gives GeoDanmark's and DAGI's GML and the weekly files of BBR, DAR and Matriklen.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from fetch_maker import QUICK, said
from project_maker import SQUARE, ProjectMaker
from servers.faulty import Asked, Reply, faulty

from ballerup_geo.catalog import fetch
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.sources import Keys

SHIPPED = read_project(shipped_root()).layers
LAYERS = tuple(
    name for name, layer in SHIPPED.items() if any(source.kind == "datafordeler" for source in layer.source.fetch)
)
WFS, GML = "http://www.opengis.net/wfs/2.0", "http://www.opengis.net/gml/3.2"
GDK = "http://data.gov.dk/schemas/geodanmark60/2/gml3"
WEST, SOUTH = SQUARE.bounds[:2]
Row = dict[str, Any]


def box(number: int, size: float = 20.0) -> shapely.Polygon:
    """A square of its own inside the municipality."""
    west, south = WEST + 100 + 30 * number, SOUTH + 100
    return shapely.box(west, south, west + size, south + size)


def line(number: int) -> shapely.LineString:
    west = WEST + 100 + 30 * number
    return shapely.LineString([(west, SOUTH + 300), (west + 20, SOUTH + 340)])


def drawn(number: int, shape: Any, **columns: Any) -> Row:
    """A feature of GeoDanmark: the columns that all its types have, and its own."""
    common = {"id.namespace": "http://data.gov.dk/geodanmark", "id.lokalId": str(1136520000 + number)}
    return {**common, **columns, "geometri": shape}


BUILT, OLD = "11111111-aaaa-4bbb-8ccc-000000000001", "11111111-aaaa-4bbb-8ccc-000000000002"
TYPES: dict[str, list[Row]] = {
    "gdk60:Bygning": [
        drawn(1, box(0), maalestedBygning="Tag", BBRUUID=BUILT),
        drawn(2, box(1), maalestedBygning="Tag", BBRUUID=OLD),
    ],
    "gdk60:Vandloebsmidte": [
        drawn(3, line(0), vandloebstype="Almindelig"),
        drawn(4, line(1), vandloebstype="Rørlagt"),
    ],
    "gdk60:Soe": [drawn(5, box(3))],
    "gdk60:Trae": [drawn(6, shapely.Point(WEST + 200, SOUTH + 500))],
    "gdk60:DHMLinje": [drawn(7, line(2))],
    "gdk60:Hegn": [drawn(8, line(3))],
    "gdk60:Vejmidte": [
        drawn(9, line(4), vejkategori="Fordelingsvej", overflade="Befæstet", niveau=""),
        drawn(10, line(5), vejkategori="Cykelsti langs vej", overflade="Befæstet", niveau="Bro"),
    ],
    "Kommuneinddeling": [
        {"id.lokalId": "389103", "kommunekode": "0151", "navn": "Ballerup", "regionskode": "1084", "geometri": SQUARE},
        {"id.lokalId": "389104", "kommunekode": "0163", "navn": "Herlev", "regionskode": "1084", "geometri": box(90)},
    ],
}


def bbr(**columns: Any) -> Row:
    return {"kommunekode": "0151", "status": "6", "registreringFra": "2024-05-02T10:11:12.000000+02:00", **columns}


FILES: dict[str, list[Row]] = {
    "BBR/Bygning": [
        bbr(
            id_lokalId=BUILT,
            byg021BygningensAnvendelse="120",
            byg026Opførelsesår=1962,
            byg038SamletBygningsareal=140,
            byg039BygningensSamledeBoligAreal=140,
            byg040BygningensSamledeErhvervsAreal=None,
            byg054AntalEtager=1,
            byg056Varmeinstallation="2",
            byg057Opvarmningsmiddel="3",
            byg058SupplerendeVarme="2",
        ),
        bbr(
            id_lokalId=OLD,
            byg021BygningensAnvendelse="140",
            byg026Opførelsesår=1000,
            byg038SamletBygningsareal=900,
            byg039BygningensSamledeBoligAreal=800,
            byg040BygningensSamledeErhvervsAreal=100,
            byg054AntalEtager=3,
            byg056Varmeinstallation="1",
            byg057Opvarmningsmiddel=None,
            byg058SupplerendeVarme=None,
        ),
    ],
    "BBR/Enhed": [
        bbr(id_lokalId=f"e{number}", bygning=OLD if number else BUILT, opgang="o1" if number else "o0", **use)
        for number, use in enumerate([{"enh020EnhedensAnvendelse": "120"}] + [{"enh020EnhedensAnvendelse": "140"}] * 2)
    ]
    + [bbr(id_lokalId="e9", bygning=OLD, opgang="o1", enh020EnhedensAnvendelse="321")],
    "BBR/Opgang": [
        bbr(id_lokalId=f"o{number}", bygning=house, adgangFraHusnummer=f"h{number}")
        for number, house in enumerate([BUILT, OLD])
    ],
    "BBR/Ejendomsrelation": [
        bbr(id_lokalId=f"r{number}", bfeNummer=bfe, ejendommensEjerforholdskode=code)
        for number, (bfe, code) in enumerate([(5000001, "10"), (5000002, "20"), (5000003, "50")])
    ],
    "DAR/Husnummer": [
        {"id_lokalId": "h0", "status": "3", "adgangspunkt": "p0", "adgangTilBygning": BUILT, "husnummertekst": "1"},
        {"id_lokalId": "h1", "status": "3", "adgangspunkt": "p1", "adgangTilBygning": OLD, "husnummertekst": "3"},
        {"id_lokalId": "h2", "status": "4", "adgangspunkt": "p1", "adgangTilBygning": OLD, "husnummertekst": "5"},
    ],
    "DAR/Adressepunkt": [
        {"id_lokalId": f"p{number}", "status": "8", "geometri": box(number).centroid} for number in range(2)
    ],
    "MAT/Lodflade": [
        {"id_lokalId": f"{number}", "jordstykkeLokalId": lot, "registreretAreal": 400, "geometri": box(number)}
        for number, lot in enumerate(["100201", "100202", "100202", "100203", "100204"])
    ],
    "MAT/Jordstykke": [
        {
            "id_lokalId": lot,
            "status": "Gældende",
            "matrikelnummer": "7ab",
            "ejerlavskode": 10751,
            "samletFastEjendomLokalId": bfe,
        }
        for lot, bfe in [("100201", 5000001), ("100202", 5000002), ("100203", 5000003), ("100204", 5999999)]
    ],
}


def gml_of(shape: Any, number: int) -> str:
    """A shape in GML 3.2, as the services write it."""
    named = f'gml:id="g{number}" srsName="urn:ogc:def:crs:EPSG::25832"'
    ring = shape.exterior if shape.geom_type == "Polygon" else shape
    places = " ".join(f"{x} {y}" for x, y in ring.coords)
    if shape.geom_type == "Point":
        return f"<gml:Point {named}><gml:pos>{places}</gml:pos></gml:Point>"
    if shape.geom_type == "LineString":
        return f"<gml:LineString {named}><gml:posList>{places}</gml:posList></gml:LineString>"
    inner = f"<gml:LinearRing><gml:posList>{places}</gml:posList></gml:LinearRing>"
    return f"<gml:Polygon {named}><gml:exterior>{inner}</gml:exterior></gml:Polygon>"


def wfs(asked: Asked) -> Reply:
    """Answer as a WFS that speaks GML alone, without looking at the filter: ours is held to what came."""
    query = asked.query
    if query["request"] == "GetCapabilities":
        names = "".join(f"<wfs:FeatureType><wfs:Name>{name}</wfs:Name></wfs:FeatureType>" for name in TYPES)
        return Reply(
            f'<wfs:WFS_Capabilities xmlns:wfs="{WFS}" version="2.0.0"><wfs:FeatureTypeList>{names}'
            "</wfs:FeatureTypeList></wfs:WFS_Capabilities>"
        )
    name = str(query.get("typeNames") or query.get("typeName"))
    rows, local = TYPES[name], name.split(":")[-1]
    if query["request"] == "DescribeFeatureType":
        columns = "".join(f'<xsd:element name="{column}" type="string"/>' for column in rows[0] if column != "geometri")
        shape = '<xsd:element name="geometri" type="gml:GeometryPropertyType"/>'
        inner = f"<xsd:complexType><xsd:sequence>{columns}{shape}</xsd:sequence></xsd:complexType>"
        return Reply(f'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">{inner}</xsd:schema>')
    members = ""
    for number, row in enumerate(rows):
        values = "".join(
            f"<gdk60:{column}>{gml_of(value, number) if column == 'geometri' else escape(value)}</gdk60:{column}>"
            for column, value in row.items()
        )
        members += f'<wfs:member><gdk60:{local} gml:id="{local}.{number}">{values}</gdk60:{local}></wfs:member>'
    hits = query.get("resultType") == "hits"
    return Reply(
        f'<wfs:FeatureCollection xmlns:wfs="{WFS}" xmlns:gdk60="{GDK}" xmlns:gml="{GML}" numberMatched="{len(rows)}" '
        f'numberReturned="{0 if hits else len(rows)}">{"" if hits else members}</wfs:FeatureCollection>'
    )


def files(folder: Path) -> Callable[[Asked], Reply]:
    """The weekly files, zipped GeoPackages."""

    def answer(asked: Asked) -> Reply:
        rows = FILES[f"{asked.query['Register']}/{asked.query['LatestTotalForEntity']}"]
        table = pd.DataFrame(rows)
        path = folder / f"{asked.query['LatestTotalForEntity']}.gpkg"
        if not path.exists():
            data = gpd.GeoDataFrame(table, geometry="geometri", crs="EPSG:25832") if "geometri" in table else table
            pyogrio.write_dataframe(data, path, layer=asked.query["LatestTotalForEntity"].lower())
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w") as archive:
            archive.writestr(path.name, path.read_bytes())
        return Reply(memory.getvalue())

    return answer


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, gpd.GeoDataFrame]:
    """All layers that name Datafordeler, through the shipped files; OpenStreetMap is away."""
    maker = ProjectMaker(tmp_path_factory.mktemp("registers") / "project")
    for name in LAYERS:
        shutil.copy(shipped_root() / "layers" / f"{name}.toml", maker.root / "layers")
    geodanmark = "/GeoDanmarkVektor/GeoDanmark60_NOHIST_GML3/1.0.0/WFS"
    folder = tmp_path_factory.mktemp("files")
    answers = {
        geodanmark: wfs,
        "/DAGIM/DAGI_10MULTIGEOM_GMLSFP/1.0.0/WFS": wfs,
        "/FileDownloads/GetAvailableFileDownloads": Reply(json.dumps({"availableFileDownloads": []})),
        "/FileDownloads/GetFile": files(folder),
        "/api/interpreter": Reply("The server is too busy", 500),
    }
    keys = Keys({"BALLERUP_GEO_DATAFORDELER_KEY": "k"})
    hosts = ("https://wfs.datafordeler.dk", "https://api.datafordeler.dk", "https://overpass-api.de")
    with faulty(answers) as server:
        stand_ins = dict.fromkeys(hosts, server.url)
        report = fetch(maker.project(), LAYERS, out=maker.out, keys=keys, stand_ins=stand_ins, limits=QUICK)
    states = {fetched.layer: fetched.state for fetched in report.layers}
    assert states == dict.fromkeys(LAYERS, "kept"), said(report)
    assert [each.layer for each in report.layers if each.faults] == ["roads"], "only there OpenStreetMap goes first"
    shelf = maker.catalog()
    assert "source.fetch[1] was asked" in shelf.read("roads").provenance.notes[0]
    return {name: gpd.GeoDataFrame(shelf.read(name).data) for name in LAYERS}


def plain(table: gpd.GeoDataFrame, *columns: str) -> list[list[Any]]:
    """Rows with None for what is not known."""
    found = table[list(columns)].astype(object)
    return [list(row) for row in found.where(found.notna(), None).to_numpy().tolist()]


EXPECTED: dict[str, tuple[tuple[str, ...], list[list[Any]]]] = {
    "municipality": (("name", "code"), [["Ballerup", "0151"]]),
    "buildings": (
        (
            *("building_id", "use_code", "status", "year_built", "dwelling_area_m2", "business_area_m2", "storeys"),
            *("heating_installation", "heating_fuel", "heating_supplement", "dwellings"),
        ),
        [
            [BUILT, 120, 6, 1962, 140.0, None, 1, 2, 3, 2, 1],
            [OLD, 140, 6, None, 800.0, 100.0, 3, 1, None, None, 2],
        ],
    ),
    "addresses": (("address_id", "building_id", "dwellings"), [["h0", BUILT, 1], ["h1", OLD, 2]]),
    "parcels": (
        ("parcel_id", "owner_kind", "owner_name"),
        [
            ["100201", "private", None],
            ["100202", "housing_association", None],
            ["100203", "municipality", None],
            ["100204", "other", None],
        ],
    ),
    "streams": (("stream_id", "culverted", "name"), [["1136520003", False, None], ["1136520004", True, None]]),
    "lakes": (("lake_id", "name"), [["1136520005", None]]),
    "trees": (("tree_id", "species", "crown_m"), [["1136520006", None, None]]),
    "culverts": (("culvert_id", "kind", "diameter_mm"), [["1136520007", "culvert", None]]),
    "hedges": (("hedge_id", "kind"), [["1136520008", None]]),
    "roads": (
        ("road_id", "class", "level", "speed_kmh"),
        [["1136520009", "secondary", None, None], ["1136520010", "path", 1, None]],
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_genuine_row_comes_out_right(name: str, tables: dict[str, gpd.GeoDataFrame]) -> None:
    assert name in EXPECTED, f"layers/{name}.toml names Datafordeler: write a row of its entity here"
    columns, rows = EXPECTED[name]
    assert plain(tables[name].sort_values(columns[0]), *columns) == rows


def test_a_parcel_of_two_pieces_is_one(tables: dict[str, gpd.GeoDataFrame]) -> None:
    area_m2 = tables["parcels"].set_index("parcel_id").area
    assert area_m2.to_dict() == {"100201": 400.0, "100202": 800.0, "100203": 400.0, "100204": 400.0}


def test_the_fixtures_name_only_what_the_layers_ask_for() -> None:
    """A type or entity that no shipped layer asks for any more is taken out here too."""
    asked = {
        (table.entity if table.access == "wfs" else f"{table.register_}/{table.entity}")
        for name in LAYERS
        for source in SHIPPED[name].source.fetch
        if source.kind == "datafordeler"
        for table in [source, *_joins(source.join)]
    }
    assert asked == {*TYPES, *FILES}


def _joins(joins: list[Any]) -> list[Any]:
    return [each for join in joins for each in (join, *_joins(join.join))]
