"""The panel of an embed, which stands in a frame of another page, and the code that puts it there."""

from __future__ import annotations

from markupsafe import Markup

from ballerup_geo.publish.alternative import unseen_words
from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.credits import credits_of
from ballerup_geo.publish.edition import Edition, edition_line
from ballerup_geo.publish.legend import legend
from ballerup_geo.publish.slider import slider_section
from ballerup_geo.publish.text import as_text, both
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Text
from ballerup_geo.spec.notice import MODEL_NOTICE

__all__ = ["EMBED_HEIGHT_PX", "embed_section", "minimal_panel"]

EMBED_HEIGHT_PX = 640
"""The frame's height in the code: map, title, slider and sources of a map in a column of 700 px."""


def minimal_panel(content: MapContent, *, page: str | None, edition: Edition | None) -> Markup:
    """Return what stands below the map of an embed: title, slider, legend folded away, sources, way to the whole page.

    Parameters
    ----------
    page
        Relative address of the whole page; it opens in a new tab.
    """
    whole = (
        Markup('<a id="full-page" href="{}" target="_blank" rel="noopener">{}</a>').format(
            page, both(WORDS["full_page"])
        )
        if page is not None
        else Markup("")
    )
    return Markup(
        '<h1>{title}</h1>{edition}<p id="view-note" class="notes" role="status" hidden></p>'
        '<div id="selection" class="selection" aria-live="polite" hidden></div>'
        '{slider}<details class="key"><summary>{key}</summary>{legend}</details>'
        '<p class="small">{notice}{sources}</p><p class="small">{whole}</p>{words}'
    ).format(
        title=both(content.map.title),
        edition=edition_line(edition),
        slider=slider_section(content),
        key=both(WORDS["legend"]),
        legend=legend(content),
        notice=Markup("<strong>{}.</strong> ").format(both(MODEL_NOTICE)) if content.modelled else Markup(""),
        sources=both(_sources(content)),
        whole=whole,
        words=unseen_words(content),
    )


def _sources(content: MapContent) -> Text:
    """Name who delivered the data, each once; licences and dates stand on the whole page."""
    named = [as_text(credit.attribution) for credit in credits_of(content)]
    da, en = (", ".join(dict.fromkeys(names)) for names in ([n.da for n in named], [n.en for n in named]))
    return Text(da=f"{WORDS['sources'].da}: {da or '–'}", en=f"{WORDS['sources'].en}: {en or '–'}")


def embed_section(edition: Edition | None) -> Markup:
    """Return the code that puts the map into another page; the page's script writes it from the present view."""
    return Markup(
        '<h3>{head}</h3><p>{about} {plan}</p><label for="embed-code">{label}</label>'
        '<textarea id="embed-code" class="code" rows="4" readonly spellcheck="false" data-height="{height}"></textarea>'
        '<p class="acts"><button type="button" class="quiet" id="embed-copy" disabled>{copy}</button> '
        '<span id="embed-copied" role="status"></span></p>'
    ).format(
        head=both(WORDS["embed"]),
        about=both(WORDS["embed_about"]),
        plan=both(WORDS["embed_plan" if edition is None else "edition_kept"]),
        label=both(WORDS["embed_code"]),
        height=EMBED_HEIGHT_PX,
        copy=both(WORDS["embed_copy"]),
    )
