"""From bare terrain to basins, depressions and directions: the steps that every public function shares.

1. every cell runs down the steepest way, flats to their nearest way down; what remains are pits (`_descent`);
2. the cells of a pit are a basin (`_naming`); where basins touch, water may cross at passes (`_passes`);
3. opened from low to high, the passes merge basins into nested depressions until they meet the outside (`_hollows`);
4. the filled terrain is the higher of terrain and spill level; turning the path from pass to pit drains the basin.

This is exactly the result of a priority flood, but it walks the raster tile by tile instead of in height order, so
that memory is read in line, and tiles side by side. However the raster is cut, the answer is the same: basins are
counted by their pits, passes sorted by what they are. There is no tolerance, slope increment or iteration limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import by_strips, side_by_side
from ballerup_geo.hydrology._codes import NODATA, OUTLET, UNRESOLVED, index_steps
from ballerup_geo.hydrology._descent import drain_flats, steepest_descent
from ballerup_geo.hydrology._hollows import climb, merge_basins, pour_cells, spill_as_directed
from ballerup_geo.hydrology._naming import NO_MARKS, find_ends, write_names
from ballerup_geo.hydrology._passes import drain_over_passes, find_passes, settle_ties, spill_tree
from ballerup_geo.hydrology._surface import fill_basins
from ballerup_geo.hydrology._tiles import TILE, Tiles

__all__ = [
    "FIRST_BASIN",
    "OUTSIDE",
    "Drainage",
    "Passes",
    "drain",
    "drain_keeping_passes",
    "fill",
    "fill_only",
    "nest",
    "ordered_bits",
]

BASINS_AT_ONCE = 100_000
"""So many basins are turned around in one go."""
CROSSED_AT_ONCE = 1 << 16
"""So many outlets are looked at in one go: room is made for all the passes they could be."""
OUTSIDE = 1
FIRST_BASIN = 2
"""Labels: −1 nodata, 1 the outside, then basins; nodes of the hierarchy go on counting after the basins."""


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """Crossings between basins: height, cells (flat index; −1 outside), labels, and the order from low.

    Of the lowest ones between any two basins none is left out that water may have to cross on its way out.
    """

    height_m: NDArray[np.float32]
    cell_a: NDArray[np.int32]
    cell_b: NDArray[np.int32]
    basin_a: NDArray[np.int32]
    basin_b: NDArray[np.int32]
    order: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Drainage:
    """Directions of all cells, the basins they form, and how these merge into nested depressions.

    ``codes`` uint8 and ``labels`` int32 are rasters. By label: ``pit`` int32 (flat index) and ``way_out`` int32 (place
    of the pass that leads to the outside). The rest is by node, where the first nodes are the basins: ``whole`` int32
    (0: none), ``level_m`` float32 (spills at), ``met_m`` float32 (its parts met at; a basin's lowest ground),
    ``beyond`` int32 (basin beyond the pass), ``pour`` int64 (the higher cell of that pass, flat index), ``outer`` int64
    (the cell of it that lies in the basin beyond, −1 for none), ``final_m`` float32 (its outermost whole spills at),
    ``outermost`` and ``far`` int32 (see `climb`).
    """

    codes: NDArray[np.uint8]
    labels: NDArray[np.int32]
    pit: NDArray[np.int32]
    way_out: NDArray[np.int32]
    whole: NDArray[np.int32]
    level_m: NDArray[np.float32]
    met_m: NDArray[np.float32]
    beyond: NDArray[np.int32]
    pour: NDArray[np.int64]
    outer: NDArray[np.int64]
    final_m: NDArray[np.float32]
    outermost: NDArray[np.int32]
    far: NDArray[np.int32]

    @property
    def basins(self) -> int:
        """Length of the arrays that are indexed by label."""
        return int(self.pit.size)

    @property
    def rises_in(self) -> NDArray[np.int32]:
        """The whole that water rises in when a node and its sibling are full, by node; int32.

        0 for outermost depressions: even where several spill at one level, each sends its water as directed.
        """
        inside = (self.outermost > 0) & (self.outermost != np.arange(self.outermost.size))
        return np.where(inside, self.whole, 0)


def ordered_bits(values: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Return integers in the same order as the numbers (IEEE 754: flip the sign bit, or all bits below 0)."""
    bits = (values + np.float32(0.0)).view(np.uint32)  # adding 0 makes −0 into 0
    flip: NDArray[np.uint32] = (bits >> np.uint32(31)) * np.uint32(0x7FFFFFFF) | np.uint32(0x80000000)
    return bits ^ flip


def _order(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the stable order of the numbers; sorting number and place as one word is faster than `argsort`."""
    words = (bits.astype(np.uint64) << np.uint64(32)) | np.arange(bits.size, dtype=np.uint64)
    words.sort()
    return words.astype(np.uint32)


def _order_from_low(
    height: NDArray[np.float32], fall: NDArray[np.float32], cell_a: NDArray[np.int32], cell_b: NDArray[np.int32]
) -> NDArray[np.uint32]:
    """Return the order of passes: the lowest first, of equally low ones the steepest, then by cell."""
    order = _order(ordered_bits(height))
    starts, ends = settle_ties(order, height, fall, cell_a, cell_b)
    for start, end in zip(starts, ends, strict=True):
        again = order[start:end]
        order[start:end] = again[np.lexsort((cell_b[again], cell_a[again], -fall[again]))]
    return order


def _find_passes(
    z: NDArray[np.float32],
    labels: NDArray[np.int32],
    per: tuple[float, float, float],
    crossed: list[NDArray[np.int32]],
) -> Passes:
    flat, names, cols = z.reshape(-1), labels.reshape(-1), z.shape[1]
    found = side_by_side(lambda cells: find_passes(flat, names, cols, *per, cells), ((cells,) for cells in crossed))
    height, fall, cell_a, cell_b, basin_a, basin_b = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Passes(height, cell_a, cell_b, basin_a, basin_b, _order_from_low(height, fall, cell_a, cell_b))


def _label_basins(codes: NDArray[np.uint8], tiles: Tiles) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return for every cell the label of the basin it runs to, and the pit of each label."""
    labels = np.empty(codes.shape, dtype=np.int32)
    ends = find_ends(codes, tiles, labels, NO_MARKS)
    found = ends.cell[ends.stays]
    order = np.argsort(found)
    pit = np.concatenate((np.full(FIRST_BASIN, -1, dtype=np.int32), found[order]))
    numbers = np.empty(found.size, dtype=np.int32)
    numbers[order] = np.arange(FIRST_BASIN, pit.size)
    write_names(labels, ends, numbers, leaves=OUTSIDE, no_data=-1)
    return labels, pit


def drain(
    z: NDArray[np.float32],
    dx: float,
    dy: float,
    outlets: NDArray[np.bool_] | None = None,
    *,
    tile: tuple[int, int] = TILE,
) -> Drainage:
    """Work out directions, basins and depressions of a float32 terrain with NaN as nodata.

    Water leaves at the edge of the raster, into nodata and in the cells marked as ``outlets``. The size of the tiles
    (rows and columns) changes nothing but the time it takes.
    """
    return drain_keeping_passes(z, dx, dy, outlets, tile=tile)[0]


def _find_basins(
    z: NDArray[np.float32], dx: float, dy: float, outlets: NDArray[np.bool_] | None, tile: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32], Passes]:
    """Return directions down to the pits, the basin of each cell, the pit of each basin, and the passes."""
    tiles, steps = Tiles.over(z, tile), index_steps(z.shape[1])
    per = (1.0 / dx, 1.0 / dy, 1.0 / math.hypot(dx, dy))
    codes = np.empty(z.shape, dtype=np.uint8)
    flat_codes = codes.reshape(-1)
    parts = tiles.each(lambda *piece: steepest_descent(z, *per, codes, *piece), np.int32, np.int32)
    crossed, flats = [cells for cells, _ in parts], np.concatenate([cells for _, cells in parts])
    if outlets is not None:
        leaving = np.flatnonzero(outlets & (codes != NODATA)).astype(np.int32)
        flat_codes[leaving] = OUTLET
        crossed.extend(leaving[k : k + CROSSED_AT_ONCE] for k in range(0, leaving.size, CROSSED_AT_ONCE))
    flats = np.sort(flats[flat_codes[flats] == UNRESOLVED])
    drain_flats(z.reshape(-1), flat_codes, steps, flats)
    labels, pit = _label_basins(codes, tiles)
    return codes, labels, pit, _find_passes(z, labels, per, crossed)


def drain_keeping_passes(
    z: NDArray[np.float32],
    dx: float,
    dy: float,
    outlets: NDArray[np.bool_] | None = None,
    *,
    tile: tuple[int, int] = TILE,
) -> tuple[Drainage, Passes]:
    """Do the same as `drain`; the passes allow to `nest` the basins again with more of them."""
    codes, labels, pit, passes = _find_basins(z, dx, dy, outlets, tile)
    nested = nest(z, codes, labels, pit, passes)
    flat, steps = (codes.reshape(-1), labels.reshape(-1)), index_steps(z.shape[1])
    ways = (nested.way_out, passes.cell_a, passes.cell_b)
    starts = range(FIRST_BASIN, pit.size, BASINS_AT_ONCE)
    side_by_side(
        lambda first, end: drain_over_passes(*flat, steps, *ways, first, end),
        ((first, min(first + BASINS_AT_ONCE, pit.size)) for first in starts),
    )
    return nested, passes


def fill_only(z: NDArray[np.float32], *, tile: tuple[int, int] = TILE) -> NDArray[np.float32]:
    """Return the filled terrain, without directions and without a hierarchy."""
    _, labels, pit, passes = _find_basins(z, 1.0, 1.0, None, tile)
    merged = merge_basins(passes.order, passes.basin_a, passes.basin_b, passes.height_m, pit.size)
    return _raise_ground(z, labels, climb(*merged[1:4])[0])


def nest(
    z: NDArray[np.float32],
    codes: NDArray[np.uint8],
    labels: NDArray[np.int32],
    pit: NDArray[np.int32],
    passes: Passes,
) -> Drainage:
    """Merge basins over their passes into nested depressions. (The directions are taken as they are.)"""
    basins = (passes.basin_a, passes.basin_b)
    tree, whole, level, met, over, beyond = merge_basins(passes.order, *basins, passes.height_m, pit.size)
    met[FIRST_BASIN : pit.size] = z.reshape(-1)[pit[FIRST_BASIN:]]
    way_out = spill_tree(tree, *basins, pit.size)
    final, outermost, far = climb(whole, level, met)
    spill_as_directed(way_out, *basins, outermost, over, beyond)
    pour, outer = pour_cells(z.reshape(-1), passes.cell_a, passes.cell_b, passes.basin_b, over, beyond)
    return Drainage(codes, labels, pit, way_out, whole, level, met, beyond, pour, outer, final, outermost, far)


def fill(z: NDArray[np.float32], drainage: Drainage) -> NDArray[np.float32]:
    """Return the terrain filled to the spill levels."""
    return _raise_ground(z, drainage.labels, drainage.final_m)


def _raise_ground(
    z: NDArray[np.float32], labels: NDArray[np.int32], final_m: NDArray[np.float32]
) -> NDArray[np.float32]:
    filled, cols = np.empty_like(z), z.shape[1]
    flat, names, out = z.reshape(-1), labels.reshape(-1), filled.reshape(-1)
    by_strips(lambda first, end: fill_basins(flat, names, final_m, out, first * cols, end * cols), z.shape[0])
    return filled
