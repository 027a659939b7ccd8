"""An analysis is the sum of its parts: each declares what it needs and gives, and computes it.

What the parts of one analysis work on, made once from the inputs (the storms on the terrain, the pupils on the street
network), is theirs to choose: ``Part[Storms]`` and ``Part[Scene]`` cannot be mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import pandas as pd

from ballerup_geo.raster import Raster
from ballerup_geo.spec import Assumption, Given, Indicator, Input, Method, Outcome, OutputRaster, OutputTable
from ballerup_geo.spec.words import Language

__all__ = ["Found", "Part", "completed", "computed", "declared", "merged_inputs"]

Words = Mapping[Language, str]

Ground = TypeVar("Ground")
"""What the parts of one analysis work on."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a part found, by the names of its outputs."""

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    rasters: Mapping[str, Raster | Callable[[], Raster]] = field(default_factory=dict)
    indicators: Mapping[str, float | None] = field(default_factory=dict)
    notes: tuple[Words, ...] = ()
    columns: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Columns for tables of other parts: by table, a frame indexed by that table's first column (or first two).

    A declared column that no part delivers is unknown (empty).
    """

    def and_then(self, other: Found) -> Found:
        """Return what both found."""
        return Found(
            {**self.tables, **other.tables},
            {**self.rasters, **other.rasters},
            {**self.indicators, **other.indicators},
            (*self.notes, *other.notes),
            {**self.columns, **{name: self._beside(name, more) for name, more in other.columns.items()}},
        )

    def _beside(self, name: str, more: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([self.columns[name], more], axis=1) if name in self.columns else more


@dataclass(frozen=True, slots=True)
class Part(Generic[Ground]):
    """One part of an analysis: its share of the declaration, and the function that computes it."""

    compute: Callable[[Given, Ground, Found], Found]
    """From what is given, what the parts work on, and what the parts before found."""
    inputs: tuple[Input, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    tables: tuple[OutputTable, ...] = ()
    rasters: tuple[OutputRaster, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    limits: tuple[Words, ...] = ()
    apart: bool = False
    """Whether it reads nothing that other parts found, and works on a copy of its own: then it need not wait."""


def computed(
    parts: Sequence[Part[Ground]], given: Given, ground: Ground, found: Found, *, at_once: bool = False
) -> Found:
    """Compute the parts in their order, those that stand apart beside the others.

    Where several parts have no answer, the first one of them is told.

    Parameters
    ----------
    ground
        What all of them work on.
    found
        What is known before.
    at_once
        Whether there is room for two parts in memory; else they follow one another.
    """
    alone = replace(given, progress=_silent)  # one bar cannot show two things at once
    with ThreadPoolExecutor(1) as pool:
        begun = {
            place: pool.submit(part.compute, alone, ground, found)
            for place, part in enumerate(parts)
            if at_once and part.apart
        }
        for place, part in enumerate(parts):
            one = begun[place].result() if place in begun else part.compute(given, ground, found)
            found = found.and_then(one)
    return found


def _silent(label: str, share: float, /) -> None:
    """Progress that nobody sees."""


def completed(table: OutputTable, found: Found) -> pd.DataFrame:
    """Return a table with the columns that other parts deliver; a declared column that no part delivers is empty."""
    frame = found.tables[table.name]
    more = found.columns.get(table.name)
    if more is not None and len(frame):
        frame = frame.merge(more, how="left", left_on=list(frame.columns[: more.index.nlevels]), right_index=True)
    unknown = [column.name for column in table.columns if column.name not in frame]
    return frame.assign(**{name: pd.Series(None, index=frame.index, dtype=object) for name in unknown})


def declared(
    parts: Sequence[Part[Ground]],
    function: Callable[[Given], Outcome],
    *,
    version: str,
    summary: Words,
    answers: tuple[str, ...] = (),
) -> Method:
    """Return the method that the parts are together, called as its function is."""
    return Method(
        id=function.__name__,
        version=version,
        function=function,
        summary=summary,
        inputs=merged_inputs(parts),
        assumptions=tuple(assumption for part in parts for assumption in part.assumptions),
        tables=tuple(table for part in parts for table in part.tables),
        rasters=tuple(raster for part in parts for raster in part.rasters),
        indicators=tuple(indicator for part in parts for indicator in part.indicators),
        limits=tuple(words for part in parts for words in part.limits),
        answers=answers,
    )


def merged_inputs(parts: Iterable[Part[Ground]]) -> tuple[Input, ...]:
    """Return the inputs of all parts, each name once: its columns together, required if one part requires it."""
    merged: dict[str, Input] = {}
    for wanted in (wanted for part in parts for wanted in part.inputs):
        known = merged.get(wanted.name)
        merged[wanted.name] = wanted if known is None else _both(known, wanted)
    return tuple(merged.values())


def _both(one: Input, other: Input) -> Input:
    if one.geometry != other.geometry:
        raise RuntimeError(f"two parts read input {one.name} as {one.geometry} and as {other.geometry}")
    columns = tuple(dict.fromkeys((*one.columns, *other.columns)))
    optional = dict.fromkeys((*one.optional_columns, *other.optional_columns))
    return replace(
        one,
        columns=columns,
        optional_columns=tuple(name for name in optional if name not in columns),
        required=one.required or other.required,
    )
