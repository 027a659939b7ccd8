"""A binary heap of node numbers with keys that can be lowered, in arrays: what the searches of this room share."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = ["lower", "pop"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def lower(heap: Array, place: Array, key: Array, size: int, node: int) -> int:
    """Put a node into the heap, or move it up after its key was lowered; returns the new size.

    ``heap`` (int32[n]) holds nodes, ``place`` (int32[n], −1 = not in the heap) where each stands, ``key`` (float64[n])
    what they are ordered by; nodes of equal keys come by number, so that the order is the same everywhere.
    """
    at = place[node]
    if at < 0:
        at = size
        size += 1
    value = key[node]
    while at > 0:
        up = (at - 1) >> 1
        other = heap[up]
        if key[other] < value or (key[other] == value and other < node):
            break
        heap[at] = other
        place[other] = at
        at = up
    heap[at] = node
    place[node] = at
    return size


@kernel
def pop(heap: Array, place: Array, key: Array, size: int) -> int:
    """Take the node with the least key out of the heap and return it; the caller counts the size down by one."""
    top = heap[0]
    place[top] = -1
    size -= 1
    if size > 0:
        node = heap[size]
        value = key[node]
        at = 0
        while True:
            down = 2 * at + 1
            if down >= size:
                break
            child = heap[down]
            if down + 1 < size:
                other = heap[down + 1]
                if key[other] < key[child] or (key[other] == key[child] and other < child):
                    down += 1
                    child = other
            if value < key[child] or (value == key[child] and node < child):
                break
            heap[at] = child
            place[child] = at
            at = down
        heap[at] = node
        place[node] = at
    return int(top)
