"""District heating or a heat pump in three ledgers, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from heat_maker import given_of, heated
from heat_maker import houses as standing
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from test_methods_heating_zones import ROUND as ON_STREET
from test_methods_heating_zones import STREET, pipe_at

from ballerup_geo.methods import get_method
from ballerup_geo.methods._part import Found
from ballerup_geo.methods.heating._choice import CHOICE, chosen, grouped
from ballerup_geo.methods.heating._flip import PRICES, SWINGS, answer_of, cheapest_of, flips, swung
from ballerup_geo.methods.heating._ledgers import LEDGERS, Houses, ledger_of, margin
from ballerup_geo.methods.heating._ledgers_declared import ASSUMPTIONS, VALUE_NAMES
from ballerup_geo.methods.heating._money import annuity, growth_factor, present_value
from ballerup_geo.methods.heating._pipes import ZONES
from ballerup_geo.methods.heating._pump_place import noise_distance_m, pump_doubts
from ballerup_geo.methods.heating._shares import HANDED
from ballerup_geo.methods.heating._stock import stock_of
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.run._verify import verified

ROUND: Mapping[str, float] = {
    **{
        "full_load_h": 2000,
        "base_kw": 10,
        "net_years": 40,
        "pipe_om_pct": 1,
        "connection_pct": 50,
        "horizon_years": 20,
    },
    **{"hp_dkk": 100_000, "hp_dkk_kw": 5000, "hp_years": 20, "hp_om_pct": 1, "hp_scop": 3},
    **{"dh_unit_dkk": 20_000, "dh_unit_dkk_kw": 500, "dh_unit_years": 20, "dh_unit_om_pct": 1},
    **{"gas_boiler_dkk": 30_000, "gas_boiler_dkk_kw": 1000, "gas_boiler_years": 20, "gas_boiler_om_pct": 2},
    **{"network_loss_pct": 20, "gas_efficiency_pct": 80, "gas_kg_kwh": 0.2},
    **{"el_growth_pct": 0, "dh_growth_pct": 0, "gas_growth_pct": 0, "vat_pct": 25},
    **{"el_tax_dkk_mwh": 30, "dh_tax_dkk_mwh": 80, "gas_tax_dkk_mwh": 160},
    **{"discount_rate_pct": 0, "society_net_tax_factor": 1.25, "society_distortion_pct": 10},
    **{"society_el_dkk_mwh": 900, "society_dh_dkk_mwh": 240, "society_gas_dkk_mwh": 480},
    **{"society_co2_dkk_t": 1000, "society_nox_dkk_kg": 50, "society_so2_dkk_kg": 40, "society_pm25_dkk_kg": 300},
    **{"el_co2_kg_mwh": 0, "el_nox_g_mwh": 60, "el_so2_g_mwh": 0, "el_pm25_g_mwh": 0},
    **{"dh_co2_kg_mwh": 100, "dh_nox_g_mwh": 200, "dh_so2_g_mwh": 0, "dh_pm25_g_mwh": 0},
    **{"gas_nox_g_mwh": 0, "gas_so2_g_mwh": 0, "gas_pm25_g_mwh": 0},
    **{"company_rate_pct": 0, "company_el_dkk_mwh": 840, "company_dh_dkk_mwh": 200},
    **{
        "household_rate_pct": 5,
        "household_el_dkk_mwh": 1200,
        "household_gas_dkk_mwh": 640,
        "household_gas_dkk_year": 400,
    },
    **{"tariff_heat_dkk_mwh": 500, "tariff_fixed_dkk_mwh": 250, "tariff_connection_dkk": 12_500},
    **{"tariff_connection_mwh": 50, "tariff_connection_dkk_kw": 250},
    **{"hp_scop_low": 2.5, "hp_scop_high": 4, "network_loss_low_pct": 10, "network_loss_high_pct": 30},
    **{"connection_low_pct": 25, "connection_high_pct": 100},
    **{"tariff_connection_low_dkk": 10_000, "tariff_connection_high_dkk": 50_000},
    **{f"{name}_spread_pct": 20 for name in ("energy", "invest", "pipe", "years", "emission")},
    **{"rate_spread_points": 2, "growth_spread_points": 1},
    **{"hp_sound_db": 58, "noise_limit_db": 35, "block_built_pct": 30},
}
"""Figures that are easy to reckon with."""


def three(**changes: float) -> Houses:
    """20 MWh on gas, 40 MWh not on gas, 100 MWh on gas; each 60,000 kr. of street and 20,000 kr. of service pipe."""
    heat = np.array([20.0, 40.0, 100.0])
    return replace(
        Houses(heat, np.full(3, 60_000.0), np.full(3, 20_000.0), np.array([True, False, True])),
        **changes,  # type: ignore[arg-type]
    )


def test_the_paper_has_all_assumptions_and_no_other() -> None:
    judged = {"street_m", "street_dkk_m", "service_m", "service_dkk_m"}
    assert set(ROUND) | judged == set(VALUE_NAMES)
    assert len(ASSUMPTIONS) > 60


# ---------------------------------------------------------------- money


def test_annuity_on_paper() -> None:
    """100 kr. over 2 years at 10 %: 100 × 0.1 / (1 − 1 / 1.21) = 57.619; twice that, discounted, is 100 again."""
    payment = 100 * annuity(0.10, 2)
    assert payment == pytest.approx(57.6190476)
    assert present_value(0.10, [payment, payment]) == pytest.approx(100.0)
    assert annuity(0.0, 40) == 0.025
    assert annuity(1e-9, 40) == pytest.approx(0.025, rel=1e-6)


def test_a_price_that_rises_on_paper() -> None:
    """100 and 110 kr. at 10 %: 90.909 + 90.909 = 181.818; even: 181.818 / 1.735537 = 104.762."""
    assert 100 * growth_factor(0.10, 0.10, 2) == pytest.approx(104.7619)
    assert growth_factor(0.0, 0.035, 20) == 1.0
    assert growth_factor(-0.02, 0.035, 20) < 1 < growth_factor(0.02, 0.035, 20)


# ---------------------------------------------------------------- three houses


def test_society_by_hand() -> None:
    """House of 20 MWh.

    District heating: pipes 60,000 / 0.5 + 20,000 = 140,000: 3,500 a year + 1,400; unit 1,000 + 200: 6,100 / 20 = 305;
    heat 240 / 0.8 = 300; × 1.25 = 756.25; damage (100 + 10) / 0.8 = 137.5; taxes 80 / 0.8 × 10 % = 10: 883.75.
    Heat pump: (5,000 + 1,000) / 20 + 900 / 3 = 600; × 1.25 = 750; damage 60 g × 50 kr. / 3 = 1; taxes 1: 750.
    Gas: 2,100 / 20 + 480 / 0.8 = 705; × 1.25 = 881.25; CO2 200 kg / 0.8 = 250; taxes 20: 1,111.25.
    Heat pump of 40 MWh, 20 kW, 150,000 kr.: (225 + 300) × 1.25 = 656.25; of 100 MWh, 50 kW: (180 + 300) × 1.25 = 600.
    """
    ledger = ledger_of("society", three(), ROUND)
    assert ledger.total("dh")[0] == pytest.approx(883.75)
    assert ledger.total("hp").tolist() == pytest.approx([750.0, 656.25, 600.0])
    assert ledger.total("gas")[0] == pytest.approx(1111.25)
    assert np.isnan(ledger.total("gas")[1])
    assert ledger.lines["dh"]["emissions"][0] == pytest.approx(137.5)
    assert ledger.lines["hp"]["distortion"][0] == pytest.approx(-1.0)


def test_company_by_hand() -> None:
    """20 MWh by pipe: 305 + 200 / 0.8 + 80 / 0.8 = 655; by heat pump: 300 + 840 / 3 + 30 / 3 = 590.

    The connection brings (12,500 / 40 / 20 + 750) / 1.25 = 612.5 and costs 4,900 / 20 + 250 + 100 = 595.
    """
    ledger = ledger_of("company", three(), ROUND)
    assert (ledger.total("dh")[0], ledger.total("hp")[0]) == pytest.approx((655.0, 590.0))
    assert set(ledger.lines) == {"dh", "hp"}
    assert margin(three(), ROUND)[0] == pytest.approx(17.5)


def test_household_by_hand() -> None:
    """At 5 % over 20 years a krone costs 0.0802426 a year.

    Heat pump, 20 MWh: (8,024.26 + 1,000) / 20 + (1,200 + 30) / 3 = 861.213; with VAT 1,076.52.
    District heating: (1,604.85 + 200 + 802.43) / 20 + 600 = 730.364; with VAT 912.95.
    100 MWh: the fee is 12,500 + 50 kW × 250 = 25,000, without VAT 20,000: 1,604.85; unit 40,000: 3,209.70 + 400;
    5,214.56 / 100 + 600 = 652.146; with VAT 815.18.
    """
    ledger = ledger_of("household", three(), ROUND)
    assert ledger.total("hp")[0] == pytest.approx(1076.516, abs=1e-3)
    assert ledger.total("dh")[[0, 2]] == pytest.approx([912.955, 815.182], abs=1e-3)
    gas = (30_000 * 0.0802426 + 600 + 400) / 20 + (640 + 160) / 0.8
    assert ledger.total("gas")[0] == pytest.approx(gas * 1.25, abs=1e-3)


# ---------------------------------------------------------------- kept apart


def totals(values: Mapping[str, float]) -> dict[str, np.ndarray]:
    houses = three()
    found = {}
    for name in LEDGERS:
        ledger = ledger_of(name, houses, values)
        found[name] = np.concatenate([np.nan_to_num(ledger.total(system)) for system in ledger.lines])
    return {**found, "margin": margin(houses, values)}


def test_no_ledger_reads_another_ones_prices() -> None:
    own = {"discount_rate_pct": {"society"}, "vat_pct": {"household", "margin"}}
    rising = {
        **ROUND,
        "el_growth_pct": 1,
        "dh_growth_pct": 2,
        "gas_growth_pct": 3,
        "dh_so2_g_mwh": 9,
        "el_pm25_g_mwh": 5,
    }
    before, seen = totals(rising), 0
    for name in rising:
        moved = {key for key, now in totals({**rising, name: rising[name] + 60}).items() if (now != before[key]).any()}
        prefix = name.split("_")[0]
        allowed = own.get(name) or {
            "society": {"society"},
            "company": {"company", "margin"},
            "household": {"household"},
            "tariff": {"household", "margin"},
        }.get(prefix)
        if allowed:
            seen += 1
            assert moved <= allowed, name
        ends = ("low", "high", "spread", "hp_sound", "noise", "block")
        if not any(end in name for end in ends):
            assert moved, f"{name} changes nothing"
    assert seen > 20


def test_taxes_are_a_cost_to_who_pays_and_a_relief_to_society() -> None:
    """90 kr. more of tax on electricity, of which a heat pump uses a third."""
    dearer = {**ROUND, "el_tax_dkk_mwh": 120.0}
    lift = {
        name: ledger_of(name, three(), dearer).total("hp") - ledger_of(name, three(), ROUND).total("hp")
        for name in LEDGERS
    }
    assert lift["company"] == pytest.approx([30.0] * 3)
    assert lift["household"] == pytest.approx([37.5] * 3)
    assert lift["society"] == pytest.approx([-3.0] * 3)


def test_each_ledger_has_its_own_lines() -> None:
    lines = {name: set(ledger_of(name, three(), ROUND).lines["hp"]) for name in LEDGERS}
    common = {"capital", "operation", "energy"}
    assert lines == {
        "society": common | {"net_tax", "emissions", "distortion"},
        "company": common | {"tax"},
        "household": common | {"tax", "vat"},
    }


# ---------------------------------------------------------------- where the answer turns


def test_flip_prices_by_hand() -> None:
    """Society, 20 MWh: district heating costs 133.75 more.

    Electricity: 900 + 133.75 / (1.25 / 3) = 1,221. Heat: 240 − 133.75 / (1.25 / 0.8) = 154.4.
    Gas: 480 − (1,111.25 − 750) / 1.5625 = 248.8. Pipes: 140,000 − 133.75 × 20 / (1.25 × 0.035) = 78,857.
    """
    found = flips("society", three(), ROUND)
    assert [found[name][0] for name in ("el", "heat", "gas", "connection")] == pytest.approx(
        [1221.0, 154.4, 248.8, 78_857.142857]
    )
    assert np.isnan(found["gas"][1])
    assert "gas" not in flips("company", three(), ROUND)


@pytest.mark.parametrize("name", LEDGERS)
def test_at_its_flip_price_both_cost_the_same(name: str) -> None:
    for price in ("el", "heat"):
        for place, value in enumerate(flips(name, three(), ROUND)[price]):
            ledger = ledger_of(name, three(), {**ROUND, PRICES[name][price]: value})
            assert ledger.total("dh")[place] == pytest.approx(ledger.total("hp")[place])
    fee = flips("household", three(), ROUND)["connection"][0]
    ledger = ledger_of("household", three(), {**ROUND, "tariff_connection_dkk": fee})
    assert ledger.total("dh")[0] == pytest.approx(ledger.total("hp")[0])


def test_no_price_turns_what_is_too_far_apart() -> None:
    far = {**ROUND, "company_dh_dkk_mwh": 0.0, "hp_dkk": 1e7}
    found = flips("company", three(), far)
    assert np.isnan(found["el"][0])
    assert found["heat"][0] > 0


amounts = st.floats(1, 3000)


@settings(max_examples=40, deadline=None)
@examples(
    st.sampled_from(sorted(LEDGERS)),
    st.lists(st.tuples(st.floats(3, 500), st.floats(0, 3e5), st.booleans()), min_size=1, max_size=6),
    amounts,
    amounts,
    amounts,
    amounts,
)
def test_prices_push_one_way(
    name: str, rows: list[tuple[float, float, bool]], el: float, heat: float, gas: float, more: float
) -> None:
    """Dearer gas never lowers district heating's share, dearer electricity never favours the heat pump."""
    mwh, street, on_gas = (np.array(column) for column in zip(*rows, strict=True))
    houses = Houses(mwh, street, street / 3, on_gas.astype(bool))
    prices = dict(zip(("el", "heat", "gas"), (el, heat, gas), strict=True))
    values = {**ROUND, **{PRICES[name][price]: value for price, value in prices.items() if price in PRICES[name]}}
    now = cheapest_of(ledger_of(name, houses, values))
    for price, assumption in PRICES[name].items():
        then = cheapest_of(ledger_of(name, houses, {**values, assumption: values[assumption] + more}))
        if price == "heat":
            assert not ((then == "dh") & (now != "dh")).any()
        if price == "gas":
            assert not ((now == "dh") & (then != "dh")).any()
            assert not ((then == "gas") & (now != "gas")).any()
        if price == "el":
            assert not ((then == "hp") & (now != "hp")).any()
            assert not ((now == "dh") & (then != "dh")).any()


