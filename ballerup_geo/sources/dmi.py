"""DMI's open climate data as a source: figures for the whole municipality, a row a month (or day, or year).

The question is that of the service's collections (OGC API Features): ``…/collections/municipalityValue/items`` with
``municipalityId``, ``parameterId``, ``timeResolution``, ``datetime``, ``limit`` and ``offset``; the answer GeoJSON.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Delivery, FetchRequest
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.spec import DmiSource

__all__ = ["fetch_dmi"]

LIMIT_BYTES = 100_000_000
PAGE = 10_000
_PAGES = 100
_HOME = ZoneInfo("Europe/Copenhagen")


def fetch_dmi(source: DmiSource, request: FetchRequest) -> Delivery:
    """Ask for each parameter and put them side by side: columns ``from``, ``to`` and one a parameter, a row a period.

    Raises
    ------
    SourceError
        The service answers something else than features, repeats itself, or has nothing for the municipality.
    """
    figures: dict[str, dict[tuple[str, str], float]] = {}
    for number, parameter in enumerate(source.parameters):
        request.progress(f"{request.layer_id}: {parameter}", number / len(source.parameters))
        figures[parameter] = _asked(source, parameter, request)
    periods = sorted({period for values in figures.values() for period in values})
    frame = pd.DataFrame({"from": [start for start, _ in periods], "to": [end for _, end in periods]})
    for parameter, values in figures.items():
        frame[parameter] = [values.get(period) for period in periods]
    offered = tuple(frame.columns)
    delivery = translate(Delivery(frame, origin="", offered=offered), source, request)
    origin = f"DMI, {source.collection}, {periods[0][0]} – {periods[-1][1]}"
    notes = _gaps(figures, len(periods))
    date = source.date or periods[-1][1]
    return Delivery(delivery.data, origin, notes, delivery.columns, offered, date=date)


def _asked(source: DmiSource, parameter: str, request: FetchRequest) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for page in range(_PAGES):
        features = _page(source, parameter, page * PAGE, request)
        new = dict(_figure(feature, parameter, request) for feature in features)
        if features and not new.keys() - found.keys():
            what = f"{parameter}: page {page + 1} repeats what came before"
            raise SourceError(request.wrong("parameters", what, "try later; the kept copy stays"))
        found |= new
        if len(features) < PAGE:
            break
    if not found:
        what = f"{parameter}: no figures for municipality {request.municipality.code}"
        raise SourceError(request.wrong("parameters", what, "check the parameter's name, and since"))
    return found


def _page(source: DmiSource, parameter: str, offset: int, request: FetchRequest) -> list[dict[str, Any]]:
    """Ask for a page, oldest first or not: the service's own order is stable."""
    params = {
        "municipalityId": request.municipality.code,
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


def _figure(feature: dict[str, Any], parameter: str, request: FetchRequest) -> tuple[tuple[str, str], float]:
    try:
        fields = feature["properties"]
        if fields["parameterId"] != parameter or fields["municipalityId"] != request.municipality.code:
            raise ValueError(f"{fields['parameterId']} of municipality {fields['municipalityId']}")
        period = _day(fields["from"], last=False), _day(fields["to"], last=True)
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


def _gaps(figures: dict[str, dict[tuple[str, str], float]], periods: int) -> tuple[str, ...]:
    return tuple(
        f"{parameter} is missing in {periods - len(values)} of {periods} periods"
        for parameter, values in figures.items()
        if len(values) < periods
    )
