"""Lakes and ponds: the named ones where they are, the others in hollows of open land, clear of roads and streams."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import scipy.ndimage
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import Affine

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model._blob import Blob, wavy_blob
from ballerup_geo.sources.model._spline import Lattice
from ballerup_geo.sources.model.frame import EAST, NORTH, SOUTH, WEST, bogs, facts, outline, rail_line, spot
from ballerup_geo.sources.model.relief import build_relief, height_at
from ballerup_geo.sources.model.streams import trace_streams
from ballerup_geo.sources.model.town import Town

__all__ = ["Lake", "build_lakes", "place_lakes"]

INSIDE_COUNT = 221
"""Lakes above 100 m² inside the municipality; source: reference page "Ballerup, the facts"."""
INSIDE_AREA_M2 = 830_000.0
"""Their area; same source."""
OUTSIDE_COUNT = 190
"""Ponds of the surroundings: the model's own."""
SMALLEST_M2 = 130.0
SPREAD = 1.35
"""Standard deviation of ln(area)."""
TRIES = 400
CHOICES = 24
"""Of so many free places the lowest and most level is taken."""
OPEN_KINDS = frozenset({"park", "forest"})
"""Quarters that may hold a lake of any size; the others hold small ponds, and few of them."""
BUILT_CHANCE = 0.06
BUILT_LARGEST_M = 14.0


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake's shape, its level (m DVR90) and its name, if it has one."""

    blob: Blob
    level_m: float
    name: str | None


@dataclass(frozen=True, slots=True)
class _Ground:
    """What decides where a lake may lie, on the relief's nodes."""

    relief: Lattice
    clear_m: NDArray[np.float32]
    """Distance to the nearest main road, railway or stream."""
    kind: NDArray[np.uint8]
    """1 inside the municipality, 2 in a built-up quarter or a bog, 0 outside."""
    unfit_m: NDArray[np.float32]
    """Height above the surroundings of some 150 m, and what the ground rises over 100 m."""


def build_lakes(town: Town) -> gpd.GeoDataFrame:
    """Return the lakes; those without a name have none."""
    lakes = town.part(place_lakes)
    return gpd.GeoDataFrame(
        {
            "lake_id": [f"SØ-{number:04d}" for number in range(1, len(lakes) + 1)],
            "name": [lake.name for lake in lakes],
        },
        geometry=[lake.blob.outline() for lake in lakes],
        crs=CRS,
    )


def place_lakes(town: Town) -> tuple[Lake, ...]:
    """Place the named lakes, then the nameless ones from large to small."""
    ground = _ground(town)
    rng = town.rng("lakes")
    lakes = [_named(row, rng, ground.relief) for row in facts("wetlands")["lake"]]
    inside = [lake for lake in lakes if outline().contains(shapely.Point(lake.blob.x, lake.blob.y))]
    left_m2 = INSIDE_AREA_M2 - sum(lake.blob.outline().area for lake in inside)
    for area_m2 in _areas(rng, INSIDE_COUNT - len(inside), left_m2):
        _add(lakes, area_m2, rng, ground, inside=True)
    for area_m2 in _areas(rng, OUTSIDE_COUNT, 0.9 * left_m2):
        _add(lakes, area_m2, rng, ground, inside=False)
    return tuple(lakes)


def _areas(rng: np.random.Generator, count: int, total_m2: float) -> NDArray[np.float64]:
    """Return areas of a long-tailed distribution with a given sum, largest first."""
    over = np.exp(np.clip(rng.normal(0.0, SPREAD, count), -2.5, 2.4))
    return np.sort(SMALLEST_M2 + over * (total_m2 - count * SMALLEST_M2) / over.sum())[::-1]


def _named(row: dict[str, Any], rng: np.random.Generator, relief: Lattice) -> Lake:
    x, y = spot(row["centre"])
    along_m, across_m = row["half_axes_m"]
    blob = wavy_blob(rng, x, y, (float(along_m), float(across_m)), math.radians(row["turn_deg"]))
    level_m = float(row["level_m"]) if "level_m" in row else _level(blob, relief)
    return Lake(blob, level_m, row["name"])


