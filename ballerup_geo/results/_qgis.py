"""A map file's styles as QGIS styles (QML), so that a GeoPackage opens there in the colours of the map.

Elements are built, never pasted together: a label that holds ``<`` stays a label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, indent, tostring

import geopandas as gpd
import pandas as pd

from ballerup_geo.results._qgis_labels import labelling, scale_of_zoom
from ballerup_geo.results._qgis_symbols import vector_renderer
from ballerup_geo.spec import Map, MapLayer, Method, Text

__all__ = ["KINDS", "as_document", "codes_of", "kinds_of", "maps_in_order", "qgis_style", "qgis_styles", "vector_parts"]

KINDS = {"point": "Point", "line": "LineString", "polygon": "Polygon"}
_TYPE_NUMBERS = {"point": "0", "line": "1", "polygon": "2"}


def qgis_styles(
    maps: Mapping[str, Map], analysis_id: str, method: Method, tables: Mapping[str, pd.DataFrame]
) -> dict[str, str]:
    """Return the style of each table of a result: that of the first map, in the site's order, that shows it.

    A layer of names alone gives way to one that draws the same table.
    """
    geometry = {table.name: table.geometry for table in method.tables}
    styles: dict[str, str] = {}
    for _, layer in sorted(_shown(maps, analysis_id), key=lambda item: _is_quiet(item[1])):
        table = str(layer.table)
        if table in tables and geometry.get(table, "table") not in {"table", "raster"}:
            kinds = kinds_of(tables[table])
            kind = kinds[0] if len(kinds) == 1 else geometry[table]
            styles.setdefault(table, qgis_style(layer, kind, codes_of(method, table, layer.labels)))
    return styles


def _shown(maps: Mapping[str, Map], analysis_id: str) -> Iterator[tuple[str, MapLayer]]:
    for name in maps_in_order(maps):
        for layer in maps[name].layers:
            if layer.result == analysis_id and layer.table is not None:
                yield name, layer


def _is_quiet(layer: MapLayer) -> bool:
    return layer.style.kind == "single" and layer.labels is not None and layer.style.fill_opacity == 0


def maps_in_order(maps: Mapping[str, Map]) -> list[str]:
    """Return the maps in the site's order."""
    return sorted(maps, key=lambda name: (maps[name].order, name))


def codes_of(method: Method, table: str, column: str | None) -> Mapping[str, Text] | None:
    """Return what the values of a table's column stand for; None where they are their own words."""
    for declared in method.tables:
        if declared.name == table:
            for found in declared.columns:
                if found.name == column:
                    return found.codes
    return None


def kinds_of(frame: pd.DataFrame) -> list[str]:
    """Return the kinds of geometry in a table: point, line, polygon."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return []
    found = {name.removeprefix("Multi").replace("LinearRing", "LineString") for name in frame.geom_type.dropna()}
    return [kind for kind, name in KINDS.items() if name in found]


def qgis_style(layer: MapLayer, geometry: str, codes: Mapping[str, Text] | None = None) -> str:
    """Return the QML of a map layer for point, line, polygon or ``any`` features; labels in Danish."""
    root = Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling|Rendering")
    vector_parts(root, layer, geometry, codes)
    if geometry in _TYPE_NUMBERS:
        number = Element("layerGeometryType")
        number.text = _TYPE_NUMBERS[geometry]
        root.append(number)
    return as_document(root)


def vector_parts(parent: Element, layer: MapLayer, geometry: str, codes: Mapping[str, Text] | None) -> None:
    """Add how features look to an element of a style or a project."""
    names = labelling(layer, geometry, codes)
    parent.set("labelsEnabled", "0" if names is None else "1")
    limit = layer.minimum_zoom
    parent.set("hasScaleBasedVisibilityFlag", "0" if limit is None else "1")
    parent.set("maxScale", "0")
    parent.set("minScale", "100000000" if limit is None else f"{scale_of_zoom(limit):.0f}")
    parent.append(vector_renderer(layer.style, geometry))
    if names is not None:
        parent.append(names)


def as_document(root: Element) -> str:
    """Return an element as QGIS' document."""
    indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode") + "\n"
