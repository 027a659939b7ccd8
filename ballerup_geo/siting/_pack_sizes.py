"""Circles of several sizes that may not touch, placed for the most benefit: trees with the crowns they will have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.compiled import kernel, side_by_side
from ballerup_geo.errors import DataError, Fault
from ballerup_geo.siting._packing import edges_of, next_number, packing_bound, read_area
from ballerup_geo.siting._plantable import polygons_of
from ballerup_geo.siting._sweep import edges_around, sweep

__all__ = ["SizedPacking", "pack_sizes"]

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

DIRECTIONS = 4
"""Directions in which each mix of sizes is tried; one where many circles stand."""
FEW, MANY = 4, 10
"""Circles of a size below which each number of them is tried; circles from which an area gets no mixes as a whole."""
ROUNDS = 40
"""Times that what stands around a point is taken up and laid anew with another mix."""
ROUNDS_A_CIRCLE = 10
"""Tries to better an area are at most this many times its circles."""
MANY_AREAS = 256
"""Areas from which on west and east are filled at the same time, and what lies between them after."""
PIECE = 8.0
"""Areas wider than one and a half times this many of the greatest radius are cut into pieces this wide."""


@dataclass(frozen=True, slots=True)
class SizedPacking:
    """What stands where, and how much better it could be at most.

    ``points`` float64 ``[n, 2]``; ``size`` and ``area`` int64 ``[n]``: which of the sizes, in which of the areas;
    ``benefit`` is their sum, ``bound`` what no packing exceeds (infinite where it was not asked
    for), ``gap`` the share of the bound that is not reached.
    """

    points: Numbers
    size: Whole
    area: Whole
    benefit: float
    bound: float

    @property
    def gap(self) -> float:
        """Return the share of the bound that is not reached, 0 to 1."""
        return 0.0 if self.bound == 0 else max(0.0, 1.0 - self.benefit / self.bound)


def pack_sizes(
    areas: Sequence[ArrayLike],
    *,
    radii_m: ArrayLike,
    benefits: ArrayLike,
    seed: int = 0,
    rounds: int = ROUNDS,
    bounded: bool = True,
) -> SizedPacking:
    """Place circles of several radii, apart by the sum of their radii, for the most benefit.

    Each area is filled with mixes of sizes, the most beneficial first and all or fewer of it, by exact sweeps (see
    `sweep`); the best mix is bettered by taking up what stands around a point and laying it anew with another mix.
    Circles of earlier areas keep their distance to those of later ones. Wide areas are cut by a square net and filled
    piece by piece, so that the time grows with the ground and not with its square.

    Parameters
    ----------
    areas
        For each size, where its middle may stand: polygons or multipolygons in metres, as many for each size; what one
        size may use need not lie in what another may.
    radii_m
        Radius of each size, above 0.
    benefits
        Benefit of one circle of each size, above 0, e.g. its area.
    seed
        Decides directions and mixes; the same seed gives the same circles.
    rounds
        Tries to better each area.
    bounded
        Whether the bound is reckoned; it takes as long as the packing, and is infinite without.

    Raises
    ------
    DataError
        The arguments do not match, an area is no valid polygon, or a radius or benefit is not above zero.
    """
    radii, worth = _read_sizes(areas, radii_m, benefits)
    shapes = [read_area(area) for area in areas]
    if len({len(each) for each in shapes}) > 1:
        raise DataError(Fault("areas", "", "the sizes have different numbers of areas", "give one of each a size"))
    order = np.argsort(-worth, kind="stable")
    pieces, whose = _cut(shapes, PIECE * float(radii.max()))
    parts = [edges_of(pieces[k]) for k in order]
    edges = np.concatenate([each for each, _ in parts])
    begins = np.cumsum([0, *(len(each) for each, _ in parts[:-1])])
    start = np.stack([begin + starts for begin, (_, starts) in zip(begins, parts, strict=True)])
    near, near_start = _neighbours(pieces, 2 * float(radii.max()))
    west, east, between = _sides(pieces, 2 * float(radii.max()))
    model = (near, near_start, radii[order], worth[order], int(seed) % 2**31, int(rounds))
    nothing = (np.empty((0, 2)), np.empty(0, np.int64), np.zeros(len(whose), np.int64), np.zeros(len(whose), np.int64))
    sides = side_by_side(_pack_some, [(edges, start, which, *model, *nothing) for which in (west, east)])
    standing = _joined(sides[0], sides[1], east)
    points, size, first, last = _pack_some(edges, start, between, *model, *standing)
    owner = np.empty(len(points), np.int64)
    for g in range(len(whose)):
        owner[first[g] : last[g]] = whose[g]
    size = order[size].astype(np.int64)
    place = np.lexsort((points[:, 0], points[:, 1], owner))
    bound = _bound(shapes, radii, worth) if bounded else float("inf")
    return SizedPacking(points[place], size[place], owner[place], float(worth[size].sum()), bound)


def _read_sizes(areas: Sequence[ArrayLike], radii_m: ArrayLike, benefits: ArrayLike) -> tuple[Numbers, Numbers]:
    """Return radii and benefits, one a size."""
    radii, worth = (np.asarray(each, dtype=np.float64) for each in (radii_m, benefits))
    if radii.ndim != 1 or radii.shape != worth.shape or len(radii) != len(areas) or not len(radii):
        todo = "give one area array, one radius and one benefit a size"
        raise DataError(Fault("radii_m", "", f"{radii.shape} beside {worth.shape} and {len(areas)} areas", todo))
    for name, each in (("radii_m", radii), ("benefits", worth)):
        if not (np.isfinite(each) & (each > 0)).all():
            raise DataError(Fault(name, "", f"{each.tolist()} are not all above 0", "give numbers above 0"))
    return radii, worth


def _cut(shapes: list[NDArray[np.object_]], width_m: float) -> tuple[list[NDArray[np.object_]], Whole]:
    """Return areas cut into pieces of at most 1½ widths, alike for each size, and the area of each piece."""
    boxes = _boxes(shapes)
    across = np.nan_to_num(boxes[:, 2:] - boxes[:, :2])
    count = np.where(across > 1.5 * width_m, np.ceil(across / width_m), 1.0).astype(np.int64)
    whole = count.max(axis=1) == 1
    corners, whose = [], []
    for at in np.flatnonzero(~whole).tolist():
        lines = [np.linspace(boxes[at, k], boxes[at, k + 2], count[at, k] + 1) for k in (0, 1)]
        west, south = (each.ravel() for each in np.meshgrid(lines[0][:-1], lines[1][:-1]))
        east, north = (each.ravel() for each in np.meshgrid(lines[0][1:], lines[1][1:]))
        corners.append(np.stack([west, south, east, north], axis=1))
        whose.append(np.full(len(west), at))
    if not corners:
        return shapes, np.arange(len(boxes))
    net, owner = np.concatenate(corners), np.concatenate(whose)
    cells = shapely.box(*net.T)
    owners = np.concatenate([np.flatnonzero(whole), owner])
    order = np.argsort(owners, kind="stable")

    def pieces(each: NDArray[np.object_]) -> NDArray[np.object_]:
        shapely.prepare(each[~whole])
        return np.concatenate([each[whole], polygons_of(shapely.intersection(each[owner], cells))])[order]

    cut = side_by_side(pieces, ((each,) for each in shapes))
    some = ~np.all([shapely.is_empty(each) for each in cut], axis=0) | np.isin(owners[order], np.flatnonzero(whole))
    return [each[some] for each in cut], owners[order][some]


def _sides(shapes: list[NDArray[np.object_]], reach: float) -> tuple[Whole, Whole, Whole]:
    """Return areas in the west and in the east that are out of each other's reach, and those between."""
    boxes = _boxes(shapes)
    if len(boxes) < MANY_AREAS:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.arange(len(boxes))
    middle = np.nanmedian((boxes[:, 0] + boxes[:, 2]) / 2)
    west, east = boxes[:, 2] < middle - reach, boxes[:, 0] > middle + reach
    return np.flatnonzero(west), np.flatnonzero(east), np.flatnonzero(~west & ~east)


