"""Pages without a browser: what they say, that they are the same each time, and that no text becomes anything else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pandas as pd
import pytest
from map_maker import EVERYTHING, PAYLOADS, add_hostile_map
from project_maker import TEXT, ProjectMaker, frame, points, squares

from ballerup_geo.catalog import Catalog
from ballerup_geo.errors import BallerupGeoError, ProjectError
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.publish import build_site, explain, explain_text, folium_map
from ballerup_geo.publish.assets import frame as page_frame
from ballerup_geo.publish.columns import Shown, tells_apart
from ballerup_geo.publish.pack import travelling
from ballerup_geo.publish.styling import contrast
from ballerup_geo.publish.text import quantity, with_unit
from ballerup_geo.run import run
from ballerup_geo.spec import Text
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import lock_folder


class Reading(HTMLParser):
    """What a browser would make of a page: elements, attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag in ("script", "style"):
            self.scripts.append(({"tag": tag, **dict(attrs)}, ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            about, text = self.scripts[-1]
            self.scripts[-1] = (about, text + data)
        elif data.strip():
            self.texts.append(data.strip())

    def block(self, name: str) -> str:
        return next(text for about, text in self.scripts if about.get("id") == name)


def test_the_page_says_the_answer_the_figures_and_the_rows(lilleby: Path) -> None:
    texts = Reading((lilleby / "site/rainwater/index.html").read_text()).texts
    assert "Hvor løber regnen hen?" in texts
    assert "Where does the rain run?" in texts
    answer = json.loads((lilleby / "results/rainwater/run.json").read_text())["answer"]["da"]
    assert answer.replace(" %", "\u00a0%") in texts
    assert "51,0\u00a0m DVR90" in texts  # the summit of Lilleby, the Danish way …
    assert "51.0\u00a0m DVR90" in texts  # … and the English
    assert "450" in texts  # the hollow's m³ in the table
    assert not any(MODEL_NOTICE.da in text for text in texts)  # hand-made data are not modelled


def test_legend_counts_each_class_and_says_0_where_empty(lilleby: Path) -> None:
    texts = Reading((lilleby / "site/rainwater/index.html").read_text()).texts
    at = texts.index("under 0,3 m")
    assert texts[at : at + 6] == ["under 0,3 m", "below 0.3 m", "0", "0,3 m og dybere", "0.3 m and deeper", "1"]


def test_the_same_inputs_give_the_same_bytes(lilleby: Path, toy_town: Path, tmp_path: Path) -> None:
    project = read_project(toy_town)
    shutil.copytree(lilleby / "results", tmp_path / "results")
    build_site(project, out=tmp_path, catalog=Catalog(project, out=tmp_path, data="kept"))
    first, again = (
        {path.relative_to(folder): path.read_bytes() for path in sorted((folder / "site").rglob("*")) if path.is_file()}
        for folder in (lilleby, tmp_path)
    )
    assert len(first) >= 10
    assert again == first


def test_script_and_data_files_are_named_by_content_and_linked_relatively(lilleby: Path) -> None:
    site = lilleby / "site"
    files = [path for folder in ("assets", "data") for path in (site / folder).iterdir()]
    assert len(files) >= 8
    page = (site / "rainwater/index.html").read_text()
    for path in files:
        assert f'"../{path.relative_to(site).as_posix()}"' in page
    for path in (site / "assets").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest()[:12] in path.name
    for path in site.rglob("*.html"):
        links = [about[key] for _, about in Reading(path.read_text()).tags for key in ("href", "src") if about.get(key)]
        assert links
        for link in links:
            target = str(link).partition("#")[0]
            assert target in ("", "data:,") or (path.parent / target).is_file(), link


def test_every_inline_script_and_style_is_in_the_policy(lilleby: Path, toy_town: Path) -> None:
    project, out = read_project(toy_town), lilleby
    pages = [path.read_text() for path in sorted((out / "site").rglob("*.html"))]
    pages.append(folium_map(project, "rainwater", out=out).get_root().render())
    assert len(pages) >= 4
    for page in pages:
        reading = Reading(page)
        policy = next(about["content"] for tag, about in reading.tags if about.get("http-equiv"))
        assert "unsafe" not in str(policy)
        running = [text for about, text in reading.scripts if about.get("type") is None]
        assert len(running) >= 2
        for text in running:
            assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in str(policy)
        assert not [
            tag for tag, about in reading.tags if "style" in about or any(key.startswith("on") for key in about)
        ]


def test_a_notebook_gets_a_folium_map_that_needs_no_other_file(lilleby: Path, toy_town: Path, tmp_path: Path) -> None:
    project, out = read_project(toy_town), lilleby
    found = folium_map(project, "rainwater", out=out, language="en")
    assert isinstance(found, folium.Map)
    page = found.get_root().render()
    assert '<html lang="en"' in page
    links = [about[key] for _, about in Reading(page).tags for key in ("href", "src") if about.get(key)]
    assert set(links) == {"data:,", "#panel", "#tabel"}
    assert found._repr_html_().startswith("<iframe srcdoc=")
    found.save(str(tmp_path / "map.html"))
    assert (tmp_path / "map.html").read_text() == page
    assert folium.Map.default_js  # stock maps of the same process keep their libraries


def test_stock_folium_elements_can_be_added(lilleby: Path, toy_town: Path) -> None:
    project, out = read_project(toy_town), lilleby
    found = folium_map(project, "rainwater", out=out)
    folium.CircleMarker([54.0, 12.0]).add_to(found)
    script = next(text for about, text in Reading(found.get_root().render()).scripts if "ballerupGeoStart =" in text)
    assert "L.circleMarker(" in script
    assert ".addTo(map_rainwater)" in script


def test_no_text_becomes_markup_script_or_template(maker: ProjectMaker) -> None:
    add_hostile_map(maker)
    project = maker.project()
    site = build_site(project, out=maker.out, catalog=maker.catalog())
    page = site.maps["hostile"].read_text()
    reading = Reading(page)
    assert EVERYTHING in reading.texts  # title, lead, legend, caption: as written
    assert sum(EVERYTHING in text for text in reading.texts) >= 12
    for payload in PAYLOADS:
        assert payload in reading.texts  # the table's cells
    assert not [about for tag, about in reading.tags if tag == "img" or any(key.startswith("on") for key in about)]
    assert len(reading.scripts) == 5  # style, plan, guard, start, loader
    plan = json.loads(reading.block("plan"))
    assert plan["title"]["da"] == EVERYTHING
    packed = next((maker.out / "site/data").glob("things.*.js")).read_text()
    layer = gzip.decompress(base64.b64decode(json.loads(f"[{packed.partition('put(')[2][:-3]}]")[1]))
    assert all(json.dumps(payload).encode() in layer for payload in PAYLOADS)
    index = Reading(site.index.read_text())
    assert index.texts.count(EVERYTHING) >= 1


def test_folium_compiles_no_text_of_ours(maker: ProjectMaker) -> None:
    add_hostile_map(maker)
    found = folium_map(maker.project(), "hostile", out=maker.out, data="kept")
    root = found.get_root()
    page = root.render()
    start = next(text for about, text in Reading(page).scripts if "ballerupGeoStart =" in text)
    assert re.sub(r"\s+", " ", start).strip() == (
        "globalThis.ballerupGeoStart = function () { "
        'var map_hostile = ballerupGeo.start("map_hostile", {"center": '
        f'{json.dumps(found.location)}, "zoom": 12}}); '
        'var layer_things = ballerupGeo.layer(map_hostile, "things"); };'
    )
    assert Reading(page).texts.count(EVERYTHING) == Reading(root.render()).texts.count(EVERYTHING)


def test_frames_hold_no_template_language() -> None:
    for name in ("map.html", "text.html"):
        assert "{{" not in page_frame(name)
        assert "{%" not in page_frame(name)


MAP_LAYER: dict[str, Any] = {"id": "things", "title": TEXT, "layer": "things"}
SINGLE = {"kind": "single", "fill": "#d55e00"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"style": SINGLE, "name": "nmae"}, 'did you mean "name"'),
        ({"style": SINGLE, "table": {"sort": "siez"}}, "sort: there is no column 'siez'.*did you mean"),
        ({"style": SINGLE, "fields": [{"column": "wide"}]}, "there is no column 'wide'"),
        ({"style": SINGLE, "layer": "thngs"}, 'did you mean "things"'),
        (
            {
                "style": {
                    "kind": "classes",
                    "column": "size",
                    "classes": [{"minimum": 1.0, "colour": "#000000", "label": TEXT}],
                }
            },
            "1 features lie below the lowest class, e.g. 0 < 1",
        ),
        (
            {
                "style": {
                    "kind": "categories",
                    "column": "name",
                    "categories": [{"value": "a", "colour": "#000000", "label": TEXT}],
                }
            },
            "1 features have a value without a colour: b",
        ),
    ],
)
def test_a_map_that_does_not_fit_its_data_is_refused_and_the_last_site_stays(
    maker: ProjectMaker, change: dict[str, Any], says: str
) -> None:
    columns = {"name": {"type": "text"}, "size": {"type": "number"}}
    maker.layer(
        "things", frame(squares(3), name=["a", "b", None], size=[0.0, 2.0, None]), geometry="polygon", columns=columns
    )
    maker.map("things", layers=[{**MAP_LAYER, "style": SINGLE}])
    good = build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    before = good.index.read_bytes()
    listed = {"map_layer": "things", "caption": TEXT, "fields": [{"column": "name"}], **change.pop("table", {})}
    maker.map("things", layers=[{**MAP_LAYER, **change}], tables=[listed])
    with pytest.raises(ProjectError, match=says):
        build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    assert good.index.read_bytes() == before
    assert sorted(path.name for path in maker.out.iterdir() if "site" in path.name) == ["site"]


