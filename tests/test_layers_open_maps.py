"""The shipped layers of Plandata and the environment's services: their genuine type and column names become ours.

A small server answers as GeoServer does, with rows written by hand in the services' own schema.
"""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pytest
import shapely
from fetch_maker import QUICK, said
from project_maker import SQUARE, ProjectMaker, squares
from servers.faulty import Asked, Reply, faulty

from ballerup_geo.catalog import fetch
from ballerup_geo.methods.trees._checks import unchecked_ties
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.run._execute import _untold, _untold_notes
from ballerup_geo.sources import Keys
from ballerup_geo.spec import Given

SHIPPED = read_project(shipped_root()).layers
LAYERS = tuple(name for name, layer in SHIPPED.items() if any(source.kind == "ogc" for source in layer.source.fetch))
PLAN = {"komnr": 151, "komnavn": "Ballerup"}
TYPES: dict[str, list[dict[str, Any]]] = {
    "pdk:theme_pdk_lokalplan_vedtaget": [
        PLAN
        | {
            "planid": 1073,
            "plannavn": "Måløv By",
            "datovedt": 20240131,
            "doklink": "https://plan.dk/1.pdf",
            "status": "V",
        },
        PLAN | {"planid": 88, "plannavn": "Hede", "datovedt": None, "doklink": None, "status": "V"},
        PLAN | {"planid": 7, "komnr": 163, "plannavn": "Herlev", "datovedt": 20200101, "doklink": None, "status": "V"},
    ],
    "pdk:theme_pdk_lokalplan_forslag": [PLAN | {"planid": 2001, "plannavn": "Skovlunde C", "doklink": None}],
    "pdk:theme_pdk_varmeplansomraade_vedtaget_v": [
        PLAN
        | {
            "type1207": 1,
            "vaerdi1207": "Fjernvarme",
            "konvstartaar": 2026,
            "konvslutaar": 2028,
            "virknavn": "Vestforbrænding",
        },
        PLAN
        | {
            "type1207": 2,
            "vaerdi1207": "Individuel varmeforsyning",
            "konvstartaar": 0,
            "konvslutaar": 1900,
            "virknavn": None,
        },
    ],
    "pdk:theme_pdk_forsyningomraade_vedtaget_v": [
        PLAN
        | {
            "forsyid": 5,
            "navn1203": "Vest",
            "vaerdi1203": words,
            "forsytekst": "Vestforbrænding",
            "cvr_kode": "10866111",
        }
        for words in ("Fjernvarme", "Individuel naturgasforsyning", "Anden")
    ],
    "pdk:theme_pdk_tilslutningspligtomraade_vedtaget_v": [
        PLAN | {"navn1204": "Grantoften", "vaerd1204a": "Ny", "vaerd1204b": "Eksisterende", "dato1204": 19981201}
    ],
    "pdk:theme_pdk_forsyningsforbudomraade_vedtaget_v": [
        PLAN | {"type1205": 1, "vaerdi1205": "El", "navn1205": "Elvarmeforbud"}
    ],
    "pdk:theme_pdk_kommuneplanramme_vedtaget_v": [
        PLAN
        | {
            "planid": 9001,
            "plannr": "9.B12",
            "plannavn": "Måløv Syd",
            "anvendelsegenerel": "Boligområde",
            "bebygpct": 30,
            "maxetager": 2.5,
            "maxbygnhjd": 8.5,
            "datoikraft": 20241212,
            "doklink": "https://plan.dk/9.pdf",
        },
        PLAN
        | {
            "planid": 9002,
            "plannr": "9.E1",
            "plannavn": "Erhverv",
            "anvendelsegenerel": "Erhvervsområde",
            "bebygpct": None,
            "maxetager": None,
            "maxbygnhjd": None,
            "datoikraft": None,
            "doklink": None,
        },
    ],
    "pdk:theme_pdk_kommuneplanramme_forslag_v": [
        PLAN
        | {
            "planid": 9003,
            "plannr": "9.B13",
            "plannavn": "Nyt",
            "anvendelsegenerel": "Boligområde",
            "bebygpct": 40,
            "maxetager": 3,
            "maxbygnhjd": 10,
            "doklink": None,
        }
    ],
    "pdk:theme_pdk_kloakopland_vedtaget": [
        PLAN | {"plannr": "K1", "nuvkode": code, "ejerkode": 1, "datoopdt": 20250601} for code in (1, 2, 3, 5)
    ],
    "pdk:theme_pdk_terraennaertgrundvand_vedtaget": [PLAN],
    "dai:bes_naturtyper": [{"Objekt_id": "a", "Natyp_navn": "Mose"}, {"Objekt_id": "b", "Natyp_navn": "Sø"}],
    "dai:fredede_omr": [{"Objekt_id": "c", "Fred_navn": "Jonstrup Vang"}],
    **{f"dai:{name}": [{"Objekt_id": "d"}] for name in ("aa_bes_linjer", "soe_bes_linjer", "skovbyggelinjer")},
    **{f"dai:{name}": [{"Objekt_id": "e"}] for name in ("kirkebyggelinjer", "dkjord_v1", "dkjord_v2", "status_bnbo")},
    "natur:kulstof2022": [{"gridcode": 1, "toerv_pct": ">12"}],
}


