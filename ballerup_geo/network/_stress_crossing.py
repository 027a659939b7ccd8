"""How stressful it is to cross a road, by the road that is crossed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.network._stress_axes import Floats, Ranges, flag, number, spread
from ballerup_geo.network._stress_rules import read_data
from ballerup_geo.network._stress_streets import as_floats
from ballerup_geo.network._stress_table import LevelTable, judge, tabulate

__all__ = ["CONTROLS", "CROSSING_RULES", "crossing_stress"]

CROSSING_RULES: Final[Mapping[str, str]] = {"furth-practice": "crossing-furth", "mekuria-2012": "crossing-mekuria"}
"""Rule sets for crossings, and the file of each."""
CONTROLS: Final = ("none", "zebra", "signal", "stop", "underpass", "bridge")
"""How a crossing is controlled; ``stop`` is a stop for all sides."""
NUMBERS: Final = ("aadt", "island_m", "lanes", "right_turns_per_h", "crossing_m")
FLAGS: Final = ("limited_visibility", "from_path", "two_stage", "bike_signal")

Data = Mapping[str, Any]
Mesh = Mapping[str, Floats]
Levels = NDArray[np.int8]


def crossing_stress(
    crossed: pd.DataFrame,
    *,
    rules: str = "furth-practice",
    ranges: Ranges | None = None,
) -> pd.DataFrame:
    """Return ``low``, ``high`` (int8) and ``reason`` of crossing each road, on the same index.

    Columns, all of which may miss values: ``control`` (none, zebra, signal, stop, underpass, bridge), ``speed85_kmh``
    (measured) and ``speed_kmh`` (the limit, where nothing is measured), ``aadt``, ``lanes`` (crossed at once;
    otherwise ``lanes_per_direction`` and ``one_way``), ``island_m`` (depth; 0 for none), and where known
    ``limited_visibility``, ``from_path`` (who crosses is on a path), ``two_stage``, ``right_turns_per_h``,
    ``bike_signal``, ``crossing_m``. The bounds are exact over what is missing. A crossing below or above the road has
    level 1. ``ranges`` narrows what a missing number may be, as for `stress_interval`.

    Raises
    ------
    MethodError
        When there is no such rule set.
    DataError
        When ``control`` holds an unknown word, or a number is negative.

    Examples
    --------
    >>> road = {"control": "none", "speed_kmh": 60, "aadt": 12_000, "lanes": 2, "island_m": 0}
    >>> crossing_stress(pd.DataFrame([road, road | {"control": "signal"}]))["high"].tolist()
    [2, 1]
    """
    if rules not in CROSSING_RULES:
        known = ", ".join(CROSSING_RULES)
        raise MethodError(
            Fault("network", "rules", f"there is no rule set {rules!r} for crossings", f"take one of {known}")
        )
    columns = _columns(crossed)
    data, tables = _tables(rules)
    absent = {
        name: np.full(len(crossed), float(value)) for name, value in data["absent"].items() if name not in columns
    }
    between = {**spread(ranges, len(crossed)), "lanes": _lanes_between(columns)}
    found = judge([tables[name] for name in CONTROLS], columns["control"], "control", columns | absent, between)
    reason = pd.Series(found.reason, index=crossed.index, dtype="str")
    return pd.DataFrame({"low": found.low, "high": found.high, "reason": reason}, index=crossed.index)


# ---------------------------------------------------------------- what is read


def _columns(crossed: pd.DataFrame) -> dict[str, Floats]:
    count = len(crossed)
    columns = {
        name: as_floats(crossed[name]) if name in crossed.columns else np.full(count, np.nan)
        for name in ("speed85_kmh", "speed_kmh", "lanes_per_direction", "one_way", "lanes")
    }
    columns |= {name: as_floats(crossed[name]) for name in (*NUMBERS, *FLAGS) if name in crossed.columns}
    control = crossed["control"] if "control" in crossed.columns else pd.Series(None, index=crossed.index, dtype="str")
    _refuse(columns, control)
    places = pd.Categorical(control, categories=list(CONTROLS)).codes.astype(np.float64)
    lanes = columns["lanes_per_direction"] * (2 - columns["one_way"])
    columns["lanes"] = np.where(np.isnan(columns["lanes"]), lanes, columns["lanes"])
    columns["speed_kmh"] = np.where(np.isnan(columns["speed85_kmh"]), columns["speed_kmh"], columns["speed85_kmh"])
    return columns | {"control": np.where(places < 0, np.nan, places)}


def _lanes_between(columns: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Return how many lanes may be crossed at least and at most where it is not known whether a road is one-way."""
    each, one_way = columns["lanes_per_direction"], columns["one_way"]
    least = np.where(np.isnan(each), np.where(one_way == 0, 2.0, 1.0), each)
    return least, np.where(np.isnan(each), np.inf, 2.0 * each)


