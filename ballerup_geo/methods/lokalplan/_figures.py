"""What an assessment is made of: figures with how they came about, gathered in themes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import shapely

from ballerup_geo.spec import Text
from ballerup_geo.spec.words import known_digits

__all__ = ["STANDINGS", "THEMES", "Assessment", "Figure", "Standing", "Theme", "compared", "frame_of", "unknown"]

Standing = Literal["met", "look", "not_met", "unknown", "told"]
STANDINGS: Mapping[str, Text] = MappingProxyType(
    {
        "met": Text(da="holder reglen", en="keeps the rule"),
        "look": Text(da="bør undersøges", en="to be looked into"),
        "not_met": Text(da="holder ikke reglen", en="does not keep the rule"),
        "unknown": Text(da="ukendt", en="unknown"),
        "told": Text(da="oplyst", en="for information"),
    }
)
"""Where a figure stands against its rule; ``told``: it is held to none."""

THEMES: Mapping[str, Text] = MappingProxyType(
    {
        "rain": Text(da="Regn", en="Rain"),
        "heat": Text(da="Varme", en="Heating"),
        "charging": Text(da="Opladning og delebiler", en="Charging and car-sharing"),
        "school": Text(da="Skoleveje", en="School routes"),
        "green": Text(da="Træer og grønt", en="Trees and green"),
        "nature": Text(da="Lavbund, natur, tørke og hede", en="Low-lying soil, nature, drought and heat"),
        "solar": Text(da="Sol på tage", en="Sun on roofs"),
        "co2": Text(da="CO2", en="CO2"),
    }
)
"""The themes, in the order in which they are told."""


MARGIN_SHARE = 0.15
"""What a small map shows around an area: this share of its larger side, and at least `LEAST_MARGIN_M`."""
LEAST_MARGIN_M = 40.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One answer about an area: a number or words, as it is and with the proposal.

    ``existing`` and ``proposed`` are None where unknown (``missing`` says why) or, for ``proposed``, where there is no
    proposal. ``digits`` counts decimals. ``adds_up``: two areas that do not meet have the sum of their figures.
    """

    id: str
    title: Text
    unit: str
    existing: float | Text | None
    proposed: float | Text | None
    how: Text
    digits: int = 0
    rule: Text | None = None
    target: float | None = None
    standing: Standing = "told"
    missing: Text | None = None
    adds_up: bool = False
    assumed: bool = False
    """The proposal did not say what it needs: it stands on the assumptions' defaults."""

    def digits_of(self, value: float) -> int:
        """Return the decimals that are known of a value: at most three significant figures from a hundred on."""
        return min(self.digits, known_digits(value, significant=3)) if abs(value) >= 100 else self.digits


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme of an assessment: its figures, and what it leaves out."""

    id: str
    figures: tuple[Figure, ...]
    leaves_out: tuple[Text, ...] = ()

    @property
    def title(self) -> Text:
        """What the theme is called."""
        return THEMES[self.id]

    def figure(self, figure_id: str) -> Figure:
        """Return a figure by its name."""
        return next(each for each in self.figures if each.id == figure_id)


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """What the climate plan's analyses say about one area."""

    area: shapely.Geometry
    """What was assessed, EPSG:25832: repaired, and cut at the municipality's boundary."""
    proposed: bool
    """Whether a proposal was assessed beside what is there."""
    themes: tuple[Theme, ...]
    notes: tuple[Text, ...] = ()
    """What a reader must know: what was repaired, cut, taken for granted or missing."""
    lines: Mapping[str, tuple[shapely.Geometry, ...]] = field(default_factory=dict)
    """Shapes that the report's small maps draw, by what they are."""

    @property
    def frame(self) -> shapely.Polygon:
        """The box that a small map of the area shows."""
        return frame_of(self.area)

    @property
    def area_m2(self) -> float:
        """Area in m²."""
        return float(self.area.area)

    def figure(self, figure_id: str) -> Figure:
        """Return a figure by its name, whatever its theme."""
        return next(each for theme in self.themes for each in theme.figures if each.id == figure_id)

    @property
    def concern(self) -> int:
        """How much there is to look into: one for each figure to be looked into, two for each that keeps no rule."""
        weights = {"look": 1, "not_met": 2}
        return sum(weights.get(each.standing, 0) for theme in self.themes for each in theme.figures)

    def as_json(self) -> dict[str, Any]:
        """Return the assessment for other systems."""
        return {
            "area_m2": round(self.area_m2, 1),
            "proposal": self.proposed,
            "concern": self.concern,
            "notes": [note.model_dump() for note in self.notes],
            "themes": [
                {
                    "id": theme.id,
                    "title": theme.title.model_dump(),
                    "figures": [_figure_json(each) for each in theme.figures],
                    "leaves_out": [words.model_dump() for words in theme.leaves_out],
                }
                for theme in self.themes
            ],
        }


def _figure_json(figure: Figure) -> dict[str, Any]:
    return {
        "id": figure.id,
        "title": figure.title.model_dump(),
        "unit": figure.unit,
        "existing": _value(figure.existing),
        "proposed": _value(figure.proposed),
        "target": figure.target,
        "rule": None if figure.rule is None else figure.rule.model_dump(),
        "status": figure.standing,
        "status_text": STANDINGS[figure.standing].model_dump(),
        "how": figure.how.model_dump(),
        "assumed": figure.assumed,
        "missing": None if figure.missing is None else figure.missing.model_dump(),
    }


def _value(value: float | Text | None) -> Any:
    if isinstance(value, Text):
        return value.model_dump()
    return None if value is None or not math.isfinite(value) else round(float(value), 6)


def frame_of(shape: shapely.Geometry) -> shapely.Polygon:
    """Return the box around a shape that a small map shows, with some ground around it."""
    west, south, east, north = shape.bounds
    margin = max(LEAST_MARGIN_M, MARGIN_SHARE * max(east - west, north - south))
    return shapely.box(west - margin, south - margin, east + margin, north + margin)


def unknown(figure_id: str, title: Text, unit: str, how: Text, missing: Sequence[Text]) -> Figure:
    """Return a figure that cannot be told, with all that was missing for it."""
    da, en = ("; ".join(words) for words in zip(*((each.da, each.en) for each in missing), strict=True))
    return Figure(figure_id, title, unit, None, None, how, standing="unknown", missing=Text(da=da, en=en))


def compared(value: float | None, target: float, *, at_least: bool, otherwise: Standing = "not_met") -> Standing:
    """Return where a value stands against the rule's number.

    Examples
    --------
    >>> compared(31.0, 30.0, at_least=True), compared(2.0, 0.0, at_least=False), compared(None, 0.0, at_least=False)
    ('met', 'not_met', 'unknown')
    """
    if value is None:
        return "unknown"
    kept = value >= target if at_least else value <= target
    return "met" if kept else otherwise
