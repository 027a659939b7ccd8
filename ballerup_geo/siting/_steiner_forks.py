"""Local search, second kind of step: a fork of the tree goes, and what hung together by it is joined anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.siting._steiner_heap import lower, pop

__all__ = ["drop_fork"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def drop_fork(
    start: Array,
    near: Array,
    by: Array,
    tail: Array,
    head: Array,
    cost: Array,
    terminal: Array,
    picked: Array,
    up: Array,
    parent: Array,
    degree: Array,
    rank: Array,
    end: Array,
    base: Array,
    far: Array,
    back: Array,
    border: Array,
    first: int,
    least_gain: float,
) -> tuple[int, bool]:
    """Find the first fork from node ``first`` on that the tree is cheaper without, and take it out of ``picked``.

    A fork (no terminal, three or more tree edges) goes with all key paths at it; the parts are joined by the cheapest
    ways between them, over the regions of their nodes (Uchoa and Werneck 2012). Nodes nearest to what goes are given
    to their next region first. ``border`` lists the edges between two regions that are not in the tree; the rest as
    :func:`hang` and :func:`regions` give it. Returns the node after the fork, and whether the tree has changed.
    """
    nodes = terminal.size
    slot, member = members(base, nodes)
    gone = np.zeros(nodes, dtype=np.bool_)
    lost = np.empty(nodes, dtype=np.int32)
    heads = np.empty(nodes, dtype=np.int32)
    loose = np.empty(nodes, dtype=np.int32)
    heap = np.empty(nodes, dtype=np.int32)
    place = np.full(nodes, -1, dtype=np.int32)
    new_far = np.full(nodes, np.inf)
    new_back = np.full(nodes, -1, dtype=np.int32)
    new_base = np.full(nodes, -1, dtype=np.int32)
    link = np.empty(border.size + near.size, dtype=np.int32)
    for fork in range(first, nodes):
        if terminal[fork] or degree[fork] < 3:
            continue
        count, parts, removed = take_out(
            fork, start, near, by, cost, terminal, picked, up, parent, degree, gone, lost, heads
        )
        size = 0
        many = 0
        for i in range(count):
            for k in range(slot[lost[i]], slot[lost[i] + 1]):
                w = member[k]
                loose[many] = w
                many += 1
                for s in range(start[w], start[w + 1]):
                    x = near[s]
                    if not gone[base[x]] and far[x] + cost[by[s]] < new_far[w]:
                        new_far[w] = far[x] + cost[by[s]]
                        new_base[w] = base[x]
                        new_back[w] = by[s]
                if new_far[w] < np.inf:
                    size = lower(heap, place, new_far, size, w)
        while size > 0:
            w = pop(heap, place, new_far, size)
            size -= 1
            for s in range(start[w], start[w + 1]):
                x = near[s]
                if gone[base[x]] and new_far[w] + cost[by[s]] < new_far[x]:
                    new_far[x] = new_far[w] + cost[by[s]]
                    new_base[x] = new_base[w]
                    new_back[x] = by[s]
                    size = lower(heap, place, new_far, size, x)
        ways = 0
        for e in border:
            if not gone[base[tail[e]]] and not gone[base[head[e]]] and far[tail[e]] + cost[e] + far[head[e]] < removed:
                link[ways] = e
                ways += 1
        for i in range(many):
            for s in range(start[loose[i]], start[loose[i] + 1]):
                link[ways] = by[s]
                ways += 1
        chosen, total = join_parts(
            link[:ways], tail, head, cost, base, far, gone, new_base, new_far, rank, end, heads[: parts - 1], removed
        )
        better = chosen.size == parts - 1 and total < removed - least_gain
        if better:
            for i in range(count):
                for s in range(start[lost[i]], start[lost[i] + 1]):
                    picked[by[s]] = False
            for i in range(parts - 1):  # a key path without inner nodes is one edge at the fork: taken out above
                picked[chosen[i]] = True
                pick_way(tail[chosen[i]], tail, head, base, back, gone, new_back, picked)
                pick_way(head[chosen[i]], tail, head, base, back, gone, new_back, picked)
            return fork + 1, True
        for i in range(count):
            gone[lost[i]] = False
        for i in range(many):
            new_far[loose[i]] = np.inf
            new_base[loose[i]] = -1
    return nodes, False


@kernel
def members(base: Array, nodes: int) -> tuple[Array, Array]:
    """Sort nodes by base: those of base b stand in slots ``slot[b]`` to ``slot[b + 1]`` of ``member``."""
    slot = np.zeros(nodes + 1, dtype=np.int32)
    for v in range(nodes):
        slot[base[v] + 1] += 1
    for v in range(nodes):
        slot[v + 1] += slot[v]
    fill = slot[:-1].copy()
    member = np.empty(nodes, dtype=np.int32)
    for v in range(nodes):
        member[fill[base[v]]] = v
        fill[base[v]] += 1
    return slot, member


@kernel
def take_out(
    fork: int,
    start: Array,
    near: Array,
    by: Array,
    cost: Array,
    terminal: Array,
    picked: Array,
    up: Array,
    parent: Array,
    degree: Array,
    gone: Array,
    lost: Array,
    heads: Array,
) -> tuple[int, int, float]:
    """Mark a fork and the inner nodes of the key paths at it as gone.

    ``lost`` gets these nodes, ``heads`` the upper node of each part below. Returns the number of nodes, the number of
    parts (the one of the root included) and the length of the key paths.
    """
    gone[fork] = True
    lost[0] = fork
    count = 1
    parts = 1
    removed = cost[up[fork]]
    v = parent[fork]
    while not terminal[v] and degree[v] == 2:
        gone[v] = True
        lost[count] = v
        count += 1
        removed += cost[up[v]]
        v = parent[v]
    for s in range(start[fork], start[fork + 1]):
        if not picked[by[s]] or by[s] == up[fork]:
            continue
        removed += cost[by[s]]
        v = near[s]
        while not terminal[v] and degree[v] == 2:
            gone[v] = True
            lost[count] = v
            count += 1
            for k in range(start[v], start[v + 1]):
                if picked[by[k]] and by[k] != up[v]:
                    removed += cost[by[k]]
                    v = near[k]
                    break
        heads[parts - 1] = v
        parts += 1
    return count, parts, removed


@kernel
def join_parts(
    link: Array,
    tail: Array,
    head: Array,
    cost: Array,
    base: Array,
    far: Array,
    gone: Array,
    new_base: Array,
    new_far: Array,
    rank: Array,
    end: Array,
    heads: Array,
    limit: float,
) -> tuple[Array, float]:
    """Join parts by the cheapest of the ways over the edges in ``link``; return the edges and the sum of the ways.

    Fewer edges than ``heads`` come back where parts cannot be joined for less than ``limit``.
    """
    way = np.full(link.size, np.inf)
    one = np.zeros(link.size, dtype=np.int32)
    two = np.zeros(link.size, dtype=np.int32)
    for i in range(link.size):
        a, b = tail[link[i]], head[link[i]]
        far_a, far_b = far[a], far[b]
        if gone[base[a]]:
            far_a = new_far[a]
            a = new_base[a]
        else:
            a = base[a]
        if gone[base[b]]:
            far_b = new_far[b]
            b = new_base[b]
        else:
            b = base[b]
        if a < 0 or b < 0:
            continue
        one[i] = part_of(a, rank, end, heads)
        two[i] = part_of(b, rank, end, heads)
        if one[i] != two[i]:
            way[i] = far_a + cost[link[i]] + far_b
    chosen = np.empty(heads.size, dtype=np.int32)
    count = 0
    total = 0.0
    while count < heads.size:
        best = -1
        for i in range(link.size):
            if one[i] != two[i] and way[i] < np.inf and (best < 0 or way[i] < way[best]):
                best = i
        if best < 0 or total + way[best] >= limit:
            break
        chosen[count] = link[best]
        count += 1
        total += way[best]
        kept, merged = one[best], two[best]
        for i in range(link.size):
            if one[i] == merged:
                one[i] = kept
            if two[i] == merged:
                two[i] = kept
    return chosen[:count], total


@kernel
def part_of(node: int, rank: Array, end: Array, heads: Array) -> int:
    """Return which of the heads a tree node hangs below; the number of heads for the part of the root."""
    for i in range(heads.size):
        if rank[heads[i]] <= rank[node] < end[heads[i]]:
            return i
    return int(heads.size)


@kernel
def pick_way(
    node: int, tail: Array, head: Array, base: Array, back: Array, gone: Array, new_back: Array, picked: Array
) -> None:
    """Pick the edges from a node to the tree."""
    while gone[base[node]] or base[node] != node:
        edge = new_back[node] if gone[base[node]] else back[node]
        picked[edge] = True
        node = tail[edge] + head[edge] - node
