"""The modelled municipality's site beside folium's stock GeoJSON pages of the same layers, in headless Chromium.

    python benchmarks/bench_publish.py [--rounds 5] [--cell METRES] [--out DIR] [--map NAME …]

Per map, in turn and in the same run: our page from a plain static server, our one file from the disk, and a stock page
(``folium.GeoJson`` a layer, with a style function and a tooltip, as the tutorials have it; with and without
``prefer_canvas``). The stock page has the layers' features and columns, but no rasters, tables or search; its Leaflet
comes from this machine, and what else it asks other servers for is answered with nothing: both are to its advantage.

A ``load`` event is no evidence that a map drew: the features drawn are counted, and pixels that differ from the
commonest colour must be a part of the picture. Printed are medians, the bytes of the responses (no compression), and
the time from navigation until the features stand; then the frames of a drag. Exit status 1 where a budget is exceeded.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

import folium
import geopandas as gpd
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, Route, sync_playwright

from ballerup_geo.catalog import Catalog
from ballerup_geo.project import Project, read_project, shipped_root
from ballerup_geo.publish import assets, build_site
from ballerup_geo.publish.content import LayerContent, MapContent, Reader, gather
from ballerup_geo.results import read_result

MOST_MB, MOST_FILE_MB, MOST_MS, MOST_BUILD_S = 3.0, 6.0, 2000.0, 30.0
MOST_FRAME_MS, MOST_SLOW_FRAME_MS = 20.0, 50.0
SHARE_OF_BYTES, SHARE_OF_TIME = 0.2, 0.4
LEAST_PAINTED = 0.05
"""Part of the picture that is not of its commonest colour, once a map is drawn."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

OURS_DREW = """() => {
  const [mark] = performance.getEntriesByName("drawn");
  const drawn = ballerupGeo.sheets.filter((one) => one.isDrawn());
  const expected = drawn.reduce((sum, one) => sum + one.members.reduce((own, each) => own + each.length, 0), 0);
  return { ms: mark.startTime, features: Number(document.documentElement.dataset.drawn), expected };
}"""
STOCK_DREW = """([canvas]) => new Promise((done) => {
  const map = Object.values(window).find((one) => one && one._leaflet_id && one.eachLayer && one.getCenter);
  let features = 0;
  if (map) map.eachLayer((layer) => { features += layer instanceof L.Path ? 1 : 0; });
  requestAnimationFrame(() => requestAnimationFrame(() => done({ ms: performance.now(), features })));
})"""
START_FRAMES = """() => {
  window.frames_ms = [];
  let last = null;
  const step = (now) => {
    if (last !== null) window.frames_ms.push(now - last);
    last = now;
    window.frame_wanted = requestAnimationFrame(step);
  };
  window.frame_wanted = requestAnimationFrame(step);
}"""
END_FRAMES = "() => { cancelAnimationFrame(window.frame_wanted); return window.frames_ms; }"


@dataclass(frozen=True, slots=True)
class Seen:
    """One opening of one page."""

    mb: float
    ms: float
    features: int
    frames_ms: tuple[float, ...]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder plainly, without compression."""
    with _Server(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


# ---------------------------------------------------------------- folium's stock page


def stock_page(content: MapContent, *, canvas: bool) -> str:
    """Return folium's own page of a map's layers."""
    (south, west), (north, east) = content.bounds
    found = folium.Map(location=[(south + north) / 2, (west + east) / 2], tiles=None, prefer_canvas=canvas)
    for layer in content.layers:
        if layer.shown.visible and (layer.shown.minimum_zoom or 0) <= 12:
            _stock_layer(layer).add_to(found)
    found.fit_bounds([[south, west], [north, east]])
    folium.LayerControl().add_to(found)
    return str(found.get_root().render())


def _stock_layer(layer: LayerContent) -> folium.GeoJson:
    columns = list(dict.fromkeys(field.column for field in layer.fields))
    named = [name for name in (layer.shown.name, layer.shown.labels) if name is not None]
    kept = list(dict.fromkeys([*columns, *named]))
    frame = layer.frame[[*kept, "geometry"]].assign(_class=list(layer.styled.classes)).to_crs("EPSG:4326")
    frame = frame.astype(dict.fromkeys(kept, str))
    paints = [entry.paint for entry in layer.styled.entries]

    def look(feature: dict[str, Any]) -> dict[str, Any]:
        paint = paints[feature["properties"]["_class"]]
        drawn = {"color": paint.line or "#000000", "weight": paint.width_px if paint.line else 0}
        return {**drawn, "fillColor": paint.fill or "#000000", "fillOpacity": paint.fill_opacity if paint.fill else 0}

    tooltip = folium.GeoJsonTooltip(kept) if kept else None
    marker = folium.CircleMarker(radius=5)
    return folium.GeoJson(_plain(frame), name=layer.shown.id, style_function=look, tooltip=tooltip, marker=marker)


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[~frame.geometry.is_empty & frame.geometry.notna()].reset_index(drop=True)


def answer(route: Route) -> None:
    """Answer a stock page's requests to other servers: Leaflet from this machine, nothing for the rest."""
    name = route.request.url.rsplit("/", 1)[-1]
    body = {"leaflet.js": assets.leaflet_script(), "leaflet.css": assets.style_sheet("map")}.get(name, "")
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    route.fulfill(body=body, content_type=kind)


