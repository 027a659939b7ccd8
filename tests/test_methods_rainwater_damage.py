"""Damage of a rain, and of an average year, on numbers that fit on paper."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballerup_geo.errors import MethodError
from ballerup_geo.methods.rainwater._damage import (
    DamageRates,
    building_damage,
    expected_annual_damage,
    yearly_shares,
)

RATES = DamageRates(
    ground_dkk_m2={"dwelling": 1000.0, "business": 5000.0, "public": 3000.0, "other": 300.0},
    basement_dkk_m2=400.0,
    shallow_share=0.5,
    touched_m=0.1,
    full_m=0.3,
)


def damage(depths: list[list[float]], use: list[str], ground: list[float], basement: list[float] | None = None) -> list:
    below = None if basement is None else pd.Series(basement, dtype="float64")
    return building_damage(np.array(depths), pd.Series(use), ground, below, rates=RATES).tolist()


def test_a_touched_house_costs_half_below_the_full_depth_and_all_from_it_on() -> None:
    # 100 m² at 1000 DKK: 0.09 m is no touch, 0.10 m and 0.29 m half, 0.30 m and 1 m all of it
    found = damage([[0.09, 0.10, 0.29, 0.30, 1.0]], ["dwelling"], [100.0])
    assert found == [[0.0, 50_000.0, 50_000.0, 100_000.0, 100_000.0]]


def test_a_basement_fills_whole_as_soon_as_the_house_is_touched() -> None:
    # half of 200 m² × 5000 DKK, and 50 m² × 400 DKK of basement; an unknown basement counts as none
    found = damage([[0.2, 0.0], [0.2, 0.0]], ["business", "business"], [200.0, 200.0], [50.0, math.nan])
    assert found == [[520_000.0, 0.0], [500_000.0, 0.0]]


def test_depth_or_use_that_nobody_knows() -> None:
    found = damage([[math.nan, 0.5]], ["unknown"], [100.0])
    assert found[0][0] == 0.0
    assert math.isnan(found[0][1])


def test_annual_damage_on_paper() -> None:
    # damage begins at T=5 (p 0.2); 100 at T=10 (p 0.1), 300 at T=20 (p 0.05), 1000 at T=100 (p 0.01)
    by_hand = 0.1 * 100 / 2 + 0.05 * (100 + 300) / 2 + 0.04 * (300 + 1000) / 2 + 0.01 * 1000
    found = expected_annual_damage([100.0, 300.0, 1000.0], [10.0, 20.0, 100.0], begins_y=5.0)
    assert found == pytest.approx(by_hand, rel=1e-12)
    assert by_hand == pytest.approx(51.0)


def test_the_worst_of_several_durations_stands_for_its_return_period() -> None:
    # T=100 comes three times, with 1000, 40 and 999
    rains = [1000.0, 40.0, 100.0, 999.0], [100.0, 100.0, 10.0, 100.0]
    shares = yearly_shares(*rains, begins_y=5.0)
    assert np.flatnonzero(shares).tolist() == [0, 2]
    assert expected_annual_damage(*rains, begins_y=5.0) == pytest.approx(
        expected_annual_damage([100.0, 1000.0], [10.0, 100.0], begins_y=5.0)
    )


def test_everyday_rain_and_rain_without_a_return_period_do_not_count() -> None:
    shares = yearly_shares([70.0, 80.0, 90.0, 100.0], [1.0, 5.0, math.nan, 10.0], begins_y=5.0)
    assert shares[:3].tolist() == [0.0, 0.0, 0.0]
    assert shares[3] == pytest.approx(0.1 / 2 + 0.1)


def test_without_a_rare_rain_nothing_is_known() -> None:
    assert math.isnan(expected_annual_damage([5.0, 7.0], [1.0, 5.0], begins_y=5.0))
    assert math.isnan(expected_annual_damage([], [], begins_y=5.0))


@pytest.mark.parametrize("period", [0.0, -1.0, math.inf])
def test_a_return_period_that_is_none_is_refused(period: float) -> None:
    with pytest.raises(MethodError, match="not a number of years above 0"):
        yearly_shares([1.0], [period], begins_y=5.0)


RAINS = st.lists(st.tuples(st.floats(0, 1e9), st.sampled_from([5.5, 10.0, 20.0, 50.0, 100.0, 250.0])), min_size=1)


@given(RAINS, st.floats(0.5, 5.0))
def test_annual_damage_does_not_depend_on_order(rains: list[tuple[float, float]], begins: float) -> None:
    turned = rains[::-1]
    damages, periods = zip(*rains, strict=True)
    turned_damages, turned_periods = zip(*turned, strict=True)
    found = expected_annual_damage(damages, periods, begins_y=begins)
    assert expected_annual_damage(turned_damages, turned_periods, begins_y=begins) == pytest.approx(found, rel=1e-9)


@given(RAINS, st.floats(0.5, 5.0), st.floats(0, 1e6))
def test_annual_damage_is_between_its_bounds_and_grows_with_damage(
    rains: list[tuple[float, float]], begins: float, more: float
) -> None:
    damages, periods = (np.array(values) for values in zip(*rains, strict=True))
    found = expected_annual_damage(damages, periods, begins_y=begins)
    assert 0.0 <= found <= damages.max() / begins * (1 + 1e-9)
    assert expected_annual_damage(damages + more, periods, begins_y=begins) >= found * (1 - 1e-9)
    assert yearly_shares(damages, periods, begins_y=begins).sum() <= 1.0 / begins
