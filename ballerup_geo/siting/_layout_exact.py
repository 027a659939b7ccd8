"""The best costed layout of a small area, by HiGHS: trench, pipe sizes, diversity and who connects in one model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from ballerup_geo.siting._layout_task import Task
from ballerup_geo.siting._solver import INFINITE, linear_model, solver
from ballerup_geo.siting._steiner_graph import make_graph, parts

__all__ = ["Solved", "solve_exactly"]

Array = np.ndarray[Any, np.dtype[Any]]
Term = tuple[Array, Array, Array | float]

TOLERANCE = 1e-6
"""The solver stops when no layout can be cheaper by more than this share."""


@dataclass(frozen=True, slots=True)
class Solved:
    """The parent edge and parent of each node (int32[n], −1), who is connected (bool[n]), and what is proved."""

    up: Array
    parent: Array
    on: Array
    bound: float
    best: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of the model stand. Edge e is arc 2e from tail to head and arc 2e + 1 back.

    Whole numbers: ``used`` by arc, ``pipe`` by edge and size allowed (of edge ``owner``, size ``choice``), ``joined``
    by consumer. Others: ``flow`` (sum of kW) by arc, ``largest`` (kW at and beyond) by node, ``through`` (the largest
    kW beyond) by edge.
    """

    used: Array
    pipe: Array
    joined: Array
    flow: Array
    largest: Array
    through: Array
    owner: Array
    choice: Array

    @property
    def whole(self) -> int:
        """Number of whole-number columns."""
        return int(self.flow[0])

    @property
    def count(self) -> int:
        """Number of columns."""
        return int(self.through[-1]) + 1


class Rows:
    """Rows of a linear model, gathered block by block."""

    def __init__(self) -> None:
        self.count = 0
        self.entries: list[Term] = []
        self.least: list[Array] = []
        self.most: list[Array] = []

    def add(self, size: int, terms: list[Term], *, least: Array | float, most: Array | float) -> None:
        """Add a block: each term gives row numbers within it, columns and factors."""
        for row, column, value in terms:
            factor = np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape)
            self.entries.append((row + self.count, column, factor))
        self.least.append(np.broadcast_to(np.asarray(least, dtype=np.float64), (size,)))
        self.most.append(np.broadcast_to(np.asarray(most, dtype=np.float64), (size,)))
        self.count += size

    def matrix(self, columns: int) -> sparse.csr_array:
        """Return all rows as one sparse matrix."""
        row, column, value = (np.concatenate(column) for column in zip(*self.entries, strict=True))
        return sparse.csr_array((value, (row, column)), shape=(self.count, columns))


def solve_exactly(
    task: Task,
    *,
    start: tuple[Array, Array, Array],
    kept: Array,
    most_kw: Array,
    sum_kw: Array,
    sure: Array,
    nodes: int,
) -> Solved:
    """Solve a task over the edges ``kept`` (bool[m]), from the layout ``start`` (up, parent, on) on.

    ``most_kw`` and ``sum_kw`` (float64[m]) limit the load of each edge and the sum of kW beyond it, which it carries
    if used where it is ``sure`` (bool[m]); HiGHS branches at most ``nodes`` times. A consumer that no kept edge
    reaches stays without.
    """
    small, node, edge = narrowed(task, kept)
    if not small.consumer.size:  # no edge is worth trying: everybody stays without
        none = np.full(task.graph.nodes, -1, dtype=np.int32)
        forgone = float(task.prize[task.consumer].sum())
        return Solved(none, none.copy(), np.zeros(task.graph.nodes, dtype=np.bool_), forgone, True)
    columns = make_columns(small, most_kw[edge], sure[edge])
    rows = Rows()
    add_tree(rows, small, columns)
    add_flow(rows, small, columns, sum_kw[edge])
    add_sizes(rows, small, columns)
    must = np.isinf(small.prize[small.consumer])
    upper = np.concatenate([np.ones(columns.whole), np.full(columns.count - columns.whole, INFINITE)])
    model = linear_model(
        rows.matrix(columns.count),
        profit=profits(small, columns),
        least=np.concatenate(rows.least),
        most=np.concatenate(rows.most),
        upper=upper,
        whole=columns.whole,
    )
    lower = np.zeros(columns.count)
    lower[columns.joined[must]] = 1.0
    model.col_lower_ = lower
    highs = solver(mip_rel_gap=TOLERANCE, mip_max_nodes=nodes)
    highs.passModel(model)
    known = np.concatenate([columns.used, columns.joined]).astype(np.int32)
    highs.setSolution(known.size, known, beginning(task, small, columns, start, node, edge)[known])
    highs.run()
    info, values = highs.getInfo(), np.asarray(highs.getSolution().col_value)
    forgone = float(task.prize[task.consumer][np.isfinite(task.prize[task.consumer])].sum())
    proved = forgone - float(info.mip_dual_bound)
    return solved(task, small, columns, values, node, edge, proved, float(info.mip_gap) <= TOLERANCE)


