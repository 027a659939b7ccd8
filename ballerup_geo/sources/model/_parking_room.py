"""Where a car park has room: on a lot beside its houses, on a campus near the street, on open ground near a station."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.fields import divide_land
from ballerup_geo.sources.model.frame import rail_line
from ballerup_geo.sources.model.lots import Lots
from ballerup_geo.sources.model.town import Town

__all__ = ["Box", "beside_street", "on_open_ground", "roomiest"]

HOUSE_CLEAR_M = 1.5
CUTS = (0.25, 0.4, 0.55, 0.7, 0.85, 1.0)
"""Shares of a strip's length that are tried until there is room for the spaces wanted."""
OPEN_USES = ("green", "meadow", "field")
DEPTH_M = 17.0
"""Of a car park on its own: two rows of spaces and the lane between."""
STREET_CLEAR_M = 4.0
RAIL_CLEAR_M = 16.0
REACH_M = 380.0
STEP_M = 12.0
SHRINKS = (1.0, 0.7, 0.5, 0.3)
"""Sizes that are tried, one after the other."""

Box = tuple[float, float, float, float]


def roomiest(
    lots: Lots, row: int, strips: Sequence[Box], houses: NDArray[Any], wanted_m2: float
) -> shapely.Polygon | None:
    """Return the car park on a lot: the roomiest of the strips, no longer than wanted; None where none is free.

    Parameters
    ----------
    strips
        Rectangles on the lot: metres along its front and inward, from and to.
    houses
        Outlines of the lot's buildings.
    """
    built = shapely.buffer(shapely.union_all(houses), HOUSE_CLEAR_M, join_style="mitre")
    free = shapely.difference(lots.shapes[row], built)
    origin, along, inward, _ = (side[row] for side in lots.frame())
    best: shapely.Polygon | None = None
    for u0, v0, u1, v1 in strips:
        for cut in CUTS:
            end = u0 + (u1 - u0) * cut
            corners = [origin + along * u + inward * v for u, v in ((u0, v0), (end, v0), (end, v1), (u0, v1))]
            part = _largest(shapely.intersection(free, shapely.Polygon(corners)))
            if part is not None and part.area >= wanted_m2:
                return part
        if part is not None and (best is None or part.area > best.area):
            best = part
    return best


def beside_street(lot: shapely.Polygon, houses: NDArray[Any], streets: shapely.STRtree, area_m2: float) -> Any:
    """Return a rectangle on a campus, clear of its buildings, as near to a street as one fits; None where none does."""
    rim = shapely.get_coordinates(shapely.minimum_rotated_rectangle(lot))
    side = rim[1] - rim[0]
    turn = math.atan2(side[1], side[0])
    free = shapely.difference(shapely.buffer(lot, -2.0), shapely.buffer(shapely.union_all(houses), 3.0))
    west, south, east, north = lot.bounds
    grid = np.stack(np.meshgrid(np.arange(west, east, STEP_M), np.arange(south, north, STEP_M)), axis=-1).reshape(-1, 2)
    return _first_fit(grid, (turn, turn + math.pi / 2), area_m2, free, streets)


def on_open_ground(town: Town, place: NDArray[np.float64], area_m2: float) -> Any:
    """Return a rectangle on open ground near a place, clear of streets and railway, the nearest that fits."""
    box = shapely.Point(place).buffer(REACH_M)
    plots = [plot.shape for plot in town.part(divide_land) if plot.use in OPEN_USES and plot.shape.intersects(box)]
    roads = town.table("roads")
    near = roads[roads.geometry.intersects(box)]
    strips = shapely.buffer(near.geometry.to_numpy(), near["carriageway_m"].to_numpy() / 2 + STREET_CLEAR_M)
    rail = shapely.buffer(rail_line(), RAIL_CLEAR_M)
    ground = shapely.intersection(shapely.union_all(plots), box)
    free = shapely.difference(ground, shapely.union_all([*strips, rail]))
    steps = np.arange(-REACH_M, REACH_M + STEP_M / 2, STEP_M)
    grid = place + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    turns = tuple(math.radians(angle) for angle in range(0, 180, 30))
    return _first_fit(grid, turns, area_m2, free, shapely.STRtree([shapely.Point(place)]))


def _first_fit(
    places: NDArray[np.float64],
    turns: Sequence[float],
    area_m2: float,
    free: shapely.Geometry,
    toward: shapely.STRtree,
) -> Any:
    """Return the rectangle that lies in the free ground and nearest to a target; smaller ones only if none fits."""
    shapely.prepare(free)
    inside = places[shapely.contains_xy(free, *places.T)]
    if not len(inside):
        return None
    away = shapely.distance(shapely.points(inside), toward.geometries[toward.nearest(shapely.points(inside))])
    inside = inside[np.argsort(away, kind="stable")]
    for shrink in SHRINKS:
        shapes = np.stack([_rectangles(inside, area_m2 * shrink, turn) for turn in turns], axis=1).ravel()
        fits = np.flatnonzero(shapely.contains_properly(free, shapes))
        if len(fits):
            return shapes[fits[0]]
    return None


def _rectangles(places: NDArray[np.float64], area_m2: float, turn: float) -> NDArray[Any]:
    depth = DEPTH_M * max(1.0, math.sqrt(area_m2 / DEPTH_M / 6 / DEPTH_M))
    half = np.array([area_m2 / depth / 2, depth / 2])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    turned = corners @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return np.asarray(shapely.polygons(places[:, None, :] + turned))


def _largest(shape: shapely.Geometry) -> shapely.Polygon | None:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    return max(parts, key=lambda part: part.area) if parts else None
