"""Answer 4: the plan's number of trees, chosen for benefit with diminishing returns, with a proved bound.

Each aim is measured by what the same number of trees could give it if nothing else counted: an average tree of that
choice is worth 100. A tree's benefit is the sum over aims of share of weight × what it adds. The first k of the order
are the choice of k trees. A garden has no more of them than one garden is offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from ballerup_geo.compiled import side_by_side
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.trees._aims import Aim
from ballerup_geo.methods.trees._benefit import (
    AIMS,
    BENEFIT_ASSUMPTIONS,
    BENEFIT_INPUTS,
    aims_of,
    crown_cells,
    homes_of,
)
from ballerup_geo.methods.trees._goal import goal_of
from ballerup_geo.methods.trees._quarters import GREEN_ASSUMPTIONS, area_table, green_shares
from ballerup_geo.methods.trees._selection_declared import (
    SELECTION_INDICATORS,
    SELECTION_LIMITS,
    SELECTION_TABLES,
    WEIGHTS,
)
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.siting import Submodular, select_submodular
from ballerup_geo.spec import Given
from ballerup_geo.spec.words import Language, number

__all__ = ["SELECTION", "Choice", "Offers", "choice_words", "choose", "offers_of"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
PERCENT, HUNDRED = 100.0, 100.0
ASKED = ("garden", "association")
LANGUAGES: tuple[Language, ...] = ("da", "en")
CHANGES = (-50, 50)
"""Per cent by which each weight is moved to see whether the choice holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """How many trees a garden may be asked to take."""

    garden: Whole
    """Garden of each site from 0 on, −1 where it lies in none; int64 ``[sites]``."""
    most: Whole
    """The most of each garden, int64 ``[gardens]``."""

    def possible(self, candidates: NDArray[np.bool_]) -> int:
        """Return how many of some sites may be chosen together."""
        garden = self.garden[candidates]
        each = np.bincount(garden[garden >= 0], minlength=len(self.most))
        return int((garden < 0).sum() + np.minimum(each, self.most).sum())


def offers_of(sites: pd.DataFrame, most: int) -> Offers:
    """Return the gardens of sites, each with the same most."""
    garden = np.full(len(sites), -1, dtype=np.int64)
    own = (sites["place"] == "garden").to_numpy(bool)
    garden[own], names = pd.factorize(sites["parcel_id"][own], sort=True)
    return Offers(garden, np.full(len(names), most, dtype=np.int64))


class Choice:
    """The aims put together, ready to be weighed in any way."""

    def __init__(self, aims: tuple[Aim, ...], candidates: NDArray[np.bool_], offers: Offers, count: int) -> None:
        """Find what each aim alone could have of so many trees."""
        self.aims, self.candidates, self.offers = aims, candidates, offers
        self.count = min(count, offers.possible(candidates))
        steps = max(aim.steps for aim in aims)
        self._gains = sparse.csr_array(sparse.hstack([aim.gains for aim in aims]))
        self._caps = np.concatenate([_wide(aim.caps, steps) for aim in aims])
        self._weights = np.concatenate([_wide(aim.weights, steps) for aim in aims])
        self._aim = np.repeat(np.arange(len(aims)), [len(aim.target) for aim in aims])
        alone = side_by_side(self._alone, [(aim,) for aim in aims])
        self.best = np.array([found.value[-1] for found in alone])
        """What each aim has if nothing else counts."""

    def _alone(self, aim: Aim) -> Submodular:
        return select_submodular(
            aim.gains,
            aim.caps,
            aim.weights,
            count=self.count,
            candidates=self.candidates,
            groups=self.offers.garden,
            most=self.offers.most,
            rounds=None,
        )

    def weighed(
        self, weights: Floats, *, rounds: int | None = None, among: NDArray[np.bool_] | None = None
    ) -> Submodular:
        """Choose with a weight for each aim; the sum of what a tree adds is its benefit."""
        share = weights / weights.sum() if weights.sum() > 0 else weights
        unit = np.divide(share * HUNDRED * max(self.count, 1), self.best, out=np.zeros(len(share)), where=self.best > 0)
        allowed = self.candidates if among is None else among
        scaled = self._weights * unit[self._aim][:, None]
        return select_submodular(
            self._gains,
            self._caps,
            scaled,
            count=self.count,
            candidates=allowed,
            groups=self.offers.garden,
            most=self.offers.most,
            rounds=rounds,
        )

    def parts(self, weights: Floats, chosen: Submodular) -> Floats:
        """Return what each site adds to each aim, [sites, aims]: when it was chosen, or on top of all chosen ones."""
        share = weights / weights.sum() if weights.sum() > 0 else weights
        found = np.zeros((len(self.candidates), len(self.aims)))
        for column, aim in enumerate(self.aims):
            if self.best[column] > 0:
                unit = share[column] * HUNDRED * self.count / self.best[column]
                found[:, column] = unit * _added(aim, chosen.order)
        return found

    def received(self, order: NDArray[np.int64]) -> list[Floats]:
        """Return what the receivers of each aim have of the chosen sites."""
        taken = np.zeros(len(self.candidates))
        taken[order] = 1.0
        return [np.asarray(aim.gains.T @ taken) for aim in self.aims]

    def reached(self, received: list[Floats]) -> Floats:
        """Return what each aim has, in per cent of what it could have alone; NaN for an aim without receivers."""
        value = [
            float((aim.weights * np.minimum(aim.caps, more[:, None])).sum())
            for aim, more in zip(self.aims, received, strict=True)
        ]
        share: Floats = np.divide(
            PERCENT * np.array(value), self.best, out=np.full(len(value), np.nan), where=self.best > 0
        )
        return share


