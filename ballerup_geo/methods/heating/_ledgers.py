"""What heat costs in three ledgers that are kept apart: society, the heat company, the household.

Each ledger gives the levelised cost in DKK per MWh of heat that a building uses, for district heating, for a heat
pump of its own and, on gas today, for staying with a gas boiler. All prices are real and stand still unless a yearly
change is given.

*Society* follows the method of Energistyrelsen (Vejledning i samfundsøkonomiske analyser på energiområdet, July 2021,
sections 3.1–3.2): prices without taxes × the net-tax factor, damage by emissions that prices do not hold, and the
loss by distortion, which the taxes that a choice brings in spare elsewhere.
*Company* is whoever owns all plant up to the radiators, by pipe or by a heat pump let to the house: no VAT.
*Household* pays tariffs, taxes, VAT and the connection; pipes are in the tariffs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.heating._money import annuity, growth_factor
from ballerup_geo.spec import Text

__all__ = ["COMPONENTS", "LEDGERS", "RATES", "SYSTEMS", "Houses", "Ledger", "ledger_of", "margin"]

Floats = NDArray[np.float64]
Values = Mapping[str, float]
Lines = Mapping[str, Floats]

PERCENT = 100.0
KW_A_MW = 1000.0
KG_A_TONNE = 1000.0
G_A_KG = 1000.0

LEDGERS: Mapping[str, Text] = {
    "society": Text(da="samfund", en="society"),
    "company": Text(da="varmeselskab", en="heat company"),
    "household": Text(da="husstand", en="household"),
}
SYSTEMS: Mapping[str, Text] = {
    "dh": Text(da="fjernvarme", en="district heating"),
    "hp": Text(da="egen varmepumpe", en="heat pump of its own"),
    "gas": Text(da="gasfyr som i dag", en="gas boiler as today"),
}
COMPONENTS: Mapping[str, Text] = {
    "capital": Text(da="anlæg", en="plant"),
    "operation": Text(da="drift og vedligehold", en="operation and upkeep"),
    "energy": Text(da="energi", en="energy"),
    "tax": Text(da="energiafgift", en="energy tax"),
    "vat": Text(da="moms", en="VAT"),
    "net_tax": Text(da="nettoafgift", en="net tax"),
    "emissions": Text(da="udledning", en="emissions"),
    "distortion": Text(da="forvridning (sparet)", en="distortion (spared)"),
}
"""What a cost is made of; those that a ledger does not know are left out of it."""
POLLUTANTS = ("nox", "so2", "pm25")
RATES: Mapping[str, str] = {
    "society": "discount_rate_pct",
    "company": "company_rate_pct",
    "household": "household_rate_pct",
}
"""The assumption that holds a ledger's discount rate; society's is the one that pipes are laid with."""


@dataclass(frozen=True, slots=True)
class Houses:
    """Buildings that are to choose; all arrays are by building (float64[n]).

    ``heat_mwh`` a year, above 0; ``street_dkk`` their share of pipes in streets if all connect, ``service_dkk`` their
    service pipe; ``on_gas`` (bool[n]) whether staying with gas is a choice.
    """

    heat_mwh: Floats
    street_dkk: Floats
    service_dkk: Floats
    on_gas: NDArray[np.bool_]
    extra_dkk: float = 0.0
    """One-off sum on top of what connecting costs; the price of a connection that turns the answer is found by it."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ledger: by system (keys of ``SYSTEMS``) the lines of its cost in DKK/MWh, float64[n] by component."""

    lines: Mapping[str, Lines]

    def total(self, system: str) -> Floats:
        """Return the cost of heat from a system, DKK/MWh, NaN where it is no choice."""
        lines = tuple(self.lines[system].values())
        return np.asarray(np.sum(lines, axis=0), dtype=np.float64)


def ledger_of(name: str, houses: Houses, values: Values) -> Ledger:
    """Return one ledger (a key of ``LEDGERS``) with its own prices and rate, and no other's."""
    return Ledger(_BOOKS[name](houses, values))


