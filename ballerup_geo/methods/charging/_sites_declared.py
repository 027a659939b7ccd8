"""Declarations of the new charging sites: their tables, assumptions, indicators and limits."""

from __future__ import annotations

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Words
from ballerup_geo.methods.charging._candidates import SITE_KINDS
from ballerup_geo.methods.charging._columns import of_homes
from ballerup_geo.methods.charging._plan import PHASES
from ballerup_geo.spec import Assumption, Indicator, OutputTable, Text

__all__ = ["ALL", "ASSUMPTIONS", "CURVE", "EQUITY", "INDICATORS", "LIMITS", "NEW", "PHASE_TABLE"]

ROOM_CODES = {
    "enough": Text(da="ja", en="yes"),
    "too_few": Text(da="nej: flere ladeudtag end pladser", en="no: more plugs than spaces"),
    "unknown": Text(da="ukendt", en="unknown"),
}
YES_NO = {"yes": Text(da="ja", en="yes"), "no": Text(da="nej", en="no")}


NEW = OutputTable(
    "new_sites",
    "point",
    (
        text("site_id", "sted", "site"),
        text("site_kind", "slags", "kind", SITE_KINDS),
        text("name", "navn", "name"),
        count("order", "nummer i rækken", "place in the order"),
        count("phase_year", "senest i", "by"),
        count("dwellings", "boliger, der har stedet nærmest", "dwellings that have the site nearest"),
        of_homes("gain_cars", "1", "elbiler, stedet lægger til", "electric cars that the site adds"),
        of_homes("cars", "1", "elbiler, der har stedet nærmest", "electric cars that have the site nearest"),
        of_homes("kwh", "kWh", "deres ladning her om året", "what they charge here in a year"),
        count("plugs", "ladeudtag, der skal til", "plugs needed"),
        of_homes("wait_pct", "%", "må vente i den travleste time", "must wait in the busiest hour"),
        of_homes("busy_pct", "%", "optaget i den travleste time", "taken in the busiest hour"),
        of_homes("used_pct", "%", "udnyttelse over året", "utilisation over the year"),
        text("room", "plads til dem", "room for them", ROOM_CODES),
        count("spaces", "parkeringspladser", "parking spaces"),
        figure("cost_dkk", "DKK", "anlæg", "cost"),
    ),
)
ALL = OutputTable(
    "candidate_sites",
    "point",
    (
        text("site_id", "sted", "site"),
        text("site_kind", "slags", "kind", SITE_KINDS),
        text("name", "navn", "name"),
        count("dwellings", "boliger inden for gang", "dwellings in walking distance"),
        of_homes(
            "cars", "1", "elbiler inden for gang uden lader", "electric cars in walking distance without a charger"
        ),
        count("order", "nummer i rækken (0: ikke valgt)", "place in the order (0: not chosen)"),
    ),
)
CURVE = OutputTable(
    "site_curve",
    "table",
    (
        count("sites", "nye steder", "new sites"),
        figure("best_cars", "1", "elbiler dækket, bedste valg", "electric cars covered, best choice"),
        figure("best_pct", "%", "dækket, bedste valg", "covered, best choice"),
        figure("gain_cars", "1", "mere end med ét sted færre", "more than with one site fewer"),
        figure("bound_cars", "1", "ingen kan dække mere end", "nobody can cover more than"),
        text("proved", "bevist bedst", "proved best", YES_NO),
        figure("plan_cars", "1", "elbiler dækket efter planen", "electric cars covered by the plan"),
        figure("plan_pct", "%", "dækket efter planen", "covered by the plan"),
        figure("plan_loss_cars", "1", "planen dækker mindre end bedste valg", "the plan covers less than the best"),
        count("plugs", "ladeudtag i alt", "plugs in all"),
        figure("cost_dkk", "DKK", "anlæg i alt", "cost in all"),
    ),
)
PHASE_TABLE = OutputTable(
    "site_phases",
    "table",
    (
        count("year", "senest i", "by"),
        count("sites", "nye steder i alt", "new sites in all"),
        figure("covered_cars", "1", "elbiler dækket", "electric cars covered"),
        figure("covered_pct", "%", "dækket", "covered"),
        figure("loss_cars", "1", "mindre end frit valg i året", "less than a free choice in the year"),
        count("plugs", "ladeudtag i alt, til målårets biler", "plugs in all, for the target year's cars"),
        figure("cost_dkk", "DKK", "anlæg i perioden", "cost in the period"),
    ),
)
EQUITY = OutputTable(
    "site_equity",
    "table",
    (
        text("area_id", "område", "area"),
        count("dwellings", "boliger", "dwellings"),
        of_homes("cars", "1", "elbiler uden lader", "electric cars without a charger"),
        of_homes("reached_pct", "%", "heraf kan kandidaterne nå", "of them candidates can reach"),
        of_homes("free_pct", "%", "dækket af dem, når flest biler tæller", "covered of these when most cars count"),
        of_homes(
            "fair_pct", "%", "dækket af dem, ringest dækkede område først", "covered of these, worst-served area first"
        ),
    ),
)

