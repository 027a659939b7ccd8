"""One member of an archive from outside: nothing is written but that member, and nowhere but where it is wanted."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from ballerup_geo.errors import Fault, SourceError
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import writing

__all__ = ["is_archive", "take_member"]

_CHUNK = 1 << 20
_SHEETS = {"[Content_Types].xml", "mimetype"}
"""What Excel and OpenDocument files hold."""
_SHAPEFILE = {"dbf", "shx", "prj", "cpg", "sbn", "sbx", "qix", "qpj", "shp.xml"}
_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError),
    *(EOFError, NotImplementedError, RuntimeError),
)


def is_archive(path: Path) -> bool:
    """Say whether a file is a zip or tar archive, by its content; sheets, zip files inside, are none."""
    if not zipfile.is_zipfile(path):
        return tarfile.is_tarfile(path)
    with zipfile.ZipFile(path) as archive:
        return not _SHEETS & set(archive.namelist())


def take_member(archive: Path, member: str | None, to: Path, *, limit_bytes: int) -> Path:
    """Unpack one member into the folder ``to``, under its last name; without a name, the only file there is.

    With a shapefile come the files that belong to it; they are no files of their own.

    Raises
    ------
    SourceError
        The archive is broken, the member is not in it or is larger than the limit, or its name leads out of the folder.
    """
    try:
        with _members(archive) as members:
            chosen = _chosen(archive, member, list(members))
            for name in (*_beside(chosen, members), chosen):
                target = to / _safe(archive, name)
                _unpack(archive, name, members[name], target, limit_bytes)
    except _BROKEN as error:
        raise SourceError(Fault(archive.name, "", f"is no whole archive ({error})", "fetch it again")) from error
    return target


def _unpack(archive: Path, name: str, opener: Callable[[], IO[bytes] | None], to: Path, limit_bytes: int) -> None:
    size = 0
    opened = opener()
    if opened is None:
        raise SourceError(Fault(archive.name, name, "is no file", "name a file of the archive"))
    with writing(to), closing(opened) as packed, to.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            if size > limit_bytes:
                what = f"{name} is larger than {limit_bytes / 1e6:g} MB unpacked, more than can be meant"
                raise SourceError(Fault(archive.name, name, what, "check the source"))
            file.write(chunk)


def _beside(name: str, names: Iterable[str]) -> list[str]:
    """Return the files that belong to a shapefile."""
    stem, dot, ending = name.rpartition(".")
    if ending.lower() != "shp":
        return []
    return [each for each in names if each.startswith(stem + dot) and each[len(stem) + 1 :].lower() in _SHAPEFILE]


@contextmanager
def _members(path: Path) -> Iterator[dict[str, Callable[[], IO[bytes] | None]]]:
    """Give the plain files of an archive, each with what opens it: no folders, links or devices."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            files = [info.filename for info in archive.infolist() if not info.is_dir()]
            yield {name: partial(archive.open, name) for name in files}
        return
    with tarfile.open(path) as tar:
        yield {info.name: partial(tar.extractfile, info) for info in tar.getmembers() if info.isreg()}


def _chosen(archive: Path, member: str | None, names: list[str]) -> str:
    own = set(names).difference(*(_beside(name, names) for name in names))
    if member is None and len(own) == 1:
        return own.pop()
    if member is not None and member in names:
        return member
    what = f'holds no file "{member}"' if member is not None else f"holds {len(names)} files, and none is named"
    todo = nearest(member or "", names) if len(names) <= 40 else "name one of its files"
    raise SourceError(Fault(archive.name, "member", what, f"{todo} (member = …)"))


def _safe(archive: Path, name: str) -> str:
    """Return the last part of a member's name, unless its path leads out of the folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in str(path) or not path.name:
        raise SourceError(Fault(archive.name, name, "leads out of the folder it is unpacked into", "check the source"))
    return path.name
