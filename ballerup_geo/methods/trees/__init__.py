"""Trees: a place for each, free of known conflicts; which to plant first, and whom to ask.

The analysis is the sum of its parts (`_part`); this file puts them together and says the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.methods._part import Found, Part, completed, computed, declared
from ballerup_geo.methods.trees._sites import SITES
from ballerup_geo.methods.trees._town import TreeTown, town_of
from ballerup_geo.spec import Given, Outcome
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["METHOD", "trees"]

PARTS: tuple[Part[TreeTown], ...] = (SITES,)
"""In the order in which they are computed."""
Indicators = Mapping[str, float | None]


def trees(given: Given) -> Outcome:
    """Find places for trees.

    Raises
    ------
    DataError
        The inputs allow no answer (see `town_of`).
    """
    given.progress("reading the town", 0.02)
    town = town_of(given)
    found = computed(PARTS, given, town, Found())
    given.progress("done", 1.0)
    return Outcome(
        tables={table.name: completed(table, found) for part in PARTS for table in part.tables},
        rasters=found.rasters,
        indicators=found.indicators,
        answer=_answer(town.name, found.indicators),
        answers={},
        notes=found.notes,
    )


def _about(value: float | None, language: Language) -> str:
    known = value or 0.0
    return number(known, digits=min(0, known_digits(known, significant=3)), language=language)


def _answer(town: str, indicators: Indicators) -> dict[Language, str]:
    names = ("sites", "garden_sites", "association_sites")
    da, en = ([_about(indicators[name], language) for name in names] for language in ("da", "en"))
    return {
        "da": (
            f"{town} har omkring {da[0]} pladser til træer uden kendte konflikter, {da[1]} af dem i private haver og "
            f"{da[2]} på boligforeningers jord."
        ),
        "en": (
            f"{town} has about {en[0]} sites for trees without known conflicts, {en[1]} of them in private gardens and "
            f"{en[2]} on housing associations' land."
        ),
    }


METHOD = declared(
    PARTS,
    trees,
    version="1",
    summary={
        "da": (
            "Fra hver matrikel tages det, der ligger nærmere ved bygning, skel, ledning, vej, kryds, vand, beskyttet "
            "natur og kroner, end reglen for træets størrelse siger; det, der tog jorden, står ved matriklen. I resten "
            "stilles træer af tre størrelser, så kronerne ikke rører hinanden, heller ikke over skel."
        ),
        "en": (
            "From each parcel is taken what lies nearer to building, boundary, utility line, road, junction, water, "
            "protected nature and crowns than the rule for the tree's size says; what took the ground stands by the "
            "parcel. Trees of three sizes are placed in the rest so that crowns do not touch, across boundaries either."
        ),
    },
)
