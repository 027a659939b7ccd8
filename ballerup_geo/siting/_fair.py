"""Covering with equity: the district that is served worst first, then the next, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.siting._asked import read_count, read_cover, read_existing, read_share, read_weights
from ballerup_geo.siting._cover import maximal_cover
from ballerup_geo.siting._cover_problem import merge_rows
from ballerup_geo.siting._siting import Siting
from ballerup_geo.siting._solver import INFINITE, linear_model, solver

__all__ = ["FairSiting", "fair_cover"]

EXACT = 1e-3
"""Sums of shares are maximised to a tenth of a per cent."""
ROOM = 1e-7
"""What a later stage may fall short of an earlier one by rounding."""
MOST_NODES = 100
"""Branches that the solver may open for each stage; what it has not proved by then is said to be unproved."""


@dataclass(frozen=True, slots=True, eq=False)
class FairSiting:
    """A choice that serves the worst-served district first.

    Attributes
    ----------
    siting : Siting
        The fair choice; its ``bound`` and ``proved`` are those of the free one it is measured against.
    free : Siting
        The choice that covers most, whatever the districts get.
    districts : array
        Names of the districts with any weight, sorted.
    share, free_share : float64[d]
        Covered share (0–1) of each district's weight, in the fair and in the free choice.
    price : float
        Weight that the fair choice covers less than the free one.
    proved : bool
        No choice within the price allowed serves the worst-served better (to a tenth of a per cent), and so on.
    """

    siting: Siting
    free: Siting
    districts: NDArray[Any]
    share: NDArray[np.float64]
    free_share: NDArray[np.float64]
    price: float
    proved: bool


def fair_cover(
    cover: Any,
    weights: ArrayLike,
    districts: ArrayLike,
    *,
    sites: int,
    existing: Iterable[int] = (),
    give_up: float = 1.0,
    levels: int | None = 3,
) -> FairSiting:
    """Among all choices that give up at most a share of the coverage, serve the worst-served district best.

    First stage: the most that ``sites`` can cover. Second: of the choices that cover at least (1 − give_up) of it the
    one whose worst-served district has the largest share; among these the one whose two worst together have; and so
    on for ``levels`` districts (all if None), last the most weight. The sums of the k smallest shares are written
    linearly after Ogryczak & Śliwiński (2003), max k·t − Σ e_d with t − e_d ≤ share_d; solved by HiGHS.

    Parameters
    ----------
    cover, weights, sites, existing
        As in `maximal_cover`.
    districts : array[n]
        The district of each demand.
    give_up : float
        Share of the best coverage that equity may cost, 0–1.
    levels : int, optional
        How many of the worst-served districts are looked after.

    Raises
    ------
    DataError, MethodError
        As in `maximal_cover`; and where districts are missing or do not match.
    """
    matrix = read_cover(cover)
    weight = read_weights(weights, matrix.shape[0])
    opened = read_existing(existing, matrix.shape[1])
    count = read_count(sites, opened)
    names, place = _read_districts(districts, weight)
    free = maximal_cover(matrix, weight, sites=count, existing=np.flatnonzero(opened))
    room = read_share(give_up, "give_up")
    problem = _Districts.of(matrix, weight, place, len(names), opened)
    start = np.isin(problem.columns, free.added)
    rounds = len(names) if levels is None else min(levels, len(names))
    chosen, proved = _leximin(problem, count, (1 - room) * free.covered, start, rounds)
    share, free_share = problem.shares(chosen), problem.shares(start)
    if sorted(share) == sorted(free_share):
        chosen, share = start, free_share
    covered = float(share @ problem.size)
    added = problem.columns[chosen].astype(np.int32)
    siting = Siting(
        sites=np.union1d(np.flatnonzero(opened), added).astype(np.int32),
        added=added,
        covered=covered,
        bound=free.bound,
        proved=free.proved and covered >= free.covered,
        one_fewer=float("nan"),
        dominated=free.dominated,
    )
    return FairSiting(siting, free, names, share, free_share, max(0.0, free.covered - covered), proved and free.proved)


@dataclass(frozen=True, slots=True, eq=False)
class _Districts:
    """Rows merged within districts: ``rows`` [r, c], ``weight`` and ``place`` [r]; ``base``, ``size`` [d]: weights."""

    rows: sparse.csr_array
    weight: NDArray[np.float64]
    place: NDArray[np.intp]
    columns: NDArray[np.intp]
    base: NDArray[np.float64]
    size: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        cover: sparse.csr_array,
        weight: NDArray[np.float64],
        place: NDArray[np.intp],
        count: int,
        opened: NDArray[np.bool_],
    ) -> _Districts:
        settled = cover @ opened
        columns = np.flatnonzero(~opened)
        left = np.flatnonzero(~settled & (weight > 0))
        marked = sparse.hstack(
            (
                cover[left][:, columns],
                sparse.csr_array(
                    (np.ones(left.size, dtype=bool), (np.arange(left.size), place[left])), (left.size, count)
                ),
            ),
            format="csr",
        )
        rows, merged = merge_rows(marked, weight[left])
        home = np.asarray(rows[:, columns.size :].argmax(axis=1)).reshape(-1)
        rows = rows[:, : columns.size].astype(np.float64)
        some = np.diff(rows.indptr) > 0
        return cls(
            rows=rows[some],
            weight=merged[some],
            place=home[some],
            columns=columns,
            base=np.bincount(place[settled], weight[settled], minlength=count).astype(np.float64),
            size=np.bincount(place, weight, minlength=count).astype(np.float64),
        )

    def shares(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Covered share of each district, float64[d]."""
        reached = (self.rows @ chosen.astype(np.float64)) > 0
        extra = np.bincount(self.place[reached], self.weight[reached], minlength=self.size.size)
        return (self.base + extra) / self.size


