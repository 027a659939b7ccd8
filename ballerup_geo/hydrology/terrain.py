"""A terrain worked out once: filled, directions, accumulation, and its hollows as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.hydrology._classed import ClassedGround, class_ground
from ballerup_geo.hydrology._depressions import (
    Depressions,
    Heights,
    LowCells,
    list_nodes,
    low_cells,
    mark_outermost,
    measure,
    measure_low,
    sort_low,
    sorted_heights,
    tabulate,
)
from ballerup_geo.hydrology._drainage import OUTSIDE, Drainage, drain_keeping_passes, fill
from ballerup_geo.hydrology._input import CellSize, read_cell_size, read_labels, read_raster, read_terrain
from ballerup_geo.hydrology._links import Link, Network, place_links, read_links, span
from ballerup_geo.hydrology._naming import narrowed
from ballerup_geo.hydrology._recipients import ELSEWHERE, Recipients, find_exits, read_recipients
from ballerup_geo.hydrology._supply import Ground, Losses, read_supply
from ballerup_geo.hydrology.event import Event, run_event
from ballerup_geo.hydrology.flow import accumulate_cells, count_cells, name_outlets, number_entries

__all__ = ["Terrain", "analyse"]

MOST_CELLS_LISTED = 1 << 27
"""Of more cells, those that can go under are in no list: memory counts for more than time."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """What `analyse` knows of a terrain; all rasters are ``[rows, cols]``.

    Directions and basins are worked out at once, the rest when it is first asked for, and then kept.

    Attributes
    ----------
    dtm
        float32 heights in metres, NaN without data.
    cell_size_m
        Width and height of a cell.
    drainage
        Basins and depressions as the kernels know them.
    outlets
        int32 labels of recipients where they lie, 0 elsewhere; None without recipients.
    network, is_open
        The links, and which of them are open (bool); None without links.
    whole
        The terrain with all links open, where some are not.
    """

    dtm: NDArray[np.float32]
    cell_size_m: tuple[float, float]
    drainage: Drainage = field(repr=False)
    outlets: NDArray[np.integer[Any]] | None = field(default=None, repr=False)
    network: Network | None = field(default=None, repr=False)
    is_open: NDArray[np.bool_] | None = field(default=None, repr=False)
    whole: Terrain | None = field(default=None, repr=False)

    @property
    def directions(self) -> NDArray[np.uint8]:
        """uint8, ESRI codes (`flow_directions`)."""
        return self.drainage.codes

    @property
    def basins(self) -> NDArray[np.int32]:
        """int32, the basin a cell runs to over the bare ground: −1 without data, 1 where its water meets no hollow.

        Basins are numbered from 2 on; they are the first nodes of `hierarchy`.
        """
        return self.drainage.labels

    @cached_property
    def filled(self) -> NDArray[np.float32]:
        """float32, the terrain with its hollows full (`fill_depressions`)."""
        return fill(self.dtm, self.drainage)

    @property
    def full_depth_m(self) -> NDArray[np.float32]:
        """float32, depth of the water when all hollows are full, 0 outside, NaN without data; made anew each time."""
        depth = fill(self.dtm, self.drainage)
        depth -= self.dtm
        return depth

    def reached(self, labels: ArrayLike) -> NDArray[np.integer[Any]]:
        """Return the first of the labels (0: none) that a cell's water reaches, in their type: see `watersheds`.

        Labels of a type wider than int32 come back as int32.
        """
        marks = read_labels(labels, "labels", self.dtm.shape)
        names = name_outlets(self.directions, marks)
        return names if marks.dtype.itemsize >= names.itemsize else narrowed(names, marks.dtype)

    def entries(self, area: ArrayLike) -> tuple[NDArray[np.int32], int]:
        """int32, the cell of an area (bool) over which a cell's water enters it first: see `hydrology.entries`."""
        return number_entries(self.directions, read_raster(area, "area", self.dtm.shape))

    def let_go(self) -> None:
        """Forget what is as large as a raster and was asked for so far; it is worked out again when asked for again."""
        for name in ("filled", "bluespots", "recipients", "accumulation", "heights", "listed"):
            self.__dict__.pop(name, None)

    @cached_property
    def bluespots(self) -> NDArray[np.int32]:
        """int32, id of the outermost depression a cell lies in, 0 outside."""
        return mark_outermost(self.dtm, self.drainage)

    @cached_property
    def recipients(self) -> NDArray[np.int32]:
        """int32, label of the recipient that water from a cell reaches once all hollows on its way are full, else 0."""
        if self.outlets is None:
            return np.zeros(self.dtm.shape, dtype=np.int32)
        return name_outlets(self.directions, self.outlets)

    @cached_property
    def exits(self) -> Recipients | None:
        """The ways out as the kernels know them."""
        if self.whole is not None:
            return self.whole.exits
        return None if self.outlets is None else find_exits(self.drainage, self.outlets)

    @cached_property
    def sizes(self) -> Depressions:
        """Depressions as the kernels know them."""
        low = None if self.whole is None else self.whole.listed
        return measure(self.dtm, self.drainage) if low is None else measure_low(low, self.drainage)

    @cached_property
    def listed(self) -> LowCells | None:
        """The cells that can go under as the kernels know them, for any set of open links.

        None without links, and where they are too many to be remembered: then the raster tells, time and again.
        """
        if self.whole is not None:
            return self.whole.listed
        if self.network is None or self.dtm.size > MOST_CELLS_LISTED:
            return None
        return low_cells(self.dtm, self.network.ground, self.sizes.basin_cells)

    @property
    def wet_cells(self) -> tuple[tuple[NDArray[np.float32], NDArray[np.int32]], ...]:
        """Heights float32 and labels int32, in pieces, of all cells that water may stand in, and maybe of others."""
        if self.listed is not None:
            return self.listed.strips
        return ((self.dtm.reshape(-1), self.drainage.labels.reshape(-1)),)

    @cached_property
    def accumulation(self) -> NDArray[np.float64]:
        """float64, cells that drain through each cell, its own included; 0 without data."""
        return accumulate_cells(self.directions)

    @property
    def upstream_cells(self) -> NDArray[np.uint32]:
        """uint32, `accumulation` in half the memory; made anew each time."""
        return count_cells(self.directions)

    @cached_property
    def depressions(self) -> pd.DataFrame:
        """One row per depression, nested ones included; ``parent == 0`` are the outermost ones (see `analyse`)."""
        return tabulate(self.drainage, self.sizes, self.dtm.shape[1], self.cell_area_m2)

    @cached_property
    def hierarchy(self) -> pd.DataFrame:
        """Basins and the wholes they merge into as they fill: all it takes to follow water, indexed 0 ….

        One row per node: ``node`` (from 2; a whole after its parts), ``whole`` (the node in which water rises once both
        parts are full, 0 for none), ``beyond`` (the basin that its overflow runs to, 1 where it leaves),
        ``spill_level_m``, ``floor_m`` (the level at which it begins to hold water itself: the lowest ground of a basin,
        the level at which the parts of a whole met), ``room_m3`` (what it holds above its full parts) and ``basin``
        (whether it is one; its node is then the label in `basins`). A node that spills at its floor holds nothing.
        """
        return list_nodes(self.drainage, self.sizes, self.cell_area_m2)

    @cached_property
    def heights(self) -> Heights:
        """Heights of the cells of each depression, sorted: worked out for the first event, used by all."""
        low = None if self.whole is None else self.whole.listed
        if low is None:
            return sorted_heights(self.dtm, self.drainage, self.sizes)
        return sort_low(low, self.drainage, self.sizes)

    def event(
        self,
        rain_mm: float | ArrayLike,
        *,
        runoff: float | ArrayLike | None = None,
        losses: Losses = None,
        inflow: ArrayLike | None = None,
        duration_h: float | None = None,
    ) -> Event:
        """Let it rain: hollows fill, spill over their pour points, merge, and spill on (see `Event`).

        Of the rain on a cell, the losses go first; of the rest the share ``runoff`` runs off. All of it arrives at
        once: there is no time in it, no speed and no water standing on the way.

        Where several hollows spill over one and the same cell, what spills there takes one of the ways that the cell
        has: into one of the hollows until that is full too, or along the cell's direction, which at the edge of the
        raster leads out. It does not fill one hollow after the other at that cell. Which way it is follows from the
        terrain alone (`hierarchy`, column ``beyond``), never from the rain.

        Parameters
        ----------
        rain_mm
            Rain in mm, a number or ``[rows, cols]``.
        runoff
            Share of the rain left after losses that runs off, 0–1, a number or a raster; 1 if left out.
        losses
            mm that never run off (initial loss, infiltration, what the sewer takes): a number, a raster, or several of
            them by name.
        inflow
            Water that arrives besides the rain, m³ per cell, ``[rows, cols]``.
        duration_h
            Length of the rain in hours: for the capacity of links, which have no limit without it. A link that would
            carry more than its capacity carries just that, and the rest stays or runs over (`Event.links`). Such an
            event takes a pass over the raster for each round in which links reach their limit.

        Raises
        ------
        DataError
            A number below 0 or not finite, a runoff above 1, a raster of another shape.
        """
        supply = read_supply(self.ground, rain_mm, runoff=runoff, losses=losses, inflow=inflow, duration_h=duration_h)
        return run_event(self, supply)

    def classed(self, classes: ArrayLike, runoff: ArrayLike = 1.0, *, count: int | None = None) -> ClassedGround:
        """Sum the ground up by classes: then any number of even rains costs no further pass over the raster.

        Parameters
        ----------
        classes
            uint8[rows, cols]: the class of each cell, from 0.
        runoff
            Share of the rain left after losses that runs off, 0–1, a number or a raster.
        count
            Number of classes, where the greatest may have no cell.

        Raises
        ------
        DataError
            Classes of another type or shape, or beyond their number; a runoff that cannot be.

        Examples
        --------
        >>> bowl = analyse([[5, 5, 5], [5, 1, 3], [5, 5, 5]], cell_size_m=10)
        >>> roofs = [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
        >>> bowl.classed(np.array(roofs, np.uint8)).event([0.0, 50.0]).volume_in_m3
        5.0
        """
        return class_ground(self, classes, runoff, count)

    def opened(self, is_open: NDArray[np.bool_]) -> Terrain:
        """Return the terrain with only these links open (bool, one per link)."""
        if self.network is None:
            return self
        return replace(self, drainage=span(self.dtm, self.network, is_open), is_open=is_open, whole=self.whole or self)

    def with_heights(self, dtm: NDArray[np.float32]) -> Terrain:
        """Return the terrain with its heights put back, or taken away while only ways of the water are asked for.

        What is as large as a raster may be all the memory there is: ways out (`exits`) are found without heights.
        """
        other = replace(self, dtm=dtm)
        if "exits" in self.__dict__:
            other.__dict__["exits"] = self.exits
        return other

    @property
    def ground(self) -> Ground:
        """Where water falls: by basin, and where it runs off at once, by the recipient it reaches."""
        cells, exits = self.sizes.basin_cells, self.exits
        if exits is None:
            return Ground(self.drainage.labels, cells, self.cell_area_m2)
        cells = np.concatenate((cells, exits.cells[1:]))
        cells[OUTSIDE] = exits.cells[ELSEWHERE]
        return Ground(self.drainage.labels, cells, self.cell_area_m2, exits.places, self.drainage.basins)

    @property
    def cell_area_m2(self) -> float:
        """Area of one cell in m²."""
        return self.cell_size_m[0] * self.cell_size_m[1]


