"""Theme 2, heat: supply area and year, demand, what is burnt, the cheaper system, and pipes in the way."""

from __future__ import annotations

import numpy as np
import shapely

from ballerup_geo.methods.lokalplan._figures import Figure, Theme, compared, unknown
from ballerup_geo.methods.lokalplan._ground import Ground, sums
from ballerup_geo.methods.lokalplan._pipes import pipe_figures
from ballerup_geo.methods.lokalplan._situation import Situation
from ballerup_geo.spec import Text
from ballerup_geo.spec.words import enumeration

__all__ = ["heat_demand_mwh", "heat_theme", "left_of"]

PERCENT = 100.0
KWH_PER_MWH = 1000.0
BURNT = ("oil", "gas")
STAGES = {
    "supplied": Text(da="forsynet med fjernvarme", en="supplied with district heating"),
    "approved": Text(da="fjernvarme, projekt godkendt", en="district heating, project approved"),
    "planned": Text(da="fjernvarme i varmeplanen", en="district heating in the heat plan"),
    "paused": Text(da="fjernvarme, sat på pause", en="district heating, paused"),
    "individual": Text(da="individuel varme", en="individual heating"),
}
_NO_AREA = Text(da="uden for varmeplanens områder", en="outside the heat plan's areas")


def heat_theme(situation: Situation, ground: Ground) -> Theme:
    """Return what is told about heating."""
    figures = [
        *_supply(situation, ground),
        _demand(situation, ground),
        _burnt(situation, ground),
        _cheaper(situation, ground),
        _duties(situation, ground),
        *pipe_figures(situation, ground),
    ]
    return Theme("heat", tuple(figures), (_NO_DUTY,))


_NO_DUTY = Text(
    da="Et godkendt område giver ingen pligt til at skifte. Selskabets plads i nettet og tilbud til byggeriet "
    "er ikke med.",
    en="An approved area creates no duty to change. The supplier's room in the net and its offer are not considered.",
)


def _supply(situation: Situation, ground: Ground) -> list[Figure]:
    title = Text(da="Forsyning efter varmeplanen", en="Supply by the heat plan")
    how = Text(
        da="Det varmeområde, der dækker mest af arealet, og det år, det skal være udbygget.",
        en="The heat area that covers most of the ground, and the year in which it is to be completed.",
    )
    if not ground.has("heat_areas"):
        return [unknown("heat_supply", title, "-", how, ground.why_not("heat_areas"))]
    rows, parts = ground.within("heat_areas", situation.plan.shape)
    table = ground.table("heat_areas")
    area = shapely.area(parts)
    district = table["kind"].to_numpy(object)[rows] == "district_heating"
    share = PERCENT * float(area[district].sum()) / float(situation.plan.shape.area)
    by_stage = sums(table["stage"].to_numpy(object)[rows], area)
    most = max(by_stage, key=lambda stage: (by_stage[stage], stage), default=None)
    words = _NO_AREA if most is None else STAGES.get(str(most), Text(da=str(most), en=str(most)))
    approved = district & (table["stage"].to_numpy(object)[rows] == "approved")
    held = bool(approved.any())
    years = ground.column("heat_areas", "end_year", rows)[approved if held else district]
    last = float(years[years > 0].max()) if (years > 0).any() else None
    figures = [
        Figure("heat_supply", title, "-", words, words if situation.proposal is not None else None, how),
        Figure(
            "district_pct",
            Text(da="Areal i fjernvarmeområde", en="Ground in a district-heating area"),
            "%",
            share,
            share if situation.proposal is not None else None,
            how,
        ),
    ]
    if last is not None:
        figures.append(
            Figure(
                "heat_year",
                Text(da="Godkendt område udbygget senest", en="Approved area completed at the latest")
                if held
                else Text(da="Udbygget senest", en="Completed at the latest"),
                "year",
                last,
                None,
                how,
                rule=Text(
                    da="godkendte områder konverteret senest 2030 (Klimapolitik, ben 3)",
                    en="approved areas converted by 2030 (climate policy, leg 3)",
                )
                if held
                else None,
                target=ground.number("heat_target_year") if held else None,
                standing=compared(last, ground.number("heat_target_year"), at_least=False, otherwise="look")
                if held
                else "told",
            )
        )
    return figures


_DUTIES = {
    "connect": Text(da="tilslutningspligt", en="duty to connect"),
    "ban": Text(da="forbud mod en opvarmning", en="ban on a kind of heating"),
}


