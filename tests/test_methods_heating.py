"""Heat demand and present heating on paper (houses drawn in ``heat_maker.py``)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
import shapely
from heat_maker import RATES, area, areas, heated, houses, placed
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.methods import get_method
from ballerup_geo.methods.heating._demand import Demand, calibrated, corrected, heat_classes
from ballerup_geo.methods.heating._present import MISSING, PRESENT, READ_FROM, present_heating
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Outcome
from ballerup_geo.spec.codelists import register_codes


def table(outcome: Outcome, name: str = "heat_buildings") -> pd.DataFrame:
    return outcome.tables[name].set_index("building_id")


def kinds(outcome: Outcome) -> dict[str, int]:
    return outcome.tables["heating_reports"]["kind"].value_counts().to_dict()


# ---------------------------------------------------------------- demand


def test_three_houses_by_hand() -> None:
    """100 m² of 1970 at 100 kWh; 80 m² of 1950 at 150; a public 200 m² at 90, whose source had 2,700 degree days.

    The last one: 90 × (0.75 × 3037 / 2700 + 0.25) = 98.425 kWh/m².
    """
    found = heated(
        houses({}, {"year_built": 1950, "dwelling_area_m2": 80.0}, {"use_code": 421, "business_area_m2": 100.0})
    )
    rows = table(found)
    assert rows["heat_mwh"].tolist() == pytest.approx([10.0, 12.0, 200 * 98.425 / 1000])
    assert rows["heat_mwh_low"].tolist()[:2] == pytest.approx([8.0, 8.0])
    assert rows["heat_mwh_high"].tolist()[:2] == pytest.approx([14.0, 16.0])
    assert rows["heat_class"].tolist() == ["house", "house", "public"]
    assert rows["method"].tolist() == ["rate"] * 3
    assert found.indicators["heat_gwh"] == pytest.approx(rows["heat_mwh"].sum() / 1000)
    checked = verified(get_method("heating"), found)
    assert len(checked.tables) >= 6


def test_measured_heat_goes_before_the_rate_and_the_last_year_counts() -> None:
    meters = pd.DataFrame(
        {"building_id": ["H1", "H1", "H9"], "kwh": [9_000.0, 2_700.0, 5.0], "year": [2024, 2020, 2024]}
    ).assign(degree_days=[2700.0, np.nan, np.nan])
    found = heated(houses({}, {}), heat_meters=meters)
    normal = 9.0 * (0.75 * 3037 / 2700 + 0.25)
    row = table(found).loc["H1"]
    assert row["heat_mwh"] == pytest.approx(normal)
    assert (row["heat_mwh_low"], row["heat_mwh_high"]) == pytest.approx((normal * 0.95, normal * 1.05))
    assert row["method"] == "measured"
    assert kinds(found) == {"meter_without_building": 1}


def test_a_known_total_scales_what_is_not_measured() -> None:
    """One house measured at 9 MWh, two estimated at 10 each; 19 in all are known: the factor is 0.5."""
    meters = pd.DataFrame({"building_id": ["H1"], "kwh": [9_000.0], "year": [2024]})
    found = heated(houses({}, {}, {}), heat_meters=meters, assumptions={"known_total_mwh": 19.0})
    assert table(found)["heat_mwh"].tolist() == pytest.approx([9.0, 5.0, 5.0])
    assert found.indicators["calibration_factor"] == pytest.approx(0.5)
    assert found.indicators["heat_gwh"] == pytest.approx(0.019)
    with pytest.raises(MethodError, match="known total"):
        heated(houses({}), heat_meters=meters, assumptions={"known_total_mwh": 5.0})


@settings(max_examples=30, deadline=None)
@examples(st.lists(st.floats(1, 1e6), min_size=1, max_size=6), st.floats(1, 1e7), st.integers(0, 6))
def test_calibration_meets_the_total(kwh: list[float], more: float, measured: int) -> None:
    method = np.array(["measured" if place < measured else "rate" for place in range(len(kwh))], dtype=object)
    values = np.array(kwh)
    demand = Demand(values, values * 0.5, values * 2, method)
    if measured >= len(kwh):
        with pytest.raises(MethodError):
            calibrated(demand, more)
        return
    total = values[:measured].sum() + more
    scaled, factor = calibrated(demand, total)
    assert scaled.kwh.sum() == pytest.approx(total)
    assert (scaled.low <= scaled.kwh).all()
    assert (scaled.kwh <= scaled.high).all()
    assert factor > 0
    assert np.array_equal(scaled.kwh[:measured], values[:measured])


def test_correction_leaves_a_normal_year_and_unknown_days_alone() -> None:
    kwh = corrected(np.array([10.0, 10.0, 10.0]), np.array([3000.0, np.nan, 1500.0]), normal=3000.0, space_share=0.5)
    assert kwh.tolist() == [10.0, 10.0, 15.0]


def test_odd_buildings_are_reported_and_bounded() -> None:
    """Year 1000: mean of the class (125, from 80 to 200). No area, 50 GWh on a villa: footprint, 100 m²."""
    found = heated(
        houses(
            {"year_built": 1000},
            {"dwelling_area_m2": 0.0, "floor_area_m2": None, "storeys": 1},
            {"dwelling_area_m2": 500_000.0, "floor_area_m2": 500_000.0},
            {"use_code": 777},
            {"year_built": None},
        )
    )
    rows = table(found)
    assert rows["heat_mwh"].tolist() == pytest.approx([12.5, 10.0, 10.0, 5.0, 12.5])
    assert rows["method"].tolist() == ["rate_any_year", "area_estimated", "area_estimated", "rate", "rate_any_year"]
    assert kinds(found) == {"odd_year": 2, "no_area": 1, "large_area": 1, "unknown_use": 1}
    assert rows.loc["H1", ["heat_mwh_low", "heat_mwh_high"]].tolist() == pytest.approx([8.0, 20.0])


def test_a_meter_that_cannot_be_is_left_out() -> None:
    meters = pd.DataFrame({"building_id": ["H1", "H2"], "kwh": [50e6, -3.0], "year": [2024, 2024]})
    found = heated(houses({}, {}), heat_meters=meters)
    assert table(found)["heat_mwh"].tolist() == pytest.approx([10.0, 10.0])
    assert kinds(found) == {"odd_meter": 2}


def test_what_is_not_heated_is_not_counted() -> None:
    """A garage, a planned house and one without heating; a house that stands twice counts once."""
    buildings = houses({}, {"use_code": 910}, {"status": 2}, {"heating_installation": 9, "heating_fuel": None}, {})
    buildings.loc[4, "building_id"] = "H1"
    found = heated(buildings)
    assert table(found).index.tolist() == ["H1"]
    assert found.indicators["unheated_buildings"] == 1
    assert kinds(found) == {"double_building": 1}
    with pytest.raises(MethodError, match="no building is heated"):
        heated(houses({"heating_installation": 9, "heating_fuel": None}))


def test_rates_that_contradict_themselves_are_refused() -> None:
    overlapping = pd.concat([RATES, RATES.head(1).assign(from_year=1900)])
    with pytest.raises(DataError, match="overlap"):
        heated(houses({}), heat_rates=overlapping)
    with pytest.raises(DataError, match="have no rate"):
        heated(houses({"use_code": 322}))
    with pytest.raises(DataError, match="low lies above"):
        heated(houses({}), heat_rates=RATES.assign(low_kwh_m2=1e4))


def test_every_use_of_the_register_has_a_class_or_is_not_heated() -> None:
    codes = np.array([int(code) for code in register_codes("bbr_021")])
    found = heat_classes(codes)
    assert set(found) == {
        None,
        *("house", "row", "flat", "institution", "public", "leisure", "trade", "industry"),
        "other",
    }
    assert all(kind is None for kind in found[codes >= 910])


# ---------------------------------------------------------------- present heating

INSTALLATIONS = (MISSING, *(int(code) for code in register_codes("bbr_056")))
FUELS = (MISSING, *(int(code) for code in register_codes("bbr_057")))
BY_FUEL = {1: "electric", 2: "gas", 3: "oil", 4: "biomass", 6: "biomass", 7: "gas", 9: "other", MISSING: "unknown"}


def expected(installation: int, fuel: int) -> str:
    """The rule of the reference, written once more: installation first, then fuel."""
    if installation == 1:
        return "block_check" if fuel in (2, 3, 4, 6, 7) else "district"
    named = {5: "heat_pump", 7: "electric", 8: "gas", 9: "none"}
    return named.get(installation) or BY_FUEL[fuel]


def test_every_combination_of_codes() -> None:
    pairs = list(product(INSTALLATIONS, FUELS))
    assert len(pairs) == 10 * 8
    one, two = np.array(pairs).T
    present, why = present_heating(one, two, supplied=None, customer=None)
    assert present.tolist() == [expected(*pair) for pair in pairs]
    assert set(present) <= set(PRESENT)
    assert set(why) <= set(READ_FROM)
    doubt = dict(zip(pairs, why, strict=True))
    assert doubt[5, 7] == doubt[8, 3] == "contradiction"
    assert doubt[99, 7] == doubt[MISSING, 3] == "fuel_alone"
    assert doubt[2, MISSING] == "missing"


def test_unknown_codes_are_told() -> None:
    present, why = present_heating(np.array([4, 2, 1]), np.array([7, 88, 88]), supplied=None, customer=None)
    assert present.tolist() == ["gas", "unknown", "district"]
    assert why.tolist() == ["unknown_code"] * 3


def test_the_trap_of_block_heating() -> None:
    """District heating is doubted with a fuel, outside a supplied area, and off the list; the list goes before all."""
    codes = np.array([1, 1, 1, 1, 2]), np.array([MISSING, 7, MISSING, MISSING, 7])
    supplied = np.array([True, True, False, True, True])
    present, why = present_heating(*codes, supplied=supplied, customer=None)
    assert present.tolist() == ["district", "block_check", "block_check", "district", "gas"]
    assert why.tolist() == ["register", "fuel_with_district", "outside_supplied", "register", "register"]
    customer = np.array([True, False, True, False, True])
    present, why = present_heating(*codes, supplied=supplied, customer=customer)
    assert present.tolist() == ["district", "block_check", "district", "block_check", "district"]
    assert why.tolist() == ["customer", "fuel_with_district", "customer", "no_customer", "customer"]


# ---------------------------------------------------------------- the 2030 list

OIL = {"heating_fuel": 3}
DISTRICT = {"heating_installation": 1, "heating_fuel": None}


def listed() -> Outcome:
    """H1 gas, supplied; H2 oil and municipal, approved; H3 district; H4 district outside; H5 electric."""
    plan = areas(
        area("A", "supplied", 0, 10, obligation="connect"),
        area("B", "approved", 100, 110, start_year=2025, end_year=2028, obligation="none"),
        area("C", "supplied", 200, 210),
    )
    electric = {"heating_installation": 7, "heating_fuel": 1}
    return heated(houses({}, {**OIL, "municipal": True}, DISTRICT, DISTRICT, electric), heat_areas=plan)


def test_the_list_by_hand() -> None:
    """Gas: 10 MWh / 0.9 × 0.204 = 2.267 t. Oil: 10 MWh / 0.8 × 0.266 = 3.325 t."""
    found = listed()
    rows = table(found, "phase_out")
    assert rows["present"].to_dict() == {"H1": "gas", "H2": "oil", "H4": "block_check"}
    assert rows["stage"].tolist() == ["supplied", "approved", "outside"]
    assert rows["older_duty"].fillna("").tolist() == ["connect", "", ""]
    assert rows["end_year"].fillna(0).tolist() == [0, 2028, 0]
    assert rows["co2_t"].tolist() == pytest.approx([10 / 0.9 * 0.204, 10 / 0.8 * 0.266, 0.0])
    numbers = found.indicators
    assert (numbers["fossil_buildings"], numbers["fossil_municipal"], numbers["fossil_approved"]) == (2, 1, 2)
    assert numbers["block_check"] == 1
    assert numbers["fossil_gwh"] == pytest.approx(0.02)
    assert "skal konvertere" not in str(found.answer) + str(found.answers)


def test_groups_add_up_to_the_list() -> None:
    found = listed()
    rows = found.tables["phase_out"]
    for name in ("phase_out_groups", "phase_out_years"):
        for column in ("buildings", "dwellings", "heat_mwh", "co2_t"):
            assert found.tables[name][column].sum() == pytest.approx(rows[column].sum())
    squares = found.tables["heat_squares"]
    assert squares["heat_mwh"].sum() == pytest.approx(found.tables["heat_buildings"]["heat_mwh"].sum())
    assert squares["buildings"].sum() == len(found.tables["heat_buildings"])
    assert squares["fossil_buildings"].sum() == 2


def test_areas_that_overlap_cross_themselves_or_run_backwards() -> None:
    bow = shapely.Polygon([(180, -20), (230, 30), (230, -20), (180, 30)])
    plan = areas(
        area("A", "planned", 0, 10, start_year=2030, end_year=2025),
        area("B", "supplied", 0, 10),
        area("C", "approved", 200, 210, shape=bow, start_year=2025, end_year=2024),
    )
    found = heated(houses({}, {}, {}), heat_areas=plan)
    assert table(found)["stage"].tolist() == ["supplied", "outside", "approved"]
    assert kinds(found) == {"areas_overlap": 1, "area_repaired": 1, "years_backwards": 2}
    assert table(found, "phase_out")["end_year"].isna().all()


def test_without_areas_nothing_is_doubted_and_it_is_said() -> None:
    found = heated(houses(DISTRICT, {}))
    assert table(found)["present"].tolist() == ["district", "gas"]
    assert found.indicators["fossil_approved"] is None
    assert any("ukendte" in note["da"] for note in found.notes)
    assert verified(get_method("heating"), found).answer["da"].startswith("1 bygninger")


def test_heat_pumps_by_net_area_by_hand() -> None:
    """10 MWh / 2,000 h / 2.2 × 0.8 = 1.818 kW a house: a pump today, gas in an approved area, oil outside all."""
    plan = areas(area("B", "approved", 100, 110))
    pump = {"heating_installation": 5, "heating_fuel": 1}
    net = [{"area_id": "N1", "spare_kw": 3.0}, {"area_id": "N2", "spare_kw": None}]
    ground = placed(net, [shapely.box(-50, -50, 250, 50), shapely.box(250, -50, 900, 50)])
    found = heated(houses(pump, {}, OIL, {}), heat_areas=plan, power_areas=ground)
    rows = found.tables["heat_power"].set_index("area_id")
    each = 10_000 / 2000 / 2.2 * 0.8
    assert rows.loc["N1", ["kw_today", "kw_individual", "kw_all"]].tolist() == pytest.approx([each, each, 2 * each])
    assert rows.loc["N2", ["kw_today", "kw_individual", "kw_all"]].tolist() == pytest.approx([0, each, each])
    assert rows["short"].tolist() == [True, False]
    assert found.indicators["pump_kw_all"] == pytest.approx(3 * each)
    assert found.indicators["pump_short"] == 1
    unknown = heated(houses({}))
    assert unknown.indicators["pump_kw_all"] is None
    assert len(verified(get_method("heating"), unknown).tables["heat_power"]) == 0


def test_row_order_does_not_matter() -> None:
    buildings = houses({}, {**OIL, "year_built": 1950}, DISTRICT, {"use_code": 140})
    one, two = heated(buildings), heated(buildings.iloc[::-1])
    for name, frame in one.tables.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(two.tables[name]))


def test_labels_and_the_age_of_the_register_are_told_beside_each_building() -> None:
    """H1 has two labels, of which the later one counts; H2 has none; a label of no building is reported."""
    table = houses({"updated": pd.Timestamp("2012-05-01")}, {"updated": pd.Timestamp("2021-01-31")}, {"updated": None})
    labels = pd.DataFrame(
        {
            "building_id": ["H1", "H1", "H9"],
            "label": ["E", "C", "B"],
            "date": pd.to_datetime(["2011-01-01", "2020-01-01", "2020-01-01"]),
        }
    )
    found = heated(table, energy_labels=labels)
    told = found.tables["heat_buildings"]
    assert told["energy_label"].tolist() == ["C", "unknown", "unknown"]
    assert told["register_year"].tolist()[:2] == [2012, 2021]
    assert told["register_year"].isna().tolist() == [False, False, True]
    assert found.indicators["labelled_pct"] == pytest.approx(100 / 3)
    assert any("2016" in note["da"] and "2012" in note["da"] for note in found.notes)  # the middle of two is between
    assert found.tables["phase_out_labels"]["buildings"].tolist() == [1, 2]
    assert "label_without_building" in set(found.tables["heating_reports"]["kind"])
    silent = heated(houses({}))
    assert silent.indicators["labelled_pct"] is None
    assert any("er ukendt" in note["da"] and "updated" in note["da"] for note in silent.notes)
