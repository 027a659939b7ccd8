"""The map of the school routes in real Chromium: what a link and a school say, search, legend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Watched
from playwright.sync_api import Page, expect

from ballerup_geo.results import read_result

pytestmark = pytest.mark.browser


def opened(watched: Watched, modelled: Path, name: str) -> Page:
    watched.page.goto((modelled / f"site/{name}/index.html").as_uri())
    watched.page.wait_for_selector("html[data-drawn]", timeout=30_000)
    return watched.page


@pytest.fixture
def page(watched: Watched, modelled: Path) -> Page:
    return opened(watched, modelled, "school_routes")


def chosen(page: Page) -> dict[str, str]:
    """What the panel says of the selected feature, by its words."""
    box = page.locator("#selection")
    expect(box).to_be_visible()
    names, values = box.locator("dt").all_inner_texts(), box.locator("dd").all_inner_texts()
    return dict(zip(names, values, strict=True))


def open_table(page: Page, caption: str) -> None:
    page.locator("summary", has_text=caption).click()


def test_the_answer_names_its_interval_and_decides_nothing(page: Page, modelled: Path) -> None:
    found = read_result(modelled, "school_routes").indicators
    said = page.locator("body").inner_text().replace("\xa0", " ")
    assert re.search(r"\d+ % af eleverne har en lavstress-rute til skole \(\d+–\d+ %", said)
    assert f"{found['accepted_pct']['value']:.0f} %" in said
    assert "siger ikke, om en skolevej er trafikfarlig" in said
    assert "sikker rute" not in said
    assert "ukendt – modeldata" in said


def test_a_link_tells_its_level_and_why(page: Page, modelled: Path) -> None:
    links = read_result(modelled, "school_routes").table("links")
    busiest = links.sort_values("pupils", ascending=False).iloc[0]
    open_table(page, "Veje og stier, som flest elever bruger")
    page.locator("table:visible tbody tr").first.locator("button").first.click()
    told = chosen(page)
    assert told["Trin, forsigtigt"] == str(busiest["stress"])
    assert told["Elever på deres bedste rute"].replace(".", "") == str(busiest["pupils"])
    assert told["Mangler at vide"] == "intet"
    assert {"Cykelforhold", "Fartgrænse", "Heraf med cyklist"} <= told.keys()
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()


def test_the_place_that_gives_most_tells_its_benefit(page: Page, modelled: Path) -> None:
    best = read_result(modelled, "school_routes").table("best_links").sort_values("rank").iloc[0]
    open_table(page, "Veje, hvor én forbedring giver flest elever")
    page.locator("table:visible tbody tr").first.locator("button").first.click()
    told = next(value for name, value in chosen(page).items() if name.startswith("Gøres kun dette sted roligt"))
    assert told == str(best["gain"])
    assert best["gain"] >= 5


def test_the_budget_slider_tells_what_the_plan_gives(watched: Watched, modelled: Path) -> None:
    page = opened(watched, modelled, "school_plan")
    result = read_result(modelled, "school_routes")
    steps, works = result.table("plan_steps").sort_values("step"), result.table("plan_links")
    slider = page.locator("#step")
    assert slider.get_attribute("max") == str(len(steps))
    assert slider.input_value() != "1"  # the page opens with works to look at
    slider.press("Home")
    shown = []
    for row in steps.head(2).itertuples():
        said = str(slider.get_attribute("aria-valuetext")).replace("\xa0", " ").replace(",", ".")
        assert said.startswith(f"{row.budget_mdkk:.1f} mio. kr")
        assert said.endswith(f"{row.share_pct:.0f} %")
        shown.append(int((works["step"] <= row.step).sum()))
        slider.press("ArrowRight")
    assert shown[0] < shown[1]
    expect(page).to_have_url(re.compile(f"trin={steps['step'].iloc[2]}$"))


def test_a_school_is_searched_for_and_tells_its_share(page: Page, modelled: Path) -> None:
    schools = read_result(modelled, "school_routes").table("by_school")
    site = schools.iloc[0]
    box = page.get_by_role("combobox")
    box.fill(site["site"])
    page.wait_for_selector("#search-list li")
    box.press("Enter")
    told = chosen(page)
    assert told["Skole"] == site["school"]
    assert told["Har lavstress-rute efter klassetrin"].replace("\xa0", " ") == f"{site['accepted_pct']:.0f} %"


@pytest.mark.parametrize(
    ("stress", "whom"), [(1, "alle klassetrin"), (2, "4. klasse og op, ikke de yngste"), (4, "ingen; vejen er kun den")]
)
def test_an_address_is_told_the_way_that_the_analysis_found(page: Page, modelled: Path, stress: int, whom: str) -> None:
    """Rival: the page puts it together from the streets alone; the analysis followed the pupils there."""
    result = read_result(modelled, "school_routes")
    trips, schools = result.table("trips"), result.table("by_school").set_index("school_id")
    trip = trips[(trips["level"] == "4_6") & (trips["stress"] == stress)].sort_values("length_m").iloc[-1]
    school = schools.loc[trip["school_id"]]
    box = page.get_by_role("combobox")
    box.fill(trip["address_id"])
    page.wait_for_selector("#search-list li")
    box.press("Enter")
    told = page.locator("#place li", has_text="Vej til skole, 4.–6. klasse")
    heading = told.get_by_role("button").inner_text().replace("\xa0", " ")
    number, unit = re.search(r": ([\d,]+) (m|km)$", heading).groups()  # type: ignore[union-attr]
    metres, step = (float(number), 10.0) if unit == "m" else (1000.0 * float(number.replace(",", ".")), 100.0)
    assert trip["length_m"] - step <= metres <= trip["length_m"] + 150.0 + step  # and the metres to the street
    goal, low_stress, worst = told.locator("dd").all_inner_texts()
    assert goal == f"{school['school']} {school['site']}"
    assert low_stress.startswith(whom)
    assert worst == str(stress)
    told.get_by_role("button").click()
    assert page.evaluate("ballerupGeo.pin.way.length") > 3
    assert "sikker" not in page.locator("#place").inner_text()


def test_the_legend_counts_every_level_and_switches_it(page: Page, modelled: Path) -> None:
    links = read_result(modelled, "school_routes").table("links")
    said = page.locator("body").inner_text().replace(".", "")
    for level, count in links["stress"].value_counts().items():
        assert re.search(rf"Trin {level}: [^\n]+\n\s*{count}\b", said), level
    box = page.get_by_role("checkbox", name="Elever med lavstress-rute, pr. skoledistrikt")
    assert not box.is_checked()
    box.check()
    expect(page).to_have_url(re.compile("districts"))
