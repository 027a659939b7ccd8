"""Fixtures shared by the tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tests import project_maker and each other's helpers by plain name

from project_maker import ProjectMaker


@pytest.fixture
def maker(tmp_path: Path) -> ProjectMaker:
    """A project in the making, with a square municipality of 1 km²."""
    return ProjectMaker(tmp_path / "project")
