"""The slider of a map: the rows it steps through, what each is called, and which rows of a table belong to a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ballerup_geo.errors import DataError, Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.publish.columns import Shown, declared_columns, shown_fields, tells_apart
from ballerup_geo.publish.text import is_known
from ballerup_geo.spec import Field_, Slider, Text
from ballerup_geo.spec.faults import nearest

__all__ = ["SliderContent", "Steps", "slider_content"]

Steps = tuple[int, ...]
"""Numbers of steps, the first is 1."""


@dataclass(frozen=True, slots=True)
class SliderContent:
    """A slider with at least one step."""

    slider: Slider
    rows: pd.DataFrame
    columns: dict[str, Shown]
    names: tuple[Text, ...]
    """What each step is called."""
    keys: tuple[str, ...]
    """What each step is called in the address."""
    values: tuple[float | None, ...]
    """What ``from_step`` is compared with."""

    @property
    def start(self) -> int:
        """The step a page opens with; the first is 1."""
        return self.slider.start

    @property
    def all_steps(self) -> Steps:
        """Every step."""
        return tuple(range(1, len(self.names) + 1))

    def steps_from(self, values: pd.Series[Any]) -> list[Steps]:
        """Return for each value of a ``from_step`` column the steps at which its feature is shown; unknown: never."""
        limits = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        reached = [np.nan if value is None else value for value in self.values]
        return [tuple(step for step, value in enumerate(reached, start=1) if limit <= value) for limit in limits]

    def steps_of(self, values: pd.Series[Any], column: str) -> list[Steps]:
        """Return for each value of a table's ``step_column`` the steps whose row says the same."""
        said = [str(value) for value in self.rows[column]]
        return [tuple(step for step, own in enumerate(said, start=1) if own == str(value)) for value in values]


def slider_content(project: Project, slider: Slider, table: pd.DataFrame, *, where: str) -> SliderContent:
    """Read the rows of a slider.

    Raises
    ------
    ProjectError
        The slider names a table or column that is not there, or starts with a row that the table lacks.
    DataError
        The table has no rows, or a value that ``from_step`` would be compared with is no number.
    """
    where = f"{where}: slider"
    columns = declared_columns(project, slider.result, slider.table, where=where)
    fields = shown_fields(slider.label, columns, where=where)
    rows = table.reset_index(drop=True)
    if not len(rows):
        todo = f"run the analysis again: ballerup-geo run {slider.result}"
        raise DataError(Fault(where, "table", f"{slider.table} has no rows to step through", todo))
    if slider.start > len(rows):
        what = f"is {slider.start}, and {slider.table} has {len(rows)} rows"
        raise ProjectError(Fault(where, "start", what, f"write 1 to {len(rows)}"))
    names = tuple(_name(fields, slider.label, row) for _, row in rows[[field.column for field in fields]].iterrows())
    first = next(iter(columns))
    keys = [str(value) for value in rows[first]] if tells_apart(rows[first]) else [str(n + 1) for n in range(len(rows))]
    return SliderContent(slider, rows, columns, names, tuple(keys), _values(slider, rows, columns, where))


def _name(fields: Sequence[Shown], asked: Sequence[Field_], row: pd.Series[Any]) -> Text:
    """Return a step's name: its values with units, each after its title where the map file gives one."""
    parts = []
    for field, wish in zip(fields, asked, strict=True):
        value = field.written(row[field.column])
        before = wish.title
        parts.append(value if before is None else Text(da=f"{before.da} {value.da}", en=f"{before.en} {value.en}"))
    return Text(da=" · ".join(part.da for part in parts), en=" · ".join(part.en for part in parts))


def _values(slider: Slider, rows: pd.DataFrame, columns: dict[str, Shown], where: str) -> tuple[float | None, ...]:
    if slider.value is None:
        return (None,) * len(rows)
    if slider.value not in columns:
        raise ProjectError(
            Fault(where, "value", f"there is no column {slider.value!r}", nearest(slider.value, columns))
        )
    numbers = pd.to_numeric(rows[slider.value], errors="coerce")
    found = [float(value) if is_known(float(value)) else None for value in numbers.to_numpy(float, na_value=np.nan)]
    return tuple(found)
