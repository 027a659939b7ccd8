"""The nested depressions of a terrain: how large they are, as arrays for the kernels and as a table for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.compiled import by_strips, side_by_side
from ballerup_geo.hydrology._drainage import FIRST_BASIN, OUTSIDE, Drainage, ordered_bits
from ballerup_geo.hydrology._hollows import (
    collect_heights,
    first_basins,
    list_low,
    measure_cells,
    sort_few,
    sum_parts,
)
from ballerup_geo.hydrology._routing import pour
from ballerup_geo.hydrology._surface import mark_hollows

__all__ = [
    "Depressions",
    "Heights",
    "LowCells",
    "list_nodes",
    "low_cells",
    "mark_outermost",
    "measure",
    "measure_low",
    "nearest_whole",
    "number",
    "sort_low",
    "sorted_heights",
    "tabulate",
]

MM_PER_M = 1000.0
LEAST_M3 = 5e-324
"""The smallest number above 0: enough to overflow a basin that holds nothing, too little to fill any other."""


@dataclass(frozen=True, slots=True, eq=False)
class Depressions:
    """Sizes by node (see `Drainage`); depths are summed over cells, in metres.

    ``ids`` int32: the number a depression has in the table, 0 for nodes that are none. ``own_cells`` int32: cells that
    go under first in this node; ``cells`` int32: all that are under when it is full. ``own_m`` and ``total_m``
    float64: what it holds above its full parts, and with them. ``running_to`` int32: cells whose water meets it first.
    ``lowest_m`` float32: its deepest cell. ``basin_cells`` int32, by label: cells that run to the basin itself.
    """

    ids: NDArray[np.int32]
    own_cells: NDArray[np.int32]
    cells: NDArray[np.int32]
    own_m: NDArray[np.float64]
    total_m: NDArray[np.float64]
    running_to: NDArray[np.int32]
    lowest_m: NDArray[np.float32]
    basin_cells: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """Heights of the cells that node ``v`` floods first, rising: ``heights_m[start[v]:stop[v]]``."""

    heights_m: NDArray[np.float32]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]


def number(drainage: Drainage) -> NDArray[np.int32]:
    """Number the depressions: outermost ones first, then their parts, each part after its whole."""
    nodes = np.arange(drainage.whole.size)
    outermost = np.flatnonzero((drainage.outermost == nodes) & (nodes >= FIRST_BASIN))
    holds_water = drainage.level_m != drainage.met_m
    inside = (drainage.outermost > 0) & (drainage.outermost != nodes) & holds_water & (nodes >= FIRST_BASIN)
    ids = np.zeros(nodes.size, dtype=np.int32)
    ids[outermost] = np.arange(1, outermost.size + 1)
    parts = np.flatnonzero(inside)[::-1]
    ids[parts] = np.arange(outermost.size + 1, outermost.size + parts.size + 1)
    return ids


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """What a search up the hierarchy reads.

    ``place`` int32: nodes sorted so that those on neighbouring ground lie side by side in memory. By place, ``rungs``
    int32[nodes, 4]: the spill level of the node, that of its far ancestor, the far ancestor, its whole (both by place).
    Levels are integers in the order of the heights; those of no ancestor are beyond all heights.
    """

    place: NDArray[np.int32]
    node: NDArray[np.int64]
    rungs: NDArray[np.int32]


def _ladder_of(drainage: Drainage) -> Ladder:
    count = drainage.whole.size
    node = np.argsort(first_basins(drainage.whole, drainage.basins), kind="stable")
    place = np.empty(count, dtype=np.int32)
    place[node] = np.arange(count)
    level = (ordered_bits(drainage.level_m) ^ np.uint32(0x80000000)).view(np.int32)
    highest = np.iinfo(np.int32).max
    rungs = np.empty((count, 4), dtype=np.int32)
    rungs[:, 0] = level[node]
    rungs[:, 1] = np.where(drainage.far > 0, level[drainage.far], highest)[node]
    rungs[:, 2] = place[drainage.far[node]]
    rungs[:, 3] = place[drainage.whole[node]]
    return Ladder(place, node, rungs)


@dataclass(frozen=True, slots=True, eq=False)
class LowCells:
    """All cells that can go under, whichever links are open: to measure hollows without a pass over the raster.

    ``strips``: heights float32 and labels int32 of those in each strip of rows, from top to bottom, so that sums over
    them are those over the raster, to the last bit. ``lowest_m`` float32 and ``basin_cells`` int32, by label: the
    deepest cell, and all cells that run to the basin.
    """

    strips: tuple[tuple[NDArray[np.float32], NDArray[np.int32]], ...]
    lowest_m: NDArray[np.float32]
    basin_cells: NDArray[np.int32]


def low_cells(z: NDArray[np.float32], ground: Drainage, basin_cells: NDArray[np.int32]) -> LowCells:
    """List the cells that go under where no link is open: a link is one more way out, so it never raises a level."""
    flat, labels, cols = z.reshape(-1), ground.labels.reshape(-1), z.shape[1]
    strips = by_strips(lambda first, end: list_low(flat, labels, ground.final_m, first * cols, end * cols), z.shape[0])
    return LowCells(tuple(strips), _lowest_m(flat, ground), basin_cells)


def measure(z: NDArray[np.float32], drainage: Drainage) -> Depressions:
    """Measure all depressions in one pass over the raster."""
    flat, labels, cols = z.reshape(-1), drainage.labels.reshape(-1), z.shape[1]
    ladder = _ladder_of(drainage)
    ground = (flat, flat.view(np.int32), labels, drainage.final_m, ladder.place, ladder.rungs)
    level = drainage.level_m[ladder.node]
    strips = by_strips(
        lambda first, end: measure_cells(*ground, level, drainage.basins, first * cols, end * cols), z.shape[0]
    )
    cells_at, depth_at, basin_cells = (sum(parts[1:], start=parts[0]) for parts in zip(*strips, strict=True))
    return _sum_up(drainage, cells_at[ladder.place], depth_at[ladder.place], _lowest_m(flat, drainage), basin_cells)


def measure_low(low: LowCells, drainage: Drainage) -> Depressions:
    """Do as `measure` does, on the cells that can go under."""
    ladder = _ladder_of(drainage)
    level = drainage.level_m[ladder.node]

    def measured(z: NDArray[np.float32], labels: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        ground = (z, z.view(np.int32), labels, drainage.final_m, ladder.place, ladder.rungs)
        cells, depth, _ = measure_cells(*ground, level, drainage.basins, 0, z.size)
        return cells, depth

    strips = side_by_side(measured, low.strips)
    cells_at, depth_at = (sum(parts[1:], start=parts[0]) for parts in zip(*strips, strict=True))
    return _sum_up(drainage, cells_at[ladder.place], depth_at[ladder.place], low.lowest_m, low.basin_cells)


def _lowest_m(flat: NDArray[np.float32], drainage: Drainage) -> NDArray[np.float32]:
    """Return the height of each basin's deepest cell, by label."""
    lowest = np.full(drainage.basins, np.inf, dtype=np.float32)
    lowest[FIRST_BASIN:] = flat[drainage.pit[FIRST_BASIN:]]
    return lowest


