"""Triangles at junctions that drivers who wait must see across."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["sight_triangles"]

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KMH = 3.6
LEAST_ARMS = 3
FLAT = 1e-6


def sight_triangles(
    roads: gpd.GeoDataFrame, *, waiting_m: float, seconds: float, speed_unknown_kmh: float, snap_m: float
) -> Shapes:
    """Return the triangle of each two arms of a junction: from where one waits to as far as the other is to be seen.

    A junction is an end of a road where three arms or more meet; a road that passes it has two arms there. One arm is
    followed for ``waiting_m``, the other for the way driven in ``seconds`` at its speed limit; then the other way
    round.
    Paths and roads off the ground make no junction.

    Parameters
    ----------
    roads
        Lines with ``class``; ``speed_kmh`` and ``level`` where told.
    snap_m
        Ends this near to a road meet it.
    """
    driven = roads["class"].to_numpy(object) != "path"
    if "level" in roads:
        driven &= roads["level"].astype("Int64").fillna(0).to_numpy(np.int64) == 0
    lines = roads.geometry.to_numpy()[driven]
    speed = np.full(len(lines), speed_unknown_kmh)
    if "speed_kmh" in roads:
        told = roads["speed_kmh"].astype("Float64").to_numpy(np.float64, na_value=np.nan)[driven]
        speed = np.where(told > 0, told, speed)
    if not len(lines) or waiting_m <= 0 or seconds <= 0:
        return np.empty(0, dtype=object)
    junction, middle, line, along, way = _arms(lines, snap_m)
    far = _reached(lines, line, along, way, speed[line] / KMH * seconds)
    near = _reached(lines, line, along, way, np.full(len(line), waiting_m))
    one, other = _pairs(junction)
    corners = np.stack([middle[junction[one]], near[one], far[other], middle[junction[one]]], axis=1)
    triangles: Shapes = shapely.polygons(corners) if len(one) else np.empty(0, dtype=object)
    wide: Shapes = triangles[shapely.area(triangles) > FLAT]
    return wide


def _arms(lines: Shapes, snap_m: float) -> tuple[Ints, Floats, Ints, Floats, Floats]:
    """Return the arms of all junctions: junction, the junctions' places, line, where on it (m), and which way (±1)."""
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    corners = shapely.get_coordinates(ends)
    step = max(snap_m, 1e-3)
    _, first = np.unique(np.round(corners / step).astype(np.int64), axis=0, return_index=True)
    middle = corners[np.sort(first)]
    points = shapely.points(middle)
    at, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=snap_m)
    along = shapely.line_locate_point(lines[line], points[at])
    length = shapely.length(lines[line])
    onward, back = along < length - snap_m, along > snap_m
    junction = np.concatenate([at[onward], at[back]])
    way = np.concatenate([np.ones(onward.sum()), -np.ones(back.sum())])
    line, along = np.concatenate([line[onward], line[back]]), np.concatenate([along[onward], along[back]])
    count = np.bincount(junction, minlength=len(middle))
    some = count[junction] >= LEAST_ARMS
    order = np.lexsort((way[some], line[some], junction[some]))
    arms = tuple(each[some][order] for each in (junction, line, along, way))
    return arms[0].astype(np.int64), middle, arms[1].astype(np.int64), arms[2], arms[3]


def _reached(lines: Shapes, line: Ints, along: Floats, way: Floats, metres: Floats) -> Floats:
    """Return where one is after some metres along each arm, at most to its end; float64[n, 2]."""
    length = shapely.length(lines[line])
    there = shapely.line_interpolate_point(lines[line], np.clip(along + way * metres, 0.0, length))
    return np.asarray(shapely.get_coordinates(there))


def _pairs(junction: Ints) -> tuple[Ints, Ints]:
    """Return all ordered pairs of different arms of one junction."""
    start = np.flatnonzero(np.diff(junction, prepend=-1))
    count = np.diff(np.append(start, len(junction)))
    ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for many in np.unique(count).tolist():
        at = start[count == many]
        a, b = np.nonzero(~np.eye(many, dtype=bool))
        ones.append((at[:, None] + a).ravel())
        others.append((at[:, None] + b).ravel())
    return np.concatenate(ones), np.concatenate(others)
