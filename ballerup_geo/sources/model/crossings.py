"""Crossings: signals where main roads meet, islands on wide roads, underpasses on green routes, zebras at schools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.junctions import RANKS, Junctions, find_junctions
from ballerup_geo.sources.model.town import Town

__all__ = ["build_crossings"]

MAIN = RANKS["tertiary"]
CLASSES = tuple(RANKS)
GREEN_ROUTE_PIECES = 2
"""A green route that crosses a road has this many pieces at the crossing."""


def build_crossings(town: Town) -> gpd.GeoDataFrame:
    """Return the crossings of main roads, one a junction; bridges stand in the roads layer (``level``)."""
    fact = facts("crossings")
    rng = town.rng("crossings")
    junctions = town.part(find_junctions)
    drawn = rng.random((3, len(junctions.major)))
    control = np.full(len(junctions.major), "", dtype="U9")
    main = junctions.major >= MAIN
    control[main & (drawn[0] < _signal_share(junctions, fact["signal_share"]))] = "signal"
    green = main & (control == "") & (junctions.paths >= GREEN_ROUTE_PIECES)
    control[green & (drawn[1] < _by_class(junctions.major, fact["underpass_share"]))] = "underpass"
    _zebras(town, junctions, control, fact)
    level = np.isin(control, ("", "zebra"))
    island = main & level & (drawn[2] < _by_class(junctions.major, fact["island_share"]))
    control[island & (control == "")] = "none"
    kept = np.flatnonzero(control != "")
    low, high = fact["island_m"]
    depth = np.round(rng.uniform(low, high, len(control)), 1)
    return gpd.GeoDataFrame(
        {
            "crossing_id": [f"KR{number:04d}" for number in range(1, len(kept) + 1)],
            "control": control[kept],
            "island_m": np.where(island, depth, np.nan)[kept],
        },
        geometry=junctions.points[kept],
        crs=CRS,
    )


def _by_class(rank: NDArray[np.int64], share: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the share of each rank; 0 where the facts name none, and where there is no road."""
    by_rank = np.array([*[share.get(name, 0.0) for name in CLASSES], 0.0])
    return np.asarray(by_rank[rank])


def _signal_share(junctions: Junctions, share: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the share with a signal: by the lesser road where two main roads meet, less beside smaller ones."""
    both = _by_class(junctions.minor, share)
    least = np.where(junctions.minor >= MAIN, RANKS["secondary"], RANKS["primary"])
    return np.where(junctions.major >= least, both, 0.0)


def _zebras(town: Town, junctions: Junctions, control: NDArray[np.str_], fact: Mapping[str, Any]) -> None:
    """Mark the zebras: on the main roads nearest to each school site, where there is no signal and no underpass."""
    open_places = np.flatnonzero((junctions.major >= MAIN) & (control == ""))
    points = junctions.points[open_places]
    for site in town.table("schools").geometry:
        away = shapely.distance(points, site)
        near = np.argsort(away, kind="stable")[: int(fact["zebras_a_school"])]
        control[open_places[near[away[near] <= fact["zebra_reach_m"]]]] = "zebra"
