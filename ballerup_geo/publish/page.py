"""From a map's content to its page: the figure, the map, its layers, and the plan that the page's script reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from ballerup_geo.publish.content import LayerContent, MapContent
from ballerup_geo.publish.control_words import CONTROL_WORDS
from ballerup_geo.publish.edition import Edition
from ballerup_geo.publish.embed import minimal_panel
from ballerup_geo.publish.explain import Explanation
from ballerup_geo.publish.flow import FlowTool
from ballerup_geo.publish.frame import CompactLayer, PageFigure, PageParts, QuietMap
from ballerup_geo.publish.pages import title_tag
from ballerup_geo.publish.panel import notice, panel
from ballerup_geo.publish.raster_layer import RasterLayer
from ballerup_geo.publish.rasters import RasterContent, RasterStep
from ballerup_geo.publish.search import SearchIndex
from ballerup_geo.publish.symbols import NORTH
from ballerup_geo.publish.text import both
from ballerup_geo.publish.tiles import Picture, TileSet, picture
from ballerup_geo.publish.words import SCRIPT_WORDS, WORDS
from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language

__all__ = ["map_page", "site_name"]


NOTHING = Markup("")


def site_name(municipality: str, edition: Edition | None = None) -> Text:
    """Return the site's name; an edition's pages say which edition and of what date."""
    da, en = f"{municipality} i kort", f"{municipality} in maps"
    if edition is None:
        return Text(da=da, en=en)
    return Text(da=f"{da} – {edition.line.da}", en=f"{en} – {edition.line.en}")


def map_page(
    content: MapContent,
    *,
    explanation: Explanation | None,
    mode: Literal["page", "embed", "minimal"],
    language: Language = "da",
    links: Mapping[str, str] | None = None,
    files: Sequence[str] | None = None,
    tiles: Mapping[str, TileSet] | None = None,
    pictures: Mapping[str, Picture] | None = None,
    flow_file: str | None = None,
    search_files: Mapping[str, str] | None = None,
    more: Markup = NOTHING,
    edition: Edition | None = None,
) -> QuietMap:
    """Return the map, a ``folium.Map`` whose figure is the whole page.

    Parameters
    ----------
    mode
        ``"page"``: a click fills the panel; ``"embed"``: a click opens a popup, the panel stands below;
        ``"minimal"``: as an embed, for a frame in another page, with title, legend, slider and sources alone.
    links
        Relative addresses of the site's other pages (``index``, ``method``; ``page`` in a minimal embed).
    files
        Script files of the site, relative to the page; None puts everything into the page.
    tiles
        Which tiles of each raster, by its key, stand in ``../tiles/<key>/``; None puts pictures into the page.
    pictures
        The pictures of each raster, by its key, where they have been made already.
    flow_file
        The terrain's script file, fetched when a reader first asks; None: it stands in the page.
    search_files
        The script file of each index of names, by its key, fetched when a reader first searches; None: in the page.
    more
        What follows in the panel: how to share the page and take it home.
    edition
        The edition that the page belongs to, which it names.
    """
    (south, west), (north, east) = content.bounds
    drawn = {
        raster.shown.id: [_drawn(step, raster, tiles, pictures or {}) for step in raster.steps]
        for raster in content.rasters
    }
    beside = (
        minimal_panel(content, page=(links or {}).get("page"), edition=edition)
        if mode == "minimal"
        else panel(content, explanation=explanation, links=links or {}, more=more, edition=edition)
    )
    parts = PageParts(
        language=language,
        mode="embed minimal" if mode == "minimal" else mode,
        title=title_tag(content.map.title, site_name(content.municipality, edition)),
        skip=_skip_links(content, tables=mode != "minimal"),
        overlay=_overlay(content),
        panel=beside,
        plan=_plan(content, "page" if mode == "page" else "embed", drawn, flow_file, search_files),
    )
    figure = PageFigure(parts, files=files)
    found = QuietMap(content.id, centre=((south + north) / 2, (west + east) / 2), figure=figure)
    for shown in content.map.layers:
        layer, raster = content.layer(shown.id), content.raster(shown.id)
        if layer is not None:
            CompactLayer(shown.id, key=layer.key, packed=layer.packed).add_to(found)
        if raster is not None:
            inside = {each.key: each.content for each in drawn[shown.id] if each.content is not None}
            RasterLayer(shown.id, pictures=inside).add_to(found)
    if content.flow is not None:
        FlowTool(content.flow).add_to(found)
    for search in content.searches:
        if search.packed is not None:
            SearchIndex(search).add_to(found)
    return found


def _skip_links(content: MapContent, *, tables: bool) -> Markup:
    links = [("#panel", WORDS["content_link"])]
    if tables and content.map.tables:
        links.append(("#tabel", WORDS["table_link"]))
    return Markup("\n").join(
        Markup('<a class="skip" href="{}">{}</a>').format(href, both(words)) for href, words in links
    )


def _overlay(content: MapContent) -> Markup:
    """Return what lies inside the picture: north, the notice, and the words shown where nothing can be drawn."""
    return Markup(
        '{}{}<p class="failure" id="failure" hidden>{}</p><noscript><p class="failure">{}</p></noscript>'
    ).format(NORTH, notice(content), both(WORDS["failure"]), both(WORDS["no_script"]))


def _plan(
    content: MapContent,
    mode: str,
    drawn: Mapping[str, Sequence[_Drawn]],
    flow_file: str | None,
    search_files: Mapping[str, str] | None,
) -> dict[str, Any]:
    return {
        "mode": mode,
        "title": content.map.title.model_dump(),
        "bounds": [list(corner) for corner in content.bounds],
        "words": {**SCRIPT_WORDS, **CONTROL_WORDS},
        "layers": [_layer_plan(layer) for layer in content.layers],
        "rasters": [_raster_plan(raster, drawn[raster.shown.id]) for raster in content.rasters],
        "steps": _steps_plan(content),
        "flow": None if content.flow is None else content.flow.for_page(flow_file),
        "place": [place.for_page() for place in content.places],
        "search": [search.for_page((search_files or {}).get(search.key)) for search in content.searches],
    }


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One raster as a page shows it: what the plan says, and the picture that travels inside the page."""

    key: str
    plan: Mapping[str, Any]
    content: bytes | None