def test_more_who_connect_never_make_it_dearer() -> None:
    costs = [ledger_of("society", three(), {**ROUND, "connection_pct": rate}).total("dh") for rate in (25, 50, 100)]
    assert (costs[0] > costs[1]).all()
    assert (costs[1] > costs[2]).all()


# ---------------------------------------------------------------- tornado, groups


def test_tornado_by_hand() -> None:
    """Society: SCOP 2.5 to 4 moves the heat pump by 1.25 × (900 / 2.5 − 900 / 4) = 168.75 (damage and tax cancel)."""
    houses = three()
    one = chosen("society", houses, ROUND, low_mwh=houses.heat_mwh / 2, high_mwh=houses.heat_mwh * 2)
    rows = one.tornado.set_index("swing")
    assert rows.loc["scop", "span"] == pytest.approx(168.75)
    assert rows.loc["scop", "lead_low"] > rows.loc["scop", "lead_high"]
    assert "connection_fee" not in rows.index
    assert one.tornado["span"].is_monotonic_decreasing
    assert set(rows.index) == {key for key, swing in SWINGS.items() if "society" in swing.ledgers}
    turned = (rows[["dh_low_pct", "dh_high_pct"]].to_numpy() != rows["dh_pct"].to_numpy()[:, None]).any()
    assert turned == (not one.firm.all())