def _sum_up(
    drainage: Drainage,
    own_cells: NDArray[np.int32],
    own_m: NDArray[np.float64],
    lowest_m: NDArray[np.float32],
    basin_cells: NDArray[np.int32],
) -> Depressions:
    """Add the parts to their wholes: what floods first by node, the lowest ground and the cells by basin."""
    cells, total_m = own_cells.copy(), np.zeros(own_m.size)
    running_to = np.zeros(own_cells.size, dtype=np.int32)
    running_to[: drainage.basins] = basin_cells
    lowest = np.full(own_cells.size, np.inf, dtype=np.float32)
    lowest[: drainage.basins] = lowest_m
    sum_parts(drainage.whole, drainage.level_m, cells, own_m, total_m, running_to, lowest)
    return Depressions(number(drainage), own_cells, cells, own_m, total_m, running_to, lowest, basin_cells)


def sorted_heights(z: NDArray[np.float32], drainage: Drainage, depressions: Depressions) -> Heights:
    """Sort the heights of all cells below a spill level by node and height: the filling curve of every depression."""
    return _sorted([(z.reshape(-1), drainage.labels.reshape(-1))], drainage, depressions)


def sort_low(low: LowCells, drainage: Drainage, depressions: Depressions) -> Heights:
    """Do as `sorted_heights` does, on the cells that can go under."""
    return _sorted(low.strips, drainage, depressions)


def _sorted(
    strips: Iterable[tuple[NDArray[np.float32], NDArray[np.int32]]], drainage: Drainage, depressions: Depressions
) -> Heights:
    ladder = _ladder_of(drainage)
    stop = np.cumsum(depressions.own_cells[ladder.node], dtype=np.int64)
    start = stop - depressions.own_cells[ladder.node]
    found, room = np.empty(int(stop[-1]), dtype=np.int32), start.copy()
    for z, labels in strips:
        collect_heights(z, z.view(np.int32), labels, drainage.final_m, ladder.place, ladder.rungs, room, found)
    for many in by_strips(lambda first, end: sort_few(found, start, stop, first, end), start.size):
        for v in many:
            found[start[v] : stop[v]].sort()
    found[found < 0] ^= np.int32(0x7FFFFFFF)
    return Heights(found.view(np.float32), start[ladder.place], stop[ladder.place])


