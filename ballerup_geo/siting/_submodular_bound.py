"""What no choice of so many items can exceed, where each receiver's benefit is concave in its sum.

Two kinds of bound, each true for every number of items at once (where groups may give a few items each, "the k largest"
are the k largest that keep to it: of each group the largest, then of those the largest):

- from a choice S: value of S and the k largest gains on top of it (Minoux 1978; Leskovec et al. 2007: online bound);
- from prices λ between 0 and the weight, one a step: Σ (weight − λ) · cap and the k largest values at these prices,
  because weight · min(cap, x) ≤ (weight − λ) · cap + λ · x. With the greedy choice's prices (0 where a step is full,
  the weight where it is not) it is near already; steps along its slope better it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["Largest", "bounds_of"]

Floats = NDArray[np.float64]
STEPS_FALL = 0.93


class Largest:
    """The largest of some values of items, no more of a group than its room."""

    def __init__(self, most: int, group: NDArray[np.int64], room: NDArray[np.int64]) -> None:
        """Keep how many are wanted at most, the group of each item (−1: none) and the room of each group."""
        self.most, self._group, self._room = most, group, room

    def items(self, values: Floats) -> NDArray[np.int64]:
        """Return the items of the largest values, the largest first, of equal ones the first."""
        order = np.argsort(-values, kind="stable")
        if self._room.size:
            group = self._group[order]
            by_group = np.argsort(group, kind="stable")  # within a group the largest first, still
            grouped = group[by_group]
            nth = np.arange(order.size) - np.searchsorted(grouped, grouped)
            fits = np.empty(order.size, dtype=bool)
            fits[by_group] = (grouped < 0) | (nth < self._room[grouped])
            order = order[fits]
        return order[: self.most]

    def sums(self, values: Floats) -> Floats:
        """Return the sums of the 0, 1 … ``most`` largest."""
        return np.concatenate([[0.0], np.cumsum(values[self.items(values)])])


def bounds_of(
    gains: sparse.csr_array,
    caps: Floats,
    weights: Floats,
    states: list[tuple[int, Floats]],
    value: Floats,
    *,
    largest: Largest,
    rounds: int,
) -> Floats:
    """Return the least bound on each number of items 0 … len(value) − 1.

    Parameters
    ----------
    gains
        Items that may be chosen × receivers.
    caps, weights
        ``[m, q]``, a column a step.
    states
        A number of items of the greedy choice, and what each receiver has of them.
    largest
        The k largest values that may be chosen together, for up to ``len(value) − 1``.
    rounds
        Steps along the slope, at the last number of items.
    """
    most = len(value) - 1
    best = np.full(most + 1, np.inf)
    for number, received in states:
        room = np.maximum(caps - received[:, None], 0.0)
        best = np.minimum(best, value[number] + largest.sums(_added(gains, room, weights)))
        best = np.minimum(best, _priced(gains, caps, weights, np.where(room > 0, weights, 0.0), largest)[0])
    if rounds and states:
        best = np.minimum(best, _descended(gains, caps, weights, states[-1][1], value[-1], best, largest, rounds))
    best[0] = 0.0
    # more items never give less, and a bound on more holds for fewer
    return np.minimum.accumulate(best[::-1])[::-1]


def _added(gains: sparse.csr_array, room: Floats, weights: Floats) -> Floats:
    """Return what each item adds where steps have so much room left."""
    total = np.zeros(gains.shape[0])
    for step in range(room.shape[1]):
        part = gains.copy()
        part.data = np.minimum(gains.data, room[gains.indices, step]) * weights[gains.indices, step]
        total += np.asarray(part.sum(axis=1)).ravel()
    return total


def _priced(
    gains: sparse.csr_array, caps: Floats, weights: Floats, prices: Floats, largest: Largest
) -> tuple[Floats, Floats]:
    """Return the bound on each number of items at some prices, and the value of each item at them."""
    full = weights > prices  # an infinite step is never full: its price is the weight
    fixed = float(((weights - prices)[full] * caps[full]).sum())
    worth = np.asarray(gains @ prices.sum(axis=1))
    return fixed + largest.sums(worth), worth


def _descended(
    gains: sparse.csr_array,
    caps: Floats,
    weights: Floats,
    received: Floats,
    value: float,
    best: Floats,
    largest: Largest,
    rounds: int,
) -> Floats:
    """Better the bound at the last number of items by projected subgradient steps (Polyak's step length)."""
    finite = np.isfinite(caps)
    prices = np.where((caps > received[:, None]) | ~finite, weights, 0.0)
    target, found = value, best.copy()
    pace = 1.0
    for _ in range(rounds):
        bound, worth = _priced(gains, caps, weights, prices, largest)
        found = np.minimum(found, bound)
        taken = np.zeros(gains.shape[0])
        taken[largest.items(worth)] = 1.0
        slope = np.where(finite, np.asarray(gains.T @ taken)[:, None] - np.where(finite, caps, 0.0), 0.0)
        slope = np.where((slope > 0) & (prices <= 0), 0.0, slope)
        slope = np.where((slope < 0) & (prices >= weights), 0.0, slope)
        # measured in prices relative to weights, so that receivers of any size move alike
        scaled = slope * weights
        norm = float((scaled**2).sum())
        if norm <= 0.0 or bound[-1] <= target:
            break
        step = pace * (bound[-1] - target) / norm
        prices = np.clip(prices - step * scaled * weights, 0.0, weights)
        pace *= STEPS_FALL
    return found
