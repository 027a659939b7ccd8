"""Choose what gives most where more of the same gives less: greedy choice of a submodular benefit, with a bound.

Each item (a tree) gives something to some receivers (a home, an area, a street); what a receiver has of it is concave
in the sum. Such a benefit is monotone and submodular, so that greedy choice reaches at least 1 − 1/e of the best
(Nemhauser, Wolsey & Fisher 1978), and at least half of it where each group of items (the trees of one garden) may give
a few only, a partition matroid (Fisher, Nemhauser & Wolsey 1978). How near it came is told by a bound on each number
of items that knows the groups too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ballerup_geo.compiled import kernel
from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.siting._submodular_bound import Largest, bounds_of

__all__ = ["Submodular", "select_submodular"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
ROUNDS = 24
"""Steps that better the bound at the number asked for; none of them changes what is chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Submodular:
    """Items in the order in which they are chosen, so that the first k are the choice of k items.

    Attributes
    ----------
    order : int64[c]
        Rows of the items, the first chosen first; fewer than asked for where no candidate gives anything more.
    gain : float64[c]
        What each gave when it was chosen; never rises.
    value : float64[c + 1]
        Benefit of the first 0, 1 … c items.
    bound : float64[c + 1]
        No choice of so many items gives more than this.
    received : float64[m]
        The sum that each receiver has of all chosen items.
    left : float64[n]
        What each item would give on top of all chosen ones, whether its group has room or not; 0 for the chosen.
    """

    order: NDArray[np.int64]
    gain: Floats
    value: Floats
    bound: Floats
    received: Floats
    left: Floats

    @property
    def gap(self) -> float:
        """Share of the bound that is missing at most, 0–1, for all chosen items."""
        return float(1.0 - self.value[-1] / self.bound[-1]) if self.bound[-1] > 0 else 0.0


def select_submodular(
    gains: Any,
    caps: ArrayLike,
    weights: ArrayLike,
    *,
    count: int,
    candidates: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    most: ArrayLike | None = None,
    rounds: int | None = ROUNDS,
) -> Submodular:
    """Choose up to ``count`` items, one after the other, each the one that adds most.

    The benefit of a set S is Σ_r Σ_j ``weights[r, j]`` · min(``caps[r, j]``, Σ_{i in S} ``gains[i, r]``): for each
    receiver a concave, piecewise linear function of its sum. Lazy greedy (Minoux 1978): an item is reckoned anew only
    when it stands first. Of equal items the first row goes first.

    Parameters
    ----------
    gains : sparse or dense matrix [n, m]
        What each item gives to each receiver, 0 or more.
    caps : float64[m] or [m, q]
        Where more no longer counts; infinite: it always does.
    weights : float64[m] or [m, q]
        What one unit below the cap is worth, 0 or more.
    count : int
        How many items are wanted.
    candidates : bool[n], optional
        Which may be chosen; all if not given.
    groups : int64[n], optional
        Group of each item from 0 on, −1 for none; no groups if not given.
    most : int64[g], optional
        How many of each group may be chosen at most; needed with ``groups``.
    rounds : int or None
        Steps that better the bound; 0 gives the bound from the greedy choice alone, None no bound (infinite).

    Raises
    ------
    DataError
        Shapes that do not match; gains, caps or weights that are negative or no numbers.
    MethodError
        ``count`` is no whole number of 0 or more.

    Examples
    --------
    >>> chosen = select_submodular([[2, 0], [2, 0], [0, 1]], [2, 5], [1, 1], count=2)
    >>> chosen.order.tolist(), chosen.value.tolist(), chosen.gap
    ([0, 2], [0.0, 2.0, 3.0], 0.0)

    Two good items of one garden, which may have one:

    >>> select_submodular([[3], [2], [1]], [9], [1], count=2, groups=[0, 0, -1], most=[1]).order.tolist()
    [0, 2]
    """
    matrix = _read_gains(gains)
    cap, weight = _read_steps(caps, "caps", matrix.shape[1]), _read_steps(weights, "weights", matrix.shape[1])
    if cap.shape != weight.shape or not np.isfinite(weight).all():
        raise DataError(Fault("weights", "", f"{weight.shape} beside caps {cap.shape}", "give one finite weight a cap"))
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise MethodError(Fault("count", "", f"{count!r} is no number of items", "give a whole number of 0 or more"))
    allowed = _read_candidates(candidates, matrix.shape[0])
    start, receiver = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32)
    group, room = _read_groups(groups, most, matrix.shape[0])
    order, gain, received = _greedy(start, receiver, matrix.data, cap, weight, allowed, group, room.copy(), int(count))
    left = _marginals(start, receiver, matrix.data, cap, weight, received)
    left[order] = 0.0
    value = np.concatenate([[0.0], np.cumsum(gain)])
    if rounds is None:
        return Submodular(order, gain, value, np.full(value.size, np.inf), received, left)
    free = np.flatnonzero(allowed)
    largest = Largest(order.size, group[free], room)
    bound = bounds_of(matrix[free], cap, weight, _states(matrix, order), value, largest=largest, rounds=int(rounds))
    return Submodular(order, gain, value, np.maximum(bound, value), received, left)


def _states(matrix: sparse.csr_array, order: NDArray[np.int64]) -> list[tuple[int, Floats]]:
    """Return what receivers have after some numbers of items, closer together at the start."""
    most = order.size
    numbers = np.unique(np.round(most * np.array([0.0, 0.01, 0.03, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0])).astype(int))
    found = []
    for number in numbers.tolist():
        chosen = np.zeros(matrix.shape[0])
        chosen[order[:number]] = 1.0
        found.append((number, np.asarray(matrix.T @ chosen)))
    return found


