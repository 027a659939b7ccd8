"""Where homes and schools come onto the streets: at the nearest one that leads anywhere.

The nearest line of all may be a driveway that ends short of its street, or a path in a garden. Whoever were put there
would be counted as out of reach of school, though a street that leads there passes a few metres farther on.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ballerup_geo.methods.school_routes._gates import is_gate
from ballerup_geo.network import Snapped, StreetGraph, snap

__all__ = ["MAIN", "Fragments", "fragments_of"]

MAIN = 0
"""Number of the part of the streets that has most junctions."""
AT_GOAL_M = 1.0
"""A goal lies at its school's point, but for the tolerance of junctions."""


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """The parts that the streets fall into, without the ways onto school grounds.

    ``part`` ``int64[e]`` of each edge, −1 of ways onto grounds and their goals; ``leads`` ``bool[e]``: edges of the
    main part and of those with a school.
    """

    graph: StreetGraph
    part: NDArray[np.int64]
    sites: Snapped
    passed_sites: NDArray[np.bool_]
    """``bool[schools]``: the street that lies nearest to the school is unconnected, and another was taken."""
    leads: NDArray[np.bool_]

    @property
    def main(self) -> NDArray[np.bool_]:
        """``bool[e]``: edges of the main part."""
        return np.asarray(self.part == MAIN)

    def homes(self, points: gpd.GeoSeries, *, max_m: float) -> tuple[Snapped, NDArray[np.bool_]]:
        """Put homes onto the nearest street that leads to a school; tell which passed over a nearer one."""
        return _preferring(self.graph, points, max_m, self.leads, self.part >= 0)


def fragments_of(graph: StreetGraph, schools: gpd.GeoSeries, *, max_m: float) -> Fragments:
    """Find the parts of the streets, and put the schools onto them: where their gates meet, else as homes are."""
    gate = is_gate(graph.edges)
    ends = graph.edges[["from_node", "to_node"]].to_numpy()
    node_part = _parts(ends[~gate], len(graph.nodes_xy))
    part = np.where(gate, -1, node_part[ends[:, 0]])
    sites, passed = _preferring(graph, schools, max_m, part == MAIN, part >= 0)
    nearest = snap(graph, schools, max_m=max_m, among=part >= 0).edge
    goals = gate & (ends[:, 0] == ends[:, 1])
    goal = snap(graph, schools, max_m=AT_GOAL_M, among=goals)
    from_main = np.unique(ends[gate & ~goals & (node_part[ends[:, 0]] == MAIN), 1])
    has = goal.edge >= 0
    at_goal = sites.replaced(goal, has)
    lonely = (nearest >= 0) & (part[nearest] != MAIN)
    passed = np.where(has, lonely & np.isin(ends[goal.edge, 1], from_main), passed)
    schooled = np.unique(
        np.concatenate([node_part[ends[gate & ~goals, 0]], part[sites.edge[(sites.edge >= 0) & ~has]]])
    )
    leads = (part == MAIN) | (np.isin(part, schooled) & (part >= 0))
    return Fragments(graph, part, at_goal, np.asarray(passed, np.bool_), leads)


def _parts(ends: NDArray[np.int32], nodes: int) -> NDArray[np.int64]:
    """Return the part of each junction, the one with most junctions first."""
    joined = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    count, label = connected_components(joined, directed=False)
    order = np.argsort(-np.bincount(label, minlength=count), kind="stable")
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    return np.asarray(rank[label])


def _preferring(
    graph: StreetGraph,
    points: gpd.GeoSeries,
    max_m: float,
    better: NDArray[np.bool_],
    every: NDArray[np.bool_],
) -> tuple[Snapped, NDArray[np.bool_]]:
    """Put points onto the nearest of the better edges, where none is within reach onto the nearest of all."""
    first, other = (snap(graph, points, max_m=max_m, among=among) for among in (better, every))
    taken = first.edge >= 0
    return other.replaced(first, taken), np.asarray(taken & (other.off_m < first.off_m))
