"""A field of streets and lots for one quarter: drawn straight in a plan of its own (u along the streets, v across),
then bent, turned and laid on the land.

Neighbouring lots share their corners exactly, so they never overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.plan import Kind

__all__ = ["Layout", "Warp", "lay_out"]

STEP_M = 20.0
"""Distance between the points of a curved street."""
BREAK_M = 14.0
"""Length of the path that joins two cul-de-sacs."""
MARGIN_M = 60.0
"""The field reaches this far beyond the quarter before it is cut."""
JITTER = 0.06
"""How much street and lot distances vary."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Warp:
    """From plan (u, v) to land (x, y): wiggle, bend around a circle, turn, shift."""

    centre: tuple[float, float]
    turn: float
    radius_m: float
    wiggle_m: float
    wave_m: float
    phase: float

    def __call__(self, uv: Array) -> Array:
        """Map points ``[..., 2]``."""
        u, v = uv[..., 0], uv[..., 1] + self.wiggle_m * np.sin(2 * np.pi * uv[..., 0] / self.wave_m + self.phase)
        if self.radius_m:
            angle = u / self.radius_m
            u, v = (self.radius_m + v) * np.sin(angle), (self.radius_m + v) * np.cos(angle) - self.radius_m
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return np.stack([self.centre[0] + u * cos - v * sin, self.centre[1] + u * sin + v * cos], axis=-1)


@dataclass(frozen=True, slots=True)
class Layout:
    """What is drawn for a quarter, not yet cut to it.

    ``lots`` is ``[n, 4, 2]``: front left, front right, back right, back left, seen from the street.
    """

    streets: tuple[shapely.LineString, ...]
    crossings: tuple[shapely.LineString, ...]
    links: tuple[shapely.LineString, ...]
    lots: Array


def lay_out(
    area: shapely.Geometry,
    kind: Kind,
    *,
    bearing_deg: float,
    bend_m: float,
    rng: np.random.Generator,
) -> Layout:
    """Draw streets, cross streets, path links and lots over an area."""
    warp, half_u, half_v = _warp(area, kind, bearing_deg, bend_m, rng)
    street_v = _stops(-half_v, half_v, 2 * kind.depth_m + kind.reserve_m, rng)
    cross_u = _stops(-half_u, half_u, kind.block_m, rng)
    streets, links = [], []
    for v in street_v:
        gaps = _gaps(cross_u, kind, rng)
        streets += [_line(warp, (a, v), (b, v)) for a, b in _between(-half_u, half_u, gaps)]
        links += [_line(warp, (a, v), (b, v)) for a, b in gaps]
    crossings = [_line(warp, (u, -half_v), (u, half_v)) for u in cross_u]
    corners = _lots(street_v, np.concatenate([[-half_u], cross_u, [half_u]]), kind, rng)
    return Layout(tuple(streets), tuple(crossings), tuple(links), warp(corners))


def _warp(
    area: shapely.Geometry, kind: Kind, bearing_deg: float, bend_m: float, rng: np.random.Generator
) -> tuple[Warp, float, float]:
    west, south, east, north = shapely.bounds(area)
    centre = ((west + east) / 2, (south + north) / 2)
    turn = math.radians(bearing_deg)
    along = shapely.get_coordinates(area) - centre
    u = along @ np.array([math.cos(turn), math.sin(turn)])
    v = along @ np.array([-math.sin(turn), math.cos(turn)])
    half_u, half_v = float(np.abs(u).max()) + MARGIN_M, float(np.abs(v).max()) + MARGIN_M
    radius = math.copysign(max(abs(bend_m), 2.2 * half_v), bend_m) if bend_m else 0.0
    if radius:
        half_u, half_v = 1.25 * half_u, half_v + half_u**2 / (2 * abs(radius))
    warp = Warp(centre, turn, radius, kind.wiggle_m, float(rng.uniform(520, 760)), float(rng.uniform(0, 2 * np.pi)))
    return warp, half_u, half_v


def _stops(start: float, end: float, step: float, rng: np.random.Generator) -> Array:
    """Positions about ``step`` apart, varied."""
    count = max(1, round((end - start) / step))
    stops = start + (np.arange(count) + 0.5) * (end - start) / count
    jitter: Array = stops + rng.uniform(-JITTER, JITTER, count) * step
    return jitter


def _gaps(cross_u: Array, kind: Kind, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Where a street is cut between two cross streets."""
    middles = (cross_u[:-1] + cross_u[1:]) / 2
    cut = rng.random(len(middles)) < kind.break_share
    return [(float(m) - BREAK_M / 2, float(m) + BREAK_M / 2) for m in middles[cut]]


def _between(start: float, end: float, gaps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    edges = [start, *[edge for gap in gaps for edge in gap], end]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _line(warp: Warp, start: tuple[float, float], end: tuple[float, float]) -> shapely.LineString:
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    t = np.linspace(0.0, 1.0, max(2, math.ceil(length / STEP_M) + 1))[:, None]
    return shapely.LineString(warp(np.array(start) * (1 - t) + np.array(end) * t))


def _lots(street_v: Array, edges_u: Array, kind: Kind, rng: np.random.Generator) -> Array:
    """Corner points in the plan, ``[n, 4, 2]``: rows on both sides of each street, back to back with the next one."""
    half = kind.reserve_m / 2
    backs = np.concatenate(
        [[street_v[0] - half - kind.depth_m], (street_v[:-1] + street_v[1:]) / 2, [street_v[-1] + half + kind.depth_m]]
    )
    lots = []
    for row, back in enumerate(backs):
        for left, right in zip(edges_u[:-1] + half, edges_u[1:] - half, strict=True):
            splits = _splits(left, right, kind.lot_m, rng)
            if row > 0:
                lots.append(_row(splits, street_v[row - 1] + half, back))
            if row < len(street_v):
                lots.append(_row(splits[::-1], street_v[row] - half, back))
    return np.concatenate(lots)


def _splits(left: float, right: float, width_m: float, rng: np.random.Generator) -> Array:
    count = max(1, round((right - left) / width_m))
    widths = 1 + rng.uniform(-JITTER, JITTER, count) * 2
    inner = left + np.cumsum(widths[:-1]) / widths.sum() * (right - left)
    return np.concatenate([[left], inner, [right]])


def _row(splits: Array, front_v: float, back_v: float) -> Array:
    """Lots of a row; ``splits`` run so that left is left, seen from the street."""
    a, b = splits[:-1], splits[1:]
    front, back = np.full(len(a), front_v), np.full(len(a), back_v)
    corners = [np.stack(pair, axis=-1) for pair in ((a, front), (b, front), (b, back), (a, back))]
    return np.stack(corners, axis=1)
