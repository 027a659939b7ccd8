"""What is searched: junctions where turns do not matter, ends of arcs where they do.

Without a closed or costed turn the cheapest way never passes a junction twice, so it never turns back on the spot, and
the small graph of junctions gives the same costs as the graph of arcs and turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._group import grouped
from ballerup_geo.network._snap import Snapped

__all__ = [
    "Entries",
    "Links",
    "Seeds",
    "Travel",
    "direct_costs",
    "entries_of",
    "hopeful",
    "links_of",
    "seeds_of",
    "travel_of",
]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Travel:
    """What travel costs: ``arc`` float64[m] and ``turn`` float64[t] (inf where closed); ``turns_matter``."""

    arc: Array
    turn: Array
    turns_matter: bool


@dataclass(frozen=True, slots=True)
class Links:
    """Links by the state they lead to; ``state_of`` int32[m] is the state at the end of each arc.

    ``start`` int64[n + 1], ``source`` int32, ``number`` int32 (an arc; a turn where turns matter), ``cost`` float64.
    """

    start: Array
    source: Array
    number: Array
    cost: Array
    state_of: Array


@dataclass(frozen=True, slots=True)
class Seeds:
    """Per target the links that end at it: ``start`` int64, ``state`` int32, ``cost`` float64, ``number`` int32."""

    start: Array
    state: Array
    cost: Array
    number: Array


@dataclass(frozen=True, slots=True)
class Entries:
    """Per target where its origins come onto the graph.

    ``start`` int64; ``arc``, ``state``, ``origin`` int32; ``share`` of the arc that is left and its ``cost``, float64.
    """

    start: Array
    arc: Array
    state: Array
    cost: Array
    share: Array
    origin: Array


def travel_of(
    graph: StreetGraph,
    arc_cost: Array | None,
    turn_cost: Array | None,
    open_arcs: Array | None,
    open_turns: Array | None,
) -> Travel:
    """Check costs and closures and put them together."""
    arcs, turns = len(graph.arcs.edge), len(graph.turns.to)
    arc = graph.arcs.length_m if arc_cost is None else _costs(arc_cost, arcs, "arc_cost")
    turn = np.zeros(turns) if turn_cost is None else _costs(turn_cost, turns, "turn_cost")
    matter = turn_cost is not None and bool(np.any(turn))
    if open_arcs is not None:
        arc = np.where(_flags(open_arcs, arcs, "open_arcs"), arc, np.inf)
    if open_turns is not None:
        shut = ~_flags(open_turns, turns, "open_turns")
        matter = matter or bool(shut.any())
        turn = np.where(shut, np.inf, turn)
    return Travel(np.ascontiguousarray(arc, np.float64), turn, matter)


def _costs(values: Array, size: int, what: str) -> Array:
    cost = np.asarray(values, np.float64)
    if cost.shape != (size,) or not bool((cost >= 0.0).all()):
        raise MethodError(
            Fault("network", what, f"not {size} costs of 0 or more", "give one number each, inf for none")
        )
    return cost


def _flags(values: Array, size: int, what: str) -> Array:
    flag = np.asarray(values)
    if flag.shape != (size,) or flag.dtype != np.bool_:
        raise MethodError(Fault("network", what, f"not {size} truth values", "give one truth value each"))
    return flag


def links_of(graph: StreetGraph, travel: Travel) -> Links:
    """All links by the state they lead to."""
    arcs = len(graph.arcs.edge)
    if travel.turns_matter:
        start, number = grouped(graph.turns.to, arcs)
        cost = travel.turn[number] + travel.arc[graph.turns.to[number]]
        return Links(start, graph.turns.of[number], number, cost, np.arange(arcs, dtype=np.int32))
    start, number = grouped(graph.arcs.head, len(graph.nodes_xy))
    return Links(start, graph.arcs.tail[number], number, travel.arc[number], graph.arcs.head)


def shares(graph: StreetGraph, at: Snapped) -> Array:
    """Share of the edge's length that lies before each place, 0 … 1 (``float64[k]``)."""
    length_m = graph.edges["length_m"].to_numpy()[at.edge]
    share: Array = np.divide(at.along_m, length_m, out=np.zeros(len(at.edge)), where=length_m > 0.0)
    return share.clip(0.0, 1.0)


def part_cost(cost: Array, share: Array) -> Array:
    """Cost of a share of an arc: nothing of a closed arc costs inf as well."""
    return np.where(np.isinf(cost), np.inf, np.where(np.isinf(cost), 0.0, cost) * share)


