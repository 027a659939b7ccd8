"""What is asked of one feature type, and how far its pages are believed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import geopandas as gpd

from ballerup_geo.errors import Fault, SourceError
from ballerup_geo.sources._request import Bounds, FetchRequest

__all__ = ["MOST_FEATURES", "PAGE_BYTES", "Asked", "Came", "Pages"]

PAGE_BYTES = 500_000_000
MOST_FEATURES = 5_000_000
"""More than any municipality has of anything: a service that sends more never ends."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One feature type, wanted from one service."""

    request: FetchRequest
    url: str
    type_name: str
    bounds: Bounds | None
    """EPSG:25832."""
    only: Mapping[str, Any] = field(default_factory=dict)
    dialect: Literal["cql", "fes"] = "cql"
    geometry: str | None = None
    sort_by: str | None = None
    page: int = 2000
    secret_params: Mapping[str, str] = field(default_factory=dict)

    def error(self, what: str, todo: str, key: str = "") -> SourceError:
        """Make an error that names the service and the type."""
        host = urlsplit(self.url).hostname
        return SourceError(self.request.wrong(key, f"{host}, {self.type_name}: {what}", todo))

    def wrong(self, key: str, what: str, todo: str) -> Fault:
        """Make a fault at a key of the source."""
        return self.request.wrong(key, what, todo)


@dataclass(frozen=True, slots=True)
class Came:
    """All features of one type, under the service's own names."""

    frame: gpd.GeoDataFrame
    """With a CRS; ``geometry`` is the active one."""
    offered: tuple[str, ...]
    """All columns of the type, also where no feature came."""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Pages:
    """Counts what comes page by page, and notices when a service repeats itself or does not keep what it announced."""

    asked: Asked
    matched: int | None = None
    """How many the service says there are."""
    came: int = 0
    _seen: set[str] = field(default_factory=set)
    _prints: set[str] = field(default_factory=set)

    def take(self, identifiers: Sequence[str | None], content: Any) -> None:
        """Count a page by its features' identifiers; features without one are told apart by the page's whole content.

        Raises
        ------
        SourceError
            The page has come before, or some of its features have, or more have come than there are.
        """
        page = _print(content)
        if identifiers and page in self._prints:
            raise self.asked.error(
                f"a page has come twice (after {self.came} features): the service does not turn the pages",
                "name a column without repeats in sort_by, or ask for all at once with a larger page",
                "page",
            )
        self._prints.add(page)
        known = [name for name in identifiers if name is not None]
        repeated = len(known) - len(set(known) - self._seen)
        if repeated:
            first = next(name for name in known if name in self._seen or known.count(name) > 1)
            raise self.asked.error(
                f'{repeated} features have come twice (first: "{first}"): the order changes from page to page',
                "name a column without repeats in sort_by",
                "sort_by",
            )
        self._seen.update(known)
        self.came += len(identifiers)
        self._not_too_many()
        if self.matched:
            self.asked.request.progress(
                f"{self.asked.request.layer_id}: {self.came} of {self.matched}", min(1.0, self.came / self.matched)
            )

    def _not_too_many(self) -> None:
        most = MOST_FEATURES if self.matched is None else self.matched
        if self.came > most:
            said = f"{self.matched} were announced" if self.matched is not None else "it does not end"
            raise self.asked.error(f"{self.came} features have come, and {said}", "try later, or tell the service")

    def finish(self) -> None:
        """Hold what came against what was announced."""
        if self.matched is not None and self.came != self.matched:
            raise self.asked.error(
                f"{self.came} features came, and {self.matched} were announced: some are missing",
                "try later, or ask for smaller pages",
                "page",
            )


def _print(content: Any) -> str:
    data = content if isinstance(content, bytes) else json.dumps(content, sort_keys=True, default=str).encode()
    return hashlib.sha256(data).hexdigest()
