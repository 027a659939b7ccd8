"""Which end each cell's water comes to: worked out tile by tile, the tiles joined by the cells where water leaves them.

Inside a tile every cell is named after the end of its way there: a cell where water stays or leaves the raster, or the
first cell of the next tile. What a tile's exits lead to is a small graph (Barnes 2017, "Parallel non-divergent flow
accumulation for trillion cell digital elevation models on desktops or clusters", has the idea); once that is resolved,
every name is looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.hydrology._codes import NODATA, PIT
from ballerup_geo.hydrology._input import circle
from ballerup_geo.hydrology._tiles import Tiles

__all__ = ["NO_MARKS", "Ends", "find_ends", "narrowed", "write_names"]

Array = np.ndarray[Any, np.dtype[Any]]
NO_DATA, LEAVES, FIRST_NAME = 1, 2, 3
"""Names in every tile; next come the cells around the tile, then those of its cells where water stays."""
NARROWED_AT_ONCE = 1 << 22
JOINED_AT_ONCE = 1 << 20
MOST_ROUNDS = 40
"""Each round at least halves what is left of every way, so more of them would need 2⁴⁰ cells."""
NO_MARKS = np.empty((0, 0), dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The names that each tile gave: those of tile ``t`` count from ``start[t]``.

    ``cell`` int32: the cell (flat index) that a name stands for, −1 for none; ``stays`` bool: whether it is a cell of
    the tile itself where water stays.
    """

    tiles: Tiles
    start: NDArray[np.int64]
    cell: NDArray[np.int32]
    stays: NDArray[np.bool_]


@kernel
def shorten(way: Array, todo: Array) -> None:
    """Put the name at the end of its way in each place of ``way``, in place; those in a circle keep a way.

    A place takes over the way of the place it leads to, in turn from the last to the first and back, so long stretches
    are done in one go. Without branches: how long a way is could not be predicted.
    """
    count = 0
    for i in range(way.size - 1, -1, -1):
        v = way[i]
        v = way[~v if v < 0 else i]
        way[i] = v
        todo[count] = i
        count += v < 0
    for _ in range(MOST_ROUNDS):
        for t in range(count - 1, -1, -1):
            i = todo[t]
            way[i] = way[~way[i]]
        left = 0
        for t in range(count):
            i = todo[t]
            v = way[i]
            v = way[~v if v < 0 else i]
            way[i] = v
            todo[left] = i
            left += v < 0
        count = left


@kernel
def name_tile(
    codes: Array,
    marks: Array,
    names: Array,
    first: int,
    end: int,
    left: int,
    right: int,
    way: Array,
    ends: Array,
    todo: Array,
) -> tuple[Array, int]:
    """Name the cells of a tile (int32) after the ends of their ways; the last three (int32) are scratch.

    Water stays in a PIT and in marked cells (``marks``, uint8, has no cells where there are none). Returns the cell of
    each name (int32, −1 for none) and how many of them lie around the tile; −1 if directions lead in a circle, with
    only a cell on the way to it.
    """
    rows, cols = codes.shape
    width = right - left + 2
    height = end - first + 2
    steps = np.zeros(256, dtype=np.int32)
    for k in range(8):
        steps[1 << k] = ((1 <= k <= 3) - (k >= 5)) * width + (k <= 1 or k == 7) - (3 <= k <= 5)
    around = 2 * (width + height) - 4
    ends[:FIRST_NAME] = -1
    way = way[: width * height]  # a name, or the complement of a place further down
    name = FIRST_NAME
    for r in range(height):
        for c in range(0, width, 1 if r in (0, height - 1) else width - 1):
            row = first - 1 + r
            col = left - 1 + c
            ends[name] = row * cols + col if 0 <= row < rows and 0 <= col < cols else -1
            way[r * width + c] = name
            name += 1
    marked = marks.size > 0
    for r in range(first, end):
        i = (r - first + 1) * width
        for c in range(left, right):
            i += 1
            code = codes[r, c]
            step = steps[code]
            if step == 0 or (marked and marks[r, c] != 0):
                if code == NODATA:
                    way[i] = NO_DATA
                elif code == PIT or (marked and marks[r, c] != 0):
                    way[i] = name
                    ends[name] = r * cols + c
                    name += 1
                else:
                    way[i] = LEAVES
            else:
                further = way[i + step]
                way[i] = further if step < 0 else ~(i + step)
    shorten(way, todo)
    for r in range(first, end):
        i = (r - first + 1) * width + 1
        for c in range(right - left):
            if way[i + c] < 0:
                return np.array([r * cols + left + c], dtype=np.int32), -1
            names[r, left + c] = way[i + c]
    return ends[:name].copy(), around


