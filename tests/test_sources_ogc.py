"""WFS and OGC API Features: against MapServer with real paging, and against a server that does what bad ones do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from fetch_maker import COLUMNS, MAPPED, add_lakes, bring, kept_file, lakes, said, service
from project_maker import ProjectMaker, squares
from servers.cgi import Served
from servers.faulty import Asked, Reply, faulty
from servers.mapserver import mapserver
from servers.qgis_server import qgis_server

from ballerup_geo.sources import Keys

MARKER = "Marker-77aa-Key-of-a-service"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """MapServer with the lakes, as GeoJSON."""
    folder = tmp_path_factory.mktemp("mapserver")
    lakes().to_file(folder / "lakes.gpkg", layer="lakes")
    with mapserver(folder / "server", {"lakes": folder / "lakes.gpkg"}) as served:
        yield served


@pytest.fixture(scope="module")
def town_gml(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """MapServer that knows GML alone, as GeoDanmark's does."""
    folder = tmp_path_factory.mktemp("mapserver")
    lakes().to_file(folder / "lakes.gpkg", layer="lakes")
    with mapserver(folder / "server", {"lakes": folder / "lakes.gpkg"}, geojson=False) as served:
        yield served


def brought(maker: ProjectMaker) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(maker.catalog().read("lakes").data)


# ---------------------------------------------------------------- MapServer


def test_a_wfs_is_read_page_by_page_in_a_stable_order(maker: ProjectMaker, town: Served) -> None:
    add_lakes(maker, service(town.url, page=5, sort_by="gid"))
    town.asked.clear()
    report = bring(maker)
    assert (report.exit_code, said(report)) == (0, "")
    table = brought(maker)
    expected = lakes()
    assert table["lake_id"].tolist() == expected["gid"].tolist()
    assert table["name"].tolist() == expected["navn"].tolist()
    assert shapely.equals(shapely.normalize(table.geometry), shapely.normalize(expected.geometry)).all()
    pages = [asked for asked in town.queries() if asked.get("count")]
    assert [(asked["startIndex"], asked["count"], asked["sortBy"]) for asked in pages] == [
        ("0", "5", "gid"),
        ("5", "5", "gid"),
        ("10", "5", "gid"),
    ]
    urn = "urn:ogc:def:crs:EPSG::25832"
    form = {"service": "WFS", "version": "2.0.0", "request": "GetFeature", "typeNames": "pdk:lakes", "srsName": urn}
    assert all(asked.items() >= form.items() for asked in pages)
    assert pages[0]["bbox"] == f"710000.0,6180000.0,711000.0,6181000.0,{urn}"


def test_gml_is_read_where_there_is_no_geojson_and_no_schema_is_asked_for(
    maker: ProjectMaker, town_gml: Served
) -> None:
    add_lakes(maker, service(town_gml.url, page=5))
    town_gml.asked.clear()
    report = bring(maker)
    assert said(report) == ""
    assert brought(maker)["lake_id"].tolist() == lakes()["gid"].tolist()
    requests = [asked["request"] for asked in town_gml.queries()]  # all are ours: GDAL asks for nothing itself
    assert requests == ["GetCapabilities", "DescribeFeatureType", *["GetFeature"] * 4]


@pytest.mark.parametrize("dialect", ["fes", "cql"])
def test_only_is_asked_of_the_service_and_held_against_what_comes(
    maker: ProjectMaker, town: Served, dialect: str
) -> None:
    add_lakes(maker, service(town.url, only={"komnr": 151}, dialect=dialect))
    town.asked.clear()
    assert said(bring(maker)) == ""
    assert len(brought(maker)) == 8
    hits, page = town.queries()[2:4]
    if dialect == "fes":  # the standard's own: MapServer knows it, and announces 8
        assert "PropertyIsEqualTo" in page["filter"]
        assert "BBOX" in page["filter"]
    else:  # GeoServer's: MapServer does not know it, and sends all 12
        assert page["CQL_FILTER"].startswith("komnr = 151 AND BBOX(geometri, 710000.0, 6180000.0, ")
        assert "4 features with another komnr" in "; ".join(maker.catalog().read("lakes").provenance.notes)
    assert hits["resultType"] == "hits"


