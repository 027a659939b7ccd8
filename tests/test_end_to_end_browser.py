"""From one command to a reader's click: the modelled municipality, its rainwater map, a bluespot, in real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from conftest import Watched

from ballerup_geo.publish.serve import make_server
from ballerup_geo.results import read_result
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.spec.words import number

pytestmark = pytest.mark.browser


@pytest.fixture
def address(modelled: Path) -> Iterator[str]:
    """The modelled site as ``ballerup-geo serve`` shows it."""
    with make_server(modelled / "site") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


def largest_bluespot(modelled: Path) -> tuple[dict[str, float], tuple[float, float]]:
    """The largest bluespot of the result, and a point of it that no line is drawn over: latitude, longitude."""
    rain = read_result(modelled, "rainwater")
    spots, lines = (gpd.GeoDataFrame(rain.table(name)) for name in ("bluespots", "flow_paths"))
    spot = spots.nlargest(1, "volume_m3")
    free = spot.geometry.difference(lines.buffer(40).union_all())
    assert not free.is_empty.any()
    inside = free.representative_point().to_crs("EPSG:4326").iloc[0]
    return spot.iloc[0].to_dict(), (inside.y, inside.x)


def test_a_reader_goes_from_the_front_page_to_a_bluespot(watched: Watched, modelled: Path, address: str) -> None:
    page = watched.page
    page.goto(address)
    assert MODEL_NOTICE.da in page.locator("body").inner_text()
    page.get_by_role("link", name="Hvor løber regnen hen?").first.click()
    page.wait_for_selector("html[data-drawn]", timeout=30_000)
    assert int(page.evaluate("document.documentElement.dataset.drawn")) > 10
    assert MODEL_NOTICE.da in page.locator("body").inner_text()

    spot, place = largest_bluespot(modelled)
    page.evaluate("(place) => ballerupGeo.map.setView(place, 17, { animate: false })", list(place))
    x, y = page.evaluate(
        """(place) => {
          const at = ballerupGeo.map.latLngToContainerPoint(place);
          const frame = ballerupGeo.map.getContainer().getBoundingClientRect();
          return [at.x + frame.x, at.y + frame.y];
        }""",
        list(place),
    )
    page.mouse.click(x, y)
    panel = page.locator("#selection")
    panel.wait_for(state="visible")
    figures = dict(zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True))
    volume = number(spot["volume_m3"], digits=-1)
    depth = number(spot["max_depth_m"], digits=1)
    assert figures["Rumfang"] == f"{volume}\u00a0m³"
    assert figures["Største dybde"] == f"{depth}\u00a0m"
    assert figures["Løber over mod"] == spot["recipient_name"]

    panel.get_by_role("button", name="Vis i tabellen").click()
    row = page.locator("#tabel tr.selected")
    row.wait_for(state="visible")
    assert row.locator("th, td").all_inner_texts() == [
        str(int(spot["bluespot_id"])),
        volume,
        depth,
        spot["recipient_name"],
    ]


def test_the_page_works_from_a_disk_too(watched: Watched, modelled: Path) -> None:
    page = watched.page
    page.goto((modelled / "site" / "rainwater" / "index.html").as_uri())
    page.wait_for_selector("html[data-drawn]", timeout=30_000)
    assert page.locator("h1").inner_text() == "Hvor løber regnen hen?"
