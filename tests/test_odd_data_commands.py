"""Odd places and moments for the command line: a clear message, JSON where JSON was asked for, nothing half done."""

import json
import shutil

import pytest

from ballerup_geo import project
from ballerup_geo.errors import ProjectError


def test_markdown_as_json_is_json(cli, toy_town):
    done = cli("layers", "--markdown", "--json", "--project", toy_town)
    assert json.loads(done.out)["markdown"].startswith("# The 7 layers of Lilleby")


@pytest.mark.parametrize("command", [("new",), ("schema",), ("run", "--project", "TOWN", "--out")])
def test_a_drive_that_is_not_there_is_no_bug(cli, toy_town, monkeypatch, tmp_path, command):
    """Windows says "not found" of a network drive that is not connected."""

    def gone(self, *args, **kwargs):
        raise FileNotFoundError(2, "No such file or directory", str(self))

    monkeypatch.setattr("pathlib.Path.mkdir", gone)
    done = cli(*(toy_town if word == "TOWN" else word for word in command), tmp_path / "gone")
    assert done.code == 1
    assert "cannot be made: the drive or the folder above it is not there → connect the drive" in done.err


@pytest.mark.parametrize("there", [True, False])
def test_half_a_copy_is_taken_back(tmp_path, monkeypatch, there):
    copied, copytree = tmp_path / "mine", shutil.copytree
    if there:
        copied.mkdir()

    def full(source, target, **options):
        copytree(source, target, **options)
        if target.name == "analyses":
            raise shutil.Error([(str(source), str(target), "No space left on device")])

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(ProjectError, match=r"cannot be copied here \(No space left on device\) → make room"):
        project.copy_shipped(copied)
    assert copied.exists() == there
    monkeypatch.undo()
    assert project.copy_shipped(copied) == copied
