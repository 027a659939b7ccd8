"""A raster that is larger than memory, written strip by strip as COG: the same bytes as :func:`write_cog` gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.windows import Window

from ballerup_geo.storage._files import new_file, write_until_full
from ballerup_geo.storage._rasters import (
    BLOCK,
    FIRST_BYTES,
    GDAL_CACHE,
    MOSTLY,
    SAMPLE_ROWS,
    Array,
    as_cells,
    bits,
    copy_to_cog,
    fail,
    opened,
    overviews_are_whole,
)

__all__ = ["write_cog_strips"]

_COMPARED = 8 * BLOCK
"""Columns that are read back and compared at once: whole tiles, enough of them for all threads."""


def write_cog_strips(
    path: Path,
    strips: Iterable[Array],
    *,
    shape: tuple[int, int],
    transform: Affine,
    crs: str,
    nodata: float | None,
    metadata: Mapping[str, str],
) -> None:
    """Write a band as COG from its strips of whole rows, from north to south, of any heights and one type.

    The cells wait uncompressed in a file beside, since overviews are made of all of them; what was written is read back
    and compared before the file takes its place. Beyond a strip some 100 MB are held.

    Raises
    ------
    ValueError
        The strips do not make up the shape.
    """
    rows, cols = shape
    with new_file(path) as beside, rasterio.Env(**GDAL_CACHE):
        write_until_full(beside, FIRST_BYTES)  # GDAL's library would print a line for each tile
        waiting = beside.with_name(f"{beside.name}.cells")
        size = 0
        try:
            placed = {"transform": transform, "crs": crs, "nodata": nodata}
            even, of, size = _wait(waiting, strips, shape, placed=placed, metadata=metadata)
            with rasterio.open(waiting) as source:
                copy_to_cog(source, beside, predicted=even <= MOSTLY * of)
            whole = _same(beside, waiting) and overviews_are_whole(beside)
        except (RasterioError, CPLE_BaseError) as error:
            fail(beside, size or rows * cols * 4, str(error))
        finally:
            waiting.unlink(missing_ok=True)
        if not whole:
            fail(beside, size, "what was read back differs from what was written")


def _wait(
    path: Path,
    strips: Iterable[Array],
    shape: tuple[int, int],
    *,
    placed: Mapping[str, Any],
    metadata: Mapping[str, str],
) -> tuple[int, int, int]:
    """Write the cells; return how many of a sample equal the one before them, of how many, and the bytes of all."""
    rows, cols = shape
    given: Iterator[Array] = map(as_cells, strips)
    first = next(given, np.empty((0, cols), "float32"))
    dtype, given = first.dtype, chain((first,), given)
    del first
    profile = {"driver": "GTiff", "width": cols, "height": rows, "count": 1, "dtype": dtype}
    tiles = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "bigtiff": "IF_SAFER", "sparse_ok": False}
    top = even = of = 0
    with rasterio.open(path, "w", **placed, **profile, **tiles) as target:
        target.update_tags(**metadata)
        for part in _in_tiles(given, cols, dtype):
            if top + len(part) > rows:
                raise ValueError(f"a strip {part.shape} at row {top} does not fit the raster {shape}")
            target.write(part[None], [1], window=Window(0, top, cols, len(part)))  # a band alone would be copied
            sample = bits(part[-top % SAMPLE_ROWS :: SAMPLE_ROWS])
            even += int(np.count_nonzero(sample[:, 1:] == sample[:, :-1]))
            of += sample[:, 1:].size
            top += len(part)
    if top != rows:
        raise ValueError(f"the strips have {top} rows, the raster {rows}")
    return even, of, rows * cols * dtype.itemsize


def _in_tiles(strips: Iterator[Array], cols: int, dtype: np.dtype[Any]) -> Iterator[Array]:
    """Yield rows of whole tiles, so that no tile is written twice; each is to be used before the next is asked for.

    One strip is held, and one row of tiles where the strips do not come in whole ones.
    """
    waiting, filled = np.empty((0, cols), dtype), 0
    for strip in strips:
        if strip.shape[1] != cols or strip.dtype != dtype:
            raise ValueError(f"a strip {strip.shape} of {strip.dtype} does not fit rows of {cols} {dtype}")
        taken = 0
        while taken < len(strip):
            some = strip[taken : taken + BLOCK - filled]
            taken += len(some)
            if len(some) == BLOCK:
                yield some
                continue
            if not len(waiting):
                waiting = np.empty((BLOCK, cols), dtype)
            waiting[filled : filled + len(some)] = some
            filled = (filled + len(some)) % BLOCK
            if not filled:
                yield waiting
        some = strip = waiting[:0]  # the strip goes before the next one comes
    if filled:
        yield waiting[:filled]


def _same(path: Path, waiting: Path) -> bool:
    """Compare two files cell by cell, bit by bit, a few tiles at a time."""
    with opened(path) as written, opened(waiting) as wanted:
        height, width = wanted.shape
        if written.shape != wanted.shape:
            return False
        for top in range(0, height, BLOCK):
            for left in range(0, width, _COMPARED):
                window = Window(left, top, min(_COMPARED, width - left), min(BLOCK, height - top))
                if not np.array_equal(bits(written.read(1, window=window)), bits(wanted.read(1, window=window))):
                    return False
    return True
