"""A QGIS project: maps as groups of styled layers. That of one result is kept inside its GeoPackage.

Written without QGIS. Sources are relative to the GeoPackage, so that the folder may be moved as a whole.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from ballerup_geo.results._qgis import as_document, vector_parts
from ballerup_geo.results._qgis_contents import Group, Sheet, Shelf, contents
from ballerup_geo.results._qgis_places import FilePlaces
from ballerup_geo.results._qgis_rasters import raster_pipe
from ballerup_geo.results._qgis_words import inert
from ballerup_geo.spec import Map, Method
from ballerup_geo.spec.notice import MODEL_NOTICE

__all__ = ["About", "qgis_project", "whole_project"]

_FIXED_TIME = (2000, 1, 1, 0, 0, 0)
_GEOMETRIES = {"point": "Point", "line": "Line", "polygon": "Polygon", "table": "No geometry"}
_MARGIN = 0.03
"""Of the extent's sides, left free around the layers when the project opens."""


@dataclass(frozen=True, slots=True)
class About:
    """What a project says of the result it shows."""

    analysis: str
    title: str
    modelled: bool
    inputs: Mapping[str, Mapping[str, Any] | None]
    """Each input of the method → its provenance."""


def qgis_project(
    about: About,
    *,
    maps: Mapping[str, Map],
    method: Method,
    tables: Mapping[str, pd.DataFrame],
    rasters: Sequence[str],
) -> bytes:
    """Return the project as QGIS keeps it (.qgz); the same result and maps give the same bytes.

    The words about modelled data stand in its title, on the map, around all groups and behind each layer's name.
    """
    shelf = Shelf(about.analysis, method, tables, rasters, FilePlaces({about.analysis: "."}))
    return _packed(about, {about.analysis: about}, [shelf], maps)


def whole_project(name: str, title: str, results: Sequence[tuple[About, Shelf]], maps: Mapping[str, Map]) -> bytes:
    """Return a project (.qgz) of several results: every map once, then what no map shows, a group a result."""
    abouts = {about.analysis: about for about, _ in results}
    inputs = {f"{about.analysis} {key}": entry for about, _ in results for key, entry in about.inputs.items()}
    whole = About(name, title, any(about.modelled for about in abouts.values()), inputs)
    return _packed(whole, abouts, [shelf for _, shelf in results], maps)


def _packed(whole: About, abouts: Mapping[str, About], shelves: Sequence[Shelf], maps: Mapping[str, Map]) -> bytes:
    groups = contents(shelves, maps)
    document = as_document(_project(whole, abouts, groups, _extent(shelves, groups)))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"{whole.analysis}.qgs", _FIXED_TIME)
        entry.create_system, entry.compress_type, entry.external_attr = 3, zipfile.ZIP_DEFLATED, 0o644 << 16
        archive.writestr(entry, document.encode())
    return packed.getvalue()


