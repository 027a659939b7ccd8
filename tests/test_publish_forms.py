"""The forms of a map in Debian's Chromium: an embed inside a foreign page, the code for it, one file without a net."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from project_maker import ProjectMaker
from rasterio.io import MemoryFile
from step_maker import DARK, LIGHT, MIDDLE, add_storms, get_method

from ballerup_geo.publish import build_site
from ballerup_geo.publish.content import Reader, gather
from ballerup_geo.publish.forms import single_file
from ballerup_geo.publish.serve import make_server
from ballerup_geo.results import read_result

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Frame, Page

pytestmark = pytest.mark.browser

ROAD = "#d55e00"
SQUARE = "12.3470,55.7150,12.3640,55.7250"


@pytest.fixture
def storms(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    return maker


@pytest.fixture
def site(storms: ProjectMaker) -> Path:
    catalog = add_storms(storms)
    return build_site(storms.project(), out=storms.out, catalog=catalog).index.parent


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    with make_server(site, port=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.url
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class _Host(ThreadingHTTPServer):
    request_queue_size = 128


@pytest.fixture
def host(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Another web site, at another origin, whose pages are to show the map: its folder and its address."""
    folder = tmp_path / "host"
    folder.mkdir()
    with _Host(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def host_page(folder: Path, iframe: str) -> None:
    """A page that keeps what its frames tell it."""
    listen = "onmessage = (event) => told.push({ data: event.data, origin: event.origin })"
    icon = '<link rel="icon" href="data:,">'
    head = f"<!DOCTYPE html><title>Lokalplan</title>{icon}<h1>Lokalplan 12</h1>"
    text = f"{head}<script>told = []; {listen}</script>{iframe}"
    (folder / "plan.html").write_text(text, encoding="utf-8")


def framed(page: Page, address: str) -> Frame:
    page.goto(address)
    frame = page.wait_for_selector("iframe").content_frame()
    assert frame is not None
    drawn(frame)
    return frame


def drawn(frame: Frame | Page) -> None:
    frame.wait_for_selector("html[data-drawn]", timeout=20_000)
    frame.wait_for_function("() => ballerupGeo.rasters.every((one) => one.isReady())", timeout=20_000)
    frame.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def painted(frame: Frame | Page, code: str) -> int:
    """Count the pixels of a colour on the map, as a reader sees it."""
    wanted = [int(code[at : at + 2], 16) for at in (1, 3, 5)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a picture lies nowhere, which rasterio mentions
        with MemoryFile(frame.locator(".stage").screenshot()) as memory, memory.open() as dataset:
            seen = dataset.read()[:3].astype(int)
    return int((abs(seen - [[[band]] for band in wanted]).max(axis=0) <= 3).sum())


def shown(frame: Frame | Page) -> tuple[bool, bool, bool, bool]:
    """Which colours stand on the map: shallow, deeper, deepest water, and a cut road."""
    light, middle, dark, road = (painted(frame, code) > 100 for code in (LIGHT, MIDDLE, DARK, ROAD))
    return light, middle, dark, road


@pytest.mark.parametrize("sandbox", ["", ' sandbox="allow-scripts"'])
def test_an_embed_lives_in_a_foreign_page(watched: Watched, served: str, host, sandbox: str) -> None:
    folder, address = host
    source = f"{served}storms/embed.html?lag=depth&amp;omr={SQUARE}#trin=t3"
    host_page(folder, f'<iframe src="{source}" title="Kort" width="700" height="640"{sandbox}></iframe>')
    page = watched.page
    frame = framed(page, address + "plan.html")
    assert shown(frame) == (False, True, True, False)  # the third rain; roads are not among the layers asked for
    assert frame.locator("#view-note").is_hidden()
    west, south, east, north = map(float, SQUARE.split(","))
    seen = frame.evaluate("ballerupGeo.map.getBounds().toBBoxString()").split(",")
    assert float(seen[0]) <= west < east <= float(seen[2])
    assert float(seen[1]) <= south < north <= float(seen[3])
    page.wait_for_function("told.length > 0")
    said = page.evaluate("told.at(-1).data")
    assert said["type"] == "ballerup-geo:height"
    assert said["height"] == frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
    assert page.evaluate("told.at(-1).origin") == ("null" if sandbox else served.rstrip("/"))
    frame.locator("details.key > summary").click()
    page.wait_for_function(f"told.at(-1).data.height > {said['height']} + 40")


def test_what_an_address_asks_in_vain_is_left_out_and_said(watched: Watched, served: str) -> None:
    page = watched.page
    page.goto(f"{served}storms/embed.html?lag=nothing,<img src=x>&omr=1,2,3")
    drawn(page)
    assert shown(page) == (True, False, False, True)
    note = page.locator("#view-note")
    assert "lag=nothing,<img src=x> i adressen kunne ikke bruges" in note.inner_text()
    assert "omr=1,2,3 i adressen" in note.inner_text()
    for strange in ("12.4,55.8,12.3,55.7", "0,0,1,1", "a,b,c,d", ",,,", "1e999,0,1,1", "-720,55,720,56"):
        page.goto("about:blank")
        page.goto(f"{served}storms/embed.html?omr={strange}")
        drawn(page)
        assert page.locator("#view-note").is_visible(), strange
        assert shown(page) == (True, False, False, True)


def test_an_embed_answers_a_click_with_a_popup_and_leads_to_the_page(watched: Watched, served: str) -> None:
    page = watched.page
    page.goto(f"{served}storms/embed.html?lag=roads#trin=t3&valgt=roads/syd")
    drawn(page)
    assert "syd" in page.locator(".leaflet-popup-content").inner_text()
    link = page.get_by_role("link", name="Åbn hele kortet i en ny fane")
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener")
    with page.context.expect_page() as opening:
        link.click()
    whole = opening.value
    drawn(whole)
    assert whole.url.startswith(f"{served}storms/index.html#")
    assert shown(whole)[:3] == (False, False, False)
    assert whole.locator("#step").input_value() == "3"
    assert "syd" in whole.locator("#selection").inner_text()


def test_the_page_gives_the_code_of_its_present_view(watched: Watched, served: str, host) -> None:
    page = watched.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.rstrip("/"))
    page.goto(f"{served}storms/index.html#trin=t3")
    drawn(page)
    page.locator("input[data-layer=roads]").uncheck()
    page.locator(".folium-map").focus()
    page.keyboard.press("+")
    page.wait_for_function("() => location.hash.includes('omr=') && location.hash.includes('lag=depth')")
    button = page.get_by_role("button", name="Kopiér koden")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('embed-copied').textContent !== ''")
    assert page.locator("#embed-copied").inner_text() == "Koden er kopieret."
    code = page.evaluate("navigator.clipboard.readText()")
    assert code == page.locator("#embed-code").input_value()
    assert 'title="Tekst" width="100%" height="640" loading="lazy"' in code
    folder, address = host
    host_page(folder, code)
    other = page.context.new_page()
    frame = framed(other, address + "plan.html")
    assert shown(frame) == (False, True, True, False)
    centre = "(({ lat, lng }) => [lat, lng])(ballerupGeo.map.getCenter())"
    assert frame.evaluate(centre) == pytest.approx(page.evaluate(centre), abs=1e-3)


def test_without_the_clipboard_the_code_is_marked(watched: Watched, site: Path) -> None:
    page = watched.page
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.add_init_script("document.execCommand = () => false")
    page.goto((site / "storms/index.html").as_uri())
    drawn(page)
    page.get_by_role("button", name="Kopiér koden").click()
    assert page.locator("#embed-copied").inner_text() == "Koden er markeret: tryk Ctrl+C."
    code = page.locator("#embed-code")
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == code.input_value()


def test_the_address_of_the_page_carries_its_view(watched: Watched, served: str) -> None:
    page = watched.page
    page.goto(f"{served}storms/index.html")
    drawn(page)
    assert "omr" not in page.url
    page.locator(".folium-map").focus()
    page.keyboard.press("+")
    page.locator("input[data-layer=depth]").uncheck()
    page.wait_for_url("**lag=roads*")
    page.wait_for_url("**omr=*")
    centre = "(({ lat, lng }) => [lat, lng])(ballerupGeo.map.getCenter())"
    fresh = page.context.new_page()
    fresh.goto(page.url)
    drawn(fresh)
    assert shown(fresh) == (False, False, False, True)
    assert fresh.evaluate(centre) == pytest.approx(page.evaluate(centre), abs=1e-4)
    assert not fresh.locator("input[data-layer=depth]").is_checked()


def test_one_file_draws_from_a_disk_without_a_net(watched: Watched, site: Path, tmp_path: Path) -> None:
    alone = tmp_path / "elsewhere" / "storms.html"
    alone.parent.mkdir()
    alone.write_bytes((site / "storms/storms.html").read_bytes())
    assert alone.stat().st_size < 6_000_000
    page = watched.page
    page.context.set_offline(True)
    page.goto(alone.as_uri())
    drawn(page)
    assert int(page.locator("html").get_attribute("data-drawn")) > 0
    assert shown(page) == (True, False, False, True)
    page.locator("#step").focus()
    page.keyboard.press("End")
    drawn(page)
    assert shown(page) == (False, True, True, True)


def test_the_page_offers_the_file_with_its_size(watched: Watched, served: str, site: Path) -> None:
    page = watched.page
    page.goto(f"{served}storms/index.html")
    drawn(page)
    link = page.locator("a[href='storms.html']")
    assert f"{round((site / 'storms/storms.html').stat().st_size / 1000)}\u00a0kB" in link.inner_text()
    with page.expect_download() as taken:
        link.click()
    assert Path(taken.value.path()).read_bytes() == (site / "storms/storms.html").read_bytes()


def test_a_file_that_grows_too_large_gets_coarser_and_says_so(storms: ProjectMaker) -> None:
    catalog = add_storms(storms)
    reader = Reader(storms.project(), catalog, lambda name: read_result(storms.out, name))
    content = gather(reader, "storms")
    whole = single_file(content, explanation=None, edition=None)
    assert whole is not None
    assert whole.left_out == ()
    assert single_file(content, explanation=None, edition=None, most=1000) is None


def test_the_site_works_below_a_path(watched: Watched, site: Path, tmp_path: Path) -> None:
    root = tmp_path / "web"
    (root / "kort").mkdir(parents=True)
    (root / "kort" / "klima").symlink_to(site)
    page = watched.page
    failed: list[str] = []
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    with _Host(("127.0.0.1", 0), partial(_Quiet, directory=root)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}/kort/klima/"
        for name in ("index.html", "embed.html", "storms.html"):
            page.goto(f"{base}storms/{name}")
            drawn(page)
            assert shown(page) == (True, False, False, True)
        page.goto(f"{base}hent/storms/index.html")
        page.get_by_role("link", name="Alle kort").click()
        assert page.url.split("#")[0] == f"{base}index.html"
        watched.leave()
        server.shutdown()
    assert failed == []
