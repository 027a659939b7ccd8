"""How a building is heated today, read from the codes of the building register (BBR 056, 057, 058).

The register says "district or block heating" with one code. With gas or oil as fuel, outside a supplied area, or
missing from the supplier's list it may be a boiler that several houses share: such a building is to be looked up, or
gas-fired estates would vanish from the list of what is to be phased out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.spec import Text

__all__ = ["FOSSIL", "PRESENT", "READ_FROM", "fossil_supplement", "present_heating"]

Codes = NDArray[np.int64]
Names = NDArray[np.object_]

PRESENT: Mapping[str, Text] = {
    "district": Text(da="fjernvarme", en="district heating"),
    "block_check": Text(da="blokvarme – kontrollér", en="block heating – to be looked up"),
    "gas": Text(da="gas", en="gas"),
    "oil": Text(da="olie", en="oil"),
    "electric": Text(da="elvarme", en="electric heating"),
    "heat_pump": Text(da="varmepumpe", en="heat pump"),
    "biomass": Text(da="fast brændsel", en="solid fuel"),
    "other": Text(da="andet", en="other"),
    "unknown": Text(da="ukendt", en="unknown"),
    "none": Text(da="ingen varmeinstallation", en="no heating"),
}
"""Present heating."""
FOSSIL = ("gas", "oil")
"""What is phased out of heating rooms by the climate plan."""
READ_FROM: Mapping[str, Text] = {
    "register": Text(da="BBR's koder", en="codes of the building register"),
    "customer": Text(da="selskabets kundeliste", en="the supplier's customer list"),
    "fuel_with_district": Text(
        da="BBR: fjernvarme/blokvarme, men med et brændsel", en="register: district or block heating, but with a fuel"
    ),
    "outside_supplied": Text(
        da="BBR: fjernvarme/blokvarme uden for et forsynet område",
        en="register: district or block heating outside a supplied area",
    ),
    "no_customer": Text(
        da="BBR: fjernvarme/blokvarme, men ikke på kundelisten",
        en="register: district or block heating, but not on the customer list",
    ),
    "fuel_alone": Text(
        da="BBR's brændsel alene; installationen mangler eller er blandet",
        en="the register's fuel alone; its installation is missing or mixed",
    ),
    "contradiction": Text(
        da="BBR's installation; brændslet passer ikke til den",
        en="the register's installation; its fuel does not fit",
    ),
    "missing": Text(da="BBR siger det ikke", en="the register does not say"),
    "unknown_code": Text(da="BBR har en ukendt kode", en="the register has an unknown code"),
}
"""What present heating was read from."""

DISTRICT, HEAT_PUMP, ELECTRIC, GAS_RADIATOR, NONE = 1, 5, 7, 8, 9
BOILERS = (2, 3, 6)
MIXED = 99
MISSING = -1
FUELS: Mapping[int, str] = {1: "electric", 2: "gas", 3: "oil", 4: "biomass", 6: "biomass", 7: "gas", 9: "other"}
FITTING: Mapping[int, tuple[int, ...]] = {HEAT_PUMP: (1,), ELECTRIC: (1,), GAS_RADIATOR: (2, 7), NONE: ()}
"""Fuels that fit an installation; a missing one always does."""
NAMED: Mapping[int, str] = {HEAT_PUMP: "heat_pump", ELECTRIC: "electric", GAS_RADIATOR: "gas", NONE: "none"}
SUPPLEMENT_OIL, SUPPLEMENT_GAS = 3, 6


def present_heating(
    installation: Codes,
    fuel: Codes,
    *,
    supplied: NDArray[np.bool_] | None,
    customer: NDArray[np.bool_] | None,
) -> tuple[Names, Names]:
    """Return for each building its present heating (keys of ``PRESENT``) and what it was read from (``READ_FROM``).

    Parameters
    ----------
    installation, fuel
        BBR 056 and 057, int64[n]; −1: nothing stands in the register.
    supplied
        Whether it lies in a supplied area, bool[n]; None: the areas are unknown, and no building is doubted for it.
    customer
        Whether the supplier has it as a customer, bool[n]; None: no list. A customer has district heating whatever the
        register says.

    Examples
    --------
    >>> present, why = present_heating(np.array([1, 1, 2]), np.array([-1, 7, 3]), supplied=None, customer=None)
    >>> present.tolist(), why.tolist()
    (['district', 'block_check', 'oil'], ['register', 'fuel_with_district', 'register'])
    """
    least = int(fuel.min(initial=0))
    pair = installation * (int(fuel.max(initial=0)) - least + 1) + (fuel - least)
    _, first, place = np.unique(pair, return_index=True, return_inverse=True)
    read = [_read(int(installation[row]), int(fuel[row])) for row in first]
    present = np.array([each[0] for each in read], dtype=object)[place]
    why = np.array([each[1] for each in read], dtype=object)[place]
    district = present == "district"
    for doubted, reason in ((supplied, "outside_supplied"), (customer, "no_customer")):
        if doubted is not None:
            rows = district & ~doubted & (present == "district")
            present[rows], why[rows] = "block_check", reason
    if customer is not None:
        present[customer], why[customer] = "district", "customer"
    return present, why


def _read(installation: int, fuel: int) -> tuple[str, str]:
    """Read one pair of codes."""
    if fuel not in FUELS and fuel not in (MISSING, 0):
        return _read(installation, MISSING)[0], "unknown_code"
    fuel = MISSING if fuel == 0 else fuel
    if installation == DISTRICT:
        return ("district", "register") if fuel in (MISSING, 1, 9) else ("block_check", "fuel_with_district")
    if installation in NAMED:
        fits = fuel == MISSING or fuel in FITTING[installation]
        return NAMED[installation], "register" if fits else "contradiction"
    known = installation in BOILERS
    if not known and installation not in (MIXED, MISSING, 0):
        return FUELS.get(fuel, "unknown"), "unknown_code"
    if fuel == MISSING:
        return "unknown", "missing"
    return FUELS[fuel], "register" if known else "fuel_alone"


def fossil_supplement(supplement: Codes) -> NDArray[np.bool_]:
    """Tell which buildings have an oil stove or a gas radiator beside their heating (BBR 058), bool[n]."""
    return np.isin(supplement, (SUPPLEMENT_OIL, SUPPLEMENT_GAS))
