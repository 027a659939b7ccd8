"""One GeoPackage with all tables of a result, for QGIS and other desktop programs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from ballerup_geo.errors import BallerupGeoError, Fault
from ballerup_geo.storage._files import new_file, refuse_archive_mark

__all__ = ["write_geopackage"]

_DATE = "2000-01-01T00:00:00.000Z"
"""Stands where GeoPackage wants the time of writing, so that the same tables give the same bytes."""

_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT,
  f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT, ui TEXT, update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""

_PROJECTS = "CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"


def write_geopackage(
    path: Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    metadata: Mapping[str, str],
    styles: Mapping[str, str] | None = None,
    projects: Mapping[str, bytes] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> None:
    """Write tables, with and without geometry, into one GeoPackage 1.2; the same tables give the same bytes.

    ``metadata`` become the description of every table. ``styles`` maps a table to a QGIS style (QML text) that QGIS
    applies when it opens the file, ``projects`` a name to a QGIS project (.qgz) that it offers there.
    ``kinds`` are the geometry types of tables that may be empty. Version 1.2 is the newest that the QGIS releases in
    use open without a warning.
    """
    refuse_archive_mark(path)
    with new_file(path) as beside, _explained(path):
        described = "; ".join(f"{key}: {value}" for key, value in metadata.items())
        with _fixed_date():
            for name, frame in tables.items():
                _write_table(beside, name, frame, described, (kinds or {}).get(name, "Unknown"))
        _write_styles(beside, tables, styles or {})
        _write_projects(beside, projects or {})
        _check_rows(beside, tables)


def _write_table(path: Path, name: str, frame: pd.DataFrame, description: str, empty_kind: str) -> None:
    options = {"layer": name, "driver": "GPKG", "DESCRIPTION": description}
    if not path.exists():
        options["VERSION"] = "1.2"
    if isinstance(frame, gpd.GeoDataFrame):
        kind = {} if len(frame) else {"geometry_type": empty_kind}
        frame = frame if frame.geometry.name == "geom" else frame.rename_geometry("geom")
        pyogrio.write_dataframe(frame, path, GEOMETRY_NAME="geom", **kind, **options)
    else:
        pyogrio.write_dataframe(frame, path, **options)


def _write_styles(path: Path, tables: Mapping[str, pd.DataFrame], styles: Mapping[str, str]) -> None:
    """Add the table in which QGIS looks for styles."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_STYLES)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (_DATE,),
        )
        rows = [(name, styles[name], _DATE) for name in tables if name in styles]
        database.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
            " VALUES ('', '', ?1, 'geom', ?1, ?2, '', 1, '', '', ?3)",
            rows,
        )


def _write_projects(path: Path, projects: Mapping[str, bytes]) -> None:
    """Add the table in which QGIS looks for projects: hexadecimal digits of a .qgz."""
    if not projects:
        return
    about = json.dumps({"last_modified_time": _DATE, "last_modified_user": ""})
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_PROJECTS)
        rows = [(name, about, content.hex()) for name, content in projects.items()]
        database.executemany("INSERT INTO qgis_projects (name, metadata, content) VALUES (?, ?, ?)", rows)


def _check_rows(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Compare the rows in the file with those given: GDAL does not report every failed write."""
    with closing(sqlite3.connect(path)) as database:
        for name, frame in tables.items():
            quoted = name.replace('"', '""')
            (rows,) = database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608
            if rows != len(frame):
                raise sqlite3.OperationalError(f"{rows} of {len(frame)} rows of {name} were written")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (DataSourceError, DataLayerError, sqlite3.OperationalError) as error:
        raise BallerupGeoError(
            Fault(
                str(path),
                "",
                f"cannot be written ({error}): most often the disk is full or the folder may not be written",
                "make room, or choose another folder with --out; what was there before is unchanged",
            )
        ) from error


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Let GDAL take :data:`_DATE` for now, only while a file is written."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
