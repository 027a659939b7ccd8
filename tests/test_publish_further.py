"""The pages on targets, accessibility and privacy, and the front page's cards: what they say, of whom, and what not."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from map_maker import EVERYTHING
from project_maker import TEXT, ProjectMaker

from ballerup_geo.errors import ProjectError
from ballerup_geo.publish.progress_chart import progress_chart
from ballerup_geo.publish.statements import accessibility_page, privacy_page
from ballerup_geo.publish.targets import summary, targets_page
from ballerup_geo.results import Result, Standing, standings
from ballerup_geo.spec import Accessibility, Municipality, Target, Text

SITE = Text(da="Firkant i kort", en="Firkant in maps")
SAME: dict[str, Any] = {"section": "ben 6", "source": "Planen"}
FIGURE = {"value": 48.26, "unit": "%", "digits": 1, "da": "Andel", "en": "Share"}
TOLD = {"written": "web@firkant.dk", "telephone": "+45 12 34 56 78", "date": "2026-02-28"}


def target(name: str, year: int = 2030, **fields: Any) -> dict[str, Any]:
    return {"id": name, "title": {"da": f"Mål {name}", "en": f"Target {name}"}, "year": year, **SAME, **fields}


def measured(name: str, year: int = 2030, **fields: Any) -> dict[str, Any]:
    return target(name, year, kind="measured", indicator="share_pct", value=50.0, unit="%", **fields)


def result(*said: dict[str, Any], modelled: bool = False) -> Result:
    run = {"modelled": modelled, "time": "2026-01-02T03:04:05+00:00", "data": "kept"}
    return Result("areas", Path(), run, {"share_pct": FIGURE}, said)


def found_in(maker: ProjectMaker, results: dict[str, Result], *, modelled: bool = False) -> list[Standing]:
    return standings(maker.project(), results, modelled=modelled)


@pytest.fixture
def planned(maker: ProjectMaker) -> ProjectMaker:
    targets = [
        measured("late", 2035, section="ben 10"),
        measured("early", 2025),
        target("told", 2028, kind="registered", status="on_the_way", status_date="2026-01-15"),
        target("silent", 2026, kind="registered"),
    ]
    maker.analysis("areas", method="areas", inputs={}, targets=targets)
    maker.analysis("homes", method="areas", inputs={}, targets=[measured("other", 2020)])
    return maker


def test_targets_stand_in_the_plans_order_each_with_what_is_known_of_it(planned: ProjectMaker) -> None:
    said = result({"id": "early", "status": "not_reached"}, {"id": "late", "status": "reached"})
    found = found_in(planned, {"areas": said})
    assert [(each.target.id, each.status) for each in found] == [
        ("early", "not_reached"),
        ("silent", "unknown"),
        ("told", "on_the_way"),
        ("other", "not_mapped"),  # its analysis has no result: nobody has looked, which is not 0
        ("late", "reached"),  # section 10 comes after section 6
    ]
    assert [each.measured["value"] if each.measured else None for each in found] == [48.26, None, None, None, 48.26]
    assert [each.day for each in found] == ["2026-01-02", None, "2026-01-15", None, "2026-01-02"]
    said_of = summary(found)
    assert said_of is not None
    assert said_of.da == "5 mål: 1 nået, 1 på vej, 1 ikke nået, 1 ukendt og 1 ikke kortlagt."
    assert said_of.en == "5 targets: 1 reached, 1 on the way, 1 not reached, 1 unknown and 1 not mapped."
    page = targets_page(found, site=SITE, maps={"areas": [("areas/index.html", TEXT_OF)]})
    for words in (
        "Målt:",
        "48,3\u00a0%",
        "mindst 50\u00a0%",
        "ikke nået",
        "2026-01-15",
        "ikke kortlagt",
        'href="areas/index.html"',
    ):
        assert words in page, words
    assert page.count('<h2 lang="da">') == 2
    assert page.count('href="metode/areas.html"') == 2  # once in each section
    assert 'id="areas.early"' in page
    assert 'class="progress"' not in page  # measured once: no line to draw


def test_a_target_says_why_it_stands_there_and_shows_what_was_measured_over_time(planned: ProjectMaker) -> None:
    why = {"da": "Skal være 49 nu.", "en": "Should be 49 by now."}
    found = found_in(planned, {"areas": result({"id": "early", "status": "behind", "why": why})})
    points = [(date(2024, 1, 1), 40.0), (date(2026, 1, 2), 48.26)]
    page = targets_page(found, site=SITE, maps={}, history={("areas", "share_pct"): points}, files=["hent/a.csv"])
    assert "Skal være 49 nu." in page
    assert 'href="hent/a.csv"' in page
    assert page.count("<figure") == 1  # the result says nothing of the other target of the indicator
    assert "2024-01-01: " in page
    assert "40\u00a0%" in page


def test_the_chart_draws_from_nothing_to_the_target_and_says_its_figures() -> None:
    # 320 x 96 with 10 at the edges: 0 at y 86, the greatest at y 10; by days, 2024-12-31 is 366 of 2557 to 2030-12-31
    aim = Target.model_validate(target("early", 2030, kind="measured", indicator="a", value=100.0, unit="%"))
    points = [(date(2024, 12, 31), 50.0), (date(2023, 12, 31), 0.0)]
    chart = progress_chart(points, target=aim, unit="%")
    x = 10 + 300 * 366 / 2557
    assert f'points="10.0,86.0 {x:.1f},48.0"' in chart
    assert f"M{x:.1f} 48.0L310.0 10.0" in chart  # the way to the target
    assert 'd="M0 86.0H320"' in chart  # nothing
    assert "Hollow dot, the target at the end of 2030:" in chart
    assert "100\u00a0%" in chart
    late = progress_chart([(date(2031, 1, 1), 40.0), *points], target=aim, unit="%")
    assert "stroke-dasharray" not in late  # no way leads back
    aimless = Target.model_validate(target("open", 2030, kind="measured", indicator="a"))
    level = progress_chart([(date(2024, 1, 1), 7.0), (date(2025, 1, 1), 7.0)], target=aimless, unit="1")
    assert 'points="10.0,10.0 310.0,10.0"' in level
    assert "Hollow" not in level


TEXT_OF = Text(**TEXT)


def test_modelled_data_say_nothing_of_any_target(planned: ProjectMaker) -> None:
    reached = result({"id": "early", "status": "reached"})
    for results, modelled in (({}, True), ({"areas": reached}, True)):
        found = found_in(planned, results, modelled=modelled)
        assert {each.status for each in found} == {"modelled"}
    page = targets_page(found, site=SITE, maps={})
    assert page.count("ukendt – modeldata") == 6  # the summary, and each of five
    assert "Status er oplyst af kommunen" not in page
    assert "I modeldata:" in page
    assert "Målt:" not in page
    assert "nået" not in page
    one = found_in(planned, {"areas": result({"id": "early", "status": "reached"}, modelled=True)})
    assert {each.status for each in one if each.analysis_id == "areas"} == {"modelled"}


def test_without_targets_the_page_says_so(maker: ProjectMaker) -> None:
    assert "Ingen af kortene hører til et mål endnu." in targets_page(found_in(maker, {}), site=SITE, maps={})


def test_texts_of_the_plan_stay_texts(maker: ProjectMaker) -> None:
    hostile = target("x", kind="registered") | {
        "title": {"da": EVERYTHING, "en": EVERYTHING},
        "section": EVERYTHING,
        "source": EVERYTHING,
        "status": "reached",
        "case_number": EVERYTHING,
        "status_date": "2026-01-15",
    }
    maker.analysis("areas", method="areas", inputs={}, targets=[hostile])
    page = targets_page(found_in(maker, {}), site=SITE, maps={})
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=window.__hit=1&gt;") == 4
    assert page.count("{{ cycler.__init__.__globals__.os.getpid() }}") == 4
    assert "@@panel@@" in page


def test_the_statement_tells_what_the_municipality_told_and_nothing_it_did_not() -> None:
    silent = accessibility_page(Municipality(name="Firkant", code="0151"), site=SITE, modelled=False)
    assert silent.count("ikke oplyst") == 4  # when, in writing, by telephone, the official one
    assert not re.search(r"20[2-9]\d-\d\d", silent)  # no day of today's making
    told = Municipality(name="Firkant", code="0151", accessibility=Accessibility(**TOLD))
    page = accessibility_page(told, site=SITE, modelled=False, faint=[("lakes/index.html", TEXT_OF)])
    for words in (
        '<a href="mailto:web@firkant.dk">web@firkant.dk</a>',
        '<a href="tel:+4512345678">+45 12 34 56 78</a>',
        '<time datetime="2026-02-28">',
        "WCAG 2.1",
        '<a href="lakes/index.html">',
        "Digitaliseringsstyrelsen",
    ):
        assert words in page, words
    assert page.count("ikke oplyst") == 1  # the official one


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"written": "javascript:alert(1)"}, "written"),
        ({"written": "http://firkant.dk"}, "written"),
        ({"written": 'web@firkant.dk"onclick="x'}, "written"),
        ({"telephone": "ring"}, "telephone"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": "i går"}, "date"),
        ({"official": "was.digst.dk"}, "official"),
    ],
)
def test_a_contact_that_is_none_is_refused(maker: ProjectMaker, change: dict[str, str], key: str) -> None:
    town = {"name": "Firkant", "code": "0151", "accessibility": {**TOLD, **change}}
    columns = {name: {"type": "text", "required": True} for name in ("name", "code")}
    maker.layer("municipality", geometry="polygon", clip="none", municipality=town, columns=columns)
    with pytest.raises(ProjectError, match=f"municipality.accessibility.{key}"):
        maker.project()


def test_the_privacy_note_claims_only_what_the_scripts_keep(root: Path) -> None:
    page = privacy_page(site=SITE, modelled=False)
    assert "ingen cookies" in page
    scripts = sorted((root / "ballerup_geo/publish/static/app").glob("*.js"))
    assert len(scripts) >= 15
    for script in scripts:
        text = script.read_text()
        for word in ("document.cookie", "localStorage", "sessionStorage", "indexedDB", "sendBeacon", "XMLHttpRequest"):
            assert word not in text, (script.name, word)
        assert not re.search(r"\bfetch\(|https?://(?!www\.w3\.org/)", text), script.name


def test_every_page_of_the_site_leads_to_statement_and_note_and_the_front_page_to_the_targets(lilleby: Path) -> None:
    site = lilleby / "site"
    pages = [path for path in sorted(site.rglob("index.html")) if path.parent.name != "hent"]
    assert len(pages) >= 3
    for path in [*pages, site / "maal.html", *(site / "metode").glob("*.html")]:
        text = path.read_text()
        up = "../" * len(path.parent.relative_to(site).parts)
        assert f'href="{up}tilgaengelighed.html"' in text, path
        assert f'href="{up}privatliv.html"' in text, path
    front = (site / "index.html").read_text()
    assert 'href="maal.html"' in front
    (picture,) = set(re.findall(r'<img class="card-picture" src="(cards/rainwater\.[0-9a-f]{12}\.png)" alt=""', front))
    assert (site / picture).read_bytes().startswith(b"\x89PNG")
