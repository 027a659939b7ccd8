"""The report's small maps: the area among what a theme is about, as pictures in the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import shapely
from markupsafe import Markup

from ballerup_geo.methods.lokalplan import Assessment
from ballerup_geo.publish.text import both
from ballerup_geo.spec import Text
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.spec.words import number

__all__ = ["PICTURES", "picture"]

WIDTH = 640.0
"""Units of the picture's own coordinates across."""
_TALLEST = 640.0
_BARS_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind of shape is drawn, and what the key says."""

    words: Text
    fill: str = "none"
    stroke: str = "none"
    width: float = 1.0
    dash: str = ""
    radius: float = 2.5


_BUILDINGS = {"buildings": _Look(Text(da="bygninger", en="buildings"), fill="#c3c8cc")}
_PLANNED: Mapping[str, _Look] = {
    "planned_building": _Look(
        Text(da="byggefelt i forslaget", en="proposed building field"), "#f3d9a4", "#8a5a00", 1.5
    ),
    "planned_road": _Look(Text(da="vej i forslaget", en="proposed road"), "#dddddd", "#555555"),
    "planned_parking": _Look(Text(da="parkering i forslaget", en="proposed parking"), "#e8e2ef", "#6a4c93"),
    "planned_green": _Look(Text(da="grønt i forslaget", en="proposed green"), "#d5ead8", "#2d7a3e"),
    "planned_basin": _Look(Text(da="bassin i forslaget", en="proposed basin"), "#cfe6f5", "#0b4f8a"),
}
_LOOKS: Mapping[str, Mapping[str, _Look]] = {
    "rain": {
        **_BUILDINGS,
        "bluespots": _Look(
            Text(da="lavning, hvor vand samler sig", en="hollow where water gathers"), "#9ecae1", "#3182bd"
        ),
        "drainage_lines": _Look(Text(da="strømningsvej", en="flow path"), stroke="#0b4f8a", width=2.0),
    },
    "heat": {
        "heat_areas": _Look(
            Text(da="varmeplanens områder", en="areas of the heat plan"), "none", "#7a5195", 1.5, "6 4"
        ),
        **_BUILDINGS,
        "heat_network": _Look(Text(da="fjernvarmerør", en="district-heating pipe"), stroke="#0072b2", width=1.5),
    },
    "school": {
        **_BUILDINGS,
        "ways": _Look(Text(da="vej til skole herfra", en="way to school from here"), stroke="#9c3f73", width=3.0),
    },
    "green": {
        "green_areas": _Look(Text(da="grønt område", en="green area"), "#cfe8d5"),
        "protected_nature": _Look(
            Text(da="beskyttet natur eller linje", en="protected nature or line"), "none", "#117733", 1.5, "3 3"
        ),
        **_BUILDINGS,
        "trees": _Look(Text(da="registreret træ", en="recorded tree"), fill="#1b7a3d"),
    },
}
PICTURES = tuple(_LOOKS)
"""Themes that have a picture."""
_AREA = _Look(Text(da="planområde", en="plan area"), "none", "#1f2428", 2.5)


def picture(theme: str, assessment: Assessment, *, title: Text, modelled: bool, name: str) -> Markup:
    """Return a figure called ``name``: the picture with scale and north, its title in words, and its key.

    The key describes the picture to those who do not see it: how many of each kind it shows, and what is unknown.
    """
    looks = {**_LOOKS[theme], **_PLANNED}
    view = _View.of(assessment)
    drawn = {key: assessment.lines[key] for key in looks if assessment.lines.get(key)}
    layers = [_layer(shapes, looks[key], view) for key, shapes in drawn.items()]
    outline = _path([assessment.area], _AREA, view)
    key = [_key(look, assessment.lines.get(kind)) for kind, look in _LOOKS[theme].items()]
    key += [_key(look, drawn[kind]) for kind, look in _PLANNED.items() if kind in drawn]
    key.append(_key(_AREA, (assessment.area,), counted=False))
    return Markup(
        '<figure class="plan-map"><svg role="img" aria-labelledby="{id}" aria-describedby="{id}-key" '
        'viewBox="0 0 {w} {h}" xmlns="http://www.w3.org/2000/svg"><rect width="{w}" height="{h}" fill="#f6f7f6"/>'
        "{layers}{outline}{furniture}"
        '</svg><figcaption><span id="{id}">{title}</span><ul class="key" id="{id}-key">{key}</ul></figcaption></figure>'
    ).format(
        id=name,
        w=_num(WIDTH),
        h=_num(view.height),
        layers=Markup("").join(layers),
        outline=outline,
        furniture=_furniture(view, modelled),
        title=both(Text(da=f"Kort: {title.da}", en=f"Map: {title.en}")),
        key=Markup("").join(key),
    )


@dataclass(frozen=True, slots=True)
class _View:
    """From metres to the picture's coordinates."""

    west: float
    north: float
    scale: float
    height: float

    @classmethod
    def of(cls, assessment: Assessment) -> _View:
        west, south, east, north = assessment.frame.bounds
        scale = min(WIDTH / (east - west), _TALLEST / (north - south))
        spare = WIDTH / scale - (east - west)
        return cls(west - spare / 2.0, north, scale, (north - south) * scale)

    def points(self, ring: shapely.Geometry) -> str:
        coordinates = shapely.get_coordinates(ring)
        return "L".join(
            f"{(x - self.west) * self.scale:.1f} {(self.north - y) * self.scale:.1f}" for x, y in coordinates
        )


