"""Results for the house's own GIS: written to PostGIS, and opened by QGIS from there or from the files.

What is written is internal, like the files in ``results/``: tables about single homes stay out of the database unless
they are asked for, and all else is as it was computed, without what pages withhold to protect persons.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ballerup_geo import methods
from ballerup_geo.errors import DataError, Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.results import (
    Exportable,
    FilePlaces,
    Places,
    PostgisPlaces,
    database_tables,
    has_result,
    qgis_project_of,
    read_result,
)
from ballerup_geo.sources import Keys
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import make_folder, write_bytes
from ballerup_geo.storage.postgis import Address, PostgisTable, connected, read_address, replace_tables

__all__ = ["SCHEMA", "Exported", "as_document", "export", "told"]

_log = logging.getLogger(__name__)

SCHEMA = "ballerup_geo"
_LONGEST_S = 1800.0
_KEY = "BALLERUP_GEO_POSTGIS"
_SECRET_IN = f"a password stands in {_KEY}, PGPASSWORD or ~/.pgpass, never on the command line"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and where."""

    analyses: tuple[str, ...]
    tables: tuple[str, ...]
    """In the database, in the order written."""
    rows: int
    held_back: tuple[str, ...]
    """Tables about single homes that were not asked for."""
    rasters: tuple[str, ...]
    """They stay in their files: PostGIS gets none."""
    database: str | None
    schema: str
    styled: bool
    """QGIS' styles lie in the database, too."""
    qgis: Path | None


def export(
    project: Project,
    *,
    out: Path,
    analyses: Sequence[str] = (),
    to: str | None = None,
    schema: str = SCHEMA,
    qgis: Path | None = None,
    homes: bool = False,
) -> Exported:
    """Write results to PostGIS, or a QGIS project of them, or both: the project then reads from PostGIS.

    Parameters
    ----------
    out
        The folder that holds ``results/``.
    analyses
        Which; without any, all that have a result.
    to
        ``postgresql://user@host:5432/database``, without a password: that comes from ``BALLERUP_GEO_POSTGIS`` where it
        names the same database and role, or as PostgreSQL's own programs find it (``PGPASSWORD``, ``~/.pgpass``).
    schema
        Where the tables go. Those of an earlier export of the same analyses are replaced in one transaction; a name a
        run keeps the runs apart.
    qgis
        The project file (.qgz).
    homes
        Write tables about single homes to the database, too.

    Raises
    ------
    ProjectError
        Nothing is asked for, an analysis is unknown, the address cannot be understood, or the driver is missing.
    DataError
        There is no result, or a name does not fit.
    SourceError
        The database cannot be reached, or fails.
    BallerupGeoError
        The role lacks a right, a table of that name is not ours, or something depends on it.
    """
    _check_wishes(to, qgis)
    names = _chosen(project, out, analyses)
    given = [_opened(out, project, name, homes=homes or to is None) for name in names]
    files = FilePlaces(_folders(out, names, qgis))
    places: Places = files
    tables: Mapping[tuple[str, str], PostgisTable] = {}
    address, styled = None, False
    if to is not None:
        address, password = _address(to, project, out)
        tables, styled = _write(address, password, schema, given, project)
        places = PostgisPlaces(address, schema, tables, files)
    if qgis is not None:
        title = f"{project.municipality.name}: analyser"
        made = qgis_project_of(given, project.maps, places, name=qgis.stem, title=title)
        make_folder(qgis.resolve().parent)
        write_bytes(qgis.resolve(), made)
    return Exported(
        analyses=tuple(names),
        tables=tuple(table.name for table in tables.values()),
        rows=sum(len(table.frame) for table in tables.values()),
        held_back=tuple(f"{each.result.analysis}_{name}" for each in given for name in _held_back(each)),
        rasters=tuple(f"{each.result.analysis}/{name}.tif" for each in given for name in each.result.run["rasters"]),
        database=None if address is None else str(address),
        schema=schema,
        styled=styled,
        qgis=qgis,
    )