def _joined(west: Any, east: Any, whose: Whole) -> tuple[Numbers, Whole, Whole, Whole]:
    """Return what stands on both sides, as `_pack_some` does; ``whose`` are the areas of the east."""
    points, size, first, last = west
    shift = len(points)
    first[whose], last[whose] = east[2][whose] + shift, east[3][whose] + shift
    return np.concatenate([points, east[0]]), np.concatenate([size, east[1]]), first, last


def _neighbours(shapes: list[NDArray[np.object_]], reach: float) -> tuple[Whole, Whole]:
    """Return, as compressed rows, the other areas within reach of each, whatever the size."""
    boxes = shapely.box(*np.moveaxis(_boxes(shapes), -1, 0))
    own, other = shapely.STRtree(boxes).query(boxes, predicate="dwithin", distance=reach)
    others = other != own
    own, other = own[others], other[others]
    order = np.lexsort((other, own))
    start = np.concatenate([[0], np.cumsum(np.bincount(own, minlength=len(boxes)))])
    return other[order].astype(np.int64), start.astype(np.int64)


def _boxes(shapes: list[NDArray[np.object_]]) -> Numbers:
    bounds = np.stack([shapely.bounds(each) for each in shapes])
    low = np.where(np.isnan(bounds[..., :2]), np.inf, bounds[..., :2]).min(axis=0)
    high = np.where(np.isnan(bounds[..., 2:]), -np.inf, bounds[..., 2:]).max(axis=0)
    empty = ~np.isfinite(low).all(axis=1)
    low[empty], high[empty] = np.nan, np.nan
    return np.hstack([low, high])


