"""A map's further forms: one file that opens from a disk, and the panel's section on sharing and taking home."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from markupsafe import Markup

from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.downloads import size_text
from ballerup_geo.publish.edition import Edition
from ballerup_geo.publish.embed import embed_section
from ballerup_geo.publish.explain import Explanation
from ballerup_geo.publish.figure import draw_figure
from ballerup_geo.publish.handouts import HANDOUT_FILE
from ballerup_geo.publish.page import map_page
from ballerup_geo.publish.text import both
from ballerup_geo.publish.tiles import Picture, picture
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Text

__all__ = ["LARGEST_FILE", "SingleFile", "figures", "single_file", "take_section"]

_log = logging.getLogger(__name__)

LARGEST_FILE = 6_000_000
"""Bytes of a self-contained file: what a mail takes, and a phone opens."""
_WIDTHS_PX = (4096, 2048, 1024)
"""Longer sides of a raster's picture, tried in this order."""
_AT_ONCE = 2
_FIGURES: tuple[Literal["png", "svg", "pdf"], ...] = ("png", "svg", "pdf")


@dataclass(frozen=True, slots=True)
class SingleFile:
    """A page that needs no other file, and what had to be left out of it."""

    content: bytes
    left_out: tuple[Text, ...]


def single_file(
    content: MapContent, *, explanation: Explanation | None, edition: Edition | None, most: int = LARGEST_FILE
) -> SingleFile | None:
    """Return a map as one file of at most ``most`` bytes; None where even its coarsest form is larger.

    What makes it too large goes in this order: fine rasters, the terrain that answers questions, coarser rasters. The
    page says what was left out.
    """
    for width_px, with_flow in _forms(content):
        pictures = _pictures(content, width_px)
        left = tuple(_left_out(content, width_px, with_flow))
        shown = content if with_flow else replace(content, flow=None)
        page = map_page(
            shown, explanation=explanation, mode="page", pictures=pictures, more=_said(left), edition=edition
        )
        made = page.get_root().render().encode()
        if len(made) <= most:
            return SingleFile(made, left)
    _log.warning("map %s: more than %d bytes in one file even at its coarsest; it is left out", content.id, most)
    return None


def _forms(content: MapContent) -> Iterator[tuple[int, bool]]:
    """List widths of pictures and whether the terrain comes along, best first."""
    widths = _WIDTHS_PX if content.rasters else _WIDTHS_PX[:1]
    if content.flow is None:
        yield from ((width, False) for width in widths)
        return
    yield from ((width, True) for width in widths[:2])
    yield from ((width, False) for width in (widths[-2:]))


def _pictures(content: MapContent, width_px: int) -> dict[str, Picture]:
    tasks = [(step, raster) for raster in content.rasters for step in raster.steps]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        made = pool.map(lambda task: picture(task[0].path, task[1].classes, note=task[1].note, most_px=width_px), tasks)
        return {step.key: each for (step, _), each in zip(tasks, made, strict=True)}


def _left_out(content: MapContent, width_px: int, with_flow: bool) -> Iterator[Text]:
    if content.rasters and width_px < _WIDTHS_PX[0]:
        yield Text(
            da=f"I denne fil er rastere tegnet groft: højst {width_px} billedpunkter på den lange led.",
            en=f"In this file rasters are drawn coarsely: at most {width_px} pixels on the longer side.",
        )
    if content.flow is not None and not with_flow:
        yield Text(
            da="I denne fil kan terrænet ikke spørges: det gjorde filen for stor. Brug kortet på nettet.",
            en="In this file the terrain answers no questions: it made the file too large. Use the map on the web.",
        )


def _said(left: tuple[Text, ...]) -> Markup:
    if not left:
        return Markup("")
    items = Markup("").join(Markup("<li>{}</li>").format(both(text)) for text in left)
    return Markup('<section><h2>{}</h2><ul class="notes">{}</ul></section>').format(both(WORDS["missing"]), items)


def figures(content: MapContent) -> dict[str, bytes]:
    """Return a map's figures for print, by file name."""
    return {f"{content.id}.{form}": draw_figure(content, form=form) for form in _FIGURES}


def take_section(
    content: MapContent, *, single: SingleFile | None, downloads: str | None, edition: Edition | None
) -> Markup:
    """Return the panel's section on sharing the map: code for another page, one file, the data behind it.

    Parameters
    ----------
    single
        The self-contained file ``<map>.html`` beside the page, if there is one.
    downloads
        Relative address of the page with the analysis' data.
    """
    parts = []
    if single is not None:
        parts.append(
            Markup('<p><a class="file" href="{}.html" download>{} ({})</a><br>{}</p>').format(
                content.id, both(WORDS["single"]), both(size_text(len(single.content))), both(WORDS["single_about"])
            )
        )
        parts += [Markup('<p class="small">{}</p>').format(both(text)) for text in single.left_out]
    files = [Markup('<a href="{}.{}">{}</a>').format(content.id, form, form.upper()) for form in _FIGURES]
    parts.append(Markup("<p>{}: {}</p>").format(both(WORDS["figure_files"]), Markup(" · ").join(files)))
    if content.map.handouts is not None:
        link = Markup('<p><a data-own href="{}">{}</a></p>')
        parts.append(link.format(HANDOUT_FILE, both(content.map.handouts.title)))
    if downloads is not None:
        parts.append(Markup('<p><a data-own href="{}">{}</a></p>').format(downloads, both(WORDS["downloads"])))
    return Markup('<section class="take"><h2>{}</h2>{}{}</section>').format(
        both(WORDS["take"]), Markup("").join(parts), embed_section(edition)
    )