def told(made: Exported) -> list[str]:
    """Say what was written, a line each."""
    lines = []
    if made.database is not None:
        lines.append(f"{len(made.tables)} tables, {made.rows} rows → {made.database}, schema {made.schema}")
        if not made.styled:
            lines.append("QGIS' styles were not written: the role may not write the table layer_styles (see the guide)")
        if made.rasters:
            lines.append(f"{len(made.rasters)} rasters stay in results/: PostGIS gets tables alone")
    if made.held_back:
        lines.append(f"Not written, they tell of single homes (--homes): {', '.join(made.held_back)}")
    return [*lines, *([] if made.qgis is None else [str(made.qgis.resolve())])]


def as_document(made: Exported) -> dict[str, Any]:
    """Return the same as JSON can hold it."""
    return {**asdict(made), "qgis": None if made.qgis is None else str(made.qgis.resolve())}


def _check_wishes(to: str | None, qgis: Path | None) -> None:
    if to is None and qgis is None:
        raise ProjectError(Fault("export", "", "nothing to write", "say --to postgresql://…, --qgis FILE.qgz, or both"))
    if qgis is not None and qgis.suffix.lower() != ".qgz":
        raise ProjectError(Fault("--qgis", str(qgis), "is no QGIS project", "let its name end with .qgz"))


def _chosen(project: Project, out: Path, analyses: Sequence[str]) -> list[str]:
    """Return the analyses to write, in the project's order."""
    unknown = [name for name in analyses if name not in project.analyses]
    if unknown:
        raise ProjectError(
            Fault("analyses/", name, f'the project has no analysis "{name}"', nearest(name, project.analyses))
            for name in unknown
        )
    names = [name for name in project.analyses if (name in analyses if analyses else has_result(out, name))]
    if not names:
        raise DataError(Fault(str(out / "results"), "", "there is no result", "make one: ballerup-geo run"))
    return names


def _opened(out: Path, project: Project, name: str, *, homes: bool) -> Exportable:
    result = read_result(out, name)
    method = methods.get_method(project.analyses[name].method)
    private = set() if homes else {table.name for table in method.tables if table.homes}
    return Exportable(
        result, method, {table: result.table(table) for table in result.run["tables"] if table not in private}
    )


def _held_back(given: Exportable) -> list[str]:
    return [name for name in given.result.run["tables"] if name not in given.tables]


def _folders(out: Path, names: Sequence[str], qgis: Path | None) -> dict[str, str]:
    """Return each result's folder as the project file sees it: relative, unless it lies on another drive."""
    found = {}
    for name in names:
        folder = (out / "results" / name).resolve()
        try:
            relative = os.path.relpath(folder, (qgis or out / "x").resolve().parent)
        except ValueError:  # Windows: another drive
            found[name] = folder.as_posix()
        else:
            found[name] = f"./{Path(relative).as_posix()}"
    return found


def _address(to: str, project: Project, out: Path) -> tuple[Address, str | None]:
    """Return where to write, and the password where the environment or ``.env`` has one for this very database."""
    address, spoken = read_address(to, where="--to", secret_in=_SECRET_IN)
    if spoken is not None:
        what = "the address holds a password, which the shell's history and every list of processes would keep"
        raise ProjectError(Fault("--to", str(address), what, f"leave it out, and change it; {_SECRET_IN}"))
    keys = Keys.read(project.data_folder(out))
    if not keys.has("postgis"):
        return address, None
    known, password = read_address(keys.value("postgis"), where=_KEY, secret_in=_SECRET_IN)
    same = (known.host, known.port, known.database) == (address.host, address.port, address.database)
    return address, password if same and address.user in {None, known.user} else None


def _write(
    address: Address, password: str | None, schema: str, given: Sequence[Exportable], project: Project
) -> tuple[dict[tuple[str, str], PostgisTable], bool]:
    batches = [database_tables(each, project.maps) for each in given]
    with connected(address, password, where="--to", read_only=False, timeout_s=_LONGEST_S) as connection:
        styled = replace_tables(connection, schema, batches, where="--to")
    pairs = zip(given, batches, strict=True)
    tables = {
        (each.result.analysis, name): table
        for each, batch in pairs
        for name, table in zip(each.tables, batch.tables, strict=True)
    }
    _log.info("%d tables written to %s, schema %s", len(tables), address, schema)
    return tables, styled
