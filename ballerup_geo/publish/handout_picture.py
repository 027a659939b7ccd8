"""The picture of a printed sheet: a place with what lies around it in grey, and its points, as SVG in few bytes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from ballerup_geo.publish.text import HARD_SPACE, both, quantity
from ballerup_geo.spec import Categories, Text

__all__ = ["Points", "legend_of", "picture_of"]

WIDTH, HEIGHT = 1000.0, 620.0
"""The picture's own units."""
AROUND_M = 60.0
LEAST_M = 120.0
"""A picture shows at least so many metres."""
LEAST_UNITS = 3.0
"""What is smaller in the picture is left out."""
DOT_M, DOT_UNITS = 3.5, (1.8, 7.0)
"""Radius of a point in metres, and in units at least and at most."""
GROUND, EDGE, BUILT, STREET = "#dcebdc", "#2f6b4a", "#c3c9cd", "#d9dee1"


@dataclass(frozen=True, slots=True)
class Points:
    """Points of all sheets, and how they look."""

    frame: gpd.GeoDataFrame
    of: str
    style: Categories

    def of_row(self, name: object) -> tuple[gpd.GeoDataFrame, Categories]:
        """Return the points of one sheet."""
        return gpd.GeoDataFrame(self.frame[self.frame[self.of] == name]), self.style


@dataclass(frozen=True, slots=True)
class _View:
    """From metres to the picture's units: ``west`` and ``north`` become 0, 0."""

    west: float
    north: float
    units_per_m: float

    def put(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack(
            [(coordinates[:, 0] - self.west) * self.units_per_m, (self.north - coordinates[:, 1]) * self.units_per_m],
            axis=1,
        )


def picture_of(
    place: shapely.Geometry,
    *,
    around: Sequence[gpd.GeoDataFrame],
    points: tuple[gpd.GeoDataFrame, Categories] | None,
    title: Text,
) -> Markup:
    """Return a place as an SVG picture, north up.

    Parameters
    ----------
    place
        EPSG:25832; an area or line.
    around
        Layers drawn in grey within 60 m of the place.
    points
        Points on it, each in the colour of its category.
    """
    view = _view(place)
    near = shapely.buffer(place, AROUND_M, quad_segs=2)
    inside = Markup("").join(
        (
            *(_lines(layer, near, view) for layer in around if _kind(layer) == "line"),
            _path([place], view, fill=GROUND, line=EDGE),
            *(_areas(layer, near, view) for layer in around if _kind(layer) == "area"),
            NOTHING if points is None else _dots(points, view),
            _scale(view),
        )
    )
    return Markup('<svg viewBox="0 0 {} {}" role="img" data-da="{}" data-en="{}" aria-label="{}">{}</svg>').format(
        round(WIDTH), round(HEIGHT), title.da, title.en, title.da, inside
    )


NOTHING = Markup("")


def _view(place: shapely.Geometry) -> _View:
    west, south, east, north = shapely.bounds(place)
    margin = 0.04 * max(east - west, north - south, LEAST_M)
    wide, high = max(east - west, LEAST_M) + 2 * margin, max(north - south, LEAST_M) + 2 * margin
    scale = min(WIDTH / wide, HEIGHT / high)
    middle = (west + east) / 2.0, (south + north) / 2.0
    return _View(middle[0] - WIDTH / scale / 2.0, middle[1] + HEIGHT / scale / 2.0, scale)


def _kind(layer: gpd.GeoDataFrame) -> str:
    kinds = set(layer.geom_type.dropna())
    return "line" if kinds and all("Line" in kind for kind in kinds) else "area"


def _near(layer: gpd.GeoDataFrame, near: shapely.Geometry, view: _View) -> NDArray[Any]:
    shapes = layer.geometry.to_numpy()[layer.sindex.query(near, predicate="intersects")]
    return np.asarray(shapely.simplify(shapes, 1.0 / view.units_per_m))


def _areas(layer: gpd.GeoDataFrame, near: shapely.Geometry, view: _View) -> Markup:
    shapes = _near(layer, near, view)
    seen = shapely.area(shapes) >= (LEAST_UNITS / view.units_per_m) ** 2
    return _path(shapes[seen], view, fill=BUILT, line="none")


def _lines(layer: gpd.GeoDataFrame, near: shapely.Geometry, view: _View) -> Markup:
    return _path(shapely.intersection(_near(layer, near, view), near), view, fill="none", line=STREET, width=4)


def _path(shapes: Any, view: _View, *, fill: str, line: str, width: float = 2) -> Markup:
    drawn = "".join(_strokes(shapes, view))
    if not drawn:
        return NOTHING
    return Markup('<path d="{}" fill="{}" fill-rule="evenodd" stroke="{}" stroke-width="{}"/>').format(
        drawn, fill, line, width
    )


def _strokes(shapes: Any, view: _View) -> Iterator[str]:
    for part in shapely.get_parts(np.asarray(shapes, dtype=object)):
        rings = shapely.get_rings(part) if shapely.get_type_id(part) == 3 else [part]
        for ring in rings:
            at = np.rint(view.put(shapely.get_coordinates(ring))).astype(int)
            if len(at) < 2:
                continue
            keep = np.append(True, np.any(np.diff(at, axis=0) != 0, axis=1))
            steps = " ".join(f"{x} {y}" for x, y in at[keep].tolist())
            yield f"M{steps}" + ("Z" if len(rings) and shapely.get_type_id(part) == 3 else "")


def _dots(points: tuple[gpd.GeoDataFrame, Categories], view: _View) -> Markup:
    frame, style = points
    radius = min(max(DOT_M * view.units_per_m, DOT_UNITS[0]), DOT_UNITS[1])
    drawn = []
    for category in style.categories:
        own = frame[frame[style.column] == category.value]
        at = np.rint(view.put(shapely.get_coordinates(own.geometry.to_numpy()))).astype(int)
        spots = "".join(f"M{x} {y}h0" for x, y in at.tolist())
        if spots:
            drawn.append(
                Markup('<path d="{}" stroke="{}" stroke-width="{}" stroke-linecap="round" fill="none"/>').format(
                    spots, category.colour, round(2 * radius, 1)
                )
            )
    return Markup("").join(drawn)


def _scale(view: _View) -> Markup:
    """Return a scale bar of a round length, at most a quarter of the picture."""
    most = WIDTH / view.units_per_m / 4.0
    step = 10.0 ** math.floor(math.log10(most))
    length = max(factor * step for factor in (1.0, 2.0, 5.0) if factor * step <= most)
    units = round(length * view.units_per_m)
    words = f"{quantity(length, 0, 'da')}{HARD_SPACE}m"
    return Markup(
        '<g><rect x="12" y="{}" width="{}" height="44" fill="#ffffff" fill-opacity="0.85"/>'
        '<path d="M24 {}v8h{}v-8" fill="none" stroke="#1f2428" stroke-width="3"/>'
        '<text x="{}" y="{}" font-size="22" fill="#1f2428" text-anchor="middle">{}</text></g>'
    ).format(round(HEIGHT) - 56, units + 24, round(HEIGHT) - 28, units, 24 + units // 2, round(HEIGHT) - 32, words)


def legend_of(style: Categories) -> Markup:
    """Return what the points' colours mean, in one line."""
    entries = Markup("").join(
        Markup(
            '<li><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'
            '<circle cx="8" cy="8" r="7" fill="{}"/></svg>{}</li>'
        ).format(category.colour, both(category.label))
        for category in style.categories
    )
    return Markup('<ul class="handout-legend">{}</ul>').format(entries)
