"""The charging analysis in sentences: the range of the six cells first, until the municipality has marked one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ballerup_geo.methods.charging._cells import READINGS
from ballerup_geo.methods.charging._supply import SUPPLY_CODES
from ballerup_geo.methods.charging._target import UNDECIDED
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["ANSWERS", "SUMMARY", "answers_of", "headline"]

ANSWERS = ("needs", "plugs", "sites", "goal", "duties", "fleet", "shared_mobility", "power")
MILLION = 1_000_000.0
Indicators = Mapping[str, float | None]
Words = dict[Language, str]
LANGUAGES: tuple[Language, Language] = ("da", "en")

SUMMARY: dict[Language, str] = {
    "da": (
        "Bilerne i hvert område fordeles på adresserne efter boligernes art, og elbilerne blandt dem efter, "
        "hvor let der kan lades. Om der kan lades hjemme, afgøres af jordstykket: hvem ejer det, hvor mange "
        "boliger står der, og hvor meget er ikke bebygget. Fra året, bilerne er talt, til målåret vokser hver "
        "adresses elbiler jævnt til det, et scenarie venter. Målet på 25 % regnes i seks celler, fordi "
        "planens ord kan læses på flere måder: energi, effekt efter AFIR, og biler uden ladning hjemme, der "
        "kan gå til en ledig lader ad gader og stier (den største strøm fra døre til ladere). Krav om ladere "
        "læses af daterede regler. Nye steder vælges blandt parkering, stationer og vejkanter, så flest elbiler "
        "uden lader når et (maximal covering location, bevist bedst for hvert antal); ladeudtag efter Erlangs kø. "
        "Flådens ladere fordeles efter kørsel og vagter (Sainte-Laguë)."
    ),
    "en": (
        "The cars of each area are shared out over its addresses by kind of dwelling, and the electric ones "
        "among them by how easily they are charged there. Whether a car can be charged at home is judged by "
        "the parcel: who owns it, how many dwellings stand on it, and how much of it is not built on. From "
        "the year of the count to the target year the electric cars of each address grow evenly to what a "
        "scenario expects. The target of 25 % is reckoned in six cells, because the plan's words can be read "
        "in several ways: energy, power by AFIR, and cars without charging at home that can walk to a free "
        "charger along streets and paths (the greatest flow from doors to chargers). Duties are read from "
        "dated rules. New sites are chosen among parking, stations and roadsides so that most electric cars "
        "without a charger reach one (maximal covering location, proved best for each number); plugs by Erlang's "
        "queue. The fleet's chargers are shared out by mileage and shifts (Sainte-Laguë)."
    ),
}


def headline(language: Language, *, town: str, year: int, marked: str, indicators: Indicators) -> str:
    """Return the answer: what today's chargers cover of the target year's use — the range, or the marked cell."""
    low, high = indicators["covered_low_pct"], indicators["covered_high_pct"]
    if low is None or high is None:
        return {
            "da": f"Hvad der er dækket i {town}, kan ikke siges: ladestanderne er ukendte.",
            "en": f"What is covered in {town} cannot be said: the chargers are unknown.",
        }[language]
    value = indicators["covered_marked_pct"]
    if marked == UNDECIDED or value is None:
        return {
            "da": (
                f"Dagens ladere i {town} dækker {_pct(low, 'da')}–{_pct(high, 'da')} % af det forbrug, planen "
                f"sigter på i {year}, alt efter hvordan planens ord læses (hver læsning har sit eget interval); "
                "kommunen har ikke valgt en læsning."
            ),
            "en": (
                f"Today's chargers in {town} cover {_pct(low, 'en')}–{_pct(high, 'en')} % of the use that the plan "
                f"aims at in {year}, depending on how its words are read (each reading has an interval of its own); "
                "the municipality has marked no reading."
            ),
        }[language]
    reading = next(name for name in READINGS if marked.startswith(name))
    supply = marked.removeprefix(f"{reading}_")
    words = (READINGS[reading], SUPPLY_CODES[supply])
    return {
        "da": (
            f"Dagens ladere i {town} dækker {_pct(value, 'da')} % af det forbrug, planen sigter på i {year} (valgt "
            f"læsning: {words[0].da}; {words[1].da})."
        ),
        "en": (
            f"Today's chargers in {town} cover {_pct(value, 'en')} % of the use that the plan aims at in {year} "
            f"(reading marked: {words[0].en}; {words[1].en})."
        ),
    }[language]


def _counted(count: float, language: Language, *, one: str, more: str) -> str:
    """Write a number with the noun that fits it."""
    return f"{number(count, language=language)} {one if count == 1 else more}"


def _new(sites: float, language: Language) -> str:
    """Write a number of new sites."""
    one, more = {"da": ("nyt ladested", "nye ladesteder"), "en": ("new charging site", "new charging sites")}[language]
    return _counted(sites, language, one=one, more=more)


def _pct(value: float, language: Language) -> str:
    return number(value, language=language)


def _two(value: float, language: Language) -> str:
    """Write a figure with two digits that count."""
    return number(value, digits=min(0, known_digits(value, significant=2)), language=language)


def _millions(dkk: float, language: Language) -> str:
    """Write millions with two digits that count, less than ten with one decimal."""
    value = dkk / MILLION
    return number(value, digits=1, language=language) if value < 10 else _two(value, language)


def _goal_pct(value: float, language: Language) -> str:
    """Write the goal as it was asked for: what is proved of 72.5 % is not proved of 73 %."""
    return number(value, digits=0 if value == round(value) else 1, language=language)


def answers_of(
    indicators: Indicators, tables: Mapping[str, pd.DataFrame], *, year: int, goal_pct: float
) -> dict[str, Words]:
    """Return the further answers, in the order of ``ANSWERS``."""
    return dict(
        zip(
            ANSWERS,
            (
                _needs(indicators, year),
                _plugs(indicators),
                _sites(indicators, tables, year),
                _goal(indicators, tables["site_curve"], goal_pct),
                _duties(indicators),
                _fleet(indicators),
                _shared(tables),
                _power(indicators, year),
            ),
            strict=True,
        )
    )


def _needs(indicators: Indicators, year: int) -> Words:
    names = ("ev_target", "ev_target_low", "ev_target_high", "ev_no_home_target_low", "ev_no_home_target_high")
    da, en = ([_two(indicators[name] or 0.0, language) for name in names] for language in ("da", "en"))
    return {
        "da": (
            f"I {year} ventes omkring {da[0]} elbiler ({da[1]}–{da[2]}); {da[3]}–{da[4]} af dem kan ikke lade hjemme."
        ),
        "en": (
            f"In {year} about {en[0]} electric cars are expected ({en[1]}–{en[2]}); {en[3]}–{en[4]} of them cannot "
            "charge at home."
        ),
    }


def _plugs(indicators: Indicators) -> Words:
    short = indicators["plugs_short"]
    if short is None:
        return {
            "da": "Om ladestederne har ladeudtag nok, kan ikke siges: ladestanderne er ukendte.",
            "en": "Whether the charging sites have plugs enough cannot be said: the chargers are unknown.",
        }
    return {
        "da": f"{number(short)} af dagens offentlige ladesteder får for få ladeudtag i målårets travleste time.",
        "en": (
            f"{number(short, language='en')} of today's public charging sites will have too few plugs in the busiest "
            "hour of the target year."
        ),
    }


def _sites(indicators: Indicators, tables: Mapping[str, pd.DataFrame], year: int) -> Words:
    curve = tables["site_curve"]
    planned, dkk = (indicators[name] or 0.0 for name in ("new_sites", "new_sites_dkk"))
    reached = float(tables["site_phases"]["covered_pct"].iloc[-1])
    if not planned:
        return {
            "da": "Der er ingen nye ladesteder at foreslå med disse kandidater.",
            "en": "There are no new charging sites to propose with these candidates.",
        }
    if indicators["plugs_short"] is None:
        return _sites_alone(planned, reached, dkk, year)
    before = float(curve["best_pct"].iloc[0])
    proved = bool((curve["proved"] == "yes").all())
    best = curve[curve["sites"] == int(planned)]["best_pct"]
    da = f"; det bedste frie valg af så mange når {_two(float(best.iloc[0]), 'da')} %, bevist" if len(best) else ""
    en = f"; the best free choice of so many reaches {_two(float(best.iloc[0]), 'en')} %, proved" if len(best) else ""
    return {
        "da": (
            f"Med {_new(planned, 'da')} kan {_two(reached, 'da')} % af elbilerne uden ladning hjemme gå til "
            f"en lader i {year} mod {_two(before, 'da')} % uden dem; de koster omkring {_millions(dkk, 'da')} "
            f"mio. kr.{da if proved else ''}."
        ),
        "en": (
            f"With {_new(planned, 'en')} {_two(reached, 'en')} % of the electric cars "
            f"without charging at home can walk to a charger in {year}, against {_two(before, 'en')} % without them; "
            f"they cost about DKK {_millions(dkk, 'en')} million{en if proved else ''}."
        ),
    }


def _sites_alone(planned: float, reached: float, dkk: float, year: int) -> Words:
    """Say what the new sites reach where nobody knows what today's chargers do: at least so many, and no proof."""
    return {
        "da": (
            f"Med {_new(planned, 'da')} kan mindst {_two(reached, 'da')} % af elbilerne uden ladning hjemme "
            f"gå til en lader i {year}; hvor mange der kan i forvejen, kan ikke siges: ladestanderne er ukendte. De "
            f"koster omkring {_millions(dkk, 'da')} mio. kr."
        ),
        "en": (
            f"With {_new(planned, 'en')} at least {_two(reached, 'en')} % of the "
            f"electric cars without charging at home can walk to a charger in {year}; how many can already cannot be "
            f"said: the chargers are unknown. They cost about DKK {_millions(dkk, 'en')} million."
        ),
    }


