"""Privacy: what few stand behind never leaves the house, in no form; what a reader types stays in the page.

The withheld figures are distinctive numbers, sought in every byte of what is written: as text with or without
separators, inside payloads, tables, archives and PDF streams, and as the bytes of integers and floats.
"""

from __future__ import annotations

import base64
import gzip
import io
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from project_maker import TEXT, ProjectMaker, frame, points, squares
from pydantic import ValidationError

from ballerup_geo.errors import ProjectError
from ballerup_geo.publish import anonymous, build_edition, build_site, folium_map
from ballerup_geo.publish.anonymous import Guard
from ballerup_geo.results import Made, Result, write_result
from ballerup_geo.run import check
from ballerup_geo.spec import Given, Layer, Method, Outcome, OutputColumn, OutputTable

if TYPE_CHECKING:
    from conftest import Watched

PERSONS = list(range(1, 11))
USES_KWH = [4_815_162 + 911_117 * number for number in range(10)]
"""Of the layer's rows."""
HEATS_KWH = [3_141_592 + 777_473 * number for number in range(10)]
"""Of the result's rows."""
SINGLE_KWH = [6_022_141 + 313_131 * number for number in range(10)]
"""Of the table about single homes."""
GROUP = (
    OutputColumn("group_id", "text", da="gruppe", en="group"),
    OutputColumn("persons", "integer", da="personer", en="persons", behind="persons"),
    OutputColumn("heat_kwh", "integer", "kWh", "varme", "heat", behind="persons"),
)
HOME = (OutputColumn("home_id", "text", da="bolig", en="home"), OutputColumn("heat_kwh", "integer", "kWh"))


def never(given: Given) -> Outcome:
    raise NotImplementedError("these tests write the outcome themselves")


COUNTS = Method(
    id="counts",
    version="1",
    summary=TEXT,
    function=never,
    inputs=(),
    tables=(
        OutputTable("groups", "polygon", GROUP),
        OutputTable("plain", "table", GROUP),
        OutputTable("homes", "table", HOME, homes=True),
    ),
)


def classes(column: str) -> dict[str, Any]:
    steps = ((0, "#9ecae1", "under 5"), (5, "#3182bd", "5–7"), (8, "#08306b", "8 eller flere"))
    entries = [{"minimum": low, "colour": colour, "label": {"da": said, "en": said}} for low, colour, said in steps]
    return {"kind": "classes", "column": column, "classes": entries}


def fields(*columns: str) -> list[dict[str, Any]]:
    return [{"column": column} for column in columns]


def counts_map(**change: Any) -> dict[str, Any]:
    blocks = {
        "id": "blocks",
        "title": TEXT,
        "layer": "blocks",
        "name": "block_id",
        "labels": "use_kwh",
        "style": classes("persons"),
        "fields": fields("persons", "use_kwh"),
    }
    groups = {
        "id": "groups",
        "title": TEXT,
        "result": "counts",
        "table": "groups",
        "name": "group_id",
        "style": classes("persons"),
        "fields": fields("persons", "heat_kwh"),
    }
    tables = [
        {"map_layer": "blocks", "caption": TEXT, "sort": "use_kwh", "fields": fields("block_id", "persons", "use_kwh")},
        {"map_layer": "groups", "caption": TEXT, "sort": "heat_kwh", "fields": fields("group_id", "heat_kwh")},
        {"result": "counts", "table": "plain", "caption": TEXT, "fields": fields("group_id", "persons", "heat_kwh")},
    ]
    search = [{"map_layer": "blocks", "column": "block_id"}]
    shown = {"layers": [blocks, groups], "tables": tables, "search": search, "analysis": "counts"}
    return {**shown, **change}


