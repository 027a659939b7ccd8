"""Kernels of an event: fill, spill, merge on the graph of depressions.

A depression that is full spills over its pass into the basin beyond. When that side is full as well, the two have
merged and the water rises in their whole. Which part fills first does not change the result. Every answer is found by
following pointers that are set once, when a node becomes full, and shortened when they are used; so an event costs
about as much as reading the list of depressions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = ["add_up", "pass_on", "pour", "water_levels", "water_surface"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def pour(water: Array, room: Array, whole: Array, beyond: Array) -> tuple[Array, Array]:
    """Pour ``water`` (m³ per basin) into the nodes, each of which holds ``room`` (m³) above its full parts.

    Returns per node the water it holds above its parts (float64), and where it sends what it cannot hold (int32): to
    another node, to 1 (the outside), or to itself while it is not full.
    """
    nodes = whole.size
    held = np.zeros(nodes, dtype=np.float64)
    sends_to = np.arange(nodes).astype(np.int32)
    quick = np.arange(nodes).astype(np.int32)
    full_parts = np.zeros(nodes, dtype=np.uint8)
    for basin in range(2, water.size):
        left = water[basin]
        v = basin
        while left > 0.0:
            while quick[v] != v:
                quick[v] = quick[quick[v]]
                v = int(quick[v])
            if v == 1:
                break
            space = room[v] - held[v]
            if left < space:
                held[v] += left
                break
            left -= space
            held[v] = room[v]
            up = whole[v]
            onward = beyond[v]
            if up > 0:
                full_parts[up] += 1
                if full_parts[up] == 2:
                    onward = up
            sends_to[v] = onward
            quick[v] = onward
    return held, sends_to


@kernel
def pass_on(water: Array, held: Array, sends_to: Array) -> Array:
    """Follow the water: per node what reaches it (m³), from its own ground and from those that send to it."""
    nodes = held.size
    arrived = np.zeros(nodes, dtype=np.float64)
    for basin in range(water.size):
        arrived[basin] = water[basin]
    waiting = np.zeros(nodes, dtype=np.int32)
    for v in range(2, nodes):
        if sends_to[v] != v:
            waiting[sends_to[v]] += 1
    for start in range(2, nodes):
        v = start
        while v > 1 and waiting[v] == 0:
            waiting[v] = -1
            onward = int(sends_to[v])
            if onward == v:
                break
            arrived[onward] += arrived[v] - held[v]
            waiting[onward] -= 1
            v = onward
    return arrived


@kernel
def add_up(whole: Array, held: Array) -> Array:
    """Return what each node holds together with its parts."""
    total = held.copy()
    for v in range(2, whole.size):
        if whole[v] > 0:
            total[whole[v]] += total[v]
    return total


@kernel
def water_levels(
    held_m: Array, room_m: Array, met: Array, level: Array, flooded: Array, heights: Array, start: Array, stop: Array
) -> Array:
    """Find the water level in each node: float64, NaN where it is dry.

    ``held_m`` and ``room_m`` are sums of depths over cells, ``flooded`` the cells of the full parts; the heights of
    the cells that the node floods itself are ``heights[start[v]:stop[v]]``, rising.
    """
    found = np.full(held_m.size, np.nan, dtype=np.float64)
    for v in range(2, held_m.size):
        if held_m[v] <= 0.0:
            continue
        if held_m[v] >= room_m[v]:
            found[v] = level[v]
            continue
        under = np.int64(flooded[v])
        i = start[v]
        at = np.float64(met[v]) if under > 0 else np.float64(heights[i])
        left = held_m[v]
        while i < stop[v]:
            need = (np.float64(heights[i]) - at) * under
            if need >= left:
                break
            left -= need
            at = np.float64(heights[i])
            under += 1
            i += 1
        found[v] = min(at + left / under, np.float64(level[v]))
    return found


@kernel
def water_surface(found: Array, sends_to: Array, whole: Array, level: Array) -> Array:
    """Return for each node the level at which water stands over it: its own, or that of the whole it has joined."""
    nodes = found.size
    surface = np.full(nodes, -np.inf, dtype=np.float64)
    full_parts = np.zeros(nodes, dtype=np.uint8)
    for v in range(2, nodes):
        if sends_to[v] != v and whole[v] > 0:
            full_parts[whole[v]] += 1
    for v in range(nodes - 1, 1, -1):
        up = whole[v]
        if up > 0 and full_parts[up] == 2:
            surface[v] = max(surface[up], np.float64(level[v]))
        elif sends_to[v] != v:
            surface[v] = level[v]
        elif found[v] == found[v]:
            surface[v] = found[v]
    return surface
