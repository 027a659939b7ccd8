"""Lines to graph: a village of ten streets on paper, levels, one-ways, gaps, and what broken data do."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_maker import places, random_graph, random_streets, streets

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.network import build_graph, crossed, routes, snap


def village() -> gpd.GeoDataFrame:
    """Ten streets. ::

          d(0,200)───f────(100,200)
           │                  │
           c                  e        j: bridge over b, from (150,-50) to (150,50), approached by g and h
           │                  │
    a──(0,0)──────b────────(100,0)──b──(200,0)──i→(300,0)   i is one-way, eastwards
    """
    return streets(
        [(-100, 0), (0, 0)],
        [(0, 0), (200, 0)],
        [(0, 0), (0, 200)],
        [(0, 200), (0, 250)],
        [(100, 0.4), (100, 200)],  # stops 0.4 m short of b
        [(0, 200), (100, 200)],
        [(100, 200), (150, 50)],
        [(150, -50), (200, 0)],
        [(200, 0), (300, 0)],
        [(150, -50), (150, 50)],
        level=[0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        one_way=[False] * 8 + [True, False],
    )


def test_the_village_on_paper() -> None:
    graph = build_graph(village(), snap_m=0.5)
    # b is cut at (100, 0) by e alone; the bridge j crosses b and is joined with g and h only
    assert graph.edges["road_id"].tolist() == ["a", "b", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    assert len(graph.nodes_xy) == 10
    assert len(graph.arcs.edge) == 21  # i has one direction
    assert graph.edges["length_m"].sum() == pytest.approx(village().length.sum(), abs=1e-9)
    assert graph.faults["kind"].tolist() == ["one_way_trap"]
    assert graph.faults.loc[0, ["x_m", "y_m"]].tolist() == [300.0, 0.0]
    assert (graph.part == 0).all()
    home, school = snap(graph, places((-60, 8), (290, 1)), max_m=10), snap(graph, places((150, 40)), max_m=10)
    found = routes(graph, home, school, target_of=np.array([0, 0]))
    # home 0: 60 m of a, all of b, h and 90 m of the bridge; or half of b, e, g and 10 m of the bridge
    by_h = 60 + 200 + np.hypot(50, 50) + 90
    by_g = 60 + 100 + 199.6 + np.hypot(50, 150) + 10
    assert found.cost[0] == pytest.approx(min(by_h, by_g), abs=1e-9)
    assert np.isinf(found.cost[1])  # i leads away only
    assert [graph.edges["road_id"][e] for e in graph.arcs.edge[found.path(0)]] == ["a", "b", "b", "h", "j"]


def test_turns_go_back_at_dead_ends_alone() -> None:
    graph = build_graph(village(), snap_m=0.5)
    of, to = graph.turns.of, graph.turns.to
    back = (graph.arcs.edge[of] == graph.arcs.edge[to]) & (of != to)
    assert (graph.arcs.head[of] == graph.arcs.tail[to]).all()
    # the ends of a and d; the end of i cannot be left
    assert sorted(graph.edges["road_id"].to_numpy()[graph.arcs.edge[of[back]]]) == ["a", "d"]


@pytest.mark.parametrize(
    ("levels", "edges"),
    [([0, 0], 4), ([1, 1], 4), ([0, 1], 2), ([-1, 0], 2), ([None, 0], 4)],
)
def test_lines_cross_on_one_level_alone(levels: list[float], edges: int) -> None:
    roads = streets([(-50, 0), (50, 0)], [(0, -50), (0, 50)], level=levels)
    assert len(build_graph(roads, snap_m=1.0).edges) == edges


def test_a_bridge_lands_on_the_ground_and_a_path_under_it_does_not_join() -> None:
    road = [(-100, 0), (100, 0)]
    bridge = [(0, 0), (0, 80)]  # lands in the middle of the road
    goes_on = [(0, 80), (0, 160)]  # a second piece of the bridge, above a path that ends beneath the joint
    path = [(-50, 80), (50, 80)]
    stub = [(30, 40), (0, 40)]  # ends right under the first piece
    graph = build_graph(streets(road, bridge, goes_on, path, stub, level=[0, 1, 1, 0, 0]), snap_m=0.5)
    assert graph.edges["road_id"].tolist() == ["a", "a", "b", "c", "d", "e"]
    assert sorted(np.bincount(graph.part).tolist()) == [2, 2, 5]


def test_against_one_way_only_where_a_facility_says_so_and_on_foot_anyway() -> None:
    roads = streets([(0, 0), (50, 0)], [(0, 9), (50, 9)], one_way=[True, True], facility_backward=[None, "lane"])
    assert build_graph(roads, snap_m=1.0).arc_of.tolist() == [[0, -1], [1, 2]]
    assert len(build_graph(roads, snap_m=1.0, mode="walking").arcs.edge) == 4
    shut = roads.assign(cycling_allowed=pd.array([False, None], dtype="boolean"))
    assert build_graph(shut, snap_m=1.0).edges["road_id"].tolist() == ["b"]
    assert len(build_graph(shut, snap_m=1.0, mode="walking").edges) == 2


def test_parallel_edges_loops_and_knots_are_kept() -> None:
    roads = streets(
        [(0, 0), (100, 0)],
        [(0, 0), (50, 30), (100, 0)],
        [(100, 0), (130, 0), (130, 30), (100, 0)],
        [(0, 0), (-60, 0), (-60, 40), (-30, 40), (-30, -40)],  # crosses itself at (-30, 0)
    )
    graph = build_graph(roads, snap_m=0.5)
    ends = graph.edges[["road_id", "from_node", "to_node"]]
    assert ends["road_id"].tolist() == ["a", "b", "c", "d", "d", "d"]
    assert ends.loc[0, ["from_node", "to_node"]].tolist() == ends.loc[1, ["from_node", "to_node"]].tolist()
    assert ends.loc[2, "from_node"] == ends.loc[2, "to_node"]
    assert ends.loc[4, "from_node"] == ends.loc[4, "to_node"]
    assert graph.edges["length_m"].tolist()[3:] == pytest.approx([30, 140, 40])


def test_what_looks_wrong_is_told_with_its_place() -> None:
    roads = streets(
        [(0, 0), (200, 0)],
        [(50, 3), (50, 90)],  # a gap of 3 m
        [(204, 0), (300, 0)],  # a near miss of 4 m, end to end
        [(0, 0), (200, 0)],  # drawn twice
        [(500, 500), (600, 500)],
        [(50, 90), (50, 90)],  # of no length
    )
    roads.loc[6] = ["g", shapely.LineString()]
    graph = build_graph(roads, snap_m=1.0)
    told = {(kind, road): (x, y) for kind, road, x, y in graph.faults.drop(columns="what").itertuples(index=False)}
    assert set(told) == {
        ("gap", "b"), ("near_miss", "c"), ("duplicate", "a"), ("zero_length", "f"), ("no_line", "g"),
        ("unconnected", "b"), ("unconnected", "c"), ("unconnected", "e"),
    }  # fmt: skip
    assert told["gap", "b"] == (50.0, 3.0)
    assert told["near_miss", "c"] == (204.0, 0.0)
    assert told["zero_length", "f"] == (50.0, 90.0)


def test_barriers_part_the_street_where_they_stand() -> None:
    roads = streets([(0, 0), (100, 0)])
    fence = gpd.GeoDataFrame(
        {"walking_allowed": [False, True]},
        geometry=[shapely.LineString([(40, -5), (40, 5)]), shapely.Point(70, 0.2)],
        crs=25832,
    )
    by_bike = build_graph(roads, snap_m=1.0, barriers=fence)
    on_foot = build_graph(roads, snap_m=1.0, mode="walking", barriers=fence)
    for graph, ways in ((by_bike, [np.inf, np.inf]), (on_foot, [np.inf, 40.0])):
        homes, school = snap(graph, places((10, 0), (50, 0)), max_m=5), snap(graph, places((90, 0)), max_m=5)
        assert routes(graph, homes, school, target_of=np.array([0, 0])).cost.tolist() == pytest.approx(ways)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_ways_do_not_depend_on_the_order_or_the_pieces_of_the_lines(seed: int) -> None:
    roads = random_streets(seed, 4)
    rng = np.random.default_rng(seed)
    points = gpd.GeoSeries(shapely.points(rng.uniform(0, 300, (12, 2))), crs=25832)
    cut = gpd.GeoDataFrame(
        pd.concat([roads, roads], ignore_index=True),
        geometry=[shapely.ops.substring(line, 0.0, 0.5, normalized=True) for line in roads.geometry]
        + [shapely.ops.substring(line, 0.5, 1.0, normalized=True) for line in roads.geometry],
        crs=25832,
    )
    answers = []
    for table in (roads, roads.sample(frac=1.0, random_state=seed).reset_index(drop=True), cut):
        graph = build_graph(table, snap_m=0.5)
        at = snap(graph, points, max_m=500)
        answers.append(routes(graph, at, at, target_of=(np.arange(12) + 1) % 12).cost)
        assert graph.edges["length_m"].sum() == pytest.approx(roads.length.sum())
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-6)
    np.testing.assert_allclose(answers[2], answers[0], atol=1e-6)


def test_networkx_at_the_rim_holds_the_same_arcs() -> None:
    graph = random_graph(3)
    rim = graph.to_networkx()
    assert rim.number_of_edges() == len(graph.arcs.edge)
    assert {(tail, head, key) for tail, head, key in rim.edges(keys=True)} == set(
        zip(graph.arcs.tail.tolist(), graph.arcs.head.tolist(), range(len(graph.arcs.edge)), strict=True)
    )


def test_who_keeps_right_crosses_what_leaves_on_the_right() -> None:
    roads = streets(
        [(-100, 0), (0, 0)], [(0, 0), (100, 0)], [(0, 0), (0, 100)], [(0, 0), (0, -100)], [(100, 0), (100, -80)],
        **{"class": ["primary", "primary", "residential", "residential", "path"]},
    )  # fmt: skip
    graph = build_graph(roads, snap_m=0.5)
    zebra = gpd.GeoDataFrame({"control": ["zebra"], "island_m": [2.0]}, geometry=[shapely.Point(6, 0)], crs=25832)
    road = graph.edges["road_id"].to_numpy()
    names = [
        (road[graph.arcs.edge[a]], road[graph.arcs.edge[b]])
        for a, b in zip(graph.turns.of, graph.turns.to, strict=True)
    ]
    table = crossed(graph, crossings=zebra, snap_m=15)
    told = {pair: (road[edge] if edge >= 0 else "") for pair, edge in zip(names, table["crossed_edge"], strict=True)}
    west, east, north, south = "abcd"
    assert told[south, east] == ""  # to the right
    assert told[south, north] == east  # straight on
    assert told[south, west] == east  # to the left: the road that is joined on its far side
    assert told[west, north] == east  # to the left out of the main road: across the own road
    assert told[west, south] == ""
    assert told[east, west] == north
    assert told[east, south] == west
    over_zebra = {pair for pair, control in zip(names, table["control"].fillna(""), strict=True) if control == "zebra"}
    assert over_zebra == {(south, north), (south, west), (west, north)}
    assert set(table.loc[table["control"].notna(), "island_m"]) == {2.0}
    signal = zebra.assign(control="signal")
    with_signal = crossed(graph, crossings=signal, snap_m=15)
    at_cross = (table["crossed_edge"] >= 0).to_numpy()
    assert (with_signal.loc[at_cross, "control"] == "signal").all()  # a signal is for all roads of the junction
    assert crossed(graph, crossings=None, snap_m=15)["control"].isna().all()


def test_refusals_name_what_is_wrong() -> None:
    roads = streets([(0, 0), (10, 0)])
    with pytest.raises(DataError, match="25832"):
        build_graph(roads.to_crs(4326), snap_m=1.0)
    with pytest.raises(DataError, match="road_id"):
        build_graph(roads.drop(columns="road_id"), snap_m=1.0)
    with pytest.raises(MethodError, match="no line is open"):
        build_graph(roads.assign(cycling_allowed=False), snap_m=1.0)
    with pytest.raises(MethodError, match="snap_m"):
        build_graph(roads, snap_m=-1.0)
    graph = build_graph(roads, snap_m=1.0)
    at = snap(graph, places((5, 0)), max_m=5)
    with pytest.raises(MethodError, match="target_of"):
        routes(graph, at, at, target_of=np.array([1]))
    with pytest.raises(MethodError, match="arc_cost"):
        routes(graph, at, at, target_of=np.array([0]), arc_cost=np.array([-1.0, 1.0]))
