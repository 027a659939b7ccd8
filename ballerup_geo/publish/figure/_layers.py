"""The layers of a map, drawn in a view in the map file's styles; what was drawn is what the legend tells of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.path import Path

from ballerup_geo.publish.content import Kind, LayerContent, MapContent
from ballerup_geo.publish.figure._cells import draw_cells
from ballerup_geo.publish.figure._sheet import MM_PER_PT, Ink, Sheet
from ballerup_geo.publish.figure._view import View, area_path, line_path, pieces
from ballerup_geo.publish.rasters import RasterContent
from ballerup_geo.publish.styling import Paint
from ballerup_geo.spec import MapLayer

__all__ = ["Drawn", "Look", "Looks", "draw_layers", "look_of"]

PT_PER_PX = 0.75
"""A pixel of CSS is 1/96 inch."""
_DASHES_PT = {"solid": (), "dashed": (6.0, 4.5), "dotted": (0.75, 3.75)}


@dataclass(frozen=True, slots=True)
class Look:
    """How the features of a class are drawn: ink, and for points the mark: a circle, or a shape with corners."""

    ink: Ink
    radius_mm: float
    corners: int = 0

    @property
    def mark(self) -> Path:
        """The mark around 0, 0, mm."""
        return self.sized(self.radius_mm)

    def sized(self, radius_mm: float, *, x: float = 0.0, y: float = 0.0) -> Path:
        """Return the mark in another size, around another place."""
        if not self.corners:
            return Path.circle((x, y), radius_mm)
        around = np.arange(self.corners) * (2 * np.pi / self.corners) + np.pi / 2
        points = np.column_stack([np.cos(around), np.sin(around)]) * radius_mm * 1.25 + (x, y)
        return Path(np.concatenate([points, points[:1]]), closed=True)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A layer as it was drawn."""

    shown: MapLayer
    kind: Kind
    looks: tuple[Look, ...]
    """Of each class."""
    counts: tuple[int, ...]
    """Features of each class at the slider's step, in the whole layer."""
    rows: npt.NDArray[np.int64]
    """Of the features that lie in the view."""
    seen: tuple[int, ...]
    """Features of each class in the view."""
    layer: LayerContent | None = None
    raster: RasterContent | None = None


Looks: TypeAlias = Callable[[tuple[Look, ...], tuple[int, ...], Kind, MapLayer], tuple[Look, ...]]
"""Changes the looks of a layer's classes, given how many features of each lie in the view."""


def draw_layers(
    sheet: Sheet,
    content: MapContent,
    view: View,
    *,
    step: int,
    looks: Looks | None = None,
    between: Callable[[], None] | None = None,
) -> list[Drawn]:
    """Draw what the map shows when it is opened: visible layers, of those with a least zoom what this view is near to.

    Parameters
    ----------
    step
        The slider's step, the first is 1; a map without slider has step 1.
    between
        Draws what lies over the ground and below the answer's lines and points.
    """
    found: list[Drawn] = []
    waiting = between
    for shown in content.map.layers:
        if not shown.visible or (shown.minimum_zoom is not None and view.zoom < shown.minimum_zoom):
            continue
        layer, raster = content.layer(shown.id), content.raster(shown.id)
        if waiting is not None and layer is not None and shown.role == "answer" and layer.kind != "area":
            waiting()
            waiting = None
        if raster is not None:
            found.append(_raster(sheet, raster, view, step))
        elif layer is not None:
            found.append(_features(sheet, content, layer, view, step=step, looks=looks))
    if waiting is not None:
        waiting()
    return found


def _raster(sheet: Sheet, raster: RasterContent, view: View, step: int) -> Drawn:
    chosen = raster.steps[step - 1 if raster.follows else 0]
    seen = draw_cells(sheet, chosen.path, raster.classes, view)
    looks = tuple(look_of(entry.paint, 1.0) for entry in raster.classes.classes)
    none = np.empty(0, dtype=np.int64)
    return Drawn(raster.shown, "area", looks, (0,) * len(looks), none, seen, raster=raster)


def look_of(paint: Paint, growth: float) -> Look:
    """Return how a paint is put on paper."""
    width = paint.width_px * PT_PER_PX * growth if paint.line else 0.0
    ink = Ink(paint.fill, paint.fill_opacity, paint.line, width, _DASHES_PT[paint.dash])
    return Look(ink, paint.radius_px * PT_PER_PX * growth * MM_PER_PT)


def _features(
    sheet: Sheet, content: MapContent, layer: LayerContent, view: View, *, step: int, looks: Looks | None
) -> Drawn:
    classes = np.array(layer.styled.classes, dtype=np.int64)
    there = _at_step(content, layer, step)
    shapes = np.array(layer.frame.geometry.array, dtype=object)
    shapes[~there] = None
    found = pieces(shapes, view)
    number = len(layer.styled.entries)
    seen = tuple(int(n) for n in np.bincount(classes[found.rows], minlength=number))
    counts = tuple(int(n) for n in np.bincount(classes[there], minlength=number))
    drawn = tuple(look_of(entry.paint, view.growth) for entry in layer.styled.entries)
    kind = layer.kind
    if looks is not None:
        drawn = looks(drawn, seen, kind, layer.shown)
    for at, look in enumerate(drawn):
        areas = area_path(found.areas[classes[found.area_rows] == at], view)
        lines = line_path(found.lines[classes[found.line_rows] == at], view)
        points = found.points[classes[found.point_rows] == at]
        if areas is not None:
            sheet.path(areas, look.ink, clip=view.frame)
        if lines is not None:
            sheet.path(lines, replace(look.ink, fill=None, hatch=None), clip=view.frame)
        if len(points):
            places = view.place(np.array([(point.x, point.y) for point in points]))
            sheet.marks(look.mark, places, replace(look.ink, dash=(), hatch=None), clip=view.frame)
    return Drawn(layer.shown, kind, drawn, counts, found.rows, seen, layer=layer)


def _at_step(content: MapContent, layer: LayerContent, step: int) -> npt.NDArray[np.bool_]:
    """Say which features are there at the slider's step; one whose step is unknown never is."""
    if layer.shown.from_step is None or content.slider is None:
        return np.ones(len(layer.frame), dtype=bool)
    reached = content.slider.values[step - 1]
    limits = pd.to_numeric(layer.frame[layer.shown.from_step], errors="coerce").to_numpy(float, na_value=np.nan)
    return np.asarray(limits <= (np.nan if reached is None else reached))
