"""The slider in Debian's Chromium: keyboard and pointer move water, roads and rows; the address keeps the step."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from map_maker import EVERYTHING, PAYLOADS
from project_maker import ProjectMaker
from rasterio.io import MemoryFile
from step_maker import DARK, LIGHT, MIDDLE, add_storms, get_method, outcome

from ballerup_geo.publish import build_site, folium_map
from ballerup_geo.publish.serve import make_server

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ROAD = "#d55e00"


@pytest.fixture
def storms(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    return maker


@pytest.fixture
def site(storms: ProjectMaker) -> Path:
    catalog = add_storms(storms)
    return build_site(storms.project(), out=storms.out, catalog=catalog).maps["storms"]


@pytest.fixture
def alone(storms: ProjectMaker) -> Path:
    add_storms(storms)
    path = storms.out / "alone.html"
    folium_map(storms.project(), "storms", out=storms.out, data="kept").save(str(path))
    return path


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-drawn]", timeout=20_000)
    settled(page)


def settled(page: Page) -> None:
    """Wait until the rasters show what was asked for, and the browser has painted it."""
    page.wait_for_function("() => ballerupGeo.rasters.every((one) => one.isReady())", timeout=20_000)
    page.wait_for_timeout(500)  # tiles that come anew fade in
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def painted(page: Page, code: str) -> int:
    """Count the pixels of a colour on the map, as a reader sees it."""
    wanted = [int(code[at : at + 2], 16) for at in (1, 3, 5)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a picture lies nowhere, which rasterio mentions
        with MemoryFile(page.locator(".stage").screenshot()) as memory, memory.open() as dataset:
            seen = dataset.read()[:3].astype(int)
    return int((abs(seen - [[[band]] for band in wanted]).max(axis=0) <= 3).sum())


def shown(page: Page) -> tuple[bool, bool, bool, bool]:
    """Which colours stand on the map: shallow, deeper, deepest water, and a cut road."""
    light, middle, dark, road = (painted(page, code) > 150 for code in (LIGHT, MIDDLE, DARK, ROAD))
    return light, middle, dark, road


def visible_rows(page: Page, table: str) -> list[str]:
    page.evaluate("for (const fold of document.querySelectorAll('#tabel details')) fold.open = true")
    rows = page.locator(f"{table} tbody tr")
    return [row.inner_text() for row in rows.all() if row.is_visible()]


@pytest.mark.parametrize("way", ["site", "alone"])
def test_the_keyboard_moves_water_roads_and_rows(watched: Watched, request: pytest.FixtureRequest, way: str) -> None:
    page = watched.page
    opened(page, request.getfixturevalue(way).as_uri())
    assert shown(page) == (True, False, False, True)
    water = painted(page, LIGHT)
    assert visible_rows(page, "table[data-rows]") == ["Herlev\t2.000", "Egedal\t1.000"]
    assert visible_rows(page, "table[data-layer=roads]") == ["nord"]
    page.get_by_role("slider", name="Regnhændelse", exact=True).focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    assert shown(page) == (False, True, True, True)
    assert abs(painted(page, MIDDLE) - water) < water / 10
    assert page.locator("#step").get_attribute("aria-valuetext") == "stort skybrud · 80\u00a0mm"
    assert page.locator(".step-now").inner_text() == "stort skybrud · 80\u00a0mm"
    assert visible_rows(page, "table[data-rows]") == ["Egedal\t40.000", "Herlev\t30.000"]
    assert visible_rows(page, "table[data-layer=roads]") == ["nord", "syd"]
    page.keyboard.press("Home")
    settled(page)
    assert shown(page) == (False, False, False, False)
    assert visible_rows(page, "table[data-layer=roads]") == []
    assert "2 rækker" in page.locator("#tabel summary").first.inner_text()


def test_the_pointer_moves_it_and_the_address_keeps_the_step(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site.as_uri())
    box = page.locator("#step").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    settled(page)
    assert shown(page) == (False, True, True, True)
    page.wait_for_url("**trin=t3*")
    address = page.url
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("() => !location.hash.includes('trin')")  # the first step shown needs no address
    fresh = page.context.new_page()
    opened(fresh, address)
    assert shown(fresh) == (False, True, True, True)
    assert fresh.locator("#step").input_value() == "3"
    fresh.evaluate("location.hash = '#trin=t1'")
    fresh.wait_for_function("() => document.getElementById('step').value === '1'")
    settled(fresh)
    assert shown(fresh) == (False, False, False, False)


def test_only_the_tiles_of_the_step_are_asked_for(watched: Watched, site: Path) -> None:
    asked: list[str] = []
    page = watched.page
    page.on("request", lambda request: asked.append(request.url) if "/tiles/" in request.url else None)
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    with make_server(site.parent.parent, port=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        opened(page, f"{server.url}storms/index.html")
        first = {url.split("/tiles/")[1].split("/")[0] for url in asked}
        assert len(first) == 1
        page.locator("#step").focus()
        page.keyboard.press("End")
        settled(page)
        assert shown(page) == (False, True, True, True)
        assert len({url.split("/tiles/")[1].split("/")[0] for url in asked}) == 2
        page.wait_for_load_state("networkidle")
        server.shutdown()
        thread.join()
    assert not failed
    files = {str(path.relative_to(site.parent.parent)) for path in (site.parent.parent / "tiles").rglob("*.webp")}
    assert {"tiles/" + url.split("/tiles/")[1] for url in asked} <= files


def test_a_raster_is_switched_and_faded_and_lies_below_the_roads(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site.as_uri())
    full = painted(page, LIGHT)
    page.locator("input[data-opacity=depth]").fill("50")
    assert painted(page, LIGHT) == 0
    assert painted(page, "#cee4f0") > full / 2  # half of the colour on white
    page.locator("input[data-layer=depth]").uncheck()
    settled(page)
    assert painted(page, "#cee4f0") < full / 20
    page.locator("input[data-layer=depth]").check()
    page.locator("input[data-opacity=depth]").fill("100")
    settled(page)
    assert painted(page, LIGHT) > full * 0.9


def test_close_up_the_cells_stay_and_a_selection_that_a_step_lacks_is_let_go(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site.as_uri() + "#trin=t3&valgt=roads/syd")
    assert "syd" in page.locator("#selection h2").inner_text()
    page.locator("#step").focus()
    page.keyboard.press("Home")
    settled(page)
    assert not page.locator("#selection").is_visible()
    page.keyboard.press("End")
    page.evaluate("ballerupGeo.map.setZoom(18, { animate: false })")
    settled(page)
    assert page.locator(".folium-map.cells").count() == 1
    page.goto("about:blank")
    opened(page, site.as_uri() + "#trin=t1&valgt=roads/syd")
    assert "ikke på kortet" in page.locator("#selection").inner_text()


def test_english_names_the_step_in_english(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site.as_uri() + "#sprog=en&trin=t3")
    assert (
        page.get_by_role("slider", name="Rain event", exact=True).get_attribute("aria-valuetext")
        == "stort skybrud · 80\u00a0mm"
    )
    page.locator("button.language").click()
    assert page.get_by_role("slider", name="Regnhændelse", exact=True).count() == 1
    assert "trin=t3" in page.url


def test_print_says_the_step_and_has_all_rows(watched: Watched, site: Path) -> None:
    page = watched.page
    opened(page, site.as_uri())
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    page.emulate_media(media="print")
    assert page.locator(".step-now").inner_text() == "skybrud · 40\u00a0mm"
    assert not page.locator("#step").is_visible()
    rows = [row for row in page.locator("table[data-rows] tbody tr").all() if row.is_visible()]
    assert len(rows) == 6
    assert "dagsregn · 20\u00a0mm" in rows[0].inner_text()


def test_without_a_script_all_rows_stand_below_each_other(browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.as_uri())
    assert page.locator(".step-now").inner_text() == "skybrud · 40\u00a0mm"
    assert page.locator("#step").is_disabled()
    page.locator("#tabel summary").first.click()
    assert sum(row.is_visible() for row in page.locator("table[data-rows] tbody tr").all()) == 6
    context.close()


def test_hostile_names_of_steps_are_shown_and_do_nothing(watched: Watched, storms: ProjectMaker) -> None:
    names = (EVERYTHING, PAYLOADS[1], PAYLOADS[4])
    catalog = add_storms(storms, outcome(names=names))
    page = watched.page
    opened(page, build_site(storms.project(), out=storms.out, catalog=catalog).maps["storms"].as_uri())
    for key, name, rain in zip(("Home", "ArrowRight", "ArrowRight"), names, (20, 40, 80), strict=True):
        page.locator("#step").press(key)
        settled(page)
        assert page.locator(".step-now").inner_text() == f"{name} · {rain}\u00a0mm"
        assert page.locator("#step").get_attribute("aria-valuetext") == f"{name} · {rain}\u00a0mm"
    assert page.evaluate("window.__hit") is None
