"""Zones by year on paper: four houses along one street in two areas of the heat plan (drawn in ``heat_maker.py``)."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from heat_maker import area, areas, heated, houses, placed, street, streets
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from ballerup_geo.errors import MethodError
from ballerup_geo.methods import get_method
from ballerup_geo.methods.heating._order import NEVER, Pieces, build, heat_bound
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Outcome

VALUES: dict[str, float] = {
    "zone_least_buildings": 2.0,
    "zone_least_mwh_m": 0.001,
    "full_load_h": 2000.0,
    "diversity": 0.6,
    "trench_street_dkk_m": 3000.0,
    "trench_service_dkk_m": 1000.0,
    "lost_heat_dkk_mwh": 0.0,
    "connection_pct": 80.0,
    "phase_most_m": 100.0,
    "pump_yearly_pct": 10.0,
    "account_1990_t": 400.0,
    "account_2019_t": 200.0,
    "account_now_t": 100.0,
}
BURN = 10_000 * 0.204 / 0.9 / 1000
"""Tonnes a year of one house on gas."""


def phased(*changes: dict[str, Any], net: bool = True, **values: float) -> Outcome:
    """Two houses in each of two areas, the net at the west end of their street."""
    changes = changes or ({}, {}, {}, {})
    cut = streets(*(street((x - 5, -15), (x + 95, -15), name=f"V{x}") for x in range(0, 400, 100)))
    plan = areas(area("A", "approved", 0, 110), area("B", "planned", 200, 310))
    pipe = placed([{"pipe_id": "P"}], [street((-5, -30), (-5, 0))["shape"]])
    return heated(
        houses(*changes),
        assumptions={**VALUES, **values},
        roads=cut,
        heat_areas=plan,
        heat_network=pipe if net else None,
    )


def of(found: Outcome, table: str, **where: Any) -> pd.DataFrame:
    rows = found.tables[table]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows


def test_two_zones_by_hand() -> None:
    """The first zone lays 110 m of street and 40 m of service lines; the second needs 350 m, of which 110 m lie then.

    At 100 m a year the first is done in the second year and the second, 240 m, in the fourth, with 10 m to spare.
    """
    found = phased()
    zones = found.tables["heat_phases"]
    assert zones[["zone_id", "place", "year"]].to_numpy().tolist() == [["Z001", 1, 2028], ["Z002", 2, 2030]]
    assert zones["new_m"].tolist() == pytest.approx([150.0, 240.0])
    years = found.tables["phase_budget"]
    assert years["year"].tolist() == [2027, 2028, 2029, 2030]
    assert years["laid_m"].tolist() == pytest.approx([100.0, 100.0, 100.0, 90.0])
    assert years["zones"].tolist() == [0, 1, 0, 1]
    assert years["connected_mwh"].tolist() == pytest.approx([0.0, 16.0, 16.0, 32.0])
    most = [20 + 20 * 5 / 295, 20 + 20 * 105 / 295, 20 + 20 * 205 / 295, 40.0]  # 95 m and 295 m: shared pieces halved
    assert years["most_mwh"].tolist() == pytest.approx([0.8 * each for each in most])
    assert found.indicators["phase_loss_pct"] == pytest.approx(100 * (1 - 64 / (0.8 * sum(most))))
    assert verified(get_method("heating"), found)


def test_pipes_are_paid_once_at_the_size_that_all_zones_need() -> None:
    """Houses of 30 MWh (15 kW): each zone asks for 0.6 × 30 + 0.4 × 15 = 24 kW before its first house.

    Alone a zone's pipes are DN 20 (30 kW). The 10 m that both share to the first house carry 48 kW, the 100 m beyond it
    15 + 24 = 39 kW: DN 50, which costs 1000 DKK more a metre.
    """
    large = {"dwelling_area_m2": 300.0}
    found = phased(large, large, large, large, phase_most_m=10_000.0)
    zones = found.tables["heat_phases"]
    assert zones["heat_mwh"].tolist() == pytest.approx([60.0, 60.0])
    assert zones["new_dkk"].tolist() == pytest.approx([110 * 5000 + 40 * 2000, 200 * 4000 + 40 * 2000])


def test_neighbours_first_even_if_the_farther_zone_is_denser() -> None:
    large = {"dwelling_area_m2": 300.0}
    zones = phased({}, {}, large, large).tables["heat_phases"]
    far, near = zones.sort_values("heat_mwh", ascending=False).to_dict("records")
    assert far["heat_mwh"] / 350 > near["heat_mwh"] / 150
    assert (near["place"], far["place"]) == (1, 2)


def test_a_budget_in_kroner_holds_too() -> None:
    """The first zone costs 110 × 4000 + 40 × 2000 = 520,000 DKK: 200,000 a year take it into the third year."""
    found = phased(phase_most_m=0.0, phase_most_dkk=200_000.0)
    assert found.tables["phase_budget"]["laid_dkk"].tolist() == pytest.approx([200_000.0] * 4)
    zones = of(found, "heat_phases", zone_id="Z001")
    assert (zones["year"].tolist(), zones["new_dkk"].tolist()) == ([2029], pytest.approx([520_000.0]))
    last = of(found, "heat_phases", zone_id="Z002")
    assert (last["year"].isna().all(), last["year_or_0"].tolist()) == (True, [0])


def test_the_path_of_co2_by_hand() -> None:
    """From 2028 80 % of two of four houses have left, from 2030 of all; factors of 2028 lie 3/5 from 2025 to 2030."""
    found = phased()
    path = of(found, "heat_path", scope="all")
    left = [4.0, 4.0, 2.4, 2.4, 0.8]
    assert path["year"].tolist() == [2026, 2027, 2028, 2029, 2030]
    assert path["left_buildings"].tolist() == pytest.approx(left)
    assert path["burn_t"].tolist() == pytest.approx([BURN * each for each in left])
    assert path["account_t"].tolist() == pytest.approx([25 * each for each in left])
    assert path["account_line_t"].tolist() == pytest.approx([100.0, 75.0, 50.0, 25.0, 0.0])
    gas, net = 0.189 - 0.6 * 0.084, 0.0878 - 0.6 * 0.0165
    assert path["br18_t"].iloc[2] == pytest.approx(10 * (2.4 * gas / 0.9 + 1.6 * net))
    assert found.indicators["phase_fall_1990_pct"] == pytest.approx(95.0)
    assert found.indicators["phase_fall_2019_pct"] == pytest.approx(90.0)
    assert found.indicators["phase_left_t"] == pytest.approx(0.8 * BURN)


def test_heat_pumps_where_no_zone_comes_and_the_municipality_apart() -> None:
    """Without a net no zone is built: a tenth changes each year; one house is the municipality's, one burns oil."""
    found = phased({"municipal": True}, {}, {}, {"heating_fuel": 3}, net=False, account_now_t=0.0)
    own, every = (of(found, "heat_path", scope=scope) for scope in ("municipal", "all"))
    assert own["left_buildings"].tolist() == pytest.approx([1.0, 0.9, 0.8, 0.7, 0.6])
    assert own["burn_t"].tolist() == pytest.approx([BURN * (1 - step / 10) for step in range(5)])
    assert every["br18_t"].iloc[-1] == pytest.approx(3 * 10 * (0.6 * 0.105 / 0.9 + 0.4 * 0.047 / 3.3))
    assert every["account_t"].isna().all()
    assert found.indicators["phase_zones"] is None
    assert found.indicators["phase_fall_1990_pct"] is None
    assert found.tables["heat_phases"]["place"].isna().all()
    assert any("lagt i et år" in note["da"] for note in found.notes)
    assert verified(get_method("heating"), found)


