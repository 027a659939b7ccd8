"""Services of the Open Geospatial Consortium as sources: WFS 2.0 and OGC API Features.

A layer may be made from several types of one service, each with what differs; their rows are put together. An answer
without features over a whole municipality is an error unless the layer says ``may_be_empty``: swapped axes, a type
that is being rebuilt and a forgotten filter all look like that.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import geopandas as gpd
import pandas as pd

from ballerup_geo.errors import DataError
from ballerup_geo.sources._request import Delivery, FetchRequest
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.sources.ogc._asked import Asked, Came
from ballerup_geo.sources.ogc._features import read_features
from ballerup_geo.sources.ogc._wfs import read_wfs
from ballerup_geo.spec import OgcPart, OgcSource
from ballerup_geo.spec.faults import nearest

__all__ = ["Asked", "Came", "fetch_ogc", "read_features", "read_wfs"]

_READERS = {"wfs": read_wfs, "features": read_features}


def fetch_ogc(source: OgcSource, request: FetchRequest) -> Delivery:
    """Bring a layer from a WFS or an OGC API Features service.

    Raises
    ------
    SourceError
        The service cannot be asked, reports an exception, repeats itself, sends less than it announced, has no such
        type, or has nothing over the municipality.
    DataError
        A column that the layer's file names is not there any more: what is there is named.
    """
    parts = source.parts or [OgcPart(type_name=source.type_name or "")]
    deliveries = [_delivery(_merged(source, part), request) for part in parts]
    total = sum(len(each.data) for each in deliveries if isinstance(each.data, pd.DataFrame))
    if not total and not request.layer.may_be_empty:
        names = ", ".join(part.type_name for part in parts)
        what = f"{urlsplit(source.url).hostname} has no feature of {names} over the municipality"
        todo = "check type_name and only; if none is right, set may_be_empty = true in the layer's file"
        raise DataError(request.wrong("type_name", what, todo))
    return _together(deliveries, source)


def _merged(source: OgcSource, part: OgcPart) -> OgcSource:
    """Return the source as it is for one of its types."""
    values = {
        name: {**source.values.get(name, {}), **part.values.get(name, {})} for name in (*source.values, *part.values)
    }
    return source.model_copy(
        update={
            "type_name": part.type_name,
            "url": part.url or source.url,
            "geometry": part.geometry if part.url is not None else part.geometry or source.geometry,
            "parts": [],
            "columns": {**source.columns, **part.columns},
            "values": values,
            "constants": {**source.constants, **part.constants},
            "only": {**source.only, **part.only},
            "number": None,
        }
    )


def _delivery(source: OgcSource, request: FetchRequest) -> Delivery:
    asked = Asked(
        request,
        url=source.url,
        type_name=source.type_name or "",
        bounds=request.bounds,
        only=source.only,
        dialect=source.dialect,
        geometry=source.geometry,
        sort_by=source.sort_by,
        page=source.page,
        secret_params=request.secret_params(source.key),
    )
    request.progress(f"{request.layer_id}: {asked.type_name}", 0.0)
    came = _READERS[source.protocol](asked)
    _require_columns(source, came, asked)
    frame = came.frame.set_axis(pd.RangeIndex(1, len(came.frame) + 1), axis=0)
    if not len(frame):  # no row tells which columns there are
        named = dict.fromkeys((*came.offered, *source.columns.values(), *request.layer.columns))
        frame = frame.assign(**{name: pd.Series(dtype="str") for name in named if name not in frame})
    origin = f"{request.client.shown(source.url)}, {asked.type_name}"
    delivery = translate(Delivery(frame, origin=origin, notes=came.notes, offered=came.offered), source, request)
    ours = {name: f'{asked.type_name}: column "{theirs}"' for name, theirs in source.columns.items() if theirs in frame}
    return replace(delivery, columns={**delivery.columns, **ours})


def _require_columns(source: OgcSource, came: Came, asked: Asked) -> None:
    """Raise where a column that the layer's file names is gone; a type without features may not say its columns."""
    there = {*came.offered, *came.frame.columns}
    if not came.offered and not len(came.frame):
        return
    faults = []
    for name, theirs in source.columns.items():
        if theirs not in there:
            what = (
                f'{asked.type_name} has no column "{theirs}" (any more); it has: {", ".join(sorted(came.offered)[:60])}'
            )
            faults.append(asked.wrong(f"columns.{name}", what, nearest(theirs, came.offered)))
    if faults:
        raise DataError(faults)


def _together(deliveries: list[Delivery], source: OgcSource) -> Delivery:
    """Put the rows of all types under one another."""
    tables = [each.data for each in deliveries if isinstance(each.data, gpd.GeoDataFrame)]
    filled = [table for table in tables if len(table)] or tables[:1]
    frame = gpd.GeoDataFrame(pd.concat([table.to_crs(filled[0].crs) for table in filled], ignore_index=True))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    columns = {name: origin for each in deliveries for name, origin in each.columns.items()}
    if source.number is not None:
        frame[source.number] = frame.index.astype(str)
        columns[source.number] = "the row's number"
    return Delivery(
        frame,
        origin="; ".join(each.origin for each in deliveries),
        notes=tuple(note for each in deliveries for note in each.notes),
        columns=columns,
        offered=tuple(dict.fromkeys(name for each in deliveries for name in each.offered)),
        date=source.date,
    )
