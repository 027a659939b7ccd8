"""What a tree of pipes costs with the loads that run through it, and who is worth connecting to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = ["add_and_leave", "leave_branches", "loads", "price", "tree_cost"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def price(load: float, size: Array, unit: Array) -> float:
    """Return the cost of a metre of the smallest pipe that carries a load (kW); nothing for none."""
    if load <= 0.0:
        return 0.0
    low, high = 0, size.size - 1
    while low < high:
        middle = (low + high) >> 1
        if load > size[middle] * (1.0 + 1e-12):
            low = middle + 1
        else:
            high = middle
    return float(unit[low])


@kernel
def loads(parent: Array, kw: Array, on: Array) -> tuple[Array, Array, Array, Array]:
    """Sum what hangs below each node of a tree, by taking ends off: sum and largest of kW, number, order (ends first).

    The load of a pipe is diversity × sum + (1 − diversity) × largest: for n equal consumers that is the usual
    simultaneity d + (1 − d) / n, and it never falls when somebody joins.
    """
    nodes = parent.size
    kids = np.zeros(nodes, dtype=np.int32)
    total = np.zeros(nodes)
    largest = np.zeros(nodes)
    number = np.zeros(nodes, dtype=np.int32)
    order = np.empty(nodes, dtype=np.int32)
    for v in range(nodes):
        if parent[v] >= 0:
            kids[parent[v]] += 1
        if on[v]:
            total[v] = kw[v]
            largest[v] = kw[v]
            number[v] = 1
    count = 0
    for v in range(nodes):
        u = v
        while kids[u] == 0 and parent[u] >= 0:
            kids[u] = -1
            order[count] = u
            count += 1
            p = parent[u]
            total[p] += total[u]
            largest[p] = max(largest[p], largest[u])
            number[p] += number[u]
            kids[p] -= 1
            if p > v:
                break  # its turn comes
            u = p
    return total, largest, number, order[:count]


@kernel
def tree_cost(
    up: Array,
    parent: Array,
    kw: Array,
    on: Array,
    fixed: Array,
    length: Array,
    size: Array,
    unit: Array,
    shared: float,
) -> float:
    """Return the cost of all pipes of a tree that feed somebody."""
    total, largest, number, order = loads(parent, kw, on)
    cost = 0.0
    for v in order:
        if number[v] > 0:
            load = shared * total[v] + (1.0 - shared) * largest[v]
            cost += fixed[up[v]] + length[up[v]] * price(load, size, unit)
    return cost


@kernel
def leave_branches(
    up: Array,
    parent: Array,
    kw: Array,
    prize: Array,
    on: Array,
    fixed: Array,
    length: Array,
    size: Array,
    unit: Array,
    shared: float,
) -> None:
    """From the ends on, leave each branch whose prizes do not pay for its own pipes (``on``, in place)."""
    nodes = parent.size
    _, _, _, order = loads(parent, kw, on)
    total = np.where(on, kw, 0.0)
    largest = total.copy()
    worth = np.where(on, prize, 0.0)
    first = np.full(nodes, -1, dtype=np.int32)
    after = np.full(nodes, -1, dtype=np.int32)
    stack = np.empty(nodes, dtype=np.int32)
    for v in order:
        p = parent[v]
        after[v] = first[p]
        first[p] = v
        if total[v] > 0.0:
            load = shared * total[v] + (1.0 - shared) * largest[v]
            worth[v] -= fixed[up[v]] + length[up[v]] * price(load, size, unit)
            if worth[v] < 0.0:
                stack[0] = v
                count = 1
                while count > 0:
                    count -= 1
                    u = stack[count]
                    on[u] = False
                    u = first[u]
                    while u >= 0:
                        stack[count] = u
                        count += 1
                        u = after[u]
                continue
            total[p] += total[v]
            largest[p] = max(largest[p], largest[v])
            worth[p] += worth[v]


@kernel
def add_and_leave(
    up: Array,
    parent: Array,
    kw: Array,
    prize: Array,
    on: Array,
    fixed: Array,
    length: Array,
    size: Array,
    unit: Array,
    shared: float,
    least_gain: float,
) -> int:
    """Connect or leave one consumer at a time where that gains, all changes of load on the way to the root counted.

    ``on`` changes in place; returns how many were changed.
    """
    nodes = parent.size
    total, largest, number, order = loads(parent, kw, on)
    first = np.full(nodes, -1, dtype=np.int32)
    after = np.full(nodes, -1, dtype=np.int32)
    for v in order:
        after[v] = first[parent[v]]
        first[parent[v]] = v
    changed = 0
    for x in range(nodes):
        if kw[x] <= 0.0 or parent[x] < 0:
            continue
        joins = not on[x]
        sign = 1.0 if joins else -1.0
        more = 0.0
        below = -1
        below_largest = 0.0
        v = x
        for step in range(2):
            if step == 1:
                gain = (prize[x] - more) if joins else (-more - prize[x])
                if not gain > least_gain:
                    break
                on[x] = joins
                changed += 1
                v = x
                below = -1
            while parent[v] >= 0:
                now = kw[v] if on[v] and (v != x or step == 1) else 0.0
                if v == x:
                    now = kw[x] if joins else 0.0
                kid = first[v]
                while kid >= 0:
                    now = max(now, below_largest if kid == below else largest[kid])
                    kid = after[kid]
                then = total[v] + sign * kw[x]
                heads = number[v] + (1 if joins else -1)
                edge = up[v]
                if step == 0:
                    old = 0.0
                    if number[v] > 0:
                        load = shared * total[v] + (1.0 - shared) * largest[v]
                        old = fixed[edge] + length[edge] * price(load, size, unit)
                    new = 0.0
                    if heads > 0:
                        new = fixed[edge] + length[edge] * price(shared * then + (1.0 - shared) * now, size, unit)
                    more += new - old
                else:
                    total[v] = then if heads > 0 else 0.0
                    largest[v] = now
                    number[v] = heads
                below = v
                below_largest = now
                v = parent[v]
    return changed
