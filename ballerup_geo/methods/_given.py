"""What a method is given, read in the form that it reckons with."""

from __future__ import annotations

from ballerup_geo.spec import Given

__all__ = ["number_of"]


def number_of(given: Given, name: str) -> float:
    """Return a number among the assumptions."""
    return float(given.assumptions[name])
