"""Kernels: where water runs from each cell over the bare terrain, flats included, up to the pits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.hydrology._codes import NODATA, OUTLET, PIT, UNRESOLVED

__all__ = ["drain_flats", "steepest_descent"]

Array = np.ndarray[Any, np.dtype[Any]]
DIAGONALS = 0b10101010
"""South-east, south-west, north-west, north-east among the bits of the eight neighbours."""


@kernel
def read_line(z: Array, row: int, left: int, line: Array) -> None:
    """Copy cells of a row from column ``left`` on; beyond the raster there is no data."""
    rows, cols = z.shape
    for c in range(line.size):
        line[c] = np.nan
    if 0 <= row < rows:
        for c in range(max(left, 0), min(left + line.size, cols)):
            line[c - left] = z[row, c]


@kernel
def descend_line(
    up: Array, here: Array, down: Array, per_dx: float, per_dy: float, per_diagonal: float, codes: Array, kinds: Array
) -> None:
    """Write the D8 code of a line of cells, and their kinds: 1 for those that a pass may cross, 2 for flats.

    ``here`` is the line with a cell more at either end, ``up`` and ``down`` those beside it. Written without branches
    on what the terrain is like: they could not be predicted, and this way several cells are worked out at once.

    A pass crosses a cell only where its lower neighbours fall into separate groups: neighbours that touch are connected
    by lower ground already. At level neighbours, and where data end, there is no telling.
    """
    for c in range(codes.size):
        z = here[c + 1]
        e = here[c + 2]
        se = down[c + 2]
        s = down[c + 1]
        sw = down[c]
        w = here[c]
        nw = up[c]
        n = up[c + 1]
        ne = up[c + 2]
        lower = (e < z) | (se < z) * 2 | (s < z) * 4 | (sw < z) * 8
        lower |= (w < z) * 16 | (nw < z) * 32 | (n < z) * 64 | (ne < z) * 128
        level = (e == z) | (se == z) | (s == z) | (sw == z) | (w == z) | (nw == z) | (n == z) | (ne == z)
        gap = (e != e) | (se != se) | (s != s) | (sw != sw) | (w != w) | (nw != nw) | (n != n) | (ne != ne)
        ahead = (lower >> 1) | (lower << 7)
        behind = (lower << 1) | (lower >> 7)
        joined = lower | (ahead & behind & DIAGONALS)  # north and east touch each other past a higher north-east
        starts = joined & ~((joined << 1) | (joined >> 7)) & 255
        height = np.float64(z)
        best = 0.0
        code = np.uint8(0)
        drop = (height - e) * per_dx
        if drop > best:
            best = drop
            code = np.uint8(1)
        drop = (height - se) * per_diagonal
        if drop > best:
            best = drop
            code = np.uint8(2)
        drop = (height - s) * per_dy
        if drop > best:
            best = drop
            code = np.uint8(4)
        drop = (height - sw) * per_diagonal
        if drop > best:
            best = drop
            code = np.uint8(8)
        drop = (height - w) * per_dx
        if drop > best:
            best = drop
            code = np.uint8(16)
        drop = (height - nw) * per_diagonal
        if drop > best:
            best = drop
            code = np.uint8(32)
        drop = (height - n) * per_dy
        if drop > best:
            best = drop
            code = np.uint8(64)
        drop = (height - ne) * per_diagonal
        if drop > best:
            best = drop
            code = np.uint8(128)
        lowest = np.uint8(OUTLET) if gap else (np.uint8(UNRESOLVED) if level else np.uint8(PIT))
        code = code if lower != 0 else lowest
        code = code if z == z else np.uint8(NODATA)
        codes[c] = code
        kinds[c] = ((((starts & (starts - 1)) != 0) | level | gap) & (z == z)) | (code == UNRESOLVED) * 2


@kernel
def steepest_descent(
    z: Array,
    per_dx: float,
    per_dy: float,
    per_diagonal: float,
    codes: Array,
    first: int,
    end: int,
    left: int,
    right: int,
    crossed: Array,
    flats: Array,
) -> tuple[Array, Array]:
    """Write the D8 code of the steepest way down for a tile: rows ``first`` to ``end``, columns ``left`` to ``right``.

    A cell without lower neighbour is an OUTLET at the edge of the raster or beside nodata (NaN), UNRESOLVED beside
    level ground, else a PIT. Returns (int32, flat index) the cells that a pass may cross, and the UNRESOLVED ones;
    both lists are written into scratch first.
    """
    width = right - left
    lines = np.empty((3, width + 2), dtype=np.float32)
    kinds = np.empty(width, dtype=np.uint8)
    count = 0
    unresolved = 0
    read_line(z, first - 1, left - 1, lines[0])
    read_line(z, first, left - 1, lines[1])
    for r in range(first, end):
        t = r - first
        read_line(z, r + 1, left - 1, lines[(t + 2) % 3])
        descend_line(
            lines[t % 3],
            lines[(t + 1) % 3],
            lines[(t + 2) % 3],
            per_dx,
            per_dy,
            per_diagonal,
            codes[r, left:right],
            kinds,
        )
        start = r * z.shape[1] + left
        for c in range(width):
            crossed[count] = start + c
            count += kinds[c] & 1
            flats[unresolved] = start + c
            unresolved += kinds[c] >> 1
    return crossed[:count].copy(), flats[:unresolved].copy()


@kernel
def drain_flats(z: Array, codes: Array, steps: Array, flats: Array) -> None:
    """Lead the UNRESOLVED cells ``flats`` (rising) over level ground to the nearest way down (flat arrays).

    A flat without any way down gets one PIT, the first of its cells, and drains to it.
    """
    queue = np.empty(flats.size, dtype=np.int32)
    chosen = np.empty(flats.size, dtype=np.uint8)
    tail = 0
    for i in flats:
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
        if tail == flats.size:
            break
        while codes[flats[scan]] != UNRESOLVED:
            scan += 1
        codes[flats[scan]] = PIT
        queue[tail] = flats[scan]
        tail += 1
