"""Where a target stands, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ballerup_geo.spec._model import Text

__all__ = ["NOT_MAPPED", "STATUS"]

NOT_MAPPED = "not_mapped"
"""Nothing tells yet: no analysis measures the target, or its analysis has no result."""
STATUS: Mapping[str, Text] = MappingProxyType(
    {
        "reached": Text(da="nået", en="reached"),
        "on_the_way": Text(da="på vej", en="on the way"),
        "behind": Text(da="bagud", en="behind"),
        "not_reached": Text(da="ikke nået", en="not reached"),
        "unknown": Text(da="ukendt", en="unknown"),
        "modelled": Text(da="ukendt – modeldata", en="unknown – modelled data"),
        NOT_MAPPED: Text(da="ikke kortlagt", en="not mapped"),
    }
)
"""``not_reached``: measured once, so that no pace can be told.

``modelled``: modelled data say nothing of a real target.
"""
