"""Theme 6: low-lying soil, protected nature, and where drought and heat strike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from ballerup_geo.methods.lokalplan._figures import Figure, Theme, compared, unknown
from ballerup_geo.methods.lokalplan._ground import Ground, sums
from ballerup_geo.methods.lokalplan._situation import TAKES_ROOM, Situation
from ballerup_geo.spec import Text
from ballerup_geo.spec.words import enumeration

__all__ = ["nature_theme"]

PERCENT = 100.0
HOT = ("roof", "road", "paved", "gravel")
_KINDS: Mapping[str, Text] = {
    "section3_lake": Text(da="sø (§ 3)", en="lake (section 3)"),
    "section3_stream": Text(da="vandløb (§ 3)", en="stream (section 3)"),
    "section3_bog": Text(da="mose (§ 3)", en="bog (section 3)"),
    "section3_meadow": Text(da="fersk eng (§ 3)", en="meadow (section 3)"),
    "section3_salt_meadow": Text(da="strandeng (§ 3)", en="salt meadow (section 3)"),
    "section3_heath": Text(da="hede (§ 3)", en="heath (section 3)"),
    "section3_grassland": Text(da="overdrev (§ 3)", en="dry grassland (section 3)"),
    "beach_line": Text(da="strandbeskyttelseslinje", en="beach protection line"),
    "lake_line": Text(da="søbeskyttelseslinje", en="lake protection line"),
    "stream_line": Text(da="åbeskyttelseslinje", en="stream protection line"),
    "forest_line": Text(da="skovbyggelinje", en="forest building line"),
    "monument_line": Text(da="fortidsmindebeskyttelseslinje", en="ancient monument line"),
    "church_line": Text(da="kirkebyggelinje", en="church building line"),
    "fredning": Text(da="fredning", en="conservation order"),
    "afforestation_unwanted": Text(da="skovrejsning uønsket", en="new forest unwanted"),
    "view": Text(da="udsigt", en="view"),
}
_LINES = ("afforestation_unwanted", "view")
"""No hindrance to a plan that builds."""


def nature_theme(situation: Situation, ground: Ground) -> Theme:
    """Return what is told about soil, nature, drought and heat."""
    figures = [
        _soil(situation, ground),
        _wet(situation, ground),
        *_protected(situation, ground),
        _hot(situation, ground),
        _fragile(situation, ground),
    ]
    return Theme("nature", tuple(figures), (_NO_SURVEY,))


_NO_SURVEY = Text(
    da="Bilag IV-arter, jordforurening og grundvandsinteresser er ikke med. Inden for en linje kan der gives "
    "dispensation.",
    en="Annex IV species, polluted soil and groundwater interests are not considered. Within a line a "
    "dispensation may be "
    "given.",
)


def _overlap(name: str, situation: Situation, ground: Ground) -> tuple[float, float | None]:
    """Return the area of a layer in the plan, and in what of the proposal takes room, m²; overlaps count once."""
    parts = ground.within(name, situation.plan.shape)[1]
    whole = shapely.union_all(parts)
    if situation.proposal is None:
        return float(whole.area), None
    return float(whole.area), float(shapely.intersection(whole, situation.proposal.union(*TAKES_ROOM)).area)


def _soil(situation: Situation, ground: Ground) -> Figure:
    title = Text(
        da="Kulstofrig lavbundsjord; med forslaget: under byggeri, veje og bassiner",
        en="Carbon-rich low-lying soil; with the proposal: under buildings, roads and basins",
    )
    how = Text(da="Areal af lavbundsjord i området.", en="Area of low-lying soil in the plan area.")
    if not ground.has("lavbund"):
        return unknown("lavbund_m2", title, "m²", how, ground.why_not("lavbund"))
    before, after = _overlap("lavbund", situation, ground)
    return Figure(
        "lavbund_m2",
        title,
        "m²",
        before,
        after,
        how,
        rule=Text(da="friholdes for byggeri (lavbundsjorde kortlagt, ben 6)", en="kept free of buildings (leg 6)"),
        target=0.0,
        standing=compared(before if after is None else after, 1.0, at_least=False, otherwise="look"),
        adds_up=True,
    )


def _wet(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Lavt, fugtigt terræn", en="Low, wet ground")
    how = Text(
        da="Terræn, der efter analysen Regnvand ligger lavt og får meget vand; ikke det samme som lavbundsjord.",
        en="Ground that lies low and gets much water by the analysis Rainwater; not the same as low-lying soil.",
    )
    if not ground.has("wet_ground"):
        return unknown("wet_m2", title, "m²", how, ground.why_not("wet_ground"))
    before, after = _overlap("wet_ground", situation, ground)
    return Figure("wet_m2", title, "m²", before, after, how, adds_up=True)


def _protected(situation: Situation, ground: Ground) -> list[Figure]:
    title = Text(
        da="Beskyttet natur, linjer og fredninger; med forslaget: under byggeri, veje og bassiner",
        en="Protected nature, lines and orders; with the proposal: under buildings, roads and basins",
    )
    how = Text(
        da="Areal under mindst én beskyttelse, talt én gang. Inden for en linje er der ikke nødvendigvis forbud.",
        en="Area under at least one protection, counted once. Within a line things need not be forbidden.",
    )
    if not ground.has("protected_nature"):
        return [unknown("protected_m2", title, "m²", how, ground.why_not("protected_nature"))]
    before, after = _overlap("protected_nature", situation, ground)
    now = before if after is None else after
    rows, parts = ground.within("protected_nature", situation.plan.shape)
    kinds = sums(ground.table("protected_nature")["kind"].to_numpy(object)[rows], shapely.area(parts))
    named = [_KINDS.get(kind, Text(da=kind, en=kind)) for kind, area in kinds.items() if area > 0]
    said = Text(
        da=enumeration([each.da for each in named]) or "ingen kendte",
        en=enumeration([each.en for each in named], language="en") or "none known",
    )
    untold = [_KINDS.get(kind, Text(da=kind, en=kind)) for kind in ground.untold("protected_nature", "kind")]
    if untold:
        said = Text(
            da=f"{said.da}; ukendt, da lagets kilde ikke fortæller om dem: {enumeration([each.da for each in untold])}",
            en=f"{said.en}; unknown, since the layer's source does not tell of them: "
            + enumeration([each.en for each in untold], language="en"),
        )
    return [
        Figure(
            "protected_m2",
            title,
            "m²",
            before,
            after,
            how,
            rule=Text(da="uden kendte konflikter", en="without known conflicts"),
            target=0.0,
            standing="look" if untold else compared(now, 1.0, at_least=False, otherwise="look"),
            adds_up=True,
        ),
        Figure("protected_kinds", Text(da="Slags beskyttelse", en="Kinds of protection"), "-", said, None, how),
    ]


def _hot(situation: Situation, ground: Ground) -> Figure:
    title = Text(
        da="Areal, der bliver varmt og tørt (tag, vej, belægning, grus)",
        en="Ground that gets hot and dry (roof, road, paving, gravel)",
    )
    how = Text(da="Efter arealdækket; skygge er ikke trukket fra.", en="By the land cover; shade is not taken away.")
    if situation.cover_m2 is None:
        return unknown("hot_pct", title, "%", how, ground.why_not("land_cover"))

    def share(cover: dict[str, float] | None) -> float | None:
        return None if cover is None else PERCENT * sum(cover[name] for name in HOT) / sum(cover.values())

    before, after = share(situation.cover_m2), share(situation.cover_proposed_m2)
    if after is None or before is None:
        return Figure("hot_pct", title, "%", before, None, how)
    return Figure(
        "hot_pct",
        title,
        "%",
        before,
        after,
        how,
        rule=Text(da="ikke varmere og tørrere end i dag", en="no hotter and drier than today"),
        target=before,
        standing=compared(after, before, at_least=False, otherwise="look"),
    )


def _fragile(situation: Situation, ground: Ground) -> Figure:
    title = Text(
        da="Over 75 og under 5 år, der hvor området ligger", en="Over 75 and under 5 years, where the area lies"
    )
    how = Text(
        da="Andelen i de statistikområder, planområdet ligger i, vejet med arealet.",
        en="The share in the statistics areas that the plan area lies in, weighted by area.",
    )
    if not ground.has("statistics_areas"):
        return unknown("fragile_pct", title, "%", how, ground.why_not("statistics_areas"))
    rows, parts = ground.within("statistics_areas", situation.plan.shape)
    residents = ground.column("statistics_areas", "residents", rows)
    fragile = sum(ground.column("statistics_areas", name, rows) for name in ("residents_over_75", "residents_under_5"))
    area = shapely.area(parts)
    settled = residents > 0
    if not (area[settled] > 0).any():
        return unknown("fragile_pct", title, "%", how, [Text(da="ingen beboere er kendt", en="no residents are known")])
    share = np.asarray(fragile)[settled] / residents[settled]
    return Figure("fragile_pct", title, "%", PERCENT * float(np.average(share, weights=area[settled])), None, how)
