"""What the campaign needs and gives: acceptance by owner, streets, associations and the readings of the plan."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Words
from ballerup_geo.methods.trees._sizes import SIZES
from ballerup_geo.spec import Assumption, Indicator, OutputColumn, OutputTable, Text

__all__ = [
    "CAMPAIGN_ASSUMPTIONS",
    "CAMPAIGN_INDICATORS",
    "CAMPAIGN_LIMITS",
    "CAMPAIGN_TABLES",
    "LEVELS",
    "OWNERS_ASKED",
    "READINGS",
]

LEVELS = ("low", "mid", "high")
LEVEL_WORDS = {"low": ("mindst", "at least"), "mid": ("bedste skøn", "best guess"), "high": ("højst", "at most")}
OWNERS_ASKED: Mapping[str, Text] = {
    "garden": Text(da="haveejere", en="garden owners"),
    "housing_association": Text(da="almene boligselskaber", en="housing associations"),
    "cooperative": Text(da="andelsboligforeninger", en="housing cooperatives"),
}
LEGAL: Mapping[str, Text] = {
    "garden": Text(
        da="Frivilligt: ejeren bestemmer selv over sin have, og kommunen kan råde og tilbyde, ikke pålægge. Kommunens "
        "råd "
        "hviler på kommunalfuldmagten (ikke efterprøvet).",
        en="Voluntary: owners decide on their own gardens; the municipality can advise and offer, not demand. Its "
        "advice "
        "rests on the unwritten rules on what municipalities may do (unverified).",
    ),
    "housing_association": Text(
        da="Frivilligt: afdelingsmødet beslutter arbejder på afdelingens jord efter reglerne om beboerdemokrati i lov "
        "om "
        "almene boliger (ikke efterprøvet). Kommunen kan råde og tilbyde, ikke pålægge.",
        en="Voluntary: the tenants' meeting decides on works on the estate's land by the rules on tenants' democracy "
        "in "
        "the act on social housing (unverified). The municipality can advise and offer, not demand.",
    ),
    "cooperative": Text(
        da="Frivilligt: generalforsamlingen beslutter efter foreningens vedtægter (ikke efterprøvet). Kommunen kan "
        "råde og "
        "tilbyde, ikke pålægge.",
        en="Voluntary: the general meeting decides by the cooperative's articles (unverified). The municipality can "
        "advise "
        "and offer, not demand.",
    ),
}
"""On what footing each kind of owner is offered trees."""
FUNDING: Mapping[str, Text] = {
    "ikke afklaret": Text(
        da="ikke afklaret: kommunen har ikke besluttet, om den må og vil betale for træer på privat jord",
        en="not settled: the municipality has not decided whether it may and will pay for trees on private land",
    )
}
"""The municipality's decision stands as it wrote it; until then this."""
READINGS: Mapping[str, tuple[tuple[str, ...], Text]] = {
    "gardens_and_associations": (
        ("garden", "housing_association", "cooperative"),
        Text(da="private haver og boligforeningers jord", en="private gardens and housing associations' land"),
    ),
    "associations": (
        ("housing_association", "cooperative"),
        Text(da="haver på boligforeningers jord alene", en="gardens on housing associations' land alone"),
    ),
}
"""The plan's sentence in its two readings: whose land counts."""
REACH: Mapping[str, Text] = {
    "expected": Text(da="kan ventes, også med den laveste andel", en="may be expected, even at the lowest share"),
    "likely": Text(da="kan ventes med det bedste skøn", en="may be expected at the best guess"),
    "possible": Text(da="kan kun ventes med den højeste andel", en="may be expected at the highest share alone"),
    "not_expected": Text(da="kan ikke ventes", en="cannot be expected"),
    "no_room": Text(da="der er ikke plads nok", en="there is not room enough"),
}


def _levels(stem: str, da: str, en: str, *, behind: str | None = None) -> tuple[OutputColumn, ...]:
    return tuple(
        OutputColumn(f"{stem}_{level}", "number", "1", f"{da}, {words[0]}", f"{en}, {words[1]}", behind=behind)
        for level, words in LEVEL_WORDS.items()
    )


def _private(name: str, da: str, en: str) -> OutputColumn:
    return OutputColumn(name, "integer", None, da, en, behind="gardens")


_SIZES = tuple(
    count(name, f"{words.da} træer blandt de valgte", f"{words.en} trees among the chosen")
    for name, words in SIZES.items()
)

