"""Where a measured target stands, and why: reached or not, and whether the pace will do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from ballerup_geo.spec import Target, Text
from ballerup_geo.spec.words import known_digits, number

__all__ = ["Measured", "judged"]

Measured = tuple[date, float]
"""A day, and what was measured on it."""
LEAST_DAYS = 180
"""A pace is not read from measurements that lie closer."""
SIGNIFICANT = 3
NEGLIGIBLE = 1e-9
"""Of a value: what sums of floats leave behind."""


def judged(target: Target, before: Sequence[Measured], now: tuple[date, float | None]) -> tuple[str, Text]:
    """Judge a measured target by the value it asks for, its year, and a straight line from where it began.

    The line runs from the target's ``start``, else from the first measurement on real data, to the asked value on the
    last day of the target's year. On the right side of the line is *on the way*, on the wrong side *behind*.

    Parameters
    ----------
    target
        A target of kind ``measured``.
    before
        Earlier measurements on real data.
    now
        The day of the run, and its value; None: unknown.

    Returns
    -------
    tuple
        A key of ``spec.status.STATUS``, and the reason in Danish and English.
    """
    day, value = now
    if value is None:
        return "unknown", Text(da="Analysen kunne ikke måle det.", en="The analysis could not measure it.")
    if target.value is None:
        return "unknown", Text(
            da="Planen nævner intet tal at måle imod.", en="The plan names no figure to measure against."
        )
    if _is_within(target, value, target.value):
        return "reached", Text(da=f"Målt {day}: værdien er nået.", en=f"Measured {day}: the value is reached.")
    if day.year > target.year:
        return "behind", Text(
            da=f"Året {target.year} er gået, og værdien er ikke nået.",
            en=f"The year {target.year} has passed, and the value is not reached.",
        )
    began = _began(target, before, day)
    if began is None:
        return "not_reached", Text(
            da="Værdien er ikke nået. Om tempoet rækker, kan ses, når der er målt igen efter mindst et halvt år.",
            en="The value is not reached. Whether the pace will do is seen once it is measured again in half a year.",
        )
    return _on_the_line(target, target.value, began, (day, value))


def _began(target: Target, before: Sequence[Measured], day: date) -> Measured | None:
    if target.start is not None:
        return (target.start.date, target.start.value) if target.start.date < day else None
    first = min(before, default=None)
    return first if first is not None and (day - first[0]).days >= LEAST_DAYS else None


def _on_the_line(target: Target, goal: float, began: Measured, now: Measured) -> tuple[str, Text]:
    share = (now[0] - began[0]).days / max((date(target.year, 12, 31) - began[0]).days, 1)
    due = began[1] + min(share, 1.0) * (goal - began[1])
    values = [_written(each) for each in (began[1], now[1], due)]
    status = "on_the_way" if _is_within(target, now[1], due) else "behind"
    return status, Text(
        da=f"Fra {began[0]} til {now[0]} gik værdien fra {values[0][0]} til {values[1][0]}; på en ret linje til målet "
        f"skulle den nu være {values[2][0]}.",
        en=f"From {began[0]} to {now[0]} the value went from {values[0][1]} to {values[1][1]}; on a straight line to "
        f"the target it should now be {values[2][1]}.",
    )


def _is_within(target: Target, value: float, asked: float) -> bool:
    """Say whether a value is on the right side; what lies on the line but for the last digits of a float is on it."""
    if math.isclose(value, asked, rel_tol=NEGLIGIBLE):
        return True
    return value >= asked if target.direction == "at_least" else value <= asked


def _written(value: float) -> tuple[str, str]:
    digits = max(0, known_digits(value, significant=SIGNIFICANT)) if value else 0
    return number(value, digits=digits), number(value, digits=digits, language="en")
