"""The network of streets: main roads, the fields of the quarters, links to one another, split where they meet.

Lines that meet share the node exactly (coordinates are whole centimetres).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.ops import substring

from ballerup_geo.sources.model.frame import facts, rail_line, round_corners, spot
from ballerup_geo.sources.model.ground import Ground, survey
from ballerup_geo.sources.model.lattice import Array, lay_out
from ballerup_geo.sources.model.plan import KINDS, Kind, greenways, main_roads, ramps
from ballerup_geo.sources.model.town import Town

__all__ = ["MAIN", "Streets", "build_streets", "components", "end_nodes"]

GRID_M = 0.01
SNAP_MAIN_M = 140.0
"""A main road that ends this near another one is taken to end on it: both are known to 100 m only."""
REACH_M = 70.0
"""A cross street that ends this near a main road is carried on to it."""
LINK_M = 130.0
"""Longest link that joins a stray piece of street to the network."""
STUB_M = 28.0
"""Loose ends shorter than this are dropped."""
BRIDGE_M = 32.0
"""Half length of the bridge that carries a road over a motorway or the railway."""
EDGE = 0.55
"""Streets keep this share of a lot's depth away from the quarter's rim."""
FARM_YARD_M = 36.0
"""A farm's track ends this far from the middle of its farmhouse, at the yard."""
LANE_SIDE_M = 4.0
"""From the left side of a lot to the middle of its lane."""
RAMP_REACH_M = 300.0
"""A motorway's end this near a main road's end is joined to it; also the reach of a ramp's rounding."""
DUAL_OFFSET_M = 9.0
"""From the middle of a motorway to the middle of a carriageway."""
LANE = -2
RAMP = -3
MAIN = -1
"""``quarter`` of a street that belongs to none."""

Lines = NDArray[Any]


