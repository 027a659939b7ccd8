"""The shortest net of pipes that connects all consumers, with a proof of how far from the shortest it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.siting._steiner_ascent import ascend, reduced_distance
from ballerup_geo.siting._steiner_forks import drop_fork
from ballerup_geo.siting._steiner_graph import Graph, checked, parts
from ballerup_geo.siting._steiner_paths import exchange_paths
from ballerup_geo.siting._steiner_reduce import Problem, expand, first_problem, keep, reduce_problem
from ballerup_geo.siting._steiner_regions import regions
from ballerup_geo.siting._steiner_trees import grow, hang, tidy

__all__ = ["Layout", "steiner_network"]

Array = np.ndarray[Any, np.dtype[Any]]

LEAST_GAIN = 1e-9
"""A step of the local search must gain so much of the tree's length: rounding is no gain."""
ROUNDS = 6
"""Times that the bound is raised from another root and the problem made smaller by it."""
SHAKE = 0.2
"""One tree of each round is grown at costs that are off by up to this share, for the sake of another beginning."""
NAMED = 5
"""So many nodes are named in a message."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A net that connects terminals, and what is proved about it.

    ``edge_ids`` (int32, ascending) are positions in the edges given, ``length`` the sum of their lengths. No net that
    connects the same terminals is shorter than ``bound``; ``gap`` = (length − bound) / length is the most that could
    be saved (0 where nothing has a length). ``part`` (int32[k]) tells for each terminal, in the order given, which
    connected part of the graph it lies in: 0 for all of them unless parts were allowed.
    """

    edge_ids: Array
    length: float
    bound: float
    gap: float
    part: Array


def steiner_network(
    edges: Array, lengths: Array, terminals: Array, *, apart: bool = False, rounds: int = ROUNDS
) -> Layout:
    """Find a short net that connects all terminals of a graph, with a lower bound of the shortest.

    The problem is made smaller where that loses nothing, a bound is proved by dual ascent, trees are grown in what
    the bound has paid for, and improved by exchanging key paths and forks until no exchange gains. What the bound
    shows to be in no better net goes, and all is repeated from another root, ``rounds`` times or until the gap is 0.

    Parameters
    ----------
    edges : int32[m, 2]
        Node numbers from 0. Of parallel edges the shortest counts; loops are never used; directions do not matter.
    lengths : float64[m]
        0 or more, in any unit.
    terminals : int32[k]
        Nodes to connect; a node may be named twice.
    apart : bool
        Where the graph falls into parts: False refuses terminals in more than one of them, True connects those of
        each part among themselves (lengths and bounds are summed).
    rounds : int
        At least 1.

    Raises
    ------
    MethodError
        If an argument does not fit, or terminals lie in parts of the graph that nothing joins (named by node).

    Notes
    -----
    Reductions after Duin and Volgenant (1989), dual ascent after Wong (1984), local search after Uchoa and Werneck
    (2012). The same arguments give the same net. It takes no account of what flows through the edges: see
    :func:`ballerup_geo.siting.costed_layout`.

    Examples
    --------
    A star is shorter than the two sides of a square that join three corners:

    >>> import numpy as np
    >>> from ballerup_geo.siting import steiner_network
    >>> edges = np.array([[0, 1], [1, 2], [0, 3], [1, 3], [2, 3]], dtype=np.int32)
    >>> net = steiner_network(edges, np.array([2.0, 2.0, 1.0, 1.0, 1.0]), np.array([0, 1, 2], dtype=np.int32))
    >>> net.edge_ids.tolist(), net.length, net.gap
    ([2, 3, 4], 3.0, 0.0)
    """
    given = np.asarray(terminals)
    edges, lengths, nodes_to_join = checked(edges, lengths, terminals)
    nodes = int(max(edges.max(initial=-1), nodes_to_join.max())) + 1
    label = parts(edges, nodes)
    found, part = np.unique(label[given], return_inverse=True)
    if found.size > 1 and not apart:
        raise MethodError(not_joined(label, nodes_to_join))
    chosen: list[Array] = []
    bound = 0.0
    for number in found:
        here = np.flatnonzero(label[edges[:, 0]] == number)
        terminal = np.zeros(nodes, dtype=np.bool_)
        terminal[nodes_to_join[label[nodes_to_join] == number]] = True
        ids, low = solve(first_problem(edges[here], lengths[here], terminal), rounds=rounds)
        chosen.append(here[ids].astype(np.int32))
        bound += low
    edge_ids = np.sort(np.concatenate(chosen)).astype(np.int32)
    length = float(lengths[edge_ids].sum())
    bound = min(bound, length)
    gap = (length - bound) / length if length > 0 else 0.0
    return Layout(edge_ids, length, bound, gap, part.astype(np.int32))


