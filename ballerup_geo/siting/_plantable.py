"""What is left of areas when all that asks for distance has taken its own: exact polygons, a reason for each loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.siting._clearance import clear_of_rim, wide_enough

__all__ = ["Plantable", "plantable", "polygons_of", "shrunk"]

QUAD_SEGS = 8
"""Corners of a quarter of a buffer's circle, which lies inside them: up to 0.5 % more than the distance is kept."""
SNAPPED = 0.002
"""Buffers are wider by this share: GEOS joins corners of their rims that lie within 0.1 % of the distance."""

MANY = 8
"""Things at an area from which on they are united before they are taken from it."""

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Plantable:
    """What is left, and what took the rest.

    ``areas`` are polygons or multipolygons with the index of the areas given, empty where nothing is left. ``removed``
    has a row for each area (position ``area``) and reason that took something: ``removed_m2`` goes to the first reason,
    in the order of the exclusions' reasons, so the rows and what is left add up to the area.
    """

    areas: gpd.GeoSeries
    removed: pd.DataFrame


def plantable(area: gpd.GeoSeries, exclusions: gpd.GeoDataFrame) -> Plantable:
    """Take from each area what lies nearer to an exclusion than its distance.

    Vector difference, no raster: a place that is left keeps every distance, and at most 0.7 % of one is given away.

    Parameters
    ----------
    area
        Polygons in a metric CRS, e.g. parcels.
    exclusions
        ``geometry`` (any kind) in the same CRS, ``distance_m`` (0 or more: the thing itself at 0) and ``reason``: the
        rule that keeps the distance. Reasons take in the order in which they first stand.

    Raises
    ------
    DataError
        The two do not share a metric CRS, an area is no valid polygon, a column is missing, or a distance is below
        zero or unknown.
    """
    _check(area, exclusions)
    left = shapely.force_2d(area.to_numpy())
    removed = []
    exclusions = _near(left, exclusions)
    for reason, group in exclusions.groupby("reason", sort=False, observed=True):
        shapes = _kept_away(group)
        own, other = shapely.STRtree(shapes).query(left, predicate="intersects")
        if not own.size:
            continue
        touched = np.unique(own)
        before = shapely.area(left[touched])
        for areas, taking in _in_turn(own, shapes[other], _common_box_m2(left[own], shapes[other])):
            _take(left, areas, taking)
        taken = before - shapely.area(left[touched])
        some = taken > 0
        removed.append(pd.DataFrame({"area": touched[some], "reason": reason, "removed_m2": taken[some]}))
    columns = {"area": pd.Series(dtype=np.int64), "reason": pd.Series(dtype=str), "removed_m2": pd.Series(dtype=float)}
    table = pd.concat(removed, ignore_index=True) if removed else pd.DataFrame(columns)
    return Plantable(
        gpd.GeoSeries(left, index=area.index, crs=area.crs),
        table.sort_values("area", kind="stable", ignore_index=True),
    )


