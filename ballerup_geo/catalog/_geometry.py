"""The features of a layer: brought to EPSG:25832, repaired, of one kind, near enough to the municipality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from ballerup_geo.catalog._findings import Findings, Seen, counted
from ballerup_geo.catalog._place import Region, in_ours, is_ours, misplaced, shown
from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources import Bounds, Delivery
from ballerup_geo.spec import Layer

__all__ = ["MULTI", "GeometryTally", "one_type"]

Geometries = NDArray[np.object_]
Flags = NDArray[np.bool_]

_KINDS = {
    "point": (shapely.GeometryType.POINT,),
    "line": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "polygon": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
}
MULTI: dict[str, tuple[shapely.GeometryType, Callable[..., Any]]] = {
    "line": (shapely.GeometryType.MULTILINESTRING, shapely.multilinestrings),
    "polygon": (shapely.GeometryType.MULTIPOLYGON, shapely.multipolygons),
}


@dataclass(slots=True)
class GeometryTally:
    """Checks features some at a time, and tells at the end what all of them together are.

    What is repaired or left out is counted among those features that lie in the region (None: everywhere).
    """

    layer: Layer
    region: Region | None
    crs: CRS | None = None
    """Of the source, once a part was there."""
    given: int = 0
    placed: int = 0
    """Features with a geometry."""
    chosen: int = 0
    kept: int = 0
    several: bool = False
    """Some that are kept have several parts …"""
    single: bool = False
    """… and some have one."""
    lost: Seen = field(default_factory=Seen)
    unreadable: Seen = field(default_factory=Seen)
    wrong: Seen = field(default_factory=Seen)
    collapsed: Seen = field(default_factory=Seen)
    repaired: Seen = field(default_factory=Seen)
    types: set[str] = field(default_factory=set)
    """Of those that are of another kind than the layer's."""
    boxes: list[NDArray[np.float64]] = field(default_factory=list)
    """Kept while nothing was found in the region: they tell where the data lie instead."""

    def add(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the features that the layer keeps, in EPSG:25832, two-dimensional, valid and of the layer's kind."""
        self.crs = CRS.from_user_input(frame.crs)
        self.given += len(frame)
        if not len(frame):
            return frame.set_crs(OURS, allow_override=True)
        frame, raw = self._with_geometry(frame)
        shapes, readable = _brought_home(raw, self.crs)
        near = readable & (_all(shapes) if self.region is None else _boxes_meet(shapes, self.region.bounds))
        mended, repaired, fits = _prepared(shapes, near, self.layer.geometry)
        chosen = near.copy()
        if self.region is not None:  # what a repair left nothing of is counted where it lay
            chosen[near] = self.region.selects(np.where(shapely.is_empty(mended), shapes, mended)[near])
        kept = chosen & fits
        self._count(frame, raw, readable=readable, chosen=chosen, repaired=repaired, fits=fits)
        shapes = mended[kept]
        if self.layer.geometry in MULTI:
            several = shapely.get_type_id(shapes) == MULTI[self.layer.geometry][0]
            self.several, self.single = self.several or bool(several.any()), self.single or not bool(several.all())
        checked = frame[kept].set_geometry(gpd.GeoSeries(shapes, frame.index[kept]))
        return checked.set_crs(OURS, allow_override=True)

    @property
    def becomes_multi(self) -> bool:
        """Say whether all that is kept is to be multi-part, so that the layer is of one type."""
        return self.several and self.single

    def report(self, findings: Findings, delivery: Delivery) -> None:
        """Note what was repaired or left out, and report what stops the layer."""
        if not self.given:
            self._report_nothing(findings, delivery)
            return
        if self.lost.number == self.given:
            what = f"none of {counted(self.given, 'feature')} has a geometry"
            findings.fault("geometry", what, "point to a file with geometry")
        elif self.lost.number:
            what = f"{counted(self.lost.number, 'feature')} without geometry left out (first: row {self.lost.row})"
            findings.note("geometry", what)
        if self.region is None or not self.chosen:
            self._report_misplaced(findings)
        if self.unreadable.number and not findings.faults:
            what = f"{counted(self.unreadable.number, 'feature')} with coordinates that are no numbers left out"
            findings.note("geometry", f"{what} (first: row {self.unreadable.row})")
        self._report_wrong(findings)
        self._report_collapsed(findings)
        if self.repaired.number:
            what = f"{counted(self.repaired.number, 'invalid feature')} repaired"
            findings.note("geometry", f"{what} (first: row {self.repaired.row}, {self.repaired.example})")
        if not self.chosen and not findings.faults:
            self._report_nothing(findings, delivery)

    def _with_geometry(self, frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Geometries]:
        shapes = frame.geometry.to_numpy()
        present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        self.lost.add(~present, frame.index)
        return frame[present], shapely.force_2d(shapes[present])

    def _count(
        self,
        frame: gpd.GeoDataFrame,
        raw: Geometries,
        *,
        readable: Flags,
        chosen: Flags,
        repaired: Flags,
        fits: Flags,
    ) -> None:
        self.placed += len(frame)
        self.chosen += int(chosen.sum())
        self.kept += int((chosen & fits).sum())
        if self.region is None or not self.chosen:
            self.boxes.append(shapely.bounds(raw))
        else:
            self.boxes.clear()
        self.unreadable.add(~readable, frame.index)
        wrong = chosen & ~fits & ~repaired
        self.types |= set(gpd.GeoSeries(raw[wrong]).geom_type)
        self.wrong.add(wrong, frame.index)
        self.collapsed.add(chosen & ~fits & repaired, frame.index)
        self.repaired.add(repaired & chosen & fits, frame.index, lambda row: str(shapely.is_valid_reason(raw[row])))

    def _report_misplaced(self, findings: Findings) -> None:
        """Judge where most features lie, so that a single stray one does not decide."""
        finite = [boxes[np.isfinite(boxes).all(axis=1)] for boxes in self.boxes]
        if self.crs is None or not sum(map(len, finite)):
            return
        west, south, east, north = (float(np.median(np.concatenate([box[:, at] for box in finite]))) for at in range(4))
        wrong = misplaced((west, south, east, north), self.crs)
        if wrong is not None:
            findings.fault("geometry", *wrong)

    def _report_wrong(self, findings: Findings) -> None:
        """Report features of another kind than the layer's."""
        number, kind = self.wrong.number, self.layer.geometry
        types = ", ".join(sorted(self.types))
        if number and not self.kept:
            what = f"none of {counted(number, 'feature')} is a {kind}: they are {types}"
            findings.fault("geometry", what, "point to another table, or correct geometry in the layer's file")
        elif number:
            what = f"{counted(number, 'feature')} that {'is' if number == 1 else 'are'} no {kind}"
            findings.note("geometry", f"{what} left out ({types}; first: row {self.wrong.row})")

    def _report_collapsed(self, findings: Findings) -> None:
        number = self.collapsed.number
        if number and not self.kept:
            what = f"none of {counted(number, 'feature')} has length or area"
            findings.fault("geometry", what, "point to data whose shapes are whole")
        elif number:
            what = f"{counted(number, 'feature')} without length or area left out (first: row {self.collapsed.row})"
            findings.note("geometry", what)

    def _report_nothing(self, findings: Findings, delivery: Delivery) -> None:
        """Nothing was kept: because the source is empty, misplaced, or holds nothing here?"""
        total = self.placed if delivery.total is None else delivery.total
        if not total:
            if not self.layer.may_be_empty:
                todo = "replace it, or set may_be_empty = true in the layer's file"
                findings.fault("", "the source has no features", todo)
            return
        extent = self._extent(delivery)
        if extent is None or self.region is None or self.crs is None:
            what = f"none of {counted(total, 'feature')} has a geometry"
            findings.fault("geometry", what, "point to a file with geometry")
            return
        wrong = misplaced(extent, self.crs)
        if wrong is not None:
            findings.fault("geometry", *wrong)
        elif not self.layer.may_be_empty:
            what = (
                f"none of {counted(total, 'feature')} lies in the area wanted: they cover "
                f"{shown(in_ours(extent, self.crs))}, the area {shown(self.region.bounds)} ({OURS})"
            )
            findings.fault("geometry", what, "point to data of the municipality, or set may_be_empty = true")

    def _extent(self, delivery: Delivery) -> Bounds | None:
        bounds = delivery.extent
        if bounds is None:
            finite = [boxes[np.isfinite(boxes).all(axis=1)] for boxes in self.boxes]
            boxes = np.concatenate(finite) if finite else np.empty((0, 4))
            if not len(boxes):
                return None
            low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
            bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return bounds if np.isfinite(bounds).all() else None


def one_type(shapes: Geometries, kind: str) -> Geometries:
    """Return all lines or polygons of a layer as multi-part ones."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return np.asarray(MULTI[kind][1](parts, indices=owner), dtype=object)


def _all(shapes: Geometries) -> Flags:
    return np.ones(len(shapes), dtype=bool)


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
    if kind not in MULTI or shapely.get_type_id(shape) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return shape
    parts = [part for part in shapely.get_parts(shape) if shapely.get_type_id(part) in _KINDS[kind]]
    return shapely.union_all(parts)
