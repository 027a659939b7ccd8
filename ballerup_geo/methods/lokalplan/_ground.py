"""What areas are assessed on: the layers and results as given, made ready once for any number of areas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.lokalplan._origins import ORIGINS
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Given, Text

__all__ = ["Ground", "parts_in", "sums"]

Rows = NDArray[np.int64]


class Ground:
    """Layers, results and assumptions of a municipality.

    Parameters
    ----------
    given
        Inputs by name, None where unknown, and the assumptions. Frames are not changed.
    """

    def __init__(self, given: Given) -> None:
        self._given = given
        self._trees: dict[tuple[str, bool], shapely.STRtree] = {}
        town = given.inputs["municipality"]
        if not isinstance(town, gpd.GeoDataFrame):
            raise TypeError("the municipality is no layer of polygons")
        self.municipality: shapely.Geometry = shapely.union_all(town.geometry.to_numpy())

    def has(self, name: str) -> bool:
        """Say whether an input is known."""
        return self._given.inputs.get(name) is not None

    def why_not(self, *names: str) -> list[Text]:
        """Return why inputs are unknown, those that are known left out."""
        return [ORIGINS[name] for name in names if not self.has(name)]

    def untold(self, name: str, column: str) -> list[str]:
        """Return the codes of a column that a layer's source never delivers: there may be any."""
        return list(self._given.untold.get(name, {}).get(column, ()))

    def number(self, name: str) -> float:
        """Return a number among the assumptions."""
        return float(self._given.assumptions[name])

    def words(self, name: str) -> str:
        """Return a text among the assumptions."""
        return str(self._given.assumptions[name])

    def frame(self, name: str) -> gpd.GeoDataFrame:
        """Return a known input with geometry."""
        frame = self._given.inputs[name]
        if not isinstance(frame, gpd.GeoDataFrame):
            raise TypeError(f"input {name} has no geometry")
        return frame

    def table(self, name: str) -> pd.DataFrame:
        """Return a known input, whether it has geometry or not."""
        frame = self._given.inputs[name]
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"input {name} is no table")
        return frame

    def raster(self, name: str) -> Raster:
        """Return a known raster."""
        raster = self._given.inputs[name]
        if not isinstance(raster, Raster):
            raise TypeError(f"input {name} is no raster")
        return raster

    def column(self, name: str, column: str, rows: Rows | None = None) -> NDArray[np.float64]:
        """Return a column of numbers, missing values as 0; a column that is not there is all 0."""
        table = self.table(name)
        if column not in table:
            values = np.zeros(len(table))
        else:
            values = pd.to_numeric(table[column], errors="coerce").fillna(0.0).to_numpy(np.float64)
        return values if rows is None else values[rows]

    def meeting(self, name: str, area: shapely.Geometry) -> Rows:
        """Return the rows whose shapes meet an area."""
        found: Rows = self._tree(name).query(area, predicate="intersects")
        return np.sort(found)

    def near(self, name: str, area: shapely.Geometry, distance_m: float) -> Rows:
        """Return the rows no farther from an area than a distance."""
        found: Rows = self._tree(name).query(area, predicate="dwithin", distance=distance_m)
        return np.sort(found)

    def inside(self, name: str, area: shapely.Geometry) -> Rows:
        """Return the rows that belong to an area: a point on the shape lies in it, so that no row belongs to two."""
        found: Rows = self._tree(name, points=True).query(area, predicate="intersects")
        return np.sort(found)

    def within(self, name: str, area: shapely.Geometry) -> tuple[Rows, NDArray[np.object_]]:
        """Return the rows that lie partly in an area, and those parts; a neighbour that shares a border does not."""
        rows = self.meeting(name, area)
        shapes = self.frame(name).geometry.to_numpy()[rows]
        parts = parts_in(shapes, area)
        dimension = shapely.get_dimensions(shapes)
        size = np.where(dimension == 2, shapely.area(parts), np.where(dimension == 1, shapely.length(parts), 1.0))
        return rows[size > 0.0], parts[size > 0.0]

    def _tree(self, name: str, *, points: bool = False) -> shapely.STRtree:
        if (name, points) not in self._trees:
            shapes = self.frame(name).geometry.to_numpy()
            self._trees[name, points] = shapely.STRtree(shapely.point_on_surface(shapes) if points else shapes)
        return self._trees[name, points]


def parts_in(shapes: NDArray[np.object_], area: shapely.Geometry) -> NDArray[np.object_]:
    """Return the part of each shape that lies in an area; whole shapes are not cut, which is what takes time."""
    shapely.prepare(area)
    parts = np.array(shapes, dtype=object)
    cut = ~shapely.contains_properly(area, parts)
    parts[cut] = shapely.intersection(parts[cut], area)
    return parts


def sums(keys: Iterable[Any], values: NDArray[np.float64]) -> dict[Any, float]:
    """Return the sum of the values of each key, in the order of the keys."""
    total: dict[Any, float] = {}
    for key, value in zip(keys, values, strict=True):
        total[key] = total.get(key, 0.0) + float(value)
    return dict(sorted(total.items()))
