"""The indicators of every run, a line each, for a spreadsheet."""

from __future__ import annotations

import codecs
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.results._pace import Measured
from ballerup_geo.results._result import Result
from ballerup_geo.storage import append_csv, read_csv

__all__ = ["measured_before", "record_history"]

_REAL = "kept"
_WHERE = "results/history.csv"
_KEEP = "restore the heading and the lines, or move the file away and keep it: a new one is begun"
_KEY = 7
"""Which column, from 0, holds the run's key."""
_OURS = re.compile(rb"[0-9a-f]{12}")


def record_history(out: Path, result: Result) -> bool:
    """Add a result's indicators to ``results/history.csv`` unless they stand there; say whether they were added."""
    path = _path(out)
    time, key = str(result.run["time"]), result.key[:12]
    if _stands(path, f"{time};{result.analysis};", key):
        return False
    notice = result.run["notice"]
    rows = [
        {
            "time": time,
            "analysis": result.analysis,
            "method": f"{result.run['method']['id']} {result.run['method']['version']}",
            "data": result.run["data"],
            "indicator": name,
            "value": figure["value"],
            "unit": figure["unit"],
            "key": key,
            "notice": notice["da"] if notice else "",
        }
        for name, figure in result.indicators.items()
    ]
    append_csv(path, pd.DataFrame(rows))
    return True


def measured_before(out: Path, analysis_id: str) -> dict[str, list[Measured]]:
    """Return what earlier runs on real data measured: indicator → days and values, in the order of the file.

    Runs on the modelled municipality measure nothing. Lines that a spreadsheet has broken are left out; an emptied
    file tells of no run.

    Raises
    ------
    DataError
        The file lacks a column, or cannot be read.
    """
    path = _path(out)
    if _content(path).strip() in (b"", codecs.BOM_UTF8):
        return {}
    try:
        rows = read_csv(path)
    except DataError as error:
        raise DataError(Fault(_WHERE, "", "is no table any more", _KEEP)) from error
    missing = [name for name in ("time", "analysis", "data", "indicator", "value") if name not in rows]
    if missing:
        raise DataError(Fault(_WHERE, ", ".join(missing), "column is missing", _KEEP))
    own = rows[(rows["analysis"] == analysis_id) & (rows["data"] == _REAL)]
    value = pd.to_numeric(own["value"].str.replace(",", "."), errors="coerce")
    day = pd.to_datetime(own["time"].str[:10], format="%Y-%m-%d", errors="coerce")
    known = np.isfinite(value) & day.notna()
    found: dict[str, list[Measured]] = {}
    for name, when, what in zip(own["indicator"][known], day[known], value[known], strict=True):
        found.setdefault(str(name), []).append((date(when.year, when.month, when.day), float(what)))
    return found


def _path(out: Path) -> Path:
    return out / "results" / "history.csv"


def _content(path: Path) -> bytes:
    """Return the file as it is; nothing where there is none."""
    try:
        return path.read_bytes() if path.exists() else b""
    except OSError as error:
        todo = "close it in other programs and see that it may be read; what was measured before stands there only"
        raise DataError(Fault(_WHERE, "", f"cannot be read ({error.strerror})", todo)) from error


def _stands(path: Path, beginning: str, key: str) -> bool:
    """Look for a run by the bytes of its lines: the file may have been through a spreadsheet.

    A key that is none of ours is one that a spreadsheet has taken for a number: then time and analysis decide.
    """
    lines = (line for line in _content(path).splitlines() if line.startswith(beginning.encode()))
    keys = (line.split(b";")[_KEY] for line in lines if line.count(b";") >= _KEY)
    return any(each == key.encode() or not _OURS.fullmatch(each) for each in keys)
