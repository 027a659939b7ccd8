"""Shares that do not give small counts back.

A share and its denominator together tell the count behind it: 2.67 % of 75 pupils are two. So of a published share the
count is rounded first, as flows are, and so that neither it nor what is left of the pupils is ever small.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["share_told", "told_up", "told_whole"]

Numbers = NDArray[np.float64]


def share_told(part: Any, whole: Any, least: int) -> Numbers:
    """Return shares in percent, of counts rounded to whole ``least``, NaN where none can be told.

    What is told is 0 or all pupils, or at least ``least`` with at least ``least`` left; of fewer than two times
    ``least`` pupils only that it holds for none or for all, of fewer than ``least`` nothing. ``part`` and ``whole``
    float64[n]; the latter is rounded to whole pupils, as it is published.

    Examples
    --------
    >>> share_told([2.0, 40.0, 73.0, 75.0, 3.0], [75.0, 75.0, 75.0, 75.0, 9.0], 5).round(2).tolist()
    [0.0, 53.33, 100.0, 100.0, nan]
    """
    count, every = np.broadcast_arrays(np.asarray(part, np.float64), np.round(np.asarray(whole, np.float64)))
    rounded = told_whole(count, least)
    few_left = every - rounded < least
    rounded = np.where(few_left, np.where(every - count < least / 2.0, every, every - least), rounded)
    none, all_of = count <= 0.0, count >= every - 1e-6
    rounded = np.where(none, 0.0, np.where(all_of, every, rounded))
    known = (every >= 2 * least) | ((every >= least) & (none | all_of))
    return np.asarray(np.divide(100.0 * rounded, every, where=known, out=np.full(np.shape(every), np.nan)))


def told_whole(count: Any, least: int) -> Numbers:
    """Return counts rounded to the nearest whole ``least``, a half up."""
    return np.asarray(least * np.floor(np.asarray(count, np.float64) / least + 0.5))


def told_up(count: Any, least: int) -> Numbers:
    """Return counts rounded up to whole ``least``: what is most stays most."""
    return np.asarray(least * np.ceil(np.asarray(count, np.float64) / least - 1e-6))
