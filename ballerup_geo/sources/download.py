"""A file on a web server as a source: brought whole, taken out of its archive, read like any file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ballerup_geo.sources import file
from ballerup_geo.sources._archive import is_archive, take_member
from ballerup_geo.sources._request import Delivery, FetchRequest
from ballerup_geo.spec import DownloadSource, FileSource

__all__ = ["fetch_file"]

LIMIT_BYTES = 20_000_000_000


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
        path = take_member(path, source.member, request.work, limit_bytes=LIMIT_BYTES)
    same = source.model_dump(include=FileSource.model_fields.keys() & DownloadSource.model_fields.keys())
    delivery = file.read_file(FileSource(**{**same, "kind": "file", "path": str(path)}), request)
    return replace(delivery, origin=f"{delivery.origin}, {request.client.shown(source.url)}")
