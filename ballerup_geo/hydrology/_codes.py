"""The eight directions, and what stands in a direction raster beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLUMN_STEPS", "ESRI_CODES", "NODATA", "OUTLET", "PIT", "ROW_STEPS", "UNRESOLVED", "index_steps"]

ESRI_CODES = (1, 2, 4, 8, 16, 32, 64, 128)
"""East, south-east, south, south-west, west, north-west, north, north-east."""
ROW_STEPS = (0, 1, 1, 1, 0, -1, -1, -1)
COLUMN_STEPS = (1, 1, 0, -1, -1, -1, 0, 1)

OUTLET = 0
NODATA = 255
UNRESOLVED = 254
"""Only while directions are worked out: a cell of a flat."""
PIT = 253
"""Only while directions are worked out: the cell that the lowest ground of a hollow drains to."""


def index_steps(cols: int) -> NDArray[np.int64]:
    """Return for each direction code the step in the flattened raster; int64[256], 0 for other codes."""
    steps: NDArray[Any] = np.zeros(256, dtype=np.int64)
    for code, row, col in zip(ESRI_CODES, ROW_STEPS, COLUMN_STEPS, strict=True):
        steps[code] = row * cols + col
    return steps
