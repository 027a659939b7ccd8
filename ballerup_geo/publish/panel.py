"""The panel beside a map: answer, headline figures, legend, table, method, sources.

It is whole without a script, in both languages; scripts only switch, sort and select.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.publish import assets
from ballerup_geo.publish.columns import Shown, shown_fields
from ballerup_geo.publish.content import LayerContent, MapContent
from ballerup_geo.publish.credits import credit_list, credits_of
from ballerup_geo.publish.explain import Explanation
from ballerup_geo.publish.figures import Figure, aims_of, figures_of
from ballerup_geo.publish.styling import Entry
from ballerup_geo.publish.symbols import status_shape, swatch
from ballerup_geo.publish.text import HARD_SPACE, UNKNOWN, as_text, both, is_known, with_unit
from ballerup_geo.publish.words import WORDS, counted
from ballerup_geo.spec import Table, Text
from ballerup_geo.spec.faults import nearest
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.spec.status import STATUS

__all__ = ["answer_of", "figure_list", "notice", "panel"]

NOTHING = Markup("")


def panel(content: MapContent, *, explanation: Explanation | None, links: Mapping[str, str]) -> Markup:
    """Return the panel.

    Parameters
    ----------
    links
        Relative addresses of the site's other pages: ``index`` and ``method``; empty where the map stands alone.
    """
    parts = [
        _top(content, links),
        Markup('<div id="selection" class="selection" aria-live="polite" hidden></div>'),
        _figures(content),
        _legend(content),
        _missing(content),
        _tables(content),
        _targets(content),
        _calculated(explanation, links),
        _sources(content),
    ]
    return Markup("\n").join(part for part in parts if part)


def notice(content: MapContent) -> Markup:
    """Return the words that stand on everything made from the modelled municipality."""
    return Markup('<p class="notice">{}</p>').format(both(MODEL_NOTICE)) if content.modelled else NOTHING


def answer_of(content: MapContent) -> Text | None:
    """Return the answer in one sentence, if the map has an analysis that gave one."""
    if content.result is None:
        return None
    answer = content.result.run.get("answer")
    if not answer:
        return None
    return Text(da=_unbroken(answer["da"]), en=_unbroken(answer["en"]))


def _unbroken(sentence: str) -> str:
    """Return a sentence whose percentages do not end a line between number and sign."""
    return re.sub(r"(?<=\d) (?=%)", HARD_SPACE, sentence)


def _top(content: MapContent, links: Mapping[str, str]) -> Markup:
    answer = answer_of(content)
    home = (
        Markup('<a data-own href="{}">{}</a>').format(links["index"], both(WORDS["all_maps"]))
        if "index" in links
        else NOTHING
    )
    caution = content.map.caution
    return Markup(
        '<div class="top"><p class="ways">{home}{language}</p><h1>{title}</h1>{answer}'
        '<p class="lead">{lead}{caution}</p>{notice}</div>'
    ).format(
        home=home,
        language=language_button(),
        title=both(content.map.title),
        answer=Markup('<p class="answer">{}</p>').format(both(answer)) if answer else NOTHING,
        lead=both(content.map.lead),
        caution=Markup(' <strong class="caution">{}</strong>').format(both(_sentence(caution))) if caution else NOTHING,
        notice=notice(content),
    )


def _sentence(words: Text) -> Text:
    """Return words with the full stop that a content file may leave out."""
    return Text(da=words.da.rstrip(".") + ".", en=words.en.rstrip(".") + ".")


def language_button() -> Markup:
    """Return the language switch: it names the other language, in that language."""
    return Markup(
        '<button type="button" class="language quiet" lang="en" data-sets="text" '
        'data-da="{}" data-en="{}" hidden>{}</button>'
    ).format(WORDS["other_language"].da, WORDS["other_language"].en, WORDS["other_language"].da)


def _figures(content: MapContent) -> Markup:
    figures = figures_of(content.map.headlines, content.results)
    if not figures:
        return NOTHING
    return Markup('<section class="figures"><h2 class="unseen">{}</h2>{}</section>').format(
        both(WORDS["figures"]), figure_list(figures)
    )


def figure_list(figures: Iterable[Figure]) -> Markup:
    """Return headline figures with unit, target and status."""
    items = [
        Markup('<div><dt>{}</dt><dd class="value">{}</dd>{}</div>').format(
            both(figure.title), both(figure.value), _target(figure)
        )
        for figure in figures
    ]
    return Markup('<dl class="figure-list">{}</dl>').format(Markup("").join(items))


def _target(figure: Figure) -> Markup:
    if figure.target is None:
        return NOTHING
    return Markup('<dd class="target">{} · {}</dd>').format(both(figure.target), status(figure.status))


def status(name: str) -> Markup:
    """Return a status as a shape and a word."""
    return Markup('<span class="status">{}{}</span>').format(status_shape(name), both(STATUS[name]))


def _kind(layer: LayerContent) -> str:
    kinds = set(layer.frame.geom_type.dropna())
    if kinds and all("Point" in kind for kind in kinds):
        return "point"
    return "line" if kinds and all("Line" in kind for kind in kinds) else "area"


def _legend(content: MapContent) -> Markup:
    listed = list(reversed(content.layers))
    answers = [_legend_layer(layer) for layer in listed if layer.shown.role == "answer"]
    ground = [_legend_layer(layer) for layer in listed if layer.shown.role == "ground"]
    quiet = Markup('<details{}><summary>{}</summary><ul class="legend">{}</ul></details>').format(
        NOTHING if answers else Markup(" open"), both(WORDS["background"]), Markup("").join(ground)
    )
    return Markup('<section><h2>{}</h2><ul class="legend">{}</ul>{}</section>').format(
        both(WORDS["legend"]), Markup("").join(answers), quiet if ground else NOTHING
    )


def _legend_layer(layer: LayerContent) -> Markup:
    """Return a layer's switch, and a line for each class; a layer of names alone has no classes to show."""
    kind, entries = _kind(layer), layer.styled.entries
    is_drawn = any(entry.paint.is_drawn for entry in entries)
    classes = [_legend_class(entry, kind) for entry in entries if entry.label is not None and is_drawn]
    total = sum(entry.count for entry in entries)
    return Markup(
        '<li><label><input type="checkbox" data-layer="{}"{} disabled>{}<span>{}</span>{}</label>{}</li>'
    ).format(
        layer.shown.id,
        Markup(" checked") if layer.shown.visible else NOTHING,
        swatch(entries[0].paint, kind) if is_drawn and not classes else NOTHING,
        both(layer.shown.title),
        NOTHING if classes else Markup(' <span class="count">{}</span>').format(both(_count(total))),
        Markup('<ul class="classes">{}</ul>').format(Markup("").join(classes)) if classes else NOTHING,
    )


