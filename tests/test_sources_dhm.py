"""Danmarks Højdemodel from a WCS 1.0.0: MapServer with a true grid, and a server that does what bad ones do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from fetch_maker import ABOUT, bring, kept_file, said
from project_maker import CRS, EAST, NORTH, SOUTH, WEST, ProjectMaker
from servers.cgi import Served
from servers.faulty import Asked, Reply, faulty
from servers.mapserver import serve_map

from ballerup_geo.sources import Keys, dhm

MARKER = "Marker-31cd-token-of-dataforsyningen"
KEYS = Keys({"BALLERUP_GEO_DATAFORSYNINGEN_TOKEN": MARKER})
CELL_M = 8.0
MAP = """MAP
  NAME "heights"
  SIZE 400 400
  EXTENT {west} {south} {east} {north}
  UNITS METERS
  PROJECTION "init=epsg:25832" END
  OUTPUTFORMAT
    NAME "GTiff"
    DRIVER "GDAL/GTiff"
    MIMETYPE "image/tiff"
    IMAGEMODE FLOAT32
    EXTENSION "tif"
    FORMATOPTION "NULLVALUE=-9999"
  END
  WEB METADATA
    "ows_title" "Heights" "ows_onlineresource" "{url}/" "ows_srs" "EPSG:25832" "ows_enable_request" "*"
  END END
  LAYER
    NAME "dhm_terraen"
    TYPE RASTER
    STATUS ON
    DATA "{path}"
    PROJECTION "init=epsg:25832" END
    METADATA
      "ows_title" "dhm_terraen" "wcs_label" "dhm_terraen" "wcs_formats" "GTiff" "wcs_nativeformat" "GTiff"
      "wcs_rangeset_name" "heights" "wcs_rangeset_label" "heights" "wcs_rangeset_nullvalue" "-9999"
    END
  END
