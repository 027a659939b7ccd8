"""OGC API Features: a collection's items, from page to page by the links that the service gives.

Documented form: OGC 17-069r4 (``limit``, ``bbox``, link ``next``), OGC 18-058r1 (``crs``, ``bbox-crs``, Content-Crs).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import geopandas as gpd
import pandas as pd
from pyproj import Transformer

from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources._http import Answer
from ballerup_geo.sources._request import Bounds
from ballerup_geo.sources.file.mapping import as_text
from ballerup_geo.sources.ogc._asked import PAGE_BYTES, Asked, Came, Pages
from ballerup_geo.sources.ogc._geojson import features_of, read_json, table
from ballerup_geo.sources.ogc._only import kept_only
from ballerup_geo.spec.faults import nearest

__all__ = ["read_features"]

_OURS_URI = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/[^/]*/25832")
"""Written with the register's version (9.6.2) by some, with 0 by others."""
_EPSG = re.compile(r"/def/crs/EPSG/[^/]*/(\d+)")
_ITEMS = {"Accept": "application/geo+json, application/json;q=0.9"}
_LIST = {"Accept": "application/json"}
"""QGIS Server refuses its list to whoever would take GeoJSON too."""


def read_features(asked: Asked) -> Came:
    """Return all items of a collection that were asked for.

    Raises
    ------
    SourceError
        There is no such collection (the nearest is named), a link leads in a circle, pages or features repeat, or
        fewer come than were announced.
    """
    collections = _collections(asked)
    if asked.type_name not in collections:
        raise asked.error("there is no such collection", nearest(asked.type_name, collections), "type_name")
    params = _query(asked, collections[asked.type_name])
    frame, notes = _all_pages(asked, params)
    frame, left_out = kept_only(frame, asked.only)
    columns = tuple(str(name) for name in frame.columns if name != frame.geometry.name)
    return Came(frame, columns, (*notes, *left_out))


def _collections(asked: Asked) -> dict[str, Mapping[str, Any]]:
    answer = _ask(asked, f"{asked.url.rstrip('/')}/collections", {}, _LIST)
    listed = read_json(answer.content, asked).get("collections")
    if not isinstance(listed, list):
        raise asked.error("its list of collections holds none", "check that url is the landing page", "url")
    return {str(each["id"]): each for each in listed if isinstance(each, dict) and "id" in each}


def _query(asked: Asked, collection: Mapping[str, Any]) -> dict[str, str]:
    """Return the first page's parameters: in EPSG:25832 where the collection offers it, else in longitude, latitude."""
    params = {"limit": str(asked.page), **{name: as_text(value) for name, value in asked.only.items() if _one(value)}}
    listed = collection.get("crs")
    offered = [str(each) for each in listed] if isinstance(listed, list) else []
    ours = next((uri for uri in offered if _OURS_URI.fullmatch(uri)), None)
    if ours is not None:
        params["crs"] = ours
    if asked.bounds is not None:
        params["bbox"] = ",".join(map(repr, _lonlat(asked.bounds) if ours is None else asked.bounds))
        if ours is not None:
            params["bbox-crs"] = ours
    return params


def _one(value: Any) -> bool:
    """Say whether a wanted value can be a parameter: one of several is chosen from what comes."""
    return not isinstance(value, list)


def _lonlat(bounds: Bounds) -> Bounds:
    west, south, east, north = Transformer.from_crs(OURS, "OGC:CRS84", always_xy=True).transform_bounds(*bounds)
    return west, south, east, north


def _all_pages(asked: Asked, params: Mapping[str, str]) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    items = f"{asked.url.rstrip('/')}/collections/{asked.type_name}/items"
    pages = Pages(asked)
    query: dict[str, str] | None = dict(params)
    been: list[dict[str, str]] = []
    frames: list[gpd.GeoDataFrame] = []
    notes: tuple[str, ...] = ()
    while query is not None:
        if query in been:
            raise asked.error(
                f"its pages lead in a circle (after {pages.came} features)", "try later, or tell the service"
            )
        been.append(query)
        answer = _ask(asked, items, query, _ITEMS)
        document = read_json(answer.content, asked)
        features = features_of(document, asked)
        matched = document.get("numberMatched")
        pages.matched = matched if isinstance(matched, int) else pages.matched
        pages.take([None if each.get("id") is None else str(each["id"]) for each in features], features)
        frame, said = table(features, _stated_crs(answer), asked)
        frames.append(frame)
        notes = tuple(dict.fromkeys((*notes, *said)))
        onward = _next_query(document, asked) if features else None
        query = None if onward is None else {**onward, **params}
    pages.finish()
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return gpd.GeoDataFrame(pd.concat([each.to_crs(filled[0].crs) for each in filled], ignore_index=True)), notes


def _ask(asked: Asked, url: str, params: Mapping[str, str], accept: Mapping[str, str]) -> Answer:
    return asked.request.client.ask(
        url, params, limit_bytes=PAGE_BYTES, secret_params=asked.secret_params, headers=accept
    )


def _stated_crs(answer: Answer) -> str | None:
    """Return the CRS of the header Content-Crs; None without one: longitude and latitude."""
    found = _EPSG.search(answer.headers.get("content-crs", ""))
    return f"EPSG:{found[1]}" if found else None


def _next_query(document: Mapping[str, Any], asked: Asked) -> dict[str, str] | None:
    """Return the parameters of the next page.

    Those that we have sent ourselves are sent again as they were: MapServer 8.0 leaves the bounds out of its link, QGIS
    Server 3.22 garbles them. Only parameters are taken from the link: behind a proxy it may name an inner host, and a
    key goes nowhere but to the service that it is for.
    """
    links = document.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "next" and "json" in str(link.get("type", "json")):
            try:
                address = urlsplit(str(link.get("href", "")))
            except ValueError:
                raise asked.error("its link to the next page is no address", "try later, or tell the service") from None
            query = dict(parse_qsl(address.query, keep_blank_values=True))
            secret = asked.secret_params.keys()
            return {name: value for name, value in query.items() if name not in secret}
    return None
