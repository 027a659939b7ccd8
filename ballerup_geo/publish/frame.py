"""Our folium: a figure with a frame of its own, a map that needs nothing but Leaflet, and the compact layer.

folium and branca compile rendered text as a Jinja template a second time. What passes through their templates here is
fixed text, identifiers (``[a-z0-9_]``) and numbers; texts and attributes from data or content are put into the finished
frame in one pass (:func:`ballerup_geo.publish.text.fill`), or travel as data.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import folium
from branca.element import Figure, MacroElement
from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup

from ballerup_geo.publish import assets
from ballerup_geo.publish.text import fill

__all__ = ["CompactLayer", "PageFigure", "PageParts", "PayloadElement", "QuietMap", "identifier", "template"]

_TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"), autoescape=True)
_IDENTIFIER = re.compile(r"^[a-z][a-z0-9_]*$")


def template(name: str) -> Template:
    """Return a template of ours: fixed text, identifiers and numbers."""
    return _TEMPLATES.get_template(name)


@dataclass(frozen=True, slots=True)
class PageParts:
    """The finished, escaped parts of a map page, and the plan that its script reads."""

    language: str
    mode: Literal["page", "embed", "embed minimal"]
    """Classes of the page."""
    title: Markup
    skip: Markup
    overlay: Markup
    panel: Markup
    plan: Mapping[str, Any]


class PageFigure(Figure):
    """A page around one map: language, title, landmarks, skip links, panel, and a Content-Security-Policy by hashes.

    Parameters
    ----------
    parts
        What stands in the frame.
    files
        Paths of script files (Leaflet, ours, the layers' data), relative to the page. None: everything stands in the
        page, which then opens from a disk, in a notebook or an iframe, without another file.
    """

    def __init__(self, parts: PageParts, *, files: Sequence[str] | None = None) -> None:
        super().__init__(height="640px")
        self._id = "page"
        self.parts = parts
        self.files = files

    def render(self, **kwargs: Any) -> str:
        """Return the page."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        parts = self.parts
        start = f"globalThis.ballerupGeoStart = function () {{\n{self.script.render(**kwargs)}\n}};"
        scripts, blocks = self._scripts(start)
        style = assets.style_sheet("map")
        return fill(
            assets.frame("map.html"),
            {
                "language": parts.language,
                "mode": parts.mode,
                "policy": assets.policy(scripts=scripts, styles=[style]),
                "title": parts.title,
                "styles": f"<style>{style}</style>",
                "head": self._guests(**kwargs),
                "skip": parts.skip,
                "map": self.html.render(**kwargs),
                "overlay": parts.overlay,
                "panel": parts.panel,
                "data": "\n".join([_json_block("plan", parts.plan), *blocks]),
                "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
            },
        )

    def _scripts(self, start: str) -> tuple[list[str], list[str]]:
        """Return the inline scripts in order, and the data blocks."""
        if self.files is not None:
            return [_GUARD, start, _loader(self.files)], []
        blocks = [_data_block(key, data) for key, data in _payloads(self).items()]
        return [_GUARD, start, assets.leaflet_script(), assets.app_script("map")], blocks

    def _guests(self, **kwargs: Any) -> str:
        """Return what stock folium elements, added by a notebook's author, put into the head; ours put nothing."""
        own = [child for name, child in self.header._children.items() if name != "meta_http"]
        return "\n".join(child.render(**kwargs) for child in own)


def _payloads(figure: PageFigure) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for child in figure._children.values():
        for element in child._children.values():
            if isinstance(element, PayloadElement):
                found.update(element.payloads)
    return found


def _loader(files: Sequence[str]) -> str:
    """Return a script that adds script files in order: they run under the policy because this one's hash is in it."""
    names = json.dumps(list(files)).replace("<", "\\u003c")
    return (
        '(function (files) {\n  files.forEach(function (file) {\n    var script = document.createElement("script");\n'
        "    script.src = file;\n    script.async = false;\n    document.head.appendChild(script);\n  });\n"
        f"}})({names});"
    )


def _json_block(name: str, data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>'


def _data_block(key: str, data: bytes) -> str:
    return f'<script type="application/octet-stream" id="data-{key}">{base64.b64encode(data).decode()}</script>'


_GUARD = """(function () {
  function fail() {
    if (!document.documentElement.hasAttribute("data-drawn")) document.getElementById("failure").hidden = false;
  }
  addEventListener("error", fail, true);
  addEventListener("unhandledrejection", fail);
})();"""
"""Runs first, in words that every browser knows: a page that cannot draw its map, for whatever reason, says so."""


class QuietMap(folium.Map):
    """A folium map that needs Leaflet alone and asks nobody for a picture: no tiles, no jQuery, no icon font."""

    _template = template("map_element.html.j2")
    # the figure carries Leaflet; these are class attributes, so stock maps keep theirs
    default_js: ClassVar[list[tuple[str, str]]] = []  # type: ignore[misc]
    default_css: ClassVar[list[tuple[str, str]]] = []  # type: ignore[misc]

    def __init__(self, map_id: str, *, centre: tuple[float, float], figure: PageFigure) -> None:
        super().__init__(location=centre, tiles=None, zoom_start=12, prefer_canvas=True)
        self._id = identifier(map_id)
        figure.add_child(self)

    def page_options(self) -> dict[str, Any]:
        """Return Leaflet's options that come from folium: numbers only."""
        return {"center": [float(value) for value in self.location], "zoom": 12}


class PayloadElement(MacroElement):
    """An element of the map whose data stand in the page, in a block of their own, where the page stands alone."""

    payloads: Mapping[str, bytes]
    """Name → content; ``ballerupGeo.payload(name)`` gives the script its base64 text."""


class CompactLayer(PayloadElement):
    """A layer as columns and quantised coordinates in one gzip, drawn on the map's one canvas.

    Parameters
    ----------
    layer_id
        The layer's id in the map file.
    key
        The payload's name: the hash of its content.
    packed
        What :func:`ballerup_geo.publish.pack.pack` made.
    """

    _template = template("compact_layer.js.j2")

    def __init__(self, layer_id: str, *, key: str, packed: bytes) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Layer"
        self._id = self.layer_id = identifier(layer_id)
        self.key = key
        self.payloads = {key: packed}


def identifier(name: str) -> str:
    """Return a name that may stand in a template.

    Raises
    ------
    ValueError
        It is more than lower-case letters, digits and underscores.
    """
    if not _IDENTIFIER.match(name):
        raise ValueError(f"{name!r} is no identifier")
    return name
