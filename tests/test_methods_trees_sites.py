"""Ground for trees and places on it: every rule once on paper, distances kept everywhere, and odd data told."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from scipy.spatial import cKDTree
from tree_maker import EAST, NORTH, SPECIES, given_of, homes, houses, parcels, placed, roads

from ballerup_geo.errors import DataError
from ballerup_geo.methods._part import Found
from ballerup_geo.methods.trees._canopy import raster_canopy
from ballerup_geo.methods.trees._exclusions import REASONS, by_size, common
from ballerup_geo.methods.trees._sight import sight_triangles
from ballerup_geo.methods.trees._sites import SITES
from ballerup_geo.methods.trees._sizes import sizes_of
from ballerup_geo.methods.trees._species import choose_species
from ballerup_geo.methods.trees._town import TreeTown, town_of
from ballerup_geo.raster import Raster
from ballerup_geo.siting import capped_mix
from ballerup_geo.spec import Given

SQUARE = shapely.box(0, 0, 100, 100)
BARE = {f"boundary_{size}_m": 0.0 for size in ("small", "medium", "large")}
SIDES = {f"removed_by_{reason}_m2" for reason in REASONS}


def found_of(given: Given) -> tuple[TreeTown, dict[str, Any], Found]:
    town = town_of(given)
    found = SITES.compute(given, town, Found())
    return town, dict(found.tables), found


def line(*corners: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    return placed([shapely.LineString(corners)], **{name: [value] for name, value in columns.items()})


MIDDLE = [(0, 50), (100, 50)]
HALF_IN = shapely.box(50, 0, 300, 100)
CROSSED = [[(-60, 50), (50, 50)], [(50, 50), (160, 50)], [(50, 50), (50, 160)]]
CASES: list[tuple[str, dict[str, Any], dict[str, Any], float]] = [
    ("open_land", {"land_cover": placed([HALF_IN], cover=["field"])}, {}, 5000),
    ("wet", {"land_cover": placed([HALF_IN], cover=["water"])}, {}, 5200),
    ("wet", {"lakes": placed([HALF_IN], lake_id=["1"])}, {}, 5200),
    ("wet", {"streams": line(*MIDDLE, stream_id="1", culverted=False)}, {}, 400),
    ("pitch", {"green_areas": placed([HALF_IN], area_id=["1"], kind=["sport"])}, {}, 5000),
    ("paved", {"land_cover": placed([HALF_IN], cover=["paved"])}, {}, 5000),
    ("building", {"buildings": houses(shapely.box(40, 40, 60, 60))}, {}, 400 + 4 * 60 + np.pi * 9),
    ("boundary", {}, {"boundary_small_m": 1.5}, 10_000 - 97 * 97),
    ("road", {"roads": roads(MIDDLE)}, {}, 900),
    ("road", {"roads": roads(MIDDLE, **{"class": ["path"], "carriageway_m": [None]})}, {}, 500),
    ("sewer", {"utilities": line(*MIDDLE, utility_id="L1", kind="sewer")}, {}, 500),
    ("water", {"utilities": line(*MIDDLE, utility_id="L1", kind="water")}, {}, 400),
    ("district_heating", {"utilities": line(*MIDDLE, utility_id="L1", kind="district_heating")}, {}, 400),
    ("gas", {"utilities": line(*MIDDLE, utility_id="L1", kind="gas")}, {}, 400),
    ("power", {"utilities": line(*MIDDLE, utility_id="L1", kind="power")}, {}, 400),
    ("telecom", {"dug_lines": line(*MIDDLE, line_id="D1", kind="telecom")}, {}, 200),
    ("utility_unknown", {"utilities": line(*MIDDLE, utility_id="L1", kind=None)}, {}, 500),
    ("heat_planned", {"heat_pipes": line(*MIDDLE)}, {}, 400),
    ("protected", {"protected_nature": placed([HALF_IN], kind=["section3_bog"])}, {}, 5000),
    ("canopy", {"trees": placed([shapely.Point(50, 50)], tree_id=["1"], crown_m=[8.0])}, {}, np.pi * 49),
    ("deed", {"deeds": placed([HALF_IN], deed_id=["B1"])}, {}, 5000),
    ("solar", {"solar_roofs": placed([shapely.box(40, 40, 60, 60)], roof_id=["S1"])}, {}, 400 + 4 * 200 + np.pi * 100),
]


@pytest.mark.parametrize(("reason", "layers", "change", "square_m"), CASES, ids=[case[0] for case in CASES])
def test_every_reason_takes_what_its_rule_says(
    reason: str, layers: dict[str, Any], change: dict[str, Any], square_m: float
) -> None:
    given = given_of(parcels=parcels(SQUARE), assumptions={**BARE, **change}, **layers)
    _, tables, _ = found_of(given)
    row = tables["parcels"].iloc[0]
    taken = row[f"removed_by_{reason}_m2"]
    assert square_m <= taken + 1e-6
    assert taken <= square_m * 1.02
    others = sum(row[name] for name in SIDES) - taken
    assert others == pytest.approx(0, abs=1e-6)
    assert row["plantable_m2"] + taken == pytest.approx(row["area_m2"]) == pytest.approx(10_000)


def test_whoever_waits_at_a_junction_sees_as_far_as_is_driven_in_the_seconds() -> None:
    seen = sight_triangles(roads(*CROSSED), waiting_m=10.0, seconds=3.0, speed_unknown_kmh=50.0, snap_m=0.5)
    # 36 km/h for 3 s is 30 m; from the side street both ways, and from each side of the main street into it
    assert sorted(shapely.area(seen).round(6)) == [150.0] * 4
    at_all = shapely.bounds(shapely.union_all(seen)) - np.array([EAST, NORTH, EAST, NORTH])
    assert at_all.round(6).tolist() == [20, 50, 80, 80]
    assert len(sight_triangles(roads(*CROSSED[:2]), waiting_m=10, seconds=3, speed_unknown_kmh=50, snap_m=0.5)) == 0
    given = given_of(parcels=parcels(shapely.box(55, 55, 60, 60)), roads=roads(*CROSSED), assumptions=BARE)
    assert found_of(given)[1]["parcels"]["removed_by_sight_m2"].iloc[0] > 0


def gardens() -> dict[str, Any]:
    """Twelve gardens in a row with houses, pipes that cross them, a street, a wood's edge and some trees."""
    rng = np.random.default_rng(8)
    plots = [shapely.box(25 * k, 0, 25 * k + 25, 40) for k in range(12)]
    built = [shapely.box(25 * k + 6, 6, 25 * k + rng.uniform(13, 20), rng.uniform(12, 18)) for k in range(12)]
    pipes = [shapely.LineString([(25 * k + 10, -5), (25 * k + rng.uniform(2, 23), 12)]) for k in range(12)]
    kinds = ["sewer", "water", None, "gas", "power", "telecom"] * 2
    return {
        "parcels": parcels(*plots, owners=["private"] * 9 + ["housing_association"] * 3),
        "buildings": houses(*built),
        "addresses": homes(*[(25 * k + 8, 8) for k in range(12)]),
        "roads": roads([(-20, -8), (320, -8)]),
        "utilities": placed(pipes, utility_id=[f"L{k}" for k in range(12)], kind=kinds),
        "trees": placed([shapely.Point(12.5, 30), shapely.Point(160, 25)], tree_id=["1", "2"], crown_m=[6.0, None]),
        "protected_nature": placed(
            [shapely.box(0, 0, 60, 60), shapely.box(250, 0, 300, 60)], kind=["forest_line", "section3_meadow"]
        ),
        "tree_species": SPECIES,
        "lakes": placed([shapely.box(400, 400, 410, 410)], lake_id=["1"]),
    }


