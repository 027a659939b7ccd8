"""The charging map in real Chromium: the slider of new sites, a click on one of them, the duties as a table and CSV."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from conftest import Watched

from ballerup_geo.results import read_result
from ballerup_geo.spec.words import number

pytestmark = pytest.mark.browser


def test_a_reader_steps_through_new_sites_and_asks_one_what_it_gains(watched: Watched, modelled: Path) -> None:
    result = read_result(modelled, "charging")
    first = gpd.GeoDataFrame(result.table("new_sites")).sort_values("order").iloc[0]
    curve = result.table("site_curve").set_index("sites")
    page = watched.page
    page.goto((modelled / "site" / "charging" / "index.html").as_uri())
    page.wait_for_selector("html[data-drawn]", timeout=30_000)
    assert page.locator("h1").inner_text() == "Hvor kan elbiler lade?"
    page.get_by_role("slider", name="Nye ladesteder", exact=True).focus()
    page.keyboard.press("ArrowRight")
    covered = number(curve.loc[1, "plan_pct"])
    assert page.locator("#step").get_attribute("aria-valuetext") == f"1 · dækket {covered}\u00a0%"
    page.evaluate("for (const fold of document.querySelectorAll('#tabel details')) fold.open = true")
    rows = page.locator("table[data-layer=new_sites] tbody tr")
    assert [row.inner_text().split("\t")[0] for row in rows.all() if row.is_visible()] == ["1"]

    place = gpd.GeoSeries([first.geometry], crs=25832).to_crs(4326).iloc[0]
    page.evaluate("(place) => ballerupGeo.map.setView(place, 17, { animate: false })", [place.y, place.x])
    x, y = page.evaluate(
        """(place) => {
          const at = ballerupGeo.map.latLngToContainerPoint(place);
          const frame = ballerupGeo.map.getContainer().getBoundingClientRect();
          return [at.x + frame.x, at.y + frame.y];
        }""",
        [place.y, place.x],
    )
    page.mouse.click(x, y)
    panel = page.locator("#selection")
    panel.wait_for(state="visible")
    figures = dict(zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True))
    assert figures["Elbiler, stedet lægger til"] == number(first["gain_cars"])
    assert figures["Nummer i planen"] == "1"


def test_duties_stand_in_a_table_and_go_home_as_csv(watched: Watched, modelled: Path) -> None:
    duties = read_result(modelled, "charging").table("duties")
    assert len(duties) > 10
    page = watched.page
    page.goto((modelled / "site" / "charging" / "index.html").as_uri())
    page.evaluate("for (const fold of document.querySelectorAll('#tabel details')) fold.open = true")
    words = page.locator("table[data-layer=duties]").inner_text()
    assert "muligt krav" in words
    assert "overtrædelse" not in words
    files = list((modelled / "site" / "hent" / "charging").glob("*duties*.csv"))
    assert len(files) == 1
    assert len(files[0].read_text(encoding="utf-8-sig").splitlines()) == len(duties) + 1
