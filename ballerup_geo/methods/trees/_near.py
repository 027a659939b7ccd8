"""How far a proposed tree is from what it could be in conflict with."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

__all__ = ["nearest_m", "nearest_tree_m"]

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


def nearest_m(points: Shapes, shapes: Shapes, *, reach_m: float, half_m: Floats | None = None) -> Floats:
    """Return the distance of each point to the nearest shape, NaN where none is within reach.

    With ``half_m``, shapes are that much wider on each side, e.g. centre lines of roads by half of their width.
    """
    found = np.full(len(points), np.inf)
    if len(shapes):
        widest = 0.0 if half_m is None else float(half_m.max())
        tree = shapely.STRtree(shapes)
        if half_m is None:
            (point, _), metres = tree.query_nearest(points, max_distance=reach_m, return_distance=True)
        else:
            point, shape = tree.query(points, predicate="dwithin", distance=reach_m + widest)
            metres = np.maximum(0.0, shapely.distance(points[point], shapes[shape]) - half_m[shape])
        np.minimum.at(found, point, metres)
    return np.where(found <= reach_m, found, np.nan)


def nearest_tree_m(xy: Floats, standing: Floats, *, reach_m: float) -> Floats:
    """Return the distance of each place to the next one of them or to a standing tree; NaN where none is in reach."""
    found = np.full(len(xy), np.inf)
    if len(xy) > 1:
        found = cKDTree(xy).query(xy, k=2)[0][:, 1]
    if len(xy) and len(standing):
        found = np.minimum(found, cKDTree(standing).query(xy)[0])
    return np.where(found <= reach_m, found, np.nan)
