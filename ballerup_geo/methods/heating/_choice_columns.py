"""How district heating or a heat pump is written: the tables, headline figures and limits of answer 5."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.methods._columns import count, text
from ballerup_geo.methods._part import Words
from ballerup_geo.methods.heating._areas import STAGES
from ballerup_geo.methods.heating._columns import of_homes
from ballerup_geo.methods.heating._demand import CLASSES
from ballerup_geo.methods.heating._flip import ANSWERS, FLIPS, PRICES, SWINGS
from ballerup_geo.methods.heating._ledgers import COMPONENTS, LEDGERS, SYSTEMS
from ballerup_geo.methods.heating._present import PRESENT
from ballerup_geo.methods.heating._pump_place import PUMP_DOUBTS
from ballerup_geo.spec import Indicator, OutputColumn, OutputTable, Text

__all__ = ["INDICATORS", "LIMITS", "SCENARIOS", "TABLES", "ZONE_LEDGERS"]

SCENARIOS: Mapping[str, Text] = {
    "low": Text(da="få tilslutter sig", en="few connect"),
    "main": Text(da="ventet", en="expected"),
    "high": Text(da="næsten alle tilslutter sig", en="nearly all connect"),
}
AGREE: Mapping[str, Text] = {**ANSWERS, "split": Text(da="regnskaberne er uenige", en="the ledgers disagree")}
ALL_STAGES: Mapping[str, Text] = {**STAGES, "unknown": Text(da="ukendt", en="unknown")}
_FLIP_WORDS: Mapping[str, tuple[str, str, str]] = {
    "el": ("kr./MWh", "svaret vender ved en elpris på", "the answer turns at a price of electricity of"),
    "heat": ("kr./MWh", "svaret vender ved en fjernvarmepris på", "the answer turns at a price of district heat of"),
    "gas": ("kr./MWh", "at forlade gas betaler sig fra en gaspris på", "leaving gas pays from a gas price of"),
    "connection": ("kr.", "svaret vender, når tilslutningen koster", "the answer turns when connecting costs"),
}


def _money(name: str, da: str, en: str, unit: str = "kr./MWh") -> OutputColumn:
    return of_homes(name, unit, da, en)


def _percent(name: str, da: str, en: str) -> OutputColumn:
    return of_homes(name, "%", da, en)


def _of_ledger(name: str) -> tuple[OutputColumn, ...]:
    """Declare what a ledger says of a building."""
    who = LEDGERS[name]
    systems = [system for system in SYSTEMS if system != "gas" or "gas" in PRICES[name]]
    prices = [price for price in FLIPS if price in PRICES[name] or price == "connection"]
    return (
        *(
            _money(f"{name}_{system}_dkk_mwh", f"{who.da}: {SYSTEMS[system].da}", f"{who.en}: {SYSTEMS[system].en}")
            for system in systems
        ),
        text(f"{name}_answer", f"{who.da}: billigst", f"{who.en}: cheapest", ANSWERS),
        OutputColumn(
            f"{name}_firm",
            "boolean",
            None,
            f"{who.da}: ingen enkelt forudsætning vender svaret",
            f"{who.en}: no single assumption turns the answer",
        ),
        *(
            _money(f"{name}_flip_{price}", f"{who.da}: {da}", f"{who.en}: {en}", unit)
            for price, (unit, da, en) in _FLIP_WORDS.items()
            if price in prices
        ),
    )


_LEDGER = text("ledger", "regnskab", "ledger", LEDGERS)
_COUNT = count("buildings", "bygninger", "buildings")
_HEAT = OutputColumn("heat_mwh", "number", "MWh", "varmebehov", "heat demand", behind="buildings")
_COSTS = tuple(_money(f"{name}_dkk_mwh", words.da, words.en) for name, words in SYSTEMS.items())
_DH = _percent(
    "dh_pct", "andel af varmen, hvor fjernvarme er billigst", "share of heat where district heating is cheapest"
)
_FIRM = _percent(
    "firm_pct",
    "andel, hvor ingen enkelt forudsætning vender svaret",
    "share where no single assumption turns the answer",
)
_STAGE = text("stage", "områdets status", "stage of the area", ALL_STAGES)
_GROUPED = (_LEDGER, _COUNT, _HEAT, *_COSTS, _DH, _FIRM)

ZONE_LEDGERS: tuple[OutputColumn, ...] = tuple(
    column
    for name, who in LEDGERS.items()
    for column in (
        *(
            _money(f"{name}_{system}_dkk_mwh", f"{who.da}: {SYSTEMS[system].da}", f"{who.en}: {SYSTEMS[system].en}")
            for system in ANSWERS
        ),
        _percent(
            f"{name}_dh_pct",
            f"{who.da}: andel af varmen, hvor fjernvarme er billigst",
            f"{who.en}: share of heat where district heating is cheapest",
        ),
    )
)
"""What the ledgers say of a zone, beside its pipes."""
TABLES: tuple[OutputTable, ...] = (
    OutputTable(
        "heat_choice",
        "point",
        (
            text("building_id", "bygning", "building"),
            text("present", "varme i dag", "heating today", PRESENT),
            _STAGE,
            text("heat_class", "varmeklasse", "heat class", CLASSES),
            _COUNT,
            _HEAT,
            OutputColumn("capacity_kw", "number", "kW", "varmeeffekt", "heat capacity", behind="buildings"),
            *(column for name in LEDGERS for column in _of_ledger(name)),
            text("agree", "de tre regnskaber", "the three ledgers", AGREE),
            text(
                "household_cheapest",
                "husstandens billigste, gas medregnet",
                "the household's cheapest, with gas",
                SYSTEMS,
            ),
            _money("margin_dkk_mwh", "tilslutningens overskud for selskabet", "what the connection leaves the company"),
            text("pump_doubt", "tvivl om plads til varmepumpe", "doubt about room for a heat pump", PUMP_DOUBTS),
        ),
        homes=True,
    ),
    OutputTable("heat_ledgers", "table", (_STAGE, *_GROUPED)),
    OutputTable("zone_ledgers", "table", (text("zone_id", "zone", "zone"), *_GROUPED)),
    OutputTable(
        "heat_cost_lines",
        "table",
        (
            _LEDGER,
            text("system", "varme", "heating", SYSTEMS),
            text("component", "post", "line", COMPONENTS),
            _COUNT,
            _money("dkk_mwh", "middel", "mean"),
        ),
    ),
    OutputTable(
        "heat_tornado",
        "table",
        (
            _LEDGER,
            count("rank", "nr.", "rank"),
            text("swing", "forudsætning", "assumption", {key: swing.words for key, swing in SWINGS.items()}),
            _COUNT,
            _money("lead_low", "fjernvarmens forspring, forudsætning lav", "lead of district heating, assumption low"),
            _percent("dh_low_pct", "fjernvarmens andel, forudsætning lav", "share of district heating, assumption low"),
            _money(
                "lead_high", "fjernvarmens forspring, forudsætning høj", "lead of district heating, assumption high"
            ),
            _percent(
                "dh_high_pct", "fjernvarmens andel, forudsætning høj", "share of district heating, assumption high"
            ),
            _money("lead", "fjernvarmens forspring", "lead of district heating"),
            _percent("dh_pct", "fjernvarmens andel", "share of district heating"),
            _money("span", "spænd", "span"),
        ),
    ),
    OutputTable(
        "heat_connection",
        "table",
        (
            text("scenario", "tilslutning", "connection", SCENARIOS),
            OutputColumn("connection_pct", "number", "%", "andel, der tilslutter sig", "share that connects"),
            _LEDGER,
            _COUNT,
            *_COSTS[:2],
            _DH,
        ),
    ),
)

INDICATORS: tuple[Indicator, ...] = (
    *(
        Indicator(
            f"{name}_dh_pct",
            "%",
            f"Andel af varmen, hvor fjernvarme er billigere end egen varmepumpe: {words.da}",
            f"Share of heat where district heating is cheaper than a heat pump: {words.en}",
        )
        for name, words in LEDGERS.items()
    ),
    *(
        Indicator(
            f"{name}_firm_pct",
            "%",
            f"Andel, hvor ingen enkelt forudsætning vender svaret: {words.da}",
            f"Share where no single assumption turns the answer: {words.en}",
        )
        for name, words in LEDGERS.items()
    ),
    Indicator("ledgers_agree_pct", "%", "De tre regnskaber er enige om", "The three ledgers agree on"),
    Indicator(
        "company_pays_pct",
        "%",
        "Andel af varmen, hvor tarif og bidrag dækker selskabets omkostning",
        "Share of heat where tariff and fee cover the company's cost",
    ),
    Indicator(
        "household_stays_pct",
        "%",
        "Andel af gasvarmen, hvor det er billigst for husstanden at blive på gas",
        "Share of the heat from gas where staying with gas is cheapest for the household",
    ),
    Indicator(
        "hp_doubt_buildings",
        "1",
        "Bygninger, hvor støj eller plads taler imod egen varmepumpe",
        "Buildings where noise or space speaks against a heat pump of their own",
        significant=3,
    ),
)

LIMITS: tuple[Words, ...] = (
    {
        "da": (
            "De fleste priser er ikke efterprøvet: brug vendepriserne og tornadoen, ikke kronerne. Fjernvarmens pris "
            "er en forudsætning og følger ikke gasprisen, selv om spidslast kan være gas. Tilskud er ikke med."
        ),
        "en": (
            "Most prices are unverified: use the flip prices and the tornado, not the kroner. The price of district "
            "heat is an assumption and does not follow the gas price, though peaks may be met by gas. Subsidies are "
            "left out."
        ),
    },
    {
        "da": (
            "Alle bygninger regnes i husstandens regnskab som private brugere med moms og uden rabat for store; "
            "isolering, nye radiatorer og køling er ikke med. Støj er regnet fra væg til nærmeste opvarmede bygning "
            "uden skærm."
        ),
        "en": (
            "All buildings are reckoned in the household's ledger as private users with VAT and without discounts for "
            "size; insulation, new radiators and cooling are left out. Noise is reckoned from wall to the nearest "
            "heated building without a screen."
        ),
    },
    {
        "da": (
            "Fjernvarme regnes overalt, som om rørene kom; hvor ingen zone er, med et fast antal meter pr. bygning. "
            "Gasfyret regnes fornyet, også hvor det er nyt."
        ),
        "en": (
            "District heating is reckoned everywhere as if pipes came; where there is no zone, with so many metres a "
            "building. The gas boiler is reckoned as renewed, even where it is new."
        ),
    },
)
