"""Datafordeler: files, GraphQL and GeoDanmark's GML on loopback, in the registers' own columns, written by hand."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from fetch_maker import bring, kept_file, said
from project_maker import SOUTH, WEST, ProjectMaker, frame, squares
from servers.faulty import Asked, Reply, Server, faulty

from ballerup_geo.sources import Keys

MARKER = "Marker-90fe-apikey-of-datafordeler"
KEYS = Keys({"BALLERUP_GEO_DATAFORDELER_KEY": MARKER})
WFS = "http://www.opengis.net/wfs/2.0"
GDK = "http://data.gov.dk/schemas/geodanmark60/2/gml3"
COLUMNS = {
    "building_id": {"type": "text", "required": True, "unique": True},
    "use_code": {"type": "integer", "required": True},
    "year_built": {"type": "integer", "minimum": 1000, "maximum": 2100},
    "heating_fuel": {"type": "integer"},
}
ABOUT = {"licence": "CC BY 4.0", "attribution": {"da": "Klimadatastyrelsen, BBR", "en": "Klimadatastyrelsen, BBR"}}


def uuid(number: int) -> str:
    return f"00000000-aaaa-bbbb-cccc-{number:012d}"


def bbr() -> pd.DataFrame:
    """Five buildings: built, built, demolished, in another municipality, and one that GeoDanmark has not drawn."""
    return pd.DataFrame(
        {
            "id_lokalId": [uuid(number) for number in range(5)],
            "status": ["6", "6", "10", "6", "6"],
            "kommunekode": ["0151", "0151", "0151", "0163", "0151"],
            "byg021BygningensAnvendelse": ["120", "140", "120", "120", "910"],
            "byg026Opførelsesår": [1962, 1000, 1950, 1970, 2001],
            "byg056Varmeinstallation": ["2", "1", "2", "2", None],
            "byg057Opvarmningsmiddel": ["3", None, "3", "3", None],
        }
    )


def zipped(name: str, content: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.writestr("BBR_Bygning_metadata.txt", "generation 123")
    return memory.getvalue()


def packed(table: pd.DataFrame, folder: Path, form: str) -> bytes:
    """A table as Datafordeler packs it."""
    path = folder / f"table.{form}"
    if form == "gpkg":
        path.unlink(missing_ok=True)
        pyogrio.write_dataframe(table, path, layer="bygning")
    elif form == "csv":
        table.to_csv(path, index=False, sep=";")
    else:
        rows = json.loads(table.to_json(orient="records"))
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return zipped(f"BBR_V1_Bygning_TotalDownload_{form}_Current_123.{form}", path.read_bytes())


def gml(features: str, matched: int) -> str:
    return (
        f'<wfs:FeatureCollection xmlns:wfs="{WFS}" xmlns:gdk60="{GDK}" xmlns:gml="http://www.opengis.net/gml/3.2" '
        f'numberMatched="{matched}" numberReturned="{matched}" timeStamp="2026-11-23T00:00:00Z">{features}'
        "</wfs:FeatureCollection>"
    )


def building(number: int, uid: str, west: float) -> str:
    """A building of GeoDanmark, with heights in its ring."""
    ring = [(west, SOUTH), (west + 10, SOUTH), (west + 10, SOUTH + 10), (west, SOUTH + 10), (west, SOUTH)]
    places = " ".join(f"{x} {y} 21.5" for x, y in ring)
    surface = f'<gml:Polygon gml:id="g{number}" srsName="urn:ogc:def:crs:EPSG::25832" srsDimension="3"><gml:exterior>'
    surface += f"<gml:LinearRing><gml:posList>{places}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
    return (
        f'<wfs:member><gdk60:Bygning gml:id="Bygning.{number}"><gdk60:id.lokalId>{1000 + number}</gdk60:id.lokalId>'
        f"<gdk60:BBRUUID>{uid}</gdk60:BBRUUID><gdk60:maalestedBygning>Tag</gdk60:maalestedBygning>"
        f"<gdk60:geometri>{surface}</gdk60:geometri></gdk60:Bygning></wfs:member>"
    )


CAPABILITIES = (
    f'<wfs:WFS_Capabilities xmlns:wfs="{WFS}" version="2.0.0"><wfs:FeatureTypeList><wfs:FeatureType>'
    "<wfs:Name>gdk60:Bygning</wfs:Name></wfs:FeatureType></wfs:FeatureTypeList></wfs:WFS_Capabilities>"
)
SCHEMA = (
    '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:complexType><xsd:sequence>'
    '<xsd:element name="BBRUUID" type="string"/><xsd:element name="geometri" type="gml:SurfacePropertyType"/>'
    "</xsd:sequence></xsd:complexType></xsd:schema>"
)


def geodanmark(asked: Asked) -> Reply:
    """The ground plans: the second building is drawn in two parts, the last belongs to none in BBR."""
    uids = [uuid(0), uuid(1).upper(), uuid(1), uuid(2), uuid(3), ""]
    members = "".join(building(n, uid, WEST + 100 + 10 * n) for n, uid in enumerate(uids))
    if asked.query["request"] == "GetCapabilities":
        return Reply(CAPABILITIES)
    if asked.query["request"] == "DescribeFeatureType":
        return Reply(SCHEMA)
    return Reply(gml("" if asked.query.get("resultType") == "hits" else members, len(uids)))


LISTED = [
    {"entityName": "Bygning", "typeOfDownload": "TotalDownload", "generationTime": "2026-11-21T04:00:00Z"},
    {"entityName": "Enhed", "typeOfDownload": "TotalDownload", "generationTime": "2026-11-21T04:10:00Z"},
]


def listing(asked: Asked) -> Reply:
    rows = [row for row in LISTED if asked.query.get("Entity", row["entityName"]) == row["entityName"]]
    return Reply(json.dumps({"availableFileDownloads": rows, "paginationMetadata": {"totalPages": 1}}))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Server]:
    """All of it; the file is in whatever format is asked for."""

    def file(asked: Asked) -> Reply:
        content = packed(bbr(), tmp_path, asked.query["format"].lower())
        return Reply(content, headers={"ETag": '"123"'})

    paths: dict[str, Callable[[Asked], Reply]] = {
        "/FileDownloads/GetAvailableFileDownloads": listing,
        "/FileDownloads/GetFile": file,
        "/GeoDanmark/WFS": geodanmark,
    }
    with faulty(paths) as server:
        yield server


def bygning(url: str, **fields: Any) -> dict[str, Any]:
    """BBR's buildings, by file."""
    asked = {"access": "file", "url": f"{url}/FileDownloads", "register": "BBR", "entity": "Bygning"}
    return {**asked, "only": {"kommunekode": "0151", "status": 6}, **fields}


