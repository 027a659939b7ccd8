"""What water at buildings costs: damage of one rain, and damage expected in an average year.

The form is that of Skrift 31 of the Danish water pollution committee (Spildevandskomiteen): damage by class of building
and by depth, and the area under the curve of damage against how often it is exceeded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.errors import Fault, MethodError

__all__ = ["DamageRates", "building_damage", "expected_annual_damage", "yearly_shares"]


@dataclass(frozen=True, slots=True)
class DamageRates:
    """What one rain damages a building that it touches for.

    From ``touched_m`` of water at the façade on, ``shallow_share`` of the full rate; from ``full_m`` on, all of it.
    """

    ground_dkk_m2: Mapping[str, float]
    """By class of use: DKK a m² of ground floor; a class that is not named has no known damage."""
    basement_dkk_m2: float
    """DKK a m² of basement, once the building is touched at all: a basement fills whatever the depth outside."""
    shallow_share: float
    touched_m: float
    full_m: float


def building_damage(
    depths_m: NDArray[np.float64],
    use: pd.Series[str],
    ground_m2: ArrayLike,
    basement_m2: pd.Series[float] | None,
    *,
    rates: DamageRates,
) -> NDArray[np.float64]:
    """Return the damage of each building in each rain, DKK.

    Parameters
    ----------
    depths_m
        Depth at the façade, float64[buildings, events]; NaN where it is unknown, which damages nothing.
    use
        Class of each building.
    ground_m2
        Area of the ground floor.
    basement_m2
        Area of the basement, or None where the layer has none; one of unknown size counts as no basement.

    Returns
    -------
    float64[buildings, events]: 0 where water does not touch the building, NaN where it does and the class of use has no
    rate.
    """
    rate = use.map(rates.ground_dkk_m2).to_numpy(np.float64)
    below = np.zeros(len(use)) if basement_m2 is None else basement_m2.fillna(0.0).to_numpy(np.float64)
    full_dkk = rate * np.asarray(ground_m2, dtype=np.float64)
    share = np.where(depths_m >= rates.full_m, 1.0, rates.shallow_share)
    touched_dkk = full_dkk[:, None] * share + (below * rates.basement_dkk_m2)[:, None]
    return np.where(depths_m >= rates.touched_m, touched_dkk, 0.0)


def yearly_shares(damage_dkk: ArrayLike, return_period_y: ArrayLike, *, begins_y: float) -> NDArray[np.float64]:
    """Return how often a year the damage of each rain counts, so that their sum is the expected annual damage.

    The area under damage ``D`` against exceedance probability ``p = 1/T``, by trapezoids between the return periods of
    the rains:

    - of several rains (durations) of one return period, the one with the greatest damage stands for it;
    - damage begins at ``T = begins_y``, where it is 0: everyday rain follows the sewers. A rain that is as frequent
      or more so counts nothing;
    - rarer rain than the rarest one given does as much damage as that one;
    - a rain without a return period (NaN) says nothing of how often: it counts nothing.

    Parameters
    ----------
    damage_dkk
        Damage of each rain, ``[events]``.
    return_period_y
        Return period of each rain in years, in any order.

    Returns
    -------
    float64[events]: 1/year, 0 for a rain that does not count. All 0 where no rain is rarer than ``begins_y``.

    Raises
    ------
    MethodError
        A return period of 0 or less, or an infinite one.

    Examples
    --------
    >>> yearly_shares([0.0, 1000.0], [10, 100], begins_y=5).tolist()
    [0.095, 0.055]
    """
    damage, period = np.asarray(damage_dkk, np.float64), np.asarray(return_period_y, np.float64)
    dated = ~np.isnan(period)
    if not np.all(np.isfinite(period[dated]) & (period[dated] > 0)):
        raise MethodError(
            Fault("rain_events", "return_period_y", "not a number of years above 0", "give each rain its return period")
        )
    shares = np.zeros(damage.size)
    order = np.lexsort((-damage, period))[: np.count_nonzero(dated)]  # NaN is sorted last
    worst = order[np.unique(period[order], return_index=True)[1]]
    counted = worst[period[worst] > begins_y]
    if counted.size:
        often = np.concatenate(([1.0 / begins_y], 1.0 / period[counted]))
        beyond = np.append(often[2:], -often[-1])  # so that the last trapezoid goes on, level, to p = 0
        shares[counted] = (often[:-1] - beyond) / 2
    return shares


def expected_annual_damage(damage_dkk: ArrayLike, return_period_y: ArrayLike, *, begins_y: float) -> float:
    """Return the damage expected in an average year, DKK a year (see `yearly_shares`).

    NaN where no rain is rarer than ``begins_y``: then nothing is known. For a change by a measure, take the difference
    of two calls: each finds its own worst durations.

    Raises
    ------
    MethodError
        As `yearly_shares`.
    """
    damage = np.asarray(damage_dkk, np.float64)
    shares = yearly_shares(damage, return_period_y, begins_y=begins_y)
    return float(damage @ shares) if shares.any() else float("nan")
