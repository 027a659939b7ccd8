"""Kernels: the lowest pass between each pair of neighbouring basins, and the tree of passes that water leaves over.

The highest ground that water must cross on its best way out of the raster is the spill level of a basin. All these ways
together form the minimum spanning tree of the graph whose nodes are basins (and the outside) and whose edges are passes
(Barnes, Callaghan & Wickert 2020, "Computing water flow through complex landscapes, part 2" use the same graph).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.hydrology._codes import OUTLET, PIT
from ballerup_geo.hydrology._descent import DIAGONALS

__all__ = ["drain_over_passes", "find_passes", "spill_tree"]

Array = np.ndarray[Any, np.dtype[Any]]
FEW = 16
"""Up to so many passes of one height are sorted by moving them into place one by one."""


@kernel
def find_passes(
    z: Array, labels: Array, cols: int, per_dx: float, per_dy: float, per_diagonal: float, crossed: Array
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Find the passes over the cells ``crossed`` (flat arrays), each as high as its cell.

    A cell may be left out if all its lower neighbours are connected by ground below it, and one of them belongs to its
    own basin: whatever crosses it then has a lower way. For the same reason only the steepest way down to each group of
    connected lower neighbours counts, and none to a group with ground of the cell's own basin.

    Returns for each pass its height, its steepness (float32), its two cells and their labels (int32), the first cell
    first; beyond the raster or in nodata there is no cell (−1), steepness −1, label 1.
    """
    rows = z.size // cols
    room = 9 * crossed.size
    height = np.empty(room, dtype=np.float32)
    fall = np.empty(room, dtype=np.float32)
    cell_a = np.empty(room, dtype=np.int32)
    cell_b = np.empty(room, dtype=np.int32)
    basin_a = np.empty(room, dtype=np.int32)
    basin_b = np.empty(room, dtype=np.int32)
    per = np.array([per_dx, per_diagonal, per_dy, per_diagonal, per_dx, per_diagonal, per_dy, per_diagonal])
    steps = np.array([1, cols + 1, cols, cols - 1, -1, -cols - 1, -cols, 1 - cols])
    around = np.empty(8, dtype=np.int64)
    steepness = np.empty(8, dtype=np.float32)
    same = np.empty(8, dtype=np.bool_)
    count = 0
    for cell in crossed:
        i = np.int64(cell)
        mine = labels[i]
        here = np.float64(z[i])
        row = i // cols
        outside = 0
        if row == 0 or row == rows - 1 or i - row * cols == 0 or i - row * cols == cols - 1:
            for k in range(8):
                col = i - row * cols + (k <= 1 or k == 7) - (3 <= k <= 5)
                inside = 0 <= row + (1 <= k <= 3) - (k >= 5) < rows and 0 <= col < cols
                outside |= (not inside) << k
        lower = 0
        level = 0
        gap = outside != 0
        for k in range(8):  # hardly a branch: they could not be predicted
            j = i + (0 if outside >> k & 1 else steps[k])
            drop = here - z[j]
            around[k] = j
            steepness[k] = drop * per[k]
            same[k] = labels[j] == mine
            lower |= (drop > 0.0) << k
            level |= ((drop == 0.0) & (labels[j] != mine)) << k
            gap |= drop != drop
        for k in range(4 if level & 15 else 0):
            if level >> k & 1:
                height[count] = here
                fall[count] = 0.0
                cell_a[count] = i
                cell_b[count] = around[k]
                basin_a[count] = mine
                basin_b[count] = labels[around[k]]
                count += 1
        if gap and mine > 1:
            height[count] = here
            fall[count] = -1.0
            cell_a[count] = i
            cell_b[count] = -1
            basin_a[count] = mine
            basin_b[count] = 1
            count += 1
        ahead = (lower >> 1) | (lower << 7)
        behind = (lower << 1) | (lower >> 7)
        joined = lower | (ahead & behind & DIAGONALS)
        last = 0
        while last < 7 and joined >> last & 1:
            last += 1
        best = 0
        steepest = np.float32(-1.0)
        known = False
        for t in range(1, 9):
            k = (last + t) & 7
            below = lower >> k & 1 != 0
            known |= below & same[k]
            steeper = (steepness[k] > steepest) | ((steepness[k] == steepest) & (around[k] < around[best]))
            best = k if below & steeper else best
            steepest = steepness[k] if below & steeper else steepest
            if t < 8 and joined >> k & 1:
                continue
            if steepest >= 0.0 and not known:
                j = around[best]
                height[count] = here
                fall[count] = steepest
                cell_a[count] = min(i, j)
                cell_b[count] = max(i, j)
                basin_a[count] = mine if i < j else labels[j]
                basin_b[count] = labels[j] if i < j else mine
                count += 1
            steepest = np.float32(-1.0)
            known = False
    return (
        height[:count].copy(),
        fall[:count].copy(),
        cell_a[:count].copy(),
        cell_b[:count].copy(),
        basin_a[:count].copy(),
        basin_b[:count].copy(),
    )