def _leximin(
    problem: _Districts, count: int, least: float, start: NDArray[np.bool_], rounds: int
) -> tuple[NDArray[np.bool_], bool]:
    """Choice bool[c] with the lexicographically largest sums of the k smallest shares, k = 1 … rounds, then weight."""
    reached: list[float] = []
    best, proved = start, True
    for level in range(1, rounds + 2):
        last = level == rounds + 1
        answer = _solve_level(problem, count, least, reached, best, None if last else level)
        if answer is not None:
            best, exact = answer
            proved = proved and exact
        else:
            proved = False
        if not last:
            reached.append(float(np.sort(problem.shares(best))[:level].sum()))
    return best, proved


def _solve_level(
    problem: _Districts,
    count: int,
    least: float,
    reached: list[float],
    start: NDArray[np.bool_],
    level: int | None,
) -> tuple[NDArray[np.bool_], bool] | None:
    """Maximise the sum of the ``level`` smallest shares (None: the weight), earlier sums kept; None: nothing found."""
    sites, rows, parts = problem.columns.size, problem.weight.size, problem.size.size
    sums = [*range(1, len(reached) + 1), *([level] if level else [])]
    places = [sites + rows + k * (1 + parts) for k in range(len(sums))]
    width = sites + rows + len(sums) * (1 + parts)
    table = _Table(width)
    table.add_block(sparse.hstack((-problem.rows, sparse.eye_array(rows))).tocoo(), -INFINITE, 0.0)
    table.add(np.arange(sites), np.ones(sites), -INFINITE, float(count))
    table.add(sites + np.arange(rows), problem.weight, least - float(problem.base.sum()) - ROOM * least, INFINITE)
    for place, k in zip(places, sums, strict=True):
        for d in range(parts):
            own = np.flatnonzero(problem.place == d)
            columns = np.concatenate(([place, place + 1 + d], sites + own))
            values = np.concatenate(([1.0, -1.0], -problem.weight[own] / problem.size[d]))
            table.add(columns, values, -INFINITE, float(problem.base[d] / problem.size[d]))
        if k <= len(reached):
            columns = np.arange(place, place + 1 + parts)
            table.add(columns, np.append(float(k), -np.ones(parts)), reached[k - 1] - ROOM, INFINITE)
    profit = np.zeros(width)
    if level is None:
        profit[sites : sites + rows] = problem.weight / problem.size.sum()
    else:
        profit[places[-1]] = level
        profit[places[-1] + 1 : places[-1] + 1 + parts] = -1.0
    return _solve(table, profit, problem, start, sites, places, sums)


