"""What a rule set asks of a street, in classes: within a class of each attribute nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Axis", "Classes", "Floats", "Ranges", "choice", "flag", "number", "spread"]

Floats = NDArray[np.float64]
Classes = NDArray[np.int64]
Ranges = Mapping[str, tuple[ArrayLike, ArrayLike]]
"""Least and most that a number can be where it is missing, one for all streets or one for each."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One attribute: its name, where its values are cut, and one value that stands for each class.

    A cut belongs to the class below it (``"upper"``: rules that say "up to"), to the one above it (``"lower"``:
    "from"), or is a class of its own (``"own"``: rules that say both).
    """

    name: str
    cuts: tuple[float, ...]
    side: Literal["upper", "lower", "own"]
    values: tuple[float, ...]

    @property
    def count(self) -> int:
        """Number of classes; this number itself stands for "unknown"."""
        return len(self.values)

    def classes(self, values: Floats) -> Classes:
        """Class of each value; NaN is unknown."""
        below = np.searchsorted(self.cuts, values, side="left").astype(np.int64)
        upto = np.searchsorted(self.cuts, values, side="right").astype(np.int64)
        found: Classes = {"upper": below, "lower": upto, "own": below + upto}[self.side]
        return np.where(np.isnan(values), self.count, found)


def number(name: str, cuts: Iterable[float], side: Literal["upper", "lower", "own"]) -> Axis:
    """Return the axis of a number that is cut at ``cuts`` (any order, repeats allowed)."""
    at = tuple(sorted(set(cuts)))
    if not at:
        return Axis(name, at, side, (0.0,))
    beyond, before = at[-1] + 1.0, at[0] - 1.0
    between = [(a + b) / 2 for a, b in pairwise(at)] + [beyond]
    own = [before, *(value for pair in zip(at, between, strict=True) for value in pair)]
    standing = {"upper": (*at, beyond), "lower": (before, *at), "own": tuple(own)}[side]
    return Axis(name, at, side, standing)


def flag(name: str) -> Axis:
    """Return the axis of a yes (1) or no (0)."""
    return Axis(name, (0.5,), "lower", (0.0, 1.0))


def choice(name: str, count: int) -> Axis:
    """Return the axis of a code, given as its number in a list of ``count`` codes."""
    return Axis(
        name, tuple(code + 0.5 for code in range(count - 1)), "lower", tuple(float(code) for code in range(count))
    )


def spread(ranges: Ranges | None, count: int) -> dict[str, tuple[Floats, Floats]]:
    """Return both ends of each range for every street; a range that is empty says nothing."""
    found = {}
    for name, ends in (ranges or {}).items():
        least, most = (np.broadcast_to(np.asarray(end, dtype=np.float64), count) for end in ends)
        said = least <= most
        found[name] = (np.where(said, least, np.nan), np.where(said, most, np.nan))
    return found
