"""The tree maps in real Chromium, on a small hand-made result: slider over trees, click on a site, sheets to print."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from conftest import Watched
from project_maker import NORTH, SOUTH, TEXT, WEST, ProjectMaker, frame
from test_publish_axe import LOOK, RULES

from ballerup_geo.methods import get_method
from ballerup_geo.project import shipped_root
from ballerup_geo.publish import build_site
from ballerup_geo.results import Made, write_result
from ballerup_geo.spec import Outcome, OutputTable

pytestmark = pytest.mark.browser

METHOD = get_method("trees")
EMPTY = {"text": object, "date": object, "integer": "Int64", "number": float, "boolean": "boolean"}
LONG = "; ".join(f"bånd nummer {n}, som nogen skal se på" for n in range(12))
SPECIES = ", ".join(f"Almindelig art nummer {n} {40 - n}" for n in range(20))
SITES = 12


def empty(table: OutputTable) -> pd.DataFrame:
    """A table without rows."""
    columns = {column.name: pd.Series([], dtype=EMPTY[column.type]) for column in table.columns}
    return (
        pd.DataFrame(columns) if table.geometry == "table" else gpd.GeoDataFrame(columns, geometry=[], crs="EPSG:25832")
    )


def filled(name: str, **known: Any) -> pd.DataFrame:
    """A table with the columns that are given; the rest is unknown."""
    table = next(each for each in METHOD.tables if each.name == name)
    shapes = known.pop("shapes", None)
    rows = pd.DataFrame(known)
    rest = {
        one.name: pd.Series([None] * len(rows), dtype=EMPTY[one.type]) for one in table.columns if one.name not in rows
    }
    rows = rows.assign(**rest)[[column.name for column in table.columns]]
    return rows if shapes is None else gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:25832")


def tables() -> dict[str, pd.DataFrame]:
    """Twelve chosen sites in a row, the first six in gardens; three associations, one of them with very much to say."""
    points = [shapely.Point(WEST + 100 + 60 * n, SOUTH + 300) for n in range(SITES)]
    kinds = ["garden_small"] * 6 + ["association_large"] * 6
    ground = [shapely.box(WEST + 100 + 250 * n, SOUTH + 200, WEST + 300 + 250 * n, SOUTH + 600) for n in range(3)]
    return {
        "chosen": filled(
            "chosen",
            site_id=[f"T{n:06d}" for n in range(1, SITES + 1)],
            rank=range(1, SITES + 1),
            kind=kinds,
            species=["Stilkeg"] * SITES,
            species_why=["jorden er fugtig"] * SITES,
            building_m=[5.5] * SITES,
            boundary_m=[2.5] * SITES,
            unchecked=["tinglysning; Ledningsejerregistret (LER)"] * SITES,
            benefit=[0.25] * SITES,
            shapes=points,
        ),
        "chosen_steps": filled("chosen_steps", trees=[4, 8, 12], garden_trees=[4, 6, 6], association_trees=[0, 2, 6]),
        "streets": filled(
            "streets",
            street=["Nordgade", "Sydgade", "Ensomvej"],
            gardens=[9, 12, 2],
            asked=[8, 9, 2],
            sites=[40, 60, 7],
            offered=[24, 30, 5],
            chosen=[3, 3, 0],
            expected_mid=[3.6, 4.5, 0.7],
            shapes=[shapely.LineString([(WEST, SOUTH + y), (WEST + 900, SOUTH + y)]) for y in (100, 150, 650)],
        ),
        "associations": filled(
            "associations",
            association=["Lillebo", "{{ 6*7 }}<b>Storbo</b>", "Mellembo"],
            owner_kind=["housing_association"] * 3,
            sites=[120, 640, 80],
            chosen=[4, 2, 0],
            small=[0, 0, 0],
            large=[4, 2, 0],
            species=["Stilkeg 4", SPECIES, None],
            legal_basis=["housing_association"] * 3,
            funding=["ikke afklaret", "Byrådet 4. marts 2027: 200 kr. pr. træ", "ikke afklaret"],
            unchecked=["tinglysning", LONG, None],
            shapes=ground,
        ),
        "association_sites": filled(
            "association_sites",
            site_id=[f"T{n:06d}" for n in range(7, 13)],
            rank=range(7, 13),
            size=["large"] * 6,
            association=["Lillebo"] * 4 + ["{{ 6*7 }}<b>Storbo</b>"] * 2,
            shapes=points[6:],
        ),
    }


def own_map(name: str, layers: set[str]) -> dict[str, Any]:
    """A shipped map without the layers that the small project does not have."""
    fields = tomllib.loads((shipped_root() / "maps" / f"{name}.toml").read_text())
    fields["layers"] = [each for each in fields["layers"] if each.get("layer", "municipality") in layers]
    drawn = {each["id"] for each in fields["layers"]}
    fields["search"] = [each for each in fields["search"] if each.get("map_layer") in drawn]
    return fields


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public site and the planners' one, of both shipped maps on the hand-made result."""
    maker = ProjectMaker(tmp_path_factory.mktemp("trees") / "project")
    houses = frame([shapely.box(WEST + 150, SOUTH + 250, WEST + 180, SOUTH + 270)], building_id=["B1"])
    maker.layer("buildings", houses, geometry="polygon", clip="none", columns={"building_id": {"type": "text"}})
    street = frame([shapely.LineString([(WEST, NORTH - 50), (WEST + 900, SOUTH + 100)])], road_id=["V1"])
    maker.layer(
        "roads", street, geometry="line", clip="none", columns={"road_id": {"type": "text"}, "class": {"type": "text"}}
    )
    maker.analysis("trees", method="trees", inputs={})
    maps = {name: own_map(name, {"municipality"}) for name in ("trees", "tree_sites")}
    maps["tree_sites"]["slider"]["start"] = 1
    for name, fields in maps.items():
        fields.pop("analysis")
        maker.map(name, analysis="trees", **fields)
    known = tables()
    project = maker.project()
    write_result(
        maker.out,
        "trees",
        analysis=project.analyses["trees"],
        method=METHOD,
        outcome=Outcome(
            tables={table.name: known.get(table.name, empty(table)) for table in METHOD.tables},
            rasters={},
            indicators={indicator.name: 12.0 for indicator in METHOD.indicators},
            answer=TEXT,
            answers=dict.fromkeys(METHOD.answers, TEXT),
        ),
        made=Made(inputs={}, data="kept", key="0" * 64),
        maps=project.maps,
    )
    build_site(project, out=maker.out, catalog=maker.catalog())
    return maker.out


