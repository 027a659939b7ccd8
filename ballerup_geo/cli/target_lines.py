"""The lines of ``ballerup-geo targets``: where each target of the plan stands, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from ballerup_geo.spec.words import known_digits, number

__all__ = ["target_lines"]

NOT_RUN = "No analysis has been run into this folder; ballerup-geo run makes the measurements."
SIGNIFICANT = 3


def target_lines(account: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines, by section of the plan; with the account's year, the notice and the effects on CO2."""
    if account["year"] is None:
        yield NOT_RUN
    else:
        yield f"{account['municipality']['name']}, as of {account['year']}."
    if account["notice"] is not None:
        yield f"{account['notice']['en']}."
    width = max((len(row["status_text"]["en"]) for row in account["targets"]), default=0)
    for section, rows in groupby(account["targets"], key=lambda row: row["section"]):
        yield ""
        yield section
        for row in rows:
            yield f"  {row['target_year']}  {row['status_text']['en']:<{width}}  {row['title']['en']}{_figures(row)}"
            if row["why"] is not None and row["status"] != "modelled":
                yield f"        {row['why']['en']}"
    yield from _climate_lines(account["co2"])


def _figures(row: Mapping[str, Any]) -> str:
    unit = "" if row["unit"] in (None, "1", "-") else f" {row['unit']}"
    asked = "" if row["asked"] is None else f" of {row['direction'].replace('_', ' ')} {_written(row['asked'])}{unit}"
    if row["measured"] is None:
        return f":{asked.removeprefix(' of')}" if asked else ""
    return f": {_written(row['measured'])}{unit}{asked}"


def _written(value: float) -> str:
    digits = max(0, min(1, known_digits(value, significant=SIGNIFICANT)))
    return number(value, digits=0 if float(value).is_integer() else digits, language="en")


def _climate_lines(co2: Mapping[str, Any]) -> Iterator[str]:
    if not co2["effects"]:
        return
    yield ""
    yield "Effect on CO2, tonnes a year, on the base of the municipality's account"
    for row in co2["effects"]:
        fall = "unknown" if row["fall_t_year"] is None else _written(row["fall_t_year"])
        yield f"  {fall:>10}  {row['title']['en']}{'' if row['counted'] else ' (not counted)'}"
    total = "unknown" if co2["fall_t_year"] is None else _written(co2["fall_t_year"])
    yield f"  {total:>10}  sum of what is counted and known"
    if all(share is None for share in co2["fall_pct"].values()):
        yield "  No share of 1990 or 2019: the account's years are to stand in layers/municipality.toml"
        yield "  ([[municipality.co2_account]])."
    else:
        shares = (f"{share:.1f} % of {year}" for year, share in co2["fall_pct"].items() if share is not None)
        yield f"  {'':>10}  {', '.join(shares)}"
