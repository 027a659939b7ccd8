"""The answer of the rainwater analysis in words: what it sends to its neighbours, and where its area drains."""

from __future__ import annotations

import pandas as pd

from ballerup_geo.methods._rainwater_leaving import Balance
from ballerup_geo.methods._rainwater_rain import Rain
from ballerup_geo.methods._rainwater_scene import Scene
from ballerup_geo.methods._rainwater_words import NOWHERE_ID
from ballerup_geo.spec.words import Language, enumeration, known_digits, number

__all__ = ["answer_of"]

_LEAST_SHARE_NAMED_PCT = 0.5  # less is 0 % as written
_KNOWN_FIGURES = 2
"""Figures that a screened volume is written with."""
_LEAST_SHARE_OF_NEIGHBOUR = 0.05
"""A neighbour that gets less is counted among the others: the sentence tells who gets the water, the table how much."""


def answer_of(
    language: Language, *, town: str, catchments: pd.DataFrame, scene: Scene, rain: Rain | None, balance: Balance | None
) -> str:
    """Return the answer in one or two sentences."""
    sentences = [_drains(language, catchments)]
    if rain is not None and balance is not None and scene.neighbours is not None:
        names = [str(name) for name in scene.neighbours["name"]]
        volumes = dict(zip(names, balance.by_neighbour_m3[1:].tolist(), strict=True))
        sentences.insert(0, _sends(language, town, rain, volumes))
    return " ".join(sentences)


def _drains(language: Language, catchments: pd.DataFrame) -> str:
    """Say where the area drains: every recipient of at least half a percent of it."""
    shown = catchments[(catchments["share_pct"] >= _LEAST_SHARE_NAMED_PCT) | (catchments.index == 0)]
    parts = [
        f"{number(share, language=language)} % {_where(recipient_id, name, language)}"
        for recipient_id, name, share in zip(shown["recipient_id"], shown["name"], shown["share_pct"], strict=True)
    ]
    where = enumeration(parts, language=language)
    if language == "da":
        ways = "Regnen løber flere veje: af" if len(parts) > 1 else "Regnen løber én vej: af"
        return f"{ways} kommunens areal afvander {where}."
    ways = "The rain runs several ways" if len(parts) > 1 else "The rain runs one way"
    return f"{ways}: of the municipality's area, {where}."


def _where(recipient_id: str, name: str, language: Language) -> str:
    if recipient_id == NOWHERE_ID:
        return "ud over kortets kant" if language == "da" else "drains beyond the map's edge"
    return f"først til {name}" if language == "da" else f"drains first to {name}"


def _sends(language: Language, town: str, rain: Rain, volumes: dict[str, float]) -> str:
    """Say what the municipality sends to its neighbours."""
    which, total = _rain_words(language, rain), sum(volumes.values())
    if total <= 0:
        if language == "da":
            return f"Ved {which} sender {town} intet vand over terrænet til naboerne."
        return f"In {which}, {town} sends no water over the ground to its neighbours."
    who = enumeration(_receivers(language, volumes, total), language=language)
    if language == "da":
        return f"Ved {which} sender {town} ca. {_cubic(total, language)} over terrænet til naboerne: {who}."
    return f"In {which}, {town} sends about {_cubic(total, language)} over the ground to its neighbours: {who}."


def _rain_words(language: Language, rain: Rain) -> str:
    digits = 0 if rain.rain_mm.is_integer() else 1
    amount = number(rain.rain_mm, digits=digits, language=language)
    years = number(rain.return_period_y or 0.0, language=language)
    minutes = number(rain.duration_min, language=language)
    if language == "da":
        doubt = "" if rain.sourced else ", uden kilde"
        return f"en {years}-års-regn ({amount} mm på {minutes} minutter{doubt})"
    doubt = "" if rain.sourced else ", no source"
    return f"a {years}-year rain ({amount} mm in {minutes} minutes{doubt})"


def _receivers(language: Language, volumes: dict[str, float], total: float) -> list[str]:
    """Return who receives how much, the most first; those who receive little together."""
    ranked = sorted(volumes.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [(name, volume) for name, volume in ranked if volume >= _LEAST_SHARE_OF_NEIGHBOUR * total]
    parts = [f"{name} {_cubic(volume, language)}" for name, volume in named]
    rest = total - sum(volume for _, volume in named)
    if rest > 0:
        parts.append(f"{'andre' if language == 'da' else 'others'} {_cubic(rest, language)}")
    return parts


def _cubic(volume_m3: float, language: Language) -> str:
    digits = min(known_digits(volume_m3, significant=_KNOWN_FIGURES), 0)
    return f"{number(volume_m3, digits=digits, language=language)} m³"
