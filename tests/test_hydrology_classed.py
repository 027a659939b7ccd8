"""Ground summed by class gives the events that rasters give, and depths of single cells are those of the raster."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError
from ballerup_geo.hydrology import analyse

CELL = (2.0, 1.5)
few = settings(max_examples=60, deadline=None)


def rough(seed: int, recipients: bool) -> tuple[object, np.ndarray, np.ndarray]:
    """A terrain with holes, three classes of ground, and shares that run off."""
    random = np.random.default_rng(seed)
    z = (random.random((40, 30)) * 3).astype(np.float32)
    z[random.random(z.shape) < 0.05] = np.nan
    marks = np.where((random.random(z.shape) < 0.02) & np.isfinite(z), 7, 0).astype(np.int32)
    classes = random.integers(0, 3, z.shape, dtype=np.uint8)
    return analyse(z, cell_size_m=CELL, recipients=marks if recipients else None), classes, random.random(z.shape)


@few
@given(st.integers(0, 1000), st.booleans(), st.lists(st.floats(0, 500), min_size=6, max_size=6))
def test_an_event_by_class_is_the_event_by_rasters(seed, recipients, amounts):
    terrain, classes, runoff = rough(seed, recipients)
    runoff = runoff.astype(np.float32)
    rain, losses = np.array(amounts[:3]), np.array(amounts[3:])
    by_class = terrain.classed(classes, runoff).event(rain, losses_mm=losses)
    by_cell = terrain.event(rain[classes], runoff=runoff, losses=losses[classes])
    for name in ("volume_in_m3", "stored_m3", "outflow_m3", "lost_m3"):
        assert getattr(by_class, name) == pytest.approx(getattr(by_cell, name), rel=1e-9, abs=1e-9)
    together = by_class.stored_m3 + by_class.outflow_m3 + by_class.lost_m3
    assert together == pytest.approx(by_class.volume_in_m3, rel=1e-9)
    assert np.allclose(by_class.depth_m, by_cell.depth_m, atol=1e-6, equal_nan=True)


@few
@given(st.integers(0, 1000), st.floats(0, 200))
def test_depths_of_single_cells_are_those_of_the_raster(seed, rain_mm):
    terrain, _, _ = rough(seed, recipients=False)
    event = terrain.event(rain_mm)
    cells = np.random.default_rng(seed).integers(0, terrain.dtm.size, 300)
    assert np.array_equal(event.depth_at(cells), event.depth_m.reshape(-1)[cells], equal_nan=True)


@pytest.mark.parametrize(
    ("rain_mm", "losses_mm", "message"),
    [([1.0, 2.0], 0.0, "neither one number nor 3"), (-1.0, 0.0, "rain_mm"), (1.0, float("inf"), "losses_mm")],
)
def test_amounts_that_cannot_be_are_refused(rain_mm, losses_mm, message):
    terrain, classes, _ = rough(1, recipients=False)
    with pytest.raises(DataError, match=message):
        terrain.classed(classes).event(rain_mm, losses_mm=losses_mm)


def test_classes_of_another_shape_or_type_are_refused():
    terrain, classes, _ = rough(1, recipients=False)
    for wrong in (classes[1:], classes.astype(np.int64)):
        with pytest.raises(DataError, match="no raster of classes"):
            terrain.classed(wrong)
    with pytest.raises(DataError, match="from 0 to 1"):
        terrain.classed(classes, 1.5)


def test_a_class_without_ground_still_counts():
    terrain, classes, _ = rough(1, recipients=False)
    classes[classes == 2] = 0
    even, by_class = terrain.classed(classes).event(7.0), terrain.classed(classes, count=4).event([7.0, 7.0, 9.0, 9.0])
    assert by_class.volume_in_m3 == pytest.approx(even.volume_in_m3, rel=1e-12)
    with pytest.raises(DataError, match="class 1 is not one of 1"):
        terrain.classed(classes, count=1)
