"""Where the answer turns: flip prices, the swing of each assumption (tornado), and connection rates.

A ledger's answer is what costs less in it: district heating or a heat pump. Costs are linear in every price, so the
price that turns the answer follows from two evaluations and is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.heating._ledgers import (
    RATES,
    Floats,
    Houses,
    Ledger,
    Values,
    connection_dkk,
    ledger_of,
    pipes_dkk,
)
from ballerup_geo.spec import Text

__all__ = ["ANSWERS", "FLIPS", "PRICES", "SWINGS", "Step", "answer_of", "cheapest_of", "flips", "steps", "swung"]

Names = NDArray[np.object_]

PERCENT = 100.0
STEP = 1000.0
"""What a price is raised by, to read off how a cost follows it."""

ANSWERS: Mapping[str, Text] = {
    "dh": Text(da="fjernvarme", en="district heating"),
    "hp": Text(da="varmepumpe", en="heat pump"),
}
PRICES: Mapping[str, Mapping[str, str]] = {
    "society": {"el": "society_el_dkk_mwh", "heat": "society_dh_dkk_mwh", "gas": "society_gas_dkk_mwh"},
    "company": {"el": "company_el_dkk_mwh", "heat": "company_dh_dkk_mwh"},
    "household": {"el": "household_el_dkk_mwh", "heat": "tariff_heat_dkk_mwh", "gas": "household_gas_dkk_mwh"},
}
"""The assumption that holds a ledger's price of electricity, district heat and gas."""
FLIPS = ("el", "heat", "gas", "connection")


def answer_of(ledger: Ledger) -> Names:
    """Return what costs less, district heating or a heat pump (keys of ``ANSWERS``); district heating where equal."""
    return np.where(ledger.total("dh") <= ledger.total("hp"), "dh", "hp").astype(object)


def cheapest_of(ledger: Ledger) -> Names:
    """Return what costs least of all that is a choice, staying with gas among it (keys of ``SYSTEMS``)."""
    answer = answer_of(ledger)
    if "gas" in ledger.lines:
        best = np.minimum(ledger.total("dh"), ledger.total("hp"))
        answer[ledger.total("gas") < best] = "gas"
    return answer


def flips(name: str, houses: Houses, values: Values) -> dict[str, Floats]:
    """Return the prices at which a ledger's answer turns, other things equal (float64[n], NaN: no price turns it).

    ``el`` and ``heat``
        The price, in the words of the assumption, at which district heating and heat pump cost the same.
    ``gas``
        The price from which leaving gas pays for who is on gas; a company sells no gas.
    ``connection``
        The one-off sum at which they cost the same: for the household its fee, else what pipes and service cost.
    """
    ledger = ledger_of(name, houses, values)
    gap = ledger.total("hp") - ledger.total("dh")
    found = {}
    for price, system, room in (("el", "hp", -gap), ("heat", "dh", gap)):
        found[price] = values[PRICES[name][price]] + room / _slope(name, system, price, houses, values)
    if "gas" in PRICES[name]:
        room = np.minimum(ledger.total("dh"), ledger.total("hp")) - ledger.total("gas")
        found["gas"] = values[PRICES[name]["gas"]] + room / _slope(name, "gas", "gas", houses, values)
    dearer = ledger_of(name, replace(houses, extra_dkk=houses.extra_dkk + STEP * STEP), values)
    slope = (dearer.total("dh") - ledger.total("dh")) / (STEP * STEP)
    paid = connection_dkk(houses, values) if name == "household" else pipes_dkk(houses, values)
    found["connection"] = paid + gap / slope
    return {price: np.where(value >= 0.0, value, np.nan) for price, value in found.items()}


def _slope(name: str, system: str, price: str, houses: Houses, values: Values) -> Floats:
    """Return how a system's cost follows a price: DKK/MWh for each DKK/MWh."""
    assumption = PRICES[name][price]
    before = ledger_of(name, houses, values).total(system)
    after = ledger_of(name, houses, {**values, assumption: values[assumption] + STEP}).total(system)
    return (after - before) / STEP


@dataclass(frozen=True, slots=True)
class Swing:
    """An assumption, or some that move together, and how far it may lie from its value.

    ``share``: ± the percentage that the assumption ``by`` holds; ``points``: ± so many points; ``pair``: from the
    assumption ``by`` with "low" for its braces to the one with "high"; ``heat`` and ``pipes`` move the buildings.
    """

    words: Text
    names: tuple[str, ...]
    how: Literal["share", "points", "pair", "heat", "pipes"]
    by: str
    ledgers: tuple[str, ...] = ("society", "company", "household")


