"""What the rainwater analysis says in words, in Danish and in English."""

from __future__ import annotations

from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language

__all__ = [
    "LIMITS",
    "NOWHERE",
    "NOWHERE_ID",
    "NOWHERE_NAME",
    "NO_CULVERTS",
    "NO_LAND_COVER",
    "NO_NEIGHBOURS",
    "NO_RECIPIENTS",
    "STARTS",
    "SUMMARY",
]

NOWHERE_ID = "none"
"""``recipient_id`` of water that leaves over the raster's edge without meeting a recipient."""
NOWHERE_NAME = "Ud over kortets kant"

Words = dict[Language, str]

SUMMARY: Words = {
    "da": (
        "Terrænets lavninger fyldes op til det punkt, hvor vandet løber over. Fra hver celle løber vandet til den "
        "nabo, der ligger stejlest nede (D8). Følges retningerne, ses det, hvilken recipient – vandløb eller sted "
        "– vandet når først. Lavninger, hvor vand bliver stående, hedder bluespots; deres rumfang er forskellen "
        "mellem det fyldte og det virkelige terræn. Hvor en dæmning har et underløb, skæres der en rende igennem."
    ),
    "en": (
        "The hollows of the terrain are filled to the point where water runs over. From each cell water runs to "
        "the neighbour that lies steepest below (D8). Following the directions tells which recipient – stream or "
        "place – the water reaches first. Hollows where water stays are called bluespots; their volume is the "
        "difference between the filled and the real terrain. Where an embankment has a culvert, a channel is cut "
        "through it."
    ),
}

LIMITS: tuple[Words, ...] = (
    {
        "da": "Screening, ikke prognose: der er ingen tid, ingen kloak og ingen nedsivning i regnestykket.",
        "en": "Screening, not a forecast: there is no time, no sewer and no infiltration in the calculation.",
    },
    {
        "da": "En lavning på kortet kan have et afløb, som ikke er kortlagt.",
        "en": "A hollow on the map may have a drain that is not mapped.",
    },
    {
        "da": "En bluespot, der rækker ud over kommunegrænsen, er med i hele sin størrelse.",
        "en": "A bluespot that reaches over the municipal boundary is counted in full.",
    },
)

NOWHERE = {NOWHERE_NAME: Text(da=NOWHERE_NAME, en="Beyond the map's edge")}
"""How a name that is no recipient's is written."""

STARTS = {
    "summit": Text(da="kommunens højeste punkt", en="the municipality's highest point"),
    "catchment_top": Text(da="oplandets højeste punkt", en="the catchment's highest point"),
}
"""Where a flow path begins."""

NO_RECIPIENTS: Words = {
    "da": "Recipienterne er ikke kortlagt: kortet viser kun, hvor vandet løber ud over kanten.",
    "en": "The recipients are not mapped: the map only shows where water runs over the edge.",
}

NO_CULVERTS: Words = {
    "da": "Underløb er ikke kortlagt: en dæmning kan spærre for vandet på kortet, selv om det løber under den.",
    "en": "Culverts are not mapped: an embankment may stop the water on the map although it passes under.",
}

NO_NEIGHBOURS: Words = {
    "da": "Nabokommunerne er ikke kortlagt: det er ukendt, hvem af dem der modtager vandet.",
    "en": "The neighbouring municipalities are not mapped: it is unknown which of them receive the water.",
}

NO_LAND_COVER: Words = {
    "da": "Arealdækket er ukendt: den samme andel af regnen løber af overalt.",
    "en": "The land cover is unknown: the same share of the rain runs off everywhere.",
}
