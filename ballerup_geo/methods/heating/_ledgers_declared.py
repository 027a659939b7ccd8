"""What the three ledgers ask of the analysis file: prices, plant, lifetimes, taxes, and how far each may be off."""

from __future__ import annotations

from ballerup_geo.methods.heating._ledgers import POLLUTANTS
from ballerup_geo.spec import Assumption

__all__ = ["ASSUMPTIONS", "VALUE_NAMES"]

MWH_PRICE = "kr./MWh"


def _price(name: str, unit: str = MWH_PRICE) -> Assumption:
    return Assumption(name, unit, minimum=0.0)


def _percent(name: str, *, low: float = 0.0, high: float = 100.0) -> Assumption:
    return Assumption(name, "%", minimum=low, maximum=high)


def _years(name: str) -> Assumption:
    return Assumption(name, "år", minimum=1.0, maximum=100.0)


def _plant(name: str) -> tuple[Assumption, ...]:
    return (
        _price(f"{name}_dkk", "kr."),
        _price(f"{name}_dkk_kw", "kr./kW"),
        _years(f"{name}_years"),
        _percent(f"{name}_om_pct"),
    )


def _scop(name: str) -> Assumption:
    return Assumption(name, "1", minimum=1.0, maximum=10.0)


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption("base_kw", "kW", minimum=1.0),
    *_plant("hp"),
    *(_scop(f"hp_scop{end}") for end in ("", "_low", "_high")),
    *_plant("dh_unit"),
    *_plant("gas_boiler"),
    _price("street_m", "m"),
    _price("street_dkk_m", "kr./m"),
    _price("service_m", "m"),
    _price("service_dkk_m", "kr./m"),
    _percent("pipe_om_pct"),
    *(_percent(f"network_loss{end}_pct", high=90.0) for end in ("", "_low", "_high")),
    *(_percent(f"connection{end}_pct", low=1.0) for end in ("", "_low", "_high")),
    Assumption("horizon_years", "år", kind="integer", minimum=1, maximum=100),
    *(_percent(f"{carrier}_growth_pct", low=-20.0, high=20.0) for carrier in ("el", "dh", "gas")),
    *(_price(f"{carrier}_tax_dkk_mwh") for carrier in ("el", "dh", "gas")),
    _percent("vat_pct"),
    Assumption("society_net_tax_factor", "1", minimum=1.0, maximum=3.0),
    _percent("society_distortion_pct"),
    *(_price(f"society_{carrier}_dkk_mwh") for carrier in ("el", "dh", "gas")),
    _price("society_co2_dkk_t", "kr./t"),
    *(_price(f"society_{name}_dkk_kg", "kr./kg") for name in POLLUTANTS),
    *(_price(f"{carrier}_co2_kg_mwh", "kg/MWh") for carrier in ("el", "dh")),
    *(_price(f"{carrier}_{name}_g_mwh", "g/MWh") for carrier in ("el", "dh", "gas") for name in POLLUTANTS),
    _percent("company_rate_pct", high=30.0),
    *(_price(f"company_{carrier}_dkk_mwh") for carrier in ("el", "dh")),
    _percent("household_rate_pct", high=30.0),
    *(_price(f"household_{carrier}_dkk_mwh") for carrier in ("el", "gas")),
    _price("household_gas_dkk_year", "kr./år"),
    _price("tariff_heat_dkk_mwh"),
    _price("tariff_fixed_dkk_mwh"),
    *(_price(f"tariff_connection{end}_dkk", "kr.") for end in ("", "_low", "_high")),
    _price("tariff_connection_mwh", "MWh"),
    _price("tariff_connection_dkk_kw", "kr./kW"),
    *(_percent(f"{what}_spread_pct", high=99.0) for what in ("energy", "invest", "pipe", "years", "emission")),
    *(Assumption(f"{what}_spread_points", "procentpoint", minimum=0.0, maximum=20.0) for what in ("rate", "growth")),
    Assumption("hp_sound_db", "dB", minimum=0.0, maximum=120.0),
    Assumption("noise_limit_db", "dB", minimum=0.0, maximum=100.0),
    _percent("block_built_pct"),
)
"""Money without VAT unless a name begins with ``tariff``; ``society_``, ``company_`` and ``household_`` are read by
that ledger alone, ``tariff_`` by the household and the company's margin, the rest are facts that all share."""

BORROWED = ("gas_kg_kwh", "gas_efficiency_pct", "full_load_h", "net_years", "discount_rate_pct")
"""Declared by the list of what leaves oil and gas, and by the pipes of zones."""
VALUE_NAMES: tuple[str, ...] = (*(each.name for each in ASSUMPTIONS), *BORROWED)
