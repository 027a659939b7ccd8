"""A plan's report: page and PDF in Chromium, the embed, the files for Plandata, and the command that makes them."""

from __future__ import annotations

import json
import re
import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import jsonschema
import plan_maker as town
import pyogrio
import pytest
import shapely
from conftest import Command, lacking
from markupsafe import escape
from project_maker import ProjectMaker
from test_publish_axe import faults

from ballerup_geo.errors import BallerupGeoError, DataError
from ballerup_geo.methods.lokalplan import METHOD, Ground, area_of, assess, proposal_of
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.publish.report import MapLink, Report, Written, write_report
from ballerup_geo.publish.report._page import report_page
from ballerup_geo.publish.report._pdf import print_pdf
from ballerup_geo.publish.report._upload import write_upload
from ballerup_geo.raster import CRS
from ballerup_geo.results import read_result
from ballerup_geo.run import prepare, run
from ballerup_geo.sources.file.area import read_drawing
from ballerup_geo.spec import Text
from ballerup_geo.spec.schema import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Watched

HOSTILE = '</title><script>alert("1")</script>{{ 7 * 7 }} @@main@@'
LABEL = "<img src=x onerror=alert(1)>\n'\"&amp;" + " A" * 60
"""A proposal's file name: both hostile and far too long."""


SHORT_LABEL = " ".join(LABEL.split())[:39].rstrip() + "…"
UNNAMED = """[...document.querySelectorAll("table")].filter((table) =>
  !table.caption || !table.caption.textContent.trim()
  || [...table.tHead.querySelectorAll("th")].some((th) => th.scope !== "col")
  || [...table.tBodies[0].rows].some((row) => row.cells[0].scope !== "row")).map((table) => table.outerHTML)"""


