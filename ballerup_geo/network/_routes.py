"""Best routes of many origins to the target each of them goes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._search import carried, grow, swept, turns_between
from ballerup_geo.network._snap import Snapped
from ballerup_geo.network._states import direct_costs, entries_of, hopeful, links_of, seeds_of, shares, travel_of

__all__ = ["Routes", "checked_targets", "routes"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Routes:
    """Best routes, kept as trees towards the targets.

    Attributes
    ----------
    cost
        ``float64[k]``: cost of each origin's best route on the graph; inf where there is none.
    """

    cost: Array
    _graph: StreetGraph
    _row: Array
    """int32[k]: row of the trees where an origin's route enters; −1 without route or along one edge alone."""
    _first_arc: Array
    _first_share: Array
    _parent: Array
    _arc: Array
    _link: Array
    _share: Array
    _turns_matter: bool

    def flow(self, weights: Array) -> Array:
        """Return the weight that passes over each arc (``float64[m]``), wholly or in part; ``weights`` float64[k]."""
        weight = np.asarray(weights, np.float64)
        load = self._loads(weight)
        used = self._share > 0.0
        arcs = len(self._graph.arcs.edge)
        flow = np.bincount(self._arc[used], load[used], minlength=arcs)
        begun = self._first_share > 0.0
        return flow + np.bincount(self._first_arc[begun], weight[begun], minlength=arcs)

    def turn_flow(self, weights: Array) -> Array:
        """Return the weight that makes each turn (``float64[t]``); ``weights`` float64[k]."""
        weight = np.asarray(weights, np.float64)
        load = self._loads(weight)
        turn, first_turn = self._turns()
        count = len(self._graph.turns.to)
        made, begun = turn >= 0, first_turn >= 0
        flow = np.bincount(turn[made], load[made], minlength=count)
        return flow + np.bincount(first_turn[begun], weight[begun], minlength=count)

    def total(self, values: Array, turn_values: Array | None = None) -> Array:
        """Return the sum along each best route (``float64[k]``; NaN without route).

        ``values`` float64[m] count in proportion where only a part of an arc is travelled; ``turn_values`` float64[t].
        """
        value = np.asarray(values, np.float64)
        along = value[self._arc] * self._share
        first = np.where(self._first_share > 0.0, value[self._first_arc] * self._first_share, 0.0)
        if turn_values is not None:
            turn, first_turn = self._turns()
            extra = np.concatenate([np.asarray(turn_values, np.float64), [0.0]])
            along = along + extra[turn]
            first = first + extra[first_turn]
        carried(self._parent, along, True)
        return self._closed(first + self._entered(along, 0.0))

    def worst(self, values: Array, turn_values: Array | None = None) -> Array:
        """Return the largest value along each best route (``float64[k]``).

        NaN without route, −inf where no way is travelled. ``values`` float64[m], ``turn_values`` float64[t].
        """
        value = np.asarray(values, np.float64)
        along = np.where(self._share > 0.0, value[self._arc], -np.inf)
        first = np.where(self._first_share > 0.0, value[self._first_arc], -np.inf)
        if turn_values is not None:
            turn, first_turn = self._turns()
            extra = np.concatenate([np.asarray(turn_values, np.float64), [-np.inf]])
            along = np.maximum(along, extra[turn])
            first = np.maximum(first, extra[first_turn])
        carried(self._parent, along, False)
        return self._closed(np.maximum(first, self._entered(along, -np.inf)))

    def path(self, k: int) -> Array:
        """Return the arcs (``int32[]``) that origin ``k``'s route passes wholly or in part, in the order of travel."""
        arcs = [int(self._first_arc[k])] if self._first_share[k] > 0.0 else []
        row = int(self._row[k])
        while row >= 0:
            if self._share[row] > 0.0:
                arcs.append(int(self._arc[row]))
            row = int(self._parent[row])
        return np.array(arcs, np.int32)

    def _loads(self, weight: Array) -> Array:
        """Weight that passes each row of the trees."""
        load = np.zeros(len(self._parent))
        entering = self._row >= 0
        np.add.at(load, self._row[entering], weight[entering])
        swept(self._parent, load)
        return load

    def _entered(self, along: Array, none: float) -> Array:
        return np.append(along, none)[self._row]

    def _closed(self, value: Array) -> Array:
        return np.where(np.isinf(self.cost), np.nan, value)

    def _turns(self) -> tuple[Array, Array]:
        """Turn of each row of the trees, and of each origin into them; −1 for none, and where the other tells it."""
        if self._turns_matter:
            return self._link, np.full(len(self._row), -1)
        turns = self._graph.turns
        ahead = np.append(self._arc, np.int32(-1))
        within = turns_between(turns.start, turns.to, self._arc, ahead[self._parent])
        return within, turns_between(turns.start, turns.to, self._first_arc, ahead[self._row])