def test_ogc_api_features_in_degrees_and_a_service_that_does_not_turn_its_pages(
    maker: ProjectMaker, town: Served
) -> None:
    source = service(f"{town.url}/ogcapi", protocol="features", type_name="lakes")
    add_lakes(maker, source, name="lakes")
    add_lakes(maker, source | {"page": 5}, name="bogs")  # MapServer 8.0 leaves the offset unread for a GeoPackage
    report = bring(maker)
    assert [fetched.state for fetched in report.layers] == ["failed", "kept"]
    assert "a page has come twice (after 5 features)" in said(report)
    table = brought(maker)
    expected = lakes()
    assert table["lake_id"].tolist() == expected["gid"].tolist()
    apart = shapely.hausdorff_distance(table.geometry.to_numpy(), expected.geometry.to_numpy())
    assert apart.max() < 0.2  # six decimals of a degree


def test_qgis_server_is_read_by_its_links_in_25832(maker: ProjectMaker, tmp_path: Path) -> None:
    lakes().to_file(tmp_path / "lakes.gpkg", layer="lakes")
    with qgis_server(tmp_path / "server", {"lakes": tmp_path / "lakes.gpkg"}) as served:
        add_lakes(maker, service(f"{served.url}/wfs3", protocol="features", type_name="lakes", page=7))
        assert said(bring(maker)) == ""
        items = served.queries()[1:]
    assert [asked.get("offset") for asked in items] == [None, "7"]
    assert all(asked["bbox"] == "710000.0,6180000.0,711000.0,6181000.0" for asked in items)
    table, expected = brought(maker), lakes()
    assert table["lake_id"].tolist() == expected["gid"].tolist()
    assert shapely.hausdorff_distance(table.geometry.to_numpy(), expected.geometry.to_numpy()).max() < 0.001


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"type_name": "pdk:laks"}, 'no such feature type → did you mean "pdk:lakes"?'),
        ({"protocol": "features", "type_name": "laks"}, 'no such collection → did you mean "lakes"?'),
        ({"columns": {**MAPPED, "name": "nafn"}}, 'has no column "nafn" (any more); it has: gid, komnr, navn'),
        ({"only": {"komnr": 999}, "dialect": "fes"}, "has no feature of pdk:lakes over the municipality"),
        ({"parts": [{"type_name": "pdk:rivers"}], "type_name": None}, "no such feature type → did you mean|use one of"),
    ],
    ids=["type", "collection", "column", "nothing here", "part"],
)
def test_what_the_service_does_not_have_is_named(
    maker: ProjectMaker, town: Served, fields: dict[str, Any], advice: str
) -> None:
    url = f"{town.url}/ogcapi" if "protocol" in fields else town.url
    add_lakes(maker, service(url, **fields))
    report = bring(maker)
    assert report.exit_code == 3
    assert any(words in said(report) for words in advice.split("|"))
    assert "source.fetch[0]" in said(report)
    assert not kept_file(maker).exists()


def test_parts_with_their_own_columns_and_constants_make_one_layer(maker: ProjectMaker, town: Served) -> None:
    parts = [
        {"type_name": "pdk:lakes", "only": {"komnr": 151}, "constants": {"kind": "ours"}},
        {
            "type_name": "pdk:lakes",
            "only": {"komnr": 163},
            "columns": {"name": "gid"},
            "values": {"name": {"L002": "to"}},
        },
    ]
    columns = {**COLUMNS, "lake_id": {"type": "text", "unique": True}, "kind": {"type": "text"}}
    source = service(town.url, type_name=None, parts=parts, columns={"name": "navn"}, number="lake_id")
    source["constants"] = {"kind": "theirs"}
    maker.layer("lakes", geometry="polygon", columns=columns, sources={"fetch": [source | {"dialect": "fes"}]})
    assert said(bring(maker)) == ""
    table = brought(maker)
    assert table["kind"].value_counts().to_dict() == {"ours": 8, "theirs": 4}
    assert table.loc[table["kind"] == "theirs", "name"].tolist() == ["to", "L005", "L008", "L011"]
    assert table["lake_id"].tolist() == [str(i) for i in range(1, 13)]