def _layer(shapes: tuple[shapely.Geometry, ...], look: _Look, view: _View) -> Markup:
    parts = [part for shape in shapes for part in shapely.get_parts(shape)]
    points = [part for part in parts if part.geom_type == "Point"]
    rest = [part for part in parts if part.geom_type != "Point"]
    dots = [
        Markup('<circle cx="{}" cy="{}" r="{}" fill="{}"/>').format(*view.points(point).split(), look.radius, look.fill)
        for point in points
    ]
    return _path(rest, look, view) + Markup("").join(dots)


def _path(shapes: list[shapely.Geometry], look: _Look, view: _View) -> Markup:
    if not shapes:
        return Markup("")
    rings: list[str] = []
    for part in shapely.get_parts(shapes):
        if part.geom_type == "Polygon":
            rings += [f"M{view.points(ring)}Z" for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in ("LineString", "LinearRing"):
            rings.append(f"M{view.points(part)}")
    dash = Markup(' stroke-dasharray="{}"').format(look.dash) if look.dash else Markup("")
    return Markup('<path d="{}" fill="{}" fill-rule="evenodd" stroke="{}" stroke-width="{}"{}/>').format(
        "".join(rings), look.fill, look.stroke, look.width, dash
    )


def _key(look: _Look, shapes: tuple[shapely.Geometry, ...] | None, *, counted: bool = True) -> Markup:
    """Return an entry of the key; pieces of lines are not counted, since a line is cut into any number of them."""
    line = look.fill == "none"
    words = look.words
    if shapes is None:
        words = Text(da=f"{words.da} (ukendt)", en=f"{words.en} (unknown)")
    elif counted and (not shapes or not line):
        words = Text(da=f"{words.da} ({number(len(shapes))})", en=f"{words.en} ({number(len(shapes), language='en')})")
    mark = (
        Markup('<path d="M1 7H21" stroke="{}" stroke-width="{}"{}/>').format(
            look.stroke,
            look.width,
            Markup(' stroke-dasharray="{}"').format(look.dash) if look.dash else Markup(""),
        )
        if line
        else Markup('<rect x="2" y="2" width="18" height="10" fill="{}" stroke="{}"/>').format(look.fill, look.stroke)
    )
    return Markup('<li><svg aria-hidden="true" width="22" height="14" viewBox="0 0 22 14">{}</svg> {}</li>').format(
        mark, both(words)
    )


def _furniture(view: _View, modelled: bool) -> Markup:
    """Return scale bar, north, and the words that stand inside every picture of modelled data."""
    longest = WIDTH / 3.0 / view.scale
    metres = max((bar for bar in _BARS_M if bar <= longest), default=_BARS_M[0])
    length = metres * view.scale
    y = view.height - 14.0
    bar = Markup(
        '<path d="M12 {a}V{y}H{x}V{a}" fill="none" stroke="#1f2428" stroke-width="1.5"/>'
        '<text x="{t}" y="{y}" font-size="15" fill="#1f2428">{words} m</text>'
        '<path d="M{e} 34L{f} 10L{g} 34L{f} 28Z" fill="#1f2428"/>'
        '<text x="{f}" y="50" font-size="15" text-anchor="middle" fill="#1f2428">N</text>'
    ).format(
        a=_num(y - 6.0),
        y=_num(y),
        x=_num(12.0 + length),
        t=_num(18.0 + length),
        words=number(metres),
        e=_num(WIDTH - 32.0),
        f=_num(WIDTH - 24.0),
        g=_num(WIDTH - 16.0),
    )
    if not modelled:
        return bar
    words = [
        Markup('<text lang="{}" x="12" y="22" font-size="15" fill="#4a3500">{}</text>').format(language, said)
        for language, said in (("da", MODEL_NOTICE.da), ("en", MODEL_NOTICE.en))
    ]
    back = Markup('<rect x="6" y="5" width="376" height="24" fill="#fff4d6"/>')
    return bar + back + Markup("").join(words)


def _num(value: float) -> str:
    return f"{value:.1f}"
