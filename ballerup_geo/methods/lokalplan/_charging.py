"""Theme 3, charging: cars, plugs that rules may ask for and that the plan's share suggests, coverage, car-sharing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ballerup_geo.methods.lokalplan._figures import Figure, Theme, compared, unknown
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.methods.lokalplan._proposal import HOMES
from ballerup_geo.methods.lokalplan._situation import Situation
from ballerup_geo.spec import Text

__all__ = ["burning_cars_of", "cars_of", "charging_theme", "plugs_required"]

PERCENT = 100.0


def charging_theme(situation: Situation, ground: Ground) -> Theme:
    """Return what is told about charging."""
    figures = [
        _cars(situation, ground),
        _spaces(situation, ground),
        _plugs(situation, ground),
        _required(situation, ground),
        _advisable(situation, ground),
        _covered(situation, ground),
        _shared(situation, ground),
    ]
    return Theme("charging", tuple(figures), (_NO_RULING,))


_NO_RULING = Text(
    da="Et muligt krav er ingen afgørelse: om bygningen er opvarmet, undtaget eller ombygget, vides ikke.",
    en="A possible duty is no ruling: whether a building is heated, exempt or renovated is not known.",
)


def cars_of(situation: Situation, ground: Ground) -> tuple[float, float]:
    """Return the cars of the area's homes as it is, and with what the proposal takes and adds."""
    rows = ground.inside("demand", situation.plan.shape)
    cars = ground.column("demand", "cars", rows)
    gone = _gone_addresses(situation, ground)
    left = ~np.isin(ground.table("demand")["address_id"].to_numpy(object)[rows], list(gone))
    return float(cars.sum()), float(cars[left].sum()) + situation.added("dwellings") * ground.number(
        "cars_per_dwelling"
    )


def burning_cars_of(situation: Situation, ground: Ground) -> tuple[float, float]:
    """Return the cars without a plug, as it is and with the proposal: as the addresses tell, else by a share."""
    before, after = cars_of(situation, ground)
    share = ground.number("electric_today_pct") / PERCENT
    if "ev_today" not in ground.table("demand"):
        return before * (1.0 - share), after * (1.0 - share)
    rows = ground.inside("demand", situation.plan.shape)
    plugged = ground.column("demand", "ev_today", rows)
    left = ~np.isin(
        ground.table("demand")["address_id"].to_numpy(object)[rows], list(_gone_addresses(situation, ground))
    )
    new = situation.added("dwellings") * ground.number("cars_per_dwelling")
    return before - float(plugged.sum()), after - float(plugged[left].sum()) - new * share


def _gone_addresses(situation: Situation, ground: Ground) -> set[Any]:
    if situation.addresses is None:
        return set()
    ids = ground.table("addresses")["address_id"].to_numpy(object)
    return set(ids[situation.addresses[situation.homes_gone]])


