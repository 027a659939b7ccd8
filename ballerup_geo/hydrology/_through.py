"""Water through links: what open links carry, and what those at their limit take from one hollow to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.hydrology._depressions import Depressions, Heights
from ballerup_geo.hydrology._drainage import Drainage
from ballerup_geo.hydrology._links import Network
from ballerup_geo.hydrology._routing import pass_on

__all__ = ["Limited", "flow_through", "limit", "pour_through"]

Array = np.ndarray[Any, np.dtype[Any]]
ROUNDING = 1e-12
"""Share of all water below which a flow is nothing but the rounding of sums."""


@dataclass(frozen=True, slots=True, eq=False)
class Limited:
    """Links at their limit, sorted by node and level (one place each in all arrays).

    ``link`` int64: which one; ``node`` int64: the depression it takes water from, once that holds ``above_m3`` itself;
    ``at`` and ``into`` int64: labels of the basins where it begins and ends; ``end`` int64: the cell where it
    ends; ``most_m3`` float64: what it may carry; ``sign`` int64: −1 if it runs from its outlet to its inlet.
    """

    link: NDArray[np.int64]
    node: NDArray[np.int64]
    above_m3: NDArray[np.float64]
    at: NDArray[np.int64]
    into: NDArray[np.int64]
    end: NDArray[np.int64]
    most_m3: NDArray[np.float64]
    sign: NDArray[np.int64]


@kernel
def pour_through(
    water: Array, room: Array, whole: Array, beyond: Array, node: Array, above: Array, into: Array, most: Array
) -> tuple[Array, Array, Array]:
    """Do as `pour` does, with links that each take up to ``most`` (m³) from ``node`` once it holds ``above`` (m³).

    Links are sorted by node, then ``above``; ``into`` is the basin they end in. Water that would run in a circle
    through links wears their limits off, without being counted as carried: so it comes to rest. Each turn of the loops
    fills a node, or wears off a limit, or passes a link that this water has not passed before.
    Returns what `pour` returns, and what each link carried (m³).
    """
    nodes = whole.size
    held = np.zeros(nodes, dtype=np.float64)
    sends_to = np.arange(nodes).astype(np.int32)
    quick = np.arange(nodes).astype(np.int32)
    full_parts = np.zeros(nodes, dtype=np.uint8)
    count = node.size
    left_for = most.copy()
    carried = np.zeros(count, dtype=np.float64)
    next_link = np.full(nodes, -1, dtype=np.int64)
    for k in range(count - 1, -1, -1):
        next_link[node[k]] = k
    way = np.empty(count + 1, dtype=np.int64)
    waiting_at = np.empty(count + 2, dtype=np.int64)
    waiting_m3 = np.empty(count + 2, dtype=np.float64)
    for basin in range(2, water.size):
        waiting_at[0] = basin
        waiting_m3[0] = water[basin]
        waiting = 1
        while waiting > 0:
            waiting -= 1
            v = int(waiting_at[waiting])
            left = waiting_m3[waiting]
            passed = 0
            while left > 0.0:
                while quick[v] != v:
                    quick[v] = quick[quick[v]]
                    v = int(quick[v])
                if v == 1:
                    break
                k = int(next_link[v])
                top = room[v] if k < 0 else above[k]
                space = top - held[v]
                if left < space:
                    held[v] += left
                    break
                left -= space
                held[v] = top
                if k < 0:
                    up = whole[v]
                    onward = beyond[v]
                    if up > 0:
                        full_parts[up] += 1
                        if full_parts[up] == 2:
                            onward = up
                    sends_to[v] = onward
                    quick[v] = onward
                    continue
                if left_for[k] <= 0.0:
                    next_link[v] = k + 1 if k + 1 < count and node[k + 1] == v else -1
                    continue
                since = 0
                while since < passed and way[since] != k:
                    since += 1
                if since < passed:
                    least = left_for[k]
                    for t in range(since, passed):
                        least = min(least, left_for[way[t]])
                    for t in range(since, passed):
                        left_for[way[t]] -= least
                        carried[way[t]] -= left
                    passed = 0
                    continue
                way[passed] = k
                passed += 1
                if left > left_for[k]:
                    waiting_at[waiting] = v
                    waiting_m3[waiting] = left - left_for[k]
                    waiting += 1
                    left = left_for[k]
                left_for[k] -= left
                carried[k] += left
                v = int(into[k])
    return held, sends_to, carried


def limit(
    network: Network,
    direction: NDArray[np.int64],
    most_m3: NDArray[np.float64],
    drainage: Drainage,
    sizes: Depressions,
    heights: Heights,
    cell_area_m2: float,
) -> Limited:
    """Place the links at their limit (``direction`` 1, or −1 for those that run back; 0 for all others).

    A hollow that spills before it reaches the level of a link's inlet has nothing for it.
    """
    found = []
    for k in np.flatnonzero(direction):
        ends = (network.from_basin[k], network.to_basin[k])
        source, target = ends if direction[k] > 0 else ends[::-1]
        cell = network.outlet[k] if direction[k] > 0 else network.inlet[k]
        hollow, level_m = int(source), network.level_m[k]
        while drainage.level_m[hollow] <= level_m and drainage.whole[hollow] > 0:
            hollow = int(drainage.whole[hollow])
        if not drainage.level_m[hollow] > level_m:
            continue
        floors = heights.heights_m[heights.start[hollow] : heights.stop[hollow]].astype(np.float64)
        floors = floors[floors < level_m]
        under = int(sizes.cells[hollow] - sizes.own_cells[hollow])
        above_m = float(np.sum(np.float64(level_m) - floors))
        if under:
            above_m += under * (float(level_m) - float(drainage.met_m[hollow]))
        above_m3 = min(above_m, float(sizes.own_m[hollow])) * cell_area_m2
        found.append((hollow, above_m3, int(k), int(source), int(target), int(cell), most_m3[k], int(direction[k])))
    found.sort(key=lambda place: place[:3])
    table = np.array(found, dtype=np.float64).reshape(-1, 8)  # exact: all places are below 2³¹
    node, link, source, target, cell, sign = (table[:, column].astype(np.int64) for column in (0, 2, 3, 4, 5, 7))
    return Limited(link, node, table[:, 1].copy(), source, target, cell, table[:, 6].copy(), sign)


def flow_through(
    network: Network, is_open: NDArray[np.bool_], drainage: Drainage, surplus_m3: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what each open link carries from inlet to outlet (m³; negative: back), 0 for the others.

    ``surplus_m3`` is by basin: water that came to it without crossing a pass, less what stands in it. Water crosses
    only the tree of passes that leads to the outside, so the surplus upstream of a pass is what crosses it.
    """
    passes, links = network.passes.height_m.size, np.flatnonzero(is_open)
    over = drainage.way_out
    side_a = np.concatenate((network.passes.basin_a, network.from_basin[links]))
    side_b = np.concatenate((network.passes.basin_b, network.to_basin[links]))
    basins = np.arange(drainage.basins)
    toward = np.where(side_a[over] == basins, side_b[over], side_a[over]).astype(np.int32)
    toward[:2] = basins[:2]
    crossing = pass_on(surplus_m3, np.zeros(surplus_m3.size), toward)
    flows = np.zeros(len(network.links))
    for basin in np.flatnonzero(over >= passes):
        k = links[over[basin] - passes]
        flows[k] = crossing[basin] if network.from_basin[k] == basin else -crossing[basin]
    flows[np.abs(flows) <= ROUNDING * np.abs(surplus_m3).sum()] = 0.0
    return flows
