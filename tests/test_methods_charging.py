"""Charging on paper: a village of two doors and two chargers (drawn in ``charge_maker.py``).

100 cars, half of them at a block of flats (no charging at home), half at villas (all charge at home). In 2025 8 are
battery electric, 4 plug-in hybrids; in 2030 the plan expects 25 and 5. A battery electric car uses 3,000 kWh a year.
C1, 200 m from the block, is public: 2 plugs × 10 kW × 24 h × 365 × 10 % = 17,520 kWh. C2, 400 m from it, is for
residents and gives half of that.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from charge_maker import CRS, EAST, NORTH, charged, charger, chargers, frame, houses, layers, roads
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.methods import get_method
from ballerup_geo.methods.charging._cars import share_out
from ballerup_geo.methods.charging._cells import afir_kw
from ballerup_geo.methods.charging._duties import plugs_asked
from ballerup_geo.methods.charging._fleet import share_of_chargers
from ballerup_geo.methods.charging._reach import served
from ballerup_geo.methods.charging._shared import by_gain
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Outcome

CELLS = ("reading", "supply")


@pytest.fixture(scope="module")
def paper() -> Outcome:
    return charged()


def cells(outcome: Outcome, year: int = 2030) -> pd.DataFrame:
    table = outcome.tables["target_cells"]
    return table[table["year"] == year].set_index(list(CELLS))


def kinds(outcome: Outcome) -> dict[str, int]:
    return outcome.tables["reports"]["kind"].value_counts().to_dict()


def test_the_outcome_is_what_the_method_declares(paper: Outcome) -> None:
    checked = verified(get_method("charging"), paper)
    assert len(checked.tables) >= 10
    assert paper.answer["da"].startswith("Dagens ladere i Lilleby dækker 23–100 %")


def test_the_six_cells_on_paper(paper: Outcome) -> None:
    energy = cells(paper)["energy_pct"]
    need, electric = 25 * 3000, 0.25 * (25 + 0.5 * 5) * 3000
    public, shared = 17_520, 26_280
    assert energy["all_cars", "public"] == pytest.approx(100 * public / need)
    assert energy["all_cars", "shared"] == pytest.approx(100 * shared / need)
    assert energy["all_cars", "home"] == pytest.approx(100 * (shared + 12.5 * 3000 * 0.8) / need)
    assert energy["electric_cars", "public"] == pytest.approx(100 * public / electric)
    assert energy["electric_cars", "shared"] == energy["electric_cars", "home"] == 100.0
    assert paper.indicators["covered_low_pct"] == pytest.approx(23.36)
    assert paper.indicators["covered_high_pct"] == 100.0


def test_afir_by_hand(paper: Outcome) -> None:
    """1.3 kW a battery electric car, 0.8 kW a plug-in hybrid; a charger at home counts for its own car alone."""
    assert afir_kw(6200, 0, kw_per_bev=1.3, kw_per_phev=0.8) == pytest.approx(8060)
    assert afir_kw(100, 50, kw_per_bev=1.3, kw_per_phev=0.8) == pytest.approx(170)
    rows = cells(paper)
    assert rows.loc[("all_cars", "public"), "need_kw"] == pytest.approx(25 * 1.3)
    assert rows.loc[("electric_cars", "public"), "need_kw"] == pytest.approx(6.25 * 1.3 + 1.25 * 0.8)
    supply = rows.loc["all_cars", "supply_kw"]
    assert supply.tolist() == pytest.approx([20.0, 30.0, 30.0 + 12.5 * 1.3])
    assert rows.loc[("all_cars", "public"), "gap_kw"] == pytest.approx(12.5)


def test_who_finds_a_free_charger_on_foot(paper: Outcome) -> None:
    """C1 has room for 17,520 × 50 % / (3,000 × 75 %) = 3.893 cars of the block's 12.5; C2, beyond 300 m, for half."""
    room = 17_520 * 0.5 / 2250
    rows = cells(paper).loc["all_cars"]
    assert rows["cars_no_home"].tolist() == [12.5] * 3
    assert rows["near_cars"].to_numpy() == pytest.approx([room] * 3, abs=2e-3)
    assert rows["far_cars"].to_numpy() == pytest.approx([room, 1.5 * room, 1.5 * room], abs=2e-3)
    electric = cells(paper).loc[("electric_cars", "public")]
    assert electric["near_pct"] == pytest.approx(100.0, abs=0.05)
    demand = paper.tables["demand"].set_index("address_id")
    assert demand.loc["A1", "covered_target_pct"] == pytest.approx(100 * room / 12.5, abs=0.02)
    assert pd.isna(demand.loc["A2", "covered_target_pct"])


