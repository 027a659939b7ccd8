"""OpenStreetMap: tags mean the same whatever file they come in, and what is broken or unknown is said."""

import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from osm_maker import as_json, as_pbf, as_xml, ways_of
from project_maker import TEXT

from ballerup_geo import sources
from ballerup_geo.errors import SourceError
from ballerup_geo.project import read_project
from ballerup_geo.sources import Request
from ballerup_geo.sources.osm._columns import Unread
from ballerup_geo.sources.osm._cover import apart
from ballerup_geo.sources.osm._feature import FEATURES, feature_named
from ballerup_geo.sources.osm._query import overpass_query
from ballerup_geo.spec import FileSource
from ballerup_geo.spec.codelists import codes_of

PROJECT = read_project(Path(__file__).parent.parent)
LAYERS = {"municipalities": "neighbours"}
"""Features that are not called like their layer."""


def read(path, feature, layer=None):
    """The delivery of a feature from a file that a planner points at."""
    source = FileSource(kind="file", path=str(path), feature=feature, licence="ODbL 1.0", attribution=TEXT)
    layer = PROJECT.layers[layer or LAYERS.get(feature, feature)]
    asked = Request(feature, layer, Path("/"), 2.0, None, lambda label, share: None)
    return sources.read_source(source, asked)


def road(tmp_path, **tags):
    """The row of one way; ``cycleway__right`` is the key cycleway:right."""
    written = {key.replace("__", ":"): value for key, value in tags.items()}
    delivery = read(as_json(tmp_path / "a.json", ways_of({1: {"highway": "tertiary"} | written})), "roads")
    return delivery.data.iloc[0], delivery.notes


# ---------------------------------------------------------------- roads


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({"cycleway": "track"}, "track", "track"),
        ({"cycleway__both": "lane"}, "lane", "lane"),
        ({"cycleway__right": "track"}, "track", "mixed"),
        ({"cycleway__left": "lane", "cycleway__right": "no"}, "mixed", "lane"),
        ({"cycleway__right": "track", "cycleway__right__oneway": "no"}, "track", "track"),
        ({"cycleway__both": "lane", "parking__right": "lane"}, "lane_beside_parking", "lane"),
        ({"cycleway__both": "lane", "cycleway__both__lane": "advisory"}, "mixed", "mixed"),
        ({"cycleway": "separate"}, "track", "track"),
        ({"bicycle": "use_sidepath"}, "track", "track"),
        ({"highway": "residential"}, "mixed", "mixed"),
        ({}, None, None),
        ({"cycleway": "kangaroo"}, None, None),
        ({"highway": "cycleway"}, "path", "path"),
        ({"highway": "footway", "footway": "sidewalk", "bicycle": "yes"}, "track", "track"),
        ({"oneway": "yes", "cycleway": "lane"}, "lane", None),
        ({"oneway": "yes", "cycleway__right": "lane", "oneway__bicycle": "no"}, "lane", "mixed"),
        (
            {"oneway": "yes", "cycleway__left": "track", "cycleway__left__oneway": "-1", "oneway__bicycle": "no"},
            "mixed",
            "track",
        ),
        ({"oneway": "yes", "cycleway": "opposite_lane", "oneway__bicycle": "no"}, "mixed", "lane"),
    ],
)  # fmt: skip
def test_what_a_cyclist_meets_on_each_side(tmp_path, tags, forward, backward):
    row, _ = road(tmp_path, **tags)
    assert (row["facility_forward"], row["facility_backward"]) == (forward, backward)


@pytest.mark.parametrize(
    ("tags", "speed"),
    [
        ({"maxspeed": "40"}, 40),
        ({"maxspeed": "30 mph"}, 48),
        ({"maxspeed": "DK:urban"}, 50),
        ({"source__maxspeed": "DK:rural"}, 80),
        ({"maxspeed": "signals", "zone__maxspeed": "DK:30"}, 30),
        ({"maxspeed__forward": "50", "maxspeed__backward": "60"}, 60),
        ({"highway": "living_street"}, 15),
        ({"maxspeed": "50;30"}, None),
        ({"maxspeed": "walk"}, None),
        ({}, None),
    ],
)
def test_speed_limits(tmp_path, tags, speed):
    row, notes = road(tmp_path, **tags)
    assert row["speed_kmh"] == speed
    said = "\n".join(notes)
    bad = tags.get("maxspeed") in {"signals", "50;30", "walk"}
    assert ("tag maxspeed could not be read" in said) == bad