def analyse(
    dtm: ArrayLike,
    *,
    cell_size_m: CellSize,
    nodata: float | None = None,
    recipients: ArrayLike | None = None,
    links: Iterable[Link] | None = None,
) -> Terrain:
    """Work out where rain runs and where it stands.

    Parameters
    ----------
    dtm
        Heights in metres, ``[rows, cols]``, any numeric type; cast to float32 first. Only a float32 array that is
        read-only (``dtm.flags.writeable = False``) and free of nodata values, infinities and −0 is kept without a copy.
    cell_size_m
        Cell width and height (dx, dy) in metres, or one number for square cells; slopes and areas use both.
    nodata
        Value of cells without data; NaN, infinite and masked cells are without data in any case.
    recipients
        int32[rows, cols]: the label of a recipient (any number but 0) on each of its cells, 0 elsewhere. These cells
        are outlets: water that reaches one leaves there and is counted for that recipient
        (`Event.outflow_by_recipient`). Directions end there, and a hollow with a recipient at its bottom stays dry.
        What a recipient passes on further down, to which other one, is not the terrain's business. Labels in cells
        without data count for nothing.
    links
        Culverts and underpasses (`Link`). Water that stands in a hollow up to the inlet of a link goes through to its
        outlet; where it stands as high there, both sides rise together. ``filled``, ``depressions`` and ``bluespots``
        are those with all links open and without limit; an event keeps to their capacity. Directions, and all that
        follows them, stay on the ground: where water runs once a link is overwhelmed. Water that runs past an inlet
        without standing there does not go in.

    Returns
    -------
    Terrain, with ``depressions`` as a table indexed 0 …, one row per depression: ``id`` (from 1, as in
    ``bluespots``), ``parent`` (id of the depression it is part of once full, 0 for an outermost one), ``parts`` (how
    many depressions have it as parent), ``pour_row``, ``pour_col`` (the cell it spills over), ``spill_level_m``,
    ``area_m2``, ``volume_m3`` and ``max_depth_m`` when full, ``watershed_m2`` (the ground whose water meets this
    depression first), ``fill_mm`` (rain on that ground that fills it) and ``spills_to`` (id of the smallest depression
    that its overflow runs into, 0 where it leaves the terrain).

    Raises
    ------
    DataError
        The input is not a raster of numbers with at least one cell; the cell size is not above 0; the recipients
        have another shape, are not whole numbers of 32 bits, or one of them has no cell with data; a link that
        ends outside the data or higher than it starts, or has a capacity that is none.
    MethodError
        More cells than can be counted (2³¹).

    Examples
    --------
    >>> analyse([[5, 5, 5], [5, 1, 3], [5, 5, 5]], cell_size_m=10).depressions.loc[0, "volume_m3"]
    np.float64(200.0)
    """
    z = read_terrain(dtm, nodata, kept=True)
    dx, dy = read_cell_size(cell_size_m)
    marks = None if recipients is None else read_recipients(recipients, z)
    known = read_links(links or (), z)
    drainage, passes = drain_keeping_passes(z, dx, dy, None if marks is None else marks != ELSEWHERE)
    if not known:
        return Terrain(z, (dx, dy), drainage, marks)
    network, is_open = place_links(known, z, drainage, passes), np.ones(len(known), dtype=np.bool_)
    return Terrain(z, (dx, dy), span(z, network, is_open), marks, network, is_open)
