"""A raster's cells as a picture in a view: the window alone is read, as fine as the paper shows it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.publish.classing import CellClasses
from ballerup_geo.publish.figure._sheet import Box, Sheet
from ballerup_geo.publish.figure._view import View

__all__ = ["draw_cells"]


def draw_cells(sheet: Sheet, path: Path, classes: CellClasses, view: View) -> tuple[int, ...]:
    """Draw the cells of a raster that lie in the view; return how many pixels each class has.

    Raises
    ------
    DataError
        The raster cannot be read.
    """
    pixel_m = view.m_per_mm * sheet.pixel_mm
    try:
        with rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(path) as dataset:
            level = _overview(dataset, pixel_m)
        with rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(path, **level) as dataset:
            window = _window(dataset, view)
            found = None if window is None else _read(dataset, window, classes, pixel_m)
            box = None if window is None else _box(dataset, window, view)
    except RasterioError as error:
        where = f"results/{path.parent.name}/{path.name}"
        raise DataError(Fault(where, "", f"cannot be read: {error}", "run the analysis again")) from error
    if found is None or box is None:
        return (0,) * len(classes.classes)
    picture = classes.palette[found]
    picture[..., 3] = np.where(picture[..., 3] > 0, round(255 * classes.opacity), 0)
    sheet.picture(picture, box, clip=view.frame)
    return tuple(int(number) for number in classes.count(found)[1:])


def _window(dataset: DatasetReader, view: View) -> Window | None:
    """Return the whole cells that lie in the view; None where there are none."""
    west, south, east, north = view.window
    to_cell = ~dataset.transform
    (left, top), (right, bottom) = to_cell @ (west, north), to_cell @ (east, south)
    columns = max(0, math.floor(left)), min(dataset.width, math.ceil(right))
    rows = max(0, math.floor(top)), min(dataset.height, math.ceil(bottom))
    if columns[0] >= columns[1] or rows[0] >= rows[1]:
        return None
    return Window(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])


def _overview(dataset: DatasetReader, pixel_m: float) -> dict[str, int]:
    """Name the coarsest overview whose cells are no larger than a pixel."""
    fine = [factor for factor in dataset.overviews(1) if factor * dataset.transform.a <= pixel_m * 1.001]
    return {"overview_level": len(fine) - 1} if fine else {}


def _read(dataset: DatasetReader, window: Window, classes: CellClasses, pixel_m: float) -> npt.NDArray[np.uint8]:
    """Return the class of each pixel: that of the cell under its middle.

    Whole cells are read and then picked: GDAL reads a window in another size a hundred times slower.
    """
    values = dataset.read(1, window=window)
    bare = dataset.nodata is None or dataset.nodata != dataset.nodata
    valid = None if bare else dataset.read_masks(1, window=window) > 0
    found = classes.of(values, valid)
    rows = _picked(found.shape[0], -dataset.transform.e, pixel_m)
    columns = _picked(found.shape[1], dataset.transform.a, pixel_m)
    return np.ascontiguousarray(found[np.ix_(rows, columns)])


def _picked(cells: int, cell_m: float, pixel_m: float) -> npt.NDArray[np.int64]:
    """Return which cell of a row of them lies under the middle of each pixel; no more pixels than cells."""
    pixels = max(1, min(cells, math.ceil(cells * cell_m / pixel_m)))
    return ((np.arange(pixels) + 0.5) * cells / pixels).astype(np.int64)


def _box(dataset: DatasetReader, window: Window, view: View) -> Box:
    transform = dataset.transform
    west, north = transform @ (window.col_off, window.row_off)
    east, south = transform @ (window.col_off + window.width, window.row_off + window.height)
    (left, bottom), (right, top) = view.place(np.array([(west, south), (east, north)]))
    return Box(float(left), float(bottom), float(right - left), float(top - bottom))