def test_today_no_more_cars_are_electric_than_there_are(paper: Outcome) -> None:
    today = cells(paper, 2025)
    assert today.loc[("all_cars", "public"), "cars"] == pytest.approx(8.0)
    assert today.loc[("electric_cars", "public"), "cars"] == pytest.approx(0.25 * 12)
    assert paper.indicators["covered_today_low_pct"] == pytest.approx(100 * 17_520 / 24_000)


def test_the_interval_runs_from_poor_use_and_thirsty_cars_to_the_opposite(paper: Outcome) -> None:
    row = cells(paper).loc[("all_cars", "public")]
    assert row["energy_low_pct"] == pytest.approx(100 * 17_520 * 0.5 / (25 * 4000))
    assert row["energy_high_pct"] == pytest.approx(100 * 17_520 * 2 / (25 * 2500))
    row = cells(paper).loc[("all_cars", "home")]
    assert row["energy_low_pct"] == pytest.approx(100 * (26_280 * 0.5 + 12.5 * 4000 * 0.8) / (25 * 4000))
    row = cells(paper).loc[("electric_cars", "public")]  # at most 37.5 % battery electric, 6 % plug-in hybrids
    assert row["energy_low_pct"] == pytest.approx(100 * 17_520 * 0.5 / (0.25 * (37.5 + 3.0) * 4000))


def test_a_town_without_electric_cars_has_nothing_to_cover_today() -> None:
    areas = layers()["car_areas"]
    assert isinstance(areas, pd.DataFrame)
    outcome = charged(car_areas=areas.assign(electric=0, plug_in=0))
    assert cells(outcome, 2025)["energy_pct"].eq(100.0).all()
    assert cells(outcome).loc[("all_cars", "public"), "energy_pct"] == pytest.approx(23.36)


def test_demand_adds_up_over_areas_squares_addresses_and_years(paper: Outcome) -> None:
    demand = paper.tables["demand"]
    years = paper.tables["demand_years"].set_index(["scenario", "year"])
    for table in ("demand_areas", "demand_cells"):
        for column in ("cars", "ev", "kwh", "ev_no_home", "ev_no_home_low", "ev_no_home_high"):
            assert paper.tables[table][column].sum() == pytest.approx(demand[column].sum()), (table, column)
    assert demand["cars"].sum() == pytest.approx(100.0)
    assert years.loc[("main", 2030), ["bev", "phev"]].tolist() == pytest.approx([25.0, 5.0])
    assert years.loc[("main", 2030), "kwh"] == pytest.approx(27.5 * 3000)
    assert years.loc[("low", 2025), "bev"] == years.loc[("high", 2025), "bev"] == pytest.approx(8.0)
    assert years.loc[("main", 2029), "bev"] == pytest.approx(8 + 0.8 * (25 - 8))
    assert (years["ev_home"] + years["ev_no_home"]).to_numpy() == pytest.approx(
        (years["bev"] + years["phev"]).to_numpy()
    )
    by_year = paper.tables["demand_address_years"].groupby("year")[["ev", "kwh"]].sum()
    assert by_year.loc[2030].tolist() == pytest.approx([30.0, 27.5 * 3000])
    assert len(by_year) == 6


def test_intervals_hold_the_main_value(paper: Outcome) -> None:
    demand = paper.tables["demand"]
    for name in ("ev", "kwh", "ev_no_home"):
        assert (demand[f"{name}_low"] <= demand[name]).all()
        assert (demand[name] <= demand[f"{name}_high"]).all()
    block = demand.set_index("address_id").loc["A1"]
    assert block["ev_no_home_low"] == pytest.approx(0.8 * block["ev_low"])
    assert block["home"] == "shared"


def test_walking_respects_a_motorway_without_an_underpass() -> None:
    """C2 lies 400 m from the block, but at the villas' door only as the crow flies; a tunnel brings it near."""
    place = shapely.Point(EAST + 0, NORTH - 192)
    south = houses()["addresses"].assign(geometry=[place, place])
    flats = {"own_parking_dwellings_max": 1.0}
    apart = charged(flats, addresses=south)
    assert cells(apart).loc[("all_cars", "shared"), "far_cars"] == 0.0
    tunnel = frame(
        [{"road_id": "tunnel", "level": -1, "walking_allowed": True}],
        [shapely.LineString([(0, 0), (0, -200)])],
    )
    joined = charged(flats, addresses=south, roads=pd.concat([roads(), tunnel], ignore_index=True))
    assert cells(joined).loc[("all_cars", "public"), "far_cars"] > 0.0


