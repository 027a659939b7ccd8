"""What the command line says and leaves when something goes wrong: message, exit code, and the last good results."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import Command, Finished, command_environment


def scripted(code: str, *args: object, cwd: Path, **environment: str) -> Finished:
    """The command line in a process whose insides a test has changed."""
    program = f"{textwrap.dedent(code)}\nfrom ballerup_geo.cli import main\nmain({[str(arg) for arg in args]!r})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cwd,
        env=command_environment() | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture
def town(toy_town: Path, tmp_path: Path) -> Path:
    """A copy of Lilleby that a test may spoil."""
    return shutil.copytree(toy_town, tmp_path / "town")


def change_assumption(town: Path) -> None:
    """Make the last result out of date."""
    path = town / "analyses" / "rainwater.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("value = 0.1", "value = 0.2"), encoding="utf-8")


@pytest.mark.parametrize("args", [["chek"], ["run", "--colour"], ["run", "--cell", "0"], ["run", "--data", "both"]])
def test_a_misspelt_command_is_a_usage_error(cli: Command, args: list[str]) -> None:
    done = cli(*args)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 2
    told = cli(*args, "--json")
    assert told.code == 2
    assert json.loads(told.out)["error"] in done.err


def test_no_command_shows_the_commands(cli: Command) -> None:
    done = cli()
    assert done.code == 2
    assert "serve" in done.err


def test_a_folder_that_is_no_project(cli: Command, tmp_path: Path) -> None:
    done = cli("run", "--project", tmp_path / "nowhere", "--json")
    assert done.code == 1
    (fault,) = json.loads(done.out)["faults"]
    assert fault["where"] == str(tmp_path / "nowhere")
    assert "ballerup-geo new" in fault["todo"]


def test_an_unknown_analysis(cli: Command, town: Path, tmp_path: Path) -> None:
    done = cli("run", "ranwater", "--project", town, "--out", tmp_path)
    assert done.code == 1
    assert 'did you mean "rainwater"?' in done.err
    assert not (tmp_path / "site").exists()


def test_a_missing_file_is_a_source_that_failed(cli: Command, town: Path, tmp_path: Path) -> None:
    (town / "data" / "terrain.asc").unlink()
    done = cli("run", "--project", town, "--out", tmp_path)
    assert done.code == 3
    assert "layers/terrain.toml" in done.err
    assert "rainwater" in done.err


def test_bad_data_name_the_layer_and_leave_the_last_results(cli: Command, town: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli("run", "--project", town, "--out", out, "--quiet").code == 0
    before = {name: data for name, data in content(out).items() if "/layers/" not in name}
    path = town / "data" / "recipients.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace('"east_lake"', '"west_brook"'), encoding="utf-8")
    done = cli("run", "--project", town, "--out", out)
    assert done.code == 1
    assert "recipients" in done.err
    assert "recipient_id" in done.err
    after = content(out)
    assert {name: after[name] for name in before} == before


def test_modelled_data_are_refused_where_a_project_has_none(cli: Command, town: Path, tmp_path: Path) -> None:
    done = cli("run", "--project", town, "--out", tmp_path, "--data", "model")
    assert done.code == 3
    assert "--data model" in done.err


def test_a_bug_is_said_shortly_and_leaves_with_70(town: Path, tmp_path: Path) -> None:
    spoil = """
        import ballerup_geo.hydrology
        def analyse(*args, **options): raise ZeroDivisionError("oh")
        ballerup_geo.hydrology.analyse = analyse
    """
    args = ("run", "--project", town, "--out", tmp_path / "out")
    done = scripted(spoil, *args, cwd=tmp_path)
    assert done.code == 70
    assert done.out == ""
    assert done.err.splitlines()[0].startswith("This is a bug in ballerup-geo (ZeroDivisionError: oh).")
    assert "Traceback" not in done.err
    assert "Traceback" in scripted(spoil, "--traceback", *args, cwd=tmp_path).err
    assert "Traceback" in scripted(spoil, *args, cwd=tmp_path, BALLERUP_GEO_TRACEBACK="1").err
    told = scripted(spoil, *args, "--json", cwd=tmp_path)
    assert told.code == 70
    assert "ZeroDivisionError" in json.loads(told.out)["error"]
    assert not (tmp_path / "out" / "results" / "rainwater").exists()


def test_ctrl_c_leaves_the_last_good_results(cli: Command, town: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli("run", "--project", town, "--out", out, "--quiet").code == 0
    before = content(out)
    change_assumption(town)
    slow = """
        import time, ballerup_geo.hydrology
        told = ["computing"]  # once: two parts of the method compute side by side
        def analyse(*args, **options):
            for word in [told.pop()] if told else []:
                print(word, flush=True)
            time.sleep(5)
        ballerup_geo.hydrology.analyse = analyse
        from ballerup_geo.cli import main
    """
    program = f"{textwrap.dedent(slow)}\nmain({['run', '--project', str(town), '--out', str(out)]!r})"
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        env=command_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "computing\n"
    running.send_signal(signal.SIGINT)
    said, error = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said == ""
    assert error.startswith("Stopped.")
    assert "Traceback" not in error
    assert content(out) == before
    assert "computed in" in cli("run", "--project", town, "--out", out).out


def test_a_full_disk_is_said_and_leaves_the_last_good_results(cli: Command, town: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli("run", "--project", town, "--out", out, "--quiet").code == 0
    before = content(out)
    change_assumption(town)
    full = """
        import errno, os
        import ballerup_geo.storage._files as files
        def fsync(handle): raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync = fsync
    """
    done = scripted(full, "run", "--project", town, "--out", out, cwd=tmp_path)
    assert done.code == 1
    assert "No space left" in done.err or "full" in done.err
    assert "Traceback" not in done.err
    assert content(out) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(cli: Command, town: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    done = cli("run", "--project", town, "--out", locked)
    assert done.code == 1
    assert "locked" in done.err


def test_a_file_in_the_place_of_the_output_folder(cli: Command, town: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    done = cli("run", "--project", town, "--out", tmp_path / "out")
    assert done.code == 1
    assert str(tmp_path / "out") in done.err
    assert (tmp_path / "out").read_text() == "a file"


def test_a_reader_that_stops_reading_is_no_error(town: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ballerup_geo", "layers", "--project", str(town), "--markdown"]
    running = subprocess.Popen(command, env=command_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(60) == 0


def test_danish_letters_survive_a_terminal_that_has_none(process: Command, toy_town: Path, tmp_path: Path) -> None:
    done = process("explain", "rainwater", "--project", toy_town, cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "Hvor løber regnen hen?" in done.out
