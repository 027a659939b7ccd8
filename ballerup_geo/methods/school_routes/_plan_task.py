"""The planning task: pupils without a low-stress route, and the works that would give them one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._plan_works import Works
from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.network import Routes, Snapped, StreetGraph, WorkSearch, routes, work_search

__all__ = ["Column", "Crowd", "Task", "task_of"]

Column = tuple[int, frozenset[int]]
"""A way (its number in the task) and the works that open one route for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Ways of pupils who accept the same stress: ``first`` is the number of its first way in the task."""

    level: int
    first: int
    start: Snapped
    site: NDArray[np.int32]
    limit_m: NDArray[np.float64]
    pupils: NDArray[np.float64]
    search: WorkSearch


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Who has no low-stress route today, by crowd, and what can be done.

    ``pupils`` float64[k] are those of each way, crowd after crowd; ``served_today`` those who have a route already.
    """

    graph: StreetGraph
    sites: Snapped
    works: Works
    crowds: tuple[Crowd, ...]
    pupils: NDArray[np.float64]
    served_today: float

    def has_route(self, done: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which ways have a route within their limit when these works are done, by running all routes anew."""
        return np.concatenate(
            [np.zeros(0, np.bool_), *(self._routes(crowd, done).cost <= crowd.limit_m for crowd in self.crowds)]
        )

    def passing(self, done: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Count the pupils who get a route when these works are done and pass each of them on it (``float64[u]``)."""
        pupils = np.zeros(len(self.works) + 1)
        for crowd in self.crowds:
            now, ladder = self._routes(crowd, done), self.works.ladders[crowd.level]
            weight = np.where(now.cost <= crowd.limit_m, crowd.pupils, 0.0)
            for needed, flow in ((ladder.arc, now.flow(weight)), (ladder.turn, now.turn_flow(weight))):
                for column in needed.T:
                    np.add.at(pupils, column, flow)
        return pupils[:-1]

    def _routes(self, crowd: Crowd, done: NDArray[np.bool_]) -> Routes:
        open_arcs, open_turns = self.works.ladders[crowd.level].opened(done)
        return routes(
            self.graph, crowd.start, self.sites, target_of=crowd.site, open_arcs=open_arcs, open_turns=open_turns
        )

    def cheapest(
        self,
        common: NDArray[np.float64],
        *,
        worth: NDArray[np.float64] | None = None,
        own: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]] | None = None,
    ) -> tuple[NDArray[np.float64], list[Column]]:
        """Return the least price of the works on any way within the limit (inf: none), and the columns of these ways.

        See `network.WorkSearch.least`.
        """
        prices, columns = [np.zeros(0)], []
        for crowd in self.crowds:
            end = crowd.first + len(crowd.site)
            mine = None
            if own is not None:
                begin = own[0][crowd.first : end + 1]
                mine = (begin - begin[0], own[1][begin[0] : begin[-1]], own[2][begin[0] : begin[-1]])
            found = crowd.search.least(common, worth=None if worth is None else worth[crowd.first : end], own=mine)
            prices.append(found.price)
            for way in np.flatnonzero(np.isfinite(found.price)):
                works = found.work[found.start[way] : found.start[way + 1]]
                columns.append((int(crowd.first + way), frozenset(works.tolist())))
        return np.concatenate(prices), columns


def task_of(scene: Scene, works: Works) -> Task:
    """Make the task: ways with a legal route but none of a stress that is accepted; equal ones are one."""
    graph, trips, journeys = scene.streets.graph, scene.trips, scene.journeys
    crowds: list[Crowd] = []
    first, served = 0, 0.0
    nothing = np.zeros(len(works), np.bool_)
    for group in scene.groups:
        ladder = works.ladders[group.accepted]
        rows = np.flatnonzero((group.pupils > 0.0) & np.isfinite(journeys.limit_m))
        open_arcs, open_turns = ladder.opened(nothing)
        start = _taken(trips.start, rows)
        today = routes(
            graph, start, trips.sites, target_of=trips.site[rows], open_arcs=open_arcs, open_turns=open_turns
        )
        has = today.cost <= journeys.limit_m[rows]
        served += float(group.pupils[rows][has].sum())
        rows, pupils = _merged(scene, rows[~has], group.pupils)
        start, site, limit_m = _taken(trips.start, rows), trips.site[rows], journeys.limit_m[rows]
        search = work_search(
            graph,
            start,
            trips.sites,
            target_of=site,
            limit=limit_m,
            arc_works=ladder.arc,
            turn_works=ladder.turn,
            possible_arcs=ladder.possible_arcs,
            possible_turns=ladder.possible_turns,
        )
        crowds.append(Crowd(group.accepted, first, start, site, limit_m, pupils, search))
        first += len(rows)
    return Task(graph, trips.sites, works, tuple(crowds), _joined(crowd.pupils for crowd in crowds), served)


def _merged(
    scene: Scene, rows: NDArray[np.int64], pupils: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Put the class levels of a home that go to the same site together."""
    same = np.stack([scene.trips.home[rows].astype(np.int64), scene.trips.site[rows].astype(np.int64)])
    _, first, each = np.unique(same, axis=1, return_index=True, return_inverse=True)
    together: NDArray[np.float64] = np.zeros(len(first))
    np.add.at(together, each.ravel(), pupils[rows])
    return rows[first], together


def _taken(at: Snapped, rows: NDArray[np.int64]) -> Snapped:
    return Snapped(at.edge[rows], at.along_m[rows], at.off_m[rows])


def _joined(parts: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([np.zeros(0), *parts])
