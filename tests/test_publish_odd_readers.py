"""Readers and machines that are not as expected: by keyboard, in a frame, with a file missing, with an old link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from project_maker import EAST, NORTH, SOUTH, TEXT, WEST, ProjectMaker, frame, squares

from ballerup_geo.project import read_project
from ballerup_geo.publish import build_site, folium_map

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Frame, Page

pytestmark = pytest.mark.browser

STATE = """() => ({
  language: document.documentElement.lang,
  selected: ballerupGeo.selected && ballerupGeo.keyOf(ballerupGeo.selected.sheet, ballerupGeo.selected.index),
})"""


def opened(page: Page | Frame, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-drawn]", timeout=20_000)


def map_of(lilleby: Path) -> str:
    return (lilleby / "site/rainwater/index.html").as_uri()


def odd_map(maker: ProjectMaker, shapes: list[Any], *, style: dict[str, Any] | None = None, **columns: Any) -> str:
    """Build a map of the layer ``things``; return its address."""
    known = {list: "text", np.ndarray: "number"}
    declared: dict[str, Any] = {name: {"type": known[type(values)]} for name, values in columns.items()}
    declared["id"]["unique"] = True
    maker.layer("things", frame(shapes, **columns), geometry="polygon", clip="none", columns=declared)
    fields = [{"column": name} for name in columns]
    layer = {"id": "things", "title": TEXT, "layer": "things", "fields": fields}
    look = style or {"kind": "single", "fill": "#d55e00"}
    table = {"map_layer": "things", "caption": TEXT, "fields": fields}
    maker.map("odd", layers=[{**layer, "style": look}], tables=[table])
    return build_site(maker.project(), out=maker.out, catalog=maker.catalog()).maps["odd"].as_uri()


def test_skip_links_keep_language_and_selection(watched: Watched, lilleby: Path) -> None:
    page = watched.page
    opened(page, map_of(lilleby) + "#sprog=en&valgt=bluespots/1")
    before = page.evaluate(STATE)
    assert before == {"language": "en", "selected": "1"}
    address = page.url
    for name, target in (("Skip to the content", "panel"), ("Skip to the table", "tabel")):
        page.get_by_role("link", name=name).press("Enter")
        page.wait_for_timeout(100)
        assert page.evaluate("document.activeElement.id") == target
        assert page.evaluate(STATE) == before
        assert page.url == address


def test_a_zoom_button_answers_to_the_space_bar(watched: Watched, lilleby: Path) -> None:
    page = watched.page
    opened(page, map_of(lilleby))
    before = page.evaluate("ballerupGeo.map.getZoom()")
    page.get_by_role("button", name="Zoom ind").press(" ")
    page.wait_for_function("(before) => ballerupGeo.map.getZoom() > before", arg=before)


@pytest.mark.parametrize("said", ["bluespots/999", "nothing/1", "ground/0", "bluespots/__proto__"])
def test_a_link_to_what_is_not_there_says_so_and_selects_nothing(watched: Watched, lilleby: Path, said: str) -> None:
    page = watched.page
    opened(page, map_of(lilleby) + "#valgt=bluespots/1")
    page.evaluate("(said) => { location.hash = 'valgt=' + said; }", said)
    page.wait_for_selector("#selection .gone")
    assert page.locator("#selection").inner_text() == "Det, som linket peger på, er ikke på kortet."
    assert page.evaluate(STATE)["selected"] is None
    page.go_back()
    page.wait_for_selector("#selection h2")
    assert page.locator("#selection .gone").count() == 0


@pytest.mark.parametrize("lost", ["data/bluespots.", "assets/ballerup-geo.", "assets/leaflet."])
def test_a_site_copied_in_part_says_that_the_map_cannot_be_drawn(
    browser: Any, lilleby: Path, tmp_path: Path, lost: str
) -> None:
    page = browser.new_page()
    page.route("**/*", lambda route: route.abort() if lost in route.request.url else route.continue_())
    page.goto(map_of(lilleby))
    page.wait_for_selector("#failure", state="visible")
    assert "en fil mangler" in page.locator("#failure").inner_text()
    page.close()


def test_a_data_file_cut_short_says_that_the_map_cannot_be_drawn(browser: Any, lilleby: Path) -> None:
    page = browser.new_page()

    def cut(route: Any) -> None:
        name = Path(route.request.url.partition("file://")[2])
        start, _, end = name.read_text().rpartition('"')
        route.fulfill(body=f'{start[:-40]}"{end}', content_type="text/javascript")

    page.route("**/data/bluespots.*", cut)
    page.goto(map_of(lilleby))
    page.wait_for_selector("#failure", state="visible")
    page.close()


def test_a_browser_that_cannot_unpack_says_so_and_still_sorts_the_table(watched: Watched, lilleby: Path) -> None:
    page = watched.page
    page.add_init_script("delete globalThis.DecompressionStream")
    page.goto(map_of(lilleby))
    page.wait_for_selector("#failure", state="visible")
    page.locator("#tabel summary").first.click()
    page.locator("#tabel thead button").first.click()
    assert page.locator("#tabel th[aria-sort]").count() == 1


def test_a_frame_shown_late_fits_the_municipality(watched: Watched, lilleby: Path, tmp_path: Path) -> None:
    host = tmp_path / "host.html"
    icon = "<!DOCTYPE html><title>plan</title><link rel=icon href='data:,'>"
    host.write_text(f"{icon}<iframe hidden width=640 height=480 src='{map_of(lilleby)}'></iframe>")
    page = watched.page
    page.goto(host.as_uri())
    page.wait_for_timeout(800)
    page.evaluate("document.querySelector('iframe').hidden = false")
    inside = page.frames[1]
    inside.wait_for_selector("html[data-drawn]", timeout=20_000)
    inside.wait_for_function("ballerupGeo.map.getBounds().contains(ballerupGeo.plan.bounds)")
    reference = page.context.new_page()
    reference.set_viewport_size({"width": 640, "height": 480})
    opened(reference, map_of(lilleby))
    zoom = "ballerupGeo.map.getZoom()"
    assert inside.evaluate(zoom) == reference.evaluate(zoom)


def test_the_wheel_belongs_to_the_host_page_until_the_map_is_taken_in_hand(
    watched: Watched, lilleby: Path, tmp_path: Path
) -> None:
    host = tmp_path / "host.html"
    icon = "<!DOCTYPE html><title>plan</title><link rel=icon href='data:,'>"
    host.write_text(f"{icon}<iframe width=900 height=480 src='{map_of(lilleby)}'></iframe><p style='height: 3000px'>")
    page = watched.page
    page.goto(host.as_uri())
    inside = page.frames[1]
    inside.wait_for_selector("html[data-drawn]", timeout=20_000)
    zoom = "ballerupGeo.map.getZoom()"
    before = inside.evaluate(zoom)
    page.mouse.move(300, 300)
    page.mouse.wheel(0, 100)
    page.wait_for_function("scrollY > 0")
    assert inside.evaluate(zoom) == before
    page.evaluate("scrollTo(0, 0)")
    page.mouse.click(300, 200)
    page.mouse.wheel(0, -200)
    inside.wait_for_function("(before) => ballerupGeo.map.getZoom() > before", arg=before)


def test_a_popup_stays_clear_of_buttons_and_north(
    watched: Watched, lilleby: Path, toy_town: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.html"
    folium_map(read_project(toy_town), "rainwater", out=lilleby).save(str(alone))
    page = watched.page
    for width in (360, 640):
        page.set_viewport_size({"width": width, "height": 640})
        opened(page, alone.as_uri())
        for layer in ("bluespots", "catchments"):
            page.evaluate(
                "(id) => ballerupGeo.select({ sheet: ballerupGeo.sheets.find((s) => s.plan.id === id), index: 0 })",
                layer,
            )
            page.wait_for_timeout(500)
            shown, north, buttons = (
                page.locator(name).bounding_box()
                for name in (".leaflet-popup-content-wrapper", ".north", ".leaflet-bar")
            )
            assert shown is not None
            for other in (north, buttons):
                assert other is not None
                beside = shown["x"] >= other["x"] + other["width"] or shown["x"] + shown["width"] <= other["x"]
                below = shown["y"] >= other["y"] + other["height"]
                assert beside or below, (width, layer, shown, other)


def test_rows_find_their_features_whatever_their_names(watched: Watched, maker: ProjectMaker) -> None:
    names = ["k\r\n1", "k\n1", "k\"'<&", "a/b#c?d&e=f+g%20", "\u202ek", "😀", "k\u2028k", "__proto__"]
    page = watched.page
    opened(page, odd_map(maker, squares(len(names)), id=names))
    page.emulate_media(reduced_motion="reduce")
    page.locator("#tabel summary").click()
    buttons = page.locator("#tabel tbody button")
    assert buttons.count() == len(names)
    for row in range(len(names)):
        buttons.nth(row).press("Enter")
        assert page.evaluate("ballerupGeo.selected.index") == row
        assert page.locator("#tabel tr.selected").count() == 1
        fresh = page.context.new_page()
        opened(fresh, page.url)
        assert fresh.evaluate("ballerupGeo.selected.index") == row
        fresh.close()


def test_a_click_and_the_table_say_the_same_number(watched: Watched, maker: ProjectMaker) -> None:
    values = [0.125, 2.5, 1.005, 37.25, 1234567.5, 123456789.123, 99999.96, 0.35, -0.04, 0.001, 1e15, 12.0]
    page = watched.page
    opened(page, odd_map(maker, squares(len(values)), id=[f"{v}" for v in values], size=np.array(values)))
    page.locator("#tabel summary").click()
    for row, value in enumerate(values):
        page.evaluate("(i) => ballerupGeo.select({ sheet: ballerupGeo.sheets[0], index: i })", row)
        clicked = page.locator("#selection dd").nth(1).inner_text()
        assert page.locator("#tabel tbody tr").nth(row).locator("td").inner_text() == clicked
        assert abs(float(clicked.replace(".", "").replace(",", ".").replace("−", "-")) - value) <= 0.05


def test_a_date_has_no_hour_in_table_and_panel(watched: Watched, maker: ProjectMaker) -> None:
    columns = {"id": {"type": "text", "unique": True}, "day": {"type": "date"}}
    things = frame(squares(2), id=["a", "b"], day=["2026-01-31", None])
    maker.layer("things", things, geometry="polygon", clip="none", columns=columns)
    fields = [{"column": "id"}, {"column": "day"}]
    layer = {"id": "things", "title": TEXT, "layer": "things", "fields": fields}
    table = {"map_layer": "things", "caption": TEXT, "fields": fields}
    maker.map("odd", layers=[{**layer, "style": {"kind": "single", "fill": "#d55e00"}}], tables=[table])
    site = build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    page = watched.page
    opened(page, site.maps["odd"].as_uri())
    page.locator("#tabel summary").click()
    for row, said in enumerate(("2026-01-31", "ukendt")):
        page.evaluate("(i) => ballerupGeo.select({ sheet: ballerupGeo.sheets[0], index: i })", row)
        assert page.locator("#selection dd").nth(1).inner_text() == said
        assert page.locator("#tabel tbody td").nth(row).inner_text() == said


@pytest.mark.parametrize("digits", [-2, -1, 0, 1])
def test_halves_are_rounded_alike_by_page_and_script(watched: Watched, lilleby: Path, digits: int) -> None:
    from ballerup_geo.publish.text import quantity

    values = [step * 10.0**-digits / 2 for step in range(-9, 10)]
    page = watched.page
    opened(page, map_of(lilleby))
    said = page.evaluate("([values, digits]) => values.map((v) => ballerupGeo.number(v, digits))", [values, digits])
    assert said == [quantity(value, digits, "da") for value in values]


def test_a_click_finds_what_lies_on_top(watched: Watched, maker: ProjectMaker) -> None:
    middle = shapely.Point((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
    shapes = [middle.buffer(100), middle.buffer(200)]  # the small one first, of the class that is drawn last
    classes = [{"minimum": at, "colour": colour, "label": TEXT} for at, colour in ((0.0, "#9ecae1"), (1.0, "#08306b"))]
    style = {"kind": "classes", "column": "size", "classes": classes}
    page = watched.page
    opened(page, odd_map(maker, shapes, id=["small", "large"], size=np.array([2.0, 0.0]), style=style))
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator("#selection h2").inner_text() == "Tekst small"


def test_the_notice_is_dark_on_paper_for_a_reader_of_the_dark_scheme(watched: Watched, modelled: Path) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark", media="print")
    opened(page, (modelled / "site/rainwater/index.html").as_uri())
    colour = page.locator(".panel .notice").evaluate("(e) => getComputedStyle(e).color")
    assert json.loads(colour.replace("rgb(", "[").replace(")", "]")) == [0, 0, 0]


def test_a_name_of_ten_thousand_letters_does_not_cover_the_map(watched: Watched, maker: ProjectMaker) -> None:
    middle = shapely.Point((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
    page = watched.page
    opened(page, odd_map(maker, [middle.buffer(100)], id=["x" * 10_000]))
    page.evaluate(
        """() => { const tip = document.querySelector('.tip');
          tip.hidden = false; tip.textContent = ballerupGeo.nameOf(ballerupGeo.sheets[0], 0); }"""
    )
    tip = page.locator(".tip").bounding_box()
    assert tip is not None
    assert tip["height"] < 120


def test_paper_across_holds_map_title_figures_and_legend_on_one_sheet(watched: Watched, modelled: Path) -> None:
    page = watched.page
    opened(page, (modelled / "site/rainwater/index.html").as_uri())
    page.evaluate("document.querySelectorAll('.panel section:not(.figures, :has(.legend))').forEach((e) => e.remove())")
    for paper in ("A4", "A3"):
        assert page.pdf(format=paper, landscape=True).count(b"/Type /Page\n") == 1


def test_nothing_of_the_panel_makes_the_page_itself_scroll(watched: Watched, lilleby: Path) -> None:
    page = watched.page
    page.set_viewport_size({"width": 900, "height": 420})
    opened(page, map_of(lilleby))
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert page.evaluate("document.documentElement.scrollHeight") == 420


def test_a_tap_leaves_no_name_on_the_map(browser: Any, lilleby: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    opened(page, map_of(lilleby))
    box = page.locator(".folium-map").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#selection h2")
    page.wait_for_timeout(300)
    assert page.locator(".tip").is_hidden()
    context.close()


def test_alone_a_row_of_the_table_leads_to_its_popup_and_is_read_out(
    watched: Watched, lilleby: Path, toy_town: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.html"
    folium_map(read_project(toy_town), "rainwater", out=lilleby).save(str(alone))
    page = watched.page
    page.emulate_media(reduced_motion="reduce")
    opened(page, alone.as_uri())
    page.locator("#tabel summary").first.click()
    page.locator("#tabel tbody button").first.press("Enter")
    popup = page.locator(".leaflet-popup-content")
    popup.wait_for()
    at = popup.bounding_box()
    assert at is not None
    assert 0 <= at["y"] < 900
    spoken = page.locator("[aria-live=polite]")
    assert spoken.is_visible()  # in the accessibility tree, though unseen
    assert (spoken.text_content() or "") == popup.text_content()
    page.keyboard.press("Escape")
    assert spoken.text_content() == ""


def test_texts_of_any_length_and_direction_stay_in_their_place(watched: Watched, maker: ProjectMaker) -> None:
    long = {"da": "a" * 10_000, "en": "b " * 5_000}
    turned = {"da": "\u202eda", "en": "\u202een"}
    things = frame(squares(1), id=["a"])
    columns = {"id": {"type": "text"}}
    kept = {"attribution": turned, "licence": "\u202ex"}
    maker.layer("things", things, geometry="polygon", clip="none", columns=columns, kept=kept)
    style = {"kind": "single", "fill": "#d55e00"}
    maker.map("odd", title=long, lead=long, layers=[{"id": "things", "title": TEXT, "layer": "things", "style": style}])
    site = build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    page = watched.page
    page.set_viewport_size({"width": 360, "height": 740})
    for path in (site.index, site.maps["odd"]):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator(".sources bdi").first.inner_text() == turned["da"]
