"""Kernels: all origins within a limit of each site, and all states within a limit of any."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel
from ballerup_geo.network._search import rise, sink

__all__ = ["settled", "within"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def within(
    in_start: Array,
    in_from: Array,
    in_cost: Array,
    seed_start: Array,
    seed_state: Array,
    seed_cost: Array,
    seed_extra: Array,
    entry_start: Array,
    entry_origin: Array,
    entry_cost: Array,
    limit: float,
) -> tuple[Array, Array, Array]:
    """Search backwards from each site up to the limit and list the origins met: (origin, site, cost).

    ``seed_extra`` float64[sites] is paid at the site; entries are sorted by the state they enter at (``entry_start``
    int64[n + 1]). An origin that can enter at two states is listed twice.
    """
    n = in_start.size - 1
    cost = np.empty(n, np.float64)
    slot = np.empty(n, np.int32)
    stamp = np.full(n, -1, np.int32)
    keys = np.empty(n, np.float64)
    heap = np.empty(n, np.int32)
    room = 1024
    origins = np.empty(room, np.int32)
    sites = np.empty(room, np.int32)
    costs = np.empty(room, np.float64)
    rows = 0
    for site in range(seed_start.size - 1):
        size = 0
        for s in range(seed_start[site], seed_start[site + 1]):
            state = seed_state[s]
            price = seed_cost[s] + seed_extra[site]
            if not price <= limit:
                continue
            if stamp[state] != site:
                stamp[state] = site
                slot[state] = size
                size += 1
            elif not price < cost[state]:
                continue
            cost[state] = price
            rise(keys, heap, slot, slot[state], price, state)
        while size > 0:
            key = keys[0]
            state = heap[0]
            size -= 1
            sink(keys, heap, slot, size)
            slot[state] = -1
            for e in range(entry_start[state], entry_start[state + 1]):
                price = key + entry_cost[e]
                if price <= limit:
                    if rows == room:
                        origins = np.concatenate((origins, origins))
                        sites = np.concatenate((sites, sites))
                        costs = np.concatenate((costs, costs))
                        room *= 2
                    origins[rows] = entry_origin[e]
                    sites[rows] = site
                    costs[rows] = price
                    rows += 1
            for k in range(in_start[state], in_start[state + 1]):
                price = key + in_cost[k]
                if not price <= limit:
                    continue
                u = in_from[k]
                if stamp[u] != site:
                    stamp[u] = site
                    slot[u] = size
                    size += 1
                elif slot[u] < 0 or not price < cost[u]:
                    continue
                cost[u] = price
                rise(keys, heap, slot, slot[u], price, u)
    return origins[:rows].copy(), sites[:rows].copy(), costs[:rows].copy()


@kernel
def settled(start: Array, far: Array, price: Array, seed_state: Array, seed_cost: Array, limit: float) -> Array:
    """Cost of the cheapest way between each state and any seed (float64[n]), inf beyond the limit.

    ``start`` int64[n + 1], ``far`` int32 and ``price`` float64: links by the state that is nearer to the seeds.
    """
    n = start.size - 1
    cost = np.full(n, np.inf)
    slot = np.full(n, -1, np.int32)
    keys = np.empty(n, np.float64)
    heap = np.empty(n, np.int32)
    size = 0
    for s in range(seed_state.size):
        state = seed_state[s]
        if seed_cost[s] <= limit and seed_cost[s] < cost[state]:
            if slot[state] < 0:
                slot[state] = size
                size += 1
            cost[state] = seed_cost[s]
            rise(keys, heap, slot, slot[state], seed_cost[s], state)
    while size > 0:
        key = keys[0]
        state = heap[0]
        size -= 1
        sink(keys, heap, slot, size)
        slot[state] = -2
        for k in range(start[state], start[state + 1]):
            u = far[k]
            if key + price[k] <= limit and key + price[k] < cost[u]:
                if slot[u] == -1:
                    slot[u] = size
                    size += 1
                cost[u] = key + price[k]
                rise(keys, heap, slot, slot[u], cost[u], u)
    return cost
