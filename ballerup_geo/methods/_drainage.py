"""Drainage lines: where water gathers, drawn as lines between confluences."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ballerup_geo.hydrology._codes import COLUMN_STEPS, ESRI_CODES, ROW_STEPS
from ballerup_geo.methods._grid import line_of_cells
from ballerup_geo.raster import Raster

__all__ = ["drainage_lines"]

_SQUARE_METRES_PER_HECTARE = 10_000.0


def drainage_lines(
    directions: NDArray[np.uint8],
    accumulation: NDArray[np.float64] | NDArray[np.uint32],
    *,
    within: NDArray[np.bool_],
    least_ha: float,
    grid: Raster,
) -> gpd.GeoDataFrame:
    """Return a line for each reach between sources, confluences and ends.

    Parameters
    ----------
    directions
        D8 codes, ``uint8[rows, cols]``.
    accumulation
        Cells that drain through each cell, own cell included.
    within
        Only cells of this mask are drawn.
    least_ha
        Smallest upstream area that makes a line, hectares.

    Returns
    -------
    GeoDataFrame
        ``line_id`` and ``upstream_ha`` (at the reach's lower end); lines along cell centres, by their upper ends.
    """
    least_cells = least_ha * _SQUARE_METRES_PER_HECTARE / grid.cell_area_m2
    cells = _cells_of(accumulation, least_cells, within)
    rows, cols = np.divmod(cells, grid.shape[1])
    receiver = _receivers(directions.reshape(-1)[cells], cells, grid.shape[1])
    inflows = np.bincount(receiver[receiver >= 0], minlength=len(rows))
    lines, upstream_ha = [], []
    for start in np.flatnonzero((inflows != 1) & (receiver >= 0)):
        reach = _reach(int(start), receiver, inflows)
        lines.append(line_of_cells(rows[reach], cols[reach], grid=grid))
        last = reach[-2]  # the cell at the end already gathers the other reaches
        upstream_ha.append(accumulation[rows[last], cols[last]] * grid.cell_area_m2 / _SQUARE_METRES_PER_HECTARE)
    columns = {"line_id": [f"dl-{i + 1:05d}" for i in range(len(lines))], "upstream_ha": np.asarray(upstream_ha, float)}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(lines, crs=grid.crs), crs=grid.crs)


def _cells_of(accumulation: NDArray[Any], least_cells: float, within: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the flat index of each cell that gathers enough, rising; there are few, even in a large raster."""
    cols = within.shape[1]
    found = [row * cols + np.flatnonzero(within[row] & (line >= least_cells)) for row, line in enumerate(accumulation)]
    return np.concatenate(found).astype(np.int64, copy=False)


def _receivers(codes: NDArray[np.uint8], cells: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """Return for each listed cell the list position of the cell it drains to, -1 where that is not listed."""
    receiver = np.full(len(cells), -1, np.int64)
    for code, row_step, col_step in zip(ESRI_CODES, ROW_STEPS, COLUMN_STEPS, strict=True):
        here = np.flatnonzero(codes == code)
        target = cells[here] + (row_step * columns + col_step)
        place = np.minimum(np.searchsorted(cells, target), len(cells) - 1)
        receiver[here] = np.where(cells[place] == target, place, -1)
    return receiver


def _reach(start: int, receiver: NDArray[np.int64], inflows: NDArray[np.int64]) -> list[int]:
    """Return the cells from ``start`` down to the next confluence or end, both included."""
    reach = [start, int(receiver[start])]
    while inflows[reach[-1]] == 1 and receiver[reach[-1]] >= 0:
        reach.append(int(receiver[reach[-1]]))
    return reach
