"""Results for a database or a desktop GIS of the house: tables with what is known about them, and one QGIS project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ballerup_geo.results._qgis import qgis_styles
from ballerup_geo.results._qgis_contents import Shelf
from ballerup_geo.results._qgis_places import Places
from ballerup_geo.results._qgis_project import About, whole_project
from ballerup_geo.results._result import Result
from ballerup_geo.spec import Map, Method, OutputColumn, OutputTable
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage.postgis import Batch, PostgisTable, Record

__all__ = ["Exportable", "database_tables", "qgis_project_of"]

_DASH = " – "


@dataclass(frozen=True, slots=True)
class Exportable:
    """A result with its method and those of its tables that are handed on."""

    result: Result
    method: Method
    tables: Mapping[str, pd.DataFrame]


def database_tables(given: Exportable, maps: Mapping[str, Map]) -> Batch:
    """Return the tables as PostGIS gets them: ``<analysis>_<table>``, styled, with units and sources as comments."""
    result = given.result
    declared = {table.name: table for table in given.method.tables}
    styles = qgis_styles(maps, result.analysis, given.method, given.tables)
    tables = [
        _database_table(result, declared.get(name), name, frame, styles.get(name))
        for name, frame in given.tables.items()
    ]
    notice = f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}" if result.modelled else None
    run = result.run
    record = Record(
        analysis=result.analysis,
        title=run["title"]["da"],
        time=run["time"],
        data=run["data"],
        modelled=result.modelled,
        notice=notice,
        key=result.key,
        indicators=result.indicators,
        run=run,
    )
    return Batch(record, tables)


def _database_table(
    result: Result, declared: OutputTable | None, name: str, frame: pd.DataFrame, style: str | None
) -> PostgisTable:
    columns = {} if declared is None else {column.name: column for column in declared.columns}
    return PostgisTable(
        name=f"{result.analysis}_{name}",
        frame=frame,
        comment=_about_table(result, name),
        columns={key: _about_column(column, result) for key, column in columns.items()},
        dates=frozenset(key for key, column in columns.items() if column.type == "date"),
        kind="any" if declared is None else declared.geometry,
        style=style,
    )


def _about_table(result: Result, name: str) -> str:
    """Say what the table is, what it was made from and by whom; that it is modelled comes first."""
    run = result.run
    lines = [f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}"] if result.modelled else []
    lines.append(f"{run['title']['da']}{_DASH}{name}")
    lines.append(f"Metode: {run['method']['id']} {run['method']['version']}, beregnet {run['time']}")
    lines += [f"Kilde: {source}" for source in dict.fromkeys(_sources(result))]
    return "\n".join(lines)


def _sources(result: Result) -> Iterator[str]:
    for entry in result.run["inputs"].values():
        if entry is not None and entry.get("attribution"):
            licence = f" ({entry['licence']})" if entry.get("licence") else ""
            yield f"{entry['attribution']['da']}{licence}"


def _about_column(column: OutputColumn, result: Result) -> str:
    unit = "" if column.unit in {None, "-", "1"} else f" [{column.unit}]"
    words = [f"{column.da or column.name}{unit}"]
    if column.codes:
        words.append("; ".join(f"{value} = {text.da}" for value, text in column.codes.items()))
    if column.behind is not None:
        words.append(f"Om personer eller enkelte boliger ({column.behind}): må ikke udgives for små antal")
    if result.modelled:
        words.append(MODEL_NOTICE.da)
    return "\n".join(words)


def qgis_project_of(
    given: Sequence[Exportable], maps: Mapping[str, Map], places: Places, *, name: str, title: str
) -> bytes:
    """Return one QGIS project (.qgz) of several results; the same results give the same bytes."""
    shelves = []
    for each in given:
        run = each.result.run
        about = About(each.result.analysis, run["title"]["da"], each.result.modelled, run["inputs"])
        shelves.append((about, Shelf(about.analysis, each.method, each.tables, run["rasters"], places, about.title)))
    return whole_project(name, title, shelves, maps)
