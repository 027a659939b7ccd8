"""Rule sets of traffic stress as read from their data files: one table of levels for each cycle facility."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._stress_cells import cell_tables
from ballerup_geo.network._stress_listed import listed_tables
from ballerup_geo.network._stress_table import LevelTable

__all__ = ["RULES", "RuleSet", "read_data", "rule_set"]

RULES: tuple[str, ...] = ("furth-2.2", "mekuria-2012", "denmark-viero", "bna-2026")
"""Names of the rule sets, each a file in ``rules/``."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set: its name and source, what a column that is not there is taken as, and its levels by facility."""

    name: str
    title: Mapping[str, str]
    source: str
    absent: Mapping[str, float]
    tables: Mapping[str, LevelTable]


@cache
def read_data(name: str) -> dict[str, Any]:
    """Return the content of ``rules/<name>.toml``."""
    text = (Path(__file__).parent / "rules" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def rule_set(name: str) -> RuleSet:
    """Return a rule set by its name.

    Raises
    ------
    MethodError
        When no rule set has this name.
    """
    if name not in RULES:
        raise MethodError(
            Fault("network", "rules", f"there is no rule set {name!r}", f"take one of {', '.join(RULES)}")
        )
    data = read_data(name)
    tables = cell_tables(data) if data["kind"] == "cells" else listed_tables(data)
    return RuleSet(
        name,
        MappingProxyType(data["title"]),
        data["source"],
        MappingProxyType({key: float(value) for key, value in data["absent"].items()}),
        MappingProxyType(tables),
    )
