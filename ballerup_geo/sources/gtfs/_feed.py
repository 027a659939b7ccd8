"""The tables of a timetable's zip file, read where they lie: nothing is unpacked, so that no name leads anywhere."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Request
from ballerup_geo.spec.faults import nearest

__all__ = ["Feed"]

SMALL_BYTES = 500_000_000
LARGE_BYTES = 8_000_000_000
"""Of one table, unpacked."""
_BLOCK = 1 << 24


class Feed:
    """An open timetable. Faults point to ``key`` of the layer's file."""

    def __init__(self, archive: zipfile.ZipFile, name: str, request: Request, key: str) -> None:
        self._archive, self._name, self._request, self._key = archive, name, request, key
        self._members = {PurePosixPath(info.filename).name: info for info in archive.infolist() if not info.is_dir()}
        self.notes: list[str] = []

    @classmethod
    @contextmanager
    def opened(cls, path: Path, request: Request, key: str) -> Iterator[Feed]:
        """Open a timetable.

        Raises
        ------
        SourceError
            It is no zip file, or is broken; also where that shows while it is read.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                yield cls(archive, path.name, request, key)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            OSError,
            csv.Error,
        ) as error:
            what = f"{path.name} cannot be read as a timetable (GTFS, a zip file): {error}"
            raise SourceError(request.fault(key, what, "get the file anew")) from error

    def has(self, table: str) -> bool:
        """Say whether the timetable has a table."""
        return table in self._members

    def table(self, name: str, columns: Collection[str], optional: Collection[str] = ()) -> pd.DataFrame:
        """Read a small table, every value as text; optional columns that are not there are empty.

        Raises
        ------
        SourceError
            The table or a column is missing, or the table is too large.
        """
        text = self._text(name)
        rows = csv.reader(io.StringIO(text, newline=""))
        header = [column.strip() for column in next(rows, [])]
        self._refuse_lacking(name, header, columns)
        lines = [line for line in rows if line]
        if len(set(header)) < len(header):
            raise self._broken(name, "has two columns of the same name")
        if any(len(line) != len(header) for line in lines):
            raise self._broken(name, "has lines with more or fewer values than its header")
        frame = pd.DataFrame(lines, columns=header, dtype=str)
        return frame.reindex(columns=[*columns, *optional], fill_value="").astype("str")

    def rows_of(self, name: str, columns: Collection[str], *, key: str, among: Collection[str]) -> pd.DataFrame:
        """Read those rows of a large table whose ``key`` is one of ``among``, a block at a time.

        Raises
        ------
        SourceError
            The table or a column is missing, or it is broken.
        """
        info = self._member(name, LARGE_BYTES)
        wanted = pa.array(sorted(among), pa.string())
        parts = []
        try:
            with self._archive.open(info) as stream:
                header = [column.strip().lstrip("\ufeff") for column in self._header(name)]
                self._refuse_lacking(name, header, columns)
                reader = arrow_csv.open_csv(
                    stream,
                    read_options=arrow_csv.ReadOptions(block_size=_BLOCK, column_names=header, skip_rows=1),
                    convert_options=arrow_csv.ConvertOptions(
                        include_columns=list(columns), column_types=dict.fromkeys(columns, pa.string())
                    ),
                )
                for batch in reader:
                    table = pa.Table.from_batches([batch])
                    parts.append(table.filter(pa.compute.is_in(table[key], wanted)))
        except pa.ArrowInvalid as error:
            raise self._broken(name, f"cannot be read ({' '.join(str(error).split())[:120]})") from error
        if not parts:
            return pd.DataFrame(columns=list(columns), dtype=str)
        found: pd.DataFrame = pa.concat_tables(parts).to_pandas()
        return found

    def _header(self, name: str) -> list[str]:
        with self._archive.open(self._members[name]) as stream:
            line = stream.readline(65_536).decode("utf-8-sig", errors="replace")
        return next(csv.reader([line]), [])

    def _text(self, name: str) -> str:
        content = self._archive.read(self._member(name, SMALL_BYTES))
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.notes.append(f"{name} is not UTF-8; it was read as Windows-1252")
            return content.decode("cp1252", errors="replace")

    def _member(self, name: str, limit_bytes: int) -> zipfile.ZipInfo:
        if name not in self._members:
            what = f"{self._name} has no {name}, so it is no whole timetable (GTFS)"
            raise SourceError(self._request.fault(self._key, what, nearest(name, list(self._members))))
        info = self._members[name]
        if info.file_size > limit_bytes:
            raise self._broken(name, f"is {info.file_size / 1e6:.0f} MB unpacked, more than can be meant")
        return info

    def _refuse_lacking(self, name: str, header: Collection[str], columns: Collection[str]) -> None:
        for column in columns:
            if column not in header:
                what = f'{name} of {self._name} has no column "{column}"'
                raise SourceError(self._request.fault(self._key, what, nearest(column, list(header))))

    def _broken(self, name: str, why: str) -> SourceError:
        what = f"{name} of {self._name} {why}"
        return SourceError(self._request.fault(self._key, what, "get the timetable anew"))