def _read_gains(gains: Any) -> sparse.csr_array:
    array = gains if sparse.issparse(gains) else np.asarray(gains, dtype=np.float64)
    if array.ndim != 2:
        raise DataError(Fault("gains", "shape", f"{array.shape} is no matrix", "give item × receiver"))
    matrix = sparse.csr_array(array, dtype=np.float64)
    matrix.sum_duplicates()
    wrong = ~(np.isfinite(matrix.data) & (matrix.data >= 0))
    if wrong.any():
        told = f"{matrix.data[wrong][0]} is no gain ({int(wrong.sum())} such values)"
        raise DataError(Fault("gains", "values", told, "give numbers of 0 or more"))
    return matrix


def _read_steps(values: ArrayLike, name: str, receivers: int) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    table = array[:, None] if array.ndim == 1 else array
    if table.ndim != 2 or table.shape[0] != receivers:
        raise DataError(Fault(name, "shape", f"{array.shape} does not match {receivers} receivers", "give a row each"))
    if np.isnan(table).any() or (table < 0).any():
        raise DataError(Fault(name, "values", "not all are numbers of 0 or more", "give numbers of 0 or more"))
    return np.ascontiguousarray(table)


def _read_candidates(candidates: ArrayLike | None, items: int) -> NDArray[np.bool_]:
    if candidates is None:
        return np.ones(items, dtype=np.bool_)
    allowed = np.ascontiguousarray(candidates)
    if allowed.dtype != np.bool_ or allowed.shape != (items,):
        raise DataError(
            Fault("candidates", "", f"{allowed.dtype}{allowed.shape} does not tell of {items} items", "give bool[n]")
        )
    return allowed


def _read_groups(groups: ArrayLike | None, most: ArrayLike | None, items: int) -> tuple[Whole, Whole]:
    """Return the group of each item and the room of each group."""
    if groups is None:
        return np.full(items, -1, dtype=np.int64), np.empty(0, dtype=np.int64)
    group, room = np.asarray(groups), np.asarray([] if most is None else most)
    whole = all(np.issubdtype(each.dtype, np.integer) or not each.size for each in (group, room))
    if not whole or group.shape != (items,) or room.ndim != 1 or (group >= room.size).any() or (room < 0).any():
        told = f"groups {group.dtype}{group.shape} and most {room.dtype}{room.shape} do not tell of {items} items"
        raise DataError(Fault("groups", "", told, "give int64[n] from 0 on (-1: none), and the most of each group"))
    return np.ascontiguousarray(group, dtype=np.int64), np.ascontiguousarray(room, dtype=np.int64)


@kernel
def _gain_of(item: int, start: Any, receiver: Any, given: Any, cap: Any, weight: Any, received: Any) -> float:
    """Return what an item adds to what receivers have."""
    total = 0.0
    for entry in range(start[item], start[item + 1]):
        place, have = receiver[entry], received[receiver[entry]]
        for step in range(cap.shape[1]):
            room = cap[place, step] - have
            if room > 0.0:
                total += weight[place, step] * min(room, given[entry])
    return total


@kernel
def _marginals(start: Any, receiver: Any, given: Any, cap: Any, weight: Any, received: Any) -> Any:
    """Return what each item adds to what receivers have, float64[n]."""
    found = np.empty(start.size - 1)
    for item in range(start.size - 1):
        found[item] = _gain_of(item, start, receiver, given, cap, weight, received)
    return found


@kernel
def _sink(heap: Any, size: int, key: Any) -> None:
    """Put the first of a heap where it belongs: greatest key first, of equal ones the lowest item."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        other = child + 1
        if other < size:
            one, two = heap[child], heap[other]
            if key[two] > key[one] or (key[two] == key[one] and two < one):
                child = other
        up, down = heap[at], heap[child]
        if key[up] > key[down] or (key[up] == key[down] and up < down):
            return
        heap[at], heap[child] = down, up
        at = child


@kernel
def _greedy(
    start: Any,
    receiver: Any,
    given: Any,
    cap: Any,
    weight: Any,
    allowed: Any,
    group: Any,
    room: Any,
    count: int,
) -> Any:
    """Choose items one by one, using up the room of their groups; returns order, gains and what receivers have."""
    received = np.zeros(cap.shape[0])
    key = _marginals(start, receiver, given, cap, weight, received)
    # sorted by falling key, of equal ones by item, an array is a heap
    ranked = np.argsort(-key, kind="mergesort")
    heap = ranked[allowed[ranked]]
    fresh = np.zeros(key.size, dtype=np.int64)
    size = heap.size
    most = min(count, size)
    order, gain = np.empty(most, dtype=np.int64), np.empty(most)
    done = 0
    while done < most and size > 0:
        item = heap[0]
        if key[item] <= 0.0:
            break
        if group[item] >= 0 and room[group[item]] == 0:
            size -= 1
            heap[0] = heap[size]
        elif fresh[item] == done:
            if group[item] >= 0:
                room[group[item]] -= 1
            order[done], gain[done] = item, key[item]
            done += 1
            for entry in range(start[item], start[item + 1]):
                received[receiver[entry]] += given[entry]
            size -= 1
            heap[0] = heap[size]
        else:
            key[item] = min(key[item], _gain_of(item, start, receiver, given, cap, weight, received))
            fresh[item] = done
        _sink(heap, size, key)
    return order[:done], gain[:done], received
