"""CSV and Parquet."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ballerup_geo.errors import DataError, SourceError
from ballerup_geo.sources._request import Delivery, Request
from ballerup_geo.sources.file.crs import stated_crs
from ballerup_geo.sources.file.mapping import wanted
from ballerup_geo.spec import FileSource

__all__ = ["read_csv", "read_parquet"]

_SEPARATORS = ";\t,|"


def read_csv(path: Path, source: FileSource, request: Request) -> Delivery:  # noqa: ARG001  (all readers are called alike)
    """Read a table from CSV, every value as text; separator and encoding are found out, the header is line 1."""
    if request.layer.geometry != "table":
        what = f"{path.name} is a table without geometry, and the layer wants {request.layer.geometry} features"
        raise SourceError(request.fault("source.kept.path", what, "point to a GeoPackage or another geographic file"))
    text, notes = _decoded(path)
    header = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    try:
        frame = pd.read_csv(
            path,
            sep=separator,
            dtype="str",
            encoding="cp1252" if notes else "utf-8-sig",
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        todo = f'check that every line has as many values as the header (separator "{separator}" was found)'
        raise SourceError(request.fault("source.kept.path", f"{path} cannot be read as CSV: {error}", todo)) from error
    frame.index = pd.RangeIndex(2, len(frame) + 2)  # the line in the file: the header is line 1
    frame = frame.dropna(how="all")
    offered = tuple(str(name).strip() for name in frame.columns)
    frame.columns = pd.Index(offered)
    return Delivery(frame, origin=path.name, notes=notes, offered=offered)


def _decoded(path: Path) -> tuple[str, tuple[str, ...]]:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), ("the file is not UTF-8; it was read as Windows-1252",)


def read_parquet(path: Path, source: FileSource, request: Request) -> Delivery:
    """Read GeoParquet, or a plain Parquet table for a layer without geometry; row numbers begin at 1."""
    try:
        schema = pq.read_schema(path)
        columns = wanted(source, request, schema.names)
        if request.layer.geometry == "table":
            frame = pq.read_table(path, columns=columns).to_pandas()
        else:
            frame = _read_geometry(path, columns, schema, request)
    except (OSError, pa.ArrowException, ValueError, KeyError) as error:
        what = f"{path} cannot be read as Parquet: {error}"
        raise SourceError(request.fault("source.kept.path", what, "replace the file by a whole one")) from error
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    notes: tuple[str, ...] = ()
    if isinstance(frame, gpd.GeoDataFrame):
        crs, notes = stated_crs(frame.crs, source, request, name=path.name)
        frame = frame.set_crs(crs, allow_override=True)
    return Delivery(frame, origin=path.name, notes=notes, offered=tuple(schema.names))


def _read_geometry(path: Path, columns: list[str], schema: pa.Schema, request: Request) -> gpd.GeoDataFrame:
    if b"geo" not in (schema.metadata or {}):
        what = f"{path.name} has no geometry (it is Parquet, not GeoParquet)"
        raise DataError(request.fault("source.kept.path", what, "write it as GeoParquet or GeoPackage"))
    shape = json.loads(schema.metadata[b"geo"])["primary_column"]
    frame = gpd.read_parquet(path, columns=[*(name for name in columns if name != shape), shape])
    return gpd.GeoDataFrame(frame.drop(columns=shape), geometry=frame.geometry)