def report(*, modelled: bool = True, compared: bool = False, name: str = HOSTILE, **changes: Any) -> Report:
    ground = town.ground(**changes)
    area = area_of(gpd.GeoDataFrame(geometry=[town.AREA], crs=CRS), ground, where="x")
    plans = {"A": town.proposal(), LABEL: town.proposal()[["kind", "geometry"]]}
    found = [
        (
            Text(da=label, en=label) if compared else None,
            assess(area, ground, proposal=proposal_of(frame, area.shape, ground, where=label)),
        )
        for label, frame in plans.items()
    ]
    return Report(
        name=name,
        municipality="Firkant",
        assessed=tuple(found if compared else found[:1]),
        modelled=modelled,
        data="model" if modelled else "kept",
        summary=METHOD.summary,
        assumptions=tuple(read_project(shipped_root()).analyses["lokalplan"].assumptions.values()),
        credits=(Text(da="Firkant", en="Firkant"),),
        used={"buildings": {"time": "2026-03-01T12:30:00+01:00"}, "lavbund": None},
        maps=(
            MapLink(
                Text(da="Regn", en="Rain"), "../site/rainwater/index.html#omr=1,2,3,4", "../site/rainwater/embed.html"
            ),
        ),
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    if shutil.which("chromium") is None:
        lacking("Chromium is missing (Debian package chromium)")
    catchments = town.inputs()["catchments"].assign(name=[HOSTILE, "Øst"])
    made = report(compared=True, catchments=catchments)
    return write_report(tmp_path_factory.mktemp("report") / "plan", made, town=town.TOWN)


@pytest.mark.browser
def test_the_page_is_accessible_whole_in_both_languages_and_runs_nothing(
    watched: Watched, written: Written, axe: str
) -> None:
    page = watched.page
    page.emulate_media(reduced_motion="reduce")
    for file in ("index.html", "embed.html"):
        for width, scheme in ((1280, "light"), (360, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            page.goto((written.folder / file).as_uri())
            assert faults(page, axe) == [], (file, width)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (file, width)
            shown = page.locator(".summary tbody td").first
            assert shown.evaluate("cell => getComputedStyle(cell).display") == (
                "block" if width < 600 else "table-cell"
            )
            assert ("I dag:" in shown.inner_text()) == (width < 600)
        page.goto((written.folder / file).as_uri() + "#sprog=en")
        assert faults(page, axe) == [], (file, "en")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(written.page.as_uri())
    tables = page.locator("table")
    assert tables.count() == 1 + 8 + 1
    assert page.evaluate(UNNAMED) == []
    assert page.locator("h1 span[lang=da]").inner_text() == f"Klimavurdering: {HOSTILE}"
    assert page.locator(".plan-map > svg").count() == 2 * 4
    assert page.get_by_role("img", name=f"Kort: Regn – {SHORT_LABEL}", exact=True).count() == 1
    described = page.locator("#kort-rain-1-key").inner_text()
    assert "bygninger (2)" in described
    assert "lavning, hvor vand samler sig (1)" in described
    assert "fjernvarmerør\n" in page.locator("#kort-heat-1-key").inner_text() + "\n"
    assert page.locator("img, h1 script").count() == 0
    assert page.locator("#tema-rain th", has_text="<img src=x onerror").count() == 2
    assert page.locator("section[id^=tema-]").count() == 8
    row = page.locator("#tema-rain tr", has_text="Vand, området skal holde på").first
    assert [cell.replace("\u00a0", " ") for cell in row.locator("td").all_inner_texts()][:3] == [
        "87 m³",
        "119 m³",
        "119 m³ (antaget)",
    ]
    assert page.locator("#tema-rain th[scope=row]", has_text=HOSTILE).count() == 1  # a recipient's name, too, is text
    told = page.locator("#tema-rain dl").inner_text()
    assert told.count("Lavninger (bluespots)") == 1  # said once for all that is reckoned so
    assert page.locator("#tema-rain dt").count() == page.locator("#tema-rain tbody tr").count()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("[document.documentElement.lang, location.hash]") == ["en", "#sprog=en"]
    page.emulate_media(media="print")
    assert "Danish" not in page.locator("body").inner_text()
    assert not page.locator("button.language").is_visible()
    assert not page.locator(".summary [lang=da]").first.is_visible()
    page.emulate_media(media="screen")
    assert page.locator("h1 span[lang=en]").inner_text() == f"Climate check: {HOSTILE}"
    assert page.locator(".plan-map text[lang=en]").first.is_visible()
    assert not page.locator(".plan-map text[lang=da]").first.is_visible()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves a folder; pages called host.html come with a policy as strict as a municipality's."""

    def log_message(self, *_: object) -> None:
        pass

    def end_headers(self) -> None:
        if self.path.startswith("/host"):
            policy = f"default-src 'none'; style-src 'unsafe-inline'; frame-src {self.server.frames}"
            self.send_header("Content-Security-Policy", policy)
        super().end_headers()


class _Server(ThreadingHTTPServer):
    frames = "'none'"


@contextmanager
def served(folder: Path) -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


HOSTS = ("", ' sandbox="allow-scripts allow-popups"', " sandbox")


@pytest.mark.browser
def test_the_embed_works_inside_a_foreign_page(watched: Watched, written: Written, tmp_path: Path) -> None:
    """The host is of another origin, with a style of its own, a policy, and every degree of sandbox."""
    first = next(line for line in (written.folder / "embed.txt").read_text("utf-8").splitlines() if "<iframe" in line)
    assert "<script" not in first
    assert f'title="Klimavurdering: {escape(HOSTILE)}"' in first
    style = "<style>* { display: block !important; color: red !important; font-size: 40px !important }</style>"
    with served(written.folder) as own, served(tmp_path) as foreign:
        address = f"http://127.0.0.1:{own.server_port}"
        foreign.frames = address
        for place, sandbox in enumerate(HOSTS):
            frame = first.replace('src="', f'src="{address}/').replace(" loading", f"{sandbox} loading")
            (tmp_path / f"host{place}.html").write_text(f"<!doctype html>{style}<title>x</title>{frame}", "utf-8")
        page = watched.page
        for place, sandbox in enumerate(HOSTS):
            page.goto(f"http://127.0.0.1:{foreign.server_port}/host{place}.html")
            inner = page.frame_locator("iframe")
            assert inner.locator(".summary table tbody tr").count() >= 10, sandbox
            cell = inner.locator(".summary tbody td").first
            assert cell.evaluate("cell => getComputedStyle(cell).color") != "rgb(255, 0, 0)"
            assert inner.locator("a[href='index.html']").is_visible()
            assert inner.locator(".plan-map > svg").first.is_visible()
            if "scripts" in (sandbox or "scripts"):
                inner.locator("button.language").click()
                assert inner.locator(".summary h2 span[lang=en]").is_visible()
            else:  # nothing runs: it is whole in Danish, and offers no button that does nothing
                assert not inner.locator("button.language").is_visible()
                watched.errors[:] = [each for each in watched.errors if "sandboxed" not in each]
        page.goto("about:blank")


# ---------------------------------------------------------------- paper


def bookmarks(pdf: bytes) -> dict[str, int]:
    """Return title → page number of a PDF's outline, as Chromium writes it."""
    kids = re.findall(rb"(\d+) 0 obj\n<</Type /Page\n", pdf)
    pages = {number: place for place, number in enumerate(sorted(kids, key=int), start=1)}
    found = re.findall(rb"<</Title (\(.*?(?<!\\)\)|<\w+>)\n/Dest \[(\d+) 0 R", pdf, flags=re.DOTALL)
    titles = [
        bytes.fromhex(said[1:-1].decode()).decode("utf-16") if said.startswith(b"<") else said[1:-1].decode("latin-1")
        for said, _ in found
    ]
    return {title: pages[number] for title, (_, number) in zip(titles, found, strict=True)}


@pytest.mark.browser
def test_the_pdf_is_tagged_with_bookmarks_text_language_and_a_date_of_its_own(written: Written, tmp_path: Path) -> None:
    assert written.pdf is not None
    content = written.pdf.read_bytes()
    for mark in (b"/StructTreeRoot", b"/ToUnicode", b"/Marked true", b"/Lang (da)", b"(D:20260301113000+00'00')"):
        assert mark in content, mark
    assert set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)) == {(b"594.95996", b"841.91998")}
    assert b"/Subtype /Image" not in content  # the small maps are drawn, not pictures of drawings
    marks = bookmarks(content)
    assert [title for title in marks if title.startswith("Klimavurdering: </title>")] == [next(reversed(marks))]
    assert {marks[title] for title in ("Kort fortalt", "Det bør undersøges", "Det er ukendt")} == {1}
    assert {"Regn", "Varme", "CO2", "Metode, forudsætninger og kilder"} <= set(marks)
    again = tmp_path / "again.pdf"
    assert print_pdf(written.page, again, language="da", made=datetime(2026, 3, 1, 11, 30, tzinfo=UTC))
    assert again.read_bytes() == content
    english = (written.folder / "report-en.pdf").read_bytes()
    assert b"/Lang (en)" in english
    assert bookmarks(english)["In short"] == 1
    assert "Kort fortalt" not in bookmarks(english)


@pytest.mark.browser
def test_the_summary_keeps_to_one_page_where_nothing_is_known_and_names_are_long(
    written: Written, tmp_path: Path
) -> None:
    kept = {"municipality", "addresses"}
    nothing = dict.fromkeys(set(town.inputs()) - kept)
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(report_page(report(compared=True, name="Ny plan " * 90, **nothing)), encoding="utf-8")
    assert print_pdf(page, pdf, language="da", made=datetime(2026, 3, 1, tzinfo=UTC))
    marks = bookmarks(pdf.read_bytes())
    assert {marks[title] for title in ("Kort fortalt", "Det bør undersøges", "Det er ukendt")} == {1}
    assert marks["Regn"] == 2
    unknown = page.read_text(encoding="utf-8").split("Det er ukendt</span>")[1].split("</section>")[0]
    assert 3 <= unknown.count("<li>") <= 6
    assert "svar til er ukendte" in unknown


def test_without_a_browser_the_page_is_there_and_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    made = write_report(tmp_path / "plan", report(modelled=False), town=town.TOWN)
    assert made.pdf is None
    text = made.page.read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "Modelberegnede" not in text
    jsonschema.validate(json.loads((tmp_path / "plan" / "assessment.json").read_bytes()), schemas()["assessment"])
    first = {path.name: path.read_bytes() for path in (tmp_path / "plan").rglob("*") if path.is_file()}
    write_report(tmp_path / "plan", report(modelled=False), town=town.TOWN)
    again = {path.name: path.read_bytes() for path in (tmp_path / "plan").rglob("*") if path.is_file()}
    assert [name for name in first if first[name] != again[name]] == []


def test_a_folder_of_other_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "brev.txt").write_text("kære", encoding="utf-8")
    with pytest.raises(BallerupGeoError, match="name a new folder"):
        write_report(tmp_path, report(), town=town.TOWN, pdf=False)
    assert [path.name for path in tmp_path.iterdir()] == ["brev.txt"]


