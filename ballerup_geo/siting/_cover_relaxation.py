"""The covering problem with sites in parts: a bound from above, ever tighter by odd-cycle cuts.

Maximise Σ own_j x_j + Σ w_i y_i with y_i ≤ Σ x_j over the sites of row i, Σ x ≤ p, 0 ≤ x, y ≤ 1. One solver is kept for
all p and all branches, so each solution starts where the last one ended; cuts hold for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.siting._cover_problem import CoverProblem
from ballerup_geo.siting._odd_cycles import cut_of_rows, odd_row_sets
from ballerup_geo.siting._solver import INFINITE, linear_model, solver

__all__ = ["SCALE", "Parts", "Relaxation"]

SCALE = 10_000.0
"""All weight adds up to this inside the solver, whose tolerances are absolute."""
MOST_IDLE_CUTS = 400
"""Beyond so many cuts those that bind nothing leave."""
TRIAL_STEPS = 40
"""Simplex steps of a trial of a branch."""
NEVER = -1e30
ANSWERED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A solution in parts: ``value`` (scaled weight), ``x`` float64[c], ``y`` float64[r], ``worth`` float64[c].

    ``worth`` is what a whole site more would add at most (reduced cost): below 0 for sites left out, above for sites
    in.
    """

    value: float
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    worth: NDArray[np.float64]


class Relaxation:
    """The linear problem of one `CoverProblem`, for any number of sites and any branch."""

    def __init__(self, problem: CoverProblem) -> None:
        self.problem = problem
        self.sites = problem.columns.size
        self.scale = SCALE / max(problem.open_weight, 1e-300)
        self._cuts: list[tuple[int, ...]] = []
        self._known: set[tuple[int, ...]] = set()
        self._highs = solver(presolve="off", solver="simplex")
        rows, count = problem.rows, problem.weight.size
        table = sparse.vstack(
            (
                sparse.hstack((-rows, sparse.eye_array(count))),
                sparse.csr_array(
                    (np.ones(self.sites), (np.zeros(self.sites, dtype=np.int32), np.arange(self.sites))),
                    shape=(1, self.sites + count),
                ),
            ),
            format="csr",
        )
        self._highs.passModel(
            linear_model(
                table,
                profit=np.concatenate((problem.own, problem.weight)) * self.scale,
                least=np.full(count + 1, -INFINITE),
                most=np.append(np.zeros(count), 0.0),
                upper=np.ones(self.sites + count),
            )
        )
        self._count_row = count
        self.steps = 0
        """Simplex steps so far, by which the work is limited: the same on every machine."""

    def ask_for(self, count: int) -> None:
        """From now on at most ``count`` sites; every site is free again, idle cuts leave if there are many."""
        if len(self._cuts) > MOST_IDLE_CUTS:
            self._forget_idle_cuts()
        self._highs.changeRowBounds(self._count_row, -INFINITE, float(count))
        self.restrict(np.zeros(self.sites), np.ones(self.sites))

    def restrict(self, least: NDArray[np.float64], most: NDArray[np.float64]) -> None:
        """Bounds of each site, float64[c]: 0 … 0 is left out, 1 … 1 is in."""
        self._highs.changeColsBounds(self.sites, np.arange(self.sites, dtype=np.int32), least, most)

    def solve(self) -> Parts | None:
        """Solve; None where the bounds of the sites ask for more sites than are allowed.

        Raises
        ------
        MethodError
            The solver gives up, afresh too: no answer is no proof that nothing is left.
        """
        status = self._run()
        if status not in ANSWERED:
            self._highs.clearSolver()
            status = self._run()
        if status not in ANSWERED:
            what = f"the solver found no answer ({status.name})"
            raise MethodError(Fault("cover", "solver", what, "check the weights: very large beside very small ones"))
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._highs.getSolution()
        values = np.asarray(solution.col_value)
        return Parts(
            value=float(self._highs.getInfo().objective_function_value),
            x=values[: self.sites],
            y=values[self.sites :],
            worth=np.asarray(solution.col_dual)[: self.sites],
        )

    def _run(self) -> highspy.HighsModelStatus:
        self._highs.run()
        self.steps += max(0, int(self._highs.getInfo().simplex_iteration_count))
        return self._highs.getModelStatus()

    def cut_off(self, parts: Parts) -> bool:
        """Add the cuts that a solution breaks; False if there are none."""
        broken = [rows for rows in odd_row_sets(self.problem.rows, parts.x, parts.y) if rows not in self._known]
        if not broken:
            return False
        cuts = [cut_of_rows(self.problem.rows, rows) for rows in broken]
        length = np.array([columns.size for columns, _, _ in cuts])
        self._highs.addRows(
            len(cuts),
            np.array([least for _, _, least in cuts]),
            np.full(len(cuts), INFINITE),
            int(length.sum()),
            (np.cumsum(length) - length).astype(np.int32),
            np.concatenate([columns for columns, _, _ in cuts]),
            np.concatenate([values for _, values, _ in cuts]),
        )
        self._cuts.extend(broken)
        self._known.update(broken)
        return True

    @contextmanager
    def trials(self, parts: Parts) -> Iterator[_Trials]:
        """A few steps each into both branches of a site, from the present solution and back."""
        trials = _Trials(self._highs, self._highs.getBasis(), parts.value)
        self._highs.setOptionValue("simplex_iteration_limit", TRIAL_STEPS)
        try:
            yield trials
        finally:
            self.steps += trials.steps
            self._highs.setOptionValue("simplex_iteration_limit", 2**31 - 1)
            self._highs.setBasis(trials.basis)

    def _forget_idle_cuts(self) -> None:
        status = self._highs.getBasis().row_status
        first = self._count_row + 1
        idle = [k for k in range(len(self._cuts)) if status[first + k] == highspy.HighsBasisStatus.kBasic]
        if not idle:
            return
        self._highs.deleteRows(len(idle), np.array(idle, dtype=np.int32) + first)
        leaving = set(idle)
        self._known.difference_update(self._cuts[k] for k in idle)
        self._cuts = [cut for k, cut in enumerate(self._cuts) if k not in leaving]


class _Trials:
    """Bounds of the two branches of one site, each from a few dual simplex steps, so that they hold."""

    def __init__(self, highs: highspy.Highs, basis: highspy.HighsBasis, value: float) -> None:
        self.basis = basis
        self._highs = highs
        self._value = value
        self.steps = 0

    def bounds(self, site: int) -> tuple[float, float]:
        """Return the most that is left without the site, and with it."""
        left = self._bound(site, 0.0), self._bound(site, 1.0)
        self._highs.changeColBounds(site, 0.0, 1.0)
        return left

    def _bound(self, site: int, value: float) -> float:
        self._highs.changeColBounds(site, value, value)
        self._highs.setBasis(self.basis)
        self._highs.run()
        self.steps += max(0, int(self._highs.getInfo().simplex_iteration_count))
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return NEVER
        if status == highspy.HighsModelStatus.kOptimal:
            return min(self._value, float(self._highs.getInfo().objective_function_value))
        return self._value
