"""A map as a figure: for a report (A4 across, with legend and sources), or as a small picture for a card."""

from __future__ import annotations

from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.credits import credits_of
from ballerup_geo.publish.figure._furniture import frame_line, furniture
from ballerup_geo.publish.figure._key import draw_key, ground_lines, key_lines, missing_lines
from ballerup_geo.publish.figure._layers import draw_layers
from ballerup_geo.publish.figure._names import write_names
from ballerup_geo.publish.figure._said import (
    about,
    bounds_of,
    chosen_step,
    date_line,
    latitude_of,
    source_line,
    step_line,
)
from ballerup_geo.publish.figure._sheet import Box, Form, Ink, Sheet, Titles, drawing
from ballerup_geo.publish.figure._type import fit
from ballerup_geo.publish.figure._view import fitting
from ballerup_geo.publish.figure._words import word
from ballerup_geo.publish.text import say
from ballerup_geo.spec.words import Language

__all__ = ["draw_card", "draw_figure"]

_PAPER_MM = (297.0, 210.0)
_MARGIN_MM = 10.0
_KEY_MM = 66.0
_SOFT = "#555c62"
_OUTSIDE = Ink(fill="#e9ecea")
"""The ground outside the municipality, as on the web map."""
_CARD_MM = (160.0, 100.0)


def draw_figure(
    content: MapContent, *, form: Form, language: Language = "da", step: int | None = None, width_px: int = 1754
) -> bytes:
    """Return a map as a figure for print: A4 across, with title, legend, scale bar, north, sources and date.

    The layers are those that are visible when the page opens. A figure is not at a round scale: the bar says how long
    a distance is. Data that were modelled say so inside the picture.

    Parameters
    ----------
    form
        ``"png"``, ``"svg"`` or ``"pdf"``.
    step
        The slider's step, the first is 1; without it, the one that the page opens with.
    width_px
        Of the PNG; 1754 are 150 pixels an inch.

    Raises
    ------
    ProjectError
        The slider has no such step.
    DataError
        A raster cannot be read.
    """
    chosen = chosen_step(content, step)
    with drawing():
        sheet = Sheet(*_PAPER_MM, width_px=width_px if form == "png" else None)
        paper = sheet.paper.inside(_MARGIN_MM)
        top = _header(sheet, content, paper, chosen, language)
        bottom = _footer(sheet, content, paper, language)
        frame = Box(paper.left, bottom, paper.width - _KEY_MM - 6.0, top - bottom)
        view = fitting(frame, bounds_of(content), latitude=latitude_of(content))
        sheet.path(frame.path, _OUTSIDE)
        drawn = draw_layers(sheet, content, view, step=chosen)
        reserved = furniture(sheet, content, view, language)
        write_names(sheet, drawn, view, language=language, reserved=reserved)
        frame_line(sheet, frame)
        answer = key_lines(drawn, step=chosen, language=language, in_view_only=False)
        draw_key(
            sheet,
            Box(frame.right + 6.0, bottom, _KEY_MM, top - bottom),
            [*answer, *missing_lines(content.missing, language)],
            ground_lines(drawn, language=language, brief=False),
            ground_lines(drawn, language=language, brief=True),
            language=language,
        )
        return sheet.as_file(form, _titles(content, language))


def draw_card(content: MapContent, *, language: Language = "da", step: int | None = None, width_px: int = 640) -> bytes:
    """Return a map as a small PNG: what the map shows, with scale bar, north and the notice of modelled data.

    Title and legend would not be legible; they stand beside the picture, and its file names them.
    """
    chosen = chosen_step(content, step)
    with drawing():
        sheet = Sheet(*_CARD_MM, width_px=width_px)
        view = fitting(sheet.paper, bounds_of(content), latitude=latitude_of(content))
        sheet.path(sheet.paper.path, _OUTSIDE)
        drawn = draw_layers(sheet, content, view, step=chosen)
        reserved = furniture(sheet, content, view, language)
        write_names(sheet, drawn, view, language=language, reserved=reserved)
        return sheet.as_file("png", _titles(content, language))


def _titles(content: MapContent, language: Language) -> Titles:
    return Titles(say(content.map.title, language), about(content, language), content.municipality, language)


def _header(sheet: Sheet, content: MapContent, paper: Box, step: int, language: Language) -> float:
    """Write title, lead, caution and step; return where the map may begin."""
    title = fit(say(content.map.title, language), paper.width, 14.0, sizes_pt=(18.0, 16.0, 14.0), face="bold")
    top = sheet.lines(title, paper.left, paper.top)
    caution = content.map.caution
    said = [None if caution is None else say(caution, language), step_line(content, step, language)]
    line = " · ".join(part for part in said if part)
    if line:
        top = sheet.lines(fit(line, paper.width, 5.0, sizes_pt=(9.5, 8.5), face="bold"), paper.left, top - 0.6)
    lead = fit(say(content.map.lead, language), paper.width, 9.0, sizes_pt=(9.0, 8.0))
    return sheet.lines(lead, paper.left, top - 0.6, colour=_SOFT) - 2.5


def _footer(sheet: Sheet, content: MapContent, paper: Box, language: Language) -> float:
    """Write municipality, date and sources at the foot; return where the map may end."""
    credits = credits_of(content)
    sources = fit(source_line(credits, language), paper.width, 8.5, sizes_pt=(7.0, 6.0, 5.0))
    first = f"{content.municipality} · {word('date', language)}: {date_line(credits, language)}"
    line = fit(first, paper.width, 4.0, sizes_pt=(8.0, 7.0), face="bold")
    top = paper.bottom + sources.height_mm + line.height_mm
    sheet.lines(sources, paper.left, sheet.lines(line, paper.left, top), colour=_SOFT)
    return top + 2.5
