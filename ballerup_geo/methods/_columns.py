"""Short ways to declare columns of a result: words, figures with a unit, and counts."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.spec import OutputColumn, Text

__all__ = ["count", "figure", "text"]


def text(name: str, da: str, en: str, codes: Mapping[str, Text] | None = None) -> OutputColumn:
    """Declare a column of words."""
    return OutputColumn(name, "text", da=da, en=en, codes=codes)


def figure(name: str, unit: str, da: str, en: str, *, behind: str | None = None) -> OutputColumn:
    """Declare a column of numbers with a unit; ``behind`` counts the homes or persons that it tells about."""
    return OutputColumn(name, "number", unit, da, en, behind=behind)


def count(name: str, da: str, en: str) -> OutputColumn:
    """Declare a column of whole numbers."""
    return OutputColumn(name, "integer", None, da, en)
