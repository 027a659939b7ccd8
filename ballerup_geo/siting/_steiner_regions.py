"""Which base is nearest to each node of a graph, and what that tells about its edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.siting._steiner_graph import Graph
from ballerup_geo.siting._steiner_heap import lower, pop

__all__ = ["long_edges", "regions"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def regions(start: Array, near: Array, by: Array, cost: Array, bases: Array) -> tuple[Array, Array, Array]:
    """Return the nearest base of each node (int32, −1 = none), the way there (float64) and its first edge (int32).

    ``bases`` (bool[n]); bases are their own, at 0 and without an edge (−1).
    """
    nodes = start.size - 1
    base = np.full(nodes, -1, dtype=np.int32)
    far = np.full(nodes, np.inf)
    back = np.full(nodes, -1, dtype=np.int32)
    heap = np.empty(nodes, dtype=np.int32)
    place = np.full(nodes, -1, dtype=np.int32)
    size = 0
    for v in range(nodes):
        if bases[v]:
            base[v] = v
            far[v] = 0.0
            size = lower(heap, place, far, size, v)
    while size > 0:
        v = pop(heap, place, far, size)
        size -= 1
        for s in range(start[v], start[v + 1]):
            u = near[s]
            way = far[v] + cost[by[s]]
            if way < far[u]:
                far[u] = way
                base[u] = base[v]
                back[u] = by[s]
                size = lower(heap, place, far, size, u)
    return base, far, back


def long_edges(graph: Graph) -> Array:
    """Tell which edges (bool[m]) are longer than each step of another way between their ends over terminals."""
    base, far, _ = regions(graph.start, graph.near, graph.by, graph.cost, graph.terminal)
    between = far[graph.tail] + graph.cost + far[graph.head]
    order = np.argsort(between, kind="stable").astype(np.int32)
    return longer(graph.tail, graph.head, graph.cost, base, far, between, order)


@kernel
def longer(tail: Array, head: Array, cost: Array, base: Array, far: Array, between: Array, order: Array) -> Array:
    """Join bases by the shortest ways first, then compare each edge with the longest step on the way of its bases."""
    nodes = base.size
    above = np.arange(nodes).astype(np.int32)
    step = np.zeros(nodes, dtype=np.float64)
    weight = np.ones(nodes, dtype=np.int32)
    for e in order:
        a, b = base[tail[e]], base[head[e]]
        while above[a] != a:
            a = above[a]
        while above[b] != b:
            b = above[b]
        if a != b:
            if weight[a] < weight[b]:
                a, b = b, a
            above[b] = a
            step[b] = between[e]
            weight[a] += weight[b]
    found = np.zeros(tail.size, dtype=np.bool_)
    for e in range(tail.size):
        a, b = base[tail[e]], base[head[e]]
        worst = max(far[tail[e]], far[head[e]])
        while a != b:  # the links of later joins lie nearer to the top: climb on the side that was joined first
            if above[b] == b or (above[a] != a and weight[a] <= weight[b]):
                worst = max(worst, step[a])
                a = above[a]
            else:
                worst = max(worst, step[b])
                b = above[b]
        found[e] = cost[e] > worst
    return found
