"""A large GeoParquet file, read some rows at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.errors import GEOSException

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Delivery, Request
from ballerup_geo.sources.file.crs import stated_crs
from ballerup_geo.sources.file.mapping import translate, wanted
from ballerup_geo.spec import FileSource

__all__ = ["is_large", "read_in_batches"]

LARGE_ROWS = 1_000_000
"""A file of more rows is read in batches: a whole one would take some GB."""
BATCH_ROWS = 100_000
_UNSTATED = "OGC:CRS84"
"""What GeoParquet says of a file that names no coordinate reference system."""


def is_large(path: Path, source: FileSource, request: Request) -> bool:
    """Say whether a file is read in batches: Parquet of many rows, its features as WKB."""
    if path.suffix.lower() not in {".parquet", ".geoparquet"} or request.layer.geometry == "raster":
        return False
    if source.x is not None or source.feature is not None or not path.is_file():
        return False
    try:
        found = pq.read_metadata(path)
    except (OSError, pa.ArrowException):  # reading it says what is wrong
        return False
    if found.num_rows <= LARGE_ROWS:
        return False
    if request.layer.geometry == "table":
        return True
    geo = json.loads((found.metadata or {}).get(b"geo", b"null"))
    return geo is not None and geo["columns"][geo["primary_column"]]["encoding"] == "WKB"


def read_in_batches(path: Path, source: FileSource, request: Request) -> Iterator[Delivery]:
    """Yield the rows of a file, each batch as the whole file would be delivered; row numbers begin at 1.

    Raises
    ------
    SourceError
        The file is damaged.
    DataError
        It does not say its coordinate reference system.
    """
    try:
        with pq.ParquetFile(path) as file:
            yield from _batches(file, path, source, request)
    except (OSError, pa.ArrowException, ValueError, KeyError, GEOSException) as error:
        what = f"{path} cannot be read as Parquet: {error}"
        raise SourceError(request.fault("source.kept.path", what, "replace the file by a whole one")) from error


def _batches(file: pq.ParquetFile, path: Path, source: FileSource, request: Request) -> Iterator[Delivery]:
    schema = file.schema_arrow
    geo = json.loads((schema.metadata or {}).get(b"geo", b"null"))
    shape = None if geo is None or request.layer.geometry == "table" else str(geo["primary_column"])
    names = [name for name in wanted(source, request, schema.names) if name != shape]
    begin, total = 1, file.metadata.num_rows
    columns = names if shape is None else [*names, shape]
    for batch in file.iter_batches(BATCH_ROWS, columns=columns):
        request.progress(f"{request.layer_id}: {path.name}", begin / total)
        rows = pd.RangeIndex(begin, begin + batch.num_rows)
        begin += batch.num_rows
        frame = batch.select(names).to_pandas().set_axis(rows)
        notes: tuple[str, ...] = ()
        if shape is not None:
            stated = geo["columns"][shape].get("crs", _UNSTATED)
            crs, notes = stated_crs(stated, source, request, name=path.name)
            shapes = shapely.from_wkb(batch.column(shape).to_numpy(zero_copy_only=False))
            frame = gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)
        delivery = Delivery(frame, origin=path.name, notes=notes, offered=tuple(schema.names))
        yield translate(delivery, source, request)
