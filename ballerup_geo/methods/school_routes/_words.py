"""What the school routes say in words, in Danish and in English."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.methods._code_words import ROAD_CLASSES
from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, number

__all__ = [
    "ANSWERS",
    "CAUSE_WORDS",
    "CONTROLS",
    "FACILITIES",
    "LEVEL_WORDS",
    "LIMITS",
    "LINK_CLASSES",
    "MISSING",
    "NOTES",
    "REASONS",
    "RULE_WORDS",
    "SUMMARY",
    "Words",
    "main_answer",
    "winter_answer",
]

Words = dict[Language, str]
Indicators = Mapping[str, float | None]

ANSWERS = ("winter", "plan")
"""Beside the main one."""

LEVEL_WORDS = {
    "0_3": Text(da="børnehaveklasse–3. klasse", en="classes 0–3"),
    "4_6": Text(da="4.–6. klasse", en="classes 4–6"),
    "7_9": Text(da="7.–9. klasse", en="classes 7–9"),
    "10": Text(da="10. klasse", en="class 10"),
}
LINK_CLASSES = {**ROAD_CLASSES, "path": Text(da="sti", en="path")}
FACILITIES = {
    "path": Text(da="sti i eget tracé", en="path of its own"),
    "track": Text(da="cykelsti langs vej", en="cycle track"),
    "lane": Text(da="cykelbane", en="cycle lane"),
    "lane_beside_parking": Text(da="cykelbane ved parkering", en="cycle lane beside parking"),
    "mixed": Text(da="blandet trafik", en="mixed traffic"),
}
CONTROLS = {
    "signal": Text(da="signal", en="signal"),
    "zebra": Text(da="fodgængerfelt", en="zebra crossing"),
    "none": Text(da="ingen", en="none"),
    "underpass": Text(da="tunnel", en="underpass"),
    "bridge": Text(da="bro", en="bridge"),
}
REASONS = {
    "low_stress": Text(da="har en lavstress-rute", en="has a low-stress route"),
    "detour": Text(da="lavstress-ruten er for stor en omvej", en="the low-stress route is too long a detour"),
    "link": Text(da="en utryg strækning spærrer", en="a stressful link bars the way"),
    "crossing": Text(da="en utryg krydsning spærrer", en="a stressful crossing bars the way"),
    "unconnected": Text(da="intet cykelnet forbinder hjem og skole", en="no cycling network joins home and school"),
    "home_far": Text(da="hjemmet ligger for langt fra vej og sti", en="the home lies too far from road and path"),
    "site_far": Text(da="skolen ligger for langt fra vej og sti", en="the school lies too far from road and path"),
    "no_site": Text(da="ingen skole i laget har klassetrinnet", en="no school in the layer teaches the class"),
}
MISSING = {
    "nothing": Text(da="intet", en="nothing"),
    "facility": Text(da="cykelforhold", en="cycle facility"),
    "speed_kmh": Text(da="fartgrænse", en="speed limit"),
    "aadt": Text(da="årsdøgntrafik", en="traffic"),
    "lanes_per_direction": Text(da="antal spor", en="number of lanes"),
    "lanes": Text(da="antal spor", en="number of lanes"),
    "centreline": Text(da="midterlinje", en="centre line"),
    "island_m": Text(da="helleanlæg", en="island"),
    "control": Text(da="regulering", en="control"),
    "several": Text(da="flere oplysninger", en="several attributes"),
    "other": Text(da="en anden oplysning", en="another attribute"),
}
"""What is not known of a street or crossing, where knowing it would narrow the interval."""
RULE_WORDS = {
    "furth-2.2": Text(da="Furth 2.2 (2022)", en="Furth 2.2 (2022)"),
    "mekuria-2012": Text(da="Mekuria, Furth og Nixon (2012)", en="Mekuria, Furth and Nixon (2012)"),
    "denmark-viero": Text(da="Dansk landsstudie (Vierø og Szell)", en="Danish national study (Vierø and Szell)"),
    "bna-2026": Text(da="Bicycle Network Analysis (2026)", en="Bicycle Network Analysis (2026)"),
}

SUMMARY: Words = {
    "da": (
        "Hver strækning og hver krydsning får et trin for utryghed (level of traffic stress, 1–4) efter åbne regelsæt: "
        "cykelforhold, fart, trafik, spor; for en krydsning den vej, der krydses. Hver elev føres fra hjemmet til den "
        "nærmeste afdeling af distriktets skole, som har klassetrinnet. En lavstress-rute går kun ad strækninger og "
        "krydsninger på det trin, klassetrinnet regnes for at tåle, og er højst så meget længere end den korteste "
        "lovlige rute, som omvejsgrænsen siger. Hvor der ingen er, siges hvad der først spærrer på den rute, der har "
        "færrest utrygge steder. Hvor data mangler, regnes med begge yderpunkter, og flere regelsæt regnes side om "
        "side: andelen er et interval."
    ),
    "en": (
        "Each link and each crossing is given a level of traffic stress (1–4) by open rule sets: cycle facility, "
        "speed, traffic, lanes; for a crossing those of the road crossed. Each pupil is led from home to the nearest "
        "site of the district's school that teaches the class. A low-stress route uses only links and crossings of the "
        "level that the class is taken to accept, and is longer than the shortest legal route by no more than the "
        "detour limit allows. Where there is none, it is told what bars the way first on the route with the fewest "
        "stressful places. Where data are missing both extremes are computed, and several rule sets are computed side "
        "by side: the share is an interval."
    ),
}

LIMITS: tuple[Words, ...] = (
    {
        "da": (
            "Utryghed er ikke ulykkesrisiko, og et trin er ingen afgørelse: om en skolevej er trafikfarlig, afgør "
            "kommunen efter politiets og vejmyndighedens udtalelser. Politiet har vurderet skolevejene som sikre."
        ),
        "en": (
            "Stress is not accident risk, and a level is no decision: whether a school road counts as dangerous is "
            "decided by the municipality on statements of police and road authority. The police has rated the school "
            "roads as safe."
        ),
    },
    {
        "da": "Uheld er talt, ikke sat i forhold til trafikken; mange cyklistuheld hører politiet aldrig om.",
        "en": "Accidents are counted, not related to traffic; of many with cyclists the police never hears.",
    },
    {
        "da": (
            "Enhver elev regnes på cykel fra hoveddøren til skolens punkt, det sidste stykke i lige linje fra veje og "
            "stier omkring skolen; indgange, hegn, følgeskab, bus og børn, der går på privatskole, er ukendte."
        ),
        "en": (
            "Every pupil is taken to cycle from the door to the school's point, the last stretch in a straight line "
            "from streets and paths around the school; entrances, fences, company, buses and children at private "
            "schools are unknown."
        ),
    },
    {
        "da": (
            "At krydse vejen ved hjemmets dør er ikke regnet med: en elev begynder på den side af vejen, som ruten "
            "kræver. Langs en stor vej kan det være den sværeste krydsning på hele turen."
        ),
        "en": (
            "Crossing the road at one's own door is not counted: a pupil begins on the side of the road that the "
            "route needs. On a main road that may be the hardest crossing of the whole way."
        ),
    },
    {
        "da": (
            "Andele er regnet af elevtal, der er rundet til nærmeste hele femmer, så ingen kan regne sig til en enkelt "
            "elev; for få elever siges ingen andel. 100 % kan derfor betyde alle på nær et par."
        ),
        "en": (
            "Shares are those of pupils rounded to the nearest five, so that nobody can work out a single pupil; of "
            "too few pupils no share is told. So 100 % may mean all but one or two."
        ),
    },
)

CAUSE_WORDS = {
    "pupils": Text(da="andre elever, hjem og skoler", en="other pupils, homes and schools"),
    "data": Text(da="mere eller mindre viden om vejene", en="more or less known of the streets"),
    "network": Text(da="andre veje, stier og krydsninger", en="other streets, paths and crossings"),
    "rules": Text(da="andre regler", en="other rules"),
    "all": Text(da="i alt", en="in all"),
}
"""Causes of a change between two runs."""

NOTES: Mapping[str, Words] = {
    "not_comparable": {
        "da": "Den tidligere beregning brugte en anden omvejsgrænse eller et ukendt regelsæt: ændringen siges ikke.",
        "en": "The former run used another detour limit or an unknown rule set: the change is not told.",
    },
    "reckoned": {
        "da": "Eleverne er regnet ud fra boligerne, ikke talt i et register.",
        "en": "Pupils are reckoned from dwellings, not counted in a register.",
    },
    "no_districts": {
        "da": "Skoledistrikterne er ukendte: hver elev føres til den nærmeste skole med klassetrinnet.",
        "en": "The school districts are unknown: each pupil is led to the nearest school that teaches the class.",
    },
    "no_crossings": {
        "da": "Krydsningerne er ukendte: signaler, heller og tunneler kan gøre dem roligere, end de regnes for.",
        "en": "Crossings are unknown: signals, islands and underpasses may make one calmer than it is taken to be.",
    },
    "no_terrain": {
        "da": "Terrænet er ukendt: stigninger er ikke målt.",
        "en": "The terrain is unknown: climbs are not told.",
    },
    "plan_no_light": {
        "da": "Belysningen er ukendt, så planen for mørke morgener regner ingen belysning med.",
        "en": "Street lighting is unknown, so the plan for dark mornings counts no lighting.",
    },
    "plan_some_light": {
        "da": "Planen for mørke morgener regner kun belysning med, hvor en strækning vides at være ubelyst.",
        "en": "The plan for dark mornings counts lighting only where a link is known to be unlit.",
    },
    "no_light": {"da": "Belysningen er ukendt.", "en": "Street lighting is unknown."},
    "no_accidents": {"da": "Uheldene er ukendte.", "en": "Accidents are unknown."},
    "no_areas": {
        "da": "Statistikområderne er ukendte: andelene er ikke delt efter indkomst.",
        "en": "The statistics areas are unknown: shares are not told by income.",
    },
}


def main_answer(language: Language, indicators: Indicators) -> str:
    """Say how many pupils have a low-stress route, as an interval, and how many of the younger and the older ones."""
    share, least, most = (indicators[f"accepted{part}_pct"] for part in ("", "_least", "_most"))
    if share is None or least is None or most is None:
        if language == "da":
            return "Ingen elever kan følges til skole: andelen med en lavstress-rute er ukendt."
        return "No pupil can be followed to school: the share with a low-stress route is unknown."
    said = number(share, language=language)
    span = f"{number(least, language=language)}–{number(most, language=language)} %"
    young, older = (_group(language, indicators[f"low_{name}_pct"]) for name in ("0_3", "4_10"))
    if language == "da":
        return (
            f"{said} % af eleverne har en lavstress-rute til skole ({span} efter regelsæt og manglende data): "
            f"{young} af de yngste til og med 3. klasse, {older} af de ældre."
        )
    return (
        f"{said} % of the pupils have a low-stress route to school ({span} over rule sets and missing data): "
        f"{young} of the youngest up to class 3, {older} of the older ones."
    )


def _group(language: Language, share: float | None) -> str:
    if share is None:
        return "et ukendt antal" if language == "da" else "an unknown number"
    return f"{number(share, language=language)} %"


def winter_answer(language: Language, indicators: Indicators) -> str:
    """Say what is left of low-stress routes when it is dark."""
    light, dark = indicators["accepted_pct"], indicators["dark_pct"]
    if light is None or dark is None:
        return "Belysningen er ukendt." if language == "da" else "Street lighting is unknown."
    before, after = number(light, language=language), number(dark, language=language)
    if language == "da":
        return f"Uden ubelyste veje har {after} % af eleverne en lavstress-rute på mørke morgener mod {before} % i lys."
    return f"Without unlit roads {after} % of the pupils have a low-stress route on dark mornings, {before} % in light."