def _drawn(
    step: RasterStep,
    raster: RasterContent,
    tiles: Mapping[str, TileSet] | None,
    pictures: Mapping[str, Picture],
) -> _Drawn:
    if tiles is not None:
        address = f"../tiles/{step.key}/{{z}}/{{x}}/{{y}}.webp"
        return _Drawn(step.key, {"tiles": address, "set": tiles[step.key].for_page()}, None)
    made = pictures.get(step.key) or picture(step.path, raster.classes, note=raster.note)
    return _Drawn(step.key, {"picture": step.key, "bounds": [list(corner) for corner in made.bounds]}, made.content)


def _raster_plan(raster: RasterContent, drawn: Sequence[_Drawn]) -> dict[str, Any]:
    return {
        "id": raster.shown.id,
        "role": raster.shown.role,
        "visible": raster.shown.visible,
        "minimumZoom": raster.shown.minimum_zoom or 0,
        "opacity": raster.classes.opacity,
        "follows": raster.follows,
        "steps": [each.plan for each in drawn],
    }


def _steps_plan(content: MapContent) -> dict[str, Any] | None:
    slider = content.slider
    if slider is None:
        return None
    names = [name.model_dump() for name in slider.names]
    return {"start": slider.start, "keys": list(slider.keys), "values": list(slider.values), "names": names}


def _codes(layer: LayerContent) -> dict[str, Any]:
    """Return what the values mean of the columns whose values are names on the map."""
    named = {name: layer.columns[name] for name in (layer.shown.name, layer.shown.labels) if name is not None}
    return {name: column.for_page()["codes"] for name, column in named.items() if column.codes}


def _layer_plan(layer: LayerContent) -> dict[str, Any]:
    shown = layer.shown
    return {
        "id": shown.id,
        "payload": layer.key,
        "title": shown.title.model_dump(),
        "role": shown.role,
        "visible": shown.visible,
        "minimumZoom": shown.minimum_zoom or 0,
        "paints": [entry.paint.for_page() for entry in layer.styled.entries],
        "key": layer.key_column,
        "keyTitle": None if layer.key_column is None else layer.columns[layer.key_column].heading.model_dump(),
        "fromStep": shown.from_step,
        "name": shown.name,
        "labels": shown.labels,
        "codes": _codes(layer),
        "fields": [field.for_page() for field in layer.fields],
    }
