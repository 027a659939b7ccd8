"""What a tree gives at each site, the choice of the plan's trees, and their years: figures of a few homes on paper."""

from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from tree_maker import parcels, placed, planted

from ballerup_geo.methods._grid import label_polygons
from ballerup_geo.methods._part import Found
from ballerup_geo.methods.trees._aims import Aim, CrownCells, one_each
from ballerup_geo.methods.trees._benefit import AIMS, _crowned, aims_of, crown_cells, homes_of
from ballerup_geo.methods.trees._canopy import crowns_of
from ballerup_geo.methods.trees._selection import SELECTION, choice_words, choose, offers_of
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.methods.trees._years import alive_after, tree_years, year_words
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Given

CRS = "EPSG:25832"


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    analysis = read_project(shipped_root()).analyses["trees"]
    return {name: assumption.value for name, assumption in analysis.assumptions.items()}


def given_of(values: dict[str, Any], inputs: dict[str, Any] | None = None, **changes: Any) -> Given:
    return Given(inputs or {}, {**values, **changes}, lambda _label, _share: None)


def frame(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def town_of_three(**changes: Any) -> TreeTown:
    """Homes at 0, 200 and 400 metres along a street; the west half (0–300) is area A, the rest area B."""
    parts: dict[str, Any] = {
        "name": "Lilleby",
        "area": shapely.box(-100, -100, 600, 100),
        "parcels": None,
        "buildings": None,
        "addresses": frame(
            [shapely.Point(x, 0) for x in (0, 200, 400, 400)],
            dwellings=[1, 1, 1, 1],
            residents=pd.array([2, 4, 1, None], dtype="Int64"),
        ),
        "trees": frame([shapely.Point(5, 5), shapely.Point(5, -5)], tree_id=["1", "2"], crown_m=[4.0, 4.0]),
        "canopy": frame([shapely.box(0, 0, 20, 20)]),
        "areas": frame(
            [shapely.box(-100, -100, 300, 100), shapely.box(300, -100, 600, 100)],
            area_id=["A", "B"],
            residents=[80, 20],
            residents_over_75=[8, 8],
            residents_under_5=[0, 0],
        ),
        "greens": frame([shapely.box(-100, -100, 0, 100)], area_id=["g"], kind=["park"]),
        "roads": frame([shapely.LineString([(0, 30), (40, 30)])], road_id=["r"], **{"class": ["residential"]}),
        "protected": None,
        "utilities": None,
        "cover": None,
        "culprits": (),
        "notes": (),
    }
    return TreeTown(**{**parts, **changes})


def sites_at(*places: tuple[float, float], place: str = "garden", radius: float = 2.0) -> gpd.GeoDataFrame:
    return frame(
        [shapely.Point(each) for each in places],
        site_id=[f"T{number:06d}" for number in range(1, len(places) + 1)],
        place=[place] * len(places),
        parcel_id=[f"M{number}" for number in range(1, len(places) + 1)],
        area_id=["A" if x < 300 else "B" for x, _ in places],
        crown_radius_m=[radius] * len(places),
    )


SITES = ((10.0, 0.0), (-10.0, 0.0), (210.0, 0.0), (190.0, 0.0), (205.0, 9.0), (410.0, 0.0))


def test_receivers_of_each_aim_are_those_on_paper(values: dict[str, Any]) -> None:
    """Home 1 has 2 trees and 400 m² of crown near, area A 80 000 m² of ground; vulnerable: 10 and 40 of a hundred."""
    given = given_of(values, near_crown_m2=300.0)
    town = town_of_three()
    homes, cells = homes_of(given, town), crown_cells(given, town)
    assert len(cells.xy) * cells.cell_m2 == 400
    assert homes.residents.tolist() == [2, 4, 2]  # a dwelling nobody knows the residents of counts one
    # mean (0.1 · 80 + 0.4 · 20) / 100 = 0.16
    assert homes.vulnerable == pytest.approx([2 * 0.1 / 0.16, 4 * 0.1 / 0.16, 2 * 0.4 / 0.16])
    aims, notes = aims_of(given, town, sites_at(*SITES), homes, cells)
    near, cover, heat, runoff, shade = aims
    assert tuple(aim.name for aim in aims) == AIMS
    assert near.have.tolist() == [2, 0, 0]
    assert near.gains.sum(axis=0).tolist() == [2, 3, 1]
    assert near.caps.ravel().tolist() == [1, 3, 3]
    assert cover.target.tolist() == [0.3 * 80_000, 0.3 * 60_000]
    assert cover.have.tolist() == [400, 0]
    assert cover.gains.sum(axis=0) == pytest.approx([5 * 4 * np.pi, 4 * np.pi])
    assert heat.have.tolist() == [400, 0, 0]
    assert len(runoff.target) == 0
    assert shade.people.tolist() == [20, 20]
    assert [note["en"].split(" ")[3] for note in notes] == ["the", "school"]


def test_missing_crowns_areas_and_ages_are_no_error(values: dict[str, Any]) -> None:
    given = given_of(values)
    town = town_of_three(canopy=None, trees=None, areas=None, greens=None)
    homes, cells = homes_of(given, town), crown_cells(given, town)
    aims, notes = aims_of(given, town, sites_at(*SITES), homes, cells)
    assert len(cells.xy) == 0
    assert homes.vulnerable.tolist() == homes.residents.tolist()
    assert [len(aim.target) for aim in aims] == [3, 0, 3, 0, 2]
    assert len(notes) == 4


def test_rain_counts_only_above_hollows_that_touch_something(values: dict[str, Any]) -> None:
    """Basins 2 (west) and 3 (east) on cells of 100 m; a hollow with two buildings in the west, one with none east."""
    basins = Raster(np.array([[2, 2, 2, 3, 3, 3]], dtype=np.int32), Affine(100, 0, -100, 0, -200, 100), -1)
    spots = frame(
        [shapely.box(-60, -20, 20, 20), shapely.box(420, -20, 480, 20)],
        bluespot_id=[1, 2],
        volume_m3=[50.0, 50.0],
        buildings=[2, 0],
    )
    given = given_of(values, {"rain_bluespots": spots, "rain_basins": basins}, crown_storage_mm=2.0)
    town = town_of_three()
    aims, _ = aims_of(given, town, sites_at(*SITES), homes_of(given, town), CrownCells(np.empty((0, 2)), 1.0))
    runoff = aims[3]
    assert runoff.people.tolist() == [2.0]
    kept = np.pi * 4 * 0.002
    assert runoff.gains.toarray().ravel() == pytest.approx([kept, kept, 0, kept, 0, 0])


def test_pupils_make_a_street_count_more(values: dict[str, Any]) -> None:
    links = frame([shapely.LineString([(0, 30), (20, 30)])], link_id=["l"], pupils=pd.array([40], dtype="Int64"))
    given = given_of(values, {"school_links": links}, shade_pupils=20.0, shade_step_m=10.0)
    town = town_of_three()
    aims, _ = aims_of(given, town, sites_at(*SITES), homes_of(given, town), crown_cells(given, town))
    assert aims[4].people.tolist() == [30, 30, 30, 10]  # 25 m is 5 m from the link's end


def test_the_way_to_a_target_is_worth_most_at_its_start() -> None:
    aim = Aim(
        "cover", one_each(np.array([0]), 1, np.array([1.0])), np.array([30.0]), np.array([6.0]), np.array([60.0]), 3
    )
    assert aim.caps.tolist() == [[4, 14, 24]]
    worth = [float((aim.weights * np.minimum(aim.caps, x)).sum()) for x in (0, 4, 14, 24)]
    assert worth == pytest.approx([0, 12, 32, 42])  # 3, 2 and 1 a unit; 60 from nothing to all
    assert aim.share() == pytest.approx(0.2)


def test_the_choice_is_greedy_by_all_aims_and_its_parts_add_up() -> None:
    """Near: one tree each for homes of 3 and 1; cover: crowns 1, 1 and 4 in one area. Alone with two trees: 4 and 5."""
    near = Aim("near", one_each(np.array([0, 1, -1]), 2, np.ones(3)), np.ones(2), np.zeros(2), np.array([3.0, 1.0]))
    cover = Aim(
        "cover",
        one_each(np.zeros(3, np.int64), 1, np.array([1.0, 1.0, 4.0])),
        np.array([10.0]),
        np.zeros(1),
        np.array([10.0]),
    )
    land = pd.DataFrame({"place": ["association"] * 3, "parcel_id": ["M1"] * 3})
    choice = choose((near, cover), np.ones(3, dtype=bool), offers=offers_of(land, 1), count=2)
    assert choice.best.tolist() == [4, 5]
    weights = np.array([1.0, 1.0])
    chosen = choice.weighed(weights, rounds=5)
    # half the weight each, 100 for an average tree: near 25 a point, cover 20 a point
    assert chosen.order.tolist() == [0, 2]
    assert chosen.gain.tolist() == [95, 80]
    parts = choice.parts(weights, chosen)
    assert parts.tolist() == [[75, 20], [25, 20], [0, 80]]
    assert choice.reached(choice.received(chosen.order)).tolist() == [75, 100]
    best = max(
        sum(min(1, sum(choice.aims[0].gains[i, r] for i in pair)) * w for r, w in enumerate((75, 25)))
        + 20 * sum(choice.aims[1].gains[i, 0] for i in pair)
        for pair in combinations(range(3), 2)
    )
    assert chosen.value[-1] == best <= chosen.bound[-1]
    assert choice.weighed(np.array([1.0, 0.0])).order.tolist() == [0, 1]


def test_the_part_ranks_gardens_and_associations_alone_and_tells_before_and_after(values: dict[str, Any]) -> None:
    sites = sites_at(*SITES)
    sites["place"] = ["garden", "other", "garden", "association", "garden", "association"]
    given = given_of(values, goal_trees=20, near_crown_m2=300.0)
    found = SELECTION.compute(given, town_of_three(), Found(tables={"sites": sites}))
    columns = found.columns["sites"]
    assert columns.index.tolist() == sites["site_id"].tolist()
    assert sorted(columns["rank"].dropna()) == [1, 2, 3, 4, 5]
    assert pd.isna(columns.loc["T000002", "rank"])
    gains = columns[["canopy_gain", "heat_gain", "runoff_gain", "shade_gain"]].sum(axis=1)
    assert columns["benefit"].to_numpy() == pytest.approx(gains.to_numpy())
    ranked = columns.dropna(subset="rank").sort_values("rank")["benefit"].to_numpy()
    assert np.all(np.diff(ranked) <= 1e-9)
    told = found.indicators
    assert (told["chosen"], told["chosen_missing"]) == (5, 15)
    assert (told["chosen_gardens"], told["chosen_associations"], told["on_associations_chosen"]) == (3, 2, 2)
    assert told["choice_gap_pct"] == pytest.approx(0, abs=1e-6)  # all sites are taken: nothing is left to gain
    # homes of 2, 4 and 2: the first has 2 + 1 trees after, the second 3, the third 1
    assert (told["near_before_pct"], told["near_after_pct"]) == (0, 75)
    areas = found.tables["areas"].set_index("area_id")
    assert areas["few_trees_before"].tolist() == [6, 2]
    assert areas["few_trees_after"].tolist() == [0, 2]
    assert areas["canopy_before_pct"].tolist() == [0.5, 0]
    assert areas.loc["B", "canopy_after_pct"] == pytest.approx(100 * 4 * np.pi / 60_000)
    # 300 / 1.3 = 231 m in a straight line: the homes at 0 and 200 m
    assert areas["green_before_pct"].tolist() == [100, 0]
    assert told["green_before_pct"] == 75
    assert told["green_with_forest_pct"] is None
    table = found.tables["weights"]
    assert table["same_pct"].tolist() == [100] * len(table)  # too few sites to choose between
    assert table["aim"].tolist()[:3] == ["as_is", "near", "near"]
    assert any("5 sites" in note["en"] for note in found.notes)
    assert choice_words(told)["en"].startswith("5 sites are chosen, 3 in private gardens")


def test_new_forest_changes_the_way_to_green(values: dict[str, Any]) -> None:
    forest = frame([shapely.box(400, 20, 600, 100)])
    found = SELECTION.compute(
        given_of(values), town_of_three(), Found(tables={"sites": sites_at(*SITES), "forest": forest})
    )
    assert found.indicators["green_with_forest_pct"] == 100


def test_years_on_paper(values: dict[str, Any]) -> None:
    """200 trees in 2029 and 2030, a tenth dying in the first year and half in each later one; 2 kg a tree."""
    given = given_of(
        values,
        goal_year=2030,
        plant_first_year=2029,
        years_last=2032,
        young_years=1.0,
        **{f"mortality_young_{level}_pct": 10.0 for level in ("low", "mid", "high")},
        **{f"mortality_{level}_pct": 50.0 for level in ("low", "mid", "high")},
        carbon_mid_kg=2.0,
        planted_radius_m=0.0,
        grown_years=2.0,
        rain_year_mm=1000.0,
        interception_mid_pct=10.0,
    )
    table = tree_years(given, np.full(200, 2.0)).set_index("year")
    assert table["planted"].tolist() == [100, 200, 200, 200]
    assert table["alive_mid"].tolist() == pytest.approx([100, 190, 135, 67.5])
    assert table["carbon_mid_t"].tolist() == pytest.approx([0, 0.18, 0.27, 0.135])
    assert table["carbon_sum_mid_t"].iloc[-1] == pytest.approx(0.585)
    # 2031: 45 grown (radius 2) and 90 half grown (radius 1)
    assert table.loc[2031, "canopy_mid_ha"] == pytest.approx((45 * 4 + 90) * np.pi / 10_000)
    assert table.loc[2031, "runoff_mid_m3"] == pytest.approx((45 * 4 + 90) * np.pi * 0.1)


def test_twenty_thousand_trees_take_up_tens_of_tonnes_never_thousands(values: dict[str, Any]) -> None:
    table = tree_years(given_of(values), np.full(20_000, 3.0))
    low, mid, high = (table[f"carbon_{level}_t"].to_numpy() for level in ("low", "mid", "high"))
    assert np.all((low <= mid) & (mid <= high))
    assert 5 < mid[-1] < high.max() < 55
    assert np.all(table["alive_low"] <= table["alive_high"])
    assert table["alive_high"].max() <= 20_000
    assert table["planted"].iloc[-1] == pytest.approx(20_000)
    assert alive_after(np.array([0.0]), young_pct=5, grown_pct=1, young_years=3).tolist() == [1]
    words = year_words({"carbon_low_t": low[-1], "carbon_high_t": high[-1], "runoff_year_m3": 1.0})
    assert "next to nothing" in words["en"]


def test_canopy_of_a_quarter_is_its_ground_under_crowns_exactly() -> None:
    """Crowns 4 m wide on squares of 4 m: squares alone would tell nothing or twice as much of a small quarter."""
    rng = np.random.default_rng(5)
    spots, wide = rng.uniform(0, 60, (40, 2)), rng.uniform(2, 12, 40)
    trees = placed([shapely.Point(spot) for spot in spots], tree_id=[str(k) for k in range(40)], crown_m=wide)
    plots = [shapely.box(0, 0, 23, 61), shapely.box(23, 0, 61, 61), shapely.box(90, 0, 91, 1)]
    areas = placed(plots, area_id=["a", "b", "c"], residents=[10, 10, 0])
    told = planted(parcels=parcels(shapely.box(0, 0, 61, 61)), trees=trees, statistics_areas=areas).tables["areas"]
    within = rng.uniform(0, 61, (200_000, 2))
    under = np.zeros(len(within), dtype=bool)
    for spot, width in zip(spots, wide, strict=True):
        under |= np.hypot(*(within - spot).T) < width / 2
    left = within[:, 0] < 23
    by_darts = [100 * under[left].mean(), 100 * under[~left].mean(), 0.0]
    assert told["canopy_before_pct"].to_numpy() == pytest.approx(by_darts, abs=0.7)
    crowns = crowns_of(trees)
    assert shapely.area(crowns.geometry.to_numpy()) == pytest.approx(np.pi * wide**2 / 4)


def test_squares_of_crowns_add_up_to_the_crowns_of_a_surface_whose_outlines_run_through_their_middles(
    values: dict[str, Any],
) -> None:
    """A surface on cells of 2 m beside squares of 4 m: half of all outlines lie on middles, and none counts twice."""
    rng = np.random.default_rng(5)
    wooded = np.kron(rng.random((60, 60)) < 0.3, np.ones((5, 5), bool)).astype(np.int32)  # patches of 10 m
    surface = Raster(wooded, Affine(2, 0, 700_000, 0, -2, 6_180_600))
    crowns = label_polygons(np.where(wooded, 1 + np.arange(300) // 32, 0).astype(np.int32), grid=surface)
    canopy = gpd.GeoDataFrame(geometry=shapely.get_parts(crowns.to_numpy()), crs=CRS)
    cells = crown_cells(given_of(values, canopy_cell_m=4.0), town_of_three(canopy=canopy))
    assert len(cells.xy) == wooded[1::2, 1::2].sum()  # each middle counts with the cell south-east of it
    assert len(cells.xy) * cells.cell_m2 == pytest.approx(4.0 * wooded.sum(), rel=0.03)  # GDAL alone: 13 % more
    one = town_of_three(canopy=frame([shapely.box(2, 2, 10, 6)]))  # 32 m², two squares
    assert len(crown_cells(given_of(values, canopy_cell_m=4.0), one).xy) == 2


def test_crowns_of_a_surface_that_touch_are_added_up_and_crowns_that_share_ground_count_once() -> None:
    tiles = [shapely.box(x, y, x + 10, y + 10) for x in (0, 10, 20) for y in (0, 10)]
    areas = np.array([shapely.box(5, 5, 25, 20), shapely.box(50, 50, 60, 60)], dtype=object)
    canopy = gpd.GeoDataFrame(geometry=tiles)
    assert _crowned(areas, canopy).tolist() == [20 * 15, 0.0]
    canopy.loc[len(canopy)] = [shapely.box(18, 8, 30, 12)]  # lies over four of them, and nothing is new within
    assert _crowned(areas, canopy).tolist() == [20 * 15, 0.0]
    canopy.loc[len(canopy)] = [shapely.box(22, 18, 40, 24)]  # what is new of it lies without
    canopy.loc[len(canopy)] = [shapely.box(50, 50, 52, 60)]
    canopy.loc[len(canopy)] = [shapely.box(51, 50, 53, 60)]
    assert _crowned(areas, canopy).tolist() == [20 * 15, 30.0]


def test_an_owner_nobody_knows_is_other_land_and_an_endless_crown_is_a_crown_that_is_not_told() -> None:
    plots = parcels(shapely.box(0, 0, 40, 40), shapely.box(40, 0, 80, 40))
    plots["owner_kind"] = pd.array(["housing_association", None], dtype="string")
    trees = placed([shapely.Point(5, 5)], tree_id=["T1"], crown_m=[np.inf])
    told = planted(parcels=plots, trees=trees).tables
    assert told["parcels"]["place"].tolist() == ["association", "other"]
    reports = told["tree_reports"]
    assert reports["row_id"][reports["kind"] == "tree_without_crown"].tolist() == ["T1"]