def _legend_class(entry: Entry, kind: str) -> Markup:
    return Markup('<li>{}<span>{}</span> <span class="count">{}</span></li>').format(
        swatch(entry.paint, kind), both(entry.label or UNKNOWN), both(_count(entry.count))
    )


def _count(number: int) -> Text:
    return with_unit(number, None, 0)


def _missing(content: MapContent) -> Markup:
    notes = [
        Markup("<li>{}: {}</li>").format(both(layer.title), both(WORDS["not_mapped"])) for layer in content.missing
    ]
    for result in content.results.values():
        notes.extend(Markup("<li>{}</li>").format(both(as_text(note))) for note in result.run.get("notes", ()))
    if not notes:
        return NOTHING
    return Markup('<section><h2>{}</h2><ul class="notes">{}</ul></section>').format(
        both(WORDS["missing"]), Markup("").join(notes)
    )


def _tables(content: MapContent) -> Markup:
    tables = []
    for table in content.map.tables:
        layer = content.layer(table.map_layer)
        if layer is not None:
            tables.append(_table(table, layer, where=f"maps/{content.id}.toml: tables ({table.map_layer})"))
    if not tables:
        return NOTHING
    return Markup('<section id="tabel" tabindex="-1"><h2>{}</h2>{}</section>').format(
        both(WORDS["tables"]), Markup("").join(tables)
    )


