"""Hostile texts in every form of a map and on every page of its site: shown as they are, and nothing runs.

Values, a source's column names, titles of layers, columns and the analysis, units, legends, captions, attribution,
licence and names of 10,000 letters are payloads. Where one ran while the site was made, it would leave ``BG_HIT`` in
the environment; where one ran in the browser, ``window.__hit``.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from map_maker import EVERYTHING, PAYLOADS, add_hostile_map
from project_maker import ProjectMaker, frame, squares
from step_maker import ROADS, STORMS, TABLES, add_storms, outcome, write_storms
from test_publish_browser import opened, place

from ballerup_geo.publish import build_site
from ballerup_geo.spec import Method, OutputColumn

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

RUNS_PYTHON = '{{ cycler.__init__.__globals__.os.environ.__setitem__("BG_HIT", "1") }}'
LONG = PAYLOADS[0] + RUNS_PYTHON + " lang" * 2000
HOSTILE = {"da": f"{EVERYTHING} {RUNS_PYTHON}", "en": f"{EVERYTHING} {RUNS_PYTHON} en"}
SIGNS = """() => ({
  hit: window.__hit === undefined,
  pictures: [...document.images].filter((one) => one.getAttribute("src") === "x").length,
  handlers: [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
  links: [...document.querySelectorAll("[href]")].filter((one) => /^\\s*javascript:/i.test(one.getAttribute("href"))).length,
  scripts: [...document.scripts].filter((one) => one.textContent.startsWith("window.__hit")).length,
})"""  # noqa: E501  (a line of JavaScript)
CLEAN = {"hit": True, "pictures": 0, "handlers": [], "links": 0, "scripts": 0}


def hostile_method() -> Method:
    """The storms, every word of which is a payload."""

    def said(column: OutputColumn) -> OutputColumn:
        return replace(column, da=HOSTILE["da"], en=HOSTILE["en"], unit=column.unit and "<b>")

    tables = tuple(replace(table, columns=tuple(map(said, table.columns))) for table in STORMS.tables)
    return replace(STORMS, tables=tables, rasters=tuple(replace(each, da=HOSTILE["da"]) for each in STORMS.rasters))


@pytest.fixture
def site(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("BG_HIT", raising=False)
    monkeypatch.setattr("ballerup_geo.methods.get_method", lambda _: hostile_method())
    add_hostile_map(maker)
    add_long_map(maker)
    made = outcome(PAYLOADS[:3])
    roads = made.tables["roads"].assign(road_id=[RUNS_PYTHON, PAYLOADS[1], PAYLOADS[3]])
    volumes = pd.DataFrame(made.tables["volumes"]).assign(name=list(PAYLOADS[:6]))
    always = {key: value for key, value in ROADS.items() if key != "from_step"}
    made = replace(made, tables={**made.tables, "roads": roads, "volumes": volumes}, answer=HOSTILE)
    add_storms(
        maker,
        made,
        layers=[{**always, "title": HOSTILE, "fields": [{"column": "road_id"}]}],
        tables=[{**table, "caption": HOSTILE} for table in TABLES],
    )
    maker.analysis("storms", method="storms", inputs={}, title=HOSTILE, question=HOSTILE, use=HOSTILE)
    write_storms(maker, made)
    return build_site(maker.project(), out=maker.out, catalog=maker.catalog()).index.parent


def add_long_map(maker: ProjectMaker) -> None:
    """A map of one square whose name has 10,000 letters, from a source with payloads for column names."""
    named = frame(squares(1), **{PAYLOADS[0]: [LONG], RUNS_PYTHON: ["x"]})
    kept = {"columns": {"name": PAYLOADS[0]}, "attribution": HOSTILE, "licence": EVERYTHING}
    columns = {"name": {"type": "text", "title": HOSTILE}}
    maker.layer("long", named, geometry="polygon", clip="none", columns=columns, kept=kept)
    fields = [{"column": "name"}]
    category = {"value": LONG, "colour": "#d55e00", "label": HOSTILE}
    style = {"kind": "categories", "column": "name", "categories": [category]}
    title = {"da": LONG, "en": LONG}
    layer = {"id": "long", "layer": "long", "name": "name", "title": title, "fields": fields, "style": style}
    maker.map("long", layers=[layer], tables=[{"map_layer": "long", "caption": HOSTILE, "fields": fields}])


def clicked(page: Page, layer: str, index: int) -> tuple[str | None, str | None]:
    """Click a feature; return the heading and the first value of what opens: the panel, or a popup."""
    page.keyboard.press("Escape")
    page.mouse.click(*place(page, layer, index))
    box = page.locator(".leaflet-popup .feature, #selection:not(.unseen) .feature").last
    return box.locator("h2").text_content(), box.locator("dd").first.text_content()


def test_no_form_of_a_map_and_no_page_runs_what_it_shows(watched: Watched, site: Path) -> None:
    assert "BG_HIT" not in os.environ
    page = watched.page
    page.emulate_media(reduced_motion="reduce")
    pages = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    forms = [f"{name}/{form}.html" for name in ("hostile", "long", "storms") for form in ("index", "embed", name)]
    assert set(forms) < set(pages)
    assert {"hent/storms/index.html", "metode/storms.html", "index.html", "maal.html"} < set(pages)
    for name in pages:
        address = (site / name).as_uri()
        if name in forms:
            opened(page, address)
        else:
            page.goto(address)
        if name.startswith("hostile/"):
            for index, payload in enumerate(PAYLOADS):
                assert clicked(page, "things", index) == (payload, payload), name
        if name.startswith("long/"):
            assert clicked(page, "long", 0) == (LONG, LONG), name
        page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
        if not name.endswith("embed.html"):  # which has no switch: the page around it decides
            page.locator("button.language").first.click()
        assert page.evaluate(SIGNS) == CLEAN, name
        if name.startswith(("hent/", "metode/", "hostile/", "storms/")):
            assert EVERYTHING in page.evaluate("document.body.textContent"), name
    table = page.goto((site / "storms/index.html").as_uri()) and page.locator("#tabel")
    assert all(payload in (table.text_content() or "") for payload in (*PAYLOADS[:6], RUNS_PYTHON))


def test_files_hold_the_texts_as_they_are(site: Path) -> None:
    licences = (site / "hent/storms/LICENS.txt").read_text(encoding="utf-8")
    assert EVERYTHING in licences
    assert RUNS_PYTHON in pd.read_parquet(site / "hent/storms/roads.parquet")["road_id"].tolist()
    for name in ("hostile", "long", "storms"):
        text = (site / name / "index.html").read_text(encoding="utf-8")
        assert json.loads(text.partition('id="plan">')[2].partition("</script>")[0])["layers"]
        for suffix in ("png", "svg", "pdf"):
            assert (site / name / f"{name}.{suffix}").stat().st_size > 1000
    assert "BG_HIT" not in os.environ
