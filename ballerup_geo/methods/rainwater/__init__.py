"""Rainwater: where rain runs, who receives it, where it stands, and what a measure changes.

The analysis is the sum of its parts (`_part`); this file puts them together and says the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pandas as pd

from ballerup_geo.methods._part import Found, Part, completed, computed, declared
from ballerup_geo.methods.rainwater._answer import ANSWERS, cloudburst_answer, drains_answer, retention_answer
from ballerup_geo.methods.rainwater._click import CLICK
from ballerup_geo.methods.rainwater._ground import scene_of
from ballerup_geo.methods.rainwater._impact import IMPACT
from ballerup_geo.methods.rainwater._rain import design_rain, rains_of
from ballerup_geo.methods.rainwater._retention import RETENTION
from ballerup_geo.methods.rainwater._runs import RUNS
from ballerup_geo.methods.rainwater._storms import MOST_CELLS_TWICE, Storms
from ballerup_geo.methods.rainwater._volumes import VOLUMES
from ballerup_geo.methods.rainwater._words import SUMMARY, left_out_everyday
from ballerup_geo.spec import Given, Outcome
from ballerup_geo.spec.words import Language

__all__ = ["METHOD", "rainwater"]

PARTS: tuple[Part[Storms], ...] = (RUNS, VOLUMES, IMPACT, CLICK, RETENTION)
"""In the order in which they are computed: a part may use what those before it found."""
LANGUAGES: tuple[Language, Language] = ("da", "en")


def rainwater(given: Given) -> Outcome:
    """Follow the rain over the terrain.

    Depressions are filled to their pour points (priority-flood result), each cell drains to its steepest neighbour
    (D8), and following the directions tells which recipient the water reaches first. Rain events fill the nested
    depressions, spill and merge.

    Raises
    ------
    MethodError, DataError
        The inputs allow no answer (see `scene_of` and `rains_of`).
    """
    given.progress("reading the ground", 0.02)
    setting = scene_of(given)
    rains, everyday = rains_of(given)
    storms = Storms.of(given, setting.scene, rains)
    few = setting.scene.grid.array.size <= MOST_CELLS_TWICE
    found = computed(PARTS, given, storms, Found(notes=setting.notes), at_once=few)
    if everyday:
        found = found.and_then(Found(notes=(left_out_everyday(rain.event_id for rain in everyday),)))
    given.progress("done", 1.0)
    tables = {table.name: completed(table, found) for part in PARTS for table in part.tables}
    return Outcome(
        tables=tables,
        rasters=found.rasters,
        indicators=found.indicators,
        answer={language: drains_answer(language, tables["catchments"]) for language in LANGUAGES},
        answers=_answers(given, storms, found, tables),
        notes=found.notes,
    )


def _answers(
    given: Given, storms: Storms, found: Found, tables: Mapping[str, pd.DataFrame]
) -> dict[str, dict[Language, str]]:
    """Return the answers beside the main one, in the order of ``ANSWERS``."""
    rain = design_rain(given, storms.rains or ())
    town = str(cast(pd.DataFrame, given.inputs["municipality"])["name"].iloc[0])
    cloudburst = {
        language: cloudburst_answer(
            language,
            town=town,
            scene=storms.scene,
            rain=rain,
            balance=None if rain is None else storms.balances[rain.event_id],
            indicators=found.indicators,
        )
        for language in LANGUAGES
    }
    retention = {
        language: retention_answer(language, green_sites=tables["green_sites"], indicators=found.indicators)
        for language in LANGUAGES
    }
    return dict(zip(ANSWERS, (cloudburst, retention), strict=True))


METHOD = declared(
    PARTS,
    rainwater,
    version="3",
    summary=SUMMARY,
    answers=ANSWERS,
)
