"""Leaflet comes with the build, pinned and whole, and a build says what it lacks."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def lay_vendor(root: Path) -> Callable[[Path], bool]:
    spec = importlib.util.spec_from_file_location("hatch_build", root / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.lay_vendor


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """A checkout's pins and vendor files, elsewhere."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, tmp_path / name)
    vendor = "ballerup_geo/publish/static/vendor"
    shutil.copytree(root / vendor, tmp_path / vendor)
    return tmp_path


def test_leaflet_is_pinned_by_version_and_hash_without_addresses(root: Path) -> None:
    lock = json.loads((root / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert {name: entry["version"] for name, entry in packages.items()} == {
        "node_modules/leaflet": "1.9.4",
        "node_modules/axe-core": "4.14.1",
    }
    assert [name for name, entry in packages.items() if entry.get("dev")] == ["node_modules/axe-core"]
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert "http" not in (root / "package-lock.json").read_text()


def test_vendor_files_of_the_present_lock_are_kept(copy: Path, lay_vendor: Callable[[Path], bool], monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")  # no npm: it must not be asked
    assert lay_vendor(copy) is False


@pytest.mark.parametrize("change", ["lock", "file"])
def test_without_npm_a_build_says_what_to_do(
    copy: Path, lay_vendor: Callable[[Path], bool], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    if change == "lock":
        (copy / "package-lock.json").write_text((copy / "package-lock.json").read_text() + "\n")
    else:
        (copy / "ballerup_geo/publish/static/vendor/leaflet.js").unlink()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match=r"npm is missing.*apt-get install npm.*make wheel"):
        lay_vendor(copy)
