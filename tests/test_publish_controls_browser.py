"""The page's controls in Debian's Chromium: search, what the map says about a place, measuring, picking, moving.

A small municipality whose answers are on paper: a square area, a line across it, a point, and addresses not drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely
from map_maker import PAYLOADS
from project_maker import CRS, SOUTH, WEST, ProjectMaker, frame

from ballerup_geo.publish import build_site, folium_map

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

STREETS = ("Æblevej 1", "Æblevej 2", "Æblevej 12B", "Ågade 7", "Øster Hougvej 9", "Café Allé 3")
T = {"da": "Tekst", "en": "Text"}


def at(east_m: float, north_m: float) -> shapely.Point:
    return shapely.Point(WEST + east_m, SOUTH + north_m)


@pytest.fixture
def controls(maker: ProjectMaker) -> ProjectMaker:
    """An area of 400 × 400 m from (100, 100), a line along its middle, a point at (800, 500), addresses on a row."""
    area = shapely.box(WEST + 100, SOUTH + 100, WEST + 500, SOUTH + 500)
    line = shapely.LineString([at(100, 300), at(500, 300)])
    names = [*STREETS, *PAYLOADS]
    doors = frame([at(150 + 40 * k, 200) for k in range(len(names))], road=names, secret=["x"] * len(names))
    text = {"type": "text"}
    for name, data, kind in (
        ("areas", frame([area], name=["Engen"]), "polygon"),
        ("lines", frame([line], name=["Stien"]), "line"),
        ("wells", frame([at(800, 500)], name=["Brønden"]), "point"),
        ("doors", doors, "point"),
    ):
        columns = {column: text for column in data.columns if column != "geometry"}
        maker.layer(name, data, geometry=kind, clip="none", columns=columns)
    styles = {
        "areas": {"kind": "single", "fill": "#d55e00", "fill_opacity": 1.0},
        "lines": {"kind": "single", "line": "#0072b2", "line_width_px": 3.0},
        "wells": {"kind": "single", "fill": "#000000", "fill_opacity": 1.0},
    }
    layers = [
        {
            "id": name,
            "layer": name,
            "name": "name",
            "style": look,
            "title": {"da": f"Lag {name}", "en": f"Layer {name}"},
        }
        for name, look in styles.items()
    ]
    search = [{"layer": "doors", "column": "road"}, {"map_layer": "areas", "column": "name"}]
    maker.map("controls", layers=layers, search=search)
    return maker


@pytest.fixture
def site(controls: ProjectMaker) -> Path:
    return build_site(controls.project(), out=controls.out, catalog=controls.catalog()).maps["controls"]


def opened(page: Page, path: Path, address: str = "") -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(path.as_uri() + address)
    page.wait_for_selector("html[data-drawn]", timeout=20_000)


def on_screen(page: Page, point: shapely.Point) -> tuple[float, float]:
    """Return where a place of EPSG:25832 lies in the window."""
    degrees = gpd.GeoSeries([point], crs=CRS).to_crs("EPSG:4326").iloc[0]
    x, y = page.evaluate(
        """([lat, lng]) => {
          const { map } = ballerupGeo, frame = map.getContainer().getBoundingClientRect();
          const at = map.latLngToContainerPoint([lat, lng]);
          return [at.x + frame.x, at.y + frame.y];
        }""",
        [degrees.y, degrees.x],
    )
    return x, y


def listed(page: Page, text: str) -> list[str]:
    """Return the names that the search lists for a text."""
    page.get_by_role("combobox").fill(text)
    page.wait_for_function("() => document.getElementById('search-told').textContent !== ''")
    page.wait_for_timeout(100)
    return page.locator("#search-list li span:first-child").all_text_contents()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("æb", ["Æblevej 1", "Æblevej 2", "Æblevej 12B"]),
        ("aeblevej 1", ["Æblevej 1", "Æblevej 12B"]),
        ("Æblevej 12 b", ["Æblevej 12B"]),
        ("aagade", ["Ågade 7"]),
        ("agade", ["Ågade 7"]),
        ("hougvej", ["Øster Hougvej 9"]),
        ("oster", ["Øster Hougvej 9"]),
        ("cafe alle", ["Café Allé 3"]),
        ("engen", ["Engen"]),
        ("findes ikke", []),
    ],
)
def test_a_name_is_found_as_danes_type_it(watched: Watched, site: Path, text: str, first: list[str]) -> None:
    opened(watched.page, site)
    assert listed(watched.page, text) == first


def test_search_by_keyboard_selects_and_escape_takes_it_back(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site)
    box = page.get_by_role("combobox")
    assert listed(page, "æblevej") == list(STREETS[:3])
    assert box.get_attribute("aria-expanded") == "true"
    assert "3 resultater" in page.locator("#search-told").inner_text()
    box.press("ArrowDown")
    box.press("ArrowDown")
    active = str(box.get_attribute("aria-activedescendant"))
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    box.press("Enter")
    place = page.locator("#place")
    assert place.locator("h2").inner_text() == "Æblevej 2"
    assert "Lag areas – Engen" in place.inner_text()  # it lies in the area
    assert "680\u00a0m" in place.inner_text()  # hypot(800 − 190, 500 − 200) = 679.8 m
    assert page.evaluate("ballerupGeo.map.getZoom()") >= 17
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert place.is_hidden()
    listed(page, "engen")
    box.press("Enter")
    assert page.locator("#selection h2").inner_text() == "Engen"
    assert "valgt=areas/" in page.url


def test_hostile_names_are_listed_as_text_and_nothing_typed_leaves_the_page(watched: Watched, site: Path) -> None:
    page = watched.page
    asked: list[str] = []
    opened(page, site)
    page.on("request", lambda request: asked.append(request.url))
    for word in ("onerror", "script", "window", "raw"):
        for name in listed(page, word):
            assert name in PAYLOADS
    page.get_by_role("combobox").press("Enter")
    assert page.locator("#place h2").text_content() in PAYLOADS
    assert page.evaluate("window.__hit") is None
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert len(asked) == 1  # the list of names, fetched when the box was entered
    assert "/data/names." in asked[0]
    assert "raw" not in page.url


def test_only_the_names_travel(site: Path, controls: ProjectMaker, tmp_path: Path) -> None:
    import base64
    import gzip
    import re

    (names,) = (site.parent.parent / "data").glob("names.*.js")
    packed = re.findall(r'"([A-Za-z0-9+/=]{40,})"', names.read_text(encoding="utf-8"))
    content = gzip.decompress(base64.b64decode(packed[0]))
    assert "Ågade 7".encode() in content
    assert b"secret" not in content


def test_search_works_in_one_file_without_a_network(watched: Watched, controls: ProjectMaker, tmp_path: Path) -> None:
    alone = tmp_path / "alone.html"
    folium_map(controls.project(), "controls", out=controls.out, data="kept").save(str(alone))
    opened(watched.page, alone)
    assert listed(watched.page, "ågade") == ["Ågade 7"]


def test_lengths_and_areas_are_those_of_the_ground(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site)
    page.locator("#measure summary").click()
    page.get_by_role("button", name="Mål et areal").click()
    told = page.locator("#measure-told")
    assert "første punkt" in told.inner_text()
    for corner in ((100, 100), (500, 100), (500, 500), (100, 500)):
        page.mouse.click(*on_screen(page, at(*corner)))
    said = told.inner_text()
    hectares = float(said.split("\u00a0ha")[0].split()[-1].replace(",", "."))
    assert hectares == pytest.approx(16.0, rel=0.01)  # a click is a pixel
    page.keyboard.press("Escape")
    assert "afsluttet" in told.inner_text()
    assert page.locator("#selection").is_hidden()
    metres, area = page.evaluate(
        """() => {
          const at = (lat, lng) => ({ lat, lng });
          return [ballerupGeo.metresBetween(at(55.7, 12.3), at(55.75, 12.4)),
                  ballerupGeo.areaOf([at(55.7, 12.3), at(55.7, 12.4), at(55.75, 12.4), at(55.75, 12.3)])];
        }"""
    )
    from pyproj import Geod

    geod = Geod(ellps="GRS80")
    assert metres == pytest.approx(geod.inv(12.3, 55.7, 12.4, 55.75)[2], rel=1e-3)
    true = abs(geod.polygon_area_perimeter([12.3, 12.4, 12.4, 12.3], [55.7, 55.7, 55.75, 55.75])[0])
    assert area == pytest.approx(true, rel=1e-3)
    projected = page.evaluate("ballerupGeo.eastNorthOf({ lat: 55.73, lng: 12.36 })")
    from pyproj import Transformer

    exact = Transformer.from_crs("EPSG:4258", CRS, always_xy=True).transform(12.36, 55.73)
    assert projected == pytest.approx(exact, abs=0.001)


def test_measuring_by_keyboard(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site)
    page.locator("#measure summary").press("Enter")
    page.get_by_role("button", name="Mål en længde").press("Enter")
    page.keyboard.press("Enter")
    before = page.evaluate("ballerupGeo.map.getCenter()")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(lng) => ballerupGeo.map.getCenter().lng > lng", arg=before["lng"])
    page.keyboard.press("Enter")
    told = page.locator("#measure-told")
    assert told.inner_text().startswith("Længde: ")
    assert page.evaluate("ballerupGeo.lengthOf(ballerupGeo.measured.places)") > 10
    page.keyboard.press("Backspace")
    assert "næste punkt" in told.inner_text()


def test_the_strength_of_a_layer_stands_in_the_address(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site)
    page.locator(".strengths summary").click()
    page.get_by_label("Lag areas").last.press("ArrowLeft")
    page.get_by_label("Lag areas").last.press("ArrowLeft")
    page.wait_for_url("**#*styrke=areas*")
    assert page.evaluate("ballerupGeo.sheets.find((one) => one.plan.id === 'areas').opacity") == 0.8
    fresh = page.context.new_page()
    fresh.goto(page.url)
    fresh.wait_for_selector("html[data-drawn]")
    assert fresh.evaluate("ballerupGeo.sheets.find((one) => one.plan.id === 'areas').opacity") == 0.8
    opened(page, site, "#styrke=areas:900,nope:50")
    assert page.evaluate("ballerupGeo.sheets.map((one) => one.opacity)") == [1, 1, 1]


def test_a_finger_beside_a_line_means_the_area_under_it(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site)
    picked = """([lat, lng, dy]) => {
      const { map, sheets, pick } = ballerupGeo, zoom = 2 ** map.getZoom();
      const p = map.options.crs.latLngToPoint(L.latLng(lat, lng), 0);
      const found = pick(sheets, p.x, p.y + dy / zoom, zoom, 22);
      return found && found.sheet.plan.id;
    }"""
    degrees = gpd.GeoSeries([at(300, 300), at(300, 500)], crs=CRS).to_crs("EPSG:4326")
    middle, edge = ([p.y, p.x] for p in degrees)
    assert page.evaluate(picked, [*middle, 0]) == "lines"
    assert page.evaluate(picked, [*middle, 5]) == "lines"
    assert page.evaluate(picked, [*middle, 9]) == "areas"
    assert page.evaluate(picked, [*edge, -15]) == "areas"  # beside it, and nothing nearer
    assert page.evaluate(picked, [*edge, -30]) is None


def test_a_moved_map_is_drawn_to_its_edges(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site)
    page.evaluate("ballerupGeo.map.setView(ballerupGeo.map.getCenter(), 17, { animate: false })")
    for step in ((250, 0), (250, -150), (0, -150)):  # the area comes in from the south-west
        page.mouse.move(450, 450)
        page.mouse.down()
        page.mouse.move(450 + step[0], 450 + step[1], steps=8)
        page.mouse.up()
    page.wait_for_function("() => ballerupGeo.stacks.every((stack) => stack.isReady())")
    page.wait_for_timeout(150)
    colour = """([x, y]) => {
      const canvas = document.querySelector('.folium-map canvas'), box = canvas.getBoundingClientRect();
      const density = canvas.width / box.width;
      const at = [(x - box.x) * density, (y - box.y) * density];
      return [...canvas.getContext('2d').getImageData(...at, 1, 1).data].slice(0, 3);
    }"""
    seen = 0
    for east in range(120, 500, 40):
        x, y = on_screen(page, at(east, 200))
        if 60 < x < page.evaluate("ballerupGeo.map.getSize().x") - 60 and 60 < y < 840:
            seen += 1
            assert page.evaluate(colour, [x, y]) == [213, 94, 0]
    assert seen >= 2