@pytest.fixture(scope="module")
def row_of_gardens() -> tuple[Given, TreeTown, dict[str, Any], Found]:
    given = given_of(**gardens())
    return (given, *found_of(given))


def test_no_site_is_in_any_buffer_and_crowns_keep_apart_over_boundaries(
    row_of_gardens: tuple[Given, TreeTown, dict[str, Any], Found],
) -> None:
    given, town, tables, _ = row_of_gardens
    sites = tables["sites"]
    assert len(sites) > 30
    assert set(sites["size"]) == {"small", "medium", "large"}
    points = sites.geometry.to_numpy()
    whole = shapely.union_all(town.parcels.geometry.to_numpy())
    assert shapely.covers(whole, points).all()
    own = town.parcels.set_index("parcel_id").geometry[sites["parcel_id"]].to_numpy()
    for size in sizes_of(given):
        mine = (sites["size"] == size.name).to_numpy(bool)
        for rules in (common(given, town), by_size(given, town, size)):
            for shape, distance in zip(rules.geometry, rules["distance_m"], strict=True):
                away = shapely.distance(points[mine], shape)
                assert (away >= distance - 1e-6).all()
                assert distance > 0 or not shapely.contains_properly(shape, points[mine]).any()
        assert (shapely.distance(points[mine], shapely.boundary(own[mine])) >= size.boundary_m - 1e-6).all()
    xy, radius = shapely.get_coordinates(points), sites["crown_radius_m"].to_numpy()
    pairs = np.array(list(cKDTree(xy).query_pairs(2 * radius.max())))
    apart = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    assert (apart >= radius[pairs].sum(axis=1) * (1 - 1e-8)).all()
    over = sites["parcel_id"].to_numpy()[pairs]
    assert (over[:, 0] != over[:, 1]).any(), "no pair lies over a boundary"


