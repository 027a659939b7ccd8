"""Links in tables of their own, for a map to draw below and above all links: many pupils, and what is not sure."""

from __future__ import annotations

from typing import cast

import geopandas as gpd

from ballerup_geo.methods._columns import count, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods._school_scene import Scene
from ballerup_geo.methods._school_words import MISSING
from ballerup_geo.spec import Given, OutputColumn, OutputTable

__all__ = ["SHOWN"]


def _shown(_: Given, __: Scene, found: Found) -> Found:
    links = cast(gpd.GeoDataFrame, found.tables["links"])
    flows = links[links["pupils"] > 0].sort_values(["pupils", "link_id"])  # the busiest is drawn last
    unsure = links[links["stress_low"] < links["stress"]]
    return Found(
        tables={
            "flows": flows[["link_id", "name", "pupils", "geometry"]].reset_index(drop=True),
            "unsure_links": unsure[["link_id", "stress_low", "stress", "missing", "geometry"]].reset_index(drop=True),
        }
    )


_LINK = text("link_id", "strækning", "link")

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
    ),
)
