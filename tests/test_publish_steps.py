"""The slider and what follows it: legend, features, rows and print; with a script and without."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from map_maker import EVERYTHING, PAYLOADS
from project_maker import TEXT, ProjectMaker
from step_maker import GROUND, SLIDER, TABLES, add_storms, get_method, outcome, storm_map

from ballerup_geo.errors import DataError, ProjectError
from ballerup_geo.publish import build_site, folium_map
from ballerup_geo.spec import Map


@pytest.fixture
def storms(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    return maker


def built(storms: ProjectMaker, made=None, **change) -> str:
    catalog = add_storms(storms, made, **change)
    return (
        build_site(storms.project(), out=storms.out, catalog=catalog).maps["storms"].read_text().replace("\u00a0", " ")
    )


def test_the_slider_names_its_steps_and_starts_where_the_map_says(storms: ProjectMaker) -> None:
    page = built(storms)
    assert '<label for="step">' in page
    assert re.search(r'<input type="range" id="step" min="1" max="3" step="1" value="2"', page)
    assert 'aria-valuetext="skybrud · 40 mm"' in page
    named = re.findall(r'<span data-now="(\d)"( hidden)?>(?:<span lang="da">)?([a-z ]+ · \d+ mm)', page)
    assert named == [
        ("1", " hidden", "dagsregn · 20 mm"),
        ("2", "", "skybrud · 40 mm"),
        ("3", " hidden", "stort skybrud · 80 mm"),
    ]


def test_a_title_of_a_field_stands_before_its_value(storms: ProjectMaker) -> None:
    label = [{"column": "rain_mm", "title": {"da": "regn på", "en": "rain of"}, "digits": 0}]
    page = built(storms, slider={**SLIDER, "label": label})
    assert "regn på 40 mm" in page
    assert "rain of 40 mm" in page


def test_without_a_script_a_table_has_the_rows_of_all_steps_and_says_which(storms: ProjectMaker) -> None:
    page = built(storms)
    table = re.search(r"<table data-rows>.*?</table>", page, re.DOTALL).group()
    rows = re.findall(
        r'<tr data-steps="(\d)"><td class="all-steps"[^>]*>(.*?)</td><th[^>]*>(.*?)</th><td[^>]*>(.*?)</td>', table
    )
    assert [(step, re.sub("<[^>]+>", "", name).split("mm")[0] + "mm", who) for step, name, who, _ in rows] == [
        ("1", "dagsregn · 20 mm", "Egedal"),
        ("1", "dagsregn · 20 mm", "Herlev"),
        ("2", "skybrud · 40 mm", "Herlev"),
        ("2", "skybrud · 40 mm", "Egedal"),
        ("3", "stort skybrud · 80 mm", "Egedal"),
        ("3", "stort skybrud · 80 mm", "Herlev"),
    ]
    assert "hidden" not in table
    assert "2.000" in table


def test_columns_of_a_table_have_the_methods_titles_and_units(storms: ProjectMaker) -> None:
    page = built(storms)
    table = re.search(r"<table data-rows>.*?</table>", page, re.DOTALL).group()
    assert re.findall(r'<span lang="da">([^<]+)</span><span lang="en">[^<]+</span>(?: <small>([^<]+))?', table)[
        1:4
    ] == [
        ("Regnhændelse", ""),
        ("Nabokommune", ""),
        ("Vand", "m³"),
    ]


def test_rows_are_limited_for_each_step(storms: ProjectMaker) -> None:
    page = built(storms, tables=[{**TABLES[0], "rows": 1}])
    assert re.findall(r'<tr data-steps="(\d)"', page) == ["1", "2", "3"]
    assert "1 af 2 rækker" in page
    assert "3 af 6 rækker" in page


def test_features_say_from_which_step_they_are_there(storms: ProjectMaker) -> None:
    page = built(storms)
    table = re.search(r'<table data-layer="roads">.*?</table>', page, re.DOTALL).group()
    assert re.findall(r'<tr data-steps="([\d ]*)"', table) == ["2 3", "3", ""]
    counts = re.search(r'data-layer="roads".*?</label>', page, re.DOTALL).group()
    assert re.findall(r'<span data-now="(\d)"(?: hidden)?>(\d+)', counts) == [("1", "0"), ("2", "1"), ("3", "2")]


def test_a_table_of_a_result_needs_no_geometry_and_no_slider(storms: ProjectMaker) -> None:
    plain = {key: value for key, value in TABLES[0].items() if key != "step_column"}
    page = built(storms, slider=None, layers=[GROUND], tables=[plain])
    assert "data-steps" not in page
    assert ': <span lang="da">6 rækker' in page
    assert '<button type="button" class="link"' not in page


def test_a_table_about_single_homes_stays_at_home(storms: ProjectMaker) -> None:
    homes = {**TABLES[0], "table": "homes"}
    with pytest.raises(ProjectError, match="tells about single homes"):
        built(storms, tables=[homes])


@pytest.mark.parametrize(
    ("slider", "match"),
    [
        ({"start": 4}, r"is 4, and events has 3 rows.*write 1 to 3"),
        ({"value": "rain_m"}, r"no column 'rain_m'.*rain_mm"),
        ({"label": [{"column": "nam"}]}, r"no column 'nam'.*name"),
        ({"table": "event"}, r"no table 'event'.*events"),
    ],
)
def test_a_slider_that_names_nothing_is_refused(storms: ProjectMaker, slider: dict, match: str) -> None:
    with pytest.raises(ProjectError, match=match):
        built(storms, slider={**SLIDER, **slider})


def test_a_slider_without_rows_says_so(storms: ProjectMaker) -> None:
    from ballerup_geo.publish.steps import slider_content
    from ballerup_geo.spec import Slider

    add_storms(storms)
    none = outcome().tables["events"].iloc[:0]
    with pytest.raises(DataError, match="no rows to step through"):
        slider_content(storms.project(), Slider.model_validate(SLIDER), none, where="maps/storms.toml")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"slider": None}, "from_step is compared with the value of a slider"),
        ({"slider": {key: value for key, value in SLIDER.items() if key != "value"}}, "from_step is compared"),
        ({"slider": None, "layers": [GROUND]}, "which the map does not have|step_column follows a slider"),
        ({"tables": [{**TABLES[1], "map_layer": "depth"}]}, "a raster: it has no rows"),
        ({"tables": [{**TABLES[0], "map_layer": "roads"}]}, "either map_layer"),
        ({"tables": [{key: TABLES[0][key] for key in ("caption", "fields", "result")}]}, "result goes together"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change: dict, match: str) -> None:
    fields = storm_map(title=TEXT, lead=TEXT, **change)
    with pytest.raises(ValueError, match=match):
        Map.model_validate(fields)


def test_hostile_names_of_steps_reach_the_page_as_text(storms: ProjectMaker) -> None:
    made = outcome(names=(EVERYTHING, PAYLOADS[1], PAYLOADS[4]))
    page = built(storms, made)
    assert "<script>window.__hit" not in page
    assert "<img src=x" not in page
    assert "{{ cycler.__init__.__globals__.os.getpid() }} · 80 mm" in page
    alone = folium_map(storms.project(), "storms", out=storms.out, data="kept").get_root().render()
    assert "<script>window.__hit" not in alone
    assert "{{ cycler.__init__.__globals__.os.getpid() }}" in alone


def test_a_page_that_stands_alone_has_a_picture_a_step_and_asks_for_nothing(storms: ProjectMaker) -> None:
    add_storms(storms)
    page = folium_map(storms.project(), "storms", out=storms.out, data="kept").get_root().render()
    assert "../tiles/" not in page
    pictures = re.findall(r'"picture":"([0-9a-f]{12})"', page)
    assert len(pictures) == 3
    for key in pictures:
        assert f'<script type="application/octet-stream" id="data-{key}">UklGR' in page  # base64 of RIFF


def test_unknown_values_are_never_reached() -> None:
    from ballerup_geo.publish.steps import SliderContent
    from ballerup_geo.spec import Slider, Text

    rows = pd.DataFrame({"event_id": ["a", "b"], "rain_mm": [10.0, np.nan]})
    slider = Slider.model_validate({**SLIDER, "start": 1})
    names = (Text(da="a", en="a"), Text(da="b", en="b"))
    found = SliderContent(slider, rows, {}, names, ("a", "b"), (10.0, None))
    assert found.steps_from(pd.Series([5.0, 10.0, 11.0, None])) == [(1,), (1,), (), ()]
    assert found.steps_of(pd.Series(["b", "c"]), "event_id") == [(2,), ()]
