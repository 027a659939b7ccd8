"""A covering problem without what does not matter: same answer, far fewer rows and columns.

Exact steps: demand that the existing sites cover, or that weighs nothing, or that nobody covers, leaves; demand with
the same sites becomes one row; a candidate whose demand another one covers as well leaves (choosing the other is never
worse); demand with one site only becomes that site's own weight. After Chen et al. (2024), "Isomorphic aggregation and
dominance" (arXiv 2409.09834).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballerup_geo.siting._interchange import Nearest

__all__ = ["CoverProblem", "merge_rows", "reduce_cover"]


@dataclass(frozen=True, slots=True, eq=False)
class CoverProblem:
    """What is left to choose.

    ``rows`` float64 CSR [r, c] with two sites or more in each row, ``weight`` float64[r], ``own`` float64[c] weight
    that one candidate alone covers; ``columns`` int32[c] are the candidates' columns in the matrix that was given,
    ``dominated`` int32 those left out. ``settled`` is the weight covered already, ``near`` all rows (of one site as
    well) for search.
    """

    rows: sparse.csr_array
    weight: NDArray[np.float64]
    own: NDArray[np.float64]
    columns: NDArray[np.int32]
    dominated: NDArray[np.int32]
    settled: float
    near: Nearest

    @property
    def open_weight(self) -> float:
        """Weight that the candidates can cover beyond what is covered."""
        return float(self.near.weight.sum())

    def covered_by(self, opened: NDArray[np.bool_]) -> float:
        """Weight beyond ``settled`` that a choice bool[c] covers, added up exactly from the rows."""
        reached = np.add.reduceat(np.append(opened[self.near.site], False), self.near.start[:-1]) > 0
        return float(self.near.weight[reached].sum())


def reduce_cover(cover: sparse.csr_array, weights: NDArray[np.float64], existing: NDArray[np.bool_]) -> CoverProblem:
    """Reduce a bool cover matrix [n, m] with weights float64[n]; ``existing`` bool[m] are open already."""
    settled = cover @ existing
    free = np.flatnonzero(~existing).astype(np.int32)
    matters = ~settled & (weights > 0)
    rows, weight = merge_rows(cover[matters][:, free], weights[matters])
    dominated = _dominated(rows)
    columns = free[~dominated]
    rows, weight = merge_rows(rows[:, ~dominated], weight)
    alone = np.diff(rows.indptr) == 1
    own = np.bincount(rows.indices[rows.indptr[:-1][alone]], weight[alone], minlength=columns.size)
    near = Nearest(
        start=rows.indptr.astype(np.int64),
        site=rows.indices.astype(np.int32),
        distance=np.zeros(rows.nnz),
        weight=weight,
        unreached=1.0,
        sites=columns.size,
    )
    return CoverProblem(
        rows=rows[~alone].astype(np.float64),
        weight=weight[~alone],
        own=own.astype(np.float64),
        columns=columns,
        dominated=free[dominated],
        settled=float(weights[settled].sum()),
        near=near,
    )


def merge_rows(rows: sparse.csr_array, weight: NDArray[np.float64]) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Make rows with the same columns one row with the sum of their weights; rows without any column leave."""
    rows.sort_indices()
    length = np.diff(rows.indptr)
    order = np.lexsort((_fingerprint(rows), length))
    order = order[length[order] > 0]
    if not order.size:
        return rows[:0], weight[:0]
    new = np.ones(order.size, dtype=np.bool_)
    new[1:] = ~_same_rows(rows, order[:-1], order[1:])
    first = order[new]
    group = np.cumsum(new) - 1
    by_place = np.argsort(first, kind="stable")  # keep the order in which rows were given
    return rows[first[by_place]], np.bincount(group, weight[order])[by_place].astype(np.float64)


def _fingerprint(rows: sparse.csr_array) -> NDArray[np.uint64]:
    """A number per row that is the same for rows with the same columns, and hardly ever for others."""
    keys = np.random.default_rng(0).integers(1, 2**63, size=rows.shape[1], dtype=np.uint64)
    sums = np.zeros(rows.shape[0], dtype=np.uint64)
    filled = np.diff(rows.indptr) > 0
    if rows.nnz:
        sums[filled] = np.add.reduceat(keys[rows.indices], rows.indptr[:-1][filled])
    return sums


def _same_rows(rows: sparse.csr_array, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell for pairs of rows whether all their columns are the same."""
    length = np.diff(rows.indptr)
    same = length[a] == length[b]
    todo = np.flatnonzero(same)
    long = length[a[todo]]
    within = np.arange(long.sum()) - np.repeat(np.cumsum(long) - long, long)
    left = rows.indices[np.repeat(rows.indptr[a[todo]], long) + within]
    right = rows.indices[np.repeat(rows.indptr[b[todo]], long) + within]
    unlike = np.bincount(np.repeat(todo, long)[left != right], minlength=same.size)
    alike: NDArray[np.bool_] = same & (unlike == 0)
    return alike


def _dominated(rows: sparse.csr_array) -> NDArray[np.bool_]:
    """Tell which columns cover no row that one other column does not cover; of two alike the first one stays."""
    ones = rows.astype(np.int32)
    common = sparse.coo_array(ones.T @ ones)
    size = np.bincount(rows.indices, minlength=rows.shape[1])
    j, k = common.coords
    inside = (common.data == size[j]) & (j != k) & ((size[k] > size[j]) | (k < j))
    dominated: NDArray[np.bool_] = size == 0
    dominated[j[inside]] = True
    return dominated