def test_missing_values_are_a_class_called_unknown(maker: ProjectMaker) -> None:
    maker.layer(
        "things", frame(squares(3), size=[1.0, None, None]), geometry="polygon", columns={"size": {"type": "number"}}
    )
    style = {"kind": "classes", "column": "size", "classes": [{"minimum": 0.0, "colour": "#000000", "label": TEXT}]}
    field = {"column": "size", "digits": 1}
    table = {"map_layer": "things", "caption": TEXT, "fields": [field]}
    maker.map("things", layers=[{**MAP_LAYER, "style": style}], tables=[table])
    site = build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    texts = Reading(site.maps["things"].read_text()).texts
    assert texts[texts.index("Tekst", texts.index("Signaturforklaring")) :].count("ukendt") == 3  # a class and two rows
    assert "1,0" in texts


def test_an_unknown_layer_is_named_as_missing(maker: ProjectMaker) -> None:
    maker.layer("things", frame(points(2), name=["a", "b"]), geometry="point", columns={"name": {"type": "text"}})
    maker.layer("trees", None, geometry="point")
    maker.map(
        "things",
        layers=[{**MAP_LAYER, "style": SINGLE}, {**MAP_LAYER, "id": "trees", "layer": "trees", "style": SINGLE}],
    )
    site = build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    texts = Reading(site.maps["things"].read_text()).texts
    assert "Det mangler" in texts
    assert "ikke kortlagt" in texts