END
"""


def ground() -> tuple[np.ndarray, Affine]:
    """Heights on whole cells around the square municipality, to the millimetre, with a corner of sea."""
    rows, cols = int((NORTH - SOUTH) / CELL_M) + 20, int((EAST - WEST) / CELL_M) + 20
    heights = np.random.default_rng(7).uniform(0.0, 40.0, (rows, cols)).round(3).astype("float32")
    heights[:12, :12] = -9999.0
    return heights, Affine(CELL_M, 0.0, WEST - 10 * CELL_M, 0.0, -CELL_M, NORTH + 10 * CELL_M)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """MapServer with the heights."""
    folder = tmp_path_factory.mktemp("wcs")
    heights, transform = ground()
    shape = {"count": 1, "height": heights.shape[0], "width": heights.shape[1], "dtype": "float32"}
    with rasterio.open(folder / "g.tif", "w", crs=CRS, transform=transform, nodata=-9999.0, **shape) as dataset:
        dataset.write(heights, 1)
    rows, cols = heights.shape
    west, north = transform.c, transform.f

    def text(url: str) -> str:
        east, south = west + cols * CELL_M, north - rows * CELL_M
        return MAP.format(url=url, path=folder / "g.tif", west=west, south=south, east=east, north=north)

    with serve_map(folder / "server", text) as served:
        yield served


def add_terrain(maker: ProjectMaker, url: str, **fields: Any) -> None:
    source = {
        "kind": "dhm",
        "url": url,
        "coverage": "dhm_terraen",
        "cell_m": CELL_M,
        "tile_cells": 64,
        **ABOUT,
        **fields,
    }
    cell = {"type": "number", "title": {"da": "kote", "en": "height"}, "unit": "m", "minimum": -10.0, "maximum": 100.0}
    maker.layer("terrain", geometry="raster", cell=cell, sources={"fetch": [source]})


def test_heights_come_in_tiles_rounded_to_centimetres(
    maker: ProjectMaker, town: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dhm, "STRIP_ROWS", 7)
    add_terrain(maker, town.url)
    town.asked.clear()
    report = bring(maker, keys=KEYS)
    assert (report.exit_code, said(report)) == (0, "")
    heights, transform = ground()
    with rasterio.open(kept_file(maker, "terrain.tif")) as dataset:
        band, placed = dataset.read(1), dataset.transform
        assert (dataset.crs.to_epsg(), dataset.profile["compress"].upper()) == (25832, "ZSTD")
        assert np.isnan(dataset.nodata)
    assert (placed.a, placed.e, placed.c, placed.f) == (CELL_M, -CELL_M, WEST, NORTH)
    part = heights[10 : 10 + len(band), 10 : 10 + band.shape[1]].astype(float)
    expected = np.where(part < -1000, np.nan, part.round(2)).astype("float32")
    assert np.isnan(expected).sum() == 4
    np.testing.assert_array_equal(band, expected)
    asked = town.queries()
    form = {"service": "WCS", "version": "1.0.0", "request": "GetCoverage", "coverage": "dhm_terraen"}
    form |= {"crs": "EPSG:25832", "format": "GTiff", "token": MARKER}
    assert all(each.items() >= form.items() for each in asked)
    assert [(each["width"], each["height"]) for each in asked] == [
        ("64", "64"),
        ("61", "64"),
        ("64", "61"),
        ("61", "61"),
    ]
    assert asked[0]["bbox"] == "710000.0,6180488.0,710512.0,6181000.0"
    assert transform.a == CELL_M
    written = [path for path in maker.root.rglob("*") if path.is_file() and "data/kept" in str(path)]
    assert written
    assert not any(MARKER.encode() in path.read_bytes() for path in written)
    assert not (maker.root / "data" / "kept" / ".work" / "terrain").exists()


def tile_of(asked: Asked, *, crs: str = CRS, shift_m: float = 0.0, rows: int = 0, nothing: bool = False) -> bytes:
    """A tile as asked for, whose heights tell its place; or with something wrong."""
    west, _, _, north = map(float, asked.query["bbox"].split(","))
    width, height = int(asked.query["width"]), int(asked.query["height"]) - rows
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "width": width, "height": height}
    transform = Affine(CELL_M, 0, west + shift_m, 0, -CELL_M, north)
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile, crs=crs, transform=transform, nodata=-9999.0) as dataset:
            value = -9999.0 if nothing else (west - WEST) / 100 + (NORTH - north) / 1000
            dataset.write(np.full((height, width), value, "float32"), 1)
        return bytes(memory.read())


REPORT = (
    '<?xml version="1.0"?><ServiceExceptionReport><ServiceException code="InvalidParameterValue">'
    f"token {MARKER} unknown</ServiceException></ServiceExceptionReport>"
)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda asked: REPORT, "reports an exception: InvalidParameterValue token … unknown"),
        (lambda asked: "<html>we are being rebuilt</html>", "answers no GeoTIFF: we are being rebuilt"),
        (lambda asked: tile_of(asked)[:9000], "a tile cannot be read"),
        (lambda asked: tile_of(asked, crs="EPSG:25833"), "sends heights in EPSG:25833 instead of EPSG:25832"),
        (lambda asked: tile_of(asked, shift_m=4.0), "sends a tile that lies 4 m beside its place"),
        (lambda asked: tile_of(asked, rows=1), "sends 1 bands of (60, 64) cells, and one of (61, 64) was asked for"),
    ],
    ids=["exception", "page", "cut short", "crs", "place", "size"],
)
def test_a_tile_is_held_against_what_was_asked_and_the_others_are_kept(
    maker: ProjectMaker, wrong: Any, words: str
) -> None:
    def answer(asked: Asked) -> Reply:
        third = asked.query["bbox"].startswith(f"{WEST},{SOUTH}")
        return Reply(wrong(asked) if third and broken else tile_of(asked))

    broken = True
    with faulty({"/": answer}) as server:
        add_terrain(maker, server.url)
        report = bring(maker, keys=KEYS)
        assert report.exit_code == 3
        assert words in said(report)
        assert MARKER not in said(report)
        assert len(server.asked) == 3
        files = [path for path in maker.root.rglob("*") if path.is_file()]
        assert not any(MARKER.encode() in path.read_bytes() for path in files)
        broken = False
        assert said(bring(maker, keys=KEYS)) == ""
        assert len(server.asked) == 5  # the first two are not asked for again
    with rasterio.open(kept_file(maker, "terrain.tif")) as dataset:
        band = dataset.read(1)
    assert [band[0, 0], band[0, -1], band[-1, 0], band[-1, -1]] == pytest.approx([0.0, 5.12, 0.51, 5.63], abs=1e-6)


def test_a_killed_fetch_goes_on_and_another_question_begins_anew(
    maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty({"/": lambda asked: Reply(tile_of(asked))}) as server:
        add_terrain(maker, server.url)

        def killed(*_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(dhm, "write_cog_strips", killed)
            with pytest.raises(KeyboardInterrupt):
                bring(maker, keys=KEYS)
        work = maker.root / "data" / "kept" / ".work" / "terrain" / "0" / "tiles"
        first, second = sorted(work.glob("*.tif"))[:2]
        first.write_bytes(first.read_bytes()[:200])  # what a power cut may leave
        second.unlink()
        assert said(bring(maker, keys=KEYS)) == ""
        assert len(server.asked) == 6


def test_a_damaged_tile_is_told_and_brought_anew(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty({"/": lambda asked: Reply(tile_of(asked))}) as server:
        add_terrain(maker, server.url)
        whole = dhm.write_cog_strips

        def after_damage(path: Path, *rest: Any, **named: Any) -> None:
            tile = min((path.parent / "tiles").glob("*.tif"))
            tile.write_bytes(tile.read_bytes()[:-400])
            whole(path, *rest, **named)

        with monkeypatch.context() as patched:
            patched.setattr(dhm, "write_cog_strips", after_damage)
            assert "a tile that was kept is damaged" in said(bring(maker, keys=KEYS))
        assert said(bring(maker, keys=KEYS)) == ""
        assert len(server.asked) == 5


def test_the_sea_alone_and_a_missing_token_are_told(maker: ProjectMaker) -> None:
    with faulty({"/": lambda asked: Reply(tile_of(asked, nothing=True))}) as server:
        add_terrain(maker, server.url)
        assert "dhm_terraen has no height in the whole area" in said(bring(maker, keys=KEYS))
        report = bring(maker)
    assert (report.exit_code, report.layers[0].state) == (1, "waiting")
    assert "waits for the key BALLERUP_GEO_DATAFORSYNINGEN_TOKEN" in said(report)
    assert "https://dataforsyningen.dk" in said(report)


def test_a_refused_token_is_told_with_the_services_words(maker: ProjectMaker) -> None:
    with faulty({"/": Reply(f"token {MARKER} is not valid", 403)}) as server:
        add_terrain(maker, server.url)
        report = bring(maker, keys=KEYS)
    assert "answers 403 Forbidden: token … is not valid → check the key" in said(report)
    assert MARKER not in said(report)
    assert report.exit_code == 3
