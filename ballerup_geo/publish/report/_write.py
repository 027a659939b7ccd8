"""Write a report's folder, whole or not at all."""

from __future__ import annotations

import importlib.metadata
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from markupsafe import Markup

from ballerup_geo.errors import BallerupGeoError, Fault
from ballerup_geo.publish.report._page import embed_page, report_page
from ballerup_geo.publish.report._pdf import print_pdf
from ballerup_geo.publish.report._report import Report
from ballerup_geo.publish.report._upload import write_upload
from ballerup_geo.publish.report._words import NAME_LETTERS, shortened
from ballerup_geo.spec.assessment import FORMAT
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.spec.words import Language
from ballerup_geo.storage import make_folder, new_folder, write_csv, write_json, write_table

__all__ = ["Written", "table_of_plans", "write_report"]

_log = logging.getLogger(__name__)

EMBED_HEIGHT_PX = 760
_PLACE = "<!-- Adresserne er regnet fra rapportens mappe: skriv mappens adresse på jeres webserver foran dem. -->"
_RECORD = "assessment.json"
PDF_NAMES: tuple[tuple[Language, str], ...] = (("da", "report.pdf"), ("en", "report-en.pdf"))
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a PDF whose inputs have none."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where a report stands; ``pdf`` (the Danish one) is None where no browser was there to print it."""

    folder: Path
    page: Path
    pdf: Path | None


def write_report(target: Path, report: Report, *, town: shapely.Geometry, pdf: bool = True) -> Written:
    """Write a report into a folder, which replaces a former one whole.

    Parameters
    ----------
    town
        The municipality: files for Plandata lie inside it.
    pdf
        Whether to print the PDFs, Danish and English, which takes a browser some seconds.

    Raises
    ------
    DataError
        A shape cannot be reported.
    BallerupGeoError
        The folder holds other files; the disk is full, or may not be written.
    """
    _refuse_other(target)
    make_folder(target.parent)
    with new_folder(target) as folder:
        page = folder / "index.html"
        page.write_text(report_page(report), encoding="utf-8", newline="\n")
        (folder / "embed.html").write_text(embed_page(report), encoding="utf-8", newline="\n")
        (folder / "embed.txt").write_text(_snippets(report), encoding="utf-8", newline="\n")
        files = write_upload(folder / "indberetning", _shapes(report), name=report.name, town=town)
        if report.sheets:
            (folder / "kortbilag").mkdir()
        for name, content in report.sheets.items():
            (folder / "kortbilag" / name).write_bytes(content)
        write_json(folder / _RECORD, _document(report, files))
        made = _newest(report) or _NO_DATE
        printed = pdf and all(
            print_pdf(page, folder / name, language=language, made=made) for language, name in PDF_NAMES
        )
    _log.info("report on %s: %s", report.name, target)
    return Written(target, target / "index.html", target / PDF_NAMES[0][1] if printed else None)


def _newest(report: Report) -> datetime | None:
    """Return when the newest of the inputs was made: a report on the same inputs is of the same date."""
    times = [datetime.fromisoformat(str(said["time"])) for said in report.used.values() if said and said.get("time")]
    return max(times, default=None)


def _refuse_other(target: Path) -> None:
    """Refuse to replace a folder that holds anything but a former report."""
    if target.is_dir() and any(target.iterdir()) and not (target / _RECORD).is_file():
        what = "holds other files, and a report replaces its folder whole"
        raise BallerupGeoError(Fault(str(target), "--out", what, "name a new folder"))


def _snippets(report: Report) -> str:
    """Return the code that puts the summary, and each map of the site at this area, into another page."""
    frames = [
        ("embed.html", f"Klimavurdering: {shortened(report.name, NAME_LETTERS)}"),
        *((each.embed, each.title.da) for each in report.maps),
    ]
    lines = [
        Markup('<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" style="border:0"></iframe>').format(
            address, title, EMBED_HEIGHT_PX
        )
        for address, title in frames
    ]
    return "\n".join([_PLACE, *map(str, lines)]) + "\n"


def _shapes(report: Report) -> dict[str, tuple[shapely.Geometry, ...]]:
    shapes = {"planomraade": (report.first.area,)}
    for place, (_, assessment) in enumerate(report.assessed, start=1):
        fields = tuple(assessment.lines.get("planned_building", ()))
        if fields:
            shapes["byggefelter" if len(report.assessed) == 1 else f"byggefelter_{place}"] = fields
    return shapes


def _document(report: Report, files: list[str]) -> dict[str, Any]:
    west, south, east, north = report.first.area.bounds
    return {
        "format": FORMAT,
        "name": report.name,
        "municipality": report.municipality,
        "data": report.data,
        "notice": MODEL_NOTICE.model_dump() if report.modelled else None,
        "newest_input": None if (made := _newest(report)) is None else made.isoformat(),
        "crs": "EPSG:25832",
        "bounds": [round(value, 3) for value in (west, south, east, north)],
        "software": {"ballerup-geo": importlib.metadata.version("ballerup-geo")},
        "assessments": [
            {"label": None if label is None else label.model_dump(), **assessment.as_json()}
            for label, assessment in report.assessed
        ],
        "assumptions": [
            each.model_dump(include={"value", "unit", "source", "title"}, mode="json") for each in report.assumptions
        ],
        "inputs": dict(report.used),
        "upload": files,
    }


def table_of_plans(folder: Path, table: pd.DataFrame, *, modelled: bool) -> tuple[Path, Path]:
    """Write the ranked table of all plans as CSV and GeoParquet; return where they stand."""
    make_folder(folder)
    notice = MODEL_NOTICE.da if modelled else None
    csv, parquet = folder / "lokalplaner.csv", folder / "lokalplaner.parquet"
    write_csv(csv, table, notice=notice)
    write_table(parquet, table, metadata={"notice": notice} if notice else {})
    return csv, parquet
