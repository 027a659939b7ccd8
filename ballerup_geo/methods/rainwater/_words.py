"""What the rainwater analysis says in words, in Danish and in English."""

from __future__ import annotations

from collections.abc import Iterable

from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, enumeration, number

__all__ = [
    "KIND_WORDS",
    "LIMITS",
    "NOWHERE",
    "NOWHERE_ID",
    "NOWHERE_NAME",
    "NO_CULVERTS",
    "NO_LAND_COVER",
    "NO_NEIGHBOUR",
    "NO_NEIGHBOURS",
    "NO_NEIGHBOUR_NAME",
    "NO_RAIN_EVENTS",
    "NO_RECIPIENTS",
    "NO_SEWERS",
    "STARTS",
    "SUMMARY",
    "VOLUME_LIMITS",
    "Words",
    "beyond_terrain",
    "covered_recipients",
    "cut_upstream",
    "least_service_rain",
    "left_out_everyday",
    "no_design_event",
    "no_service_rain",
    "town_at_edge",
]

NOWHERE_ID = "none"
"""``recipient_id`` of water that leaves over the raster's edge without meeting a recipient."""
NOWHERE_NAME = "Ud over kortets kant"

Words = dict[Language, str]
_M2_PER_HECTARE = 10_000.0

SUMMARY: Words = {
    "da": (
        "Fra hver celle løber vandet til den nabo, der ligger stejlest nede (D8). Følges retningerne, ses det, hvilken "
        "recipient – vandløb eller sted – vandet når først, og hvilken nabokommune det løber ind i. Lavninger, hvor "
        "vand bliver stående, hedder bluespots; en lavning kan rumme mindre lavninger. I en regnhændelse falder regnen "
        "jævnt. Lidt bliver på overfladen (initialtab), resten løber af efter arealdækkets afløbskoefficient, og hvor "
        "der er kloak, trækkes først den regn fra, som den er bygget til. Det øvrige fylder lavningerne, løber over, "
        "hvor kanten er lavest, og fylder de næste; hver kubikmeter bliver stående eller forlader kommunen. Et "
        "underløb fører vand under dæmningen, op til sin kapacitet, mens resten kan løbe over den."
    ),
    "en": (
        "From each cell water runs to the neighbour that lies steepest below (D8). Following them tells which "
        "recipient – stream or place – the water reaches first, and which neighbouring municipality it enters. Hollows "
        "where water stays are called bluespots; a hollow may hold smaller ones. In a rain event rain falls evenly. "
        "A little wets the ground (initial loss), the rest runs off by the runoff coefficient of the land cover, and "
        "where there is a sewer, the rain that it was made for is deducted first. What is left fills the hollows, runs "
        "over where the rim is lowest, and fills the next ones; every cubic metre stays or leaves the municipality. A "
        "culvert carries water under the embankment, up to its capacity, while the rest may run over it."
    ),
}

