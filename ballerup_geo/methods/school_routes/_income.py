"""Groups of statistics areas by income, each with about as many residents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["groups_by_income"]

Numbers = NDArray[np.float64]


def groups_by_income(income_dkk: Numbers, residents: Numbers, size: int) -> tuple[NDArray[np.int64], Numbers]:
    """Divide areas by income: from the poorest up, each group about the same number of residents.

    Parameters
    ----------
    income_dkk, residents
        ``float64[areas]``, NaN where unknown; areas count alike where no residents are known.
    size
        How many groups.

    Returns
    -------
    tuple
        ``int64[areas]``, the group of each area (0 the poorest, −1 where the income is unknown), and
        ``float64[size, 2]``, the lowest and highest income in each group (NaN where it has no area).

    Examples
    --------
    >>> group, income = groups_by_income(np.array([500.0, 300.0, 400.0]), np.array([10.0, 10.0, 20.0]), 2)
    >>> group.tolist(), income.tolist()
    ([1, 0, 1], [[300.0, 300.0], [400.0, 500.0]])
    """
    weight = np.nan_to_num(residents, nan=0.0)
    if not weight.any():
        weight = np.ones(len(income_dkk))
    group = np.full(len(income_dkk), -1, np.int64)
    order = np.lexsort((np.arange(len(income_dkk)), income_dkk))
    order = order[np.isfinite(income_dkk[order])]
    run = np.cumsum(weight[order])
    middle = (run - weight[order] / 2.0) / max(float(weight[order].sum()), 1.0)
    group[order] = np.minimum((middle * size).astype(np.int64), size - 1)
    income = np.full((size, 2), np.nan)
    for number in range(size):
        own = income_dkk[group == number]
        if len(own):
            income[number] = own.min(), own.max()
    return group, income