def test_each_site_tells_its_distances_and_what_nobody_has_checked(
    row_of_gardens: tuple[Given, TreeTown, dict[str, Any], Found],
) -> None:
    given, town, tables, _ = row_of_gardens
    sites = tables["sites"]
    points = sites.geometry.to_numpy()
    houses_at = shapely.union_all(town.buildings.geometry.to_numpy())
    assert sites["building_m"].to_numpy() == pytest.approx(shapely.distance(points, houses_at))
    pipes = shapely.union_all(given.inputs["utilities"].geometry.to_numpy())  # type: ignore[union-attr]
    assert sites["utility_m"].to_numpy() == pytest.approx(shapely.distance(points, pipes))
    south = shapely.get_y(points) - NORTH
    assert sites["road_m"].to_numpy() == pytest.approx(np.where(south + 5 <= 50, south + 5, np.nan), nan_ok=True)
    xy = shapely.get_coordinates(points)
    both = np.vstack([xy, shapely.get_coordinates(town.trees.geometry.to_numpy())])  # type: ignore[union-attr]
    assert sites["tree_m"].to_numpy() == pytest.approx(cKDTree(both).query(xy, k=2)[0][:, 1])
    unchecked = sites["unchecked"].str.split("; ")
    assert unchecked.map(lambda ties: {"tinglysning", "Ledningsejerregistret (LER)", "lokalplan"} <= set(ties)).all()
    inside = shapely.get_x(points) <= EAST + 60
    assert (unchecked.map(lambda ties: "inden for skovbyggelinje" in ties) == inside).all()
    assert inside.any()
    plans = placed([shapely.box(0, 0, 100, 60)], plan_id=["47"], status=["vedtaget"])
    brought = placed([shapely.box(900, 900, 910, 910)])
    more = given_of(**gardens(), deeds=brought, local_plans=plans, dug_lines=line((900, 900), (910, 910), line_id="D1"))
    known = found_of(more)[1]["sites"]
    ties = known["unchecked"].str.split("; ")
    assert not ties.map(lambda one: {"tinglysning", "Ledningsejerregistret (LER)", "lokalplan"} & set(one)).any()
    assert (ties.map(lambda one: "lokalplan 47" in one) == (shapely.get_x(known.geometry) <= EAST + 100)).all()


def test_gardens_associations_and_other_land_are_told_apart() -> None:
    plots = [shapely.box(60 * k, 0, 60 * k + 50, 50) for k in range(4)]
    owners = ["private", "private", "cooperative", "road"]
    given = given_of(
        parcels=parcels(*plots, owners=owners),
        addresses=homes((10, 10), (130, 10)),
        roads=placed(
            [shapely.LineString([(0, 60), (50, 60)]), shapely.LineString([(60, 60), (300, 60)])],
            **{"road_id": ["1", "2"], "class": ["residential"] * 2, "name": ["Avej", "Bvej"]},
        ),
    )
    _, tables, _ = found_of(given)
    told = tables["parcels"]
    assert told["place"].tolist() == ["garden", "other", "association", "other"]
    assert told["street"].tolist() == ["Avej", "Bvej", "Bvej", "Bvej"]
    assert told["removed_by_road_land_m2"].tolist() == [0, 0, 0, 2500]
    assert (
        tables["sites"].groupby("parcel_id").size() == told.set_index("parcel_id")["sites"].loc[lambda n: n > 0]
    ).all()


