"""Rule sets that are a list of conditions: the last that holds counts, or the worst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.network._stress_axes import Axis, Floats, choice, flag, number
from ballerup_geo.network._stress_streets import FACILITIES, ROAD_CLASSES
from ballerup_geo.network._stress_table import LevelTable, tabulate

__all__ = ["listed_tables"]

NUMBERS: Final = {
    "speed": ("speed_kmh", "_kmh"),
    "lane_width": ("lane_width_m", "_m"),
    "reach": ("reach_m", "_m"),
}
FLAGS: Final = ("blocked", "buffered", "bus", "centreline", "cycling_allowed", "median", "residential")
MOST_LANES: Final = 6
"""Lanes a direction beyond which no rule makes a difference."""
Data = Mapping[str, Any]
Mesh = Mapping[str, Floats]


def listed_tables(data: Data) -> dict[str, LevelTable]:
    """Return the levels of each facility from a file's ``rule`` list."""
    return {facility: _table(data, [r for r in data["rule"] if facility in r["facility"]]) for facility in FACILITIES}


def _table(data: Data, rules: list[Data]) -> LevelTable:
    def level(mesh: Mesh) -> NDArray[np.int8]:
        found: NDArray[np.int8] = np.array(data["start"], dtype=np.int8)
        for rule in rules:
            holds = _holds(rule, mesh)
            given = np.maximum(found, rule["level"]) if data["combine"] == "highest" else rule["level"]
            found = np.where(holds, given, found).astype(np.int8)
        return found

    return tabulate(_axes(rules), level)


def _axes(rules: list[Data]) -> list[Axis]:
    """Return what these rules ask for, cut where they cut."""
    axes = []
    for stem, (name, unit) in NUMBERS.items():
        cuts = [rule[key] for rule in rules for end in ENDS if (key := f"{stem}_{end}{unit}") in rule]
        if cuts:
            axes.append(number(name, cuts, "own"))
    if any(key.startswith("lanes_") for rule in rules for key in rule):
        axes.append(number("lanes_per_direction", range(2, MOST_LANES + 1), "lower"))
    if any(key.startswith("lanes_total") for rule in rules for key in rule):
        axes.append(flag("one_way"))
    axes += [flag(name) for name in FLAGS if any(name in rule for rule in rules)]
    if any("road_class" in rule for rule in rules):
        axes.append(choice("road_class", len(ROAD_CLASSES)))
    return axes


def _holds(rule: Data, mesh: Mesh) -> NDArray[np.bool_]:
    holds: NDArray[np.bool_] = np.ones((), dtype=np.bool_)
    for stem, (name, unit) in NUMBERS.items():
        if name in mesh:
            holds = holds & _within(rule, stem, unit, mesh[name])
    if "lanes_per_direction" in mesh:
        lanes = np.maximum(mesh["lanes_per_direction"], 1)
        holds = holds & _within(rule, "lanes", "", lanes)
        if "one_way" in mesh:
            holds = holds & _within(rule, "lanes_total", "", np.where(mesh["one_way"] > 0, lanes, 2 * lanes))
    for name in FLAGS:
        if name in rule:
            holds = holds & ((mesh[name] > 0) == rule[name])
    if "road_class" in rule:
        holds = holds & np.isin(mesh["road_class"], [ROAD_CLASSES.index(name) for name in rule["road_class"]])
    return holds


ENDS: Final = {"from": np.greater_equal, "over": np.greater, "to": np.less_equal, "below": np.less}
"""How a rule's key ends, and what it then asks."""


def _within(rule: Data, stem: str, unit: str, values: Floats) -> NDArray[np.bool_]:
    holds: NDArray[np.bool_] = np.ones(values.shape, dtype=np.bool_)
    for end, compare in ENDS.items():
        if (key := f"{stem}_{end}{unit}") in rule:
            holds = holds & compare(values, rule[key])
    return holds
