"""Best routes to school: the least stress that will do within the detour limit, and why where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._pupils import Trips
from ballerup_geo.methods.school_routes._streets import CALM, WORST, Streets
from ballerup_geo.network import RULES, Routes, routes

__all__ = ["NO_ROUTE", "Blocked", "Journeys", "Which", "journeys_of", "turn_between"]

NO_ROUTE = 0
"""``need`` of a way that no cycling network leads to school."""
THRESHOLDS = tuple(range(CALM, WORST))
"""Levels below the worst; with that one accepted every legal route will do."""
TOLERANCE = 1e-9
"""A route that is as long as the limit is within it, however its metres were added up."""
PENALTY_M = 1e7
"""What an unsafe link counts on the least unsafe route: more than any way in a municipality is long."""

Which = tuple[str, bool]
"""A rule set, and whether its cautious bound is meant."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocked:
    """What bars the ways to school ``[k]`` at the stress that each accepts; told where ``Journeys.barred`` is true.

    Attributes
    ----------
    calm_m
        Length of the shortest low-stress route where there is one that is longer than the detour limit, else NaN.
    links
        ``int32[k]``: unsafe links and crossings on the least unsafe route (the fewest of them, then the shortest).
    arc, turn
        ``int32[k]``: the first unsafe arc or turn on it; one of them is −1.
    """

    calm_m: NDArray[np.float64]
    links: NDArray[np.int32]
    arc: NDArray[np.int32]
    turn: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """The routes of all ways to school, ``[k]`` as in `Trips`.

    Attributes
    ----------
    rules
        The rule set that figures are told by, with its cautious bound; the others make the interval.
    accepted
        ``int8[k]``: the level of stress that the pupils of a way are taken to accept.
    shortest
        The shortest legal routes.
    limit_m
        ``float64[k]``: longest low-stress route that will do: the detour limit times the shortest; inf without route.
    need
        By rule set and bound, ``int8[k]``: the smallest stress with a route within the limit, 0 without any route.
    need_otherwise
        The same with the other rules for crossings, by rule set, rules for crossings and bound.
    by_stress
        Routes over streets and crossings of at most stress 1, 2, 3 (cautious bound of ``rules``).
    """

    rules: str
    accepted: NDArray[np.int8]
    shortest: Routes
    limit_m: NDArray[np.float64]
    need: Mapping[Which, NDArray[np.int8]]
    need_otherwise: Mapping[tuple[str, str, bool], NDArray[np.int8]]
    by_stress: Mapping[int, Routes]
    blocked: Blocked
    detour_max: float

    @property
    def main(self) -> NDArray[np.int8]:
        """``need`` by the rule set that figures are told by, cautious."""
        return self.need[self.rules, True]

    @property
    def barred(self) -> NDArray[np.bool_]:
        """Ways with a legal route but none of a stress that is accepted."""
        return np.asarray((self.main != NO_ROUTE) & (self.main > self.accepted))

    def within(self, cost: NDArray[np.float64], shortest: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which routes keep to the detour limit; one that is not there does not."""
        return np.asarray(np.isfinite(cost) & (cost <= self.detour_max * shortest * (1.0 + TOLERANCE)))

    def best(self) -> Mapping[int, tuple[Routes, NDArray[np.bool_]]]:
        """Return each level of stress with its routes and ``bool[k]``: whose best route (smallest level) it is."""
        found = {level: (self.by_stress[level], self.main == level) for level in THRESHOLDS}
        return {**found, WORST: (self.shortest, self.main == WORST)}

    def along_best(self, values: NDArray[Any], turn_values: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """Sum values of arcs (and turns) along each best route, ``float64[k]``; NaN without route."""
        out = np.full(len(self.main), np.nan)
        for chosen, whose in self.best().values():
            if whose.any():
                out[whose] = chosen.total(values, turn_values)[whose]
        return out

    def flow(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight that passes over each arc (``float64[m]``) when all take their best route."""
        flows = [chosen.flow(np.where(whose, weights, 0.0)) for chosen, whose in self.best().values()]
        return np.asarray(np.sum(flows, axis=0))


def journeys_of(
    streets: Streets, trips: Trips, *, rules: str, accepted: NDArray[np.int8], detour_max: float
) -> Journeys:
    """Find the routes of all ways, by every rule set and both bounds.

    Of each way the smallest stress t is sought whose route over arcs and turns of stress ≤ t is at most ``detour_max``
    times as long as the shortest legal route (Mekuria, Furth & Nixon 2012: 1.25); among routes of that stress the
    shortest is taken. The metres from door to street are in neither of the two lengths.
    """
    graph, start, sites = streets.graph, trips.start, trips.sites
    shortest = routes(graph, start, sites, target_of=trips.site)
    limit_m = detour_max * shortest.cost * (1.0 + TOLERANCE)
    kept: dict[int, Routes] = {}
    need: dict[Which, NDArray[np.int8]] = {}
    otherwise: dict[tuple[str, str, bool], NDArray[np.int8]] = {}
    others = [name for name, bounds in streets.crossing_by_rules.items() if bounds is not streets.crossing]
    for name in RULES:
        for cautious in (True, False):
            found = _by_stress(streets, trips, name, cautious=cautious)
            need[name, cautious] = _need(shortest, found, limit_m)
            for crossing_rules in others:
                other = _by_stress(streets, trips, name, cautious=cautious, crossing_rules=crossing_rules)
                otherwise[name, crossing_rules, cautious] = _need(shortest, other, limit_m)
            if (name, cautious) == (rules, True):
                kept = found
    main = need[rules, True]
    barred = (main != NO_ROUTE) & (main > accepted)
    blocked = _blocked(streets, trips, rules, accepted, barred, kept)
    return Journeys(rules, accepted, shortest, limit_m, need, otherwise, kept, blocked, detour_max)


def _by_stress(
    streets: Streets, trips: Trips, rules: str, *, cautious: bool, crossing_rules: str | None = None
) -> dict[int, Routes]:
    return {
        level: routes(
            streets.graph,
            trips.start,
            trips.sites,
            target_of=trips.site,
            open_arcs=streets.open_arcs(level, rules=rules, cautious=cautious),
            open_turns=streets.open_turns(level, cautious=cautious, crossing_rules=crossing_rules),
        )
        for level in THRESHOLDS
    }


def _need(shortest: Routes, by_stress: Mapping[int, Routes], limit_m: NDArray[np.float64]) -> NDArray[np.int8]:
    need = np.where(np.isfinite(shortest.cost), WORST, NO_ROUTE).astype(np.int8)
    for level in sorted(by_stress, reverse=True):
        need[np.isfinite(limit_m) & (by_stress[level].cost <= limit_m)] = level
    return need


def _blocked(
    streets: Streets,
    trips: Trips,
    rules: str,
    accepted: NDArray[np.int8],
    barred: NDArray[np.bool_],
    by_stress: Mapping[int, Routes],
) -> Blocked:
    count = len(barred)
    found = Blocked(
        np.full(count, np.nan), np.zeros(count, np.int32), np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    )
    for level in THRESHOLDS:
        mine = barred & (accepted == level)
        if mine.any():
            long = mine & np.isfinite(by_stress[level].cost)
            found.calm_m[long] = by_stress[level].cost[long]
            _follow(streets, trips, rules, level, np.flatnonzero(mine & ~long), found)
    return found


def _follow(streets: Streets, trips: Trips, rules: str, level: int, ways: NDArray[np.int64], found: Blocked) -> None:
    """Find the least unsafe routes of some ways, and fill in what bars them."""
    unsafe, crossing = ~streets.open_arcs(level, rules=rules), ~streets.open_turns(level)
    some = np.full(len(trips.site), -1, np.int32)
    some[ways] = trips.site[ways]
    least = routes(
        streets.graph,
        trips.start,
        trips.sites,
        target_of=some,
        arc_cost=streets.graph.arcs.length_m + PENALTY_M * unsafe,
        turn_cost=PENALTY_M * crossing,
    )
    for way in ways:
        path = least.path(int(way))
        turns = turn_between(streets, path)
        arcs_unsafe, turns_unsafe = unsafe[path], np.append(False, crossing[turns])
        found.links[way] = int(arcs_unsafe.sum() + turns_unsafe.sum())
        either = arcs_unsafe | turns_unsafe
        if either.any():
            first = int(np.argmax(either))
            if turns_unsafe[first]:  # the turn into an arc comes before the arc
                found.turn[way] = turns[first - 1]
            else:
                found.arc[way] = path[first]


def turn_between(streets: Streets, path: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the number of the turn between each two following arcs of a route, ``int64[len(path) − 1]``."""
    turns = streets.graph.turns
    found = np.empty(max(len(path) - 1, 0), np.int64)
    for place, (arc, onward) in enumerate(pairwise(path.tolist())):
        begin, end = turns.start[arc], turns.start[arc + 1]
        found[place] = begin + int(np.searchsorted(turns.to[begin:end], onward))
    return found
