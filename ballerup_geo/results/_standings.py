"""The climate plan's targets, of all analyses of a project, and where each of them stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ballerup_geo.project import Project
from ballerup_geo.results._result import Result
from ballerup_geo.spec import Target, Text
from ballerup_geo.spec.status import NOT_MAPPED, STATUS

__all__ = ["Standing", "standings"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A target and where it stands."""

    target: Target
    analysis_id: str
    analysis: Text
    measured: Mapping[str, Any] | None
    """The indicator as its result holds it (value, unit, digits …); None where nothing measures the target or nobody
    has looked."""
    status: str
    """A key of ``spec.status.STATUS``."""
    why: Text | None
    """Why it stands there, where that is known."""
    day: str | None
    """The day of the run that measured it, or the day the municipality told of."""


def standings(project: Project, results: Mapping[str, Result], *, modelled: bool) -> list[Standing]:
    """Return the targets of all analyses, by section of the plan, analysis, year and id.

    Parameters
    ----------
    results
        The results to hold them against, by analysis; where one is missing, nobody has looked.
    modelled
        The layers are modelled: they say nothing of a real target, whoever entered its status.
    """
    found = [
        _standing(target, name, analysis.title, results.get(name), modelled=modelled)
        for name, analysis in project.analyses.items()
        for target in analysis.targets
    ]
    return sorted(found, key=_place)


def _standing(target: Target, name: str, title: Text, result: Result | None, *, modelled: bool) -> Standing:
    said = None if result is None else _said(result, target.id)
    measured = None
    if target.kind == "measured" and said is not None and result is not None:
        measured = result.indicators[str(target.indicator)]
    told = None if target.status_date is None else target.status_date.isoformat()
    day = told if measured is None or result is None else str(result.run["time"])[:10]
    if target.kind == NOT_MAPPED:  # whatever the data
        return Standing(target, name, title, None, NOT_MAPPED, target.why, None)
    if modelled or (result is not None and result.modelled):
        return Standing(target, name, title, measured, "modelled", None, day)
    if target.kind == "registered":
        return Standing(target, name, title, None, target.status, target.why, day)
    if said is None:
        return Standing(target, name, title, None, NOT_MAPPED, target.why, None)
    why = said.get("why")
    return Standing(target, name, title, measured, str(said["status"]), None if why is None else Text(**why), day)


def _said(result: Result, target_id: str) -> Mapping[str, Any] | None:
    """Return what a result says of a target; one that was entered after the run is not in it."""
    return next((said for said in result.targets if said["id"] == target_id and said["status"] in STATUS), None)


def _place(each: Standing) -> tuple[list[tuple[int, str]], str, int, str]:
    return _by_number(each.target.section), each.analysis_id, each.target.year, each.target.id


def _by_number(words: str) -> list[tuple[int, str]]:
    """Return a sort key by which section 10 comes after section 9."""
    return [(int(part), "") if part.isdecimal() else (0, part.casefold()) for part in re.split(r"(\d+)", words)]