@kernel
def look_up(names: Array, table: Array, first: int, end: int, left: int, right: int) -> None:
    """Put for each name in a tile what the table says."""
    for r in range(first, end):
        for c in range(left, right):
            names[r, c] = table[names[r, c]]


@kernel
def join_exits(onward: Array, values: Array) -> int:
    """Give each name with another one ``onward`` (−1: none) the value at the end of its way, in place.

    Returns a name on the way to a circle, or −1.
    """
    for start in range(onward.size):
        v = start
        count = 0
        while onward[v] >= 0:
            v = onward[v]
            count += 1
            if count > onward.size:
                return start
        value = values[v]
        v = start
        while onward[v] >= 0:
            values[v] = value
            ahead = onward[v]
            onward[v] = -1
            v = ahead
    return -1


def find_ends(codes: NDArray[np.uint8], tiles: Tiles, names: NDArray[np.int32], marks: NDArray[np.uint8]) -> Ends:
    """Write for each cell the name of its end in its own tile into ``names``; see `write_names`.

    Raises
    ------
    DataError
        Directions lead in a circle within a tile.
    """
    found = tiles.each(lambda *piece: name_tile(codes, marks, names, *piece), np.int32, np.int32, np.int32)
    for cells, around in found:
        if around < 0:
            raise circle(int(cells[0]), tiles.cols)
    start = np.concatenate(([0], np.cumsum([cells.size for cells, _ in found])))
    stays = np.ones(start[-1], dtype=np.bool_)
    for first, (_, around) in zip(start[:-1], found, strict=True):
        stays[first : first + FIRST_NAME + around] = False
    return Ends(tiles, start, np.concatenate([cells for cells, _ in found]), stays)


def write_names(names: NDArray[np.int32], ends: Ends, values: NDArray[np.int32], *, leaves: int, no_data: int) -> None:
    """Replace the names in tiles by ``values``, of the ends (in order) where water stays, in place.

    ``leaves`` and ``no_data`` are written where water runs off the raster, and where there is no data.

    Raises
    ------
    DataError
        Directions lead in a circle over several tiles.
    """
    table = np.zeros(ends.cell.size, dtype=np.int32)
    table[ends.start[:-1] + NO_DATA] = no_data
    table[ends.start[:-1] + LEAVES] = leaves
    table[ends.stays] = values
    endless = int(join_exits(_onward(names, ends), table))
    if endless >= 0:
        raise circle(int(ends.cell[endless]), ends.tiles.cols)
    windows = dict(zip(ends.tiles.windows, zip(ends.start[:-1], ends.start[1:], strict=True), strict=True))
    ends.tiles.each(lambda *window: look_up(names, table[slice(*windows[window])], *window))


def _onward(names: NDArray[np.int32], ends: Ends) -> NDArray[np.int32]:
    """Return for each name the name that its cell has in the next tile, −1 for none.

    Some at a time: flat indices of all of them would be the most memory that the naming takes.
    """
    onward = np.full(ends.cell.size, -1, dtype=np.int32)
    flat = names.reshape(-1)
    for first in range(0, onward.size, JOINED_AT_ONCE):
        part = slice(first, first + JOINED_AT_ONCE)
        exits = first + np.flatnonzero(~ends.stays[part] & (ends.cell[part] >= 0))
        into = ends.cell[exits].astype(np.int64)
        onward[exits] = ends.start[ends.tiles.holding(into)] + flat[into]
    return onward


def narrowed(names: NDArray[np.int32], dtype: np.dtype[Any]) -> NDArray[np.unsignedinteger[Any]]:
    """Give back small numbers in a smaller type, in the memory that they lie in: the rest of it is let go.

    A narrow copy beside the wide raster would be the most memory that the ground takes. ``names`` is spent.
    """
    shape, size = names.shape, names.size
    wide = names.reshape(-1)
    narrow = wide.view(dtype)
    for first in range(0, size, NARROWED_AT_ONCE):  # read before its place, further up, is written
        narrow[first : min(first + NARROWED_AT_ONCE, size)] = wide[first : first + NARROWED_AT_ONCE].astype(dtype)
    del wide, narrow
    names.resize((-(-size * dtype.itemsize // names.itemsize),), refcheck=False)
    return names.view(dtype)[:size].reshape(shape)