@dataclass(slots=True)
class Streets:
    """Pieces of street between nodes.

    ``quarter`` is the index into the plan (or MAIN), ``main`` that of the main road, LANE for a lane on a lot, or −1;
    pieces that were drawn as one line share ``street``.
    """

    lines: Lines
    classes: NDArray[np.str_]
    quarter: NDArray[np.int64]
    main: NDArray[np.int64]
    level: NDArray[np.int64]
    street: NDArray[np.int64]

    def take(self, keep: NDArray[Any]) -> Streets:
        """Return some of the pieces."""
        return Streets(*(getattr(self, name)[keep] for name in Streets.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Network:
    """The finished network with the ground it lies on and the lots drawn along it (``[n, 4, 2]`` a quarter)."""

    ground: Ground
    streets: Streets
    lots: tuple[Array, ...]


def build_streets(town: Town) -> Network:
    """Lay the whole network."""
    ground = survey(town)
    mains = _main_pieces()
    local, lots = _quarter_pieces(town, ground, shapely.multilinestrings(mains.lines))
    tracks = _farm_tracks(shapely.multilinestrings(mains.lines))
    streets = _trim(_join(_trim(_node(_sum([mains, local, tracks]))), ground.barrier))
    streets = _node(_sum([streets, _paths(ground)]))
    streets = _one_network(_bridges(_sum([streets, _motorways(streets)])))
    return Network(ground, streets, lots)


def _pieces(lines: Sequence[shapely.Geometry] | Lines, classes: str, quarter: int = MAIN, main: int = -1) -> Streets:
    count = len(lines)
    return Streets(
        np.array(lines, dtype=object),
        np.full(count, classes, dtype="U12"),
        np.full(count, quarter, dtype=np.int64),
        np.full(count, main, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.arange(count, dtype=np.int64),
    )


def _main_pieces() -> Streets:
    """Main roads at ground level, their ends laid on one another."""
    roads = [(index, road) for index, road in enumerate(main_roads()) if not road.dual]
    lines = [road.line for _, road in roads]
    for own, line in enumerate(lines):
        others = shapely.multilinestrings([other for index, other in enumerate(lines) if index != own])
        coords = shapely.get_coordinates(line)
        for end in (0, -1):
            bridge = shapely.get_coordinates(shapely.shortest_line(shapely.Point(coords[end]), others))
            if 0.0 < float(np.hypot(*(bridge[1] - bridge[0]))) < SNAP_MAIN_M:
                coords[end] = bridge[1]
        lines[own] = shapely.LineString(coords)
    parts = [_pieces([line], road.road_class, main=index) for (index, road), line in zip(roads, lines, strict=True)]
    return _sum(parts)


def _quarter_pieces(town: Town, ground: Ground, mains: shapely.Geometry) -> tuple[Streets, tuple[Array, ...]]:
    parts, lots = [], []
    for index, site in enumerate(ground.sites):
        kind = KINDS.get(site.quarter.kind)
        if kind is None or shapely.is_empty(site.streets):
            lots.append(np.empty((0, 4, 2)))
            continue
        layout = lay_out(
            site.streets,
            kind,
            bearing_deg=site.quarter.bearing_deg,
            bend_m=site.quarter.bend_m,
            rng=town.rng(f"roads: {site.quarter.name}"),
        )
        inner = shapely.buffer(site.streets, -EDGE * kind.depth_m)
        back_m = EDGE * kind.depth_m
        crossings = _carry_on(_cut(layout.crossings, site.streets), mains, ground.barrier, back_m)
        parts.append(_pieces(_cut(layout.streets, inner), kind.street_class, index))
        parts.append(_pieces(crossings, kind.cross_class, index))
        parts.append(_pieces(_cut(layout.links, inner), "path", index))
        parts.append(_pieces(_lanes(layout.lots, kind, site.lots), "service", index, LANE))
        lots.append(layout.lots)
    return _sum(parts), tuple(lots)


def _farm_tracks(mains: shapely.Geometry) -> Streets:
    """Return a track from each farm to the nearest road."""
    yards = shapely.points([spot(farm["at"]) for farm in facts("farms")["farm"]])
    tracks = shapely.shortest_line(yards, mains)
    return _pieces([substring(track, FARM_YARD_M, track.length) for track in tracks], "service")


def _lanes(lots: Array, kind: Kind, area: shapely.Geometry) -> Lines:
    """Return the lanes to the yards: from the street in along the left side of every lot of a kind that has them."""
    if not kind.lane_share:
        return np.empty(0, dtype=object)
    along = lots[:, 1] - lots[:, 0]
    along /= np.hypot(*along.T)[:, None]
    inward = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    inward *= np.sign(((lots[:, 3] - lots[:, 0]) * inward).sum(axis=1))[:, None]
    foot = lots[:, 0] + LANE_SIDE_M * along
    start, end = foot - (kind.reserve_m / 2 + 1.0) * inward, foot + kind.lane_share * kind.depth_m * inward
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    shapely.prepare(area)
    inside = shapely.contains_properly(area, shapely.linestrings(np.stack([foot, end], axis=1)))
    lanes: Lines = np.asarray(lines)[inside]
    return lanes


def _cut(lines: Sequence[shapely.LineString], area: shapely.Geometry) -> Lines:
    """Cut lines to an area; crumbs are dropped."""
    shapely.prepare(area)
    parts = shapely.get_parts(shapely.intersection(np.array(lines, dtype=object), area))
    keep = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 10.0)
    lines_in: Lines = np.asarray(parts)[keep]
    return lines_in


def _carry_on(lines: Lines, mains: shapely.Geometry, barrier: shapely.Geometry, back_m: float) -> Lines:
    """Carry the ends of cross streets on to a main road straight ahead; draw the others back from the rim."""
    out = []
    for line in lines:
        coords = _carry_end(shapely.get_coordinates(line), mains, barrier, back_m)
        coords = _carry_end(coords[::-1], mains, barrier, back_m)[::-1]
        if len(coords) > 1:
            out.append(shapely.LineString(coords))
    return np.array(out, dtype=object)


def _carry_end(coords: Array, mains: shapely.Geometry, barrier: shapely.Geometry, back_m: float) -> Array:
    """Carry on, or draw back, the last point of a line."""
    if len(coords) < 2:
        return coords
    ahead = coords[-1] - coords[-2]
    ahead = ahead / max(float(np.hypot(*ahead)), 1e-9)
    ray = shapely.LineString([coords[-1] - 2.0 * ahead, coords[-1] + REACH_M * ahead])
    hits = shapely.get_coordinates(shapely.intersection(ray, mains))
    if len(hits):
        hit = hits[np.argmin(np.hypot(*(hits - coords[-1]).T))]
        if not shapely.intersects(barrier, shapely.LineString([coords[-1], hit])):
            return np.vstack([coords, hit])
    line = shapely.LineString(coords)
    shorter = substring(line, 0.0, line.length - back_m)
    return shapely.get_coordinates(shorter) if line.length > 2 * back_m else coords[:0]


def _node(streets: Streets) -> Streets:
    """Split pieces where they meet, on a grid of centimetres; each new piece keeps what the old one knew."""
    noded = np.asarray(shapely.get_parts(shapely.union_all(streets.lines, grid_size=GRID_M)))
    tree = shapely.STRtree(streets.lines)
    middles = shapely.line_interpolate_point(noded, 0.5, normalized=True)
    piece, source = tree.query_nearest(middles, all_matches=False)
    result = streets.take(source[np.argsort(piece)])
    result.lines = noded
    return result


def end_nodes(lines: Lines) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Number the ends of lines: node at the start, node at the end, coordinates of the nodes."""
    ends = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(lines, 0)),
            shapely.get_coordinates(shapely.get_point(lines, -1)),
        ]
    )
    nodes, number = np.unique(np.round(ends / GRID_M).astype(np.int64), axis=0, return_inverse=True)
    number = number.reshape(-1).astype(np.int64)
    places: Array = nodes.astype(np.float64) * GRID_M
    return number[: len(lines)], number[len(lines) :], places


def components(lines: Lines) -> NDArray[np.int64]:
    """Number the connected part that each line belongs to; 0 is the longest."""
    start, end, nodes = end_nodes(lines)
    graph = coo_array((np.ones(len(lines)), (start, end)), shape=(len(nodes), len(nodes)))
    part = connected_components(graph, directed=False)[1][start]
    order = np.argsort(-np.bincount(part, weights=shapely.length(lines)))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return np.asarray(rank[part], dtype=np.int64)


def _join(streets: Streets, barrier: shapely.Geometry) -> Streets:
    """Join stray parts to the network by short links; what cannot be joined is dropped."""
    part = components(streets.lines)
    sound, links = part == 0, []
    shapely.prepare(barrier)
    for number in range(1, int(part.max()) + 1):
        own = part == number
        base = shapely.multilinestrings(streets.lines[sound])
        link = shapely.shortest_line(shapely.multilinestrings(streets.lines[own]), base)
        if shapely.length(link) > LINK_M or shapely.intersects(barrier, link):
            continue
        if (streets.main[own] == LANE).all():
            continue
        quarter = int(streets.quarter[own][0])
        links.append(_pieces([link], "residential", quarter))
        sound |= own
    return _node(_sum([streets.take(sound), *links]))


def _trim(streets: Streets) -> Streets:
    """Drop short loose ends, and what is drawn twice."""
    for _ in range(2):
        start, end, nodes = end_nodes(streets.lines)
        degree = np.bincount(np.concatenate([start, end]), minlength=len(nodes))
        loose = (degree[start] == 1) | (degree[end] == 1)
        short = np.where(streets.main >= 0, SNAP_MAIN_M / 2, STUB_M)
        streets = _node(streets.take(~(loose & (shapely.length(streets.lines) < short))))
    return streets


def _paths(ground: Ground) -> Streets:
    """Return the green routes, clear of lakes, their ends laid on the network."""
    lines = np.array([line for _, line in greenways()], dtype=object)
    lakes = shapely.buffer(ground.water, 4.0)
    parts = np.asarray(shapely.get_parts(shapely.difference(lines, lakes)))
    return _pieces(parts[shapely.length(parts) > STUB_M], "path")


def _motorways(streets: Streets) -> Streets:
    """Return both carriageways of each motorway and the ramps between them and the other roads."""
    mains = [(index, road) for index, road in enumerate(main_roads()) if road.dual]
    ways = [(index, shapely.offset_curve(road.line, side * DUAL_OFFSET_M)) for index, road in mains for side in (-1, 1)]
    ends = shapely.points(_loose_ends(streets))
    joints = [shapely.LineString([way.coords[0], _nearest(way.coords[0], ends)]) for _, way in ways]
    lines = [_ramp(line, shapely.multilinestrings([way for _, way in ways]), ends) for _, line in ramps()]
    lines += [joint for joint in joints if joint.length < RAMP_REACH_M]
    feet = shapely.get_coordinates(shapely.multilinestrings([line.coords[:: len(line.coords) - 1] for line in lines]))
    parts = [_pieces(_split(way, feet), "motorway", main=index) for index, way in ways]
    parts.append(_pieces([_rounded(line) for line in lines], "motorway", main=RAMP))
    return _sum(parts)


def _loose_ends(streets: Streets) -> Array:
    start, end, nodes = end_nodes(streets.lines[streets.classes == "primary"])
    loose: Array = nodes[np.bincount(np.concatenate([start, end])) == 1]
    return loose


def _nearest(point: Sequence[float], choices: Lines) -> tuple[float, float]:
    best = choices[np.argmin(shapely.distance(shapely.Point(point), choices))]
    return float(best.x), float(best.y)


def _ramp(line: shapely.LineString, ways: shapely.Geometry, ends: Lines) -> shapely.LineString:
    """Lay the ends of a ramp on the end of a main road where one is near, else on the nearest carriageway."""
    coords = shapely.get_coordinates(line)
    for index in (0, -1):
        point = shapely.Point(coords[index])
        end = _nearest(coords[index], ends)
        on_way = shapely.get_coordinates(shapely.shortest_line(point, ways))[1]
        coords[index] = end if point.distance(shapely.Point(end)) < GRID_M else on_way
    return shapely.LineString(np.round(round_corners(coords.tolist(), reach_m=RAMP_REACH_M), 2))


def _split(way: shapely.LineString, feet: Array) -> list[shapely.Geometry]:
    """Split a carriageway where ramps touch it."""
    points = shapely.points(feet)
    near = points[shapely.distance(points, way) < 2 * GRID_M]
    at = np.unique(shapely.line_locate_point(way, near))
    stops = [0.0, *at[(at > 1.0) & (at < way.length - 1.0)].tolist(), way.length]
    pieces = [shapely.get_coordinates(substring(way, a, b)) for a, b in pairwise(stops)]
    return [_rounded(shapely.LineString(coords)) for coords in pieces]


def _rounded(line: shapely.Geometry) -> shapely.Geometry:
    return shapely.set_precision(line, GRID_M, mode="pointwise")


def _one_network(streets: Streets) -> Streets:
    """Drop the crumbs of road that hang on nothing, and the lanes that reach no street."""
    drive = np.flatnonzero(streets.classes != "path")
    stray = drive[components(streets.lines[drive]) > 0]
    return streets.take(np.setdiff1d(np.arange(len(streets.lines)), stray))


def _bridges(streets: Streets) -> Streets:
    """Lift the roads that cross the railway or a motorway: a piece of level 1 over it."""
    under = shapely.union_all([rail_line(), *[road.line for road in main_roads() if road.dual]])
    over = (streets.classes != "motorway") & shapely.intersects(streets.lines, under)
    parts = [streets.take(~over)]
    for index in np.flatnonzero(over):
        line = streets.lines[index]
        hit = shapely.get_coordinates(shapely.intersection(line, under))
        at = shapely.line_locate_point(line, shapely.points(hit))
        first, last = max(0.0, at.min() - BRIDGE_M), min(line.length, at.max() + BRIDGE_M)
        for start, end, level in ((0.0, first, 0), (first, last, 1), (last, line.length, 0)):
            if end - start > GRID_M:
                piece = streets.take(np.array([index]))
                piece.lines = np.array([_rounded(substring(line, start, end))], dtype=object)
                piece.level[:] = level
                parts.append(piece)
    names = Streets.__dataclass_fields__
    return Streets(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _sum(parts: Sequence[Streets]) -> Streets:
    """Lay networks together; every line keeps a number of its own."""
    names = [name for name in Streets.__dataclass_fields__ if name != "street"]
    offsets = np.cumsum([0, *[int(part.street.max(initial=-1)) + 1 for part in parts[:-1]]])
    street = np.concatenate([part.street + offset for part, offset in zip(parts, offsets, strict=True)])
    return Streets(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}, street=street)
