"""The grid that answers clicks on a page, as few bytes: heights, directions, basins, recipients, hollows in one gzip.

What can be foretold travels as what differs from it: a height from its neighbours, a direction from the heights, a
basin from the cell that the water runs to. ``static/app/flow_decode.js`` is the other end, and computes the same.

The page has no projection library. Where a cell lies in Leaflet's world pixels (zoom 0), and the other way round, are
polynomials fitted here (`fit_frame`), exact to centimetres over a municipality.
"""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from ballerup_geo.publish.pack import varints, zigzag
from ballerup_geo.raster import CRS

__all__ = ["HEIGHT_STEP_M", "FlowGrid", "fit_frame", "pack_flow", "polynomial", "world_pixels"]

HEIGHT_STEP_M = 0.02
"""Heights travel in steps of this: less than half of what a national terrain model is exact to."""
TENTHS = 10
"""m² and m³ travel in tenths."""
_EFFORT = 6
"""Of gzip: 9 takes ten times as long, and saves a twentieth."""
OUTSIDE = 255
LEAVES = 1
FIRST_NODE = 2
_STEPS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""Row and column steps in the order of the ESRI codes 1, 2, 4 … 128."""
_NO_RECEIVER = 9
_POWERS = tuple((i, j) for i in range(4) for j in range(4 - i))

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FlowGrid:
    """The click part of a result, on one grid (``[rows, cols]``).

    ``height_m`` float32, ``directions`` uint8 (ESRI codes, 255 outside), ``basins`` int32, ``outlets`` uint8; ``nodes``
    has the columns of the table of hollows as arrays, whose first entry is node 2. ``west_m``, ``north_m`` are the
    grid's corner, ``cell_m`` a cell's width and height.
    """

    height_m: npt.NDArray[Any]
    directions: npt.NDArray[Any]
    basins: npt.NDArray[Any]
    outlets: npt.NDArray[Any]
    nodes: Mapping[str, npt.NDArray[Any]]
    west_m: float
    north_m: float
    cell_m: tuple[float, float]


def pack_flow(grid: FlowGrid) -> bytes:
    """Pack a grid whose parts fit together; the same grid gives the same bytes."""
    inside = grid.directions != OUTSIDE
    steps = np.where(inside, np.rint(np.nan_to_num(grid.height_m.astype(np.float64)) / HEIGHT_STEP_M), 0)
    heights = carried_right(steps.astype(np.int64), inside)
    dx, dy = grid.cell_m
    per = (1.0 / dx, 1.0 / dy, 1.0 / float(np.sqrt(dx * dx + dy * dy)))
    streams: dict[str, Integers] = {
        "mask": _runs(inside),
        "heights": zigzag((heights - _foretold(heights))[inside]),
        "directions": _differing(grid.directions, heights, inside, per),
        **_marks("exits", _exits(grid, inside), grid.basins),
        **_marks("outlets", np.flatnonzero((grid.outlets != 0) & inside), grid.outlets),
        **_node_streams(grid.nodes),
        "unshown": zigzag(_unshown_cells(grid, inside)),
    }
    packed = {name: varints(values.astype(np.int64)) for name, values in streams.items()}
    rows, cols = grid.directions.shape
    header = {
        "rows": rows,
        "cols": cols,
        "west": grid.west_m,
        "north": grid.north_m,
        "cell": list(grid.cell_m),
        "step": HEIGHT_STEP_M,
        "tenths": TENTHS,
        "per": list(per),
        "nodes": len(grid.nodes["whole"]),
        "frame": fit_frame(grid),
        "streams": [[name, len(packed[name]), len(streams[name])] for name in streams],
    }
    head = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    body = b"".join(packed.values())
    return gzip.compress(struct.pack("<I", len(head)) + head + body, compresslevel=_EFFORT, mtime=0)


def _runs(inside: npt.NDArray[np.bool_]) -> Integers:
    """Return how many cells lie outside, then inside, then outside …, in reading order."""
    flat = inside.reshape(-1)
    turns = np.flatnonzero(np.diff(flat)) + 1
    ends = np.concatenate([[0], [0] if flat.size and flat[0] else [], turns, [flat.size]]).astype(np.int64)
    return ends[1:] - ends[:-1]


def carried_right(values: Integers, inside: npt.NDArray[np.bool_]) -> Integers:
    """Give a cell outside the value of the last one inside to its left, 0 where there is none.

    Examples
    --------
    >>> carried_right(np.array([[7, 0, 9, 0]]), np.array([[False, True, True, False]]))
    array([[0, 0, 9, 9]])
    """
    place = np.maximum.accumulate(np.where(inside, np.arange(values.shape[1]), -1), axis=1)
    return np.where(place >= 0, np.take_along_axis(values, np.maximum(place, 0), axis=1), 0)


def _foretold(heights: Integers) -> Integers:
    """Foretell each height from those to the left, above and between (the median edge detector of LOCO-I)."""
    left, above, between = np.zeros_like(heights), np.zeros_like(heights), np.zeros_like(heights)
    left[:, 1:], above[1:], between[1:, 1:] = heights[:, :-1], heights[:-1], heights[:-1, :-1]
    high, low = np.maximum(left, above), np.minimum(left, above)
    return np.where(between >= high, low, np.where(between <= low, high, left + above - between))


def _differing(
    codes: npt.NDArray[Any], heights: Integers, inside: npt.NDArray[np.bool_], per: tuple[float, float, float]
) -> Integers:
    """Return per cell 0 where it drains to its steepest lower neighbour, else which neighbour (1–8), or 9 for none."""
    rows, cols = codes.shape
    edged = np.pad(heights, 1)
    there = np.pad(inside, 1)
    best, steepest = np.zeros(codes.shape), np.zeros(codes.shape, dtype=np.int64)
    for k, (down, right) in enumerate(_STEPS):
        window = slice(1 + down, 1 + down + rows), slice(1 + right, 1 + right + cols)
        slope = (heights - edged[window]) * (per[2] if k % 2 else per[0] if down == 0 else per[1])
        better = there[window] & (slope > best)
        best[better] = slope[better]
        steepest[better] = k + 1
    number = np.zeros(256, dtype=np.int64)
    number[[1 << k for k in range(8)]] = np.arange(1, 9)
    actual = number[codes]
    same = actual == steepest
    return np.asarray(np.where(same, 0, np.where(actual == 0, _NO_RECEIVER, actual))[inside])


def _exits(grid: FlowGrid, inside: npt.NDArray[np.bool_]) -> Integers:
    """Return the cells whose basin is another than that of the cell they run to (off the grid: `LEAVES`)."""
    rows, cols = grid.directions.shape
    around = np.full((rows + 2, cols + 2), LEAVES, dtype=np.int64)
    around[1:-1, 1:-1] = np.where(inside, grid.basins, LEAVES)
    expected = np.full((rows, cols), LEAVES, dtype=np.int64)
    for k, (down, right) in enumerate(_STEPS):
        runs = grid.directions == 1 << k
        expected[runs] = around[1 + down : 1 + down + rows, 1 + right : 1 + right + cols][runs]
    return np.flatnonzero(inside & (grid.basins != expected))


def _marks(name: str, cells: Integers, values: npt.NDArray[Any]) -> dict[str, Integers]:
    """Return the steps from marked cell to marked cell, and those from value to value."""
    found = values.reshape(-1)[cells].astype(np.int64)
    return {f"{name}_at": _steps_of(cells), name: zigzag(_steps_of(found))}


def _steps_of(values: Integers) -> Integers:
    """Return the step from each value to the next, from 0 to the first."""
    return values - np.concatenate([[0], values[:-1]]).astype(np.int64)


def _node_streams(nodes: Mapping[str, npt.NDArray[Any]]) -> dict[str, Integers]:
    whole, beyond = (np.asarray(nodes[name]).astype(np.int64) for name in ("whole", "beyond"))
    own = np.arange(FIRST_NODE, FIRST_NODE + whole.size)
    level = np.rint(np.asarray(nodes["spill_level_m"], dtype=np.float64) / HEIGHT_STEP_M)
    floor = np.asarray(nodes["floor_m"], dtype=np.float64)
    floor = np.where(np.isfinite(floor), np.rint(np.nan_to_num(floor) / HEIGHT_STEP_M), level)
    return {
        "whole": np.where(whole > 0, whole - own, 0),
        "beyond": zigzag(beyond - own),
        "level": zigzag(_steps_of(level.astype(np.int64))),
        "floor": zigzag((level - floor).astype(np.int64)),
        "room": np.rint(np.asarray(nodes["room_m3"], dtype=np.float64) * TENTHS).astype(np.int64),
        "runoff": np.rint(np.asarray(nodes["runoff_m2"], dtype=np.float64) * TENTHS).astype(np.int64),
    }


def _unshown_cells(grid: FlowGrid, inside: npt.NDArray[np.bool_]) -> Integers:
    """Return how many cells of each basin lie outside the grid: what its ground is more than its cells here."""
    count = len(grid.nodes["whole"])
    cell_m2 = grid.cell_m[0] * grid.cell_m[1]
    cells = np.rint(np.asarray(grid.nodes["area_m2"], dtype=np.float64) / cell_m2).astype(np.int64)
    shown = np.bincount(grid.basins[inside].astype(np.int64), minlength=FIRST_NODE + count)
    return np.asarray(cells - shown[FIRST_NODE:], dtype=np.int64)


def world_pixels(east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """Return where places lie in web Mercator as Leaflet counts it at zoom 0: 256 pixels around the world."""
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(east_m, north_m)
    sine = np.sin(np.radians(lat))
    return 256 * (np.asarray(lon) + 180) / 360, 128 - 64 * np.log((1 + sine) / (1 - sine)) / np.pi


def fit_frame(grid: FlowGrid) -> dict[str, Any]:
    """Fit world pixels ↔ columns and rows (0 at the grid's corner): four polynomials of the third degree.

    Each side is first moved and divided to lie in −1 … 1 (``middle``, ``half``).
    """
    rows, cols = grid.directions.shape
    reach = max(1, *grid.directions.shape) * 0.05
    row, col = (
        values.reshape(-1)
        for values in np.meshgrid(
            np.linspace(-reach, rows + reach, 25), np.linspace(-reach, cols + reach, 25), indexing="ij"
        )
    )
    x, y = world_pixels(grid.west_m + col * grid.cell_m[0], grid.north_m - row * grid.cell_m[1])
    world, cell = _scaling(x, y), _scaling(col, row)
    return {
        "world": world,
        "cell": cell,
        "column": _fit(x, y, world, col),
        "row": _fit(x, y, world, row),
        "x": _fit(col, row, cell, x - world["middle"][0]),
        "y": _fit(col, row, cell, y - world["middle"][1]),
    }


def _scaling(first: Floats, second: Floats) -> dict[str, list[float]]:
    pairs = [(values.min(), values.max()) for values in (first, second)]
    return {"middle": [float(a + b) / 2 for a, b in pairs], "half": [float(b - a) / 2 for a, b in pairs]}


def _terms(first: Floats, second: Floats, scaling: Mapping[str, Any]) -> Floats:
    u = (first - scaling["middle"][0]) / scaling["half"][0]
    v = (second - scaling["middle"][1]) / scaling["half"][1]
    return np.stack([u**i * v**j for i, j in _POWERS], axis=-1)


def _fit(first: Floats, second: Floats, scaling: Mapping[str, Any], wanted: Floats) -> list[float]:
    found, *_ = np.linalg.lstsq(_terms(first, second, scaling), wanted, rcond=None)
    return [float(value) for value in found]


def polynomial(factors: list[float], first: Floats, second: Floats, scaling: Mapping[str, Any]) -> Floats:
    """Evaluate a polynomial of `fit_frame`, as the page does."""
    return np.asarray(_terms(first, second, scaling) @ np.asarray(factors))
