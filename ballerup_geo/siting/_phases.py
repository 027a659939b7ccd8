"""Sites in phases: what is built first stays, and what that costs against choosing each phase anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.siting._asked import read_count, read_cover, read_existing, read_weights
from ballerup_geo.siting._cover import maximal_cover
from ballerup_geo.siting._siting import Siting

__all__ = ["Phases", "nested_phases"]


@dataclass(frozen=True, slots=True, eq=False)
class Phases:
    """A plan in phases, each holding the sites of the one before.

    Attributes
    ----------
    added : tuple of int32[…]
        Columns that are added up to and with each phase; each contains the one before.
    covered : float64[k]
        Weight covered in each phase.
    free : tuple of Siting
        The best choice for each phase on its own.
    loss : float64[k]
        What the plan covers less than that, at most (against the proved bound of the free choice).
    anchor : int
        The phase whose best choice the plan was built around.
    """

    added: tuple[NDArray[np.int32], ...]
    covered: NDArray[np.float64]
    free: tuple[Siting, ...]
    loss: NDArray[np.float64]
    anchor: int


def nested_phases(
    cover: Any,
    weights: ArrayLike,
    *,
    sites: Sequence[int],
    existing: Iterable[int] = (),
    importance: ArrayLike | None = None,
) -> Phases:
    """Plan phases so that a site of an early phase stays in the later ones.

    For each phase in turn its best choice is taken as the anchor: earlier phases choose the best of its sites, later
    ones add the best to them, each step exact. Of these plans the one with the smallest loss (times importance) is
    returned.

    Parameters
    ----------
    cover : matrix [n, m]
        As in `maximal_cover`.
    weights : float64[n] or float64[k, n]
        The same for all phases, or a row for each (the cars of 2026, 2028, 2030).
    sites : int
        How many sites are added in all by the end of each phase; never fewer than before.
    existing : int
        Columns that are open already.
    importance : float64[k], optional
        What a covered unit of weight counts in each phase: years that the phase lasts, say. All the same if not given.

    Raises
    ------
    DataError, MethodError
        As in `maximal_cover`; and where the numbers of sites fall, or shapes do not match the phases.
    """
    matrix = read_cover(cover)
    opened = read_existing(existing, matrix.shape[1])
    counts = _read_counts(sites, opened)
    weight = _read_weights(weights, len(counts), matrix.shape[0])
    value = np.ones(len(counts)) if importance is None else read_weights(importance, len(counts), "importance")
    base = np.flatnonzero(opened)
    free = tuple(maximal_cover(matrix, weight[k], sites=count, existing=base) for k, count in enumerate(counts))
    plans = [_around(matrix, weight, counts, base, free, anchor) for anchor in range(len(counts))]
    most = np.array([siting.bound for siting in free])
    losses = [float(((most - covered) * value).sum()) for _, covered in plans]
    anchor = int(np.argmin(losses))
    added, covered = plans[anchor]
    return Phases(added=added, covered=covered, free=free, loss=np.maximum(most - covered, 0.0), anchor=anchor)


def _around(
    cover: sparse.csr_array,
    weight: NDArray[np.float64],
    counts: list[int],
    base: NDArray[np.intp],
    free: tuple[Siting, ...],
    anchor: int,
) -> tuple[tuple[NDArray[np.int32], ...], NDArray[np.float64]]:
    """The plan around one phase's best choice: added columns and weight covered, by phase."""
    added = {anchor: free[anchor].added}
    covered = {anchor: free[anchor].covered}
    for k in range(anchor - 1, -1, -1):
        within = np.isin(np.arange(cover.shape[1]), np.union1d(base, added[k + 1]))
        part = maximal_cover(cover.multiply(within), weight[k], sites=counts[k], existing=base)
        added[k], covered[k] = part.added, part.covered
    for k in range(anchor + 1, len(counts)):
        held = np.union1d(base, added[k - 1])
        more = maximal_cover(cover, weight[k], sites=counts[k] - added[k - 1].size, existing=held)
        added[k], covered[k] = np.union1d(added[k - 1], more.added).astype(np.int32), more.covered
    phases = range(len(counts))
    return tuple(added[k] for k in phases), np.array([covered[k] for k in phases])


def _read_counts(sites: Sequence[int], existing: NDArray[np.bool_]) -> list[int]:
    counts = [read_count(count, existing) for count in sites]
    if not counts:
        raise MethodError(Fault("sites", "", "there is no phase", "give the number of sites by the end of each phase"))
    if any(later < earlier for earlier, later in pairwise(counts)):
        raise MethodError(
            Fault("sites", "", f"{counts} falls from one phase to the next", "give how many there are in all by then")
        )
    return counts


def _read_weights(weights: ArrayLike, phases: int, demand: int) -> NDArray[np.float64]:
    array = np.asarray(weights, dtype=np.float64)
    if array.ndim == 1:
        array = np.broadcast_to(array, (phases, array.size))
    if array.ndim != 2 or len(array) != phases:
        raise DataError(
            Fault(
                "weights", "shape", f"{array.shape} does not match {phases} phases", "give one row of weights a phase"
            )
        )
    return np.array([read_weights(row, demand) for row in array])
