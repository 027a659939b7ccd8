"""The question to an Overpass service (https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from pyproj import Transformer

from ballerup_geo.raster import CRS
from ballerup_geo.sources._request import Bounds
from ballerup_geo.sources.osm._feature import ANY, Feature, Select, Wanted

__all__ = ["degrees", "overpass_query"]

_PLACES = 100_000
_ELEMENTS = {"points": ("node",), "lines": ("way",), "polygons": ("way", "relation")}


def overpass_query(feature: Feature, bounds: Bounds | None, *, timeout_s: int, limit_bytes: int) -> str:
    """Write the question for a feature within EPSG:25832 bounds, with the nodes and ways that its elements need.

    Examples
    --------
    >>> from ballerup_geo.sources.osm._feature import feature_named
    >>> print(overpass_query(feature_named("trees"), None, timeout_s=50, limit_bytes=1000))
    [out:json][timeout:50][maxsize:1000];
    (
      node["natural"="tree"];
    );
    out body;
    >;
    out skel qt;
    """
    box = ""
    if bounds is not None:
        west, south, east, north = degrees(bounds)
        box = f"[bbox:{south:.5f},{west:.5f},{north:.5f},{east:.5f}]"
    parts = dict.fromkeys(part for select in feature.selects for part in _parts(select))
    lines = [f"[out:json][timeout:{timeout_s}][maxsize:{limit_bytes}]{box};", "("]
    lines += [f"  {part};" for part in parts]
    return "\n".join([*lines, ");", "out body;", ">;", "out skel qt;"])


def degrees(bounds: Bounds) -> Bounds:
    """Return EPSG:25832 bounds in degrees: west, south, east, north, a little wider rather than narrower."""
    way = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    west, south, east, north = (value * _PLACES for value in way.transform_bounds(*bounds))
    outward = math.floor(west), math.floor(south), math.ceil(east), math.ceil(north)
    return outward[0] / _PLACES, outward[1] / _PLACES, outward[2] / _PLACES, outward[3] / _PLACES


def _parts(select: Select) -> Iterator[str]:
    filters = "".join(_filters(select.wanted, "=", "~")) + "".join(_filters(select.unwanted, "!=", "!~"))
    for element in _ELEMENTS[select.kind]:
        yield f"{element}{filters}"


def _filters(wanted: Wanted, equal: str, alike: str) -> Iterator[str]:
    for key, values in wanted.items():
        if ANY in values:
            yield f"[{'' if equal == '=' else '!'}{_quoted(key)}]"
        elif len(values) == 1:
            yield f"[{_quoted(key)}{equal}{_quoted(values[0])}]"
        else:
            yield f"[{_quoted(key)}{alike}{_quoted(_pattern(values))}]"


def _pattern(values: tuple[str, ...]) -> str:
    """A POSIX extended regular expression that is one of the values, or holds it among others parted by semicolons."""
    inner = "|".join(re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", value) for value in values)
    return f"(^|;) *({inner}) *(;|$)"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