def choose(aims: tuple[Aim, ...], candidates: NDArray[np.bool_], *, offers: Offers, count: int) -> Choice:
    """Return the aims ready to be weighed, for as many trees as may be chosen at most."""
    return Choice(aims, candidates, offers, count)


def _wide(table: Floats, steps: int) -> Floats:
    """Return a table with more steps, the further ones empty."""
    return np.pad(table, ((0, 0), (0, steps - table.shape[1])))


def _added(aim: Aim, order: NDArray[np.int64]) -> Floats:
    """Return what each site adds to one aim: the chosen in their turn, the others on top of all of them."""
    lacking, weights = aim.caps, aim.weights
    have = np.zeros(len(aim.target))
    found = np.zeros(aim.gains.shape[0])
    chosen = aim.gains[order]
    owner = np.repeat(np.arange(len(order)), np.diff(chosen.indptr))
    before = _sum_before(chosen.indices, chosen.data)
    found[order] = np.bincount(owner, _worth(chosen.indices, chosen.data, before, lacking, weights), len(order))
    np.add.at(have, chosen.indices, chosen.data)
    rest = np.setdiff1d(np.arange(len(found)), order)
    others = aim.gains[rest]
    owner = np.repeat(np.arange(len(rest)), np.diff(others.indptr))
    worth = _worth(others.indices, others.data, have[others.indices], lacking, weights)
    found[rest] = np.bincount(owner, worth, len(rest))
    return found


def _sum_before(receiver: NDArray[np.integer], given: Floats) -> Floats:
    """Return for each entry the sum of those before it at the same receiver."""
    order = np.argsort(receiver, kind="stable")
    total = np.cumsum(given[order]) - given[order]
    first = np.r_[True, np.diff(receiver[order]) != 0] if len(order) else np.empty(0, dtype=bool)
    base = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    found = np.empty(len(order))
    found[order] = total - total[base] if len(order) else total
    return found


def _worth(receiver: NDArray[np.integer], given: Floats, have: Floats, lacking: Floats, weights: Floats) -> Floats:
    room = np.maximum(lacking[receiver] - have[:, None], 0.0)
    return np.asarray((weights[receiver] * np.minimum(room, given[:, None])).sum(axis=1))


def _select(given: Given, town: TreeTown, found: Found) -> Found:
    sites = gpd.GeoDataFrame(found.tables["sites"])
    given.progress("benefit of each tree", 0.82)
    homes, cells = homes_of(given, town), crown_cells(given, town)
    aims, notes = aims_of(given, town, sites, homes, cells)
    goal = goal_of(given)
    candidates = sites["place"].isin(ASKED).to_numpy(bool)
    given.progress("choosing trees", 0.86)
    offers = offers_of(sites, int(number_of(given, "garden_offer_most")))
    choice = choose(aims, candidates, offers=offers, count=goal.trees)
    weights = np.array([number_of(given, f"{name}_weight") for name in AIMS])
    chosen = choice.weighed(weights, rounds=int(number_of(given, "bound_rounds")))
    received = choice.received(chosen.order)
    on_land = choice.weighed(weights, among=(sites["place"] == "association").to_numpy(bool))
    greens = green_shares(given, town, homes, found.tables.get("forest"))
    return Found(
        tables={
            "areas": area_table(town, homes, aims, received, greens),
            "weights": _weight_table(choice, weights, chosen, received),
        },
        columns={"sites": _columns(sites, choice, weights, chosen)},
        indicators={
            "chosen": float(len(chosen.order)),
            "chosen_missing": float(max(0, goal.trees - len(chosen.order))),
            "choice_gap_pct": PERCENT * chosen.gap,
            "chosen_gardens": float((sites["place"].iloc[chosen.order] == "garden").sum()),
            "chosen_associations": float((sites["place"].iloc[chosen.order] == "association").sum()),
            "on_associations_chosen": float(len(on_land.order)),
            "on_associations_benefit_pct": PERCENT * float(on_land.value[-1]) / float(chosen.value[-1])
            if chosen.value[-1] > 0
            else None,
            **_effects(aims, received, homes.residents),
            **greens.indicators(homes.residents),
        },
        notes=(*notes, *greens.notes, *_too_few(len(chosen.order), goal.trees)),
    )


