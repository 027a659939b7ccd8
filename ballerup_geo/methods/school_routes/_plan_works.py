"""What can be built to calm a street or a crossing, what it costs, and what each link and turn then needs.

Each link and each junction gets the cheapest work that brings it down to each level of stress that some pupils accept.
The levels are steps of one ladder: the work for the lower level counts what it costs beyond that for the higher one,
and needs it done. So a set of works is any set, its cost a sum, and a route is open to a pupil when all steps down to
the pupil's level are done on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.methods.school_routes._streets import arc_table, crossing_bounds, numbers, unsigned
from ballerup_geo.network import stress_interval
from ballerup_geo.spec import Given, Text

__all__ = ["WORK_WORDS", "Ladder", "Works", "works_of"]

WORK_WORDS = {
    "speed": Text(da="fart 30 km/t", en="30 km/h"),
    "lane": Text(da="cykelbane", en="cycle lane"),
    "lane_speed": Text(da="cykelbane og fart 30 km/t", en="cycle lane and 30 km/h"),
    "track": Text(da="cykelsti langs vej", en="cycle track"),
    "island": Text(da="helleanlæg", en="refuge island"),
    "signal": Text(da="signal", en="signal"),
    "lighting": Text(da="belysning", en="lighting"),
}
HOPELESS = 9
"""A level above all levels: a work that cannot be done there."""


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """What pupils of one level need: ``arc`` int32[m, a] and ``turn`` int32[t, b] works, −1 where there are fewer.

    ``possible_arcs`` and ``possible_turns`` are what can be used when all works are done.
    """

    arc: NDArray[np.int32]
    turn: NDArray[np.int32]
    possible_arcs: NDArray[np.bool_]
    possible_turns: NDArray[np.bool_]

    def opened(self, done: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the arcs and turns that can be used when these works are done."""
        known = np.append(done, True)
        return self.possible_arcs & known[self.arc].all(axis=1), self.possible_turns & known[self.turn].all(axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Works:
    """All works: ``kind`` (key of `WORK_WORDS`), ``cost_dkk``, ``edge`` or ``node`` they are made at (else −1)."""

    kind: NDArray[np.object_]
    cost_dkk: NDArray[np.float64]
    edge: NDArray[np.int64]
    node: NDArray[np.int64]
    ladders: Mapping[int, Ladder]
    """By the stress that pupils accept."""

    def __len__(self) -> int:
        return len(self.cost_dkk)


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """Steps of places of one sort: for each accepted level the step (−1: none is needed) and whether it can be done.

    ``place`` is the link or junction of each step; they are numbered from 0.
    """

    place: NDArray[np.int64]
    kind: NDArray[np.object_]
    cost_dkk: NDArray[np.float64]
    step: Mapping[int, NDArray[np.int64]]
    possible: Mapping[int, NDArray[np.bool_]]


def works_of(given: Given, scene: Scene, *, dark: bool) -> Works:
    """Return what can be built; with ``dark`` unlit links need lighting as well.

    A speed limit is lowered only where today's is known and not above an assumption. That a lower speed also calms the
    crossings of the street is not counted.
    """
    graph = scene.streets.graph
    arcs, turns = graph.arcs, graph.turns
    levels = tuple(sorted({group.accepted for group in scene.groups}, reverse=True))
    links = _ladder(_link_options(given, scene), levels)
    junctions = _ladder(_junction_options(given, scene), levels)
    lit_of_edge, lighting = _lighting(given, scene, dark=dark)
    first_junction, first_light = len(links.place), len(links.place) + len(junctions.place)
    head = arcs.head[turns.of]
    calm_turn = scene.streets.crossing.high
    ladders = {}
    for place, level in enumerate(levels):
        above = levels[: place + 1]
        tense = ~scene.streets.open_arcs(level, rules=scene.journeys.rules)
        hard = calm_turn > level
        arc = np.stack([np.where(tense, links.step[upper][arcs.edge], -1) for upper in above], axis=1)
        light = np.where(lit_of_edge[arcs.edge] >= 0, lit_of_edge[arcs.edge] + first_light, -1)
        turn = np.stack(
            [np.where(hard, _from(junctions.step[upper][head], first_junction), -1) for upper in above], axis=1
        )
        ladders[level] = Ladder(
            np.column_stack([arc, light]).astype(np.int32),
            turn.astype(np.int32),
            ~tense | links.possible[level][arcs.edge],
            ~hard | junctions.possible[level][head],
        )
    none = np.full
    return Works(
        np.concatenate([links.kind, junctions.kind, none(len(lighting), "lighting", dtype=object)]),
        np.concatenate([links.cost_dkk, junctions.cost_dkk, lighting]),
        np.concatenate([links.place, none(len(junctions.place), -1), np.flatnonzero(lit_of_edge >= 0)]),
        np.concatenate([none(len(links.place), -1), junctions.place, none(len(lighting), -1)]),
        ladders,
    )


def _from(step: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    return np.where(step >= 0, step + first, -1)


@dataclass(frozen=True, slots=True, eq=False)
class _Options:
    """The level that each place has today, and the level and the cost it has with each work."""

    today: NDArray[np.int64]
    after: Mapping[str, NDArray[np.int64]]
    cost_dkk: Mapping[str, NDArray[np.float64]]


def _link_options(given: Given, scene: Scene) -> _Options:
    """Return what each link (the worse of its directions) is with a lower speed, a lane, both, and a track."""
    graph, rules = scene.streets.graph, scene.journeys.rules
    table, value = arc_table(graph), given.assumptions
    limits = unsigned(table, given)
    speed = numbers(table, "speed_kmh")
    slow_kmh, most_kmh = float(value["calm_speed_kmh"]), float(value["calm_speed_from_max_kmh"])
    slower = np.isfinite(speed) & (speed > slow_kmh) & (speed <= most_kmh)
    slow = pd.Series(np.where(slower, slow_kmh, speed), index=table.index)
    lane: dict[str, Any] = {"facility": "lane", "lane_width_m": float(value["new_lane_m"])}
    changes: dict[str, dict[str, Any]] = {
        "speed": {"speed_kmh": slow},
        "lane": lane,
        "lane_speed": {**lane, "speed_kmh": slow},
        "track": {"facility": "track"},
    }
    length_m = graph.edges["length_m"].to_numpy()
    a_metre = {name: float(value[f"cost_{name}_dkk_m"]) for name in ("speed", "lane", "track")}
    a_metre["lane_speed"] = a_metre["lane"] + a_metre["speed"]
    edges = len(length_m)
    allowed = np.zeros(edges, bool)
    allowed[graph.arcs.edge[slower]] = True
    after = {}
    for name, change in changes.items():
        level = stress_interval(table.assign(**change), rules=rules, ranges=limits)["stress_high"].to_numpy(np.int64)
        after[name] = _worst(level, graph.arcs.edge, edges)
        if "speed_kmh" in change:
            after[name][~allowed] = HOPELESS
    today = _worst(scene.streets.stress[rules].high.astype(np.int64), graph.arcs.edge, edges)
    return _Options(today, after, {name: price * length_m for name, price in a_metre.items()})


def _junction_options(given: Given, scene: Scene) -> _Options:
    """Return what each junction is with islands in all roads that are hard to cross, and with a signal."""
    streets, value = scene.streets, given.assumptions
    graph = streets.graph
    node = graph.arcs.head[graph.turns.of]
    count = len(graph.nodes_xy)
    rules = str(value["crossing_rules"])
    at = streets.crossings.assign(crossed_edge=streets.crosses)
    island_m = np.fmax(numbers(at, "island_m"), float(value["new_island_m"]))
    changed = {"island": at.assign(island_m=island_m), "signal": at.assign(control="signal")}
    after = {
        name: _worst(crossing_bounds(graph, table, rules, given).high.astype(np.int64), node, count)
        for name, table in changed.items()
    }
    calmest = min(group.accepted for group in scene.groups)
    hard = streets.crossing.high > calmest
    roads = np.unique(np.stack([node[hard], streets.crosses[hard]], axis=1), axis=0)
    islands = np.maximum(np.bincount(roads[:, 0], minlength=count), 1)
    cost = {
        "island": float(value["cost_island_dkk"]) * islands,
        "signal": np.full(count, float(value["cost_signal_dkk"])),
    }
    return _Options(_worst(streets.crossing.high.astype(np.int64), node, count), after, cost)


def _worst(level: NDArray[np.int64], place: NDArray[Any], count: int) -> NDArray[np.int64]:
    worst = np.ones(count, np.int64)
    np.maximum.at(worst, place, level)
    return worst


def _ladder(options: _Options, levels: tuple[int, ...]) -> _Steps:
    """Return the steps down to each level, from the highest to the lowest."""
    names = list(options.after)
    count = len(options.today)
    paid = np.zeros(count)
    places, kinds, costs = [], [], []
    step: dict[int, NDArray[np.int64]] = {}
    possible: dict[int, NDArray[np.bool_]] = {}
    made = 0
    for level in levels:
        price = np.stack([np.where(options.after[name] <= level, options.cost_dkk[name], np.inf) for name in names])
        cheapest = np.argmin(price, axis=0)
        cost = price[cheapest, np.arange(count)]
        can = np.isfinite(cost)
        at = np.flatnonzero((options.today > level) & can)
        step[level] = np.full(count, -1)
        step[level][at] = made + np.arange(len(at))
        possible[level] = (options.today <= level) | can
        places.append(at)
        kinds.append(np.array(names, dtype=object)[cheapest[at]])
        costs.append(cost[at] - paid[at])
        paid[at] = cost[at]
        made += len(at)
    return _Steps(np.concatenate(places), np.concatenate(kinds), np.concatenate(costs), step, possible)


def _lighting(given: Given, scene: Scene, *, dark: bool) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the number of each edge's lighting work (−1: none is needed), and what the works cost."""
    graph = scene.streets.graph
    number = np.full(len(graph.edges), -1, np.int64)
    if not dark:
        return number, np.zeros(0)
    unlit = np.unique(graph.arcs.edge[scene.streets.lit == 0.0])
    number[unlit] = np.arange(len(unlit))
    return number, float(given.assumptions["cost_lighting_dkk_m"]) * graph.edges["length_m"].to_numpy()[unlit]
