"""Points at least a distance apart in an area, near the largest number there can be: places for trees, and the like."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.errors import DataError, Fault
from ballerup_geo.siting._sweep import edges_around, sweep

__all__ = ["edges_of", "next_number", "pack_points", "packing_bound", "pieces", "read_area"]

Numbers = NDArray[np.float64]
Shapes = NDArray[np.object_]

DIRECTIONS = 8
"""Directions an area is swept in; two sweeps from the rim inward come beside them."""
ROUNDS = 12
"""Times that the points around one of them are taken up and laid anew."""
REACH = (1.2, 2.6)
"""What is taken up lies within this many spacings of a point, between the two by chance."""


def pack_points(area: ArrayLike, *, spacing_m: float, seed: int = 0, rounds: int = ROUNDS) -> Numbers:
    """Place points in an area, near the largest number that keep their distance.

    Each polygon is filled by exact sweeps (see `sweep`) in several directions, seeded ones, and from its rim inward;
    then parts of the best filling are taken up and laid anew in another direction, and kept where no point is lost.
    Polygons are filled in their order, each keeping the distance to points of those before it.

    Parameters
    ----------
    area
        A polygon or multipolygon, or an array of them (a GeoSeries too), in metres. Points lie inside or on the edge.
    spacing_m
        The least distance of two points, also across polygons.
    seed
        Decides the directions; the same seed gives the same points.
    rounds
        Tries to better each polygon; 0 gives the best sweep.

    Returns
    -------
    float64 ``[n, 2]``: easting and northing, polygon by polygon; within one by northing, then easting.

    Raises
    ------
    DataError
        The area is no polygon or not valid, or the spacing is not above zero.

    See Also
    --------
    packing_bound : how many points no packing can exceed.
    """
    return pieces(area, spacing_m=spacing_m, seed=seed, rounds=rounds)[0]


def pieces(
    area: ArrayLike, *, spacing_m: float, seed: int = 0, rounds: int = ROUNDS
) -> tuple[Numbers, NDArray[np.int64]]:
    """Return `pack_points` and the number of the polygon that each point lies in, int64 ``[n]``."""
    shapes = read_area(area)
    spacing = read_spacing(spacing_m)
    edges, start = edges_of(shapes)
    near, near_start = _neighbours(shapes, spacing)
    most = _bounds(shapes, spacing)
    middles = np.zeros((len(shapes), 2))
    middles[~shapely.is_empty(shapes)] = shapely.get_coordinates(shapely.centroid(shapes))
    points, owner = _pack_all(edges, start, near, near_start, middles, most, spacing, int(seed) % 2**31, int(rounds))
    order = np.lexsort((points[:, 0], points[:, 1], owner))
    return points[order], owner[order]


def packing_bound(area: ArrayLike, *, spacing_m: float) -> int:
    """Return a number of points that no packing of the area exceeds.

    Two arguments, part by part of the area, and the lesser of their answers:

    - in a convex area of ``A`` m² and perimeter ``P`` m lie at most ``2 A / (√3 d²) + P / (2 d) + 1`` points ``d``
      apart (Oler, An inequality in the geometry of numbers, Acta Mathematica 105, 1961); a part lies in its hull;
    - what is nearer to a point than to any other, and within ``d / √3`` of it, has at least the area ``√3 d² / 2`` of a
      hexagon (L. Fejes Tóth, Lagerungen in der Ebene, 1953), and all of it lies within ``d / √3`` of the area.

    Parameters
    ----------
    area
        A polygon or multipolygon, or an array of them, in metres.
    spacing_m
        The least distance of two points.
    """
    return int(_bounds(read_area(area), read_spacing(spacing_m)).sum())


def _bounds(shapes: Shapes, spacing: float) -> NDArray[np.int64]:
    """Return `packing_bound` of each shape, int64 ``[n]``."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    hulls = shapely.convex_hull(parts)
    hexagon = np.sqrt(3) / 2 * spacing**2
    in_hull = shapely.area(hulls) / hexagon + shapely.length(hulls) / (2 * spacing) + 1
    # the buffer's corners lie on the circle: a little more makes its edges lie outside
    cells = shapely.area(shapely.buffer(parts, spacing / np.sqrt(3) / np.cos(np.pi / 16), quad_segs=4)) / hexagon
    each = np.floor(np.minimum(in_hull, cells) * (1 + 1e-9))
    return np.bincount(owner, weights=each, minlength=len(shapes)).astype(np.int64)


def read_area(area: ArrayLike) -> Shapes:
    """Return polygons and multipolygons as an array; an empty one is an area without room.

    Raises
    ------
    DataError
        Something else than polygons, or a polygon that crosses itself.
    """
    shapes = np.atleast_1d(np.asarray(area, dtype=object))
    wrong = ~np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise DataError(Fault("area", f"item {at}", f"{shapes[at]!r:.40} is no polygon", "give polygons"))
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        at = int(np.flatnonzero(invalid)[0])
        why = shapely.is_valid_reason(shapes[at])
        raise DataError(Fault("area", f"item {at}", f"is not valid: {why}", "repair it (shapely.make_valid)"))
    return shapes


def read_spacing(spacing_m: float) -> float:
    """Return a distance above zero."""
    if not (np.isfinite(spacing_m) and spacing_m > 0):
        raise DataError(Fault("spacing_m", "", f"{spacing_m!r} is no distance", "give metres above 0"))
    return float(spacing_m)


