"""The streets as ways to school, each line naming the one after it: what a page needs to show the way from a place.

Computed from the streets, the schools and their districts; no pupil and no home enters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from ballerup_geo.methods._columns import count, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._journeys import NO_ROUTE, turn_between
from ballerup_geo.methods.school_routes._pupils import LEVELS, classes_taught, own_schools, touches
from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.methods.school_routes._signs import PIECE_M, Piece, Way, pieces_along, signs_of
from ballerup_geo.methods.school_routes._streets import WORST
from ballerup_geo.methods.school_routes._words import LEVEL_WORDS
from ballerup_geo.network import Onward
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Given, OutputTable, Text

__all__ = ["TOWARDS"]

WHOM = {
    "all": Text(da="alle klassetrin", en="all classes"),
    "0_3": Text(da="børnehaveklasse–3. klasse, ikke de ældre", en="classes 0–3, not the older ones"),
    "4_10": Text(da="4. klasse og op, ikke de yngste", en="class 4 and up, not the youngest"),
    "calmer": Text(
        da="ingen; vejen er den mindst utrygge inden for omvejsgrænsen",
        en="none; the least stressful within the detour limit",
    ),
    "nobody": Text(da="ingen; ingen lovlig vej kendt", en="none; no legal way known"),
    "shortest": Text(da="ingen; vejen er kun den korteste lovlige", en="none; only the shortest legal way"),
}
"""For whom a way is a low-stress route."""

Begin = tuple[int, Piece]
"""A number in `LEVELS`, and a piece on which its pupils may begin."""


def _towards(given: Given, scene: Scene, _: Found) -> Found:
    given.progress("ways from any place", 0.93)
    signs = signs_of(scene)
    begins = defaultdict(list)
    for level, piece in _begins(given, scene, signs):
        begins[piece.way].append((level, piece))
    rows = _rows(scene, signs, begins)
    schools = scene.trips.schools
    names = [str(schools["school"].iloc[row.way.site]) for row in rows]
    goals = [f"{name} {schools['site'].iloc[row.way.site]}" for row, name in zip(rows, names, strict=True)]
    table = gpd.GeoDataFrame(
        {
            "way_id": np.arange(1, len(rows) + 1),
            "next_way": pd.array([pd.NA if row.next_row is None else row.next_row + 1 for row in rows], dtype="Int64"),
            "goal": goals,
            "low_stress": [_for_whom(scene, row.way.stress) for row in rows],
            "stress": np.array([row.stress for row in rows], np.int64),
            **{
                f"from_{classes.name}": [
                    name if number in row.levels else None for row, name in zip(rows, names, strict=True)
                ]
                for number, classes in enumerate(LEVELS)
            },
        },
        geometry=[_shape(scene, row) for row in rows],
        crs=CRS,
    )
    return Found(tables={"ways_from": table})


def _begins(given: Given, scene: Scene, signs: Mapping[int, Onward]) -> list[Begin]:
    """Return where pupils of each class level may begin: in their school's district, and so far beside it."""
    districts = cast("gpd.GeoDataFrame | None", given.inputs.get("school_districts"))
    if districts is None or not len(districts):
        return []
    schools = scene.trips.schools
    streets = np.flatnonzero(scene.trips.leads)  # where homes are put: never on the ways onto school grounds
    tree = shapely.STRtree(scene.streets.graph.edges.geometry.to_numpy()[streets])
    reach_m = float(given.assumptions["home_max_m"])
    named = own_schools(districts, schools)
    known: dict[tuple[int, tuple[int, ...]], list[Piece]] = {}
    found: list[Begin] = []
    for number, classes in enumerate(LEVELS):
        whole, some = classes_taught(schools, classes)
        for district in np.flatnonzero(touches(districts, classes)).tolist():
            own = named[district]
            sites = tuple(np.flatnonzero(own & (whole if (own & whole).any() else some)).tolist())
            if sites and (district, sites) not in known:
                area = districts.geometry.iloc[district]
                edges = streets[np.sort(tree.query(area, predicate="dwithin", distance=reach_m))]
                known[district, sites] = list(pieces_along(scene, signs, edges, sites))
            found += [(number, piece) for piece in known.get((district, sites), [])]
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table: part of an arc on a way, for whom it may be the first, and what comes after it."""

    way: Way
    from_m: float
    to_m: float
    levels: frozenset[int]
    next_row: int | None
    stress: int


def _rows(scene: Scene, signs: Mapping[int, Onward], begins: Mapping[Way, list[Begin]]) -> list[_Row]:
    """Return every line that a way from somewhere takes, in the order of ways.

    Where no way leads to school, the line names itself: whoever follows it finds no end.
    """
    after = _closed(signs, begins)
    passed = {following for following in after.values() if following is not None}
    cuts = {way: _cuts(scene, signs, way, begins.get(way, []), way in passed) for way in sorted(after)}
    first = dict(zip(cuts, np.cumsum([0, *(len(each) - 1 for each in cuts.values())]).tolist(), strict=False))
    arc_stress = scene.streets.stress[scene.journeys.rules].high
    rows: list[_Row] = []
    for way, places in cuts.items():
        following = after[way]
        for from_m, to_m in pairwise(places):
            ends = to_m == places[-1]
            stress, onward_row = int(arc_stress[way.arc]), len(rows) + 1
            if way.stress == NO_ROUTE:
                onward_row = len(rows)
            elif ends:
                onward_row = -1 if following is None else first[following]
                stress = max(stress, _crossing(scene, way, following))
            levels = _levels_at(begins.get(way, []), (from_m + to_m) / 2.0)
            rows.append(_Row(way, from_m, to_m, levels, None if onward_row < 0 else onward_row, stress))
    return rows


def _closed(signs: Mapping[int, Onward], begins: Mapping[Way, list[Begin]]) -> dict[Way, Way | None]:
    """Return all ways that are begun or passed, each with the one after it."""
    after: dict[Way, Way | None] = {}
    for way in begins:
        here: Way | None = way
        while here is not None and here not in after:
            after[here] = _following(signs, here)
            here = after[here]
    return after


def _following(signs: Mapping[int, Onward], way: Way) -> Way | None:
    if way.last or way.stress == NO_ROUTE:
        return None
    on = signs[way.stress]
    arc = int(on.arc[way.site, way.arc])
    return None if arc < 0 else Way(way.site, way.stress, arc, bool(on.last[way.site, way.arc]))


def _cuts(scene: Scene, signs: Mapping[int, Onward], way: Way, begins: list[Begin], passed: bool) -> list[float]:
    """Return the places (metres from the arc's tail) between which a way's lines lie."""
    length_m = float(scene.streets.graph.arcs.length_m[way.arc])
    end = length_m * float(signs[way.stress].target_share[way.site, way.arc]) if way.last else length_m
    places = sorted({0.0} if passed else set()) + sorted(
        place for _, piece in begins for place in (piece.from_m, piece.to_m)
    )
    kept = [min(places)]
    for place in sorted(places):
        if place - kept[-1] >= PIECE_M and end - place >= PIECE_M:
            kept.append(place)
    return [*kept, end]


def _levels_at(begins: list[Begin], place_m: float) -> frozenset[int]:
    return frozenset(level for level, piece in begins if piece.from_m <= place_m <= piece.to_m)


def _crossing(scene: Scene, way: Way, following: Way | None) -> int:
    """Return the stress of the turn into the next arc, 0 at the goal."""
    if following is None:
        return 0
    (turn,) = turn_between(scene.streets, np.array([way.arc, following.arc], np.int32))
    return int(scene.streets.crossing.high[turn])


def _shape(scene: Scene, row: _Row) -> Any:
    """Return the line from the row's start to its end, in the direction of travel."""
    arcs, arc = scene.streets.graph.arcs, row.way.arc
    line = scene.streets.graph.edges.geometry.iloc[int(arcs.edge[arc])]
    line = line if arcs.forward[arc] else shapely.reverse(line)
    if row.from_m == 0.0 and row.to_m == arcs.length_m[arc]:
        return line
    return substring(line, row.from_m, row.to_m)


def _for_whom(scene: Scene, stress: int) -> str:
    """Return the key of ``WHOM``: the class groups that accept the stress."""
    if stress == NO_ROUTE:
        return "nobody"
    who = [group.name for group in scene.groups if stress <= group.accepted]
    if len(who) == len(scene.groups):
        return "all"
    return who[0] if who else "shortest" if stress == WORST else "calmer"


def _from(classes: int) -> Any:
    name, words = LEVELS[classes].name, LEVEL_WORDS[LEVELS[classes].name]
    return text(
        f"from_{name}", f"skole, som {words.da} kan begynde vejen til her", f"school to which {words.en} may begin here"
    )


TOWARDS: Part[Scene] = Part(
    compute=_towards,
    tables=(
        OutputTable(
            "ways_from",
            "line",
            (
                count("way_id", "stykke af vejen", "piece of the way"),
                count("next_way", "næste stykke", "next piece"),
                text("goal", "skole", "school"),
                text("low_stress", "lavstress-rute for", "low-stress route for", WHOM),
                count(
                    "stress",
                    "højeste trin af utryghed (forsigtigt)",
                    "highest level of stress (cautious)",
                ),
                *(_from(classes) for classes in range(len(LEVELS))),
            ),
        ),
    ),
    limits=(
        {
            "da": "Vejen fra en adresse regnes fra den nærmeste vej eller sti og følger data, ikke dagens trafik",
            "en": "The way from an address begins on the nearest street or path and follows data, not daily traffic",
        },
    ),
)
