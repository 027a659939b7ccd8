"""Links in tables of their own, for a map to draw beside all links: many pupils, what is not sure, what gives most."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import pandas as pd

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods._school_fixes import GAINS
from ballerup_geo.methods._school_scene import Scene
from ballerup_geo.methods._school_words import MISSING
from ballerup_geo.spec import Given, OutputColumn, OutputTable

__all__ = ["SHOWN"]


def _shown(given: Given, _: Scene, found: Found) -> Found:
    least = int(cast(int, given.assumptions["flow_rounding"]))
    links = cast(gpd.GeoDataFrame, found.tables["links"])
    flows = links[links["pupils"] > 0].sort_values(["pupils", "link_id"])  # the busiest is drawn last
    unsure = links[links["stress_low"] < links["stress"]]
    return Found(
        tables={
            "flows": flows[["link_id", "name", "pupils", "geometry"]].reset_index(drop=True),
            "unsure_links": unsure[["link_id", "stress_low", "stress", "missing", "geometry"]].reset_index(drop=True),
            "best_links": _best(found.tables["fix_links"], least).drop(columns="waiting"),
            "best_crossings": _best(found.tables["fix_crossings"], least).drop(columns="waiting"),
        }
    )


def _best(fixes: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return the places that give so many pupils of a class group a low-stress route that it can be told."""
    gains = fixes[[column.name for column in GAINS]]
    return fixes[(gains >= least).any(axis=1)].reset_index(drop=True)


_LINK = text("link_id", "strækning", "link")

_PLACE = (
    count("rank", "nr. blandt alle steder", "no. among all places"),
    _LINK,
    text("name", "vejnavn", "road name"),
    count("stress", "utryghed 1–4, manglende data tolket forsigtigt", "stress 1–4, missing data taken cautiously"),
)

SHOWN: Part[Scene] = Part(
    compute=_shown,
    tables=(
        OutputTable(
            "flows",
            "line",
            (
                _LINK,
                text("name", "vejnavn", "road name"),
                OutputColumn(
                    "pupils",
                    "integer",
                    None,
                    "elever, hvis bedste rute går her, rundet ned",
                    "pupils whose best route passes, rounded down",
                    behind="pupils",
                ),
            ),
        ),
        OutputTable(
            "unsure_links",
            "line",
            (
                _LINK,
                count("stress_low", "utryghed, manglende data tolket lempeligt", "stress, missing data leniently"),
                count("stress", "utryghed, manglende data tolket forsigtigt", "stress, missing data cautiously"),
                text("missing", "det, der mangler at vide", "what is not known", MISSING),
            ),
        ),
        OutputTable("best_links", "line", (*_PLACE, figure("length_m", "m", "længde", "length"), *GAINS)),
        OutputTable("best_crossings", "point", (*_PLACE, *GAINS)),
    ),
)