def edges_of(shapes: Shapes) -> tuple[Numbers, NDArray[np.int64]]:
    """Return the edges of all rings, float64 ``[e, 4]``, and where each shape's begin, int64 ``[n + 1]``."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = shape[part]
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    inner = ring[1:] == ring[:-1]
    edges = np.ascontiguousarray(np.hstack([corners[:-1], corners[1:]])[inner])
    count = np.bincount(owner[ring[:-1][inner]], minlength=len(shapes))
    return edges, np.concatenate([[0], np.cumsum(count)]).astype(np.int64)


def _neighbours(shapes: Shapes, spacing: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, as compressed rows, the earlier shapes within a distance of each shape."""
    own, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=spacing)
    earlier = other < own
    own, other = own[earlier], other[earlier]
    order = np.lexsort((other, own))
    start = np.concatenate([[0], np.cumsum(np.bincount(own, minlength=len(shapes)))])
    return other[order].astype(np.int64), start.astype(np.int64)


@kernel
def next_number(state: int) -> int:
    """Return the next number of a seeded row, 0 to 2³¹ − 1 (minimal standard, Park and Miller 1988)."""
    return (state * 48271) % 2147483647


@kernel
def _bettered(
    edges: Any, stand: Any, radius: Any, best: Any, spacing: float, rounds: int, most: int, state: int
) -> Any:
    """Take up the points around one of them and fill again, in a direction by chance; kept where none is lost."""
    for _ in range(rounds):
        count = best.shape[0]
        if count == 0 or count >= most:
            break
        state = next_number(state)
        x, y = best[state % count]
        state = next_number(state)
        reach = spacing * (1.2 + 1.4 * state / 2147483647.0)
        apart = np.sqrt((best[:, 0] - x) ** 2 + (best[:, 1] - y) ** 2)
        beside = np.sqrt((stand[:, 0] - x) ** 2 + (stand[:, 1] - y) ** 2) < reach + spacing
        away = apart > reach
        kept = best[away]
        near = best[away & (apart < reach + spacing)]
        n = near.shape[0]
        around = np.empty((n + beside.sum(), 2))
        around[:n], around[n:] = near, stand[beside]
        rims = np.full(around.shape[0], spacing)
        rims[n:] = radius[beside]
        state = next_number(state)
        turn = 2.0 * np.pi * state / 2147483647.0
        local = edges_around(edges, x, y, reach)
        room = most - kept.shape[0]
        new = sweep(local, around, rims, spacing, 0.0, np.cos(turn), np.sin(turn), room, x, y, reach)
        if new.shape[0] + kept.shape[0] >= count:
            joined = np.empty((new.shape[0] + kept.shape[0], 2))
            joined[: kept.shape[0]], joined[kept.shape[0] :] = kept, new
            best = joined
    return best


@kernel
def _pack_one(
    edges: Any, stand: Any, radius: Any, middle: Any, most: int, spacing: float, state: int, rounds: int
) -> Any:
    """Return the best filling of one shape found, float64 ``[n, 2]``."""
    best = np.empty((0, 2))
    turn = 2.0 * np.pi * state / 2147483647.0
    for k in range(DIRECTIONS + 2):
        if k < DIRECTIONS:
            angle = turn + 2.0 * np.pi * k / DIRECTIONS
            found = sweep(edges, stand, radius, spacing, 0.0, np.cos(angle), np.sin(angle), most, 0.0, 0.0, np.inf)
        elif k == DIRECTIONS:
            found = sweep(edges, stand, radius, spacing, 1.0, middle[0], middle[1], most, 0.0, 0.0, np.inf)
        else:
            found = sweep(edges, stand, radius, spacing, 1.0, edges[0, 0], edges[0, 1], most, 0.0, 0.0, np.inf)
        if found.shape[0] > best.shape[0]:
            best = found
        if best.shape[0] >= most:
            return best
    return _bettered(edges, stand, radius, best, spacing, rounds, most, next_number(state))


@kernel
def _pack_all(
    edges: Any, start: Any, near: Any, near_start: Any, middles: Any, most: Any, spacing: float, seed: int, rounds: int
) -> Any:
    """Fill the shapes one after the other; returns the points and the shape of each."""
    shapes = start.shape[0] - 1
    first = np.zeros(shapes + 1, np.int64)
    points = np.empty((1024, 2))
    total = 0
    for g in range(shapes):
        first[g] = total
        first[g + 1] = total
        own = edges[start[g] : start[g + 1]]
        if own.shape[0] == 0:
            continue
        west, south = own[:, 0].min() - spacing, own[:, 1].min() - spacing
        east, north = own[:, 0].max() + spacing, own[:, 1].max() + spacing
        stand = np.empty((16, 2))
        n = 0
        for j in range(near_start[g], near_start[g + 1]):
            for k in range(first[near[j]], first[near[j] + 1]):
                if west < points[k, 0] < east and south < points[k, 1] < north:
                    if n == stand.shape[0]:
                        more = np.empty((2 * n, 2))
                        more[:n] = stand
                        stand = more
                    stand[n] = points[k]
                    n += 1
        state = next_number((seed + 7919 * (g + 1)) % 2147483646 + 1)
        best = _pack_one(own, stand[:n], np.full(n, spacing), middles[g], most[g], spacing, state, rounds)
        while total + best.shape[0] > points.shape[0]:
            larger = np.empty((2 * points.shape[0], 2))
            larger[:total] = points[:total]
            points = larger
        points[total : total + best.shape[0]] = best
        total += best.shape[0]
        first[g + 1] = total
    owner = np.empty(total, np.int64)
    for g in range(shapes):
        owner[first[g] : first[g + 1]] = g
    return points[:total].copy(), owner
