"""Rasters as cloud-optimised GeoTIFF (COG): tiled, compressed without loss, with overviews.

Large rasters pass through in strips of rows: beyond the array itself a few dozen MB are held.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio._err import CPLE_BaseError
from rasterio.dtypes import dtype_rev, typename_fwd
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from ballerup_geo.storage._files import new_file, unreadable, write_until_full

__all__ = [
    "BLOCK",
    "FIRST_BYTES",
    "GDAL_CACHE",
    "MOSTLY",
    "SAMPLE_ROWS",
    "Array",
    "as_cells",
    "bits",
    "copy_to_cog",
    "fail",
    "opened",
    "overviews_are_whole",
    "read_cog",
    "read_cog_metadata",
    "strips_of",
    "write_cog",
]

Array = np.ndarray[Any, np.dtype[Any]]

GDAL_CACHE = {"GDAL_CACHEMAX": 32_000_000}
"""Bytes that GDAL keeps of blocks, however few; left alone it takes a twentieth of the machine's memory."""
_STRIP_BYTES = 32_000_000
BLOCK = 512
"""Rows of a tile in a COG: strips of whole tiles are decompressed once."""
_ALONE_BYTES = 1 << 28
"""A smaller raster is compressed by one thread: more would cost a quarter of processor time, and others are written
beside it."""
FIRST_BYTES = 1_000_000
"""Without room for these there is no need to begin."""
SAMPLE_ROWS = 16
"""One row in so many tells whether a raster is mostly even."""
MOSTLY = 0.5
_PYRAMID = 1.5
"""A raster with its overviews takes at most this many times the bytes of its cells, without any compression."""


def write_cog(
    path: Path, array: Array, *, transform: Affine, crs: str, nodata: float | None, metadata: Mapping[str, str]
) -> None:
    """Write a band ``[rows, cols]`` as COG; the same raster gives the same bytes. Booleans become 0 and 1.

    GDAL reads the array where it lies. It reports a full disk late, with other words, or not at all, so what it wrote
    is read back and compared before the file takes its place. Its tags hold ``metadata``.
    """
    band = as_cells(array)
    with new_file(path) as beside, rasterio.Env(GDAL_MEM_ENABLE_OPEN=True, **GDAL_CACHE):
        write_until_full(beside, min(band.nbytes, FIRST_BYTES))  # GDAL's library would print a line for each tile
        try:
            with rasterio.open(_in_memory(band, transform), "r+") as source:
                source.crs, source.nodata = crs, nodata
                source.update_tags(**metadata)
                copy_to_cog(source, beside, predicted=not _is_even(band))
            whole = _holds(beside, band)
        except (RasterioError, CPLE_BaseError) as error:
            fail(beside, band.nbytes, str(error))
        if not whole:
            fail(beside, band.nbytes, "what was read back differs from what was written")


def as_cells(array: Array) -> Array:
    """Return an array that GDAL can read in place: a copy only where rows or columns run backwards."""
    band = array.view("uint8") if array.dtype == bool else array
    return band if min(band.strides) > 0 else np.ascontiguousarray(band)


def _in_memory(band: Array, transform: Affine) -> str:
    """Name of the array for GDAL, which reads it through its address: it must outlive the dataset."""
    rows, cols = band.shape
    parts = {
        "DATAPOINTER": band.ctypes.data,
        "PIXELS": cols,
        "LINES": rows,
        "DATATYPE": typename_fwd[dtype_rev[band.dtype.name]],
        "PIXELOFFSET": band.strides[1],
        "LINEOFFSET": band.strides[0],
        "GEOTRANSFORM": "/".join(repr(float(value)) for value in transform.to_gdal()),
    }
    return "MEM:::" + ",".join(f"{key}={value}" for key, value in parts.items())


def _is_even(band: Array) -> bool:
    """Say whether most cells equal the one before them, as dry ground does: told by a sample of the rows.

    What is even packs smaller as it is, and is read back in a third of the time, than as differences of neighbours.
    """
    rows = bits(band[::SAMPLE_ROWS])
    return bool(np.count_nonzero(rows[:, 1:] == rows[:, :-1]) > MOSTLY * rows[:, 1:].size)


def copy_to_cog(source: DatasetReader, target: Path, *, predicted: bool) -> None:
    """Write an open raster as COG."""
    size = source.width * source.height * np.dtype(source.dtypes[0]).itemsize
    rasterio.shutil.copy(
        source,
        target,
        driver="COG",
        compress="ZSTD",
        level=1,  # level 9 takes twice the time for 2 % less
        predictor="YES" if predicted else "NO",
        overview_resampling="AVERAGE" if np.issubdtype(source.dtypes[0], np.floating) else "NEAREST",
        num_threads="1" if size <= _ALONE_BYTES else "ALL_CPUS",
        bigtiff="IF_SAFER",
    )


def _holds(path: Path, band: Array) -> bool:
    """Read a file back: every cell the same, bit by bit, and every overview there to its last tile."""
    with opened(path) as dataset:
        for rows, values in strips_of(dataset):
            if not np.array_equal(bits(values), bits(band[rows])):
                return False
    return overviews_are_whole(path)


def overviews_are_whole(path: Path) -> bool:
    """Read every overview to its last tile: one that is cut off raises."""
    with opened(path) as dataset:
        levels = len(dataset.overviews(1))
    for level in range(levels):
        with opened(path, overview_level=level) as dataset:
            for _ in strips_of(dataset):
                pass
    return True


def bits(values: Array) -> Array:
    """Return the same memory as whole numbers, so that one NaN equals another."""
    return values.view(f"u{values.dtype.itemsize}") if values.dtype.kind == "f" else values


def fail(beside: Path, size: int, said: str) -> NoReturn:
    """Raise what the system says about the space that the raster may need; if it has that, what GDAL said."""
    write_until_full(beside, int(size * _PYRAMID))
    raise OSError(errno.EIO, f"GDAL: {said}")


def opened(path: Path, **options: int) -> DatasetReader:
    """Open a raster that several threads decompress."""
    return rasterio.open(path, num_threads="ALL_CPUS", **options)


def strips_of(dataset: DatasetReader, into: Array | None = None) -> Iterator[tuple[slice, Array]]:
    """Read a band in strips of whole tiles from north to south, into the rows of ``into`` where it is given."""
    height, width = dataset.shape
    tiles = max(1, _STRIP_BYTES // (BLOCK * width * np.dtype(dataset.dtypes[0]).itemsize))
    for top in range(0, height, tiles * BLOCK):
        rows = slice(top, min(top + tiles * BLOCK, height))
        window = Window(0, top, width, rows.stop - top)
        yield rows, dataset.read(1, window=window, out=None if into is None else into[rows])


def read_cog(path: Path) -> tuple[Array, Affine, str, float | None]:
    """Read array, transform, CRS and nodata."""
    try:
        with rasterio.Env(**GDAL_CACHE), opened(path) as dataset:
            array = np.empty(dataset.shape, dataset.dtypes[0])
            for _ in strips_of(dataset, into=array):
                pass
            return array, dataset.transform, str(dataset.crs), dataset.nodata
    except RasterioError as error:
        raise unreadable(path, error) from error


def read_cog_metadata(path: Path) -> dict[str, str]:
    """Read the metadata that were given to :func:`write_cog`."""
    try:
        with rasterio.open(path) as dataset:
            return {key: value for key, value in dataset.tags().items() if key != "AREA_OR_POINT"}
    except RasterioError as error:
        raise unreadable(path, error) from error