def add_counts(maker: ProjectMaker, *, persons: list[int] = PERSONS, **change: Any) -> Result:
    blocks = frame(squares(10), block_id=[f"blok {n}" for n in range(10)], persons=persons, use_kwh=USES_KWH)
    private = {"type": "integer", "behind": "persons"}
    columns = {"block_id": {"type": "text", "unique": True}, "persons": private, "use_kwh": {**private, "unit": "kWh"}}
    maker.layer("blocks", blocks, geometry="polygon", clip="none", columns=columns)
    maker.analysis("counts", method="counts", inputs={})
    maker.map("counts", **counts_map(**change))
    groups = frame(squares(10), group_id=[f"g{n}" for n in range(10)], persons=persons, heat_kwh=HEATS_KWH)
    homes = pd.DataFrame({"home_id": [f"h{n}" for n in range(10)], "heat_kwh": SINGLE_KWH})
    tables = {"groups": groups, "plain": pd.DataFrame(groups.drop(columns="geometry")), "homes": homes}
    project = maker.project()
    return write_result(
        maker.out,
        "counts",
        analysis=project.analyses["counts"],
        method=COUNTS,
        outcome=Outcome(tables=tables, rasters={}, indicators={}, answer=TEXT),
        made=Made(inputs={}, data="kept", key="0" * 64),
        maps=project.maps,
    )


