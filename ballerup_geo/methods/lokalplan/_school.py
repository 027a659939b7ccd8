"""Theme 4, school routes: pupils, the share with a low-stress route, and what more pupils mean for the way."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.lokalplan._figures import Figure, Theme, compared, unknown
from ballerup_geo.methods.lokalplan._ground import Ground, Rows
from ballerup_geo.methods.lokalplan._situation import Situation
from ballerup_geo.spec import Text

__all__ = ["new_pupils", "school_theme", "way_to_school"]

PERCENT = 100.0
LEVELS = ("from_0_3", "from_4_6", "from_7_9")
CALM = 2
"""Stress up to which a link is low."""
ON_THE_WAY_M = 15.0
_MOST_LINKS = 2000
"""A way with more pieces than this runs in a circle."""
_RULE = Text(
    da="cykelstier til skolerne skal være trygge (Klimapolitik, ben 4)",
    en="cycle paths to the schools must be safe (climate policy, leg 4)",
)


def school_theme(situation: Situation, ground: Ground) -> Theme:
    """Return what is told about school routes."""
    figures = [_pupils(situation, ground), _calm(situation, ground), _around(situation, ground)]
    figures += _way(situation, ground)
    return Theme("school", tuple(figures), (_NOT_SAFE,))


_NOT_SAFE = Text(
    da="En lavstress-rute er ikke et løfte om sikkerhed. Plads på skolerne og kørsel til skole er ikke med.",
    en="A low-stress route is no promise of safety. Room at the schools and driving to school are not considered.",
)


def new_pupils(situation: Situation, ground: Ground) -> float:
    """Return the pupils of new dwellings: dwellings × pupils a dwelling."""
    return situation.added("dwellings") * ground.number("pupils_per_dwelling")


def _at_home(situation: Situation, ground: Ground) -> tuple[Rows, NDArray[np.bool_]]:
    """Return the trips that begin in the area, and which of the homes the proposal leaves."""
    rows = ground.inside("trips", situation.plan.shape)
    if situation.addresses is None or not situation.homes_gone.any():
        return rows, np.ones(len(rows), dtype=bool)
    gone = ground.table("addresses")["address_id"].to_numpy(object)[situation.addresses[situation.homes_gone]]
    return rows, ~np.isin(ground.table("trips")["address_id"].to_numpy(object)[rows], gone)


def _pupils(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Elever, der bor i området", en="Pupils who live in the area")
    how = Text(
        da="Analysen Skolevejes elever ved adresserne. Nye boliger: boliger × elever pr. bolig.",
        en="Pupils at the addresses by the analysis School routes. New dwellings: dwellings × pupils a dwelling.",
    )
    if not ground.has("trips"):
        return unknown("pupils", title, "1", how, ground.why_not("trips"))
    rows, left = _at_home(situation, ground)
    pupils = ground.column("trips", "pupils_exact", rows)
    after = float(pupils[left].sum()) + new_pupils(situation, ground)
    return Figure(
        "pupils",
        title,
        "1",
        float(pupils.sum()),
        after if situation.proposal is not None else None,
        how,
        adds_up=True,
    )


def calm_share_pct(ground: Ground, rows: Rows) -> float | None:
    """Return the share of the pupils of some trips who have a low-stress route, those with a known school alone."""
    calm = ground.table("trips")["low_stress"].iloc[rows]
    pupils = ground.column("trips", "pupils_exact", rows)
    known = (calm.notna() & ground.table("trips")["school_id"].iloc[rows].notna()).to_numpy(bool)
    total = float(pupils[known].sum())
    if total <= 0:
        return None
    return PERCENT * float(pupils[known & calm.fillna(False).astype(bool).to_numpy()].sum()) / total


def _calm(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Elever i området med en lavstress-rute", en="Pupils of the area with a low-stress route")
    how = Text(
        da="Elever med en lavstress-rute, som klassetrinnet regnes for at tåle, af dem med kendt skole.",
        en="Pupils with a low-stress route that their class is taken to accept, of those whose school is known.",
    )
    if not ground.has("trips"):
        return unknown("calm_pct", title, "%", how, ground.why_not("trips"))
    share = calm_share_pct(ground, _at_home(situation, ground)[0])
    if share is None:
        return unknown("calm_pct", title, "%", how, [_NO_PUPILS])
    target = ground.number("calm_look_pct")
    return Figure(
        "calm_pct",
        title,
        "%",
        share,
        None,
        how,
        rule=_RULE,
        target=target,
        standing=compared(share, target, at_least=True, otherwise="look"),
    )


_NO_PUPILS = Text(da="ingen elever med kendt skole", en="no pupils whose school is known")


def _around(situation: Situation, ground: Ground) -> Figure:
    title = Text(
        da="Elever i og omkring området med en lavstress-rute; nye elever ventes at ligne dem",
        en="Pupils in and around the area with a low-stress route; new ones are expected to resemble them",
    )
    how = Text(
        da="Elever inden for den afstand af området, som forudsætningerne nævner.",
        en="Pupils within the distance of the area that the assumptions name.",
    )
    if not ground.has("trips"):
        return unknown("calm_near_pct", title, "%", how, ground.why_not("trips"))
    rows = ground.near("trips", situation.plan.shape, ground.number("school_near_m"))
    share = calm_share_pct(ground, rows)
    if share is None:
        return unknown("calm_near_pct", title, "%", how, [_NO_PUPILS])
    target = ground.number("calm_look_pct")
    grows = new_pupils(situation, ground) > 0
    return Figure(
        "calm_near_pct",
        title,
        "%",
        share,
        share if grows else None,
        how,
        rule=_RULE if grows else None,
        target=target if grows else None,
        standing=compared(share, target, at_least=True, otherwise="look") if grows else "told",
    )


def way_to_school(situation: Situation, ground: Ground) -> Rows:
    """Return the pieces of the ways from the area to its schools, each once, from each level's nearest start on."""
    ways = ground.table("ways_from")
    number = {int(way): row for row, way in enumerate(ways["way_id"].to_numpy(np.int64))}
    onward = pd.to_numeric(ways["next_way"], errors="coerce").to_numpy(np.float64, na_value=math.nan)
    shapes = ground.frame("ways_from").geometry.to_numpy()
    middle = shapely.point_on_surface(situation.plan.shape)
    found: dict[int, None] = {}
    for level in LEVELS:
        starts = np.flatnonzero(ways[level].notna().to_numpy()) if level in ways else np.zeros(0, dtype=np.int64)
        if not len(starts):
            continue
        row = int(starts[int(np.argmin(shapely.distance(shapes[starts], middle)))])
        for _ in range(_MOST_LINKS):
            found[row] = None
            if math.isnan(onward[row]) or int(onward[row]) not in number:
                break
            row = number[int(onward[row])]
    return np.array(sorted(found), dtype=np.int64)


