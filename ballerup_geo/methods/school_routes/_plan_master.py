"""The plan as a linear programme over routes: which works, within a budget, give most pupils a route; and its bound.

Maximise  Σ_k w_k Σ_p y_kp,  with Σ_p y_kp ≤ 1 for each way k, Σ_{p∋u} y_kp ≤ x_u for each way k and work u, and
Σ_u c_u x_u ≤ B; 0 ≤ x, y ≤ 1. A column p is the set of works on one route of way k within its limit.

What is proved
--------------
Take any π_ku ≥ 0 and any β ≥ 0. Whatever works are done and whatever routes p(k) then serve the ways,

    w_k ≤ θ_k + Σ_{u∈p(k)} π_ku,   θ_k = max(0, w_k − the least Σ_{u∈p} π_ku of any route within the limit)
    Σ_k Σ_{u∈p(k)} π_ku ≤ Σ_u done_u Σ_k π_ku ≤ β Σ_u done_u c_u + Σ_u max(0, Σ_k π_ku − β c_u).

Summed up: a plan of cost C serves at most  β C + Σ_k θ_k + Σ_u max(0, Σ_k π_ku − β c_u)  pupils. That holds for any
prices π and β, however they were found; here they are the dual values of the programme over the columns known so far.
The least price of any route, of unknown ones too, is found by `network.WorkSearch`, exactly. It pays for a work twice
where a route passes it twice, so the bound is over routes that pass no link, and no junction's crossings, twice.
Each bound holds for all budgets; for each budget the least of them counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods.school_routes._plan_task import Column, Task
from ballerup_geo.siting import solver

__all__ = ["Bound", "Master", "Solved"]

OPTIONS: tuple[dict[str, bool | int | float | str], ...] = (
    {"solver": "ipm", "run_crossover": "off", "ipm_optimality_tolerance": 1e-5},
    {"solver": "simplex"},
)
"""How the programme is solved, and how where that fails."""


@dataclass(frozen=True, slots=True)
class Bound:
    """At most ``pupils + beta × kroner`` gain a route, whatever is spent."""

    pupils: float
    beta: float

    def at(self, budget_dkk: float) -> float:
        """Return the most pupils that any plan of this cost can serve."""
        return self.pupils + self.beta * budget_dkk


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Answer of the programme: ``x`` float64[u], its value, β, and the prices π as compressed rows by way."""

    x: NDArray[np.float64]
    value: float
    beta: float
    start: NDArray[np.int64]
    work: NDArray[np.int32]
    price: NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Master:
    """The columns known so far, and the programme over them."""

    task: Task
    columns: dict[Column, None] = field(default_factory=dict)

    def add(self, columns: list[Column]) -> int:
        """Add columns; return how many of them are new."""
        before = len(self.columns)
        self.columns.update(dict.fromkeys(columns))
        return len(self.columns) - before

    def solve(self, budget_dkk: float) -> Solved:
        """Solve the programme over the known columns; ways with the same columns are one in it."""
        crowd_of, crowds, pupils = self._alike()
        pairs = sorted({(crowd, work) for crowd, sets in enumerate(crowds) for needed in sets for work in needed})
        count, works = len(crowds), len(self.task.works)
        row_of = {pair: row for row, pair in enumerate(pairs, count)}
        rows: list[int] = []
        columns: list[int] = []
        gain: list[float] = []
        for crowd, sets in enumerate(crowds):
            for needed in sets:
                rows += [crowd, *(row_of[crowd, work] for work in needed)]
                columns += [len(gain)] * (1 + len(needed))
                gain.append(pupils[crowd])
        first, spent = len(gain), count + len(pairs)
        at, work = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
        row = np.concatenate([np.array(rows, np.int64), count + np.arange(len(pairs)), np.full(works, spent)])
        column = np.concatenate([np.array(columns, np.int64), first + work, first + np.arange(works)])
        unit = max(float(self.task.works.cost_dkk.max(initial=0.0)), 1.0)  # kroner in a size that the solver likes
        value = np.concatenate([np.ones(len(rows)), -np.ones(len(pairs)), self.task.works.cost_dkk / unit])
        matrix = csc_array((value, (row, column)), shape=(spent + 1, first + works))
        upper = np.concatenate([np.ones(count), np.zeros(len(pairs)), [budget_dkk / unit]])
        primal, dual, most = _solved(matrix, np.concatenate([gain, np.zeros(works)]), upper)
        price = np.maximum(dual[count:spent], 0.0)
        begin = np.searchsorted(at, np.arange(count + 1))
        many = np.where(crowd_of >= 0, np.diff(begin)[crowd_of], 0)
        start = np.concatenate([[0], np.cumsum(many)]).astype(np.int64)
        taken = np.repeat(begin[crowd_of] - start[:-1], many) + np.arange(start[-1])
        share = np.repeat(self.task.pupils / pupils[crowd_of], many)  # a crowd's price is shared by its pupils
        beta = max(float(dual[spent]), 0.0) / unit
        return Solved(primal[first:], most, beta, start, work[taken].astype(np.int32), price[taken] * share)

    def _alike(self) -> tuple[NDArray[np.int64], list[list[list[int]]], NDArray[np.float64]]:
        """Return the crowd of each way (−1: no column), the columns of each crowd, and its pupils."""
        sets: dict[int, list[frozenset[int]]] = {}
        for way, needed in self.columns:
            sets.setdefault(way, []).append(needed)
        number: dict[frozenset[frozenset[int]], int] = {}
        crowd_of = np.full(len(self.task.pupils), -1, np.int64)
        for way in sorted(sets):
            crowd_of[way] = number.setdefault(frozenset(sets[way]), len(number))
        known = crowd_of >= 0
        pupils: NDArray[np.float64] = np.zeros(len(number))
        np.add.at(pupils, crowd_of[known], self.task.pupils[known])
        return crowd_of, [sorted(sorted(needed) for needed in key) for key in number], pupils

    def proved(self, solved: Solved) -> tuple[Bound, list[Column]]:
        """Return the bound that the prices prove, and the columns that would improve the programme."""
        task = self.task
        nothing = np.zeros(len(task.works))
        least, columns = task.cheapest(nothing, worth=task.pupils, own=(solved.start, solved.work, solved.price))
        theta = np.maximum(task.pupils - np.minimum(least, task.pupils), 0.0)
        charged = np.bincount(solved.work, solved.price, minlength=len(task.works))
        beyond = np.maximum(charged - solved.beta * task.works.cost_dkk, 0.0)
        return Bound(float(theta.sum() + beyond.sum()), solved.beta), columns


