"""Measures that a planner draws: read, and refused with all their faults at once where they cannot be built."""

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
from ballerup_geo.methods._grid import burn_labels, grown, mask_of
from ballerup_geo.raster import Raster

__all__ = ["TOGETHER", "Measure", "cells_of", "measures_of"]

TOGETHER = "all"
"""``measure_id`` of all measures together."""
_AREAS = ("basin", "infiltration")
_LINES = ("culvert", "raised_road")
_NEEDS = {
    "basin": ("volume_m3", "depth_m"),
    "infiltration": ("volume_m3", "depth_m"),
    "culvert": ("capacity_l_s",),
    "raised_road": ("height_m",),
}
"""The figures that a measure needs: one of those named."""
_TYPES = {"Polygon": _AREAS, "MultiPolygon": _AREAS, "LineString": _LINES, "MultiLineString": _LINES}
_LITRES_PER_M3 = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A measure that can be built; a figure that its kind does not have is NaN."""

    measure_id: str
    kind: str
    """basin, infiltration, culvert or raised_road."""
    geometry: shapely.Geometry
    volume_m3: float
    """Room that is dug: as given, else depth times area."""
    height_m: float
    """Height of the raised road above the ground of today."""
    capacity_m3_s: float
    """What a culvert carries, or the sluice of a basin lets out."""


def measures_of(frame: gpd.GeoDataFrame, *, grid: Raster, municipality: shapely.Geometry) -> tuple[Measure, ...]:
    """Return the measures by ``measure_id``.

    Parameters
    ----------
    frame
        ``measure_id``, ``kind`` and, where a kind needs them, ``depth_m``, ``volume_m3``, ``capacity_l_s``,
        ``height_m``. Where both are given the volume counts: a depth with sloping sides holds less than it times area.
    grid
        Heights that the measures are built on.
    municipality
        Its outline.

    Raises
    ------
    DataError
        For each measure all that is wrong: no figure that it needs, a geometry of another type, not wholly inside the
        municipality, on ground of unknown height, a culvert within one cell, an id that stands twice or is "all".
    """
    rows = sorted(
        (
            {**row, "geometry": shape}
            for row, shape in zip(frame.drop(columns="geometry").to_dict("records"), frame.geometry, strict=True)
        ),
        key=lambda row: str(row["measure_id"]),
    )
    faults = list(_id_faults(rows))
    for row in rows:
        own = list(_figure_faults(row)) + list(_shape_faults(row, municipality))
        faults += own or list(_ground_faults(row, grid))
    if faults:
        raise DataError(faults)
    return tuple(_measure(row) for row in rows)


def _fault(row: dict[Any, Any], what: str, todo: str) -> Fault:
    return Fault("measures", str(row["measure_id"]), what, todo)


def _id_faults(rows: list[dict[Any, Any]]) -> Iterator[Fault]:
    ids = pd.Series([str(row["measure_id"]) for row in rows], dtype="str")
    for name in ids[ids.duplicated()].unique():
        yield Fault("measures", str(name), "the measure_id stands twice", "give each measure its own")
    if (ids == TOGETHER).any():
        what = f'"{TOGETHER}" is the word for all measures together'
        yield Fault("measures", TOGETHER, what, "give the measure another measure_id")


def _figure_faults(row: dict[Any, Any]) -> Iterator[Fault]:
    if row["kind"] not in _NEEDS:
        yield _fault(row, f'"{row["kind"]}" is no kind of measure', f"use one of {', '.join(_NEEDS)}")
        return
    needed = _NEEDS[row["kind"]]
    given = [name for name in needed if not np.isnan(_figure(row, name))]
    if not given:
        names = " or ".join(needed)
        yield _fault(row, f"a measure of kind {row['kind']} needs {names}", f"give {names}, above 0")
    for name in given:
        if not 0 < _figure(row, name) < np.inf:
            yield _fault(row, f"{name} is {_figure(row, name):g}", "give a number above 0")


def _figure(row: dict[Any, Any], name: str) -> float:
    value = row.get(name)
    return float("nan") if value is None or pd.isna(value) else float(value)


def _shape_faults(row: dict[Any, Any], municipality: shapely.Geometry) -> Iterator[Fault]:
    shape = row["geometry"]
    if shape is None or shape.is_empty:
        yield _fault(row, "it has no geometry", "draw it")
        return
    wanted = "polygon" if row["kind"] in _AREAS else "line"
    if row["kind"] in _NEEDS and row["kind"] not in _TYPES.get(shape.geom_type, ()):
        yield _fault(row, f"it is a {shape.geom_type}, its kind {row['kind']} needs a {wanted}", f"draw a {wanted}")
    elif row["kind"] == "culvert" and len(shapely.get_parts(shape)) > 1:
        yield _fault(row, "its line has several parts", "draw one line from inlet to outlet")
    if not shapely.intersects(shape, municipality):
        yield _fault(row, "it lies outside the municipality", "check its coordinates (EPSG:25832)")
    elif not shapely.covers(municipality, shape):
        yield _fault(
            row, "it reaches beyond the municipal boundary", "draw it inside: what lies beyond is not reckoned"
        )


def _ground_faults(row: dict[Any, Any], grid: Raster) -> Iterator[Fault]:
    cells = cells_of(row["kind"], row["geometry"], grid=grid)
    west, south, east, north = grid.bounds
    inside = shapely.covers(shapely.box(west, south, east, north), row["geometry"])
    if not inside or not cells.any() or not np.isfinite(grid.array[beside(cells) | cells]).all():
        yield _fault(row, "it lies where the terrain has no height", "move it, or choose a terrain that covers it")
    elif row["kind"] == "culvert" and np.count_nonzero(cells) == 1:
        yield _fault(row, "it begins and ends in one cell of the terrain", "draw it from one hollow to another")


def _measure(row: dict[Any, Any]) -> Measure:
    volume_m3 = _figure(row, "volume_m3")
    if row["kind"] in _AREAS and np.isnan(volume_m3):
        volume_m3 = _figure(row, "depth_m") * shapely.area(row["geometry"])
    return Measure(
        measure_id=str(row["measure_id"]),
        kind=str(row["kind"]),
        geometry=row["geometry"],
        volume_m3=volume_m3,
        height_m=_figure(row, "height_m"),
        capacity_m3_s=_figure(row, "capacity_l_s") / _LITRES_PER_M3,
    )


def cells_of(kind: str, shape: shapely.Geometry, *, grid: Raster) -> NDArray[np.bool_]:
    """Return the cells of a measure, ``bool[rows, cols]``.

    Of an area those whose centre it holds, or, smaller than a cell, those it touches. Of a line all that it touches:
    no path over 8 neighbours slips through. Of a culvert those of its two ends.
    """
    if kind == "culvert":
        points = shapely.get_coordinates(shape)
        return burn_labels(gpd.GeoSeries([shapely.MultiPoint(points[[0, -1]])]), [1], grid=grid) > 0
    if kind in _AREAS:
        inside = mask_of([shape], grid=grid)
        if inside.any():
            return inside
    return burn_labels(gpd.GeoSeries([shape]), [1], grid=grid) > 0


def beside(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the cells that touch those of a mask, corners too, and do not belong to it."""
    found = np.zeros(cells.shape, np.bool_)
    held = [np.flatnonzero(cells.any(axis=1 - axis)) for axis in (0, 1)]
    if held[0].size:
        around = tuple(slice(max(int(one[0]) - 1, 0), int(one[-1]) + 2) for one in held)
        found[around] = grown(cells[around]) & ~cells[around]
    return found
