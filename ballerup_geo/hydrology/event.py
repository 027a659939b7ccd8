"""A rain event on a terrain: what stands where, and what runs off the raster."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.compiled import by_strips
from ballerup_geo.hydrology._depressions import nearest_whole
from ballerup_geo.hydrology._drainage import OUTSIDE
from ballerup_geo.hydrology._links import limits_m3
from ballerup_geo.hydrology._recipients import ELSEWHERE
from ballerup_geo.hydrology._routing import add_up, pass_on, pour, water_levels, water_surface
from ballerup_geo.hydrology._supply import Supply
from ballerup_geo.hydrology._surface import sum_depths, water_depth
from ballerup_geo.hydrology._through import Limited, flow_through, limit, pour_through

if TYPE_CHECKING:
    from ballerup_geo.hydrology.terrain import Terrain

__all__ = ["Event", "Water", "run_event"]

NOWHERE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Water:
    """Water standing on a terrain: all it takes to read depths, without what it took to work them out.

    Attributes
    ----------
    dtm, basins
        As of the `Terrain`.
    surface_m
        float64, height of the water surface by basin; −inf where none stands.
    """

    dtm: NDArray[np.float32]
    basins: NDArray[np.int32]
    surface_m: NDArray[np.float64]

    @property
    def depth_m(self) -> NDArray[np.float32]:
        """As `Event.depth_m`, worked out each time it is asked for."""
        z, labels = self.dtm.reshape(-1), self.basins.reshape(-1)
        depth, cols = np.empty_like(self.dtm), self.dtm.shape[1]
        out = depth.reshape(-1)
        by_strips(
            lambda first, end: water_depth(z, labels, self.surface_m, out, first * cols, end * cols), len(self.dtm)
        )
        return depth

    def depth_at(self, cells: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Return `depth_m` of some cells only (flat indices), without making the raster."""
        surface = self.surface_m[self.basins.reshape(-1)[cells]]
        heights = self.dtm.reshape(-1)[cells]
        return np.asarray(np.where(np.isnan(heights), np.nan, np.maximum(surface - heights, 0.0)), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Event:
    """Where the water of one rain ends: fill, spill, merge over the nested depressions of a terrain.

    Water fills the hollow it runs to, spills over its pour point when that is full, and where both sides of a pour
    point are full they rise together. What comes in is stored, runs off the raster or to a recipient, or was lost
    before it ran: to the last litre. An open link is a pour point like others; one at its limit carries its limit.

    Attributes
    ----------
    volume_in_m3
        Rain on all cells with data, and inflow.
    stored_m3
        Water standing in hollows.
    outflow_m3
        Water that left: at the raster edge, into nodata, to a recipient.
    lost_m3
        Rain that never ran off (losses, and the share that `runoff` holds back).
    duration_h
        As given.
    terrain
        The terrain, with those links open that were not at their limit (see `links`): its depressions are those of this
        event. It is the terrain that was asked unless links reached their limit.
    water_m3, held_m3, taken_m3, sends_to, outflow_by_exit_m3
        How the kernels know the water: per basin (links at their limit bring some, too), per node of the hierarchy
        (what stands in it, what these links took), and per way out.
    limited, carried_m3
        Links at their limit, and what they carried; None and empty if there are none.
    """

    volume_in_m3: float
    stored_m3: float
    outflow_m3: float
    lost_m3: float
    duration_h: float | None
    terrain: Terrain = field(repr=False)
    water_m3: NDArray[np.float64] = field(repr=False)
    held_m3: NDArray[np.float64] = field(repr=False)
    taken_m3: NDArray[np.float64] = field(repr=False)
    sends_to: NDArray[np.int32] = field(repr=False)
    outflow_by_exit_m3: NDArray[np.float64] = field(repr=False)
    limited: Limited | None = field(default=None, repr=False)
    carried_m3: NDArray[np.float64] = field(default_factory=lambda: np.empty(0), repr=False)

    @cached_property
    def through_links_m3(self) -> NDArray[np.float64]:
        """float64, what each link of the terrain carried from its inlet to its outlet; negative: back."""
        terrain, network, is_open = self.terrain, self.terrain.network, self.terrain.is_open
        if network is None or is_open is None:
            return np.empty(0)
        surplus = np.zeros(self.water_m3.size)
        for heights, labels in terrain.wet_cells:
            sum_depths(heights, labels, self._surface_m, surplus)
        surplus *= -terrain.cell_area_m2
        surplus += self.water_m3
        if self.limited is None:
            return flow_through(network, is_open, terrain.drainage, surplus)
        np.subtract.at(surplus, self.limited.at, self.carried_m3)
        flows = flow_through(network, is_open, terrain.drainage, surplus)
        flows[self.limited.link] = self.limited.sign * self.carried_m3
        return flows

    @property
    def links(self) -> pd.DataFrame:
        """One row per link, in the order given: ``link`` (from 0), ``carried_m3`` (negative: back), ``limit_m3``."""
        network, carried = self.terrain.network, self.through_links_m3
        limits = np.empty(0) if network is None else limits_m3(network, self.duration_h)
        return pd.DataFrame({"link": np.arange(carried.size), "carried_m3": carried, "limit_m3": limits})

    @property
    def outflow_by_recipient(self) -> pd.DataFrame:
        """What left, by the recipient it met first: ``recipient`` (label), ``outflow_m3``; together `outflow_m3`.

        One row per recipient of the terrain, dry ones too, after the first row: label 0, all that left elsewhere.
        Water counts once: a recipient takes what reaches it, so nothing flows on from it to another one.
        """
        labels = np.zeros(1, dtype=np.int32) if self.terrain.exits is None else self.terrain.exits.labels
        return pd.DataFrame({"recipient": labels, "outflow_m3": self.outflow_by_exit_m3})

    @cached_property
    def _surface_m(self) -> NDArray[np.float64]:
        drainage, sizes, heights = self.terrain.drainage, self.terrain.sizes, self.terrain.heights
        held_m, room_m = self.held_m3 / self.terrain.cell_area_m2, _room_m3(self.terrain) / self.terrain.cell_area_m2
        flooded = sizes.cells - sizes.own_cells
        found = water_levels(
            held_m, room_m, drainage.met_m, drainage.level_m, flooded, heights.heights_m, heights.start, heights.stop
        )
        return water_surface(found, self.sends_to, drainage.whole, drainage.level_m)

    @property
    def water(self) -> Water:
        """The water that stands in hollows; it outlives the event without holding on to it."""
        return Water(self.terrain.dtm, self.terrain.basins, self._surface_m)

    @cached_property
    def depth_m(self) -> NDArray[np.float32]:
        """float32[rows, cols], depth of the water that stands in hollows; 0 where none stands, NaN without data."""
        return self.water.depth_m

    def depth_at(self, cells: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Return `depth_m` of some cells only (flat indices), without making the raster."""
        return self.water.depth_at(cells)

    @cached_property
    def depressions(self) -> pd.DataFrame:
        """What happened in each depression; rows as in ``Terrain.depressions``.

        Where links are at their limit the rows are those of ``Event.terrain.depressions``.

        ``id``, ``parent``; ``inflow_m3`` (all that reached it, parts included), ``stored_m3`` (in it and its parts),
        ``level_m`` (NaN where it is dry or water stands in its parts only), ``full``, ``spilled_m3`` and
        ``spilled_to``: the id of the depression that received it — an outermost one for outermost ones; else the
        parent once both sides are full, or the smallest one beyond the pour point — 0 for off the raster, −1 for
        nowhere.
        """
        sizes, drainage = self.terrain.sizes, self.terrain.drainage
        nodes = np.flatnonzero(sizes.ids)
        nodes = nodes[np.argsort(sizes.ids[nodes])]
        arrived = pass_on(self.water_m3, self.held_m3 + self.taken_m3, self.sends_to)
        stored = add_up(drainage.whole, self.held_m3)
        full = self.sends_to != np.arange(self.sends_to.size)
        spilled = np.where(full, np.maximum(arrived - self.held_m3 - self.taken_m3, 0.0), 0.0)
        surface = self._surface_m[nodes]
        return pd.DataFrame(
            {
                "id": sizes.ids[nodes],
                "parent": sizes.ids[nearest_whole(drainage, sizes.ids)[nodes]],
                "inflow_m3": stored[nodes] + spilled[nodes] + add_up(drainage.whole, self.taken_m3)[nodes],
                "stored_m3": stored[nodes],
                "level_m": np.where(np.isfinite(surface), surface, np.nan),
                "full": full[nodes],
                "spilled_m3": spilled[nodes],
                "spilled_to": self._receivers(nodes, spilled[nodes] > 0.0),
            }
        )

    def _receivers(self, nodes: NDArray[np.int64], spills: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Return for each node the id of the depression it spills to, 0 for the outside, NOWHERE for dry passes."""
        ids, outermost = self.terrain.sizes.ids, self.terrain.drainage.outermost
        to = self.sends_to[nodes]
        while True:  # through nodes that hold nothing of their own
            onward = np.where((to > OUTSIDE) & (ids[to] == 0), self.sends_to[to], to)
            if np.array_equal(onward, to):
                break
            to = onward
        to = np.where((outermost[nodes] == nodes) & (to > OUTSIDE), outermost[to], to)
        return np.where(spills, np.where(to == OUTSIDE, 0, ids[to]), NOWHERE).astype(np.int32)


def _room_m3(terrain: Terrain) -> NDArray[np.float64]:
    """Return what each node holds above its full parts."""
    return terrain.sizes.own_m * terrain.cell_area_m2


def run_event(terrain: Terrain, supply: Supply) -> Event:
    """Fill, spill and merge the water of an event.

    All links are open at first. Those that carry more than their limit then carry their limit, and the event is run
    again, until none carries more; no link is opened again, so there are at most as many rounds as links.
    """
    if terrain.network is None:
        return _settle(terrain, supply)
    limits = limits_m3(terrain.network, supply.duration_h)
    direction = np.zeros(limits.size, dtype=np.int64)
    event = _settle(terrain, supply)
    while np.isfinite(limits[direction == 0]).any():
        flows = event.through_links_m3
        exceeding = (direction == 0) & (np.abs(flows) > limits)
        if not exceeding.any():
            break
        direction[exceeding] = np.sign(flows[exceeding]).astype(np.int64)
        part = terrain.opened(direction == 0)
        limited = limit(
            terrain.network, direction, limits, part.drainage, part.sizes, part.heights, terrain.cell_area_m2
        )
        event = _settle(part, supply, limited)
    return event


def _settle(terrain: Terrain, supply: Supply, limited: Limited | None = None) -> Event:
    """Run an event in which it is known which links are at their limit."""
    drainage = terrain.drainage
    water, direct = _at_first(terrain, supply)
    room, taken, carried = _room_m3(terrain), np.zeros(drainage.whole.size), np.empty(0)
    if limited is None:
        held, sends_to = pour(water, room, drainage.rises_in, drainage.beyond)
    else:
        taking = (limited.node, limited.above_m3, limited.into, limited.most_m3)
        held, sends_to, carried = pour_through(water, room, drainage.rises_in, drainage.beyond, *taking)
        np.add.at(taken, limited.node, carried)
        np.add.at(water, limited.into, carried)
        leaving = limited.into == OUTSIDE
        np.add.at(direct, _exits_of(terrain, limited.end[leaving]), carried[leaving])
    spilled = np.maximum(pass_on(water, held + taken, sends_to) - held - taken, 0.0)
    last = np.flatnonzero(sends_to == OUTSIDE)
    last = last[last > OUTSIDE]
    leaves_by = _exits_of(terrain, drainage.outer[last])
    outflow = direct + np.bincount(leaves_by, weights=spilled[last], minlength=direct.size)
    return Event(
        volume_in_m3=supply.volume_in_m3,
        stored_m3=math.fsum(held),
        outflow_m3=math.fsum(outflow),
        lost_m3=supply.lost_m3,
        duration_h=supply.duration_h,
        terrain=terrain,
        water_m3=water,
        held_m3=held,
        taken_m3=taken,
        sends_to=sends_to,
        outflow_by_exit_m3=outflow,
        limited=limited,
        carried_m3=carried,
    )


def _at_first(terrain: Terrain, supply: Supply) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the water per basin, and per exit what runs off without meeting a hollow (which is basin OUTSIDE's)."""
    basins = terrain.drainage.basins
    water, direct = supply.water_m3[:basins].copy(), supply.water_m3[OUTSIDE : OUTSIDE + 1].copy()
    if terrain.exits is not None:
        direct = np.concatenate((direct, supply.water_m3[basins:]))
        water[OUTSIDE] = math.fsum(direct)
    return water, direct


def _exits_of(terrain: Terrain, cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the exit of water that leaves over each of the cells."""
    if terrain.exits is None:
        return np.full(cells.size, ELSEWHERE)
    return terrain.exits.exits_of(cells)
