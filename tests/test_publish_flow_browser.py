"""Questions to the terrain, asked in Debian's Chromium: the page's answers against those of the terrain library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flow_maker
import numpy as np
import pytest
from flow_maker import CELL_M, COLOURS, LOSS_MM, OUTSIDE_ROWS, RIDGE, SIZE, add_flow_map, heights, runoff, terrain
from map_maker import PAYLOADS
from project_maker import NORTH, WEST, ProjectMaker
from test_publish_browser import PIXELS, opened

from ballerup_geo.hydrology import analyse
from ballerup_geo.publish import build_site, folium_map
from ballerup_geo.run import run

if TYPE_CHECKING:
    from conftest import Watched
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PLACE = """([east, north]) => {
  const { map, flow } = ballerupGeo, { grid } = flow.terrain;
  const c = (east - grid.west) / grid.dx, r = (grid.north - north) / grid.dy;
  const place = L.point(grid.frame.x(c, r), grid.frame.y(c, r));
  const at = map.latLngToContainerPoint(map.options.crs.pointToLatLng(place, 0));
  const frame = map.getContainer().getBoundingClientRect();
  return [at.x + frame.x, at.y + frame.y];
}"""
COLOURS_AT = """
  const canvas = document.querySelector('.folium-map canvas'), box = canvas.getBoundingClientRect();
  const { map, flow } = ballerupGeo, { grid } = flow.terrain, size = map.getSize();
  const colours = places.map(([east, north]) => {
    const c = (east - grid.west) / grid.dx, r = (grid.north - north) / grid.dy;
    const place = L.point(grid.frame.x(c, r), grid.frame.y(c, r));
    const at = map.latLngToContainerPoint(map.options.crs.pointToLatLng(place, 0));
    if (at.x < 0 || at.y < 0 || at.x >= size.x || at.y >= size.y) return null;
    const frame = map.getContainer().getBoundingClientRect();
    const [x, y] = [at.x + frame.x - box.x, at.y + frame.y - box.y];
    const density = canvas.width / box.width;
    return canvas.getContext('2d').getImageData(x * density, y * density, 1, 1).data;
  });
