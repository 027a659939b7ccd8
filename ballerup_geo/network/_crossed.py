"""Which road each turn crosses or joins across, and how that crossing is controlled."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from ballerup_geo.compiled import kernel
from ballerup_geo.network._graph import StreetGraph
from ballerup_geo.network._group import grouped
from ballerup_geo.network._lines import checked_crs

__all__ = ["CONTROLS", "crossed"]

Array = np.ndarray[Any, np.dtype[Any]]
CONTROLS = ("none", "zebra", "signal", "bridge", "underpass")
"""How a crossing may be controlled; where several stand at one place the later word holds."""
CLASSES = ("path", "service", "residential", "tertiary", "secondary", "primary", "motorway")
"""Road classes, the least first: of several roads that a turn crosses it is told the greatest."""
LOOK_M = 10.0
"""A leg's direction is taken this far from the junction, past the small hooks in drawn lines."""
BESIDE_M = 0.5
"""Legs that are this little farther from a crossing than the nearest one have it as well."""


def crossed(graph: StreetGraph, *, crossings: gpd.GeoDataFrame | None, snap_m: float) -> pd.DataFrame:
    """Tell for each turn which road it crosses or joins across.

    Whoever keeps to the right crosses, at a junction, the roads that leave it on the right of the way: nothing when
    turning right; the road to the right when going straight on; when turning left also the road straight ahead, be it
    the road one leaves or the one that is joined on its far side. Paths carry no cars and are not crossed.

    Parameters
    ----------
    crossings
        Points with ``control`` (see the crossings layer) and ``island_m``, or None where none are known.
    snap_m
        A crossing belongs to the nearest junction within this distance, and there to the road that it lies on; a signal
        is for all roads of the junction.

    Returns
    -------
    DataFrame
        One row a turn, in the order of ``graph.turns``: ``crossed_edge`` (int32, −1 for none; of several the road with
        the greatest class, then traffic, speed and lanes), ``control`` (missing where no crossing is known) and
        ``island_m`` (m, missing likewise).

    Raises
    ------
    DataError
        When the crossings are not in EPSG:25832.
    """
    ends = np.stack([graph.edges["from_node"].to_numpy(), graph.edges["to_node"].to_numpy()], axis=1).ravel()
    angle = _angles(graph)
    by_angle = np.lexsort((np.arange(len(ends)), angle, ends)).astype(np.int32)
    start = np.searchsorted(ends[by_angle], np.arange(len(graph.nodes_xy) + 1)).astype(np.int64)
    place = np.empty(len(ends), np.int32)
    place[by_angle] = np.arange(len(ends), dtype=np.int32)
    arcs = graph.arcs
    comes_by = (2 * arcs.edge + arcs.forward).astype(np.int32)
    leaves_by = (2 * arcs.edge + ~arcs.forward).astype(np.int32)
    leg = crossed_legs(
        graph.turns.start,
        graph.turns.to,
        arcs.head,
        comes_by,
        leaves_by,
        start,
        by_angle,
        place,
        _greatness(graph.edges),
    )
    control, island_m = _controls(graph, ends.astype(np.int32), crossings, snap_m)
    words = pd.Series([None, *CONTROLS], dtype="string").take(np.where(leg >= 0, control[leg], 0))
    return pd.DataFrame(
        {
            "crossed_edge": np.where(leg >= 0, leg // 2, -1).astype(np.int32),
            "control": words.array,
            "island_m": np.where(leg >= 0, island_m[leg], np.nan),
        }
    )


@kernel
def crossed_legs(
    turn_start: Array,
    turn_to: Array,
    head: Array,
    comes_by: Array,
    leaves_by: Array,
    leg_start: Array,
    by_angle: Array,
    place: Array,
    greatness: Array,
) -> Array:
    """Return the leg (twice the edge, and 1 at its end) that each turn crosses (int32), −1 for none.

    Legs of a junction are listed counterclockwise in ``by_angle``; from the leg one comes by to the leg one leaves by,
    counterclockwise, lie those on the right of the way. ``greatness`` int32[edges]: 0 is never crossed.
    """
    crossed_leg = np.full(turn_to.size, -1, np.int32)
    for arc in range(head.size):
        first = leg_start[head[arc]]
        legs = leg_start[head[arc] + 1] - first
        for turn in range(turn_start[arc], turn_start[arc + 1]):
            goal = place[leaves_by[turn_to[turn]]]
            at = place[comes_by[arc]]
            best = 0
            for _ in range(legs):
                at += 1
                if at == first + legs:
                    at = first
                if at == goal:
                    break
                leg = by_angle[at]
                if greatness[leg >> 1] > best:
                    best = greatness[leg >> 1]
                    crossed_leg[turn] = leg
    return crossed_leg


def _angles(graph: StreetGraph) -> Array:
    """Direction of each leg from its junction, radians counterclockwise from east; start and end of each edge."""
    line = graph.edges.geometry.to_numpy()
    look = np.minimum(LOOK_M, graph.edges["length_m"].to_numpy())
    directions = []
    for node, metres in (("from_node", look), ("to_node", -look)):
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, metres))
        dx, dy = (ahead - graph.nodes_xy[graph.edges[node].to_numpy()]).T
        directions.append(np.arctan2(dy, dx))
    return np.stack(directions, axis=1).ravel()


