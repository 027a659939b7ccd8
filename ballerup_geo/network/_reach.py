"""How far one comes from places, or to them, within a limit: pieces of streets."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._group import grouped
from ballerup_geo.network._lines import EPSG
from ballerup_geo.network._near import settled
from ballerup_geo.network._pieces import substrings
from ballerup_geo.network._snap import Snapped
from ballerup_geo.network._states import part_cost, shares, travel_of

__all__ = ["reach"]

Array = np.ndarray[Any, np.dtype[Any]]
TOUCHING = 1e-9
"""Stretches that are this share of an edge apart touch: shares are counted from either end."""


def reach(
    graph: StreetGraph,
    sources: Snapped,
    *,
    limit: float,
    arc_cost: Array | None = None,
    open_arcs: Array | None = None,
    outward: bool = False,
) -> gpd.GeoDataFrame:
    """Find the streets from which one of several places is reached within a limit.

    Parameters
    ----------
    sources
        Places on the graph: schools, chargers. ``off_m`` is not counted.
    limit
        The largest cost, in the unit of ``arc_cost``; metres where that is not given.
    arc_cost, open_arcs
        As for :func:`routes`; a street that is closed today is not within reach, and nothing beyond it is.
    outward
        Travel from the places instead of towards them; one-way streets make a difference.

    Returns
    -------
    GeoDataFrame
        Pieces of edges: ``edge`` (int32), ``from_m`` and ``to_m`` along it, and the ``geometry`` between; an edge may
        hold two pieces. Buffered and dissolved they are the area of an isochrone.

    Raises
    ------
    MethodError
        When the limit is below zero or unknown.
    """
    if not limit >= 0:
        raise MethodError(Fault("network", "limit", f"{limit} is no limit", "give 0 or more"))
    travel = travel_of(graph, arc_cost, None, open_arcs, None)
    near, far = (graph.arcs.tail, graph.arcs.head) if outward else (graph.arcs.head, graph.arcs.tail)
    start, arc = grouped(near, len(graph.nodes_xy))
    at_end = graph.arcs.forward != outward  # the arc's near end is the end of its edge, not the start
    along, behind = _on_arcs(graph, sources, at_end)
    cost = settled(start, far[arc], travel.arc[arc], far[along], part_cost(travel.arc[along], behind), float(limit))
    edge, low, high = _stretches(graph, travel.arc, cost[near], limit, at_end)
    own_low, own_high = _around(travel.arc[along], behind, limit, at_end[along])
    known = own_high >= own_low
    edge = np.concatenate([edge, graph.arcs.edge[along][known]])
    low, high = np.concatenate([low, own_low[known]]), np.concatenate([high, own_high[known]])
    return _merged(graph, edge, low, high)


def _on_arcs(graph: StreetGraph, at: Snapped, at_end: Array) -> tuple[Array, Array]:
    """Arcs that places lie on: (arc, share of the arc between the place and the arc's far end)."""
    known = np.where(at.edge >= 0, at.edge, 0)
    arc = np.where((at.edge >= 0)[:, None], graph.arc_of[known], -1)
    place, side = np.nonzero(arc >= 0)
    along = arc[place, side]
    share = shares(graph, at)[place]
    return along, np.where(at_end[along], share, 1.0 - share)


def _stretches(
    graph: StreetGraph, price: Array, left_at: Array, limit: float, at_end: Array
) -> tuple[Array, Array, Array]:
    """What is within reach of each arc from its near end: (edge, from and to as shares of its length)."""
    arc = np.flatnonzero((left_at <= limit) & np.isfinite(price))
    share = _share_of(limit - left_at[arc], price[arc])
    return graph.arcs.edge[arc], np.where(at_end[arc], 1.0 - share, 0.0), np.where(at_end[arc], 1.0, share)


def _around(price: Array, behind: Array, limit: float, at_end: Array) -> tuple[Array, Array]:
    """What is within reach along an arc from a place on it, towards the arc's far end; empty on a closed arc."""
    share = np.where(np.isfinite(price), np.minimum(_share_of(np.full(len(price), limit), price), behind), -1.0)
    return np.where(at_end, behind - share, 1.0 - behind), np.where(at_end, behind, 1.0 - behind + share)


def _share_of(left: Array, price: Array) -> Array:
    """Share of arcs that what is left pays for."""
    share: Array = np.divide(left, price, out=np.ones(len(price)), where=price > 0.0)
    return np.minimum(share, 1.0)


def _merged(graph: StreetGraph, edge: Array, low: Array, high: Array) -> gpd.GeoDataFrame:
    """Join stretches of an edge that touch and cut the pieces out."""
    order = np.lexsort((high, low, edge))
    edge, low, high = edge[order], low[order], high[order]
    so_far = np.maximum.accumulate(2.0 * edge + high) - 2.0 * edge
    new = np.ones(len(edge), bool)
    new[1:] = (np.diff(edge) != 0) | (low[1:] > so_far[:-1] + TOUCHING)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(edge)) - 1
    edge, low, high = edge[first], low[first], so_far[last[: len(first)]]
    length_m = graph.edges["length_m"].to_numpy()[edge]
    kept = high * length_m > low * length_m
    edge, length_m = edge[kept], length_m[kept]
    from_m, to_m = low[kept] * length_m, high[kept] * length_m
    to_m = np.where(high[kept] >= 1.0, length_m, to_m)
    geometry = substrings(graph.edges.geometry.to_numpy()[edge], length_m, from_m, to_m)
    return gpd.GeoDataFrame({"edge": edge, "from_m": from_m, "to_m": to_m}, geometry=geometry, crs=EPSG)
