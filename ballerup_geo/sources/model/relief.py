"""The lie of the land without channels, lakes and embankments: valleys, divides, moraine hills, dead-ice hollows.

Valleys come first. Between the streams the ground rises as a groundwater table does under even rain: a membrane held
at the water's level along every course and pushed up everywhere else. Such a surface has a divide between any two
streams and no hollow anywhere. Hills, hollows and micro relief are laid on top, fading out towards the streams.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.sparse
import scipy.sparse.linalg
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model._spline import Lattice, spline_at
from ballerup_geo.sources.model.frame import EAST, NORTH, SOUTH, WEST, bogs, facts, spot
from ballerup_geo.sources.model.streams import trace_streams
from ballerup_geo.sources.model.town import Town

__all__ = ["build_relief", "height_at", "summit"]

Grid = NDArray[np.float32]

BASE_STEP_M = 50.0
"""Node distance of the membrane."""
STEP_M = 10.0
"""Node distance of the relief: nothing in it is shorter than about three times this."""
RIM_M = 150.0
"""The lattices reach so far beyond the frame."""
PUSH_PER_M = 2.3e-5
"""How strongly the membrane is pushed up: curvature of the interfluves, 1/m."""
PUSH_WAVE_M = 1400.0
"""The push varies over this length."""
CEILING_M = 15.0
"""Interfluves level out towards this height above their streams."""
FLOOR_M = (50.0, 150.0)
"""Half width of the valley floors, narrow and wide ones."""
HILL_BANDS = ((560.0, 2.1), (240.0, 1.0), (110.0, 0.48))
"""Node distance and standard deviation of the hills, metres."""
MICRO_BANDS = ((42.0, 0.12), (20.0, 0.06))
"""The same for the micro relief."""
HOLLOWS = 190
"""Dead-ice hollows in the frame, besides those the hills leave between them."""
SUMMIT_HALF_AXES_M = (720.0, 540.0)
"""The hill that carries the highest point."""
SUMMIT_SHORT_M = 0.25
"""The dome ends this much below the highest point, which stands on it as a mark of one cell."""


def build_relief(town: Town) -> Lattice:
    """Return the relief on its lattice: spline coefficients, metres DVR90."""
    base = _blank(BASE_STEP_M)
    _membrane(base, town)
    relief = _blank(STEP_M)
    east, north = relief.nodes()
    spline_at(base, east, north, relief.values)
    distance, level = _to_streams(relief, town)
    z = _valley_floors(relief.values, distance, level, _noise(relief, town, "floor", 700.0))
    z += _hills(relief, town) * _ease((distance - 20.0) / 380.0)
    z += _named_hills(relief) * _ease(distance / 250.0)
    z -= _hollows(relief, town) * _ease((distance - 60.0) / 150.0)
    z = _level_bogs(relief, z)
    _raise_summit(relief, z)
    for step_m, size_m in MICRO_BANDS:
        z += size_m * _noise(relief, town, f"micro/{step_m:g}", step_m) * (0.35 + 0.65 * _ease(distance / 120.0))
    return replace(relief, values=z)


def summit() -> tuple[float, float, float]:
    """Return the highest point: east, north, height, metres."""
    fact = facts("relief")["summit"]
    x, y = spot(fact["at"])
    return x, y, float(fact["height_m"])


def height_at(relief: Lattice, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the relief's height (nearest node, well within its smoothness) at points ``[n, 2]``, metres."""
    rows, columns = relief.values.shape
    column = np.clip(np.rint((points[:, 0] - relief.west_m) / relief.step_m).astype(int), 0, columns - 1)
    row = np.clip(np.rint((relief.north_m - points[:, 1]) / relief.step_m).astype(int), 0, rows - 1)
    return np.asarray(relief.values[row, column], dtype=np.float64)


def _blank(step_m: float) -> Lattice:
    rows = round((NORTH - SOUTH + 2 * RIM_M) / step_m) + 1
    columns = round((EAST - WEST + 2 * RIM_M) / step_m) + 1
    return Lattice(np.zeros((rows, columns), np.float32), WEST - RIM_M, NORTH + RIM_M, step_m)


