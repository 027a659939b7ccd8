"""Where targets stand over time, the yearly account, and CO2 on one base: reckoned by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from project_maker import TEXT, ProjectMaker
from pydantic import ValidationError

from ballerup_geo.errors import DataError
from ballerup_geo.results import Result, account, measured_before, write_account
from ballerup_geo.results._pace import judged
from ballerup_geo.spec import ClimateEffect, Target
from ballerup_geo.storage import read_csv

TODAY = date(2026, 7, 2)
BASE: dict[str, Any] = {"id": "aim", "title": TEXT, "year": 2030, "section": "ben 6", "source": "Planen"}


def aim(**fields: Any) -> Target:
    given = {"kind": "measured", "indicator": "share_pct", "value": 100.0, "unit": "%"}
    return Target.model_validate({**BASE, **given, **fields})


def status(target: Target, value: float | None, *before: tuple[date, float], day: date = TODAY) -> str:
    return judged(target, before, (day, value))[0]


def test_a_value_that_is_reached_is_reached_whatever_the_year() -> None:
    assert status(aim(), 100.0) == "reached"
    assert status(aim(year=2020), 100.0) == "reached"
    assert status(aim(direction="at_most", value=0.0), 0.0) == "reached"


def test_a_year_that_has_passed_is_behind_and_the_year_itself_is_not() -> None:
    assert status(aim(year=2025), 99.0) == "behind"
    assert status(aim(year=2026), 99.0) == "not_reached"


def test_one_measurement_tells_no_pace_nor_do_two_within_half_a_year() -> None:
    assert status(aim(), 50.0) == "not_reached"
    assert status(aim(), 50.0, (date(2026, 3, 1), 10.0)) == "not_reached"


@pytest.mark.parametrize(("now", "said"), [(50.01, "on_the_way"), (49.9, "behind")])
def test_the_straight_line_decides(now: float, said: str) -> None:
    # from 0 on 2022-01-01 to 100 on 2030-12-31, 3286 days; on 2026-07-02 1643 have gone: half the way
    assert status(aim(), now, (date(2022, 1, 1), 0.0)) == said
    start = {"date": "2022-01-01", "value": 0.0, "source": "told"}
    assert status(aim(start=start), now) == said
    assert status(aim(start=start), now, (date(2021, 1, 1), 49.0)) == said  # the start goes before measurements


def test_a_line_that_falls_is_judged_the_other_way() -> None:
    fossil = aim(direction="at_most", value=0.0)
    assert status(fossil, 49.0, (date(2022, 1, 1), 100.0)) == "on_the_way"
    assert status(fossil, 51.0, (date(2022, 1, 1), 100.0)) == "behind"
    why = judged(fossil, [(date(2022, 1, 1), 100.0)], (TODAY, 51.0))[1]
    assert "fra 100 til 51,0" in why.da
    assert "50,0" in why.da


def test_what_is_not_known_is_unknown() -> None:
    assert status(aim(), None) == "unknown"
    assert status(aim(value=None, unit=None), 5.0) == "unknown"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "not_mapped", "indicator": None, "value": None, "unit": None},  # without why
        {"status": "reached"},  # a measured target's status follows from runs
        {"kind": "registered", "indicator": None, "start": {"date": "2022-01-01", "value": 0, "source": "x"}},
        {"case_number": "2026-1"},
    ],
)
def test_a_target_that_contradicts_itself_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        aim(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"before": "a_t"},
        {"before": "a_t", "after": "b_t", "effect": "c_t"},
        {"base": "uptake", "counted": True},
    ],
)
def test_an_effect_that_contradicts_itself_is_refused(fields: dict[str, Any]) -> None:
    good: dict[str, Any] = {"id": "x", "title": TEXT, "base": "account", "counted": False, "why": TEXT}
    ClimateEffect.model_validate(good)
    with pytest.raises(ValidationError):
        ClimateEffect.model_validate(good | fields)


def result(name: str, *, modelled: bool = False, targets: list[dict[str, Any]] | None = None, **values: Any) -> Result:
    run = {"modelled": modelled, "time": "2026-07-02T10:00:00+00:00", "data": "model" if modelled else "kept"}
    figures = {key: {"value": value, "unit": "t", "da": key, "en": key, "digits": 0} for key, value in values.items()}
    return Result(name, Path(), run, figures, targets or [])


@pytest.fixture
def town(maker: ProjectMaker) -> ProjectMaker:
    effects = [
        {
            "id": "heat",
            "title": TEXT,
            "base": "account",
            "before": "now_t",
            "after": "then_t",
            "counted": True,
            "why": TEXT,
        },
        {"id": "cars", "title": TEXT, "base": "account", "counted": True, "why": TEXT},
        {"id": "wood", "title": TEXT, "base": "uptake", "effect": "taken_t", "counted": False, "why": TEXT},
    ]
    targets = [
        {**BASE, "kind": "registered", "status": "reached", "status_date": "2024-05-01", "case_number": "24-17"},
        {**BASE, "id": "open", "kind": "not_mapped", "why": TEXT},
    ]
    maker.analysis("areas", method="areas", inputs={}, targets=targets, climate_effects=effects)
    return maker


def test_the_account_adds_what_counts_and_holds_it_against_the_base_years(town: ProjectMaker) -> None:
    path = town.root / "layers" / "municipality.toml"
    entered = 'co2_account = [{ year = 1990, tonnes = 1000.0, source = "told" }]'
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("municipality = {", f"municipality = {{ {entered},", 1), encoding="utf-8")
    said = account(town.project(), {"areas": result("areas", now_t=300.0, then_t=100.0, taken_t=7.0)})
    assert said["year"] == 2026
    co2 = said["co2"]
    assert (co2["fall_t_year"], co2["sum_lacks"]) == (200.0, ["cars"])
    assert co2["fall_pct"] == {"1990": 20.0, "2019": None}  # of 2019 nobody told: unknown, not 0
    assert [row["fall_t_year"] for row in co2["effects"]] == [200.0, None, 7.0]
    assert co2["effects"][2]["fall_pct_1990"] is None  # what trees take up is not in that account
    assert [(row["target"], row["status"], row["case_number"]) for row in said["targets"]] == [
        ("aim", "reached", "24-17"),
        ("open", "not_mapped", None),
    ]


def test_the_account_is_written_for_spreadsheets_and_systems_and_says_when_it_is_modelled(
    town: ProjectMaker, tmp_path: Path
) -> None:
    files = write_account(tmp_path, town.project(), {"areas": result("areas", modelled=True, now_t=3.0, then_t=1.0)})
    assert [path.name for path in files] == [
        "gront-regnskab-2026.json",
        "gront-regnskab-2026.csv",
        "gront-regnskab-2026-co2.csv",
    ]
    assert json.loads(files[0].read_text(encoding="utf-8"))["notice"]["da"].startswith("Modelberegnede data")
    for path in files[1:]:
        assert read_csv(path)["notice"].str.startswith("Modelberegnede data").all()
    assert read_csv(files[1])["status"].tolist() == ["modelled", "not_mapped"]  # whatever the data, nothing maps it
    assert write_account(tmp_path, town.project(), {}) == ()


def test_only_real_runs_are_measurements(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    path = tmp_path / "results" / "history.csv"
    path.write_text(
        "time;analysis;method;data;indicator;value;unit;key;notice\r\n"
        "2024-01-02T00:00:00+00:00;a;m 1;kept;x;1,5;t;k;\r\n"
        "2025-01-02T00:00:00+00:00;a;m 1;model;x;9,5;t;k;Modelberegnede data\r\n"
        "2025-06-02T00:00:00+00:00;b;m 1;kept;x;3,5;t;k;\r\n"
        "02/06/25;a;m 1;kept;x;4,5;t;k;\r\n"  # a spreadsheet has rewritten the day
        "2026-01-02T00:00:00+00:00;a;m 1;kept;x;;t;k;\r\n"
        "2026-02-02T00:00:00+00:00;a;m 1;kept;x;inf;t;k;\r\n",
        encoding="utf-8-sig",
    )
    assert measured_before(tmp_path, "a") == {"x": [(date(2024, 1, 2), 1.5)]}
    path.write_text("value;unit\r\n1;t\r\n", encoding="utf-8-sig")
    with pytest.raises(DataError, match="column is missing"):
        measured_before(tmp_path, "a")
