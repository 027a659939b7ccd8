"""k-anonymity: what is published of columns that tell about persons or homes.

A value is withheld where fewer than ``k`` persons or homes stand behind its row, or where nobody knows how many. A
published total minus all shown values must not give a withheld one back, so what is withheld of a column is always at
least two rows with at least ``k`` behind them together; the smallest of the others are withheld with them. That holds
for the whole table and for each step of a slider, since totals are told of both. All that is withheld looks alike:
a row that covers for another must not tell that it does.

What is withheld depends on the table and ``k`` alone, and ``k`` is the largest of all maps that show the table: two
pages, or a page and a download, never add up to more than one of them says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ballerup_geo import methods
from ballerup_geo.project import Project
from ballerup_geo.spec import Map, Text

__all__ = ["Guard", "guard_of_layer", "guard_of_table"]

Frame = TypeVar("Frame", bound=pd.DataFrame)
Mask = npt.NDArray[np.bool_]

_DEFAULT_K: int = Map.model_fields["k"].default


@dataclass(frozen=True, slots=True)
class Guard:
    """What protects the persons and homes behind the rows of one table."""

    behind: Mapping[str, str]
    """Private column → the column that counts the persons or homes behind a row; empty where nothing is private."""
    k: int
    groups: tuple[str, ...] = ()
    """Columns that divide the table into parts whose totals are told on their own."""

    def published(self, frame: Frame) -> Frame:
        """Return the table as it may leave the house: a withheld value is missing."""
        hidden = {column: self._hidden(frame, column) for column in self.behind if column in frame.columns}
        changed = {column: _without(frame[column], mask) for column, mask in hidden.items() if mask.any()}
        return frame.assign(**changed) if changed else frame

    def missing(self, column: str) -> Text | None:
        """Return what a missing value of a column is called, or None where it is simply unknown."""
        if column not in self.behind:
            return None
        return Text(
            da=f"skjult for at værne om færre end {self.k}, eller ukendt",
            en=f"withheld to protect fewer than {self.k}, or unknown",
        )

    def _hidden(self, frame: pd.DataFrame, column: str) -> Mask:
        known = frame[column].notna().to_numpy(dtype=bool)
        counts = _counts(frame, self.behind[column])
        hidden = known & (counts < self.k)
        parts = list(_parts(frame, self.groups))
        before = -1
        while hidden.sum() != before:  # covering in one part may leave a single row in another
            before = int(hidden.sum())
            for part in parts:
                _cover(hidden, known & part, counts, self.k)
        return hidden


def guard_of_layer(project: Project, layer: str) -> Guard:
    """Return what protects a project layer."""
    columns = project.layers[layer].columns
    behind = {name: column.behind for name, column in columns.items() if column.behind is not None}
    shown = [found for found in project.maps.values() if layer in _layers_of(found)]
    groups = {
        table.step_column
        for found in shown
        for table in found.tables
        if table.map_layer in {each.id for each in found.layers if each.layer == layer}
    }
    return Guard(behind, _largest(shown), _named(groups))


def guard_of_table(project: Project, result: str, table: str) -> Guard:
    """Return what protects a table of a result."""
    declared = methods.get_method(project.analyses[result].method).tables
    columns = [column for entry in declared if entry.name == table for column in entry.columns]
    behind = {column.name: column.behind for column in columns if column.behind is not None}
    shown = [found for found in project.maps.values() if result in _results_of(found)]
    groups = set()
    for found in shown:
        drawn = {each.id for each in found.layers if (each.result, each.table) == (result, table)}
        for each in found.tables:
            if each.map_layer in drawn or (each.result, each.table) == (result, table):
                groups.add(each.step_column)
    return Guard(behind, _largest(shown), _named(groups))


def _layers_of(found: Map) -> set[str | None]:
    return {each.layer for each in found.layers} | {each.layer for each in found.search}


def _results_of(found: Map) -> set[str | None]:
    slider = found.slider.result if found.slider is not None else None
    handouts = found.handouts.result if found.handouts is not None else None
    return {
        found.analysis,
        slider,
        handouts,
        *(each.result for each in found.layers),
        *(each.result for each in found.tables),
    }


def _largest(shown: list[Map]) -> int:
    return max((found.k for found in shown), default=_DEFAULT_K)


def _named(groups: set[str | None]) -> tuple[str, ...]:
    return tuple(sorted(name for name in groups if name is not None))


def _counts(frame: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    """Return how many stand behind each row; 0 where nobody knows."""
    if column not in frame.columns:
        return np.zeros(len(frame))
    numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, 0.0)


def _parts(frame: pd.DataFrame, groups: tuple[str, ...]) -> Iterator[Mask]:
    """Yield the rows of which a total may be told: all, and those of each value of a group."""
    yield np.ones(len(frame), dtype=bool)
    for column in groups:
        if column in frame.columns:
            codes, uniques = pd.factorize(frame[column])
            yield from (codes == code for code in range(len(uniques)))


def _cover(hidden: Mask, among: Mask, counts: npt.NDArray[np.float64], k: int) -> None:
    """Withhold the smallest of the others too, until a difference gives two rows and ``k`` persons or homes or more."""
    while True:
        own = hidden & among
        others = np.flatnonzero(among & ~hidden)
        if not own.any() or not len(others) or (own.sum() > 1 and counts[own].sum() >= k):
            return
        hidden[others[np.argmin(counts[others])]] = True


def _without(values: pd.Series[Any], hidden: Mask) -> pd.Series[Any]:
    """Return a column without some of its values; whole numbers stay whole numbers."""
    if pd.api.types.is_bool_dtype(values):
        values = values.astype("boolean")
    elif pd.api.types.is_integer_dtype(values):
        values = values.astype("Int64")
    return values.mask(hidden)
