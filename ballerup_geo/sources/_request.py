"""What a source is asked, and what it delivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ballerup_geo.errors import Fault
from ballerup_geo.raster import Raster
from ballerup_geo.sources._http import HttpClient
from ballerup_geo.sources._secrets import Keys
from ballerup_geo.spec import KeyName, Layer, Municipality, Progress

__all__ = ["Bounds", "Delivery", "FetchRequest", "RasterFile", "Request"]

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""


@dataclass(frozen=True, slots=True)
class Request:
    """A layer that is wanted."""

    layer_id: str
    layer: Layer
    folder: Path
    """Relative paths of file sources start here."""
    cell_m: float
    """Cell size of modelled rasters."""
    bounds: Bounds | None
    """EPSG:25832: a source may leave out what lies wholly outside; None asks for everything."""
    progress: Progress

    def fault(self, key: str, what: str, todo: str) -> Fault:
        """Make a fault that points into the layer's content file."""
        return Fault(f"layers/{self.layer_id}.toml", key, what, todo)


@dataclass(frozen=True, slots=True)
class FetchRequest(Request):
    """A layer that is wanted from a service. ``bounds`` are those of the layer's area, None for a layer that has none.

    ``folder`` is the project's folder; ``progress`` may be told from any thread.
    """

    client: HttpClient
    keys: Keys
    municipality: Municipality
    area: Bounds | None
    """EPSG:25832: of the municipality with the layer's margin; None for itself and for facts."""
    outline: Any
    """shapely polygon in EPSG:25832: the municipality; None for itself and for facts."""
    work: Path
    """A folder of this layer alone; it stays after a failure, so that a download can go on, and goes after success."""
    place: str
    """Key of the source in the layer's file, for faults: ``source.fetch[0]``."""

    def secret_params(self, key: KeyName | None) -> dict[str, str]:
        """Return the query parameter that carries a key, for :meth:`HttpClient.ask`."""
        return self.keys.parameters(key)

    def wrong(self, key: str, what: str, todo: str) -> Fault:
        """Make a fault that points at a key of this source in the layer's file; secrets are taken out."""
        path = f"{self.place}.{key}" if key else self.place
        return self.fault(path, self.keys.redact(what), self.keys.redact(todo))


@dataclass(frozen=True, slots=True)
class RasterFile:
    """A raster that a connector has written itself, since it is too large to be held: a GeoTIFF in ``work``."""

    path: Path
    origin: str
    notes: tuple[str, ...] = ()
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Data as they came: our column names and values, the source's own CRS, nothing checked.

    A table's index holds the source's row numbers, so that a fault can name the row.
    """

    data: pd.DataFrame | Raster
    origin: str
    """Where the data came from, for people: file and table, or model and seed."""
    notes: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our column → where its values came from."""
    offered: tuple[str, ...] = ()
    """All columns that the source has, under its own names."""
    total: int | None = None
    """Rows in the source, where only those near ``bounds`` were read."""
    extent: Bounds | None = None
    """Of all that the source has, in its own CRS; None where the source cannot tell."""
    date: str | None = None
    """What the data describe: a day, month or year."""
