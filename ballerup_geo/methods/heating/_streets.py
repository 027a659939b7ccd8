"""The street net that pipes would follow: streets cut where a building's service line leaves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from ballerup_geo.network import build_graph, snap
from ballerup_geo.raster import CRS

__all__ = ["Streets", "streets_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

NO_PIPES = ("motorway", "path")
"""Classes of roads that no pipe is laid along."""
ZERO_M = 1e-6
"""Sparse matrices drop zeros: a piece without length is so long while ways are sought."""


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """Nodes: junctions, then the foot of each service line, then the buildings themselves.

    Edges (int32[m, 2]) with ``length_m`` and ``shape``: pieces of ``street`` (int32[m]), or service lines (−1). By
    building ``node`` and ``street_of`` (int32[n], −1: no street within reach) and ``service_m``. By street its two
    junctions (int32[s, 2]) and ``street_m``. ``source`` (bool[nodes]) marks junctions at a pipe that lies already.
    """

    edges: Ints
    length_m: Floats
    shape: NDArray[np.object_]
    street: Ints
    node: Ints
    street_of: Ints
    ends: Ints
    street_m: Floats
    service_m: Floats
    source: NDArray[np.bool_]

    def from_sources(self) -> tuple[Floats, Ints]:
        """Return the way from the nearest source to each node along streets (metres), and the node before on it."""
        along = self.street >= 0
        tail, head = self.edges[along].T
        size = len(self.source)
        order = np.lexsort((self.length_m[along], head, tail))
        first = np.unique(np.stack([tail[order], head[order]], axis=1), axis=0, return_index=True)[1]
        kept = order[first]
        weight = np.maximum(self.length_m[along][kept], ZERO_M)
        graph = coo_array((weight, (tail[kept], head[kept])), shape=(size, size)).tocsr()
        starts = np.flatnonzero(self.source)
        if not starts.size:
            return np.full(size, np.inf), np.full(size, -1, dtype=np.int32)
        way, before, _ = dijkstra(graph, directed=False, indices=starts, min_only=True, return_predecessors=True)
        return way, before.astype(np.int32)


def streets_of(
    roads: gpd.GeoDataFrame, spots: Floats, pipes: gpd.GeoDataFrame | None, *, snap_m: float, service_m: float
) -> Streets:
    """Make the net of streets with a service line to each building.

    Parameters
    ----------
    roads
        The roads layer; motorways and paths are left out.
    spots
        A place within each building, float64[n, 2].
    pipes
        The net that lies today; None where it is unknown.
    snap_m
        Ends of streets this near are joined; a junction this near to a pipe is a source.
    service_m
        Longest service line.
    """
    kept = roads[~roads["class"].isin(NO_PIPES)] if "class" in roads else roads
    graph = build_graph(gpd.GeoDataFrame(kept).reset_index(drop=True), snap_m=snap_m, mode="walking")
    lines = graph.edges.geometry.to_numpy()
    ends = graph.edges[["from_node", "to_node"]].to_numpy(np.int32)
    long_m = graph.edges["length_m"].to_numpy(np.float64)
    points = gpd.GeoSeries(shapely.points(spots), crs=CRS)
    snapped = snap(graph, points, max_m=service_m)
    on = np.flatnonzero(snapped.edge >= 0)
    on = on[np.lexsort((on, snapped.along_m[on], snapped.edge[on]))]
    street, along = snapped.edge[on], np.clip(snapped.along_m[on], 0.0, long_m[snapped.edge[on]])
    foot = len(graph.nodes_xy) + np.arange(on.size)
    first = np.ones(on.size, dtype=np.bool_)
    first[1:] = street[1:] != street[:-1]
    last = np.ones(on.size, dtype=np.bool_)
    last[:-1] = first[1:]
    before_m = np.where(first, 0.0, np.concatenate([[0.0], along[:-1]]) if on.size else 0.0)
    before = np.where(first, ends[street, 0], np.concatenate([[0], foot[:-1]]) if on.size else 0)
    empty = np.setdiff1d(np.arange(len(lines)), street)
    pieces = [(street, before_m, along), (street[last], along[last], long_m[street[last]])]
    pieces.append((empty, np.zeros(empty.size), long_m[empty]))
    edges = np.concatenate(
        [
            np.stack([before, foot], axis=1),
            np.stack([foot[last], ends[street[last], 1]], axis=1),
            ends[empty],
            np.stack([foot, foot + on.size], axis=1),
        ]
    ).astype(np.int32)
    shapes = np.concatenate([_between(lines[row], low, high) for row, low, high in pieces])
    feet = shapely.line_interpolate_point(lines[street], along)
    service = shapely.linestrings(np.stack([shapely.get_coordinates(feet), spots[on]], axis=1))
    node = np.full(len(spots), -1, dtype=np.int32)
    node[on] = foot + on.size
    source = np.zeros(len(graph.nodes_xy) + 2 * on.size, dtype=np.bool_)
    source[: len(graph.nodes_xy)] = _at_pipes(graph.nodes_xy, pipes, snap_m)
    return Streets(
        edges=edges,
        length_m=np.concatenate([*(high - low for _, low, high in pieces), snapped.off_m[on]]),
        shape=np.concatenate([shapes, service]),
        street=np.concatenate([*(row for row, _, _ in pieces), np.full(on.size, -1)]).astype(np.int32),
        node=node,
        street_of=snapped.edge,
        ends=ends,
        street_m=long_m,
        service_m=np.where(snapped.edge >= 0, snapped.off_m, 0.0),
        source=source,
    )


def _between(lines: NDArray[np.object_], low: Floats, high: Floats) -> NDArray[np.object_]:
    """Cut each line between two places along it."""
    count = shapely.get_num_coordinates(lines)
    found = np.empty(len(lines), dtype=object)
    plain = count == 2
    begin, end = shapely.line_interpolate_point(lines, low), shapely.line_interpolate_point(lines, high)
    pair = np.stack([shapely.get_coordinates(begin), shapely.get_coordinates(end)], axis=1)
    found[plain] = shapely.linestrings(pair[plain])
    for place in np.flatnonzero(~plain):
        found[place] = _cut(shapely.get_coordinates(lines[place]), low[place], high[place], pair[place])
    return found


def _cut(corners: Floats, low: float, high: float, pair: Floats) -> Any:
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    return shapely.LineString(np.concatenate([pair[:1], corners[(at > low) & (at < high)], pair[1:]]))


def _at_pipes(nodes_xy: Floats, pipes: gpd.GeoDataFrame | None, snap_m: float) -> NDArray[np.bool_]:
    at = np.zeros(len(nodes_xy), dtype=np.bool_)
    if pipes is not None and len(pipes):
        tree = shapely.STRtree(pipes.geometry.to_numpy())
        at[tree.query(shapely.points(nodes_xy), predicate="dwithin", distance=snap_m)[0]] = True
    return at
