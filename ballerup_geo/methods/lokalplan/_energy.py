"""Themes 7 and 8: sun on roofs as a first figure, and a CO2 total on the municipal account's basis."""

from __future__ import annotations

import shapely

from ballerup_geo.methods.lokalplan._charging import burning_cars_of
from ballerup_geo.methods.lokalplan._figures import Figure, Theme, compared, unknown
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.methods.lokalplan._heat import left_of
from ballerup_geo.methods.lokalplan._situation import TAKES_ROOM, Situation
from ballerup_geo.spec import Text

__all__ = ["co2_theme", "solar_theme"]

PERCENT = 100.0
KWH_PER_MWH = 1000.0
KG_PER_T = 1000.0


def solar_theme(situation: Situation, ground: Ground) -> Theme:
    """Return what is told about sun on roofs."""
    title = Text(da="Tag, der måske kan bruges til solceller", en="Roof that may serve for solar cells")
    how = Text(
        da="Tag efter arealdækket × den andel, der måske kan bruges. Med forslaget: dets tage i stedet for dem, det "
        "tegner over.",
        en="Roof by the land cover × the share that may serve. With the proposal: its roofs instead of those it "
        "draws over.",
    )
    power = Text(da="El fra det tag om året", en="Power from that roof a year")
    if situation.cover_m2 is None:
        missing = ground.why_not("land_cover")
        return Theme(
            "solar",
            (
                unknown("solar_roof_m2", title, "m²", how, missing),
                unknown("solar_mwh", power, "MWh", how, missing),
                _taken(situation, ground),
            ),
        )
    share, rate = ground.number("roof_usable_pct") / PERCENT, ground.number("solar_kwh_m2") / KWH_PER_MWH
    before = situation.cover_m2["roof"] * share
    after = None if situation.cover_proposed_m2 is None else situation.cover_proposed_m2["roof"] * share
    figures = (
        Figure("solar_roof_m2", title, "m²", before, after, how, adds_up=True),
        Figure("solar_mwh", power, "MWh", before * rate, None if after is None else after * rate, how, adds_up=True),
    )
    leaves = Text(
        da="Tagets retning, hældning, skygge, bæreevne og fredning er ikke med.",
        en="The roof's direction, slope, shade, strength and protection are not considered.",
    )
    return Theme("solar", (*figures, _taken(situation, ground)), (leaves,))


def _taken(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Tag, der allerede har solceller", en="Roof that has solar cells already")
    how = Text(
        da="Kendte tage med solceller. De er ikke trukket fra ovenfor. Med forslaget: uden dem, det tager pladsen fra.",
        en="Known roofs with solar cells. They are not taken away above. With the proposal: without those whose room "
        "it takes.",
    )
    if not ground.has("solar_roofs"):
        return unknown("solar_taken_m2", title, "m²", how, ground.why_not("solar_roofs"))
    whole = shapely.union_all(ground.within("solar_roofs", situation.plan.shape)[1])
    after = None
    if situation.proposal is not None:
        after = float(shapely.difference(whole, situation.proposal.union(*TAKES_ROOM)).area)
    return Figure("solar_taken_m2", title, "m²", float(whole.area), after, how, adds_up=True)


def co2_theme(situation: Situation, ground: Ground) -> Theme:
    """Return what is told about CO2: heat and cars, a year, as the municipality's account counts them."""
    heat, cars = _heat_t(situation, ground), _cars_t(situation, ground)
    figures = [heat, cars, _total(situation, heat, cars)]
    leaves = Text(
        da="Summen har kun varme og husstandenes biler. Byggematerialer og byggeplads, el, erhvervets "
        "processer, landbrug, "
        "jord og træer og alt, der købes uden for kommunen, er ikke med; derfor er den ikke byggeriets "
        "klimaaftryk (LCA).",
        en="The total holds heat and households' cars alone. Materials and building site, electricity, "
        "processes, farming, "
        "soil and trees, and all that is bought outside the municipality are left out; so it is no life-cycle "
        "assessment.",
    )
    return Theme("co2", tuple(figures), (leaves,))


def _heat_t(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="CO2 fra varme om året", en="CO2 from heat a year")
    how = Text(
        da="Afbrænding af olie og gas efter analysen Varme. Nyt byggeri: etageareal × nøgletal × fjernvarmens CO2.",
        en="Burning of oil and gas by the analysis Heating. New buildings: floor area × a rate × district "
        "heating's CO2.",
    )
    missing = ground.why_not("phase_out", "buildings")
    if missing:
        return unknown("heat_co2_t", title, "t", how, missing)
    rows, left = left_of(situation, ground, "phase_out")
    burnt = ground.column("phase_out", "co2_t", rows)
    new_mwh = situation.added("floor_area_m2") * ground.number("new_heat_kwh_m2") / KWH_PER_MWH
    new_t = new_mwh * ground.number("new_heat_co2_kg_mwh") / KG_PER_T
    after = float(burnt[left].sum()) + new_t if situation.proposal is not None else None
    return Figure("heat_co2_t", title, "t", float(burnt.sum()), after, how, digits=1, adds_up=True)


def _cars_t(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="CO2 fra husstandenes biler om året", en="CO2 from households' cars a year")
    how = Text(
        da="Biler uden stik (analysen Opladnings, hvor den fortæller det) × km om året × g pr. km; elbiler er 0.",
        en="Cars without a plug (the analysis Charging's where it tells) × km a year × g a km; electric cars count 0.",
    )
    if not ground.has("demand"):
        return unknown("cars_co2_t", title, "t", how, ground.why_not("demand"))
    before, after = burning_cars_of(situation, ground)
    each_t = ground.number("km_per_car") * ground.number("car_co2_g_km") / 1e6
    return Figure(
        "cars_co2_t",
        title,
        "t",
        before * each_t,
        after * each_t if situation.proposal is not None else None,
        how,
        digits=1,
        adds_up=True,
    )


def _total(situation: Situation, heat: Figure, cars: Figure) -> Figure:
    title = Text(da="CO2 i alt for varme og biler om året", en="CO2 in all for heat and cars a year")
    how = Text(da="Summen af de to ovenfor.", en="The sum of the two above.")
    missing = [each.missing for each in (heat, cars) if each.missing is not None]
    if missing:
        return unknown("co2_t", title, "t", how, missing)
    before, after = (_sum(heat.existing, cars.existing), _sum(heat.proposed, cars.proposed))
    rule = Text(
        da="−85 % i 2030 mod 1990 for kommunen som helhed: forslaget bør ikke øge summen",
        en="−85 % by 2030 against 1990 for the municipality as a whole: the proposal should not raise the total",
    )
    if situation.proposal is None or after is None or before is None:
        return Figure("co2_t", title, "t", before, None, how, digits=1, adds_up=True)
    standing = compared(after, before, at_least=False, otherwise="look")
    return Figure(
        "co2_t", title, "t", before, after, how, rule=rule, target=before, standing=standing, digits=1, adds_up=True
    )


def _sum(one: object, other: object) -> float | None:
    return float(one) + float(other) if isinstance(one, float) and isinstance(other, float) else None
