"""A file that is on its way: what has come lies beside its place, with what is needed to go on later."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ballerup_geo.storage import write_json, writing

__all__ = ["Part"]

_RANGE = re.compile(r"bytes (?P<first>\d+)-\d+/(?P<total>\d+|\*)")
_TOTAL = re.compile(r"bytes \*/(?P<total>\d+)")


@dataclass(slots=True)
class Part:
    """The first bytes of a file, and the mark by which the server knows whether it is still the same file."""

    path: Path
    address: str
    """Without secrets."""
    mark: str | None
    """A strong ETag, or the time of the last change."""
    size: int
    total: int | None = None
    whole: bool = False

    @classmethod
    def begin(cls, path: Path, address: str) -> Part:
        """Take up what an earlier run left, if it is of the same address."""
        part = cls(path, address, None, 0)
        try:
            record = json.loads(part._record.read_text(encoding="utf-8"))
            if record["address"] == address and isinstance(record["mark"], str):
                part.mark, part.size = record["mark"], part._data.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):  # none, or one that a kill left unfinished: begin anew
            part.mark, part.size = None, 0
        return part

    @property
    def _data(self) -> Path:
        return self.path.with_name(f".{self.path.name}.part")

    @property
    def _record(self) -> Path:
        return self.path.with_name(f".{self.path.name}.part.json")

    def headers(self) -> dict[str, str]:
        """Ask for the rest, if the file is still the same."""
        if self.mark is None or not self.size:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.mark}

    def meet(self, status: int, headers: Mapping[str, str]) -> bool:
        """Decide from an answer's head where its bytes belong; say whether they are bytes of the file at all."""
        span = headers.get("content-range", "").strip()
        rest, ended = _RANGE.fullmatch(span), _TOTAL.fullmatch(span)
        if status == 206 and rest is not None and int(rest["first"]) == self.size:
            self.total = None if rest["total"] == "*" else int(rest["total"])
            return True
        if status == 416 and ended is not None and int(ended["total"]) == self.size:
            self.total, self.whole = self.size, True
            return False
        self.size = 0
        etag = headers.get("etag", "")
        self.mark = (etag if etag.startswith('"') else headers.get("last-modified")) if status == 200 else None
        length = headers.get("content-length", "")
        self.total = int(length) if length.isdecimal() and status == 200 else None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_json(self._record, {"address": self.address, "mark": self.mark})
        return status == 200

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Give the file to write to, where its bytes end; a full disk becomes a fault that says what to do."""
        with writing(self.path), self._data.open("r+b" if self.size else "wb") as file:
            file.truncate(self.size)
            file.seek(self.size)
            yield file

    def finish(self) -> Path:
        """Put the whole file in its place."""
        with writing(self.path):
            self._data.replace(self.path)
            self._record.unlink(missing_ok=True)
        return self.path
