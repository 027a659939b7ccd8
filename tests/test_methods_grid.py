"""Between grid and geometry on rasters too large to copy: the same cells, polygons and lines, bit by bit."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import rasterize, shapes

from ballerup_geo import hydrology
from ballerup_geo.hydrology._codes import COLUMN_STEPS, ESRI_CODES, ROW_STEPS
from ballerup_geo.methods._coded import Coded
from ballerup_geo.methods._drainage import drainage_lines
from ballerup_geo.methods._grid import burn_labels, grown, label_polygons, mask_of, rim_of, sum_by_label
from ballerup_geo.raster import Raster

GRID = Affine(0.4, 0, 704_500.1, 0, -0.37, 6_185_500.3)


def grid_of(shape, transform=GRID):
    return Raster(np.zeros(shape, np.float32), transform)


def polygons_at_once(labels, grid):
    """The whole raster in one call, every label with the points that GDAL gives it."""
    parts = {}
    for shape, value in shapes(labels, mask=labels > 0, connectivity=8, transform=grid.transform):
        shell, *holes = shape["coordinates"]
        parts.setdefault(int(value), []).append(shapely.Polygon(shell, holes))
    made = {}
    for label in sorted(parts):
        whole = parts[label][0] if len(parts[label]) == 1 else shapely.MultiPolygon(parts[label])
        made[label] = whole if whole.is_valid else shapely.make_valid(whole, method="structure", keep_collapsed=False)
    return made


def random_labels(seed, shape=(60, 45), most=5, share=0.6):
    """Blocks and specks: holes, labels in several parts, and parts that touch at corners."""
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, most, (shape[0] // 5, shape[1] // 5)), np.ones((5, 5), int)).astype(np.int32)
    specks = rng.random(labels.shape) > share
    labels[specks] = rng.integers(0, most, int(specks.sum()))
    return labels


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "uint16"])
@pytest.mark.parametrize("seed", range(6))
def test_label_polygons_are_those_of_the_whole_raster_bit_by_bit(seed, dtype):
    labels = np.zeros((80, 70), np.int32)
    labels[7:67, 11:56] = random_labels(seed)
    grid = grid_of(labels.shape)
    wanted = polygons_at_once(labels, grid)
    found = label_polygons(labels.astype(dtype), grid=grid)
    assert found.index.tolist() == list(wanted) == [1, 2, 3, 4]
    assert found.is_valid.all()
    assert shapely.to_wkb(found.to_numpy()).tolist() == shapely.to_wkb(list(wanted.values())).tolist()
    assert found.area.sum() == pytest.approx((labels > 0).sum() * grid.cell_area_m2)


def test_label_polygons_among_some_are_those_of_a_raster_without_the_others():
    labels = random_labels(3, most=9) - 1
    among = np.zeros(9, bool)
    among[[0, 2, 5]] = True
    grid = grid_of(labels.shape)
    found = label_polygons(labels, grid=grid, among=among)
    kept = np.where(np.isin(labels, [2, 5]), labels, 0)
    assert found.index.tolist() == [2, 5]
    assert shapely.to_wkb(found.to_numpy()).tolist() == [
        shapely.to_wkb(polygon) for polygon in polygons_at_once(kept, grid).values()
    ]
    assert among[0], "an argument is left as it was"


def test_no_label_gives_no_polygon():
    assert len(label_polygons(np.zeros((4, 5), np.int32), grid=grid_of((4, 5)))) == 0


@st.composite
def features(draw):
    """Polygons and lines across the grid, over its edges, and with corners on corners of cells."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    made = []
    for _ in range(draw(st.integers(0, 12))):
        x, y = rng.uniform(-20, 120, (2, 4))
        kind = rng.integers(4)
        if kind == 0:
            made.append(shapely.Point(x[0], y[0]).buffer(abs(x[1]) / 3))
        elif kind == 1:
            made.append(shapely.box(*np.round(sorted(x[:2])), *np.round(sorted(y[:2]))[::1]).normalize())
        elif kind == 2:
            made.append(shapely.LineString(np.column_stack([np.round(x), np.round(y)])))
        else:
            made.append(shapely.LineString(np.column_stack([x, y])))
    return made


@settings(max_examples=60, deadline=None)
@given(features())
def test_cells_drawn_as_small_numbers_are_those_drawn_as_large_ones(made):
    grid = grid_of((90, 100), Affine(1, 0, 0, 0, -1, 90))
    series, numbers = gpd.GeoSeries(made, crs=grid.crs), list(range(1, len(made) + 1))
    areas = [one for one in made if one.geom_type == "Polygon" and one.area > 0]
    ordered = sorted(zip(made, numbers, strict=True), key=lambda pair: pair[0].geom_type != "Polygon")
    place = {"out_shape": grid.shape, "transform": grid.transform, "fill": 0}
    wanted = rasterize(ordered, all_touched=True, dtype="int32", **place) if made else np.zeros(grid.shape)
    inside = rasterize(areas, dtype="uint8", **place) if areas else np.zeros(grid.shape)
    labels, mask = burn_labels(series, numbers, grid=grid), mask_of(areas, grid=grid)
    small = burn_labels(series, numbers, grid=grid, dtype=np.uint8)
    assert labels.dtype == np.int32
    assert small.dtype == np.uint8
    assert np.array_equal(labels, wanted)
    assert np.array_equal(small, wanted)
    assert mask.dtype == bool
    assert np.array_equal(mask, inside == 1)