def test_an_empty_layer_is_drawn_as_none(maker: ProjectMaker) -> None:
    empty = frame(points(1), name=["far away"]).translate(5_000)  # outside: clipped away
    maker.layer(
        "things",
        frame(list(empty), name=["x"]),
        geometry="point",
        columns={"name": {"type": "text"}},
        may_be_empty=True,
    )
    maker.map("things", layers=[{**MAP_LAYER, "style": SINGLE, "labels": "name"}])
    site = build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    texts = Reading(site.maps["things"].read_text()).texts
    assert texts[texts.index("Signaturforklaring") :][2:5] == ["Tekst", "Text", "0"]


def test_a_site_is_not_built_beside_a_run(maker: ProjectMaker) -> None:
    maker.layer("things", frame(points(2), name=["a", "b"]), geometry="point", columns={"name": {"type": "text"}})
    maker.map("things", layers=[{**MAP_LAYER, "style": SINGLE}])
    project, catalog = maker.project(), maker.catalog()
    with lock_folder(maker.out / "results"), pytest.raises(BallerupGeoError, match="another run is writing here"):
        build_site(project, out=maker.out, catalog=catalog)
    assert not (maker.out / "site").exists()
    left = maker.out / ".site.new-0123abcd"  # what a killed build left
    left.mkdir()
    assert build_site(project, out=maker.out, catalog=catalog).index.is_file()
    assert not left.exists()


