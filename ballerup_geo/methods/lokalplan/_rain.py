"""Theme 1, rain: where it runs to, how much runs, what it touches, and what the area must hold back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ballerup_geo.methods.lokalplan._downstream import downstream_of
from ballerup_geo.methods.lokalplan._figures import Figure, Standing, Theme, compared, unknown
from ballerup_geo.methods.lokalplan._ground import Ground, sums
from ballerup_geo.methods.lokalplan._situation import COVERS, SEALED, Situation
from ballerup_geo.spec import Text

__all__ = ["RETURN_PERIODS_Y", "rain_theme"]

RETURN_PERIODS_Y = (5, 10, 100)
MM_PER_M = 1000.0
L_PER_M3 = 1000.0
M2_PER_HA = 10_000.0
PERCENT = 100.0
SECONDS_PER_MIN = 60.0


@dataclass(frozen=True, slots=True)
class _Event:
    """A rain: depth with its climate factor, and how long it lasts."""

    rain_mm: float
    duration_min: float


def rain_theme(situation: Situation, ground: Ground) -> Theme:
    """Return what is told about rain."""
    figures = [
        *_recipients(situation, ground),
        _sealed(situation),
        *(_runoff(situation, ground, years) for years in RETURN_PERIODS_Y),
        *_bluespots(situation, ground),
        *_facades(situation, ground),
        *_upstream(situation, ground),
        *_downstream(situation, ground),
        _retention(situation, ground),
    ]
    return Theme("rain", tuple(figures), (_NO_SEWERS,))


_NO_SEWERS = Text(
    da="Afstrømningen er regnet før det, kloakken tager. Grundvand, nedsivning i regnbede og ændret terræn er "
    "ikke med.",
    en="Runoff is reckoned before what sewers take. Groundwater, infiltration in rain beds and changed terrain are not "
    "considered.",
)


def _recipients(situation: Situation, ground: Ground) -> list[Figure]:
    how = Text(
        da="Områdets andel i hver recipients opland efter analysen Regnvand. Forslaget ændrer ikke oplandene her.",
        en="The area's share in the catchment of each recipient, by the analysis Rainwater. The proposal does "
        "not change "
        "catchments here.",
    )
    if not ground.has("catchments"):
        title = Text(da="Recipienter", en="Recipients")
        return [unknown("recipients", title, "%", how, ground.why_not("catchments"))]
    rows, parts = ground.within("catchments", situation.plan.shape)
    table = ground.table("catchments")
    shares = sums(table["recipient_id"].to_numpy(object)[rows], shapely.area(parts))
    names = dict(zip(table["recipient_id"], table["name"], strict=True))
    total = float(situation.plan.shape.area)
    listed = sorted(shares.items(), key=lambda each: (-each[1], each[0]))
    return [
        Figure(
            f"recipient_{name}",
            Text(da=f"Vandet løber først til {names[name]}", en=f"Water runs first to {names[name]}"),
            "%",
            PERCENT * area / total,
            PERCENT * area / total if situation.proposal is not None else None,
            how,
        )
        for name, area in listed
        if area > 0
    ]


def _sealed(situation: Situation) -> Figure:
    title = Text(da="Befæstet andel", en="Sealed share")
    how = Text(
        da="Tag, vej og belægning af arealet. Med forslaget: dets tage og befæstede andele, hvor det tegner; "
        "ellers som i "
        "dag.",
        en="Roof, road and paving of the area. With the proposal: its roofs and sealed shares where it draws; "
        "else as today.",
    )
    if situation.cover_m2 is None:
        return unknown(
            "sealed_pct", title, "%", how, [Text(da="laget »Arealdække« er ukendt", en="land cover unknown")]
        )
    return Figure(
        "sealed_pct", title, "%", _sealed_pct(situation.cover_m2), _sealed_pct(situation.cover_proposed_m2), how
    )


def _sealed_pct(cover: dict[str, float] | None) -> float | None:
    if cover is None:
        return None
    return PERCENT * sum(cover[name] for name in SEALED) / sum(cover.values())


def _runoff(situation: Situation, ground: Ground, years: int) -> Figure:
    title = Text(
        da=f"Overfladevand ved {years}-årsregn (med klimafaktor)",
        en=f"Surface water in a {years}-year rain (climate factor in)",
    )
    how = Text(
        da="Arealdække × afløbskoefficient × hydrologisk reduktion × (regn − befugtning), for den største regn med "
        "gentagelsesperioden.",
        en="Land cover × runoff coefficient × hydrological reduction × (rain − wetting), for the greatest rain of the "
        "return period.",
    )
    event = event_of(ground, years)
    if event is None or situation.cover_m2 is None:
        missing = ground.why_not("rain_events", "land_cover") or [_no_event(years)]
        return unknown(f"runoff_{years}_m3", title, "m³", how, missing)
    before = runoff_m3(situation.cover_m2, event.rain_mm, ground)
    after = (
        None if situation.cover_proposed_m2 is None else runoff_m3(situation.cover_proposed_m2, event.rain_mm, ground)
    )
    standing: Standing = "told" if after is None else compared(after, before, at_least=False, otherwise="look")
    rule = Text(da="højst som i dag, medmindre det holdes tilbage", en="no more than today, unless it is held back")
    return Figure(
        f"runoff_{years}_m3",
        title,
        "m³",
        before,
        after,
        how,
        rule=rule if after is not None else None,
        target=before if after is not None else None,
        standing=standing,
        adds_up=True,
        digits=1 if before < 100 else 0,
    )


def _no_event(years: int) -> Text:
    return Text(
        da=f"laget »Regnhændelser« har ingen {years}-årsregn",
        en=f"the layer “Rain events” has no rain of {years} years",
    )


def event_of(ground: Ground, years: float) -> _Event | None:
    """Return the greatest rain of a return period, with its climate factor; None where there is none."""
    if not ground.has("rain_events"):
        return None
    table = ground.table("rain_events")
    period = pd.to_numeric(table["return_period_y"], errors="coerce")
    rain = (table["rain_mm"] * table["climate_factor"]).where(period == years)
    if rain.notna().sum() == 0:
        return None
    place = int(np.nanargmax(rain.to_numpy(np.float64)))
    return _Event(float(rain.iloc[place]), float(table["duration_min"].iloc[place]))


def runoff_m3(cover_m2: dict[str, float], rain_mm: float, ground: Ground) -> float:
    """Return what runs off: Σ A·φ·reduction·(rain − initial loss), m³.

    Source of the coefficients: those of the analysis Rainwater (`analyses/lokalplan.toml` repeats them).
    """
    left_mm = max(rain_mm - ground.number("initial_loss_mm"), 0.0)
    reduced = sum(cover_m2[name] * ground.number(f"runoff_{name}") for name in ("unmapped", *COVERS))
    return reduced * ground.number("hydrological_reduction") * left_mm / MM_PER_M


def _bluespots(situation: Situation, ground: Ground) -> list[Figure]:
    title = Text(da="Areal i lavninger, hvor vand samler sig", en="Area in hollows where water gathers")
    how = Text(
        da="Lavninger (bluespots) efter analysen Regnvand, der rører området. Med forslaget: byggefelter i dem.",
        en="Hollows (bluespots) by the analysis Rainwater that touch the area. With the proposal: building "
        "fields in them.",
    )
    if not ground.has("bluespots"):
        return [unknown("bluespot_m2", title, "m²", how, ground.why_not("bluespots"))]
    rows, parts = ground.within("bluespots", situation.plan.shape)
    volume = ground.column("bluespots", "volume_m3", rows)
    built = None
    if situation.proposal is not None:
        fields = situation.proposal.union("building")
        built = float(shapely.area(shapely.intersection(parts, fields)).sum()) if len(parts) else 0.0
    counts = Figure(
        "bluespots",
        Text(da="Lavninger, området rører", en="Hollows that the area touches"),
        "1",
        float(len(rows)),
        None,
        how,
    )
    hold = Figure(
        "bluespot_m3",
        Text(da="Vand, de kan rumme i alt", en="Water that they can hold in all"),
        "m³",
        float(volume.sum()),
        None,
        how,
    )
    fields_in = Figure(
        "bluespot_fields_m2",
        Text(da="Byggefelter i lavninger", en="Building fields in hollows"),
        "m²",
        None,
        built,
        how,
        rule=Text(da="ingen, eller koter over lavningens kant", en="none, or levels above the hollow's rim"),
        target=0.0,
        standing=compared(built, 1.0, at_least=False, otherwise="look") if built is not None else "told",
    )
    inside = Figure("bluespot_m2", title, "m²", float(shapely.area(parts).sum()), None, how, adds_up=True)
    return [inside, counts, hold, *([fields_in] if built is not None else [])]


def _facades(situation: Situation, ground: Ground) -> list[Figure]:
    title = Text(
        da="Bygninger, som vand når i de regnede skybrud", en="Buildings that water reaches in the rains reckoned"
    )
    how = Text(
        da="Bygninger, hvor der står mindst så meget vand ved facaden, som analysen Regnvand kalder berørt, i "
        "en af dens "
        "regn. Dybden er den største af dem.",
        en="Buildings with at least as much water at the façade as the analysis Rainwater calls touched, in one of its "
        "rains. The depth is the greatest of them.",
    )
    if not ground.has("touched_buildings"):
        return [unknown("touched_buildings", title, "1", how, ground.why_not("touched_buildings"))]
    rows = ground.inside("touched_buildings", situation.plan.shape)
    depth = ground.column("touched_buildings", "depth_m", rows)
    left = _left(situation, ground, rows)
    after = None if situation.proposal is None else float(left.sum())
    deepest = float(depth.max(initial=0.0))
    return [
        Figure(
            "touched_buildings",
            title,
            "1",
            float(len(rows)),
            after,
            how,
            rule=Text(da="klimatilpasning i alle byggesager", en="climate adaptation in every construction case"),
            target=0.0,
            standing=compared(float(len(rows)) if after is None else after, 0.0, at_least=False, otherwise="look"),
            adds_up=True,
        ),
        Figure(
            "facade_depth_m",
            Text(da="Største vanddybde ved en facade", en="Greatest depth of water at a façade"),
            "m",
            deepest,
            None if after is None else float(depth[left].max(initial=0.0)),
            how,
            digits=2,
        ),
    ]


def _left(situation: Situation, ground: Ground, rows: np.ndarray) -> np.ndarray:
    """Return which touched buildings the proposal leaves standing."""
    if situation.buildings is None or not situation.gone.any():
        return np.ones(len(rows), dtype=bool)
    ids = ground.table("buildings")["building_id"].to_numpy(object)[situation.buildings[situation.gone]]
    return ~np.isin(ground.table("touched_buildings")["building_id"].to_numpy(object)[rows], ids)


def _upstream(situation: Situation, ground: Ground) -> list[Figure]:
    title = Text(
        da="Største opland, der løber ind i eller gennem området", en="Largest catchment that runs into or through it"
    )
    how = Text(
        da="Oplandet bag den strømningsvej gennem området, der har mest; strømningsveje efter analysen Regnvand.",
        en="The catchment behind the flow path through the area that has most; flow paths by the analysis Rainwater.",
    )
    if not ground.has("drainage_lines"):
        return [unknown("upstream_ha", title, "ha", how, ground.why_not("drainage_lines"))]
    rows, parts = ground.within("drainage_lines", situation.plan.shape)
    upstream = ground.column("drainage_lines", "upstream_ha", rows)
    most = float(upstream.max(initial=0.0))
    blocked = None
    if situation.proposal is not None:
        fields = situation.proposal.union("building")
        blocked = float(shapely.length(shapely.intersection(parts, fields)).sum()) if len(parts) else 0.0
    paths = Figure(
        "flow_path_m",
        Text(
            da="Strømningsveje gennem området; med forslaget: under byggefelter",
            en="Flow paths through the area; with the proposal: under building fields",
        ),
        "m",
        float(shapely.length(parts).sum()),
        blocked,
        how,
        rule=Text(da="strømningsveje holdes fri", en="flow paths are kept free"),
        target=0.0 if blocked is not None else None,
        standing="told" if blocked is None else compared(blocked, 1.0, at_least=False, otherwise="look"),
    )
    return [Figure("upstream_ha", title, "ha", most, None, how, digits=1), paths]


def _downstream(situation: Situation, ground: Ground) -> list[Figure]:
    title = Text(da="Bygninger ved lavninger nedstrøms", en="Buildings at hollows downstream")
    how = Text(
        da="Vandet følges fra området ad analysens strømningsretninger. Talt er bygninger ved de lavninger, det "
        "når uden "
        "for området.",
        en="Water is followed from the area along the analysis' flow directions. Counted are buildings at the "
        "hollows that "
        "it reaches outside the area.",
    )
    missing = ground.why_not("directions", "bluespots")
    if missing:
        return [unknown("downstream_buildings", title, "1", how, missing)]
    found = downstream_of(situation.plan.shape, ground)
    figures = [
        Figure("downstream_buildings", title, "1", float(found.buildings), None, how),
        Figure(
            "downstream_m3",
            Text(da="Vand, lavningerne nedstrøms kan rumme", en="Water that the hollows downstream can hold"),
            "m³",
            found.volume_m3,
            None,
            how,
        ),
    ]
    event = event_of(ground, RETURN_PERIODS_Y[-1])
    if event is None or situation.cover_m2 is None or situation.cover_proposed_m2 is None:
        return figures
    more = runoff_m3(situation.cover_proposed_m2, event.rain_mm, ground) - runoff_m3(
        situation.cover_m2, event.rain_mm, ground
    )
    figures.append(
        Figure(
            "downstream_more_m3",
            Text(
                da="Mere overfladevand mod nedstrøms ved 100-årsregn",
                en="More surface water sent downstream in a 100-year rain",
            ),
            "m³",
            None,
            more,
            Text(da="Forskellen mellem forslag og i dag, før bassiner.", en="Proposal less today, before basins."),
            rule=Text(da="ingen forværring for naboer", en="nothing gets worse for neighbours"),
            target=0.0,
            standing=compared(more, 0.5, at_least=False, otherwise="look"),
        )
    )
    return figures


def _retention(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Vand, området skal holde på", en="Water that the area must hold back")
    how = Text(
        da="Overfladevand i regnen, området skal kunne klare, minus det, der må ledes videre (l/s pr. ha i regnens "
        "varighed). Holdes op mod forslagets bassiner.",
        en="Surface water in the rain that the area must manage, less what may be passed on (l/s per ha while "
        "it rains). "
        "Held against the proposal's basins.",
    )
    years = ground.number("retention_return_period_y")
    event = event_of(ground, years)
    if event is None or situation.cover_m2 is None:
        missing = ground.why_not("rain_events", "land_cover") or [_no_event(int(years))]
        return unknown("retention_m3", title, "m³", how, missing)
    area_ha = float(situation.plan.shape.area) / M2_PER_HA
    allowed_m3 = ground.number("allowed_l_s_ha") * area_ha * event.duration_min * SECONDS_PER_MIN / L_PER_M3
    before = max(runoff_m3(situation.cover_m2, event.rain_mm, ground) - allowed_m3, 0.0)
    if situation.cover_proposed_m2 is None:
        return Figure("retention_m3", title, "m³", before, None, how)
    after = max(runoff_m3(situation.cover_proposed_m2, event.rain_mm, ground) - allowed_m3, 0.0)
    held = situation.added("volume_m3", kinds=("basin",))
    return Figure(
        "retention_m3",
        title,
        "m³",
        before,
        after,
        how,
        rule=Text(
            da="forslagets bassiner rummer det (målet er deres volumen)",
            en="the proposal's basins hold it (the target is their volume)",
        ),
        target=held,
        standing=compared(after, held, at_least=False),
    )
