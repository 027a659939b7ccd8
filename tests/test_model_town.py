"""The modelled town: held to Ballerup's facts, and drawn so that nothing stands in the street."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.sources.model import Town
from ballerup_geo.sources.model.frame import facts, outline
from ballerup_geo.sources.model.plan import quarters

LAYERS = ("roads", "buildings", "addresses", "parcels", "land_cover", "schools")
NOT_MODELLED = {"buildings": {"basement_area_m2", "updated"}}
"""Columns that the model leaves out: nobody can know which house has a cellar, or when the register was corrected."""
SECONDARY = range(900, 1000)


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(10.0)


@pytest.fixture(scope="module")
def roads(town: Town) -> gpd.GeoDataFrame:
    return town.table("roads")


@pytest.fixture(scope="module")
def drive(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return roads[roads["class"] != "path"]


@pytest.fixture(scope="module")
def inside_km(drive: gpd.GeoDataFrame) -> pd.Series:
    return drive.geometry.intersection(outline()).length / 1000


@pytest.fixture(scope="module")
def buildings(town: Town) -> gpd.GeoDataFrame:
    return town.table("buildings")


@pytest.fixture(scope="module")
def addresses(town: Town) -> gpd.GeoDataFrame:
    return town.table("addresses")


@pytest.fixture(scope="module")
def parcels(town: Town) -> gpd.GeoDataFrame:
    return town.table("parcels")


@pytest.fixture(scope="module")
def land_cover(town: Town) -> gpd.GeoDataFrame:
    return town.table("land_cover")


def _overlaps_m2(shapes: np.ndarray) -> np.ndarray:
    """Areas that two shapes share, one for each pair that touches; on a millimetre grid, where overlays are exact."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    assert pairs.sum() > 100
    return shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]], grid_size=0.001))


@pytest.mark.parametrize("layer_id", LAYERS)
def test_columns_are_those_of_the_layer_file(town: Town, layer_id: str):
    table = town.table(layer_id)
    columns = read_project(shipped_root()).layers[layer_id].columns
    assert set(table.columns) - {"geometry"} == set(columns) - NOT_MODELLED.get(layer_id, set())
    assert table.crs.to_epsg() == 25832
    assert table.geometry.is_valid.all()
    assert not table.geometry.is_empty.any()
    for name, column in columns.items():
        if name not in table:
            continue
        values = table[name]
        if column.required:
            assert values.notna().all(), name
        if column.unique:
            assert values.is_unique, name
        if column.type == "integer":
            assert pd.api.types.is_integer_dtype(values), name
        if column.codes and column.type == "text":
            assert set(values.dropna()) <= set(column.codes), name


def test_road_length_owners_and_speed_limits_follow_the_facts(drive: gpd.GeoDataFrame, inside_km: pd.Series):
    assert inside_km.sum() == pytest.approx(317, rel=0.03)
    scale = inside_km.sum() / 318
    owners = inside_km.groupby(drive["owner"]).sum()
    for owner, km in facts("road_lengths")["owner_km"].items():
        assert owners[owner] == pytest.approx(km * scale, abs=3), owner
    speeds = inside_km.groupby(drive["speed_kmh"]).sum()
    for limit, km in facts("road_lengths")["speed_km"].items():
        assert speeds[int(limit)] == pytest.approx(km, abs=3), limit
    assert inside_km[drive["speed_kmh"].isna()].sum() == pytest.approx(79, abs=6)
    assert speeds[speeds.index >= 60].sum() == pytest.approx(52, abs=6)


def test_paths_are_as_long_as_the_signed_cycle_routes(roads: gpd.GeoDataFrame):
    paths = roads[roads["class"] == "path"]
    assert paths.geometry.intersection(outline()).length.sum() / 1000 == pytest.approx(66, rel=0.08)
    assert (paths["facility"] == "path").all()
    assert {"track", "lane", "lane_beside_parking", "mixed"} <= set(roads["facility"].dropna())


def test_streets_are_one_network(drive: gpd.GeoDataFrame):
    lines = drive.geometry.to_numpy()
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(lines, 0)), shapely.get_coordinates(shapely.get_point(lines, -1))]
    )
    nodes, number = np.unique(ends, axis=0, return_inverse=True)
    number = number.reshape(-1)
    start, end = number[: len(lines)], number[len(lines) :]
    graph = coo_array((np.ones(len(lines)), (start, end)), shape=(len(nodes), len(nodes)))
    part = connected_components(graph, directed=False)[1][start]
    length = np.bincount(part, weights=shapely.length(lines))
    assert length.max() / length.sum() >= 0.99


def test_buildings_dwellings_and_residents_follow_the_facts(buildings: gpd.GeoDataFrame, addresses: gpd.GeoDataFrame):
    assert len(buildings) == pytest.approx(15_000, rel=0.05)
    flats = buildings.loc[buildings["use_code"] == 140, "dwellings"].sum()
    assert flats / buildings["dwellings"].sum() == pytest.approx(0.54, abs=0.01)
    assert buildings["dwellings"].sum() == pytest.approx(24_500, rel=0.03)
    assert addresses["dwellings"].sum() == buildings["dwellings"].sum()
    assert addresses["residents"].sum() == pytest.approx(52_000, rel=0.03)
    assert (addresses["residents"] >= addresses["dwellings"]).all()
    pupils = addresses[["pupils_0_3", "pupils_4_6", "pupils_7_9"]].sum().sum()
    assert 5_500 <= pupils <= 6_000
    assert set(addresses["building_id"]) <= set(buildings["building_id"])


