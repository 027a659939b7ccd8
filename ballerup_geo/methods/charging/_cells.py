"""The arithmetic of one cell of the target: the cars of a reading, their need, what there is, who finds a charger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods.charging._cars import HIGH, LOW, MAIN
from ballerup_geo.methods.charging._reach import Served, served
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.methods.charging._supply import SUPPLIES, supply_of
from ballerup_geo.spec import Given, Text

__all__ = [
    "ALL_CARS", "READINGS", "Reading", "Stock", "afir_kw", "cell_of", "charger_kwh", "reading_of", "readings_of",
    "room_cars", "stock_of",
]  # fmt: skip

Floats = NDArray[np.float64]

ALL_CARS, ELECTRIC_CARS = "all_cars", "electric_cars"
READINGS: Mapping[str, Text] = {
    ALL_CARS: Text(da="25 % af alle biler", en="25 % of all cars"),
    ELECTRIC_CARS: Text(da="25 % af elbilerne", en="25 % of the electric cars"),
}
BOUNDS = (MAIN, LOW, HIGH)
OPPOSITE = {MAIN: MAIN, LOW: HIGH, HIGH: LOW}
"""Little is covered where much is asked for."""
DAYS_A_YEAR = 365.0
PERCENT = 100.0
UNKNOWN = (
    "supply_kwh", "energy_pct", "energy_low_pct", "energy_high_pct", "gap_kwh", "supply_kw", "power_pct", "gap_kw",
    "near_cars", "near_pct", "far_cars", "far_pct", "gap_cars",
)  # fmt: skip
"""What nobody can say of a cell while the chargers are unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The cars that are to be covered: float64[n] battery electric ones and plug-in hybrids of each door."""

    bev: Floats
    phev: Floats
    home: Floats
    """Share of them that can charge at home."""

    @property
    def cars(self) -> Floats:
        """All of them."""
        return self.bev + self.phev

    @property
    def no_home(self) -> Floats:
        """Those that cannot charge at home."""
        return self.cars * (1.0 - self.home)

    def at_home(self) -> Reading:
        """Return those that can charge at home."""
        return Reading(self.bev * self.home, self.phev * self.home, self.home)


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """The chargers there are, by the readings of what infrastructure is."""

    kwh: Mapping[str, Floats]
    """Bound of the utilisation → float64[sites] energy in a year."""
    kw: Floats
    belongs: Mapping[str, NDArray[np.bool_]]
    """Supply → which sites belong to it."""
    near: csr_array
    """``[doors, sites]`` metres, ways within the short walk."""
    far: csr_array
    """Those within the longer walk."""


def afir_kw(bev: float, phev: float, *, kw_per_bev: float, kw_per_phev: float) -> float:
    """Return the public power that Regulation (EU) 2023/1804, article 3, asks a member state for, at these cars' share.

    Examples
    --------
    >>> round(afir_kw(6175.0, 0.0, kw_per_bev=1.3, kw_per_phev=0.8), 1)
    8027.5
    """
    return kw_per_bev * bev + kw_per_phev * phev


def charger_kwh(chargers: pd.DataFrame, *, utilisation: float) -> Floats:
    """Return the energy of each charging site in a year: plugs × kW × open hours × 365 × utilisation."""
    power = chargers["plugs"].to_numpy(np.float64) * chargers["power_kw"].to_numpy(np.float64)
    return np.asarray(power * chargers["hours"].to_numpy(np.float64) * DAYS_A_YEAR * utilisation)


def room_cars(kwh: Floats, *, for_residents: float, kwh_per_car: float) -> Floats:
    """Return how many cars without a charger at home the energy of each site suffices for."""
    return np.divide(kwh * for_residents, kwh_per_car) if kwh_per_car > 0 else np.full(len(kwh), np.inf)


def reading_of(
    scene: Scene, reading: str, year: int, *, share: float, scenario: str = MAIN, home: str = MAIN
) -> Reading:
    """Return the cars of a reading of the plan's words in a year.

    *all_cars*: that share of all cars, taken as battery electric; before the target year no more than there are.
    *electric_cars*: that share of the electric cars, plug-in hybrids with them. Both spread as the electric cars do.

    Parameters
    ----------
    share
        The plan's share, 0.25.
    home
        Bound of the share that can charge at home.
    """
    bev, phev = scene.cars.bev(scenario, year), scene.cars.phev(scenario, year)
    at_home = scene.home_share(home)
    if reading == ELECTRIC_CARS:
        return Reading(share * bev, share * phev, at_home)
    wanted = share * float(scene.cars.cars.sum())
    there = float(bev.sum())
    if year < scene.cars.target_year:
        wanted = min(wanted, there)
    scale = wanted / there if there > 0 else 0.0
    return Reading(bev * scale, np.zeros(len(phev)), at_home)


def readings_of(scene: Scene, reading: str, year: int, *, share: float) -> dict[str, Reading]:
    """Return the cars of a reading at the bounds of what is covered.

    Least is covered of many electric cars, few of which can charge at home; most of few, many of which can.
    """
    return {
        bound: reading_of(scene, reading, year, share=share, scenario=OPPOSITE[bound], home=bound) for bound in BOUNDS
    }


def stock_of(given: Given, scene: Scene) -> Stock | None:
    """Return the chargers there are; None where they are unknown."""
    chargers = scene.chargers
    if chargers is None:
        return None
    shares = {LOW: "utilisation_low_pct", MAIN: "utilisation_pct", HIGH: "utilisation_high_pct"}
    far = scene.walk.to_sites(chargers.geometry, limit_m=number_of(given, "walk_far_m"))
    ways = far.tocoo()
    kept = ways.data <= number_of(given, "walk_near_m")
    return Stock(
        kwh={
            bound: charger_kwh(chargers, utilisation=number_of(given, name) / PERCENT) for bound, name in shares.items()
        },
        kw=(chargers["plugs"] * chargers["power_kw"]).to_numpy(np.float64),
        belongs={supply: supply_of(chargers["access"], supply) for supply in SUPPLIES},
        near=csr_array((ways.data[kept], (ways.row[kept], ways.col[kept])), shape=far.shape),
        far=far,
    )


def cell_of(
    given: Given, scene: Scene, readings: Mapping[str, Reading], supply: str, stock: Stock | None
) -> tuple[dict[str, Any], Served | None]:
    """Return the row of one cell, and who finds a free charger within the longer walk (None: chargers are unknown).

    Parameters
    ----------
    readings
        See `readings_of`.
    """
    cars = readings[MAIN]
    no_home = float(cars.no_home.sum())
    row: dict[str, Any] = {
        "cars": float(cars.cars.sum()),
        "cars_no_home": no_home,
        "need_kwh": _kwh(scene, cars, MAIN),
        "need_kw": _kw(given, cars),
    }
    if stock is None:
        return {**dict.fromkeys(UNKNOWN), **row}, None
    near, far = (_walked(given, scene, cars, supply, stock, reach) for reach in (stock.near, stock.far))
    return {
        **row,
        **_energy(scene, readings, supply, stock),
        **_power(given, cars, supply, stock),
        "near_cars": near.total,
        "near_pct": _pct(near.total, no_home),
        "far_cars": far.total,
        "far_pct": _pct(far.total, no_home),
        "gap_cars": no_home - far.total,
    }, far


def _pct(part: float, whole: float) -> float:
    """Return the share covered in percent, at most 100; where there is nothing to cover, all is covered."""
    return PERCENT * min(1.0, part / whole) if whole > 0 else PERCENT


def _kwh(scene: Scene, cars: Reading, bound: str) -> float:
    """Return what cars use in a year."""
    equivalent = float(cars.bev.sum()) + scene.energy.phev_share * float(cars.phev.sum())
    return equivalent * scene.energy.bev_kwh[bound]


def _kw(given: Given, cars: Reading) -> float:
    return afir_kw(
        float(cars.bev.sum()),
        float(cars.phev.sum()),
        kw_per_bev=number_of(given, "afir_kw_per_bev"),
        kw_per_phev=number_of(given, "afir_kw_per_phev"),
    )


def _energy(scene: Scene, readings: Mapping[str, Reading], supply: str, stock: Stock) -> dict[str, float]:
    """Return the use that the supply can cover.

    Low: poorly used chargers, many cars that use much and seldom charge at home; high: the opposite.
    """
    there, need = {}, {}
    for bound, cars in readings.items():
        use = OPPOSITE[bound]
        there[bound] = float(stock.kwh[bound][stock.belongs[supply]].sum()) + _own_kwh(scene, cars, supply, use)
        need[bound] = _kwh(scene, cars, use)
    return {
        "supply_kwh": there[MAIN],
        "energy_pct": _pct(there[MAIN], need[MAIN]),
        "energy_low_pct": _pct(there[LOW], need[LOW]),
        "energy_high_pct": _pct(there[HIGH], need[HIGH]),
        "gap_kwh": max(0.0, need[MAIN] - there[MAIN]),
    }


def _own_kwh(scene: Scene, cars: Reading, supply: str, bound: str) -> float:
    """Return what cars take from chargers of their own, where these count as infrastructure."""
    if supply != "home":
        return 0.0
    return _kwh(scene, cars.at_home(), bound) * (1.0 - scene.energy.away_home)


def _power(given: Given, cars: Reading, supply: str, stock: Stock) -> dict[str, float]:
    """Return the power there is against AFIR's arithmetic; a charger at home counts for what its own car asks for."""
    own = _kw(given, cars.at_home()) if supply == "home" else 0.0
    there, need = float(stock.kw[stock.belongs[supply]].sum()) + own, _kw(given, cars)
    return {"supply_kw": there, "power_pct": _pct(there, need), "gap_kw": max(0.0, need - there)}


def _walked(given: Given, scene: Scene, cars: Reading, supply: str, stock: Stock, reach: csr_array) -> Served:
    """Serve the cars without charging at home by the chargers of the supply within a walk.

    A plug-in hybrid takes the room of a battery electric car.
    """
    room = room_cars(
        stock.kwh[MAIN] * stock.belongs[supply],
        for_residents=number_of(given, "for_residents_pct") / PERCENT,
        kwh_per_car=float(scene.away_kwh(np.ones(1))[0]),
    )
    return served(reach, cars.no_home, room)
