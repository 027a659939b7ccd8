"""Kernels: where water runs from each cell over the bare terrain, flats included, up to the pits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.hydrology._codes import NODATA, OUTLET, PIT, UNRESOLVED
from ballerup_geo.hydrology._compiled import BLOCK, kernel

__all__ = ["drain_flats", "label_basins", "steepest_descent"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def steepest_descent(
    z: Array, per_dx: float, per_dy: float, per_diagonal: float, first: int, end: int, out: Array
) -> int:
    """Write the D8 code of the steepest way down for the rows ``first`` to ``end``; flats stay UNRESOLVED.

    A cell without lower neighbour is an OUTLET at the edge of the raster or beside nodata (NaN).
    Returns the number of UNRESOLVED cells.
    """
    rows, cols = z.shape
    unresolved = 0
    for r in range(first, end):
        inner_row = 0 < r < rows - 1
        for c in range(cols):
            here = np.float64(z[r, c])
            if here != here:
                out[r, c] = NODATA
                continue
            best = 0.0
            code = 0
            edge = False
            if inner_row and 0 < c < cols - 1:
                total = 0.0
                drop = (here - z[r, c + 1]) * per_dx
                total += drop
                if drop > best:
                    best = drop
                    code = 1
                drop = (here - z[r + 1, c + 1]) * per_diagonal
                total += drop
                if drop > best:
                    best = drop
                    code = 2
                drop = (here - z[r + 1, c]) * per_dy
                total += drop
                if drop > best:
                    best = drop
                    code = 4
                drop = (here - z[r + 1, c - 1]) * per_diagonal
                total += drop
                if drop > best:
                    best = drop
                    code = 8
                drop = (here - z[r, c - 1]) * per_dx
                total += drop
                if drop > best:
                    best = drop
                    code = 16
                drop = (here - z[r - 1, c - 1]) * per_diagonal
                total += drop
                if drop > best:
                    best = drop
                    code = 32
                drop = (here - z[r - 1, c]) * per_dy
                total += drop
                if drop > best:
                    best = drop
                    code = 64
                drop = (here - z[r - 1, c + 1]) * per_diagonal
                total += drop
                if drop > best:
                    best = drop
                    code = 128
                edge = total != total
            else:
                edge = True
                for k in range(8):
                    dr = (k in (1, 2, 3)) - (k in (5, 6, 7))
                    dc = (k in (0, 1, 7)) - (k in (3, 4, 5))
                    if 0 <= r + dr < rows and 0 <= c + dc < cols:
                        per = per_diagonal if dr * dc != 0 else (per_dx if dr == 0 else per_dy)
                        drop = (here - z[r + dr, c + dc]) * per
                        if drop > best:
                            best = drop
                            code = 1 << k
            if code == 0 and not edge:
                code = UNRESOLVED
                unresolved += 1
            out[r, c] = code
    return unresolved


@kernel
def drain_flats(z: Array, codes: Array, steps: Array, unresolved: int) -> int:
    """Lead UNRESOLVED cells (flat arrays ``z`` and ``codes``) over level ground to the nearest way down.

    A flat without any way down gets one PIT, the first of its cells, and drains to it. Returns the number of pits.
    """
    queue = np.empty(unresolved, dtype=np.int32)
    chosen = np.empty(unresolved, dtype=np.uint8)
    tail = 0
    pits = 0
    if unresolved == 0:
        return pits
    for i in range(codes.size):
        if codes[i] != UNRESOLVED:
            continue
        for k in range(8):
            j = i + steps[1 << k]
            if codes[j] < PIT and z[j] == z[i]:
                queue[tail] = i
                chosen[tail] = 1 << k
                tail += 1
                break
    for t in range(tail):
        codes[queue[t]] = chosen[t]
    head = 0
    scan = 0
    while True:
        while head < tail:
            i = int(queue[head])
            head += 1
            for k in range(8):
                back = i - steps[1 << k]
                if 0 <= back < codes.size and codes[back] == UNRESOLVED and z[back] == z[i]:
                    codes[back] = 1 << k
                    queue[tail] = back
                    tail += 1
        if tail == unresolved:
            break
        while codes[scan] != UNRESOLVED:
            scan += 1
        codes[scan] = PIT
        queue[tail] = scan
        tail += 1
        pits += 1
    return pits


@kernel
def label_basins(codes: Array, steps: Array, labels: Array, pits: Array) -> None:
    """Name for every cell the pit it runs to (flat arrays).

    ``labels`` starts as zeros and becomes −1 nodata, 1 out of the raster, 2 … the basin whose pit is ``pits[label]``.
    """
    named = 2
    cols = int(steps[4])
    for block in range(0, cols, BLOCK):
        for row in range(0, codes.size, cols):
            for start in range(row + block, row + min(block + BLOCK, cols)):
                if labels[start] != 0:
                    continue
                i = start
                while labels[i] == 0 and OUTLET < codes[i] < PIT:
                    i += steps[codes[i]]
                if labels[i] == 0:
                    if codes[i] == NODATA:
                        labels[i] = -1
                    elif codes[i] == OUTLET:
                        labels[i] = 1
                    else:
                        labels[i] = named
                        pits[named] = i
                        named += 1
                name = labels[i]
                i = start
                while labels[i] == 0:
                    labels[i] = name
                    i += steps[codes[i]]
