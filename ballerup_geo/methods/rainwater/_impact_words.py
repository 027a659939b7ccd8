"""What the part on buildings, roads and damage declares, and what it says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ballerup_geo.methods._code_words import ROAD_CLASSES
from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods.rainwater._exposed import CLASSES, Exposed
from ballerup_geo.methods.rainwater._rain import Rain
from ballerup_geo.methods.rainwater._touched import UNKNOWN_USE
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable, Text
from ballerup_geo.spec.words import Language, enumeration, number

__all__ = [
    "ASSUMPTIONS",
    "INDICATORS",
    "INPUTS",
    "LIMITS",
    "NOT_COMPARABLE",
    "SCENARIO_CLIMATE",
    "SCENARIO_TODAY",
    "TABLES",
    "notes_on",
]

Words = dict[Language, str]

SCENARIO_TODAY, SCENARIO_CLIMATE = "today", "climate"
SCENARIOS = {
    SCENARIO_TODAY: Text(da="i dag", en="today"),
    SCENARIO_CLIMATE: Text(da="i fremtidens klima", en="in the climate to come"),
}
USES = {
    "dwelling": Text(da="bolig", en="dwelling"),
    "business": Text(da="erhverv", en="business"),
    "public": Text(da="offentlig", en="public"),
    "other": Text(da="andet", en="other"),
    UNKNOWN_USE: Text(da="ukendt", en="unknown"),
}

FUNCTIONS = {
    "station": Text(da="station", en="station"),
    "waterworks": Text(da="vandværk", en="waterworks"),
    "substation": Text(da="transformerstation", en="electrical substation"),
    "hospital": Text(da="hospital", en="hospital"),
    "health_centre": Text(da="sundhedshus", en="health centre"),
    "fire_station": Text(da="brandstation", en="fire station"),
    "police_station": Text(da="politistation", en="police station"),
    "care_home": Text(da="plejehjem", en="care home"),
    "pumping_station": Text(da="pumpestation", en="pumping station"),
    "heat_plant": Text(da="varmeværk", en="heating plant"),
}

INPUTS = (
    Input(
        "buildings",
        "polygon",
        columns=("building_id", "use_code", "status"),
        optional_columns=("dwellings", "basement_area_m2"),
        required=False,
    ),
    Input("roads", "line", columns=("road_id", "class"), optional_columns=("name", "level"), required=False),
    Input("critical_functions", "point", columns=("function_id", "kind"), optional_columns=("name",), required=False),
)

ASSUMPTIONS = (
    Assumption("touched_depth_m", "m", minimum=0.001),
    Assumption("road_cut_depth_m", "m", minimum=0.001),
    Assumption("critical_reach_m", "m", minimum=0.0),
    *(Assumption(f"damage_{kind}_dkk_m2", "DKK/m²", minimum=0.0) for kind in CLASSES),
    Assumption("damage_basement_dkk_m2", "DKK/m²", minimum=0.0),
    Assumption("damage_shallow_share", "1", minimum=0.0, maximum=1.0),
    Assumption("damage_full_depth_m", "m", minimum=0.0),
    Assumption("damage_begins_y", "år", minimum=0.1),
)


_TOUCHED_FROM = figure("touched_from_mm", "mm", "berørt fra regn på", "touched from rain of")
_DEPTH = figure("depth_m", "m", "største vanddybde", "greatest depth")

TABLES = (
    OutputTable(
        "touched_buildings",
        "polygon",
        (
            text("building_id", "bygning", "building"),
            text("use", "anvendelse", "use", USES),
            _TOUCHED_FROM,
            _DEPTH,
            count("dwellings", "boliger", "dwellings"),
            OutputColumn("basement", "boolean", None, "kælder", "basement"),
            figure("damage_dkk_y", "DKK/year", "forventet skade pr. år", "expected damage a year"),
        ),
        homes=True,
    ),
    OutputTable(
        "cut_roads",
        "line",
        (
            text("road_id", "vej-id", "road id"),
            text("name", "vejnavn", "road name"),
            text("class", "vejklasse", "road class", ROAD_CLASSES),
            figure("cut_from_mm", "mm", "afbrudt fra regn på", "cut from rain of"),
            _DEPTH,
            figure("length_m", "m", "længde under vand", "length under water"),
        ),
    ),
    OutputTable(
        "critical_touched",
        "point",
        (
            text("function_id", "funktion", "function"),
            text("kind", "slags", "kind", FUNCTIONS),
            text("name", "navn", "name"),
            _TOUCHED_FROM,
            _DEPTH,
        ),
    ),
    OutputTable(
        "hollows",
        "point",
        (
            count("hollow_id", "lavning nr.", "hollow no."),
            count("parent_id", "del af lavning nr.", "part of hollow no."),
            count("bluespot_id", "i bluespot nr.", "in bluespot no."),
            figure("spill_level_m", "m DVR90", "løber over i kote", "spill level"),
            figure("area_m2", "m²", "areal", "area"),
            figure("volume_m3", "m³", "rumfang", "volume"),
            figure("max_depth_m", "m", "største dybde", "greatest depth"),
            figure("fill_mm", "mm", "regn, der fylder den", "rain that fills it"),
            count("spills_to", "løber over i lavning nr.", "spills to hollow no."),
        ),
    ),
    OutputTable(
        "annual_damage",
        "table",
        (
            text("scenario", "scenarie", "scenario", SCENARIOS),
            figure("ead_dkk", "DKK/year", "forventet årlig skade", "expected annual damage"),
            figure("change_dkk", "DKK/year", "ændring", "change"),
        ),
    ),
)

INDICATORS = (
    Indicator(
        "buildings_touched",
        "1",
        "Bygninger berørt af mindst én af regnhændelserne",
        "Buildings touched by at least one of the rain events",
    ),
    Indicator(
        "annual_damage_dkk",
        "DKK/year",
        "Forventet årlig skade på bygninger i dag",
        "Expected annual damage to buildings today",
        significant=2,
    ),
)

LIMITS: tuple[Words, ...] = (
    {
        "da": (
            "En bygning er berørt, når vandet ved facaden står mindst så højt som grænsen. Det siger ikke, om vandet "
            "kommer ind: sokkel, døre, lyskasser og sikring er ukendte."
        ),
        "en": (
            "A building is touched when water at its façade stands at least as deep as the threshold. It does not say "
            "whether water gets in: plinths, doors, light wells and protection are unknown."
        ),
    },
    {
        "da": "Stier, broer og tunneler er ikke med blandt afbrudte veje: terrænet kender kun vejen på jorden.",
        "en": "Paths, bridges and tunnels are not among the roads cut: the terrain knows only roads on the ground.",
    },
    {
        "da": (
            "Skaden er kroner pr. m² grundplan efter anvendelse og dybde; tab af drift, trafik, liv og helbred er ikke "
            "med. Regn, der er hyppigere end den, hvor skaden begynder, tæller ikke; sjældnere regn end den sjældneste "
            "hændelse tæller som den. Tal til at sammenligne med, ikke til et budget."
        ),
        "en": (
            "Damage is kroner per m² of ground floor by use and depth; loss of operation, traffic, life and health is "
            "left out. Rain more frequent than that at which damage begins does not count; rain rarer than the rarest "
            "event counts as that one. Figures to compare with, not a budget."
        ),
    },
)

NOT_COMPARABLE: Words = {
    "da": (
        "En mindre regn berører her mere end en større: de har ikke samme varighed, og kloakkens andel er ikke kendt "
        'for alle varigheder. "Berørt fra" og "afbrudt fra" er den mindste af alle regnhændelser; sammenlign kun '
        "hændelser af samme varighed."
    ),
    "en": (
        "A smaller rain touches more here than a greater one: they differ in duration, and the sewer's share is not "
        'known for every duration. "Touched from" and "cut from" are the least of all events; compare events of '
        "the same duration only."
    ),
}

_MISSING: Mapping[str, Words] = {
    "buildings": {
        "da": "Bygningerne er ukendte: det er ukendt, hvilke der berøres, og hvad det koster.",
        "en": "The buildings are unknown: it is unknown which are touched, and what that costs.",
    },
    "roads": {
        "da": "Vejene er ukendte: det er ukendt, hvilke der afbrydes.",
        "en": "The roads are unknown: it is unknown which are cut.",
    },
    "critical_functions": {
        "da": "De kritiske funktioner er ukendte: det er ukendt, hvilke der berøres.",
        "en": "The critical functions are unknown: it is unknown which are touched.",
    },
}
_UNPLACED: Mapping[str, Words] = {
    "buildings": {
        "da": "bygninger har ingen form eller ligger uden for terrænmodellen og er ikke med",
        "en": "buildings have no shape or lie outside the terrain model and are left out",
    },
    "critical_functions": {
        "da": "kritiske funktioner ligger uden for terrænmodellen og er ikke med",
        "en": "critical functions lie outside the terrain model and are left out",
    },
}


def notes_on(given: Given, exposed: Exposed, rains: Sequence[Rain], *, unrated: int) -> tuple[Words, ...]:
    """Return what was missing or done without. ``unrated``: touched buildings of unknown use."""
    notes = [words for name, words in _MISSING.items() if given.inputs.get(name) is None]
    for name, words in _UNPLACED.items():
        if count := exposed.unplaced[name]:
            notes.append(_counted(count, words))
    if unrated:
        notes.append(
            _counted(
                unrated,
                {
                    "da": "berørte bygninger har en ukendt anvendelse og er ikke med i skaden",
                    "en": "touched buildings have an unknown use and are not part of the damage",
                },
            )
        )
    if given.inputs.get("buildings") is not None:
        notes += _notes_on_buildings(exposed, rains)
    return tuple(notes)


def _counted(count: int, words: Words) -> Words:
    return {"da": f"{number(count)} {words['da']}.", "en": f"{number(count, language='en')} {words['en']}."}


def _notes_on_buildings(exposed: Exposed, rains: Sequence[Rain]) -> list[Words]:
    notes: list[Words] = []
    if "basement_area_m2" not in exposed.buildings:
        notes.append(
            {
                "da": "Kældre er ukendte og er ikke med i skaden.",
                "en": "Basements are unknown and are not part of the damage.",
            }
        )
    unsourced = [rain.event_id for rain in rains if not rain.sourced]
    if unsourced:
        notes.append(
            {
                "da": f"Skaden hviler også på regn uden kilde: {enumeration(unsourced, language='da')}.",
                "en": f"The damage rests on rain without a source, too: {enumeration(unsourced, language='en')}.",
            }
        )
    return notes
