"""How a method declares what it needs and what it gives — without values.

A method module holds one :class:`Method`. The analysis file supplies every value, unit and source;
``ballerup-geo check`` compares the two sides, so no number without a source can enter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from ballerup_geo.spec._model import Text

if TYPE_CHECKING:
    import pandas as pd

    from ballerup_geo.raster import Raster

__all__ = [
    "Assumption",
    "Given",
    "Indicator",
    "Input",
    "Method",
    "Outcome",
    "OutputColumn",
    "OutputRaster",
    "OutputTable",
    "Progress",
]

GeometryKind = Literal["point", "line", "polygon", "any", "raster", "table"]


class Progress(Protocol):
    """Told what a long step is doing: a label and the share done, 0 to 1."""

    def __call__(self, label: str, share: float, /) -> None:
        """Take note of the step."""


@dataclass(frozen=True, slots=True)
class Input:
    """An input by name: its geometry and the columns the method reads."""

    name: str
    geometry: GeometryKind
    columns: tuple[str, ...] = ()
    """Needed, even where the layer leaves them optional."""
    optional_columns: tuple[str, ...] = ()
    """Used where present."""
    required: bool = True
    """False: the method runs without it and says what is missing."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value the method needs from the analysis file."""

    name: str
    unit: str
    kind: Literal["number", "integer", "boolean", "text"] = "number"
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unknown: float | None = None
    """The value that stands for "nobody knows": pages write unknown, not the number."""


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of an output table."""

    name: str
    type: Literal["text", "integer", "number", "boolean", "date"]
    unit: str | None = None
    da: str = ""
    en: str = ""
    codes: Mapping[str, Text] | None = None
    """Values that stand for words: what each means, as pages write it."""
    behind: str | None = None
    """The column tells about persons or single homes, and this one of the table (it may be the column itself) counts
    them: no page shows the value where they are fewer than a map's k."""


@dataclass(frozen=True, slots=True)
class OutputTable:
    """A table of the result. ``homes`` marks rows about single homes: they stay in ``results/``, no page shows them."""

    name: str
    geometry: GeometryKind
    columns: tuple[OutputColumn, ...]
    homes: bool = False
    spreadsheet: bool = False
    """Whether ``results/`` holds it as CSV too: a list that somebody works through."""


@dataclass(frozen=True, slots=True)
class OutputRaster:
    """A raster of the result, or one for each row of a table.

    With ``each``, the rasters are called ``<name>-1``, ``<name>-2`` … in the order of that table's rows.
    """

    name: str
    unit: str
    da: str = ""
    en: str = ""
    each: str | None = None
    """A table of the same result."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A headline figure, written with no more digits than are known.

    ``digits`` counts decimals; ``significant`` counts figures from the first one on, for values of any size, and
    goes before ``digits``.
    """

    name: str
    unit: str
    da: str
    en: str
    digits: int = 0
    significant: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What a method is given: inputs by name (None where an optional one is unknown), assumptions by name."""

    inputs: Mapping[str, pd.DataFrame | Raster | None]
    assumptions: Mapping[str, bool | int | float | str]
    progress: Progress
    untold: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """Per input, per column: codes that the layer's source never delivers, so that there may be any."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method gives back. Rows of a table are in a fixed order, so that the same inputs give the same bytes."""

    tables: Mapping[str, pd.DataFrame]
    rasters: Mapping[str, Raster | Callable[[], Raster]]
    """A large raster may be a function that makes it when its file is written, so that one at a time is in memory."""
    indicators: Mapping[str, float | None]
    """None: unknown."""
    answer: Mapping[Literal["da", "en"], str]
    """The answer in one sentence, in both languages."""
    notes: tuple[Mapping[Literal["da", "en"], str], ...] = ()
    """What was missing or done without; shown on the page."""
    answers: Mapping[str, Mapping[Literal["da", "en"], str]] = field(default_factory=dict)
    """Further answers by name, a sentence or two in each language, for maps that ask another question."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it needs, what it gives, and the pure function that does it."""

    id: str
    version: str
    """Raised whenever the same inputs may give other figures."""
    summary: Mapping[Literal["da", "en"], str]
    """How it is computed, for a planner: a paragraph in each language."""
    function: Callable[[Given], Outcome]
    inputs: tuple[Input, ...]
    assumptions: tuple[Assumption, ...] = ()
    tables: tuple[OutputTable, ...] = ()
    rasters: tuple[OutputRaster, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    limits: tuple[Mapping[Literal["da", "en"], str], ...] = ()
    """What it does not consider."""
    answers: tuple[str, ...] = ()
    """Names of the answers it gives beside the main one."""
    on_request: bool = False
    """Computed when asked for by name, never by a run of all analyses."""
