"""The streets of the school routes: a cycling graph, the stress of its arcs, and that of crossing at each turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._gates import is_gate, with_gates
from ballerup_geo.methods.school_routes._reports import Report
from ballerup_geo.network import (
    CROSSING_RULES,
    RULES,
    StreetGraph,
    build_graph,
    crossed,
    crossing_stress,
    faulty_values,
    stress_interval,
    suspect_speeds,
    with_goals,
)
from ballerup_geo.spec import Given

__all__ = [
    "CALM",
    "WORST",
    "Bounds",
    "Streets",
    "arc_table",
    "bounds_of",
    "crossing_bounds",
    "numbers",
    "streets_of",
    "unsigned",
]

CALM, WORST = 1, 4
"""The lowest and the highest level of traffic stress."""
JUDGED = (
    *("speed_kmh", "lanes_per_direction", "one_way", "centreline", "aadt", "lane_width_m", "reach_m", "carriageway_m"),
    *("parking_sides", "class", "residential", "median", "bus", "blocked", "kerb", "turn_lane", "buffered"),
)
"""Columns of the roads that rule sets may ask for, beside the facility."""
PATH = "path"
LOCAL = ("residential", "service")
"""Classes that lie in town: the general limit there holds where no other is known."""
ODD = {"speed_kmh": "odd_speed", "aadt": "odd_traffic"}
"""How an impossible value is reported, by its column; others are ``odd_value``."""


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Levels of traffic stress 1 to 4, int8: what it is at least and at most, over all that missing data could be.

    ``missing`` names the attributes of which knowledge would narrow the interval, empty where the bounds meet.
    """

    low: NDArray[np.int8]
    high: NDArray[np.int8]
    missing: NDArray[np.object_]

    def level(self, *, cautious: bool) -> NDArray[np.int8]:
        """Return the bound to reckon with: the high one for the cautious."""
        return self.high if cautious else self.low


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """Streets to cycle on, with m arcs and t turns.

    ``stress`` holds, by the name of each rule set, the bounds of the arcs ``[m]``; ``crossing`` those of the turns
    ``[t]`` (1 where no road is crossed) by the chosen rules, ``crossing_by_rules`` by each;
    ``crosses`` ``int32[t]`` is the edge that a turn crosses, −1 for none;
    ``lit`` ``float64[m]`` is 1 on lit arcs, 0 on unlit ones, NaN where that is unknown.
    """

    graph: StreetGraph
    stress: Mapping[str, Bounds]
    crossing: Bounds
    crossing_by_rules: Mapping[str, Bounds]
    crosses: NDArray[np.int32]
    crossings: pd.DataFrame
    """Per turn: ``control`` and ``island_m`` of the crossing, missing where no road is crossed."""
    lit: NDArray[np.float64]
    reports: tuple[Report, ...]

    def open_arcs(self, accepted: int, *, rules: str, cautious: bool = True) -> NDArray[np.bool_]:
        """Return ``bool[m]``: arcs of at most this stress."""
        return np.asarray(self.stress[rules].level(cautious=cautious) <= accepted)

    def open_turns(
        self, accepted: int, *, cautious: bool = True, crossing_rules: str | None = None
    ) -> NDArray[np.bool_]:
        """Return ``bool[t]``: turns that cross no road of more stress than this, by the chosen rules or others."""
        bounds = self.crossing if crossing_rules is None else self.crossing_by_rules[crossing_rules]
        return np.asarray(bounds.level(cautious=cautious) <= accepted)


