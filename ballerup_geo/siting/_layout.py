"""A pipe net with sizes, and who is worth connecting to it: cheapest in trench, pipes and heat lost, with a bound."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.siting._layout_bound import beyond, bound
from ballerup_geo.siting._layout_exact import solve_exactly
from ballerup_geo.siting._layout_swap import move_branches
from ballerup_geo.siting._layout_task import CostedLayout, Pipes, Task, check_numbers, make_task
from ballerup_geo.siting._layout_tree import add_and_leave, leave_branches, loads, tree_cost
from ballerup_geo.siting._steiner import solve
from ballerup_geo.siting._steiner_graph import checked
from ballerup_geo.siting._steiner_reduce import first_problem
from ballerup_geo.siting._steiner_regions import regions
from ballerup_geo.siting._steiner_trees import hang

__all__ = ["costed_layout"]

Array = np.ndarray[Any, np.dtype[Any]]

LEAST_GAIN = 1e-9
"""A step of the search must gain so much of the cost: rounding is no gain."""
TREE_ROUNDS = 3
"""Rounds of the shortest net that the search begins with."""


def costed_layout(
    edges: Array,
    lengths: Array,
    *,
    trench_dkk_per_m: Array | float,
    sources: Array,
    consumers: Array,
    demand_kw: Array,
    prize_dkk: Array,
    pipes: Pipes,
    diversity: float,
    exact_nodes: int = 0,
) -> CostedLayout:
    """Choose who connects, by which streets, and with which pipes, so that all together costs least.

    The cost of an edge is length × (trench + the smallest pipe that carries its load); a consumer that stays without
    costs its prize: what being connected is worth against its own heating, in the same money (net present value).
    The load of a pipe is diversity × Σ kW + (1 − diversity) × the largest kW beyond it: for n equal consumers the
    simultaneity diversity + (1 − diversity) / n.

    Trees are begun as the shortest net and as shortest ways; branches that do not pay are left, single consumers added
    or left, branches moved to other ways, as long as the true cost of the whole falls. The bound is proved apart.

    Parameters
    ----------
    edges, lengths : int32[m, 2], float64[m]
        As for :func:`steiner_network`; service lines are edges like others. Metres.
    trench_dkk_per_m : float64[m] or float
        By edge: what a metre of trench costs on that ground.
    sources : int32[s]
        Nodes where heat is to be had: plants, or nodes of the net that stands already.
    consumers, demand_kw, prize_dkk : int32[k], float64[k], float64[k]
        Node, design load and prize of each; an infinite prize means: must be connected. Nodes may repeat.
    pipes : Pipes
        What can be bought. For heat lost, add its present value to the cost of a metre.
    diversity : float
        Above 0, at most 1 (1 = all at once).
    exact_nodes : int
        Above 0, the area is solved by HiGHS too, with at most so many branchings; meant for up to about 200 consumers.
        Some 50 with loads that differ are proved best in a second or two; with more, or when the branchings are used
        up, the better of both answers comes back with the better bound, and ``exact`` says no.

    Raises
    ------
    MethodError
        If an argument does not fit, or a consumer that must be connected cannot be reached.

    Notes
    -----
    It does not look at pressure, at water of several temperatures, or at more than one year.
    """
    lengths = np.asarray(lengths, dtype=np.float64)
    demand_kw, prize_dkk = np.asarray(demand_kw, dtype=np.float64), np.asarray(prize_dkk, dtype=np.float64)
    consumers = np.asarray(consumers, dtype=np.int32)
    edges, lengths, sources = checked(edges, lengths, sources)
    check_numbers(consumers.size, demand_kw, prize_dkk, pipes, diversity)
    if consumers.size and consumers.min() < 0:
        raise MethodError(Fault("layout", "consumers", "a node number is negative", "number nodes from 0"))
    trench = np.broadcast_to(np.asarray(trench_dkk_per_m, dtype=np.float64), lengths.shape)
    task, reachable = make_task(
        edges, lengths, trench, sources, consumers, demand_kw, prize_dkk, pipes, float(diversity)
    )
    if not task.who.size:
        return answer(task, *nothing(task), reachable, 0.0, exact=True)
    up, parent, on = search(task)
    graph = task.graph
    sides = (graph.start, graph.near, graph.by, task.kw, np.isinf(task.prize), graph.edges)
    most, sure = beyond(*sides, task.shared)
    low, kept = bound(task, edge_loads(task, up, parent, on), most, sure, objective(task, up, parent, on))
    exact = False
    if exact_nodes > 0:
        in_use = feeding(task, up, parent, on)
        up, parent, _, _, _ = hang(graph.start, graph.near, graph.by, in_use, 0)
        total, _ = beyond(*sides, 1.0)
        solved = solve_exactly(
            task, start=(up, parent, on), kept=kept | in_use, most_kw=most, sum_kw=total, sure=sure, nodes=exact_nodes
        )
        low, exact = max(low, solved.bound), solved.best
        if objective(task, solved.up, solved.parent, solved.on) < objective(task, up, parent, on):
            up, parent, on = solved.up, solved.parent, solved.on
    return answer(task, up, parent, on, reachable, low, exact=exact)


def nothing(task: Task) -> tuple[Array, Array, Array]:
    """Return a tree without edges."""
    none = np.full(task.graph.nodes, -1, dtype=np.int32)
    return none, none.copy(), np.zeros(task.graph.nodes, dtype=np.bool_)


def money(task: Task) -> tuple[Array, Array, Array, Array, float]:
    """Return what the kernels price pipes by: trench, length, sizes, prices, diversity."""
    return task.fixed, task.length, task.pipes.capacity_kw, task.pipes.cost_dkk_per_m, task.shared


def objective(task: Task, up: Array, parent: Array, on: Array) -> float:
    """Return the cost of the pipes and the prizes of those that stay without."""
    cost = float(tree_cost(up, parent, task.kw, on, *money(task)))
    return cost + float(task.prize[task.consumer[~on[task.consumer]]].sum())


def search(task: Task) -> tuple[Array, Array, Array]:
    """Return the best tree found: parent edge and parent of each node, and who is connected."""
    return min((settle(task, picked) for picked in beginnings(task)), key=lambda found: objective(task, *found))


def beginnings(task: Task) -> list[Array]:
    """Return trees over all consumers to begin with: the shortest net, and the shortest ways from the sources."""
    graph = task.graph
    wanted = task.kw > 0
    wanted[0] = True
    edges = np.stack([graph.tail, graph.head], axis=1)
    ids, _ = solve(first_problem(edges, graph.cost, wanted), rounds=TREE_ROUNDS)
    shortest_net = np.zeros(graph.edges, dtype=np.bool_)
    shortest_net[ids] = True
    root = np.zeros(graph.nodes, dtype=np.bool_)
    root[0] = True
    _, _, back = regions(graph.start, graph.near, graph.by, graph.cost, root)
    ways = np.zeros(graph.edges, dtype=np.bool_)
    ways[back[back >= 0]] = True
    return [shortest_net, ways]


def settle(task: Task, picked: Array) -> tuple[Array, Array, Array]:
    """Choose who connects to a tree and move its branches, in turns, until nothing gains."""
    graph, everyone = task.graph, task.kw > 0
    up, parent, _, _, _ = hang(graph.start, graph.near, graph.by, picked, 0)
    on = everyone.copy()
    least_gain = LEAST_GAIN * float(tree_cost(up, parent, task.kw, on, *money(task)))
    while True:
        before = objective(task, up, parent, on)
        leave_branches(up, parent, task.kw, task.prize, on, *money(task))
        while add_and_leave(up, parent, task.kw, task.prize, on, *money(task), least_gain):
            pass
        up, parent = with_branches_moved(task, up, parent, on, least_gain)
        if objective(task, up, parent, on) >= before - least_gain:
            return up, parent, on


def with_branches_moved(task: Task, up: Array, parent: Array, on: Array, least_gain: float) -> tuple[Array, Array]:
    """Move branches of what feeds somebody until none gains, then hang those who stay without to the nearest pipe."""
    graph = task.graph
    while True:
        picked = feeding(task, up, parent, on)
        up, parent, degree, _, _ = hang(graph.start, graph.near, graph.by, picked, 0)
        bases = degree > 0
        bases[0] = True
        base, far, back = regions(graph.start, graph.near, graph.by, graph.cost, bases)
        between = far[graph.tail] + graph.cost + far[graph.head]
        border = np.flatnonzero((base[graph.tail] != base[graph.head]) & ~picked)
        order = border[np.argsort(between[border], kind="stable")].astype(np.int32)
        fixed, length, sizes, costs, shared = money(task)
        done = move_branches(
            graph.tail,
            graph.head,
            base,
            back,
            far,
            order,
            up,
            parent,
            degree,
            task.kw,
            on,
            fixed,
            length,
            graph.cost,
            sizes,
            costs,
            shared,
            least_gain,
        )
        if not done:
            picked[back[back >= 0]] = True
            up, parent, _, _, _ = hang(graph.start, graph.near, graph.by, picked, 0)
            return up, parent


def feeding(task: Task, up: Array, parent: Array, on: Array) -> Array:
    """Return the edges (bool[m]) that feed somebody."""
    _, _, number, _ = loads(parent, task.kw, on)
    picked = np.zeros(task.graph.edges, dtype=np.bool_)
    picked[up[(number > 0) & (up >= 0)]] = True
    return picked


def edge_loads(task: Task, up: Array, parent: Array, on: Array) -> Array:
    """Return the load of each edge after diversity (kW, float64[m], 0 = not used)."""
    total, largest, _, _ = loads(parent, task.kw, on)
    load = np.zeros(task.graph.edges)
    load[up[up >= 0]] = (task.shared * total + (1 - task.shared) * largest)[up >= 0]
    return load


def answer(
    task: Task, up: Array, parent: Array, on: Array, reachable: Array, low: float, *, exact: bool
) -> CostedLayout:
    """Put a tree into words of the edges and consumers given."""
    _, _, number, _ = loads(parent, task.kw, on)
    load = edge_loads(task, up, parent, on)
    below = np.flatnonzero((number > 0) & (up >= 0))
    below = below[task.edge[up[below]] >= 0]
    below = below[np.argsort(task.edge[up[below]], kind="stable")]
    used = up[below]
    sizes, costs = task.pipes.capacity_kw, task.pipes.cost_dkk_per_m
    pipe = np.minimum(np.searchsorted(sizes, load[used] * (1 - 1e-12)), sizes.size - 1)
    connected = np.zeros(reachable.size, dtype=np.bool_)
    connected[task.who] = on[task.consumer]
    total = objective(task, up, parent, on)
    low = min(low, total)
    return CostedLayout(
        edge_ids=task.edge[used].astype(np.int32),
        load_kw=load[used],
        pipe=np.minimum(pipe, task.sizes - 1).astype(np.int32),
        consumers=number[below].astype(np.int32),
        cost_dkk=task.fixed[used] + task.length[used] * costs[pipe],
        connected=connected,
        reachable=reachable,
        objective_dkk=total,
        bound_dkk=low,
        gap=(total - low) / total if total > 0 else 0.0,
        exact=exact,
    )
