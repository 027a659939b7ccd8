"""Kernel: the filled terrain and what is known of each hollow, in one pass over the raster."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.hydrology._compiled import kernel

__all__ = ["fill_basins", "measure_hollows"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def fill_basins(z: Array, labels: Array, level: Array, out: Array, first: int, end: int) -> None:
    """Raise each cell of a basin to the spill level of the basin where it lies lower (flat arrays)."""
    for i in range(first, end):
        height = z[i]
        if labels[i] > 1 and height < level[labels[i]]:
            height = level[labels[i]]
        out[i] = height


@kernel
def measure_hollows(
    z: Array, labels: Array, level: Array, hollow_of: Array, out: Array, hollows: int
) -> tuple[Array, Array, Array, Array]:
    """Write the hollow that each cell lies in (flat int32, 0 none) and measure the hollows 1 to ``hollows``.

    Returns for each: cells below its spill level, the sum of their depths, the largest, and the cells that run to it.
    """
    cells = np.zeros(hollows + 1, dtype=np.int64)
    depth_sum = np.zeros(hollows + 1, dtype=np.float64)
    deepest = np.zeros(hollows + 1, dtype=np.float64)
    upstream = np.zeros(hollows + 1, dtype=np.int64)
    for i in range(z.size):
        basin = labels[i]
        if basin < 2:
            out[i] = 0
            continue
        hollow = hollow_of[basin]
        upstream[hollow] += 1
        depth = np.float64(level[basin]) - z[i]
        if depth > 0.0:
            out[i] = hollow
            cells[hollow] += 1
            depth_sum[hollow] += depth
            deepest[hollow] = max(deepest[hollow], depth)
        else:
            out[i] = 0
    return cells, depth_sum, deepest, upstream
