"""The modelled layers of the trees: consistent with houses, streets, water and with each other."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from affine import Affine
from layer_contract import assert_as_the_layer_file_says, assert_inside_the_municipality
from rasterio.features import rasterize
from scipy.spatial import cKDTree

from ballerup_geo.catalog import Catalog
from ballerup_geo.errors import DataError, SourceError
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.raster import Raster
from ballerup_geo.sources.model import BUILDERS, Town
from ballerup_geo.sources.model import town as modelled
from ballerup_geo.sources.model.buildings import settle
from ballerup_geo.sources.model.frame import facts, outline
from ballerup_geo.sources.model.surface import lay_crowns, lay_roofs

FEATURES = ("utilities", "trees", "protected_nature")
CELL_M = 5.0


@pytest.fixture(scope="module")
def town() -> Town:
    return modelled(CELL_M)


@pytest.fixture(scope="module")
def rise(town: Town) -> Raster:
    """The surface less the terrain."""
    surface, terrain = town.layer("surface"), town.layer("terrain")
    assert isinstance(surface, Raster)
    assert isinstance(terrain, Raster)
    assert (surface.transform, surface.shape, surface.array.dtype) == (terrain.transform, terrain.shape, np.float32)
    return terrain.with_array(surface.array - terrain.array)


def at(raster: Raster, points: np.ndarray) -> np.ndarray:
    cells = [raster.cell_of(x, y) for x, y in shapely.get_coordinates(points)]
    return np.array([raster.array[cell] for cell in cells])


def is_service(town: Town) -> np.ndarray:
    """Tell which utility lines begin at a house."""
    first = shapely.get_point(town.table("utilities").geometry.to_numpy(), 0)
    houses = shapely.STRtree(town.table("buildings").geometry.to_numpy())
    service = np.zeros(len(first), dtype=bool)
    service[houses.query(first, predicate="dwithin", distance=0.01)[0]] = True
    return service


@pytest.mark.parametrize("layer_id", [*FEATURES, "tree_species"])
def test_the_layer_is_as_its_file_says(town: Town, layer_id: str) -> None:
    assert_as_the_layer_file_says(town, layer_id, least_rows=21)


@pytest.mark.parametrize("layer_id", FEATURES)
def test_shapes_lie_inside_the_municipality(town: Town, layer_id: str) -> None:
    assert_inside_the_municipality(town, layer_id)


@pytest.mark.parametrize("layer_id", [*FEATURES, "tree_species", "surface"])
def test_the_catalog_takes_the_layer_as_it_is(town: Town, tmp_path: Path, layer_id: str) -> None:
    checked = Catalog(read_project(shipped_root()), out=tmp_path, data="model", cell_m=CELL_M).read(layer_id)
    assert checked.provenance.notes == ()
    if layer_id != "surface":
        assert len(checked.data) == len(town.layer(layer_id))


def test_service_lines_lead_from_a_house_to_a_main_of_their_kind(town: Town) -> None:
    lines, fact = town.table("utilities"), facts("utilities")
    houses = shapely.STRtree(town.table("buildings").geometry.to_numpy())
    service = is_service(town)
    last = shapely.get_point(lines.geometry.to_numpy(), -1)
    served = np.isin(town.part(settle).houses.role, fact["served"]).sum()
    assert 0.97 * served < (service & (lines["kind"] == "water")).sum() <= served
    assert lines.length[service].max() <= fact["longest_service_m"]
    assert lines.loc[~service, "kind"].notna().all()
    assert 0.002 < lines.loc[service, "kind"].isna().mean() < 0.006
    for kind in fact["kind"]:
        mains = shapely.STRtree(lines.geometry[~service & (lines["kind"] == kind)].to_numpy())
        ends = last[service & (lines["kind"] == kind)]
        assert len(np.unique(mains.query(ends, predicate="dwithin", distance=0.01)[0])) == len(ends), kind
    shapes = lines.geometry.to_numpy()
    line, house = houses.query(shapes, predicate="crosses")
    under_m = shapely.length(shapely.intersection(shapes[line], houses.geometries[house]))
    assert len(np.unique(line[under_m > 1.0])) < 0.03 * service.sum()


def test_mains_lie_in_streets_and_heat_where_its_own_layer_has_it(town: Town) -> None:
    roads = town.table("roads")
    mains = town.table("utilities")[~is_service(town)]
    heat = mains.geometry[mains["kind"] == "district_heating"]
    assert heat.length.sum() == pytest.approx(town.table("heat_network").length.sum(), rel=0.001)
    middles = shapely.line_interpolate_point(mains.geometry.to_numpy(), 0.5, normalized=True)
    strips = shapely.STRtree(roads.geometry.to_numpy())
    near = strips.query(middles, predicate="dwithin", distance=roads["carriageway_m"].max() / 2 + 1.0)[0]
    assert len(np.unique(near)) == len(mains)


def test_trees_stand_clear_of_things_and_of_each_other(town: Town) -> None:
    trees, clear = town.table("trees"), facts("trees")["clear_m"]
    points = trees.geometry.to_numpy()
    for layer_id, metres in (("buildings", clear["house"]), ("lakes", clear["lake"]), ("streams", clear["stream"])):
        tree = shapely.STRtree(town.table(layer_id).geometry.to_numpy())
        assert tree.query(points, predicate="dwithin", distance=metres - 0.02).size == 0, layer_id
    cover = town.table("land_cover")
    hard = cover.geometry[cover["cover"].isin(["roof", "road", "water"])].to_numpy()
    assert shapely.STRtree(hard).query(points, predicate="within").size == 0
    assert cKDTree(shapely.get_coordinates(points)).query_pairs(clear["tree"] - 0.02) == set()


def test_trees_are_of_known_species_and_no_larger_than_these_grow(town: Town) -> None:
    trees = town.table("trees")
    species = pd.DataFrame(town.layer("tree_species")).set_index("species")
    assert set(trees["species"]) <= set(species.index)
    grown = species.loc[trees["species"].tolist()]
    assert (trees["height_m"].to_numpy() < grown["height_m"].to_numpy()).mean() > 0.999
    assert trees["planted_year"].isna().mean() == pytest.approx(0.5, abs=0.2)
    old = trees["planted_year"] < 1950
    young = trees["planted_year"] > 2005
    assert trees.loc[old.fillna(False), "crown_m"].median() > 2 * trees.loc[young.fillna(False), "crown_m"].median()


def test_the_surface_is_the_terrain_where_nothing_stands(town: Town, rise: Raster) -> None:
    assert rise.array.min() == 0.0
    assert rise.array.max() < 40.0
    lakes = town.table("lakes").geometry
    deep = lakes[lakes.area > 20_000].buffer(-25.0)
    inner = deep[~deep.is_empty].representative_point().to_numpy()
    assert len(inner) > 3
    assert (at(rise, inner) == 0.0).all()
    covered = (rise.array > 0).sum() * rise.cell_area_m2
    cover = town.table("land_cover")
    roofs, woods = (cover.area[cover["cover"] == name].sum() for name in ("roof", "forest"))
    crowns = (np.pi / 4 * town.table("trees")["crown_m"] ** 2).sum()
    assert roofs + 0.6 * woods < covered < roofs + woods + crowns


def test_houses_trees_and_woods_stand_on_the_surface(town: Town, rise: Raster) -> None:
    houses = town.table("buildings")
    flats = houses[houses["use_code"] == 140]
    low = 2.8 * flats["storeys"].to_numpy(float)
    above = at(rise, flats.geometry.centroid.to_numpy())
    assert (above > low - 0.7).all()
    assert (above < low + 12.0).all()  # a roof, or a tree beside it that is higher
    trees = town.table("trees")
    wide = trees[trees["crown_m"] > 1.5 * CELL_M]
    assert (at(rise, wide.geometry.to_numpy()) > 0.5 * wide["height_m"].to_numpy()).mean() > 0.99
    cover = town.table("land_cover")
    woods = cover.geometry[(cover["cover"] == "forest") & (cover.area > 10_000)]
    within = woods.sample_points(20, rng=1).explode().to_numpy()
    assert (at(rise, within) > 4.0).mean() > 0.7


def test_a_crown_and_a_roof_by_hand() -> None:
    """A tree of 10 m and 3 m radius; a house of 8 × 4 m, eaves 3 m, pitch 1, whose ridge is cut at 1.2 m."""
    ground = np.zeros((20, 20), np.float32)
    one = np.ones(1)
    lay_crowns(ground, 0.0, 20.0, 1.0, np.array([[5.5, 14.5]]), 0 * one, 3.0 * one, 10.0 * one)
    assert ground[5, 5] == pytest.approx(10.0)
    assert ground[5, 8] == pytest.approx(5.5)
    assert ground[5, 7] == pytest.approx(10 * (0.55 + 0.45 * np.sqrt(1 - 4 / 9)))
    assert (ground > 0).sum() == 29  # cells whose middle is within 3 of the trunk's
    corners = np.array([[[10.0, 2.0], [18.0, 2.0], [18.0, 6.0], [10.0, 6.0]]])
    for quad in (corners, np.ascontiguousarray(corners[:, ::-1])):
        house = np.zeros((20, 20), np.float32)
        lay_roofs(house, 0.0, 20.0, 1.0, quad, 3.0 * one, one, 1.2 * one)
        assert house[14, 10:18] == pytest.approx(3.5)
        assert house[15, 10:18] == pytest.approx([3.5, *[4.2] * 6, 3.5])
        assert (house > 0).sum() == 32


def test_roofs_cover_the_cells_that_independent_software_gives() -> None:
    house = shapely.affinity.rotate(shapely.box(20.0, 30.0, 61.3, 47.7), 37.3)
    cells = np.zeros((100, 100), np.float32)
    one = np.ones(1)
    corners = shapely.get_coordinates(house)[None, :4]
    lay_roofs(cells, 0.0, 100.0, 1.0, np.ascontiguousarray(corners), 3.0 * one, one, one)
    assert (cells > 0).sum() > 600
    north_up = Affine(1.0, 0.0, 0.0, 0.0, -1.0, 100.0)
    assert np.array_equal(cells > 0, rasterize([house], cells.shape, transform=north_up) > 0)


def test_protected_nature_is_that_of_the_ground_conflicts(town: Town) -> None:
    nature, conflicts = town.table("protected_nature"), town.table("ground_conflicts")
    ours = nature[nature["kind"].str.startswith("section3")].union_all()
    theirs = conflicts[conflicts["kind"] == "section3"].union_all()
    assert shapely.area(shapely.symmetric_difference(ours, theirs)) < 1.0
    assert (nature["kind"] == "fredning").sum() == (conflicts["kind"] == "fredning").sum() == 1
    codes = read_project(shipped_root()).layers["protected_nature"].columns["kind"].codes
    assert codes is not None
    assert set(nature["kind"]) < set(codes)


def test_protection_lines_reach_as_far_as_the_law_says(town: Town) -> None:
    nature = town.table("protected_nature").set_index("kind")
    lakes = town.table("lakes")
    assert len(nature.loc[["lake_line"]]) == (lakes.area[lakes.intersects(outline().buffer(-150.0))] >= 30_000).sum()
    for kind, metres, source in (
        ("lake_line", 150.0, lakes.geometry[lakes.area >= 30_000]),
        ("forest_line", 300.0, town.table("land_cover").query("cover == 'forest'").geometry),
        ("stream_line", 150.0, town.table("streams").geometry[town.table("streams")["protected"]]),
    ):
        corners = shapely.points(shapely.get_coordinates(nature.loc[[kind]].geometry.to_numpy()))
        away = shapely.STRtree(source.to_numpy()).query_nearest(corners, return_distance=True, all_matches=False)[1]
        assert metres - 1.0 < away.max() < metres + 5.0, kind
    mounds = nature.loc[["monument_line"]]
    assert mounds["name"].str.contains("modelleret").all()
    assert mounds.area.to_numpy() == pytest.approx(np.pi * 100.0**2, rel=0.01)


def test_species_have_sources_and_ash_and_elm_are_left_out(town: Town) -> None:
    species = pd.DataFrame(town.layer("tree_species")).set_index("species")
    assert set(species.index[species["excluded"].notna()]) == {"Ask", "Elm"}
    open_to = species[species["excluded"].isna()]
    assert (open_to["native"] & (open_to["form"] == "tree")).sum() >= 15
    assert open_to["family"].nunique() >= 8
    for column in ("source", "height_source", "crown_source"):
        assert (species[column].str.len() > 5).all(), column
    assert set(species.index[species["crown_source"] != "unverified"]) == {"Navr"}
    unknown = species[species["source"] == "unverified"]
    assert unknown[["soil", "dry", "wet", "salt"]].isna().all(axis=None)
    assert species.loc["Rødel", ["dry", "wet"]].tolist() == [1, 3]


def test_a_list_of_planted_trees_is_never_invented(tmp_path: Path) -> None:
    project = read_project(shipped_root())
    assert "planting_ledger" not in BUILDERS
    with pytest.raises(SourceError, match='"planting_ledger" is unknown: it has no source for --data model'):
        Catalog(project, out=tmp_path, data="model", cell_m=CELL_M).read("planting_ledger")


def test_the_municipality_s_own_list_is_read(tmp_path: Path) -> None:
    project, path = read_project(shipped_root()), tmp_path / "data" / "planting_ledger.csv"
    path.parent.mkdir()
    head = "parcel_id,date,planted,survived,removed,species\n"
    path.write_text(head + "M00001,2024-10-12,12,11,1,Stilkeg\nM00002,2025-04-02,3,,,\n", encoding="utf-8")
    table = Catalog(project, out=tmp_path, data="kept").read("planting_ledger").data
    assert isinstance(table, pd.DataFrame)
    assert table["planted"].sum() == 15
    assert pd.Timestamp(table["date"].iloc[0]).date() == datetime.date(2024, 10, 12)
    path.write_text(head + "M00001,2024-10-12,,11,1,Stilkeg\n", encoding="utf-8")
    with pytest.raises(DataError, match="planted"):
        Catalog(project, out=tmp_path, data="kept").read("planting_ledger")
