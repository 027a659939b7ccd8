"""Where the rain on the municipality ends: m³ by recipient, by neighbouring municipality, and what was lost before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.methods._coded import Coded
from ballerup_geo.methods._grid import grown, sum_by_label
from ballerup_geo.methods.rainwater._rain import (
    MM_PER_M,
    Rain,
    Soaking,
    losses_mm,
    service_classes,
    service_levels_of,
    sewer_takes_mm,
)
from ballerup_geo.methods.rainwater._scene import Scene

__all__ = ["Balance", "Leaving", "balances_of", "leaving_of", "pairs_of"]

Labels = NDArray[np.unsignedinteger[Any]]
MOST_CELLS_WHOLE = 1 << 26
"""Of more cells the heights are taken away while ways out are found: making them again costs less than the room."""


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """The water of one rain event on the municipality, m³: what fell is what was lost, stands and left.

    ``running_m3`` is what runs over the terrain: stored and left together. ``routes_m3`` is what left, by label of the
    recipient reached first (0: none) and of the neighbour entered first (0: none named); float64[recipients + 1,
    neighbours + 1].
    """

    volume_in_m3: float
    running_m3: float
    stored_m3: float
    outflow_m3: float
    initial_m3: float
    sewer_m3: float
    infiltration_m3: float
    routes_m3: NDArray[np.float64]
    sewer_by_area_m3: NDArray[np.float64]
    """By number of sewer catchment, 0 for none."""

    @property
    def lost_m3(self) -> float:
        """What never ran over the terrain."""
        return self.initial_m3 + self.sewer_m3 + self.infiltration_m3

    @property
    def by_recipient_m3(self) -> NDArray[np.float64]:
        """By label of the recipient reached first, 0 for none."""
        return np.asarray(self.routes_m3.sum(axis=1))

    @property
    def by_neighbour_m3(self) -> NDArray[np.float64]:
        """By label of the neighbour entered first; 0: what left without entering one."""
        return np.asarray(self.routes_m3.sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class Leaving:
    """The terrain in which the recipients, and all ground outside the municipality, take the water that reaches them.

    It is a window of the scene around the municipality: no other water is asked about.
    """

    terrain: hydrology.Terrain
    window: tuple[slice, slice]


def pairs_of(scene: Scene, first: Labels, entered: Labels) -> Labels:
    """Return where water stops, in the window of what leaves: a label for recipient and neighbour together, else 0.

    ``first`` and ``entered`` are the labels of the recipient and the neighbour that a cell's water reaches first,
    once all hollows on its way are full: so water that stops in a cell is counted for both.
    """
    window = _window(scene)
    width = 0 if scene.neighbours is None else len(scene.neighbours)
    small = np.min_scalar_type((len(scene.recipients) + 1) * (width + 1))
    pairs = first[window].astype(small) * small.type(width + 1) + entered[window] + small.type(1)
    pairs[scene.town[window] & (scene.outlets[window] == 0)] = 0
    return np.asarray(pairs)


def leaving_of(scene: Scene, pairs: Labels) -> Leaving:
    """Return the terrain of what leaves; ``pairs`` is where water stops (see `pairs_of`), and is taken over.

    Its exits are found here, while little else is in memory: not even the heights, which are made once more.
    """
    window = _window(scene)
    links = _links_inside(scene, window)
    heights = _within_reach(scene, window, links)
    pairs[np.isnan(heights)] = 0
    terrain = hydrology.analyse(heights, cell_size_m=scene.grid.cell_size_m, recipients=pairs, links=links)
    if heights.size > MOST_CELLS_WHOLE:
        del heights
        terrain = terrain.with_heights(np.empty((0, 0), dtype=np.float32))
        _ = terrain.exits
        return Leaving(terrain.with_heights(_within_reach(scene, window, links)), window)
    _ = terrain.exits
    return Leaving(terrain, window)


def _within_reach(scene: Scene, window: tuple[slice, slice], links: Iterable[hydrology.Link]) -> NDArray[np.float32]:
    """Return the heights of the municipality, one cell around, and the ends of its culverts; read-only.

    Water stops in the first cell outside, so what lies beyond is no terrain here: less to work out and to remember.
    """
    reach = grown(scene.town[window])
    for end in (end for link in links for end in link.ends):
        reach[end] = True
    heights = scene.grid.array[window] + np.float32(0)  # a copy, and no −0: then it is kept as it is
    heights[~(reach & np.isfinite(heights))] = np.nan
    heights.flags.writeable = False
    return heights


def _window(scene: Scene) -> tuple[slice, slice]:
    """Return the rows and columns of the municipality, of culverts that begin or end in it, and one cell around."""
    spans = []
    for axis, size in enumerate(scene.town.shape):
        held = np.flatnonzero(scene.town.any(axis=1 - axis))
        ends = [end[axis] for link in _links_of_town(scene) for end in link.ends]
        low, high = min([int(held[0]), *ends]), max([int(held[-1]), *ends])
        spans.append(slice(max(low - 1, 0), min(high + 2, size)))
    return spans[0], spans[1]


def _links_of_town(scene: Scene) -> list[hydrology.Link]:
    return [link for link in scene.links if any(scene.town[end] for end in link.ends)]


def _links_inside(scene: Scene, window: tuple[slice, slice]) -> list[hydrology.Link]:
    top, left = window[0].start, window[1].start
    return [
        hydrology.Link(
            link.from_row - top, link.from_col - left, link.to_row - top, link.to_col - left, link.capacity_m3_s
        )
        for link in _links_of_town(scene)
    ]


def balances_of(leaving: Leaving, scene: Scene, rains: Sequence[Rain], soaking: Soaking) -> Mapping[str, Balance]:
    """Return the balance of each rain on the municipality, by event_id."""
    own = _own_rain(leaving, scene)
    return {rain.event_id: _balance(own, scene, rain, rains, soaking) for rain in rains}


@dataclass(frozen=True, slots=True, eq=False)
class _OwnRain:
    """What all events share: the municipality's ground by class, its area, and its runoff by sewer catchment."""

    leaving: Leaving
    area_m2: float
    runoff_m2: NDArray[np.float64]
    """Area times share that runs off, by number of sewer catchment (0: none)."""
    ground: hydrology.ClassedGround | None
    """None where more soaks away in some places: then rasters tell."""
    town: NDArray[np.bool_]


