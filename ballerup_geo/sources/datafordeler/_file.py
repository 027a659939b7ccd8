"""The weekly file of an entity: found in the list of files, brought, taken out of its zip file, read as far as wanted.

Documented form (Datafordeler, Fildownload): ``GetAvailableFileDownloads?Register=…&Entity=…`` and
``GetFile?Register=…&LatestTotalForEntity=…&type=current&format=…``, with the key as a parameter.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ballerup_geo.errors import Fault, SourceError
from ballerup_geo.sources._archive import take_member
from ballerup_geo.sources._http import UnansweredError
from ballerup_geo.sources.datafordeler._read import read_rows
from ballerup_geo.sources.datafordeler._table import Came, Wanted
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import make_folder

__all__ = ["from_file"]

LIMIT_BYTES = 60_000_000_000
"""Of a register's entity for all of Denmark, unpacked."""
_LIST_BYTES = 50_000_000
_BEGINNINGS = {"gpkg": (b"SQLite format 3\0",), "json": (b"[", b"{"), "csv": ()}


def from_file(wanted: Wanted) -> Came:
    """Return the rows of an entity's latest total file.

    Raises
    ------
    SourceError
        The register has no such entity (the nearest is named), the file cannot be brought, or is broken.
    """
    table, request = wanted.table, wanted.request
    made, notes = _listed(wanted)
    params = {"Register": table.register_, "LatestTotalForEntity": table.entity, "type": "current"}
    params |= {"format": table.format if table.format == "gpkg" else table.format.upper(), **table.params}
    label = f"{request.layer_id}: {wanted.name}"
    url = f"{table.url.rstrip('/')}/GetFile"
    path = request.client.download(
        url,
        request.work / f"{table.register_}-{table.entity}.{table.format}".replace("/", "_"),
        params,
        limit_bytes=LIMIT_BYTES,
        secret_params=_secret(wanted),
        progress=lambda size, total: request.progress(label, size / total if total else 0.0),
    )
    unpacked = _unpacked(path, wanted)
    try:
        came = read_rows(unpacked, wanted)
    finally:
        if unpacked != path:  # what was brought stays until the layer is whole, unpacked it takes too much room
            unpacked.unlink(missing_ok=True)
    origin = f"{request.client.shown(url, params)}, {unpacked.name}"
    return Came(came.frame, came.offered, origin, (*notes, *came.notes), made)


def _secret(wanted: Wanted) -> dict[str, str]:
    return wanted.request.secret_params(wanted.secret)


def _listed(wanted: Wanted) -> tuple[str | None, tuple[str, ...]]:
    """Return the day on which the file was made, where the list tells it.

    A list that cannot be read is noted and no more: the file itself decides.
    """
    entity = wanted.table.entity
    try:
        rows = _ask_list(wanted, {"Entity": entity})
        mine = [row for row in rows if row.get("entityName") == entity and row.get("typeOfDownload") == "TotalDownload"]
        if mine:
            return str(max(str(row.get("generationTime") or "") for row in mine))[:10] or None, ()
        names = {str(row["entityName"]) for row in _ask_list(wanted, {}) if row.get("entityName")}
    except UnansweredError:
        raise
    except SourceError as error:
        return None, (f"the list of files could not be read: {error}",)
    if names and entity not in names:
        what = f"{wanted.table.register_} has no file of {entity}"
        raise SourceError(wanted.request.wrong(wanted.key("entity"), what, nearest(entity, names)))
    return None, ()


def _ask_list(wanted: Wanted, params: Mapping[str, str]) -> list[dict[str, Any]]:
    url = f"{wanted.table.url.rstrip('/')}/GetAvailableFileDownloads"
    asked = {"Register": wanted.table.register_, **params}
    content = wanted.request.client.get(url, asked, limit_bytes=_LIST_BYTES, secret_params=_secret(wanted))
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        what = f"answers no list: {wanted.request.client.said(content[:600])}"
        raise SourceError(Fault(wanted.request.client.shown(url, asked), "", what, "try later")) from None
    rows = answer.get("availableFileDownloads") if isinstance(answer, dict) else answer
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _unpacked(path: Path, wanted: Wanted) -> Path:
    """Return the file itself, from its zip file where it is in one; anything else than data is what the service says.

    Raises
    ------
    SourceError
        Also where the zip file is cut short: it is brought anew the next time.
    """
    form = wanted.table.format
    data = path
    if _start(path)[:2] == b"PK":
        try:
            folder = path.parent / "unpacked"
            make_folder(folder)
            data = take_member(path, _member(path, form), folder, limit_bytes=LIMIT_BYTES)
        except SourceError:
            path.unlink(missing_ok=True)
            raise
    begins, start = _BEGINNINGS[form], _start(data)
    if (begins and not start.lstrip(b"\xef\xbb\xbf \r\n").startswith(begins)) or start.lstrip()[:1] == b"<":
        data.unlink()
        path.unlink(missing_ok=True)
        what = f"{wanted.name}: something else than a {form} file came: {wanted.request.client.said(start)}"
        raise SourceError(wanted.request.wrong(wanted.key("format"), what, "check entity and format, or try later"))
    return data


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(600)


def _member(path: Path, form: str) -> str | None:
    """Return the only file of the wanted kind; None leaves the choice, or its fault, to the archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(f".{form}")]
    except zipfile.BadZipFile as error:
        raise SourceError(Fault(path.name, "", f"is no whole archive ({error})", "fetch it again")) from error
    return names[0] if len(names) == 1 else None
