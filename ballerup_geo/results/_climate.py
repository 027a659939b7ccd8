"""What the analyses say of CO2, on one common base: the municipality's own account, nothing counted twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ballerup_geo.project import Project
from ballerup_geo.results._result import Result
from ballerup_geo.spec import ClimateEffect, Text

__all__ = ["Climate", "Effect", "climate_of"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect; tonnes of CO2 a year, None where unknown."""

    effect: ClimateEffect
    analysis_id: str
    analysis: Text
    before_t: float | None
    after_t: float | None
    fall_t: float | None


@dataclass(frozen=True, slots=True)
class Climate:
    """All effects, and the sum of those that are counted."""

    effects: Sequence[Effect]
    fall_t: float | None
    """Sum of what is counted and known; None where nothing is."""
    unknown: Sequence[str]
    """Ids of counted effects that are unknown: the sum lacks them."""
    account_t: Mapping[int, float]
    """Year → tonnes in the municipality's account, as its layer file says."""

    def share_pct(self, fall_t: float | None, year: int) -> float | None:
        """Return a fall in per cent of a year of the account; None where either is unknown."""
        total = self.account_t.get(year)
        return None if fall_t is None or total is None else 100.0 * fall_t / total


def climate_of(project: Project, results: Mapping[str, Result]) -> Climate:
    """Gather the effects of all analyses.

    The sum holds the effects that their analysis files count, each on the base ``account`` (burning within the
    municipality). Effects on other bases, and those that another effect holds already, stand beside it.
    """
    effects = [
        _effect(effect, name, analysis.title, results.get(name))
        for name, analysis in project.analyses.items()
        for effect in analysis.climate_effects
    ]
    counted = [each for each in effects if each.effect.counted]
    known = [each.fall_t for each in counted if each.fall_t is not None]
    return Climate(
        effects,
        fall_t=sum(known) if known else None,
        unknown=[each.effect.id for each in counted if each.fall_t is None],
        account_t={entry.year: entry.tonnes for entry in project.municipality.co2_account},
    )


def _effect(effect: ClimateEffect, name: str, title: Text, result: Result | None) -> Effect:
    before, after, fall = (_value(result, one) for one in (effect.before, effect.after, effect.effect))
    if before is not None and after is not None:
        fall = before - after
    return Effect(effect, name, title, before, after, fall)


def _value(result: Result | None, name: str | None) -> float | None:
    if result is None or name is None or name not in result.indicators:
        return None
    value = result.indicators[name]["value"]
    return None if value is None else float(value)
