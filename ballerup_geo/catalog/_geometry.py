"""The features of a layer: brought to EPSG:25832, repaired, of one kind, near enough to the municipality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from ballerup_geo.catalog._findings import Findings, counted
from ballerup_geo.catalog._place import Region, in_ours, is_ours, misplaced, shown
from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources import Bounds, Delivery
from ballerup_geo.spec import Layer

__all__ = ["check_geometry"]

Geometries = NDArray[np.object_]
Flags = NDArray[np.bool_]

_KINDS = {
    "point": (shapely.GeometryType.POINT,),
    "line": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "polygon": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
}
_MULTI: dict[str, tuple[shapely.GeometryType, Callable[..., Any]]] = {
    "line": (shapely.GeometryType.MULTILINESTRING, shapely.multilinestrings),
    "polygon": (shapely.GeometryType.MULTIPOLYGON, shapely.multipolygons),
}


def check_geometry(
    frame: gpd.GeoDataFrame, layer: Layer, findings: Findings, *, delivery: Delivery, region: Region | None
) -> gpd.GeoDataFrame:
    """Return the features that the layer keeps, in EPSG:25832, two-dimensional, valid and of the layer's kind.

    What is repaired or left out is counted among those features that lie in the region (None: everywhere). Parts
    are unwrapped where a multi-part feature has one; where a line or polygon layer still has several, all its
    features are multi-part, so that a layer is of one type.
    """
    crs = CRS.from_user_input(frame.crs)
    if not len(frame):
        _report_nothing(frame, layer, findings, delivery=delivery, region=region, crs=crs)
        return frame.set_crs(OURS, allow_override=True)
    frame, raw = _with_geometry(frame, findings)
    shapes, readable = _brought_home(raw, crs)
    near = readable & (_all(shapes) if region is None else _boxes_meet(shapes, region.bounds))
    mended, repaired, fits = _prepared(shapes, near, layer.geometry)
    chosen = near.copy()
    if region is not None:  # what a repair left nothing of is counted where it lay
        chosen[near] = region.selects(np.where(shapely.is_empty(mended), shapes, mended)[near])
    kept = chosen & fits
    if region is None or not chosen.any():
        _report_misplaced(raw, crs, findings)
    _report_unreadable(frame, readable, findings)
    _report_wrong(frame, raw, chosen & ~fits & ~repaired, findings, layer=layer, none_left=not kept.any())
    _report_collapsed(frame, chosen & ~fits & repaired, findings, none_left=not kept.any())
    _report_repairs(frame, raw, repaired & kept, findings)
    if not chosen.any() and not findings.faults:
        _report_nothing(frame, layer, findings, delivery=delivery, region=region, crs=crs)
    shapes = _one_type(mended[kept], layer.geometry)
    checked = frame[kept].set_geometry(gpd.GeoSeries(shapes, frame.index[kept]))
    return checked.set_crs(OURS, allow_override=True)


def _all(shapes: Geometries) -> Flags:
    return np.ones(len(shapes), dtype=bool)


def _with_geometry(frame: gpd.GeoDataFrame, findings: Findings) -> tuple[gpd.GeoDataFrame, Geometries]:
    shapes = frame.geometry.to_numpy()
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    lost = int((~present).sum())
    if lost == len(frame):
        findings.fault(
            "geometry", f"none of {counted(lost, 'feature')} has a geometry", "point to a file with geometry"
        )
    elif lost:
        row = frame.index[int(np.argmin(present))]
        findings.note("geometry", f"{counted(lost, 'feature')} without geometry left out (first: row {row})")
    return frame[present], shapely.force_2d(shapes[present])


def _brought_home(shapes: Geometries, crs: CRS) -> tuple[Geometries, Flags]:
    """Reproject; also say which have finite coordinates before and after."""
    if not is_ours(crs):
        shapes = gpd.GeoSeries(shapes, crs=crs).to_crs(OURS).to_numpy()
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    readable = _all(shapes)
    readable[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return shapes, readable


def _boxes_meet(shapes: Geometries, bounds: Bounds) -> Flags:
    west, south, east, north = bounds
    boxes = shapely.bounds(shapes)
    meets: Flags = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    return meets


def _prepared(shapes: Geometries, near: Flags, kind: str) -> tuple[Geometries, Flags, Flags]:
    """Repair the invalid ones and unwrap single parts; say which were repaired, and which are of the layer's kind."""
    shapes = shapes.copy()
    repaired = np.zeros(len(shapes), dtype=bool)
    repaired[near] = ~shapely.is_valid(shapes[near])
    mended = shapely.make_valid(shapes[repaired], method="structure", keep_collapsed=False)
    shapes[repaired] = [_part_of_kind(shape, kind) for shape in mended]
    single = near & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    fits = ~shapely.is_empty(shapes)
    if kind in _KINDS:
        fits &= np.isin(shapely.get_type_id(shapes), _KINDS[kind])
    return shapes, repaired, fits