def test_each_swing_moves_its_ledger_and_leaves_the_rest() -> None:
    for name in LEDGERS:
        for key, swing in SWINGS.items():
            if name not in swing.ledgers or swing.how in ("heat", "pipes"):
                continue
            low, high = (swung(name, swing, ROUND, up=up) for up in (False, True))
            moved = {each for each in ROUND if low[each] != high[each]}
            assert len(moved) == len(swing.names), key
            gap = [
                ledger_of(name, three(), values).total("hp") - ledger_of(name, three(), values).total("dh")
                for values in (low, high)
            ]
            assert (gap[0] != gap[1]).any(), (name, key)


def test_groups_add_up_to_all() -> None:
    houses = three()
    answers = {name: chosen(name, houses, ROUND, low_mwh=houses.heat_mwh, high_mwh=houses.heat_mwh) for name in LEDGERS}
    groups = np.array(["a", "b", "a"], dtype=object)
    table = grouped(answers, houses, groups)
    whole = grouped(answers, houses, np.array(["x"] * 3, dtype=object)).set_index("ledger")
    assert len(table) == 6
    for name in LEDGERS:
        mine = table[table["ledger"] == name]
        assert mine["heat_mwh"].sum() == 160
        for column in ("dh_dkk_mwh", "hp_dkk_mwh", "dh_pct"):
            assert np.average(mine[column], weights=mine["heat_mwh"]) == pytest.approx(whole.loc[name, column])
        share = 100 * houses.heat_mwh[answer_of(ledger_of(name, houses, ROUND)) == "dh"].sum() / 160
        assert whole.loc[name, "dh_pct"] == pytest.approx(share)
    assert table[(table["stage"] == "b")]["gas_dkk_mwh"].isna().all()
    assert grouped(answers, houses, np.array([None] * 3, dtype=object)).empty


