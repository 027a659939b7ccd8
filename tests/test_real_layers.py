"""The command line on real layers, read where they lie: a tile of the height model, and Ballerup without a terrain."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from conftest import ROOT, Command, Watched

from ballerup_geo.hydrology import fill_depressions
from ballerup_geo.results import read_result

pytestmark = pytest.mark.shared

CRS = "EPSG:25832"
SQUARE_METRES_PER_HECTARE = 10_000


def project_from(template: str, to: Path, shared_data: Path) -> Path:
    """Copy a template project and fill in where the real layers lie."""
    shutil.copytree(ROOT / "tests" / template, to)
    files = list(to.rglob("*.toml"))
    for path in files:
        text = path.read_text(encoding="utf-8").replace("{shared}", shared_data.as_posix())
        path.write_text(text, encoding="utf-8")
    assert len(files) >= 5
    for name in ("layers", "analyses", "maps", "data"):
        (to / name).mkdir(exist_ok=True)
    return to


# ---------------------------------------------------------------- (a) a tile of the height model


@pytest.fixture(scope="module")
def tile(shared_data: Path) -> Path:
    return shared_data / "terrain_dhm_16m_sample.tif"


@pytest.fixture(scope="module")
def dhm(tmp_path_factory: pytest.TempPathFactory, shared_data: Path, tile: Path, process: Command) -> Path:
    """The output folder of a run on the tile, its extent as municipality and its four sides as recipients."""
    out = tmp_path_factory.mktemp("dhm")
    project = project_from("real_dhm", out / "project", shared_data)
    with rasterio.open(tile) as dataset:
        west, south, east, north = dataset.bounds
    extent = shapely.box(west, south, east, north)
    gpd.GeoDataFrame({"code": ["0999"]}, geometry=[extent], crs=CRS).to_file(project / "data/municipality.geojson")
    # half a cell inside, so that each side lies on the tile's outermost cells
    corners = [(west + 8, south + 8), (east - 8, south + 8), (east - 8, north - 8), (west + 8, north - 8)]
    sides = [shapely.LineString([corners[i], corners[(i + 1) % 4]]) for i in range(4)]
    names = ["south", "east", "north", "west"]
    gpd.GeoDataFrame({"recipient_id": names, "name": names}, geometry=sides, crs=CRS).to_file(
        project / "data/recipients.geojson"
    )
    done = process("run", "--project", project, "--out", out, "--json", cwd=out)
    assert done.code == 0, done.out + done.err
    said = json.loads(done.out)
    assert (said["data"], said["computed"]) == ("kept", ["rainwater"])
    return out


def test_every_drop_on_the_tile_reaches_a_side(dhm: Path, tile: Path) -> None:
    rain = read_result(dhm, "rainwater")
    parts = rain.table("catchments").set_index("recipient_id")
    with rasterio.open(tile) as dataset:
        cells = int(dataset.read_masks(1).astype(bool).sum())
        cell_m2 = dataset.res[0] * dataset.res[1]
    assert parts["area_m2"].sum() == pytest.approx(cells * cell_m2)
    assert parts["share_pct"].sum() == pytest.approx(100)
    assert {"south", "east", "north", "west"} == set(parts.index)
    assert rain.indicators["to_recipients_pct"]["value"] == pytest.approx(100)


def test_the_volumes_are_those_of_cells_that_are_not_square(dhm: Path, tile: Path) -> None:
    rain = read_result(dhm, "rainwater")
    depth = rain.raster("depth_m")
    assert depth.cell_size_m == pytest.approx((16.0, 15.957), abs=1e-3)
    with rasterio.open(tile) as dataset:
        heights = dataset.read(1)
        filled = fill_depressions(heights, nodata=dataset.nodata)
        known = dataset.read_masks(1).astype(bool)
    assert np.nansum(depth.array) > 1000
    assert np.array_equal(depth.array[known], (filled - heights)[known])
    spots = rain.table("bluespots")
    assert len(spots) > 100
    assert spots["volume_m3"].sum() == pytest.approx(float(np.nansum(depth.array)) * depth.cell_area_m2, rel=1e-4)
    assert spots["max_depth_m"].max() == pytest.approx(float(np.nanmax(depth.array)), rel=1e-6)


def test_the_highest_point_is_the_tiles_own(dhm: Path, tile: Path) -> None:
    rain = read_result(dhm, "rainwater")
    with rasterio.open(tile) as dataset:
        heights = dataset.read(1, masked=True)
    assert rain.indicators["highest_point_m"]["value"] == pytest.approx(float(heights.max()), abs=0.0005)  # to the mm
    summit = rain.table("flow_paths").query("kind == 'summit'")
    assert len(summit) >= 1
    assert (summit["drop_m"] >= 0).all()
    assert (summit["drop_m"] <= float(heights.max() - heights.min())).all()


def test_nothing_on_real_data_says_modelled(dhm: Path) -> None:
    pages = sorted((dhm / "site").rglob("*.html"))
    assert len(pages) >= 9  # the map in three forms, its method and downloads, the front page and those about the site
    assert [page.name for page in pages if "Modelberegnede data" in page.read_text(encoding="utf-8")] == []
    assert not read_result(dhm, "rainwater").modelled


# ---------------------------------------------------------------- (b) Ballerup without a terrain


@pytest.fixture(scope="module")
def ballerup(tmp_path_factory: pytest.TempPathFactory, shared_data: Path, process: Command) -> Path:
    """The output folder of a run on Ballerup's real layers: no analysis, one map of layers alone."""
    out = tmp_path_factory.mktemp("ballerup")
    project = project_from("real_ballerup", out / "project", shared_data)
    assert process("check", "--project", project, cwd=out).code == 0
    done = process("run", "--project", project, "--out", out, "--json", cwd=out)
    assert done.code == 0, done.out + done.err
    said = json.loads(done.out)
    assert (said["data"], said["computed"], said["waiting"]) == ("kept", [], [])
    return out


