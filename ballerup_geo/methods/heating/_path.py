"""What is left on oil and gas year by year as zones are built, and three views of its CO2 that are never mixed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods.heating._present import FOSSIL
from ballerup_geo.methods.heating._stock import Stock
from ballerup_geo.methods.heating._tables import combustion_t
from ballerup_geo.spec import Given, Text

__all__ = ["BR18_SYSTEMS", "BR18_YEARS", "SCOPES", "br18_kg_kwh", "heat_path"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PERCENT = 100.0
KG_A_TONNE = 1000.0
KWH = 1000.0
BR18_YEARS = (2023, 2025, 2030, 2035, 2040)
BR18_SYSTEMS = ("el", "dh", "gas")
SCOPES: Mapping[str, Text] = {
    "all": Text(da="alle bygninger", en="all buildings"),
    "municipal": Text(da="kommunens bygninger", en="the municipality's buildings"),
}


def br18_kg_kwh(given: Given, system: str, year: Ints) -> Floats:
    """Return the life-cycle factor of a year (kg CO2e/kWh): straight between the table's years, flat beyond them."""
    table = [number_of(given, f"br18_{system}_{each}_kg_kwh") for each in BR18_YEARS]
    return np.asarray(np.interp(year, BR18_YEARS, table))


def heat_path(given: Given, stock: Stock, zone_year: Ints) -> pd.DataFrame:
    """Return a row for each scope and year, from the year before building begins.

    Of a building on oil or gas in a zone that is built in time, the share that connects (``connection_pct``) has left
    from the year its zone is done; of all others ``pump_yearly_pct`` of those there today change to heat pumps a year.

    Parameters
    ----------
    zone_year
        By building the year its zone is done, int64[n]; −1: not in time, or in no zone.
    """
    first, last = int(number_of(given, "phase_first_year")), int(number_of(given, "phase_last_year"))
    year = np.arange(first - 1, last + 1)
    fossil, burnt = np.isin(stock.present, FOSSIL), combustion_t(given, stock)
    timely = zone_year >= 0
    joined = timely[:, None] & (zone_year[:, None] <= year)
    by_net = np.asarray(joined * number_of(given, "connection_pct") / PERCENT, dtype=np.float64)
    pumped = np.minimum((year - first + 1) * number_of(given, "pump_yearly_pct") / PERCENT, 1.0)
    by_pump = np.asarray(np.where(timely[:, None], 0.0, pumped), dtype=np.float64)
    left = 1.0 - by_net - by_pump
    cycle = _life_cycle(given, stock, year, left, by_net, by_pump)
    rows = []
    for scope in SCOPES:
        mine = fossil & (stock.owner_kind == "municipality") if scope == "municipal" else fossil
        burn = burnt[mine] @ left[mine]
        rows.append(
            pd.DataFrame(
                {
                    "scope": np.full(year.size, scope, dtype=object),
                    "year": year.astype(np.int64),
                    "buildings": np.full(year.size, int(mine.sum()), dtype=np.int64),
                    "left_buildings": left[mine].sum(axis=0),
                    "left_mwh": stock.demand.kwh[mine] / KWH @ left[mine],
                    "account_t": _account(given, burn, "now") if scope == "all" else np.full(year.size, np.nan),
                    "account_line_t": _line(given, year) if scope == "all" else np.full(year.size, np.nan),
                    "burn_t": burn,
                    "br18_t": cycle[mine].sum(axis=0),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _account(given: Given, burn: Floats, name: str) -> Floats:
    """Return the account's tonnes as they fall with what is burnt, NaN where the account is unknown."""
    tonnes = number_of(given, f"account_{name}_t")
    if tonnes <= 0 or burn[0] <= 0:
        return np.full(burn.size, np.nan)
    return np.asarray(tonnes * burn / burn[0])


def _line(given: Given, year: Ints) -> Floats:
    """Return a straight way from the account's last tonnes to none in the target's year."""
    tonnes = number_of(given, "account_now_t")
    if tonnes <= 0:
        return np.full(year.size, np.nan)
    return np.asarray(tonnes * (year[-1] - year) / (year[-1] - year[0]))


def _life_cycle(given: Given, stock: Stock, year: Ints, left: Floats, by_net: Floats, by_pump: Floats) -> Floats:
    """Return tonnes CO2e of the heat of each building on gas today, float64[n, y], whatever heats it then; else 0."""
    factor = {system: br18_kg_kwh(given, system, year) for system in BR18_SYSTEMS}
    gas = left * factor["gas"] / (number_of(given, "gas_efficiency_pct") / PERCENT)
    pump = by_pump * factor["el"] / number_of(given, "hp_scop")
    kwh = np.where(stock.present == "gas", stock.demand.kwh, 0.0)
    return np.asarray(kwh[:, None] * (gas + by_net * factor["dh"] + pump) / KG_A_TONNE)
