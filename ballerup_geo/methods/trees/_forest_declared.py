"""What the search for new wood and hedges needs and gives."""

from __future__ import annotations

from ballerup_geo.methods._code_words import OWNERS
from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Words
from ballerup_geo.methods.trees._open_land import OPEN_ASSUMPTIONS
from ballerup_geo.spec import Assumption, Indicator, Input, OutputColumn, OutputTable

__all__ = [
    "FOREST_ASSUMPTIONS",
    "FOREST_INDICATORS",
    "FOREST_INPUTS",
    "FOREST_LIMITS",
    "FOREST_TABLES",
    "NO_COVER",
    "NO_LAVBUND",
    "NO_SPECIES",
]

_OWNED = (
    text("candidate_id", "forslag", "candidate"),
    count("order", "nummer efter hvad det binder sammen", "number by what it joins"),
    text("parcel_id", "matrikel", "parcel"),
    text("owner_kind", "ejerforhold", "kind of owner", OWNERS),
    text("owner_name", "ejer", "owner"),
)
_JOINS = (
    figure("area_ha", "ha", "areal", "area"),
    figure("nearest_m", "m", "til nærmeste skov eller vådområde", "to the nearest forest or wetland"),
    figure("linked_ha", "ha", "skov og vådområde inden for rækkevidde", "forest and wetland within reach"),
    figure("joined_ha", "ha", "heraf adskilt fra det største i dag", "of it apart from the largest today"),
    figure(
        "gain_ha",
        "ha",
        "så meget større bliver det største, det når",
        "so much larger the largest within reach becomes",
    ),
)
_SPECIES = text("species", "arter, lige dele", "species, equal parts")

FOREST_TABLES = (
    OutputTable(
        "forest",
        "polygon",
        (
            *_OWNED,
            *_JOINS,
            OutputColumn("low_pct", "number", "%", "på lavbundsjord", "on low-lying soil"),
            _SPECIES,
        ),
    ),
    OutputTable(
        "hedgerows",
        "line",
        (*_OWNED, figure("length_m", "m", "længde", "length"), *_JOINS, _SPECIES),
    ),
)
FOREST_INPUTS = (
    Input("lavbund", "polygon", required=False),
    Input(
        "tree_species",
        "table",
        columns=("species", "genus", "family", "native", "form"),
        optional_columns=("dry", "wet", "excluded"),
        required=False,
    ),
)
FOREST_ASSUMPTIONS = (
    *OPEN_ASSUMPTIONS,
    Assumption("wood_least_ha", "ha", minimum=0.01, maximum=100.0),
    Assumption("wood_width_m", "m", minimum=0.0, maximum=200.0),
    Assumption("wood_trees", "1", kind="integer", minimum=0, maximum=30),
    Assumption("wood_shrubs", "1", kind="integer", minimum=0, maximum=30),
    Assumption("hedge_width_m", "m", minimum=0.5, maximum=50.0),
    Assumption("hedge_least_m", "m", minimum=1.0, maximum=2000.0),
    Assumption("hedge_apart_m", "m", minimum=0.0, maximum=200.0),
    Assumption("hedge_trees", "1", kind="integer", minimum=0, maximum=30),
    Assumption("hedge_shrubs", "1", kind="integer", minimum=0, maximum=30),
)
FOREST_INDICATORS = (
    Indicator(
        "forest_ha",
        "ha",
        "Åben jord, hvor der kan rejses skov",
        "Open land where forest could be raised",
        significant=2,
    ),
    Indicator("forest_low_ha", "ha", "Heraf på lavbundsjord", "Of it on low-lying soil", significant=2),
    Indicator(
        "forest_joined_ha",
        "ha",
        "Heraf inden for rækkevidde af skov eller vådområde",
        "Of it within reach of forest or wetland",
        significant=2,
    ),
    Indicator(
        "hedgerow_km",
        "km",
        "Markskel, hvor der kan stå levende hegn",
        "Field edges where hedges could stand",
        significant=2,
    ),
)
FOREST_LIMITS: tuple[Words, ...] = (
    {
        "da": "Forslag til skov er jord uden kendte konflikter, ikke jord, nogen har sagt ja til: forpagtning, dræn, "
        "støtteregler, "
        "fortidsminder uden linje og kommuneplanens skovrejsningskort er ikke undersøgt, hvor laget ikke er der.",
        "en": "Candidates for forest are land without known conflicts, not land that anyone has agreed to: leases, "
        "drains, rules of "
        "support, monuments without a line and the municipal plan's map of afforestation are not checked where no "
        "layer is there.",
    },
    {
        "da": "Hvad der binder natur sammen, er regnet i luftlinje mellem skov og vådområder inden for kommunens lag; "
        "veje og dyrs "
        "vaner indgår ikke.",
        "en": "What joins habitats is reckoned as the crow flies between forest and wetland within the municipality's "
        "layers; roads and "
        "animals' habits are left out.",
    },
)
NO_COVER: Words = {
    "da": "Arealdækket er ukendt: steder til skov og levende hegn kan ikke findes.",
    "en": "The land cover is unknown: places for forest and hedges cannot be found.",
}
NO_LAVBUND: Words = {
    "da": "Kortet over lavbundsjord er ukendt: hvor meget af den mulige skov der ligger på den, kan ikke siges.",
    "en": "The map of low-lying soils is unknown: how much of the possible forest lies on it cannot be said.",
}
NO_SPECIES: Words = {
    "da": "Tabellen over træarter er ukendt: skov og hegn har ingen blanding af arter.",
    "en": "The table of species is unknown: forest and hedges have no mix of species.",
}
