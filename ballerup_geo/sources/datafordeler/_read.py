"""Rows of an entity's file, which holds all of Denmark: only the rows and columns wanted are ever held."""

from __future__ import annotations

import csv
import json
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pandas as pd
import pyogrio
import pyproj
from pyogrio.errors import DataLayerError, DataSourceError

from ballerup_geo.errors import SourceError
from ballerup_geo.raster import CRS
from ballerup_geo.sources.datafordeler._table import Came, Wanted, flat, require, whole_letters, with_shapes
from ballerup_geo.sources.file.crs import bounds_in
from ballerup_geo.sources.file.mapping import as_text

__all__ = ["read_rows"]

_ROWS = 100_000
_TEXT = 1 << 20
_BETWEEN = " \r\n\t,"
_LONGEST = 50_000_000
"""Characters of one row: longer is no row."""
_GDAL = threading.Lock()
"""Warnings are caught for the whole process."""


def read_rows(path: Path, wanted: Wanted) -> Came:
    """Return the rows that ``only`` and the bounds let pass.

    Raises
    ------
    SourceError
        The file is broken or ends early.
    DataError
        A column is not there.
    """
    if wanted.table.format == "gpkg":
        return _geopackage(path, wanted)
    rows = _csv(path, wanted) if wanted.table.format == "csv" else _json(path, wanted)
    names = {*wanted.columns, *wanted.table.only} | ({wanted.table.geometry} if wanted.table.geometry else set())
    parts: list[pd.DataFrame] = []
    offered: tuple[str, ...] = ()
    for part in rows:
        offered = tuple(dict.fromkeys((*offered, *map(str, part.columns))))
        if wanted.table.format == "csv":
            require(wanted, offered, names)
        parts.append(_passed(part.reindex(columns=sorted(names)), wanted))
    require(wanted, offered, names)
    frame = pd.concat(parts, ignore_index=True)
    return Came(with_shapes(frame, wanted.table.geometry, wanted), offered, path.name)


def _passed(frame: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    for name, value in wanted.table.only.items():
        texts = {as_text(each) for each in (value if isinstance(value, list) else [value])}
        frame = frame[frame[name].map(as_text).isin(texts)]
    return frame


def _broken(path: Path, wanted: Wanted, said: object) -> SourceError:
    what = f"{wanted.name}: {path.name} cannot be read ({' '.join(str(said).split())})"
    return SourceError(wanted.request.wrong(wanted.key("format"), what, "fetch again; the kept copy stays"))


# ---------------------------------------------------------------- GeoPackage


def _geopackage(path: Path, wanted: Wanted) -> Came:
    try:
        info = pyogrio.read_info(path)
        offered = tuple(str(name) for name in info["fields"])
        require(wanted, offered, {*wanted.columns, *wanted.table.only})
        placed = info["geometry_type"] is not None
        crs = pyproj.CRS.from_user_input(info["crs"] or CRS)
        box = bounds_in(crs, wanted.request.bounds) if placed else None
        with _GDAL, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = pyogrio.read_dataframe(
                path, columns=sorted(wanted.columns), where=_where(wanted), bbox=box, read_geometry=placed
            )
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise _broken(path, wanted, error) from None
    notes = tuple(dict.fromkeys(f"while reading: {warning.message}" for warning in caught))
    if placed:
        frame = flat(frame.set_crs(crs, allow_override=True))
    return Came(frame, offered, path.name, notes)


def _where(wanted: Wanted) -> str | None:
    """Write ``only`` as SQL; codes are held as texts by some files and as numbers by others."""
    parts = []
    for name, value in wanted.table.only.items():
        values = ", ".join(_quoted(as_text(each)) for each in (value if isinstance(value, list) else [value]))
        column = name.replace('"', '""')
        parts.append(f'CAST("{column}" AS CHARACTER) IN ({values})')
    return " AND ".join(parts) or None


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


# ---------------------------------------------------------------- CSV and JSON


def _csv(path: Path, wanted: Wanted) -> Iterator[pd.DataFrame]:
    """Give the rows of a CSV file some at a time, every value as text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            separator = max(";,\t|", key=header.count)
            file.seek(0)
            yield from pd.read_csv(
                file, sep=separator, dtype="str", chunksize=_ROWS, keep_default_na=False, na_values=[""]
            )
    except (ValueError, csv.Error) as error:  # also what is no UTF-8, and pandas' own
        raise _broken(path, wanted, error) from None


def _json(path: Path, wanted: Wanted) -> Iterator[pd.DataFrame]:
    """Give the objects of a JSON array some at a time."""
    rows: list[dict[str, Any]] = []
    try:
        with path.open(encoding="utf-8-sig") as file:
            for row in _objects(file):
                rows.append(row)
                if len(rows) == _ROWS:
                    yield pd.DataFrame.from_records(rows)
                    rows = []
    except (ValueError, RecursionError) as error:
        raise _broken(path, wanted, error) from None
    yield pd.DataFrame.from_records(rows)


def _objects(file: TextIO) -> Iterator[dict[str, Any]]:
    """Give each object of an array, reading no further than needed.

    Raises
    ------
    ValueError
        It is no array of objects, or ends early.
    """
    decoder, text = json.JSONDecoder(), file.read(_TEXT).lstrip()
    if not text.startswith("["):
        raise ValueError("no list of rows")
    at = 1
    while True:
        while at < len(text) and text[at] in _BETWEEN:
            at += 1
        if text[at : at + 1] == "]":
            return
        try:
            row, end = decoder.raw_decode(text, at)
        except ValueError:
            more = file.read(_TEXT)
            if not more or len(text) - at > _LONGEST:
                raise ValueError("ends in the middle of a row") from None
            text, at = text[at:] + more, 0
            continue
        if not isinstance(row, dict):
            raise ValueError("a row is no object")
        yield whole_letters(row) if text.find("\\u", at, end) >= 0 else row
        at = end
        if at > _TEXT:
            text, at = text[at:], 0