def _ends(graph: StreetGraph, at: Snapped) -> tuple[Array, Array, Array]:
    """Arcs of the edges that places lie on: (place, arc, share of the arc that lies before the place)."""
    share = shares(graph, at)
    known = np.where(at.edge >= 0, at.edge, 0)
    arc = np.where((at.edge >= 0)[:, None], graph.arc_of[known], -1)
    place, side = np.nonzero(arc >= 0)
    return place, arc[place, side], np.where(side == 0, share[place], 1.0 - share[place])


def seeds_of(graph: StreetGraph, travel: Travel, links: Links, targets: Snapped) -> Seeds:
    """Links onto the arcs that targets lie on, as far as the target."""
    place, arc, share = _ends(graph, targets)
    cost = part_cost(travel.arc[arc], share)
    state, number = graph.arcs.tail[arc], arc
    if travel.turns_matter:
        ways = np.diff(links.start)[arc]
        row = np.repeat(np.arange(len(arc)), ways)
        at = links.start[arc][row] + np.arange(len(row)) - (np.cumsum(ways) - ways)[row]
        number, state = links.number[at], links.source[at]
        place, cost = place[row], cost[row] + travel.turn[number]
    start = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(targets.edge)))])
    whole = np.int32
    return Seeds(start.astype(np.int64), state.astype(whole), cost, number.astype(whole))


def entries_of(
    graph: StreetGraph, travel: Travel, links: Links, origins: Snapped, target_of: Array, targets: int
) -> Entries:
    """Arc ends that origins reach first, with what is left of the arc, by the target they go to."""
    place, arc, share = _ends(graph, origins)
    going = target_of[place] >= 0
    place, arc, share = place[going], arc[going], share[going]
    start, row = grouped(target_of[place].astype(np.int32), targets)
    place, arc, left = place[row], arc[row], 1.0 - share[row]
    cost = part_cost(travel.arc[arc], left)
    return Entries(start, arc.astype(np.int32), links.state_of[arc], cost, left, place.astype(np.int32))


def hopeful(graph: StreetGraph, travel: Travel, entries: Entries, targets: Snapped) -> Entries:
    """Leave out entries from which no open arc leads towards the target, whichever way it is travelled.

    A single origin without a way would otherwise let the search go on to the end of the net.
    """
    part = graph.part
    open_arc = np.isfinite(travel.arc)
    if not open_arc.all():
        ends = (graph.arcs.tail[open_arc], graph.arcs.head[open_arc])
        joined = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(len(part), len(part)))
        part = connected_components(joined, directed=False)[1]
    arc = graph.arc_of[targets.edge]
    beside = np.where((targets.edge >= 0)[:, None] & (arc >= 0), part[graph.arcs.tail[arc]], -1)
    target = np.repeat(np.arange(len(targets.edge)), np.diff(entries.start))
    here = part[graph.arcs.head[entries.arc]]
    kept = np.isfinite(entries.cost) & ((here == beside[target, 0]) | (here == beside[target, 1]))
    start = np.concatenate([[0], np.cumsum(kept)])[entries.start]
    columns = (entries.arc, entries.state, entries.cost, entries.share, entries.origin)
    return Entries(start, *(column[kept] for column in columns))


def direct_costs(
    graph: StreetGraph,
    travel: Travel,
    origins: Snapped,
    targets: Snapped,
    target_of: Array,
    sides: tuple[int, ...] = (0, 1),
) -> tuple[Array, Array, Array]:
    """Ways along the edge that origin and target share: cost, arc and share of it; inf and −1 where there is none."""
    count = len(origins.edge)
    cost, arc, share = np.full(count, np.inf), np.full(count, -1, np.int32), np.zeros(count)
    at = np.flatnonzero((target_of >= 0) & (origins.edge >= 0))
    at = at[targets.edge[target_of[at]] == origins.edge[at]]
    ahead = shares(graph, targets)[target_of[at]] - shares(graph, origins)[at]
    for side in sides:
        sign = 1.0 - 2.0 * side
        along = graph.arc_of[origins.edge[at], side]
        fits = (along >= 0) & (sign * ahead >= 0.0)
        row, way, part = at[fits], along[fits], np.abs(ahead[fits])
        price = part_cost(travel.arc[way], part)
        better = price < cost[row]
        cost[row[better]], arc[row[better]], share[row[better]] = price[better], way[better], part[better]
    return cost, arc, share
