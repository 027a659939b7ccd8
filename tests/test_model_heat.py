"""The modelled layers of heating: areas that fit together, pipes that lie in them, rates that cover every year."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from layer_contract import assert_as_the_layer_file_says, assert_inside_the_municipality

from ballerup_geo.sources.model import Town

FEATURES = ("heat_areas", "heat_network", "heat_plants")
TABLES = ("heat_rates", "heat_customers", "heat_meters", "pipe_sizes")


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(20.0)


@pytest.mark.parametrize("layer_id", [*FEATURES, *TABLES])
def test_the_layer_is_as_its_file_says(town: Town, layer_id: str) -> None:
    assert_as_the_layer_file_says(town, layer_id)


@pytest.mark.parametrize("layer_id", FEATURES)
def test_shapes_lie_inside_the_municipality(town: Town, layer_id: str) -> None:
    assert_inside_the_municipality(town, layer_id)


def test_areas_do_not_overlap_and_end_after_they_begin(town: Town) -> None:
    areas = town.table("heat_areas")
    shapes = areas.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[one[one < other]], shapes[other[one < other]]))
    assert shared.max(initial=0.0) < 1.0
    known = areas[areas["end_year"].notna()]
    assert (known["end_year"] >= known["start_year"]).all()
    assert set(areas["stage"]) == {"supplied", "approved", "planned", "paused", "individual"}
    assert ((areas["kind"] == "individual") == (areas["stage"] == "individual")).all()


def test_pipes_lie_in_supplied_areas(town: Town) -> None:
    areas = town.table("heat_areas")
    supplied = shapely.union_all(areas[areas["stage"] == "supplied"].geometry.to_numpy()).buffer(0.01)
    pipes = town.table("heat_network")
    assert shapely.covered_by(pipes.geometry.to_numpy(), supplied).all()
    assert 20_000 < pipes.length.sum() < 150_000


def test_rates_cover_every_year_once_and_fall_with_the_rules(town: Town) -> None:
    rates = town.layer("heat_rates")
    for _, rows in rates.groupby("heat_class"):
        ordered = rows.sort_values("from_year")
        assert (ordered["from_year"].iloc[0], ordered["to_year"].iloc[-1]) == (1700, 2100)
        assert (ordered["from_year"].to_numpy()[1:] == ordered["to_year"].to_numpy()[:-1] + 1).all()
    assert (rates["low_kwh_m2"] < rates["kwh_m2"]).all()
    assert (rates["kwh_m2"] < rates["high_kwh_m2"]).all()
    houses = rates[rates["heat_class"] == "house"].sort_values("from_year")["kwh_m2"].to_numpy()
    assert houses.tolist() == [178, 154, 115, 103, 93, 72, 53]


def test_customers_and_meters_are_buildings_with_district_heating(town: Town) -> None:
    buildings = town.table("buildings").set_index("building_id")
    customers, meters = town.layer("heat_customers"), town.layer("heat_meters")
    assert (buildings.loc[customers["building_id"], "heating_installation"] == 1).all()
    assert meters["building_id"].isin(customers["building_id"]).all()
    assert np.isfinite(meters["kwh"]).all()
    municipal = buildings["municipal"].fillna(False).astype(bool)
    assert municipal[meters["building_id"]].sum() > 10
