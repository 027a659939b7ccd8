"""A result as it stands on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.raster import Raster
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import read_cog, read_json, read_table, sha256_file

__all__ = ["Result", "has_result", "read_result"]


_RUN = {
    **dict.fromkeys(("analysis", "time", "data", "key", "styles"), str),
    **dict.fromkeys(("title", "method", "answer", "assumptions", "inputs", "versions", "files"), dict),
    **dict.fromkeys(("notes", "checks", "tables", "rasters"), list),
    "modelled": bool,
}
_FIGURES: dict[str, type] = {"indicators": dict, "targets": list}
"""What readers of a result rely on, and of which kind it is."""


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
    lacking = [*_lacking(run, _RUN), *_lacking(figures, _FIGURES)]
    if lacking or run["analysis"] != analysis_id:
        what = f"lacks {', '.join(lacking)}" if lacking else f"is of the analysis {run['analysis']}"
        todo = f"make it anew: ballerup-geo run {analysis_id}"
        raise DataError(Fault(f"results/{analysis_id}", "", f"{what}: another version wrote it", todo))
    return Result(run["analysis"], folder, run, figures["indicators"], figures["targets"])


def _lacking(document: Any, wanted: Mapping[str, type]) -> list[str]:
    """Return the keys that a document of ours lacks, or holds something else under."""
    has = document if isinstance(document, dict) else {}
    return [key for key, kind in wanted.items() if not isinstance(has.get(key), kind)]
