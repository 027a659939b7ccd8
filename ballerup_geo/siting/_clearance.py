"""Buffers that keep their distance everywhere, also where GEOS simplifies what it buffers.

Before it draws a buffer GEOS leaves out shallow corners of the rim, up to 1 % of the distance deep: the buffer of a
bent rim then lies up to that much too near. Where it does, the buffers of the single segments that it comes too near to
are added, which have no corners; whatever lies too near to another segment would have crossed the rim to get there.
Most things (points, straight lines, plain houses) are drawn right at once, and pass.
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
    rims, edges = shapely.boundary(polygons), shapely.boundary(inner)
    short = np.flatnonzero(shapely.dwithin(edges, rims, distance_m * NEARLY))
    if not short.size:
        return inner
    exact = inner.copy()
    for at in short.tolist():
        lost = _around(rims[at], edges[at], distance_m, drawn_m, quad_segs)
        exact[at] = shapely.difference(inner[at], lost)
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
    edges = shapely.boundary(wide[bent])
    near = shapely.dwithin(edges, shapes[bent], distance_m[bent] * NEARLY)
    if not near.any():
        return wide
    exact = wide.copy()
    for at, edge in zip(bent[near].tolist(), edges[near], strict=True):
        lost = _around(shapes[at], edge, float(distance_m[at]), float(drawn_m[at]), quad_segs)
        exact[at] = shapely.union(wide[at], lost)
    return exact


def _bent(shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which shapes have a corner that GEOS could leave out: all but points and straight lines."""
    several: NDArray[np.bool_] = (shapely.get_dimensions(shapes) > 0) & (shapely.get_num_coordinates(shapes) > 2)
    return several


def _around(
    shape: shapely.Geometry, edge: shapely.Geometry, distance_m: float, drawn_m: float, quad_segs: int
) -> shapely.Geometry:
    """Return the buffers of those of a shape's points and segments that its own buffer's edge comes too near to."""
    parts = shapely.get_parts(shape)
    lines = shapely.get_parts(np.where(shapely.get_dimensions(parts) == 2, shapely.boundary(parts), parts))
    corners, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    pairs = shapely.linestrings(np.stack([corners[:-1][same], corners[1:][same]], axis=1))
    pieces = np.concatenate([pairs, lines[shapely.get_dimensions(lines) == 0]])
    shapely.prepare(edge)
    short = shapely.dwithin(edge, pieces, distance_m * NEARLY)
    return shapely.union_all(shapely.buffer(pieces[short], drawn_m, quad_segs=quad_segs))
