"""Turns: from which arc one may go on to which, as compressed sparse rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ballerup_geo.network._group import grouped

__all__ = ["Turns", "turns_of"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns of each arc ``a``: positions ``start[a]:start[a + 1]``; ``to`` is the arc that a turn leads into.

    ``start`` int64[m + 1], ``to`` int32[t]. Within an arc in the order of arc numbers.
    """

    start: Array
    to: Array

    @property
    def of(self) -> Array:
        """The arc that each turn comes from, ``int32[t]``."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))


def turns_of(edge: Array, tail: Array, head: Array, nodes: int) -> Turns:
    """All turns at each arc's head but the one back along the same edge, which is there at a dead end alone."""
    out_start, leaving = grouped(tail, nodes)
    ways = np.diff(out_start)[head]
    of = np.repeat(np.arange(len(head)), ways)
    first = np.cumsum(ways) - ways
    to = leaving[out_start[head][of] + (np.arange(len(of)) - first[of])]
    back = (edge[to] == edge[of]) & (to != of)
    kept = ~back | (ways[of] == 1)
    start = np.concatenate([[0], np.cumsum(np.bincount(of[kept], minlength=len(head)))]).astype(np.int64)
    return Turns(start, to[kept].astype(np.int32))
