"""What the QGIS project of a result holds: groups and layers, before any of it is written as QGIS wants it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from ballerup_geo.results._qgis import KINDS, codes_of, kinds_of, maps_in_order
from ballerup_geo.results._qgis_words import column_name, literal
from ballerup_geo.spec import Map, MapLayer, Method, OutputColumn, Slider, Text

__all__ = ["Group", "Sheet", "contents"]

_REST = {"da": "Tabeller og lag uden for kortene", "en": "Tables and layers beside the maps"}
_KIND_WORDS = {"point": "punkter", "line": "linjer", "polygon": "flader"}
_GREY = {"kind": "single", "fill": "#c9ced1", "fill_opacity": 0.5, "line": "#5b6268"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A layer of the project. ``shown`` is None for a table without geometry and a raster that no map draws."""

    id: str
    name: str
    source: str
    """Relative to the GeoPackage, as GDAL's drivers take it."""
    kind: str
    """``point``, ``line``, ``polygon``, ``any``, ``table`` or ``raster``."""
    shown: MapLayer | None
    codes: Mapping[str, Text] | None = None
    checked: bool = True


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
class _Result:
    """The result a project is made of."""

    id: str
    method: Method
    tables: Mapping[str, pd.DataFrame]
    rasters: Sequence[str]


def contents(
    analysis_id: str,
    *,
    maps: Mapping[str, Map],
    method: Method,
    tables: Mapping[str, pd.DataFrame],
    rasters: Sequence[str],
) -> list[Group]:
    """Return a group for each map that shows the result, in the site's order, and one for what no map shows.

    The first map's group is shown, the others wait with a click. Tables about single homes are left out unless a map of
    the analysis says ``homes = "individual"``.
    """
    allowed = any(found.analysis == analysis_id and found.homes == "individual" for found in maps.values())
    held_back = {table.name for table in method.tables if table.homes and not allowed}
    open_tables = {name: frame for name, frame in tables.items() if name not in held_back}
    result = _Result(analysis_id, method, open_tables, rasters)
    groups: list[Group] = []
    for name in maps_in_order(maps):
        children = [
            sheet for layer in reversed(maps[name].layers) for sheet in _of_map(result, name, maps[name], layer)
        ]
        if children:
            groups.append(Group(maps[name].title.da, children, checked=not groups))
    rest = list(_rest(result, maps))
    return [*groups, Group(_REST["da"], rest, checked=not groups)] if rest else groups


def _of_map(result: _Result, name: str, map_: Map, layer: MapLayer) -> Iterator[Group | Sheet]:
    if layer.result != result.id:
        return
    key = f"{name}__{layer.id}"
    if layer.raster is not None:
        yield from _rasters_of_map(result, key, map_, layer)
    elif layer.table is not None and layer.table in result.tables:
        codes = codes_of(result.method, layer.table, layer.labels)
        source, words = _source(result, layer.table), layer.title.da
        limit = _start_value(result, map_)
        if layer.from_step is not None and limit is not None:
            source += f"|subset={column_name(layer.from_step)} <= {literal(limit[0])}"
            words += f" ({limit[1]})"
        yield from _by_kind(Sheet(key, words, source, "any", layer, codes, layer.visible), _kinds(result, layer.table))


def _kinds(result: _Result, table: str) -> list[str]:
    """Return the kinds of geometry in a table; of an empty one, what the method declares."""
    declared = [found.geometry for found in result.method.tables if found.name == table]
    return kinds_of(result.tables[table]) or [kind for kind in declared if kind in _KIND_WORDS]


def _by_kind(sheet: Sheet, kinds: Sequence[str]) -> Iterator[Sheet]:
    """Return a layer for each kind of geometry: QGIS draws points, lines and areas apart."""
    if len(kinds) < 2:
        yield replace(sheet, kind=kinds[0] if kinds else "any")
        return
    for kind in kinds:
        source = f"{sheet.source}|geometrytype={KINDS[kind]}"
        words = f"{sheet.name} ({_KIND_WORDS[kind]})"
        yield replace(sheet, id=f"{sheet.id}__{kind}", name=words, source=source, kind=kind)


def _source(result: _Result, table: str) -> str:
    return f"./{result.id}.gpkg|layername={table}"


def _rasters_of_map(result: _Result, key: str, map_: Map, layer: MapLayer) -> Iterator[Group | Sheet]:
    """Return a raster, or a group of those of the slider's steps, of which one is shown at a time."""
    if layer.raster in result.rasters:
        yield Sheet(key, layer.title.da, f"./{layer.raster}.tif", "raster", layer, checked=layer.visible)
        return
    start = 1 if map_.slider is None else map_.slider.start
    steps = [
        Sheet(f"{key}__{step}", _step_name(result, map_.slider, step), f"./{layer.raster}-{step}.tif", "raster", layer)
        for step in range(1, len(result.rasters) + 1)
        if f"{layer.raster}-{step}" in result.rasters
    ]
    if steps:
        shown = min(start, len(steps)) - 1
        children = [replace(sheet, checked=at == shown) for at, sheet in enumerate(steps)]
        yield Group(layer.title.da, children, checked=layer.visible, exclusive=True)


def _rest(result: _Result, maps: Mapping[str, Map]) -> Iterator[Sheet]:
    """Return what no map shows: features in grey, rasters, and tables without geometry, all of them hidden."""
    shown = [layer for found in maps.values() for layer in found.layers if layer.result == result.id]
    tables = {layer.table for layer in shown}
    drawn = {layer.raster for layer in shown}
    for name in result.tables:
        kinds = _kinds(result, name)
        if name in tables:
            continue
        grey = MapLayer.model_validate(
            {"id": "x", "title": _REST, "result": result.id, "table": name, "style": _GREY}, strict=False
        )
        sheet = Sheet(f"table__{name}", name, _source(result, name), "table", grey if kinds else None, None, False)
        yield from _by_kind(sheet, kinds) if kinds else [sheet]
    for name in result.rasters:
        if name not in drawn and name.rpartition("-")[0] not in drawn:
            yield Sheet(f"raster__{_identifier(name)}", name, f"./{name}.tif", "raster", None, None, False)


def _identifier(name: str) -> str:
    return name.replace("-", "__")


# ---------------------------------------------------------------- steps of the slider


def _start_value(result: _Result, map_: Map) -> tuple[float, str] | None:
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


def _step_name(result: _Result, slider: Slider | None, step: int) -> str:
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