def drawn(url: str, **fields: Any) -> dict[str, Any]:
    """GeoDanmark's ground plans with BBR's particulars, as in the shipped layer."""
    columns = {
        "building_id": "bbr.id_lokalId",
        "use_code": "bbr.byg021BygningensAnvendelse",
        "year_built": "bbr.byg026Opførelsesår",
        "heating_fuel": "bbr.byg057Opvarmningsmiddel",
    }
    source = {"kind": "datafordeler", "access": "wfs", "url": f"{url}/GeoDanmark/WFS", "register": "GEODKV"}
    join = bygning(url, **{"name": "bbr", "on": "BBRUUID", "to": "id_lokalId", **fields})
    more = {"entity": "gdk60:Bygning", "dissolve": "bbr.id_lokalId", "unknown": {"year_built": [1000]}}
    return {**source, **more, "join": [join], "columns": columns, **ABOUT}


def add(maker: ProjectMaker, source: dict[str, Any], *, geometry: str = "polygon") -> None:
    maker.layer("buildings", geometry=geometry, columns=COLUMNS, sources={"fetch": [source]})


def no_marker_in(folder: Path) -> bool:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return bool(files) and not any(MARKER.encode() in path.read_bytes() for path in files)


@pytest.mark.parametrize("form", ["gpkg", "csv", "json"])
def test_ground_plans_of_geodanmark_carry_the_particulars_of_bbr(
    maker: ProjectMaker, service: Server, form: str
) -> None:
    add(maker, drawn(service.url, format=form, params={"MunicipalityCode": "0151"}))
    report = bring(maker, keys=KEYS)
    assert (report.exit_code, said(report)) == (0, "")
    layer = maker.catalog().read("buildings")
    table = gpd.GeoDataFrame(layer.data)
    assert table["building_id"].tolist() == [uuid(0), uuid(1)]
    assert table["use_code"].tolist() == [120, 140]
    assert table["year_built"].astype(object).where(table["year_built"].notna(), None).tolist() == [1962, None]
    assert table["heating_fuel"].astype(object).where(table["heating_fuel"].notna(), None).tolist() == [3, None]
    assert table.area.tolist() == [100.0, 200.0]
    assert not shapely.has_z(table.geometry).any()
    notes = " ".join(layer.provenance.notes)
    assert "3 of 6 rows have no bbr, and are left out" in notes  # one demolished, one in Herlev, one without
    assert "1 of 3 rows of bbr belong to none" in notes
    file = next(asked for asked in service.asked if asked.path.endswith("GetFile"))
    wanted = {"Register": "BBR", "LatestTotalForEntity": "Bygning", "type": "current", "apikey": MARKER}
    assert file.query == {**wanted, "format": form if form == "gpkg" else form.upper(), "MunicipalityCode": "0151"}
    record = json.loads(kept_file(maker, "buildings.json").read_text())
    assert record["date"] == "2026-11-21"
    assert record["attribution"]["da"].startswith("Indeholder data fra Klimadatastyrelsen, BBR, ")
    assert no_marker_in(maker.root)


