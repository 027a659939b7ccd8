"""Annuities and discounting: one-off sums and years of prices as one even yearly figure."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["annuity", "growth_factor", "present_value"]


def annuity(rate: float, years: float) -> float:
    """Return the even yearly payment for a one-off sum of 1: rate / (1 − (1 + rate)^−years), 1 / years at rate 0.

    Parameters
    ----------
    rate
        Real discount rate, 0.035 for 3.5 %.
    years
        Lifetime, above 0; what is left of it after a shorter horizon is the value at its end, by definition.

    Examples
    --------
    >>> round(annuity(0.05, 20), 6)
    0.080243
    >>> annuity(0.0, 20)
    0.05
    """
    if rate == 0.0:
        return 1.0 / years
    return float(rate / (1.0 - (1.0 + rate) ** -years))


def present_value(rate: float, amounts: Sequence[float]) -> float:
    """Return today's value of amounts that fall at the end of years 1, 2 …: Σ amount_t / (1 + rate)^t.

    Examples
    --------
    >>> round(present_value(0.10, [110.0, 121.0]), 9)
    200.0
    """
    return float(sum(amount / (1.0 + rate) ** year for year, amount in enumerate(amounts, 1)))


def growth_factor(growth: float, rate: float, years: int) -> float:
    """Return the even price over first-year price, for a price that changes every year.

    Σ (1 + growth)^(t−1) / (1 + rate)^t over Σ 1 / (1 + rate)^t, t = 1 … years: 1 where the price stands still.

    Examples
    --------
    >>> round(growth_factor(0.10, 0.10, 2), 6)
    1.047619
    """
    changed = present_value(rate, [(1.0 + growth) ** year for year in range(years)])
    return changed / present_value(rate, [1.0] * years)
