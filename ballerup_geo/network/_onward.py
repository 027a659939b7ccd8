"""The best way on to a target from the end of every arc: what a signpost at each junction would say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._search import grow
from ballerup_geo.network._snap import Snapped
from ballerup_geo.network._states import links_of, seeds_of, shares, travel_of

__all__ = ["Onward", "onward"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Onward:
    """Ways on from the ends of arcs to p targets.

    Attributes
    ----------
    cost
        ``float64[p, m]``: cost from the end of each arc on, with the turn into the next; inf where no way leads on.
    arc
        ``int32[p, m]``: the arc that comes next, −1 where there is no way, and where the arc ends at the target.
    last
        ``bool[p, m]``: the target lies along the arc that comes next (or at its end), and the way ends there.
    target_share
        ``float64[p, m]``: share of each arc that lies before the target, NaN for arcs that it does not lie on.
    """

    cost: Array
    arc: Array
    last: Array
    target_share: Array


def onward(
    graph: StreetGraph,
    targets: Snapped,
    *,
    arc_cost: Array | None = None,
    turn_cost: Array | None = None,
    open_arcs: Array | None = None,
    open_turns: Array | None = None,
) -> Onward:
    """Find the best way on from the end of every arc to every target.

    Parameters
    ----------
    targets
        Places on the graph; one that is off it is reached from nowhere.
    arc_cost, turn_cost, open_arcs, open_turns
        As for :func:`routes`. The arc that a way begins on is not paid for and may be closed itself.

    Raises
    ------
    MethodError
        When an array has another length than it should, or a cost is negative.

    Notes
    -----
    The trees of :func:`routes`, with an origin at the end of each arc: of equally cheap ways the one whose next arc
    (turn) has the lower number. Where turns cost nothing and none is closed, the way on may turn back on the spot;
    whoever has that way would not have come along this arc.
    """
    travel = travel_of(graph, arc_cost, turn_cost, open_arcs, open_turns)
    links = links_of(graph, travel)
    seeds = seeds_of(graph, travel, links, targets)
    count, arcs = len(targets.edge), len(graph.arcs.edge)
    origin = np.arange(count * arcs, dtype=np.int32)
    cost = np.full(count * arcs, np.inf)
    chosen, row = np.full(count * arcs, -1, np.int32), np.full(count * arcs, -1, np.int32)
    _, parent, link = grow(
        links.start, links.source, links.cost, links.number,
        seeds.start, seeds.state, seeds.cost, seeds.number,
        np.arange(count + 1, dtype=np.int64) * arcs, np.tile(links.state_of, count), np.zeros(count * arcs), origin,
        np.full(count, np.inf), cost, chosen, row,
    )  # fmt: skip
    ahead = graph.turns.to[link] if travel.turns_matter else link
    on = row >= 0
    arc = np.where(on, np.append(ahead, np.int32(-1))[row], -1).astype(np.int32).reshape(count, arcs)
    last = (on & (np.append(parent, np.int32(0))[row] < 0)).reshape(count, arcs)
    share = _target_shares(graph, targets)
    nothing_left = last & (np.take_along_axis(share, np.maximum(arc, 0), axis=1) == 0.0)
    return Onward(
        cost.reshape(count, arcs), np.where(nothing_left, -1, arc).astype(np.int32), last & ~nothing_left, share
    )


def _target_shares(graph: StreetGraph, targets: Snapped) -> Array:
    found = np.full((len(targets.edge), len(graph.arcs.edge)), np.nan)
    before = shares(graph, targets)
    for target in np.flatnonzero(targets.edge >= 0):
        forward, backward = graph.arc_of[targets.edge[target]]
        if forward >= 0:
            found[target, forward] = before[target]
        if backward >= 0:
            found[target, backward] = 1.0 - before[target]
    return found
