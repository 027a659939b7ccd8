"""The best choice of p sites, proved: search for a good one, bound it from above, branch where a gap is left.

1. the relaxation is tightened by cuts until none is broken;
2. good choices come from its parts and from the caller, are improved by swaps, and linked pairwise;
3. a site whose reduced cost is larger than the gap is decided (left out, or in) in every better choice;
4. what is left is branched on: the site whose both branches lower the bound most goes first, depth first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.siting._cover_problem import CoverProblem
from ballerup_geo.siting._cover_relaxation import SCALE, Parts, Relaxation
from ballerup_geo.siting._interchange import exchange, grow, relink

__all__ = ["Chosen", "most_covered"]

EXACT = 1e-8 * SCALE
"""A bound this near to the best choice proves it: a part in 10⁸ of all weight."""
SAFE = 1e-7 * SCALE
"""A reduced cost must exceed the gap by this, since the solver's are rounded."""
WHOLE = 1e-6
MOST_ROUNDS = 40
ROUNDS_IN_BRANCH = 3
TRIED = 6
SEARCH_EVERY = 5
LEVELS = (0.99, 0.6, 0.3)
"""Sites with at least so large a part are taken over when a choice is grown from the relaxation."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A choice bool[c] of the candidates, the weight it covers beyond what is settled, and the proved most."""

    opened: NDArray[np.bool_]
    covered: float
    bound: float
    proved: bool


class _Best:
    """The best choice so far, in the solver's scale."""

    def __init__(self, problem: CoverProblem, scale: float) -> None:
        self.problem = problem
        self.scale = scale
        self.opened = np.zeros(problem.columns.size, dtype=np.bool_)
        self.value = 0.0

    def offer(self, opened: NDArray[np.bool_]) -> None:
        value = self.problem.covered_by(opened) * self.scale
        if value > self.value:
            self.opened, self.value = opened, value

    def beats(self, bound: float) -> bool:
        return bound <= self.value + EXACT


def most_covered(
    relaxation: Relaxation, count: int, starts: Sequence[NDArray[np.bool_]] = (), *, effort: int
) -> Chosen:
    """Choose at most ``count`` candidates that cover most; ``starts`` bool[c] are choices to begin the search with.

    ``effort`` limits the simplex steps of branching, which are the same on every machine; then the bound stays apart.
    """
    problem = relaxation.problem
    best = _Best(problem, relaxation.scale)
    if count >= problem.columns.size:
        best.offer(np.ones(problem.columns.size, dtype=np.bool_))
        return Chosen(best.opened, problem.covered_by(best.opened), problem.covered_by(best.opened), True)
    if count == 0 or not problem.columns.size:
        return Chosen(best.opened, 0.0, 0.0, True)
    relaxation.ask_for(count)
    parts = _tighten(relaxation, best, MOST_ROUNDS)
    bound = 0.0
    if parts is not None:
        _search(problem, best, parts, count, starts)
        bound = parts.value
        if not best.beats(bound):
            bound = _branch(relaxation, best, parts, count, effort)
    covered = problem.covered_by(best.opened)
    proved = best.beats(bound)
    return Chosen(best.opened, covered, covered if proved else bound / relaxation.scale, proved)


def _tighten(relaxation: Relaxation, best: _Best, rounds: int) -> Parts | None:
    """Solve and cut until nothing is broken, the bound is beaten or the rounds are over."""
    parts = relaxation.solve()
    for _ in range(rounds):
        if parts is None or best.beats(parts.value) or _is_whole(parts):
            break
        if not relaxation.cut_off(parts):
            break
        parts = relaxation.solve()
    return parts


def _is_whole(parts: Parts) -> bool:
    return bool(np.all(np.minimum(parts.x, 1 - parts.x) < WHOLE))


