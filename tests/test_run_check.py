# ruff: noqa: E501  (each message stands in one piece)
"""`check` compares every content file with what methods declare; each fault says where, what and what to do."""

import pytest
import step_maker
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


def test_the_same_tonnes_are_counted_by_one_effect_on_co2(toy):
    effect = {"title": TEXT, "base": "account", "why": TEXT, "effect": "total_m2"}
    effects = [{**effect, "id": "a", "counted": True}, {**effect, "id": "b", "counted": True}]
    add_analyses(toy, areas={"climate_effects": effects})
    twice = 'analyses/areas.toml: climate_effects (b): takes the tonnes of "total_m2", which effect a counts already → set counted = false in one of the two'
    assert said(toy)[0] != twice
    assert twice in said(toy)
    add_analyses(toy, areas={"climate_effects": [effects[0], {**effects[1], "counted": False}]})
    assert twice not in said(toy)
    assert len(said(toy)) == 2  # only the unit, which is no mass, of each


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


# ---------------------------------------------------------------- rasters, sliders, terrain questions


@pytest.fixture
def storms(maker, monkeypatch):
    monkeypatch.setattr("ballerup_geo.methods.get_method", step_maker.get_method)
    maker.analysis("storms", method="storms", inputs={})
    return maker


def test_a_map_with_steps_is_in_order(storms):
    storms.map("wet", **step_maker.storm_map())
    assert said(storms) == []


def test_rasters_sliders_and_tables_must_exist(storms):
    categories = [{"value": "wet", "colour": "#aabbcc", "label": TEXT}]
    words = {"kind": "categories", "column": "value", "categories": categories}
    layers = [
        {**step_maker.DEPTH, "raster": "deph"},
        {**step_maker.DEPTH, "id": "other", "result": "storm"},
        {**step_maker.DEPTH, "id": "kinds", "raster": "ground", "style": words},
        {**step_maker.ROADS, "from_step": "cut_from"},
    ]
    slider = {**step_maker.SLIDER, "value": "rain", "label": [{"column": "nam"}]}
    table = step_maker.TABLES[0]
    tables = [
        {**table, "table": "volume"},
        {**table, "result": "storm"},
        {**table, "step_column": "event", "fields": [{"column": "m3"}], "sort": "navn"},
        {**table, "step_column": "volume_m3"},
        {**table, "table": "homes"},
    ]
    storms.map("wrong", **step_maker.storm_map(layers=layers, slider=slider, tables=tables))
    columns = "use one of: event_id, name, volume_m3"
    assert set(said(storms)) == {
        'maps/wrong.toml: slider.label.0: there is no column "nam" → did you mean "name"?',
        'maps/wrong.toml: slider.value: there is no column "rain" → did you mean "rain_mm"?',
        'maps/wrong.toml: layers.0 (depth).raster: result "storms" has no raster "deph" → did you mean "depth"?',
        'maps/wrong.toml: layers.1 (other).result: the project has no analysis "storm" → did you mean "storms"?',
        'maps/wrong.toml: layers.2 (kinds).style.categories.0: cells are numbers, and "wet" is a text → '
        "write the number that the raster holds",
        'maps/wrong.toml: layers.3 (roads).from_step: there is no column "cut_from" → did you mean "cut_from_mm"?',
        'maps/wrong.toml: tables.0.table: result "storms" has no table "volume" → did you mean "volumes"?',
        'maps/wrong.toml: tables.1.result: the project has no analysis "storm" → did you mean "storms"?',
        f'maps/wrong.toml: tables.2.fields.0: table "volumes" has no column "m3" → {columns}',
        f'maps/wrong.toml: tables.2.sort: table "volumes" has no column "navn" → {columns}',
        'maps/wrong.toml: tables.2.step_column: table "volumes" has no column "event" → did you mean "event_id"?',
        'maps/wrong.toml: tables.2.step_column: the slider\'s table "events" has no column "event" → '
        'did you mean "event_id"?',
        'maps/wrong.toml: tables.3.step_column: the slider\'s table "events" has no column "volume_m3" → '
        "use one of: event_id, name, rain_mm",
        'maps/wrong.toml: tables.4.table: table "homes" tells about single homes, which are not published → '
        "show a table that aggregates them",
    }


@pytest.mark.parametrize("slider", [None, {**step_maker.SLIDER, "table": "volumes", "label": [{"column": "name"}]}])
def test_a_raster_for_each_row_needs_the_slider_of_those_rows(storms, slider):
    if slider is not None:
        slider = {key: value for key, value in slider.items() if key != "value"}
    storms.map("wrong", **step_maker.storm_map(layers=[step_maker.DEPTH], slider=slider, tables=None))
    assert said(storms) == [
        'maps/wrong.toml: layers.0 (depth).raster: there is a raster "depth" for each row of "events", and no slider '
        'steps through them → give the map [slider] with result = "storms" and table = "events"'
    ]


def test_a_slider_of_nothing_is_named(storms):
    slider = {**step_maker.SLIDER, "table": "event"}
    storms.map("wrong", **step_maker.storm_map(layers=[step_maker.ROADS], slider=slider, tables=None))
    assert said(storms) == [
        'maps/wrong.toml: slider.table: result "storms" has no table "event" → did you mean "events"?'
    ]


def test_terrain_questions_name_what_there_is(storms):
    flow = {
        **{"title": TEXT, "result": "storms", "height": "groud", "directions": "ground", "basins": "ground"},
        **{"outlets": "out", "nodes": "node", "recipients": "events", "loss": "loss_mm", "most_mm": 150.0},
    }
    storms.map("wrong", layers=[step_maker.GROUND], flow=flow)
    storms.map("other", layers=[step_maker.GROUND], flow={**flow, "result": "storm"})
    assert set(said(storms)) == {
        'maps/other.toml: flow.result: the project has no analysis "storm" → did you mean "storms"?',
        'maps/wrong.toml: flow.height: result "storms" has no raster "groud" → did you mean "ground"?',
        'maps/wrong.toml: flow.outlets: result "storms" has no raster "out" → use one of: depth, ground',
        'maps/wrong.toml: flow.nodes: result "storms" has no table "node" → use one of: events, homes, roads, volumes',
        'maps/wrong.toml: flow.loss: analysis "storms" has no assumption "loss_mm" → there is none to choose from',
    }


def test_printed_sheets_name_what_there_is(toy):
    made = {"id": "areas", "title": TEXT, "result": "areas", "table": "areas", "style": STYLE}
    picture = {"title": TEXT, "around": ["lakes", "laks"], "table": "areaz", "of": "id"}
    picture["style"] = {
        "kind": "categories",
        "column": "id",
        "categories": [{"value": "a", "colour": "#000000", "label": TEXT}],
    }
    sheets = {
        "title": TEXT,
        "lead": TEXT,
        "intro": TEXT,
        "result": "areas",
        "table": "areas",
        "name": "idd",
        "parts": [{"title": TEXT, "fields": [{"column": "area_m3"}]}],
        "picture": picture,
    }
    toy.map("areas", analysis="areas", layers=[made], handouts=sheets)
    assert said(toy) == [
        'maps/areas.toml: handouts.name: there is no column "idd" → did you mean "id"?',
        'maps/areas.toml: handouts.parts.0.fields.0: there is no column "area_m3" → did you mean "area_m2"?',
        'maps/areas.toml: handouts.picture.around.1: the project has no layer "laks" → did you mean "lakes"?',
        'maps/areas.toml: handouts.picture.table: result "areas" has no table "areaz" → did you mean "areas"?',
    ]
