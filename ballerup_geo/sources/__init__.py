"""Where layers come from: one module a protocol. A source reads and translates names; the catalog checks.

==================  ==========================================
``model``           the modelled municipality, built from a seed
``file``            any file that GDAL, pyarrow or pandas reads
``CONNECTORS``      services that ``fetch`` asks, one module a kind
==================  ==========================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from ballerup_geo.sources import file
from ballerup_geo.sources._http import Answer, HttpClient, Limits, UnansweredError
from ballerup_geo.sources._modelled import model_fingerprint, read_model
from ballerup_geo.sources._request import Bounds, Delivery, FetchRequest, RasterFile, Request
from ballerup_geo.sources._secrets import KEYS, Key, Keys
from ballerup_geo.sources.file.raster import RasterStrips
from ballerup_geo.spec import FileSource, ModelSource, Service

__all__ = [
    "CONNECTORS",
    "KEYS",
    "Answer",
    "Bounds",
    "Delivery",
    "FetchRequest",
    "HttpClient",
    "Key",
    "Keys",
    "Limits",
    "RasterFile",
    "RasterStrips",
    "Request",
    "UnansweredError",
    "fetch_source",
    "fingerprint",
    "missing",
    "read_in_batches",
    "read_in_strips",
    "read_source",
    "stamp",
]

CONNECTORS: dict[str, str] = {
    "datafordeler": "datafordeler",
    "dhm": "dhm",
    "dmi": "dmi",
    "facts": "facts",
    "file": "download",
    "gtfs": "gtfs",
    "ogc": "ogc",
    "osm": "osm",
    "postgis": "postgis",
    "statbank": "statbank",
}
"""Kind of a ``[[source.fetch]]`` → module of this package whose ``fetch_<kind>(source, request)`` asks the service."""


def fetch_source(source: Service, request: FetchRequest) -> Delivery | RasterFile:
    """Bring a layer from a service: our column names and values, the service's own CRS, nothing checked.

    Raises
    ------
    SourceError
        The service cannot be asked, refuses, or answers something else than was asked for.
    """
    module: Any = import_module(f"{__name__}.{CONNECTORS[source.kind]}")
    delivery: Delivery | RasterFile = getattr(module, f"fetch_{source.kind}")(source, request)
    return delivery


def read_source(source: ModelSource | FileSource, request: Request) -> Delivery:
    """Read a layer from its source.

    Raises
    ------
    SourceError
        The source cannot be read: missing, broken, or of another kind.
    DataError
        It can be read, but says neither what nor where it is (no CRS, no geometry, several bands).
    """
    if isinstance(source, FileSource):
        return file.read_file(source, request)
    return read_model(request)


def read_in_batches(source: ModelSource | FileSource, request: Request) -> Callable[[], Iterator[Delivery]] | None:
    """Return a function that reads a large table some rows at a time, or None where the source is not one.

    Each batch is delivered as the whole would be, with the row numbers of the whole.
    """
    return file.in_batches(source, request) if isinstance(source, FileSource) else None


def read_in_strips(source: ModelSource | FileSource, request: Request) -> RasterStrips | None:
    """Return a large raster to be read strip by strip, or None where the source is not one."""
    return file.in_strips(source, request) if isinstance(source, FileSource) else None


def missing(source: ModelSource | FileSource, request: Request) -> str | None:
    """Say why the source has nothing to read (its file is not there), or None."""
    return file.missing_file(source, request) if isinstance(source, FileSource) else None


def fingerprint(source: ModelSource | FileSource, request: Request) -> str:
    """Return a hash of the source's content: the same content gives the same hash, touched or not."""
    if isinstance(source, FileSource):
        return file.file_fingerprint(source, request)
    return model_fingerprint(request)


def stamp(source: ModelSource | FileSource, request: Request) -> str:
    """Return what can be told at once: while the stamp is the same, so is the :func:`fingerprint`."""
    if isinstance(source, FileSource):
        return file.file_stamp(source, request)
    return model_fingerprint(request)
