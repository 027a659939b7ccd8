"""Green areas ranked by the rain they could hold, with what stands in the way of digging there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from ballerup_geo import hydrology
from ballerup_geo.errors import DataError, Fault
from ballerup_geo.hydrology._codes import COLUMN_STEPS, ESRI_CODES, OUTLET, ROW_STEPS
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Text

__all__ = ["CONFLICTS", "NONE_KNOWN", "NOT_MAPPED", "Room", "conflicts_of", "green_sites", "inflows_m3", "room_of"]

NONE_KNOWN = "none_known"
NOT_MAPPED = "not_mapped"
_KINDS = {
    "v1": Text(da="måske forurenet (V1)", en="perhaps contaminated (V1)"),
    "v2": Text(da="forurenet (V2)", en="contaminated (V2)"),
    "bnbo": Text(da="boringsnært område (BNBO)", en="close to a water-supply well (BNBO)"),
    "section3": Text(da="beskyttet natur (§ 3)", en="protected nature (§ 3)"),
    "fredning": Text(da="fredning", en="conservation order (fredning)"),
    "groundwater": Text(da="højt grundvand", en="high groundwater"),
}


def _joined(kinds: tuple[str, ...]) -> Text:
    return Text(da=", ".join(_KINDS[kind].da for kind in kinds), en=", ".join(_KINDS[kind].en for kind in kinds))


CONFLICTS = {
    NONE_KNOWN: Text(da="uden kendte konflikter", en="no known conflicts"),
    NOT_MAPPED: Text(da="konflikter ikke kortlagt", en="conflicts not mapped"),
    **{"+".join(kinds): _joined(kinds) for n in range(1, len(_KINDS) + 1) for kinds in combinations(_KINDS, n)},
}
"""Every value of ``conflicts``: what is known to stand in the way, in a fixed order, and how it is written."""


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """What each area could hold and what reaches it, one number per area in the order of the areas."""

    hollow_m3: NDArray[np.float64]
    """Rooms of the hollows that are there already."""
    dig_m3: NDArray[np.float64]
    """What a shallow dig over the flat ground adds."""
    inflow_m3: NDArray[np.float64]
    """Water that reaches the area in the design event; NaN where the event is unknown."""


def room_of(
    areas: gpd.GeoSeries,
    *,
    hollow_m: NDArray[np.float32],
    slope: NDArray[np.float32],
    directions: NDArray[np.uint8],
    running_m3: NDArray[np.float64] | None,
    diggable: NDArray[np.bool_],
    dig_m: float,
    most_slope: float,
    grid: Raster,
) -> Room:
    """Return the room of each area.

    Parameters
    ----------
    areas
        Polygons. Where two lie over each other, the cells belong to the smaller.
    hollow_m
        Depth of the hollows when full, ``float32[rows, cols]``, NaN without data.
    slope
        Steepness of the ground (m per m).
    directions
        D8 codes, ``uint8[rows, cols]``.
    running_m3
        Water that runs off each cell in the design event; None: unknown.
    diggable
        Cells where the ground may be lowered: no lake, no stream.
    dig_m
        Depth of the dig, over ground no steeper than ``most_slope``.
    """
    labels = _label(areas, grid=grid)
    count = len(areas)

    def total_m3(depth_m: NDArray[np.float32]) -> NDArray[np.float64]:
        sums = np.bincount(labels.reshape(-1), weights=np.nan_to_num(depth_m).reshape(-1), minlength=count + 1)
        return np.asarray(sums[1:] * grid.cell_area_m2, dtype=np.float64)

    with np.errstate(invalid="ignore"):
        flat = diggable & np.isfinite(hollow_m) & (slope <= most_slope)
    unknown = np.full(count, np.nan)
    inflow = unknown if running_m3 is None else inflows_m3(labels, directions, running_m3, count=count)
    dry_hollow_m = np.where(diggable, hollow_m, np.float32(0.0))  # the room over a lake's surface is no green area's
    return Room(total_m3(dry_hollow_m), total_m3(np.where(flat, np.float32(dig_m), np.float32(0.0))), inflow)


def _label(areas: gpd.GeoSeries, *, grid: Raster) -> NDArray[np.int32]:
    """Return the number of the area (from 1, in their order) on each cell whose centre it holds, 0 elsewhere."""
    order = np.argsort(-areas.area.to_numpy(), kind="stable")
    shapes = [(areas.iloc[place], int(place) + 1) for place in order]
    if not shapes:
        return np.zeros(grid.shape, np.int32)
    return np.asarray(
        rasterize(shapes, out_shape=grid.shape, transform=grid.transform, fill=0, dtype="int32"), dtype=np.int32
    )


def inflows_m3(
    labels: NDArray[np.int32], directions: NDArray[np.uint8], running_m3: NDArray[np.float64], *, count: int
) -> NDArray[np.float64]:
    """Return how much running water reaches each area, its own rain included, each drop once.

    The water of an area is what leaves it over the last of its cells on the way down: a stream that winds out of an
    area and back in is counted where it leaves for good. Hollows on the way are full, so this is the most there is.

    Parameters
    ----------
    labels
        Number of the area on each cell, 0 elsewhere, ``int32[rows, cols]``.
    directions
        D8 codes, ``uint8[rows, cols]``.
    running_m3
        Water that runs off each cell, ``float64[rows, cols]``.
    count
        How many areas there are.
    """
    passing = hydrology.flow_accumulation(directions, weights=running_m3).reshape(-1)
    receiver = _receivers(directions)
    flat = labels.reshape(-1)
    exits = np.flatnonzero((flat > 0) & (receiver != np.arange(flat.size)) & (flat != flat[receiver]))
    ends = np.flatnonzero((flat > 0) & (directions.reshape(-1) == OUTLET))
    marks = np.zeros(labels.shape, dtype=np.int32)
    marks.reshape(-1)[exits] = np.arange(1, exits.size + 1, dtype=np.int32)
    onward = hydrology.watersheds(directions, marks).reshape(-1)[receiver[exits]]  # the next exit, 0 for none
    ends_in = _ends_in(labels, directions, ends).reshape(-1)[receiver[exits]]
    last = ~_returns(flat[exits], onward, ends_in)
    cells = np.concatenate((exits[last], ends))
    sums = np.bincount(flat[cells], weights=passing[cells], minlength=count + 1)
    return np.asarray(sums[1:], dtype=np.float64)


def _receivers(directions: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the flat index of the cell that each cell drains to, its own where it drains nowhere."""
    codes = directions.reshape(-1)
    receiver = np.arange(codes.size, dtype=np.int64)
    for code, row_step, col_step in zip(ESRI_CODES, ROW_STEPS, COLUMN_STEPS, strict=True):
        receiver[codes == code] += row_step * directions.shape[1] + col_step
    return receiver


