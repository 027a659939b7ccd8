"""Danmarks Højdemodel as a source: a coverage of a WCS, brought tile by tile and put together without being held.

Heights come in metres above DVR90 on the model's own grid, whose lines are whole multiples of the cell, and are rounded
to whole centimetres, below what the model knows. Tiles that have come stay in the work folder until the raster is
whole: a run that was killed or cut off asks only for the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.errors import DataError
from ballerup_geo.raster import CRS
from ballerup_geo.sources._request import FetchRequest, RasterFile
from ballerup_geo.sources.dhm._grid import Grid, grid_over
from ballerup_geo.sources.dhm._tiles import Shelf
from ballerup_geo.sources.dhm._wcs import ask_tile
from ballerup_geo.spec import DhmSource
from ballerup_geo.storage import write_cog_strips

__all__ = ["fetch_dhm"]

STRIP_ROWS = 512


def fetch_dhm(source: DhmSource, request: FetchRequest) -> RasterFile:
    """Bring the heights of the layer's area.

    Returns
    -------
    RasterFile
        A COG in ``request.work``: float32, EPSG:25832, metres above DVR90, NaN where the model has nothing.

    Raises
    ------
    SourceError
        The service cannot be asked or refuses, or a tile is not on the grid that was asked for.
    DataError
        The service has no height in the whole area.
    """
    if request.bounds is None:
        raise DataError(request.wrong("coverage", "is wanted nowhere: the layer has no area", "give the layer a clip"))
    grid = grid_over(request.bounds, source.cell_m, source.tile_cells)
    shelf = Shelf.opened(request.work / "tiles", {"source": source.model_dump(mode="json"), "grid": grid.record()})
    known = _brought(source, request, grid, shelf)
    if not known:
        what = f"{source.coverage} has no height in the whole area {request.bounds}"
        raise DataError(request.wrong("coverage", what, "check coverage, and the municipality's boundary"))
    request.progress(f"{request.layer_id}: put together", 1.0)
    path = request.work / "heights.tif"
    origin = f"{request.client.shown(source.url)}, {source.coverage}, {source.cell_m:g} m"
    write_cog_strips(
        path,
        _strips(grid, shelf),
        shape=grid.shape,
        transform=grid.transform,
        crs=CRS,
        nodata=float("nan"),
        metadata={"layer": request.layer_id, "origin": origin, "licence": source.licence},
    )
    return RasterFile(path, origin, notes=("heights are rounded to whole centimetres",), date=source.date)


def _brought(source: DhmSource, request: FetchRequest, grid: Grid, shelf: Shelf) -> int:
    """Ask for the tiles that are not there yet; return how many cells of all tiles have a height."""
    tiles, known = grid.tiles(), 0
    for number, tile in enumerate(tiles):
        found = shelf.known_cells(tile)
        if found is None:
            found = shelf.put(tile, ask_tile(source, request, grid, tile), grid.transform_of(tile))
        known += found
        request.progress(f"{request.layer_id}: tile {number + 1} of {len(tiles)}", (number + 1) / len(tiles))
    return known


def _strips(grid: Grid, shelf: Shelf) -> Iterator[NDArray[np.float32]]:
    """Give the raster in strips of whole rows, each read from the row of tiles it lies in."""
    for row in grid.tile_rows():
        height = row[0].rows
        for top in range(0, height, STRIP_ROWS):
            rows = slice(top, min(top + STRIP_ROWS, height))
            parts: list[NDArray[Any]] = [shelf.read(tile, rows) for tile in row]
            yield np.concatenate(parts, axis=1)
