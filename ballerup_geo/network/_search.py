"""Kernels: shortest ways towards targets, over any graph of states and links.

A *state* is a junction or, where turns matter, the end of an arc. A *link* leads from one state to the next and costs
something; links are kept by the state they lead to, since the search runs backwards from the target. Links that are
closed cost inf.

The heap is binary, of states with their costs beside them; each state knows its slot, so a cheaper way moves it up
instead of adding it again. What belongs to an earlier target is told by stamps: nothing is cleared between targets.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = ["carried", "grow", "swept", "turns_between"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def rise(keys: Array, heap: Array, slot: Array, at: int, key: float, state: int) -> None:
    """Move a state towards the root until nothing above it is dearer."""
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        heap[at] = heap[above]
        slot[heap[at]] = at
        at = above
    keys[at] = key
    heap[at] = state
    slot[state] = at


@kernel
def sink(keys: Array, heap: Array, slot: Array, size: int) -> None:
    """Put the last of ``size + 1`` states into the root's empty place and let it sink."""
    if size == 0:
        return
    key = keys[size]
    state = heap[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        heap[at] = heap[below]
        slot[heap[at]] = at
        at = below
    keys[at] = key
    heap[at] = state
    slot[state] = at


@kernel
def longer(values: Array, size: int) -> Array:
    """The same int32 values with room for twice as many."""
    room = np.empty(2 * size, np.int32)
    room[:size] = values[:size]
    return room


@kernel
def grow(
    in_start: Array,
    in_from: Array,
    in_cost: Array,
    in_link: Array,
    seed_start: Array,
    seed_state: Array,
    seed_cost: Array,
    seed_link: Array,
    entry_start: Array,
    entry_state: Array,
    entry_cost: Array,
    entry_origin: Array,
    bound: Array,
    best: Array,
    chosen: Array,
    row_of: Array,
) -> tuple[Array, Array, Array]:
    """Grow one tree of best ways per target, each until the origins that go there are settled.

    Parameters
    ----------
    in_start, in_from, in_cost, in_link
        Links by the state they lead to (int64[n + 1], int32, float64, int32): the state they come from, their cost and
        their number. Of equally cheap ways the one whose first link has the lower number is taken.
    seed_start, seed_state, seed_cost, seed_link
        Per target the states from which one link leads to it, at what cost.
    entry_start, entry_state, entry_cost, entry_origin
        Per target the states at which its origins enter the graph (at most two each), and what it costs to come there.
    bound
        float64[targets]: nothing dearer is looked at.
    best
        float64[origins], in and out: the cheapest way known; inf where there is none.
    chosen, row_of
        int32[origins], −1 before: the entry that is used, and its state's row in the trees; −1 and less where no entry
        is better than ``best`` was.

    Returns
    -------
    tuple of ndarray
        ``tree_start`` int64[targets + 1]; per settled state, in the order of their costs: ``parent`` (int32: row that
        the way goes on from, −1 where the link leads to the target) and ``link`` (int32).
    """
    n = in_start.size - 1
    targets = seed_start.size - 1
    cost = np.empty(n, np.float64)
    link = np.empty(n, np.int32)
    follows = np.empty(n, np.int32)
    slot = np.empty(n, np.int32)
    stamp = np.full(n, -1, np.int32)
    first = np.full(n, -1, np.int32)
    beside = np.empty(entry_state.size, np.int32)
    seen = np.full(best.size, -1, np.int32)
    keys = np.empty(n, np.float64)
    heap = np.empty(n, np.int32)
    tree_start = np.zeros(targets + 1, np.int64)
    room = 1024
    parent = np.empty(room, np.int32)
    taken = np.empty(room, np.int32)
    rows = 0
    for target in range(targets):
        wanted = 0
        dearest = 0.0
        for e in range(entry_start[target], entry_start[target + 1]):
            beside[e] = first[entry_state[e]]
            first[entry_state[e]] = e
            origin = entry_origin[e]
            if seen[origin] != target:
                seen[origin] = target
                if best[origin] < np.inf:
                    dearest = max(dearest, best[origin])
                    chosen[origin] = -2
                else:
                    wanted += 1
        size = 0
        for s in range(seed_start[target], seed_start[target + 1]):
            state = seed_state[s]
            price = seed_cost[s]
            if price > bound[target] or entry_start[target] == entry_start[target + 1]:
                continue
            if stamp[state] != target:
                stamp[state] = target
                slot[state] = size
                size += 1
            elif not (price < cost[state] or (price == cost[state] and seed_link[s] < link[state])):
                continue
            cost[state] = price
            link[state] = seed_link[s]
            follows[state] = -1
            rise(keys, heap, slot, slot[state], price, state)
        while size > 0:
            key = keys[0]
            state = heap[0]
            if wanted == 0 and key >= dearest:
                break
            size -= 1
            sink(keys, heap, slot, size)
            slot[state] = -1
            if rows == room:
                parent = longer(parent, room)
                taken = longer(taken, room)
                room *= 2
            parent[rows] = follows[state]
            taken[rows] = link[state]
            e = first[state]
            while e >= 0:
                origin = entry_origin[e]
                price = entry_cost[e] + key
                if price <= bound[target]:
                    if chosen[origin] == -1:
                        wanted -= 1
                        dearest = max(dearest, price)
                    if price < best[origin]:
                        best[origin] = price
                        chosen[origin] = e
                        row_of[origin] = rows
                e = beside[e]
            for k in range(in_start[state], in_start[state + 1]):
                price = key + in_cost[k]
                if not price <= bound[target] or price == np.inf:
                    continue
                u = in_from[k]
                if stamp[u] != target:
                    stamp[u] = target
                    slot[u] = size
                    size += 1
                elif slot[u] < 0 or not (price < cost[u] or (price == cost[u] and in_link[k] < link[u])):
                    continue
                cost[u] = price
                link[u] = in_link[k]
                follows[u] = rows
                rise(keys, heap, slot, slot[u], price, u)
            rows += 1
        for e in range(entry_start[target], entry_start[target + 1]):
            first[entry_state[e]] = -1
        tree_start[target + 1] = rows
    return tree_start, parent[:rows].copy(), taken[:rows].copy()


@kernel
def swept(parent: Array, load: Array) -> None:
    """Add each row's load to the row it goes on from, the farthest first: then a row holds all that passes it."""
    for row in range(parent.size - 1, -1, -1):
        if parent[row] >= 0:
            load[parent[row]] += load[row]


@kernel
def carried(parent: Array, value: Array, summed: bool) -> None:
    """Make each row's value that of its whole way to the target: the sum, or the largest."""
    for row in range(parent.size):
        if parent[row] >= 0:
            ahead = value[parent[row]]
            value[row] = value[row] + ahead if summed else max(value[row], ahead)


@kernel
def turns_between(turn_start: Array, turn_to: Array, of: Array, to: Array) -> Array:
    """Number of the turn from each arc to the next (int32), −1 where there is none or either arc is −1."""
    turn = np.full(of.size, -1, np.int32)
    for row in range(of.size):
        if of[row] >= 0 and to[row] >= 0:
            for k in range(turn_start[of[row]], turn_start[of[row] + 1]):
                if turn_to[k] == to[row]:
                    turn[row] = k
                    break
    return turn
