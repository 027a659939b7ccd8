"""The modelled layers of the school routes: crossings, accidents, districts, and the areas of the statistics."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from layer_contract import assert_as_the_layer_file_says

from ballerup_geo.catalog import Catalog
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.sources.model import Town
from ballerup_geo.sources.model.frame import facts, frame_box, outline
from ballerup_geo.sources.model.plan import quarters

LAYERS = ("crossings", "accidents", "school_districts", "statistics_areas")
MAIN = ("primary", "secondary", "tertiary")
NODE_M = 0.02
"""Lines that meet share the node to the centimetre."""


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(10.0)


def classes_at(town: Town, points: gpd.GeoSeries) -> list[set[str]]:
    """The classes of the roads and paths that meet at each point."""
    roads = town.table("roads")
    row, road = shapely.STRtree(roads.geometry.to_numpy()).query(
        points.to_numpy(), predicate="dwithin", distance=NODE_M
    )
    met: list[set[str]] = [set() for _ in points]
    for place, name in zip(row, roads["class"].to_numpy()[road], strict=True):
        met[place].add(str(name))
    return met


@pytest.mark.parametrize("layer_id", LAYERS)
def test_the_layer_is_as_its_file_says(town: Town, layer_id: str) -> None:
    assert_as_the_layer_file_says(town, layer_id)
    assert town.table(layer_id).within(frame_box().buffer(2000.0)).all()


@pytest.mark.parametrize("layer_id", LAYERS)
def test_the_catalog_takes_the_layer_as_it_is(town: Town, tmp_path: Path, layer_id: str) -> None:
    checked = Catalog(read_project(shipped_root()), out=tmp_path, data="model", cell_m=10.0).read(layer_id)
    assert checked.provenance.notes == ()
    assert len(checked.data) <= len(town.layer(layer_id))


def test_crossings_stand_on_junctions_of_main_roads(town: Town) -> None:
    crossings = town.table("crossings")
    met = classes_at(town, crossings.geometry)
    assert all(classes & set(MAIN) for classes in met)
    underpass = crossings["control"] == "underpass"
    assert 8 <= underpass.sum() <= 40
    assert all("path" in classes for classes, under in zip(met, underpass, strict=True) if under)
    assert crossings.loc[underpass | (crossings["control"] == "signal"), "island_m"].isna().all()
    assert crossings.loc[crossings["control"] == "none", "island_m"].between(*facts("crossings")["island_m"]).all()
    assert not crossings.geometry.duplicated().any()


def test_where_two_primary_roads_meet_there_is_a_signal(town: Town) -> None:
    roads = town.table("roads")
    primary = roads[(roads["class"] == "primary") & (roads["level"] == 0)]
    ends = gpd.GeoDataFrame(
        {"name": np.tile(primary["name"], 2)},
        geometry=np.concatenate([shapely.get_point(primary.geometry.to_numpy(), at) for at in (0, -1)]),
    )
    names = ends["name"].groupby(ends.geometry.to_wkt()).nunique()
    places = shapely.from_wkt(names.index[names > 1].to_numpy())
    signals = town.table("crossings").query("control == 'signal'").geometry.to_numpy()
    assert 4 <= len(places) <= 40
    assert shapely.distance(places[:, None], signals).min(axis=1).max() < NODE_M


def test_every_school_has_a_zebra_or_a_signal_near(town: Town) -> None:
    crossings = town.table("crossings")
    safe = crossings.geometry[crossings["control"].isin(["zebra", "signal", "underpass"])].to_numpy()
    near = shapely.distance(town.table("schools").geometry.to_numpy()[:, None], safe).min(axis=1)
    assert near.max() < facts("crossings")["zebra_reach_m"]


def test_accidents_happen_where_traffic_is(town: Town) -> None:
    accidents, fact = town.table("accidents"), facts("accidents")
    assert accidents["year"].value_counts().to_dict() == dict.fromkeys(fact["years"], fact["accidents_a_year"])
    assert accidents["cyclist"].mean() == pytest.approx(fact["cyclist_share"], abs=0.08)
    roads = town.table("roads")
    open_roads = roads[roads["class"] != "motorway"]
    row, road = shapely.STRtree(open_roads.geometry.to_numpy()).query_nearest(
        accidents.geometry.to_numpy(), all_matches=False
    )
    assert shapely.distance(accidents.geometry.to_numpy()[row], open_roads.geometry.to_numpy()[road]).max() < 0.2
    met = classes_at(town, accidents.geometry)
    busy = np.mean([bool(classes & set(MAIN)) for classes in met])
    length = open_roads.length
    assert busy > 2 * length[open_roads["class"].isin(MAIN)].sum() / length.sum()


@pytest.mark.parametrize("layer_id", ["school_districts", "statistics_areas"])
def test_areas_cover_the_municipality_once(town: Town, layer_id: str) -> None:
    shapes = town.table(layer_id).geometry.to_numpy()
    assert shapely.area(shapes).sum() == pytest.approx(outline().area, rel=1e-5)
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(outline().area, rel=1e-5)


def test_each_school_stands_in_its_own_district(town: Town) -> None:
    districts = town.table("school_districts").set_index("school")
    sites = town.table("schools")
    assert sorted(districts.index) == sorted(sites["school"].unique())
    for school, site in zip(sites["school"], sites.geometry, strict=True):
        assert districts.geometry[school].contains(site), school
    levels = sites.groupby("school").agg({"class_from": "min", "class_to": "max"})
    assert districts[["class_from", "class_to"]].eq(levels.loc[districts.index]).all(axis=None)
    addresses = town.table("addresses")
    held = np.array([shapely.contains(shape, addresses.geometry.to_numpy()).sum() for shape in districts.geometry])
    assert held.sum() >= 0.999 * len(addresses)
    assert held.min() > 1000


def test_statistics_areas_hold_all_quarters_and_all_residents(town: Town) -> None:
    rows, areas = facts("statistics_areas")["area"], town.table("statistics_areas")
    named = [name for row in rows for name in row["quarters"]]
    settled = {quarter.name for quarter in quarters()}
    assert sorted(named) == sorted(settled)
    addresses = town.table("addresses")
    assert areas["residents"].sum() == addresses["residents"].sum()
    assert areas["households"].sum() == addresses["dwellings"].sum()
    assert areas["residents"].min() >= 500
    assert (areas["residents_over_75"] + areas["residents_under_5"] < areas["residents"]).all()
    assert (areas["households_without_car"] < areas["households"]).all()
    share = areas["households_without_car"] / areas["households"]
    assert np.corrcoef(share, areas["income_dkk"])[0, 1] < -0.8


def test_a_new_layer_changes_no_other(town: Town) -> None:
    backward = Town(2.0)
    for layer_id in reversed(LAYERS):
        assert_geodataframe_equal(backward.table(layer_id), town.table(layer_id))
