"""The machinery under the terrain functions: strips, compiled code in read-only folders, what is exported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ballerup_geo
from ballerup_geo import compiled, hydrology

PACKAGE = Path(ballerup_geo.__file__).parent


def test_public_names():
    assert hydrology.__all__ == sorted(hydrology.__all__)
    functions = ("fill_depressions", "flow_accumulation", "flow_accumulation_mfd", "flow_directions", "flow_path")
    for name in ("Event", "Link", "Terrain", "analyse", *functions, "watersheds"):
        assert callable(getattr(hydrology, name))
        assert name in hydrology.__all__


@pytest.mark.parametrize("levels", [4, 10_000_000])
def test_strips_give_the_same_answer_as_one_piece(monkeypatch, levels):
    random = np.random.default_rng(5)
    z = random.integers(0, levels, (400, 90)).astype(np.float32)
    z[random.random(z.shape) < 0.01] = np.nan
    marks = np.where((random.random(z.shape) < 0.999) | np.isnan(z), 0, 3)
    low = np.argwhere(z <= np.nanquantile(z, 0.05))  # in hollows
    ends = low[random.integers(0, len(low), (40, 2))].tolist()
    pairs = [sorted(pair, key=lambda cell: -z[tuple(cell)]) for pair in ends]
    links = [hydrology.Link(*inlet, *outlet, 1e-5) for inlet, outlet in pairs]
    found = []
    for strips in (1, 2, 6):
        monkeypatch.setattr(compiled, "STRIPS", strips)
        terrain = hydrology.analyse(z, cell_size_m=(1, 2), recipients=marks, links=links)
        found.append((terrain, terrain.event(100, duration_h=1)))
    (one, one_event), *others = found
    for other, event in others:
        assert np.array_equal(one.filled, other.filled, equal_nan=True)
        assert np.array_equal(one.directions, other.directions)
        assert np.array_equal(one.bluespots, other.bluespots)
        pd.testing.assert_frame_equal(one.depressions, other.depressions, rtol=1e-12)
        pd.testing.assert_frame_equal(one_event.depressions, event.depressions, rtol=1e-9)
        pd.testing.assert_frame_equal(one_event.outflow_by_recipient, event.outflow_by_recipient, rtol=1e-9)
        pd.testing.assert_frame_equal(one_event.links, event.links, rtol=1e-9)
    assert len(one.depressions) > 1000
    assert one_event.links.carried_m3.any()


@pytest.mark.parametrize("home_is_writable", [True, False])
def test_kernels_run_from_a_folder_that_cannot_be_written(tmp_path, home_is_writable):
    copy = tmp_path / "ballerup_geo"
    copy.mkdir()
    (copy / "__init__.py").touch()
    for name in ("errors.py", "compiled.py"):
        shutil.copy(PACKAGE / name, copy)
    shutil.copytree(PACKAGE / "hydrology", copy / "hydrology", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "hydrology" / "__pycache__").touch()  # a file where the folder would be: not even root can write there
    home = tmp_path / "home"
    home.mkdir()
    kept = home if home_is_writable else Path(os.devnull)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("NUMBA", "PYTHON", "XDG"))}
    environment |= {"HOME": str(kept), "XDG_CACHE_HOME": str(kept / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    code = "from ballerup_geo.hydrology import flow_path; print(flow_path([[1, 0]], 0, 0).tolist())"
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "[[0, 0], [0, 1]]", answer.stderr
    assert bool(list(home.rglob("*.nbi"))) == home_is_writable
