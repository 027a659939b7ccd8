"""Rasters on pages: the right cells in the right colours in the right place, and nothing that need not be there."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from project_maker import NORTH, WEST, ProjectMaker
from pyproj import Transformer
from rasterio.io import MemoryFile
from step_maker import (
    CELL_M,
    DARK,
    DEPTH,
    EAST_SQUARE,
    GROUND,
    LIGHT,
    MIDDLE,
    WEST_SQUARE,
    add_storms,
    get_method,
    grid,
    outcome,
    storm_map,
    write_storms,
)

from ballerup_geo.errors import DataError, ProjectError
from ballerup_geo.publish import build_site
from ballerup_geo.publish.classing import cell_classes
from ballerup_geo.publish.legend import area_text
from ballerup_geo.publish.mercator import TILE_PX, frame_of, last_zoom, pixel_m, tile_range
from ballerup_geo.publish.tiles import areas_m2, picture, write_tiles
from ballerup_geo.publish.webp_note import with_note
from ballerup_geo.spec import MapLayer
from ballerup_geo.storage import write_cog

TO_DEGREES = Transformer.from_crs("EPSG:25832", "EPSG:4326", always_xy=True)
CLASSES = cell_classes(MapLayer.model_validate(DEPTH).style, where="test")


@pytest.fixture
def storms(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    return maker


def rgba(content: bytes) -> np.ndarray:
    """Decode a WebP: [4, rows, columns]."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a picture lies nowhere, which rasterio mentions
        with MemoryFile(content) as memory, memory.open() as dataset:
            found = dataset.read()
    return found if len(found) == 4 else np.concatenate([found, np.full_like(found[:1], 255)])


def colour(code: str) -> tuple[int, ...]:
    return (*(int(code[at : at + 2], 16) for at in (1, 3, 5)), 255)


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int, int, int]:
    """The tile that holds a place, by the formula of the OpenStreetMap wiki, and the pixel in it."""
    scale = 2**zoom
    x = (lon + 180) / 360 * scale
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * scale
    return int(x), int(y), int(x % 1 * TILE_PX), int(y % 1 * TILE_PX)


def seen(folder: Path, x: float, y: float, zoom: int) -> tuple[int, ...]:
    """The colour that a page shows at a place of EPSG:25832; a tile that is not there shows nothing."""
    column, row, px, py = tile_at(*TO_DEGREES.transform(x, y), zoom)
    path = folder / str(zoom) / str(column) / f"{row}.webp"
    if not path.is_file():
        return (0, 0, 0, 0)
    return tuple(int(band) for band in rgba(path.read_bytes())[:, py, px])


def saved(tmp_path: Path, array: np.ndarray, *, cell_m: float = CELL_M, nodata: float | None = math.nan) -> Path:
    path = tmp_path / "raster.tif"
    transform = Affine(cell_m, 0, WEST, 0, -cell_m, NORTH)
    write_cog(path, array, transform=transform, crs="EPSG:25832", nodata=nodata, metadata={})
    return path


def test_each_zoom_shows_the_classes_of_the_cells(tmp_path: Path) -> None:
    cells = np.repeat(
        np.repeat(np.array([[0.05, 0.1, 0.3], [0.5, 0.999, 1.0], [np.nan, 9.0, 0.7]], "float32"), 40, 0), 40, 1
    )
    path = saved(tmp_path, cells)
    found = write_tiles(path, CLASSES, tmp_path / "tiles")
    assert (found.first_zoom, found.last_zoom) == (9, 15)  # 2.7 m at zoom 15: the first not larger than 5 m
    expected = [[None, LIGHT, LIGHT], [MIDDLE, MIDDLE, DARK], [None, DARK, MIDDLE]]
    looked = 0
    for zoom in range(13, 16):
        for row in range(3):
            for column in range(3):
                middle = WEST + (column * 40 + 20) * CELL_M, NORTH - (row * 40 + 20) * CELL_M
                said = expected[row][column]
                assert seen(tmp_path / "tiles", *middle, zoom) == (colour(said) if said else (0, 0, 0, 0)), (zoom, row)
                looked += 1
    assert looked == 27