def test_the_files_for_plandata_keep_its_rules(written: Written) -> None:
    folder = written.folder / "indberetning"
    document = json.loads((written.folder / "assessment.json").read_text(encoding="utf-8"))
    assert document["upload"] == sorted(path.name for path in folder.iterdir())
    assert document["notice"]["da"] == "Modelberegnede data – ikke virkelige bygninger"
    jsonschema.validate(document, schemas()["assessment"])
    assert document["format"] == 1
    assert document["newest_input"] == "2026-03-01T12:30:00+01:00"
    assert document["name"] == HOSTILE
    assert [each["label"]["da"] for each in document["assessments"]] == ["A", LABEL]
    read = 0
    for stem in ("planomraade", "byggefelter_1", "byggefelter_2"):
        for suffix in ("shp", "tab", "gml"):
            path = folder / f"{stem}.{suffix}"
            frame = pyogrio.read_dataframe(path)
            if suffix == "tab":  # MapInfo has its own words for the same system: UTM 32 on ETRS89
                assert frame.crs.datum.name == "European Terrestrial Reference System 1989"
                assert [each.value for each in frame.crs.coordinate_operation.params] == [0, 9, 0.9996, 500_000, 0]
            else:
                assert frame.crs.to_epsg() == 25832 or "25832" in frame.crs.srs, suffix
            assert len(pyogrio.list_layers(path)) == len(frame) == 1
            assert set(frame.geometry.geom_type) <= {"Polygon", "MultiPolygon"}
            assert frame.geometry.is_valid.all()
            assert shapely.covered_by(frame.geometry.to_numpy(), town.TOWN.buffer(0.05)).all()
            assert frame["plannavn"].str.strip().tolist() == [HOSTILE]
            read += 1
    assert read == 9
    with pytest.raises(DataError, match="cannot be reported"):
        write_upload(folder.parent / "again", {"x": (town.box(2000, 0, 2100, 50),)}, name="x", town=town.TOWN)