def test_unknown_chargers_are_not_none() -> None:
    unknown, none = charged(chargers=None), charged(chargers=chargers())
    assert unknown.indicators["covered_low_pct"] is None
    assert "kan ikke siges" in unknown.answer["da"]
    assert cells(unknown)["energy_pct"].isna().all()
    assert cells(unknown)["need_kwh"].gt(0).all()
    assert none.indicators["covered_low_pct"] == 0.0
    assert any("er tomt" in note["da"] for note in none.notes)
    verified(get_method("charging"), unknown)
    verified(get_method("charging"), none)


def test_odd_chargers_are_left_out_and_told() -> None:
    swapped = {**charger("C7", 0, plugs=9, access="public"), "place": shapely.Point(NORTH - EAST, EAST - NORTH)}
    away = {**charger("C8", 0, plugs=9, access="public"), "place": shapely.Point(90_000, 0)}
    odd = charged(
        chargers=chargers(
            charger("C1", 200, plugs=2, access="public"),
            charger("C2", 400, plugs=1, access="residents"),
            charger("C3", 200.5, plugs=2, access="public"),
            charger("C4", 300, plugs=4, access="public", power_kw=0.0),
            charger("C5", 310, plugs=0, access="public"),
            charger("C6", 320, plugs=5, access=None),
            swapped,
            away,
        )
    )
    assert kinds(odd) == {"duplicate_charger": 1, "no_power": 2, "outside": 1, "swapped": 1, "unknown_access": 1}
    pd.testing.assert_frame_equal(odd.tables["target_cells"], charged().tables["target_cells"])
    assert len(odd.notes) >= 5


def test_a_demand_point_off_the_network_is_told_and_never_covered() -> None:
    far = houses()["addresses"].assign(geometry=[shapely.Point(EAST, NORTH + 400), shapely.Point(EAST, NORTH - 192)])
    outcome = charged(addresses=far)
    assert kinds(outcome) == {"off_network": 1, "no_parcel": 1}
    assert cells(outcome)["far_cars"].tolist() == [0.0] * 6
    assert outcome.indicators["cars"] == pytest.approx(100.0)


@pytest.mark.parametrize("layer_id", ["parcels", "parking", "fleet_bases", "charging_rules"])
def test_a_layer_without_rows_breaks_nothing(layer_id: str) -> None:
    whole = {"parcels": houses()["parcels"], "parking": parking(), "fleet_bases": bases(), "charging_rules": rules()}
    outcome = charged(**{**whole, layer_id: whole[layer_id].iloc[:0]})
    verified(get_method("charging"), outcome)
    assert outcome.indicators["cars"] == pytest.approx(100.0)


def test_without_parcels_the_buildings_use_decides() -> None:
    outcome = charged(parcels=None)
    assert outcome.tables["demand"]["home"].tolist() == ["shared", "own"]


def test_counts_that_cannot_be_are_refused() -> None:
    areas = layers()["car_areas"]
    assert isinstance(areas, pd.DataFrame)
    with pytest.raises(DataError, match="more electric cars than cars"):
        charged(car_areas=areas.assign(electric=99, plug_in=2))
    with pytest.raises(MethodError, match="after the target year"):
        charged(car_areas=areas.assign(year=2031))
    with pytest.raises(MethodError, match="no area with cars"):
        charged(car_areas=areas.assign(geometry=shapely.box(EAST + 900, NORTH, EAST + 950, NORTH + 50)))
    with pytest.raises(MethodError, match="duties_as_of"):
        charged({"duties_as_of": "i morgen"}, parking=parking(), charging_rules=rules())


def test_an_area_counted_twice_is_its_last_year() -> None:
    areas = layers()["car_areas"]
    assert isinstance(areas, pd.DataFrame)
    both = pd.concat([areas, areas.assign(year=2020, cars=50)], ignore_index=True)
    assert charged(car_areas=both).indicators["cars"] == pytest.approx(100.0)


