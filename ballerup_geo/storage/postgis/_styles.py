"""The table in which QGIS looks for the style of a PostGIS table."""

from __future__ import annotations

from collections.abc import Sequence

from ballerup_geo.storage.postgis._connection import Connection
from ballerup_geo.storage.postgis._table import PostgisTable

__all__ = ["write_styles"]

_TABLE = """
CREATE TABLE IF NOT EXISTS layer_styles (
  id serial PRIMARY KEY, f_table_catalog varchar, f_table_schema varchar, f_table_name varchar,
  f_geometry_column varchar, stylename text, styleqml xml, stylesld xml, useasdefault boolean, description text,
  owner varchar(63) DEFAULT CURRENT_USER, ui xml, update_time timestamp DEFAULT CURRENT_TIMESTAMP, type varchar)
"""
"""As QGIS makes it: it looks for it in the schemas that the role searches, not beside the tables."""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('ballerup-geo layer_styles', 0))"
_FORGET = """
DELETE FROM layer_styles WHERE f_table_catalog = current_database() AND f_table_schema = %s
AND f_table_name = ANY(%s) AND stylename = f_table_name
"""
_ADD = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, stylename, styleqml,
  stylesld, useasdefault, description)
VALUES (current_database(), %(schema)s, %(name)s::text, %(shape)s, %(name)s::text,
  XMLPARSE(DOCUMENT %(style)s::text), NULL, true, 'ballerup-geo')
"""


def write_styles(connection: Connection, schema: str, tables: Sequence[PostgisTable], former: Sequence[str]) -> bool:
    """Write the styles of tables, and forget those of former ones; False where the role may not.

    A style that somebody saved under a name of their own stays.
    """
    from psycopg import errors

    names = sorted({*former, *(table.name for table in tables)})
    try:
        with connection.transaction():  # a point to return to: the tables do not depend on it
            if connection.execute("SELECT to_regclass('layer_styles')").fetchone()[0] is None:
                connection.execute(_ONE_AT_A_TIME)  # another export may be making it
                connection.execute(_TABLE)
            connection.execute(_FORGET, (schema, names))
            for table in tables:
                if table.style is not None:
                    connection.execute(_ADD, _row(schema, table))
    except (errors.InsufficientPrivilege, errors.InvalidSchemaName):  # no right, or no schema that is searched
        return False
    return True


def _row(schema: str, table: PostgisTable) -> dict[str, str | None]:
    return {"schema": schema, "name": table.name, "shape": table.geometry_column, "style": table.style}
