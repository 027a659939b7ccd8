"""The heating map in real Chromium: a zone tells its three ledgers, zones by year, the 2030 list as groups and CSV."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Watched
from playwright.sync_api import Page, expect

from ballerup_geo.results import read_result
from ballerup_geo.spec.words import number
from ballerup_geo.storage import read_csv

pytestmark = pytest.mark.browser


def told(page: Page) -> dict[str, str]:
    """What the panel says of the selected feature, by its words."""
    box = page.locator("#selection")
    expect(box).to_be_visible()
    words = zip(box.locator("dt").all_inner_texts(), box.locator("dd").all_inner_texts(), strict=True)
    return {name: value.replace("\xa0", " ") for name, value in words}


def rows(page: Page, caption: str) -> list[list[str]]:
    """Open a table of the page and return its rows."""
    page.locator("#tabel summary", has_text=caption).first.click()
    table = page.locator("#tabel details", has=page.locator("summary", has_text=caption)).locator("table").first
    return [line.split("\t") for line in table.locator("tbody").inner_text().splitlines()]


def test_a_reader_finds_the_list_the_zones_and_their_ledgers(watched: Watched, modelled: Path) -> None:
    result, page = read_result(modelled, "heating"), watched.page
    zones, figures = result.table("heat_zones"), result.indicators
    page.goto((modelled / "site" / "heating" / "index.html").as_uri())
    page.wait_for_selector("html[data-drawn]", timeout=30_000)
    assert page.locator("h1").inner_text() == "Hvor varmes der med olie og gas?"
    said = page.locator("body").inner_text().replace("\xa0", " ")
    assert f"{number(figures['fossil_buildings']['value'])} bygninger i Ballerup varmes med olie eller gas" in said
    assert "Procesvarme fra olie og gas (ikke kortlagt: står ikke i BBR)" in said
    assert "skal konvertere" not in said

    legend = page.locator("#forklaring, .legend").first
    expect(legend).to_contain_text("Bygninger på olie og gas, pr. hektar")
    for layer in ("Mulige fjernvarmezoner", "Zoner efter år, under et antaget budget"):
        box = page.get_by_role("checkbox", name=layer, exact=True)
        expect(box).not_to_be_checked()
        box.check()
    years = [words for words in legend.locator("text=Færdig i 20").all_inner_texts() if words]
    assert years

    densest = zones.sort_values("mwh_m", ascending=False).iloc[0]
    listed = rows(page, "Mulige fjernvarmezoner efter varme pr. meter tracé")
    assert listed[0][0].strip() == densest["zone_id"]
    page.locator("table:visible tbody tr").first.locator("button").first.click()
    panel = told(page)
    for ledger, word in (("society", "Samfund"), ("company", "Varmeselskab"), ("household", "Husstand")):
        for system, name in (("dh", "fjernvarme"), ("hp", "egen varmepumpe")):
            cost = number(densest[f"{ledger}_{system}_dkk_mwh"], digits=-1)
            assert panel[f"{word}: {name}"] == f"{cost} kr./MWh"
    page.keyboard.press("Escape")

    groups = result.table("phase_out_groups")
    shown = rows(page, "Bygninger på olie og gas, og blokvarme der skal kontrolleres, efter områdets status og ejer")
    assert len(shown) == len(groups)
    files = list((modelled / "site" / "hent" / "heating").glob("*phase_out*.csv"))
    assert {path.stem.split("-")[-1] for path in files} >= {"phase_out_groups"}, files
    assert not any("building_id" in read_csv(path).columns for path in files)
    whole = read_csv(modelled / "results" / "heating" / "phase_out.csv")
    assert whole["building_id"].tolist() == result.table("phase_out")["building_id"].tolist()
    assert len(whole) == int(groups["buildings"].sum())
    assert set(whole["notice"]) == {
        "Modelberegnede data – ikke virkelige bygninger / Modelled data – not real buildings"
    }