@kernel
def comes_before(e: int, f: int, fall: Array, cell_a: Array, cell_b: Array) -> bool:
    """Tell which of two passes of one height counts first: the steeper one, then by cell."""
    if fall[e] != fall[f]:
        return bool(fall[e] > fall[f])
    if cell_a[e] != cell_a[f]:
        return bool(cell_a[e] < cell_a[f])
    return bool(cell_b[e] < cell_b[f])


@kernel
def settle_ties(order: Array, height: Array, fall: Array, cell_a: Array, cell_b: Array) -> tuple[Array, Array]:
    """Order passes of one height, in place, where there are few of them; returns where longer runs start and end."""
    starts = np.empty(order.size // FEW + 1, dtype=np.int64)
    ends = np.empty(order.size // FEW + 1, dtype=np.int64)
    runs = 0
    start = 0
    level = np.float32(np.nan)
    for t in range(order.size + 1):
        if t < order.size and height[order[t]] == level:
            continue
        if t - start > FEW:
            starts[runs] = start
            ends[runs] = t
            runs += 1
        else:
            for u in range(start + 1, t):
                e = order[u]
                v = u
                while v > start and comes_before(e, order[v - 1], fall, cell_a, cell_b):
                    order[v] = order[v - 1]
                    v -= 1
                order[v] = e
        start = t
        if t < order.size:
            level = height[order[t]]
    return starts[:runs].copy(), ends[:runs].copy()


@kernel
def spill_tree(tree: Array, basin_a: Array, basin_b: Array, basins: int) -> Array:
    """Direct the tree of passes to the outside (basin 1): for each basin the pass it spills over, int32.

    A basin with one pass left spills over it; taking it away leaves its neighbour with one pass less.
    """
    left = np.zeros(basins, dtype=np.int32)
    mixed = np.zeros(basins, dtype=np.int32)
    for t in range(tree.size):
        e = tree[t]
        for b in (basin_a[e], basin_b[e]):
            left[b] += 1
            mixed[b] ^= e  # the last one left is what remains
    over = np.full(basins, -1, dtype=np.int32)
    for start in range(2, basins):
        b = start
        while b > 1 and left[b] == 1:
            e = mixed[b]
            over[b] = e
            left[b] = 0
            b = int(basin_a[e]) + basin_b[e] - b
            left[b] -= 1
            mixed[b] ^= e
    return over


@kernel
def drain_over_passes(
    codes: Array, labels: Array, steps: Array, over: Array, cell_a: Array, cell_b: Array, first: int, end: int
) -> None:
    """Turn the paths from pass down to pit around: basins ``first`` to ``end`` then drain over their passes."""
    for basin in range(first, end):
        i = int(cell_a[over[basin]])
        beyond = int(cell_b[over[basin]])
        if labels[i] != basin:
            i, beyond = beyond, i
        turned = OUTLET
        if beyond >= 0:
            for k in range(8):
                if steps[1 << k] == beyond - i:
                    turned = 1 << k
        while True:
            old = int(codes[i])
            codes[i] = turned
            if old == PIT:
                break
            turned = old << 4 if old < 16 else old >> 4
            i += steps[old]
