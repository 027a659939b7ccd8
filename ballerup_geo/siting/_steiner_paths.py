"""Local search, first kind of step: a shorter way in, the longest stretch of the circle that it closes out."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = ["exchange_paths"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def exchange_paths(
    tail: Array,
    head: Array,
    terminal: Array,
    length: Array,
    base: Array,
    back: Array,
    order: Array,
    up: Array,
    parent: Array,
    degree: Array,
    far: Array,
    least_gain: float,
) -> int:
    """Exchange key paths of a hung tree as long as one gains; returns how many were exchanged.

    A key path runs between two nodes that are terminals or forks, without another one on it. Each edge between the
    regions of two tree nodes (``base``, ``far``, ``back`` as :func:`regions` gives them for the tree's nodes) closes a
    circle; the longest key path of the circle goes if it is longer than the new way (Uchoa and Werneck 2012, ACM
    Journal of Experimental Algorithmics 17, 2.2). ``order`` lists the edges to try, the shortest new way first;
    ``length`` is the cost of each edge. The tree changes in ``up``, ``parent`` and ``degree``; the regions stay those
    of the beginning, and a way whose nodes have changed waits for the next call.
    """
    stamp = np.full(terminal.size, -1, dtype=np.int32)
    done = 0
    for turn in range(order.size):
        e = order[turn]
        u, w = tail[e], head[e]
        a, b = base[u], base[w]
        if a == b or degree[a] == 0 or degree[b] == 0 or up[u] == e or up[w] == e:
            continue
        if not (outside(u, a, tail, head, back, degree) and outside(w, b, tail, head, back, degree)):
            continue
        new = far[u] + length[e] + far[w]
        v = a
        while v >= 0:
            stamp[v] = turn
            v = parent[v]
        top = b
        while stamp[top] != turn:
            top = parent[top]
        best, low, high = longest_stretch(a, top, length, terminal, up, parent, degree)
        other, low_b, high_b = longest_stretch(b, top, length, terminal, up, parent, degree)
        if other > best:
            best, low, high = other, low_b, high_b
            a, b = b, a
            u, w = w, u
        if best > new + least_gain:
            cut(low, high, up, parent, degree)
            reattach(a, b, u, w, e, tail, head, back, up, parent, degree)
            done += 1
    return done


@kernel
def outside(node: int, base: int, tail: Array, head: Array, back: Array, degree: Array) -> bool:
    """Tell whether the way from a node to its base meets no other tree node."""
    while node != base:
        if degree[node] != 0:
            return False
        node = tail[back[node]] + head[back[node]] - node
    return True


@kernel
def longest_stretch(
    node: int, top: int, length: Array, terminal: Array, up: Array, parent: Array, degree: Array
) -> tuple[float, int, int]:
    """Return the longest key path on the way up from a node: its length, its lower and its upper end."""
    best = -1.0
    best_low = node
    best_high = node
    low = node
    total = 0.0
    while node != top:
        total += length[up[node]]
        node = parent[node]
        if node == top or terminal[node] or degree[node] >= 3:
            if total > best:
                best = total
                best_low = low
                best_high = node
            low = node
            total = 0.0
    return best, best_low, best_high


@kernel
def cut(low: int, high: int, up: Array, parent: Array, degree: Array) -> None:
    """Take the tree path between two nodes out; ``low`` becomes the root of what hangs below."""
    degree[low] -= 1
    degree[high] -= 1
    node = low
    while node != high:
        above = parent[node]
        up[node] = -1
        parent[node] = -1
        if above != high:
            degree[above] = 0
        node = above


@kernel
def reattach(
    a: int,
    b: int,
    u: int,
    w: int,
    edge: int,
    tail: Array,
    head: Array,
    back: Array,
    up: Array,
    parent: Array,
    degree: Array,
) -> None:
    """Hang a loose part from ``a`` by the way a … u – w … b, where b is in the tree and u – w is ``edge``."""
    below = a
    above = parent[a]
    link = up[a]
    while above >= 0:  # what hung from its root hangs from a now
        next_above = parent[above]
        next_link = up[above]
        parent[above] = below
        up[above] = link
        below = above
        above = next_above
        link = next_link
    degree[a] += 1
    degree[b] += 1
    node = w
    while node != b:
        up[node] = back[node]
        parent[node] = tail[back[node]] + head[back[node]] - node
        degree[node] = 2
        node = parent[node]
    node = u
    before = w
    link = edge
    while True:
        further = back[node]
        up[node] = link
        parent[node] = before
        if node == a:
            break
        degree[node] = 2
        before = node
        link = further
        node = tail[further] + head[further] - node
