"""A terrain worked out once: filled, directions, accumulation, and its hollows as a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.hydrology._drainage import FIRST_BASIN, Drainage, drain, fill
from ballerup_geo.hydrology._input import CellSize, read_cell_size, read_terrain
from ballerup_geo.hydrology._surface import measure_hollows
from ballerup_geo.hydrology.flow import accumulate_cells

__all__ = ["Terrain", "analyse"]

MM_PER_M = 1000.0


@dataclass(frozen=True, eq=False)
class Terrain:
    """What `analyse` knows of a terrain; all rasters are ``[rows, cols]``.

    Attributes
    ----------
    dtm
        float32 heights in metres, NaN without data.
    cell_size_m
        Width and height of a cell.
    filled
        float32, the terrain with its hollows full (`fill_depressions`).
    directions
        uint8, ESRI codes (`flow_directions`).
    bluespots
        int32, id of the outermost depression a cell lies in, 0 outside.
    depressions
        One row per depression, see `analyse`.
    """

    dtm: NDArray[np.float32]
    cell_size_m: tuple[float, float]
    filled: NDArray[np.float32]
    directions: NDArray[np.uint8]
    bluespots: NDArray[np.int32]
    depressions: pd.DataFrame

    @cached_property
    def accumulation(self) -> NDArray[np.float64]:
        """float64, cells that drain through each cell, its own included; 0 without data."""
        return accumulate_cells(self.directions)

    @property
    def cell_area_m2(self) -> float:
        """Area of one cell in m²."""
        return self.cell_size_m[0] * self.cell_size_m[1]


def analyse(dtm: ArrayLike, *, cell_size_m: CellSize, nodata: float | None = None) -> Terrain:
    """Work out where rain runs and where it stands.

    Parameters
    ----------
    dtm
        Heights in metres, ``[rows, cols]``, any numeric type; cast to float32 first.
    cell_size_m
        Cell width and height (dx, dy) in metres, or one number for square cells; slopes and areas use both.
    nodata
        Value of cells without data; NaN, infinite and masked cells are without data in any case.

    Returns
    -------
    Terrain, with ``depressions`` as a table indexed 0 …, one row per depression:
    ``id`` (from 1, as in ``bluespots``), ``parent`` (id of the depression it is part of once full, 0 for an outermost
    one), ``pour_row``, ``pour_col`` (the cell it spills over), ``spill_level_m``, ``area_m2``, ``volume_m3`` and
    ``max_depth_m`` when full, ``watershed_m2`` (the ground whose water meets this depression first) and ``fill_mm``
    (rain on that ground that fills it).

    Raises
    ------
    DataError
        The input is not a raster of numbers with at least one cell, or the cell size is not above 0.
    MethodError
        More cells than can be counted (2³¹).

    Examples
    --------
    >>> analyse([[5, 5, 5], [5, 1, 3], [5, 5, 5]], cell_size_m=10).depressions.loc[0, "volume_m3"]
    np.float64(200.0)
    """
    z = read_terrain(dtm, nodata)
    dx, dy = read_cell_size(cell_size_m)
    drainage = drain(z, dx, dy)
    bluespots = np.empty(z.shape, dtype=np.int32)
    depressions = _outermost_depressions(z, drainage, dx * dy, bluespots)
    return Terrain(z, (dx, dy), fill(z, drainage), drainage.codes, bluespots, depressions)


def _outermost_depressions(
    z: NDArray[np.float32], drainage: Drainage, cell_area_m2: float, bluespots: NDArray[np.int32]
) -> pd.DataFrame:
    """Measure the outermost depressions, write them into ``bluespots`` and return their table."""
    own = np.flatnonzero(drainage.root == np.arange(drainage.basins))
    own = own[own >= FIRST_BASIN]
    ids = np.zeros(drainage.basins, dtype=np.int32)
    ids[own] = np.arange(1, own.size + 1, dtype=np.int32)
    cells, depth_sum, deepest, upstream = measure_hollows(
        z.reshape(-1),
        drainage.labels.reshape(-1),
        drainage.level_m,
        ids[drainage.root],
        bluespots.reshape(-1),
        own.size,
    )
    pour = _pour_cells(z.reshape(-1), drainage, own)
    volume_m3 = depth_sum[1:] * cell_area_m2
    watershed_m2 = upstream[1:] * cell_area_m2
    return pd.DataFrame(
        {
            "id": ids[own],
            "parent": np.zeros(own.size, dtype=np.int32),
            "pour_row": (pour // z.shape[1]).astype(np.int32),
            "pour_col": (pour % z.shape[1]).astype(np.int32),
            "spill_level_m": drainage.level_m[own].astype(np.float64),
            "area_m2": cells[1:] * cell_area_m2,
            "volume_m3": volume_m3,
            "max_depth_m": deepest[1:],
            "watershed_m2": watershed_m2,
            "fill_mm": MM_PER_M * volume_m3 / watershed_m2,
        }
    )


def _pour_cells(heights: NDArray[np.float32], drainage: Drainage, basins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each basin the higher cell (flat index) of the pass it spills over, its own where both are level."""
    passes, over = drainage.passes, drainage.over[basins]
    inside_a = passes.basin_a[over] == basins
    inner = np.where(inside_a, passes.cell_a[over], passes.cell_b[over]).astype(np.int64)
    outer = np.where(inside_a, passes.cell_b[over], passes.cell_a[over]).astype(np.int64)
    outer = np.where(outer < 0, inner, outer)
    return np.where(heights[outer] > heights[inner], outer, inner)
