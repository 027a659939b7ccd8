"""The terrain that travels with a page: packed small, placed exactly, refused where its parts do not fit."""

from __future__ import annotations

import gzip
import json
import struct
from dataclasses import replace
from typing import Any

import flow_maker
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import analyse
from ballerup_geo.publish.flow import flow_content
from ballerup_geo.publish.flow_pack import HEIGHT_STEP_M, FlowGrid, carried_right, pack_flow, polynomial, world_pixels
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Flow

BALLERUP_WEST_M, BALLERUP_NORTH_M = 704_000.0, 6_184_000.0
STEPS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))


def grid_of(z: np.ndarray, *, cell_m: float = 10.0, marks: np.ndarray | None = None) -> FlowGrid:
    found = analyse(z, cell_size_m=cell_m, recipients=marks)
    nodes = flow_maker.click_nodes(found, np.full(z.shape, 0.5))
    return FlowGrid(
        height_m=found.dtm,
        directions=found.directions,
        basins=found.drainage.labels,
        outlets=np.zeros(z.shape, np.uint8) if marks is None else marks.astype(np.uint8),
        nodes={name: nodes[name].to_numpy() for name in nodes},
        west_m=BALLERUP_WEST_M,
        north_m=BALLERUP_NORTH_M,
        cell_m=(cell_m, cell_m),
    )


