"""Ground summed up by classes, so that any number of even rains costs no further pass over the raster."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.errors import DataError, Fault
from ballerup_geo.hydrology._supply import MM_PER_M, Supply, check_duration, read_amount
from ballerup_geo.hydrology.event import Event, run_event

if TYPE_CHECKING:
    from ballerup_geo.hydrology.terrain import Terrain

__all__ = ["ClassedGround", "class_ground"]

STRIP_CELLS = 1 << 22

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class ClassedGround:
    """How much ground of each class drains to each basin of a terrain, and what share of its rain runs off.

    Attributes
    ----------
    terrain
        The terrain.
    cells, shares
        float64[classes, labels]: number of cells, and the sum of their shares that run off.
    """

    terrain: Terrain
    cells: NDArray[np.float64]
    shares: NDArray[np.float64]

    def event(
        self,
        rain_mm: float | Sequence[float] | NDArray[np.float64],
        *,
        losses_mm: float | Sequence[float] | NDArray[np.float64] = 0.0,
        duration_h: float | None = None,
    ) -> Event:
        """Let it rain evenly on each class of ground.

        Parameters
        ----------
        rain_mm, losses_mm
            A number, or one for each class. Of the rain, the losses go first; of the rest the share runs off.
        duration_h
            As in `Terrain.event`.

        Returns
        -------
        The same event as `Terrain.event` with rasters of these numbers, but for the rounding of sums.

        Raises
        ------
        DataError
            A number below 0 or not finite, or not one for each class.
        """
        check_duration(duration_h)
        rain, losses = self._by_class(rain_mm, "rain_mm"), self._by_class(losses_mm, "losses_mm")
        m3_per_mm = self.terrain.cell_area_m2 / MM_PER_M
        fallen = rain @ self.cells
        running = np.maximum(rain - losses, 0.0) @ self.shares
        supply = Supply(
            running * m3_per_mm,
            math.fsum(fallen * m3_per_mm),
            math.fsum((fallen - running) * m3_per_mm),
            duration_h,
        )
        return run_event(self.terrain, supply)

    def _by_class(self, values: float | Sequence[float] | NDArray[np.float64], name: str) -> NDArray[np.float64]:
        array = np.asarray(values, dtype=np.float64)
        if array.ndim > 1 or (array.ndim == 1 and array.size != len(self.cells)):
            what = f"{array.shape} is neither one number nor {len(self.cells)}"
            raise DataError(Fault(name, "", what, "give a number, or one for each class"))
        if not (np.isfinite(array).all() and (array >= 0).all()):
            raise DataError(Fault(name, "", "values that cannot be", "give finite numbers, at least 0"))
        return np.broadcast_to(array, (len(self.cells),))


@kernel
def add_by_class(labels: Array, classes: Array, shares: Array, cells: Array, sums: Array) -> None:
    """Count the cells, and sum their shares, by class and label; cells labelled −1 count for nothing."""
    for r in range(labels.shape[0]):
        for c in range(labels.shape[1]):
            label = labels[r, c]
            if label >= 0:
                cells[classes[r, c], label] += 1.0
                sums[classes[r, c], label] += shares[r, c]


def _strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """Give rows in strips, so that the shares of a large raster are never all in memory."""
    step = max(1, STRIP_CELLS // shape[1])
    for first in range(0, shape[0], step):
        yield slice(first, min(first + step, shape[0]))


def class_ground(terrain: Terrain, classes: ArrayLike, runoff: ArrayLike, count: int | None = None) -> ClassedGround:
    """Sum a terrain's ground by class (see `Terrain.classed`)."""
    shares: Any = runoff if hasattr(runoff, "shape") else np.asarray(runoff)
    if len(shares.shape) == 2 and shares.shape != terrain.dtm.shape:
        what = f"{shares.shape} differs from {terrain.dtm.shape}"
        raise DataError(Fault("runoff", "shape", what, "give it on the terrain's grid"))
    ground = terrain.ground
    marks = np.asarray(classes)
    if marks.shape != ground.labels.shape or marks.dtype != np.uint8:
        what = f"{marks.dtype}{marks.shape} is no raster of classes"
        raise DataError(Fault("classes", "", what, "give uint8 on the terrain's grid"))
    greatest = int(marks.max())
    if count is not None and count <= greatest:
        todo = "count them from 0"
        raise DataError(Fault("classes", "", f"class {greatest} is not one of {count}", todo))
    cells, sums = (np.zeros((count or greatest + 1, ground.basin_cells.size)) for _ in range(2))
    for rows in _strips(marks.shape):
        here = replace(ground, labels=ground.labels[rows])
        part = read_amount(shares[rows] if np.ndim(shares) else shares, "runoff", here, most=1.0)
        share = np.ascontiguousarray(np.broadcast_to(part, here.labels.shape), dtype=np.float32)
        add_by_class(ground.counted(rows), np.ascontiguousarray(marks[rows]), share, cells, sums)
    return ClassedGround(terrain, cells, sums)
