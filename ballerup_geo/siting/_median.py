"""The p-median problem: which p sites are nearest to demand on the whole, with the gap to what nobody can beat."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.siting._asked import read_count, read_existing
from ballerup_geo.siting._interchange import Nearest, cost_of, exchange, grow, relink
from ballerup_geo.siting._median_bound import lagrangian_bound
from ballerup_geo.siting._median_input import read_near
from ballerup_geo.siting._siting import MedianSiting

__all__ = ["p_median"]

ELITE = 6
"""Choices that are kept and linked with each other."""
BOUND_STARTS = 6
"""Sets of the Lagrangian bound that the search starts from."""
PROVED = 1e-9


def p_median(
    distances: Any,
    weights: ArrayLike,
    *,
    sites: int,
    existing: Iterable[int] = (),
    unreached: float | None = None,
    restarts: int = 4,
    bound_rounds: int = 500,
    seed: int = 0,
) -> MedianSiting:
    """Choose ``sites`` new sites so that the sum of weight × distance to the nearest open site is small.

    Greedy growth, best swaps (Resende & Werneck 2007), starts from the Lagrangian bound and at random, and links
    between the best choices found (Resende & Werneck 2004). The bound proves how far from the best the answer can be
    at most.

    Parameters
    ----------
    distances : float matrix [n, m]
        Dense (infinity: cannot be reached) or sparse (what is not stored cannot be reached; stored zeros are
        distances). Any unit, the same for all.
    weights : float64[n]
        What each demand counts, 0 or more.
    sites : int
        How many columns may be added to the existing ones.
    existing : int
        Columns that are open already; they stay, and do not count.
    unreached : float, optional
        The distance that demand counts with which reaches no open site (no demand ever counts with more). Without it
        every demand must reach one.
    restarts : int
        Random starts.
    bound_rounds : int
        Most steps of the bound.
    seed : int
        Of the random starts; same seed, same answer.

    Raises
    ------
    DataError
        Shapes that do not match, distances or weights that are negative or NaN, existing columns that are not there.
    MethodError
        No column, more sites asked for than candidates, or demand that cannot be reached while ``unreached`` is not
        given.
    """
    near, weight = read_near(distances, weights, unreached)
    opened = read_existing(existing, near.sites)
    count = read_count(sites, opened)
    best, bound = _best_choice(near, opened, count, restarts, bound_rounds, np.random.default_rng(seed))
    cost = cost_of(near, best)
    nearest = _nearest_open(near, best)
    if unreached is None:
        _refuse_unreached(nearest, weight, count)
    if near.whole:
        bound = min(cost, float(math.ceil(bound - 1e-6)))
    return MedianSiting(
        sites=np.flatnonzero(best).astype(np.int32),
        added=np.flatnonzero(best & ~opened).astype(np.int32),
        cost=cost,
        bound=bound,
        gap=(cost - bound) / cost if cost > 0 else 0.0,
        nearest=nearest,
    )


def _best_choice(
    near: Nearest,
    existing: NDArray[np.bool_],
    count: int,
    restarts: int,
    bound_rounds: int,
    random: np.random.Generator,
) -> tuple[NDArray[np.bool_], float]:
    """Search and bound by turns; returns the choice bool[m] and the bound."""
    closed = np.flatnonzero(~existing)
    elite = _Elite(near, existing)
    elite.offer(_filled(grow(near, existing, ~existing, count), closed, count, existing))
    if count == 0 or count == closed.size:
        return elite.best, elite.cost
    bound = lagrangian_bound(
        near, count=count, existing=existing, best=elite.best, cost=elite.cost, rounds=bound_rounds
    )
    for start in bound.taken[::-1][:BOUND_STARTS]:
        elite.offer(start)
    for _ in range(restarts):
        if elite.is_proved_by(bound.value):
            break
        start = existing.copy()
        start[random.permutation(closed)[:count]] = True
        elite.offer(start)
    elite.link(bound.value)
    return elite.best, bound.value


def _filled(
    opened: NDArray[np.bool_], closed: NDArray[np.intp], count: int, existing: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The choice with sites that save nothing added, until all that may be added are."""
    missing = count - int(np.count_nonzero(opened & ~existing))
    filled = opened.copy()
    filled[closed[~opened[closed]][:missing]] = True
    return filled


class _Elite:
    """The best choices found, each as good as swaps can make it."""

    def __init__(self, near: Nearest, existing: NDArray[np.bool_]) -> None:
        self._near = near
        self._existing = existing
        self._kept: list[tuple[float, NDArray[np.bool_]]] = []

    @property
    def best(self) -> NDArray[np.bool_]:
        return self._kept[0][1]

    @property
    def cost(self) -> float:
        return self._kept[0][0]

    def is_proved_by(self, bound: float) -> bool:
        left = self.cost - bound
        return left <= PROVED * self.cost or (self._near.whole and left < 1 - 1e-6)

    def offer(self, start: NDArray[np.bool_]) -> None:
        """Improve a start by swaps, link it with a choice that is kept already, and keep what is good and new."""
        choice = exchange(self._near, start, self._existing)
        others = [kept for _, kept in self._kept]
        self._keep(choice)
        for other in others[:2]:
            self._keep(exchange(self._near, relink(self._near, choice, other), self._existing))

    def link(self, bound: float) -> None:
        """Walk between all choices that are kept, until no walk finds anything better."""
        before = math.inf
        while self.cost < before and not self.is_proved_by(bound):
            before = self.cost
            pool = [kept for _, kept in self._kept]
            for a in pool:
                for b in pool:
                    if a is not b:
                        self._keep(exchange(self._near, relink(self._near, a, b), self._existing))

    def _keep(self, choice: NDArray[np.bool_]) -> None:
        if any(np.array_equal(choice, kept) for _, kept in self._kept):
            return
        self._kept.append((cost_of(self._near, choice), choice))
        self._kept.sort(key=lambda pair: pair[0])
        del self._kept[ELITE:]


def _nearest_open(near: Nearest, opened: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Open column nearest to each demand, int32[n]; −1 where none is reached."""
    hits = np.flatnonzero(opened[near.site])
    row = np.searchsorted(near.start, hits, side="right") - 1
    first = np.concatenate(([True], row[1:] != row[:-1])) if row.size else np.zeros(0, dtype=np.bool_)
    nearest = np.full(near.weight.size, -1, dtype=np.int32)
    nearest[row[first]] = near.site[hits[first]]
    return nearest


def _refuse_unreached(nearest: NDArray[np.int32], weight: NDArray[np.float64], count: int) -> None:
    lost = np.flatnonzero((nearest < 0) & (weight > 0))
    if lost.size:
        raise MethodError(
            Fault(
                "sites",
                f"row {lost[0]}",
                f"no choice of {count} sites was found that all demand reaches ({lost.size} rows reach none)",
                "allow more sites, or give `unreached`: the distance such demand counts with",
            )
        )
