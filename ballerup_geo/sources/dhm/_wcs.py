"""One tile from a WCS 1.0.0: asked for in the documented form (OGC 03-065r6, 9.2), and held against what was asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from pyproj.exceptions import CRSError
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, MemoryFile

from ballerup_geo.raster import CRS
from ballerup_geo.sources._http import UnansweredError
from ballerup_geo.sources._request import FetchRequest
from ballerup_geo.sources._xml import exception_text
from ballerup_geo.sources.dhm._grid import Grid, Tile
from ballerup_geo.spec import DhmSource

__all__ = ["ask_tile"]

_BYTES_A_CELL = 16
_HEAD_BYTES = 1_000_000
_DEEP_M = -1000.0
"""Nothing in Denmark lies lower: such a value stands for no height (-9999), whatever the file says of it."""
_OFF = 0.01
"""Of a cell that a tile may lie beside its place: what writing coordinates as text takes."""


def ask_tile(source: DhmSource, request: FetchRequest, grid: Grid, tile: Tile) -> NDArray[np.float32]:
    """Return the heights of a tile ``[rows, cols]`` in metres above DVR90, NaN where there are none.

    Raises
    ------
    SourceError
        The service reports an exception (also with HTTP 200), or sends no GeoTIFF of this place, size and CRS. Tiles
        that came before are kept.
    """
    params = {
        "service": "WCS",
        "version": "1.0.0",
        "request": "GetCoverage",
        "coverage": source.coverage,
        "crs": CRS,
        "bbox": ",".join(map(repr, grid.bounds_of(tile))),
        "width": str(tile.cols),
        "height": str(tile.rows),
        "format": source.format,
    }
    limit = tile.rows * tile.cols * _BYTES_A_CELL + _HEAD_BYTES
    secret = request.secret_params(source.key)
    answer = request.client.ask(source.url, params, limit_bytes=limit, secret_params=secret)
    said = exception_text(answer.content)
    if said is not None:
        what = f"reports an exception: {request.client.said(said.encode())}"
        raise _wrong(source, request, what, "check coverage, format and the token")
    if answer.content[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        what = f"answers no GeoTIFF: {request.client.said(answer.content[:600])}"
        raise _wrong(source, request, what, "check url and the token, or try later")
    try:
        with MemoryFile(answer.content) as memory, memory.open() as dataset:
            _check(dataset, source, request, grid, tile)
            return _heights(dataset)
    except RasterioError as error:
        what = f"a tile cannot be read ({error}): it did not come whole"
        raise _wrong(source, request, what, "try later; the tiles that came are kept") from None


def _check(dataset: DatasetReader, source: DhmSource, request: FetchRequest, grid: Grid, tile: Tile) -> None:
    """Hold a tile against what was asked for: bands, size, CRS and place."""
    todo = "tell the service, or ask for another cell_m or tile_cells"
    if dataset.count != 1 or dataset.shape != (tile.rows, tile.cols):
        what = (
            f"sends {dataset.count} bands of {dataset.shape} cells, and one of {(tile.rows, tile.cols)} was asked for"
        )
        raise _wrong(source, request, what, todo)
    if not _is_ours(dataset.crs):
        raise _wrong(source, request, f"sends heights in {dataset.crs or 'no CRS'} instead of {CRS}", todo)
    wanted = grid.transform_of(tile)
    apart = max(abs(a - b) for a, b in zip(dataset.transform[:6], wanted[:6], strict=True))
    if apart > _OFF * grid.cell_m:
        what = f"sends a tile that lies {apart:g} m beside its place"
        raise _wrong(source, request, what, todo)


def _is_ours(crs: rasterio.crs.CRS | None) -> bool:
    """Say whether a CRS is EPSG:25832, alone or with heights, however it is written."""
    if crs is None:
        return False
    try:
        found = pyproj.CRS.from_user_input(crs)
    except CRSError:
        return False
    flat = found.sub_crs_list[0] if found.is_compound else found
    return flat.equals(pyproj.CRS(CRS)) or flat.to_epsg(min_confidence=25) == int(CRS.partition(":")[2])


def _heights(dataset: DatasetReader) -> NDArray[np.float32]:
    band: NDArray[Any] = dataset.read(1).astype(np.float32)
    none = ~np.isfinite(band) | (band < _DEEP_M)
    if dataset.nodata is not None and np.isfinite(dataset.nodata):
        none |= band == np.float32(dataset.nodata)
    band[none] = np.nan
    return band


def _wrong(source: DhmSource, request: FetchRequest, what: str, todo: str) -> UnansweredError:
    """Make an error that leaves the tiles that have come."""
    return UnansweredError(request.wrong("url", f"{source.coverage}: {what}", todo))
