"""Columns that tell about single homes: where too few buildings stand behind a row, no page shows the value."""

from __future__ import annotations

from ballerup_geo.methods._columns import figure
from ballerup_geo.spec import OutputColumn

__all__ = ["of_homes"]


def of_homes(name: str, unit: str, da: str, en: str) -> OutputColumn:
    """Declare a figure that the buildings of the row stand behind."""
    return figure(name, unit, da, en, behind="buildings")
