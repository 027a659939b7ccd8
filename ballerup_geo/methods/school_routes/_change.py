"""What changed between two runs of the school routes: pupils, data, network and rules, which add up.

A run keeps in its table ``trips`` (in ``results/``, never published) what each way to school needs by every rule set,
with both bounds, and what its figures follow. ``history.csv`` says by time and key which runs there have been, and
``run.json`` what each was made of. Whoever has kept that one table of a former run can so split the change without the
former layers: it is the layer ``school_trips_before``.

What is left: a value that was known and wrong, and is now known and right, cannot be told from a street that was
rebuilt: both count as network. A run with another detour limit cannot be compared; the former limit must be used once
on the present layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods.school_routes._journeys import NO_ROUTE
from ballerup_geo.methods.school_routes._ways import need_column
from ballerup_geo.network import RULES

__all__ = ["CAUSES", "Run", "decompose", "needs"]

CAUSES = ("pupils", "data", "network", "rules")
"""In the order in which they are changed, one after the other."""
KEY = ["address_id", "level"]


def needs() -> list[str]:
    """Return the columns of ``trips`` that say what each way needs, by every rule set and both bounds."""
    return [need_column(rules, cautious=cautious) for rules in RULES for cautious in (True, False)]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A run: its table ``trips``, and what its figures follow.

    Attributes
    ----------
    trips
        As the result holds it.
    rules
        The rule set of the headline figures.
    accepted
        The stress that each class level accepts, by the name of the level.
    detour_max
        Longest detour.
    """

    trips: pd.DataFrame
    rules: str
    accepted: Mapping[str, int]
    detour_max: float

    @classmethod
    def of(cls, trips: pd.DataFrame) -> Run:
        """Make a run of a result's table, which says by itself what it follows.

        Raises
        ------
        MethodError
            The table is empty, or this version does not know its rule set.
        """
        rules = str(trips["rules"].iloc[0]) if len(trips) else "none"
        if rules not in RULES:
            todo = f"compare with a run that used one of {', '.join(RULES)}"
            raise MethodError(Fault("school_routes", "rules", f"there is no rule set {rules!r}", todo))
        accepted = trips.groupby("level")["accepted"].first()
        by_level = {str(level): int(stress) for level, stress in accepted.items()}
        return cls(trips, rules, by_level, float(trips["detour_max"].iloc[0]))


def decompose(former: Run, present: Run) -> pd.DataFrame:
    """Split the change of the share of pupils with a low-stress route into its causes.

    One thing after the other is changed from what it was to what it is (`CAUSES`), and the share is told after each:

    - *pupils*: who goes to school, where and to which school;
    - *data*: streets whose stress has become known, or is no longer: ways whose interval now lies within the former
      one, or the other way round;
    - *network*: all other ways whose stress is another;
    - *rules*: the rule set and what classes accept.

    Returns
    -------
    DataFrame
        A row for each cause and one for the whole: ``cause``, ``from_pct``, ``to_pct``, ``change_points``.

    Raises
    ------
    MethodError
        The runs have different detour limits, or nobody is followed to school in one of them.
    """
    if former.detour_max != present.detour_max:
        what = f"is {former.detour_max:g} in the former run and {present.detour_max:g} in the present one"
        todo = "run the present layers once with the former limit, and compare with that"
        raise MethodError(Fault("school_routes", "detour_max", what, todo))
    columns = [*KEY, "pupils_exact", "school_id", *needs()]
    sides = (pd.DataFrame(run.trips)[columns] for run in (former, present))
    both = next(sides).merge(next(sides), how="outer", on=KEY, suffixes=("_0", "_1"), sort=True)
    then, now = _Side(both, 0), _Side(both, 1)
    accepted = {**present.accepted, **former.accepted}
    former, present = replace(former, accepted=accepted), replace(present, accepted={**accepted, **present.accepted})
    by_former = now.calm(former)
    same = then.routed & now.routed & (both["school_id_0"] == both["school_id_1"]).fillna(False).to_numpy(dtype=bool)
    before = np.where(same, then.calm(former), by_former)
    narrowed = same & _nested(then.interval(former.rules), now.interval(former.rules))
    steps = [
        _share(then.pupils, then.calm(former), "former"),
        _share(now.pupils, before, "present"),
        _share(now.pupils, np.where(narrowed, by_former, before), "present"),
        _share(now.pupils, by_former, "present"),
        _share(now.pupils, now.calm(present), "present"),
    ]
    frame = pd.DataFrame(
        {
            "cause": [*CAUSES, "all"],
            "from_pct": [*steps[:-1], steps[0]],
            "to_pct": [*steps[1:], steps[-1]],
        }
    )
    return frame.assign(change_points=frame["to_pct"] - frame["from_pct"])


class _Side:
    """One run's ways among those of both; a way that it does not have has no pupils."""

    def __init__(self, both: pd.DataFrame, number: int) -> None:
        self._both, self._number = both, number
        self._level = both["level"]
        self.routed = self._need(RULES[0], cautious=True) != NO_ROUTE
        pupils = both[f"pupils_exact_{number}"].astype("Float64").to_numpy(dtype=np.float64, na_value=0.0)
        self.pupils: NDArray[np.float64] = np.where(self.routed, pupils, 0.0)

    def calm(self, run: Run) -> NDArray[np.bool_]:
        """Return which ways have a low-stress route by a run's rule set and what it says classes accept."""
        need = self._need(run.rules, cautious=True)
        accepted = self._level.map(run.accepted).to_numpy(dtype=np.int64)
        return np.asarray((need != NO_ROUTE) & (need <= accepted))

    def interval(self, rules: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the least and the most stress that each way may need, over what missing data could be."""
        return self._need(rules, cautious=False), self._need(rules, cautious=True)

    def _need(self, rules: str, *, cautious: bool) -> NDArray[np.int64]:
        column = self._both[f"{need_column(rules, cautious=cautious)}_{self._number}"]
        return np.asarray(column.astype("Int64").to_numpy(dtype=np.int64, na_value=NO_ROUTE))


def _nested(
    one: tuple[NDArray[np.int64], NDArray[np.int64]], other: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.bool_]:
    """Tell which intervals lie within one another, either way round."""
    within = (other[0] >= one[0]) & (other[1] <= one[1])
    around = (other[0] <= one[0]) & (other[1] >= one[1])
    return np.asarray(within | around)


def _share(pupils: NDArray[np.float64], calm: NDArray[np.bool_], which: str) -> float:
    whole = float(pupils.sum())
    if whole == 0.0:
        todo = "choose a run with schools, addresses and roads that belong together"
        raise MethodError(Fault("school_routes", "trips", f"nobody is followed to school in the {which} run", todo))
    return 100.0 * float(pupils[calm].sum()) / whole
