"""Tables written beside, renamed in, the former ones dropped: all in one transaction, so that a crash changes nothing.

Only tables that this package has written are replaced: the table ``_run`` of a schema lists them by analysis.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ballerup_geo.errors import BallerupGeoError, DataError, Fault
from ballerup_geo.storage.postgis._connection import Connection
from ballerup_geo.storage.postgis._names import MOST_BYTES, fitting_name, qualified
from ballerup_geo.storage.postgis._styles import write_styles
from ballerup_geo.storage.postgis._table import PostgisTable, columns_of

__all__ = ["RUNS", "Batch", "Record", "replace_tables"]

_log = logging.getLogger(__name__)

RUNS = "_run"
_RUN_TABLE = """
CREATE TABLE IF NOT EXISTS {runs} (
  analysis text PRIMARY KEY, title text, time timestamptz NOT NULL, data text NOT NULL, modelled boolean NOT NULL,
  notice text, key text NOT NULL, tables text[] NOT NULL, indicators jsonb NOT NULL, run jsonb NOT NULL)
"""
_RUN_COMMENT = "What the tables of this schema come from, a row an analysis; run is its run.json"
_RUN_ROW = """
INSERT INTO {runs} (analysis, title, time, data, modelled, notice, key, tables, indicators, run)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (analysis) DO UPDATE SET (title, time, data, modelled, notice, key, tables, indicators, run) =
  (excluded.title, excluded.time, excluded.data, excluded.modelled, excluded.notice, excluded.key, excluded.tables,
   excluded.indicators, excluded.run)
"""
_EXISTING = """
SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """The row of ``_run`` about an analysis."""

    analysis: str
    title: str
    time: str
    data: str
    modelled: bool
    notice: str | None
    key: str
    indicators: Any
    """As JSON holds them."""
    run: Any
    """``run.json``."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The tables of one analysis."""

    record: Record
    tables: Sequence[PostgisTable]


def replace_tables(connection: Connection, schema: str, batches: Sequence[Batch], *, where: str) -> bool:
    """Write the tables of some analyses into a schema, in place of those of the same analyses.

    Nothing is seen by others before the connection's transaction ends. Say whether QGIS' styles were written, too:
    they lie in a table that the role may lack the right to.

    Raises
    ------
    BallerupGeoError
        The schema or a table cannot be made, a table of that name is not ours, or something depends on the former one.
    DataError
        Two tables have the same name, or a name or a coordinate reference system does not do.
    """
    _check_names(schema, batches, where)
    _prepare(connection, schema, where)
    former = _former(connection, schema, [batch.record.analysis for batch in batches])
    _refuse_foreign(connection, schema, batches, former, where)
    token = secrets.token_hex(4)
    tables = [table for batch in batches for table in batch.tables]
    for number, table in enumerate(tables):
        _write(connection, schema, f".new_{token}_{number}", table)
    _drop(connection, schema, former, where)
    for number, table in enumerate(tables):
        _rename(connection, schema, f".new_{token}_{number}", table)
    for batch in batches:
        _record(connection, schema, batch)
    styled = write_styles(connection, schema, tables, former)
    _log.info("%d tables of %d analyses written to schema %s", len(tables), len(batches), schema)
    return styled


def _run(connection: Connection, statement: str, *names: str | tuple[str, ...]) -> None:
    """Run a statement with names in it."""
    from psycopg import sql

    parts = [qualified(*name) if isinstance(name, tuple) else sql.Identifier(name) for name in names]
    connection.execute(sql.SQL(statement).format(*parts))


def _check_names(schema: str, batches: Sequence[Batch], where: str) -> None:
    fitting_name(schema, where=where)
    names = [table.name for batch in batches for table in batch.tables]
    for name in names:
        fitting_name(name, where=where)
    twice = sorted({name for name in names if names.count(name) > 1 or name == RUNS})
    if twice:
        what = f"several tables would be called {', '.join(twice)}"
        raise DataError(Fault(where, schema, what, "write the analyses into schemas of their own (--schema)"))


def _prepare(connection: Connection, schema: str, where: str) -> None:
    """Make the schema and the table of runs; wait for another export into the same schema."""
    if connection.execute("SELECT to_regtype('geometry')").fetchone()[0] is None:
        what = "the database has no PostGIS where the role looks for it"
        todo = "have an administrator run: CREATE EXTENSION postgis"
        raise BallerupGeoError(Fault(where, "", what, todo))
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('ballerup-geo ' || %s, 0))", (schema,))
    found = connection.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (schema,)).fetchone()
    if found is None:
        _run(connection, "CREATE SCHEMA {}", schema)
    from psycopg import sql

    connection.execute(sql.SQL(_RUN_TABLE).format(runs=qualified(schema, RUNS)))
    _comment(connection, "TABLE", (schema, RUNS), _RUN_COMMENT)