# ---------------------------------------------------------------- looking


def painted(page: Page) -> float:
    """Return which part of the map's picture is not of its commonest colour."""
    shot = page.locator(".folium-map, .leaflet-container").first.screenshot()
    pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).reshape(-1, 3)
    _, counts = np.unique(pixels, axis=0, return_counts=True)
    return 1.0 - float(counts.max()) / len(pixels)


def drag(page: Page) -> tuple[float, ...]:
    """Drag the map to and fro; return how long each frame took, ms."""
    box = page.locator(".folium-map, .leaflet-container").first.bounding_box()
    assert box is not None, "the map has no place in the window"
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"], 600) / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(START_FRAMES)
    for step in range(1, 25):
        page.mouse.move(x + 12 * (step if step <= 12 else 24 - step), y + 4 * step)
        page.wait_for_timeout(16)
    frames = page.evaluate(END_FRAMES)
    page.mouse.up()
    return tuple(frames)


def look_at(browser: Browser, address: str, *, stock: bool, canvas: bool = False) -> Seen:
    """Open a page in a fresh context, and measure it.

    Raises
    ------
    SystemExit
        The page drew nothing, or less than its features.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="da-DK")
    page = context.new_page()
    sizes: list[float] = []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    if stock:
        page.route(lambda url: not url.startswith(("http://127.0.0.1", "data:", "blob:")), answer)
    page.goto(address, wait_until="commit")
    if stock:
        page.wait_for_selector(".leaflet-interactive, .leaflet-overlay-pane canvas", state="attached", timeout=120_000)
        page.wait_for_load_state("load", timeout=120_000)
        drew = page.evaluate(STOCK_DREW, [canvas])
        wanted = 1
    else:
        page.wait_for_selector("html[data-drawn]", timeout=60_000)
        drew = page.evaluate(OURS_DREW)
        wanted = drew["expected"]
    if drew["features"] < wanted:
        raise SystemExit(f"{address}: {drew['features']} of {wanted} features drawn")
    share = painted(page)
    if share < LEAST_PAINTED:
        raise SystemExit(f"{address}: only {share:.1%} of the picture is painted")
    if not stock:
        page.wait_for_function("() => ballerupGeo.rasters.every((one) => one.isReady())", timeout=60_000)
    page.wait_for_timeout(500)
    mb = sum(sizes) / 1e6
    frames = drag(page)
    context.close()
    return Seen(mb, drew["ms"], drew["features"], frames)


def several(rounds: int, look: Callable[[], Seen]) -> Seen:
    """Return the medians of some openings; frames of all of them."""
    seen = [look() for _ in range(rounds)]
    frames = tuple(each for one in seen for each in one.frames_ms)
    return Seen(median(one.mb for one in seen), median(one.ms for one in seen), seen[0].features, frames)


# ---------------------------------------------------------------- the run


def results(out: Path, cell_m: float) -> None:
    """Compute what the maps show, where it is not there yet."""
    ask = ["run", "--data", "model", "--cell", f"{cell_m:g}", "--out", str(out)]
    subprocess.run([sys.executable, "-m", "ballerup_geo", *ask], check=True, stdout=subprocess.DEVNULL)


def built(project: Project, out: Path, cell_m: float) -> float:
    """Build the site anew from results; return the seconds."""
    shutil.rmtree(out / "site", ignore_errors=True)
    (out / "results/site.json").unlink(missing_ok=True)
    start = time.perf_counter()
    build_site(project, out=out, catalog=Catalog(project, out=out, data="model", cell_m=cell_m))
    return time.perf_counter() - start


def rows(browser: Browser, content: MapContent, site: Path, address: str, folder: Path, rounds: int) -> dict[str, Seen]:
    """Measure one map's pages in turn."""
    for form, canvas in (("svg", False), ("canvas", True)):
        (folder / f"{content.id}-{form}.html").write_text(stock_page(content, canvas=canvas), encoding="utf-8")
    one = site / content.id / f"{content.id}.html"
    size_mb = one.stat().st_size / 1e6
    with served(folder) as stock:
        return {
            "page": several(rounds, lambda: look_at(browser, f"{address}{content.id}/index.html", stock=False)),
            "one file": replace(several(rounds, lambda: look_at(browser, one.as_uri(), stock=False)), mb=size_mb),
            "stock": several(rounds, lambda: look_at(browser, f"{stock}{content.id}-svg.html", stock=True)),
            "stock, canvas": several(
                rounds, lambda: look_at(browser, f"{stock}{content.id}-canvas.html", stock=True, canvas=True)
            ),
        }