def test_a_download_that_broke_off_goes_on(maker: ProjectMaker, service: Server, tmp_path: Path) -> None:
    content = packed(bbr(), tmp_path, "gpkg")
    whole = service.answers["/FileDownloads/GetFile"]
    head = {"ETag": '"123"', "Content-Length": str(len(content))}
    service.answers["/FileDownloads/GetFile"] = [Reply(content, headers=head, sent=900), Reply("", 503), Reply("", 503)]
    add(maker, drawn(service.url))
    report = bring(maker, keys=KEYS)
    assert report.layers[0].state == "failed"
    work = maker.root / "data" / "kept" / ".work" / "buildings"
    assert [path.stat().st_size for path in work.glob("0/.*.part")] == [900]

    def rest(asked: Asked) -> Reply:
        assert asked.headers["Range"] == "bytes=900-"
        span = f"bytes 900-{len(content) - 1}/{len(content)}"
        return Reply(content[900:], 206, headers={"Content-Range": span, "ETag": '"123"'})

    service.answers["/FileDownloads/GetFile"] = rest
    assert said(bring(maker, keys=KEYS)) == ""
    service.answers["/FileDownloads/GetFile"] = Reply(content[:-300])  # a whole answer with half a zip file in it
    service.answers["/GeoDanmark/WFS"] = geodanmark
    report = bring(maker, keys=KEYS)
    assert "is no whole archive" in said(report)
    assert report.layers[0].kept is not None
    assert not work.exists()
    service.answers["/FileDownloads/GetFile"] = whole  # type: ignore[assignment]
    assert said(bring(maker, keys=KEYS)) == ""


def evil(folder: Path) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("../../outside.gpkg", packed(bbr(), folder, "gpkg"))
    return memory.getvalue()


def half_a_geopackage(folder: Path) -> bytes:
    path = folder / "half.gpkg"
    pyogrio.write_dataframe(bbr(), path, layer="bygning")
    return zipped("a.gpkg", path.read_bytes()[:6000])