def _goal(indicators: Indicators, curve: pd.DataFrame, goal_pct: float) -> Words:
    """Say how many sites the goal takes, with the proof that one fewer does not do."""
    sites = indicators["sites_for_goal"]
    if sites is None and indicators["plugs_short"] is None:
        return {
            "da": (
                f"Hvor få nye steder der er nok til {_goal_pct(goal_pct, 'da')} %, kan ikke siges: ladestanderne er "
                "ukendte."
            ),
            "en": (
                f"How few new sites suffice for {_goal_pct(goal_pct, 'en')} % cannot be said: the chargers are unknown."
            ),
        }
    if sites is None:
        return {
            "da": (
                f"Hvor få nye steder der er nok til {_goal_pct(goal_pct, 'da')} %, vides ikke: kandidaterne når ikke "
                "så mange, eller det kunne ikke bevises."
            ),
            "en": (
                f"How few new sites suffice for {_goal_pct(goal_pct, 'en')} % is not known: the candidates do "
                "not reach so many, or it could not be proved."
            ),
        }
    if sites == 0:
        return {
            "da": f"{_goal_pct(goal_pct, 'da')} % er nået med dagens ladere.",
            "en": f"{_goal_pct(goal_pct, 'en')} % are reached with today's chargers.",
        }
    fewer = curve[(curve["sites"] == sites - 1) & (curve["proved"] == "yes")]["best_pct"]
    da, en = (
        f" ({word} {number(float(fewer.iloc[0]), digits=1, language=language)} %)" if len(fewer) else ""
        for word, language in zip(("højst", "at most"), LANGUAGES, strict=True)
    )
    return {
        "da": (
            f"{_new(sites, 'da')} er nok til, at {_goal_pct(goal_pct, 'da')} % af elbilerne uden ladning hjemme "
            f"når en lader til fods; {number(sites - 1)} er ikke nok, hvor de end står{da}: det er bevist."
        ),
        "en": (
            f"{_new(sites, 'en')} {'suffices' if sites == 1 else 'suffice'} for {_goal_pct(goal_pct, 'en')} % of the "
            "electric cars without charging at home to reach a charger on foot; "
            f"{number(sites - 1, language='en')} do not, wherever they stand{en}: this is proved."
        ),
    }


