"""The yearly account (grønt regnskab): every target and every effect on CO2, as tables for others' systems."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ballerup_geo.project import Project
from ballerup_geo.results._climate import Climate, Effect, climate_of
from ballerup_geo.results._result import Result
from ballerup_geo.results._standings import Standing, standings
from ballerup_geo.spec import Text
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.spec.status import STATUS
from ballerup_geo.storage import write_csv, write_json

__all__ = ["BASE_YEARS", "account", "account_files", "write_account"]

BASE_YEARS = (1990, 2019)
"""The plan's: its target is held against the first, its data are of the second (Klimapolitik 2023-2030, Rammerne)."""
SIGNIFICANT = 12
"""Digits that are written: more than anything was measured with, fewer than a float carries."""
TARGET_COLUMNS = (
    "section", "analysis", "target", "title", "target_year", "asked", "direction", "unit", "measured", "kind",
    "status", "status_text", "why", "day", "case_number", "source",
)  # fmt: skip
EFFECT_COLUMNS = (
    "analysis", "effect", "title", "base", "before_t_year", "after_t_year", "fall_t_year",
    *(f"fall_pct_{year}" for year in BASE_YEARS), "counted", "why",
)  # fmt: skip
"""The tables have these columns whatever was run, so that a system that reads them every year finds them."""


def account(project: Project, results: Mapping[str, Result]) -> dict[str, Any]:
    """Return the account as one document: targets with where they stand, effects on CO2, and what is missing.

    It is of the year of the newest run among the results; ``None`` for the year where there is none.
    """
    modelled = any(result.modelled for result in results.values())
    climate = climate_of(project, results)
    return {
        "year": _year(results),
        "municipality": {"name": project.municipality.name, "code": project.municipality.code},
        "notice": MODEL_NOTICE.model_dump() if modelled else None,
        "runs": {name: {"day": _day(result), "data": result.run["data"]} for name, result in results.items()},
        "targets": [_target_row(each) for each in standings(project, results, modelled=modelled)],
        "co2": {
            "base": "account",
            "account_t": {str(year): climate.account_t.get(year) for year in BASE_YEARS},
            "fall_t_year": _plain(climate.fall_t),
            "fall_pct": {str(year): _plain(climate.share_pct(climate.fall_t, year)) for year in BASE_YEARS},
            "sum_lacks": list(climate.unknown),
            "effects": [_effect_row(each, climate) for each in climate.effects],
        },
    }


def account_files(folder: Path, year: int) -> tuple[Path, Path, Path]:
    """Return where the account of a year stands in a folder: document, table of targets, table of effects on CO2."""
    stem = f"gront-regnskab-{year}"
    return folder / f"{stem}.json", folder / f"{stem}.csv", folder / f"{stem}-co2.csv"


def write_account(folder: Path, project: Project, results: Mapping[str, Result]) -> tuple[Path, ...]:
    """Write the account of the results' year into a folder; nothing where there are no results."""
    said = account(project, results)
    if said["year"] is None:
        return ()
    files = account_files(folder, said["year"])
    notice = None if said["notice"] is None else str(said["notice"]["da"])
    write_json(files[0], said)
    write_csv(files[1], _flat(said["targets"], TARGET_COLUMNS), notice=notice)
    write_csv(files[2], _flat(said["co2"]["effects"], EFFECT_COLUMNS), notice=notice)
    return files


def _year(results: Mapping[str, Result]) -> int | None:
    return max((int(_day(result)[:4]) for result in results.values()), default=None)


def _day(result: Result) -> str:
    return str(result.run["time"])[:10]


def _target_row(each: Standing) -> dict[str, Any]:
    target, measured = each.target, each.measured
    return {
        "section": target.section,
        "analysis": each.analysis_id,
        "target": target.id,
        "title": target.title.model_dump(),
        "target_year": target.year,
        "asked": target.value,
        "direction": None if target.value is None else target.direction,
        "unit": target.unit if measured is None else measured["unit"],
        "measured": None if measured is None else _plain(measured["value"]),
        "kind": target.kind,
        "status": each.status,
        "status_text": STATUS[each.status].model_dump(),
        "why": _words(each.why),
        "day": each.day,
        "case_number": target.case_number,
        "source": target.source,
    }


def _effect_row(each: Effect, climate: Climate) -> dict[str, Any]:
    return {
        "analysis": each.analysis_id,
        "effect": each.effect.id,
        "title": each.effect.title.model_dump(),
        "base": each.effect.base,
        "before_t_year": _plain(each.before_t),
        "after_t_year": _plain(each.after_t),
        "fall_t_year": _plain(each.fall_t),
        **{f"fall_pct_{year}": _share(each, climate, year) for year in BASE_YEARS},
        "counted": each.effect.counted,
        "why": _words(each.effect.why),
    }


def _share(each: Effect, climate: Climate, year: int) -> float | None:
    """Only what is on the account's base can be held against the account."""
    return _plain(climate.share_pct(each.fall_t, year)) if each.effect.base == "account" else None


def _plain(value: float | None) -> float | None:
    """Return a value without the digits that sums of floats leave behind (0.30000000000000004)."""
    return None if value is None else float(f"{value:.{SIGNIFICANT}g}")


def _words(text: Text | None) -> dict[str, str] | None:
    return None if text is None else text.model_dump()


def _flat(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Return rows as a table: of words in two languages the Danish ones."""
    return pd.DataFrame(
        [{key: value["da"] if isinstance(value, dict) else value for key, value in row.items()} for row in rows],
        columns=list(columns),
    )
