"""WFS 2.0: what the service offers, what a type looks like, and its features page by page.

Requests are of the documented form (OGC 09-025r2, 7.9 and 11.2): ``typeNames``, ``count``, ``startIndex``, ``sortBy``,
``srsName`` and ``bbox`` with the CRS as a URN. EPSG:25832 has east before north in every writing, so that order is
used; a service that wants it otherwise answers nothing, which :func:`read_wfs` finds out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element  # the type alone

import geopandas as gpd
import pandas as pd

from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources._http import Answer
from ballerup_geo.sources._request import Bounds
from ballerup_geo.sources._xml import UnreadableError, exception_text, local, parsed
from ballerup_geo.sources.ogc._asked import PAGE_BYTES, Asked, Came, Pages
from ballerup_geo.sources.ogc._geojson import features_of, read_json, stated_crs, table
from ballerup_geo.sources.ogc._gml import announced, read_gml
from ballerup_geo.sources.ogc._only import as_cql, as_fes, kept_only
from ballerup_geo.spec.faults import nearest

__all__ = ["read_wfs"]

_URN = "urn:ogc:def:crs:EPSG::25832"
_DOCUMENT_BYTES = 50_000_000
_JSON = ("application/json", "application/geo+json", "geojson", "json")
_GML = "application/gml+xml; version=3.2"
_SCHEMA_PARTS = {"sequence", "extension", "complexContent", "complexType"}


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a service says about itself and the type that is wanted."""

    type_name: str
    output: str
    as_json: bool
    columns: tuple[str, ...] = ()
    geometry: str | None = None


def read_wfs(asked: Asked) -> Came:
    """Return all features of a type that were asked for.

    Raises
    ------
    SourceError
        The service has no such type (the nearest is named), reports an exception (also with HTTP 200), repeats pages
        or features, or sends fewer than it announced.
    """
    offer = _described(asked, _offered(asked))
    asked = replace(asked, type_name=offer.type_name, geometry=asked.geometry or offer.geometry)
    matched = _hits(asked, asked.bounds)
    notes: tuple[str, ...] = ()
    if matched == 0 and asked.bounds is not None:
        asked, matched, notes = _axes_tried(asked)
    frame, said = _all_pages(asked, offer, matched)
    frame, left_out = kept_only(frame, asked.only)
    columns = offer.columns or tuple(str(name) for name in frame.columns if name != frame.geometry.name)
    return Came(frame, columns, (*notes, *said, *left_out))


# ---------------------------------------------------------------- what is offered


def _offered(asked: Asked) -> _Offer:
    root = _document(asked, {"request": "GetCapabilities"}, "WFS_Capabilities")
    names = [
        (name.text or "").strip()
        for kind in root.iter()
        if local(kind.tag) == "FeatureType"
        for name in kind
        if local(name.tag) == "Name"
    ]
    formats = _output_formats(root)
    as_json = next((each for each in formats if each.partition(";")[0].strip().lower() in _JSON), None)
    gml = next((each for each in formats if "gml" in each.lower() and "3.2" in each), _GML)
    return _Offer(_type_name(asked, names), as_json or gml, as_json is not None)


def _type_name(asked: Asked, names: list[str]) -> str:
    if asked.type_name in names:
        return asked.type_name
    bare = asked.type_name.rpartition(":")[2]
    alike = [name for name in names if name.rpartition(":")[2] == bare]
    if len(alike) == 1 and ":" not in asked.type_name:
        return alike[0]
    raise asked.error("there is no such feature type", nearest(asked.type_name, names[:400]), "type_name")


def _output_formats(root: Element) -> list[str]:
    """Return the formats of GetFeature, as the service writes them."""
    for operation in root.iter():
        if local(operation.tag) == "Operation" and operation.attrib.get("name") == "GetFeature":
            for parameter in operation.iter():
                if local(parameter.tag) == "Parameter" and parameter.attrib.get("name") == "outputFormat":
                    return [(value.text or "").strip() for value in parameter.iter() if local(value.tag) == "Value"]
    return []


def _described(asked: Asked, offer: _Offer) -> _Offer:
    """Add columns and geometry from DescribeFeatureType, as far as it is written in the usual, flat way."""
    root = _document(asked, {"request": "DescribeFeatureType", "typeNames": offer.type_name}, "schema")
    columns, geometry = [], None
    for element in root.iter():
        if local(element.tag) != "element" or "name" not in element.attrib or "substitutionGroup" in element.attrib:
            continue
        if element.attrib.get("type", "").startswith("gml:"):
            geometry = geometry or element.attrib["name"]
        else:
            columns.append(element.attrib["name"])
    return replace(offer, columns=tuple(dict.fromkeys(columns)), geometry=geometry)


