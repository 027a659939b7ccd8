"""An SQL file as a source: one statement that reads, and where in it the server stumbled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import FetchRequest

__all__ = ["query_of", "told_of_file"]

_FIRST_WORD = re.compile(r"(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*(\w*)", re.DOTALL)
_READING = {"select", "with", "values", "table"}
_NOT_ALLOWED = "42501"
_OF_THE_FILE = ("42", "22", "21", "25006", "0A000")
"""What the text is to blame for: grammar and names, values, too many rows, and that it would change something."""
_CHANGES = ("25006", "0A000")


def query_of(path: Path, request: FetchRequest) -> str:
    """Return the query in a file, without the semicolon at its end.

    Raises
    ------
    SourceError
        It cannot be read, is empty, or does not begin as a query does.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SourceError(request.wrong("query", f"{path} cannot be read ({why})", "correct the path")) from error
    text = text.rstrip().rstrip(";").rstrip()
    found = _FIRST_WORD.match(text)
    word = "" if found is None else found[1]
    if word.lower() not in _READING:
        what = f"{path.name} begins with {word}, and only what reads is run" if word else f"{path.name} holds no query"
        raise SourceError(request.wrong("query", what, "let the file be one SELECT, with WITH before it if need be"))
    return f"{text}\n"


@contextmanager
def told_of_file(name: str, text: str | None, request: FetchRequest, *, before: int | None = None) -> Iterator[None]:
    """Turn what the server holds against the text of a file into a fault that names file and line.

    Parameters
    ----------
    name
        The file's.
    text
        Its query; None: there is no file, and nothing is done.
    before
        How many signs stand before the query in the statement that is sent; None: places are not told.
    """
    from psycopg import Error

    try:
        yield
    except Error as error:
        code = error.sqlstate or ""
        if text is None or code == _NOT_ALLOWED or not code.startswith(_OF_THE_FILE):
            raise
        said = " ".join((error.diag.message_primary or "the server refuses it").split())
        what = f"{name}{_place(error.diag.statement_position, text, before)}: {said}"
        todo = "correct the file: one SELECT that also runs in psql or QGIS"
        if code in _CHANGES:
            todo = "leave out what would change the database: it is opened to read"
        raise SourceError(request.wrong("query", what, todo)) from None


def _place(position: Any, text: str, before: int | None) -> str:
    """Return line and sign, each counted from 1; nothing where the server tells none."""
    if position is None or before is None:
        return ""
    at = int(position) - 1 - before
    if not 0 <= at < len(text.rstrip()):
        return ", at its end"
    line_begins = text.rfind("\n", 0, at) + 1
    return f", line {text.count(chr(10), 0, at) + 1}, sign {at - line_begins + 1}"
