"""Kernel: of all ways within a length, the one whose works are cheapest.

Labels (price, length, arc) are taken in the order of price, then length. A label is of use only where it is shorter
than all that were taken at its arc before: they were no dearer. And only while the shortest way on from there, all
being open, keeps within the limit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = ["Going", "Needs", "Starts", "least_priced"]

Array = np.ndarray[Any, np.dtype[Any]]


class Going(NamedTuple):
    """Turns by the arc they come from, the arcs they lead into, and the cost of both (inf where never open)."""

    start: Array
    to: Array
    arc_cost: Array
    turn_cost: Array


class Needs(NamedTuple):
    """The works that an arc and a turn need, int32[m, a] and int32[t, b], −1 where there are fewer."""

    arc: Array
    turn: Array


class Starts(NamedTuple):
    """Arcs on which the origins begin, by origin, with the cost that is left of them."""

    start: Array
    arc: Array
    cost: Array


@kernel
def priced(works: Array, price: Array) -> float:
    """Price of a row of works."""
    total = 0.0
    for column in range(works.size):
        if works[column] >= 0:
            total += price[works[column]]
    return total


@kernel
def pushed(label: int, size: int, heap: Array, price: Array, length: Array) -> int:
    """Put a label into the heap; returns the heap's size."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        other = heap[above]
        if price[other] < price[label] or (price[other] == price[label] and length[other] <= length[label]):
            break
        heap[at] = other
        at = above
    heap[at] = label
    return size + 1


@kernel
def popped(size: int, heap: Array, price: Array, length: Array) -> int:
    """Take the first label out of the heap; returns the heap's size."""
    size -= 1
    label = heap[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        one = heap[below]
        if below + 1 < size:
            two = heap[below + 1]
            if price[two] < price[one] or (price[two] == price[one] and length[two] < length[one]):
                below += 1
                one = two
        if price[label] < price[one] or (price[label] == price[one] and length[label] <= length[one]):
            break
        heap[at] = one
        at = below
    heap[at] = label
    return size


@kernel
def doubled(values: Array) -> Array:
    """The same values with room for as many again."""
    return np.concatenate((values, values))


@kernel
def least_priced(
    going: Going,
    needs: Needs,
    starts: Starts,
    onward: Array,
    last_arc: Array,
    last_cost: Array,
    direct_arc: Array,
    direct_cost: Array,
    limit: Array,
    worth: Array,
    common: Array,
    own_start: Array,
    own_work: Array,
    own_price: Array,
    least: Array,
    cost: Array,
) -> tuple[Array, Array]:
    """Find, for origins that go to one target, the way of the least price within the limit.

    Parameters
    ----------
    onward
        float64[m]: cost of the shortest way from the end of each arc to the target, inf for none.
    last_arc, last_cost
        The arcs (at most two) on which the target lies, and the cost along them up to it.
    direct_arc, direct_cost
        Per origin and direction, [origins, 2]: the arc that it shares with the target, −1 for none.
    limit, worth
        float64[origins]: the longest way, and a price from which on no way is wanted.
    common, own_start, own_work, own_price
        Price of each work, and what is added to it for single origins.
    least, cost
        float64[origins], out: price and cost of the way; inf where there is none.

    Returns
    -------
    tuple of ndarray
        The works on each way, each once: ``start`` int64[origins + 1] and ``work`` int32.
    """
    arcs = going.arc_cost.size
    origins = limit.size
    price = common.copy()
    room = 4096
    label_price = np.empty(room)
    label_cost = np.empty(room)
    label_arc = np.empty(room, np.int32)
    label_turn = np.empty(room, np.int32)
    parent = np.empty(room, np.int32)
    heap = np.empty(room, np.int32)
    shortest = np.empty(arcs)
    stamp = np.full(arcs, -1, np.int32)
    listed = np.full(common.size, -1, np.int32)
    found_start = np.zeros(origins + 1, np.int64)
    found = np.empty(1024, np.int32)
    count = 0
    for origin in range(origins):
        least[origin] = np.inf
        cost[origin] = np.inf
        for k in range(own_start[origin], own_start[origin + 1]):
            price[own_work[k]] += own_price[k]
        labels = 0
        size = 0
        for k in range(starts.start[origin], starts.start[origin + 1]):
            arc = starts.arc[k]
            if starts.cost[k] + onward[arc] <= limit[origin]:
                label_price[labels] = priced(needs.arc[arc], price)
                label_cost[labels] = starts.cost[k]
                label_arc[labels] = arc
                label_turn[labels] = -1
                parent[labels] = -1
                size = pushed(labels, size, heap, label_price, label_cost)
                labels += 1
        for side in range(2):
            if direct_arc[origin, side] >= 0 and direct_cost[origin, side] <= limit[origin]:
                label_price[labels] = priced(needs.arc[direct_arc[origin, side]], price)
                label_cost[labels] = direct_cost[origin, side]
                label_arc[labels] = -1 - direct_arc[origin, side]
                label_turn[labels] = -1
                parent[labels] = -1
                size = pushed(labels, size, heap, label_price, label_cost)
                labels += 1
        goal = -1
        while size > 0:
            label = heap[0]
            if label_price[label] >= worth[origin]:
                break
            size = popped(size, heap, label_price, label_cost)
            arc = label_arc[label]
            if arc < 0:
                goal = label
                break
            if stamp[arc] == origin and shortest[arc] <= label_cost[label]:
                continue
            stamp[arc] = origin
            shortest[arc] = label_cost[label]
            for turn in range(going.start[arc], going.start[arc + 1]):
                to = going.to[turn]
                so_far = label_cost[label] + going.turn_cost[turn]
                for way in range(1 + last_arc.size):
                    if way > 0 and last_arc[way - 1] != to:
                        continue
                    metres = so_far + (going.arc_cost[to] if way == 0 else last_cost[way - 1])
                    ahead = onward[to] if way == 0 else 0.0
                    if not metres + ahead <= limit[origin]:
                        continue
                    if way == 0 and stamp[to] == origin and shortest[to] <= metres:
                        continue
                    total = label_price[label] + priced(needs.turn[turn], price) + priced(needs.arc[to], price)
                    if total >= worth[origin]:
                        continue
                    if labels == label_price.size:
                        label_price = doubled(label_price)
                        label_cost = doubled(label_cost)
                        label_arc = doubled(label_arc)
                        label_turn = doubled(label_turn)
                        parent = doubled(parent)
                        heap = doubled(heap)
                    label_price[labels] = total
                    label_cost[labels] = metres
                    label_arc[labels] = to if way == 0 else -1 - to
                    label_turn[labels] = turn
                    parent[labels] = label
                    size = pushed(labels, size, heap, label_price, label_cost)
                    labels += 1
        if goal >= 0:
            least[origin] = label_price[goal]
            cost[origin] = label_cost[goal]
            while goal >= 0:
                arc = label_arc[goal] if label_arc[goal] >= 0 else -1 - label_arc[goal]
                for side in range(2):
                    if side == 1 and label_turn[goal] < 0:
                        continue
                    works = needs.arc[arc] if side == 0 else needs.turn[label_turn[goal]]
                    for column in range(works.size):
                        work = works[column]
                        if work >= 0 and listed[work] != origin:
                            listed[work] = origin
                            if count == found.size:
                                found = doubled(found)
                            found[count] = work
                            count += 1
                goal = parent[goal]
        found_start[origin + 1] = count
        for k in range(own_start[origin], own_start[origin + 1]):
            price[own_work[k]] = common[own_work[k]]
    return found_start, found[:count].copy()
