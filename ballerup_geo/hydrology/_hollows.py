"""Kernels: how basins merge into ever larger depressions, and how much water each of them holds.

Passes are opened from low to high. Two depressions that meet at a pass are the parts of a new one, which lies above
that pass; one that meets the outside is finished. Nodes: 2 … basins − 1 are the basins, the next ones the mergers, so
a part always has a smaller number than its whole. (Barnes, Callaghan & Wickert 2020, "Computing water flow through
complex landscapes, part 3".)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = [
    "climb",
    "collect_heights",
    "first_basins",
    "list_low",
    "measure_cells",
    "merge_basins",
    "pour_cells",
    "sort_few",
    "spill_as_directed",
    "sum_parts",
]

Array = np.ndarray[Any, np.dtype[Any]]
FEW = 64
"""Up to so many heights are sorted by moving them into place one by one."""


@kernel
def merge_basins(
    order: Array, basin_a: Array, basin_b: Array, height: Array, basins: int
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Open the passes in ``order``.

    Returns the passes that joined something (int32), and per node: its whole (int32, 0 for none), the level at which
    it spills and the level at which its parts met (float32; NaN for basins), the pass it spills over, the basin beyond
    it (int32).
    """
    group = np.arange(basins).astype(np.int32)
    node = np.arange(basins).astype(np.int32)
    most = 2 * basins
    tree = np.empty(basins, dtype=np.int32)
    whole = np.zeros(most, dtype=np.int32)
    level = np.full(most, np.nan, dtype=np.float32)
    met = np.full(most, np.nan, dtype=np.float32)
    over = np.full(most, -1, dtype=np.int32)
    beyond = np.zeros(most, dtype=np.int32)
    count = 0
    nodes = basins
    for t in range(order.size):
        e = order[t]
        a = int(basin_a[e])
        while group[a] != a:
            group[a] = group[group[a]]
            a = int(group[a])
        b = int(basin_b[e])
        while group[b] != b:
            group[b] = group[group[b]]
            b = int(group[b])
        if a == b:
            continue
        tree[count] = e
        count += 1
        node_a = node[a]
        node_b = node[b]
        merged = 1
        if node_a != 1 and node_b != 1:
            merged = nodes
            met[merged] = height[e]
            nodes += 1
            whole[node_a] = merged
            whole[node_b] = merged
        if node_a != 1:
            level[node_a] = height[e]
            over[node_a] = e
            beyond[node_a] = basin_b[e]
        if node_b != 1:
            level[node_b] = height[e]
            over[node_b] = e
            beyond[node_b] = basin_a[e]
        if a < b:
            group[b] = a
            node[a] = merged
        else:
            group[a] = b
            node[b] = merged
    return (
        tree[:count].copy(),
        whole[:nodes].copy(),
        level[:nodes].copy(),
        met[:nodes].copy(),
        over[:nodes].copy(),
        beyond[:nodes].copy(),
    )


@kernel
def climb(whole: Array, level: Array, met: Array) -> tuple[Array, Array, Array]:
    """Look up from every node: the level its outermost whole spills at, its outermost depression, and a far ancestor.

    A node that spills at the level where its parts met (a basin: at its lowest ground, where a link drains it) holds
    nothing of its own and is no depression; its parts are then the outermost ones (0 stands for none). The far
    ancestors let a search climb any chain of nodes in a logarithm of its length (Myers 1983).
    """
    nodes = whole.size
    final = level.copy()
    outermost = np.zeros(nodes, dtype=np.int32)
    far = np.zeros(nodes, dtype=np.int32)
    steps_up = np.zeros(nodes, dtype=np.int32)
    for v in range(nodes - 1, 1, -1):
        up = int(whole[v])
        leap = int(far[up])
        steps_up[v] = steps_up[up] + 1
        far[v] = far[leap] if steps_up[up] - steps_up[leap] == steps_up[leap] - steps_up[far[leap]] else up
        if up > 0:
            final[v] = final[up]
            outermost[v] = outermost[up]
        if outermost[v] == 0 and level[v] != met[v]:
            outermost[v] = v
    return final, outermost, far


@kernel
def spill_as_directed(
    way_out: Array, basin_a: Array, basin_b: Array, outermost: Array, over: Array, beyond: Array
) -> None:
    """Let each outermost depression spill where the directions lead, in place: passes may be equally high.

    So do basins that hold no water.
    """
    for b in range(2, way_out.size):
        other = int(basin_a[way_out[b]]) + basin_b[way_out[b]] - b
        v = int(outermost[b])
        if v > 0 and outermost[other] == v:
            continue
        v = v if v > 0 else b
        over[v] = way_out[b]
        beyond[v] = other


