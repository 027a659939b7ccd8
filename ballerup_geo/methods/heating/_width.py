"""Effective width: how long the trench of a zone would be by a rule of thumb, beside the trench that was laid out.

A cross-check that knows nothing of streets. The land a zone covers, A, is L × w for a trench of length L; the effective
width w follows from the plot ratio e, floor area / land: w = a · e^b (Persson & Werner, Applied Energy 88 (2011) 568).
The coefficients are assumptions, for the paper was not at hand.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._columns import figure
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.heating._columns import of_homes
from ballerup_geo.methods.heating._shares import HANDED, ZONE_COLUMN
from ballerup_geo.methods.heating._stock import Stock
from ballerup_geo.spec import Assumption, Given, Indicator

__all__ = ["WIDTH", "WIDTH_COLUMNS", "effective_width_m", "land_of"]

Floats = NDArray[np.float64]

MWH = 1000.0
PERCENT = 100.0
WIDTH_COLUMNS = (
    figure("land_m2", "m²", "matrikler under bygningerne", "parcels under the buildings"),
    figure("plot_ratio", "1", "bebyggelsestæthed: opvarmet areal / matrikler", "plot ratio: heated area / parcels"),
    figure("rule_trench_m", "m", "tracé efter effektiv bredde (kontrol)", "trench by effective width (check)"),
    of_homes("rule_mwh_m", "MWh/m", "varme pr. meter efter effektiv bredde", "heat a metre by effective width"),
)


def effective_width_m(plot_ratio: Floats, *, factor_m: float, power: float) -> Floats:
    """Return the width of land that a metre of trench serves: factor · plot ratio ^ power; NaN where it is unknown.

    Examples
    --------
    >>> effective_width_m(np.array([1.0, 0.25, np.nan]), factor_m=60.0, power=-0.5).tolist()
    [60.0, 120.0, nan]
    """
    known = np.where(plot_ratio > 0, plot_ratio, np.nan)
    return np.asarray(factor_m * known**power)


def land_of(zone: NDArray[np.int64], parcel: NDArray[np.int64], area_m2: Floats, *, zones: int) -> Floats:
    """Return the area of the parcels of each zone's buildings, each parcel once a zone; NaN where one has no parcel.

    Parameters
    ----------
    zone, parcel
        Of each building: its zone (−1: none) and its parcel (−1: none).
    area_m2
        Of all parcels.

    Examples
    --------
    >>> land_of(np.array([0, 0, 1]), np.array([2, 2, -1]), np.array([9.0, 9.0, 50.0]), zones=2).tolist()
    [50.0, nan]
    """
    inside = zone >= 0
    pairs = np.unique(np.stack([zone[inside], parcel[inside]], axis=1), axis=0)
    areas = np.where(pairs[:, 1] >= 0, np.append(area_m2, np.nan)[pairs[:, 1]], np.nan)
    return np.asarray(np.bincount(pairs[:, 0], areas, zones), dtype=np.float64)


def _width(given: Given, stock: Stock, found: Found) -> Found:
    zones, handed = found.tables["heat_zones"], found.columns.get(HANDED)
    unknown: dict[str, float | None] = {"rule_trench_pct": None}
    if handed is None or not len(zones) or not (stock.ground.parcel >= 0).any():
        return Found(indicators=unknown, notes=(_NO_PARCELS,) if len(zones) else ())
    place = pd.Index(zones["zone_id"])
    zone = place.get_indexer(pd.Index(handed[ZONE_COLUMN].reindex(stock.building_id))).astype(np.int64)
    floor: Floats = np.bincount(zone[zone >= 0], stock.area_m2[zone >= 0], len(zones)).astype(np.float64)
    land = land_of(zone, stock.ground.parcel, stock.ground.area_m2, zones=len(zones))
    factor, power = number_of(given, "effective_width_m"), number_of(given, "effective_width_power")
    trench = land / effective_width_m(floor / land, factor_m=factor, power=power)
    heat = zones["heat_mwh"].to_numpy(np.float64)
    columns = pd.DataFrame(
        {"land_m2": land, "plot_ratio": floor / land, "rule_trench_m": trench, "rule_mwh_m": heat / trench},
        index=pd.Index(zones["zone_id"], name="zone_id"),
    )
    known = np.isfinite(trench)
    laid = (zones["trench_m"] - zones["trunk_m"]).to_numpy(np.float64)
    share = PERCENT * float(trench[known].sum()) / float(laid[known].sum()) if known.any() else None
    return Found(columns={"heat_zones": columns}, indicators={"rule_trench_pct": share})


_NO_PARCELS: Words = {
    "da": "Matriklerne er ukendte: zonernes tracé er ikke holdt op mod den effektive bredde.",
    "en": "Parcels are unknown: the trench of the zones was not held against the effective width.",
}

WIDTH: Part[Stock] = Part(
    compute=_width,
    assumptions=(
        Assumption("effective_width_m", "m", minimum=1.0, maximum=1000.0),
        Assumption("effective_width_power", "1", minimum=-2.0, maximum=2.0),
    ),
    indicators=(
        Indicator(
            "rule_trench_pct",
            "%",
            "Zonernes tracé efter effektiv bredde, af det tracé, der er lagt ud (kontrol)",
            "Trench of the zones by effective width, of the trench laid out (check)",
        ),
    ),
    limits=(
        {
            "da": (
                "Den effektive bredde er en kontrol uden gader: koefficienterne er ikke efterprøvet, og jorden er "
                "matriklerne under zonens bygninger, uden veje og grønne områder. Er de to længder langt fra hinanden, "
                "så se på zonen."
            ),
            "en": (
                "Effective width is a check that knows no streets: its coefficients are unverified, and land is the "
                "parcels under the zone's buildings, without roads and greens. Where the two lengths differ much, look "
                "at the zone."
            ),
        },
    ),
)
"""Effective width beside the layout."""
