"""A folder is swapped in whole; whatever the moment of a kill, the next start finds a complete one."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ballerup_geo import storage
from ballerup_geo.errors import BallerupGeoError


def fill(target: Path, text: str) -> None:
    with storage.new_folder(target) as folder:
        (folder / "a.txt").write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_new_folder_replaces_the_old_one(tmp_path):
    for text in ("first", "second"):
        fill(tmp_path / "result", text)
    assert (tmp_path / "result" / "a.txt").read_text() == "second"
    assert names(tmp_path) == ["result"]


def fill_and_fail(target: Path, error: type[BaseException] | OSError) -> None:
    with storage.new_folder(target) as folder:
        (folder / "a.txt").write_text("half")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_error_or_ctrl_c_keeps_the_old_folder(tmp_path, error):
    fill(tmp_path / "result", "good")
    with pytest.raises(error):
        fill_and_fail(tmp_path / "result", error)
    assert (tmp_path / "result" / "a.txt").read_text() == "good"
    assert names(tmp_path) == ["result"]


def test_full_disk_while_filling_is_explained(tmp_path):
    with pytest.raises(BallerupGeoError, match="result: cannot be written: the disk is full"):
        fill_and_fail(tmp_path / "result", OSError(28, "No space left on device"))
    assert names(tmp_path) == []


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from ballerup_geo import storage

    fatal = int(sys.argv[2])  # the process dies before its n-th change of the folder
    count = 0

    def die_at(change):
        def changed(*args, **kwargs):
            global count
            count += 1
            if count == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*args, **kwargs)
        return changed

    for name in ("mkdir", "rename", "replace", "unlink", "write_text"):
        setattr(Path, name, die_at(getattr(Path, name)))
    storage._folders.shutil.rmtree = die_at(storage._folders.shutil.rmtree)
    with storage.new_folder(Path(sys.argv[1])) as folder:
        (folder / "a.txt").write_text("new")
        (folder / "b.txt").write_text("new")
    print("survived", count)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_kill_at_every_step_leaves_one_complete_version(tmp_path):
    found = []
    for fatal in range(1, 20):
        target = tmp_path / str(fatal) / "result"
        with storage.new_folder(target) as folder:
            (folder / "a.txt").write_text("old")
            (folder / "b.txt").write_text("old")
        script = [sys.executable, "-c", textwrap.dedent(KILLED), str(target), str(fatal)]
        ran = subprocess.run(script, capture_output=True, text=True, check=False)
        storage.recover(target.parent)
        assert names(target.parent) == ["result"]
        texts = {(target / name).read_text() for name in ("a.txt", "b.txt")}
        assert len(texts) == 1, "old and new files are mixed"
        found += texts
        if ran.returncode == 0:
            break
        assert ran.returncode == -signal.SIGKILL
    assert found == ["old"] * 4 + ["new"] * 3, "killed before each of six changes, then once not"


def test_recover_removes_files_begun_by_a_killed_run_and_spares_others(tmp_path):
    for name in (".a.gpkg.new-01234567.gpkg", ".a.gpkg.new-01234567.gpkg-journal", ".hidden.new", "a.gpkg"):
        (tmp_path / name).write_text("x")
    (said,) = storage.recover(tmp_path)
    assert said == f"{tmp_path / 'a.gpkg'}: removed an unfinished version, left by an interrupted run"
    assert names(tmp_path) == [".hidden.new", "a.gpkg"]
    assert storage.recover(tmp_path / "missing") == ()


def test_recover_puts_the_old_folder_back_where_the_new_one_is_gone(tmp_path):
    fill(tmp_path / "result", "old")
    (tmp_path / "result").rename(tmp_path / ".result.old-01234567")
    assert storage.recover(tmp_path) == (f"{tmp_path / 'result'}: restored after an interrupted run",)
    assert (tmp_path / "result" / "a.txt").read_text() == "old"


def hold(folder: Path) -> None:
    with storage.lock_folder(folder):
        pass


def test_second_run_is_told_who_holds_the_folder(tmp_path):
    said = rf"another run is writing here \(process {os.getpid()} of .* on .*, since 20.* → wait until it has finished"
    with storage.lock_folder(tmp_path), pytest.raises(BallerupGeoError, match=said):
        hold(tmp_path)
    hold(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_lock_ends_with_a_killed_process(tmp_path):
    script = (
        "import os, signal, sys; from pathlib import Path; from ballerup_geo import storage\n"
        "with storage.lock_folder(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert ran.returncode == -signal.SIGKILL
    assert (tmp_path / ".ballerup-geo.holder.json").exists()
    hold(tmp_path)


def linked(tmp_path: Path) -> Path:
    """A result that lies on a larger disk, behind a link."""
    (tmp_path / "out").mkdir()
    fill(tmp_path / "disk" / "kept", "first")
    (tmp_path / "out" / "result").symlink_to(tmp_path / "disk" / "kept")
    return tmp_path / "out" / "result"


def test_a_link_stays_and_what_it_leads_to_is_exchanged(tmp_path):
    target = linked(tmp_path)
    fill(target, "second")
    assert target.is_symlink()
    assert (tmp_path / "disk" / "kept" / "a.txt").read_text() == "second"
    assert names(tmp_path / "disk") == ["kept"]
    assert names(tmp_path / "out") == ["result"]


def test_what_a_kill_left_behind_a_link_is_recovered(tmp_path):
    target = linked(tmp_path)
    for name in (".kept.new-0a1b2c3d", ".other.new-0a1b2c3d"):
        (tmp_path / "disk" / name).mkdir()
    assert len(storage.recover(target.parent)) == 1
    assert names(tmp_path / "disk") == [".other.new-0a1b2c3d", "kept"]


def test_a_file_in_the_way_is_not_lost(tmp_path):
    (tmp_path / "site").write_text("mine")
    with pytest.raises(BallerupGeoError, match="a file stands where the folder is to be → move it away"):
        fill(tmp_path / "site", "new")
    assert (tmp_path / "site").read_text() == "mine"
    assert names(tmp_path) == ["site"]