def told(name: str, form: str, seen: Seen) -> str:
    """Return a line of the table."""
    slow, usual = np.percentile(seen.frames_ms, 95), np.percentile(seen.frames_ms, 50)
    return f"| {name} | {form} | {seen.features:,} | {seen.mb:.2f} | {seen.ms:.0f} | {usual:.0f} | {slow:.0f} |"


def exceeded(name: str, seen: dict[str, Seen]) -> Iterator[str]:
    """Say which budgets a map exceeds."""
    page, one, stock = seen["page"], seen["one file"], seen["stock"]
    slow, usual = np.percentile(page.frames_ms, 95), np.percentile(page.frames_ms, 50)
    for what, value, most in (
        ("MB of the page", page.mb, MOST_MB),
        ("MB of the one file", one.mb, MOST_FILE_MB),
        ("ms until drawn", page.ms, MOST_MS),
        ("ms a frame, median", usual, MOST_FRAME_MS),
        ("ms a frame, 95th percentile", slow, MOST_SLOW_FRAME_MS),
        ("of stock's bytes", page.mb / stock.mb, SHARE_OF_BYTES),
        ("of stock's time", page.ms / stock.ms, SHARE_OF_TIME),
    ):
        if value > most:
            yield f"{name}: {value:.2f} {what}, and {most:g} is the most"


def main() -> int:
    """Measure, print the table, and say what is exceeded."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--cell", type=float, default=2.0)
    asked.add_argument("--out", type=Path, help="keeps layers, results and site")
    asked.add_argument("--map", nargs="*", default=[])
    given = asked.parse_args()
    kept = given.out or Path(tempfile.mkdtemp())
    project = read_project(shipped_root())
    over: list[str] = []
    try:
        results(kept, given.cell)
        load = os.getloadavg()[0]
        build_s = median(built(project, kept, given.cell) for _ in range(min(given.rounds, 3)))
        over += [f"{build_s:.1f} s for all pages, and {MOST_BUILD_S:g} is the most"] if build_s > MOST_BUILD_S else []
        print(f"all pages from results: {build_s:.1f} s (load {load:.1f} before)\n")
        print("| map | form | features drawn | MB | ms until drawn | ms a frame, median | 95th percentile |")
        print("|---|---|---|---|---|---|---|")
        catalog = Catalog(project, out=kept, data="model", cell_m=given.cell)
        reader = Reader(project, catalog, partial(read_result, kept))
        with tempfile.TemporaryDirectory() as folder, served(kept / "site") as address, sync_playwright() as playwright:
            chromium = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            for name in given.map or sorted(project.maps, key=lambda each: project.maps[each].order):
                content = gather(reader, name)
                seen = rows(browser, content, kept / "site", address, Path(folder), given.rounds)
                over += exceeded(name, seen)
                for form, one in seen.items():
                    print(told(name, form, one), flush=True)
            browser.close()
    finally:
        if given.out is None:
            shutil.rmtree(kept)
    print("\n" + ("\n".join(over) or "within all budgets"))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
