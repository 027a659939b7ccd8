"""A table, a view or an SQL file of a PostGIS database as a source; read only, in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from ballerup_geo.errors import DataError, SourceError
from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources._request import Bounds, Delivery, FetchRequest
from ballerup_geo.sources._sql_file import query_of, told_of_file
from ballerup_geo.sources.file.crs import bounds_in
from ballerup_geo.sources.file.mapping import translate, wanted
from ballerup_geo.spec import PostgisSource
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage.postgis import Address, connected, read_address

__all__ = ["fetch_postgis"]

LONGEST_S = 600.0
"""The longest that one statement may take."""
_ROWS_AT_ONCE = 20_000
_KEY = "BALLERUP_GEO_POSTGIS"
_PLAIN = {16: "boolean", 20: "Int64", 21: "Int64", 23: "Int64", 700: "float64", 701: "float64"}
"""PostgreSQL's number of a type → the pandas type of its values, which travel as they are; all others as texts."""
_TEXTS = {18, 19, 25, 1042, 1043}
_NUMERIC = 1700
_GEOMETRY = 0
"""Stands for PostGIS' type, whose number differs from database to database."""
_NAME = re.compile(r'"((?:[^"]|"")+)"|([^".\s]+)')
_TABLES = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is asked: the rows in parentheses, and what they are called in messages."""

    query: Any
    name: str
    text: str | None = None
    """Of an SQL file."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that the database offers."""

    name: str
    type_number: int
    scale: int | None
    modifier: int = -1
    """What else the type says: of a geometry, which SRID it must have."""


def fetch_postgis(source: PostgisSource, request: FetchRequest) -> Delivery:
    """Read the features whose boxes meet the area, with our column names; row numbers begin at 1.

    Raises
    ------
    SourceError
        The key is missing, the database cannot be reached or refuses, or has no such table.
    DataError
        There is no geometry where features are wanted, or it does not say its coordinate reference system.
    """
    if request.layer.geometry == "raster":
        what = "the layer is a raster, and PostGIS gives tables"
        raise SourceError(request.wrong("table", what, "point to a GeoTIFF under [source.kept]"))
    with _opened(source, request) as (connection, address):
        rows = _asked(connection, source, request)
        columns = _offered(connection, rows, request)
        shape = _geometry(connection, columns, rows, request)
        offered = tuple(column.name for column in columns if column.name != shape)
        with told_of_file(rows.name, rows.text, request):
            delivery = _read(connection, rows, columns, shape, source, request)
    origin = f"{rows.name}, PostGIS {address.database} on {address.host}"
    return translate(replace(delivery, origin=origin, offered=offered), source, request)


@contextmanager
def _opened(source: PostgisSource, request: FetchRequest) -> Iterator[tuple[Any, Address]]:
    """Give a connection that can change nothing, to the database that the key leads to."""
    secret_in = f"the address with its password stands in {_KEY}, in the environment or in .env"
    key = source.key or "postgis"
    address, password = read_address(request.keys.value(key), where=_KEY, secret_in=secret_in)
    where = f"layers/{request.layer_id}.toml"
    with connected(address, password, where=where, read_only=True, timeout_s=LONGEST_S) as connection:
        yield connection, address


# ---------------------------------------------------------------- what is asked


def _asked(connection: Any, source: PostgisSource, request: FetchRequest) -> _Rows:
    from psycopg import sql

    if source.table is not None:
        return _Rows(sql.SQL("SELECT * FROM {}").format(_table(connection, source.table, request)), source.table)
    path = request.folder / str(source.query)
    text = query_of(path, request)
    return _Rows(sql.SQL(text), path.name, text)


def _table(connection: Any, name: str, request: FetchRequest) -> Any:
    """Return the table's name in quotes; a name without a schema is sought as PostgreSQL does."""
    from psycopg import sql

    parts = [quoted.replace('""', '"') if quoted else bare for quoted, bare in _NAME.findall(name)]
    known = [tuple(row) for row in connection.execute(_TABLES).fetchall()]
    fits = len(parts) == 2 and tuple(parts) in known
    fits = fits or (len(parts) == 1 and any(parts[0] == table for _, table in known))
    if not fits:
        offered = [f"{_written(schema)}.{_written(table)}" for schema, table in known]
        alike = [full for full, (_, table) in zip(offered, known, strict=True) if parts and table in {parts[-1], name}]
        alike += [full for full, row in zip(offered, known, strict=True) if ".".join(row) == name]
        todo = f'did you mean "{alike[0]}"?' if alike else nearest(name, offered)
        what = f'the database has no table or view "{name}" that the role may read'
        raise SourceError(request.wrong("table", what, todo))
    return sql.Identifier(*parts)


