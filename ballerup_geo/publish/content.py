"""What a map shows, read from the project, the catalog and the results — before any page is made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import geopandas as gpd
import pandas as pd

from ballerup_geo.errors import DataError, Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.publish.anonymous import guard_of_layer, guard_of_table
from ballerup_geo.publish.columns import Shown, columns_of, declared_columns, key_of, output_table, shown_fields
from ballerup_geo.publish.flow import FlowContent, flow_content
from ballerup_geo.publish.kept import Kept
from ballerup_geo.publish.pack import pack, to_degrees
from ballerup_geo.publish.places import PlaceContent, columns_told, place_contents
from ballerup_geo.publish.rasters import RasterContent, raster_content
from ballerup_geo.publish.search import SearchContent, columns_searched, search_contents
from ballerup_geo.publish.steps import SliderContent, slider_content
from ballerup_geo.publish.styling import Styled, style
from ballerup_geo.publish.text import UNKNOWN
from ballerup_geo.spec import Analysis, Map, MapLayer, Single, Table, Text
from ballerup_geo.spec.faults import nearest
from ballerup_geo.spec.privacy import homes_shown

if TYPE_CHECKING:
    from ballerup_geo.catalog import Catalog, Provenance
    from ballerup_geo.results import Result

__all__ = ["Kind", "LayerContent", "MapContent", "Reader", "TableContent", "data_behind", "gather", "results_needed"]

Frame = TypeVar("Frame", bound=pd.DataFrame)
Kind: TypeAlias = Literal["point", "line", "area"]

GROUND_TOLERANCE_M = 0.5
"""How far a ground layer's lines may move: less than a pixel at zoom 17 (0.67 m at 56° N)."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Where maps take their content from."""

    project: Project
    catalog: Catalog
    result: Callable[[str], Result]
    """Reads an analysis' result by its id."""
    kept: Kept = field(default_factory=Kept)
    """What one map has worked out and the next may use."""


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

    @property
    def kind(self) -> Kind:
        """What a legend shows of it: a dot, a stroke, or a field where there are areas or nothing at all."""
        kinds = set(self.frame.geom_type.dropna())
        if kinds and all("Point" in kind for kind in kinds):
            return "point"
        return "line" if kinds and all("Line" in kind for kind in kinds) else "area"


@dataclass(frozen=True, slots=True)
class TableContent:
    """A table of a result that stands on the page without being drawn."""

    table: Table
    frame: pd.DataFrame
    columns: Mapping[str, Shown]


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
    rasters: tuple[RasterContent, ...]
    slider: SliderContent | None
    tables: tuple[TableContent, ...]
    """Of the map's tables those that are no layer of it."""
    flow: FlowContent | None
    """The terrain that the page answers questions about."""
    searches: tuple[SearchContent, ...]
    places: tuple[PlaceContent, ...]
    """What is said about a place that was searched for; empty: what the layers show there."""
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

    def raster(self, layer_id: str) -> RasterContent | None:
        """Return a raster layer by its id, or None where there is none."""
        return next((raster for raster in self.rasters if raster.shown.id == layer_id), None)


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
    homes = list(homes_shown(f"maps/{map_id}.toml", found, project.layers))
    if homes:
        raise ProjectError(homes)
    results = {name: reader.result(name) for name in results_needed(found)}
    _refuse_mixed(results, reader.catalog.data)
    slider = _slider(reader, found, results, where=f"maps/{map_id}.toml")
    layers, rasters, missing = [], [], []
    for number, shown in enumerate(found.layers):
        where = f"maps/{map_id}.toml: layers.{number} ({shown.id})"
        if shown.raster is not None:
            steps = 0 if slider is None else len(slider.names)
            made = raster_content(
                project, shown, results=results, slider=found.slider, steps=steps, where=where, kept=reader.kept
            )
            rasters.append(made)
            continue
        columns = columns_of(project, shown, where=where, homes=found.single_homes)
        if shown.layer is not None and not reader.catalog.has(shown.layer):
            missing.append(shown)
            continue
        searched = [*columns_searched(found.search, shown.id), *columns_told(found.place, shown.id)]
        layers.append(_layer(reader, shown, columns, results, searched, where=where, homes=found.single_homes))
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
        rasters=tuple(rasters),
        slider=slider,
        tables=tuple(_tables(reader, found, results, where=f"maps/{map_id}.toml")),
        flow=_flow(found, results, where=f"maps/{map_id}.toml"),
        searches=tuple(_searches(reader, found, missing, where=f"maps/{map_id}.toml")),
        places=tuple(
            place_contents(
                found.place,
                layers={layer.shown.id: layer for layer in layers},
                titles={layer.id: layer.title for layer in found.layers},
                where=f"maps/{map_id}.toml",
            )
        ),
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
    named += [table.result for table in found.tables]
    named += [part.result for part in (found.slider, found.flow, found.handouts) if part is not None]
    return sorted({name for name in named if name is not None})


