"""What a QGIS project of results holds: groups and layers, before any of it is written as QGIS wants it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from ballerup_geo.results._qgis import codes_of, kinds_of, maps_in_order
from ballerup_geo.results._qgis_places import Places
from ballerup_geo.results._qgis_words import column_name, literal
from ballerup_geo.spec import Map, MapLayer, Method, OutputColumn, Slider, Text

__all__ = ["Group", "Sheet", "Shelf", "contents"]

_REST = {"da": "Tabeller og lag uden for kortene", "en": "Tables and layers beside the maps"}
_KIND_WORDS = {"point": "punkter", "line": "linjer", "polygon": "flader"}
_GREY = {"kind": "single", "fill": "#c9ced1", "fill_opacity": 0.5, "line": "#5b6268"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A layer of the project. ``shown`` is None for a table without geometry and a raster that no map draws."""

    id: str
    name: str
    analysis: str
    source: str
    """As the provider takes it."""
    provider: str
    """``ogr``, ``gdal`` or ``postgres``."""
    kind: str
    """``point``, ``line``, ``polygon``, ``any``, ``table`` or ``raster``."""
    shown: MapLayer | None
    codes: Mapping[str, Text] | None = None
    checked: bool = True
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the layer tree, topmost first. Of an exclusive one a single child is shown at a time."""

    name: str
    children: Sequence[Group | Sheet]
    checked: bool = True
    exclusive: bool = False

    def sheets(self) -> Iterator[Sheet]:
        """Return the layers below, topmost first."""
        for child in self.children:
            if isinstance(child, Sheet):
                yield child
            else:
                yield from child.sheets()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A result that a project is made of."""

    id: str
    method: Method
    tables: Mapping[str, pd.DataFrame]
    rasters: Sequence[str]
    places: Places
    title: str | None = None
    """Tells what no map shows from that of other results; None where there are no others."""

    def opened(self, maps: Mapping[str, Map]) -> Shelf:
        """Leave out tables about single homes, unless a map of the analysis says ``homes = "individual"``."""
        allowed = any(found.analysis == self.id and found.homes == "individual" for found in maps.values())
        held_back = {table.name for table in self.method.tables if table.homes and not allowed}
        return replace(self, tables={name: frame for name, frame in self.tables.items() if name not in held_back})


def contents(shelves: Sequence[Shelf], maps: Mapping[str, Map]) -> list[Group]:
    """Return a group for each map that shows a result, in the site's order, and one a result for what no map shows.

    The first map's group is shown, the others wait with a click.
    """
    opened = [shelf.opened(maps) for shelf in shelves]
    groups: list[Group] = []
    for name in maps_in_order(maps):
        children = [
            sheet
            for layer in reversed(maps[name].layers)
            for shelf in opened
            for sheet in _of_map(shelf, name, maps[name], layer)
        ]
        if children:
            groups.append(Group(maps[name].title.da, children, checked=not groups))
    for shelf in opened:
        rest = list(_rest(shelf, maps))
        if rest:
            words = _REST["da"] if shelf.title is None else f"{_REST['da']}: {shelf.title}"
            groups.append(Group(words, rest, checked=not groups))
    return groups


def _of_map(result: Shelf, name: str, map_: Map, layer: MapLayer) -> Iterator[Group | Sheet]:
    if layer.result != result.id:
        return
    key = f"{name}__{layer.id}"
    if layer.raster is not None:
        yield from _rasters_of_map(result, key, map_, layer)
    elif layer.table is not None and layer.table in result.tables:
        codes = codes_of(result.method, layer.table, layer.labels)
        words, subset = layer.title.da, None
        limit = _start_value(result, map_)
        if layer.from_step is not None and limit is not None:
            subset = f"{column_name(layer.from_step)} <= {literal(limit[0])}"
            words += f" ({limit[1]})"
        sheet = _table_sheet(result, key, words, layer.table, layer)
        sheet = replace(sheet, codes=codes, checked=layer.visible)
        yield from _by_kind(result, sheet, _kinds(result, layer.table), subset)


def _kinds(result: Shelf, table: str) -> list[str]:
    """Return the kinds of geometry in a table; of an empty one, what the method declares."""
    declared = [found.geometry for found in result.method.tables if found.name == table]
    return kinds_of(result.tables[table]) or [kind for kind in declared if kind in _KIND_WORDS]


def _table_sheet(result: Shelf, key: str, words: str, table: str, shown: MapLayer | None) -> Sheet:
    return Sheet(key, words, result.id, "", result.places.provider, "table", shown, table=table)