def inside(out: Path, layer: str) -> gpd.GeoDataFrame:
    """What of a kept layer lies inside the municipality."""
    town = gpd.read_parquet(out / "results/layers/municipality.parquet")
    return gpd.read_parquet(out / f"results/layers/{layer}.parquet").clip(town)


@pytest.mark.parametrize(
    ("owner", "km"), [("municipality", 240), ("private_common", 44), ("private", 21), ("state", 13)]
)
def test_the_roads_have_the_lengths_measured_on_them(ballerup: Path, owner: str, km: int) -> None:
    roads = inside(ballerup, "roads")
    assert roads[roads["owner"] == owner].length.sum() / 1000 == pytest.approx(km, abs=1.5)


def test_the_lakes_and_wetlands_have_their_known_size(ballerup: Path) -> None:
    land = inside(ballerup, "land_cover")
    hectares = (land.area.groupby(land["cover"]).sum() / SQUARE_METRES_PER_HECTARE).to_dict()
    assert hectares["water"] == pytest.approx(76, abs=1)
    assert hectares["wetland"] == pytest.approx(34, abs=1)


def test_the_streams_are_those_of_the_file(ballerup: Path, shared_data: Path) -> None:
    raw = gpd.read_file(shared_data / "water.gpkg", layer="beskyttet_vandloeb")
    town = gpd.read_file(shared_data / "boundary.gpkg", layer="ballerup_dagi500k")
    streams = inside(ballerup, "streams")
    assert streams.length.sum() == pytest.approx(raw.clip(town).length.sum())
    assert streams["stream_id"].is_unique
    assert streams["protected"].all()


def test_the_five_stations_are_found(ballerup: Path) -> None:
    stations = gpd.read_parquet(ballerup / "results/layers/stations.parquet")
    names = {"Skovlunde St.", "Malmparken St.", "Ballerup St.", "Måløv St.", "Kildedal St."}
    assert set(stations["name"]) == names
    assert set(stations["kind"]) == {"s_train"}


@pytest.mark.browser
def test_the_overview_is_drawn_and_asks_nobody(ballerup: Path, watched: Watched) -> None:
    page = watched.page
    page.goto((ballerup / "site/overview/index.html").as_uri())
    page.wait_for_selector("html[data-drawn]", timeout=20_000)
    assert int(page.evaluate("document.documentElement.dataset.drawn")) > 1500
    assert page.locator("tbody tr").count() == 5
    assert "Modelberegnede" not in page.locator("body").inner_text()