def _near(areas: Shapes, exclusions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the exclusions whose box, grown by their distance, meets an area's: the others take nothing."""
    bounds, distance = exclusions.geometry.bounds.to_numpy(), exclusions["distance_m"].to_numpy(np.float64)
    grown = bounds + np.outer(distance * 1.01, (-1, -1, 1, 1))
    there = np.flatnonzero(np.isfinite(grown).all(axis=1))
    meets = shapely.STRtree(areas).query(shapely.box(*grown[there].T))[0]
    return gpd.GeoDataFrame(exclusions.iloc[there[np.unique(meets)]])


def shrunk(polygons: Shapes, distance_m: float) -> Shapes:
    """Return what of each polygon lies farther than a distance from its rim, as exactly as `plantable`."""
    if distance_m <= 0:
        return polygons
    drawn = float(_a_little_more(distance_m))
    left: Shapes = shapely.buffer(polygons, -drawn, quad_segs=QUAD_SEGS)
    return clear_of_rim(left, polygons, distance_m=distance_m, drawn_m=drawn, quad_segs=QUAD_SEGS)


def _a_little_more(distance: Any) -> Any:
    """Return a distance at which the edges of a buffer's circle lie outside the circle that is asked for."""
    return distance * (1 + SNAPPED) / np.cos(np.pi / (4 * QUAD_SEGS))


def _kept_away(group: gpd.GeoDataFrame) -> Shapes:
    """Return the ground that exclusions keep free, a little wide rather than narrow."""
    shapes = group.geometry.to_numpy()
    distance = group["distance_m"].to_numpy(np.float64)
    drawn = _a_little_more(distance)
    wide = shapely.buffer(shapes, drawn, quad_segs=QUAD_SEGS)
    wide = wide_enough(wide, shapes, distance_m=distance, drawn_m=drawn, quad_segs=QUAD_SEGS)
    whole: Shapes = np.where(distance > 0, wide, shapely.make_valid(shapes))
    there: Shapes = whole[~shapely.is_empty(whole)]
    return there


def _take(left: Shapes, areas: NDArray[np.int64], taking: Shapes) -> None:
    """Take one shape from each of some areas, where their interiors meet: of what stands side by side few still do.

    To ask costs a tenth of a difference, the boxes next to nothing.
    """
    near = np.flatnonzero(_common_box_m2(left[areas], taking) > 0)
    meets = near[shapely.relate_pattern(left[areas[near]], taking[near], "T********")]
    left[areas[meets]] = polygons_of(shapely.difference(left[areas[meets]], taking[meets]))


def _common_box_m2(one: Shapes, other: Shapes) -> NDArray[np.float64]:
    """Return the area that the boxes of each two shapes share, 0 where one of them is empty."""
    a, b = shapely.bounds(one), shapely.bounds(other)
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    return np.asarray(np.nan_to_num(np.maximum(sides, 0.0)).prod(axis=1))


def _in_turn(
    own: NDArray[np.int64], shapes: Shapes, weight: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.int64], Shapes]]:
    """Give what is to be taken from areas, one thing each at a time; where many things touch one, all as one shape.

    To take a few in turn costs less than to unite them first; the heaviest first, so that less is left for the others.
    """
    order = np.lexsort((-weight, own))
    touched, start, count = np.unique(own[order], return_index=True, return_counts=True)
    for turn in range(MANY):
        rows = np.flatnonzero((count > turn) & (count <= MANY))
        if rows.size:
            yield touched[rows], shapes[order][start[rows] + turn]
    for many in np.unique(count[count > MANY]):  # areas touched by equally many things are united in one call
        rows = np.flatnonzero(count == many)
        table = shapes[order][start[rows][:, None] + np.arange(many)]
        yield touched[rows], shapely.union_all(table, axis=1)


def polygons_of(shapes: Shapes) -> Shapes:
    """Return shapes without the points and lines that a cut may leave beside its polygons, or instead of them."""
    mixed = ~np.isin(shapely.get_type_id(shapes), (3, 6))
    if mixed.any():
        shapes = shapes.copy()
        for at in np.flatnonzero(mixed):
            parts = shapely.get_parts(shapes[at])
            shapes[at] = shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
    return shapes


def _check(area: gpd.GeoSeries, exclusions: gpd.GeoDataFrame) -> None:
    missing = [name for name in ("distance_m", "reason") if name not in exclusions.columns]
    if missing:
        raise DataError(Fault("exclusions", ", ".join(missing), "column is missing", "give distance_m and reason"))
    if area.crs is None or not area.crs.is_projected or area.crs != exclusions.crs:
        raise DataError(
            Fault("area", "crs", f"{area.crs} beside {exclusions.crs}", "give both in one metric CRS, e.g. EPSG:25832")
        )
    shapes = area.to_numpy()
    wrong = ~np.isin(shapely.get_type_id(shapes), (3, 6)) | ~shapely.is_valid(shapes)
    if wrong.any():
        row = area.index[int(np.flatnonzero(wrong)[0])]
        why = shapely.is_valid_reason(area[row]) if area[row] is not None else "no geometry"
        raise DataError(
            Fault(
                "area",
                f"row {row}",
                f"is no valid polygon ({why}; {int(wrong.sum())} such rows)",
                "repair the polygons",
            )
        )
    distance = exclusions["distance_m"].to_numpy(np.float64)
    wrong = ~(np.isfinite(distance) & (distance >= 0))
    if wrong.any():
        row = exclusions.index[int(np.flatnonzero(wrong)[0])]
        raise DataError(
            Fault(
                "exclusions",
                f"row {row}",
                f"distance_m {exclusions['distance_m'][row]} is no distance ({int(wrong.sum())} such rows)",
                "give metres, 0 or more",
            )
        )
