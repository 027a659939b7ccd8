"""The catalog: a project's layers, checked when first asked for, kept, and read again while nothing has changed."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely

from ballerup_geo import sources
from ballerup_geo.catalog._brought import Brought, kept_folder
from ballerup_geo.catalog._findings import Findings
from ballerup_geo.catalog._kept import KeptLayer, keep
from ballerup_geo.catalog._parts import PartsCheck, keep_in_parts
from ballerup_geo.catalog._place import Region
from ballerup_geo.catalog._provenance import CheckedLayer, Provenance
from ballerup_geo.catalog._rasters import check_raster
from ballerup_geo.catalog._strips import StripsCheck, is_in_place, keep_in_strips
from ballerup_geo.catalog._tables import check_table
from ballerup_geo.errors import Fault, ProjectError, SourceError
from ballerup_geo.project import Project
from ballerup_geo.raster import Raster
from ballerup_geo.sources import Delivery, Request
from ballerup_geo.spec import FileSource, Layer, ModelSource, Progress
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import sha256_files, sha256_json

__all__ = ["Catalog", "DataKind", "choose_data"]

_log = logging.getLogger(__name__)

DataKind = Literal["model", "kept"]
_AREA = "municipality"


def choose_data(project: Project, out: Path, asked: DataKind | None) -> DataKind:
    """Return the kind of data to use: what is asked, else ``kept`` where any kept layer is there, else ``model``.

    Tables of facts that the package carries tell nothing of a municipality, and do not count.
    """
    if asked is not None:
        return asked
    kept = Catalog(project, out=out, data="kept")
    there = (layer_id for layer_id in project.layers if kept.has(layer_id) and not kept.is_fact(layer_id))
    return "kept" if any(True for _ in there) else "model"


def _silent(label: str, share: float, /) -> None:
    """Progress for whoever does not want any."""


class Catalog:
    """The layers of a project from one kind of data: all modelled, or all real, never mixed.

    Parameters
    ----------
    project
        Whose layers.
    out
        Output folder; checked layers are kept in ``out/results/layers``.
    data
        ``"model"`` or ``"kept"``; see :func:`choose_data`.
    cell_m
        Cell size of modelled rasters, metres. Rasters from files keep their own.
    progress
        Told what is being read.
    """

    def __init__(
        self,
        project: Project,
        *,
        out: Path,
        data: DataKind,
        cell_m: float = 2.0,
        progress: Progress | None = None,
    ) -> None:
        self.project = project
        self.data: DataKind = data
        self.out = out
        self._cell_m = cell_m
        self._progress = progress or _silent
        self._folder = out / "results" / "layers"
        self._keys: dict[str, str] = {}
        self._fingerprints: dict[str, str] = {}
        self._tables: dict[str, CheckedLayer] = {}
        self._brought: dict[str, Brought | None] = {}

    def has(self, layer_id: str) -> bool:
        """Say whether the layer is known: it has a source of this kind of data, and there is something to read."""
        return self.why_unknown(layer_id) is None

    def is_fact(self, layer_id: str) -> bool:
        """Say whether a layer is a table of facts that fetch kept: the same for every municipality."""
        brought = self._fetched(layer_id)
        return brought is not None and brought.record.kind == "facts"

    def why_unknown(self, layer_id: str) -> Fault | None:
        """Say why the layer is unknown and what to do, or None where it is known."""
        layer = self._layer(layer_id)
        where = f"layers/{layer_id}.toml"
        source = self._source(layer_id)
        fetchable = f"fetch it: ballerup-geo fetch {layer_id}" if layer.source.fetch and self.data == "kept" else None
        if source is None and fetchable is not None:
            return Fault(where, "source.fetch", f'the layer "{layer_id}" is unknown: it is not fetched yet', fetchable)
        if source is None:
            what = f'the layer "{layer_id}" is unknown: it has no source for --data {self.data}'
            return Fault(where, f"source.{self.data}", what, _other_data(self.data, layer))
        why = sources.missing(source, self._request(layer_id))
        if why is None:
            return None
        todo = "put it there, or correct the path" + (f", or {fetchable}" if fetchable is not None else "")
        return Fault(where, "source.kept.path", f'the layer "{layer_id}" is unknown: {why}', todo)

    def read(self, layer_id: str) -> CheckedLayer:
        """Return a checked layer: as kept, if nothing it is made from has changed, else read and checked anew.

        Raises
        ------
        SourceError
            The layer is unknown, or its source cannot be read.
        DataError
            The data break the layer's contract; all faults at once.
        """
        if layer_id in self._tables:
            return self._tables[layer_id]
        unknown = self.why_unknown(layer_id)
        if unknown is not None:
            raise SourceError(unknown)
        checked = self._read_kept(layer_id) or self._read_anew(layer_id)
        if not isinstance(checked.data, Raster):  # rasters are large, and read quickly
            self._tables[layer_id] = checked
        return checked

    def keep(self, layer_id: str) -> Provenance:
        """Check a layer and keep it, as :meth:`read` does, but do not hold it: a large one need not fit into memory.

        Raises
        ------
        SourceError
            The layer is unknown, or its source cannot be read.
        DataError
            The data break the layer's contract; all faults at once.
        """
        self._known_source(layer_id)
        kept = KeptLayer.find(self._folder, layer_id)
        if kept is not None and kept.key == self.key(layer_id) and kept.is_whole(raster=self._is_raster(layer_id)):
            return kept.provenance
        in_parts = self._keep_in_strips(layer_id) if self._is_raster(layer_id) else self._keep_in_parts(layer_id)
        return self._read_anew(layer_id).provenance if in_parts is None else in_parts.provenance

    def key(self, layer_id: str) -> str:
        """Return a hash of all that the checked layer is made from; while it is the same, so is the layer."""
        if layer_id not in self._keys:
            source = self._known_source(layer_id)
            layer = self._layer(layer_id)
            made_from = [
                _code_hash(),
                self.data,
                _contract(layer),
                source.model_dump(mode="json"),
                self._fingerprint(layer_id, source),
                None if self._unclipped(layer_id) else self.key(_AREA),
            ]
            self._keys[layer_id] = sha256_json(made_from)
        return self._keys[layer_id]

    @property
    def area(self) -> Any:
        """The municipality as one shapely polygon in EPSG:25832."""
        return shapely.union_all(gpd.GeoDataFrame(self.read(_AREA).data).geometry.to_numpy())

    def _layer(self, layer_id: str) -> Layer:
        if layer_id not in self.project.layers:
            todo = nearest(layer_id, self.project.layers)
            raise ProjectError(Fault("layers/", layer_id, f'the project has no layer "{layer_id}"', todo))
        return self.project.layers[layer_id]

    def _source(self, layer_id: str) -> FileSource | ModelSource | None:
        """Return the source to read: under ``kept`` the planner's own file, else what fetch brought."""
        layer = self._layer(layer_id)
        if self.data == "model":
            return layer.source.model
        brought = self._fetched(layer_id)
        return layer.source.kept if brought is None else brought.source

    def _fetched(self, layer_id: str) -> Brought | None:
        """Return what fetch brought, where it is to be used: not where the planner's own file is there."""
        if layer_id not in self._brought:
            layer = self._layer(layer_id)
            own = layer.source.kept
            used = self.data == "kept" and (own is None or sources.missing(own, self._request(layer_id)) is not None)
            folder = kept_folder(self.project.data_folder(self.out))
            self._brought[layer_id] = Brought.find(folder, layer_id, layer) if used else None
        return self._brought[layer_id]

    def _known_source(self, layer_id: str) -> FileSource | ModelSource:
        unknown = self.why_unknown(layer_id)
        source = self._source(layer_id)
        if unknown is not None or source is None:
            raise SourceError(unknown or ())
        return source

    def _unclipped(self, layer_id: str) -> bool:
        layer = self._layer(layer_id)
        return layer_id == _AREA or layer.clip == "none" or layer.geometry == "table"

    def _region(self, layer_id: str) -> Region | None:
        if self._unclipped(layer_id):
            return None
        layer = self._layer(layer_id)
        around = layer.clip == "surroundings" or layer.geometry == "raster"
        return Region(self.area, layer.margin_m if around else 0.0)

    def _request(self, layer_id: str, region: Region | None = None) -> Request:
        return Request(
            layer_id=layer_id,
            layer=self._layer(layer_id),
            folder=self.project.data_folder(self.out),
            cell_m=self._cell_m,
            bounds=None if region is None else region.bounds,
            progress=self._progress,
        )

    def _fingerprint(self, layer_id: str, source: FileSource | ModelSource) -> str:
        """Hash the source's content, unless it has not been touched since the kept layer was made."""
        if layer_id not in self._fingerprints:
            request = self._request(layer_id)
            kept = KeptLayer.find(self._folder, layer_id)
            stamp = sources.stamp(source, request)
            touched = kept is None or kept.stamp != stamp
            fingerprint = sources.fingerprint(source, request) if touched or kept is None else kept.fingerprint
            if touched and kept is not None and kept.fingerprint == fingerprint:
                kept.stamped(stamp)
            self._fingerprints[layer_id] = fingerprint
        return self._fingerprints[layer_id]

    def _read_kept(self, layer_id: str) -> CheckedLayer | None:
        kept = KeptLayer.find(self._folder, layer_id)
        if kept is None or kept.key != self.key(layer_id):
            return None
        return kept.read(raster=self._is_raster(layer_id))

    def _read_anew(self, layer_id: str) -> CheckedLayer:
        if (kept := self._keep_in_parts(layer_id)) is not None:
            checked = kept.read(raster=False)
            if checked is not None:
                return checked
        source, state = self._known_source(layer_id), self._state(layer_id)
        request = self._request(layer_id, self._region(layer_id))
        self._progress(layer_id, 0.0)
        delivery = self._delivered(source, request, self._fetched(layer_id))
        data, columns, findings = self._checked(layer_id, delivery, source)
        rows = int(data.array.size) if isinstance(data, Raster) else len(data)
        provenance = self._provenance(layer_id, rows, delivery, notes=tuple(findings.notes), columns=columns)
        checked = keep(self._folder, data, provenance, state=state)
        self._progress(layer_id, 1.0)
        _log.info(
            "layer %s: %d rows from %s, %d notes", layer_id, provenance.rows, delivery.origin, len(findings.notes)
        )
        return checked

    def check(self, layer_id: str, brought: Brought) -> pd.DataFrame | Raster:
        """Hold a copy that fetch is about to keep against the layer's contract; nothing is kept.

        Raises
        ------
        SourceError
            It cannot be read.
        DataError
            It breaks the contract; all faults at once.
        """
        request = self._request(layer_id, self._region(layer_id))
        delivery = self._delivered(brought.source, request, brought)
        return self._checked(layer_id, delivery, brought.source)[0]

    def _keep_in_parts(self, layer_id: str) -> KeptLayer | None:
        """Check and keep a large table some rows at a time; None where it is none."""
        layer, source, state = self._layer(layer_id), self._known_source(layer_id), self._state(layer_id)
        region = self._region(layer_id)
        batches = sources.read_in_batches(source, self._request(layer_id, region))
        if batches is None or layer.municipality is not None:
            return None
        brought = self._fetched(layer_id)

        def told(delivery: Delivery) -> Delivery:
            return delivery if brought is None else replace(delivery, **brought.told(delivery))

        def provenance(rows: int, delivery: Delivery, findings: Findings, columns: dict[str, str]) -> Provenance:
            return self._provenance(layer_id, rows, delivery, notes=tuple(findings.notes), columns=columns)

        checking = PartsCheck(layer_id, layer, source, region, lambda: (told(delivery) for delivery in batches()))
        kept = keep_in_parts(self._folder, checking, provenance, state=state)
        self._progress(layer_id, 1.0)
        _log.info("layer %s: %d rows, in parts", layer_id, kept.provenance.rows)
        return kept

    def _keep_in_strips(self, layer_id: str) -> KeptLayer | None:
        """Check and keep a large raster strip by strip; None where it is none, or is to be warped."""
        source, state = self._known_source(layer_id), self._state(layer_id)
        region = self._region(layer_id)
        strips = sources.read_in_strips(source, self._request(layer_id, region))
        if strips is None or not is_in_place(strips):
            return None
        brought = self._fetched(layer_id)
        delivery = strips.delivery if brought is None else replace(strips.delivery, **brought.told(strips.delivery))
        checking = StripsCheck(layer_id, self._layer(layer_id), region, replace(strips, delivery=delivery))

        def provenance(cells: int, findings: Findings) -> Provenance:
            return self._provenance(layer_id, cells, delivery, notes=tuple(findings.notes), columns={})

        kept = keep_in_strips(self._folder, checking, provenance, state=state)
        self._progress(layer_id, 1.0)
        _log.info("layer %s: %d cells, in strips", layer_id, kept.provenance.rows)
        return kept

    def _state(self, layer_id: str) -> dict[str, str]:
        """Return what the record of a kept layer says about its source."""
        source = self._known_source(layer_id)
        return {
            "key": self.key(layer_id),
            "stamp": sources.stamp(source, self._request(layer_id)),
            "fingerprint": self._fingerprint(layer_id, source),
        }

    def _is_raster(self, layer_id: str) -> bool:
        return self._layer(layer_id).geometry == "raster"

    def _delivered(self, source: FileSource | ModelSource, request: Request, brought: Brought | None) -> Delivery:
        delivery = sources.read_source(source, request)
        return delivery if brought is None else replace(delivery, **brought.told(delivery))

    def _checked(
        self, layer_id: str, delivery: Delivery, source: FileSource | ModelSource
    ) -> tuple[pd.DataFrame | Raster, dict[str, str], Findings]:
        """Return what the checks leave of a delivery, where its columns came from, and what the checks found."""
        layer, region = self._layer(layer_id), self._region(layer_id)
        _check_form(delivery, layer, layer_id)
        findings = Findings(layer_id, delivery.origin, notes=list(delivery.notes))
        if isinstance(delivery.data, Raster):
            data: pd.DataFrame | Raster = check_raster(delivery.data, layer, findings, region=region)
            columns: dict[str, str] = {}
        else:
            data, columns = check_table(delivery.data, layer, findings, delivery=delivery, region=region, source=source)
        findings.stop()
        return data, columns, findings

    def _provenance(
        self,
        layer_id: str,
        rows: int,
        delivery: Delivery,
        *,
        notes: tuple[str, ...],
        columns: dict[str, str],
    ) -> Provenance:
        source = self._known_source(layer_id)
        return Provenance(
            layer=layer_id,
            data=self.data,
            origin=delivery.origin,
            date=delivery.date,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            sha256="",
            rows=rows,
            modelled=self.data == "model",
            licence=source.licence,
            attribution=source.attribution.model_dump(),
            notes=notes,
            columns=columns,
            untold=source.untold if isinstance(source, FileSource) else {},
        )


