"""How buildings are heated: BBR codes 056 (installation), 057 (fuel) and 058 (supplement).

District heating lies around the centres and in the estates, gas in the villa quarters; some oil is left, and heat pumps
replace it house by house.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.sources.model.plan import quarters

__all__ = ["Heating", "heat"]

DISTRICT, CENTRAL, HEAT_PUMP, ELECTRIC, NONE = 1, 2, 5, 7, 9
ON_ELECTRICITY, OIL, SOLID, GAS = 1, 3, 4, 7
NO_FUEL = 0
WAYS: tuple[tuple[int, int], ...] = (
    (DISTRICT, NO_FUEL),
    (CENTRAL, GAS),
    (CENTRAL, OIL),
    (HEAT_PUMP, ON_ELECTRICITY),
    (ELECTRIC, ON_ELECTRICITY),
    (CENTRAL, SOLID),
    (NONE, NO_FUEL),
)
"""Installation and fuel; the shares below follow this order."""
SHARES: dict[str, tuple[float, ...]] = {
    "villa": (0.08, 0.62, 0.07, 0.15, 0.06, 0.02, 0.0),
    "villa near the centre": (0.42, 0.36, 0.04, 0.12, 0.05, 0.01, 0.0),
    "rows": (0.55, 0.25, 0.01, 0.07, 0.12, 0.0, 0.0),
    "flats": (0.95, 0.04, 0.0, 0.01, 0.0, 0.0, 0.0),
    "business": (0.5, 0.36, 0.02, 0.07, 0.05, 0.0, 0.0),
    "hut": (0.0, 0.0, 0.0, 0.03, 0.55, 0.0, 0.42),
    "farm": (0.0, 0.1, 0.35, 0.2, 0.05, 0.3, 0.0),
    "barn": (0.0, 0.0, 0.0, 0.0, 0.05, 0.0, 0.95),
    "public": (0.8, 0.17, 0.0, 0.03, 0.0, 0.0, 0.0),
    "secondary": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
}
GROUPS: dict[str, str] = {
    "villa": "villa",
    "unit": "rows",
    "row": "rows",
    "flats": "flats",
    "centre": "flats",
    "shop": "business",
    "business": "business",
    "store": "business",
    "hut": "hut",
    "farm": "farm",
    "barn": "barn",
    "school": "public",
    "daycare": "public",
    "hall": "public",
    "pool": "public",
    "club": "public",
}
NEAR_CENTRE = ("Ballerup Øst", "Ballerup Syd", "Skovlunde Nord")
ALL_ELECTRIC_FROM = 2008
"""Houses built since then have district heating or a heat pump."""
SUPPLEMENTS = ((90, 0.6), (2, 0.2), (1, 0.07), (4, 0.05), (5, 0.03), (7, 0.03), (0, 0.02))


@dataclass(frozen=True, slots=True)
class Heating:
    """Codes of every building; 0 means none stands in the register."""

    installation: NDArray[np.int64]
    fuel: NDArray[np.int64]
    supplement: NDArray[np.int64]


def heat(
    role: NDArray[np.str_],
    quarter: NDArray[np.int64],
    year: NDArray[np.int64],
    rng: np.random.Generator,
) -> Heating:
    """Draw how every building is heated."""
    names = np.array([*[each.name for each in quarters()], ""])[quarter]
    group = np.array([GROUPS.get(str(each), "secondary") for each in role], dtype="U24")
    group[(group == "villa") & np.isin(names, NEAR_CENTRE)] = "villa near the centre"
    limits = np.array([np.cumsum(SHARES[name]) / sum(SHARES[name]) for name in SHARES])
    row = np.array([list(SHARES).index(str(each)) for each in group])
    way = (rng.random(len(role))[:, None] >= limits[row]).sum(axis=1)
    modern = (year >= ALL_ELECTRIC_FROM) & np.isin(way, (1, 2, 4, 5)) & (group != "hut")
    way[modern] = 3
    codes = np.array(WAYS, dtype=np.int64)[np.minimum(way, len(WAYS) - 1)]
    options, weights = np.array(SUPPLEMENTS).T
    supplement = rng.choice(options.astype(np.int64), len(role), p=weights / weights.sum())
    dwelling = np.isin(role, ("villa", "unit", "farm"))
    return Heating(codes[:, 0], codes[:, 1], np.where(dwelling, supplement, 90))
