"""Heat for rooms and hot water of each building: what a meter said, else area × what such buildings use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.spec import Text
from ballerup_geo.spec.codelists import register_classes

__all__ = ["CLASSES", "METHODS", "Demand", "calibrated", "corrected", "estimate", "heat_classes", "measured"]

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

CLASSES: Mapping[str, Text] = {
    "house": Text(da="fritliggende hus", en="detached house"),
    "row": Text(da="række-, kæde- og dobbelthus", en="terraced or semi-detached house"),
    "flat": Text(da="etagebolig", en="block of flats"),
    "institution": Text(da="døgninstitution", en="residential institution"),
    "public": Text(da="offentligt", en="public"),
    "leisure": Text(da="kultur, idræt og fritid", en="culture, sport and leisure"),
    "trade": Text(da="handel og service", en="trade and services"),
    "industry": Text(da="industri, håndværk og lager", en="industry, workshops and storage"),
    "other": Text(da="andet opvarmet", en="other heated"),
}
"""Classes that heat demand is known for."""
METHODS: Mapping[str, Text] = {
    "measured": Text(da="målt", en="measured"),
    "rate": Text(da="areal × nøgletal efter opførelsesår", en="area × rate by year built"),
    "rate_any_year": Text(
        da="areal × klassens middel; opførelsesår ukendt", en="area × mean of the class; year unknown"
    ),
    "area_estimated": Text(
        da="nøgletal × areal skønnet af grund og etager", en="rate × area judged by footprint and storeys"
    ),
    "none": Text(da="intet areal kendt: 0", en="no area known: 0"),
}
"""How the demand of a building was found."""

HOUSES, ROWS, FLATS = (110, 120, 185, 510), (121, 122, 130, 131, 132), (140, 150, 190)
INSTITUTIONS = (160,)
LEISURE = (410, 411, 412, 413, 414, 415, 416, 419, 530, 531, 532, 533, 534, 539)
INDUSTRY = (*range(210, 240), 290, 310, 311, 312, 313, 319, 323)
UNHEATED = (314, 315, *range(910, 1000))
"""Uses that are no heat demand: car parks, garages, outbuildings."""
YEARS = (1001, 2100)
"""Register years within are years; 1000 stands for unknown."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Heat demand of each building in a normal year, kWh: main value, low, high (float64[n]), and how it was found."""

    kwh: Floats
    low: Floats
    high: Floats
    method: Names

    @property
    def estimated(self) -> NDArray[np.bool_]:
        """Which buildings are not measured, bool[n]."""
        return np.asarray(self.method != "measured")


def heat_classes(use_code: NDArray[np.int64]) -> Names:
    """Return the heat class of each use (keys of ``CLASSES``), None where the use is not heated.

    Examples
    --------
    >>> heat_classes(np.array([120, 131, 140, 421, 910, 314, 540])).tolist()
    ['house', 'row', 'flat', 'public', None, None, 'other']
    """
    wide = register_classes("bbr_021")
    named = {**dict.fromkeys(HOUSES, "house"), **dict.fromkeys(ROWS, "row"), **dict.fromkeys(FLATS, "flat")}
    named |= dict.fromkeys(INSTITUTIONS, "institution") | dict.fromkeys(LEISURE, "leisure")
    named |= dict.fromkeys(INDUSTRY, "industry")
    fallback = {"dwelling": "house", "business": "trade", "public": "public", "other": "other"}
    found = []
    codes, place = np.unique(use_code, return_inverse=True)
    for code in codes.tolist():
        found.append(None if code in UNHEATED else named.get(code, fallback[wide.get(code, "other")]))
    return np.array(found, dtype=object)[place.reshape(-1)]


