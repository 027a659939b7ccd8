"""Names on the map as QGIS writes them: dark grey with a white halo, beside a point or upright on an area or line."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, radians
from xml.etree.ElementTree import Element, SubElement

from ballerup_geo.results._qgis_symbols import points, rgba
from ballerup_geo.results._qgis_words import column_name, literal
from ballerup_geo.spec import MapLayer, Text

__all__ = ["labelling", "scale_of_zoom"]

_COLOUR = "#3a3f44"
_HALO_PX = 1.75
_LARGEST_PX = 16.0
_SMALLER_PX = 2.0
"""How much smaller the answer's names are than the ground's first ones."""
_OVER, _HORIZONTAL, _ORDERED = "1", "4", "6"
_EARTH_RADIUS_M = 6378137.0
_LATITUDE = 55.7
_TILE_PX = 256
_METRES_A_PIXEL = 0.0254 / 96


def scale_of_zoom(zoom: int) -> float:
    """Return the denominator of the scale that a page has at a zoom, at the latitude of Copenhagen on a 96 dpi screen.

    Examples
    --------
    >>> round(scale_of_zoom(14), -2)
    20400.0
    """
    ground: float = 2 * pi * _EARTH_RADIUS_M * cos(radians(_LATITUDE)) / (_TILE_PX * 2**zoom)
    return ground / _METRES_A_PIXEL


def labelling(shown: MapLayer, geometry: str, codes: Mapping[str, Text] | None) -> Element | None:
    """Return the names of a map layer; None where it has none.

    A column's values are written as they are, without being an expression; only values that stand for words
    (``codes``) are looked up.
    """
    if shown.labels is None:
        return None
    element = Element("labeling", type="simple")
    settings = SubElement(element, "settings", calloutType="simple")
    size_px = _LARGEST_PX if shown.role == "ground" else _LARGEST_PX - _SMALLER_PX
    text = SubElement(
        settings,
        "text-style",
        fieldName=_words(shown.labels, codes) if codes else shown.labels,
        isExpression="1" if codes else "0",
        allowHtml="0",
        useSubstitutions="0",
        fontFamily="Noto Sans",
        fontSize=points(size_px),
        fontSizeUnit="Point",
        fontWeight="63",
        fontItalic="1" if shown.role == "answer" and geometry != "point" else "0",
        textColor=rgba(_COLOUR),
        textOpacity="1",
        multilineHeight="1",
    )
    families = SubElement(text, "families")
    for family in ("Segoe UI", "Noto Sans", "Open Sans", "DejaVu Sans"):
        SubElement(families, "family", name=family)
    SubElement(
        text,
        "text-buffer",
        bufferDraw="1",
        bufferSize=points(_HALO_PX),
        bufferSizeUnits="Point",
        bufferColor=rgba("#ffffff"),
        bufferOpacity="1",
        bufferNoFill="1",
        bufferJoinStyle="128",
    )
    SubElement(settings, "text-format", multilineAlign="3", formatNumbers="0", wrapChar="")
    SubElement(settings, "placement", _placement(shown, geometry))
    SubElement(
        settings, "rendering", drawLabels="1", obstacle="1", displayAll="0", scaleVisibility="0", maxNumLabels="2000"
    )
    return element


def _words(column: str, codes: Mapping[str, Text]) -> str:
    name = column_name(column)
    cases = " ".join(f"WHEN {name} = {literal(code)} THEN {literal(text.da)}" for code, text in codes.items())
    return f"CASE {cases} ELSE {name} END"


def _placement(shown: MapLayer, geometry: str) -> dict[str, str]:
    if geometry != "point":
        return {"placement": _HORIZONTAL, "priority": "5"}
    if shown.style.fill_opacity == 0 or (shown.style.fill is None and shown.style.kind == "single"):
        return {"placement": _OVER, "priority": "5"}
    return {
        "placement": _ORDERED,
        "predefinedPositionOrder": "R,L,TR,BR,TL,BL",
        "offsetType": "1",
        "dist": points(_SMALLER_PX),
        "distUnits": "Point",
        "priority": "5",
    }
