"""By the shipped layer files alone: what can be computed with open sources, and what with keys; no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballerup_geo import methods
from ballerup_geo.catalog import choose_source
from ballerup_geo.errors import Fault
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.sources import Keys
from ballerup_geo.sources.osm._feature import feature_named
from ballerup_geo.spec import Service
from ballerup_geo.spec.sources import DatafordelerSource, FactsSource, OgcSource, OsmSource, StatbankSource

PROJECT = read_project(shipped_root())
KEYS = Keys({"BALLERUP_GEO_DATAFORDELER_KEY": "k", "BALLERUP_GEO_DATAFORSYNINGEN_TOKEN": "k"})
FIVE = {"rainwater", "heating", "school_routes", "charging", "trees"}
OWN_CODE = {
    "addresses": {"building_id", "dwellings"},
    "car_areas": {"year"},
}
"""Columns that a connector works out rather than maps: each has a test of its own where the connector is tested."""


def delivered(layer: str, source: Service) -> set[str]:
    """The columns that a source gives, as its file says."""
    if isinstance(source, FactsSource):
        return set(PROJECT.layers[layer].columns)
    found = {*source.columns, *source.constants, *([source.number] if source.number else [])}
    if isinstance(source, OgcSource):
        found |= (
            set.intersection(*({*part.columns, *part.constants} for part in source.parts)) if source.parts else set()
        )
    if isinstance(source, DatafordelerSource):
        found |= source.filled.keys()
    if isinstance(source, OsmSource):
        feature = feature_named(source.feature)
        found |= {feature.identifier, *(column.name for column in feature.columns)}
    if isinstance(source, OsmSource | StatbankSource):
        found |= OWN_CODE.get(layer, set())
    return found


def waiting(analysis: str, keys: Keys, *, open_only: bool) -> list[str]:
    """What an analysis cannot do without and would not have: layers, columns, results of others."""
    content = PROJECT.analyses[analysis]
    missing = []
    for wanted in methods.get_method(content.method).inputs:
        choice = content.inputs.get(wanted.name)
        if not wanted.required or choice is None:
            continue
        if choice.layer is None:
            missing += waiting(str(choice.result), keys, open_only=open_only)
            continue
        source = choose_source(choice.layer, PROJECT.layers[choice.layer], keys, open_only=open_only)
        if isinstance(source, Fault):
            missing.append(choice.layer)
        else:
            lacking = set(wanted.columns) - delivered(choice.layer, source.source)
            missing += [f"{choice.layer}.{column}" for column in sorted(lacking)]
    return missing


@pytest.mark.parametrize("analysis", ["school_routes", "charging"])
def test_day_one_needs_no_key(analysis: str) -> None:
    assert waiting(analysis, Keys({}), open_only=True) == []


@pytest.mark.parametrize("analysis", sorted(FIVE))
def test_with_keys_all_five_have_what_they_need(analysis: str) -> None:
    assert waiting(analysis, KEYS, open_only=False) == []


def test_the_test_can_fail() -> None:
    """Without keys heating lacks what no map tells, and rainwater its terrain."""
    heating = waiting("heating", Keys({}), open_only=True)
    assert {"buildings.heating_installation", "buildings.dwelling_area_m2"} <= set(heating)
    assert waiting("rainwater", Keys({}), open_only=True) == ["terrain"]
    assert "parcels" in waiting("trees", Keys({}), open_only=True)


def test_every_layer_has_a_real_source_or_says_whose_register_it_is() -> None:
    without = {name for name, layer in PROJECT.layers.items() if not layer.source.fetch and layer.source.own is None}
    both = {name for name, layer in PROJECT.layers.items() if layer.source.fetch and layer.source.own is not None}
    assert (without, both) == (set(), set())
    for name, layer in PROJECT.layers.items():
        if layer.source.own is not None:
            assert layer.source.kept is not None, f"{name}: no place for the file"
            assert layer.required_columns, name
            assert len({layer.source.own.note.da, layer.source.own.note.en}) == 2


def test_no_two_own_registers_share_a_place() -> None:
    places = [layer.source.kept.path for layer in PROJECT.layers.values() if layer.source.kept is not None]
    assert len(places) == len(set(places))
    assert {Path(place).stem for place in places} <= PROJECT.layers.keys()