def _columns(sites: pd.DataFrame, choice: Choice, weights: Floats, chosen: Submodular) -> pd.DataFrame:
    """Return rank and benefit of each site, indexed by it."""
    rank = np.full(len(sites), np.nan)
    rank[chosen.order] = np.arange(1, len(chosen.order) + 1)
    parts = choice.parts(weights, chosen)
    near, cover, heat, runoff, shade = parts.T
    return pd.DataFrame(
        {
            "rank": pd.array(rank, dtype="Float64").astype("Int64"),
            "benefit": parts.sum(axis=1),
            "canopy_gain": near + cover,
            "heat_gain": heat,
            "runoff_gain": runoff,
            "shade_gain": shade,
        },
        index=pd.Index(sites["site_id"], name="site_id"),
    )


def _weight_table(choice: Choice, weights: Floats, chosen: Submodular, received: list[Floats]) -> pd.DataFrame:
    """Return how the choice changes with each weight: the share of the same trees, and what each aim then has."""
    cases = [(aim, change) for aim in range(len(AIMS)) for change in CHANGES if choice.best[aim] > 0]

    def moved(aim: int, change: int) -> Submodular:
        other = weights.copy()
        other[aim] *= 1.0 + change / PERCENT
        return choice.weighed(other)

    rows = [("as_is", 0, PERCENT, choice.reached(received))]
    for (aim, change), other in zip(cases, side_by_side(moved, cases), strict=True):
        same = np.intersect1d(other.order, chosen.order).size
        share = PERCENT * same / max(len(chosen.order), 1)
        rows.append((AIMS[aim], change, share, choice.reached(choice.received(other.order))))
    table = pd.DataFrame([(aim, change, same, *reached) for aim, change, same, reached in rows])
    table.columns = pd.Index(["aim", "change_pct", "same_pct", *(f"{name}_reached_pct" for name in AIMS)])
    return table


def _effects(aims: tuple[Aim, ...], received: list[Floats], residents: Floats) -> Mapping[str, float | None]:
    """Return each aim today and with the chosen trees grown up."""
    told: dict[str, float | None] = {}
    for aim, more in zip(aims, received, strict=True):
        if aim.name in ("heat", "shade"):
            for when, extra in (("before", 0.0), ("after", more)):
                share = aim.share(extra)
                told[f"{aim.name}_{when}_pct"] = None if share is None else PERCENT * share
    near, cover, runoff = aims[0], aims[1], aims[3]
    whole = float(residents.sum())
    for when, extra in (("before", 0.0), ("after", received[0])):
        told[f"near_{when}_pct"] = PERCENT * float(residents[near.full(extra)].sum()) / whole if whole > 0 else None
    told["runoff_kept_m3"] = float(np.minimum(runoff.target, received[3]).sum()) if len(runoff.target) else None
    told["cover_gain_ha"] = float(received[1].sum()) / 10_000.0 if len(cover.target) else None
    return told


def _too_few(chosen: int, wanted: int) -> tuple[Words, ...]:
    if chosen >= wanted:
        return ()
    return (
        {
            "da": (
                f"Der er kun {chosen} pladser i haver og på boligforeningers jord, hvor et træ gavner, når en have "
                f"ikke får flere, end den tilbydes; planen nævner {wanted}."
            ),
            "en": (
                f"There are only {chosen} sites in gardens and on associations' land where a tree gives anything, with "
                f"no more in a garden than it is offered; the plan names {wanted}."
            ),
        },
    )


def choice_words(indicators: Mapping[str, float | None]) -> dict[Language, str]:
    """Return the answer: how many are chosen, where they stand, and how near the best the choice is."""
    told = {name: indicators[name] or 0.0 for name in ("chosen", "chosen_gardens", "chosen_associations")}
    gap = indicators["choice_gap_pct"] or 0.0
    before, after = indicators["near_before_pct"], indicators["near_after_pct"]
    words: dict[Language, str] = {}
    for language in LANGUAGES:
        all_, gardens, lands = (number(value, language=language) for value in told.values())
        share = number(gap, digits=1, language=language)
        if language == "da":
            text = (
                f"{all_} pladser er valgt, {gardens} i private haver og {lands} på boligforeningers jord. Valget er "
                f"højst {share} % fra det bedste for de vægte."
            )
            near = " Beboere med tre træer ved boligen: {} % i dag, {} % når træerne står der."
        else:
            text = (
                f"{all_} sites are chosen, {gardens} in private gardens and {lands} on housing associations' land. The "
                f"choice is at most {share} % from the best for these weights."
            )
            near = " Residents with three trees near: {} % today, {} % with the trees there."
        if before is not None and after is not None:
            text += near.format(number(before, language=language), number(after, language=language))
        words[language] = text
    return words


SELECTION: Part[TreeTown] = Part(
    compute=_select,
    inputs=BENEFIT_INPUTS,
    assumptions=(*BENEFIT_ASSUMPTIONS, *WEIGHTS, *GREEN_ASSUMPTIONS),
    tables=SELECTION_TABLES,
    indicators=SELECTION_INDICATORS,
    limits=SELECTION_LIMITS,
)