def narrowed(task: Task, kept: Array) -> tuple[Task, Array, Array]:
    """Return the task over some edges that hang together with the sources, and its nodes and edges in the first one."""
    graph = task.graph
    ends = np.stack([graph.tail, graph.head], axis=1)
    label = parts(ends[kept], graph.nodes)
    edge = np.flatnonzero(kept & (label[graph.tail] == label[0]))
    node = np.union1d([0], ends[edge]).astype(np.int32)
    number = np.full(graph.nodes, -1, dtype=np.int32)
    number[node] = np.arange(node.size)
    inside = number[task.consumer] >= 0
    smaller = make_graph(number[ends[edge, 0]], number[ends[edge, 1]], graph.cost[edge], graph.terminal[node])
    small = replace(
        task,
        graph=smaller,
        edge=task.edge[edge],
        fixed=task.fixed[edge],
        length=task.length[edge],
        kw=task.kw[node],
        prize=task.prize[node],
        consumer=number[task.consumer[inside]],
        who=task.who[inside],
    )
    return small, node, edge


def make_columns(task: Task, most_kw: Array, sure: Array) -> Columns:
    """Number the columns; an edge has the sizes up to the one that carries the most, a sure one only that."""
    m, sizes = task.graph.edges, task.pipes.capacity_kw
    allowed = np.minimum(np.searchsorted(sizes, most_kw * (1 - 1e-12)), sizes.size - 1) + 1
    owner = np.repeat(np.arange(m), allowed)
    choice = np.arange(owner.size) - np.repeat(np.cumsum(allowed) - allowed, allowed)
    sensible = ~sure[owner] | (choice == allowed[owner] - 1)
    owner, choice = owner[sensible], choice[sensible]
    lots = [2 * m, owner.size, task.consumer.size, 2 * m, task.graph.nodes, m]
    first = np.concatenate([[0], np.cumsum(lots)])
    used, pipe, joined, flow, largest, through = (np.arange(first[i], first[i + 1]) for i in range(len(lots)))
    return Columns(used, pipe, joined, flow, largest, through, owner, choice)


def arcs_of(task: Task) -> tuple[Array, Array]:
    """Return where each arc begins and ends (int32[2m] both)."""
    graph = task.graph
    origin = np.stack([graph.tail, graph.head], axis=1).ravel()
    return origin, np.stack([graph.head, graph.tail], axis=1).ravel()


def add_tree(rows: Rows, task: Task, columns: Columns) -> None:
    """Each node is entered once at most, the sources never; a consumer connected is; an arc goes on from another."""
    origin, target = arcs_of(task)
    nodes, consumers = task.graph.nodes, np.arange(task.consumer.size)
    rows.add(nodes, [(target, columns.used, 1.0)], least=-INFINITE, most=(np.arange(nodes) > 0).astype(float))
    position = np.full(nodes, -1, dtype=np.int64)
    position[task.consumer] = consumers
    ending = np.flatnonzero(position[target] >= 0)
    terms: list[Term] = [(consumers, columns.joined, -1.0), (position[target[ending]], columns.used[ending], 1.0)]
    rows.add(consumers.size, terms, least=0.0, most=INFINITE)
    onward, before = onward_pairs(origin, target)
    terms = [(np.arange(origin.size), columns.used, -1.0), (onward, columns.used[before], 1.0)]
    rows.add(origin.size, terms, least=np.where(origin == 0, -INFINITE, 0.0), most=INFINITE)


def add_flow(rows: Rows, task: Task, columns: Columns, sum_kw: Array) -> None:
    """What enters a node less what leaves it is its own demand; only used arcs carry, and at least one consumer."""
    origin, target = arcs_of(task)
    nodes, arc = task.graph.nodes, np.arange(origin.size)
    own = task.kw[task.consumer]
    free = np.where(np.arange(nodes) == 0, INFINITE, 0.0)
    terms: list[Term] = [(target, columns.flow, 1.0), (origin, columns.flow, -1.0)]
    rows.add(nodes, [*terms, (task.consumer, columns.joined, -own)], least=-free, most=free)
    room = np.repeat(sum_kw, 2)
    rows.add(arc.size, [(arc, columns.flow, 1.0), (arc, columns.used, -room)], least=-INFINITE, most=0.0)
    rows.add(arc.size, [(arc, columns.flow, 1.0), (arc, columns.used, -own.min())], least=0.0, most=INFINITE)


