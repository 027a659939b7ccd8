"""An entity by GraphQL: page after page of rows as they are today, by POST with the documented arguments.

``first`` and ``after`` turn the pages, ``virkningstid`` says of which day, ``where`` which rows. The services do not
tell their fields, so only those are asked for that the layer's file names, spelt without æ, ø and å.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from ballerup_geo.errors import DataError, SourceError
from ballerup_geo.sources.datafordeler._table import Came, Wanted, whole_letters, with_shapes
from ballerup_geo.sources.file.mapping import as_text

__all__ = ["from_graphql"]

_PAGE_BYTES = 200_000_000
_MOST_ROWS = 5_000_000
_NAME = re.compile(r"[_A-Za-z]\w*", re.ASCII)
_WITHOUT = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa"})


def from_graphql(wanted: Wanted) -> Came:
    """Return all rows that ``only`` lets pass.

    Raises
    ------
    SourceError
        The service reports errors, or its pages do not end.
    DataError
        A field's name cannot be one.
    """
    table = wanted.table
    fields = sorted({*wanted.columns, *table.only})
    _require_names(wanted, [*fields, *([table.geometry] if table.geometry else [])])
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    rows = [row for page in _pages(wanted, fields, now) for row in page]
    names = [*fields, *([table.geometry] if table.geometry else [])]
    frame = pd.DataFrame([{name: _plain(row.get(name)) for name in names} for row in rows], columns=names)
    origin = f"{wanted.request.client.shown(table.url)}, {_query_name(wanted)}"
    return Came(with_shapes(frame, table.geometry, wanted), tuple(names), origin, date=now[:10])


def _query_name(wanted: Wanted) -> str:
    return f"{wanted.table.register_}_{wanted.table.entity}"


def _require_names(wanted: Wanted, names: list[str]) -> None:
    faults = [
        wanted.request.wrong(
            wanted.key("columns"),
            f'{wanted.name}: "{name}" is no field of GraphQL',
            f'spell it without æ, ø and å: "{name.translate(_WITHOUT)}"',
        )
        for name in names
        if not _NAME.fullmatch(name)
    ]
    if faults:
        raise DataError(faults)


def _pages(wanted: Wanted, fields: list[str], now: str) -> Iterator[list[dict[str, Any]]]:
    after: str | None = None
    cursors: set[str] = set()
    count = 0
    while True:
        answer = _answer(wanted, _query(wanted, fields), {"first": wanted.table.page, "after": after, "t": now})
        rows, info = answer.get("nodes"), answer.get("pageInfo")
        if not isinstance(rows, list) or not isinstance(info, dict) or not all(isinstance(row, dict) for row in rows):
            raise _wrong(wanted, "answers neither nodes nor pageInfo", "check register, entity and url")
        yield rows
        count += len(rows)
        wanted.request.progress(f"{wanted.request.layer_id}: {wanted.name}, {count} rows", 0.0)
        if not info.get("hasNextPage"):
            return
        after = str(info.get("endCursor"))
        if after in cursors or not rows or count > _MOST_ROWS:
            raise _wrong(wanted, f"its pages do not end (after {count} rows)", "try later, or use access = file")
        cursors.add(after)


def _query(wanted: Wanted, fields: list[str]) -> str:
    shape = f" {wanted.table.geometry} {{ wkt }}" if wanted.table.geometry else ""
    parts = ", ".join(f"{name}: {{ {_condition(value)} }}" for name, value in wanted.table.only.items())
    where = f", where: {{ {parts} }}" if parts else ""
    return (
        "query ($first: Int!, $after: String, $t: DafDateTime!) { "
        f"{_query_name(wanted)}(first: $first, after: $after, virkningstid: $t{where}) "
        f"{{ pageInfo {{ hasNextPage endCursor }} nodes {{ {' '.join(fields)}{shape} }} }} }}"
    )


def _condition(value: Any) -> str:
    if isinstance(value, list):
        return f"in: [{', '.join(json.dumps(each, ensure_ascii=False) for each in value)}]"
    return f"eq: {json.dumps(value, ensure_ascii=False)}"


def _answer(wanted: Wanted, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Send a query; errors come with HTTP 200."""
    request = wanted.request
    body = json.dumps({"query": query, "variables": variables}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    secret = request.secret_params(wanted.secret)
    url = wanted.table.url
    content = request.client.ask(url, limit_bytes=_PAGE_BYTES, secret_params=secret, headers=headers, body=body).content
    try:
        answer = json.loads(content)
        if b"\\u" in content:
            answer = whole_letters(answer)
    except (ValueError, RecursionError):
        said = request.client.said(content[:600])
        raise _wrong(wanted, f"answers something else than JSON: {said}", "try later") from None
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if errors:
        said = "; ".join(str(each.get("message")) if isinstance(each, dict) else str(each) for each in list(errors)[:3])
        what = f"reports errors: {request.client.said(said.encode())}"
        raise _wrong(wanted, what, "check register, entity, only, and the names of fields")
    data = answer.get("data") if isinstance(answer, dict) else None
    found = data.get(_query_name(wanted)) if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise _wrong(wanted, f"answers no {_query_name(wanted)}", "check register, entity and url")
    return found


def _plain(value: Any) -> Any:
    """Return a geometry's WKT, and anything else as it is."""
    if isinstance(value, dict):
        return value.get("wkt")
    return as_text(value) if isinstance(value, list) else value


def _wrong(wanted: Wanted, what: str, todo: str) -> SourceError:
    host = urlsplit(wanted.table.url).hostname
    return SourceError(wanted.request.wrong(wanted.key("entity"), f"{host}, {_query_name(wanted)}: {what}", todo))
