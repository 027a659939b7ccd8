"""The rainwater analysis is the sum of its parts: each declares what it needs and gives, and computes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from ballerup_geo.raster import Raster
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputRaster, OutputTable
from ballerup_geo.spec.words import Language

if TYPE_CHECKING:
    from ballerup_geo.methods._rainwater_storms import Storms

__all__ = ["Found", "Part", "computed", "merged_inputs"]

Words = Mapping[Language, str]


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


Compute = Callable[[Given, "Storms", Found], Found]
"""Given, the storms on the terrain, and what the parts before found."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the analysis: its share of the declaration, and the function that computes it."""

    compute: Compute
    inputs: tuple[Input, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    tables: tuple[OutputTable, ...] = ()
    rasters: tuple[OutputRaster, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    limits: tuple[Words, ...] = ()
    apart: bool = False
    """Whether it reads nothing that other parts found, and works on a terrain of its own: then it need not wait."""


def computed(parts: Sequence[Part], given: Given, storms: Storms, found: Found, *, at_once: bool) -> Found:
    """Compute the parts in their order, those that stand apart beside the others.

    Where several parts have no answer, the first one of them is told.

    Parameters
    ----------
    found
        What is known before.
    at_once
        Whether there is room for two parts in memory; else they follow one another.
    """
    alone = replace(given, progress=_silent)  # one bar cannot show two things at once
    with ThreadPoolExecutor(1) as pool:
        begun = {
            place: pool.submit(part.compute, alone, storms, found)
            for place, part in enumerate(parts)
            if at_once and part.apart
        }
        for place, part in enumerate(parts):
            one = begun[place].result() if place in begun else part.compute(given, storms, found)
            found = found.and_then(one)
    return found


def _silent(label: str, share: float, /) -> None:
    """Progress that nobody sees."""


def merged_inputs(parts: Iterable[Part]) -> tuple[Input, ...]:
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