def _duties(indicators: Indicators) -> Words:
    areas = indicators["possible_duties"]
    if areas is None:
        return {
            "da": (
                "Om nogen har pligt til at sætte ladere op, kan ikke siges: regler eller parkeringsarealer er ukendte."
            ),
            "en": "Whether anyone has a duty to set up chargers cannot be said: rules or parking areas are unknown.",
        }
    return {
        "da": (
            f"{_counted(areas, 'da', one='parkeringsareal', more='parkeringsarealer')} har et muligt krav om ladere, "
            "som ikke er kendt; listen er et sted at begynde, ingen afgørelse."
        ),
        "en": (
            f"{_counted(areas, 'en', one='parking area has', more='parking areas have')} a possible duty to have "
            "chargers that are not known of; the list is a place to begin, no ruling."
        ),
    }


def _fleet(indicators: Indicators) -> Words:
    known, missing = indicators["fleet_chargers"], indicators["fleet_missing"]
    if known is None or missing is None:
        return {
            "da": "Hvor mange ladere kommunens egne biler mangler, kan ikke siges: ladere eller baser er ukendte.",
            "en": (
                "How many chargers the municipality's own vehicles lack cannot be said: chargers or bases are unknown."
            ),
        }
    return {
        "da": (
            f"Kommunens egne biler har {number(known)} kendte ladere; {number(missing)} mangler på baserne, når "
            "planens antal fordeles efter kørsel og vagter."
        ),
        "en": (
            f"The municipality's own vehicles have {number(known, language='en')} known chargers; "
            f"{number(missing, language='en')} are missing at the bases when the plan's number is shared out by "
            "mileage and shifts."
        ),
    }


