"""A file on a web server as a source: brought whole, taken out of its archive, read like any file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ballerup_geo.errors import DataError, Fault, SourceError
from ballerup_geo.sources import file
from ballerup_geo.sources._archive import is_archive, take_member
from ballerup_geo.sources._request import Delivery, FetchRequest
from ballerup_geo.spec import DownloadSource, FileSource
from ballerup_geo.storage import make_folder

__all__ = ["fetch_file"]

LIMIT_BYTES = 20_000_000_000
_HEAD = 65_536
_POINTING = {".vrt", ".ovf"}
_POINTERS = (b"<ogrvrt", b"<vrtdataset", b"<gdal_wms", b"<wcs_gdal", b"<ogrwfs", b"<gdal_mbtiles", b'"stac_')
"""How virtual rasters and tables, descriptions of services and catalogues begin."""


def fetch_file(source: DownloadSource, request: FetchRequest) -> Delivery:
    """Download the file, resuming what an earlier attempt brought, and read the layer from it.

    Raises
    ------
    SourceError
        It cannot be brought, its archive is broken or lacks the member, or it cannot be read.
    DataError
        It does not say its CRS, or has no geometry.
    """
    label = f"{request.layer_id}: {urlsplit(source.url).hostname}"

    def told(size: int, total: int | None) -> None:
        request.progress(label, size / total if total else 0.0)

    name = PurePosixPath(urlsplit(source.url).path).name or "download"
    path = request.client.download(
        source.url,
        request.work / name,
        limit_bytes=LIMIT_BYTES,
        secret_params=request.secret_params(source.key),
        progress=told,
    )
    if source.member is not None or is_archive(path):
        unpacked = request.work / "unpacked"
        make_folder(unpacked)
        path = take_member(path, source.member, unpacked, limit_bytes=LIMIT_BYTES)
    shown = request.client.shown(source.url)
    _refuse_pointers(path, request)
    same = source.model_dump(include=FileSource.model_fields.keys() & DownloadSource.model_fields.keys())
    try:
        delivery = file.read_file(FileSource(**{**same, "kind": "file", "path": str(path)}), request)
    except (SourceError, DataError) as error:
        raise type(error)([_of_the_service(fault, path, shown, request) for fault in error.faults]) from None
    return replace(delivery, origin=f"{delivery.origin}, {shown}")


def _refuse_pointers(path: Path, request: FetchRequest) -> None:
    """Refuse a file that only points to others: it would let whoever sends it read this machine's, or ask in our name.

    GDAL knows such files by what they begin with, under any name.
    """
    with path.open("rb") as opened:
        head = opened.read(_HEAD).lower()
    if path.suffix.lower() in _POINTING or any(sign in head for sign in _POINTERS):
        what = f"{path.name} holds no data, but points to other files; it is not read"
        raise SourceError(request.wrong("url", what, "name a file that holds the data"))


def _of_the_service(fault: Fault, path: Path, shown: str, request: FetchRequest) -> Fault:
    """Let a fault of a file that was brought name the address and the source, not a file that is gone."""
    key = fault.key.replace("source.kept", request.place, 1)
    what, todo = (text.replace(str(path), f"{path.name} of {shown}") for text in (fault.what, fault.todo))
    return Fault(fault.where, key.replace(f"{request.place}.path", f"{request.place}.url"), what, todo)
