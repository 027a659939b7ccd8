"""Pages without a map: the method page of an analysis, and the site's front page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ballerup_geo.publish import assets
from ballerup_geo.publish.explain import Explanation, Section
from ballerup_geo.publish.figures import Figure
from ballerup_geo.publish.foot import about_links
from ballerup_geo.publish.panel import figure_list, language_button
from ballerup_geo.publish.text import both, fill
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Text
from ballerup_geo.spec.notice import MODEL_NOTICE

__all__ = ["Card", "index_page", "method_page", "notice_line", "text_page", "title_tag"]

NOTHING = Markup("")
_FIGURES = 2
"""Headline figures of a card; the map's page has them all."""
ROW_HEAD, CELL = Markup('<th scope="row">{}</th>'), Markup("<td>{}</td>")


@dataclass(frozen=True, slots=True)
class Card:
    """A map on the front page; ``href`` is None where its analysis has not been run."""

    title: Text
    lead: Text
    href: str | None
    figures: tuple[Figure, ...]
    modelled: bool
    picture: str | None = None
    """Address of the map's picture."""
    targets: Text | None = None
    """Where the targets of the map's analysis stand."""


def title_tag(title: Text, site: Text) -> Markup:
    """Return the page's title, in the page's language."""
    da, en = f"{title.da} – {site.da}", f"{title.en} – {site.en}"
    return Markup('<title data-sets="text" data-da="{}" data-en="{}">{}</title>').format(da, en, da)


def method_page(
    explanation: Explanation,
    *,
    site: Text,
    modelled: bool,
    map_links: Sequence[tuple[str, Text]],
    downloads: str | None = None,
) -> str:
    """Return the page that says how an analysis is computed; ``downloads`` is the address of its data."""
    head = Markup('<h1>{}: {}</h1><p class="answer">{}</p>{}').format(
        both(WORDS["method"]), both(explanation.title), both(explanation.question), notice_line(modelled)
    )
    sections = Markup("\n").join(_section(section) for section in explanation.sections)
    maps = Markup("").join(
        Markup('<li><a data-own href="{}">{}</a></li>').format(href, both(title)) for href, title in map_links
    )
    links = Markup("<section><h2>{}</h2><ul>{}</ul></section>").format(both(WORDS["maps"]), maps) if maps else NOTHING
    if downloads is not None:
        links += Markup('<section><p><a data-own href="{}">{}</a></p></section>').format(
            downloads, both(WORDS["downloads"])
        )
    return text_page(
        explanation.title,
        site,
        home="../index.html",
        main=Markup("{}{}{}").format(head, sections, links),
        modelled=modelled,
    )


def _section(section: Section) -> Markup:
    paragraphs = Markup("").join(Markup("<p>{}</p>").format(both(paragraph)) for paragraph in section.paragraphs)
    return Markup("<section><h2>{}</h2>{}{}</section>").format(both(section.heading), paragraphs, _table(section))


def _table(section: Section) -> Markup:
    if not section.rows:
        return NOTHING
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(both(column)) for column in section.columns)
    rows = [
        Markup("<tr>{}</tr>").format(
            Markup("").join((ROW_HEAD if place == 0 else CELL).format(both(cell)) for place, cell in enumerate(row))
        )
        for row in section.rows
    ]
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}" data-da="{}" data-en="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(section.heading.da, section.heading.da, section.heading.en, heads, Markup("").join(rows))


def index_page(
    cards: Sequence[Card],
    *,
    site: Text,
    methods: Sequence[tuple[str, Text]],
    further: Sequence[tuple[str, Text]] = (),
) -> str:
    """Return the front page: the way to the further pages, one card a map, then the methods."""
    modelled = any(card.modelled for card in cards)
    ways = Markup("").join(
        Markup('<p class="further"><a data-own href="{}">{}</a></p>').format(href, both(title))
        for href, title in further
    )
    main = Markup('<h1>{}</h1><p class="answer">{}</p>{}{}<ul class="cards">{}</ul>{}').format(
        both(site),
        both(WORDS["site_lead"]),
        notice_line(modelled),
        ways,
        Markup("").join(_card(card) for card in cards),
        _links(WORDS["calculated"], methods),
    )
    return text_page(WORDS["maps"], site, home=None, main=main, modelled=modelled)


def _links(heading: Text, links: Sequence[tuple[str, Text]]) -> Markup:
    if not links:
        return NOTHING
    items = Markup("").join(
        Markup('<li><a data-own href="{}">{}</a></li>').format(href, both(title)) for href, title in links
    )
    return Markup("<section><h2>{}</h2><ul>{}</ul></section>").format(both(heading), items)


def _card(card: Card) -> Markup:
    """Return a card. Its picture is decoration: what the map says stands beside it, and on the map's page in words."""
    title = (
        Markup('<a data-own href="{}">{}</a>').format(card.href, both(card.title)) if card.href else both(card.title)
    )
    picture = NOTHING
    if card.picture is not None:
        picture = Markup(
            '<img class="card-picture" src="{}" alt="" width="640" height="400" loading="lazy" decoding="async">'
        ).format(card.picture)
    below = figure_list(card.figures[:_FIGURES]) if card.figures else NOTHING
    if card.targets is not None:
        below += Markup('<p class="card-targets"><a href="maal.html" data-own>{}: {}</a></p>').format(
            both(WORDS["targets"]), both(card.targets)
        )
    state = NOTHING if card.href else Markup("<p>{}</p>").format(both(WORDS["not_run"]))
    return Markup('<li class="card">{}<h2>{}</h2><p>{}</p>{}{}</li>').format(
        picture, title, both(card.lead), below, state
    )


def notice_line(modelled: bool) -> Markup:
    """Return the words that stand on everything made from the modelled municipality, or nothing."""
    return Markup('<p class="notice">{}</p>').format(both(MODEL_NOTICE)) if modelled else NOTHING


def text_page(title: Text, site: Text, *, home: str | None, main: Markup, modelled: bool) -> str:
    """Return a page of text in the site's frame; ``site`` also says which edition it is."""
    style, script = assets.style_sheet("text"), assets.app_script("text")
    way = (
        Markup('<a data-own href="{}">{}</a>').format(home, both(WORDS["all_maps"]))
        if home
        else Markup("<span></span>")
    )
    return fill(
        assets.frame("text.html"),
        {
            "policy": assets.policy(scripts=[script], styles=[style]),
            "title": title_tag(title, site),
            "style": style,
            "skip": Markup('<a class="skip" href="#indhold">{}</a>').format(both(WORDS["content_link"])),
            "header": Markup('<p class="ways">{}{}</p>').format(way, language_button()),
            "main": main,
            "footer": Markup("<p>{}</p>{}{}").format(
                both(site),
                Markup("<p>{}</p>").format(both(MODEL_NOTICE)) if modelled else NOTHING,
                about_links("" if home is None else home.removesuffix("index.html")),
            ),
            "script": script,
        },
    )
