"""Street nets for tests: small ones by hand, random ones of any size, and a slow answer to compare with."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from ballerup_geo.network import Snapped, StreetGraph, build_graph

CRS = 25832
Array = np.ndarray[Any, np.dtype[Any]]


def streets(*lines: list[tuple[float, float]], **columns: list[Any]) -> gpd.GeoDataFrame:
    """Roads of these corner points, called a, b, c …; further columns by name."""
    names = [chr(ord("a") + k) for k in range(len(lines))]
    return gpd.GeoDataFrame(
        {"road_id": names, **columns}, geometry=[shapely.LineString(line) for line in lines], crs=CRS
    )


def places(*points: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.Point(point) for point in points], crs=CRS)


def random_streets(seed: int, side: int) -> gpd.GeoDataFrame:
    """A crooked lattice with missing, one-way, doubled and looping streets."""
    rng = np.random.default_rng(seed)
    corner = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 100.0
    corner = (corner + rng.uniform(-30, 30, corner.shape)).round(1)
    lines = []
    for node in range(side * side):
        for other in ([node + 1] if (node + 1) % side else []) + ([node + side] if node + side < side * side else []):
            if rng.random() < 0.85:
                lines.append([corner[node], corner[other]])
            if rng.random() < 0.05:
                lines.append([corner[node], (corner[node] + corner[other]) / 2 + 5.0, corner[other]])
    lines.append([corner[0], corner[0] + [-20, 5], corner[0] + [-5, 20], corner[0]])
    one_way = rng.random(len(lines)) < 0.15
    return streets(*lines, one_way=one_way.tolist())


def random_places(graph: StreetGraph, rng: np.random.Generator, count: int) -> Snapped:
    """Places anywhere along edges, now and then right on a junction."""
    edge = rng.integers(0, len(graph.edges), count).astype(np.int32)
    share = rng.choice([0.0, 1.0, rng.random()], count)
    share = np.where(rng.random(count) < 0.7, rng.random(count), share)
    return Snapped(edge, share * graph.edges["length_m"].to_numpy()[edge], np.zeros(count))


def random_graph(seed: int, side: int = 5) -> StreetGraph:
    return build_graph(random_streets(seed, side), snap_m=0.5)


def slow_costs(
    graph: StreetGraph,
    origins: Snapped,
    targets: Snapped,
    target_of: Array,
    arc_cost: Array,
    turn_cost: Array,
) -> Array:
    """Costs by networkx on the graph of arcs and turns, with a node of its own for each place; inf is closed."""
    lines = nx.DiGraph()
    lines.add_nodes_from(range(len(arc_cost)))
    for turn, (arc, onto) in enumerate(zip(graph.turns.of.tolist(), graph.turns.to.tolist(), strict=True)):
        if np.isfinite(turn_cost[turn] + arc_cost[onto]):
            lines.add_edge(arc, onto, cost=turn_cost[turn] + arc_cost[onto])
    length_m = graph.edges["length_m"].to_numpy()
    cost = np.full(len(origins.edge), np.inf)
    for target in np.unique(target_of[target_of >= 0]):
        with_target = lines.copy()
        at = targets.along_m[target] / length_m[targets.edge[target]]
        for side, before in ((0, at), (1, 1.0 - at)):
            onto = int(graph.arc_of[targets.edge[target], side])
            if onto < 0 or np.isinf(arc_cost[onto]):
                continue
            for turn in np.flatnonzero(graph.turns.to == onto):
                if np.isfinite(turn_cost[turn]):
                    price = turn_cost[turn] + before * arc_cost[onto]
                    arc = int(graph.turns.of[turn])
                    known = with_target.get_edge_data(arc, "target", {"cost": np.inf})["cost"]
                    with_target.add_edge(arc, "target", cost=min(price, known))
        if "target" not in with_target:
            with_target.add_node("target")
        from_end = nx.single_source_dijkstra_path_length(with_target.reverse(copy=False), "target", weight="cost")
        for k in np.flatnonzero(target_of == target):
            edge = origins.edge[k]
            share = origins.along_m[k] / length_m[edge]
            for side, before in ((0, share), (1, 1.0 - share)):
                arc = int(graph.arc_of[edge, side])
                if arc < 0 or np.isinf(arc_cost[arc]):
                    continue
                cost[k] = min(cost[k], (1.0 - before) * arc_cost[arc] + from_end.get(arc, np.inf))
                if edge == targets.edge[target]:
                    goal = at if side == 0 else 1.0 - at
                    if goal >= before - 1e-12:
                        cost[k] = min(cost[k], max(goal - before, 0.0) * arc_cost[arc])
    return cost
