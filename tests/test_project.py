"""Projects: found, read, and refused with every fault at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ballerup_geo.errors import ProjectError
from ballerup_geo.project import copy_shipped, find_project, project_faults, read_project, shipped_root

MUNICIPALITY = """
title = { da = "Kommunen", en = "The municipality" }
description = { da = "Grænsen", en = "The boundary" }
geometry = "polygon"
[municipality]
name = "Toftby"
code = "0999"
[columns.name]
type = "text"
title = { da = "navn", en = "name" }
[source.kept]
kind = "file"
path = "data/municipality.geojson"
licence = "CC0"
attribution = { da = "egen", en = "own" }
"""

ROADS = MUNICIPALITY.replace('[municipality]\nname = "Toftby"\ncode = "0999"\n', "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("layers", "analyses", "maps"):
        (tmp_path / name).mkdir()
    (tmp_path / "layers" / "municipality.toml").write_text(MUNICIPALITY, encoding="utf-8")
    return tmp_path


def write_layer(folder: Path, text: str, name: str = "roads") -> None:
    (folder / "layers" / f"{name}.toml").write_text(text, encoding="utf-8")


def texts(folder: Path) -> list[str]:
    return [str(fault) for fault in project_faults(folder)[1]]


def test_a_sound_project_is_read(folder: Path) -> None:
    project = read_project(folder)
    assert project.municipality.name == "Toftby"
    assert list(project.layers) == ["municipality"]
    assert not project.shipped
    assert project.data_folder(folder / "elsewhere") == folder


def test_a_byte_order_mark_is_no_fault(folder: Path) -> None:
    (folder / "layers" / "municipality.toml").write_text(MUNICIPALITY, encoding="utf-8-sig")
    assert texts(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'geometry = "polygon"',
            'geometry = "polygone"',
            "geometry: 'polygone' is not allowed here → did you mean \"polygon\"?",
        ),
        ('geometry = "polygon"', 'geometri = "polygon"', 'geometri: unknown key → did you mean "geometry"?'),
        ('code = "0999"', "code = 999", "municipality.code: 999 is wrong → input should be a valid string"),
        (
            'code = "0999"',
            'code = "999"',
            "municipality.code: '999' is not written as it must be → four digits, e.g. 0151",
        ),
        ('kind = "file"', 'kind = "fil"', 'did you mean "file"?'),
        ('licence = "CC0"\n', "", "source.kept.licence: missing key → add it"),
        ('path = "data/municipality.geojson"', 'paht = "x"', 'source.kept.paht: unknown key → did you mean "path"?'),
        (', en = "The boundary" }', " }", "description.en: missing key → add it: English, written as carefully"),
        ('type = "text"', 'type = "string"', "columns.name.type: 'string' is not allowed here"),
        ('geometry = "polygon"', 'geometry = "polygon"\ngeometry = "line"', "a key stands twice"),
        ('geometry = "polygon"', "geometry = polygon", "is not valid TOML"),
    ],
)
def test_one_fault_says_where_what_and_what_to_do(folder: Path, old: str, new: str, expected: str) -> None:
    assert old in MUNICIPALITY
    write_layer(folder, MUNICIPALITY.replace(old, new), "municipality")
    found = texts(folder)
    assert any(text.startswith("layers/municipality.toml: ") and expected in text for text in found), found


def test_a_file_that_is_not_utf8_names_the_byte(folder: Path) -> None:
    (folder / "layers" / "municipality.toml").write_bytes(
        MUNICIPALITY.replace("Grænsen", "Gr\u00e6nsen").encode("latin-1")
    )
    assert "is not UTF-8 (byte" in texts(folder)[0]
    assert "0xe6" in texts(folder)[0]


def test_all_faults_of_all_files_come_at_once(folder: Path) -> None:
    write_layer(folder, MUNICIPALITY.replace('geometry = "polygon"', 'geometry = "raster"\nclipp = 1'), "terrain")
    (folder / "analyses" / "rain.toml").write_text('method = "rainwater"\n', encoding="utf-8")
    (folder / "maps" / "Øst.toml").write_text("", encoding="utf-8")
    found = "\n".join(texts(folder))
    for expected in (
        "layers/terrain.toml: clipp: unknown key",
        "analyses/rain.toml: title: missing key",
        "maps/Øst.toml: the file's name",
    ):
        assert expected in found


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no line break in a name")
def test_a_line_break_at_the_end_of_a_files_name_is_refused(folder: Path) -> None:
    write_layer(folder, ROADS, "roads\n")
    assert ["the file's name is no identifier" in line for line in texts(folder)] == [True]


def test_what_a_layer_says_twice_or_not_at_all(folder: Path) -> None:
    text = MUNICIPALITY.replace('geometry = "polygon"', 'geometry = "raster"').replace(
        '[municipality]\nname = "Toftby"\ncode = "0999"\n', ""
    )
    write_layer(folder, text, "terrain")
    roads = MUNICIPALITY.replace("[source.kept]", '[source.kept]\nnumber = "id"\ncolumns = { nam = "NAVN" }')
    write_layer(folder, roads, "roads")
    found = "\n".join(texts(folder))
    assert "layers/terrain.toml: cell: a raster does not say what its cells hold" in found
    assert "layers/terrain.toml: columns: a raster has no columns" in found
    assert 'layers/roads.toml: source.kept.columns.nam: the layer has no column "nam" → did you mean "name"?' in found
    assert 'layers/roads.toml: source.kept.number: the layer has no column "id"' in found
    assert "layers/roads.toml: municipality: stands in a layer that is not the municipality" in found


def test_a_project_without_municipality_is_refused(folder: Path) -> None:
    (folder / "layers" / "municipality.toml").unlink()
    with pytest.raises(ProjectError, match=r"municipality\.toml: the file is missing"):
        read_project(folder)


def test_which_project(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    assert find_project(start=inner) == folder.resolve()
    assert find_project(start=Path("/")) == shipped_root()
    monkeypatch.setenv("BALLERUP_GEO_PROJECT", str(folder))
    assert find_project(start=Path("/")) == folder.resolve()
    assert find_project(shipped_root(), start=Path("/")) == shipped_root()
    with pytest.raises(ProjectError, match="no project: layers/, analyses/, maps/ not found"):
        find_project(inner)


def test_copy_of_the_shipped_project_is_complete_and_never_overwrites(tmp_path: Path) -> None:
    copy = copy_shipped(tmp_path / "mine")
    shipped = read_project(shipped_root())
    assert shipped.shipped
    assert read_project(copy).layers.keys() == shipped.layers.keys()
    assert len(shipped.layers) >= 15
    with pytest.raises(ProjectError, match="exists and is not an empty folder"):
        copy_shipped(copy)


COLUMN = "\n[columns.a]\ntype = 'number'\ntitle = {da='a', en='a'}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = " + "[" * 5000 + "]" * 5000, "roads.toml: is nested too deeply"),
        ("x = " + "9" * 5000, "roads.toml: is not valid TOML (Exceeds the limit"),
        (ROADS + COLUMN + "minimum = nan\n", "columns.a.minimum: nan is"),
        (ROADS + COLUMN + "maximum = inf\n", "columns.a.maximum: inf is"),
        (ROADS + COLUMN.replace("title", "titel"), 'columns.a.titel: unknown key → did you mean "title"?'),
        (ROADS + "\n[columns.a]\ntype = 'text'\ntitle = 'a'\n", """title: 'a' is wrong → write a table: { da = "…"""),
        (ROADS + "\n[columns.'areal m²']\ntype = 'text'\n", "columns.areal m²: the name is not written as it must be"),
        (ROADS + COLUMN.replace("columns.a", "columns.geometry"), "columns.geometry: the name is taken"),
        (ROADS + "\n[source.kept.constants]\nname = [1]\n", "constants.name: [1] is wrong → write a text or a number"),
        (ROADS + COLUMN + "minimum = 2\nmaximum = 1\n", "columns.a: minimum 2 lies above maximum 1 → swap them"),
        (ROADS + COLUMN + "register_codes = 'bbr_056'\ncodes = {}\n", "columns.a: has both codes and register_codes"),
        (ROADS.replace("[source.kept]", COLUMN + "[source.kept]\nnumber = 'a'"), 'column "a" is not a text → number a'),
        (ROADS.split("[source.kept]", maxsplit=1)[0] + "[source]\n", "roads.toml: source: the layer has no source"),
    ],
)
def test_odd_toml_is_refused_with_its_key(folder: Path, text: str, said: str) -> None:
    write_layer(folder, text)
    assert any(said in line for line in texts(folder)), texts(folder)


def test_a_value_of_several_types_is_wrong_once(folder: Path) -> None:
    """pydantic says it once for each type that it could have had."""
    write_layer(folder, ROADS + "\n[source.kept.constants]\nname = nan\n")
    (said,) = [line for line in texts(folder) if "constants" in line]
    assert said.endswith("name: nan is wrong → write a text or a number (not nan or inf) or true or false")
