"""Runs of one value along lines: short ones give way to their longer neighbour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["absorb_short_runs", "run_starts"]

Ints = NDArray[np.int64]


def run_starts(codes: Ints, line: Ints) -> Ints:
    """Return where runs of one code on one line begin; cells of a line stand together."""
    if len(codes) == 0:
        return np.empty(0, dtype=np.int64)
    changes = (codes[1:] != codes[:-1]) | (line[1:] != line[:-1])
    return np.flatnonzero(np.concatenate([[True], changes]))


def absorb_short_runs(codes: Ints, line: Ints, step_m: NDArray[np.float64], *, least_m: float) -> Ints:
    """Return the codes with every run shorter than ``least_m`` given to its longer neighbour on the same line.

    The shortest run of a line goes first (of equal ones the first), and of equal neighbours the one before takes it.
    A line that is one short run keeps its code.
    """
    codes = codes.copy()
    while len(codes):
        start = run_starts(codes, line)
        of = line[start]
        length = np.add.reduceat(step_m, start)
        joined = of[1:] == of[:-1]
        before = np.where(np.concatenate([[False], joined]), np.roll(length, 1), -1.0)
        after = np.where(np.concatenate([joined, [False]]), np.roll(length, -1), -1.0)
        short = np.flatnonzero((length < least_m) & (np.maximum(before, after) >= 0))
        if len(short) == 0:
            break
        order = short[np.lexsort((short, np.round(length[short], 6), of[short]))]
        chosen = order[np.unique(of[order], return_index=True)[1]]
        giver = np.where(before[chosen] >= after[chosen], chosen - 1, chosen + 1)
        count = np.diff(np.append(start, len(codes)))
        cells = np.concatenate([np.arange(start[run], start[run] + count[run]) for run in chosen])
        codes[cells] = np.repeat(codes[start[giver]], count[chosen])
    return codes
