"""The courses of railway and main roads through the relief: dams over valleys, cuttings through hills, underpasses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.frame import crossings, frame_box, rail_line
from ballerup_geo.sources.model.plan import main_roads
from ballerup_geo.sources.model.relief import build_relief, height_at
from ballerup_geo.sources.model.streams import Stream, trace_streams
from ballerup_geo.sources.model.town import Town

__all__ = ["HEADROOM_M", "SIDE_SLOPE", "Bank", "Trench", "lay_banks", "lay_trenches"]

STEP_M = 10.0
SIDE_SLOPE = 0.5
"""Sides of dams and cuttings rise one metre on two."""
EVEN_OVER_M = {"rail": 260.0, "motorway": 220.0, "primary": 110.0, "secondary": 80.0, "tertiary": 50.0}
"""Standard deviation of the window that evens out a course's heights."""
OVER_WATER_M = {"rail": 2.6, "motorway": 2.8, "primary": 1.7, "secondary": 1.3, "tertiary": 1.0}
"""A course lies at least this much above a stream it crosses."""
ORDER = ("tertiary", "secondary", "primary", "motorway", "rail")
"""Later ones lie through earlier ones."""
HIGHEST_DAM_M, DEEPEST_CUT_M = 4.0, 2.5
RAIL_HALF_WIDTH_M = 6.0
VERGE_M = 3.0
HEADROOM_M = 4.6
"""A road lies this much below the railway that it passes under."""
RAMP = 0.05
"""Slope of the ramps of an underpass."""
RAMP_REACH_M = 110.0
UNDER_RAIL = frozenset({"primary", "secondary", "tertiary"})


@dataclass(frozen=True, slots=True)
class Bank:
    """A course with its heights: ``points`` ``[n, 2]`` metres, ``heights_m`` ``[n]`` m DVR90."""

    kind: str
    name: str
    points: NDArray[np.float64]
    heights_m: NDArray[np.float64]
    half_width_m: float

    @property
    def line(self) -> shapely.LineString:
        """The middle of the course."""
        return shapely.LineString(self.points)

    def height_near(self, place: shapely.Point) -> float:
        """Return the course's height at the point of it nearest to a place."""
        nearest = np.argmin(np.hypot(*(self.points - shapely.get_coordinates(place)).T))
        return float(self.heights_m[nearest])


@dataclass(frozen=True, slots=True)
class Trench:
    """A road led down under the railway: its points, heights and half width, and where it passes under."""

    points: NDArray[np.float64]
    heights_m: NDArray[np.float64]
    half_width_m: float
    crossing: shapely.Point
    rail_half_width_m: float


def lay_banks(town: Town) -> tuple[Bank, ...]:
    """Give every main road and the railway a course through the relief, in the order they are laid."""
    banks = [
        _lay(town, road.road_class, road.name, road.line, road.width_m * (1.2 if road.dual else 0.5) + VERGE_M)
        for road in main_roads()
        if road.road_class in EVEN_OVER_M and road.line.intersects(frame_box())
    ]
    banks.append(_lay(town, "rail", "S-banen", rail_line(), RAIL_HALF_WIDTH_M))
    return tuple(sorted(banks, key=lambda bank: ORDER.index(bank.kind)))


def lay_trenches(town: Town) -> tuple[Trench, ...]:
    """Lead the roads that cross the railway under it."""
    banks = town.part(lay_banks)
    rail = next(bank for bank in banks if bank.kind == "rail")
    trenches = []
    for bank in banks:
        if bank.kind in UNDER_RAIL:
            trenches += [_trench(bank, rail, crossing) for crossing in crossings(bank.line, rail.line)]
    return tuple(trenches)


def _lay(town: Town, kind: str, name: str, line: shapely.LineString, half_width_m: float) -> Bank:
    along = np.linspace(0.0, line.length, max(8, round(line.length / STEP_M) + 1))
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    ground = height_at(town.part(build_relief), points)
    step_m = float(along[1])
    even = scipy.ndimage.gaussian_filter1d(ground, EVEN_OVER_M[kind] / step_m, mode="nearest")
    heights = ground + np.clip(even - ground, -DEEPEST_CUT_M, HIGHEST_DAM_M)
    heights = scipy.ndimage.gaussian_filter1d(heights, 35.0 / step_m, mode="nearest")
    for stream in town.part(trace_streams):
        heights = _clear_of(heights, along, line, stream, OVER_WATER_M[kind])
    return Bank(kind, name, points, heights, half_width_m)


def _clear_of(
    heights: NDArray[np.float64], along: NDArray[np.float64], line: shapely.LineString, stream: Stream, above_m: float
) -> NDArray[np.float64]:
    """Lift a course gently where it crosses a stream too low."""
    for crossing in crossings(line, stream.line):
        place = line.project(crossing)
        lift = stream.level_near(crossing) + above_m - float(np.interp(place, along, heights))
        if lift > 0.0:
            heights = heights + lift * np.exp(-0.5 * ((along - place) / 70.0) ** 2)
    return heights


def _trench(road: Bank, rail: Bank, crossing: shapely.Point) -> Trench:
    line = road.line
    place = line.project(crossing)
    along = np.arange(max(place - RAMP_REACH_M, 0.0), min(place + RAMP_REACH_M, line.length), STEP_M / 2.0)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    heights = rail.height_near(crossing) - HEADROOM_M + RAMP * np.maximum(np.abs(along - place) - 15.0, 0.0)
    return Trench(points, heights, road.half_width_m, crossing, rail.half_width_m)