def capacity_kw(houses: Houses, values: Values) -> Floats:
    """Return the heat capacity that a building needs: yearly heat / full-load hours."""
    return houses.heat_mwh * KW_A_MW / values["full_load_h"]


def connection_dkk(houses: Houses, values: Values) -> Floats:
    """Return the connection fee with VAT: a fixed sum, and more by capacity for large users."""
    large = houses.heat_mwh > values["tariff_connection_mwh"]
    more = np.where(large, values["tariff_connection_dkk_kw"] * capacity_kw(houses, values), 0.0)
    return values["tariff_connection_dkk"] + more + houses.extra_dkk


def pipes_dkk(houses: Houses, values: Values) -> Floats:
    """Return what pipes cost for a building: those who connect share the street's pipes among them."""
    return houses.street_dkk / _share(values, "connection_pct") + houses.service_dkk + houses.extra_dkk


def margin(houses: Houses, values: Values) -> Floats:
    """Return what a connection leaves the heat company, DKK/MWh: tariff and fee without VAT − cost up to the house.

    The unit in the house is its owner's, so it is in neither.
    """
    rate, years = _share(values, RATES["company"]), values["net_years"]
    without_vat = 1.0 + _share(values, "vat_pct")
    fee = connection_dkk(houses, values) * annuity(rate, years) / houses.heat_mwh
    income = (fee + _tariff(values, rate)) / without_vat
    book = _company(houses, values)["dh"]
    unit, upkeep = _plant("dh_unit", houses, values, rate)
    cost = np.sum(tuple(book.values()), axis=0) - unit - upkeep
    return np.asarray(income - cost, dtype=np.float64)


def _share(values: Values, name: str) -> float:
    return values[name] / PERCENT


def _plant(name: str, houses: Houses, values: Values, rate: float) -> tuple[Floats, Floats]:
    """Return capital and upkeep of plant in the building, DKK/MWh without VAT: a base price, and more by capacity."""
    more = np.maximum(capacity_kw(houses, values) - values["base_kw"], 0.0)
    price = values[f"{name}_dkk"] + values[f"{name}_dkk_kw"] * more
    yearly = price * annuity(rate, values[f"{name}_years"])
    return yearly / houses.heat_mwh, price * _share(values, f"{name}_om_pct") / houses.heat_mwh


def _pipes(houses: Houses, values: Values, rate: float) -> tuple[Floats, Floats]:
    """Return capital and upkeep of pipes, DKK/MWh."""
    price = pipes_dkk(houses, values)
    yearly = price * annuity(rate, values["net_years"])
    return yearly / houses.heat_mwh, price * _share(values, "pipe_om_pct") / houses.heat_mwh


def _used(system: str, values: Values) -> float:
    """Return the energy that goes in for each MWh of heat in the building."""
    return {
        "dh": 1.0 / (1.0 - _share(values, "network_loss_pct")),
        "hp": 1.0 / values["hp_scop"],
        "gas": 1.0 / _share(values, "gas_efficiency_pct"),
    }[system]


def _even(carrier: str, values: Values, rate: float) -> float:
    """Return the even price over the first year's, for electricity, district heat or gas."""
    return growth_factor(_share(values, f"{carrier}_growth_pct"), rate, int(values["horizon_years"]))


_CARRIER = {"dh": "dh", "hp": "el", "gas": "gas"}
_PLANT = {"dh": "dh_unit", "hp": "hp", "gas": "gas_boiler"}


def _owned(system: str, houses: Houses, values: Values, rate: float) -> tuple[Floats, Floats]:
    """Return capital and upkeep of all that a system needs: plant in the building, and pipes for district heating."""
    capital, upkeep = _plant(_PLANT[system], houses, values, rate)
    if system != "dh":
        return capital, upkeep
    pipes, pipe_upkeep = _pipes(houses, values, rate)
    return capital + pipes, upkeep + pipe_upkeep


def _only_on_gas(system: str, houses: Houses, line: Floats | float) -> Floats:
    spread = np.broadcast_to(np.asarray(line, dtype=np.float64), houses.heat_mwh.shape)
    return np.where(houses.on_gas, spread, np.nan) if system == "gas" else np.array(spread)


