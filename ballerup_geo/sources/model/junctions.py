"""Where streets meet: the nodes of the modelled roads, with what meets at each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.lattice import Array
from ballerup_geo.sources.model.streets import end_nodes
from ballerup_geo.sources.model.town import Town

__all__ = ["RANKS", "Junctions", "find_junctions"]

RANKS = {"path": 0, "service": 1, "residential": 2, "tertiary": 3, "secondary": 4, "primary": 5, "motorway": 6}
"""How weighty a road is at a junction."""
LEAST_LEGS = 3


@dataclass(frozen=True, slots=True)
class Junctions:
    """Nodes where three or more pieces of road or path meet at ground level.

    ``places`` ``[n, 2]`` metres; ``major`` and ``minor`` the rank of the weightiest road and of the weightiest other
    one there (another name or another rank; −1 none); ``paths`` how many pieces of path; ``aadt`` the vehicles a day
    of all legs together.
    """

    places: Array
    major: NDArray[np.int64]
    minor: NDArray[np.int64]
    paths: NDArray[np.int64]
    aadt: NDArray[np.float64]

    @property
    def points(self) -> NDArray[Any]:
        """The places as points."""
        points: NDArray[Any] = shapely.points(self.places)
        return points


def find_junctions(town: Town) -> Junctions:
    """Return the junctions of the roads, motorways left out."""
    roads = town.table("roads")
    roads = roads[roads["class"] != "motorway"]
    start, end, places = end_nodes(roads.geometry.to_numpy())
    node = np.concatenate([start, end])
    rank = np.tile(roads["class"].map(RANKS).to_numpy(dtype=np.int64), 2)
    name = np.tile(np.unique(roads["name"].fillna("").to_numpy(dtype=str), return_inverse=True)[1].reshape(-1), 2)
    traffic = np.tile(roads["aadt"].fillna(0).to_numpy(dtype=np.float64), 2)
    size = len(places)
    major = np.full(size, -1, dtype=np.int64)
    np.maximum.at(major, node, rank)
    of_major = np.full(size, -1, dtype=np.int64)
    weightiest = rank == major[node]
    np.maximum.at(of_major, node[weightiest], name[weightiest])
    other = ~weightiest | (name != of_major[node])
    minor = np.full(size, -1, dtype=np.int64)
    np.maximum.at(minor, node[other], rank[other])
    paths = np.bincount(node[rank == RANKS["path"]], minlength=size)
    aadt: NDArray[np.float64] = np.bincount(node, weights=traffic, minlength=size).astype(np.float64)
    at = np.flatnonzero((np.bincount(node, minlength=size) >= LEAST_LEGS) & ~_lifted(town, places))
    return Junctions(places[at], major[at], minor[at], paths[at], aadt[at])


def _lifted(town: Town, places: Array) -> NDArray[np.bool_]:
    """Tell which nodes lie on a bridge."""
    roads = town.table("roads")
    over = roads.geometry[roads["level"] > 0].to_numpy()
    near = shapely.STRtree(over).query(shapely.points(places), predicate="dwithin", distance=0.01)[0]
    lifted = np.zeros(len(places), dtype=np.bool_)
    lifted[near] = True
    return lifted
