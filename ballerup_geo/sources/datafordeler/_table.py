"""One entity: asked for by the way that the layer's file names, with the columns that are wanted."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from ballerup_geo.errors import DataError
from ballerup_geo.raster import CRS
from ballerup_geo.sources._request import FetchRequest
from ballerup_geo.spec import DatafordelerTable, KeyName
from ballerup_geo.spec.faults import nearest

__all__ = ["Came", "Wanted", "flat", "require", "whole_letters", "with_shapes"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entity, the columns wanted of it, and for whom."""

    table: DatafordelerTable
    columns: frozenset[str]
    request: FetchRequest
    place: str
    """Key of the entity in the source, for faults: ``join[0]``; empty for the first."""
    secret: KeyName | None
    """Name of the key that the services want."""

    def key(self, name: str) -> str:
        """Key in the source, for faults."""
        return f"{self.place}.{name}" if self.place else name

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.table.register_} {self.table.entity}"


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an entity, under its own names; with a CRS where it has geometry."""

    frame: pd.DataFrame
    offered: tuple[str, ...]
    origin: str
    notes: tuple[str, ...] = ()
    date: str | None = None


def require(wanted: Wanted, offered: Iterable[str], names: Collection[str] | None = None) -> None:
    """Raise where a column that is wanted is not among those offered; the nearest is named."""
    there = list(offered)
    faults = []
    for name in sorted(wanted.columns if names is None else names):
        if name not in there:
            what = f'{wanted.name} has no column "{name}"; it has: {", ".join(sorted(there)[:60])}'
            faults.append(wanted.request.wrong(wanted.key("columns"), what, nearest(name, there)))
    if faults:
        raise DataError(faults)


def with_shapes(frame: pd.DataFrame, column: str | None, wanted: Wanted) -> pd.DataFrame:
    """Return a table whose column of WKT, in EPSG:25832, has become its geometry.

    Raises
    ------
    DataError
        A text is no WKT.
    """
    if column is None:
        return frame
    texts = frame[column].astype(object).where(frame[column].notna(), None)
    shapes = shapely.from_wkt(texts.to_numpy(object), on_invalid="ignore")
    bad = pd.Series(pd.isna(shapes), frame.index) & texts.notna()
    if bad.any():
        what = f'{wanted.name}: {int(bad.sum())} values of "{column}" are no geometry (first: "{texts[bad].iloc[0]}")'
        raise DataError(wanted.request.wrong(wanted.key("geometry"), what[:300], "name the column with WKT"))
    placed: pd.DataFrame = flat(gpd.GeoDataFrame(frame.drop(columns=column), geometry=shapes, crs=CRS))
    return placed


def flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with geometry in two dimensions, in a column called ``geometry``."""
    named = frame if frame.geometry.name == "geometry" else frame.rename_geometry("geometry")
    return named.set_geometry(gpd.GeoSeries(shapely.force_2d(named.geometry.to_numpy()), named.index, crs=named.crs))


def whole_letters(document: Any) -> Any:
    """Return what JSON held with a question mark for each half of a letter: no file can hold those."""
    return json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", errors="replace"))