def add_sizes(rows: Rows, task: Task, columns: Columns) -> None:
    """A used edge has one pipe, which carries diversity × sum + (1 − diversity) × the largest beyond."""
    origin, target = arcs_of(task)
    m, arc = task.graph.edges, np.arange(origin.size)
    each, edge = np.arange(m), arc // 2
    own = task.kw[task.consumer]
    low, high = float(own.min()), float(own.max())
    rows.add(m, [(edge, columns.used, 1.0), (columns.owner, columns.pipe, -1.0)], least=0.0, most=0.0)
    size = task.pipes.capacity_kw[columns.choice] * (1 + 1e-12)
    terms: list[Term] = [(edge, columns.flow, task.shared), (each, columns.through, 1 - task.shared)]
    rows.add(m, [*terms, (columns.owner, columns.pipe, -size)], least=-INFINITE, most=0.0)
    rows.add(m, [(each, columns.through, 1.0), (edge, columns.used, -low)], least=0.0, most=INFINITE)
    if high > low and task.shared < 1:
        for held in (columns.through[edge], columns.largest[origin]):
            terms = [(arc, held, 1.0), (arc, columns.largest[target], -1.0), (arc, columns.used, -high)]
            rows.add(arc.size, terms, least=-high, most=INFINITE)
        consumers = np.arange(own.size)
        terms = [(consumers, columns.largest[task.consumer], 1.0), (consumers, columns.joined, -own)]
        rows.add(own.size, terms, least=0.0, most=INFINITE)


def profits(task: Task, columns: Columns) -> Array:
    """Return what each column earns: the prizes of those connected, less trench and pipe."""
    prize = task.prize[task.consumer]
    earned = np.zeros(columns.count)
    unit = task.pipes.cost_dkk_per_m[columns.choice]
    earned[columns.pipe] = -(task.fixed[columns.owner] + task.length[columns.owner] * unit)
    earned[columns.joined] = np.where(np.isinf(prize), 0.0, prize)
    return earned


def beginning(
    task: Task, small: Task, columns: Columns, start: tuple[Array, Array, Array], node: Array, edge: Array
) -> Array:
    """Return the arcs and consumers of a known layout as values of the whole-number columns (0 for pipes)."""
    up, _, on = start
    number = np.full(task.graph.edges, -1, dtype=np.int64)
    number[edge] = np.arange(edge.size)
    value = np.zeros(columns.whole)
    hangs = np.flatnonzero(up[node] >= 0)
    mine = number[up[node[hangs]]]
    hangs, mine = hangs[mine >= 0], mine[mine >= 0]
    value[columns.used[2 * mine + (small.graph.head[mine] != hangs)]] = 1.0
    value[columns.joined] = on[node[small.consumer]]
    return value


def solved(
    task: Task,
    small: Task,
    columns: Columns,
    values: Array,
    node: Array,
    edge: Array,
    proved: float,
    best: bool,
) -> Solved:
    """Put the solver's columns into the words of the whole task."""
    origin, target = arcs_of(small)
    found = np.flatnonzero(values[columns.used] > 0.5)
    up = np.full(task.graph.nodes, -1, dtype=np.int32)
    parent, on = up.copy(), np.zeros(task.graph.nodes, dtype=np.bool_)
    up[node[target[found]]] = edge[found // 2]
    parent[node[target[found]]] = node[origin[found]]
    on[node[small.consumer]] = values[columns.joined] > 0.5
    return Solved(up, parent, on, proved, best)


def onward_pairs(origin: Array, target: Array) -> tuple[Array, Array]:
    """Return pairs of arcs (onward, before): the first begins where the second, not its own way back, ends."""
    order = np.argsort(target, kind="stable")
    start = np.searchsorted(target[order], np.arange(max(origin.max(), target.max()) + 2))
    count = start[origin + 1] - start[origin]
    onward = np.repeat(np.arange(origin.size), count)
    step = np.arange(onward.size) - np.repeat(np.cumsum(count) - count, count)
    before = order[start[origin[onward]] + step]
    back = before == (onward ^ 1)
    return onward[~back], before[~back]
