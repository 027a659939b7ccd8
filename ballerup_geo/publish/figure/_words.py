"""The words that figures and kortbilag say of themselves."""

from __future__ import annotations

from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language

__all__ = ["word"]

_OWN = {
    key: Text(da=da, en=en)
    for key, da, en in (
        ("annex", "Redegørelse: kortbilag", "Explanatory statement (redegørelse): map annex"),
        (
            "annex_words",
            "Kort og tekst er en del af redegørelsen og er ikke bindende.",
            "Map and text belong to the explanatory statement (redegørelse) and are not binding.",
        ),
        ("date", "Data fra", "Data from"),
        ("date_unknown", "ikke oplyst", "not stated"),
        ("edition", "Udgave", "Edition"),
        ("more", "… og {number} linjer mere", "… and {number} more lines"),
        ("municipality", "Kommune", "Municipality"),
        ("no_parcels", "Matrikler: findes ikke i data", "Parcels: not in the data"),
        ("none_here", "ingen i udsnittet", "none in this extract"),
        ("paper", "Papir", "Paper"),
        ("parcels", "Matrikler", "Parcels"),
        ("print", "udskrives i 100 %", "print at 100 %"),
        ("scale", "Målestok", "Scale"),
        ("sources", "Kilder", "Sources"),
        ("system", "Koordinater", "Coordinates"),
        ("system_value", "ETRS89 / UTM 32N (EPSG:25832)", "ETRS89 / UTM 32N (EPSG:25832)"),
    )
}


def word(key: str, language: Language) -> str:
    """Return one of the figures' own words, or of the pages'."""
    found = _OWN.get(key) or WORDS[key]
    return found.da if language == "da" else found.en
