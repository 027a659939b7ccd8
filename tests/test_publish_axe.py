"""axe-core finds nothing: on every page and embed of a site, wide and light, 360 pixels wide and dark.

It finds only part of what WCAG 2.1 AA asks; contrast of map colours, keyboard and words have tests of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_ALL = """() => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const { sheets = [] } = globalThis.ballerupGeo || {};
  const sheet = sheets.find((one) => one.plan.role === "answer" && one.layer.size);
  if (sheet) ballerupGeo.select({ sheet, index: 0 });
}"""
LOOK = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: { type: "tag", values: rules } });
  const said = (id) => (node) => `${id} ${node.target.join(" ")}: ${node.failureSummary}`;
  return violations.flatMap(({ id, nodes }) => nodes.map(said(id)));
}"""


def faults(page: Page, axe: str) -> list[str]:
    """Open all folds, select a feature, and return what axe-core finds."""
    if page.locator(".folium-map").count():
        page.wait_for_selector("html[data-drawn]", timeout=20_000)
    page.evaluate(OPEN_ALL)
    page.evaluate(axe)
    return page.evaluate(LOOK, RULES)


def test_axe_finds_nothing_on_any_page(watched: Watched, lilleby: Path, axe: str) -> None:
    page, seen, found = watched.page, [], []
    page.emulate_media(reduced_motion="reduce")
    for path in sorted((lilleby / "site").rglob("*.html")):
        name = path.relative_to(lilleby / "site").as_posix()
        for width, scheme in ((1280, "light"), (360, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            page.goto(path.as_uri())
            found += [f"{name}, {width} px, {scheme}: {fault}" for fault in faults(page, axe)]
            sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if sideways > 0:
                found.append(f"{name}, {width} px: {sideways} px wider than the window")
        seen.append(name)
    assert found == []
    assert {"index.html", "rainwater/index.html", "rainwater/embed.html", "hent/rainwater/index.html"} <= set(seen)
    assert len(seen) >= 8


def test_axe_finds_what_is_wrong(watched: Watched, axe: str) -> None:
    watched.page.set_content("<html lang=da><title>x</title><main><h1>x</h1><img src='data:,'></main>")
    assert any(found.startswith("image-alt") for found in faults(watched.page, axe))
