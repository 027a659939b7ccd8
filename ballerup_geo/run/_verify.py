"""An outcome against what its method declared and what the analysis expects."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.raster import CRS
from ballerup_geo.results import raster_names
from ballerup_geo.run._rasters import checked_rasters, raster_problems
from ballerup_geo.spec import Analysis, Method, Outcome, OutputColumn, OutputTable

__all__ = ["expectations", "verified"]

_GEOMETRY = {
    "point": {"Point", "MultiPoint"},
    "line": {"LineString", "MultiLineString"},
    "polygon": {"Polygon", "MultiPolygon"},
}


def verified(method: Method, outcome: Outcome) -> Outcome:
    """Return the outcome with tables, columns, rasters and indicators in the declared order.

    A raster that is still to be made is checked when it is (:func:`checked_rasters`).

    Raises
    ------
    RuntimeError
        The method gave something else than it declares: a bug of the method, not of the data.
    """
    rasters = raster_names(method, outcome.tables)
    problems = [
        *_names("tables", [table.name for table in method.tables], outcome.tables),
        *_names("rasters", rasters, outcome.rasters),
        *_names("indicators", [indicator.name for indicator in method.indicators], outcome.indicators),
        *_names("answer", ["da", "en"], outcome.answer),
        *_names("answers", list(method.answers), outcome.answers),
        *[
            problem
            for name, answer in outcome.answers.items()
            for problem in _names(f"answers.{name}", ["da", "en"], answer)
        ],
        *raster_problems(outcome.rasters),
        *[
            f"indicator {name} is {value!r}"
            for name, value in outcome.indicators.items()
            if value is not None and not math.isfinite(value)
        ],
    ]
    for table in method.tables:
        if table.name in outcome.tables:
            problems.extend(_table_problems(table, outcome.tables[table.name]))
    if problems:
        raise RuntimeError(f"method {method.id} breaks its declaration: {'; '.join(problems)}")
    return replace(
        outcome,
        tables={table.name: _ordered(table, outcome.tables[table.name]) for table in method.tables},
        rasters=checked_rasters(method, outcome, rasters),
        indicators={indicator.name: outcome.indicators[indicator.name] for indicator in method.indicators},
        answers={name: outcome.answers[name] for name in method.answers},
    )


def _names(what: str, declared: list[str], given: Mapping[Any, Any]) -> list[str]:
    missing = [f"{what}: {name} is missing" for name in declared if name not in given]
    return missing + [f"{what}: {name} is not declared" for name in given if name not in declared]


def _table_problems(table: OutputTable, frame: pd.DataFrame) -> list[str]:
    spatial = isinstance(frame, gpd.GeoDataFrame)
    if spatial == (table.geometry == "table"):
        return [f"table {table.name} {'has' if spatial else 'lacks'} geometry"]
    own = [str(name) for name in frame.columns if not spatial or name != gpd.GeoDataFrame(frame).geometry.name]
    problems = _names(f"table {table.name}", [column.name for column in table.columns], dict.fromkeys(own))
    if spatial:
        problems.extend(_geometry_problems(table, gpd.GeoDataFrame(frame)))
    if len(frame):
        problems.extend(
            f"table {table.name}: {column.name} holds {frame[column.name].dtype}, declared is {column.type}"
            for column in table.columns
            if column.name in frame and not _is_type(frame[column.name], column)
        )
    return problems


def _geometry_problems(table: OutputTable, frame: gpd.GeoDataFrame) -> list[str]:
    problems = [] if frame.crs == CRS else [f"table {table.name} is in {frame.crs}"]
    if frame.geometry.isna().any() or frame.geometry.is_empty.any():
        problems.append(f"table {table.name} has rows without geometry")
    other = set(frame.geom_type.dropna()) - _GEOMETRY.get(table.geometry, set(frame.geom_type.dropna()))
    return problems + [f"table {table.name} has {kind}, declared is {table.geometry}" for kind in sorted(other)]


def _is_type(values: pd.Series[Any], column: OutputColumn) -> bool:
    kinds = pd.api.types
    if values.isna().all():
        return True
    return {
        "text": kinds.is_string_dtype(values.dtype) or values.dtype == object,
        "integer": kinds.is_integer_dtype(values.dtype),
        "number": kinds.is_numeric_dtype(values.dtype),
        "boolean": kinds.is_bool_dtype(values.dtype),
        "date": kinds.is_datetime64_any_dtype(values.dtype),
    }[column.type]


def _ordered(table: OutputTable, frame: pd.DataFrame) -> pd.DataFrame:
    names = [column.name for column in table.columns]
    if isinstance(frame, gpd.GeoDataFrame):
        names.append(frame.geometry.name)
    return frame[names].reset_index(drop=True)


def expectations(where: str, analysis: Analysis, method: Method, outcome: Outcome) -> tuple[dict[str, Any], ...]:
    """Return each expectation with the value found and whether it holds (None: the value is unknown).

    Raises
    ------
    MethodError
        One does not hold; all that do not are named, and no result is to be written.
    """
    units = {indicator.name: indicator.unit for indicator in method.indicators}
    checks, faults = [], []
    for name, expected in analysis.expectations.items():
        value = outcome.indicators[name]
        low = -math.inf if expected.minimum is None else expected.minimum
        high = math.inf if expected.maximum is None else expected.maximum
        holds = None if value is None else low <= value <= high
        range_ = {"minimum": expected.minimum, "maximum": expected.maximum}
        checks.append({"indicator": name, **range_, "value": value, "holds": holds})
        if holds is False:
            wanted = f"at least {low:g}" if high == math.inf else f"at most {high:g}"
            wanted = f"{low:g}–{high:g}" if math.isfinite(low) and math.isfinite(high) else wanted
            what = f"is {value:g} {units[name]}, expected {wanted}: {expected.why.en}"
            todo = "check the inputs; if the figure is right, change the expectation. The last result is unchanged"
            faults.append(Fault(where, f"expectations.{name}", what, todo))
    if faults:
        raise MethodError(faults)
    return tuple(checks)
