"""What in the street data looks wrong, each with its place: nothing here stops the graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ballerup_geo.network._pieces import Pieces

__all__ = ["faults_of"]

Array = np.ndarray[Any, np.dtype[Any]]
NEAR = 5.0
"""A dead end nearer to another line than this many tolerances is worth a look."""


def faults_of(
    edges: gpd.GeoDataFrame, pieces: Pieces, part: Array, tail: Array, head: Array, *, tolerance_m: float
) -> list[dict[str, Any]]:
    """Gaps, near misses, unconnected parts, duplicate lines and one-way traps, in this order and by node or edge."""
    ids = edges["road_id"].to_numpy()
    told = [
        *_gaps(pieces, tolerance_m),
        *_unconnected(pieces, part, edges["length_m"].to_numpy()),
        *_duplicates(pieces, ids, tolerance_m),
        *_traps(pieces, part, tail, head),
    ]
    return [
        {"kind": kind, "road_id": ids[edge], "x_m": float(xy[0]), "y_m": float(xy[1]), "what": what}
        for kind, edge, xy, what in told
    ]


Told = Iterator[tuple[str, int, Array, str]]


def _gaps(pieces: Pieces, tolerance_m: float) -> Told:
    """Dead ends that stop just short of a street they are not joined with."""
    nodes = len(pieces.nodes_xy)
    ends = np.concatenate([pieces.from_node, pieces.to_node])
    dead = np.flatnonzero(np.bincount(ends, minlength=nodes) == 1)
    own = np.zeros(nodes, np.int64)
    own[ends] = np.tile(np.arange(len(pieces.row)), 2)
    points = shapely.points(pieces.nodes_xy[dead])
    at, other = shapely.STRtree(pieces.geometry).query(points, predicate="dwithin", distance=NEAR * tolerance_m)
    mine = own[dead[at]]
    reachable = np.zeros(len(at), bool)
    for end in (pieces.from_node, pieces.to_node):
        for theirs in (pieces.from_node, pieces.to_node):
            reachable |= end[mine] == theirs[other]
    level = pieces.level
    open_level = (level[mine] == level[other]) | (np.abs(level[mine]) > np.abs(level[other]))
    at, other = at[~reachable & open_level], other[~reachable & open_level]
    apart = shapely.distance(points[at], pieces.geometry[other])
    order = np.lexsort((other, apart, at))
    first = order[np.unique(at[order], return_index=True)[1]]
    for row in first:
        node, edge = dead[at[row]], other[row]
        ends_m = [
            np.hypot(*(pieces.nodes_xy[node] - pieces.nodes_xy[end[edge]]))
            for end in (pieces.from_node, pieces.to_node)
        ]
        facing = min(ends_m) <= apart[row] + tolerance_m
        what = f"ends {apart[row]:.2f} m from {'the end of ' if facing else ''}another line without being joined"
        yield "near_miss" if facing else "gap", own[node], pieces.nodes_xy[node], what


def _unconnected(pieces: Pieces, part: Array, length_m: Array) -> Told:
    """Parts that hang together with nothing else, but for the largest."""
    of_edge = part[pieces.from_node]
    edges = np.bincount(of_edge)
    metres = np.bincount(of_edge, length_m)
    parts, first = np.unique(of_edge, return_index=True)
    for number, edge in zip(parts[1:], first[1:], strict=True):
        what = f"{edges[number]} edges, {metres[number]:.0f} m, not connected with the rest"
        yield "unconnected", edge, pieces.nodes_xy[pieces.from_node[edge]], what


def _duplicates(pieces: Pieces, ids: Array, tolerance_m: float) -> Told:
    """Edges that run between the same junctions on the same line."""
    low = np.minimum(pieces.from_node, pieces.to_node).astype(np.int64)
    high = np.maximum(pieces.from_node, pieces.to_node)
    length_m = np.round(shapely.length(pieces.geometry), 1)  # the same line twice is as long, so the two stand together
    order = np.lexsort((np.arange(len(low)), length_m, pieces.level, high, low))
    same = (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0) & (np.diff(pieces.level[order]) == 0)
    one, other = order[:-1][same], order[1:][same]
    apart = shapely.hausdorff_distance(pieces.geometry[one], pieces.geometry[other])
    for first, second in sorted(zip(one[apart <= tolerance_m], other[apart <= tolerance_m], strict=True)):
        middle = shapely.get_coordinates(shapely.line_interpolate_point(pieces.geometry[first], 0.5, normalized=True))
        yield "duplicate", first, middle[0], f"the same line as {ids[second]}"


def _traps(pieces: Pieces, part: Array, tail: Array, head: Array) -> Told:
    """Streets that one-way streets let nobody leave, or nobody enter."""
    nodes = len(pieces.nodes_xy)
    joined = coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(nodes, nodes))
    count, strong = connected_components(joined, directed=True, connection="strong")
    between = strong[tail] != strong[head]
    left = np.bincount(strong[tail[between]], minlength=count)
    entered = np.bincount(strong[head[between]], minlength=count)
    first = np.unique(strong, return_index=True)[1]
    touching = np.full(nodes, -1)
    touching[pieces.to_node[::-1]] = np.arange(len(pieces.row))[::-1]
    touching[pieces.from_node[::-1]] = np.arange(len(pieces.row))[::-1]
    size = np.bincount(strong, minlength=count)
    for node in np.sort(first):
        group = strong[node]
        if (left[group] > 0) == (entered[group] > 0):
            continue
        largest = size[group] == np.max(size[strong[part == part[node]]])
        if largest:
            continue
        what = "can be entered but not left" if entered[group] else "can be left but not entered"
        yield "one_way_trap", touching[node], pieces.nodes_xy[node], f"{what}: one-way streets"