# ---------------------------------------------------------------- a WFS that does wrong

CAPABILITIES = """<wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1">
<ows:Operation name="GetFeature"><ows:Parameter name="outputFormat"><ows:AllowedValues>
<ows:Value>application/json</ows:Value></ows:AllowedValues></ows:Parameter></ows:Operation>
<wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>pdk:lakes</wfs:Name></wfs:FeatureType></wfs:FeatureTypeList>
</wfs:WFS_Capabilities>"""
SCHEMA = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:complexType name="t"><xsd:sequence>
<xsd:element name="gid" type="xsd:string"/><xsd:element name="navn" type="xsd:string"/>
<xsd:element name="Shape" type="gml:SurfacePropertyType"/></xsd:sequence></xsd:complexType></xsd:schema>"""
REPORT = """<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception
exceptionCode="NoApplicableCode"><ows:ExceptionText>Translator error for apikey {key}</ows:ExceptionText>
</ows:Exception></ows:ExceptionReport>"""
LAUGHS = (
    """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">"""
    + "".join(f'<!ENTITY lol{i} "{f"&lol{i - 1 or str()};" * 10}">' for i in range(1, 10))
    + "]><wfs:WFS_Capabilities xmlns:wfs='x'>&lol9;</wfs:WFS_Capabilities>"
)
URN = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}


def hits(number: int | str) -> Reply:
    return Reply(f'<wfs:FeatureCollection xmlns:wfs="w" numberMatched="{number}" numberReturned="0"/>')


def feature(number: int, *, identified: bool = True) -> dict[str, Any]:
    shape = squares(60)[number]
    identifier = {"id": f"lakes.{number}"} if identified else {}
    return {
        "type": "Feature",
        **identifier,
        "properties": {"gid": f"L{number}", "navn": "Sø"},
        "geometry": shapely.geometry.mapping(shape),
    }


def collection(*features: dict[str, Any], **more: Any) -> Reply:
    return Reply(json.dumps({"type": "FeatureCollection", "crs": URN, "features": list(features), **more}))


def wfs(page: Callable[[Asked], Reply], *, matched: int | str = 4, **others: Reply) -> Callable[[Asked], Reply]:
    """A WFS whose pages are made by ``page``; ``others`` answer other requests."""

    def answer(asked: Asked) -> Reply:
        request = asked.query["request"]
        if request in others:
            return others[request]
        if request != "GetFeature":
            return Reply({"GetCapabilities": CAPABILITIES, "DescribeFeatureType": SCHEMA}[request])
        return hits(matched) if asked.query.get("resultType") == "hits" else page(asked)

    return answer


def paged(asked: Asked) -> list[int]:
    start = int(asked.query["startIndex"])
    return list(range(start, min(start + int(asked.query["count"]), 4)))


