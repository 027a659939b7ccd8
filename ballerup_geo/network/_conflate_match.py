"""Which line of one set lies along which of another: by distance, direction and side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Matches", "Pieces", "Samples", "nearest_along", "pieces_of", "samples_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Lines as straight pieces in drawing order: ``start_xy``, ``way_xy`` float64[p, 2], ``line`` int64[p].

    ``before_m`` float64[p] is the length of the line before the piece, ``line_m`` float64[n] that of each line.
    """

    start_xy: Floats
    way_xy: Floats
    line: Ints
    before_m: Floats
    line_m: Floats

    @property
    def length_m(self) -> Floats:
        """Length of each piece, m."""
        return cast(Floats, np.hypot(self.way_xy[:, 0], self.way_xy[:, 1]))


def pieces_of(lines: NDArray[Any]) -> Pieces:
    """Return the straight pieces of lines (shapely LineStrings [n]); pieces without length are left out."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    way = np.diff(xy, axis=0)
    length = np.hypot(way[:, 0], way[:, 1])
    kept = (line[1:] == line[:-1]) & (length > 0)
    of, long = line[:-1][kept], length[kept]
    line_m = np.bincount(of, weights=long, minlength=len(lines)).astype(np.float64)
    passed = np.cumsum(long) - long  # over all lines before
    return Pieces(xy[:-1][kept], way[kept], of, passed - (np.cumsum(line_m) - line_m)[of], line_m)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Points along lines, each for ``step_m`` of its line: ``xy`` and unit direction ``way_xy`` [k, 2], ``line`` [k].

    A line's samples stand together, in drawing order; ``first`` int64[n + 1] tells where each line's begin.
    """

    xy: Floats
    way_xy: Floats
    line: Ints
    step_m: Floats
    first: Ints


def samples_of(pieces: Pieces, *, step_m: float) -> Samples:
    """Return samples at the middle of equal steps of about ``step_m``, at least one a line."""
    count = np.maximum(1, np.round(pieces.line_m / step_m).astype(np.int64))
    count[pieces.line_m == 0] = 0
    first = np.concatenate([[0], np.cumsum(count)])
    line = np.repeat(np.arange(len(count)), count)
    step = pieces.line_m[line] / count[line]
    along = (np.arange(first[-1]) - first[line] + 0.5) * step
    length = pieces.length_m
    ends = np.cumsum(length)
    passed = (np.cumsum(pieces.line_m) - pieces.line_m)[line] + along
    piece = np.searchsorted(ends, passed, side="left").clip(0, max(len(ends) - 1, 0))
    way = pieces.way_xy[piece] / length[piece, None]
    xy = pieces.start_xy[piece] + way * (along - pieces.before_m[piece])[:, None]
    return Samples(xy, way, line, step, first)


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """For each sample the line beside it (−1 none), how far along it, and how far to its left, m (negative: right)."""

    line: Ints
    along_m: Floats
    left_m: Floats


def nearest_along(samples: Samples, pieces: Pieces, *, buffer_m: float, angle_deg: float) -> Matches:
    """Return the nearest piece of nearly the same direction, either way round, to each sample.

    Of equally near pieces the first counts, so the answer does not depend on how the search goes about it.
    """
    line = np.full(len(samples.line), -1, dtype=np.int64)
    along, left = np.zeros(len(line)), np.zeros(len(line))
    if len(pieces.line) == 0 or len(line) == 0:
        return Matches(line, along, left)
    drawn = shapely.linestrings(np.stack([pieces.start_xy, pieces.start_xy + pieces.way_xy], axis=1))
    sample, piece = shapely.STRtree(drawn).query(shapely.points(samples.xy), predicate="dwithin", distance=buffer_m)
    way = pieces.way_xy[piece] / pieces.length_m[piece, None]
    here = samples.way_xy[sample]
    parallel = np.abs((way * here).sum(axis=1)) >= np.cos(np.radians(angle_deg))
    sample, piece, way = sample[parallel], piece[parallel], way[parallel]
    off = samples.xy[sample] - pieces.start_xy[piece]
    forth = (off * way).sum(axis=1).clip(0, pieces.length_m[piece])
    aside = way[:, 0] * off[:, 1] - way[:, 1] * off[:, 0]
    gap = np.hypot(*(off - way * forth[:, None]).T)
    order = np.lexsort((piece, np.round(gap, 3), sample))
    best = order[np.unique(sample[order], return_index=True)[1]]
    at = sample[best]
    line[at], along[at], left[at] = pieces.line[piece[best]], pieces.before_m[piece[best]] + forth[best], aside[best]
    return Matches(line, along, left)
