"""A file as a source: what kind it is, whether it is there, whether it has changed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Delivery, Request
from ballerup_geo.sources.file import batches, places, raster, tables, vector
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.spec import FileSource
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import sha256_file, sha256_json

__all__ = ["file_fingerprint", "file_stamp", "in_batches", "in_strips", "missing_file", "read_file"]

_READERS: dict[str, Callable[[Path, FileSource, Request], Delivery]] = {
    ".csv": tables.read_csv,
    ".tsv": tables.read_csv,
    ".txt": tables.read_csv,
    ".parquet": tables.read_parquet,
    ".geoparquet": tables.read_parquet,
}
_COMPANIONS = {
    ".shp": (".dbf", ".shx", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
    ".gml": (".gfs", ".xsd"),
    ".tif": (".tfw", ".prj", ".tif.aux.xml", ".tif.msk"),
    ".tiff": (".tfw", ".prj", ".tiff.aux.xml", ".tiff.msk"),
    ".asc": (".prj", ".asc.aux.xml"),
    ".bil": (".hdr", ".prj", ".bil.aux.xml"),
    ".flt": (".hdr", ".prj", ".flt.aux.xml"),
    ".img": (".ige", ".img.aux.xml"),
    ".gpkg": (".gpkg-wal",),
}
"""Files that belong to one of this kind and change what is read from it; old systems write them in capitals."""


def read_file(source: FileSource, request: Request) -> Delivery:
    """Read a layer from a file, with its columns under our names.

    Raises
    ------
    SourceError
        The file is missing, cannot be read, has several tables and none is named, or is a raster where features are
        wanted (or the other way round).
    DataError
        The file does not say its CRS, has no geometry, or more than one band.
    """
    path = _path(source, request)
    if (why := missing_file(source, request)) is not None:
        raise SourceError(request.fault("source.kept.path", why, _found_nearby(path)))
    request.progress(f"{request.layer_id}: {path.name}", 0.0)
    if request.layer.geometry == "raster":
        return raster.read_raster(path, source, request)
    if source.feature is not None:
        return _read_feature(path, source, request)
    read = _READERS.get(path.suffix.lower(), vector.read_vector)
    if source.x is None and source.y is None:
        return translate(read(path, source, request), source, request)
    table = read(path, source, places.as_table(request))
    return translate(places.with_points(table, source, request), source, request)


def _read_feature(path: Path, source: FileSource, request: Request) -> Delivery:
    """Read one feature of an OpenStreetMap file, or the stations of a timetable; both read this module's files."""
    from ballerup_geo.sources import gtfs, osm

    reader = gtfs.read_gtfs if zipfile.is_zipfile(path) else osm.read_osm
    return reader(path, source, request)


def in_batches(source: FileSource, request: Request) -> Callable[[], Iterator[Delivery]] | None:
    """Return a function that reads a large table some rows at a time, or None where the file is none."""
    path = _path(source, request)
    with _readable(path, request):
        large = batches.is_large(path, source, request)
    return partial(batches.read_in_batches, path, source, request) if large else None


def in_strips(source: FileSource, request: Request) -> raster.RasterStrips | None:
    """Return a large raster to be read strip by strip, or None where the file is none."""
    path = _path(source, request)
    with _readable(path, request):
        return raster.raster_strips(path, source, request)


def missing_file(source: FileSource, request: Request) -> str | None:
    """Say that the file is missing, or None."""
    path = _path(source, request)
    with _readable(path, request):
        return None if path.exists() else f"the file {path} does not exist"


def file_stamp(source: FileSource, request: Request) -> str:
    """Paths, sizes and times of change of the file and what belongs to it."""
    path = _path(source, request)
    with _readable(path, request):
        stats = [(str(part.resolve()), part.stat()) for part in _parts(path)]
    return json.dumps([[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats])


def file_fingerprint(source: FileSource, request: Request) -> str:
    """Hash of the bytes of the file and what belongs to it."""
    path = _path(source, request)
    with _readable(path, request):
        names = {part: part.relative_to(path).as_posix() if path.is_dir() else part.name for part in _parts(path)}
        return sha256_json(sorted([name, sha256_file(part)] for part, name in names.items()))


@contextmanager
def _readable(path: Path, request: Request) -> Iterator[None]:
    """Say of a file that the system does not let us read that it is this file, and what the system says."""
    try:
        yield
    except OSError as error:
        what = f"the file {path} cannot be read ({error.strerror or error})"
        todo = "check its permissions and its name, and that no other program holds it"
        raise SourceError(request.fault("source.kept.path", what, todo)) from error


def _path(source: FileSource, request: Request) -> Path:
    return request.folder / source.path


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    if path.suffix.lower() == ".vrt":
        return [path, *raster.mosaic_parts(path)]
    endings = _COMPANIONS.get(path.suffix.lower(), ())
    companions = {(path.stem + ending).lower() for ending in endings}
    beside = path.parent.iterdir() if companions else ()
    return [path, *sorted(part for part in beside if part.name.lower() in companions and part.is_file())]


def _found_nearby(path: Path) -> str:
    """Advice: the nearest name in the folder, or where the file has to be put."""
    if not path.parent.is_dir():
        return f"make the folder {path.parent} and put the file there, or correct the path"
    names = [found.name for found in path.parent.iterdir() if not found.name.startswith(".")]
    if not names:
        return f"put the file into {path.parent}, which is empty, or correct the path"
    return f"put the file there, or correct the path: {nearest(path.name, names)}"