def _ease(t: Grid) -> Grid:
    """Rise smoothly from 0 to 1 between t = 0 and t = 1."""
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def _noise(lattice: Lattice, town: Town, name: str, step_m: float) -> Grid:
    """Return smooth noise of unit standard deviation on the lattice's nodes, its features about 2 · step_m wide."""
    rows = math.ceil((NORTH - SOUTH + 2 * RIM_M) / step_m) + 6
    columns = math.ceil((EAST - WEST + 2 * RIM_M) / step_m) + 6
    knots = town.rng(f"relief/{name}").standard_normal((rows, columns), dtype=np.float32)
    knots /= np.float32(151.0 / 315.0)  # a cubic B-spline of white noise has the variance (151/315)²
    out = np.zeros(lattice.values.shape, np.float32)
    coarse = Lattice(knots, WEST - RIM_M - 2 * step_m, NORTH + RIM_M + 2 * step_m, step_m)
    spline_at(coarse, *lattice.nodes(), out)
    return out


def _courses_on(lattice: Lattice, town: Town) -> tuple[NDArray[np.bool_], Grid]:
    """Mark the nodes that streams pass, with the water's level there."""
    rows, columns = lattice.values.shape
    passed = np.zeros((rows, columns), bool)
    level = np.full((rows, columns), np.inf, np.float32)
    for stream in town.part(trace_streams):
        stations = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stream.points, axis=0).T))])
        along = np.arange(0.0, stations[-1], lattice.step_m / 2.0)
        east = np.interp(along, stations, stream.points[:, 0])
        north = np.interp(along, stations, stream.points[:, 1])
        column = np.rint((east - lattice.west_m) / lattice.step_m).astype(int)
        row = np.rint((lattice.north_m - north) / lattice.step_m).astype(int)
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        passed[row[inside], column[inside]] = True
        heights = np.asarray(np.interp(along, stations, stream.levels_m), dtype=np.float32)
        np.minimum.at(level, (row[inside], column[inside]), heights[inside])
    return passed, level


def _membrane(base: Lattice, town: Town) -> None:
    """Solve −∇²z = push with z held along the courses and no flow over the rim; level out towards the ceiling."""
    held, level = _courses_on(base, town)
    rows, columns = held.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    pairs = np.concatenate(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    graph = scipy.sparse.csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(held.size, held.size))
    laplace: Any = scipy.sparse.diags(np.asarray(graph.sum(axis=1)).ravel()) - graph
    push = PUSH_PER_M * np.exp(0.45 * _noise(base, town, "push", PUSH_WAVE_M).astype(np.float64)) * base.step_m**2
    free, fixed = ~held.ravel(), held.ravel()
    known = level.ravel()[fixed].astype(np.float64)
    laplace = laplace.tocsr()
    stiff = laplace[free][:, free].tocsc()
    water = np.zeros(held.size)
    rise = np.zeros(held.size)
    solve = scipy.sparse.linalg.factorized(stiff)
    water[fixed] = known
    water[free] = solve(-laplace[free][:, fixed] @ known)
    rise[free] = solve(push.ravel()[free])
    rise = CEILING_M * (1.0 - np.exp(-rise / CEILING_M))
    base.values[:] = (water + rise).reshape(rows, columns)


def _to_streams(relief: Lattice, town: Town) -> tuple[Grid, Grid]:
    """Return each node's distance to the nearest course, and the water's level there."""
    passed, level = _courses_on(relief, town)
    distance, nearest = scipy.ndimage.distance_transform_edt(~passed, sampling=relief.step_m, return_indices=True)
    return distance.astype(np.float32), level[nearest[0], nearest[1]]


def _valley_floors(height: Grid, distance: Grid, level: Grid, width_noise: Grid) -> Grid:
    """Flatten the ground beside the streams; it still falls towards them."""
    narrow, wide = FLOOR_M
    width = narrow + (wide - narrow) * _ease(0.5 + 0.35 * width_noise)
    share = 1.0 - _ease(distance / width)
    return np.asarray(height - share * (np.maximum(height - level, 0.0) - 0.3), dtype=np.float32)


