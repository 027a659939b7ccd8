"""A programme of works, budget after budget, each keeping the works before it: most pupils for the kroner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._plan_master import Bound, Master
from ballerup_geo.methods.school_routes._plan_task import Task

__all__ = ["Programme", "Step", "budgets_of", "programme_of"]

ROUNDS = 12
"""Times that columns are looked for at one budget; fewer rounds only leave the bound a little higher."""
EXPONENTS = (1.0, 0.0)
"""Sets of works are taken by pupils a krone, and by pupils."""
CLOSE = 0.01
"""A bound that is this share above the programme's value is near enough."""


@dataclass(frozen=True, slots=True)
class Step:
    """One budget: the works done with it, what they cost, who has a route then, and how many could have at most."""

    budget_dkk: float
    cost_dkk: float
    pupils: float
    at_most: float


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Steps in the order of their budgets; ``step`` int64[u] is the first step that holds a work, 0 for none."""

    steps: tuple[Step, ...]
    step: NDArray[np.int64]


def budgets_of(most_dkk: float, count: int) -> list[float]:
    """Return budgets up to ``most_dkk``, the small ones close to each other: the first kroner give most.

    Examples
    --------
    >>> budgets_of(16e6, 4)
    [1000000.0, 4000000.0, 9000000.0, 16000000.0]
    """
    return [most_dkk * (number / count) ** 2 for number in range(1, count + 1)]


def programme_of(task: Task, budgets: list[float]) -> Programme:
    """Plan for each budget in turn.

    The linear programme over routes says which works belong to the best plan of a budget; those are done in the order
    of pupils a krone (or of pupils, if more have a route in the end), as far as the money goes, then whatever else
    fits. Pupils are counted by running all routes anew.
    """
    master = Master(task)
    _, columns = task.cheapest(task.works.cost_dkk)
    master.add(columns)
    done = np.zeros(len(task.works), np.bool_)
    step = np.zeros(len(task.works), np.int64)
    bounds: list[Bound] = []
    reached: list[tuple[float, float, float]] = []
    for number, budget in enumerate(budgets, 1):
        wanted = _relaxed(master, budget, bounds)
        tried = [_spent(master, done, budget, wanted, exponent) for exponent in EXPONENTS]
        gains = [float(task.pupils[task.has_route(each)].sum()) for each in tried]
        best = int(np.argmax(gains))
        step[tried[best] & ~done] = number
        done, served = tried[best], gains[best]
        reached.append((budget, float(task.works.cost_dkk[done].sum()), served))
    whole = bool(np.all(task.pupils == np.round(task.pupils)))
    every = float(task.pupils[task.has_route(np.ones(len(done), np.bool_))].sum())
    today = task.served_today
    steps = []
    for budget, cost, served in reached:
        most = min([every, *(bound.at(budget) for bound in bounds)])
        most = float(np.floor(most + 1e-6)) if whole else most  # nobody is served in part
        steps.append(Step(budget, cost, today + served, today + most))
    return Programme(tuple(steps), step)


def _relaxed(master: Master, budget: float, bounds: list[Bound]) -> NDArray[np.bool_]:
    """Solve the programme for a budget, looking for columns until its bound is near; add the bounds it proves."""
    if not master.columns:
        return np.zeros(len(master.task.works), np.bool_)
    solved = master.solve(budget)
    for _ in range(ROUNDS):
        bound, columns = master.proved(solved)
        bounds.append(bound)
        if not master.add(columns) or min(each.at(budget) for each in bounds) <= solved.value * (1.0 + CLOSE):
            break
        solved = master.solve(budget)
    return np.asarray(solved.x > 0.5)


def _spent(
    master: Master, done: NDArray[np.bool_], budget: float, wanted: NDArray[np.bool_], exponent: float
) -> NDArray[np.bool_]:
    """Return the works done for a budget: first of those wanted, then of all."""
    done = done.copy()
    for within in (wanted | done, np.ones(len(done), np.bool_)):
        _spend(master, done, budget, within, exponent)
    return done


def _spend(master: Master, done: NDArray[np.bool_], budget: float, within: NDArray[np.bool_], exponent: float) -> None:
    """Do works, the set with most ``pupils / kroner^exponent`` first, as long as one fits; ``done`` is changed."""
    task = master.task
    cost = task.works.cost_dkk
    left = budget - float(cost[done].sum())
    open_columns = [(way, needed) for way, needed in master.columns if all(within[work] for work in needed)]
    while True:
        ready = {way for way, needed in open_columns if all(done[work] for work in needed)}
        open_columns = [(way, needed) for way, needed in open_columns if way not in ready]
        waiting: dict[frozenset[int], set[int]] = {}
        for way, needed in open_columns:
            waiting.setdefault(frozenset(work for work in needed if not done[work]), set()).add(way)
        best, best_rate = frozenset[int](), 0.0
        for lacking, ways in waiting.items():
            price = float(sum(cost[work] for work in lacking))
            rate = float(task.pupils[list(ways)].sum()) / max(price, 1.0) ** exponent
            if price <= left + 1e-6 and (rate, sorted(best)) > (best_rate, sorted(lacking)):
                best, best_rate = lacking, rate
        if not best:
            return
        done[list(best)] = True
        left -= float(sum(cost[work] for work in best))
