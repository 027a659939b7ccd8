"""How much traffic stress a street puts on who cycles there: 1 (a child can) to 4 (few will), by published rule sets.

Where data are missing the answer is the interval over all values they could have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ballerup_geo.network._stress_axes import Floats, Ranges, spread
from ballerup_geo.network._stress_rules import RULES, RuleSet, rule_set
from ballerup_geo.network._stress_streets import FACILITIES, read_streets
from ballerup_geo.network._stress_table import judge

__all__ = ["level_of_traffic_stress", "stress_interval", "stress_table"]


def level_of_traffic_stress(
    streets: pd.DataFrame, *, rules: str = "furth-2.2", ranges: Ranges | None = None
) -> pd.Series[int]:
    """Return the level of each street, 1 to 4, int8, on the same index; the cautious (highest) one where data miss.

    Columns, of which only ``facility`` must be there: ``facility`` (path, track, lane, lane_beside_parking, mixed),
    ``speed_kmh`` (prevailing, or the limit), ``lanes_per_direction``, ``one_way``, ``centreline``, ``aadt`` (vehicles
    a day), ``lane_width_m``, ``reach_m`` (lane and parking together), ``carriageway_m``, ``parking_sides``; and for
    the rule sets that ask: ``road_class`` (or ``class``), ``residential``, ``median``, ``bus``, ``blocked``,
    ``kerb``, ``turn_lane``, ``buffered``, ``cycling_allowed``. A missing value may be anything; so may a missing
    column, unless the rule set's file says under ``absent`` what it is taken as.

    ``ranges`` narrows what a missing number may be: ``{"speed_kmh": (5, 50)}`` where unsigned streets lie in town.

    Raises
    ------
    MethodError
        When there is no such rule set.
    DataError
        When ``facility`` is missing or a value is impossible (unknown code, negative traffic); all are named.

    Notes
    -----
    Crossings are not part of a street's level: see :func:`crossing_stress`. Accidents, lighting and surface do not
    enter.

    Examples
    --------
    >>> import pandas as pd
    >>> street = {"facility": "mixed", "speed_kmh": 50, "lanes_per_direction": 1, "one_way": False, "centreline": False}
    >>> level_of_traffic_stress(pd.DataFrame([street | {"aadt": 400}, street])).tolist()
    [2, 3]
    """
    return stress_interval(streets, rules=rules, ranges=ranges)["stress_high"].rename("stress")


def stress_interval(streets: pd.DataFrame, *, rules: str = "furth-2.2", ranges: Ranges | None = None) -> pd.DataFrame:
    """Return ``stress_low``, ``stress_high`` (int8) and ``reason`` of each street, on the same index.

    The bounds are exact: some completion of the missing values reaches each. ``reason`` is empty where they meet,
    otherwise "missing …" with the attributes of which knowledge would narrow the interval. Columns and errors:
    :func:`level_of_traffic_stress`.
    """
    chosen = rule_set(rules)
    columns = _with_defaults(chosen, read_streets(streets), len(streets))
    tables = [chosen.tables[name] for name in FACILITIES]
    found = judge(tables, columns["facility"], "facility", columns, spread(ranges, len(streets)))
    return pd.DataFrame(
        {
            "stress_low": found.low,
            "stress_high": found.high,
            "reason": pd.Series(found.reason, index=streets.index, dtype="str"),
        },
        index=streets.index,
    )


def stress_table(streets: pd.DataFrame, *, rules: Sequence[str] = RULES, ranges: Ranges | None = None) -> pd.DataFrame:
    """Return what several rule sets say of each street, on the same index, so that their disagreement can be seen.

    Columns: ``<rule set> low`` and ``<rule set> high`` for each, ``stress_low`` (the lowest low), ``stress_high``
    (the highest high), ``spread`` (highest minus lowest cautious level; 0 where the rule sets agree). All int8.
    """
    each = {name: stress_interval(streets, rules=name, ranges=ranges) for name in rules}
    table = pd.DataFrame(index=streets.index)
    for name, found in each.items():
        table[f"{name} low"], table[f"{name} high"] = found["stress_low"], found["stress_high"]
    cautious = table[[f"{name} high" for name in rules]]
    table["stress_low"] = table[[f"{name} low" for name in rules]].min(axis=1)
    table["stress_high"] = cautious.max(axis=1)
    table["spread"] = cautious.max(axis=1) - cautious.min(axis=1)
    return table


def _with_defaults(chosen: RuleSet, columns: Mapping[str, Floats], count: int) -> dict[str, Floats]:
    absent = {name: np.full(count, value) for name, value in chosen.absent.items() if name not in columns}
    return dict(columns) | absent
