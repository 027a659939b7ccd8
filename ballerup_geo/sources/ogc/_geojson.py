"""A GeoJSON answer of a service as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj.exceptions import CRSError

from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources.ogc._asked import Asked

__all__ = ["features_of", "read_json", "stated_crs", "table"]

_LONLAT = "OGC:CRS84"


def read_json(content: bytes, asked: Asked) -> dict[str, Any]:
    """Return an answer's JSON object.

    Raises
    ------
    SourceError
        It is none, or ends early.
    """
    try:
        document = json.loads(content)
        if b"\\ud" in content or b"\\uD" in content:  # halves of letters, which no file can hold
            document = json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        said = asked.request.client.said(content[:600])
        raise asked.error(f"answers something else than JSON: {said}", "try later, or look at its page") from None
    if not isinstance(document, dict):
        raise asked.error("answers JSON that is no object", "check url and type_name", "url")
    return document


def features_of(document: Mapping[str, Any], asked: Asked) -> list[dict[str, Any]]:
    """Return the features of a collection."""
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        told = document.get("description") or document.get("detail") or document.get("title") or list(document)[:8]
        said = asked.request.client.said(str(told).encode())
        raise asked.error(f"answers no feature collection: {said}", "check url and type_name", "url")
    if not all(isinstance(each, dict) for each in features):
        raise asked.error("answers features that are no objects", "try later, or tell the service")
    return features


def stated_crs(document: Mapping[str, Any]) -> str | None:
    """Return the CRS of the old "crs" member, which WFS servers write; None without one (longitude and latitude)."""
    member = document.get("crs")
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name) if name else None


def table(features: list[dict[str, Any]], crs: str | None, asked: Asked) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return features as a table in the CRS stated.

    A collection that states none is in longitude and latitude, by GeoJSON's own rule; where the numbers cannot be
    degrees, it is in the CRS that was asked for, and a note says so.
    """
    shapes = _shapes(features, asked)
    rows = [each.get("properties") or {} for each in features]
    frame = pd.DataFrame.from_records(rows) if rows else pd.DataFrame()
    frame = frame.drop(columns=[name for name in ("geometry",) if name in frame])
    notes: tuple[str, ...] = ()
    if crs is None:
        bounds = np.nan_to_num(shapely.total_bounds(shapes), nan=0.0)  # nan where no feature has a place
        degrees = bool(np.max(np.abs(bounds)) <= 180.0)
        crs = _LONLAT if degrees else OURS
        notes = (
            () if degrees else (f"the service states no coordinate reference system; {OURS}, as asked for, was taken",)
        )
    try:
        return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs), notes
    except CRSError:
        said = asked.request.client.said(crs.encode())
        raise asked.error(
            f'states the coordinate reference system "{said}", which is none', "tell the service"
        ) from None


def _shapes(features: list[dict[str, Any]], asked: Asked) -> Any:
    texts = [None if each.get("geometry") is None else json.dumps(each["geometry"]) for each in features]
    shapes = shapely.from_geojson(np.asarray(texts, dtype=object), on_invalid="ignore")
    broken = sum(text is not None and shape is None for text, shape in zip(texts, shapes, strict=True))
    if broken:
        raise asked.error(f"{broken} geometries cannot be read", "try later, or tell the service")
    return shapes
