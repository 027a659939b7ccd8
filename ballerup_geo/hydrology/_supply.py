"""The water of an event: rain, losses and inflow become m³ per basin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.errors import DataError, Fault

__all__ = ["MM_PER_M", "Ground", "Losses", "Supply", "check_duration", "read_amount", "read_supply"]

Losses = float | ArrayLike | Mapping[str, float | ArrayLike] | None
Array = np.ndarray[Any, np.dtype[Any]]
MM_PER_M = 1000.0
ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """Water in m³: per basin label what runs off; in all what fell or flowed in, and what was lost on the way."""

    water_m3: NDArray[np.float64]
    volume_in_m3: float
    lost_m3: float
    duration_h: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Where water falls: labels int32[rows, cols] (−1 no data), cells per label, area of a cell.

    Where ``exits`` (an unsigned raster; None: nowhere) is above 0, a cell counts for the label ``basins − 1`` and that.
    """

    labels: NDArray[np.int32]
    basin_cells: NDArray[np.int32]
    cell_area_m2: float
    exits: NDArray[np.unsignedinteger[Any]] | None = None
    basins: int = 0

    def counted(self, rows: slice) -> NDArray[np.int32]:
        """Return the labels that the cells of some rows count for."""
        labels = self.labels[rows]
        if self.exits is None:
            return labels
        found, exits = labels.copy(), self.exits[rows]
        leaves = exits > 0
        found[leaves] = exits[leaves].astype(np.int32) + np.int32(self.basins - 1)
        return found


@kernel
def add_by_label(labels: Array, values: Array, sums: Array) -> None:
    """Add each cell's value to the sum of its label; cells labelled −1 count for nothing."""
    for r in range(labels.shape[0]):
        for c in range(labels.shape[1]):
            if labels[r, c] >= 0:
                sums[labels[r, c]] += values[r, c]


def check_duration(duration_h: float | None) -> None:
    """Refuse a duration that is none."""
    if duration_h is not None and not 0 < duration_h < math.inf:
        raise DataError(Fault("duration_h", "", f"{duration_h} is no duration", "give hours above 0"))


def read_amount(values: float | ArrayLike, name: str, ground: Ground, most: float = math.inf) -> Array:
    """Return a number (0 dimensions) or a raster of numbers from 0 to ``most`` wherever there is ground."""
    array = np.asarray(values)
    if array.ndim not in (0, 2) or array.dtype.kind not in "biuf":
        raise DataError(Fault(name, "", "neither a number nor a raster of numbers", "give one of the two"))
    if array.ndim == 2 and array.shape != ground.labels.shape:
        what = f"{array.shape} differs from {ground.labels.shape}"
        raise DataError(Fault(name, "shape", what, "give it on the terrain's grid"))
    fits = np.isfinite(array) & (array >= 0) & (array <= most)
    if not np.all(fits if array.ndim == 0 else fits | (ground.labels < 0)):
        limits = "at least 0" if most == math.inf else f"from 0 to {most:g}"
        raise DataError(Fault(name, "", "values that cannot be", f"give finite numbers, {limits}"))
    return array


def _read_losses(losses: Losses, ground: Ground) -> list[Array]:
    if losses is None:
        return []
    named = losses if isinstance(losses, Mapping) else {"": losses}
    return [read_amount(part, f"losses {name}".strip(), ground) for name, part in named.items()]


def _rows(values: Array, first: int, end: int) -> Array:
    return values if values.ndim == 0 else values[first:end].astype(np.float64, copy=False)


def read_supply(
    ground: Ground,
    rain_mm: float | ArrayLike,
    *,
    runoff: float | ArrayLike | None,
    losses: Losses,
    inflow: ArrayLike | None,
    duration_h: float | None,
) -> Supply:
    """Check what an event is given and sum it up by basin (see `Terrain.event`)."""
    check_duration(duration_h)
    rain = read_amount(rain_mm, "rain_mm", ground)
    share = read_amount(1.0 if runoff is None else runoff, "runoff", ground, most=1.0)
    lost = _read_losses(losses, ground)
    extra = None if inflow is None else read_amount(inflow, "inflow", ground)
    if extra is not None and extra.ndim == 0:
        raise DataError(Fault("inflow", "", "one number for all cells", "give a raster in m³ per cell"))
    m3_per_mm = ground.cell_area_m2 / MM_PER_M
    fallen = np.zeros(ground.basin_cells.size)
    running = np.zeros(ground.basin_cells.size)
    if all(values.ndim == 0 for values in (rain, share, *lost)):
        left = max(float(rain) - sum(float(part) for part in lost), 0.0) * float(share)
        fallen += ground.basin_cells * float(rain)
        running += ground.basin_cells * left
    else:
        _sum_rasters(ground, rain, share, lost, fallen, running)
    water_m3 = running * m3_per_mm
    lost_m3 = math.fsum((fallen - running) * m3_per_mm)
    volume_in_m3 = math.fsum(fallen * m3_per_mm)
    if extra is not None:
        added = np.zeros(water_m3.size)
        for first in range(0, extra.shape[0], ROWS_AT_ONCE):
            end = first + ROWS_AT_ONCE
            add_by_label(ground.counted(slice(first, end)), np.ascontiguousarray(_rows(extra, first, end)), added)
        water_m3 += added
        volume_in_m3 += math.fsum(added)
    return Supply(water_m3, volume_in_m3, lost_m3, duration_h)


def _sum_rasters(
    ground: Ground,
    rain: Array,
    share: Array,
    lost: list[Array],
    fallen: NDArray[np.float64],
    running: NDArray[np.float64],
) -> None:
    """Sum rain, and what of it runs off, by label (mm × cells), a few rows at a time."""
    for first in range(0, ground.labels.shape[0], ROWS_AT_ONCE):
        end = first + ROWS_AT_ONCE
        labels = ground.counted(slice(first, end))
        rain_rows = np.array(np.broadcast_to(_rows(rain, first, end), labels.shape), dtype=np.float64)
        left = rain_rows.copy()
        with np.errstate(invalid="ignore"):  # whatever stands in cells without data
            for part in lost:
                left -= _rows(part, first, end)
            np.maximum(left, 0.0, out=left)
            left *= _rows(share, first, end)
        add_by_label(labels, rain_rows, fallen)
        add_by_label(labels, left, running)
