"""Low open ground: where, near a place, a basin can lie; on greens and fields, clear of lots, streets and water."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model._blob import wavy_blob
from ballerup_geo.sources.model.fields import divide_land
from ballerup_geo.sources.model.frame import outline, spot
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.relief import build_relief, height_at
from ballerup_geo.sources.model.town import Town

__all__ = ["lay_basin"]

OPEN_USES = ("green", "meadow", "field")
REACH_M = 150.0
"""A basin's middle lies at most so far from the place that the facts name."""
STEP_M = 10.0
"""Distance between the places that are tried; the relief knows nothing finer."""
STREAM_CLEAR_M = 3.0
STREET_CLEAR_M = 8.0
"""From the rim of a basin to the middle of a stream or a street, at least."""

Points = NDArray[np.float64]


def lay_basin(town: Town, row: Mapping[str, Any], name: str) -> shapely.Polygon | None:
    """Return a basin on the lowest free ground near its place; None where there is no room.

    Parameters
    ----------
    row
        ``at`` in hundreds of metres, ``volume_m3`` and ``depth_m``, which give the area; ``quarter``, if it may not
        reach out of one; ``across_stream``, if it must lie across a stream and not clear of all.
    name
        Whose generator draws the rim.
    """
    area_m2 = float(row["volume_m3"]) / float(row["depth_m"])
    rim = _rim(town.rng(name), area_m2)
    place = np.array(spot(row["at"]))
    steps = np.arange(-REACH_M, REACH_M + STEP_M / 2, STEP_M)
    places = place + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    places = places[np.hypot(*(places - place).T) <= REACH_M]
    shapes = np.asarray(shapely.polygons(places[:, None, :] + rim))
    across = bool(row.get("across_stream", False))
    box = shapely.box(*shapely.total_bounds(shapes))
    streams = _near(town.table("streams").geometry.to_numpy(), box, STREAM_CLEAR_M + STEP_M)
    room = _room(town, box)
    if "quarter" in row:
        own = next(quarter.outline for quarter in quarters() if quarter.name == row["quarter"])
        room = shapely.intersection(room, own)
    shapely.prepare(room)
    dry = ~shapely.dwithin(shapes, streams, STREAM_CLEAR_M)
    wanted = shapely.dwithin(shapely.points(places), streams, STEP_M) if across else dry
    free = np.flatnonzero(shapely.contains_properly(room, shapes) & wanted)
    if not len(free):
        return None
    heights = height_at(town.part(build_relief), places[free])
    lowest: shapely.Polygon = shapes[free[np.argmin(heights)]]
    return lowest


def _rim(rng: np.random.Generator, area_m2: float) -> Points:
    """Return the corners of a wavy round of a given area around 0, 0."""
    radius_m = math.sqrt(area_m2 / math.pi)
    shape = wavy_blob(rng, 0.0, 0.0, (1.2 * radius_m, radius_m / 1.2), rng.uniform(0.0, math.pi)).outline()
    corners: Points = shapely.get_coordinates(shape)
    return corners * math.sqrt(area_m2 / shape.area)


def _room(town: Town, box: shapely.Polygon) -> shapely.Geometry:
    """Return the open ground in a box, clear of streets."""
    plots = [plot.shape for plot in town.part(divide_land) if plot.use in OPEN_USES and plot.shape.intersects(box)]
    ground = shapely.intersection(shapely.union_all(plots), shapely.intersection(box, outline()))
    roads = town.table("roads")
    streets = _near(roads.geometry[roads["class"] != "path"].to_numpy(), box, STREET_CLEAR_M)
    return shapely.difference(ground, shapely.buffer(streets, STREET_CLEAR_M))


def _near(lines: NDArray[Any], box: shapely.Polygon, metres: float) -> shapely.Geometry:
    """Return the stretches of lines that lie in a box or so near to it."""
    around = shapely.buffer(box, metres, join_style="mitre")
    return shapely.union_all(shapely.clip_by_rect(lines[shapely.intersects(lines, around)], *around.bounds))
