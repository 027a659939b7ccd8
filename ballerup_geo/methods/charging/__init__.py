"""Charging: who needs to charge where, what is covered of the plan's 25 %, and who may have to act.

The analysis is the sum of its parts (`_part`); this file puts them together and says the answer.
"""

from __future__ import annotations

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, completed, computed, declared
from ballerup_geo.methods.charging._answer import ANSWERS, SUMMARY, answers_of, headline
from ballerup_geo.methods.charging._demand import DEMAND
from ballerup_geo.methods.charging._duties import DUTIES
from ballerup_geo.methods.charging._fleet import FLEET
from ballerup_geo.methods.charging._ground import scene_of
from ballerup_geo.methods.charging._power import POWER
from ballerup_geo.methods.charging._queue import QUEUE
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.methods.charging._shared import SHARED_MOBILITY
from ballerup_geo.methods.charging._sites import SITES
from ballerup_geo.methods.charging._target import TARGET
from ballerup_geo.spec import Given, Outcome
from ballerup_geo.spec.words import Language

__all__ = ["METHOD", "charging"]

PARTS: tuple[Part[Scene], ...] = (DEMAND, TARGET, QUEUE, SITES, DUTIES, FLEET, SHARED_MOBILITY, POWER)
"""In the order in which they are computed: a part may use what those before it found."""
LANGUAGES: tuple[Language, Language] = ("da", "en")


def charging(given: Given) -> Outcome:
    """Reckon the charging of electric cars.

    Raises
    ------
    MethodError, DataError
        The inputs allow no answer (see `scene_of`).
    """
    given.progress("reading addresses, cars and chargers", 0.02)
    scene = scene_of(given)
    found = computed(PARTS, given, scene, Found())
    given.progress("done", 1.0)
    tables = {table.name: completed(table, found) for part in PARTS for table in part.tables}
    year = scene.cars.target_year
    return Outcome(
        tables=tables,
        rasters=found.rasters,
        indicators=found.indicators,
        answer={
            language: headline(
                language,
                town=scene.town_name,
                year=year,
                marked=str(given.assumptions["target_reading"]),
                indicators=found.indicators,
            )
            for language in LANGUAGES
        },
        answers=answers_of(found.indicators, tables, year=year, goal_pct=number_of(given, "cover_goal_pct")),
        notes=found.notes,
    )


METHOD = declared(
    PARTS,
    charging,
    version="1",
    summary=SUMMARY,
    answers=ANSWERS,
)
