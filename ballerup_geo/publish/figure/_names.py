"""Names on the map: dark with a white halo, none over another; one without room is left out (as labels.js does)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ballerup_geo.publish.figure._layers import Drawn
from ballerup_geo.publish.figure._sheet import MM_PER_PT, Box, Sheet
from ballerup_geo.publish.figure._type import Face, clean, shorten, width_mm
from ballerup_geo.publish.figure._view import View
from ballerup_geo.spec.words import Language

__all__ = ["write_names"]

Rectangle: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right and top, mm."""
_LARGEST_PT, _SMALLEST_PT = 9.0, 7.0
_ANSWER_PT = 7.5
_AIR_MM = 0.8
_SAME_NAME_MM = 60.0
_LONGEST_MM = 60.0
_SHIFTS = (0.0, -1.2, 1.2, -2.4, 2.4, -3.6, 3.6)
"""In type sizes: a name without a point may give way."""
_MANY_POINTS = 300
_DARK = "#3a3f44"


class _Taken:
    """The rectangles that are taken."""

    def __init__(self) -> None:
        self._boxes = np.empty((64, 4))
        self._number = 0

    def add(self, box: Rectangle) -> None:
        if self._number == len(self._boxes):
            self._boxes = np.concatenate([self._boxes, np.empty_like(self._boxes)])
        self._boxes[self._number] = box
        self._number += 1

    def meets(self, box: Rectangle) -> bool:
        own = self._boxes[: self._number]
        return bool(((box[0] < own[:, 2]) & (box[2] > own[:, 0]) & (box[1] < own[:, 3]) & (box[3] > own[:, 1])).any())


def write_names(
    sheet: Sheet, drawn: Sequence[Drawn], view: View, *, language: Language, reserved: Sequence[Box], scale: float = 1.0
) -> int:
    """Write the names of what was drawn; return how many found room.

    Parameters
    ----------
    reserved
        Where nothing may be written: scale bar, north arrow, notice.
    scale
        Of the type sizes: less on small pictures.
    """
    taken = _Taken()
    for box in reserved:
        taken.add((box.left, box.bottom, box.right, box.top))
    _take_points(taken, drawn, view)
    groups = [
        (_turn(found, at), number, found, at)
        for number, found in enumerate(drawn)
        if found.layer is not None and found.shown.labels is not None
        for at in range(len(found.looks))
    ]
    writer = _Writer(sheet, view, taken, language, scale)
    for _, _, found, at in sorted(groups, key=lambda group: group[:2]):
        writer.write(found, at)
    return writer.written


def _turn(found: Drawn, at: int) -> int:
    """The ground's first class (towns) is written first, then the answer, then the rest of the ground."""
    if found.shown.role == "answer":
        return 1
    return 0 if at == 0 else 2


def _take_points(taken: _Taken, drawn: Sequence[Drawn], view: View) -> None:
    for found in drawn:
        if (
            found.layer is None
            or found.kind != "point"
            or found.shown.role != "answer"
            or len(found.rows) > _MANY_POINTS
        ):
            continue
        shapes = np.asarray(found.layer.frame.geometry.array)[found.rows]
        radius = max(look.radius_mm for look in found.looks)
        for x, y in view.place(shapely.get_coordinates(shapes)):
            taken.add((x - radius, y - radius, x + radius, y + radius))