def test_danish_letters_and_strange_names_come_back_from_every_format(tmp_path: Path) -> None:
    name = "Ærø\nÅs – »x«\x07 😀 " + "ø" * 200
    files = write_upload(tmp_path / "ud", {"planomraade": (town.AREA,)}, name=name, town=town.TOWN)
    assert (tmp_path / "ud" / "planomraade.cpg").read_text().strip() == "UTF-8"
    assert "WindowsLatin1" in (tmp_path / "ud" / "planomraade.tab").read_text()
    for suffix, smile in (("shp", "😀"), ("tab", "?"), ("gml", "😀")):
        path = tmp_path / "ud" / f"planomraade.{suffix}"
        assert path.name in files
        frame = pyogrio.read_dataframe(path)
        assert [column for column in frame.columns if column in ("nr", "plannavn")] == ["nr", "plannavn"]
        assert max(map(len, frame.columns)) <= 10
        assert frame["nr"].tolist() == [1]
        said = frame["plannavn"].iloc[0]
        assert said.startswith(f"Ærø Ås – »x« {smile} øøø"), suffix
        assert len(said) == 80


# ---------------------------------------------------------------- the drawing as it comes


def save(path: Path, crs: str = CRS, driver: str | None = None) -> Path:
    frame = gpd.GeoDataFrame({"navn": ["x"]}, geometry=[town.AREA], crs=CRS)
    pyogrio.write_dataframe(frame.to_crs(crs), path, driver=driver)
    return path


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "tab", "gml", "geojson"])
def test_every_format_of_plan_authors_is_read(tmp_path: Path, suffix: str) -> None:
    driver = {"tab": "MapInfo File", "gml": "GML"}.get(suffix)
    crs = "EPSG:4326" if suffix == "geojson" else CRS
    drawing = read_drawing(save(tmp_path / f"plan.{suffix}", crs, driver), town=town.TOWN)
    assert drawing.frame.crs == CRS
    assert drawing.frame.area.sum() == pytest.approx(10_000, abs=5)
    assert bool(drawing.notes) == (suffix == "geojson")
    if drawing.notes:
        assert "WGS 84" in drawing.notes[0].da


