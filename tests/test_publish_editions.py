"""Editions: whole, dated, never changed; modelled data enter only when allowed."""

from __future__ import annotations

import json
import os
import shutil
import stat
from datetime import date
from pathlib import Path

import pytest
from conftest import Command
from project_maker import ProjectMaker
from step_maker import add_storms, get_method, write_storms

from ballerup_geo.errors import BallerupGeoError
from ballerup_geo.publish import build_edition, build_site, read_wish
from ballerup_geo.publish.editions import changed_files
from ballerup_geo.spec.notice import MODEL_NOTICE

TODAY = date(2026, 11, 23)


@pytest.fixture
def storms(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    add_storms(maker)
    return maker


def edition(maker: ProjectMaker, name: str = "lokalplan-12", **options: object) -> Path:
    made = build_edition(maker.project(), name, out=maker.out, catalog=maker.catalog(), today=TODAY, **options)
    return made.folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_edition_has_the_sites_files_and_says_what_it_was_made_from(storms: ProjectMaker) -> None:
    folder = edition(storms)
    assert folder == storms.out / "editions" / "lokalplan-12"
    site = build_site(storms.project(), out=storms.out, catalog=storms.catalog()).index.parent
    assert set(files(folder)) == {*files(site), "edition.json"}
    record = json.loads((folder / "edition.json").read_text(encoding="utf-8"))
    assert (record["edition"], record["date"], record["municipality"]) == ("lokalplan-12", "2026-11-23", "Firkant")
    assert (record["data"], record["modelled"], record["notice"]) == ("kept", False, None)
    assert record["results"]["storms"]["key"] == "0" * 64
    assert record["layers"]["municipality"]["licence"] == "CC0"
    assert len(record["layers"]["municipality"]["sha256"]) == 64
    assert set(record["files"]) == set(files(folder)) - {"edition.json"}
    assert changed_files(folder) == ()


def test_every_page_says_which_edition_and_date(storms: ProjectMaker) -> None:
    folder = edition(storms)
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) >= 6
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "dgave lokalplan-12 af 23. november 2026" in text, page
        assert "dition lokalplan-12 of 23 November 2026" in text, page


def test_a_second_edition_of_the_name_is_refused_and_the_first_untouched(storms: ProjectMaker) -> None:
    folder = edition(storms)
    before = files(folder)
    write_storms(storms, key="1")
    with pytest.raises(BallerupGeoError, match="there is an edition of this name"):
        edition(storms)
    build_site(storms.project(), out=storms.out, catalog=storms.catalog())
    assert files(folder) == before
    assert edition(storms, "lokalplan-13").is_dir()
    assert files(folder) == before


def test_its_files_cannot_be_written_and_are_no_links_to_the_results(storms: ProjectMaker) -> None:
    folder = edition(storms)
    for path in folder.rglob("*"):
        if path.is_file():
            assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH), path
            assert path.stat().st_nlink == 1, path
    own = storms.out / "results" / "storms"
    assert not (folder / "hent/storms/ground.tif").samefile(own / "ground.tif")
    assert os.access(own / "ground.tif", os.W_OK)


@pytest.mark.parametrize("change", ["edit", "remove", "add"])
def test_whoever_changes_an_edition_is_found_out(storms: ProjectMaker, change: str) -> None:
    folder = edition(storms)
    page = folder / "index.html"
    if change == "remove":
        page.unlink()
    elif change == "add":
        page = folder / "new.html"
        page.write_text("x", encoding="utf-8")
    else:
        page.chmod(0o644)
        page.write_text("x", encoding="utf-8")
    assert changed_files(folder) == (page.name,)


