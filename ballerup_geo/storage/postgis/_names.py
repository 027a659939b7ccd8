"""Names and texts as PostgreSQL takes them: quoted by the driver, short enough, without the one sign it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ballerup_geo.errors import DataError, Fault

__all__ = ["MOST_BYTES", "column_texts", "fitting_name", "qualified"]

MOST_BYTES = 63
_NUL = "\x00"


def fitting_name(name: str, *, where: str) -> str:
    """Return a name that PostgreSQL keeps whole.

    Raises
    ------
    DataError
        It is empty, too long (PostgreSQL would cut it, and two names could become one), or holds the sign NUL.
    """
    if not name or _NUL in name or len(name.encode()) > MOST_BYTES:
        what = f'"{name[:40]}" cannot be a name in PostgreSQL (1 to {MOST_BYTES} bytes)'
        raise DataError(Fault(where, "", what, "choose a shorter one"))
    return name


def qualified(schema: str, name: str) -> Any:
    """Return ``"schema"."name"``, quoted by the driver, whatever the names hold."""
    from psycopg import sql

    return sql.Identifier(schema, name)


def column_texts(values: Iterable[Any]) -> list[str | None]:
    """Return texts without the sign NUL, which PostgreSQL refuses; missing ones as None."""
    return [None if value is None else str(value).replace(_NUL, "\ufffd") for value in values]
