"""DMI's open climate data as a source: figures for the municipality or its grid cells, a row a month (or day, or year).

The question is that of the service's collections (OGC API Features): ``…/collections/municipalityValue/items`` with
``municipalityId``, ``parameterId``, ``timeResolution``, ``datetime``, ``limit`` and ``offset``; the answer GeoJSON. A
collection of a grid (``10kmGridValue``) is asked cell by cell, with ``cellId``: ``10km_617_71`` is the cell whose south
west corner lies 6,170 km north and 710 km east in EPSG:25832.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import shapely

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Delivery, FetchRequest
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.spec import DmiSource

__all__ = ["fetch_dmi"]

LIMIT_BYTES = 100_000_000
PAGE = 10_000
_PAGES = 100
_HOME = ZoneInfo("Europe/Copenhagen")
_GRID = re.compile(r"(10|20)kmGridValue")
_CELL = "cellId"
_Figures = dict[tuple[str, str, str], float]
"""Place, first and last day → figure."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What figures are asked for: a municipality, or a cell of the grid."""

    key: str
    name: str


def fetch_dmi(source: DmiSource, request: FetchRequest) -> Delivery:
    """Ask for each parameter and put them side by side: ``from``, ``to`` and one a parameter, a row a period.

    Of a grid, a row a cell and period, with the column ``cellId``.

    Raises
    ------
    SourceError
        The service answers something else than features, repeats itself, or has nothing for the municipality.
    """
    figures: dict[str, _Figures] = {}
    places = _places(source, request)
    for number, parameter in enumerate(source.parameters):
        request.progress(f"{request.layer_id}: {parameter}", number / len(source.parameters))
        figures[parameter] = {}
        for place in places:
            figures[parameter] |= _asked(source, parameter, place, request)
    periods = sorted({period for values in figures.values() for period in values})
    frame = pd.DataFrame({"from": [start for _, start, _ in periods], "to": [end for _, _, end in periods]})
    if places[0].key == _CELL:
        frame.insert(0, _CELL, [cell for cell, _, _ in periods])
    for parameter, values in figures.items():
        frame[parameter] = [values.get(period) for period in periods]
    offered = tuple(frame.columns)
    delivery = translate(Delivery(frame, origin="", offered=offered), source, request)
    last = max(end for _, _, end in periods)
    origin = f"DMI, {source.collection}, {min(start for _, start, _ in periods)} – {last}"
    notes = _gaps(figures, len(periods))
    date = source.date or last
    return Delivery(delivery.data, origin, notes, delivery.columns, offered, date=date)


def _places(source: DmiSource, request: FetchRequest) -> list[_Place]:
    """Return the municipality, or the cells of the grid that it lies in."""
    grid = _GRID.fullmatch(source.collection)
    if grid is None:
        return [_Place("municipalityId", request.municipality.code)]
    if request.area is None:
        what = "the grid's cells are found by the municipality's boundary, which is not known"
        raise SourceError(request.wrong("collection", what, "fetch it first: ballerup-geo fetch municipality"))
    size_m = int(grid[1]) * 1000
    west, south, east, north = (int(value // size_m) for value in request.area)
    return [
        _Place(_CELL, f"{grid[1]}km_{row}_{column}")
        for row in range(south, north + 1)
        for column in range(west, east + 1)
        if request.outline is None or request.outline.intersects(_cell(row, column, size_m))
    ]


def _cell(row: int, column: int, size_m: int) -> shapely.Polygon:
    return shapely.box(column * size_m, row * size_m, (column + 1) * size_m, (row + 1) * size_m)


def _asked(source: DmiSource, parameter: str, place: _Place, request: FetchRequest) -> _Figures:
    found: _Figures = {}
    for page in range(_PAGES):
        features = _page(source, parameter, place, page * PAGE, request)
        new = dict(_figure(feature, parameter, place, request) for feature in features)
        if features and not new.keys() - found.keys():
            what = f"{parameter}: page {page + 1} repeats what came before"
            raise SourceError(request.wrong("parameters", what, "try later; the kept copy stays"))
        found |= new
        if len(features) < PAGE:
            break
    if not found:
        kind = "cell" if place.key == _CELL else "municipality"
        what = f"{parameter}: no figures for {kind} {place.name}"
        raise SourceError(request.wrong("parameters", what, "check the parameter's name, and since"))
    return found


def _page(source: DmiSource, parameter: str, place: _Place, offset: int, request: FetchRequest) -> list[dict[str, Any]]:
    """Ask for a page, oldest first or not: the service's own order is stable."""
    params = {
        place.key: place.name,
        "parameterId": parameter,
        "timeResolution": source.resolution,
        "limit": str(PAGE),
        "offset": str(offset),
    }
    if source.since is not None:
        params["datetime"] = f"{source.since}T00:00:00Z/.."
    url = f"{source.url.rstrip('/')}/collections/{source.collection}/items"
    content = request.client.get(url, params, limit_bytes=LIMIT_BYTES, secret_params=request.secret_params(source.key))
    try:
        answer = json.loads(content)
        features = answer["features"]
        if not isinstance(features, list):
            raise TypeError("features")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        what = f"answers something else than features: {request.client.said(content[:2000])}"
        raise SourceError(request.wrong("collection", what, "try later; the kept copy stays")) from error
    return features


def _figure(
    feature: dict[str, Any], parameter: str, place: _Place, request: FetchRequest
) -> tuple[tuple[str, str, str], float]:
    try:
        fields = feature["properties"]
        if fields["parameterId"] != parameter or fields[place.key] != place.name:
            raise ValueError(f"{fields['parameterId']} of {place.key} {fields[place.key]}")
        period = place.name, _day(fields["from"], last=False), _day(fields["to"], last=True)
        return period, float(fields["value"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        what = f"{parameter}: a feature is not as asked for ({type(error).__name__}: {str(error)[:80]})"
        raise SourceError(request.wrong("parameters", what, "try later; the kept copy stays")) from error


def _day(moment: str, *, last: bool) -> str:
    """Return the Danish day of a moment; of an end at midnight, the day before."""
    found = datetime.fromisoformat(moment)
    zoned = (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(_HOME)
    if last and (zoned.hour, zoned.minute, zoned.second) == (0, 0, 0):
        zoned -= timedelta(seconds=1)
    return zoned.date().isoformat()


def _gaps(figures: dict[str, _Figures], periods: int) -> tuple[str, ...]:
    return tuple(
        f"{parameter} is missing in {periods - len(values)} of {periods} periods"
        for parameter, values in figures.items()
        if len(values) < periods
    )