def _way(situation: Situation, ground: Ground) -> list[Figure]:
    title = Text(
        da="Skolevej herfra: meter med mere end lav utryghed",
        en="Way to school from here: metres of more than low stress",
    )
    how = Text(
        da="Vejene fra stedet midt i området til distrikternes skoler efter analysen Skoleveje. Nye elever "
        "kører på dem.",
        en="The ways from the middle of the area to its districts' schools, by the analysis School routes. New "
        "pupils ride "
        "there.",
    )
    if not ground.has("ways_from"):
        return [unknown("way_stress_m", title, "m", how, ground.why_not("ways_from"))]
    rows = way_to_school(situation, ground)
    if not len(rows):
        none = Text(da="ingen skolevej er kendt herfra", en="no way to school is known from here")
        return [unknown("way_stress_m", title, "m", how, [none])]
    shapes = ground.frame("ways_from").geometry.to_numpy()[rows]
    hard = ground.column("ways_from", "stress", rows) > CALM
    metres = float(shapely.length(shapes[hard]).sum())
    more = new_pupils(situation, ground)
    figures = [
        Figure(
            "way_stress_m",
            title,
            "m",
            metres,
            metres if more > 0 else None,
            how,
            rule=_RULE,
            target=0.0,
            standing=compared(metres, 0.5, at_least=False, otherwise="look"),
        ),
        Figure(
            "way_pieces",
            Text(
                da="Vejstykker på skolevejen, der får flere cyklende elever",
                en="Pieces of the way that get more pupils",
            ),
            "1",
            None,
            (float(len(rows)) if more > 0 else 0.0) if situation.proposal is not None else None,
            how,
        ),
    ]
    if ground.has("hard_crossings"):
        along = shapely.union_all(shapes)
        crossed = ground.near("hard_crossings", along, ON_THE_WAY_M)
        figures.append(
            Figure(
                "way_crossings",
                Text(
                    da="Utrygge krydsninger ved skolevejen herfra",
                    en="Stressful crossings by the way to school from here",
                ),
                "1",
                float(len(crossed)),
                float(len(crossed)) if more > 0 else None,
                how,
                rule=_RULE,
                target=0.0,
                standing=compared(float(len(crossed)), 0.0, at_least=False, otherwise="look"),
            )
        )
    return [each for each in figures if each.existing is not None or each.proposed is not None]
