"""The ground of the rainwater analysis: the terrain as water meets it, and who receives the water."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods._grid import burn_labels, cells_on_line, mask_of
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Given

__all__ = ["NOWHERE_ID", "NOWHERE_NAME", "Ground", "ground_of", "height_of", "highest_cell", "recipient_of"]

NOWHERE_ID = "none"
"""``recipient_id`` of water that leaves over the raster's edge without meeting a recipient."""
NOWHERE_NAME = "Ud over kortets kant"


@dataclass(frozen=True, slots=True)
class Ground:
    """The terrain as water meets it, with what is asked about it."""

    grid: Raster
    terrain: hydrology.Terrain
    town: NDArray[np.bool_]
    """Cells of the municipality."""
    recipients: gpd.GeoDataFrame
    """Row i has label i + 1 in the rasters below."""
    outlets: NDArray[np.int32]
    """Label of the recipient that lies on a cell, else 0."""
    first: NDArray[np.int32]
    """Label of the recipient that a cell's water reaches first, else 0."""


def _table(given: Given, name: str, columns: Iterable[str]) -> gpd.GeoDataFrame:
    """Return an input table, or an empty one with these columns where it is unknown."""
    frame = given.inputs.get(name)
    if frame is None:
        grid = cast(Raster, given.inputs["terrain"])
        return gpd.GeoDataFrame(
            {column: [] for column in columns}, geometry=gpd.GeoSeries([], crs=grid.crs), crs=grid.crs
        )
    return cast(gpd.GeoDataFrame, frame)


def ground_of(given: Given) -> Ground:
    grid = cast(Raster, given.inputs["terrain"])
    town = mask_of(_table(given, "municipality", ()).geometry, grid=grid)
    _check_cover(grid, town)
    recipients = _table(given, "recipients", ("recipient_id", "name"))
    recipients = recipients.sort_values("recipient_id").reset_index(drop=True)
    outlets = burn_labels(recipients.geometry, range(1, len(recipients) + 1), grid=grid)
    if (recipients["recipient_id"] == NOWHERE_ID).any():
        what = f'a recipient is called "{NOWHERE_ID}", the word for water that reaches none'
        raise MethodError(Fault("recipients", "recipient_id", what, "give it another recipient_id"))
    if len(recipients) and not outlets.any():
        todo = "check the recipients' coordinates, or let the terrain reach them"
        raise MethodError(Fault("recipients", "", "all lie outside the terrain raster", todo))
    given.progress("filling depressions", 0.05)
    dtm = _cut_culverts(grid, _table(given, "culverts", ("culvert_id",)))
    terrain = hydrology.analyse(dtm, cell_size_m=grid.cell_size_m, nodata=grid.nodata)
    given.progress("watersheds", 0.4)
    first = hydrology.watersheds(terrain.directions, outlets)
    return Ground(grid=grid, terrain=terrain, town=town, recipients=recipients, outlets=outlets, first=first)


def _check_cover(grid: Raster, town: NDArray[np.bool_]) -> None:
    if not town.any():
        raise MethodError(
            Fault(
                "terrain",
                "",
                "no cell of it lies in the municipality",
                "choose a terrain (or a smaller cell) that covers it",
            )
        )
    if not np.isfinite(grid.array[town]).any():
        raise MethodError(
            Fault("terrain", "", "no cell in the municipality has a height", "choose a terrain that covers it")
        )


def _cut_culverts(grid: Raster, culverts: gpd.GeoDataFrame) -> NDArray[np.float32]:
    """Return the terrain with a channel where water passes under an embankment, sloping evenly from end to end.

    Beyond the raster, or where no height is known, there is nothing to cut: the channel ends where the terrain does.
    """
    dtm = np.array(grid.array, dtype=np.float32)
    for line in culverts.geometry.explode(index_parts=False):
        rows, cols, share = cells_on_line(line, grid=grid)
        known = np.isfinite(dtm[rows, cols])
        rows, cols, share = rows[known], cols[known], share[known]
        if len(rows) < 2:
            continue
        heights = dtm[rows, cols]
        dtm[rows, cols] = np.minimum(heights, np.interp(share, share[[0, -1]], heights[[0, -1]]))
    return dtm


def highest_cell(ground: Ground, among: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return row and column of the highest cell of a mask (the first in row order where several are), or None."""
    heights = np.where(among, ground.grid.array, -np.inf)
    heights[np.isnan(heights)] = -np.inf
    position = int(np.argmax(heights))
    row, col = divmod(position, ground.grid.shape[1])
    return (row, col) if np.isfinite(heights[row, col]) else None


def height_of(ground: Ground, cell: tuple[int, int]) -> float:
    """Return a cell's height in metres, to the millimetre: float32 knows no more."""
    return round(float(ground.grid.array[cell]), 3)


def recipient_of(ground: Ground, label: int, column: str) -> str:
    """Return a recipient's id or name by its label in the rasters; label 0 and beyond the last is nowhere."""
    if 1 <= label <= len(ground.recipients):
        return str(ground.recipients.iloc[label - 1][column])
    return NOWHERE_ID if column == "recipient_id" else NOWHERE_NAME