def _solved(
    matrix: csc_array, gain: NDArray[np.float64], upper: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Maximise ``gain · x`` with ``matrix x ≤ upper`` and ``0 ≤ x ≤ 1``: (x, dual values of rows, value).

    By interior points, whose dual values lie in the middle of all that are best: they prove more of unknown routes.
    """
    programme = highspy.HighsLp()
    programme.num_row_, programme.num_col_ = matrix.shape
    programme.sense_ = highspy.ObjSense.kMaximize
    programme.col_cost_ = gain
    programme.col_lower_ = np.zeros(len(gain))
    programme.col_upper_ = np.ones(len(gain))
    programme.row_lower_ = np.full(len(upper), -highspy.kHighsInf)
    programme.row_upper_ = upper
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = matrix.indptr
    programme.a_matrix_.index_ = matrix.indices
    programme.a_matrix_.value_ = matrix.data
    for options in OPTIONS:
        highs = solver(**options)
        highs.passModel(programme)
        highs.run()
        if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            break
    else:
        todo = "report this as a bug, with the analysis file"
        raise MethodError(Fault("school_routes", "plan", f"no answer of the solver: {highs.getModelStatus()}", todo))
    answer = highs.getSolution()
    return np.array(answer.col_value), np.array(answer.row_dual), float(highs.getInfo().objective_function_value)
