"""A connection that is closed again, and what the server says as a fault without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ballerup_geo import __version__
from ballerup_geo.errors import BallerupGeoError, Fault, SourceError
from ballerup_geo.storage.postgis._address import Address

if TYPE_CHECKING:
    import psycopg

__all__ = ["Connection", "connected", "translated"]

Connection = Any
"""``psycopg.Connection``; the driver is an extra, so it is not imported here."""

_CONNECT_S = 10
_EXTRA = 'python -m pip install "ballerup-geo[postgis]"'
_HIDDEN = "•••"
_ADVICE = {
    "28": "check user and password",
    "3D": "check the name of the database",
    "40": "another program was in the way: try again",
    "42501": "let the role have what the guide lists (PostGIS og QGIS), or use another role",
    "53": "the server has no room or no connection left: ask who runs it",
    "55P03": "another program holds the table (a QGIS that edits it?): close it there, and try again",
    "57P": "the server was stopped or ended the connection: try again later",
    "57014": "the server was stopped by its time limit: ask for less, or raise timeout_s",
}
"""What to do, by the beginning of the server's code (SQLSTATE)."""


@contextmanager
def connected(
    address: Address,
    password: str | None,
    *,
    where: str,
    read_only: bool,
    timeout_s: float,
    lock_timeout_s: float = 30.0,
) -> Iterator[Connection]:
    """Give a connection in a transaction, which is kept on leaving and undone on any error.

    Parameters
    ----------
    where
        What a message points to.
    timeout_s, lock_timeout_s
        The longest that a statement may take, and may wait for others.

    Raises
    ------
    SourceError
        The server cannot be reached, refuses, or fails; in reading, also what else goes wrong.
    BallerupGeoError
        In writing: the driver is not installed, or the role lacks a right or a name.
    """
    driver = _driver(where, read_only=read_only)
    limits = f"-c statement_timeout={int(timeout_s * 1000)} -c lock_timeout={int(lock_timeout_s * 1000)}"
    if read_only:  # were the transaction ended by what is asked, the next could not write either
        limits += " -c default_transaction_read_only=on"
    given = {
        "host": address.host,
        "port": address.port,
        "dbname": address.database,
        "user": address.user,
        "password": password,
        "connect_timeout": _CONNECT_S,
        "application_name": f"ballerup-geo {__version__}",
        "options": f"{limits} -c timezone=Europe/Copenhagen -c client_min_messages=error",
        **address.options,
    }
    with translated(where, address, password, read_only=read_only):
        connection = driver.connect(**{key: value for key, value in given.items() if value is not None})
        connection.read_only = read_only
        with connection:
            yield connection
            if read_only:  # whatever a query has done on the way is undone
                connection.rollback()


@contextmanager
def translated(where: str, address: Address, password: str | None, *, read_only: bool) -> Iterator[None]:
    """Turn what the server or the driver says into a fault with something to do."""
    driver = _driver(where, read_only=read_only)
    try:
        yield
    except driver.Error as error:
        said = _said(error, password)
        # from None: what the driver says may repeat what it was given, and a trace would print it
        mendable = isinstance(error, driver.ProgrammingError) and not read_only  # names and rights
        kind = BallerupGeoError if mendable else SourceError
        raise kind(Fault(where, str(address), said, _todo(error, driver, address))) from None


def _driver(where: str, *, read_only: bool) -> Any:
    try:
        import psycopg
    except ImportError as error:
        kind = SourceError if read_only else BallerupGeoError
        fault = Fault(where, "", "the driver for PostGIS is not installed", f"install it: {_EXTRA}")
        raise kind(fault) from error
    return psycopg


def _said(error: psycopg.Error, password: str | None) -> str:
    primary = error.diag.message_primary
    text = " ".join(str(primary or error).split()) or type(error).__name__
    detail = error.diag.message_detail
    if primary and detail and error.sqlstate and error.sqlstate.startswith("2BP"):
        text += f" ({' '.join(detail.split())})"
    return text.replace(password, _HIDDEN) if password else text


def _todo(error: psycopg.Error, driver: Any, address: Address) -> str:
    code = error.sqlstate or ""
    if isinstance(error, driver.OperationalError) and not code:  # before a session there is no code, only words
        words = str(error)
        if "password" in words or "authentication" in words:
            return _ADVICE["28"]
        if "does not exist" in words:
            return "check the names of the database and the role"
        return f"check that a server answers on {address.host}:{address.port}, and try again later"
    return next(
        (todo for begin, todo in _ADVICE.items() if code.startswith(begin)), f"ask who runs the server ({code})"
    )
