"""Checks on what the terrain functions are given; every fault is an error of this package, with what to do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.compiled import by_strips, kernel
from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.hydrology._downstream import clean_directions

__all__ = ["CellSize", "circle", "read_cell_size", "read_directions", "read_labels", "read_raster", "read_terrain"]

Array = np.ndarray[Any, np.dtype[Any]]
CellSize = float | tuple[float, float]
MOST_CELLS = 2**31 - 256


def _as_raster(values: ArrayLike, name: str) -> Array:
    array = np.ma.getdata(values) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
    if array.ndim != 2 or array.size == 0:
        raise DataError(Fault(name, "shape", f"{array.shape} is not a raster", "give an array [rows, cols] with cells"))
    if array.dtype.kind not in "biuf":
        raise DataError(Fault(name, "dtype", f"{array.dtype} is not a number", "give integers or floats"))
    if array.size > MOST_CELLS:
        raise MethodError(
            Fault(name, "shape", f"{array.size:,} cells are more than {MOST_CELLS:,}", "use larger cells")
        )
    return array


def read_terrain(dtm: ArrayLike, nodata: float | None, *, kept: bool = False) -> NDArray[np.float32]:
    """Return the terrain as a contiguous float32 raster; nodata, masked and non-finite cells become NaN.

    An array that is just that already is read where it lies, since nothing here writes into a terrain; but if it is to
    be ``kept``, only where nobody else may write into it either. What is returned is read-only, so that kernels are
    compiled for one kind of array.
    """
    array = _as_raster(dtm, "dtm")
    missing = math.nan if nodata is None else nodata
    plain = not isinstance(dtm, np.ma.MaskedArray) and array.flags.c_contiguous
    if plain and array.dtype == np.float32 and not (kept and array.flags.writeable):
        flat = array.reshape(-1)
        cols = array.shape[1]
        with np.errstate(over="ignore"):
            gap = float(np.float32(missing))
        checked = by_strips(
            lambda first, end: is_clean(flat, flat.view(np.int32), gap, first * cols, end * cols), array.shape[0]
        )
        if all(checked):
            return _read_only(array)
    with np.errstate(over="ignore"):
        heights = np.array(array, dtype=np.float32, order="C", subok=False)
    heights += np.float32(0.0)  # no −0
    heights[~np.isfinite(heights)] = np.nan
    if isinstance(dtm, np.ma.MaskedArray):
        heights[np.ma.getmaskarray(dtm)] = np.nan
    if not math.isnan(missing):
        heights[array == nodata] = np.nan
    return _read_only(heights)


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


@kernel
def is_clean(z: Array, bits: Array, gap: float, first: int, end: int) -> bool:
    """Tell whether cells ``first`` to ``end`` (flat, with their bits as int32) hold no infinity, no −0 and no gap."""
    wrong = 0
    for i in range(first, end):
        wrong += ((bits[i] & 0x7FFFFFFF) == 0x7F800000) | (bits[i] == np.int32(-(2**31))) | (z[i] == gap)
    return wrong == 0


def read_cell_size(cell_size_m: CellSize) -> tuple[float, float]:
    """Return the width and height of a cell in metres, both positive."""
    dx, dy = cell_size_m if isinstance(cell_size_m, tuple) else (cell_size_m, cell_size_m)
    if not (0 < dx < math.inf and 0 < dy < math.inf):
        raise DataError(
            Fault("cell_size_m", "", f"{cell_size_m} is no size", "give metres above 0: a number or (dx, dy)")
        )
    return float(dx), float(dy)


def read_directions(directions: ArrayLike) -> NDArray[np.uint8]:
    """Return the directions as a new uint8 raster in which no cell points off the raster or into nodata."""
    array = _as_raster(directions, "directions")
    if array.dtype.kind == "f" or (array.dtype != np.uint8 and (array.min() < 0 or array.max() > 255)):
        raise DataError(
            Fault("directions", "dtype", f"{array.dtype} is no code 0–255", "give the codes of flow_directions")
        )
    codes = np.array(array, dtype=np.uint8, order="C")
    wrong = int(clean_directions(codes))
    if wrong >= 0:
        row, col = divmod(wrong, codes.shape[1])
        what = f"code {codes[row, col]} in row {row}, column {col} is no direction"
        raise DataError(Fault("directions", "codes", what, "use 1, 2, 4 … 128, 0 for an outlet, 255 for nodata"))
    return codes


def circle(cell: int, cols: int) -> DataError:
    """Return what to say about directions that lead from a cell (flat index) into a circle."""
    place = "row {}, column {}".format(*divmod(cell, cols))
    return DataError(Fault("directions", place, "they run in a circle", "use directions from flow_directions"))


def read_raster(values: ArrayLike, name: str, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[Any]]:
    """Return a raster of numbers that must have the shape of the terrain."""
    array = _as_raster(values, name)
    if array.shape != shape:
        raise DataError(Fault(name, "shape", f"{array.shape} differs from {shape}", "give it on the terrain's grid"))
    return array


def read_labels(values: ArrayLike, name: str, shape: tuple[int, ...]) -> NDArray[np.integer[Any]]:
    """Return a raster of labels as int32, or as it is where it is of a smaller type.

    Two of the numbers of 32 bits are kept for the kernels.
    """
    marks = read_raster(values, name, shape)
    limit = np.iinfo(np.int32)
    if marks.dtype.kind == "f" or marks.min() < limit.min + 2 or marks.max() > limit.max:
        raise DataError(Fault(name, "dtype", f"{marks.dtype} labels do not fit", "give labels as int32"))
    if marks.dtype.kind in "iu" and marks.dtype.itemsize < 4:
        return np.ascontiguousarray(marks)
    return np.asarray(marks, dtype=np.int32, order="C")
