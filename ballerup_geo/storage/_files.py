"""One file: written beside its place, flushed, renamed in; content hashes; JSON."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyogrio.util import vsi_path

from ballerup_geo.errors import BallerupGeoError, DataError, Fault

__all__ = [
    "flush_folder",
    "make_folder",
    "new_file",
    "read_json",
    "refuse_archive_mark",
    "remove_begun",
    "sha256_file",
    "sha256_files",
    "sha256_json",
    "unreadable",
    "working_name",
    "write_bytes",
    "write_json",
    "write_until_full",
    "writing",
]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_BUSY = {errno.EBUSY, errno.ETXTBSY}
_IN_THE_WAY = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR}


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write a file whole or not at all."""
    with new_file(path) as beside:
        beside.write_bytes(content)


def write_json(path: Path, data: Any) -> None:
    """Write JSON as UTF-8, keys in the order given, one value a line, so that two versions can be compared.

    Raises
    ------
    ValueError
        The data hold NaN or infinity, which JSON does not know.
    """
    write_bytes(path, (json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any:
    """Read JSON; a file that is missing or not JSON is a :class:`DataError`."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_files(paths: Iterable[Path], *, root: Path) -> str:
    """SHA-256 over several files: their names below ``root`` and their bytes, whatever order they are given in."""
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in paths):
        digest.update(f"{name}\0{sha256_file(path)}\n".encode())
    return digest.hexdigest()


def sha256_json(data: Any) -> str:
    """SHA-256 of data that JSON can hold; the order of keys does not matter."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; on leaving, flush it and rename it to ``path``.

    On any error, or Ctrl-C, the file beside is removed and ``path`` is as it was.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(working_name(path.name, "new") + path.suffix)
        try:
            yield beside
            _flush_file(beside)
            beside.replace(path)
        finally:
            remove_begun(beside)
        flush_folder(path.parent)


def write_until_full(path: Path, size: int) -> None:
    """Try whether the disk takes a file of this many bytes; the file is emptied again.

    Asked after a library has failed to write and does not say why: the system does.

    Raises
    ------
    OSError
        It does not: no room, over the quota, larger than allowed.
    """
    chunk = bytes(min(size, 1 << 24))
    with path.open("wb") as file:
        for begin in range(0, size, len(chunk)):
            file.write(chunk[: size - begin])
        file.flush()
        os.fsync(file.fileno())
        file.truncate(0)


def working_name(name: str, state: str, token: str | None = None) -> str:
    """Name of work in progress on ``name``: ``.name.new-1a2b3c4d``."""
    return f".{name}.{state}-{token or secrets.token_hex(4)}"


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system says about writing ``path`` into a fault that says what to do.

    A file that is not found is left alone: every folder is made before, so that would be a mistake of ours.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BallerupGeoError(_explained(path, error)) from error


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, where they are not there yet.

    Raises
    ------
    BallerupGeoError
        It cannot be made; also where the drive itself is not there, which the system calls "not found".
    """
    if not _is_text(folder):
        what = "the name holds bytes that are no text (an archive from another system?), and GDAL needs text"
        raise BallerupGeoError(Fault(str(folder), "", what, "rename the folder, or choose another with --out"))
    with writing(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError as error:
            what = "cannot be made: the drive or the folder above it is not there"
            todo = "connect the drive, or choose another folder"
            raise BallerupGeoError(Fault(str(folder), "", what, todo)) from error


def refuse_archive_mark(path: Path) -> None:
    """Refuse a path that GDAL's reader and writer would take apart at an exclamation mark."""
    if "!" in str(path) and vsi_path(path) != str(path):
        what = "cannot be written: GDAL takes the exclamation mark in the path for the way into an archive"
        raise BallerupGeoError(Fault(str(path), "", what, "rename the folder, or choose another with --out"))


def _is_text(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def remove_begun(beside: Path) -> bool:
    """Remove a file or folder in progress, with the journals a database leaves beside it; say whether there was one."""
    begun = [path for path in beside.parent.iterdir() if path.name.startswith(beside.name)]
    for path in begun:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return bool(begun)


def unreadable(path: Path, error: BaseException) -> DataError:
    """Make the error for a file of ours that should be readable and is not."""
    return DataError(Fault(str(path), "", f"cannot be read ({error})", "delete it and run again; it is made anew"))


def _explained(path: Path, error: OSError) -> Fault:
    if error.errno in _FULL:
        return Fault(
            str(path),
            "",
            "cannot be written: the disk is full, or the file is larger than allowed here",
            "make room, or choose another folder with --out; what was there before is unchanged",
        )
    if error.errno in _FORBIDDEN:
        return Fault(
            str(path),
            "",
            "cannot be written: no permission, or another program has it open",
            "close programs that use the folder, change its permissions, or choose another folder with --out",
        )
    if error.errno in _IN_THE_WAY:
        what = "cannot be written: a file stands where a folder is wanted, or a folder where a file is"
        return Fault(str(path), "", what, "move it away, or choose another folder with --out")
    todo = "close programs that use it" if error.errno in _BUSY else "check the disk and the path, or use another --out"
    return Fault(str(path), "", f"cannot be written: {error.strerror or error}", todo)


def _flush_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
