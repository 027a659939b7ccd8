"""The terrain raster: relief, channels, dams, trenches and lakes, the same landscape at every cell size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.raster import Raster
from ballerup_geo.sources.model._blob import sink_blob
from ballerup_geo.sources.model._spline import spline_at
from ballerup_geo.sources.model.embankments import SIDE_SLOPE, lay_banks, lay_trenches
from ballerup_geo.sources.model.frame import NORTH, WEST, grid
from ballerup_geo.sources.model.lakes import place_lakes
from ballerup_geo.sources.model.relief import build_relief, summit
from ballerup_geo.sources.model.streams import trace_streams
from ballerup_geo.sources.model.town import Town

__all__ = ["build_terrain"]

CHANNEL_HALF_WIDTH_M = {True: 1.8, False: 0.9}
"""Of protected streams, and of ditches."""
CHANNEL_BANK = 0.4
SHORE_BANK = 0.14
TRENCH_BANK = 0.8
TIGHT_CELLS = 0.75
"""A channel or dam is at least this many cells wide to each side, so that water neither loses nor passes it."""
OVERLAP = 0.25
"""A stretch of dam reaches this share of its length into the next, so that bends stay closed and the top smooth."""
BELOW_SUMMIT_M = 0.05
"""No other cell comes nearer to the highest point."""


def build_terrain(town: Town) -> Raster:
    """Return the heights of the frame, m DVR90, float32; no cell is without a height."""
    transform, (rows, columns) = grid(town.cell_m)
    heights = np.zeros((rows, columns), np.float32)
    east = WEST + (np.arange(columns) + 0.5) * town.cell_m
    north = NORTH - (np.arange(rows) + 0.5) * town.cell_m
    spline_at(town.part(build_relief), east, north, heights)
    _cut_channels(heights, town)
    _lay_courses(heights, town)
    for lake in town.part(place_lakes):
        sink_blob(heights, WEST, NORTH, town.cell_m, lake.blob, lake.level_m, SHORE_BANK)
    terrain = Raster(heights, transform)
    _set_summit(terrain)
    return terrain


def _cut_channels(heights: NDArray[np.float32], town: Town) -> None:
    for stream in town.part(trace_streams):
        half = max(CHANNEL_HALF_WIDTH_M[stream.protected], TIGHT_CELLS * town.cell_m)
        shape_line(heights, WEST, NORTH, town.cell_m, stream.points, stream.levels_m, half, CHANNEL_BANK, True, False)


def _lay_courses(heights: NDArray[np.float32], town: Town) -> None:
    """Lay the roads, then the trenches, then the railway over these."""
    cell_m = town.cell_m
    banks = town.part(lay_banks)
    for bank in banks:
        if bank.kind == "rail":
            for trench in town.part(lay_trenches):
                half = max(trench.half_width_m, TIGHT_CELLS * cell_m)
                shape_line(
                    heights, WEST, NORTH, cell_m, trench.points, trench.heights_m, half, TRENCH_BANK, True, False
                )
        half = max(bank.half_width_m, TIGHT_CELLS * cell_m)
        shape_line(heights, WEST, NORTH, cell_m, bank.points, bank.heights_m, half, SIDE_SLOPE, True, True)


def _set_summit(terrain: Raster) -> None:
    x, y, top = summit()
    np.minimum(terrain.array, np.float32(top - BELOW_SUMMIT_M), out=terrain.array)
    terrain.array[terrain.cell_of(x, y)] = top


@kernel
def shape_line(
    heights: NDArray[np.float32],
    west_m: float,
    north_m: float,
    cell_m: float,
    points: NDArray[np.float64],
    levels_m: NDArray[np.float64],
    half_width_m: float,
    slope: float,
    cut: bool,
    fill: bool,
) -> None:
    """Draw the ground to a line's level within its half width; beyond, its sides rise (cut) or fall by ``slope``."""
    rows, columns = heights.shape
    far = half_width_m + 6.0 / slope
    for n in range(points.shape[0] - 1):
        x0, y0, z0 = points[n, 0], points[n, 1], levels_m[n]
        dx, dy, dz = points[n + 1, 0] - x0, points[n + 1, 1] - y0, levels_m[n + 1] - z0
        length2 = dx * dx + dy * dy
        top = max(int((north_m - max(y0, y0 + dy) - far) / cell_m), 0)
        bottom = min(int((north_m - min(y0, y0 + dy) + far) / cell_m) + 1, rows)
        left = max(int((min(x0, x0 + dx) - far - west_m) / cell_m), 0)
        right = min(int((max(x0, x0 + dx) + far - west_m) / cell_m) + 1, columns)
        for i in range(top, bottom):
            py = north_m - (i + 0.5) * cell_m - y0
            for j in range(left, right):
                px = west_m + (j + 0.5) * cell_m - x0
                t = (px * dx + py * dy) / length2
                if fill and (t < -OVERLAP or t > 1.0 + OVERLAP):
                    continue
                t = min(max(t, 0.0), 1.0)
                side = np.sqrt((px - t * dx) ** 2 + (py - t * dy) ** 2) - half_width_m
                if side > far - half_width_m:
                    continue
                z = z0 + t * dz
                rise = max(side, 0.0) * slope
                if cut and heights[i, j] > z + rise:
                    heights[i, j] = z + rise
                if fill and heights[i, j] < z - rise:
                    heights[i, j] = z - rise