# ---------------------------------------------------------------- room for a heat pump


def test_noise_distance_on_paper() -> None:
    """58 − 35 − 7.98 = 15.02 dB: 10^(15.02 / 20) = 5.63 m; ten times the capacity, 10 dB more: × 3.162."""
    near = noise_distance_m(np.array([5.0, 100.0]), sound_db=58.0, base_kw=10.0, limit_db=35.0)
    assert near == pytest.approx([5.635, 17.82], abs=1e-2)


def test_near_neighbours_and_dense_blocks() -> None:
    """A villa 3 m from the next, one alone, and a block that fills 40 % of its hectare."""
    shapes = np.array(
        [
            shapely.box(0, 0, 10, 10),
            shapely.box(13, 0, 23, 10),
            shapely.box(150, 0, 160, 10),
            shapely.box(310, 10, 360, 90),
        ]
    )
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    asked = np.array([True, False, True, True])
    found = pump_doubts(
        shapes, xy, asked, np.array([5.0, 5.0, 20.0]), large=np.array([False, False, True]), built_share=0.3
    )
    assert found.tolist() == ["noise", "none", "space"]
    near = pump_doubts(
        shapes, xy, asked, np.array([2.0, 5.0, 300.0]), large=np.array([False, False, True]), built_share=0.3
    )
    assert near.tolist() == ["none", "none", "both"]


