"""A map in three sentences, for readers who do not see it: what it shows, its answer, the most telling figures.

They are made from what every map has (lead, answer, headline figures, tables): a new map has them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pandas as pd
from markupsafe import Markup

from ballerup_geo.publish.answers import answer_of
from ballerup_geo.publish.columns import Shown, shown_fields
from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.figures import figures_of
from ballerup_geo.publish.text import LANGUAGES, as_text, both, is_known
from ballerup_geo.spec import Table, Text
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.spec.words import Language, enumeration, number

__all__ = ["DESCRIPTION_ID", "in_words", "sentences", "unseen_words"]

DESCRIPTION_ID = "kort-i-ord"
"""The element that the map's region names as its description; see ``templates/map_element.html.j2``."""

_HEADING = Text(da="Kortet i ord", en="The map in words")
_SENTENCE_END = re.compile(r"(?:(?<=\w{4}[.?!])|(?<=\s\w{3}[.?!]))\s+(?=[A-ZÆØÅ])")
"""After a whole word of three letters or more: "f.eks. Værebro Å" is one sentence."""
_FIRST_ROWS = 3
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "da": {
        "figures": "Hovedtal",
        "top": "øverst i tabellen »{}«{} står {}",
        "layers": "Kortets lag er {}.",
        "quoted": "»{}«",
        "at": " ({})",
    },
    "en": {
        "figures": "Headline figures",
        "top": "first in the table “{}”{} stand {}",
        "layers": "The map's layers are {}.",
        "quoted": "“{}”",
        "at": " ({})",
    },
}


def in_words(content: MapContent) -> Markup:
    """Return the sentences as a section of the panel; the map's region is described by them."""
    return Markup('<section><h2>{}</h2><div id="{}">{}</div></section>').format(
        both(_HEADING), DESCRIPTION_ID, _paragraphs(content)
    )


def unseen_words(content: MapContent) -> Markup:
    """Return the sentences for screen readers alone, where the page has no room for them."""
    return Markup('<div id="{}" class="unseen">{}</div>').format(DESCRIPTION_ID, _paragraphs(content))


def _paragraphs(content: MapContent) -> Markup:
    return Markup("").join(Markup("<p>{}</p>").format(both(sentence)) for sentence in sentences(content))


def sentences(content: MapContent) -> tuple[Text, ...]:
    """Return what the map shows, the answer, and the most telling figures and places.

    A map without an analysis has its layers with their numbers of features for an answer. The third sentence is left
    out where the map file names neither headline figures nor a table with the largest first. What was made from
    modelled data says so.
    """
    found = [_shows(content), answer_of(content.map, content.results) or _layers(content), _telling(content)]
    if content.modelled:
        found.append(Text(da=f"{MODEL_NOTICE.da}.", en=f"{MODEL_NOTICE.en}."))
    return tuple(sentence for sentence in found if sentence is not None)


def _shows(content: MapContent) -> Text:
    """Return the lead's first sentence: what follows tells how to use the page."""
    lead = content.map.lead
    da, en = (_SENTENCE_END.split(words)[0] for words in (lead.da, lead.en))
    return Text(da=_ended(da), en=_ended(en))


def _layers(content: MapContent) -> Text | None:
    """Return the layers of the answer, else of the ground, with how many features they have."""
    drawn = [layer for layer in content.layers if layer.shown.role == "answer"] or list(content.layers)
    named: list[tuple[Text, Text | None]] = [(layer.shown.title, _number(len(layer.frame))) for layer in drawn]
    named += [(raster.shown.title, None) for raster in content.rasters if raster.shown.role == "answer"]
    if not named:
        return None
    said = {}
    for language in LANGUAGES:
        words = _WORDS[language]
        listed = [
            words["quoted"].format(getattr(title, language))
            + ("" if count is None else words["at"].format(getattr(count, language)))
            for title, count in named
        ]
        said[language] = words["layers"].format(enumeration(listed, language=language))
    return as_text(said)


def _number(count: int) -> Text:
    return Text(da=number(count), en=number(count, language="en"))


def _telling(content: MapContent) -> Text | None:
    said: dict[Language, list[str]] = {"da": [], "en": []}
    figures = figures_of(content.map.headlines, content.results)
    for language in LANGUAGES:
        if figures:
            listed = [f"{getattr(each.title, language)}: {getattr(each.value, language)}" for each in figures]
            said[language].append(f"{_WORDS[language]['figures']}: {'; '.join(listed)}")
    top = _top(content)
    if top is not None:
        said["da"].append(top.da)
        said["en"].append(top.en)
    if not said["da"]:
        return None
    return as_text({language: _ended(_upper("; ".join(said[language]))) for language in LANGUAGES})


def _top(content: MapContent) -> Text | None:
    """Return the first rows of the first table that has the largest first."""
    for place, (table, frame, columns) in enumerate(_tables(content)):
        where = f"maps/{content.id}.toml: tables.{place}"
        fields = {field.column: field for field in shown_fields(table.fields, columns, where=where)}
        name = next(iter(fields.values()))
        measure = fields.get(str(table.sort))
        if not table.descending or measure is None or measure is name:
            continue
        rows = frame.sort_values(str(table.sort), ascending=False, kind="stable").head(_FIRST_ROWS)
        rows = rows[[pd.notna(value) and is_known(value) for value in rows[measure.column]]]
        if len(rows):
            return _rows(table, rows, name, measure, step=_step(content, table))
    return None


def _rows(table: Table, rows: pd.DataFrame, name: Shown, measure: Shown, *, step: Text | None) -> Text:
    pairs = [
        (name.written(own), measure.written(value))
        for own, value in zip(rows[name.column], rows[measure.column], strict=True)
    ]
    said = {}
    for language in LANGUAGES:
        words = _WORDS[language]
        listed = [f"{getattr(own, language)} ({getattr(value, language)})" for own, value in pairs]
        at = "" if step is None else words["at"].format(getattr(step, language))
        said[language] = words["top"].format(
            getattr(table.caption, language), at, enumeration(listed, language=language)
        )
    return as_text(said)


def _tables(content: MapContent) -> Iterator[tuple[Table, pd.DataFrame, Mapping[str, Shown]]]:
    """Yield the map's tables with the rows of the step that the page opens with."""
    own = iter(content.tables)
    for table in content.map.tables:
        if table.map_layer is None:
            other = next(own)
            yield table, _of_step(content, table, other.frame), other.columns
            continue
        layer = content.layer(table.map_layer)
        if layer is not None:
            yield table, layer.frame, layer.columns


def _of_step(content: MapContent, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    slider = content.slider
    if slider is None or table.step_column is None or table.step_column not in frame.columns:
        return frame
    steps = slider.steps_of(frame[table.step_column], table.step_column)
    return frame[[slider.start in each for each in steps]]


def _step(content: MapContent, table: Table) -> Text | None:
    slider = content.slider
    return None if slider is None or table.step_column is None else slider.names[slider.start - 1]


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _ended(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."
