"""The plan's number of trees and its year, and days among the assumptions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods._given import number_of
from ballerup_geo.spec import Assumption, Given

__all__ = ["GOAL_ASSUMPTIONS", "Goal", "day_of", "goal_of"]

DAYS_A_YEAR = 365.25
GOAL_ASSUMPTIONS = (
    Assumption("goal_trees", "1", kind="integer", minimum=1),
    Assumption("goal_year", "år", kind="integer", minimum=2024, maximum=2100),
)


@dataclass(frozen=True, slots=True)
class Goal:
    """So many trees by the end of a year."""

    trees: int
    year: int

    def years_after(self, day: datetime.date) -> float:
        """Return the years from a day to the end of the plan's year; negative once that is over."""
        return ((datetime.date(self.year, 12, 31) - day).days) / DAYS_A_YEAR


def goal_of(given: Given) -> Goal:
    """Return the plan's number and year."""
    return Goal(int(number_of(given, "goal_trees")), int(number_of(given, "goal_year")))


def day_of(given: Given, name: str) -> datetime.date:
    """Return a day among the assumptions, written as year-month-day.

    Raises
    ------
    MethodError
        It is written otherwise.
    """
    written = str(given.assumptions[name])
    try:
        return datetime.date.fromisoformat(written)
    except ValueError as error:
        fault = Fault(
            "analyses/trees.toml", f"assumptions.{name}", f"{written!r} is no day", 'write it as "2026-12-31"'
        )
        raise MethodError(fault) from error