def _shared(tables: Mapping[str, pd.DataFrame]) -> Words:
    table = tables["shared_mobility"]
    first = {kind: rows.iloc[0]["name"] for kind, rows in table.groupby("site_kind", sort=True)} if len(table) else {}
    if "station" not in first:
        return {
            "da": "Hvor delemobilitet når flest ved stationerne, kan ikke siges: stationerne er ukendte.",
            "en": "Where shared mobility reaches most at the stations cannot be said: the stations are unknown.",
        }
    parking = int((table["site_kind"] == "association").sum())
    station = str(first["station"]).removesuffix(" Station")
    return {
        "da": (
            f"Delemobilitet når flest ved {station} Station; {number(parking)} af boligforeningernes "
            "parkeringsarealer er rangordnet til delebiler."
        ),
        "en": (
            f"Shared mobility reaches most people at {station} station; {number(parking, language='en')} "
            "of the housing associations' parking areas are ranked for car sharing."
        ),
    }


def _power(indicators: Indicators, year: int) -> Words:
    kw, short = indicators["ev_kw"], indicators["power_short"]
    if kw is None:
        return {
            "da": "Hvad elbilerne lægger til elnettet, er ikke regnet: netområderne er ukendte.",
            "en": "What electric cars add to the electricity net was not reckoned: its areas are unknown.",
        }
    more = {"da": "", "en": ""}
    if short is not None:
        more = {
            "da": f"; i {number(short)} {'netområde' if short == 1 else 'netområder'} rækker den ledige effekt ikke",
            "en": (
                f"; in {number(short, language='en')} net {'area' if short == 1 else 'areas'} the spare power does not "
                "suffice"
            ),
        }
    together = _together(indicators)
    return {
        "da": (
            f"Elbilerne lægger omkring {_two(kw, 'da')} kW til elnettets spidslast frem til {year}{together['da']}"
            f"{more['da']}."
        ),
        "en": (
            f"Electric cars add about {_two(kw, 'en')} kW to the net's peak load until {year}{together['en']}"
            f"{more['en']}."
        ),
    }


def _together(indicators: Indicators) -> Words:
    """Say the sum with the heat pumps of the heating analysis, where they are known."""
    pumps, added = indicators["heat_pump_kw"], indicators["added_kw"]
    if pumps is None or added is None:
        return {"da": "", "en": ""}
    return {
        "da": (
            f"; med kommunens biler og omkring {_two(pumps, 'da')} kW fra varmepumper bliver det {_two(added, 'da')} "
            "kW i netområderne"
        ),
        "en": (
            f"; with the municipal fleet and about {_two(pumps, 'en')} kW of heat pumps it becomes "
            f"{_two(added, 'en')} kW in the net areas"
        ),
    }
