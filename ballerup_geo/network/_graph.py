"""The street graph: junctions, edges as they were drawn, arcs as they may be travelled, and turns."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._faults import faults_of
from ballerup_geo.network._lines import EPSG, Mode, checked_crs, plain_lines
from ballerup_geo.network._noding import cut_and_join
from ballerup_geo.network._pieces import Pieces, pieces_between
from ballerup_geo.network._turns import Turns, turns_of

__all__ = ["Arcs", "StreetGraph", "build_graph"]

log = logging.getLogger(__name__)

Array = np.ndarray[Any, np.dtype[Any]]
TOUCH_M = 1e-3
"""Ends nearer than a millimetre are one place, whatever the tolerance: coordinates are kept to the millimetre."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """Edges by the direction they may be travelled in, in the order of edges, forward first.

    ``edge``, ``tail``, ``head`` int32[m]; ``forward`` bool[m]: as the edge was drawn; ``length_m`` float64[m].
    """

    edge: Array
    tail: Array
    head: Array
    forward: Array
    length_m: Array


@dataclass(frozen=True, slots=True)
class StreetGraph:
    """Streets as a directed graph with turns.

    Attributes
    ----------
    nodes_xy
        ``float64[n, 2]``, EPSG:25832: junctions and ends.
    edges
        One row an edge, the index its number: ``road_id``, ``from_node``, ``to_node``, ``length_m``, ``geometry`` and
        the columns of the roads that it was cut from.
    arcs
        What may be travelled: see :class:`Arcs`.
    arc_of
        ``int32[e, 2]``: forward and backward arc of each edge, −1 where there is none.
    turns
        See :class:`Turns`.
    part
        ``int32[n]``: the weakly connected part that a node belongs to, 0 the one with most nodes.
    faults
        ``kind``, ``road_id``, ``x_m``, ``y_m``, ``what``: what in the data looks wrong, with its place.
    """

    nodes_xy: Array
    edges: gpd.GeoDataFrame
    arcs: Arcs
    arc_of: Array
    turns: Turns
    part: Array
    faults: pd.DataFrame

    def to_networkx(self) -> nx.MultiDiGraph:
        """Return the arcs as a networkx graph; the key of an arc is its number."""
        graph = nx.MultiDiGraph()
        graph.add_nodes_from((node, {"x_m": x, "y_m": y}) for node, (x, y) in enumerate(self.nodes_xy.tolist()))
        columns = (self.arcs.tail, self.arcs.head, self.arcs.edge, self.arcs.length_m)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        graph.add_edges_from(
            (tail, head, arc, {"edge": edge, "length_m": length_m})
            for arc, (tail, head, edge, length_m) in enumerate(rows)
        )
        return graph


def build_graph(
    roads: gpd.GeoDataFrame, *, snap_m: float, mode: Mode = "cycling", barriers: gpd.GeoDataFrame | None = None
) -> StreetGraph:
    """Make a street graph of road and path centre lines.

    Parameters
    ----------
    roads
        Lines in EPSG:25832 with ``road_id``; of the roads layer's other columns ``level``, ``one_way``,
        ``facility_backward``, ``cycling_allowed`` and ``walking_allowed`` are used where they are there.
    snap_m
        Ends within this distance of each other, or of another line, are joined. The lines stay as they are drawn.
    mode
        Cyclists go against a one-way street only where ``facility_backward`` says how; on foot both ways are open.
    barriers
        Points (within ``snap_m``) or lines that part the streets on the ground where they stand, unless their own
        ``<mode>_allowed`` is true.

    Raises
    ------
    DataError
        Without ``road_id``, or in another coordinate system.
    MethodError
        With a negative tolerance, or when no line is left.

    Notes
    -----
    Lines are split wherever lines of the same level meet or cross; bridges and tunnels are joined at their ends alone
    (:mod:`ballerup_geo.network._noding`). Parallel edges, loops and one-way streets are kept. What cannot be used or
    looks wrong is told in ``faults``; the graph is made of the rest.
    """
    if not snap_m >= 0:
        raise MethodError(Fault("network", "snap_m", f"{snap_m} is no distance", "give metres, 0 or more"))
    tolerance_m = max(float(snap_m), TOUCH_M)
    lines, faults = plain_lines(roads, mode=mode, tolerance_m=tolerance_m)
    if not len(lines.geometry):
        raise MethodError(Fault("network", "roads", f"no line is open for {mode}", "deliver roads and paths"))
    cuts = cut_and_join(lines, tolerance_m=tolerance_m, barriers=_closed(barriers, mode))
    pieces = pieces_between(lines, cuts, tolerance_m=tolerance_m)
    arcs, arc_of = _arcs(roads, pieces, mode)
    nodes = len(pieces.nodes_xy)
    turns = turns_of(arcs.edge, arcs.tail, arcs.head, nodes)
    part = _parts(pieces.from_node, pieces.to_node, nodes)
    edges = _edges(roads, pieces)
    told = faults_of(edges, pieces, part, arcs.tail, arcs.head, tolerance_m=tolerance_m)
    table = pd.DataFrame(faults + told, columns=["kind", "road_id", "x_m", "y_m", "what"])
    log.info("street graph: %d nodes, %d edges, %d arcs, %d turns", nodes, len(edges), len(arcs.edge), len(turns.to))
    return StreetGraph(pieces.nodes_xy, edges, arcs, arc_of, turns, part, table)


def _closed(barriers: gpd.GeoDataFrame | None, mode: Mode) -> Array | None:
    if barriers is None:
        return None
    checked_crs(barriers, "barriers")
    allowed = f"{mode}_allowed"
    shut = np.ones(len(barriers), bool)
    if allowed in barriers.columns:
        shut = ~barriers[allowed].astype("boolean").fillna(False).to_numpy(bool)
    geometry = shapely.force_2d(barriers.geometry.to_numpy()[shut])
    parts: Array = shapely.get_parts(geometry[~shapely.is_missing(geometry)])
    return parts


def _arcs(roads: gpd.GeoDataFrame, pieces: Pieces, mode: Mode) -> tuple[Arcs, Array]:
    against = np.ones(len(roads), bool)
    if mode == "cycling" and "one_way" in roads.columns:
        against = ~roads["one_way"].astype("boolean").fillna(False).to_numpy(bool)
        if "facility_backward" in roads.columns:
            against |= roads["facility_backward"].notna().to_numpy(bool)
    both = np.stack([np.ones(len(pieces.row), bool), against[pieces.row]], axis=1)
    number = (np.cumsum(both.ravel()) - 1).reshape(both.shape)
    arc_of = np.where(both, number, -1).astype(np.int32)
    edge, backward = (axis.astype(np.int32) for axis in np.nonzero(both))
    ends = np.stack([pieces.from_node, pieces.to_node], axis=1)
    length_m = shapely.length(pieces.geometry)[edge]
    return Arcs(edge, ends[edge, backward], ends[edge, 1 - backward], backward == 0, length_m), arc_of


def _parts(from_node: Array, to_node: Array, nodes: int) -> Array:
    """Weakly connected part of each node, the largest first; among equals the one with the lowest node."""
    joined = coo_array((np.ones(len(from_node), np.int8), (from_node, to_node)), shape=(nodes, nodes))
    count, label = connected_components(joined, directed=False)
    rank = np.empty(count, np.int32)
    rank[np.argsort(-np.bincount(label, minlength=count), kind="stable")] = np.arange(count, dtype=np.int32)
    part: Array = rank[label]
    return part


def _edges(roads: gpd.GeoDataFrame, pieces: Pieces) -> gpd.GeoDataFrame:
    own = ["road_id", "from_node", "to_node", "length_m", "geometry"]
    columns = [name for name in roads.columns if name not in own and name != roads.geometry.name]
    rest = pd.DataFrame(roads)[["road_id", *columns]].iloc[pieces.row].reset_index(drop=True)
    rest.insert(1, "from_node", pieces.from_node)
    rest.insert(2, "to_node", pieces.to_node)
    rest.insert(3, "length_m", shapely.length(pieces.geometry))
    return gpd.GeoDataFrame(rest, geometry=pieces.geometry, crs=EPSG)