def _search(problem: CoverProblem, best: _Best, parts: Parts, count: int, starts: Sequence[NDArray[np.bool_]]) -> None:
    """Offer choices made from parts and starts, improved and linked."""
    near = problem.near
    nowhere = np.zeros(problem.columns.size, dtype=np.bool_)
    if _is_whole(parts):
        best.offer(parts.x > 0.5)
        return
    order = np.argsort(-parts.x, kind="stable")
    taken = [order[:count], *(order[: min(count, int(np.count_nonzero(parts.x > level)))] for level in LEVELS)]
    begun = [np.isin(np.arange(nowhere.size), columns) for columns in taken]
    grown = [grow(near, start, ~nowhere, count - int(start.sum())) for start in (*begun, *starts)]
    pool = list({choice.tobytes(): choice for choice in (exchange(near, start, nowhere) for start in grown)}.values())
    for choice in pool:
        best.offer(choice)
    for a in pool:
        for b in pool:
            if a is not b and a.sum() == b.sum():
                best.offer(exchange(near, relink(near, a, b), nowhere))


def _branch(relaxation: Relaxation, best: _Best, root: Parts, count: int, effort: int) -> float:
    """Branch until nothing better can be left; returns the proved bound (the best value, but for the limit of work)."""
    least, most = _decided(best, root, np.zeros(relaxation.sites), np.ones(relaxation.sites))
    stack = [(root.value, least, most)]
    nodes, last_step = 0, relaxation.steps + effort
    while stack:
        bound, least, most = stack.pop()
        if best.beats(bound):
            continue
        if relaxation.steps >= last_step:
            return max([bound, best.value, *(left for left, _, _ in stack)])
        nodes += 1
        relaxation.restrict(least, most)
        parts = _tighten(relaxation, best, ROUNDS_IN_BRANCH)
        if parts is None or best.beats(parts.value):
            continue
        if nodes % SEARCH_EVERY == 1 or _is_whole(parts):
            _offer_rounded(relaxation.problem, best, parts, count)
        if best.beats(parts.value) or _is_whole(parts):
            continue
        stack.extend(_children(relaxation, best, parts, *_decided(best, parts, least, most)))
    return best.value


def _offer_rounded(problem: CoverProblem, best: _Best, parts: Parts, count: int) -> None:
    opened = np.zeros(problem.columns.size, dtype=np.bool_)
    opened[np.argsort(-parts.x, kind="stable")[:count]] = True
    best.offer(exchange(problem.near, opened, np.zeros_like(opened)))


def _decided(
    best: _Best, parts: Parts, least: NDArray[np.float64], most: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of the sites with those settled whose reduced cost is larger than the gap."""
    gap = parts.value - best.value + SAFE
    out = (parts.x < WHOLE) & (parts.worth < -gap)
    into = (parts.x > 1 - WHOLE) & (parts.worth > gap)
    return np.where(into, 1.0, least), np.where(out, 0.0, most)


def _children(
    relaxation: Relaxation, best: _Best, parts: Parts, least: NDArray[np.float64], most: NDArray[np.float64]
) -> list[tuple[float, NDArray[np.float64], NDArray[np.float64]]]:
    """The two branches of the site that divides best, the more promising one last (it is taken first)."""
    problem = relaxation.problem
    held = problem.own + problem.rows.T @ problem.weight
    torn = np.minimum(parts.x, 1 - parts.x)
    tried = np.argsort(-torn * held, kind="stable")[:TRIED]
    gap = parts.value - best.value
    chosen = None
    with relaxation.trials(parts) as trials:
        for site in tried[torn[tried] > WHOLE].tolist():
            without, within = trials.bounds(site)
            score = max(min(parts.value - without, gap), 1e-9) * max(min(parts.value - within, gap), 1e-9)
            if chosen is None or score > chosen[0]:
                chosen = (score, site, without, within)
    if chosen is None:
        return []
    _, site, without, within = chosen
    closed, opened = most.copy(), least.copy()
    closed[site], opened[site] = 0.0, 1.0
    return sorted([(without, least, closed), (within, opened, most)], key=lambda child: child[0])
