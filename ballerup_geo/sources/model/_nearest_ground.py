"""The municipality divided by which of some places is nearest."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.frame import frame_box, only_polygons, outline

__all__ = ["nearest_ground"]


def nearest_ground(places: NDArray[np.float64]) -> list[Any]:
    """Return for each place the part of the municipality that is nearer to it than to any other.

    Parameters
    ----------
    places
        float64[n, 2], metres, EPSG:25832; all different, inside or near the municipality.
    """
    points = shapely.points(places)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame_box()))
    cell, place = shapely.STRtree(points).query(cells, predicate="intersects")
    of_place = np.empty(len(points), dtype=object)
    of_place[place] = np.asarray(cells)[cell]
    return [only_polygons(shapely.intersection(each, outline())) for each in of_place]
