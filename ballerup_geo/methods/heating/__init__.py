"""Heating: what each building needs, how it is heated today, and what is left to leave oil and gas;
where heat lies densely along streets, and what pipes would connect it.

The analysis is the sum of its parts (`_part`); this file puts them together and says the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.methods._part import Found, Part, completed, computed, declared
from ballerup_geo.methods.heating._choice import CHOICE
from ballerup_geo.methods.heating._choice_words import choice_words, summary_words
from ballerup_geo.methods.heating._communities import COMMUNITIES, community_words
from ballerup_geo.methods.heating._phases import PHASES
from ballerup_geo.methods.heating._phases_declared import phase_summary, phase_words
from ballerup_geo.methods.heating._pipes import ZONES
from ballerup_geo.methods.heating._plant import PLANTS
from ballerup_geo.methods.heating._power import HEAT_POWER
from ballerup_geo.methods.heating._stock import Stock, stock_of
from ballerup_geo.methods.heating._tables import BUILDINGS, PHASE_OUT, SQUARES
from ballerup_geo.methods.heating._width import WIDTH
from ballerup_geo.spec import Given, Outcome
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["METHOD", "heating"]

PARTS: tuple[Part[Stock], ...] = (
    *(BUILDINGS, SQUARES, PHASE_OUT, ZONES, WIDTH),
    *(HEAT_POWER, CHOICE, PHASES, PLANTS, COMMUNITIES),
)
"""In the order in which they are computed."""
Indicators = Mapping[str, float | None]


def heating(given: Given) -> Outcome:
    """Reckon heat demand and list what is heated by oil and gas.

    Raises
    ------
    MethodError, DataError
        The inputs allow no answer (see `stock_of`).
    """
    given.progress("reading buildings", 0.05)
    stock = stock_of(given)
    found = computed(PARTS, given, stock, Found())
    given.progress("done", 1.0)
    return Outcome(
        tables={table.name: completed(table, found) for part in PARTS for table in part.tables},
        rasters=found.rasters,
        indicators=found.indicators,
        answer=_answer(stock.town_name, found.indicators),
        answers={
            "demand": _demand(found.indicators),
            "block_heating": _block(found.indicators),
            "zones": _zones(found.indicators),
            "ledgers": choice_words(found.indicators),
            "phases": phase_words(found.indicators),
            "communities": community_words(found.indicators),
        },
        notes=found.notes,
    )


def _two(value: float | None, language: Language) -> str:
    known = value or 0.0
    return number(known, digits=min(0, known_digits(known, significant=2)), language=language)


def _answer(town: str, indicators: Indicators) -> dict[Language, str]:
    left = indicators["fossil_buildings"] or 0.0
    approved = indicators["fossil_approved"]
    where = {"da": "", "en": ""}
    if approved is not None:
        where = {
            "da": f", {number(approved)} af dem i forsynede eller godkendte fjernvarmeområder",
            "en": f", {number(approved, language='en')} of them in supplied or approved district-heating areas",
        }
    return {
        "da": f"{number(left)} bygninger i {town} varmes med olie eller gas{where['da']}.",
        "en": f"{number(left, language='en')} buildings in {town} are heated by oil or gas{where['en']}.",
    }


def _demand(indicators: Indicators) -> dict[Language, str]:
    names = ("heat_gwh", "heat_gwh_low", "heat_gwh_high")
    da, en = ([_two(indicators[name], language) for name in names] for language in ("da", "en"))
    return {
        "da": f"Bygningerne bruger omkring {da[0]} GWh varme i et normalår ({da[1]}–{da[2]} GWh).",
        "en": f"The buildings use about {en[0]} GWh of heat in a normal year ({en[1]}–{en[2]} GWh).",
    }


def _block(indicators: Indicators) -> dict[Language, str]:
    value = indicators["block_check"] or 0.0
    return {
        "da": (
            f"{number(value)} bygninger står i BBR som fjernvarme eller blokvarme, men kan have en fælles kedel: "
            "de skal kontrolleres."
        ),
        "en": (
            f"{number(value, language='en')} buildings stand in the register as district or block heating but may "
            "share a boiler: they are to be looked up."
        ),
    }


def _zones(indicators: Indicators) -> dict[Language, str]:
    names = ("zones", "zone_buildings", "zone_km")
    da, en = ([_two(indicators[name], language) for name in names] for language in ("da", "en"))
    return {
        "da": f"{da[0]} mulige fjernvarmezoner rummer {da[1]} bygninger ved {da[2]} km tracé.",
        "en": f"{en[0]} candidate zones for district heating hold {en[1]} buildings along {en[2]} km of trench.",
    }


METHOD = declared(
    PARTS,
    heating,
    version="1",
    summary={
        "da": (
            "Varmebehovet er målt, hvor der er en måler; ellers er det opvarmet areal × nøgletal efter anvendelse og "
            "opførelsesår, rettet til et normalår og, hvis et samlet forbrug er kendt, til det. Varmen i dag læses af "
            "BBR 056 og 057; selskabets kundeliste går forud. Står der fjernvarme/blokvarme med et brændsel, uden for "
            "et forsynet område eller uden for kundelisten, skal det kontrolleres. Listen viser alle bygninger på olie "
            "og gas efter status af deres område i varmeplanen, ejer og år. Zoner gror langs veje, "
            "så længe de har varme nok pr. meter tracé; deres ledninger lægges billigst muligt med rørbredder og "
            "samtidighed, og det står, hvor langt fra det billigste de højst er. "
            + summary_words()["da"]
            + " "
            + phase_summary()["da"]
        ),
        "en": (
            "Heat demand is measured where there is a meter; else it is heated area × a rate by use and year built, "
            "brought to a normal year and, where a total is known, to that. Heating today is read from the register's "
            "codes 056 and 057; the supplier's customer list goes before. District or block heating with a fuel, "
            "outside a supplied area or missing from the customer list is to be looked up. The list shows all "
            "buildings on oil and gas by the stage of their area in the heat plan, owner and year. Zones grow along "
            "streets as long as they have heat enough a metre of trench; their pipes are laid as cheaply as may be "
            "with widths and diversity, with a bound of how far from the cheapest they are. "
            + summary_words()["en"]
            + " "
            + phase_summary()["en"]
        ),
    },
    answers=("demand", "block_heating", "zones", "ledgers", "phases", "communities"),
)
