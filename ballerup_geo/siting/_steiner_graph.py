"""The graph as the Steiner search reads it: checked, simple, each node with the edges at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from ballerup_geo.compiled import kernel
from ballerup_geo.errors import Fault, MethodError

__all__ = ["Graph", "checked", "make_graph", "parts"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Graph:
    """An undirected graph without loops or parallel edges.

    ``tail``, ``head`` (int32[m]), ``cost`` (float64[m]); ``terminal`` (bool[n]). The edges at node v stand in slots
    ``start[v]`` to ``start[v + 1]``: the node at the other end in ``near``, the edge in ``by`` (int32[2m]). ``order``
    (int32[m]) lists the edges from the cheapest. Edge e is arc 2e from tail to head and arc 2e + 1 back.
    """

    tail: Array
    head: Array
    cost: Array
    terminal: Array
    start: Array
    near: Array
    by: Array
    order: Array

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(self.terminal.size)

    @property
    def edges(self) -> int:
        """Number of edges."""
        return int(self.cost.size)


def make_graph(tail: Array, head: Array, cost: Array, terminal: Array) -> Graph:
    """Give each node its edges. The edges must be simple already (see :func:`ballerup_geo.siting._steiner_reduce`)."""
    tail, head = np.ascontiguousarray(tail, dtype=np.int32), np.ascontiguousarray(head, dtype=np.int32)
    cost = np.ascontiguousarray(cost, dtype=np.float64)
    start, near, by = edges_at_nodes(tail, head, terminal.size)
    order = np.argsort(cost, kind="stable").astype(np.int32)
    return Graph(tail, head, cost, np.ascontiguousarray(terminal, dtype=np.bool_), start, near, by, order)


@kernel
def edges_at_nodes(tail: Array, head: Array, nodes: int) -> tuple[Array, Array, Array]:
    """Sort the two ends of each edge by node: start (int32[n + 1]), node at the other end, edge (int32[2m])."""
    start = np.zeros(nodes + 1, dtype=np.int32)
    for e in range(tail.size):
        start[tail[e] + 1] += 1
        start[head[e] + 1] += 1
    for v in range(nodes):
        start[v + 1] += start[v]
    fill = start[:-1].copy()
    near = np.empty(2 * tail.size, dtype=np.int32)
    by = np.empty(2 * tail.size, dtype=np.int32)
    for e in range(tail.size):
        a, b = tail[e], head[e]
        near[fill[a]] = b
        by[fill[a]] = e
        fill[a] += 1
        near[fill[b]] = a
        by[fill[b]] = e
        fill[b] += 1
    return start, near, by


def checked(edges: Array, lengths: Array, terminals: Array) -> tuple[Array, Array, Array]:
    """Return edges (int32[m, 2]), lengths (float64[m]) and terminals (int32[k], each once, in ascending order).

    Raises
    ------
    MethodError
        If shapes do not fit, a length is negative or no number, a node number is negative, or there is no terminal.
    """
    edges = np.asarray(edges)
    lengths = np.asarray(lengths, dtype=np.float64)
    terminals = np.unique(np.asarray(terminals))
    faults = []
    if edges.size == 0:
        edges = np.empty((0, 2), dtype=np.int32)
    if edges.ndim != 2 or edges.shape[1] != 2 or lengths.shape != (edges.shape[0],):
        what = f"edges have the shape {edges.shape}, lengths {lengths.shape}"
        faults.append(Fault("network", "edges", what, "give edges as m × 2 node numbers and one length for each"))
    elif edges.size and not np.issubdtype(edges.dtype, np.integer):
        faults.append(Fault("network", "edges", f"node numbers are {edges.dtype}", "give whole numbers"))
    elif edges.size and edges.min() < 0:
        faults.append(Fault("network", "edges", "a node number is negative", "number nodes from 0"))
    wrong = np.flatnonzero(~(np.isfinite(lengths) & (lengths >= 0)))
    if wrong.size:
        what = f"{wrong.size} lengths are negative or no number, first at edge {wrong[0]}"
        faults.append(Fault("network", "lengths", what, "give lengths of 0 or more"))
    if terminals.size == 0 or not np.issubdtype(terminals.dtype, np.integer) or terminals[0] < 0:
        faults.append(Fault("network", "terminals", "no node numbers to connect", "give at least one node"))
    if faults:
        raise MethodError(faults)
    return edges.astype(np.int32), lengths, terminals.astype(np.int32)


def parts(edges: Array, nodes: int) -> Array:
    """Label the connected parts of a graph: int32[n], numbered by their least node."""
    ones = np.ones(edges.shape[0], dtype=np.int8)
    joined = sparse.coo_matrix((ones, (edges[:, 0], edges[:, 1])), shape=(nodes, nodes)).tocsr()
    _, label = csgraph.connected_components(joined, directed=False)
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(first.size, dtype=np.int32)
    return np.asarray(rank[number], dtype=np.int32)
