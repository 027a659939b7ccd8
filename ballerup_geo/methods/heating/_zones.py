"""Candidate zones: streets with much heat a metre, grown together along the street net."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

__all__ = ["grow_zones"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
ANY, NOWHERE = -1, -1


def grow_zones(
    ends: Ints,
    *,
    heat_mwh: Floats,
    trench_m: Floats,
    buildings: NDArray[np.int64],
    area: NDArray[np.int64],
    least_mwh_m: float,
    most_buildings: float,
) -> NDArray[np.int64]:
    """Return the zone of each street, −1 for none.

    The street with the highest linear heat density (MWh a metre of trench) is the first of a zone; then the best of the
    streets that meet it joins, as long as the zone as a whole keeps the density asked for and does not grow too large.
    Then the next zone begins. Zones lie within one area (``area`` by street; −1: streets without buildings, which join
    any). Streets without heat join only while the zone can bear them and where they lie between streets with heat.

    Parameters
    ----------
    ends
        Junctions of each street, int32[s, 2].
    heat_mwh, trench_m, buildings
        Of each street with its service lines, [s].

    Examples
    --------
    Two dense streets that meet, and one beyond a gap that would spoil them:

    >>> zone = grow_zones(
    ...     np.array([[0, 1], [1, 2], [2, 3], [3, 4]], dtype=np.int32),
    ...     heat_mwh=np.array([200.0, 150.0, 0.0, 90.0]),
    ...     trench_m=np.array([100.0, 100.0, 400.0, 100.0]),
    ...     buildings=np.array([10, 8, 0, 5]),
    ...     area=np.array([0, 0, -1, 0]),
    ...     least_mwh_m=1.0,
    ...     most_buildings=100,
    ... )
    >>> zone.tolist()
    [0, 0, -1, -1]
    """
    density = heat_mwh / np.maximum(trench_m, 1e-9)
    order = np.lexsort((np.arange(len(density)), -density))
    at: dict[int, list[int]] = {}
    for street, (one, other) in enumerate(ends.tolist()):
        at.setdefault(one, []).append(street)
        at.setdefault(other, []).append(street)
    zone = np.full(len(density), NOWHERE, dtype=np.int64)
    count = 0
    for seed in order.tolist():
        if density[seed] < least_mwh_m or heat_mwh[seed] <= 0:
            break
        if zone[seed] != NOWHERE:
            continue
        heat = trench = 0.0
        inside = 0
        waiting = [(-density[seed], seed)]
        met = {seed}
        while waiting:
            _, street = heapq.heappop(waiting)
            if inside and inside + buildings[street] > most_buildings:
                continue
            if (heat + heat_mwh[street]) < least_mwh_m * (trench + trench_m[street]):
                continue
            zone[street] = count
            heat, trench, inside = heat + heat_mwh[street], trench + trench_m[street], inside + int(buildings[street])
            for junction in ends[street].tolist():
                for beside in at[junction]:
                    free = zone[beside] == NOWHERE and beside not in met
                    if free and area[beside] in (ANY, area[seed]):
                        met.add(beside)
                        heapq.heappush(waiting, (-density[beside], beside))
        count += 1
    return without_dead_ends(zone, ends, heat_mwh)


def without_dead_ends(zone: NDArray[np.int64], ends: Ints, heat_mwh: Floats) -> NDArray[np.int64]:
    """Take streets without heat out of their zones where they lead to no other street of it."""
    zone = zone.copy()
    size = int(ends.max(initial=-1)) + 1
    while True:
        inside = np.flatnonzero(zone != NOWHERE)
        joint = zone[inside, None] * size + ends[inside]
        _, place, count = np.unique(joint, return_inverse=True, return_counts=True)
        loose = (count[place.reshape(joint.shape)] == 1).any(axis=1) & (heat_mwh[inside] <= 0)
        if not loose.any():
            return zone
        zone[inside[loose]] = NOWHERE
