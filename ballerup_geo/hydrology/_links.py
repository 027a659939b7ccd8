"""Culverts and underpasses: links that carry standing water from one hollow to another, under what parts them.

An open link is a pass like those over ground, as high as its inlet: water rises to the inlet, goes through, and once it
stands as high on the other side both rise together (so a link also carries water back). What a link may carry in one
event can be limited; a link that would have to carry more is at its limit: it is no pass then, and carries its limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.hydrology._drainage import Drainage, Passes, nest

__all__ = ["Link", "Network", "limits_m3", "place_links", "read_links", "span"]

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Link:
    """A culvert or underpass between two cells.

    Attributes
    ----------
    from_row, from_col
        The cell of its inlet. The height of this cell is the level at which the link begins to carry.
    to_row, to_col
        The cell of its outlet, not higher than the inlet.
    capacity_m3_s
        The most it carries, in m³/s; NaN for no limit. It counts only in events with a duration.
    """

    from_row: int
    from_col: int
    to_row: int
    to_col: int
    capacity_m3_s: float = math.nan

    @property
    def ends(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Row and column of the inlet, then of the outlet."""
        return (self.from_row, self.from_col), (self.to_row, self.to_col)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Links on a terrain: cells of inlet and outlet int64 (flat index), level of the inlet float32, capacity float64.

    ``ground`` and ``passes`` are the terrain without any link.
    """

    links: tuple[Link, ...]
    inlet: NDArray[np.int64]
    outlet: NDArray[np.int64]
    level_m: NDArray[np.float32]
    capacity_m3_s: NDArray[np.float64]
    ground: Drainage
    passes: Passes

    @property
    def from_basin(self) -> NDArray[np.int32]:
        """Label of the basin at each inlet."""
        return self.ground.labels.reshape(-1)[self.inlet]

    @property
    def to_basin(self) -> NDArray[np.int32]:
        """Label of the basin at each outlet."""
        return self.ground.labels.reshape(-1)[self.outlet]


def limits_m3(network: Network, duration_h: float | None) -> NDArray[np.float64]:
    """Return how much each link may carry in an event; infinite without a capacity or without a duration."""
    if duration_h is None:
        return np.full(len(network.links), np.inf)
    limits = network.capacity_m3_s * (duration_h * SECONDS_PER_HOUR)
    return np.where(np.isnan(limits), np.inf, limits)


def _fault_of_end(place: str, end: str, row: int, col: int, z: NDArray[np.float32]) -> Fault | None:
    rows, cols = z.shape
    if not (isinstance(row, (int, np.integer)) and isinstance(col, (int, np.integer))):
        return Fault("links", place, f"its {end} ({row}, {col}) is no cell", "give row and column as whole numbers")
    if not (0 <= row < rows and 0 <= col < cols):
        what = f"its {end} in row {row}, column {col} lies outside {rows} × {cols} cells"
        return Fault("links", place, what, "give a cell of the raster")
    if np.isnan(z[row, col]):
        what = f"its {end} in row {row}, column {col} lies where the terrain has no data"
        return Fault("links", place, what, "move it onto the terrain")
    return None


def _faults_of(place: str, link: Link, z: NDArray[np.float32]) -> list[Fault]:
    ends = (("inlet", link.from_row, link.from_col), ("outlet", link.to_row, link.to_col))
    faults = [fault for end in ends if (fault := _fault_of_end(place, *end, z))]
    if not (math.isnan(link.capacity_m3_s) or 0 < link.capacity_m3_s < math.inf):
        todo = "give m³/s above 0, or NaN for no limit"
        faults.append(Fault("links", place, f"a capacity of {link.capacity_m3_s} m³/s", todo))
    if faults:
        return faults
    start_m, end_m = float(z[link.from_row, link.from_col]), float(z[link.to_row, link.to_col])
    if end_m > start_m:
        what = f"its outlet ({end_m:.2f} m) lies higher than its inlet ({start_m:.2f} m)"
        faults.append(Fault("links", place, what, "turn it around, or move an end to the bottom of its hollow"))
    return faults


def read_links(links: Iterable[Link], z: NDArray[np.float32]) -> tuple[Link, ...]:
    """Return the links; all that is wrong with them is told at once."""
    read = tuple(links)
    faults = [fault for k, link in enumerate(read) for fault in _faults_of(f"link {k}", link, z)]
    if faults:
        raise DataError(faults)
    return read


def place_links(links: tuple[Link, ...], z: NDArray[np.float32], ground: Drainage, passes: Passes) -> Network:
    """Put links that are known to be right on the terrain."""
    cols = z.shape[1]
    inlet = np.array([link.from_row * cols + link.from_col for link in links], dtype=np.int64)
    outlet = np.array([link.to_row * cols + link.to_col for link in links], dtype=np.int64)
    capacity = np.array([link.capacity_m3_s for link in links], dtype=np.float64)
    return Network(links, inlet, outlet, z.reshape(-1)[inlet], capacity, ground, passes)


def span(z: NDArray[np.float32], network: Network, is_open: NDArray[np.bool_]) -> Drainage:
    """Nest the depressions again, with the open links as passes: their places follow those of the ground's passes.

    Of equally high passes those over ground come first, and the link stays dry.
    """
    ground, passes = network.ground, network.passes
    height = np.concatenate((passes.height_m, network.level_m[is_open]))
    cell_a = np.concatenate((passes.cell_a, network.inlet[is_open].astype(np.int32)))
    cell_b = np.concatenate((passes.cell_b, network.outlet[is_open].astype(np.int32)))
    basin_a = np.concatenate((passes.basin_a, network.from_basin[is_open]))
    basin_b = np.concatenate((passes.basin_b, network.to_basin[is_open]))
    links = np.argsort(network.level_m[is_open], kind="stable") + passes.height_m.size
    after = np.searchsorted(passes.height_m[passes.order], height[links], side="right")
    order = np.insert(passes.order, after, links.astype(np.uint32))
    return nest(z, ground.codes, ground.labels, ground.pit, Passes(height, cell_a, cell_b, basin_a, basin_b, order))
