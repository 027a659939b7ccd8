"""How the phases are declared and told: assumptions, tables, headline figures, limits and the answer in words."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Words
from ballerup_geo.methods.heating._columns import of_homes
from ballerup_geo.methods.heating._path import BR18_SYSTEMS, BR18_YEARS, SCOPES
from ballerup_geo.methods.heating._tables import ALL_STAGES
from ballerup_geo.spec import Assumption, Indicator, OutputTable
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["ASSUMPTIONS", "INDICATORS", "LIMITS", "TABLES", "phase_summary", "phase_words"]

ASSUMPTIONS = (
    Assumption("phase_first_year", "årstal", minimum=2020.0, maximum=2100.0),
    Assumption("phase_last_year", "årstal", minimum=2020.0, maximum=2100.0),
    Assumption("phase_most_m", "m/år", minimum=0.0),
    Assumption("phase_most_dkk", "kr./år", minimum=0.0),
    Assumption("pump_yearly_pct", "%/år", minimum=0.0, maximum=100.0),
    *(Assumption(f"account_{name}_t", "t", minimum=0.0, unknown=0.0) for name in ("1990", "2019", "now")),
    *(
        Assumption(f"br18_{system}_{year}_kg_kwh", "kg/kWh", minimum=0.0, maximum=2.0)
        for system in BR18_SYSTEMS
        for year in BR18_YEARS
    ),
)


_COUNT = count("buildings", "bygninger", "buildings")
TABLES = (
    OutputTable(
        "heat_phases",
        "polygon",
        (
            text("zone_id", "zone", "zone"),
            count("place", "plads i rækkefølgen", "place in the order"),
            count("year", "færdig i", "done in"),
            count("year_or_0", "færdig i (0: ikke inden for årene)", "done in (0: not within the years)"),
            text("stage", "områdets status", "stage of the area", ALL_STAGES),
            _COUNT,
            of_homes("heat_mwh", "MWh", "varmebehov", "heat demand"),
            figure("new_m", "m", "tracé, der da mangler", "trench still needed then"),
            figure("new_dkk", "kr.", "tracé og rør, der da mangler", "trench and pipes still needed then"),
            of_homes("mwh_m", "MWh/m", "varme pr. meter, der da mangler", "heat a metre still needed then"),
        ),
    ),
    OutputTable(
        "phase_budget",
        "table",
        (
            count("year", "år", "year"),
            count("zones", "zoner færdige", "zones done"),
            count("buildings", "bygninger i dem", "buildings in them"),
            figure("laid_m", "m", "lagt tracé", "trench laid"),
            figure("laid_dkk", "kr.", "brugt", "spent"),
            of_homes(
                "connected_mwh", "MWh", "tilsluttet varme ved årets slutning", "heat connected by the end of the year"
            ),
            figure("most_mwh", "MWh", "mere kan ingen rækkefølge nå", "no order can reach more"),
        ),
    ),
    OutputTable(
        "heat_path",
        "table",
        (
            text("scope", "hvilke", "which", SCOPES),
            count("year", "år", "year"),
            count("buildings", "bygninger på olie og gas i dag", "buildings on oil and gas today"),
            of_homes("left_buildings", "1", "tilbage på olie og gas", "left on oil and gas"),
            of_homes("left_mwh", "MWh", "varme fra olie og gas", "heat from oil and gas"),
            of_homes(
                "account_t", "t", "CO2 på kommuneregnskabets grundlag", "CO2 on the basis of the municipal account"
            ),
            of_homes("account_line_t", "t", "lige vej til målet", "straight way to the target"),
            of_homes("burn_t", "t", "sidetal: CO2 fra afbrænding", "side view: CO2 from burning"),
            of_homes(
                "br18_t",
                "t",
                "sidetal: livscyklus efter BR18, bygninger på gas i dag",
                "side view: life cycle by BR18, buildings on gas today",
            ),
        ),
    ),
)
INDICATORS = (
    Indicator("phase_zones", "1", "Zoner bygget inden for årene", "Zones built within the years"),
    Indicator("phase_gwh", "GWh", "Varme tilsluttet i det sidste år", "Heat connected in the last year", significant=2),
    Indicator("phase_km", "km", "Tracé lagt i årene", "Trench laid in the years", significant=2),
    Indicator("phase_dkk", "kr.", "Tracé og rør i årene", "Trench and pipes in the years", significant=2),
    Indicator(
        "phase_loss_pct",
        "%",
        "Rækkefølgens tab mod det, ingen rækkefølge kan overgå, højst",
        "Loss of the order against what no order can exceed, at most",
        digits=1,
    ),
    *(
        each
        for end, da, en in (("", "alle bygninger", "all buildings"), ("_municipal", "kommunens", "the municipality's"))
        for each in (
            Indicator(
                f"phase_left_buildings{end}",
                "1",
                f"Tilbage på olie og gas i det sidste år: {da}",
                f"Left on oil and gas in the last year: {en}",
                significant=2,
            ),
            Indicator(
                f"phase_left_t{end}",
                "t",
                f"CO2 fra afbrænding i det sidste år: {da}",
                f"CO2 from burning in the last year: {en}",
                significant=2,
            ),
            Indicator(
                f"phase_left_br18_t{end}",
                "t",
                f"Livscyklus efter BR18 i det sidste år, bygninger på gas i dag: {da}",
                f"Life cycle by BR18 in the last year, buildings on gas today: {en}",
                significant=2,
            ),
        )
    ),
    *(
        Indicator(
            f"phase_fall_{since}_pct",
            "%",
            f"Fald siden {since} på kommuneregnskabets grundlag, varme fra olie og gas",
            f"Fall since {since} on the basis of the municipal account, heat from oil and gas",
        )
        for since in ("1990", "2019")
    ),
)
LIMITS: tuple[Words, ...] = (
    {
        "da": (
            "Zonernes år følger af et årligt budget, der ikke er efterprøvet, og af mest varme pr. meter først; det er "
            "ikke en tidsplan. Varmeplanens egne år, værkets effekt, nettets tryk og om fjernvarme er billigst i zonen "
            "er der ikke set på. Rør, som flere zoner deler, lægges én gang til summen af deres effekt: lidt for brede."
        ),
        "en": (
            "The zones' years follow from a yearly budget that is unverified and from most heat a metre first; they "
            "are no timetable. The heat plan's own years, the plant's power, pressure, and whether district heating "
            "costs least in a zone are not looked at. Pipes that zones share are laid once, for the sum of their "
            "loads: a little too wide."
        ),
    },
    {
        "da": (
            "CO2 på kommuneregnskabets grundlag, fra afbrænding og efter BR18 er tre forskellige opgørelser, der ikke "
            "kan lægges sammen. BR18's tal omfatter kun bygninger på gas i dag, for tabellen har ingen olie."
        ),
        "en": (
            "CO2 on the basis of the municipal account, from burning, and by BR18 are three different accounts that "
            "cannot be added. The figures by BR18 cover buildings on gas today alone: its table has no oil."
        ),
    },
)


def phase_words(indicators: Mapping[str, float | None]) -> dict[Language, str]:
    """Return the answer to "which zone when, and is that enough" as the headline figures give it."""
    zones, left, own = (
        indicators[name] for name in ("phase_zones", "phase_left_buildings", "phase_left_buildings_municipal")
    )
    if zones is None:
        return {
            "da": "Ingen zone kan nå fjernvarmenettet, eller nettet er ukendt: der er ingen rækkefølge.",
            "en": "No zone can reach the district-heating net, or it is unknown: there is no order.",
        }
    return {
        "da": (
            f"Med det antagne årlige budget bliver {number(zones)} zoner bygget i tide, og {_rough(left, 'da')} "
            f"bygninger er stadig på olie og gas i det sidste år, {_rough(own, 'da')} af dem kommunens. Budgettet er "
            "ikke efterprøvet."
        ),
        "en": (
            f"With the assumed yearly budget {number(zones, language='en')} zones are built in time, and "
            f"{_rough(left, 'en')} buildings are still on oil and gas in the last year, {_rough(own, 'en')} of them "
            "the municipality's. The budget is unverified."
        ),
    }


def _rough(value: float | None, language: Language) -> str:
    known = value or 0.0
    return number(known, digits=min(0, known_digits(known, significant=2)), language=language)


def phase_summary() -> Words:
    """Return how it is computed, for the method's summary."""
    return {
        "da": (
            "Zonerne bygges én efter én inden for et årligt budget: den med mest varme pr. meter, der endnu mangler, "
            "først, og af zoner, der deler rør, den nærmeste; rør, der deles, lægges én gang. Tabet er målt mod en "
            "brøkdels-rygsæk, som ingen rækkefølge kan overgå."
        ),
        "en": (
            "Zones are built one by one within a yearly budget: first the one with the most heat for each metre still "
            "needed, and of zones that share pipes the nearest; shared pipes are laid once. The loss is measured "
            "against a fractional knapsack that no order can exceed."
        ),
    }
