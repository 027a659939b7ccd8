"""What no choice of p sites can beat in the p-median problem: the Lagrangian bound, by subgradients.

Each demand i is offered λ_i for being served. A site is worth ρ_j = Σ min(0, w_i d_ij − λ_i); the existing sites and
the p best others are taken. Σ λ_i + Σ ρ_j of the taken is below the cost of every choice (Narula, Ogbu & Samuelsson
1977); λ moves towards demand that is served too little. The sets taken on the way are good starts for search.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.siting._interchange import Nearest

__all__ = ["LagrangianBound", "lagrangian_bound"]

FIRST_STEP = 1.5
LEAST_STEP = 1e-4
PATIENCE = 12
"""Rounds without a better bound before the step is halved."""
LEAST_ROW = 32
WIDE = 5
"""Sites by demand that the bound looks at, as a multiple of what lies nearer than the nearest open one on average."""
MEMORY = 0.6
"""How much of the last direction is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class LagrangianBound:
    """No choice costs less than ``value``; ``taken`` bool[k, m] are the sets at ever better bounds, the best last."""

    value: float
    taken: NDArray[np.bool_]


def lagrangian_bound(
    near: Nearest, *, count: int, existing: NDArray[np.bool_], best: NDArray[np.bool_], cost: float, rounds: int
) -> LagrangianBound:
    """Bound what the ``existing`` and ``count`` more sites cost from below; ``best`` is a choice of ``cost``."""
    offer = _halfway(near.start, near.site, near.distance, near.weight, near.unreached, best)
    near, limit = _shortened(near, max(LEAST_ROW, WIDE * near.sites // max(1, int(best.sum()))))
    offer = np.minimum(offer, limit)
    bound = -np.inf
    step, idle = FIRST_STEP, 0
    towards = np.zeros(offer.size)
    served = np.empty(offer.size)
    taken: list[NDArray[np.bool_]] = []
    for _ in range(rounds):
        worth = _worth(near.start, near.site, near.distance, near.weight, offer, near.sites)
        chosen = existing.copy()
        order = np.argsort(np.where(existing, np.inf, worth), kind="stable")[:count]
        chosen[order[worth[order] < 0]] = True
        value = float(offer.sum() + worth[chosen].sum())
        if value > bound + 1e-9 * abs(cost):
            bound, idle = value, 0
            full = existing.copy()
            full[order] = True
            taken.append(full)
        else:
            idle += 1
            if idle >= PATIENCE:
                step, idle = step / 2, 0
        if cost - bound <= 1e-9 * abs(cost) or step < LEAST_STEP:
            break
        _served(near.start, near.site, near.distance, near.weight, offer, chosen, served)
        towards = (1.0 - served) + MEMORY * towards
        size = float(towards @ towards)
        if size == 0.0:
            break
        offer = np.clip(offer + step * (cost - value) / size * towards, 0.0, limit)
    kept = np.array(taken) if taken else np.zeros((0, near.sites), dtype=np.bool_)
    return LagrangianBound(min(bound, cost), kept)


def _shortened(near: Nearest, most: int) -> tuple[Nearest, NDArray[np.float64]]:
    """The first ``most`` sites of each row, so that all fits into the fast memory, and the most that may be offered.

    An offer never exceeds weight × distance of the first site left out, so that the bound stays a bound.
    """
    limit = near.weight * near.unreached
    length = np.diff(near.start)
    long = np.flatnonzero(length > most)
    limit[long] = near.weight[long] * near.distance[near.start[long] + most]
    kept = np.minimum(length, most)
    start = np.concatenate(([0], np.cumsum(kept)))
    take = np.repeat(near.start[:-1] - start[:-1], kept) + np.arange(start[-1])
    return replace(near, start=start, site=near.site[take], distance=near.distance[take]), limit


@kernel
def _halfway(
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    distance: NDArray[np.float64],
    weight: NDArray[np.float64],
    unreached: float,
    opened: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Weight × the mean of the distances to the nearest and the second nearest open site, float64[n]."""
    offer = np.empty(weight.size)
    for i in range(weight.size):
        first = -1.0
        second = unreached
        for k in range(start[i], start[i + 1]):
            if opened[site[k]]:
                if first >= 0.0:
                    second = distance[k]
                    break
                first = distance[k]
        if first < 0.0:
            first = unreached
        offer[i] = weight[i] * 0.5 * (first + second)
    return offer


@kernel
def _worth(
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    distance: NDArray[np.float64],
    weight: NDArray[np.float64],
    offer: NDArray[np.float64],
    sites: int,
) -> NDArray[np.float64]:
    worth = np.zeros(sites)
    for i in range(weight.size):
        for k in range(start[i], start[i + 1]):
            left = weight[i] * distance[k] - offer[i]
            if left >= 0.0:
                break
            worth[site[k]] += left
    return worth


@kernel
def _served(
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    distance: NDArray[np.float64],
    weight: NDArray[np.float64],
    offer: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    served: NDArray[np.float64],
) -> None:
    """How many of the chosen sites serve each demand at its offer."""
    for i in range(weight.size):
        served[i] = 0.0
        for k in range(start[i], start[i + 1]):
            if weight[i] * distance[k] >= offer[i]:
                break
            if chosen[site[k]]:
                served[i] += 1.0
