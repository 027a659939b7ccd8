"""Kernels on a finished direction raster: its faults, accumulation, one path."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.hydrology._codes import NODATA, OUTLET

__all__ = ["ANSWERED", "accumulate_tile", "clean_directions", "deliver", "follow"]

Array = np.ndarray[Any, np.dtype[Any]]

ANSWERED = 255
DELIVERIES_AT_ONCE = 256
"""So many drops are followed side by side: few enough to stay in cache, enough not to wait for memory."""


@kernel
def clean_directions(codes: Array) -> int:
    """Make cells that point off the raster or into nodata outlets, in place.

    Returns the flat index of the first cell whose code is no direction, −1 if there is none.
    """
    rows, cols = codes.shape
    gaps = 0
    for r in range(rows):
        wrong = 0
        line = codes[r]
        for c in range(cols):
            code = line[c]
            gaps += code == NODATA
            wrong += ((code & (code - 1)) != 0) & (code != NODATA)
        for c in range(cols if wrong > 0 else 0):
            if codes[r, c] & (codes[r, c] - 1) != 0 and codes[r, c] != NODATA:
                return int(r * cols + c)
    for r in range(rows):
        inner = 0 < r < rows - 1 and gaps == 0  # only cells at the edge point off a raster without gaps
        for c in range(0, cols, max(cols - 1, 1) if inner else 1):
            code = codes[r, c]
            if code in (OUTLET, NODATA):
                continue
            k = 0
            while code != 1 << k:
                k += 1
            to_r = r + (1 <= k <= 3) - (k >= 5)
            to_c = c + (k <= 1 or k == 7) - (3 <= k <= 5)
            if not (0 <= to_r < rows and 0 <= to_c < cols) or codes[to_r, to_c] == NODATA:
                codes[r, c] = OUTLET
    return -1


@kernel
def accumulate_tile(
    codes: Array,
    weighted: bool,
    sums: Array,
    waiting: Array,
    first: int,
    end: int,
    left: int,
    right: int,
    code_at: Array,
    wait_at: Array,
    total_at: Array,
    ready: Array,
) -> tuple[Array, Array, Array, int]:
    """Add to each cell's own weight the weights of all cells upstream of it, as far as a tile can tell.

    ``sums`` (float64 raster) holds the weights if ``weighted``; otherwise each cell with data weighs 1. ``waiting``
    (uint8 raster) becomes the number of neighbours in other tiles, or downstream of those, that have yet to deliver to
    a cell; ANSWERED for cells that have handed on what they got. Returns what leaves the tile: the cells it reaches
    (int32, flat index), how much (float64) and from how many cells (uint8); and the number of cells not yet ANSWERED.
    The last four (uint8, uint8, float64, int32) are scratch.
    """
    rows, cols = codes.shape
    width = right - left + 2
    height = end - first + 2
    size = height * width
    code_at[:size] = NODATA
    wait_at[:size] = ANSWERED
    total_at[:size] = 0.0
    code = code_at[:size].reshape((height, width))
    wait = wait_at[:size].reshape((height, width))
    total = total_at[:size].reshape((height, width))
    for r in range(max(first - 1, 0), min(end + 1, rows)):
        for c in range(max(left - 1, 0), min(right + 1, cols)):
            code[r - first + 1, c - left + 1] = codes[r, c]
    for r in range(1, height - 1):
        count_upstream(code[r - 1], code[r], code[r + 1], wait[r])
        for c in range(1, width - 1):
            total[r, c] = sums[first + r - 1, left + c - 1] if weighted else code[r, c] != NODATA
    steps = np.zeros(256, dtype=np.int32)
    for k in range(8):
        steps[1 << k] = ((1 <= k <= 3) - (k >= 5)) * width + (k <= 1 or k == 7) - (3 <= k <= 5)
    count = 0
    valid = 0
    for i in range(width, size - width):
        ready[count] = i
        count += wait_at[i] == 0
        valid += wait_at[i] != ANSWERED
    done = 0
    while done < count:  # without branches: they could not be predicted
        i = ready[done]
        done += 1
        step = steps[code_at[i]]
        j = i + step
        wait_at[i] = ANSWERED
        total_at[j] += total_at[i] if step != 0 else 0.0
        wait_at[j] -= step != 0
        ready[count] = j
        count += wait_at[j] == 0
    for r in range(1, height - 1):
        for c in range(1, width - 1):
            sums[first + r - 1, left + c - 1] = total[r, c]
            waiting[first + r - 1, left + c - 1] = wait[r, c]
    around = 2 * (width + height)
    cell = np.empty(around, dtype=np.int32)
    amount = np.empty(around, dtype=np.float64)
    times = np.empty(around, dtype=np.uint8)
    leaving = 0
    for r in range(height):
        for c in range(0, width, 1 if r in (0, height - 1) else width - 1):
            if wait[r, c] != ANSWERED:
                cell[leaving] = (first - 1 + r) * cols + left - 1 + c
                amount[leaving] = total[r, c]
                times[leaving] = ANSWERED - wait[r, c]
                leaving += 1
    return cell[:leaving].copy(), amount[:leaving].copy(), times[:leaving].copy(), valid - done


@kernel
def count_upstream(up: Array, here: Array, down: Array, out: Array) -> None:
    """Write for each cell of a line but its ends how many neighbours drain to it; ANSWERED without data."""
    for c in range(1, here.size - 1):
        count = (here[c - 1] == 1) * 1 + (up[c - 1] == 2) + (up[c] == 4) + (up[c + 1] == 8)
        count += (here[c + 1] == 16) * 1 + (down[c + 1] == 32) + (down[c] == 64) + (down[c - 1] == 128)
        out[c] = ANSWERED if here[c] == NODATA else count


@kernel
def deliver(
    codes: Array,
    steps: Array,
    waiting: Array,
    sums: Array,
    cell: Array,
    amount: Array,
    times: Array,
    unanswered: int,
) -> int:
    """Hand on what tiles deliver to each other's cells (flat arrays; ``sums`` and ``waiting`` in place).

    Returns how many cells remain unanswered: none unless directions run in a circle.
    """
    ready = np.empty(unanswered + DELIVERIES_AT_ONCE + 1, dtype=np.int32)
    for first in range(0, cell.size, DELIVERIES_AT_ONCE):
        count = 0
        for t in range(first, min(first + DELIVERIES_AT_ONCE, cell.size)):
            j = cell[t]
            sums[j] += amount[t]
            waiting[j] -= times[t]
            ready[count] = j
            count += waiting[j] == 0
        done = 0
        while done < count:
            i = ready[done]
            done += 1
            step = steps[codes[i]]
            j = i + step
            waiting[i] = ANSWERED
            sums[j] += sums[i] if step != 0 else 0.0
            waiting[j] -= step != 0
            ready[count] = j
            count += waiting[j] == 0
        unanswered -= done
    return unanswered


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
