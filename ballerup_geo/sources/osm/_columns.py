"""Tags → columns, as a feature's file says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from ballerup_geo.sources.osm._feature import Column, Feature, fits
from ballerup_geo.sources.osm._values import first_class, last_class, metres, millimetres, whole, year

__all__ = ["Unread", "columns_of"]

Tags = Mapping[str, str]

_READERS: dict[str, Callable[[str], Any]] = {
    "integer": whole,
    "metres": metres,
    "millimetres": millimetres,
    "year": year,
    "first_class": first_class,
    "last_class": last_class,
}


class Unread:
    """Counts values that nobody can read, by key."""

    def __init__(self) -> None:
        self._found: dict[str, Counter[str]] = {}

    def add(self, key: str, value: str) -> None:
        """Count a value."""
        self._found.setdefault(key, Counter())[value] += 1

    def notes(self) -> list[str]:
        """Say how many values of each key were not understood, with the most frequent ones."""
        return [
            f"{sum(values.values())} values of the tag {key} could not be read and are missing: "
            + ", ".join(f'"{value[:40]}"' for value, _ in sorted(values.items(), key=lambda one: (-one[1], one[0]))[:5])
            for key, values in sorted(self._found.items())
        ]


def columns_of(feature: Feature, tags: Iterable[Tags], unread: Unread) -> dict[str, pd.Series[Any]]:
    """Return the feature's columns, as objects with None where nothing is tagged."""
    tags = list(tags)
    return {
        column.name: pd.Series([_value(column, each, unread) for each in tags], dtype=object)
        for column in feature.columns
    }


def _value(column: Column, tags: Tags, unread: Unread) -> Any:
    for rule in column.rules:
        if fits(tags, rule.when):
            return rule.value
    for key in column.keys:
        text = tags.get(key, "").strip()
        if not text:
            continue
        if column.read_as == "text":
            return text.removesuffix(column.without)
        value = _READERS[column.read_as](text)
        if value is not None:
            return value
        unread.add(key, text)
    return None
