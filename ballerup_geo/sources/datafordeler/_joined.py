"""Entities put together by their identifiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import geopandas as gpd
import pandas as pd

from ballerup_geo.sources._request import FetchRequest
from ballerup_geo.sources.datafordeler._file import from_file
from ballerup_geo.sources.datafordeler._graphql import from_graphql
from ballerup_geo.sources.datafordeler._table import Came, Wanted
from ballerup_geo.sources.datafordeler._wfs import from_wfs
from ballerup_geo.sources.file.mapping import as_text
from ballerup_geo.spec import DatafordelerJoin, DatafordelerTable, KeyName

__all__ = ["assemble", "dissolved"]

_ACCESS: dict[str, Callable[[Wanted], Came]] = {"file": from_file, "wfs": from_wfs, "graphql": from_graphql}
_COUNT = "count"


def assemble(
    table: DatafordelerTable,
    joins: Sequence[DatafordelerJoin],
    columns: set[str],
    request: FetchRequest,
    *,
    place: str,
    key: KeyName | None = None,
) -> Came:
    """Return an entity with those joined to it; a joined column is called ``<name>.<column>``.

    The geometry is that of the first entity that has one.
    """
    key = getattr(table, "key", key)
    needed = columns | {join.on for join in joins}
    own = frozenset(name for name in needed if not any(name.startswith(f"{join.name}.") for join in joins))
    came = _ACCESS[table.access](Wanted(table, own, request, place, key))
    for number, join in enumerate(joins):
        theirs = {name.removeprefix(f"{join.name}.") for name in needed if name.startswith(f"{join.name}.")}
        wanted = (theirs - {_COUNT} if join.count else theirs) | {join.to}
        at = f"{place}.join[{number}]" if place else f"join[{number}]"
        other = assemble(join, join.join, wanted, request, place=at, key=key)
        came = _joined(came, other, join)
    return came


def _joined(came: Came, other: Came, join: DatafordelerJoin) -> Came:
    """Put the columns of another entity beside those that came."""
    mine, theirs = _keys(came.frame[join.on]), _keys(other.frame[join.to])
    if join.count:
        added: pd.DataFrame = theirs.value_counts().to_frame(_COUNT)
        notes: list[str] = []
    else:
        added, notes = _first_of_each(other.frame, theirs, join)
    found = mine.isin(added.index)
    if not join.count:
        lost = f"{int((~found).sum())} of {len(mine)} rows have no {join.name}"
        notes += [f"{lost}{', and are left out' if join.unmatched == 'drop' else ''}"] if not found.all() else []
        unused = len(added) - int(added.index.isin(mine).sum())
        notes += [f"{unused} of {len(added)} rows of {join.name} belong to none"] if unused else []
    beside = added.reindex(mine).set_axis(came.frame.index, axis=0)
    frame = _beside(came.frame, beside, join)
    if join.count:
        frame[f"{join.name}.{_COUNT}"] = frame[f"{join.name}.{_COUNT}"].fillna(0).astype("int64")
    elif join.unmatched == "drop":
        frame = frame[found.to_numpy(bool)]
    offered = (*came.offered, *(f"{join.name}.{name}" for name in ((_COUNT,) if join.count else other.offered)))
    dates = [date for date in (came.date, other.date) if date]
    return Came(
        frame,
        offered,
        f"{came.origin}; {other.origin}",
        (*came.notes, *other.notes, *notes),
        min(dates) if dates else None,
    )


def _keys(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return identifiers as texts in small letters: UUIDs are written both ways, numbers in several."""
    return values.map(lambda value: as_text(value).lower(), na_action="ignore").astype(object)


def _first_of_each(frame: pd.DataFrame, keys: pd.Series[Any], join: DatafordelerJoin) -> tuple[pd.DataFrame, list[str]]:
    known = frame[keys.notna()].set_axis(pd.Index(keys[keys.notna()], dtype=object), axis=0)
    repeated = known.index.duplicated()
    notes = [f"{int(repeated.sum())} rows of {join.name} repeat a {join.to}; the first of each is taken"]
    return known[~repeated], notes if repeated.any() else []


def _beside(frame: pd.DataFrame, beside: pd.DataFrame, join: DatafordelerJoin) -> pd.DataFrame:
    shapes = beside.geometry if isinstance(beside, gpd.GeoDataFrame) else None
    named = pd.DataFrame(beside.drop(columns="geometry", errors="ignore")).add_prefix(f"{join.name}.")
    together: pd.DataFrame = frame.join(named)
    if shapes is None or isinstance(frame, gpd.GeoDataFrame):
        return together
    placed: pd.DataFrame = gpd.GeoDataFrame(together, geometry=shapes, crs=shapes.crs)
    return placed


def dissolved(frame: pd.DataFrame, column: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return one row for each value of a column: shapes united, all else from the first row."""
    repeated = int(frame[column].duplicated().sum())
    if not repeated or not isinstance(frame, gpd.GeoDataFrame):
        return frame, ()
    united = cast(gpd.GeoDataFrame, frame.dissolve(by=column, sort=False, as_index=False, dropna=False))
    return united, (f"{repeated} further parts were united with others of the same {column}",)
