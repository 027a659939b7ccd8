"""What every map on paper carries: scale bar, north arrow, notice, frame, coordinates."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.path import Path

from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.figure._said import notice
from ballerup_geo.publish.figure._sheet import MM_PER_PT, Box, Ink, Sheet
from ballerup_geo.publish.figure._type import fit, width_mm
from ballerup_geo.publish.figure._view import View
from ballerup_geo.spec.words import Language, number

__all__ = ["coordinates", "frame_line", "furniture", "north_arrow", "notice_box", "round_length", "scale_bar"]

_DARK = "#1f2428"
_SOFT = "#555c62"
_BACK = Ink(fill="#ffffff", fill_opacity=0.85)


def furniture(sheet: Sheet, content: MapContent, view: View, language: Language) -> list[Box]:
    """Draw scale bar, north arrow and notice; return the space they take."""
    frame = view.frame
    bar = scale_bar(
        sheet, frame.left + 1.5, frame.bottom + 1.5, view, most_mm=min(50.0, frame.width * 0.25), language=language
    )
    boxes = [bar, north_arrow(sheet, frame.right - 1.5, frame.top - 1.5)]
    words = notice(content, language)
    if words is not None:
        boxes.append(notice_box(sheet, frame, words, most_mm=frame.right - bar.right - 6.0))
    return boxes


def round_length(most_m: float) -> float:
    """Return the longest round length that is no longer: 1, 2 or 5 and zeros.

    Examples
    --------
    >>> round_length(3400.0), round_length(0.7), round_length(50.0)
    (2000.0, 0.5, 50.0)
    """
    power = 10.0 ** math.floor(math.log10(most_m))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= most_m * (1 + 1e-9))


def _length(value_m: float, unit_m: float, language: Language) -> str:
    value = value_m / unit_m
    digits = 0 if float(value).is_integer() else 1 if float(value * 10).is_integer() else 2
    return number(value, digits=digits, language=language)


def scale_bar(
    sheet: Sheet, left: float, bottom: float, view: View, *, most_mm: float, language: Language, size_pt: float = 7.0
) -> Box:
    """Draw a bar of a round length, at most ``most_mm`` long; return the space it takes."""
    length_m = round_length(most_m=most_mm * view.m_per_mm)
    long, high = length_m / view.m_per_mm, 1.3
    unit_m, unit = (1000.0, "km") if length_m >= 1000 else (1.0, "m")
    end = f"{_length(length_m, unit_m, language)} {unit}"
    text_high = size_pt * MM_PER_PT
    start, foot = left + 2.5, bottom + 1.6
    beyond = width_mm(end, "plain", size_pt) / 2
    box = Box(left, bottom, 2.5 + long + beyond + 1.5, 1.6 + high + 1.2 + text_high + 0.6)
    sheet.path(box.path, _BACK)
    for part, fill in ((0, _DARK), (1, "#ffffff")):
        half = Box(start + part * long / 2, foot, long / 2, high)
        sheet.path(half.path, Ink(fill=fill, line=_DARK, width_pt=0.6))
    marks = [(start, "0"), (start + long, end)]
    middle = _length(length_m / 2, unit_m, language)
    if long / 2 > width_mm(middle, "plain", size_pt) / 2 + beyond + 2.5:
        marks.insert(1, (start + long / 2, middle))
    for x, text in marks:
        sheet.text(text, x, foot + high + 1.0, size_pt=size_pt, align="center")
    return box


def north_arrow(sheet: Sheet, right: float, top: float, *, high: float = 13.0) -> Box:
    """Draw an arrow to the north of the grid, with its upper right corner at a place."""
    wide = high * 0.6
    box = Box(right - wide, top - high, wide, high)
    middle, letter = right - wide / 2, high * 0.3
    foot, tip = box.bottom + letter + high * 0.1, top - high * 0.04
    half = wide * 0.34
    sheet.path(box.path, _BACK)
    arrow = [(middle, tip), (middle + half, foot), (middle, foot + high * 0.12), (middle - half, foot), (middle, tip)]
    sheet.path(Path(arrow, closed=True), Ink(fill=_DARK))
    size = letter / MM_PER_PT / 0.8
    sheet.text("N", middle, box.bottom + high * 0.06, size_pt=size, face="bold", align="center")
    return box


def notice_box(sheet: Sheet, frame: Box, text: str, *, most_mm: float, size_pt: float = 7.5) -> Box:
    """Write a notice inside the frame's lower right corner; return the space it takes."""
    fitted = fit(text, most_mm - 4.0, frame.height / 3, sizes_pt=(size_pt, size_pt - 1), face="bold")
    wide = max(width_mm(line, "bold", fitted.size_pt) for line in fitted.lines) * 1.02 + 4.0
    box = Box(frame.right - wide - 1.5, frame.bottom + 1.5, wide, fitted.height_mm + 1.6)
    sheet.path(box.path, Ink(fill="#fff4d6", line="#4a3500", width_pt=0.5))
    sheet.lines(fitted, box.left + 2.0, box.top - 0.5, colour="#4a3500")
    return box


def frame_line(sheet: Sheet, frame: Box, *, width_pt: float = 0.8) -> None:
    """Draw the frame of the map."""
    sheet.path(frame.path, Ink(line="#5b6268", width_pt=width_pt))


def coordinates(sheet: Sheet, view: View, *, size_pt: float = 6.0) -> None:
    """Draw ticks of the grid of EPSG:25832 at the frame, with eastings below and northings to the left."""
    west, south, east, north = view.window
    frame = view.frame
    step = max(10.0, round_length(60.0 * view.m_per_mm))
    tick = Ink(line=_DARK, width_pt=0.6)
    cross = Ink(line="#8a9096", width_pt=0.4)
    eastings = np.arange(math.ceil(west / step), math.floor(east / step) + 1) * step
    northings = np.arange(math.ceil(south / step), math.floor(north / step) + 1) * step
    for easting in eastings:
        x = frame.left + (easting - west) / view.m_per_mm
        for foot, head in ((frame.bottom, frame.bottom - 1.2), (frame.top, frame.top + 1.2)):
            sheet.path(Path([(x, foot), (x, head)]), tick)
        half = width_mm(_grouped(easting), "plain", size_pt) / 2
        if frame.left + half <= x <= frame.right - half:
            sheet.text(_grouped(easting), x, frame.bottom - 3.6, size_pt=size_pt, colour=_SOFT, align="center")
    for northing in northings:
        y = frame.bottom + (northing - south) / view.m_per_mm
        for foot, head in ((frame.left, frame.left - 1.2), (frame.right, frame.right + 1.2)):
            sheet.path(Path([(foot, y), (head, y)]), tick)
        half = width_mm(_grouped(northing), "plain", size_pt) / 2
        if frame.bottom + half <= y <= frame.top - half:
            sheet.text(
                _grouped(northing), frame.left - 1.9, y, size_pt=size_pt, colour=_SOFT, align="center", turned=True
            )
    for easting in eastings:
        for northing in northings:
            x, y = view.place(np.array([(easting, northing)]))[0]
            for path in ([(x - 1.2, y), (x + 1.2, y)], [(x, y - 1.2), (x, y + 1.2)]):
                sheet.path(Path(path), cross, clip=frame)


def _grouped(metres: float) -> str:
    return f"{round(metres):,}".replace(",", " ")
