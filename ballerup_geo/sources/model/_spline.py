"""Smooth surfaces from a lattice: uniform cubic B-splines, the same surface at every cell size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel

__all__ = ["Lattice", "spline_at", "spline_rows"]


@dataclass(frozen=True, slots=True)
class Lattice:
    """Values at nodes ``(west_m + column · step_m, north_m − row · step_m)``; float32 ``[rows, cols]``."""

    values: NDArray[np.float32]
    west_m: float
    north_m: float
    step_m: float

    def nodes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return eastings of the columns and northings of the rows."""
        rows, columns = self.values.shape
        east = self.west_m + np.arange(columns, dtype=np.float64) * self.step_m
        north = self.north_m - np.arange(rows, dtype=np.float64) * self.step_m
        return np.asarray(east, np.float64), np.asarray(north, np.float64)


def spline_at(
    lattice: Lattice, east_m: NDArray[np.floating], north_m: NDArray[np.floating], out: NDArray[np.float32]
) -> None:
    """Add the spline's surface to ``out[row, col]`` at (east_m[col], north_m[row])."""
    column = (np.asarray(east_m, dtype=np.float64) - lattice.west_m) / lattice.step_m
    row = (lattice.north_m - np.asarray(north_m, dtype=np.float64)) / lattice.step_m
    spline_rows(lattice.values, row, column, out)


@kernel
def spline_rows(
    values: NDArray[np.float32], row: NDArray[np.float64], column: NDArray[np.float64], out: NDArray[np.float32]
) -> None:
    """Add the cubic B-spline over ``values`` at fractional rows × columns to ``out``."""
    rows, columns = values.shape
    first = np.empty(column.size, np.int64)
    weight = np.empty((column.size, 4), np.float32)
    for j in range(column.size):
        f = np.floor(column[j])
        t = column[j] - f
        first[j] = min(max(int(f) - 1, 0), columns - 4)
        weight[j, 0] = (1.0 - t) ** 3 / 6.0
        weight[j, 1] = (3.0 * t**3 - 6.0 * t**2 + 4.0) / 6.0
        weight[j, 2] = (-3.0 * t**3 + 3.0 * t**2 + 3.0 * t + 1.0) / 6.0
        weight[j, 3] = t**3 / 6.0
    blend = np.empty(columns, np.float32)
    for i in range(row.size):
        f = np.floor(row[i])
        t = row[i] - f
        k = min(max(int(f) - 1, 0), rows - 4)
        w0 = np.float32((1.0 - t) ** 3 / 6.0)
        w1 = np.float32((3.0 * t**3 - 6.0 * t**2 + 4.0) / 6.0)
        w2 = np.float32((-3.0 * t**3 + 3.0 * t**2 + 3.0 * t + 1.0) / 6.0)
        w3 = np.float32(t**3 / 6.0)
        for j in range(columns):
            blend[j] = w0 * values[k, j] + w1 * values[k + 1, j] + w2 * values[k + 2, j] + w3 * values[k + 3, j]
        for j in range(column.size):
            c = first[j]
            out[i, j] += (
                weight[j, 0] * blend[c]
                + weight[j, 1] * blend[c + 1]
                + weight[j, 2] * blend[c + 2]
                + weight[j, 3] * blend[c + 3]
            )
