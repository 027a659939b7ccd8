"""Maximal covering location, exact and proved: which p sites cover most demand, for one p or for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.siting._asked import read_count, read_cover, read_existing, read_share, read_weights
from ballerup_geo.siting._cover_branch import Chosen, most_covered
from ballerup_geo.siting._cover_problem import CoverProblem, reduce_cover
from ballerup_geo.siting._cover_relaxation import Relaxation
from ballerup_geo.siting._siting import CoverageCurve, Siting

__all__ = ["coverage_curve", "fewest_sites", "maximal_cover"]

EFFORT = 60_000
"""Simplex steps: under a minute at 15,000 × 600 where a proof is out of reach; most proofs take a few hundred."""
ALMOST = 1e-9
"""Of all weight: what a share may miss by rounding."""


def maximal_cover(
    cover: Any, weights: ArrayLike, *, sites: int, existing: Iterable[int] = (), effort: int = EFFORT
) -> Siting:
    """Choose ``sites`` new sites that together with the existing ones cover the most demand.

    The maximal covering location problem (Church & ReVelle 1974), solved to the proved best: rows merged, relaxation
    cut by odd cycles, the rest by branch and bound on HiGHS.

    Parameters
    ----------
    cover : sparse or dense matrix [n, m]
        True where a site (column) covers a demand (row): within walking distance, say.
    weights : float64[n]
        What each demand counts (cars), 0 or more.
    sites : int
        How many columns may be added to the existing ones.
    existing : int
        Columns that are open already; they stay, and do not count.
    effort : int
        Most simplex steps of branching. Sites whose reach overlaps many times over can take more; then ``proved`` is
        False, and ``bound`` tells how much better another choice could be at most.

    Returns
    -------
    Siting
        Fewer sites than asked for where no further one would cover anything more.

    Raises
    ------
    DataError
        Shapes that do not match, weights that are negative or no numbers, existing columns that are not there.
    MethodError
        No column at all, or more sites asked for than there are candidates.

    Examples
    --------
    >>> from ballerup_geo.siting import maximal_cover
    >>> siting = maximal_cover([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], [4, 1, 1, 3], sites=2)
    >>> siting.sites.tolist(), siting.covered, siting.proved
    ([0, 2], 9.0, True)
    """
    problem, opened, total = _read(cover, weights, existing)
    count = read_count(sites, opened)
    chosen = most_covered(Relaxation(problem), min(count, problem.columns.size), effort=effort)
    return _siting_of(problem, opened, chosen, total)


def coverage_curve(
    cover: Any,
    weights: ArrayLike,
    *,
    most: int | None = None,
    existing: Iterable[int] = (),
    effort: int = EFFORT // 3,
) -> CoverageCurve:
    """Choose anew for each number of added sites 0, 1 … ``most`` (all candidates if None); see `maximal_cover`.

    Cuts and good choices are handed from one number to the next. Once nothing is left to gain the last choice repeats.
    ``effort`` holds for each number.
    """
    problem, opened, total = _read(cover, weights, existing)
    last = read_count(int(np.count_nonzero(~opened)) if most is None else most, opened, "most")
    relaxation = Relaxation(problem)
    chosen = Chosen(np.zeros(problem.columns.size, dtype=np.bool_), 0.0, 0.0, True)
    found = []
    for count in range(last + 1):
        if chosen.covered < problem.open_weight * (1 - 1e-12) or not chosen.proved:
            chosen = most_covered(relaxation, min(count, problem.columns.size), [chosen.opened], effort=effort)
        found.append(_siting_of(problem, opened, chosen, total))
    covered = np.array([siting.covered for siting in found])
    return CoverageCurve(
        count=np.arange(last + 1, dtype=np.int32),
        covered=covered,
        bound=np.array([siting.bound for siting in found]),
        gain=np.diff(covered, prepend=covered[0]),
        proved=np.array([siting.proved for siting in found]),
        added=tuple(siting.added for siting in found),
    )


def fewest_sites(
    cover: Any, weights: ArrayLike, *, share: float, existing: Iterable[int] = (), effort: int = EFFORT
) -> Siting:
    """Choose the fewest new sites that together with the existing ones cover a share (0–1) of all weight.

    Of all choices of that number the one that covers most. ``one_fewer`` of the answer is the proved most that one site
    fewer can cover; ``proved`` says that it is not enough. The first number that is tried is the smallest one whose
    relaxation reaches the share, so everything below is out of the question.

    Raises
    ------
    DataError
        As in `maximal_cover`.
    MethodError
        The share cannot be reached even with all candidates; the message tells how much can.
    """
    problem, opened, total = _read(cover, weights, existing)
    asked = read_share(share) * total
    enough = asked - ALMOST * total
    reachable = problem.settled + problem.open_weight
    if reachable < enough:
        raise MethodError(
            Fault(
                "share",
                "",
                f"{asked:g} of {total:g} is asked for, but all candidates together cover {reachable:g}",
                "ask for less, or give more candidates",
            )
        )
    nothing = Chosen(np.zeros(problem.columns.size, dtype=np.bool_), 0.0, 0.0, True)
    if problem.settled >= enough:
        return _siting_of(problem, opened, nothing, total)
    relaxation = Relaxation(problem)
    count, below = _first_possible(relaxation, enough - problem.settled)
    chosen = most_covered(relaxation, count, effort=effort)
    while problem.settled + chosen.covered < enough:
        below = chosen.bound
        count += 1
        chosen = most_covered(relaxation, count, [chosen.opened], effort=effort)
    one_fewer = problem.settled + below
    proved = one_fewer < enough and chosen.proved
    return replace(_siting_of(problem, opened, chosen, total), proved=proved, one_fewer=one_fewer)


def _first_possible(relaxation: Relaxation, weight: float) -> tuple[int, float]:
    """Smallest number of sites whose relaxation covers the weight, and what the relaxation of one fewer covers."""

    def most(count: int) -> float:
        relaxation.ask_for(count)
        parts = relaxation.solve()
        return 0.0 if parts is None else parts.value / relaxation.scale

    low, high = 0, relaxation.sites
    below = 0.0
    while high - low > 1:
        middle = (low + high) // 2
        value = most(middle)
        if value < weight * (1 - ALMOST):
            low, below = middle, value
        else:
            high = middle
    return high, below


def _siting_of(
    problem: CoverProblem,
    existing: NDArray[np.bool_],
    chosen: Chosen,
    total: float,
) -> Siting:
    """Turn a choice among the candidates that are left into the caller's columns; sites that cover nothing leave."""
    used = chosen.opened & (problem.own + problem.rows.T @ problem.weight > 0)
    added = np.sort(problem.columns[used])
    covered = min(problem.settled + chosen.covered, total)
    return Siting(
        sites=np.union1d(np.flatnonzero(existing), added).astype(np.int32),
        added=added,
        covered=covered,
        bound=covered if chosen.proved else min(problem.settled + chosen.bound, total),
        proved=chosen.proved,
        one_fewer=float("nan"),
        dominated=problem.dominated,
    )


def _read(cover: Any, weights: ArrayLike, existing: Iterable[int]) -> tuple[CoverProblem, NDArray[np.bool_], float]:
    matrix = read_cover(cover)
    weight = read_weights(weights, matrix.shape[0])
    opened = read_existing(existing, matrix.shape[1])
    return reduce_cover(matrix, weight, opened), opened, float(weight.sum())
