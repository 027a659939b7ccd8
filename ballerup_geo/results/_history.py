"""The indicators of every run, a line each, for a spreadsheet."""

from __future__ import annotations

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


def record_history(out: Path, result: Result) -> bool:
    """Add a result's indicators to ``results/history.csv`` unless they stand there; say whether they were added."""
    path = _path(out)
    time, key = str(result.run["time"]), result.key[:12]
    if path.exists() and _stands(path, f"{time};{result.analysis};", f";{key};"):
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

    Runs on the modelled municipality measure nothing. Lines that a spreadsheet has broken are left out.

    Raises
    ------
    DataError
        The file lacks a column, or cannot be read.
    """
    path = _path(out)
    if not path.exists():
        return {}
    rows = read_csv(path)
    missing = [name for name in ("time", "analysis", "data", "indicator", "value") if name not in rows]
    if missing:
        todo = "restore the heading, or move the file away: a new one is begun"
        raise DataError(Fault("results/history.csv", ", ".join(missing), "column is missing", todo))
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


def _stands(path: Path, beginning: str, part: str) -> bool:
    """Look for a line by its bytes: the file may have been through a spreadsheet."""
    lines = path.read_bytes().splitlines()
    return any(line.startswith(beginning.encode()) and part.encode() in line for line in lines)