def test_odd_data_are_told_by_id_and_nothing_is_dropped_in_silence() -> None:
    bow = shapely.Polygon([(200, 0), (240, 40), (240, 0), (200, 40)])
    given = given_of(
        parcels=parcels(
            shapely.box(0, 0, 40, 40),
            shapely.box(20, 0, 60, 40),  # overlaps the first by 800 m²
            bow,
            shapely.box(100, 0, 110, 10),  # is a house
            shapely.box(100, 0, 110, 10),  # is the same again
            shapely.Polygon(),
        ),
        buildings=houses(shapely.box(99, -1, 111, 11)),
        utilities=placed([shapely.LineString([(0, 20), (40, 20)])], utility_id=["L7"], kind=[None]),
        dug_lines=placed([shapely.LineString([(0, 30), (40, 30)])] * 2, line_id=["D4", "D5"], kind=["gas", "olie"]),
        trees=placed([shapely.Point(5, 5)], tree_id=["T9"], crown_m=[None]),
    )
    _, tables, found = found_of(given)
    told = tables["tree_reports"]
    rows = {kind: group["row_id"].tolist() for kind, group in told.groupby("kind")}
    assert rows == {
        "parcel_repaired": ["M3"],
        "parcels_overlap": ["M2", "M5"],
        "parcel_without_area": ["M6"],
        "all_building": ["M4"],
        "utility_unknown": ["D5", "L7"],
        "tree_without_crown": ["T9"],
    }
    assert any(note["da"].startswith("2 × matrikel, der overlapper") for note in found.notes)
    names = {name for group in rows.values() for name in group}
    assert not any(name in note["da"] for note in found.notes for name in names)  # a page names nobody's land
    assert next(table for table in SITES.tables if table.name == "tree_reports").homes
    ground = tables["parcels"].set_index("parcel_id")
    assert ground["removed_by_overlap_m2"].round(6).to_dict() == {"M1": 0, "M2": 800, "M3": 0, "M4": 0, "M5": 100}
    assert ground["area_m2"].round(6).tolist() == [1600, 1600, 800, 100, 100]
    assert ground.loc[["M4", "M5"], "sites"].tolist() == [0, 0]
    assert tables["sites"].geometry.is_unique
    assert ground[["plantable_m2", *SIDES]].sum(axis=1).to_numpy() == pytest.approx(ground["area_m2"].to_numpy())
    with pytest.raises(DataError, match="no parcel has an area"):
        town_of(given_of(parcels=parcels(shapely.Polygon())))


def raster(height: float, cell: float, *, crown: tuple[slice, slice] | None = None, size: int) -> Raster:
    cells = np.full((size, size), height, dtype=np.float32)
    if crown is not None:
        cells[crown] += 8.0
    return Raster(cells, Affine(cell, 0, EAST, 0, -cell, NORTH + size * cell))


def test_canopy_is_surface_over_terrain_without_roofs_in_any_grid() -> None:
    terrain = raster(20.0, 2.0, size=50)
    surface = raster(20.0, 2.0, crown=(slice(10, 20), slice(10, 20)), size=50)
    finer = raster(20.0, 1.0, crown=(slice(20, 40), slice(20, 40)), size=100)
    house = shapely.box(EAST + 30, NORTH + 60, EAST + 40, NORTH + 80)
    given = {"town": shapely.box(EAST, NORTH, EAST + 100, NORTH + 100), "least_m": 3.0, "roof_m": 0.5}
    for above in (surface, finer):
        crowns = raster_canopy(above, terrain, buildings=np.array([house]), **given)
        whole = shapely.union_all(crowns.geometry.to_numpy())
        assert shapely.area(crowns.geometry.to_numpy()).sum() == pytest.approx(whole.area) == pytest.approx(20 * 10)
        assert np.subtract(whole.bounds, (EAST, NORTH, EAST, NORTH)).tolist() == [20, 60, 30, 80]
    town = town_of(given_of(parcels=parcels(SQUARE), surface=finer, terrain=terrain))
    assert any("andet net" in note["da"] for note in town.notes)
    assert town.canopy is not None
    assert town.canopy.area.sum() == pytest.approx(400)
    coarse = raster(20.0, 20.0, size=5)
    one = placed([shapely.Point(5, 5)], tree_id=["1"], crown_m=[4.0])
    town = town_of(given_of(parcels=parcels(SQUARE), surface=coarse, terrain=coarse, trees=one))
    assert any("for grove" in note["da"] for note in town.notes)
    assert town.canopy is not None
    assert town.canopy.area.sum() == pytest.approx(np.pi * 4, rel=0.03)