LIMITS: tuple[Words, ...] = (
    {
        "da": "Screening, ikke prognose: der er ingen tid i regnestykket, og strømmen i rørene beregnes ikke.",
        "en": "Screening, not a forecast: there is no time in the calculation, and no hydraulics of the sewers.",
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

NO_NEIGHBOUR_NAME = "Ingen kendt nabokommune"
"""Who gets water that enters none of the neighbours: the map ends there, or they do not cover the ground."""
NO_NEIGHBOUR = {NO_NEIGHBOUR_NAME: Text(da=NO_NEIGHBOUR_NAME, en="No known neighbour")}

KIND_WORDS = {
    "outlet": Text(da="vandet forlader området", en="water leaves the area"),
    "reach": Text(da="vandet løber igennem", en="water passes through"),
    "area": Text(da="et sted, vandet når", en="a place that water reaches"),
}
"""Kinds of recipients."""

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

NO_RAIN_EVENTS: Words = {
    "da": "Regnhændelserne er ukendte: der er ingen vandmængder, kun veje og lavninger.",
    "en": "The rain events are unknown: there are no volumes, only ways and hollows.",
}

NO_SEWERS: Words = {
    "da": (
        "Kloakkerne er ikke kortlagt: der er intet svar for hverdagsregn, og ved større regn er det, kloakkerne tager, "
        "ikke trukket fra."
    ),
    "en": (
        "The sewers are not mapped: there is no answer for everyday rain, and of greater rain, what the sewers take is "
        "not deducted."
    ),
}

VOLUME_LIMITS: tuple[Words, ...] = (
    {
        "da": "Hele regnen kommer på én gang; kloakken tager regn op til sit serviceniveau, hvor den falder.",
        "en": "All the rain comes at once; a sewer takes rain up to its service level, where it falls.",
    },
    {
        "da": (
            "Vandmængder til recipienter og nabokommuner er kommunens egen regn, talt hos den nabo, som vandet løber "
            "ind i først. Recipienten tager alt, hvad der når den."
        ),
        "en": (
            "Volumes to recipients and neighbours are the municipality's own rain, counted for the neighbour that the "
            "water enters first. A recipient takes all that reaches it."
        ),
    },
)


def left_out_everyday(event_ids: Iterable[str]) -> Words:
    """Say which events have no answer without sewers."""
    names = list(event_ids)
    return {
        "da": f"Uden kloaklag er hverdagsregn ikke regnet: {enumeration(names)}.",
        "en": f"Without a sewer layer, everyday rain is not computed: {enumeration(names, language='en')}.",
    }


def no_design_event(period_y: float) -> Words:
    """Say that no event has the return period of the headline."""
    return {
        "da": f"Ingen regnhændelse har gentagelsesperioden {number(period_y)} år: hovedtallet er ukendt.",
        "en": f"No rain event has the return period {number(period_y, language='en')} years: the headline is unknown.",
    }


def no_service_rain(level_y: float, event_ids: Iterable[str]) -> Words:
    """Say for which events nobody tells what the sewers of a service level take."""
    names = list(event_ids)
    return {
        "da": (
            f"Ingen regnhændelse siger, hvad kloakker med serviceniveauet {number(level_y)} år tager af en regn så "
            f"lang som {enumeration(names)}; intet er trukket fra."
        ),
        "en": (
            f"No rain event tells what sewers of the service level {number(level_y, language='en')} years take of a "
            f"rain as long as {enumeration(names, language='en')}; nothing is deducted."
        ),
    }


def least_service_rain(level_y: float, shorter_min: float, event_ids: Iterable[str]) -> Words:
    """Say for which events the sewers take at least what a shorter rain of their service level brings."""
    names = list(event_ids)
    return {
        "da": (
            f"Kloakker med serviceniveauet {number(level_y)} år tager mindst, hvad en {number(level_y)}-års-regn på "
            f"{number(shorter_min)} minutter giver. Det er trukket fra ved {enumeration(names)}: regnen varer "
            "længere dér, så kloakkerne kan tage mere, end der er regnet med."
        ),
        "en": (
            f"Sewers of the service level {number(level_y, language='en')} years take at least what a "
            f"{number(level_y, language='en')}-year rain of {number(shorter_min, language='en')} minutes brings. That "
            f"is deducted for {enumeration(names, language='en')}: rain lasts longer there, so the sewers may take "
            "more than is counted."
        ),
    }


def beyond_terrain(names: Iterable[str]) -> Words:
    """Say which recipients have no cell of the terrain."""
    told = list(names)
    return {
        "da": f"Uden for terrænet, så intet vand når dem direkte: {enumeration(told)}.",
        "en": f"Beyond the terrain, so no water reaches them directly: {enumeration(told, language='en')}.",
    }


def covered_recipients(names: Iterable[str]) -> Words:
    """Say which recipients have no cell of their own, because others lie on all of them."""
    told = list(names)
    return {
        "da": f"Dækket af en anden recipient, så intet vand når dem først: {enumeration(told)}.",
        "en": f"Covered by another recipient, so no water reaches them first: {enumeration(told, language='en')}.",
    }


def cut_upstream(area_m2: float, cut_m2: float) -> Words:
    """Say how much of the ground that drains into the municipality belongs to catchments that the terrain cuts off."""
    area, cut = (_hectares(value_m2, "da") for value_m2 in (area_m2, cut_m2))
    area_en, cut_en = (_hectares(value_m2, "en") for value_m2 in (area_m2, cut_m2))
    return {
        "da": (
            f"{area} ha uden for kommunen afvander ind i den. {cut} ha af dem hører til oplande, som "
            "terrænets kant skærer over: der kan komme mere vand ind end beregnet. Lad terrænet række længere ud."
        ),
        "en": (
            f"{area_en} ha outside the municipality drain into it. {cut_en} ha "
            "of them belong to catchments that the terrain's edge cuts off: more water may come in than computed. Let "
            "the terrain reach further out."
        ),
    }


def _hectares(area_m2: float, language: Language) -> str:
    """Write an area in whole hectares; less than one is no 0."""
    hectares = area_m2 / _M2_PER_HECTARE
    if hectares < 1:
        return "Under 1" if language == "da" else "Less than 1"
    return number(hectares, language=language)


def town_at_edge(length_m: float) -> Words:
    """Say that the terrain ends where the municipality does."""
    return {
        "da": (
            f"Terrænet ender i kommunen eller ved dens grænse, og på {number(length_m, digits=-1)} m hælder det ind i "
            "den: hvad der løber ind over kanten, er ukendt."
        ),
        "en": (
            "The terrain ends in the municipality or at its boundary, and along "
            f"{number(length_m, digits=-1, language='en')} m it slopes inward: what runs in over the edge is unknown."
        ),
    }
