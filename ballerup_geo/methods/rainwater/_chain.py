"""Recipients as a directed chain: each hands its water to the next, until it leaves or has arrived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault

__all__ = ["KINDS", "Chain", "chain_of"]

KINDS = ("outlet", "reach", "area")
"""Water leaves here; passes through; arrives here."""
_PASSES_ON = "reach"


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Who hands water to whom, by label in the rasters (0: nobody), index 0 being no recipient."""

    downstream: NDArray[np.int64]
    """Label of the next recipient, 0 for the end of the chain."""
    final: NDArray[np.int64]
    """Label of the last recipient of the chain that begins here."""

    def with_passed_on(self, first: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add to what each recipient gets first what those upstream hand on to it.

        Parameters
        ----------
        first
            By label, float64[recipients + 1].

        Examples
        --------
        >>> Chain(np.array([0, 2, 0]), np.array([0, 2, 2])).with_passed_on(np.array([5.0, 10.0, 1.0])).tolist()
        [5.0, 10.0, 11.0]
        """
        total = first.copy()
        for label in range(1, first.size):
            onward = int(self.downstream[label])
            while onward:
                total[onward] += first[label]
                onward = int(self.downstream[onward])
        return total


def chain_of(recipients: gpd.GeoDataFrame) -> Chain:
    """Read the chain from ``recipient_id``, ``kind`` and ``downstream_id`` (the last two where the layer has them).

    Raises
    ------
    DataError
        A recipient_id twice; an unknown kind or downstream_id; recipients that lead in a circle; a reach that leads
        nowhere. All such places are named.
    """
    ids = [str(name) for name in recipients["recipient_id"]]
    onward = dict(zip(ids, _texts(recipients, "downstream_id"), strict=True))
    kinds = dict(zip(ids, _texts(recipients, "kind"), strict=True))
    faults = [*_row_faults(ids, onward, kinds), *_circle_faults(onward)]
    if faults:
        raise DataError(faults)
    label = {name: place for place, name in enumerate(ids, start=1)}
    downstream = np.array([0, *(label[to] if to else 0 for to in onward.values())], dtype=np.int64)
    final = np.arange(downstream.size)
    while downstream[final].any():
        final = np.where(downstream[final] > 0, downstream[final], final)
    return Chain(downstream, final)


def _texts(recipients: gpd.GeoDataFrame, column: str) -> list[str]:
    """Return a column's texts, "" where there is none."""
    if column not in recipients:
        return [""] * len(recipients)
    return ["" if pd.isna(value) else str(value).strip() for value in recipients[column]]


def _row_faults(ids: list[str], onward: dict[str, str], kinds: dict[str, str]) -> Iterator[Fault]:
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield Fault("recipients", f"recipient_id ({name})", "stands twice", "give each recipient one row")
    for name, to in onward.items():
        if to and to not in onward:
            what = f'leads to "{to}", which is no recipient'
            yield Fault("recipients", f"downstream_id ({name})", what, "name a recipient_id, or leave it empty")
        if kinds[name] == _PASSES_ON and not to:
            what = "water passes through, but to nowhere"
            todo = "name the recipient it leads to, or make it an outlet"
            yield Fault("recipients", f"downstream_id ({name})", what, todo)
        if kinds[name] not in ("", *KINDS):
            yield Fault("recipients", f"kind ({name})", f'"{kinds[name]}" is no kind', f"use {', '.join(KINDS)}")


def _circle_faults(onward: dict[str, str]) -> Iterator[Fault]:
    """Tell each circle once, at its first recipient in the order of the alphabet."""
    for name in onward:
        way = [name]
        while (to := onward.get(way[-1], "")) and to not in way:
            way.append(to)
        if to == name == min(way):
            what = f"water runs in a circle: {' → '.join([*way, name])}"
            yield Fault("recipients", f"downstream_id ({name})", what, "let one of them lead out of it")
