"""Local search of a costed layout: a branch moves to another way where the whole tree gets cheaper."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.siting._layout_tree import loads, price, tree_cost
from ballerup_geo.siting._steiner_paths import cut, outside, reattach

__all__ = ["move_branches"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def move_branches(
    tail: Array,
    head: Array,
    base: Array,
    back: Array,
    far: Array,
    order: Array,
    up: Array,
    parent: Array,
    degree: Array,
    kw: Array,
    on: Array,
    fixed: Array,
    length: Array,
    least: Array,
    size: Array,
    unit: Array,
    shared: float,
    least_gain: float,
) -> int:
    """Move branches of a hung tree (in place) over the edges in ``order`` as long as one gains; returns how many.

    Each edge between the regions of two tree nodes joins them by a way outside the tree. The branch of either node, or
    the larger one below the dearest pipe on its way up to where both meet, is cut there and hung to the other. The cost
    of the tree is summed anew each time: loads change all along both ways. ``least`` (float64[m]) is the cost of each
    edge with the smallest pipe, which ``far`` is measured in.
    """
    nodes = kw.size
    stamp = np.full(nodes, -1, dtype=np.int32)
    cost = tree_cost(up, parent, kw, on, fixed, length, size, unit, shared)
    pipe = pipe_costs(up, parent, kw, on, fixed, length, size, unit, shared)
    done = 0
    for turn in range(order.size):
        e = order[turn]
        if up[tail[e]] == e or up[head[e]] == e:
            continue
        new = far[tail[e]] + least[e] + far[head[e]]
        for trial in range(4):
            u, w = (tail[e], head[e]) if trial < 2 else (head[e], tail[e])
            a, b = base[u], base[w]
            if a == b or parent[a] < 0:
                continue
            if not (outside(u, a, tail, head, back, degree) and outside(w, b, tail, head, back, degree)):
                continue
            v = b
            while v >= 0:
                stamp[v] = turn
                v = parent[v]
            low = a
            saved = 0.0
            v = a
            while v >= 0 and stamp[v] != turn:
                saved += pipe[v]
                if trial % 2 == 1 and pipe[v] > pipe[low]:
                    low = v
                v = parent[v]
            clean(b, parent, stamp)
            if v == a or v < 0 or saved <= new + least_gain or (trial % 2 == 1 and low == a):
                continue
            new_up, new_parent, new_degree = up.copy(), parent.copy(), degree.copy()
            cut(low, parent[low], new_up, new_parent, new_degree)
            reattach(a, b, u, w, e, tail, head, back, new_up, new_parent, new_degree)
            new_cost = tree_cost(new_up, new_parent, kw, on, fixed, length, size, unit, shared)
            if new_cost < cost - least_gain:
                up[:] = new_up
                parent[:] = new_parent
                degree[:] = new_degree
                cost = new_cost
                pipe = pipe_costs(up, parent, kw, on, fixed, length, size, unit, shared)
                done += 1
                break
    return done


@kernel
def clean(node: int, parent: Array, stamp: Array) -> None:
    """Take the marks off the way up from a node."""
    while node >= 0:
        stamp[node] = -1
        node = parent[node]


@kernel
def pipe_costs(
    up: Array,
    parent: Array,
    kw: Array,
    on: Array,
    fixed: Array,
    length: Array,
    size: Array,
    unit: Array,
    shared: float,
) -> Array:
    """Return by node what the edge to its parent costs (float64[n], 0 where it feeds nobody)."""
    total, largest, number, order = loads(parent, kw, on)
    pipe = np.zeros(kw.size)
    for v in order:
        if number[v] > 0:
            load = shared * total[v] + (1.0 - shared) * largest[v]
            pipe[v] = fixed[up[v]] + length[up[v]] * price(load, size, unit)
    return pipe
