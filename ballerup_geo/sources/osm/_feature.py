"""What a feature is made of: the content files ``features/*.toml``, read and understood."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

__all__ = ["ANY", "FEATURES", "Column", "Feature", "Rule", "Select", "feature_named"]

Tags = Mapping[str, str]
Wanted = Mapping[str, tuple[str, ...]]
"""Key → the values that will do; ``*`` is any."""
Kind = Literal["points", "lines", "polygons"]
ANY = "*"

FEATURES = (
    *("addresses", "basins", "buildings", "chargers", "critical_functions", "crossings", "culverts", "green_areas"),
    *(
        "hedges",
        "lakes",
        "land_cover",
        "municipalities",
        "parking",
        "places",
        "roads",
        "schools",
        "stations",
        "streams",
        "trees",
    ),
)
"""All that can be read; each is a file in ``features/``."""


@dataclass(frozen=True, slots=True)
class Select:
    """Elements of one kind that have all the tags of ``wanted`` and none of ``unwanted``."""

    kind: Kind
    wanted: Wanted
    unwanted: Wanted
    middle: bool
    """Lines and polygons become the point in their middle."""

    def takes(self, tags: Tags) -> bool:
        """Say whether an element with these tags is one."""
        return fits(tags, self.wanted) and not any(fits(tags, {key: values}) for key, values in self.unwanted.items())


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a decision table: where all of ``when`` hold, the column has this value."""

    when: Wanted
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Column:
    """How one of our columns follows from tags: the first rule that holds, else the first key that has a value."""

    name: str
    rules: tuple[Rule, ...]
    keys: tuple[str, ...]
    read_as: str
    """text, integer, metres, millimetres, year, first_class, last_class."""
    without: str
    """An ending that is cut off a text: " Kommune"."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its elements, its columns, and the figures that its own reader needs."""

    name: str
    geometry: Literal["point", "line", "polygon"]
    identifier: str
    """Our column for ``node/1``, ``way/2``, ``relation/3``."""
    needs: tuple[str, ...]
    """Columns without which an element is left out, and counted."""
    selects: tuple[Select, ...]
    columns: tuple[Column, ...]
    facts: Mapping[str, Any]
    """The whole file."""


def fits(tags: Tags, wanted: Wanted) -> bool:
    """Say whether all keys have one of their values; of several values in one tag (``a;b``) each counts."""
    for key, values in wanted.items():
        value = tags.get(key)
        if value is None:
            return False
        if ANY not in values and not any(part.strip() in values for part in value.split(";")):
            return False
    return True


@cache
def feature_named(name: str) -> Feature:
    """Read a feature's file.

    Raises
    ------
    KeyError
        There is no such feature.
    """
    if name not in FEATURES:
        raise KeyError(name)
    path = files("ballerup_geo.sources.osm") / "features" / f"{name}.toml"
    facts = tomllib.loads(path.read_text(encoding="utf-8"))
    return Feature(
        name,
        facts["geometry"],
        facts["identifier"],
        tuple(facts.get("needs", ())),
        tuple(_select(fields) for fields in facts["select"]),
        tuple(_column(column, fields) for column, fields in facts.get("columns", {}).items()),
        facts,
    )


def _select(fields: Mapping[str, Any]) -> Select:
    return Select(fields["from"], _wanted(fields["tags"]), _wanted(fields.get("not", {})), fields.get("middle", False))


def _column(name: str, fields: Mapping[str, Any]) -> Column:
    rules = tuple(Rule(_wanted(row["when"]), row["value"]) for row in fields.get("rules", ()))
    keys = tuple(fields.get("keys", ()))
    return Column(name, rules, keys, fields.get("read_as", "text"), fields.get("without", ""))


def _wanted(tags: Mapping[str, list[str]]) -> Wanted:
    return {key: tuple(values) for key, values in tags.items()}
