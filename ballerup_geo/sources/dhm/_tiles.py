"""Tiles that have come, in a folder: each whole or not there, and all of the same grid."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.windows import Window

from ballerup_geo.errors import Fault
from ballerup_geo.raster import CRS
from ballerup_geo.sources._http import UnansweredError
from ballerup_geo.sources.dhm._grid import Tile
from ballerup_geo.storage import make_folder, sha256_json, write_bytes, write_json

__all__ = ["Shelf"]

_KNOWN = "cells_with_height"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder."""

    folder: Path

    @classmethod
    def opened(cls, folder: Path, about: Mapping[str, Any]) -> Shelf:
        """Take up the tiles of an earlier run, if they are of the same source and grid; else begin with none."""
        mark, record = sha256_json(about), folder / "grid.json"
        try:
            same = json.loads(record.read_text(encoding="utf-8"))["mark"] == mark
        except (OSError, ValueError, KeyError, TypeError):  # none, or one that a kill left unfinished
            same = False
        if not same:
            shutil.rmtree(folder, ignore_errors=True)
            make_folder(folder)
            write_json(record, {"mark": mark})
        return cls(folder)

    def known_cells(self, tile: Tile) -> int | None:
        """Return how many cells of a tile have a height, or None where the tile is not there."""
        try:
            with rasterio.open(self.folder / tile.name) as dataset:
                return int(dataset.tags()[_KNOWN]) if dataset.shape == (tile.rows, tile.cols) else None
        except (RasterioError, KeyError, ValueError):
            return None

    def put(self, tile: Tile, heights: NDArray[np.float32], transform: Affine) -> int:
        """Keep a tile ``[rows, cols]`` in metres, rounded to centimetres; return how many cells have a height.

        Rounded in float64: the nearest float32 of a whole centimetre, so that neighbours' differences pack well.
        """
        rounded = (np.round(heights.astype(np.float64), 2) + 0.0).astype(np.float32)
        known = int(np.count_nonzero(np.isfinite(rounded)))
        profile = {"driver": "GTiff", "width": tile.cols, "height": tile.rows, "count": 1, "dtype": "float32"}
        placed = {"transform": transform, "crs": CRS, "nodata": float("nan")}
        packed = {"compress": "ZSTD", "zstd_level": 1, "predictor": 2, "blockysize": 64}
        with MemoryFile() as memory:
            with memory.open(**profile, **packed, **placed) as dataset:
                dataset.write(rounded, 1)
                dataset.update_tags(**{_KNOWN: str(known)})
            write_bytes(self.folder / tile.name, memory.read())
        return known

    def read(self, tile: Tile, rows: slice) -> NDArray[np.float32]:
        """Return some rows of a tile.

        Raises
        ------
        SourceError
            The file is damaged: it is taken away, so that the next run brings it anew.
        """
        path, window = self.folder / tile.name, Window(0, rows.start, tile.cols, rows.stop - rows.start)
        try:
            with rasterio.open(path) as dataset:
                band: NDArray[np.float32] = dataset.read(1, window=window)
        except RasterioError as error:
            path.unlink(missing_ok=True)
            what = f"a tile that was kept is damaged ({error})"
            raise UnansweredError(Fault(str(path), "", what, "run again: it is brought anew")) from None
        return band
