"""Buffers that keep their distance everywhere, also where GEOS simplifies what it buffers.

Before it draws a buffer GEOS leaves out shallow corners of the rim, up to 1 % of the distance deep: the buffer of a
bent rim then lies up to that much too near. Where it does, the buffer is put together from those of the single
segments, which have no corners. Most things (points, straight lines, plain houses) are drawn right at once, and pass.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["clear_of_rim", "wide_enough"]

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]
NEARLY = 1.0 - 1e-9
"""Share of a distance from which on it is kept: beyond it lies what numbers of 64 bits round."""


def clear_of_rim(inner: Shapes, polygons: Shapes, *, distance_m: float, drawn_m: float, quad_segs: int) -> Shapes:
    """Return inner buffers with those drawn anew that come nearer to their polygon's rim than a distance.

    Parameters
    ----------
    inner
        Buffers inward, as GEOS drew them with ``drawn_m`` (a little more than the distance, for its arcs).
    polygons
        What they are of.
    """
    rims = shapely.boundary(polygons)
    short = np.flatnonzero(shapely.dwithin(shapely.boundary(inner), rims, distance_m * NEARLY))
    if not short.size:
        return inner
    exact = inner.copy()
    for at in short.tolist():
        exact[at] = shapely.difference(polygons[at], _around(rims[at], drawn_m, quad_segs))
    return exact


def wide_enough(wide: Shapes, shapes: Shapes, *, distance_m: Numbers, drawn_m: Numbers, quad_segs: int) -> Shapes:
    """Return outer buffers with those drawn anew whose rim comes nearer to the shape than its distance.

    Parameters
    ----------
    wide
        Buffers as GEOS drew them with ``drawn_m`` (a little more than the distance, for its arcs); 0: none.
    shapes
        What they are of.
    """
    bent = np.flatnonzero((distance_m > 0) & _bent(shapes))
    near = shapely.dwithin(shapely.boundary(wide[bent]), shapes[bent], distance_m[bent] * NEARLY)
    if not near.any():
        return wide
    exact = wide.copy()
    for at in bent[near].tolist():
        exact[at] = shapely.union(shapes[at], _around(shapes[at], float(drawn_m[at]), quad_segs))
    return exact


def _bent(shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which shapes have a corner that GEOS could leave out: all but points and straight lines."""
    several: NDArray[np.bool_] = (shapely.get_dimensions(shapes) > 0) & (shapely.get_num_coordinates(shapes) > 2)
    return several


def _around(shape: shapely.Geometry, drawn_m: float, quad_segs: int) -> shapely.Geometry:
    """Return what lies within a distance of a shape's points and segments."""
    parts = shapely.get_parts(shape)
    lines = shapely.get_parts(np.where(shapely.get_dimensions(parts) == 2, shapely.boundary(parts), parts))
    corners, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    pairs = shapely.linestrings(np.stack([corners[:-1][same], corners[1:][same]], axis=1))
    single = lines[shapely.get_dimensions(lines) == 0]
    return shapely.union_all(shapely.buffer(np.concatenate([pairs, single]), drawn_m, quad_segs=quad_segs))