def geoserver(asked: Asked) -> Reply:
    """Answer as GeoServer does, CQL's equality included."""
    query = asked.query
    if query["request"] == "GetCapabilities":
        names = "".join(f"<FeatureType><Name>{name}</Name></FeatureType>" for name in TYPES)
        formats = "<AllowedValues><Value>text/csv</Value><Value>application/json</Value></AllowedValues>"
        operation = f'<Operation name="GetFeature"><Parameter name="outputFormat">{formats}</Parameter></Operation>'
        return Reply(f"<WFS_Capabilities>{operation}<FeatureTypeList>{names}</FeatureTypeList></WFS_Capabilities>")
    rows = TYPES[query["typeNames"]]
    if query["request"] == "DescribeFeatureType":
        names = "".join(f'<element name="{name}" type="xsd:string"/>' for name in rows[0])
        return Reply(f'<schema>{names}<element name="geometri" type="gml:SurfacePropertyType"/></schema>')
    if "komnr = 151" in query.get("CQL_FILTER", ""):
        rows = [row for row in rows if row["komnr"] == 151]
    if "vaerdi1203 = 'Fjernvarme'" in query.get("CQL_FILTER", ""):
        rows = [row for row in rows if row["vaerdi1203"] == "Fjernvarme"]
    if query.get("resultType") == "hits":
        return Reply(f'<FeatureCollection numberMatched="{len(rows)}" numberReturned="0"/>')
    features = [
        {
            "type": "Feature",
            "id": f"{query['typeNames']}.{number}",
            "properties": row,
            "geometry": shapely.geometry.mapping(shape),
        }
        for number, (row, shape) in enumerate(zip(rows, squares(len(rows)), strict=True))
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    return Reply(
        json.dumps({"type": "FeatureCollection", "crs": crs, "numberMatched": len(rows), "features": features})
    )


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, gpd.GeoDataFrame], list[Asked]]:
    """All these layers through the shipped files, and what was asked."""
    maker = ProjectMaker(tmp_path_factory.mktemp("open_maps") / "project")
    for name in LAYERS:
        shutil.copy(shipped_root() / "layers" / f"{name}.toml", maker.root / "layers")
    beginnings = (
        "https://geoserver.plandata.dk/",
        "https://arealeditering-dist-geo.miljoeportal.dk/",
        "https://wfs2-miljoegis.mim.dk/",
    )
    paths = ("/geoserver/wfs", "/natur/wfs")
    with faulty(dict.fromkeys(paths, geoserver)) as server:
        stand_ins = dict.fromkeys(beginnings, f"{server.url}/")
        report = fetch(maker.project(), out=maker.out, keys=Keys({}), open_only=True, stand_ins=stand_ins, limits=QUICK)
        asked = list(server.asked)
    assert (report.exit_code, said(report)) == (0, "")
    shelf = maker.catalog()
    tables = {name: gpd.GeoDataFrame(shelf.read(name).data) for name in LAYERS}
    for name, table in tables.items():
        table.attrs["untold"] = shelf.read(name).provenance.untold
    return tables, asked


