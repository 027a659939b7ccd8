"""How a column is shown: its title, unit and codes, from the layer file or the method's declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ballerup_geo import methods
from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.publish.anonymous import guard_of_layer, guard_of_table
from ballerup_geo.publish.pack import plain
from ballerup_geo.publish.text import UNKNOWN, unit_text, with_unit
from ballerup_geo.spec import MapLayer, OutputTable, Text
from ballerup_geo.spec.codelists import codes_of
from ballerup_geo.spec.faults import nearest

__all__ = [
    "Shown",
    "columns_of",
    "declared_columns",
    "key_of",
    "output_table",
    "shown_fields",
    "tells_apart",
]

_YEARS = ("year", "year_built")


@dataclass(frozen=True, slots=True)
class Shown:
    """A column as its reader meets it."""

    column: str
    title: Text
    unit: str | None = None
    digits: int | None = None
    codes: Mapping[str, Text] | None = None
    missing: Text | None = None
    """What a missing value is called where it may have been withheld; None: unknown."""

    @property
    def year(self) -> bool:
        """Years are written without a thousands separator."""
        return self.column in _YEARS or self.column.endswith("_year")

    @property
    def heading(self) -> Text:
        """The title as it begins a line."""
        return Text(da=self.title.da[0].upper() + self.title.da[1:], en=self.title.en[0].upper() + self.title.en[1:])

    def written(self, value: Any) -> Text:
        """Return a value in both languages: decoded, with unit, or the word for unknown."""
        if value is None or value is pd.NA or value != value or value == "":
            return self.missing or UNKNOWN
        if self.codes and str(value) in self.codes:
            return self.codes[str(value)]
        native = value.item() if hasattr(value, "item") else value
        return with_unit(plain(native), self.unit, self.digits, year=self.year)  # the table says what a click says

    def for_page(self) -> dict[str, Any]:
        """Return the column as the page's script reads it."""
        said: dict[str, Any] = {"column": self.column, "title": self.title.model_dump()}
        if self.unit is not None:
            words = unit_text(self.unit) if self.unit else Text(da="-", en="-")
            said["unit"] = words.da if words.da == words.en else words.model_dump()
        if self.digits is not None:
            said["digits"] = self.digits
        if self.year:
            said["year"] = True
        if self.codes:
            said["codes"] = {code: meaning.model_dump() for code, meaning in self.codes.items()}
        if self.missing is not None:
            said["missing"] = self.missing.model_dump()
        return said


def output_table(
    project: Project, result: str | None, table: str | None, *, where: str, homes: bool = False
) -> OutputTable:
    """Return the declaration of a result table; ``homes``: it may tell about single homes.

    Raises
    ------
    ProjectError
        The project has no such analysis, its method no such table, or the table tells about single homes and may not.
    """
    if result is None or result not in project.analyses:
        raise ProjectError(
            Fault(where, "result", f"there is no analysis {result!r}", nearest(str(result), project.analyses))
        )
    tables = {table.name: table for table in methods.get_method(project.analyses[result].method).tables}
    if table not in tables:
        raise ProjectError(Fault(where, "table", f"{result} has no table {table!r}", nearest(str(table), tables)))
    found = tables[str(table)]
    if found.homes and not homes:
        what = f"table {found.name!r} tells about single homes, which are not published"
        raise ProjectError(Fault(where, "table", what, "show a table that aggregates them"))
    return found


def declared_columns(
    project: Project, result: str | None, table: str | None, *, where: str, homes: bool = False
) -> dict[str, Shown]:
    """Return the columns of a result table as its method declares them, by name, in their declared order."""
    declared = output_table(project, result, table, where=where, homes=homes)
    guard = guard_of_table(project, str(result), declared.name)
    return {
        column.name: Shown(
            column.name,
            Text(da=column.da or column.name, en=column.en or column.name),
            column.unit,
            codes=column.codes,
            missing=guard.missing(column.name),
        )
        for column in declared.columns
    }


def columns_of(project: Project, shown: MapLayer, *, where: str, homes: bool = False) -> dict[str, Shown]:
    """Return the columns that a map layer can show, by name, in their declared order."""
    if shown.result is not None:
        return declared_columns(project, shown.result, shown.table, where=where, homes=homes)
    if shown.layer is None or shown.layer not in project.layers:
        raise ProjectError(
            Fault(where, "layer", f"there is no layer {shown.layer!r}", nearest(str(shown.layer), project.layers))
        )
    guard = guard_of_layer(project, shown.layer)
    return {
        name: Shown(name, column.title, column.unit, codes=codes_of(column), missing=guard.missing(name))
        for name, column in project.layers[shown.layer].columns.items()
    }


def shown_fields(fields: Sequence[Any], known: Mapping[str, Shown], *, where: str) -> tuple[Shown, ...]:
    """Return the fields of a map file with title, unit and codes.

    Raises
    ------
    ProjectError
        A field names a column that is not declared.
    """
    found = []
    for field in fields:
        if field.column not in known:
            what = f"there is no column {field.column!r}"
            raise ProjectError(Fault(where, "fields", what, nearest(field.column, known)))
        column = known[field.column]
        title = field.title or column.heading
        found.append(Shown(column.column, title, column.unit, field.digits, column.codes, column.missing))
    return tuple(found)


def key_of(project: Project, shown: MapLayer, frame: pd.DataFrame) -> str | None:
    """Return the column whose value names a feature in the address, or None: the row's number does.

    A layer's unique column, or the first column that a method declares, if it tells the rows apart.
    """
    if shown.result is not None:
        candidates = [
            column.name for column in output_table(project, shown.result, shown.table, where="", homes=True).columns[:1]
        ]
    else:
        candidates = [name for name, column in project.layers[str(shown.layer)].columns.items() if column.unique]
    return next((name for name in candidates if name in frame.columns and tells_apart(frame[name])), None)


def tells_apart(values: pd.Series[Any]) -> bool:
    """Say whether a column's values can name its rows: texts or whole numbers, all known, no two the same."""
    if pd.api.types.is_float_dtype(values) or pd.api.types.is_bool_dtype(values):
        return False  # written with fewer digits than it has; a name is a text or a whole number
    return bool(values.notna().all() and values.astype(str).is_unique)