def test_coordinates_that_cannot_be_are_told_from_those_elsewhere(tmp_path: Path) -> None:
    bare = save(tmp_path / "bare.shp")
    (tmp_path / "bare.prj").unlink()
    with pytest.raises(DataError, match="--crs EPSG:25832"):
        read_drawing(bare, town=town.TOWN)
    assert "som bedt om" in read_drawing(bare, town=town.TOWN, crs=CRS).notes[0].da
    degrees = gpd.GeoDataFrame(geometry=[town.AREA], crs=CRS).to_crs("EPSG:4326")
    swapped = degrees.set_geometry(
        shapely.transform(degrees.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs="EPSG:4326"
    )
    swapped.to_file(tmp_path / "swapped.gpkg")
    with pytest.raises(DataError, match="latitude before longitude"):
        read_drawing(tmp_path / "swapped.gpkg", town=town.TOWN)
    degrees.set_crs(CRS, allow_override=True).to_file(tmp_path / "wrong.gpkg")
    with pytest.raises(DataError, match="look like degrees"):
        read_drawing(tmp_path / "wrong.gpkg", town=town.TOWN)
    metres = gpd.GeoDataFrame(geometry=[town.AREA], crs="EPSG:4326")
    metres.to_file(tmp_path / "metres.gpkg")
    with pytest.raises(DataError, match="look like metres"):
        read_drawing(tmp_path / "metres.gpkg", town=town.TOWN)


# ---------------------------------------------------------------- the command


SQUARE = shapely.box(700_190, 6_180_160, 700_310, 6_180_210)
"""Lilleby's paved square with its hollow."""


@pytest.fixture(scope="module")
def lilleby(lilleby: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the toy town's output folder: another project's layers are read into it."""
    return Path(shutil.copytree(lilleby, tmp_path_factory.mktemp("copied") / "lilleby"))


@pytest.fixture(scope="module")
def lilleby_plans(tmp_path_factory: pytest.TempPathFactory, toy_town: Path) -> Path:
    """The toy town with the analysis of plans, which reads what is there: its layers and the rain."""
    project = tmp_path_factory.mktemp("lilleby") / "town"
    shutil.copytree(toy_town, project)
    text = (shipped_root() / "analyses" / "lokalplan.toml").read_text(encoding="utf-8")
    known = {path.stem for path in (project / "layers").glob("*.toml")} | {"lokalplaner"}
    kept = [
        each
        for each in text.splitlines()
        if not (found := re.search(r'= \{ (layer|result) = "(\w+)"', each)) or found[2] in known | {"rainwater"}
    ]
    (project / "analyses" / "lokalplan.toml").write_text("\n".join(kept), encoding="utf-8")
    layer = (shipped_root() / "layers" / "lokalplaner.toml").read_text(encoding="utf-8")
    source = 'kind = "file"\npath = "data/lokalplaner.geojson"\nlicence = "MIT"'
    from_file = layer.replace("[source.model]", "[source.kept]").replace('kind = "model"\nlicence = "MIT"', source)
    (project / "layers" / "lokalplaner.toml").write_text(from_file, encoding="utf-8")
    plans = gpd.GeoDataFrame(
        {"plan_id": ["L-1", "L-2"], "name": ["Engen", "Torvet"], "status": ["vedtaget", "forslag"]},
        geometry=[shapely.box(700_100, 6_180_100, 700_150, 6_180_150), SQUARE],
        crs=CRS,
    )
    plans.to_file(project / "data" / "lokalplaner.geojson")
    return project


def test_the_command_answers_about_lilleby_as_paper_does(
    cli: Command, lilleby: Path, lilleby_plans: Path, tmp_path: Path
) -> None:
    """The paved square with its hollow: x 190–310, y 160–210 (README of the toy town): 6,000 m² of paving."""
    square = gpd.GeoDataFrame(geometry=[SQUARE], crs=CRS)
    square.to_file(tmp_path / "torvet.gpkg")
    asked = ("lokalplan", tmp_path / "torvet.gpkg", "--project", lilleby_plans, "--results", lilleby, "--no-pdf")
    done = cli(*asked, "--out", tmp_path / "ud", "--json")
    assert done.code == 0, done.out + done.err
    document = json.loads((tmp_path / "ud" / "assessment.json").read_text(encoding="utf-8"))
    figures = {each["id"]: each for theme in document["assessments"][0]["themes"] for each in theme["figures"]}
    assert figures["recipient_east_lake"]["existing"] == 100
    assert figures["bluespot_m2"]["existing"] == 900
    assert figures["bluespot_m3"]["existing"] == 450
    assert figures["runoff_10_m3"]["existing"] == pytest.approx(0.040 * 0.9 * 6000)
    assert figures["runoff_100_m3"]["existing"] == pytest.approx(0.100 * 0.9 * 6000)
    assert figures["touched_buildings"]["existing"] == 1
    assert figures["heat_mwh"]["missing"]["da"] == "analysen »Varme« er ikke kørt"
    assert document["notice"] is None
    page = (tmp_path / "ud" / "index.html").read_text(encoding="utf-8")
    assert len(re.findall(r"Regnvand: resultat af kørslen den \d{4}-", page)) == 1
    jsonschema.validate(document, schemas()["assessment"])


def test_two_proposals_for_a_plan_of_the_layer_and_all_plans_in_a_table(
    cli: Command, lilleby: Path, lilleby_plans: Path, tmp_path: Path
) -> None:
    field = shapely.box(700_195, 6_180_165, 700_215, 6_180_185)
    for name, share in (("tæt", 1.0), ("åben", 0.2)):
        frame = gpd.GeoDataFrame({"kind": ["byggefelt"], "sealed_share": [share]}, geometry=[field], crs=CRS)
        frame.to_file(tmp_path / f"{name}.gpkg")
    where = ("--project", lilleby_plans, "--results", lilleby, "--quiet")
    proposals = ("--proposal", tmp_path / "tæt.gpkg", "--compare", tmp_path / "åben.gpkg", "--no-pdf")
    done = cli("lokalplan", "L-2", *proposals, *where, "--out", tmp_path / "ud")
    assert done.code == 0, done.err
    document = json.loads((tmp_path / "ud" / "assessment.json").read_text(encoding="utf-8"))
    assert document["name"] == "L-2 Torvet"
    runoff = [
        figure["proposed"]
        for each in document["assessments"]
        for figure in each["themes"][0]["figures"]
        if figure["id"] == "runoff_10_m3"
    ]
    # the field's 400 m² of paving stay sealed in one proposal; in the other 320 m² become garden
    assert runoff == [pytest.approx(0.040 * 0.9 * 6000), pytest.approx(0.040 * 0.9 * (5680 + 32))]
    done = cli("lokalplan", "--all", *where, "--out", tmp_path)
    assert done.code == 0, done.err
    rows = (tmp_path / "lokalplan" / "lokalplaner.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(";")[:4] for row in rows[1:]] == [
        ["1", "L-2", "Torvet", "forslag"],
        ["2", "L-1", "Engen", "vedtaget"],
    ]
    assert gpd.read_parquet(tmp_path / "lokalplan" / "lokalplaner.parquet").crs.to_epsg() == 25832


def test_the_whole_of_lilleby_has_the_figures_of_its_analysis(lilleby: Path, lilleby_plans: Path) -> None:
    ready = prepare(read_project(lilleby_plans), "lokalplan", out=lilleby)
    ground = Ground(ready.given)
    found = assess(area_of(ground.frame("municipality"), ground, where="x"), ground)
    rain = read_result(lilleby, "rainwater")
    assert found.figure("bluespot_m3").existing == rain.indicators["bluespot_volume_m3"]["value"] == 450
    assert found.figure("touched_buildings").existing == rain.indicators["buildings_touched"]["value"] == 1
    shares = {row["recipient_id"]: row["share_pct"] for row in rain.table("catchments").to_dict("records")}
    assert shares == {name: found.figure(f"recipient_{name}").existing for name in shares}
    assert len(shares) == 3


def test_a_run_of_everything_leaves_out_what_is_computed_on_request(toy: ProjectMaker, tmp_path: Path) -> None:
    import toy_methods

    asked = {**toy_methods.METHODS, "doubled": replace(toy_methods.METHODS["doubled"], on_request=True)}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ballerup_geo.methods.get_method", lambda name: asked[name])
        assert run(toy.project(), out=tmp_path).done == ("areas",)
        assert run(toy.project(), out=tmp_path, analyses=("doubled",)).done == ("doubled",)


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (("lokalplan",), "name a file or a plan_id"),
        (("lokalplan", "P-1", "--all"), "takes no AREA"),
        (("lokalplan", "P-1", "--compare", "x.gpkg"), "give --proposal"),
        (("lokalplan", "ingen.gpkg"), "is not there"),
        (("lokalplan", "L-3"), "is neither a file nor a plan"),
    ],
)
def test_what_cannot_be_asked_is_said(
    cli: Command, lilleby: Path, lilleby_plans: Path, asked: tuple[str, ...], what: str
) -> None:
    done = cli(*asked, "--project", lilleby_plans, "--results", lilleby)
    assert done.code in (1, 2, 3)
    assert what in " ".join(done.err.split())
