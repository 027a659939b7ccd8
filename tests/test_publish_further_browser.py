"""The pages about the site in Debian's Chromium: described, readable in both schemes, on a phone and by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ballerup_geo.publish.styling import contrast

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = ("index.html", "maal.html", "tilgaengelighed.html", "privatliv.html")
TEXTS = """() => [...document.querySelectorAll("h1, h2, h3, p, li, a, dd, dt, time")]
  .filter((each) => each.checkVisibility() && each.textContent.trim())
  .map((each) => {
    let ground = each;
    while (ground && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
    const told = (from, what) => getComputedStyle(from)[what].match(/[\\d.]+/g).slice(0, 3).map(Number);
    return [each.tagName, told(each, "color"), told(ground || document.documentElement, "backgroundColor")];
  })"""


def opened(browser: Browser, path: Path, **options: Any) -> Page:
    page = browser.new_context(**options).new_page()
    page.goto(path.as_uri())
    return page


def hexed(channels: list[float]) -> str:
    return "#" + "".join(f"{round(channel):02x}" for channel in channels)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_readable_in_both_schemes(browser: Browser, lilleby: Path, scheme: str) -> None:
    for name in PAGES:
        page = opened(browser, lilleby / "site" / name, color_scheme=scheme)
        texts = page.evaluate(TEXTS)
        assert len(texts) >= 8, name
        for tag, colour, ground in texts:
            assert contrast(hexed(colour), hexed(ground)) >= 4.5, (name, tag, colour, ground)
        page.context.close()


def test_pages_fit_a_phone_and_nothing_moves_where_the_reader_asks_for_rest(browser: Browser, lilleby: Path) -> None:
    for name in PAGES:
        page = opened(browser, lilleby / "site" / name, viewport={"width": 360, "height": 740}, reduced_motion="reduce")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        moving = "[...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).transitionDuration !== '0s')"
        assert page.evaluate(f"{moving}.length") == 0, name
        for link in page.locator("main a[data-own], footer a").all():
            box = link.bounding_box()
            assert box is not None
            assert box["height"] >= 44, (name, link.text_content())
        page.context.close()


def test_the_keyboard_reaches_every_link_and_the_language_goes_along(browser: Browser, lilleby: Path) -> None:
    page = opened(browser, lilleby / "site/index.html")
    page.click("button.language")
    assert page.evaluate("document.documentElement.lang") == "en"
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
    links = page.eval_on_selector_all("a", "found => found.map((each) => each.getAttribute('href'))")
    assert len(links) >= 6
    assert set(links) <= set(reached)
    page.focus('a[href^="privatliv.html"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/privatliv.html#sprog=en")
    assert page.locator("h1").inner_text() == "Privacy"
    assert "cookies" in page.locator("main").inner_text()
    page.context.close()


def test_the_maps_region_is_described_in_the_readers_language(browser: Browser, lilleby: Path) -> None:
    for form in ("index.html", "embed.html"):
        page = opened(browser, lilleby / "site/rainwater" / form)
        page.wait_for_selector("html[data-drawn]")
        for language, says in (("da", "Regnen løber flere veje"), ("en", "The rain runs several ways")):
            page.evaluate(f"ballerupGeo.setLanguage('{language}')")
            (described,) = _described(page)
            assert says in described, (form, language)
            assert "450" in described  # the hollow's m³, a figure of the paper
        page.context.close()


def _described(page: Page) -> list[str]:
    """The descriptions of the page's regions as a screen reader is given them."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    regions = [node for node in nodes if node.get("role", {}).get("value") == "region"]
    assert regions
    return [node["description"]["value"] for node in regions if node.get("description", {}).get("value")]
