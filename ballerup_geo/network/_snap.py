"""Points put onto the street that is nearest to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._lines import checked_crs

__all__ = ["Snapped", "snap"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Snapped:
    """Where points lie on the graph.

    Attributes
    ----------
    edge
        ``int32[k]``: the nearest edge, −1 where none is near enough.
    along_m
        ``float64[k]``: metres from the edge's start to the place nearest to the point; 0 where there is no edge.
    off_m
        ``float64[k]``: metres from the point to that place; inf where there is no edge.
    """

    edge: Array
    along_m: Array
    off_m: Array

    def replaced(self, other: Snapped, where: Array) -> Snapped:
        """Return the places with those of another set wherever ``where`` (``bool[k]``) is true."""
        pairs = ((self.edge, other.edge), (self.along_m, other.along_m), (self.off_m, other.off_m))
        return Snapped(*(np.where(where, theirs, own) for own, theirs in pairs))


def snap(graph: StreetGraph, points: gpd.GeoSeries, *, max_m: float, among: Array | None = None) -> Snapped:
    """Put each point onto its nearest edge, at most ``max_m`` away; the first of edges that are equally near.

    ``among`` ``bool[e]`` are the edges that may be taken; all where it is not given.

    Raises
    ------
    DataError
        When the points are not in EPSG:25832.
    """
    checked_crs(points, "points")
    geometry = graph.edges.geometry.to_numpy()
    places = points.to_numpy()
    drawn = np.flatnonzero(~(shapely.is_missing(places) | shapely.is_empty(places)))
    taken = np.arange(len(geometry)) if among is None else np.flatnonzero(among)
    tree = shapely.STRtree(geometry[taken])
    at, near = tree.query_nearest(places[drawn], max_distance=float(max_m), all_matches=True)
    order = np.lexsort((near, at))
    chosen, first = np.unique(at[order], return_index=True)
    row, on = drawn[chosen], taken[near[order][first]]
    edge = np.full(len(places), -1, np.int32)
    along_m = np.zeros(len(places))
    off_m = np.full(len(places), np.inf)
    edge[row] = on
    along_m[row] = shapely.line_locate_point(geometry[on], places[row])
    off_m[row] = shapely.distance(geometry[on], places[row])
    return Snapped(edge, along_m, off_m)
