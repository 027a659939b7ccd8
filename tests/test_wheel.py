"""The wheel is what people get: built, installed in a fresh environment, run from a folder that is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import WARNINGS

pytestmark = pytest.mark.wheel


def said_by(*command: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    said_by(sys.executable, "-m", "build", "--wheel", "--outdir", folder, root, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment: this package from the wheel alone, what it depends on from the environment of the tests."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    said_by(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet", wheel, cwd=folder)
    home = Path(said_by(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    # a folder named in a .pth file is searched, but its own .pth files (an editable install) are not read
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (home / "dependencies.pth").write_text("\n".join(sorted(dependencies)), encoding="utf-8")
    return scripts


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BALLERUP_GEO_", "PYTHON"))}
    return kept | {"PYTHONWARNINGS": WARNINGS}


def test_the_wheel_holds_the_shipped_project_and_leaflet(wheel: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert "MIT License" in archive.read("ballerup_geo-0.1.0.dist-info/licenses/LICENSE").decode()
    content = {
        f"ballerup_geo/_project/{folder}/{path.name}"
        for folder in ("layers", "analyses", "maps")
        for path in (root / folder).glob("*.toml")
    }
    assert len(content) > 15
    assert content <= names
    vendor = "ballerup_geo/publish/static/vendor"
    assert {f"{vendor}/leaflet.js", f"{vendor}/leaflet.css", f"{vendor}/leaflet-LICENSE.txt"} <= names
    assert "ballerup_geo/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"ballerup_geo", "ballerup_geo-0.1.0.dist-info"}


def test_the_installed_wheel_runs_from_another_folder(fresh: Path, tmp_path: Path) -> None:
    where = said_by(
        fresh / "python", "-c", "import ballerup_geo as b; print(b.__file__)", cwd=tmp_path, env=environment()
    )
    assert Path(where.strip()).is_relative_to(fresh.parent)
    command = fresh / "ballerup-geo"
    said = json.loads(said_by(command, "run", "--cell", 20, "--json", cwd=tmp_path, env=environment()))
    assert said["data"] == "model"
    assert "_project" in said["project"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["planners", "results", "site"]
    scripts = [path.read_text(encoding="utf-8") for path in (tmp_path / "site" / "assets").glob("leaflet*.js")]
    assert len(scripts) == 1
    assert "Leaflet 1." in scripts[0]
    assert (tmp_path / "site" / "rainwater" / "index.html").is_file()


def test_the_installed_wheel_gives_a_project_of_ones_own(fresh: Path, tmp_path: Path) -> None:
    command = fresh / "ballerup-geo"
    said_by(command, "new", "mine", cwd=tmp_path, env=environment())
    assert "No faults" in said_by(command, "check", "--project", "mine", cwd=tmp_path, env=environment())
