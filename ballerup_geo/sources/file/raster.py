"""Any raster file that GDAL reads: GeoTIFF, ASCII grid, virtual mosaic …"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window, from_bounds

from ballerup_geo.errors import DataError, Fault, SourceError
from ballerup_geo.raster import STRIP_CELLS, Raster
from ballerup_geo.sources._request import Bounds, Delivery, Request
from ballerup_geo.sources.file.crs import bounds_in, stated_crs
from ballerup_geo.spec import FileSource
from ballerup_geo.storage import GDAL_CACHE

__all__ = ["RasterStrips", "mosaic_parts", "raster_strips", "read_raster"]

_FEW_CELLS = 1 << 21
"""Of a strip, where the whole raster is not held; a row of tiles is read whole all the same."""
LARGE_CELLS = 1 << 27
"""A raster of more cells (half a GB) is checked strip by strip where it need not be held."""


def read_raster(path: Path, source: FileSource, request: Request) -> Delivery:
    """Read the part of a raster within ``request.bounds`` as float32, cells without data as NaN.

    Scale and offset of the file are applied. The grid stays the file's own: the catalog warps it where its CRS is
    another, or north is not up.
    """
    name = f"GPKG:{path}:{source.table}" if source.table is not None else str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said below, with what to do
            threads = {"num_threads": "ALL_CPUS"} if path.suffix.lower() in {".tif", ".tiff"} else {}
            cache = rasterio.Env(**GDAL_CACHE)
            with cache, rasterio.open(name, **threads) as dataset:
                return _read(dataset, path, source, request)
    except RasterioError as error:
        raise _unreadable(path, request, error) from error


@dataclass(frozen=True, slots=True)
class RasterStrips:
    """A large raster on a north-up grid, of which the strips are read when asked for."""

    path: Path
    window: Window
    shape: tuple[int, int]
    transform: Affine
    crs: str
    delivery: Delivery
    """All but the cells: its raster has one value that stands for each."""

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Yield strips of whole rows as float32, from north to south."""
        with rasterio.Env(**GDAL_CACHE), rasterio.open(self.path, num_threads="ALL_CPUS") as dataset:
            yield from _strips(dataset, self.window, _FEW_CELLS)


def raster_strips(path: Path, source: FileSource, request: Request) -> RasterStrips | None:
    """Return a large GeoTIFF to be read strip by strip; None where it is small, or reading it at once says more."""
    if path.suffix.lower() not in {".tif", ".tiff"} or source.table is not None or not path.is_file():
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                return _in_strips(dataset, path, source, request)
    except RasterioError:
        return None


def _in_strips(dataset: DatasetReader, path: Path, source: FileSource, request: Request) -> RasterStrips | None:
    grid = dataset.transform
    north_up = grid.a > 0 and grid.e < 0 and not grid.b and not grid.d
    plain = dataset.count == 1 and not dataset.dtypes[0].startswith("complex")
    if not north_up or not plain or dataset.crs is None or dataset.width * dataset.height <= LARGE_CELLS:
        return None
    crs, notes = stated_crs(dataset.crs.to_wkt(), source, request, name=path.name)
    window = _window(dataset, bounds_in(crs, request.bounds))
    if window is None:
        return None
    shape, transform = (int(window.height), int(window.width)), dataset.window_transform(window)
    code = crs.to_epsg(min_confidence=70)
    named = f"EPSG:{code}" if code else crs.to_wkt()
    stands_for_all = np.broadcast_to(np.float32(np.nan), shape)
    raster = Raster(stands_for_all, transform, float("nan"), crs=named)
    delivery = Delivery(raster, origin=path.name, notes=notes, date=source.date)
    return RasterStrips(path, window, shape, transform, named, delivery)


def mosaic_parts(path: Path) -> list[Path]:
    """Return the files that a mosaic (VRT) is made of, those that are there."""
    try:
        with rasterio.open(path) as dataset:
            files = {Path(name) for name in dataset.files}
    except RasterioError:  # a mosaic of features, or a broken one: reading it says which
        return []
    return sorted(part for part in files if part.is_file() and part != path)


