"""Writing a result: every file says what it is, and when it is modelled."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pandas as pd

from ballerup_geo import __version__
from ballerup_geo.raster import Raster
from ballerup_geo.results._figures import figures
from ballerup_geo.results._history import measured_before
from ballerup_geo.results._qgis_look import Look
from ballerup_geo.results._qgis_project import About
from ballerup_geo.results._result import Result, read_result
from ballerup_geo.results._rows import raster_names, row_metadata
from ballerup_geo.spec import Analysis, Map, Method, Outcome
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import (
    new_folder,
    read_table_metadata,
    sha256_file,
    write_cog,
    write_csv,
    write_geopackage,
    write_json,
    write_table,
)

__all__ = ["Made", "copy_geopackage", "restyle_result", "write_result"]

_AT_ONCE = 2
"""Files written at the same time: one is compressed while another is read back or flushed to the disk."""
_FEW_CELLS = 1 << 26
"""Rasters of more cells are written before the next one is made, so that one of them at a time is in memory."""
_PACKAGES = ("geopandas", "shapely", "pyogrio", "pyproj", "rasterio", "numpy", "pandas", "pyarrow", "numba", "scipy")


@dataclass(frozen=True, slots=True)
class Made:
    """How an outcome came about: what a result keeps beside the method's own words."""

    inputs: Mapping[str, Mapping[str, Any] | None]
    """Each input of the method → its provenance; None where it was unknown."""
    data: str
    """``model`` or ``kept``."""
    key: str
    """Hash of all that the result follows from."""
    checks: Sequence[Mapping[str, Any]] = ()
    """Each expectation with the value found."""
    notes: Sequence[Mapping[str, str]] = ()
    """What was missing, in Danish and English, beside what the method says itself."""


def write_result(
    out: Path,
    analysis_id: str,
    *,
    analysis: Analysis,
    method: Method,
    outcome: Outcome,
    made: Made,
    maps: Mapping[str, Map],
) -> Result:
    """Write a result in place of the last one, whole or not at all.

    ``maps`` give the GeoPackage its QGIS styles and project; see :func:`restyle_result`.
    """
    metadata = _metadata(analysis_id, analysis, method, made)
    about = About(analysis_id, analysis.title.da, _is_modelled(made), made.inputs)
    look = Look(about, maps, method, raster_names(method, outcome.tables))
    with new_folder(out / "results" / analysis_id) as folder:
        _write_rasters(
            outcome.rasters,
            folder,
            metadata={name: metadata | row_metadata(method, name, outcome.tables) for name in outcome.rasters},
            beside=partial(_write_tables, folder, method, outcome.tables, metadata, look),
        )
        modelled = _is_modelled(made)
        told = {"analysis": analysis_id, "modelled": modelled, "notice": _notice(made)}
        now = datetime.now(UTC)
        before = measured_before(out, analysis_id)
        judged = figures(analysis, method, outcome, modelled=modelled, day=now.date(), before=before)
        write_json(folder / "indicators.json", told | judged)
        files = {path.name: sha256_file(path) for path in sorted(folder.iterdir())}
        run = _run(analysis_id, analysis, method, outcome, made) | {"styles": look.key, "files": files}
        run["time"] = now.isoformat(timespec="seconds")
        write_json(folder / "run.json", run)
    return read_result(out, analysis_id)


def _write_tables(
    folder: Path, method: Method, tables: Mapping[str, pd.DataFrame], metadata: Mapping[str, str], look: Look
) -> None:
    lists = {table.name for table in method.tables if table.spreadsheet}
    for name, frame in tables.items():
        write_table(folder / f"{name}.parquet", frame, metadata=metadata)
        if name in lists:
            write_csv(folder / f"{name}.csv", frame, notice=metadata.get("notice"))
    if tables:
        _write_geopackage(folder / f"{look.about.analysis}.gpkg", tables, metadata, look)


def _write_geopackage(path: Path, tables: Mapping[str, pd.DataFrame], metadata: Mapping[str, str], look: Look) -> None:
    write_geopackage(
        path,
        tables,
        metadata=metadata,
        styles=look.styles(tables),
        projects={look.about.analysis: look.project(tables)},
        kinds=look.kinds,
    )


