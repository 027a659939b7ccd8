"""Rain on the scene: the two terrains, and what each rain event leaves where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.methods._grid import rim_of
from ballerup_geo.methods.rainwater._leaving import Balance, balances_of, leaving_of, pairs_of
from ballerup_geo.methods.rainwater._rain import Rain, Soaking, losses_mm, service_classes, service_levels_of
from ballerup_geo.methods.rainwater._scene import Scene
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Given

__all__ = ["MOST_CELLS_TWICE", "Bed", "Storms"]

MOST_CELLS_TWICE = 1 << 27
"""Of more cells only one terrain is in memory: working it out again takes less than the machine may have."""


@dataclass(frozen=True, eq=False)
class Bed:
    """What water stands on: the heights and culverts of a scene, without the rest of it.

    Whoever writes depths holds on to this alone.
    """

    grid: Raster
    links: tuple[hydrology.Link, ...]
    _kept: list[hydrology.Terrain] = field(default_factory=list, repr=False)
    _ways: list[NDArray[np.uint8]] = field(default_factory=list, repr=False)

    @property
    def terrain(self) -> hydrology.Terrain:
        """The terrain, worked out when first asked for."""
        if not self._kept:
            grid = self.grid
            self._kept.append(
                hydrology.analyse(grid.array, cell_size_m=grid.cell_size_m, nodata=grid.nodata, links=self.links)
            )
        return self._kept[0]

    def forget(self) -> None:
        """Give the terrain up; it is worked out again when asked for again."""
        self._kept.clear()
        self._ways.clear()

    def keep_ways(self) -> None:
        """Give up all of the terrain but where water runs: a fifth of its memory, and enough for `reached`."""
        self._ways[:] = [self.terrain.directions]
        self._kept.clear()

    def reached(self, labels: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.unsignedinteger[Any]]:
        """Return the first of the labels (0: none) that a cell's water reaches, in their type."""
        found = hydrology.watersheds(self._ways[0], labels) if self._ways else self.terrain.reached(labels)
        return found.astype(labels.dtype, copy=False)

    def depth_m(self, surface_m: NDArray[np.float64]) -> Raster:
        """Return the depth of water that stands at these levels (by basin); NaN where no height is known."""
        water = hydrology.Water(self.terrain.dtm, self.terrain.basins, surface_m)
        return self.grid.with_array(water.depth_m, nodata=float("nan"))


