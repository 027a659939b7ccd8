"""A large table checked and kept some rows at a time; what comes of it is the same as at once, byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pandas as pd

from ballerup_geo.catalog._casting import has_decimal_comma
from ballerup_geo.catalog._findings import Findings
from ballerup_geo.catalog._kept import KeptLayer, data_path, metadata_of
from ballerup_geo.catalog._place import Region
from ballerup_geo.catalog._provenance import Provenance
from ballerup_geo.catalog._tables import TableTally, number_texts
from ballerup_geo.sources import Delivery
from ballerup_geo.spec import FileSource, Layer, ModelSource
from ballerup_geo.storage import sha256_file, table_in_parts

__all__ = ["PartsCheck", "keep_in_parts"]


class _Told(Protocol):
    def __call__(self, rows: int, delivery: Delivery, findings: Findings, columns: dict[str, str], /) -> Provenance: ...


@dataclass(frozen=True, slots=True)
class PartsCheck:
    """A layer that comes in batches, and what it is held against."""

    layer_id: str
    layer: Layer
    source: FileSource | ModelSource
    region: Region | None
    batches: Callable[[], Generator[Delivery]]


def keep_in_parts(folder: Path, checking: PartsCheck, provenance: _Told, *, state: Mapping[str, str]) -> KeptLayer:
    """Check a layer's batches and keep them with their record; the former copy stands where a check fails.

    Raises
    ------
    DataError
        The data break the layer's contract; all faults at once.
    """
    tally = TableTally(checking.layer, checking.region, commas=_commas(checking))
    path = data_path(folder, checking.layer_id, raster=False)
    first: Delivery | None = None
    with table_in_parts(path) as table:
        for delivery in checking.batches():
            first = first or delivery
            table.add(tally.add(_frame(delivery)).reset_index(drop=True))
        if first is None:
            raise ValueError("a large table has batches")
        findings = Findings(checking.layer_id, first.origin, notes=list(first.notes))
        columns = tally.report(findings, delivery=first, source=checking.source)
        findings.stop()
        told = provenance(table.rows, first, findings, columns)
        table.write(metadata_of(told), tally.of_one_type if tally.becomes_multi else None)
    kept = KeptLayer(folder, checking.layer_id, provenance=replace(told, sha256=sha256_file(path)), **state)
    kept.write()
    return kept


def _commas(checking: PartsCheck) -> frozenset[str]:
    """Find the columns of numbers that come as texts with a decimal comma: only all rows together tell.

    A file with numbers as texts is rare, and read twice.
    """
    begun = checking.batches()
    texts = number_texts(checking.layer, _frame(next(begun)))
    begun.close()
    found: set[str] = set()
    if texts:
        for delivery in checking.batches():
            frame = _frame(delivery)
            found |= {name for name in texts if name not in found and has_decimal_comma(frame[name])}
    return frozenset(found)


def _frame(delivery: Delivery) -> pd.DataFrame:
    if not isinstance(delivery.data, pd.DataFrame):
        raise TypeError("only tables come in batches")
    return delivery.data
