"""Streams: the courses of the facts, made to meander, each falling from source to mouth."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import Course, courses, facts, frame_box, round_corners
from ballerup_geo.sources.model.town import Town

__all__ = ["Stream", "build_streams", "trace_streams"]

STEP_M = 15.0
"""Distance between a stream's points."""
BEND_M = 260.0
"""Reach of the rounding of a course's corners."""
MEANDERS = ((420.0, 16.0), (170.0, 9.0))
"""Wave length and swing of the meanders, metres."""
TAPER_M = 150.0
"""Towards both ends the meanders die out."""

JOIN_M = 120.0
"""A course that ends so near to another one flows into it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream from source to mouth, reaching beyond the frame where it leaves it."""

    id: str
    name: str
    points: NDArray[np.float64]
    """``[n, 2]`` metres."""
    levels_m: NDArray[np.float64]
    """``[n]`` level of the water, m DVR90, never rising."""
    protected: bool
    culverted: bool

    @property
    def line(self) -> shapely.LineString:
        """The course."""
        return shapely.LineString(self.points)

    def level_near(self, place: shapely.Point) -> float:
        """Return the water's level at the point of the stream nearest to a place, m DVR90."""
        nearest = np.argmin(np.hypot(*(self.points - shapely.get_coordinates(place)).T))
        return float(self.levels_m[nearest])


def trace_streams(town: Town) -> tuple[Stream, ...]:
    """Make every course meander, then lead each tributary onto the stream it ends in."""
    culverted = {row["id"] for row in facts("streams")["course"] if row.get("culverted", False)}
    traced = [_meander(course, town, course.id in culverted) for course in courses()]
    return tuple(_join(stream, traced) for stream in traced)


def build_streams(town: Town) -> gpd.GeoDataFrame:
    """Return the streams inside the frame."""
    streams = town.part(trace_streams)
    table = gpd.GeoDataFrame(
        {
            "stream_id": [stream.id for stream in streams],
            "name": [stream.name for stream in streams],
            "protected": [stream.protected for stream in streams],
            "culverted": [stream.culverted for stream in streams],
        },
        geometry=[shapely.intersection(stream.line, frame_box()) for stream in streams],
        crs=CRS,
    )
    return table[~table.geometry.is_empty].reset_index(drop=True)


def _meander(course: Course, town: Town, culverted: bool) -> Stream:
    corners = shapely.get_coordinates(course.line)
    axis = shapely.LineString(round_corners(corners.tolist(), reach_m=BEND_M))
    along = np.linspace(0.0, axis.length, max(2, round(axis.length / STEP_M) + 1))
    points = shapely.get_coordinates(shapely.line_interpolate_point(axis, along))
    heading = np.gradient(points, axis=0)
    across = np.column_stack([-heading[:, 1], heading[:, 0]]) / np.hypot(*heading.T)[:, None]
    swing = _swing(along, town.rng(f"streams/{course.id}")) * (0.35 if not course.protected else 1.0)
    taper = np.clip(np.minimum(along, axis.length - along) / TAPER_M, 0.0, 1.0)
    stations = shapely.line_locate_point(axis, shapely.points(corners))
    levels = np.interp(along, stations, course.levels_m)
    return Stream(
        id=course.id,
        name=course.name,
        points=points + across * (swing * taper)[:, None],
        levels_m=np.minimum.accumulate(levels),
        protected=course.protected,
        culverted=culverted,
    )


def _swing(along_m: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    total = np.zeros_like(along_m)
    for length_m, swing_m in MEANDERS:
        knots = np.arange(0.0, along_m[-1] + 2 * length_m, length_m / 2.0)
        phase = rng.uniform(0.0, 2.0 * np.pi) + np.arange(len(knots)) * np.pi + rng.normal(0.0, 0.5, len(knots))
        size = swing_m * rng.uniform(0.5, 1.3, len(knots))
        total += np.interp(along_m, knots, size) * np.sin(np.interp(along_m, knots, phase))
    return total


def _join(stream: Stream, others: list[Stream]) -> Stream:
    """Lead the mouth onto the nearest other course, where there is one near, at that one's level."""
    mouth = shapely.Point(stream.points[-1])
    near = [other for other in others if other.id != stream.id and other.line.distance(mouth) < JOIN_M]
    if not near:
        return stream
    main = min(near, key=lambda other: other.line.distance(mouth))
    place = main.line.project(mouth)
    if place <= STEP_M:  # the other one only begins here: it goes on from this mouth
        end, level = main.points[0], float(main.levels_m[0])
    else:
        end = shapely.get_coordinates(main.line.interpolate(place))[0]
        stations = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(main.points, axis=0).T))])
        level = float(np.interp(place, stations, main.levels_m))
    points = np.vstack([stream.points[:-1], end])
    levels = np.maximum(stream.levels_m, level)
    levels[-1] = level
    return Stream(stream.id, stream.name, points, levels, stream.protected, stream.culverted)
