"""Trees: a place for each, free of known conflicts; which to plant first, and whom to ask.

The analysis is the sum of its parts (`_part`); this file puts them together and says the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.methods._part import Found, Part, completed, computed, declared
from ballerup_geo.methods.trees._campaign import CAMPAIGN, campaign_words
from ballerup_geo.methods.trees._chosen import CHOSEN
from ballerup_geo.methods.trees._forest import FOREST, forest_words
from ballerup_geo.methods.trees._goal import goal_of
from ballerup_geo.methods.trees._ledger import LEDGER, ledger_words
from ballerup_geo.methods.trees._selection import SELECTION, choice_words
from ballerup_geo.methods.trees._sites import SITES
from ballerup_geo.methods.trees._species import SPECIES
from ballerup_geo.methods.trees._town import TreeTown, town_of
from ballerup_geo.methods.trees._years import YEARS, year_words
from ballerup_geo.spec import Given, Outcome
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["METHOD", "trees"]

PARTS: tuple[Part[TreeTown], ...] = (SITES, FOREST, SELECTION, SPECIES, YEARS, CHOSEN, CAMPAIGN, LEDGER)
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
    goal = goal_of(given)
    given.progress("done", 1.0)
    return Outcome(
        tables={table.name: completed(table, found) for part in PARTS for table in part.tables},
        rasters=found.rasters,
        indicators=found.indicators,
        answer=_answer(town.name, found.indicators),
        answers={
            "choice": choice_words(found.indicators),
            "years": year_words(found.indicators),
            "campaign": campaign_words(found.tables, trees=goal.trees),
            "ledger": ledger_words(found.indicators, trees=goal.trees, year=goal.year),
            "forest": forest_words(found.indicators),
        },
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
    version="3",
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
    answers=("choice", "years", "campaign", "ledger", "forest"),
)
