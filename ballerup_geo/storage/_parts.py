"""A large table written some rows at a time: the same bytes as :func:`write_table` gives, in little memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from ballerup_geo.storage._files import new_file
from ballerup_geo.storage._tables import COMPRESSION, arrow_table

__all__ = ["Reshape", "TableInParts", "table_in_parts"]

GROUP_ROWS = 1 << 20
"""Rows of a group in the file, as pyarrow has them where it is given a whole table."""
Reshape = Callable[[np.ndarray[Any, np.dtype[np.object_]]], np.ndarray[Any, np.dtype[np.object_]]]


class TableInParts:
    """Takes rows, and writes them when all are there: what is said of a whole table stands at its end."""

    def __init__(self, path: Path, waiting: Path) -> None:
        self._path = path
        self._waiting = waiting
        self._begun: pq.ParquetWriter | None = None
        self._geo: dict[str, Any] | None = None
        self._schema: pa.Schema | None = None
        self._types: set[str] = set()
        self._bounds = np.full(4, np.nan)
        self.rows = 0

    def add(self, frame: pd.DataFrame) -> None:
        """Take rows; columns and types must be those of the rows before. The first part may be empty."""
        table = arrow_table(frame)
        stored = dict(table.schema.metadata or {})
        if b"geo" in stored:
            self._geo = json.loads(stored.pop(b"geo"))
            self._note(self._geo["columns"][self._geo["primary_column"]])
        if self._begun is None:
            self._schema = table.schema.with_metadata(stored)
            self._begun = pq.ParquetWriter(self._waiting, self._schema, compression="lz4")
        self._begun.write_table(table.replace_schema_metadata(stored))
        self.rows += len(frame)

    def _note(self, described: Mapping[str, Any]) -> None:
        self._types |= set(described["geometry_types"])
        box = np.array(described.get("bbox", [np.nan] * 4))
        self._bounds[:2] = np.fmin(self._bounds[:2], box[:2])
        self._bounds[2:] = np.fmax(self._bounds[2:], box[2:])

    def write(self, metadata: Mapping[str, str], reshape: Reshape | None = None) -> None:
        """Write the file with the metadata of :func:`write_table`; ``reshape`` makes other geometries of all.

        It is told to give multi-part ones, and their type is written as such.
        """
        if self._begun is None or self._schema is None:
            raise ValueError("no part was added")
        self._begun.close()
        schema = self._schema.with_metadata(self._metadata(metadata, multi=reshape is not None))
        with (
            pq.ParquetFile(self._waiting) as waiting,
            pq.ParquetWriter(self._path, schema, compression=COMPRESSION) as writer,
        ):
            for group in _regrouped(waiting):
                changed = group if reshape is None or self._geo is None else _reshaped(group, self._geo, reshape)
                writer.write_table(changed.replace_schema_metadata(schema.metadata))

    def _metadata(self, metadata: Mapping[str, str], *, multi: bool) -> dict[bytes, bytes]:
        stored = dict(self._schema.metadata or {}) if self._schema is not None else {}
        if self._geo is not None:
            described = dict(self._geo["columns"][self._geo["primary_column"]])
            described.pop("bbox", None)
            types = {f"Multi{name.removeprefix('Multi')}" for name in self._types} if multi else self._types
            described["geometry_types"] = sorted(types)
            if np.isfinite(self._bounds).all():
                described["bbox"] = self._bounds.tolist()
            geo = {**self._geo, "columns": {self._geo["primary_column"]: described}}
            stored[b"geo"] = json.dumps(geo).encode()
        return stored | {key.encode(): value.encode() for key, value in metadata.items()}

    def close(self) -> None:
        """Let go of the file of waiting rows, whatever has happened."""
        if self._begun is not None:
            self._begun.close()
        self._waiting.unlink(missing_ok=True)


@contextmanager
def table_in_parts(path: Path) -> Iterator[TableInParts]:
    """Give a table that takes its rows in parts; on leaving, what was written takes the place of ``path``.

    On any error ``path`` is as it was.
    """
    with new_file(path) as beside:
        table = TableInParts(beside, beside.with_name(f"{beside.name}.waiting"))
        try:
            yield table
        finally:
            table.close()


def _regrouped(file: pq.ParquetFile) -> Iterator[pa.Table]:
    """Yield the rows in the groups that a table written at once has."""
    waiting: list[pa.Table] = []
    rows = 0
    for number in range(file.num_row_groups):
        waiting.append(file.read_row_group(number))
        rows += len(waiting[-1])
        while rows >= GROUP_ROWS:
            table = pa.concat_tables(waiting)
            yield table.slice(0, GROUP_ROWS).combine_chunks()
            waiting, rows = [table.slice(GROUP_ROWS)], rows - GROUP_ROWS
    if rows:
        yield pa.concat_tables(waiting).combine_chunks()


def _reshaped(table: pa.Table, geo: Mapping[str, Any], reshape: Reshape) -> pa.Table:
    name = geo["primary_column"]
    place = table.column_names.index(name)
    shapes = reshape(shapely.from_wkb(table.column(place).to_numpy()))
    wkb = pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary())
    return table.set_column(place, table.schema.field(place), wkb)