def mark_outermost(z: NDArray[np.float32], drainage: Drainage) -> NDArray[np.int32]:
    """Write the id of the outermost depression it lies in into each cell, 0 outside."""
    marks = np.empty(z.shape, dtype=np.int32)
    hollow = number(drainage)[drainage.outermost[: drainage.basins]]
    flat, labels, out, cols = z.reshape(-1), drainage.labels.reshape(-1), marks.reshape(-1), z.shape[1]
    by_strips(
        lambda first, end: mark_hollows(flat, labels, drainage.final_m, hollow, out, first * cols, end * cols),
        z.shape[0],
    )
    return marks


def nearest_whole(drainage: Drainage, ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return for each node the nearest node around it that is a depression, 0 for none."""
    whole = drainage.whole.copy()
    while True:
        skip = (whole > 0) & (ids[whole] == 0)
        if not skip.any():
            return whole
        whole[skip] = whole[whole[skip]]


def _meets_first(
    drainage: Drainage, depressions: Depressions, nodes: NDArray[np.int64], parent: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the id of the smallest depression that the overflow of each node runs into, 0 where it leaves.

    Where links drain the basin beyond to its lowest ground, that is what they lead to; the ``parent`` where they lead
    back into the node.
    """
    ids, to = depressions.ids, drainage.beyond[nodes]
    drops = np.where(ids[: drainage.basins] == 0, LEAST_M3, 0.0)
    onward = pour(drops, depressions.own_m, drainage.rises_in, drainage.beyond)[1]
    through = np.flatnonzero((to > OUTSIDE) & (ids[to] == 0))
    while (passing := (to > OUTSIDE) & (ids[to] == 0)).any():
        to = np.where(passing, onward[to], to)
    around = to[through]
    while (inside := (around > OUTSIDE) & (around < nodes[through])).any():
        around = np.where(inside, drainage.whole[around], around)
    found = np.where(to == OUTSIDE, 0, ids[to])
    back = through[around == nodes[through]]
    found[back] = parent[back]
    return found.astype(np.int32)


def list_nodes(drainage: Drainage, depressions: Depressions, cell_area_m2: float) -> pd.DataFrame:
    """Return one row per node, in their order (columns: see `Terrain.hierarchy`)."""
    nodes = np.arange(FIRST_BASIN, drainage.whole.size)
    return pd.DataFrame(
        {
            "node": nodes,
            "whole": drainage.rises_in[nodes],
            "beyond": drainage.beyond[nodes],
            "spill_level_m": drainage.level_m[nodes].astype(np.float64),
            "floor_m": drainage.met_m[nodes].astype(np.float64),
            "room_m3": depressions.own_m[nodes] * cell_area_m2,
            "basin": nodes < drainage.basins,
        }
    )


def tabulate(drainage: Drainage, depressions: Depressions, cols: int, cell_area_m2: float) -> pd.DataFrame:
    """Return one row per depression, in the order of their ids (columns: see `analyse`)."""
    nodes = np.flatnonzero(depressions.ids)
    nodes = nodes[np.argsort(depressions.ids[nodes])]
    parent = depressions.ids[nearest_whole(drainage, depressions.ids)[nodes]]
    volume_m3 = depressions.total_m[nodes] * cell_area_m2
    watershed_m2 = depressions.running_to[nodes] * cell_area_m2
    return pd.DataFrame(
        {
            "id": depressions.ids[nodes],
            "parent": parent,
            "parts": np.bincount(parent, minlength=nodes.size + 1)[1:].astype(np.int32),
            "pour_row": (drainage.pour[nodes] // cols).astype(np.int32),
            "pour_col": (drainage.pour[nodes] % cols).astype(np.int32),
            "spill_level_m": drainage.level_m[nodes].astype(np.float64),
            "area_m2": depressions.cells[nodes] * cell_area_m2,
            "volume_m3": volume_m3,
            "max_depth_m": drainage.level_m[nodes].astype(np.float64) - depressions.lowest_m[nodes],
            "watershed_m2": watershed_m2,
            "fill_mm": MM_PER_M * volume_m3 / watershed_m2,
            "spills_to": _meets_first(drainage, depressions, nodes, parent),
        }
    )