@pytest.mark.parametrize(
    ("reply", "fields", "words"),
    [
        (lambda _: Reply(f"apikey {MARKER} is not valid", 401), {}, "answers 401 Unauthorized: apikey … is not valid"),
        (lambda _: Reply("<html>apikey expired</html>"), {}, "something else than a gpkg file came: apikey expired"),
        (lambda folder: Reply(evil(folder)), {}, "leads out of the folder"),
        (lambda folder: Reply(half_a_geopackage(folder)), {}, "cannot be read"),
        (lambda _: Reply(zipped("a.json", b'[{"id_lokalId": "x"}, {"st')), {"format": "json"}, "ends in the middle"),
        (None, {"entity": "Bygnig"}, 'BBR has no file of Bygnig → did you mean "Bygning"?'),
        (None, {"to": "id_lokalid"}, 'has no column "id_lokalid"'),
        (None, {"only": {"kommunekode": "0999"}}, "no row is left over the municipality"),
    ],
    ids=["key", "page", "zip", "half", "json", "entity", "column", "nothing"],
)
def test_what_is_wrong_with_a_file_is_told_without_the_key(
    maker: ProjectMaker, service: Server, tmp_path: Path, reply: Any, fields: dict[str, Any], words: str
) -> None:
    if reply is not None:
        service.answers["/FileDownloads/GetFile"] = reply(tmp_path)
    add(maker, drawn(service.url, **fields))
    report = bring(maker, keys=KEYS)
    assert report.exit_code == 3
    assert words in said(report)
    assert MARKER not in said(report)
    assert no_marker_in(maker.root)
    assert not list(tmp_path.glob("**/outside.gpkg"))


DEEP = b'{"a":' * 50_000
BIG = json.dumps([{"id_lokalId": "a", "byg021BygningensAnvendelse": 10**400, "kommunekode": "0151", "status": 6}])
POINTING = b'<OGRVRTDataSource><OGRVRTLayer name="bygning"><SrcDataSource>%s</SrcDataSource></OGRVRTLayer>'


@pytest.mark.parametrize(
    ("form", "content", "words"),
    [
        ("gpkg", POINTING + b"</OGRVRTDataSource>", "something else than a gpkg file came"),
        ("json", b"[" + DEEP, "cannot be read"),
        ("json", b'[{"a":' + b"9" * 10_000 + b"}]", "cannot be read"),
        ("json", BIG.encode(), "has no column"),
        ("json", b'["a"]', "a row is no object"),
        ("json", b'[{"id_lokalId": "\\ud800", "kommunekode": "\\udfff"}]', "has no column"),
        ("csv", b"id_lokalId;kommunekode\n" + b"x" * 3_000_000 + b";0151\n", "has no column"),
        ("csv", b'id_lokalId;kommunekode\n"a;0151\n', "cannot be read"),
        ("csv", b"id_lokalId\n\xff\xfe", "cannot be read"),
    ],
    ids=["pointer", "deep", "digits", "overflow", "no rows", "half a letter", "long", "quote", "bytes"],
)
def test_a_hostile_file_is_a_fault_of_its_layer(
    maker: ProjectMaker, service: Server, tmp_path: Path, form: str, content: bytes, words: str
) -> None:
    secret = tmp_path / "secret.gpkg"
    pyogrio.write_dataframe(bbr(), secret, layer="bygning")
    hostile = content.replace(b"%s", str(secret).encode())
    service.answers["/FileDownloads/GetFile"] = Reply(zipped(f"b.{form}", hostile))
    add(maker, drawn(service.url, format=form))
    report = bring(maker, keys=KEYS)
    assert [fetched.state for fetched in report.layers] == ["failed"], said(report)
    assert words in said(report)
    assert report.layers[0].kept is None


def test_a_number_beyond_all_is_unknown_and_no_bug(maker: ProjectMaker) -> None:
    page = {"data": {"BBR_Bygning": {"pageInfo": {"hasNextPage": False}, "nodes": []}}}
    for number in (10**30, 10**400, float("inf")):
        page["data"]["BBR_Bygning"]["nodes"] = [{**ROWS[0], "byg026Opfoerelsesaar": number}]
        with faulty({"/BBR/v2": Reply(json.dumps(page))}) as server:
            add(maker, by_graphql(server.url), geometry="point")
            report = bring(maker, keys=KEYS)
        assert report.exit_code == 0, said(report)
        assert maker.catalog().read("buildings").data["year_built"].isna().all()


