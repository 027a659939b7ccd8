"""What shares give away: nobody finds a count of one to four pupils from a share and its denominator."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from school_maker import HOMES, addresses, crossing, roads, village

from ballerup_geo.methods.school_routes import METHOD, school_routes
from ballerup_geo.methods.school_routes._told import share_told
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Outcome

LEAST = 5


@given(st.integers(1, 400).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_no_share_gives_back_a_small_count(counts: tuple[int, int]) -> None:
    part, whole = counts
    share = float(share_told(part, whole, LEAST))
    if np.isnan(share):
        assert whole < 2 * LEAST
        return
    count = share * whole / 100.0
    for each in (count, whole - count):
        assert each == pytest.approx(0.0, abs=1e-6) or each >= LEAST - 1e-6
    assert abs(count - part) <= LEAST / 2.0 or whole - part < LEAST
    assert (part in (0, whole)) <= (count == pytest.approx(part))


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    more = {**HOMES, "h9": ((200, 0), {"pupils_0_3": 41}), "h10": ((700, 0), {"pupils_4_6": 37})}
    return verified(METHOD, school_routes(village(addresses=addresses(more), crossings=crossing("none"))))


@pytest.mark.parametrize("name", ["by_school", "by_level", "by_district", "by_area", "by_income", "by_rules"])
def test_no_published_share_times_its_denominator_gives_one_to_four(outcome: Outcome, name: str) -> None:
    table = outcome.tables[name]
    shares = [column for column in table.columns if column.endswith("_pct")]
    assert len(table)
    assert shares
    for column in shares:
        count = (table[column] * table["pupils"] / 100.0).round(1)
        for each in (count, table["pupils"] - count):
            assert not ((each > 0.1) & (each < LEAST - 0.1)).any(), (name, column)


def test_no_step_of_the_plan_gives_back_how_few_it_adds(outcome: Outcome) -> None:
    steps = outcome.tables["plan_steps"]
    pupils = outcome.indicators["pupils"]
    assert pupils is not None
    for column in ("share_pct", "share_most_pct"):
        added = (steps[column].diff().dropna() * pupils / 100.0).round(1)
        assert not ((added.abs() > 0.1) & (added.abs() < LEAST - 0.1)).any(), column
    assert (steps[["gain", "gain_most"]] % LEAST == 0).all(axis=None)
    assert (steps["share_most_pct"] >= steps["share_pct"]).all()
    hidden = outcome.indicators["plan_hidden_dkk"]
    shown = sum(float(outcome.tables[name]["cost_dkk"].sum()) for name in ("plan_links", "plan_crossings"))
    assert hidden == pytest.approx(outcome.indicators["plan_cost_dkk"] - shown, abs=2.0)
    assert "ikke vises" in outcome.answers["plan"]["da"]


def test_both_rule_sets_for_crossings_are_in_the_interval() -> None:
    """Ringvejen, 50 km/h with four lanes and little traffic: Mekuria calls its crossing level 2, Furth's practice 1."""
    calm = roads(ringvejen={"speed_kmh": 50, "aadt": 1500})
    found = {
        rules: school_routes(village({"crossing_rules": rules}, roads=calm, crossings=crossing("none"))).indicators
        for rules in ("furth-practice", "mekuria-2012")
    }
    shares = [each["accepted_pct"] for each in found.values()]
    assert shares[0] != shares[1]
    for each in found.values():
        assert each["accepted_least_pct"] <= min(shares)
        assert each["accepted_most_pct"] >= max(shares)


def test_an_unknown_limit_of_the_road_crossed_is_at_most_the_general_one() -> None:
    unsigned = roads(ringvejen={"speed_kmh": None, "class": "residential", "lanes_per_direction": 1, "aadt": 8000})
    wide, town = (
        school_routes(village({"unsigned_street_kmh": most}, roads=unsigned)).tables["hard_crossings"]
        for most in (130.0, 30.0)
    )
    worst = [pd.Series(table["stress"]).max() if len(table) else 1 for table in (wide, town)]
    assert worst[1] < worst[0]
