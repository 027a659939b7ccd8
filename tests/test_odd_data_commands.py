"""Odd places and moments for the command line: a clear message, JSON where JSON was asked for, nothing half done."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import command_environment

from ballerup_geo import project
from ballerup_geo.errors import ProjectError


def test_markdown_as_json_is_json(cli, toy_town):
    done = cli("layers", "--markdown", "--json", "--project", toy_town)
    assert json.loads(done.out)["markdown"].startswith("# The 11 layers of Lilleby")


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


# ---------------------------------------------------------------- Ctrl-C, memory, a standard output that takes nothing


def python(code, *args, **options):
    program = f"{textwrap.dedent(code)}\nfrom ballerup_geo.cli import main\nmain({[str(arg) for arg in args]!r})"
    return subprocess.run(
        [sys.executable, "-c", program],
        env=command_environment(),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
        check=False,
        **{"stdout": subprocess.PIPE, **options},
    )


def test_ctrl_c_while_the_program_loads_is_no_traceback(toy_town):
    code = """
        import sys

        class CtrlC:
            def find_spec(self, name, path=None, target=None):
                if name == "typer":
                    raise KeyboardInterrupt

        sys.meta_path.insert(0, CtrlC())
    """
    done = python(code, "check", "--json", "--project", toy_town)
    assert (done.returncode, done.stderr) == (130, "")
    assert json.loads(done.stdout)["error"].startswith("Stopped.")


def test_ctrl_c_inside_a_callback_from_c_is_not_lost(toy_town):
    """Compiled kernels are loaded through such callbacks: Python prints what they raise, and goes on."""
    code = """
        import ctypes, signal, time
        import ballerup_geo.project

        @ctypes.CFUNCTYPE(None)
        def load():
            signal.raise_signal(signal.SIGINT)

        def read_project(root):
            load()
            time.sleep(20)

        ballerup_geo.project.read_project = read_project
    """
    done = python(code, "check", "--project", toy_town)
    assert done.returncode in (130, -signal.SIGINT)
    assert done.stderr == "Stopped. The last good results are still there; nothing is half-written.\n"


def test_too_little_memory_is_no_bug(cli, toy_town, monkeypatch):
    def greedy(root):
        raise MemoryError

    monkeypatch.setattr("ballerup_geo.project.read_project", greedy)
    done = cli("check", "--json", "--project", toy_town)
    assert done.code == 1
    assert "coarser cells" in json.loads(done.out)["faults"][0]["todo"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("flags", [("--json",), ()])
def test_an_output_that_takes_nothing_is_told_on_the_other(toy_town, flags):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = python("", "check", *flags, "--project", toy_town, stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith("The disk refused.\n")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell's way of closing it")
def test_a_closed_output_is_no_bug(toy_town):
    done = python("", "check", "--json", "--project", toy_town, stdout=None, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")