def _document(asked: Asked, params: Mapping[str, str], root_name: str) -> Element:
    answer = _ask(asked, params, limit_bytes=_DOCUMENT_BYTES)
    try:
        root = parsed(answer.content)
    except UnreadableError as error:
        said = asked.request.client.said(answer.content[:600])
        raise asked.error(f"{params['request']}: the answer {error}: {said}", "check url", "url") from None
    if local(root.tag) != root_name:
        what = f"{params['request']} is answered by a {local(root.tag)}"
        raise asked.error(what, "check that url leads to a WFS 2.0", "url")
    return root


def _ask(asked: Asked, params: Mapping[str, str], *, limit_bytes: int) -> Answer:
    """Send a request; an exception report, which may come with HTTP 200, is raised."""
    fixed = {"service": "WFS", "version": "2.0.0", **params}
    answer = asked.request.client.ask(asked.url, fixed, limit_bytes=limit_bytes, secret_params=asked.secret_params)
    said = exception_text(answer.content)
    if said is not None:
        todo = "check type_name, only and sort_by in the layer's file, and the key where one is wanted"
        raise asked.error(f"reports an exception: {asked.request.client.said(said.encode())}", todo)
    return answer


# ---------------------------------------------------------------- how many, and where


def _hits(asked: Asked, bounds: Bounds | None) -> int | None:
    """Ask how many features there are; None where the service does not say."""
    answer = _ask(asked, {**_query(asked, bounds), "resultType": "hits"}, limit_bytes=_DOCUMENT_BYTES)
    if answer.content.lstrip()[:1] == b"{":
        count = read_json(answer.content, asked).get("numberMatched")
        return count if isinstance(count, int) else None
    return announced(answer.content, asked)[0]


def _axes_tried(asked: Asked) -> tuple[Asked, int | None, tuple[str, ...]]:
    """Nothing lies in the bounds: find out whether the service takes north before east.

    No place in EPSG:25832 has these two numbers the other way round, so a feature found there tells it.
    """
    if asked.bounds is None:
        return asked, 0, ()
    west, south, east, north = asked.bounds
    swapped: Bounds = (south, west, north, east)
    matched = _hits(asked, swapped)
    if not matched:
        return asked, 0, ()
    return replace(asked, bounds=swapped), matched, ("the service takes north before east; it was asked that way",)


def _query(asked: Asked, bounds: Bounds | None) -> dict[str, str]:
    """Return the parameters that say which features: a type, bounds and ``only``.

    Bounds stand in the filter where there is one: the two exclude each other.
    """
    params = {"request": "GetFeature", "typeNames": asked.type_name, "srsName": _URN}
    if asked.only and asked.dialect == "cql":
        return params | {"CQL_FILTER": as_cql(asked.only, bounds, asked.geometry)}
    if asked.only:
        return params | {"filter": as_fes(asked.only, bounds, asked.geometry)}
    if bounds is not None:
        params["bbox"] = ",".join([*map(repr, bounds), _URN])
    return params


# ---------------------------------------------------------------- pages


def _all_pages(asked: Asked, offer: _Offer, matched: int | None) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Ask for page after page until as many have come as there are, or a page is empty."""
    pages = Pages(asked, matched)
    frames: list[gpd.GeoDataFrame] = []
    notes: tuple[str, ...] = ()
    while matched is None or pages.came < matched:
        params = {**_query(asked, asked.bounds), "outputFormat": offer.output, "count": str(asked.page)}
        params["startIndex"] = str(pages.came)
        if asked.sort_by is not None:
            params["sortBy"] = asked.sort_by
        answer = _ask(asked, params, limit_bytes=PAGE_BYTES)
        frame, said = _page(answer, offer, pages)
        notes = tuple(dict.fromkeys((*notes, *said)))
        if not len(frame):
            break
        frames.append(frame)
    pages.finish()
    return _together(frames), notes


def _page(answer: Answer, offer: _Offer, pages: Pages) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    asked = pages.asked
    if offer.as_json:
        document = read_json(answer.content, asked)
        features = features_of(document, asked)
        pages.take([_identifier(each.get("id")) for each in features], features)
        return table(features, stated_crs(document), asked)
    _, returned = announced(answer.content, asked)
    if returned == 0:
        return gpd.GeoDataFrame(geometry=[], crs=OURS), ()
    frame, notes = read_gml(answer.content, f"page{pages.came}.gml", asked)
    known = frame["gml_id"].map(_identifier).tolist() if "gml_id" in frame else [None] * len(frame)
    pages.take(known, answer.content)
    return frame, notes


def _identifier(value: Any) -> str | None:
    """Return a feature's identifier; some services leave it empty."""
    return None if value is None or value == "" or value != value else str(value)


def _together(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    if not frames:
        return gpd.GeoDataFrame(geometry=[], crs=OURS)
    parts = [frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame for frame in frames]
    return gpd.GeoDataFrame(pd.concat([part.to_crs(parts[0].crs) for part in parts], ignore_index=True))
