"""Line sets that describe the same streets, joined into one: owner, speed limit, cycle tracks drawn on each side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.network._conflate_match import Matches, Pieces, Samples, nearest_along, pieces_of, samples_of
from ballerup_geo.network._conflate_runs import absorb_short_runs, run_starts
from ballerup_geo.network._lines import checked_crs

__all__ = ["Conflated", "Overlay", "conflate"]

Ints = NDArray[np.int64]
SIDES = ("forward", "backward")
"""Traffic keeps to the right: what lies right of a line serves its drawing direction."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """A line set that tells something about the streets of another.

    Attributes
    ----------
    name
        How the share columns and the unmatched parts call it.
    lines
        Lines in EPSG:25832; lines in parts are taken apart.
    columns
        What is taken: our column from theirs.
    per_side
        Whether each line lies on one side of the street. Its columns then come as ``<column>_forward`` (right of the
        base line) and ``<column>_backward``; a line drawn in the street's middle counts for both.
    """

    name: str
    lines: gpd.GeoDataFrame
    columns: Mapping[str, str]
    per_side: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Conflated:
    """Joined streets, and what found no street.

    ``streets`` holds the pieces of the base lines with the base's columns (a ``road_id`` gets ``/2`` … from the
    second piece on), ``base`` (place of the base line), ``from_m``, ``to_m``, the columns taken, and ``<name>_share``
    (0–1: share of the piece along which that set has a line). ``unmatched`` holds parts of the other sets: ``name``,
    ``row`` (their index), ``length_m``.
    """

    streets: gpd.GeoDataFrame
    unmatched: gpd.GeoDataFrame


def conflate(
    base: gpd.GeoDataFrame,
    *overlays: Overlay,
    buffer_m: float,
    angle_deg: float = 30.0,
    cell_m: float = 10.0,
    least_run_m: float = 40.0,
    middle_m: float = 1.0,
) -> Conflated:
    """Give the lines of ``base`` what other line sets say of the same streets; split them where that changes.

    Each base line is looked at in cells of about ``cell_m``. A set that is not per side gives a cell the nearest of
    its lines within ``buffer_m`` whose direction differs by at most ``angle_deg``; a set per side gives each of its
    lines, step by step, to its own nearest base line, so that a track between two streets counts for one of them.
    Values that hold for less than ``least_run_m`` give way to the longer neighbour (a track's gap at a junction, a
    side road's limit at its mouth). Lines within ``middle_m`` of the base line have no side.

    The same lines give the same answer, whatever stands around them in the tables but for their order. Bridges are
    not told from what they cross beyond the direction of the lines. Base lines without length are left out.

    Raises
    ------
    DataError
        When a set is not in EPSG:25832 or lacks a column that is to be taken.
    """
    for overlay in overlays:
        _refuse(overlay)
    checked_crs(base, "base")
    lines, row = _parts(base)
    street = pieces_of(lines)
    cells = samples_of(street, step_m=cell_m)
    width = {"buffer_m": buffer_m, "angle_deg": angle_deg}
    said, left_over = [], []
    for overlay in overlays:
        theirs, their_row = _parts(overlay.lines)
        pieces = pieces_of(theirs)
        steps = samples_of(pieces, step_m=cell_m / 2)
        beside = nearest_along(steps, street, **width)
        if overlay.per_side:
            found = _by_side(cells, street, steps, beside, middle_m)
            said += [_Said(overlay, side, their_row, line) for side, line in zip(SIDES, found, strict=True)]
        else:
            said.append(_Said(overlay, "", their_row, nearest_along(cells, pieces, **width).line))
        left_over.append(_unmatched(overlay, theirs, their_row, steps, beside, least_run_m))
    return Conflated(_streets(base, lines, row, cells, said, least_run_m), _joined(left_over, base))


# ---------------------------------------------------------------- reading


def _refuse(overlay: Overlay) -> None:
    checked_crs(overlay.lines, overlay.name)
    absent = [column for column in overlay.columns.values() if column not in overlay.lines.columns]
    if absent:
        there = ", ".join(map(str, overlay.lines.columns))
        raise DataError(
            [Fault(overlay.name, name, "there is no such column", f"take one of {there}") for name in absent]
        )


def _parts(lines: gpd.GeoDataFrame) -> tuple[NDArray[Any], Ints]:
    """Lines without parts, and the row of each."""
    parts, row = shapely.get_parts(shapely.force_2d(lines.geometry.to_numpy()), return_index=True)
    return parts, row


# ---------------------------------------------------------------- matching


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """What one set (on one side) says of each cell: ``line`` int64[cells], its line without parts, −1 for none."""

    overlay: Overlay
    side: str
    row: Ints
    line: Ints

    @property
    def name(self) -> str:
        """Name of the share column, without its ending."""
        return f"{self.overlay.name}_{self.side}" if self.side else self.overlay.name

    def columns(self) -> dict[str, str]:
        """Our columns from theirs."""
        ending = f"_{self.side}" if self.side else ""
        return {ours + ending: theirs for ours, theirs in self.overlay.columns.items()}

    def codes(self) -> tuple[Ints, pd.DataFrame]:
        """Return a code for each cell (0: nothing is said) and the columns' values by code."""
        columns = self.columns()
        taken = self.overlay.lines[list(columns.values())].set_axis(list(columns), axis=1).reset_index(drop=True)
        kind = taken.groupby(list(columns), sort=False, dropna=False).ngroup().to_numpy()
        first = np.unique(kind, return_index=True)[1]
        values = taken.iloc[first].reset_index(drop=True).reindex(range(-1, len(first))).reset_index(drop=True)
        of_line = kind[self.row] + 1
        return np.where(self.line < 0, 0, of_line[self.line] if len(of_line) else 0), values


def _by_side(cells: Samples, street: Pieces, steps: Samples, beside: Matches, middle_m: float) -> tuple[Ints, Ints]:
    """For each cell the line right and left of it: the one with most steps there, then the nearest, then the first."""
    met = beside.line >= 0
    line = beside.line[met]
    count = np.diff(cells.first)[line]
    place = (beside.along_m[met] / street.line_m[line] * count).astype(np.int64).clip(0, count - 1)
    cell, left = cells.first[line] + place, beside.left_m[met]
    theirs = steps.line[met]
    return (
        _most(len(cells.line), cell, theirs, np.abs(left), left < middle_m),
        _most(len(cells.line), cell, theirs, np.abs(left), left > -middle_m),
    )


def _most(count: int, cell: Ints, line: Ints, gap_m: NDArray[np.float64], holds: NDArray[np.bool_]) -> Ints:
    votes = pd.DataFrame({"cell": cell[holds], "line": line[holds], "gap": gap_m[holds]})
    each = votes.groupby(["cell", "line"], sort=True)["gap"].agg(["size", "mean"]).reset_index()
    each["mean"] = each["mean"].round(3)
    each = each.sort_values(["cell", "size", "mean", "line"], ascending=[True, False, True, True])
    best = each.drop_duplicates("cell")
    found = np.full(count, -1, dtype=np.int64)
    found[best["cell"].to_numpy()] = best["line"].to_numpy()
    return found


# ---------------------------------------------------------------- answering


def _streets(
    base: gpd.GeoDataFrame, lines: NDArray[Any], row: Ints, cells: Samples, said: Sequence[_Said], least_m: float
) -> gpd.GeoDataFrame:
    told = [one.codes() for one in said]
    codes = [absorb_short_runs(code, cells.line, cells.step_m, least_m=least_m) for code, _ in told]
    joint = np.zeros(len(cells.line), dtype=np.int64)
    for code, (_, values) in zip(codes, told, strict=True):
        joint = np.unique(joint * len(values) + code, return_inverse=True)[1]
    example = np.unique(joint, return_index=True)[1]  # a cell of each joint code: what it stands for
    joint = absorb_short_runs(joint, cells.line, cells.step_m, least_m=least_m)
    start = run_starts(joint, cells.line)
    streets = _cut(base, lines, row, cells, start)
    long = np.add.reduceat(cells.step_m, start)
    for one, code, (_, values) in zip(said, codes, told, strict=True):
        streets = streets.join(values.iloc[code[example][joint[start]]].set_axis(streets.index, axis=0))
        met_m = np.add.reduceat(np.where(one.line >= 0, cells.step_m, 0.0), start)
        streets[f"{one.name}_share"] = np.round(met_m / long, 3)
    return streets


def _cut(base: gpd.GeoDataFrame, lines: NDArray[Any], row: Ints, cells: Samples, start: Ints) -> gpd.GeoDataFrame:
    """Pieces of the base lines from the cells that ``start`` names on, with the base's columns."""
    of = cells.line[start]
    first, last = cells.first[of], np.append(start, len(cells.line))[1:] - cells.first[of]
    begin, end = (start - first) * cells.step_m[start], last * cells.step_m[start]
    whole = (start == first) & (last == np.diff(cells.first)[of])
    drawn = [
        lines[line] if one else substring(lines[line], a, b)
        for line, one, a, b in zip(of, whole, begin, end, strict=True)
    ]
    rows = row[of]
    streets = gpd.GeoDataFrame(
        base.drop(columns=base.geometry.name).iloc[rows].reset_index(drop=True), geometry=drawn, crs=base.crs
    )
    if "road_id" in streets.columns:
        number = streets.groupby(rows).cumcount() + 1
        streets["road_id"] = streets["road_id"].astype("str") + np.where(number > 1, "/" + number.astype("str"), "")
    return streets.assign(base=rows, from_m=np.round(begin, 3), to_m=np.round(end, 3))


def _unmatched(
    overlay: Overlay, theirs: NDArray[Any], row: Ints, steps: Samples, beside: Matches, least_m: float
) -> gpd.GeoDataFrame:
    """Parts of a set of at least ``least_m`` (or whole short lines) that have no base line beside them."""
    alone = (beside.line < 0).astype(np.int64)
    alone = absorb_short_runs(alone, steps.line, steps.step_m, least_m=least_m)
    start = run_starts(alone, steps.line)
    start, end = start[alone[start] == 1], np.append(start, len(alone))[1:][alone[start] == 1]
    of = steps.line[start]
    begin = (start - steps.first[of]) * steps.step_m[start]
    reach = (end - steps.first[of]) * steps.step_m[start]
    drawn = [substring(theirs[line], a, b) for line, a, b in zip(of, begin, reach, strict=True)]
    rows = overlay.lines.index.to_numpy()[row[of]]
    told = {"name": overlay.name, "row": rows, "length_m": np.round(reach - begin, 1)}
    return gpd.GeoDataFrame(told, geometry=drawn, crs=overlay.lines.crs)


def _joined(parts: Sequence[gpd.GeoDataFrame], base: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    filled = [part for part in parts if len(part)]
    if not filled:
        return gpd.GeoDataFrame({"name": [], "row": [], "length_m": []}, geometry=[], crs=base.crs)
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=base.crs)