def test_a_marked_cell_becomes_the_answer() -> None:
    marked = charged({"target_reading": "all_cars_shared"})
    assert marked.indicators["covered_marked_pct"] == pytest.approx(35.04)
    assert "35 %" in marked.answer["da"]
    assert "25 % af alle biler" in marked.answer["da"]


def parking(**changed: object) -> pd.DataFrame:
    rows = {
        "parking_id": ["P1", "P2", "P3", "P4"],
        "name": ["Kontor", "Skole", "Blokken", "Butik"],
        "spaces": pd.array([21, 20, 60, None], dtype="Int64"),
        "access": ["employees", "public", "residents", "customers"],
        "owner_kind": ["company", "municipality", "housing_association", "company"],
        "building_use": ["office", "school", "flats", "retail"],
        **changed,
    }
    shapes = [shapely.box(x, 10, x + 50, 10 + height) for x, height in ((600, 10), (660, 10), (0, 32), (720, 21))]
    return frame(pd.DataFrame(rows).to_dict("records"), shapes)


def rules() -> pd.DataFrame:
    common = {"applies_to": "non_residential", "chargers_min": 1, "standing": "in_force", "to_date": pd.NaT}
    rows = [
        {"rule_id": "old", "from_date": "2025-01-01", "building_state": "existing", "spaces_over": 20, **common},
        {"rule_id": "next", "from_date": "2027-01-01", "building_state": "existing", "spaces_over": 20, **common},
        {"rule_id": "gone", "from_date": "2010-01-01", "building_state": "existing", "spaces_over": 1, **common},
    ]
    table = pd.DataFrame(rows).assign(title="Regel", prepared_per_spaces=None)
    table.loc[table["rule_id"] == "gone", "to_date"] = pd.Timestamp("2020-01-01")
    return table.assign(
        from_date=pd.to_datetime(table["from_date"]),
        chargers_per_spaces=pd.array([None, 10, None], dtype="Int64"),
        standing=["in_force", "expected", "in_force"],
    )


def test_possible_duties_by_their_dates() -> None:
    """21 spaces are more than 20, 20 are not; 1,050 m² of shop parking are taken for 42; flats are dwellings."""
    outcome = charged(
        parking=parking(), charging_rules=rules(), chargers=chargers(charger("C", 745, plugs=1, access="customers"))
    )
    table = outcome.tables["duties"].set_index(["parking_id", "rule_id"])
    assert sorted(table.index) == [("P1", "next"), ("P1", "old"), ("P4", "next"), ("P4", "old")]
    assert table.loc[("P1", "old"), "state"] == "possible"
    assert table.loc[("P4", "old"), "state"] == "met"
    assert (table.xs("next", level=1)["state"] == "expected").all()
    assert table.loc[("P4", "next"), "plugs_asked"] == 5
    assert table["estimated"].xs("P4").all()
    assert table.loc[("P1", "old"), "reason"] == "non_residential_existing"
    assert outcome.indicators["possible_duties"] == 1.0
    assert kinds(outcome) == {"estimated_spaces": 1}
    words = str([codes for column in get_method("charging").tables for codes in column.columns])
    assert "overtræd" not in words


def test_a_duty_becomes_possible_on_its_day() -> None:
    before = charged({"duties_as_of": "2024-12-31"}, parking=parking(), charging_rules=rules())
    after = charged({"duties_as_of": "2025-01-01"}, parking=parking(), charging_rules=rules())
    assert before.indicators["possible_duties"] == 0.0
    assert after.indicators["possible_duties"] == 2.0
    assert (plugs_asked(20, at_least=1, per_spaces=10), plugs_asked(21, at_least=1, per_spaces=10)) == (2, 3)


def bases() -> pd.DataFrame:
    rows = [
        {"base_id": "F1", "name": "Rådhus", "vehicles": 100, "km_per_year": 10_000.0, "shift": "day"},
        {"base_id": "F2", "name": "Pleje", "vehicles": 60, "km_per_year": None, "shift": "day_evening"},
        {"base_id": "F3", "name": "Lager", "vehicles": 2, "km_per_year": 5_000.0, "shift": None},
    ]
    return frame(rows, [shapely.Point(100, 5), shapely.Point(500, 5), shapely.Point(900, 5)])


