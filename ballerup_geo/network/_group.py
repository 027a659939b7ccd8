"""Kernel: rows put in the order of a small whole number, by counting."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballerup_geo.compiled import kernel

__all__ = ["grouped"]

Array = np.ndarray[Any, np.dtype[Any]]


@kernel
def grouped(label: Array, count: int) -> tuple[Array, Array]:
    """Rows by their label (int32, 0 … count − 1), rows of a label in order: start int64[count + 1] and rows int32."""
    start = np.zeros(count + 1, np.int64)
    for row in range(label.size):
        start[label[row] + 1] += 1
    for group in range(count):
        start[group + 1] += start[group]
    at = start[:-1].copy()
    rows = np.empty(label.size, np.int32)
    for row in range(label.size):
        rows[at[label[row]]] = row
        at[label[row]] += 1
    return start, rows
