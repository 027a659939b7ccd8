"""The columns of a table against the layer's contract."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ballerup_geo.catalog._casting import DTYPES, cast
from ballerup_geo.catalog._findings import Findings, Seen, counted, example
from ballerup_geo.sources import Delivery
from ballerup_geo.sources.file.mapping import as_text
from ballerup_geo.spec import Column, FileSource, Layer, ModelSource
from ballerup_geo.spec.codelists import codes_of
from ballerup_geo.spec.faults import nearest

__all__ = ["NOT_DELIVERED", "ColumnsTally"]

NOT_DELIVERED = "not delivered"
_SHOWN_CODES = 12


class ColumnsTally:
    """Checks a table's columns some rows at a time, and tells at the end what all of them together are.

    Parameters
    ----------
    commas
        Columns of numbers whose texts write decimals with a comma.
    """

    def __init__(self, layer: Layer, *, commas: Container[str]) -> None:
        self._layer = layer
        self._commas = commas
        self._rows = 0
        self._found: dict[str, _ColumnTally] = {}

    def add(self, frame: pd.DataFrame) -> dict[str, pd.Series[Any]]:
        """Return the layer's columns in the contract's order, cast and checked.

        An optional column that the source lacks is there with all its values missing, so that every source of a layer
        gives the same table.
        """
        self._rows += len(frame)
        columns: dict[str, pd.Series[Any]] = {}
        for name, column in self._layer.columns.items():
            if name in frame:
                tally = self._found.setdefault(name, _ColumnTally(name, column))
                columns[name] = tally.add(frame[name], comma=name in self._commas)
            else:
                columns[name] = pd.Series([None] * len(frame), frame.index, dtype=DTYPES[column.type])
        return columns

    def report(self, findings: Findings, *, delivery: Delivery, source: FileSource | ModelSource) -> dict[str, str]:
        """Note what was left out, report what stops the layer, and return where each column came from."""
        origins: dict[str, str] = {}
        for name, column in self._layer.columns.items():
            if name in self._found:
                self._found[name].report(findings, self._rows)
                origins[name] = delivery.columns.get(name, "the source")
            else:
                _report_absent(name, column, findings, delivery=delivery, source=source)
                origins[name] = NOT_DELIVERED
        if self._layer.columns and all(origin == NOT_DELIVERED for origin in origins.values()):
            _report_nothing_delivered(self._layer, findings, offered=delivery.offered)
        return origins


@dataclass(slots=True)
class _ColumnTally:
    name: str
    column: Column
    uncast: Seen = field(default_factory=Seen)
    outside: Seen = field(default_factory=Seen)
    uncoded: Seen = field(default_factory=Seen)
    empty: Seen = field(default_factory=Seen)
    unique: list[pd.Series[Any]] = field(default_factory=list)
    """All values of a column that may not repeat any."""

    def add(self, values: pd.Series[Any], *, comma: bool) -> pd.Series[Any]:
        """Cast, then hold values against range and code list; what fails becomes missing."""
        column = self.column
        result, uncast = cast(values, column.type, comma=comma)
        empty = result.isna().to_numpy(bool) & ~uncast
        self._count(self.uncast, uncast, values)
        for seen, bad in ((self.outside, _outside(result, column)), (self.uncoded, _uncoded(result, column))):
            if bad is not None:
                self._count(seen, bad, values)
                result = result.mask(bad)
        self.empty.add(empty, values.index)
        if column.unique:
            self.unique.append(result)
        return result

    @staticmethod
    def _count(seen: Seen, bad: NDArray[np.bool_], values: pd.Series[Any]) -> None:
        seen.add(bad, values.index, lambda _: example(values, bad))

    def report(self, findings: Findings, rows: int) -> None:
        """Say what the values were."""
        name, column = self.name, self.column
        for seen, what in (
            (self.uncast, f"no {_kind_words(column)}"),
            (self.outside, _range_words(column)),
            (self.uncoded, _code_words(column)),
        ):
            _report_bad(seen, rows, name, column, findings, what=what)
        if column.required:
            _report_missing(self.empty, rows, name, findings)
        if self.unique:
            _report_duplicates(self.unique, name, findings)


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


def _report_bad(seen: Seen, rows: int, name: str, column: Column, findings: Findings, *, what: str) -> None:
    number = seen.number
    if not number:
        return
    said = f"{counted(number, 'value')} of {rows} {'is' if number == 1 else 'are'} {what}"
    if column.required:
        todo = f"correct the data, or translate the values: [source.kept.values.{name}]"
        findings.fault(name, f"{said} ({seen.example})", todo)
    else:
        findings.note(name, f"{said} and left out ({seen.example})")


def _report_missing(seen: Seen, rows: int, name: str, findings: Findings) -> None:
    number = seen.number
    if number:
        has = "has" if number == 1 else "have"
        what = f"{counted(number, 'row')} of {rows} {has} no value (first: row {seen.row})"
        findings.fault(name, what, "fill it in, or leave the rows out of the file; the column is required")


def _report_duplicates(parts: list[pd.Series[Any]], name: str, findings: Findings) -> None:
    if _all_differ(parts):
        return
    result = pd.concat(parts)
    repeated = (result.duplicated(keep=False) & result.notna()).to_numpy(bool)
    values = result[repeated]
    first = values.iloc[0]
    rows = [str(row) for row in values.index[(values == first).to_numpy(bool)][:3]]
    number = int(values.nunique())
    what = f"{counted(number, 'value')} {'stands' if number == 1 else 'stand'} more than once"
    findings.fault(
        name, f'{what} (first: "{first}" in rows {", ".join(rows)})', "give every row its own, or name another column"
    )


def _all_differ(parts: list[pd.Series[Any]]) -> bool:
    """Say whether no value stands twice, without making a Python object of each."""
    values = pa.chunked_array([pa.array(part) for part in parts if len(part)] or [pa.array([], pa.string())])
    return bool(pc.count_distinct(values, mode="only_valid").as_py() == len(values) - values.null_count)