def test_edges_lie_within_a_pixel_of_where_they_are(tmp_path: Path) -> None:
    path = saved(tmp_path, grid([(WEST_SQUARE, 2.0)]).array)
    write_tiles(path, CLASSES, tmp_path / "tiles")
    west, south, east, north = WEST_SQUARE
    pixel = pixel_m(15) * math.cos(math.radians(55.7))
    inside = outside = 0
    for share in np.linspace(0.05, 0.95, 19):
        x, y = west + share * (east - west), south + share * (north - south)
        for place, out in (((west, y), (-1, 0)), ((east, y), (1, 0)), ((x, south), (0, -1)), ((x, north), (0, 1))):
            away = 1.0 * pixel
            assert seen(tmp_path / "tiles", place[0] + out[0] * away, place[1] + out[1] * away, 15) == (0, 0, 0, 0)
            assert seen(tmp_path / "tiles", place[0] - out[0] * away, place[1] - out[1] * away, 15) == colour(DARK)
            inside, outside = inside + 1, outside + 1
    assert (inside, outside) == (76, 76)


def test_only_tiles_with_a_colour_are_written_and_the_page_knows_which(tmp_path: Path) -> None:
    path = saved(tmp_path, grid([(EAST_SQUARE, 2.0)]).array)
    found = write_tiles(path, CLASSES, tmp_path / "tiles")
    files = {tuple(map(int, (p.parts[-3], p.parts[-2], p.stem))) for p in (tmp_path / "tiles").rglob("*.webp")}
    assert files == found.tiles
    frame = frame_of((WEST, NORTH - 1000, WEST + 1000, NORTH))
    touched = tile_range(frame, 15)
    assert 0 < sum(zoom == 15 for zoom, _, _ in files) < touched.columns * touched.rows
    for zoom, x, y in files:
        assert rgba((tmp_path / "tiles" / f"{zoom}/{x}/{y}.webp").read_bytes())[3].any()
    levels = found.for_page()["levels"]
    assert set(levels) == {str(zoom) for zoom in range(9, 16)}


def test_the_same_raster_gives_the_same_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    path = saved(tmp_path, rng.random((300, 200), dtype="float32") * 3)
    for name in ("one", "two"):
        write_tiles(path, CLASSES, tmp_path / name)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.webp"))
    assert len(files) > 10
    assert all((tmp_path / "one" / p).read_bytes() == (tmp_path / "two" / p).read_bytes() for p in files)
    assert picture(path, CLASSES) == picture(path, CLASSES)


def test_a_picture_has_every_cell_where_it_is_small_enough(tmp_path: Path) -> None:
    path = saved(tmp_path, grid([(WEST_SQUARE, 0.2), (EAST_SQUARE, 0.6)]).array)
    found = picture(path, CLASSES)
    pixels = rgba(found.content)
    (south, west), (north, east) = found.bounds
    assert max(pixels.shape[1:]) <= 4096
    for square, code in ((WEST_SQUARE, LIGHT), (EAST_SQUARE, MIDDLE)):
        lon, lat = TO_DEGREES.transform((square[0] + square[2]) / 2, (square[1] + square[3]) / 2)
        column = int((lon - west) / (east - west) * pixels.shape[2])
        row = int((north - lat) / (north - south) * pixels.shape[1])
        assert tuple(pixels[:, row, column]) == colour(code)
    small = picture(path, CLASSES, most_px=64)
    assert max(rgba(small.content).shape[1:]) == 64


def test_words_in_a_picture_change_no_pixel(tmp_path: Path) -> None:
    path = saved(tmp_path, grid([(WEST_SQUARE, 0.2), (EAST_SQUARE, 0.6)]).array)
    bare, noted = picture(path, CLASSES), picture(path, CLASSES, note="Modelberegnede <data>")
    assert b"Modelberegnede &lt;data&gt;" in noted.content
    assert len(noted.content) % 2 == 0
    assert int.from_bytes(noted.content[4:8], "little") == len(noted.content) - 8
    assert np.array_equal(rgba(bare.content), rgba(noted.content))
    with pytest.raises(ValueError, match="no simple lossless WebP"):
        with_note(noted.content, "x", columns=1, rows=1)