def streets_of(given: Given) -> Streets:
    """Read the streets, with the ways onto the school grounds.

    Values that no street has are left out, so that what hangs on them is an interval, and reported with the road's id.

    Raises
    ------
    DataError, MethodError
        The roads are in another coordinate system, or none of them may be cycled on.
    """
    roads, reports = _plausible(cast(gpd.GeoDataFrame, given.inputs["roads"]), given)
    snap_m = float(given.assumptions["snap_m"])
    schools = cast(gpd.GeoDataFrame, given.inputs["schools"])
    plain = build_graph(roads, snap_m=snap_m)
    main = set(plain.edges["road_id"][plain.part[plain.edges["from_node"].to_numpy()] == 0])
    roads = with_gates(
        roads,
        schools,
        joined=roads["road_id"].isin(main).to_numpy(dtype=bool),
        reach_m=float(given.assumptions["site_max_m"]),
        apart_deg=float(given.assumptions["gate_apart_deg"]),
        tolerance_m=snap_m,
    )
    graph = _with_goals(build_graph(roads, snap_m=snap_m), schools.geometry, max(snap_m, 0.001))
    faults = plain.faults
    places = zip(faults["x_m"].astype(float).tolist(), faults["y_m"].astype(float).tolist(), strict=True)
    told = [
        Report(str(kind), str(road_id), east_m, north_m)
        for kind, road_id, (east_m, north_m) in zip(faults["kind"], faults["road_id"], places, strict=True)
    ]
    arcs = arc_table(graph)
    limits = unsigned(arcs, given)
    stress = {
        rules: bounds_of(stress_interval(arcs, rules=rules, ranges=limits), "stress_low", "stress_high")
        for rules in RULES
    }
    at_turns = _at_turns(graph, given)
    crosses = at_turns["crossed_edge"].to_numpy(dtype=np.int32)
    lit = numbers(graph.edges, "lit")[graph.arcs.edge]
    by_rules = {rules: crossing_bounds(graph, at_turns, rules, given) for rules in CROSSING_RULES}
    crossing = by_rules[str(given.assumptions["crossing_rules"])]
    return Streets(
        graph, stress, crossing, by_rules, crosses, at_turns[["control", "island_m"]], lit, (*reports, *told)
    )


def _with_goals(graph: StreetGraph, schools: gpd.GeoSeries, tolerance_m: float) -> StreetGraph:
    """Return the graph with a place to arrive at where the ways onto the grounds of a school meet."""
    gates = np.flatnonzero(is_gate(graph.edges))
    ends = shapely.get_point(graph.edges.geometry.to_numpy()[gates], -1)
    meet = np.unique(shapely.STRtree(ends).query(schools.to_numpy(), "dwithin", tolerance_m)[1])
    nodes = graph.edges["to_node"].to_numpy()[gates[meet]]
    return with_goals(graph, gates[meet][np.sort(np.unique(nodes, return_index=True)[1])])


def _plausible(roads: gpd.GeoDataFrame, given: Given) -> tuple[gpd.GeoDataFrame, list[Report]]:
    """Leave out what cannot be: values beyond those of streets, and speeds in steps that no Danish limit has (mph).

    Where so many limits are of that kind that all are in miles (`suspect_speeds`), none is believed. In play streets a
    limit may end on half a step: half of one, and one and a half.
    """
    step_kmh = float(given.assumptions["speed_step_kmh"])
    speed = numbers(roads, "speed_kmh")
    play = np.isin(speed, (0.5 * step_kmh, 1.5 * step_kmh))
    odd = np.isfinite(speed) & (np.mod(speed, step_kmh) != 0.0) & ~play
    bad = [(str(road_id), "speed_kmh") for road_id in roads["road_id"].to_numpy()[odd]]
    found = [faulty_values(roads), *([suspect_speeds(roads)] if odd.any() else [])]
    bad += [(str(row.street), str(row.column)) for table in found for row in table.itertuples(index=False)]
    if not bad:
        return roads, []
    roads = roads.copy()
    place = {str(road_id): row for row, road_id in enumerate(roads["road_id"])}
    reports = {}
    ids = roads["road_id"].astype(str)
    for column in dict.fromkeys(_column_of(name) for _, name in bad):
        these = [road_id for road_id, name in bad if _column_of(name) == column]
        roads[column] = roads[column].where(~ids.isin(these))
    for road_id, name in bad:
        row, column = place[road_id], _column_of(name)
        at = roads.geometry.iloc[row].representative_point()
        reports[road_id, column] = Report(ODD.get(column, "odd_value"), road_id, float(at.x), float(at.y))
    return roads, list(reports.values())


def _column_of(name: str) -> str:
    """Return the roads' own name of a column that rule sets name."""
    return "class" if name == "road_class" else name


def numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column as float64, NaN where nothing is known and where there is no such column."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(frame[name].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def arc_table(graph: StreetGraph) -> pd.DataFrame:
    """Return what is judged of each arc: the columns of its edge, the facility on its own side of the road."""
    edges, forward = graph.edges, graph.arcs.forward
    table = pd.DataFrame({name: edges[name] for name in JUDGED if name in edges}).iloc[graph.arcs.edge]
    both = edges["facility"] if "facility" in edges else pd.Series(None, index=edges.index, dtype=object)
    sides = [
        edges[name].where(edges[name].notna(), both).to_numpy(dtype=object) if name in edges else both.to_numpy(object)
        for name in ("facility_forward", "facility_backward")
    ]
    facility = np.where(forward, sides[0][graph.arcs.edge], sides[1][graph.arcs.edge])
    return table.reset_index(drop=True).assign(facility=pd.Series(facility, dtype=object))