def _ends_in(labels: NDArray[np.int32], directions: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return for each cell the area in which its water's way ends, 0 where it ends outside all."""
    outlets = np.zeros(labels.shape, dtype=np.int32)
    outlets.reshape(-1)[ends] = labels.reshape(-1)[ends]
    return hydrology.watersheds(directions, outlets)


def _returns(area: NDArray[np.int32], onward: NDArray[np.int32], ends_in: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell for each exit whether its water comes back to the same area further down.

    ``onward`` is the next exit on the way (from 1, 0 for none), ``ends_in`` the area in which the way ends, if any.
    """
    back = np.asarray(ends_in == area, dtype=np.bool_)
    place = onward.copy()
    while (place > 0).any():  # ways have no circles, so each ends
        met = place > 0
        back[met] |= area[place[met] - 1] == area[met]
        place[met] = onward[place[met] - 1]
    return back


def conflicts_of(areas: gpd.GeoSeries, conflicts: gpd.GeoDataFrame | None) -> list[str]:
    """Return for each area what is known to stand in the way of digging there, a value of `CONFLICTS`.

    Ground that is touched along a line only is not in conflict. Where the map of conflicts is unknown, so are they.

    Raises
    ------
    DataError
        A kind of conflict that is not known.
    """
    if conflicts is None:
        return [NOT_MAPPED] * len(areas)
    kinds = conflicts["kind"].astype(str).to_numpy()
    strange = sorted(set(kinds) - set(_KINDS))
    if strange:
        todo = f"use one of {', '.join(_KINDS)}"
        raise DataError(Fault("ground_conflicts", "kind", f'"{kind}" is not known', todo) for kind in strange)
    tree = shapely.STRtree(conflicts.geometry.to_numpy())
    found: list[set[str]] = [set() for _ in range(len(areas))]
    for place, other in zip(*tree.query(areas.to_numpy(), predicate="intersects"), strict=True):
        if shapely.area(shapely.intersection(areas.iloc[place], conflicts.geometry.iloc[other])) > 0:
            found[place].add(kinds[other])
    return ["+".join(kind for kind in _KINDS if kind in here) or NONE_KNOWN for here in found]


def green_sites(areas: gpd.GeoDataFrame, room: Room, *, conflicts: list[str]) -> gpd.GeoDataFrame:
    """Return the areas by rank: none that is in conflict before one that is not, then by what they could hold.

    ``retention_m3`` is the room of hollows and dig, but no more than the water that reaches the area; ``gain_m3`` that
    part of it which today's hollows do not hold.
    """
    could_m3, today_m3 = room.hollow_m3 + room.dig_m3, room.hollow_m3
    retention = np.fmin(could_m3, room.inflow_m3)  # fmin: without an event the room alone counts
    in_conflict = np.array([value not in (NONE_KNOWN, NOT_MAPPED) for value in conflicts], dtype=bool)
    ids = areas["area_id"].astype(str)
    frame = gpd.GeoDataFrame(
        {
            "area_id": ids.to_numpy(),
            "name": _optional(areas, "name", "str"),
            "rank": np.zeros(len(areas), dtype=np.int64),
            "area_m2": areas.area.to_numpy(float),
            "retention_m3": retention,
            "inflow_m3": room.inflow_m3,
            "gain_m3": retention - np.fmin(today_m3, room.inflow_m3),
            "conflicts": pd.array(conflicts, dtype="str"),
            "public": _optional(areas, "public", "boolean"),
        },
        geometry=gpd.GeoSeries(areas.geometry.to_numpy(), crs=areas.crs),
        crs=areas.crs,
    )
    order = np.lexsort((ids.to_numpy(dtype=object).astype("U"), -retention, in_conflict))
    frame = frame.iloc[order].reset_index(drop=True)
    frame["rank"] = np.arange(1, len(frame) + 1)
    return frame


def _optional(areas: gpd.GeoDataFrame, column: str, dtype: Literal["str", "boolean"]) -> pd.Series[Any]:
    """Return a column, or unknown in every row where the layer does not have it."""
    values = areas[column].to_numpy(dtype=object) if column in areas else [None] * len(areas)
    return pd.Series(values, dtype=dtype)