def test_half_letters_in_values_are_kept_as_they_can_be(maker: ProjectMaker) -> None:
    rows = [{**ROWS[0], "id_lokalId": "\ud800"}]
    page = {"data": {"BBR_Bygning": {"pageInfo": {"hasNextPage": False}, "nodes": rows}}}
    with faulty({"/BBR/v2": Reply(json.dumps(page))}) as server:
        add(maker, by_graphql(server.url), geometry="point")
        report = bring(maker, keys=KEYS)
    assert report.exit_code == 0, said(report)
    assert maker.catalog().read("buildings").data["building_id"].tolist() == ["?"]


def test_without_the_key_the_layer_waits(maker: ProjectMaker, service: Server) -> None:
    add(maker, drawn(service.url))
    report = bring(maker)
    assert [fetched.state for fetched in report.layers] == ["waiting"]
    assert "layers/buildings.toml" in said(report)
    assert "BALLERUP_GEO_DATAFORDELER_KEY" in said(report)
    assert "https://administration.datafordeler.dk" in said(report)
    assert not service.asked


# ---------------------------------------------------------------- GraphQL

ROWS = [
    {
        "id_lokalId": uuid(number),
        "byg021BygningensAnvendelse": "120",
        "byg026Opfoerelsesaar": 1960 + number,
        "kommunekode": "0151",
        "byg404Koordinat": {"wkt": f"POINT ({WEST + 10 * number} {SOUTH + 5})"},
    }
    for number in range(5)
]


def graphql(asked: Asked) -> Reply:
    """Two rows a page; a field that it does not know is an error, with HTTP 200."""
    question = json.loads(asked.body)
    if "byg057" in question["query"]:
        return Reply(json.dumps({"errors": [{"message": f"The field byg057 does not exist ({MARKER})"}]}))
    start = int(question["variables"]["after"] or 0)
    end = start + question["variables"]["first"]
    page = {"hasNextPage": end < len(ROWS), "endCursor": str(end)}
    return Reply(json.dumps({"data": {"BBR_Bygning": {"pageInfo": page, "nodes": ROWS[start:end]}}}))


def by_graphql(url: str, **fields: Any) -> dict[str, Any]:
    columns = {"building_id": "id_lokalId", "use_code": "byg021BygningensAnvendelse"}
    columns |= {"year_built": "byg026Opfoerelsesaar", **fields.pop("columns", {})}
    source = bygning(url, access="graphql", only={"kommunekode": "0151"}, page=2)
    place = {"url": f"{url}/BBR/v2", "geometry": "byg404Koordinat", "kind": "datafordeler"}
    return {**source, **place, "columns": columns, **ABOUT, **fields}


def test_graphql_is_read_page_by_page(maker: ProjectMaker) -> None:
    with faulty({"/BBR/v2": graphql}) as server:
        add(maker, by_graphql(server.url), geometry="point")
        report = bring(maker, keys=KEYS)
    assert said(report) == ""
    table = gpd.GeoDataFrame(maker.catalog().read("buildings").data)
    assert table["year_built"].tolist() == [1960, 1961, 1962, 1963, 1964]
    assert table.geometry.x.tolist() == [WEST + 10 * number for number in range(5)]
    questions = [json.loads(asked.body) for asked in server.asked]
    assert [question["variables"]["after"] for question in questions] == [None, "2", "4"]
    assert all(asked.query == {"apikey": MARKER} for asked in server.asked)
    assert 'where: { kommunekode: { eq: "0151" } }' in questions[0]["query"]
    assert "virkningstid: $t" in questions[0]["query"]
    assert "byg404Koordinat { wkt }" in questions[0]["query"]
    assert no_marker_in(maker.root)