# ---------------------------------------------------------------- as part of the analysis


def test_the_analysis_answers_for_who_has_something_to_choose() -> None:
    """Gas and oil choose; district heating and heat pumps have chosen. The tables say the same as the headlines."""
    pump = {"heating_installation": 5, "heating_fuel": None}
    found = heated(standing({}, {"heating_fuel": 3}, {"heating_installation": 1, "heating_fuel": None}, pump))
    checked = verified(get_method("heating"), found)
    rows = checked.tables["heat_choice"]
    assert rows["building_id"].tolist() == ["H1", "H2"]
    assert rows["society_gas_dkk_mwh"].notna().tolist() == [True, False]
    lines = checked.tables["heat_cost_lines"]
    mine = lines[(lines["ledger"] == "household") & (lines["system"] == "hp")]
    assert mine["dkk_mwh"].sum() == pytest.approx(rows["household_hp_dkk_mwh"].mean())
    assert checked.indicators["ledgers_agree_pct"] == 100 * (rows["agree"] != "split").mean()
    assert set(checked.tables["heat_connection"]["scenario"]) == {"low", "main", "high"}
    assert checked.tables["heat_tornado"].groupby("ledger").size().to_dict() == {
        name: sum(name in swing.ledgers for swing in SWINGS.values()) for name in LEDGERS
    }
    assert "%" in checked.answers["ledgers"]["da"]


