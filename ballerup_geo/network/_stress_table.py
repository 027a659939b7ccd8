"""Levels for every combination of classes, and for every combination in which some are unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.network._stress_axes import Axis, Classes, Floats

__all__ = ["Bounds", "Judged", "LevelTable", "Ranges", "judge", "tabulate"]

Levels = NDArray[np.int8]
Ranges = Mapping[str, tuple[Floats, Floats]]
"""Least and most that an attribute can be where it is missing, float64[n] each; NaN where nothing is said."""
Rule = Callable[[Mapping[str, Floats]], Levels]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lowest and highest level of each row, and which unknown attributes keep them apart.

    ``low`` and ``high`` are int8[n]; ``open_by`` is int64[n], bit ``k`` set where ``names[k]`` is unknown and would
    narrow the interval.
    """

    low: Levels
    high: Levels
    open_by: NDArray[np.int64]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    """Which classes an unknown attribute can have in each row, ``least`` to ``most``; any where ``most`` is −1."""

    place: int
    least: Classes
    most: Classes

    def of(self, rows: NDArray[np.intp]) -> _Span:
        """Return the same of some rows."""
        return _Span(self.place, self.least[rows], self.most[rows])


@dataclass(frozen=True, slots=True)
class LevelTable:
    """Levels by class: the last place along each axis stands for "unknown" and holds the extreme over all classes."""

    axes: tuple[Axis, ...]
    lowest: Levels
    highest: Levels

    def bounds(self, columns: Mapping[str, Floats], rows: NDArray[np.intp], ranges: Ranges) -> Bounds:
        """Return the interval of each of ``rows``; an attribute without a column is unknown.

        The answer is exact: both ends are reached by some completion, because classes of different attributes go
        together freely.
        """
        unknown = np.full(len(rows), np.nan)
        classes = [axis.classes(columns[axis.name][rows] if axis.name in columns else unknown) for axis in self.axes]
        spans = []
        for place, axis in enumerate(self.axes):
            if axis.name in ranges:
                least, most = (axis.classes(end[rows]) for end in ranges[axis.name])
                spans.append(_Span(place, least, np.where(least == axis.count, -1, most)))
        return self._within(classes, spans, len(rows))

    def _within(self, classes: list[Classes], spans: list[_Span], count: int) -> Bounds:
        """Return the interval over the classes that each span leaves to its attribute where that is unknown."""
        if not spans:
            return self._looked_up(classes, count)
        span, rest = spans[0], spans[1:]
        found = self._within(classes, rest, count)
        unknown = classes[span.place] == self.axes[span.place].count
        low, high, bits = found.low.copy(), found.high.copy(), found.open_by.copy()
        seen = np.zeros(count, dtype=np.bool_)
        for kind in range(self.axes[span.place].count):
            at = np.flatnonzero(unknown & (span.least <= kind) & (kind <= span.most))
            taken = [known[at] for known in classes]
            taken[span.place] = np.full(len(at), kind, dtype=np.int64)
            one = self._within(taken, [other.of(at) for other in rest], len(at))
            differs = seen[at] & ((one.low != low[at]) | (one.high != high[at]))
            bits[at] = np.where(seen[at], bits[at], 0) | one.open_by | np.where(differs, 1 << span.place, 0)
            low[at] = np.where(seen[at], np.minimum(low[at], one.low), one.low)
            high[at] = np.where(seen[at], np.maximum(high[at], one.high), one.high)
            seen[at] = True
        return Bounds(low, high, bits, found.names)

    def _looked_up(self, classes: list[Classes], count: int) -> Bounds:
        shape = self.lowest.shape
        flat = np.ravel_multi_index(classes, shape) if classes else np.zeros(count, dtype=np.int64)
        kinds, back = np.unique(flat, return_inverse=True)
        low, high = self.lowest.ravel()[kinds], self.highest.ravel()[kinds]
        names = tuple(axis.name for axis in self.axes)
        return Bounds(low[back], high[back], self._open_by(kinds, low < high)[back], names)

    def _open_by(self, kinds: NDArray[np.int64], wide: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Bits of the unknown attributes that alone would change the interval if known; else of all unknown ones."""
        useful = np.zeros(len(kinds), dtype=np.int64)
        absent = np.zeros(len(kinds), dtype=np.int64)
        step = 1
        for bit, axis in reversed(list(enumerate(self.axes))):
            unknown = wide & ((kinds // step) % (axis.count + 1) == axis.count)
            known = kinds[unknown] - axis.count * step + step * np.arange(axis.count)[:, None]
            low, high = self.lowest.ravel()[known], self.highest.ravel()[known]
            matters = (low != low[:1]).any(axis=0) | (high != high[:1]).any(axis=0)
            useful[unknown] |= np.where(matters, 1 << bit, 0)
            absent[unknown] |= 1 << bit
            step *= axis.count + 1
        return np.where(useful == 0, absent, useful)


def tabulate(axes: Sequence[Axis], rule: Rule) -> LevelTable:
    """Ask ``rule`` for the level of every combination of classes and add the extremes over what may be unknown.

    ``rule`` receives arrays that broadcast against each other, one a name, and answers with int8 of any shape that
    does.
    """
    mesh = {
        axis.name: np.array(axis.values).reshape([-1 if place == k else 1 for k in range(len(axes))])
        for place, axis in enumerate(axes)
    }
    shape = tuple(axis.count for axis in axes)
    lowest = highest = np.array(np.broadcast_to(rule(mesh), shape), dtype=np.int8)
    for place in range(len(axes)):
        lowest = np.concatenate([lowest, lowest.min(axis=place, keepdims=True)], axis=place)
        highest = np.concatenate([highest, highest.max(axis=place, keepdims=True)], axis=place)
    return LevelTable(tuple(axes), lowest, highest)


@dataclass(frozen=True, slots=True)
class Judged:
    """Lowest and highest level of each row (int8[n]) and why they differ (object[n], empty where they do not)."""

    low: Levels
    high: Levels
    reason: NDArray[np.object_]


def judge(
    tables: Sequence[LevelTable], kind: Floats, kind_name: str, columns: Mapping[str, Floats], ranges: Ranges
) -> Judged:
    """Return the interval of each row by the table of its kind; a row of unknown kind (NaN) may be of any."""
    low = np.full(len(kind), np.iinfo(np.int8).max, dtype=np.int8)
    high = np.zeros(len(kind), dtype=np.int8)
    reason = np.full(len(kind), "", dtype=object)
    unknown = np.flatnonzero(np.isnan(kind))
    for place, table in enumerate(tables):
        rows = np.flatnonzero(kind == place)
        bounds = table.bounds(columns, rows, ranges)
        low[rows], high[rows], reason[rows] = bounds.low, bounds.high, _reasons(bounds)
        may_be = table.bounds(columns, unknown, ranges)
        low[unknown] = np.minimum(low[unknown], may_be.low)
        high[unknown] = np.maximum(high[unknown], may_be.high)
    reason[unknown] = np.where(low[unknown] < high[unknown], f"missing {kind_name}", "")
    return Judged(low, high, reason)


def _reasons(bounds: Bounds) -> NDArray[np.object_]:
    """Return "missing …" for each row, empty where nothing is open."""
    bits, back = np.unique(bounds.open_by, return_inverse=True)
    words = [", ".join(name for bit, name in enumerate(bounds.names) if int(found) >> bit & 1) for found in bits]
    return np.array([f"missing {word}" if word else "" for word in words], dtype=object)[back]
