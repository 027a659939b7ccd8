"""Where water runs: filled terrain, D8 directions, accumulation, watersheds, the path of a drop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.hydrology._codes import NODATA, index_steps
from ballerup_geo.hydrology._downstream import ANSWERED, accumulate_tile, deliver, follow
from ballerup_geo.hydrology._drainage import drain, fill_only
from ballerup_geo.hydrology._input import (
    CellSize,
    circle,
    read_cell_size,
    read_directions,
    read_labels,
    read_raster,
    read_terrain,
)
from ballerup_geo.hydrology._naming import find_ends, write_names
from ballerup_geo.hydrology._tiles import TILE, Tiles

__all__ = ["entries", "fill_depressions", "flow_accumulation", "flow_directions", "flow_path", "watersheds"]

PATH_CELLS_FIRST_TRY = 4096


def fill_depressions(dtm: ArrayLike, *, nodata: float | None = None) -> NDArray[np.float32]:
    """Fill every hollow to the level at which its water runs off the raster.

    The exact result of a priority flood (Barnes, Lehman & Mulla 2014): the lowest surface that is nowhere below the
    terrain and from which every cell has a way out that never rises. Water moves to all 8 neighbours; it leaves at the
    raster edge and into nodata.

    Parameters
    ----------
    dtm
        Heights in metres, ``[rows, cols]``, any numeric type; cast to float32 first.
    nodata
        Value of cells without data. NaN, infinite and masked cells are without data in any case.

    Returns
    -------
    float32[rows, cols]; NaN where there is no data.

    Raises
    ------
    DataError
        The input is not a raster of numbers with at least one cell.
    MethodError
        More cells than can be counted (2³¹).

    Examples
    --------
    >>> fill_depressions([[5, 5, 5], [5, 1, 3], [5, 5, 5]])[1, 1]
    np.float32(3.0)
    """
    return fill_only(read_terrain(dtm, nodata))


def flow_directions(dtm: ArrayLike, *, nodata: float | None = None, cell_size_m: CellSize = 1.0) -> NDArray[np.uint8]:
    """Tell for each cell which neighbour its water runs to (D8).

    Outside hollows that is the steepest way down; on flats the shortest way to where they drain; in a hollow it leads
    to the pour point and over it. Following the directions always ends at an outlet. A cell at the edge of the raster
    (or beside nodata) drains inward where lower ground lies there, unless that path would come back through it: then
    the cell is an outlet.

    Parameters
    ----------
    dtm, nodata
        As for `fill_depressions`.
    cell_size_m
        Cell width and height in metres, or one number; only their ratio matters.

    Returns
    -------
    uint8[rows, cols] in ESRI codes: 1 E, 2 SE, 4 S, 8 SW, 16 W, 32 NW, 64 N, 128 NE; 0 outlet; 255 nodata.

    Raises
    ------
    DataError, MethodError
        As for `fill_depressions`; a cell size that is not above 0.
    """
    z = read_terrain(dtm, nodata)
    return drain(z, *read_cell_size(cell_size_m)).codes


def read_weights(codes: NDArray[np.uint8], weights: ArrayLike | None) -> NDArray[np.float64]:
    """Return what each cell contributes, 1 by default; 0 without data."""
    valid = codes != NODATA
    if weights is None:
        return np.where(valid, 1.0, 0.0)
    sums = np.zeros(codes.shape, dtype=np.float64)
    np.copyto(sums, read_raster(weights, "weights", codes.shape), where=valid)
    if not np.isfinite(sums).all():
        what = "not a finite number in every cell with a direction"
        raise DataError(Fault("weights", "", what, "fill the gaps, 0 where nothing falls"))
    return sums


def accumulate_cells(
    codes: NDArray[np.uint8], weights: ArrayLike | None = None, *, tile: tuple[int, int] = TILE
) -> NDArray[np.float64]:
    """Accumulate over directions that are known to be clean (see `flow_accumulation`)."""
    sums = np.empty(codes.shape) if weights is None else read_weights(codes, weights)
    return _accumulated(codes, sums, tile, weighted=weights is not None)


def count_cells(codes: NDArray[np.uint8], *, tile: tuple[int, int] = TILE) -> NDArray[np.uint32]:
    """Do the same without weights in half the memory: there are fewer cells than numbers of 32 bits."""
    return _accumulated(codes, np.empty(codes.shape, dtype=np.uint32), tile, weighted=False)


def _accumulated(
    codes: NDArray[np.uint8], sums: NDArray[Any], tile: tuple[int, int], *, weighted: bool
) -> NDArray[Any]:
    """Accumulate into ``sums``, in place."""
    waiting = np.empty(codes.shape, dtype=np.uint8)
    tiles = Tiles.over(codes, tile)
    parts = tiles.each(
        lambda *piece: accumulate_tile(codes, weighted, sums, waiting, *piece),
        *(np.uint8, np.uint8, np.float64, np.int32),
    )
    cell, amount, times = (np.concatenate(deliveries) for deliveries in zip(*(part[:3] for part in parts), strict=True))
    way, sums_at = (codes.reshape(-1), index_steps(codes.shape[1]), waiting.reshape(-1)), sums.reshape(-1)
    if deliver(*way, sums_at, cell, amount, times, sum(part[3] for part in parts)):
        raise circle(int(np.flatnonzero(waiting != ANSWERED)[0]), codes.shape[1])
    return sums


def flow_accumulation(directions: ArrayLike, *, weights: ArrayLike | None = None) -> NDArray[np.float64]:
    """Count for each cell the cells that drain through it, its own included.

    Parameters
    ----------
    directions
        As `flow_directions` gives them; a cell that points off the raster or into nodata counts as an outlet.
    weights
        What each cell contributes instead of 1 (m³, mm …), ``[rows, cols]``; ignored in nodata cells.

    Returns
    -------
    float64[rows, cols]; 0 in nodata cells.

    Raises
    ------
    DataError
        Codes that are no directions, directions in a circle, weights of another shape or not finite.

    Examples
    --------
    >>> flow_accumulation([[1, 1, 0]]).tolist()
    [[1.0, 2.0, 3.0]]
    """
    return accumulate_cells(read_directions(directions), weights)


def watersheds(directions: ArrayLike, outlets: ArrayLike) -> NDArray[np.int32]:
    """Label each cell with the first outlet its water reaches.

    Parameters
    ----------
    directions
        As for `flow_accumulation`.
    outlets
        int32[rows, cols]: a label on each outlet cell (any number but 0), 0 elsewhere. An outlet upstream of another
        keeps what reaches it first.

    Returns
    -------
    int32[rows, cols]; 0 where water reaches no outlet, and in nodata cells.

    Raises
    ------
    DataError
        As for `flow_accumulation`; outlets of another shape or not whole numbers of 32 bits.

    Examples
    --------
    >>> watersheds([[1, 1, 1, 0]], [[0, 7, 0, 0]]).tolist()
    [[7, 7, 0, 0]]
    """
    codes = read_directions(directions)
    return name_outlets(codes, read_labels(outlets, "outlets", codes.shape))


def entries(directions: ArrayLike, area: ArrayLike) -> tuple[NDArray[np.int32], int]:
    """Tell for each cell which cell of an area its water enters first: ground with one number has one way in.

    Parameters
    ----------
    directions
        As for `flow_accumulation`.
    area
        bool[rows, cols]: the cells of the area.

    Returns
    -------
    int32[rows, cols]: a number from 1 for each cell by which water enters (a cell of the area has its own), 0 where
    water never comes to the area; and how many numbers there are, 0 included.

    Raises
    ------
    DataError
        As for `flow_accumulation`; an area of another shape.

    Examples
    --------
    >>> numbers, count = entries([[1, 1, 0, 16]], [[False, True, False, True]])
    >>> numbers.tolist(), count
    ([[1, 1, 0, 2]], 3)
    """
    codes = read_directions(directions)
    return number_entries(codes, read_raster(area, "area", codes.shape))


def number_entries(codes: NDArray[np.uint8], area: NDArray[Any]) -> tuple[NDArray[np.int32], int]:
    """Number them over directions that are known to be clean (see `entries`)."""
    marked = np.ascontiguousarray(area, dtype=np.bool_).view(np.uint8)
    found = 0

    def number(cells: NDArray[np.int32]) -> NDArray[np.int64]:
        nonlocal found
        found = cells.size
        return np.arange(1, cells.size + 1)

    return name_marked(codes, marked, number), found + 1


def name_outlets(
    codes: NDArray[np.uint8], marks: NDArray[np.integer[Any]], *, tile: tuple[int, int] = TILE
) -> NDArray[np.int32]:
    """Carry labels upstream over directions that are known to be clean (see `watersheds`)."""
    flat = marks.reshape(-1)
    marked = np.asarray(marks if marks.dtype == np.uint8 else marks != 0).view(np.uint8)
    return name_marked(codes, marked, lambda cells: flat[cells], tile=tile)


def name_marked(
    codes: NDArray[np.uint8],
    marked: NDArray[np.uint8],
    name: Callable[[NDArray[np.int32]], NDArray[np.integer[Any]]],
    *,
    tile: tuple[int, int] = TILE,
) -> NDArray[np.int32]:
    """Do the same where ``name`` tells the labels of marked cells (flat indices): so no raster holds them."""
    labels = np.empty(codes.shape, dtype=np.int32)
    ends = find_ends(codes, Tiles.over(codes, tile), labels, marked)
    write_names(labels, ends, name(ends.cell[ends.stays]).astype(np.int32, copy=False), leaves=0, no_data=0)
    return labels


def flow_path(directions: ArrayLike, row: int, col: int) -> NDArray[np.int32]:
    """Follow a drop from one cell down to the outlet.

    Parameters
    ----------
    directions
        As for `flow_accumulation`. They are not copied: a path costs no more than its length.
    row, col
        The cell where the drop falls.

    Returns
    -------
    int32[n, 2]: row and column of each cell on the way, first the start, last the outlet; n = 0 in a nodata cell.

    Raises
    ------
    DataError
        The cell lies outside the raster; the directions run in a circle.

    Examples
    --------
    >>> flow_path([[1, 4], [0, 16]], 0, 0).tolist()
    [[0, 0], [0, 1], [1, 1], [1, 0]]
    """
    codes = _directions_in_place(directions)
    rows, cols = codes.shape
    if not (0 <= row < rows and 0 <= col < cols):
        what = f"row {row}, column {col} lies outside {rows} × {cols} cells"
        raise DataError(Fault("flow_path", "", what, "give a cell of the raster"))
    if codes[row, col] == NODATA:
        return np.empty((0, 2), dtype=np.int32)
    room = min(PATH_CELLS_FIRST_TRY, codes.size)
    while True:
        cells = np.empty((room, 2), dtype=np.int32)
        count = int(follow(codes, row, col, cells))
        if count <= room:
            return cells[:count].copy()
        if room == codes.size:
            raise circle(row * cols + col, cols)
        room = min(room * 16, codes.size)


def _directions_in_place(directions: ArrayLike) -> NDArray[np.uint8]:
    """Return directions of `flow_directions` as they are, checked copies of anything else."""
    given: Any = directions
    if isinstance(given, np.ndarray) and given.dtype == np.uint8 and given.ndim == 2 and given.flags.c_contiguous:
        return given
    return read_directions(given)
