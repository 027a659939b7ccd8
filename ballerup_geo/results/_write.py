"""Writing a result: every file says what it is, and when it is modelled."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ballerup_geo import __version__
from ballerup_geo.raster import Raster
from ballerup_geo.results._figures import figures
from ballerup_geo.results._result import Result, read_result
from ballerup_geo.results._rows import row_metadata
from ballerup_geo.spec import Analysis, Method, Outcome
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import (
    new_folder,
    read_table_metadata,
    sha256_file,
    sha256_json,
    write_cog,
    write_geopackage,
    write_json,
    write_table,
)

__all__ = ["Made", "restyle_result", "write_result"]

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
    styles: Mapping[str, str],
) -> Result:
    """Write a result in place of the last one, whole or not at all.

    ``styles`` maps a table to a QGIS style (QML) for the GeoPackage; see :func:`restyle_result`.
    """
    metadata = _metadata(analysis_id, analysis, method, made)
    with new_folder(out / "results" / analysis_id) as folder:
        for name, frame in outcome.tables.items():
            write_table(folder / f"{name}.parquet", frame, metadata=metadata)
        for name, raster in outcome.rasters.items():
            row = row_metadata(method, name, outcome.tables)
            _write_raster(folder / f"{name}.tif", raster, metadata=metadata | row)
        if outcome.tables:
            write_geopackage(folder / f"{analysis_id}.gpkg", outcome.tables, metadata=metadata, styles=styles)
        modelled = _is_modelled(made)
        told = {"analysis": analysis_id, "modelled": modelled, "notice": _notice(made)}
        write_json(folder / "indicators.json", told | figures(analysis, method, outcome, modelled=modelled))
        files = {path.name: sha256_file(path) for path in sorted(folder.iterdir())}
        run = _run(analysis_id, analysis, method, outcome, made) | {"styles": sha256_json(styles), "files": files}
        write_json(folder / "run.json", run)
    return read_result(out, analysis_id)


def _write_raster(path: Path, given: Raster | Callable[[], Raster], *, metadata: Mapping[str, str]) -> None:
    """Write a raster, made now if it is still to be made; nothing holds on to it afterwards."""
    raster = given if isinstance(given, Raster) else given()
    write_cog(
        path,
        raster.array,
        transform=raster.transform,
        crs=raster.crs,
        nodata=raster.nodata,
        metadata=metadata,
    )


def restyle_result(result: Result, styles: Mapping[str, str]) -> bool:
    """Give the GeoPackage of a result other colours, where a map file has changed; say whether there was need.

    Nothing is computed: an analysis does not run again for a colour.
    """
    tables = result.run["tables"]
    if not tables or result.run["styles"] == sha256_json(styles):
        return False
    path = result.folder / f"{result.analysis}.gpkg"
    metadata = read_table_metadata(result.folder / f"{tables[0]}.parquet")
    write_geopackage(path, {name: result.table(name) for name in tables}, metadata=metadata, styles=styles)
    files = result.run["files"] | {path.name: sha256_file(path)}
    write_json(result.folder / "run.json", {**result.run, "styles": sha256_json(styles), "files": files})
    return True


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