def test_years_that_run_backwards_are_refused() -> None:
    with pytest.raises(MethodError, match="is before phase_first_year"):
        phased(phase_last_year=2026.0)


@st.composite
def some_pieces(draw: st.DrawFn) -> tuple[Pieces, np.ndarray, np.ndarray, np.ndarray]:
    zones, kinds = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    pairs = draw(st.sets(st.tuples(st.integers(0, zones - 1), st.integers(0, kinds - 1)), min_size=1))
    zone, piece = np.array(sorted(pairs)).T
    values = st.integers(0, 90)

    def numbers(count: int) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=count, max_size=count)), dtype=np.float64)

    pieces = Pieces(zone, piece, numbers(kinds), numbers(kinds) * 10, numbers(zones) + 1, numbers(zones))
    joined = np.array(draw(st.lists(st.booleans(), min_size=zones, max_size=zones)))
    return pieces, numbers(zones) + 1, numbers(zones), joined


@settings(max_examples=60, deadline=None)
@examples(some_pieces(), st.floats(20, 300), st.floats(100, 2000))
def test_budgets_hold_each_zone_comes_once_and_nothing_beats_the_bound(
    case: tuple[Pieces, np.ndarray, np.ndarray, np.ndarray], most_m: float, most_dkk: float
) -> None:
    pieces, heat, way, joined = case
    limits: dict[str, Any] = {"joined": joined, "years": 4, "most_m": most_m, "most_dkk": most_dkk}
    built = build(pieces, heat, way_m=way, **limits)
    assert (built.metres <= most_m + 1e-6).all()
    assert (built.money <= most_dkk + 1e-6).all()
    assert sorted(built.place[joined].tolist()) == list(range(int(joined.sum())))
    assert (built.place[~joined] == NEVER).all()
    mine = np.isin(pieces.zone, np.flatnonzero(joined))
    once = pieces.length_m[np.unique(pieces.piece[mine])].sum() + pieces.own_m[joined].sum()
    assert built.zone_m.sum() == pytest.approx(once)
    before = pieces.before(way)
    for one, other in zip(*np.nonzero(before & joined[:, None] & joined), strict=True):
        assert built.place[one] < built.place[other]
    bound = heat_bound(pieces, heat, **limits)
    for count in range(int(joined.sum()) + 1):
        for chosen in combinations(np.flatnonzero(joined).tolist(), count):
            used = np.unique(pieces.piece[np.isin(pieces.zone, chosen)])
            metres = pieces.length_m[used].sum() + pieces.own_m[list(chosen)].sum()
            money = pieces.cost_dkk[used].sum() + pieces.own_dkk[list(chosen)].sum()
            for year in range(4):
                if metres <= most_m * (year + 1) and money <= most_dkk * (year + 1):
                    assert heat[list(chosen)].sum() <= bound[year] + 1e-4
