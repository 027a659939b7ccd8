"""Ways from many places to the sites within walking distance of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._near import within
from ballerup_geo.network._snap import Snapped
from ballerup_geo.network._states import Travel, links_of, seeds_of, shares, travel_of

__all__ = ["distances"]

Array = np.ndarray[Any, np.dtype[Any]]


def distances(
    graph: StreetGraph, origins: Snapped, sites: Snapped, *, limit_m: float, arc_cost: Array | None = None
) -> csr_array:
    """Measure the way from each origin to each site that lies within a limit.

    Parameters
    ----------
    origins, sites
        Places on the graph. The metres from the points to the street (``off_m``) count at both ends.
    limit_m
        Only ways up to this length are kept.
    arc_cost
        ``float64[m]``; the arcs' lengths where it is not given.

    Returns
    -------
    scipy.sparse.csr_array
        ``[origins, sites]`` of metres, columns in order; a way of no length stands there as an explicit zero, so what
        is stored tells what is within reach.

    Raises
    ------
    MethodError
        When the limit is no finite distance.
    """
    if not 0 <= limit_m < np.inf:
        raise MethodError(Fault("network", "limit_m", f"{limit_m} is no distance", "give metres, 0 or more"))
    travel = travel_of(graph, arc_cost, None, None, None)
    links = links_of(graph, travel)
    seeds = seeds_of(graph, travel, links, sites)
    origin, arc, left = _entries(graph, origins)
    by_state = np.argsort(graph.arcs.head[arc], kind="stable")
    origin, arc, left = origin[by_state], arc[by_state], left[by_state]
    start = np.searchsorted(graph.arcs.head[arc], np.arange(len(graph.nodes_xy) + 1)).astype(np.int64)
    price = left * travel.arc[arc] + origins.off_m[origin]
    found = within(
        links.start, links.source, links.cost, seeds.start, seeds.state, seeds.cost,
        np.ascontiguousarray(sites.off_m, np.float64), start, origin.astype(np.int32), price, float(limit_m),
    )  # fmt: skip
    row, column, metres = _least(*found, *_along(graph, travel, origins, sites, limit_m))
    indptr = np.searchsorted(row, np.arange(len(origins.edge) + 1))
    return csr_array((metres, column, indptr), shape=(len(origins.edge), len(sites.edge)))


def _entries(graph: StreetGraph, at: Snapped) -> tuple[Array, Array, Array]:
    """Arcs that lead away from places: (place, arc, share of the arc that is left)."""
    share = shares(graph, at)
    known = np.where(at.edge >= 0, at.edge, 0)
    arc = np.where((at.edge >= 0)[:, None], graph.arc_of[known], -1)
    place, side = np.nonzero(arc >= 0)
    return place, arc[place, side], np.where(side == 0, 1.0 - share[place], share[place])


def _along(
    graph: StreetGraph, travel: Travel, origins: Snapped, sites: Snapped, limit_m: float
) -> tuple[Array, Array, Array]:
    """Ways along the one edge that an origin and a site share."""
    by_edge = np.argsort(sites.edge, kind="stable")
    first = np.searchsorted(sites.edge[by_edge], origins.edge, side="left")
    many = np.searchsorted(sites.edge[by_edge], origins.edge, side="right") - first
    many[origins.edge < 0] = 0
    row = np.repeat(np.arange(len(origins.edge)), many)
    column = by_edge[first[row] + np.arange(len(row)) - (np.cumsum(many) - many)[row]]
    ahead = shares(graph, sites)[column] - shares(graph, origins)[row]
    way = graph.arc_of[origins.edge[row], np.where(ahead >= 0.0, 0, 1)]
    metres = np.where(way >= 0, np.abs(ahead) * travel.arc[way], np.where(ahead == 0.0, 0.0, np.inf))
    metres = metres + origins.off_m[row] + sites.off_m[column]
    kept = metres <= limit_m
    return row[kept], column[kept], metres[kept]


def _least(*found: Array) -> tuple[Array, Array, Array]:
    """The shortest of several ways between the same two places, by row and column."""
    row, column, metres = (np.concatenate([found[k], found[k + 3]]) for k in range(3))
    order = np.lexsort((metres, column, row))
    row, column, metres = row[order], column[order], metres[order]
    new = np.ones(len(row), bool)
    new[1:] = (np.diff(row) != 0) | (np.diff(column) != 0)
    return row[new], column[new], metres[new]
