"""A page of printed sheets beside a map: one A4 for each row of a table, such as an offer to each owner.

What may be said is what the map may show: the table's guard holds here too. All of it travels as escaped text; the
picture is drawn in numbers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from markupsafe import Markup

from ballerup_geo.publish.anonymous import guard_of_table
from ballerup_geo.publish.columns import Shown, declared_columns, shown_fields
from ballerup_geo.publish.content import MapContent, Reader
from ballerup_geo.publish.credits import credits_of
from ballerup_geo.publish.handout_picture import Points, legend_of, picture_of
from ballerup_geo.publish.pages import notice_line, text_page
from ballerup_geo.publish.text import both
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Handouts, Text
from ballerup_geo.spec.map import HandoutPart

__all__ = ["HANDOUT_FILE", "handout_page"]

HANDOUT_FILE = "ark.html"
NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class _Sheets:
    """What all sheets of a page share."""

    handouts: Handouts
    columns: Mapping[str, Shown]
    around: Sequence[gpd.GeoDataFrame]
    points: Points | None
    site: Text
    credits: Text
    modelled: bool
    where: str


def handout_page(reader: Reader, content: MapContent, *, site: Text) -> str | None:
    """Return the page of a map's sheets; None where the map has none.

    Raises
    ------
    ProjectError
        The map file names a table or column that is not there.
    """
    handouts = content.map.handouts
    if handouts is None:
        return None
    where = f"maps/{content.id}.toml: handouts"
    columns = declared_columns(reader.project, handouts.result, handouts.table, where=where)
    frame = _rows(reader, content, handouts.result, handouts.table)
    sheets = _Sheets(
        handouts,
        columns,
        around=_around(reader, handouts),
        points=_points(reader, content, handouts),
        site=site,
        credits=_credits(content),
        modelled=content.modelled,
        where=where,
    )
    rows = [frame.iloc[at] for at in range(min(len(frame), handouts.most))]
    names = [columns[handouts.name].written(row[handouts.name]) for row in rows]
    ways = Markup("").join(
        Markup('<li><a href="#ark-{}">{}</a></li>').format(at, both(name)) for at, name in enumerate(names, start=1)
    )
    head = Markup(
        '<div class="handout-head"><h1>{}</h1><p class="answer">{}</p>{}'
        '<p><a data-own href="index.html">{}</a></p><p>{}</p><ol>{}</ol></div>'
    ).format(
        both(handouts.title),
        both(handouts.lead),
        notice_line(content.modelled),
        both(content.map.title),
        both(WORDS["handouts_about"] if rows else WORDS["handouts_none"]),
        ways,
    )
    body = Markup("").join(
        _sheet(sheets, at, name, row) for at, (name, row) in enumerate(zip(names, rows, strict=True), start=1)
    )
    main = Markup("{}{}").format(head, body)
    return text_page(handouts.title, site, home="../index.html", main=main, modelled=content.modelled)


def _rows(reader: Reader, content: MapContent, result: str, table: str) -> pd.DataFrame:
    """Return a table of a result as it may leave the house."""
    guard = guard_of_table(reader.project, result, table)
    return guard.published(content.results[result].table(table)).reset_index(drop=True)


def _around(reader: Reader, handouts: Handouts) -> list[gpd.GeoDataFrame]:
    names = handouts.picture.around if handouts.picture is not None else ()
    known = [reader.catalog.read(name).data for name in names if reader.catalog.has(name)]
    return [layer for layer in known if isinstance(layer, gpd.GeoDataFrame)]


def _points(reader: Reader, content: MapContent, handouts: Handouts) -> Points | None:
    picture = handouts.picture
    if picture is None or picture.table is None or picture.of is None or picture.style is None:
        return None
    frame = _rows(reader, content, handouts.result, picture.table)
    return Points(gpd.GeoDataFrame(frame), picture.of, picture.style)


def _credits(content: MapContent) -> Text:
    """Return whom to name, in one line."""
    found = dict.fromkeys((credit.attribution.da, credit.attribution.en) for credit in credits_of(content))
    return Text(da="; ".join(da for da, _ in found) or "–", en="; ".join(en for _, en in found) or "–")


def _sheet(sheets: _Sheets, number: int, name: Text, row: pd.Series[Any]) -> Markup:
    handouts = sheets.handouts
    picture = NOTHING
    if handouts.picture is not None and "geometry" in row.index:
        drawn = picture_of(
            row["geometry"],
            around=sheets.around,
            points=None if sheets.points is None else sheets.points.of_row(row[handouts.name]),
            title=handouts.picture.title,
        )
        legend = NOTHING if sheets.points is None else legend_of(sheets.points.style)
        picture = Markup('<div class="handout-picture">{}</div>{}').format(drawn, legend)
    parts = Markup("").join(_part(sheets, part, row) for part in handouts.parts)
    return Markup(
        '<article class="handout" id="ark-{at}" aria-labelledby="ark-{at}-navn"><p class="handout-over">{over}</p>'
        '<h2 id="ark-{at}-navn">{name}</h2>{notice}<p class="handout-intro">{intro}</p>{picture}'
        '<div class="handout-parts">{parts}</div>'
        '<p class="handout-foot">{site}. {source}: {credits}</p></article>'
    ).format(
        at=number,
        over=both(handouts.title),
        name=both(name),
        notice=notice_line(sheets.modelled),
        intro=both(handouts.intro),
        picture=picture,
        parts=parts,
        site=both(sheets.site),
        source=both(WORDS["attribution"]),
        credits=both(sheets.credits),
    )


def _part(sheets: _Sheets, part: HandoutPart, row: pd.Series[Any]) -> Markup:
    fields = shown_fields(part.fields, sheets.columns, where=sheets.where)
    said = NOTHING if part.text is None else Markup("<p>{}</p>").format(both(part.text))
    alone = len(fields) == 1
    lines = Markup("").join(
        Markup("<div{}><dt{}>{}</dt><dd>{}</dd></div>").format(
            Markup(' class="long"') if alone else NOTHING,
            Markup(' class="unseen"') if alone else NOTHING,
            both(field.heading),
            both(field.written(row[field.column])),
        )
        for field in fields
    )
    facts = Markup("<dl>{}</dl>").format(lines) if lines else NOTHING
    return Markup("<section><h3>{}</h3>{}{}</section>").format(both(part.title), said, facts)
