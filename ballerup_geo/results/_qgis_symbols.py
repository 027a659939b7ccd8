"""The features of a map layer as QGIS draws them: one rule a class, in the map's colours, widths and dashes.

A rule-based renderer says exactly what the map file says: a class begins at its minimum and ends before the next one's,
features without a value are told from those of another value. Sizes are in points, so that they hold on paper as well:
the map's pixel is 0.75 pt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from ballerup_geo.results._qgis_words import column_name, inert, literal
from ballerup_geo.spec import Categories, Classes, Single

__all__ = ["UNKNOWN_COLOUR", "UNKNOWN_LABEL", "Style", "points", "rgba", "vector_renderer"]

UNKNOWN_COLOUR = "#8a8f94"
UNKNOWN_LABEL = "ukendt"
_SYMBOLS = {"point": "marker", "line": "line", "polygon": "fill"}
_TYPES = {"point": "Point", "line": "Line", "polygon": "Polygon"}
_DASHES_PX: Mapping[str, tuple[float, ...]] = {"dashed": (8, 6), "dotted": (1, 5)}
"""As the page draws them: stroke, gap."""

Style = Single | Categories | Classes


@dataclass(frozen=True, slots=True)
class _Paint:
    fill: str | None
    line: str | None
    look: Style

    @property
    def has_line(self) -> bool:
        """QGIS draws a line of width 0 as a hairline; the page draws none."""
        return self.line is not None and self.look.line_width_px > 0


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of the legend: which features (None: all), called what, drawn how."""

    condition: str | None
    label: str
    paint: _Paint


def points(pixels: float) -> str:
    """Return a size of the map in points.

    Examples
    --------
    >>> points(2.0)
    '1.5'
    """
    return f"{0.75 * pixels:g}"


def rgba(colour: str, opacity: float = 1.0) -> str:
    """Return a colour (#rrggbb) as QGIS writes it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def vector_renderer(style: Style, geometry: str) -> Element:
    """Return the renderer of point, line or polygon features; labels in Danish.

    With the geometry ``any`` each kind has rules of its own.
    """
    renderer = Element("renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0", forceraster="0")
    rules = SubElement(renderer, "rules", key="rules")
    symbols = SubElement(renderer, "symbols")
    if geometry != "any":
        _add_rules(rules, symbols, style, geometry)
        return renderer
    for kind, name in _TYPES.items():
        own = SubElement(rules, "rule", key=kind, label=name, filter=f"geometry_type($geometry) = '{name}'")
        _add_rules(own, symbols, style, kind)
    return renderer


def _add_rules(rules: Element, symbols: Element, style: Style, geometry: str) -> None:
    for rule in _rules(style):
        number = str(len(symbols))
        entry = SubElement(rules, "rule", key=f"rule{number}", symbol=number, label=inert(rule.label))
        if rule.condition is not None:
            entry.set("filter", rule.condition)
        _add_symbol(symbols, number, geometry, rule.paint)


def _rules(style: Style) -> Iterator[_Rule]:
    if isinstance(style, Single):
        yield _Rule(None, "", _Paint(style.fill, style.line, style))
        return
    column = column_name(style.column)
    unknown = _coloured(style, UNKNOWN_COLOUR)
    if isinstance(style, Categories):
        for category in style.categories:
            condition = f"{column} = {literal(category.value)}"
            yield _Rule(condition, category.label.da, _coloured(style, category.colour))
        if style.other is None:
            yield _Rule("ELSE", UNKNOWN_LABEL, unknown)
            return
        own = (style.fill if style.paint == "fill" else style.line) or UNKNOWN_COLOUR
        yield _Rule(f"{column} IS NULL", UNKNOWN_LABEL, unknown)
        yield _Rule("ELSE", style.other.da, _coloured(style, own))
        return
    for number, entry in enumerate(style.classes):
        condition = f"{column} >= {literal(entry.minimum)}"
        if number + 1 < len(style.classes):
            condition += f" AND {column} < {literal(style.classes[number + 1].minimum)}"
        yield _Rule(condition, entry.label.da, _coloured(style, entry.colour))
    yield _Rule("ELSE", UNKNOWN_LABEL, unknown)


def _coloured(style: Categories | Classes, colour: str) -> _Paint:
    if style.paint == "line":
        return _Paint(style.fill, colour, style)
    return _Paint(colour, style.line, style)


# ---------------------------------------------------------------- symbols


def _add_symbol(symbols: Element, name: str, geometry: str, paint: _Paint) -> None:
    symbol = SubElement(
        symbols, "symbol", type=_SYMBOLS[geometry], name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    if geometry == "point":
        _add_layer(symbol, "SimpleMarker", _marker(paint))
    elif geometry == "line":
        _add_layer(symbol, "SimpleLine", _stroke(paint))
    else:
        _add_layer(symbol, "SimpleFill", _area(paint))
        if paint.has_line:
            _add_layer(symbol, "SimpleLine", _stroke(paint))


def _marker(paint: _Paint) -> dict[str, str]:
    return {
        "name": "circle",
        "size": points(2 * paint.look.radius_px),
        "size_unit": "Point",
        "color": rgba(paint.fill, paint.look.fill_opacity) if paint.fill else "0,0,0,0",
        "outline_color": rgba(paint.line) if paint.has_line and paint.line else "0,0,0,0",
        "outline_style": {"dashed": "dash", "dotted": "dot"}.get(paint.look.dash, "solid") if paint.has_line else "no",
        "outline_width": points(paint.look.line_width_px),
        "outline_width_unit": "Point",
    }


def _area(paint: _Paint) -> dict[str, str]:
    """Fill alone: the outline is a line of its own, whose dashes have the map's lengths."""
    return {
        "color": rgba(paint.fill, paint.look.fill_opacity) if paint.fill else "0,0,0,0",
        "style": "solid" if paint.fill else "no",
        "outline_style": "no",
    }


def _stroke(paint: _Paint) -> dict[str, str]:
    dashes = _DASHES_PX.get(paint.look.dash)
    own = {
        "line_color": rgba(paint.line) if paint.line else "0,0,0,0",
        "line_style": "solid" if paint.has_line else "no",
        "line_width": points(paint.look.line_width_px),
        "line_width_unit": "Point",
        "capstyle": "flat" if paint.look.dash == "dashed" else "round",
        "joinstyle": "round",
    }
    if dashes is None:
        return own
    return {
        **own,
        "use_custom_dash": "1",
        "customdash": ";".join(points(length) for length in dashes),
        "customdash_unit": "Point",
    }


def _add_layer(symbol: Element, name: str, properties: Mapping[str, str]) -> None:
    layer = SubElement(symbol, "layer", {"class": name, "enabled": "1", "locked": "0", "pass": "0"})
    options = SubElement(layer, "Option", type="Map")
    for key, value in sorted(properties.items()):
        SubElement(options, "Option", name=key, value=value, type="QString")
    for key, value in sorted(properties.items()):  # what QGIS before 3.18 reads
        SubElement(layer, "prop", k=key, v=value)
