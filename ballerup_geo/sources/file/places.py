"""Points from a table whose columns hold coordinates: CSV, Excel, a database table without geometry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError
from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources._request import Delivery, Request
from ballerup_geo.sources.file.crs import stated_crs
from ballerup_geo.spec import FileSource
from ballerup_geo.spec.faults import nearest

__all__ = ["as_table", "with_points"]

_DEGREES = 360.0
_THOUSANDS = r"\.(?=\d{3}(?:\D|$))"


def as_table(request: Request) -> Request:
    """Return the request for a table, where the coordinates stand in columns."""
    return replace(request, layer=request.layer.model_copy(update={"geometry": "table"}))


def with_points(delivery: Delivery, source: FileSource, request: Request) -> Delivery:
    """Return a table's rows as points in the CRS that ``assume_crs`` names.

    A row whose coordinates are no numbers has no geometry: the catalog counts it.

    Raises
    ------
    DataError
        A column is missing, or the CRS is not stated.
    """
    if request.layer.geometry not in ("point", "any"):
        what = f"{delivery.origin} has coordinates of points, and the layer wants {request.layer.geometry} features"
        raise DataError(request.fault("source.kept.x", what, "point to a file with geometry"))
    frame = cast(pd.DataFrame, delivery.data)
    east, north = (_column(frame, name, key, delivery, request) for key, name in (("x", source.x), ("y", source.y)))
    if source.assume_crs is None:
        likely = "EPSG:4326" if _in_degrees(east, north) else OURS
        what = f"{delivery.origin} does not say which coordinates its columns hold (by their size perhaps {likely})"
        todo = f'find out, and add assume_crs = "{likely}" (or what it is) under [source.kept]'
        raise DataError(request.fault("source.kept.assume_crs", what, todo))
    crs, _ = stated_crs(None, source, request, name=delivery.origin)
    known = np.isfinite(east) & np.isfinite(north)
    points = np.full(len(frame), None, dtype=object)
    points[known] = shapely.points(east[known], north[known])
    return replace(delivery, data=gpd.GeoDataFrame(frame, geometry=points, crs=crs))


def _column(
    frame: pd.DataFrame, name: str | None, key: str, delivery: Delivery, request: Request
) -> NDArray[np.float64]:
    if name is None:
        what = "the columns of both coordinates are wanted"
        raise DataError(request.fault(f"source.kept.{key}", what, f'add {key} = "…"'))
    if name not in frame:
        what = f'{delivery.origin} has no column "{name}"'
        raise DataError(request.fault(f"source.kept.{key}", what, nearest(name, delivery.offered)))
    return _numbers(frame[name])


def _numbers(values: pd.Series[Any]) -> NDArray[np.float64]:
    """Read numbers with decimal point or comma; a point before three figures parts thousands where there is a comma."""
    if values.dtype.kind in "if":
        return values.to_numpy(np.float64)
    texts = values.astype("str").str.replace(r"\s", "", regex=True)
    danish = texts.str.contains(",", regex=False).fillna(False)
    plain = texts.where(~danish, texts.str.replace(_THOUSANDS, "", regex=True).str.replace(",", ".", regex=False))
    return pd.to_numeric(plain, errors="coerce").to_numpy(np.float64)


def _in_degrees(east: NDArray[np.float64], north: NDArray[np.float64]) -> bool:
    known = np.concatenate([east[np.isfinite(east)], north[np.isfinite(north)]])
    return bool(len(known)) and bool((np.abs(known) <= _DEGREES).all())
