"""The foot of every page of the site: ways to what it says about itself."""

from __future__ import annotations

from markupsafe import Markup

from ballerup_geo.publish.text import both
from ballerup_geo.spec import Text

__all__ = ["ACCESSIBILITY", "PRIVACY", "about_links"]

ACCESSIBILITY = Text(da="Tilgængelighed", en="Accessibility")
PRIVACY = Text(da="Privatliv", en="Privacy")
_PAGES = (("tilgaengelighed.html", ACCESSIBILITY), ("privatliv.html", PRIVACY))


def about_links(root: str) -> Markup:
    """Return the links; ``root`` is the way from the page to the site's root."""
    links = Markup(" ").join(
        Markup('<a data-own href="{}{}">{}</a>').format(root, name, both(words)) for name, words in _PAGES
    )
    return Markup('<p class="foot">{}</p>').format(links)