def _read(dataset: DatasetReader, path: Path, source: FileSource, request: Request) -> Delivery:
    if dataset.count != 1:
        what = f"{path.name} has {dataset.count} bands, and the layer is one quantity"
        raise DataError(request.fault("source.kept.path", what, "point to a raster with one band"))
    if dataset.dtypes[0].startswith("complex"):
        raise DataError(request.fault("source.kept.path", f"{path.name} holds complex numbers", "point to plain ones"))
    if dataset.transform.is_degenerate:
        what = f"{path.name} has cells without width or height ({dataset.transform.a:g} × {dataset.transform.e:g})"
        raise DataError(request.fault("source.kept.path", what, "write its georeference anew"))
    if dataset.crs is None and dataset.transform == Affine.identity():
        what = f"{path.name} does not say where it lies (a picture, not a map)"
        raise DataError(request.fault("source.kept.path", what, "point to a georeferenced raster, e.g. a GeoTIFF"))
    stated = dataset.crs.to_wkt() if dataset.crs else None
    crs, notes = stated_crs(stated, source, request, name=path.name)
    window = _window(dataset, bounds_in(crs, request.bounds))
    if window is None:
        raise DataError(_outside(dataset, path, request))
    values = _values(dataset, window)
    transform = dataset.window_transform(window)
    if transform.e > 0 and not transform.b and not transform.d:  # south is up
        values = np.ascontiguousarray(values[::-1])
        transform = transform @ Affine(1, 0, 0, 0, -1, values.shape[0])
    code = crs.to_epsg(min_confidence=70)
    return Delivery(
        Raster(values, transform, float("nan"), crs=f"EPSG:{code}" if code else crs.to_wkt()),
        origin=path.name,
        notes=notes,
        date=source.date,
    )


def _values(dataset: DatasetReader, window: Window) -> NDArray[np.float32]:
    """Read in strips of rows, so that one array of the raster's size is in memory."""
    values = np.empty((int(window.height), int(window.width)), np.float32)
    top = 0
    for strip in _strips(dataset, window):
        values[top : top + len(strip)] = strip
        top += len(strip)
    return values


def _strips(dataset: DatasetReader, window: Window, cells: int | None = None) -> Iterator[NDArray[np.float32]]:
    """Yield the values in strips of rows from the file's first on; cells without data are NaN."""
    rows, cols = int(window.height), int(window.width)
    height = dataset.block_shapes[0][0]  # a block is read once
    flags = dataset.mask_flag_enums[0]
    said_by_nan = flags == [MaskFlags.nodata] and np.isnan(dataset.nodata)
    unmasked = MaskFlags.all_valid in flags or said_by_nan
    step = max(height, (cells or STRIP_CELLS) // cols // height * height)
    top = 0
    while top < rows:
        end = min(rows, top + step - (int(window.row_off) + top) % height)
        part = Window(window.col_off, window.row_off + top, cols, end - top)
        if unmasked:
            strip = dataset.read(1, window=part).astype("float32", copy=False)
        else:
            strip = dataset.read(1, window=part, masked=True).astype("float32", copy=False).filled(np.nan)
        if (dataset.scales[0], dataset.offsets[0]) != (1.0, 0.0):
            strip = strip * np.float32(dataset.scales[0]) + np.float32(dataset.offsets[0])
        yield strip
        del strip  # it goes before the next one comes
        top = end


def _window(dataset: DatasetReader, bounds: Bounds | None) -> Window | None:
    """Return the cells that meet the bounds, None where there are none; the whole of a turned grid."""
    whole = Window(0, 0, dataset.width, dataset.height)
    grid = dataset.transform
    if bounds is None or grid.b or grid.d or grid.a <= 0:
        return whole
    asked = from_bounds(*bounds, transform=grid) if grid.e < 0 else _south_up(bounds, grid)
    first_row, first_col = max(0, int(np.floor(asked.row_off + 1e-6))), max(0, int(np.floor(asked.col_off + 1e-6)))
    last_row = min(dataset.height, int(np.ceil(asked.row_off + asked.height - 1e-6)))
    last_col = min(dataset.width, int(np.ceil(asked.col_off + asked.width - 1e-6)))
    if last_row <= first_row or last_col <= first_col:
        return None
    return Window(first_col, first_row, last_col - first_col, last_row - first_row)


def _south_up(bounds: Bounds, grid: Affine) -> Window:
    west, south, east, north = bounds
    col, row = ~grid * (west, south)
    last_col, last_row = ~grid * (east, north)
    return Window(col, row, last_col - col, last_row - row)


def _outside(dataset: DatasetReader, path: Path, request: Request) -> Fault:
    digits = 4 if dataset.crs is not None and dataset.crs.is_geographic else 0
    covers = ", ".join(f"{value:.{digits}f}" for value in dataset.bounds)
    area = ", ".join(f"{value:.0f}" for value in request.bounds or ())
    what = f"{path.name} misses the municipality: it covers {covers} ({dataset.crs}), wanted is {area} (EPSG:25832)"
    return request.fault("source.kept.path", what, "point to a raster of the municipality, or correct its CRS")


def _unreadable(path: Path, request: Request, error: Exception) -> SourceError:
    if _has_features(path):
        what = f"{path.name} holds features, and the layer is a raster"
        return SourceError(request.fault("source.kept.path", what, "point to a raster, e.g. a GeoTIFF"))
    todo = "check that it is a whole GeoTIFF or another raster that GDAL reads"
    return SourceError(request.fault("source.kept.path", f"{path} cannot be read ({error})", todo))


def _has_features(path: Path) -> bool:
    try:
        return len(pyogrio.list_layers(path)) > 0
    except DataSourceError:
        return False
