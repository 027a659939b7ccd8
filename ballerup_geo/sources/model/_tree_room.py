"""Room for a trunk: clear of houses, carriageways, car parks, railway and water, and of other trunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ballerup_geo.sources.model.buildings import settle
from ballerup_geo.sources.model.frame import facts, outline, rail_line
from ballerup_geo.sources.model.ground import RAIL_STRIP_M
from ballerup_geo.sources.model.land_cover import TRACK_M
from ballerup_geo.sources.model.lattice import Array
from ballerup_geo.sources.model.town import Town

__all__ = ["kerb_m", "spaced", "stands_free"]


def kerb_m(roads: Any) -> NDArray[np.float64]:
    """Return how far carriageway and cycle track reach from a road's middle, metres, float64[n]."""
    track = (roads["facility"] == "track").to_numpy(np.float64)
    reach: NDArray[np.float64] = roads["carriageway_m"].to_numpy(np.float64) / 2 + TRACK_M * track
    return reach


def stands_free(town: Town, places: Array) -> NDArray[np.bool_]:
    """Tell which places ``[n, 2]`` (metres) in the municipality have room for a trunk, other trees left aside."""
    clear = facts("trees")["clear_m"]
    points = shapely.points(places)
    tree = shapely.STRtree(points)
    roads = town.table("roads")
    free: NDArray[np.bool_] = shapely.contains(outline(), points)
    for shapes, metres in (
        (town.part(settle).houses.shapes, clear["house"]),
        (roads.geometry.to_numpy(), kerb_m(roads) + clear["kerb"]),
        (town.table("parking").geometry.to_numpy(), 0.0),
        (town.table("lakes").geometry.to_numpy(), clear["lake"]),
        (town.table("streams").geometry.to_numpy(), clear["stream"]),
        (np.array([rail_line()], dtype=object), RAIL_STRIP_M),
    ):
        free[tree.query(shapes, predicate="dwithin", distance=metres)[1]] = False
    return free


def spaced(places: Array, least_m: float) -> NDArray[np.bool_]:
    """Tell which places stay when each gives way to an earlier one that stays and is nearer than ``least_m``."""
    pairs = cKDTree(places).query_pairs(least_m, output_type="ndarray")
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    stays = np.ones(len(places), dtype=np.bool_)
    for earlier, later in pairs[order].tolist():
        if stays[earlier]:
            stays[later] = False
    return stays
