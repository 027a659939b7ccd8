"""The code lists of Danish registers, read from the data files beside this module and decoded in this one place."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from ballerup_geo.spec._model import Text
from ballerup_geo.spec.layer import Column

__all__ = ["codes_of", "register_classes", "register_codes", "register_standing"]


@cache
def register_codes(name: str) -> dict[str, Text]:
    """Return a register's code list: code (as text) → meaning.

    Parameters
    ----------
    name
        ``"bbr_021"`` (use), ``"bbr_056"`` (heating), ``"bbr_057"`` (fuel) or ``"bbr_058"`` (supplement).

    Examples
    --------
    >>> register_codes("bbr_056")["5"].en
    'heat pump'
    """
    return {code: Text(da=meaning["da"], en=meaning["en"]) for code, meaning in _register(name)["codes"].items()}


@cache
def register_classes(name: str) -> dict[int, str]:
    """Return the class that each code of a register is put in: code → class.

    Examples
    --------
    >>> register_classes("bbr_021")[140]
    'dwelling'
    """
    return {code: kind for kind, codes in _register(name)["classes"].items() for code in codes}


@cache
def register_standing(name: str) -> frozenset[int]:
    """Return the status codes of buildings that stand today.

    Examples
    --------
    >>> sorted(register_standing("bbr_status"))
    [1, 6, 7, 8, 11]
    """
    return frozenset(_register(name)["standing"])


def _register(name: str) -> dict[str, Any]:
    text = files("ballerup_geo.spec").joinpath("registers", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def codes_of(column: Column) -> dict[str, Text] | None:
    """Return the values that a column may hold with their meanings, or None where it is free."""
    if column.register_codes is not None:
        return register_codes(column.register_codes)
    return column.codes