def _written(name: str) -> str:
    """Return a name as a layer's file writes it: in quotes where it holds blanks or dots."""
    return name if _NAME.fullmatch(name) and '"' not in name else '"' + name.replace('"', '""') + '"'


def _offered(connection: Any, rows: _Rows, request: FetchRequest) -> list[_Column]:
    """Return the columns of the rows; an SQL file of several statements is refused here, before any has run."""
    from psycopg import sql

    before = "SELECT * FROM ("
    query = sql.SQL(before) + rows.query + sql.SQL(") AS q LIMIT 0")
    with told_of_file(rows.name, rows.text, request, before=len(before)), connection.cursor(binary=True) as cursor:
        cursor.execute(query)  # binary: the way by which the server takes one statement alone
        found = enumerate(cursor.description)
        return [_Column(one.name, one.type_code, one.scale, cursor.pgresult.fmod(at)) for at, one in found]


def _geometry(connection: Any, columns: Sequence[_Column], rows: _Rows, request: FetchRequest) -> str | None:
    """Return the geometry's column; None where the layer wants none."""
    (number,) = connection.execute("SELECT to_regtype('geometry')::oid").fetchone()
    found = [column.name for column in columns if column.type_number == number]
    if request.layer.geometry == "table":
        return found[0] if found else None
    if not found:
        names = ", ".join(column.name for column in columns[:12])
        what = f"{rows.name} has no geometry (it has {names}), and the layer wants {request.layer.geometry} features"
        raise DataError(request.wrong("table", what, "point to a table with a geometry column"))
    return found[0]


# ---------------------------------------------------------------- reading


def _read(
    connection: Any,
    rows: _Rows,
    columns: Sequence[_Column],
    shape: str | None,
    source: PostgisSource,
    request: FetchRequest,
) -> Delivery:
    """Read the columns that the layer uses, as a table or as features; the delivery tells no origin yet."""
    from psycopg import sql

    names = wanted(source, request, [column.name for column in columns if column.name != shape])
    chosen = [column for column in columns if column.name in names]
    unique = [source.columns.get(name, name) for name, column in request.layer.columns.items() if column.unique]
    order = [name for name in unique if name in names]
    if request.layer.geometry == "table" or shape is None:
        return Delivery(_frame(connection, _select(rows, chosen, order=order), chosen, request), origin="")
    srid = _srid(connection, rows, shape)
    if srid is None:  # nothing is there, and nothing says where it would be
        empty = gpd.GeoDataFrame({name: [] for name in names}, geometry=[], crs=OURS)
        return Delivery(empty, origin="", total=0)
    crs = _crs(connection, srid, rows, request)
    place = _Column(shape, _GEOMETRY, None)
    box = bounds_in(crs, request.bounds)
    near = None if box is None else _near(shape, box, srid, mixed=not _is_held(connection, columns, shape))
    query = _select(rows, [*chosen, place], order=order, near=near)
    frame = _frame(connection, query, [*chosen, place], request)
    features = _features(frame, shape, srid, crs, request)
    if len(features):
        return Delivery(features, origin="")
    total, extent = _all_there_is(connection, rows, sql.Identifier(shape))
    return Delivery(features, origin="", total=total, extent=extent)


def _select(rows: _Rows, columns: Sequence[_Column], *, order: Sequence[str], near: Any = None) -> Any:
    """Return the query for some columns of the rows, those near enough, in a fixed order."""
    from psycopg import sql

    chosen = sql.SQL(", ").join([_selected(column) for column in columns] or [sql.SQL("NULL::int4")])
    query = sql.SQL("SELECT {} FROM ({}) AS q").format(chosen, rows.query)
    if near is not None:
        query += sql.SQL(" WHERE ") + near
    if order:
        query += sql.SQL(" ORDER BY ") + sql.SQL(", ").join(sql.Identifier("q", name) for name in order)
    return query


def _near(shape: str, box: Bounds, srid: int, *, mixed: bool) -> Any:
    """Return the condition that a box meets some bounds.

    Where coordinate reference systems may be ``mixed``, the rows of another one come along: their numbers lie
    elsewhere, so that the bounds alone would leave them out without a word.
    """
    from psycopg import sql

    sides = [sql.Literal(float(side)) for side in box]
    meets = sql.SQL("{} && ST_MakeEnvelope({}, {}, {}, {}, {})")
    condition = meets.format(sql.Identifier(shape), *sides, sql.Literal(srid))
    if mixed:
        condition += sql.SQL(" OR ST_SRID({}) <> {}").format(sql.Identifier(shape), sql.Literal(srid))
    return condition


