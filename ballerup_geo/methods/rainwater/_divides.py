"""Divides (*vandskel*): the lines between the catchments of the municipality."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import shapely

__all__ = ["divides_table"]


def divides_table(catchments: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the line between each two catchments that touch, the longest first.

    Parameters
    ----------
    catchments
        A coverage with ``name``: neighbours share their vertices.

    Returns
    -------
    ``divide_id``, ``name_a``, ``name_b``, ``length_m``.
    """
    edges = catchments.geometry.boundary.to_numpy()
    pairs, lines = [], []
    for a, b in combinations(range(len(catchments)), 2):
        line = _lines_of(shapely.intersection(edges[a], edges[b]))
        if not line.is_empty:
            pairs.append((a, b))
            lines.append(line)
    names = catchments["name"].to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "name_a": [str(names[a]) for a, _ in pairs],
            "name_b": [str(names[b]) for _, b in pairs],
            "length_m": np.array([line.length for line in lines], dtype=np.float64),
        },
        geometry=gpd.GeoSeries(lines, crs=catchments.crs),
        crs=catchments.crs,
    )
    frame = frame.sort_values(["length_m", "name_a", "name_b"], ascending=[False, True, True], ignore_index=True)
    frame.insert(0, "divide_id", [f"vs-{place:02d}" for place in range(1, len(frame) + 1)])
    return frame


def _lines_of(shared: shapely.Geometry) -> shapely.Geometry:
    """Return the lines of what two outlines share, joined; where they only meet in points, none."""
    parts = shapely.get_parts(shared)
    lines = parts[shapely.get_dimensions(parts) == 1]
    return shapely.line_merge(shapely.union_all(lines))
