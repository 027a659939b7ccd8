"""The pages in Debian's Chromium: from a disk and from a server, drawn, clicked, walked by keyboard, attacked.

``watched`` fails a test if a request leaves the machine or the page reports an error. A ``load`` event is no evidence
that a map drew: these tests read features and pixels.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from map_maker import EVERYTHING, PAYLOADS, add_hostile_map
from project_maker import ProjectMaker

from ballerup_geo.project import read_project
from ballerup_geo.publish import build_site, folium_map
from ballerup_geo.publish.serve import make_server
from ballerup_geo.spec.notice import MODEL_NOTICE

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DEPTH_CLASS = (70, 133, 181)  # Lilleby's only bluespot: #2171b5 at 80 % over the lake's catchment
PIXELS = """() => {
  const canvas = document.querySelector('.folium-map canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = {};
  for (let i = 0; i < data.length; i += 4) {
    const key = data[i] + ',' + data[i + 1] + ',' + data[i + 2] + ',' + data[i + 3];
    seen[key] = (seen[key] || 0) + 1;
  }
  return seen;
}"""


def opened(page: Page, address: str) -> int:
    """Open a map and return how many features it says it drew."""
    page.goto(address)
    page.wait_for_selector("html[data-drawn]", timeout=20_000)
    return int(page.evaluate("document.documentElement.dataset.drawn"))


def pixels(page: Page, colour: tuple[int, int, int], within: int = 12) -> int:
    """Count the map's pixels near a colour."""
    total = 0
    for key, count in page.evaluate(PIXELS).items():
        *found, alpha = map(int, key.split(","))
        near = all(abs(a - b) <= within for a, b in zip(found, colour, strict=True))
        total += count if near and alpha > 200 else 0
    return total


def place(page: Page, layer: str, index: int = 0) -> tuple[float, float]:
    """Return where the middle of a feature's box lies in the window."""
    x, y = page.evaluate(
        """([id, i]) => {
          const { map, sheets } = ballerupGeo;
          const box = sheets.find((s) => s.plan.id === id).layer.box.subarray(4 * i, 4 * i + 4);
          const middle = map.options.crs.pointToLatLng(L.point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), 0);
          const at = map.latLngToContainerPoint(middle), frame = map.getContainer().getBoundingClientRect();
          return [at.x + frame.x, at.y + frame.y];
        }""",
        [layer, index],
    )
    return x, y


def hovered(page: Page, at: tuple[float, float], expected: str) -> str:
    """Return what the pointer shows at a place; a browser without a screen may hold the last move back for a while."""
    for nudge in range(40):
        page.mouse.move(at[0] + nudge % 2, at[1])
        page.wait_for_timeout(50)
        shown = page.locator(".tip").text_content() or ""
        if shown == expected and page.locator(".tip").is_visible():
            return shown
    return "" if page.locator(".tip").is_hidden() else shown


@pytest.fixture
def served(lilleby: Path) -> Iterator[str]:
    """Lilleby's site on a server of this machine."""
    with make_server(lilleby / "site", port=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("way", ["disk", "server"])
def test_the_map_draws_and_a_bluespot_answers_a_click(watched: Watched, lilleby: Path, served: str, way: str) -> None:
    page = watched.page
    address = (lilleby / "site/rainwater/index.html").as_uri() if way == "disk" else f"{served}rainwater/index.html"
    assert opened(page, address) >= 10
    assert pixels(page, DEPTH_CLASS) > 2000
    page.mouse.click(*place(page, "bluespots"))
    panel = page.locator("#selection")
    assert "450\u00a0m³" in panel.inner_text()
    assert "37,75\u00a0m DVR90" in panel.inner_text()
    assert "valgt=bluespots/" in page.url
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert "valgt" not in page.url
    page.go_back()
    page.wait_for_selector("#selection:not([hidden])")
    assert "450\u00a0m³" in panel.inner_text()


def test_a_layer_is_switched_off_and_on(watched: Watched, lilleby: Path) -> None:
    page = watched.page
    opened(page, (lilleby / "site/rainwater/index.html").as_uri())
    before = pixels(page, DEPTH_CLASS)
    box = page.get_by_role("checkbox", name="Bluespot: dybde, når den er fuld")
    box.uncheck()
    page.wait_for_timeout(100)
    assert pixels(page, DEPTH_CLASS) < before / 4
    page.mouse.click(*place(page, "bluespots"))
    assert "Østsøen" in page.locator("#selection h2").inner_text()  # the catchment below answers instead
    box.check()
    page.wait_for_timeout(100)
    assert pixels(page, DEPTH_CLASS) > before * 0.9


def test_the_table_zooms_to_its_feature_and_the_address_brings_it_back(watched: Watched, lilleby: Path) -> None:
    page = watched.page
    address = (lilleby / "site/rainwater/index.html").as_uri()
    opened(page, address)
    start = page.evaluate("ballerupGeo.map.getZoom()")
    page.locator("#tabel summary").first.click()
    page.locator("#tabel tbody button").first.press("Enter")
    page.wait_for_function("(start) => ballerupGeo.map.getZoom() > start", arg=start) if start < 17 else None
    assert page.locator("#tabel tr.selected").count() == 1
    chosen = page.url
    fresh = page.context.new_page()
    opened(fresh, chosen)
    assert "450\u00a0m³" in fresh.locator("#selection").inner_text()


def test_english_is_one_press_away_and_stands_in_the_address(watched: Watched, lilleby: Path) -> None:
    page = watched.page
    opened(page, (lilleby / "site/rainwater/index.html").as_uri())
    assert page.title() == "Hvor løber regnen hen? – Lilleby i kort"
    page.mouse.click(*place(page, "bluespots"))
    page.locator("button.language").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == "Where does the rain run? – Lilleby in maps"
    assert page.locator("h1").inner_text() == "Where does the rain run?"
    assert "37.75\u00a0m DVR90" in page.locator("#selection").inner_text()
    assert page.locator(".leaflet-control-zoom-in").get_attribute("aria-label") == "Zoom in"
    assert "sprog=en" in page.url
    page.get_by_role("link", name="All maps").click()
    page.wait_for_selector("h1")
    assert page.locator("h1").inner_text() == "Lilleby in maps"
    assert "Hvor løber" not in page.locator("main").inner_text()


def test_the_keyboard_reaches_everything_and_moves_the_map(watched: Watched, lilleby: Path) -> None:
    page = watched.page
    opened(page, (lilleby / "site/rainwater/index.html").as_uri())
    stops = []
    for _ in range(16):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                "(document.activeElement.getAttribute('aria-label') || document.activeElement.innerText).trim()"
            )
        )
    assert stops[:2] == ["Spring til indholdet", "Spring til tabellen"]
    assert stops[2].startswith("Kort. Piletaster flytter")
    assert stops[3:7] == ["Zoom ind", "Zoom ud", "Alle kort", "English"]
    assert any("Lavninger, hvor vand bliver stående" in stop for stop in stops)
    page.locator(".folium-map").focus()
    before = page.evaluate("ballerupGeo.map.getCenter().lng")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => ballerupGeo.map.getCenter().lng > before", arg=before)
    outline = page.evaluate("getComputedStyle(document.querySelector('.folium-map')).outlineStyle")
    assert outline == "solid"


