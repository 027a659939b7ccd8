"""Line sets of the same streets joined into one: made by hand with answers on paper, and Ballerup's real ones."""

from __future__ import annotations

import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString

from ballerup_geo.catalog import Catalog
from ballerup_geo.errors import DataError
from ballerup_geo.network import Conflated, Overlay, build_graph, conflate, stress_interval
from ballerup_geo.project import read_project

CRS = "EPSG:25832"
E, N = 712_000.0, 6_180_000.0


def lines(*courses: list[tuple[float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    drawn = [LineString([(E + x, N + y) for x, y in course]) for course in courses]
    return gpd.GeoDataFrame(columns, geometry=drawn, crs=CRS)


def street() -> gpd.GeoDataFrame:
    """A street 400 m to the east, and a parallel one 30 m north of it."""
    return lines([(0, 0), (400, 0)], [(0, 30), (400, 30)], road_id=["main", "side"], owner=["municipality", "private"])


def tracks(*courses: list[tuple[float, float]], per_side: bool = True) -> Overlay:
    found = lines(*courses, vejklasse=["track"] * len(courses))
    return Overlay("tracks", found, {"facility": "vejklasse"}, per_side=per_side)


def test_limits_come_over_and_split_the_street_where_they_change_for_long() -> None:
    limits = lines([(0, 1), (250, 1)], [(250, 1), (400, 1)], speed_kmh=[50, 30])
    found = conflate(street().head(1), Overlay("limit", limits, {"speed_kmh": "speed_kmh"}), buffer_m=10)
    streets = found.streets
    assert streets["road_id"].tolist() == ["main", "main/2"]
    assert streets[["from_m", "to_m"]].to_numpy().tolist() == [[0, 250], [250, 400]]
    assert streets["speed_kmh"].tolist() == [50, 30]
    assert streets["limit_share"].tolist() == [1, 1]
    assert streets.length.tolist() == [250, 150]
    assert streets["owner"].tolist() == ["municipality"] * 2
    assert len(found.unmatched) == 0


def test_a_short_change_is_no_change() -> None:
    limits = lines([(0, 0), (200, 0)], [(200, 0), (220, 0)], [(220, 0), (400, 0)], speed_kmh=[50, 30, 50])
    found = conflate(street().head(1), Overlay("limit", limits, {"speed_kmh": "speed_kmh"}), buffer_m=10).streets
    assert found["speed_kmh"].tolist() == [50]
    assert found["to_m"].tolist() == [400]


def test_tracks_keep_their_side_whichever_way_they_are_drawn() -> None:
    """Right of the drawing direction is forward, since traffic keeps to the right."""
    south, north = [(0, -6), (400, -6)], [(400, 6), (0, 6)]
    both = conflate(street(), tracks(south, north), buffer_m=15).streets.set_index("road_id")
    assert both.loc["main", ["facility_forward", "facility_backward"]].tolist() == ["track", "track"]
    assert both.loc["side", ["facility_forward", "facility_backward"]].isna().all()
    right = conflate(street(), tracks(south[::-1]), buffer_m=15).streets.set_index("road_id").loc["main"]
    assert right["facility_forward"] == "track"
    assert pd.isna(right["facility_backward"])
    assert right["tracks_forward_share"] == 1
    assert right["tracks_backward_share"] == 0
    turned = street().assign(geometry=lambda table: table.geometry.reverse())
    left = conflate(turned, tracks(south), buffer_m=15).streets.set_index("road_id").loc["main"]
    assert left["facility_backward"] == "track"
    assert pd.isna(left["facility_forward"])
    middle = conflate(street(), tracks([(0, 0.5), (400, 0.5)]), buffer_m=15).streets.set_index("road_id").loc["main"]
    assert middle[["facility_forward", "facility_backward"]].tolist() == ["track", "track"]


def test_a_track_between_two_streets_counts_for_the_nearer_one() -> None:
    found = conflate(street(), tracks([(0, 10), (400, 10)]), buffer_m=25).streets.set_index("road_id")
    assert found["facility_backward"].notna().to_dict() == {"main": True, "side": False}
    assert found["facility_forward"].isna().all()


def test_what_finds_no_street_is_reported_with_its_place() -> None:
    """A track that leaves the street after 200 m, one that crosses it, and one far away."""
    leaving = [(0, -6), (200, -6), (200, -206)]
    found = conflate(street(), tracks(leaving, [(300, -20), (300, 20)], [(0, 900), (120, 900)]), buffer_m=15)
    main = found.streets[found.streets["road_id"].str.startswith("main")]
    assert main["facility_forward"].tolist()[0] == "track"
    assert main["to_m"].tolist() == [200, 400]
    assert found.unmatched["name"].tolist() == ["tracks"] * 3
    assert found.unmatched["row"].tolist() == [0, 1, 2]
    assert found.unmatched["length_m"].tolist() == [200, 40, 120]
    assert found.unmatched.geometry.iloc[2].equals(LineString([(E, N + 900), (E + 120, N + 900)]))


def test_gaps_of_a_track_at_junctions_are_closed_and_the_share_tells() -> None:
    pieces = [[(0, -6), (190, -6)], [(210, -6), (400, -6)]]
    main = conflate(street().head(1), tracks(*pieces), buffer_m=15).streets
    assert main["facility_forward"].tolist() == ["track"]
    assert main["tracks_forward_share"].tolist() == [pytest.approx(0.95)]


def test_odd_input() -> None:
    nothing = lines(vejklasse=[])
    empty = Overlay("tracks", nothing, {"facility": "vejklasse"}, per_side=True)
    found = conflate(street(), empty, buffer_m=15)
    assert found.streets["facility_forward"].isna().all()
    assert len(conflate(street().head(0), tracks([(0, 0), (90, 0)]), buffer_m=15).unmatched) == 1
    dots = lines([(5, 5), (5, 5)], [(0, 0), (400, 0)], road_id=["dot", "main"])
    assert conflate(dots, tracks([(0, 0), (90, 0)], [(7, 7), (7, 7)]), buffer_m=15).streets["road_id"].iloc[0] == "main"
    with pytest.raises(DataError, match="vejklasse"):
        conflate(street(), Overlay("tracks", street(), {"facility": "vejklasse"}), buffer_m=15)
    with pytest.raises(DataError, match="25832"):
        conflate(street(), Overlay("tracks", nothing.to_crs("EPSG:4326"), {}), buffer_m=15)


# ---------------------------------------------------------------- the real sets of Ballerup


@pytest.fixture(scope="module")
def catalog(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The test project's layers: owners, limits, and cycle tracks of two origins in their own schemas."""
    from test_real_layers import project_from

    root = project_from("real_ballerup", tmp_path_factory.mktemp("real") / "project", shared_data)
    return Catalog(read_project(root), out=root.parent, data="kept")


@pytest.fixture(scope="module")
def real(catalog: Catalog) -> Conflated:
    read = {name: catalog.read(name).data for name in ("roads", "speed_limits", "cycle_tracks", "cycle_edges")}
    assert [len(table) > 500 for table in read.values()] == [True] * 4
    start = time.process_time()
    found = conflate(
        read["roads"],
        Overlay("limit", read["speed_limits"], {"speed_kmh": "speed_kmh"}),
        Overlay("geodanmark", read["cycle_tracks"], {"facility": "facility"}, per_side=True),
        Overlay("osm", read["cycle_edges"], {"osm": "facility"}, per_side=True),
        buffer_m=20.0,
    )
    assert time.process_time() - start < 20
    return found


@pytest.mark.shared
def test_the_base_is_kept_whole(real: Conflated, catalog: Catalog) -> None:
    roads = gpd.GeoDataFrame(catalog.read("roads").data)
    assert real.streets.length.sum() == pytest.approx(roads.length.sum())
    assert real.streets["road_id"].is_unique
    assert real.streets.groupby("owner").size().index.tolist() == sorted(roads["owner"].unique())


@pytest.mark.shared
def test_limits_are_those_of_the_nearest_stretch(real: Conflated, catalog: Catalog) -> None:
    """Asked another way: the limit at the middle of 300 pieces, by the line that lies nearest to it."""
    limits = gpd.GeoDataFrame(catalog.read("speed_limits").data)
    known = real.streets[(real.streets["speed_kmh"].notna()) & (real.streets.length > 60)]
    asked = known.sample(300, random_state=5)
    middle = gpd.GeoDataFrame(geometry=asked.geometry.interpolate(0.5, normalized=True))
    at = limits.sindex.nearest(middle.geometry, return_all=False)[1]
    same = limits["speed_kmh"].to_numpy()[at] == asked["speed_kmh"].to_numpy()
    assert same.mean() > 0.97
    taken = real.streets.length[real.streets["speed_kmh"].notna()].sum()
    outside = real.unmatched[real.unmatched["name"] == "limit"]["length_m"].sum()
    assert taken > 0.8 * (limits.clip(shapely.box(*real.streets.total_bounds)).length.sum() - outside)


@pytest.fixture(scope="module")
def judged(real: Conflated, shared_data: Path) -> gpd.GeoDataFrame:
    """Streets inside the area that the cycle data cover, with the stress of the worse side."""
    box = gpd.read_file(shared_data / "cycle.gpkg", layer="bikedna_coverage_bbox").union_all()
    streets = real.streets[real.streets.representative_point().within(box)].copy()
    streets[["low", "high"]] = 1
    for side in ("forward", "backward"):
        facility = streets[f"facility_{side}"].fillna(streets[f"osm_{side}"]).fillna("mixed")
        found = stress_interval(pd.DataFrame({"facility": facility, "speed_kmh": streets["speed_kmh"]}))
        streets["low"] = np.maximum(streets["low"], found["stress_low"])
        streets["high"] = np.maximum(streets["high"], found["stress_high"])
    return streets


@pytest.mark.shared
def test_main_roads_with_tracks_are_calm_and_fast_ones_without_are_not(judged: gpd.GeoDataFrame) -> None:
    km = judged.length / 1000
    speed, calm = judged["speed_kmh"], judged["high"] == 1
    assert km[speed == 70].sum() > 5
    assert km[(speed == 70) & calm].sum() > 0.5 * km[speed == 70].sum()  # the main roads have tracks on both sides
    assert km[(speed == 60) & calm].sum() > 0.5 * km[speed == 60].sum()
    bare = judged[["facility_forward", "facility_backward", "osm_forward", "osm_backward"]].isna().all(axis=1)
    fast = (speed >= 80) & bare
    assert km[fast].sum() > 0.2
    assert judged.loc[fast, "low"].min() >= 3
    assert km[(speed <= 40) & bare].sum() > 20
    assert judged.loc[(speed <= 40) & bare, "low"].max() == 1  # small streets may be calm: traffic is not known


@pytest.mark.shared
def test_a_graph_grows_from_the_joined_streets(real: Conflated, judged: gpd.GeoDataFrame) -> None:
    graph = build_graph(judged.drop(columns=["low", "high"]), snap_m=2.0)
    assert len(graph.edges) > 1000
    assert graph.edges["length_m"].sum() == pytest.approx(judged.length.sum(), rel=0.02)
