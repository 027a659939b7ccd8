"""What stands in the way, and what each single fix would give: pupils who gain a low-stress route, exactly.

A *place* is a link, or a junction whose crossings are stressful. Fixing a link brings both its directions to the stress
that is accepted; fixing a junction all its crossings. Each is tried alone, for every class group, by decrease-only
updates of the trees of routes (`network.fix_gains`), which give what a full run with the fix would give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._journeys import PENALTY_M
from ballerup_geo.methods.school_routes._scene import Group, Scene, link_ids
from ballerup_geo.methods.school_routes._streets import CALM
from ballerup_geo.network import Fixes, fix_gains, routes
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Given, Indicator, OutputColumn, OutputTable

__all__ = ["FIXES", "GAINS", "Places", "gained", "places_of", "wanted"]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where a fix can be made: first links, then junctions.

    ``edge`` int64[links] and ``node`` int64[junctions]; ``arc``, ``of_arc`` and ``turn``, ``of_turn``: which arcs and
    turns each place holds, as pairs with the number of the place.
    """

    edge: NDArray[np.int64]
    node: NDArray[np.int64]
    arc: NDArray[np.int32]
    of_arc: NDArray[np.int32]
    turn: NDArray[np.int32]
    of_turn: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.edge) + len(self.node)

    @property
    def fixes(self) -> Fixes:
        """What each place opens."""
        return Fixes.of(len(self), fix_of_arc=self.of_arc, arcs=self.arc, fix_of_turn=self.of_turn, turns=self.turn)


def places_of(scene: Scene) -> Places:
    """Return the links and junctions of more stress than the calmest level."""
    graph, streets = scene.streets.graph, scene.streets
    tense = ~streets.open_arcs(CALM, rules=scene.journeys.rules)
    edge = np.unique(graph.arcs.edge[tense]).astype(np.int64)
    hard = np.flatnonzero(~streets.open_turns(CALM))
    node, at = np.unique(graph.arcs.head[graph.turns.of[hard]], return_inverse=True)
    arc = np.flatnonzero(tense)
    place = np.searchsorted(edge, graph.arcs.edge[arc])
    arcs, of_arc, turns, of_turn = (column.astype(np.int32) for column in (arc, place, hard, at + len(edge)))
    return Places(edge, node.astype(np.int64), arcs, of_arc, turns, of_turn)


def gained(scene: Scene, group: Group, fixes: Fixes) -> NDArray[np.float64]:
    """Return the pupils of a group who gain a low-stress route when one fix alone is made (``float64[fixes]``)."""
    trips, streets, journeys = scene.trips, scene.streets, scene.journeys
    known = np.isfinite(journeys.limit_m)
    return np.asarray(
        fix_gains(
            streets.graph,
            trips.start,
            trips.sites,
            target_of=np.where(known & (group.pupils > 0.0), trips.site, -1),
            weights=group.pupils[:, None],
            limit=np.where(known, journeys.limit_m, 0.0),
            open_arcs=streets.open_arcs(group.accepted, rules=journeys.rules),
            open_turns=streets.open_turns(group.accepted),
            fixes=fixes,
        )[:, 0]
    )


