"""The headline figures of a result, held against the analysis' targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ballerup_geo.spec import Analysis, Indicator, Method, Outcome, Target
from ballerup_geo.spec.status import STATUS
from ballerup_geo.spec.words import known_digits

__all__ = ["figures"]


def figures(analysis: Analysis, method: Method, outcome: Outcome, *, modelled: bool) -> dict[str, Any]:
    """Return the indicators, each with its targets, and all targets with where they stand."""
    targets = [_target(target, outcome.indicators, modelled=modelled) for target in analysis.targets]
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


def _target(target: Target, values: Mapping[str, float | None], *, modelled: bool) -> dict[str, Any]:
    """Describe a target and where it stands; what modelled data say about a real target is nothing."""
    status = "unknown" if modelled else _status(target, values)
    said = target.model_dump(mode="json") | {"status": status}
    return said | {"status_text": STATUS["modelled" if modelled else status].model_dump()}


def _status(target: Target, values: Mapping[str, float | None]) -> str:
    if target.kind == "registered" or target.indicator is None:
        return target.status
    value = values.get(target.indicator)
    if value is None or target.value is None:
        return "unknown"
    reached = value >= target.value if target.direction == "at_least" else value <= target.value
    return "reached" if reached else "not_reached"
