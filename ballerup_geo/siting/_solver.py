"""HiGHS as this room uses it: silent, one thread, whole models passed as arrays, same answer each time."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["INFINITE", "linear_model", "solver"]

INFINITE = float(highspy.kHighsInf)


class _Silent(highspy.Highs):
    """HiGHS that says nothing from its first word on; set later, its banner would be out already."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the base class's name)
        """Fall silent before the base class's constructor does its first work."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def solver(**options: bool | int | float | str) -> highspy.Highs:
    """Return a silent solver of one thread with the given options.

    All solvers of a process share one pool of threads, whose size the first one sets: another number is refused later.
    """
    highs = _Silent()  # type: ignore[no-untyped-call]
    highs.setOptionValue("parallel", "off")
    highs.setOptionValue("threads", 1)
    for name, value in options.items():
        highs.setOptionValue(name, value)
    return highs


def linear_model(
    rows: sparse.csr_array,
    *,
    profit: NDArray[np.float64],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
    upper: NDArray[np.float64],
    whole: int = 0,
) -> highspy.HighsLp:
    """Maximise profit · z with least ≤ rows · z ≤ most and 0 ≤ z ≤ upper; the first ``whole`` columns whole numbers."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = profit
    model.col_lower_ = np.zeros(profit.size)
    model.col_upper_ = upper
    model.row_lower_ = least
    model.row_upper_ = most
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.indptr.astype(np.int32)
    model.a_matrix_.index_ = rows.indices.astype(np.int32)
    model.a_matrix_.value_ = rows.data.astype(np.float64)
    if whole:
        kinds = [highspy.HighsVarType.kInteger] * whole
        model.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (profit.size - whole)
    return model
