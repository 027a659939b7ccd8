"""What a map shows, read from the project, the catalog and the results — before any page is made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd

from ballerup_geo.errors import DataError, Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.publish.columns import Shown, columns_of, key_of, output_table, shown_fields
from ballerup_geo.publish.pack import pack, to_degrees
from ballerup_geo.publish.styling import Styled, style
from ballerup_geo.spec import Analysis, Map, MapLayer, Text
from ballerup_geo.spec.faults import nearest

if TYPE_CHECKING:
    from ballerup_geo.catalog import Catalog, Provenance
    from ballerup_geo.results import Result

__all__ = ["LayerContent", "MapContent", "Reader", "data_behind", "gather", "results_needed"]

GROUND_TOLERANCE_M = 0.5
"""How far a ground layer's lines may move: less than a pixel at zoom 17 (0.67 m at 56° N)."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Where maps take their content from."""

    project: Project
    catalog: Catalog
    result: Callable[[str], Result]
    """Reads an analysis' result by its id."""


@dataclass(frozen=True, slots=True)
class LayerContent:
    """One layer of a map, ready to be drawn and listed."""

    shown: MapLayer
    frame: gpd.GeoDataFrame
    styled: Styled
    fields: tuple[Shown, ...]
    columns: Mapping[str, Shown]
    key_column: str | None
    packed: bytes
    provenance: Provenance | None
    """Of a project layer; a result says itself where it comes from."""

    @property
    def key(self) -> str:
        """The payload's name: the hash of its content."""
        return hashlib.sha256(self.packed).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class MapContent:
    """All that one map's page is made of."""

    id: str
    map: Map
    municipality: str
    analysis: Analysis | None
    result: Result | None
    results: Mapping[str, Result]
    layers: tuple[LayerContent, ...]
    missing: tuple[MapLayer, ...]
    """Layers that could not be read: unknown, not empty."""
    bounds: tuple[tuple[float, float], tuple[float, float]]
    """South-west and north-east corner, latitude and longitude."""
    modelled: bool
    titles: Mapping[str, Text]
    """Of all layers of the project."""

    def layer(self, layer_id: str) -> LayerContent | None:
        """Return a layer by its id, or None where it is missing."""
        return next((layer for layer in self.layers if layer.shown.id == layer_id), None)


def gather(reader: Reader, map_id: str) -> MapContent:
    """Read what a map shows.

    Raises
    ------
    ProjectError
        The project has no such map, or the map names something that is not there.
    DataError
        A layer or result cannot be read, or they are of different kinds of data.
    """
    project = reader.project
    if map_id not in project.maps:
        raise ProjectError(Fault("maps/", map_id, "there is no such map", nearest(map_id, project.maps)))
    found = project.maps[map_id]
    results = {name: reader.result(name) for name in results_needed(found)}
    _refuse_mixed(results, reader.catalog.data)
    layers, missing = [], []
    for number, shown in enumerate(found.layers):
        where = f"maps/{map_id}.toml: layers.{number} ({shown.id})"
        columns = columns_of(project, shown, where=where)
        if shown.layer is not None and not reader.catalog.has(shown.layer):
            missing.append(shown)
            continue
        layers.append(_layer(reader, shown, columns, results, where=where))
    town = reader.catalog.read("municipality")
    modelled = any(result.modelled for result in results.values()) or any(
        layer.provenance is not None and layer.provenance.modelled for layer in layers
    )
    return MapContent(
        id=map_id,
        map=found,
        municipality=project.municipality.name,
        analysis=project.analyses[found.analysis] if found.analysis else None,
        result=results[found.analysis] if found.analysis else None,
        results=results,
        layers=tuple(layers),
        missing=tuple(missing),
        bounds=_bounds(town.data),
        modelled=modelled or town.provenance.modelled,
        titles={name: layer.title for name, layer in project.layers.items()},
    )


def _refuse_mixed(results: Mapping[str, Result], kind: str) -> None:
    """Modelled and real data never stand on one map."""
    faults = [
        Fault(
            f"results/{name}",
            "",
            f"was computed from {result.run['data']} data, and the map's layers are {kind} data",
            f"compute it again: ballerup-geo run {name} --data {kind}",
        )
        for name, result in results.items()
        if result.run["data"] != kind
    ]
    if faults:
        raise DataError(faults)


def data_behind(project: Project, *, out: Path) -> Literal["model", "kept"] | None:
    """Return the kind of data that all results in ``out`` were computed from; None where there are none, or both."""
    from ballerup_geo.results import has_result, read_result

    kinds = {read_result(out, name).run["data"] for name in project.analyses if has_result(out, name)}
    return kinds.pop() if len(kinds) == 1 else None


def results_needed(found: Map) -> list[str]:
    """Return the analyses whose results a map shows."""
    named = [layer.result for layer in found.layers] + [line.analysis for line in found.headlines] + [found.analysis]
    return sorted({name for name in named if name is not None})


def _layer(
    reader: Reader,
    shown: MapLayer,
    columns: Mapping[str, Shown],
    results: Mapping[str, Result],
    *,
    where: str,
) -> LayerContent:
    if shown.result is not None:
        output_table(reader.project, shown, where=where)
        data: object = results[shown.result].table(str(shown.table))
        provenance = None
    else:
        checked = reader.catalog.read(str(shown.layer))
        data, provenance = checked.data, checked.provenance
    if not isinstance(data, gpd.GeoDataFrame):
        raise ProjectError(Fault(where, "layer", "has no geometry to draw", "show a layer of points, lines or areas"))
    frame = _with_columns(data, columns).reset_index(drop=True)
    fields = shown_fields(shown.fields, columns, where=where)
    for key, name in (("name", shown.name), ("labels", shown.labels)):
        if name is not None and name not in columns:
            raise ProjectError(Fault(where, key, f"there is no column {name!r}", nearest(name, columns)))
    styled = style(shown.style, frame, where=where)
    key_column = key_of(reader.project, shown, frame)
    packed = pack(
        frame,
        classes=styled.classes,
        columns=_travelling(shown, fields, key_column),
        where=where,
        tolerance_m=GROUND_TOLERANCE_M if shown.role == "ground" else 0.0,
        anchors=shown.labels is not None and bool((frame.geom_type != "Point").any()),
    )
    return LayerContent(shown, frame, styled, fields, columns, key_column, packed, provenance)


def _with_columns(frame: gpd.GeoDataFrame, columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the table with every declared column: one that its source lacks is unknown in every row."""
    lacking = [name for name in columns if name not in frame.columns]
    return (
        frame.assign(**{name: pd.Series(None, index=frame.index, dtype=object) for name in lacking})
        if lacking
        else frame
    )


def _travelling(shown: MapLayer, fields: tuple[Shown, ...], key_column: str | None) -> list[str]:
    """Return the columns that the page needs; what is not shown stays at home."""
    selectable = [shown.name, key_column, *(field.column for field in fields)] if shown.role == "answer" else []
    return sorted({name for name in [*selectable, shown.labels] if name is not None})


def _bounds(town: gpd.GeoDataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
    degrees = gpd.GeoSeries(to_degrees(town.geometry.to_numpy()))
    west, south, east, north = (round(float(value), 6) for value in degrees.total_bounds)
    return (south, west), (north, east)
