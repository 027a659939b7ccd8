"""What the siting functions answer with: which sites, what they achieve, and what nobody can beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CoverageCurve", "MedianSiting", "Siting"]


@dataclass(frozen=True, slots=True, eq=False)
class Siting:
    """Chosen sites and the demand they cover.

    Attributes
    ----------
    sites : int32[s]
        Open columns, ascending: the existing and the added.
    added : int32[a]
        The chosen ones among them. Fewer than asked for where nothing is left to gain.
    covered : float
        Weight of the demand that at least one open site covers.
    bound : float
        No choice of so many sites covers more than this.
    proved : bool
        Covered and bound are the same (to a part in 10⁸ of all weight): nobody can do better.
    one_fewer : float
        From `fewest_sites` alone, otherwise NaN: the most that one site fewer can cover, as a proved bound.
    dominated : int32[d]
        Candidates that no choice needs: another one covers all they cover, or they cover nothing that is not covered.
    """

    sites: NDArray[np.int32]
    added: NDArray[np.int32]
    covered: float
    bound: float
    proved: bool
    one_fewer: float
    dominated: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class CoverageCurve:
    """What 0, 1, 2 … n added sites cover, each number chosen anew; rows are numbers of sites.

    Attributes
    ----------
    count : int32[n+1]
        Sites that may be added: 0 … n.
    covered, bound : float64[n+1]
        Weight covered, and the proved most.
    gain : float64[n+1]
        Covered beyond the row before; 0 in the first row. Exact choices need not follow from one another, so that the
        gain may rise from one row to the next.
    proved : bool[n+1]
    added : tuple of int32[…]
        The columns chosen in each row.
    """

    count: NDArray[np.int32]
    covered: NDArray[np.float64]
    bound: NDArray[np.float64]
    gain: NDArray[np.float64]
    proved: NDArray[np.bool_]
    added: tuple[NDArray[np.int32], ...]


@dataclass(frozen=True, slots=True, eq=False)
class MedianSiting:
    """Chosen sites and how far demand has to the nearest of them.

    Attributes
    ----------
    sites, added : int32
        As in `Siting`.
    cost : float
        Sum of weight × distance to the nearest open site (weight × ``unreached`` where none is reached).
    bound : float
        No choice of so many sites costs less.
    gap : float
        (cost − bound) / cost; 0 where proved. At most this share could be saved by another choice.
    nearest : int32[n]
        Open column nearest to each demand, −1 where none is reached.
    """

    sites: NDArray[np.int32]
    added: NDArray[np.int32]
    cost: float
    bound: float
    gap: float
    nearest: NDArray[np.int32]
