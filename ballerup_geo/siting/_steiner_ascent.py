"""Dual ascent: a lower bound of any tree that reaches all terminals, proved by cuts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.siting._steiner_heap import lower, pop

__all__ = ["ascend", "reduced_distance"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def ascend(
    start: Array, near: Array, by: Array, head: Array, spare: Array, terminals: Array, root: int, guide: Array
) -> float:
    """Raise the price of cuts until each terminal is joined to the root by arcs that are paid in full.

    Each cut that parts a terminal from the root must be crossed by any tree, so prices that never exceed the cost of
    an arc add up to no more than the cheapest tree (Wong 1984, Mathematical Programming 28, 271-287). The smallest
    cuts are raised first, and before those that a good tree crosses more than once: the price of such a cut would
    count the same money twice (Pajor, Uchoa and Werneck 2018, Mathematical Programming Computation 10, 69-118).

    ``spare`` (float64[2m], in place) is the cost of each arc that no cut has taken yet: give the costs, get the
    reduced costs; infinite for arcs that do not exist. ``terminals`` (int32[k]) without doubles. ``guide`` (uint8[2m])
    is 1 for the arcs of the good tree, away from the root; all 0 where none is known. Returns the bound; infinite if
    a terminal cannot be reached.
    """
    nodes = start.size - 1
    active = np.zeros(nodes, dtype=np.bool_)
    width = np.zeros(nodes, dtype=np.float64)
    heap = np.empty(nodes, dtype=np.int32)
    place = np.full(nodes, -1, dtype=np.int32)
    seen = np.zeros(nodes, dtype=np.int32)
    queue = np.empty(nodes, dtype=np.int32)
    fresh = np.empty(nodes, dtype=np.int32)
    size = 0
    for t in terminals:
        if t != root:
            active[t] = True
            width[t] = start[t + 1] - start[t]
            size = lower(heap, place, width, size, t)
    bound = 0.0
    turn = 0
    while size > 0:
        t = pop(heap, place, width, size)
        size -= 1
        turn += 1
        seen[t] = turn
        queue[0] = t
        count = 1
        done = 0
        joined = False
        while not joined:
            while done < count and not joined:
                w = queue[done]
                done += 1
                for s in range(start[w], start[w + 1]):
                    u = near[s]
                    if seen[u] != turn and spare[2 * by[s] + (head[by[s]] != w)] <= 0.0:
                        seen[u] = turn
                        if u == root or active[u]:
                            joined = True
                            break
                        queue[count] = u
                        count += 1
            if joined:
                break
            least = np.inf
            arcs = 0
            crossings = 0
            for i in range(count):
                w = queue[i]
                for s in range(start[w], start[w + 1]):
                    if seen[near[s]] != turn:
                        arcs += 1
                        crossings += guide[2 * by[s] + (head[by[s]] != w)]
                        least = min(least, spare[2 * by[s] + (head[by[s]] != w)])
            if least == np.inf:
                return np.inf
            arcs += max(crossings - 1, 0) * near.size
            if size > 0 and arcs > width[heap[0]]:
                width[t] = arcs
                size = lower(heap, place, width, size, t)
                break
            bound += least
            paid = 0
            for i in range(count):
                w = queue[i]
                for s in range(start[w], start[w + 1]):
                    if seen[near[s]] != turn:
                        arc = 2 * by[s] + (head[by[s]] != w)
                        spare[arc] -= least
                        if spare[arc] <= 0.0 and paid < nodes:
                            fresh[paid] = near[s]
                            paid += 1
            if paid == nodes:
                done = 0  # more arcs than nodes were paid at once: look through all of them again
            for i in range(paid):
                u = fresh[i]
                if seen[u] != turn:
                    seen[u] = turn
                    joined = joined or u == root or active[u]
                    queue[count] = u
                    count += 1
        if joined:
            active[t] = False
    return bound


@kernel
def reduced_distance(
    start: Array, near: Array, by: Array, head: Array, spare: Array, sources: Array, forward: bool
) -> Array:
    """Least sum of reduced costs from the nearest source to each node (``forward``), or from each node to it.

    With the root as source, and backward with all terminals, no tree through a node is cheaper than the bound plus
    both sums (float64[n]).
    """
    nodes = start.size - 1
    far = np.full(nodes, np.inf)
    heap = np.empty(nodes, dtype=np.int32)
    place = np.full(nodes, -1, dtype=np.int32)
    size = 0
    for v in sources:
        far[v] = 0.0
        size = lower(heap, place, far, size, v)
    while size > 0:
        v = pop(heap, place, far, size)
        size -= 1
        for s in range(start[v], start[v + 1]):
            e = by[s]
            leaves = head[e] != v  # arc 2e goes from tail to head
            arc = 2 * e + (0 if leaves == forward else 1)
            u = near[s]
            if far[v] + spare[arc] < far[u]:
                far[u] = far[v] + spare[arc]
                size = lower(heap, place, far, size, u)
    return far
