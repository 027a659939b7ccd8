"""What the town is built on: the quarters' ground, cut free of water, railway, main roads and each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from ballerup_geo.sources.model.frame import bogs, outline, rail_line
from ballerup_geo.sources.model.plan import Quarter, greenways, main_roads, quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["Ground", "Site", "survey"]

CORRIDOR_M = {"motorway": 45.0, "primary": 17.0, "secondary": 12.0, "tertiary": 8.5, "service": 4.0}
"""Half width of the strip that a main road takes, verges included."""
RAIL_STRIP_M = 16.0
LAKE_SHORE_M = 12.0
BOG_RIM_M = 10.0
STREAM_STRIP_M = 9.0
GREENWAY_STRIP_M = 5.0
BOUNDARY_STRIP_M = 6.0
SMALLEST_M2 = 4_000.0


@dataclass(frozen=True, slots=True)
class Site:
    """A quarter's ground: ``streets`` may carry streets, ``lots`` (the same without green strips) may be built on."""

    quarter: Quarter
    streets: shapely.Geometry
    lots: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Ground:
    """The sites, and what no small street may cross (lakes, bogs, railway, motorways)."""

    sites: tuple[Site, ...]
    barrier: shapely.Geometry
    water: shapely.Geometry


def survey(town: Town) -> Ground:
    """Cut the quarters' ground."""
    lakes = shapely.union_all(town.table("lakes").geometry.to_numpy())
    barrier = shapely.union_all(
        [
            shapely.buffer(lakes, LAKE_SHORE_M),
            shapely.buffer(shapely.union_all([bog.outline for bog in bogs()]), BOG_RIM_M),
            shapely.buffer(rail_line(), RAIL_STRIP_M),
            shapely.buffer(shapely.union_all([r.line for r in main_roads() if r.dual]), CORRIDOR_M["motorway"]),
        ]
    )
    strips = shapely.union_all(
        [shapely.buffer(road.line, CORRIDOR_M[road.road_class]) for road in main_roads() if not road.dual]
    )
    green = shapely.union_all(
        [
            shapely.buffer(shapely.union_all(town.table("streams").geometry.to_numpy()), STREAM_STRIP_M),
            shapely.buffer(shapely.union_all([line for _, line in greenways()]), GREENWAY_STRIP_M),
        ]
    )
    taken = shapely.union(barrier, strips)
    inside = shapely.buffer(outline(), -BOUNDARY_STRIP_M)
    sites = []
    settled: shapely.Geometry = shapely.Polygon()
    for quarter in quarters():
        own = shapely.difference(shapely.intersection(quarter.outline, inside), settled)
        free = _large_parts(shapely.difference(own, _near(taken, own)))
        settled = shapely.union(settled, quarter.outline)
        sites.append(Site(quarter, free, shapely.difference(free, _near(green, own))))
    return Ground(tuple(sites), barrier, lakes)


def _near(shape: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    """Return the part of a large shape in the box around another one: less to cut with."""
    return shapely.intersection(shape, shapely.box(*shapely.bounds(other)))


def _large_parts(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    keep = (shapely.area(parts) >= SMALLEST_M2) & (shapely.get_type_id(parts) == 3)
    return shapely.multipolygons(np.asarray(parts)[keep])
