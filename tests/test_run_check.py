# ruff: noqa: E501  (each message stands in one piece)
"""`check` compares every content file with what methods declare; each fault says where, what and what to do."""

import pytest
from project_maker import TEXT
from toy_methods import ASSUMPTIONS, add_analyses, assumption

from ballerup_geo.run import check

POLYGON = {"lakes": {"layer": "lakes"}}
STYLE = {"kind": "single"}


def said(maker):
    return [str(fault) for fault in check(maker.project())]


def test_good_project_has_no_fault(toy):
    shown = {"id": "lakes", "title": TEXT, "layer": "lakes", "name": "id", "style": STYLE}
    made = {
        "id": "areas",
        "title": TEXT,
        "result": "areas",
        "table": "areas",
        "style": STYLE,
        "fields": [{"column": "area_m2"}],
    }
    table = {"map_layer": "areas", "caption": TEXT, "fields": [{"column": "id"}], "sort": "area_m2"}
    headline = {"analysis": "areas", "indicator": "total_m2"}
    toy.map("areas", analysis="areas", headlines=[headline], layers=[shown, made], tables=[table])
    assert said(toy) == []


def test_an_unknown_method_hides_no_unknown_layer(toy):
    toy.analysis("odd", method="araes", inputs={"lakes": {"layer": "laks"}}, assumptions={})
    assert said(toy) == [
        'analyses/odd.toml: inputs.lakes: the project has no layer "laks" → did you mean "lakes"?',
        'analyses/odd.toml: method: there is no method "araes" → did you mean "areas"?',
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"method": "araes"},
            'analyses/areas.toml: method: there is no method "araes" → did you mean "areas"?',
        ),
        (
            {"inputs": {}},
            'analyses/areas.toml: inputs.lakes: missing: method areas needs this input (polygon) → add: lakes = { layer = "…" }',
        ),
        (
            {"inputs": {**POLYGON, "laeks": {"layer": "lakes"}}},
            'analyses/areas.toml: inputs.laeks: method areas has no such input → did you mean "lakes"?',
        ),
        (
            {"inputs": {"lakes": {"layer": "laks"}}},
            'analyses/areas.toml: inputs.lakes: the project has no layer "laks" → did you mean "lakes"?',
        ),
        (
            {"inputs": {"lakes": {"layer": "places"}}},
            'analyses/areas.toml: inputs.lakes: layer "places" is point, method areas reads polygon → name another layer',
        ),
        (
            {"inputs": {"lakes": {"layer": "municipality"}}},
            'layers/municipality.toml: columns.id: method areas reads column "id", which the layer does not have → '
            "add [columns.id] and deliver it from the file data/municipality.gpkg",
        ),
        (
            {"inputs": {"lakes": {"result": "area", "table": "areas"}}},
            'analyses/areas.toml: inputs.lakes: the project has no analysis "area" → did you mean "areas"?',
        ),
        (
            {"assumptions": {key: ASSUMPTIONS[key] for key in ("mode", "rounds")}},
            "analyses/areas.toml: assumptions.factor: missing: method areas needs this assumption → "
            'add [assumptions.factor] with value, unit = "1", source and title',
        ),
        (
            {"assumptions": {**ASSUMPTIONS, "facter": assumption(1)}},
            'analyses/areas.toml: assumptions.facter: method areas has no such assumption → did you mean "factor"?',
        ),
        (
            {"assumptions": {**ASSUMPTIONS, "factor": assumption(1, "%")}},
            'analyses/areas.toml: assumptions.factor.unit: the unit is "%", the method reckons in "1" → give the value in "1"',
        ),
        (
            {"assumptions": {**ASSUMPTIONS, "factor": assumption("one")}},
            "analyses/areas.toml: assumptions.factor.value: 'one' is not a number → write a number",
        ),
        (
            {"assumptions": {**ASSUMPTIONS, "factor": assumption(True)}},
            "analyses/areas.toml: assumptions.factor.value: True is not a number → write a number",
        ),
        (
            {"assumptions": {**ASSUMPTIONS, "rounds": assumption(2.5)}},
            "analyses/areas.toml: assumptions.rounds.value: 2.5 is not a whole number → write a whole number",
        ),
        (
            {"assumptions": {**ASSUMPTIONS, "factor": assumption(11.0)}},
            "analyses/areas.toml: assumptions.factor.value: 11 lies above 10 → give a smaller value",
        ),
        (
            {"assumptions": {**ASSUMPTIONS, "mode": assumption("plian", "-")}},
            "analyses/areas.toml: assumptions.mode.value: 'plian' is not allowed here → did you mean \"plain\"?",
        ),
        (
            {"expectations": {"totl_m2": {"minimum": 1.0, "why": TEXT}}},
            'analyses/areas.toml: expectations.totl_m2: method areas has no such indicator → did you mean "total_m2"?',
        ),
    ],
)
def test_each_fault_of_an_analysis(toy, changed, expected):
    add_analyses(toy, areas=changed)
    assert expected in said(toy)


