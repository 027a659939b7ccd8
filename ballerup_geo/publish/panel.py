"""The panel beside a map: answer, headline figures, legend, table, method, sources.

It is whole without a script, in both languages; scripts only switch, sort and select.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from ballerup_geo.publish import assets
from ballerup_geo.publish.alternative import in_words
from ballerup_geo.publish.answers import answer_of
from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.credits import credit_list, credits_of
from ballerup_geo.publish.edition import Edition, edition_line
from ballerup_geo.publish.explain import Explanation
from ballerup_geo.publish.figures import Figure, aims_of, figures_of
from ballerup_geo.publish.flow import flow_section
from ballerup_geo.publish.foot import about_links
from ballerup_geo.publish.legend import legend
from ballerup_geo.publish.slider import slider_section
from ballerup_geo.publish.symbols import status_shape
from ballerup_geo.publish.tables import tables
from ballerup_geo.publish.text import as_text, both
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Text
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.spec.status import STATUS

__all__ = ["figure_list", "language_button", "notice", "panel"]

NOTHING = Markup("")


def panel(
    content: MapContent,
    *,
    explanation: Explanation | None,
    links: Mapping[str, str],
    more: Markup = NOTHING,
    edition: Edition | None = None,
) -> Markup:
    """Return the panel.

    Parameters
    ----------
    links
        Relative addresses of the site's other pages: ``index`` and ``method``; empty where the map stands alone.
    more
        What follows after the sources: how to share the page and take it home.
    edition
        The edition that the page belongs to.
    """
    parts = [
        _top(content, links),
        edition_line(edition),
        Markup('<p id="view-note" class="notes" role="status" hidden></p>'),
        Markup('<div id="selection" class="selection" aria-live="polite" hidden></div>'),
        slider_section(content),
        _figures(content),
        NOTHING if content.flow is None else flow_section(content.flow),
        legend(content),
        _missing(content),
        in_words(content),
        tables(content),
        _targets(content),
        _calculated(explanation, links),
        _sources(content),
        more,
        about_links(links["index"].removesuffix("index.html")) if "index" in links else NOTHING,
    ]
    return Markup("\n").join(part for part in parts if part)


def notice(content: MapContent) -> Markup:
    """Return the words that stand on everything made from the modelled municipality."""
    return Markup('<p class="notice">{}</p>').format(both(MODEL_NOTICE)) if content.modelled else NOTHING


def _top(content: MapContent, links: Mapping[str, str]) -> Markup:
    answer = answer_of(content.map, content.results)
    home = (
        Markup('<a data-own href="{}">{}</a>').format(links["index"], both(WORDS["all_maps"]))
        if "index" in links
        else NOTHING
    )
    caution = content.map.caution
    return Markup(
        '<div class="top"><p class="ways">{home}{language}</p><h1>{title}</h1>{answer}'
        '<p class="lead">{lead}{caution}</p>{notice}</div>'
    ).format(
        home=home,
        language=language_button(),
        title=both(content.map.title),
        answer=Markup('<p class="answer">{}</p>').format(both(answer)) if answer else NOTHING,
        lead=both(content.map.lead),
        caution=Markup(' <strong class="caution">{}</strong>').format(both(_sentence(caution))) if caution else NOTHING,
        notice=notice(content),
    )


def _sentence(words: Text) -> Text:
    """Return words with the full stop that a content file may leave out."""
    return Text(da=words.da.rstrip(".") + ".", en=words.en.rstrip(".") + ".")


def language_button() -> Markup:
    """Return the language switch: it names the other language, in that language."""
    return Markup(
        '<button type="button" class="language quiet" lang="en" data-sets="text" '
        'data-da="{}" data-en="{}" hidden>{}</button>'
    ).format(WORDS["other_language"].da, WORDS["other_language"].en, WORDS["other_language"].da)


def _figures(content: MapContent) -> Markup:
    figures = figures_of(content.map.headlines, content.results)
    if not figures:
        return NOTHING
    return Markup('<section class="figures"><h2 class="unseen">{}</h2>{}</section>').format(
        both(WORDS["figures"]), figure_list(figures)
    )


def figure_list(figures: Iterable[Figure]) -> Markup:
    """Return headline figures with unit, target and status."""
    items = [
        Markup('<div><dt>{}</dt><dd class="value">{}</dd>{}</div>').format(
            both(figure.title), both(figure.value), _target(figure)
        )
        for figure in figures
    ]
    return Markup('<dl class="figure-list">{}</dl>').format(Markup("").join(items))


def _target(figure: Figure) -> Markup:
    if figure.target is None:
        return NOTHING
    return Markup('<dd class="target">{} · {}</dd>').format(both(figure.target), status(figure.status))


def status(name: str) -> Markup:
    """Return a status as a shape and a word."""
    return Markup('<span class="status">{}{}</span>').format(status_shape(name), both(STATUS[name]))


def _missing(content: MapContent) -> Markup:
    notes = [
        Markup("<li>{}: {}</li>").format(both(layer.title), both(WORDS["not_mapped"])) for layer in content.missing
    ]
    for result in content.results.values():
        notes.extend(Markup("<li>{}</li>").format(both(as_text(note))) for note in result.run.get("notes", ()))
    if not notes:
        return NOTHING
    return Markup('<section><h2>{}</h2><ul class="notes">{}</ul></section>').format(
        both(WORDS["missing"]), Markup("").join(notes)
    )


def _targets(content: MapContent) -> Markup:
    aims = aims_of(content.result) if content.result is not None else []
    if not aims:
        return NOTHING
    items = [
        Markup("<li><strong>{}</strong> {} · {}</li>").format(aim.year, both(aim.title), status(aim.status))
        for aim in aims
    ]
    return Markup('<section><h2>{}</h2><ul class="targets">{}</ul></section>').format(
        both(WORDS["targets"]), Markup("").join(items)
    )


def _calculated(explanation: Explanation | None, links: Mapping[str, str]) -> Markup:
    if explanation is None:
        return NOTHING
    limits = Markup("").join(Markup("<li>{}</li>").format(both(limit)) for limit in explanation.limits)
    link = (
        Markup('<p><a data-own href="{}">{}</a></p>').format(links["method"], both(WORDS["read_method"]))
        if "method" in links
        else NOTHING
    )
    return Markup("<section><h2>{}</h2><p>{}</p>{}{}</section>").format(
        both(WORDS["calculated"]),
        both(explanation.summary),
        Markup('<ul class="notes">{}</ul>').format(limits) if limits else NOTHING,
        link,
    )


def _sources(content: MapContent) -> Markup:
    return Markup('<section><h2>{}</h2>{}<p class="small">Leaflet {} (BSD-2-Clause)</p></section>').format(
        both(WORDS["sources"]), credit_list(credits_of(content)), assets.leaflet_version()
    )