def not_joined(label: Array, terminals: Array) -> Fault:
    """Say which terminals lie apart from the part of the graph that holds most of them."""
    count = np.bincount(label[terminals])
    lone = terminals[label[terminals] != count.argmax()]
    named = ", ".join(str(node) for node in lone[:NAMED]) + (", …" if lone.size > NAMED else "")
    what = f"{lone.size} of {terminals.size} terminals cannot be reached from the others: node {named}"
    return Fault("network", "terminals", what, "join the graph there, leave them out, or connect each part by itself")


def solve(problem: Problem, *, rounds: int) -> tuple[Array, float]:
    """Return edges of a short tree in a connected graph (positions, int32) and a lower bound of the shortest."""
    best, best_cost, bound = np.empty(0, dtype=np.int32), np.inf, 0.0
    for turn in range(max(rounds, 1)):
        problem = reduce_problem(problem)
        graph = problem.graph
        if not graph.edges:  # all that is left is part of a cheapest tree, or of none better than the one found
            if problem.fixed_cost < best_cost:
                best, best_cost = expand(problem, np.empty(0, dtype=np.bool_)), problem.fixed_cost
            return best, best_cost
        terminals = np.flatnonzero(graph.terminal).astype(np.int32)
        root = int(terminals[(turn * 7919) % terminals.size])
        low, spare = raised(graph, terminals, root, np.zeros(2 * graph.edges, dtype=np.uint8))
        paid = np.where(np.minimum(spare[::2], spare[1::2]) <= 0, graph.cost, np.inf)
        shaken = graph.cost * np.random.default_rng(turn).uniform(1 - SHAKE, 1 + SHAKE, graph.edges)
        trees = [improve(graph, plant(graph, cost, root), root) for cost in (paid, graph.cost, shaken)]
        picked = min(trees, key=lambda tree: float(graph.cost[tree].sum()))
        total = problem.fixed_cost + float(graph.cost[picked].sum())
        if total < best_cost:
            best, best_cost = expand(problem, picked), total
        again, spare_again = raised(graph, terminals, root, away_from(graph, picked, root))
        if again > low:
            low, spare = again, spare_again
        low += problem.fixed_cost
        bound = max(bound, min(low, best_cost))
        kept = promising(graph, spare, terminals, root, slack=best_cost - low)
        if kept is None:
            return best, best_cost
        problem = keep(problem, kept)
    return best, bound


def raised(graph: Graph, terminals: Array, root: int, guide: Array) -> tuple[float, Array]:
    """Return the lower bound by dual ascent, and the reduced cost of each arc (float64[2m])."""
    spare = np.repeat(graph.cost, 2)
    low = ascend(graph.start, graph.near, graph.by, graph.head, spare, terminals, root, guide)
    return low, spare


def away_from(graph: Graph, picked: Array, root: int) -> Array:
    """Mark the arcs of a tree (bool[m]) that lead away from the root: uint8[2m]."""
    up, _, _, _, _ = hang(graph.start, graph.near, graph.by, picked, root)
    below = np.flatnonzero(up >= 0)
    guide = np.zeros(2 * graph.edges, dtype=np.uint8)
    guide[2 * up[below] + (graph.head[up[below]] != below)] = 1
    return guide


