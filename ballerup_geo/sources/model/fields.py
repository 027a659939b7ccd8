"""The rest of the land: what is no lot, divided into road land, greens, woods, bogs, lakes, railway and fields.

Together with the lots, these plots cover the municipality once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.frame import bogs, facts, outline, rail_line
from ballerup_geo.sources.model.ground import CORRIDOR_M, RAIL_STRIP_M, Site
from ballerup_geo.sources.model.lots import Lots, corridors, draw_lots
from ballerup_geo.sources.model.plan import main_roads
from ballerup_geo.sources.model.streets import Network, build_streets
from ballerup_geo.sources.model.town import Town

__all__ = ["Plot", "divide_land"]

CRUMB_M2 = 2.0
"""Smaller leftovers of cutting are dropped."""
FIELD_M = 230.0
"""Distance between the middles of fields."""
SMALL_GREEN_M2 = 9_000.0
"""Open plots smaller than this are greens, not fields."""
SMALL_OPEN_M2 = 160_000.0
"""Stretches of open land smaller than this are greens altogether."""
OPEN_KINDS = ("forest", "park")
GROWING_WOODS = ("Jonstrup Vang", "Vestskoven Nord", "Pederstrup Skov")
"""The woods that new woodland lies around."""
TOWN_RIM_M = 45.0
"""Fields keep this far from the quarters; the strip between is green."""
MEADOW_SHARE = 0.3
HA_M2 = 10_000.0


@dataclass(frozen=True, slots=True)
class Plot:
    """A piece of ground: use ∈ road, rail, green, forest, wetland, water, field, meadow; its quarter, if it has one."""

    shape: shapely.Polygon
    use: str
    quarter: int | None = None


def divide_land(town: Town) -> tuple[Plot, ...]:
    """Divide all ground that is no lot."""
    network: Network = town.part(build_streets)
    lots: Lots = town.part(draw_lots)
    strips = corridors(network)
    plots: list[Plot] = []
    for index, site in enumerate(network.ground.sites):
        plots += _site_plots(index, site, lots.shapes[lots.quarter == index], strips)
    return (*plots, *_open_land(town, network))


def _site_plots(index: int, site: Site, lots: NDArray[Any], strips: shapely.STRtree) -> Iterable[Plot]:
    """Return street land and common greens of a quarter."""
    if shapely.is_empty(site.streets):
        return
    rest = shapely.difference(site.streets, shapely.union_all(lots)) if len(lots) else site.streets
    near = strips.geometries[strips.query(site.streets, predicate="intersects")]
    road = shapely.union_all(near) if len(near) else shapely.Polygon()
    for shape in _polygons(shapely.intersection(rest, road)):
        yield Plot(shape, "road", index)
    use = "forest" if site.quarter.kind == "forest" else "green"
    for shape in _polygons(shapely.difference(rest, road)):
        yield Plot(shape, use, index)


def _open_land(town: Town, network: Network) -> Iterable[Plot]:
    """Return everything outside the quarters: strips of main roads, railway, water, bogs, fields and woods."""
    taken = shapely.union_all([site.streets for site in network.ground.sites])
    built = shapely.union_all([site.streets for site in network.ground.sites if site.quarter.kind not in OPEN_KINDS])
    left = shapely.difference(outline(), taken)
    strips = [shapely.buffer(road.line, CORRIDOR_M[road.road_class]) for road in main_roads()]
    plots: list[Plot] = []
    for use, area in (
        ("water", network.ground.water),
        ("road", shapely.union_all(strips)),
        ("rail", shapely.buffer(rail_line(), RAIL_STRIP_M)),
        ("wetland", shapely.union_all([bog.outline for bog in bogs()])),
        ("forest", shapely.union_all([s.quarter.outline for s in network.ground.sites if s.quarter.kind == "forest"])),
        ("green", shapely.buffer(built, TOWN_RIM_M)),
    ):
        plots += [Plot(shape, use) for shape in _polygons(shapely.intersection(left, area))]
        left = shapely.difference(left, area)
    open_land = np.array(_polygons(left), dtype=object)
    small = shapely.area(open_land) < SMALL_OPEN_M2
    plots += [Plot(shape, "green") for shape in open_land[small]]
    fields = _fields(shapely.multipolygons(open_land[~small]), town.rng("land_cover: fields"))
    wooded_m2 = sum(plot.shape.area for plot in plots if plot.use == "forest")
    return [*plots, *_wooded(fields, network, wooded_m2)]


def _fields(area: shapely.Geometry, rng: np.random.Generator) -> list[Plot]:
    """Divide open land into fields, meadows and, where it is too small for either, greens."""
    west, south, east, north = shapely.bounds(area)
    x, y = np.meshgrid(np.arange(west, east, FIELD_M), np.arange(south, north, FIELD_M))
    seeds = np.stack([x.ravel(), y.ravel()], axis=1) + rng.uniform(-0.4, 0.4, (x.size, 2)) * FIELD_M
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=area))
    plots = []
    for shape in _polygons(shapely.intersection(cells, area)):
        use = "meadow" if rng.random() < MEADOW_SHARE else "field"
        plots.append(Plot(shape, use if shape.area >= SMALL_GREEN_M2 else "green"))
    return plots


def _wooded(plots: list[Plot], network: Network, wooded_m2: float) -> list[Plot]:
    """Turn the plots nearest to the woods into woods until the municipality has the facts' area of forest."""
    woods = [site for site in network.ground.sites if site.quarter.kind == "forest"]
    missing_m2 = facts("town")["forest_ha"] * HA_M2 - wooded_m2 - sum(wood.streets.area for wood in woods)
    near = shapely.union_all([wood.streets for wood in woods if wood.quarter.name in GROWING_WOODS])
    order = np.argsort([shapely.distance(plot.shape, near) for plot in plots], kind="stable")
    for index in order:
        area_m2 = plots[index].shape.area
        if area_m2 < 1.3 * missing_m2 and plots[index].use in ("field", "meadow"):
            plots[index] = replace(plots[index], use="forest")
            missing_m2 -= area_m2
    return plots


def _polygons(shapes: Any) -> list[shapely.Polygon]:
    parts = np.asarray(shapely.get_parts(shapes))
    return list(parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > CRUMB_M2)])