def receivers_on_the_raster(directions, chosen):
    """Which chosen cell each chosen cell drains to, through a raster of their numbers."""
    number = np.full(directions.shape, -1)
    rows, cols = np.nonzero(chosen)
    number[rows, cols] = np.arange(len(rows))
    steps = {code: (row, col) for code, row, col in zip(ESRI_CODES, ROW_STEPS, COLUMN_STEPS, strict=True)}
    receiver = []
    for row, col in zip(rows, cols, strict=True):
        step = steps.get(int(directions[row, col]))
        receiver.append(-1 if step is None else number[row + step[0], col + step[1]])
    return np.array(receiver)


@pytest.mark.parametrize("seed", range(4))
def test_drainage_lines_join_the_cells_that_drain_to_each_other(seed):
    rng = np.random.default_rng(seed)
    heights = (rng.random((40, 50)) * 2 + np.add.outer(np.arange(40), np.arange(50)) / 5).astype(np.float32)
    grid = Raster(heights, Affine(10, 0, 700_000, 0, -10, 6_180_000), float("nan"))
    terrain = hydrology.analyse(heights, cell_size_m=10)
    within = np.ones(heights.shape, bool)
    within[:, 44:] = False
    lines = drainage_lines(terrain.directions, terrain.accumulation, within=within, least_ha=0.1, grid=grid)
    chosen = within & (terrain.accumulation >= 10)
    drains = receivers_on_the_raster(terrain.directions, chosen)
    pieces = sum(len(line.coords) - 1 for line in lines.geometry)
    assert len(lines) > 10
    assert pieces == (drains >= 0).sum(), "each step from cell to cell is drawn once"
    for line in lines.geometry:
        for (x0, y0), (x1, y1) in zip(line.coords[:-1], line.coords[1:], strict=True):
            here, there = grid.cell_of(x0, y0), grid.cell_of(x1, y1)
            step = (there[0] - here[0], there[1] - here[1])
            code = ESRI_CODES[list(zip(ROW_STEPS, COLUMN_STEPS, strict=True)).index(step)]
            assert terrain.directions[here] == code
            assert chosen[here]
            assert chosen[there]


def test_many_labels_are_drawn_whole():
    boxes = gpd.GeoSeries([shapely.box(i, 0, i + 1, 1) for i in range(300)], crs="EPSG:25832")
    grid = grid_of((1, 300), Affine(1, 0, 0, 0, -1, 1))
    inner = boxes.buffer(-0.1)
    assert burn_labels(inner, range(1, 301), grid=grid).tolist() == [list(range(1, 301))]


def test_no_cell_gathers_enough_for_a_line():
    grid = grid_of((3, 3))
    codes = np.zeros((3, 3), np.uint8)
    made = drainage_lines(codes, np.ones((3, 3)), within=np.ones((3, 3), bool), least_ha=1.0, grid=grid)
    assert len(made) == 0


def test_a_mask_grows_by_the_cells_that_touch_it():
    mask = np.zeros((5, 6), bool)
    mask[0, 0] = mask[3, 4] = True
    wide = grown(mask)
    assert np.argwhere(wide).tolist() == [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        *[[row, col] for row in (2, 3, 4) for col in (3, 4, 5)],
    ]
    assert mask.sum() == 2


def test_the_rim_of_labels_is_where_they_meet_others():
    labels = np.zeros((5, 5), np.uint8)
    labels[1:4, 1:4] = 1
    labels[2, 2] = 1
    rim = rim_of(labels)
    assert rim.sum() == 24, "all but the middle"
    assert not rim[2, 2]
    corner = np.array([[1, 0], [0, 0]])
    assert rim_of(corner).all()


def test_a_coded_raster_is_the_raster_of_its_values():
    codes = np.random.default_rng(2).integers(0, 3, (6, 7)).astype(np.uint8)
    values = np.array([0.1, 0.5, 0.9], np.float32)
    coded, plain = Coded(codes, values), values[codes]
    assert np.array_equal(np.asarray(coded), plain)
    assert np.asarray(coded, dtype=np.float64).dtype == np.float64
    part = np.s_[1:4, 2:]
    assert np.array_equal(coded[part], plain[part])
    assert np.array_equal(np.asarray(coded.window(part)), plain[part])
    assert (coded.shape, coded.ndim) == (plain.shape, 2)
    assert np.array_equal(
        sum_by_label(codes, coded, within=codes > 0, count=3), sum_by_label(codes, plain, within=codes > 0, count=3)
    )
