"""A lower bound of any costed layout: fixed costs as a tree that may leave consumers, loads along shortest ways."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.siting._layout_task import Task
from ballerup_geo.siting._layout_tree import price
from ballerup_geo.siting._steiner_ascent import ascend, reduced_distance
from ballerup_geo.siting._steiner_graph import edges_at_nodes
from ballerup_geo.siting._steiner_regions import regions

ROUNDING = 1e-9
"""Edges within so much of the limit stay."""

__all__ = ["beyond", "bound", "lower_lines"]

Array = np.ndarray[Any, np.dtype[Any]]


def bound(task: Task, load: Array, most: Array, sure: Array, upper: float) -> tuple[float, Array]:
    """Prove a lower bound from the loads of a good layout (float64[m], 0 = not in it) and the most an edge may carry.

    A metre of pipe for a load P costs at least F + s·P, where the line touches the pipe table from below at the load
    that the layout puts through the edge: any line will do, this one is the tightest there. As P is at least
    diversity × Σ kW + (1 − diversity) × the smallest kW, each connected consumer i costs at least its share of the
    slopes on the shortest way to a source, s·diversity·kW_i·distance, and the edges used cost their fixed parts. An
    edge that carries ``most`` if it is used at all (``sure``) costs what that load costs. Who is not connected costs
    the prize. So the bound is Σ min(prize_i, shortest_i) plus the prize-collecting Steiner bound by dual ascent, at
    fixed parts and at what is left of the prizes (separable, as each part holds for any layout).

    Returns the bound, and the edges (bool[m]) that may be part of a layout no dearer than ``upper``.
    """
    graph, smallest = task.graph, float(task.kw[task.consumer].min())
    base, slope = lower_lines(load, most, task.pipes.capacity_kw, task.pipes.cost_dkk_per_m)
    exact = prices(most, task.pipes.capacity_kw, task.pipes.cost_dkk_per_m)
    found, kept = 0.0, np.ones(graph.edges, dtype=np.bool_)
    for keep in (1.0, 0.5, 0.0):
        flat = task.pipes.cost_dkk_per_m[0]
        steep = np.where(sure, 0.0, slope * (1 - keep))
        level = base * (1 - keep) + flat * keep  # between two lines below the table lies another one
        level = np.where(sure, exact, level + steep * (1 - task.shared) * smallest)
        root = np.zeros(graph.nodes, dtype=np.bool_)
        root[0] = True
        _, far, _ = regions(graph.start, graph.near, graph.by, task.length * steep, root)
        linear = task.shared * task.kw[task.consumer] * far[task.consumer]
        least = np.minimum(linear, task.prize[task.consumer])
        left = task.prize[task.consumer] - least
        rest = upper - float(least.sum())
        low, promising = collecting(task, task.fixed + task.length * level, left, rest)
        found = max(found, float(least.sum()) + low)
        kept &= promising
    return found, kept


def collecting(task: Task, cost: Array, left: Array, upper: float) -> tuple[float, Array]:
    """Bound a tree from node 0 that pays a prize for each consumer left out, and tell the edges worth trying.

    Each consumer gets a node that can be reached from its own for nothing, or from the root for the prize.
    """
    graph, count = task.graph, task.who.size
    extra = (graph.nodes + np.arange(count)).astype(np.int32)
    bought = np.flatnonzero(np.isfinite(left))
    tail = np.concatenate([graph.tail, task.consumer, np.zeros(bought.size, dtype=np.int32)])
    head = np.concatenate([graph.head, extra, extra[bought]])
    spare = np.full(2 * tail.size, np.inf)
    spare[: 2 * graph.edges] = np.repeat(cost, 2)
    spare[2 * graph.edges : 2 * (graph.edges + count) : 2] = 0.0
    spare[2 * (graph.edges + count) :: 2] = left[bought]
    start, near, by = edges_at_nodes(tail.astype(np.int32), head.astype(np.int32), graph.nodes + count)
    head = head.astype(np.int32)
    guide = np.zeros(spare.size, dtype=np.uint8)
    low = float(ascend(start, near, by, head, spare, extra, 0, guide))
    spare = np.maximum(spare, 0.0)
    from_root = reduced_distance(start, near, by, head, spare, np.zeros(1, dtype=np.int32), True)
    to_somebody = reduced_distance(start, near, by, head, spare, extra, False)
    along = from_root[graph.tail] + spare[: 2 * graph.edges : 2] + to_somebody[graph.head]
    against = from_root[graph.head] + spare[1 : 2 * graph.edges : 2] + to_somebody[graph.tail]
    return low, np.minimum(along, against) <= upper - low + ROUNDING * abs(upper)


@kernel
def prices(load: Array, size: Array, unit: Array) -> Array:
    """Return the price of a metre for each load."""
    found = np.empty(load.size)
    for e in range(load.size):
        found[e] = price(load[e], size, unit)
    return found


@kernel
def lower_lines(load: Array, most: Array, size: Array, unit: Array) -> tuple[Array, Array]:
    """Return for each edge the line F + s·P (both float64[m]) below the pipe table, tight at ``load``.

    The table is a stair: its lower hull up to ``most`` goes through the points where a size is used to the full, and
    through the price at ``most`` itself. Below the first point a line may only be lower still.
    """
    level = np.empty(load.size)
    slope = np.empty(load.size)
    room = size.size + 2
    for e in range(load.size):
        top = most[e]
        count = 0
        x = np.empty(room)
        y = np.empty(room)
        for k in range(size.size):
            if size[k] < top:
                x[count] = size[k]
                y[count] = unit[k]
                count += 1
        x[count] = max(top, 1e-9)
        y[count] = price(x[count], size, unit)
        count += 1
        kept = 1  # lower hull from the left, slopes rising
        for k in range(1, count):
            while kept > 1 and (y[k] - y[kept - 1]) * (x[kept - 1] - x[kept - 2]) <= (y[kept - 1] - y[kept - 2]) * (
                x[k] - x[kept - 1]
            ):
                kept -= 1
            x[kept] = x[k]
            y[kept] = y[k]
            kept += 1
        level[e] = y[0]
        slope[e] = 0.0
        for k in range(1, kept):
            if load[e] > x[k - 1] or load[e] == 0.0:
                slope[e] = (y[k] - y[k - 1]) / (x[k] - x[k - 1])
                level[e] = y[k - 1] - slope[e] * x[k - 1]
                if load[e] == 0.0:
                    break
    return level, slope


@kernel
def beyond(
    start: Array, near: Array, by: Array, kw: Array, must: Array, edges: int, shared: float
) -> tuple[Array, Array]:
    """Return the most load (kW) that each edge may ever carry away from node 0, and whether it carries that if used.

    All that lies beyond the last bridge on the way to an edge can run through it, and no more (float64[m]). A bridge
    carries just that if one consumer lies beyond it, or only such that must be connected (bool[m]).
    """
    nodes = start.size - 1
    low = np.full(nodes, -1, dtype=np.int32)
    rank = np.full(nodes, -1, dtype=np.int32)
    came = np.full(nodes, -1, dtype=np.int32)
    above = np.full(nodes, -1, dtype=np.int32)
    at = start[:-1].copy()
    walk = np.empty(nodes, dtype=np.int32)
    total = kw.copy()
    largest = kw.copy()
    number = np.zeros(nodes, dtype=np.int32)
    free = np.zeros(nodes, dtype=np.int32)
    sure = np.zeros(edges, dtype=np.bool_)
    for v in range(nodes):
        number[v] = kw[v] > 0.0
        free[v] = kw[v] > 0.0 and not must[v]
    rank[0] = 0
    low[0] = 0
    walk[0] = 0
    count = 1
    v = 0
    while v >= 0:
        if at[v] < start[v + 1]:
            s = at[v]
            at[v] += 1
            u = near[s]
            if by[s] == came[v]:
                continue
            if rank[u] < 0:
                rank[u] = count
                low[u] = count
                walk[count] = u
                count += 1
                came[u] = by[s]
                above[u] = v
                v = u
            else:
                low[v] = min(low[v], rank[u])
        else:
            p = above[v]
            if p >= 0:
                low[p] = min(low[p], low[v])
                total[p] += total[v]
                largest[p] = max(largest[p], largest[v])
                number[p] += number[v]
                free[p] += free[v]
                if low[v] == rank[v]:
                    sure[came[v]] = number[v] == 1 or free[v] == 0
            v = p
    most_at = np.zeros(nodes)
    most = np.zeros(edges)
    for i in range(count):
        v = walk[i]
        bridge = v == 0 or low[v] == rank[v]
        most_at[v] = shared * total[v] + (1.0 - shared) * largest[v] if bridge else most_at[above[v]]
        if came[v] >= 0:
            most[came[v]] = most_at[v]
    for i in range(count):
        v = walk[i]
        for s in range(start[v], start[v + 1]):
            most[by[s]] = max(most[by[s]], min(most_at[v], most_at[near[s]]))
    return most, sure
