"""Where lines are cut and joined: crossings of the same level, ends on lines, ends on ends.

A *cut* is a place on a line. It has two sides, the end of the piece before and the start of the piece after; sides that
are one junction get the same node number. A barrier is a cut whose two sides stay apart.

Levels: lines of one level are joined wherever they touch or cross. The end of a bridge or tunnel lands on a line nearer
the ground, unless the bridge goes on from there; a line on the ground never joins the middle of a bridge or tunnel.
Ends that meet are joined at any level: that is how a bridge goes over into its road.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ballerup_geo.network._lines import Lines

__all__ = ["Cuts", "cut_and_join"]

Array = np.ndarray[Any, np.dtype[Any]]
Places = tuple[Array, Array]
"""Line numbers (int64) and metres along them (float64)."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """Cuts in the order of lines and along them.

    ``line`` int64[c], ``along_m`` float64[c]; ``before`` and ``after`` int64[c]: node of the piece that ends at the cut
    and of the piece that starts there, numbers of any size.
    """

    line: Array
    along_m: Array
    before: Array
    after: Array


def cut_and_join(lines: Lines, *, tolerance_m: float, barriers: Array | None) -> Cuts:
    """Cut lines where they meet, and number the junctions.

    ``barriers`` are geometries (``object[b]``) that part the lines they touch. Junctions are the groups of cuts that
    are joined directly or through others, also along one line where two cuts lie within the tolerance: the same
    junctions whatever the order of the rows.
    """
    count = len(lines.geometry)
    ends = np.arange(2 * count)
    end_line = ends // 2
    end_along = np.where(ends % 2 == 0, 0.0, lines.length_m[end_line])
    end_points = shapely.line_interpolate_point(lines.geometry[end_line], end_along)
    tree = shapely.STRtree(lines.geometry)
    touching = _end_pairs(end_points, tolerance_m)
    here, there = _crossings(lines, tree)
    twice, again = _self_crossings(lines)
    landing, (on_line, on_along) = _landings(lines, tree, end_points, touching, tolerance_m)
    parted_line, parted_along = _parted(lines, tree, barriers, tolerance_m)
    pair = len(here[0]) + len(twice[0])
    line = np.concatenate([end_line, here[0], twice[0], there[0], again[0], on_line, parted_line])
    along = np.concatenate([end_along, here[1], twice[1], there[1], again[1], on_along, parted_along])
    first = 2 * count
    ones = np.concatenate([touching[:, 0], first + np.arange(pair), landing])
    others = np.concatenate(
        [touching[:, 1], first + pair + np.arange(pair), first + 2 * pair + np.arange(len(landing))]
    )
    apart = np.arange(len(line)) >= len(line) - len(parted_line)
    return _numbered(line, along, apart, ones, others, tolerance_m)


def _end_pairs(points: Array, tolerance_m: float) -> Array:
    """Pairs of ends (``int64[p, 2]``) that are nearer to each other than the tolerance."""
    tree = cKDTree(shapely.get_coordinates(points))
    pairs: Array = tree.query_pairs(tolerance_m, output_type="ndarray").astype(np.int64)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _crossings(lines: Lines, tree: shapely.STRtree) -> tuple[Places, Places]:
    """Places on both lines wherever two lines of one level touch, cross or run over each other (there: both ends)."""
    one, other = tree.query(lines.geometry, predicate="intersects")
    wanted = (one < other) & (lines.level[one] == lines.level[other])
    one, other = one[wanted], other[wanted]
    order = np.lexsort((other, one))
    return _meetings(lines.geometry, one[order], other[order])


def _meetings(geometry: Array, one: Array, other: Array) -> tuple[Places, Places]:
    shared, pair = shapely.get_parts(shapely.intersection(geometry[one], geometry[other]), return_index=True)
    linear = shapely.get_type_id(shared) == 1
    starts = shapely.get_point(shared[linear], 0)
    stops = shapely.get_point(shared[linear], -1)
    points = np.concatenate([shared[shapely.get_type_id(shared) == 0], starts, stops])
    at = np.concatenate([pair[shapely.get_type_id(shared) == 0], pair[linear], pair[linear]])
    order = np.argsort(at, kind="stable")
    points, at = points[order], at[order]
    a, b = one[at], other[at]
    return (
        (a, shapely.line_locate_point(geometry[a], points)),
        (b, shapely.line_locate_point(geometry[b], points)),
    )


def _self_crossings(lines: Lines) -> tuple[Places, Places]:
    """Places where a line meets itself, each of them twice on the same line."""
    knotted = np.flatnonzero(~shapely.is_simple(lines.geometry))
    if not len(knotted):
        nowhere = (np.zeros(0, np.int64), np.zeros(0))
        return nowhere, nowhere
    xy, owner = shapely.get_coordinates(lines.geometry[knotted], return_index=True)
    inner = np.flatnonzero(owner[1:] == owner[:-1])
    pieces = shapely.linestrings(np.stack([xy[inner], xy[inner + 1]], axis=1))
    starts = _metres_to(xy, owner)[inner]
    one, other = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    wanted = (owner[inner[one]] == owner[inner[other]]) & (inner[other] > inner[one] + 1)
    one, other = one[wanted], other[wanted]
    order = np.lexsort((other, one))
    (a, a_m), (b, b_m) = _meetings(pieces, one[order], other[order])
    return (knotted[owner[inner[a]]], starts[a] + a_m), (knotted[owner[inner[b]]], starts[b] + b_m)


def _metres_to(xy: Array, owner: Array) -> Array:
    """Metres from the start of its line to each vertex."""
    step = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T)]) if len(xy) else np.zeros(0)
    run: Array = np.cumsum(step)
    first = np.searchsorted(owner, owner, side="left")
    metres: Array = run - run[first]
    return metres


def _landings(
    lines: Lines, tree: shapely.STRtree, points: Array, touching: Array, tolerance_m: float
) -> tuple[Array, Places]:
    """Ends that lie on other lines, and where on them."""
    end, line = tree.query(points, predicate="dwithin", distance=tolerance_m)
    mine = lines.level[end // 2]
    theirs = lines.level[line]
    goes_on = np.zeros(len(points), bool)
    same = lines.level[touching[:, 0] // 2] == lines.level[touching[:, 1] // 2]
    goes_on[touching[same].ravel()] = True
    lands = (np.abs(mine) > np.abs(theirs)) & ~goes_on[end]
    wanted = (end // 2 != line) & ((mine == theirs) | lands)
    end, line = end[wanted], line[wanted]
    order = np.lexsort((line, end))
    end, line = end[order], line[order]
    return end, (line, shapely.line_locate_point(lines.geometry[line], points[end]))


def _parted(lines: Lines, tree: shapely.STRtree, barriers: Array | None, tolerance_m: float) -> Places:
    """Where a barrier stands on a line on the ground: a point within the tolerance, a fence wherever it crosses."""
    if barriers is None:
        return np.zeros(0, np.int64), np.zeros(0)
    spots = barriers[shapely.get_type_id(barriers) == 0]
    spot, at = tree.query(spots, predicate="dwithin", distance=tolerance_m)
    fences = barriers[shapely.get_type_id(barriers) > 0]
    fence, crossed = tree.query(fences, predicate="intersects")
    shared, pair = shapely.get_parts(shapely.intersection(fences[fence], lines.geometry[crossed]), return_index=True)
    along = shapely.get_type_id(shared) == 1
    middle = shared.copy()
    middle[along] = shapely.line_interpolate_point(shared[along], 0.5, normalized=True)
    line = np.concatenate([at, crossed[pair]])
    along = shapely.line_locate_point(lines.geometry[line], np.concatenate([spots[spot], middle]))
    order = np.lexsort((along, line))
    order = order[lines.level[line[order]] == 0]
    return line[order], along[order]


def _numbered(line: Array, along: Array, apart: Array, ones: Array, others: Array, tolerance_m: float) -> Cuts:
    """Give the sides of cuts their junction: a group of sides that are joined to each other."""
    order = np.lexsort((np.arange(len(line)), along, line))
    close = (line[order][1:] == line[order][:-1]) & (np.diff(along[order]) <= tolerance_m)
    whole = np.flatnonzero(~apart)
    left = np.concatenate([2 * whole, 2 * ones, 2 * order[:-1][close] + 1])
    right = np.concatenate([2 * whole + 1, 2 * others, 2 * order[1:][close]])
    sides = 2 * len(line)
    joined = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(sides, sides))
    junction = connected_components(joined, directed=False)[1].astype(np.int64)
    return Cuts(line[order], along[order], junction[2 * order], junction[2 * order + 1])
