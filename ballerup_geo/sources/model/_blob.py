"""Round shapes with a wavy rim, as outline and as a shape that terrain can be cut by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel

__all__ = ["Blob", "sink_blob", "wavy_blob"]

WAVES = 4
"""The rim has waves of 2 … 5 to the round."""


@dataclass(frozen=True, slots=True)
class Blob:
    """An ellipse whose rim waves: half axes and centre in metres, turn in radians."""

    x: float
    y: float
    half_axes_m: tuple[float, float]
    turn: float
    sizes: NDArray[np.float64]
    """``[4]`` share of the radius by which each wave moves the rim."""
    phases: NDArray[np.float64]

    @property
    def reach_m(self) -> float:
        """No part of it is farther from the centre."""
        return max(self.half_axes_m) * (1.0 + float(np.abs(self.sizes).sum()))

    def outline(self) -> shapely.Polygon:
        """Return the outline; its corners lie on the rim."""
        corners = int(np.clip(round(self.reach_m * 0.6), 16, 72))
        angle = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)
        rim = 1.0 + sum(self.sizes[k] * np.cos((k + 2) * angle + self.phases[k]) for k in range(WAVES))
        along, across = self.half_axes_m[0] * rim * np.cos(angle), self.half_axes_m[1] * rim * np.sin(angle)
        east = self.x + along * np.cos(self.turn) - across * np.sin(self.turn)
        north = self.y + along * np.sin(self.turn) + across * np.cos(self.turn)
        return shapely.Polygon(np.column_stack([east, north]))


def wavy_blob(rng: np.random.Generator, x: float, y: float, half_axes_m: tuple[float, float], turn: float) -> Blob:
    """Return a blob with a rim of its own."""
    sizes = rng.normal(0.0, 1.0, WAVES) * np.array([0.10, 0.08, 0.05, 0.03])
    return Blob(x, y, half_axes_m, turn, np.clip(sizes, -0.16, 0.16), rng.uniform(0.0, 2.0 * np.pi, WAVES))


def sink_blob(
    heights: NDArray[np.float32], west_m: float, north_m: float, cell_m: float, blob: Blob, level_m: float, bank: float
) -> None:
    """Lay a level surface inside the blob, and cut banks that rise outwards by ``bank`` (m per m)."""
    shape = np.array([blob.x, blob.y, *blob.half_axes_m, blob.turn, blob.reach_m])
    _sink(heights, west_m, north_m, cell_m, shape, blob.sizes, blob.phases, level_m, bank)


@kernel
def _sink(
    heights: NDArray[np.float32],
    west_m: float,
    north_m: float,
    cell_m: float,
    shape: NDArray[np.float64],
    sizes: NDArray[np.float64],
    phases: NDArray[np.float64],
    level_m: float,
    bank: float,
) -> None:
    rows, columns = heights.shape
    x, y, a, b, turn, reach = shape
    far = reach + 5.0 / bank  # banks higher than five metres do not occur
    top, bottom = max(int((north_m - y - far) / cell_m), 0), min(int((north_m - y + far) / cell_m) + 1, rows)
    left, right = max(int((x - far - west_m) / cell_m), 0), min(int((x + far - west_m) / cell_m) + 1, columns)
    cos, sin = np.cos(turn), np.sin(turn)
    for i in range(top, bottom):
        dy = north_m - (i + 0.5) * cell_m - y
        for j in range(left, right):
            dx = west_m + (j + 0.5) * cell_m - x
            u, v = (dx * cos + dy * sin) / a, (dy * cos - dx * sin) / b
            size = np.sqrt(u * u + v * v)
            angle = np.arctan2(v, u)
            rim = 1.0
            for k in range(sizes.size):
                rim += sizes[k] * np.cos((k + 2) * angle + phases[k])
            if size <= rim:
                heights[i, j] = level_m
            else:
                away = (1.0 - rim / size) * np.sqrt(dx * dx + dy * dy)
                heights[i, j] = min(heights[i, j], np.float32(level_m + 0.1 + bank * away))
