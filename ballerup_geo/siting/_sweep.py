"""Points placed one after the other, each at the lowest free place: the kernel of all packing.

What is free is the area without the discs around the points that stand. Its lowest place in a direction, and its
farthest from a middle, is always a corner of it: a corner of the area, a place where a disc's rim cuts the area's edge,
or one where two rims cut each other (elsewhere on a rim there is a lower place to one side). So no grid of candidates
is needed and none is missed: the corners wait in a heap, and each new point adds its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel

__all__ = ["edges_around", "sweep"]

Numbers = NDArray[np.float64]

SLACK = 1e-9
"""Share of a distance by which two points may be nearer than asked: the error of computing a corner."""


@kernel
def _inside(edges: Any, x: float, y: float) -> bool:
    """Tell whether a place lies in the area (even-odd rule over all rings)."""
    odd = False
    for k in range(edges.shape[0]):
        y0, y1 = edges[k, 1], edges[k, 3]
        if (y0 > y) != (y1 > y) and x < edges[k, 0] + (y - y0) * (edges[k, 2] - edges[k, 0]) / (y1 - y0):
            odd = not odd
    return odd


@kernel
def _free(stand: Any, radius: Any, cells: Any, west: float, south: float, size: float, x: float, y: float) -> bool:
    """Tell whether a place lies in no disc; ``cells`` chains the discs by the grid cell of their middle."""
    rows, columns = cells[0].shape
    row, column = int((y - south) / size), int((x - west) / size)
    for r in range(max(0, row - 1), min(rows, row + 2)):
        for c in range(max(0, column - 1), min(columns, column + 2)):
            k = cells[0][r, c]
            while k >= 0:
                reach = radius[k] * (1.0 - SLACK)
                if (stand[k, 0] - x) ** 2 + (stand[k, 1] - y) ** 2 < reach * reach:
                    return False
                k = cells[1][k]
    return True


@kernel
def _push(heap: Any, size: int, key: float, x: float, y: float) -> Any:
    """Put a place into the heap; returns the heap, which may have grown."""
    if size == heap.shape[0]:
        larger = np.empty((2 * size, 3))
        larger[:size] = heap
        heap = larger
    place = size
    while place > 0:
        above = (place - 1) // 2
        if heap[above, 0] <= key:
            break
        heap[place] = heap[above]
        place = above
    heap[place, 0], heap[place, 1], heap[place, 2] = key, x, y
    return heap


@kernel
def _drop(heap: Any, size: int) -> None:
    """Take the lowest place off a heap of ``size``."""
    last = size - 1
    key = heap[last, 0]
    place = 0
    while 2 * place + 1 < last:
        below = 2 * place + 1
        if below + 1 < last and heap[below + 1, 0] < heap[below, 0]:
            below += 1
        if key <= heap[below, 0]:
            break
        heap[place] = heap[below]
        place = below
    heap[place] = heap[last]


@kernel
def _edge_corners(edges: Any, x: float, y: float, radius: float, found: Any) -> int:
    """Write the places where a disc's rim cuts the edges into ``found``; returns how many."""
    count = 0
    for k in range(edges.shape[0]):
        x0, y0, x1, y1 = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        if min(x0, x1) > x + radius or max(x0, x1) < x - radius:
            continue
        if min(y0, y1) > y + radius or max(y0, y1) < y - radius:
            continue
        dx, dy = x1 - x0, y1 - y0
        length2 = dx * dx + dy * dy
        if length2 == 0.0:
            continue
        along = ((x - x0) * dx + (y - y0) * dy) / length2
        off2 = (x0 + along * dx - x) ** 2 + (y0 + along * dy - y) ** 2
        if off2 > radius * radius:
            continue
        half = np.sqrt((radius * radius - off2) / length2)
        for at in (along - half, along + half):
            if 0.0 <= at <= 1.0 and count < found.shape[0]:
                found[count, 0], found[count, 1] = x0 + at * dx, y0 + at * dy
                count += 1
    return count


@kernel
def _key(inward: float, ux: float, uy: float, x: float, y: float) -> float:
    """Return how early a place is taken: low along a direction, or far from a middle."""
    if inward > 0.0:
        return -((x - ux) ** 2) - (y - uy) ** 2
    return x * ux + y * uy


@kernel
def edges_around(edges: Any, x: float, y: float, window: float) -> Any:
    """Return the edges that tell which places within a window, a disc around a place, lie in the area.

    Those that the disc may touch, and those that a ray from it towards the east may cross.
    """
    count = 0
    kept = np.empty(edges.shape[0], np.int64)
    for k in range(edges.shape[0]):
        low, high = min(edges[k, 1], edges[k, 3]), max(edges[k, 1], edges[k, 3])
        if low <= y + window and high >= y - window and max(edges[k, 0], edges[k, 2]) >= x - window:
            kept[count] = k
            count += 1
    return edges[kept[:count]]


