"""The model's frame and the facts it is held to: extent, outline, courses, bogs, stations, places.

Facts are data (``facts/*.toml``), each file with its source. Positions written ``at``, ``centre``, ``points`` … are in
hundreds of metres, as in the sources they were rounded from; ``*_m`` are metres. Everything is EPSG:25832.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

__all__ = [
    "BOUNDS",
    "EAST",
    "NORTH",
    "SOUTH",
    "WEST",
    "Bog",
    "Course",
    "bogs",
    "courses",
    "crossings",
    "facts",
    "frame_box",
    "grid",
    "only_polygons",
    "outline",
    "oval",
    "rail_line",
    "round_corners",
    "spot",
]

WEST, SOUTH, EAST, NORTH = 704_500.0, 6_177_000.0, 715_500.0, 6_185_500.0
BOUNDS = (WEST, SOUTH, EAST, NORTH)
"""What modelled rasters cover: the municipality and its surroundings, metres."""

HUNDRED_M = 100.0
RAIL_BEND_M = 250.0
"""Reach of the rounding of the railway's corners."""


@dataclass(frozen=True, slots=True)
class Course:
    """A stream from source to mouth: corner points and the water's level at each (m DVR90, falling)."""

    id: str
    name: str
    line: shapely.LineString
    levels_m: tuple[float, ...]
    protected: bool


@dataclass(frozen=True, slots=True)
class Bog:
    """Low, level, wet ground."""

    name: str
    outline: shapely.Polygon
    height_m: float


@cache
def facts(name: str) -> dict[str, Any]:
    """Return one fact table, e.g. ``facts("stations")``."""
    text = files("ballerup_geo.sources.model").joinpath("facts", f"{name}.toml").read_text(encoding="utf-8-sig")
    return tomllib.loads(text)


def spot(position: Sequence[float]) -> tuple[float, float]:
    """Turn a position in hundreds of metres into metres."""
    return float(position[0]) * HUNDRED_M, float(position[1]) * HUNDRED_M


def frame_box() -> shapely.Polygon:
    """Return the frame as a polygon."""
    return shapely.box(*BOUNDS)


def grid(cell_m: float) -> tuple[Affine, tuple[int, int]]:
    """Return transform and shape (rows, columns) of the frame's raster; the last cells may reach over its rim."""
    rows = math.ceil((NORTH - SOUTH) / cell_m - 1e-9)
    columns = math.ceil((EAST - WEST) / cell_m - 1e-9)
    return Affine(cell_m, 0.0, WEST, 0.0, -cell_m, NORTH), (rows, columns)


@cache
def outline() -> shapely.Polygon:
    """Return the municipality's outline."""
    return shapely.Polygon([spot(corner) for corner in facts("municipality")["outline"]])


@cache
def rail_line() -> shapely.LineString:
    """Return the railway's middle from west to east, corners rounded, cut to the frame."""
    line = shapely.LineString(round_corners([spot(p) for p in facts("railway")["course"]], reach_m=RAIL_BEND_M))
    return shapely.intersection(line, frame_box())


@cache
def courses() -> tuple[Course, ...]:
    """Return the streams as the facts give them: straight from corner to corner (the ``streams`` layer meanders)."""
    return tuple(
        Course(
            id=row["id"],
            name=row["name"],
            line=shapely.LineString([spot(p) for p in row["points"]]),
            levels_m=tuple(float(level) for level in row["levels_m"]),
            protected=row["protected"],
        )
        for row in facts("streams")["course"]
    )


@cache
def bogs() -> tuple[Bog, ...]:
    """Return the bogs."""
    return tuple(
        Bog(
            name=row["name"], outline=oval(row["centre"], row["half_axes_m"], row["turn_deg"]), height_m=row["height_m"]
        )
        for row in facts("wetlands")["bog"]
    )


def oval(
    centre: Sequence[float], half_axes_m: Sequence[float], turn_deg: float, *, corners: int = 48
) -> shapely.Polygon:
    """Return an ellipse around a position in hundreds of metres."""
    x, y = spot(centre)
    angle = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)
    along, across = half_axes_m[0] * np.cos(angle), half_axes_m[1] * np.sin(angle)
    turn = math.radians(turn_deg)
    east = x + along * math.cos(turn) - across * math.sin(turn)
    north = y + along * math.sin(turn) + across * math.cos(turn)
    return shapely.Polygon(np.column_stack([east, north]))


def crossings(one: shapely.LineString, other: shapely.LineString) -> list[shapely.Point]:
    """Return where two lines cross."""
    parts = shapely.get_parts(shapely.intersection(one, other))
    return [shapely.centroid(part) for part in parts if not part.is_empty]


def only_polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """Drop the lines and points that an intersection may leave; what is one polygon comes as one."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def round_corners(points: Sequence[Sequence[float]], *, reach_m: float, step_m: float = 25.0) -> NDArray[np.float64]:
    """Replace each corner of a polyline by a parabola, begun ``reach_m`` before it (less on short sides)."""
    corners = np.asarray(points, dtype=np.float64)
    pieces = [corners[:1]]
    for before, corner, after in zip(corners[:-2], corners[1:-1], corners[2:], strict=True):
        back, ahead = before - corner, after - corner
        reach = min(reach_m, 0.45 * float(np.hypot(*back)), 0.45 * float(np.hypot(*ahead)))
        start = corner + back / np.hypot(*back) * reach
        end = corner + ahead / np.hypot(*ahead) * reach
        t = np.linspace(0.0, 1.0, max(3, math.ceil(2 * reach / step_m)))[:, None]
        pieces.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.vstack([*pieces, corners[-1:]])
