"""Where along each street which way to school is the best: a signpost for every place, from the network alone.

Nobody's home or pupils enter. From a place on a street one may set out in either direction; of every school site, level
of stress and direction, what is left to ride is a straight line in the metres along the street. Where two such lines
meet, another way is the best: there the street is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._journeys import NO_ROUTE, THRESHOLDS, TOLERANCE
from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.methods.school_routes._streets import WORST
from ballerup_geo.network import Onward, onward

__all__ = ["PIECE_M", "Piece", "Way", "pieces_along", "signs_of"]

PIECE_M = 0.5
"""Shorter pieces of a street are not told apart from their neighbours: a map draws them no finer."""
ALONG = np.array([-1.0, 1.0])
"""What a metre along the edge adds to what is left: riding as it was drawn, and against it."""

Choice = tuple[int, int, int]
"""A row of some sites, a level of stress, and a side: 0 as the edge was drawn, 1 against it."""


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """An arc as part of the way to a site over streets of at most a stress; ``last``: the site lies along it."""

    site: int
    stress: int
    arc: int
    last: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """From where to where along an arc (metres from its tail) a way is the best one."""

    way: Way
    from_m: float
    to_m: float


def signs_of(scene: Scene) -> Mapping[int, Onward]:
    """Return by level of stress how to go on to every site; at the worst level every legal way will do."""
    streets, rules = scene.streets, scene.journeys.rules
    calm = {
        level: onward(
            streets.graph,
            scene.trips.sites,
            open_arcs=streets.open_arcs(level, rules=rules),
            open_turns=streets.open_turns(level),
        )
        for level in THRESHOLDS
    }
    return {**calm, WORST: onward(streets.graph, scene.trips.sites)}


def pieces_along(
    scene: Scene, signs: Mapping[int, Onward], edges: NDArray[np.int64], sites: Sequence[int]
) -> Iterator[Piece]:
    """Cut edges into pieces with one best way each: to the nearest of some sites, by the least stress that will do.

    As `_journeys` chooses: the site by the shortest legal way to its door; then the smallest level whose way is
    within the detour limit; among ways of that level the shortest. A piece without any way has a way of no stress,
    ``NO_ROUTE``.
    """
    length_m = scene.streets.graph.edges["length_m"].to_numpy()
    targets = scene.trips.sites
    for edge in edges.tolist():
        ends = [0.0, float(length_m[edge])]
        inner = [float(targets.along_m[site]) for site in sites if int(targets.edge[site]) == edge]
        cuts = sorted({*ends, *(cut for cut in inner if ends[0] < cut < ends[1])})
        for begin, end in pairwise(cuts):
            yield from _pieces(scene, signs, int(edge), sites, begin, end)


def _pieces(
    scene: Scene, signs: Mapping[int, Onward], edge: int, sites: Sequence[int], begin: float, end: float
) -> Iterator[Piece]:
    """Cut a stretch of an edge on which no site lies but at its ends."""
    graph = scene.streets.graph
    length_m = float(graph.edges["length_m"].iat[edge])
    left, last = _left(scene, signs, edge, sites, (begin, end))
    stretch = _Stretch(left, scene.trips.sites.off_m[list(sites)], scene.journeys.detour_max * (1.0 + TOLERANCE))
    for start, stop, choice in stretch.pieces(begin, end):
        if choice is None:
            side = 0 if graph.arc_of[edge, 0] >= 0 else 1
            site, level, ends = 0, NO_ROUTE, False
        else:
            site, level, side = choice
            ends = bool(last[site, side])
        way = Way(sites[site], level, int(graph.arc_of[edge, side]), ends)
        along = (start, stop) if side == 0 else (length_m - stop, length_m - start)
        yield Piece(way, *along)


def _left(
    scene: Scene, signs: Mapping[int, Onward], edge: int, sites: Sequence[int], stretch: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what is left to ride from the edge's start, and whether the site itself comes first on the edge.

    ``float64[sites, levels, sides]``: constants of lines whose slopes are ``ALONG``; inf where no way leads on.
    """
    graph, targets = scene.streets.graph, scene.trips.sites
    length_m = float(graph.edges["length_m"].iat[edge])
    left = np.full((len(sites), WORST, 2), np.inf)
    last = np.zeros((len(sites), 2), np.bool_)
    for row, site in enumerate(sites):
        along_m = float(targets.along_m[site])
        here = int(targets.edge[site]) == edge
        for side in (0, 1):
            arc = int(graph.arc_of[edge, side])
            last[row, side] = here and (along_m >= stretch[1] if side == 0 else along_m <= stretch[0])
            for level, on in signs.items():
                if arc < 0 or (level < WORST and not scene.streets.stress[scene.journeys.rules].high[arc] <= level):
                    continue
                ahead = float(on.cost[site, arc]) + (length_m if side == 0 else 0.0)
                to_site = along_m if side == 0 else -along_m
                left[row, level - 1, side] = to_site if last[row, side] else ahead
    return left, last


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """What is left to ride along a stretch: see `_left`; ``off_m`` float64[sites] is from the street to the door."""

    left: NDArray[np.float64]
    off_m: NDArray[np.float64]
    detour: float

    def pieces(self, begin: float, end: float) -> Iterator[tuple[float, float, Choice | None]]:
        """Tell from where to where which site, level and side is the best, None where there is no way."""
        cuts = np.unique(np.concatenate([[begin], self._meetings(begin, end), [end]]))
        long = np.flatnonzero(np.diff(cuts) >= min(PIECE_M, (end - begin) / 2.0 / len(cuts)))
        choices = [self._choice(float(middle)) for middle in (cuts[long] + cuts[long + 1]) / 2.0]
        starts = [begin, *cuts[long[1:]].tolist()]
        kept = [row for row, choice in enumerate(choices) if row == 0 or choice != choices[row - 1]]
        for row, following in zip(kept, [*kept[1:], None], strict=True):
            yield starts[row], end if following is None else starts[following], choices[row]

    def _meetings(self, begin: float, end: float) -> NDArray[np.float64]:
        """Return where lines meet: of both sides, of sites, and of a level's way with its limit."""
        nearest = self.left[:, WORST - 1] + self.off_m[:, None]
        ahead, back = self.left[..., 0], self.left[..., 1]
        limit = self.detour * self.left[:, WORST - 1]
        with np.errstate(invalid="ignore"):
            meetings = [(nearest[:, None, 0] - nearest[None, :, 1]) / 2.0, (ahead - back) / 2.0]
            for side in (0, 1):
                for other in (0, 1):
                    slope = ALONG[side] - self.detour * ALONG[other]
                    meetings.append((limit[:, None, other] - self.left[:, : WORST - 1, side]) / (slope or np.inf))
        found = np.concatenate([np.ravel(each) for each in meetings])
        return np.asarray(found[np.isfinite(found) & (found > begin) & (found < end)])

    def _choice(self, along_m: float) -> Choice | None:
        """Return the site (its row), level and side that are the best at a place, None where there is no way."""
        metres = self.left + ALONG * along_m
        shortest = metres[:, WORST - 1].min(axis=1)
        site = int(np.argmin(shortest + self.off_m))
        if not np.isfinite(shortest[site]):
            return None
        within = metres[site].min(axis=1) <= self.detour * shortest[site]
        level = int(np.argmax(within))
        return site, level + 1, int(np.argmin(metres[site, level]))
