"""Rasters of which there is one for each row of a table: what they are called, and which row each one is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ballerup_geo.spec import Method

__all__ = ["raster_names", "row_metadata", "row_of_raster"]


def raster_names(method: Method, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the declared rasters: those made for each row of a table once for each of its rows, counted from 1."""
    names = []
    for raster in method.rasters:
        if raster.each is None:
            names.append(raster.name)
        else:
            names.extend(f"{raster.name}-{row}" for row in range(1, len(tables.get(raster.each, ())) + 1))
    return names


def row_of_raster(method: Method, name: str) -> tuple[str, int] | None:
    """Return the table and the row, counted from 1, that a raster belongs to; None where it belongs to no row."""
    for raster in method.rasters:
        row = name.removeprefix(f"{raster.name}-")
        if raster.each is not None and row != name and row.isdecimal() and int(row) > 0:
            return raster.each, int(row)
    return None


def row_metadata(method: Method, name: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return what the file of such a raster says about its row: table, number, and each value in it.

    Rows about single homes and columns about persons stay out: a raster may be handed on. A row that the table does
    not have has nothing to say.
    """
    found = row_of_raster(method, name)
    if found is None or found[1] > len(tables.get(found[0], ())):
        return {}
    table, row = found
    (declared,) = [one for one in method.tables if one.name == table]
    columns = () if declared.homes else [column for column in declared.columns if column.behind is None]
    values = tables[table].iloc[row - 1]
    told = {f"{table}.{column.name}": f"{values[column.name]} {column.unit or ''}".strip() for column in columns}
    return {"table": table, "row": str(row), **told}