def _cars(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Biler i områdets boliger", en="Cars of the area's homes")
    how = Text(
        da="Analysen Opladnings biler ved adresserne. Nye boliger: boliger × biler pr. bolig.",
        en="Cars at the addresses by the analysis Charging. New dwellings: dwellings × cars a dwelling.",
    )
    if not ground.has("demand"):
        return unknown("cars", title, "1", how, ground.why_not("demand"))
    before, after = cars_of(situation, ground)
    return Figure("cars", title, "1", before, after if situation.proposal is not None else None, how, adds_up=True)


def _parking(situation: Situation, ground: Ground) -> tuple[np.ndarray, np.ndarray]:
    """Return the parking areas that belong to the area, and which of them the proposal does not stand on."""
    rows = ground.inside("parking", situation.plan.shape)
    if situation.proposal is None or not len(rows):
        return rows, np.ones(len(rows), dtype=bool)
    room = situation.proposal.union("building", "road", "parking", "green", "basin")
    shapes = ground.frame("parking").geometry.to_numpy()[rows]
    share_pct = PERCENT * shapely.area(shapely.intersection(shapes, room)) / np.maximum(shapely.area(shapes), 1e-9)
    return rows, np.asarray(share_pct < ground.number("demolished_from_pct"))


def _spaces_of(situation: Situation, ground: Ground) -> tuple[float, float]:
    rows, left = _parking(situation, ground)
    spaces = ground.column("parking", "spaces", rows)
    new = situation.added("parking_spaces", kinds=("parking", "building"))
    return float(spaces.sum()), float(spaces[left].sum()) + new


def _spaces(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Parkeringspladser", en="Parking spaces")
    how = Text(
        da="Kendte parkeringsarealers pladser. Forslagets egne lægges til; det, det bygger oven på, trækkes fra.",
        en="Spaces of known parking areas. The proposal's own are added; those it builds over are taken away.",
    )
    if not ground.has("parking"):
        return unknown("parking_spaces", title, "1", how, ground.why_not("parking"))
    before, after = _spaces_of(situation, ground)
    return Figure(
        "parking_spaces", title, "1", before, after if situation.proposal is not None else None, how, adds_up=True
    )


def _plugs(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Kendte ladeudtag", en="Known plugs")
    how = Text(da="Ladeudtag på kendte ladestandere i området.", en="Plugs of known chargers in the area.")
    if not ground.has("chargers"):
        return unknown("plugs", title, "1", how, ground.why_not("chargers"))
    rows = ground.inside("chargers", situation.plan.shape)
    plugs = float(ground.column("chargers", "plugs", rows).sum())
    return Figure("plugs", title, "1", plugs, None, how, adds_up=True)


def plugs_required(spaces: float, *, homes: bool, rules: pd.DataFrame) -> tuple[int, int, tuple[str, ...]]:
    """Return plugs and prepared spaces that rules in force ask of new parking, and which rules.

    A rule asks where there are more spaces than its limit; of several rules the one that asks most counts.
    """
    group = "residential" if homes else "non_residential"
    held = rules[
        (rules["applies_to"] == group) & (rules["building_state"] == "new") & (rules["standing"] == "in_force")
    ]
    held = held[held["spaces_over"].astype(float) < spaces]
    plugs = prepared = 0
    for rule in held.to_dict("records"):
        each, ducts = rule.get("chargers_per_spaces"), rule.get("prepared_per_spaces")
        asked = int(rule["chargers_min"])
        if each is not None and not pd.isna(each):
            asked = max(asked, math.ceil(spaces / float(each)))
        plugs = max(plugs, asked)
        if ducts is not None and not pd.isna(ducts):
            prepared = max(prepared, math.ceil(spaces / float(ducts)))
    return plugs, prepared, tuple(str(rule["title"]) for rule in held.to_dict("records"))


def _required(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Ladeudtag, regler måske kræver", en="Plugs that rules may ask for")
    how = Text(
        da="I dag: analysen Opladnings mulige krav. Nyt byggeri: gældende regler for nye bygninger på "
        "forslagets pladser, "
        "boliger og andet hver for sig.",
        en="Today: possible duties by the analysis Charging. New buildings: rules in force for new buildings on the "
        "proposal's spaces, dwellings and others apart.",
    )
    missing = ground.why_not("duties", *(["charging_rules"] if situation.proposal is not None else []))
    if missing:
        return unknown("plugs_required", title, "1", how, missing)
    rows = ground.inside("duties", situation.plan.shape)
    table = ground.table("duties").iloc[rows]
    open_ = table[table["state"].isin(["possible", "possible_unknown"])]
    before = float(table[table["state"] != "expected"].groupby("parking_id")["plugs_asked"].max().sum())
    short = float(open_.groupby("parking_id")["plugs_missing"].max().sum())
    after: float | None = None
    words = ""
    if situation.proposal is not None:
        asked, prepared, names = _for_proposal(situation, ground)
        after = before + asked
        words = f" ({', '.join(names)}; {prepared})" if names else ""
    return Figure(
        "plugs_required",
        title,
        "1",
        before,
        after,
        Text(
            da=how.da + (f" Regler og pladser, der skal forberedes{words}." if words else ""),
            en=how.en + (f" Rules, and spaces to be prepared{words}." if words else ""),
        ),
        rule=Text(da="ingen mangler ved bestående parkering", en="none missing at existing parking"),
        standing=compared(short, 0.0, at_least=False, otherwise="look"),
        adds_up=True,
    )


def _for_proposal(situation: Situation, ground: Ground) -> tuple[int, int, tuple[str, ...]]:
    """Return what rules ask of the proposal's parking: its spaces shared out by what its floor area is used for."""
    proposal = situation.proposal
    if proposal is None:
        return 0, 0, ()
    building = proposal.kind == "building"
    floor = float(proposal.floor_area_m2[building].sum())
    home = float(proposal.floor_area_m2[building & np.isin(proposal.use, HOMES)].sum())
    spaces = situation.added("parking_spaces", kinds=("parking", "building"))
    if floor <= 0 or spaces <= 0:
        return 0, 0, ()
    rules = ground.table("charging_rules")
    found = [
        plugs_required(math.floor(spaces * part / floor), homes=homes, rules=rules)
        for part, homes in ((home, True), (floor - home, False))
        if part > 0
    ]
    return sum(f[0] for f in found), sum(f[1] for f in found), tuple(dict.fromkeys(n for f in found for n in f[2]))


def _advisable(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Ladeudtag, der kan anbefales", en="Plugs that are advisable")
    how = Text(
        da="Planens andel af bilerne på el × biler ÷ elbiler pr. ladeudtag.",
        en="The plan's share of electric cars × cars ÷ electric cars a plug.",
    )
    if not ground.has("demand"):
        return unknown("plugs_advisable", title, "1", how, ground.why_not("demand"))
    before, after = cars_of(situation, ground)
    share = ground.number("electric_share_pct") / PERCENT / ground.number("cars_per_plug")
    return Figure(
        "plugs_advisable",
        title,
        "1",
        before * share,
        after * share if situation.proposal is not None else None,
        how,
        rule=Text(
            da="ladeinfrastruktur til ca. 25 % af bilerne i 2030 (Klimapolitik, ben 4)",
            en="charging for about 25 % of the cars by 2030 (climate policy, leg 4)",
        ),
        adds_up=True,
    )


def _covered(situation: Situation, ground: Ground) -> Figure:
    title = Text(
        da="Elbiler i målåret, som dagens ladere dækker",
        en="Electric cars of the target year that today's chargers cover",
    )
    how = Text(
        da="Analysen Opladnings dækning ved adresserne, vejet med elbiler uden ladning hjemme.",
        en="Coverage at the addresses by the analysis Charging, weighted by electric cars that cannot charge at home.",
    )
    if not ground.has("demand"):
        return unknown("covered_pct", title, "%", how, ground.why_not("demand"))
    rows = ground.inside("demand", situation.plan.shape)
    weight = ground.column("demand", "ev_no_home", rows)
    covered = ground.column("demand", "covered_target_pct", rows)
    value = float((covered * weight).sum() / weight.sum()) if weight.sum() > 0 else None
    if value is None:
        none = Text(
            da="ingen elbiler uden ladning hjemme i området", en="no electric cars without charging at home here"
        )
        return unknown("covered_pct", title, "%", how, [none])
    return Figure("covered_pct", title, "%", value, None, how)


def _shared(situation: Situation, ground: Ground) -> Figure:
    title = Text(
        da="Afstand til nærmeste sted, der egner sig til delebiler",
        en="Distance to the nearest place that suits shared cars",
    )
    how = Text(
        da="Fugleflugt fra området til nærmeste sted på analysen Opladnings liste over delemobilitet.",
        en="As the crow flies from the area to the nearest place of the analysis Charging's list of shared mobility.",
    )
    if not ground.has("shared_mobility") or not len(ground.table("shared_mobility")):
        return unknown("shared_m", title, "m", how, ground.why_not("shared_mobility") or [_NO_PLACES])
    places = ground.frame("shared_mobility").geometry.to_numpy()
    away = shapely.distance(places, situation.plan.shape)
    row = int(np.argmin(away))
    name = str(ground.table("shared_mobility")["name"].iloc[row])
    return Figure(
        "shared_m", Text(da=f"{title.da} ({name})", en=f"{title.en} ({name})"), "m", float(away[row]), None, how
    )


_NO_PLACES = Text(da="analysen Opladning fandt ingen steder", en="the analysis Charging found no places")
