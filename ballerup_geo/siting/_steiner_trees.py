"""Trees that reach all terminals: grown along shortest paths, tidied, and hung from a root."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.siting._steiner_heap import lower, pop

__all__ = ["grow", "hang", "tidy"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def grow(start: Array, near: Array, by: Array, cost: Array, terminal: Array, root: int) -> Array:
    """Grow a tree from the root, each time by the shortest way to the nearest terminal; return its nodes (bool[n]).

    Takahashi and Matsuyama 1980, Mathematica Japonica 24, 573-577. Edges of infinite cost are closed; terminals that
    cannot be reached are left out.
    """
    nodes = start.size - 1
    inside = np.zeros(nodes, dtype=np.bool_)
    far = np.full(nodes, np.inf)
    back = np.full(nodes, -1, dtype=np.int32)
    heap = np.empty(nodes, dtype=np.int32)
    place = np.full(nodes, -1, dtype=np.int32)
    inside[root] = True
    far[root] = 0.0
    size = lower(heap, place, far, 0, root)
    while size > 0:
        v = pop(heap, place, far, size)
        size -= 1
        if terminal[v] and not inside[v]:
            u = v
            while not inside[u]:
                inside[u] = True
                far[u] = 0.0
                if u != v:
                    size = lower(heap, place, far, size, u)
                u = back[u]
        for s in range(start[v], start[v + 1]):
            u = near[s]
            way = far[v] + cost[by[s]]
            if way < far[u]:
                far[u] = way
                back[u] = v
                size = lower(heap, place, far, size, u)
    return inside


@kernel
def tidy(
    start: Array,
    near: Array,
    by: Array,
    tail: Array,
    head: Array,
    order: Array,
    terminal: Array,
    inside: Array,
) -> Array:
    """Return the edges (bool[m]) of the cheapest tree over nodes (bool[n]) without ends that are no terminals.

    ``order`` lists the edges from the cheapest.
    """
    nodes = start.size - 1
    above = np.arange(nodes).astype(np.int32)
    degree = np.zeros(nodes, dtype=np.int32)
    picked = np.zeros(tail.size, dtype=np.bool_)
    for e in order:
        a, b = tail[e], head[e]
        if not (inside[a] and inside[b]):
            continue
        while above[a] != a:
            above[a] = above[above[a]]
            a = above[a]
        while above[b] != b:
            above[b] = above[above[b]]
            b = above[b]
        if a != b:
            above[a] = b
            picked[e] = True
            degree[tail[e]] += 1
            degree[head[e]] += 1
    for v in range(nodes):
        u = v
        while degree[u] == 1 and not terminal[u]:
            degree[u] = 0
            for s in range(start[u], start[u + 1]):
                if picked[by[s]]:
                    picked[by[s]] = False
                    u = near[s]
                    degree[u] -= 1
                    break
    return picked


@kernel
def hang(start: Array, near: Array, by: Array, picked: Array, root: int) -> tuple[Array, Array, Array, Array, Array]:
    """Hang a tree from its root.

    Returns by node the edge to its parent (int32, −1 at the root and outside the tree), the parent (int32), the number
    of tree edges at it (int32), its rank in a walk that finishes each branch before the next (int32, −1 outside), and
    the rank after the last node below it (int32).
    """
    nodes = start.size - 1
    up = np.full(nodes, -1, dtype=np.int32)
    parent = np.full(nodes, -1, dtype=np.int32)
    degree = np.zeros(nodes, dtype=np.int32)
    rank = np.full(nodes, -1, dtype=np.int32)
    end = np.full(nodes, -1, dtype=np.int32)
    stack = np.empty(nodes, dtype=np.int32)
    walk = np.empty(nodes, dtype=np.int32)
    stack[0] = root
    size = 1
    count = 0
    while size > 0:
        size -= 1
        v = stack[size]
        rank[v] = count
        walk[count] = v
        count += 1
        for s in range(start[v], start[v + 1]):
            if picked[by[s]]:
                degree[v] += 1
                if by[s] != up[v]:
                    u = near[s]
                    up[u] = by[s]
                    parent[u] = v
                    stack[size] = u
                    size += 1
    for i in range(count - 1, -1, -1):
        v = walk[i]
        end[v] = max(end[v], i + 1)
        if parent[v] >= 0:
            end[parent[v]] = max(end[parent[v]], end[v])
    return up, parent, degree, rank, end
