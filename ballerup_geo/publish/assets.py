"""The page's scripts and style sheets: ours from ``static/``, Leaflet as the build laid it in ``static/vendor/``."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ballerup_geo.errors import BallerupGeoError, Fault

__all__ = [
    "app_script",
    "content_name",
    "frame",
    "hash_source",
    "leaflet_script",
    "leaflet_version",
    "policy",
    "style_sheet",
]

_FOLDER = Path(__file__).resolve().parent
_MAP_APP = (
    *(
        "decode",
        "words",
        "sheet",
        "stack",
        "raster",
        "labels",
        "pick",
        "panel",
        "legend",
        "table",
        "step",
        "view",
        "embed",
    ),
    *("geodesy", "search", "place_says", "place", "measure", "share"),
    *("flow_decode", "flow_water", "flow_ways", "flow_draw", "flow_profile", "flow"),
    "main",
)
_TEXT_APP = ("words", "text")


@cache
def frame(name: str) -> str:
    """Return a page frame of ``templates/``: static text with markers."""
    return (_FOLDER / "templates" / name).read_text(encoding="utf-8")


@cache
def app_script(kind: str) -> str:
    """Return our script for a page of a kind: ``"map"`` or ``"text"``."""
    names = _MAP_APP if kind == "map" else _TEXT_APP
    return "".join((_FOLDER / "static" / "app" / f"{name}.js").read_text(encoding="utf-8") for name in names)


@cache
def style_sheet(kind: str) -> str:
    """Return the style sheet of a page of a kind: ``"map"`` (Leaflet's and ours) or ``"text"`` (ours)."""
    ours = (_FOLDER / "static" / "site.css").read_text(encoding="utf-8")
    return _vendor("leaflet.css") + ours if kind == "map" else ours


@cache
def leaflet_script() -> str:
    """Return Leaflet with its licence, and without the pointer to a source map that no page carries."""
    lines = _vendor("leaflet.js").splitlines(keepends=True)
    script = "".join(line for line in lines if not line.startswith("//# sourceMappingURL"))
    return f"/*!\n{_vendor('leaflet-LICENSE.txt')}*/\n{script}"


@cache
def leaflet_version() -> str:
    """Return the version of Leaflet that the build brought."""
    return str(json.loads(_vendor("leaflet-package.json"))["version"])


@cache
def _vendor(name: str) -> str:
    path = _FOLDER / "static" / "vendor" / name
    if not path.is_file():
        what = "is missing: this copy of the package was never built"
        raise BallerupGeoError(Fault(f"publish/static/vendor/{name}", "", what, "run: pip install . (needs npm)"))
    return path.read_text(encoding="utf-8")


def content_name(stem: str, suffix: str, content: bytes) -> str:
    """Return a file name that holds the content's hash, so that caches never serve an old file."""
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"


def hash_source(text: str) -> str:
    """Return the Content-Security-Policy's source expression for an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(*, scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Return the Content-Security-Policy of a page that runs these inline scripts and styles, and nothing else.

    ``'strict-dynamic'`` lets the hashed loader add the page's own script files, from a disk as well as from a server;
    browsers that do not know it fall back to ``'self'``.
    """
    script_hashes = " ".join(hash_source(text) for text in scripts)
    style_hashes = " ".join(hash_source(text) for text in styles)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {script_hashes} 'strict-dynamic' 'self'",
            f"style-src {style_hashes}",
            "img-src 'self' data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