@dataclass(frozen=True, eq=False)
class Storms:
    """A scene, the rains that fall on it, and — worked out when first asked for — where their water stands and goes.

    Attributes
    ----------
    scene
        The ground.
    rains
        The rain events, in the order of the slider; None where they are unknown.
    soaking
        What is lost before water runs.
    """

    scene: Scene
    rains: tuple[Rain, ...] | None
    soaking: Soaking
    least_depth_m: float = 0.0
    least_volume_m3: float = 0.0
    """Smaller hollows are no bluespots."""
    _surfaces: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, given: Given, scene: Scene, rains: tuple[Rain, ...] | None) -> Storms:
        """Return the storms on a scene, with the assumptions of an analysis."""
        least_depth_m, least_volume_m3 = (
            float(given.assumptions[name]) for name in ("bluespot_min_depth_m", "bluespot_min_volume_m3")
        )
        return cls(scene, rains, Soaking.of(given), least_depth_m, least_volume_m3)

    def on(self, scene: Scene) -> Storms:
        """Return the same rains on another scene: before and after a measure, or on coarser cells."""
        return Storms(scene, self.rains, self.soaking, self.least_depth_m, self.least_volume_m3)

    @cached_property
    def bed(self) -> Bed:
        """The ground with its culverts, where water stands."""
        return Bed(self.scene.grid, self.scene.links)

    @property
    def standing(self) -> hydrology.Terrain:
        """The terrain of the bed: for depths, bluespots, paths and buildings."""
        return self.bed.terrain

    @cached_property
    def first(self) -> NDArray[np.unsignedinteger[Any]]:
        """Label of the recipient that a cell's water reaches first, else 0."""
        return self.bed.reached(self.scene.outlets)

    @cached_property
    def entered(self) -> NDArray[np.unsignedinteger[Any]]:
        """Label of the neighbouring municipality that a cell's water enters first, else 0."""
        labels = self.scene.neighbour
        entered = self.bed.reached(np.where(rim_of(labels), labels, labels.dtype.type(0)))  # water comes in over a rim
        np.copyto(entered, labels, where=labels > 0)
        return entered

    def event(self, rain: Rain) -> hydrology.Event:
        """Let a rain fall on the whole raster. (Nothing is kept: see `water` for where it stands.)"""
        losses = losses_mm(self.scene, rain, self.rains or (), self.soaking)
        if self.scene.extra_loss_mm is None:
            return self._ground.event(rain.rain_mm, losses_mm=losses, duration_h=rain.duration_h)
        return self.standing.event(
            rain.rain_mm,
            runoff=np.asarray(self.scene.runoff),
            losses={"even": losses[service_classes(self.scene)], "extra": self.scene.extra_loss_mm},
            duration_h=rain.duration_h,
        )

    @cached_property
    def _ground(self) -> hydrology.ClassedGround:
        count = 1 + len(service_levels_of(self.scene))
        return self.standing.classed(service_classes(self.scene), self.scene.runoff, count=count)

    def surface_m(self, rain: Rain) -> NDArray[np.float64]:
        """Return the height of the water that stands after a rain on the whole raster, one level a basin, and keep it.

        −inf where a basin is dry.
        """
        if rain.event_id not in self._surfaces:
            self._surfaces[rain.event_id] = self.event(rain).water.surface_m
            if len(self._surfaces) == len(self.rains or ()):
                self.standing.let_go()
        return self._surfaces[rain.event_id]

    def water(self, rain: Rain) -> hydrology.Water:
        """Return the water that stands after a rain on the whole raster."""
        surface_m = self.surface_m(rain)
        return hydrology.Water(self.standing.dtm, self.standing.basins, surface_m)

    def depth_m(self, rain: Rain) -> NDArray[np.float32]:
        """Return the depth of water that stands after a rain; NaN where no height is known."""
        return self.water(rain).depth_m

    def make_room(self) -> None:
        """Forget what else is known by cell where the raster is so large that memory counts for more than time."""
        if self.scene.grid.array.size > MOST_CELLS_TWICE:
            for name in ("_ground", "first", "entered"):
                self.__dict__.pop(name, None)

    @cached_property
    def balances(self) -> Mapping[str, Balance]:
        """By event_id: where the rain on the municipality ends. All at once, so that their terrain need not be kept."""
        large = self.scene.grid.array.size > MOST_CELLS_TWICE
        if large:
            self.bed.keep_ways()
        pairs = pairs_of(self.scene, self.first, self.entered)
        if large:
            self.bed.forget()
        self.make_room()
        leaving = leaving_of(self.scene, pairs)
        return balances_of(leaving, self.scene, self.rains or (), self.soaking)

    @cached_property
    def bluespots(self) -> pd.DataFrame:
        """The hollows that are deep and large enough and lie in the municipality (or reach into it), by volume.

        Columns of `hydrology.Terrain.depressions`, and ``bluespot_id`` 1, 2 … ; ``id`` is the number of the hollow in
        ``standing.bluespots``.
        """
        table, spots = self.standing.depressions, self.standing.bluespots
        inside = np.zeros(len(table) + 1, dtype=bool)
        for marks, town in zip(spots, self.scene.town, strict=True):
            inside[marks[town]] = True
        large = (table["max_depth_m"] >= self.least_depth_m) & (table["volume_m3"] >= self.least_volume_m3)
        chosen = table[(table["parent"] == 0) & inside[table["id"]] & large]
        chosen = chosen.sort_values(["volume_m3", "id"], ascending=[False, True], ignore_index=True)
        chosen.insert(0, "bluespot_id", np.arange(1, len(chosen) + 1))
        return chosen
