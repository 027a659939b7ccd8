"""Checks on what the siting functions are given; every fault is an error of this package, with what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ballerup_geo.errors import DataError, Fault, MethodError

__all__ = ["read_count", "read_cover", "read_existing", "read_share", "read_weights"]


def read_cover(cover: Any) -> sparse.csr_array:
    """Return the cover matrix demand × site as bool CSR with sorted columns; a stored zero or False covers nothing."""
    if sparse.issparse(cover):
        matrix = sparse.csr_array(cover)
    else:
        dense = np.asarray(cover)
        if dense.ndim != 2 or dense.dtype.kind not in "biuf":
            raise DataError(
                Fault(
                    "cover",
                    "shape",
                    f"{dense.dtype}{dense.shape} is no matrix",
                    "give demand × site, True where covered",
                )
            )
        matrix = sparse.csr_array(dense)
    if not np.all(np.isfinite(matrix.data)):
        raise DataError(Fault("cover", "values", "not all are numbers", "give True or 1 where a site covers a demand"))
    if matrix.shape[1] == 0:
        raise MethodError(Fault("cover", "columns", "there is no site to choose from", "give at least one candidate"))
    matrix = sparse.csr_array((matrix.data != 0, matrix.indices, matrix.indptr), shape=matrix.shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def read_weights(weights: ArrayLike, demand: int, name: str = "weights") -> NDArray[np.float64]:
    """Return one finite weight ≥ 0 for each demand, float64[demand]."""
    array = np.asarray(weights, dtype=np.float64)
    if array.shape != (demand,):
        raise DataError(
            Fault(name, "shape", f"{array.shape} does not match {demand} rows of demand", "give one weight a row")
        )
    wrong = np.flatnonzero(~(np.isfinite(array) & (array >= 0)))
    if wrong.size:
        raise DataError(
            Fault(
                name,
                f"row {wrong[0]}",
                f"{array[wrong[0]]} is no weight ({wrong.size} such rows)",
                "give numbers of 0 or more; leave out rows that are unknown",
            )
        )
    return np.ascontiguousarray(array)


def read_existing(existing: Iterable[int], sites: int) -> NDArray[np.bool_]:
    """Return bool[sites]: which columns are open already."""
    columns = np.asarray(existing if isinstance(existing, np.ndarray) else list(existing))
    opened = np.zeros(sites, dtype=np.bool_)
    if columns.size == 0:
        return opened
    if columns.dtype.kind not in "iu" or columns.ndim != 1:
        raise DataError(Fault("existing", "", f"{columns.dtype} are no column numbers", "give whole numbers"))
    wrong = columns[(columns < 0) | (columns >= sites)]
    if wrong.size:
        raise DataError(
            Fault("existing", str(wrong[0]), f"is not among the {sites} columns", "give columns of the matrix, from 0")
        )
    opened[columns] = True
    return opened


def read_count(count: Any, existing: NDArray[np.bool_], name: str = "sites") -> int:
    """Return how many sites may be added: a whole number from 0 to the number of candidates."""
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise MethodError(Fault(name, "", f"{count!r} is no number of sites", "give a whole number of 0 or more"))
    candidates = int(np.count_nonzero(~existing))
    if count > candidates:
        raise MethodError(
            Fault(name, "", f"{count} sites are asked for, but there are {candidates} candidates", "ask for fewer")
        )
    return int(count)


def read_share(share: Any, name: str = "share") -> float:
    """Return a share from 0 to 1."""
    if isinstance(share, bool) or not isinstance(share, int | float | np.number) or not 0 <= share <= 1:
        raise MethodError(Fault(name, "", f"{share!r} is no share", "give a number from 0 to 1"))
    return float(share)