@pytest.mark.parametrize(
    ("tags", "column", "value"),
    [
        ({"lanes": "4"}, "lanes_per_direction", 2),
        ({"lanes": "3"}, "lanes_per_direction", 2),
        ({"lanes": "2", "oneway": "yes"}, "lanes_per_direction", 2),
        ({"lanes__forward": "1", "lanes__backward": "2"}, "lanes_per_direction", 2),
        ({"lanes": "many"}, "lanes_per_direction", None),
        ({"junction": "roundabout"}, "one_way", True),
        ({"oneway": "no"}, "one_way", False),
        ({"bridge": "yes", "layer": "2"}, "level", 2),
        ({"bridge": "yes"}, "level", 1),
        ({"tunnel": "yes"}, "level", -1),
        ({"layer": "1"}, "level", 0),
        ({"lit": "no"}, "lit", False),
        ({"lane_markings": "no"}, "centreline", False),
        ({"width": "5,5 m"}, "carriageway_m", 5.5),
        ({"highway": "unclassified"}, "class", "tertiary"),
        ({"highway": "motorway"}, "cycling_allowed", False),
        ({"motorroad": "yes"}, "cycling_allowed", False),
        ({"highway": "footway"}, "cycling_allowed", False),
        ({"highway": "footway", "bicycle": "designated"}, "cycling_allowed", True),
        ({"highway": "footway", "access": "yes"}, "cycling_allowed", False),
        ({"access": "private"}, "cycling_allowed", False),
        ({"access": "private", "bicycle": "permissive"}, "cycling_allowed", True),
        ({"foot": "no"}, "walking_allowed", False),
        ({"highway": "steps"}, "walking_allowed", True),
    ],
)
def test_other_columns_of_a_road(tmp_path, tags, column, value):
    assert road(tmp_path, **tags)[0][column] == value


def test_a_street_drawn_against_its_direction_is_turned_with_its_sides(tmp_path):
    row, _ = road(tmp_path, oneway="-1", cycleway__left="track", cycleway__right="no", oneway__bicycle="no")
    assert (row["one_way"], row["facility_forward"], row["facility_backward"]) == (True, "track", "mixed")
    first, last = row["geometry"].coords
    assert first[0] > last[0], "drawn from west to east, ridden from east to west"


# ---------------------------------------------------------------- other features


def test_crossings_say_their_control_and_no_more_than_is_tagged(tmp_path):
    tags = [
        {"highway": "crossing", "crossing": "traffic_signals", "crossing:island": "no"},
        {"highway": "crossing", "crossing": "uncontrolled", "crossing:island": "yes"},
        {"highway": "crossing", "crossing": "unmarked"},
        {"highway": "crossing"},
    ]
    nodes = [{"type": "node", "id": n, "lat": 55.73, "lon": 12.36, "tags": each} for n, each in enumerate(tags)]
    tunnel = ways_of({7: {"highway": "path", "tunnel": "yes"}})
    delivery = read(as_json(tmp_path / "a.json", nodes + tunnel), "crossings")
    found = delivery.data.set_index("crossing_id")
    assert found["control"].to_dict() == {"node/0": "signal", "node/1": "zebra", "node/2": "none", "way/7": "underpass"}
    assert found["island_m"].dropna().to_dict() == {"node/0": 0.0}, "how deep an island is, nobody has tagged"
    assert "1 of 5 have no tag that tells control and were left out" in delivery.notes
    assert found.geometry["way/7"].x == pytest.approx(12.3608)


@pytest.mark.parametrize(
    ("tags", "plugs", "power"),
    [
        ({"capacity": "4", "socket:type2": "4", "socket:type2:output": "11 kW"}, 4, 11.0),
        ({"socket:type2": "2", "socket:type2_combo": "1", "socket:type2_combo:output": "150 kW;50 kW"}, 3, 150.0),
        ({"socket:type2": "yes"}, 1, 22.0),
        ({"capacity": "2", "charging_station:output": "22000 W"}, 2, 22.0),
        ({"socket:schuko": "6"}, None, None),
        ({"capacity": "two", "socket:type2": "2"}, 2, 22.0),
        ({}, None, None),
    ],
)
def test_chargers_count_plugs_and_leave_out_what_nobody_knows(tmp_path, tags, plugs, power):
    node = {"type": "node", "id": 1, "lat": 55.73, "lon": 12.36, "tags": {"amenity": "charging_station"} | tags}
    delivery = read(as_json(tmp_path / "a.json", [node]), "chargers")
    if plugs is None:
        assert len(delivery.data) == 0
        assert any("left out" in note for note in delivery.notes)
    else:
        assert delivery.data[["plugs", "power_kw"]].to_numpy().tolist() == [[plugs, power]]
    usual = "socket:type2" in tags and not any("output" in key for key in tags)
    assert any("usual for the kind of plug" in note for note in delivery.notes) == usual


# ---------------------------------------------------------------- files


def test_json_xml_and_pbf_give_the_same(tmp_path):
    elements = ways_of({5: {"highway": "residential", "name": 'Åvej "nord" & <syd>'}, 3: {"highway": "cycleway"}})
    elements.sort(key=lambda element: (element["type"], element["id"]))
    files = [as_json(tmp_path / "a.json", elements), as_xml(tmp_path / "a.osm", elements)]
    files.append(as_pbf(tmp_path / "a.osm.pbf", elements))
    rows = [read(path, "roads").data for path in files]
    assert rows[0]["road_id"].tolist() == ["way/3", "way/5"]
    assert rows[0]["name"].tolist() == [None, 'Åvej "nord" & <syd>']
    for other in rows[1:]:
        assert other.drop(columns="geometry").equals(rows[0].drop(columns="geometry"))
        assert other.geometry.geom_equals_exact(rows[0].geometry, 1e-7).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.osm", "a.osm.pbf"], (
        "nothing is left beside"
    )


