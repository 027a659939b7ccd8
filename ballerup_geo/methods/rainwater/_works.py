"""Measures built: what they change of the scene, and how water that stands in them is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.hydrology import Link
from ballerup_geo.methods.rainwater._measures import Measure, beside, cells_of
from ballerup_geo.methods.rainwater._scene import Culvert, Scene
from ballerup_geo.methods.rainwater._storms import Storms

__all__ = ["Works", "build", "nothing_built"]

Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Works:
    """A scene with measures.

    Attributes
    ----------
    scene
        The ground, culverts and recipients as they are with the measures.
    dug_m
        How deep the ground lies below that of today, ``float32[rows, cols]``.
    holds_m
        The part of it that lies below the rim and holds water, from the bottom up.
    seeps_m
        The part of that whose water seeps away.
    """

    scene: Scene
    dug_m: NDArray[np.float32]
    holds_m: NDArray[np.float32]
    seeps_m: NDArray[np.float32]

    def above_ground_m(self, depth_m: NDArray[np.float32], cells: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return how high water stands above the ground of today in some cells (flat indices).

        What fills a basin touches no house beside it.
        """
        above_m = depth_m.reshape(-1)[cells] - self.dug_m.reshape(-1)[cells]
        return np.asarray(np.maximum(above_m, np.float32(0.0)), dtype=np.float32)

    def seeped_m3(self, depth_m: NDArray[np.float32]) -> float:
        """Return the water that seeps away where it would stand so deep: lost, not standing."""
        return self._up_to(self.seeps_m, depth_m)

    def filled_m3(self, depth_m: NDArray[np.float32]) -> float:
        """Return the water in the room that was dug where it would stand so deep, standing or seeping away."""
        return self._up_to(self.holds_m, depth_m)

    @property
    def room_m3(self) -> float:
        """The room that was dug."""
        return float(self.holds_m.sum(dtype=np.float64)) * self.scene.grid.cell_area_m2

    @cached_property
    def _holding(self) -> NDArray[np.int64]:
        """The cells that were dug and hold water (flat indices); those whose water seeps away are among them."""
        return np.flatnonzero(self.holds_m > 0)

    def _up_to(self, most_m: NDArray[np.float32], depth_m: NDArray[np.float32]) -> float:
        """Return the volume of water up to a depth above the bottom, m³."""
        cells = self._holding
        held_m = np.minimum(depth_m.reshape(-1)[cells], most_m.reshape(-1)[cells])
        return float(held_m.sum(dtype=np.float64)) * self.scene.grid.cell_area_m2

    def standing_m3(self, depth_m: NDArray[np.float32]) -> float:
        """Return the water that stands in the municipality, what seeps away left out."""
        town = self.scene.town
        return float(np.nansum(depth_m[town], dtype=np.float64)) * self.scene.grid.cell_area_m2 - self.seeped_m3(
            depth_m
        )


def nothing_built(scene: Scene) -> Works:
    """Return the scene as it is."""
    none = np.zeros(scene.grid.shape, np.float32)
    return Works(scene, none, none, none)


def build(storms: Storms, measures: Sequence[Measure], *, carriageway_m: Mapping[str, float] | None = None) -> Works:
    """Return the scene of the storms with measures.

    A **basin** is dug so that it holds its volume, exactly, below the level at which water leaves its surroundings (its
    lowest rim, hollows beside it full): the ground is cut down to that level, and from there as deep as volume over
    area, so that it follows the terrain where that lies lower. Its sluice is closed. An
    **infiltration** area is dug in the same way; what fills it seeps away. A recipient that runs through one of them
    takes no water there. A **culvert** leads from the lowest cell around its first end to the lowest around its last,
    the higher of the two being the inlet. A **raised road** stands its height above the ground of today, as wide as
    ``carriageway_m`` tells (by measure_id) and at least one cell; culverts under it are as much longer as it is wide.

    Rims are those of today, whatever else is built; roads stand on top of what is dug.
    """
    scene, filled = storms.scene, storms.standing.filled
    ground = scene.grid.array
    heights = np.array(ground, dtype=np.float32)
    holds, seeps = np.zeros(scene.grid.shape, np.float32), np.zeros(scene.grid.shape, np.float32)
    outlets = scene.outlets.copy()
    pipes = [_pipe(one, scene) for one in measures if one.kind == "culvert"]
    kept = _ends_of((*scene.culverts, *pipes))
    for one in measures:
        if one.kind in ("basin", "infiltration"):
            cells = cells_of(one.kind, one.geometry, grid=scene.grid) & scene.town
            outlets[cells] = 0
            dig, depth_m = _dig(one, cells, filled, heights, kept=kept, cell_m2=scene.grid.cell_area_m2)
            holds[dig] += depth_m
            if one.kind == "infiltration":
                seeps[dig] += depth_m
    raised = np.zeros(scene.grid.shape, bool)
    for one in measures:
        if one.kind == "raised_road":
            cells = _road_cells(one, scene, (carriageway_m or {}).get(one.measure_id, 0.0))
            heights[cells] = np.fmax(heights[cells], ground[cells] + np.float32(one.height_m))
            holds[cells] = seeps[cells] = 0.0
            raised |= cells
    culverts = tuple(_fitted(one, heights, raised) for one in (*scene.culverts, *pipes))
    grid = scene.grid.with_array(heights, nodata=float("nan"))
    dug = np.fmax(ground - heights, np.float32(0.0))
    return Works(replace(scene, grid=grid, culverts=culverts, outlets=outlets), dug, holds, seeps)


