"""Queues at a site (Erlang 1917): how many plugs so that few have to wait.

``load`` is arrivals per hour × hours of service, in erlangs: how many plugs would be in use if there were enough.
Arrivals come at random and independently (Poisson); the hours may be of any kind for `erlang_b`, exponential for
`erlang_c`.
"""

from __future__ import annotations

import math

from ballerup_geo.errors import Fault, MethodError

__all__ = ["erlang_b", "erlang_c", "mean_wait_h", "plugs_needed"]

MOST_PLUGS = 100_000


def erlang_b(load: float, plugs: int) -> float:
    """Share of arrivals that find every plug taken and drive on (0–1).

    B(0) = 1, B(n) = load·B(n−1) / (n + load·B(n−1)): Erlang's first formula, by its exact recursion.

    Examples
    --------
    >>> round(erlang_b(4.46, 10), 4)
    0.01
    """
    _check_load(load)
    _check_plugs(plugs)
    blocked = 1.0
    for n in range(1, plugs + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, plugs: int) -> float:
    """Share of arrivals that must wait, where all wait until a plug is free (0–1); 1 where the load is too much.

    C = n·B / (n − load·(1 − B)): Erlang's second formula.
    """
    blocked = erlang_b(load, plugs)
    return 1.0 if load >= plugs else plugs * blocked / (plugs - load * (1 - blocked))


def mean_wait_h(load: float, plugs: int, *, service_h: float) -> float:
    """Mean hours of waiting over all arrivals, C · service / (n − load); infinite where the load is too much."""
    _check_positive(service_h, "service_h")
    waiting = erlang_c(load, plugs)
    return math.inf if load >= plugs else waiting * service_h / (plugs - load)


def plugs_needed(arrivals_per_h: float, service_h: float, *, wait_limit: float) -> int:
    """Fewest plugs with which at most the share ``wait_limit`` (above 0, at most 1) of all arrivals must wait.

    0 where nobody arrives. Raises `MethodError` for negative or non-finite numbers.

    Examples
    --------
    >>> plugs_needed(1.0, 2.0, wait_limit=0.2)
    4
    """
    _check_load(arrivals_per_h, "arrivals_per_h")
    _check_positive(service_h, "service_h")
    if not 0 < wait_limit <= 1:
        raise MethodError(
            Fault("wait_limit", "", f"{wait_limit} is no share of arrivals", "give a number above 0, at most 1")
        )
    load = arrivals_per_h * service_h
    if load == 0:
        return 0
    blocked = 1.0
    for n in range(1, MOST_PLUGS + 1):
        blocked = load * blocked / (n + load * blocked)
        if n > load and n * blocked / (n - load * (1 - blocked)) <= wait_limit:
            return n
    raise MethodError(
        Fault(
            "arrivals_per_h",
            "",
            f"{load:g} erlangs need more than {MOST_PLUGS} plugs",
            "check the unit of both numbers",
        )
    )


def _check_load(load: float, name: str = "load") -> None:
    if not (math.isfinite(load) and load >= 0):
        raise MethodError(Fault(name, "", f"{load} is no number of 0 or more", "give a finite number"))


def _check_positive(value: float, name: str) -> None:
    if not (math.isfinite(value) and value > 0):
        raise MethodError(Fault(name, "", f"{value} is no time above 0", "give hours"))


def _check_plugs(plugs: int) -> None:
    if isinstance(plugs, bool) or int(plugs) != plugs or plugs < 0:
        raise MethodError(Fault("plugs", "", f"{plugs} is no number of plugs", "give a whole number of 0 or more"))
