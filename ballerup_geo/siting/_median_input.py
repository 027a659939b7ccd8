"""Distances as the p-median reads them: rows of sites, the nearest first, whatever they came as."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.siting._asked import read_weights
from ballerup_geo.siting._interchange import Nearest

__all__ = ["read_near"]

ROWS_AT_ONCE = 2048
PIECE = 1 << 16
OUT_OF_REACH = 1000.0
"""Where every demand must be served, one that is not counts so many times the largest distance, to be avoided."""


def read_near(distances: Any, weights: ArrayLike, unreached: float | None) -> tuple[Nearest, NDArray[np.float64]]:
    """Return the sorted rows, and the weights; a distance of ``unreached`` or more counts as not reachable."""
    limit = _limit(unreached)
    if sparse.issparse(distances):
        start, site, distance, columns = _sorted_sparse(sparse.csr_array(distances), limit)
    else:
        start, site, distance, columns = _sorted_dense(np.asarray(distances), limit)
    if columns == 0:
        raise MethodError(Fault("distances", "columns", "there is no site to choose from", "give a candidate"))
    weight = read_weights(weights, start.size - 1)
    alone = np.flatnonzero((np.diff(start) == 0) & (weight > 0))
    if unreached is None and alone.size:
        raise MethodError(
            Fault(
                "distances",
                f"row {alone[0]}",
                f"{alone.size} rows of demand can reach no site at all",
                "leave them out, or give `unreached`: the distance such demand counts with",
            )
        )
    if unreached is None:
        limit = OUT_OF_REACH * (1.0 + float(distance.max(initial=0.0)))
    whole = limit == round(limit) and _all_whole(weight) and _all_whole(distance)
    return Nearest(start, site, distance, weight, limit, columns, whole), weight


def _all_whole(values: NDArray[np.float64]) -> bool:
    """Tell whether all are whole numbers, a piece at a time so that no second array of them is made."""
    pieces = (values[first : first + PIECE] for first in range(0, values.size, PIECE))
    return all(bool(np.all(piece == np.rint(piece))) for piece in pieces)


def _limit(unreached: float | None) -> float:
    if unreached is None:
        return float("inf")
    if not np.isfinite(unreached) or unreached <= 0:
        raise MethodError(Fault("unreached", "", f"{unreached} is no distance", "give a finite number above 0"))
    return float(unreached)


def _sorted_sparse(
    matrix: sparse.csr_array, limit: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64], int]:
    if not matrix.has_canonical_format:
        stored = matrix.nnz
        matrix = matrix.copy()
        matrix.sum_duplicates()
        if matrix.nnz < stored:
            raise DataError(Fault("distances", "", "some pairs stand there twice", "keep the smaller of each pair"))
    distance = matrix.data.astype(np.float64)
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    if not np.all(distance >= 0):
        raise _wrong_distances(distance, row)
    order = np.lexsort((matrix.indices, distance, row))
    order = order[distance[order] < limit]
    start = np.searchsorted(row[order], np.arange(matrix.shape[0] + 1)).astype(np.int64)
    return start, matrix.indices[order].astype(np.int32), distance[order], matrix.shape[1]


def _sorted_dense(
    matrix: NDArray[Any], limit: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64], int]:
    if matrix.ndim != 2 or matrix.dtype.kind not in "iuf":
        raise DataError(Fault("distances", "shape", f"{matrix.dtype}{matrix.shape} is no matrix", "give demand × site"))
    rows, columns = matrix.shape
    start = np.zeros(rows + 1, dtype=np.int64)
    site = np.empty(matrix.size, dtype=np.int32)
    distance = np.empty(matrix.size)
    end = 0
    for first in range(0, rows, ROWS_AT_ONCE):
        block = np.asarray(matrix[first : first + ROWS_AT_ONCE], dtype=np.float64)
        if not np.all(block >= 0):
            raise _wrong_distances(block.reshape(-1), first + np.arange(block.size) // columns)
        order = np.argsort(block, axis=1, kind="stable")
        ordered = np.take_along_axis(block, order, axis=1)
        within = ordered < limit
        count = int(np.count_nonzero(within))
        site[end : end + count] = order[within]
        distance[end : end + count] = ordered[within]
        start[first + 1 : first + 1 + len(block)] = end + np.cumsum(within.sum(axis=1))
        end += count
    return start, site[:end].copy() if end < site.size else site, distance[:end], columns


def _wrong_distances(distance: NDArray[np.float64], row: NDArray[np.intp]) -> DataError:
    wrong = np.flatnonzero(~(distance >= 0))
    return DataError(
        Fault(
            "distances",
            f"row {row[wrong[0]]}",
            f"{distance[wrong[0]]} is no distance ({wrong.size} such values)",
            "give numbers of 0 or more; infinity, or nothing in a sparse matrix, where there is no way",
        )
    )