def _write_rasters(
    rasters: Mapping[str, Raster | Callable[[], Raster]],
    folder: Path,
    *,
    metadata: Mapping[str, Mapping[str, str]],
    beside: Callable[[], None],
) -> None:
    """Write rasters and what stands ``beside`` them, some at the same time.

    Those still to be made are made one by one, each as soon as there is room for it.
    """
    room = BoundedSemaphore(_AT_ONCE)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        begun = [pool.submit(beside)]
        for name, given in rasters.items():
            room.acquire()
            made = [given if isinstance(given, Raster) else given()]
            large = made[0].array.size > _FEW_CELLS
            begun.append(pool.submit(_write_raster, folder / f"{name}.tif", made, room, metadata=metadata[name]))
            if large:
                wait(begun)
        for written in begun:
            written.result()


def _write_raster(path: Path, made: list[Raster], room: BoundedSemaphore, *, metadata: Mapping[str, str]) -> None:
    """Write the raster that the list gives up, so that nothing holds on to it when there is ``room`` again."""
    raster = made.pop()
    try:
        write_cog(
            path,
            raster.array,
            transform=raster.transform,
            crs=raster.crs,
            nodata=raster.nodata,
            metadata=metadata,
        )
    finally:
        del raster
        room.release()


def restyle_result(result: Result, maps: Mapping[str, Map], method: Method) -> bool:
    """Give the GeoPackage of a result another look, where a map file has changed; say whether there was need.

    Nothing is computed: an analysis does not run again for a colour.
    """
    look = _look_of(result, maps, method)
    if not result.run["tables"] or result.run["styles"] == look.key:
        return False
    path = result.folder / f"{result.analysis}.gpkg"
    copy_geopackage(path, result, maps, method)
    files = result.run["files"] | {path.name: sha256_file(path)}
    write_json(result.folder / "run.json", {**result.run, "styles": look.key, "files": files})
    return True


def copy_geopackage(
    path: Path,
    result: Result,
    maps: Mapping[str, Map],
    method: Method,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Write the GeoPackage of a result anew, with its QGIS styles and project.

    ``tables``: those that go into it, as they may be handed on; without it all of them, as they are.
    """
    held = {name: result.table(name) for name in result.run["tables"]} if tables is None else tables
    metadata = read_table_metadata(result.folder / f"{next(iter(held))}.parquet")
    _write_geopackage(path, held, metadata, _look_of(result, maps, method))


def _look_of(result: Result, maps: Mapping[str, Map], method: Method) -> Look:
    about = About(result.analysis, result.run["title"]["da"], result.modelled, result.run["inputs"])
    return Look(about, maps, method, result.run["rasters"])


def _is_modelled(made: Made) -> bool:
    return made.data == "model" or any(entry is not None and entry["modelled"] for entry in made.inputs.values())


def _notice(made: Made) -> dict[str, str] | None:
    return MODEL_NOTICE.model_dump() if _is_modelled(made) else None


def _metadata(analysis_id: str, analysis: Analysis, method: Method, made: Made) -> dict[str, str]:
    """What every reader of a file of the result should see, the words about modelled data first."""
    notice = _notice(made)
    named = [entry["attribution"]["da"] for entry in made.inputs.values() if entry and entry.get("attribution")]
    return {
        **({"notice": f"{notice['da']} / {notice['en']}"} if notice else {}),
        "title": analysis.title.da,
        "analysis": analysis_id,
        "method": f"{method.id} {method.version}",
        "attribution": "; ".join(dict.fromkeys(named)),
    }


def _run(analysis_id: str, analysis: Analysis, method: Method, outcome: Outcome, made: Made) -> dict[str, Any]:
    return {
        "analysis": analysis_id,
        "title": analysis.title.model_dump(),
        "method": {"id": method.id, "version": method.version},
        "data": made.data,
        "modelled": _is_modelled(made),
        "notice": _notice(made),
        "answer": dict(outcome.answer),
        "answers": {name: dict(answer) for name, answer in outcome.answers.items()},
        "notes": [*map(dict, made.notes), *map(dict, outcome.notes)],
        "assumptions": {name: value.model_dump(mode="json") for name, value in analysis.assumptions.items()},
        "inputs": {name: None if entry is None else dict(entry) for name, entry in made.inputs.items()},
        "checks": [dict(check) for check in made.checks],
        "tables": list(outcome.tables),
        "rasters": list(outcome.rasters),
        "versions": _versions(),
        "key": made.key,
    }


@cache
def _versions() -> dict[str, str]:
    """What the result was computed with."""
    return {"ballerup-geo": __version__, "python": platform.python_version()} | {
        name: version(name) for name in _PACKAGES
    }
