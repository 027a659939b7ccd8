"""What part of the field a frame on the paper shows, and how shapes become paths in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.path import Path

from ballerup_geo.publish.figure._sheet import Box

__all__ = ["Pieces", "View", "area_path", "fitting", "line_path", "pieces"]

_TOLERANCE_MM = 0.04
"""How far a line may move on the paper: half a dot of a printer with 300 dots an inch."""
_SCREEN_PX_MM = 25.4 / 96
_WORLD_M = 2 * math.pi * 6_378_137.0
_BEYOND = 0.25
"""Shapes that reach further than this part of the frame beyond it are cut there: unseen, with their outline."""

Shapes = npt.NDArray[Any]
Metres = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """A frame (mm) and the part of the field in it; 1 mm on the paper is ``m_per_mm`` metres of EPSG:25832."""

    frame: Box
    west: float
    south: float
    m_per_mm: float
    latitude: float
    most_growth: float = 3.2

    @property
    def window(self) -> Metres:
        """West, south, east and north of the frame, m."""
        east = self.west + self.frame.width * self.m_per_mm
        return self.west, self.south, east, self.south + self.frame.height * self.m_per_mm

    @property
    def zoom(self) -> float:
        """The web map's zoom at which a screen shows the field as large as the paper does."""
        pixel_m = _SCREEN_PX_MM * self.m_per_mm
        return math.log2(_WORLD_M * math.cos(math.radians(self.latitude)) / 256 / pixel_m)

    @property
    def growth(self) -> float:
        """How much lines and points have grown at this zoom (as static/app/sheet.js says)."""
        return min(self.most_growth, max(0.7, 2 ** ((self.zoom - 13) / 2.2)))

    def place(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return where points ``[n, 2]`` of the field lie on the paper, mm."""
        return (points - (self.west, self.south)) / self.m_per_mm + (self.frame.left, self.frame.bottom)


def fitting(frame: Box, bounds: Metres, *, latitude: float, margin: float = 0.03) -> View:
    """Return the view that shows all of ``bounds``, in the middle of the frame."""
    west, south, east, north = bounds
    scale = max((east - west) / frame.width, (north - south) / frame.height, 1e-6) * (1 + 2 * margin)
    return View(
        frame,
        (west + east - frame.width * scale) / 2,
        (south + north - frame.height * scale) / 2,
        scale,
        latitude,
    )


@dataclass(frozen=True, slots=True)
class Pieces:
    """The single points, lines and areas of some features, and the row of the feature that each belongs to."""

    points: Shapes
    point_rows: npt.NDArray[np.int64]
    lines: Shapes
    line_rows: npt.NDArray[np.int64]
    areas: Shapes
    area_rows: npt.NDArray[np.int64]

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Rows of all features that have a piece."""
        return np.unique(np.concatenate([self.point_rows, self.line_rows, self.area_rows]))


def pieces(shapes: Shapes, view: View) -> Pieces:
    """Return what of the shapes can be seen in a view, simplified to what the paper can show.

    Shapes without finite coordinates have no place and are none of them.
    """
    rows = _in_view(shapes, view)
    seen = _cut(shapes[rows], view)
    single, owner = shapely.get_parts(seen, return_index=True)
    single, inner = shapely.get_parts(single, return_index=True)  # of collections
    owner = rows[owner[inner]]
    kind = shapely.get_type_id(single)
    single = np.where(kind == 0, single, shapely.simplify(single, _TOLERANCE_MM * view.m_per_mm))
    point, line, area = kind == 0, (kind == 1) | (kind == 2), kind == 3
    return Pieces(single[point], owner[point], single[line], owner[line], single[area], owner[area])


def _in_view(shapes: Shapes, view: View) -> npt.NDArray[np.int64]:
    west, south, east, north = view.window
    box = shapely.bounds(shapes).reshape(-1, 4)
    with np.errstate(invalid="ignore"):  # of an empty shape: NaN, which is nowhere
        seen = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        whole = (box[:, 0] >= west) & (box[:, 2] <= east) & (box[:, 1] >= south) & (box[:, 3] <= north)
    rows = np.flatnonzero(seen & np.isfinite(box).all(axis=1)).astype(np.int64)
    window = shapely.box(west, south, east, north)
    shapely.prepare(window)
    partly = rows[~whole[rows]]
    outside = partly[~shapely.intersects(window, shapely.make_valid(shapes[partly]))]
    return np.setdiff1d(rows, outside)


def _cut(shapes: Shapes, view: View) -> Shapes:
    """Cut off what reaches far beyond the frame: a field of the whole country draws no slower than a garden."""
    west, south, east, north = view.window
    wide, high = _BEYOND * (east - west), _BEYOND * (north - south)
    limit = (west - wide, south - high, east + wide, north + high)
    box = shapely.bounds(shapes).reshape(-1, 4)
    far = (box[:, 0] < limit[0]) | (box[:, 1] < limit[1]) | (box[:, 2] > limit[2]) | (box[:, 3] > limit[3])
    if not far.any():
        return shapes
    found = shapes.copy()
    found[far] = shapely.intersection(shapely.make_valid(shapes[far]), shapely.box(*limit))
    return found


def area_path(areas: Shapes, view: View) -> Path | None:
    """Return areas as one path, their holes running the other way; None where there are none."""
    return _path(shapely.get_rings(shapely.orient_polygons(areas)), view, closed=True)


def line_path(lines: Shapes, view: View) -> Path | None:
    """Return lines as one path; None where there are none."""
    return _path(lines, view, closed=False)


def _path(lines: Shapes, view: View, *, closed: bool) -> Path | None:
    points, owner = shapely.get_coordinates(lines, return_index=True)
    if not len(points):
        return None
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    codes[first] = Path.MOVETO
    if closed:
        codes[np.append(first[1:], len(points)) - 1] = Path.CLOSEPOLY
    return Path(view.place(points), codes)
