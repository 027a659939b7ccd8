"""A raster's cells in the map's classes, as QGIS draws them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from ballerup_geo.results._qgis_symbols import UNKNOWN_COLOUR, Style
from ballerup_geo.results._qgis_words import inert
from ballerup_geo.spec import Categories, Classes, Single

__all__ = ["raster_pipe"]


@dataclass(frozen=True, slots=True)
class _Class:
    """Cells above the class before and up to ``upper``, which is included."""

    upper: float
    colour: str
    label: str


def raster_pipe(style: Style | None) -> Element:
    """Return what QGIS does with the cells: the map's classes and how strongly they are drawn; None: greys.

    A class begins at its minimum, as on the map; cells below the first class are not drawn.
    """
    pipe = Element("pipe")
    if style is None or isinstance(style, Single):
        pipe.append(_greys())
    elif isinstance(style, Categories) and style.other is None:
        pipe.append(_palette(style))
    elif isinstance(style, Categories):
        pipe.append(_steps(style.fill_opacity, list(_around(style)), below=None))
    else:
        pipe.append(_steps(style.fill_opacity, list(_classes(style)), below=_before(style.classes[0].minimum)))
    SubElement(pipe, "brightnesscontrast", brightness="0", contrast="0", gamma="1")
    SubElement(pipe, "huesaturation", saturation="0", grayscaleMode="0", colorizeOn="0")
    SubElement(pipe, "rasterresampler", maxOversampling="2")
    return pipe


def _before(limit: float) -> float:
    """Return the last value below a limit that cells of 32 bits can have: 0.1 there is a little more than 0.1."""
    return float(np.nextafter(np.float32(limit), np.float32("-inf")))


def _classes(style: Classes) -> Iterator[_Class]:
    entries = style.classes
    for entry, after in zip(entries, [*entries[1:], None], strict=True):
        yield _Class(float("inf") if after is None else _before(after.minimum), entry.colour, entry.label.da)


def _around(style: Categories) -> Iterator[_Class]:
    """Steps of one value each, with the other values between them; the legend names those once."""
    words = "" if style.other is None else style.other.da
    colour = style.fill or UNKNOWN_COLOUR
    last = None
    for category in sorted(style.categories, key=lambda category: float(category.value)):
        value = float(category.value)
        if last is None or value > last + 1:
            yield _Class(_before(value), colour, words if last is None else "")
        yield _Class(value, category.colour, category.label.da)
        last = value
    yield _Class(float("inf"), colour, "")


def _renderer(kind: str, opacity: float) -> Element:
    renderer = Element("rasterrenderer", type=kind, band="1", opacity=f"{opacity:g}", alphaBand="-1", nodataColor="")
    SubElement(renderer, "rasterTransparency")
    return renderer


def _greys() -> Element:
    """Return greys from the least to the greatest cell in view."""
    renderer = _renderer("singlebandgray", 1.0)
    renderer.attrib.pop("band")
    renderer.set("grayBand", "1")
    renderer.set("gradient", "WhiteToBlack")
    limits = SubElement(renderer, "minMaxOrigin")
    for key, value in (("limits", "MinMax"), ("extent", "UpdatedCanvas"), ("statAccuracy", "Estimated")):
        SubElement(limits, key).text = value
    stretch = SubElement(renderer, "contrastEnhancement")
    SubElement(stretch, "algorithm").text = "StretchToMinimumMaximum"
    return renderer


def _palette(style: Categories) -> Element:
    renderer = _renderer("paletted", style.fill_opacity)
    palette = SubElement(renderer, "colorPalette")
    for category in style.categories:
        value = f"{float(category.value):g}"
        SubElement(
            palette, "paletteEntry", value=value, color=category.colour, alpha="255", label=inert(category.label.da)
        )
    return renderer


def _steps(opacity: float, classes: list[_Class], *, below: float | None) -> Element:
    """Return a colour a step; cells up to ``below`` are left out."""
    renderer = _renderer("singlebandpseudocolor", opacity)
    renderer.set("classificationMin", repr(classes[0].upper))
    renderer.set("classificationMax", "inf")
    if below is not None:
        transparency = renderer[0]
        entries = SubElement(transparency, "singleValuePixelList")
        SubElement(entries, "pixelListEntry", min="-inf", max=repr(below), percentTransparent="100")
    shader = SubElement(SubElement(renderer, "rastershader"), "colorrampshader")
    for key, value in (("colorRampType", "DISCRETE"), ("classificationMode", "1"), ("clip", "0")):
        shader.set(key, value)
    for entry in classes:
        value = "inf" if entry.upper == float("inf") else repr(entry.upper)
        SubElement(shader, "item", value=value, color=entry.colour, alpha="255", label=inert(entry.label))
    return renderer