def corrected(kwh: Floats, degree_days: Floats, *, normal: float, space_share: float) -> Floats:
    """Bring heat of a year to a normal year: the share for rooms goes with the degree days, hot water does not.

    kWh × (space_share × normal / degree_days + 1 − space_share); unchanged where degree days are unknown (NaN).

    Examples
    --------
    >>> corrected(np.array([100.0]), np.array([2700.0]), normal=3037.0, space_share=0.8).round(2).tolist()
    [109.99]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = space_share * normal / degree_days + 1 - space_share
    return np.asarray(kwh * np.where(np.isfinite(factor), factor, 1.0))


def estimate(
    kind: Names, year: NDArray[np.int64], area_m2: Floats, rates: pd.DataFrame, *, area_known: NDArray[np.bool_]
) -> Demand:
    """Multiply areas by rates of class and year built.

    Parameters
    ----------
    kind, year, area_m2
        Class, year built (−1: unknown) and heated area of each building.
    rates
        Rows by ``heat_class`` and ``from_year`` – ``to_year``: ``kwh_m2`` with its low and high.
    area_known
        False where the area was judged.

    Where the year is unknown, the mean of the class's rows counts, from the lowest low to the highest high.

    Raises
    ------
    DataError
        Rows of a class overlap, a low is above its high, or a class of the town has no row.
    """
    check_rates(rates, set(kind))
    main, low, high = (np.zeros(len(kind)) for _ in range(3))
    method = np.full(len(kind), "rate", dtype=object)
    for name, rows in rates.groupby("heat_class", sort=True):
        rows = rows.sort_values("from_year")
        mine = np.flatnonzero(kind == name)
        start, end = rows["from_year"].to_numpy(np.int64), rows["to_year"].to_numpy(np.int64)
        at = np.searchsorted(start, year[mine], side="right") - 1
        known = (at >= 0) & (year[mine] <= end[at])
        values = rows[["kwh_m2", "low_kwh_m2", "high_kwh_m2"]].to_numpy(np.float64)
        anything = np.array([values[:, 0].mean(), values[:, 1].min(), values[:, 2].max()])
        found = np.where(known[:, None], values[at], anything)
        main[mine], low[mine], high[mine] = (found * area_m2[mine, None]).T
        method[mine[~known]] = "rate_any_year"
    method[~area_known] = "area_estimated"
    method[area_m2 <= 0] = "none"
    return Demand(main, low, high, method)


def check_rates(rates: pd.DataFrame, needed: set[str]) -> None:
    """Refuse rates that contradict themselves or leave a class of the town out."""
    faults = []
    for name, rows in rates.sort_values(["heat_class", "from_year"]).groupby("heat_class"):
        start, end = rows["from_year"].to_numpy(), rows["to_year"].to_numpy()
        if (end < start).any() or (start[1:] <= end[:-1]).any():
            faults.append(Fault("layer heat_rates", str(name), "years overlap or run backwards", "each year once"))
        if ((rows["low_kwh_m2"] > rows["kwh_m2"]) | (rows["kwh_m2"] > rows["high_kwh_m2"])).any():
            faults.append(Fault("layer heat_rates", str(name), "a low lies above its value or high", "order them"))
    for name in sorted(needed - set(rates["heat_class"])):
        faults.append(Fault("layer heat_rates", name, "buildings of this class have no rate", "add a row"))
    if faults:
        raise DataError(faults)


def measured(demand: Demand, kwh: Floats, *, error_share: float) -> Demand:
    """Put measured heat (kWh of a normal year, NaN where there is none) in place of what was estimated."""
    known = np.isfinite(kwh)
    return Demand(
        np.where(known, kwh, demand.kwh),
        np.where(known, kwh * (1 - error_share), demand.low),
        np.where(known, kwh * (1 + error_share), demand.high),
        np.where(known, "measured", demand.method).astype(object),
    )


def calibrated(demand: Demand, known_kwh: float) -> tuple[Demand, float]:
    """Scale estimates so that all buildings sum to a known total; returns the factor too. 0: no total is known.

    Raises
    ------
    MethodError
        What is measured alone is more than the total, or there is nothing to scale.
    """
    if known_kwh <= 0:
        return demand, 1.0
    rough = demand.estimated
    fixed, free = float(demand.kwh[~rough].sum()), float(demand.kwh[rough].sum())
    if known_kwh < fixed or free <= 0:
        what = f"the known total of {known_kwh / 1e6:.1f} GWh leaves nothing for buildings without a meter"
        raise MethodError(Fault("assumption", "known_total_mwh", what, "give the total of the same buildings, or 0"))
    factor = (known_kwh - fixed) / free
    scale = np.where(rough, factor, 1.0)
    return Demand(demand.kwh * scale, demand.low * scale, demand.high * scale, demand.method), factor