def opened(packed: bytes) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Read header and streams of a payload, byte by byte."""
    raw = gzip.decompress(packed)
    (length,) = struct.unpack("<I", raw[:4])
    header = json.loads(raw[4 : 4 + length])
    at, streams = 4 + length, {}
    for name, size, count in header["streams"]:
        values, value, shift = [], 0, 0
        for byte in raw[at : at + size]:
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                values.append(value)
                value, shift = 0, 0
        assert len(values) == count
        streams[name] = values
        at += size
    assert at == len(raw)
    return header, streams


def signed(value: int) -> int:
    return -(value + 1) // 2 if value % 2 else value // 2


def unpacked(packed: bytes) -> dict[str, np.ndarray]:
    """Unpack a grid, cell by cell: heights in steps, ESRI codes, basins."""
    header, streams = opened(packed)
    rows, cols = header["rows"], header["cols"]
    inside = np.concatenate([np.full(n, k % 2, bool) for k, n in enumerate(streams["mask"])]).reshape(rows, cols)
    height = np.zeros((rows, cols), dtype=np.int64)
    differences = iter(streams["heights"])
    for r in range(rows):
        for c in range(cols):
            left = height[r, c - 1] if c else 0
            above = height[r - 1, c] if r else 0
            between = height[r - 1, c - 1] if r and c else 0
            foretold = sorted([left, above, left + above - between])[1]
            height[r, c] = foretold + signed(next(differences)) if inside[r, c] else left
    codes = np.full((rows, cols), 255)
    differing = iter(streams["directions"])
    for r, c in np.argwhere(inside):
        said, best = next(differing), 0.0
        if said == 0:
            for k, (down, right) in enumerate(STEPS):
                y, x = r + down, c + right
                if 0 <= y < rows and 0 <= x < cols and inside[y, x]:
                    per = header["per"][2] if k % 2 else header["per"][0 if down == 0 else 1]
                    if (height[r, c] - height[y, x]) * per > best:
                        best, said = (height[r, c] - height[y, x]) * per, k + 1
        codes[r, c] = 1 << (said - 1) if 0 < said < 9 else 0
    basin = np.zeros((rows, cols), dtype=np.int64)
    places = np.cumsum(streams["exits_at"], dtype=np.int64)
    basin.reshape(-1)[places] = np.cumsum([signed(v) for v in streams["exits"]], dtype=np.int64)
    for r, c in np.argwhere(inside):
        way = []
        while inside[r, c] and basin[r, c] == 0:
            way.append((r, c))
            if codes[r, c] == 0:
                break
            down, right = STEPS[int(codes[r, c]).bit_length() - 1]
            r, c = r + down, c + right
            if not (0 <= r < rows and 0 <= c < cols and inside[r, c]):
                break
        here = 0 <= r < rows and 0 <= c < cols and inside[r, c]
        for place in way:
            basin[place] = (basin[r, c] if here else 0) or 1
    return {"inside": inside, "height": height, "codes": codes, "basin": basin}


def agrees(grid: FlowGrid) -> None:
    found = unpacked(pack_flow(grid))
    inside = grid.directions != 255
    assert np.array_equal(found["inside"], inside)
    assert np.abs(found["height"] * HEIGHT_STEP_M - grid.height_m)[inside].max(initial=0) <= HEIGHT_STEP_M / 2 + 1e-5
    assert np.array_equal(found["codes"], grid.directions)
    assert np.array_equal(found["basin"][inside], grid.basins[inside])


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10_000), st.sampled_from([1, 40]))
@settings(max_examples=60, deadline=None)
def test_what_is_packed_comes_back(rows: int, cols: int, seed: int, levels: int) -> None:
    numbers = np.random.default_rng(seed)
    z = numbers.integers(-3, levels, size=(rows, cols)).astype(np.float32) / 7
    z[numbers.random(z.shape) < 0.15] = np.nan
    agrees(grid_of(z))


def test_the_hand_made_terrain_comes_back() -> None:
    agrees(grid_of(flow_maker.heights(), marks=flow_maker.marks()))


def test_the_ground_of_hollows_that_lies_outside_the_grid_travels() -> None:
    """Of the first hollow 3 cells of 100 m² are not in the grid; of the others all are."""
    grid = grid_of(flow_maker.heights(), marks=flow_maker.marks())
    assert opened(pack_flow(grid))[1]["unshown"] == [0] * len(grid.nodes["whole"])
    area_m2 = grid.nodes["area_m2"].copy()
    area_m2[0] += 300.0
    wider = replace(grid, nodes={**grid.nodes, "area_m2": area_m2})
    assert [signed(value) for value in opened(pack_flow(wider))[1]["unshown"]][:2] == [3, 0]


def test_the_same_grid_gives_the_same_bytes() -> None:
    assert pack_flow(grid_of(flow_maker.heights())) == pack_flow(grid_of(flow_maker.heights()))


def test_a_cell_outside_has_the_height_to_its_left() -> None:
    values, inside = np.array([[5, 6, 7], [8, 9, 1]]), np.array([[True, False, True], [False, False, True]])
    assert carried_right(values, inside).tolist() == [[5, 5, 7], [0, 0, 1]]


@pytest.mark.parametrize("cell_m", [4.0, 6.0, 50.0])
def test_places_are_exact_to_a_third_of_a_metre_all_over_the_frame(cell_m: float) -> None:
    """27.5 × 21.25 km in the east of the zone, where the grid is turned by 2.7° against north."""
    shape = (int(21_250 / cell_m), int(27_500 / cell_m))
    blank = np.zeros(shape, dtype=np.uint8)
    names = ("whole", "beyond", "spill_level_m", "floor_m", "room_m3", "area_m2", "runoff_m2")
    empty = {name: np.zeros(0) for name in names}
    grid = FlowGrid(
        blank, np.full(shape, 255), blank, blank, empty, BALLERUP_WEST_M, BALLERUP_NORTH_M, (cell_m, cell_m)
    )
    frame = opened(pack_flow(grid))[0]["frame"]
    numbers = np.random.default_rng(1)
    col, row = numbers.uniform(0, shape[1], 5000), numbers.uniform(0, shape[0], 5000)
    x, y = world_pixels(grid.west_m + col * cell_m, grid.north_m - row * cell_m)
    off_col = polynomial(frame["column"], x, y, frame["world"]) - col
    off_row = polynomial(frame["row"], x, y, frame["world"]) - row
    assert np.hypot(off_col, off_row).max() * cell_m < 0.3
    metres_per_pixel = 40_075_017 / 256 * np.cos(np.radians(55.7))
    off_x = polynomial(frame["x"], col, row, frame["cell"]) + frame["world"]["middle"][0] - x
    off_y = polynomial(frame["y"], col, row, frame["cell"]) + frame["world"]["middle"][1] - y
    assert np.hypot(off_x, off_y).max() * metres_per_pixel < 0.3


def test_world_pixels_are_those_of_web_mercator() -> None:
    """55.7309° N, 12.3633° E by hand: x = 256 (12.3633 + 180) / 360."""
    from pyproj import Transformer

    east, north = Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True).transform(12.3633, 55.7309)
    x, y = world_pixels(np.array([east]), np.array([north]))
    assert x[0] == pytest.approx(136.791680, abs=1e-6)
    mercator = np.log(np.tan(np.pi / 4 + np.radians(55.7309) / 2))
    assert y[0] == pytest.approx(128 * (1 - mercator / np.pi), abs=1e-6)


# ---------------------------------------------------------------- what does not fit


class FakeResult:
    """A result in memory."""

    analysis = "flow"

    def __init__(self) -> None:
        outcome = flow_maker.flow(None)  # type: ignore[arg-type]
        self.rasters: dict[str, Raster] = dict(outcome.rasters)  # type: ignore[arg-type]
        self.tables = dict(outcome.tables)
        self.run: dict[str, Any] = {"assumptions": {"loss_mm": {"value": 2.0}}}

    def raster(self, name: str) -> Raster:
        return self.rasters[name]

    def table(self, name: str) -> Any:
        return self.tables[name]


def asked(result: FakeResult) -> Any:
    return flow_content(Flow.model_validate(flow_maker.FLOW), result, where="maps/flow.toml")  # type: ignore[arg-type]


def test_a_whole_result_is_packed_with_its_recipients() -> None:
    content = asked(FakeResult())
    assert [one["downstream"] for one in content.recipients] == ["b", None]
    assert content.cell_m == flow_maker.CELL_M
    assert content.loss_mm == 2.0
    assert len(content.packed) < 6000


def test_a_grid_that_lies_elsewhere_is_refused() -> None:
    result = FakeResult()
    moved = result.rasters["click_basins"]
    result.rasters["click_basins"] = replace(moved, transform=moved.transform @ moved.transform.translation(1, 0))
    with pytest.raises(DataError, match="basins: is not on the grid of the heights"):
        asked(result)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("whole", 2, "a part must come before its whole"),
        ("beyond", 10**6, "holds labels beyond"),
        ("room_m3", -1.0, "holds values that cannot be"),
        ("spill_level_m", float("nan"), "holds values that cannot be"),
    ],
)
def test_hollows_that_cannot_be_are_refused(column: str, value: float, says: str) -> None:
    result = FakeResult()
    nodes = result.tables["click_nodes"].copy()
    nodes.loc[0, column] = value
    result.tables["click_nodes"] = nodes
    with pytest.raises(DataError, match=says):
        asked(result)


def test_missing_columns_codes_and_assumptions_are_all_told_at_once() -> None:
    result = FakeResult()
    result.tables["recipients"] = result.tables["recipients"].drop(columns="name")
    result.rasters["click_directions"].array[3, 3] = 7
    result.run = {"assumptions": {}}
    with pytest.raises(DataError) as told:
        asked(result)
    assert [fault.key for fault in told.value.faults] == ["directions", "name", "flow.loss"]
