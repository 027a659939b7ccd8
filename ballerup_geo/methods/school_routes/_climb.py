"""How much a cyclist climbs along the streets, read from the terrain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.network import StreetGraph
from ballerup_geo.raster import Raster

__all__ = ["climb_m"]


def climb_m(graph: StreetGraph, terrain: Raster) -> NDArray[np.float64]:
    """Return the metres that each arc rises from its first junction to its last, ``float64[m]``, 0 where it falls.

    Heights are those of the cells in which the junctions lie; NaN where none is known. Ups and downs between two
    junctions are not seen.
    """
    west, _, _, north = terrain.bounds
    dx, dy = terrain.cell_size_m
    col = np.floor((graph.nodes_xy[:, 0] - west) / dx).astype(np.int64)
    row = np.floor((north - graph.nodes_xy[:, 1]) / dy).astype(np.int64)
    rows, cols = terrain.shape
    inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
    heights = np.full(len(row), np.nan)
    heights[inside] = terrain.array[row[inside], col[inside]]
    if terrain.nodata is not None:
        heights[heights == terrain.nodata] = np.nan
    return np.asarray(np.maximum(heights[graph.arcs.head] - heights[graph.arcs.tail], 0.0))
