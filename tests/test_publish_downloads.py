"""Downloads: what may be handed on, what stays at home, and that every file says what it is."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import rasterio
from project_maker import TEXT, ProjectMaker
from step_maker import ROADS, STORMS, add_storms, get_method, outcome, storm_map

from ballerup_geo import storage
from ballerup_geo.publish import build_site
from ballerup_geo.publish.downloads import licence_text, tables_to_publish, write_downloads
from ballerup_geo.results import Made, read_result, write_result
from ballerup_geo.run import check
from ballerup_geo.spec import Text
from ballerup_geo.spec.notice import MODEL_NOTICE


@pytest.fixture
def storms(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    return maker


def built(maker: ProjectMaker, **change: object) -> Path:
    catalog = add_storms(maker, **change)
    return build_site(maker.project(), out=maker.out, catalog=catalog).index.parent / "hent" / "storms"


def tables_in(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT table_name FROM gpkg_contents").fetchall()
    return {name for (name,) in rows} - {"layer_styles"}


def test_every_file_is_listed_linked_and_opens(storms: ProjectMaker) -> None:
    folder = built(storms)
    page = (folder / "index.html").read_text(encoding="utf-8")
    linked = re.findall(r'<a href="([^"]+)" download>', page)
    assert sorted(linked) == sorted(path.name for path in folder.iterdir() if path.name != "index.html")
    assert linked[0] == "storms.gpkg"
    assert len(linked) == 1 + 3 + 4 + 3 + 1  # GeoPackage, GeoParquet, COG, CSV, licences
    for name in linked:
        path = folder / name
        match path.suffix:
            case ".gpkg":
                assert tables_in(path) == {"events", "roads", "volumes"}
                assert list(gpd.read_file(path, layer="roads")["road_id"]) == ["nord", "syd", "aldrig"]
            case ".parquet":
                assert len(pd.read_parquet(path)) > 0
            case ".tif":
                with rasterio.open(path) as raster:
                    assert raster.crs.to_epsg() == 25832
            case ".csv":
                assert list(storage.read_csv(path)) != []
            case ".txt":
                assert "storms 1" in path.read_text(encoding="utf-8")


def test_files_of_one_stem_have_titles_of_their_own(storms: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    alike = replace(STORMS, rasters=(*STORMS.rasters, replace(STORMS.rasters[1], name="roads", da="Vejceller", en="x")))
    monkeypatch.setattr("ballerup_geo.methods.get_method", lambda _: alike)
    made = outcome()
    add_storms(storms, replace(made, rasters={**made.rasters, "roads": made.rasters["ground"]}))
    result = read_result(storms.out, "storms")
    files = write_downloads(storms.root / "hent", storms.project(), result, site=Text(da="x", en="x"))
    titles = {file.name: file.title.da for file in files}
    assert titles["roads.tif"] == "Vejceller"
    assert titles["roads.csv"] == titles["roads.parquet"] == "roads: vej, fra"
    assert "Uden titel" not in titles.values()


def test_a_csv_reads_back_in_the_danish_way(storms: ProjectMaker) -> None:
    folder = built(storms)
    raw = (folder / "roads.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfroad_id;cut_from_mm\r\n")
    assert raw.decode("utf-8-sig").splitlines()[1:] == ["nord;40,0", "syd;80,0", "aldrig;"]


def test_a_text_that_a_spreadsheet_would_run_is_a_text(storms: ProjectMaker) -> None:
    hostile = ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)"]
    folder = built(storms, made=outcome(hostile))
    assert list(storage.read_csv(folder / "events.csv")["name"]) == [f"'{text}" for text in hostile]


def test_tables_about_single_homes_stay_at_home(storms: ProjectMaker) -> None:
    folder = built(storms)
    assert not list(folder.glob("homes*"))
    assert "homes" not in tables_in(folder / "storms.gpkg")
    assert "homes" in tables_in(storms.out / "results" / "storms" / "storms.gpkg")
    assert "Tabeller om enkelte boliger er ikke med." in (folder / "index.html").read_text(encoding="utf-8")


def test_unless_a_map_says_that_they_may_leave(storms: ProjectMaker) -> None:
    folder = built(storms, homes="individual")
    assert (folder / "homes.csv").is_file()
    assert (folder / "homes.parquet").is_file()
    assert "homes" in tables_in(folder / "storms.gpkg")
    assert "Tabeller om enkelte boliger" not in (folder / "index.html").read_text(encoding="utf-8")


def test_a_map_of_another_analysis_opens_no_homes(storms: ProjectMaker) -> None:
    add_storms(storms)
    storms.map("other", **storm_map(analysis=None))
    result = read_result(storms.out, "storms")
    assert [table.name for table in tables_to_publish(storms.project(), result)] == ["events", "roads", "volumes"]


def test_check_says_where_the_key_makes_no_sense(storms: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    bare = replace(STORMS, tables=tuple(table for table in STORMS.tables if not table.homes))
    monkeypatch.setattr("ballerup_geo.methods.get_method", lambda name: bare)
    storms.analysis("storms", method="storms", inputs={})
    storms.map("storms", **storm_map(homes="individual"))
    faults = [str(fault) for fault in check(storms.project()) if fault.key == "homes"]
    assert faults == ['maps/storms.toml: homes: analysis "storms" has no table about single homes → leave the line out']
    storms.map("storms", **storm_map(homes="individual", analysis=None))
    faults = [str(fault) for fault in check(storms.project()) if fault.key == "homes"]
    assert faults == [
        "maps/storms.toml: homes: the map shows no column that tells about single homes → leave the line out"
    ]
    storms.map("storms", **storm_map(homes="individual", analysis=None, layers=[ROADS]))
    with pytest.raises(Exception, match="name it with analysis"):
        storms.project()


def modelled(storms: ProjectMaker) -> Path:
    add_storms(storms)
    project = storms.project()
    said = {
        "layer": "municipality",
        "modelled": True,
        "attribution": TEXT,
        "licence": "MIT",
        "date": None,
        "origin": "x\ny",
    }
    made = Made(inputs={"town": said, "lacking": None}, data="kept", key="1" * 64)
    analysis = project.analyses["storms"]
    result = write_result(
        storms.out, "storms", analysis=analysis, method=STORMS, outcome=outcome(), made=made, maps=project.maps
    )
    write_downloads(storms.out / "hent", project, result, site=project.analyses["storms"].title)
    return storms.out / "hent"


def test_every_file_of_a_modelled_result_says_so_itself(storms: ProjectMaker) -> None:
    folder = modelled(storms)
    for path in folder.iterdir():
        match path.suffix:
            case ".gpkg":
                with closing(sqlite3.connect(path)) as database:
                    said = database.execute("SELECT description FROM gpkg_contents WHERE table_name = 'roads'")
                    words = said.fetchone()[0]
            case ".parquet":
                words = storage.read_table_metadata(path)["notice"]
            case ".tif":
                words = storage.read_cog_metadata(path)["notice"]
            case ".csv":
                rows = storage.read_csv(path)
                assert next(iter(rows)) == "notice"
                assert len(set(rows["notice"])) == 1
                words = rows["notice"][0]
            case _:
                words = path.read_text(encoding="utf-8")
        assert MODEL_NOTICE.da in words, path.name
        assert MODEL_NOTICE.en in words, path.name


def test_the_licences_name_each_input_on_lines_of_their_own(storms: ProjectMaker) -> None:
    modelled(storms)
    text = licence_text(read_result(storms.out, "storms"))
    assert "- town\n  Kilde / source: Tekst / Text\n  Licens / licence: MIT\n  Oprindelse / origin: x y\n" in text
    assert "- lacking: ukendt, indgår ikke / unknown, not used" in text


def test_large_files_take_no_room_of_their_own_but_a_geopackage_does(storms: ProjectMaker) -> None:
    folder = built(storms, homes="individual")
    own = storms.out / "results" / "storms"
    assert (folder / "ground.tif").samefile(own / "ground.tif")
    assert (folder / "roads.parquet").samefile(own / "roads.parquet")
    assert not (folder / "storms.gpkg").samefile(own / "storms.gpkg")  # QGIS writes into what it opens


def test_map_and_method_page_lead_there(storms: ProjectMaker) -> None:
    folder = built(storms)
    site = folder.parent.parent
    for page in ("storms/index.html", "metode/storms.html"):
        assert 'href="../hent/storms/index.html"' in (site / page).read_text(encoding="utf-8")
