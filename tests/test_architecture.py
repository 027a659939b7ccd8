"""The house rules that a machine can hold: imports, exports, style, types, file sizes."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ballerup_geo

ENGINE = Path(ballerup_geo.__file__).parent
LONGEST_FILE = 600


def tool(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=root, capture_output=True, encoding="utf-8", timeout=600, check=False
    )


def python_files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py") if "node_modules" not in path.parts)


def test_imports_go_one_way(root: Path) -> None:
    done = tool(root, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache")
    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff_finds_nothing(root: Path, command: list[str]) -> None:
    done = tool(root, "-m", "ruff", *command, ".")
    assert done.returncode == 0, done.stdout


def test_mypy_finds_nothing(root: Path) -> None:
    done = tool(root, "-m", "mypy")
    assert done.returncode == 0, done.stdout
    assert "no issues found in" in done.stdout


def test_no_file_is_two_ideas(root: Path) -> None:
    files = python_files(ENGINE, root / "tests", root / "benchmarks")
    assert len(files) > 40
    assert {
        str(path.relative_to(root)): lines
        for path in files
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    } == {}


def test_no_file_is_named_for_having_no_idea() -> None:
    files = python_files(ENGINE)
    assert len(files) > 40
    assert [path for path in files if path.stem.strip("_") in {"utils", "helpers", "common", "misc"}] == []


def test_the_engine_never_prints_asserts_or_swallows() -> None:
    found = []
    files = python_files(ENGINE)
    assert len(files) > 40
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
            )
            prints = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            if broad or prints or isinstance(node, ast.Assert):
                found.append(f"{path.name}:{node.lineno}")
    assert found == []


def test_the_public_names_are_the_documented_ones() -> None:
    assert ballerup_geo.__all__ == [
        "BallerupGeoError",
        "Catalog",
        "DataError",
        "Fault",
        "MethodError",
        "Project",
        "ProjectError",
        "Raster",
        "Result",
        "SourceError",
        "build_site",
        "check_project",
        "explain",
        "export_results",
        "fetch",
        "find_project",
        "folium_map",
        "read_project",
        "read_result",
        "run_project",
    ]
    for name in ballerup_geo.__all__:
        assert getattr(ballerup_geo, name).__module__.startswith("ballerup_geo.")
    assert set(ballerup_geo.__all__) <= set(dir(ballerup_geo))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = ballerup_geo.nonsense  # type: ignore[attr-defined]


def test_importing_the_package_brings_nothing_heavy(root: Path) -> None:
    code = "import ballerup_geo, ballerup_geo.cli, sys, json; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(tool(root, "-c", code).stdout))
    assert "ballerup_geo.cli" in loaded
    assert loaded & {"numpy", "pandas", "geopandas", "rasterio", "numba", "folium", "pydantic", "rich"} == set()


def test_the_version_is_said_once_and_the_same(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == ballerup_geo.__version__
    assert f"## {ballerup_geo.__version__}" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_dependency_has_its_reason_and_its_tested_version(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    asked = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    assert len(asked) > 20
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert all(line.count("==") == 1 and "/" not in line for line in lines)
    tested = {line.split("==")[0] for line in lines}
    for requirement in asked:
        name = requirement.split(">")[0].split("[")[0].lower()
        assert name in tested, f"{name} has no tested version in constraints.txt"
        reasoned = [line for line in text.splitlines() if f'"{requirement}",' in line and "  # " in line]
        assert reasoned, f"{name} has no reason beside it"
