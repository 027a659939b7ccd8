"""What the catalog does with rasters: cut, warped, emptied where they are wrong, refused where they miss the town."""

import re

import numpy as np
import pytest
import rasterio
from affine import Affine
from project_maker import EAST, NORTH, SOUTH, WEST
from rasterio.warp import calculate_default_transform, reproject

from ballerup_geo import storage
from ballerup_geo.catalog._rasters import _moved_together
from ballerup_geo.errors import DataError

GRID = Affine(20, 0, WEST - 100, 0, -10, NORTH + 100)  # cells are not square
SHAPE = (120, 60)


def slope(shape=SHAPE, grid=GRID):
    """Heights that say where they are: 1 m a kilometre eastward, 2 m a kilometre northward."""
    rows, cols = np.indices(shape) + 0.5
    x, y = grid.a * cols + grid.c, grid.e * rows + grid.f
    return ((x - WEST) / 1000 + (y - SOUTH) / 500).astype("float32")


def read(maker):
    return maker.catalog().read("terrain")


def fault(maker):
    with pytest.raises(DataError) as caught:
        read(maker)
    (found,) = caught.value.faults
    return str(found)


def test_raster_is_cut_to_the_area_with_its_margin_and_keeps_its_cells(maker):
    maker.raster("terrain", slope(), transform=GRID, clip="surroundings", margin_m=50.0)
    terrain = read(maker)
    assert terrain.data.cell_size_m == (20, 10)
    assert terrain.data.bounds == (WEST - 60, SOUTH - 50, EAST + 60, NORTH + 50)
    row, col = terrain.data.cell_of(WEST + 501, SOUTH + 501)
    assert terrain.data.array[row, col] == pytest.approx(0.51 + 1.01, abs=1e-5)
    assert terrain.data.array.dtype == np.float32
    assert terrain.provenance.rows == terrain.data.array.size
    assert terrain.provenance.notes == ()
    again = read(maker)
    assert np.array_equal(again.data.array, terrain.data.array)
    assert again.provenance == terrain.provenance
    kept = maker.out / "results" / "layers" / "terrain.tif"
    assert storage.read_cog_metadata(kept)["origin"] == "terrain.tif"


def test_nodata_and_values_out_of_range_become_nan_and_are_counted(maker):
    heights = slope()
    heights[60, 30] = -9999
    heights[60, 31] = 4000
    heights[61, 31] = 5000
    maker.raster("terrain", heights, transform=GRID, nodata=-9999)
    terrain = read(maker)
    assert np.isnan(terrain.data.array).sum() == 3
    assert terrain.provenance.notes == (
        "cell: 2 of 5000 cells lie outside -10–100 m and were emptied (first: 4000 at x 710530, y 6180495)",
        "cell: 3 of 5000 cells of the municipality (0.1 %) have no value",
    )


@pytest.mark.parametrize(
    ("value", "said"), [(-9999, "no cell has a value: all are nodata"), (4000, "lie outside -10–100 m")]
)
def test_raster_without_any_good_cell_is_refused(maker, value, said):
    maker.raster("terrain", np.full(SHAPE, value, "float32"), transform=GRID, nodata=-9999)
    assert said in fault(maker)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (10.0, "they look like decimetres: divide the raster by 10"),
        (100.0, "they look like centimetres: divide the raster by 100"),
        (1000.0, "they look like millimetres: divide the raster by 1000"),
        (1e6, "give the raster in m, or correct the range of [cell]"),
    ],
)
def test_raster_in_a_wrong_unit_is_refused_with_the_unit_it_looks_like(maker, parts, said):
    maker.raster("terrain", (90 + slope()) * parts, transform=GRID)
    assert "5000 of 5000 cells lie outside -10–100 m (first: " in fault(maker)
    assert said in fault(maker)


def test_raster_that_is_partly_outside_its_range_is_refused_rather_than_full_of_holes(maker):
    heights = slope()
    heights[55:90] += 4000
    maker.raster("terrain", heights, transform=GRID)
    assert re.search(r": cell: \d+ of 5000 cells lie outside -10–100 m .* → ", fault(maker))


def test_a_nodata_value_that_the_file_does_not_declare_is_taken_for_one(maker):
    heights = slope()
    heights[55:90] = -9999
    maker.raster("terrain", heights, transform=GRID)
    assert re.search(r"and were emptied .*; -9999 may be its nodata value$", read(maker).provenance.notes[0])


def test_raster_must_cover_the_municipality(maker):
    maker.raster("terrain", slope(), transform=Affine(20, 0, WEST + 250, 0, -10, NORTH + 100))
    assert fault(maker) == (
        "layer terrain (terrain.tif): leaves 25.0 % of the municipality uncovered: the raster covers x 710250–711010, "
        "y 6180000–6181000, the municipality x 710000–711000, y 6180000–6181000 → use a raster that covers the whole "
        "municipality, or correct its CRS"
    )


