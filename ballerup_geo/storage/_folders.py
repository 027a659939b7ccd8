"""A folder swapped in whole, recovery after a kill, and the lock that keeps two runs apart."""

from __future__ import annotations

import getpass
import json
import logging
import os
import re
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ballerup_geo.errors import BallerupGeoError, Fault
from ballerup_geo.storage._files import (
    flush_folder,
    make_folder,
    refuse_archive_mark,
    remove_begun,
    working_name,
    write_json,
    writing,
)

__all__ = ["lock_folder", "new_folder", "recover"]

_log = logging.getLogger(__name__)

_WORK = re.compile(r"\.(?P<name>.+)\.(?P<state>new|old)-(?P<token>[0-9a-f]{8})(\.[\w-]+)?")
_LOCK = ".ballerup-geo.lock"
_HOLDER = ".ballerup-geo.holder.json"


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder beside ``target`` to fill; on leaving, it takes the place of ``target``.

    On an error or Ctrl-C the folder beside is removed and ``target`` is as it was. After a kill, :func:`recover`
    does the same, or completes the exchange where it had begun. Where ``target`` is a link, the folder that it leads to
    is exchanged, and the link stays.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "result"
    >>> with new_folder(target) as folder:
    ...     _ = (folder / "answer.txt").write_text("42")
    >>> (target / "answer.txt").read_text()
    '42'
    """
    target = target.resolve() if target.is_symlink() else target
    if target.exists() and not target.is_dir():
        what = "cannot be written: a file stands where the folder is to be"
        raise BallerupGeoError(Fault(str(target), "", what, "move it away, or choose another folder with --out"))
    token = secrets.token_hex(4)
    fresh = target.with_name(working_name(target.name, "new", token))
    with writing(target):
        try:
            fresh.mkdir(parents=True)
            yield fresh
            flush_folder(fresh)
            _exchange(target, fresh, target.with_name(working_name(target.name, "old", token)))
        finally:
            _settle(target, token)


def _exchange(target: Path, fresh: Path, former: Path) -> None:
    """Rename the old folder aside and the new one in; if the second fails, the old one is put back."""
    if target.exists():
        target.rename(former)
    try:
        fresh.rename(target)
    except OSError:
        if former.exists():
            former.rename(target)
        raise
    flush_folder(target.parent)


def recover(parent: Path) -> tuple[str, ...]:
    """Complete or roll back what a killed run left in a folder; return what was done, a line each.

    To be called while holding the lock: work in progress of another run looks the same as what a killed one left.
    """
    if not parent.is_dir():
        return ()
    found = _left_in(parent)
    for linked in [path.resolve() for path in parent.iterdir() if path.is_symlink()]:
        found |= {(target, token) for target, token in _left_in(linked.parent) if target == linked}
    done = []
    for target, token in sorted(found):
        with writing(target):
            done += _settle(target, token)
    for line in done:
        _log.warning("%s", line)
    return tuple(done)


def _left_in(parent: Path) -> set[tuple[Path, str]]:
    """Find work in progress: on what, and its token."""
    if not parent.is_dir():
        return set()
    matches = [match for path in parent.iterdir() if (match := _WORK.fullmatch(path.name))]
    return {(parent / match["name"], match["token"]) for match in matches}


def _settle(target: Path, token: str) -> list[str]:
    """Leave ``target`` as the last complete version of itself, and nothing of the exchange ``token`` beside it.

    A folder is renamed aside only when the new one is complete, so wherever an old one is found without ``target``,
    the new one beside it is good.
    """
    former = target.with_name(working_name(target.name, "old", token))
    fresh = target.with_name(working_name(target.name, "new", token))
    done = []
    if former.exists() and not target.exists():
        complete = fresh.exists()
        (fresh if complete else former).rename(target)
        done.append(f"{target}: {'completed' if complete else 'restored'} after an interrupted run")
    if former.exists():
        shutil.rmtree(former)
        done.append(f"{target}: removed the version before, left by an interrupted run")
    if remove_begun(fresh):
        done.append(f"{target}: removed an unfinished version, left by an interrupted run")
    return done


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold a folder for this run; a second run is told who holds it and stops.

    The lock belongs to the operating system and ends with the process, however it ends.
    """
    refuse_archive_mark(folder)  # before anything is computed, not when the result is to be written
    make_folder(folder)
    lock = FileLock(folder / _LOCK)
    with writing(folder / _LOCK):
        _acquire(lock, folder)
    try:
        write_json(folder / _HOLDER, _myself())
        yield
    finally:
        (folder / _HOLDER).unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, folder: Path) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BallerupGeoError(
            Fault(
                str(folder),
                "",
                f"another run is writing here ({_holder(folder)})",
                "wait until it has finished, or choose another folder with --out",
            )
        ) from None


def _myself() -> dict[str, str | int]:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no entry in the user database: usual in containers
        user = "unknown user"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"process": os.getpid(), "user": user, "host": socket.gethostname(), "since": now}


def _holder(folder: Path) -> str:
    try:
        who = json.loads((folder / _HOLDER).read_text(encoding="utf-8"))
        return f"process {who['process']} of {who['user']} on {who['host']}, since {who['since']}"
    except (OSError, ValueError, KeyError):  # it has just begun or just ended
        return "it has not said who it is"