def _selected(column: _Column) -> Any:
    """Return how a column is asked for: what has no plain form in pandas travels as text."""
    from psycopg import sql

    name = sql.Identifier("q", column.name)
    if column.type_number in {*_PLAIN, *_TEXTS, _GEOMETRY}:
        return name
    fraction = column.type_number == _NUMERIC and column.scale != 0
    return sql.SQL("{}::{}").format(name, sql.SQL("float8" if fraction else "text"))


def _frame(connection: Any, query: Any, columns: Sequence[_Column], request: FetchRequest) -> pd.DataFrame:
    """Read rows some at a time, so that they are not held twice."""
    parts: list[list[Any]] = [[] for _ in columns]
    count = 0
    with connection.cursor(name="layer", binary=True) as cursor:
        cursor.execute(query)
        while some := cursor.fetchmany(_ROWS_AT_ONCE):
            count += len(some)
            for part, values in zip(parts, zip(*some, strict=True), strict=False):
                part.extend(values)
            request.progress(f"{request.layer_id}: {count} rows", 0.0)
    series = {column.name: _values(part, column) for column, part in zip(columns, parts, strict=True)}
    return pd.DataFrame(series, index=pd.RangeIndex(1, count + 1))


def _values(values: list[Any], column: _Column) -> Any:
    if column.type_number in _PLAIN:
        return pd.Series(values, dtype=_PLAIN[column.type_number]).array
    if column.type_number == _GEOMETRY:
        return np.array(values, dtype=object)
    fraction = column.type_number == _NUMERIC and column.scale != 0
    return pd.Series(values, dtype="float64" if fraction else "str").array


def _features(frame: pd.DataFrame, shape: str, srid: int, crs: CRS, request: FetchRequest) -> gpd.GeoDataFrame:
    try:
        shapes = shapely.from_wkb(frame[shape].to_numpy(object))
    except (GEOSException, NotImplementedError) as error:  # the second: curves
        what = f'the column "{shape}" holds shapes that cannot be read ({error})'
        todo = "make a view that gives them without curves, e.g. ST_CurveToLine"
        raise DataError(request.wrong("table", what, todo)) from error
    found = set(shapely.get_srid(shapes[~shapely.is_missing(shapes)]).tolist()) - {srid}
    if found:
        what = f'the column "{shape}" mixes coordinate reference systems (SRID {srid} and {min(found)})'
        raise DataError(request.wrong("table", what, "bring them to one, e.g. with ST_Transform in a view"))
    return gpd.GeoDataFrame(frame.drop(columns=shape), geometry=shapely.set_srid(shapes, 0), crs=crs)


# ---------------------------------------------------------------- where the rows lie


def _srid(connection: Any, rows: _Rows, shape: str) -> int | None:
    """Return the SRID of the first row that has a geometry; None where no row has one."""
    from psycopg import sql

    query = sql.SQL("SELECT ST_SRID({0}) FROM ({1}) AS q WHERE {0} IS NOT NULL LIMIT 1")
    row = connection.execute(query.format(sql.Identifier(shape), rows.query)).fetchone()
    return None if row is None else int(row[0])


def _is_held(connection: Any, columns: Sequence[_Column], shape: str) -> bool:
    """Say whether the column's type holds all its rows to one SRID."""
    modifier = next(column.modifier for column in columns if column.name == shape)
    (declared,) = connection.execute("SELECT postgis_typmod_srid(%s)", (modifier,)).fetchone()
    return bool(declared)


def _crs(connection: Any, srid: int, rows: _Rows, request: FetchRequest) -> CRS:
    query = "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s"
    row = connection.execute(query, (srid,)).fetchone()
    if row is None:
        what = f"{rows.name} does not say its coordinate reference system (SRID {srid})"
        todo = "set it in the database, or in a view: ST_SetSRID(geom, 25832)"
        raise DataError(request.wrong("table", what, todo))
    authority, number, words = row
    try:
        return CRS.from_authority(authority, number) if authority else CRS.from_wkt(words)
    except CRSError as error:
        what = f"{rows.name} states a coordinate reference system that cannot be understood (SRID {srid})"
        raise DataError(
            request.wrong("table", what, "give it in EPSG:25832, e.g. with ST_Transform in a view")
        ) from error


def _all_there_is(connection: Any, rows: _Rows, place: Any) -> tuple[int, Bounds | None]:
    """Count the rows and tell their extent, for the message that none of them lies here."""
    from psycopg import sql

    query = sql.SQL(
        "SELECT count(*), ST_XMin(ST_Extent({0})), ST_YMin(ST_Extent({0})), ST_XMax(ST_Extent({0})),"
        " ST_YMax(ST_Extent({0})) FROM ({1}) AS q"
    )
    total, *sides = connection.execute(query.format(place, rows.query)).fetchone()
    return int(total), None if sides[0] is None else (sides[0], sides[1], sides[2], sides[3])
