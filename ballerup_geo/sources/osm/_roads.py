"""Roads: what a cyclist meets on each side, speed, lanes, direction, level, and who may use the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ballerup_geo.sources.osm._columns import Unread
from ballerup_geo.sources.osm._feature import Feature
from ballerup_geo.sources.osm._values import speed_kmh, whole

__all__ = ["with_sides"]

Tags = Mapping[str, str]
FORWARD, BACKWARD, BOTH = 1, -1, 0
_ONE_WAY = {"yes": FORWARD, "true": FORWARD, "1": FORWARD, "-1": BACKWARD, "reverse": BACKWARD}
_ROUND = {"roundabout", "circular"}
_CALM_LAST = ("mixed", "lane_beside_parking", "lane", "track", "path")
"""From the facility that protects least to the one that protects most."""


def with_sides(found: gpd.GeoDataFrame, feature: Feature, unread: Unread) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add the columns of the roads layer that hang on several tags.

    Denmark drives on the right: what lies on the right of the line serves those who go along it. A way that is one-way
    against its own direction (``oneway=-1``) is turned round first, sides and all.
    """
    turned = np.array([_direction(tags) == BACKWARD for tags in found["tags"]], dtype=bool)
    tags = [_turned(each) if turn else each for each, turn in zip(found["tags"], turned, strict=True)]
    shapes = found.geometry.to_numpy().copy()
    shapes[turned] = shapely.reverse(shapes[turned])
    facts = feature.facts
    rows = [_road(each, facts, unread) for each in tags]
    frame = found.set_geometry(gpd.GeoSeries(shapes, found.index, crs=found.crs))
    for field in fields(_Road):
        frame[field.name] = pd.Series([getattr(row, field.name) for row in rows], found.index, dtype=object)
    unknown = int(frame["facility"].isna().sum())
    notes = [f"{unknown} of {len(frame)} have no tag about cyclists: what they meet is not known"] if unknown else []
    return frame, notes


@dataclass(frozen=True, slots=True)
class _Road:
    facility: str | None
    facility_forward: str | None
    facility_backward: str | None
    speed_kmh: int | None
    lanes_per_direction: int | None
    one_way: bool
    parking_sides: int | None
    level: int
    cycling_allowed: bool
    walking_allowed: bool


def _road(tags: Tags, facts: Mapping[str, Any], unread: Unread) -> _Road:
    one_way = _direction(tags) != BOTH
    forward, backward = _facilities(tags, facts, one_way=one_way, unread=unread)
    known = [each for each in (forward, backward) if each is not None]
    both = None if None in (forward, backward) and not one_way else min(known, key=_CALM_LAST.index, default=None)
    against = one_way and tags.get("oneway:bicycle") == "no"
    return _Road(
        facility=forward if one_way else both,
        facility_forward=forward,
        facility_backward=backward if not one_way else ((backward or "mixed") if against else None),
        speed_kmh=_speed(tags, facts["speed"], unread),
        lanes_per_direction=_lanes(tags, one_way=one_way, unread=unread),
        one_way=one_way,
        parking_sides=_parking_sides(tags, facts["facility"]),
        level=_level(tags, unread),
        cycling_allowed=_allowed("bicycle", tags, facts["access"], "no_cycling"),
        walking_allowed=_allowed("foot", tags, facts["access"], "no_walking"),
    )


# ---------------------------------------------------------------- direction


def _direction(tags: Tags) -> int:
    if tags.get("junction") in _ROUND and tags.get("oneway") != "no":
        return BACKWARD if tags.get("oneway") == "-1" else FORWARD
    if tags.get("highway") == "motorway" and "oneway" not in tags:
        return FORWARD
    return _ONE_WAY.get(tags.get("oneway", ""), BOTH)


def _turned(tags: Tags) -> dict[str, str]:
    """Return the tags as they are for the line drawn the other way."""
    swap = {"left": "right", "right": "left", "forward": "backward", "backward": "forward"}
    turned = {":".join(swap.get(part, part) for part in key.split(":")): value for key, value in tags.items()}
    return turned | {"oneway": "yes"}


# ---------------------------------------------------------------- cyclists


def _facilities(
    tags: Tags, facts: Mapping[str, Any], *, one_way: bool, unread: Unread
) -> tuple[str | None, str | None]:
    """Return what a cyclist meets going along the line and against it; None where it is not known."""
    rules = facts["facility"]
    if tags.get("highway") in rules["own_way"]:
        beside = any(tags.get(key) in values for key, values in rules["beside_road"].items())
        return ("track", "track") if beside else ("path", "path")
    plain = tags.get("cycleway")
    right, left = (_side(tags, side, rules, unread) for side in ("right", "left"))
    if tags.get("bicycle") == "use_sidepath":
        right, left = right or "track", left or "track"
    ridden_both_ways = [
        facility
        for side, facility in (("right", right), ("left", left))
        if tags.get(f"cycleway:{side}:oneway", tags.get("cycleway:both:oneway")) == "no"
    ]
    for facility in ridden_both_ways:
        right, left = _best(right, facility), _best(left, facility)
    if one_way:
        if plain is not None and plain.startswith("opposite"):
            return "mixed", left
        along = _best(right, left if tags.get("cycleway:left:oneway") != "-1" else None)
        return along, left
    return right, left


