"""The report's tables: captioned, with scopes, and stacked where a screen is too narrow for columns."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ballerup_geo.publish.text import both
from ballerup_geo.spec import Text

__all__ = ["NOTHING", "framed_table", "table_row"]

NOTHING = "–"
"""What a cell says that does not apply."""


def framed_table(label: Text, heads: Sequence[Text], rows: Sequence[Markup]) -> Markup:
    """Return a table with a caption; its roles are said, since a narrow screen stacks its cells."""
    cells = Markup("").join(Markup('<th role="columnheader" scope="col">{}</th>').format(both(head)) for head in heads)
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{da}" data-da="{da}" data-en="{en}">'
        '<table role="table"><caption class="unseen">{caption}</caption><thead role="rowgroup"><tr role="row">{heads}'
        '</tr></thead><tbody role="rowgroup">{rows}</tbody></table></div>'
    ).format(da=label.da, en=label.en, caption=both(label), heads=cells, rows=Markup("").join(rows))


def table_row(heads: Sequence[Text], cells: Sequence[Markup], looks: Sequence[str]) -> Markup:
    """Return a row; each cell carries its column's name for screens too narrow for columns."""
    first = Markup('<th role="rowheader" scope="row">{}</th>').format(cells[0])
    rest = Markup("").join(
        Markup('<td role="cell"{}><span class="field" aria-hidden="true">{}: </span>{}</td>').format(
            _class(look, cell), both(head), cell
        )
        for head, cell, look in zip(heads[1:], cells[1:], looks, strict=True)
    )
    return Markup('<tr role="row">{}{}</tr>').format(first, rest)


def _class(look: str, cell: Markup) -> Markup:
    """Return a cell's class; a stacked row leaves out cells that say nothing."""
    said = look or ("none" if cell == NOTHING else "")
    return Markup(' class="{}"').format(said) if said else Markup("")