def test_the_fleets_chargers_follow_mileage_and_shifts_and_stay_where_they_are() -> None:
    own = charger("K", 900, plugs=1, access="fleet")
    outcome = charged(fleet_bases=bases(), chargers=chargers(own))
    fleet = outcome.tables["fleet"].set_index("base_id")
    assert fleet["chargers"].sum() == 125
    assert (fleet["chargers"] <= fleet["vehicles"]).all()
    assert fleet.loc["F3", "known"] == 1
    assert fleet["missing"].sum() == 124
    assert outcome.indicators["fleet_chargers"] == 1.0
    kwh = 100 * 10_000 * 0.22 / 365
    assert fleet.loc["F1", "kwh_per_day"] == pytest.approx(kwh)
    assert fleet.loc["F1", "least"] == np.ceil(kwh / (14 * 11))
    assert fleet.loc["F2", "km_per_year"] == 12_000.0
    assert any("base uden kørsel" in note["da"] for note in outcome.notes)
    assert cells(outcome)["supply_kwh"].xs("public", level=1).eq(0.0).all()
    assert fleet.loc["F1", "night_cars"] == pytest.approx(15.0)


def test_more_chargers_than_vehicles_are_left_over_and_told() -> None:
    outcome = charged({"fleet_chargers_target": 200}, fleet_bases=bases())
    assert outcome.tables["fleet"]["chargers"].sum() == 162
    assert any("38" in note["da"] and "ikke fordelt" in note["da"] for note in outcome.notes)


def test_shared_mobility_is_ranked_by_who_is_in_reach() -> None:
    stations = frame(
        [{"station_id": "2", "name": "Vest", "kind": "s_train"}, {"station_id": "1", "name": "Øst", "kind": "s_train"},
         {"station_id": "3", "name": "Torvet", "kind": "bus"}],
        [shapely.Point(10, 0), shapely.Point(990, 0), shapely.Point(0, 0)],
    )  # fmt: skip
    table = charged({"car_sharing_min_dwellings": 50.0}, stations=stations, parking=parking()).tables["shared_mobility"]
    trains = table[table["site_kind"] == "station"]
    assert trains["name"].tolist() == ["Vest", "Øst"]
    assert trains["dwellings"].tolist() == [50, 0]
    assert trains["residents"].tolist() == [90, 0]
    own = table[table["site_kind"] == "association"]
    assert own["name"].tolist() == ["Blokken – Lillebo"]
    assert (own["gain"].item(), own["rank"].item()) == (50, 1)


def test_added_load_by_net_area_with_and_without_heat_pumps() -> None:
    """18 electric cars more by 2030, half of them charged at home: 9 × 0.9 kW in the south, 9 × 0.5 kW in the north."""
    areas = frame(
        [{"area_id": "nord", "spare_kw": 4.0}, {"area_id": "syd", "spare_kw": None}],
        [shapely.box(-500, -100, 1500, 500), shapely.box(-500, -500, 1500, -100)],
    )
    pumps = areas.assign(area_id=["nord", "øst"], kw_individual=[3.0, 9.0])  # heating knows no syd
    alone, both = charged(power_areas=areas), charged(power_areas=areas, heat_pumps=pumps)
    load = alone.tables["power_load"].set_index("area_id")
    assert load["ev_kw"].tolist() == pytest.approx([4.5, 8.1])
    assert load["state"].tolist() == ["perhaps", "unknown"]
    assert load["short_kw"].iloc[0] == pytest.approx(0.5)
    assert load["heat_pump_kw"].isna().all()
    assert any("Varmepumper" in note["da"] for note in alone.notes)
    table = both.tables["power_load"].set_index("area_id")
    assert table["added_kw"].tolist() == pytest.approx([7.5, 8.1])
    assert table["heat_pump_kw"].isna().tolist() == [False, True]
    assert not any("Varmepumper" in note["da"] for note in both.notes)
    assert both.indicators["heat_pump_kw"] == pytest.approx(3.0)
    assert both.indicators["added_kw"] == pytest.approx(15.6)
    assert "omkring 3 kW fra varmepumper bliver det 16 kW" in both.answers["power"]["da"]
    assert "i 1 netområde rækker" in both.answers["power"]["da"]


def test_the_shipped_analysis_reads_the_heat_pumps_of_the_heating_analysis() -> None:
    choice = read_project(shipped_root()).analyses["charging"].inputs["heat_pumps"]
    assert (choice.result, choice.table) == ("heating", "heat_power")


def test_row_order_changes_nothing(paper: Outcome) -> None:
    turned = {name: table.iloc[::-1] for name, table in layers().items() if table is not None}
    again = charged(**turned)
    assert_geodataframe_equal(again.tables["demand"], paper.tables["demand"])
    pd.testing.assert_frame_equal(again.tables["target_cells"], paper.tables["target_cells"])