def _part_of_kind(shape: Any, kind: str) -> Any:
    """Return the polygonal (or linear) part of what a repair left, where it left a collection."""
    if kind not in _MULTI or shapely.get_type_id(shape) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return shape
    parts = [part for part in shapely.get_parts(shape) if shapely.get_type_id(part) in _KINDS[kind]]
    return shapely.union_all(parts)


def _one_type(shapes: Geometries, kind: str) -> Geometries:
    if kind not in _MULTI:
        return shapes
    multi, collect = _MULTI[kind]
    several = shapely.get_type_id(shapes) == multi
    if several.any() and not several.all():
        parts, owner = shapely.get_parts(shapes, return_index=True)
        return np.asarray(collect(parts, indices=owner), dtype=object)
    return shapes


def _report_misplaced(raw: Geometries, crs: CRS, findings: Findings) -> None:
    """Judge where most features lie, so that a single stray one does not decide."""
    boxes = shapely.bounds(raw)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return
    west, south, east, north = np.median(boxes, axis=0).tolist()
    wrong = misplaced((west, south, east, north), crs)
    if wrong is not None:
        findings.fault("geometry", *wrong)


def _report_unreadable(frame: gpd.GeoDataFrame, readable: Flags, findings: Findings) -> None:
    number = int((~readable).sum())
    if number and not findings.faults:
        row = frame.index[int(np.argmin(readable))]
        what = f"{counted(number, 'feature')} with coordinates that are no numbers left out (first: row {row})"
        findings.note("geometry", what)


def _report_wrong(
    frame: gpd.GeoDataFrame, raw: Geometries, wrong: Flags, findings: Findings, *, layer: Layer, none_left: bool
) -> None:
    """Report features of another kind than the layer's."""
    number = int(wrong.sum())
    if not number:
        return
    types = ", ".join(sorted(set(gpd.GeoSeries(raw[wrong]).geom_type)))
    if none_left:
        what = f"none of {counted(number, 'feature')} is a {layer.geometry}: they are {types}"
        findings.fault("geometry", what, "point to another table, or correct geometry in the layer's file")
        return
    what = f"{counted(number, 'feature')} that {'is' if number == 1 else 'are'} no {layer.geometry}"
    findings.note("geometry", f"{what} left out ({types}; first: row {frame.index[int(np.argmax(wrong))]})")


def _report_collapsed(frame: gpd.GeoDataFrame, collapsed: Flags, findings: Findings, *, none_left: bool) -> None:
    number = int(collapsed.sum())
    if number and none_left:
        what = f"none of {counted(number, 'feature')} has length or area"
        findings.fault("geometry", what, "point to data whose shapes are whole")
    elif number:
        row = frame.index[int(np.argmax(collapsed))]
        findings.note("geometry", f"{counted(number, 'feature')} without length or area left out (first: row {row})")


def _report_repairs(frame: gpd.GeoDataFrame, raw: Geometries, repaired: Flags, findings: Findings) -> None:
    number = int(repaired.sum())
    if number:
        first = int(np.argmax(repaired))
        reason = shapely.is_valid_reason(raw[first])
        what = f"{counted(number, 'invalid feature')} repaired (first: row {frame.index[first]}, {reason})"
        findings.note("geometry", what)


def _report_nothing(
    frame: gpd.GeoDataFrame,
    layer: Layer,
    findings: Findings,
    *,
    delivery: Delivery,
    region: Region | None,
    crs: CRS,
) -> None:
    """Nothing was kept: because the source is empty, misplaced, or holds nothing here?"""
    total = len(frame) if delivery.total is None else delivery.total
    if not total:
        if not layer.may_be_empty:
            findings.fault(
                "", "the source has no features", "replace it, or set may_be_empty = true in the layer's file"
            )
        return
    extent = _extent(frame, delivery)
    if extent is None or region is None:
        findings.fault(
            "geometry", f"none of {counted(total, 'feature')} has a geometry", "point to a file with geometry"
        )
        return
    wrong = misplaced(extent, crs)
    if wrong is not None:
        findings.fault("geometry", *wrong)
    elif not layer.may_be_empty:
        what = (
            f"none of {counted(total, 'feature')} lies in the area wanted: they cover {shown(in_ours(extent, crs))}, "
            f"the area {shown(region.bounds)} ({OURS})"
        )
        findings.fault("geometry", what, "point to data of the municipality, or set may_be_empty = true")


def _extent(frame: gpd.GeoDataFrame, delivery: Delivery) -> Bounds | None:
    bounds = delivery.extent if delivery.extent is not None else tuple(frame.total_bounds.tolist())
    return (bounds[0], bounds[1], bounds[2], bounds[3]) if np.isfinite(bounds).all() else None