"""
WATER = f"(places) => {{ {COLOURS_AT} return colours.map((p) => p && p[2] > p[1] && p[2] - p[0] > 40); }}"
"""Is it blue there? Null where the place lies outside the picture."""
GREENER = f"""(places) => {{ {COLOURS_AT}
  const north = [0x00, 0x9e, 0x73]; // the catchment's own colour, nothing over it
  return colours.map((p) => p && north.some((part, k) => Math.abs(part - p[k]) > 12));
}}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectMaker]:
    """The hand-made project, run and published; not to be written to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ballerup_geo.methods.get_method", lambda name: {"flow": flow_maker.METHOD}[name])
        maker = ProjectMaker(tmp_path_factory.mktemp("flow") / "project")
        add_flow_map(maker)
        run(maker.project(), out=maker.out)
        build_site(maker.project(), out=maker.out, catalog=maker.catalog())
        yield maker


@pytest.fixture
def page(watched: Watched, made: ProjectMaker) -> Page:
    watched.page.emulate_media(reduced_motion="reduce")
    opened(watched.page, address(made))
    return watched.page


def address(made: ProjectMaker, said: str = "") -> str:
    return (made.out / "site/flow/index.html").as_uri() + said


def middle(row: int, col: int) -> tuple[float, float]:
    """The middle of a cell, east and north."""
    return WEST + (col + 0.5) * CELL_M, NORTH - (row + 0.5) * CELL_M


def ready(page: Page) -> None:
    page.wait_for_function("() => ballerupGeo.flow.terrain !== null", timeout=20_000)


def load(page: Page) -> None:
    """Let the page fetch its terrain, without a question."""
    page.evaluate("document.querySelector('#ask-rain').dispatchEvent(new Event('change'))")
    ready(page)


def at(page: Page, row: int, col: int) -> tuple[float, float]:
    x, y = page.evaluate(PLACE, list(middle(row, col)))
    return x, y


def click(page: Page, row: int, col: int) -> str:
    """Click on a cell, and return what the page answers."""
    load(page)
    page.evaluate("ballerupGeo.map.getContainer().scrollIntoView()")
    page.mouse.click(*at(page, row, col))
    page.wait_for_function("() => ballerupGeo.flow.place !== null")
    return page.locator("#ask-answer").inner_text()


def rain(page: Page, mm: float) -> str:
    page.locator("#ask-rain").fill(str(mm))
    page.wait_for_function("(mm) => (ballerupGeo.flow.rained || {}).mm === mm", arg=mm)
    return page.locator("#ask-water").inner_text()


def state(page: Page, expression: str) -> Any:
    return page.evaluate(f"(({{ flow }}) => {expression})(ballerupGeo)")


def test_the_page_holds_what_the_terrain_library_found(page: Page) -> None:
    load(page)
    found, grid = terrain(), "flow.terrain.grid"
    inside = ~np.isnan(found.dtm)
    assert inside.sum() == SIZE * (SIZE - OUTSIDE_ROWS)
    basins = np.array(state(page, f"Array.from({grid}.basin)")).reshape(inside.shape)
    assert np.array_equal(basins[inside], found.drainage.labels[inside])
    assert (basins[~inside] == 0).all()
    assert basins.max() > 50  # many hollows
    numbers = np.array(state(page, f"Array.from({grid}.direction)")).reshape(inside.shape)
    codes = np.where(numbers < 8, 1 << np.minimum(numbers, 8), np.where(numbers == 9, 0, 255))
    assert np.array_equal(codes, found.directions)
    height = np.array(state(page, f"Array.from({grid}.height)")).reshape(inside.shape) * 0.02
    assert np.abs(height - found.dtm)[inside].max() < 1e-5
    outlets = np.array(state(page, f"Array.from({grid}.outlet)")).reshape(inside.shape)
    assert np.array_equal(outlets, flow_maker.marks())
    whole = state(page, f"Array.from({grid}.nodes.whole)")
    assert whole[2:] == found.drainage.rises_in[2:].tolist()
    upstream = np.array(state(page, "Array.from(flow.terrain.upstream)")).reshape(inside.shape)
    assert np.array_equal(upstream[inside], found.accumulation[inside])


def test_nothing_is_fetched_before_a_reader_asks(watched: Watched, made: ProjectMaker) -> None:
    page = watched.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(Path(request.url).name.split(".")[0]))
    opened(page, address(made))
    assert "catchments" in asked
    assert "flow" not in asked
    load(page)
    assert asked.count("flow") == 1


@pytest.mark.parametrize(
    ("row", "col", "says", "steps"),
    [
        (10, 30, "løber dråben først til Nordbækken og derfra videre til Sydåen", 69),
        (55, 40, "løber dråben først til Sydåen", None),
        (10, 5, "løber dråben ud over kortets kant uden at møde en recipient", 5),
    ],
)
def test_a_drop_runs_to_the_recipient(page: Page, row: int, col: int, says: str, steps: int | None) -> None:
    page.get_by_label("følge en vanddråbe derfra").check()
    answer = click(page, row, col)
    assert says in answer
    found = terrain()
    cells = state(page, "flow.place.way.cells")
    assert cells[0] == row * SIZE + col
    assert found.recipients[row, col] == state(page, "flow.place.way.label")
    if steps is not None:
        assert len(cells) == steps + 1
        assert f"{steps * 10}\u00a0m" in answer
        fall = float(found.dtm.reshape(-1)[cells[0]] - found.dtm.reshape(-1)[cells[-1]])
        assert f"{fall:.1f}".replace(".", ",") + "\u00a0m" in answer
    east, north = middle(row, col)
    assert f"drop={east:.0f},{north:.0f}" in page.url.replace("%2C", ",")


def test_the_profile_is_drawn_with_its_hollows_and_said_in_words(page: Page) -> None:
    page.get_by_label("følge en vanddråbe derfra").check()
    answer = click(page, 25, 30)  # through both bowls
    picture = page.locator("svg.profile")
    assert picture.get_attribute("role") == "img"
    said = str(picture.get_attribute("aria-label"))
    deepest = state(page, "Math.max(...flow.place.hollows.map((hollow) => hollow.depthM))")
    assert deepest == pytest.approx(0.5)
    assert "Lavninger på vejen: " in said
    assert f"{deepest:.1f}".replace(".", ",") in said
    assert picture.locator(".profile-water").count() == state(page, "flow.place.hollows.length") >= 1
    assert picture.locator(".profile-line").bounding_box()["width"] > 150
    assert picture.evaluate("(e) => e.querySelectorAll('[style]').length") == 0
    assert "Når lavningerne på vejen er fulde, løber dråben først til Nordbækken" in answer


def test_a_drop_stays_where_the_rain_does_not_fill_the_hollow(page: Page) -> None:
    page.get_by_label("følge en vanddråbe derfra").check()
    click(page, 25, 45)
    held = {}
    for mm in (5, 200):
        rain(page, mm)
        page.wait_for_timeout(50)
        held[mm] = page.locator("#ask-answer").inner_text()
    share = runoff()
    for mm, words in ((5, "bliver stående i en lavning"), (200, "dråben kommer frem")):
        table = terrain().event(mm, losses=LOSS_MM, runoff=share).depressions
        label = terrain().bluespots[25, 45]
        assert bool(table.loc[table["id"] == label, "full"].iloc[0]) is (mm == 200)
        assert words in held[mm]


def test_the_catchment_is_what_the_library_says(page: Page) -> None:
    page.get_by_label("vise, hvorfra vand løber dertil").check()
    found = terrain()
    row = int(np.argmax(found.accumulation[:, SIZE - 1]))
    cells = int(found.accumulation[row, SIZE - 1])
    assert cells > 500
    answer = click(page, row, SIZE - 1)
    assert f"{cells / 100:.2f}".replace(".", ",") + "\u00a0ha" in answer
    assert state(page, "flow.place.catchment.cells.length") == cells
    rain(page, 50)
    page.locator("#ask-rain").dispatch_event("change")
    share = state(page, "flow.place.catchment.share")
    assert share == pytest.approx(runoff()[row, 0], abs=1e-6)  # of one kind from one end to the other
    said = page.locator("#ask-answer").inner_text().replace(".", "")
    for volume_m3 in (cells * CELL_M**2 * 0.05, cells * CELL_M**2 * share * (50 - LOSS_MM) / 1000):
        assert f"{round(volume_m3, -1):.0f}\u00a0m³" in said
    area = analyse(heights(), cell_size_m=CELL_M, recipients=flow_maker.marks())
    mask = np.array(state(page, "Array.from(flow.place.catchment.mask)")).reshape(found.dtm.shape) > 0
    outlet = np.zeros(found.dtm.shape, dtype=np.int32)
    outlet[row, SIZE - 1] = 1
    from ballerup_geo.hydrology import watersheds

    assert np.array_equal(mask, watersheds(area.directions, outlet) == 1)


@pytest.mark.parametrize("mm", [13, 40, 200])
def test_rain_fills_the_hollows_as_the_library_does(page: Page, mm: int) -> None:
    load(page)
    answer = rain(page, mm)
    event = terrain().event(mm, losses=LOSS_MM, runoff=runoff())
    said = state(page, "({ ...flow.rained, sendsTo: null, surface: null })")
    assert said["standingM3"] == pytest.approx(event.stored_m3, rel=1e-3)
    labels = terrain().drainage.labels
    in_basins = (runoff()[labels > 1] * CELL_M**2 * (mm - LOSS_MM) / 1000).sum()
    assert said["overflowM3"] == pytest.approx(in_basins - event.stored_m3, rel=5e-3, abs=2)
    depth = np.array(
        page.evaluate(
            "(({ flow: { terrain: { water, grid }, rained } }) => "
            "Array.from(grid.basin, (_, cell) => water.depth(rained, cell)))(ballerupGeo)"
        )
    ).reshape(SIZE, SIZE)
    inside = ~np.isnan(event.depth_m)
    assert np.abs(depth - event.depth_m)[inside].max() < 0.011  # half a height step each for ground and water
    assert (depth[inside] > 0.1).sum() > 10
    outermost = event.depressions[event.depressions["parent"] == 0]
    assert said["hollows"] == len(outermost)
    assert said["full"] == int(outermost["full"].sum())
    assert f"Efter {mm} mm regn" in answer
    assert str(round(event.stored_m3)) in answer.replace(".", "") or event.stored_m3 > 1000


def test_water_lies_where_it_belongs_however_the_map_is_moved(page: Page) -> None:
    load(page)
    rain(page, 150)
    depth = terrain().event(150, losses=LOSS_MM, runoff=runoff()).depth_m
    cells = [(row, col) for row in range(17, 34, 2) for col in range(36, 66)]
    wet = [bool(depth[cell] >= 0.1) for cell in cells]
    assert 40 < sum(wet) < len(wet) - 100
    for turn in (
        "setZoom(16, { animate: false })",
        "panBy([70, -40], { animate: false })",
        "setZoom(15.25)",
        "setZoom(17)",
    ):
        page.evaluate(f"() => {{ ballerupGeo.map.setView({view(*cells[len(cells) // 2])}).{turn} }}")
        page.wait_for_timeout(400)
        seen = page.evaluate(WATER, [list(middle(*cell)) for cell in cells])
        known = [(a, b) for a, b in zip(seen, wet, strict=True) if a is not None]
        assert len(known) > 150
        assert [a for a, _ in known] == [b for _, b in known]


def test_a_catchment_lies_where_it_belongs(page: Page) -> None:
    page.get_by_label("vise, hvorfra vand løber dertil").check()
    click(page, 10, SIZE - 1)
    row = state(page, f"Math.floor(flow.place.cell / {SIZE})")
    seen = page.evaluate(GREENER, [list(middle(r, 60)) for r in range(row - 3, row + 4)])
    mask = np.array(state(page, "Array.from(flow.place.catchment.mask)")).reshape(SIZE, SIZE)[row - 3 : row + 4, 60] > 0
    assert mask.any()
    assert not mask.all()
    assert seen == mask.tolist()


def view(row: int, col: int) -> str:
    from pyproj import Transformer

    lon, lat = Transformer.from_crs("EPSG:25832", "EPSG:4326", always_xy=True).transform(*middle(row, col))
    return f"[{lat}, {lon}], 15, {{ animate: false }}"


def test_layers_of_full_hollows_give_way_to_the_rain(page: Page) -> None:
    def lakes() -> int:
        page.wait_for_timeout(100)
        return int(page.evaluate(PIXELS).get("213,94,0,255", 0))

    before = lakes()
    assert before > 100
    assert "Skjult, mens det regner: Søer." in rain(page, 20)
    assert lakes() == 0
    page.keyboard.press("Escape")
    assert lakes() == before


def test_an_answer_is_printed_and_an_empty_tool_is_not(page: Page) -> None:
    page.emulate_media(media="print")
    assert page.locator("#ask").is_hidden()
    page.emulate_media(media="screen")
    page.get_by_label("følge en vanddråbe derfra").check()
    click(page, 10, 30)
    rain(page, 60)
    page.emulate_media(media="print")
    for part in ("#ask h2", "svg.profile", "#ask-water dl", "#ask-mm", "#ask > .small"):
        assert page.locator(part).is_visible()
    for part in ("#ask fieldset", "#ask-rain", "#ask .acts", ".cross"):
        assert page.locator(part).is_hidden()


def test_a_question_stands_in_the_address_and_back_undoes_it(page: Page, made: ProjectMaker) -> None:
    page.get_by_label("følge en vanddråbe derfra").check()
    click(page, 10, 30)
    rain(page, 30)
    page.locator("#ask-rain").dispatch_event("change")
    chosen = page.url
    assert "rain=30" in chosen
    fresh = page.context.new_page()
    opened(fresh, chosen)
    fresh.wait_for_function("() => ballerupGeo.flow.place !== null && ballerupGeo.flow.rained !== null")
    assert fresh.locator("#ask-answer").inner_text() == page.locator("#ask-answer").inner_text()
    assert fresh.locator("#ask-water").inner_text() == page.locator("#ask-water").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#ask-answer").inner_text() == ""
    assert "drop" not in page.url
    page.keyboard.press("Escape")
    assert page.locator("#ask-water").inner_text() == ""
    page.keyboard.press("Escape")
    assert page.get_by_label("vise, hvad der ligger dér").is_checked()
    page.go_back()
    page.wait_for_function("() => ballerupGeo.flow.place !== null && ballerupGeo.flow.rained !== null")


@pytest.mark.parametrize("said", ["drop=1,2", "catchment=abc", "drop=", "rain=-5", "rain=1e9&drop=NaN,NaN"])
def test_an_odd_address_says_so_and_breaks_nothing(watched: Watched, made: ProjectMaker, said: str) -> None:
    page = watched.page
    opened(page, address(made, "#" + said))
    page.wait_for_timeout(400)
    assert state(page, "flow.place") is None
    assert state(page, "flow.mm") == (250 if "1e9" in said else 0)
    if not said.startswith("rain=-5"):
        assert "ikke beregnet her" in page.locator("#ask-answer").inner_text()


def test_the_keyboard_alone_asks_and_takes_back(page: Page) -> None:
    page.locator("input[name=ask]").first.focus()
    page.keyboard.press("ArrowDown")
    assert state(page, "flow.mode") == "drop"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "ask-middle"
    page.keyboard.press("Enter")
    page.wait_for_function("() => ballerupGeo.flow.place !== null")
    assert "En vanddråbe herfra" in page.locator("#ask-answer").inner_text()
    page.locator("#ask-rain").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => (ballerupGeo.flow.rained || {}).mm === 3")
    assert page.locator("#ask-rain").get_attribute("aria-valuetext") == "3\u00a0mm"
    page.locator(".folium-map").focus()
    page.keyboard.press("Escape")
    assert state(page, "flow.place") is None
    page.keyboard.press("Enter")  # on the map: from its middle
    page.wait_for_function("() => ballerupGeo.flow.place !== null")
    assert page.locator("#ask-answer").get_attribute("aria-live") == "polite"


def test_english_says_the_same(page: Page) -> None:
    page.get_by_label("følge en vanddråbe derfra").check()
    click(page, 10, 30)
    rain(page, 150)
    page.locator("button.language").click()
    assert "the drop runs first to Nordbækken and from there to Sydåen" in page.locator("#ask-answer").inner_text()
    assert "Full hollows" in page.locator("#ask-water").inner_text()
    assert "Screening, not a forecast" in page.locator("#ask").inner_text()
    assert "on a grid of 10 m" in page.locator("#ask").inner_text()
    assert "Lavning" not in page.locator("#ask").inner_text()


def test_a_click_still_selects_and_recipients_keep_their_colours(page: Page) -> None:
    seen = page.evaluate(PIXELS)
    for colour in COLOURS:
        wanted = ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5))
        assert seen.get(f"{wanted},255", 0) > 500
    load(page)
    page.mouse.click(*at(page, 10, 60))
    assert page.locator("#selection h2").inner_text() == "Nordbækken"
    assert state(page, "flow.place") is None
    page.keyboard.press("Escape")
    page.get_by_label("følge en vanddråbe derfra").check()
    click(page, 10, 60)
    assert page.locator("#selection").is_hidden()


def test_beyond_the_terrain_it_says_so(page: Page) -> None:
    page.get_by_label("følge en vanddråbe derfra").check()
    load(page)
    page.mouse.click(*at(page, SIZE - 2, 50))
    page.wait_for_selector("#ask-answer p")
    assert "ikke beregnet her" in page.locator("#ask-answer").inner_text()


def test_a_lost_file_is_said_and_the_map_stays(browser: Any, made: ProjectMaker) -> None:
    page = browser.new_page()
    page.route("**/data/flow.*", lambda route: route.abort())
    opened(page, address(made))
    page.locator("#ask-rain").fill("20")
    page.wait_for_selector("#ask-answer p:has-text('kan ikke hentes')")
    assert page.locator("#failure").is_hidden()
    page.unroute("**/data/flow.*")
    page.locator("#ask-rain").fill("30")
    page.wait_for_function("() => (ballerupGeo.flow.rained || {}).mm === 30")
    assert page.locator("#ask-answer").inner_text() == ""
    page.close()


def test_one_file_answers_alone(watched: Watched, made: ProjectMaker, tmp_path: Path) -> None:
    alone = tmp_path / "alone.html"
    folium_map(made.project(), "flow", out=made.out, data="kept").save(str(alone))
    page = watched.page
    opened(page, alone.as_uri())
    page.get_by_label("følge en vanddråbe derfra").check()
    assert "løber dråben først til Nordbækken" in click(page, 10, 30)


@pytest.mark.parametrize("width", [320, 360])
def test_it_fits_on_a_phone(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.get_by_label("følge en vanddråbe derfra").check()
    load(page)
    page.get_by_role("button", name="Spørg fra kortets midte").click()
    page.wait_for_function("() => ballerupGeo.flow.place !== null")
    rain(page, 60)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    low = page.evaluate(
        """[...document.querySelectorAll('#ask label, #ask button, #ask input[type=range]')]
           .filter((e) => e.offsetParent && !e.matches('.rain label'))
           .filter((e) => e.getBoundingClientRect().height < 43.5).length"""
    )
    assert low == 0


def test_hostile_names_are_words(watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballerup_geo.methods.get_method", lambda name: {"flow": flow_maker.METHOD}[name])
    first, second = " ".join(PAYLOADS), "{0} </script><script>window.__hit=1</script> $& {1}"
    monkeypatch.setattr(flow_maker, "SAID", flow_maker.Names([first, second]))
    maker = ProjectMaker(tmp_path / "project")
    add_flow_map(maker)
    run(maker.project(), out=maker.out)
    build_site(maker.project(), out=maker.out, catalog=maker.catalog())
    page = watched.page
    opened(page, address(maker))
    page.get_by_label("følge en vanddråbe derfra").check()
    click(page, 10, RIDGE + 5)
    shown = str(page.locator("#ask-answer .ask-says").text_content())
    assert first in shown
    assert second in shown
    assert page.evaluate("window.__hit") is None
