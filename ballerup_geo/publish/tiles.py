"""A raster as pictures: a pyramid of tiles for a site, one picture for a page that stands alone; both lossless WebP.

Lossless is smaller than lossy for a few flat colours, and shows no colour that the legend lacks. The raster is read in
blocks, from the overview that is nearest to the zoom, and reprojected as it is read: it is never whole in memory.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from PIL import Image
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.publish.classing import CellClasses, Indices
from ballerup_geo.publish.mercator import (
    MERCATOR,
    TILE_PX,
    Bounds,
    TileRange,
    corners_of,
    fit,
    frame_of,
    last_zoom,
    pixel_m,
    stretch,
    tile_range,
)
from ballerup_geo.publish.webp_note import with_note

__all__ = ["Picture", "TileSet", "areas_m2", "picture", "tile_set", "webp", "write_tiles"]

FIRST_ZOOM = 9
"""The smallest zoom of our pages (``minZoom`` in static/app/main.js)."""
_BLOCK_TILES = 8
"""Tiles of a block's side: 2,048 pixels, 16 MB of 32-bit cells."""
_COUNT_CELLS = 4_000_000
"""Cells that are classed and counted at a time."""
_LARGEST_PX = 4096
"""A picture's longer side: every browser shows one of this size."""
_ENVIRONMENT = {"GDAL_CACHEMAX": 128_000_000, "GDAL_PAM_ENABLED": "NO"}
"""Bytes of blocks that GDAL keeps; and it writes no files beside a picture."""
_WORKERS = min(4, os.cpu_count() or 1)

Task = TypeVar("Task")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class TileSet:
    """Which tiles of a pyramid there are: those with any colour."""

    tiles: frozenset[tuple[int, int, int]]
    """Zoom, column, row."""
    first_zoom: int
    last_zoom: int

    def for_page(self) -> dict[str, Any]:
        """Return the zooms, and for each the box of its tiles with a bit a tile, row by row from the north-west."""
        levels = {}
        for zoom in range(self.first_zoom, self.last_zoom + 1):
            level = _level([(x, y) for z, x, y in self.tiles if z == zoom])
            if level is not None:
                levels[str(zoom)] = level
        return {"first": self.first_zoom, "last": self.last_zoom, "levels": levels}


def _level(places: list[tuple[int, int]]) -> dict[str, Any] | None:
    if not places:
        return None
    columns, rows = zip(*places, strict=True)
    west, north = min(columns), min(rows)
    there = np.zeros((max(rows) - north + 1, max(columns) - west + 1), bool)
    there[np.array(rows) - north, np.array(columns) - west] = True
    bits = base64.b64encode(np.packbits(there).tobytes()).decode()
    return {"x": west, "y": north, "columns": there.shape[1], "rows": there.shape[0], "bits": bits}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a whole raster and where it lies: south-west and north-east corner, latitude and longitude."""

    content: bytes
    bounds: tuple[tuple[float, float], tuple[float, float]]


def areas_m2(path: Path, classes: CellClasses) -> tuple[float, ...]:
    """Return the area of each class in m², from every cell of the raster."""
    with _opened(path) as dataset:
        windows = list(_windows(dataset))
        cell_area_m2 = abs(dataset.transform.a * dataset.transform.e)

    def count(window: Window) -> npt.NDArray[np.int64]:
        with _opened(path) as dataset:
            values = dataset.read(1, window=window)
            valid = None if _says_nothing(dataset) else dataset.read_masks(1, window=window) > 0
            return classes.count(classes.of(values, valid))

    total = sum(_each(count, windows, path), start=np.zeros(len(classes.classes) + 1, np.int64))
    return tuple(float(cells) * cell_area_m2 for cells in total[1:])


def write_tiles(path: Path, classes: CellClasses, folder: Path, *, note: str | None = None) -> TileSet:
    """Write ``<folder>/<zoom>/<column>/<row>.webp`` for every tile with a colour; the same raster gives the same bytes.

    From the smallest zoom of our pages to the first whose pixels are no larger than the cells, at most 17. ``note`` is
    written into each file.
    """
    with _opened(path) as dataset:
        frame = frame_of(tuple(dataset.bounds))
        first, last = FIRST_ZOOM, max(FIRST_ZOOM, last_zoom(_cell_m(dataset), frame))
    blocks = [block for zoom in range(first, last + 1) for block in tile_range(frame, zoom).blocks(_BLOCK_TILES)]

    def write(block: TileRange) -> list[tuple[int, int, int]]:
        size = pixel_m(block.zoom)
        found = _classed(
            path, classes, block.transform, block.columns * TILE_PX, block.rows * TILE_PX, size / stretch(frame)
        )
        return [
            _write_tile(folder, tile, webp(content, classes.palette, note=note))
            for tile, content in _tiles(block, found)
        ]

    written = _each(write, blocks, path)
    return _set_of(tile for tiles in written for tile in tiles)


def tile_set(folder: Path) -> TileSet:
    """Return which tiles a folder of :func:`write_tiles` holds."""
    tiles = {
        (int(path.parent.parent.name), int(path.parent.name), int(path.stem)) for path in folder.glob("*/*/*.webp")
    }
    return _set_of(tiles)


def _set_of(tiles: Iterable[tuple[int, int, int]]) -> TileSet:
    there = frozenset(tiles)
    return TileSet(there, FIRST_ZOOM, max((zoom for zoom, _, _ in there), default=FIRST_ZOOM))


def picture(path: Path, classes: CellClasses, *, note: str | None = None, most_px: int = _LARGEST_PX) -> Picture:
    """Return the whole raster as one picture, at most ``most_px`` wide and high."""
    with _opened(path) as dataset:
        frame: Bounds = frame_of(tuple(dataset.bounds))
        transform, columns, rows = fit(frame, cell_m=_cell_m(dataset), most_px=most_px)
    found = _guarded(path, lambda: _classed(path, classes, transform, columns, rows, transform.a / stretch(frame)))
    return Picture(webp(found, classes.palette, note=note), corners_of(transform, columns, rows))


def webp(indices: Indices, palette: npt.NDArray[np.uint8], *, note: str | None = None) -> bytes:
    """Return classes ``[rows, cols]`` as a lossless WebP in the palette's colours."""
    rows, columns = indices.shape
    file = io.BytesIO()  # Pillow: the same bytes as GDAL's driver, in less than half the time
    colours = palette.view(np.uint32).ravel().take(indices)  # a whole colour at a time: a tenth of the time
    Image.fromarray(colours.view(np.uint8).reshape(rows, columns, 4)).save(
        file, format="WEBP", lossless=True, quality=75, method=4
    )
    made = file.getvalue()
    return made if note is None else with_note(made, note, columns=columns, rows=rows)


