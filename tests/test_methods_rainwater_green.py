"""Green areas: what they could hold, what reaches them, and what stands in the way."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ballerup_geo import hydrology
from ballerup_geo.errors import DataError
from ballerup_geo.methods.rainwater._green import CONFLICTS, Room, conflicts_of, green_sites, inflows_m3, room_of
from ballerup_geo.raster import CRS, Raster

few = settings(max_examples=80, deadline=None)
WEST, NORTH, CELL_M = 700_000.0, 6_180_000.0, 10.0


def cells(first_row: int, first_col: int, last_row: int, last_col: int) -> shapely.Polygon:
    return shapely.box(
        WEST + first_col * CELL_M,
        NORTH - (last_row + 1) * CELL_M,
        WEST + (last_col + 1) * CELL_M,
        NORTH - first_row * CELL_M,
    )


def frame(geometries: list[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometries, crs=CRS), crs=CRS)


def grid_of(shape: tuple[int, int]) -> Raster:
    return Raster(np.zeros(shape, np.float32), Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH), float("nan"))


def down_the_row(shape: tuple[int, int] = (3, 6)) -> np.ndarray[Any, Any]:
    """Every row drains east, off the raster."""
    return np.tile(np.arange(shape[1], 0, -1, dtype=np.float32), (shape[0], 1))


def room(areas: gpd.GeoDataFrame, **changed: Any) -> Room:
    shape = (3, 6)
    given = {
        "hollow_m": np.zeros(shape, np.float32),
        "slope": np.zeros(shape, np.float32),
        "directions": np.full(shape, 1, np.uint8),
        "running_m3": np.ones(shape),
        "diggable": np.ones(shape, bool),
        "dig_m": 0.5,
        "most_slope": 0.05,
        "grid": grid_of(shape),
        **changed,
    }
    given["directions"][:, -1] = 0
    return room_of(areas.geometry, **given)


def test_hollow_and_dig_on_paper() -> None:
    areas = frame([cells(1, 2, 1, 4)], area_id=["park"])
    hollow = np.zeros((3, 6), np.float32)
    hollow[1, 2:4] = 0.3  # two cells in the area, 2 × 100 m² × 0.3 m = 60 m³
    hollow[0] = 9.0  # outside
    slope = np.zeros((3, 6), np.float32)
    slope[1, 4] = 0.06  # too steep to dig: 2 × 100 m² × 0.5 m = 100 m³ are left
    found = room(areas, hollow_m=hollow, slope=slope)
    assert found.hollow_m3.tolist() == pytest.approx([60.0])
    assert found.dig_m3.tolist() == pytest.approx([100.0])
    # 1 m³ a cell: the two cells upstream and its own three
    assert found.inflow_m3.tolist() == [5.0]


def test_a_lake_in_the_park_is_not_dug() -> None:
    areas = frame([cells(0, 0, 2, 5)], area_id=["park"])
    diggable = np.ones((3, 6), bool)
    diggable[1, 1:3] = False
    hollow = np.full((3, 6), 1.0, np.float32)
    hollow[0, 0] = np.nan
    found = room(areas, diggable=diggable, hollow_m=hollow)
    assert found.dig_m3.tolist() == [(18 - 2 - 1) * 50.0]
    assert found.hollow_m3.tolist() == [(18 - 2 - 1) * 100.0]


def test_of_two_areas_on_one_place_the_smaller_has_the_cells() -> None:
    areas = frame([cells(1, 0, 1, 1), cells(0, 0, 2, 5)], area_id=["meadow", "park"])
    assert room(areas).dig_m3.tolist() == [2 * 50.0, 16 * 50.0]


def test_water_that_winds_through_an_area_counts_once() -> None:
    # one row drains east; area 1 has columns 1 and 4, area 2 column 2: water leaves area 1, crosses 2, and is back
    labels = np.array([[0, 1, 2, 0, 1, 0]], np.int32)
    directions = np.array([[1, 1, 1, 1, 1, 0]], np.uint8)
    running = np.array([[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]])
    assert inflows_m3(labels, directions, running, count=2).tolist() == [31.0, 7.0]


def test_water_that_comes_back_to_end_in_the_area_counts_once() -> None:
    labels = np.array([[1, 0, 1, 1]], np.int32)
    directions = np.array([[1, 1, 1, 0]], np.uint8)
    assert inflows_m3(labels, directions, np.ones((1, 4)), count=1).tolist() == [4.0]


@given(
    arrays(np.float32, (7, 8), elements=st.one_of(st.floats(0, 9, width=16), st.just(np.nan))),
    arrays(np.int32, (7, 8), elements=st.integers(0, 3)),
    arrays(np.float64, (7, 8), elements=st.integers(0, 9)),
)
@few
def test_inflow_is_the_water_of_all_cells_whose_way_meets_the_area(heights, labels, running) -> None:
    directions = hydrology.flow_directions(heights)
    found = inflows_m3(labels, directions, running, count=3)
    for area in (1, 2, 3):
        meets = hydrology.watersheds(directions, (labels == area).astype(np.int32)) > 0
        assert found[area - 1] == running[meets].sum()


def test_conflicts_are_told_in_one_order_and_a_shared_border_is_none() -> None:
    areas = frame([cells(0, 0, 0, 0), cells(0, 2, 0, 2), cells(2, 2, 2, 2)], area_id=["a", "b", "c"])
    known = frame([cells(0, 0, 0, 0), cells(0, 0, 1, 1), cells(0, 1, 0, 1)], kind=["groundwater", "v1", "bnbo"])
    assert conflicts_of(areas.geometry, known) == ["v1+groundwater", "none_known", "none_known"]
    assert conflicts_of(areas.geometry, None) == ["not_mapped"] * 3
    assert CONFLICTS["v1+groundwater"].da == "måske forurenet (V1), højt grundvand"
    assert len(CONFLICTS) == 2 + 63


def test_a_conflict_of_unknown_kind_is_refused() -> None:
    areas = frame([cells(0, 0, 0, 0)], area_id=["a"])
    with pytest.raises(DataError, match='"v3" is not known'):
        conflicts_of(areas.geometry, frame([cells(0, 0, 0, 0)], kind=["v3"]))


def sites(conflicts: list[str], **numbers: list[float]) -> gpd.GeoDataFrame:
    count = len(conflicts)
    areas = frame([cells(0, n, 0, n) for n in range(count)], area_id=[f"g{n}" for n in range(count)])
    return green_sites(areas, Room(**{name: np.array(values) for name, values in numbers.items()}), conflicts=conflicts)


def test_ranks_and_bounds_on_paper() -> None:
    found = sites(
        ["none_known", "v2", "none_known"],
        hollow_m3=[10.0, 500.0, 40.0],
        dig_m3=[90.0, 500.0, 100.0],
        inflow_m3=[1000.0, 2000.0, 60.0],
    ).set_index("area_id")
    assert found["retention_m3"].to_dict() == {"g0": 100.0, "g2": 60.0, "g1": 1000.0}
    assert found["gain_m3"].to_dict() == {"g0": 90.0, "g2": 20.0, "g1": 500.0}
    # the largest lies on contaminated ground, and comes last
    assert found["rank"].to_dict() == {"g0": 1, "g2": 2, "g1": 3}
    assert found["public"].isna().all()


def test_without_an_event_the_room_alone_decides_and_inflow_is_unknown() -> None:
    found = sites(
        ["not_mapped", "not_mapped"], hollow_m3=[10.0, 20.0], dig_m3=[0.0, 5.0], inflow_m3=[np.nan, np.nan]
    ).set_index("area_id")
    assert found["retention_m3"].to_dict() == {"g1": 25.0, "g0": 10.0}
    assert found["gain_m3"].to_dict() == {"g1": 5.0, "g0": 0.0}
    assert found["inflow_m3"].isna().all()


@given(
    st.lists(
        st.tuples(st.sampled_from(list(CONFLICTS)), *[st.integers(0, 100).map(float)] * 3), min_size=1, max_size=12
    )
)
@few
def test_no_site_in_conflict_ranks_before_one_without(rows) -> None:
    conflicts, hollow, dig, inflow = (list(column) for column in zip(*rows, strict=True))
    found = sites(conflicts, hollow_m3=hollow, dig_m3=dig, inflow_m3=inflow)
    flagged = ~found["conflicts"].isin(["none_known", "not_mapped"])
    assert flagged.is_monotonic_increasing
    assert found["rank"].tolist() == list(range(1, len(rows) + 1))
    for _, group in found.groupby(flagged):
        assert group["retention_m3"].is_monotonic_decreasing
    assert (found["retention_m3"] <= found["inflow_m3"]).all()
    assert ((found["gain_m3"] >= 0) & (found["gain_m3"] <= found["retention_m3"])).all()