@pytest.mark.parametrize("name", ["", "Lokalplan", "a b", "../x", "a/b", "æ", "-a", "a--b", "a" * 61, ".new-00000000"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(storms: ProjectMaker, name: str) -> None:
    with pytest.raises(BallerupGeoError, match="cannot be an edition's name"):
        edition(storms, name)
    assert not (storms.out / "editions").exists()


def test_an_edition_that_fails_leaves_nothing(storms: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ballerup_geo.publish.editions._write_record", fail)
    with pytest.raises(KeyboardInterrupt):
        edition(storms)
    assert list((storms.out / "editions").iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    assert changed_files(edition(storms)) == ()


def test_a_killed_site_build_leaves_the_last_good_site(storms: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    site = build_site(storms.project(), out=storms.out, catalog=storms.catalog()).index.parent
    before = files(site)
    write_storms(storms, key="1")

    def fail(*args: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("ballerup_geo.publish.site.write_downloads", fail)
    with pytest.raises(MemoryError):
        build_site(storms.project(), out=storms.out, catalog=storms.catalog())
    assert files(site) == before
    assert [path.name for path in storms.out.iterdir() if path.name.startswith(".site")] == []


def test_an_embed_of_an_edition_stays_in_it_and_the_site_says_why(storms: ProjectMaker) -> None:
    folder = edition(storms)
    site = build_site(storms.project(), out=storms.out, catalog=storms.catalog()).index.parent
    own, ordinary = ((where / "storms/index.html").read_text(encoding="utf-8") for where in (folder, site))
    assert "Denne udgave ændres ikke og kan sættes ind i en lokalplan." in own
    assert "Til en lokalplan skal du bruge en udgave" not in own
    assert "Til en lokalplan skal du bruge en udgave" in ordinary


def test_modelled_results_need_to_be_allowed(
    toy_town: Path, modelled: Path, tmp_path: Path, cli: Command, root: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(modelled / "results", out / "results")
    options = ("--project", root, "--out", out, "--data", "model", "--cell", 20)
    refused = cli("publish", *options, "--edition", "proeve")
    assert refused.code == 1
    assert "results/rainwater" in refused.err
    assert "is made from modelled data" in refused.err
    assert "--allow-model" in refused.err
    assert not (out / "editions" / "proeve").exists()
    done = cli("publish", *options, "--edition", "proeve", "--allow-model", "--json")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["edition"] == "proeve"
    assert said["notice"] == MODEL_NOTICE.model_dump()
    folder = Path(said["index"]).parent
    assert changed_files(folder) == ()
    record = json.loads((folder / "edition.json").read_text(encoding="utf-8"))
    assert record["modelled"] is True
    for page in folder.rglob("*.html"):
        assert MODEL_NOTICE.da in page.read_text(encoding="utf-8"), page
    shown = (folder / "rainwater/index.html").read_text(encoding="utf-8")
    assert "ukendt – modeldata" in shown
    for word in ("nået", "på vej", "bagud"):
        assert f'<span lang="da">{word}</span>' not in shown


def test_allowing_modelled_data_is_about_editions(cli: Command, toy_town: Path, tmp_path: Path) -> None:
    done = cli("publish", "--project", toy_town, "--out", tmp_path, "--allow-model")
    assert done.code == 2
    assert "--edition" in done.err


def test_sheets_are_drawn_of_each_map_and_listed(storms: ProjectMaker) -> None:
    wishes = [read_wish(wish) for wish in ("1:5000", "2000,A3,710500,6180500", "5000,a4", "2000,A3,710500.3,6180500")]
    folder = edition(storms, sheets=wishes)
    names = ["storms-2000-a3-710500-6180500.pdf", "storms-5000-a4.pdf"]
    assert sorted(path.name for path in (folder / "kortbilag").glob("*.pdf")) == names
    page = (folder / "kortbilag/index.html").read_text(encoding="utf-8")
    for name in names:
        assert (folder / "kortbilag" / name).read_bytes().startswith(b"%PDF-")
        assert f'href="{name}"' in page
    assert 'href="kortbilag/index.html"' in (folder / "index.html").read_text(encoding="utf-8")
    assert changed_files(folder) == ()


def test_a_sheet_that_cannot_be_drawn_leaves_no_edition(storms: ProjectMaker) -> None:
    with pytest.raises(BallerupGeoError):
        edition(storms, sheets=[read_wish("7")])
    assert list((storms.out / "editions").iterdir()) == []


@pytest.mark.parametrize("text", ["", "abc", "2000,A5", "2000,A4,1", "2000,A4,x,y", "-2000", "2000;A4"])
def test_a_wish_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(BallerupGeoError, match=r"write e\.g\. 2000"):
        read_wish(text)


def test_each_map_has_its_figures(storms: ProjectMaker) -> None:
    folder = edition(storms) / "storms"
    page = (folder / "index.html").read_text(encoding="utf-8")
    for form, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF-")):
        assert (folder / f"storms.{form}").read_bytes().startswith(start)
        assert f'href="storms.{form}"' in page
