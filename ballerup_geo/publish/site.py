"""The site: a front page, three forms a map, a method page and downloads an analysis. Static files, relative links.

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
from typing import TYPE_CHECKING, Literal

from ballerup_geo.project import Project
from ballerup_geo.publish import assets
from ballerup_geo.publish.content import MapContent, Reader, gather, results_needed
from ballerup_geo.publish.downloads import write_downloads
from ballerup_geo.publish.drawing import Drawer, DrawnMap
from ballerup_geo.publish.edition import Edition
from ballerup_geo.publish.explain import explain
from ballerup_geo.publish.figures import figures_of
from ballerup_geo.publish.forms import single_file, take_section
from ballerup_geo.publish.further import card_path, card_targets, further_pages
from ballerup_geo.publish.handouts import HANDOUT_FILE, handout_page
from ballerup_geo.publish.kept import Kept
from ballerup_geo.publish.page import map_page, site_name
from ballerup_geo.publish.pages import Card, index_page, method_page
from ballerup_geo.publish.rasters import RasterContent, RasterStep
from ballerup_geo.publish.tiles import TileSet, tile_set, write_tiles
from ballerup_geo.publish.unchanged import areas_noted, is_current, is_untouched, remember, site_key
from ballerup_geo.spec import Map, Progress, Text
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import lock_folder, new_folder, recover

if TYPE_CHECKING:
    from ballerup_geo.catalog import Catalog
    from ballerup_geo.results import Result

__all__ = ["Site", "build_site", "fill_site", "ready_maps", "write_site"]

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
    planners: Path | None = None
    """The front page of the maps for planners, which are not part of the site."""


def build_site(project: Project, *, out: Path, catalog: Catalog, progress: Progress | None = None) -> Site:
    """Write ``<out>/site/``: whole or not at all, the last good site stays until then.

    Maps for planners stand in ``<out>/planners/``, a site of the same make that is not for publication: what they may
    show and hand on is never in ``<out>/site/``.

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
    with lock_folder(out / "results"):
        recover(out)
        planners = project.for_audience("planners")
        kept_apart = _built(planners, out / "planners", catalog, progress) if planners.maps else None
        site = _built(project.for_audience("public"), out / "site", catalog, progress)
        if kept_apart is None:
            return site
        waiting = (*site.waiting, *kept_apart.waiting)
        return replace(site, waiting=waiting, planners=kept_apart.index if kept_apart.maps else None)


def _built(project: Project, target: Path, catalog: Catalog, progress: Progress | None) -> Site:
    """Write a site's folder, or leave it where it is the one that would be written."""
    from ballerup_geo.results import has_result, read_result

    out = target.parent
    reader = Reader(project, catalog, lambda name: read_result(out, name), Kept(areas_noted(target)))
    ready = ready_maps(reader, lambda name: has_result(out, name))
    if not ready and target.name == "planners":
        return _site(project, ready, target)
    key = site_key(reader, ready=ready)
    if is_current(target, key):
        return replace(_site(project, ready, target), unchanged=True)
    last = target / "tiles" if is_untouched(target) else None
    site = write_site(reader, ready=ready, target=target, last_tiles=last, progress=progress)
    remember(target, key, reader.kept)
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
    with new_folder(target) as folder:
        fill_site(folder, reader, ready=ready, last_tiles=last_tiles, progress=progress)
    _log.info("site: %d maps, %d method pages in %s", len(ready), len(reader.project.analyses), target)
    return _site(reader.project, ready, target)


def fill_site(
    folder: Path,
    reader: Reader,
    *,
    ready: Sequence[str],
    last_tiles: Path | None = None,
    edition: Edition | None = None,
    more_pages: Sequence[tuple[str, Text]] = (),
    progress: Progress | None = None,
) -> None:
    """Write all pages and files of a site, or of an edition of it, into an empty folder.

    ``more_pages``, address and title, are linked on the front page; who calls writes them.
    """
    project = reader.project
    names = sorted(project.maps, key=lambda name: (project.maps[name].order, name))
    build = _Build(folder, project, _write_shared(folder), last_tiles, edition)
    cards = {name: _waiting_card(project.maps[name]) for name in names}
    results: dict[str, Result] = {}
    with Drawer() as drawer:
        drawn = {}
        for number, name in enumerate(ready):
            if progress is not None:
                progress(f"map {name}", number / max(len(ready), 1))
            content = gather(reader, name)
            drawn[name] = content, drawer.begin(content)
            _write_map(build, content)
            _write_handouts(build, reader, content)
            results.update(content.results)
        for name, result in sorted(results.items()):
            share: Literal["link", "copy"] = "link" if edition is None else "copy"
            write_downloads(folder / "hent" / name, project, result, site=build.site, share=share)
        for name, (content, pictures) in reversed(drawn.items()):  # the other process draws the first ones
            cards[name] = _write_pictures(build, content, pictures())
    modelled = reader.catalog.data == "model"
    methods = _write_methods(build, ready, results, modelled=modelled)
    further = further_pages(
        project,
        results,
        ready=ready,
        site=build.site,
        modelled=modelled,
        account=_write_account(folder, project, results),
    )
    for each in further:
        _write_text(folder / each.path, each.page)
    links = [*((each.path, each.title) for each in further if not each.at_foot), *more_pages]
    index = index_page(list(cards.values()), site=build.site, methods=methods, further=links)
    _write_text(folder / "index.html", index)


