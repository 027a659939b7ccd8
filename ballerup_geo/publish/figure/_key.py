"""The legend beside a map on paper: each layer with its classes, and how much of each there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.path import Path

from ballerup_geo.publish.content import Kind
from ballerup_geo.publish.figure._layers import Drawn, Look
from ballerup_geo.publish.figure._sheet import MM_PER_PT, Box, Sheet
from ballerup_geo.publish.figure._type import Face, Fitted, fit, width_mm
from ballerup_geo.publish.figure._words import word
from ballerup_geo.publish.legend import area_text
from ballerup_geo.publish.text import UNKNOWN, say, with_unit
from ballerup_geo.spec import MapLayer
from ballerup_geo.spec.words import Language

__all__ = ["KeyLine", "draw_key", "ground_lines", "key_lines", "missing_lines"]

_SWATCH_MM, _GAP_MM = 7.0, 1.8
_SOFT = "#555c62"
_WIDEST_PT = 3.2
_LARGEST_MARK_MM = 1.7


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A line of the legend; one without ``look`` names a layer or a part of the legend."""

    text: str
    amount: str = ""
    look: Look | None = None
    kind: Kind = "area"
    begins: bool = False
    """The first line of a layer: a little space stands above it."""
    heading: bool = False


def key_lines(drawn: Sequence[Drawn], *, step: int, language: Language, in_view_only: bool) -> list[KeyLine]:
    """Return the lines of the answer's layers, topmost first.

    Parameters
    ----------
    in_view_only
        True: the classes that lie in the view, without numbers, which would be the whole layer's. False: every class
        with how much of it there is, 0 where there is none.
    """
    lines: list[KeyLine] = []
    for found in reversed(drawn):
        if found.shown.role == "answer":
            lines += _answer(found, step, language, in_view_only)
    return lines


def _answer(found: Drawn, step: int, language: Language, in_view_only: bool) -> list[KeyLine]:
    title = say(found.shown.title, language)
    labels, amounts = _labels(found, language), _amounts(found, step, language)
    shown = [at for at in range(len(labels)) if not in_view_only or found.seen[at]]
    if in_view_only and not any(found.seen):
        return [KeyLine(f"{title}: {word('none_here', language)}", begins=True)]
    if labels == [None]:
        amount = "" if in_view_only else amounts[0]
        return [KeyLine(title, amount, found.looks[0], found.kind, begins=True)]
    return [KeyLine(title, begins=True)] + [
        KeyLine(labels[at] or "", "" if in_view_only else amounts[at], found.looks[at], found.kind) for at in shown
    ]


def _labels(found: Drawn, language: Language) -> list[str | None]:
    if found.raster is not None:
        return [say(entry.label, language) for entry in found.raster.classes.classes]
    entries = () if found.layer is None else found.layer.styled.entries
    if len(entries) == 1 and entries[0].label is None:
        return [None]
    return [say(entry.label or UNKNOWN, language) for entry in entries]


def _amounts(found: Drawn, step: int, language: Language) -> list[str]:
    if found.raster is not None:
        chosen = found.raster.steps[step - 1 if found.raster.follows else 0]
        return [say(area_text(area), language) for area in chosen.areas_m2]
    return [say(with_unit(count, None, 0), language) for count in found.counts]


def ground_lines(drawn: Sequence[Drawn], *, language: Language, brief: bool) -> list[KeyLine]:
    """Return the lines of the quiet ground: classes that lie in the view; ``brief``: one line a layer."""
    lines: list[KeyLine] = []
    for found in reversed(drawn):
        if found.shown.role != "ground" or not any(found.seen):
            continue
        labels = _labels(found, language)
        visible = [at for at, count in enumerate(found.seen) if count and _is_drawn(found.looks[at])]
        if not visible:
            continue  # names alone explain themselves
        title = say(found.shown.title, language)
        if brief or labels == [None]:
            lines.append(KeyLine(title, look=found.looks[visible[0]], kind=found.kind))
        else:
            lines += [KeyLine(labels[at] or title, look=found.looks[at], kind=found.kind) for at in visible]
    return [KeyLine(word("background", language), heading=True), *lines] if lines else []