def test_areas_are_those_of_the_cells(tmp_path: Path) -> None:
    array = grid([(WEST_SQUARE, 0.2), (EAST_SQUARE, 1.0)]).array
    assert areas_m2(saved(tmp_path, array), CLASSES) == (40_000.0, 0.0, 40_000.0)


@pytest.mark.parametrize(
    ("area_m2", "da", "en"),
    [
        (0.0, "0 ha", "0 ha"),
        (4.0, "under 0,1 ha", "under 0.1 ha"),
        (12_340.0, "1,2 ha", "1.2 ha"),
        (12_345_678.0, "1.235 ha", "1,235 ha"),
    ],
)
def test_areas_are_written_in_hectares_and_only_nothing_is_zero(area_m2: float, da: str, en: str) -> None:
    said = area_text(area_m2)
    assert (said.da.replace("\u00a0", " "), said.en.replace("\u00a0", " ")) == (da, en)


@pytest.mark.parametrize(("nodata", "hidden"), [(None, False), (1.0, True)])
def test_cells_without_data_have_no_colour(tmp_path: Path, nodata: float | None, hidden: bool) -> None:
    array = np.ones((200, 200), "float32")
    path = saved(tmp_path, array, nodata=nodata)
    assert areas_m2(path, CLASSES) == ((0.0, 0.0, 0.0) if hidden else (0.0, 0.0, 1_000_000.0))
    tiles = write_tiles(path, CLASSES, tmp_path / "tiles").tiles
    assert bool(tiles) is not hidden
    if not hidden:  # what lies beyond the raster has none either
        assert seen(tmp_path / "tiles", WEST - 20, NORTH - 500, 15) == (0, 0, 0, 0)
        assert seen(tmp_path / "tiles", WEST + 20, NORTH - 500, 15) == colour(DARK)


def test_a_limit_is_met_by_the_cell_nearest_to_it() -> None:
    values = np.array([0.1, 0.5, np.nextafter(np.float32(0.5), np.float32(0)), np.nan], "float32")
    assert CLASSES.of(values).tolist() == [1, 2, 1, 0]
    assert CLASSES.of(values, np.array([True, False, True, True])).tolist() == [1, 0, 1, 0]


def kinds(**change: object) -> MapLayer:
    category = {"value": 1, "colour": LIGHT, "label": {"da": "Et", "en": "One"}}
    style = {"kind": "categories", "column": "value", "categories": [category], **change}
    return MapLayer.model_validate({**DEPTH, "raster": "ground", "style": style})


def test_categories_have_a_colour_each_or_say_what_lacks_one() -> None:
    values = np.array([[0, 1, 7]], "uint8")
    valid = values > 0
    with pytest.raises(DataError, match="a value without a colour: 7"):
        cell_classes(kinds().style, where="x").of(values, valid)
    other = cell_classes(kinds(other={"da": "Andet", "en": "Other"}).style, where="x")
    assert other.of(values, valid).tolist() == [[0, 1, 2]]
    worded = kinds(categories=[{"value": "wet", "colour": LIGHT, "label": {"da": "Våd", "en": "Wet"}}])
    with pytest.raises(ProjectError, match="cells are numbers"):
        cell_classes(worded.style, where="x")


@pytest.mark.parametrize(("cell_m", "zoom"), [(0.4, 17), (2.0, 16), (10.0, 14), (0.05, 17)])
def test_the_finest_zoom_follows_from_the_cells(cell_m: float, zoom: int) -> None:
    frame = frame_of((WEST, NORTH - 1000, WEST + 1000, NORTH))
    assert last_zoom(cell_m, frame) == zoom


# ---------------------------------------------------------------- on the site


def addresses(page: str) -> set[str]:
    return set(re.findall(r'"tiles":"\.\./tiles/([0-9a-f]{12})/\{z\}/\{x\}/\{y\}\.webp"', page))


def test_the_site_has_a_pyramid_a_step_named_by_its_content(storms: ProjectMaker) -> None:
    catalog = add_storms(storms)
    site = build_site(storms.project(), out=storms.out, catalog=catalog)
    first = addresses(site.maps["storms"].read_text())
    assert len(first) == 3
    assert {path.name for path in (storms.out / "site/tiles").iterdir()} <= first  # the first rain colours no tile
    assert sum(1 for _ in (storms.out / "site/tiles").rglob("*.webp")) > 10
    made = outcome()
    made.rasters["depth-3"] = grid([(WEST_SQUARE, 3.0)])  # type: ignore[index]
    write_storms(storms, made, key="1")
    again = addresses(build_site(storms.project(), out=storms.out, catalog=catalog).maps["storms"].read_text())
    assert len(first & again) == 2


