"""What is said about a place that was searched for: as the map file asks, worked out in the page.

Two districts side by side, a station in each, and streets of which each names the one after it, towards a school.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from map_maker import PAYLOADS
from project_maker import SOUTH, WEST, ProjectMaker, frame

from ballerup_geo.errors import ProjectError
from ballerup_geo.project import read_project
from ballerup_geo.publish import build_site
from ballerup_geo.publish.content import MapContent, Reader, gather
from ballerup_geo.run import check
from ballerup_geo.spec import Map, Place

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Page

WITHIN = {
    "map_layer": "districts",
    "say": "within",
    "title": {"da": "Skoledistrikt", "en": "School district"},
    "fields": [{"column": "plan"}, {"column": "income"}],
    "otherwise": {"da": "uden for distrikterne", "en": "outside the districts"},
}
NEAREST = {"map_layer": "stations", "say": "nearest", "most_m": 500.0}
OWN: dict[str, Any] = {
    "map_layer": "stations",
    "say": "nearest",
    "title": {"da": "Distriktets station", "en": "The district's station"},
    "same": "district",
    "same_as": "districts",
}
WAY = {
    "map_layer": "streets",
    "say": "way",
    "next": "next",
    "worst": "stress",
    "title": {"da": "Vej til skole", "en": "Way to school"},
    "fields": [{"column": "goal"}],
    "most_m": 300.0,
}


def at(east_m: float, north_m: float) -> shapely.Point:
    return shapely.Point(WEST + east_m, SOUTH + north_m)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(WEST + east, SOUTH + north) for east, north in points])


@pytest.fixture
def town(maker: ProjectMaker) -> ProjectMaker:
    text, number = {"type": "text"}, {"type": "number"}
    west, east = (
        shapely.box(WEST, SOUTH, WEST + 500, SOUTH + 900),
        shapely.box(WEST + 500, SOUTH, WEST + 1000, SOUTH + 900),
    )
    districts = frame(
        [west, east], district=["vest", "øst"], plan=["fjernvarme", PAYLOADS[0]], income=[400.0, 500.0], homes=[9, 2]
    )
    stations = frame([at(100, 800), at(900, 100)], name=["Vest St.", "Øst St."], district=["vest", "øst"])
    streets = frame(
        [
            line((100, 100), (300, 100)),
            line((300, 100), (300, 400)),
            line((300, 400), (400, 400)),
            line((600, 100), (700, 100)),
            line((700, 100), (600, 100)),
            line((950, 850), (990, 850)),
        ],
        street=["a", "b", "c", "x", "y", "z"],
        next=["b", "c", None, "y", "x", "gone"],
        stress=[1.0, 3.0, 2.0, 1.0, 1.0, 1.0],
        goal=["", "", "Skolen", "", "", ""],
    )
    doors = frame(
        [at(200, 150), at(700, 150), at(500, 950), at(950, 860)], road=["Vestvej 1", "Østvej 1", "Nord 1", "Ende 1"]
    )
    columns: dict[str, dict[str, Any]] = {
        "districts": {
            "district": text,
            "plan": text,
            "income": {"type": "number", "behind": "homes", "unit": "DKK/year"},
            "homes": {"type": "integer"},
        },
        "stations": {"name": text, "district": text},
        "streets": {"street": {**text, "unique": True}, "next": text, "stress": number, "goal": text},
        "doors": {"road": text},
    }
    shapes = {"districts": "polygon", "stations": "point", "streets": "line", "doors": "point"}
    for name, data in (("districts", districts), ("stations", stations), ("streets", streets), ("doors", doors)):
        maker.layer(name, data, geometry=shapes[name], clip="none", columns=columns[name])
    return maker


def add_map(town: ProjectMaker, *places: dict[str, Any], **change: Any) -> ProjectMaker:
    layers = [
        {
            "id": name,
            "layer": name,
            "title": {"da": f"Lag {name}", "en": f"Layer {name}"},
            "name": shown,
            "visible": name != "streets",
            "style": {"kind": "single", "fill": "#ffffff", "line": "#000000"},
        }
        for name, shown in (("districts", "district"), ("stations", "name"), ("streets", "street"))
    ]
    parts = {"layers": layers, "search": [{"layer": "doors", "column": "road"}], "place": list(places), **change}
    town.map("town", **{key: value for key, value in parts.items() if value is not None})
    return town


def content(town: ProjectMaker) -> MapContent:
    return gather(Reader(town.project(), town.catalog(), lambda name: pytest.fail(name)), "town")


# ---------------------------------------------------------------- in Python


def test_only_what_is_said_travels(town: ProjectMaker) -> None:
    made = content(add_map(town, WITHIN, OWN, WAY))
    plans = [place.for_page() for place in made.places]
    assert [plan["say"] for plan in plans] == ["within", "nearest", "way"]
    assert [field["column"] for field in plans[0]["fields"]] == ["plan", "income"]
    assert plans[1]["fields"] == []
    assert plans[2]["next"] == "next"
    assert plans[2]["worst"]["column"] == "stress"
    bare = content(add_map(town, NEAREST))
    assert len(bare.layer("districts").packed) < len(made.layer("districts").packed)  # type: ignore[union-attr]


def test_a_withheld_value_is_withheld_here_too(town: ProjectMaker) -> None:
    made = content(add_map(town, WITHIN))
    income = made.places[0].for_page()["fields"][1]
    assert "færre end 5" in income["missing"]["da"]
    shown = made.layer("districts").frame["income"]  # type: ignore[union-attr]
    assert shown.isna().all()  # 2 homes in the east; the west would give them back


def test_single_homes_are_no_answer_either(town: ProjectMaker) -> None:
    path = town.root / "layers/districts.toml"
    path.write_text("homes = true\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    add_map(town, WITHIN)
    with pytest.raises(ProjectError, match=r'place.0.fields.1.*"income" of layer "districts" tells about single homes'):
        content(town)


@pytest.mark.parametrize(
    ("place", "key", "what"),
    [
        (
            {**WITHIN, "map_layer": "stations", "fields": []},
            "place.0.map_layer",
            "has points, and a place lies in areas",
        ),
        ({**WAY, "map_layer": "districts", "worst": None, "fields": []}, "place.0.map_layer", "a way goes along lines"),
        ({**WITHIN, "fields": [{"column": "plam"}]}, "place.0.fields.0", 'no column "plam"'),
        ({**WAY, "next": "nxt"}, "place.0.next", 'no column "nxt"'),
        ({**OWN, "same_as": "stations"}, "place.0.same_as", "a place lies in areas"),
        ({**OWN, "same": "name"}, "place.0.same", 'map layer "districts" has no column "name"'),
        ({**OWN, "same_column": "distrct"}, "place.0.same_column", 'map layer "districts" has no column "distrct"'),
    ],
)
def test_check_says_what_is_not_there(town: ProjectMaker, place: dict[str, Any], key: str, what: str) -> None:
    add_map(town, {part: value for part, value in place.items() if value is not None})
    faults = [fault for fault in check(read_project(town.root)) if fault.key.startswith("place")]
    assert any(fault.key == key and what in fault.what for fault in faults), faults


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"next": None}, "go together"),
        ({"say": "nearest"}, "go together"),
        ({"same": "goal"}, "give both"),
        ({"same_column": "goal"}, "give both"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        Place.model_validate({**WAY, **change})


def test_a_place_needs_a_search(town: ProjectMaker) -> None:
    add_map(town, WITHIN, search=None)
    with pytest.raises(ProjectError, match=r"give the map \[\[search\]\]"):
        town.project()
    assert Map.model_fields["place"].default == ()


# ---------------------------------------------------------------- in the browser


def ask(page: Page, name: str) -> list[str]:
    box = page.get_by_role("combobox")
    box.fill(name)
    page.wait_for_selector("#search-list li")
    box.press("Enter")
    return [line.replace("\u00a0", " ") for line in page.locator("#place li").all_inner_texts()]


@pytest.fixture
def opened(watched: Watched, town: ProjectMaker) -> Callable[..., Page]:
    def open_(*places: dict[str, Any]) -> Page:
        add_map(town, *places)
        site: Path = build_site(town.project(), out=town.out, catalog=town.catalog()).maps["town"]
        watched.page.goto(site.as_uri())
        watched.page.wait_for_selector("html[data-drawn]", timeout=20_000)
        return watched.page

    return open_


@pytest.mark.browser
def test_an_address_is_answered_as_the_map_file_asks(opened: Callable[..., Page]) -> None:
    planned = {**OWN, "same": "name", "same_column": "plan"}  # no station is called what a district's plan says
    page = opened(WITHIN, NEAREST, OWN, WAY, planned, WAY)
    district, nearest, own, way, other, again = ask(page, "Vestvej 1")
    assert district.startswith("Skoledistrikt: vest")
    assert "fjernvarme" in district
    assert "skjult for at værne om færre end 5" in district
    assert nearest == "Lag stations: ingen kendt her"  # 657 m away
    assert own == "Distriktets station: Vest St., 660 m i luftlinje"
    assert other == "Distriktets station: ingen kendt her"
    assert again == way
    assert way.startswith("Vej til skole: 550 m")  # 50 to the street, 100 of it, 300, 100
    assert "Skolen" in way
    assert "3" in way.splitlines()[-1]
    assert page.evaluate("ballerupGeo.pin.way.length") == 7
    page.locator("#place li").nth(5).get_by_role("button").click()  # the way again: drawn and shown whole
    assert page.evaluate("ballerupGeo.pin.way.length") == 7
    page.locator("#place li button").nth(0).click()
    assert page.locator("#selection h2").inner_text() == "vest"


@pytest.mark.browser
def test_what_has_no_end_is_no_way_and_payloads_are_text(opened: Callable[..., Page]) -> None:
    page = opened(WITHIN, NEAREST, WAY)
    district, nearest, way = ask(page, "Østvej 1")
    assert PAYLOADS[0] in district
    assert nearest == "Lag stations: Øst St., 210 m i luftlinje"
    assert way == "Vej til skole: ingen kendt her"  # x and y lead to each other
    assert ask(page, "Ende 1")[2] == "Vej til skole: ingen kendt her"  # the next line is not there
    assert ask(page, "Nord 1")[0] == "Skoledistrikt: uden for distrikterne"
    assert page.evaluate("window.__hit") is None
    page.keyboard.press("Escape")
    assert page.evaluate("ballerupGeo.pin.way.length") == 0