@dataclass(frozen=True, slots=True)
class _Build:
    """A site in the making."""

    folder: Path
    project: Project
    shared: Sequence[str]
    """Scripts of all maps, from the site's root."""
    last_tiles: Path | None
    edition: Edition | None

    @property
    def site(self) -> Text:
        """The site's name."""
        return site_name(self.project.municipality.name, self.edition)


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


def _write_map(build: _Build, content: MapContent) -> None:
    """Write a map's data files, its page, its embed, and the one file that needs no other."""
    folder, analysis = build.folder, content.map.analysis
    data = [
        _write_payload(folder, layer.shown.id, layer.key, layer.packed, modelled=content.modelled)
        for layer in content.layers
    ]
    tiles = {
        step.key: _write_tiles(folder / "tiles", raster, step, build.last_tiles)
        for raster in content.rasters
        for step in raster.steps
    }
    explanation = explain(build.project, analysis) if analysis is not None else None
    files = [f"../{path}" for path in dict.fromkeys([*build.shared, *data])]
    embed = map_page(
        replace(content, flow=None, searches=(), places=()),  # the whole page answers
        explanation=None,
        mode="minimal",
        links={"page": "index.html"},
        files=files,
        tiles=tiles,
        edition=build.edition,
    )
    _write_text(folder / content.id / "embed.html", embed.get_root().render())
    single = single_file(content, explanation=explanation, edition=build.edition)
    if single is not None:
        _write(folder / content.id / f"{content.id}.html", single.content)
    page = map_page(
        content,
        explanation=explanation,
        mode="page",
        links=_links(analysis),
        files=files,
        tiles=tiles,
        flow_file=_write_flow(folder, content),
        search_files=_write_searches(folder, content),
        more=take_section(content, single=single, downloads=_links(analysis).get("downloads"), edition=build.edition),
        edition=build.edition,
    )
    _write_text(folder / content.id / "index.html", page.get_root().render())


def _write_handouts(build: _Build, reader: Reader, content: MapContent) -> None:
    page = handout_page(reader, content, site=build.site)
    if page is not None:
        _write_text(build.folder / content.id / HANDOUT_FILE, page)


def _links(analysis: str | None) -> dict[str, str]:
    """Return the addresses of the site's other pages, from a map's."""
    links = {"index": "../index.html"}
    if analysis is not None:
        links |= {"method": f"../metode/{analysis}.html", "downloads": f"../hent/{analysis}/index.html"}
    return links


def _write_flow(folder: Path, content: MapContent) -> str | None:
    """Write the terrain that a page asks for when a reader first asks it; return its address from the page."""
    if content.flow is None:
        return None
    return f"../{_write_payload(folder, 'flow', content.flow.key, content.flow.packed, modelled=content.modelled)}"


def _write_searches(folder: Path, content: MapContent) -> dict[str, str]:
    """Write the names that a page asks for when a reader first searches; return their addresses from the page."""
    return {
        each.key: f"../{_write_payload(folder, 'names', each.key, each.packed, modelled=content.modelled)}"
        for each in content.searches
        if each.packed is not None
    }


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


def _write_pictures(build: _Build, content: MapContent, drawn: DrawnMap) -> Card:
    """Write a map's figures for print and its card's picture; return the card."""
    for file, figure in drawn.figures.items():
        _write(build.folder / content.id / file, figure)
    figures = tuple(figures_of(content.map.headlines, content.results))
    path = card_path(content, drawn.card)
    _write(build.folder / path, drawn.card)
    return Card(
        title=content.map.title,
        lead=content.map.lead,
        href=f"{content.id}/index.html",
        figures=figures,
        modelled=content.modelled,
        picture=path,
        targets=card_targets(build.project, content),
    )


def _waiting_card(found: Map) -> Card:
    return Card(found.title, found.lead, None, (), modelled=False)


def _write_account(folder: Path, project: Project, results: Mapping[str, Result]) -> list[str]:
    """Write the yearly account's files beside the other downloads; return their addresses from the site's root."""
    from ballerup_geo.results import write_account

    return [f"hent/{path.name}" for path in write_account(folder / "hent", project, results)]


def _write_methods(
    build: _Build, ready: Sequence[str], results: Mapping[str, Result], *, modelled: bool
) -> list[tuple[str, Text]]:
    """Write a method page an analysis; return the links to them."""
    links = []
    project = build.project
    for name in sorted(project.analyses):
        maps = [
            (f"../{each}/index.html", project.maps[each].title) for each in ready if project.maps[each].analysis == name
        ]
        page = method_page(
            explain(project, name),
            site=build.site,
            modelled=modelled or (name in results and results[name].modelled),
            map_links=maps,
            downloads=f"../hent/{name}/index.html" if name in results else None,
        )
        _write_text(build.folder / "metode" / f"{name}.html", page)
        links.append((f"metode/{name}.html", project.analyses[name].title))
    return links


def _write_text(path: Path, text: str) -> None:
    _write(path, text.encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
