"""The order in which zones are built: the most heat a metre first, within a yearly budget, nearer ones before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Built", "Pieces", "build", "heat_bound"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = -1
DUST = 1e-9


@dataclass(frozen=True, slots=True)
class Pieces:
    """What zones lay in streets: a row for each pair of a zone and a piece of pipe, ``zone`` and ``piece`` (int64[r]).

    By piece its ``length_m`` and ``cost_dkk`` at its final size; by zone ``own_m`` and ``own_dkk``, what it lays for
    itself alone (service lines).
    """

    zone: Ints
    piece: Ints
    length_m: Floats
    cost_dkk: Floats
    own_m: Floats
    own_dkk: Floats

    def left(self, laid: Bools) -> tuple[Floats, Floats]:
        """Return the metres and kroner that each zone still needs when some pieces are laid."""
        size, new = len(self.own_m), ~laid[self.piece]
        zone, piece = self.zone[new], self.piece[new]
        metres = np.bincount(zone, self.length_m[piece], size)
        money = np.bincount(zone, self.cost_dkk[piece], size)
        return self.own_m + metres, self.own_dkk + money

    def fair(self, heat_mwh: Floats) -> tuple[Floats, Floats]:
        """Return metres and kroner by zone that any set of zones needs at least in sum.

        A piece is shared out among all zones that use it, by heat: a set pays it whole, or none of them is in the set.
        """
        weight = heat_mwh[self.zone] + DUST
        part = weight / np.bincount(self.piece, weight, len(self.length_m))[self.piece]
        size = len(self.own_m)
        metres = np.bincount(self.zone, part * self.length_m[self.piece], size)
        money = np.bincount(self.zone, part * self.cost_dkk[self.piece], size)
        return self.own_m + metres, self.own_dkk + money

    def before(self, way_m: Floats) -> Bools:
        """Tell which zones come before which, bool[z, z]: of two that share a piece, the nearer one to today's net."""
        size = len(self.own_m)
        found = np.zeros((size, size), dtype=np.bool_)
        order = np.argsort(self.piece, kind="stable")
        for group in np.split(self.zone[order], np.flatnonzero(np.diff(self.piece[order])) + 1):
            if group.size > 1:
                found[np.ix_(group, group)] |= way_m[group][:, None] < way_m[group][None, :]
        return found


@dataclass(frozen=True, slots=True)
class Built:
    """The order of zones; by zone its place (int64[z], ``NEVER`` for none), year of completion, metres and kroner.

    ``year`` counts from 0; ``NEVER``: not done within the years. ``metres`` and ``money`` (float64[y]): laid each year.
    """

    place: Ints
    year: Ints
    zone_m: Floats
    zone_dkk: Floats
    metres: Floats
    money: Floats


def build(
    pieces: Pieces, heat_mwh: Floats, *, way_m: Floats, joined: Bools, years: int, most_m: float, most_dkk: float
) -> Built:
    """Build zones one after the other.

    Of the zones that may be next, the one with the most MWh for each metre that it still needs is; pieces that several
    zones share are laid once, with the first of them. A zone is next only when all before it (`Pieces.before`) are
    built. The work goes on over the turn of the year, so a zone longer than a year's budget takes several years.

    Parameters
    ----------
    pieces
        What each zone lays.
    heat_mwh, way_m, joined
        By zone: heat a year, how far it lies from today's net along streets, and whether it can be joined to that.
    years, most_m, most_dkk
        How many years there are, and what may be laid in each: metres and kroner (infinite: no limit).

    Examples
    --------
    Two zones of 100 m; the second lies beyond the first and needs its 60 m too:

    >>> pieces = Pieces(
    ...     zone=np.array([0, 1, 1]),
    ...     piece=np.array([0, 0, 1]),
    ...     length_m=np.array([60.0, 100.0]),
    ...     cost_dkk=np.array([600.0, 1000.0]),
    ...     own_m=np.array([40.0, 0.0]),
    ...     own_dkk=np.array([0.0, 0.0]),
    ... )
    >>> way = np.array([0.0, 60.0])
    >>> yes = np.array([True, True])
    >>> done = build(
    ...     pieces, np.array([1.0, 9.0]), way_m=way, joined=yes, years=3, most_m=90.0, most_dkk=np.inf
    ... )
    >>> done.place.tolist(), done.year.tolist(), done.zone_m.tolist(), done.metres.round(6).tolist()
    ([0, 1], [1, 2], [100.0, 100.0], [90.0, 90.0, 20.0])
    """
    size = len(heat_mwh)
    laid = np.zeros(len(pieces.length_m), dtype=np.bool_)
    before, waiting = pieces.before(way_m), joined.copy()
    place, year = np.full(size, NEVER, dtype=np.int64), np.full(size, NEVER, dtype=np.int64)
    zone_m, zone_dkk = np.zeros(size), np.zeros(size)
    metres, money = np.zeros(years), np.zeros(years)
    now = 0
    for turn in range(int(joined.sum())):
        need_m, need_dkk = pieces.left(laid)
        free = waiting & ~before[waiting].any(axis=0)
        worth = np.where(free, heat_mwh / np.maximum(need_m, DUST), -np.inf)
        best = int(np.argmax(worth))
        waiting[best], place[best] = False, turn
        zone_m[best], zone_dkk[best] = need_m[best], need_dkk[best]
        laid[pieces.piece[pieces.zone == best]] = True
        rest = 1.0
        while now < years and rest > DUST:
            share = min(rest, _room(most_m - metres[now], need_m[best]), _room(most_dkk - money[now], need_dkk[best]))
            metres[now] += share * need_m[best]
            money[now] += share * need_dkk[best]
            rest -= share
            if rest > DUST:
                now += 1
        year[best] = now if now < years else NEVER
    return Built(place, year, zone_m, zone_dkk, metres, money)


def _room(left: float, need: float) -> float:
    """Return which share of a need there is room for."""
    return 1.0 if need <= left else max(left, 0.0) / need


def heat_bound(
    pieces: Pieces, heat_mwh: Floats, *, joined: Bools, years: int, most_m: float, most_dkk: float
) -> Floats:
    """Return heat that no order can have connected by the end of each year (MWh, float64[years]).

    The fractional knapsack over what zones need at least (`Pieces.fair`): zones by heat for each metre (and each krone)
    until the budgets of the years so far are spent, the last one in part; the lower of the two.

    Examples
    --------
    >>> pieces = Pieces(
    ...     np.array([0, 1]), np.array([0, 1]), np.array([10.0, 20.0]), np.zeros(2), np.zeros(2), np.zeros(2)
    ... )
    >>> heat_bound(
    ...     pieces, np.array([30.0, 40.0]), joined=np.array([True, True]), years=2, most_m=15.0, most_dkk=np.inf
    ... ).tolist()
    [40.0, 70.0]
    """
    found = np.full(years, float(heat_mwh[joined].sum()))
    for need, most in zip(pieces.fair(heat_mwh), (most_m, most_dkk), strict=True):
        if not np.isfinite(most) or not joined.any():
            continue
        need, heat = need[joined], heat_mwh[joined]
        order = np.lexsort((np.arange(heat.size), -heat / np.maximum(need, DUST)))
        spent = np.concatenate([[0.0], np.cumsum(need[order])])
        won = np.concatenate([[0.0], np.cumsum(heat[order])])
        found = np.minimum(found, np.interp(most * np.arange(1, years + 1), spent, won))
    return found