def _bound(shapes: list[NDArray[np.object_]], radii: Numbers, worth: Numbers) -> float:
    """Return a benefit that no packing exceeds: circles that do not overlap, on the ground that they can reach.

    Of each size there are at most as many as `packing_bound` says, and all circles together have no more area than what
    lies within a radius of where they may stand; the best mix under both, in fractions, is a bound.
    """
    total = 0.0
    for own in zip(*shapes, strict=True):
        rim = radii / np.cos(np.pi / 32)
        grown = [shapely.buffer(area, reach, quad_segs=8) for area, reach in zip(own, rim, strict=True)]
        room = float(shapely.area(shapely.union_all(grown)))
        for k in np.argsort(-worth / radii**2, kind="stable"):
            if shapely.is_empty(own[k]):
                continue
            disc = np.pi * radii[k] ** 2
            count = min(packing_bound(own[k], spacing_m=2 * float(radii[k])), room / disc)
            total += count * worth[k]
            room -= count * disc
    return total


@kernel
def _laid(
    edges: Any,
    start: Any,
    g: int,
    radii: Any,
    limit: Any,
    stand: Any,
    size: Any,
    turn: float,
    mx: float,
    my: float,
    window: float,
) -> Any:
    """Add circles of each size in turn, up to a limit of each, to those that stand; returns all and their sizes.

    Within a window, a disc around a place, only those that stand near to it need be given.
    """
    ux, uy = np.cos(turn), np.sin(turn)
    for s in range(radii.shape[0]):
        own = edges[start[s, g] : start[s, g + 1]]
        if window < np.inf:
            own = edges_around(own, mx, my, window)
        if limit[s] == 0 or own.shape[0] == 0:
            continue
        found = sweep(own, stand, radii[size] + radii[s], 2.0 * radii[s], 0.0, ux, uy, limit[s], mx, my, window)
        n, m = stand.shape[0], found.shape[0]
        more, sizes = np.empty((n + m, 2)), np.empty(n + m, np.int64)
        more[:n], more[n:] = stand, found
        sizes[:n], sizes[n:] = size, s
        stand, size = more, sizes
    return stand, size


@kernel
def _worth_of(size: Any, fixed: int, worth: Any) -> float:
    total = 0.0
    for k in range(fixed, size.shape[0]):
        total += worth[size[k]]
    return total


@kernel
def _mixes(edges: Any, start: Any, g: int, radii: Any, worth: Any, stand: Any, size: Any, state: int) -> Any:
    """Return the best of filling with 0, 1, 2 … of the first sizes, and as many as fit of the rest."""
    sizes = radii.shape[0]
    fixed = stand.shape[0]
    best, best_size, best_worth = stand, size, 0.0
    turn = 2.0 * np.pi * state / 2147483647.0
    limit = np.empty(sizes, np.int64)
    for s in range(sizes):  # sizes before s are left out, s is limited, those after it are not
        directions = DIRECTIONS if best.shape[0] - fixed < MANY else 1
        for k in range(directions):
            angle = turn + 2.0 * np.pi * k / DIRECTIONS
            limit[:] = 1000000000
            limit[:s] = 0
            while True:
                found, found_size = _laid(edges, start, g, radii, limit, stand, size, angle, 0.0, 0.0, np.inf)
                value = _worth_of(found_size, fixed, worth)
                if value > best_worth:
                    best, best_size, best_worth = found, found_size, value
                used = 0
                for j in range(fixed, found_size.shape[0]):
                    used += found_size[j] == s
                if used < 2 or found.shape[0] - fixed >= MANY:  # the next size's turn
                    break
                limit[s] = used - 1 if used < FEW else used // 2
    return best, best_size