def _dig(
    measure: Measure,
    cells: NDArray[np.bool_],
    filled: NDArray[np.float32],
    heights: NDArray[np.float32],
    *,
    kept: set[Cell],
    cell_m2: float,
) -> tuple[NDArray[np.bool_], np.float32]:
    """Lower ``heights`` (in place) in the cells of a basin; returns those cells, and how deep below the rim.

    Cells in which a culvert ends keep their height: so high lies its inlet.
    """
    dig = cells.copy()
    for cell in kept:
        dig[cell] = False
    if not dig.any():
        return dig, np.float32(0.0)
    rim_m = filled[beside(cells)].min()
    depth_m = np.float32(measure.volume_m3 / (np.count_nonzero(dig) * cell_m2))
    heights[dig] = np.fmin(heights[dig], rim_m) - depth_m
    return dig, depth_m


def _road_cells(measure: Measure, scene: Scene, carriageway_m: float) -> NDArray[np.bool_]:
    """Return the cells of a raised road: all that its line touches, and those whose centre lies on the carriageway."""
    cells = cells_of(measure.kind, measure.geometry, grid=scene.grid)
    if carriageway_m > 0:
        cells |= cells_of("basin", measure.geometry.buffer(carriageway_m / 2, cap_style="flat"), grid=scene.grid)
    return np.asarray(cells & np.isfinite(scene.grid.array), dtype=np.bool_)


def _pipe(measure: Measure, scene: Scene) -> Culvert:
    """Return a culvert that is drawn: its ends in the lowest of the cells around, because a pipe lies lowest."""
    points = measure.geometry.coords
    drawn = [scene.grid.cell_of(*points[place][:2]) for place in (0, -1)]
    start, end = (_lowest_around(cell, scene.grid.array) for cell in drawn)
    if start == end:
        start, end = drawn
    return Culvert(measure.measure_id, Link(*start, *end, measure.capacity_m3_s))


def _lowest_around(cell: Cell, heights: NDArray[np.float32]) -> Cell:
    """Return the lowest of a cell and its 8 neighbours, the cell itself where none is lower."""
    top, left = max(cell[0] - 1, 0), max(cell[1] - 1, 0)
    part = heights[top : cell[0] + 2, left : cell[1] + 2]
    row, col = np.unravel_index(int(np.nanargmin(part)), part.shape)
    lowest = (top + int(row), left + int(col))
    return lowest if heights[lowest] < heights[cell] else cell


def _ends_of(culverts: Sequence[Culvert]) -> set[Cell]:
    return {end for one in culverts for end in one.link.ends}


def _fitted(culvert: Culvert, heights: NDArray[np.float32], raised: NDArray[np.bool_]) -> Culvert:
    """Return the culvert on the changed ground: made longer under a raised road, its inlet at the higher end."""
    start, end = culvert.link.ends
    start, end = _beyond(start, end, heights, raised), _beyond(end, start, heights, raised)
    if heights[end] > heights[start]:
        start, end = end, start
    return Culvert(culvert.culvert_id, Link(*start, *end, culvert.link.capacity_m3_s))


def _beyond(cell: Cell, other: Cell, heights: NDArray[np.float32], raised: NDArray[np.bool_]) -> Cell:
    """Return the first cell that is not raised on the straight way from ``other`` through ``cell`` and on."""
    way = np.subtract(cell, other)
    if not way.any():
        return cell
    step = way / np.abs(way).max()
    place = np.asarray(cell, dtype=np.float64)
    while True:
        row, col = (int(value) for value in np.rint(place))
        if not (0 <= row < heights.shape[0] and 0 <= col < heights.shape[1]) or np.isnan(heights[row, col]):
            return cell  # no ground beyond
        if not raised[row, col]:
            return row, col
        place += step
