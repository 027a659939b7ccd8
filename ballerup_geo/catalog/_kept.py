"""Checked layers on disk: ``results/layers/<id>.parquet`` or ``.tif``, with the provenance beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ballerup_geo.catalog._provenance import CheckedLayer, Provenance
from ballerup_geo.errors import DataError
from ballerup_geo.raster import Raster
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import read_cog, read_json, read_table, sha256_file, write_cog, write_json, write_table

__all__ = ["KeptLayer", "data_path", "keep", "metadata_of"]


@dataclass(frozen=True, slots=True)
class KeptLayer:
    """What the last check of a layer left: under which key, from a source in which state."""

    folder: Path
    layer_id: str
    key: str
    stamp: str
    fingerprint: str
    provenance: Provenance

    @classmethod
    def find(cls, folder: Path, layer_id: str) -> KeptLayer | None:
        """Read the record of a kept layer, or None where there is none that can be used."""
        path = folder / f"{layer_id}.json"
        if not path.is_file():
            return None
        try:
            record = read_json(path)
            provenance = Provenance.from_json(record["provenance"])
            return cls(folder, layer_id, record["key"], record["stamp"], record["fingerprint"], provenance)
        except (DataError, KeyError, TypeError):  # written by another version, or damaged: check the layer anew
            return None

    def read(self, *, raster: bool) -> CheckedLayer | None:
        """Read the layer, or None where its file is gone or is not the one that was recorded."""
        if not self.is_whole(raster=raster):
            return None
        path = data_path(self.folder, self.layer_id, raster=raster)
        return CheckedLayer(_read_raster(path) if raster else read_table(path), self.provenance)

    def is_whole(self, *, raster: bool) -> bool:
        """Say whether the file stands as it was recorded."""
        path = data_path(self.folder, self.layer_id, raster=raster)
        return path.is_file() and sha256_file(path) == self.provenance.sha256

    def stamped(self, stamp: str) -> KeptLayer:
        """Record that a source was touched and is still the same."""
        record = replace(self, stamp=stamp)
        record.write()
        return record

    def write(self) -> None:
        """Write the record; the layer itself stands already."""
        fields: dict[str, Any] = {"key": self.key, "stamp": self.stamp, "fingerprint": self.fingerprint}
        write_json(self.folder / f"{self.layer_id}.json", {**fields, "provenance": self.provenance.as_json()})


def keep(
    folder: Path, data: pd.DataFrame | Raster, provenance: Provenance, *, state: Mapping[str, str]
) -> CheckedLayer:
    """Write a checked layer and its record; return it with the hash of the file.

    A table is returned as it was written, so that an analysis answers the same on the run that makes a layer as on the
    next: shapes in memory may know a grid that they were rounded to, and GEOS would cut and buffer them on it.
    """
    metadata = metadata_of(provenance)
    path = data_path(folder, provenance.layer, raster=isinstance(data, Raster))
    if isinstance(data, Raster):
        write_cog(path, data.array, transform=data.transform, crs=data.crs, nodata=data.nodata, metadata=metadata)
    else:
        write_table(path, data, metadata=metadata)
        data = read_table(path)
    provenance = replace(provenance, sha256=sha256_file(path))
    KeptLayer(folder, provenance.layer, provenance=provenance, **state).write()
    return CheckedLayer(data, provenance)


def metadata_of(provenance: Provenance) -> dict[str, str]:
    """Return what every reader of the file should see; no time, so that the same layer gives the same bytes."""
    metadata = {
        "layer": provenance.layer,
        "origin": provenance.origin,
        "licence": provenance.licence,
        "attribution": provenance.attribution["da"],
    }
    if provenance.modelled:
        metadata["notice"] = f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}"
    return metadata


def data_path(folder: Path, layer_id: str, *, raster: bool) -> Path:
    """Return where a checked layer is kept."""
    return folder / f"{layer_id}.{'tif' if raster else 'parquet'}"


def _read_raster(path: Path) -> Raster:
    array, transform, crs, nodata = read_cog(path)
    return Raster(array, transform, nodata, crs)