def _written(system: str, houses: Houses, **lines: Floats | float) -> Lines:
    return {name: _only_on_gas(system, houses, line) for name, line in lines.items()}


def _society(houses: Houses, values: Values) -> dict[str, Lines]:
    """(plant + upkeep + energy) × net-tax factor + damage − distortion share × taxes that come in.

    Damage costs are in market prices as they stand; VAT is within the net-tax factor.
    """
    rate = _share(values, RATES["society"])
    book = {}
    for system, carrier in _CARRIER.items():
        used = _used(system, values)
        capital, upkeep = _owned(system, houses, values, rate)
        energy = values[f"society_{carrier}_dkk_mwh"] * _even(carrier, values, rate) * used
        book[system] = _written(
            system,
            houses,
            capital=capital,
            operation=upkeep,
            energy=energy,
            net_tax=(values["society_net_tax_factor"] - 1.0) * (capital + upkeep + energy),
            emissions=_damage(carrier, values) * used,
            distortion=-_share(values, "society_distortion_pct") * values[f"{carrier}_tax_dkk_mwh"] * used,
        )
    return book


def _damage(carrier: str, values: Values) -> float:
    """Return the damage by what a carrier emits and its price does not hold, DKK per MWh of it."""
    co2_kg = values["gas_kg_kwh"] * KW_A_MW if carrier == "gas" else values[f"{carrier}_co2_kg_mwh"]
    air = (values[f"{carrier}_{name}_g_mwh"] / G_A_KG * values[f"society_{name}_dkk_kg"] for name in POLLUTANTS)
    return co2_kg / KG_A_TONNE * values["society_co2_dkk_t"] + sum(air)


def _company(houses: Houses, values: Values) -> dict[str, Lines]:
    rate = _share(values, RATES["company"])
    book = {}
    for system in ("dh", "hp"):
        carrier, used = _CARRIER[system], _used(system, values)
        capital, upkeep = _owned(system, houses, values, rate)
        book[system] = _written(
            system,
            houses,
            capital=capital,
            operation=upkeep,
            energy=values[f"company_{carrier}_dkk_mwh"] * _even(carrier, values, rate) * used,
            tax=values[f"{carrier}_tax_dkk_mwh"] * used,
        )
    return book


def _tariff(values: Values, rate: float) -> float:
    """Return the tariff of district heat with taxes and VAT, DKK/MWh."""
    return (values["tariff_heat_dkk_mwh"] + values["tariff_fixed_dkk_mwh"]) * _even("dh", values, rate)


def _household(houses: Houses, values: Values) -> dict[str, Lines]:
    rate, vat = _share(values, RATES["household"]), _share(values, "vat_pct")
    capital, upkeep = _plant("dh_unit", houses, values, rate)
    fee = connection_dkk(houses, values) / (1.0 + vat) * annuity(rate, values["dh_unit_years"]) / houses.heat_mwh
    lines: dict[str, dict[str, Floats | float]] = {
        "dh": {"capital": capital + fee, "operation": upkeep, "energy": _tariff(values, rate) / (1.0 + vat)}
    }
    for system in ("hp", "gas"):
        carrier, used = _CARRIER[system], _used(system, values)
        capital, upkeep = _plant(_PLANT[system], houses, values, rate)
        energy = np.asarray(values[f"household_{carrier}_dkk_mwh"] * _even(carrier, values, rate) * used)
        if system == "gas":
            energy = energy + values["household_gas_dkk_year"] / houses.heat_mwh
        tax = values[f"{carrier}_tax_dkk_mwh"] * used
        lines[system] = {"capital": capital, "operation": upkeep, "energy": energy, "tax": tax}
    return {
        system: _written(system, houses, **book, vat=vat * np.asarray(sum(book.values())))
        for system, book in lines.items()
    }


_BOOKS: Mapping[str, Callable[[Houses, Values], dict[str, Lines]]] = {
    "society": _society,
    "company": _company,
    "household": _household,
}