def sites_at(*, size: list[str], road_m: float = 40.0, place: str = "garden") -> gpd.GeoDataFrame:
    shapes = [shapely.Point(10 * k, 0) for k in range(len(size))]
    return placed(shapes, size=size, road_m=[road_m] * len(size), place=[place] * len(size))


NONE = np.zeros(100, dtype=bool)
"""No site is chosen."""


def test_species_suit_the_ground_and_keep_their_caps() -> None:
    loose = {"most_species_pct": 50.0, "most_genus_pct": 50.0, "most_family_pct": 80.0, "shrub_least_m": 60.0}
    wet = placed([shapely.box(-5, -5, 5, 5)])
    given = given_of(parcels=parcels(SQUARE), tree_species=SPECIES, wet_ground=wet, assumptions=loose)
    town = town_of(given)
    sites = sites_at(size=["medium"] * 4)
    chosen = choose_species(given, town, sizes_of(given), sites, NONE[:4])
    assert chosen.species[0] == "El"  # birch is told to fail on wet ground, an oak's crown has no room
    assert "tåler våd bund" in chosen.why[0]
    assert set(chosen.species) <= {"El", "Birk", "Røn"}, "no ash, no shrub, no oak where it has no room"
    assert chosen.mix["trees"].sum() == 4
    assert chosen.mix["trees"].max() <= 2
    salty = choose_species(given, town, sizes_of(given), sites_at(size=["large"] * 2, road_m=1.0), NONE[:2])
    assert salty.species.tolist() == ["Eg", "El"], "salt is told for these two, and each may be half"
    none = choose_species(given_of(parcels=parcels(SQUARE)), town, sizes_of(given), sites, NONE[:4])
    assert pd.isna(none.species).all()
    assert "ukendt" in none.notes[0]["da"]


def test_ten_twenty_thirty_holds_and_what_cannot_have_a_species_is_counted() -> None:
    given = given_of(parcels=parcels(SQUARE), tree_species=SPECIES)
    chosen = choose_species(given, town_of(given), sizes_of(given), sites_at(size=["small", "large"] * 50), NONE)
    trees = chosen.mix.set_index("species")["trees"].to_dict()
    assert trees == {"Birk": 10, "Eg": 10, "El": 10, "Røn": 10}
    assert pd.isna(chosen.species).sum() == 60
    assert any("60 pladser har ingen art" in note["da"] for note in chosen.notes)
    between = np.flatnonzero(chosen.species == "Eg")
    assert np.diff(between).max() <= 16, "a species is spread along the parcels"


@pytest.mark.parametrize("seed", range(4))
def test_the_mix_is_the_best_by_trying_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    demand, profit = np.array([2, 3]), rng.integers(1, 9, (2, 3)).astype(float)
    profit[0, seed % 3] = np.nan
    labels, shares = [np.array([0, 1, 2]), np.array([0, 0, 1])], [0.4, 0.6]
    classes = np.zeros(2, dtype=np.int64)
    found = capped_mix(demand, profit, labels=labels, shares=shares, classes=classes, excess_cost=0.0)
    best = 0.0
    for cells in np.ndindex(*(4,) * 6):
        x = np.reshape(cells, (2, 3))
        kinds = x.sum(axis=0)
        fits = (x.sum(axis=1) <= demand).all() and (kinds <= 2).all() and kinds[:2].sum() <= 3 and kinds[2] <= 3
        if fits and not x[np.isnan(profit)].any():
            best = max(best, float(np.nansum(x * profit)))
    assert np.nansum(found * profit) == best
    with pytest.raises(DataError, match="does not fit"):
        capped_mix(demand, profit[:, :2], labels=labels, shares=shares, classes=classes, excess_cost=0.0)


def test_the_order_of_rows_changes_nothing() -> None:
    layers = gardens()
    turned = {name: layer.iloc[::-1].reset_index(drop=True) for name, layer in layers.items()}
    one, other = (found_of(given_of(**each))[1] for each in (layers, turned))
    pd.testing.assert_frame_equal(one["sites"], other["sites"])
    pd.testing.assert_frame_equal(one["parcels"], other["parcels"], atol=1e-6)