@pytest.fixture
def counts(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    monkeypatch.setattr("ballerup_geo.methods.get_method", lambda name: COUNTS)
    return maker


def everything(maker: ProjectMaker) -> Path:
    """Write the site, an edition and the map of a notebook; return the folder that holds them alone."""
    build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    build_edition(maker.project(), "udgave", out=maker.out, catalog=maker.catalog(), today=date(2026, 11, 23))
    published = maker.root / "published"
    published.mkdir()
    for name in ("site", "editions"):
        (maker.out / name).rename(published / name)
    folium_map(maker.project(), "counts", out=maker.out, data="kept").save(str(published / "notebook.html"))
    return published


# ---------------------------------------------------------------- seeking numbers in files


def layers_of(data: bytes) -> Iterator[bytes]:
    """Yield a file's bytes, and what is packed in them: base64 texts, gzip and PDF streams."""
    yield data
    for found in re.finditer(rb"[A-Za-z0-9+/]{40,}={0,2}", data):
        try:
            inner = base64.b64decode(found[0])
        except ValueError:
            continue
        yield gzip.decompress(inner) if inner[:2] == b"\x1f\x8b" else inner
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            continue


def members_of(data: bytes) -> Iterator[bytes]:
    """Yield what lies in a zip archive, such as a QGIS project in a GeoPackage."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def as_written(path: Path) -> Iterator[bytes]:
    """Yield all that a file says: its bytes and, of tables, every cell."""
    data = path.read_bytes()
    yield from layers_of(data)
    if path.suffix == ".parquet":
        yield pd.read_parquet(path).drop(columns="geometry", errors="ignore").to_csv().encode()
    if path.suffix == ".gpkg":
        with closing(sqlite3.connect(path)) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                try:
                    rows = database.execute(f'SELECT * FROM "{name}"').fetchall()
                except sqlite3.OperationalError:  # a table of GDAL's own functions
                    continue
                yield repr(rows).encode()
                for blob in (cell for row in rows for cell in row if isinstance(cell, bytes)):
                    yield from members_of(blob)


def holds(path: Path, number: int) -> bool:
    """Say whether a file tells a number, however it is written."""
    digits = str(number).encode()
    spans = (digits, *(struct.pack(kind, number) for kind in ("<i", ">i", "<q", ">q", "<d", ">d")))
    for data in as_written(path):
        bare = re.sub(rb"(?<=\d)(?:[.,]|\s|\xc2\xa0|&nbsp;|\\u00a0)(?=\d{3})", b"", data)
        if digits in bare or any(span in data for span in spans):
            return True
    return False


def telling(folder: Path, numbers: list[int]) -> set[str]:
    """Return the kinds of files that tell any of the numbers."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and any(holds(path, number) for number in numbers):
            found.add(path.name if path.suffix == ".html" and path.parent.name == "counts" else path.suffix)
    return found


FORMS = {"index.html", "counts.html", ".html", ".js", ".csv", ".parquet", ".gpkg"}
"""Forms in which the numbers stand as data: pages, the one file, the notebook's map, payloads, downloads."""


def test_no_form_tells_what_fewer_than_k_stand_behind(counts: ProjectMaker) -> None:
    add_counts(counts)
    folder = everything(counts)
    assert telling(folder, [*USES_KWH[:4], *HEATS_KWH[:4], *SINGLE_KWH]) == set()
    assert telling(folder, USES_KWH[4:]) >= FORMS - {".csv", ".parquet", ".gpkg"}
    assert telling(folder, HEATS_KWH[4:]) >= FORMS


def test_the_search_finds_them_where_nothing_is_withheld(counts: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guard, "published", lambda guard, table: table)
    add_counts(counts, homes="individual")
    folder = everything(counts)
    assert telling(folder, USES_KWH[:4]) >= FORMS - {".csv", ".parquet", ".gpkg"}
    assert telling(folder, HEATS_KWH[:4]) >= FORMS
    assert telling(folder, SINGLE_KWH) >= {".csv", ".parquet", ".gpkg"}


def test_page_legend_and_downloads_say_why(counts: ProjectMaker) -> None:
    add_counts(counts)
    site = build_site(counts.project(), out=counts.out, catalog=counts.catalog()).index.parent
    page = (site / "counts" / "index.html").read_text(encoding="utf-8")
    said = "skjult for at værne om færre end 5, eller ukendt"
    assert page.count(said) >= 4 * 5 + 2  # the cells of three tables, and a line in two legends
    assert '"missing"' in page or "&#34;missing&#34;" in page
    assert "beboere og elever, er skjult" in (site / "privatliv.html").read_text(encoding="utf-8")
    folder = site / "hent" / "counts"
    assert "kunne fortælle om færre end 5" in (folder / "index.html").read_text(encoding="utf-8")
    rows = (folder / "plain.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[:2] == ["group_id;persons;heat_kwh", "g0;;"]
    assert rows[-1] == f"g9;10;{HEATS_KWH[9]}"
    groups = gpd.read_file(folder / "counts.gpkg", layer="groups")
    assert groups["heat_kwh"].isna().tolist() == [True] * 4 + [False] * 6
    assert len(groups) == 10  # the row stays, its figures do not


def test_the_largest_k_of_all_maps_holds_for_each(counts: ProjectMaker) -> None:
    add_counts(counts, k=3)
    project = counts.project()
    assert anonymous.guard_of_layer(project, "blocks").k == 3
    assert anonymous.guard_of_table(project, "counts", "plain").k == 3
    counts.map("other", **counts_map(k=8))
    project = counts.project()
    assert anonymous.guard_of_layer(project, "blocks").k == 8
    assert anonymous.guard_of_table(project, "counts", "plain").k == 8


# ---------------------------------------------------------------- what is withheld


def withheld(persons: list[Any], k: int = 5, **columns: Any) -> list[bool]:
    table = pd.DataFrame({"persons": persons, **columns, "value": [100 + place for place in range(len(persons))]})
    guard = Guard({"value": "persons", "persons": "persons"}, k, tuple(columns))
    shown = guard.published(table)
    assert shown["value"].dropna().tolist() == table["value"][shown["value"].notna()].tolist()
    return shown["value"].isna().tolist()


@pytest.mark.parametrize(
    ("persons", "hidden"),
    [
        ([5, 6, 7], [0, 0, 0]),
        ([4, 1, 7], [1, 1, 0]),  # 4 + 1 = 5 together
        ([3, 9, 7, 20], [1, 0, 1, 0]),  # a single one would be the total minus the others: the smallest covers it
        ([0, 1, 1, 9, 30], [1, 1, 1, 1, 0]),  # three rows, but two persons
        ([None, 8, 9], [1, 1, 0]),  # nobody knows how many
        ([2], [1]),
        ([2, 2], [1, 1]),
        ([], []),
    ],
)
def test_few_are_withheld_and_no_difference_gives_them_back(persons: list[Any], hidden: list[int]) -> None:
    assert withheld(persons) == [bool(one) for one in hidden]


def test_differences_within_a_step_give_nothing_back_either() -> None:
    steps = ["a", "a", "a", "b", "b", "b"]
    assert withheld([2, 8, 9, 3, 7, 30]) == [True, False, False, True, False, False]
    assert withheld([2, 8, 9, 3, 7, 30], step=steps) == [True, True, False, True, True, False]


def test_every_difference_of_totals_leaves_k_persons_or_more() -> None:
    import numpy as np

    chance = np.random.default_rng(7)
    for _ in range(200):
        persons = chance.integers(0, 15, 12)
        steps = np.repeat(["a", "b", "c"], 4)
        hidden = np.array(withheld(persons.tolist(), step=steps))
        assert hidden[persons < 5].all()
        for part in (steps == "a", steps == "b", steps == "c", steps != ""):
            own = hidden & part
            assert not own.any() or own.sum() == part.sum() or (own.sum() >= 2 and persons[own].sum() >= 5)


def test_a_table_that_lacks_the_count_shows_nothing_private() -> None:
    table = pd.DataFrame({"value": [1.5, 2.5], "other": ["a", "b"]})
    shown = Guard({"value": "persons"}, 5).published(table)
    assert shown["value"].isna().all()
    assert shown["other"].tolist() == ["a", "b"]


def test_whole_numbers_stay_whole_and_other_kinds_are_withheld_too() -> None:
    table = pd.DataFrame({"n": [1, 4, 9], "yes": [True, False, True], "said": ["x", "y", "z"]})
    shown = Guard(dict.fromkeys(table.columns, "n"), 5).published(table)
    assert shown["n"].tolist()[2:] == [9]
    assert str(shown["n"].dtype) == "Int64"
    assert shown.isna().sum(axis=1).tolist() == [3, 3, 0]
    assert shown["yes"].tolist()[2] is True


# ---------------------------------------------------------------- single homes


def add_doors(maker: ProjectMaker, **change: Any) -> None:
    """Ten doors with 1 to 10 pupils behind each, and a map of them."""
    doors = frame(points(10), door=[f"Vej {n}" for n in range(10)], pupils=PERSONS)
    columns = {"door": {"type": "text", "unique": True}, "pupils": {"type": "integer", "behind": "pupils"}}
    maker.layer("doors", doors, geometry="point", clip="none", homes=True, columns=columns)
    shown = {
        "id": "doors",
        "title": TEXT,
        "layer": "doors",
        "name": "door",
        "style": {"kind": "single", "fill": "#000000"},
    }
    extra = change.pop("layer", {})
    maker.map("doors", layers=[{**shown, **extra}], **change)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"layer": {"fields": fields("door", "pupils")}}, "layers.0 (doors).fields.1"),
        ({"layer": {"labels": "pupils"}}, "layers.0 (doors).labels"),
        ({"layer": {"style": classes("pupils")}}, "layers.0 (doors).style.column"),
        ({"tables": [{"map_layer": "doors", "caption": TEXT, "fields": fields("pupils")}]}, "tables.0.fields.0"),
        (
            {"tables": [{"map_layer": "doors", "caption": TEXT, "fields": fields("door"), "sort": "pupils"}]},
            "tables.0.sort",
        ),
        ({"search": [{"layer": "doors", "column": "pupils"}]}, "search.0.column"),
    ],
)
def test_a_map_that_shows_single_homes_is_refused(maker: ProjectMaker, change: dict[str, Any], key: str) -> None:
    add_doors(maker, **change)
    what = 'column "pupils" of layer "doors" tells about single homes'
    todo = 'show a table of a result that aggregates them; to show those with k or more: homes = "individual"'
    assert [str(fault) for fault in check(maker.project())] == [f"maps/doors.toml: {key}: {what} → {todo}"]
    with pytest.raises(ProjectError, match="tells about single homes"):
        build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    add_doors(maker, homes="individual", **{**change, "layer": change.get("layer", {})})
    assert list(check(maker.project())) == []


