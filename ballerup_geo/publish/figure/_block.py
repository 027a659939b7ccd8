"""The title block at the foot of a kortbilag."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.path import Path

from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.credits import Credit
from ballerup_geo.publish.figure._said import date_line, notice, source_line, step_line
from ballerup_geo.publish.figure._sheet import MM_PER_PT, Box, Ink, Sheet
from ballerup_geo.publish.figure._type import clean, fit, shorten
from ballerup_geo.publish.figure._words import word
from ballerup_geo.publish.text import say
from ballerup_geo.spec.words import Language

__all__ = ["BLOCK_MM", "title_block"]

BLOCK_MM = 40.0
_FACTS_MM = 74.0
_SOURCES_MM = 9.0
_LINE = Ink(line="#5b6268", width_pt=0.6)
_SOFT = "#555c62"


def title_block(
    sheet: Sheet,
    content: MapContent,
    box: Box,
    *,
    credits: Sequence[Credit],
    scale: str,
    paper: str,
    edition: str,
    step: int,
    language: Language,
) -> None:
    """Draw the title block: what the sheet is on the left, its facts on the right, the sources along the foot."""
    sheet.path(box.path, _LINE)
    foot = box.bottom + _SOURCES_MM
    facts_left = box.right - _FACTS_MM
    sheet.path(Path([(box.left, foot), (box.right, foot)]), _LINE)
    sheet.path(Path([(facts_left, foot), (facts_left, box.top)]), _LINE)
    _what(sheet, content, Box(box.left, foot, facts_left - box.left, box.top - foot).inside(2.0), step, language)
    facts = [
        (word("municipality", language), content.municipality),
        (word("scale", language), scale),
        (word("paper", language), paper),
        (word("system", language), word("system_value", language)),
        (word("date", language), date_line(credits, language)),
        (word("edition", language), edition),
    ]
    _facts(sheet, Box(facts_left, foot, _FACTS_MM, box.top - foot).inside(2.0), facts)
    space = Box(box.left, box.bottom, box.width, _SOURCES_MM).inside(1.2)
    lines = fit(source_line(credits, language), space.width - 1.6, space.height, sizes_pt=(6.5, 5.5, 5.0, 4.5))
    sheet.lines(lines, space.left + 0.8, space.top, colour=_SOFT)


def _what(sheet: Sheet, content: MapContent, box: Box, step: int, language: Language) -> None:
    """Write what the sheet is, its title, caution and notice."""
    label = fit(word("annex", language), box.width, 4.0, sizes_pt=(8.0, 7.0, 6.0), face="bold")
    top = sheet.lines(label, box.left, box.top, colour=_SOFT)
    title = fit(say(content.map.title, language), box.width, 11.0, sizes_pt=(13.0, 11.0, 9.0, 8.0), face="bold")
    top = sheet.lines(title, box.left, top - 0.4) - 0.6
    caution = content.map.caution
    said = [
        None if caution is None else say(caution, language),
        notice(content, language),
        step_line(content, step, language),
    ]
    line = ". ".join(part for part in said if part)
    if line:
        top = sheet.lines(fit(line, box.width, 7.0, sizes_pt=(7.5, 6.5, 6.0), face="bold"), box.left, top) - 0.4
    words = fit(word("annex_words", language), box.width, top - box.bottom, sizes_pt=(7.0, 6.5, 6.0, 5.5))
    sheet.lines(words, box.left, top, colour=_SOFT)


def _facts(sheet: Sheet, box: Box, facts: Sequence[tuple[str, str]]) -> None:
    step = box.height / len(facts)
    indent = 23.0
    for at, (name, value) in enumerate(facts):
        baseline = box.top - at * step - 7.5 * MM_PER_PT
        sheet.text(name, box.left, baseline, size_pt=7.0, colour=_SOFT)
        shown = shorten(clean(value), box.width - indent, "plain", 7.5)
        sheet.text(shown, box.left + indent, baseline, size_pt=7.5)