def _by_kind(result: Shelf, sheet: Sheet, kinds: Sequence[str], subset: str | None) -> Iterator[Sheet]:
    """Return a layer for each kind of geometry: QGIS draws points, lines and areas apart."""

    def placed(kind: str, *, only: bool) -> str:
        return result.places.table(result.id, str(sheet.table), kind=kind, only=only, subset=subset)

    if len(kinds) < 2:
        kind = kinds[0] if kinds else "any"
        yield replace(sheet, source=placed(kind, only=False), kind=kind)
        return
    for kind in kinds:
        words = f"{sheet.name} ({_KIND_WORDS[kind]})"
        yield replace(sheet, id=f"{sheet.id}__{kind}", name=words, source=placed(kind, only=True), kind=kind)


def _raster_sheet(result: Shelf, key: str, words: str, raster: str, shown: MapLayer | None) -> Sheet:
    return Sheet(key, words, result.id, result.places.raster(result.id, raster), "gdal", "raster", shown)


def _rasters_of_map(result: Shelf, key: str, map_: Map, layer: MapLayer) -> Iterator[Group | Sheet]:
    """Return a raster, or a group of those of the slider's steps, of which one is shown at a time."""
    name = str(layer.raster)
    if name in result.rasters:
        yield replace(_raster_sheet(result, key, layer.title.da, name, layer), checked=layer.visible)
        return
    start = 1 if map_.slider is None else map_.slider.start
    steps = [
        _raster_sheet(result, f"{key}__{step}", _step_name(result, map_.slider, step), f"{name}-{step}", layer)
        for step in range(1, len(result.rasters) + 1)
        if f"{name}-{step}" in result.rasters
    ]
    if steps:
        shown = min(start, len(steps)) - 1
        children = [replace(sheet, checked=at == shown) for at, sheet in enumerate(steps)]
        yield Group(layer.title.da, children, checked=layer.visible, exclusive=True)


def _rest(result: Shelf, maps: Mapping[str, Map]) -> Iterator[Sheet]:
    """Return what no map shows: features in grey, rasters, and tables without geometry, all of them hidden."""
    shown = [layer for found in maps.values() for layer in found.layers if layer.result == result.id]
    tables = {layer.table for layer in shown}
    drawn = {layer.raster for layer in shown}
    begin = "" if result.title is None else f"{result.id}__"
    for name in result.tables:
        kinds = _kinds(result, name)
        if name in tables:
            continue
        grey = MapLayer.model_validate(
            {"id": "x", "title": _REST, "result": result.id, "table": name, "style": _GREY}, strict=False
        )
        sheet = _table_sheet(result, f"{begin}table__{name}", name, name, grey if kinds else None)
        sheet = replace(sheet, checked=False)
        bare = result.places.table(result.id, name, kind="table", only=False, subset=None)
        yield from _by_kind(result, sheet, kinds, None) if kinds else [replace(sheet, source=bare)]
    for name in result.rasters:
        if name not in drawn and name.rpartition("-")[0] not in drawn:
            sheet = _raster_sheet(result, f"{begin}raster__{_identifier(name)}", name, name, None)
            yield replace(sheet, checked=False)


def _identifier(name: str) -> str:
    return name.replace("-", "__")


# ---------------------------------------------------------------- steps of the slider


def _start_value(result: Shelf, map_: Map) -> tuple[float, str] | None:
    """Return the value that features are compared with where the slider stands when a page opens, and its words."""
    slider = map_.slider
    if slider is None or slider.value is None or slider.result != result.id or slider.table not in result.tables:
        return None
    rows = result.tables[slider.table]
    if not len(rows) or slider.value not in rows:  # `check` tells of a column that is not there
        return None
    step = min(slider.start, len(rows))
    value = pd.to_numeric(rows[slider.value], errors="coerce").astype(float).iloc[step - 1]
    return (float(value), _step_name(result, slider, step)) if math.isfinite(value) else None


def _step_name(result: Shelf, slider: Slider | None, step: int) -> str:
    """Return a step's name as the page has it: its values with units."""
    if slider is None or slider.result != result.id or slider.table not in result.tables:
        return str(step)
    row = result.tables[slider.table].iloc[step - 1]
    declared = {
        column.name: column for table in result.method.tables if table.name == slider.table for column in table.columns
    }
    parts = []
    for field in slider.label:
        if field.column not in row:
            continue
        words = _value(row[field.column], declared.get(field.column), field.digits)
        parts.append(words if field.title is None else f"{field.title.da} {words}")
    return " · ".join(parts)


def _value(value: Any, column: OutputColumn | None, digits: int | None) -> str:
    if pd.isna(value):
        return "ukendt"
    if column is not None and column.codes and value in column.codes:
        return column.codes[value].da
    unit = "" if column is None or column.unit in {None, "-", "1"} else f" {column.unit}"
    if isinstance(value, str | bool | date):
        return f"{value}".removesuffix(" 00:00:00") + unit
    number = f"{float(value):.{max(digits, 0)}f}" if digits is not None else f"{float(value):g}"
    return number.replace(".", ",") + unit