def _refuse(columns: Mapping[str, Floats], control: pd.Series[Any]) -> None:
    todo = "correct them, or leave them missing: the answer is then an interval"
    faults = [
        Fault("crossings", name, f"{int((values < 0).sum())} values are negative", todo)
        for name, values in sorted(columns.items())
        if (values < 0).any()
    ]
    strange = control[control.notna() & ~control.isin(CONTROLS)]
    if len(strange):
        words = ", ".join(sorted({str(word) for word in strange}))
        what = f"{len(strange)} values are none of {', '.join(CONTROLS)}: {words}"
        faults.append(Fault("crossings", "control", what, todo))
    if faults:
        raise DataError(faults)


# ---------------------------------------------------------------- what is answered


@cache
def _tables(rules: str) -> tuple[Data, dict[str, LevelTable]]:
    data = read_data(CROSSING_RULES[rules])
    if rules == "mekuria-2012":
        open_road, signal = _mekuria_table(data), _calm()
    else:
        open_road, signal = _open_table(data), _signal_table(data)
    calm = _calm()
    return data, dict(zip(CONTROLS, (open_road, open_road, signal, calm, calm, calm), strict=True))


def _calm() -> LevelTable:
    return tabulate([], lambda _: np.ones((), dtype=np.int8))


def _open_table(data: Data) -> LevelTable:
    table, path = data["unsignalised"], data["path_over_one_lane"]
    traffic = [bound for row in table["row"] for bound in row["aadt_to"]]
    axes = [
        number("speed_kmh", [table["fast_over_kmh"], path["speed_to_kmh"], path["with_island_speed_to_kmh"]], "upper"),
        number("aadt", [*traffic, path["aadt_to"]], "upper"),
        number("lanes", [2, table["many_lanes_from"]], "lower"),
        number("island_m", [0, table["refuge_from_m"]], "own"),
        flag("from_path"),
        flag("limited_visibility"),
    ]
    return tabulate(axes, lambda mesh: _open(data, mesh))


def _open(data: Data, mesh: Mesh) -> Levels:
    table, path = data["unsignalised"], data["path_over_one_lane"]
    fast = mesh["speed_kmh"] > table["fast_over_kmh"]
    many = mesh["lanes"] >= table["many_lanes_from"]
    depth = mesh["island_m"]
    islands = {
        "none": depth <= 0,
        "small": (depth > 0) & (depth < table["refuge_from_m"]),
        "refuge": depth >= table["refuge_from_m"],
    }
    level: NDArray[Any] = np.zeros((), dtype=np.int8)
    for row in table["row"]:
        holds = (fast == row["fast"]) & islands[row["island"]]
        if "many_lanes" in row:
            holds = holds & (many == row["many_lanes"])
        level = np.where(holds, _by_traffic(row, mesh["aadt"]), level)
    quiet = (mesh["aadt"] <= path["aadt_to"]) & (mesh["speed_kmh"] <= path["speed_to_kmh"])
    slow = (mesh["aadt"] > path["aadt_to"]) & (mesh["speed_kmh"] <= path["with_island_speed_to_kmh"]) & (depth > 0)
    level = np.where((mesh["from_path"] > 0) & (mesh["lanes"] < 2) & (quiet | slow), 1, level)
    hidden = np.maximum(level, data["visibility"]["at_least"])
    return np.where(mesh["limited_visibility"] > 0, hidden, level).astype(np.int8)


def _by_traffic(row: Data, aadt: Floats) -> Levels:
    levels = np.array([int(cell) for cell in row["levels"]], dtype=np.int8)
    return levels[np.searchsorted(row["aadt_to"], aadt, side="left")]


def _signal_table(data: Data) -> LevelTable:
    rule = data["signal"]
    axes = [
        number("right_turns_per_h", [rule["right_turns_over_per_h"]], "upper"),
        number("crossing_m", [rule["crossing_over_m"]], "upper"),
        flag("bike_signal"),
        flag("two_stage"),
        flag("limited_visibility"),
    ]

    def level(mesh: Mesh) -> Levels:
        turning = (mesh["right_turns_per_h"] > rule["right_turns_over_per_h"]) & (mesh["bike_signal"] == 0)
        long = (mesh["crossing_m"] > rule["crossing_over_m"]) | (mesh["two_stage"] > 0)
        return np.where(turning | long | (mesh["limited_visibility"] > 0), 2, 1).astype(np.int8)

    return tabulate(axes, level)


def _mekuria_table(data: Data) -> LevelTable:
    axes = [
        number("speed_kmh", data["speed_to_kmh"], "upper"),
        number("lanes", data["lanes_from"], "lower"),
        number("island_m", [data["refuge_from_m"]], "lower"),
    ]

    def level(mesh: Mesh) -> Levels:
        speed = np.searchsorted(data["speed_to_kmh"], mesh["speed_kmh"], side="left")
        lanes = np.searchsorted(data["lanes_from"], mesh["lanes"], side="right")
        refuge, without = (
            np.array([[int(cell) for cell in row] for row in data[key]]) for key in ("refuge", "no_refuge")
        )
        kept = mesh["island_m"] >= data["refuge_from_m"]
        return np.where(kept, refuge[speed, lanes], without[speed, lanes]).astype(np.int8)

    return tabulate(axes, level)
