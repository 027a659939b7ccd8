"""Kernels on a finished direction raster: its faults, accumulation, labels carried upstream, one path."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.hydrology._codes import NODATA, OUTLET
from ballerup_geo.hydrology._compiled import BLOCK, kernel

__all__ = ["accumulate", "carry_upstream", "clean_directions", "follow"]

Array = np.ndarray[Any, np.dtype[Any]]

UNKNOWN = np.int32(-(2**31))
ON_THE_WAY = np.int32(-(2**31) + 1)
ANSWERED = 255


@kernel
def clean_directions(codes: Array) -> int:
    """Make cells that point off the raster or into nodata outlets, in place.

    Returns the flat index of the first cell whose code is no direction, −1 if there is none.
    """
    rows, cols = codes.shape
    for r in range(rows):
        for c in range(cols):
            code = codes[r, c]
            if code in (OUTLET, NODATA):
                continue
            k = 0
            while k < 8 and code != 1 << k:
                k += 1
            if k == 8:
                return int(r * cols + c)
            to_r = r + (1 <= k <= 3) - (k >= 5)
            to_c = c + (k <= 1 or k == 7) - (3 <= k <= 5)
            if not (0 <= to_r < rows and 0 <= to_c < cols) or codes[to_r, to_c] == NODATA:
                codes[r, c] = OUTLET
    return -1


@kernel
def accumulate(codes: Array, steps: Array, waiting: Array, sums: Array) -> int:
    """Add to each cell's own weight in ``sums`` the weights of all cells upstream (flat arrays, in place).

    ``waiting`` (uint8 zeros) is for counting the neighbours that have yet to deliver.
    Returns the number of cells reached; fewer than there are valid cells when directions run in a circle.
    """
    for i in range(codes.size):
        code = codes[i]
        if code != OUTLET and code != NODATA:
            waiting[i + steps[code]] += 1
    reached = 0
    cols = int(steps[4])
    for block in range(0, cols, BLOCK):
        for row in range(0, codes.size, cols):
            for start in range(row + block, row + min(block + BLOCK, cols)):
                if waiting[start] != 0 or codes[start] == NODATA:
                    continue
                i = start
                while True:
                    waiting[i] = ANSWERED
                    reached += 1
                    if codes[i] == OUTLET:
                        break
                    j = i + steps[codes[i]]
                    sums[j] += sums[i]
                    waiting[j] -= 1
                    if waiting[j] != 0:
                        break
                    i = j
    return reached


@kernel
def carry_upstream(codes: Array, steps: Array, labels: Array) -> int:
    """Give UNKNOWN cells of ``labels`` the label of the first labelled cell downstream, 0 if none (flat, in place).

    Returns a cell of a circle of directions, or −1.
    """
    cols = int(steps[4])
    for block in range(0, cols, BLOCK):
        for row in range(0, codes.size, cols):
            for start in range(row + block, row + min(block + BLOCK, cols)):
                if labels[start] != UNKNOWN:
                    continue
                i = start
                while labels[i] == UNKNOWN:
                    labels[i] = ON_THE_WAY
                    if codes[i] == OUTLET or codes[i] == NODATA:
                        labels[i] = 0
                        break
                    i += steps[codes[i]]
                if labels[i] == ON_THE_WAY:
                    return i
                name = labels[i]
                i = start
                while labels[i] == ON_THE_WAY:
                    labels[i] = name
                    i += steps[codes[i]]
    return -1


@kernel
def follow(codes: Array, row: int, col: int, out: Array) -> int:
    """Write row and column of the cells from a start down to the outlet into ``out`` (int32[room, 2]).

    Codes that lead off the raster or into nodata end the path. Returns the number of cells, ``room + 1`` for more.
    """
    rows, cols = codes.shape
    count = 0
    while count < out.shape[0]:
        out[count, 0] = row
        out[count, 1] = col
        count += 1
        code = codes[row, col]
        if code == OUTLET:
            return count
        k = 0
        while k < 8 and code != 1 << k:
            k += 1
        row += (1 <= k <= 3) - (5 <= k <= 7)
        col += (k <= 1 or k == 7) - (3 <= k <= 5)
        if not (0 <= row < rows and 0 <= col < cols) or codes[row, col] == NODATA:
            return count
    return count + 1
