"""Editions: immutable, dated copies of the site, each at its own address; a local plan embeds nothing else.

``<out>/editions/<name>/`` has the site's layout and ``edition.json``, which says what the edition was made from and the
SHA-256 of each of its files. An edition is written once: a second one of the same name is refused.
"""

from __future__ import annotations

import json
import logging
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ballerup_geo import __version__
from ballerup_geo.errors import BallerupGeoError, Fault
from ballerup_geo.project import Project
from ballerup_geo.publish.content import Reader, results_needed
from ballerup_geo.publish.edition import Edition
from ballerup_geo.publish.page import site_name
from ballerup_geo.publish.sheets import SHEETS_PAGE, SheetWish, write_sheets
from ballerup_geo.publish.site import fill_site, ready_maps
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Progress
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import lock_folder, new_folder, recover, sha256_file

if TYPE_CHECKING:
    from ballerup_geo.catalog import Catalog
    from ballerup_geo.results import Result

__all__ = ["WrittenEdition", "build_edition", "changed_files"]

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME = 60
_RECORD = "edition.json"
_READ_ONLY = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True)
class WrittenEdition:
    """An edition on disk."""

    folder: Path
    edition: Edition
    waiting: tuple[str, ...]
    """Maps that are not in it, because their analysis has no result."""

    @property
    def index(self) -> Path:
        """Its front page."""
        return self.folder / "index.html"


def build_edition(
    project: Project,
    name: str,
    *,
    out: Path,
    catalog: Catalog,
    allow_model: bool = False,
    sheets: Sequence[SheetWish] = (),
    today: date | None = None,
    progress: Progress | None = None,
) -> WrittenEdition:
    """Write ``<out>/editions/<name>/`` from the results as they are now: whole or not at all, and never again.

    Parameters
    ----------
    name
        Lower-case letters, digits and single hyphens: it stands in the edition's address.
    allow_model
        Take modelled results too: their pages say so, and no target has a status.
    sheets
        The kortbilag to be drawn of each map.
    today
        The edition's date; without it, this machine's.

    Raises
    ------
    BallerupGeoError
        The name cannot stand in an address, there is an edition of this name, there is no result to publish, results
        are modelled and ``allow_model`` is not set, or a run is at work in ``out``.
    DataError
        A layer or result cannot be read.
    """
    from ballerup_geo.results import has_result, read_result

    _refuse_name(name)
    project = project.for_audience("public")
    target = out / "editions" / name
    edition = Edition(name, today or datetime.now().astimezone().date())
    reader = Reader(project, catalog, lambda analysis: read_result(out, analysis))
    with lock_folder(out / "results"):
        recover(out / "editions")
        _refuse_second(target)
        ready = ready_maps(reader, lambda analysis: has_result(out, analysis))
        needed = {analysis for each in ready for analysis in results_needed(project.maps[each])}
        results = {analysis: reader.result(analysis) for analysis in sorted(needed)}
        _refuse_empty(results, out)
        if not allow_model:
            _refuse_modelled(reader, results)
        with new_folder(target) as folder:
            more = [(SHEETS_PAGE, WORDS["sheets"])] if sheets else []
            fill_site(folder, reader, ready=ready, edition=edition, more_pages=more, progress=progress)
            if sheets:
                site = site_name(project.municipality.name, edition)
                write_sheets(folder, reader, ready, sheets, edition=edition, site=site)
            _write_record(folder, edition, reader, ready, results)
    _log.info("edition %s: %d maps in %s", name, len(ready), target)
    return WrittenEdition(target, edition, tuple(each for each in project.maps if each not in ready))


def changed_files(folder: Path) -> tuple[str, ...]:
    """Return the files of an edition that are not as they were written: changed, gone, or added since."""
    record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))["files"]
    there = _hashes(folder)
    return tuple(sorted(name for name in record.keys() | there.keys() if record.get(name) != there.get(name)))


# ---------------------------------------------------------------- what is refused


def _refuse_name(name: str) -> None:
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        what = f"cannot be an edition's name: it stands in an address, at most {_LONGEST_NAME} characters long"
        raise BallerupGeoError(
            Fault("--edition", name[:80], what, "use a–z, 0–9 and single hyphens, e.g. lokalplan-12")
        )


def _refuse_second(target: Path) -> None:
    if target.exists():
        what = "there is an edition of this name, and an edition never changes: plans may embed it"
        raise BallerupGeoError(Fault(str(target), "", what, "choose another name with --edition"))


def _refuse_empty(results: Mapping[str, Result], out: Path) -> None:
    if not results:
        what = "there is no result to make an edition of"
        raise BallerupGeoError(Fault(str(out / "results"), "", what, "make one: ballerup-geo run"))


def _refuse_modelled(reader: Reader, results: Mapping[str, Result]) -> None:
    faults = [
        Fault(
            f"results/{name}",
            "",
            f"is made from modelled data ({MODEL_NOTICE.en}): a plan that embeds it would explain what is not there",
            "run it on the municipality's own layers (--data kept), or publish it for trial with --allow-model",
        )
        for name, result in results.items()
        if result.modelled or reader.catalog.data == "model"
    ]
    if faults:
        raise BallerupGeoError(faults)


# ---------------------------------------------------------------- the record


def _write_record(
    folder: Path, edition: Edition, reader: Reader, ready: Sequence[str], results: Mapping[str, Result]
) -> None:
    """Write ``edition.json`` and take away the right to write any file."""
    modelled = any(result.modelled for result in results.values())
    record = {
        "edition": edition.name,
        "date": edition.date.isoformat(),
        "municipality": reader.project.municipality.name,
        "version": __version__,
        "data": reader.catalog.data,
        "modelled": modelled,
        "notice": MODEL_NOTICE.model_dump() if modelled else None,
        "maps": list(ready),
        "results": {name: _result_record(result) for name, result in results.items()},
        "layers": _layer_records(reader, ready),
        "files": _hashes(folder),
    }
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / _RECORD).write_text(text, encoding="utf-8", newline="\n")
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(_READ_ONLY)


def _result_record(result: Result) -> dict[str, Any]:
    run = result.run
    return {
        "key": result.key,
        "time": run["time"],
        "method": run["method"],
        "modelled": result.modelled,
        "inputs": run["inputs"],
        "versions": run["versions"],
    }


def _layer_records(reader: Reader, ready: Sequence[str]) -> dict[str, Any]:
    """Say where the layers come from that the maps show, or search, as they are."""
    maps = [reader.project.maps[name] for name in ready]
    named = [layer.layer for found in maps for layer in found.layers]
    named += [search.layer for found in maps for search in found.search]
    shown = {name for name in named if name is not None}
    found = {}
    for name in sorted({"municipality", *shown}):
        if reader.catalog.has(name):
            known = reader.catalog.read(name).provenance
            found[name] = {"origin": known.origin, "date": known.date, "licence": known.licence, "sha256": known.sha256}
    return found


def _hashes(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path != folder / _RECORD)
    return dict(sorted((p.relative_to(folder).as_posix(), sha256_file(p)) for p in paths))
