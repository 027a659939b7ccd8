"""OpenStreetMap data as a delivery: asked from an Overpass service, brought as an extract, or read from a file."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Delivery, FetchRequest, Request
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.sources.osm._feature import FEATURES, Feature, Select, feature_named
from ballerup_geo.sources.osm._made import made, selects_of
from ballerup_geo.sources.osm._query import overpass_query
from ballerup_geo.sources.osm._reader import read_elements
from ballerup_geo.spec import FileSource, Mapped, OsmSource
from ballerup_geo.spec.faults import nearest

__all__ = ["fetch_osm", "read_osm"]

ANSWER_LIMIT_BYTES = 512_000_000
"""Of an answer, and what the service is told to hold at most while it looks."""
EXTRACT_LIMIT_BYTES = 5_000_000_000
PATIENCE_S = 50
"""How long the service may look: shorter than the client's longest silence."""
EXTRACT_GOOD_S = 24 * 3600.0
"""Extracts are made anew every night."""
_EXTRACT = threading.Lock()


def fetch_osm(source: OsmSource, request: FetchRequest) -> Delivery:
    """Bring a feature from OpenStreetMap.

    While the municipality's own boundary is fetched, elements of its name are asked for; else those in its area.

    Raises
    ------
    SourceError
        There is no such feature; the service cannot be asked, or its answer is not whole.
    """
    feature = _named(source.feature, request, f"{request.place}.feature")
    selects = tuple(_own(selects_of(feature), request))
    feature = feature if request.area is not None else replace(feature, selects=selects)
    path = _asked(source, feature, request) if source.access == "overpass" else _extract(source, request)
    host = urlsplit(source.url).hostname
    return _read(path, feature, source, request, key=request.place, origin=f"OpenStreetMap, {host}")


def read_osm(path: Path, source: FileSource, request: Request) -> Delivery:
    """Read a feature from a file that a planner points at.

    Raises
    ------
    SourceError
        There is no such feature; the file is broken, or no OpenStreetMap file.
    """
    feature = _named(source.feature or "", request, "source.kept.feature")
    return _read(path, feature, source, request, key="source.kept.path", origin=path.name)


def _named(name: str, request: Request, key: str) -> Feature:
    try:
        return feature_named(name)
    except KeyError:
        what = f'OpenStreetMap is not read for "{name}"'
        raise SourceError(request.fault(key, what, nearest(name, FEATURES))) from None


def _own(selects: tuple[Select, ...], request: FetchRequest) -> Iterator[Select]:
    """Narrow the selects to the municipality's name where no area is known yet."""
    name = request.municipality.name
    names = (f"{name} Kommune", f"{name}s Kommune", name)
    for select in selects:
        yield select if request.area is not None else replace(select, wanted={**select.wanted, "name": names})


def _asked(source: OsmSource, feature: Feature, request: FetchRequest) -> Path:
    """Ask the Overpass service, and keep its answer as a file."""
    request.progress(f"{request.layer_id}: {urlsplit(source.url).hostname}", 0.0)
    whole = replace(feature, selects=selects_of(feature))
    query = overpass_query(whole, request.area, timeout_s=PATIENCE_S, limit_bytes=ANSWER_LIMIT_BYTES)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"data": query}).encode()
    answer = request.client.ask(source.url, limit_bytes=ANSWER_LIMIT_BYTES, headers=headers, body=body)
    if answer.content.lstrip()[:1] != b"{":
        said = request.client.said(answer.content)
        todo = "try later: it may be busy; or name another Overpass service in url"
        raise SourceError(request.wrong("url", f"answers something else than JSON: {said}", todo))
    path = request.work / "answer.json"
    path.write_bytes(answer.content)
    return path


def _extract(source: OsmSource, request: FetchRequest) -> Path:
    """Bring a regional extract, once for all layers that are fetched from it in a day."""
    name = hashlib.sha256(source.url.encode()).hexdigest()[:16]
    path = request.work.parent / f"extract-{name}.osm.pbf"

    def told(size: int, total: int | None) -> None:
        request.progress(f"{request.layer_id}: {urlsplit(source.url).hostname}", size / total if total else 0.0)

    with _EXTRACT:
        if path.is_file() and time.time() - path.stat().st_mtime > EXTRACT_GOOD_S:
            path.unlink()
        return request.client.download(source.url, path, limit_bytes=EXTRACT_LIMIT_BYTES, progress=told)


def _read(path: Path, feature: Feature, source: Mapped, request: Request, *, key: str, origin: str) -> Delivery:
    wanted = request.layer.geometry
    if wanted not in (feature.geometry, "any"):
        what = f"{feature.name} of OpenStreetMap are {feature.geometry} features, and the layer wants {wanted}"
        raise SourceError(request.fault(key, what, "name another feature, or correct geometry in the layer's file"))
    area = request.area if isinstance(request, FetchRequest) else request.bounds
    elements = read_elements(path, selects_of(feature), area, request, key=key)
    frame, notes = made(feature, elements)
    day = _day(path)
    when = f", as of {day}" if day else ""
    if feature.name == "municipalities" and isinstance(request, FetchRequest) and area is not None:
        frame = frame[frame["name"] != request.municipality.name]  # those around are wanted
    delivery = Delivery(frame, origin=f"{origin}{when}", notes=notes, offered=tuple(frame.columns.drop("geometry")))
    ours = translate(delivery, source, request)
    told = f"tags, as features/{feature.name}.toml reads them"
    columns = {name: told if said == f'column "{name}"' else said for name, said in ours.columns.items()}
    return replace(ours, columns=columns, date=source.date or day)


def _day(path: Path) -> str | None:
    """Return the day of an Overpass answer in JSON, where it says so."""
    if path.suffix != ".json":
        return None
    about = json.loads(path.read_bytes()).get("osm3s")
    stamp = about.get("timestamp_osm_base") if isinstance(about, dict) else None
    return stamp[:10] if isinstance(stamp, str) and re.match(r"\d{4}-\d\d-\d\d", stamp) else None