@kernel
def pour_cells(
    z: Array, cell_a: Array, cell_b: Array, basin_b: Array, over: Array, beyond: Array
) -> tuple[Array, Array]:
    """Return two cells (int64, flat index) of the pass each node spills over.

    First the higher one, that of its own side where both are level; then the one beyond, −1 where that is no cell.
    """
    pour = np.zeros(over.size, dtype=np.int64)
    outer = np.full(over.size, -1, dtype=np.int64)
    for v in range(2, over.size):
        e = over[v]
        inner = cell_a[e]
        outer[v] = cell_b[e]
        if basin_b[e] != beyond[v]:
            inner = cell_b[e]
            outer[v] = cell_a[e]
        across = outer[v] if outer[v] >= 0 else inner
        pour[v] = across if z[across] > z[inner] else inner
    return pour, outer


@kernel
def first_basins(whole: Array, basins: int) -> Array:
    """Return for each node the smallest basin in it (int64): nodes sorted by it lie about as their ground does."""
    first = np.full(whole.size, basins, dtype=np.int64)
    for v in range(whole.size):
        if v < basins:
            first[v] = v
        if whole[v] > 0:
            first[whole[v]] = min(first[whole[v]], first[v])
    return first


@kernel
def measure_cells(
    z: Array,
    ranks: Array,
    labels: Array,
    final: Array,
    place: Array,
    ladder: Array,
    level: Array,
    basins: int,
    first: int,
    end: int,
) -> tuple[Array, Array, Array]:
    """Count, in cells ``first`` to ``end`` (flat), the cells that each node floods first, and sum their depths.

    ``ranks`` are the bits of ``z`` as int32, ``place`` and ``ladder`` are explained at `Ladder`. Returns cells (int32)
    and depth at the node's spill level (float64), like ``level`` by place, and cells per basin (int32).
    """
    cells = np.zeros(level.size, dtype=np.int32)
    depth = np.zeros(level.size, dtype=np.float64)
    running_to = np.zeros(basins, dtype=np.int32)
    for i in range(first, end):
        v = labels[i]
        if v < 1:
            continue
        running_to[v] += 1
        if v == 1 or not z[i] < final[v]:
            continue
        rank = ranks[i] if ranks[i] >= 0 else ranks[i] ^ np.int32(0x7FFFFFFF)
        p = place[v]
        while rank >= ladder[p, 0]:
            p = ladder[p, 2] if rank >= ladder[p, 1] else ladder[p, 3]
        cells[p] += 1
        depth[p] += np.float64(level[p]) - z[i]
    return cells, depth, running_to


@kernel
def list_low(z: Array, labels: Array, final: Array, first: int, end: int) -> tuple[Array, Array]:
    """Return heights and labels of the cells, from ``first`` to ``end`` (flat), below ``final`` of their basin."""
    count = 0
    for i in range(first, end):
        if labels[i] > 1 and z[i] < final[labels[i]]:
            count += 1
    heights = np.empty(count, dtype=np.float32)
    basin = np.empty(count, dtype=np.int32)
    count = 0
    for i in range(first, end):
        if labels[i] > 1 and z[i] < final[labels[i]]:
            heights[count] = z[i]
            basin[count] = labels[i]
            count += 1
    return heights, basin


@kernel
def sum_parts(
    whole: Array, level: Array, cells: Array, own_m: Array, total_m: Array, running_to: Array, lowest: Array
) -> None:
    """Add the parts to their wholes, in place.

    ``cells``, ``running_to`` and ``lowest`` (height of the deepest cell) become those of the node with all its parts.
    ``own_m`` (sum of depths over cells) becomes what a node holds above its full parts, ``total_m`` (starts as zeros)
    what it holds with them.
    """
    for v in range(2, whole.size):
        total_m[v] += own_m[v]
        up = whole[v]
        if up == 0:
            continue
        own_m[up] += cells[v] * (np.float64(level[up]) - level[v])
        total_m[up] += total_m[v]
        cells[up] += cells[v]
        running_to[up] += running_to[v]
        lowest[up] = min(lowest[up], lowest[v])


@kernel
def collect_heights(
    z: Array, ranks: Array, labels: Array, final: Array, place: Array, ladder: Array, room: Array, found: Array
) -> None:
    """Write the rank of each cell below a spill level to the next ``room`` (by place, used up) of its node."""
    for i in range(z.size):
        v = labels[i]
        if v < 2 or not z[i] < final[v]:
            continue
        rank = ranks[i] if ranks[i] >= 0 else ranks[i] ^ np.int32(0x7FFFFFFF)
        p = place[v]
        while rank >= ladder[p, 0]:
            p = ladder[p, 2] if rank >= ladder[p, 1] else ladder[p, 3]
        found[room[p]] = rank
        room[p] += 1


@kernel
def sort_few(found: Array, start: Array, stop: Array, first: int, end: int) -> Array:
    """Sort ``found[start[v]:stop[v]]`` in place, ``v`` from ``first`` to ``end``; returns those that are too many."""
    many = np.empty(end - first, dtype=np.int64)
    count = 0
    for v in range(first, end):
        if stop[v] - start[v] > FEW:
            many[count] = v
            count += 1
            continue
        for t in range(start[v] + 1, stop[v]):
            rank = found[t]
            u = t
            while u > start[v] and found[u - 1] > rank:
                found[u] = found[u - 1]
                u -= 1
            found[u] = rank
    return many[:count].copy()
