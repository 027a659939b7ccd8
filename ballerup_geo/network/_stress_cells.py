"""Furth's tables: a row for each kind of street, a column for each class of speed, and four notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.network._stress_axes import Axis, Floats, flag, number
from ballerup_geo.network._stress_table import LevelTable, tabulate

__all__ = ["KMH_PER_MPH", "cell_tables"]

KMH_PER_MPH = 1.609344
"""Exact: the international mile is 1,609.344 m."""

Levels = NDArray[np.int8]
Data = Mapping[str, Any]
Mesh = Mapping[str, Floats]


def cell_tables(data: Data) -> dict[str, LevelTable]:
    """Return the levels of each facility; a cycle lane never counts for more than mixed traffic would (note 4)."""
    street = [_lanes(), flag("one_way"), flag("centreline"), _aadt(data), *_narrow_axes(data)]
    speeds = {name: _kmh(data[name]["speed_to_mph"]) for name in ("mixed", "lane", "lane_beside_parking")}
    mixed = number("speed_kmh", speeds["mixed"], "upper")
    lane = number("speed_kmh", speeds["mixed"] + speeds["lane"], "upper")
    beside = number("speed_kmh", speeds["mixed"] + speeds["lane_beside_parking"], "upper")
    switches = [flag("blocked"), flag("turn_lane")]
    return {
        "path": tabulate([], _always_one),
        "track": tabulate([], _always_one),
        "mixed": tabulate([mixed, *street], lambda mesh: _mixed(data, mesh)),
        "lane": tabulate(
            [lane, *street, _width(data), flag("kerb"), *switches],
            lambda mesh: _or_mixed(data, mesh, _lane(data, mesh), _lane_too_narrow(data, mesh)),
        ),
        "lane_beside_parking": tabulate(
            [beside, *street, _reach(data), *switches],
            lambda mesh: _or_mixed(data, mesh, _beside_parking(data, mesh), _reach_too_short(data, mesh)),
        ),
    }


# ---------------------------------------------------------------- what is asked


def _kmh(mph: Sequence[float]) -> list[float]:
    return [bound * KMH_PER_MPH for bound in mph]


def _lanes() -> Axis:
    return number("lanes_per_direction", [2, 3], "lower")


def _aadt(data: Data) -> Axis:
    return number("aadt", [bound for row in data["mixed"]["row"] for bound in row["aadt_to"]], "upper")


def _narrow_axes(data: Data) -> list[Axis]:
    return [number("carriageway_m", data["narrow"]["below_m"], "lower"), number("parking_sides", [1, 2], "lower")]


def _width(data: Data) -> Axis:
    notes = data["notes"]
    bounds = [notes["least_lane_beside_kerb_m"], notes["least_lane_beside_edge_m"], data["lane"]["wide_from_m"]]
    return number("lane_width_m", [*bounds, *(bound - notes["turn_lane_adds_m"] for bound in bounds)], "lower")


def _reach(data: Data) -> Axis:
    notes = data["notes"]
    bounds = [notes["least_reach_m"], data["lane_beside_parking"]["wide_from_m"]]
    return number("reach_m", [*bounds, *(bound - notes["turn_lane_adds_m"] for bound in bounds)], "lower")


# ---------------------------------------------------------------- what is answered


def _always_one(mesh: Mesh) -> Levels:  # noqa: ARG001  (no attribute of the road beside counts)
    return np.ones((), dtype=np.int8)


def _cells(text: str, speed_kmh: Floats, bounds_mph: Sequence[float]) -> Levels:
    """Level by speed from a row of one-digit cells."""
    row = np.array([int(cell) for cell in text], dtype=np.int8)
    return row[np.searchsorted(_kmh(bounds_mph), speed_kmh, side="left")]


def _mixed(data: Data, mesh: Mesh) -> Levels:
    table = data["mixed"]
    lanes, one_way = mesh["lanes_per_direction"], mesh["one_way"] > 0
    unlaned = (lanes < 2) & ~one_way & (mesh["centreline"] == 0)
    below = np.array(data["narrow"]["below_m"])[mesh["parking_sides"].astype(np.intp).clip(0, 2)]
    narrow = (lanes < 2) & one_way & (mesh["carriageway_m"] < below)
    kinds = {"unlaned": unlaned, "narrow": narrow, "three_lanes": lanes >= 3, "two_lanes": (lanes >= 2) & (lanes < 3)}
    rows = {row["street"]: _by_traffic(row, table["speed_to_mph"], mesh) for row in table["row"]}
    return np.select(list(kinds.values()), [rows[kind] for kind in kinds], rows["laned"]).astype(np.int8)


def _by_traffic(row: Data, bounds_mph: Sequence[float], mesh: Mesh) -> Levels:
    by_speed = [_cells(cells, mesh["speed_kmh"], bounds_mph) for cells in row["cells"]]
    level = by_speed[-1]
    for bound, lower in reversed(list(zip(row["aadt_to"], by_speed, strict=False))):
        level = np.where(mesh["aadt"] <= bound, lower, level)
    return level


def _added(data: Data, mesh: Mesh) -> Floats:
    """Metres that a central two-way turn lane adds to the lane's width or reach (note 3)."""
    turning = (mesh["turn_lane"] > 0) & (mesh["lanes_per_direction"] < 2) & (mesh["one_way"] == 0)
    return np.where(turning, data["notes"]["turn_lane_adds_m"], 0.0)


