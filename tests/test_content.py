"""The shipped content: every file loads, every value has unit and source, and the editors' schemas accept it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from ballerup_geo.methods import METHOD_IDS, get_method
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.spec.codelists import codes_of, register_codes
from ballerup_geo.spec.schema import schemas

ROOT = shipped_root()
FILES = {
    kind: sorted((ROOT / folder).glob("*.toml"))
    for kind, folder in (("layer", "layers"), ("analysis", "analyses"), ("map", "maps"))
}
SPINE_LAYERS = {
    *("municipality", "neighbours", "terrain", "recipients", "streams", "lakes", "land_cover", "culverts"),
    *("roads", "buildings", "addresses", "parcels", "stations", "schools", "places"),
}
RAIN_LAYERS = {
    *("measures", "rain_events", "green_areas", "sewer_areas", "basins", "critical_functions", "ground_conflicts"),
}
OFFICIAL = {"heat_duties", "hedges", "municipal_frames", "lavbund", "energy_labels"}
"""Official maps and words on buildings that the model must not invent."""
FORMER = {"school_trips_before"}
"""Results of former runs: a municipality that does not exist has none."""
KEPT_BY_HAND = {"planting_ledger", "deeds", "dug_lines", "solar_roofs"}
"""What was done and what was asked for, by the municipality's own lists: invented rows would count as checked."""
FIGURES = {"climate", "climate_grid", "dwellings_by_heating", "residents_by_age"}
"""Official figures that others are held against: an invented figure holds nothing."""


def test_how_many_files_are_looked_at() -> None:
    least = {"layer": 23, "analysis": 1, "map": 2}
    assert all(len(FILES[kind]) >= number for kind, number in least.items())


def test_the_model_makes_every_layer_but_official_maps_and_what_was_done_before() -> None:
    layers = read_project(ROOT).layers
    assert layers.keys() >= SPINE_LAYERS | RAIN_LAYERS | OFFICIAL
    unmodelled = {name for name, layer in layers.items() if layer.source.model is None}
    assert unmodelled == OFFICIAL | FORMER | KEPT_BY_HAND | FIGURES


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, path) for kind, paths in FILES.items() for path in paths],
    ids=lambda x: getattr(x, "stem", x),
)
def test_the_schema_accepts_what_the_model_accepts(kind: str, path: Path) -> None:
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schemas()[kind])


def test_every_assumption_and_target_says_who_says_so() -> None:
    analyses = read_project(ROOT).analyses
    values = [value for analysis in analyses.values() for value in analysis.assumptions.values()]
    targets = [target for analysis in analyses.values() for target in analysis.targets]
    assert len(values) >= 3
    assert len(targets) >= 4
    assert all(value.unit and value.source for value in values)
    assert all("Klimapolitik 2023-2030" in target.source for target in targets)


def test_every_method_module_declares_itself() -> None:
    for method_id in METHOD_IDS:
        method = get_method(method_id)
        assert method.id == method_id
        assert {"da", "en"} == set(method.summary)
        assert all(column.da and column.en for table in method.tables for column in table.columns)


def test_code_lists_are_complete_and_in_two_languages() -> None:
    sizes = {name: len(register_codes(name)) for name in ("bbr_021", "bbr_056", "bbr_057", "bbr_058")}
    assert sizes["bbr_021"] >= 100
    assert (sizes["bbr_056"], sizes["bbr_057"], sizes["bbr_058"]) == (9, 7, 11)
    layers = read_project(ROOT).layers
    listed = [codes for layer in layers.values() for column in layer.columns.values() if (codes := codes_of(column))]
    assert len(listed) >= 15
    assert all(meaning.da and meaning.en for codes in listed for meaning in codes.values())


def test_content_holds_facts_and_no_logic() -> None:
    """No template marks, no expressions; no addresses in the shipped content but those that fetch asks."""
    for paths in FILES.values():
        for path in paths:
            text = re.sub(r'(?m)^url = "https://[^"?]+"$', "", path.read_text(encoding="utf-8"))  # whom fetch asks
            assert not re.search(r"\{\{|\{%|\$\{|https?://", text), path
