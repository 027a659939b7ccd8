"""The indicators of every run, a line each, for a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ballerup_geo.results._result import Result
from ballerup_geo.storage import append_csv

__all__ = ["record_history"]


def record_history(out: Path, result: Result) -> bool:
    """Add a result's indicators to ``results/history.csv`` unless they stand there; say whether they were added."""
    path = out / "results" / "history.csv"
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


def _stands(path: Path, beginning: str, part: str) -> bool:
    """Look for a line by its bytes: the file may have been through a spreadsheet."""
    lines = path.read_bytes().splitlines()
    return any(line.startswith(beginning.encode()) and part.encode() in line for line in lines)
