"""Make a Steiner problem smaller without losing its answer, and keep the way back to the edges it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.siting._steiner_graph import Graph, make_graph
from ballerup_geo.siting._steiner_regions import long_edges

__all__ = ["Problem", "expand", "first_problem", "keep", "reduce_problem"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Problem:
    """A smaller Steiner problem: its graph, and what the trees of the first graph gain from it.

    ``edge`` (int32[m]) names for each edge the first of the edges it stands for; ``follow`` (int32, −1 = last) leads
    from each of those to the next. ``fixed`` (int32) are edges that a cheapest tree holds in any case, again each with
    its followers, and ``fixed_cost`` their sum.
    """

    graph: Graph
    edge: Array
    follow: Array
    last: Array
    fixed: Array
    fixed_cost: float


def first_problem(edges: Array, lengths: Array, terminal: Array) -> Problem:
    """Begin with all edges of a graph but loops and the longer ones of parallel edges."""
    count = lengths.size
    follow = np.full(count, -1, dtype=np.int32)
    last = np.arange(count, dtype=np.int32)
    tail, head = np.ascontiguousarray(edges[:, 0]), np.ascontiguousarray(edges[:, 1])
    kept = simple(tail, head, lengths)
    graph = make_graph(tail[kept], head[kept], lengths[kept], terminal)
    return Problem(graph, kept.astype(np.int32), follow, last, np.empty(0, dtype=np.int32), 0.0)


def simple(tail: Array, head: Array, cost: Array) -> Array:
    """Return the edges (positions, ascending) that are left without loops and with the cheapest of parallel edges."""
    low, high = np.minimum(tail, head).astype(np.int64), np.maximum(tail, head).astype(np.int64)
    order = np.lexsort((cost, high, low))
    order = order[low[order] != high[order]]
    first = np.ones(order.size, dtype=np.bool_)
    first[1:] = (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])
    return np.sort(order[first])


def expand(problem: Problem, picked: Array) -> Array:
    """Return the edges of the first graph (int32, ascending) that picked (bool[m]) and fixed ones stand for."""
    heads = np.concatenate([problem.fixed, problem.edge[picked]])
    found = []
    while heads.size:
        found.append(heads)
        heads = problem.follow[heads]
        heads = heads[heads >= 0]
    return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int32)


def reduce_problem(problem: Problem) -> Problem:
    """Repeat the reductions until none finds more.

    Dead ends go or are fixed, nodes on the way become one longer edge, a terminal is merged with another one that is
    its nearest neighbour, and an edge goes where terminals offer a way of shorter steps between its ends (the special
    distance of Duin and Volgenant 1989, Networks 19, 549-567).
    """
    while problem.graph.edges:
        size = problem.graph.edges
        problem = shrink(problem)
        if problem.graph.edges:
            problem = keep(problem, ~long_edges(problem.graph))
        if problem.graph.edges == size:
            break
    return problem


def keep(problem: Problem, kept: Array) -> Problem:
    """Drop the edges that are not kept (bool[m])."""
    graph = problem.graph
    if kept.all():
        return problem
    smaller = make_graph(graph.tail[kept], graph.head[kept], graph.cost[kept], graph.terminal)
    return Problem(smaller, problem.edge[kept], problem.follow, problem.last, problem.fixed, problem.fixed_cost)


def shrink(problem: Problem) -> Problem:
    """Work through dead ends, ways and neighbouring terminals once, and number the nodes anew."""
    graph = problem.graph
    tail, head, cost = graph.tail.copy(), graph.head.copy(), graph.cost.copy()
    follow, last, terminal = problem.follow.copy(), problem.last.copy(), graph.terminal.copy()
    alive = np.ones(graph.edges, dtype=np.bool_)
    taken = np.zeros(graph.edges, dtype=np.bool_)
    contract(tail, head, cost, terminal, alive, taken, problem.edge, follow, last)
    fixed = np.concatenate([problem.fixed, problem.edge[taken]])
    fixed_cost = problem.fixed_cost + float(cost[taken].sum())
    left = np.flatnonzero(alive)
    left = left[simple(tail[left], head[left], cost[left])]
    used = np.unique(np.concatenate([tail[left], head[left]]))
    number = np.zeros(graph.nodes, dtype=np.int32)
    number[used] = np.arange(used.size, dtype=np.int32)
    smaller = make_graph(number[tail[left]], number[head[left]], cost[left], terminal[used])
    return Problem(smaller, problem.edge[left], follow, last, fixed, fixed_cost)


@kernel
def contract(
    tail: Array,
    head: Array,
    cost: Array,
    terminal: Array,
    alive: Array,
    taken: Array,
    edge: Array,
    follow: Array,
    last: Array,
) -> None:
    """Reduce at each node until no node has more to give (all arrays in place).

    ``alive`` and ``taken`` (bool[m]): edges that are left, and those that are part of the answer. Merged edges take
    the place of the first; ``follow`` and ``last`` tell by first edge of each chain what it stands for. In the end
    ``tail`` and ``head`` name the nodes that stand for merged ones.
    """
    nodes = terminal.size
    above = np.arange(nodes).astype(np.int32)
    first = np.full(nodes, -1, dtype=np.int32)
    final = np.full(nodes, -1, dtype=np.int32)
    link = np.full(2 * tail.size, -1, dtype=np.int32)
    count = 0
    for v in range(nodes):
        count += terminal[v]
    for half in range(2 * tail.size):
        v = tail[half >> 1] if half & 1 == 0 else head[half >> 1]
        append(first, final, link, v, half)
    waiting = np.ones(nodes, dtype=np.bool_)
    changed = True
    while changed:
        changed = False
        for v in range(nodes):
            if above[v] != v or not waiting[v]:
                continue
            waiting[v] = False
            least, degree = tidy_list(v, tail, head, cost, alive, above, first, final, link)
            if degree == 0:
                continue
            here = terminal[v]
            e = least >> 1
            other = find(above, head[e] if least & 1 == 0 else tail[e])
            if not here and degree == 1:
                alive[e] = False
            elif not here and degree == 2:
                e = join_ways(v, least, tail, head, cost, alive, above, first, final, link, edge, follow, last)
                waiting[find(above, tail[e])] = True
                waiting[find(above, head[e])] = True
            elif here and count > 1 and (degree == 1 or terminal[other]):
                alive[e] = False
                taken[e] = True
                count -= terminal[other]
                above[v] = other
                link[final[other]] = first[v]
                final[other] = final[v]
                if not terminal[other]:
                    terminal[other] = True
                    half = first[other]
                    while half >= 0:
                        waiting[find(above, tail[half >> 1])] = True
                        waiting[find(above, head[half >> 1])] = True
                        half = link[half]
            else:
                continue
            waiting[other] = True
            changed = True
    for e in range(tail.size):
        alive[e] = alive[e] and count > 1
        tail[e] = find(above, tail[e])
        head[e] = find(above, head[e])


@kernel
def find(above: Array, node: int) -> int:
    """Return the node that stands for a merged node, and shorten the way to it."""
    while above[node] != node:
        above[node] = above[above[node]]
        node = above[node]
    return node


@kernel
def append(first: Array, final: Array, link: Array, node: int, half: int) -> None:
    """Put one end of an edge last in the list of its node."""
    if final[node] < 0:
        first[node] = half
    else:
        link[final[node]] = half
    final[node] = half
    link[half] = -1


@kernel
def tidy_list(
    node: int,
    tail: Array,
    head: Array,
    cost: Array,
    alive: Array,
    above: Array,
    first: Array,
    final: Array,
    link: Array,
) -> tuple[int, int]:
    """Take dead edges and loops out of the list of a node; return its cheapest end (−1 = none) and their number."""
    least = -1
    degree = 0
    before = -1
    half = first[node]
    while half >= 0:
        after = link[half]
        e = half >> 1
        if alive[e] and find(above, tail[e]) == find(above, head[e]):
            alive[e] = False
        if alive[e]:
            degree += 1
            if least < 0 or cost[e] < cost[least >> 1]:
                least = half
            before = half
        elif before < 0:
            first[node] = after
        else:
            link[before] = after
        half = after
    final[node] = before
    return least, degree


@kernel
def join_ways(
    node: int,
    half: int,
    tail: Array,
    head: Array,
    cost: Array,
    alive: Array,
    above: Array,
    first: Array,
    final: Array,
    link: Array,
    edge: Array,
    follow: Array,
    last: Array,
) -> int:
    """Make one edge of the two at a node that is no terminal; ``half`` is the end of one of them. Returns that edge."""
    more = first[node] if first[node] != half else link[half]
    e, g = half >> 1, more >> 1
    side = half & 1
    x = find(above, head[e] if side == 0 else tail[e])
    y = find(above, head[g] if more & 1 == 0 else tail[g])
    first[node] = -1
    final[node] = -1
    alive[g] = False
    if x == y:
        alive[e] = False
        return e
    if side == 0:
        tail[e] = y
    else:
        head[e] = y
    cost[e] += cost[g]
    follow[last[edge[e]]] = edge[g]
    last[edge[e]] = last[edge[g]]
    append(first, final, link, y, half)
    return e
