"""A file's columns and values under our names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from ballerup_geo.sources._request import Delivery, Request
from ballerup_geo.spec import FileSource, Mapped

__all__ = ["as_text", "translate", "wanted"]


def wanted(source: Mapped, request: Request, offered: Iterable[str]) -> list[str]:
    """Return those of the file's columns that the layer uses, in the file's order."""
    theirs = {source.columns.get(name, name) for name in _read_columns(source, request)}
    if isinstance(source, FileSource):
        theirs |= {source.x or "", source.y or ""}
    return [name for name in offered if name in theirs]


def translate(delivery: Delivery, source: Mapped, request: Request) -> Delivery:
    """Rename columns, replace values, add constants and row numbers.

    A column that the file lacks stays out: the catalog says so together with all else that is wrong.
    """
    frame = delivery.data
    if not isinstance(frame, pd.DataFrame):
        raise TypeError("only tables have columns to translate")
    ours: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name in _read_columns(source, request):
        theirs = source.columns.get(name, name)
        if theirs in frame:
            ours[name] = _replaced(frame[theirs], source.values.get(name, {}))
            origins[name] = f'column "{theirs}"' + (", values replaced" if name in source.values else "")
    for name, value in source.constants.items():
        ours[name] = pd.Series([value] * len(frame), index=frame.index)
        origins[name] = f"the same in every row, from layers/{request.layer_id}.toml"
    if source.number is not None:
        ours[source.number] = pd.Series([str(row) for row in frame.index], index=frame.index, dtype="str")
        origins[source.number] = "the file's row number"
    translated = pd.DataFrame(ours, index=frame.index)
    if hasattr(frame, "geometry"):
        translated = frame.geometry.to_frame("geometry").join(translated)
    return replace(delivery, data=translated, columns=origins, date=source.date)


def _read_columns(source: Mapped, request: Request) -> list[str]:
    return [name for name in request.layer.columns if name not in source.constants and name != source.number]


def _replaced(series: pd.Series[Any], values: dict[str, Any]) -> pd.Series[Any]:
    """Replace the values that are named; all others stay."""
    if not values:
        return series
    replaced = [value if _is_missing(value) else values.get(as_text(value), value) for value in series]
    return pd.Series(replaced, index=series.index, dtype=object)


def _is_missing(value: Any) -> bool:
    """Say whether there is no value; JSON may hold a list where a value is wanted."""
    return not isinstance(value, list | dict) and bool(pd.isna(value))


def as_text(value: object) -> str:
    """Write a value as a person would: whole numbers without ``.0``, truth as true and false.

    Examples
    --------
    >>> as_text(151.0), as_text(True), as_text(" a ")
    ('151', 'true', 'a')
    """
    text = str(value).strip()
    if isinstance(value, str):
        return text
    return re.sub(r"\.0$", "", text).lower() if re.fullmatch(r"True|False|-?\d+\.0", text) else text
