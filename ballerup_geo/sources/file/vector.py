"""Any vector file that GDAL reads: GeoPackage, shapefile, GeoJSON, FlatGeobuf …"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pyogrio
import rasterio
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.util import vsi_path
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ballerup_geo.errors import DataError, SourceError
from ballerup_geo.sources._request import Bounds, Delivery, Request
from ballerup_geo.sources.file.crs import bounds_in, stated_crs
from ballerup_geo.sources.file.mapping import wanted
from ballerup_geo.spec import FileSource
from ballerup_geo.spec.faults import nearest

__all__ = ["read_vector"]


def read_vector(path: Path, source: FileSource, request: Request) -> Delivery:
    """Read the features whose boxes meet ``request.bounds``; the index holds the file's feature numbers."""
    table = _table(path, source, request)
    info = _info(path, table, request)
    offered = [str(name) for name in info["fields"]]
    origin = path.name if table is None or table == path.stem else f"{path.name}, table {table}"
    if request.layer.geometry == "table":
        frame, notes = _read(path, table, request, columns=wanted(source, request, offered), read_geometry=False)
        _whole(len(frame), info, path, request)
        return Delivery(frame, origin=origin, notes=notes, offered=tuple(offered))
    if info["geometry_type"] is None:
        what = f"{origin} has no geometry, and the layer wants {request.layer.geometry} features"
        raise DataError(request.fault("source.kept", what, "point to a table with geometry"))
    crs, notes = stated_crs(info["crs"], source, request, name=origin, implied=info["driver"] == "GeoJSON")
    box = bounds_in(crs, request.bounds)
    frame, warned = _read(path, table, request, columns=wanted(source, request, offered), bbox=box)
    frame = frame.set_crs(crs, allow_override=True)
    if box is None:
        _whole(len(frame), info, path, request)
    return Delivery(
        frame,
        origin=origin,
        notes=(*notes, *warned),
        offered=tuple(offered),
        total=int(info["features"]),
        extent=_extent(path, table) if not len(frame) else None,
    )


def _table(path: Path, source: FileSource, request: Request) -> str | None:
    """Return the table to read: the one named, or the only one."""
    if "!" in str(path) and vsi_path(path) != str(path):
        what = f"{path} has an exclamation mark in it, which GDAL's reader takes for the way into an archive"
        raise SourceError(request.fault("source.kept.path", what, "rename the folder or the file"))
    try:
        tables = [str(name) for name, _ in pyogrio.list_layers(path) if name != "layer_styles"]
    except DataSourceError as error:
        raise _unreadable(path, request, error) from error
    if not tables:
        raise _no_features(path, request)
    if source.table is not None and source.table not in tables:
        what = f'{path.name} has no table "{source.table}"'
        raise SourceError(request.fault("source.kept.table", what, nearest(source.table, tables)))
    if source.table is None and len(tables) > 1:
        what = f"{path.name} holds several tables and none is named"
        todo = f'add table = "…", one of: {", ".join(sorted(tables))}'
        raise SourceError(request.fault("source.kept.table", what, todo))
    return source.table or tables[0]


def _info(path: Path, table: str | None, request: Request) -> dict[str, Any]:
    try:
        info: dict[str, Any] = pyogrio.read_info(path, layer=table, force_feature_count=True, **_options(path))
    except (DataSourceError, DataLayerError) as error:
        raise _unreadable(path, request, error) from error
    return info


def _read(path: Path, table: str | None, request: Request, **options: Any) -> tuple[Any, tuple[str, ...]]:
    """Read features; what GDAL warns about (measures, times in several zones) becomes notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            frame = pyogrio.read_dataframe(path, layer=table, fid_as_index=True, **_options(path), **options)
        except (DataSourceError, DataLayerError) as error:
            raise _unreadable(path, request, error) from error
    return frame, tuple(dict.fromkeys(f"while reading: {warning.message}" for warning in caught))


def _options(path: Path) -> dict[str, str]:
    """Let the first row of a spreadsheet be its header, also where all below is text."""
    return {"HEADERS": "FORCE"} if path.suffix.lower() in {".xlsx", ".xlsm", ".ods"} else {}


def _whole(rows: int, info: dict[str, Any], path: Path, request: Request) -> None:
    """Refuse a file that ends early: GDAL then gives what it could read and says nothing."""
    if rows < info["features"]:
        what = f"only {rows} of {info['features']} features of {path} can be read: the file is damaged"
        raise SourceError(request.fault("source.kept.path", what, "replace the file by a whole one"))


def _extent(path: Path, table: str | None) -> Bounds | None:
    bounds = pyogrio.read_info(path, layer=table, force_total_bounds=True)["total_bounds"]
    return None if bounds is None else (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3]))


def _unreadable(path: Path, request: Request, error: Exception) -> SourceError:
    return (
        _no_features(path, request)
        if _is_raster(path)
        else SourceError(
            request.fault(
                "source.kept.path",
                f"{path} cannot be read ({error})",
                "check that it is a whole GeoPackage, GeoParquet, shapefile, GeoJSON or CSV file",
            )
        )
    )


def _no_features(path: Path, request: Request) -> SourceError:
    if _is_raster(path):
        what = f"{path.name} is a raster, and the layer wants {request.layer.geometry} features"
        return SourceError(request.fault("source.kept.path", what, "point to a file with features, e.g. a GeoPackage"))
    what = f"{path.name} has no table to read"
    return SourceError(request.fault("source.kept.path", what, "replace the file by one with features"))


def _is_raster(path: Path) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                return bool(dataset.count)
    except RasterioError:
        return False