def test_nothing_hostile_runs_and_all_of_it_is_shown(watched: Watched, maker: ProjectMaker) -> None:
    add_hostile_map(maker)
    project = maker.project()
    site = build_site(project, out=maker.out, catalog=maker.catalog())
    alone = maker.out / "alone.html"
    folium_map(project, "hostile", out=maker.out, data="kept").save(str(alone))
    page = watched.page
    page.emulate_media(reduced_motion="reduce")
    for path in (site.maps["hostile"], alone):
        assert opened(page, path.as_uri()) >= len(PAYLOADS)
        assert page.locator("h1").inner_text() == EVERYTHING
        assert page.title().startswith(EVERYTHING)
        for index, payload in enumerate(PAYLOADS):
            page.keyboard.press("Escape")
            at = place(page, "things", index)
            assert hovered(page, at, payload) == payload
            page.mouse.click(*at)
            shown = page.locator(".feature h2").last
            assert shown.text_content() == payload
            assert page.locator(".feature dd").first.text_content() == payload
        page.locator("button.language").click()
        assert page.locator("h1").inner_text() == EVERYTHING + " en"
        assert page.evaluate("window.__hit") is None
        assert page.locator("img").count() == 0


def test_a_map_alone_opens_a_popup(watched: Watched, lilleby: Path, toy_town: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.html"
    folium_map(read_project(toy_town), "rainwater", out=lilleby).save(str(alone))
    page = watched.page
    assert opened(page, alone.as_uri()) >= 10
    page.mouse.click(*place(page, "bluespots"))
    assert "450\u00a0m³" in page.locator(".leaflet-popup-content").inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")


def test_a_notebook_shows_the_map_in_its_frame(watched: Watched, lilleby: Path, toy_town: Path, tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.html"
    inside = folium_map(read_project(toy_town), "rainwater", out=lilleby)._repr_html_()
    notebook.write_text(f"<!DOCTYPE html><title>cell</title><link rel=icon href='data:,'>{inside}")
    page = watched.page
    page.goto(notebook.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("html[data-drawn]").wait_for(timeout=20_000)
    assert int(str(frame.locator("html").get_attribute("data-drawn"))) >= 10


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("name", ["index.html", "rainwater/index.html", "metode/rainwater.html"])
def test_a_phone_shows_it_without_scrolling_sideways(watched: Watched, lilleby: Path, name: str, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 740})
    page.goto((lilleby / "site" / name).as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        """[...document.querySelectorAll('button.quiet, .legend label, summary, .leaflet-bar a, a[data-own]')]
           .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML)"""
    )
    assert small == []


def test_the_modelled_municipality_draws_fast_and_says_what_it_is(watched: Watched, modelled: Path) -> None:
    page = watched.page
    weight = []
    page.on("response", lambda response: weight.append(len(response.body())))
    with make_server(modelled / "site", port=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        assert opened(page, f"{server.url}rainwater/index.html") > 1000
        page.wait_for_load_state("networkidle")
        server.shutdown()
        thread.join()
    assert sum(weight) < 3_000_000
    assert page.locator(".stage .notice").is_visible()  # inside the picture
    assert page.locator(".panel .notice").is_visible()
    assert MODEL_NOTICE.da in page.locator(".stage").inner_text()
    for name in ("index.html", "metode/rainwater.html", "overview/index.html"):
        page.goto((modelled / "site" / name).as_uri())
        assert MODEL_NOTICE.da in page.locator("body").inner_text()
    page.wait_for_selector("html[data-drawn]")
    assert page.evaluate("ballerupGeo.sheets.length") >= 8
