"""Theme 5, trees and green: crowns, 3-30-300, trees lost, possible sites and native species."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.lokalplan._figures import Figure, Theme, compared, unknown
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.methods.lokalplan._situation import TAKES_ROOM, Situation
from ballerup_geo.spec import Text

__all__ = ["crowns_in", "green_theme"]

PERCENT = 100.0
TREES_IN_SIGHT = 3
_NAMED = 8
"""Native species named at most."""


def green_theme(situation: Situation, ground: Ground) -> Theme:
    """Return what is told about trees and green."""
    figures = [
        *_crowns(situation, ground),
        _three(situation, ground),
        _three_hundred(situation, ground),
        _sites(situation, ground),
        _species(ground),
    ]
    return Theme("green", tuple(figures), (_NOT_SEEN,))


_NOT_SEEN = Text(
    da="Træer, der ikke er registreret, er ikke talt. Nye træer i forslaget er ikke med, før de er plantet.",
    en="Trees that are not recorded are not counted. New trees of the proposal do not count before they are planted.",
)


def crowns_in(ground: Ground, area: shapely.Geometry) -> NDArray[np.object_]:
    """Return the crowns of trees that stand in an area, each a circle of its width cut at the outline."""
    rows = ground.near("trees", area, ground.number("crown_reach_m"))
    wide = ground.column("trees", "crown_m", rows)
    wide = np.where(wide > 0, wide, ground.number("crown_unknown_m"))
    round_ = shapely.buffer(ground.frame("trees").geometry.to_numpy()[rows], wide / 2.0)
    return np.asarray(shapely.intersection(round_, area), dtype=object)


def _crowns(situation: Situation, ground: Ground) -> list[Figure]:
    title = Text(da="Kronedække", en="Canopy")
    how = Text(
        da="Kroner af registrerede træer (cirkler af kronens bredde) og skov efter arealdækket. Med forslaget: "
        "uden træer, "
        "hvor det tager pladsen.",
        en="Crowns of recorded trees (circles of their width) and forest by the land cover. With the proposal: without "
        "trees where it takes the room.",
    )
    lost_title = Text(da="Træer, forslaget tager pladsen fra", en="Trees whose room the proposal takes")
    if not ground.has("trees"):
        missing = ground.why_not("trees")
        return [unknown("canopy_pct", title, "%", how, missing), unknown("trees_lost", lost_title, "1", how, missing)]
    shape = situation.plan.shape
    cover = shapely.union_all([*crowns_in(ground, shape), *_forest(situation, ground)])
    total = float(shape.area)
    rows = ground.inside("trees", shape)
    existing = PERCENT * float(cover.area) / total
    after = lost = None
    if situation.proposal is not None:
        room = situation.proposal.union(*TAKES_ROOM)
        shapely.prepare(room)
        lost = float(shapely.intersects(room, ground.frame("trees").geometry.to_numpy()[rows]).sum())
        after = PERCENT * float(shapely.difference(cover, room).area) / total
    target = ground.number("canopy_target_pct")
    figures = [
        Figure(
            "canopy_pct",
            title,
            "%",
            existing,
            after,
            how,
            rule=Text(da="3-30-300: 30 % kronedække", en="3-30-300: canopy of 30 %"),
            target=target,
            digits=1,
            standing=compared(existing if after is None else after, target, at_least=True, otherwise="look"),
        ),
        Figure(
            "trees",
            Text(da="Registrerede træer", en="Recorded trees"),
            "1",
            float(len(rows)),
            None if lost is None else len(rows) - lost,
            how,
            adds_up=True,
        ),
    ]
    if lost is not None:
        figures.append(
            Figure(
                "trees_lost",
                lost_title,
                "1",
                None,
                lost,
                how,
                rule=Text(da="bevares, eller erstattes", en="kept, or replaced"),
                target=0.0,
                standing=compared(lost, 0.0, at_least=False, otherwise="look"),
            )
        )
    return figures


def _forest(situation: Situation, ground: Ground) -> list[shapely.Geometry]:
    if not ground.has("land_cover"):
        return []
    rows, parts = ground.within("land_cover", situation.plan.shape)
    wood = ground.table("land_cover")["cover"].to_numpy(object)[rows] == "forest"
    return list(parts[wood])


def _weights(situation: Situation, ground: Ground) -> NDArray[np.float64]:
    """Return the residents at each address of the area, the dwellings where residents are unknown."""
    column = "residents" if "residents" in ground.table("addresses") else "dwellings"
    return ground.column("addresses", column, situation.addresses)


def _three(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Beboere med mindst 3 træer i nærheden", en="Residents with at least 3 trees nearby")
    how = Text(
        da="Beboere, hvis adresse har mindst tre registrerede træer inden for den afstand, man regnes for at se dem.",
        en="Residents whose address has at least three recorded trees within the distance at which they are "
        "taken to be "
        "seen.",
    )
    missing = ground.why_not("trees", "addresses")
    if missing or situation.addresses is None:
        return unknown("three_trees_pct", title, "%", how, missing)
    weight = _weights(situation, ground)
    if weight.sum() <= 0:
        return unknown("three_trees_pct", title, "%", how, [_NO_RESIDENTS])
    points = ground.frame("addresses").geometry.to_numpy()[situation.addresses]
    trees = shapely.STRtree(
        ground.frame("trees").geometry.to_numpy()[
            ground.near("trees", situation.plan.shape, ground.number("tree_sight_m"))
        ]
    )
    seen = np.bincount(
        trees.query(points, predicate="dwithin", distance=ground.number("tree_sight_m"))[0], minlength=len(points)
    )
    share = PERCENT * float(weight[seen >= TREES_IN_SIGHT].sum() / weight.sum())
    return Figure(
        "three_trees_pct",
        title,
        "%",
        share,
        None,
        how,
        rule=Text(da="3-30-300: 3 træer at se fra hvert hjem", en="3-30-300: 3 trees in sight of every home"),
        target=PERCENT,
        standing=compared(share, PERCENT, at_least=True, otherwise="look"),
    )


_NO_RESIDENTS = Text(da="ingen bor i området", en="nobody lives in the area")


def _three_hundred(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Afstand til nærmeste offentlige grønne område", en="Distance to the nearest public green area")
    how = Text(
        da="Fugleflugt fra områdets fjerneste adresse (uden adresser: fra dets midte) til et offentligt grønt område.",
        en="As the crow flies from the area's farthest address (without addresses: from its middle) to a public "
        "green area.",
    )
    if not ground.has("green_areas"):
        return unknown("green_m", title, "m", how, ground.why_not("green_areas"))
    table = ground.table("green_areas")
    open_ = table["public"].fillna(False).astype(bool).to_numpy() if "public" in table else np.ones(len(table), bool)
    if not open_.any():
        none = Text(da="ingen offentlige grønne områder er kendt", en="no public green areas are known")
        return unknown("green_m", title, "m", how, [none])
    greens = shapely.STRtree(ground.frame("green_areas").geometry.to_numpy()[open_])
    rows = situation.addresses
    points = (
        ground.frame("addresses").geometry.to_numpy()[rows]
        if rows is not None and len(rows)
        else np.array([shapely.point_on_surface(situation.plan.shape)])
    )
    away = float(greens.query_nearest(points, return_distance=True, all_matches=False)[1].max())
    target = ground.number("green_distance_m")
    return Figure(
        "green_m",
        title,
        "m",
        away,
        None,
        how,
        rule=Text(da="3-30-300: 300 m til et grønt område", en="3-30-300: 300 m to a green area"),
        target=target,
        standing=compared(away, target, at_least=False, otherwise="look"),
    )


def _sites(situation: Situation, ground: Ground) -> Figure:
    title = Text(da="Mulige steder for nye træer", en="Possible sites of new trees")
    how = Text(
        da="Analysen Træers mulige steder. Med forslaget: uden dem, hvor det tager pladsen.",
        en="Possible sites by the analysis Trees. With the proposal: without those whose room it takes.",
    )
    if not ground.has("tree_sites"):
        return unknown("tree_sites", title, "1", how, ground.why_not("tree_sites"))
    rows = ground.inside("tree_sites", situation.plan.shape)
    after = None
    if situation.proposal is not None:
        room = situation.proposal.union(*TAKES_ROOM)
        after = float((~shapely.intersects(room, ground.frame("tree_sites").geometry.to_numpy()[rows])).sum())
    return Figure("tree_sites", title, "1", float(len(rows)), after, how, adds_up=True)


def _species(ground: Ground) -> Figure:
    title = Text(da="Hjemmehørende arter, der kan vælges", en="Native species to choose from")
    how = Text(
        da="De første hjemmehørende arter i laget over træarter. Jord og plads afgør valget.",
        en="The first native species of the layer of tree species. Soil and room decide.",
    )
    if not ground.has("tree_species") or "native" not in ground.table("tree_species"):
        return unknown("native_species", title, "-", how, ground.why_not("tree_species") or [_NO_NATIVE])
    table = ground.table("tree_species")
    native = table["native"].fillna(False).astype(bool)
    if "excluded" in table:
        native &= ~table["excluded"].map(lambda value: bool(value) and value == value)
    names = sorted(str(name) for name in table.loc[native, "species"])
    if not names:
        return unknown("native_species", title, "-", how, [_NO_NATIVE])
    words = ", ".join(names[:_NAMED])
    more = max(len(names) - _NAMED, 0)
    said = Text(da=f"{words} og {more} til" if more else words, en=f"{words} and {more} more" if more else words)
    return Figure("native_species", title, "-", said, None, how)


_NO_NATIVE = Text(
    da="laget siger ikke, hvilke arter der er hjemmehørende", en="the layer does not say which are native"
)
