"""New charging sites on paper: the village of ``charge_maker.py`` with a car park beside the block, and what must hold.

In 2030 30 electric cars, half of them at the block, without charging at home: 15. C1 has room for 17,520 kWh × 50 % /
(3,000 kWh × 75 %) = 3.893 of them; 11.107 are left. The car park P1 lies within 300 m of the block.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from charge_maker import charged, frame, roads

from ballerup_geo.errors import MethodError
from ballerup_geo.methods import get_method
from ballerup_geo.run._verify import verified
from ballerup_geo.siting import plugs_needed
from ballerup_geo.spec import Outcome

TAKEN = 3.893  # 17,520 × 0.5 / (3,000 × 0.75), counted in thousandths of a car
LEFT = 15 - TAKEN


def park(*places: tuple[str, float, float, int]) -> pd.DataFrame:
    """Car parks of the housing association: name, middle, spaces."""
    rows = [
        {
            "parking_id": name,
            "spaces": spaces,
            "access": "residents",
            "owner_kind": "housing_association",
            "building_use": "flats",
        }
        for name, _, _, spaces in places
    ]
    return frame(rows, [shapely.box(x - 5, y - 5, x + 5, y + 5) for _, x, y, _ in places])


@pytest.fixture(scope="module")
def planned() -> Outcome:
    return charged(parking=park(("P1", 100, 10, 40), ("P2", 900, 10, 40), ("P3", 120, 10, 3)))


def test_the_one_site_that_reaches_anyone_is_chosen(planned: Outcome) -> None:
    checked = verified(get_method("charging"), planned)
    assert "new_sites" in checked.tables
    site = planned.tables["new_sites"].iloc[0]
    assert len(planned.tables["new_sites"]) == 1  # P2 reaches nobody, P3 has too few spaces
    assert (site["site_id"], site["order"], site["phase_year"], site["site_kind"]) == ("P1", 1, 2026, "shared")
    assert site["cars"] == pytest.approx(LEFT)
    kwh = LEFT * 3_000 * 0.75
    assert site["kwh"] == pytest.approx(kwh)
    plugs = plugs_needed(kwh / 0.5 / 365 / 18 * 0.12, 4.0, wait_limit=0.10)  # guests draw as much
    assert (site["plugs"], site["room"]) == (plugs, "enough")
    assert site["cost_dkk"] == 120_000 + plugs * 35_000
    assert site["wait_pct"] <= 10


def test_the_curve_begins_with_today_and_ends_with_all(planned: Outcome) -> None:
    curve = planned.tables["site_curve"]
    assert curve["sites"].tolist() == [0, 1]
    assert curve["best_pct"].tolist() == pytest.approx([100 * TAKEN / 15, 100.0])
    assert curve["plan_pct"].tolist() == pytest.approx(curve["best_pct"].tolist())
    assert curve["proved"].tolist() == ["yes", "yes"]
    assert planned.indicators["new_sites_pct"] == pytest.approx(100.0)
    assert planned.indicators["sites_for_goal"] == 1.0
    assert "1 nyt ladested er nok til, at 75 %" in planned.answers["goal"]["da"]
    assert "0 er ikke nok, hvor de end står (højst 26,0 %): det er bevist" in planned.answers["goal"]["da"]
    assert any("antallet af kandidater er kun 1" in note["da"] for note in planned.notes)


def test_more_sites_never_cover_less_and_the_plan_never_beats_the_proof() -> None:
    spots = [(f"P{k:02}", x, 10.0, 40) for k, x in enumerate(range(0, 260, 45))]
    outcome = charged({"candidate_min_cars": 0.0}, parking=park(*spots))
    curve = outcome.tables["site_curve"]
    assert len(curve) == len(spots) + 1
    assert (np.diff(curve["best_cars"]) >= -1e-9).all()
    assert (curve["plan_cars"] <= curve["bound_cars"] + 1e-9).all()
    assert curve["cost_dkk"].is_monotonic_increasing
    new = outcome.tables["new_sites"]
    assert new["phase_year"].is_monotonic_increasing
    assert new["gain_cars"].sum() == pytest.approx(LEFT)
    cells = outcome.tables["demand_cells"]
    assert sorted(cells["covered_from"].dropna().tolist()) == [1]  # the block's square; villas have nothing left


def test_the_queue_of_today_by_hand(planned: Outcome) -> None:
    row = planned.tables["charger_queue"].iloc[0]
    assert len(planned.tables["charger_queue"]) == 1  # C2 is for residents
    assert row["cars"] == pytest.approx(TAKEN, abs=2e-3)
    load = row["cars"] * 2_250 / 0.5 / 365 / 18 * 0.12 * 4.0
    assert row["load"] == pytest.approx(load)
    waiting = load**2 / 2 * 2 / (2 - load) / (1 + load + load**2 / 2 * 2 / (2 - load))  # M/M/2
    assert row["wait_pct"] == pytest.approx(100 * waiting)
    assert planned.indicators["plugs_short"] == 1.0


def test_unknown_layers_and_odd_plans_are_told() -> None:
    nothing = charged(chargers=None)  # and no candidates
    assert nothing.indicators["plugs_short"] is None
    assert nothing.indicators["new_sites"] == 0.0
    assert nothing.tables["site_curve"]["sites"].tolist() == [0]
    assert "ingen nye ladesteder" in nothing.answers["sites"]["da"]
    assert "kan ikke siges: ladestanderne er ukendte" in nothing.answers["goal"]["da"]
    with pytest.raises(MethodError, match="falls from one phase"):
        charged({"phase_1_sites": 9, "phase_2_sites": 4})


def test_a_car_park_beyond_the_motorway_stands_for_no_roadside_here() -> None:
    streets = roads().assign(
        **{"class": "residential", "owner": ["municipality", "private", "state", "private"], "parking_sides": 1}
    )
    asked = {"roadside_step_m": 250.0, "roadside_reach_m": 300.0}
    beyond = park(("S1", 125, -150, 40))  # 150 m from Nordgade's roadside as the crow flies, two kilometres on foot

    def kinds(apart_m: float, parking: Any) -> list[str]:
        outcome = charged(asked | {"roadside_apart_m": apart_m}, roads=streets, parking=parking)
        return sorted(outcome.tables["candidate_sites"]["site_kind"])

    assert kinds(0.0, beyond) == kinds(400.0, beyond) == ["roadside"]
    assert kinds(0.0, park(("P1", 100, 10, 40))) == ["roadside", "shared"]
    assert kinds(400.0, park(("P1", 100, 10, 40))) == ["shared"]
