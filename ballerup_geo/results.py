"""The result of an analysis on disk and back: ``results/<analysis>/`` and ``results/history.csv``.

================================  =========================================================================
``<table>.parquet``               each table as GeoParquet
``<raster>.tif``                  each raster as cloud-optimised GeoTIFF
``<analysis>.gpkg``               all tables in one GeoPackage, for QGIS
``indicators.json``               headline figures, each with unit, target and status
``run.json``                      how it came about: method, assumptions, inputs, checks, versions, time
================================  =========================================================================

A folder is swapped in whole. The same inputs give the same bytes, but for the times in ``run.json``.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from ballerup_geo import __version__
from ballerup_geo.errors import DataError, Fault
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Analysis, Indicator, Method, Outcome, Target
from ballerup_geo.spec.faults import nearest
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import (
    append_csv,
    new_folder,
    read_cog,
    read_json,
    read_table,
    sha256_file,
    write_cog,
    write_geopackage,
    write_json,
    write_table,
)

__all__ = ["Made", "Result", "has_result", "read_result", "record_history", "write_result"]

_PACKAGES = ("geopandas", "shapely", "pyogrio", "pyproj", "rasterio", "numpy", "pandas", "pyarrow", "numba", "scipy")
_STATUS = {
    "reached": {"da": "nået", "en": "reached"},
    "not_reached": {"da": "ikke nået", "en": "not reached"},
    "on_the_way": {"da": "på vej", "en": "on the way"},
    "behind": {"da": "bagud", "en": "behind"},
    "unknown": {"da": "ukendt", "en": "unknown"},
}
_MODELLED = {"da": "ukendt – modeldata", "en": "unknown – modelled data"}


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


@dataclass(frozen=True, slots=True)
class Result:
    """A result on disk."""

    analysis: str
    folder: Path
    run: Mapping[str, Any]
    """``run.json``."""
    indicators: Mapping[str, Mapping[str, Any]]
    """Each indicator → ``value`` (None: unknown), ``unit``, ``da``, ``en``, ``digits``; its ``targets`` by year, and
    of the first of them ``target`` and ``status``."""
    targets: Sequence[Mapping[str, Any]]
    """All targets of the analysis, measured and registered, each with ``status`` and ``status_text``."""

    @property
    def modelled(self) -> bool:
        """True when the modelled municipality is in it."""
        return bool(self.run["modelled"])

    @property
    def key(self) -> str:
        """Hash of all that the result follows from."""
        return str(self.run["key"])

    def table(self, name: str) -> pd.DataFrame:
        """Read a table."""
        self._known(name, "tables")
        return read_table(self.folder / f"{name}.parquet")

    def raster(self, name: str) -> Raster:
        """Read a raster."""
        self._known(name, "rasters")
        array, transform, crs, nodata = read_cog(self.folder / f"{name}.tif")
        return Raster(array, transform, nodata, crs)

    def is_whole(self) -> bool:
        """Say whether every file is as it was written."""
        files = self.run["files"]
        return all(
            (self.folder / name).is_file() and sha256_file(self.folder / name) == files[name] for name in sorted(files)
        )

    def _known(self, name: str, kind: str) -> None:
        names = self.run[kind]
        if name not in names:
            what = f'the result has no "{name}" among its {kind}'
            raise DataError(Fault(f"results/{self.analysis}", kind, what, nearest(name, names)))


def has_result(out: Path, analysis_id: str) -> bool:
    """Say whether an analysis has a result that can be read."""
    try:
        read_result(out, analysis_id)
    except DataError:
        return False
    return True


def read_result(out: Path, analysis_id: str) -> Result:
    """Read the result of an analysis; its tables and rasters are read when asked for.

    Raises
    ------
    DataError
        There is none, or it is damaged.
    """
    folder = out / "results" / analysis_id
    if not (folder / "run.json").is_file():
        todo = f"make it: ballerup-geo run {analysis_id}"
        raise DataError(Fault(f"results/{analysis_id}", "", "there is no result of this analysis", todo))
    run, figures = read_json(folder / "run.json"), read_json(folder / "indicators.json")
    try:
        return Result(run["analysis"], folder, run, figures["indicators"], figures["targets"])
    except (KeyError, TypeError) as error:
        todo = f"make it anew: ballerup-geo run {analysis_id}"
        raise DataError(
            Fault(f"results/{analysis_id}", "", f"lacks {error}: another version wrote it", todo)
        ) from error


def write_result(
    out: Path,
    analysis_id: str,
    *,
    analysis: Analysis,
    method: Method,
    outcome: Outcome,
    made: Made,
    styles: Mapping[str, str] | None = None,
) -> Result:
    """Write a result in place of the last one, whole or not at all.

    ``styles`` maps a table to a QGIS style (QML) for the GeoPackage.
    """
    metadata = _metadata(analysis_id, analysis, method, made)
    with new_folder(out / "results" / analysis_id) as folder:
        for name, frame in outcome.tables.items():
            write_table(folder / f"{name}.parquet", frame, metadata=metadata)
        for name, raster in outcome.rasters.items():
            write_cog(
                folder / f"{name}.tif",
                raster.array,
                transform=raster.transform,
                crs=raster.crs,
                nodata=raster.nodata,
                metadata=metadata,
            )
        if outcome.tables:
            write_geopackage(folder / f"{analysis_id}.gpkg", outcome.tables, metadata=metadata, styles=styles)
        write_json(folder / "indicators.json", _figures(analysis_id, analysis, method, outcome, made))
        files = {path.name: sha256_file(path) for path in sorted(folder.iterdir())}
        write_json(folder / "run.json", _run(analysis_id, analysis, method, outcome, made) | {"files": files})
    return read_result(out, analysis_id)


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
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": made.data,
        "modelled": _is_modelled(made),
        "notice": _notice(made),
        "answer": dict(outcome.answer),
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


def _figures(analysis_id: str, analysis: Analysis, method: Method, outcome: Outcome, made: Made) -> dict[str, Any]:
    modelled = _is_modelled(made)
    targets = [_target(target, outcome.indicators, modelled=modelled) for target in analysis.targets]
    indicators = {
        indicator.name: _indicator(indicator, outcome.indicators[indicator.name], targets)
        for indicator in method.indicators
    }
    return {
        "analysis": analysis_id,
        "modelled": modelled,
        "notice": _notice(made),
        "indicators": indicators,
        "targets": targets,
    }


def _indicator(indicator: Indicator, value: float | None, targets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    own = sorted((target for target in targets if target["indicator"] == indicator.name), key=_by_year)
    return {
        "value": None if value is None else float(value),
        "unit": indicator.unit,
        "da": indicator.da,
        "en": indicator.en,
        "digits": indicator.digits,
        "target": own[0] if own else None,
        "status": own[0]["status"] if own else None,
        "targets": own,
    }


def _by_year(target: Mapping[str, Any]) -> tuple[int, str]:
    return target["year"], target["id"]


def _target(target: Target, values: Mapping[str, float | None], *, modelled: bool) -> dict[str, Any]:
    """Describe a target and where it stands; what modelled data say about a real target is nothing."""
    status = "unknown" if modelled else _status(target, values)
    said = target.model_dump(mode="json") | {"status": status}
    return said | {"status_text": _MODELLED if modelled else _STATUS[status]}


def _status(target: Target, values: Mapping[str, float | None]) -> str:
    if target.kind == "registered" or target.indicator is None:
        return target.status
    value = values.get(target.indicator)
    if value is None or target.value is None:
        return "unknown"
    reached = value >= target.value if target.direction == "at_least" else value <= target.value
    return "reached" if reached else "not_reached"


def record_history(out: Path, result: Result) -> bool:
    """Add a result's indicators to ``results/history.csv`` unless they stand there; say whether they were added."""
    path = out / "results" / "history.csv"
    time, key = str(result.run["time"]), result.key[:12]
    if path.exists() and _stands(path, f"{time};{result.analysis};", f";{key};"):
        return False
    notice = result.run["notice"]
    rows = [
        {
            "time": time,
            "analysis": result.analysis,
            "method": f"{result.run['method']['id']} {result.run['method']['version']}",
            "data": result.run["data"],
            "indicator": name,
            "value": figure["value"],
            "unit": figure["unit"],
            "key": key,
            "notice": notice["da"] if notice else "",
        }
        for name, figure in result.indicators.items()
    ]
    append_csv(path, pd.DataFrame(rows))
    return True


def _stands(path: Path, beginning: str, part: str) -> bool:
    """Look for a line by its bytes: the file may have been through a spreadsheet."""
    lines = path.read_bytes().splitlines()
    return any(line.startswith(beginning.encode()) and part.encode() in line for line in lines)
