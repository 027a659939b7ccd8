"""Roads that water cuts: the parts of road centre lines where it stands too deep to drive, and from which rain on."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.methods.rainwater._cells import Pieces, cells_at, cut_lines, known_shape
from ballerup_geo.methods.rainwater._touched import least_rain
from ballerup_geo.raster import Raster

__all__ = ["RoadPieces", "cut_length_m", "cut_roads", "drivable", "place_roads"]

NOT_FOR_VEHICLES = "path"
"""Road class without vehicles."""
COLUMNS = ["road_id", "name", "class", "cut_from_mm", "depth_m", "length_m"]


@dataclass(frozen=True, slots=True, eq=False)
class RoadPieces:
    """Roads cut into pieces about as long as a cell: ``road`` (place in the frame of roads), ``cell`` (flat index)."""

    pieces: Pieces
    road: NDArray[np.int64]
    cell: NDArray[np.int64]


def drivable(roads: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Return which roads can be cut by water on the ground: those for vehicles that lie on it.

    Paths are left out. So are bridges and tunnels (``level`` not 0): a bridge is above the water, and the terrain does
    not know how high a tunnel lies. A road of unknown level lies on the ground.
    """
    for_vehicles = pd.Series(roads["class"] != NOT_FOR_VEHICLES, dtype=bool)
    return for_vehicles & (roads["level"].fillna(0) == 0) if "level" in roads else for_vehicles


def place_roads(roads: gpd.GeoDataFrame, *, within: NDArray[np.bool_], grid: Raster) -> RoadPieces:
    """Cut roads into pieces no longer than a cell, each in the cell of its middle; only pieces in the mask are kept.

    Roads without length, and those without coordinates or with coordinates that are no numbers, have no pieces.
    """
    known = np.flatnonzero(known_shape(roads.geometry))
    lines, of_line = shapely.get_parts(roads.geometry.to_numpy()[known], return_index=True)
    pieces = cut_lines(lines, step_m=min(grid.cell_size_m))
    cell = cells_at(pieces.middle, grid=grid)
    kept = (cell >= 0) & (pieces.length_m > 0)
    kept[kept] = within.reshape(-1)[cell[kept]]
    chosen = Pieces(pieces.line[kept], pieces.start[kept], pieces.end[kept])
    return RoadPieces(chosen, known[of_line[chosen.line]], cell[kept])


def cut_length_m(placed: RoadPieces, depths_m: NDArray[np.float64], *, threshold_m: float) -> NDArray[np.float64]:
    """Return the length of road that is cut in each event; ``depths_m`` float64[pieces, events]."""
    return np.asarray(placed.pieces.length_m @ (depths_m >= threshold_m), dtype=np.float64)


def cut_roads(
    roads: gpd.GeoDataFrame,
    placed: RoadPieces,
    *,
    depths_m: NDArray[np.float64],
    rain_mm: ArrayLike,
    threshold_m: float,
) -> gpd.GeoDataFrame:
    """Return the parts of roads that are cut, a row for each road and least rain that cuts it there.

    Drawing the rows whose ``cut_from_mm`` is at most a rain shows what that rain cuts; their lengths add up to it
    (where water stands nowhere lower in a greater rain).

    Returns
    -------
    ``road_id``, ``name``, ``class``, ``cut_from_mm``, ``depth_m`` (the greatest on this part, in any event),
    ``length_m``; multi-lines. By least rain, then by road.
    """
    from_mm = least_rain(depths_m, rain_mm, threshold_m=threshold_m)
    cut = np.flatnonzero(np.isfinite(from_mm))
    if not cut.size:
        empty = {column: pd.Series(dtype="str" if column in COLUMNS[:3] else "float64") for column in COLUMNS}
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=roads.crs), crs=roads.crs)
    runs, of_run = _runs(placed, cut, from_mm)
    keys = pd.DataFrame({"cut_from_mm": from_mm[cut], "road": placed.road[cut]})
    parts = keys.groupby(["cut_from_mm", "road"], sort=True).ngroup().to_numpy()
    first = np.unique(parts, return_index=True)[1]
    part_of_run = np.zeros(runs.size, np.int64)
    part_of_run[of_run] = parts
    by_part = np.argsort(part_of_run, kind="stable")
    lines = shapely.multilinestrings(runs[by_part], indices=part_of_run[by_part])
    depth = np.full(first.size, -np.inf)
    np.maximum.at(depth, parts, np.fmax.reduce(depths_m[cut], axis=1, initial=0.0))
    chosen = roads.iloc[placed.road[cut][first]]
    table = gpd.GeoDataFrame(
        {
            "road_id": chosen["road_id"].to_numpy(),
            "name": chosen["name"].to_numpy() if "name" in chosen else pd.array([pd.NA] * len(chosen), dtype="string"),
            "class": chosen["class"].to_numpy(),
            "cut_from_mm": from_mm[cut][first],
            "depth_m": depth,
            "length_m": np.bincount(parts, weights=placed.pieces.length_m[cut]),
        },
        geometry=gpd.GeoSeries(lines, crs=roads.crs),
        crs=roads.crs,
    )
    return table.sort_values(["cut_from_mm", "road_id"], ignore_index=True)


def _runs(
    placed: RoadPieces, cut: NDArray[np.int64], from_mm: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Join pieces that follow each other and are cut from the same rain on; returns lines, and the line of each."""
    pieces, rain = placed.pieces, from_mm[cut]
    joins = (np.diff(cut) == 1) & (np.diff(pieces.line[cut]) == 0) & (np.diff(rain) == 0)
    joins &= (pieces.end[cut[:-1]] == pieces.start[cut[1:]]).all(axis=1)
    of_run = np.concatenate(([0], np.cumsum(~joins)))
    last = np.flatnonzero(np.append(~joins, True))
    points = np.concatenate((pieces.start[cut], pieces.end[cut[last]]))
    owner = np.concatenate((of_run, of_run[last]))
    order = np.argsort(owner, kind="stable")  # the end of a run comes after its starts
    return shapely.linestrings(points[order], indices=owner[order]), of_run
