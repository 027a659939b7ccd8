"""Colours that a black-and-white printer keeps apart: where their greys would meet, a pattern is put on top."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ballerup_geo.publish.content import Kind
from ballerup_geo.publish.figure._layers import Look
from ballerup_geo.spec import MapLayer

__all__ = ["for_print", "lightness"]

_APART = 9.0
"""Difference of lightness (CIE L*, 0–100) that is seen between two patches."""
_PALEST_LINE = 72.0
"""Lightness of the palest line that a printer's raster does not lose."""
_HATCHES = ("//", "..", "xx", "||", "--", "oo", "++", "\\\\")
_DASHES_PT = ((5.0, 2.0), (1.5, 1.8), (8.0, 2.0, 1.5, 2.0), (3.0, 3.0), (8.0, 2.0, 1.5, 2.0, 1.5, 2.0))
_CORNERS = (4, 3, 6, 5)
"""Of marks that are told apart by shape: square, triangle, …"""


def lightness(colour: str, opacity: float = 1.0) -> float:
    """Return how light a colour is on white paper: CIE L*, 0 to 100.

    Examples
    --------
    >>> lightness("#ffffff"), round(lightness("#000000", 0.5)), lightness("#000000")
    (100.0, 53, 0.0)
    """
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]) * opacity + (1 - opacity)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    light = 116 * np.cbrt(luminance) - 16 if luminance > 0.008856 else luminance * 903.3
    return float(round(light, 6))


def for_print(looks: tuple[Look, ...], seen: tuple[int, ...], kind: Kind, shown: MapLayer) -> tuple[Look, ...]:
    """Return looks that stay apart in grey; the quiet ground's pale lines become dark enough to print."""
    if shown.role == "ground":
        return tuple(_printable(look) for look in looks)
    given: list[float] = []
    found, patterns = [], 0
    for look, count in zip(looks, seen, strict=True):
        light = _light(look, kind)
        if not count or light is None:
            found.append(look)
            continue
        if any(abs(light - other) < _APART for other in given):
            found.append(_patterned(look, kind, patterns))
            patterns += 1
        else:
            found.append(look)
        given.append(light)
    return tuple(found)


def _light(look: Look, kind: Kind) -> float | None:
    ink = look.ink
    if kind != "line" and ink.fill is not None and ink.fill_opacity > 0:
        return lightness(ink.fill, ink.fill_opacity)
    return lightness(ink.line) if ink.line is not None and ink.width_pt > 0 else None


def _patterned(look: Look, kind: Kind, number: int) -> Look:
    if kind == "area":
        return replace(look, ink=replace(look.ink, hatch=_HATCHES[number % len(_HATCHES)]))
    if kind == "line":
        return replace(look, ink=replace(look.ink, dash=_DASHES_PT[number % len(_DASHES_PT)]))
    return replace(look, corners=_CORNERS[number % len(_CORNERS)])


def _printable(look: Look) -> Look:
    line = look.ink.line
    if line is None or lightness(line) <= _PALEST_LINE:
        return look
    return replace(look, ink=replace(look.ink, line=_darker(line)))


def _darker(colour: str) -> str:
    """Return the colour in its own hue, as dark as a printer needs."""
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    for parts in range(100, 0, -1):
        found = "#" + "".join(f"{round(channel * parts / 100):02x}" for channel in channels)
        if lightness(found) <= _PALEST_LINE:
            return found
    return "#000000"
