"""A checked layer and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from ballerup_geo.raster import Raster
from ballerup_geo.spec.notice import MODEL_NOTICE

__all__ = ["CheckedLayer", "Provenance"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a layer comes from, and what was done to it."""

    layer: str
    data: str
    """``model`` or ``kept``."""
    origin: str
    """File and table, or model version and seed."""
    date: str | None
    """What the data describe: a day, month or year, where the content file says it."""
    time: str
    """When it was read and checked, UTC."""
    sha256: str
    """Of the checked layer as kept: the same checked layer has the same hash."""
    rows: int
    """Rows of a table, cells of a raster."""
    modelled: bool
    licence: str
    attribution: Mapping[str, str]
    """In Danish (``da``) and English (``en``)."""
    notes: tuple[str, ...]
    """What was repaired, left out or assumed, each with a count and the first example."""
    columns: Mapping[str, str]
    """Each column → where its values came from; ``not delivered`` where the source lacks it."""
    untold: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Column → codes that the source never delivers: whether there are any is unknown."""

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON can hold them."""
        notice = MODEL_NOTICE.model_dump() if self.modelled else None
        return {**asdict(self), "notes": list(self.notes), "notice": notice}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Provenance:
        """Make it again from :meth:`as_json`."""
        own = {name: value for name, value in fields.items() if name != "notice"}
        return cls(**{**own, "notes": tuple(fields["notes"])})


@dataclass(frozen=True, slots=True)
class CheckedLayer:
    """A layer that fulfils its contract. Columns stand in the content file's order, all of them present."""

    data: pd.DataFrame | Raster
    provenance: Provenance
