"""What a second reader doubted of the charging analysis, on the village of ``charge_maker.py``."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from charge_maker import PAPER, charged, charger, chargers, frame, layers, shipped

from ballerup_geo.errors import MethodError
from ballerup_geo.methods import get_method
from ballerup_geo.methods.charging._cars import share_out
from ballerup_geo.methods.charging._queue import queue_of
from ballerup_geo.spec import Given

COMMON = {"name": None, "spaces": 30, "owner_kind": "housing_association", "access": "residents"}


def parking(use: str, **changed: Any) -> gpd.GeoDataFrame:
    """One car park beside the block."""
    return frame([{"parking_id": "P1", "building_use": use, **COMMON, **changed}], [shapely.box(60, 6, 120, 30)])


def test_new_sites_beside_unknown_chargers_claim_no_proof() -> None:
    unknown = charged(chargers=None, parking=parking("flats"))
    assert unknown.indicators["new_sites"] == 1.0
    assert unknown.indicators["new_sites_pct"] is None
    assert unknown.indicators["sites_for_goal"] is None
    assert "mindst 100 %" in unknown.answers["sites"]["da"]
    assert "ladestanderne er ukendte" in unknown.answers["sites"]["da"]
    assert "bevist" not in unknown.answers["sites"]["da"] + unknown.answers["goal"]["da"]
    assert any("som om der ingen ladestandere er" in note["da"] for note in unknown.notes)


def test_small_sums_and_goals_with_decimals_are_not_rounded_away() -> None:
    words = charged({"cover_goal_pct": 72.5}, parking=parking("flats")).answers
    assert "omkring 0,4 mio. kr." in words["sites"]["da"]  # 120,000 + 7 × 35,000
    assert "at 72,5 % af elbilerne" in words["goal"]["da"]
    assert "det bedste frie valg af så mange når 100 %, bevist" in words["sites"]["da"]  # not that the plan is the best


def test_a_layer_whose_chargers_all_are_left_out_is_not_called_empty() -> None:
    dead = charged(chargers=chargers(charger("C", 200, plugs=2, access="public", power_kw=0.0)))
    assert any("Ingen af lagets ladestandere" in note["da"] for note in dead.notes)
    assert not any("er tomt" in note["da"] for note in dead.notes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"walk_near_m": 900.0},
        {"ev_share_low_pct": 40.0},
        {"home_share_shared_low_pct": 50.0},
        {"utilisation_low_pct": 90.0},
        {"bev_kwh_per_year_high": 100.0},
    ],
)
def test_bounds_that_turn_an_interval_around_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(MethodError, match="let none be less"):
        charged(wrong)


def test_no_electric_car_is_lost_where_nobody_wants_one() -> None:
    with pytest.raises(MethodError, match="room for 2"):
        share_out(3.0, np.array([1.0, 0.0]), np.array([2.0, 5.0]))
    with pytest.raises(MethodError, match="appetite"):
        charged({"appetite_today_shared": 0.0, "appetite_today_own": 0.0})


def test_a_plug_slower_than_the_stay_is_taken_as_long_as_charging_lasts() -> None:
    given = Given(inputs={}, assumptions={**shipped(), **PAPER}, progress=lambda _label, _share: None)
    load = queue_of(given, np.full(4, 365 * 18 / 0.12), np.array([2.0, 3.0, 11.0, 50.0])).load  # one car an hour
    assert load.tolist() == pytest.approx([9.0, 6.0, 4.0, 0.36])


def test_one_plug_meets_two_rules() -> None:
    """A shop of 2022 is new to the rule of 2020 and existing to that of 2025: one plug is asked for, not two."""
    rule = {"title": "Regel", "applies_to": "non_residential", "chargers_min": 1, "standing": "in_force"}
    rows = [
        {"rule_id": "new", "from_date": pd.Timestamp("2020-03-10"), "building_state": "new", "spaces_over": 10, **rule},
        {"rule_id": "old", "from_date": pd.Timestamp("2025-01-01"), "building_state": "existing", **rule},
    ]
    rules = pd.DataFrame(rows).fillna({"spaces_over": 20})
    houses = gpd.GeoDataFrame(layers()["buildings"]).assign(year_built=2022)
    outcome = charged(parking=parking("retail"), buildings=houses, charging_rules=rules)
    assert outcome.tables["duties"]["state"].tolist() == ["possible", "possible"]
    assert outcome.indicators["possible_duties"] == 1.0
    assert outcome.indicators["possible_plugs"] == 1.0


def test_the_most_urgent_rule_of_an_area_is_drawn_last_and_numbered_first() -> None:
    rule = {"title": "Regel", "applies_to": "non_residential", "chargers_min": 1, "building_state": "existing"}
    rows = [
        {"rule_id": "now", "from_date": pd.Timestamp("2025-01-01"), "standing": "in_force", "spaces_over": 20, **rule},
        {"rule_id": "soon", "from_date": pd.Timestamp("2027-01-01"), "standing": "expected", "spaces_over": 20, **rule},
    ]
    table = charged(parking=parking("retail"), charging_rules=pd.DataFrame(rows)).tables["duties"]
    assert table["state"].tolist() == ["expected", "possible"]
    assert table["number"].tolist() == [2, 1]


def test_no_person_is_named_as_the_owner_of_a_car_sharing_site() -> None:
    held = gpd.GeoDataFrame(layers()["parcels"]).assign(owner_name="Karen Jensen")
    few = {"car_sharing_min_dwellings": 1.0, "own_parking_dwellings_max": 1.0}
    private = charged(few, parking=parking("flats", name="Plads"), parcels=held.assign(owner_kind="private"))
    assert private.tables["shared_mobility"]["name"].tolist() == ["Plads"]
    named = charged(few, parking=parking("flats", name="Plads"), parcels=held.assign(owner_name="Lillebo"))
    assert named.tables["shared_mobility"]["name"].tolist() == ["Plads – Lillebo"]


def test_what_tells_the_cars_of_few_homes_is_withheld_with_them() -> None:
    """The use of a site over the year is its cars times a number that everyone can read."""
    tables = {table.name: {column.name: column for column in table.columns} for table in get_method("charging").tables}
    for table, names in {
        "new_sites": ("gain_cars", "cars", "kwh", "wait_pct", "busy_pct", "used_pct"),
        "site_equity": ("cars", "reached_pct", "free_pct", "fair_pct"),
        "fleet": ("night_cars",),
    }.items():
        assert all(tables[table][name].behind for name in names)
    fleet = frame([{"base_id": "F", "vehicles": 2}], [shapely.Point(100, 5)])
    row = charged(fleet_bases=fleet).tables["fleet"].iloc[0]
    assert (row["night_dwellings"], row["night_cars"]) == (50, pytest.approx(15.0))


def test_chargers_in_degrees_lie_outside() -> None:
    degrees = chargers(charger("C", 0, plugs=2, access="public")).set_geometry([shapely.Point(12.36, 55.73)])
    outcome = charged(chargers=degrees.set_crs("EPSG:25832", allow_override=True))
    assert outcome.tables["reports"]["kind"].tolist() == ["outside"]
    assert outcome.indicators["covered_low_pct"] == 0.0


def test_fleet_chargers_away_from_the_bases_count_towards_the_plans_number() -> None:
    base = frame([{"base_id": "F", "vehicles": 200}], [shapely.Point(0, 5)])
    outcome = charged(fleet_bases=base, chargers=chargers(charger("K", 900, plugs=30, access="fleet")))
    assert outcome.indicators["fleet_chargers"] == 30.0
    assert outcome.indicators["fleet_missing"] == 95.0