def _reaches(metres: Floats, added: Floats, bound: float) -> NDArray[np.bool_]:
    """Whether a width with what is added reaches a bound; the bound is lowered, as the cuts are."""
    return np.where(added > 0, metres >= bound - added, metres >= bound)


def _lane_too_narrow(data: Data, mesh: Mesh) -> NDArray[np.bool_]:
    notes, width, added = data["notes"], mesh["lane_width_m"], _added(data, mesh)
    kerb = _reaches(width, added, notes["least_lane_beside_kerb_m"])
    edge = _reaches(width, added, notes["least_lane_beside_edge_m"])
    return ~np.where(mesh["kerb"] > 0, kerb, edge)


def _reach_too_short(data: Data, mesh: Mesh) -> NDArray[np.bool_]:
    return ~_reaches(mesh["reach_m"], _added(data, mesh), data["notes"]["least_reach_m"])


def _lane(data: Data, mesh: Mesh) -> Levels:
    lanes = mesh["lanes_per_direction"]
    return _by_width(data["lane"], mesh, "lane_width_m", data, [lanes >= 3, lanes >= 2], ["three_lanes", "two_lanes"])


def _beside_parking(data: Data, mesh: Mesh) -> Levels:
    lanes, one_way = mesh["lanes_per_direction"], mesh["one_way"] > 0
    kinds = [one_way & (lanes >= 2), lanes >= 3, lanes >= 2]
    names = ["one_way_more_lanes", "two_way_three_lanes", "two_way_two_lanes"]
    return _by_width(data["lane_beside_parking"], mesh, "reach_m", data, kinds, names)


def _by_width(
    table: Data, mesh: Mesh, width: str, data: Data, kinds: list[NDArray[np.bool_]], names: list[str]
) -> Levels:
    wide = _reaches(mesh[width], _added(data, mesh), table["wide_from_m"])
    bounds = table["speed_to_mph"]
    rows = {
        row["street"]: np.where(
            wide, _cells(row["wide"], mesh["speed_kmh"], bounds), _cells(row["narrow"], mesh["speed_kmh"], bounds)
        )
        for row in table["row"]
    }
    return np.select(kinds, [rows[name] for name in names], rows["one_lane"]).astype(np.int8)


def _or_mixed(data: Data, mesh: Mesh, lane: Levels, no_lane: NDArray[np.bool_]) -> Levels:
    """Notes 1, 2 and 4: a lane often blocked or too narrow is mixed traffic, and so is one that would be worse."""
    mixed = _mixed(data, mesh)
    return np.where(no_lane | (mesh["blocked"] > 0), mixed, np.minimum(lane, mixed)).astype(np.int8)
