"""A map file's style as QGIS style (QML), so that a GeoPackage opens there in the colours of the map.

Elements are built, never pasted together: a label that holds ``<`` stays a label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ballerup_geo.spec import Categories, Classes, Map, Method, Single

__all__ = ["qgis_style", "qgis_styles"]

_UNKNOWN = "#8a8f94"
_SYMBOLS = {"point": ("marker", "SimpleMarker"), "line": ("line", "SimpleLine"), "polygon": ("fill", "SimpleFill")}
_PENS = {"solid": "solid", "dashed": "dash", "dotted": "dot"}

Style = Single | Categories | Classes


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of the legend: which features, called what, in which colour (None: the style's own)."""

    condition: str | None
    label: str
    colour: str | None


def qgis_styles(maps: Mapping[str, Map], analysis_id: str, method: Method) -> dict[str, str]:
    """Return the style of each table of a result: that of the first map, in the site's order, that shows it."""
    geometry = {table.name: table.geometry for table in method.tables}
    styles: dict[str, str] = {}
    for name in sorted(maps, key=lambda name: (maps[name].order, name)):
        for shown in maps[name].layers:
            table = shown.table
            if shown.result == analysis_id and table is not None and geometry.get(table) in _SYMBOLS:
                styles.setdefault(table, qgis_style(shown.style, geometry[table]))
    return styles


def qgis_style(style: Style, geometry: str) -> str:
    """Return the QML of a style for point, line or polygon features; labels in Danish.

    A rule-based renderer says exactly what the map file says: a class begins at its minimum and ends before the next.
    """
    root = Element("qgis", version="3.22.0", styleCategories="Symbology")
    renderer = SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0")
    rules = SubElement(renderer, "rules", key="rules")
    symbols = SubElement(renderer, "symbols")
    for number, rule in enumerate(_rules(style)):
        entry = SubElement(rules, "rule", key=f"rule{number}", symbol=str(number), label=rule.label)
        if rule.condition is not None:
            entry.set("filter", rule.condition)
        _symbol(symbols, str(number), geometry, _paint(style, geometry, rule.colour))
    indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode") + "\n"


def _rules(style: Style) -> Iterator[_Rule]:
    if isinstance(style, Single):
        yield _Rule(None, "", None)
        return
    column = '"' + style.column.replace('"', '""') + '"'
    if isinstance(style, Categories):
        for category in style.categories:
            yield _Rule(f"{column} = {_literal(category.value)}", category.label.da, category.colour)
        yield _Rule("ELSE", style.other.da if style.other is not None else "ukendt", _UNKNOWN)
        return
    for number, entry in enumerate(style.classes):
        condition = f"{column} >= {entry.minimum!r}"
        if number + 1 < len(style.classes):
            condition += f" AND {column} < {style.classes[number + 1].minimum!r}"
        yield _Rule(condition, entry.label.da, entry.colour)
    yield _Rule("ELSE", "ukendt", _UNKNOWN)


def _literal(value: str | int | bool) -> str:
    """Write a value as QGIS expressions do."""
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return str(value).lower()


def _paint(style: Style, geometry: str, colour: str | None) -> dict[str, str]:
    """Return the properties of a symbol layer."""
    fill, line = style.fill, style.line
    if colour is not None and not isinstance(style, Single):
        fill, line = (fill, colour) if style.paint == "line" else (colour, line)
    pen = _PENS[style.dash]
    if geometry == "line":
        return {
            "line_color": _rgba(line or fill or _UNKNOWN, 1.0),
            "line_style": pen,
            "line_width": f"{style.line_width_px:g}",
            "line_width_unit": "Pixel",
            "capstyle": "round",
            "joinstyle": "round",
        }
    paint = {
        "color": _rgba(fill or "#ffffff", style.fill_opacity if fill else 0.0),
        "outline_color": _rgba(line or "#000000", 1.0 if line else 0.0),
        "outline_style": pen if line else "no",
        "outline_width": f"{style.line_width_px:g}",
        "outline_width_unit": "Pixel",
    }
    if geometry == "point":
        return {**paint, "name": "circle", "size": f"{2 * style.radius_px:g}", "size_unit": "Pixel"}
    return {**paint, "style": "solid" if fill else "no"}


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _symbol(symbols: Element, name: str, geometry: str, paint: dict[str, str]) -> None:
    kind, layer_class = _SYMBOLS[geometry]
    symbol = SubElement(symbols, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    layer = SubElement(symbol, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    options = SubElement(layer, "Option", type="Map")
    for key, value in sorted(paint.items()):
        SubElement(options, "Option", name=key, value=value, type="QString")
    for key, value in sorted(paint.items()):  # what QGIS before 3.18 reads
        SubElement(layer, "prop", k=key, v=value)
