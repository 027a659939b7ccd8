"""From layers and results to interactive maps and a site of static files.

No text from data or content passes through a template that is compiled, no page asks another machine for anything, and
the same inputs give the same bytes.
"""

from ballerup_geo.publish.content import data_behind
from ballerup_geo.publish.editions import WrittenEdition, build_edition
from ballerup_geo.publish.explain import Explanation, explain, explain_text
from ballerup_geo.publish.notebook import folium_map
from ballerup_geo.publish.sheets import SheetWish, read_wish
from ballerup_geo.publish.site import Site, build_site

__all__ = [
    "Explanation",
    "SheetWish",
    "Site",
    "WrittenEdition",
    "build_edition",
    "build_site",
    "data_behind",
    "explain",
    "explain_text",
    "folium_map",
    "read_wish",
]
