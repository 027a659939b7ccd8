"""Registers on Datafordeler as sources: BBR, DAR, Matriklen, GeoDanmark, DAGI.

Three ways lead to an entity: the weekly file of the whole register, its WFS, its GraphQL. What one thing is called in
several registers is put together by their identifiers: a building's ground plan is GeoDanmark's, its particulars are
BBR's. Registers keep what is gone: the layer's file says by ``only`` which status counts.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd

from ballerup_geo.errors import DataError
from ballerup_geo.sources._request import Delivery, FetchRequest
from ballerup_geo.sources.datafordeler._joined import assemble, dissolved
from ballerup_geo.sources.file.mapping import as_text, translate
from ballerup_geo.spec import DatafordelerSource

__all__ = ["fetch_datafordeler"]


def fetch_datafordeler(source: DatafordelerSource, request: FetchRequest) -> Delivery:
    """Bring a layer from one or several entities.

    Raises
    ------
    SourceError
        A service cannot be asked, refuses the key, has no such entity, or its file is broken.
    DataError
        A column that the layer's file names is not there, nothing is left over the municipality, or no entity has
        geometry where the layer wants it.
    """
    wanted = set(source.columns.values()) | ({source.dissolve} if source.dissolve else set())
    came = assemble(source, source.join, wanted, request, place="")
    frame, notes = came.frame, came.notes
    if request.layer.geometry != "table" and not isinstance(frame, gpd.GeoDataFrame):
        what = f"{source.entity} has no geometry, and the layer wants {request.layer.geometry} features"
        raise DataError(request.wrong("entity", what, "join the entity that holds the geometry, or name its column"))
    if source.dissolve is not None:
        frame, said = dissolved(frame, source.dissolve)
        notes = (*notes, *said)
    if not len(frame) and not request.layer.may_be_empty:
        what = f"{source.register_} {source.entity}: no row is left over the municipality"
        todo = "check only and the joins; if none is right, set may_be_empty = true in the layer's file"
        raise DataError(request.wrong("entity", what, todo))
    frame = frame.set_axis(pd.RangeIndex(1, len(frame) + 1), axis=0)
    delivery = translate(Delivery(frame, came.origin, notes=notes, offered=came.offered), source, request)
    origins = {
        name: f'{source.register_}: column "{theirs}"' for name, theirs in source.columns.items() if theirs in frame
    }
    return replace(
        delivery,
        data=_filled(_known(delivery, source), source),
        columns={**delivery.columns, **origins},
        date=source.date or came.date,
    )


def _known(delivery: Delivery, source: DatafordelerSource) -> pd.DataFrame:
    """Take away the values that stand for not known: the year 1000."""
    frame = delivery.data
    if not isinstance(frame, pd.DataFrame):
        raise TypeError("a register is a table")
    for name, values in source.unknown.items():
        if name in frame:
            texts = {as_text(value) for value in values}
            frame[name] = frame[name].mask(frame[name].map(as_text).isin(texts))
    return frame


def _filled(frame: pd.DataFrame, source: DatafordelerSource) -> pd.DataFrame:
    for name, value in source.filled.items():
        if name in frame:
            frame[name] = [value if pd.isna(each) else each for each in frame[name]]
    return frame
