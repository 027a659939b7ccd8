"""Kortbilag: an extract at an exact scale on A4 or A3, for the explanatory statement of a lokalplan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.path import Path

from ballerup_geo.errors import DataError, Fault, ProjectError
from ballerup_geo.publish.content import MapContent, Reader
from ballerup_geo.publish.credits import Credit, credits_of
from ballerup_geo.publish.figure._block import BLOCK_MM, title_block
from ballerup_geo.publish.figure._furniture import coordinates, frame_line, furniture
from ballerup_geo.publish.figure._grey import for_print
from ballerup_geo.publish.figure._key import KeyLine, draw_key, ground_lines, key_lines, missing_lines
from ballerup_geo.publish.figure._layers import Look, draw_layers, look_of
from ballerup_geo.publish.figure._names import write_names
from ballerup_geo.publish.figure._said import about, chosen_step, latitude_of
from ballerup_geo.publish.figure._sheet import Box, Sheet, Titles, drawing
from ballerup_geo.publish.figure._view import Metres, View, area_path, pieces
from ballerup_geo.publish.figure._words import word
from ballerup_geo.publish.styling import Paint
from ballerup_geo.publish.text import say
from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, number

if TYPE_CHECKING:
    from ballerup_geo.catalog import Provenance

__all__ = ["SCALES", "Backdrop", "draw_kortbilag", "frame_mm", "read_backdrop"]

Paper: TypeAlias = Literal["A4", "A3"]
Orientation: TypeAlias = Literal["portrait", "landscape"]
SCALES = (500, 10_000)
_ROUND_SCALES = (500, 1000, 1500, 2000, 2500, 4000, 5000, 7500, 10_000)
_PAPERS_MM: dict[str, tuple[float, float]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
_MARGIN_MM = 10.0
_NUMBERS_MM = 4.5
"""Room for the coordinates to the left of the frame and below it."""
_KEY_MM = {"A4": 50.0, "A3": 64.0}
_PARCEL = Paint(None, 0.0, "#7c8288", 0.35, "solid", 1.0)
_GROWTH = 1.6
"""A sheet is looked at from nearer than a screen: lines grow less with the scale."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What a kortbilag needs beside the map: the municipality, and parcels where the project has them."""

    municipality: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame | None
    provenance: Provenance | None
    """Of the parcels."""
    title: Text | None
    """Of the parcels' layer."""


def read_backdrop(reader: Reader) -> Backdrop:
    """Read municipality and parcels; parcels that are not there are unknown, and the sheet says so."""
    town = reader.catalog.read("municipality").data
    if not isinstance(town, gpd.GeoDataFrame):
        raise DataError(Fault("layers/municipality.toml", "geometry", "is no polygon", "deliver the boundary"))
    layer = reader.project.layers.get("parcels")
    if layer is None or not reader.catalog.has("parcels"):
        return Backdrop(town, None, None, None)
    checked = reader.catalog.read("parcels")
    if not isinstance(checked.data, gpd.GeoDataFrame):
        return Backdrop(town, None, None, None)
    return Backdrop(town, checked.data, checked.provenance, layer.title)


def frame_mm(paper: Paper, orientation: Orientation) -> Box:
    """Return the map's frame on the paper, mm."""
    wide, high = _paper_mm(paper, orientation)
    left, bottom = _MARGIN_MM + _NUMBERS_MM, _MARGIN_MM + BLOCK_MM + 2.0 + _NUMBERS_MM
    right = wide - _MARGIN_MM - _KEY_MM[paper] - 5.0
    return Box(left, bottom, right - left, high - _MARGIN_MM - 1.5 - bottom)


def _paper_mm(paper: Paper, orientation: Orientation) -> tuple[float, float]:
    short, long = _PAPERS_MM[paper]
    return (short, long) if orientation == "portrait" else (long, short)


def draw_kortbilag(
    content: MapContent,
    *,
    backdrop: Backdrop,
    scale: int,
    centre: tuple[float, float] | None = None,
    area: Metres | None = None,
    paper: Paper = "A4",
    orientation: Orientation = "portrait",
    edition: str,
    edition_date: date | None = None,
    language: Language = "da",
    step: int | None = None,
) -> bytes:
    """Return a PDF on which 1 mm is exactly ``scale`` mm of EPSG:25832, if it is printed at 100 %.

    Parameters
    ----------
    scale
        1:500 to 1:10,000, given as 500 to 10000.
    centre
        Easting and northing of the frame's middle, m; without it, the middle of ``area``.
    area
        West, south, east and north (m) of what must lie in the frame.
    edition, edition_date
        The published edition that the sheet belongs to. The date is never taken from the clock.
    step
        The slider's step, the first is 1.

    Raises
    ------
    ProjectError
        Scale, paper or orientation is none of those there are; the middle lies outside the municipality; the area
        does not fit on the paper. The message names a scale and paper that do.
    DataError
        A raster cannot be read.
    """
    middle = _checked(content, backdrop, scale, centre, area, paper, orientation)
    chosen = chosen_step(content, step)
    frame = frame_mm(paper, orientation)
    m_per_mm = scale / 1000
    west, south = middle[0] - frame.width / 2 * m_per_mm, middle[1] - frame.height / 2 * m_per_mm
    view = View(frame, west, south, m_per_mm, latitude_of(content), _GROWTH)
    with drawing():
        sheet = Sheet(*_paper_mm(paper, orientation))
        parcel = look_of(_PARCEL, view.growth)
        parcels = _parcel_path(backdrop, view)

        def draw_parcels() -> None:
            if parcels is not None:
                sheet.path(parcels, parcel.ink, clip=view.frame)

        drawn = draw_layers(sheet, content, view, step=chosen, looks=for_print, between=draw_parcels)
        reserved = furniture(sheet, content, view, language)
        write_names(sheet, drawn, view, language=language, reserved=reserved, scale=0.9)
        coordinates(sheet, view)
        frame_line(sheet, frame)
        answer = [
            *key_lines(drawn, step=chosen, language=language, in_view_only=True),
            *missing_lines(content.missing, language),
            _parcel_line(backdrop, parcels is not None, parcel, language),
        ]
        key = Box(frame.right + 5.0, frame.bottom, _KEY_MM[paper], frame.height)
        full, brief = (ground_lines(drawn, language=language, brief=short) for short in (False, True))
        draw_key(sheet, key, answer, full, brief, language=language)
        block = Box(_MARGIN_MM, _MARGIN_MM, sheet.paper.width - 2 * _MARGIN_MM, BLOCK_MM)
        title_block(
            sheet,
            content,
            block,
            credits=[*credits_of(content), *_parcel_credit(backdrop)],
            scale=f"1:{number(scale, language=language)}",
            paper=f"{paper}, {word('print', language)}",
            edition=edition if edition_date is None else f"{edition}, {edition_date.isoformat()}",
            step=chosen,
            language=language,
        )
        said = f"{word('annex_words', language)} {about(content, language)}"
        title = f"{say(content.map.title, language)} 1:{number(scale, language=language)}"
        return sheet.as_file("pdf", Titles(title, said, content.municipality, language))


