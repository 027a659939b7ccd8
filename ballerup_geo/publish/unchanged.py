"""Whether the site on disk is the one that would be written anew; then it is left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ballerup_geo.errors import DataError
from ballerup_geo.publish.content import Reader, results_needed
from ballerup_geo.publish.kept import Kept
from ballerup_geo.storage import read_json, sha256_files, sha256_json, write_json

__all__ = ["areas_noted", "is_current", "is_untouched", "remember", "site_key"]

_PACKAGE = Path(__file__).resolve().parent.parent
_ROOMS = ("publish", "spec", "methods", "results", "storage", "raster.py")
"""What a page is made by: our code and scripts, the methods' declarations, and the writers of downloads."""
_DRAWN_BY = (
    "branca",
    "folium",
    "Jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "pillow",
    "pyogrio",
    "pyproj",
    "rasterio",
    "shapely",
)
"""Packages whose versions decide on the bytes of pages, pictures and downloads."""


def site_key(reader: Reader, *, ready: Sequence[str]) -> str:
    """Return a hash of all that the site follows from: code, content, layers, and the results of the ready maps."""
    project = reader.project
    shown = {layer.layer for found in project.maps.values() for layer in found.layers if layer.layer is not None}
    searched = {search.layer for found in project.maps.values() for search in found.search if search.layer is not None}
    drawn = [found.handouts.picture for found in project.maps.values() if found.handouts is not None]
    around = {name for picture in drawn if picture is not None for name in picture.around}
    known = sorted(name for name in {"municipality", *shown, *searched, *around} if reader.catalog.has(name))
    contents = [
        {name: content.model_dump(mode="json") for name, content in folder.items()}
        for folder in (project.layers, project.analyses, project.maps)
    ]
    layers = {name: reader.catalog.key(name) for name in known}
    results = {name: reader.result(name).key for found in ready for name in results_needed(project.maps[found])}
    return sha256_json([_code_hash(), _versions(), contents, layers, list(ready), results])


def is_current(site: Path, key: str) -> bool:
    """Say whether the folder ``site`` was written with this key and has been left as it was."""
    return _known(site).get("key") == key and is_untouched(site)


def is_untouched(site: Path) -> bool:
    """Say whether every file in the folder ``site`` is as it was written, whatever it was made from."""
    return _known(site).get("sha256") == _site_hash(site)


def _known(site: Path) -> dict[str, Any]:
    """Return what was noted about the site; a damaged record is as good as none: the site is written again."""
    try:
        known = read_json(_record(site)) if _record(site).is_file() else {}
    except DataError:
        return {}
    return known if isinstance(known, dict) else {}


def areas_noted(site: Path) -> dict[str, tuple[float, ...]]:
    """Return the m² of the classes of each raster that the last build counted with this code, by the raster's key."""
    known = _known(site)
    return Kept.noted(known.get("areas_m2")) if known.get("code") == _code_hash() else {}


def remember(site: Path, key: str, kept: Kept) -> None:
    """Note what the folder ``site`` was made from, and what the next build need not count again."""
    areas = {name: list(areas) for name, areas in kept.areas_m2.items()}
    write_json(_record(site), {"key": key, "sha256": _site_hash(site), "code": _code_hash(), "areas_m2": areas})


def _record(site: Path) -> Path:
    return site.parent / "results" / f"{site.name}.json"


def _site_hash(site: Path) -> str:
    return sha256_files((path for path in site.rglob("*") if path.is_file()), root=site)


def _versions() -> dict[str, str]:
    return {name: version(name) for name in _DRAWN_BY}


@cache
def _code_hash() -> str:
    files = (
        path
        for room in _ROOMS
        for path in ((_PACKAGE / room).rglob("*") if (_PACKAGE / room).is_dir() else [_PACKAGE / room])
        if path.is_file() and "__pycache__" not in path.parts
    )
    return sha256_files(files, root=_PACKAGE)
