"""All that a report is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ballerup_geo.methods.lokalplan import Assessment
from ballerup_geo.spec import AssumptionValue, Text

__all__ = ["HEADLINES", "MapLink", "Report"]

HEADLINES = frozenset(
    {
        "sealed_pct",
        "runoff_100_m3",
        "retention_m3",
        "touched_buildings",
        "heat_supply",
        "heat_mwh",
        "plugs_required",
        "calm_near_pct",
        "canopy_pct",
        "protected_m2",
        "solar_mwh",
        "co2_t",
    }
)
"""Figures of the summary."""


@dataclass(frozen=True, slots=True)
class MapLink:
    """A map of the site, opened at the area; ``embed`` is the address for a frame in another page."""

    title: Text
    href: str
    embed: str


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """An area's assessment, or those of two proposals side by side, and who says so."""

    name: str
    municipality: str
    assessed: tuple[tuple[Text | None, Assessment], ...]
    """Each with its label; one alone has none. All are about the same area."""
    modelled: bool
    data: str
    summary: Mapping[Literal["da", "en"], str]
    """How it is computed."""
    assumptions: tuple[AssumptionValue, ...]
    credits: tuple[Text, ...]
    used: Mapping[str, Mapping[str, Any] | None]
    """Where each input comes from; None: unknown."""
    maps: tuple[MapLink, ...] = ()
    sheets: Mapping[str, bytes] = field(default_factory=dict)
    """Kortbilag: file name → PDF."""
    headlines: frozenset[str] = HEADLINES

    @property
    def first(self) -> Assessment:
        """The first assessment: what is there today is the same in all."""
        return self.assessed[0][1]