def _level(blob: Blob, relief: Lattice) -> float:
    shore = shapely.get_coordinates(blob.outline().buffer(relief.step_m))
    return float(np.floor(height_at(relief, shore).min() * 10.0 - 3.0) / 10.0)


def _add(lakes: list[Lake], area_m2: float, rng: np.random.Generator, ground: _Ground, *, inside: bool) -> None:
    """Add one lake where there is room for it; the town has always had room (a test counts them)."""
    longer = rng.uniform(1.0, 1.7)
    across = math.sqrt(area_m2 / math.pi / longer)
    axes = (across * longer, across)
    free = _free_places(lakes, axes[0] * 1.35, rng, ground, inside=inside)
    if not len(free):
        return
    x, y = free[np.argmin(_look(ground, ground.unfit_m, free))]
    blob = wavy_blob(rng, float(x), float(y), axes, rng.uniform(0.0, math.pi))
    lakes.append(Lake(blob, _level(blob, ground.relief), None))


def _free_places(
    lakes: list[Lake], radius_m: float, rng: np.random.Generator, ground: _Ground, *, inside: bool
) -> NDArray[np.float64]:
    west, south, east, north = outline().bounds if inside else (WEST, SOUTH, EAST, NORTH)
    points = rng.uniform((west + 40.0, south + 40.0), (east - 40.0, north - 40.0), size=(TRIES, 2))
    kind = _look(ground, ground.kind, points)
    built = rng.random(TRIES) < BUILT_CHANCE if radius_m <= BUILT_LARGEST_M else np.zeros(TRIES, bool)
    allowed = ((kind == 1) | ((kind == 2) & built)) if inside else kind == 0
    clear = _look(ground, ground.clear_m, points) > radius_m + 22.0
    centres = np.array([(lake.blob.x, lake.blob.y, lake.blob.reach_m) for lake in lakes])
    apart = np.hypot(points[:, :1] - centres[:, 0], points[:, 1:] - centres[:, 1]) - centres[:, 2]
    free = points[allowed & clear & (apart.min(axis=1) > radius_m + 15.0)]
    discs = shapely.buffer(shapely.points(free), radius_m)
    free = free[shapely.contains(outline(), discs) if inside else shapely.disjoint(outline(), discs)]
    return np.asarray(free[:CHOICES], dtype=np.float64)


def _look(ground: _Ground, grid: NDArray[Any], points: NDArray[np.float64]) -> NDArray[Any]:
    lattice = ground.relief
    column = np.rint((points[:, 0] - lattice.west_m) / lattice.step_m).astype(int)
    row = np.rint((lattice.north_m - points[:, 1]) / lattice.step_m).astype(int)
    return np.asarray(grid[row, column])


def _ground(town: Town) -> _Ground:
    relief = town.part(build_relief)
    half = relief.step_m / 2.0
    transform = Affine(relief.step_m, 0.0, relief.west_m - half, 0.0, -relief.step_m, relief.north_m + half)
    shape = relief.values.shape
    roads = [shapely.LineString(_road_points(row["points"])) for row in facts("main_roads")["road"]]
    lines = [*roads, rail_line(), *(stream.line for stream in town.part(trace_streams))]
    taken = rasterize(lines, out_shape=shape, transform=transform, all_touched=True, dtype="uint8")
    clear = scipy.ndimage.distance_transform_edt(taken == 0, sampling=relief.step_m)
    built = [
        shapely.Polygon(_road_points(row["outline"]))
        for row in facts("quarters")["quarter"]
        if row["kind"] not in OPEN_KINDS
    ]
    kinds = [(outline(), 1), *((ground, 2) for ground in [*built, *(bog.outline for bog in bogs())])]
    kind = rasterize(kinds, out_shape=shape, transform=transform, fill=0, dtype="uint8")
    even = scipy.ndimage.uniform_filter(relief.values, 5)
    unfit = even - scipy.ndimage.uniform_filter(relief.values, 15) + 10.0 * np.hypot(*np.gradient(even))
    return _Ground(relief, clear.astype(np.float32), kind, unfit.astype(np.float32))


def _road_points(text: str) -> list[tuple[float, float]]:
    return [spot([float(number) for number in pair.split()]) for pair in text.split(",")]
