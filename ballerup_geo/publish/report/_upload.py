"""Files to be reported to Plandata: one geometry type a file, EPSG:25832, valid, inside the municipality."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.raster import CRS

__all__ = ["FORMATS", "write_upload"]

FORMATS = {"shp": "ESRI Shapefile", "tab": "MapInfo File", "gml": "GML"}
"""Plandata takes shapefiles, MapInfo TAB and GML."""
_TAB_LETTERS = "CP1252"
"""MapInfo's "WindowsLatin1": what every MapInfo reads; without it a TAB file says "Neutral", and æ, ø and å break."""
_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "shp": {"encoding": "UTF-8", "DBF_DATE_LAST_UPDATE": "2000-01-01"},
    "tab": {"BOUNDS": "120000,5900000,1000000,6500000", "ENCODING": _TAB_LETTERS},
    "gml": {"encoding": "UTF-8", "FORMAT": "GML3", "XSISCHEMA": "OFF", "WRITE_FEATURE_BOUNDED_BY": "NO"},
}
_LETTERS = 80
"""Of a plan's name: as UTF-8 they fit in a column."""
_GRID_M = 0.01
_BESIDE_M = 0.02
"""A corner set to the centimetre may lie this far beyond the municipality's boundary."""


def write_upload(
    folder: Path, shapes: dict[str, tuple[shapely.Geometry, ...]], *, name: str, town: shapely.Geometry
) -> list[str]:
    """Write each kind of shape to a file of its own in every format; return the files' names.

    Parameters
    ----------
    shapes
        File stem → polygons, EPSG:25832.
    name
        The plan's name, a column of every file (the formats' columns hold 254 bytes).

    Raises
    ------
    DataError
        A shape would be refused: it is no polygon, crosses itself or lies outside the municipality.
    """
    folder.mkdir()
    for stem, parts in shapes.items():
        frame = _frame(parts, name=name, town=town, stem=stem)
        for suffix, driver in FORMATS.items():
            written = frame.assign(plannavn=_in_tab(frame["plannavn"])) if suffix == "tab" else frame
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                pyogrio.write_dataframe(written, folder / f"{stem}.{suffix}", driver=driver, **_OPTIONS[suffix])
    return sorted(path.name for path in folder.iterdir())


def _frame(parts: tuple[shapely.Geometry, ...], *, name: str, town: shapely.Geometry, stem: str) -> gpd.GeoDataFrame:
    whole = [_multi(shapely.set_precision(part, _GRID_M)) for part in parts]
    near = shapely.buffer(town, _BESIDE_M)
    for row, shape in enumerate(whole, start=1):
        if shape.is_empty or not shape.is_valid or not shapely.covered_by(shape, near):
            what = "cannot be reported: it has no area, crosses itself or lies outside the municipality"
            raise DataError(Fault(stem, f"row {row}", what, "draw it again inside the municipality"))
    rows = np.arange(1, len(whole) + 1, dtype=np.int32)  # a MapInfo table of the common version knows no longer numbers
    return gpd.GeoDataFrame({"nr": rows, "plannavn": [_one_line(name)] * len(whole)}, geometry=whole, crs=CRS)


def _one_line(name: str) -> str:
    """Return a name as a cell of a table holds it.

    Examples
    --------
    >>> _one_line("Ny\\n  Engø")
    'Ny Engø'
    """
    spaced = " ".join(name.split())
    return "".join(letter for letter in spaced if letter.isprintable())[:_LETTERS]


def _in_tab(names: pd.Series[str]) -> list[str]:
    """Return names with a question mark for each letter that a TAB file cannot hold."""
    return [name.encode(_TAB_LETTERS, "replace").decode(_TAB_LETTERS) for name in names]


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