def test_nothing_to_choose_is_said() -> None:
    checked = verified(get_method("heating"), heated(standing({"heating_installation": 1, "heating_fuel": None})))
    assert checked.tables["heat_choice"].empty
    assert checked.indicators["society_dh_pct"] is None
    assert "intet at vælge" in checked.answers["ledgers"]["da"]


def test_a_dearer_gas_price_in_the_analysis_takes_nobody_from_district_heating() -> None:
    """The share of heat for which the household's cheapest is district heating, gas counted as a choice."""
    town = standing(*({"dwelling_area_m2": 100.0} for _ in range(3)))
    shares = []
    for gas in (100.0, 400.0, 900.0, 2000.0):
        rows = heated(town, assumptions={"household_gas_dkk_mwh": gas}).tables["heat_choice"]
        shares.append((rows["household_cheapest"] == "dh").mean())
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_pipes_that_the_layout_hands_over_are_counted() -> None:
    """1,000,000 kr. of service pipe more for one of two houses turns society's answer for it, and for no other."""
    shipped = read_project(shipped_root()).analyses["heating"].assumptions
    given = given_of(standing({}, {}))
    stock = stock_of(given)
    handed = pd.DataFrame(
        {"zone_id": ["Z1", None], "street_dkk": [np.nan, 0.0], "service_dkk": [1e6, 0.0]}, index=["H1", "H2"]
    )
    plain = CHOICE.compute(given, stock, Found()).tables["heat_choice"].set_index("building_id")
    found = CHOICE.compute(given, stock, Found(columns={HANDED: handed}))
    rows = found.tables["heat_choice"].set_index("building_id")
    assert rows.loc["H1", "society_dh_dkk_mwh"] > 2 * plain.loc["H1", "society_dh_dkk_mwh"]
    assert rows.loc["H2", "society_dh_dkk_mwh"] < plain.loc["H2", "society_dh_dkk_mwh"]
    assert rows["household_dh_dkk_mwh"].tolist() == plain["household_dh_dkk_mwh"].tolist()
    street = shipped["street_m"].value * shipped["street_dkk_m"].value / shipped["connection_pct"].value * 100
    assert rows.loc["H1", "society_flip_connection"] < 1e6 + street
    zones = found.tables["zone_ledgers"]
    assert zones[["zone_id", "ledger", "buildings"]].to_numpy().tolist() == [["Z1", name, 1] for name in LEDGERS]


@pytest.mark.parametrize("lost_heat_dkk_mwh", [0.0, 250.0])
def test_a_zone_hands_over_what_its_pipes_cost(lost_heat_dkk_mwh: float) -> None:
    """Two houses as in the test of zones: 110 m of street × 4,000 kr. shared by equal heat, 20 m × 2,000 each.

    What lost heat costs is not in it: the ledgers reckon with it once, as loss.
    """
    assumptions = {**ON_STREET, "lost_heat_dkk_mwh": lost_heat_dkk_mwh}
    layers = {"roads": STREET, "heat_network": pipe_at(-5)}
    given = given_of(standing({}, {}), assumptions=assumptions, **layers)
    handed = ZONES.compute(given, stock_of(given), Found()).columns[HANDED]
    assert handed.index.tolist() == ["H1", "H2"]
    assert handed["street_dkk"].tolist() == pytest.approx([220_000.0] * 2)
    assert handed["service_dkk"].tolist() == pytest.approx([40_000.0] * 2)
    found = heated(standing({}, {}), assumptions=assumptions, **layers)
    zone = found.tables["zone_ledgers"].set_index("ledger")
    rows = found.tables["heat_choice"]
    assert zone["buildings"].tolist() == [2, 2, 2]
    assert zone.loc["society", "dh_dkk_mwh"] == pytest.approx(rows["society_dh_dkk_mwh"].mean())
    (beside,) = found.tables["heat_zones"].to_dict("records")
    for name in LEDGERS:
        assert beside[f"{name}_hp_dkk_mwh"] == zone.loc[name, "hp_dkk_mwh"]
