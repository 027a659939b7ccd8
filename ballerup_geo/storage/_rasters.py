"""Rasters as cloud-optimised GeoTIFF (COG): tiled, compressed without loss, with overviews."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from ballerup_geo.storage._files import unreadable, write_bytes

__all__ = ["read_cog", "read_cog_metadata", "write_cog"]

Array = np.ndarray[Any, np.dtype[Any]]


def write_cog(
    path: Path, array: Array, *, transform: Affine, crs: str, nodata: float | None, metadata: Mapping[str, str]
) -> None:
    """Write a band ``[rows, cols]`` as COG; the same raster gives the same bytes. Booleans become 0 and 1.

    The file is made in memory and then written by Python: GDAL alone reports a full disk late, with other words, or
    not at all. Its tags hold ``metadata``.
    """
    band = array.astype("uint8") if array.dtype == bool else array
    rows, cols = band.shape
    with MemoryFile(ext=".tif") as plain, MemoryFile(ext=".tif") as cog:
        profile = {"height": rows, "width": cols, "count": 1, "dtype": band.dtype, "bigtiff": "IF_SAFER"}
        with plain.open(driver="GTiff", crs=crs, transform=transform, nodata=nodata, **profile) as dataset:
            dataset.write(band, 1)
            dataset.update_tags(**metadata)
        rasterio.shutil.copy(
            plain.name,
            cog.name,
            driver="COG",
            compress="ZSTD",
            level=1,  # level 9 takes twice the time for 2 % less
            predictor="YES",
            overview_resampling="AVERAGE" if np.issubdtype(band.dtype, np.floating) else "NEAREST",
            num_threads="ALL_CPUS",
            bigtiff="IF_SAFER",
        )
        write_bytes(path, cog.getbuffer())


def read_cog(path: Path) -> tuple[Array, Affine, str, float | None]:
    """Read array, transform, CRS and nodata."""
    try:
        with rasterio.open(path, num_threads="ALL_CPUS") as dataset:
            return dataset.read(1), dataset.transform, str(dataset.crs), dataset.nodata
    except RasterioError as error:
        raise unreadable(path, error) from error


def read_cog_metadata(path: Path) -> dict[str, str]:
    """Read the metadata that were given to :func:`write_cog`."""
    try:
        with rasterio.open(path) as dataset:
            return {key: value for key, value in dataset.tags().items() if key != "AREA_OR_POINT"}
    except RasterioError as error:
        raise unreadable(path, error) from error