def unsigned(arcs: pd.DataFrame, given: Given) -> dict[str, tuple[float, NDArray[np.float64]]]:
    """Return what the speed limit is at least and at most where it is not known: the general limits of the law."""
    kind = arcs["class"].astype(object).to_numpy()
    in_town, outside = (float(given.assumptions[name]) for name in ("unsigned_street_kmh", "unsigned_road_kmh"))
    most = np.where(np.isin(kind, LOCAL), in_town, outside)
    return {"speed_kmh": (0.0, np.where(kind == "motorway", np.nan, most))}


def bounds_of(found: pd.DataFrame, low: str, high: str) -> Bounds:
    """Return the bounds that a table of rules tells, and what is missing where they differ."""
    return Bounds(
        found[low].to_numpy(dtype=np.int8),
        found[high].to_numpy(dtype=np.int8),
        found["reason"].str.removeprefix("missing ").to_numpy(dtype=object),
    )


def _at_turns(graph: StreetGraph, given: Given) -> pd.DataFrame:
    """Return per turn the edge it crosses, the control and the island; unlisted crossings as the assumption says.

    Whoever turns back at the end of a street crosses that street.
    """
    crossings = cast("gpd.GeoDataFrame | None", given.inputs.get("crossings"))
    table = crossed(graph, crossings=crossings, snap_m=float(given.assumptions["crossing_snap_m"]))
    own, ahead = graph.arcs.edge[graph.turns.of], graph.arcs.edge[graph.turns.to]
    back = (own == ahead) & (graph.turns.of != graph.turns.to)
    table = table.assign(crossed_edge=np.where(back, own, table["crossed_edge"]).astype(np.int32))
    if crossings is not None and given.assumptions["unlisted_crossing"] == "none":
        unlisted = table["control"].isna() & (table["crossed_edge"] >= 0)
        table = table.assign(
            control=table["control"].where(~unlisted, "none"),
            island_m=table["island_m"].where(~(unlisted | (table["control"].notna() & table["island_m"].isna())), 0.0),
        )
    return table


def crossing_bounds(graph: StreetGraph, at_turns: pd.DataFrame, rules: str, given: Given) -> Bounds:
    """Return the stress of each turn's crossing: 1 where none is made, and across a path.

    A road of unknown limit has at most the general one, as where it is ridden along.
    """
    edges = graph.edges
    over = at_turns["crossed_edge"].to_numpy(dtype=np.int64)
    is_path = (edges["class"] == PATH).to_numpy(dtype=bool)
    made = np.flatnonzero((over >= 0) & ~is_path[over])
    names = ("speed_kmh", "aadt", "lanes_per_direction", "one_way")
    table = pd.DataFrame({name: numbers(edges, name)[over[made]] for name in names})
    table["control"] = at_turns["control"].to_numpy(dtype=object)[made]
    table["island_m"] = numbers(at_turns, "island_m")[made]
    table["from_path"] = is_path[graph.arcs.edge[graph.turns.of[made]]]
    least, most = unsigned(edges.iloc[over[made]], given)["speed_kmh"]
    kinds, each = _distinct(table.assign(most_kmh=most))
    ranges = {"speed_kmh": (least, kinds.pop("most_kmh").to_numpy())}
    found = crossing_stress(kinds, rules=rules, ranges=ranges).iloc[each]
    low, high = np.full(len(over), CALM, np.int8), np.full(len(over), CALM, np.int8)
    missing = np.full(len(over), "", dtype=object)
    low[made], high[made] = found["low"].to_numpy(np.int8), found["high"].to_numpy(np.int8)
    missing[made] = found["reason"].str.removeprefix("missing ").to_numpy(dtype=object)
    return Bounds(low, high, missing)


def _distinct(table: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the different rows of a table, and which of them each row is."""
    number = np.asarray(table.groupby(list(table.columns), dropna=False, sort=False).ngroup(), dtype=np.int64)
    first = np.unique(number, return_index=True)[1]
    return table.iloc[first].reset_index(drop=True), number
