"""Who gets which kind, when no kind, and no group of kinds, may become too frequent: a transport with nested caps."""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.siting._solver import INFINITE, linear_model, solver

__all__ = ["capped_mix"]

Whole = NDArray[np.int64]

GAP = 1e-6
"""Share of the profit by which the mix may fall short of the best."""


def capped_mix(
    demand: Whole,
    profit: NDArray[np.float64],
    *,
    labels: Sequence[Whole],
    shares: Sequence[float],
    classes: Whole,
    excess_cost: float,
) -> Whole:
    """Give each group its kinds for the greatest profit, in whole numbers, with no label above its share.

    Maximises ``Σ profit · x − excess_cost · Σ excess``. The shares hold among all (a label may be of one at least, so
    that few may have kinds too); among the groups of one class what goes beyond them is the excess, as little as pays.

    Parameters
    ----------
    demand
        How many each group wants, int64 ``[g]``; less is given where the shares or the kinds allow no more.
    profit
        Of one of a kind for a group, float64 ``[g, k]``, above 0; NaN where the kind does not suit.
    labels
        For each level (species, genus, family), the label of each kind from 0 on, int64 ``[k]``.
    shares
        Of each level, the largest share of one label, 0 to 1.
    classes
        Class of each group from 0 on, int64 ``[g]``.
    excess_cost
        Of one beyond its share in its class.

    Returns
    -------
    int64 ``[g, k]``.

    Raises
    ------
    DataError
        Arrays do not match.

    Examples
    --------
    Ten places, two kinds, at most six of either; the better kind is used as far as it may:

    >>> one = np.array([0])
    >>> capped_mix(
    ...     np.array([10]),
    ...     np.array([[2.0, 1.0]]),
    ...     labels=[np.array([0, 1])],
    ...     shares=[0.6],
    ...     classes=one,
    ...     excess_cost=0.0,
    ... ).tolist()
    [[6, 4]]
    """
    groups, kinds = profit.shape
    if demand.shape != (groups,) or classes.shape != (groups,) or any(label.shape != (kinds,) for label in labels):
        what = f"{profit.shape} does not fit demand, labels and classes"
        raise DataError(Fault("profit", "", what, "give one of each a group and a kind"))
    g, k = np.nonzero(np.isfinite(profit))
    given = np.zeros((groups, kinds), dtype=np.int64)
    if not g.size or not demand.sum():
        return given
    here, many = np.arange(g.size), int(classes.max()) + 1
    wanted = np.bincount(classes, weights=demand, minlength=many)
    rows, columns, values, most = [g], [here], [np.ones(g.size)], [demand.astype(np.float64)]
    count, width = groups, g.size
    for label, share in zip(labels, shares, strict=True):
        size = int(label.max()) + 1
        # among all, then in each class, where an excess of its own comes beside
        rows += [count + label[k], count + size + classes[g] * size + label[k], count + size + np.arange(many * size)]
        columns += [here, here, width + np.arange(many * size)]
        values += [np.ones(g.size), np.ones(g.size), -np.ones(many * size)]
        most += [np.full(size, _most(share, float(demand.sum()))), np.repeat([_most(share, n) for n in wanted], size)]
        count, width = count + size * (many + 1), width + many * size
    limit = np.concatenate(most)
    model = linear_model(
        sparse.csr_array(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(limit.size, width)
        ),
        profit=np.concatenate([profit[g, k], np.full(width - g.size, -excess_cost)]),
        least=np.full(limit.size, -INFINITE),
        most=limit,
        upper=np.concatenate([demand[g].astype(np.float64), np.full(width - g.size, INFINITE)]),
        whole=g.size,
    )
    highs = solver(mip_rel_gap=GAP)
    highs.passModel(model)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:  # nothing at all is a mix, so there is a best one
        raise RuntimeError(f"HiGHS found no mix: {highs.modelStatusToString(highs.getModelStatus())}")
    given[g, k] = np.rint(np.asarray(highs.getSolution().col_value)[: g.size]).astype(np.int64)
    return given


def _most(share: float, number: float) -> float:
    return max(1.0, float(np.floor(share * number + 1e-9)))