def _parcel_path(backdrop: Backdrop, view: View) -> Path | None:
    """Return the parcels' boundaries; None where there are none in the view, or none are known."""
    if backdrop.parcels is None:
        return None
    return area_path(pieces(np.asarray(backdrop.parcels.geometry.array), view).areas, view)


def _parcel_line(backdrop: Backdrop, drawn: bool, look: Look, language: Language) -> KeyLine:
    if backdrop.parcels is None:
        return KeyLine(word("no_parcels", language), begins=True)
    title = word("parcels", language) if backdrop.title is None else say(backdrop.title, language)
    if not drawn:
        return KeyLine(f"{title}: {word('none_here', language)}", begins=True)
    return KeyLine(title, look=look, kind="line", begins=True)


def _parcel_credit(backdrop: Backdrop) -> list[Credit]:
    said = backdrop.provenance
    if said is None:
        return []
    title = backdrop.title or Text(da="Matrikler", en="Parcels")
    words = Text(da=said.attribution["da"], en=said.attribution["en"])
    return [Credit(words, said.licence, said.date, (title,))]


def _checked(
    content: MapContent,
    backdrop: Backdrop,
    scale: int,
    centre: tuple[float, float] | None,
    area: Metres | None,
    paper: str,
    orientation: str,
) -> tuple[float, float]:
    """Return the frame's middle, or say all that is wrong with what was asked for."""
    where = f"kortbilag of {content.id}"
    faults = []
    if not SCALES[0] <= scale <= SCALES[1] or scale != int(scale):
        todo = f"use a whole number from {SCALES[0]} to {SCALES[1]}"
        faults.append(Fault(where, "scale", f"1:{scale} is not a scale of a kortbilag", todo))
    if paper not in _PAPERS_MM:
        faults.append(Fault(where, "paper", f"there is no paper {paper!r}", "use A4 or A3"))
    if orientation not in ("portrait", "landscape"):
        faults.append(Fault(where, "orientation", f"there is no {orientation!r}", "use portrait or landscape"))
    middle = centre if centre is not None else _middle(area)
    if middle is None:
        faults.append(Fault(where, "centre", "is missing", "give the middle of the map, or the area to be shown"))
    elif not _is_inside(backdrop.municipality, middle):
        what = f"{middle[0]:.0f}, {middle[1]:.0f} lies outside {content.municipality}"
        faults.append(Fault(where, "centre", what, "give easting and northing in EPSG:25832, inside the municipality"))
    if faults or middle is None:
        raise ProjectError(faults)
    if area is not None and not _fits(area, middle, scale, frame_mm(paper, orientation)):  # type: ignore[arg-type]
        what = f"{area[2] - area[0]:.0f} × {area[3] - area[1]:.0f} m do not fit on {paper} {orientation} at 1:{scale}"
        raise ProjectError(Fault(where, "area", what, _suggestion(area, middle)))
    return middle


def _middle(area: Metres | None) -> tuple[float, float] | None:
    return None if area is None else ((area[0] + area[2]) / 2, (area[1] + area[3]) / 2)


def _is_inside(town: gpd.GeoDataFrame, middle: tuple[float, float]) -> bool:
    return bool(np.isfinite(middle).all() and shapely.intersects(town.geometry.array, shapely.Point(middle)).any())


def _fits(area: Metres, middle: tuple[float, float], scale: int, frame: Box) -> bool:
    """Say whether an area lies in a frame around a middle."""
    wide = 2 * max(area[2] - middle[0], middle[0] - area[0])
    high = 2 * max(area[3] - middle[1], middle[1] - area[1])
    return wide <= frame.width * scale / 1000 + 1e-6 and high <= frame.height * scale / 1000 + 1e-6


def _suggestion(area: Metres, middle: tuple[float, float]) -> str:
    """Name the largest round scale at which the area fits, on each paper."""
    found = []
    for paper in ("A4", "A3"):
        fitting = [
            (scale, orientation)
            for scale in _ROUND_SCALES
            for orientation in ("portrait", "landscape")
            if _fits(area, middle, scale, frame_mm(paper, orientation))
        ]
        if fitting:
            found.append(f"{paper} {fitting[0][1]} at 1:{fitting[0][0]}")
    return f"use {' or '.join(found)}" if found else "show a smaller area, or several sheets"
