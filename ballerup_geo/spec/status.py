"""Where a target stands, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ballerup_geo.spec._model import Text

__all__ = ["STATUS"]

STATUS: Mapping[str, Text] = MappingProxyType(
    {
        "reached": Text(da="nået", en="reached"),
        "on_the_way": Text(da="på vej", en="on the way"),
        "behind": Text(da="bagud", en="behind"),
        "not_reached": Text(da="ikke nået", en="not reached"),
        "unknown": Text(da="ukendt", en="unknown"),
        "modelled": Text(da="ukendt – modeldata", en="unknown – modelled data"),
    }
)
"""``modelled``: modelled data say nothing of a real target."""