def figures(panel: Any) -> dict[str, str]:
    return dict(zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True))


def test_a_planner_moves_the_slider_and_asks_a_site(watched: Watched, built: Path, axe: str) -> None:
    page = watched.page
    page.goto((built / "planners" / "tree_sites" / "index.html").as_uri())
    page.wait_for_selector("html[data-drawn]", timeout=30_000)
    slider = page.get_by_role("slider", name="Antal træer", exact=True)
    assert slider.get_attribute("aria-valuetext") == "de første 4 · i haver 4 · på foreningers jord 0"
    slider.focus()
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "de første 12 · i haver 6 · på foreningers jord 6"
    page.keyboard.press("Home")
    place = gpd.GeoSeries(tables()["chosen"].geometry, crs=25832).to_crs(4326)
    for at, shown in ((3, True), (4, False)):  # the fifth is not among the first four
        page.evaluate("(at) => ballerupGeo.map.setView(at, 18, { animate: false })", [place[at].y, place[at].x])
        x, y = page.evaluate(
            "(at) => { const p = ballerupGeo.map.latLngToContainerPoint(at);"
            " const f = ballerupGeo.map.getContainer().getBoundingClientRect(); return [p.x + f.x, p.y + f.y]; }",
            [place[at].y, place[at].x],
        )
        page.mouse.click(x, y)
        assert page.locator("#selection").is_visible() is shown
        if shown:
            said = figures(page.locator("#selection"))
            assert said["Til nærmeste bygning"] == "5,5\u00a0m"
            assert said["Hvorfor arten"] == "jorden er fugtig"
            assert "Ledningsejerregistret" in said["Ikke undersøgt"]
        page.keyboard.press("Escape")
    page.evaluate(axe)
    assert page.evaluate(LOOK, RULES) == []


def test_the_public_map_aggregates_gardens_and_says_no_street_of_two(watched: Watched, built: Path, axe: str) -> None:
    page = watched.page
    page.goto((built / "site" / "trees" / "index.html").as_uri())
    page.wait_for_selector("html[data-drawn]", timeout=30_000)
    page.evaluate("for (const fold of document.querySelectorAll('#tabel details')) fold.open = true")
    rows = page.locator("table[data-layer=streets] tbody tr").all_inner_texts()
    assert len(rows) == 3
    (lonely,) = [row for row in rows if row.startswith("Ensomvej")]
    assert "skjult" in lonely  # two gardens; another row is withheld with it
    assert not list((built / "site").rglob("*tree_sites*"))
    assert not [path for path in (built / "site").rglob("*") if path.stem in {"sites", "chosen", "parcels"}]
    assert (built / "planners" / "hent" / "trees" / "chosen.csv").is_file()
    assert page.get_by_role("link", name="Tilbud om træer til boligforeninger").get_attribute("href") == "ark.html"
    page.evaluate(axe)
    assert page.evaluate(LOOK, RULES) == []


def test_each_offer_prints_on_one_sheet(watched: Watched, built: Path, axe: str) -> None:
    page = watched.page
    page.goto((built / "site" / "trees" / "ark.html").as_uri())
    sheets = page.locator("article.handout")
    assert sheets.count() == 3
    assert page.locator("article.handout h2").all_inner_texts()[1] == "{{ 6*7 }}<b>Storbo</b>"
    first = sheets.nth(0).inner_text()
    for words in ("Stilkeg 4", "afdelingsmødet beslutter", "ikke afklaret", "tinglysning", "Pladser i alt"):
        assert words in first
    page.evaluate(axe)
    assert page.evaluate(LOOK, RULES) == []
    printed = page.pdf(prefer_css_page_size=True, format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 3
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1032})  # A4 without its margins, in CSS pixels
    for at in range(3):  # nothing is cut off at the foot, not even of the one with much to say
        sheet = sheets.nth(at)
        assert sheet.evaluate("(one) => one.scrollHeight - one.clientHeight") <= 1
        assert sheet.locator(".handout-picture").bounding_box()["height"] > 120  # type: ignore[index]
