"""Values as the layer's contract types them; what cannot be one is told apart from what was missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.sources.file.mapping import as_text

__all__ = ["DTYPES", "cast"]

DTYPES = {"text": "str", "integer": "Int64", "number": "float64", "boolean": "boolean", "date": "datetime64[ms]"}
"""The pandas type of each type of column; all but text and number have their own missing value."""

_TRUTH = {
    **dict.fromkeys(("true", "1", "ja", "j", "yes", "y", "sand"), True),
    **dict.fromkeys(("false", "0", "nej", "n", "no", "falsk"), False),
}
_DATES = ("ISO8601", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d")
_DANISH_NUMBER = r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+"
_HOME = "Europe/Copenhagen"


def cast(values: pd.Series[Any], kind: str) -> tuple[pd.Series[Any], NDArray[np.bool_]]:
    """Cast values to a type of the contract; return them and which were there but could not be cast.

    Numbers are read with decimal point or Danish decimal comma, truth as true/false, 1/0 or ja/nej, dates as ISO or
    day-month-year. An empty text is missing.

    Examples
    --------
    >>> values, bad = cast(pd.Series(["12,5", "7", "", "many"]), "number")
    >>> values.tolist(), bad.tolist()
    ([12.5, 7.0, nan, nan], [False, False, False, True])
    """
    present = values.notna().to_numpy(bool)
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        present = present & (values.astype(str).str.strip() != "").to_numpy(bool)
    result = {"text": _text, "integer": _integer, "number": _number, "boolean": _boolean, "date": _date}[kind](
        values.where(present)
    )
    return result, present & result.isna().to_numpy(bool)


def _text(values: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(values.dtype, pd.StringDtype):
        return values.str.strip().astype("str")
    return pd.Series([as_text(value) if pd.notna(value) else None for value in values], values.index, dtype="str")


def _floats(values: pd.Series[Any]) -> pd.Series[Any]:
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        texts = values.map(as_text, na_action="ignore").astype("str").str.replace(" ", "")
        danish = texts.str.fullmatch(_DANISH_NUMBER).fillna(False).to_numpy(bool)
        points = texts.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        values = pd.to_numeric(texts.mask(danish, points), errors="coerce")
    elif pd.api.types.is_datetime64_any_dtype(values.dtype):
        return pd.Series(np.nan, values.index, dtype="float64")
    floats = values.astype("Float64").astype("float64")
    return floats.where(np.isfinite(floats))


def _number(values: pd.Series[Any]) -> pd.Series[Any]:
    return _floats(values)


def _integer(values: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.astype("Int64")
    floats = _floats(values)
    return floats.where(floats == np.round(floats)).astype("Int64")


def _boolean(values: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean")
    truths = [_TRUTH.get(as_text(value).lower()) if pd.notna(value) else None for value in values]
    return pd.Series(truths, values.index, dtype="boolean")


def _date(values: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days = values
    elif pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(pd.NaT, values.index, dtype="datetime64[ms]")
    else:
        days = _parsed(values.astype("str"))
    if getattr(days.dtype, "tz", None) is not None:
        days = days.dt.tz_convert(_HOME).dt.tz_localize(None)
    normal: pd.Series[Any] = days.dt.normalize().astype("datetime64[ms]")
    return normal


def _parsed(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Parse each text with the first form that fits it."""
    days = pd.Series(pd.NaT, texts.index, dtype="datetime64[ms]")
    for form in _DATES:
        read = pd.to_datetime(texts.where(days.isna()), format=form, errors="coerce", utc=form == "ISO8601")
        if form == "ISO8601":  # a time zone may stand in some of them
            read = read.dt.tz_localize(None)
        days = days.fillna(read.astype("datetime64[ms]"))
    return days
