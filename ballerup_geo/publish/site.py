"""The site: a front page, a page a map, a method page an analysis. Static files with relative links only.

Any web server, a sub-path of one, or a disk will do. Names of script and data files hold their content's hash. The same
project, layers and results give the same bytes.
"""

from __future__ import annotations

import base64
import json
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ballerup_geo.project import Project
from ballerup_geo.publish import assets
from ballerup_geo.publish.content import MapContent, Reader, gather, results_needed
from ballerup_geo.publish.explain import explain
from ballerup_geo.publish.figures import figures_of
from ballerup_geo.publish.page import map_page, site_name
from ballerup_geo.publish.pages import Card, index_page, method_page
from ballerup_geo.publish.rasters import RasterContent, RasterStep
from ballerup_geo.publish.tiles import TileSet, tile_set, write_tiles
from ballerup_geo.publish.unchanged import is_current, is_untouched, remember, site_key
from ballerup_geo.spec import Map, Progress, Text
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import lock_folder, new_folder, recover

if TYPE_CHECKING:
    from ballerup_geo.catalog import Catalog

__all__ = ["Site", "build_site", "ready_maps", "write_site"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """A site on disk."""

    index: Path
    maps: Mapping[str, Path]
    """Each map's page."""
    methods: Mapping[str, Path]
    """Each analysis' method page."""
    waiting: tuple[str, ...]
    """Maps whose analysis has no result yet, or one of the other kind of data than the layers."""
    unchanged: bool = False
    """The site on disk was already this one, and was left as it is."""


def build_site(project: Project, *, out: Path, catalog: Catalog, progress: Progress | None = None) -> Site:
    """Write ``<out>/site/``: whole or not at all, the last good site stays until then.

    Where nothing that a page follows from has changed, the site is left as it is.

    ``<out>/results`` is locked meanwhile, as a run locks it: no result changes under the site that is made from it, and
    no run takes the site's unfinished folder for one that a killed run left.

    Raises
    ------
    BallerupGeoError
        A run, or another build of the site, is at work in ``out``.
    ProjectError
        A map names something that is not there.
    DataError
        A layer or result cannot be read.
    """
    from ballerup_geo.results import has_result, read_result

    reader = Reader(project, catalog, lambda name: read_result(out, name))
    with lock_folder(out / "results"):
        recover(out)
        ready = ready_maps(reader, lambda name: has_result(out, name))
        key = site_key(reader, ready=ready)
        if is_current(out, key):
            return replace(_site(project, ready, out / "site"), unchanged=True)
        last = out / "site/tiles" if is_untouched(out) else None
        site = write_site(reader, ready=ready, target=out / "site", last_tiles=last, progress=progress)
        remember(out, key)
        return site


def ready_maps(reader: Reader, has_result: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the maps that can be drawn, in the front page's order: with results, of the layers' kind of data."""
    kind, maps = reader.catalog.data, reader.project.maps
    names = sorted(maps, key=lambda name: (maps[name].order, name))
    fits = {
        name: has_result(name) and reader.result(name).run["data"] == kind
        for name in {result for found in maps.values() for result in results_needed(found)}
    }
    return tuple(name for name in names if all(fits[result] for result in results_needed(maps[name])))


def write_site(
    reader: Reader,
    *,
    ready: Sequence[str],
    target: Path,
    last_tiles: Path | None = None,
    progress: Progress | None = None,
) -> Site:
    """Write the site's folder from what a reader reads; maps that are not ready get a card that says so.

    Tiles are taken from ``last_tiles`` where they are there already: their name says what they were made from.
    """
    project = reader.project
    names = sorted(project.maps, key=lambda name: (project.maps[name].order, name))
    with new_folder(target) as folder:
        shared = _write_shared(folder)
        cards = {name: _waiting_card(project.maps[name]) for name in names}
        modelled: dict[str, bool] = {}
        for number, name in enumerate(ready):
            if progress is not None:
                progress(f"map {name}", number / max(len(ready), 1))
            content = gather(reader, name)
            _write_map(folder, content, project, shared, last_tiles)
            cards[name] = _card(content)
            modelled.update({analysis: result.modelled for analysis, result in content.results.items()})
        methods = _write_methods(folder, project, ready, modelled)
        index = index_page(list(cards.values()), site=site_name(project.municipality.name), methods=methods)
        _write_text(folder / "index.html", index)
    _log.info("site: %d maps, %d method pages in %s", len(ready), len(methods), target)
    return _site(project, ready, target)


def _site(project: Project, ready: Sequence[str], target: Path) -> Site:
    return Site(
        index=target / "index.html",
        maps={name: target / name / "index.html" for name in ready},
        methods={name: target / "metode" / f"{name}.html" for name in project.analyses},
        waiting=tuple(name for name in project.maps if name not in ready),
    )


def _write_shared(folder: Path) -> list[str]:
    """Write Leaflet and our script once for all maps; return their paths from the site's root."""
    paths = []
    for stem, script in (("leaflet", assets.leaflet_script()), ("ballerup-geo", assets.app_script("map"))):
        content = script.encode()
        paths.append(f"assets/{assets.content_name(stem, 'js', content)}")
        _write(folder / paths[-1], content)
    return paths


def _write_map(folder: Path, content: MapContent, project: Project, shared: list[str], last_tiles: Path | None) -> None:
    data = [
        _write_payload(folder, layer.shown.id, layer.key, layer.packed, modelled=content.modelled)
        for layer in content.layers
    ]
    flow = None
    if content.flow is not None:
        flow = _write_payload(folder, "flow", content.flow.key, content.flow.packed, modelled=content.modelled)
    analysis = content.map.analysis
    links = {"index": "../index.html"}
    if analysis is not None:
        links["method"] = f"../metode/{analysis}.html"
    tiles = {
        step.key: _write_tiles(folder / "tiles", raster, step, last_tiles)
        for raster in content.rasters
        for step in raster.steps
    }
    page = map_page(
        content,
        explanation=explain(project, analysis) if analysis is not None else None,
        mode="page",
        links=links,
        files=[f"../{path}" for path in dict.fromkeys([*shared, *data])],
        tiles=tiles,
        flow_file=None if flow is None else f"../{flow}",
    )
    _write_text(folder / content.id / "index.html", page.get_root().render())


def _write_tiles(folder: Path, raster: RasterContent, step: RasterStep, last: Path | None) -> TileSet:
    """Write a raster's tiles; two maps that show it in the same colours share them, and so do two editions."""
    own = folder / step.key
    if not own.is_dir() and last is not None and (last / step.key).is_dir():
        shutil.copytree(last / step.key, own)
    return tile_set(own) if own.is_dir() else write_tiles(step.path, raster.classes, own, note=raster.note)


def _write_payload(folder: Path, stem: str, key: str, packed: bytes, *, modelled: bool) -> str:
    """Write a data file: a script, because pages on a disk may not fetch; two maps share an equal one."""
    path = f"data/{stem}.{key}.js"
    text = base64.b64encode(packed).decode()
    notice = f"// {MODEL_NOTICE.da} / {MODEL_NOTICE.en}\n" if modelled else ""
    _write_text(folder / path, f"{notice}ballerupGeo.put({json.dumps(key)},{json.dumps(text)});\n")
    return path


def _card(content: MapContent) -> Card:
    figures = tuple(figures_of(content.map.headlines, content.results))
    return Card(content.map.title, content.map.lead, f"{content.id}/index.html", figures, content.modelled)


def _waiting_card(found: Map) -> Card:
    return Card(found.title, found.lead, None, (), modelled=False)


def _write_methods(
    folder: Path, project: Project, ready: Sequence[str], modelled: Mapping[str, bool]
) -> list[tuple[str, Text]]:
    """Write a method page an analysis; return the links to them."""
    links = []
    for name in sorted(project.analyses):
        maps = [
            (f"../{each}/index.html", project.maps[each].title) for each in ready if project.maps[each].analysis == name
        ]
        page = method_page(
            explain(project, name),
            site=site_name(project.municipality.name),
            modelled=modelled.get(name, False),
            map_links=maps,
        )
        _write_text(folder / "metode" / f"{name}.html", page)
        links.append((f"metode/{name}.html", project.analyses[name].title))
    return links


def _write_text(path: Path, text: str) -> None:
    _write(path, text.encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
