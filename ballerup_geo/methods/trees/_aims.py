"""What trees are for, each aim with its own receivers: who has how much of it today, and what a tree at each site adds.

An aim's value is Σ ``people`` · φ(what a receiver has / ``target``), with φ concave and full at the target. With three
steps a unit in the first third of the way counts three times one in the last third, so that a tree gives most where
least stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

__all__ = ["Aim", "CrownCells", "near_pairs", "one_each"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """One aim of planting.

    ``gains`` is sparse [sites, receivers]; the arrays tell of receivers, in the unit of the gains.
    """

    name: str
    gains: sparse.csr_array
    target: Floats
    """What a receiver should have; above 0."""
    have: Floats
    """What it has today."""
    people: Floats
    """What it counts: residents, buildings, metres of street."""
    steps: int = 1

    @property
    def caps(self) -> Floats:
        """What each step still lacks, [receivers, steps]."""
        levels = self.target[:, None] * np.arange(1, self.steps + 1) / self.steps
        return np.maximum(levels - self.have[:, None], 0.0)

    @property
    def weights(self) -> Floats:
        """What a unit is worth in each step, [receivers, steps].

        Steps lie inside one another: a unit below the first counts in all of them. All from nothing to the target is
        worth ``people``.
        """
        whole = self.target * (self.steps + 1) / 2.0
        return np.repeat((self.people / whole)[:, None], self.steps, axis=1)

    def share(self, more: Floats | float = 0.0) -> float | None:
        """Return how far receivers are on the way to their target, 0–1 by what they count; None without any."""
        whole = float(self.people.sum())
        if whole <= 0:
            return None
        return float((self.people * np.minimum(1.0, (self.have + more) / self.target)).sum()) / whole

    def full(self, more: Floats | float = 0.0) -> NDArray[np.bool_]:
        """Return which receivers have what they should."""
        reached: NDArray[np.bool_] = self.have + more >= self.target * (1 - 1e-9)
        return reached


@dataclass(frozen=True, slots=True, eq=False)
class CrownCells:
    """Today's crowns as the middles of small squares."""

    xy: Floats
    cell_m2: float

    def within(self, xy: Floats, reach_m: float) -> Floats:
        """Return the crown area within a distance of each place, m²."""
        if not len(self.xy) or not len(xy):
            return np.zeros(len(xy))
        count = cKDTree(self.xy).query_ball_point(xy, reach_m, return_length=True)
        return np.asarray(count, dtype=np.float64) * self.cell_m2


def near_pairs(sites: Floats, places: Floats, reach_m: float, given: Floats) -> sparse.csr_array:
    """Return what each site gives to the places within reach, sparse [sites, places]."""
    if not len(sites) or not len(places):
        return sparse.csr_array((len(sites), len(places)))
    near = cKDTree(sites).sparse_distance_matrix(cKDTree(places), reach_m, output_type="coo_matrix")
    pairs = sparse.coo_array((given[near.row], (near.row, near.col)), shape=(len(sites), len(places)))
    return sparse.csr_array(pairs)


def one_each(receiver: NDArray[np.int64], receivers: int, given: Floats) -> sparse.csr_array:
    """Return what each site gives to the one receiver that it has (−1: none), sparse [sites, receivers]."""
    row = np.flatnonzero(receiver >= 0)
    pairs = sparse.coo_array((given[row], (row, receiver[row])), shape=(len(receiver), receivers))
    return sparse.csr_array(pairs)
