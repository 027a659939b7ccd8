"""The view in the address, in Debian's Chromium: Back takes back layers and extent, a link says what is shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from project_maker import TEXT, ProjectMaker, frame, squares
from step_maker import add_storms, get_method

from ballerup_geo.publish import build_site
from ballerup_geo.publish.serve import make_server

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

VIEW = "(({ lat, lng }) => [lat, lng, ballerupGeo.map.getZoom()])(ballerupGeo.map.getCenter())"


@pytest.fixture
def served(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The site of the storms, whose roads and doors can be searched for."""
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    doors = frame(squares(3), road=["Æblevej 1", "Æblevej 2", "Ågade 7"])
    maker.layer("doors", doors, geometry="polygon", clip="none", columns={"road": {"type": "text", "title": TEXT}})
    search = [{"map_layer": "roads", "column": "road_id"}, {"layer": "doors", "column": "road"}]
    catalog = add_storms(maker, search=search)
    site = build_site(maker.project(), out=maker.out, catalog=catalog)
    with make_server(site.index.parent, port=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.url
        server.shutdown()


def opened(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    page.wait_for_selector("html[data-drawn]", timeout=20_000)


def zoom_in(page: Page) -> None:
    before = page.url
    page.locator(".folium-map").focus()
    page.keyboard.press("+")
    page.wait_for_function("(before) => location.href !== before", arg=before)


def found(page: Page, text: str) -> None:
    box = page.get_by_role("combobox")
    box.fill(text)
    page.wait_for_selector("#search-list li")
    box.press("Enter")


def shown(page: Page) -> list[str]:
    return page.evaluate("[...ballerupGeo.sheets, ...ballerupGeo.rasters].filter((s) => s.shown).map((s) => s.plan.id)")


@pytest.mark.parametrize("form", ["index", "embed"])
def test_back_takes_back_layers_and_extent_one_by_one(watched: Watched, served: str, form: str) -> None:
    page = watched.page
    opened(page, f"{served}storms/{form}.html")
    first, all_layers = page.evaluate(VIEW), shown(page)
    zoom_in(page)
    second = page.evaluate(VIEW)
    page.wait_for_timeout(1100)  # what follows so soon after is taken back with it
    if form == "embed":
        page.locator("details.key > summary").click()
    page.locator("input[data-layer=depth]").uncheck()
    page.wait_for_url("**lag=roads*")
    page.wait_for_timeout(1100)
    zoom_in(page)
    assert page.evaluate(VIEW)[2] == second[2] + 1
    page.go_back()
    page.wait_for_function(f"(zoom) => ballerupGeo.map.getZoom() === zoom && {VIEW}", arg=second[2])
    assert page.evaluate(VIEW) == pytest.approx(second, abs=1e-6)
    assert "depth" not in shown(page)
    page.go_back()
    page.wait_for_selector("input[data-layer=depth]:checked", state="attached")
    assert shown(page) == all_layers
    assert page.evaluate(VIEW) == pytest.approx(second, abs=1e-6)
    page.go_back()
    page.wait_for_function("(zoom) => ballerupGeo.map.getZoom() === zoom", arg=first[2])
    assert page.evaluate(VIEW) == pytest.approx(first, abs=1e-6)
    assert "#" not in page.url.rstrip("#")
    page.go_forward()
    page.go_forward()
    page.wait_for_selector("input[data-layer=depth]:not(:checked)", state="attached")
    assert page.evaluate(VIEW) == pytest.approx(second, abs=1e-6)


def test_a_link_copied_right_after_a_search_shows_the_place(watched: Watched, served: str) -> None:
    page = watched.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.rstrip("/"))
    opened(page, f"{served}storms/index.html")
    start = page.evaluate(VIEW)
    found(page, "ågade 7")
    page.evaluate("document.querySelector('.share button').click()")  # at once, before anything is settled
    page.wait_for_function("() => document.querySelector('.share span').textContent !== ''")
    place, link = page.evaluate(VIEW), page.evaluate("navigator.clipboard.readText()")
    assert place[2] > start[2]
    fresh = page.context.new_page()
    opened(fresh, link)
    assert fresh.evaluate(VIEW) == pytest.approx(place, abs=1e-4)
    assert "gade" not in link  # what was typed stays on the page
    page.go_back()
    page.wait_for_function("(zoom) => ballerupGeo.map.getZoom() === zoom", arg=start[2])
    assert page.evaluate(VIEW) == pytest.approx(start, abs=1e-6)


def test_a_search_takes_the_slider_to_what_it_finds(watched: Watched, served: str) -> None:
    page = watched.page
    opened(page, f"{served}storms/index.html")
    assert page.locator("#step").input_value() == "2"
    found(page, "syd")  # cut in the third rain alone
    assert page.locator("#step").input_value() == "3"
    assert "trin=t3" in page.url
    assert "syd" in page.locator("#selection h2").inner_text()
    assert "syd" in page.locator("#search-told").inner_text()
    found(page, "aldrig")  # in no rain: there is its place, and nothing to select
    assert page.locator("#step").input_value() == "3"
    assert page.locator("#selection").is_hidden()
    assert page.locator("#place h2").inner_text() == "aldrig"


def test_what_cannot_be_used_is_said_once(watched: Watched, served: str) -> None:
    page = watched.page
    opened(page, f"{served}storms/index.html#styrke=roads:5,nothing:50&lag=nowhere")
    note = page.locator("#view-note")
    said = note.inner_text()
    assert said.count("styrke=") == said.count("lag=nowhere") == 1
    for _ in range(3):
        page.locator("#tabel tbody button").first.evaluate("(button) => button.click()")
        page.keyboard.press("Escape")
        page.wait_for_timeout(50)
    assert note.inner_text().count("styrke=") == 1
    assert len(note.inner_text()) <= len(said)
    page.evaluate("location.hash = ''")
    page.wait_for_selector("#view-note", state="hidden")
