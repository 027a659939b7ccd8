"""How many cars find a charger with free capacity within walking distance: a greatest flow from doors to chargers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, csr_matrix
from scipy.sparse.csgraph import maximum_flow

__all__ = ["Served", "served"]

Floats = NDArray[np.float64]
PARTS = 1000
"""Cars are counted in thousandths: the flow is one of whole numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """What the flow gives: ``doors`` float64[n] and ``sites`` float64[m] cars served, and their ``total``."""

    doors: Floats
    sites: Floats
    total: float


def served(within: csr_array, cars: Floats, capacity: Floats) -> Served:
    """Serve as many cars as the sites within reach of them have room for.

    The greatest number of cars is exact to a thousandth of a car a door (a transport problem, solved as the greatest
    flow from a source over groups of doors with the same sites in reach, over the sites, to a sink). How the cars are
    spread over the sites is one of several ways that serve as many; within a group each door is served by its share.

    Parameters
    ----------
    within
        ``[doors, sites]``: what is stored lies within reach.
    cars
        float64[doors].
    capacity
        float64[sites], in cars.
    """
    sites = within.shape[1]
    group, reach = _groups(within)
    groups = reach.shape[0]
    demand = np.bincount(group, np.floor(cars * PARTS), groups).astype(np.int64)
    room = np.minimum(np.floor(capacity * PARTS), demand.sum()).astype(np.int64)
    pair = reach.tocoo()
    sink = 1 + groups + sites
    tails = np.concatenate([np.zeros(groups, np.int64), 1 + pair.row, 1 + groups + np.arange(sites)])
    heads = np.concatenate([1 + np.arange(groups), 1 + groups + pair.col, np.full(sites, sink)])
    most = np.concatenate([demand, demand[pair.row], room]).astype(np.int32)
    network = coo_array((most, (tails, heads)), shape=(sink + 1, sink + 1))
    flow = maximum_flow(csr_matrix(network), 0, sink).flow
    out = flow[[0], 1 : 1 + groups].toarray().ravel()
    taken = flow[1 + groups : sink, [sink]].toarray().ravel()
    share = np.divide(out, demand, out=np.zeros(groups), where=demand > 0)
    at_doors = cars * share[group]
    return Served(at_doors, taken / PARTS, float(at_doors.sum()))


def _groups(within: csr_array) -> tuple[NDArray[np.int64], csr_array]:
    """Return the group of each door, and for each group the sites in reach; doors with the same sites are one group."""
    ordered = within.sorted_indices()
    keys = [ordered.indices[a:b].tobytes() for a, b in zip(ordered.indptr[:-1], ordered.indptr[1:], strict=True)]
    first: dict[bytes, int] = {}
    group = np.array([first.setdefault(key, len(first)) for key in keys], dtype=np.int64)
    _, row = np.unique(group, return_index=True)
    return group, csr_array(ordered[row])
