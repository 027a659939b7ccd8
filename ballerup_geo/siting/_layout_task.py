"""What a costed pipe layout is asked and answered: pipes, consumers, and the graph with one node for all sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.siting._steiner_graph import Graph, make_graph, parts

__all__ = ["CostedLayout", "Pipes", "Task", "make_task"]

Array = np.ndarray[Any, np.dtype[Any]]

NAMED = 5
"""So many consumers are named in a message."""


@dataclass(frozen=True, slots=True)
class Pipes:
    """The pipes that can be bought, from the smallest: what one carries (kW), and what a metre of it costs (DKK).

    The cost of a metre is that of the pipe alone, without trench, and may hold the present value of the heat that it
    loses over its life; it must not fall with size. A load beyond the largest pipe takes several side by side.
    """

    capacity_kw: Array
    cost_dkk_per_m: Array


@dataclass(frozen=True, slots=True)
class CostedLayout:
    """A pipe net with sizes and who is connected to it, and what is proved about its cost.

    ``edge_ids`` (int32[p], ascending) are positions in the edges given; by such edge ``load_kw`` (float64[p], after
    diversity), ``pipe`` (int32[p], position in the table; the largest where several are needed), ``consumers``
    (int32[p], how many are fed through it) and ``cost_dkk`` (float64[p], trench and pipe). By consumer, in the order
    given: ``connected`` and ``reachable`` (bool[k]).

    ``objective_dkk`` is the cost of all edges plus the prizes of reachable consumers that are not connected. No choice
    of net and consumers has a lower one than ``bound_dkk``; ``gap`` = (objective − bound) / objective. ``exact`` tells
    that the solver has proved the answer to be the best, within its tolerance.
    """

    edge_ids: Array
    load_kw: Array
    pipe: Array
    consumers: Array
    cost_dkk: Array
    connected: Array
    reachable: Array
    objective_dkk: float
    bound_dkk: float
    gap: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Task:
    """A costed layout as the search reads it: node 0 is all sources, each consumer has a node of its own.

    ``edge`` (int32[m], −1 = joins a consumer to the node it shares with another) names the edges given; ``fixed``
    (float64[m]) is what the trench of an edge costs, ``length`` its metres. By node ``kw`` (float64[n], 0 = nobody)
    and ``prize``; ``consumer`` (int32[c]) are the nodes of ``who`` (int32[c], positions in the consumers given).
    ``pipes`` go on after the first ``sizes`` with several side by side; ``shared`` is the diversity.
    """

    graph: Graph
    edge: Array
    fixed: Array
    length: Array
    kw: Array
    prize: Array
    consumer: Array
    who: Array
    pipes: Pipes
    sizes: int
    shared: float


def check_numbers(count: int, kw: Array, prize: Array, pipes: Pipes, diversity: float) -> None:
    """Refuse what no layout can be made of, all at once."""
    faults = []
    if kw.shape != (count,) or not (np.isfinite(kw) & (kw > 0)).all():
        faults.append(Fault("layout", "demand_kw", "not one load above 0 for each consumer", "give kW above 0"))
    if prize.shape != (count,) or not (prize >= 0).all():
        faults.append(Fault("layout", "prize_dkk", "not one prize of 0 or more for each consumer", "give DKK, or inf"))
    sizes, costs = pipes.capacity_kw, pipes.cost_dkk_per_m
    if sizes.ndim != 1 or sizes.size == 0 or sizes.shape != costs.shape:
        faults.append(Fault("layout", "pipes", "no table of sizes and costs", "give at least one pipe"))
    elif sizes[0] <= 0 or (np.diff(sizes) <= 0).any() or costs[0] < 0 or (np.diff(costs) < 0).any():
        what = "capacities do not rise, or costs fall with size"
        faults.append(Fault("layout", "pipes", what, "sort pipes by capacity and leave out those nobody would buy"))
    if not 0 < diversity <= 1:
        faults.append(Fault("layout", "diversity", f"{diversity} is no share above 0", "give 1 for no diversity"))
    if faults:
        raise MethodError(faults)


def make_task(
    edges: Array,
    lengths: Array,
    trench_dkk_per_m: Array,
    sources: Array,
    consumers: Array,
    demand_kw: Array,
    prize_dkk: Array,
    pipes: Pipes,
    diversity: float,
) -> tuple[Task, Array]:
    """Return the task of what can be reached from the sources, and which consumers that are (bool[k])."""
    nodes = int(max(edges.max(initial=-1), sources.max(), consumers.max(initial=-1))) + 1
    node = np.arange(1, nodes + 1, dtype=np.int32)
    node[sources] = 0
    ends = node[edges]
    label = parts(ends, nodes + 1)
    reachable = label[node[consumers]] == label[0]
    lost = np.flatnonzero(~reachable & np.isinf(prize_dkk))
    if lost.size:
        named = ", ".join(str(consumers[i]) for i in lost[:NAMED]) + (", …" if lost.size > NAMED else "")
        what = f"{lost.size} consumers that must be connected cannot be reached from a source: node {named}"
        raise MethodError(Fault("layout", "consumers", what, "join the graph there, or let them stay without"))
    kept = np.flatnonzero((ends[:, 0] != ends[:, 1]) & (label[ends[:, 0]] == label[0]))
    who = np.flatnonzero(reachable).astype(np.int32)
    at = node[consumers[who]]
    own = np.zeros(who.size, dtype=np.bool_)
    own[np.unique(at, return_index=True)[1]] = True
    own &= at != 0
    spot = at.copy()
    spot[~own] = nodes + 1 + np.arange(int((~own).sum()), dtype=np.int32)
    tail = np.concatenate([ends[kept, 0], at[~own]])
    head = np.concatenate([ends[kept, 1], spot[~own]])
    used, numbers = np.unique(np.concatenate([[0], tail, head]), return_inverse=True)
    count = tail.size
    number = np.zeros(nodes + 1 + int((~own).sum()), dtype=np.int32)
    number[used] = np.arange(used.size, dtype=np.int32)
    spare = np.zeros(count - kept.size)
    length = np.concatenate([lengths[kept], spare])
    fixed = np.concatenate([(lengths * trench_dkk_per_m)[kept], spare])
    edge = np.concatenate([kept, np.full(spare.size, -1)]).astype(np.int32)
    kw, prize = np.zeros(used.size), np.zeros(used.size)
    spot = number[spot]
    kw[spot], prize[spot] = demand_kw[who], prize_dkk[who]
    cost = fixed + length * pipes.cost_dkk_per_m[0]
    graph = make_graph(numbers[1 : count + 1].astype(np.int32), numbers[count + 1 :].astype(np.int32), cost, kw > 0)
    sizes = int(pipes.capacity_kw.size)
    table = side_by_side_pipes(pipes, float(demand_kw[who].sum()))
    return Task(graph, edge, fixed, length, kw, prize, spot.astype(np.int32), who, table, sizes, diversity), reachable


def side_by_side_pipes(pipes: Pipes, most_kw: float) -> Pipes:
    """Go on above the largest pipe with several of it and one of any size, until all can be carried."""
    rounds = max(int(np.ceil(most_kw / pipes.capacity_kw[-1])), 1)
    again = np.repeat(np.arange(rounds), pipes.capacity_kw.size)
    sizes = np.tile(pipes.capacity_kw, rounds) + again * pipes.capacity_kw[-1]
    return Pipes(sizes, np.tile(pipes.cost_dkk_per_m, rounds) + again * pipes.cost_dkk_per_m[-1])
