"""The scene of the rainwater analysis: the ground as water meets it, who receives the water, and what soaks it up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ballerup_geo.hydrology import Link
from ballerup_geo.methods._coded import Coded
from ballerup_geo.methods.rainwater._chain import Chain, chain_of
from ballerup_geo.methods.rainwater._words import NOWHERE_ID, NOWHERE_NAME
from ballerup_geo.raster import Raster

__all__ = ["Culvert", "Scene", "SewerArea", "height_of", "highest_cell", "recipient_of"]


@dataclass(frozen=True, slots=True)
class Culvert:
    """A link with the id of the line it was made from."""

    culvert_id: str
    link: Link


@dataclass(frozen=True, slots=True)
class SewerArea:
    """A sewer catchment: how rare a rain it can take (years), and the recipient its outlet leads to."""

    sewer_area_id: str
    service_level_y: float
    """0: no public sewer."""
    outlet_recipient: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The ground as water meets it. All rasters are on the grid of the terrain, ``[rows, cols]``."""

    grid: Raster
    """Heights, float32 metres, NaN where none is known."""
    town: NDArray[np.bool_]
    """Cells of the municipality."""
    runoff: NDArray[np.float32] | Coded
    """Share 0–1 of the rain, after losses, that runs off: runoff coefficient times hydrological reduction factor."""
    sealed: NDArray[np.bool_] | Coded | None
    """Cells under roofs, roads and paving; None: unknown."""
    recipients: gpd.GeoDataFrame
    """Row i has label i + 1: ``recipient_id``, ``name`` and what else the layer tells."""
    outlets: NDArray[np.unsignedinteger[Any]]
    """Label of the recipient that lies on a cell, else 0."""
    neighbours: gpd.GeoDataFrame | None
    """Row i has label i + 1: ``code``, ``name``. None: unknown."""
    neighbour: NDArray[np.unsignedinteger[Any]]
    """Label of the neighbouring municipality of a cell, else 0; none inside the municipality."""
    culverts: tuple[Culvert, ...] = ()
    sewers: tuple[SewerArea, ...] | None = None
    """Area i has number i + 1 in ``sewer``. None: sewers are unknown."""
    sewer: NDArray[np.unsignedinteger[Any]] | None = None
    """Number of the sewer catchment of a cell, else 0."""
    extra_loss_mm: NDArray[np.float32] | None = None
    """What soaks away beside the initial loss, mm an event; None: nothing."""

    @property
    def links(self) -> tuple[Link, ...]:
        """The culverts as links of the terrain."""
        return tuple(culvert.link for culvert in self.culverts)

    @property
    def chain(self) -> Chain:
        """Which recipient hands its water to which."""
        return chain_of(self.recipients)

    def changed(
        self,
        *,
        heights_m: NDArray[np.float32] | None = None,
        culverts: Iterable[Culvert] = (),
        extra_loss_mm: NDArray[np.float32] | None = None,
    ) -> Scene:
        """Return the scene with other heights, with more culverts, and with more that soaks away."""
        grid = self.grid if heights_m is None else self.grid.with_array(heights_m, nodata=float("nan"))
        extra = self.extra_loss_mm
        if extra_loss_mm is not None:
            extra = extra_loss_mm if extra is None else extra + extra_loss_mm
        return replace(self, grid=grid, culverts=(*self.culverts, *culverts), extra_loss_mm=extra)

    def coarsened(self, factor: int) -> Scene:
        """Return the scene on cells that are ``factor`` times as wide and high.

        Heights, runoff and losses are means; a cell belongs to the municipality, the neighbour and the sewer catchment
        of its middle, and to a recipient that lies anywhere in it (so that lines stay whole). Culverts keep their ends;
        one that then begins and ends in one cell is gone.
        """
        if factor == 1:
            return self
        heights = mean_of_blocks(self.grid.array, factor)
        a, b, c, d, e, f = self.grid.transform[:6]
        grid = Raster(heights, Affine(a * factor, b, c, d, e * factor, f), float("nan"), self.grid.crs)
        moved = (Culvert(one.culvert_id, _moved(one.link, factor, heights)) for one in self.culverts)
        return replace(
            self,
            grid=grid,
            town=middle_of_blocks(self.town, factor),
            runoff=mean_of_blocks(self.runoff, factor),
            sealed=None if self.sealed is None else middle_of_blocks(self.sealed, factor),
            outlets=greatest_of_blocks(self.outlets, factor),
            neighbour=middle_of_blocks(self.neighbour, factor),
            culverts=tuple(one for one in moved if not _is_point(one.link)),
            sewer=None if self.sewer is None else middle_of_blocks(self.sewer, factor),
            extra_loss_mm=None if self.extra_loss_mm is None else mean_of_blocks(self.extra_loss_mm, factor),
        )


