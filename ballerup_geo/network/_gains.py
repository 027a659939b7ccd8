"""Kernel: what each fix alone would give, by growing the trees of best ways a little farther and taking it back.

Costs can only fall when something is opened. So for a fix it is enough to start where one of the opened links makes its
state cheaper, to search on over the states that get cheaper, and to look at the origins that enter there. What the fix
did not touch keeps its value; afterwards the old values are put back.

A state is worth looking at only while somebody who has no accepted route today could come there and still go on within
the limit, even if all were open. That is found once a target, forwards from those origins (``room``).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.network._search import rise, sink

__all__ = ["Entering", "Gate", "Leaving", "Linked", "Onto", "Opening", "gains"]

Array = np.ndarray[Any, np.dtype[Any]]
ROUNDING = 1e-9
BASE = -2
"""The mark of no fix: only what is open today is passable."""


class Linked(NamedTuple):
    """Links by the state they lead to, with true costs, and the arc and turn they use (turn −1: none)."""

    start: Array
    source: Array
    cost: Array
    arc: Array
    turn: Array


class Leaving(NamedTuple):
    """Links by the state they come from, with true costs."""

    start: Array
    into: Array
    cost: Array


class Onto(NamedTuple):
    """Per target the links that end at it."""

    start: Array
    state: Array
    cost: Array
    arc: Array
    turn: Array


class Entering(NamedTuple):
    """Per target where its origins enter; an entry of state −1 is a way along one edge."""

    start: Array
    state: Array
    cost: Array
    arc: Array
    origin: Array


class Gate(NamedTuple):
    """What is open today, and the mark of the fix that opened an arc or a turn last."""

    open_arc: Array
    open_turn: Array
    arc_mark: Array
    turn_mark: Array


class Opening(NamedTuple):
    """Arcs and turns by the fix that opens them, and fixes by the arc or turn they open."""

    arc_start: Array
    arcs: Array
    turn_start: Array
    turns: Array
    by_arc_start: Array
    by_arc: Array
    by_turn_start: Array
    by_turn: Array


class Work(NamedTuple):
    """Costs of states, slots in the heap (−1 not changed, −2 settled), what changed with its old cost, and the heap."""

    cost: Array
    slot: Array
    old: Array
    changed: Array
    keys: Array
    heap: Array


@kernel
def passable(arc: int, turn: int, gate: Gate, mark: int) -> bool:
    """Whether a link is open, or opened by the fix that has this mark."""
    if not gate.open_arc[arc] and gate.arc_mark[arc] != mark:
        return False
    return turn < 0 or bool(gate.open_turn[turn]) or bool(gate.turn_mark[turn] == mark)


@kernel
def cheaper(state: int, price: float, bound: float, room: Array, work: Work, count: int, size: int) -> tuple[int, int]:
    """Lower a state's cost if it can be lowered; returns the numbers of changed states and of states in the heap.

    Nothing is done where the cost would be above the bound or the state's ``room``.
    """
    if not (price < work.cost[state] and price <= bound and price <= room[state]):
        return count, size
    if work.slot[state] == -1:
        work.old[count] = work.cost[state]
        work.changed[count] = state
        count += 1
        work.slot[state] = size
        size += 1
    work.cost[state] = price
    rise(work.keys, work.heap, work.slot, work.slot[state], price, state)
    return count, size


@kernel
def seeded(target: int, onto: Onto, gate: Gate, mark: int, bound: float, room: Array, work: Work) -> tuple[int, int]:
    """Begin at the links onto the target that are passable; returns as :func:`cheaper`."""
    count, size = 0, 0
    for s in range(onto.start[target], onto.start[target + 1]):
        if passable(onto.arc[s], onto.turn[s], gate, mark):
            count, size = cheaper(onto.state[s], onto.cost[s], bound, room, work, count, size)
    return count, size


@kernel
def opened(
    state: int,
    arc: int,
    turn: int,
    linked: Linked,
    gate: Gate,
    mark: int,
    bound: float,
    room: Array,
    work: Work,
    count: int,
    size: int,
) -> tuple[int, int]:
    """Take up the links of an arc (or of a turn, where it is not −1) into a state, if they are passable now."""
    for k in range(linked.start[state], linked.start[state + 1]):
        wanted = linked.arc[k] == arc if turn < 0 else linked.turn[k] == turn
        if wanted and passable(linked.arc[k], linked.turn[k], gate, mark):
            price = work.cost[state] + linked.cost[k]
            count, size = cheaper(linked.source[k], price, bound, room, work, count, size)
    return count, size


@kernel
def spread(linked: Linked, gate: Gate, mark: int, bound: float, room: Array, work: Work, count: int, size: int) -> int:
    """Search on from the states in the heap over all that gets cheaper; returns the number of changed states."""
    while size > 0:
        key = work.keys[0]
        state = work.heap[0]
        size -= 1
        sink(work.keys, work.heap, work.slot, size)
        work.slot[state] = -2
        for k in range(linked.start[state], linked.start[state + 1]):
            if passable(linked.arc[k], linked.turn[k], gate, mark):
                count, size = cheaper(linked.source[k], key + linked.cost[k], bound, room, work, count, size)
    return count


@kernel
def room_for(
    target: int, leaving: Leaving, entering: Entering, before: Array, limit: Array, room: Array, work: Work
) -> int:
    """Write what may be left to pay at each state by anybody who has no accepted route; returns the number of states.

    The largest of ``limit − cost of coming there``, all being open, by a search forwards from the largest limit down.
    The states are left in ``work.changed``. A little is added against rounding: too much room costs time alone.
    """
    count, size = 0, 0
    for e in range(entering.start[target], entering.start[target + 1]):
        state, origin = entering.state[e], entering.origin[e]
        left = limit[origin] - entering.cost[e]
        if state >= 0 and left >= 0.0 and before[origin] > limit[origin] and left > room[state]:
            if work.slot[state] == -1:
                work.changed[count] = state
                count += 1
                work.slot[state] = size
                size += 1
            room[state] = left
            rise(work.keys, work.heap, work.slot, work.slot[state], -left, state)
    while size > 0:
        left = -work.keys[0]
        state = work.heap[0]
        size -= 1
        sink(work.keys, work.heap, work.slot, size)
        work.slot[state] = -2
        for k in range(leaving.start[state], leaving.start[state + 1]):
            u = leaving.into[k]
            price = left - leaving.cost[k]
            if price >= 0.0 and price > room[u]:
                if work.slot[u] == -1:
                    work.changed[count] = u
                    count += 1
                    work.slot[u] = size
                    size += 1
                room[u] = price
                rise(work.keys, work.heap, work.slot, work.slot[u], -price, u)
    for row in range(count):
        work.slot[work.changed[row]] = -1
        room[work.changed[row]] += ROUNDING * (1.0 + room[work.changed[row]])
    return count


@kernel
def asked(
    arc: int, turn: int, gate: Gate, opening: Opening, target: int, wanted: Array, queue: Array, waiting: int
) -> int:
    """Queue the fixes that open a link's arc or, where that is open, its turn; returns the queue's length."""
    start, fixes, item = opening.by_arc_start, opening.by_arc, arc
    if gate.open_arc[arc]:
        if turn < 0 or gate.open_turn[turn]:
            return waiting
        start, fixes, item = opening.by_turn_start, opening.by_turn, turn
    for j in range(start[item], start[item + 1]):
        if wanted[fixes[j]] != target:
            wanted[fixes[j]] = target
            queue[waiting] = fixes[j]
            waiting += 1
    return waiting


@kernel
def entry_price(e: int, entering: Entering, cost: Array) -> float:
    """Cost of the way that an entry begins."""
    ahead = 0.0 if entering.state[e] < 0 else cost[entering.state[e]]
    return entering.cost[e] + ahead  # type: ignore[no-any-return]


@kernel
def credited(
    e: int, entering: Entering, beside: Array, cost: Array, before: Array, limit: Array, counted: Array, mark: int,
    weights: Array, credit: Array,
) -> None:  # fmt: skip
    """Credit a fix with the origins of a list of entries that it brings within their limit, each once."""
    while e >= 0:
        origin = entering.origin[e]
        outside = before[origin] > limit[origin] and counted[origin] != mark
        if outside and entry_price(e, entering, cost) <= limit[origin]:
            counted[origin] = mark
            for group in range(weights.shape[1]):
                credit[group] += weights[origin, group]
        e = beside[e]


@kernel
def gains(
    linked: Linked, leaving: Leaving, gate: Gate, onto: Onto, entering: Entering, opening: Opening,
    state_of: Array, turn_to: Array, bound: Array, limit: Array, weights: Array, gained: Array,
) -> None:  # fmt: skip
    """Add to ``gained`` (float64[fixes, groups]) the weights of origins that a fix brings within their limit.

    ``state_of`` int32[arcs] is the state that an arc leads to, ``turn_to`` int32[turns] the arc that a turn leads into;
    ``bound`` float64[targets] the largest ``limit`` (float64[origins]) of those that go there.
    """
    n = linked.start.size - 1
    fixes = opening.arc_start.size - 1
    cost, slot = np.full(n, np.inf), np.full(n, -1, np.int32)
    work = Work(cost, slot, np.empty(n), np.empty(n, np.int32), np.empty(n), np.empty(n, np.int32))
    settled, roomy = np.empty(n, np.int32), np.empty(n, np.int32)
    endless, room = np.full(n, np.inf), np.full(n, -np.inf)
    before = np.full(limit.size, np.inf)
    counted = np.full(limit.size, -1, np.int64)
    first = np.full(n, -1, np.int32)
    first_shut = np.full(gate.open_arc.size, -1, np.int32)
    beside = np.empty(entering.arc.size, np.int32)
    wanted = np.full(fixes, -1, np.int32)
    queue = np.empty(fixes, np.int32)
    mark = 0
    for target in range(onto.start.size - 1):
        count, size = seeded(target, onto, gate, BASE, bound[target], endless, work)
        reached = spread(linked, gate, BASE, bound[target], endless, work, count, size)
        for row in range(reached):
            settled[row] = work.changed[row]
            work.slot[settled[row]] = -1
        entries = range(entering.start[target], entering.start[target + 1])
        for e in entries:
            before[entering.origin[e]] = np.inf
        waiting = 0
        for e in entries:
            price = entry_price(e, entering, cost)
            origin, arc, state = entering.origin[e], entering.arc[e], entering.state[e]
            if not gate.open_arc[arc]:
                beside[e] = first_shut[arc]
                first_shut[arc] = e
                if price <= limit[origin]:
                    waiting = asked(arc, -1, gate, opening, target, wanted, queue, waiting)
                continue
            before[origin] = min(before[origin], price)
            if state >= 0:
                beside[e] = first[state]
                first[state] = e
        rooms = room_for(target, leaving, entering, before, limit, room, work)
        for row in range(rooms):
            roomy[row] = work.changed[row]
        for row in range(reached):
            state = settled[row]
            for k in range(linked.start[state], linked.start[state + 1]):
                price = cost[state] + linked.cost[k]
                if price < cost[linked.source[k]] and price <= room[linked.source[k]]:
                    waiting = asked(linked.arc[k], linked.turn[k], gate, opening, target, wanted, queue, waiting)
        for s in range(onto.start[target], onto.start[target + 1]):
            if onto.cost[s] < cost[onto.state[s]] and onto.cost[s] <= room[onto.state[s]]:
                waiting = asked(onto.arc[s], onto.turn[s], gate, opening, target, wanted, queue, waiting)
        for q in range(waiting):
            fix = queue[q]
            mark += 1
            arcs = opening.arcs[opening.arc_start[fix] : opening.arc_start[fix + 1]]
            turns = opening.turns[opening.turn_start[fix] : opening.turn_start[fix + 1]]
            for arc in arcs:
                gate.arc_mark[arc] = mark
            for turn in turns:
                gate.turn_mark[turn] = mark
            count, size = seeded(target, onto, gate, mark, np.inf, room, work)
            for arc in arcs:
                count, size = opened(state_of[arc], arc, -1, linked, gate, mark, np.inf, room, work, count, size)
            for turn in turns:
                state = state_of[turn_to[turn]]
                count, size = opened(state, -1, turn, linked, gate, mark, np.inf, room, work, count, size)
            count = spread(linked, gate, mark, np.inf, room, work, count, size)
            credit = gained[fix]
            for row in range(count):
                e = first[work.changed[row]]
                credited(e, entering, beside, cost, before, limit, counted, mark, weights, credit)
            for arc in arcs:
                credited(first_shut[arc], entering, beside, cost, before, limit, counted, mark, weights, credit)
            for row in range(count):
                cost[work.changed[row]] = work.old[row]
                work.slot[work.changed[row]] = -1
        for row in range(reached):
            cost[settled[row]] = np.inf
        for row in range(rooms):
            room[roomy[row]] = -np.inf
        for e in entries:
            first_shut[entering.arc[e]] = -1
            if entering.state[e] >= 0:
                first[entering.state[e]] = -1