def _other_data(data: DataKind, layer: Layer) -> str:
    if data == "kept":
        todo = "point [source.kept] to a file that has it"
        return f"{todo}, or run everything on --data model" if layer.source.model is not None else todo
    return "run with --data kept" if layer.source.kept is not None else "add [source.model] or [source.kept]"


def _check_form(delivery: Delivery, layer: Layer, layer_id: str) -> None:
    """Refuse a source that gives another form than it was asked for: a mistake of ours, not of the data."""
    form = {"raster": Raster, "table": pd.DataFrame}.get(layer.geometry, gpd.GeoDataFrame)
    if not isinstance(delivery.data, form):
        raise TypeError(f"{layer_id} is a {layer.geometry} layer, and its source gave a {type(delivery.data).__name__}")


def _contract(layer: Layer) -> dict[str, Any]:
    """What of a layer's content file changes the checked layer: all but words."""
    words = {"title", "description", "unit", "source"}
    dump = layer.model_dump(mode="json", exclude=words)
    for column in [*dump["columns"].values(), *([dump["cell"]] if dump["cell"] else [])]:
        for key in words & column.keys():
            del column[key]
        column["codes"] = None if column["codes"] is None else sorted(column["codes"])
    dump["order"] = list(dump["columns"])
    return dump


@cache
def _code_hash() -> str:
    """Hash of the code that makes a checked layer from a delivery."""
    package = Path(__file__).resolve().parent.parent
    folders = (package / "catalog", *(package / "sources" / name for name in ("file", "gtfs", "osm")))
    endings = ("*.py", "*.toml", "*.ini")  # what tags and route types mean stands in content files
    parts = [path for folder in folders for ending in endings for path in folder.rglob(ending)]
    return sha256_files([*parts, *(package / "sources").glob("*.py")], root=package)
