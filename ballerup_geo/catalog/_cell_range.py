"""The cells of a raster against the layer's range: a few wrong ones are emptied, many mean a wrong unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.catalog._findings import Findings
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Column

__all__ = ["RangeTally", "check_range"]

MOST_WRONG_SHARE = 0.1
"""More cells than this outside the range are no slips: the raster is not what the layer asks for."""
PARTS_OF_A_METRE = {"feet": 3.28084, "decimetres": 10.0, "centimetres": 100.0, "millimetres": 1000.0}


@dataclass(slots=True)
class _Outside:
    """The cells outside the range: how many of how many with a value, the first, the least and the greatest value."""

    number: int = 0
    valued: int = 0
    first: str = ""
    least: float = np.inf
    greatest: float = -np.inf

    def add(self, strip: Raster, bad: NDArray[np.bool_]) -> None:
        """Take note of the bad cells of a strip."""
        values = strip.array[bad]
        if not self.number:
            row, col = map(int, np.unravel_index(int(np.argmax(bad)), bad.shape))
            x, y = strip.centre_of(row, col)
            self.first = f"{strip.array[row, col]:g} at x {x:.0f}, y {y:.0f}"
        self.number += values.size
        self.least, self.greatest = min(self.least, float(values.min())), max(self.greatest, float(values.max()))

    @property
    def is_one_value(self) -> bool:
        """Many cells of one and the same value are a nodata value that the file does not declare."""
        return self.least == self.greatest


def check_range(raster: Raster, cell: Column, findings: Findings) -> None:
    """Make cells outside the range empty (in place) and note them; refuse a raster that is mostly or wholly outside."""
    tally = RangeTally(cell)
    for _, strip in raster.strips():
        tally.add(strip)
    tally.report(raster.array.size, findings)


class RangeTally:
    """Holds strips of cells against a range, and tells at the end what all of them together are."""

    def __init__(self, cell: Column) -> None:
        self._cell = cell
        self._outside = _Outside()
        self._low = -np.inf if cell.minimum is None else cell.minimum
        self._high = np.inf if cell.maximum is None else cell.maximum

    def add(self, strip: Raster) -> None:
        """Make cells outside the range empty, in place."""
        self._outside.valued += int(np.count_nonzero(~np.isnan(strip.array)))
        bad = (strip.array < self._low) | (strip.array > self._high) | np.isinf(strip.array)
        if bad.any():
            self._outside.add(strip, bad)
            strip.array[bad] = np.nan

    def report(self, size: int, findings: Findings) -> None:
        """Note the cells that were emptied, of so many, or refuse a raster that is mostly or wholly outside."""
        if self._outside.number:
            _report(self._outside, size, self._low, self._high, self._cell, findings)


def _report(outside: _Outside, size: int, low: float, high: float, cell: Column, findings: Findings) -> None:
    said = f"{outside.number} of {size} cells lie outside {low:g}–{high:g} {cell.unit or ''}"
    wrong_share = outside.number / outside.valued
    if wrong_share == 1.0 or (wrong_share > MOST_WRONG_SHARE and not outside.is_one_value):
        findings.fault("cell", f"{said} (first: {outside.first})", _todo(outside, low, high, cell.unit))
    else:
        nodata = f"; {outside.first.split()[0]} may be its nodata value" if _is_nodata(outside) else ""
        findings.note("cell", f"{said} and were emptied (first: {outside.first}){nodata}")


def _is_nodata(outside: _Outside) -> bool:
    return outside.is_one_value and outside.number > 1


def _todo(outside: _Outside, low: float, high: float, unit: str | None) -> str:
    """Say what to do, with the unit that would bring the cells into the range, where there is one."""
    if unit is not None and unit.split()[0] == "m":
        for name, parts in PARTS_OF_A_METRE.items():
            if low <= outside.least / parts and outside.greatest / parts <= high:
                return f"they look like {name}: divide the raster by {parts:g}, so that it is in {unit}"
    wanted = f"give the raster in {unit}" if unit else "use a raster of these values"
    return f"{wanted}, or correct the range of [cell] in the layer's file"
