"""The lokalplan climate check: what the analyses and layers say about one area, as it is and with a proposal.

``assess`` answers about one area; the method itself answers about every plan of the layer ``lokalplaner``. It stands
apart from a run of all analyses: it reads their results, and nothing reads its own.
"""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods.lokalplan._area import Area, area_of
from ballerup_geo.methods.lokalplan._assess import assess
from ballerup_geo.methods.lokalplan._declared import ASSUMPTIONS, PLANS
from ballerup_geo.methods.lokalplan._figures import STANDINGS, THEMES, Assessment, Figure, Theme
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.methods.lokalplan._origins import INPUTS
from ballerup_geo.methods.lokalplan._proposal import Proposal, proposal_of
from ballerup_geo.methods.lokalplan._ranked import plan_rows, ranked
from ballerup_geo.spec import Given, Method, Outcome
from ballerup_geo.spec.words import Language, number

__all__ = [
    "METHOD",
    "STANDINGS",
    "THEMES",
    "Area",
    "Assessment",
    "Figure",
    "Ground",
    "Proposal",
    "Theme",
    "area_of",
    "assess",
    "lokalplan",
    "plan_rows",
    "proposal_of",
    "ranked",
]


def lokalplan(given: Given) -> Outcome:
    """Assess every plan of the layer, as it is, and rank them by how much there is to look into.

    Raises
    ------
    MethodError
        The layer of plans is unknown.
    """
    plans = given.inputs.get("lokalplaner")
    if not isinstance(plans, gpd.GeoDataFrame):
        raise MethodError(Fault("lokalplan", "lokalplaner", "the layer is unknown", "deliver it, or ask about an area"))
    ground = Ground(given)
    rows = plan_rows(plans, ground, _all_of(plans, given))
    table = ranked(rows)
    first = table.iloc[0] if len(table) else None
    return Outcome(
        tables={"plans": table},
        rasters={},
        indicators={},
        answer=_answer(len(table), None if first is None else str(first["name"])),
    )


def _all_of(plans: gpd.GeoDataFrame, given: Given) -> Iterable[int]:
    for place in range(len(plans)):
        given.progress("lokalplaner", place / max(len(plans), 1))
        yield place


def _answer(plans: int, first: str | None) -> dict[Language, str]:
    if first is None:
        return {"da": "Laget har ingen lokalplaner.", "en": "The layer has no local plans."}
    return {
        "da": f"Af {number(plans)} lokalplaner er der mest at se efter i »{first}«.",
        "en": f"Of {number(plans, language='en')} local plans there is most to look into in “{first}”.",
    }


METHOD = Method(
    id="lokalplan",
    version="2",
    summary={
        "da": (
            "Et område holdes op mod analysernes resultater og kommunens lag: bygninger og adresser hører til "
            "området, når "
            "et punkt på dem ligger i det; flader og linjer skæres ved omridset. Et forslag lægges oven på: "
            "byggefelter, "
            "veje, parkering, grønt og bassiner erstatter det, der er, og deres tal lægges til. Hvert svar "
            "siger, hvordan "
            "det er regnet, hvilken regel det holdes op mod, og hvad der manglede."
        ),
        "en": (
            "An area is held against the analyses' results and the municipality's layers: buildings and "
            "addresses belong "
            "to it when a point on them lies in it; surfaces and lines are cut at its outline. A proposal is "
            "laid on top: "
            "building fields, roads, parking, green and basins replace what is there, and their figures are "
            "added. Every "
            "answer says how it was reckoned, which rule it is held to, and what was missing."
        ),
    },
    function=lokalplan,
    inputs=INPUTS,
    assumptions=ASSUMPTIONS,
    tables=(PLANS,),
    on_request=True,
    limits=(
        {
            "da": "En screening til redegørelsen, aldrig til bestemmelserne: den afgør ingen sag.",
            "en": "A screening for the explanation, never for the provisions: it decides no case.",
        },
    ),
)
