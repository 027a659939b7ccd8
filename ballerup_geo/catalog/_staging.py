"""From a delivery to a kept copy: written beside, checked, compared with the copy before, then put in its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from ballerup_geo.catalog._brought import Brought, Record, address_of, promote, staged_path
from ballerup_geo.catalog._catalog import Catalog
from ballerup_geo.catalog._choice import Choice
from ballerup_geo.errors import DataError, Fault
from ballerup_geo.raster import Raster
from ballerup_geo.sources import Delivery, RasterFile
from ballerup_geo.sources.file.mapping import as_text
from ballerup_geo.spec import Layer, Service, Text
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import sha256_file, write_cog, write_table, writing

__all__ = ["FEWER_SHARE", "attribution", "keep_delivery"]

FEWER_SHARE = 0.2
"""A copy that has lost more than this share of its rows is not believed."""

_HOME = ZoneInfo("Europe/Copenhagen")
_MONTHS_DA = (
    *("januar", "februar", "marts", "april", "maj", "juni"),
    *("juli", "august", "september", "oktober", "november", "december"),
)
_MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def attribution(words: Text, time: datetime) -> Text:
    """Return the sentence that the licences ask for: whose data, which data set, and the month of fetching.

    Examples
    --------
    >>> words = Text(da="Klimadatastyrelsen, Danmarks Højdemodel", en="Klimadatastyrelsen, Danmarks Højdemodel")
    >>> attribution(words, datetime(2026, 11, 23, tzinfo=UTC)).da
    'Indeholder data fra Klimadatastyrelsen, Danmarks Højdemodel, november 2026'
    """
    local = time.astimezone(_HOME)
    return Text(
        da=f"Indeholder data fra {words.da}, {_MONTHS_DA[local.month - 1]} {local.year}",
        en=f"Contains data from {words.en}, {_MONTHS_EN[local.month - 1]} {local.year}",
    )


def keep_delivery(
    shelf: Catalog,
    delivery: Delivery | RasterFile,
    layer_id: str,
    choice: Choice,
    *,
    folder: Path,
    former: Brought | None,
    accepted: bool,
    redact: Callable[[str], str],
    notes: Sequence[str] = (),
) -> Brought:
    """Keep what a service delivered, if it fulfils the layer's contract and is not suspiciously smaller than before.

    ``notes`` go before the delivery's own: why no service before this one could be used.

    Raises
    ------
    DataError
        It does not, or it is; the copy before stays.
    """
    layer = shelf.project.layers[layer_id]
    if isinstance(delivery, Delivery):
        _require_named(choice, delivery, layer_id)
    staged = staged_path(folder, layer_id, layer)
    try:
        record = _record(delivery, layer_id, choice, redact=redact, notes=notes)
        _write(staged, delivery, record, layer)
        rows = _rows(shelf.check(layer_id, Brought(staged, record)))
        if former is not None and not accepted:
            _compare(rows, former, layer_id, layer)
        record = Record(**{**_fields(record), "rows": rows, "sha256": sha256_file(staged)})
        promote(folder, staged, record, layer)
    finally:
        staged.unlink(missing_ok=True)
    kept = Brought.find(folder, layer_id, layer)
    if kept is None:
        raise DataError(Fault(str(folder), layer_id, "the kept copy cannot be read back", "fetch again"))
    return kept


def _require_named(choice: Choice, delivery: Delivery, layer_id: str) -> None:
    """Say which columns named in the layer's file the service does not have: its schema has changed."""
    faults = []
    for name, theirs in choice.source.columns.items():
        if name not in delivery.columns and theirs not in delivery.offered:
            what = f'the service has no column "{theirs}", which columns.{name} names'
            faults.append(
                Fault(f"layers/{layer_id}.toml", f"{choice.place}.columns", what, nearest(theirs, delivery.offered))
            )
    if faults:
        raise DataError(faults)


def _record(
    delivery: Delivery | RasterFile,
    layer_id: str,
    choice: Choice,
    *,
    redact: Callable[[str], str],
    notes: Sequence[str],
) -> Record:
    source = choice.source
    now = datetime.now(UTC)
    table = delivery if isinstance(delivery, Delivery) else None
    return Record(
        layer=layer_id,
        kind=source.kind,
        service=redact(address_of(source)),
        parameters=_parameters(source),
        origin=redact(delivery.origin),
        time=now.isoformat(timespec="seconds"),
        sha256="",
        rows=0,
        licence=source.licence,
        attribution=attribution(source.attribution, now).model_dump(),
        date=delivery.date or source.date,
        notes=tuple(map(redact, (*notes, *delivery.notes))),
        columns={} if table is None else dict(table.columns),
        offered=() if table is None else table.offered,
        untold=source.untold,
    )


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Record.__dataclass_fields__}


def _parameters(source: Service) -> dict[str, Any]:
    words = {"kind", "url", "licence", "attribution", "key"}
    return source.model_dump(mode="json", exclude=words, exclude_defaults=True)


def _write(staged: Path, delivery: Delivery | RasterFile, record: Record, layer: Layer) -> None:
    metadata = {
        "layer": record.layer,
        "origin": record.origin,
        "licence": record.licence,
        "attribution": record.attribution["da"],
    }
    if isinstance(delivery, RasterFile):
        with writing(staged):
            shutil.move(delivery.path, staged)
        return
    if isinstance(delivery.data, Raster):
        raster = delivery.data
        write_cog(
            staged,
            raster.array,
            transform=raster.transform,
            crs=raster.crs,
            nodata=raster.nodata,
            metadata=metadata,
        )
        return
    frame = delivery.data
    if layer.geometry != "table" and not isinstance(frame, gpd.GeoDataFrame):
        what = f"the layer is a {layer.geometry} layer, and the service ({record.kind}) gives figures without places"
        raise DataError(Fault(f"layers/{record.layer}.toml", "geometry", what, "name another service, or correct it"))
    write_table(staged, _storable(frame), metadata=metadata)


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    """Write columns of mixed values as texts; Parquet has one type a column."""
    shape = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    mixed = [name for name in frame.columns if name != shape and frame[name].dtype == object]
    return frame.assign(**{str(name): pd.array(list(_texts(frame[name])), dtype="str") for name in mixed})


def _texts(values: Iterable[Any]) -> Iterable[str | None]:
    for value in values:
        if isinstance(value, list | tuple | dict | np.ndarray | bytes):
            yield value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
        else:
            yield None if pd.isna(value) else as_text(value)


def _rows(checked: pd.DataFrame | Raster) -> int:
    if isinstance(checked, Raster):
        return sum(int(np.count_nonzero(~np.isnan(strip.array))) for _, strip in checked.strips())
    return len(checked)


def _compare(rows: int, former: Brought, layer_id: str, layer: Layer) -> None:
    before = former.record.rows
    if rows >= (1.0 - FEWER_SHARE) * before:
        return
    noun = "cells" if layer.geometry == "raster" else "rows"
    what = f"only {rows} {noun} came, and the kept copy of {former.record.time[:10]} has {before}"
    todo = f"look into it; if it is right: ballerup-geo fetch {layer_id} --accept {layer_id}"
    raise DataError(Fault(f"layer {layer_id} ({urlsplit(former.record.service).hostname})", "", what, todo))