def test_buildings_carry_register_codes_that_fit_each_other(buildings: gpd.GeoDataFrame):
    assert (buildings["status"] == 6).all()
    district = buildings["heating_installation"] == 1
    assert buildings.loc[district, "heating_fuel"].isna().all()
    assert buildings.loc[buildings["heating_installation"] == 2, "heating_fuel"].notna().all()
    secondary = buildings["use_code"].isin(SECONDARY)
    assert (buildings.loc[secondary, "heating_installation"] == 9).all()
    assert (buildings.loc[secondary, "dwellings"] == 0).all()
    parts = buildings["dwelling_area_m2"] + buildings["business_area_m2"]
    assert (parts <= buildings["floor_area_m2"]).all()
    assert (buildings["floor_area_m2"] > 0).all()
    assert {120, 131, 132, 140, 321, 322, 421, 441, 540, 910} <= set(buildings["use_code"])
    years = buildings.loc[buildings["use_code"] == 120, "year_built"].dropna()
    assert years.between(1950, 1979).mean() > 0.6


def test_buildings_keep_clear_of_each_other_streets_and_water(
    town: Town, buildings: gpd.GeoDataFrame, roads: gpd.GeoDataFrame
):
    shapes = buildings.geometry.to_numpy()
    assert _overlaps_m2(shapes).max() < 0.1
    tree = shapely.STRtree(shapes)
    carriageways = shapely.buffer(roads.geometry.to_numpy(), roads["carriageway_m"].to_numpy() / 2)
    for name, obstacles in (
        ("carriageways", carriageways),
        ("lakes", town.table("lakes").geometry.to_numpy()),
        ("streams", town.table("streams").geometry.to_numpy()),
    ):
        assert tree.query(obstacles, predicate="intersects").size == 0, name


def test_roads_keep_out_of_lakes(town: Town, drive: gpd.GeoDataFrame):
    lakes = shapely.STRtree(town.table("lakes").geometry.to_numpy())
    assert lakes.query(drive.geometry.to_numpy(), predicate="intersects").size == 0


def test_addresses_stand_on_their_buildings_near_a_street(
    buildings: gpd.GeoDataFrame, addresses: gpd.GeoDataFrame, drive: gpd.GeoDataFrame
):
    own = buildings.set_index("building_id").geometry.loc[addresses["building_id"]].to_numpy()
    assert shapely.distance(addresses.geometry.to_numpy(), own).max() < 0.5
    homes = addresses.loc[addresses["dwellings"] > 0].geometry.to_numpy()
    _, metres = shapely.STRtree(drive.geometry.to_numpy()).query_nearest(homes, return_distance=True, all_matches=False)
    assert len(metres) == len(homes)
    assert metres.max() <= 60


def test_parcels_cover_the_municipality_once(parcels: gpd.GeoDataFrame):
    assert _overlaps_m2(parcels.geometry.to_numpy()).max() < 0.5
    assert parcels.area.sum() == pytest.approx(outline().area, rel=0.005)
    private = parcels["owner_kind"].isin(["private", "company", "road"])
    assert parcels.loc[private, "owner_name"].isna().all()
    assert {"Baldersbo", "Ballerup Boligselskab", "Lundebjerggård"} <= set(parcels["owner_name"].dropna())


def test_land_cover_covers_the_municipality_once(land_cover: gpd.GeoDataFrame):
    assert land_cover.area.sum() == pytest.approx(outline().area, rel=0.005)
    assert _overlaps_m2(land_cover.geometry.to_numpy()).sum() < 0.0005 * outline().area
    hectares = land_cover.area.groupby(land_cover["cover"]).sum() / 10_000
    assert hectares["forest"] == pytest.approx(343, abs=12)
    assert 76 <= hectares["water"] <= 85
    assert hectares["wetland"] == pytest.approx(34, abs=5)


def test_schools_stand_where_they_are_known_to_stand(town: Town):
    schools = town.table("schools").set_index(["school", "site"])
    assert len(schools) == 9
    assert schools.geometry["Baltorpskolen", "Grantoften"].coords[0] == (709_981, 6_180_645)
    assert schools.geometry["Skovvejens Skole", "Øst"].coords[0] == (712_070, 6_183_277)
    assert schools.loc["Måløvhøj Skole", "pupils"].sum() == 1_250
    wings = town.table("buildings").query("use_code == 421").geometry.to_numpy()
    assert shapely.distance(schools.geometry.to_numpy()[:, None], wings).min(axis=1).max() < 60


def test_same_seed_same_town_whatever_the_cell_and_order(town: Town):
    again = Town(2.0)
    for layer_id in reversed(LAYERS):
        assert_geodataframe_equal(town.table(layer_id), again.table(layer_id))


def test_another_seed_is_another_town(buildings: gpd.GeoDataFrame):
    other = Town(10.0, seed=7).table("buildings")
    assert len(other) == pytest.approx(15_000, rel=0.05)
    assert not buildings.geometry.head(1000).geom_equals(other.geometry.head(1000)).any()


def test_a_quarter_named_on_the_map_lies_under_its_name(town: Town) -> None:
    """A place and a quarter that share a name lie in the same spot, to the 300 m that the positions are known to."""
    places = town.layer("places").set_index("name").geometry
    named = {quarter.name: quarter.outline for quarter in quarters() if quarter.name in places.index}
    assert len(named) >= 4
    far = {
        name: outline.distance(places[name])
        for name, outline in named.items()
        if outline.distance(places[name]) > 300.0
    }
    assert far == {}
