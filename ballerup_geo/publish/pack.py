"""A table of features as few bytes: columns, and quantised steps between points, in one gzip.

This is the one place where geometry leaves EPSG:25832: a page draws in web Mercator, from degrees. Coordinates are
rounded to 1e-6 degree (0.11 m north–south, 0.06 m east–west at 56° N). ``static/app/decode.js`` is the other end.
"""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.raster import CRS

__all__ = ["pack", "plain", "to_degrees", "travelling", "varints", "zigzag"]

STEPS_PER_DEGREE = 1_000_000
_LARGEST_WHOLE = 2**53
_KINDS = {0: "point", 1: "line", 2: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon"}

Integers = npt.NDArray[np.int64]


def pack(
    frame: gpd.GeoDataFrame,
    *,
    classes: Sequence[int],
    columns: Sequence[str],
    where: str,
    tolerance_m: float = 0.0,
    anchors: bool = False,
) -> bytes:
    """Pack features and the named columns; the same table gives the same bytes.

    Parameters
    ----------
    frame
        Features in EPSG:25832, in the order they are drawn.
    classes
        The class of each feature: an index into the layer's paints.
    columns
        The columns that travel; nothing else leaves the table.
    where
        What the table is called in an error.
    tolerance_m
        Lines and outlines may move by this much, in metres (0: not at all).
    anchors
        Add a place for a name in each feature.

    Raises
    ------
    DataError
        The table is not in EPSG:25832.
    """
    if frame.crs is None or frame.crs.to_string() != CRS:
        raise DataError(
            Fault(where, "crs", f"is {frame.crs}", f"a map is made from {CRS}; read the layer through the catalog")
        )
    shapes = np.asarray(frame.geometry.array)
    if tolerance_m > 0:
        shapes = shapely.simplify(shapes, tolerance_m, preserve_topology=True)
    drawn = to_degrees(shapes)
    counts, steps, origin = _streams(drawn)
    streams = [varints(counts), varints(zigzag(steps[:, 0])), varints(zigzag(steps[:, 1]))]
    header: dict[str, Any] = {
        "size": len(frame),
        "kinds": _kinds(shapes),
        "origin": origin,
        "lengths": [len(stream) for stream in streams],
        "classes": list(classes),
        "columns": {name: _column(frame[name]) for name in columns},
    }
    if anchors:
        header["anchors"] = _anchors(shapes)
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return gzip.compress(struct.pack("<I", len(head)) + head + b"".join(streams), compresslevel=9, mtime=0)


def to_degrees(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return shapes of EPSG:25832 in degrees (longitude, latitude), as pages need them."""
    return np.asarray(gpd.GeoSeries(shapes, crs=CRS).to_crs("EPSG:4326").array)


def _kinds(shapes: npt.NDArray[Any]) -> str | list[str]:
    kinds = [_KINDS.get(int(kind), "polygon") for kind in shapely.get_type_id(shapes)]
    found = sorted(set(kinds))
    return (found[0] if found else "polygon") if len(found) < 2 else kinds


def _streams(shapes: npt.NDArray[Any]) -> tuple[Integers, Integers, list[int]]:
    """Return counts per feature and part, steps ``[points, 2]``, and the origin (longitude, latitude) in steps."""
    parts, owner = _parts(shapes)
    points, part = shapely.get_coordinates(parts, return_index=True)
    grid = np.rint(points * STEPS_PER_DEGREE).astype(np.int64)
    keep = _kept(grid, part, closed=shapely.get_type_id(parts)[part] == 2 if len(part) else part.astype(bool))
    grid, part = grid[keep], part[keep]
    sizes = np.bincount(part, minlength=len(parts)).astype(np.int64)
    origin = [int(v) for v in grid.min(axis=0)] if len(grid) else [0, 0]
    steps = np.diff(grid, axis=0, prepend=np.array([origin], dtype=np.int64))
    per_feature = np.bincount(owner, minlength=len(shapes)).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(per_feature)[:-1]]).astype(np.int64)
    counts = np.insert(sizes, before, per_feature)
    return counts, steps, origin


def _parts(shapes: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Integers]:
    """Return points, lines and rings with the feature each belongs to; shells run one way, holes the other."""
    single, owner = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_type_id(single) == 3
    rings, polygon = shapely.get_rings(shapely.orient_polygons(single[is_area]), return_index=True)
    parts = np.concatenate([single[~is_area], rings])
    owners = np.concatenate([owner[~is_area], owner[is_area][polygon]]).astype(np.int64)
    order = np.argsort(owners, kind="stable")
    return parts[order], owners[order]


def _kept(grid: Integers, part: Integers, *, closed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Say which points travel: not a ring's closing point, nor one that rounding put on the point before it."""
    if not len(grid):
        return np.zeros(0, dtype=bool)
    starts = np.concatenate([[True], part[1:] != part[:-1]])
    ends = np.concatenate([part[1:] != part[:-1], [True]])
    repeated = np.concatenate([[False], (grid[1:] == grid[:-1]).all(axis=1)]) & ~starts
    return np.asarray(starts | ~(repeated | (closed & ends)))


def zigzag(values: Integers) -> Integers:
    """Fold signed integers so that small ones of either sign stay small: 0, −1, 1, −2 → 0, 1, 2, 3."""
    return np.asarray((values << 1) ^ (values >> 63))


def varints(values: Integers) -> bytes:
    """Write integers ≥ 0 seven bits a byte, low bits first; the eighth bit says that more follow.

    Examples
    --------
    >>> varints(np.array([1, 300])).hex(" ")
    '01 ac 02'
    """
    if not len(values):
        return b""
    width = max(1, -(-int(values.max()).bit_length() // 7))
    shifted = values[:, None] >> (7 * np.arange(width, dtype=np.int64))
    used = (shifted > 0) | (np.arange(width) == 0)
    more = np.concatenate([used[:, 1:], np.zeros((len(values), 1), dtype=bool)], axis=1)
    written: bytes = ((shifted & 127) | (more << 7)).astype(np.uint8)[used].tobytes()
    return written


def _column(values: pd.Series[Any]) -> Mapping[str, Any]:
    """Return a column as data: numbers as they are (six digits), anything else as a list of values and an index."""
    if pd.api.types.is_bool_dtype(values):
        return {"values": [None if pd.isna(v) else bool(v) for v in values]}
    if pd.api.types.is_numeric_dtype(values):
        return {"values": [None if pd.isna(v) else travelling(v) for v in values]}
    codes, uniques = pd.factorize(values, sort=True)
    index = [None if code < 0 else int(code) for code in codes]
    return {"values": [plain(value) for value in uniques], "index": index}


def plain(value: object) -> bool | int | float | str | None:
    """Return any value but a missing one as a page gets it: a date without its midnight, as 2026-01-31.

    Examples
    --------
    >>> plain(pd.Timestamp("2026-01-31")), plain(pd.Timestamp("2026-01-31 14:05")), plain(12.0)
    ('2026-01-31', '2026-01-31 14:05:00', 12)
    """
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return travelling(value)
    return str(value).removesuffix(" 00:00:00")


def travelling(value: Any) -> int | float | str | None:
    """Return a number as a page gets it: whole ones as they are, others with six digits and at least one decimal.

    A whole number that a browser cannot hold travels as text; an infinite one is unknown.
    """
    if not np.isfinite(value):
        return None
    if float(value).is_integer() and abs(value) < 1e300:
        whole = int(value)
        return whole if abs(whole) <= _LARGEST_WHOLE else str(whole)
    return round(float(value), 1) if abs(value) >= 1e5 else float(f"{float(value):.6g}")


def _anchors(shapes: npt.NDArray[Any]) -> list[list[int] | None]:
    """Return a place inside each feature, in steps: of a line its middle, of an area a point well inside."""
    lines = np.isin(shapely.get_type_id(shapes), (1, 2, 5))
    single = shapely.line_merge(shapes[lines])
    longest = np.array([_longest(shape) for shape in single], dtype=object)
    places = np.asarray(shapely.point_on_surface(shapes), dtype=object)
    places[lines] = shapely.line_interpolate_point(longest, 0.5, normalized=True) if len(longest) else longest
    grid = np.rint(shapely.get_coordinates(to_degrees(places)) * STEPS_PER_DEGREE).astype(np.int64)
    there = ~(shapely.is_missing(places) | shapely.is_empty(places))
    found: list[list[int] | None] = [None] * len(shapes)
    for row, point in zip(np.flatnonzero(there), grid, strict=True):
        found[int(row)] = [int(point[0]), int(point[1])]
    return found


def _longest(shape: Any) -> Any:
    pieces = shapely.get_parts(shape)
    return pieces[int(np.argmax(shapely.length(pieces)))] if len(pieces) else shape
