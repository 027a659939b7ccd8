"""The climate plan's targets that a map can answer, as the analysis files hold them: none missing, none twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.spec import Target

PLAN = Path(__file__).resolve().parents[2] / "shared" / "reference" / "climate-plan.md"
END = 2030  # of the plan: the year of what it gives none
# words of the plan's row → analysis, id, kind, asked, unit, year, leg
MARKED = {
    "local plans secure climate-friendly": [("lokalplan", "climate_in_local_plans_2023", "registered", None, 2023, 1)],
    "already approved district-heating areas": [
        ("heating", "approved_areas_converted_2030", "measured", (0.0, "1", "at_most"), 2030, 3)
    ],
    "oil and natural gas for space heating phased out": [  # stands twice in the plan: two indicators
        ("heating", "fossil_phase_out_2030", "measured", (0.0, "1", "at_most"), 2030, 3),
        ("heating", "municipal_fossil_phase_out_2030", "measured", (0.0, "1", "at_most"), 2030, 3),
    ],
    "all heating CO2-neutral": [("heating", "co2_neutral_heat_2030", "not_mapped", None, 2030, 3)],
    "potential for solar plants": [("lokalplan", "solar_potential_2023", "not_mapped", None, 2023, 3)],
    "first energy communities": [("heating", "energy_communities_2025", "registered", None, 2025, 3)],
    "about 25 % of the cars": [("charging", "charging_2030", "measured", (100.0, "%", "at_least"), 2030, 4)],
    "chargers for the municipal fleet": [
        ("charging", "fleet_chargers_2025", "measured", (125.0, "1", "at_least"), 2025, 4)
    ],
    "chargers on the shared parking areas": [("charging", "shared_parking_chargers_2030", "measured", None, END, 4)],
    "shared-mobility offers at the S-train": [("charging", "shared_mobility_2024", "registered", None, 2024, 4)],
    "car-sharing on housing associations'": [("charging", "car_sharing_2025", "registered", None, 2025, 4)],
    "cycle paths to the schools must be safe": [("school_routes", "school_paths_2023", "measured", None, 2023, 4)],
    "trees planted in private gardens": [
        ("trees", "trees_20000_2030", "measured", (20000.0, "1", "at_least"), 2030, 6)
    ],
    "new forest, or living hedges": [("trees", "native_forest_2030", "registered", None, 2030, 6)],
    "surface water to Værebro Å": [("rainwater", "vaerebro_aa_2024", "registered", None, 2024, 6)],
    "adaptation in place at Sømose Å": [("rainwater", "soemose_aa_2026", "registered", None, 2026, 6)],
    "adaptation in place at Ejby Vænge": [("rainwater", "ejby_vaenge_2028", "registered", None, 2028, 6)],
    "a climate park": [("rainwater", "climate_park_2030", "registered", None, 2030, 6)],
    "low-lying soils": [("rainwater", "low_lying_soils_2024", "registered", None, 2024, 6)],
    "drought and heatwave": [("rainwater", "drought_heat_overview_2023", "not_mapped", None, 2023, 6)],
    "in all urban development and construction": [
        ("rainwater", "adaptation_in_projects_2023", "registered", None, 2023, 6)
    ],
}
BESIDE = {"climate_assessed_decisions_2024", "process_heat_2035", "walk_cycle_short_trips_2023"}
"""Targets of the plan that its table does not mark and that stand here all the same."""


@pytest.fixture(scope="module")
def shipped() -> dict[tuple[str, str], Target]:
    project = read_project(shipped_root())
    return {(name, each.id): each for name, analysis in project.analyses.items() for each in analysis.targets}


def test_each_target_that_a_map_can_answer_stands_as_the_plan_says(shipped: dict[tuple[str, str], Target]) -> None:
    seen = set()
    for analysis, name, kind, asked, year, leg in (row for rows in MARKED.values() for row in rows):
        target = shipped[analysis, name]
        seen.add(name)
        found = None if target.value is None else (target.value, target.unit, target.direction)
        assert (target.kind, found, target.year) == (kind, asked, year), name
        assert re.match(rf"ben {leg} \w", target.section), name
        assert target.source.startswith(f"Ballerup Klimapolitik 2023-2030, ben {leg}"), name
        assert (target.indicator is None) == (kind != "measured"), name
    assert {name for _, name in shipped} == seen | BESIDE
    assert len(shipped) == len(seen) + len(BESIDE) == 25  # none stands in two analyses


def test_no_row_that_the_plans_table_marks_is_missing(shipped: dict[tuple[str, str], Target]) -> None:
    if not PLAN.is_file():
        pytest.skip("the reference table is not beside the checkout")
    cells = [line.split("|")[1] for line in PLAN.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    marks = [mark for cell in cells if "◆" in cell for mark in cell.split("◆")[:-1]]
    assert len(marks) == len(MARKED) == 21
    for mark in marks:
        assert len([words for words in MARKED if words in mark]) == 1, mark
