"""The map as tables: the rows of its layers, and tables of its results; those of a step where a slider decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.publish.columns import Shown, shown_fields
from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.slider import listed
from ballerup_geo.publish.steps import SliderContent, Steps
from ballerup_geo.publish.text import UNKNOWN, both, is_known, unit_text
from ballerup_geo.publish.words import WORDS, counted
from ballerup_geo.spec import Table, Text
from ballerup_geo.spec.faults import nearest

__all__ = ["tables"]

NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class _Listing:
    """A table before it is written."""

    table: Table
    frame: pd.DataFrame
    columns: Mapping[str, Shown]
    layer_id: str | None
    """The layer whose feature a row selects."""
    steps: list[Steps] | None
    """The steps that each row belongs to; None where all rows always stand."""
    where: str


def tables(content: MapContent) -> Markup:
    """Return the map's tables, each folded."""
    found = [_table(listing, content.slider) for listing in _listings(content)]
    if not found:
        return NOTHING
    return Markup('<section id="tabel" tabindex="-1"><h2>{}</h2>{}</section>').format(
        both(WORDS["tables"]), Markup("").join(found)
    )


def _listings(content: MapContent) -> Iterator[_Listing]:
    """Yield the tables in the map file's order; a layer that could not be read has none."""
    own = iter(content.tables)
    for number, table in enumerate(content.map.tables):
        where = f"maps/{content.id}.toml: tables.{number}"
        if table.map_layer is None:
            other = next(own)
            yield _Listing(table, other.frame, other.columns, None, _steps(table, other, None, content, where), where)
            continue
        layer = content.layer(table.map_layer)
        if layer is not None:
            steps = _steps(table, layer, layer.shown.from_step, content, where)
            yield _Listing(table, layer.frame, layer.columns, layer.shown.id, steps, where)


def _steps(table: Table, source: Any, from_step: str | None, content: MapContent, where: str) -> list[Steps] | None:
    slider = content.slider
    if slider is None:
        return None
    if table.step_column is not None:
        for known in (source.columns, slider.columns):
            if table.step_column not in known:
                what = f"there is no column {table.step_column!r}"
                raise ProjectError(Fault(where, "step_column", what, nearest(table.step_column, known)))
        return slider.steps_of(source.frame[table.step_column], table.step_column)
    return None if from_step is None else slider.steps_from(source.frame[from_step])


def _table(listing: _Listing, slider: SliderContent | None) -> Markup:
    table = listing.table
    fields = shown_fields(table.fields, listing.columns, where=listing.where)
    if table.sort is not None and table.sort not in listing.columns:
        what = f"there is no column {table.sort!r}"
        raise ProjectError(Fault(listing.where, "sort", what, nearest(table.sort, listing.columns)))
    rows = _sorted_rows(listing)
    named = slider if table.step_column is not None else None
    heads = _step_head(named) + Markup("").join(
        Markup('<th scope="col"{}><button type="button">{}{}</button></th>').format(
            _alignment(listing, field), both(field.title), _unit(field)
        )
        for field in fields
    )
    body = Markup("").join(_row(listing, fields, row, named) for row in rows)
    return Markup(
        '<details><summary>{summary}</summary><div class="scroll" tabindex="0" role="region" '
        'data-da="{da}" data-en="{en}" aria-label="{da}">'
        '<table {origin}><caption class="unseen">{caption}</caption>'
        "<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></details>"
    ).format(
        summary=Markup("{}: {}").format(both(table.caption), _counts(listing, rows)),
        da=table.caption.da,
        en=table.caption.en,
        origin=Markup("data-rows") if listing.layer_id is None else Markup('data-layer="{}"').format(listing.layer_id),
        caption=both(table.caption),
        heads=heads,
        body=body,
    )


def _counts(listing: _Listing, rows: list[int]) -> Markup:
    """Say how many rows there are, and where they follow the slider how many each step has."""
    total = both(counted(len(rows), len(listing.frame)))
    if listing.steps is None:
        return total
    steps = sorted({step for own in listing.steps for step in own})
    parts = [
        Markup('<span class="one-step" data-steps="{}">{}</span>').format(
            step, both(counted(_of_step(listing, rows, step), _of_step(listing, range(len(listing.steps)), step)))
        )
        for step in steps
    ]
    return Markup('<span class="all-steps">{}</span>{}').format(total, Markup("").join(parts))


def _of_step(listing: _Listing, rows: Any, step: int) -> int:
    steps = listing.steps or []
    return sum(step in steps[row] for row in rows)


def _step_head(slider: SliderContent | None) -> Markup:
    if slider is None:
        return NOTHING
    return Markup('<th scope="col" class="all-steps"><button type="button">{}</button></th>').format(
        both(slider.slider.title)
    )


def _unit(field: Shown) -> Markup:
    if field.unit in (None, "", "1", "-"):
        return NOTHING
    return Markup(" <small>{}</small>").format(both(unit_text(str(field.unit))))


def _sorted_rows(listing: _Listing) -> list[int]:
    """Return the rows that stand on the page, in order; of each step at most as many as the map file allows."""
    table, frame = listing.table, listing.frame
    order = (
        frame
        if table.sort is None
        else frame.sort_values(table.sort, ascending=not table.descending, kind="stable", na_position="last")
    )
    rows = [int(row) for row in order.index]
    if table.step_column is None or listing.steps is None:
        return rows[: table.rows]
    steps = listing.steps
    rows.sort(key=lambda row: steps[row])  # one step after the other, as print shows them
    held: dict[Steps, int] = {}
    kept = []
    for row in rows:
        held[steps[row]] = held.get(steps[row], 0) + 1
        if held[steps[row]] <= table.rows:
            kept.append(row)
    return kept


def _row(listing: _Listing, fields: tuple[Shown, ...], row: int, slider: SliderContent | None) -> Markup:
    cells = [] if slider is None or listing.steps is None else [_step_cell(listing.steps[row], slider)]
    for place, field in enumerate(fields):
        value = listing.frame[field.column].iloc[row]
        plain = replace(field, unit=None)
        shown: Markup = both(plain.written(value))
        if place == 0 and listing.layer_id is not None:
            shown = Markup('<button type="button" class="link" data-row="{}">{}</button>').format(row, shown)
        tag = "th" if place == 0 else "td"
        cells.append(
            Markup('<{}{} data-value="{}"{}>{}</{}>').format(
                tag,
                Markup(' scope="row"') if place == 0 else NOTHING,
                _sortable(value),
                _alignment(listing, field),
                shown,
                tag,
            )
        )
    steps = NOTHING if listing.steps is None else Markup(' data-steps="{}"').format(listed(listing.steps[row]))
    return Markup("<tr{}>{}</tr>").format(steps, Markup("").join(cells))


def _step_cell(steps: Steps, slider: SliderContent) -> Markup:
    """Return the cell that says which step a row belongs to, where all rows stand below each other."""
    names = [slider.names[step - 1] for step in steps]
    said = Text(da=", ".join(name.da for name in names), en=", ".join(name.en for name in names)) if names else UNKNOWN
    return Markup('<td class="all-steps" data-value="{}">{}</td>').format(steps[0] if steps else "", both(said))


def _sortable(value: Any) -> str:
    return "" if value is pd.NA or value != value or not is_known(value) else str(value)


def _alignment(listing: _Listing, field: Shown) -> Markup:
    """Numbers stand below each other, to the right; codes are words."""
    values = listing.frame[field.column]
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return Markup(' class="number"') if is_number and not field.codes else NOTHING
