"""Single values as mappers write them. What cannot be read is None: the caller counts it."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["first_class", "last_class", "metres", "millimetres", "speed_kmh", "whole", "year"]

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_METRES = re.compile(rf"{_NUMBER} ?(m|cm|mm)?", re.IGNORECASE)
_SPEED = re.compile(rf"{_NUMBER} ?(km/h|kmh|kph|mph)?", re.IGNORECASE)
_CLASSES = re.compile(r"(\d{1,2}) ?[-–] ?(\d{1,2})")
_TO_METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}


def whole(text: str) -> int | None:
    """Read a whole number.

    Examples
    --------
    >>> whole("12"), whole("ca. 12"), whole("12;14"), whole("-1")
    (12, None, None, None)
    """
    return int(text) if re.fullmatch(r"\d{1,9}", text.strip()) else None


def metres(text: str) -> float | None:
    """Read a length in metres, with or without unit.

    Examples
    --------
    >>> metres("3,5"), metres("250 cm"), metres("12'6\\"")
    (3.5, 2.5, None)
    """
    found = _METRES.fullmatch(text.strip())
    if found is None:
        return None
    return float(found[1].replace(",", ".")) * _TO_METRES[(found[2] or "m").lower()]


def millimetres(text: str) -> int | None:
    """Read a diameter in millimetres, which a number without unit is taken to be in.

    Examples
    --------
    >>> millimetres("600"), millimetres("1.2 m"), millimetres("DN600")
    (600, 1200, None)
    """
    found = _METRES.fullmatch(text.strip())
    if found is None:
        return None
    return round(float(found[1].replace(",", ".")) * _TO_METRES[(found[2] or "mm").lower()] * 1000)


def year(text: str) -> int | None:
    """Read the year of a date.

    Examples
    --------
    >>> year("1972"), year("1972-05-01"), year("1970s"), year("C19")
    (1972, 1972, None, None)
    """
    found = re.fullmatch(r"(\d{4})(-\d{2}){0,2}", text.strip())
    return int(found[1]) if found else None


def speed_kmh(text: str, *, zones: Mapping[str, int], km_per_mile: float) -> int | None:
    """Read a speed limit in km/h: a number, one in miles, or a zone that law gives a limit.

    ``signals``, ``variable``, ``walk``, ``none`` and several limits at once (``50;30``) are no single limit.

    Examples
    --------
    >>> texts = "40", "30 mph", "dk:urban", "50;30"
    >>> [speed_kmh(text, zones={"DK:urban": 50}, km_per_mile=1.609344) for text in texts]
    [40, 48, 50, None]
    """
    found = _SPEED.fullmatch(text.strip())
    if found is not None:
        factor = km_per_mile if (found[2] or "").lower() == "mph" else 1.0
        return round(float(found[1].replace(",", ".")) * factor)
    named = {zone.casefold(): limit for zone, limit in zones.items()}
    return named.get(text.strip().casefold())


def first_class(text: str) -> int | None:
    """Read the first class of ``0-9``."""
    found = _CLASSES.fullmatch(text.strip())
    return int(found[1]) if found else None


def last_class(text: str) -> int | None:
    """Read the last class of ``0-9``."""
    found = _CLASSES.fullmatch(text.strip())
    return int(found[2]) if found else None
