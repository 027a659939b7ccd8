"""Walking ways between doors and sites, on the streets and paths that may be walked."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ballerup_geo.methods.charging._reports import Report
from ballerup_geo.network import Snapped, StreetGraph, build_graph, distances, snap

__all__ = ["Walk", "walk_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """The walking network with the doors on it."""

    graph: StreetGraph
    doors: Snapped
    max_off_m: float
    """A site or door farther from the network than this has no walking distance."""

    def to_sites(self, sites: gpd.GeoSeries, *, limit_m: float) -> csr_array:
        """Return the metres from each door to each site, where they are at most ``limit_m``.

        Parameters
        ----------
        sites
            Points, EPSG:25832; for a parking area its middle.

        Returns
        -------
        scipy.sparse.csr_array
            ``[doors, sites]``; what is not stored lies beyond the limit, an explicit zero is a way of no length.
        """
        return distances(self.graph, self.doors, snap(self.graph, sites, max_m=self.max_off_m), limit_m=limit_m)

    def reaches(self, sites: gpd.GeoSeries) -> NDArray[np.bool_]:
        """Return which sites lie near enough to the network to have walking distances at all."""
        reached: NDArray[np.bool_] = snap(self.graph, sites, max_m=self.max_off_m).edge >= 0
        return reached


def walk_of(
    roads: gpd.GeoDataFrame, doors: gpd.GeoSeries, *, ids: pd.Series[str], snap_m: float, max_off_m: float
) -> tuple[Walk, list[Report]]:
    """Return the walking network with the doors on it, and reports of doors that lie too far from it."""
    graph = build_graph(roads, snap_m=snap_m, mode="walking")
    snapped = snap(graph, doors, max_m=max_off_m)
    lost = np.flatnonzero(snapped.edge < 0)
    reports = [
        Report("off_network", "addresses", str(ids.iloc[row]), doors.iloc[row].x, doors.iloc[row].y) for row in lost
    ]
    return Walk(graph, snapped, max_off_m), reports
