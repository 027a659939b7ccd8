"""The headline figures of a result, held against the analysis' targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ballerup_geo.results._pace import Measured, judged
from ballerup_geo.spec import Analysis, Indicator, Method, Outcome, Target, Text
from ballerup_geo.spec.status import NOT_MAPPED, STATUS
from ballerup_geo.spec.words import known_digits

__all__ = ["figures"]


def figures(
    analysis: Analysis,
    method: Method,
    outcome: Outcome,
    *,
    modelled: bool,
    day: date,
    before: Mapping[str, Sequence[Measured]],
) -> dict[str, Any]:
    """Return the indicators, each with its targets, and all targets with where they stand and why.

    Parameters
    ----------
    day
        Of the run.
    before
        What earlier runs on real data measured, by indicator.
    """
    targets = [
        _target(target, *_status(target, outcome.indicators, day, before), modelled=modelled)
        for target in analysis.targets
    ]
    indicators = {
        indicator.name: _indicator(indicator, outcome.indicators[indicator.name], targets)
        for indicator in method.indicators
    }
    return {"indicators": indicators, "targets": targets}


def _indicator(indicator: Indicator, value: float | None, targets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    own = sorted((target for target in targets if target["indicator"] == indicator.name), key=_by_year)
    return {
        "value": None if value is None else float(value),
        "unit": indicator.unit,
        "da": indicator.da,
        "en": indicator.en,
        "digits": _digits(indicator, value),
        "target": own[0] if own else None,
        "status": own[0]["status"] if own else None,
        "targets": own,
    }


def _digits(indicator: Indicator, value: float | None) -> int:
    if indicator.significant is None or value is None:
        return indicator.digits
    return known_digits(value, significant=indicator.significant)


def _by_year(target: Mapping[str, Any]) -> tuple[int, str]:
    return target["year"], target["id"]


def _target(target: Target, status: str, why: Text | None, *, modelled: bool) -> dict[str, Any]:
    """Describe a target and where it stands; what modelled data say about a real target is nothing."""
    if modelled:
        status, why = "unknown", STATUS["modelled"]
    said = target.model_dump(mode="json") | {"status": status, "why": None if why is None else why.model_dump()}
    return said | {"status_text": STATUS["modelled" if modelled else status].model_dump()}


def _status(
    target: Target, values: Mapping[str, float | None], day: date, before: Mapping[str, Sequence[Measured]]
) -> tuple[str, Text | None]:
    if target.indicator is None:
        return NOT_MAPPED if target.kind == NOT_MAPPED else target.status, target.why
    return judged(target, before.get(target.indicator, ()), (day, values.get(target.indicator)))