class _Writer:
    def __init__(self, sheet: Sheet, view: View, taken: _Taken, language: Language, scale: float) -> None:
        self.sheet, self.view, self.taken, self.language, self.scale = sheet, view, taken, language, scale
        self.seen: dict[str, list[tuple[float, float]]] = {}
        self.written = 0

    def write(self, found: Drawn, at: int) -> None:
        layer = found.layer
        if layer is None or found.shown.labels is None:
            return
        classes = np.array(layer.styled.classes, dtype=np.int64)
        rows = found.rows[classes[found.rows] == at]
        column = layer.columns[found.shown.labels]
        values = layer.frame[found.shown.labels].iloc[rows]
        is_ground = found.shown.role == "ground"
        size = max(_SMALLEST_PT, _LARGEST_PT - 1.5 * at) if is_ground else _ANSWER_PT
        face: Face = "italic" if not is_ground and found.kind != "point" else "plain"
        paint = layer.styled.entries[at].paint
        ink = found.looks[at].ink
        dot = 0.0
        if found.kind == "point" and paint.fill is not None and paint.fill_opacity > 0:
            dot = found.looks[at].radius_mm + ink.width_pt * MM_PER_PT / 2 + 0.8
        shifts = _SHIFTS[:3] if is_ground else _SHIFTS
        shapes = np.asarray(layer.frame.geometry.array)[rows]
        places = _anchors(shapes, self.view)
        for value, place in zip(values, places, strict=True):
            if place is None or _is_nothing(value):
                continue
            said = column.written(value)
            self._one(
                said.da if self.language == "da" else said.en,
                place,
                size=size * self.scale,
                face=face,
                colour=paint.text or _DARK,
                dot=dot,
                shifts=(0.0,) if dot else shifts,
            )

    def _one(
        self,
        text: str,
        place: tuple[float, float],
        *,
        size: float,
        face: Face,
        colour: str,
        dot: float,
        shifts: Sequence[float],
    ) -> None:
        frame = self.view.frame.inside(_AIR_MM)
        x, y = place
        if not (frame.left <= x <= frame.right and frame.bottom <= y <= frame.top):
            return
        high = size * MM_PER_PT
        if not dot and all(self.taken.meets(_around(x, y - shift * high, 0.1)) for shift in shifts):
            return  # not measured: most names of a full map have no room
        shown = shorten(clean(text[:200], face=face), min(_LONGEST_MM, frame.width), face, size)
        wide = width_mm(shown, face, size) * 1.02
        left = _left(x, wide, dot, frame)
        for shift in shifts:
            middle = y - shift * high
            box = (
                left - _AIR_MM,
                middle - high / 2 - _AIR_MM / 2,
                left + wide + _AIR_MM,
                middle + high / 2 + _AIR_MM / 2,
            )
            if box[1] < frame.bottom - _AIR_MM or box[3] > frame.top + _AIR_MM or self.taken.meets(box):
                continue
            if any(
                math.hypot(left - other[0], middle - other[1]) < _SAME_NAME_MM for other in self.seen.get(shown, [])
            ):
                return
            self.taken.add(box)
            self.seen.setdefault(shown, []).append((left, middle))
            self.sheet.text(
                shown, left, middle - 0.36 * high, size_pt=size, face=face, colour=colour, halo_pt=max(1.6, 0.26 * size)
            )
            self.written += 1
            return


def _around(x: float, y: float, reach: float) -> Rectangle:
    return x - reach, y - reach, x + reach, y + reach


def _is_nothing(value: Any) -> bool:
    return value is None or value is pd.NA or value != value or value == ""


def _left(x: float, wide: float, dot: float, frame: Box) -> float:
    """Where a name begins: beside its point or around its place, moved so that the frame does not cut it."""
    if dot:
        return x - dot - wide if x + dot + wide > frame.right else x + dot
    return max(frame.left, min(x - wide / 2, frame.right - wide))


def _anchors(shapes: npt.NDArray[Any], view: View) -> list[tuple[float, float] | None]:
    """Return where the name of each feature belongs, mm: in the part of it that is seen."""
    seen = _in_window(shapes, view)
    lines = np.isin(shapely.get_type_id(seen), (1, 2, 5))
    places = np.asarray(shapely.point_on_surface(seen), dtype=object)
    if lines.any():
        longest = np.array([_longest(shape) for shape in shapely.line_merge(seen[lines])], dtype=object)
        places[lines] = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    there = ~(shapely.is_missing(places) | shapely.is_empty(places))
    found: list[tuple[float, float] | None] = [None] * len(shapes)
    for row, (x, y) in zip(np.flatnonzero(there), view.place(shapely.get_coordinates(places[there])), strict=True):
        found[int(row)] = (float(x), float(y))
    return found


def _in_window(shapes: npt.NDArray[Any], view: View) -> npt.NDArray[Any]:
    west, south, east, north = view.window
    box = shapely.bounds(shapes).reshape(-1, 4)
    out = (box[:, 0] < west) | (box[:, 1] < south) | (box[:, 2] > east) | (box[:, 3] > north)
    found = shapes.copy()
    if out.any():
        found[out] = shapely.intersection(shapely.make_valid(shapes[out]), shapely.box(west, south, east, north))
    return found


def _longest(shape: Any) -> Any:
    single = shapely.get_parts(shape)
    return single[int(np.argmax(shapely.length(single)))] if len(single) else shape
