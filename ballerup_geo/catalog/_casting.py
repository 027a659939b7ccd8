"""Values as the layer's contract types them; what cannot be one is told apart from what was missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.sources.file.mapping import as_text

__all__ = ["DTYPES", "cast", "has_decimal_comma"]

DTYPES = {"text": "str", "integer": "Int64", "number": "float64", "boolean": "boolean", "date": "datetime64[ms]"}
"""The pandas type of each type of column; all but text and number have their own missing value."""

_TRUTH = {
    **dict.fromkeys(("true", "1", "ja", "j", "yes", "y", "sand"), True),
    **dict.fromkeys(("false", "0", "nej", "n", "no", "falsk"), False),
}
_DATES = ("ISO8601", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d")
_DANISH_NUMBER = r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+"
_DANISH_THOUSANDS = r"[+-]?\d{1,3}(?:\.\d{3})+"
_TYPESET = {ord(" "): "", 0xA0: "", 0x2009: "", 0x202F: "", 0x2212: "-"}
"""Spaces of all kinds between thousands, and the minus of typesetters."""
_LARGEST = 2**63 - 1
_ZONE = r"[T ].*(?:Z|[+-]\d\d(?::?\d\d)?)$"
_HOME = "Europe/Copenhagen"


def cast(values: pd.Series[Any], kind: str, *, comma: bool | None = None) -> tuple[pd.Series[Any], NDArray[np.bool_]]:
    """Cast values to a type of the contract; return them and which were there but could not be cast.

    Numbers are read with decimal point or Danish decimal comma, truth as true/false, 1/0 or ja/nej, dates as ISO or
    day-month-year. An empty text is missing. In a column that writes decimals with a comma, a point parts thousands;
    ``comma`` says so of a column of which these are some values, None: they are all of it.

    Examples
    --------
    >>> values, bad = cast(pd.Series(["12,5", "7", "", "many"]), "number")
    >>> values.tolist(), bad.tolist()
    ([12.5, 7.0, nan, nan], [False, False, False, True])
    """
    if values.dtype == object:
        values = values.map(_single, na_action=None)
    present = values.notna().to_numpy(bool)
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        present = present & (values.astype(str).str.strip() != "").to_numpy(bool)
    given = values.where(present)
    if kind in {"integer", "number"}:
        result = (_integer if kind == "integer" else _floats)(given, comma)
    else:
        result = {"text": _text, "boolean": _boolean, "date": _date}[kind](given)
    return result, present & result.isna().to_numpy(bool)


def _single(value: Any) -> Any:
    """Write bytes and lists (GeoJSON and Parquet know them) as texts, so that each cell is one value."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return str(value) if isinstance(value, list | tuple | dict) else value


def _text(values: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(values.dtype, pd.StringDtype):
        return values.str.strip().astype("str")
    return pd.Series([as_text(value) if pd.notna(value) else None for value in values], values.index, dtype="str")


def has_decimal_comma(values: pd.Series[Any]) -> bool:
    """Say whether any of the values is a text with a Danish decimal comma."""
    if values.dtype != object and not isinstance(values.dtype, pd.StringDtype):
        return False
    single = values.map(_single, na_action=None) if values.dtype == object else values
    return bool(_typed(single).str.fullmatch(_DANISH_NUMBER).fillna(False).any())


def _typed(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return texts as a person types them."""
    typed: pd.Series[Any] = values.map(as_text, na_action="ignore").astype("str").str.translate(_TYPESET)
    return typed


def _floats(values: pd.Series[Any], comma: bool | None) -> pd.Series[Any]:
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        texts = _typed(values)
        danish = texts.str.fullmatch(_DANISH_NUMBER).fillna(False).to_numpy(bool)
        if danish.any() if comma is None else comma:
            danish = danish | texts.str.fullmatch(_DANISH_THOUSANDS).fillna(False).to_numpy(bool)
        points = texts.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        values = pd.to_numeric(texts.mask(danish, points), errors="coerce")
    elif pd.api.types.is_datetime64_any_dtype(values.dtype):
        return pd.Series(np.nan, values.index, dtype="float64")
    floats = values.astype("Float64").astype("float64")
    return floats.where(np.isfinite(floats))


def _integer(values: pd.Series[Any], comma: bool | None) -> pd.Series[Any]:
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.where(values <= _LARGEST).astype("Int64")
    floats = _floats(values, comma)
    whole = floats.where((floats == np.round(floats)) & (floats.abs() < _LARGEST)).astype("Int64")
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):  # a float rounds from 16 digits on
        texts = values.map(as_text, na_action="ignore").astype("str")
        long = texts.str.fullmatch(r"[+-]?\d{16,19}").fillna(False).to_numpy(bool)
        if long.any():
            exact = [int(text) if is_long else 0 for text, is_long in zip(texts, long, strict=True)]
            fitting = [number if abs(number) <= _LARGEST else None for number in exact]
            whole = whole.mask(long, pd.Series(pd.array(fitting, dtype="Int64"), values.index))
    return whole


def _boolean(values: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean")
    truths = [_TRUTH.get(as_text(value).lower()) if pd.notna(value) else None for value in values]
    return pd.Series(truths, values.index, dtype="boolean")


def _date(values: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days = values
    elif pd.api.types.is_numeric_dtype(values.dtype):  # 20200131; any other number is no date
        texts = values.map(as_text, na_action="ignore").astype("str")
        days = _parsed(texts.where(texts.str.fullmatch(r"\d{8}").fillna(False)))
    else:
        days = _parsed(values.astype("str"))
    if getattr(days.dtype, "tz", None) is not None:
        days = _at_home(days)
    normal: pd.Series[Any] = days.dt.normalize().astype("datetime64[ms]")
    return normal


def _at_home(moments: pd.Series[Any]) -> pd.Series[Any]:
    """Return moments as a Danish clock shows them; the end of time (9999-12-31) has no other clock."""
    within = moments.dt.year.between(2, 9998)
    clock = moments.where(within).dt.tz_convert(_HOME).dt.tz_localize(None)
    found: pd.Series[Any] = clock.fillna(moments.dt.tz_convert("UTC").dt.tz_localize(None))
    return found


def _parsed(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Parse each text with the first form that fits it."""
    days = pd.Series(pd.NaT, texts.index, dtype="datetime64[ms]")
    for form in _DATES:
        read = pd.to_datetime(texts.where(days.isna()), format=form, errors="coerce", utc=form == "ISO8601")
        if form == "ISO8601":  # a time zone may stand in some of them: those are moved to ours, the others are in it
            zoned = texts.str.contains(_ZONE).fillna(False).to_numpy(bool)
            read = read.dt.tz_localize(None).mask(zoned, _at_home(read))
        days = days.fillna(read.astype("datetime64[ms]"))
    return days