def test_a_run_cannot_begin_while_a_site_is_built(maker: ProjectMaker) -> None:
    maker.layer("things", frame(points(2), name=["a", "b"]), geometry="point", columns={"name": {"type": "text"}})
    maker.map("things", layers=[{**MAP_LAYER, "style": SINGLE}])
    tried = []

    def meanwhile(_label: str, _share: float, /) -> None:
        with pytest.raises(BallerupGeoError, match="another run is writing here"):
            run(maker.project(), out=maker.out, data="kept")
        tried.append(True)

    site = build_site(maker.project(), out=maker.out, catalog=maker.catalog(), progress=meanwhile)
    assert tried
    assert site.index.is_file()


def test_a_name_in_the_address_is_a_text_or_a_whole_number() -> None:
    frames = {
        "text": ["a", "b"],
        "whole": [2**53 + 2, 2**53 + 4],
        "number": [0.1234567, 0.1234568],
        "yes": [True, False],
    }
    named = {name: tells_apart(pd.Series(values)) for name, values in frames.items()}
    assert named == {"text": True, "whole": True, "number": False, "yes": False}
    assert [travelling(value) for value in frames["whole"]] == ["9007199254740994", "9007199254740996"]


def test_what_is_infinite_is_unknown() -> None:
    for value in (float("inf"), float("-inf"), float("nan"), np.float64("inf")):
        assert Shown("size", Text(**TEXT), "m").written(value).da == "ukendt"
        assert Shown("built_year", Text(**TEXT)).written(value).da == "ukendt"
        assert quantity(value, None, "en") == "unknown"
        assert with_unit(value, "m").en == "unknown"


def test_a_map_waits_for_its_analysis(toy_town: Path, tmp_path: Path) -> None:
    project = read_project(toy_town)
    site = build_site(project, out=tmp_path, catalog=Catalog(project, out=tmp_path, data="kept"))
    assert site.waiting == ("rainwater",)
    assert dict(site.maps) == {}
    assert "Ikke beregnet endnu." in Reading(site.index.read_text()).texts


def test_explain_is_one_page_of_both_sides() -> None:
    project = read_project(shipped_root())
    page = explain_text(explain(project, "rainwater"))
    assert "Mindste dybde af en bluespot" in page
    assert "Værdi: 0,1\u00a0m" in page
    assert "Kilde: ikke efterprøvet" in page
    assert "mindst 50\u00a0%" in page
    assert max(map(len, page.splitlines())) <= 80
    assert "Source: unverified" in explain_text(explain(project, "rainwater"), "en")
    with pytest.raises(ProjectError, match='did you mean "rainwater"'):
        explain(project, "rainwatr")


COLOURS = re.compile(r"--(\w[\w-]*): (#[0-9a-f]{6})")


def test_every_text_colour_stands_out_in_both_schemes() -> None:
    sheet = (Path(__file__).parent.parent / "ballerup_geo/publish/static/site.css").read_text()
    light, dark = (dict(COLOURS.findall(block)) for block in sheet.split(":root {")[1:3])
    assert len(light) == len(dark) == 9
    for scheme in (light, dark):
        for ground in ("paper", "quiet"):
            for text in ("ink", "soft", "accent"):
                assert contrast(scheme[text], scheme[ground]) >= 4.5
        assert contrast(scheme["notice-ink"], scheme["notice"]) >= 4.5
        assert contrast(scheme["focus"], scheme["paper"]) >= 3
    assert contrast(light["focus"], "#e9ecea") >= 3  # the map's ground
