"""The columns of a table against the layer's contract."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.catalog._casting import DTYPES, cast
from ballerup_geo.catalog._findings import Findings, counted, example
from ballerup_geo.sources import Delivery
from ballerup_geo.sources.file.mapping import as_text
from ballerup_geo.spec import Column, FileSource, Layer, ModelSource
from ballerup_geo.spec.codelists import codes_of
from ballerup_geo.spec.faults import nearest

__all__ = ["NOT_DELIVERED", "check_columns"]

NOT_DELIVERED = "not delivered"
_SHOWN_CODES = 12


def check_columns(
    frame: pd.DataFrame, layer: Layer, findings: Findings, *, delivery: Delivery, source: FileSource | ModelSource
) -> tuple[dict[str, pd.Series[Any]], dict[str, str]]:
    """Return the layer's columns in the contract's order, cast and checked, and where each came from.

    An optional column that the source lacks is there with all its values missing, so that every source of a layer
    gives the same table.
    """
    columns: dict[str, pd.Series[Any]] = {}
    origins: dict[str, str] = {}
    for name, column in layer.columns.items():
        if name in frame:
            columns[name] = _check_column(frame[name], name, column, findings)
            origins[name] = delivery.columns.get(name, "the source")
            continue
        _report_absent(name, column, findings, delivery=delivery, source=source)
        columns[name] = pd.Series([None] * len(frame), frame.index, dtype=DTYPES[column.type])
        origins[name] = NOT_DELIVERED
    if layer.columns and all(origin == NOT_DELIVERED for origin in origins.values()):
        _report_nothing_delivered(layer, findings, offered=delivery.offered)
    return columns, origins


def _report_absent(
    name: str, column: Column, findings: Findings, *, delivery: Delivery, source: FileSource | ModelSource
) -> None:
    theirs = source.columns.get(name) if isinstance(source, FileSource) else None
    if theirs is not None:
        what = f'the source has no column "{theirs}", which source.kept.columns.{name} names'
        findings.fault(name, what, nearest(theirs, delivery.offered))
    elif column.required:
        todo = f'name the source\'s column: source.kept.columns.{name} = "…"; {nearest(name, delivery.offered)}'
        findings.fault(name, "the required column is missing", todo)
    elif (alike := _written_alike(name, delivery.offered)) is not None:
        what = f'not delivered; is it the source\'s "{alike}"? Then write source.kept.columns.{name} = "{alike}"'
        findings.note(name, what)


def _written_alike(name: str, offered: tuple[str, ...]) -> str | None:
    """Return the source's column that is this one in other letters, or cut to the ten that a shapefile has room for."""
    return next((theirs for theirs in offered if theirs.casefold() in {name, name[:10]}), None)


def _report_nothing_delivered(layer: Layer, findings: Findings, *, offered: tuple[str, ...]) -> None:
    """Report a source without a single one of the layer's columns: a table is then nothing, features are shapes."""
    what = f"the source has none of the layer's columns; it has: {', '.join(offered[:_SHOWN_CODES]) or 'none at all'}"
    if layer.geometry != "table":
        findings.note("", what)
    elif not findings.faults:
        findings.fault("", what, 'the header is line 1; name the source\'s columns: source.kept.columns, name = "…"')


def _check_column(values: pd.Series[Any], name: str, column: Column, findings: Findings) -> pd.Series[Any]:
    """Cast, then hold values against range and code list; what fails becomes missing."""
    result, uncast = cast(values, column.type)
    empty = result.isna().to_numpy(bool) & ~uncast
    _report_bad(values, uncast, name, column, findings, what=f"no {_kind_words(column)}")
    for bad, what in (
        (_outside(result, column), _range_words(column)),
        (_uncoded(result, column), _code_words(column)),
    ):
        if bad is not None:
            _report_bad(values, bad, name, column, findings, what=what)
            result = result.mask(bad)
    if column.required:
        _report_missing(values, empty, name, findings)
    if column.unique:
        _report_duplicates(result, name, findings)
    return result


def _kind_words(column: Column) -> str:
    return {"integer": "whole number", "number": "number", "boolean": "true or false", "date": "date"}.get(
        column.type, "text"
    )


def _outside(values: pd.Series[Any], column: Column) -> NDArray[np.bool_] | None:
    if column.type not in {"integer", "number"} or (column.minimum is None and column.maximum is None):
        return None
    floats = values.astype("Float64").astype("float64").to_numpy()
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    bad: NDArray[np.bool_] = (floats < low) | (floats > high)
    return bad


def _range_words(column: Column) -> str:
    low = "" if column.minimum is None else f"{column.minimum:g}"
    high = "" if column.maximum is None else f"{column.maximum:g}"
    return f"outside {low}–{high}" if low and high else f"below {low}" if low else f"above {high}"


def _uncoded(values: pd.Series[Any], column: Column) -> NDArray[np.bool_] | None:
    codes = codes_of(column)
    if codes is None:
        return None
    allowed = [value for value in values.dropna().unique() if as_text(value) in codes]
    bad: NDArray[np.bool_] = (values.notna() & ~values.isin(allowed)).to_numpy(bool)
    return bad


def _code_words(column: Column) -> str:
    codes = list(codes_of(column) or ())
    if column.register_codes is not None:
        return f"not in the register's code list {column.register_codes.upper().replace('_', ' ')}"
    shown = ", ".join(codes[:_SHOWN_CODES]) + (" …" if len(codes) > _SHOWN_CODES else "")
    return f"not in the code list ({shown})"


def _report_bad(
    values: pd.Series[Any], bad: NDArray[np.bool_], name: str, column: Column, findings: Findings, *, what: str
) -> None:
    number = int(bad.sum())
    if not number:
        return
    said = f"{counted(number, 'value')} of {len(values)} {'is' if number == 1 else 'are'} {what}"
    if column.required:
        todo = f"correct the data, or translate the values: [source.kept.values.{name}]"
        findings.fault(name, f"{said} ({example(values, bad)})", todo)
    else:
        findings.note(name, f"{said} and left out ({example(values, bad)})")


def _report_missing(values: pd.Series[Any], empty: NDArray[np.bool_], name: str, findings: Findings) -> None:
    number = int(empty.sum())
    if number:
        row = values.index[int(np.argmax(empty))]
        what = (
            f"{counted(number, 'row')} of {len(values)} {'has' if number == 1 else 'have'} no value (first: row {row})"
        )
        findings.fault(name, what, "fill it in, or leave the rows out of the file; the column is required")


def _report_duplicates(result: pd.Series[Any], name: str, findings: Findings) -> None:
    repeated = (result.duplicated(keep=False) & result.notna()).to_numpy(bool)
    if not repeated.any():
        return
    values = result[repeated]
    first = values.iloc[0]
    rows = [str(row) for row in values.index[(values == first).to_numpy(bool)][:3]]
    number = int(values.nunique())
    what = f"{counted(number, 'value')} {'stands' if number == 1 else 'stand'} more than once"
    findings.fault(
        name, f'{what} (first: "{first}" in rows {", ".join(rows)})', "give every row its own, or name another column"
    )
