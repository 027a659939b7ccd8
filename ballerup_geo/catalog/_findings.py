"""What the checks of one layer found: notes for what was mended, faults for what stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.sources.file.mapping import as_text

__all__ = ["Findings", "Seen", "counted", "example"]


@dataclass(slots=True)
class Findings:
    """Collects, so that all faults of a layer come at once."""

    layer_id: str
    origin: str
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def note(self, key: str, what: str) -> None:
        """Remember what was mended."""
        self.notes.append(f"{key}: {what}" if key else what)

    def fault(self, key: str, what: str, todo: str) -> None:
        """Remember what stops the layer."""
        self.faults.append(Fault(f"layer {self.layer_id} ({self.origin})", key, what, todo))

    def stop(self) -> None:
        """Raise all faults found so far, if any."""
        if self.faults:
            raise DataError(self.faults)


@dataclass(slots=True)
class Seen:
    """What was met some rows at a time: how often, and in which row first."""

    number: int = 0
    row: Any = None
    example: str = ""

    def add(self, where: NDArray[np.bool_], rows: pd.Index[Any], told: Callable[[int], str] | None = None) -> None:
        """Count rows; ``told`` gives an example from the first of them, by its place."""
        number = int(where.sum())
        if number and not self.number:
            first = int(np.argmax(where))
            self.row = rows[first]
            self.example = "" if told is None else told(first)
        self.number += number


def counted(number: int, noun: str) -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1200 rows')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def example(values: pd.Series, where: NDArray[np.bool_]) -> str:
    """Show the first of the values chosen, with its row."""
    row = int(np.argmax(where))
    return f'first: "{as_text(values.iloc[row])}" in row {values.index[row]}'