def _best(one: str | None, other: str | None) -> str | None:
    known = [each for each in (one, other) if each is not None]
    return max(known, key=_CALM_LAST.index, default=None)


def _side(tags: Tags, side: str, rules: Mapping[str, Any], unread: Unread) -> str | None:
    """Return the facility of one side: its own tag, else that of both, else what untagged roads of its class have."""
    for key in (f"cycleway:{side}", "cycleway:both", "cycleway"):
        value = tags.get(key)
        if value is None:
            continue
        first = value.split(";")[0].strip()
        if first in rules["track"]:
            return "track"
        if first in rules["lane"]:
            return _lane(tags, side, rules)
        if first in rules["mixed"]:
            return "mixed"
        unread.add(key, value)
    if tags.get(f"cycleway:{'left' if side == 'right' else 'right'}") is not None:
        return "mixed"  # whoever tagged one side alone says that the other has none
    return "mixed" if tags.get("highway") in rules["untagged_mixed"] or "cyclestreet" in tags else None


def _lane(tags: Tags, side: str, rules: Mapping[str, Any]) -> str:
    kind = next(
        (tags[key] for key in (f"cycleway:{side}:lane", "cycleway:both:lane", "cycleway:lane") if key in tags), ""
    )
    if kind in rules["soft_lanes"]:
        return "mixed"
    return "lane_beside_parking" if _parks(tags, side, rules) else "lane"


def _parks(tags: Tags, side: str, rules: Mapping[str, Any]) -> bool | None:
    keys = (f"parking:{side}", "parking:both", f"parking:lane:{side}", "parking:lane:both")
    value = next((tags[key] for key in keys if key in tags), None)
    return None if value is None else value in rules["parking"]


def _parking_sides(tags: Tags, rules: Mapping[str, Any]) -> int | None:
    sides = [_parks(tags, side, rules) for side in ("right", "left")]
    return None if None in sides else sum(bool(side) for side in sides)


# ---------------------------------------------------------------- cars


def _speed(tags: Tags, facts: Mapping[str, Any], unread: Unread) -> int | None:
    """Return the limit; of two directions the higher one."""
    zones = {zone: limit for zone, limit in facts["zones"].items() if zone != "source"}
    known = [tags[key] for key in facts["keys"] if key in tags]
    limits = [speed_kmh(text, zones=zones, km_per_mile=facts["km_per_mile"]) for text in known]
    for text, limit in zip(known, limits, strict=True):
        if limit is None:
            unread.add("maxspeed", text)
    found = [limit for limit in limits if limit is not None]
    if found:
        return found[0] if "maxspeed" in tags and limits[0] is not None else max(found)
    of_zone = (speed_kmh(tags[key], zones=zones, km_per_mile=1.0) for key in facts["zone_keys"] if key in tags)
    named = next((limit for limit in of_zone if limit is not None), None)
    if named is not None or known:
        return named
    lawful: int | None = facts["highways"].get(tags.get("highway"))
    return lawful


def _lanes(tags: Tags, *, one_way: bool, unread: Unread) -> int | None:
    """Return the lanes of the direction that has more."""
    each = [whole(tags[key]) for key in ("lanes:forward", "lanes:backward") if key in tags]
    known = [number for number in each if number]
    if known and not one_way:
        return max(known)
    if "lanes" not in tags:
        return None
    number = whole(tags["lanes"])
    if number is None:
        unread.add("lanes", tags["lanes"])
        return None
    return max(number if one_way else -(-number // 2), 1)


def _level(tags: Tags, unread: Unread) -> int:
    """Return 0 on the ground; bridges at least 1, tunnels at most −1."""
    bridge = tags.get("bridge", "no") != "no"
    tunnel = tags.get("tunnel", "no") not in ("no", "building_passage")
    layer = tags.get("layer", "0").strip()
    try:
        number = round(float(layer))
    except ValueError:
        unread.add("layer", layer)
        number = 0
    if bridge:
        return max(number, 1)
    return min(number, -1) if tunnel else 0


# ---------------------------------------------------------------- access


def _allowed(mode: str, tags: Tags, facts: Mapping[str, Any], closed_classes: str) -> bool:
    """Say whether cyclists or walkers may use the way: their own tag, else that of all, else what the class says."""
    for key in (mode, "access"):
        value = tags.get(key)
        if key == "access" and value in facts["open"]:
            continue  # open to all vehicles says nothing of a footway
        if value in facts["open"]:
            return True
        if value in facts["closed"] or (value == "dismount" and mode == "bicycle"):
            return False
    if mode == "bicycle" and tags.get("vehicle") in ("no", "private"):
        return False
    if tags.get("motorroad") in facts["motorroad"]:
        return False
    return tags.get("highway") not in facts[closed_classes]
