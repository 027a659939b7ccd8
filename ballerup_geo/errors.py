"""Everything this package raises on purpose.

::

    BallerupGeoError
    ├── ProjectError   a content file is wrong: edit it
    ├── SourceError    a service or file could not be read: try later, or use the kept copy
    ├── DataError      delivered data breaks the layer's contract
    └── MethodError    the question has no answer with these inputs

A message says what is wrong, where, and what to do next. All faults of a file are reported at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["BallerupGeoError", "DataError", "Fault", "MethodError", "ProjectError", "SourceError"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong: where (file or layer), at which key (or column), what, and what to do."""

    where: str
    key: str
    what: str
    todo: str

    def __str__(self) -> str:
        place = f"{self.where}: {self.key}" if self.key else self.where
        return f"{place}: {self.what} → {self.todo}"


class BallerupGeoError(Exception):
    """Base of all errors of this package; ``faults`` holds each fault on its own, ``exit_code`` what the shell sees."""

    exit_code = 1

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ProjectError(BallerupGeoError):
    """A content file (layers/, analyses/, maps/) is wrong and must be edited."""


class SourceError(BallerupGeoError):
    """A source could not be read: a missing file, a broken file, a failed service."""

    exit_code = 3


class DataError(BallerupGeoError):
    """Delivered data break the layer's contract."""


class MethodError(BallerupGeoError):
    """The question has no answer with these inputs."""