def test_elements_may_stand_in_any_order_and_bring_their_own_geometry(tmp_path):
    elements = ways_of({1: {"highway": "residential"}})[::-1]
    assert len(read(as_json(tmp_path / "a.json", elements), "roads").data) == 1
    way = {"type": "way", "id": 1, "nodes": [8, 9], "tags": {"highway": "path"}}
    way["geometry"] = [{"lat": 55.73, "lon": 12.36}, {"lat": 55.74, "lon": 12.37}]
    assert read(as_json(tmp_path / "b.json", [way]), "roads").data.geometry[0].coords[1] == (12.37, 55.74)


def test_ways_without_nodes_are_left_out_and_counted(tmp_path):
    elements = ways_of({1: {"highway": "residential"}, 2: {"highway": "residential"}})
    delivery = read(as_json(tmp_path / "a.json", elements[:-2] + elements[-1:]), "roads")
    assert delivery.data["road_id"].tolist() == ["way/1"]
    assert "1 of 2 ways lack nodes and were left out" in delivery.notes


LAUGHS = '<!DOCTYPE osm [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><osm version="0.6"><note>&b;</note></osm>'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", '{"elements": [], "remark": "runtime error: Query timed out"}', 'says "runtime error: Query timed'),
        ("a.json", '{"elements": [{"type": "node"', "is no whole Overpass answer"),
        ("a.json", '{"elements": [{"type": "node", "id": 1}]}', "is no whole Overpass answer"),
        ("a.osm", LAUGHS, "declares entities"),
        ("a.osm", "<osm><remark>runtime error: out of memory</remark></osm>", 'says "runtime error: out of memory"'),
        ("a.osm", '<osm><way id="1"/><node id="2" lat="1" lon="1"/></osm>', "has ways before their nodes"),
        ("a.osm", "<html>busy</html>", "does not begin like an OpenStreetMap file"),
        ("a.osm", '<osm><node id="1" lat="5', "cannot be read as OpenStreetMap data"),
        ("a.osm.pbf", "not a map", "cannot be read as OpenStreetMap data"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(SourceError, match=re.escape(said)):
        read(tmp_path / name, "roads")


def test_a_pbf_cut_short_and_an_unknown_feature_are_refused(tmp_path):
    whole = as_pbf(tmp_path / "a.osm.pbf", ways_of({1: {"highway": "path"}}))
    whole.write_bytes(whole.read_bytes()[:-9])
    with pytest.raises(SourceError, match=r"a\.osm\.pbf cannot be read as OpenStreetMap data"):
        read(whole, "roads")
    with pytest.raises(SourceError, match=r'not read for "raods" → did you mean "roads"\?'):
        read(whole, "raods", "roads")
    with pytest.raises(SourceError, match="roads of OpenStreetMap are line features, and the layer wants point"):
        read(whole, "roads", "schools")


# ---------------------------------------------------------------- land cover


def test_each_piece_of_ground_has_the_cover_that_goes_first():
    """A house in a wood in a field, all of it under a second field: 1, 8, 55 and 36 of 100 squares."""
    boxes = [("field", 0, 8), ("field", 0, 10), ("forest", 0, 3), ("roof", 1, 2), (None, 0, 1)]
    covers, shapes = [cover for cover, _, _ in boxes], [shapely.box(low, low, high, high) for _, low, high in boxes]
    cut, notes = apart(gpd.GeoDataFrame({"cover": covers}, geometry=shapes), feature_named("land_cover"), Unread())
    assert cut["cover"].fillna("?").tolist() == ["roof", "forest", "field", "field", "?"]
    assert cut.area.tolist() == [1.0, 8.0, 55.0, 36.0, 1.0]
    assert notes == []
    hidden = gpd.GeoDataFrame({"cover": ["grass", "water"]}, geometry=[shapes[4], shapes[0]])
    cut, notes = apart(hidden, feature_named("land_cover"), Unread())
    assert (cut["cover"].tolist(), notes) == (["water"], ["1 areas lie wholly under others and were left out"])


# ---------------------------------------------------------------- content


def test_every_feature_gives_values_that_its_layer_knows():
    seen = 0
    for name in FEATURES:
        feature, layer = feature_named(name), PROJECT.layers[LAYERS.get(name, name)]
        assert feature.facts["source"].startswith("https://")
        for column in feature.columns:
            codes = codes_of(layer.columns[column.name]) if column.name in layer.columns else None
            for rule in column.rules:
                seen += 1
                assert codes is None or str(rule.value) in codes, (name, column.name, rule)
    assert seen == 148


def test_the_question_is_a_documented_one():
    bounds = (710_000, 6_180_000, 711_000, 6_181_000)
    query = overpass_query(feature_named("chargers"), bounds, timeout_s=9, limit_bytes=7)
    assert query.startswith("[out:json][timeout:9][maxsize:7][bbox:55.71972,12.34369,55.72913,12.36037];\n(\n")
    assert 'relation["amenity"="charging_station"]["motorcar"!="no"];' in query
    assert query.endswith(");\nout body;\n>;\nout skel qt;")
