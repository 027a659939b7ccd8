"""The answers of the rainwater analysis in words: where its area drains, what a cloudburst does, what can be held back.

Each map opens with one of them; a figure that nobody knows is left out, and where none is known the answer says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ballerup_geo.methods.rainwater._leaving import Balance
from ballerup_geo.methods.rainwater._rain import Rain
from ballerup_geo.methods.rainwater._scene import Scene
from ballerup_geo.methods.rainwater._words import NOWHERE_ID
from ballerup_geo.spec.words import Language, enumeration, known_digits, number

__all__ = ["ANSWERS", "cloudburst_answer", "drains_answer", "retention_answer"]

ANSWERS = ("neighbours_and_standing", "retention")
"""Beside the main one, which says where the area drains."""

Indicators = Mapping[str, float | None]

_LEAST_SHARE_NAMED_PCT = 0.5  # less is 0 % as written
_KNOWN_FIGURES = 2
"""Figures that a screened volume is written with."""
_LEAST_TOLD_M3 = 0.5
"""Less is 0 m³ as written."""
_LEAST_SHARE_OF_NEIGHBOUR = 0.05
"""A neighbour that gets less is counted among the others: the sentence tells who gets the water, the table how much."""


def cloudburst_answer(
    language: Language,
    *,
    town: str,
    scene: Scene,
    rain: Rain | None,
    balance: Balance | None,
    indicators: Indicators,
) -> str:
    """Say what the municipality sends to its neighbours in the design event, what stays, and how much is touched."""
    if rain is None or balance is None:
        if language == "da":
            return "Der er ingen regn at regne på: vandmængderne er ukendte."
        return "There is no rain to compute with: the volumes are unknown."
    sentences = []
    if scene.neighbours is not None:
        names = [str(name) for name in scene.neighbours["name"]]
        volumes = dict(zip(names, balance.by_neighbour_m3[1:].tolist(), strict=True))
        sentences.append(_sends(language, town, rain, volumes))
    return " ".join([*sentences, *_stays(language, rain, indicators, is_named=bool(sentences))])


def _stays(language: Language, rain: Rain, indicators: Indicators, *, is_named: bool) -> list[str]:
    """Say how much stays in hollows, and how many buildings are touched; ``is_named``: the rain has been named."""
    stored, touched = indicators.get("design_stored_m3"), indicators.get("buildings_touched")
    said = []
    if stored is not None:
        which, volume = _rain_words(language, rain), _cubic(stored, language)
        none = stored < _LEAST_TOLD_M3
        if language == "da":
            amount = "intet vand" if none else f"ca. {volume}"
            begin = f"{amount[0].upper()}{amount[1:]} bliver" if is_named else f"Ved {which} bliver {amount}"
            said.append(f"{begin} stående i lavninger.")
        else:
            amount = "no water" if none else f"about {volume}"
            begin = f"{amount[0].upper()}{amount[1:]}" if is_named else f"In {which}, {amount}"
            said.append(f"{begin} {'stays' if none else 'stay'} in hollows.")
    if touched is not None:
        said.append(_touched(language, touched))
    return said


def _touched(language: Language, buildings: float) -> str:
    count, one = number(buildings, language=language), buildings == 1
    if language == "da":
        if buildings == 0:
            return "Ingen bygninger bliver berørt af regnhændelserne."
        return f"{count} {'bygning' if one else 'bygninger'} bliver berørt af mindst én af regnhændelserne."
    if buildings == 0:
        return "None of the rain events touches a building."
    return f"At least one of the rain events touches {count} {'building' if one else 'buildings'}."


def retention_answer(language: Language, *, green_sites: pd.DataFrame, indicators: Indicators) -> str:
    """Say what the first of the green areas could hold, how many have no known conflict, and what drawn measures do."""
    best, free = indicators.get("green_best_m3"), indicators.get("green_free")
    held = indicators.get("measures_held_m3")
    said = []
    if best is not None and len(green_sites):
        said.append(_best(language, _name_of(green_sites.iloc[0], language), best))
    if free is not None and len(green_sites):
        said.append(_free(language, free))
    if held is not None:
        said.append(_held(language, held))
    if said:
        return " ".join(said)
    if language == "da":
        return "Grønne områder og tiltag er ikke kortlagt: det er ukendt, hvor vand kan holdes tilbage."
    return "Green areas and measures are not mapped: it is unknown where water can be held back."


def _best(language: Language, name: str, best_m3: float) -> str:
    volume = _cubic(best_m3, language)
    if language == "da":
        held = "ikke kan holde vand" if best_m3 < _LEAST_TOLD_M3 else f"efter terrænet kan holde ca. {volume}"
        return f"Øverst på listen over grønne områder står {name}, som {held}."
    held = "no water" if best_m3 < _LEAST_TOLD_M3 else f"about {volume}"
    return f"First on the list of green areas stands {name}, which by the terrain could hold {held}."


def _name_of(site: pd.Series[Any], language: Language) -> str:
    """Return what a green area is called; its id where it has no name."""
    if not pd.isna(site["name"]):
        return str(site["name"])
    return f"{'et område uden navn' if language == 'da' else 'an area without a name'} ({site['area_id']})"


def _free(language: Language, count: float) -> str:
    if count == 0:
        return "Alle har kendte konflikter." if language == "da" else "All have known conflicts."
    shown = number(count, language=language)
    if language == "da":
        return f"{shown} {'grønt område' if count == 1 else 'grønne områder'} er uden kendte konflikter."
    return f"{shown} green {'area has' if count == 1 else 'areas have'} no known conflicts."


def _held(language: Language, held_m3: float) -> str:
    """Say what all drawn measures together change in the greatest rain; more may run out than before."""
    volume = _cubic(abs(held_m3), language)
    if language == "da":
        change = f"løber ca. {volume} {'mindre' if held_m3 > 0 else 'mere'} ud af kommunen"
        change = "løber der lige så meget ud af kommunen som før" if abs(held_m3) < _LEAST_TOLD_M3 else change
        return f"Med alle tegnede tiltag {change} i den største regn."
    change = f"about {volume} {'less' if held_m3 > 0 else 'more'} runs out of the municipality"
    change = "as much runs out of the municipality as before" if abs(held_m3) < _LEAST_TOLD_M3 else change
    return f"With all drawn measures, {change} in the greatest rain."


def drains_answer(language: Language, catchments: pd.DataFrame) -> str:
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
    if total < _LEAST_TOLD_M3:
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
        return f"en {years}-års-regn ({amount} mm på {minutes} minutter{_climate(language, rain)}{doubt})"
    doubt = "" if rain.sourced else ", no source"
    return f"a {years}-year rain ({amount} mm in {minutes} minutes{_climate(language, rain)}{doubt})"


def _climate(language: Language, rain: Rain) -> str:
    """Say which climate factor the depth holds; 1 is none."""
    if rain.climate_factor == 1:
        return ""
    digits = 1 if round(rain.climate_factor, 1) == rain.climate_factor else 2
    factor = number(rain.climate_factor, digits=digits, language=language)
    return f" med klimafaktor {factor}" if language == "da" else f" with climate factor {factor}"


def _receivers(language: Language, volumes: dict[str, float], total: float) -> list[str]:
    """Return who receives how much, the most first; those who receive little together."""
    ranked = sorted(volumes.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [(name, volume) for name, volume in ranked if volume >= _LEAST_SHARE_OF_NEIGHBOUR * total]
    parts = [f"{name} {_cubic(volume, language)}" for name, volume in named]
    rest = total - sum(volume for _, volume in named)
    if rest >= _LEAST_TOLD_M3:
        parts.append(f"{'andre' if language == 'da' else 'others'} {_cubic(rest, language)}")
    return parts


def _cubic(volume_m3: float, language: Language) -> str:
    digits = min(known_digits(volume_m3, significant=_KNOWN_FIGURES), 0)
    return f"{number(volume_m3, digits=digits, language=language)} m³"