def _tiles(block: TileRange, found: Indices) -> Iterator[tuple[tuple[int, int, int], Indices]]:
    for row in range(block.rows):
        for column in range(block.columns):
            content = found[row * TILE_PX : (row + 1) * TILE_PX, column * TILE_PX : (column + 1) * TILE_PX]
            if content.any():
                yield (block.zoom, block.west + column, block.north + row), content


def _write_tile(folder: Path, tile: tuple[int, int, int], content: bytes) -> tuple[int, int, int]:
    zoom, x, y = tile
    path = folder / str(zoom) / str(x) / f"{y}.webp"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return tile


def _classed(
    path: Path, classes: CellClasses, transform: Affine, columns: int, rows: int, pixel_on_ground_m: float
) -> Indices:
    """Return the classes of a grid in web Mercator, each pixel that of the cell under its middle."""
    with _opened(path) as dataset:
        level = _overview(dataset, pixel_on_ground_m)
    options = {} if level is None else {"overview_level": level}
    with _opened(path, **options) as dataset:
        grid = {"crs": MERCATOR, "transform": transform, "width": columns, "height": rows}
        bare = dataset.nodata is None
        with WarpedVRT(dataset, resampling=Resampling.nearest, add_alpha=bare, **grid) as warped:
            values = warped.read(1)
            if bare:
                valid = warped.read(2) > 0
            elif _says_nothing(dataset):  # what lies outside is NaN too, and a mask would cost a second reprojection
                valid = None
            else:
                valid = warped.read_masks(1) > 0
    return classes.of(values, valid)


def _overview(dataset: DatasetReader, pixel_on_ground_m: float) -> int | None:
    """Return the coarsest overview whose cells are no larger than a pixel; None: the cells themselves."""
    fine = [factor for factor in dataset.overviews(1) if factor * _cell_m(dataset) <= pixel_on_ground_m * 1.001]
    return len(fine) - 1 if fine else None


def _cell_m(dataset: DatasetReader) -> float:
    """Return the shorter side of a cell."""
    return float(min(dataset.transform.a, -dataset.transform.e))


def _says_nothing(dataset: DatasetReader) -> bool:
    """Say whether NaN alone marks cells without data, or every cell has data: a mask would cost a second reading."""
    return dataset.nodata is None or dataset.nodata != dataset.nodata


def _windows(dataset: DatasetReader) -> Iterator[Window]:
    """Cut a raster into strips of whole blocks."""
    block = dataset.block_shapes[0][0]
    rows = max(1, _COUNT_CELLS // (dataset.width * block)) * block
    for top in range(0, dataset.height, rows):
        yield Window(0, top, dataset.width, min(rows, dataset.height - top))


def _opened(path: Path, **options: int) -> DatasetReader:
    return rasterio.open(path, **options)


def _each(function: Callable[[Task], Made], tasks: Iterable[Task], path: Path) -> list[Made]:
    """Do independent tasks on all cores, in order; each opens the raster for itself."""

    def work(task: Task) -> Made:
        with rasterio.Env(**_ENVIRONMENT):
            return function(task)

    with ThreadPoolExecutor(_WORKERS) as pool:
        return _guarded(path, lambda: list(pool.map(work, tasks)))


def _guarded(path: Path, function: Callable[[], Made]) -> Made:
    try:
        return function()
    except RasterioError as error:
        where = f"results/{path.parent.name}/{path.name}"
        raise DataError(Fault(where, "", f"cannot be read: {error}", "run the analysis again")) from error
