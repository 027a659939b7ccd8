"""Kernels: the lowest pass between each pair of neighbouring basins, and the tree of passes that water leaves over.

The highest ground that water must cross on its best way out of the raster is the spill level of a basin. All these ways
together form the minimum spanning tree of the graph whose nodes are basins (and the outside) and whose edges are passes
(Barnes, Callaghan & Wickert 2020, "Computing water flow through complex landscapes, part 2" use the same graph).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.hydrology._codes import OUTLET, PIT
from ballerup_geo.hydrology._compiled import BLOCK, kernel

__all__ = ["drain_over_passes", "find_passes", "spill_tree"]

Array = np.ndarray[Any, np.dtype[Any]]
OUT_OF_RASTER = 4
"""Stands for a direction, after east, south-east, south and south-west."""


@kernel
def find_passes(
    z: Array,
    labels: Array,
    cols: int,
    per_dx: float,
    per_dy: float,
    per_diagonal: float,
    expected: int,
    first: int,
    end: int,
) -> tuple[Array, Array, Array, Array]:
    """Find the lowest pass between each pair of basins that touch in the rows ``first`` to ``end`` (flat arrays).

    About ``expected`` of them make room for a start. Returns for each pass its height, its steepness from the higher to
    the lower cell (float32) and its two cells (int32; −1 and a steepness of −1 where the other side is the outside). Of
    passes equally high the steepest counts, then the one with the first cell. The raster is read in blocks of columns,
    so that the basins at hand stay in cache.
    """
    rows = z.size // cols
    bits = 8
    while 1 << bits < 2 * expected:
        bits += 1
    slots = np.full(1 << bits, -1, dtype=np.int32)
    room = 1 << (bits - 1)
    pairs = np.empty(room, dtype=np.int64)
    height = np.empty(room, dtype=np.float32)
    fall = np.empty(room, dtype=np.float32)
    cell_a = np.empty(room, dtype=np.int32)
    cell_b = np.empty(room, dtype=np.int32)
    count = 0
    steps = np.array([1, cols + 1, cols, cols - 1])
    per = np.array([per_dx, per_diagonal, per_dy, per_diagonal])
    crossings = np.empty(5 * BLOCK, dtype=np.int64)
    for block in range(0, cols, BLOCK):
        for r in range(first, end):
            inner_row = 0 < r < rows - 1
            found = 0
            for c in range(block, min(block + BLOCK, cols)):
                i = r * cols + c
                mine = labels[i]
                if inner_row and 0 < c < cols - 1:  # without branches: they could not be predicted
                    crossings[found] = c * 8
                    found += mine != labels[i + 1]
                    crossings[found] = c * 8 + 1
                    found += mine != labels[i + cols + 1]
                    crossings[found] = c * 8 + 2
                    found += mine != labels[i + cols]
                    crossings[found] = c * 8 + 3
                    found += mine != labels[i + cols - 1]
                    continue
                for k in range(4):
                    across = c + 1 if k == 0 else c + 2 - k
                    if 0 <= across < cols and (k == 0 or r < rows - 1) and mine != labels[i + steps[k]]:
                        crossings[found] = c * 8 + k
                        found += 1
                crossings[found] = c * 8 + OUT_OF_RASTER
                found += 1
            for t in range(found):
                k = crossings[t] & 7
                i = r * cols + (crossings[t] >> 3)
                mine = int(labels[i])
                j = i
                other = -1
                if k != OUT_OF_RASTER:
                    j = i + steps[k]
                    other = int(labels[j])
                low = min(mine, other)
                high = max(mine, other)
                if high < 2:
                    continue
                a = i
                b = j
                if low == -1:  # nodata is an outlet, too
                    if mine == -1:
                        a = j
                    b = -1
                    low = 1
                    top = z[a]
                    steep = np.float32(-1.0)
                else:
                    top = max(z[i], z[j])
                    steep = np.float32((np.float64(top) - min(z[i], z[j])) * per[k])
                pair = (low << 32) | high
                slot = np.int64((np.uint64(pair) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits))
                while slots[slot] >= 0 and pairs[slots[slot]] != pair:
                    slot = np.int64((slot + 1) & (slots.size - 1))
                e = int(slots[slot])
                if e >= 0:
                    if (
                        top < height[e]
                        or (top == height[e] and steep > fall[e])
                        or (top == height[e] and steep == fall[e] and a < cell_a[e])
                    ):
                        height[e] = top
                        fall[e] = steep
                        cell_a[e] = a
                        cell_b[e] = b
                    continue
                slots[slot] = count
                pairs[count] = pair
                height[count] = top
                fall[count] = steep
                cell_a[count] = a
                cell_b[count] = b
                count += 1
                if count < room:
                    continue
                pairs = np.concatenate((pairs, pairs))
                height = np.concatenate((height, height))
                fall = np.concatenate((fall, fall))
                cell_a = np.concatenate((cell_a, cell_a))
                cell_b = np.concatenate((cell_b, cell_b))
                room *= 2
                bits += 1
                slots = np.full(1 << bits, -1, dtype=np.int32)
                for e in range(count):
                    slot = np.int64((np.uint64(pairs[e]) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits))
                    while slots[slot] >= 0:
                        slot = np.int64((slot + 1) & (slots.size - 1))
                    slots[slot] = e
    return height[:count].copy(), fall[:count].copy(), cell_a[:count].copy(), cell_b[:count].copy()


@kernel
def spill_tree(tree: Array, basin_a: Array, basin_b: Array, basins: int) -> Array:
    """Direct the tree of passes to the outside (basin 1): for each basin the pass it spills over, int32."""
    start = np.zeros(basins + 1, dtype=np.int32)
    for t in range(tree.size):
        start[basin_a[tree[t]]] += 1
        start[basin_b[tree[t]]] += 1
    total = 0
    for b in range(basins + 1):
        total += start[b]
        start[b] = total
    around = np.empty(total, dtype=np.int32)
    for t in range(tree.size):
        e = tree[t]
        for b in (basin_a[e], basin_b[e]):
            start[b] -= 1
            around[start[b]] = e
    over = np.full(basins, -1, dtype=np.int32)
    queue = np.empty(basins, dtype=np.int32)
    queue[0] = 1
    head = 0
    tail = 1
    while head < tail:
        b = int(queue[head])
        head += 1
        for t in range(start[b], start[b + 1]):
            e = around[t]
            if e != over[b]:
                other = int(basin_a[e]) + basin_b[e] - b
                over[other] = e
                queue[tail] = other
                tail += 1
    return over


@kernel
def drain_over_passes(
    codes: Array, steps: Array, labels: Array, over: Array, cell_a: Array, cell_b: Array, first: int, end: int
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
