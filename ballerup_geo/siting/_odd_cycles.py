"""Inequalities that cut fractional choices off: odd cycles of demand rows.

Row i says u_i + Σ x_j ≥ 1 over its sites (u_i = 1: not covered). Add an odd number of rows, halve, and round up both
the coefficients and the right side: Σ u_i + Σ ⌈c_j/2⌉ x_j ≥ (|I| + 1)/2, where c_j is how many of the rows hold site
j. It holds for every whole-numbered choice, however many sites are asked for, so one collection of cuts serves all of
them. A choice x breaks it by (1 − cost)/2 with cost = Σ (slack_i + u_i) + Σ x_j over sites in an odd number of the
rows: so rows are edges between two of their sites (or a site and the ground), the others are paid for, and the
cheapest cycles of odd length are sought in the doubled graph (Caprara & Fischetti 1996, "{0, ½}-Chvátal–Gomory cuts").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from ballerup_geo.compiled import kernel

__all__ = ["Cut", "cut_of_rows", "odd_row_sets"]

LEAST_VIOLATION = 0.02
"""Cuts broken by less are not worth a row."""
NOTHING = 1e-7
"""A part of a site below this is none."""

Cut = tuple[NDArray[np.int32], NDArray[np.float64], float]


def odd_row_sets(rows: sparse.csr_array, x: NDArray[np.float64], y: NDArray[np.float64]) -> list[tuple[int, ...]]:
    """Sets of rows (ascending) whose odd-cycle inequality the choice x[c], y[r] breaks, the most broken first."""
    row, a, b, cost = _edges(rows.indptr, rows.indices, x, y)
    if not row.size:
        return []
    names, places = np.unique(np.concatenate((a, b)), return_inverse=True)
    count = names.size
    a, b = np.minimum(places[: row.size], places[row.size :]), np.maximum(places[: row.size], places[row.size :])
    order = np.lexsort((row, cost, a * count + b))
    pair = (a * count + b)[order]
    order = order[np.concatenate(([True], pair[1:] != pair[:-1]))]  # the cheapest row of each pair of sites
    row, a, b, cost = row[order], a[order], b[order], cost[order] + 1e-9
    graph = sparse.coo_array(
        (np.concatenate((cost, cost)), (np.concatenate((a, a + count)), np.concatenate((b + count, b)))),
        shape=(2 * count, 2 * count),
    ).tocsr()
    far, before = dijkstra(
        graph, directed=False, indices=np.arange(count), return_predecessors=True, limit=1 - 2 * LEAST_VIOLATION
    )
    length = far[np.arange(count), np.arange(count) + count]
    edge = dict(zip(zip(a.tolist(), b.tolist(), strict=True), row.tolist(), strict=True))
    found: dict[tuple[int, ...], None] = {}
    for start in np.argsort(length, kind="stable").tolist():
        if not np.isfinite(length[start]):
            break
        found.setdefault(_rows_of_cycle(before[start], start, count, edge))
    return list(found)


def cut_of_rows(rows: sparse.csr_array, which: tuple[int, ...]) -> Cut:
    """Return (columns, coefficients, least) of the inequality in x (columns 0 … c−1) and y = 1 − u (from c on)."""
    sites = rows.shape[1]
    chosen = np.array(which, dtype=np.int32)
    held = np.bincount(rows[chosen].indices, minlength=sites)
    half = (held + 1) // 2
    columns = np.flatnonzero(half)
    least = (chosen.size + 1) / 2 - chosen.size
    return (
        np.concatenate((columns, sites + chosen)).astype(np.int32),
        np.concatenate((half[columns].astype(np.float64), -np.ones(chosen.size))),
        least,
    )


def _rows_of_cycle(
    before: NDArray[np.int32], start: int, count: int, edge: dict[tuple[int, int], int]
) -> tuple[int, ...]:
    """Rows that a walk from ``start`` to its double uses an odd number of times."""
    odd: set[int] = set()
    here = start + count
    while here != start:
        last = int(before[here])
        a, b = last % count, here % count
        odd ^= {edge[(a, b) if a < b else (b, a)]}
        here = last
    return tuple(sorted(odd))


@kernel
def _edges(
    start: NDArray[np.int32], site: NDArray[np.int32], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Edges below cost 1: row, its two sites (or a site and the ground, numbered c), cost."""
    room = 0
    for i in range(y.size):
        wide = 0
        for k in range(start[i], start[i + 1]):
            wide += x[site[k]] > NOTHING
        room += wide * (wide + 1) // 2
    row = np.empty(room, dtype=np.int32)
    one = np.empty(room, dtype=np.int32)
    two = np.empty(room, dtype=np.int32)
    cost = np.empty(room)
    found = 0
    for i in range(y.size):
        held = 0.0
        for k in range(start[i], start[i + 1]):
            held += x[site[k]]
        base = max(0.0, held - y[i]) + max(0.0, 1.0 - y[i])
        if base >= 1.0:
            continue
        for k in range(start[i], start[i + 1]):
            first = x[site[k]]
            if first <= NOTHING:
                continue
            alone = base + held - first
            if alone < 1.0:
                row[found], one[found], two[found], cost[found] = i, site[k], x.size, alone
                found += 1
            for q in range(k + 1, start[i + 1]):
                second = x[site[q]]
                if second > NOTHING and alone - second < 1.0:
                    row[found], one[found], two[found], cost[found] = i, site[k], site[q], max(0.0, alone - second)
                    found += 1
    return row[:found], one[:found], two[:found], cost[:found]