@pytest.mark.parametrize(
    ("reply", "fields", "words"),
    [
        (graphql, {"columns": {"heating_fuel": "byg057Opvarmningsmiddel"}}, "byg057 does not exist (…)"),
        (graphql, {"columns": {"year_built": "byg026Opførelsesår"}}, 'without æ, ø and å: "byg026Opfoerelsesaar"'),
        (
            Reply(json.dumps({"data": {"BBR_Bygning": {"pageInfo": {"hasNextPage": True}, "nodes": ROWS[:1]}}})),
            {},
            "its pages do not end",
        ),
        (Reply("<html>rebuilding</html>"), {}, "answers something else than JSON: rebuilding"),
        (Reply(f"no access for {MARKER}", 403), {}, "no access for …"),
    ],
    ids=["field", "spelling", "endless", "page", "key"],
)
def test_what_graphql_refuses_is_told_without_the_key(
    maker: ProjectMaker, reply: Any, fields: dict[str, Any], words: str
) -> None:
    with faulty({"/BBR/v2": reply}) as server:
        add(maker, by_graphql(server.url, **fields), geometry="point")
        report = bring(maker, keys=KEYS)
    assert report.exit_code == 3
    assert words in said(report)
    assert MARKER not in said(report)


# ---------------------------------------------------------------- the shipped layers


def registers() -> dict[str, pd.DataFrame]:
    """Files in the registers' schemas: three house numbers, one of them retired; two parcels, one of two parts."""
    places = [shapely.Point(WEST + 100 + 50 * number, SOUTH + 50) for number in range(3)]
    unit = {"status": ["6", "6", "10", "6"], "bygning": [uuid(1)] * 4, "opgang": ["o1"] * 4, "kommunekode": "0151"}
    whole = bbr().assign(
        byg038SamletBygningsareal=120,
        byg039BygningensSamledeBoligAreal=100,
        byg040BygningensSamledeErhvervsAreal=20,
        byg054AntalEtager=1,
        byg058SupplerendeVarme=None,
        registreringFra="2024-05-01T10:00:00+02:00",
    )
    return {
        "BBR Bygning": whole,
        "BBR Enhed": pd.DataFrame({"enh020EnhedensAnvendelse": ["140", "140", "140", "321"], **unit}),
        "BBR Opgang": pd.DataFrame({"id_lokalId": ["o1"], "adgangFraHusnummer": ["H1"], "kommunekode": ["0151"]}),
        "BBR Ejendomsrelation": pd.DataFrame(
            {"bfeNummer": [77], "ejendommensEjerforholdskode": ["20"], "kommunekode": ["0151"]}
        ),
        "DAR Husnummer": pd.DataFrame(
            {
                "id_lokalId": ["h0", "h1", "h2", "h3"],
                "status": ["3", "3", "4", "3"],
                "adgangspunkt": ["p0", "p1", "p2", "p0"],
                "adgangTilBygning": [uuid(0), uuid(1), uuid(0), uuid(2)],
            }
        ),
        "DAR Adressepunkt": frame(places, id_lokalId=["p0", "p1", "p2"]),
        "MAT Lodflade": frame(squares(3), jordstykkeLokalId=["1", "1", "2"]),
        "MAT Jordstykke": pd.DataFrame(
            {"id_lokalId": ["1", "2"], "samletFastEjendomLokalId": ["77", "78"], "status": ["Gældende"] * 2}
        ),
    }