ASSUMPTIONS = (
    *(Assumption(f"phase_{k}_year", "år", kind="integer", minimum=2000, maximum=2100) for k in PHASES),
    *(Assumption(f"phase_{k}_sites", "1", kind="integer", minimum=0, maximum=500) for k in PHASES),
    Assumption("curve_sites", "1", kind="integer", minimum=1, maximum=200),
    Assumption("cover_goal_pct", "%", minimum=0.0, maximum=100.0),
    Assumption("equity_give_up_pct", "%", minimum=0.0, maximum=100.0),
    Assumption("equity_areas", "1", kind="integer", minimum=1, maximum=100),
    Assumption("new_site_walk_m", "m", minimum=0.0, maximum=2000.0),
    Assumption("candidate_min_spaces", "1", minimum=0.0),
    Assumption("candidate_min_cars", "1", minimum=0.0),
    Assumption("roadside_step_m", "m", minimum=20.0),
    Assumption("roadside_apart_m", "m", minimum=0.0),
    Assumption("roadside_reach_m", "m", minimum=0.0),
    Assumption("new_plug_kw", "kW", minimum=1.0),
    Assumption("site_plugs_min", "1", minimum=1.0),
    Assumption("new_site_dkk", "DKK", minimum=0.0),
    Assumption("new_plug_dkk", "DKK", minimum=0.0),
)
INDICATORS = (
    Indicator("new_sites", "1", "Nye ladesteder i planen", "New charging sites in the plan"),
    Indicator(
        "new_sites_pct",
        "%",
        "Elbiler uden ladning hjemme, der når en lader med de nye steder",
        "Electric cars without charging at home that reach a charger with the new sites",
        significant=2,
    ),
    Indicator("new_sites_plugs", "1", "Ladeudtag på de nye steder", "Plugs at the new sites", significant=2),
    Indicator("new_sites_dkk", "DKK", "Anlæg af de nye steder", "Cost of the new sites", significant=2),
    Indicator(
        "sites_for_goal",
        "1",
        "Færrest nye steder, der når dækningsmålet",
        "Fewest new sites that reach the goal of coverage",
    ),
    Indicator(
        "equity_price_cars",
        "1",
        "Elbiler færre dækket, når det ringest dækkede område kommer først",
        "Electric cars fewer covered when the worst-served area comes first",
        significant=2,
    ),
)
LIMITS: tuple[Words, ...] = (
    {
        "da": (
            "Kandidaterne er steder, hvor der er plads; om ejeren vil, om kablet rækker, og om pladsen må bruges, "
            "er ikke undersøgt. Nye steder regnes at have ladeudtag nok."
        ),
        "en": (
            "Candidates are places with room; whether the owner agrees, the cable suffices and the space may be "
            "used was not looked into. New sites are taken to have plugs enough."
        ),
    },
)
