"""A file as a source: what kind it is, whether it is there, whether it has changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Delivery, Request
from ballerup_geo.sources.file import raster, tables, vector
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.spec import FileSource
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import sha256_files

__all__ = ["file_fingerprint", "file_stamp", "missing_file", "read_file"]

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
    ".tif": (".tfw", ".prj", ".tif.aux.xml", ".tif.msk"),
    ".tiff": (".tfw", ".prj", ".tiff.aux.xml", ".tiff.msk"),
    ".asc": (".prj",),
    ".gpkg": (".gpkg-wal",),
}
"""Files that belong to one of this kind and change what is read from it."""


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
    delivery = _READERS.get(path.suffix.lower(), vector.read_vector)(path, source, request)
    return translate(delivery, source, request)


def missing_file(source: FileSource, request: Request) -> str | None:
    """Say that the file is missing, or None."""
    path = _path(source, request)
    return None if path.exists() else f"the file {path} does not exist"


def file_stamp(source: FileSource, request: Request) -> str:
    """Paths, sizes and times of change of the file and what belongs to it."""
    stats = [(str(path.resolve()), path.stat()) for path in _parts(_path(source, request))]
    return json.dumps([[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats])


def file_fingerprint(source: FileSource, request: Request) -> str:
    """Hash of the bytes of the file and what belongs to it."""
    path = _path(source, request)
    return sha256_files(_parts(path), root=path if path.is_dir() else path.parent)


def _path(source: FileSource, request: Request) -> Path:
    return request.folder / source.path


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    companions = [path.with_name(path.stem + ending) for ending in _COMPANIONS.get(path.suffix.lower(), ())]
    return [path, *(part for part in companions if part.is_file())]


def _found_nearby(path: Path) -> str:
    """Advice: the nearest name in the folder, or where the file has to be put."""
    if not path.parent.is_dir():
        return f"make the folder {path.parent} and put the file there, or correct the path"
    names = [found.name for found in path.parent.iterdir() if not found.name.startswith(".")]
    if not names:
        return f"put the file into {path.parent}, which is empty, or correct the path"
    return f"put the file there, or correct the path: {nearest(path.name, names)}"
