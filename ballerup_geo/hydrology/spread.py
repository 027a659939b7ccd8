"""Flow that spreads over several neighbours: for maps of wet paths, not for the bookkeeping of water."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.errors import DataError, Fault
from ballerup_geo.hydrology._codes import NODATA, OUTLET, index_steps
from ballerup_geo.hydrology._drainage import drain, fill
from ballerup_geo.hydrology._input import CellSize, read_cell_size, read_terrain
from ballerup_geo.hydrology.flow import read_weights

__all__ = ["flow_accumulation_mfd"]

Array = np.ndarray[Any, np.dtype[Any]]
FREEMAN_EXPONENT = 1.1


def flow_accumulation_mfd(
    dtm: ArrayLike,
    *,
    cell_size_m: CellSize = 1.0,
    nodata: float | None = None,
    weights: ArrayLike | None = None,
    exponent: float = FREEMAN_EXPONENT,
) -> NDArray[np.float64]:
    """Count for each cell the cells that drain through it where flow spreads over all lower neighbours.

    On the filled terrain each cell shares what it has among its lower neighbours, in the proportion
    ``slope ** exponent`` (multiple flow directions: Freeman 1991, "Calculating catchment area with divergent flow based
    on a regular grid"). Where none is lower, on flats and over full hollows, it follows the one direction of
    `flow_directions`. Slopes spread their water evenly and valleys gather it, without the parallel lines that one
    direction per cell draws. Use it to look at; water is accounted for along `flow_directions`.

    Parameters
    ----------
    dtm, nodata
        As for `fill_depressions`.
    cell_size_m
        Cell width and height in metres, or one number; only their ratio matters.
    weights
        What each cell contributes instead of 1, ``[rows, cols]``; ignored in cells without data.
    exponent
        Above 0. The larger it is, the more goes the steepest way.

    Returns
    -------
    float64[rows, cols], own cell included; 0 without data. At the outlets together: all cells, or all weights.

    Raises
    ------
    DataError, MethodError
        As for `flow_directions` and `flow_accumulation`; an exponent that is not above 0.

    Examples
    --------
    >>> flow_accumulation_mfd([[9, 9, 9], [5, 3, 1]]).round(2).tolist()[1]
    [1.67, 3.94, 6.0]
    """
    if not 0 < exponent < math.inf:
        raise DataError(Fault("exponent", "", f"{exponent} is no exponent", "give a number above 0"))
    z = read_terrain(dtm, nodata)
    dx, dy = read_cell_size(cell_size_m)
    drainage = drain(z, dx, dy)
    sums = read_weights(drainage.codes, weights)
    filled = fill(z, drainage)
    waiting, queue = np.zeros(z.shape, dtype=np.uint8), np.empty(z.size, dtype=np.int32)
    spread(filled, drainage.codes, index_steps(z.shape[1]), dx, dy, exponent, waiting, queue, sums)
    return sums


@kernel
def share_out(filled: Array, row: int, col: int, dx: float, dy: float, exponent: float, shares: Array) -> float:
    """Write for each of the 8 neighbours its part of what leaves a cell, 0 if it is not lower; returns the sum."""
    rows, cols = filled.shape
    steepest = 0.0
    for k in range(8):
        shares[k] = 0.0
        down = (1 <= k <= 3) - (k >= 5)
        right = (k <= 1 or k == 7) - (3 <= k <= 5)
        if 0 <= row + down < rows and 0 <= col + right < cols:
            drop = np.float64(filled[row, col]) - filled[row + down, col + right]
            if drop > 0.0:
                shares[k] = drop / math.hypot(down * dy, right * dx)
                steepest = max(steepest, shares[k])
    total = 0.0
    for k in range(8):
        if shares[k] > 0.0:
            shares[k] = (shares[k] / steepest) ** exponent
            total += shares[k]
    return total


@kernel
def spread(
    filled: Array,
    codes: Array,
    steps: Array,
    dx: float,
    dy: float,
    exponent: float,
    waiting: Array,
    queue: Array,
    sums: Array,
) -> None:
    """Hand the weights in ``sums`` down, each cell after all that drain to it (in place).

    ``waiting`` (uint8 zeros) counts the neighbours that have yet to deliver, ``queue`` (int32, a place per cell) holds
    cells that are ready. No way leads up, and level ones follow directions, which have no circles: all cells come.
    """
    cols = filled.shape[1]
    shares = np.empty(8)
    codes_at, waiting_at, sums_at = codes.reshape(-1), waiting.reshape(-1), sums.reshape(-1)
    for i in range(codes_at.size):
        if codes_at[i] == NODATA:
            continue
        if share_out(filled, i // cols, i % cols, dx, dy, exponent, shares) > 0.0:
            for k in range(8):
                if shares[k] > 0.0:
                    waiting_at[i + steps[1 << k]] += 1
        elif codes_at[i] != OUTLET:
            waiting_at[i + steps[codes_at[i]]] += 1
    ready = 0
    for i in range(codes_at.size):
        if waiting_at[i] == 0 and codes_at[i] != NODATA:
            queue[ready] = i
            ready += 1
    while ready > 0:
        ready -= 1
        i = int(queue[ready])
        total = share_out(filled, i // cols, i % cols, dx, dy, exponent, shares)
        if total == 0.0 and codes_at[i] != OUTLET:
            k = 0
            while codes_at[i] != 1 << k:
                k += 1
            shares[k] = total = 1.0
        for k in range(8):
            if shares[k] > 0.0:
                j = i + steps[1 << k]
                sums_at[j] += sums_at[i] * (shares[k] / total)
                waiting_at[j] -= 1
                if waiting_at[j] == 0:
                    queue[ready] = j
                    ready += 1