@kernel
def sweep(
    edges: Any,
    stand: Any,
    radius: Any,
    spacing: float,
    inward: float,
    ux: float,
    uy: float,
    most: int,
    mx: float,
    my: float,
    window: float,
) -> Any:
    """Fill an area with points ``spacing`` apart, the lowest free place first.

    Parameters
    ----------
    edges
        float64 ``[e, 4]``: the edges of all rings, x0, y0, x1, y1.
    stand, radius
        float64 ``[s, 2]``, ``[s]``: what stands already, and how near to it no point may be.
    inward, ux, uy
        0: lowest in the direction ``(ux, uy)``; 1: farthest from the middle ``(ux, uy)``. (A number, since the
        compiler makes a kernel of its own for each truth value it is called with.)
    most
        No more points than these.
    mx, my, window
        Points lie at most ``window`` from ``(mx, my)``; endless where it is infinite. The edges may then be those of
        `edges_around`.

    Returns
    -------
    float64 ``[n, 2]``, in the order of placing.
    """
    count = stand.shape[0]
    reach = spacing
    for k in range(count):
        reach = max(reach, radius[k])
    if window < np.inf:  # the edges given need not lie around it
        west, south, east, north = mx - window - reach, my - window - reach, mx + window + reach, my + window + reach
    else:
        west, south = edges[:, 0].min() - reach, edges[:, 1].min() - reach
        east, north = edges[:, 0].max() + reach, edges[:, 1].max() + reach
    rows, columns = int((north - south) / reach) + 1, int((east - west) / reach) + 1
    capacity = max(16, count + 16)
    points, rims = np.empty((capacity, 2)), np.empty(capacity)
    first, after = np.full((rows, columns), -1, np.int64), np.full(capacity, -1, np.int64)
    heap, waiting = np.empty((64, 3)), 0
    found = np.empty((2 * edges.shape[0], 2))
    within = window * window
    for k in range(edges.shape[0]):
        if (edges[k, 0] - mx) ** 2 + (edges[k, 1] - my) ** 2 > within:
            continue
        heap = _push(heap, waiting, _key(inward, ux, uy, edges[k, 0], edges[k, 1]), edges[k, 0], edges[k, 1])
        waiting += 1
    total = 0
    placed = 0
    todo = 0
    while True:
        if todo < count:
            x, y, rim = stand[todo, 0], stand[todo, 1], radius[todo]
            todo += 1
            if x < west or x > east or y < south or y > north:
                continue
        else:
            if placed >= most:
                break
            lowest = False
            x, y, rim = 0.0, 0.0, spacing
            while waiting > 0 and not lowest:
                x, y = heap[0, 1], heap[0, 2]
                _drop(heap, waiting)
                waiting -= 1
                lowest = _free(points, rims, (first, after), west, south, reach, x, y)
            if not lowest:
                break
            placed += 1
        if total == capacity:
            more_points, more_rims = np.empty((2 * capacity, 2)), np.empty(2 * capacity)
            more_after = np.full(2 * capacity, -1, np.int64)
            more_points[:total], more_rims[:total], more_after[:total] = points, rims, after
            points, rims, after, capacity = more_points, more_rims, more_after, 2 * capacity
        row, column = int((y - south) / reach), int((x - west) / reach)
        # the new rim's corners: with the edges, and with the rims of the points around
        for k in range(_edge_corners(edges, x, y, rim, found)):
            if (found[k, 0] - mx) ** 2 + (found[k, 1] - my) ** 2 > within:
                continue
            if _free(points, rims, (first, after), west, south, reach, found[k, 0], found[k, 1]):
                heap = _push(heap, waiting, _key(inward, ux, uy, found[k, 0], found[k, 1]), found[k, 0], found[k, 1])
                waiting += 1
        for r in range(max(0, row - 2), min(rows, row + 3)):
            for c in range(max(0, column - 2), min(columns, column + 3)):
                k = first[r, c]
                while k >= 0:
                    dx, dy = points[k, 0] - x, points[k, 1] - y
                    apart2 = dx * dx + dy * dy
                    if 0.0 < apart2 <= (rim + rims[k]) ** 2 and apart2 >= (rim - rims[k]) ** 2:
                        at = (apart2 + rim * rim - rims[k] * rims[k]) / (2.0 * apart2)
                        side = np.sqrt(max(0.0, rim * rim / apart2 - at * at))
                        for sign in (-1.0, 1.0):
                            px, py = x + at * dx - sign * side * dy, y + at * dy + sign * side * dx
                            if px < west or px > east or py < south or py > north:
                                continue
                            if (px - mx) ** 2 + (py - my) ** 2 > within:
                                continue
                            if _free(points, rims, (first, after), west, south, reach, px, py) and _inside(
                                edges, px, py
                            ):
                                heap = _push(heap, waiting, _key(inward, ux, uy, px, py), px, py)
                                waiting += 1
                    k = after[k]
        points[total, 0], points[total, 1], rims[total] = x, y, rim
        after[total] = first[row, column]
        first[row, column] = total
        total += 1
    out = np.empty((placed, 2))
    out[:] = points[total - placed : total]
    return out
