"""Tables: GeoParquet for the engine, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from ballerup_geo.storage._files import new_file, unreadable, write_bytes

__all__ = [
    "COMPRESSION",
    "append_csv",
    "arrow_table",
    "read_csv",
    "read_table",
    "read_table_metadata",
    "write_csv",
    "write_table",
]

COMPRESSION = "zstd"
_NOT_OURS = {"geo", "pandas", "ARROW:schema"}
_BOM = "\ufeff"
_NOTICE = "notice"


def write_table(path: Path, frame: pd.DataFrame, *, metadata: Mapping[str, str]) -> None:
    """Write a table as Parquet, with geometry as GeoParquet 1.1; the same table gives the same bytes.

    The index is not kept. ``metadata`` (provenance, notices) go into the file's own metadata, where every reader of
    Parquet shows them.
    """
    table = arrow_table(frame)
    own = {key.encode(): value.encode() for key, value in metadata.items()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **own})
    with new_file(path) as beside, beside.open("wb") as file:
        pq.write_table(table, file, compression=COMPRESSION)


def read_table(path: Path) -> pd.DataFrame:
    """Read what :func:`write_table` wrote: a GeoDataFrame where it has geometry, else a DataFrame."""
    try:
        if b"geo" in (pq.read_schema(path).metadata or {}):
            frame: pd.DataFrame = gpd.read_parquet(path)
            return frame
        return pd.read_parquet(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise unreadable(path, error) from error


def read_table_metadata(path: Path) -> dict[str, str]:
    """Read the metadata that were given to :func:`write_table`."""
    try:
        stored = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowException) as error:
        raise unreadable(path, error) from error
    return {key.decode(): value.decode() for key, value in stored.items() if key.decode() not in _NOT_OURS}


def arrow_table(frame: pd.DataFrame) -> pa.Table:
    """Make an Arrow table, the geometry last as WKB, with the metadata that GeoParquet asks for.

    By hand, because geopandas' own writer takes no further metadata.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        return pa.Table.from_pandas(_bare(frame), preserve_index=False)
    name = frame.geometry.name
    wkb = pa.array(shapely.to_wkb(frame.geometry.to_numpy(), flavor="iso"), pa.binary())
    others = _bare(pd.DataFrame(frame.drop(columns=name)))
    if others.columns.empty:
        table = pa.table({name: wkb})
    else:
        table = pa.Table.from_pandas(others, preserve_index=False).append_column(name, wkb)
    geo = {"version": "1.1.0", "primary_column": name, "columns": {name: _described(frame.geometry)}}
    stored = {**(table.schema.metadata or {}), b"geo": json.dumps(geo).encode()}
    return table.replace_schema_metadata(stored)


def _bare(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without index and attributes, which would enter the bytes."""
    bare = frame.reset_index(drop=True)
    bare.attrs = {}
    return bare


def _described(geometry: gpd.GeoSeries) -> dict[str, Any]:
    """Describe a geometry column in the words of GeoParquet."""
    types = np.char.add(geometry.geom_type.dropna().to_numpy(dtype=str), np.where(geometry.dropna().has_z, " Z", ""))
    described: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(set(types.tolist()))}
    described["crs"] = geometry.crs.to_json_dict() if geometry.crs else None
    bounds = geometry.total_bounds
    if np.isfinite(bounds).all():
        described["bbox"] = [float(value) for value in bounds]
    return described


def write_csv(path: Path, frame: pd.DataFrame, *, notice: str | None) -> None:
    """Write a table for a Danish spreadsheet: UTF-8 with BOM, semicolons, decimal comma; geometry is left out.

    ``notice`` (the words for modelled data) becomes the first column, so that it stays with every row that is copied;
    a table without rows gets one that says nothing else.
    Texts that a spreadsheet would run as a formula get an apostrophe in front.
    """
    write_bytes(path, (_BOM + _csv_text(_plain(frame, notice), header=True)).encode())


def append_csv(path: Path, frame: pd.DataFrame) -> None:
    """Add rows to a CSV file of :func:`write_csv`'s form, whole or not at all; make the file where there is none.

    An editor may have left the last line open, or the file empty: the rows begin a line of their own all the same.
    """
    before = path.read_bytes() if path.exists() else b""
    known = before.strip() not in (b"", _BOM.encode())
    if not known:
        before = _BOM.encode()
    elif not before.endswith((b"\n", b"\r")):
        before += b"\r\n"
    write_bytes(path, before + _csv_text(_plain(frame, None), header=not known).encode())


def read_csv(path: Path) -> pd.DataFrame:
    """Read a CSV file of :func:`write_csv`'s form; every value as text, missing ones empty."""
    try:
        return pd.read_csv(path, sep=";", dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def _plain(frame: pd.DataFrame, notice: str | None) -> pd.DataFrame:
    plain = frame.drop(columns=frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else frame.copy()
    if notice is not None:
        plain = pd.DataFrame(plain).reindex(range(1)) if plain.empty and len(plain.columns) else plain
        plain.insert(0, _NOTICE, notice)
    return pd.DataFrame(plain)


def _csv_text(frame: pd.DataFrame, *, header: bool) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    if header:
        writer.writerow(frame.columns)
    writer.writerows([_cell(value) for value in row] for row in frame.astype(object).itertuples(index=False, name=None))
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return repr(float(value)).replace(".", ",")
    if isinstance(value, str):
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return str(value)