def wanted(scene: Scene, group: Group) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pupils without a low-stress route who pass each arc, and each turn, on their least stressful route.

    That is the route with the fewest links and crossings of more stress than the group accepts, then the shortest.
    """
    streets, trips = scene.streets, scene.trips
    unsafe = ~streets.open_arcs(group.accepted, rules=scene.journeys.rules)
    hard = ~streets.open_turns(group.accepted)
    barred = scene.journeys.barred & (group.pupils > 0.0)
    least = routes(
        streets.graph,
        trips.start,
        trips.sites,
        target_of=np.where(barred, trips.site, -1),
        arc_cost=streets.graph.arcs.length_m + PENALTY_M * unsafe,
        turn_cost=PENALTY_M * hard,
    )
    pupils = np.where(barred, group.pupils, 0.0)
    return least.flow(pupils) * unsafe, least.turn_flow(pupils) * hard


def _fixes(given: Given, scene: Scene, _: Found) -> Found:
    given.progress("what each single fix gives", 0.9)
    places = places_of(scene)
    gain, waiting = np.zeros((len(places), len(scene.groups))), np.zeros(len(places))
    for number, group in enumerate(scene.groups):
        gain[:, number] = gained(scene, group, places.fixes)
        on_arc, on_turn = wanted(scene, group)
        waiting += np.bincount(places.of_arc, on_arc[places.arc], len(places))
        waiting += np.bincount(places.of_turn, on_turn[places.turn], len(places))
    columns = {f"gain_{group.name}": _whole(gain[:, number]) for number, group in enumerate(scene.groups)}
    least = int(cast(int, given.assumptions["flow_rounding"]))
    table = _table(scene, places, columns, gain.sum(axis=1), least * np.floor((waiting + 1e-6) / least), least)
    at_links = {name: np.zeros(len(scene.streets.graph.edges), np.int64) for name in columns}
    for name, values in columns.items():
        at_links[name][places.edge] = values[: len(places.edge)]
    beside = pd.DataFrame(at_links, index=np.array(link_ids(scene), dtype=object))
    best = float(np.round(gain.sum(axis=1).max())) if len(places) else 0.0
    told = best if best >= least or best == 0.0 else None  # fewer could tell of somebody
    kinds = {"fix_links": np.isfinite(table["length_m"]), "fix_crossings": np.isnan(table["length_m"])}
    tables = {name: table[rows].reset_index(drop=True) for name, rows in kinds.items()}
    tables["fix_crossings"] = tables["fix_crossings"].drop(columns="length_m")
    return Found(
        tables=tables,
        columns={"links": beside},
        indicators={"single_fix_best": told},
    )


def _table(
    scene: Scene,
    places: Places,
    columns: dict[str, NDArray[np.int64]],
    gain: NDArray[np.float64],
    waiting: NDArray[np.float64],
    least: int,
) -> gpd.GeoDataFrame:
    """Return the places where enough gain or wait: those that give most first, then those most wait at.

    A place where fewer than ``least`` do is left out: that it stood in the table would tell of them.
    """
    graph, streets = scene.streets.graph, scene.streets
    edges = graph.edges
    order = np.lexsort((np.arange(len(places)), -waiting, -gain))
    order = order[np.maximum(gain, waiting)[order] >= least]
    is_link = np.arange(len(places)) < len(places.edge)
    edge = np.concatenate([places.edge, _roads_crossed(scene, places)])
    stress = np.full(len(places), CALM, np.int64)
    np.maximum.at(stress, places.of_arc, streets.stress[scene.journeys.rules].high[places.arc].astype(np.int64))
    np.maximum.at(stress, places.of_turn, streets.crossing.high[places.turn].astype(np.int64))
    shapes = np.concatenate([edges.geometry.to_numpy()[places.edge], shapely.points(graph.nodes_xy[places.node])])
    links = np.array(link_ids(scene), dtype=object)
    table = gpd.GeoDataFrame(
        {
            "link_id": links[edge],
            "name": _names(edges)[edge],
            "stress": stress,
            "length_m": np.where(is_link, np.round(edges["length_m"].to_numpy()[edge], 1), np.nan),
            **columns,
            "waiting": _whole(waiting),
        },
        geometry=shapes,
        crs=CRS,
    )
    table = table.iloc[order].reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table


def _roads_crossed(scene: Scene, places: Places) -> NDArray[np.int64]:
    """Return the edge that the worst crossing of each junction is made across."""
    streets = scene.streets
    order = np.lexsort((places.turn, -streets.crossing.high[places.turn], places.of_turn))
    first = order[np.unique(places.of_turn[order], return_index=True)[1]]
    return np.asarray(streets.crosses[places.turn[first]], dtype=np.int64)


def _names(edges: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the names of roads, None where there is none."""
    if "name" not in edges:
        return np.full(len(edges), None, dtype=object)
    return np.asarray(edges["name"].astype(object).where(edges["name"].notna(), None).to_numpy(dtype=object), object)


def _whole(pupils: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return pupils as whole numbers; those reckoned from dwellings are shares of pupils."""
    return np.asarray(np.round(pupils), dtype=np.int64)


GAINS = tuple(
    OutputColumn(f"gain_{name}", "integer", None, da, en, behind=f"gain_{name}")
    for name, da, en in (
        (
            "0_3",
            "elever til og med 3. klasse, der får en lavstress-rute, hvis kun dette sted gøres roligt",
            "pupils up to class 3 who gain a low-stress route if this place alone is made calm",
        ),
        (
            "4_10",
            "elever fra 4. klasse, der får en lavstress-rute, hvis kun dette sted gøres roligt",
            "pupils from class 4 who gain a low-stress route if this place alone is made calm",
        ),
    )
)

_RANK = count("rank", "nr. blandt alle steder", "no. among all places")
_STRESS = count("stress", "utryghed 1–4, manglende data tolket forsigtigt", "stress 1–4, missing data taken cautiously")
_WAITING = OutputColumn(
    "waiting",
    "integer",
    None,
    "elever uden lavstress-rute, hvis mindst utrygge rute går her, rundet ned",
    "pupils without a low-stress route whose least stressful route passes, rounded down",
    behind="waiting",
)

FIXES: Part[Scene] = Part(
    compute=_fixes,
    tables=(
        OutputTable(
            "fix_links",
            "line",
            (
                _RANK,
                text("link_id", "strækning", "link"),
                text("name", "vejnavn", "road name"),
                _STRESS,
                figure("length_m", "m", "længde", "length"),
                *GAINS,
                _WAITING,
            ),
        ),
        OutputTable(
            "fix_crossings",
            "point",
            (
                _RANK,
                text("link_id", "strækning, der krydses", "link crossed"),
                text("name", "vej, der krydses", "road crossed"),
                _STRESS,
                *GAINS,
                _WAITING,
            ),
        ),
    ),
    indicators=(
        Indicator(
            "single_fix_best",
            "1",
            "Flest elever, der får en lavstress-rute ved at gøre ét sted roligt",
            "Most pupils who gain a low-stress route when one place is made calm",
        ),
    ),
)