def test_raster_that_misses_the_municipality_says_where_it_is(maker):
    maker.raster("terrain", slope(), transform=Affine(20, 0, WEST + 5000, 0, -10, NORTH + 100))
    assert fault(maker) == (
        "layers/terrain.toml: source.kept.path: terrain.tif misses the municipality: it covers 715000, 6179900, "
        "716200, 6181100 (EPSG:25832), wanted is 710000, 6180000, 711000, 6181000 (EPSG:25832) → point to a raster "
        "of the municipality, or correct its CRS"
    )


@pytest.mark.parametrize("crs", ["EPSG:25833", "EPSG:4326"])
def test_raster_in_another_crs_is_warped(maker, crs):
    grid = Affine(10, 0, WEST - 600, 0, -10, NORTH + 600)
    heights = slope((220, 220), grid)
    target, width, height = calculate_default_transform(
        "EPSG:25832", crs, 220, 220, WEST - 600, SOUTH - 600, EAST + 600, NORTH + 600
    )
    warped = np.full((height, width), -9999, "float32")
    places = {"src_transform": grid, "src_crs": "EPSG:25832", "dst_transform": target, "dst_crs": crs}
    reproject(heights, warped, dst_nodata=-9999, **places)
    maker.raster("terrain", warped, transform=target, crs=crs, nodata=-9999)
    terrain = read(maker)
    assert terrain.data.crs == "EPSG:25832"
    row, col = terrain.data.cell_of(WEST + 500, SOUTH + 500)
    x, y = terrain.data.centre_of(row, col)
    assert terrain.data.array[row, col] == pytest.approx((x - WEST) / 1000 + (y - SOUTH) / 500, abs=0.02)
    assert terrain.provenance.notes[0].startswith("warped to EPSG:25832 from ")


def test_turned_raster_is_set_upright(maker):
    grid = Affine.translation(WEST + 500, SOUTH + 500) @ Affine.rotation(30) @ Affine(10, 0, -1500, 0, -10, 1500)
    rows, cols = np.indices((300, 300)) + 0.5
    x, y = grid.a * cols + grid.b * rows + grid.c, grid.d * cols + grid.e * rows + grid.f
    heights = ((x - WEST) / 1000 + (y - SOUTH) / 500).astype("float32")
    maker.raster("terrain", heights, transform=grid)
    terrain = read(maker)
    row, col = terrain.data.cell_of(WEST + 700, SOUTH + 300)
    x, y = terrain.data.centre_of(row, col)
    assert terrain.data.array[row, col] == pytest.approx((x - WEST) / 1000 + (y - SOUTH) / 500, abs=0.01)
    assert "because north was not up" in terrain.provenance.notes[0]


def test_raster_in_degrees_that_claims_metres_is_refused(maker):
    maker.raster("terrain", slope((10, 10)), transform=Affine(0.01, 0, 12.3, 0, -0.01, 55.8))
    assert "misses the municipality" in fault(maker)


@pytest.mark.parametrize("blocks", [{}, {"tiled": True, "blockxsize": 16, "blockysize": 32}], ids=["rows", "tiles"])
def test_raster_read_in_strips_is_the_raster_read_at_once(maker, monkeypatch, blocks):
    heights = slope()
    heights[60:64, 30] = -9999
    heights[60, 31], heights[90, 33] = 4000, 5000
    region = {"clip": "surroundings", "margin_m": 50.0}
    maker.raster("terrain", heights, transform=GRID, nodata=-9999, **region)
    path = maker.root / "data" / "terrain.tif"
    with rasterio.open(path) as dataset:
        profile = {**dataset.profile, **blocks}
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(heights, 1)
    whole = read(maker)
    (maker.out / "results" / "layers" / "terrain.json").unlink()
    monkeypatch.setattr("ballerup_geo.raster.STRIP_CELLS", 700)
    monkeypatch.setattr("ballerup_geo.sources.file.raster.STRIP_CELLS", 700)
    strips = read(maker)
    assert np.array_equal(strips.data.array, whole.data.array, equal_nan=True)
    assert strips.data.transform == whole.data.transform
    assert strips.provenance.sha256 == whole.provenance.sha256
    assert strips.provenance.notes == whole.provenance.notes
    assert "2 of 6160 cells lie outside" in whole.provenance.notes[0]
    assert "6 of 5000 cells of the municipality" in whole.provenance.notes[1]


def test_part_of_a_raster_stays_in_its_memory_where_it_is_most_of_it():
    whole = np.arange(60, dtype="float32").reshape(6, 10)
    part = whole[1:6, 2:9].copy()
    moved = _moved_together(whole[1:6, 2:9], whole)
    assert np.array_equal(moved, part)
    assert np.shares_memory(moved, whole)
    assert moved.flags.c_contiguous
    small = _moved_together(whole[1:3, 2:4], whole)
    assert not np.shares_memory(small, whole)
