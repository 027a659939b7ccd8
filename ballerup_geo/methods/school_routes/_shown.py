"""Links in tables of their own, for a map to draw beside all links: many pupils, what is not sure, what gives most."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import pandas as pd

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.methods.school_routes._words import MISSING
from ballerup_geo.spec import Given, OutputColumn, OutputTable, Text

__all__ = ["SHOWN"]

GROUP_WORDS = {
    "0_3": Text(da="til og med 3. klasse", en="up to class 3"),
    "4_10": Text(da="fra 4. klasse", en="from class 4"),
}
"""The class groups (`_scene.GROUPS`) as a map says them."""


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
    """Return a row for each place and class group of which so many gain a low-stress route that it can be told."""
    each = []
    for group in GROUP_WORDS:
        told = fixes[fixes[f"gain_{group}"] >= least]
        each.append(told.assign(group=group, gain=told[f"gain_{group}"]))
    found = pd.concat(each).sort_values(["rank", "group"], kind="stable").reset_index(drop=True)
    return found.drop(columns=[f"gain_{group}" for group in GROUP_WORDS])


_LINK = text("link_id", "strækning", "link")

_PLACE = (
    count("rank", "nr. blandt alle steder", "no. among all places"),
    _LINK,
    text("name", "vejnavn", "road name"),
    count("stress", "utryghed 1–4, manglende data tolket forsigtigt", "stress 1–4, missing data taken cautiously"),
    text("group", "klassetrin", "classes", GROUP_WORDS),
    OutputColumn(
        "gain",
        "integer",
        None,
        "elever, der får en lavstress-rute, hvis kun dette sted gøres roligt",
        "pupils who gain a low-stress route if this place alone is made calm",
        behind="gain",
    ),
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
        OutputTable("best_links", "line", (*_PLACE, figure("length_m", "m", "længde", "length"))),
        OutputTable("best_crossings", "point", _PLACE),
    ),
)
