"""Charging stations: plugs and the power of one, from the tags of their sockets."""

from __future__ import annotations

import re
from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from ballerup_geo.sources.osm._columns import Unread
from ballerup_geo.sources.osm._feature import Feature
from ballerup_geo.sources.osm._values import whole

__all__ = ["with_power"]

_SOCKET = re.compile(r"socket:([a-z0-9_]+)")
_KW = re.compile(r"(\d+(?:[.,]\d+)?) ?(kw|kva|w)?", re.IGNORECASE)
_WATT_PER_KW = 1000.0


def with_power(found: gpd.GeoDataFrame, feature: Feature, unread: Unread) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add ``plugs`` and ``power_kw`` (the greatest of a plug).

    Plugs are the cars that can charge at once (``capacity``), else the sockets together. Power is tagged, else what is
    usual for the best kind of socket; those are counted.
    """
    usual = {kind: float(value) for kind, value in feature.facts["usual_kw"].items() if kind != "source"}
    slow = set(feature.facts["not_cars"]["kinds"])
    plugs, power, by_kind = [], [], 0
    for tags in found["tags"]:
        kinds = [kind for kind in _kinds(tags) if kind not in slow]
        sockets = sum(_sockets(tags[f"socket:{kind}"], kind, unread) for kind in kinds)
        plugs.append(_capacity(tags, unread) or sockets or None)
        outputs = [kw for kw in (_kw(tags, name, unread) for name in _output_keys(kinds)) if kw is not None]
        known = [usual[kind] for kind in kinds if kind in usual]
        by_kind += bool(known and not outputs)
        power.append(max(outputs or known, default=None))
    notes = []
    if by_kind:
        notes.append(f"{by_kind} of {len(found)} have no tagged output: it is what is usual for the kind of plug")
    return found.assign(
        plugs=pd.Series(plugs, found.index, dtype="Int64"), power_kw=pd.Series(power, found.index, dtype="Float64")
    ), notes


def _kinds(tags: Mapping[str, str]) -> list[str]:
    found = (_SOCKET.fullmatch(key) for key in sorted(tags))
    return [match[1] for match in found if match is not None and tags[match[0]] != "no"]


def _sockets(text: str, kind: str, unread: Unread) -> int:
    number = whole(text)
    if number is None and text != "yes":
        unread.add(f"socket:{kind}", text)
    return (1 if text == "yes" else 0) if number is None else number


def _capacity(tags: Mapping[str, str], unread: Unread) -> int | None:
    for key in ("capacity:motorcar", "capacity"):
        if key in tags:
            number = whole(tags[key])
            if number is not None:
                return number
            unread.add(key, tags[key])
    return None


def _output_keys(kinds: list[str]) -> list[str]:
    return [*(f"socket:{kind}:output" for kind in kinds), "charging_station:output", "maxpower"]


def _kw(tags: Mapping[str, str], key: str, unread: Unread) -> float | None:
    """Read an output in kW; of several (``11 kW;22 kW``) the greatest."""
    if key not in tags:
        return None
    values = []
    for part in tags[key].split(";"):
        found = _KW.fullmatch(part.strip())
        if found is None:
            unread.add(key, tags[key])
            return None
        number = float(found[1].replace(",", "."))
        in_watts = (found[2] or "").lower() == "w" or (not found[2] and key == "maxpower")
        values.append(number / _WATT_PER_KW if in_watts else number)
    return max(values)