def test_the_shipped_layers_are_put_together_from_the_registers(
    maker: ProjectMaker, root: Path, tmp_path: Path
) -> None:
    files = registers()

    def file(asked: Asked) -> Reply:
        table = files[f"{asked.query['Register']} {asked.query['LatestTotalForEntity']}"]
        folder = tmp_path / f"{asked.query['Register']}{asked.query['LatestTotalForEntity']}{id(asked)}"
        folder.mkdir()
        return Reply(packed(table, folder, "gpkg"))

    names = ("addresses", "buildings", "parcels")
    for name in names:
        text = (root / "layers" / f"{name}.toml").read_text(encoding="utf-8")
        (maker.root / "layers" / f"{name}.toml").write_text(text, encoding="utf-8")
    served: dict[str, Any] = {
        "/FileDownloads/GetFile": file,
        "/FileDownloads/GetAvailableFileDownloads": Reply('{"availableFileDownloads": []}'),
        "/GeoDanmarkVektor/GeoDanmark60_NOHIST_GML3/1.0.0/WFS": geodanmark,
    }
    with faulty(served) as server:
        stand_ins = {f"https://{host}.datafordeler.dk": server.url for host in ("api", "wfs")}
        report = bring(maker, *names, keys=KEYS, stand_ins=stand_ins)
        assert all(asked.query["apikey"] == MARKER for asked in server.asked)
    assert said(report) == ""
    addresses, buildings, parcels = (pd.DataFrame(maker.catalog().read(name).data) for name in names)
    told = addresses[["address_id", "building_id", "dwellings"]].to_numpy().tolist()
    assert told == [["h0", uuid(0), 0], ["h1", uuid(1), 2]]  # h2 is retired, the house of h3 is demolished
    assert parcels[["parcel_id", "owner_kind"]].to_numpy().tolist() == [["1", "housing_association"], ["2", "other"]]
    assert [round(shape.area) for shape in parcels["geometry"]] == [800, 400]
    assert buildings["building_id"].tolist() == [uuid(0), uuid(1)]
    assert buildings["dwellings"].tolist() == [0, 2]
    assert buildings["heating_installation"].tolist() == [2, 1]
    assert [str(day)[:10] for day in buildings["updated"]] == ["2024-05-01"] * 2
    assert no_marker_in(maker.root / "data")


def test_the_boundary_comes_from_dagi_by_the_municipalitys_code(maker: ProjectMaker, root: Path) -> None:
    text = (root / "layers" / "municipality.toml").read_text(encoding="utf-8")
    (maker.root / "layers" / "municipality.toml").write_text(text, encoding="utf-8")
    ring = f"{WEST} {SOUTH} {WEST + 900} {SOUTH} {WEST + 900} {SOUTH + 900} {WEST} {SOUTH + 900} {WEST} {SOUTH}"
    member = (
        '<wfs:member xmlns:d="http://data.gov.dk/schemas/dagi/2/gmlsfp"><d:Kommuneinddeling gml:id="k.1">'
        "<d:kommunekode>0151</d:kommunekode><d:navn>Ballerup</d:navn><d:geometri>"
        '<gml:MultiSurface gml:id="m.1" srsName="urn:ogc:def:crs:EPSG::25832"><gml:surfaceMember>'
        f'<gml:Polygon gml:id="p.1"><gml:exterior><gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing>'
        "</gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></d:geometri></d:Kommuneinddeling>"
        "</wfs:member>"
    )

    def dagi(asked: Asked) -> Reply:
        if asked.query["request"] == "GetCapabilities":
            return Reply(CAPABILITIES.replace("gdk60:Bygning", "dagi:Kommuneinddeling"))
        if asked.query["request"] == "DescribeFeatureType":
            return Reply(SCHEMA.replace("BBRUUID", "kommunekode"))
        assert "<fes:Literal>0151</fes:Literal>" in asked.query["filter"]
        return Reply(gml("" if asked.query.get("resultType") == "hits" else member, 1))

    with faulty({"/DAGIM/DAGI_10MULTIGEOM_GMLSFP/1.0.0/WFS": dagi}) as server:
        stand_ins = {"https://wfs.datafordeler.dk": server.url}
        assert said(bring(maker, "municipality", keys=KEYS, stand_ins=stand_ins)) == ""
    kept = gpd.read_parquet(kept_file(maker, "municipality.parquet"))
    assert (kept["name"].tolist(), kept["code"].tolist(), kept.area.tolist()) == (["Ballerup"], ["0151"], [810_000.0])


def test_a_zip_file_spoilt_on_the_way_is_told(maker: ProjectMaker, service: Server, tmp_path: Path) -> None:
    content = bytearray(packed(bbr(), tmp_path, "gpkg"))
    content[len(content) // 2 - 40 : len(content) // 2 + 40] = b"\xff" * 80
    service.answers["/FileDownloads/GetFile"] = Reply(bytes(content))
    add(maker, drawn(service.url))
    assert "is no whole archive" in said(bring(maker, keys=KEYS))
