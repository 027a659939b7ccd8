"""A GML answer of a service as a table: GDAL reads it, and is kept from asking the network for schemas."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources._xml import UnreadableError, root_of
from ballerup_geo.sources.ogc._asked import Asked

__all__ = ["announced", "read_gml"]

_GDAL = threading.Lock()
"""Warnings are caught for the whole process, so one page at a time is read."""
_OPTIONS = {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO", "INVERT_AXIS_ORDER_IF_LAT_LONG": "YES"}


def announced(content: bytes, asked: Asked) -> tuple[int | None, int | None]:
    """Return how many features match and how many came with this answer, None where it does not say.

    Raises
    ------
    SourceError
        The answer is no feature collection.
    """
    try:
        name, attributes = root_of(content)
    except UnreadableError as error:
        said = asked.request.client.said(content[:600])
        raise asked.error(f"the answer {error}: {said}", "try later, or look at its page") from None
    if name != "FeatureCollection":
        said = asked.request.client.said(content[:600])
        raise asked.error(f"answers a {name} instead of features: {said}", "check url and type_name", "url")
    return _number(attributes.get("numberMatched")), _number(attributes.get("numberReturned"))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def read_gml(content: bytes, name: str, asked: Asked) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the features of a page; ``name`` is that of the file it is read from, in the work folder."""
    path: Path = asked.request.work / name
    path.write_bytes(content)
    try:
        with _GDAL, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = pyogrio.read_dataframe(path, **_OPTIONS)
    except (DataSourceError, DataLayerError) as error:
        raise asked.error(f"its GML cannot be read ({error})", "try later, or tell the service") from None
    finally:
        path.unlink(missing_ok=True)
        path.with_suffix(".gfs").unlink(missing_ok=True)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise asked.error("its features have no geometry", "check type_name", "type_name")
    notes = tuple(dict.fromkeys(f"while reading: {warning.message}" for warning in caught))
    if frame.crs is None:
        frame = frame.set_crs(OURS)
        notes = (*notes, f"the service states no coordinate reference system; {OURS}, as asked for, was taken")
    return frame, notes