def plant(graph: Graph, cost: Array, root: int) -> Array:
    """Grow a tree over edges at a cost of their own (infinite = closed), and tidy it: picked edges (bool[m])."""
    inside = grow(graph.start, graph.near, graph.by, cost, graph.terminal, root)
    return tidied(graph, inside)


def tidied(graph: Graph, inside: Array) -> Array:
    """Return the cheapest tree over nodes, without ends that are no terminals."""
    return tidy(graph.start, graph.near, graph.by, graph.tail, graph.head, graph.order, graph.terminal, inside)


def improve(graph: Graph, picked: Array, root: int) -> Array:
    """Exchange key paths and forks of a tree (bool[m]) until no exchange gains."""
    least_gain = LEAST_GAIN * float(graph.cost[picked].sum())
    while True:
        before = float(graph.cost[picked].sum())
        picked = with_paths_exchanged(graph, picked, root, least_gain)
        picked = without_needless_forks(graph, picked, root, least_gain)
        inside = np.zeros(graph.nodes, dtype=np.bool_)
        inside[graph.tail[picked]] = inside[graph.head[picked]] = True
        again = tidied(graph, inside)
        if float(graph.cost[again].sum()) < float(graph.cost[picked].sum()):
            picked = again
        if float(graph.cost[picked].sum()) >= before - least_gain:
            return picked


def with_paths_exchanged(graph: Graph, picked: Array, root: int, least_gain: float) -> Array:
    """Exchange key paths until none gains."""
    while True:
        up, parent, degree, _, _ = hang(graph.start, graph.near, graph.by, picked, root)
        base, far, back = regions(graph.start, graph.near, graph.by, graph.cost, degree > 0)
        between = far[graph.tail] + graph.cost + far[graph.head]
        border = np.flatnonzero((base[graph.tail] != base[graph.head]) & ~picked)
        order = border[np.argsort(between[border], kind="stable")].astype(np.int32)
        done = exchange_paths(
            graph.tail, graph.head, graph.terminal, graph.cost, base, back, order, up, parent, degree, far, least_gain
        )
        if not done:
            return picked
        picked = np.zeros(graph.edges, dtype=np.bool_)
        picked[up[up >= 0]] = True


def without_needless_forks(graph: Graph, picked: Array, root: int, least_gain: float) -> Array:
    """Take out each fork that the tree is cheaper without, in one pass over the nodes."""
    picked, node, changed = picked.copy(), 0, True
    while changed:
        up, parent, degree, rank, end = hang(graph.start, graph.near, graph.by, picked, root)
        base, far, back = regions(graph.start, graph.near, graph.by, graph.cost, degree > 0)
        border = np.flatnonzero((base[graph.tail] != base[graph.head]) & ~picked).astype(np.int32)
        node, changed = drop_fork(
            graph.start,
            graph.near,
            graph.by,
            graph.tail,
            graph.head,
            graph.cost,
            graph.terminal,
            picked,
            up,
            parent,
            degree,
            rank,
            end,
            base,
            far,
            back,
            border,
            node,
            least_gain,
        )
    return picked


def promising(graph: Graph, spare: Array, terminals: Array, root: int, *, slack: float) -> Array | None:
    """Tell which edges (bool[m]) may be part of a tree that costs less than the bound and ``slack`` (None: no tree)."""
    slack += LEAST_GAIN * float(graph.cost.sum())
    sides = (graph.start, graph.near, graph.by, graph.head, spare)
    from_root = reduced_distance(*sides, np.array([root], dtype=np.int32), True)
    to_terminal = reduced_distance(*sides, terminals[terminals != root], False)
    along = from_root[graph.tail] + spare[::2] + to_terminal[graph.head]
    against = from_root[graph.head] + spare[1::2] + to_terminal[graph.tail]
    kept = np.minimum(along, against) <= slack
    label = parts(np.stack([graph.tail[kept], graph.head[kept]], axis=1), graph.nodes)
    if np.unique(label[terminals]).size > 1:
        return None
    return np.asarray(kept & (label[graph.tail] == label[root]))