def _hills(relief: Lattice, town: Town) -> Grid:
    """Return the moraine's rolling hills."""
    total = np.zeros(relief.values.shape, np.float32)
    for step_m, size_m in HILL_BANDS:
        total += size_m * _noise(relief, town, f"hills/{step_m:g}", step_m)
    return total


def _dome(relief: Lattice, row: dict[str, Any]) -> Grid:
    east, north = relief.nodes()
    x, y = spot(row["at"])
    turn = math.radians(row["turn_deg"])
    dx, dy = (east - x)[None, :], (north - y)[:, None]
    along = (dx * math.cos(turn) + dy * math.sin(turn)) / row["half_axes_m"][0]
    across = (dy * math.cos(turn) - dx * math.sin(turn)) / row["half_axes_m"][1]
    return np.asarray(np.exp(-2.0 * (along**2 + across**2)), dtype=np.float32)


def _named_hills(relief: Lattice) -> Grid:
    total = np.zeros(relief.values.shape, np.float32)
    for row in facts("relief")["hill"]:
        total += np.float32(row["rise_m"]) * _dome(relief, row)
    return total


def _hollows(relief: Lattice, town: Town) -> Grid:
    """Return the depth of the dead-ice hollows: bowls of 25–90 m radius, 0.3–3 m deep, in loose swarms."""
    rng = town.rng("relief/hollows")
    swarms = rng.uniform((WEST, SOUTH), (EAST, NORTH), size=(HOLLOWS // 4, 2))
    centres = swarms[rng.integers(len(swarms), size=HOLLOWS)] + rng.normal(0.0, 260.0, (HOLLOWS, 2))
    radius = rng.uniform(25.0, 60.0, HOLLOWS) * rng.uniform(0.8, 1.5, HOLLOWS)
    depth = np.clip(rng.lognormal(-0.1, 0.6, HOLLOWS), 0.3, 3.0)
    total = np.zeros(relief.values.shape, np.float32)
    east, north = relief.nodes()
    for (x, y), r, deep in zip(centres, radius, depth, strict=True):
        columns = slice(*np.searchsorted(east, (x - r, x + r)))
        rows = slice(*np.searchsorted(-north, (-y - r, -y + r)))
        square = ((east[columns] - x)[None, :] ** 2 + (north[rows] - y)[:, None] ** 2) / r**2
        total[rows, columns] = np.maximum(total[rows, columns], deep * np.clip(1.0 - square, 0.0, None) ** 2)
    return total


def _level_bogs(relief: Lattice, z: Grid) -> Grid:
    """Draw the ground of bogs to their height, with a soft rim."""
    east, north = relief.nodes()
    for bog in bogs():
        west, south, right, top = bog.outline.buffer(150.0).bounds
        columns = slice(*np.searchsorted(east, (west, right)))
        rows = slice(*np.searchsorted(-north, (-top, -south)))
        x, y = np.meshgrid(east[columns], north[rows])
        away = shapely.distance(bog.outline, shapely.points(x, y)).astype(np.float32)
        share = _ease(1.0 - away / 140.0)
        z[rows, columns] = z[rows, columns] * (1.0 - share) + np.float32(bog.height_m) * share
    return z


def _raise_summit(relief: Lattice, z: Grid) -> None:
    """Lay the highest hill: smooth on top, and nothing near it as high."""
    x, y, top = summit()
    row = {"at": facts("relief")["summit"]["at"], "half_axes_m": SUMMIT_HALF_AXES_M, "turn_deg": 35.0}
    dome = _dome(relief, row)
    ground = float(height_at(replace(relief, values=z), np.array([[x, y]]))[0])
    crown = _dome(relief, {**row, "half_axes_m": (160.0, 120.0)})
    z[:] = z * (1.0 - crown) + ground * crown + (top - SUMMIT_SHORT_M - ground) * dome