def test_plans_heat_and_sewers_come_from_plandata(fetched: tuple[dict[str, gpd.GeoDataFrame], list[Asked]]) -> None:
    tables, asked = fetched
    plans = tables["lokalplaner"].set_index("plan_id")
    assert plans["status"].to_dict() == {"1073": "vedtaget", "88": "vedtaget", "2001": "forslag"}
    assert str(plans.loc["1073", "date"])[:10] == "2024-01-31"
    assert plans.loc["1073", ["name", "document"]].tolist() == ["Måløv By", "https://plan.dk/1.pdf"]
    heat = tables["heat_areas"]
    assert heat[["kind", "stage"]].to_numpy().tolist() == [
        ["district_heating", "planned"],
        ["individual", "individual"],
        ["district_heating", "approved"],
    ]
    assert heat["start_year"].fillna(-1).tolist() == [2026, -1, -1]
    assert heat["end_year"].fillna(-1).tolist() == [2028, -1, -1]
    assert heat["supplier"].iloc[[0, 2]].tolist() == ["Vestforbrænding", "Vestforbrænding"]
    duties = tables["heat_duties"]
    assert duties[["kind", "name", "words"]].to_numpy().tolist() == [
        ["connect", "Grantoften", "Eksisterende"],
        ["ban", "Elvarmeforbud", "El"],
    ]
    assert str(duties["date"].iloc[0])[:10] == "1998-12-01"
    frames = tables["municipal_frames"].set_index("number")
    assert frames["status"].to_dict() == {"9.B12": "vedtaget", "9.E1": "vedtaget", "9.B13": "forslag"}
    assert frames.loc["9.B12", ["use", "building_pct", "storeys", "height_m"]].tolist() == ["Boligområde", 30, 2.5, 8.5]
    assert frames["building_pct"].isna().tolist() == [False, True, False]
    assert [str(date)[:10] for date in frames["date"]] == ["2024-12-12", "NaT", "NaT"]
    assert {(row.status, str(row.updated)[:10]) for row in tables["sewer_areas"].itertuples()} == {
        ("vedtaget", "2025-06-01")
    }
    assert tables["sewer_areas"]["system"].tolist() == ["combined", "separate", "none", "none"]
    filters = {each.query["CQL_FILTER"] for each in asked if "CQL_FILTER" in each.query}
    box = ", ".join(map(repr, SQUARE.bounds))
    place = f"BBOX(geometri, {box}, 'EPSG:25832')"
    assert filters == {f"komnr = 151 AND {place}", f"komnr = 151 AND vaerdi1203 = 'Fjernvarme' AND {place}"}


def test_nature_conflicts_and_peat_come_from_the_environments_services(
    fetched: tuple[dict[str, gpd.GeoDataFrame], list[Asked]],
) -> None:
    tables, _ = fetched
    nature = tables["protected_nature"]
    lines = ["stream_line", "lake_line", "forest_line", "church_line"]
    assert nature["kind"].tolist() == ["section3_bog", "section3_lake", *lines, "fredning"]
    assert nature["name"].iloc[-1] == "Jonstrup Vang"
    conflicts = tables["ground_conflicts"]
    assert conflicts["kind"].tolist() == ["v1", "v2", "bnbo", "section3", "section3", "fredning", "groundwater"]
    assert conflicts["note"].dropna().tolist() == ["Mose", "Sø", "Jonstrup Vang"]
    assert tables["lavbund"]["soil_class"].tolist() == [">12"]


def test_what_a_source_never_tells_is_unknown_and_not_free(
    fetched: tuple[dict[str, gpd.GeoDataFrame], list[Asked]],
) -> None:
    nature = fetched[0]["protected_nature"]
    untold = nature.attrs["untold"]
    assert set(untold["kind"]).isdisjoint(nature["kind"])
    all_kinds = SHIPPED["protected_nature"].columns["kind"].codes or {}
    mapped = {"section3_meadow", "section3_salt_meadow", "section3_heath", "section3_grassland"}
    assert set(untold["kind"]) == set(all_kinds) - set(nature["kind"]) - mapped, "each kind is asked for, or untold"
    notes = list(_untold_notes(SHIPPED["protected_nature"], untold))
    assert "strandbeskyttelseslinje (§ 15)" in notes[0]["da"]
    assert notes[0]["en"].endswith("Whether there are any is unknown.")
    used = {"nature": {"untold": untold}, "roads": {"untold": {}}, "lakes": None, "rain": {"result": "rainwater"}}
    assert _untold(used) == {"nature": untold}


def test_a_tree_has_each_kind_that_nobody_asked_for_among_what_is_not_checked() -> None:
    point = np.array([shapely.Point(0, 0)], dtype=object)
    told = {}
    for asked, untold in (("none", {}), ("some", {"protected_nature": {"kind": ["beach_line", "section3_stream"]}})):
        given = Given({}, {"protected_closed": ""}, lambda _label, _share: None, untold)
        told[asked] = unchecked_ties(given, cast(TreeTown, SimpleNamespace(protected=None)), point)[0].split("; ")
    assert set(told["some"]) - set(told["none"]) == {"strandbeskyttelseslinje", "vandløb (§ 3)"}


def test_every_service_of_the_shipped_layers_has_an_address_that_a_connector_asks() -> None:
    from ballerup_geo.sources import CONNECTORS

    layers = read_project(shipped_root()).layers
    services = [source for layer in layers.values() for source in layer.source.fetch]
    assert len(services) >= 6
    assert {source.kind for source in services} <= CONNECTORS.keys()
    assert all(str(source.attribution.da).strip(" .") for source in services)
