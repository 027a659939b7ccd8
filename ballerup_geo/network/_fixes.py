"""What every single fix alone would give: the weight of those who come within their limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._gains import Entering, Gate, Leaving, Linked, Onto, Opening, gains
from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._group import grouped
from ballerup_geo.network._routes import checked_targets
from ballerup_geo.network._snap import Snapped
from ballerup_geo.network._states import Links, Travel, direct_costs, entries_of, links_of, seeds_of, travel_of

__all__ = ["Fixes", "fix_gains"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Fixes:
    """What each fix opens: compressed sparse rows of arcs and of turns.

    ``arc_start`` and ``turn_start`` int64[f + 1], ``arcs`` and ``turns`` int32.
    """

    arc_start: Array
    arcs: Array
    turn_start: Array
    turns: Array

    def __len__(self) -> int:
        return len(self.arc_start) - 1

    @classmethod
    def of(
        cls, count: int, *, fix_of_arc: Array, arcs: Array, fix_of_turn: Array | None = None, turns: Array | None = None
    ) -> Fixes:
        """Make ``count`` fixes of pairs: the number of a fix and an arc, and the number of a fix and a turn."""
        none = np.zeros(0, np.int32)
        arc_start, arc_row = grouped(np.asarray(fix_of_arc, np.int32), count)
        turn_start, turn_row = grouped(np.asarray(none if fix_of_turn is None else fix_of_turn, np.int32), count)
        opened = np.asarray(none if turns is None else turns, np.int32)
        return cls(arc_start, np.asarray(arcs, np.int32)[arc_row], turn_start, opened[turn_row])


def fix_gains(
    graph: StreetGraph,
    origins: Snapped,
    targets: Snapped,
    *,
    target_of: Array,
    weights: Array,
    limit: Array,
    open_arcs: Array,
    fixes: Fixes,
    open_turns: Array | None = None,
    arc_cost: Array | None = None,
    turn_cost: Array | None = None,
) -> Array:
    """Weigh the origins that come within their limit when one fix alone is made, for every fix.

    Parameters
    ----------
    weights
        ``float64[k, g]``: what each origin counts, in one or more groups.
    limit
        ``float64[k]``: the dearest route that is accepted for each origin (``off_m`` not included).
    open_arcs, open_turns
        ``bool[m]``, ``bool[t]``: what may be used today.
    fixes
        What each fix opens besides.
    target_of, arc_cost, turn_cost
        As for :func:`routes`.

    Returns
    -------
    ndarray
        ``float64[f, g]``, exactly what :func:`routes` would give, run anew with each fix: the sum over origins whose
        cost was above their limit and is not above it with the fix.

    Raises
    ------
    MethodError
        When an array has another shape than it should.
    """
    target = checked_targets(origins, targets, target_of)
    weight, most = _weights(weights, limit, len(target))
    shut = travel_of(graph, arc_cost, turn_cost, open_arcs, open_turns)
    travel = travel_of(graph, arc_cost, turn_cost, None, None)
    travel = Travel(travel.arc, travel.turn, shut.turns_matter)
    links = links_of(graph, travel)
    seeds = seeds_of(graph, travel, links, targets)
    entries = _entries(graph, travel, links, origins, targets, target)
    bound = np.full(len(targets.edge), -np.inf)
    np.maximum.at(bound, target[target >= 0], most[target >= 0])
    arcs, turns = len(graph.arcs.edge), len(graph.turns.to)
    open_turn = np.ones(turns, np.bool_) if open_turns is None else np.asarray(open_turns)
    gate = Gate(np.asarray(open_arcs), open_turn, np.full(arcs, -1, np.int64), np.full(turns, -1, np.int64))
    linked = Linked(links.start, links.source, links.cost, *_used(graph, travel, links.number))
    leaving = _leaving(graph, travel)
    onto = Onto(seeds.start, seeds.state, seeds.cost, *_used(graph, travel, seeds.number))
    opening = _opening(fixes, arcs, turns)
    gained = np.zeros((len(fixes), weight.shape[1]))
    gains(linked, leaving, gate, onto, entries, opening, links.state_of, graph.turns.to, bound, most, weight, gained)
    return gained


def _opening(fixes: Fixes, arcs: int, turns: int) -> Opening:
    """What each fix opens, and which fixes open each arc and turn."""
    fix = np.arange(len(fixes), dtype=np.int32)
    arc_start, arc_row = grouped(fixes.arcs, arcs)
    turn_start, turn_row = grouped(fixes.turns, turns)
    by_arc = np.repeat(fix, np.diff(fixes.arc_start))[arc_row]
    by_turn = np.repeat(fix, np.diff(fixes.turn_start))[turn_row]
    return Opening(fixes.arc_start, fixes.arcs, fixes.turn_start, fixes.turns, arc_start, by_arc, turn_start, by_turn)


def _leaving(graph: StreetGraph, travel: Travel) -> Leaving:
    """Links by the state they come from, as of :func:`links_of`."""
    if travel.turns_matter:
        return Leaving(graph.turns.start, graph.turns.to, travel.turn + travel.arc[graph.turns.to])
    start, arc = grouped(graph.arcs.tail, len(graph.nodes_xy))
    return Leaving(start, graph.arcs.head[arc], travel.arc[arc])


def _weights(weights: Array, limit: Array, count: int) -> tuple[Array, Array]:
    weight = np.ascontiguousarray(weights, np.float64)
    most = np.ascontiguousarray(limit, np.float64)
    if weight.ndim != 2 or len(weight) != count or most.shape != (count,):
        what = f"weights {weight.shape} and limit {most.shape} do not fit {count} origins"
        raise MethodError(Fault("network", "weights", what, "give weights [origins, groups] and a limit for each"))
    return weight, most


def _used(graph: StreetGraph, travel: Travel, number: Array) -> tuple[Array, Array]:
    """Arc and turn of each link (int32); where turns do not matter there is none."""
    if travel.turns_matter:
        return graph.turns.to[number], number
    return number, np.full(len(number), -1, np.int32)


def _entries(
    graph: StreetGraph, travel: Travel, links: Links, origins: Snapped, targets: Snapped, target: Array
) -> Entering:
    """Where origins come onto the graph and, as entries of state −1, their ways along one edge alone."""
    onto = entries_of(graph, travel, links, origins, target, len(targets.edge))
    parts = [(onto.arc, onto.state, onto.cost, onto.origin)]
    for side in (0, 1):
        cost, arc, _ = direct_costs(graph, travel, origins, targets, target, sides=(side,))
        at = np.flatnonzero(arc >= 0)
        parts.append((arc[at], np.full(len(at), -1, np.int32), cost[at], at.astype(np.int32)))
    arc, state, cost, origin = (np.concatenate(column) for column in zip(*parts, strict=True))
    start, row = grouped(target[origin].astype(np.int32), len(targets.edge))
    return Entering(start, state[row], cost[row], arc[row], origin[row])
