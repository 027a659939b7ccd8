"""Groups of neighbouring buildings on paper: houses of 10 m × 10 m, 100 m apart (drawn in ``heat_maker.py``)."""

from __future__ import annotations

import pytest
import shapely
from heat_maker import heated, houses, placed

from ballerup_geo.methods import get_method
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Outcome

PLAIN = {
    "community_near_m": 90.0,
    "community_least_buildings": 2.0,
    "roof_usable_pct": 50.0,
    "solar_kwh_m2": 200.0,
}


def owned(*kinds: str, **assumptions: float) -> Outcome:
    """Houses on parcels of these owners."""
    rows = [{"parcel_id": f"P{place}", "owner_kind": kind} for place, kind in enumerate(kinds)]
    land = [shapely.box(100 * place - 5, -20, 100 * place + 15, 30) for place in range(len(kinds))]
    return heated(houses(*({} for _ in kinds)), parcels=placed(rows, land), assumptions={**PLAIN, **assumptions})


def test_neighbours_of_one_owner_are_a_group_and_their_sums_are_right() -> None:
    """Three houses: 300 m² of roof, half of it usable, 150 × 200 kWh; each needs 100 m² × 100 kWh."""
    found = owned(*["housing_association"] * 3, "private", *["company"] * 2, "municipality")
    table = found.tables["energy_communities"]
    assert table[["community_id", "owner_kind", "buildings", "fossil_buildings"]].to_numpy().tolist() == [
        ["E001", "housing_association", 3, 3],
        ["E002", "company", 2, 2],
    ]
    first = table.iloc[0]
    assert (first["roof_m2"], first["usable_roof_m2"], first["solar_mwh"]) == pytest.approx((300.0, 150.0, 30.0))
    assert (first["heat_mwh"], first["heat_mwh_low"], first["heat_mwh_high"]) == pytest.approx((30.0, 24.0, 42.0))
    assert found.indicators["community_roof_ha"] == pytest.approx(0.025)
    assert found.indicators["community_buildings"] == 5
    assert verified(get_method("heating"), found)


def test_private_owners_and_far_neighbours_are_no_group() -> None:
    kinds = ["private"] * 3 + ["company", "state", "company"]
    assert owned(*kinds).indicators["communities"] == 0
    assert owned(*["company"] * 3, community_near_m=89.9).indicators["communities"] == 0
    assert owned(*["company"] * 3, community_least_buildings=4.0).indicators["communities"] == 0
    assert verified(get_method("heating"), owned(*kinds))


def test_unknown_owners_are_said_not_counted_as_none() -> None:
    found = heated(houses({}, {}), assumptions=PLAIN)
    assert found.indicators["communities"] is None
    assert "ukendte" in found.answers["communities"]["da"]
    assert any("Matriklernes ejere" in note["da"] for note in found.notes)