def _former(connection: Connection, schema: str, analyses: list[str]) -> list[str]:
    """Return the tables that an earlier export of the analyses left."""
    from psycopg import sql

    query = sql.SQL("SELECT unnest(tables) FROM {} WHERE analysis = ANY(%s) ORDER BY 1")
    rows = connection.execute(query.format(qualified(schema, RUNS)), (analyses,)).fetchall()
    ours = [name for (name,) in rows]
    standing = {name for (name,) in connection.execute(_EXISTING, (schema, ours)).fetchall()}
    return [name for name in ours if name in standing]


def _refuse_foreign(
    connection: Connection, schema: str, batches: Sequence[Batch], former: list[str], where: str
) -> None:
    """Refuse to replace a table that somebody else has made."""
    wanted = [table.name for batch in batches for table in batch.tables]
    standing = {name for (name,) in connection.execute(_EXISTING, (schema, wanted)).fetchall()}
    foreign = sorted(standing - set(former))
    if foreign:
        what = f"the schema has {', '.join(foreign)}, which no export has written"
        raise BallerupGeoError(Fault(where, schema, what, "rename it, or choose another schema (--schema)"))


def _write(connection: Connection, schema: str, name: str, table: PostgisTable) -> None:
    """Make a table, fill it by binary COPY, then add what finds and explains its rows."""
    from psycopg import sql

    parts = columns_of(table)
    columns = next(parts)
    target = qualified(schema, name)
    defined = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type)) for column in columns
    )
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(target, defined))
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(target)) as copy:
        copy.set_types([column.wire for column in columns])
        while True:
            for row in zip(*(column.values for column in columns), strict=True):
                copy.write_row(row)
            if (following := next(parts, None)) is None:
                break
            columns = following
    _run(
        connection,
        "ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY ({})",
        (schema, name),
        f"{name}_pkey",
        table.key_column,
    )
    if table.geometry_type is not None:
        _run(connection, "CREATE INDEX {} ON {} USING gist ({})", f"{name}_geom", (schema, name), table.geometry_column)
    _comment(connection, "TABLE", (schema, name), table.comment)
    for column in columns:
        if column.name in table.columns:
            _comment(connection, "COLUMN", (schema, name, column.name), table.columns[column.name])
    connection.execute(sql.SQL("ANALYZE {}").format(target))


def _rename(connection: Connection, schema: str, name: str, table: PostgisTable) -> None:
    """Give a table its name, and its indexes theirs, where the names are not too long for that."""
    _run(connection, "ALTER TABLE {} RENAME TO {}", (schema, name), table.name)
    for ending in ("_pkey", *(["_geom"] if table.geometry_type is not None else [])):
        if len(table.name.encode()) + len(ending) <= MOST_BYTES:
            _run(connection, "ALTER INDEX {} RENAME TO {}", (schema, name + ending), table.name + ending)


def _comment(connection: Connection, kind: str, name: tuple[str, ...], words: str) -> None:
    from psycopg import sql

    statement = sql.SQL("COMMENT ON {} {} IS {}")
    words = words.replace("\x00", "\ufffd")
    connection.execute(statement.format(sql.SQL(kind), sql.Identifier(*name), sql.Literal(words)))


def _drop(connection: Connection, schema: str, names: Sequence[str], where: str) -> None:
    """Drop tables; nothing of others goes with them."""
    from psycopg import errors

    for name in names:
        try:
            _run(connection, "DROP TABLE {}", (schema, name))
        except errors.DependentObjectsStillExist as error:
            detail = " ".join((error.diag.message_detail or "").split())
            what = f"{name} is used by something else in the database ({detail})"
            todo = "drop that first, or choose another schema (--schema); the former tables stand"
            raise BallerupGeoError(Fault(where, schema, what, todo)) from None


def _record(connection: Connection, schema: str, batch: Batch) -> None:
    from psycopg import sql
    from psycopg.types.json import Jsonb

    about = batch.record
    row = (
        about.analysis,
        about.title,
        about.time,
        about.data,
        about.modelled,
        about.notice,
        about.key,
        [table.name for table in batch.tables],
        Jsonb(about.indicators),
        Jsonb(about.run),
    )
    connection.execute(sql.SQL(_RUN_ROW).format(runs=qualified(schema, RUNS)), row)
