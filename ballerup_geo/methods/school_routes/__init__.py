"""School routes: which pupils can cycle to school with little traffic stress, and what stands in the way.

The analysis is the sum of its parts (`_part`) on one scene (`_scene`); this file puts them together and says the
answer.
"""

from __future__ import annotations

from ballerup_geo.methods._part import Found, Part, completed, computed, declared
from ballerup_geo.methods.school_routes._fixes import FIXES
from ballerup_geo.methods.school_routes._links import LINKS
from ballerup_geo.methods.school_routes._others import OTHERS
from ballerup_geo.methods.school_routes._plan import PLAN, plan_answer
from ballerup_geo.methods.school_routes._scene import Scene, scene_of
from ballerup_geo.methods.school_routes._shares import SHARES
from ballerup_geo.methods.school_routes._shown import SHOWN
from ballerup_geo.methods.school_routes._since import SINCE
from ballerup_geo.methods.school_routes._towards import TOWARDS
from ballerup_geo.methods.school_routes._ways import WAYS
from ballerup_geo.methods.school_routes._words import ANSWERS, SUMMARY, main_answer, winter_answer
from ballerup_geo.spec import Given, Outcome
from ballerup_geo.spec.words import Language

__all__ = ["METHOD", "school_routes"]

PARTS: tuple[Part[Scene], ...] = (WAYS, SHARES, OTHERS, LINKS, FIXES, PLAN, SHOWN, TOWARDS, SINCE)
"""In the order in which they are computed: a part may use what those before it found."""
LANGUAGES: tuple[Language, Language] = ("da", "en")


def school_routes(given: Given) -> Outcome:
    """Follow every pupil to school.

    Each pupil takes the route of least stress within the detour limit (`_journeys`); shares are told as
    intervals over rule sets and over what missing data could be.

    Raises
    ------
    DataError, MethodError
        The inputs allow no answer (see `scene_of`).
    """
    scene = scene_of(given)
    found = computed(PARTS, given, scene, Found())
    given.progress("done", 1.0)
    tables = {table.name: completed(table, found) for part in PARTS for table in part.tables}
    return Outcome(
        tables=tables,
        rasters=found.rasters,
        indicators=found.indicators,
        answer={language: main_answer(language, found.indicators) for language in LANGUAGES},
        answers={
            "winter": {language: winter_answer(language, found.indicators) for language in LANGUAGES},
            "plan": {language: plan_answer(language, found.indicators) for language in LANGUAGES},
        },
        notes=found.notes,
    )


METHOD = declared(
    PARTS,
    school_routes,
    version="1",
    summary=SUMMARY,
    answers=ANSWERS,
)
