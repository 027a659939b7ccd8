"""CSV and Parquet."""

from __future__ import annotations

import codecs
import csv
import io
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
_SURPLUS = "\0surplus "
"""Begins the names of columns that have none; no header holds such a name."""


def read_csv(path: Path, source: FileSource, request: Request) -> Delivery:  # noqa: ARG001  (all readers are called alike)
    """Read a table from CSV, every value as text; separator and encoding are found out, the header is line 1."""
    if request.layer.geometry != "table":
        what = f"{path.name} is a table without geometry, and the layer wants {request.layer.geometry} features"
        todo = "point to a GeoPackage or another geographic file, or name the columns with coordinates: x = …, y = …"
        raise SourceError(request.fault("source.kept.path", what, todo))
    text, notes = _decoded(path)
    header = text.partition("\n")[0]
    if not header.strip():
        what = f"{path} begins with an empty line, and the names of the columns are wanted there"
        raise SourceError(request.fault("source.kept.path", what, "let the file begin with its header"))
    separator = max(_SEPARATORS, key=header.count)
    try:
        frame = _parsed(text, separator)
    except (ValueError, csv.Error) as error:
        todo = f'check that every line has as many values as the header (separator "{separator}" was found)'
        what = f"{path} cannot be read as CSV: {' '.join(str(error).split())}"
        raise SourceError(request.fault("source.kept.path", what, todo)) from error
    frame.index = pd.RangeIndex(2, len(frame) + 2)  # the line in the file: the header is line 1
    frame = frame.dropna(how="all")
    offered = tuple(str(name).strip() for name in frame.columns)
    frame.columns = pd.Index(offered)
    return Delivery(frame, origin=path.name, notes=notes, offered=offered)


def _parsed(text: str, separator: str) -> pd.DataFrame:
    """Parse the text; where each line ends with a separator and the header does not, nothing follows it."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = next(lines)
    surplus = len(next((line for line in lines if line), header)) - len(header)
    names = None  # pandas would take a surplus of values for an index, and shift all others one name to the left
    if surplus > 0:
        names = [*header, *(f"{_SURPLUS}{number}" for number in range(surplus))]
    frame = pd.read_csv(
        io.StringIO(text),
        sep=separator,
        dtype="str",
        header=0,
        names=names,
        keep_default_na=False,
        na_values=[""],
        skip_blank_lines=False,
    )
    if surplus > 0:
        beyond = frame[frame.columns[len(header) :]]
        if beyond.notna().to_numpy().any():
            raise ValueError(f"there are {len(header)} names of columns, and {len(header) + surplus} values in a line")
        frame = frame.drop(columns=beyond.columns)
    return frame


def _decoded(path: Path) -> tuple[str, tuple[str, ...]]:
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), ("the file is not UTF-8; it was read as UTF-16",)
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
