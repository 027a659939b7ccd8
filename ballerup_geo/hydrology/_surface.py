"""Kernels: a water surface laid over the terrain, basin by basin."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = ["fill_basins", "mark_hollows", "sum_depths", "water_depth"]

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
def mark_hollows(z: Array, labels: Array, level: Array, hollow: Array, out: Array, first: int, end: int) -> None:
    """Write the hollow of its basin into each cell that lies below the basin's spill level (flat arrays)."""
    for i in range(first, end):
        out[i] = hollow[labels[i]] if labels[i] > 1 and z[i] < level[labels[i]] else 0


@kernel
def water_depth(z: Array, labels: Array, surface: Array, out: Array, first: int, end: int) -> None:
    """Write the depth below the water surface of its basin into each cell, 0 where it lies dry, NaN without data."""
    for i in range(first, end):
        depth = np.float64(0.0)
        if labels[i] > 1:
            depth = max(depth, surface[labels[i]] - z[i])
        out[i] = depth if labels[i] >= 0 else np.nan


@kernel
def sum_depths(z: Array, labels: Array, surface: Array, sums: Array) -> None:
    """Add the depth of water over each cell (flat arrays) to the sum of its basin."""
    for i in range(z.size):
        if labels[i] > 1 and surface[labels[i]] > z[i]:
            sums[labels[i]] += surface[labels[i]] - z[i]