def routes(
    graph: StreetGraph,
    origins: Snapped,
    targets: Snapped,
    *,
    target_of: Array,
    arc_cost: Array | None = None,
    turn_cost: Array | None = None,
    open_arcs: Array | None = None,
    open_turns: Array | None = None,
    limit: float = np.inf,
) -> Routes:
    """Find each origin's best route to its target.

    Parameters
    ----------
    origins, targets
        Places on the graph; a route begins and ends along edges and pays for the part that it travels.
    target_of
        ``int[k]``: the target that each origin goes to, −1 for none.
    arc_cost
        ``float64[m]``, 0 or more; the arcs' lengths where it is not given.
    turn_cost
        ``float64[t]``, 0 or more, paid at the turn.
    open_arcs, open_turns
        ``bool``: what may be used; an origin or target on a closed arc cannot use that arc either.
    limit
        Routes that cost more are not looked for.

    Raises
    ------
    MethodError
        When an array has another length than it should, a cost is negative, or ``target_of`` names no target.

    Notes
    -----
    One tree a target, grown backwards (Dijkstra) until its origins are settled. Of equally cheap ways the one whose
    next arc (turn) has the lower number is taken. What it costs to come from a point to the street (``off_m``) is not
    in it.
    """
    target = checked_targets(origins, targets, target_of)
    travel = travel_of(graph, arc_cost, turn_cost, open_arcs, open_turns)
    links = links_of(graph, travel)
    seeds = seeds_of(graph, travel, links, targets)
    entries = hopeful(graph, travel, entries_of(graph, travel, links, origins, target, len(targets.edge)), targets)
    cost, first_arc, first_share = direct_costs(graph, travel, origins, targets, target)
    _forget(cost > limit, cost, first_arc, first_share)
    chosen, row = np.full(len(cost), -1, np.int32), np.full(len(cost), -1, np.int32)
    tree_start, parent, link = grow(
        links.start, links.source, links.cost, links.number,
        seeds.start, seeds.state, seeds.cost, seeds.number,
        entries.start, entries.state, entries.cost, entries.origin,
        np.full(len(targets.edge), float(limit)), cost, chosen, row,
    )  # fmt: skip
    on = chosen >= 0
    first_arc[on] = entries.arc[chosen[on]]
    first_share[on] = entries.share[chosen[on]]
    arc = graph.turns.to[link] if travel.turns_matter else link
    share = _row_shares(graph, targets, tree_start, parent, arc)
    return Routes(cost, graph, row, first_arc, first_share, parent, arc, link, share, travel.turns_matter)


def checked_targets(origins: Snapped, targets: Snapped, target_of: Array) -> Array:
    """Return the target of each origin as int64, −1 where either of them is off the network."""
    target = np.asarray(target_of)
    count = len(targets.edge)
    whole = target.shape == origins.edge.shape and np.issubdtype(target.dtype, np.integer)
    if not whole or bool(((target < -1) | (target >= count)).any()):
        what = f"not one whole number from -1 to {count - 1} for each of {len(origins.edge)} origins"
        raise MethodError(Fault("network", "target_of", what, "number the targets from 0, -1 for none"))
    known = np.append(targets.edge >= 0, False)
    return np.where(known[target] & (origins.edge >= 0), target, -1).astype(np.int64)


def _forget(lost: Array, cost: Array, arc: Array, share: Array) -> None:
    cost[lost], arc[lost], share[lost] = np.inf, -1, 0.0


def _row_shares(graph: StreetGraph, targets: Snapped, tree_start: Array, parent: Array, arc: Array) -> Array:
    """Share of its arc that a row's way passes: all of it but where the target lies along it."""
    share = np.ones(len(parent))
    last = np.flatnonzero(parent < 0)
    target = np.searchsorted(tree_start, last, side="right") - 1
    before = shares(graph, targets)[target]
    share[last] = np.where(graph.arcs.forward[arc[last]], before, 1.0 - before)
    return share