def test_homes_stay_at_home() -> None:
    tables = {table.name: table for table in get_method("charging").tables}
    assert {name for name, table in tables.items() if table.homes} == {"demand", "demand_address_years"}
    for name in ("demand", "demand_cells", "demand_areas"):
        private = [column for column in tables[name].columns if column.behind == "dwellings"]
        assert {"cars", "ev", "kwh"} <= {column.name for column in private}


@settings(max_examples=40, deadline=None)
@examples(st.data())
def test_the_flow_serves_as_many_as_the_transport_problem(data: st.DataObject) -> None:
    doors, sites = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    reach = np.array(
        data.draw(st.lists(st.lists(st.booleans(), min_size=sites, max_size=sites), min_size=doors, max_size=doors))
    )
    cars = np.array(data.draw(st.lists(st.integers(0, 40), min_size=doors, max_size=doors))) / 4
    room = np.array(data.draw(st.lists(st.integers(0, 60), min_size=sites, max_size=sites))) / 4
    pairs = np.argwhere(reach)
    found = served(csr_array((np.ones(len(pairs)), tuple(pairs.T)), shape=reach.shape), cars, room)
    best = 0.0
    if len(pairs):
        rows = np.vstack(
            [pairs[:, 0] == door for door in range(doors)] + [pairs[:, 1] == site for site in range(sites)]
        )
        best = -linprog(-np.ones(len(pairs)), A_ub=rows.astype(float), b_ub=np.concatenate([cars, room])).fun
    assert found.total == pytest.approx(best, abs=1e-6)
    assert found.sites.sum() == pytest.approx(found.total)
    assert (found.doors <= cars + 1e-9).all()
    assert (found.sites <= room + 1e-9).all()


@settings(max_examples=40, deadline=None)
@examples(st.lists(st.tuples(st.floats(0.1, 9), st.floats(0, 9)), min_size=1, max_size=8), st.floats(0, 1))
def test_what_is_shared_out_adds_up_and_breaks_no_limit(pairs: list[tuple[float, float]], share: float) -> None:
    weight, most = np.array(pairs).T
    total = share * most.sum()
    out = share_out(total, weight, most)
    assert out.sum() == pytest.approx(total, abs=1e-9)
    assert (out <= most + 1e-9).all()
    free = out < most - 1e-9
    assert np.ptp(out[free] / weight[free]) <= 1e-9 if free.any() else True
    with pytest.raises(MethodError, match="shared out"):
        share_out(most.sum() + 1.0, weight, most)


def test_fleet_chargers_by_brute_force() -> None:
    weight, none = np.array([5.0, 3.0, 2.0]), np.zeros(3, np.int64)
    for total in range(11):
        got = share_of_chargers(total, weight, known=none, most=np.full(3, 99))
        assert got.sum() == total
        ratio = weight / weight.sum() * total
        assert np.abs(got - ratio).max() <= 1.0


def test_sites_by_gain_reach_each_door_once() -> None:
    reach = csr_array(np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1.0]]))
    chosen = by_gain(reach, np.array([4.0, 1.0, 3.0, 1.0]), least=1.0)
    assert chosen == [(1, 7.0), (0, 1.0), (2, 1.0)]
    assert by_gain(reach, np.zeros(4), least=1.0) == []


def test_the_crs_is_told() -> None:
    assert all(table.crs == CRS for table in charged().tables.values() if hasattr(table, "crs"))


def test_a_car_park_that_is_drawn_twice_counts_once() -> None:
    """P2 lies in P1 but for a corner, P3 overlaps it by half: P2 is P1 again, and the duplicate is told with its id."""
    shapes = [shapely.box(0, 0, 40, 25), shapely.box(1, 1, 40, 25), shapely.box(20, 0, 60, 25)]
    rows = [{"parking_id": f"P{number}", "spaces": 40, "access": "customers"} for number in (1, 2, 3)]
    odd = charged(parking=frame(rows, shapes).astype({"spaces": "Int64"}))
    assert kinds(odd)["duplicate_parking"] == 1
    told = odd.tables["reports"]
    assert told.loc[told["kind"] == "duplicate_parking", "row_id"].tolist() == ["P2"]
    assert any("den lange 500 m" in note["da"] for note in odd.notes)