def _flow(found: Map, results: Mapping[str, Result], *, where: str) -> FlowContent | None:
    return None if found.flow is None else flow_content(found.flow, results[found.flow.result], where=where)


def _slider(reader: Reader, found: Map, results: Mapping[str, Result], *, where: str) -> SliderContent | None:
    if found.slider is None:
        return None
    output_table(reader.project, found.slider.result, found.slider.table, where=f"{where}: slider")
    rows = _published(reader, results, found.slider.result, found.slider.table)
    return slider_content(reader.project, found.slider, rows, where=where)


def _searches(reader: Reader, found: Map, missing: list[MapLayer], *, where: str) -> Iterator[SearchContent]:
    absent = {layer.id for layer in missing}

    def read(layer: str) -> tuple[gpd.GeoDataFrame, Provenance] | None:
        known = reader.catalog.read(layer) if reader.catalog.has(layer) else None
        if known is None or not isinstance(known.data, gpd.GeoDataFrame):
            return None
        return guard_of_layer(reader.project, layer).published(known.data), known.provenance

    return search_contents(
        [search for search in found.search if search.map_layer not in absent],
        project=reader.project,
        titles={layer.id: layer.title for layer in found.layers},
        read=read,
        where=where,
    )


def _published(reader: Reader, results: Mapping[str, Result], result: str, table: str) -> pd.DataFrame:
    """Return a table of a result as it may leave the house."""
    return guard_of_table(reader.project, result, table).published(results[result].table(table))


def _tables(reader: Reader, found: Map, results: Mapping[str, Result], *, where: str) -> Iterator[TableContent]:
    """Read the tables that are no layer of the map."""
    for number, table in enumerate(found.tables):
        if table.result is None:
            continue
        own = f"{where}: tables.{number}"
        columns = declared_columns(reader.project, table.result, table.table, where=own, homes=found.single_homes)
        frame = _with_columns(_published(reader, results, table.result, str(table.table)), columns)
        yield TableContent(table, frame.reset_index(drop=True), columns)


def _layer(
    reader: Reader,
    shown: MapLayer,
    columns: Mapping[str, Shown],
    results: Mapping[str, Result],
    searched: list[str],
    *,
    where: str,
    homes: bool,
) -> LayerContent:
    if shown.result is not None:
        output_table(reader.project, shown.result, shown.table, where=where, homes=homes)
        guard = guard_of_table(reader.project, shown.result, str(shown.table))
        data: object = results[shown.result].table(str(shown.table))
        provenance = None
    else:
        checked = reader.catalog.read(str(shown.layer))
        guard = guard_of_layer(reader.project, str(shown.layer))
        data, provenance = checked.data, checked.provenance
    if not isinstance(data, gpd.GeoDataFrame):
        raise ProjectError(Fault(where, "layer", "has no geometry to draw", "show a layer of points, lines or areas"))
    frame = _with_columns(guard.published(data), columns).reset_index(drop=True)
    fields = shown_fields(shown.fields, columns, where=where)
    named = [("name", shown.name), ("labels", shown.labels), ("from_step", shown.from_step)]
    for key, name in [*named, *(("search or place", name) for name in searched)]:
        if name is not None and name not in columns:
            raise ProjectError(Fault(where, key, f"there is no column {name!r}", nearest(name, columns)))
    coloured = None if isinstance(shown.style, Single) else columns.get(shown.style.column)
    missing = coloured.missing if coloured is not None and coloured.missing is not None else UNKNOWN
    styled = style(shown.style, frame, where=where, missing=missing)
    key_column = key_of(reader.project, shown, frame)
    travelling = sorted({*_travelling(shown, fields, key_column), *searched})
    tolerance_m = GROUND_TOLERANCE_M if shown.role == "ground" else 0.0
    anchors = shown.labels is not None and bool((frame.geom_type != "Point").any())
    packed = reader.kept.packed(
        (shown.layer, shown.result, shown.table, styled.classes, tuple(travelling), tolerance_m, anchors),
        lambda: pack(
            frame, classes=styled.classes, columns=travelling, where=where, tolerance_m=tolerance_m, anchors=anchors
        ),
    )
    return LayerContent(shown, frame, styled, fields, columns, key_column, packed, provenance)


def _with_columns(frame: Frame, columns: Mapping[str, Any]) -> Frame:
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
    return sorted({name for name in [*selectable, shown.labels, shown.from_step] if name is not None})


def _bounds(town: gpd.GeoDataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
    degrees = gpd.GeoSeries(to_degrees(town.geometry.to_numpy()))
    west, south, east, north = (round(float(value), 6) for value in degrees.total_bounds)
    return (south, west), (north, east)