GOOD = wfs(lambda asked: collection(*map(feature, paged(asked))))
CASES: dict[str, tuple[Callable[[Asked], Reply], str]] = {
    "a page for ever": (wfs(lambda _: collection(feature(0), feature(1)), matched="unknown"), "a page has come twice"),
    "a page for ever, no ids": (
        wfs(lambda _: collection(feature(0, identified=False)), matched="unknown"),
        "a page has come twice",
    ),
    "features twice": (
        wfs(lambda asked: collection(*[feature(max(0, i - 1)) for i in paged(asked)])),
        'have come twice (first: "lakes.',
    ),
    "fewer than announced": (
        wfs(lambda asked: collection(*map(feature, paged(asked))), matched=9),
        "4 features came, and 9 were announced",
    ),
    "more than announced": (
        wfs(lambda asked: collection(*[feature(int(asked.query["startIndex"]) + i) for i in range(3)])),
        "6 features have come, and 4 were announced",
    ),
    "none": (wfs(lambda _: collection(), matched=0), "has no feature of pdk:lakes over the municipality"),
    "exception with 200": (
        wfs(lambda asked: Reply(REPORT.format(key=asked.query["apikey"]))),
        "reports an exception: NoApplicableCode Translator error for apikey …",
    ),
    "exception with 400": (
        wfs(lambda asked: Reply(REPORT.format(key=asked.query["apikey"]), 400)),
        "answers 400 Bad Request: Translator error for apikey …",
    ),
    "wrong key": (
        wfs(lambda asked: Reply(f"Unknown key {asked.query['apikey']}", 401)),
        "answers 401 Unauthorized: Unknown key …",
    ),
    "a billion laughs": (wfs(lambda _: Reply(), GetCapabilities=Reply(LAUGHS)), "declares a document type or entities"),
    "a web page": (
        wfs(lambda _: Reply("<html><body>Vi arbejder på sagen</body></html>")),
        "answers something else than JSON: Vi arbejder på sagen",
    ),
    "half an answer": (
        wfs(lambda asked: Reply(collection(feature(0)).body[:150])),
        "answers something else than JSON",
    ),
    "another service": (
        wfs(lambda _: Reply(), GetCapabilities=Reply("<WMS_Capabilities/>")),
        "GetCapabilities is answered by a WMS_Capabilities",
    ),
    "wrong CRS": (
        wfs(lambda asked: collection(*map(feature, paged(asked)), crs={"properties": {"name": "EPSG:4326"}})),
        "the coordinates are no degrees",
    ),
    "swapped coordinates": (
        wfs(
            lambda asked: collection(
                *[
                    {**feature(i), "geometry": {"type": "Point", "coordinates": [6180000.0 + i, 710000.0]}}
                    for i in paged(asked)
                ]
            )
        ),
        "x and y are swapped",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_service_that_does_wrong_is_found_out_and_no_key_is_said(name: str, maker: ProjectMaker) -> None:
    answer, words = CASES[name]
    keys = Keys({"BALLERUP_GEO_DATAFORDELER_KEY": MARKER})
    with faulty({"/wfs": answer}) as server:
        add_lakes(maker, service(f"{server.url}/wfs", page=2, key="datafordeler"))
        report = bring(maker, keys=keys)
        assert all(asked.query["apikey"] == MARKER for asked in server.asked)
        assert len(server.asked) < 20
    assert report.exit_code == 3
    assert words in said(report)
    written = [path for path in maker.root.rglob("*") if path.is_file()]
    assert MARKER not in said(report) + repr(report) + "".join(path.read_bytes().decode("latin-1") for path in written)
    assert not kept_file(maker).exists()


def test_the_same_server_in_order_is_read_and_nothing_here_may_be_an_answer(maker: ProjectMaker) -> None:
    with faulty({"/wfs": GOOD, "/empty": wfs(lambda _: collection(), matched=0)}) as server:
        add_lakes(maker, service(f"{server.url}/wfs", page=3))
        add_lakes(maker, service(f"{server.url}/empty"), name="bogs", may_be_empty=True)
        report = bring(maker)
    assert (report.exit_code, said(report)) == (0, "")
    assert [len(maker.catalog().read(name).data) for name in ("lakes", "bogs")] == [4, 0]


def test_a_service_that_takes_north_before_east_is_asked_that_way(maker: ProjectMaker) -> None:
    def swapped(asked: Asked) -> Reply:
        north_first = asked.query["bbox"].startswith("6180000.0,710000.0,")
        if asked.query.get("resultType") == "hits":
            return hits(4 if north_first else 0)
        return collection(*map(feature, paged(asked))) if north_first else collection()

    def answer(asked: Asked) -> Reply:
        return swapped(asked) if asked.query["request"] == "GetFeature" else GOOD(asked)

    with faulty({"/wfs": answer}) as server:
        add_lakes(maker, service(f"{server.url}/wfs"))
        assert said(bring(maker)) == ""
    assert "takes north before east" in "; ".join(maker.catalog().read("lakes").provenance.notes)


# ---------------------------------------------------------------- OGC API Features in EPSG:25832, and its loops

OURS = "http://www.opengis.net/def/crs/EPSG/0/25832"


def api(page: Callable[[Asked], Reply]) -> dict[str, Any]:
    listed = {"collections": [{"id": "lakes", "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84", OURS]}]}
    return {"/api/collections": Reply(json.dumps(listed)), "/api/collections/lakes/items": page}


def linked(asked: Asked, *, onward: str, **more: Any) -> Reply:
    start = int(asked.query.get("offset", 0))
    links = [{"rel": "next", "type": "application/geo+json", "href": onward.format(start=start + 2)}]
    reply = collection(feature(start), feature(start + 1), links=links if start + 2 < 4 else [], **more)
    return replace(reply, headers={"Content-Crs": f"<{OURS}>"})


def test_items_are_asked_for_in_25832_and_links_through_a_proxy_lead_back(maker: ProjectMaker) -> None:
    with faulty(api(lambda asked: linked(asked, onward="http://inner-host:8080/x?offset={start}&limit=2"))) as server:
        add_lakes(maker, service(f"{server.url}/api", protocol="features", type_name="lakes", page=2))
        assert said(bring(maker)) == ""
        items = [asked.query for asked in server.asked if asked.path.endswith("items")]
    assert brought(maker)["lake_id"].tolist() == ["L0", "L1", "L2", "L3"]
    bounds = "710000.0,6180000.0,711000.0,6181000.0"
    assert items[0] == {"limit": "2", "crs": OURS, "bbox": bounds, "bbox-crs": OURS}
    assert items[1] == items[0] | {"offset": "2"}


def fresh_pages_one_link(_: Asked) -> Reply:
    """New features every time, and always the same link."""
    number = next(NUMBERS)
    links = [{"rel": "next", "type": "application/geo+json", "href": "?offset=2"}]
    return collection(feature(number), links=links)


NUMBERS = iter(range(50))


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (lambda asked: linked(asked, onward="?offset=0&limit=2"), "a page has come twice"),
        (fresh_pages_one_link, "its pages lead in a circle"),
        (lambda asked: linked(asked, onward="?offset={start}", numberMatched=7), "7 were announced"),
        (lambda _: Reply(json.dumps({"code": "NotFound", "description": "no such thing"})), "no such thing"),
        (lambda _: Reply(json.dumps({"title": "\x1b[31m" + "A" * 9999})), "feature collection: [31mAAA"),
        (lambda asked: linked(asked, onward="https://[::1"), "link to the next page is no address"),
        (lambda _: replace(collection(feature(0)), headers={"Content-Crs": "</def/crs/EPSG/0/999999>"}), "is none"),
        (lambda _: collection({**feature(0), "geometry": None}), "none of 1 feature has a geometry"),
    ],
    ids=["page", "circle", "fewer", "error with 200", "endless words", "link", "crs", "nowhere"],
)
def test_links_and_counts_are_not_believed(page: Callable[[Asked], Reply], words: str, maker: ProjectMaker) -> None:
    with faulty(api(page)) as server:
        add_lakes(maker, service(f"{server.url}/api", protocol="features", type_name="lakes", page=2))
        report = bring(maker)
        assert len(server.asked) < 8
    assert report.exit_code == 3
    assert words in said(report)
    assert len(said(report)) < 600


def test_values_that_no_file_can_hold_are_kept_as_they_can_be(maker: ProjectMaker) -> None:
    """Half a letter, a list where a text is mapped, a number of forty digits; and a collection without its CRS."""
    odd = [
        {**feature(i), "properties": {"gid": f"L{i}", "navn": value}}
        for i, value in enumerate(["\ud800x", [1, 2], 10**40])
    ]
    answers = api(lambda _: replace(collection(*odd), headers={"Content-Crs": f"<{OURS}>"}))
    answers["/api/collections"] = Reply(json.dumps({"collections": [{"id": "lakes", "crs": None}]}))
    with faulty(answers) as server:
        values = {"name": {"a": "b"}}
        add_lakes(maker, service(f"{server.url}/api", protocol="features", type_name="lakes", values=values))
        assert said(bring(maker)) == ""
    assert brought(maker)["name"].tolist() == ["?x", "[1, 2]", str(10**40)]
