"""Good choices of sites without proof: grow one by one, swap while it saves, walk from one good choice to another.

A demand that reaches no open site counts as if one stood at the distance ``unreached``. With distance 0 for "covered"
and ``unreached`` 1, the cost is the weight that is not covered: covering is a case of the p-median, so both use this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel

__all__ = ["Nearest", "cost_of", "exchange", "grow", "relink"]


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """Sites by demand in rows, the nearest first.

    ``start`` int64[n+1], ``site`` int32[k] and ``distance`` float64[k] (ascending in each row, all below
    ``unreached``); ``weight`` float64[n]; ``sites`` is the number of sites m; ``whole`` says that all costs are whole
    numbers.
    """

    start: NDArray[np.int64]
    site: NDArray[np.int32]
    distance: NDArray[np.float64]
    weight: NDArray[np.float64]
    unreached: float
    sites: int
    whole: bool = False


def cost_of(near: Nearest, opened: NDArray[np.bool_]) -> float:
    """Sum of weight × distance to the nearest open site; ``opened`` bool[m]."""
    return float(_cost(near.start, near.site, near.distance, near.weight, near.unreached, opened))


def grow(near: Nearest, opened: NDArray[np.bool_], allowed: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Open up to ``count`` more of the ``allowed`` sites, each time the one that saves most; stops where none saves."""
    grown = opened.copy()
    _grow(near.start, near.site, near.distance, near.weight, near.unreached, grown, allowed & ~opened, count)
    return grown


def exchange(near: Nearest, opened: NDArray[np.bool_], fixed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Swap one open site for one closed as long as the best swap saves anything; ``fixed`` bool[m] stay open.

    After Resende & Werneck (2007), "A fast swap-based local search procedure for location problems": the saving of
    opening j and closing r is gain[j] − loss[r] + extra[j, r], and extra is touched only where j is nearer to some
    demand than its second nearest open site.
    """
    best = opened.copy()
    anywhere = np.ones_like(opened)
    _walk(near.start, near.site, near.distance, near.weight, near.unreached, best, anywhere, ~fixed, -1)
    return best


def relink(near: Nearest, opened: NDArray[np.bool_], target: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The best choice met on the way from one choice to another, both ends left out; each step the best swap.

    Returns ``opened`` itself where the two differ in fewer than two sites.
    """
    apart = int(np.count_nonzero(target & ~opened))
    if apart < 2:
        return opened
    best = opened.copy()
    _walk(near.start, near.site, near.distance, near.weight, near.unreached, best, target, ~target, apart - 1)
    return best


@kernel
def _cost(
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    distance: NDArray[np.float64],
    weight: NDArray[np.float64],
    unreached: float,
    opened: NDArray[np.bool_],
) -> float:
    total = 0.0
    for i in range(weight.size):
        here = unreached
        for k in range(start[i], start[i + 1]):
            if opened[site[k]]:
                here = distance[k]
                break
        total += weight[i] * here
    return total


@kernel
def _grow(
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    distance: NDArray[np.float64],
    weight: NDArray[np.float64],
    unreached: float,
    opened: NDArray[np.bool_],
    allowed: NDArray[np.bool_],
    count: int,
) -> None:
    sites = opened.size
    gain = np.empty(sites)
    for _ in range(count):
        gain[:] = 0.0
        for i in range(weight.size):
            here = unreached
            end = start[i + 1]
            for k in range(start[i], start[i + 1]):
                if opened[site[k]]:
                    here = distance[k]
                    end = k
                    break
            for k in range(start[i], end):
                gain[site[k]] += weight[i] * (here - distance[k])
        best = -1
        for j in range(sites):
            if allowed[j] and not opened[j] and gain[j] > 0.0 and (best < 0 or gain[j] > gain[best]):
                best = j
        if best < 0:
            return
        opened[best] = True


@kernel
def _walk(
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    distance: NDArray[np.float64],
    weight: NDArray[np.float64],
    unreached: float,
    opened: NDArray[np.bool_],
    may_open: NDArray[np.bool_],
    may_close: NDArray[np.bool_],
    steps: int,
) -> None:
    """Best swaps in place. steps < 0: while they save. Otherwise that many, and `opened` is the best choice met."""
    sites = opened.size
    places = np.flatnonzero(opened).astype(np.int32)
    slot = np.full(sites, -1, dtype=np.int32)
    for k in range(places.size):
        slot[places[k]] = k
    gain = np.empty(sites)
    loss = np.empty(places.size)
    extra = np.empty((sites, places.size))
    met = opened.copy()
    met_cost = np.inf
    done = 0
    while True:
        gain[:] = 0.0
        loss[:] = 0.0
        extra[:] = 0.0
        cost = 0.0
        for i in range(weight.size):
            first = -1
            d1 = unreached
            d2 = unreached
            end = start[i + 1]
            for k in range(start[i], start[i + 1]):
                if slot[site[k]] >= 0:
                    if first < 0:
                        first = slot[site[k]]
                        d1 = distance[k]
                    else:
                        d2 = distance[k]
                        end = k
                        break
            w = weight[i]
            cost += w * d1
            if first >= 0:
                loss[first] += w * (d2 - d1)
            for k in range(start[i], end):
                j = site[k]
                if slot[j] >= 0:
                    continue
                d = distance[k]
                if d < d1:
                    gain[j] += w * (d1 - d)
                    if first >= 0:
                        extra[j, first] += w * (d2 - d1)
                elif first >= 0:
                    extra[j, first] += w * (d2 - d)
        if steps >= 0 and done > 0 and cost < met_cost:
            met_cost = cost
            met[:] = opened
        if steps >= 0 and done >= steps:
            opened[:] = met
            return
        best = 0.0 if steps < 0 else -np.inf
        tolerance = 1e-12 * cost if steps < 0 else 0.0
        comes = -1
        goes = -1
        for j in range(sites):
            if slot[j] >= 0 or not may_open[j]:
                continue
            for r in range(places.size):
                if may_close[places[r]]:
                    saving = gain[j] - loss[r] + extra[j, r]
                    if saving > best + tolerance:
                        best = saving
                        comes = j
                        goes = r
        if comes < 0:
            if steps >= 0:
                opened[:] = met
            return
        opened[places[goes]] = False
        slot[places[goes]] = -1
        places[goes] = comes
        slot[comes] = goes
        opened[comes] = True
        done += 1