def _table(table: Table, layer: LayerContent, *, where: str) -> Markup:
    fields = shown_fields(table.fields, layer.columns, where=where)
    if table.sort is not None and table.sort not in layer.columns:
        what = f"there is no column {table.sort!r}"
        raise ProjectError(Fault(where, "sort", what, nearest(table.sort, layer.columns)))
    rows = _sorted_rows(layer.frame, table)
    heads = Markup("").join(
        Markup('<th scope="col"{}><button type="button">{}{}</button></th>').format(
            _alignment(layer, field), both(field.title), _unit(field)
        )
        for field in fields
    )
    body = Markup("").join(_row(layer, fields, row) for row in rows)
    name = Markup("{}: {}").format(both(table.caption), both(counted(len(rows), len(layer.frame))))
    return Markup(
        '<details><summary>{summary}</summary><div class="scroll" tabindex="0" role="region" '
        'data-da="{da}" data-en="{en}" aria-label="{da}">'
        '<table data-layer="{layer}"><caption class="unseen">{caption}</caption>'
        "<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></details>"
    ).format(
        summary=name,
        da=table.caption.da,
        en=table.caption.en,
        layer=layer.shown.id,
        caption=both(table.caption),
        heads=heads,
        body=body,
    )


def _unit(field: Shown) -> Markup:
    return Markup(" <small>{}</small>").format(field.unit) if field.unit not in (None, "1", "-") else NOTHING


def _sorted_rows(frame: pd.DataFrame, table: Table) -> list[int]:
    order = (
        frame
        if table.sort is None
        else frame.sort_values(table.sort, ascending=not table.descending, kind="stable", na_position="last")
    )
    return [int(row) for row in order.index[: table.rows]]


def _row(layer: LayerContent, fields: tuple[Shown, ...], row: int) -> Markup:
    cells = []
    for place, field in enumerate(fields):
        value = layer.frame[field.column].iloc[row]
        plain = Shown(field.column, field.title, None, field.digits, field.codes)
        shown: Markup = both(plain.written(value))
        if place == 0:
            shown = Markup('<button type="button" class="link" data-row="{}">{}</button>').format(row, shown)
        tag = "th" if place == 0 else "td"
        cells.append(
            Markup('<{}{} data-value="{}"{}>{}</{}>').format(
                tag,
                Markup(' scope="row"') if place == 0 else NOTHING,
                _sortable(value),
                _alignment(layer, field),
                shown,
                tag,
            )
        )
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))


def _sortable(value: Any) -> str:
    return "" if value is pd.NA or value != value or not is_known(value) else str(value)


def _alignment(layer: LayerContent, field: Shown) -> Markup:
    """Numbers stand below each other, to the right; codes are words."""
    values = layer.frame[field.column]
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return Markup(' class="number"') if is_number and not field.codes else NOTHING


def _targets(content: MapContent) -> Markup:
    aims = aims_of(content.result) if content.result is not None else []
    if not aims:
        return NOTHING
    items = [
        Markup("<li><strong>{}</strong> {} · {}</li>").format(aim.year, both(aim.title), status(aim.status))
        for aim in aims
    ]
    return Markup('<section><h2>{}</h2><ul class="targets">{}</ul></section>').format(
        both(WORDS["targets"]), Markup("").join(items)
    )


def _calculated(explanation: Explanation | None, links: Mapping[str, str]) -> Markup:
    if explanation is None:
        return NOTHING
    limits = Markup("").join(Markup("<li>{}</li>").format(both(limit)) for limit in explanation.limits)
    link = (
        Markup('<p><a data-own href="{}">{}</a></p>').format(links["method"], both(WORDS["read_method"]))
        if "method" in links
        else NOTHING
    )
    return Markup("<section><h2>{}</h2><p>{}</p>{}{}</section>").format(
        both(WORDS["calculated"]),
        both(explanation.summary),
        Markup('<ul class="notes">{}</ul>').format(limits) if limits else NOTHING,
        link,
    )


def _sources(content: MapContent) -> Markup:
    return Markup('<section><h2>{}</h2>{}<p class="small">Leaflet {} (BSD-2-Clause)</p></section>').format(
        both(WORDS["sources"]), credit_list(credits_of(content)), assets.leaflet_version()
    )
