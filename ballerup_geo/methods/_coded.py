"""A raster of few different values, kept as one byte a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Coded"]


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """``values[codes]``, made for the part that is asked for: of 584 million cells, float32 takes 2 GiB more.

    Examples
    --------
    >>> share = Coded(np.array([[0, 1], [1, 1]], np.uint8), np.array([0.1, 0.8]))
    >>> share[:1].tolist(), float(np.asarray(share).sum())
    ([[0.1, 0.8]], 2.5)
    """

    codes: NDArray[np.uint8]
    values: NDArray[Any]
    """What each code stands for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, columns."""
        return self.codes.shape

    def __getitem__(self, part: Any) -> NDArray[Any]:
        """Return the values of a part of the raster, given as for any array."""
        return np.asarray(self.values[self.codes[part]])

    def window(self, part: Any) -> Coded:
        """Return a part of the raster, still coded."""
        return Coded(self.codes[part], self.values)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self.codes.ndim

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Return all values; numpy calls this where it is given the raster for an array."""
        if copy is False:
            raise ValueError("the values are made when they are asked for")
        values = self.values if dtype is None else self.values.astype(dtype)
        return np.asarray(values[self.codes])