def test_targets_name_an_indicator_in_its_unit(toy):
    target = {"title": TEXT, "year": 2030, "section": "1", "source": "plan", "kind": "measured"}
    targets = [
        {**target, "id": "a", "indicator": "total", "value": 1.0, "unit": "m²"},
        {**target, "id": "a", "indicator": "total_m2", "value": 1.0, "unit": "ha"},
    ]
    add_analyses(toy, areas={"targets": targets})
    assert said(toy) == [
        'analyses/areas.toml: targets.0 (a).indicator: method areas has no indicator "total" → did you mean "total_m2"?',
        "analyses/areas.toml: targets.1 (a): another target has the same id → give each its own",
        'analyses/areas.toml: targets.1 (a).unit: the unit is "ha", the indicator\'s "m²" → give the value in "m²"',
    ]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (
            {"result": "areas", "table": "aeras"},
            'inputs.areas.table: result "areas" has no table "aeras" → did you mean "areas"?',
        ),
        (
            {"result": "areas", "raster": "dry"},
            'inputs.areas.raster: result "areas" has no raster "dry" → use one of: wet',
        ),
        (
            {"result": "areas", "raster": "wet"},
            "inputs.areas: is a raster, the method reads polygon → name a table of the result",
        ),
    ],
)
def test_input_from_a_result_must_be_declared_by_it(toy, choice, expected):
    add_analyses(toy, doubled={"inputs": {"areas": choice}})
    assert said(toy) == [f"analyses/doubled.toml: {expected}"]


def test_circle_is_named(toy):
    add_analyses(toy, areas={"inputs": {"lakes": {"result": "doubled", "table": "twice"}}})
    (circle,) = [line for line in said(toy) if "circle" in line]
    assert "analyses need each other in a circle: " in circle
    assert "areas → doubled → areas" in circle or "doubled → areas → doubled" in circle


def test_everything_a_map_names_must_exist(toy):
    layers = [
        {"id": "a", "title": TEXT, "layer": "laeks", "style": STYLE},
        {
            "id": "b",
            "title": TEXT,
            "layer": "lakes",
            "name": "navn",
            "style": {
                **STYLE,
                "kind": "categories",
                "column": "di",
                "categories": [{"value": "x", "colour": "#aabbcc", "label": TEXT}],
            },
        },
        {"id": "c", "title": TEXT, "result": "ares", "table": "areas", "style": STYLE},
        {"id": "d", "title": TEXT, "result": "areas", "table": "area", "style": STYLE},
        {"id": "e", "title": TEXT, "result": "doubled", "table": "twice", "style": STYLE},
        {"id": "f", "title": TEXT, "result": "areas", "table": "areas", "style": STYLE, "labels": "area"},
    ]
    headlines = [{"analysis": "areas", "indicator": "totl_m2"}, {"analysis": "trees", "indicator": "x"}]
    tables = [{"map_layer": "f", "caption": TEXT, "fields": [{"column": "ids"}], "sort": "area"}]
    toy.map("wrong", analysis="araes", headlines=headlines, layers=layers, tables=tables)
    assert said(toy) == [
        'maps/wrong.toml: analysis: the project has no analysis "araes" → did you mean "areas"?',
        'maps/wrong.toml: headlines.0.indicator: analysis "areas" has no indicator "totl_m2" → did you mean "total_m2"?',
        'maps/wrong.toml: headlines.1.analysis: the project has no analysis "trees" → did you mean "areas"?',
        'maps/wrong.toml: layers.0 (a).layer: the project has no layer "laeks" → did you mean "lakes"?',
        'maps/wrong.toml: layers.1 (b).name: there is no column "navn" → use one of: id',
        'maps/wrong.toml: layers.1 (b).style.column: there is no column "di" → use one of: id',
        'maps/wrong.toml: layers.2 (c).result: the project has no analysis "ares" → did you mean "areas"?',
        'maps/wrong.toml: layers.3 (d).table: result "areas" has no table "area" → did you mean "areas"?',
        'maps/wrong.toml: layers.4 (e).table: table "twice" has no geometry, and a map draws features → '
        "show a table of points, lines or polygons",
        'maps/wrong.toml: layers.5 (f).labels: there is no column "area" → did you mean "area_m2"?',
        'maps/wrong.toml: tables.0.fields.0: map layer "f" has no column "ids" → did you mean "id"?',
        'maps/wrong.toml: tables.0.sort: map layer "f" has no column "area" → did you mean "area_m2"?',
    ]


def test_category_must_be_in_the_code_list(toy):
    columns = {"kind": {"type": "text", "codes": {"road": TEXT, "path": TEXT}}}
    toy.layer("roads", geometry="line", columns=columns)
    category = {"value": "raod", "colour": "#aabbcc", "label": TEXT}
    style = {"kind": "categories", "column": "kind", "categories": [category]}
    toy.map("roads", layers=[{"id": "roads", "title": TEXT, "layer": "roads", "style": style}])
    assert said(toy) == [
        'maps/roads.toml: layers.0 (roads).style.categories.0: column "kind" has no value "raod" → did you mean "road"?'
    ]