CAMPAIGN_TABLES = (
    OutputTable(
        "streets",
        "line",
        (
            text("street", "vej", "street"),
            count("gardens", "private haver", "private gardens"),
            _private("asked", "haver med plads til et træ", "gardens with room for a tree"),
            _private("sites", "pladser", "sites"),
            _private("offered", "tilbudte træer", "trees offered"),
            _private("chosen", "pladser blandt de valgte", "sites among the chosen"),
            *_levels("expected", "træer, der kan ventes", "trees that may be expected", behind="gardens"),
        ),
    ),
    OutputTable(
        "associations",
        "polygon",
        (
            text("association", "boligforening", "housing association"),
            text("owner_kind", "ejerforhold", "kind of owner", OWNERS_ASKED),
            count("parcels", "matrikler med plads", "parcels with room"),
            figure("area_ha", "ha", "deres areal", "their area"),
            figure("plantable_ha", "ha", "jord til træer", "ground for trees"),
            count("sites", "pladser til træer", "sites for trees"),
            count("chosen", "træer, der foreslås først", "trees proposed first"),
            *_SIZES,
            *_levels("expected", "træer, der kan ventes af alle pladser", "trees that may be expected of all sites"),
            *_levels("chosen", "træer, der kan ventes af de foreslåede", "trees that may be expected of the proposed"),
            text("species", "arter", "species"),
            text("legal_basis", "grundlag", "legal basis", LEGAL),
            text("funding", "kommunale penge", "municipal money", FUNDING),
            text("unchecked", "ikke undersøgt", "not checked"),
        ),
    ),
    OutputTable(
        "association_sites",
        "point",
        (
            text("site_id", "plads", "site"),
            count("rank", "nummer blandt de valgte", "number among the chosen"),
            text("size", "størrelse", "size", SIZES),
            text("species", "art", "species"),
            figure("crown_radius_m", "m", "kronens radius som udvokset", "radius of the crown when grown"),
            text("association", "boligforening", "housing association"),
        ),
    ),
    OutputTable(
        "campaign",
        "table",
        (
            text("owner", "hvem der spørges", "who is asked", OWNERS_ASKED),
            count("owners", "matrikler med plads", "parcels with room"),
            count("sites", "pladser", "sites"),
            count("offered", "tilbudte træer", "trees offered"),
            count("chosen", "pladser blandt de valgte", "sites among the chosen"),
            *(
                OutputColumn(
                    f"accept_{level}_pct",
                    "number",
                    "%",
                    f"antaget andel, der plantes, {words[0]}",
                    f"assumed share planted, {words[1]}",
                )
                for level, words in LEVEL_WORDS.items()
            ),
            *_levels("expected", "træer, der kan ventes", "trees that may be expected"),
            *_levels("chosen", "træer, der kan ventes af de valgte", "trees that may be expected of the chosen"),
            text("legal_basis", "grundlag", "legal basis", LEGAL),
            text("funding", "kommunale penge", "municipal money", FUNDING),
        ),
    ),
    OutputTable(
        "readings",
        "table",
        (
            text(
                "reading",
                "planens sætning læst som",
                "the plan's sentence read as",
                {name: each[1] for name, each in READINGS.items()},
            ),
            count("sites", "pladser", "sites"),
            count("offered", "tilbudte træer", "trees offered"),
            count("chosen", "pladser blandt de valgte", "sites among the chosen"),
            *_levels("expected", "træer, der kan ventes", "trees that may be expected"),
            OutputColumn(
                "chosen_mid",
                "number",
                "1",
                "træer, der kan ventes af de valgte",
                "trees that may be expected of the chosen",
            ),
            figure(
                "needed_pct",
                "%",
                "andel af tilbuddene, som planens antal kræver",
                "share of the offers that the plan's number asks",
            ),
            text("reach", "planens antal", "the plan's number", REACH),
        ),
    ),
)
CAMPAIGN_ASSUMPTIONS = (
    *(
        Assumption(f"accept_{stem}_{level}_pct", "%", minimum=0.0, maximum=100.0)
        for stem in ("garden", "association", "cooperative")
        for level in LEVELS
    ),
    Assumption("garden_offer_most", "1", kind="integer", minimum=1, maximum=100),
    Assumption("street_near_m", "m", minimum=0.0, maximum=1000.0),
    *(Assumption(f"funding_{owner}", "-", kind="text") for owner in OWNERS_ASKED),
)
CAMPAIGN_INDICATORS = (
    Indicator("offered", "1", "Træer, der kan tilbydes", "Trees that can be offered", significant=3),
    Indicator(
        "expected_low", "1", "Træer, der mindst kan ventes plantet", "Trees expected planted, at least", significant=2
    ),
    Indicator("expected_mid", "1", "Træer, der kan ventes plantet", "Trees expected planted", significant=2),
    Indicator(
        "expected_high", "1", "Træer, der højst kan ventes plantet", "Trees expected planted, at most", significant=2
    ),
    Indicator(
        "accept_needed_pct",
        "%",
        "Andel af tilbuddene, der skal blive til et træ",
        "Share of the offers that must become a tree",
    ),
    Indicator("offers", "1", "Boligforeninger med et tilbud", "Housing associations with an offer"),
)
CAMPAIGN_LIMITS: tuple[Words, ...] = (
    {
        "da": "Hvor mange der siger ja, er antaget for hele ejergrupper; ingen er spurgt. En boligforening er én "
        "række, hvor mange "
        "afdelinger den end har.",
        "en": "How many say yes is assumed for whole groups of owners; nobody has been asked. A housing association "
        "is one row, "
        "however many estates it has.",
    },
)