def _greatness(edges: gpd.GeoDataFrame) -> Array:
    """Rank of each edge among roads (int32, from 1), by class, traffic, speed, lanes and lower number; paths have 0."""
    count = len(edges)
    kind = np.ones(count, np.int64)
    if "class" in edges.columns:
        words = edges["class"].astype("string")
        kind = (
            words.map({word: rank for rank, word in enumerate(CLASSES)}).astype("Float64").fillna(1).to_numpy(np.int64)
        )
    keys: list[Array] = [-np.arange(count, dtype=np.float64)]
    for name in ("lanes_per_direction", "speed_kmh", "aadt"):
        known = edges[name] if name in edges.columns else pd.Series(np.nan, index=edges.index)
        keys.append(pd.to_numeric(known).astype("Float64").fillna(-1).to_numpy(np.float64))
    rank = np.empty(count, np.int32)
    rank[np.lexsort((*keys, kind))] = np.arange(1, count + 1, dtype=np.int32)
    rank[kind == 0] = 0
    return rank


def _controls(
    graph: StreetGraph, ends: Array, crossings: gpd.GeoDataFrame | None, snap_m: float
) -> tuple[Array, Array]:
    """Control (int8, 0 unknown, else one more than the place in CONTROLS) and island (m, NaN unknown) of each leg."""
    control = np.zeros(len(ends), np.int8)
    island_m = np.full(len(ends), np.nan)
    if crossings is None or not len(crossings):
        return control, island_m
    checked_crs(crossings, "crossings")
    leg, row = _legs_with_crossing(graph, ends, crossings, snap_m)
    words = crossings["control"].astype("string")
    code = words.map({word: number for number, word in enumerate(CONTROLS, 1)}).astype("Float64").fillna(0)
    np.maximum.at(control, leg, code.to_numpy(np.int8)[row])
    if "island_m" in crossings.columns:
        metres = pd.to_numeric(crossings["island_m"]).astype("Float64").to_numpy(np.float64, na_value=np.nan)
        np.fmax.at(island_m, leg, metres[row])
    signal = CONTROLS.index("signal") + 1
    signalled = np.zeros(len(graph.nodes_xy), bool)
    signalled[ends[control == signal]] = True
    control[signalled[ends] & (control < signal)] = signal
    return control, island_m


def _legs_with_crossing(
    graph: StreetGraph, ends: Array, crossings: gpd.GeoDataFrame, snap_m: float
) -> tuple[Array, Array]:
    """Pairs of a leg and the row of a crossing that lies on it."""
    points = crossings.geometry.to_numpy()
    drawn = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    xy = shapely.get_coordinates(shapely.centroid(points[drawn]))
    apart, node = cKDTree(graph.nodes_xy).query(xy)
    row, node = drawn[apart <= snap_m], node[apart <= snap_m]
    start, legs = grouped(ends, len(graph.nodes_xy))
    many = np.diff(start)[node]
    of = np.repeat(np.arange(len(row)), many)
    leg = legs[start[node][of] + np.arange(len(of)) - (np.cumsum(many) - many)[of]]
    off_m = shapely.distance(graph.edges.geometry.to_numpy()[leg // 2], points[row[of]])
    least = np.full(len(row), np.inf)
    np.minimum.at(least, of, off_m)
    on = off_m <= least[of] + BESIDE_M
    return leg[on], row[of[on]]