def test_a_table_about_single_homes_is_no_layer_of_a_map(counts: ProjectMaker) -> None:
    shown = {"id": "homes", "title": TEXT, "result": "counts", "table": "homes", "style": classes("heat_kwh")}
    add_counts(counts)
    counts.map("wrong", layers=[shown])
    assert [str(fault) for fault in check(counts.project())] == [
        'maps/wrong.toml: layers.0 (homes).table: table "homes" tells about single homes, which are not published → '
        "show a table that aggregates them"
    ]


def test_even_then_k_stand_behind_what_is_shown(maker: ProjectMaker) -> None:
    add_doors(maker, homes="individual", layer={"fields": fields("door", "pupils")})
    alone = folium_map(maker.project(), "doors", out=maker.out, data="kept").get_root().render()
    packed = [gzip.decompress(base64.b64decode(text)) for text in re.findall(r">([A-Za-z0-9+/=]{40,})</script>", alone)]
    (payload,) = [content for content in packed if b'"pupils"' in content]
    assert b'"pupils":{"values":[null,null,null,null,5,6,7,8,9,10]}' in payload


def test_doors_without_their_pupils_are_shown_freely(maker: ProjectMaker) -> None:
    add_doors(maker, search=[{"layer": "doors", "column": "door"}])
    assert list(check(maker.project())) == []
    add_doors(maker, homes="individual")
    (fault,) = check(maker.project())
    assert str(fault) == (
        "maps/doors.toml: homes: the map shows no column that tells about single homes → leave the line out"
    )


