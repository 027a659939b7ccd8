"""Headline figures and targets, as a page shows them: value with unit, what the plan asks, and where that stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.publish.text import as_text, with_unit
from ballerup_geo.publish.words import target_words
from ballerup_geo.spec import Headline, Text
from ballerup_geo.spec.faults import nearest

if TYPE_CHECKING:
    from ballerup_geo.results import Result

__all__ = ["Aim", "Figure", "aims_of", "figures_of", "target_text"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline figure; ``target`` says what is asked and by when, ``status`` is a key of ``spec.status.STATUS``."""

    title: Text
    value: Text
    target: Text | None
    status: str


def figures_of(headlines: Sequence[Headline], results: Mapping[str, Result]) -> list[Figure]:
    """Return the headline figures of a map.

    Raises
    ------
    ProjectError
        A headline names an indicator that the result does not have.
    """
    return [_figure(line, results[line.analysis]) for line in headlines]


def _figure(line: Headline, result: Result) -> Figure:
    known = result.indicators
    if line.indicator not in known:
        what = f"{line.analysis} has no indicator {line.indicator!r}"
        raise ProjectError(Fault("maps/", "headlines", what, nearest(line.indicator, known)))
    said = known[line.indicator]
    target = said.get("target")
    status = "modelled" if result.modelled else said.get("status") or "unknown"
    return Figure(
        title=Text(da=said["da"], en=said["en"]),
        value=with_unit(said["value"], said["unit"], said.get("digits")),
        target=None
        if target is None
        else target_text(target["year"], target.get("value"), target.get("unit"), target.get("direction")),
        status=status,
    )


def target_text(year: int, value: float | None, unit: str | None, direction: str | None) -> Text:
    """Say what a target asks for, and by when."""
    return target_words(year, None if value is None else with_unit(value, unit), direction or "at_least")


@dataclass(frozen=True, slots=True)
class Aim:
    """A target of the climate plan and where it stands."""

    year: int
    title: Text
    status: str


def aims_of(result: Result) -> list[Aim]:
    """Return a result's targets by year; what modelled data say about a real target is nothing."""
    return [
        Aim(said["year"], as_text(said["title"]), "modelled" if result.modelled else said["status"])
        for said in sorted(result.targets, key=lambda said: (said["year"], said["id"]))
    ]