def _is_drawn(look: Look) -> bool:
    return (look.ink.fill is not None and look.ink.fill_opacity > 0) or look.ink.width_pt > 0


def missing_lines(missing: Sequence[MapLayer], language: Language) -> list[KeyLine]:
    """Say which layers are not on the map because they could not be read: unknown, not empty."""
    return [KeyLine(f"{say(one.title, language)}: {word('not_mapped', language)}", begins=True) for one in missing]


def draw_key(
    sheet: Sheet,
    box: Box,
    answer: Sequence[KeyLine],
    ground: Sequence[KeyLine],
    brief: Sequence[KeyLine],
    *,
    language: Language,
) -> None:
    """Draw the legend in a box: smaller, then with a shorter ground, then cut off with how many lines are left out."""
    heading = KeyLine(word("legend", language), heading=True)
    tries = [(7.5, ground), (7.0, ground), (6.5, ground), (6.5, brief), (6.0, brief), (5.5, brief)]
    for size, quiet in tries:
        lines = [heading, *answer, *quiet]
        set_lines = [_set(line, box.width, size) for line in lines]
        if sum(high for _, high in set_lines) <= box.height:
            break
    top = box.top
    for at, (line, (fitted, high)) in enumerate(zip(lines, set_lines, strict=True)):
        left = len(lines) - at
        last = word("more", language).format(number=left)
        room = _set(KeyLine(last), box.width, size)
        if top - high - (room[1] if left > 1 else 0.0) < box.bottom - 1e-6:
            _line(sheet, box, top, KeyLine(last), room[0], size)
            return
        _line(sheet, box, top, line, fitted, size)
        top -= high


def _before(line: KeyLine, size_pt: float) -> float:
    return size_pt * (0.34 if line.heading else 0.26) if line.heading or line.begins else 0.0


def _set(line: KeyLine, width: float, size_pt: float) -> tuple[Fitted, float]:
    """Return the text of a line set for its place, and the line's whole height, mm."""
    own = width - (0.0 if line.look is None else _SWATCH_MM + _GAP_MM)
    own -= 0.0 if not line.amount else width_mm(line.amount, "plain", size_pt) + 2.0
    size = size_pt + 1.0 if line.heading else size_pt
    face: Face = "bold" if line.heading else "plain"
    fitted = fit(line.text, max(own, 8.0), 3 * size * 1.32 * MM_PER_PT, sizes_pt=(size,), face=face)
    least = 0.0 if line.look is None else size_pt * 0.56
    return fitted, max(fitted.height_mm, least) + 0.35 + _before(line, size_pt)


def _line(sheet: Sheet, box: Box, top: float, line: KeyLine, fitted: Fitted, size_pt: float) -> None:
    begin = top - _before(line, size_pt)
    left = box.left
    if line.look is not None:
        middle = begin - fitted.step_mm * 0.55
        _swatch(sheet, Box(box.left, middle - 1.5, _SWATCH_MM, 3.0), line.look, line.kind)
        left += _SWATCH_MM + _GAP_MM
    sheet.lines(fitted, left, begin)
    if line.amount:
        baseline = begin - size_pt * MM_PER_PT
        sheet.text(line.amount, box.right, baseline, size_pt=size_pt, colour=_SOFT, align="right")


def _swatch(sheet: Sheet, box: Box, look: Look, kind: Kind) -> None:
    """Draw a class as it is on the map: a patch, a stroke or a mark; wide strokes and large marks a little smaller."""
    ink = replace(look.ink, width_pt=min(look.ink.width_pt, _WIDEST_PT))
    middle = box.bottom + box.height / 2
    if kind == "line":
        sheet.path(Path([(box.left, middle), (box.right, middle)]), replace(ink, fill=None, hatch=None))
    elif kind == "point":
        mark = look.sized(min(look.radius_mm, _LARGEST_MARK_MM), x=box.left + box.width / 2, y=middle)
        sheet.path(mark, replace(ink, dash=(), hatch=None))
    else:
        edge = ink if ink.line else replace(ink, line="#b9bfc4", width_pt=0.3)  # white on white is to be seen
        sheet.path(box.inside(0.2).path, edge)