def test_k_is_never_below_three(maker: ProjectMaker) -> None:
    add_doors(maker, k=2, homes="individual", layer={"fields": fields("pupils")})
    with pytest.raises(ProjectError, match=r"doors\.toml: k: .*3"):
        maker.project()


def test_what_counts_must_be_a_column_of_whole_numbers() -> None:
    about = {"title": TEXT, "description": TEXT, "geometry": "table", "source": {}}
    column = {"type": "number", "title": TEXT, "behind": "persons"}
    with pytest.raises(ValidationError, match="'persons' is no whole-number column"):
        Layer.model_validate({**about, "columns": {"use_kwh": column}})


def test_the_shipped_layers_say_who_is_behind() -> None:
    from ballerup_geo.project import read_project, shipped_root

    addresses = read_project(shipped_root()).layers["addresses"]
    assert addresses.homes
    private = {name for name, column in addresses.columns.items() if column.behind == name}
    assert private == {"residents", "pupils_0_3", "pupils_4_6", "pupils_7_9", "pupils_10"}


# ---------------------------------------------------------------- what a reader types


@pytest.mark.browser
def test_nothing_typed_leaves_the_page(watched: Watched, maker: ProjectMaker) -> None:
    add_doors(maker, search=[{"layer": "doors", "column": "door"}])
    site = build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    page, typed = watched.page, "Vej 7"
    page.add_init_script("navigator.sendBeacon = (...said) => { window.__sent = said; return true; };")
    page.goto(site.maps["doors"].as_uri())
    page.wait_for_selector("html[data-drawn]", timeout=20_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    page.on("websocket", lambda socket: asked.append(f"websocket {socket.url}"))
    box = page.get_by_role("combobox")
    box.press_sequentially(typed)
    page.locator("#search-list li").first.wait_for()
    box.press("Enter")
    page.locator("#place h2").wait_for()
    assert page.locator("#place h2").inner_text() == typed
    assert len(asked) == 1  # the list of names, whole, whatever is typed
    assert re.search(r"/data/names\.[0-9a-f]+\.js $", asked[0])
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0
    assert page.context.cookies() == []
    assert page.evaluate("window.__sent") is None
    assert typed not in page.url
    assert "Vej" not in page.url


# ---------------------------------------------------------------- maps for planners


def planners_map(**change: Any) -> dict[str, Any]:
    """A map with a table about single homes."""
    own = {"result": "counts", "table": "homes", "caption": TEXT, "fields": fields("home_id", "heat_kwh")}
    return counts_map(analysis="counts", tables=[own], **change)


def test_a_table_about_single_homes_stands_on_planners_maps_alone(counts: ProjectMaker) -> None:
    add_counts(counts)
    counts.map("own", **planners_map(audience="planners", homes="individual"))
    assert list(check(counts.project())) == []
    site = build_site(counts.project(), out=counts.out, catalog=counts.catalog())
    planners = counts.out / "planners"
    assert site.planners == planners / "index.html"
    assert "h9" in (planners / "own" / "index.html").read_text()
    assert (planners / "hent" / "counts" / "homes.csv").is_file()
    public = [path.relative_to(counts.out / "site").as_posix() for path in (counts.out / "site").rglob("*")]
    assert len(public) > 10
    assert not [path for path in public if "own" in path.split("/") or "homes" in path]
    assert build_site(counts.project(), out=counts.out, catalog=counts.catalog()).unchanged


@pytest.mark.parametrize("change", [{"audience": "planners"}, {"homes": "individual"}])
def test_one_of_the_two_words_is_not_enough(counts: ProjectMaker, change: dict[str, Any]) -> None:
    add_counts(counts)
    counts.map("own", **planners_map(**change))
    assert len(list(check(counts.project()))) == 1
    with pytest.raises(ProjectError, match="tells about single homes"):
        folium_map(counts.project(), "own", out=counts.out, data="kept")
