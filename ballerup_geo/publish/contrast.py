"""Whether the colours of a map file can be seen and told apart, also by readers who do not see red or green.

What is asked of graphics stands in WCAG 2.1, 1.4.11 (3:1) and 1.4.3 (text, 4.5:1). An area or a point with an outline
counts by whichever of the two stands out more: its edge shows where it is. Colours that are told apart by their names
on the map, or by one look alone, are not compared with each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ballerup_geo.errors import Fault
from ballerup_geo.project import Project
from ballerup_geo.publish.styling import UNKNOWN_COLOUR, contrast
from ballerup_geo.spec import Categories, Classes, Map, MapLayer, Single, Text

__all__ = [
    "LEAST_GRAPHIC",
    "LEAST_TEXT",
    "Drawn",
    "colour_warnings",
    "difference",
    "drawn_classes",
    "faint_classes",
    "seen_by",
]

MAP_GROUND = "#ffffff"
"""What lies under a map's answer: the municipality."""
LEAST_GRAPHIC = 3.0
"""WCAG 2.1, 1.4.11."""
LEAST_TEXT = 4.5
"""WCAG 2.1, 1.4.3."""
LEAST_DIFFERENCE = 10.0
"""Of two classes, in CIELAB (ΔE*ab): our own limit, about four times the 2.3 that is just seen (Mahy et al. 1994)."""

Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

SIGHT: dict[str, Matrix] = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}
"""Linear RGB → what is seen without red or green cones. Machado, Oliveira and Fernandes (2009), IEEE Transactions on
Visualization and Computer Graphics 15(6), severity 1.0."""

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Linear sRGB → CIE XYZ (IEC 61966-2-1, D65)."""
_WHITE = _TO_XYZ.sum(axis=1)
_SIGHTS = MappingProxyType({"full colour sight": None, **{name: np.array(rows) for name, rows in SIGHT.items()}})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A class as it looks on the map's ground: its colour there, and how much area and outline stand out."""

    label: Text | None
    colour: str
    stands_out: float


def drawn_classes(shown: MapLayer) -> list[Drawn]:
    """Return the classes of a layer that are drawn; none where it carries names alone."""
    look = shown.style
    found = []
    for label, colour in _colours(look):
        on_line = look.paint == "line" if not isinstance(look, Single) else False
        fill, line = (look.fill, colour) if on_line else (colour, look.line)
        area = _on_ground(fill, look.fill_opacity) if fill is not None and look.fill_opacity > 0 else None
        edge = line if shown.raster is None and line is not None and look.line_width_px > 0 else None
        seen = [each for each in (area, edge) if each is not None]
        if seen:
            own = edge if (on_line and edge is not None) or area is None else area
            found.append(Drawn(label, str(own), max(contrast(each, MAP_GROUND) for each in seen)))
    return found


def _colours(look: Single | Categories | Classes) -> Iterator[tuple[Text | None, str | None]]:
    if isinstance(look, Single):
        yield None, look.fill
        return
    for entry in look.categories if isinstance(look, Categories) else look.classes:
        yield entry.label, entry.colour
    if isinstance(look, Categories) and look.other is not None:
        yield look.other, (look.fill if look.paint == "fill" else look.line) or UNKNOWN_COLOUR


def faint_classes(found: Map) -> list[tuple[str, Drawn]]:
    """Return the classes of a map's answer that stand out by less than 3:1, each with its layer's id.

    Examples
    --------
    >>> look = {"kind": "single", "fill": "#9ecae1", "fill_opacity": 1.0}
    >>> words = {"da": "Vand", "en": "Water"}
    >>> layer = {"id": "water", "title": words, "layer": "water", "style": look}
    >>> found = Map(title=words, lead=words, layers=[layer])
    >>> [(name, round(each.stands_out, 1)) for name, each in faint_classes(found)]
    [('water', 1.8)]
    """
    return [
        (shown.id, each)
        for shown in found.layers
        if shown.role == "answer"
        for each in drawn_classes(shown)
        if each.stands_out < LEAST_GRAPHIC
    ]


def colour_warnings(project: Project) -> tuple[Fault, ...]:
    """Return what readers may not see in a project's maps; each a warning: tables say the same in figures."""
    return tuple(
        warning
        for name, found in sorted(project.maps.items())
        for number, shown in enumerate(found.layers)
        if shown.role == "answer"
        for warning in _layer_warnings(f"maps/{name}.toml", f"layers.{number} ({shown.id}).style", shown)
    )


def _layer_warnings(where: str, key: str, shown: MapLayer) -> Iterator[Fault]:
    classes = drawn_classes(shown)
    for each in classes:
        if each.stands_out < LEAST_GRAPHIC:
            what = (
                f"{_called(each, shown)} stands out from the map's white by {each.stands_out:.1f}:1, less than "
                f"{LEAST_GRAPHIC:g}:1"
            )
            yield Fault(where, key, what, "choose a darker colour, or give it a darker line")
    if shown.labels is None:
        for one, other in _compared(shown, classes):
            sight, apart = min(
                ((sight, difference(one.colour, other.colour, sight)) for sight in _SIGHTS), key=lambda found: found[1]
            )
            if apart < LEAST_DIFFERENCE:
                what = (
                    f"{_called(one, shown)} and {_called(other, shown)} look alike with {sight} (ΔE {apart:.0f}, less "
                    f"than {LEAST_DIFFERENCE:g})"
                )
                yield Fault(where, key, what, "make one of them lighter or darker, or write names on the map")


def _compared(shown: MapLayer, classes: list[Drawn]) -> Iterator[tuple[Drawn, Drawn]]:
    """Return the pairs that a reader holds against each other: neighbours of a scale, or any two categories."""
    return itertools.pairwise(classes) if isinstance(shown.style, Classes) else itertools.combinations(classes, 2)


def _called(each: Drawn, shown: MapLayer) -> str:
    return f"“{(each.label or shown.title).en}” ({each.colour})"


def difference(one: str, other: str, sight: str = "full colour sight") -> float:
    """Return how far two colours (#rrggbb) lie apart, ΔE*ab in CIELAB, for a kind of sight.

    Examples
    --------
    >>> round(difference("#000000", "#ffffff"))
    100
    """
    return float(np.linalg.norm(_lab(one, sight) - _lab(other, sight)))


def seen_by(colour: str, sight: str) -> str:
    """Return how a colour (#rrggbb) looks with a kind of sight, as #rrggbb."""
    linear = _seen(colour, sight)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0.0) ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(channel) * 255):02x}" for channel in coded)


def _seen(colour: str, sight: str) -> npt.NDArray[np.float64]:
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    matrix = _SIGHTS[sight]
    return linear if matrix is None else np.clip(matrix @ linear, 0.0, 1.0)


def _lab(colour: str, sight: str) -> npt.NDArray[np.float64]:
    ratio = (_TO_XYZ @ _seen(colour, sight)) / _WHITE
    low = (6 / 29) ** 3
    x, y, z = np.where(ratio > low, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _on_ground(colour: str, opacity: float) -> str:
    """Return a translucent colour as it looks on the map's ground."""
    pairs = zip((1, 3, 5), (1, 3, 5), strict=True)
    mixed = [
        opacity * int(colour[at : at + 2], 16) + (1 - opacity) * int(MAP_GROUND[on : on + 2], 16) for at, on in pairs
    ]
    return "#" + "".join(f"{round(channel):02x}" for channel in mixed)
