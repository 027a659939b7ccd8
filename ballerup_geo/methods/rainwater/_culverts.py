"""Culverts and underpasses: lines become links between two cells, the inlet at the higher end."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.hydrology import Link
from ballerup_geo.methods.rainwater._scene import Culvert
from ballerup_geo.raster import Raster

__all__ = ["culverts_of"]

Cell = tuple[int, int]
_LITRES_PER_M3 = 1000.0


def culverts_of(
    lines: gpd.GeoDataFrame, *, grid: Raster, town: NDArray[np.bool_], most_drop_m: float
) -> tuple[tuple[Culvert, ...], int]:
    """Return a culvert for each part of each line, and how many parts were left out.

    Left out is what the terrain cannot show: a part within one cell, and one outside the municipality with an end
    where no height is known.

    Raises
    ------
    DataError
        In the municipality an end lies where no height is known; or the ends differ by more than ``most_drop_m``.
    """
    found: list[Culvert] = []
    faults: list[Fault] = []
    parts = lines.explode(index_parts=False)
    for row, part in zip(parts.to_dict("records"), parts.geometry, strict=True):
        name = str(row["culvert_id"])
        start, end = _ends(part, grid)
        if start == end:
            continue
        blind = [cell for cell in (start, end) if not _is_known(cell, grid)]
        if blind:
            if any(_inside(cell, grid) and town[cell] for cell in (start, end)):
                what = "an end lies where the terrain has no height"
                faults.append(Fault("culverts", name, what, "move it, or choose a terrain that reaches it"))
            continue
        drop_m = float(grid.array[start]) - float(grid.array[end])
        if drop_m < 0:
            start, end, drop_m = end, start, -drop_m
        if drop_m > most_drop_m:
            what = f"its ends differ by {drop_m:.1f} m in height, more than {most_drop_m:g} m"
            todo = "move the ends to where water goes in and comes out, or raise the assumption culvert_max_drop_m"
            faults.append(Fault("culverts", name, what, todo))
            continue
        found.append(Culvert(name, Link(*start, *end, _capacity_m3_s(row.get("capacity_l_s")))))
    if faults:
        raise DataError(faults)
    return tuple(found), len(parts) - len(found)


def _capacity_m3_s(capacity_l_s: float | None) -> float:
    """Return the capacity, NaN for none given; a pipe that carries nothing is as good as unknown."""
    if capacity_l_s is None or pd.isna(capacity_l_s) or capacity_l_s <= 0:
        return math.nan
    return float(capacity_l_s) / _LITRES_PER_M3


def _ends(line: shapely.Geometry, grid: Raster) -> tuple[Cell, Cell]:
    points = shapely.get_coordinates(line)
    first, last = grid.cell_of(*points[0]), grid.cell_of(*points[-1])
    return first, last


def _inside(cell: Cell, grid: Raster) -> bool:
    return 0 <= cell[0] < grid.shape[0] and 0 <= cell[1] < grid.shape[1]


def _is_known(cell: Cell, grid: Raster) -> bool:
    return _inside(cell, grid) and bool(np.isfinite(grid.array[cell]))
