"""Where targets stand over time, the yearly account, and CO2 on one base: reckoned by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from project_maker import TEXT, ProjectMaker
from pydantic import ValidationError

from ballerup_geo.cli.target_lines import target_lines
from ballerup_geo.errors import DataError
from ballerup_geo.results import Result, account, measured_before, record_history, write_account
from ballerup_geo.results._account import EFFECT_COLUMNS, TARGET_COLUMNS
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


def test_two_measures_that_overlap_are_counted_once_and_written_without_the_dust_of_floats(
    maker: ProjectMaker, tmp_path: Path
) -> None:
    # savings and conversion take the same tonnes: on paper 0.4 - 0.1 = 0.3 counts, the 0.2 within it does not
    effect = {"title": TEXT, "base": "account", "why": TEXT}
    effects = [
        effect | {"id": "conversion", "before": "now_t", "after": "then_t", "counted": True},
        effect | {"id": "savings_before_conversion", "effect": "saved_t", "counted": False},
    ]
    maker.analysis("areas", method="areas", inputs={}, climate_effects=effects)
    found = {"areas": result("areas", now_t=0.4, then_t=0.1, saved_t=0.2)}
    assert 0.4 - 0.1 != 0.3  # what a float makes of it
    said = account(maker.project(), found)
    assert said["co2"]["fall_t_year"] == 0.3
    assert [(row["fall_t_year"], row["counted"]) for row in said["co2"]["effects"]] == [(0.3, True), (0.2, False)]
    targets, co2 = write_account(tmp_path, maker.project(), found)[1:]
    assert ";0,4;0,1;0,3;" in co2.read_text(encoding="utf-8-sig")
    heading = targets.read_bytes().split(b"\r\n")[0].decode("utf-8-sig").split(";")  # no target, the same columns
    assert heading == list(TARGET_COLUMNS)
    assert list(read_csv(co2).columns) == list(EFFECT_COLUMNS)


def test_the_columns_of_the_account_are_those_of_its_rows(town: ProjectMaker) -> None:
    said = account(town.project(), {"areas": result("areas", now_t=3.0, then_t=1.0)})
    assert list(said["targets"][0]) == list(TARGET_COLUMNS)
    assert list(said["co2"]["effects"][0]) == list(EFFECT_COLUMNS)


def test_what_lies_exactly_on_the_line_is_on_the_way_up_and_down() -> None:
    third = date(2022, 1, 1) + (date(2030, 12, 31) - date(2022, 1, 1)) / 2  # half of 3286 days
    for ends in ((0.0, 0.3), (0.1, 0.3), (0.0, 100.0)):
        middle = sum(ends) / 2
        up, down = aim(value=ends[1]), aim(value=ends[0], direction="at_most")
        assert status(up, middle, (date(2022, 1, 1), ends[0]), day=third) == "on_the_way"
        assert status(down, middle, (date(2022, 1, 1), ends[1]), day=third) == "on_the_way"
    assert status(aim(), 99.99999999999999) == "reached"  # a sum of shares that is 100
    assert status(aim(), 99.9999) == "not_reached"
    assert status(aim(direction="at_most", value=0.0), 1e-12) == "not_reached"  # nothing is nothing


def test_before_the_start_no_pace_is_told_and_on_the_last_day_all_is_due() -> None:
    start = {"date": "2027-01-01", "value": 0.0, "source": "told"}
    assert status(aim(start=start), 50.0) == "not_reached"
    begun = (date(2022, 1, 1), 0.0)
    assert status(aim(), 99.9, begun, day=date(2030, 12, 31)) == "behind"
    assert status(aim(), 99.9, begun, day=date(2031, 1, 1)) == "behind"
    assert status(aim(direction="at_most", value=0.0), 0.0, (date(2022, 1, 1), 9.0), day=date(2031, 1, 1)) == "reached"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"status": "reached"}, "goes with its day"),
        ({"status": "reached", "status_date": "2025-02-30"}, "date"),
        ({"status": "reached", "status_date": "20/11 2024"}, "date"),
        ({"status": "reached", "status_date": "2999-01-01"}, "in the future"),
        ({"status": "nået", "status_date": "2024-11-20"}, "reached"),
    ],
)
def test_what_the_municipality_tells_has_a_status_and_a_day_that_can_be(fields: dict[str, Any], told: str) -> None:
    registered = {"kind": "registered", "indicator": None, "value": None, "unit": None}
    entered = aim(**registered, status="reached", status_date="2024-11-20", case_number="24-17")
    assert entered.status_date == date(2024, 11, 20)
    with pytest.raises(ValidationError, match=told):
        aim(**registered, **fields)


HEADING = "time;analysis;method;data;indicator;value;unit;key;notice"
ROW = "2024-01-02T00:00:00+00:00;areas;m 1;kept;x;1,5;t;0123456789ab;"


@pytest.mark.parametrize(
    ("left", "measured"),
    [
        (b"", []),
        (b"\xef\xbb\xbf", []),
        (b"\r\n", []),
        (f"{HEADING}\r\n".encode("utf-8-sig"), []),
        (f"{HEADING}\r\n{ROW}\r\n".encode("utf-8-sig"), [1.5]),  # as a Danish spreadsheet saves it
        (f"{HEADING}\n{ROW}\n".encode(), [1.5]),
        (f"{HEADING}\r\n{ROW}\r\n{ROW[:42]}".encode("utf-8-sig"), [1.5]),  # cut off within the last line
        (f"{HEADING}\r\n{ROW.replace('0123456789ab', '1,23E+11')}\r\n".encode("utf-8-sig"), [1.5]),
    ],
)
def test_a_history_that_has_been_through_an_editor_is_read_and_goes_on(
    tmp_path: Path, left: bytes, measured: list[float]
) -> None:
    path = tmp_path / "results" / "history.csv"
    path.parent.mkdir()
    path.write_bytes(left)
    assert [value for _, value in measured_before(tmp_path, "areas").get("x", [])] == measured
    ran = result("areas", x=0.1 + 0.2)
    ran.run.update(method={"id": "m", "version": "1"}, notice=None, key="fedcba9876543210")
    assert record_history(tmp_path, ran)
    assert not record_history(tmp_path, ran)  # the same run once
    assert [value for _, value in measured_before(tmp_path, "areas")["x"]] == [*measured, 0.1 + 0.2]
    path.write_bytes(path.read_bytes().replace(b"fedcba987654", b"1,23E+11"))  # a spreadsheet took the key for a number
    assert not record_history(tmp_path, ran)


def test_a_history_that_cannot_be_read_is_not_to_be_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "results" / "history.csv"
    ran = result("a", x=1.0)
    ran.run["key"] = "fedcba9876543210"
    path.mkdir(parents=True)  # as one that another program holds
    for call in (lambda: measured_before(tmp_path, "a"), lambda: record_history(tmp_path, ran)):
        with pytest.raises(DataError, match=r"cannot be read .* close it in other programs"):
            call()
    path.rmdir()
    path.write_bytes(f"{HEADING}\r\n{ROW}\r\n{ROW};1;2;3\r\n".encode())
    with pytest.raises(DataError, match="move the file away and keep it") as told:
        measured_before(tmp_path, "areas")
    assert "delete" not in str(told.value)


def test_a_newcomer_sees_every_target_before_any_run_and_where_it_stands_after(town: ProjectMaker) -> None:
    before = list(target_lines(account(town.project(), {})))
    assert before[0].startswith("No analysis has been run into this folder; ballerup-geo run")
    assert before[1:3] == ["", "ben 6"]
    assert [line.split("  ")[1:3] for line in before[3:] if line.startswith("  2030")] == [
        ["2030", "reached"],
        ["2030", "not mapped"],
    ]
    assert "     unknown  sum of what is counted and known" in before
    after = list(target_lines(account(town.project(), {"areas": result("areas", now_t=0.4, then_t=0.1, taken_t=7.0)})))
    assert after[0].endswith(", as of 2026.")
    assert "         0.3  sum of what is counted and known" in after
    assert sum(line.endswith("(not counted)") for line in after) == 1  # what the wood takes up
