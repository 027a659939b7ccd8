"""The walk to green: along streets and paths, to where one of them comes to the rim of a green area.

A green area is entered where a street or path meets it or passes within a few metres of its rim; from such a gate the
metres to the rim count, as do those from the home to the street. Fences, ditches and locked gates are not known.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Words
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.network import Snapped, StreetGraph, build_graph, distances, snap
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given
from ballerup_geo.spec.words import number

__all__ = ["WALK_ASSUMPTIONS", "GreenWalk", "gates_of", "green_walk"]

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

STEP_M = 10.0
"""Gates along a street beside a green area stand at most so far apart: the walk is at most half of it too long."""
SHORTEST_M = 1e-3
"""A line no longer than this is no street to walk on."""

WALK_ASSUMPTIONS = (
    Assumption("green_walk_m", "m", minimum=10.0, maximum=5000.0),
    Assumption("green_gate_m", "m", minimum=0.0, maximum=100.0),
    Assumption("walk_snap_m", "m", minimum=0.0, maximum=10.0),
    Assumption("walk_off_m", "m", minimum=0.0, maximum=1000.0),
    Assumption("walk_detour", "1", minimum=1.0, maximum=3.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class GreenWalk:
    """Homes on the walking network; without one (None) all walks are straight lines times a factor."""

    graph: StreetGraph | None
    homes: Snapped | None
    xy: Floats
    reach_m: float
    gate_m: float
    off_m: float
    detour: float

    @property
    def off_network(self) -> Marks:
        """Homes that no street or path lies near enough to."""
        return np.ones(len(self.xy), dtype=bool) if self.homes is None else np.asarray(self.homes.edge < 0)

    def near(self, greens: Shapes) -> tuple[Marks, Marks]:
        """Return which homes have one of these green areas within the walk, and which areas have no gate.

        Who lives in a green area, or within a gate's distance of it beside a path, is near it. A home off the network,
        and every home towards an area without a gate, is reckoned by the straight line times the factor.
        """
        homes = shapely.points(self.xy)
        found = np.zeros(len(homes), dtype=bool)
        closed = np.ones(len(greens), dtype=bool)
        if not len(greens) or not len(homes):
            return found, closed
        if self.graph is not None and self.homes is not None:
            gates, entered = gates_of(self.graph, greens, gate_m=self.gate_m)
            closed[entered] = False
            ways = distances(self.graph, self.homes, gates, limit_m=self.reach_m)
            found |= np.diff(ways.indptr) > 0
        found |= _within(homes, greens, 0.0)
        straight_m = self.reach_m / self.detour
        found |= _within(homes, greens, straight_m) & self.off_network
        found |= _within(homes, greens[closed], straight_m)
        return found, closed

    def notes(self, closed: int) -> tuple[Words, ...]:
        """Say how many homes and green areas are reckoned by straight lines; ``closed`` areas have no gate."""
        if self.graph is None:
            return (_NO_NETWORK,)
        lost = int(self.off_network.sum())
        told: list[Words] = []
        if lost:
            da, en = number(lost), number(lost, language="en")
            told.append(
                {
                    "da": f"{da} boliger ligger mere end {self.off_m:g} m fra vej og sti: deres vej til grønt er "
                    f"luftlinje × {number(self.detour, digits=1)}.",
                    "en": f"{en} homes lie more than {self.off_m:g} m from a street or path: their way to green is the "
                    f"straight line × {self.detour:g}.",
                }
            )
        if closed:
            da, en = number(closed), number(closed, language="en")
            told.append(
                {
                    "da": f"{da} grønne områder har ingen vej eller sti inden for {self.gate_m:g} m af kanten: vejen "
                    f"til dem er luftlinje × {number(self.detour, digits=1)}.",
                    "en": f"{en} green areas have no street or path within {self.gate_m:g} m of their rim: the way to "
                    f"them is the straight line × {self.detour:g}.",
                }
            )
        return tuple(told)


def green_walk(given: Given, town: TreeTown, xy: Floats) -> GreenWalk:
    """Return homes at places ``float64[n, 2]`` on the streets and paths that may be walked."""
    off_m = number_of(given, "walk_off_m")
    graph = homes = None
    if _walkable(town.roads):
        graph = build_graph(town.roads, snap_m=number_of(given, "walk_snap_m"), mode="walking")
        homes = snap(graph, gpd.GeoSeries(shapely.points(xy), crs=CRS), max_m=off_m)
    return GreenWalk(
        graph=graph,
        homes=homes,
        xy=xy,
        reach_m=number_of(given, "green_walk_m"),
        gate_m=number_of(given, "green_gate_m"),
        off_m=off_m,
        detour=number_of(given, "walk_detour"),
    )


def gates_of(graph: StreetGraph, greens: Shapes, *, gate_m: float) -> tuple[Snapped, NDArray[np.int64]]:
    """Return the places on streets at which green areas are entered, and the area that each leads into.

    They stand on every stretch of street within ``gate_m`` of an area, at its ends and at most `STEP_M` apart, with
    the metres from there to the area. From a bridge or out of a tunnel nobody steps into the green.
    """
    lines = graph.edges.geometry.to_numpy()
    ground = np.flatnonzero(_on_ground(graph.edges))
    area, edge = shapely.STRtree(lines[ground]).query(greens, predicate="dwithin", distance=gate_m)
    edge = ground[edge]
    wide = shapely.buffer(greens, gate_m + SHORTEST_M, quad_segs=4)
    beside = shapely.intersection(lines[edge], wide[area])
    parts, pair = shapely.get_parts(beside, return_index=True)
    drawn = ~shapely.is_empty(parts)
    parts, pair = parts[drawn], pair[drawn]
    length = shapely.length(parts)
    steps = np.maximum(1, np.ceil(length / STEP_M)).astype(np.int64)
    part = np.repeat(np.arange(len(parts)), steps + 1)
    nth = np.arange(len(part)) - np.repeat(np.cumsum(steps + 1) - (steps + 1), steps + 1)
    points = _at(parts[part], nth * (length / steps)[part])
    on, into = edge[pair[part]], area[pair[part]]
    off = shapely.distance(points, greens[into])
    along = shapely.line_locate_point(lines[on], points)
    return Snapped(on.astype(np.int32), along, off), np.asarray(into, dtype=np.int64)


def _at(shapes: Shapes, metres: Floats) -> Shapes:
    """Return the place so many metres along each line; of what is a point, the point."""
    found = shapes.copy()
    line = shapely.get_type_id(shapes) == 1
    found[line] = shapely.line_interpolate_point(shapes[line], metres[line])
    return found


def _on_ground(edges: gpd.GeoDataFrame) -> Marks:
    if "level" not in edges:
        return np.ones(len(edges), dtype=bool)
    return np.asarray(edges["level"].astype("Float64").fillna(0).to_numpy(np.float64) == 0)


def _walkable(roads: gpd.GeoDataFrame) -> bool:
    """Tell whether any line may be walked along."""
    longer = shapely.length(roads.geometry.to_numpy()) > SHORTEST_M
    if "walking_allowed" in roads:
        longer &= roads["walking_allowed"].astype("boolean").fillna(True).to_numpy(bool)
    return bool(longer.any())


def _within(homes: Shapes, greens: Shapes, reach_m: float) -> Marks:
    found = np.zeros(len(homes), dtype=bool)
    if len(greens):
        found[shapely.STRtree(greens).query(homes, predicate="dwithin", distance=reach_m)[0]] = True
    return found


_NO_NETWORK: Words = {
    "da": "Ingen vej eller sti kan gås: vejen til grønt er luftlinje gange en faktor.",
    "en": "No street or path can be walked: the way to green is the straight line times a factor.",
}