@kernel
def _bettered(
    edges: Any, start: Any, g: int, radii: Any, worth: Any, fixed: int, best: Any, size: Any, rounds: int, state: int
) -> Any:
    """Take up what stands around a circle and fill again with a mix by chance; kept where no benefit is lost."""
    sizes = radii.shape[0]
    limit = np.empty(sizes, np.int64)
    for _ in range(rounds):
        count = best.shape[0] - fixed
        if count == 0:
            break
        state = next_number(state)
        x, y = best[fixed + state % count]
        state = next_number(state)
        reach = radii.max() * (1.5 + 2.5 * state / 2147483647.0)
        apart = np.sqrt((best[:, 0] - x) ** 2 + (best[:, 1] - y) ** 2)
        away, lost = apart > reach, 0.0
        away[:fixed] = True
        for k in range(fixed, best.shape[0]):
            if not away[k]:
                lost += worth[size[k]]
        limit[:] = 1000000000
        for s in range(sizes - 1):
            state = next_number(state)
            if state % 2 == 0:
                limit[s] = (state // 2) % 3
        state = next_number(state)
        turn = 2.0 * np.pi * state / 2147483647.0
        near = away & (apart < reach + 2.0 * radii.max())
        around, around_size = best[near], size[near]
        found, found_size = _laid(edges, start, g, radii, limit, around, around_size, turn, x, y, reach)
        if _worth_of(found_size, around.shape[0], worth) >= lost:
            kept, new = best[away], found.shape[0] - around.shape[0]
            joined, sizes_joined = np.empty((kept.shape[0] + new, 2)), np.empty(kept.shape[0] + new, np.int64)
            joined[: kept.shape[0]], joined[kept.shape[0] :] = kept, found[around.shape[0] :]
            sizes_joined[: kept.shape[0]] = size[away]
            sizes_joined[kept.shape[0] :] = found_size[around.shape[0] :]
            best, size = joined, sizes_joined
    return best, size


@kernel
def _room_of(edges: Any, start: Any, g: int, reach: float) -> Any:
    """Return the box around an area, of any size, in which what stands can matter; west, south, east, north."""
    box = np.array([np.inf, np.inf, -np.inf, -np.inf])
    for s in range(start.shape[0]):
        for k in range(start[s, g], start[s, g + 1]):
            box[0], box[1] = min(box[0], edges[k, 0] - reach), min(box[1], edges[k, 1] - reach)
            box[2], box[3] = max(box[2], edges[k, 0] + reach), max(box[3], edges[k, 1] + reach)
    return box


@kernel
def _pack_some(
    edges: Any,
    start: Any,
    which: Any,
    near: Any,
    near_start: Any,
    radii: Any,
    worth: Any,
    seed: int,
    rounds: int,
    points: Any,
    sizes: Any,
    first: Any,
    last: Any,
) -> Any:
    """Fill areas in a given order, beside circles that stand: those of area g lie from ``first[g]`` to ``last[g]``.

    Returns all circles, their sizes, and where those of each area lie.
    """
    first, last = first.copy(), last.copy()
    total = points.shape[0]
    for g in which:
        box = _room_of(edges, start, g, 2.0 * radii.max())
        most = 0
        for j in range(near_start[g], near_start[g + 1]):
            most += last[near[j]] - first[near[j]]
        stand, size = np.empty((most, 2)), np.empty(most, np.int64)
        fixed = 0
        for j in range(near_start[g], near_start[g + 1]):
            for k in range(first[near[j]], last[near[j]]):
                x, y = points[k, 0], points[k, 1]
                if box[0] < x < box[2] and box[1] < y < box[3]:
                    stand[fixed], size[fixed] = points[k], sizes[k]
                    fixed += 1
        stand, size = stand[:fixed].copy(), size[:fixed].copy()
        state = next_number((seed + 7919 * (g + 1)) % 2147483646 + 1)
        best, best_size = _mixes(edges, start, g, radii, worth, stand, size, state)
        tries = min(rounds, ROUNDS_A_CIRCLE * (best.shape[0] - fixed))
        best, best_size = _bettered(edges, start, g, radii, worth, fixed, best, best_size, tries, next_number(state))
        count = best.shape[0] - fixed
        while total + count > points.shape[0]:
            more, more_sizes = np.empty((2 * points.shape[0] + 1024, 2)), np.empty(2 * points.shape[0] + 1024, np.int64)
            more[:total], more_sizes[:total] = points[:total], sizes[:total]
            points, sizes = more, more_sizes
        points[total : total + count] = best[fixed:]
        sizes[total : total + count] = best_size[fixed:]
        first[g] = total
        total += count
        last[g] = total
    return points[:total].copy(), sizes[:total].copy(), first, last
