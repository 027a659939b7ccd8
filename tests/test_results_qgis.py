"""The GeoPackage of a result in QGIS: styles and project as the map files say, in QGIS itself where it is installed."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from conftest import ROOT, TOY_TOWN, lacking
from project_maker import CRS, NORTH, SOUTH, TEXT, WEST, ProjectMaker
from step_maker import DARK, EAST_SQUARE, LIGHT, MIDDLE, ROADS, STORMS, WEST_SQUARE, add_storms, outcome, storm_map

from ballerup_geo.methods import get_method
from ballerup_geo.project import read_project
from ballerup_geo.results import Made, Result, read_result, restyle_result, write_result
from ballerup_geo.spec import Map, MapLayer, Method, Outcome, OutputColumn, OutputTable, Text
from ballerup_geo.spec.notice import MODEL_NOTICE

SYSTEM_PYTHON = "/usr/bin/python3"
UNKNOWN = "#8a8f94"
RED, BLUE, GREEN = "#d55e00", "#0072b2", "#009e73"
Asked = Callable[..., dict[str, Any]]


# ---------------------------------------------------------------- what the file holds, without QGIS


def project_of(path: Path) -> Element:
    with closing(sqlite3.connect(path)) as database:
        ((name, content),) = database.execute("SELECT name, content FROM qgis_projects")
    assert name == path.stem
    with zipfile.ZipFile(io.BytesIO(bytes.fromhex(content))) as archive:
        (entry,) = archive.infolist()
        assert (entry.filename, entry.date_time) == (f"{name}.qgs", (2000, 1, 1, 0, 0, 0))
        return fromstring(archive.read(entry))


def layer_names(root: Element) -> list[str]:
    return [str(node.get("name")) for node in root.iter("layer-tree-layer")]


@pytest.fixture
def storms(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    import step_maker

    monkeypatch.setattr("ballerup_geo.methods.get_method", step_maker.get_method)
    return maker


def storms_file(maker: ProjectMaker) -> Path:
    return maker.out / "results" / "storms" / "storms.gpkg"


def test_the_same_result_gives_the_same_bytes(storms: ProjectMaker) -> None:
    add_storms(storms)
    first = storms_file(storms).read_bytes()
    shutil.rmtree(storms.out / "results")
    add_storms(storms)
    assert storms_file(storms).read_bytes() == first


def test_steps_are_a_group_of_which_one_is_shown_and_features_stop_at_its_value(storms: ProjectMaker) -> None:
    add_storms(storms)
    tree = project_of(storms_file(storms)).find("layer-tree-group")
    assert tree is not None
    shown, rest = list(tree)
    assert (shown.get("name"), shown.get("checked")) == ("Tekst", "Qt::Checked")
    assert rest.get("checked") == "Qt::Unchecked"
    roads, depth = list(shown)
    assert roads.get("name") == "Afskårne veje (skybrud · 40 mm)"
    assert str(roads.get("source")).endswith('storms.gpkg|layername=roads|subset="cut_from_mm" <= 40.0')
    assert (depth.get("name"), depth.get("mutually-exclusive"), depth.get("mutually-exclusive-child")) == (
        "Vanddybde",
        "1",
        "1",
    )
    assert [(step.get("name"), step.get("checked"), step.get("source")) for step in depth] == [
        ("dagsregn · 20 mm", "Qt::Unchecked", "./depth-1.tif"),
        ("skybrud · 40 mm", "Qt::Checked", "./depth-2.tif"),
        ("stort skybrud · 80 mm", "Qt::Unchecked", "./depth-3.tif"),
    ]
    assert [node.get("name") for node in rest] == ["events", "volumes", "ground"]


def test_single_homes_are_shown_only_where_a_map_allows_it(storms: ProjectMaker) -> None:
    add_storms(storms)
    with closing(sqlite3.connect(storms_file(storms))) as database:
        assert database.execute("SELECT count(*) FROM homes").fetchone() == (6,)
    assert "homes" not in layer_names(project_of(storms_file(storms)))
    add_storms(storms, homes="individual")
    assert "homes" in layer_names(project_of(storms_file(storms)))


def test_the_project_is_made_anew_for_a_colour_but_not_for_a_sentence(storms: ProjectMaker) -> None:
    add_storms(storms)
    result = read_result(storms.out, "storms")
    storms.map("storms", **storm_map(lead={"da": "Andet", "en": "Other"}))
    assert not restyle_result(result, storms.project().maps, STORMS)
    red = {**ROADS, "style": {"kind": "single", "line": "#ff0000", "line_width_px": 4.0}}
    storms.map("storms", **storm_map(layers=[red], slider=storm_map()["slider"]))
    assert restyle_result(result, storms.project().maps, STORMS)
    fresh = read_result(storms.out, "storms")
    assert fresh.is_whole()
    assert not restyle_result(fresh, storms.project().maps, STORMS)
    root = project_of(storms_file(storms))
    colours = [option.get("value") for option in root.iter("Option") if option.get("name") == "line_color"]
    assert colours == ["255,0,0,255"]
    with closing(sqlite3.connect(storms_file(storms))) as database:
        ((style,),) = database.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'roads'")
    assert "255,0,0,255" in style


SAID = {
    "layer": "municipality",
    "modelled": True,
    "attribution": {"da": "Kommunens kort", "en": "The municipality's map"},
    "licence": "CC BY 4.0",
    "origin": "x",
}


def write_modelled(maker: ProjectMaker) -> Result:
    add_storms(maker)
    project = maker.project()
    return write_result(
        maker.out,
        "storms",
        analysis=project.analyses["storms"],
        method=STORMS,
        outcome=outcome(),
        made=Made(inputs={"town": SAID, "other": SAID, "lacking": None}, data="model", key="1" * 64),
        maps=project.maps,
    )


def test_a_project_of_modelled_data_says_so_everywhere(storms: ProjectMaker) -> None:
    write_modelled(storms)
    root = project_of(storms_file(storms))
    assert root.findtext("title") == f"{MODEL_NOTICE.da}: Tekst"
    assert root.findtext("properties/TitleLabel/Enabled") == "true"
    assert root.findtext("properties/TitleLabel/Label") == f"{MODEL_NOTICE.da}: Tekst"
    assert root.findtext("properties/CopyrightLabel/Label") == "Kommunens kort"
    assert "Kommunens kort (CC BY 4.0)" in str(root.findtext("projectMetadata/abstract"))
    (top,) = root.findall("layer-tree-group/layer-tree-group")
    assert top.get("name") == f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}"
    names = layer_names(root)
    assert len(names) == 7
    assert all(name.endswith(MODEL_NOTICE.da) for name in names)
    metadata = root.findall("projectlayers/maplayer/resourceMetadata")
    assert len(metadata) == 7
    assert {(part.findtext("rights"), part.findtext("license")) for part in metadata} == {
        ("Kommunens kort", "CC BY 4.0")
    }


def test_words_that_xml_cannot_hold_break_no_style(storms: ProjectMaker) -> None:
    words = {"da": "a\x01b\x0cc", "en": "x"}
    categories = [{"value": "n\x01'", "colour": RED, "label": words}]
    style = {"kind": "categories", "column": "road_id", "categories": categories}
    add_storms(storms, layers=[{**ROADS, "title": words, "style": style}], title=words)
    root = project_of(storms_file(storms))
    assert layer_names(root)[0] == "a\ufffdb\ufffdc (skybrud · 40 mm)"
    assert [(rule.get("filter"), rule.get("label")) for rule in root.iter("rule")][:2] == [
        ("\"road_id\" = 'n' || char(1) || ''''", "a\ufffdb\ufffdc"),
        ("ELSE", "ukendt"),
    ]


# ---------------------------------------------------------------- QGIS


@pytest.fixture(scope="session")
def qgis(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """``qgis(gpkg, pictures=[…])``: what QGIS says of a copy of the folder: opening a GeoPackage writes into it."""
    known = Path(SYSTEM_PYTHON).exists() and subprocess.run(
        [SYSTEM_PYTHON, "-c", "import qgis.core"], capture_output=True, timeout=60, check=False
    )
    if not known or known.returncode != 0:
        lacking("QGIS is missing (Debian package qgis)")

    def ask(gpkg: Path, *pictures: dict[str, Any]) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("qgis")
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        shutil.copytree(gpkg.parent, folder / "moved", ignore=shutil.ignore_patterns("*.parquet"))
        asked = {"geopackage": str(folder / "moved" / gpkg.name), "project": gpkg.stem, "pictures": pictures}
        for number, picture in enumerate(pictures):
            picture["png"] = str(folder / f"{number}.png")
        (folder / "request.json").write_text(json.dumps(asked), encoding="utf-8")
        done = subprocess.run(
            [SYSTEM_PYTHON, str(ROOT / "tests" / "pyqgis_render.py"), "request.json", "answer.json"],
            cwd=folder,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(folder),
                "LC_ALL": "C.UTF-8",
                "XDG_RUNTIME_DIR": str(runtime),
                "TMPDIR": str(runtime),
            },
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Non-conformant" not in done.stderr
        answer: dict[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        assert answer["opened"]
        assert answer["crs"] == "EPSG:25832"
        assert answer["layers"]
        for name, layer in answer["layers"].items():
            assert layer["valid"], name
            assert layer["crs"] == "EPSG:25832", name
            assert str(folder / "moved") in layer["source"], name
        for name, parts in answer["tables"].items():
            assert parts, name
            assert all(part["valid"] for part in parts), name
        assert all(picture["errors"] == [] for picture in answer["pictures"])
        return answer

    return ask


def classes_of(layer: MapLayer) -> list[tuple[str, str | None]]:
    """What the map file says: label and colour of each class, then those of what has no class."""
    style = layer.style
    if style.kind == "single":
        return [("", style.line if style.fill is None else style.fill)]
    if style.kind == "classes":
        return [*((entry.label.da, entry.colour) for entry in style.classes), ("ukendt", UNKNOWN)]
    found: list[tuple[str, str | None]] = [(entry.label.da, entry.colour) for entry in style.categories]
    if style.other is None:
        return [*found, ("ukendt", UNKNOWN)]
    own = style.fill if style.paint == "fill" else style.line
    return [*found, ("ukendt", UNKNOWN), (style.other.da, own or UNKNOWN)]


def hex_of(rgba: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in rgba.split(",")[:3])


def drawn(rule: dict[str, Any], layer: MapLayer) -> str:
    """The colour that tells a rule from its neighbours: of the fill, or of the line where that is what is coloured."""
    parts = {part["class"]: part for part in rule["symbol"]}
    is_line = layer.style.fill is None if layer.style.kind == "single" else layer.style.paint == "line"
    if "SimpleMarker" in parts:
        return hex_of(parts["SimpleMarker"]["outline_color" if is_line else "color"])
    if is_line or "SimpleFill" not in parts:
        return hex_of(parts["SimpleLine"]["line_color"])
    return hex_of(parts["SimpleFill"]["color"])


def assert_as_the_map(told: dict[str, Any], layer: MapLayer) -> None:
    if layer.raster is not None:
        assert told["renderer"] == ("singlebandpseudocolor" if layer.style.kind == "classes" else "paletted")
        assert told["opacity"] == pytest.approx(layer.style.fill_opacity)
        wanted = [entry for entry in classes_of(layer) if entry[0] != "ukendt"]
        assert [(label, colour) for _, colour, label in told["classes"]] == wanted
        return
    assert told["renderer"] == "RuleRenderer"
    names_alone = layer.style.kind == "single" and layer.style.fill is None and layer.style.line is None
    if not names_alone:
        assert [(rule["label"], drawn(rule, layer)) for rule in told["rules"]] == classes_of(layer)
    assert (told["labels"] is None) == (layer.labels is None)
    assert (told["scale"] is None) == (layer.minimum_zoom is None)
    widths = {part["line_width"] for rule in told["rules"] for part in rule["symbol"] if part["class"] == "SimpleLine"}
    assert widths <= {f"{0.75 * layer.style.line_width_px:g}"}


def assert_project_as_maps(answer: dict[str, Any], maps: dict[str, Map], analysis: str) -> int:
    """Hold every layer of every map against what QGIS says of it; return how many there were."""
    seen = 0
    for name, found in maps.items():
        for layer in found.layers:
            keys = [key for key in answer["layers"] if key.split("__")[:2] == [name, layer.id]]
            assert bool(keys) == (layer.result == analysis), (name, layer.id)
            for key in keys:
                assert_as_the_map(answer["layers"][key], layer)
                seen += 1
    return seen


def blend(over: str, opacity: float, under: str) -> tuple[float, ...]:
    pairs = zip(channels(over), channels(under), strict=True)
    return tuple(opacity * top + (1 - opacity) * bottom for top, bottom in pairs)


def channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def as_hex(colour: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in colour)


def test_lilleby_opens_in_the_maps_colours(lilleby: Path, qgis: Asked) -> None:
    maps = dict(read_project(TOY_TOWN).maps)
    (file,) = (lilleby / "results").glob("*/*.gpkg")
    extent = [700_000, 6_180_050, 700_400, 6_180_350]
    places = {"hollow": (700_295, 6_180_185), "east": (700_250, 6_180_100), "west": (700_120, 6_180_200)}
    picture = {"extent": extent, "size": [800, 600], "at": list(places.values())}
    alone = {**picture, "layers": ["rainwater__bluespots"]}
    answer = qgis(file, picture, alone)
    assert answer["title"] == "Regnvand"
    assert assert_project_as_maps(answer, maps, "rainwater") == 3
    styled = {name for name, parts in answer["tables"].items() if all(part["styled"] for part in parts)}
    assert styled == {"catchments", "flow_paths", "bluespots"}
    for name in styled:
        (layer,) = [layer for layer in maps["rainwater"].layers if layer.table == name]
        assert_as_the_map(answer["tables"][name][0], layer)
    east, west = as_hex(blend("#e69f00", 0.25, "#ffffff")), as_hex(blend("#0072b2", 0.25, "#ffffff"))
    hollow, *sides = answer["pictures"][0]["colours"]
    for found, wanted in zip([hollow, *sides], [as_hex(blend("#2171b5", 0.8, east)), east, west], strict=True):
        assert channels(found) == pytest.approx(channels(wanted), abs=2)
    assert answer["pictures"][1]["colours"][1:] == ["#ffffff", "#ffffff"]


def test_every_map_of_the_municipality_is_in_the_project(modelled: Path, qgis: Asked) -> None:
    maps = dict(read_project(ROOT).maps)
    files = sorted((modelled / "results").glob("*/*.gpkg"))
    of_runs = [name for name, one in read_project(ROOT).analyses.items() if not get_method(one.method).on_request]
    assert [file.stem for file in files] == sorted(of_runs)
    for file in files:
        answer = qgis(file)
        shown = [layer for found in maps.values() for layer in found.layers if layer.result == file.stem]
        assert assert_project_as_maps(answer, maps, file.stem) >= len(shown) > 0
        assert answer["title"].startswith(MODEL_NOTICE.da)
        assert answer["decorations"]["TitleLabel"] == [True, answer["title"]]
        assert answer["decorations"]["CopyrightLabel"][0]
        assert all(MODEL_NOTICE.da in layer["name"] for layer in answer["layers"].values())
        (top,) = answer["tree"]
        assert top["name"].startswith(MODEL_NOTICE.da)
        in_order = sorted(maps, key=lambda name: (maps[name].order, name))
        titles = [maps[name].title.da for name in in_order if any(one.result == file.stem for one in maps[name].layers)]
        assert [group["name"] for group in top["children"]][:-1] == titles
        assert [group["checked"] for group in top["children"]] == [True] + [False] * len(titles)


def test_cells_have_the_class_of_the_map_at_its_very_limits(storms: ProjectMaker, qgis: Asked) -> None:
    made = outcome()
    edge = made.rasters["depth-2"]
    assert not callable(edge)
    cells = edge.array
    rows, cols = (cells == cells).nonzero()
    values = (0.09, 0.1, 0.49, 0.5, 0.99, 1.0, 7.0)
    for at, value in enumerate(values):
        cells[rows[0] : rows[0] + 4, cols[0] + 4 * at : cols[0] + 4 * at + 4] = value
    add_storms(storms, made)
    places = [(WEST_SQUARE[0] + 20 * at + 10, WEST_SQUARE[3] - 10) for at in range(len(values))]
    picture = {"extent": [WEST, SOUTH, WEST + 1000, NORTH], "size": [1000, 1000], "at": places}
    third = {**picture, "layers": ["storms__depth__3"], "at": [(EAST_SQUARE[0] + 50, EAST_SQUARE[1] + 50)]}
    answer = qgis(storms_file(storms), {**picture, "layers": ["storms__depth__2"]}, third)
    assert answer["pictures"][0]["colours"] == ["#ffffff", LIGHT, LIGHT, MIDDLE, MIDDLE, DARK, DARK]
    assert answer["pictures"][1]["colours"] == [DARK]
    (group,) = [group for group in answer["tree"][0]["children"] if "children" in group]
    assert group["exclusive"]
    assert [step["checked"] for step in group["children"]] == [False, True, False]
    assert answer["layers"]["storms__roads"]["features"] == 1
    assert [part["features"] for part in answer["tables"]["roads"]] == [3]
    assert answer["extent"][0] < WEST + 100


# ---------------------------------------------------------------- every kind of style, and hostile words

PAYLOADS = (
    "[% 6*7 %]",
    "[%'x'||@project_title%]",
    "<b>fed</b> <img src=x onerror=alert(1)>",
    "]]> & &lt; &amp; ' \" \\ \\n",
    "to\nlinjer",
    "@project_title $id \"kind\" 'kind' || concat(1)",
    "{{ 6*7 }} ${6*7} %1",
)
LABEL = OutputColumn("code", "text", codes={"a": Text(da="ord's [% 6*7 %]", en="word"), "b'": Text(da="B", en="B")})
COLUMNS = (OutputColumn("kind", "text"), OutputColumn("size", "number", "m"), LABEL)
GALLERY = Method(
    id="gallery",
    version="1",
    summary=TEXT,
    function=lambda given: pytest.fail("not run"),
    inputs=(),
    tables=tuple(OutputTable(name, name, COLUMNS) for name in ("point", "line", "polygon", "any")),  # type: ignore[arg-type]
)


def gallery_tables() -> dict[str, pd.DataFrame]:
    """A row a payload, then one without values; the shapes lie in columns of 100 m, the kinds in rows."""
    kinds = [*PAYLOADS, "noget andet", None]
    rows: dict[str, pd.DataFrame] = {}
    for place, name in enumerate(("point", "line", "polygon")):
        south = SOUTH + 100 + 200 * place
        boxes = [shapely.box(WEST + 100 * at, south, WEST + 100 * at + 80, south + 80) for at in range(len(kinds))]
        shapes = {
            "point": [box.centroid for box in boxes],
            "line": [shapely.LineString([(box.bounds[0], south + 40), (box.bounds[2], south + 40)]) for box in boxes],
            "polygon": boxes,
        }[name]
        sizes = [float(at) for at in range(len(kinds) - 1)] + [float("nan")]
        codes = ["a", "b'"] + ["[% 6*7 %]"] * (len(kinds) - 2)
        rows[name] = gpd.GeoDataFrame({"kind": kinds, "size": sizes, "code": codes}, geometry=shapes, crs=CRS)
    parts = [rows[name].iloc[[0]].translate(0, 600) for name in rows]
    mixed = pd.concat([rows[name].iloc[[0]].assign(geometry=part) for name, part in zip(rows, parts, strict=True)])
    return {**rows, "any": mixed.reset_index(drop=True)}


def gallery_layers() -> Iterator[dict[str, Any]]:
    colours = (RED, BLUE, GREEN, "#e69f00", "#cc79a7", "#56b4e9", "#f0e442")
    categories = [
        {"value": text, "colour": colour, "label": {"da": text, "en": text}}
        for text, colour in zip(PAYLOADS, colours, strict=True)
    ]
    classes = [
        {"minimum": low, "colour": colour, "label": {"da": f"fra {low} <m>", "en": "from"}}
        for low, colour in ((0.0, RED), (2.0, BLUE), (5.0, GREEN))
    ]
    other = {"da": "andre [% 6*7 %]", "en": "other"}
    by_value = {"kind": "categories", "column": "kind", "categories": categories, "fill_opacity": 1.0, "other": other}
    by_size = {"kind": "classes", "column": "size", "classes": classes, "fill_opacity": 1.0}
    one = {"kind": "single", "fill": RED, "fill_opacity": 0.5, "line": BLUE, "line_width_px": 4.0}
    for table in ("point", "line", "polygon"):
        for paint in ("fill", "line"):
            styles = {"value": {**by_value, "paint": paint}, "size": {**by_size, "paint": paint}}
            for name, style in styles.items():
                look = {
                    **style,
                    "line_width_px": 4.0,
                    "radius_px": 12.0,
                    "line": "#000000" if paint == "fill" else GREEN,
                }
                yield {"id": f"{table}_{paint}_{name}", "table": table, "style": look}
        for dash in ("solid", "dashed", "dotted"):
            yield {"id": f"{table}_{dash}", "table": table, "style": {**one, "dash": dash}, "labels": "kind"}
    yield {"id": "coded", "table": "point", "style": one, "labels": "code", "minimum_zoom": 14}
    yield {"id": "mixed", "table": "any", "style": one, "labels": "kind"}


@pytest.fixture
def gallery(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Map]:
    monkeypatch.setattr("ballerup_geo.methods.get_method", lambda name: GALLERY)
    hostile = {"da": " ".join(PAYLOADS), "en": "x"}
    maker.analysis("gallery", method="gallery", inputs={}, title=hostile)
    layers = [
        {"title": {"da": f"{layer['id']} {hostile['da']}", "en": "x"}, "result": "gallery", **layer}
        for layer in gallery_layers()
    ]
    maker.map("gallery", title=hostile, layers=layers)
    project = maker.project()
    said = {**SAID, "modelled": False, "attribution": hostile, "licence": hostile["da"]}
    result = write_result(
        maker.out,
        "gallery",
        analysis=project.analyses["gallery"],
        method=GALLERY,
        outcome=Outcome(tables=gallery_tables(), rasters={}, indicators={}, answer={"da": "x", "en": "x"}),
        made=Made(inputs={"x": said}, data="kept", key="2" * 64),
        maps=project.maps,
    )
    return result.folder / "gallery.gpkg", project.maps["gallery"]


def plain(text: str) -> str:
    """A text without the signs that are not seen."""
    return text.replace("\u2060", "")


def middle(table: str, at: int) -> tuple[float, float]:
    return WEST + 100 * at + 40, SOUTH + 140 + 200 * ("point", "line", "polygon").index(table)


def test_every_kind_of_style_is_drawn_as_on_the_map(gallery: tuple[Path, Map], qgis: Asked) -> None:
    file, shown = gallery
    base = {"extent": [WEST, SOUTH, WEST + 1000, NORTH], "size": [1000, 1000]}
    pictures, wanted = [], []
    for layer in shown.layers:
        if (
            layer.style.kind == "single"
            or layer.table is None
            or (layer.table == "line" and layer.style.paint == "fill")
        ):
            continue
        number = len(PAYLOADS) + 2
        colours = [str(colour) for _, colour in classes_of(layer)]
        if layer.style.kind == "classes":
            expected = [colours[0]] * 2 + [colours[1]] * 3 + [colours[2]] * 3 + [UNKNOWN]
        else:
            expected = [*colours[:-2], colours[-1], UNKNOWN]
        assert len(expected) == number
        places = [middle(layer.table, at) for at in range(number)]
        if layer.style.paint == "line" and layer.table != "line":
            shift = 40 if layer.table == "polygon" else 12
            places = [(x - shift, y) for x, y in places]
        pictures.append({**base, "layers": [f"gallery__{layer.id}"], "at": places})
        wanted.append((layer.id, expected))
    answer = qgis(file, *pictures)
    assert len(wanted) == 10
    for (name, expected), picture in zip(wanted, answer["pictures"], strict=True):
        assert picture["colours"] == expected, name


def test_lines_have_the_maps_dashes_and_no_line_is_none(gallery: tuple[Path, Map], qgis: Asked) -> None:
    file, _ = gallery
    layers = qgis(file)["layers"]
    for dash, lengths, cap in (("solid", None, "round"), ("dashed", "6;4.5", "flat"), ("dotted", "0.75;3.75", "round")):
        for table in ("line", "polygon"):
            (rule,) = layers[f"gallery__{table}_{dash}"]["rules"]
            stroke = rule["symbol"][-1]
            assert (stroke["class"], stroke["line_width"], stroke["line_width_unit"]) == ("SimpleLine", "3", "Point")
            assert stroke["capstyle"] == cap
            assert stroke["use_custom_dash"] == ("0" if lengths is None else "1")
            if lengths is not None:
                assert (stroke["customdash"], stroke["customdash_unit"]) == (lengths, "Point")
    (rule,) = layers["gallery__point_solid"]["rules"]
    (marker,) = rule["symbol"]
    assert (marker["size"], marker["size_unit"], marker["outline_width"]) == ("7.5", "Point", "3")
    assert marker["color"] == "213,94,0,128"


def test_a_table_of_points_lines_and_areas_is_a_layer_each(gallery: tuple[Path, Map], qgis: Asked) -> None:
    file, _ = gallery
    answer = qgis(file)
    parts = {name: layer for name, layer in answer["layers"].items() if name.startswith("gallery__mixed")}
    assert {name.rpartition("__")[2]: (part["geometry"], part["features"]) for name, part in parts.items()} == {
        "point": (0, 1),
        "line": (1, 1),
        "polygon": (2, 1),
    }
    for part in answer["tables"]["any"]:
        assert part["styled"]
        assert [rule["filter"] for rule in part["rules"]] == [
            f"geometry_type($geometry) = '{kind}'" for kind in ("Point", "Line", "Polygon")
        ]


def test_hostile_words_stand_as_they_are_and_nothing_is_evaluated(gallery: tuple[Path, Map], qgis: Asked) -> None:
    file, shown = gallery
    answer = qgis(file)
    everything = " ".join(PAYLOADS)
    assert plain(answer["title"]) == everything
    assert plain(answer["tree"][0]["name"]) == everything
    assert plain(answer["decorations"]["CopyrightLabel"][1]) == everything
    for layer in shown.layers:
        if layer.id == "mixed":
            continue
        told = answer["layers"][f"gallery__{layer.id}"]
        assert plain(told["name"]) == layer.title.da
        assert [plain(text) for text in told["rights"] + told["licences"]] == [everything, everything]
        if layer.style.kind != "single":
            assert [plain(rule["label"]) for rule in told["rules"]] == [label for label, _ in classes_of(layer)]
        assert "<b" not in told["name"] + told["rights"][0]
    legend = [plain(text) for text in answer["legend"]]
    assert not [text for text in legend if "42" in text]
    for payload in PAYLOADS:
        assert sum(text == payload or payload in text for text in legend) > 5 or "\n" in payload, payload
    names = answer["layers"]["gallery__point_solid"]["labels"]
    assert (names["field"], names["expression"], names["html"]) == ("kind", False, False)
    assert names["texts"][: len(PAYLOADS)] == list(PAYLOADS)
    coded = answer["layers"]["gallery__coded"]["labels"]
    assert coded["texts"] == ["ord's [% 6*7 %]", "B"] + ["[% 6*7 %]"] * 7
    assert not coded["html"]
    assert answer["layers"]["gallery__coded"]["scale"] == pytest.approx(20_350, rel=0.01)
