"""From a map file's style to paints, the class of each feature, and the legend's entries with their counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.publish.text import UNKNOWN
from ballerup_geo.spec import Categories, Classes, Single, Text

__all__ = ["Entry", "Paint", "Styled", "contrast", "style"]

UNKNOWN_COLOUR = "#8a8f94"


@dataclass(frozen=True, slots=True)
class Paint:
    """How features of one class are drawn: colours as #rrggbb or None, widths and radius in px at the start zoom."""

    fill: str | None
    fill_opacity: float
    line: str | None
    width_px: float
    dash: str
    radius_px: float
    text: str | None = None
    """Colour of names, where the class colours text rather than area or line."""

    @property
    def is_drawn(self) -> bool:
        """False where the features carry names and nothing else."""
        return (self.fill is not None and self.fill_opacity > 0) or (self.line is not None and self.width_px > 0)

    def for_page(self) -> dict[str, Any]:
        """Return the paint as the page's script reads it."""
        return {
            "fill": self.fill,
            "fillOpacity": self.fill_opacity,
            "line": self.line,
            "width": self.width_px if self.line else 0,
            "dash": self.dash,
            "radius": self.radius_px,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend; ``label`` is None where the layer has one look and its title says enough."""

    label: Text | None
    paint: Paint
    count: int


@dataclass(frozen=True, slots=True)
class Styled:
    """The class of each feature (index into ``entries``) and the classes with their counts."""

    classes: tuple[int, ...]
    entries: tuple[Entry, ...]


def style(look: Single | Categories | Classes, frame: pd.DataFrame, *, where: str, missing: Text = UNKNOWN) -> Styled:
    """Give each feature its class; ``missing`` is the label of those without a value.

    Raises
    ------
    ProjectError
        The style names a column that the table lacks, or its classes or categories do not cover the table.
    """
    if isinstance(look, Single):
        entry = Entry(None, _paint(look, look.fill, look.line), len(frame))
        return Styled((0,) * len(frame), (entry,))
    if look.column not in frame.columns:
        known = ", ".join(str(name) for name in frame.columns if name != "geometry")
        raise ProjectError(Fault(where, "style.column", f"there is no column {look.column!r}", f"use one of: {known}"))
    values = frame[look.column]
    if isinstance(look, Categories):
        return _by_value(look, values, where, missing)
    return _by_size(look, values, where, missing)


def _paint(look: Single | Categories | Classes, fill: str | None, line: str | None) -> Paint:
    return Paint(fill, look.fill_opacity, line, look.line_width_px, look.dash, look.radius_px)


def _coloured(look: Categories | Classes, colour: str) -> Paint:
    if look.paint == "line":
        return _paint(look, look.fill, colour)
    return _paint(look, colour, look.line)


def _by_value(look: Categories, values: pd.Series[Any], where: str, unknown: Text) -> Styled:
    classes = np.full(len(values), -1, dtype=np.int64)
    missing = values.isna().to_numpy()
    for index, category in enumerate(look.categories):
        classes[(values == category.value).fillna(False).to_numpy(dtype=bool)] = index
    further = (classes < 0) & ~missing
    if further.any() and look.other is None:
        found = ", ".join(sorted({str(value)[:40] for value in values[further]})[:5])
        what = f"{int(further.sum())} features have a value without a colour: {found}"
        raise ProjectError(Fault(where, "style.categories", what, 'add the values, or other = { da = "…", en = "…" }'))
    labels = [(category.label, category.colour) for category in look.categories]
    if look.other is not None:
        classes[further] = len(labels)
        labels.append((look.other, (look.fill if look.paint == "fill" else look.line) or UNKNOWN_COLOUR))
    return _counted(look, classes, labels, missing, unknown)


def _by_size(look: Classes, values: pd.Series[Any], where: str, unknown: Text) -> Styled:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    missing = ~np.isfinite(numbers)
    limits = [entry.minimum for entry in look.classes]
    classes = np.searchsorted(limits, np.where(missing, limits[0], numbers), side="right").astype(np.int64) - 1
    below = classes < 0
    if below.any():
        what = f"{int(below.sum())} features lie below the lowest class, e.g. {numbers[below].min():g} < {limits[0]:g}"
        raise ProjectError(Fault(where, "style.classes", what, "add a class, or lower the first minimum"))
    return _counted(look, classes, [(entry.label, entry.colour) for entry in look.classes], missing, unknown)


def _counted(
    look: Categories | Classes,
    classes: npt.NDArray[np.int64],
    labels: Sequence[tuple[Text, str]],
    missing: npt.NDArray[np.bool_],
    unknown: Text,
) -> Styled:
    """Count the classes; features without a value get a class of their own, shown only if there are any."""
    shown = list(labels)
    if missing.any():
        classes = np.where(missing, len(shown), classes)
        shown.append((unknown, UNKNOWN_COLOUR))
    counts = np.bincount(classes, minlength=len(shown))
    entries = tuple(
        Entry(label, _coloured(look, colour), int(count)) for (label, colour), count in zip(shown, counts, strict=True)
    )
    return Styled(tuple(int(index) for index in classes), entries)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (#rrggbb), 1 to 21, by WCAG 2.1.

    Examples
    --------
    >>> round(contrast("#ffffff", "#000000"), 1)
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
