"""Elements of an OpenStreetMap file with all their tags, through GDAL's driver."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Bounds, Request
from ballerup_geo.sources.osm._answer import as_xml, checked_xml, is_json
from ballerup_geo.sources.osm._feature import Kind, Select
from ballerup_geo.sources.osm._query import degrees

__all__ = ["Elements", "read_elements"]

CRS = "EPSG:4326"
_SMALL_MB, _LARGE_MB, _ROOM = 10, 1000, 4
"""Memory for the nodes of a file, by its size; beyond, GDAL writes them to disk."""
_LAYERS: dict[Kind, str] = {"points": "points", "lines": "lines", "polygons": "multipolygons"}


@dataclass(frozen=True, slots=True)
class Elements:
    """Elements that were asked for: by kind, frames in EPSG:4326 with ``osm_id`` (``way/12``) and ``tags`` (dict)."""

    frames: dict[Kind, gpd.GeoDataFrame]
    notes: tuple[str, ...] = ()

    def taken(self, select: Select) -> gpd.GeoDataFrame:
        """Return the elements that a select takes, in the order of their numbers."""
        frame = self.frames.get(select.kind)
        if frame is None:
            return gpd.GeoDataFrame({"osm_id": [], "tags": []}, geometry=[], crs=CRS)
        return frame[np.array([select.takes(tags) for tags in frame["tags"]], dtype=bool)]


def read_elements(
    path: Path, selects: Iterable[Select], bounds: Bounds | None, request: Request, *, key: str
) -> Elements:
    """Read what the selects may take, within EPSG:25832 bounds, from an extract or an Overpass answer.

    Ways that lack some of their nodes end at the last one that is there; those of a JSON answer are left out and
    counted.

    Parameters
    ----------
    key
        The key of the layer's file that a fault points to.

    Raises
    ------
    SourceError
        The file is no OpenStreetMap file, broken, or an answer that tells of a failure.
    """
    selects = tuple(selects)
    box = None if bounds is None else degrees(bounds)
    with tempfile.TemporaryDirectory(prefix="ballerup-geo-") as folder:
        notes: tuple[str, ...] = ()
        if is_json(path):
            path, notes = as_xml(path, Path(folder), request, key=key)
        elif path.suffix.lower() != ".pbf":
            checked_xml(path, request, key=key)
        frames = {}
        for kind in dict.fromkeys(select.kind for select in selects):
            keys = sorted({min(select.wanted, key=len) for select in selects if select.kind == kind})
            frames[kind] = _read(path, kind, keys, box, request, key)
    return Elements(frames, notes)


def _read(path: Path, kind: Kind, keys: list[str], box: Bounds | None, request: Request, key: str) -> gpd.GeoDataFrame:
    room_mb = min(max(_SMALL_MB, _ROOM * path.stat().st_size // 1_000_000), _LARGE_MB)
    asked = " OR ".join(f"all_tags LIKE '%\"{name}\":%'" for name in keys)
    with as_file(files("ballerup_geo.sources.osm") / "osmconf.ini") as settings, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of rings that do not close: such a relation is no polygon
        try:
            options = {"CONFIG_FILE": str(settings), "MAX_TMPFILE_SIZE": str(room_mb)}
            frame = pyogrio.read_dataframe(path, layer=_LAYERS[kind], where=asked, bbox=box, **options)
        except (DataSourceError, DataLayerError, FeatureError) as error:
            what = f"{path.name} cannot be read as OpenStreetMap data ({error})"
            todo = "replace it by a whole .osm.pbf, .osm or Overpass answer"
            raise SourceError(request.fault(key, what, todo)) from error
    return _named(frame, kind)


def _named(frame: gpd.GeoDataFrame, kind: Kind) -> gpd.GeoDataFrame:
    """Give every element its number as the map writes it, and sort by it."""
    prefix = {"points": "node", "lines": "way", "polygons": "relation"}[kind]
    numbers, prefixes = frame["osm_id"], pd.Series(prefix, frame.index)
    if "osm_way_id" in frame:
        prefixes = prefixes.where(numbers.notna(), "way")
        numbers = numbers.fillna(frame["osm_way_id"])
    found = gpd.GeoDataFrame(
        {
            "osm_id": prefixes + "/" + numbers.astype(str),
            "tags": [_tags(value) for value in frame["all_tags"]],
            "order": pd.to_numeric(numbers),
        },
        geometry=frame.geometry.to_numpy(),
        crs=CRS,
    )
    return found.sort_values(["order", "osm_id"], kind="stable", ignore_index=True).drop(columns="order")


def _tags(value: Any) -> dict[str, str]:
    tags = json.loads(value) if isinstance(value, str) else value
    return {str(key): str(text) for key, text in (tags or {}).items()}
