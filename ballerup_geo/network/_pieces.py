"""Lines cut into pieces between junctions, all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from ballerup_geo.network._lines import Lines
from ballerup_geo.network._noding import Cuts

__all__ = ["Pieces", "pieces_between", "substrings"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What the graph's edges are made of.

    Attributes
    ----------
    geometry
        ``object[e]``: drawn as delivered; an end may lie off its junction by the tolerance.
    row
        ``int64[e]``: row of the roads table.
    level
        ``int64[e]``.
    from_node, to_node
        ``int32[e]``.
    nodes_xy
        ``float64[n, 2]``: the middle of all ends that meet in a junction.
    """

    geometry: Array
    row: Array
    level: Array
    from_node: Array
    to_node: Array
    nodes_xy: Array


def pieces_between(lines: Lines, cuts: Cuts, *, tolerance_m: float) -> Pieces:
    """Cut lines into pieces, which together are as long as the lines.

    Cuts that follow on each other within the tolerance are one; where the line's end is among them, they lie there.
    """
    gap = (cuts.line[1:] != cuts.line[:-1]) | (np.diff(cuts.along_m) > tolerance_m)
    first = np.flatnonzero(np.concatenate([[True], gap]))
    last = np.append(first[1:], len(cuts.line)) - 1
    at_end = cuts.along_m[last] >= lines.length_m[cuts.line[last]]
    along_m = np.where(at_end, cuts.along_m[last], cuts.along_m[first])
    line = cuts.line[first]
    ahead = np.flatnonzero(line[1:] == line[:-1])
    from_m, to_m = along_m[ahead], along_m[ahead + 1]
    geometry = substrings(lines.geometry[line[ahead]], lines.length_m[line[ahead]], from_m, to_m)
    labels = np.concatenate([cuts.after[last[ahead]], cuts.before[first[ahead + 1]]])
    line = line[ahead]
    used, node = np.unique(labels, return_inverse=True)
    ends = np.concatenate([shapely.get_point(geometry, 0), shapely.get_point(geometry, -1)])
    xy = shapely.get_coordinates(ends)
    meet = np.bincount(node, minlength=len(used))
    nodes_xy = np.stack([np.bincount(node, xy[:, axis], minlength=len(used)) / meet for axis in (0, 1)], axis=1)
    node = node.astype(np.int32)
    return Pieces(geometry, lines.row[line], lines.level[line], node[: len(line)], node[len(line) :], nodes_xy)


def substrings(line: Array, length_m: Array, from_m: Array, to_m: Array) -> Array:
    """Part of each line from one length to a greater one; a whole line is kept as it was drawn."""
    geometry = line.copy()
    cut = np.flatnonzero((from_m > 0.0) | (to_m < length_m))
    if not len(cut):
        return geometry
    source, start, stop = geometry[cut], from_m[cut], to_m[cut]
    xy, owner = shapely.get_coordinates(source, return_index=True)
    step = np.zeros(len(xy))
    same = owner[1:] == owner[:-1]
    step[1:][same] = np.hypot(*np.diff(xy, axis=0)[same].T)
    run = np.cumsum(step)
    at = run - run[np.searchsorted(owner, np.arange(len(cut)))][owner]
    inner = (at > start[owner]) & (at < stop[owner])
    number = np.arange(len(cut))
    ends = [shapely.get_coordinates(shapely.line_interpolate_point(source, m)) for m in (start, stop)]
    every = np.concatenate([ends[0], xy[inner], ends[1]])
    piece = np.concatenate([number, owner[inner], number])
    along = np.concatenate([np.full(len(cut), -1.0), at[inner], np.full(len(cut), np.inf)])
    order = np.lexsort((along, piece))
    geometry[cut] = shapely.linestrings(every[order], indices=piece[order])
    return geometry
