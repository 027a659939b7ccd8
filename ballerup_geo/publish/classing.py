"""A raster's cells in the classes of a map file: which class each cell has, its colour, and how many m² a class covers.

Class 0 is no colour: no data, or less than the first class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ballerup_geo.errors import DataError, Fault, ProjectError
from ballerup_geo.publish.styling import UNKNOWN_COLOUR, Paint
from ballerup_geo.spec import Categories, Classes, Single, Text

__all__ = ["CellClass", "CellClasses", "cell_classes"]

Values = np.ndarray[Any, np.dtype[Any]]
Indices = npt.NDArray[np.uint8]
_MOST = 255
"""Classes that a byte counts, beside "no colour"."""


@dataclass(frozen=True, slots=True)
class CellClass:
    """A class: its label and paint, and the value it begins at, or the one value it means (None: all others)."""

    label: Text
    paint: Paint
    value: float | None


@dataclass(frozen=True, slots=True)
class CellClasses:
    """The classes of a raster layer, in the map file's order."""

    classes: tuple[CellClass, ...]
    by_size: bool
    """True: a class reaches from its value to the next one's; False: a class is one value."""
    opacity: float
    where: str

    def of(self, values: Values, valid: npt.NDArray[np.bool_] | None = None) -> Indices:
        """Return the class of each cell, counted from 1; 0 where there is none.

        Parameters
        ----------
        values
            Cells of any shape, in the raster's own type: a limit of 0.7 is met by the cell nearest to it.
        valid
            False where a cell has no data; without it, only NaN is none.

        Raises
        ------
        DataError
            A cell has a value that the categories do not name, and there is no ``other``.
        """
        found = self._by_size(values) if self.by_size else self._by_value(values, valid)
        if valid is not None:
            found[~valid] = 0
        return found

    def _by_size(self, values: Values) -> Indices:
        found = np.zeros(values.shape, np.uint8)
        for entry in self.classes:  # comparing costs a tenth of searching, and NaN is above no limit
            found += values >= _like(values, entry.value)
        return found

    def _by_value(self, values: Values, valid: npt.NDArray[np.bool_] | None) -> Indices:
        found = np.zeros(values.shape, np.uint8)
        for number, entry in enumerate(self.classes, start=1):
            if entry.value is not None:
                found[values == _like(values, entry.value)] = number
        further = (found == 0) & (values == values)
        if valid is not None:
            further &= valid
        if not further.any():
            return found
        if self.classes[-1].value is not None:
            what = f"the raster has a value without a colour: {values[further][0]}"
            todo = 'add the value, or other = { da = "…", en = "…" }'
            raise DataError(Fault(self.where, "style.categories", what, todo))
        found[further] = len(self.classes)
        return found

    @property
    def palette(self) -> npt.NDArray[np.uint8]:
        """Red, green, blue and alpha of each class ``[classes + 1, 4]``; the page makes the whole layer translucent."""
        rows = [(0, 0, 0, 0)]
        for entry in self.classes:
            colour = entry.paint.fill or UNKNOWN_COLOUR
            rows.append((*(int(colour[at : at + 2], 16) for at in (1, 3, 5)), 255))  # type: ignore[arg-type]
        return np.array(rows, np.uint8)

    def count(self, indices: Indices) -> npt.NDArray[np.int64]:
        """Count the cells of each class, "no colour" first."""
        return np.bincount(indices.reshape(-1), minlength=len(self.classes) + 1).astype(np.int64)

    @property
    def recipe(self) -> list[Any]:
        """What a picture's bytes follow from, beside the raster."""
        return [self.by_size, *([entry.value, entry.paint.fill] for entry in self.classes)]


def _like(values: Values, limit: float | None) -> Any:
    """Return a limit in the cells' type where that holds it: 0.1 as float32 meets 0.1 written as float32."""
    kind = values.dtype
    return kind.type(limit) if kind.kind == "f" and limit is not None else limit


def cell_classes(look: Single | Categories | Classes, *, where: str) -> CellClasses:
    """Return the classes of a raster layer's style.

    Raises
    ------
    ProjectError
        The style is not one for cells: it has no classes, too many, or names a value that no cell can have.
    """
    if isinstance(look, Single):
        raise ProjectError(Fault(where, "style.kind", "a raster has classes or categories", 'set kind = "classes"'))
    entries = _sizes(look) if isinstance(look, Classes) else _values(look, where)
    if len(entries) > _MOST:
        raise ProjectError(Fault(where, "style", f"has {len(entries)} classes", f"use at most {_MOST}"))
    return CellClasses(tuple(entries), isinstance(look, Classes), look.fill_opacity, where)


def _sizes(look: Classes) -> list[CellClass]:
    return [CellClass(entry.label, _paint(entry.colour, look), entry.minimum) for entry in look.classes]


def _values(look: Categories, where: str) -> list[CellClass]:
    words = [entry.value for entry in look.categories if isinstance(entry.value, str)]
    if words:
        what = f"cells are numbers, and a category is the text {words[0]!r}"
        raise ProjectError(Fault(where, "style.categories", what, "write the number that the raster holds"))
    entries = [CellClass(entry.label, _paint(entry.colour, look), float(entry.value)) for entry in look.categories]
    if look.other is not None:
        entries.append(CellClass(look.other, _paint(look.fill or UNKNOWN_COLOUR, look), None))
    return entries


def _paint(colour: str, look: Classes | Categories) -> Paint:
    return Paint(colour, look.fill_opacity, None, 0.0, "solid", 0.0)
