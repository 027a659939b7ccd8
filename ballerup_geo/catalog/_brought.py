"""What ``fetch`` brought: ``data/kept/<layer>.parquet`` or ``.tif``, with a record of where it came from beside it.

A new copy takes the old one's place at once: the record that is to come is written first, then the data are renamed in,
then the record. A reader that finds the data of a record to come completes the exchange.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ballerup_geo.errors import DataError
from ballerup_geo.sources import Delivery
from ballerup_geo.spec import FileSource, Layer, Service, Text
from ballerup_geo.storage import read_json, sha256_file, write_json

__all__ = ["Brought", "Record", "address_of", "kept_folder", "promote", "staged_path"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """Where a kept copy came from. It holds no secret."""

    layer: str
    kind: str
    service: str
    """Address without secrets."""
    parameters: Mapping[str, Any]
    """The source as the layer's file had it."""
    origin: str
    time: str
    """When it was fetched, UTC."""
    sha256: str
    """Of the kept file."""
    rows: int
    """Rows after the layer's checks; of a raster, cells with a value."""
    licence: str
    attribution: Mapping[str, str]
    """The sentence to print with it, with month and year of fetching."""
    date: str | None
    notes: tuple[str, ...]
    columns: Mapping[str, str]
    offered: tuple[str, ...]
    untold: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Per column, codes that the service never delivers."""

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON can hold them."""
        return {**asdict(self), "notes": list(self.notes), "offered": list(self.offered)}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Record:
        """Make it again from :meth:`as_json`."""
        return cls(**{**fields, "notes": tuple(fields["notes"]), "offered": tuple(fields["offered"])})

    def is_of(self, source: Service) -> bool:
        """Say whether the copy came from this service, whatever was asked of it."""
        return self.kind == source.kind and self.service == address_of(source)

    @property
    def age_days(self) -> int:
        """Whole days since it was fetched."""
        return (datetime.now(UTC) - datetime.fromisoformat(self.time)).days


@dataclass(frozen=True, slots=True)
class Brought:
    """A copy that ``fetch`` keeps (or is about to), as a source of the catalog."""

    path: Path
    record: Record

    @classmethod
    def find(cls, folder: Path, layer_id: str, layer: Layer) -> Brought | None:
        """Return what is kept of a layer, or None."""
        path = _data_path(folder, layer_id, layer)
        _complete(folder, layer_id, path)
        if not path.is_file():
            return None
        try:
            return cls(path, Record.from_json(read_json(folder / f"{layer_id}.json")))
        except (DataError, TypeError, KeyError, AttributeError):
            _log.warning("%s has no record beside it that can be read, and is not used", path)
            return None

    @property
    def source(self) -> FileSource:
        """The copy as a file source: under our names already."""
        words = Text(da=self.record.attribution["da"], en=self.record.attribution["en"])
        return FileSource(
            kind="file",
            path=f"data/kept/{self.path.name}",
            licence=self.record.licence,
            attribution=words,
            date=self.record.date,
            untold={name: list(codes) for name, codes in self.record.untold.items()},
        )

    def told(self, delivery: Delivery) -> dict[str, Any]:
        """Return what a delivery read from the copy must say instead: what the service said when it was fetched."""
        return {
            "origin": self.record.origin,
            "notes": (*self.record.notes, *delivery.notes),
            "columns": self.record.columns,
            "offered": self.record.offered,
            "date": self.record.date,
        }


def address_of(source: Service) -> str:
    """Return a service's address, without secrets; its kind where it has none."""
    return str(getattr(source, "url", source.kind))


def kept_folder(data_folder: Path) -> Path:
    """Return the folder of kept copies, ``data/kept`` in the project's folder of data."""
    return data_folder / "data" / "kept"


def staged_path(folder: Path, layer_id: str, layer: Layer) -> Path:
    """Return where a new copy is written before it is checked."""
    return folder / f".{layer_id}.new{_data_path(folder, layer_id, layer).suffix}"


def promote(folder: Path, staged: Path, record: Record, layer: Layer) -> None:
    """Let a checked copy take the old one's place."""
    coming = _coming(folder, record.layer)
    write_json(coming, record.as_json())
    staged.replace(_data_path(folder, record.layer, layer))
    with suppress(FileNotFoundError):  # a reader was quicker, and completed the exchange
        coming.replace(folder / f"{record.layer}.json")


def _complete(folder: Path, layer_id: str, path: Path) -> None:
    """Finish an exchange that a kill interrupted after the data had been renamed in; forget one that had not begun."""
    coming = _coming(folder, layer_id)
    if not coming.is_file():
        return
    try:
        announced = read_json(coming)["sha256"]
    except (DataError, KeyError, TypeError):
        return
    if path.is_file() and sha256_file(path) == announced:
        with suppress(FileNotFoundError):  # the writer was not dead, and completed it itself
            coming.replace(folder / f"{layer_id}.json")


def _coming(folder: Path, layer_id: str) -> Path:
    return folder / f".{layer_id}.new.json"


def _data_path(folder: Path, layer_id: str, layer: Layer) -> Path:
    return folder / f"{layer_id}.{'tif' if layer.geometry == 'raster' else 'parquet'}"