def _runoff(scene: Scene, window: tuple[slice, slice]) -> NDArray[np.float32] | Coded:
    return scene.runoff.window(window) if isinstance(scene.runoff, Coded) else scene.runoff[window]


def _own_rain(leaving: Leaving, scene: Scene) -> _OwnRain:
    window = leaving.window
    town = np.isfinite(scene.grid.array[window])
    town &= scene.town[window]
    runoff_m2 = np.zeros(1 + len(scene.sewers or ()))
    if scene.sewer is not None:
        sewer = scene.sewer[window]
        runoff_m2 = sum_by_label(sewer, _runoff(scene, window), within=town, count=runoff_m2.size)
        runoff_m2 *= scene.grid.cell_area_m2
    ground = None
    if scene.extra_loss_mm is None:
        classes = service_classes(scene, window)
        classes += town
        classes *= town  # 0: not the municipality's
        count = 2 + len(service_levels_of(scene))
        ground = leaving.terrain.classed(classes, _runoff(scene, window), count=count)
    return _OwnRain(leaving, int(town.sum()) * scene.grid.cell_area_m2, runoff_m2, ground, town)


def _event(own: _OwnRain, scene: Scene, rain: Rain, losses: NDArray[np.float64]) -> hydrology.Event:
    """Let it rain on the municipality alone."""
    if own.ground is not None:
        rains_mm = np.full(losses.size + 1, rain.rain_mm)
        rains_mm[0] = 0.0
        return own.ground.event(rains_mm, losses_mm=np.r_[0.0, losses], duration_h=rain.duration_h)
    window = own.leaving.window
    extra = 0.0 if scene.extra_loss_mm is None else scene.extra_loss_mm[window]
    return own.leaving.terrain.event(
        np.where(own.town, rain.rain_mm, 0.0),
        runoff=scene.runoff[window],
        losses={"even": losses[service_classes(scene, window)], "extra": extra},
        duration_h=rain.duration_h,
    )


def _balance(own: _OwnRain, scene: Scene, rain: Rain, rains: Sequence[Rain], soaking: Soaking) -> Balance:
    event = _event(own, scene, rain, losses_mm(scene, rain, rains, soaking))
    sewer = _sewer_by_area_m3(own, scene, rain, rains, soaking)
    initial_m3 = min(rain.rain_mm, soaking.initial_loss_mm) * own.area_m2 / MM_PER_M
    return Balance(
        volume_in_m3=event.volume_in_m3,
        running_m3=event.stored_m3 + event.outflow_m3,
        stored_m3=event.stored_m3,
        outflow_m3=event.outflow_m3,
        initial_m3=initial_m3,
        sewer_m3=float(sewer.sum()),
        infiltration_m3=event.lost_m3 - initial_m3 - float(sewer.sum()),
        routes_m3=_routes(event, scene),
        sewer_by_area_m3=sewer,
    )


def _sewer_by_area_m3(
    own: _OwnRain, scene: Scene, rain: Rain, rains: Sequence[Rain], soaking: Soaking
) -> NDArray[np.float64]:
    """Return what each sewer catchment takes of the rain; index 0, ground without sewer, takes nothing."""
    levels = service_levels_of(scene)
    takes_mm = np.minimum(sewer_takes_mm(scene, rain, rains, soaking), max(rain.rain_mm - soaking.initial_loss_mm, 0.0))
    of_level = dict(zip(levels, takes_mm[1:], strict=True))
    by_area_mm = [0.0, *(of_level.get(area.service_level_y, 0.0) for area in scene.sewers or ())]
    return np.asarray(own.runoff_m2 * np.array(by_area_mm) / MM_PER_M, dtype=np.float64)


def _routes(event: hydrology.Event, scene: Scene) -> NDArray[np.float64]:
    neighbours = 0 if scene.neighbours is None else len(scene.neighbours)
    routes = np.zeros((len(scene.recipients) + 1) * (neighbours + 1))
    left = event.outflow_by_recipient
    named = left["recipient"].to_numpy() > 0
    routes[left["recipient"].to_numpy()[named] - 1] += left["outflow_m3"].to_numpy()[named]
    routes[0] += left["outflow_m3"].to_numpy()[~named].sum()
    return routes.reshape(len(scene.recipients) + 1, neighbours + 1)