def test_two_maps_in_the_same_colours_share_their_tiles(storms: ProjectMaker) -> None:
    catalog = add_storms(storms)
    storms.map("second", **storm_map())
    darker = {**DEPTH["style"], "classes": [{**DEPTH["style"]["classes"][0], "colour": "#000000"}]}  # type: ignore[dict-item,index]
    storms.map("third", **storm_map(layers=[GROUND, {**DEPTH, "style": darker}], tables=[]))
    site = build_site(storms.project(), out=storms.out, catalog=catalog)
    one, two, three = (addresses(site.maps[name].read_text()) for name in ("storms", "second", "third"))
    assert one == two
    assert not one & three


def test_tiles_that_are_there_are_kept_unless_somebody_touched_them(
    storms: ProjectMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = add_storms(storms)
    build_site(storms.project(), out=storms.out, catalog=catalog)
    first = {path: path.read_bytes() for path in (storms.out / "site/tiles").rglob("*.webp")}
    made: list[Path] = []
    monkeypatch.setattr(
        "ballerup_geo.publish.site.write_tiles",
        lambda path, classes, folder, note: made.append(path) or write_tiles(path, classes, folder, note=note),
    )
    storms.map("storms", **storm_map(title={"da": "Ny titel", "en": "New title"}))
    page = build_site(storms.project(), out=storms.out, catalog=catalog).maps["storms"].read_text()
    assert "Ny titel" in page
    assert [path.name for path in made] == ["depth-1.tif"]  # it has no tile to keep
    next(iter(first)).write_bytes(b"not a picture")
    build_site(storms.project(), out=storms.out, catalog=catalog)
    assert [path.name for path in made[1:]] == ["depth-1.tif", "depth-2.tif", "depth-3.tif"]
    assert {path: path.read_bytes() for path in (storms.out / "site/tiles").rglob("*.webp")} == first


def test_the_legend_gives_hectares_for_each_step_and_zero_for_none(storms: ProjectMaker) -> None:
    catalog = add_storms(storms)
    page = build_site(storms.project(), out=storms.out, catalog=catalog).maps["storms"].read_text()
    rows = re.findall(r"<li><svg class=\"swatch\".*?</li>", page.replace("\u00a0", " "))
    amounts = [re.findall(r'<span data-now="(\d)"( hidden)?>(?:<span lang="da">)?([^<]+)', row) for row in rows[:3]]
    assert amounts == [
        [("1", " hidden", "0 ha"), ("2", "", "4,0 ha"), ("3", " hidden", "0 ha")],
        [("1", " hidden", "0 ha"), ("2", "", "0 ha"), ("3", " hidden", "4,0 ha")],
        [("1", " hidden", "0 ha"), ("2", "", "0 ha"), ("3", " hidden", "4,0 ha")],
    ]


def test_a_raster_for_each_row_of_another_table_is_refused(storms: ProjectMaker) -> None:
    catalog = add_storms(storms, slider={**_other_slider()}, tables=[], layers=[GROUND, DEPTH])
    with pytest.raises(ProjectError, match=r'\[slider\] with result = "storms" and table = "events"'):
        build_site(storms.project(), out=storms.out, catalog=catalog)


def _other_slider() -> dict[str, object]:
    return {"title": {"da": "x", "en": "x"}, "result": "storms", "table": "volumes", "label": [{"column": "name"}]}


def test_a_damaged_raster_is_named(storms: ProjectMaker) -> None:
    catalog = add_storms(storms)
    path = storms.out / "results/storms/depth-2.tif"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r"results/storms/depth-2.tif.*run the analysis again"):
        build_site(storms.project(), out=storms.out, catalog=catalog)
    assert not (storms.out / "site").exists()
    with rasterio.open(storms.out / "results/storms/depth-3.tif") as whole:
        assert whole.count == 1