def _solve(
    table: _Table,
    profit: NDArray[np.float64],
    problem: _Districts,
    start: NDArray[np.bool_],
    sites: int,
    places: list[int],
    sums: list[int],
) -> tuple[NDArray[np.bool_], bool] | None:
    highs = solver(mip_rel_gap=0.0, mip_abs_gap=EXACT, mip_max_nodes=MOST_NODES)
    matrix, least, most = table.matrix()
    highs.passModel(
        linear_model(matrix, profit=profit, least=least, most=most, upper=np.ones(profit.size), whole=sites)
    )
    values = np.zeros(profit.size)
    values[:sites] = start
    values[sites : sites + problem.weight.size] = (problem.rows @ start.astype(np.float64)) > 0
    share = problem.shares(start)
    for place, k in zip(places, sums, strict=True):
        values[place] = np.sort(share)[k - 1]
        values[place + 1 : place + 1 + share.size] = np.maximum(values[place] - share, 0.0)
    highs.setSolution(values.size, np.arange(values.size, dtype=np.int32), values)
    highs.run()
    found = np.asarray(highs.getSolution().col_value)
    if found.size == 0 or highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return found[:sites] > 0.5, highs.getModelStatus() == highspy.HighsModelStatus.kOptimal


class _Table:
    """Rows of a linear model, gathered as arrays."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._row: list[NDArray[np.intp]] = []
        self._column: list[NDArray[np.intp]] = []
        self._value: list[NDArray[np.float64]] = []
        self._least: list[float] = []
        self._most: list[float] = []

    def add(self, columns: NDArray[np.intp], values: NDArray[np.float64], least: float, most: float) -> None:
        """Add one row."""
        self._row.append(np.full(columns.size, len(self._least)))
        self._column.append(columns)
        self._value.append(values)
        self._least.append(least)
        self._most.append(most)

    def add_block(self, block: sparse.coo_array, least: float, most: float) -> None:
        """Add many rows with the same bounds."""
        self._row.append(block.coords[0] + len(self._least))
        self._column.append(block.coords[1])
        self._value.append(block.data)
        self._least.extend([least] * block.shape[0])
        self._most.extend([most] * block.shape[0])

    def matrix(self) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """All rows as CSR, with their least and most."""
        entries = (np.concatenate(self._row), np.concatenate(self._column))
        table = sparse.csr_array((np.concatenate(self._value), entries), shape=(len(self._least), self._width))
        return table, np.array(self._least), np.array(self._most)


def _read_districts(districts: ArrayLike, weight: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the names of the districts that have weight, and the place of each demand's among them (0 for others)."""
    array = np.asarray(districts)
    if array.shape != weight.shape:
        raise DataError(
            Fault("districts", "shape", f"{array.shape} does not match {weight.size} rows", "give one district a row")
        )
    missing = np.array([name is None or name != name for name in array.tolist()], dtype=bool)
    if np.any(missing & (weight > 0)):
        raise DataError(
            Fault("districts", f"row {np.flatnonzero(missing)[0]}", "the district is missing", "give every demand one")
        )
    names = np.unique(array[weight > 0])
    place = np.searchsorted(names, array[~missing])
    full = np.zeros(weight.size, dtype=np.intp)
    full[~missing] = np.minimum(place, max(0, len(names) - 1))
    return names, full
