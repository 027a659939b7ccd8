"""What the part on measures declares: its tables, and how their codes are written."""

from __future__ import annotations

from ballerup_geo.methods._columns import text
from ballerup_geo.methods.rainwater._measures import TOGETHER
from ballerup_geo.methods.rainwater._toll import ANNUAL, BUILDINGS, DAMAGE, LOST, STANDING
from ballerup_geo.methods.rainwater._words import NOWHERE
from ballerup_geo.spec import OutputColumn, OutputTable, Text

__all__ = ["EFFECT_TABLES", "EXISTING"]

EXISTING = "existing_basin"
"""Kind of a basin that is there today."""

KINDS = {
    "basin": Text(da="bassin", en="basin"),
    "culvert": Text(da="underløb", en="culvert"),
    "infiltration": Text(da="nedsivning", en="infiltration"),
    "raised_road": Text(da="hævet vej", en="raised road"),
    EXISTING: Text(da="bassin, der findes", en="existing basin"),
}

NOTES = {
    "full": Text(da="fyldes helt i den største regn", en="fills in the greatest rain"),
    "partly": Text(da="fyldes delvis i den største regn", en="partly fills in the greatest rain"),
    "dry": Text(da="får intet vand i den største regn", en="gets no water in the greatest rain"),
    "cuts": Text(da="graver en lavning igennem, så mere løber væk", en="cuts through a hollow, so that more runs off"),
    "carries": Text(da="fører vand videre i den største regn", en="carries water on in the greatest rain"),
    "carries_none": Text(
        da="fører ikke mere vand væk i den største regn", en="carries no more water off in the greatest rain"
    ),
    "holds": Text(da="holder vand tilbage i den største regn", en="holds water back in the greatest rain"),
    "holds_none": Text(da="holder ikke vand tilbage i den største regn", en="holds no water back in the greatest rain"),
    "existing": Text(da="findes i dag; regnet tomt før regnen", en="there today; reckoned empty before the rain"),
    "existing_sluice": Text(
        da="findes i dag; regnet tomt før regnen og slusen lukket",
        en="there today; reckoned empty before the rain, its sluice closed",
    ),
    "no_events": Text(da="regnhændelserne er ikke kortlagt", en="the rain events are not mapped"),
}
"""What ``note`` says of a measure."""

TARGET_KINDS = {
    "recipient": Text(da="vand til recipient", en="water to recipient"),
    "neighbour": Text(da="vand til nabokommune", en="water to neighbour"),
    STANDING: Text(da="vand, der står", en="water that stands"),
    LOST: Text(da="vand, der siver ned", en="water that seeps away"),
    "buildings": Text(da="bygninger", en="buildings"),
    "damage": Text(da="skade", en="damage"),
}

TARGETS = {
    **NOWHERE,
    STANDING: Text(da="i kommunen", en="in the municipality"),
    LOST: Text(da="i tiltagene", en="in the measures"),
    BUILDINGS: Text(da="berørte bygninger", en="buildings touched"),
    DAMAGE: Text(da="forventet skade pr. år", en="damage expected a year"),
}


UNITS = {"1": Text(da="bygninger", en="buildings"), "DKK/år": Text(da="kr./år", en="DKK/year")}
"""Units that read otherwise in a table."""


EFFECT_TABLES = (
    OutputTable(
        "measure_sites",
        "any",
        (
            text("measure_id", "tiltag", "measure"),
            text("name", "navn", "name"),
            text("kind", "slags", "kind", KINDS),
            OutputColumn("room_m3", "number", "m³", "rumfang", "room"),
            OutputColumn(
                "stored_m3",
                "number",
                "m³",
                "vand, det holder i den største regn",
                "water it holds in the greatest rain",
            ),
            OutputColumn(
                "damage_change_dkk", "number", "DKK/år", "ændring i forventet skade", "change in expected damage"
            ),
            text("note", "bemærkning", "note", NOTES),
        ),
    ),
    OutputTable(
        "measure_effects",
        "table",
        (
            text("measure_id", "tiltag", "measure", {TOGETHER: Text(da="alle tiltag sammen", en="all together")}),
            text("event_id", "regn", "rain", {ANNUAL: Text(da="pr. år", en="a year")}),
            text("target_kind", "hvad", "what", TARGET_KINDS),
            text("target", "hvor", "where", TARGETS),
            OutputColumn("before", "number", None, "i dag", "today"),
            OutputColumn("after", "number", None, "med tiltag", "with the measure"),
            OutputColumn("change", "number", None, "ændring", "change"),
            text("unit", "enhed", "unit", UNITS),
        ),
    ),
)
