"""A raster written strip by strip is the file that is written at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from ballerup_geo.errors import BallerupGeoError
from ballerup_geo.storage import read_cog, read_cog_metadata, write_cog, write_cog_strips

GRID = Affine(0.4, 0, 700_000, 0, -0.4, 6_190_000)
ABOUT = {"notice": "Modelberegnede data"}


def cells(kind: str) -> np.ndarray:
    rng = np.random.default_rng(1)
    terrain = np.round(30 + rng.normal(0, 2, (1300, 700)).cumsum(axis=1), 2).astype("float32")
    if kind == "terrain":
        terrain[:200, 100:300] = np.nan
        return terrain
    if kind == "dry":
        return np.where(rng.random(terrain.shape) < 0.01, terrain, 0).astype("float32")
    return rng.integers(0, 9, terrain.shape).astype("uint8")


def strips(array: np.ndarray, height: int) -> Iterator[np.ndarray]:
    for top in range(0, len(array), height):
        yield array[top : top + height]


@pytest.mark.parametrize(("kind", "height"), [("terrain", 100), ("dry", 777), ("classes", 1300)])
def test_strips_give_the_same_bytes(tmp_path: Path, kind: str, height: int) -> None:
    array = cells(kind)
    nodata = float("nan") if array.dtype.kind == "f" else 0.0
    about = {"transform": GRID, "crs": "EPSG:25832", "nodata": nodata, "metadata": ABOUT}
    write_cog(tmp_path / "whole.tif", array, **about)
    write_cog_strips(tmp_path / "strips.tif", strips(array, height), shape=array.shape, **about)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["strips.tif", "whole.tif"]
    found, grid, crs, _ = read_cog(tmp_path / "strips.tif")
    np.testing.assert_array_equal(found, array)
    assert (grid, crs, read_cog_metadata(tmp_path / "strips.tif")) == (GRID, "EPSG:25832", ABOUT)
    assert (tmp_path / "strips.tif").read_bytes() == (tmp_path / "whole.tif").read_bytes()


@pytest.mark.parametrize("rows", [1200, 1400])
def test_strips_that_do_not_make_up_the_raster_change_nothing(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "strips.tif"
    path.write_bytes(b"former")
    with pytest.raises(ValueError, match="row"):
        write_cog_strips(
            path,
            strips(cells("dry"), 100),
            shape=(rows, 700),
            transform=GRID,
            crs="EPSG:25832",
            nodata=None,
            metadata={},
        )
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("strips.tif", b"former")]


def test_a_source_that_fails_halfway_changes_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[np.ndarray]:
        yield cells("dry")[:600]
        raise BallerupGeoError(())

    with pytest.raises(BallerupGeoError):
        write_cog_strips(
            tmp_path / "x.tif", failing(), shape=(1300, 700), transform=GRID, crs="EPSG:25832", nodata=None, metadata={}
        )
    assert list(tmp_path.iterdir()) == []
