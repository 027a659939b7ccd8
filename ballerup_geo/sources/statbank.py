"""Statistics Denmark as a source: one table of the StatBank, its newest period.

The question is the documented one (https://www.dst.dk/en/Statistik/brug-statistikken/muligheder-i-statistikbanken/api):
POST to ``/v1/data``, a JSON object with table, format and the values of each variable; the answer is CSV with codes.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import geopandas as gpd
import pandas as pd

from ballerup_geo.errors import Fault, SourceError
from ballerup_geo.raster import CRS
from ballerup_geo.sources._request import Delivery, FetchRequest
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.spec import StatbankSource
from ballerup_geo.spec.faults import nearest

__all__ = ["fetch_statbank", "newest_figures"]

LIMIT_BYTES = 50_000_000
_VALUE, _TIME = "INDHOLD", "TID"
_NONE = "-"
_UNKNOWN = {"", ".", "..", "…", "x"}
"""What tables write for nothing, and for what is not known, does not exist or may not be told."""


def fetch_statbank(source: StatbankSource, request: FetchRequest) -> Delivery:
    """Ask for a table and return its newest period.

    A layer of polygons gets the municipality's outline: ask for the municipality alone.

    Raises
    ------
    SourceError
        The table or a value does not exist, or the answer is no table.
    """
    request.progress(f"{request.layer_id}: {source.table}", 0.0)
    body = json.dumps(_question(source), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = request.client.ask(source.url, limit_bytes=LIMIT_BYTES, headers=headers, body=body)
    frame, period = newest_figures(answer.content, source, request)
    if request.layer.geometry == "polygon":
        frame = _on_the_map(frame, source, request)
    offered = tuple(str(name) for name in frame.columns.drop("geometry", errors="ignore"))
    origin = f"Danmarks Statistik, {source.table}, {period}"
    delivery = translate(Delivery(frame, origin=origin, offered=offered), source, request)
    return Delivery(
        delivery.data, origin, columns=delivery.columns, offered=offered, date=source.date or _as_date(period)
    )


def _question(source: StatbankSource) -> dict[str, Any]:
    variables = {"Tid": ["*"], **source.variables}
    return {
        "table": source.table,
        "format": "CSV",
        "lang": "da",
        "delimiter": "Semicolon",
        "valuePresentation": "Value" if source.texts else "Code",
        "variables": [{"code": code, "values": values} for code, values in variables.items()],
    }


def newest_figures(content: bytes, source: StatbankSource, request: FetchRequest) -> tuple[pd.DataFrame, str]:
    """Return the figures of the newest period, and that period as the table writes it (``2026M01``).

    Columns are the table's variables, ``INDHOLD`` (the figure), ``year`` of the period; with ``spread``, one column for
    each value of that variable instead. Figures are summed over all variables that the source maps to no column. A
    figure that is not known stays missing, also in a sum.
    """
    frame = _parsed(content, source, request)
    periods = sorted({str(text) for text in frame[_TIME] if str(text).endswith(source.period or "")})
    if not periods:
        what = f"{source.table} has no period that ends with {source.period!r}"
        raise SourceError(request.wrong("period", what, f"it has: {', '.join(sorted(set(frame[_TIME]))[-3:])}"))
    newest = periods[-1]
    frame = frame[frame[_TIME] == newest].assign(year=newest[:4])
    kept = [name for name in frame.columns if name in source.columns.values() and name != _VALUE]
    if source.spread is not None:
        _refuse_unknown(source.spread, frame, request, "spread")
        frame = _spread(frame, source.spread, [name for name in kept if name != source.spread])
    else:
        frame = _summed(frame, kept)
    return frame, newest


def _parsed(content: bytes, source: StatbankSource, request: FetchRequest) -> pd.DataFrame:
    text = content.decode("utf-8-sig", errors="replace")
    lines = _lines(text)
    header = [name.strip().upper() for name in lines[0]] if lines else []
    if _VALUE not in header or _TIME not in header or len(set(header)) < len(header):
        said = request.client.said((_error_said(text) or text[:2000]).encode(errors="replace"))
        what = f"the table {source.table} is not answered: {said}"
        raise SourceError(request.wrong("table", what, "check table, variables and values in the StatBank"))
    rows = [line for line in lines[1:] if line]
    if any(len(line) != len(header) for line in rows):
        what = f"the answer of the table {source.table} is cut short"
        raise SourceError(Fault(f"Danmarks Statistik, {source.table}", "", what, "try later; the kept copy stays"))
    frame = pd.DataFrame(rows, columns=header, dtype=str)
    if not len(frame):
        todo = "check the variables' values in the StatBank"
        raise SourceError(request.wrong("variables", f"{source.table} has no figure for these", todo))
    return frame.assign(**{_VALUE: [_figure(value, source, request) for value in frame[_VALUE]]})


def _lines(text: str) -> list[list[str]]:
    """Split CSV; a value as long as a book is none, and then there are no lines."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    except csv.Error:
        return []


def _error_said(text: str) -> str | None:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return str(answer.get("message", "")) or None if isinstance(answer, dict) else None


def _figure(text: str, source: StatbankSource, request: FetchRequest) -> float:
    value = text.strip()
    if value == _NONE:
        return 0.0
    if value in _UNKNOWN:
        return float("nan")
    if re.fullmatch(r"-?\d+([.,]\d+)?", value):
        return float(value.replace(",", "."))
    what = f'{source.table} holds "{value[:40]}" where a figure is wanted'
    raise SourceError(request.wrong("table", what, "try later; the kept copy stays"))


def _refuse_unknown(name: str, frame: pd.DataFrame, request: FetchRequest, key: str) -> None:
    if name not in frame:
        raise SourceError(request.wrong(key, f'the table has no variable "{name}"', nearest(name, list(frame.columns))))


def _summed(frame: pd.DataFrame, kept: list[str]) -> pd.DataFrame:
    if not kept:
        return frame.reset_index(drop=True)
    sums = frame.groupby(kept, sort=False)[_VALUE].agg(lambda values: values.sum(skipna=False))
    return sums.reset_index()


def _spread(frame: pd.DataFrame, variable: str, kept: list[str]) -> pd.DataFrame:
    rows = [*kept, "year"] if "year" not in kept else kept
    sums = _summed(frame, [*rows, variable])
    wide = sums.set_index([*rows, variable])[_VALUE].unstack()  # noqa: PD010  (nothing is to be averaged here)
    return wide.rename_axis(columns=None).reset_index()


def _on_the_map(frame: pd.DataFrame, source: StatbankSource, request: FetchRequest) -> gpd.GeoDataFrame:
    if len(frame) != 1:
        what = f"{source.table} answers {len(frame)} rows, and only the municipality's own outline is known"
        raise SourceError(request.wrong("variables", what, "ask for the municipality alone"))
    return gpd.GeoDataFrame(frame, geometry=[request.outline], crs=CRS)


def _as_date(period: str) -> str:
    """Write a period as a date: 2026M01 → 2026-01, 2026K3 → 2026."""
    found = re.fullmatch(r"(\d{4})M(\d{2})", period)
    return f"{found[1]}-{found[2]}" if found else period[:4]
