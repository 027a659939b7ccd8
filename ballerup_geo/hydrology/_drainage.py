"""From bare terrain to basins, their spill levels and directions: the steps that every public function shares.

1. every cell runs down the steepest way, flats to their nearest way down; what remains are pits (`_descent`);
2. the cells of a pit are a basin; where basins touch, the lowest crossing is a pass (`_passes`);
3. each basin spills over its best pass, on the way out with the lowest highest point: that height is its spill level;
4. the filled terrain is the higher of terrain and spill level; turning the path from pass to pit drains the basin.

This is exactly the result of a priority flood, but it walks the raster in storage order instead of height order, so
memory is read in line. There is no tolerance, slope increment or iteration limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.hydrology._codes import index_steps
from ballerup_geo.hydrology._compiled import by_strips
from ballerup_geo.hydrology._descent import drain_flats, label_basins, steepest_descent
from ballerup_geo.hydrology._passes import drain_over_passes, find_passes, spill_tree
from ballerup_geo.hydrology._surface import fill_basins

__all__ = ["Drainage", "Passes", "drain", "fill"]

FIRST_BASIN = 2
"""Labels: −1 nodata, 1 the outside, then basins."""


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """The lowest crossings between basins: height in metres, the two cells (flat index; −1 outside), the two labels."""

    height_m: NDArray[np.float32]
    cell_a: NDArray[np.int32]
    cell_b: NDArray[np.int32]
    basin_a: NDArray[np.int32]
    basin_b: NDArray[np.int32]
    order: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Drainage:
    """Directions of all cells, and the basins they form.

    ``codes`` uint8 and ``labels`` int32 are rasters; the rest is indexed by label: ``pit`` and ``over`` (the pass a
    basin spills over) int32, ``level_m`` float32 (spill level), ``root`` int32 (label of the basin that stands for its
    outermost depression).
    """

    codes: NDArray[np.uint8]
    labels: NDArray[np.int32]
    pit: NDArray[np.int32]
    over: NDArray[np.int32]
    level_m: NDArray[np.float32]
    root: NDArray[np.int32]
    passes: Passes

    @property
    def basins(self) -> int:
        """Length of the arrays that are indexed by label."""
        return int(self.pit.size)


def _sort_keys(height_m: NDArray[np.float32], fall: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return integers in the order of rising height, then of falling steepness."""

    def ordered(values: NDArray[np.float32]) -> NDArray[np.uint64]:
        bits = (values + np.float32(0.0)).view(np.uint32)  # adding 0 makes −0 into 0
        sign = bits >> np.uint32(31)
        return (bits ^ (sign * np.uint32(0x7FFFFFFF) | np.uint32(0x80000000))).astype(np.uint64)

    return (ordered(height_m) << np.uint64(32)) | ordered(-fall)


def _collect_passes(z: NDArray[np.float32], labels: NDArray[np.int32], per: tuple[float, float, float]) -> Passes:
    rows, cols = z.shape
    flat, names = z.reshape(-1), labels.reshape(-1)
    strips = by_strips(lambda first, end: find_passes(flat, names, cols, *per, first, end), rows)
    height, fall, cell_a, cell_b = (np.concatenate(parts) for parts in zip(*strips, strict=True))
    order = np.argsort(_sort_keys(height, fall), kind="stable")
    basin_b = np.where(cell_b >= 0, names[cell_b], np.int32(1))
    return Passes(height, cell_a, cell_b, names[cell_a], basin_b, order)


def drain(z: NDArray[np.float32], dx: float, dy: float) -> Drainage:
    """Work out directions, basins and spill levels of a float32 terrain with NaN as nodata."""
    rows, cols = z.shape
    steps = index_steps(cols)
    per = (1.0 / dx, 1.0 / dy, 1.0 / math.hypot(dx, dy))
    codes = np.empty(z.shape, dtype=np.uint8)
    found = by_strips(lambda first, end: steepest_descent(z, *per, first, end, codes), rows)
    flat_codes = codes.reshape(-1)
    pits = drain_flats(z.reshape(-1), flat_codes, steps, sum(unresolved for _, unresolved in found))
    labels = np.zeros(z.shape, dtype=np.int32)
    pit = np.full(pits + FIRST_BASIN, -1, dtype=np.int32)
    label_basins(flat_codes, steps, labels.reshape(-1), pit)
    passes = _collect_passes(z, labels, per)
    over, level, root = spill_tree(passes.order, passes.basin_a, passes.basin_b, passes.height_m, pit.size)
    drain_over_passes(
        flat_codes, steps, labels.reshape(-1), over, passes.cell_a, passes.cell_b, FIRST_BASIN, int(pit.size)
    )
    return Drainage(codes, labels, pit, over, level, root, passes)


def fill(z: NDArray[np.float32], drainage: Drainage) -> NDArray[np.float32]:
    """Return the terrain filled to the spill levels."""
    filled = np.empty_like(z)
    flat, labels, out = z.reshape(-1), drainage.labels.reshape(-1), filled.reshape(-1)
    cols = z.shape[1]
    by_strips(lambda first, end: fill_basins(flat, labels, drainage.level_m, out, first * cols, end * cols), z.shape[0])
    return filled