_SUPPLY = ("society", "company")
SWINGS: Mapping[str, Swing] = {
    "heat": Swing(Text(da="bygningens varmebehov", en="heat demand of the building"), (), "heat", ""),
    "el_price": Swing(Text(da="elpris", en="price of electricity"), ("{el}",), "share", "energy_spread_pct"),
    "heat_price": Swing(
        Text(da="fjernvarmepris", en="price of district heat"), ("{heat}",), "share", "energy_spread_pct"
    ),
    "el_growth": Swing(
        Text(da="elprisens årlige ændring", en="yearly change of the price of electricity"),
        ("el_growth_pct",),
        "points",
        "growth_spread_points",
    ),
    "dh_growth": Swing(
        Text(da="fjernvarmeprisens årlige ændring", en="yearly change of the price of district heat"),
        ("dh_growth_pct",),
        "points",
        "growth_spread_points",
    ),
    "scop": Swing(
        Text(da="varmepumpens effektivitet", en="heat pump's efficiency"), ("hp_scop",), "pair", "hp_scop_{}"
    ),
    "hp_invest": Swing(
        Text(da="varmepumpens pris", en="price of the heat pump"), ("hp_dkk", "hp_dkk_kw"), "share", "invest_spread_pct"
    ),
    "unit_invest": Swing(
        Text(da="fjernvarmeunittens pris", en="price of the district-heating unit"),
        ("dh_unit_dkk", "dh_unit_dkk_kw"),
        "share",
        "invest_spread_pct",
    ),
    "pipes": Swing(Text(da="rørenes pris", en="price of pipes"), (), "pipes", "pipe_spread_pct", _SUPPLY),
    "connection_rate": Swing(
        Text(da="tilslutningsandel", en="share that connects"),
        ("connection_pct",),
        "pair",
        "connection_{}_pct",
        _SUPPLY,
    ),
    "connection_fee": Swing(
        Text(da="tilslutningsbidrag", en="connection fee"),
        ("tariff_connection_dkk",),
        "pair",
        "tariff_connection_{}_dkk",
        ("household",),
    ),
    "loss": Swing(
        Text(da="nettab", en="loss in the network"), ("network_loss_pct",), "pair", "network_loss_{}_pct", _SUPPLY
    ),
    "rate": Swing(Text(da="kalkulationsrente", en="discount rate"), ("{rate}",), "points", "rate_spread_points"),
    "hp_years": Swing(
        Text(da="varmepumpens levetid", en="lifetime of the heat pump"), ("hp_years",), "share", "years_spread_pct"
    ),
    "pipe_years": Swing(
        Text(da="rørenes levetid", en="lifetime of pipes"), ("net_years",), "share", "years_spread_pct", _SUPPLY
    ),
    "load": Swing(Text(da="fuldlasttimer", en="full-load hours"), ("full_load_h",), "share", "years_spread_pct"),
    "damage": Swing(
        Text(da="prisen på CO2 og luftforurening", en="price of CO2 and air pollution"),
        ("society_co2_dkk_t", "society_nox_dkk_kg", "society_so2_dkk_kg", "society_pm25_dkk_kg"),
        "share",
        "emission_spread_pct",
        ("society",),
    ),
}
"""What the tornado moves; keys are the codes of its column."""


def swung(name: str, swing: Swing, values: Values, *, up: bool) -> dict[str, float]:
    """Return the assumptions with one swing at its high (``up``) or low end, for a ledger."""
    words = {**PRICES[name], "rate": RATES[name]}
    names = [each.format(**words) for each in swing.names]
    if swing.how == "pair":
        return {**values, **{each: values[swing.by.format("high" if up else "low")] for each in names}}
    if swing.how == "share":
        return {**values, **{each: values[each] * _factor(values, swing.by, up=up) for each in names}}
    if swing.how == "points":
        points = values[swing.by] if up else -values[swing.by]
        free = swing.by == "growth_spread_points"
        return {
            **values,
            **{each: values[each] + points if free else max(values[each] + points, 0.0) for each in names},
        }
    return dict(values)


def _factor(values: Values, by: str, *, up: bool) -> float:
    return 1.0 + (values[by] if up else -values[by]) / PERCENT


@dataclass(frozen=True, slots=True)
class Step:
    """One end of a swing: the ledger with it."""

    swing: str
    up: bool
    ledger: Ledger


def steps(name: str, houses: Houses, values: Values, *, low_mwh: Floats, high_mwh: Floats) -> Iterator[Step]:
    """Give a ledger with each swing at its low and at its high end, one after the other.

    Parameters
    ----------
    name
        The ledger, a key of ``LEDGERS``.
    low_mwh, high_mwh
        Ends of the heat demand of each building.
    """
    for key, swing in SWINGS.items():
        if name not in swing.ledgers:
            continue
        for up in (False, True):
            moved = houses
            if swing.how == "heat":
                moved = replace(houses, heat_mwh=high_mwh if up else low_mwh)
            if swing.how == "pipes":
                factor = _factor(values, swing.by, up=up)
                moved = replace(houses, street_dkk=houses.street_dkk * factor, service_dkk=houses.service_dkk * factor)
            yield Step(key, up, ledger_of(name, moved, swung(name, swing, values, up=up)))
