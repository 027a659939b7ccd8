"""Which works would leave each origin a route within its limit, at the least price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._group import grouped
from ballerup_geo.network._near import settled
from ballerup_geo.network._routes import checked_targets
from ballerup_geo.network._snap import Snapped
from ballerup_geo.network._states import Links, Travel, direct_costs, entries_of, links_of, part_cost, shares, travel_of
from ballerup_geo.network._works import Going, Needs, Starts, least_priced

__all__ = ["WorkSearch", "Worked", "work_search"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Worked:
    """Cheapest ways: ``price`` and ``cost`` float64[k] (inf: none); works ``start`` int64[k + 1], ``work`` int32."""

    price: Array
    cost: Array
    start: Array
    work: Array


@dataclass(frozen=True, slots=True)
class _Target:
    """The origins of one target, and what the search needs to know of it."""

    origins: Array
    starts: Starts
    onward: Array
    last_arc: Array
    last_cost: Array
    direct_arc: Array
    direct_cost: Array


@dataclass(frozen=True, slots=True)
class WorkSearch:
    """A prepared search, to be asked with many prices; see :func:`work_search`."""

    going: Going
    needs: Needs
    limit: Array
    targets: tuple[_Target, ...]

    def least(
        self, common: Array, *, worth: Array | None = None, own: tuple[Array, Array, Array] | None = None
    ) -> Worked:
        """Find the way of the least price for each origin.

        Parameters
        ----------
        common
            ``float64[works]``, 0 or more: the price of each work.
        worth
            ``float64[k]``: ways of this price and dearer are not wanted; by default any way is.
        own
            What is added to prices for single origins: compressed rows ``start`` int64[k + 1], ``work`` int32,
            ``price`` float64.

        Notes
        -----
        A work that a way passes twice is paid twice. So the price is that of its set of works for ways that pass each
        work once, and never less than that for others.
        """
        count = len(self.limit)
        worth = np.full(count, np.inf) if worth is None else worth
        own = (np.zeros(count + 1, np.int64), np.zeros(0, np.int32), np.zeros(0)) if own is None else own
        price, cost = np.full(count, np.inf), np.full(count, np.inf)
        many = np.zeros(count, np.int64)
        lists = []
        for target in self.targets:
            rows = target.origins
            own_start, own_rows = _rows(own[0], rows)
            one_price, one_cost = np.empty(len(rows)), np.empty(len(rows))
            start, work = least_priced(
                self.going, self.needs, target.starts, target.onward, target.last_arc, target.last_cost,
                target.direct_arc, target.direct_cost, self.limit[rows], worth[rows], common,
                own_start, own[1][own_rows], own[2][own_rows], one_price, one_cost,
            )  # fmt: skip
            price[rows], cost[rows], many[rows] = one_price, one_cost, np.diff(start)
            lists.append((rows, work))
        begin = np.concatenate([[0], np.cumsum(many)])
        works = np.empty(begin[-1], np.int32)
        for rows, work in lists:
            works[_rows(begin, rows)[1]] = work
        return Worked(price, cost, begin, works)


def work_search(
    graph: StreetGraph,
    origins: Snapped,
    targets: Snapped,
    *,
    target_of: Array,
    limit: Array,
    arc_works: Array,
    turn_works: Array,
    possible_arcs: Array | None = None,
    possible_turns: Array | None = None,
    arc_cost: Array | None = None,
) -> WorkSearch:
    """Prepare the search for the works that would leave each origin a route within its limit.

    Parameters
    ----------
    target_of, arc_cost
        As for :func:`routes`.
    limit
        ``float64[k]``: the longest accepted route.
    arc_works, turn_works
        ``int32[m, a]`` and ``int32[t, b]``: the works that must be done before an arc or a turn can be used, −1 where
        there are fewer.
    possible_arcs, possible_turns
        ``bool``: what can be used once its works are done.

    Raises
    ------
    MethodError
        When an array has another shape than it should.
    """
    target = checked_targets(origins, targets, target_of)
    travel = travel_of(graph, arc_cost, None, possible_arcs, possible_turns)
    travel = Travel(travel.arc, travel.turn, True)
    needs = Needs(np.ascontiguousarray(arc_works, np.int32), np.ascontiguousarray(turn_works, np.int32))
    most = np.ascontiguousarray(limit, np.float64)
    fits = len(needs.arc) == len(travel.arc) and len(needs.turn) == len(travel.turn) and len(most) == len(target)
    if not fits or needs.arc.ndim != 2 or needs.turn.ndim != 2:
        what = "arc_works, turn_works or limit do not fit the graph and the origins"
        raise MethodError(Fault("network", "works", what, "give a row for each arc, turn and origin"))
    going = Going(graph.turns.start, graph.turns.to, travel.arc, travel.turn)
    each = tuple(_targets(graph, travel, links_of(graph, travel), origins, targets, target))
    return WorkSearch(going, needs, most, each)


def _targets(
    graph: StreetGraph, travel: Travel, links: Links, origins: Snapped, targets: Snapped, target: Array
) -> Iterator[_Target]:
    share = shares(graph, targets)
    entries = entries_of(graph, travel, links, origins, target, len(targets.edge))
    ways = [direct_costs(graph, travel, origins, targets, target, sides=(side,)) for side in (0, 1)]
    direct_cost = np.stack([way[0] for way in ways], axis=1)
    direct_arc = np.stack([way[1] for way in ways], axis=1)
    for number in np.unique(target[target >= 0]):
        rows = np.flatnonzero(target == number)
        mine = slice(entries.start[number], entries.start[number + 1])
        place = np.searchsorted(rows, entries.origin[mine]).astype(np.int32)
        start, row = grouped(place, len(rows))
        last = graph.arc_of[targets.edge[number]]
        there = last >= 0
        last_arc, before = last[there], np.array([share[number], 1.0 - share[number]])[there]
        last_cost = part_cost(travel.arc[last_arc], before)
        into = np.isin(graph.turns.to, last_arc)
        at = np.searchsorted(np.sort(last_arc), graph.turns.to[into])
        seed_cost = travel.turn[into] + last_cost[np.argsort(last_arc, kind="stable")][at]
        onward = settled(links.start, links.source, links.cost, graph.turns.of[into], seed_cost, np.inf)
        yield _Target(
            rows, Starts(start, entries.arc[mine][row], entries.cost[mine][row]), onward, last_arc, last_cost,
            np.ascontiguousarray(direct_arc[rows]), np.ascontiguousarray(direct_cost[rows]),
        )  # fmt: skip


def _rows(start: Array, rows: Array) -> tuple[Array, Array]:
    """Compressed rows of some rows: (start, places in the whole)."""
    many = np.diff(start)[rows]
    begin = np.concatenate([[0], np.cumsum(many)]).astype(np.int64)
    return begin, np.repeat(start[rows] - begin[:-1], many) + np.arange(begin[-1])
