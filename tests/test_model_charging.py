"""The modelled layers of charging: sums that are known, the rest plausible and in nobody's way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from layer_contract import assert_as_the_layer_file_says, assert_inside_the_municipality

from ballerup_geo.sources.model import Town
from ballerup_geo.sources.model.frame import facts, outline

FEATURES = ("parking", "chargers", "car_areas", "fleet_bases", "power_areas")


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(10.0)


@pytest.mark.parametrize("layer_id", [*FEATURES, "charging_rules"])
def test_the_layer_is_as_its_file_says(town: Town, layer_id: str) -> None:
    assert_as_the_layer_file_says(town, layer_id)


@pytest.mark.parametrize("layer_id", FEATURES)
def test_shapes_lie_inside_the_municipality(town: Town, layer_id: str) -> None:
    assert_inside_the_municipality(town, layer_id)


def test_car_parks_keep_clear_of_houses_streets_and_each_other(town: Town) -> None:
    shapes = town.table("parking").geometry.to_numpy()
    assert shapely.STRtree(town.table("buildings").geometry.to_numpy()).query(shapes, predicate="intersects").size == 0
    roads = town.table("roads")
    streets = roads[~roads["class"].isin(["path", "service"])]  # service lanes lead into car parks
    strips = shapely.buffer(streets.geometry.to_numpy(), streets["carriageway_m"].to_numpy() / 2 - 0.1)
    pairs = shapely.STRtree(strips).query(shapes, predicate="intersects")
    crossed = shapely.area(shapely.intersection(shapes[pairs[0]], strips[pairs[1]]))
    assert crossed.sum() < 0.005 * shapely.area(shapes).sum()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    assert one.size == other.size == 0


def test_spaces_fit_their_area_and_a_few_are_uncounted(town: Town) -> None:
    parking = town.table("parking")
    known = parking[parking["spaces"].notna()]
    assert (known.area / known["spaces"].astype(float) >= facts("parking")["space_m2"] - 1.0).all()
    assert 0.01 < parking["spaces"].isna().mean() < 0.06
    assert parking.loc[parking["spaces"].isna(), "owner_kind"].isin(["private", "company"]).all()


def test_every_station_and_school_has_its_car_park(town: Town) -> None:
    parking = town.table("parking")
    for layer_id, use, metres in (("stations", "station", 300.0), ("schools", "school", 400.0)):
        shapes = parking.geometry[parking["building_use"] == use].to_numpy()
        places = town.table(layer_id).geometry.to_numpy()
        assert len(shapes) == len(places)
        assert shapely.distance(places[:, None], shapes).min(axis=1).max() < metres


def test_public_plugs_are_as_many_as_the_national_count_gives(town: Town) -> None:
    chargers = town.table("chargers")
    public = chargers.loc[chargers["access"].isin(["public", "customers"]), "plugs"].sum()
    assert public == pytest.approx(21_000 * 52_000 / 5_960_000, abs=1.0)
    for access, use in (("residents", {"flats", "rows"}), ("employees", {"office", "industry"})):
        sites = chargers.geometry[chargers["access"] == access].to_numpy()
        parking = town.table("parking")
        lot, site = shapely.STRtree(sites).query(parking.geometry.to_numpy(), predicate="intersects")
        assert sorted(site) == list(range(len(sites)))
        assert set(parking["building_use"].iloc[lot]) <= use
    fleet = chargers[chargers["access"] == "fleet"]
    assert fleet["plugs"].sum() == sum(row["chargers"] for row in facts("fleet_bases")["base"]) < 125


def test_cars_add_up_to_the_reference(town: Town) -> None:
    cars = town.table("car_areas")
    assert cars["cars"].sum() == 24_700 == round(0.466 * 52_939, -2)
    assert cars["electric"].sum() == round(0.12 * 24_700)
    assert (cars["electric"] + cars["plug_in"] < cars["cars"]).all()
    assert cars.area.sum() == pytest.approx(outline().area, rel=1e-6)


def test_net_areas_cover_the_municipality_once(town: Town) -> None:
    areas = town.table("power_areas")
    assert areas.area.sum() == pytest.approx(outline().area, rel=1e-6)
    assert areas["spare_kw"].between(*facts("power_areas")["spare_kw"]).all()


def test_bases_stand_at_municipal_buildings_of_their_own(town: Town) -> None:
    bases = town.table("fleet_bases")
    buildings = town.table("buildings")
    municipal = buildings.geometry[buildings["municipal"]].to_numpy()
    tree = shapely.STRtree(municipal)
    nearest = tree.nearest(bases.geometry.to_numpy())
    assert shapely.distance(bases.geometry.to_numpy(), municipal[nearest]).max() < 0.2
    assert len(np.unique(nearest)) == len(bases)
    assert bases["vehicles"].sum() > 125


def test_rules_hold_from_a_day_and_say_where_they_come_from(town: Town) -> None:
    rules = pd.DataFrame(town.layer("charging_rules")).set_index("rule_id")
    assert rules["from_date"].is_monotonic_increasing
    existing = rules.loc["bek181_existing"]
    assert str(existing["from_date"].date()) == "2025-01-01"
    assert (existing["spaces_over"], existing["chargers_min"]) == (20, 1)
    assert rules["source"].str.contains("ikke efterprøvet|dk").all()
    assert (rules.loc[rules["standing"] == "expected", "source"].str.startswith("ikke efterprøvet")).all()


def test_the_same_seed_gives_the_same_layers(town: Town) -> None:
    again = Town(2.0)
    for layer_id in reversed(FEATURES):
        assert_geodataframe_equal(town.table(layer_id), again.table(layer_id))