def _blocks(shape: tuple[int, ...], factor: int) -> tuple[range, range]:
    return range(0, shape[0], factor), range(0, shape[1], factor)


def mean_of_blocks(values: NDArray[np.float32] | Coded, factor: int) -> NDArray[np.float32]:
    """Return the mean of the known cells of each block of ``factor`` × ``factor``; NaN where none is known."""
    rows, cols = _blocks(values.shape, factor)
    out = np.empty((len(rows), len(cols)), np.float32)
    starts = np.arange(0, values.shape[1], factor)
    for place, row in enumerate(rows):
        strip = values[row : row + factor].astype(np.float64)
        known = np.isfinite(strip)
        strip[~known] = 0.0
        count = np.add.reduceat(known.sum(axis=0), starts)
        total = np.add.reduceat(strip.sum(axis=0), starts)
        out[place] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return out


def greatest_of_blocks(values: NDArray[Any], factor: int) -> NDArray[Any]:
    """Return the greatest value of each block."""
    rows, cols = _blocks(values.shape, factor)
    return np.asarray(np.maximum.reduceat(np.maximum.reduceat(values, list(rows), axis=0), list(cols), axis=1))


def middle_of_blocks(values: NDArray[Any] | Coded, factor: int) -> NDArray[Any]:
    """Return the value of the cell in the middle of each block (the last one where a block is cut off)."""
    rows, cols = (
        np.minimum(np.arange(0, size, factor) + factor // 2, size - 1) for size in (values.shape[0], values.shape[1])
    )
    return np.ascontiguousarray(values[np.ix_(rows, cols)])


def _moved(link: Link, factor: int, heights: NDArray[np.float32]) -> Link:
    """Return the link on larger cells, turned where the mean heights have turned it around."""
    start, end = (link.from_row // factor, link.from_col // factor), (link.to_row // factor, link.to_col // factor)
    if heights[end] > heights[start]:
        start, end = end, start
    return Link(*start, *end, link.capacity_m3_s)


def _is_point(link: Link) -> bool:
    return (link.from_row, link.from_col) == (link.to_row, link.to_col)


def highest_cell(scene: Scene, among: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return row and column of the highest cell of a mask (the first in row order where several are), or None."""
    best, place = -np.inf, None
    for rows, strip in scene.grid.strips():
        if not np.fmax.reduce(strip.array, axis=None) > best:
            continue
        heights = np.where(among[rows] & np.isfinite(strip.array), strip.array, np.float32(-np.inf))
        row, col = divmod(int(np.argmax(heights)), heights.shape[1])
        if heights[row, col] > best:
            best, place = float(heights[row, col]), (rows.start + row, col)
    return place


def height_of(scene: Scene, cell: tuple[int, int]) -> float:
    """Return a cell's height in metres, to the millimetre: float32 knows no more."""
    return round(float(scene.grid.array[cell]), 3)


def recipient_of(scene: Scene, label: int, column: str) -> str:
    """Return a recipient's id or name by its label in the rasters; label 0 and beyond the last is nowhere."""
    if 1 <= label <= len(scene.recipients):
        return str(scene.recipients.iloc[label - 1][column])
    return NOWHERE_ID if column == "recipient_id" else NOWHERE_NAME