def _duties(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Ældre pligt eller forbud", en="Older duty or ban")
    how = Text(
        da="Områder med tilslutningspligt eller forbud i Plandata, som rører planen. Nye pligter kan ikke pålægges; de "
        "gamle gælder, hvor de er tinglyst.",
        en="Areas with a duty to connect or a ban in Plandata that meet the plan. New duties cannot be laid; old ones "
        "hold where they are registered.",
    )
    if not ground.has("heat_duties"):
        return unknown("heat_duties", title, "-", how, ground.why_not("heat_duties"))
    rows, _ = ground.within("heat_duties", situation.plan.shape)
    kinds = sorted({str(kind) for kind in ground.table("heat_duties")["kind"].to_numpy(object)[rows]})
    named = [_DUTIES.get(kind, Text(da=kind, en=kind)) for kind in kinds]
    words = Text(
        da=enumeration([each.da for each in named]) or "ingen kendte",
        en=enumeration([each.en for each in named], language="en") or "none known",
    )
    return Figure("heat_duties", title, "-", words, words if situation.proposal is not None else None, how)


def left_of(situation: Situation, ground: Ground, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of a table of buildings that belong to the area, and which of them the proposal leaves."""
    buildings = ground.table("buildings")["building_id"].to_numpy(object)
    inside = set(buildings[situation.buildings]) if situation.buildings is not None else set()
    gone = set(buildings[situation.buildings[situation.gone]]) if situation.buildings is not None else set()
    ids = ground.table(name)["building_id"].to_numpy(object)
    rows = np.flatnonzero([each in inside for each in ids])
    left = np.array([ids[row] not in gone for row in rows], dtype=bool)
    return rows, left


def heat_demand_mwh(situation: Situation, ground: Ground) -> tuple[float, float]:
    """Return the area's heat demand a year as it is, and what the proposal leaves and adds, MWh."""
    rows, left = left_of(situation, ground, "heat_buildings")
    heat = ground.column("heat_buildings", "heat_mwh", rows)
    new = situation.added("floor_area_m2") * ground.number("new_heat_kwh_m2") / KWH_PER_MWH
    return float(heat.sum()), float(heat[left].sum()) + new


def _demand(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Varmebehov om året", en="Heat demand a year")
    how = Text(
        da="Analysen Varmes behov for områdets bygninger. Nyt byggeri: etageareal × nøgletal.",
        en="The demand of the area's buildings by the analysis Heating. New buildings: floor area × a rate.",
    )
    missing = ground.why_not("heat_buildings", "buildings")
    if missing:
        return unknown("heat_mwh", title, "MWh", how, missing)
    before, after = heat_demand_mwh(situation, ground)
    return Figure(
        "heat_mwh", title, "MWh", before, after if situation.proposal is not None else None, how, adds_up=True
    )


def _burnt(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Bygninger på olie eller gas", en="Buildings on oil or gas")
    how = Text(
        da="Bygninger, som analysen Varme læser som opvarmet med olie eller gas. Nyt byggeri regnes uden.",
        en="Buildings that the analysis Heating reads as heated by oil or gas. New buildings are taken to use none.",
    )
    missing = ground.why_not("phase_out", "buildings")
    if missing:
        return unknown("fossil_buildings", title, "1", how, missing)
    rows, left = left_of(situation, ground, "phase_out")
    table = ground.table("phase_out")
    fossil = np.isin(table["present"].to_numpy(object)[rows], BURNT)
    count = ground.column("phase_out", "buildings", rows) if "buildings" in table else np.ones(len(rows))
    before = float(count[fossil].sum())
    after = float(count[fossil & left].sum()) if situation.proposal is not None else None
    return Figure(
        "fossil_buildings",
        title,
        "1",
        before,
        after,
        how,
        rule=Text(
            da="olie og naturgas til rumopvarmning udfaset 2030 (Klimapolitik, ben 3)",
            en="oil and natural gas for space heating phased out by 2030 (climate policy, leg 3)",
        ),
        target=0.0,
        standing=compared(before if after is None else after, 0.0, at_least=False, otherwise="look"),
        adds_up=True,
    )


def _cheaper(situation: Situation, ground: Ground) -> Figure:
    title = Text(
        da="Billigst for samfundet, hvor der er en fjernvarmezone", en="Cheapest for society, where there is a zone"
    )
    how = Text(
        da="Den mulige fjernvarmezone, der dækker mest af arealet, og om fjernvarme eller varmepumpe er "
        "billigst i den.",
        en="The candidate zone that covers most of the ground, and whether district heating or heat pumps cost "
        "least in it.",
    )
    if not ground.has("heat_zones"):
        return unknown("heat_choice", title, "-", how, ground.why_not("heat_zones"))
    rows, parts = ground.within("heat_zones", situation.plan.shape)
    if not len(rows):
        words = Text(da="ingen fjernvarmezone; varmepumpe ligger nærmest", en="no zone; a heat pump is at hand")
        return Figure("heat_choice", title, "-", words, words if situation.proposal is not None else None, how)
    row = int(rows[int(np.argmax(shapely.area(parts)))])
    table = ground.table("heat_zones")
    district, pump = (table[f"society_{system}_dkk_mwh"].iloc[row] for system in ("dh", "hp"))
    words = Text(da="ukendt", en="unknown")
    if district == district and pump == pump:
        words = (
            Text(da="fjernvarme", en="district heating") if district <= pump else Text(da="varmepumpe", en="heat pump")
        )
    return Figure("heat_choice", title, "-", words, words if situation.proposal is not None else None, how)
