"""Each command of the command line, as a planner and as another program meet it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import jsonschema
import pytest
from conftest import Command, command_environment

from ballerup_geo import __version__
from ballerup_geo.spec.notice import MODEL_NOTICE


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"]])
def test_help_answers_at_once(process: Command, tmp_path: Path, args: list[str]) -> None:
    process(*args, cwd=tmp_path)  # the first call may compile Python files
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        done = process(*args, cwd=tmp_path)
        spent.append(time.perf_counter() - began)
        assert done.code == 0
    assert "Usage: ballerup-geo" in done.out
    assert min(spent) < 0.5


def test_the_version_is_told(cli: Command) -> None:
    assert cli("--version").out == f"ballerup-geo {__version__}\n"


def test_run_says_what_was_used_what_came_out_and_where(toy_town: Path, tmp_path: Path, cli: Command) -> None:
    first = cli("run", "--project", toy_town, "--out", tmp_path)
    assert first.code == 0
    lines = first.out.splitlines()
    assert lines[0] == "Data: kept, the project's own layers."
    assert lines[1].startswith("Rainwater (computed in ")
    assert "60 %" in lines[1]
    assert lines[-1] == str(tmp_path / "site" / "index.html")
    second = cli("run", "rainwater", "--project", toy_town, "--out", tmp_path)
    assert "Rainwater (unchanged, not computed again): " in second.out
    assert cli("run", "--project", toy_town, "--out", tmp_path, "--quiet").out == f"{lines[-1]}\n"


def test_run_as_json_is_one_document(toy_town: Path, tmp_path: Path, process: Command) -> None:
    done = process("run", "--project", toy_town, "--out", ".", "--json", cwd=tmp_path)
    assert done.code == 0, done.out
    said = json.loads(done.out)
    assert said["computed"] == ["rainwater"]
    assert said["indicators"]["rainwater"]["bluespot_volume_m3"]["value"] == 450
    assert said["answers"]["rainwater"].keys() == {"da", "en"}
    assert (tmp_path / said["index"]).is_file()
    assert done.err == ""


def test_a_run_on_modelled_data_says_so_everywhere(modelled: Path, cli: Command, root: Path) -> None:
    again = cli("run", "--project", root, "--data", "model", "--cell", 20, "--out", modelled)
    assert f"Data: model. {MODEL_NOTICE.en}." in again.out
    pages = sorted((modelled / "site").rglob("*.html"))
    assert len(pages) >= 3
    assert [page.name for page in pages if MODEL_NOTICE.da not in page.read_text(encoding="utf-8")] == []
    history = (modelled / "results" / "history.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(history) > 1
    assert all(MODEL_NOTICE.da in line for line in history[1:])


def test_check_counts_what_it_has_read(cli: Command, toy_town: Path, root: Path) -> None:
    assert cli("check", "--project", toy_town).out == f"No faults: 11 layers, 1 analyses, 1 maps in {toy_town}\n"
    shipped = json.loads(cli("check", "--project", root, "--json").out)
    assert shipped["faults"] == []
    assert (shipped["layers"], shipped["analyses"], shipped["maps"]) == (
        len(list((root / "layers").glob("*.toml"))),
        len(list((root / "analyses").glob("*.toml"))),
        len(list((root / "maps").glob("*.toml"))),
    )


def test_check_reports_all_faults_at_once(cli: Command, toy_town: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(toy_town, tmp_path / "broken")
    analysis = broken / "analyses" / "rainwater.toml"
    text = analysis.read_text(encoding="utf-8")
    analysis.write_text(text.replace('unit = "ha"\n', 'unit = "km"\n').replace('layer = "terrain"', 'layer = "terain"'))
    done = cli("check", "--project", broken, "--json")
    assert done.code == 1
    faults = json.loads(done.out)["faults"]
    assert len(faults) == 2
    assert {fault["where"] for fault in faults} == {"analyses/rainwater.toml"}
    assert {fault["key"].split(".")[0] for fault in faults} == {"inputs", "assumptions"}
    assert any('did you mean "terrain"?' in fault["todo"] for fault in faults)
    told = cli("check", "--project", broken)
    assert told.out == ""
    assert told.err.splitlines()[0] == "2 faults in the project's files"
    assert told.err.count("  analyses/rainwater.toml: ") == 2


def test_layers_tells_known_from_unknown(cli: Command, toy_town: Path, tmp_path: Path) -> None:
    town = shutil.copytree(toy_town, tmp_path / "town")
    (town / "data" / "places.geojson").unlink()
    said = json.loads(cli("layers", "--project", town, "--out", tmp_path, "--json").out)
    known = {row["id"]: row["known"] for row in said["layers"]}
    assert len(known) == 11
    assert [name for name, is_known in known.items() if not is_known] == ["places"]
    (line,) = (line for line in cli("layers", "--project", town).out.splitlines() if line.startswith("places"))
    assert "unknown" in line
    assert cli("layers", "--project", town, "--markdown").out.startswith("# The 11 layers of Lilleby")


def test_explain_prints_both_sides_in_either_language(cli: Command, toy_town: Path) -> None:
    danish = cli("explain", "rainwater", "--project", toy_town).out
    assert "Hvor løber regnen hen?" in danish
    assert "Mindste dybde af en bluespot" in danish
    assert "chosen for the toy town" in danish
    english = cli("explain", "rainwater", "--project", toy_town, "--language", "en").out
    assert "Least depth of a bluespot" in english
    assert json.loads(cli("explain", "rainwater", "--project", toy_town, "--json").out)["analysis_id"] == "rainwater"
    wrong = cli("explain", "rainwatr", "--project", toy_town)
    assert (wrong.code, 'did you mean "rainwater"?' in wrong.err) == (1, True)


def test_publish_builds_the_site_again_without_computing(cli: Command, toy_town: Path, tmp_path: Path) -> None:
    assert cli("run", "--project", toy_town, "--out", tmp_path, "--quiet").code == 0
    result = tmp_path / "results" / "rainwater" / "run.json"
    before = result.read_bytes()
    index = (tmp_path / "site" / "index.html").read_bytes()
    shutil.rmtree(tmp_path / "site")
    done = cli("publish", "--project", toy_town, "--out", tmp_path)
    assert done.out == f"{tmp_path / 'site' / 'index.html'}\n"
    assert (tmp_path / "site" / "index.html").read_bytes() == index
    assert result.read_bytes() == before


def test_publish_without_results_says_what_waits(cli: Command, toy_town: Path, tmp_path: Path) -> None:
    said = json.loads(cli("publish", "--project", toy_town, "--out", tmp_path, "--json").out)
    assert said["waiting"] == ["rainwater"]


def test_serve_shows_the_site_until_ctrl_c(lilleby: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "ballerup_geo", "serve", "--out", str(lilleby), "--json"],
        env=command_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert server.stdout is not None
        text = server.stdout.readline()
        while not text.rstrip().endswith("}"):
            text += server.stdout.readline()
        with urllib.request.urlopen(json.loads(text)["url"], timeout=10) as answer:
            assert answer.read() == (lilleby / "site" / "index.html").read_bytes()
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
    finally:
        server.kill()
        server.wait()
    assert (server.returncode, out, err) == (0, "", "")


def test_serve_without_a_site_says_what_to_do(cli: Command, tmp_path: Path) -> None:
    done = cli("serve", "--out", tmp_path)
    assert done.code == 1
    assert "ballerup-geo run" in done.err


def test_new_makes_a_project_without_faults(cli: Command, tmp_path: Path) -> None:
    mine = tmp_path / "min kommune"
    done = cli("new", mine)
    assert done.code == 0
    assert done.out.splitlines()[0] == str(mine)
    assert sorted(path.name for path in mine.iterdir()) == [".gitignore", "analyses", "layers", "maps"]
    assert ".env" in (mine / ".gitignore").read_text().splitlines()
    assert cli("check", "--project", mine).code == 0
    again = cli("new", mine)
    assert again.code == 1
    assert "nothing was copied" in again.err


def test_schema_writes_what_accepts_the_shipped_files(cli: Command, root: Path, tmp_path: Path) -> None:
    assert cli("schema", tmp_path / "schemas").code == 0
    seen = 0
    for kind, folder in (("layer", "layers"), ("analysis", "analyses"), ("map", "maps")):
        rules = json.loads((tmp_path / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))
        for path in sorted((root / folder).glob("*.toml")):
            jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), rules)
            seen += 1
    assert seen > 15


def test_the_project_is_found_as_the_guide_says(
    cli: Command, toy_town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = shutil.copytree(toy_town, tmp_path / "town") / "maps"
    monkeypatch.chdir(inside)
    assert json.loads(cli("check", "--json").out)["project"] == str(tmp_path / "town")
    monkeypatch.chdir(tmp_path)
    assert json.loads(cli("check", "--json").out)["layers"] > 7  # the shipped one
    monkeypatch.setenv("BALLERUP_GEO_PROJECT", str(tmp_path / "town"))
    assert cli("check", "--json").code == 0


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is asked of POSIX")
def test_bars_are_drawn_on_a_terminal_and_only_there(toy_town: Path, tmp_path: Path) -> None:
    import pty

    def errors_of(*flags: str) -> bytes:
        outer, inner = pty.openpty()
        command = [sys.executable, "-m", "ballerup_geo", "run", "--project", str(toy_town), "--out"]
        out = str(tmp_path / "-".join(["out", *flags]))
        running = subprocess.Popen([*command, out, *flags], stdout=subprocess.DEVNULL, stderr=inner, env=environment)
        os.close(inner)
        said = b""
        try:
            while chunk := os.read(outer, 65536):
                said += chunk
        except OSError:  # the other end has closed
            pass
        os.close(outer)
        assert running.wait(60) == 0, said
        return said

    environment = command_environment() | {"TERM": "xterm-256color", "COLUMNS": "100"}
    assert b"rainwater" in errors_of()
    assert errors_of("--quiet") == b""
    assert errors_of("--json") == b""
