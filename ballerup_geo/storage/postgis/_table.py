"""A table on its way to PostGIS: the type of each column, its values, and the statements that make it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.storage.postgis._names import column_texts, fitting_name

__all__ = ["Column", "PostgisTable", "columns_of", "identifier_of"]

_GEOMETRY = "geom"
_NUMBER = "fid"
"""Counts the rows of a table that has no identifier of its own."""
_ROWS_AT_ONCE = 50_000
_KINDS = {"point": "Point", "line": "LineString", "polygon": "Polygon"}


@dataclass(frozen=True, slots=True)
class PostgisTable:
    """A table and what is said about it."""

    name: str
    frame: pd.DataFrame
    comment: str
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Comments by column."""
    dates: frozenset[str] = frozenset()
    """Columns that hold days, not moments."""
    kind: str = "any"
    """Of the features where there are none to tell: ``point``, ``line``, ``polygon`` or ``any``."""
    style: str | None = None
    """How QGIS draws it (QML)."""

    @property
    def geometry_type(self) -> str | None:
        """The one type of all features, ``Geometry`` where there are several, None without geometry."""
        if not isinstance(self.frame, gpd.GeoDataFrame):
            return None
        shapes = self.frame.geometry.dropna()
        found = set(np.char.add(shapes.geom_type.to_numpy(str), np.where(shapes.has_z, "Z", "")).tolist())
        if not found:
            return _KINDS.get(self.kind, "Geometry")
        return found.pop() if len(found) == 1 else "Geometry"

    @property
    def geometry_column(self) -> str:
        """The name that the geometry gets."""
        return _free(_GEOMETRY, {str(name) for name in _plain(self.frame)})

    @property
    def key_column(self) -> str:
        """The primary key: the table's own identifier, or the number of the row."""
        return identifier_of(self) or _free(_NUMBER, {str(name) for name in _plain(self.frame)})

    @property
    def srid(self) -> int:
        """The EPSG number of the coordinate reference system."""
        code = self.frame.crs.to_epsg() if isinstance(self.frame, gpd.GeoDataFrame) and self.frame.crs else None
        if code is None:
            what = "the table does not say its coordinate reference system, or one without an EPSG number"
            raise DataError(Fault(self.name, _GEOMETRY, what, "write it in EPSG:25832"))
        return int(code)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as PostgreSQL has it."""

    name: str
    type: str
    """As in ``create table``."""
    wire: str
    """As the driver's binary COPY calls it: a geometry travels as bytes."""
    values: Sequence[Any]


def columns_of(table: PostgisTable) -> Iterator[list[Column]]:
    """Yield the columns with their values, some rows at a time; once without rows where there are none."""
    identifier = identifier_of(table)
    for begin in range(0, max(len(table.frame), 1), _ROWS_AT_ONCE):
        part = table.frame.iloc[begin : begin + _ROWS_AT_ONCE]
        yield list(_columns(table, part, begin, numbered=identifier is None))


def identifier_of(table: PostgisTable) -> str | None:
    """Return the first column whose name ends with ``id`` and whose values are all there and all different."""
    for name in _plain(table.frame):
        if name == "id" or name.endswith("_id"):
            values = table.frame[name]
            if len(values) and values.notna().all() and values.is_unique:
                return str(name)
    return None


def _plain(frame: pd.DataFrame) -> list[str]:
    shape = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    return [name for name in frame.columns if name != shape]


def _columns(table: PostgisTable, part: pd.DataFrame, begin: int, *, numbered: bool) -> Iterator[Column]:
    taken = {str(name) for name in _plain(part)}
    for name in taken:
        fitting_name(name, where=f"table {table.name}")
    if numbered:
        yield Column(table.key_column, "integer", "int4", range(begin + 1, begin + len(part) + 1))
    for name in _plain(part):
        kind, wire = _type(table.frame[name].dtype, is_day=name in table.dates)
        yield Column(str(name), kind, wire, _values(part[name], kind))
    if (shape := table.geometry_type) is not None:
        shapes = shapely.set_srid(gpd.GeoDataFrame(part).geometry.to_numpy(), table.srid)
        wkb = shapely.to_wkb(shapes, include_srid=True)
        yield Column(table.geometry_column, f"geometry({shape}, {table.srid})", "bytea", wkb)


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}_", taken)


def _type(dtype: Any, *, is_day: bool) -> tuple[str, str]:
    """Return the type of a column, for ``create table`` and on the wire."""
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean", "bool"
    if pd.api.types.is_integer_dtype(dtype):
        return ("numeric", "numeric") if str(dtype).lower() == "uint64" else ("bigint", "int8")
    if pd.api.types.is_float_dtype(dtype):
        return "double precision", "float8"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        if is_day:
            return "date", "date"
        return ("timestamptz", "timestamptz") if getattr(dtype, "tz", None) is not None else ("timestamp", "timestamp")
    return "text", "text"


def _values(values: pd.Series[Any], kind: str) -> list[Any]:
    """Return Python's own values, None for what is missing."""
    plain = values.astype(object).where(values.notna(), None).tolist()
    if kind == "text":
        return column_texts(plain)
    if kind == "date":
        return [None if value is None else value.date() for value in plain]
    if kind.startswith("timestamp"):
        return [None if value is None else value.to_pydatetime() for value in plain]
    return plain
