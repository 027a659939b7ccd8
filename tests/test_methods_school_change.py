"""The change between two runs of the school routes, split into pupils, data, network and rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from school_maker import HOMES, LEVELS, addresses, crossing, roads, village

from ballerup_geo.catalog import Catalog
from ballerup_geo.errors import MethodError
from ballerup_geo.methods.school_routes import METHOD, school_routes
from ballerup_geo.methods.school_routes._change import CAUSES, Run, decompose
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.run._verify import verified
from ballerup_geo.storage import write_table


def run_of(assumptions: dict[str, Any] | None = None, **inputs: Any) -> Run:
    return Run.of(school_routes(village(assumptions, **inputs)).tables["trips"])


def causes_of(former: Run, present: Run) -> dict[str, float]:
    found = decompose(former, present).set_index("cause")["change_points"]
    assert found[list(CAUSES)].sum() == pytest.approx(found["all"], abs=1e-9)
    return {cause: round(change, 6) for cause, change in found.items() if abs(change) > 1e-9}


@pytest.fixture(scope="module")
def former() -> Run:
    return run_of()


def test_nothing_changed(former: Run) -> None:
    assert causes_of(former, former) == {}


def test_a_signal_is_a_change_of_the_network(former: Run) -> None:
    change = round(100.0 * 10 / 34, 6)
    assert causes_of(former, run_of(crossings=crossing("signal"))) == {"network": change, "all": change}


def test_a_speed_limit_that_has_become_known_is_a_change_of_the_data(former: Run) -> None:
    unknown = run_of(roads=roads(skolegade={"speed_kmh": None}))
    change = round(100.0 * 9 / 34, 6)
    assert causes_of(unknown, former) == {"data": change, "all": change}
    assert causes_of(former, unknown) == {"data": -change, "all": -change}


def test_what_classes_accept_and_another_rule_set_are_changes_of_the_rules(former: Run) -> None:
    braver = run_of({"accepted_stress_0_3": 2})
    change = round(100.0 * (3 + 2) / 34, 6)  # h2's and h4's youngest
    assert causes_of(former, braver) == {"rules": change, "all": change}
    stricter = run_of({"rules": "bna-2026"})
    change = round(-100.0 * 5 / 34, 6)
    assert causes_of(former, stricter) == {"rules": change, "all": change}


def test_pupils_who_move_are_a_change_of_the_pupils(former: Run) -> None:
    homes = HOMES | {"h1": ((150, 0), {"pupils_0_3": 10})}  # six more with a low-stress route
    change = round(100.0 * (15 / 40 - 9 / 34), 6)
    assert causes_of(former, run_of(addresses=addresses(homes))) == {"pupils": change, "all": change}


def test_everything_at_once_adds_up(former: Run) -> None:
    homes = HOMES | {"h1": ((150, 0), {"pupils_0_3": 10}), "h9": ((500, 0), {"pupils_4_6": 7})}
    present = run_of(
        {"rules": "bna-2026"},
        roads=roads(hovedgade={"aadt": None}, landevej={"facility": "track"}),
        addresses=addresses(homes),
        crossings=crossing("signal"),
    )
    found = causes_of(former, present)
    assert set(found) >= {"pupils", "network", "rules", "all"}


def test_runs_with_other_detour_limits_are_not_compared(former: Run) -> None:
    with pytest.raises(MethodError, match="detour_max"):
        decompose(former, run_of({"detour_max": 1.5}))
    with pytest.raises(MethodError, match="no rule set"):
        Run.of(former.trips.assign(rules="furth-1.0"))


def test_the_table_of_a_former_run_is_a_layer_and_gives_the_change_in_the_result(former: Run, tmp_path: Path) -> None:
    """The planner lays ``trips.parquet`` into ``data/`` under the name that the layer file says."""
    project = read_project(shipped_root())
    source = project.layers["school_trips_before"].source.kept
    assert source is not None
    (tmp_path / "data").mkdir()
    write_table(tmp_path / source.path, former.trips, metadata={})
    kept = Catalog(project, out=tmp_path, data="kept").read("school_trips_before")
    assert kept.provenance.notes == ()
    present = village(crossings=crossing("signal"), before=kept.data)
    outcome = verified(METHOD, school_routes(present))
    change = outcome.tables["change"].set_index("cause")
    assert change.loc["network", "change_points"] == pytest.approx(100.0 * 10 / 34)
    assert change.loc["all", ["from_pct", "to_pct"]].tolist() == pytest.approx([100.0 * 10 / 34, 100.0 * 20 / 34])
    assert outcome.indicators["change_points"] == pytest.approx(100.0 * 10 / 34)
    assert outcome.indicators["accepted_pct"] == pytest.approx(change.loc["all", "to_pct"])


def test_a_former_run_that_cannot_be_compared_is_said_and_the_rest_answered(former: Run) -> None:
    for odd in (former.trips.assign(detour_max=1.5), former.trips.assign(rules="furth-1.0")):
        outcome = verified(METHOD, school_routes(village(before=gpd.GeoDataFrame(odd))))
        assert len(outcome.tables["change"]) == 0
        assert outcome.indicators["change_points"] is None
        assert any("ændringen siges ikke" in note["da"] for note in outcome.notes)


def test_parts_of_pupils_reckoned_from_dwellings_are_not_rounded_away() -> None:
    homes = addresses().drop(columns=[f"pupils_{level}" for level in LEVELS])
    rates = {f"pupils_a_dwelling_{level}": 0.7 for level in LEVELS}
    before = school_routes(village(rates, addresses=homes)).tables["trips"]
    assert before["pupils_exact"].unique().tolist() == [0.7]
    outcome = verified(METHOD, school_routes(village(rates, addresses=homes, before=before)))
    whole = outcome.tables["change"].set_index("cause").loc["all"]
    assert whole["to_pct"] == pytest.approx(outcome.indicators["accepted_pct"])


def test_a_former_run_without_pupils_is_not_compared(former: Run) -> None:
    nobody = gpd.GeoDataFrame(former.trips.assign(pupils_exact=0.0))
    outcome = verified(METHOD, school_routes(village(before=nobody)))
    assert outcome.indicators["change_points"] is None
    assert outcome.indicators["accepted_pct"] is not None
