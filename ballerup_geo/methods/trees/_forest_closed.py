"""Which protections close land for new wood, and what is said of those that nobody has told of."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._part import Words
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.spec import Given, Text
from ballerup_geo.spec.words import enumeration

__all__ = ["PROTECTIONS", "closing", "unknown_protections"]

PROTECTIONS = {
    "section3_lake": Text(da="søer (§ 3)", en="lakes (section 3)"),
    "section3_stream": Text(da="vandløb (§ 3)", en="streams (section 3)"),
    "section3_bog": Text(da="moser (§ 3)", en="bogs (section 3)"),
    "section3_meadow": Text(da="ferske enge (§ 3)", en="freshwater meadows (section 3)"),
    "section3_salt_meadow": Text(da="strandenge (§ 3)", en="salt meadows (section 3)"),
    "section3_heath": Text(da="heder (§ 3)", en="heaths (section 3)"),
    "section3_grassland": Text(da="overdrev (§ 3)", en="dry grasslands (section 3)"),
    "beach_line": Text(da="strandbeskyttelseslinjer", en="beach protection lines"),
    "lake_line": Text(da="søbeskyttelseslinjer", en="lake protection lines"),
    "stream_line": Text(da="åbeskyttelseslinjer", en="stream protection lines"),
    "forest_line": Text(da="skovbyggelinjer", en="forest building lines"),
    "monument_line": Text(da="fortidsmindebeskyttelseslinjer", en="ancient monument protection lines"),
    "church_line": Text(da="kirkebyggelinjer", en="church building lines"),
    "fredning": Text(da="fredninger", en="conservation orders"),
    "afforestation_unwanted": Text(da="skovrejsning uønsket", en="new forest unwanted"),
    "view": Text(da="udsigter, der skal holdes åbne", en="views to be kept open"),
}
"""Kinds of the layer of protected nature. Another word than these is a protection that nobody has judged."""


def closing(kinds: pd.Series, listed: str) -> NDArray[np.bool_]:
    """Return which rows close the land: the kinds listed, and those that are unknown or have no kind."""
    closed: NDArray[np.bool_] = (kinds.isin(listed.split()) | ~kinds.isin(list(PROTECTIONS))).to_numpy(bool)
    return closed


def unknown_protections(given: Given, town: TreeTown) -> tuple[Words, ...]:
    """Say which protections the candidates for wood and hedges are not held against, since no source tells of them."""
    if town.protected is None:
        return (_NO_PROTECTED,)
    closed = str(given.assumptions["wood_closed"]).split()
    untold = [
        kind
        for kind in given.untold.get("protected_nature", {}).get("kind", ())
        if kind in closed and kind in PROTECTIONS
    ]
    if not untold:
        return ()
    da, en = (
        enumeration([PROTECTIONS[kind].da for kind in untold]),
        enumeration([PROTECTIONS[kind].en for kind in untold], language="en"),
    )
    return (
        {
            "da": f"Kilden til beskyttet natur fortæller ikke om {da}: forslag til skov og hegn er ikke holdt op mod "
            "det, og jorden er ikke fri, før nogen har set efter.",
            "en": f"The source of protected nature does not tell of {en}: candidates for forest and hedges are not "
            "held against it, and the land is not free before somebody has looked.",
        },
    )


_NO_PROTECTED: Words = {
    "da": "Beskyttet natur er ukendt: forslag til skov og hegn er ikke holdt op mod den, og jorden er ikke fri, før "
    "nogen har set efter.",
    "en": "Protected nature is unknown: candidates for forest and hedges are not held against it, and the land is not "
    "free before somebody has looked.",
}