def _project(
    about: About, abouts: Mapping[str, About], groups: Sequence[Group], extent: tuple[float, ...] | None
) -> Element:
    title = f"{MODEL_NOTICE.da}: {about.title}" if about.modelled else about.title
    root = Element("qgis", version="3.22.0", projectname=inert(title))
    _text(root, "title", inert(title))
    _add_crs(root, "projectCrs")
    if about.modelled:
        groups = [Group(f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}", groups)]
    tree = SubElement(root, "layer-tree-group")
    for group in groups:
        _add_to_tree(tree, group, abouts)
    sheets = [sheet for group in groups for sheet in group.sheets()]
    layers = SubElement(root, "projectlayers")
    for sheet in reversed(sheets):
        layers.append(_layer(sheet, abouts[sheet.analysis]))
    order = SubElement(root, "layerorder")
    for sheet in sheets:
        SubElement(order, "layer", id=sheet.id)
    _add_view(root, extent)
    root.append(_properties(about, title))
    root.append(_metadata(about, title))
    return root


def _text(parent: Element, name: str, words: str) -> Element:
    element = SubElement(parent, name)
    element.text = words
    return element


@cache
def _wkt() -> str:
    return str(CRS("EPSG:25832").to_wkt())


def _add_crs(parent: Element, name: str) -> None:
    """Add EPSG:25832 in full: QGIS does not look up a project's system by its code alone."""
    system = SubElement(SubElement(parent, name), "spatialrefsys", nativeFormat="Wkt")
    for key, value in (
        ("wkt", _wkt()),
        ("proj4", "+proj=utm +zone=32 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m +no_defs"),
        ("srsid", "2105"),
        ("srid", "25832"),
        ("authid", "EPSG:25832"),
        ("description", "ETRS89 / UTM zone 32N"),
        ("projectionacronym", "utm"),
        ("ellipsoidacronym", "EPSG:7019"),
        ("geographicflag", "false"),
    ):
        _text(system, key, value)


# ---------------------------------------------------------------- layers


def _name(sheet: Sheet, about: About) -> str:
    return inert(f"{sheet.name} – {MODEL_NOTICE.da}" if about.modelled else sheet.name)


def _check(checked: bool) -> str:
    return "Qt::Checked" if checked else "Qt::Unchecked"


def _add_to_tree(parent: Element, item: Group | Sheet, abouts: Mapping[str, About]) -> None:
    if isinstance(item, Sheet):
        SubElement(
            parent,
            "layer-tree-layer",
            id=item.id,
            name=_name(item, abouts[item.analysis]),
            source=item.source,
            providerKey=item.provider,
            checked=_check(item.checked),
            expanded="0" if item.shown is None or not item.checked else "1",
        )
        return
    group = SubElement(
        parent,
        "layer-tree-group",
        name=inert(item.name),
        checked=_check(item.checked),
        expanded="1" if item.checked else "0",
    )
    if item.exclusive:
        at = next((at for at, child in enumerate(item.children) if isinstance(child, Sheet) and child.checked), -1)
        group.set("mutually-exclusive", "1")
        group.set("mutually-exclusive-child", str(at))
    for child in item.children:
        _add_to_tree(group, child, abouts)


def _layer(sheet: Sheet, about: About) -> Element:
    layer = Element("maplayer", type="raster" if sheet.kind == "raster" else "vector")
    _text(layer, "id", sheet.id)
    _text(layer, "datasource", sheet.source)
    _text(layer, "layername", _name(sheet, about))
    _add_crs(layer, "srs")
    layer.append(_rights(sheet, about))
    if sheet.kind == "raster":
        _text(layer, "provider", "gdal")
        layer.append(raster_pipe(None if sheet.shown is None else sheet.shown.style))
        return layer
    provider = _text(layer, "provider", sheet.provider)
    provider.set("encoding", "UTF-8")
    if sheet.kind in _GEOMETRIES:
        layer.set("geometry", _GEOMETRIES[sheet.kind])
    if sheet.shown is not None:
        vector_parts(layer, sheet.shown, sheet.kind, sheet.codes)
    return layer


def _sources(about: About) -> Iterator[tuple[str, str]]:
    """Return whom to name and under which licence, each once."""
    said = [entry for entry in about.inputs.values() if entry is not None and entry.get("attribution")]
    yield from dict.fromkeys((str(entry["attribution"]["da"]), str(entry.get("licence") or "")) for entry in said)


def _rights(sheet: Sheet, about: About) -> Element:
    metadata = Element("resourceMetadata")
    _text(metadata, "title", _name(sheet, about))
    _text(metadata, "abstract", inert(MODEL_NOTICE.da if about.modelled else about.title))
    for attribution, _ in _sources(about):
        _text(metadata, "rights", inert(attribution))
    for licence in dict.fromkeys(licence for _, licence in _sources(about) if licence):
        _text(metadata, "license", inert(licence))
    return metadata


# ---------------------------------------------------------------- what is around them


def _extent(shelves: Sequence[Shelf], groups: Sequence[Group]) -> tuple[float, ...] | None:
    """Return the box of the tables that the project shows, with a margin; None where none has a place."""
    shown = {(sheet.analysis, sheet.table) for group in groups for sheet in group.sheets()}
    boxes = [
        frame.total_bounds
        for shelf in shelves
        for name, frame in shelf.tables.items()
        if (shelf.id, name) in shown
        and isinstance(frame, gpd.GeoDataFrame)
        and not frame.geometry.dropna().is_empty.all()
    ]
    if not boxes:
        return None
    west, south = (float(min(box[side] for box in boxes)) for side in (0, 1))
    east, north = (float(max(box[side] for box in boxes)) for side in (2, 3))
    margin = max(_MARGIN * max(east - west, north - south), 1.0)
    return west - margin, south - margin, east + margin, north + margin


def _add_view(root: Element, extent: tuple[float, ...] | None) -> None:
    if extent is None:
        return
    keys = ("xmin", "ymin", "xmax", "ymax")
    canvas = SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    _text(canvas, "units", "meters")
    box = SubElement(canvas, "extent")
    for key, value in zip(keys, extent, strict=True):
        _text(box, key, f"{value:.1f}")
    _text(canvas, "rotation", "0")
    _add_crs(canvas, "destinationsrs")
    view = SubElement(root, "ProjectViewSettings", UseProjectScales="0")
    SubElement(view, "Scales")
    start = SubElement(
        view, "DefaultViewExtent", {key: f"{value:.1f}" for key, value in zip(keys, extent, strict=True)}
    )
    _add_crs(start, "crs")
    crs = start[0]
    start.append(crs[0])
    start.remove(crs)


def _properties(about: About, title: str) -> Element:
    """Return the project's settings: its system is in force, and title and sources are written on the map."""
    properties = Element("properties")
    _entry(properties, "SpatialRefSys", "ProjectionsEnabled", "int", "1")
    _entry(properties, "Paths", "Absolute", "bool", "false")
    _decoration(properties, "TitleLabel", title if about.modelled else "")
    _decoration(properties, "CopyrightLabel", "; ".join(dict.fromkeys(who for who, _ in _sources(about))))
    return properties


def _decoration(properties: Element, name: str, words: str) -> None:
    if words:
        _entry(properties, name, "Enabled", "bool", "true")
        _entry(properties, name, "Label", "QString", inert(words))


def _entry(properties: Element, scope: str, key: str, kind: str, value: str) -> None:
    found = properties.find(scope)
    group = SubElement(properties, scope) if found is None else found
    _text(group, key, value).set("type", kind)


def _metadata(about: About, title: str) -> Element:
    metadata = Element("projectMetadata")
    _text(metadata, "identifier", about.analysis)
    _text(metadata, "language", "da")
    _text(metadata, "type", "dataset")
    _text(metadata, "title", inert(title))
    notice = [f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}"] if about.modelled else []
    said = [f"{who} ({licence})" if licence else who for who, licence in _sources(about)]
    _text(metadata, "abstract", inert("\n".join([*notice, *said])))
    return metadata
